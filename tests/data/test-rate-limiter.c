/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>
#include <math.h>
#include "rt-clock.h"
#include "rt-rate-bucket.h"
#include "rt-rate-limiter.h"

#define THREADS 8
#define BURST 1000
#define LATER ((gint64) 3600 * G_USEC_PER_SEC)

static void
test_bucket (void)
{
  RtRateBucket bucket;

  rt_rate_bucket_init (&bucket, 10, 3, 1000);
  g_assert_cmpint (rt_rate_bucket_get_delay (&bucket, 3, 1000), ==, 0);
  g_assert_true (rt_rate_bucket_try_acquire (&bucket, 3, 1000));
  g_assert_false (rt_rate_bucket_try_acquire (&bucket, 1, 1000));
  g_assert_cmpint (rt_rate_bucket_get_delay (&bucket, 1, 1000), ==, 100000);
  g_assert_cmpint (rt_rate_bucket_get_delay (&bucket, 2, 51000), ==, 150000);
  g_assert_false (rt_rate_bucket_try_acquire (&bucket, 1, 100999));
  g_assert_true (rt_rate_bucket_try_acquire (&bucket, 1, 101000));
  /* It never holds more than the burst, and a refusal takes nothing. */
  g_assert_false (rt_rate_bucket_try_acquire (&bucket, 4, LATER));
  g_assert_true (rt_rate_bucket_try_acquire (&bucket, 3, LATER));
  g_assert_false (rt_rate_bucket_try_acquire (&bucket, 1, LATER));
}

static void
test_bucket_edges (void)
{
  RtRateBucket bucket;

  rt_rate_bucket_init (&bucket, 5, 2, 0);
  g_assert_cmpint (rt_rate_bucket_get_delay (&bucket, 3, 0), ==, -1);
  g_assert_cmpint (rt_rate_bucket_get_delay (&bucket, 0, 0), ==, 0);
  g_assert_true (rt_rate_bucket_try_acquire (&bucket, 2, G_MAXINT64));
  /* Time that goes backwards gives nothing and takes nothing. */
  g_assert_true (rt_rate_bucket_try_acquire (&bucket, 0, 0));
  g_assert_cmpint (rt_rate_bucket_get_delay (&bucket, 1, 0), ==, 200000);

  for (guint i = 0; i < 3; i++)
    {
      const double rates[] = { 0, -1, NAN };
      rt_rate_bucket_init (&bucket, rates[i], 1, 0);
      g_assert_true (rt_rate_bucket_try_acquire (&bucket, 1, 1));
      g_assert_false (rt_rate_bucket_try_acquire (&bucket, 1, G_MAXINT64));
      g_assert_cmpint (rt_rate_bucket_get_delay (&bucket, 1, G_MAXINT64), ==, -1);
    }
  rt_rate_bucket_init (&bucket, G_MINDOUBLE, 1, 0);
  g_assert_true (rt_rate_bucket_try_acquire (&bucket, 1, 1));
  g_assert_cmpint (rt_rate_bucket_get_delay (&bucket, 1, 2), ==, -1);
  rt_rate_bucket_init (&bucket, G_MAXDOUBLE, 1, 0);
  g_assert_true (rt_rate_bucket_try_acquire (&bucket, 1, 1));
  g_assert_cmpint (rt_rate_bucket_get_delay (&bucket, 1, 1), ==, 1);
  g_assert_true (rt_rate_bucket_try_acquire (&bucket, 1, G_MAXINT64));
}

/* Who waits exactly as long as was said is let through, whatever the numbers; and over a long time never more pass
 * than the rate allows. */
static void
test_bucket_random (void)
{
  for (guint round = 0; round < 300; round++)
    {
      double rate = pow (10, g_test_rand_double_range (-2, 5));
      guint burst = g_test_rand_int_range (1, round % 2 == 0 ? 10 : 1000000);
      gint64 begin = g_test_rand_int_range (0, G_MAXINT32), now = begin;
      double taken = 0;
      RtRateBucket bucket;

      rt_rate_bucket_init (&bucket, rate, burst, now);
      for (guint i = 0; i < 300; i++)
        {
          guint n = g_test_rand_int_range (1, (gint32) burst + 1);
          gint64 delay = rt_rate_bucket_get_delay (&bucket, n, now);
          g_assert_cmpint (delay, >=, 0);
          if (delay > 1)
            g_assert_false (rt_rate_bucket_try_acquire (&bucket, n, now + delay / 2));
          now += delay;
          g_assert_true (rt_rate_bucket_try_acquire (&bucket, n, now));
          taken += n;
        }
      g_assert_cmpfloat (taken, <=, burst + rate * (double) (now - begin) / G_USEC_PER_SEC + 0.001);
    }
}

static void
test_limiter (void)
{
  RtRateLimiter *limiter;

  rt_clock_virtual_begin ();
  limiter = rt_rate_limiter_new (4, 2);
  g_assert_cmpfloat (rt_rate_limiter_get_rate (limiter), ==, 4);
  g_assert_cmpuint (rt_rate_limiter_get_burst (limiter), ==, 2);
  g_assert_cmpuint (rt_rate_limiter_get_delay (limiter, 2), ==, 0);
  g_assert_true (rt_rate_limiter_try_acquire (limiter, 2));
  g_assert_false (rt_rate_limiter_try_acquire (limiter, 1));
  g_assert_cmpuint (rt_rate_limiter_get_delay (limiter, 1), ==, 250);
  g_assert_cmpuint (rt_rate_limiter_get_delay (limiter, 3), ==, G_MAXUINT);
  rt_clock_virtual_advance (RT_CLOCK_MS (249) + 1);
  g_assert_cmpuint (rt_rate_limiter_get_delay (limiter, 1), ==, 1);
  g_assert_false (rt_rate_limiter_try_acquire (limiter, 1));
  rt_clock_virtual_advance (999);
  g_assert_true (rt_rate_limiter_try_acquire (limiter, 1));
  rt_clock_virtual_end ();
  g_assert_finalize_object (limiter);
}

/* Longer than an answer can say is not never. */
static void
test_limiter_slow (void)
{
  g_autoptr (RtRateLimiter) limiter = rt_rate_limiter_new (1e-9, 1);
  g_autoptr (RtRateLimiter) blank = g_object_new (RT_TYPE_RATE_LIMITER, "rate", -1.0, "burst", 0, NULL);

  g_assert_true (rt_rate_limiter_try_acquire (limiter, 1));
  g_assert_cmpuint (rt_rate_limiter_get_delay (limiter, 1), ==, G_MAXUINT - 1);
  g_assert_false (rt_rate_limiter_try_acquire (blank, 1));
  g_assert_true (rt_rate_limiter_try_acquire (blank, 0));
  g_assert_cmpuint (rt_rate_limiter_get_delay (blank, 1), ==, G_MAXUINT);
}

static gpointer
take_cb (gpointer data)
{
  guint taken = 0;

  for (guint i = 0; i < BURST; i++)
    taken += rt_rate_limiter_try_acquire (data, 1);
  return GUINT_TO_POINTER (taken);
}

static void
test_threads (void)
{
  g_autoptr (RtRateLimiter) limiter = rt_rate_limiter_new (1e-6, BURST);
  GThread *threads[THREADS];
  guint taken = 0;

  for (guint i = 0; i < THREADS; i++)
    threads[i] = g_thread_new ("taker", take_cb, limiter);
  for (guint i = 0; i < THREADS; i++)
    taken += GPOINTER_TO_UINT (g_thread_join (threads[i]));
  g_assert_cmpuint (taken, ==, BURST);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/RateLimiter/bucket", test_bucket);
  g_test_add_func ("/Rt/RateLimiter/bucket-edges", test_bucket_edges);
  g_test_add_func ("/Rt/RateLimiter/bucket-random", test_bucket_random);
  g_test_add_func ("/Rt/RateLimiter/limiter", test_limiter);
  g_test_add_func ("/Rt/RateLimiter/limiter-slow", test_limiter_slow);
  g_test_add_func ("/Rt/RateLimiter/threads", test_threads);
  return g_test_run ();
}
