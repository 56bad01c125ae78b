/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Clean-up: close for good order, references for the rest. Nothing is left over, and nothing comes late. */
#include <realtime-mock/realtime-mock.h>

static void
message_cb (RtChannel *channel, RtMessage *message, gpointer user_data)
{
  guint *count = user_data;

  (*count)++;
}

/* g_autoptr does what defer does elsewhere: all of this is let go of on every way out. */
static gboolean
talk (const char *url, guint *count, GError **error)
{
  g_autoptr (RtConfig) config = rt_config_new ("key", url, error);
  g_autoptr (RtClient) client = config != NULL ? rt_client_new (config) : NULL;
  g_autoptr (RtChannel) channel = NULL;
  g_autoptr (RtMessage) sent = NULL;

  if (client == NULL || !rt_client_connect_sync (client, NULL, error))
    return FALSE;
  channel = rt_client_join_channel_sync (client, "general", NULL, NULL, error);
  if (channel == NULL)
    return FALSE;
  g_signal_connect (channel, "message", G_CALLBACK (message_cb), count);

  /* After this the handler is not called any more, whatever the server had sent. */
  if (!rt_channel_leave_sync (channel, NULL, error))
    return FALSE;
  sent = rt_client_send_message_sync (client, "general", "Goodbye", NULL, error);
  if (sent == NULL)
    return FALSE;
  return rt_client_close_sync (client, NULL, error);
}

static void
close_twice (const char *url)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtConfig) config = rt_config_new ("key", url, NULL);
  g_autoptr (RtClient) client = rt_client_new (config);

  g_assert_true (rt_client_connect_sync (client, NULL, &error));
  /* Waits for what is under way, leaves the channels, says goodbye to the server, within shutdown-timeout. */
  g_assert_true (rt_client_close_sync (client, NULL, &error));
  g_assert_cmpint (rt_client_get_state (client), ==, RT_CONNECTION_STATE_CLOSED);
  /* Again it does no harm. */
  g_assert_true (rt_client_close_sync (client, NULL, &error));
  /* The end is the end. */
  g_assert_null (rt_client_send_message_sync (client, "general", "Hello!", NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_CLOSED);
}

/* A client that is only dropped ends its connection too, but waits for nothing and says nothing. */
static void
drop (const char *url)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtConfig) config = rt_config_new ("key", url, NULL);
  RtClient *client = rt_client_new (config);

  g_assert_true (rt_client_connect_sync (client, NULL, &error));
  g_assert_finalize_object (client);
}

int
main (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMockServer) server = rt_mock_server_new ();
  guint count = 0;

  g_assert_true (rt_mock_server_start (server, &error));
  g_autofree char *url = rt_mock_server_get_url (server);
  g_assert_true (talk (url, &count, &error));
  g_assert_cmpuint (count, ==, 0);
  close_twice (url);
  drop (url);
  rt_mock_server_stop (server);
  return 0;
}
