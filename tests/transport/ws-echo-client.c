/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <realtime/realtime.h>
#include <stdlib.h>
#include <string.h>

/* ws-echo-client URL COUNT [CA]: sends COUNT messages of many sizes to a server that sends back what it gets,
 * checks each, closes in order, and says how many there were. For servers of other makers. */

typedef struct
{
  RtConnectionStrategy *strategy;
  GMainLoop *loop;
  guint count;
  guint sent;
  guint received;
  gboolean closed;
  gboolean disconnected;
  guint code;
  int status;
} Run;

static void
fail (Run *run, const char *what, const GError *error)
{
  g_printerr ("%s: %s\n", what, error != NULL ? error->message : "wrong");
  run->status = 1;
  g_main_loop_quit (run->loop);
}

/* Sizes cross every form of the length. */
static char *
make_text (guint number)
{
  return g_strdup_printf ("%u %*s", number, (int) (number * 37 % 70000), "");
}

static void
quit_when_done (Run *run)
{
  if (run->closed && run->disconnected)
    g_main_loop_quit (run->loop);
}

static void
disconnected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Run *run = user_data;
  g_autoptr (GError) error = NULL;

  if (!rt_connection_strategy_disconnect_finish (run->strategy, result, &error))
    fail (run, "disconnect", error);
  run->disconnected = TRUE;
  quit_when_done (run);
}

static void
closed_cb (RtConnectionStrategy *strategy, guint code, const char *reason, Run *run)
{
  run->closed = TRUE;
  run->code = code;
  if (run->received < run->count)
    fail (run, "closed early", NULL);
  quit_when_done (run);
}

static void
received_cb (RtConnectionStrategy *strategy, GBytes *bytes, Run *run)
{
  g_autofree char *text = make_text (run->received);
  gsize len;
  const char *data = g_bytes_get_data (bytes, &len);

  if (len != strlen (text) || memcmp (data, text, len) != 0)
    {
      fail (run, "echo", NULL);
      return;
    }
  if (++run->received == run->count)
    rt_connection_strategy_disconnect_async (strategy, NULL, disconnected_cb, run);
}

static void send_next (Run *run);

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Run *run = user_data;
  g_autoptr (GError) error = NULL;

  if (!rt_connection_strategy_send_finish (run->strategy, result, &error))
    fail (run, "send", error);
  else
    send_next (run);
}

static void
send_next (Run *run)
{
  char *text;

  if (run->sent == run->count)
    return;
  text = make_text (run->sent++);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));
  rt_connection_strategy_send_async (run->strategy, bytes, NULL, sent_cb, run);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Run *run = user_data;
  g_autoptr (GError) error = NULL;

  if (!rt_connection_strategy_connect_finish (run->strategy, result, &error))
    fail (run, "connect", error);
  else
    send_next (run);
}

static RtConfig *
make_config (int argc, char **argv, GError **error)
{
  g_autoptr (RtConfigBuilder) builder = rt_config_builder_new ();

  rt_config_builder_with_endpoint (builder, argv[1]);
  if (argc > 3)
    {
      g_autoptr (GTlsDatabase) database = g_tls_file_database_new (argv[3], error);
      if (database == NULL)
        return NULL;
      rt_config_builder_with_tls_database (builder, database);
    }
  return rt_config_builder_build (builder, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  Run run = { .loop = loop };

  if (argc < 3 || (run.count = (guint) strtoul (argv[2], NULL, 10)) == 0)
    {
      g_printerr ("usage: %s URL COUNT [CA]\n", argv[0]);
      return 2;
    }
  g_autoptr (RtConfig) config = make_config (argc, argv, &error);
  if (config == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  g_autoptr (RtWebsocketStrategy) strategy = rt_websocket_strategy_new (config);
  run.strategy = RT_CONNECTION_STRATEGY (strategy);
  g_signal_connect (strategy, "received", G_CALLBACK (received_cb), &run);
  g_signal_connect (strategy, "closed", G_CALLBACK (closed_cb), &run);
  rt_connection_strategy_connect_async (run.strategy, NULL, connected_cb, &run);
  g_main_loop_run (loop);
  g_print ("%u echoed, closed with %u\n", run.received, run.code);
  return run.status;
}
