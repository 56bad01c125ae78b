/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "chain-probe.h"

#define IN RT_DIRECTION_INCOMING
#define OUT RT_DIRECTION_OUTGOING

static void
advance (guint ms)
{
  rt_clock_virtual_advance (RT_CLOCK_MS (ms));
}

/* --- Deadlines --- */

static void
test_deadline (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  Stage *stage = chain_probe_add (probe, "A", STAGE_KEEP);
  g_autoptr (GCancellable) cancellable = NULL;

  stage->watch = TRUE;
  chain_probe_run (probe, IN, "a", "1");
  advance (4000);
  chain_probe_run (probe, IN, "b", "2");
  cancellable = g_object_ref (rt_exchange_get_cancellable (stage->kept->pdata[0]));
  advance (5999);
  chain_probe_assert (probe, "A:1 A:2");
  g_assert_false (g_cancellable_is_cancelled (cancellable));
  advance (1);
  chain_probe_assert (probe, "A.1! !1");
  g_assert_error (probe->error, RT_ERROR, RT_ERROR_TIMED_OUT);
  g_assert_nonnull (strstr (probe->error->message, "RtFuncMiddleware"));
  g_assert_nonnull (strstr (probe->error->message, "10000 ms"));
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  advance (4000);
  chain_probe_assert (probe, "A.2! !2");
  g_assert_cmpint (rt_clock_virtual_next (), ==, -1);
}

/* What waits behind a message has a deadline of its own; one that never came to a middleware. */
static void
test_deadline_of_held (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();

  chain_probe_add (probe, "A", STAGE_KEEP);
  chain_probe_run (probe, OUT, "a", "1");
  chain_probe_run (probe, OUT, "a", "2");
  advance (6000);
  chain_probe_run (probe, OUT, "a", "3");
  advance (4000);
  chain_probe_assert (probe, "A:1 !1 !2 A:3");
  g_assert_nonnull (strstr (probe->error->message, "earlier one"));
  advance (6000);
  chain_probe_assert (probe, "!3");
}

static void
test_synchronous_has_no_timer (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();

  chain_probe_add (probe, "A", STAGE_PROCEED);
  chain_probe_run (probe, OUT, "a", "1");
  g_assert_cmpint (rt_clock_virtual_next (), ==, -1);
}

/* --- Cancel and abort --- */

static void
test_cancel (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  g_autoptr (GCancellable) caller = g_cancellable_new ();
  g_autoptr (GCancellable) inner = NULL;
  Stage *stage = chain_probe_add (probe, "A", STAGE_KEEP);

  chain_probe_run_with (probe, OUT, "a", "1", caller);
  chain_probe_run_with (probe, OUT, "a", "2", caller);
  chain_probe_run (probe, OUT, "a", "3");
  inner = g_object_ref (rt_exchange_get_cancellable (stage->kept->pdata[0]));
  g_assert_true (inner != caller);
  g_cancellable_cancel (caller);
  chain_probe_iterate (probe);
  chain_probe_assert (probe, "A:1 !1 !2 A:3");
  g_assert_error (probe->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (g_cancellable_is_cancelled (inner));

  g_assert_true (chain_probe_run_with (probe, OUT, "b", "4", caller));
  chain_probe_assert (probe, "!4");
}

static void
abort_inside_cb (gpointer user_data, RtExchange *exchange)
{
  Stage *stage = user_data;
  g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_NOT_CONNECTED, "gone");

  g_assert_true (rt_chain_abort (stage->probe->chain, (gpointer) g_intern_string ("1"), error));
  g_assert_false (rt_chain_abort (stage->probe->chain, (gpointer) g_intern_string ("1"), error));
}

static void
test_abort (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  Stage *stage = chain_probe_add (probe, "A", STAGE_KEEP);
  g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_NOT_CONNECTED, "gone");

  chain_probe_add (probe, "B", STAGE_PROCEED);
  chain_probe_run (probe, OUT, "a", "1");
  chain_probe_run (probe, OUT, "a", "2");
  g_assert_true (rt_chain_abort (probe->chain, (gpointer) g_intern_string ("2"), error));
  g_assert_true (rt_chain_abort (probe->chain, (gpointer) g_intern_string ("1"), error));
  g_assert_false (rt_chain_abort (probe->chain, (gpointer) g_intern_string ("1"), error));
  chain_probe_iterate (probe);
  chain_probe_assert (probe, "A:1 !2 !1");
  g_assert_true (rt_chain_get_n_held (probe->chain, OUT) == 0);

  stage->inside = abort_inside_cb;
  stage->user_data = stage;
  stage->act = STAGE_PROCEED;
  g_assert_true (chain_probe_run (probe, OUT, "a", "1"));
  chain_probe_assert (probe, "A:1 !1");
}

/* --- Close --- */

static void
close_inside_cb (gpointer user_data, RtExchange *exchange)
{
  Stage *stage = user_data;

  rt_chain_close (stage->probe->chain);
}

static void
test_close_inside (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  Stage *stage;
  gboolean gone = FALSE;

  chain_probe_add (probe, "A", STAGE_PROCEED)->gone = &gone;
  stage = chain_probe_add (probe, "B", STAGE_KEEP);
  chain_probe_run (probe, OUT, "a", "1");
  chain_probe_run (probe, OUT, "a", "2");
  stage->inside = close_inside_cb;
  stage->user_data = stage;
  stage->act = STAGE_PROCEED;
  g_clear_pointer (&stage->kept, g_ptr_array_unref);
  stage->kept = g_ptr_array_new ();
  g_assert_true (chain_probe_run (probe, OUT, "b", "3"));
  chain_probe_assert (probe, "A:1 B:1 A:3 B:3 !3 !1 !2");
  g_assert_error (probe->error, RT_ERROR, RT_ERROR_CLOSED);
  g_assert_true (gone);
  g_assert_true (rt_chain_is_empty (probe->chain));
  g_assert_true (chain_probe_run (probe, OUT, "b", "4"));
  chain_probe_assert (probe, "!4");
}

static void
close_in_completed_cb (RtExchange *exchange, const GError *error, gpointer user_data)
{
  rt_chain_close (user_data);
}

static void
connect_close_cb (gpointer user_data, RtExchange *exchange)
{
  g_signal_connect (exchange, "completed", G_CALLBACK (close_in_completed_cb), user_data);
}

static void
test_close_in_completed (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  Stage *stage = chain_probe_add (probe, "A", STAGE_FAIL);

  stage->inside = connect_close_cb;
  stage->user_data = probe->chain;
  chain_probe_run (probe, OUT, "a", "1");
  chain_probe_assert (probe, "A:1 !1");
}

static void
test_close_after_pass (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_CLOSED, "closed");

  probe->is_slow = TRUE;
  chain_probe_add (probe, "A", STAGE_PROCEED)->watch = TRUE;
  chain_probe_run (probe, OUT, "a", "1");
  rt_chain_close (probe->chain);
  chain_probe_assert (probe, "A:1 =1");
  g_assert_false (rt_chain_complete (probe->chain, probe->sent->pdata[0], error));
  chain_probe_assert (probe, "A.1!");
}

/* Those who sent it are gone: the middlewares hear of it, and nobody keeps the exchange. */
static void
test_forget (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_OUTCOME_UNKNOWN, "gone");
  gboolean gone = FALSE;
  Stage *stage = chain_probe_add (probe, "A", STAGE_PROCEED);

  probe->is_slow = TRUE;
  stage->watch = TRUE;
  stage->gone = &gone;
  chain_probe_run (probe, OUT, "a", "1");
  chain_probe_run (probe, OUT, "a", "2");
  chain_probe_run (probe, OUT, "a", "3");
  rt_chain_forget (probe->chain, probe->sent->pdata[0], error);
  chain_probe_assert (probe, "A:1 =1 A:2 =2 A:3 =3");
  chain_probe_iterate (probe);
  chain_probe_assert (probe, "A.1!");
  rt_chain_forget (probe->chain, probe->sent->pdata[1], NULL);
  rt_chain_close (probe->chain);
  chain_probe_assert (probe, "A.2");
  g_assert_false (gone);
  rt_chain_forget (probe->chain, probe->sent->pdata[2], NULL);
  g_assert_true (gone);
  chain_probe_assert (probe, "");
}

static gpointer
close_thread (gpointer user_data)
{
  rt_chain_close (user_data);
  return NULL;
}

static gboolean
close_by_thread_cb (gpointer user_data)
{
  g_thread_join (g_thread_new ("close", close_thread, user_data));
  return G_SOURCE_REMOVE;
}

/* While this thread runs the context, another one cannot have callbacks; things end in here all the same. */
static void
test_close_by_a_thread (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  Stage *stage = chain_probe_add (probe, "A", STAGE_KEEP);
  g_autoptr (RtExchange) exchange = NULL;
  gboolean gone = FALSE;

  stage->watch = TRUE;
  stage->gone = &gone;
  chain_probe_run (probe, OUT, "a", "1");
  exchange = stage_take (stage);
  g_idle_add (close_by_thread_cb, probe->chain);
  chain_probe_iterate (probe);
  chain_probe_assert (probe, "A:1 A.1!");
  g_assert_true (gone);
  rt_exchange_proceed (exchange);
  chain_probe_iterate (probe);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  rt_clock_virtual_begin ();
  g_test_add_func ("/Rt/Chain/deadline", test_deadline);
  g_test_add_func ("/Rt/Chain/deadline-of-held", test_deadline_of_held);
  g_test_add_func ("/Rt/Chain/synchronous-has-no-timer", test_synchronous_has_no_timer);
  g_test_add_func ("/Rt/Chain/cancel", test_cancel);
  g_test_add_func ("/Rt/Chain/abort", test_abort);
  g_test_add_func ("/Rt/Chain/close-inside", test_close_inside);
  g_test_add_func ("/Rt/Chain/close-in-completed", test_close_in_completed);
  g_test_add_func ("/Rt/Chain/close-after-pass", test_close_after_pass);
  g_test_add_func ("/Rt/Chain/forget", test_forget);
  g_test_add_func ("/Rt/Chain/close-by-a-thread", test_close_by_a_thread);
  status = g_test_run ();
  rt_clock_virtual_end ();
  return status;
}
