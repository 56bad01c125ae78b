/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench-run.h"

#include <realtime/realtime.h>

/* Receiving with Realtime: a handler of a channel's "message" signal that reads the same fields. */

/* How many middlewares the messages pass, that let them go on. */
#ifndef BENCH_MIDDLEWARES
#define BENCH_MIDDLEWARES 0
#endif

typedef struct
{
  BenchRun run;
  GMainLoop *loop;
  RtClient *client;
} Bench;

static gboolean
proceed (RtExchange *exchange, gpointer user_data, GError **error)
{
  rt_exchange_proceed (exchange);
  return TRUE;
}

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Bench *bench = user_data;
  g_autoptr (GError) error = NULL;

  if (!rt_client_close_finish (RT_CLIENT (source), result, &error))
    g_error ("%s", error->message);
  g_main_loop_quit (bench->loop);
}

static void
blast_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = rt_client_rpc_finish (RT_CLIENT (source), result, &error);

  if (answer == NULL)
    g_error ("%s", error->message);
}

static void
next_phase (Bench *bench)
{
  if (bench_run_next (&bench->run))
    rt_client_rpc_async (bench->client, "blast", g_variant_new_int64 ((gint64) bench->run.awaited), NULL,
                         blast_cb, bench);
  else
    rt_client_close_async (bench->client, NULL, closed_cb, bench);
}

static void
message_cb (RtChannel *channel, RtMessage *message, gpointer user_data)
{
  Bench *bench = user_data;

  bench_run_add (&bench->run, rt_message_get_channel (message), rt_message_get_id (message),
                 rt_message_get_content (message), rt_message_get_offset (message));
  if (bench->run.done == bench->run.awaited)
    next_phase (bench);
}

static void
joined_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Bench *bench = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RtChannel) channel = rt_client_join_channel_finish (RT_CLIENT (source), result, &error);

  if (channel == NULL)
    g_error ("%s", error->message);
  g_signal_connect (channel, "message", G_CALLBACK (message_cb), bench);
  next_phase (bench);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!rt_client_connect_finish (RT_CLIENT (source), result, &error))
    g_error ("%s", error->message);
  rt_client_join_channel_async (RT_CLIENT (source), "bench", NULL, NULL, joined_cb, user_data);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtConfig) config = NULL;
  Bench bench = { .loop = g_main_loop_new (NULL, FALSE) };

  bench_run_init (&bench.run, BENCH_MIDDLEWARES > 0 ? "recv-middleware" : "recv-realtime", argc, argv);
  config = rt_config_new ("key", bench.run.url, &error);
  if (config == NULL)
    g_error ("%s", error->message);
  bench.client = rt_client_new (config);
  for (int i = 0; i < BENCH_MIDDLEWARES; i++)
    {
      g_autoptr (RtMiddleware) middleware = rt_middleware_new_for_func (proceed, NULL, NULL);
      rt_client_use (bench.client, middleware);
    }
  rt_client_connect_async (bench.client, NULL, connected_cb, &bench);
  g_main_loop_run (bench.loop);
  g_object_unref (bench.client);
  g_main_loop_unref (bench.loop);
  return bench_run_finish (&bench.run);
}
