/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client-calls.h"
#include "client-probe.h"
#include "rt-clock.h"
#include "rt-io-thread.h"
#include "rt-test-network.h"
#include "rt-test-virtual.h"

/* Every deadline of the client, on virtual time: a minute takes no time here, and both ends live in it. */

typedef struct
{
  RtMockServer *server;
  RtClient *client;
  ClientLog *log;
} Fixture;

/* The I/O thread's timers must be made on virtual time. */
static void
set_up (Fixture *fixture, gconstpointer data)
{
  rt_io_thread_shutdown_for_tests ();
  rt_test_virtual_begin ();
  fixture->server = rt_mock_server_new ();
  if (data != NULL)
    rt_mock_server_set_ping_interval (fixture->server, 0);
  rt_mock_server_start (fixture->server, NULL);
  fixture->client = client_util_new_client (fixture->server, "connect-timeout", 3000, "request-timeout", 4000,
                                            "shutdown-timeout", 5000, "heartbeat-timeout", 6000, NULL);
  fixture->log = client_log_new (fixture->client);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  client_log_free (fixture->log);
  client_util_finalize (fixture->client);
  g_assert_finalize_object (fixture->server);
  rt_io_thread_shutdown_for_tests ();
  rt_clock_virtual_end ();
}

static void
advance (guint ms)
{
  rt_clock_virtual_advance (RT_CLOCK_MS (ms));
}

static void
connect_it (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  rt_client_connect_sync (fixture->client, NULL, &error);
  g_assert_no_error (error);
  rt_test_wait_until (client_log_count (fixture->log, "connected") > 0);
}

static void
stall (Fixture *fixture)
{
  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_STALL, 1);
  rt_clock_virtual_settle ();
}

/* @reply is not there before @ms have passed, and is then. */
static void
assert_after (ClientReply *reply, guint ms)
{
  rt_clock_virtual_settle ();
  g_assert_cmpuint (reply->count, ==, 0);
  advance (ms - 1);
  g_assert_cmpuint (reply->count, ==, 0);
  advance (1);
  client_reply_wait (reply);
}

/* --- Connecting --- */

static void
test_connect (Fixture *fixture, gconstpointer data)
{
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;

  stall (fixture);
  rt_client_connect_async (fixture->client, NULL, client_reply_cb, &reply);
  rt_test_poll_until (client_probe_count (fixture->client) > 0);
  assert_after (&reply, 3000);
  g_assert_false (rt_client_connect_finish (fixture->client, reply.result, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_TIMED_OUT);
  g_assert_nonnull (strstr (error->message, "3000 ms"));
  g_assert_cmpint (rt_client_get_state (fixture->client), ==, RT_CONNECTION_STATE_RECONNECTING);
  g_assert_cmpuint (client_log_count (fixture->log, "disconnected"), ==, 0);
  rt_mock_server_clear_faults (fixture->server);
  connect_it (fixture);
}

/* One who comes late shares the attempt, and its deadline. A join waits for one that succeeds. */
static void
test_connect_shared (Fixture *fixture, gconstpointer data)
{
  g_auto (ClientReply) first = { 0 }, second = { 0 }, joining = { 0 };
  g_autoptr (GError) error = NULL;

  stall (fixture);
  rt_client_connect_async (fixture->client, NULL, client_reply_cb, &first);
  rt_test_poll_until (client_probe_count (fixture->client) > 0);
  advance (2000);
  rt_client_connect_async (fixture->client, NULL, client_reply_cb, &second);
  rt_client_join_channel_async (fixture->client, "room", NULL, NULL, client_reply_cb, &joining);
  assert_after (&second, 1000);
  client_reply_wait (&first);
  g_assert_false (rt_client_connect_finish (fixture->client, second.result, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_TIMED_OUT);
  g_clear_error (&error);
  g_assert_cmpuint (joining.count, ==, 0);
  rt_mock_server_clear_faults (fixture->server);
  connect_it (fixture);
  client_reply_wait (&joining);
  g_autoptr (RtChannel) room = rt_client_join_channel_finish (fixture->client, joining.result, &error);
  g_assert_no_error (error);
}

/* --- Requests --- */

static void
test_send (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtMessage) message = rt_message_new_text ("room", "hello");
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;

  connect_it (fixture);
  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_LOSE_REPLY, 1);
  rt_client_send_async (fixture->client, message, NULL, client_reply_cb, &reply);
  rt_test_poll_until (client_probe_count (fixture->client) > 0);
  assert_after (&reply, 4000);
  g_assert_null (rt_client_send_finish (fixture->client, reply.result, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_OUTCOME_UNKNOWN);
  g_assert_nonnull (strstr (error->message, rt_message_get_id (message)));
  g_assert_nonnull (strstr (error->message, "4000 ms"));
  g_clear_error (&error);
  /* It was published after all; sent again with the same id, it stays one. */
  g_autoptr (RtMessage) again = rt_client_send_sync (fixture->client, message, NULL, &error);
  g_assert_no_error (error);
  g_auto (GStrv) recorded = rt_mock_server_get_messages (fixture->server, "room");
  g_assert_cmpuint (g_strv_length (recorded), ==, 1);
}

static void
test_requests (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "rpc", "ping", "join_channel", "history", "presence", "presence_stats" };
  ClientSetup setup = { .server = fixture->server, .client = fixture->client };

  connect_it (fixture);
  setup.room = client_util_join (fixture->client, "room");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const ClientCall *call = client_calls_find (names[i]);
      g_auto (ClientReply) reply = { 0 };
      g_autoptr (GError) error = NULL;

      stall (fixture);
      call->start (&setup, NULL, client_reply_cb, &reply);
      rt_test_poll_until (client_probe_count (fixture->client) > 0);
      assert_after (&reply, 4000);
      g_assert_false (call->finish (reply.source, reply.result, &error));
      g_assert_error (error, RT_ERROR, RT_ERROR_TIMED_OUT);
      g_assert_true (rt_client_is_connected (fixture->client));
      rt_mock_server_clear_faults (fixture->server);
      rt_clock_virtual_settle ();
    }
  g_object_unref (setup.room);
}

/* A ping that waits does not put off the requests that wait with it, nor they the ping. */
static void
test_own_deadlines (Fixture *fixture, gconstpointer data)
{
  g_auto (ClientReply) ping = { 0 }, first = { 0 }, second = { 0 };

  connect_it (fixture);
  stall (fixture);
  rt_client_ping_async (fixture->client, NULL, client_reply_cb, &ping);
  rt_test_poll_until (client_probe_count (fixture->client) == 1);
  advance (1000);
  rt_client_rpc_async (fixture->client, "echo", NULL, NULL, client_reply_cb, &first);
  rt_test_poll_until (client_probe_count (fixture->client) == 2);
  advance (1000);
  rt_client_rpc_async (fixture->client, "echo", NULL, NULL, client_reply_cb, &second);
  rt_test_poll_until (client_probe_count (fixture->client) == 3);
  assert_after (&ping, 2000);
  assert_after (&first, 1000);
  assert_after (&second, 1000);
}

/* A join that was given up is taken back on the server, so that the next one succeeds. */
static void
test_join_again (Fixture *fixture, gconstpointer data)
{
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;

  connect_it (fixture);
  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_LOSE_REPLY, 1);
  rt_client_join_channel_async (fixture->client, "room", NULL, NULL, client_reply_cb, &reply);
  rt_test_poll_until (client_probe_count (fixture->client) > 0);
  assert_after (&reply, 4000);
  g_assert_null (rt_client_join_channel_finish (fixture->client, reply.result, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_TIMED_OUT);
  g_clear_error (&error);
  g_autoptr (RtChannel) room = rt_client_join_channel_sync (fixture->client, "room", NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (room);
}

/* --- The line --- */

/* The server's ping interval is 25 s. */
static void
test_dead_line (Fixture *fixture, gconstpointer data)
{
  connect_it (fixture);
  advance (60 * 1000);
  g_assert_true (rt_client_is_connected (fixture->client));
  g_assert_cmpuint (rt_mock_server_get_pong_count (fixture->server), ==, 2);
  /* The last ping came ten seconds ago. */
  stall (fixture);
  advance (25000 + 6000 - 10000 - 1);
  g_assert_true (rt_client_is_connected (fixture->client));
  advance (1);
  rt_test_wait_until (client_log_count (fixture->log, "disconnected") > 0);
  g_assert_false (rt_client_is_connected (fixture->client));
  g_assert_cmpuint (client_log_count (fixture->log, "disconnected 1006 1"), ==, 1);
}

/* Hours of life. */
static void
test_long_life (Fixture *fixture, gconstpointer data)
{
  connect_it (fixture);
  advance (4 * 3600 * 1000);
  g_assert_true (rt_client_is_connected (fixture->client));
  g_assert_cmpuint (rt_mock_server_get_pong_count (fixture->server), ==, 4 * 3600 / 25);
  g_assert_cmpuint (client_log_count (fixture->log, "disconnected"), ==, 0);
}

/* A server that announces no ping gets one every 25 s, and is found dead as well. */
static void
test_without_pings (Fixture *fixture, gconstpointer data)
{
  connect_it (fixture);
  advance (10 * 60 * 1000);
  g_assert_true (rt_client_is_connected (fixture->client));
  g_assert_cmpuint (client_log_count (fixture->log, "disconnected"), ==, 0);
  stall (fixture);
  advance (25000 + 6000);
  rt_test_wait_until (client_log_count (fixture->log, "disconnected") > 0);
  g_assert_false (rt_client_is_connected (fixture->client));
}

/* The server waits ten seconds for a client to say who it is. This one does so at once, or gives up before. */
static void
test_pre_auth (Fixture *fixture, gconstpointer data)
{
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;
  RtClient *patient = client_util_new_client (fixture->server, "connect-timeout", 60000, NULL);

  stall (fixture);
  rt_client_connect_async (patient, NULL, client_reply_cb, &reply);
  rt_test_poll_until (client_probe_count (patient) > 0);
  assert_after (&reply, 10000);
  g_assert_false (rt_client_connect_finish (patient, reply.result, &error));
  g_assert_nonnull (error);
  g_assert_true (error->domain == RT_ERROR);
  client_reply_clear (&reply);
  client_util_finalize (patient);
}

/* --- Not to wait any longer: while time stands still here, nothing else makes the next attempt --- */

static void
lose_line (Fixture *fixture)
{
  connect_it (fixture);
  client_log_clear (fixture->log);
  client_util_cut (fixture->server);
  rt_test_wait_until (client_log_count (fixture->log, "reconnecting 1") == 1);
  rt_mock_server_clear_faults (fixture->server);
  rt_clock_virtual_settle ();
  g_assert_cmpint (rt_client_get_state (fixture->client), ==, RT_CONNECTION_STATE_RECONNECTING);
  g_assert_cmpuint (rt_client_get_attempt (fixture->client), ==, 1);
}

static void
test_reconnect_now (Fixture *fixture, gconstpointer data)
{
  lose_line (fixture);
  rt_client_reconnect_now (fixture->client);
  rt_test_wait_until (client_log_count (fixture->log, "connected") == 1);
}

static void
test_connect_again (Fixture *fixture, gconstpointer data)
{
  g_auto (ClientReply) reply = { 0 };

  lose_line (fixture);
  rt_client_connect_async (fixture->client, NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  g_assert_true (rt_client_connect_finish (fixture->client, reply.result, NULL));
}

static void
test_network (Fixture *fixture, gconstpointer data)
{
  connect_it (fixture);
  client_log_clear (fixture->log);
  rt_mock_server_stop (fixture->server);
  rt_test_wait_until (client_log_count (fixture->log, "reconnecting") > 0);
  while (rt_client_get_attempt (fixture->client) < 2 || rt_client_get_retry_in (fixture->client) < 5000)
    advance (100);
  g_assert_true (rt_mock_server_start (fixture->server, NULL));
  /* Once a second at most. */
  rt_test_network_set (TRUE);
  advance (1000);
  rt_test_wait_until (client_log_count (fixture->log, "connected") == 1);
}

/* --- Ending --- */

typedef enum
{
  IDLE,
  CONNECTING,
  OPEN,
  BUSY, /* with an unanswered request */
  N_SITUATIONS,
} Situation;

/* The server does nothing at all here: the time after which both calls must have ended. One that does not even answer
 * a ping is not waited for any longer. */
static const guint end_times[N_SITUATIONS] = { 0, 0, 2000, 2000 };

static void
end_in (Fixture *fixture, Situation situation, const char *name)
{
  ClientSetup setup = { .server = fixture->server };
  g_auto (ClientReply) connecting = { 0 }, asking = { 0 }, ending = { 0 };
  const ClientCall *call = client_calls_find (name);
  g_autoptr (GError) error = NULL;

  setup.client = client_util_new_client (fixture->server, "connect-timeout", 30000, "request-timeout", 30000, NULL);
  if (situation >= OPEN)
    rt_client_connect_sync (setup.client, NULL, &error);
  g_assert_no_error (error);
  stall (fixture);
  if (situation == CONNECTING)
    rt_client_connect_async (setup.client, NULL, client_reply_cb, &connecting);
  if (situation == BUSY)
    rt_client_rpc_async (setup.client, "echo", NULL, NULL, client_reply_cb, &asking);
  call->start (&setup, NULL, client_reply_cb, &ending);
  if (end_times[situation] > 0)
    {
      rt_test_poll_until (client_probe_count (setup.client) > 0);
      assert_after (&ending, end_times[situation]);
    }
  else
    client_reply_wait (&ending);
  g_assert_true (call->finish (ending.source, ending.result, &error));
  g_assert_no_error (error);
  if (situation == CONNECTING)
    client_reply_wait (&connecting);
  g_assert_cmpuint (asking.count, ==, situation == BUSY);
  rt_mock_server_clear_faults (fixture->server);
  client_reply_clear (&connecting);
  client_reply_clear (&asking);
  client_reply_clear (&ending);
  client_util_finalize (setup.client);
}

static void
test_disconnect (Fixture *fixture, gconstpointer data)
{
  for (Situation i = 0; i < N_SITUATIONS; i++)
    end_in (fixture, i, "disconnect");
}

static void
test_close (Fixture *fixture, gconstpointer data)
{
  for (Situation i = 0; i < N_SITUATIONS; i++)
    end_in (fixture, i, "close");
}

/* With the answers there, nothing is waited for: no time passes here. */
static void
test_close_drained (Fixture *fixture, gconstpointer data)
{
  g_auto (ClientReply) sending = { 0 }, closing = { 0 };
  g_autoptr (GError) error = NULL;

  connect_it (fixture);
  rt_client_send_message_async (fixture->client, "room", "hello", NULL, client_reply_cb, &sending);
  rt_client_close_async (fixture->client, NULL, client_reply_cb, &closing);
  client_reply_wait (&closing);
  g_assert_cmpuint (sending.count, ==, 1);
  g_autoptr (RtMessage) sent = rt_client_send_message_finish (fixture->client, sending.result, &error);
  g_assert_no_error (error);
}

#define TEST(path, data, func) g_test_add ("/Rt/ClientTimeouts/" path, Fixture, data, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  rt_test_network_install ();
  TEST ("connect", NULL, test_connect);
  TEST ("connect-shared", NULL, test_connect_shared);
  TEST ("send", NULL, test_send);
  TEST ("requests", NULL, test_requests);
  TEST ("own-deadlines", NULL, test_own_deadlines);
  TEST ("join-again", NULL, test_join_again);
  TEST ("dead-line", NULL, test_dead_line);
  TEST ("long-life", NULL, test_long_life);
  TEST ("without-pings", "", test_without_pings);
  TEST ("pre-auth", NULL, test_pre_auth);
  TEST ("reconnect-now", NULL, test_reconnect_now);
  TEST ("connect-again", NULL, test_connect_again);
  TEST ("network", NULL, test_network);
  TEST ("disconnect", NULL, test_disconnect);
  TEST ("close", NULL, test_close);
  TEST ("close-drained", NULL, test_close_drained);
  return g_test_run ();
}
