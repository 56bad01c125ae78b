/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A client that keeps to a pace, and calls of the server's methods. */
#include <realtime-mock/realtime-mock.h>

static RtClient *
new_paced_client (const char *url)
{
  g_autoptr (RtConfigBuilder) builder = rt_config_builder_new ();
  g_autoptr (GError) error = NULL;

  rt_config_builder_with_endpoint (builder, url);
  rt_config_builder_with_rate_limit (builder, 20);
  rt_config_builder_with_rate_policy (builder, RT_RATE_POLICY_WAIT);
  g_autoptr (RtConfig) config = rt_config_builder_build (builder, &error);

  g_assert_no_error (error);
  return rt_client_new (config);
}

/* A call that may take a minute. The server of this program answers with what it was given. */
static void
call (RtClient *client)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) report
    = rt_client_rpc_with_timeout_sync (client, "report", g_variant_new_string ("today"), 60000, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (g_variant_get_string (report, NULL), ==, "today");
}

/* Nobody waits for what comes of this. */
static void
notify (RtClient *client)
{
  g_autoptr (GError) error = NULL;

  rt_client_send_notification_sync (client, "typing", g_variant_new_string ("general"), NULL, &error);
  g_assert_no_error (error);
}

int
main (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMockServer) server = rt_mock_server_new ();

  g_assert_true (rt_mock_server_start (server, &error));
  g_autofree char *url = rt_mock_server_get_url (server);
  g_autoptr (RtClient) client = new_paced_client (url);

  g_assert_true (rt_client_connect_sync (client, NULL, &error));
  for (guint number = 0; number < 25; number++)
    {
      g_autofree char *text = g_strdup_printf ("number %u", number);
      g_autoptr (RtMessage) sent = rt_client_send_message_sync (client, "general", text, NULL, &error);

      g_assert_no_error (error);
    }
  g_auto (GStrv) messages = rt_mock_server_get_messages (server, "general");
  g_assert_cmpuint (g_strv_length (messages), ==, 25);
  call (client);
  notify (client);
  g_assert_true (rt_client_close_sync (client, NULL, &error));
  return 0;
}
