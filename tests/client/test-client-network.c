/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client-util.h"
#include "rt-clock.h"
#include "rt-io-thread.h"
#include "rt-test-network.h"
#include "rt-test-virtual.h"
#include "rt-wake.h"

/* What the machine tells of its network and its sleep reaches the connection. On virtual time, which stands still: so
 * what happens does not happen because time has passed. */

typedef struct
{
  RtMockServer *server;
  RtClient *client;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  rt_test_virtual_begin ();
  fixture->server = client_util_start_server ();
  fixture->client = client_util_connect (fixture->server);
  rt_clock_virtual_advance (RT_CLOCK_MS (1000)); /* the next attempt may come at once */
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  if (fixture->client != NULL)
    client_util_finalize (fixture->client);
  rt_mock_server_stop (fixture->server);
  g_assert_finalize_object (fixture->server);
  rt_io_thread_shutdown_for_tests ();
  g_assert_cmpint (rt_clock_virtual_next (), ==, -1);
  rt_clock_virtual_end ();
}

static RtConnectionState
get_state (Fixture *fixture)
{
  return rt_client_get_state (fixture->client);
}

static void
lose (Fixture *fixture)
{
  rt_mock_server_drop_connections (fixture->server);
  rt_test_wait_until (get_state (fixture) == RT_CONNECTION_STATE_RECONNECTING);
  rt_clock_virtual_settle ();
  g_assert_cmpint (get_state (fixture), ==, RT_CONNECTION_STATE_RECONNECTING);
}

static void
await_connected (Fixture *fixture)
{
  rt_test_wait_until (rt_client_is_connected (fixture->client));
}

static void
test_network_up (Fixture *fixture, gconstpointer data)
{
  lose (fixture);
  rt_test_network_set (FALSE);
  rt_clock_virtual_settle ();
  g_assert_cmpint (get_state (fixture), ==, RT_CONNECTION_STATE_RECONNECTING);
  rt_test_network_set (TRUE);
  await_connected (fixture);
}

static void
test_wake_up (Fixture *fixture, gconstpointer data)
{
  lose (fixture);
  rt_clock_virtual_sleep (RT_CLOCK_MS (3600 * 1000));
  await_connected (fixture);
}

/* A server that has gone meanwhile without a word is found out, and only then given up. */
static void
check_silent_server (Fixture *fixture, void (*tell) (void))
{
  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_STALL, 1);
  tell ();
  rt_clock_virtual_advance (RT_CLOCK_MS (4999));
  g_assert_true (rt_client_is_connected (fixture->client));
  rt_clock_virtual_advance (RT_CLOCK_MS (1));
  rt_test_wait_until (!rt_client_is_connected (fixture->client));
  g_assert_cmpint (get_state (fixture), ==, RT_CONNECTION_STATE_RECONNECTING);
  /* The attempt that follows is under way already. */
  rt_mock_server_clear_faults (fixture->server);
  await_connected (fixture);
}

static void
tell_network (void)
{
  rt_test_network_set (TRUE);
}

static void
tell_sleep (void)
{
  rt_clock_virtual_sleep (RT_CLOCK_MS (3600 * 1000));
}

static void
test_silent_after_change (Fixture *fixture, gconstpointer data)
{
  check_silent_server (fixture, tell_network);
}

static void
test_silent_after_sleep (Fixture *fixture, gconstpointer data)
{
  check_silent_server (fixture, tell_sleep);
}

/* One that answers keeps its connection, and the program notices nothing. */
static void
test_good_server (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ClientLog) log = client_log_new (fixture->client);
  g_autofree char *before = rt_client_get_client_id (fixture->client);

  for (guint i = 0; i < 20; i++)
    {
      rt_test_network_set (TRUE);
      rt_clock_virtual_sleep (RT_CLOCK_MS (60000));
      rt_client_ping_sync (fixture->client, NULL, NULL); /* answered after the other pings */
      rt_clock_virtual_advance (RT_CLOCK_MS (5000));
    }
  g_assert_true (rt_client_is_connected (fixture->client));
  g_autofree char *after = rt_client_get_client_id (fixture->client);
  g_assert_cmpstr (after, ==, before);
  g_assert_cmpuint (client_log_count (log, ""), ==, 0);
}

/* --- While another thread tells of one change after the other --- */

static gint flapping; /* atomic */

static gpointer
flap (gpointer data)
{
  for (guint i = 0; g_atomic_int_get (&flapping) != 0; i++)
    rt_test_network_set (i % 2 == 0);
  return NULL;
}

static void
test_finalize_meanwhile (Fixture *fixture, gconstpointer data)
{
  g_atomic_int_set (&flapping, 1);
  GThread *thread = g_thread_new ("flap", flap, NULL);

  for (guint i = 0; i < 50; i++)
    {
      client_util_finalize (g_steal_pointer (&fixture->client));
      fixture->client = client_util_connect (fixture->server);
    }
  g_atomic_int_set (&flapping, 0);
  g_thread_join (thread);
}

static void
add (const char *path, void (*test) (Fixture *fixture, gconstpointer data))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  rt_test_network_install ();
  add ("/Rt/ClientNetwork/network-up", test_network_up);
  add ("/Rt/ClientNetwork/wake-up", test_wake_up);
  add ("/Rt/ClientNetwork/silent-after-change", test_silent_after_change);
  add ("/Rt/ClientNetwork/silent-after-sleep", test_silent_after_sleep);
  add ("/Rt/ClientNetwork/good-server", test_good_server);
  add ("/Rt/ClientNetwork/finalize-meanwhile", test_finalize_meanwhile);
  return g_test_run ();
}
