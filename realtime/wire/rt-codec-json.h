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
/* The result of a subscribe, as @reply, which it fills wholly; and as it is written. */
gboolean       rt_json_read_sub          (RtScan              *s,
                                          const RtSlice       *channel,
                                          RtReply             *reply);
void           rt_json_put_sub           (RtBuffer            *out,
                                          const RtReply       *reply);

/* rt-codec-json-subs.c: the server-side subscriptions of a connect command and its reply. */
gboolean       rt_json_read_reply_subs   (RtScan              *s,
                                          const RtField       *field,
                                          gpointer             reply);
gboolean       rt_json_read_command_subs (RtScan              *s,
                                          const RtField       *field,
                                          gpointer             command);
RtDecodeStatus rt_json_next_sub          (RtDecoder           *decoder,
                                          const RtSlice       *subs,
                                          gsize               *position,
                                          RtReply             *reply);
RtDecodeStatus rt_json_next_sub_command  (RtDecoder           *decoder,
                                          const RtSlice       *subs,
                                          gsize               *position,
                                          RtCommand           *command);
void           rt_json_write_sub_command (RtBuffer            *out,
                                          guint                n,
                                          const RtCommand     *position);
void           rt_json_write_sub_reply   (RtBuffer            *out,
                                          guint                n,
                                          const RtReply       *reply);

G_END_DECLS
