/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-channel-private.h"
#include "rt-connection.h"

G_BEGIN_DECLS

/* The handles of a client's channels. A handle is made when the program or the news first asks for it, and goes from
 * the tables with the last news of its channel.
 *
 * Handles are shared, so joins are counted. What a name is wanted for is the sum of its joins under way and the holds
 * of the subscription that the program knows (its own joins, and one if it was the server that joined it):
 *
 *   join is called            one more under way
 *   … succeeds                one less under way, one hold more of the subscription that it was given
 *   … fails                   one less under way; if that leaves none and there is a subscription, it is left
 *   leave, of two or more     a hold less, or one under way is marked as given back; succeeds at once
 *   leave, of one or none     all is forgotten, delivery ends, and the I/O half is told to leave (or says that there is
 *                             nothing to leave)
 *   leave by an older handle  changes nothing, and the I/O half says that it is not joined
 *   the server ends it        its holds go with it; joins under way are for the next one
 *   reset_session, close      all is forgotten, and delivery ends
 *
 * All of it is decided when it is called, in the order in which it goes down. */
typedef struct
{
  GMutex lock;
  GHashTable *handles; /* RtSub → RtChannel, all that may still be delivered to; guarded by lock */
  GHashTable *by_name; /* name → RtChannel (borrowed from handles), the newest of each name; guarded by lock */
  GHashTable *leaves;  /* name → calls to leave that the news have not caught up with; guarded by lock */
  GHashTable *joins;   /* name → joins under way; guarded by lock */
  guint64 serial;      /* of the last join or leave; guarded by lock */
  guint64 ended;       /* what was joined up to here is not delivered any more; guarded by lock */
  GListStore *list;    /* only in the client's context */
} RtClientChannels;

void       rt_client_channels_init     (RtClientChannels *self);
/* At the end of the client; may be called twice. */
void       rt_client_channels_dispose  (RtClientChannels *self);
void       rt_client_channels_clear    (RtClientChannels *self);

/* Any thread. A number that no other join has. */
guint64    rt_client_channels_next     (RtClientChannels *self);
/* Any thread. Takes @op down, or, where nothing is to be done for it, completes it. */
void       rt_client_channels_submit   (RtClientChannels *self,
                                        RtConnection     *connection,
                                        RtHandover       *inbox,
                                        RtOp             *op);
/* Any thread. A join has come back, with its error or subscription; or it never went down. */
void       rt_client_channels_end_join (RtClientChannels *self,
                                        RtConnection     *connection,
                                        const RtOp       *op);
/* Any thread. The handle of @sub, made if there is none. (transfer full) */
RtChannel *rt_client_channels_ensure   (RtClientChannels *self,
                                        RtClient         *client,
                                        RtSub            *sub);
/* Any thread. The newest handle of this name that may still be delivered to, or NULL. (transfer full) */
RtChannel *rt_client_channels_find     (RtClientChannels *self,
                                        const char       *name);
/* Any thread. Nothing that was joined so far is delivered any more; nor is, for good, what is joined later. */
void       rt_client_channels_end_all  (RtClientChannels *self,
                                        gboolean          for_good);
/* In the client's context, when all news from before the end of a leave by name have been handled. */
void       rt_client_channels_settle   (RtClientChannels *self,
                                        const char       *name);

/* In the client's context: into the public list, and out of it and the tables. */
void       rt_client_channels_show     (RtClientChannels *self,
                                        RtChannel        *channel);
void       rt_client_channels_drop     (RtClientChannels *self,
                                        RtChannel        *channel);

G_END_DECLS
