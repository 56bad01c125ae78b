/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-clock.h"
#include "rt-http-head.h"
#include "rt-transport.h"

G_BEGIN_DECLS

/* What the transports over HTTP have in common: when each event may be reported, and how one ends. */

typedef struct _RtHttpBase RtHttpBase;

typedef struct
{
  const char *wanted; /* for errors, "polling" */
  const char *path;   /* behind the settings' prefix */
  /* A turn of its own after rt_http_base_later (). */
  void (*turn)     (RtHttpBase *self);
  /* Gives up lines and timers. What is in use further up the stack goes in finalize. */
  void (*release)  (RtHttpBase *self);
  void (*finalize) (RtHttpBase *self);
} RtHttpBaseClass;

struct _RtHttpBase
{
  RtTransport parent;
  const RtHttpBaseClass *klass;
  guint refs; /* the owner's, and one of each callback that runs */
  RtSettings *settings; /* NULL once freed */
  GMainContext *context;
  const RtTransportEvents *events;
  gpointer user_data;

  gboolean opened;   /* that was reported */
  gboolean was_open; /* the server has answered, and speaks the protocol */
  gboolean closing;  /* close () was called */
  gboolean ended;    /* closed was reported, or the owner has freed it */
  guint16 own_code;
  char *own_reason;
  RtTimer *later;
};

/* Reports opened in a later turn. */
void rt_http_base_init    (RtHttpBase              *self,
                           const RtTransportClass  *transport_class,
                           const RtHttpBaseClass   *klass,
                           RtSettings              *settings,
                           GMainContext            *context,
                           const RtTransportEvents *events,
                           gpointer                 user_data);
RtHttpBase *rt_http_base_ref (RtHttpBase *self);
void rt_http_base_unref   (RtHttpBase              *self);
/* Asks for a turn. */
void rt_http_base_later   (RtHttpBase              *self);

/* These report closed, unless that was done. A transport that was told to close has no error. */
void rt_http_base_fail    (RtHttpBase              *self,
                           guint                    code,
                           const GError            *error,
                           gint64                   retry_after,
                           gboolean                 tls_refused);
/* An answer with a status that ends the transport. */
void rt_http_base_refuse  (RtHttpBase              *self,
                           guint                    code,
                           const RtHttpHead        *head);
/* An answer with a status that was hoped for, but of a server that speaks something else. */
void rt_http_base_disown  (RtHttpBase              *self,
                           guint                    status);
/* After close (): all that was queued is with the server, or not (@clean). */
void rt_http_base_close   (RtHttpBase              *self,
                           gboolean                 clean);

/* For the transport table. */
gboolean rt_http_base_begin_close (RtTransport  *transport,
                                   guint         code,
                                   const char   *reason);
void rt_http_base_abort   (RtTransport             *transport,
                           const GError            *error);
void rt_http_base_free    (RtTransport             *transport);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtHttpBase, rt_http_base_unref)

G_END_DECLS
