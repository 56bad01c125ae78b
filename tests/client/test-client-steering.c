/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "client-util.h"
#include "json-peer.h"

/* What a program can see of a connection that holds itself, what it can tell it to do, and what becomes of messages
 * that wait. */

typedef struct
{
  RtMockServer *server;
  RtClient *client;
  ClientLog *log;
  GString *notified; /* values of the properties that the test looks at, as they were notified */
} Fixture;

static void
begin (Fixture *fixture, RtClient *client)
{
  g_autoptr (GError) error = NULL;

  fixture->client = client;
  fixture->log = client_log_new (client);
  fixture->notified = g_string_new (NULL);
  rt_client_connect_sync (client, NULL, &error);
  g_assert_no_error (error);
  rt_test_wait_until (client_log_count (fixture->log, "connected") == 1);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  static const char *const strategies[] = { "websocket", "http-stream", NULL };

  fixture->server = client_util_start_server ();
  begin (fixture, client_util_new_client (fixture->server, "strategies", strategies, "send-queue-limit", 3, NULL));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  client_log_free (fixture->log);
  client_util_finalize (fixture->client);
  g_assert_finalize_object (fixture->server);
  g_string_free (fixture->notified, TRUE);
}

static void
cut (Fixture *fixture)
{
  client_util_cut (fixture->server);
  rt_test_wait_until (client_log_count (fixture->log, "disconnected") > 0);
}

static void
notify_cb (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  Fixture *fixture = user_data;
  g_auto (GValue) value = G_VALUE_INIT;

  g_object_get_property (object, pspec->name, &value);
  g_autofree char *text = g_strdup_value_contents (&value);
  g_string_append_printf (fixture->notified, "%s=%s;", pspec->name, text);
}

static gboolean
was_notified (Fixture *fixture, const char *text)
{
  return strstr (fixture->notified->str, text) != NULL;
}

/* --- What there is to see --- */

static void
test_latency (Fixture *fixture, gconstpointer data)
{
  g_auto (ClientReply) reply = { 0 };

  g_signal_connect (fixture->client, "notify::latency", G_CALLBACK (notify_cb), fixture);
  g_assert_cmpint (rt_client_get_latency (fixture->client), ==, -1);
  gint64 round_trip = rt_client_ping_sync (fixture->client, NULL, NULL);
  g_assert_cmpint (round_trip, >=, 0);
  g_assert_cmpint (rt_client_get_latency (fixture->client), ==, round_trip);
  g_assert_cmpstr (fixture->notified->str, ==, "");
  rt_test_wait_until (was_notified (fixture, "latency="));
  g_string_truncate (fixture->notified, 0);
  rt_client_ping_async (fixture->client, NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  round_trip = rt_client_ping_finish (fixture->client, reply.result, NULL);
  g_assert_cmpint (rt_client_get_latency (fixture->client), ==, round_trip);
  rt_test_wait_until (was_notified (fixture, "latency="));
}

static void
test_reasons (Fixture *fixture, gconstpointer data)
{
  g_signal_connect (fixture->client, "notify::state-code", G_CALLBACK (notify_cb), fixture);
  g_signal_connect (fixture->client, "notify::state-reason", G_CALLBACK (notify_cb), fixture);
  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_REFUSE, G_MAXUINT);
  rt_mock_server_disconnect_client (fixture->server, NULL, 4100, "for a while");
  rt_test_wait_until (was_notified (fixture, "state-code=4100;"));
  g_assert_true (was_notified (fixture, "state-reason=\"for a while\";"));
  rt_test_wait_until (client_log_count (fixture->log, "reconnecting 2") == 1);
  g_assert_cmpuint (client_log_count (fixture->log, "disconnected 4100 1"), ==, 1);
  g_assert_cmpuint (rt_client_get_attempt (fixture->client), >=, 2);
  client_util_mend (fixture->server, fixture->client);
  g_assert_cmpuint (rt_client_get_attempt (fixture->client), ==, 0);
  rt_mock_server_disconnect_client (fixture->server, NULL, 4600, "for ever");
  rt_test_wait_until (client_log_count (fixture->log, "disconnected 4600 0") == 1);
  g_assert_cmpuint (rt_client_get_state_code (fixture->client), ==, 4600);
  g_autofree char *reason = rt_client_get_state_reason (fixture->client);
  g_assert_cmpstr (reason, ==, "for ever");
}

/* --- Messages that wait --- */

static void
test_queue_properties (Fixture *fixture, gconstpointer data)
{
  g_signal_connect (fixture->client, "notify::queued-messages", G_CALLBACK (notify_cb), fixture);
  cut (fixture);
  rt_client_send_message_async (fixture->client, "room", "one", NULL, NULL, NULL);
  rt_client_send_message_async (fixture->client, "room", "two", NULL, NULL, NULL);
  rt_test_wait_until (was_notified (fixture, "queued-messages=2;"));
  g_assert_cmpuint (rt_client_get_queued_bytes (fixture->client), >, 6);
  g_string_truncate (fixture->notified, 0);
  client_util_mend (fixture->server, fixture->client);
  rt_test_wait_until (was_notified (fixture, "queued-messages=0;"));
  g_assert_cmpuint (rt_client_get_queued_bytes (fixture->client), ==, 0);
  g_assert_true (rt_mock_server_wait_for_messages (fixture->server, 2, RT_TEST_DEADLINE_MS));
}

static void
send_with (Fixture *fixture, const char *text, RtPriority priority, guint ttl, ClientReply *reply)
{
  g_autoptr (RtMessageOptions) options = rt_message_options_new ();

  rt_message_options_set_priority (options, priority);
  rt_message_options_set_ttl (options, ttl);
  rt_client_send_message_with_options_async (fixture->client, "room", text, options, NULL,
                                             reply != NULL ? client_reply_cb : NULL, reply);
}

static void
test_priority (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtChannel) room = client_util_join (fixture->client, "room");

  cut (fixture);
  send_with (fixture, "slow", RT_PRIORITY_LOW, 0, NULL);
  rt_client_send_message_async (fixture->client, "room", "plain", NULL, NULL, NULL);
  send_with (fixture, "fast", RT_PRIORITY_URGENT, 0, NULL);
  client_util_mend (fixture->server, fixture->client);
  rt_test_wait_until (client_log_count (fixture->log, "message") == 3);
  g_autofree char *messages = client_log_list (fixture->log, "message", NULL);
  g_assert_cmpstr (messages, ==, "message room fast; message room plain; message room slow");
}

static void
test_expired (Fixture *fixture, gconstpointer data)
{
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;

  cut (fixture);
  send_with (fixture, "brief", RT_PRIORITY_NORMAL, 1, &reply);
  client_reply_wait (&reply);
  g_assert_null (rt_client_send_message_with_options_finish (fixture->client, reply.result, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_EXPIRED);
  client_util_mend (fixture->server, fixture->client);
  g_assert_false (rt_mock_server_wait_for_messages (fixture->server, 1, 0));
}

static void
test_dropped (Fixture *fixture, gconstpointer data)
{
  g_autofree char *dropped = g_strdup_printf ("dropped room waiting rt-error-quark-%d", RT_ERROR_NOT_CONNECTED);
  g_autofree char *error_line = g_strdup_printf ("error rt-error-quark-%d", RT_ERROR_NOT_CONNECTED);
  g_autoptr (GError) error = NULL;

  cut (fixture);
  rt_client_send_message_async (fixture->client, "room", "waiting", NULL, NULL, NULL);
  rt_test_wait_until (rt_client_get_queued_messages (fixture->client) == 1);
  g_assert_true (rt_client_disconnect_sync (fixture->client, NULL, &error));
  g_assert_no_error (error);
  rt_test_wait_until (client_log_count (fixture->log, dropped) == 1);
  /* Nobody waited for it. */
  rt_test_wait_until (client_log_count (fixture->log, error_line) == 1);
  g_assert_cmpuint (rt_client_get_queued_messages (fixture->client), ==, 0);
  client_util_mend (fixture->server, fixture->client);
  g_assert_false (rt_mock_server_wait_for_messages (fixture->server, 1, 0));
}

static void
test_queue_full (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  cut (fixture);
  for (guint i = 0; i < 3; i++)
    rt_client_send_message_async (fixture->client, "room", "kept", NULL, NULL, NULL);
  g_assert_null (rt_client_send_message_sync (fixture->client, "room", "refused", NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_QUEUE_FULL);
  g_assert_nonnull (strstr (error->message, "send-queue-limit"));
  /* It was never accepted, so it is not one of those that were dropped. */
  client_util_mend (fixture->server, fixture->client);
  g_assert_true (rt_mock_server_wait_for_messages (fixture->server, 3, RT_TEST_DEADLINE_MS));
  rt_test_wait_until (rt_client_get_queued_messages (fixture->client) == 0);
  g_assert_cmpuint (client_log_count (fixture->log, "dropped"), ==, 0);
}

/* --- What there is to steer --- */

static void
test_use_strategy (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtChannel) room = client_util_join (fixture->client, "room");
  g_autoptr (GError) error = NULL;

  g_signal_connect (fixture->client, "notify::transport", G_CALLBACK (notify_cb), fixture);
  client_log_add_channel (fixture->log, room);
  g_assert_false (rt_client_use_strategy (fixture->client, "pigeon", &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "websocket, http-stream"));
  g_clear_error (&error);

  client_util_publish (fixture->server, "room", 1, 2);
  g_assert_true (rt_client_use_strategy (fixture->client, "http-stream", &error));
  g_assert_no_error (error);
  client_util_publish (fixture->server, "room", 3, 4);
  rt_test_wait_until (was_notified (fixture, "transport=\"http-stream\";"));
  client_util_publish (fixture->server, "room", 5, 6);
  rt_test_wait_until (client_log_count (fixture->log, "room message 6") == 1);
  g_assert_true (rt_client_use_strategy (fixture->client, "websocket", &error));
  g_assert_no_error (error);
  client_util_publish (fixture->server, "room", 7, 8);
  rt_test_wait_until (g_str_has_suffix (fixture->notified->str, "transport=\"websocket\";"));
  g_assert_true (rt_client_use_strategy (fixture->client, NULL, &error));
  g_assert_no_error (error);
  rt_test_wait_until (client_log_count (fixture->log, "room message 8") == 1);
  g_autofree char *messages = client_log_list (fixture->log, "message", "room gap", NULL);
  g_assert_cmpstr (messages, ==, "message room 1; message room 2; message room 3; message room 4; message room 5; "
                                 "message room 6; message room 7; message room 8");
}

/* Going over, and beginning afresh, are no attempts in vain. */
static void
test_no_reconnects (void)
{
  static const char *const strategies[] = { "websocket", "http-stream", NULL };
  RtMockServer *server = client_util_start_server ();
  Fixture fixture = { 0 };

  begin (&fixture, client_util_new_client (server, "strategies", strategies, "max-reconnects", 0, NULL));
  g_assert_true (rt_client_use_strategy (fixture.client, "http-stream", NULL));
  rt_test_wait_until (client_log_count (fixture.log, "connected") == 2);
  g_assert_cmpstr (rt_client_get_transport (fixture.client), ==, "http-stream");
  g_assert_true (rt_client_reset_session_sync (fixture.client, NULL, NULL));
  rt_test_wait_until (client_log_count (fixture.log, "connected") == 3);
  rt_mock_server_drop_connections (server);
  rt_test_wait_until (client_log_count (fixture.log, "disconnected 1006 0") == 1);
  g_assert_cmpint (rt_client_get_state (fixture.client), ==, RT_CONNECTION_STATE_FAILED);
  client_log_free (fixture.log);
  client_util_finalize (fixture.client);
  g_assert_finalize_object (server);
  g_string_free (fixture.notified, TRUE);
}

/* A strategy that nobody has brought along. */
static void
test_unknown_strategy (void)
{
  static const char *const strategies[] = { "websocket", "pigeon", NULL };
  RtClient *client = client_util_new_for_url ("ws://127.0.0.1:1/", "strategies", strategies, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (rt_client_connect_sync (client, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_CONFIG);
  g_assert_nonnull (strstr (error->message, "pigeon"));
  g_assert_cmpint (rt_client_get_state (client), ==, RT_CONNECTION_STATE_DISCONNECTED);
  client_util_finalize (client);
}

/* --- What the server joins --- */

static void
server_side_script (JsonPeer *peer, gpointer user_data)
{
  json_peer_accept (peer);
  guint id = json_peer_expect (peer, "connect");
  json_peer_send (peer, "{\"id\":%u,\"connect\":{\"client\":\"me\",\"subs\":{\"personal\":{\"recoverable\":true,"
                        "\"epoch\":\"e\",\"offset\":3}}}}", id);
  json_peer_send (peer, "{\"push\":{\"channel\":\"personal\",\"pub\":{\"data\":{\"$rt\":1,\"text\":\"hi\"},"
                        "\"offset\":4}}}");
  id = json_peer_expect (peer, "unsubscribe");
  json_peer_send (peer, "{\"id\":%u,\"unsubscribe\":{}}", id);
  json_peer_wait_end (peer);
}

static void
test_server_side (void)
{
  g_autoptr (JsonPeer) peer = json_peer_new (server_side_script, NULL);
  g_autofree char *url = json_peer_get_url (peer);
  Fixture fixture = { 0 };
  g_autoptr (GError) error = NULL;

  begin (&fixture, client_util_new_for_url (url, NULL));
  rt_test_wait_until (client_log_count (fixture.log, "message personal hi") == 1);
  GListModel *channels = rt_client_get_channels (fixture.client);
  g_assert_cmpuint (g_list_model_get_n_items (channels), ==, 1);
  g_autoptr (RtChannel) personal = rt_client_get_channel (fixture.client, "personal");
  g_assert_nonnull (personal);
  g_assert_cmpint (rt_channel_get_state (personal), ==, RT_CHANNEL_STATE_JOINED);
  g_assert_true (rt_channel_get_recoverable (personal));
  g_assert_cmpuint (rt_channel_get_offset (personal), ==, 4);
  client_log_add_channel (fixture.log, personal);
  g_assert_true (rt_channel_leave_sync (personal, NULL, &error));
  g_assert_no_error (error);
  rt_test_wait_until (client_log_count (fixture.log, "personal left 0") == 1);
  g_assert_cmpuint (g_list_model_get_n_items (channels), ==, 0);
  client_log_free (fixture.log);
  g_clear_object (&personal);
  client_util_finalize (fixture.client);
  g_string_free (fixture.notified, TRUE);
}

#define TEST(path, func) g_test_add ("/Rt/ClientSteering/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  TEST ("latency", test_latency);
  TEST ("reasons", test_reasons);
  TEST ("queue-properties", test_queue_properties);
  TEST ("priority", test_priority);
  TEST ("expired", test_expired);
  TEST ("dropped", test_dropped);
  TEST ("queue-full", test_queue_full);
  TEST ("use-strategy", test_use_strategy);
  g_test_add_func ("/Rt/ClientSteering/no-reconnects", test_no_reconnects);
  g_test_add_func ("/Rt/ClientSteering/unknown-strategy", test_unknown_strategy);
  g_test_add_func ("/Rt/ClientSteering/server-side", test_server_side);
  return g_test_run ();
}
