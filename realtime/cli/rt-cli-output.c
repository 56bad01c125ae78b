/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-cli.h"

#include <json-glib/json-glib.h>
#include <stdio.h>

/* Text from others goes to a terminal: a line stays a line, a column a column, and no character moves the cursor. */
char *
rt_cli_escape (const char *text)
{
  GString *out = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c == '\\')
        g_string_append (out, "\\\\");
      else if (c == '\t')
        g_string_append (out, "\\t");
      else if (c == '\n')
        g_string_append (out, "\\n");
      else if (c == '\r')
        g_string_append (out, "\\r");
      else if (g_unichar_iscntrl (c))
        g_string_append_printf (out, "\\u%04x", c);
      else
        g_string_append_unichar (out, c);
    }
  return g_string_free (out, FALSE);
}

/* The line must be there at once, also when it goes into a pipe. */
static void
print_line (const char *line)
{
  fputs (line, stdout);
  fputc ('\n', stdout);
  fflush (stdout);
}

/* Takes @builder at the end of its object. */
static void
print_object (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *line = json_to_string (root, FALSE);

  print_line (line);
}

void
rt_cli_print_listening (const char *url, gboolean json)
{
  if (json)
    {
      g_autoptr (JsonBuilder) builder = json_builder_new ();

      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "listening");
      json_builder_add_string_value (builder, url);
      json_builder_end_object (builder);
      print_object (builder);
    }
  else
    {
      g_autofree char *line = g_strconcat ("listening ", url, NULL);

      print_line (line);
    }
}

/* Text as it is; other content as JSON the way it came, or as base64. */
static char *
dup_text (RtMessage *message)
{
  if (rt_message_get_content (message) != NULL)
    return g_strdup (rt_message_get_content (message));

  char *data = rt_message_dup_data_json (message);
  if (data != NULL)
    return data;

  GBytes *bytes = rt_message_get_bytes (message);
  if (bytes != NULL)
    {
      gsize size;
      gconstpointer content = g_bytes_get_data (bytes, &size);
      return g_base64_encode (content, size);
    }
  return g_strdup ("");
}

static char *
escape_nullable (const char *text)
{
  return rt_cli_escape (text != NULL ? text : "");
}

void
rt_cli_print_received (RtMessage *message, gboolean json)
{
  if (json)
    {
      g_autofree char *line = rt_message_to_json (message);

      /* The data is as it was sent, and may hold line ends between its values. */
      print_line (g_strdelimit (line, "\n\r", ' '));
    }
  else
    {
      g_autofree char *text = dup_text (message);
      g_autofree char *channel_column = escape_nullable (rt_message_get_channel (message));
      g_autofree char *sender_column = escape_nullable (rt_message_get_sender (message));
      g_autofree char *text_column = escape_nullable (text);
      g_autofree char *line = g_strjoin ("\t", channel_column, sender_column, text_column, NULL);

      print_line (line);
    }
}

void
rt_cli_print_sent (RtMessage *message, gboolean json)
{
  if (json)
    {
      g_autoptr (JsonBuilder) builder = json_builder_new ();

      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "id");
      json_builder_add_string_value (builder, rt_message_get_id (message));
      json_builder_set_member_name (builder, "channel");
      json_builder_add_string_value (builder, rt_message_get_channel (message));
      json_builder_end_object (builder);
      print_object (builder);
    }
  else
    {
      print_line (rt_message_get_id (message));
    }
}

/* The text may hold what a server said. */
void
rt_cli_print_error (const GError *error)
{
  g_autofree char *text = rt_cli_escape (error->message);

  g_printerr ("realtime: %s\n", text);
}

RtCliExit
rt_cli_exit_for_error (const GError *error)
{
  /* Options, and standard input that is not UTF-8. */
  if (error->domain == G_OPTION_ERROR || error->domain == G_CONVERT_ERROR)
    return RT_CLI_USAGE;
  if (error->domain != RT_ERROR)
    return RT_CLI_FAILED;

  switch ((RtError) error->code)
    {
    case RT_ERROR_INVALID_CONFIG:
    case RT_ERROR_INVALID_ARGUMENT:
    case RT_ERROR_INVALID_MESSAGE:
    case RT_ERROR_TOO_LARGE:
      return RT_CLI_USAGE;
    case RT_ERROR_UNAUTHORIZED:
    case RT_ERROR_PERMISSION_DENIED:
    case RT_ERROR_CHANNEL_NOT_FOUND:
    case RT_ERROR_EXPIRED:
      return RT_CLI_REFUSED;
    default:
      return RT_CLI_FAILED;
    }
}
