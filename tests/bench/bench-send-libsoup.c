/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench-run.h"

#include <libsoup/soup.h>

/* Sending as a program does it without Realtime, made as cheap for libsoup as can be: the command is ready text in
 * which only numbers change, and nothing that comes back is parsed. A call behind each burst says that the server has
 * it. */

#define DIGITS 10
#define FIRST_NUMBER 1000000000

typedef struct
{
  BenchRun run;
  GMainLoop *loop;
  SoupWebsocketConnection *connection;
  char *command;
  char *numbers[2]; /* in the command: its id, and the text's number */
  guint64 sent;     /* in this phase */
  guint64 number;
} Bench;

static const char *const template =
    "{\"id\":1000000000,\"publish\":{\"channel\":\"bench\",\"data\":{\"$rt\":1,\"id\":\"1000000000000000001\","
    "\"src\":\"0123456789abcdef\",\"ts\":1700000000000000,\"from\":\"peer\",\"type\":\"text\","
    "\"text\":\"note 1000000000\"}}}";

static void
send_one (Bench *bench)
{
  guint64 number = FIRST_NUMBER + bench->number++;

  for (int i = DIGITS - 1; i >= 0; i--)
    {
      bench->numbers[0][i] = bench->numbers[1][i] = (char) ('0' + number % 10);
      number /= 10;
    }
  soup_websocket_connection_send_text (bench->connection, bench->command);
}

static void
send_bursts (Bench *bench)
{
  while (bench->sent < bench->run.awaited && bench->sent - bench->run.done < BENCH_WINDOW)
    {
      for (guint i = 0; i < BENCH_BURST; i++)
        send_one (bench);
      bench->sent += BENCH_BURST;
      soup_websocket_connection_send_text (bench->connection, "{\"id\":1,\"rpc\":{\"method\":\"sync\"}}");
    }
}

static void
next_phase (Bench *bench)
{
  bench->sent = 0;
  if (bench_run_next (&bench->run))
    send_bursts (bench);
  else
    soup_websocket_connection_close (bench->connection, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
}

/* The answer to a call stands last in a message, behind acknowledgements. */
static gboolean
ends_burst (const char *text, gsize len)
{
  static const char tail[] = "\"rpc\":{\"data\":null}}";

  return len >= sizeof tail - 1 && memcmp (text + len - (sizeof tail - 1), tail, sizeof tail - 1) == 0;
}

static void
message_cb (SoupWebsocketConnection *connection, int type, GBytes *message, gpointer user_data)
{
  Bench *bench = user_data;
  gsize len;
  const char *text = g_bytes_get_data (message, &len);

  if (bench->run.awaited == 0)
    {
      next_phase (bench); /* this is the answer to connect */
      return;
    }
  if (!ends_burst (text, len))
    return;
  bench->run.done += BENCH_BURST;
  if (bench->run.done < bench->run.awaited)
    send_bursts (bench);
  else
    next_phase (bench);
}

static void
closed_cb (SoupWebsocketConnection *connection, gpointer user_data)
{
  Bench *bench = user_data;

  g_main_loop_quit (bench->loop);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Bench *bench = user_data;
  g_autoptr (GError) error = NULL;

  bench->connection = soup_session_websocket_connect_finish (SOUP_SESSION (source), result, &error);
  if (bench->connection == NULL)
    g_error ("%s", error->message);
  g_signal_connect (bench->connection, "message", G_CALLBACK (message_cb), bench);
  g_signal_connect (bench->connection, "closed", G_CALLBACK (closed_cb), bench);
  soup_websocket_connection_send_text (bench->connection, "{\"id\":1,\"connect\":{}}");
}

int
main (int argc, char **argv)
{
  char *protocols[] = { (char *) "centrifuge-json", NULL };
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (SoupMessage) message = NULL;
  g_autofree char *command = g_strdup (template);
  Bench bench = { .loop = g_main_loop_new (NULL, FALSE), .command = command };

  bench_run_init (&bench.run, "send-libsoup", argc, argv);
  bench.numbers[0] = strstr (command, "1000000000");
  bench.numbers[1] = strstr (command, "note ") + strlen ("note ");
  message = soup_message_new (SOUP_METHOD_GET, bench.run.url);
  soup_session_websocket_connect_async (session, message, NULL, protocols, G_PRIORITY_DEFAULT, NULL,
                                        connected_cb, &bench);
  g_main_loop_run (bench.loop);
  g_object_unref (bench.connection);
  g_main_loop_unref (bench.loop);
  return bench_run_finish (&bench.run);
}
