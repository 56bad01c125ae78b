/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-suite.h"

/* Realtime's client against a server that is not its own, engine/, and against its own, which has to show the same. */

/* --- Connecting --- */

static void
test_connect (void)
{
  g_autoptr (InteropClient) ann = engine_suite_client ("ann");
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;

  g_assert_cmpint (rt_client_get_state (ann->client), ==, RT_CONNECTION_STATE_DISCONNECTED);
  engine_suite_connect (ann);
  id = rt_client_get_client_id (ann->client);
  g_assert_cmpuint (strlen (id), ==, 36);
  g_assert_cmpint (rt_client_get_state (ann->client), ==, RT_CONNECTION_STATE_CONNECTED);
  g_assert_cmpstr (rt_client_get_transport (ann->client), ==, engine_suite_get_transport ());
  g_assert_false (rt_client_connect_sync (ann->client, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_ALREADY_CONNECTED);
  interop_client_expect (ann, "connected:", NULL);

  g_clear_error (&error);
  g_assert_true (rt_client_disconnect_sync (ann->client, NULL, &error));
  g_assert_no_error (error);
  interop_client_expect (ann, "disconnected: 1000 0", NULL);
  engine_suite_connect (ann);
  interop_client_expect (ann, "connected:", NULL);
}

static void
assert_refused (const char *token, RtError code)
{
  const InteropClientOptions options = { .url = engine_suite_get_url (), .token = token,
                                         .transport = engine_suite_get_transport () };
  g_autoptr (InteropClient) client = interop_client_new (&options);
  g_autoptr (GError) error = NULL;

  g_assert_false (rt_client_connect_sync (client->client, NULL, &error));
  g_assert_error (error, RT_ERROR, (int) code);
  g_assert_false (rt_error_is_retryable (error));
  g_assert_false (rt_client_is_connected (client->client));
}

static void
test_refused (void)
{
  g_autofree char *forged = interop_token_new ("ann", "another secret", INTEROP_EXPIRES_2100);
  g_autofree char *expired = interop_token_new ("ann", INTEROP_SECRET, INTEROP_EXPIRED_2001);

  assert_refused (forged, RT_ERROR_UNAUTHORIZED);
  assert_refused (expired, RT_ERROR_UNAUTHORIZED);
  assert_refused ("no token at all", RT_ERROR_UNAUTHORIZED);
}

/* The loop of this thread does not turn here: pings are answered elsewhere. */
static void
test_pings_while_blocked (void)
{
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (GError) error = NULL;
  g_autofree char *answered = NULL;

  do
    {
      g_autoptr (GVariant) answer = rt_client_rpc_sync (ann->client, "echo", NULL, NULL, &error);

      g_assert_no_error (error);
      g_assert_nonnull (answer);
      g_free (answered);
      answered = engine_suite_control ("pongs");
    }
  while (g_str_equal (answered, "0"));
}

static void
test_ping (void)
{
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (GError) error = NULL;
  gint64 round_trip = rt_client_ping_sync (ann->client, NULL, &error);

  if (g_str_equal (engine_suite_get_transport (), "websocket"))
    {
      g_assert_no_error (error);
      g_assert_cmpint (round_trip, >, 0);
    }
  else
    g_assert_error (error, RT_ERROR, RT_ERROR_NOT_SUPPORTED);
}

/* --- Messages --- */

#define MANY 300

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GPtrArray *acknowledged = user_data;
  g_autoptr (GError) error = NULL;
  RtMessage *message = rt_client_send_message_finish (RT_CLIENT (source), result, &error);

  g_assert_no_error (error);
  g_ptr_array_add (acknowledged, message);
}

static void
collect_cb (RtChannel *channel, RtMessage *message, gpointer user_data)
{
  g_ptr_array_add (user_data, g_object_ref (message));
}

static void
test_order (void)
{
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (RtChannel) channel = interop_client_join (ann, "order");
  g_autoptr (GPtrArray) acknowledged = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) received = g_ptr_array_new_with_free_func (g_object_unref);

  rt_test_wait_until (rt_channel_get_recoverable (channel));
  g_signal_connect (channel, "message", G_CALLBACK (collect_cb), received);
  for (guint i = 0; i < MANY; i++)
    {
      g_autofree char *text = g_strdup_printf ("number %u", i);

      rt_client_send_message_async (ann->client, "order", text, NULL, sent_cb, acknowledged);
    }
  rt_test_wait_until (acknowledged->len == MANY && received->len == MANY);
  for (guint i = 0; i < MANY; i++)
    {
      RtMessage *sent = g_ptr_array_index (acknowledged, i);
      RtMessage *got = g_ptr_array_index (received, i);
      g_autofree char *text = g_strdup_printf ("number %u", i);

      g_assert_cmpstr (rt_message_get_content (got), ==, text);
      g_assert_cmpstr (rt_message_get_id (got), ==, rt_message_get_id (sent));
      g_assert_cmpuint (rt_message_get_offset (got), ==, i + 1);
      g_assert_cmpstr (rt_message_get_user_id (got), ==, "ann");
    }
  g_assert_cmpuint (rt_channel_get_offset (channel), ==, MANY);
  g_signal_handlers_disconnect_by_data (channel, received);
}

static void
test_texts (void)
{
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (InteropClient) bob = engine_suite_connected ("bob");
  g_autoptr (RtChannel) channel = interop_client_join (bob, "texts");
  g_autofree char *large = g_strnfill (60000, 'x');
  g_autofree char *event = g_strconcat ("message: ", large, NULL);

  interop_client_send (ann, "texts", "häß 日本語 \xf0\x9f\x98\x80");
  interop_client_send (ann, "texts", "\"\\/\b\f\n\r\t\x01\xe2\x80\xa8");
  interop_client_send (ann, "texts", large);
  interop_client_expect (bob, "message: häß 日本語 \xf0\x9f\x98\x80",
                         "message: \"\\/\b\f\n\r\t\x01\xe2\x80\xa8", event, NULL);
  g_assert_cmpint (rt_channel_get_state (channel), ==, RT_CHANNEL_STATE_JOINED);
}

static RtMessage *
send_whole (InteropClient *client, RtMessageBuilder *builder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) message = rt_message_builder_build (builder, &error);
  RtMessage *acknowledged;

  g_assert_no_error (error);
  acknowledged = rt_client_send_sync (client->client, message, NULL, &error);
  g_assert_no_error (error);
  return acknowledged;
}

static void
test_whole_message (void)
{
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (InteropClient) bob = engine_suite_connected ("bob");
  g_autoptr (RtChannel) channel = interop_client_join (bob, "whole");
  g_autoptr (GPtrArray) received = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_new ();
  g_autoptr (RtMessage) sent = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static ("\0\xff\x01", 3);
  RtMessage *got;

  g_signal_connect (channel, "message", G_CALLBACK (collect_cb), received);
  rt_message_builder_with_channel (builder, "whole");
  rt_message_builder_with_bytes (builder, bytes);
  rt_message_builder_with_priority (builder, RT_PRIORITY_URGENT);
  rt_message_builder_with_ttl (builder, 60000);
  rt_message_builder_with_metadata (builder, "key", "a \"value\"");
  rt_message_builder_with_tag (builder, "tag", "ö");
  sent = send_whole (ann, builder);
  rt_test_wait_until (received->len == 1);
  got = g_ptr_array_index (received, 0);
  g_assert_cmpstr (rt_message_get_id (got), ==, rt_message_get_id (sent));
  g_assert_cmpint (rt_message_get_message_type (got), ==, RT_MESSAGE_TYPE_BINARY);
  g_assert_true (g_bytes_equal (rt_message_get_bytes (got), bytes));
  g_assert_cmpint (rt_message_get_priority (got), ==, RT_PRIORITY_URGENT);
  g_assert_cmpuint (rt_message_get_ttl (got), ==, 60000);
  g_assert_cmpstr (rt_message_get_metadata_value (got, "key"), ==, "a \"value\"");
  g_assert_cmpstr (rt_message_get_tag_value (got, "tag"), ==, "ö");
  g_assert_cmpint (rt_message_get_timestamp (got), ==, rt_message_get_timestamp (sent));
  g_signal_handlers_disconnect_by_data (channel, received);
}

/* From a program that knows nothing of Realtime. */
static void
test_foreign_publication (void)
{
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (RtChannel) channel = interop_client_join (ann, "foreign");
  g_autoptr (GPtrArray) received = g_ptr_array_new_with_free_func (g_object_unref);

  g_signal_connect (channel, "message", G_CALLBACK (collect_cb), received);
  engine_suite_tell ("publish foreign {\"temperature\":21.5}");
  engine_suite_tell ("publish foreign \"text\"");
  rt_test_wait_until (received->len == 2);
  for (guint i = 0; i < received->len; i++)
    {
      g_autofree char *json = rt_message_dup_data_json (g_ptr_array_index (received, i));

      g_assert_cmpint (rt_message_get_message_type (g_ptr_array_index (received, i)), ==, RT_MESSAGE_TYPE_CUSTOM);
      g_assert_cmpstr (json, ==, i == 0 ? "{\"temperature\":21.5}" : "\"text\"");
    }
  g_signal_handlers_disconnect_by_data (channel, received);
}

static void
test_too_large (void)
{
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strnfill (70000, 'x');
  g_autoptr (RtMessage) message = rt_client_send_message_sync (ann->client, "large", text, NULL, &error);

  g_assert_null (message);
  g_assert_error (error, RT_ERROR, RT_ERROR_TOO_LARGE);
  interop_client_send (ann, "large", "the line has not suffered");
}

static void
test_denied (void)
{
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (GError) error = NULL;
  g_autoptr (RtChannel) channel = rt_client_join_channel_sync (ann->client, "denied:room", NULL, NULL, &error);
  g_autoptr (RtMessage) message = NULL;

  g_assert_null (channel);
  g_assert_error (error, RT_ERROR, RT_ERROR_PERMISSION_DENIED);
  g_clear_error (&error);
  message = rt_client_send_message_sync (ann->client, "readonly:room", "text", NULL, &error);
  g_assert_null (message);
  g_assert_error (error, RT_ERROR, RT_ERROR_PERMISSION_DENIED);
  interop_client_send (ann, "open", "the line has not suffered");
}

/* --- Presence, history, calls --- */

static void
test_presence (void)
{
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (RtChannel) channel = interop_client_join (ann, "presence");
  g_autoptr (InteropClient) bob = engine_suite_connected ("bob");
  g_autoptr (RtChannel) other = interop_client_join (bob, "presence");
  g_autofree char *bob_id = rt_client_get_client_id (bob->client);
  g_autoptr (GError) error = NULL;
  g_autoptr (GListModel) members = NULL;
  gboolean found = FALSE;
  guint clients, users;

  interop_client_expect (ann, "member-joined: ann", "member-joined: bob", NULL);
  members = rt_channel_presence_sync (channel, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (members), ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (RtMember) member = g_list_model_get_item (members, i);

      found = found || (g_str_equal (rt_member_get_client_id (member), bob_id)
                        && g_str_equal (rt_member_get_user_id (member), "bob"));
    }
  g_assert_true (found);
  rt_channel_presence_stats_sync (channel, NULL, &clients, &users, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (clients, ==, 2);
  g_assert_cmpuint (users, ==, 2);

  rt_channel_leave_sync (other, NULL, &error);
  g_assert_no_error (error);
  interop_client_expect (ann, "member-left: bob", NULL);
  rt_channel_presence_stats_sync (channel, NULL, &clients, &users, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (clients, ==, 1);
}

static void
assert_history (RtChannel *channel, int limit, guint64 since, gboolean reverse, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *epoch = rt_channel_get_epoch (channel);
  g_autoptr (RtPosition) position = since > 0 ? rt_position_new (epoch, since) : NULL;
  g_autoptr (RtHistory) history = rt_channel_history_sync (channel, limit, position, reverse, NULL, &error);
  g_autoptr (GString) texts = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (history)); i++)
    {
      g_autoptr (RtMessage) message = g_list_model_get_item (G_LIST_MODEL (history), i);

      g_string_append (texts, rt_message_get_content (message));
    }
  g_assert_cmpstr (texts->str, ==, expected);
  g_assert_cmpstr (rt_history_get_epoch (history), ==, epoch);
  g_assert_cmpuint (rt_history_get_offset (history), ==, 6);
}

static void
test_history (void)
{
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (RtChannel) channel = interop_client_join (ann, "history");

  rt_test_wait_until (rt_channel_get_recoverable (channel));
  for (const char *text = "abcdef"; *text != '\0'; text++)
    interop_client_send (ann, "history", (char[]){ *text, '\0' });
  assert_history (channel, -1, 0, FALSE, "abcdef");
  assert_history (channel, 0, 0, FALSE, "");
  assert_history (channel, 2, 0, FALSE, "ab");
  assert_history (channel, 2, 0, TRUE, "fe");
  assert_history (channel, 2, 3, FALSE, "de");
  assert_history (channel, 2, 3, TRUE, "ba");
}

static void
test_calls (void)
{
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) question = g_variant_ref_sink (g_variant_new_parsed (
      "@a{sv} {'list': <@av [<int64 1>, <'two'>, <true>, <@mv nothing>]>, 'number': <3.5>}"));
  g_autoptr (GVariant) answer = rt_client_rpc_sync (ann->client, "echo", question, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpvariant (answer, question);
  g_assert_null (rt_client_rpc_sync (ann->client, "fail", NULL, NULL, &error));
  g_assert_error (error, RT_SERVER_ERROR, 1000);
  g_assert_nonnull (strstr (error->message, "out of stock"));
  g_clear_error (&error);
  g_assert_null (rt_client_rpc_with_timeout_sync (ann->client, "unknown", NULL, 20000, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_NOT_SUPPORTED);
}

/* Whatever the server answers, nobody hears of it, and it disturbs nothing that comes after it. */
static void
test_notifications (void)
{
  static const char *const methods[] = { "fail", "unknown", "echo" };
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_assert_true (rt_client_send_notification_sync (ann->client, methods[i], g_variant_new_int64 (i), NULL, &error));
      g_assert_no_error (error);
    }
  g_autoptr (GVariant) answer = rt_client_rpc_sync (ann->client, "echo", g_variant_new_int64 (9), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_variant_get_int64 (answer), ==, 9);
  interop_client_expect (ann, "!error:", "!disconnected:", NULL);
}

static void
late_cb (RtClient *client, RtMessage *message, const GError *error, gpointer user_data)
{
  g_assert_error (error, RT_ERROR, RT_ERROR_EXPIRED);
  g_string_append_printf (user_data, "%s ", rt_message_get_content (message));
}

/* The server's clock is the one that counts, and these two are the same machine's. */
static void
test_late (void)
{
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (RtChannel) channel = interop_client_join (ann, "late");
  g_autoptr (RtMessage) now = rt_message_new_text ("late", "now");
  g_autofree char *json
    = g_strdup_printf ("{\"channel\":\"late\",\"type\":\"text\",\"timestamp\":%" G_GINT64_FORMAT
                       ",\"ttl\":60000,\"content\":\"late\"}",
                       rt_message_get_timestamp (now) - G_TIME_SPAN_HOUR);
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) late = rt_message_from_json (json, &error);
  g_autoptr (RtMessageOptions) options = rt_message_options_new ();
  g_autoptr (GString) dropped = g_string_new (NULL);

  g_assert_no_error (error);
  g_signal_connect (ann->client, "message-dropped", G_CALLBACK (late_cb), dropped);
  rt_message_options_set_ttl (options, 60000);
  g_autoptr (RtMessage) sent = rt_client_send_sync (ann->client, late, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (RtMessage) fresh
    = rt_client_send_message_with_options_sync (ann->client, "late", "fresh", options, NULL, &error);
  g_assert_no_error (error);
  interop_client_expect (ann, "message: fresh", "!gap:", NULL);
  g_assert_cmpstr (dropped->str, ==, "late ");
  g_assert_cmpuint (rt_channel_get_offset (channel), ==, 2);
}

static void
test_leave (void)
{
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (RtChannel) channel = interop_client_join (ann, "leave");
  g_autoptr (GError) error = NULL;

  g_assert_true (rt_client_leave_channel_sync (ann->client, "leave", NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (rt_channel_get_state (channel), ==, RT_CHANNEL_STATE_LEFT);
  engine_suite_tell ("publish leave 1");
  interop_client_expect (ann, "left: 0", NULL);
  g_assert_false (rt_client_leave_channel_sync (ann->client, "leave", NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_CHANNEL_NOT_FOUND);
}

void
engine_client_add_tests (void)
{
  g_test_add_func ("/Rt/Server/connect", test_connect);
  g_test_add_func ("/Rt/Server/refused", test_refused);
  /* Each poll says by itself that a client is there. */
  if (!g_str_equal (engine_suite_get_transport (), "polling"))
    g_test_add_func ("/Rt/Server/pings-while-blocked", test_pings_while_blocked);
  g_test_add_func ("/Rt/Server/ping", test_ping);
  g_test_add_func ("/Rt/Server/order", test_order);
  g_test_add_func ("/Rt/Server/texts", test_texts);
  g_test_add_func ("/Rt/Server/whole-message", test_whole_message);
  g_test_add_func ("/Rt/Server/foreign-publication", test_foreign_publication);
  g_test_add_func ("/Rt/Server/too-large", test_too_large);
  g_test_add_func ("/Rt/Server/presence", test_presence);
  g_test_add_func ("/Rt/Server/history", test_history);
  g_test_add_func ("/Rt/Server/calls", test_calls);
  g_test_add_func ("/Rt/Server/notifications", test_notifications);
  g_test_add_func ("/Rt/Server/late", test_late);
  g_test_add_func ("/Rt/Server/leave", test_leave);
  if (!engine_suite_is_own ())
    g_test_add_func ("/Rt/Server/denied", test_denied);
}
