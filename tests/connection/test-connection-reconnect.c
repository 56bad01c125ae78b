/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn-probe.h"

#include <string.h>
#include "rt-error.h"
#include "rt-wake.h"

/* When a lost connection is tried again, and when no more, over hours of virtual time. */

#define SECOND RT_CLOCK_MS (1000)
#define RUNS 20 /* each with other random delays */

static RtConnectionStatus
get_status (ConnProbe *probe)
{
  RtConnectionStatus status;

  rt_connection_get_status (probe->connection, &status);
  g_free (status.reason);
  status.reason = NULL;
  return status;
}

static void
assert_state (ConnProbe *probe, RtConnectionState state)
{
  g_assert_cmpint (rt_connection_get_state (probe->connection), ==, state);
}

/* Nobody is there. */
static void
fail_attempt (void)
{
  g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_NETWORK, "nobody listens there");

  rt_fake_transport_failed (error, 0);
}

static void
answer_attempt (ConnProbe *probe)
{
  char *message;

  g_assert_nonnull (rt_fake_transport_get ());
  rt_fake_transport_opened (RT_PROFILE_RT1);
  message = g_ptr_array_index (rt_fake_transport_get ()->messages, 0);
  g_autofree char *greeting
    = g_strdup_printf ("{\"id\":%u,\"connect\":{\"client\":\"c1\",\"ping\":25,\"pong\":true}}",
                       (guint) g_ascii_strtoull (message + strlen ("{\"id\":"), NULL, 10));
  rt_fake_transport_receive (greeting);
  assert_state (probe, RT_CONNECTION_STATE_CONNECTED);
}

/* What is waited for until the attempt that was announced last; it comes then, and not sooner. µs. */
static gint64
await_attempt (ConnProbe *probe)
{
  gint64 start = rt_clock_now (), due = rt_clock_virtual_next ();
  guint opened = rt_fake_transport_count_opened ();

  g_assert_null (rt_fake_transport_get ());
  while (rt_fake_transport_count_opened () == opened)
    {
      due = rt_clock_virtual_next ();
      g_assert_cmpint (due, >=, 0);
      rt_clock_virtual_advance (due - rt_clock_now ());
    }
  gint64 waited = rt_clock_now () - start;
  g_assert_cmpint (waited, <=, RT_CLOCK_MS (probe->last_delay));
  g_assert_cmpint (waited, >, RT_CLOCK_MS (probe->last_delay) - RT_CLOCK_MS (1));
  return waited;
}

static gint64
bound_of (guint attempt)
{
  return attempt == 1 ? SECOND : attempt >= 8 ? 60 * SECOND : (SECOND / 2) << (attempt - 1);
}

/* A day without the server: each delay under its bound, half a minute on average in the end, SUSPENDED after two
 * minutes and not before, and all is well when it is back. */
static void
test_day (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);
  guint attempt = 0, opened = rt_fake_transport_count_opened ();
  gboolean suspended = FALSE;

  conn_probe_do_publish (probe, "room", "m1");
  rt_fake_transport_closed (1006, "");
  gint64 lost = rt_clock_now ();
  while (rt_clock_now () - lost < 24 * 3600 * SECOND)
    {
      attempt++;
      g_assert_cmpuint (get_status (probe).attempt, ==, attempt);
      g_assert_cmpuint (get_status (probe).retry_in, ==, probe->last_delay);
      g_assert_cmpint (await_attempt (probe), <, bound_of (attempt));
      suspended = rt_clock_now () - lost >= 120 * SECOND;
      assert_state (probe, suspended ? RT_CONNECTION_STATE_SUSPENDED : RT_CONNECTION_STATE_RECONNECTING);
      fail_attempt ();
      assert_state (probe, suspended ? RT_CONNECTION_STATE_SUSPENDED : RT_CONNECTION_STATE_RECONNECTING);
    }
  g_assert_true (suspended);
  g_assert_cmpuint (rt_fake_transport_count_opened () - opened, ==, attempt);
  g_assert_cmpfloat_with_epsilon (attempt / (24 * 60 * 2.0), 1, 0.15);

  await_attempt (probe);
  conn_probe_forget (probe);
  answer_attempt (probe);
  conn_probe_expect (probe, "state connected\nconnected c1\n");
  g_assert_cmpuint (get_status (probe).attempt, ==, 0);
}

static void
test_suspended (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  rt_fake_transport_closed (1006, "");
  gint64 lost = rt_clock_now ();
  while (rt_clock_now () - lost < 119999 * RT_CLOCK_MS (1))
    {
      gint64 next = MIN (rt_clock_virtual_next (), lost + RT_CLOCK_MS (119999));
      rt_clock_virtual_advance (next - rt_clock_now ());
      if (rt_fake_transport_get () != NULL)
        fail_attempt ();
    }
  assert_state (probe, RT_CONNECTION_STATE_RECONNECTING);
  conn_probe_advance (probe, 1);
  assert_state (probe, RT_CONNECTION_STATE_SUSPENDED);
  /* What is called in it is as in RECONNECTING. */
  conn_probe_forget (probe);
  conn_probe_do_publish (probe, "room", "m1");
  conn_probe_expect (probe, "");
  if (rt_fake_transport_get () == NULL)
    conn_probe_do (probe, RT_OP_CONNECT, NULL);
  conn_probe_forget (probe);
  answer_attempt (probe);
  g_assert_true (g_str_has_prefix (probe->diary->str, "state connected\n"));
}

/* The first connect is tried again like every other one, and says so to its caller. */
static void
test_first_connect (void)
{
  for (guint run = 0; run < RUNS; run++)
    {
      g_autoptr (ConnProbe) probe = conn_probe_new (NULL);

      conn_probe_do (probe, RT_OP_CONNECT, NULL);
      fail_attempt ();
      conn_probe_expect (probe, "state connecting\nstate reconnecting\nreconnecting 1\nconnect: network\n");
      for (guint attempt = 1; attempt <= 5; attempt++)
        {
          g_assert_cmpint (await_attempt (probe), <, bound_of (attempt));
          fail_attempt ();
        }
      await_attempt (probe);
      answer_attempt (probe);
    }
}

/* Only a connection that held for half a minute starts the count again. */
static void
test_stable (void)
{
  static const guint ages[] = { 0, 1000, 29999, 30000, 3600000 };

  for (guint i = 0; i < G_N_ELEMENTS (ages); i++)
    {
      g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

      rt_fake_transport_closed (1006, "");
      for (guint attempt = 1; attempt <= 4; attempt++)
        {
          await_attempt (probe);
          fail_attempt ();
        }
      await_attempt (probe);
      answer_attempt (probe);
      for (guint left = ages[i]; left > 0; left -= MIN (left, 20000))
        {
          conn_probe_advance (probe, MIN (left, 20000));
          rt_fake_transport_receive ("{}");
        }
      rt_fake_transport_closed (1006, "");
      g_assert_cmpuint (get_status (probe).attempt, ==, ages[i] < 30000 ? 6 : 1);
    }
}

static void
test_max_reconnects (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new (&(ConnProbeOptions) { .max_reconnects = 3 });

  conn_probe_do (probe, RT_OP_CONNECT, NULL);
  for (guint attempt = 0; attempt < 3; attempt++)
    {
      fail_attempt ();
      assert_state (probe, RT_CONNECTION_STATE_RECONNECTING);
      await_attempt (probe);
    }
  conn_probe_forget (probe);
  fail_attempt ();
  conn_probe_expect (probe, "state failed\nerror network\n");
  g_assert_cmpint (rt_clock_virtual_next (), ==, -1);

  /* And from the start where the program wants it. */
  conn_probe_do (probe, RT_OP_CONNECT, NULL);
  fail_attempt ();
  conn_probe_expect (probe, "state connecting\nstate reconnecting\nreconnecting 1\nconnect: network\n");
}

/* What the machine says of its network is no reason to try more often than the program allows. */
static void
test_max_with_news (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new (&(ConnProbeOptions) { .max_reconnects = 3 });
  guint opened = rt_fake_transport_count_opened ();

  conn_probe_do (probe, RT_OP_CONNECT, NULL);
  for (guint i = 0; i < 100 && rt_connection_get_state (probe->connection) != RT_CONNECTION_STATE_FAILED; i++)
    {
      rt_connection_network_changed (probe->connection, TRUE);
      conn_probe_advance (probe, i % 3 * 1000);
      if (rt_fake_transport_get () != NULL)
        fail_attempt ();
      conn_probe_advance (probe, 1000);
    }
  assert_state (probe, RT_CONNECTION_STATE_FAILED);
  g_assert_cmpuint (rt_fake_transport_count_opened () - opened, ==, 4);
}

/* --- What the server asks for --- */

static void
refuse_attempt (guint status, gint64 retry_after)
{
  g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_SERVER, "the server is too busy");
  RtTransportEnd end = {
    .code = 1006, .reason = "", .error = error, .http_status = status, .retry_after = retry_after,
  };

  rt_fake_transport_ended (&end);
}

static void
test_retry_after (void)
{
  static const guint statuses[] = { 429, 503 };

  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    for (guint run = 0; run < RUNS; run++)
      {
        g_autoptr (ConnProbe) probe = conn_probe_new_connected (&(ConnProbeOptions) { .more_routes = 2 });
        guint opened = rt_fake_transport_count_opened ();

        rt_fake_transport_closed (1006, "");
        await_attempt (probe);
        refuse_attempt (statuses[i], 20 * SECOND);
        /* Not by another way either, nor because the network is back. */
        g_assert_null (rt_fake_transport_get ());
        rt_connection_network_changed (probe->connection, TRUE);
        conn_probe_settle (probe);
        gint64 waited = await_attempt (probe);
        g_assert_cmpint (waited, >=, 20 * SECOND);
        g_assert_cmpint (waited, <=, 24 * SECOND);
        g_assert_cmpuint (rt_fake_transport_count_opened (), ==, opened + 2);

        /* Whatever it asks for, it is not longer than this. */
        refuse_attempt (statuses[i], G_MAXINT64);
        waited = await_attempt (probe);
        g_assert_cmpint (waited, >=, 300 * SECOND);
        g_assert_cmpint (waited, <=, 360 * SECOND);

        /* It holds for the attempt that it was the answer to. */
        fail_attempt ();
        fail_attempt ();
        fail_attempt ();
        g_assert_cmpint (await_attempt (probe), <, bound_of (4));
      }
}

/* The program is not held back. */
static void
test_retry_now (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new (NULL);

  conn_probe_do (probe, RT_OP_CONNECT, NULL);
  refuse_attempt (429, 20 * SECOND);
  g_assert_null (rt_fake_transport_get ());
  rt_connection_retry_now (probe->connection);
  conn_probe_settle (probe);
  g_assert_nonnull (rt_fake_transport_get ());
  /* Said of an attempt, it means the next one, and each time again. */
  for (guint i = 0; i < 3; i++)
    {
      rt_connection_retry_now (probe->connection);
      conn_probe_settle (probe);
      fail_attempt ();
      g_assert_nonnull (rt_fake_transport_get ());
    }
  answer_attempt (probe);
  rt_connection_retry_now (probe->connection); /* nor to a connection */
  conn_probe_settle (probe);
  assert_state (probe, RT_CONNECTION_STATE_CONNECTED);
}

/* Over the time that the server names, or over ten seconds, and only the first attempt. */
static void
check_spread (const char *push, guint code, gint64 spread)
{
  gint64 most = 0;

  for (guint run = 0; run < 6 * RUNS; run++)
    {
      g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

      if (push != NULL)
        rt_fake_transport_receive (push);
      else
        rt_fake_transport_closed (code, "");
      gint64 waited = await_attempt (probe);
      g_assert_cmpint (waited, <, spread);
      most = MAX (most, waited);
      fail_attempt ();
      g_assert_cmpint (await_attempt (probe), <, SECOND);
    }
  /* That none of so many comes in the last quarter is as likely as 10 to the power of -15. */
  g_assert_cmpint (most, >, spread - spread / 4);
}

static void
test_spread (void)
{
  check_spread (NULL, 1012, 10 * SECOND);
  check_spread (NULL, 1013, 10 * SECOND);
  check_spread (NULL, 3001, 10 * SECOND);
  check_spread (NULL, 1001, SECOND);
  check_spread ("{\"push\":{\"disconnect\":{\"code\":3001,\"reason\":\"bye\",\"spread\":40000}}}", 0, 40 * SECOND);
  check_spread ("{\"push\":{\"disconnect\":{\"code\":3000,\"reason\":\"bye\",\"spread\":3000}}}", 0, 3 * SECOND);
}

/* --- The network of the machine, and its sleep --- */

static void
change_network (ConnProbe *probe, gboolean available)
{
  rt_connection_network_changed (probe->connection, available);
  conn_probe_settle (probe);
}

/* Nobody has been there for a while, and for a second nothing was tried. */
static ConnProbe *
new_lost (void)
{
  ConnProbe *probe = conn_probe_new_connected (NULL);

  rt_fake_transport_closed (1006, "");
  for (guint attempt = 1; attempt <= 8 || rt_fake_transport_get () != NULL; attempt++)
    {
      if (rt_fake_transport_get () == NULL)
        conn_probe_advance (probe, probe->last_delay);
      fail_attempt ();
      conn_probe_advance (probe, 1000);
    }
  return probe;
}

static void
test_network_up (void)
{
  for (guint run = 0; run < RUNS; run++)
    {
      g_autoptr (ConnProbe) probe = new_lost ();
      guint opened = rt_fake_transport_count_opened ();

      change_network (probe, FALSE);
      g_assert_cmpuint (rt_fake_transport_count_opened (), ==, opened);
      change_network (probe, TRUE);
      g_assert_cmpuint (rt_fake_transport_count_opened (), ==, opened + 1);
      answer_attempt (probe);
    }
}

/* Ten times a second for a minute, whether attempts fail at once or take their time; what the law itself would
 * have tried in that time comes on top. */
static void
check_flapping (guint ms_per_attempt, gboolean connected, gboolean no_ping)
{
  ConnProbeOptions options = { .no_ping = no_ping };
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (&options);
  guint opened = rt_fake_transport_count_opened (), left = ms_per_attempt;

  if (!connected)
    rt_fake_transport_closed (1006, "");
  for (guint i = 0; i < 600; i++)
    {
      change_network (probe, i % 2 == 1);
      for (guint ms = 0; ms < 100; ms += 20)
        {
          conn_probe_advance (probe, 20);
          if (rt_fake_transport_get () == NULL || rt_fake_transport_get ()->was_open)
            left = ms_per_attempt;
          else if (left > 20)
            left -= 20;
          else if (connected)
            answer_attempt (probe);
          else
            fail_attempt ();
        }
      if (connected && !no_ping && rt_fake_transport_get ()->pings > 0)
        rt_fake_transport_pong (1);
    }
  g_test_message ("attempts of %u ms in a minute of flapping, connected %d, no ping %d: %u", ms_per_attempt,
                  connected, no_ping, rt_fake_transport_count_opened () - opened);
  g_assert_cmpuint (rt_fake_transport_count_opened () - opened, <=, connected && !no_ping ? 0 : 60 + 10);
}

static void
test_flapping (void)
{
  check_flapping (0, FALSE, FALSE);
  check_flapping (60, FALSE, FALSE);
  check_flapping (300, FALSE, FALSE);
  check_flapping (3000, FALSE, FALSE);
  check_flapping (0, TRUE, FALSE);
  check_flapping (0, TRUE, TRUE);
  check_flapping (60, TRUE, TRUE);
}

/* News of the network never make an attempt come later. */
static void
test_network_does_not_delay (void)
{
  for (guint run = 0; run < RUNS; run++)
    {
      g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

      conn_probe_advance (probe, 1000);
      rt_fake_transport_closed (1006, "");
      change_network (probe, TRUE);
      fail_attempt ();
      gint64 due = rt_clock_now () + RT_CLOCK_MS (probe->last_delay);
      guint opened = rt_fake_transport_count_opened ();
      change_network (probe, TRUE);
      rt_clock_virtual_advance (due - rt_clock_now ());
      g_assert_cmpuint (rt_fake_transport_count_opened (), ==, opened + 1);
    }
}

/* A connection that was good before has five seconds to show that it still is. */
static void
check_probe (gboolean asleep)
{
  for (guint answers = 0; answers < 2; answers++)
    {
      g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);
      guint opened = rt_fake_transport_count_opened ();

      if (asleep)
        rt_clock_virtual_sleep (3600 * SECOND);
      else
        change_network (probe, TRUE);
      g_assert_cmpuint (rt_fake_transport_get ()->pings, ==, 1);
      conn_probe_advance (probe, 4999);
      conn_probe_expect (probe, "");
      if (answers)
        rt_fake_transport_pong (1);
      conn_probe_advance (probe, 1);
      /* Not by the law: there is nothing to wait for. */
      g_assert_cmpuint (rt_fake_transport_count_opened (), ==, opened + (answers ? 0 : 1));
      assert_state (probe, answers ? RT_CONNECTION_STATE_CONNECTED : RT_CONNECTION_STATE_RECONNECTING);
      if (!answers)
        answer_attempt (probe);
    }
}

static void
test_probe (void)
{
  check_probe (FALSE);
  check_probe (TRUE);
}

/* Asleep no time passes for the attempts, and awake there is no waiting. */
static void
test_sleep_while_waiting (void)
{
  g_autoptr (ConnProbe) probe = new_lost ();
  guint opened = rt_fake_transport_count_opened ();

  rt_clock_virtual_sleep (8 * 3600 * SECOND);
  g_assert_cmpuint (rt_fake_transport_count_opened (), ==, opened + 1);
  answer_attempt (probe);
}

/* --- Breaches of the protocol --- */

static void
test_faults (void)
{
  for (guint pause = 0; pause < 2; pause++)
    {
      g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

      for (guint fault = 1; fault <= (pause ? 20 : 3); fault++)
        {
          rt_fake_transport_closed (1002, "");
          assert_state (probe, RT_CONNECTION_STATE_RECONNECTING);
          await_attempt (probe);
          answer_attempt (probe);
          for (guint i = 0; pause && i < 2; i++)
            {
              conn_probe_advance (probe, 15000);
              rt_fake_transport_receive ("{}");
            }
        }
      rt_fake_transport_closed (1002, "");
      assert_state (probe, pause ? RT_CONNECTION_STATE_RECONNECTING : RT_CONNECTION_STATE_FAILED);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  conn_probe_add_test ("/Rt/Reconnect/day", test_day);
  conn_probe_add_test ("/Rt/Reconnect/suspended", test_suspended);
  conn_probe_add_test ("/Rt/Reconnect/first-connect", test_first_connect);
  conn_probe_add_test ("/Rt/Reconnect/stable", test_stable);
  conn_probe_add_test ("/Rt/Reconnect/max-reconnects", test_max_reconnects);
  conn_probe_add_test ("/Rt/Reconnect/max-with-news", test_max_with_news);
  conn_probe_add_test ("/Rt/Reconnect/retry-after", test_retry_after);
  conn_probe_add_test ("/Rt/Reconnect/retry-now", test_retry_now);
  conn_probe_add_test ("/Rt/Reconnect/spread", test_spread);
  conn_probe_add_test ("/Rt/Reconnect/network-up", test_network_up);
  conn_probe_add_test ("/Rt/Reconnect/flapping", test_flapping);
  conn_probe_add_test ("/Rt/Reconnect/network-does-not-delay", test_network_does_not_delay);
  conn_probe_add_test ("/Rt/Reconnect/probe", test_probe);
  conn_probe_add_test ("/Rt/Reconnect/sleep-while-waiting", test_sleep_while_waiting);
  conn_probe_add_test ("/Rt/Reconnect/faults", test_faults);
  return g_test_run ();
}
