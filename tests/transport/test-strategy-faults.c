/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-clock.h"
#include "rt-error.h"
#include "rt-io-thread.h"
#include "rt-test.h"
#include "strategy-probe.h"

/* Strategies that misbehave, and transports that are given up at any moment. */

static GError *
new_error (GQuark domain, int code)
{
  return g_error_new_literal (domain, code, "as planned");
}

/* The verdict on a failure is the one that the built-in strategies' would have. */
static void
test_connect_errors (void)
{
  const struct
  {
    GQuark domain;
    int code;
    int expected;
    guint http_status;
    gboolean tls_refused;
  } cases[] = {
    { RT_ERROR, RT_ERROR_NETWORK, RT_ERROR_NETWORK, 0, FALSE },
    { RT_ERROR, RT_ERROR_UNAUTHORIZED, RT_ERROR_UNAUTHORIZED, 401, FALSE },
    { RT_ERROR, RT_ERROR_PERMISSION_DENIED, RT_ERROR_PERMISSION_DENIED, 403, FALSE },
    { G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND, RT_ERROR_NETWORK, 0, FALSE },
    { G_IO_ERROR, G_IO_ERROR_CANCELLED, RT_ERROR_NETWORK, 0, FALSE },
    { G_TLS_ERROR, G_TLS_ERROR_HANDSHAKE, RT_ERROR_NETWORK, 0, FALSE },
    { G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE, RT_ERROR_NETWORK, 0, TRUE },
  };
  ManualStrategy *strategy = manual_strategy_new ();
  RtStrategyAdapter *adapter = rt_strategy_adapter_new (RT_CONNECTION_STRATEGY (strategy));

  strategy->at_once[MANUAL_DISCONNECT] = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (StrategyProbe) probe = strategy_probe_new (adapter, 8192);

      manual_strategy_answer (strategy, MANUAL_CONNECT, new_error (cases[i].domain, cases[i].code));
      strategy_probe_assert_failed (probe, cases[i].expected, "“manual” could not connect: as planned");
      g_assert_cmpuint (probe->code, ==, 1006);
      g_assert_cmpuint (probe->http_status, ==, cases[i].http_status);
      g_assert_cmpint (probe->tls_refused, ==, cases[i].tls_refused);
      g_assert_false (probe->was_open);
      /* What it may have begun is to be cleared away. */
      rt_test_wait_until (strategy->calls[MANUAL_DISCONNECT] == i + 1);
    }
  strategy_probe_finish (adapter, strategy);
}

static void
drop_task (ManualStrategy *strategy, ManualCall call)
{
  if (call != MANUAL_DISCONNECT)
    g_clear_object (&strategy->tasks[call]);
}

static void
fail_without_error (ManualStrategy *strategy, ManualCall call)
{
  if (call == MANUAL_DISCONNECT)
    return;
  g_task_return_boolean (strategy->tasks[call], FALSE);
  g_clear_object (&strategy->tasks[call]);
}

/* As a script that throws does. */
static void
test_throws (void)
{
  const struct
  {
    void (*hook) (ManualStrategy *strategy, ManualCall call);
    const char *words;
  } cases[] = { { drop_task, "dropped its task" }, { fail_without_error, "did not say why" } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ManualStrategy *strategy = manual_strategy_new ();
      RtStrategyAdapter *adapter = rt_strategy_adapter_new (RT_CONNECTION_STRATEGY (strategy));

      strategy->at_once[MANUAL_DISCONNECT] = TRUE;
      strategy->hook = cases[i].hook;
      g_autoptr (StrategyProbe) connecting = strategy_probe_new (adapter, 8192);
      strategy_probe_assert_failed (connecting, RT_ERROR_FAILED, cases[i].words);

      strategy->hook = NULL;
      g_autoptr (StrategyProbe) sending = strategy_probe_open (adapter, strategy);
      strategy->hook = cases[i].hook;
      strategy_probe_send (sending, "one");
      strategy_probe_assert_failed (sending, RT_ERROR_FAILED, cases[i].words);
      g_assert_true (sending->was_open);
      strategy_probe_finish (adapter, strategy);
    }
}

/* One that never answers has the time that its interface gives it, whatever it is asked for. */
static void
test_never_answers (void)
{
  ManualStrategy *strategy;
  RtStrategyAdapter *adapter;

  rt_clock_virtual_begin ();
  strategy = manual_strategy_new ();
  adapter = rt_strategy_adapter_new (RT_CONNECTION_STRATEGY (strategy));
  g_autoptr (StrategyProbe) first = strategy_probe_new (adapter, 8192);
  rt_clock_virtual_settle ();
  g_autoptr (GTask) first_task = g_object_ref (strategy->tasks[MANUAL_CONNECT]);
  rt_clock_virtual_advance (RT_CLOCK_MS (9999));
  g_assert_cmpuint (first->counts[STRATEGY_PROBE_CLOSED], ==, 0);
  rt_clock_virtual_advance (RT_CLOCK_MS (1));
  strategy_probe_assert_failed (first, RT_ERROR_TIMED_OUT, "did not connect within 10000 ms");
  g_assert_cmpuint (strategy->calls[MANUAL_DISCONNECT], ==, 1);

  g_autoptr (StrategyProbe) second = strategy_probe_new (adapter, 8192);
  rt_clock_virtual_advance (RT_CLOCK_MS (10000));
  g_assert_cmpuint (strategy->calls[MANUAL_CONNECT], ==, 2);
  g_assert_cmpuint (second->counts[STRATEGY_PROBE_CLOSED], ==, 0);
  /* The first attempt comes to its end during the second. */
  g_task_return_boolean (first_task, TRUE);
  rt_clock_virtual_settle ();
  g_assert_cmpuint (second->counts[STRATEGY_PROBE_OPENED], ==, 0);
  manual_strategy_answer (strategy, MANUAL_CONNECT, NULL);
  rt_clock_virtual_settle ();
  g_assert_cmpuint (second->counts[STRATEGY_PROBE_OPENED], ==, 1);
  strategy_probe_send (second, "one");
  rt_clock_virtual_advance (RT_CLOCK_MS (10000));
  strategy_probe_assert_failed (second, RT_ERROR_TIMED_OUT, "did not send within 10000 ms");
  g_clear_object (&first_task);
  strategy_probe_finish (adapter, strategy);
  g_assert_cmpint (rt_clock_virtual_next (), ==, -1);
  rt_clock_virtual_end ();
}

/* A connection that comes when nobody waits for one any more is closed again. */
static void
test_connects_too_late (void)
{
  ManualStrategy *strategy = manual_strategy_new ();
  RtStrategyAdapter *adapter = rt_strategy_adapter_new (RT_CONNECTION_STRATEGY (strategy));
  g_autoptr (StrategyProbe) probe = strategy_probe_new (adapter, 8192);

  rt_test_wait_until (strategy->calls[MANUAL_CONNECT] == 1);
  strategy_probe_drop (probe);
  manual_strategy_answer (strategy, MANUAL_DISCONNECT, NULL);
  strategy_probe_settle ();
  g_assert_cmpuint (strategy->calls[MANUAL_DISCONNECT], ==, 1);
  manual_strategy_answer (strategy, MANUAL_CONNECT, NULL);
  rt_test_wait_until (strategy->calls[MANUAL_DISCONNECT] == 2);
  manual_strategy_answer (strategy, MANUAL_DISCONNECT, NULL);
  g_assert_false (strategy->connected);
  strategy_probe_finish (adapter, strategy);
}

/* The same when nobody has the adapter any more. */
static void
test_connects_after_release (void)
{
  ManualStrategy *strategy = manual_strategy_new ();
  RtStrategyAdapter *adapter = rt_strategy_adapter_new (RT_CONNECTION_STRATEGY (strategy));
  g_autoptr (StrategyProbe) probe = strategy_probe_new (adapter, 8192);
  gpointer object = strategy;

  rt_test_wait_until (strategy->calls[MANUAL_CONNECT] == 1);
  strategy_probe_drop (probe);
  rt_strategy_adapter_free (adapter);
  manual_strategy_answer (strategy, MANUAL_DISCONNECT, NULL);
  strategy_probe_settle ();
  manual_strategy_answer (strategy, MANUAL_CONNECT, NULL);
  rt_test_wait_until (strategy->calls[MANUAL_DISCONNECT] == 2);
  manual_strategy_answer (strategy, MANUAL_DISCONNECT, NULL);
  strategy_probe_settle ();
  g_assert_false (strategy->connected);
  g_assert_finalize_object (object);
}

static void
answer_twice (ManualStrategy *strategy, ManualCall call)
{
  if (call == MANUAL_DISCONNECT)
    return;
  g_task_return_boolean (strategy->tasks[call], TRUE);
  g_test_expect_message ("GLib-GIO", G_LOG_LEVEL_CRITICAL, "*assertion*failed*");
  g_task_return_boolean (strategy->tasks[call], TRUE);
  g_test_assert_expected_messages ();
}

/* GTask complains, and that is all. */
static void
test_answers_twice (void)
{
  ManualStrategy *strategy = manual_strategy_new ();
  RtStrategyAdapter *adapter = rt_strategy_adapter_new (RT_CONNECTION_STRATEGY (strategy));
  g_autoptr (StrategyProbe) probe = NULL;

  strategy->hook = answer_twice;
  probe = strategy_probe_new (adapter, 8192);
  strategy_probe_wait (probe, STRATEGY_PROBE_OPENED, 1);
  strategy_probe_send (probe, "one");
  strategy_probe_send (probe, "two");
  strategy_probe_wait (probe, STRATEGY_PROBE_DRAINED, 1);
  strategy_probe_settle ();
  g_assert_cmpuint (probe->counts[STRATEGY_PROBE_OPENED], ==, 1);
  g_assert_cmpstr (strategy->sent->str, ==, "one|two|");
  strategy->hook = NULL;
  strategy_probe_drop (probe);
  strategy_probe_finish (adapter, strategy);
}

static void
emit_inside (ManualStrategy *strategy, ManualCall call)
{
  if (call == MANUAL_DISCONNECT)
    return;
  manual_strategy_receive (strategy, call == MANUAL_CONNECT ? "too early" : "echo");
  g_signal_emit_by_name (strategy, "received", NULL);
}

/* The client speaks first: what comes before it could is of no connection that it knows. */
static void
test_receives_early (void)
{
  ManualStrategy *strategy = manual_strategy_new ();
  RtStrategyAdapter *adapter = rt_strategy_adapter_new (RT_CONNECTION_STRATEGY (strategy));
  g_autoptr (StrategyProbe) probe = NULL;

  manual_strategy_receive (strategy, "much too early");
  strategy->hook = emit_inside;
  probe = strategy_probe_open (adapter, strategy);
  strategy_probe_send (probe, "one");
  strategy_probe_wait (probe, STRATEGY_PROBE_RECEIVED, 1);
  g_assert_cmpstr (probe->received->str, ==, "echo|");
  manual_strategy_close (strategy, 1006, NULL);
  manual_strategy_receive (strategy, "too late");
  manual_strategy_close (strategy, 1000, "once more");
  strategy_probe_assert_failed (probe, RT_ERROR_NETWORK, "has lost its connection");
  strategy_probe_settle ();
  g_assert_cmpuint (probe->code, ==, 1006);
  g_assert_cmpuint (probe->counts[STRATEGY_PROBE_RECEIVED], ==, 1);
  strategy_probe_finish (adapter, strategy);
}

static void
close_inside (ManualStrategy *strategy, ManualCall call)
{
  if (call == MANUAL_DISCONNECT)
    return;
  strategy->at_once[call] = FALSE;
  manual_strategy_answer (strategy, call, NULL);
  manual_strategy_close (strategy, 4000, "\xff no");
}

static void
test_closes_inside (void)
{
  for (guint sending = 0; sending < 2; sending++)
    {
      ManualStrategy *strategy = manual_strategy_new ();
      RtStrategyAdapter *adapter = rt_strategy_adapter_new (RT_CONNECTION_STRATEGY (strategy));
      g_autoptr (StrategyProbe) probe = NULL;

      strategy->hook = sending ? NULL : close_inside;
      probe = sending ? strategy_probe_open (adapter, strategy) : strategy_probe_new (adapter, 8192);
      strategy->hook = close_inside;
      if (sending)
        strategy_probe_send (probe, "one");
      strategy_probe_wait (probe, STRATEGY_PROBE_CLOSED, 1);
      g_assert_cmpuint (probe->counts[STRATEGY_PROBE_OPENED], ==, 1);
      g_assert_cmpuint (probe->code, ==, 4000);
      g_assert_cmpstr (probe->reason, ==, "\xef\xbf\xbd no");
      g_assert_true (probe->was_open);
      strategy_probe_finish (adapter, strategy);
    }
}

static void
dispose_inside (ManualStrategy *strategy, ManualCall call)
{
  g_object_run_dispose (G_OBJECT (strategy));
}

/* Disposed of by force, the object can say nothing any more. */
static void
test_disposed (void)
{
  ManualStrategy *strategy = manual_strategy_new ();
  RtStrategyAdapter *adapter = rt_strategy_adapter_new (RT_CONNECTION_STRATEGY (strategy));
  g_autoptr (StrategyProbe) probe = strategy_probe_open (adapter, strategy);

  strategy->hook = dispose_inside;
  strategy_probe_send (probe, "one");
  strategy_probe_assert_failed (probe, RT_ERROR_FAILED, "dropped its task");
  strategy->hook = NULL;
  strategy_probe_finish (adapter, strategy);
}

/* --- Anything may be called inside an event --- */

static StrategyProbeEvent fatal_event;

static void
drop_at_event (StrategyProbe *probe, StrategyProbeEvent event)
{
  if (event == fatal_event)
    strategy_probe_drop (probe);
}

static void
abort_at_event (StrategyProbe *probe, StrategyProbeEvent event)
{
  if (event == fatal_event && event != STRATEGY_PROBE_CLOSED)
    probe->transport->klass->abort (probe->transport, NULL);
}

static void
abort_and_drop_at_event (StrategyProbe *probe, StrategyProbeEvent event)
{
  if (event == STRATEGY_PROBE_CLOSED)
    strategy_probe_drop (probe);
  else if (event == fatal_event)
    probe->transport->klass->abort (probe->transport, NULL);
}

static void
play (void (*hook) (StrategyProbe *probe, StrategyProbeEvent event))
{
  ManualStrategy *strategy = manual_strategy_new ();
  RtStrategyAdapter *adapter = rt_strategy_adapter_new (RT_CONNECTION_STRATEGY (strategy));
  g_autoptr (StrategyProbe) probe = strategy_probe_new (adapter, 8192);

  for (guint i = 0; i < MANUAL_N; i++)
    strategy->at_once[i] = TRUE;
  probe->hook = hook;
  strategy_probe_settle ();
  if (probe->transport != NULL)
    strategy_probe_send (probe, "one");
  strategy_probe_settle ();
  for (guint i = 0; i < 3; i++)
    manual_strategy_receive (strategy, "a");
  strategy_probe_settle ();
  if (probe->transport != NULL)
    probe->transport->klass->close (probe->transport, 1000, "");
  strategy_probe_settle ();
  g_assert_cmpuint (probe->counts[fatal_event], >=, 1);
  strategy_probe_finish (adapter, strategy);
}

static void
test_end_in_events (void)
{
  for (fatal_event = 0; fatal_event < STRATEGY_PROBE_N; fatal_event++)
    {
      play (drop_at_event);
      play (abort_at_event);
      play (abort_and_drop_at_event);
    }
}

/* --- Random moments, with the two halves in threads of their own --- */

#define N_ROUNDS 300

typedef struct
{
  RtStrategyAdapter *adapter;
  RtSettings *settings;
  GRand *rand;
  RtTransport *transport; /* the rest: only in the I/O thread */
  guint closed;
  gboolean done; /* atomic */
} Storm;

static void
storm_opened_cb (gpointer user_data, RtProfile profile)
{
  Storm *storm = user_data;

  storm->transport->klass->send (storm->transport, (const guint8 *) "hello", 5);
}

static void
storm_received_cb (gpointer user_data, const guint8 *data, gsize len)
{
  Storm *storm = user_data;

  storm->transport->klass->send (storm->transport, data, len);
  storm->transport->klass->pause (storm->transport, g_rand_boolean (storm->rand));
}

static void
storm_nothing_cb (gpointer user_data)
{
}

static void
storm_pong_cb (gpointer user_data, gint64 round_trip)
{
}

static void
storm_closed_cb (gpointer user_data, const RtTransportEnd *end)
{
  ((Storm *) user_data)->closed++;
}

static const RtTransportEvents storm_events = {
  .opened = storm_opened_cb,
  .received = storm_received_cb,
  .turn_end = storm_nothing_cb,
  .activity = storm_nothing_cb,
  .pong = storm_pong_cb,
  .drained = storm_nothing_cb,
  .closed = storm_closed_cb,
};

/* Does one thing in the I/O thread, at a moment that is anywhere in the strategy's life. */
static gboolean
storm_cb (gpointer user_data)
{
  Storm *storm = user_data;
  RtTransport *transport = storm->transport;
  guint dice = (guint) g_rand_int_range (storm->rand, 0, 8);

  if (transport == NULL)
    storm->transport = rt_strategy_adapter_transport ()->open (storm->settings, storm->adapter,
                                                               rt_io_thread_get_context (), &storm_events, storm);
  else if (dice == 0)
    transport->klass->abort (transport, NULL);
  else if (dice == 1)
    transport->klass->close (transport, 1000, "");
  else if (dice == 2)
    transport->klass->pause (transport, FALSE);
  else if (dice == 3 || storm->closed > 0)
    {
      g_assert_cmpuint (storm->closed, <=, 1);
      transport->klass->free (transport);
      storm->transport = NULL;
      storm->closed = 0;
    }
  g_atomic_int_set (&storm->done, TRUE);
  return G_SOURCE_REMOVE;
}

static gboolean
storm_end_cb (gpointer user_data)
{
  Storm *storm = user_data;

  if (storm->transport != NULL)
    storm->transport->klass->free (storm->transport);
  g_atomic_int_set (&storm->done, TRUE);
  return G_SOURCE_REMOVE;
}

static void
start_in_io_thread (Storm *storm, GSourceFunc func)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_atomic_int_set (&storm->done, FALSE);
  g_source_set_callback (source, func, storm, NULL);
  g_source_attach (source, rt_io_thread_get_context ());
}

static void
misbehave (ManualStrategy *strategy, GRand *rand)
{
  ManualCall call = (ManualCall) g_rand_int_range (rand, 0, MANUAL_N);

  switch (g_rand_int_range (rand, 0, 6))
    {
    case 0:
      manual_strategy_close (strategy, 1006, NULL);
      break;
    case 1:
      for (guint i = 0; i < 20; i++)
        manual_strategy_receive_size (strategy, 100);
      break;
    case 2:
      if (strategy->tasks[call] != NULL)
        manual_strategy_answer (strategy, call, new_error (RT_ERROR, RT_ERROR_FAILED));
      break;
    case 3:
      g_clear_object (&strategy->tasks[call]);
      break;
    default:
      if (strategy->tasks[call] != NULL)
        manual_strategy_answer (strategy, call, NULL);
      break;
    }
}

static void
test_storm (void)
{
  g_autoptr (RtConfig) config = g_object_new (RT_TYPE_CONFIG, "endpoint", "ws://127.0.0.1:1", "receive-queue-bytes",
                                              1024, NULL);
  g_autoptr (GRand) rand = g_rand_new_with_seed (g_test_rand_int ());
  Storm storm = { .rand = g_rand_new_with_seed (g_test_rand_int ()) };

  storm.settings = rt_settings_new (config);
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      ManualStrategy *strategy = manual_strategy_new ();

      storm.adapter = rt_strategy_adapter_new (RT_CONNECTION_STRATEGY (strategy));
      for (guint i = 0; i < MANUAL_N; i++)
        strategy->at_once[i] = g_rand_boolean (rand);
      for (guint i = 0; i < 30; i++)
        {
          start_in_io_thread (&storm, storm_cb);
          for (guint n = (guint) g_rand_int_range (rand, 0, 4); n > 0; n--)
            {
              misbehave (strategy, rand);
              g_main_context_iteration (NULL, FALSE);
            }
          rt_test_poll_until (g_atomic_int_get (&storm.done));
        }
      start_in_io_thread (&storm, storm_end_cb);
      rt_test_poll_until (g_atomic_int_get (&storm.done));
      storm.transport = NULL;
      storm.closed = 0;
      strategy_probe_finish (storm.adapter, strategy);
    }
  g_rand_free (storm.rand);
  rt_settings_unref (storm.settings);
  rt_io_thread_shutdown_for_tests ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/StrategyFaults/connect-errors", test_connect_errors);
  g_test_add_func ("/Rt/StrategyFaults/throws", test_throws);
  g_test_add_func ("/Rt/StrategyFaults/never-answers", test_never_answers);
  g_test_add_func ("/Rt/StrategyFaults/connects-too-late", test_connects_too_late);
  g_test_add_func ("/Rt/StrategyFaults/connects-after-release", test_connects_after_release);
  g_test_add_func ("/Rt/StrategyFaults/answers-twice", test_answers_twice);
  g_test_add_func ("/Rt/StrategyFaults/receives-early", test_receives_early);
  g_test_add_func ("/Rt/StrategyFaults/closes-inside", test_closes_inside);
  g_test_add_func ("/Rt/StrategyFaults/disposed", test_disposed);
  g_test_add_func ("/Rt/StrategyFaults/end-in-events", test_end_in_events);
  g_test_add_func ("/Rt/StrategyFaults/storm", test_storm);
  return g_test_run ();
}
