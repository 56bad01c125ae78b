/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-cli.h"

#include <locale.h>
#include <glib/gi18n-lib.h>

static const RtCliCommand commands[] = {
  { "serve", "", N_ ("Run a server for development and tests on this machine"), rt_cli_serve, 0, 0, TRUE },
  { "listen", "URL CHANNEL…", N_ ("Print the messages of channels as they come: channel, sender, text"),
    rt_cli_listen, 2, G_MAXUINT, FALSE },
  { "send", "URL CHANNEL [TEXT]",
    N_ ("Send a message, or each line of standard input, and print its id when the server has it"), rt_cli_send, 2, 3,
    FALSE },
};

static void
print_usage (void (*print) (const char *format, ...))
{
  print (_ ("Usage: realtime COMMAND [OPTION…] [ARGUMENT…]\n\nCommands:\n"));
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    print ("  %-8s %s\n", commands[i].name, _ (commands[i].summary));
  print (_ ("\n“realtime COMMAND --help” tells more about a command.\n"));
}

static const RtCliCommand *
find_command (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      if (g_str_equal (commands[i].name, name))
        return &commands[i];
    }
  return NULL;
}

static RtCliExit
run_command (const RtCliCommand *command, char **argv)
{
  g_auto (RtCliOptions) options = { 0 };
  g_autoptr (GError) error = NULL;

  if (!rt_cli_options_parse (&options, command, argv, &error))
    {
      rt_cli_print_error (error);
      return RT_CLI_USAGE;
    }
  return command->run (&options);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, RT_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");

  if (argc < 2)
    {
      print_usage (g_printerr);
      return RT_CLI_USAGE;
    }
  if (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h") || g_str_equal (argv[1], "help"))
    {
      print_usage (g_print);
      return RT_CLI_DONE;
    }
  if (g_str_equal (argv[1], "--version"))
    {
      g_print ("realtime %s\n", RT_CLI_VERSION);
      return RT_CLI_DONE;
    }

  const RtCliCommand *command = find_command (argv[1]);
  if (command == NULL)
    {
      g_printerr (_ ("realtime: there is no command “%s”\n"), argv[1]);
      print_usage (g_printerr);
      return RT_CLI_USAGE;
    }
  return run_command (command, argv + 1);
}
