/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <realtime/realtime.h>

#include <stdio.h>
#include <string.h>
#include "rt-test.h"

/* One end of a stream in a process of its own: stream-file send|receive URL TOKEN TRANSPORT FILE. First comes a short stream,
 * after which the memory is looked at, then the file. The receiver says "ready" when it has joined; each says "grown N" at
 * the end: by how many KiB the process was larger at its largest than after the short stream. It ends when its standard
 * input does. */

#define CHANNEL "files"
#define WARM_UP (1024 * 1024)

typedef struct
{
  GMainLoop *loop;
  char *file;
  guint n_opened;
  guint n_ended; /* the next stream may be opened before this one's end is told */
  guint64 before; /* KiB */
} Job;

/* Of /proc/self/status, in KiB. */
static guint64
read_status (const char *key)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL))
    g_error ("There is no /proc/self/status");
  const char *line = strstr (text, key);
  g_assert_nonnull (line);
  return g_ascii_strtoull (line + strlen (key), NULL, 10);
}

static void
report (Job *job)
{
  guint64 peak = read_status ("VmHWM:");

  printf ("grown %" G_GUINT64_FORMAT "\n", peak > job->before ? peak - job->before : 0);
  fflush (stdout);
}

/* --- Receiving --- */

static void
received_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Job *job = user_data;
  g_autoptr (GError) error = NULL;

  if (g_output_stream_splice_finish (G_OUTPUT_STREAM (source), result, &error) < 0)
    g_error ("Receiving: %s", error->message);
  if (++job->n_ended == 1)
    {
      job->before = read_status ("VmRSS:");
      return;
    }
  report (job);
  g_main_loop_quit (job->loop);
}

static void
opened_cb (RtChannel *channel, RtStreamReader *reader, gpointer user_data)
{
  Job *job = user_data;
  g_autoptr (GFile) file = g_file_new_for_path (job->n_opened++ == 0 ? "/dev/null" : job->file);
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileOutputStream) target = g_file_append_to (file, G_FILE_CREATE_NONE, NULL, &error);

  if (target == NULL)
    g_error ("%s", error->message);
  g_output_stream_splice_async (G_OUTPUT_STREAM (target), G_INPUT_STREAM (reader),
                                G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE | G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET,
                                G_PRIORITY_DEFAULT, NULL, received_cb, job);
}

static void
receive (Job *job, RtClient *client)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtChannel) channel = rt_client_join_channel_sync (client, CHANNEL, NULL, NULL, &error);

  if (channel == NULL)
    g_error ("Joining: %s", error->message);
  g_signal_connect (channel, "stream-opened", G_CALLBACK (opened_cb), job);
  printf ("ready\n");
  fflush (stdout);
  g_main_loop_run (job->loop);
}

/* --- Sending --- */

static void
send_all (RtClient *client, GInputStream *source, gint64 size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtStream) stream
    = rt_client_start_stream_sync (client, CHANNEL, "file", "application/octet-stream", size, NULL, &error);

  if (stream == NULL)
    g_error ("Starting: %s", error->message);
  if (g_output_stream_splice (G_OUTPUT_STREAM (stream), source,
                              G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE | G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, &error)
      != size)
    g_error ("Sending: %s", error->message);
}

static void
send_file (Job *job, RtClient *client)
{
  g_autoptr (GInputStream) zeros = g_memory_input_stream_new_from_data (g_malloc0 (WARM_UP), WARM_UP, g_free);
  g_autoptr (GFile) file = g_file_new_for_path (job->file);
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileInputStream) source = g_file_read (file, NULL, &error);
  g_autoptr (GFileInfo) info = g_file_query_info (file, G_FILE_ATTRIBUTE_STANDARD_SIZE, G_FILE_QUERY_INFO_NONE, NULL, NULL);

  if (source == NULL)
    g_error ("%s", error->message);
  send_all (client, zeros, WARM_UP);
  job->before = read_status ("VmRSS:");
  send_all (client, G_INPUT_STREAM (source), g_file_info_get_size (info));
  report (job);
}

int
main (int argc, char **argv)
{
  Job job = { .loop = g_main_loop_new (NULL, FALSE) };
  g_autoptr (GError) error = NULL;

  if (argc != 6)
    g_error ("usage: stream-file send|receive URL TOKEN TRANSPORT FILE");
  rt_test_end_with_parent ();
  const char *const strategies[] = { argv[4], NULL };
  g_autoptr (RtConfig) config
    = g_object_new (RT_TYPE_CONFIG, "endpoint", argv[2], "api-key", argv[3], "strategies", strategies, NULL);
  g_autoptr (RtClient) client = rt_client_new (config);
  job.file = argv[5];
  if (!rt_client_connect_sync (client, NULL, &error))
    g_error ("Connecting: %s", error->message);
  if (g_str_equal (argv[1], "send"))
    send_file (&job, client);
  else
    receive (&job, client);
  rt_client_close_sync (client, NULL, NULL);
  g_main_loop_unref (job.loop);
  return 0;
}
