/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn-probe.h"

#include <string.h>
#include "rt-error.h"

/* The speed of sends: the program's limit, and a server that finds them too many. */

#define DONE(command) "{\"id\":" #command ",\"publish\":{}}"
#define REFUSED(command) "{\"id\":" #command ",\"error\":{\"code\":111,\"message\":\"too many\",\"temporary\":true}}"

static RtOp *
publish_with (ConnProbe *probe, const char *channel, const char *id, guint8 priority, guint ttl)
{
  g_auto (RtBuffer) block = { 0 };
  g_autofree char *label = g_strdup_printf ("publish %s", id);

  g_assert_true (rt_connection_reserve (probe->connection, 2, NULL));
  RtOp *op = rt_connection_new_publish (probe->connection, &block);
  rt_op_begin_publish (&block, channel, id, 2);
  rt_buffer_put (&block, "{}", 2);
  rt_op_finish_publish (op, &block);
  op->priority = priority;
  op->expires = ttl != 0 ? rt_clock_now () + RT_CLOCK_MS (ttl) : 0;
  return conn_probe_submit (probe, op, label);
}

static void
send_with (ConnProbe *probe, const char *channel, const char *id, guint8 priority, guint ttl)
{
  rt_op_unref (publish_with (probe, channel, id, priority, ttl));
  conn_probe_settle (probe);
}

static void
send (ConnProbe *probe, const char *id)
{
  send_with (probe, "room", id, 1, 0);
}

static guint
get_depth (ConnProbe *probe)
{
  RtConnectionStatus status;

  rt_connection_get_status (probe->connection, &status);
  rt_connection_status_clear (&status);
  return status.queued_messages;
}

/* Ids of the messages that were sent since the last look. */
static void
expect_ids (const char *expected)
{
  g_autoptr (GString) ids = g_string_new (NULL);
  RtFakeTransport *transport = rt_fake_transport_get ();

  for (guint i = 0; i < transport->messages->len; i++)
    {
      g_auto (GStrv) parts = g_strsplit (g_ptr_array_index (transport->messages, i), "\"idem\":\"", -1);

      for (guint j = 1; parts[j] != NULL; j++)
        g_string_append_printf (ids, "%s%.*s", ids->len > 0 ? " " : "", (int) strcspn (parts[j], "\""), parts[j]);
    }
  g_assert_cmpstr (ids->str, ==, expected);
  g_ptr_array_set_size (transport->messages, 0);
  transport->flushed = 0;
}

static ConnProbe *
new_limited (guint limit, guint burst)
{
  return conn_probe_new_connected (&(ConnProbeOptions) { .rate_limit = limit, .rate_burst = burst });
}

/* --- The program's limit --- */

static void
test_wait (void)
{
  g_autoptr (ConnProbe) probe = new_limited (10, 2);

  send (probe, "m1");
  send (probe, "m2");
  send (probe, "m3");
  send_with (probe, "room", "low", 0, 0);
  send_with (probe, "room", "urgent", 3, 0);
  send (probe, "m4");
  expect_ids ("m1 m2");
  g_assert_cmpuint (get_depth (probe), ==, 4);
  conn_probe_advance (probe, 99);
  expect_ids ("");
  conn_probe_advance (probe, 1);
  expect_ids ("urgent");
  conn_probe_advance (probe, 100);
  expect_ids ("m3");
  conn_probe_advance (probe, 200);
  expect_ids ("m4 low");
  g_assert_cmpuint (get_depth (probe), ==, 0);
  /* What was not used is saved up, but no more than may go at once. */
  conn_probe_advance (probe, 10000);
  send (probe, "m5");
  send (probe, "m6");
  send (probe, "m7");
  expect_ids ("m5 m6");
}

/* The bounds of the queue, times to live and cancellation hold while it waits. */
static void
test_wait_bounds (void)
{
  g_autoptr (ConnProbe) probe
    = conn_probe_new_connected (&(ConnProbeOptions) { .rate_limit = 1, .send_queue_limit = 2 });

  send (probe, "m1");
  send_with (probe, "room", "short", 1, 500);
  g_autoptr (RtOp) taken_back = publish_with (probe, "room", "taken-back", 1, 0);
  conn_probe_settle (probe);
  send (probe, "m4");
  conn_probe_expect (probe, "publish m4: queue-full\n");
  conn_probe_cancel (probe, taken_back);
  conn_probe_expect (probe, "publish taken-back: cancelled\n");
  conn_probe_advance (probe, 500);
  conn_probe_expect (probe, "dropped room expired\npublish short: expired\n");
  send (probe, "m5");
  conn_probe_advance (probe, 500);
  expect_ids ("m1 m5");
}

static void
test_fail (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (
    &(ConnProbeOptions) { .rate_limit = 10, .rate_burst = 2, .rate_policy = RT_RATE_POLICY_FAIL });

  send (probe, "m1");
  send (probe, "m2");
  send (probe, "m3");
  expect_ids ("m1 m2");
  /* It was never accepted, so nothing is dropped. */
  conn_probe_expect (probe, "publish m3: rate-limited\n");
  g_assert_cmpuint (get_depth (probe), ==, 0);
  conn_probe_advance (probe, 100);
  send (probe, "m4");
  send (probe, "m5");
  expect_ids ("m4");
  conn_probe_expect (probe, "publish m5: rate-limited\n");
  /* What the library itself sends may wait all the same. */
  g_autoptr (RtOp) patient = publish_with (probe, "room", "patient", 1, 0);
  patient->patient = TRUE;
  conn_probe_settle (probe);
  expect_ids ("");
  /* It has the next turn, so that there is none for another. */
  conn_probe_advance (probe, 50);
  send (probe, "m6");
  conn_probe_expect (probe, "publish m6: rate-limited\n");
  conn_probe_advance (probe, 50);
  expect_ids ("patient");
}

/* Without a line there is something else to wait for; afterwards the limit holds for all of it. */
static void
test_reconnect (void)
{
  static const RtRatePolicy policies[] = { RT_RATE_POLICY_WAIT, RT_RATE_POLICY_FAIL };

  for (guint i = 0; i < G_N_ELEMENTS (policies); i++)
    {
      g_autoptr (ConnProbe) probe = conn_probe_new_connected (
        &(ConnProbeOptions) { .rate_limit = 1, .rate_burst = 2, .rate_policy = policies[i] });

      send (probe, "m1");
      send (probe, "m2");
      rt_fake_transport_closed (1006, "");
      send_with (probe, "room", "low", 0, 0);
      send_with (probe, "room", "urgent", 3, 0);
      conn_probe_advance (probe, 10);
      conn_probe_come_back (probe, "");
      conn_probe_advance (probe, 10000);
      RtFakeTransport *line = rt_fake_transport_get ();
      g_assert_cmpuint (line->messages->len, >, 1); /* not all in one turn */
      expect_ids ("m1 m2 urgent low");
    }
}

/* Told to end while some wait: they are written as long as there is time, and at their pace. */
static void
test_drain (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (
    &(ConnProbeOptions) { .rate_limit = 1, .shutdown_timeout = 5000 });

  send (probe, "m1");
  rt_fake_transport_receive (DONE (2));
  for (guint i = 2; i <= 6; i++)
    {
      g_autofree char *id = g_strdup_printf ("m%u", i);
      send (probe, id);
    }
  conn_probe_do (probe, RT_OP_DISCONNECT, NULL);
  conn_probe_advance (probe, 1000);
  rt_fake_transport_receive (DONE (3));
  conn_probe_advance (probe, 1000);
  rt_fake_transport_receive ("{\"id\":4,\"publish\":{}}");
  expect_ids ("m1 m2 m3");
  conn_probe_forget (probe);
  conn_probe_advance (probe, 1000);
  g_assert_true (rt_fake_transport_get ()->closing);
  g_assert_nonnull (strstr (probe->diary->str, "publish m5: not-connected\n"));
  g_assert_nonnull (strstr (probe->diary->str, "publish m6: not-connected\n"));
}

/* The last one that a draining line waited for is over before its turn. */
static void
test_drain_expiry (void)
{
  g_autoptr (ConnProbe) probe = new_limited (1, 1);

  send (probe, "m1");
  rt_fake_transport_receive (DONE (2));
  send_with (probe, "room", "short", 1, 300);
  conn_probe_do (probe, RT_OP_DISCONNECT, NULL);
  g_assert_false (rt_fake_transport_get ()->closing);
  conn_probe_advance (probe, 300);
  g_assert_true (rt_fake_transport_get ()->closing);
}

/* --- The server's limit --- */

/* Without a limit of the program's own it is an error like any other. */
static void
test_unheeded (void)
{
  static const ConnProbeOptions cases[] = {
    { 0 }, { .rate_limit = 100, .rate_policy = RT_RATE_POLICY_FAIL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ConnProbe) probe = conn_probe_new_connected (&cases[i]);

      send (probe, "m1");
      rt_fake_transport_receive (REFUSED (2));
      conn_probe_expect (probe, "dropped room rate-limited\npublish m1: rate-limited\n");
      send (probe, "m2");
      expect_ids ("m1 m2");
    }
}

/* All of a burst waits, in its order, and is then tried one at a time. */
static void
test_heeded (void)
{
  g_autoptr (ConnProbe) probe = new_limited (1000, 0);

  send (probe, "m1");
  send (probe, "m2");
  send (probe, "m3");
  rt_fake_transport_receive (DONE (2) "\n" REFUSED (3) "\n" REFUSED (4));
  conn_probe_expect (probe, "publish m1: ok\n");
  send_with (probe, "room", "urgent", 3, 0);
  g_assert_cmpuint (get_depth (probe), ==, 3);
  conn_probe_forget (probe);
  conn_probe_advance (probe, 200);
  expect_ids ("m2");
  rt_fake_transport_receive (DONE (5));
  expect_ids ("m3 urgent");
  rt_fake_transport_receive ("{\"id\":6,\"publish\":{}}\n{\"id\":7,\"publish\":{}}");
  conn_probe_expect (probe, "publish m2: ok\npublish m3: ok\npublish urgent: ok\n");
  g_assert_cmpuint (get_depth (probe), ==, 0);
}

/* The rests grow up to 20 s, and begin anew after a success. Each is random, so only its bound is known. */
static void
test_rests (void)
{
  g_autoptr (ConnProbe) probe = new_limited (1000, 0);
  guint bound = 200, command = 2, longest = 0;

  send (probe, "m1");
  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *refused = g_strdup_printf ("{\"id\":%u,\"error\":{\"code\":111}}", command++);
      guint waited = 0;

      conn_probe_forget (probe);
      rt_fake_transport_receive (refused);
      for (; rt_fake_transport_get ()->messages->len == 0; waited += 10)
        conn_probe_advance (probe, 10);
      g_assert_cmpuint (waited, <=, bound + 10);
      longest = MAX (longest, waited);
      bound = MIN (bound * 2, 20000);
      expect_ids ("m1");
      rt_fake_transport_receive ("{}");
    }
  g_assert_cmpuint (longest, >, 5000);
  g_autofree char *done = g_strdup_printf ("{\"id\":%u,\"publish\":{}}", command++);
  rt_fake_transport_receive (done);
  send (probe, "m2");
  g_autofree char *refused = g_strdup_printf ("{\"id\":%u,\"error\":{\"code\":111}}", command);
  conn_probe_forget (probe);
  rt_fake_transport_receive (refused);
  conn_probe_advance (probe, 200);
  expect_ids ("m2");
}

/* A later one arrived: sent now, the refused one would come behind it. Not so for other channels and priorities. */
static void
test_overtaken (void)
{
  g_autoptr (ConnProbe) probe = new_limited (1000, 0);

  send (probe, "m1");
  send_with (probe, "hall", "h1", 1, 0);
  send_with (probe, "room", "low", 0, 0);
  send (probe, "m2");
  rt_fake_transport_receive (REFUSED (2) "\n" REFUSED (3) "\n" REFUSED (4) "\n" "{\"id\":5,\"publish\":{}}");
  conn_probe_expect (probe, "dropped room rate-limited\npublish m1: rate-limited\npublish m2: ok\n");
  conn_probe_forget (probe);
  conn_probe_advance (probe, 200);
  expect_ids ("h1");
  rt_fake_transport_receive ("{\"id\":6,\"publish\":{}}");
  expect_ids ("low");
}

/* Or it may have arrived. */
static void
test_perhaps_overtaken (void)
{
  g_autoptr (ConnProbe) probe = new_limited (1000, 0);
  g_autoptr (RtOp) taken_back = NULL;

  send (probe, "m1");
  send_with (probe, "hall", "h1", 1, 0);
  taken_back = publish_with (probe, "room", "m2", 1, 0);
  conn_probe_settle (probe);
  send_with (probe, "hall", "h2", 1, 0);
  rt_fake_transport_receive (REFUSED (2) "\n" REFUSED (3));
  conn_probe_cancel (probe, taken_back);
  conn_probe_expect (probe, "dropped room rate-limited\npublish m1: rate-limited\n"
                            "dropped room outcome-unknown\npublish m2: outcome-unknown\n");
  conn_probe_advance (probe, 10000);
  g_assert_nonnull (strstr (probe->diary->str, "publish h1: rate-limited\n"));
  g_assert_nonnull (strstr (probe->diary->str, "publish h2: outcome-unknown\n"));
  g_assert_cmpuint (get_depth (probe), ==, 0);
}

/* Also where the answers change places. */
static void
test_overtaken_before (void)
{
  g_autoptr (ConnProbe) probe = new_limited (1000, 0);

  send (probe, "m1");
  send_with (probe, "hall", "h1", 1, 0);
  send (probe, "m2");
  rt_fake_transport_receive (DONE (4) "\n" REFUSED (3) "\n" REFUSED (2));
  conn_probe_expect (probe, "publish m2: ok\ndropped room rate-limited\npublish m1: rate-limited\n");
  conn_probe_forget (probe);
  conn_probe_advance (probe, 200);
  expect_ids ("h1");
}

/* Refusals that come in another order change nothing of the order of the messages. */
static void
test_places (void)
{
  g_autoptr (ConnProbe) probe = new_limited (1000, 0);

  for (guint i = 1; i <= 4; i++)
    {
      g_autofree char *id = g_strdup_printf ("m%u", i);
      send (probe, id);
    }
  rt_fake_transport_receive (REFUSED (4) "\n" REFUSED (2) "\n" REFUSED (3));
  /* The line is lost with the fourth on its way. */
  rt_fake_transport_closed (1006, "");
  conn_probe_come_back (probe, "");
  conn_probe_advance (probe, 200);
  expect_ids ("m1");
  rt_fake_transport_receive ("{\"id\":7,\"publish\":{}}");
  rt_fake_transport_receive ("{\"id\":8,\"publish\":{}}\n{\"id\":9,\"publish\":{}}");
  expect_ids ("m2 m3 m4");
}

/* Known not to have arrived. */
static void
test_refused_ends (void)
{
  guint expired = 0;

  /* A rest may be shorter than the time to live, though hardly each time. */
  for (guint i = 0; i < 8; i++)
    {
      g_autoptr (ConnProbe) probe = new_limited (1000, 0);

      send_with (probe, "room", "short", 1, 5);
      g_autoptr (RtOp) taken_back = publish_with (probe, "room", "taken-back", 1, 0);
      conn_probe_settle (probe);
      rt_fake_transport_receive (REFUSED (2) "\n" REFUSED (3));
      conn_probe_cancel (probe, taken_back);
      conn_probe_expect (probe, "publish taken-back: cancelled\n");
      conn_probe_forget (probe);
      conn_probe_advance (probe, 5);
      if (rt_fake_transport_get ()->messages->len > 0)
        continue;
      conn_probe_expect (probe, "dropped room expired\npublish short: expired\n");
      g_assert_cmpuint (get_depth (probe), ==, 0);
      expired++;
    }
  g_assert_cmpuint (expired, >, 0);
}

/* It went out before, on a line that was lost, so nobody knows. */
static void
test_lost_and_refused (void)
{
  g_autoptr (ConnProbe) probe = new_limited (1000, 0);
  g_autoptr (RtOp) lost = publish_with (probe, "room", "lost", 1, 0);

  conn_probe_settle (probe);
  rt_fake_transport_closed (1006, "");
  conn_probe_come_back (probe, "");
  rt_fake_transport_receive ("{\"id\":4,\"error\":{\"code\":111}}");
  conn_probe_forget (probe);
  conn_probe_cancel (probe, lost);
  conn_probe_expect (probe, "dropped room outcome-unknown\npublish lost: outcome-unknown\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  conn_probe_add_test ("/Rt/Pacing/wait", test_wait);
  conn_probe_add_test ("/Rt/Pacing/wait-bounds", test_wait_bounds);
  conn_probe_add_test ("/Rt/Pacing/fail", test_fail);
  conn_probe_add_test ("/Rt/Pacing/reconnect", test_reconnect);
  conn_probe_add_test ("/Rt/Pacing/drain", test_drain);
  conn_probe_add_test ("/Rt/Pacing/drain-expiry", test_drain_expiry);
  conn_probe_add_test ("/Rt/Pacing/unheeded", test_unheeded);
  conn_probe_add_test ("/Rt/Pacing/heeded", test_heeded);
  conn_probe_add_test ("/Rt/Pacing/rests", test_rests);
  conn_probe_add_test ("/Rt/Pacing/overtaken", test_overtaken);
  conn_probe_add_test ("/Rt/Pacing/perhaps-overtaken", test_perhaps_overtaken);
  conn_probe_add_test ("/Rt/Pacing/overtaken-before", test_overtaken_before);
  conn_probe_add_test ("/Rt/Pacing/places", test_places);
  conn_probe_add_test ("/Rt/Pacing/refused-ends", test_refused_ends);
  conn_probe_add_test ("/Rt/Pacing/lost-and-refused", test_lost_and_refused);
  return g_test_run ();
}
