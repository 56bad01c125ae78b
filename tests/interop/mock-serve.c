/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <realtime-mock/realtime-mock.h>

#include <gio/gunixinputstream.h>
#include <glib-unix.h>
#include <stdio.h>

/* The project's own server as a program that obeys the same lines as engine/control.go: it prints "listening URL",
 * answers each line with "ok" or "error TEXT", and ends when its standard input is closed. */

typedef struct
{
  RtMockServer *server;
  GDataInputStream *input;
  GMainLoop *loop;
} Serve;

static void
rpc_cb (RtMockServer *server, RtMockCall *call, gpointer user_data)
{
  const char *data = rt_mock_call_get_data (call);
  g_autoptr (GError) error = NULL;

  if (g_str_equal (rt_mock_call_get_method (call), "fail"))
    rt_mock_call_fail (call, 1000, "out of stock");
  else if (g_str_equal (rt_mock_call_get_method (call), "unknown"))
    rt_mock_call_fail (call, 104, "method not found");
  else if (!rt_mock_call_reply (call, data != NULL ? data : "null", &error))
    g_error ("%s", error->message);
}

static gboolean
disconnect_all (Serve *serve, const char *text)
{
  char *reason;
  guint64 code = g_ascii_strtoull (text, &reason, 10);

  if (code == 0 || code > G_MAXUINT16)
    return FALSE;
  rt_mock_server_disconnect_client (serve->server, NULL, (guint) code, g_strchug (reason));
  return TRUE;
}

static void
run (Serve *serve, char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 3);
  const char *verb = words[0] != NULL ? words[0] : "";
  g_autoptr (GError) error = NULL;

  if (g_str_equal (verb, "publish") && words[1] != NULL && words[2] != NULL)
    rt_mock_server_publish (serve->server, words[1], words[2], &error);
  else if (g_str_equal (verb, "forget") && words[1] != NULL)
    rt_mock_server_new_epoch (serve->server, words[1]);
  else if (g_str_equal (verb, "drop"))
    rt_mock_server_drop_connections (serve->server);
  else if (g_str_equal (verb, "shut"))
    {
      rt_mock_server_inject_fault (serve->server, RT_MOCK_FAULT_REFUSE, G_MAXUINT);
      rt_mock_server_drop_connections (serve->server);
    }
  else if (g_str_equal (verb, "open"))
    rt_mock_server_clear_faults (serve->server);
  else if (g_str_equal (verb, "pongs"))
    {
      printf ("ok %u\n", rt_mock_server_get_pong_count (serve->server));
      return;
    }
  else if (!g_str_equal (verb, "disconnect") || !disconnect_all (serve, line + strlen ("disconnect")))
    error = g_error_new (RT_ERROR, RT_ERROR_INVALID_ARGUMENT, "not understood: %s", line);
  if (error != NULL)
    printf ("error %s\n", error->message);
  else
    printf ("ok\n");
}

static void read_line (Serve *serve);

static void
line_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Serve *serve = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *line = g_data_input_stream_read_line_finish (serve->input, result, NULL, &error);

  if (line == NULL)
    {
      g_main_loop_quit (serve->loop);
      return;
    }
  run (serve, line);
  fflush (stdout);
  read_line (serve);
}

static void
read_line (Serve *serve)
{
  g_data_input_stream_read_line_async (serve->input, G_PRIORITY_DEFAULT, NULL, line_read_cb, serve);
}

static gboolean
signal_cb (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

static gboolean
start (RtMockServer *server, int argc, char **argv, GError **error)
{
  g_autofree char *secret = NULL;
  int port = 0;
  int ping_interval = 25000;
  const GOptionEntry entries[] = {
    { "port", 0, 0, G_OPTION_ARG_INT, &port, "port on 127.0.0.1; 0 takes a free one", "N" },
    { "token-secret", 0, 0, G_OPTION_ARG_STRING, &secret, "secret of the HS256 tokens", "TEXT" },
    { "ping-interval", 0, 0, G_OPTION_ARG_INT, &ping_interval, "milliseconds between two pings", "MS" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, error))
    return FALSE;
  rt_mock_server_set_port (server, (guint) port);
  rt_mock_server_set_token_secret (server, secret);
  rt_mock_server_set_auth_required (server, secret != NULL);
  rt_mock_server_set_ping_interval (server, (guint) ping_interval);
  g_signal_connect (server, "rpc", G_CALLBACK (rpc_cb), NULL);
  return rt_mock_server_start (server, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) standard_input = g_unix_input_stream_new (0, FALSE);
  g_autoptr (GDataInputStream) input = g_data_input_stream_new (standard_input);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (RtMockServer) server = rt_mock_server_new ();
  g_autofree char *url = NULL;
  Serve serve = { server, input, loop };

  if (!start (server, argc, argv, &error))
    {
      g_printerr ("mock-serve: %s\n", error->message);
      return 1;
    }
  url = rt_mock_server_get_url (server);
  printf ("listening %s\n", url);
  fflush (stdout);
  g_unix_signal_add (SIGTERM, signal_cb, loop);
  g_unix_signal_add (SIGINT, signal_cb, loop);
  read_line (&serve);
  g_main_loop_run (loop);
  rt_mock_server_stop (server);
  return 0;
}
