/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-chain.h"
#include "rt-channel-private.h"
#include "rt-news.h"

G_BEGIN_DECLS

/* Messages on their way through the middleware to the program. A message that waits there holds back what came after it
 * on its channel: later messages in the chain, and news here. Only in the client's context. */
typedef struct
{
  GHashTable *held; /* RtChannel → GQueue of what waits, in order; the channel is kept */
  gpointer spare;   /* used again */
  gpointer running; /* what middlewares look at, the innermost first: a loop that one runs may bring more */
} RtClientIncoming;

void     rt_client_incoming_init   (RtClientIncoming *self);
void     rt_client_incoming_clear  (RtClientIncoming *self);

/* Through the middleware, and then to the program. FALSE: it is held there, or was, and what it takes up in the queue
 * (@size bytes) is counted as taken here, when it is settled. */
gboolean rt_client_filter_incoming (RtClient         *self,
                                    RtChannel        *channel,
                                    RtMessage        *message,
                                    gsize             size);
/* Takes @news if it has to wait behind a message. */
gboolean rt_client_defer_news      (RtClient         *self,
                                    RtChannel        *channel,
                                    RtNews           *news);
void     rt_client_incoming_passed (RtClient         *self,
                                    RtExchange       *exchange,
                                    gpointer          tag);
void     rt_client_incoming_ended  (RtClient         *self,
                                    RtExchange       *exchange,
                                    gpointer          tag,
                                    const GError     *error,
                                    const char       *reason);

/* rt-client-inbox.c */
/* Whether the program has let go of the client, which only this dispatch still holds: it wants nothing more. */
gboolean rt_client_is_abandoned    (RtClient         *self);
void     rt_client_deliver         (RtClient         *self,
                                    RtChannel        *channel,
                                    RtMessage        *message,
                                    guint64           offset);
/* rt-client-news.c. Takes @news. */
void     rt_client_take_channel_news (RtClient       *self,
                                    RtChannel        *channel,
                                    RtNews           *news);

G_END_DECLS
