/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench-run.h"

#include <json-glib/json-glib.h>
#include <libsoup/soup.h>

/* Receiving as a program does it without Realtime: libsoup's WebSocket, the "message" signal, one JsonParser for all
 * messages, and the fields read from its tree. */

typedef struct
{
  BenchRun run;
  GMainLoop *loop;
  SoupWebsocketConnection *connection;
  JsonParser *parser;
} Bench;

static void
next_phase (Bench *bench)
{
  g_autofree char *command = NULL;

  if (!bench_run_next (&bench->run))
    {
      soup_websocket_connection_close (bench->connection, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
      return;
    }
  command = g_strdup_printf ("{\"id\":3,\"rpc\":{\"method\":\"blast\",\"data\":%" G_GUINT64_FORMAT "}}",
                             bench->run.awaited);
  soup_websocket_connection_send_text (bench->connection, command);
}

static void
handle_reply (Bench *bench, JsonObject *reply)
{
  if (json_object_has_member (reply, "connect"))
    soup_websocket_connection_send_text (bench->connection,
                                         "{\"id\":2,\"subscribe\":{\"channel\":\"bench\"}}");
  else if (json_object_has_member (reply, "subscribe"))
    next_phase (bench);
  else if (!json_object_has_member (reply, "rpc"))
    g_error ("an answer that was not expected");
}

static void
message_cb (SoupWebsocketConnection *connection, int type, GBytes *message, gpointer user_data)
{
  Bench *bench = user_data;
  g_autoptr (GError) error = NULL;
  JsonObject *root, *push, *pub, *data;
  gsize len;
  const char *text = g_bytes_get_data (message, &len);

  if (!json_parser_load_from_data (bench->parser, text, (gssize) len, &error))
    g_error ("%s", error->message);
  root = json_node_get_object (json_parser_get_root (bench->parser));
  if (!json_object_has_member (root, "push"))
    {
      handle_reply (bench, root);
      return;
    }
  push = json_object_get_object_member (root, "push");
  pub = json_object_get_object_member (push, "pub");
  data = json_object_get_object_member (pub, "data");
  bench_run_add (&bench->run, json_object_get_string_member (push, "channel"),
                 json_object_get_string_member (data, "id"), json_object_get_string_member (data, "text"),
                 (guint64) json_object_get_int_member (pub, "offset"));
  if (bench->run.done == bench->run.awaited)
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
  Bench bench = { .loop = g_main_loop_new (NULL, FALSE), .parser = json_parser_new () };

  bench_run_init (&bench.run, "recv-libsoup", argc, argv);
  message = soup_message_new (SOUP_METHOD_GET, bench.run.url);
  soup_session_websocket_connect_async (session, message, NULL, protocols, G_PRIORITY_DEFAULT, NULL,
                                        connected_cb, &bench);
  g_main_loop_run (bench.loop);
  g_object_unref (bench.connection);
  g_object_unref (bench.parser);
  g_main_loop_unref (bench.loop);
  return bench_run_finish (&bench.run);
}
