/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-op.h"

G_BEGIN_DECLS

typedef struct _RtClient RtClient;

/* Calls that end the connection, and let what was sent before go first: out of the middleware, at least for the time
 * of a shutdown. */
typedef struct
{
  GMutex lock;
  GQueue waiting; /* guarded by lock */
} RtClientEndings;

void rt_client_endings_init    (RtClientEndings *self);
/* At the end of the client by force: they end with CLOSED. Any thread; may be called twice. */
void rt_client_drop_endings    (RtClientEndings *self);
void rt_client_endings_clear   (RtClientEndings *self);

/* Takes @op, which has a call. Any thread. */
void rt_client_postpone_end    (RtClient        *self,
                                RtOp            *op);
/* In the client's context: something has left the middleware. */
void rt_client_release_endings (RtClient        *self);

G_END_DECLS
