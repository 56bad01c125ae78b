/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stream-job.h"

#include <glib/gstdio.h>

#define MAX_GROWTH (8 * 1024) /* KiB */

static GSubprocess *
start (const char *program, const char *mode, const char *url, const char *token, const char *transport, const char *file)
{
  g_autoptr (GError) error = NULL;
  GSubprocess *process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error,
                                           program, mode, url, token, transport, file, NULL);

  g_assert_no_error (error);
  return process;
}

static char *
read_line (GDataInputStream *output)
{
  g_autoptr (GError) error = NULL;
  char *line = g_data_input_stream_read_line (output, NULL, NULL, &error);

  g_assert_no_error (error);
  if (line == NULL)
    g_error ("One end of the stream has ended early");
  return line;
}

/* A sanitizer keeps what was freed. */
static gboolean
counts_memory (void)
{
#if defined(__SANITIZE_ADDRESS__)
  return FALSE;
#else
  return TRUE;
#endif
}

static void
finish (GSubprocess *process, GDataInputStream *output, const char *who)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *line = read_line (output);

  g_assert_true (g_str_has_prefix (line, "grown "));
  guint64 grown = g_ascii_strtoull (line + strlen ("grown "), NULL, 10);
  g_test_message ("the %s has grown by %" G_GUINT64_FORMAT " KiB", who, grown);
  if (counts_memory ())
    g_assert_cmpuint (grown, <, MAX_GROWTH);
  g_subprocess_wait_check (process, NULL, &error);
  g_assert_no_error (error);
}

static void
write_random (const char *path, gsize size)
{
  g_autofree guint32 *words = g_malloc (size);
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < size / sizeof *words; i++)
    words[i] = g_random_int ();
  g_file_set_contents (path, (const char *) words, (gssize) size, &error);
  g_assert_no_error (error);
}

static void
compare (const char *path, const char *other)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GMappedFile) first = g_mapped_file_new (path, FALSE, &error);
  g_assert_no_error (error);
  g_autoptr (GMappedFile) second = g_mapped_file_new (other, FALSE, &error);
  g_assert_no_error (error);

  g_assert_cmpmem (g_mapped_file_get_contents (first), g_mapped_file_get_length (first),
                   g_mapped_file_get_contents (second), g_mapped_file_get_length (second));
}

void
stream_job_run (const char *program,
                const char *url,
                const char *sender_token,
                const char *receiver_token,
                const char *transport,
                gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("rt-stream-XXXXXX", &error);
  g_assert_no_error (error);
  g_autofree char *sent = g_build_filename (folder, "sent", NULL);
  g_autofree char *received = g_build_filename (folder, "received", NULL);

  write_random (sent, size);
  g_autoptr (GSubprocess) receiver = start (program, "receive", url, receiver_token, transport, received);
  g_autoptr (GDataInputStream) receiver_output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (receiver));
  g_autofree char *ready = read_line (receiver_output);
  g_assert_cmpstr (ready, ==, "ready");
  g_autoptr (GSubprocess) sender = start (program, "send", url, sender_token, transport, sent);
  g_autoptr (GDataInputStream) sender_output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (sender));
  finish (receiver, receiver_output, "receiver");
  finish (sender, sender_output, "sender");
  compare (sent, received);
  g_unlink (sent);
  g_unlink (received);
  g_rmdir (folder);
}
