/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "chain-probe.h"
#include "rt-filter-middleware.h"
#include "rt-logging-middleware.h"
#include "rt-rate-limit-middleware.h"
#include "rt-recovery-middleware.h"
#include "rt-timeout-middleware.h"

#define IN RT_DIRECTION_INCOMING
#define OUT RT_DIRECTION_OUTGOING

static void
advance (guint ms)
{
  rt_clock_virtual_advance (RT_CLOCK_MS (ms));
}

static RtRateLimitMiddleware *
add_limit (ChainProbe *probe, double rate, guint burst, RtRateLimitMode mode)
{
  g_autoptr (RtMiddleware) limit = rt_rate_limit_middleware_new (rate, burst, mode);

  rt_chain_add (probe->chain, limit);
  return RT_RATE_LIMIT_MIDDLEWARE (limit);
}

static void
test_wait (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();

  add_limit (probe, 10, 2, RT_RATE_LIMIT_MODE_WAIT);
  chain_probe_run (probe, OUT, "a", "1");
  chain_probe_run (probe, OUT, "a", "2");
  g_assert_false (chain_probe_run (probe, OUT, "a", "3"));
  chain_probe_run (probe, OUT, "a", "4");
  chain_probe_run (probe, OUT, "b", "5"); /* each channel and direction has its own */
  chain_probe_run (probe, IN, "a", "6");
  chain_probe_assert (probe, "=1 =2 =5 =6");
  advance (99);
  chain_probe_assert (probe, "");
  advance (1);
  chain_probe_assert (probe, "=3");
  advance (100);
  chain_probe_assert (probe, "=4");
  advance (1000);
  chain_probe_run (probe, OUT, "a", "7");
  chain_probe_run (probe, OUT, "a", "8");
  chain_probe_run (probe, OUT, "a", "9");
  chain_probe_assert (probe, "=7 =8");
}

static void
test_fail (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();

  add_limit (probe, 4, 1, RT_RATE_LIMIT_MODE_FAIL);
  chain_probe_run (probe, OUT, "a", "1");
  chain_probe_run (probe, OUT, "a", "2");
  chain_probe_assert (probe, "=1 !2");
  g_assert_error (probe->error, RT_ERROR, RT_ERROR_RATE_LIMITED);
  g_assert_nonnull (strstr (probe->error->message, "250 ms"));
  advance (250);
  chain_probe_run (probe, OUT, "a", "3"); /* what failed does not count */
  chain_probe_assert (probe, "=3");
}

static void
test_coalesce (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();

  chain_probe_add (probe, "A", STAGE_PROCEED)->watch = TRUE;
  add_limit (probe, 10, 1, RT_RATE_LIMIT_MODE_COALESCE);
  chain_probe_run (probe, OUT, "a", "1");
  chain_probe_run (probe, OUT, "a", "2");
  chain_probe_run (probe, OUT, "a", "3");
  chain_probe_run (probe, OUT, "a", "4");
  chain_probe_iterate (probe);
  chain_probe_assert (probe, "A:1 =1 A.1 A:2 A:3 A:4 A.2 -2 A.3 -3");
  g_assert_cmpstr (probe->reason, ==, "superseded");
  advance (100);
  chain_probe_assert (probe, "=4 A.4");
  chain_probe_run (probe, OUT, "a", "5");
  advance (99);
  chain_probe_assert (probe, "A:5");
  advance (1);
  chain_probe_assert (probe, "=5 A.5");
  advance (100);
  chain_probe_run (probe, OUT, "a", "6");
  chain_probe_assert (probe, "A:6 =6 A.6");
}

static char *
first_letter (RtMessage *message, gpointer user_data)
{
  return g_strndup (rt_message_get_content (message), 1);
}

static void
test_coalesce_by_key (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  RtRateLimitMiddleware *limit = add_limit (probe, 10, 1, RT_RATE_LIMIT_MODE_COALESCE);

  rt_rate_limit_middleware_set_key_func (limit, first_letter, NULL, NULL);
  chain_probe_run (probe, IN, "a", "x1");
  chain_probe_run (probe, IN, "a", "x2");
  chain_probe_run (probe, IN, "a", "y1");
  chain_probe_run (probe, IN, "a", "y2");
  chain_probe_run (probe, IN, "a", "x3");
  chain_probe_iterate (probe);
  chain_probe_assert (probe, "=x1 =y1 -x2");
  advance (100);
  chain_probe_assert (probe, "=y2 =x3");
}

/* One that is tried again does not make room for itself. */
static void
test_coalesce_again (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  g_autoptr (RtRecoveryMiddleware) recovery = rt_recovery_middleware_new ();
  g_autoptr (RtMiddleware) timeout = rt_timeout_middleware_new (100);

  rt_recovery_middleware_set_max_retries (recovery, 1);
  rt_recovery_middleware_set_retry_delay (recovery, 50);
  rt_chain_add (probe->chain, RT_MIDDLEWARE (recovery));
  rt_chain_add (probe->chain, timeout);
  add_limit (probe, 5, 1, RT_RATE_LIMIT_MODE_COALESCE);
  chain_probe_run (probe, OUT, "a", "1");
  chain_probe_run (probe, OUT, "a", "2");
  chain_probe_assert (probe, "=1");
  advance (100);
  advance (50); /* it was too late, and comes again */
  chain_probe_assert (probe, "");
  advance (50);
  chain_probe_assert (probe, "=2");
}

/* One that was cancelled leaves its turn to the next. */
static void
test_cancelled_while_waiting (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  add_limit (probe, 10, 1, RT_RATE_LIMIT_MODE_COALESCE);
  chain_probe_run (probe, OUT, "a", "1");
  chain_probe_run_with (probe, OUT, "a", "2", cancellable);
  g_cancellable_cancel (cancellable);
  chain_probe_iterate (probe);
  chain_probe_run (probe, OUT, "a", "3");
  chain_probe_assert (probe, "=1 !2");
  advance (100);
  chain_probe_assert (probe, "=3");
}

/* Long after that turn there is no more than what the burst allows. */
static void
test_turn_of_one_that_ended (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  add_limit (probe, 10, 1, RT_RATE_LIMIT_MODE_COALESCE);
  chain_probe_run (probe, OUT, "a", "1");
  chain_probe_run_with (probe, OUT, "a", "2", cancellable);
  g_cancellable_cancel (cancellable);
  advance (110);
  chain_probe_assert (probe, "=1 !2");
  chain_probe_run (probe, OUT, "a", "3"); /* nothing went for as long as it has to be */
  chain_probe_run (probe, OUT, "a", "4");
  chain_probe_assert (probe, "=3");
  advance (99);
  chain_probe_assert (probe, "");
  advance (1);
  chain_probe_assert (probe, "=4");
}

/* What comes again is older than what has come meanwhile. */
static void
test_coalesce_keeps_the_newest (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  g_autoptr (RtRecoveryMiddleware) recovery = rt_recovery_middleware_new ();
  g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_NETWORK, "the network is down");

  rt_recovery_middleware_set_max_retries (recovery, 1);
  rt_recovery_middleware_set_retry_delay (recovery, 50);
  rt_chain_add (probe->chain, RT_MIDDLEWARE (recovery));
  add_limit (probe, 5, 1, RT_RATE_LIMIT_MODE_COALESCE);
  probe->is_slow = TRUE;
  chain_probe_run (probe, OUT, "a", "1");
  chain_probe_run (probe, OUT, "a", "2");
  g_assert_true (rt_chain_complete (probe->chain, probe->sent->pdata[0], error));
  advance (50);
  chain_probe_assert (probe, "=1 -1");
  g_assert_cmpstr (probe->reason, ==, "superseded");
  advance (150);
  chain_probe_assert (probe, "=2");
  g_assert_false (rt_chain_complete (probe->chain, probe->sent->pdata[1], NULL));
}

/* One that a Recovery has taken back, and that is with somebody else by now, does not wait here. */
static void
test_coalesce_only_what_waits (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  g_autoptr (RtRecoveryMiddleware) recovery = rt_recovery_middleware_new ();
  g_autoptr (RtMiddleware) timeout = rt_timeout_middleware_new (100);
  Stage *stage;

  rt_recovery_middleware_set_max_retries (recovery, 1);
  rt_recovery_middleware_set_retry_delay (recovery, 50);
  rt_chain_add (probe->chain, RT_MIDDLEWARE (recovery));
  stage = chain_probe_add (probe, "A", STAGE_PROCEED);
  rt_chain_add (probe->chain, timeout);
  RtRateLimitMiddleware *limit = add_limit (probe, 5, 1, RT_RATE_LIMIT_MODE_COALESCE);
  rt_rate_limit_middleware_set_key_func (limit, first_letter, NULL, NULL);
  chain_probe_run (probe, OUT, "a", "x1");
  chain_probe_run (probe, OUT, "a", "x2");
  advance (100);
  stage->act = STAGE_KEEP;
  advance (50);
  chain_probe_assert (probe, "A:x1 =x1 A:x2 A:x2");
  stage->act = STAGE_PROCEED;
  chain_probe_run (probe, OUT, "b", "x3");
  advance (50);
  chain_probe_assert (probe, "A:x3 =x3");
  g_autoptr (RtExchange) kept = stage_take (stage);
  rt_exchange_proceed (kept);
  advance (200);
  chain_probe_assert (probe, "!x2"); /* its second time is over, too */
}

static gboolean
is_not_x (RtMessage *message, gpointer user_data)
{
  return *rt_message_get_content (message) != 'x';
}

static void
test_made_by_a_script (void)
{
  g_autoptr (RtMiddleware) limit = rt_rate_limit_middleware_new (1, 1, RT_RATE_LIMIT_MODE_WAIT);
  g_autoptr (RtMiddleware) filter = rt_filter_middleware_new (is_not_x, NULL, NULL);
  g_autoptr (RtMiddleware) logging = rt_logging_middleware_new ();
  g_autoptr (RtExchange) exchange = g_object_new (RT_TYPE_EXCHANGE, NULL);

  g_assert_true (rt_middleware_process (logging, exchange, NULL));
  g_assert_true (rt_middleware_process (limit, exchange, NULL));
  g_assert_true (rt_middleware_process (filter, exchange, NULL));
}

static void
test_bounds (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  RtRateLimitMiddleware *limit = add_limit (probe, 0.01, 1, RT_RATE_LIMIT_MODE_WAIT);

  chain_probe_run (probe, OUT, "a", "1");
  chain_probe_run (probe, OUT, "a", "2"); /* would be too late anyhow */
  chain_probe_assert (probe, "=1 !2");
  g_assert_error (probe->error, RT_ERROR, RT_ERROR_RATE_LIMITED);

  /* As many channels as a peer likes. */
  for (guint i = 0; i < 5000; i++)
    {
      g_autofree char *channel = g_strdup_printf ("c%u", i);
      chain_probe_run (probe, IN, channel, i < 4096 ? "3" : "4");
    }
  g_assert_true (g_str_has_suffix (probe->log->str, "!4 !4 !4"));
  g_assert_nonnull (strstr (probe->error->message, "keys"));
  g_string_truncate (probe->log, 0);
  advance (100000);
  chain_probe_run (probe, IN, "new", "5");
  chain_probe_assert (probe, "=5");
  g_assert_cmpuint (rt_rate_limit_middleware_get_max_waiting (limit), ==, 1000);
}

static void
test_max_waiting (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  RtRateLimitMiddleware *limit = add_limit (probe, 10, 1, RT_RATE_LIMIT_MODE_WAIT);

  rt_rate_limit_middleware_set_max_waiting (limit, 1);
  rt_rate_limit_middleware_set_key_func (limit, first_letter, NULL, NULL);
  chain_probe_run (probe, OUT, "a", "x1");
  chain_probe_run (probe, OUT, "b", "x2");
  chain_probe_run (probe, OUT, "c", "x3");
  chain_probe_assert (probe, "=x1 !x3");
  advance (100);
  chain_probe_assert (probe, "=x2");
}

static void
test_directions (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  RtRateLimitMiddleware *limit = add_limit (probe, 1, 1, RT_RATE_LIMIT_MODE_FAIL);

  g_object_set (limit, "directions", RT_DIRECTIONS_OUTGOING, NULL);
  chain_probe_run (probe, IN, "a", "1");
  chain_probe_run (probe, IN, "a", "2");
  chain_probe_run (probe, OUT, "a", "3");
  chain_probe_run (probe, OUT, "a", "4");
  chain_probe_assert (probe, "=1 =2 =3 !4");
}

/* Whatever numbers a program has. */
static void
test_odd_numbers (void)
{
  const double rates[] = { 0, -1, 1e-300, 1e300, G_MAXDOUBLE };

  for (guint i = 0; i < G_N_ELEMENTS (rates); i++)
    {
      g_autoptr (ChainProbe) probe = chain_probe_new ();

      add_limit (probe, rates[i], i % 2 == 0 ? 0 : G_MAXUINT, RT_RATE_LIMIT_MODE_WAIT);
      chain_probe_run (probe, OUT, "a", "1");
      chain_probe_assert (probe, "=1");
      chain_probe_run (probe, OUT, "a", "2");
    }
}

/* --- Filter --- */

static void
forget_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

static void
test_filter (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  gboolean gone = FALSE;
  g_autoptr (RtMiddleware) filter = rt_filter_middleware_new (is_not_x, &gone, forget_cb);

  rt_chain_add (probe->chain, filter);
  chain_probe_run (probe, IN, "a", "1");
  chain_probe_run (probe, IN, "a", "x2");
  chain_probe_run (probe, OUT, "a", "x3");
  chain_probe_assert (probe, "=1 -x2 -x3");
  g_assert_cmpstr (probe->reason, ==, "filtered");
  rt_filter_middleware_set_directions (RT_FILTER_MIDDLEWARE (filter), RT_DIRECTIONS_INCOMING);
  chain_probe_run (probe, OUT, "a", "x4");
  chain_probe_assert (probe, "=x4");
  rt_chain_remove (probe->chain, filter);
  g_clear_object (&filter);
  chain_probe_iterate (probe);
  g_assert_true (gone);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  rt_clock_virtual_begin ();
  g_test_add_func ("/Rt/RateLimitMiddleware/wait", test_wait);
  g_test_add_func ("/Rt/RateLimitMiddleware/fail", test_fail);
  g_test_add_func ("/Rt/RateLimitMiddleware/coalesce", test_coalesce);
  g_test_add_func ("/Rt/RateLimitMiddleware/coalesce-by-key", test_coalesce_by_key);
  g_test_add_func ("/Rt/RateLimitMiddleware/coalesce-again", test_coalesce_again);
  g_test_add_func ("/Rt/RateLimitMiddleware/cancelled-while-waiting", test_cancelled_while_waiting);
  g_test_add_func ("/Rt/RateLimitMiddleware/turn-of-one-that-ended", test_turn_of_one_that_ended);
  g_test_add_func ("/Rt/RateLimitMiddleware/coalesce-keeps-the-newest", test_coalesce_keeps_the_newest);
  g_test_add_func ("/Rt/RateLimitMiddleware/coalesce-only-what-waits", test_coalesce_only_what_waits);
  g_test_add_func ("/Rt/RateLimitMiddleware/made-by-a-script", test_made_by_a_script);
  g_test_add_func ("/Rt/RateLimitMiddleware/bounds", test_bounds);
  g_test_add_func ("/Rt/RateLimitMiddleware/max-waiting", test_max_waiting);
  g_test_add_func ("/Rt/RateLimitMiddleware/directions", test_directions);
  g_test_add_func ("/Rt/RateLimitMiddleware/odd-numbers", test_odd_numbers);
  g_test_add_func ("/Rt/FilterMiddleware/filter", test_filter);
  status = g_test_run ();
  rt_clock_virtual_end ();
  return status;
}
