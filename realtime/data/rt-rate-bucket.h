/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A token bucket: it holds at most @burst tokens, gains @rate of them a second, and each thing that is let through
 * takes one. Plain and without a lock, for one thread at a time. Times are those of rt_clock_now (), which the caller
 * passes so that one reading serves a whole batch. */
typedef struct
{
  double rate;
  double burst;
  double tokens; /* at @updated; a rounding error below zero at worst */
  gint64 updated;
} RtRateBucket;

/* Full. A @rate that is not over zero never gives a token back. */
void     rt_rate_bucket_init        (RtRateBucket *self,
                                     double        rate,
                                     guint         burst,
                                     gint64        now);
/* Takes @n tokens, or none. */
gboolean rt_rate_bucket_try_acquire (RtRateBucket *self,
                                     guint         n,
                                     gint64        now);
/* Microseconds until @n tokens can be taken if nobody else takes any; 0: now; -1: never. Takes none. */
gint64   rt_rate_bucket_get_delay   (RtRateBucket *self,
                                     guint         n,
                                     gint64        now);

G_END_DECLS
