/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A program with a main loop: nothing blocks, every error is looked at. Run: getting-started URL */
#include <realtime/realtime.h>

typedef struct
{
  GMainLoop *loop;
  RtClient *client;
  RtChannel *news;
  int status;
} App;

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  App *app = user_data;

  rt_client_close_finish (RT_CLIENT (source), result, NULL);
  g_main_loop_quit (app->loop);
}

/* Every way out leads here. */
static void
finish (App *app, const GError *error)
{
  if (error != NULL)
    {
      g_printerr ("%s\n", error->message);
      app->status = 1;
    }
  rt_client_close_async (app->client, NULL, closed_cb, app);
}

static void
message_cb (RtChannel *channel, RtMessage *message, gpointer user_data)
{
  g_print ("%s: %s\n", rt_channel_get_name (channel), rt_message_get_content (message));
  finish (user_data, NULL);
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) message = rt_channel_send_message_finish (RT_CHANNEL (source), result, &error);

  if (message == NULL)
    finish (user_data, error);
}

static void
joined_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  App *app = user_data;
  g_autoptr (GError) error = NULL;

  app->news = rt_client_join_channel_finish (RT_CLIENT (source), result, &error);
  if (app->news == NULL)
    {
      finish (app, error);
      return;
    }
  g_signal_connect (app->news, "message", G_CALLBACK (message_cb), app);
  rt_channel_send_message_async (app->news, "Hello", NULL, sent_cb, app);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  App *app = user_data;
  g_autoptr (GError) error = NULL;

  if (!rt_client_connect_finish (RT_CLIENT (source), result, &error))
    finish (app, error);
  else
    rt_client_join_channel_async (app->client, "news", NULL, NULL, joined_cb, app);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtConfig) config = rt_config_new (g_getenv ("REALTIME_API_KEY"), argc > 1 ? argv[1] : "", &error);
  App app = { 0 };

  if (config == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  app.loop = g_main_loop_new (NULL, FALSE);
  app.client = rt_client_new (config);
  rt_client_connect_async (app.client, NULL, connected_cb, &app);
  g_main_loop_run (app.loop);

  g_clear_object (&app.news);
  g_clear_object (&app.client);
  g_main_loop_unref (app.loop);
  return app.status;
}
