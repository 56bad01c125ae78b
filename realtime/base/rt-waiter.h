/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a blocking call waits on. The I/O half wakes it directly; no main context takes part.
 * It has no deadline of its own: whatever it waits for has one on the clock. */
typedef struct
{
  GMutex lock;
  GCond cond;
  gboolean done;   /* guarded by lock */
  gboolean nudged; /* guarded by lock */
} RtWaiter;

void rt_waiter_init  (RtWaiter *waiter);
void rt_waiter_clear (RtWaiter *waiter);
void rt_waiter_wake  (RtWaiter *waiter);
void rt_waiter_wait  (RtWaiter *waiter);

/* For one who can do something for what it waits for. */
void     rt_waiter_nudge       (RtWaiter *waiter);
/* Waits until it is woken, or nudged. FALSE: it was only nudged. */
gboolean rt_waiter_wait_nudged (RtWaiter *waiter);

G_END_DECLS
