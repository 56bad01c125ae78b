/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Real time, also while the code under test is on virtual time: it bounds the test itself. */
struct _RtTestDeadline
{
  GMainContext *context;
  GSource *source;
  const char *what;
  const char *file;
  int line;
};

static gboolean
expired_cb (gpointer user_data)
{
  RtTestDeadline *deadline = user_data;

  g_error ("%s:%d: not in time: %s", deadline->file, deadline->line, deadline->what);
  return G_SOURCE_REMOVE;
}

RtTestDeadline *
rt_test_deadline_new (guint ms, const char *what, const char *file, int line)
{
  RtTestDeadline *deadline = g_new0 (RtTestDeadline, 1);

  deadline->context = g_main_context_ref_thread_default ();
  deadline->what = what;
  deadline->file = file;
  deadline->line = line;
  deadline->source = g_timeout_source_new (ms);
  g_source_set_callback (deadline->source, expired_cb, deadline, NULL);
  g_source_attach (deadline->source, deadline->context);
  return deadline;
}

void
rt_test_deadline_iterate (RtTestDeadline *deadline)
{
  g_main_context_iteration (deadline->context, TRUE);
}

void
rt_test_deadline_poll (RtTestDeadline *deadline)
{
  if (!g_main_context_iteration (deadline->context, FALSE))
    g_thread_yield ();
}

void
rt_test_deadline_free (RtTestDeadline *deadline)
{
  g_source_destroy (deadline->source);
  g_source_unref (deadline->source);
  g_main_context_unref (deadline->context);
  g_free (deadline);
}

static gpointer
read_to_the_end (gpointer user_data)
{
  char byte;
  gssize n;

  do
    n = read (STDIN_FILENO, &byte, 1);
  while (n > 0 || (n < 0 && errno == EINTR));
  _exit (1);
}

void
rt_test_end_with_parent (void)
{
  g_thread_unref (g_thread_new ("parent", read_to_the_end, NULL));
}

/* One that was joined is still in the list for a moment, but with PF_EXITING among its flags (proc_pid_stat(5)). */
static gboolean
is_running (const char *task)
{
  const guint exiting = 0x4;
  g_autofree char *path = g_strdup_printf ("/proc/self/task/%s/stat", task);
  g_autofree char *text = NULL;
  guint flags = 0;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  const char *fields = strrchr (text, ')'); /* the name of the thread may have spaces */
  g_assert_nonnull (fields);
  g_assert_cmpint (sscanf (fields, ") %*c %*d %*d %*d %*d %*d %u", &flags), ==, 1);
  return (flags & exiting) == 0;
}

guint
rt_test_count_threads (void)
{
  g_autoptr (GDir) tasks = g_dir_open ("/proc/self/task", 0, NULL);
  const char *name;
  guint count = 0;

  g_assert_nonnull (tasks);
  while ((name = g_dir_read_name (tasks)) != NULL)
    count += is_running (name);
  return count;
}

guint
rt_test_count_fds (void)
{
  g_autoptr (GDir) fds = g_dir_open ("/proc/self/fd", 0, NULL);
  guint count = 0;

  g_assert_nonnull (fds);
  while (g_dir_read_name (fds) != NULL)
    count++;
  return count;
}
