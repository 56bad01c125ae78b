/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-cli.h"

#include <glib/gi18n-lib.h>

#define API_KEY_VARIABLE "REALTIME_API_KEY"
#define MAX_PORT 65535
#define PING_INTERVAL_DEFAULT 25000

/* The description is shown behind the options of each command's help. */
static GOptionContext *
make_context (RtCliOptions *self, const RtCliCommand *command)
{
  const GOptionEntry common_entries[] = {
    { "api-key", 0, 0, G_OPTION_ARG_STRING, &self->api_key,
      N_ ("The api key; others can see it in the list of processes, so better set REALTIME_API_KEY"), N_ ("KEY") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json, N_ ("Print one JSON object a line"), NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->arguments, NULL, NULL },
    G_OPTION_ENTRY_NULL,
  };
  const GOptionEntry server_entries[] = {
    { "port", 0, 0, G_OPTION_ARG_INT, &self->port, N_ ("Listen on this port; 0, the default, takes a free one"),
      N_ ("N") },
    { "journal", 0, 0, G_OPTION_ARG_FILENAME, &self->journal,
      N_ ("Keep what is published in this file, and go on from it; the default is to keep it in memory"), N_ ("FILE") },
    { "ping-interval", 0, 0, G_OPTION_ARG_INT, &self->ping_interval,
      N_ ("Ping clients as often, in milliseconds; 0 is never, the default 25000"), N_ ("MS") },
    G_OPTION_ENTRY_NULL,
  };
  const GOptionEntry client_entries[] = {
    { "allow-insecure", 0, 0, G_OPTION_ARG_NONE, &self->insecure,
      N_ ("Allow a connection without TLS to another machine"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  GOptionContext *context = g_option_context_new (command->arguments);

  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, command->summary);
  g_option_context_set_description (context,
                                    N_ ("Exit status: 0 done, 1 the network or the server failed, 2 wrong usage, "
                                        "3 refused by the server.\n"));
  g_option_context_add_main_entries (context, common_entries, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, command->is_server ? server_entries : client_entries, GETTEXT_PACKAGE);
  return context;
}

static gboolean
check_arguments (const RtCliOptions *self, const RtCliCommand *command, GError **error)
{
  guint count = self->arguments != NULL ? g_strv_length (self->arguments) : 0;

  if (count < command->min_arguments)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, _ ("Arguments are missing; usage: realtime %s %s"),
                   command->name, command->arguments);
      return FALSE;
    }
  if (count > command->max_arguments)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, _ ("Too many arguments; usage: realtime %s %s"),
                   command->name, command->arguments);
      return FALSE;
    }
  if (self->port < 0 || self->port > MAX_PORT)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("%d is no port; give one from 0 to %d"),
                   self->port, MAX_PORT);
      return FALSE;
    }
  if (self->ping_interval < 0)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("%d is no time; give milliseconds, or 0"),
                   self->ping_interval);
      return FALSE;
    }
  return TRUE;
}

/* @argv begins with the command's name. */
gboolean
rt_cli_options_parse (RtCliOptions *self, const RtCliCommand *command, char **argv, GError **error)
{
  /* The help begins with the program's name. */
  g_autofree char *name = g_strconcat ("realtime ", command->name, NULL);
  g_set_prgname (name);
  self->ping_interval = PING_INTERVAL_DEFAULT;

  g_autoptr (GOptionContext) context = make_context (self, command);
  /* The parser drops what it has used from the array, so it gets one of its own. */
  g_auto (GStrv) copy = g_strdupv (argv);

  if (!g_option_context_parse_strv (context, &copy, error) || !check_arguments (self, command, error))
    return FALSE;
  if (self->api_key == NULL)
    self->api_key = g_strdup (g_getenv (API_KEY_VARIABLE));
  if (self->api_key != NULL && *self->api_key == '\0')
    g_clear_pointer (&self->api_key, g_free);
  return TRUE;
}

void
rt_cli_options_clear (RtCliOptions *self)
{
  g_clear_pointer (&self->api_key, g_free);
  g_clear_pointer (&self->journal, g_free);
  g_clear_pointer (&self->arguments, g_strfreev);
}
