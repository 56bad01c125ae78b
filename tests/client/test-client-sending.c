/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "client-util.h"

/* How fast messages go out, how large they may be, and what becomes of those that come too late. */

static RtClient *
connect_with (RtMockServer *server, guint limit, guint burst, RtRatePolicy policy)
{
  RtClient *client = client_util_new_client (server, "rate-limit", limit, "rate-burst", burst, "rate-policy", policy,
                                             "max-message-size", 2048, NULL);
  g_autoptr (GError) error = NULL;

  rt_client_connect_sync (client, NULL, &error);
  g_assert_no_error (error);
  return client;
}

static void
end (RtMockServer *server, RtClient *client)
{
  client_util_finalize (client);
  g_assert_finalize_object (server);
}

/* --- The rate --- */

static void
test_fail (void)
{
  RtMockServer *server = client_util_start_server ();
  RtClient *client = connect_with (server, 1, 3, RT_RATE_POLICY_FAIL);
  g_autoptr (ClientLog) log = client_log_new (client);
  guint failed = 0;

  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RtMessage) sent = rt_client_send_message_sync (client, "room", "x", NULL, &error);

      if (sent != NULL)
        continue;
      g_assert_error (error, RT_ERROR, RT_ERROR_RATE_LIMITED);
      g_assert_true (rt_error_is_retryable (error));
      g_assert_nonnull (strstr (error->message, "rate-limit"));
      failed++;
    }
  /* On a slow machine a second may have passed. */
  g_assert_cmpuint (failed, >=, 1);
  g_assert_cmpuint (failed, <=, 2);
  g_auto (GStrv) arrived = rt_mock_server_get_messages (server, "room");
  g_assert_cmpuint (g_strv_length (arrived), ==, 5 - failed);
  g_assert_cmpuint (client_log_count (log, "dropped"), ==, 0);
  g_clear_pointer (&log, client_log_free);
  end (server, client);
}

static void
test_wait (void)
{
  RtMockServer *server = client_util_start_server ();
  RtClient *client = connect_with (server, 50, 1, RT_RATE_POLICY_WAIT);
  ClientReply replies[5] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);
      rt_client_send_message_async (client, "room", text, NULL, client_reply_cb, &replies[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_autoptr (GError) error = NULL;

      client_reply_wait (&replies[i]);
      g_autoptr (RtMessage) sent = rt_client_send_message_finish (client, replies[i].result, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (rt_message_get_offset (sent), ==, i + 1);
      client_reply_clear (&replies[i]);
    }
  end (server, client);
}

/* The server's own limit: with a rate of its own the client takes care of it. */
static void
test_refused (void)
{
  RtMockServer *server = client_util_start_server ();
  RtClient *client = connect_with (server, 1000, 0, RT_RATE_POLICY_WAIT);
  RtClient *careless = client_util_connect (server);
  g_autoptr (GError) error = NULL;

  rt_mock_server_inject_fault (server, RT_MOCK_FAULT_RATE_LIMIT, 3);
  g_autoptr (RtMessage) sent = rt_client_send_message_sync (client, "room", "heeded", NULL, &error);
  g_assert_no_error (error);
  rt_mock_server_inject_fault (server, RT_MOCK_FAULT_RATE_LIMIT, 1);
  g_assert_null (rt_client_send_message_sync (careless, "room", "unheeded", NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_RATE_LIMITED);
  client_util_finalize (careless);
  g_auto (GStrv) arrived = rt_mock_server_get_messages (server, "room");
  g_assert_cmpuint (g_strv_length (arrived), ==, 1);
  end (server, client);
}

/* --- Sizes --- */

/* Both numbers are in it. */
static void
assert_too_large (GError **error, const char *size)
{
  g_assert_error (*error, RT_ERROR, RT_ERROR_TOO_LARGE);
  g_assert_nonnull (strstr ((*error)->message, size));
  g_assert_nonnull (strstr ((*error)->message, "2048"));
  g_assert_nonnull (strstr ((*error)->message, "max-message-size"));
  g_clear_error (error);
}

/* Every way to send, before it would have to wait, and whether there is a connection or not. */
static void
test_sizes (void)
{
  RtMockServer *server = client_util_start_server ();
  RtClient *client = connect_with (server, 0, 0, RT_RATE_POLICY_WAIT);
  g_autoptr (RtChannel) room = client_util_join (client, "room");
  g_autofree char *text = g_strnfill (2048, 'x');
  g_autoptr (RtMessageOptions) options = rt_message_options_new ();
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_new ();
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (1600), 1600); /* 2,136 in base64 */
  GError *error = NULL;

  rt_message_builder_with_channel (builder, "room");
  rt_message_builder_with_bytes (builder, bytes);
  g_autoptr (RtMessage) message = rt_message_builder_build (builder, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_null (rt_client_send_message_sync (client, "room", text, NULL, &error));
      assert_too_large (&error, " bytes");
      g_assert_null (rt_client_send_message_with_options_sync (client, "room", text, options, NULL, &error));
      assert_too_large (&error, " bytes");
      g_assert_null (rt_client_send_sync (client, message, NULL, &error));
      assert_too_large (&error, " bytes");
      g_assert_null (rt_channel_send_message_sync (room, text, NULL, &error));
      assert_too_large (&error, " bytes");
      g_assert_null (rt_channel_send_message_with_options_sync (room, text, options, NULL, &error));
      assert_too_large (&error, " bytes");
      g_assert_null (rt_channel_send_sync (room, message, NULL, &error));
      assert_too_large (&error, " bytes");
      g_assert_null (rt_client_rpc_sync (client, "echo", g_variant_new_string (text), NULL, &error));
      assert_too_large (&error, "2050");
      g_assert_null (rt_client_rpc_with_timeout_sync (client, "echo", g_variant_new_string (text), 0, NULL, &error));
      assert_too_large (&error, "2050");
      g_assert_false (rt_client_send_notification_sync (client, "echo", g_variant_new_string (text), NULL, &error));
      assert_too_large (&error, "2050");
      g_assert_cmpuint (rt_client_get_queued_messages (client), ==, 0);
      if (i == 0)
        client_util_cut (server);
    }
  client_util_mend (server, client);
  g_assert_false (rt_mock_server_wait_for_messages (server, 1, 0));
  g_clear_object (&room);
  end (server, client);
}

/* --- Options --- */

static void
test_options (void)
{
  RtMockServer *server = client_util_start_server ();
  RtClient *client = client_util_connect (server);
  RtChannel *room = client_util_join (client, "room");
  g_autoptr (RtMessageOptions) options
    = g_object_new (RT_TYPE_MESSAGE_OPTIONS, "priority", RT_PRIORITY_URGENT, "ttl", 5000u, "type-name", "poll",
                    "metadata", g_variant_new_parsed ("{'a': 'b'}"), "tags", g_variant_new_parsed ("{'c': 'd'}"), NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) sent = rt_channel_send_message_with_options_sync (room, "which?", options, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (rt_message_get_channel (sent), ==, "room");
  g_assert_cmpint (rt_message_get_priority (sent), ==, RT_PRIORITY_URGENT);
  g_assert_cmpuint (rt_message_get_ttl (sent), ==, 5000);
  g_assert_cmpint (rt_message_get_message_type (sent), ==, RT_MESSAGE_TYPE_CUSTOM);
  g_assert_cmpstr (rt_message_get_type_name (sent), ==, "poll");
  g_assert_cmpstr (rt_message_get_metadata_value (sent, "a"), ==, "b");
  g_auto (GStrv) arrived = rt_mock_server_get_messages (server, "room");
  g_assert_nonnull (strstr (arrived[0], "\"type\":\"poll\""));
  rt_message_options_set_type_name (options, "");
  g_assert_null (rt_channel_send_message_with_options_sync (room, "which?", options, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
  g_assert_nonnull (strstr (error->message, "type-name"));
  g_clear_object (&room);
  end (server, client);
}

/* What fails without a callback is told by a signal, also where it is refused at once, or might have been cancelled. */
static void
test_unwatched (void)
{
  RtMockServer *server = client_util_start_server ();
  RtClient *client = client_util_connect (server);
  g_autoptr (ClientLog) log = client_log_new (client);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *text = g_strnfill (100000, 'x');
  g_auto (ClientReply) reply = { 0 };
  g_autofree char *temporary = g_strdup_printf ("error rt-error-quark-%d", RT_ERROR_SERVER);
  g_autofree char *expected = g_strdup_printf ("error rt-error-quark-%d; error rt-error-quark-%d; %s",
                                               RT_ERROR_INVALID_MESSAGE, RT_ERROR_TOO_LARGE, temporary);

  rt_client_send_message_async (client, "", "one", NULL, NULL, NULL);
  rt_client_send_message_with_options_async (client, "room", text, NULL, NULL, NULL, NULL);
  g_assert_cmpuint (client_log_count (log, "error"), ==, 0);
  rt_mock_server_inject_fault (server, RT_MOCK_FAULT_ERROR_REPLY, 1);
  rt_client_send_message_async (client, "room", "two", cancellable, NULL, NULL);
  rt_test_wait_until (client_log_count (log, temporary) == 1);
  rt_client_send_message_async (client, "room", "three", cancellable, NULL, NULL);
  g_assert_true (rt_mock_server_wait_for_messages (server, 1, 10000));
  g_cancellable_cancel (cancellable);
  rt_client_send_message_async (client, "room", "four", cancellable, NULL, NULL);
  rt_client_send_message_async (client, "room", "five", NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  g_autofree char *errors = client_log_list (log, "error", NULL);
  g_assert_cmpstr (errors, ==, expected);
  client_reply_clear (&reply);
  g_clear_pointer (&log, client_log_free);
  end (server, client);
}

/* --- Messages of others --- */

static void
keep_cb (RtChannel *channel, RtMessage *message, gpointer user_data)
{
  g_ptr_array_add (user_data, g_object_ref (message));
}

/* What has no id, since its sender knows nothing of this library or wrote none into a file, gets one when it is sent. */
static void
test_without_id (void)
{
  static const char *const bodies[] = { "{\"a\":[1,\"x\"]}", "\"text\"", "7" };
  RtMockServer *server = client_util_start_server ();
  RtClient *client = client_util_connect (server);
  RtChannel *room = client_util_join (client, "room");
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GError) error = NULL;

  g_signal_connect (room, "message", G_CALLBACK (keep_cb), kept);
  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    g_assert_true (rt_mock_server_publish (server, "room", bodies[i], NULL));
  rt_test_wait_until (kept->len == G_N_ELEMENTS (bodies));
  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      RtMessage *message = g_ptr_array_index (kept, i);

      g_assert_null (rt_message_get_id (message));
      g_autoptr (RtMessage) sent = rt_channel_send_sync (room, message, NULL, &error);
      g_assert_no_error (error);
      g_assert_nonnull (rt_message_get_id (sent));
      g_assert_cmpint (rt_message_get_timestamp (sent), >, 0);
      g_autofree char *json = rt_message_dup_data_json (sent);
      g_assert_cmpstr (json, ==, bodies[i]);
    }
  g_autoptr (RtMessage) read
    = rt_message_from_json ("{\"channel\":\"room\",\"content\":\"hello\",\"tags\":{\"a\":\"b\"},\"sender\":\"bob\"}", &error);
  g_assert_no_error (error);
  g_autoptr (RtMessage) sent = rt_client_send_sync (client, read, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (rt_message_get_id (sent));
  g_assert_cmpstr (rt_message_get_content (sent), ==, "hello");
  g_assert_cmpstr (rt_message_get_sender (sent), ==, "bob");
  g_assert_cmpuint (g_variant_n_children (rt_message_get_tags (sent)), ==, 1);
  g_signal_handlers_disconnect_by_func (room, keep_cb, kept);
  g_clear_object (&room);
  end (server, client);
}

/* --- Too late --- */

/* As another client would have sent it that long ago. */
static char *
make_json (const char *text, gint64 age_ms, guint ttl)
{
  g_autoptr (RtMessage) now = rt_message_new_text ("room", text);

  return g_strdup_printf ("{\"$rt\":1,\"id\":\"%s\",\"src\":\"00000000000000aa\",\"type\":\"text\",\"ts\":%" G_GINT64_FORMAT
                          ",\"ttl\":%u,\"text\":\"%s\"}",
                          rt_message_get_id (now), rt_message_get_timestamp (now) - age_ms * 1000, ttl, text);
}

static void
publish_aged (RtMockServer *server, const char *text, gint64 age_ms, guint ttl)
{
  g_autofree char *json = make_json (text, age_ms, ttl);
  g_autoptr (GError) error = NULL;

  rt_mock_server_publish (server, "room", json, &error);
  g_assert_no_error (error);
}

static void
test_late (void)
{
  RtMockServer *server = client_util_start_server ();
  RtClient *client = client_util_connect (server);
  g_autoptr (ClientLog) log = client_log_new (client);
  g_autoptr (RtChannel) room = client_util_join (client, "room");
  g_autoptr (GError) error = NULL;

  client_log_add_channel (log, room);
  publish_aged (server, "fresh", 0, 600000);
  publish_aged (server, "late", 600000, 1000);
  publish_aged (server, "old", 600000, 0);
  rt_test_wait_until (client_log_count (log, "room message") == 2);
  g_autofree char *seen = client_log_list (log, "message", "dropped", "room gap", NULL);
  g_autofree char *expected = g_strdup_printf ("message room fresh; dropped room late %s-%d; message room old",
                                               g_quark_to_string (RT_ERROR), RT_ERROR_EXPIRED);
  g_assert_cmpstr (seen, ==, expected);
  g_assert_cmpuint (rt_channel_get_offset (room), ==, 3);
  /* As the last one, too. */
  publish_aged (server, "late", 600000, 1000);
  rt_test_wait_until (client_log_count (log, "dropped") == 2);
  g_assert_cmpuint (rt_channel_get_offset (room), ==, 4);
  /* History shows all, and the program can ask each. */
  g_autoptr (RtHistory) history = rt_channel_history_sync (room, 10, NULL, FALSE, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (history)), ==, 4);
  g_autoptr (RtMessage) second = g_list_model_get_item (G_LIST_MODEL (history), 1);
  g_assert_true (rt_message_is_expired (second));
  g_clear_object (&second);
  g_clear_object (&history);
  g_clear_object (&room);
  g_clear_pointer (&log, client_log_free);
  end (server, client);
}

/* Missed, and too late by now: not delivered, and neither is it a gap. */
static void
test_late_recovered (void)
{
  RtMockServer *server = client_util_start_server ();
  RtClient *client = client_util_connect (server);
  g_autoptr (ClientLog) log = client_log_new (client);
  g_autoptr (RtChannel) room = client_util_join (client, "room");

  client_log_add_channel (log, room);
  client_util_cut (server);
  publish_aged (server, "late", 600000, 1000);
  publish_aged (server, "fresh", 0, 600000);
  client_util_mend (server, client);
  rt_test_wait_until (client_log_count (log, "room recovered") == 1);
  g_assert_cmpuint (client_log_count (log, "room message"), ==, 1);
  g_assert_cmpuint (client_log_count (log, "room message fresh"), ==, 1);
  g_assert_cmpuint (client_log_count (log, "dropped room late"), ==, 1);
  g_assert_cmpuint (client_log_count (log, "room gap"), ==, 0);
  g_assert_cmpuint (rt_channel_get_offset (room), ==, 2);
  g_clear_object (&room);
  g_clear_pointer (&log, client_log_free);
  end (server, client);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/ClientSending/fail", test_fail);
  g_test_add_func ("/Rt/ClientSending/wait", test_wait);
  g_test_add_func ("/Rt/ClientSending/refused", test_refused);
  g_test_add_func ("/Rt/ClientSending/sizes", test_sizes);
  g_test_add_func ("/Rt/ClientSending/options", test_options);
  g_test_add_func ("/Rt/ClientSending/unwatched", test_unwatched);
  g_test_add_func ("/Rt/ClientSending/without-id", test_without_id);
  g_test_add_func ("/Rt/ClientSending/late", test_late);
  g_test_add_func ("/Rt/ClientSending/late-recovered", test_late_recovered);
  return g_test_run ();
}
