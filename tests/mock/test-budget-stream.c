/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-budget-stream.h"

#include <string.h>

#include "rt-test.h"

/* A line and the socket at its other end. */
typedef struct
{
  RtBudgetLine *line;
  GIOStream *stream;
  GPollableInputStream *input;
  GPollableOutputStream *output;
  GSocketConnection *peer;
  guint closed;
} Pair;

static void
closed_cb (gpointer user_data)
{
  (*(guint *) user_data)++;
}

static void
set_up (Pair *pair, gconstpointer data)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) own = NULL;
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);

  pair->peer = g_socket_client_connect_to_host (client, "127.0.0.1", port, NULL, NULL);
  own = g_socket_listener_accept (listener, NULL, NULL, NULL);
  g_assert_nonnull (own);
  pair->line = rt_budget_line_new (own, closed_cb, &pair->closed);
  pair->stream = rt_budget_stream_new (pair->line);
  pair->input = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (pair->stream));
  pair->output = G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (pair->stream));
  g_assert_true (g_pollable_input_stream_can_poll (pair->input));
  g_assert_true (g_pollable_output_stream_can_poll (pair->output));
}

static void
tear_down (Pair *pair, gconstpointer data)
{
  g_io_stream_close (pair->stream, NULL, NULL);
  g_assert_cmpuint (pair->closed, ==, 1);
  g_assert_finalize_object (pair->stream);
  rt_budget_line_unref (pair->line);
  g_object_unref (pair->peer);
}

/* Sends without end until the line is closed. */
static gpointer
send_thread (gpointer data)
{
  static const char block[65536];
  GOutputStream *output = g_io_stream_get_output_stream (data);

  while (g_output_stream_write_all (output, block, sizeof block, NULL, NULL, NULL))
    ;
  return NULL;
}

typedef struct
{
  Pair *pair;
  gboolean deliver; /* says that each piece was a message */
  gsize chunk;      /* size of a piece; 0: 1,024 bytes */
  guint dispatches;
  gsize most; /* read in one dispatch */
  gsize total;
  GError *error;
} Reading;

/* Reads like libsoup: as long as there is something. */
static gboolean
read_cb (GObject *stream, gpointer user_data)
{
  Reading *reading = user_data;
  gsize got_now = 0;
  char buffer[1024];

  reading->dispatches++;
  while (reading->error == NULL)
    {
      gsize size = reading->chunk != 0 ? reading->chunk : sizeof buffer;
      gssize got =
          g_pollable_input_stream_read_nonblocking (reading->pair->input, buffer, size, NULL, &reading->error);
      if (got > 0)
        got_now += got;
      else if (got == 0)
        break;
      if (reading->deliver && got > 0)
        rt_budget_line_delivered (reading->pair->line);
    }
  if (g_error_matches (reading->error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    g_clear_error (&reading->error);
  reading->most = MAX (reading->most, got_now);
  reading->total += got_now;
  return reading->error == NULL;
}

static GSource *
attach_reading (Reading *reading)
{
  GSource *source = g_pollable_input_stream_create_source (reading->pair->input, NULL);

  g_source_set_callback (source, G_SOURCE_FUNC (read_cb), reading, NULL);
  g_source_attach (source, NULL);
  return source;
}

static void
detach (GSource *source)
{
  g_source_destroy (source);
  g_source_unref (source);
}

static void
test_budget (Pair *pair, gconstpointer data)
{
  Reading reading = { .pair = pair, .deliver = TRUE };
  GThread *thread = g_thread_new ("sender", send_thread, pair->peer);
  GSource *source = attach_reading (&reading);

  rt_test_wait_until (reading.total >= 8 * 1024 * 1024);
  g_assert_cmpuint (reading.most, <=, RT_BUDGET_LINE_PER_DISPATCH);
  g_assert_cmpuint (reading.dispatches, >=, 128);
  detach (source);
  rt_budget_line_close (pair->line, FALSE);
  g_thread_join (thread);
}

static void
test_messages (Pair *pair, gconstpointer data)
{
  Reading reading = { .pair = pair, .deliver = TRUE, .chunk = 100 };
  GThread *thread = g_thread_new ("sender", send_thread, pair->peer);
  GSource *source = attach_reading (&reading);

  rt_test_wait_until (reading.total >= 1024 * 1024);
  g_assert_cmpuint (reading.most, <=, 100 * RT_BUDGET_LINE_MESSAGES_PER_DISPATCH);
  detach (source);
  rt_budget_line_close (pair->line, FALSE);
  g_thread_join (thread);
}

static void
test_undelivered (Pair *pair, gconstpointer data)
{
  Reading reading = { .pair = pair };
  GThread *thread = g_thread_new ("sender", send_thread, pair->peer);
  GSource *source = attach_reading (&reading);

  rt_test_wait_until (reading.error != NULL);
  g_assert_error (reading.error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE);
  g_clear_error (&reading.error);
  g_assert_cmpuint (reading.total, >=, RT_BUDGET_LINE_UNDELIVERED);
  g_assert_cmpuint (reading.total, <, RT_BUDGET_LINE_UNDELIVERED + 1024);
  detach (source);
  rt_budget_line_close (pair->line, FALSE);
  g_thread_join (thread);
}

static void
send_from_peer (Pair *pair, const char *text)
{
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (pair->peer));

  g_assert_true (g_output_stream_write_all (output, text, strlen (text), NULL, NULL, NULL));
}

static void
turn_a_little (void)
{
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
}

static void
test_pause (Pair *pair, gconstpointer data)
{
  Reading reading = { .pair = pair };
  GSource *source = attach_reading (&reading);

  rt_budget_line_set_paused (pair->line, TRUE);
  send_from_peer (pair, "hello");
  turn_a_little ();
  g_assert_cmpuint (reading.dispatches, ==, 0);
  g_assert_false (g_pollable_input_stream_is_readable (pair->input));

  /* A source made meanwhile is silent too. */
  GSource *second = attach_reading (&reading);
  turn_a_little ();
  g_assert_cmpuint (reading.dispatches, ==, 0);
  detach (second);
  rt_budget_line_set_paused (pair->line, FALSE);
  rt_test_wait_until (reading.total == 5);
  detach (source);
}

/* Nothing is read from who does not read. */
static void
test_clogged (Pair *pair, gconstpointer data)
{
  Reading reading = { .pair = pair };
  GSource *source = attach_reading (&reading);
  static char block[65536];
  g_autoptr (GError) error = NULL;
  gssize put;
  guint64 written = 0;

  while ((put = g_pollable_output_stream_write_nonblocking (pair->output, block, sizeof block, NULL, &error)) > 0)
    written += put;
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  g_assert_cmpuint (rt_budget_line_get_written (pair->line), ==, written);
  send_from_peer (pair, "hello");
  turn_a_little ();
  g_assert_cmpuint (reading.total, ==, 0);

  GInputStream *peer_input = g_io_stream_get_input_stream (G_IO_STREAM (pair->peer));
  while (!g_pollable_output_stream_is_writable (pair->output))
    g_assert_cmpint (g_input_stream_read (peer_input, block, sizeof block, NULL, NULL), >, 0);
  g_assert_cmpint (g_pollable_output_stream_write_nonblocking (pair->output, "x", 1, NULL, NULL), ==, 1);
  rt_test_wait_until (reading.total == 5);
  detach (source);
}

static void
test_close_wakes (Pair *pair, gconstpointer data)
{
  Reading reading = { .pair = pair };
  GSource *source = attach_reading (&reading);

  rt_budget_line_set_paused (pair->line, TRUE);
  rt_budget_line_close (pair->line, FALSE);
  rt_budget_line_close (pair->line, FALSE);
  g_assert_cmpuint (pair->closed, ==, 1);
  rt_test_wait_until (reading.error != NULL);
  g_assert_error (reading.error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_clear_error (&reading.error);
  detach (source);
}

static void
close_done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GThread **thread = user_data;

  g_assert_true (g_io_stream_close_finish (G_IO_STREAM (source), result, NULL));
  *thread = g_thread_self ();
}

static void
test_close_async (Pair *pair, gconstpointer data)
{
  GThread *thread = NULL;
  GInputStream *peer_input = g_io_stream_get_input_stream (G_IO_STREAM (pair->peer));
  char byte;

  /* GLib makes a thread along with that type. */
  g_type_ensure (G_TYPE_TASK);
  guint threads = rt_test_count_threads ();
  g_io_stream_close_async (pair->stream, G_PRIORITY_DEFAULT, NULL, close_done_cb, &thread);
  g_assert_cmpuint (pair->closed, ==, 1);
  g_assert_cmpint (g_input_stream_read (peer_input, &byte, 1, NULL, NULL), ==, 0);
  rt_test_wait_until (thread != NULL);
  g_assert_true (thread == g_thread_self ());
  g_assert_cmpuint (rt_test_count_threads (), ==, threads);
}

static void
test_reset (Pair *pair, gconstpointer data)
{
  GInputStream *peer_input = g_io_stream_get_input_stream (G_IO_STREAM (pair->peer));
  g_autoptr (GError) error = NULL;
  char byte;

  rt_budget_line_close (pair->line, TRUE);
  g_assert_cmpint (g_input_stream_read (peer_input, &byte, 1, NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
}

static void
test_cancel (Pair *pair, gconstpointer data)
{
  Reading reading = { .pair = pair };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GSource *source = g_pollable_input_stream_create_source (pair->input, cancellable);

  g_source_set_callback (source, G_SOURCE_FUNC (read_cb), &reading, NULL);
  g_source_attach (source, NULL);
  turn_a_little ();
  g_assert_cmpuint (reading.dispatches, ==, 0);
  g_cancellable_cancel (cancellable);
  rt_test_wait_until (reading.dispatches > 0);
  detach (source);
}

/* What is read and written in the blocking way: GIO's plain functions. */
static void
test_blocking (Pair *pair, gconstpointer data)
{
  GInputStream *peer_input = g_io_stream_get_input_stream (G_IO_STREAM (pair->peer));
  char buffer[8] = { 0 };
  gsize got = 0;

  send_from_peer (pair, "hello");
  g_assert_true (g_input_stream_read_all (G_INPUT_STREAM (pair->input), buffer, 5, &got, NULL, NULL));
  g_assert_cmpstr (buffer, ==, "hello");
  g_assert_true (g_output_stream_write_all (G_OUTPUT_STREAM (pair->output), "world", 5, NULL, NULL, NULL));
  g_assert_true (g_input_stream_read_all (peer_input, buffer, 5, &got, NULL, NULL));
  g_assert_cmpstr (buffer, ==, "world");
}

#define ADD(path, func) g_test_add ("/Rt/BudgetStream/" path, Pair, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("budget", test_budget);
  ADD ("messages", test_messages);
  ADD ("undelivered", test_undelivered);
  ADD ("pause", test_pause);
  ADD ("clogged", test_clogged);
  ADD ("close-wakes", test_close_wakes);
  ADD ("close-async", test_close_async);
  ADD ("reset", test_reset);
  ADD ("cancel", test_cancel);
  ADD ("blocking", test_blocking);
  return g_test_run ();
}
