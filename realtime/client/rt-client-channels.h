/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-channel-private.h"

G_BEGIN_DECLS

/* The handles of a client's channels. A handle is made when the program or the news first asks for it, and goes from
 * the tables with the last news of its channel. */
typedef struct
{
  GMutex lock;
  GHashTable *handles; /* RtSub → RtChannel, all that may still be delivered to; guarded by lock */
  GHashTable *by_name; /* name → RtChannel (borrowed from handles), the newest of each name; guarded by lock */
  GHashTable *leaves;  /* name → calls to leave that the news have not caught up with; guarded by lock */
  guint64 serial;      /* of the last join or leave; guarded by lock */
  GListStore *list;    /* only in the client's context */
} RtClientChannels;

void       rt_client_channels_init     (RtClientChannels *self);
/* At the end of the client; may be called twice. */
void       rt_client_channels_dispose  (RtClientChannels *self);
void       rt_client_channels_clear    (RtClientChannels *self);

/* Any thread. The place of a join in the order of the program's joins and leaves. */
guint64    rt_client_channels_next     (RtClientChannels *self);
/* Any thread. The handle of @sub, made if there is none. (transfer full) */
RtChannel *rt_client_channels_ensure   (RtClientChannels *self,
                                        RtClient         *client,
                                        RtSub            *sub);
/* Any thread. The newest handle of this name that may still be delivered to, or NULL. (transfer full) */
RtChannel *rt_client_channels_find     (RtClientChannels *self,
                                        const char       *name);
/* Any thread. Leave was called: no channel of this name that was asked for before is delivered to any more, also
 * one that the news have not told of. Returns its place in the order. */
guint64    rt_client_channels_leave    (RtClientChannels *self,
                                        const char       *name);
/* In the client's context, when all news from before the end of that leave have been handled. */
void       rt_client_channels_settle   (RtClientChannels *self,
                                        const char       *name);

/* In the client's context: into the public list, and out of it and the tables. */
void       rt_client_channels_show     (RtClientChannels *self,
                                        RtChannel        *channel);
void       rt_client_channels_drop     (RtClientChannels *self,
                                        RtChannel        *channel);

G_END_DECLS
