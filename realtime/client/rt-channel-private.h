/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-channel.h"
#include "rt-member-list.h"
#include "rt-message-list.h"
#include "rt-op.h"
#include "rt-stream-reader.h"
#include "rt-sub.h"

G_BEGIN_DECLS

/* rt-channel-models.c */
typedef struct
{
  GMutex lock;             /* for making the two */
  RtMemberList *members;      /* NULL until somebody asks; then immutable */
  RtMessageList *messages; /* likewise */
  gint members_synced;     /* atomic */

  /* Only in the client's context. */
  gboolean members_told;  /* of an error */
  gboolean members_retry; /* there is no snapshot, but there may be one yet */
  gboolean prefilled;     /* or on its way to be so */
  char *joined_epoch;     /* the position of the first join, where that is to be; NULL before */
  guint64 joined_offset;
} RtChannelModels;

void       rt_channel_models_init     (RtChannelModels *self);
void       rt_channel_models_clear    (RtChannelModels *self);
/* In the client's context. */
void       rt_channel_models_joined   (RtChannel  *channel);
void       rt_channel_models_rejoining (RtChannel *channel);
void       rt_channel_models_left     (RtChannel  *channel);
void       rt_channel_models_take_message (RtChannel *channel,
                                       RtMessage  *message);
void       rt_channel_models_take_member (RtChannel *channel,
                                       gboolean    joined,
                                       RtMember   *member);
void       rt_channel_models_members_behind (RtChannel *channel);

/* rt-channel.c */
RtChannelModels *rt_channel_get_models (RtChannel *self);
void       rt_channel_notify_members_synced (RtChannel *self);
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
const gint *rt_channel_get_muted      (RtChannel  *self); /* the same, atomic, as long as the channel is there */

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
void       rt_channel_take_rejoining  (RtChannel  *self);
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

/* rt-history.c and rt-channel-history.c */
typedef struct
{
  char *epoch; /* nullable */
  guint64 offset;
  GPtrArray *messages; /* in the order asked for, without what is parts of streams */
  guint count;         /* with that */
  guint64 last;        /* the offset of the last, whatever it is; 0 if there is none */
} RtHistoryPage;

void       rt_history_page_free       (RtHistoryPage *page);
/* A request for a page, by whoever answers it. */
RtOp      *rt_history_new_page_op     (RtChannel     *channel,
                                       gint           limit,
                                       const char    *epoch, /* nullable: from an end */
                                       guint64        offset,
                                       gboolean       reverse);
/* Takes @op and @task. FALSE: the client is gone, which @task says; else @inner_cb gets @task. */
gboolean   rt_history_ask_page        (RtChannel     *channel,
                                       RtOp          *op,
                                       gpointer       tag,
                                       GCancellable  *cancellable,
                                       GAsyncReadyCallback inner_cb,
                                       GTask         *task);
RtHistoryPage *rt_history_ask_page_sync (RtChannel   *channel,
                                       RtOp          *op,
                                       GCancellable  *cancellable,
                                       GError       **error);
/* Takes @page, the answer to a request with @limit and @reverse. */
RtHistory *rt_history_new             (RtChannel     *channel,
                                       gint           limit,
                                       gboolean       reverse,
                                       RtHistoryPage *page);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtHistoryPage, rt_history_page_free)

G_END_DECLS
