/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-channel.h"
#include "rt-member.h"
#include "rt-stream-reader.h"
#include "rt-sub.h"

G_BEGIN_DECLS

RtChannel *rt_channel_new             (RtClient   *client,
                                       RtSub      *sub);
RtSub     *rt_channel_get_sub         (RtChannel  *self);
char      *rt_channel_get_ref_name    (RtChannel  *self); /* the name as a GRefString */

/* Any thread: what the join gave, for who asks before the news of it has been taken. */
void       rt_channel_init_position   (RtChannel  *self,
                                       const char *epoch,
                                       guint64     offset,
                                       gboolean    recoverable);

/* No message is delivered through this handle any more: leave was called. Any thread. */
void       rt_channel_mute            (RtChannel  *self);
gboolean   rt_channel_is_muted        (RtChannel  *self);

/* In the client's context, with no lock held. */
void       rt_channel_set_offset      (RtChannel  *self,
                                       guint64     offset);
void       rt_channel_set_position    (RtChannel  *self,
                                       const char *epoch,
                                       guint64     offset);
void       rt_channel_emit_message    (RtChannel  *self,
                                       RtMessage  *message);
void       rt_channel_take_joined     (RtChannel  *self,
                                       const char *epoch,
                                       guint64     offset,
                                       gboolean    recoverable,
                                       gboolean    recovered);
void       rt_channel_take_left       (RtChannel  *self,
                                       guint       code,
                                       const char *reason);
void       rt_channel_notify_state    (RtChannel  *self);
void       rt_channel_emit_recovered  (RtChannel  *self,
                                       guint       count);
void       rt_channel_emit_gap        (RtChannel  *self,
                                       guint       missed);
void       rt_channel_emit_member     (RtChannel  *self,
                                       gboolean    joined,
                                       RtMember   *member);
void       rt_channel_emit_stream     (RtChannel  *self,
                                       RtStreamReader *reader);
GQuark     rt_channel_get_detail      (RtChannel  *self); /* the name as a quark, 0 if nobody made one */

/* rt-history.c */
typedef struct
{
  char *epoch; /* nullable */
  guint64 offset;
  GPtrArray *messages; /* in the order asked for */
} RtHistoryPage;

void       rt_history_page_free       (RtHistoryPage *page);
/* Takes @page, the answer to a request with @limit and @reverse. */
RtHistory *rt_history_new             (RtChannel     *channel,
                                       gint           limit,
                                       gboolean       reverse,
                                       RtHistoryPage *page);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtHistoryPage, rt_history_page_free)

G_END_DECLS
