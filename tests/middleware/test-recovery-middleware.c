/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "chain-probe.h"
#include "rt-recovery-middleware.h"
#include "rt-timeout-middleware.h"

#define IN RT_DIRECTION_INCOMING
#define OUT RT_DIRECTION_OUTGOING

static void
advance (guint ms)
{
  rt_clock_virtual_advance (RT_CLOCK_MS (ms));
}

static void
recovered_cb (RtRecoveryMiddleware *recovery, RtMessage *message, const GError *error, gpointer user_data)
{
  ChainProbe *probe = user_data;

  g_assert_nonnull (error);
  g_string_append_printf (probe->log, " ?%s", message != NULL ? rt_message_get_content (message) : "");
}

static RtRecoveryMiddleware *
add_recovery (ChainProbe *probe, guint max_retries)
{
  g_autoptr (RtRecoveryMiddleware) recovery = rt_recovery_middleware_new ();

  rt_recovery_middleware_set_max_retries (recovery, max_retries);
  rt_recovery_middleware_set_retry_delay (recovery, 100);
  g_signal_connect (recovery, "recovered", G_CALLBACK (recovered_cb), probe);
  rt_chain_add (probe->chain, RT_MIDDLEWARE (recovery));
  return recovery; /* the chain's */
}

static RtDeadLetter *
get_letter (RtRecoveryMiddleware *recovery, guint place)
{
  g_autoptr (RtDeadLetter) letter = g_list_model_get_item (rt_recovery_middleware_get_dead_letters (recovery), place);

  return letter; /* the list's */
}

static guint
count_letters (RtRecoveryMiddleware *recovery)
{
  return g_list_model_get_n_items (rt_recovery_middleware_get_dead_letters (recovery));
}

/* An incoming message that fails is dropped, and is no failure further out. */
static void
test_caught_incoming (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  RtRecoveryMiddleware *recovery;

  chain_probe_add (probe, "A", STAGE_PROCEED)->watch = TRUE;
  recovery = add_recovery (probe, 0);
  chain_probe_add (probe, "B", STAGE_FAIL)->watch = TRUE;
  g_assert_true (chain_probe_run (probe, IN, "a", "1"));
  chain_probe_assert (probe, "A:1 B:1 B.1! ?1 A.1 -1");
  g_assert_no_error (probe->error);
  g_assert_cmpstr (probe->reason, ==, "the network is down");
  g_assert_cmpuint (count_letters (recovery), ==, 1);
  g_assert_cmpstr (rt_message_get_content (rt_dead_letter_get_message (get_letter (recovery, 0))), ==, "1");
  g_assert_error (rt_dead_letter_get_error (get_letter (recovery, 0)), RT_ERROR, RT_ERROR_NETWORK);
  g_assert_cmpint (rt_dead_letter_get_direction (get_letter (recovery, 0)), ==, IN);
  g_assert_cmpuint (rt_dead_letter_get_attempts (get_letter (recovery, 0)), ==, 1);
}

static void
test_caught_outgoing (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();

  chain_probe_add (probe, "A", STAGE_PROCEED)->watch = TRUE;
  add_recovery (probe, 0);
  chain_probe_add (probe, "B", STAGE_RETURN_FALSE)->watch = TRUE;
  g_assert_true (chain_probe_run (probe, OUT, "a", "1"));
  chain_probe_assert (probe, "A:1 B:1 B.1! ?1 A.1! !1");
  g_assert_error (probe->error, RT_ERROR, RT_ERROR_FAILED);
}

/* What is outside is not its business. */
static void
test_outside (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  RtRecoveryMiddleware *recovery;

  chain_probe_add (probe, "A", STAGE_FAIL);
  recovery = add_recovery (probe, 5);
  chain_probe_run (probe, OUT, "a", "1");
  chain_probe_assert (probe, "A:1 !1");
  g_assert_cmpuint (count_letters (recovery), ==, 0);
}

static void
test_retries_in_order (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  Stage *stage;

  chain_probe_add (probe, "A", STAGE_PROCEED)->watch = TRUE;
  add_recovery (probe, 3);
  stage = chain_probe_add (probe, "B", STAGE_PROCEED);
  stage->watch = TRUE;
  stage->n_fail = 2;
  g_assert_false (chain_probe_run (probe, IN, "a", "1"));
  g_assert_false (chain_probe_run (probe, IN, "a", "2")); /* stays behind it */
  g_assert_true (chain_probe_run (probe, IN, "b", "3") || stage->n_fail == 0);
  chain_probe_assert (probe, "A:1 B:1 B.1! ?1 A:3 B:3 B.3! ?3");
  advance (99);
  chain_probe_assert (probe, "");
  advance (1);
  chain_probe_assert (probe, "B:1 =1 B.1 A.1 B:3 =3 B.3 A.3 A:2 B:2 =2 B.2 A.2");
  g_assert_true (rt_chain_get_n_held (probe->chain, IN) == 0);
}

static void
test_backoff (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  RtRecoveryMiddleware *recovery = add_recovery (probe, 3);

  rt_recovery_middleware_set_max_retry_delay (recovery, 150);
  chain_probe_add (probe, "B", STAGE_FAIL);
  chain_probe_run (probe, OUT, "a", "1");
  advance (100);
  chain_probe_assert (probe, "B:1 ?1 B:1 ?1");
  advance (149);
  chain_probe_assert (probe, "");
  advance (1);
  chain_probe_assert (probe, "B:1 ?1");
  advance (150);
  chain_probe_assert (probe, "B:1 ?1 !1");
  g_assert_cmpuint (rt_dead_letter_get_attempts (get_letter (recovery, 0)), ==, 4);
}

/* It goes in again as it was, not as what is inside made of it. */
static void
test_retry_with_its_message (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();

  add_recovery (probe, 1);
  chain_probe_add (probe, "B", STAGE_REPLACE);
  chain_probe_add (probe, "C", STAGE_PROCEED)->n_fail = 1;
  chain_probe_run (probe, OUT, "a", "1");
  advance (100);
  chain_probe_assert (probe, "B:1 C:1+ ?1+ B:1 C:1+ =1+");
}

static void
test_final_error (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_PERMISSION_DENIED, "no");
  RtRecoveryMiddleware *recovery = add_recovery (probe, 5);

  probe->is_slow = TRUE;
  chain_probe_run (probe, OUT, "a", "1");
  g_assert_false (rt_chain_complete (probe->chain, probe->sent->pdata[0], error));
  chain_probe_assert (probe, "=1 ?1");
  g_assert_cmpuint (count_letters (recovery), ==, 1);
}

/* A send that failed for now comes again. */
static void
test_send_again (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_OUTCOME_UNKNOWN, "lost");

  probe->is_slow = TRUE;
  chain_probe_add (probe, "A", STAGE_PROCEED)->watch = TRUE;
  add_recovery (probe, 2);
  chain_probe_add (probe, "B", STAGE_PROCEED)->watch = TRUE;
  chain_probe_run (probe, OUT, "a", "1");
  g_assert_true (rt_chain_complete (probe->chain, probe->sent->pdata[0], error));
  chain_probe_assert (probe, "A:1 B:1 =1 B.1! ?1");
  g_assert_cmpuint (rt_chain_get_n_held (probe->chain, OUT), ==, 1);
  g_assert_true (chain_probe_run (probe, OUT, "a", "2")); /* it is too late to hold that back */
  advance (100);
  chain_probe_assert (probe, "A:2 B:2 =2 B:1 =1");
  g_assert_cmpuint (rt_chain_get_n_held (probe->chain, OUT), ==, 0);
  g_assert_false (rt_chain_complete (probe->chain, probe->sent->pdata[2], NULL));
  g_assert_false (rt_chain_complete (probe->chain, probe->sent->pdata[1], NULL));
  chain_probe_assert (probe, "B.1 A.1 B.2 A.2");
}

static void
test_cancel_while_waiting (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  RtRecoveryMiddleware *recovery = add_recovery (probe, 5);

  chain_probe_add (probe, "B", STAGE_FAIL);
  chain_probe_run_with (probe, OUT, "a", "1", cancellable);
  g_cancellable_cancel (cancellable);
  advance (100);
  chain_probe_assert (probe, "B:1 ?1 !1");
  g_assert_error (probe->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (count_letters (recovery), ==, 0);
}

static void
test_close_while_waiting (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();

  add_recovery (probe, 5);
  chain_probe_add (probe, "B", STAGE_FAIL);
  chain_probe_run (probe, OUT, "a", "1");
  rt_chain_close (probe->chain);
  chain_probe_assert (probe, "B:1 ?1 !1");
  g_assert_error (probe->error, RT_ERROR, RT_ERROR_CLOSED);
}

static void
close_in_recovered_cb (RtRecoveryMiddleware *recovery, RtMessage *message, const GError *error, gpointer user_data)
{
  rt_chain_close (user_data);
}

static void
test_close_in_recovered (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();

  g_signal_connect (add_recovery (probe, 5), "recovered", G_CALLBACK (close_in_recovered_cb), probe->chain);
  chain_probe_add (probe, "B", STAGE_FAIL);
  g_assert_true (chain_probe_run (probe, OUT, "a", "1"));
  chain_probe_assert (probe, "B:1 ?1 !1");
  g_assert_error (probe->error, RT_ERROR, RT_ERROR_CLOSED);
}

static void
close_in_completed_cb (RtExchange *exchange, const GError *error, gpointer user_data)
{
  ChainProbe *probe = user_data;

  g_string_append (probe->log, " X");
  rt_chain_close (probe->chain);
}

static void
watch_and_close (gpointer user_data, RtExchange *exchange)
{
  g_signal_connect (exchange, "completed", G_CALLBACK (close_in_completed_cb), user_data);
}

/* Each handler is called once, also those further out, though the exchange ends while it is offered to the middleware. */
static void
test_close_in_completed (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  Stage *stage;

  chain_probe_add (probe, "A", STAGE_PROCEED)->watch = TRUE;
  add_recovery (probe, 5);
  chain_probe_add (probe, "B", STAGE_PROCEED)->watch = TRUE;
  stage = chain_probe_add (probe, "C", STAGE_FAIL);
  stage->inside = watch_and_close;
  stage->user_data = probe;
  g_assert_true (chain_probe_run (probe, OUT, "a", "1"));
  chain_probe_assert (probe, "A:1 B:1 C:1 X !1 B.1! A.1!");
}

/* One that is forgotten is given up after the deadline, and tried again from a fresh start. */
static void
test_forgotten (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  Stage *stage;

  add_recovery (probe, 1);
  stage = chain_probe_add (probe, "B", STAGE_KEEP);
  chain_probe_run (probe, OUT, "a", "1");
  GCancellable *first = rt_exchange_get_cancellable (stage->kept->pdata[0]);
  g_object_ref (first);
  advance (10000);
  chain_probe_assert (probe, "B:1 ?1");
  stage->act = STAGE_PROCEED;
  advance (100);
  chain_probe_assert (probe, "B:1 =1");
  g_assert_true (g_cancellable_is_cancelled (first));
  g_assert_true (rt_exchange_get_cancellable (stage->kept->pdata[0]) != first);
  g_object_unref (first);
}

/* What is kept is what came to the middleware, and not what is inside made of it. */
static void
test_dead_letter_as_it_came (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  RtRecoveryMiddleware *recovery = add_recovery (probe, 0);

  chain_probe_add (probe, "B", STAGE_REPLACE);
  chain_probe_add (probe, "C", STAGE_FAIL);
  chain_probe_run (probe, OUT, "a", "1");
  chain_probe_assert (probe, "B:1 C:1+ ?1+ !1");
  g_assert_cmpstr (rt_message_get_content (rt_dead_letter_get_message (get_letter (recovery, 0))), ==, "1");
}

static void
test_two (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  RtRecoveryMiddleware *outer = add_recovery (probe, 1), *inner;
  Stage *stage = chain_probe_add (probe, "A", STAGE_PROCEED);

  stage->watch = TRUE;
  inner = add_recovery (probe, 1);
  chain_probe_add (probe, "B", STAGE_FAIL);
  chain_probe_run (probe, OUT, "a", "1");
  advance (1000);
  chain_probe_assert (probe, "A:1 B:1 ?1 B:1 ?1 A.1! ?1 A:1 B:1 ?1 B:1 ?1 A.1! ?1 !1");
  g_assert_cmpuint (count_letters (outer), ==, 1);
  g_assert_cmpuint (count_letters (inner), ==, 2);
}

static void
test_dead_letters_are_bounded (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  RtRecoveryMiddleware *recovery = add_recovery (probe, 0);

  rt_recovery_middleware_set_max_dead_letters (recovery, 2);
  chain_probe_add (probe, "B", STAGE_FAIL);
  chain_probe_run (probe, OUT, "a", "1");
  chain_probe_run (probe, OUT, "a", "2");
  chain_probe_run (probe, OUT, "a", "3");
  g_assert_cmpuint (count_letters (recovery), ==, 2);
  g_assert_cmpstr (rt_message_get_content (rt_dead_letter_get_message (get_letter (recovery, 0))), ==, "2");
  rt_recovery_middleware_remove_dead_letter (recovery, get_letter (recovery, 0));
  g_assert_cmpuint (count_letters (recovery), ==, 1);
  rt_recovery_middleware_set_max_dead_letters (recovery, 0);
  g_assert_cmpuint (count_letters (recovery), ==, 0);
}

/* --- What fails elsewhere --- */

static void
test_report (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_UNAUTHORIZED, "no token");
  RtRecoveryMiddleware *recovery = add_recovery (probe, 0);

  rt_chain_report (probe->chain, NULL, error);
  chain_probe_assert (probe, "");
  chain_probe_iterate (probe);
  chain_probe_assert (probe, " ?");
  g_assert_cmpuint (count_letters (recovery), ==, 0);
  rt_chain_report (probe->chain, NULL, error);
  rt_chain_close (probe->chain);
  rt_chain_report (probe->chain, NULL, error);
  chain_probe_iterate (probe);
  chain_probe_assert (probe, "");
}

static gboolean
refuse_cb (RtMessage *message, gpointer user_data, GError **error)
{
  return FALSE;
}

static gpointer
make_message_thread (gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (rt_message_factory_create_typed_message (user_data, "order", "a", g_variant_new_int64 (1), &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
  return NULL;
}

static void
test_validators (void)
{
  ChainProbe *probe = chain_probe_new ();
  g_autoptr (RtMessageFactory) factory = rt_message_factory_new ("me");

  g_assert_true (rt_message_factory_register_type (factory, "order", refuse_cb, NULL, NULL, NULL));
  rt_recovery_middleware_watch_factory (add_recovery (probe, 0), factory);
  make_message_thread (factory);
  g_thread_join (g_thread_new ("validate", make_message_thread, factory));
  chain_probe_assert (probe, "");
  chain_probe_iterate (probe);
  chain_probe_assert (probe, " ? ?");
  chain_probe_free (probe);
  make_message_thread (factory); /* it is gone */
}

/* --- Timeout --- */

static void
add_timeout (ChainProbe *probe, guint ms)
{
  g_autoptr (RtMiddleware) timeout = rt_timeout_middleware_new (ms);

  rt_chain_add (probe->chain, timeout);
}

static void
test_timeout_of_a_middleware (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  Stage *stage;

  chain_probe_add (probe, "A", STAGE_PROCEED)->watch = TRUE;
  add_timeout (probe, 50);
  stage = chain_probe_add (probe, "B", STAGE_KEEP);
  chain_probe_run (probe, IN, "a", "1");
  advance (49);
  chain_probe_assert (probe, "A:1 B:1");
  advance (1);
  chain_probe_assert (probe, "A.1! !1");
  g_assert_error (probe->error, RT_ERROR, RT_ERROR_TIMED_OUT);
  g_assert_true (g_cancellable_is_cancelled (rt_exchange_get_cancellable (stage->kept->pdata[0])));
}

static void
test_timeout_of_a_send (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  g_autoptr (GError) cancelled = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");

  probe->is_slow = TRUE;
  chain_probe_add (probe, "A", STAGE_PROCEED)->watch = TRUE;
  add_timeout (probe, 50);
  chain_probe_run (probe, OUT, "a", "1");
  advance (50);
  chain_probe_assert (probe, "A:1 =1 ~1");
  g_assert_error (probe->error, RT_ERROR, RT_ERROR_TIMED_OUT);
  g_assert_false (rt_chain_complete (probe->chain, probe->sent->pdata[0], cancelled));
  chain_probe_assert (probe, "A.1!");

  chain_probe_run (probe, OUT, "a", "2");
  advance (49);
  g_assert_false (rt_chain_complete (probe->chain, probe->sent->pdata[1], NULL));
  advance (1);
  chain_probe_assert (probe, "A:2 =2 A.2");
}

/* An incoming one that was delivered is through. */
static void
test_timeout_is_over (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();

  add_timeout (probe, 50);
  chain_probe_run (probe, IN, "a", "1");
  g_assert_cmpint (rt_clock_virtual_next (), ==, -1);
}

/* The time of an attempt, or that of all of them. */
static void
test_timeout_and_recovery (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  g_autoptr (ChainProbe) other = chain_probe_new ();

  add_recovery (probe, 1);
  add_timeout (probe, 50);
  chain_probe_add (probe, "B", STAGE_KEEP);
  chain_probe_run (probe, OUT, "a", "1");
  advance (50);
  chain_probe_assert (probe, "B:1 ?1");
  advance (150);
  chain_probe_assert (probe, "B:1 ?1 !1");

  add_timeout (other, 250);
  add_recovery (other, 100);
  chain_probe_add (other, "B", STAGE_FAIL);
  chain_probe_run (other, OUT, "a", "1");
  advance (1000);
  chain_probe_assert (other, "B:1 ?1 B:1 ?1 !1");
  g_assert_error (other->error, RT_ERROR, RT_ERROR_TIMED_OUT);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  rt_clock_virtual_begin ();
  g_test_add_func ("/Rt/RecoveryMiddleware/caught-incoming", test_caught_incoming);
  g_test_add_func ("/Rt/RecoveryMiddleware/caught-outgoing", test_caught_outgoing);
  g_test_add_func ("/Rt/RecoveryMiddleware/outside", test_outside);
  g_test_add_func ("/Rt/RecoveryMiddleware/retries-in-order", test_retries_in_order);
  g_test_add_func ("/Rt/RecoveryMiddleware/backoff", test_backoff);
  g_test_add_func ("/Rt/RecoveryMiddleware/retry-with-its-message", test_retry_with_its_message);
  g_test_add_func ("/Rt/RecoveryMiddleware/final-error", test_final_error);
  g_test_add_func ("/Rt/RecoveryMiddleware/send-again", test_send_again);
  g_test_add_func ("/Rt/RecoveryMiddleware/cancel-while-waiting", test_cancel_while_waiting);
  g_test_add_func ("/Rt/RecoveryMiddleware/close-while-waiting", test_close_while_waiting);
  g_test_add_func ("/Rt/RecoveryMiddleware/close-in-recovered", test_close_in_recovered);
  g_test_add_func ("/Rt/RecoveryMiddleware/close-in-completed", test_close_in_completed);
  g_test_add_func ("/Rt/RecoveryMiddleware/dead-letter-as-it-came", test_dead_letter_as_it_came);
  g_test_add_func ("/Rt/RecoveryMiddleware/forgotten", test_forgotten);
  g_test_add_func ("/Rt/RecoveryMiddleware/two", test_two);
  g_test_add_func ("/Rt/RecoveryMiddleware/dead-letters-are-bounded", test_dead_letters_are_bounded);
  g_test_add_func ("/Rt/RecoveryMiddleware/report", test_report);
  g_test_add_func ("/Rt/RecoveryMiddleware/validators", test_validators);
  g_test_add_func ("/Rt/TimeoutMiddleware/middleware", test_timeout_of_a_middleware);
  g_test_add_func ("/Rt/TimeoutMiddleware/send", test_timeout_of_a_send);
  g_test_add_func ("/Rt/TimeoutMiddleware/over", test_timeout_is_over);
  g_test_add_func ("/Rt/TimeoutMiddleware/recovery", test_timeout_and_recovery);
  status = g_test_run ();
  rt_clock_virtual_end ();
  return status;
}
