/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn-probe.h"

#include <stdio.h>
#include <string.h>
#include "rt-error.h"
#include "rt-route-memory.h"

/* Several ways to one server, and the channels that the server itself subscribes. */

#define MINUTE (60 * 1000)

static GError *
refused_error (void)
{
  return g_error_new_literal (RT_ERROR, RT_ERROR_PROTOCOL, "the way is blocked");
}

static void
fail (guint http_status)
{
  g_autoptr (GError) error = refused_error ();

  rt_fake_transport_failed (error, http_status);
}

/* What one test found out about the endpoint is nothing to the next. */
static ConnProbe *
new_with_routes (guint more)
{
  ConnProbe *probe = conn_probe_new (&(ConnProbeOptions) { .more_routes = more });
  g_autoptr (RtSettings) settings = conn_probe_make_settings (NULL);

  rt_route_memory_forget (settings);
  conn_probe_do (probe, RT_OP_CONNECT, NULL);
  conn_probe_forget (probe);
  return probe;
}

static void
greet (ConnProbe *probe)
{
  g_autofree char *greeting = NULL;
  guint id = 0;

  rt_fake_transport_opened (RT_PROFILE_RT1);
  g_assert_cmpint (sscanf (g_ptr_array_index (rt_fake_transport_get ()->messages, 0), "{\"id\":%u,", &id), ==, 1);
  conn_probe_forget (probe);
  greeting = g_strdup_printf ("{\"id\":%u,\"connect\":{\"client\":\"c\",\"ping\":25}}", id);
  rt_fake_transport_receive (greeting);
}

/* The next one, in the same attempt; the call that connects learns of none of it. */
static void
test_fallback (void)
{
  g_autoptr (ConnProbe) probe = new_with_routes (2);

  fail (426);
  conn_probe_expect (probe, "");
  fail (0);
  greet (probe);
  conn_probe_expect (probe, "state connected\nconnected c\nconnect: ok\n");
  g_assert_cmpstr (rt_connection_get_transport (probe->connection), ==, "fake-2");
}

/* Each gets its part of the time: one that opens and says nothing is given up too. */
static void
test_silent (void)
{
  g_autoptr (ConnProbe) probe = new_with_routes (1);

  rt_fake_transport_opened (RT_PROFILE_RT1);
  conn_probe_advance (probe, 4999);
  g_assert_true (rt_fake_transport_get ()->was_open);
  conn_probe_advance (probe, 1);
  g_assert_false (rt_fake_transport_get ()->was_open);
  greet (probe);
  g_assert_cmpstr (rt_connection_get_transport (probe->connection), ==, "fake-1");
}

/* All together within the time to connect. */
static void
test_round_timeout (void)
{
  g_autoptr (ConnProbe) probe = new_with_routes (2);

  conn_probe_advance (probe, 9999);
  conn_probe_expect (probe, "");
  conn_probe_advance (probe, 1);
  conn_probe_expect (probe, "state reconnecting\nreconnecting 1\nconnect: timed-out\n");
}

/* For good only if nobody, in whatever way, left hope. */
static void
test_refusals (void)
{
  for (guint i = 0; i <= 1; i++)
    {
      g_autoptr (ConnProbe) probe = new_with_routes (1);

      fail (404);
      fail (i == 0 ? 404 : 503);
      conn_probe_expect (probe, i == 0 ? "state failed\nconnect: protocol\n"
                                       : "state reconnecting\nreconnecting 1\nconnect: protocol\n");
    }
}

/* What worked is tried first for half an hour; then the best one again. */
static void
test_memory (void)
{
  g_autoptr (ConnProbe) probe = new_with_routes (1);

  fail (0);
  greet (probe);
  rt_fake_transport_closed (1006, "");
  conn_probe_come_back (probe, "");
  g_assert_cmpstr (rt_connection_get_transport (probe->connection), ==, "fake-1");
  for (guint i = 0; i < 31 * 3; i++)
    {
      conn_probe_advance (probe, MINUTE / 3);
      rt_fake_transport_receive ("{}");
    }
  rt_fake_transport_closed (1006, "");
  conn_probe_come_back (probe, "");
  g_assert_cmpstr (rt_connection_get_transport (probe->connection), ==, "fake");
}

/* One that opens and dies, again and again, is no better than one that does not open. */
static void
test_early_deaths (void)
{
  g_autoptr (ConnProbe) probe = new_with_routes (1);

  greet (probe);
  rt_fake_transport_closed (1006, "");
  conn_probe_come_back (probe, "");
  g_assert_cmpstr (rt_connection_get_transport (probe->connection), ==, "fake");
  rt_fake_transport_closed (1006, "");
  conn_probe_come_back (probe, "");
  g_assert_cmpstr (rt_connection_get_transport (probe->connection), ==, "fake-1");
}

/* The program's choice: at once, and nothing of what is under way is lost. */
static void
test_choice (void)
{
  g_autoptr (ConnProbe) probe = new_with_routes (1);

  greet (probe);
  conn_probe_do_publish (probe, "room", "m1");
  conn_probe_forget (probe);
  g_assert_false (rt_connection_use_route (probe->connection, "fake-7"));
  g_assert_true (rt_connection_use_route (probe->connection, "fake-1"));
  conn_probe_settle (probe);
  conn_probe_expect (probe, "state reconnecting\ndisconnected 1006  will retry\nreconnecting 1\n");
  g_assert_cmpuint (probe->last_delay, ==, 0);
  conn_probe_come_back (probe, "");
  g_assert_cmpstr (rt_connection_get_transport (probe->connection), ==, "fake-1");
  conn_probe_expect_sent ("{\"id\":4,\"publish\":{\"channel\":\"room\",\"data\":{},\"idem\":\"m1\"}}\n");
  /* And it alone. */
  rt_fake_transport_closed (1006, "");
  conn_probe_forget (probe);
  conn_probe_advance (probe, probe->last_delay + 1);
  fail (0);
  g_assert_null (rt_fake_transport_get ());
}

/* --- Channels that the server subscribes --- */

static ConnProbe *
new_subscribed (void)
{
  ConnProbe *probe = conn_probe_new (NULL);

  conn_probe_do (probe, RT_OP_CONNECT, NULL);
  rt_fake_transport_opened (RT_PROFILE_RT1);
  conn_probe_forget (probe);
  rt_fake_transport_receive ("{\"id\":1,\"connect\":{\"client\":\"c1\",\"ping\":25,\"subs\":{"
                             "\"news\":{\"recoverable\":true,\"epoch\":\"e\",\"offset\":5,\"positioned\":true},\"plain\":{}}}}");
  g_assert_nonnull (strstr (probe->diary->str, "joined news e@5 recoverable\n"));
  g_assert_nonnull (strstr (probe->diary->str, "joined plain @0\n"));
  conn_probe_forget (probe);
  return probe;
}

static void
test_server_subs (void)
{
  g_autoptr (ConnProbe) probe = new_subscribed ();

  rt_fake_transport_receive ("{\"push\":{\"channel\":\"news\",\"pub\":{\"data\":{},\"offset\":6}}}");
  conn_probe_expect (probe, "message news 6\n");
  rt_fake_transport_closed (1006, "");
  conn_probe_forget (probe);
  conn_probe_advance (probe, probe->last_delay + 1);
  rt_fake_transport_opened (RT_PROFILE_RT1);
  conn_probe_expect_sent ("{\"id\":2,\"connect\":{\"token\":\"key\",\"subs\":"
                          "{\"news\":{\"recover\":true,\"epoch\":\"e\",\"offset\":6}},\"name\":\"realtime\"}}\n");
  conn_probe_forget (probe);
  /* Recovered, and of the other one the server says nothing any more. */
  rt_fake_transport_receive ("{\"id\":2,\"connect\":{\"client\":\"c1\",\"ping\":25,\"subs\":{"
                             "\"news\":{\"recoverable\":true,\"epoch\":\"e\",\"offset\":7,\"recovered\":true,"
                             "\"publications\":[{\"data\":{},\"offset\":7}]}}}}");
  conn_probe_expect (probe, "state connected\nconnected c1\njoined news e@6 recoverable recovered\nmessage news 7\n"
                            "recovered news 1\nleft plain 2000 not subscribed by the server any more\n");
}

static void
test_server_sub_push (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  rt_fake_transport_receive ("{\"push\":{\"channel\":\"late\",\"subscribe\":{\"recoverable\":true,\"epoch\":\"e\",\"offset\":2}}}");
  conn_probe_expect (probe, "joined late e@2 recoverable\n");
  conn_probe_do (probe, RT_OP_LEAVE, "late");
  conn_probe_expect_sent ("{\"id\":2,\"unsubscribe\":{\"channel\":\"late\"}}\n");
  rt_fake_transport_receive ("{\"id\":2,\"unsubscribe\":{}}");
  conn_probe_expect (probe, "left late 0 \nleave late: ok\n");
}

/* A server cannot fill the memory of its clients with channels. */
static void
test_server_subs_bounded (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);
  guint joined = 0;

  for (guint i = 0; i < 5000; i++)
    {
      g_autofree char *push = g_strdup_printf ("{\"push\":{\"channel\":\"c%u\",\"subscribe\":{}}}", i);

      rt_fake_transport_receive (push);
      joined += g_str_has_prefix (probe->diary->str, "joined");
      conn_probe_forget (probe);
    }
  g_assert_cmpuint (joined, ==, 4096);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  conn_probe_add_test ("/Rt/Routes/fallback", test_fallback);
  conn_probe_add_test ("/Rt/Routes/silent", test_silent);
  conn_probe_add_test ("/Rt/Routes/round-timeout", test_round_timeout);
  conn_probe_add_test ("/Rt/Routes/refusals", test_refusals);
  conn_probe_add_test ("/Rt/Routes/memory", test_memory);
  conn_probe_add_test ("/Rt/Routes/early-deaths", test_early_deaths);
  conn_probe_add_test ("/Rt/Routes/choice", test_choice);
  conn_probe_add_test ("/Rt/Routes/server-subs", test_server_subs);
  conn_probe_add_test ("/Rt/Routes/server-sub-push", test_server_sub_push);
  conn_probe_add_test ("/Rt/Routes/server-subs-bounded", test_server_subs_bounded);
  return g_test_run ();
}
