/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-suite.h"
#include "stream-job.h"

#include <string.h>

/* Streams through a server: a file from process to process, and what a server's permissions make of them. */

#define FILE_SIZE (64 * 1024 * 1024)
/* Over requests that carry 60 KiB each. */
#define SMALL_SIZE (8 * 1024 * 1024)

static void
test_file (void)
{
  g_autofree char *ann = interop_token_new ("ann", INTEROP_SECRET, INTEROP_EXPIRES_2100);
  g_autofree char *bob = interop_token_new ("bob", INTEROP_SECRET, INTEROP_EXPIRES_2100);
  g_autofree char *program = g_test_build_filename (G_TEST_BUILT, "stream-file", NULL);
  gboolean websocket = g_str_equal (engine_suite_get_transport (), "websocket");

  stream_job_run (program, engine_suite_get_url (), ann, bob, engine_suite_get_transport (),
                  websocket ? FILE_SIZE : SMALL_SIZE);
}

static void
opened_cb (RtChannel *channel, RtStreamReader *reader, RtStreamReader **place)
{
  g_set_object (place, reader);
}

static void
fill (guint8 *bytes, gsize size)
{
  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) (i * 7 + (i >> 8));
}

/* Who may not join sends all the same. */
static void
test_deaf (void)
{
  static guint8 bytes[200000];
  static guint8 read[sizeof bytes];
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (InteropClient) bob = engine_suite_connected ("bob");
  g_autoptr (RtChannel) channel = interop_client_join (bob, "deaf");
  g_autoptr (RtStreamReader) reader = NULL;
  g_autoptr (GError) error = NULL;

  fill (bytes, sizeof bytes);
  g_signal_connect (channel, "stream-opened", G_CALLBACK (opened_cb), &reader);
  engine_suite_tell ("refuse deaf 103");
  g_autoptr (RtStream) stream = rt_client_start_stream_sync (ann->client, "deaf", "a", NULL, -1, NULL, &error);
  g_assert_no_error (error);
  rt_test_wait_until (reader != NULL);
  g_output_stream_write_all (G_OUTPUT_STREAM (stream), bytes, sizeof bytes, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_output_stream_close (G_OUTPUT_STREAM (stream), NULL, &error));
  g_input_stream_read_all (G_INPUT_STREAM (reader), read, sizeof read, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (bytes, sizeof bytes, read, sizeof read);
  g_assert_cmpint (g_input_stream_read (G_INPUT_STREAM (reader), read, 1, NULL, &error), ==, 0);
  g_assert_no_error (error);
}

/* The server is killed in the middle, with all that it knew. */
static void
test_server_killed (void)
{
  static guint8 bytes[512 * 1024];
  static guint8 read[sizeof bytes];
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (InteropClient) bob = engine_suite_connected ("bob");
  g_autoptr (RtChannel) channel = interop_client_join (bob, "killed");
  g_autoptr (RtStreamReader) reader = NULL;
  g_autoptr (GError) error = NULL;
  const gsize half = sizeof bytes / 2;

  fill (bytes, sizeof bytes);
  g_signal_connect (channel, "stream-opened", G_CALLBACK (opened_cb), &reader);
  g_autoptr (RtStream) stream = rt_client_start_stream_sync (ann->client, "killed", "a", NULL, sizeof bytes, NULL, &error);
  g_assert_no_error (error);
  rt_test_wait_until (reader != NULL);
  g_output_stream_write_all (G_OUTPUT_STREAM (stream), bytes, half, NULL, NULL, &error);
  g_assert_no_error (error);
  engine_suite_restart ();
  g_input_stream_read_all (G_INPUT_STREAM (reader), read, half, NULL, NULL, &error);
  g_assert_no_error (error);
  g_output_stream_write_all (G_OUTPUT_STREAM (stream), bytes + half, half, NULL, NULL, &error);
  g_assert_no_error (error);
  g_input_stream_read_all (G_INPUT_STREAM (reader), read + half, half, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (bytes, sizeof bytes, read, sizeof read);
  g_assert_true (g_input_stream_close (G_INPUT_STREAM (reader), NULL, &error));
  g_assert_true (g_output_stream_close (G_OUTPUT_STREAM (stream), NULL, &error));
  g_assert_no_error (error);
}

/* The lines of both ends are cut in the middle. */
static void
test_lines_cut (void)
{
  static guint8 bytes[1024 * 1024];
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (InteropClient) bob = engine_suite_connected ("bob");
  g_autoptr (RtChannel) channel = interop_client_join (bob, "streams");
  g_autoptr (RtStreamReader) reader = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *read = g_malloc (sizeof bytes);

  fill (bytes, sizeof bytes);
  g_signal_connect (channel, "stream-opened", G_CALLBACK (opened_cb), &reader);
  g_autoptr (RtStream) stream
    = rt_client_start_stream_sync (ann->client, "streams", "a", NULL, sizeof bytes, NULL, &error);
  g_assert_no_error (error);
  rt_test_wait_until (reader != NULL);
  for (gsize done = 0; done < sizeof bytes; done += sizeof bytes / 8)
    {
      g_output_stream_write_all (G_OUTPUT_STREAM (stream), bytes + done, sizeof bytes / 8, NULL, NULL, &error);
      g_assert_no_error (error);
      if (done == sizeof bytes / 4 || done == sizeof bytes / 2)
        engine_suite_tell ("drop");
      g_input_stream_read_all (G_INPUT_STREAM (reader), read + done, sizeof bytes / 8, NULL, NULL, &error);
      g_assert_no_error (error);
    }
  g_assert_cmpmem (bytes, sizeof bytes, read, sizeof bytes);
  g_assert_true (g_input_stream_close (G_INPUT_STREAM (reader), NULL, &error));
  g_assert_true (g_output_stream_close (G_OUTPUT_STREAM (stream), NULL, &error));
  g_assert_no_error (error);
}

void
engine_streams_add_tests (void)
{
  g_test_add_func ("/Rt/Engine/stream-file", test_file);
  g_test_add_func ("/Rt/Engine/stream-lines-cut", test_lines_cut);
  if (engine_suite_is_own ())
    return;
  g_test_add_func ("/Rt/Engine/stream-deaf", test_deaf);
  g_test_add_func ("/Rt/Engine/stream-server-killed", test_server_killed);
}
