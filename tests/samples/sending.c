/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sending, from the simple to the expert: each step asks for more, and gives more say. */
#include <realtime-mock/realtime-mock.h>

/* Everything that most programs need. */
static void
send_simple (RtClient *client)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) sent = rt_client_send_message_sync (client, "general", "Hello!", NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (rt_message_get_content (sent), ==, "Hello!");
}

/* Priority and time to live: after five minutes of waiting it is not worth sending. */
static void
send_with_options (RtClient *client)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessageOptions) options = rt_message_options_new ();

  rt_message_options_set_priority (options, RT_PRIORITY_HIGH);
  rt_message_options_set_ttl (options, 5 * 60 * 1000);
  g_autoptr (RtMessage) sent
    = rt_client_send_message_with_options_sync (client, "general", "Hello!", options, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (rt_message_get_priority (sent), ==, RT_PRIORITY_HIGH);
  g_assert_cmpuint (rt_message_get_ttl (sent), ==, 300000);
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RtMessage **sent = user_data;
  g_autoptr (GError) error = NULL;

  *sent = rt_client_send_message_finish (RT_CLIENT (source), result, &error);
  g_assert_no_error (error);
}

/* Without blocking, and with a cancellable that may take it back. */
static void
send_with_cancellable (RtClient *client)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (RtMessage) sent = NULL;

  rt_client_send_message_async (client, "general", "Hello!", cancellable, sent_cb, &sent);
  while (sent == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (rt_message_get_channel (sent), ==, "general");
}

/* A message of one's own making, with data instead of text. */
static void
send_message (RtClient *client)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_new ();

  rt_message_builder_with_channel (builder, "general");
  rt_message_builder_with_json (builder, "{\"x\": 3, \"y\": 4}");
  rt_message_builder_with_tag (builder, "kind", "position");
  g_autoptr (RtMessage) message = rt_message_builder_build (builder, &error);
  g_assert_no_error (error);

  g_autoptr (RtMessage) sent = rt_client_send_sync (client, message, NULL, &error);
  g_assert_no_error (error);
  /* It keeps its id: after OUTCOME_UNKNOWN the same message can be sent again, and arrives once. */
  g_assert_cmpstr (rt_message_get_id (sent), ==, rt_message_get_id (message));
}

int
main (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMockServer) server = rt_mock_server_new ();

  g_assert_true (rt_mock_server_start (server, &error));
  g_autofree char *url = rt_mock_server_get_url (server);
  g_autoptr (RtConfig) config = rt_config_new ("key", url, &error);
  g_autoptr (RtClient) client = rt_client_new (config);

  g_assert_true (rt_client_connect_sync (client, NULL, &error));
  send_simple (client);
  send_with_options (client);
  send_with_cancellable (client);
  send_message (client);
  g_assert_true (rt_client_close_sync (client, NULL, &error));
  g_auto (GStrv) messages = rt_mock_server_get_messages (server, "general");
  g_assert_cmpuint (g_strv_length (messages), ==, 4);
  return 0;
}
