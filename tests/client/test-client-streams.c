/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client-util.h"

#include <string.h>

/* Streams between two clients, of whom neither's context turns while a call blocks. */

#define MEGABYTE (1024 * 1024)

typedef struct
{
  RtMockServer *server;
  RtClient *ann;
  RtClient *bob;
  RtChannel *room;     /* bob's */
  GPtrArray *readers;  /* what bob was told of */
  guint messages;      /* that bob got */
} Fixture;

static void
opened_cb (RtChannel *channel, RtStreamReader *reader, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_ptr_array_add (fixture->readers, g_object_ref (reader));
}

static void
message_cb (RtChannel *channel, RtMessage *message, gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->messages++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->server = client_util_start_server ();
  fixture->ann = client_util_connect (fixture->server);
  fixture->bob = client_util_connect (fixture->server);
  fixture->room = client_util_join (fixture->bob, "room");
  fixture->readers = g_ptr_array_new_with_free_func (g_object_unref);
  g_signal_connect (fixture->room, "stream-opened", G_CALLBACK (opened_cb), fixture);
  g_signal_connect (fixture->room, "message", G_CALLBACK (message_cb), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->readers, g_ptr_array_unref);
  g_clear_object (&fixture->room);
  client_util_finalize (fixture->ann);
  client_util_finalize (fixture->bob);
  g_assert_finalize_object (fixture->server);
}

static RtStream *
start (Fixture *fixture, gint64 size)
{
  g_autoptr (GError) error = NULL;
  RtStream *stream = rt_client_start_stream_sync (fixture->ann, "room", "a.bin", "text/plain", size, NULL, &error);

  g_assert_no_error (error);
  return stream;
}

/* The nth that bob is told of; borrowed. */
static RtStreamReader *
get_reader (Fixture *fixture, guint n)
{
  rt_test_wait_until (fixture->readers->len > n);
  return g_ptr_array_index (fixture->readers, n);
}

/* --- A thread that writes --- */

typedef struct
{
  RtStream *stream;
  gsize size;
  gsize piece;
  GError *error;
  gboolean closed;
} Writer;

static guint8
byte_at (gsize i)
{
  return (guint8) (i * 7 + (i >> 8) * 13 + (i >> 16));
}

static gpointer
write_all (gpointer data)
{
  Writer *writer = data;
  g_autofree guint8 *bytes = g_malloc (writer->piece);

  for (gsize done = 0; done < writer->size && writer->error == NULL;)
    {
      gsize len = MIN (writer->piece, writer->size - done);

      for (gsize i = 0; i < len; i++)
        bytes[i] = byte_at (done + i);
      g_output_stream_write_all (G_OUTPUT_STREAM (writer->stream), bytes, len, NULL, NULL, &writer->error);
      done += len;
    }
  if (writer->error == NULL)
    writer->closed = g_output_stream_close (G_OUTPUT_STREAM (writer->stream), NULL, &writer->error);
  return NULL;
}

/* Returns how much came; all of it is right. */
static gsize
read_all (RtStreamReader *reader, gsize piece, GError **error)
{
  g_autofree guint8 *bytes = g_malloc (piece);
  gsize done = 0;
  gssize n;

  while ((n = g_input_stream_read (G_INPUT_STREAM (reader), bytes, piece, NULL, error)) > 0)
    {
      for (gssize i = 0; i < n; i++)
        g_assert_cmpuint (bytes[i], ==, byte_at (done + (gsize) i));
      done += (gsize) n;
    }
  return done;
}

static void
test_blocking (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtStream) stream = start (fixture, 3 * MEGABYTE + 5);
  Writer writer = { .stream = stream, .size = 3 * MEGABYTE + 5, .piece = 100000 };
  g_autoptr (GError) error = NULL;
  RtStreamReader *reader = get_reader (fixture, 0);

  g_assert_cmpstr (rt_stream_reader_get_name (reader), ==, "a.bin");
  g_assert_cmpstr (rt_stream_reader_get_content_type (reader), ==, "text/plain");
  g_assert_cmpint (rt_stream_reader_get_size (reader), ==, 3 * MEGABYTE + 5);
  g_assert_cmpstr (rt_stream_reader_get_channel (reader), ==, "room");
  g_assert_cmpstr (rt_stream_reader_get_id (reader), ==, rt_stream_get_id (stream));
  GThread *thread = g_thread_new ("writer", write_all, &writer);
  g_assert_cmpuint (read_all (reader, 65536, &error), ==, writer.size);
  g_assert_no_error (error);
  g_thread_join (thread);
  g_assert_no_error (writer.error);
  g_assert_true (writer.closed);
  g_assert_cmpuint (rt_stream_get_bytes_sent (stream), ==, writer.size);
  g_assert_cmpuint (fixture->messages, ==, 0);
}


/* --- Calls that do not block --- */

static void
test_splice (Fixture *fixture, gconstpointer data)
{
  const gsize size = 2 * MEGABYTE + 3;
  guint8 *bytes = g_malloc (size);
  g_autoptr (GError) error = NULL;
  g_auto (ClientReply) sent = { 0 };
  g_auto (ClientReply) received = { 0 };
  g_auto (ClientReply) started = { 0 };
  GOutputStreamSpliceFlags flags = G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE | G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET;

  for (gsize i = 0; i < size; i++)
    bytes[i] = byte_at (i);
  g_autoptr (GInputStream) source = g_memory_input_stream_new_from_data (bytes, (gssize) size, g_free);
  g_autoptr (GOutputStream) target = g_memory_output_stream_new_resizable ();
  rt_client_start_stream_async (fixture->ann, "room", "a", NULL, -1, NULL, client_reply_cb, &started);
  client_reply_wait (&started);
  g_autoptr (RtStream) stream = rt_client_start_stream_finish (fixture->ann, started.result, &error);
  g_assert_no_error (error);
  g_output_stream_splice_async (G_OUTPUT_STREAM (stream), source, flags, 0, NULL, client_reply_cb, &sent);
  g_output_stream_splice_async (target, G_INPUT_STREAM (get_reader (fixture, 0)), flags, 0, NULL, client_reply_cb,
                                &received);
  client_reply_wait (&received);
  client_reply_wait (&sent);
  g_assert_cmpint (g_output_stream_splice_finish (G_OUTPUT_STREAM (stream), sent.result, &error), ==, size);
  g_assert_no_error (error);
  g_assert_cmpint (g_output_stream_splice_finish (target, received.result, &error), ==, size);
  g_assert_no_error (error);
  g_assert_cmpmem (g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (target)),
                   g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (target)), bytes, size);
  g_assert_cmpuint (fixture->messages, ==, 0);
}

static void
write_text (RtStream *stream, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all (G_OUTPUT_STREAM (stream), text, strlen (text), NULL, NULL, &error);
  g_assert_no_error (error);
  g_output_stream_flush (G_OUTPUT_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
}

static void
expect_text (RtStreamReader *reader, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *read = g_malloc0 (strlen (text) + 1);

  g_input_stream_read_all (G_INPUT_STREAM (reader), read, strlen (text), NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (read, ==, text);
}

static void
expect_read_error (RtStreamReader *reader, RtError code, const char *text)
{
  g_autoptr (GError) error = NULL;
  char byte;

  while (g_input_stream_read (G_INPUT_STREAM (reader), &byte, 1, NULL, &error) > 0)
    ;
  g_assert_error (error, RT_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, text));
}

static void
expect_write_error (RtStream *stream, RtError code)
{
  static const char zeros[100000];
  g_autoptr (GError) error = NULL;

  while (g_output_stream_write_all (G_OUTPUT_STREAM (stream), zeros, sizeof zeros, NULL, NULL, &error))
    ;
  g_assert_error (error, RT_ERROR, (int) code);
}

static void
close_well (RtStream *stream)
{
  g_autoptr (GError) error = NULL;
  g_auto (ClientReply) closed = { 0 };

  g_output_stream_close_async (G_OUTPUT_STREAM (stream), 0, NULL, client_reply_cb, &closed);
  client_reply_wait (&closed);
  g_output_stream_close_finish (G_OUTPUT_STREAM (stream), closed.result, &error);
  g_assert_no_error (error);
}

/* Closes it, while its reader finds the end. */
static void
end_well (RtStream *stream, RtStreamReader *reader)
{
  g_autoptr (GError) error = NULL;
  g_auto (ClientReply) closed = { 0 };
  g_auto (ClientReply) read = { 0 };
  char byte;

  g_output_stream_close_async (G_OUTPUT_STREAM (stream), 0, NULL, client_reply_cb, &closed);
  g_input_stream_read_async (G_INPUT_STREAM (reader), &byte, 1, 0, NULL, client_reply_cb, &read);
  client_reply_wait (&read);
  g_assert_cmpint (g_input_stream_read_finish (G_INPUT_STREAM (reader), read.result, &error), ==, 0);
  g_assert_no_error (error);
  client_reply_wait (&closed);
  g_assert_true (g_output_stream_close_finish (G_OUTPUT_STREAM (stream), closed.result, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_input_stream_read (G_INPUT_STREAM (reader), &byte, 1, NULL, &error), ==, 0);
}

/* Small pieces come as they are sent, and the end only when all is there. */
static void
test_live (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtStream) stream = start (fixture, -1);
  RtStreamReader *reader = get_reader (fixture, 0);

  write_text (stream, "one");
  expect_text (reader, "one");
  write_text (stream, "two");
  expect_text (reader, "two");
  g_assert_cmpuint (rt_stream_get_bytes_sent (stream), ==, 6);
  end_well (stream, reader);
}

static void
test_empty (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtStream) stream = start (fixture, 0);

  end_well (stream, get_reader (fixture, 0));
}

/* A program that knows the size stops before the end. */
static void
test_not_to_the_end (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtStream) stream = start (fixture, 3);
  g_autoptr (GError) error = NULL;
  RtStreamReader *reader = get_reader (fixture, 0);

  write_text (stream, "one");
  expect_text (reader, "one");
  g_assert_true (g_input_stream_close (G_INPUT_STREAM (reader), NULL, &error));
  g_ptr_array_set_size (fixture->readers, 0);
  close_well (stream);
}

/* --- Ending early --- */

static void
test_sender_aborts (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtStream) stream = start (fixture, -1);
  g_autoptr (GError) error = NULL;
  RtStreamReader *reader = get_reader (fixture, 0);

  write_text (stream, "one");
  expect_text (reader, "one");
  rt_stream_abort (stream, "out of paper");
  expect_read_error (reader, RT_ERROR_CLOSED, "out of paper");
  expect_write_error (stream, RT_ERROR_CLOSED);
  g_assert_true (g_output_stream_close (G_OUTPUT_STREAM (stream), NULL, &error));
}

static void
test_sender_drops (Fixture *fixture, gconstpointer data)
{
  RtStream *stream = start (fixture, -1);
  RtStreamReader *reader = get_reader (fixture, 0);

  write_text (stream, "one");
  g_assert_finalize_object (stream);
  expect_read_error (reader, RT_ERROR_CLOSED, "dropped");
}

/* What a copy that was cancelled does. */
static void
test_cancelled_close (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtStream) stream = start (fixture, -1);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  /* One that is over before it was looked at is not shown any more. */
  RtStreamReader *reader = get_reader (fixture, 0);

  write_text (stream, "one");
  g_cancellable_cancel (cancellable);
  g_assert_false (g_output_stream_close (G_OUTPUT_STREAM (stream), cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  expect_read_error (reader, RT_ERROR_CLOSED, "cancelled");
}

static void
test_wrong_size (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtStream) stream = start (fixture, 5);
  g_autoptr (GError) error = NULL;
  RtStreamReader *reader = get_reader (fixture, 0);

  write_text (stream, "one");
  g_assert_cmpint (g_output_stream_write (G_OUTPUT_STREAM (stream), "two", 3, NULL, &error), ==, -1);
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (g_output_stream_close (G_OUTPUT_STREAM (stream), NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT);
  expect_read_error (reader, RT_ERROR_CLOSED, "shorter");
}

static void
test_reader_aborts (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtStream) stream = start (fixture, -1);
  RtStreamReader *reader = get_reader (fixture, 0);

  rt_stream_reader_abort (reader, "enough");
  expect_read_error (reader, RT_ERROR_CLOSED, "aborted");
  expect_write_error (stream, RT_ERROR_CLOSED);
}

/* Two readers: one goes, the other gets it all. */
static void
test_one_of_two_aborts (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtClient) carl = client_util_connect (fixture->server);
  g_autoptr (RtChannel) room = client_util_join (carl, "room");
  g_autoptr (GError) error = NULL;

  g_signal_connect (room, "stream-opened", G_CALLBACK (opened_cb), fixture);
  g_autoptr (RtStream) stream = start (fixture, -1);
  Writer writer = { .stream = stream, .size = 2 * MEGABYTE, .piece = 10000 };
  RtStreamReader *last = get_reader (fixture, 1);
  RtStreamReader *first = get_reader (fixture, 0);
  GThread *thread = g_thread_new ("writer", write_all, &writer);
  char byte;

  g_assert_cmpint (g_input_stream_read (G_INPUT_STREAM (first), &byte, 1, NULL, &error), ==, 1);
  rt_stream_reader_abort (first, NULL);
  g_assert_cmpuint (read_all (last, 50000, &error), ==, writer.size);
  g_assert_no_error (error);
  g_thread_join (thread);
  g_assert_no_error (writer.error);
}

/* Nobody listens for streams: that is no reason not to send. */
static void
test_declined (Fixture *fixture, gconstpointer data)
{
  g_signal_handlers_disconnect_by_func (fixture->room, opened_cb, fixture);
  g_autoptr (RtStream) stream = start (fixture, -1);
  Writer writer = { .stream = stream, .size = MEGABYTE, .piece = 10000 };
  GThread *thread = g_thread_new ("writer", write_all, &writer);

  rt_test_poll_until (g_atomic_int_get (&writer.closed) || writer.error != NULL);
  g_thread_join (thread);
  g_assert_no_error (writer.error);
}

static void
test_clients_end (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtStream) first = start (fixture, -1);
  g_autoptr (GError) error = NULL;

  write_text (first, "one");
  expect_text (get_reader (fixture, 0), "one");
  rt_client_disconnect_sync (fixture->ann, NULL, &error);
  g_assert_no_error (error);
  expect_write_error (first, RT_ERROR_CLOSED);
  expect_read_error (get_reader (fixture, 0), RT_ERROR_CLOSED, "disconnected");
  rt_client_connect_sync (fixture->ann, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (RtStream) second = start (fixture, -1);
  g_assert_nonnull (get_reader (fixture, 1));
  rt_client_close_sync (fixture->bob, NULL, &error);
  g_assert_no_error (error);
  expect_read_error (get_reader (fixture, 1), RT_ERROR_CLOSED, "");
  expect_write_error (second, RT_ERROR_CLOSED);
}

static void
test_left (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtStream) stream = start (fixture, -1);
  g_autoptr (GError) error = NULL;
  RtStreamReader *reader = get_reader (fixture, 0);

  write_text (stream, "one");
  rt_channel_leave_sync (fixture->room, NULL, &error);
  g_assert_no_error (error);
  expect_read_error (reader, RT_ERROR_CLOSED, "left");
  expect_write_error (stream, RT_ERROR_CLOSED);
}

/* --- Cancelling --- */

static gpointer
cancel_later (gpointer data)
{
  g_cancellable_cancel (data);
  return NULL;
}

static void
test_cancelled_calls (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtStream) stream = start (fixture, -1);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_auto (ClientReply) reply = { 0 };
  RtStreamReader *reader = get_reader (fixture, 0);
  char bytes[10];

  GThread *thread = g_thread_new ("cancel", cancel_later, cancellable);
  g_assert_cmpint (g_input_stream_read (G_INPUT_STREAM (reader), bytes, sizeof bytes, cancellable, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  g_clear_error (&error);
  g_cancellable_reset (cancellable);
  g_input_stream_read_async (G_INPUT_STREAM (reader), bytes, sizeof bytes, 0, cancellable, client_reply_cb, &reply);
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (reply.count, ==, 0);
  g_cancellable_cancel (cancellable);
  client_reply_wait (&reply);
  g_assert_cmpint (g_input_stream_read_finish (G_INPUT_STREAM (reader), reply.result, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  /* Nothing is lost of what comes then. */
  write_text (stream, "one");
  expect_text (reader, "one");
}

static void
test_cancelled_write (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtStream) stream = start (fixture, -1);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_auto (ClientReply) reply = { 0 };
  g_autofree guint8 *bytes = g_malloc (MEGABYTE);
  gsize written = 0;

  get_reader (fixture, 0);
  for (gsize i = 0; i < MEGABYTE; i++)
    bytes[i] = byte_at (i);
  /* Until it is full, and then nothing is counted. */
  g_output_stream_write_all_async (G_OUTPUT_STREAM (stream), bytes, MEGABYTE, 0, cancellable, client_reply_cb, &reply);
  rt_test_poll_until (rt_stream_get_bytes_sent (stream) >= 256 * 1024);
  /* A write that is done, and has not been told of, GIO itself would call cancelled. */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_cancellable_cancel (cancellable);
  client_reply_wait (&reply);
  g_assert_false (g_output_stream_write_all_finish (G_OUTPUT_STREAM (stream), reply.result, &written, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_cmpuint (written, >=, 256 * 1024);
  g_assert_cmpuint (written, <, MEGABYTE);
  g_auto (ClientReply) rest = { 0 };
  g_output_stream_write_all_async (G_OUTPUT_STREAM (stream), bytes + written, MEGABYTE - written, 0, NULL, client_reply_cb,
                                   &rest);
  g_autofree guint8 *read = g_malloc (MEGABYTE);
  g_auto (ClientReply) got = { 0 };
  g_input_stream_read_all_async (G_INPUT_STREAM (get_reader (fixture, 0)), read, MEGABYTE, 0, NULL, client_reply_cb, &got);
  client_reply_wait (&got);
  client_reply_wait (&rest);
  g_assert_true (g_input_stream_read_all_finish (G_INPUT_STREAM (get_reader (fixture, 0)), got.result, NULL, &error));
  g_assert_cmpmem (bytes, MEGABYTE, read, MEGABYTE);
  rt_stream_abort (stream, NULL);
}

/* --- Arguments and bounds --- */

static void
test_arguments (Fixture *fixture, gconstpointer data)
{
  g_autofree char *long_name = g_strnfill (256, 'a');
  const char *const names[] = { "", long_name, "\xff" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (rt_client_start_stream_sync (fixture->ann, "room", names[i], NULL, -1, NULL, &error));
      g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT);
    }
  g_autoptr (GError) error = NULL;
  g_assert_null (rt_client_start_stream_sync (fixture->ann, "room", "a", NULL, -2, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_null (rt_client_start_stream_sync (fixture->ann, "", "a", NULL, -1, NULL, &error));
  g_assert_nonnull (error);
  g_autoptr (RtStream) bare = g_object_new (RT_TYPE_STREAM, NULL);
  g_autoptr (RtStreamReader) bare_reader = g_object_new (RT_TYPE_STREAM_READER, NULL);
  char byte = 0;
  g_assert_cmpint (g_output_stream_write (G_OUTPUT_STREAM (bare), &byte, 1, NULL, NULL), ==, -1);
  g_assert_cmpint (g_input_stream_read (G_INPUT_STREAM (bare_reader), &byte, 1, NULL, NULL), ==, -1);
}

static void
test_too_many (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) streams = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 64; i++)
    g_ptr_array_add (streams, start (fixture, -1));
  g_assert_null (rt_client_start_stream_sync (fixture->ann, "room", "a", NULL, -1, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_QUEUE_FULL);
  rt_test_wait_until (fixture->readers->len == 64);
  /* All of them work. */
  for (guint i = 0; i < 64; i++)
    write_text (g_ptr_array_index (streams, i), "one");
  for (guint i = 0; i < 64; i++)
    expect_text (g_ptr_array_index (fixture->readers, i), "one");
}

/* A limit of the program's own makes a stream slow, and does not fail it as it fails messages. */
static void
test_rate_limit (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  client_util_finalize (g_steal_pointer (&fixture->ann));
  fixture->ann = client_util_new_client (fixture->server, "rate-limit", 1000u, "rate-burst", 1u, "rate-policy",
                                         RT_RATE_POLICY_FAIL, "max-message-size", 1024u, NULL);
  rt_client_connect_sync (fixture->ann, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (RtStream) stream = start (fixture, 100000);
  Writer writer = { .stream = stream, .size = 100000, .piece = 100000 };
  RtStreamReader *reader = get_reader (fixture, 0);
  GThread *thread = g_thread_new ("writer", write_all, &writer);
  g_assert_cmpuint (read_all (reader, 65536, &error), ==, writer.size);
  g_assert_no_error (error);
  g_thread_join (thread);
  g_assert_no_error (writer.error);
  g_assert_true (writer.closed);
}

/* --- What the bus is told --- */

static void
event_cb (RtEvent *event, gpointer user_data)
{
  GString *story = user_data;
  GVariant *details = rt_event_get_variant (event);
  const char *name = NULL;
  const char *direction = NULL;

  g_assert_true (g_variant_lookup (details, "name", "&s", &name));
  g_assert_true (g_variant_lookup (details, "direction", "&s", &direction));
  g_string_append_printf (story, "%s %s %s %s %s; ", rt_event_get_name (event), rt_event_get_channel (event), name, direction,
                          rt_event_get_error (event) != NULL ? "failed" : "well");
}

static void
watch (RtClient *client, GString *story)
{
  g_autoptr (RtSubscription) opened = rt_client_on (client, RT_EVENT_TYPE_STREAM_OPENED, event_cb, story, NULL);
  g_autoptr (RtSubscription) closed = rt_client_on (client, RT_EVENT_TYPE_STREAM_CLOSED, event_cb, story, NULL);
}

static void
test_events (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) ann = g_string_new (NULL);
  g_autoptr (GString) bob = g_string_new (NULL);

  watch (fixture->ann, ann);
  watch (fixture->bob, bob);
  g_autoptr (RtStream) first = start (fixture, -1);
  end_well (first, get_reader (fixture, 0));
  g_autoptr (RtStream) second = start (fixture, -1);
  get_reader (fixture, 1);
  rt_stream_abort (second, NULL);
  expect_read_error (get_reader (fixture, 1), RT_ERROR_CLOSED, "");
  g_ptr_array_set_size (fixture->readers, 0);
  rt_test_wait_until (strstr (bob->str, "failed") != NULL && strstr (ann->str, "failed") != NULL);
  g_assert_cmpstr (ann->str, ==,
                   "stream-closed room a.bin outgoing well; stream-closed room a.bin outgoing failed; ");
  g_assert_true (g_str_has_prefix (bob->str, "stream-opened room a.bin incoming well; "
                                             "stream-opened room a.bin incoming well; "));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add ("/Rt/Client/stream-" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("blocking", test_blocking);
  ADD ("splice", test_splice);
  ADD ("live", test_live);
  ADD ("empty", test_empty);
  ADD ("not-to-the-end", test_not_to_the_end);
  ADD ("sender-aborts", test_sender_aborts);
  ADD ("sender-drops", test_sender_drops);
  ADD ("cancelled-close", test_cancelled_close);
  ADD ("wrong-size", test_wrong_size);
  ADD ("reader-aborts", test_reader_aborts);
  ADD ("one-of-two-aborts", test_one_of_two_aborts);
  ADD ("declined", test_declined);
  ADD ("clients-end", test_clients_end);
  ADD ("left", test_left);
  ADD ("cancelled-calls", test_cancelled_calls);
  ADD ("cancelled-write", test_cancelled_write);
  ADD ("arguments", test_arguments);
  ADD ("too-many", test_too_many);
  ADD ("rate-limit", test_rate_limit);
  ADD ("events", test_events);
  return g_test_run ();
}
