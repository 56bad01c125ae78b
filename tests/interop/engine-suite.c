/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-suite.h"

#include <string.h>

/* engine-client [--tap] SERVER engine|own TRANSPORT: all tests against one server, over one transport. */

static InteropServer *server;
static char *program;
static char *transport;
static gboolean is_own;

static InteropServer *
start_server (const char *port)
{
  char *command[] = { program, (char *) "--token-secret", (char *) INTEROP_SECRET, (char *) "--ping-interval",
                      (char *) "1000", (char *) "--port", (char *) port, NULL };

  return interop_server_start (command);
}

const char *
engine_suite_get_url (void)
{
  return interop_server_get_url (server);
}

const char *
engine_suite_get_transport (void)
{
  return transport;
}

gboolean
engine_suite_is_own (void)
{
  return is_own;
}

InteropServer *
engine_suite_get_server (void)
{
  return server;
}

void
engine_suite_restart (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GUri) uri = g_uri_parse (engine_suite_get_url (), G_URI_FLAGS_NONE, &error);
  g_autofree char *port = NULL;

  g_assert_no_error (error);
  port = g_strdup_printf ("%d", g_uri_get_port (uri));
  interop_server_kill (server);
  server = start_server (port);
}

InteropClient *
engine_suite_client (const char *user)
{
  g_autofree char *token = interop_token_new (user, INTEROP_SECRET, INTEROP_EXPIRES_2100);
  const InteropClientOptions options = { .url = engine_suite_get_url (), .token = token, .transport = transport };

  return interop_client_new (&options);
}

void
engine_suite_connect (InteropClient *client)
{
  g_autoptr (GError) error = NULL;

  rt_client_connect_sync (client->client, NULL, &error);
  g_assert_no_error (error);
}

InteropClient *
engine_suite_connected (const char *user)
{
  InteropClient *client = engine_suite_client (user);

  engine_suite_connect (client);
  interop_client_expect (client, "connected:", NULL);
  return client;
}

char *
engine_suite_control (const char *format, ...)
{
  g_autofree char *line = NULL;
  va_list arguments;

  va_start (arguments, format);
  line = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  return interop_server_control (server, "%s", line);
}

void
engine_suite_tell (const char *format, ...)
{
  g_autofree char *line = NULL;
  g_autofree char *answer = NULL;
  va_list arguments;

  va_start (arguments, format);
  line = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  answer = interop_server_control (server, "%s", line);
  g_assert_cmpstr (answer, ==, "");
}

int
main (int argc, char **argv)
{
  int failed;

  g_test_init (&argc, &argv, NULL);
  if (argc != 4 || !(g_str_equal (argv[2], "engine") || g_str_equal (argv[2], "own")))
    g_error ("Usage: engine-client [--tap] SERVER engine|own TRANSPORT");
  program = argv[1];
  is_own = g_str_equal (argv[2], "own");
  transport = argv[3];
  server = start_server ("0");
  engine_client_add_tests ();
  engine_channels_add_tests ();
  engine_lines_add_tests ();
  engine_streams_add_tests ();
  if (!is_own)
    engine_tokens_add_tests ();
  failed = g_test_run ();
  interop_server_stop (server);
  return failed;
}
