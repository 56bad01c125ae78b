/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-rate-bucket.h"

#include <math.h>

/* What is missing of a token for no other reason than rounding. Who waits exactly as long as was said must not be
 * turned away. */
#define ROUNDING 1e-6
/* Longer than anybody waits, and far from what overflows when a time is added to it. */
#define FOREVER ((double) 1000 * 365 * 24 * 3600 * G_USEC_PER_SEC)

void
rt_rate_bucket_init (RtRateBucket *self, double rate, guint burst, gint64 now)
{
  self->rate = rate > 0 ? rate : 0; /* also for what is not a number */
  self->burst = burst;
  self->tokens = burst;
  self->updated = now;
}

static void
refill (RtRateBucket *self, gint64 now)
{
  if (now <= self->updated)
    return;
  self->tokens += (double) (now - self->updated) * self->rate / G_USEC_PER_SEC;
  self->tokens = MIN (self->tokens, self->burst);
  self->updated = now;
}

gboolean
rt_rate_bucket_try_acquire (RtRateBucket *self, guint n, gint64 now)
{
  refill (self, now);
  if (n > 0 && self->tokens + ROUNDING < n)
    return FALSE;
  self->tokens -= n;
  return TRUE;
}

gint64
rt_rate_bucket_get_delay (RtRateBucket *self, guint n, gint64 now)
{
  double wait;

  refill (self, now);
  if (n == 0 || self->tokens + ROUNDING >= n)
    return 0;
  if (n > self->burst || self->rate <= 0)
    return -1;
  wait = ceil ((n - self->tokens) * G_USEC_PER_SEC / self->rate);
  return wait < FOREVER ? (gint64) MAX (wait, 1) : -1;
}
