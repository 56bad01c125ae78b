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
  /* Leaving the channel of a stream goes on after it. */
  rt_test_wait_until (g_atomic_int_get ((gint *) &G_OBJECT (fixture->ann)->ref_count) == 1);
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add ("/Rt/Client/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("stream-blocking", test_blocking);
  return g_test_run ();
}
