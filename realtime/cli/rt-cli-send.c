/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-cli.h"

#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <unistd.h>

/* So many messages may be on their way before more of the input is read. */
#define WINDOW 256

typedef struct
{
  const RtCliOptions *options;
  RtCliSession *session;
  GDataInputStream *input; /* NULL where the text is an argument */
  guint on_the_way;
  gboolean reading;
  gboolean at_end;
} Sender;

static void read_more (Sender *self);

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Sender *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) message = rt_client_send_message_finish (RT_CLIENT (source), result, &error);

  self->on_the_way--;
  if (message == NULL)
    {
      rt_cli_session_fail (self->session, error);
      return;
    }
  rt_cli_print_sent (message, self->options->json);
  if (self->at_end && self->on_the_way == 0)
    rt_cli_session_end (self->session, RT_CLI_DONE);
  else
    read_more (self);
}

static void
send_text (Sender *self, const char *text)
{
  self->on_the_way++;
  rt_client_send_message_async (rt_cli_session_get_client (self->session), self->options->arguments[1], text, NULL,
                                sent_cb, self);
}

static void
line_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Sender *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *line = g_data_input_stream_read_line_finish_utf8 (self->input, result, NULL, &error);

  self->reading = FALSE;
  if (error != NULL)
    {
      rt_cli_session_fail (self->session, error);
      return;
    }
  if (line == NULL)
    {
      self->at_end = TRUE;
      if (self->on_the_way == 0)
        rt_cli_session_end (self->session, RT_CLI_DONE);
      return;
    }
  send_text (self, line);
  read_more (self);
}

static void
read_more (Sender *self)
{
  if (self->reading || self->at_end || self->on_the_way >= WINDOW)
    return;
  self->reading = TRUE;
  g_data_input_stream_read_line_async (self->input, G_PRIORITY_DEFAULT, NULL, line_cb, self);
}

static void
ready_cb (RtCliSession *session, gpointer user_data)
{
  Sender *self = user_data;
  const char *text = self->options->arguments[2];

  self->session = session;
  if (text != NULL)
    {
      self->at_end = TRUE;
      send_text (self, text);
    }
  else
    {
      g_autoptr (GInputStream) standard_input = g_unix_input_stream_new (STDIN_FILENO, FALSE);

      self->input = g_data_input_stream_new (standard_input);
      read_more (self);
    }
}

RtCliExit
rt_cli_send (const RtCliOptions *options)
{
  Sender self = { .options = options };
  RtCliExit code = rt_cli_session_run (options, ready_cb, &self);

  g_clear_object (&self.input);
  return code;
}
