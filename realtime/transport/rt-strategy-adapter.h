/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-connection-strategy.h"
#include "rt-transport.h"

G_BEGIN_DECLS

/* Lets the I/O half drive a strategy object that a program has written: the object is used only in the main context
 * it was given with, and everything passes through one queue each way. */

typedef struct _RtStrategyAdapter RtStrategyAdapter;

/* In the client's context, which must be thread-default. Holds a reference on @strategy until it is released. */
RtStrategyAdapter      *rt_strategy_adapter_new       (RtConnectionStrategy *strategy);
/* From any thread: the object is let go in its context, and no connection can be opened any more. */
void                    rt_strategy_adapter_release   (RtStrategyAdapter    *self);
/* The same, and frees. */
void                    rt_strategy_adapter_free      (RtStrategyAdapter    *self);
/* The class of a route whose source is an RtStrategyAdapter. One connection at a time. */
const RtTransportClass *rt_strategy_adapter_transport (void);

G_END_DECLS
