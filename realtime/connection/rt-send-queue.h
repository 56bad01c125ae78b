/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-op.h"

G_BEGIN_DECLS

/* Publishes that wait for a connection: the highest priority first, in order within each, and no priority waits
 * for ever. */

#define RT_SEND_QUEUE_LEVELS 4

typedef struct
{
  GQueue levels[RT_SEND_QUEUE_LEVELS]; /* by RtPriority, linked through RtOp.link */
  GSequence *expiring;                 /* those with a time to live, the soonest first */
  guint count;
  gsize bytes;
  guint limit;
  gsize max_bytes;
  guint passed_over; /* taken since the lowest waiting priority had its turn */
} RtSendQueue;

void     rt_send_queue_init        (RtSendQueue *self,
                                    guint        limit,
                                    gsize        max_bytes);
void     rt_send_queue_clear       (RtSendQueue *self); /* must be empty */
/* Takes @op; FALSE, and nothing is taken, if it is full. */
gboolean rt_send_queue_push        (RtSendQueue *self,
                                    RtOp        *op);
/* The next to be sent, with its reference, or NULL. */
RtOp    *rt_send_queue_pop         (RtSendQueue *self);
/* FALSE: it is not in it. Gives the reference back. */
gboolean rt_send_queue_remove      (RtSendQueue *self,
                                    RtOp        *op);
/* One that is of no use any more, with its reference, or NULL. */
RtOp    *rt_send_queue_pop_expired (RtSendQueue *self,
                                    gint64       now);
/* When the next one expires, or -1. */
gint64   rt_send_queue_next_expiry (RtSendQueue *self);

G_END_DECLS
