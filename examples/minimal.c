/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connects, joins a channel, says hello and waits to hear it. Run: minimal URL */
#include <realtime/realtime.h>

static void
message_cb (RtChannel *channel, RtMessage *message, gpointer user_data)
{
  GMainLoop *loop = user_data;

  g_print ("%s: %s\n", rt_channel_get_name (channel), rt_message_get_content (message));
  g_main_loop_quit (loop);
}

static gboolean
say_hello (RtClient *client, GError **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (RtChannel) channel = NULL;
  g_autoptr (RtMessage) sent = NULL;

  if (!rt_client_connect_sync (client, NULL, error))
    return FALSE;
  channel = rt_client_join_channel_sync (client, "news", NULL, NULL, error);
  if (channel == NULL)
    return FALSE;
  g_signal_connect (channel, "message", G_CALLBACK (message_cb), loop);

  /* Returns when the server has the message; a program with a window calls the _async twins. */
  sent = rt_client_send_message_sync (client, "news", "Hello", NULL, error);
  if (sent == NULL)
    return FALSE;
  g_main_loop_run (loop);
  return rt_client_close_sync (client, NULL, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtConfig) config = rt_config_new (g_getenv ("REALTIME_API_KEY"), argc > 1 ? argv[1] : "", &error);
  g_autoptr (RtClient) client = config != NULL ? rt_client_new (config) : NULL;

  if (client == NULL || !say_hello (client, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  return 0;
}
