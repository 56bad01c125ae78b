/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-codec.h"
#include "rt-json-fields.h"

G_BEGIN_DECLS

/* The parts of the JSON codec. */

/* What data a server takes may come back to others up to two containers deeper, in the publications of a history. */
#define RT_COMMAND_HEADROOM 2

/* rt-codec-json-envelope.c: a publication's data, whatever it is. */
gboolean       rt_json_read_data         (RtScan              *s,
                                          const RtField       *field,
                                          gpointer             publication);

/* rt-codec-json-publication.c: publications and members, read into the decoder's arrays. */
gboolean       rt_json_read_publications (RtScan              *s,
                                          const RtField       *field,
                                          gpointer             reply);
gboolean       rt_json_read_push_pub     (RtScan              *s,
                                          const RtField       *field,
                                          gpointer             reply);
gboolean       rt_json_read_push_info    (RtScan              *s,
                                          const RtField       *field,
                                          gpointer             reply);
gboolean       rt_json_read_presence     (RtScan              *s,
                                          const RtField       *field,
                                          gpointer             reply);
void           rt_json_put_publication   (RtBuffer            *out,
                                          const RtPublication *publication);
void           rt_json_put_client_info   (RtBuffer            *out,
                                          const RtClientInfo  *info);

/* rt-codec-json-reply.c, rt-codec-json-reply-write.c, rt-codec-json-command.c: one frame each. */
gboolean       rt_json_set_kind          (RtScan              *s,
                                          const RtField       *field,
                                          RtReply             *reply);
gboolean       rt_json_read_reply        (RtScan              *s,
                                          RtReply             *reply);
void           rt_json_write_reply       (RtBuffer            *out,
                                          const RtReply       *reply);
gboolean       rt_json_read_command      (RtScan              *s,
                                          RtCommand           *command);
void           rt_json_write_command     (RtBuffer            *out,
                                          const RtCommand     *command);

/* rt-codec-json-members.c: the members of an object that is being written. A string slice with escapes is put as it
 * was read; line feeds in raw values, which only stand between their tokens, become blanks. Absent slices, zeros and
 * FALSE put nothing. */
typedef struct
{
  RtBuffer *out;
  gboolean more; /* something stands before: a comma is due */
} RtMembers;

/* The key as it is written behind another member, and its length. */
#define RT_KEY(name) ",\"" name "\":", sizeof (",\"" name "\":") - 1

RtMembers      rt_members_open           (RtBuffer            *out);
void           rt_members_close          (RtMembers           *self);
void           rt_members_key            (RtMembers           *self,
                                          const char          *key,
                                          gsize                len);
/* An object as a member; the inner one is closed by the caller. */
RtMembers      rt_members_inner          (RtMembers           *self,
                                          const char          *key,
                                          gsize                len);
void           rt_members_string         (RtMembers           *self,
                                          const char          *key,
                                          gsize                len,
                                          const RtSlice       *string);
void           rt_members_raw            (RtMembers           *self,
                                          const char          *key,
                                          gsize                len,
                                          const RtSlice       *value);
void           rt_members_uint           (RtMembers           *self,
                                          const char          *key,
                                          gsize                len,
                                          guint64              value);
void           rt_members_int            (RtMembers           *self,
                                          const char          *key,
                                          gsize                len,
                                          gint64               value);
void           rt_members_bool           (RtMembers           *self,
                                          const char          *key,
                                          gsize                len,
                                          gboolean             value);
void           rt_json_put_slice         (RtBuffer            *out,
                                          const RtSlice       *string);

G_END_DECLS
