/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-cli.h"

#include <glib-unix.h>
#include <realtime-mock/realtime-mock.h>

static gboolean
interrupted_cb (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_CONTINUE;
}

RtCliExit
rt_cli_serve (const RtCliOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (RtMockServer) server = rt_mock_server_new ();
  const char *const api_keys[] = { options->api_key, NULL };

  /* An empty list lets everybody in. */
  g_object_set (server, "port", (guint) options->port, "api-keys", api_keys, "journal", options->journal,
                "ping-interval", (guint) options->ping_interval, NULL);
  if (!rt_mock_server_start (server, &error))
    {
      rt_cli_print_error (error);
      return rt_cli_exit_for_error (error);
    }
  guint interrupt_id = g_unix_signal_add (SIGINT, interrupted_cb, loop);
  guint terminate_id = g_unix_signal_add (SIGTERM, interrupted_cb, loop);

  g_autofree char *url = rt_mock_server_get_url (server);
  rt_cli_print_listening (url, options->json);
  g_main_loop_run (loop);

  g_source_remove (interrupt_id);
  g_source_remove (terminate_id);
  rt_mock_server_stop (server);
  return RT_CLI_DONE;
}
