/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-waiter.h"

void
rt_waiter_init (RtWaiter *waiter)
{
  g_mutex_init (&waiter->lock);
  g_cond_init (&waiter->cond);
  waiter->done = FALSE;
  waiter->nudged = FALSE;
}

void
rt_waiter_clear (RtWaiter *waiter)
{
  g_mutex_clear (&waiter->lock);
  g_cond_clear (&waiter->cond);
}

/* The waiting thread may free the waiter as soon as the lock is released, so it is not touched after. */
void
rt_waiter_wake (RtWaiter *waiter)
{
  g_mutex_lock (&waiter->lock);
  waiter->done = TRUE;
  g_cond_signal (&waiter->cond);
  g_mutex_unlock (&waiter->lock);
}

void
rt_waiter_wait (RtWaiter *waiter)
{
  g_mutex_lock (&waiter->lock);
  while (!waiter->done)
    g_cond_wait (&waiter->cond, &waiter->lock);
  g_mutex_unlock (&waiter->lock);
}

void
rt_waiter_nudge (RtWaiter *waiter)
{
  g_mutex_lock (&waiter->lock);
  waiter->nudged = TRUE;
  g_cond_signal (&waiter->cond);
  g_mutex_unlock (&waiter->lock);
}

gboolean
rt_waiter_wait_nudged (RtWaiter *waiter)
{
  g_mutex_lock (&waiter->lock);
  while (!waiter->done && !waiter->nudged)
    g_cond_wait (&waiter->cond, &waiter->lock);
  gboolean done = waiter->done;
  waiter->nudged = FALSE;
  g_mutex_unlock (&waiter->lock);
  return done;
}
