/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-json.h"
#include "rt-message.h"
#include "rt-protocol.h"

G_BEGIN_DECLS

/* What a message says, shared by the objects that say it: one as sent and one as acknowledged differ only in
 * their offset. Of a received message it is a copy of the publication's bytes in one allocation with this
 * struct, and a part is made into a C string, GVariant or GBytes when somebody asks for it. Any thread may be
 * the first to ask: a made part is published with one compare-and-exchange and never changes. */

typedef enum
{
  RT_MESSAGE_TEXT_ID,
  RT_MESSAGE_TEXT_SENDER,
  RT_MESSAGE_TEXT_TYPE_NAME,
  RT_MESSAGE_TEXT_BODY, /* content, or JSON text, by the kind of body */
  RT_MESSAGE_TEXT_USER,
  RT_MESSAGE_TEXT_CLIENT,
  RT_MESSAGE_N_TEXTS,
} RtMessageText;

typedef struct
{
  gatomicrefcount refs;
  RtBodyKind body_kind;
  int type;           /* an RtMessageType, or TYPE_BY_NAME */
  RtPriority priority;
  guint ttl;          /* ms */
  gint64 timestamp;   /* UTC µs */
  gboolean bare;      /* published as its JSON alone */
  gboolean checked;   /* every part was found to be right when it was built */

  /* Atomic: set at construction, or once when asked for. */
  char *texts[RT_MESSAGE_N_TEXTS];
  GVariant *data;
  GVariant *metadata; /* a{ss} in serialised form */
  GVariant *tags;
  GBytes *bytes;

  guint texts_in_raw; /* bits by RtMessageText: those of texts that are not allocated on their own */

  /* Of a received message: where its parts stand in raw. */
  RtSlice slices[RT_MESSAGE_N_TEXTS];
  RtSlice metadata_slice;
  RtSlice tags_slice;
  char raw[];
} RtMessageCore;

#define RT_MESSAGE_TYPE_BY_NAME (-1) /* type_name decides, which nobody has looked at yet */

RtMessageCore *rt_message_core_new           (void);
RtMessageCore *rt_message_core_new_incoming  (const RtPublication  *publication);
/* Carries text and has an id, in one allocation: most of what is sent is this. */
RtMessageCore *rt_message_core_new_text      (const char           *id,
                                              const char           *content);
/* The same with another id, and a time where there was none. */
RtMessageCore *rt_message_core_with_id       (RtMessageCore        *self,
                                              const char           *id,
                                              gint64                now);
RtMessageCore *rt_message_core_ref           (RtMessageCore        *self);
void           rt_message_core_unref         (RtMessageCore        *self);

/* NULL if there is no such part, or one that no C string can hold. */
const char    *rt_message_core_get_text      (RtMessageCore        *self,
                                              RtMessageText         which);
RtMessageType  rt_message_core_get_type      (RtMessageCore        *self);
const char    *rt_message_core_get_type_name (RtMessageCore        *self);
/* The JSON of a body of that kind, not NUL-terminated. */
gboolean       rt_message_core_get_json      (RtMessageCore        *self,
                                              const char          **json,
                                              gsize                *len);
/* Borrowed; NULL with INVALID_MESSAGE for a body that is of another kind or cannot be had. */
const char    *rt_message_core_get_content   (RtMessageCore        *self,
                                              GError              **error);
GVariant      *rt_message_core_get_data      (RtMessageCore        *self,
                                              GError              **error);
GBytes        *rt_message_core_get_bytes     (RtMessageCore        *self,
                                              GError              **error);
/* Never NULL. */
GVariant      *rt_message_core_get_metadata  (RtMessageCore        *self);
GVariant      *rt_message_core_get_tags      (RtMessageCore        *self);

/* CUSTOM for a name that is none of the others'. */
RtMessageType  rt_message_type_from_name     (const char           *name);
const char    *rt_message_type_to_name       (RtMessageType         type);
/* Of a message that does not say its type. */
RtMessageType  rt_message_type_of_body       (RtBodyKind            kind);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtMessageCore, rt_message_core_unref)

G_END_DECLS
