/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client-util.h"

/* The main job: connect, join, send, receive, leave. */

typedef struct
{
  RtMockServer *server;
  RtClient *client;
  ClientLog *log;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->server = client_util_start_server ();
  fixture->client = client_util_new_client (fixture->server, "user-id", "ann", NULL);
  fixture->log = client_log_new (fixture->client);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  rt_client_close_sync (fixture->client, NULL, NULL);
  client_log_free (fixture->log);
  client_util_finalize (fixture->client);
  g_assert_finalize_object (fixture->server);
}

static void
connect_it (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  rt_client_connect_sync (fixture->client, NULL, &error);
  g_assert_no_error (error);
}

static void
assert_log (ClientLog *log, const char *prefix, const char *expected)
{
  g_autofree char *list = client_log_list (log, prefix, NULL);

  g_assert_cmpstr (list, ==, expected);
}

/* --- Connecting --- */

static void
test_connect (Fixture *fixture, gconstpointer data)
{
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_null (rt_client_get_transport (fixture->client));
  g_assert_null (rt_client_get_client_id (fixture->client));
  g_assert_false (rt_client_is_connected (fixture->client));
  rt_client_connect_async (fixture->client, NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  g_assert_true (rt_client_connect_finish (fixture->client, reply.result, &error));
  g_assert_no_error (error);

  g_auto (GStrv) ids = rt_mock_server_get_clients (fixture->server);
  g_autofree char *id = rt_client_get_client_id (fixture->client);
  g_assert_cmpuint (g_strv_length (ids), ==, 1);
  g_assert_cmpstr (ids[0], ==, id);
  g_assert_cmpstr (rt_client_get_transport (fixture->client), ==, "websocket");
  g_assert_true (rt_client_is_connected (fixture->client));
  assert_log (fixture->log, "connected", "connected");
  g_assert_cmpuint (client_log_count (fixture->log, "disconnected"), ==, 0);
}

/* What a blocking call has achieved can be read at once; the signals come when the loop turns. */
static void
test_snapshot (Fixture *fixture, gconstpointer data)
{
  connect_it (fixture);
  g_assert_cmpint (rt_client_get_state (fixture->client), ==, RT_CONNECTION_STATE_CONNECTED);
  g_assert_cmpuint (client_log_count (fixture->log, ""), ==, 0);
  g_autoptr (RtChannel) room = client_util_join (fixture->client, "room");
  g_assert_cmpint (rt_channel_get_state (room), ==, RT_CHANNEL_STATE_JOINED);
  g_assert_cmpuint (client_log_count (fixture->log, ""), ==, 0);
  client_log_add_channel (fixture->log, room);
  rt_test_wait_until (client_log_count (fixture->log, "room joined") > 0);
  assert_log (fixture->log, "connected", "connected");
  g_autofree char *list = client_log_list (fixture->log, "room state", "room joined", NULL);
  g_assert_cmpstr (list, ==, "room state 2; room joined 0");
}

static void
test_disconnect (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  connect_it (fixture);
  g_autoptr (RtChannel) room = client_util_join (fixture->client, "room");
  client_log_add_channel (fixture->log, room);
  g_assert_true (rt_client_disconnect_sync (fixture->client, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (rt_client_get_state (fixture->client), ==, RT_CONNECTION_STATE_DISCONNECTED);
  g_assert_cmpint (rt_channel_get_state (room), ==, RT_CHANNEL_STATE_JOINING);
  g_assert_null (rt_client_get_client_id (fixture->client));
  g_assert_null (rt_client_get_transport (fixture->client));
  rt_test_wait_until (client_log_count (fixture->log, "disconnected") > 0);
  assert_log (fixture->log, "disconnected", "disconnected 1000 0");
  assert_log (fixture->log, "error", "");

  client_log_clear (fixture->log);
  connect_it (fixture);
  rt_test_wait_until (client_log_count (fixture->log, "room joined") > 0);
  g_assert_cmpint (rt_channel_get_state (room), ==, RT_CHANNEL_STATE_JOINED);
}

static void
test_close (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  connect_it (fixture);
  g_autoptr (RtChannel) room = client_util_join (fixture->client, "room");
  client_log_add_channel (fixture->log, room);
  g_assert_true (rt_client_close_sync (fixture->client, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (rt_client_get_state (fixture->client), ==, RT_CONNECTION_STATE_CLOSED);
  g_assert_cmpint (rt_channel_get_state (room), ==, RT_CHANNEL_STATE_LEFT);
  rt_test_wait_until (client_log_count (fixture->log, "disconnected") > 0);
  assert_log (fixture->log, "disconnected", "disconnected 1000 0");
  assert_log (fixture->log, "room left", "room left 0");
  g_assert_cmpuint (g_list_model_get_n_items (rt_client_get_channels (fixture->client)), ==, 0);
  rt_test_poll_until (client_util_count_clients (fixture->server) == 0);
}

/* --- Messages --- */

static void
test_send (Fixture *fixture, gconstpointer data)
{
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;

  connect_it (fixture);
  g_autoptr (RtChannel) room = client_util_join (fixture->client, "room");
  client_log_add_channel (fixture->log, room);
  rt_client_send_message_async (fixture->client, "room", "hello", NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  /* The own echo comes before the answer. */
  assert_log (fixture->log, "room message", "room message hello");
  assert_log (fixture->log, "message", "message room hello");

  g_autoptr (RtMessage) sent = rt_client_send_message_finish (fixture->client, reply.result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (rt_message_get_channel (sent), ==, "room");
  g_assert_cmpstr (rt_message_get_content (sent), ==, "hello");
  g_assert_cmpstr (rt_message_get_sender (sent), ==, "ann");
  g_assert_cmpuint (rt_message_get_offset (sent), ==, 1);
  g_assert_cmpuint (rt_channel_get_offset (room), ==, 1);
  g_auto (GStrv) recorded = rt_mock_server_get_messages (fixture->server, "room");
  g_assert_cmpuint (g_strv_length (recorded), ==, 1);
  g_assert_nonnull (strstr (recorded[0], rt_message_get_id (sent)));
}

static void
keep_cb (RtChannel *channel, RtMessage *message, gpointer user_data)
{
  RtMessage **kept = user_data;

  g_assert_null (*kept);
  *kept = g_object_ref (message);
}

static void
test_receive (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtMessageOptions) options = rt_message_options_new ();
  g_autoptr (RtMessage) got = NULL;
  g_autoptr (GError) error = NULL;

  connect_it (fixture);
  RtClient *other = client_util_connect (fixture->server);
  g_autoptr (RtChannel) room = client_util_join (other, "room");
  g_signal_connect (room, "message", G_CALLBACK (keep_cb), &got);
  rt_message_options_set_priority (options, RT_PRIORITY_URGENT);
  rt_message_options_set_metadata (options, g_variant_new_parsed ("{'colour': 'red'}"));
  g_autoptr (RtMessage) sent
    = rt_client_send_message_with_options_sync (fixture->client, "room", "hello", options, NULL, &error);
  g_assert_no_error (error);
  rt_test_wait_until (got != NULL);
  g_assert_cmpstr (rt_message_get_id (got), ==, rt_message_get_id (sent));
  g_assert_cmpstr (rt_message_get_sender (got), ==, "ann");
  g_assert_cmpstr (rt_message_get_content (got), ==, "hello");
  g_assert_cmpint (rt_message_get_priority (got), ==, RT_PRIORITY_URGENT);
  g_assert_cmpstr (rt_message_get_metadata_value (got, "colour"), ==, "red");
  g_assert_cmpuint (rt_message_get_offset (got), ==, rt_message_get_offset (sent));
  g_clear_object (&got);
  g_clear_object (&room);
  client_util_finalize (other);
}

static void
count_cb (RtClient *client, RtMessage *message, gpointer user_data)
{
  ++*(guint *) user_data;
}

static void
test_detail (Fixture *fixture, gconstpointer data)
{
  guint rooms = 0, halls = 0, all = 0;

  g_signal_connect (fixture->client, "message::room", G_CALLBACK (count_cb), &rooms);
  connect_it (fixture);
  g_autoptr (RtChannel) room = client_util_join (fixture->client, "room");
  g_autoptr (RtChannel) hall = client_util_join (fixture->client, "hall-of-details");
  g_signal_connect (fixture->client, "message", G_CALLBACK (count_cb), &all);
  client_util_publish (fixture->server, "hall-of-details", 1, 1);
  rt_test_wait_until (all == 1);
  /* Connected later than the first message. */
  g_signal_connect (fixture->client, "message::hall-of-details", G_CALLBACK (count_cb), &halls);
  client_util_publish (fixture->server, "room", 1, 2);
  client_util_publish (fixture->server, "hall-of-details", 2, 2);
  rt_test_wait_until (all == 4);
  g_assert_cmpuint (rooms, ==, 2);
  g_assert_cmpuint (halls, ==, 1);
}

typedef struct
{
  guint next;
  guint acknowledged;
} Ordered;

static void
ordered_cb (RtChannel *channel, RtMessage *message, gpointer user_data)
{
  Ordered *ordered = user_data;

  g_assert_cmpuint (client_util_get_number (message), ==, ordered->next);
  g_assert_cmpuint (rt_message_get_offset (message), ==, ++ordered->next);
}

static void
acknowledged_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Ordered *ordered = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) sent = rt_channel_send_message_finish (RT_CHANNEL (source), result, &error);

  g_assert_no_error (error);
  ordered->acknowledged++;
}

static void
test_order (Fixture *fixture, gconstpointer data)
{
  Ordered ordered = { 0 };

  connect_it (fixture);
  g_autoptr (RtChannel) room = client_util_join (fixture->client, "room");
  g_signal_connect (room, "message", G_CALLBACK (ordered_cb), &ordered);
  for (guint i = 0; i < 3000; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);

      /* Whether anybody waits makes no difference to the order. */
      rt_channel_send_message_async (room, text, NULL, i % 2 == 0 ? acknowledged_cb : NULL, &ordered);
    }
  rt_test_wait_until (ordered.next == 3000 && ordered.acknowledged == 1500);
  g_assert_true (rt_mock_server_wait_for_messages (fixture->server, 3000, 0));
}

static void
test_send_elsewhere (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtMessage) message = rt_message_new_text ("hall", "hello");
  g_autoptr (GError) error = NULL;

  connect_it (fixture);
  g_autoptr (RtChannel) room = client_util_join (fixture->client, "room");
  g_assert_null (rt_channel_send_sync (room, message, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "hall"));
  g_assert_nonnull (strstr (error->message, "room"));
}

/* Sent again with its id, a message is published once. */
static void
test_send_again (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtMessage) message = rt_message_new_text ("room", "hello");
  g_autoptr (GError) error = NULL;

  connect_it (fixture);
  g_autoptr (RtMessage) first = rt_client_send_sync (fixture->client, message, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (RtMessage) second = rt_client_send_sync (fixture->client, message, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (rt_message_get_offset (first), ==, 1);
  g_assert_cmpuint (rt_message_get_offset (second), ==, 1);
  g_assert_cmpstr (rt_message_get_id (first), ==, rt_message_get_id (second));
  g_auto (GStrv) recorded = rt_mock_server_get_messages (fixture->server, "room");
  g_assert_cmpuint (g_strv_length (recorded), ==, 1);
}

/* What was sent before is sent, though nobody waits for it. */
static void
test_flush (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  connect_it (fixture);
  for (guint i = 0; i < 500; i++)
    rt_client_send_message_async (fixture->client, "room", "hello", NULL, NULL, NULL);
  g_assert_true (rt_client_disconnect_sync (fixture->client, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (rt_mock_server_wait_for_messages (fixture->server, 500, 0));
  connect_it (fixture);
  for (guint i = 0; i < 500; i++)
    rt_client_send_message_async (fixture->client, "room", "hello", NULL, NULL, NULL);
  g_assert_true (rt_client_close_sync (fixture->client, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (rt_mock_server_wait_for_messages (fixture->server, 1000, 0));
}

/* --- Calls --- */

static void
rpc_cb (RtMockServer *server, RtMockCall *call, gpointer user_data)
{
  GPtrArray *kept = user_data;

  if (g_str_equal (rt_mock_call_get_method (call), "refuse"))
    rt_mock_call_fail (call, 404, "no such thing");
  else
    g_ptr_array_add (kept, g_object_ref (call));
}

static void
test_rpc (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GVariant) asked = g_variant_ref_sink (g_variant_new_parsed ("{'a': <int64 1>, 'b': <['x']>}"));
  g_autoptr (GVariant) first = g_variant_ref_sink (g_variant_new_string ("hi"));
  g_autoptr (GError) error = NULL;

  connect_it (fixture);
  g_autoptr (GVariant) echo = rt_client_rpc_sync (fixture->client, "echo", first, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpvariant (echo, first);
  g_autoptr (GVariant) nothing = rt_client_rpc_sync (fixture->client, "echo", NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_variant_is_of_type (nothing, G_VARIANT_TYPE ("mv")));
  g_autoptr (GVariant) object = rt_client_rpc_sync (fixture->client, "echo", asked, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_variant_is_of_type (object, G_VARIANT_TYPE_VARDICT));
  gint64 number = 0;
  g_assert_true (g_variant_lookup (object, "a", "x", &number));
  g_assert_cmpint (number, ==, 1);
}

static void
test_rpc_error (Fixture *fixture, gconstpointer data)
{
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;

  connect_it (fixture);
  g_signal_connect (fixture->server, "rpc", G_CALLBACK (rpc_cb), NULL);
  rt_client_rpc_async (fixture->client, "refuse", NULL, NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  g_assert_null (rt_client_rpc_finish (fixture->client, reply.result, &error));
  g_assert_error (error, RT_SERVER_ERROR, 404);
  g_assert_nonnull (strstr (error->message, "no such thing"));
  g_assert_true (rt_client_is_connected (fixture->client));
}

/* An answer that comes when nobody waits any more belongs to no other request either. */
static void
test_rpc_late (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func (g_object_unref);
  RtClient *hasty = client_util_new_client (fixture->server, "request-timeout", 100, NULL);
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;

  rt_client_connect_sync (hasty, NULL, &error);
  g_assert_no_error (error);
  gulong handler = g_signal_connect (fixture->server, "rpc", G_CALLBACK (rpc_cb), kept);
  rt_client_rpc_async (hasty, "wait", NULL, NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  g_assert_null (rt_client_rpc_finish (hasty, reply.result, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_TIMED_OUT);
  g_clear_error (&error);

  rt_test_wait_until (kept->len == 1);
  g_signal_handler_disconnect (fixture->server, handler);
  g_assert_true (rt_mock_call_reply (g_ptr_array_index (kept, 0), "\"late\"", &error));
  g_assert_no_error (error);
  g_autoptr (GVariant) echo = rt_client_rpc_sync (hasty, "echo", g_variant_new_string ("now"), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (g_variant_get_string (echo, NULL), ==, "now");
  client_reply_clear (&reply);
  client_util_finalize (hasty);
}

static void
test_ping (Fixture *fixture, gconstpointer data)
{
  ClientReply replies[5] = { 0 };
  g_autoptr (GError) error = NULL;

  connect_it (fixture);
  g_assert_cmpint (rt_client_ping_sync (fixture->client, NULL, &error), >=, 0);
  g_assert_no_error (error);
  /* Several at once share one, and all are answered. */
  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    rt_client_ping_async (fixture->client, NULL, client_reply_cb, &replies[i]);
  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      client_reply_wait (&replies[i]);
      g_assert_cmpint (rt_client_ping_finish (fixture->client, replies[i].result, &error), >=, 0);
      g_assert_no_error (error);
      client_reply_clear (&replies[i]);
    }
}

#define TEST(path, func) g_test_add ("/Rt/ClientMain/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  TEST ("connect", test_connect);
  TEST ("snapshot", test_snapshot);
  TEST ("disconnect", test_disconnect);
  TEST ("close", test_close);
  TEST ("send", test_send);
  TEST ("receive", test_receive);
  TEST ("detail", test_detail);
  TEST ("order", test_order);
  TEST ("send-elsewhere", test_send_elsewhere);
  TEST ("send-again", test_send_again);
  TEST ("flush", test_flush);
  TEST ("rpc", test_rpc);
  TEST ("rpc-error", test_rpc_error);
  TEST ("rpc-late", test_rpc_late);
  TEST ("ping", test_ping);
  return g_test_run ();
}
