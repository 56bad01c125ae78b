/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-op.h"

G_BEGIN_DECLS

/* Publishes that wait for a connection: the highest priority first, in order within each. No priority waits for ever:
 * when RT_SEND_QUEUE_PATIENCE others were taken from above one that waits, it is its turn once; of several such, the
 * lowest. */

#define RT_SEND_QUEUE_LEVELS 4
#define RT_SEND_QUEUE_PATIENCE 16

typedef struct
{
  GQueue levels[RT_SEND_QUEUE_LEVELS]; /* by RtPriority, linked through RtOp.link */
  GSequence *expiring;                 /* those with a time to live, the soonest first */
  guint count;
  gsize bytes; /* of data */
  guint limit;
  gsize max_bytes;
  guint passed_over[RT_SEND_QUEUE_LEVELS]; /* taken from above since each had its turn */
} RtSendQueue;

void     rt_send_queue_init        (RtSendQueue *self,
                                    guint        limit,
                                    gsize        max_bytes);
void     rt_send_queue_clear       (RtSendQueue *self); /* must be empty */
/* Takes @op, and its reference; FALSE, and nothing is taken, if it is full. */
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
