/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-backoff.h"

#include "rt-clock.h"

/* "Full jitter" of "Exponential Backoff And Jitter" (M. Brooker, AWS Architecture Blog, 2015): each delay is drawn from
 * zero up to the bound, not around it. Clients that were thrown off together then come back evenly spread. */

#define FIRST_BOUND RT_CLOCK_MS (1000)
#define MAX_FLOOR RT_CLOCK_MS (5 * 60 * 1000)
#define MAX_SPREAD RT_CLOCK_MS (10 * 60 * 1000)
/* Of the floor: clients that were all told the same time do not come at the same moment. */
#define FLOOR_JITTER_PART 5

/* SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014). */
static guint64
next_random (RtBackoff *self)
{
  guint64 z = self->state += G_GUINT64_CONSTANT (0x9E3779B97F4A7C15);

  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94D049BB133111EB);
  return z ^ (z >> 31);
}

/* The remainder favours small values by less than one part in 2^27, as no bound here exceeds 2^37 µs. */
gint64
rt_backoff_random (RtBackoff *self, gint64 bound)
{
  return bound > 0 ? (gint64) (next_random (self) % (guint64) bound) : 0;
}

void
rt_backoff_init (RtBackoff *self, guint reconnect_delay, guint max_reconnect_delay, guint64 seed)
{
  self->delay = reconnect_delay;
  self->max_delay = max_reconnect_delay;
  self->attempt = 0;
  self->state = seed;
}

void
rt_backoff_reset (RtBackoff *self)
{
  self->attempt = 0;
}

/* Of delay number @attempt, from 1, in µs. */
static gint64
bound_of (const RtBackoff *self, guint attempt)
{
  gint64 max = RT_CLOCK_MS (self->max_delay);
  gint64 bound = RT_CLOCK_MS (self->delay);

  if (attempt == 1)
    return MIN (FIRST_BOUND, max);
  for (guint i = 1; i < attempt && bound > 0 && bound < max; i++)
    bound *= 2;
  return MIN (bound, max);
}

gint64
rt_backoff_next (RtBackoff *self, gint64 floor, gint64 spread)
{
  gint64 delay;

  if (self->attempt < G_MAXUINT)
    self->attempt++;
  floor = CLAMP (floor, 0, MAX_FLOOR);
  if (self->attempt == 1 && spread > 0)
    delay = rt_backoff_random (self, MIN (spread, MAX_SPREAD));
  else
    delay = rt_backoff_random (self, bound_of (self, self->attempt));
  return MAX (delay, floor) + rt_backoff_random (self, floor / FLOOR_JITTER_PART);
}
