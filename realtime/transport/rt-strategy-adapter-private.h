/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-handover.h"
#include "rt-strategy-adapter.h"

G_BEGIN_DECLS

/* What passes between the two halves of an adapter: rt-strategy-adapter.c in the context of the strategy, and
 * rt-strategy-transport.c in the I/O thread. Each connection has a queue up of its own, which is also what tells
 * the connections apart: what is late goes into a queue that was closed. */

typedef enum
{
  /* Down. */
  RT_STRATEGY_OPEN,
  RT_STRATEGY_SEND,
  RT_STRATEGY_CLOSE,
  RT_STRATEGY_ABORT,   /* nobody wants to know more of this connection */
  RT_STRATEGY_RELEASE,
  /* Up. */
  RT_STRATEGY_OPENED,
  RT_STRATEGY_RECEIVED,
  RT_STRATEGY_SENT,
  RT_STRATEGY_ENDED,
  RT_STRATEGY_RESUME, /* from the I/O thread to itself */
} RtStrategyItemKind;

typedef struct
{
  RtHandoverItem base;
  RtStrategyItemKind kind;
  RtHandover *up;     /* a way down: of which connection; a reference is held */
  GBytes *bytes;      /* SEND, RECEIVED */
  gsize size;         /* SENT: the bytes of the frame */
  RtProfile profile;  /* OPENED */
  guint code;         /* ENDED, as in RtTransportEnd */
  char *reason;
  GError *error;
  guint http_status;
  gboolean clean;
  gboolean tls_refused;
} RtStrategyItem;

RtStrategyItem *rt_strategy_item_new  (RtStrategyItemKind  kind,
                                       RtHandover         *up);
void            rt_strategy_item_free (RtStrategyItem     *item);
void            rt_strategy_item_drop (RtHandoverItem     *base,
                                       gpointer            user_data); /* of the queues */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtStrategyItem, rt_strategy_item_free)

/* The queue into the context of the strategy. */
RtHandover     *rt_strategy_adapter_get_down (RtStrategyAdapter *self);

G_END_DECLS
