/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-cli.h"

#include <glib/gi18n-lib.h>

static void
message_cb (RtClient *client, RtMessage *message, gpointer user_data)
{
  const RtCliOptions *options = user_data;

  rt_cli_print_received (message, options->json);
}

/* Where the lines of a program begin to be whole: what is sent from now on will be printed. */
static void
joined_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RtCliSession *session = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RtChannel) channel = rt_client_join_channel_finish (RT_CLIENT (source), result, &error);

  if (channel == NULL)
    {
      rt_cli_session_fail (session, error);
    }
  else
    {
      g_autofree char *name = rt_cli_escape (rt_channel_get_name (channel));

      g_printerr (_ ("joined %s\n"), name);
    }
}

static void
ready_cb (RtCliSession *session, gpointer user_data)
{
  const RtCliOptions *options = user_data;
  RtClient *client = rt_cli_session_get_client (session);

  g_signal_connect (client, "message", G_CALLBACK (message_cb), user_data);
  for (char **channel = options->arguments + 1; *channel != NULL; channel++)
    rt_client_join_channel_async (client, *channel, NULL, NULL, joined_cb, session);
}

RtCliExit
rt_cli_listen (const RtCliOptions *options)
{
  return rt_cli_session_run (options, ready_cb, (gpointer) options);
}
