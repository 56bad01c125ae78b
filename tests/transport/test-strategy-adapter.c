/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-error.h"
#include "rt-test.h"
#include "strategy-probe.h"

static void
test_conversation (void)
{
  ManualStrategy *strategy = manual_strategy_new ();
  RtStrategyAdapter *adapter = rt_strategy_adapter_new (RT_CONNECTION_STRATEGY (strategy));
  g_autoptr (StrategyProbe) probe = strategy_probe_open (adapter, strategy);

  g_assert_cmpint (probe->profile, ==, RT_PROFILE_CENTRIFUGO);
  strategy_probe_send (probe, "one");
  strategy_probe_send (probe, "two");
  strategy_probe_send (probe, "three");
  probe->transport->klass->flush (probe->transport);
  g_assert_cmpuint (probe->transport->klass->get_queued (probe->transport), ==, 11);

  /* One at a time, in order. */
  manual_strategy_answer (strategy, MANUAL_SEND, NULL);
  rt_test_wait_until (strategy->calls[MANUAL_SEND] == 2);
  g_assert_cmpstr (strategy->sent->str, ==, "one|two|");
  g_assert_cmpuint (probe->counts[STRATEGY_PROBE_DRAINED], ==, 0);
  manual_strategy_answer (strategy, MANUAL_SEND, NULL);
  rt_test_wait_until (probe->transport->klass->get_queued (probe->transport) == 5);
  rt_test_wait_until (strategy->calls[MANUAL_SEND] == 3);
  manual_strategy_answer (strategy, MANUAL_SEND, NULL);
  strategy_probe_wait (probe, STRATEGY_PROBE_DRAINED, 1);
  g_assert_cmpuint (probe->transport->klass->get_queued (probe->transport), ==, 0);
  g_assert_cmpstr (strategy->sent->str, ==, "one|two|three|");

  manual_strategy_receive (strategy, "a");
  manual_strategy_receive (strategy, "");
  manual_strategy_receive (strategy, "b");
  strategy_probe_wait (probe, STRATEGY_PROBE_TURN_END, 1);
  g_assert_cmpstr (probe->received->str, ==, "a||b|");
  g_assert_cmpuint (probe->counts[STRATEGY_PROBE_ACTIVITY], ==, 3);
  g_assert_false (probe->transport->klass->ping (probe->transport));

  manual_strategy_close (strategy, 3001, "shutdown");
  strategy_probe_wait (probe, STRATEGY_PROBE_CLOSED, 1);
  g_assert_cmpuint (probe->code, ==, 3001);
  g_assert_cmpstr (probe->reason, ==, "shutdown");
  g_assert_true (probe->clean && probe->was_open);
  g_assert_no_error (probe->error);
  g_assert_cmpuint (strategy->calls[MANUAL_DISCONNECT], ==, 0);
  strategy_probe_finish (adapter, strategy);
}

static void
test_protocol (void)
{
  ManualStrategy *strategy = manual_strategy_new ();
  RtStrategyAdapter *adapter = rt_strategy_adapter_new (RT_CONNECTION_STRATEGY (strategy));
  g_autofree char *protocol = rt_connection_strategy_get_protocol (RT_CONNECTION_STRATEGY (strategy));

  g_assert_cmpstr (protocol, ==, "centrifuge-json");
  strategy->protocol = "rt1.json";
  g_autoptr (StrategyProbe) probe = strategy_probe_open (adapter, strategy);
  g_assert_cmpint (probe->profile, ==, RT_PROFILE_RT1);
  strategy_probe_drop (probe);
  strategy_probe_finish (adapter, strategy);
}

/* What is queued goes first, also when frames still come. */
static void
test_close (void)
{
  ManualStrategy *strategy = manual_strategy_new ();
  RtStrategyAdapter *adapter = rt_strategy_adapter_new (RT_CONNECTION_STRATEGY (strategy));
  g_autoptr (StrategyProbe) probe = strategy_probe_open (adapter, strategy);

  strategy_probe_send (probe, "one");
  strategy_probe_send (probe, "two");
  probe->transport->klass->close (probe->transport, 1000, "bye");
  strategy_probe_send (probe, "late");
  manual_strategy_answer (strategy, MANUAL_SEND, NULL);
  manual_strategy_receive (strategy, "a");
  strategy_probe_wait (probe, STRATEGY_PROBE_RECEIVED, 1);
  rt_test_wait_until (strategy->calls[MANUAL_SEND] == 2);
  g_assert_cmpuint (strategy->calls[MANUAL_DISCONNECT], ==, 0);
  manual_strategy_answer (strategy, MANUAL_SEND, NULL);
  rt_test_wait_until (strategy->calls[MANUAL_DISCONNECT] == 1);
  g_assert_cmpuint (probe->counts[STRATEGY_PROBE_CLOSED], ==, 0);
  manual_strategy_answer (strategy, MANUAL_DISCONNECT, NULL);
  manual_strategy_close (strategy, 1000, "as asked");
  strategy_probe_wait (probe, STRATEGY_PROBE_CLOSED, 1);
  g_assert_cmpuint (probe->code, ==, 1000);
  g_assert_cmpstr (probe->reason, ==, "bye");
  g_assert_true (probe->clean && probe->was_open);
  g_assert_cmpstr (strategy->sent->str, ==, "one|two|");
  strategy_probe_finish (adapter, strategy);
}

static void
test_close_while_connecting (void)
{
  ManualStrategy *strategy = manual_strategy_new ();
  RtStrategyAdapter *adapter = rt_strategy_adapter_new (RT_CONNECTION_STRATEGY (strategy));
  g_autoptr (StrategyProbe) probe = strategy_probe_new (adapter, 8192);

  rt_test_wait_until (strategy->calls[MANUAL_CONNECT] == 1);
  probe->transport->klass->close (probe->transport, 1000, NULL);
  rt_test_wait_until (strategy->calls[MANUAL_DISCONNECT] == 1);
  g_assert_true (g_cancellable_is_cancelled (g_task_get_cancellable (strategy->tasks[MANUAL_CONNECT])));
  manual_strategy_answer (strategy, MANUAL_CONNECT, NULL);
  manual_strategy_answer (strategy, MANUAL_DISCONNECT, NULL);
  strategy_probe_wait (probe, STRATEGY_PROBE_CLOSED, 1);
  g_assert_cmpuint (probe->counts[STRATEGY_PROBE_OPENED], ==, 0);
  g_assert_cmpuint (probe->code, ==, 1000);
  g_assert_false (probe->was_open);
  strategy_probe_finish (adapter, strategy);
}

/* The line is over at once, while the strategy takes its time; the next connection waits for it, and what is
 * late is nobody's. */
static void
test_abort (void)
{
  ManualStrategy *strategy = manual_strategy_new ();
  RtStrategyAdapter *adapter = rt_strategy_adapter_new (RT_CONNECTION_STRATEGY (strategy));
  g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_TIMED_OUT, "too slow");
  g_autoptr (StrategyProbe) first = strategy_probe_open (adapter, strategy);

  strategy_probe_send (first, "one");
  first->transport->klass->abort (first->transport, error);
  strategy_probe_assert_failed (first, RT_ERROR_TIMED_OUT, "too slow");
  g_assert_cmpuint (first->code, ==, 1006);
  g_assert_true (first->was_open);
  first->transport->klass->abort (first->transport, error);
  strategy_probe_send (first, "late");

  g_autoptr (StrategyProbe) second = strategy_probe_new (adapter, 8192);
  rt_test_wait_until (strategy->calls[MANUAL_DISCONNECT] == 1);
  strategy_probe_settle ();
  g_assert_cmpuint (strategy->calls[MANUAL_CONNECT], ==, 1);
  manual_strategy_receive (strategy, "late");
  manual_strategy_answer (strategy, MANUAL_DISCONNECT, NULL);
  rt_test_wait_until (strategy->calls[MANUAL_CONNECT] == 2);
  manual_strategy_receive (strategy, "later");
  manual_strategy_close (strategy, 1006, "late as well");
  if (strategy->tasks[MANUAL_SEND] != NULL)
    manual_strategy_answer (strategy, MANUAL_SEND, g_error_new_literal (RT_ERROR, RT_ERROR_NETWORK, "too late"));
  manual_strategy_answer (strategy, MANUAL_CONNECT, NULL);
  strategy_probe_wait (second, STRATEGY_PROBE_OPENED, 1);
  strategy_probe_settle ();
  g_assert_cmpuint (second->counts[STRATEGY_PROBE_CLOSED], ==, 0);
  manual_strategy_receive (strategy, "new");
  strategy_probe_wait (second, STRATEGY_PROBE_RECEIVED, 1);
  g_assert_cmpstr (second->received->str, ==, "new|");
  strategy_probe_drop (second);
  strategy_probe_finish (adapter, strategy);
}

/* A strategy may say that a connection is over after the next one was made. */
static void
test_late_closed (void)
{
  ManualStrategy *strategy = manual_strategy_new ();
  RtStrategyAdapter *adapter = rt_strategy_adapter_new (RT_CONNECTION_STRATEGY (strategy));
  g_autoptr (StrategyProbe) first = strategy_probe_open (adapter, strategy);

  strategy_probe_drop (first);
  manual_strategy_answer (strategy, MANUAL_DISCONNECT, NULL);
  g_autoptr (StrategyProbe) second = strategy_probe_open (adapter, strategy);
  g_signal_emit_by_name (strategy, "closed", 1000, "of the first");
  strategy_probe_settle ();
  g_assert_cmpuint (second->counts[STRATEGY_PROBE_CLOSED], ==, 0);
  g_signal_emit_by_name (strategy, "closed", 1006, "of the second");
  strategy_probe_assert_failed (second, RT_ERROR_NETWORK, "of the second");
  strategy_probe_finish (adapter, strategy);
}

/* The next connection may be given up before its turn comes. */
static void
test_abort_waiting (void)
{
  ManualStrategy *strategy = manual_strategy_new ();
  RtStrategyAdapter *adapter = rt_strategy_adapter_new (RT_CONNECTION_STRATEGY (strategy));
  g_autoptr (StrategyProbe) first = strategy_probe_open (adapter, strategy);

  strategy_probe_drop (first);
  g_autoptr (StrategyProbe) second = strategy_probe_new (adapter, 8192);
  rt_test_wait_until (strategy->calls[MANUAL_DISCONNECT] == 1);
  strategy_probe_drop (second);
  g_autoptr (StrategyProbe) third = strategy_probe_new (adapter, 8192);
  strategy_probe_settle ();
  manual_strategy_answer (strategy, MANUAL_DISCONNECT, NULL);
  manual_strategy_answer (strategy, MANUAL_CONNECT, NULL);
  strategy_probe_wait (third, STRATEGY_PROBE_OPENED, 1);
  g_assert_cmpuint (strategy->calls[MANUAL_CONNECT], ==, 2);
  strategy_probe_drop (third);
  strategy_probe_finish (adapter, strategy);
}

/* --- Back-pressure --- */

static void
test_pause (void)
{
  ManualStrategy *strategy = manual_strategy_new ();
  RtStrategyAdapter *adapter = rt_strategy_adapter_new (RT_CONNECTION_STRATEGY (strategy));
  g_autoptr (StrategyProbe) probe = strategy_probe_open (adapter, strategy);

  probe->transport->klass->pause (probe->transport, TRUE);
  manual_strategy_receive (strategy, "a");
  manual_strategy_receive (strategy, "b");
  manual_strategy_close (strategy, 1001, "going");
  strategy_probe_wait (probe, STRATEGY_PROBE_ACTIVITY, 2);
  strategy_probe_settle ();
  g_assert_cmpuint (probe->counts[STRATEGY_PROBE_RECEIVED], ==, 0);
  g_assert_cmpuint (probe->counts[STRATEGY_PROBE_CLOSED], ==, 0);
  probe->transport->klass->pause (probe->transport, FALSE);
  g_assert_cmpuint (probe->counts[STRATEGY_PROBE_RECEIVED], ==, 0);
  strategy_probe_wait (probe, STRATEGY_PROBE_CLOSED, 1);
  g_assert_cmpstr (probe->received->str, ==, "a|b|");
  g_assert_cmpuint (probe->code, ==, 1001);
  strategy_probe_finish (adapter, strategy);
}

static void
pause_after_two (StrategyProbe *probe, StrategyProbeEvent event)
{
  if (event == STRATEGY_PROBE_RECEIVED && probe->counts[STRATEGY_PROBE_RECEIVED] == 2)
    probe->transport->klass->pause (probe->transport, TRUE);
}

#define N_FRAMES 2000

/* Many at once: no turn takes them all, none is lost, and none passes a pause. */
static void
test_turns (void)
{
  ManualStrategy *strategy = manual_strategy_new ();
  RtStrategyAdapter *adapter = rt_strategy_adapter_new (RT_CONNECTION_STRATEGY (strategy));
  g_autoptr (StrategyProbe) probe = strategy_probe_open (adapter, strategy);
  g_autoptr (GString) expected = g_string_new (NULL);

  probe->hook = pause_after_two;
  for (guint i = 0; i < N_FRAMES; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);
      manual_strategy_receive (strategy, text);
      g_string_append_printf (expected, "%s|", text);
    }
  strategy_probe_wait (probe, STRATEGY_PROBE_ACTIVITY, N_FRAMES);
  g_assert_cmpuint (probe->counts[STRATEGY_PROBE_RECEIVED], ==, 2);
  probe->hook = NULL;
  guint turns = probe->counts[STRATEGY_PROBE_TURN_END];
  probe->transport->klass->pause (probe->transport, FALSE);
  strategy_probe_wait (probe, STRATEGY_PROBE_RECEIVED, N_FRAMES);
  g_assert_cmpstr (probe->received->str, ==, expected->str);
  strategy_probe_settle ();
  g_assert_cmpuint (probe->counts[STRATEGY_PROBE_TURN_END], >, turns + 3);
  strategy_probe_drop (probe);
  strategy_probe_finish (adapter, strategy);
}

static void
test_overflow (void)
{
  ManualStrategy *strategy = manual_strategy_new ();
  RtStrategyAdapter *adapter = rt_strategy_adapter_new (RT_CONNECTION_STRATEGY (strategy));
  g_autoptr (StrategyProbe) probe = strategy_probe_open (adapter, strategy);

  /* Without a pause there is no such bound. */
  for (guint i = 0; i < 40; i++)
    manual_strategy_receive_size (strategy, 1024);
  strategy_probe_wait (probe, STRATEGY_PROBE_RECEIVED, 40);
  probe->transport->klass->pause (probe->transport, TRUE);
  for (guint i = 0; i < 16; i++)
    manual_strategy_receive_size (strategy, 1024);
  strategy_probe_wait (probe, STRATEGY_PROBE_ACTIVITY, 56);
  g_assert_cmpuint (probe->counts[STRATEGY_PROBE_CLOSED], ==, 0);
  manual_strategy_receive_size (strategy, 1);
  strategy_probe_assert_failed (probe, RT_ERROR_QUEUE_FULL, "16385 bytes wait, and the limit is 16384");
  g_assert_cmpuint (probe->code, ==, 1006);
  g_assert_cmpuint (probe->counts[STRATEGY_PROBE_RECEIVED], ==, 40);
  rt_test_wait_until (strategy->calls[MANUAL_DISCONNECT] == 1);
  strategy_probe_finish (adapter, strategy);
}

/* One frame may exceed the bound, but not every limit. */
static void
test_large_frames (void)
{
  ManualStrategy *strategy = manual_strategy_new ();
  RtStrategyAdapter *adapter = rt_strategy_adapter_new (RT_CONNECTION_STRATEGY (strategy));
  g_autoptr (StrategyProbe) probe = strategy_probe_open (adapter, strategy);

  probe->transport->klass->pause (probe->transport, TRUE);
  manual_strategy_receive_size (strategy, RT_SETTINGS_MAX_FRAME);
  strategy_probe_wait (probe, STRATEGY_PROBE_ACTIVITY, 1);
  probe->transport->klass->pause (probe->transport, FALSE);
  strategy_probe_wait (probe, STRATEGY_PROBE_RECEIVED, 1);
  g_assert_cmpuint (probe->received_bytes, ==, RT_SETTINGS_MAX_FRAME);
  manual_strategy_receive_size (strategy, RT_SETTINGS_MAX_FRAME + 1);
  strategy_probe_assert_failed (probe, RT_ERROR_TOO_LARGE, "33554433 bytes");
  g_assert_cmpuint (probe->code, ==, 1009);
  strategy_probe_finish (adapter, strategy);
}

/* --- The end of the adapter --- */

static void
test_release (void)
{
  for (guint stage = 0; stage < 5; stage++)
    {
      ManualStrategy *strategy = manual_strategy_new ();
      RtStrategyAdapter *adapter = rt_strategy_adapter_new (RT_CONNECTION_STRATEGY (strategy));
      g_autoptr (StrategyProbe) probe = NULL;

      if (stage > 0)
        probe = strategy_probe_new (adapter, 8192);
      if (stage > 1)
        rt_test_wait_until (strategy->calls[MANUAL_CONNECT] == 1);
      if (stage > 2)
        {
          manual_strategy_answer (strategy, MANUAL_CONNECT, NULL);
          strategy_probe_wait (probe, STRATEGY_PROBE_OPENED, 1);
        }
      if (stage > 3)
        {
          strategy_probe_send (probe, "one");
          rt_test_wait_until (strategy->calls[MANUAL_SEND] == 1);
        }
      if (probe != NULL)
        strategy_probe_drop (probe);
      strategy_probe_finish (adapter, strategy);
    }
}

/* Also of one that the program holds on to: it is not listened to any more. */
static void
test_release_connected (void)
{
  ManualStrategy *strategy = manual_strategy_new ();
  RtStrategyAdapter *adapter = rt_strategy_adapter_new (RT_CONNECTION_STRATEGY (strategy));
  g_autoptr (StrategyProbe) probe = strategy_probe_open (adapter, strategy);
  gpointer object = strategy;

  rt_strategy_adapter_free (adapter);
  strategy_probe_settle ();
  g_assert_cmpuint (strategy->calls[MANUAL_DISCONNECT], ==, 1);
  manual_strategy_receive (strategy, "late");
  manual_strategy_close (strategy, 1000, "late");
  manual_strategy_answer (strategy, MANUAL_DISCONNECT, NULL);
  strategy_probe_send (probe, "too late");
  probe->transport->klass->close (probe->transport, 1000, "");
  strategy_probe_settle ();
  g_assert_cmpuint (probe->counts[STRATEGY_PROBE_RECEIVED], ==, 0);
  strategy_probe_drop (probe);
  g_assert_finalize_object (object);
}

/* One object given to two clients serves one after the other. */
static void
test_shared (void)
{
  ManualStrategy *strategy = manual_strategy_new ();
  RtStrategyAdapter *one = rt_strategy_adapter_new (RT_CONNECTION_STRATEGY (strategy));
  RtStrategyAdapter *two = rt_strategy_adapter_new (RT_CONNECTION_STRATEGY (strategy));
  g_autoptr (StrategyProbe) first = strategy_probe_open (one, strategy);
  g_autoptr (StrategyProbe) second = strategy_probe_new (two, 8192);

  strategy_probe_assert_failed (second, RT_ERROR_ALREADY_CONNECTED, "another client uses the same object");
  manual_strategy_receive (strategy, "a");
  strategy_probe_wait (first, STRATEGY_PROBE_RECEIVED, 1);
  g_assert_cmpuint (second->counts[STRATEGY_PROBE_RECEIVED], ==, 0);
  strategy_probe_drop (first);
  manual_strategy_answer (strategy, MANUAL_DISCONNECT, NULL);
  strategy_probe_settle ();
  g_autoptr (StrategyProbe) third = strategy_probe_open (two, strategy);
  strategy_probe_drop (third);
  rt_strategy_adapter_free (one);
  strategy_probe_finish (two, strategy);
}

static void
check_context (ManualStrategy *strategy, ManualCall call)
{
  g_assert_true (g_main_context_get_thread_default () == strategy->hook_data);
}

/* All of it in the context of the adapter, though whoever runs that may not have made it the thread's. */
static void
test_context (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  ManualStrategy *strategy = manual_strategy_new ();
  RtStrategyAdapter *adapter;

  g_main_context_push_thread_default (context);
  adapter = rt_strategy_adapter_new (RT_CONNECTION_STRATEGY (strategy));
  g_main_context_pop_thread_default (context);
  strategy->hook = check_context;
  strategy->hook_data = context;
  for (guint i = 0; i < MANUAL_N; i++)
    strategy->at_once[i] = TRUE;
  g_autoptr (StrategyProbe) probe = strategy_probe_new (adapter, 8192);
  for (guint n = 0; n < 2 || g_main_context_pending (context) || g_main_context_pending (NULL); n++)
    {
      while (g_main_context_iteration (context, FALSE))
        ;
      strategy_probe_settle ();
      if (n == 0)
        strategy_probe_send (probe, "one");
    }
  g_assert_cmpuint (probe->counts[STRATEGY_PROBE_DRAINED], ==, 1);
  strategy_probe_drop (probe);
  rt_strategy_adapter_free (adapter);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_assert_cmpuint (strategy->calls[MANUAL_DISCONNECT], ==, 1);
  g_assert_finalize_object (G_OBJECT (strategy));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/StrategyAdapter/conversation", test_conversation);
  g_test_add_func ("/Rt/StrategyAdapter/protocol", test_protocol);
  g_test_add_func ("/Rt/StrategyAdapter/close", test_close);
  g_test_add_func ("/Rt/StrategyAdapter/close-while-connecting", test_close_while_connecting);
  g_test_add_func ("/Rt/StrategyAdapter/abort", test_abort);
  g_test_add_func ("/Rt/StrategyAdapter/late-closed", test_late_closed);
  g_test_add_func ("/Rt/StrategyAdapter/abort-waiting", test_abort_waiting);
  g_test_add_func ("/Rt/StrategyAdapter/pause", test_pause);
  g_test_add_func ("/Rt/StrategyAdapter/turns", test_turns);
  g_test_add_func ("/Rt/StrategyAdapter/overflow", test_overflow);
  g_test_add_func ("/Rt/StrategyAdapter/large-frames", test_large_frames);
  g_test_add_func ("/Rt/StrategyAdapter/release", test_release);
  g_test_add_func ("/Rt/StrategyAdapter/release-connected", test_release_connected);
  g_test_add_func ("/Rt/StrategyAdapter/shared", test_shared);
  g_test_add_func ("/Rt/StrategyAdapter/context", test_context);
  return g_test_run ();
}
