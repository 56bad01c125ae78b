/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-chain.h"

G_BEGIN_DECLS

typedef struct _RtClient RtClient;

/* The middleware of a client. The chain may call at any time until it is closed, so it knows its client only weakly. */
typedef struct _RtClientLink RtClientLink;

typedef struct
{
  RtChain *chain;
  RtClientLink *link;
} RtClientChain;

void     rt_client_chain_init    (RtClientChain *self,
                                  RtClient      *client,
                                  GMainContext  *context);
/* Any thread; may be called twice. */
void     rt_client_chain_end     (RtClientChain *self);
void     rt_client_chain_clear   (RtClientChain *self,
                                  GMainContext  *context);

/* rt_chain_run () for a client that somebody holds. */
gboolean rt_client_run_chain     (RtClient      *self,
                                  RtDirection    direction,
                                  RtMessage     *message,
                                  gpointer       tag,
                                  GCancellable  *cancellable);

/* For a message that a middleware dropped. @reason is nullable. */
GError  *rt_client_stopped_error (const char    *reason);

G_END_DECLS
