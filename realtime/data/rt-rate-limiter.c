/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-rate-limiter.h"

#include <math.h>
#include "rt-clock.h"
#include "rt-rate-bucket.h"

/**
 * RtRateLimiter:
 *
 * Lets so many things through a second, and a few at once.
 *
 * It is a token bucket: full at first with [property@RateLimiter:burst] tokens, refilled with
 * [property@RateLimiter:rate] of them a second. [method@RateLimiter.try_acquire] takes tokens if there are enough;
 * [method@RateLimiter.get_delay] says how long to wait for them. It never waits itself, has no timer, and may be used
 * from any thread.
 */

enum
{
  PROP_0,
  PROP_RATE,
  PROP_BURST,
  N_PROPS,
};

#define FLAGS (G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS)

struct _RtRateLimiter
{
  GObject parent_instance;

  /* Never changed after construction. */
  double rate;
  guint burst;

  GMutex lock;
  RtRateBucket bucket; /* under the lock */
};

G_DEFINE_FINAL_TYPE (RtRateLimiter, rt_rate_limiter, G_TYPE_OBJECT)

static GParamSpec *properties[N_PROPS];

static void
rt_rate_limiter_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RtRateLimiter *self = RT_RATE_LIMITER (object);

  switch (id)
    {
    case PROP_RATE:
      g_value_set_double (value, self->rate);
      break;
    case PROP_BURST:
      g_value_set_uint (value, self->burst);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
rt_rate_limiter_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  RtRateLimiter *self = RT_RATE_LIMITER (object);

  switch (id)
    {
    case PROP_RATE:
      self->rate = g_value_get_double (value);
      break;
    case PROP_BURST:
      self->burst = g_value_get_uint (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
rt_rate_limiter_constructed (GObject *object)
{
  RtRateLimiter *self = RT_RATE_LIMITER (object);

  rt_rate_bucket_init (&self->bucket, self->rate, self->burst, rt_clock_now ());

  G_OBJECT_CLASS (rt_rate_limiter_parent_class)->constructed (object);
}

static void
rt_rate_limiter_finalize (GObject *object)
{
  g_mutex_clear (&RT_RATE_LIMITER (object)->lock);

  G_OBJECT_CLASS (rt_rate_limiter_parent_class)->finalize (object);
}

static void
rt_rate_limiter_class_init (RtRateLimiterClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = rt_rate_limiter_get_property;
  object_class->set_property = rt_rate_limiter_set_property;
  object_class->constructed = rt_rate_limiter_constructed;
  object_class->finalize = rt_rate_limiter_finalize;

  /**
   * RtRateLimiter:rate: (getter get_rate)
   *
   * How many tokens come back a second. One that is not above 0 gives none back.
   */
  properties[PROP_RATE] = g_param_spec_double ("rate", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, 1, FLAGS);

  /**
   * RtRateLimiter:burst: (getter get_burst)
   *
   * How many tokens there are at most, and at first.
   */
  properties[PROP_BURST] = g_param_spec_uint ("burst", NULL, NULL, 0, G_MAXUINT, 1, FLAGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
rt_rate_limiter_init (RtRateLimiter *self)
{
  g_mutex_init (&self->lock);
}

/**
 * rt_rate_limiter_new:
 * @rate_per_second: how many tokens come back a second: a number above 0
 * @burst: how many there are at most, and at first: 1 or more
 *
 * Makes a limiter whose bucket is full.
 *
 * Returns: (transfer full): the limiter
 */
RtRateLimiter *
rt_rate_limiter_new (double rate_per_second, guint burst)
{
  g_return_val_if_fail (isfinite (rate_per_second) && rate_per_second > 0, NULL);
  g_return_val_if_fail (burst > 0, NULL);

  return g_object_new (RT_TYPE_RATE_LIMITER, "rate", rate_per_second, "burst", burst, NULL);
}

/**
 * rt_rate_limiter_try_acquire:
 * @self: a limiter
 * @n: how many tokens
 *
 * Takes that many tokens, or none if there are too few. Never blocks.
 *
 * Returns: whether they were taken
 */
gboolean
rt_rate_limiter_try_acquire (RtRateLimiter *self, guint n)
{
  gboolean taken;

  g_return_val_if_fail (RT_IS_RATE_LIMITER (self), FALSE);

  g_mutex_lock (&self->lock);
  taken = rt_rate_bucket_try_acquire (&self->bucket, n, rt_clock_now ());
  g_mutex_unlock (&self->lock);
  return taken;
}

/**
 * rt_rate_limiter_get_delay:
 * @self: a limiter
 * @n: how many tokens
 *
 * Says how long it takes until that many tokens can be taken, if nobody else takes any. Takes none.
 *
 * Returns: milliseconds, rounded up; 0: now; %G_MAXUINT: never, since the bucket does not hold as many
 */
guint
rt_rate_limiter_get_delay (RtRateLimiter *self, guint n)
{
  gint64 delay;

  g_return_val_if_fail (RT_IS_RATE_LIMITER (self), G_MAXUINT);

  g_mutex_lock (&self->lock);
  delay = rt_rate_bucket_get_delay (&self->bucket, n, rt_clock_now ());
  g_mutex_unlock (&self->lock);
  if (delay < 0)
    return G_MAXUINT;
  return (guint) MIN ((delay + 999) / 1000, (gint64) G_MAXUINT - 1);
}

/**
 * rt_rate_limiter_get_rate: (get-property rate)
 * @self: a limiter
 *
 * Gets [property@RateLimiter:rate].
 *
 * Returns: tokens a second
 */
double
rt_rate_limiter_get_rate (RtRateLimiter *self)
{
  g_return_val_if_fail (RT_IS_RATE_LIMITER (self), 0);

  return self->rate;
}

/**
 * rt_rate_limiter_get_burst: (get-property burst)
 * @self: a limiter
 *
 * Gets [property@RateLimiter:burst].
 *
 * Returns: the most tokens that there can be
 */
guint
rt_rate_limiter_get_burst (RtRateLimiter *self)
{
  g_return_val_if_fail (RT_IS_RATE_LIMITER (self), 0);

  return self->burst;
}
