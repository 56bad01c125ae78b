/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-chain.h"
#include "rt-connection.h"
#include "rt-token-provider.h"
#include "rt-waiter.h"

G_BEGIN_DECLS

/* The providers of a client, and what the I/O half wants of them. Providers are asked in the client's context, or, where
 * a blocking call holds that up, by the blocking call in its place. Counted, since the I/O half may outlive its client. */
typedef struct _RtClientTokens RtClientTokens;

/* @context is the client's; @provider (nullable) is for the connection. What providers fail with is told to @chain. */
RtClientTokens *rt_client_tokens_new            (GMainContext    *context,
                                                 RtTokenProvider *provider,
                                                 RtChain         *chain);
RtClientTokens *rt_client_tokens_ref            (RtClientTokens  *self);
void            rt_client_tokens_unref          (RtClientTokens  *self);
/* Nothing is wanted any more: who is asked may stop, and the providers are let go in the client's context. */
void            rt_client_tokens_dispose        (RtClientTokens  *self);

/* Any thread. The connection's. (transfer full) (nullable) */
RtTokenProvider *rt_client_tokens_dup_provider  (RtClientTokens  *self);
/* Any thread. The provider for a channel goes by the serial of the join that brought it. */
void            rt_client_tokens_add_provider   (RtClientTokens  *self,
                                                 guint64          serial,
                                                 RtTokenProvider *provider);
void            rt_client_tokens_drop_provider  (RtClientTokens  *self,
                                                 guint64          serial);

/* The I/O thread: a request to be answered, and taken. */
void            rt_client_tokens_need           (RtClientTokens  *self,
                                                 RtTokenRequest  *request);
/* In the client's context: asks for all that is wanted. */
void            rt_client_tokens_ask            (RtClientTokens  *self,
                                                 RtConnection    *connection);

/* A blocking call, between begin and end, wakes up when a token is wanted. */
void            rt_client_tokens_begin_waiting  (RtClientTokens  *self,
                                                 RtWaiter        *waiter);
void            rt_client_tokens_end_waiting    (RtClientTokens  *self,
                                                 RtWaiter        *waiter);
/* Any thread: asks for what is wanted for @channel (NULL: for the connection) and gives it down before it returns, if
 * nobody else runs the client's context. FALSE if the provider cannot do it without running a loop. What else is wanted
 * stays for the loop. */
gboolean        rt_client_tokens_ask_in_place   (RtClientTokens  *self,
                                                 RtConnection    *connection,
                                                 const char      *channel,
                                                 GError         **error);
/* Any thread: whether a provider was asked for it and takes its time. */
gboolean        rt_client_tokens_is_asking      (RtClientTokens  *self,
                                                 const char      *channel);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtClientTokens, rt_client_tokens_unref)

G_END_DECLS
