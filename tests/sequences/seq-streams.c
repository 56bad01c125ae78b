/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "seq-methods.h"
#include "seq-private.h"

/* Both ends of streams: written, read, closed, aborted or just dropped, whatever else is under way. */

static char zeros[100000];

/* --- Calls --- */

static gboolean
prepare_writer (Seq *seq, SeqCall *call)
{
  call->stream = seq_get (seq, SEQ_POOL_STREAMS);
  call->limit = seq_chance (seq, 4) ? (int) sizeof (zeros) : (int) seq_below (seq, 2000);
  return call->stream != NULL;
}

static gboolean
prepare_reader (Seq *seq, SeqCall *call)
{
  call->stream = seq_get (seq, SEQ_POOL_READERS);
  call->limit = 1 + (int) seq_below (seq, 5000);
  return call->stream != NULL;
}

static gboolean
take_count (SeqCall *call)
{
  return call->result.time >= 0;
}

static gboolean
take_truth (SeqCall *call)
{
  return call->result.ok;
}

static gboolean
take_bytes (SeqCall *call)
{
  GBytes *bytes = call->result.pointer;

  if (bytes == NULL)
    return FALSE;
  g_assert_cmpuint (g_bytes_get_size (bytes), <=, (gsize) call->limit);
  g_bytes_unref (bytes);
  return TRUE;
}

/* They keep what they work on. */
#define DEFINE_STREAM_METHOD(id, begin, end, type, field, ...)                                              \
  static void id##_start (SeqCall *call, GAsyncReadyCallback callback)                                      \
  {                                                                                                         \
    begin ((type *) call->stream, ##__VA_ARGS__, G_PRIORITY_DEFAULT, call->cancellable, callback,           \
           callback != NULL ? call : NULL);                                                                 \
  }                                                                                                         \
  static void id##_end (SeqCall *call, GObject *source, GAsyncResult *result, GError **error)               \
  {                                                                                                         \
    call->result.field = end ((type *) source, result, error);                                              \
  }

DEFINE_STREAM_METHOD (write, g_output_stream_write_async, g_output_stream_write_finish, GOutputStream, time, zeros,
                      (gsize) call->limit)
DEFINE_STREAM_METHOD (flush, g_output_stream_flush_async, g_output_stream_flush_finish, GOutputStream, ok)
DEFINE_STREAM_METHOD (close, g_output_stream_close_async, g_output_stream_close_finish, GOutputStream, ok)
DEFINE_STREAM_METHOD (read, g_input_stream_read_bytes_async, g_input_stream_read_bytes_finish, GInputStream, pointer,
                      (gsize) call->limit)
DEFINE_STREAM_METHOD (skip, g_input_stream_skip_async, g_input_stream_skip_finish, GInputStream, time,
                      (gsize) call->limit)
DEFINE_STREAM_METHOD (close_reader, g_input_stream_close_async, g_input_stream_close_finish, GInputStream, ok)

#define STREAM_METHOD(id, prepare, take) { "stream " #id, SEQ_KIND_STREAM, prepare, id##_start, id##_end, NULL, take }

static const SeqMethod writing[] = {
  STREAM_METHOD (write, prepare_writer, take_count),
  STREAM_METHOD (write, prepare_writer, take_count),
  STREAM_METHOD (write, prepare_writer, take_count),
  STREAM_METHOD (flush, prepare_writer, take_truth),
  STREAM_METHOD (close, prepare_writer, take_truth),
};

static const SeqMethod reading[] = {
  STREAM_METHOD (read, prepare_reader, take_bytes),
  STREAM_METHOD (read, prepare_reader, take_bytes),
  STREAM_METHOD (skip, prepare_reader, take_count),
  STREAM_METHOD (close_reader, prepare_reader, take_truth),
};

static void
act_write (Seq *seq)
{
  seq_call (seq, &writing[seq_below (seq, G_N_ELEMENTS (writing))]);
}

static void
act_read (Seq *seq)
{
  seq_call (seq, &reading[seq_below (seq, G_N_ELEMENTS (reading))]);
}

/* --- The rest --- */

static void
act_abort (Seq *seq)
{
  g_autoptr (RtStream) stream = seq_get (seq, SEQ_POOL_STREAMS);
  g_autoptr (RtStreamReader) reader = seq_get (seq, SEQ_POOL_READERS);

  if (stream != NULL && seq_chance (seq, 2))
    rt_stream_abort (stream, seq_chance (seq, 2) ? "enough" : NULL);
  else if (reader != NULL)
    rt_stream_reader_abort (reader, seq_chance (seq, 2) ? "enough" : NULL);
}

static void
act_look (Seq *seq)
{
  g_autoptr (RtStream) stream = seq_get (seq, SEQ_POOL_STREAMS);
  g_autoptr (RtStreamReader) reader = seq_get (seq, SEQ_POOL_READERS);

  if (stream != NULL)
    {
      g_assert_nonnull (rt_stream_get_id (stream));
      rt_stream_get_content_type (stream);
      rt_stream_get_bytes_sent (stream);
    }
  if (reader != NULL)
    {
      g_assert_nonnull (rt_stream_reader_get_id (reader));
      rt_stream_reader_get_name (reader);
      rt_stream_reader_get_content_type (reader);
      rt_stream_reader_get_size (reader);
      rt_stream_reader_get_sender (reader);
    }
}

static void
act_drop (Seq *seq)
{
  GPtrArray *pool = seq->pools[seq_chance (seq, 2) ? SEQ_POOL_STREAMS : SEQ_POOL_READERS];

  if (pool->len > 0)
    g_ptr_array_remove_index_fast (pool, seq_below (seq, pool->len));
}

SEQ_DEFINE_CALL (START_STREAM)

const SeqAction seq_stream_actions[] = {
  SEQ_CALL (START_STREAM, STREAM, 40),
  { "write", SEQ_GROUP_STREAM, 60, act_write },
  { "read", SEQ_GROUP_STREAM, 60, act_read },
  { "abort", SEQ_GROUP_STREAM, 8, act_abort },
  { "look at streams", SEQ_GROUP_STREAM, 15, act_look },
  { "drop a stream", SEQ_GROUP_STREAM, 10, act_drop },
  { NULL },
};
