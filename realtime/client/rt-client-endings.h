/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-op.h"

G_BEGIN_DECLS

typedef struct _RtClient RtClient;

/* Calls that end the connection, and let what was sent before go first: out of the middleware, at least for the time
 * of a shutdown. Calls that begin or end it after them wait behind them. */
typedef struct
{
  GMutex lock;
  GQueue waiting; /* guarded by lock */
} RtClientEndings;

void rt_client_endings_init    (RtClientEndings *self);
/* At the end of the client by force: they end with CLOSED. Any thread; may be called twice. */
void rt_client_drop_endings    (RtClientEndings *self);
void rt_client_endings_clear   (RtClientEndings *self);

/* Whether @op has something before it that is to go first. Any thread. */
gboolean rt_client_must_wait   (RtClient        *self,
                                const RtOp      *op);
/* Takes @op, which has a call. Any thread. */
void rt_client_postpone_end    (RtClient        *self,
                                RtOp            *op);
/* Any thread. */
gboolean rt_client_has_endings (RtClient        *self);
/* In the client's context: something has left the middleware. */
void rt_client_release_endings (RtClient        *self);
/* In the client's context: nothing is waited for any longer. */
void rt_client_release_all_endings (RtClient    *self);

G_END_DECLS
