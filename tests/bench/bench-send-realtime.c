/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench-run.h"

#include <realtime/realtime.h>

/* Sending with Realtime, where the program does not wait for the outcome of single messages. A call behind each burst
 * says that the server has it. */

#define FIRST_NUMBER 1000000000

typedef struct
{
  BenchRun run;
  GMainLoop *loop;
  RtClient *client;
  guint64 sent; /* in this phase */
  guint64 number;
} Bench;

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Bench *bench = user_data;
  g_autoptr (GError) error = NULL;

  if (!rt_client_close_finish (RT_CLIENT (source), result, &error))
    g_error ("%s", error->message);
  g_main_loop_quit (bench->loop);
}

static void send_bursts (Bench *bench);

static void
next_phase (Bench *bench)
{
  bench->sent = 0;
  if (bench_run_next (&bench->run))
    send_bursts (bench);
  else
    rt_client_close_async (bench->client, NULL, closed_cb, bench);
}

static void
synced_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Bench *bench = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = rt_client_rpc_finish (RT_CLIENT (source), result, &error);

  if (answer == NULL)
    g_error ("%s", error->message);
  bench->run.done += BENCH_BURST;
  if (bench->run.done < bench->run.awaited)
    send_bursts (bench);
  else
    next_phase (bench);
}

static void
send_one (Bench *bench)
{
  char text[] = "note 0000000000";
  guint64 number = FIRST_NUMBER + bench->number++;

  for (gsize i = sizeof text - 2; number > 0; i--)
    {
      text[i] = (char) ('0' + number % 10);
      number /= 10;
    }
  rt_client_send_message_async (bench->client, "bench", text, NULL, NULL, NULL);
}

static void
send_bursts (Bench *bench)
{
  while (bench->sent < bench->run.awaited && bench->sent - bench->run.done < BENCH_WINDOW)
    {
      for (guint i = 0; i < BENCH_BURST; i++)
        send_one (bench);
      bench->sent += BENCH_BURST;
      rt_client_rpc_async (bench->client, "sync", NULL, NULL, synced_cb, bench);
    }
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!rt_client_connect_finish (RT_CLIENT (source), result, &error))
    g_error ("%s", error->message);
  next_phase (user_data);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtConfig) config = NULL;
  Bench bench = { .loop = g_main_loop_new (NULL, FALSE) };

  bench_run_init (&bench.run, "send-realtime", argc, argv);
  config = rt_config_new ("key", bench.run.url, &error);
  if (config == NULL)
    g_error ("%s", error->message);
  bench.client = rt_client_new (config);
  rt_client_connect_async (bench.client, NULL, connected_cb, &bench);
  g_main_loop_run (bench.loop);
  g_object_unref (bench.client);
  g_main_loop_unref (bench.loop);
  return bench_run_finish (&bench.run);
}
