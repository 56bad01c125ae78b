/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-clock.h"
#include "rt-io-thread.h"
#include "rt-test.h"

typedef struct
{
  RtTimer *timer;
  guint fired;
  gint64 at;
  guint left;
} Ticker;

static void
ticker_cb (gpointer user_data)
{
  Ticker *ticker = user_data;

  ticker->fired++;
  ticker->at = rt_clock_now ();
  if (ticker->left > 0)
    {
      ticker->left--;
      rt_timer_start (ticker->timer, rt_clock_now () + RT_CLOCK_MS (60000));
    }
}

static void
test_real_timer (void)
{
  Ticker ticker = { 0 };
  gint64 deadline = rt_clock_now () + RT_CLOCK_MS (5);

  ticker.timer = rt_timer_new (NULL, "test", ticker_cb, &ticker);
  g_assert_false (rt_timer_is_active (ticker.timer));
  rt_timer_start (ticker.timer, deadline);
  g_assert_true (rt_timer_is_active (ticker.timer));
  rt_test_wait_until (ticker.fired == 1);
  g_assert_cmpint (ticker.at, >=, deadline);
  g_assert_false (rt_timer_is_active (ticker.timer));
  rt_timer_free (ticker.timer);
}

static void
free_cb (gpointer user_data)
{
  Ticker *ticker = user_data;

  ticker->fired++;
  g_clear_pointer (&ticker->timer, rt_timer_free);
}

static void
test_free_in_callback (void)
{
  Ticker ticker = { 0 };

  ticker.timer = rt_timer_new (NULL, "test", free_cb, &ticker);
  rt_timer_start (ticker.timer, 0);
  rt_test_wait_until (ticker.fired == 1);
  g_assert_null (ticker.timer);
}

static void
test_virtual_hours (void)
{
  Ticker ticker = { .left = 599 };
  gint64 start;

  rt_clock_virtual_begin ();
  start = rt_clock_now ();
  gint64 real_start = rt_clock_real ();
  ticker.timer = rt_timer_new (rt_io_thread_get_context (), "test", ticker_cb, &ticker);
  rt_timer_start (ticker.timer, start + RT_CLOCK_MS (60000));
  g_assert_cmpint (rt_clock_virtual_next (), ==, start + RT_CLOCK_MS (60000));

  rt_clock_virtual_advance (RT_CLOCK_MS (59999));
  g_assert_cmpuint (ticker.fired, ==, 0);
  rt_clock_virtual_advance (RT_CLOCK_MS (1));
  g_assert_cmpuint (ticker.fired, ==, 1);
  rt_clock_virtual_advance (RT_CLOCK_MS (10 * 3600 * 1000));
  g_assert_cmpuint (ticker.fired, ==, 600);
  g_assert_cmpint (ticker.at, ==, start + RT_CLOCK_MS (600 * 60000));
  g_assert_cmpint (rt_clock_real () - real_start, ==, rt_clock_now () - start);
  g_assert_cmpint (rt_clock_virtual_next (), ==, -1);

  rt_timer_free (ticker.timer);
  rt_io_thread_shutdown_for_tests ();
  rt_clock_virtual_end ();
}

static void
test_virtual_order (void)
{
  Ticker early = { 0 }, late = { 0 };

  rt_clock_virtual_begin ();
  gint64 start = rt_clock_now ();
  late.timer = rt_timer_new (NULL, "late", ticker_cb, &late);
  early.timer = rt_timer_new (NULL, "early", ticker_cb, &early);
  rt_timer_start (late.timer, start + 2000);
  rt_timer_start (early.timer, start + 1000);
  rt_clock_virtual_advance (5000);
  g_assert_cmpint (early.at, ==, start + 1000);
  g_assert_cmpint (late.at, ==, start + 2000);

  rt_timer_start (late.timer, rt_clock_now () + 1000);
  rt_timer_stop (late.timer);
  rt_clock_virtual_advance (5000);
  g_assert_cmpuint (late.fired, ==, 1);
  rt_timer_free (early.timer);
  rt_timer_free (late.timer);
  rt_clock_virtual_end ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Clock/real-timer", test_real_timer);
  g_test_add_func ("/Rt/Clock/free-in-callback", test_free_in_callback);
  g_test_add_func ("/Rt/Clock/virtual-hours", test_virtual_hours);
  g_test_add_func ("/Rt/Clock/virtual-order", test_virtual_order);
  return g_test_run ();
}
