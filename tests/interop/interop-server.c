/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "interop-server.h"

#include <signal.h>
#include <sys/wait.h>

struct _InteropServer
{
  GSubprocess *process;
  GDataInputStream *output;
  char *url;
};

char *
interop_server_read_line (InteropServer *self)
{
  g_autoptr (GError) error = NULL;
  char *line = g_data_input_stream_read_line (self->output, NULL, NULL, &error);

  g_assert_no_error (error);
  if (line == NULL)
    g_error ("The server has ended");
  return line;
}

InteropServer *
interop_server_start (char **command)
{
  InteropServer *self = g_new0 (InteropServer, 1);
  g_autofree char *line = NULL;
  g_autoptr (GError) error = NULL;

  self->process = g_subprocess_newv ((const char *const *) command,
                                     G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  g_assert_no_error (error);
  self->output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  line = interop_server_read_line (self);
  if (!g_str_has_prefix (line, "listening "))
    g_error ("The server said: %s", line);
  self->url = g_strdup (line + strlen ("listening "));
  return self;
}

static void
free_server (InteropServer *self)
{
  g_object_unref (self->output);
  g_object_unref (self->process);
  g_free (self->url);
  g_free (self);
}

void
interop_server_stop (InteropServer *self)
{
  g_autoptr (GError) error = NULL;

  g_output_stream_close (g_subprocess_get_stdin_pipe (self->process), NULL, &error);
  g_assert_no_error (error);
  g_subprocess_wait_check (self->process, NULL, &error);
  g_assert_no_error (error);
  free_server (self);
}

void
interop_server_kill (InteropServer *self)
{
  g_autoptr (GError) error = NULL;

  g_subprocess_force_exit (self->process);
  g_subprocess_wait (self->process, NULL, &error);
  g_assert_no_error (error);
  free_server (self);
}

void
interop_server_freeze (InteropServer *self, gboolean frozen)
{
  const id_t id = (id_t) g_ascii_strtoull (g_subprocess_get_identifier (self->process), NULL, 10);
  siginfo_t info;

  g_subprocess_send_signal (self->process, frozen ? SIGSTOP : SIGCONT);
  /* It takes a moment until the last thread stands still. */
  g_assert_cmpint (waitid (P_PID, id, &info, frozen ? WSTOPPED : WCONTINUED), ==, 0);
}

const char *
interop_server_get_url (InteropServer *self)
{
  return self->url;
}

char *
interop_server_control (InteropServer *self, const char *format, ...)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;
  g_autofree char *answer = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  line = g_strconcat (text, "\n", NULL);
  g_output_stream_write_all (g_subprocess_get_stdin_pipe (self->process), line, strlen (line), NULL, NULL, &error);
  g_assert_no_error (error);
  answer = interop_server_read_line (self);
  if (!g_str_has_prefix (answer, "ok"))
    g_error ("%s: %s", text, answer);
  return g_strdup (answer[2] != '\0' ? answer + 3 : "");
}
