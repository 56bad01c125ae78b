/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-stream-private.h"

#include <string.h>
#include "rt-client-private.h"
#include "rt-error.h"
#include "rt-stream-call.h"
#include "rt-stream-facts.h"

/**
 * RtStream:
 *
 * The sending end of an ordered byte stream on a channel.
 *
 * A stream comes from [method@Client.start_stream_async] and is written like any other [class@Gio.OutputStream]; with
 * [method@Gio.OutputStream.splice_async] it sends a file. What is written waits in a window of 256 KiB until those who
 * read have taken it: a writer is as fast as its slowest reader. A reader that takes nothing for ten seconds while the
 * window is full, or on a slow line for up to a minute, is given up; the others go on.
 *
 * ## Ending
 *
 * Closing a stream says that it is complete. It finishes when the server has everything and those who read it have
 * checked it. Closing with a cancellable that is cancelled, [method@Stream.abort] and dropping the last reference
 * end it incomplete, and its readers get an error. That is also how to make sure that a copy which fails half-way is
 * not taken for a complete one.
 *
 * When everybody who read it has given it up, writing fails with %RT_ERROR_CLOSED. So it does when the client is closed
 * or disconnected. A lost connection that is made again does not end a stream: what had not arrived is sent again.
 *
 * ## Threads
 *
 * Blocking calls may be made from any thread and need no main loop. The callbacks of asynchronous ones run in the
 * caller's thread-default main context. As with all streams of GIO, one operation at a time.
 */
struct _RtStream
{
  GOutputStream parent_instance;

  RtStreamOutput output;

  /* Immutable. */
  GWeakRef client;
  char *channel;

  GMutex lock;
  RtChannel *joined; /* nullable: to be left; guarded by lock */
  gboolean aborted;  /* by the program; guarded by lock */
  gboolean told;     /* that it is over; guarded by lock */
};

G_DEFINE_FINAL_TYPE (RtStream, rt_stream, G_TYPE_OUTPUT_STREAM)

#define PROP_BYTES_SENT RT_STREAM_PROP_OWN

/* --- Writing --- */

static gssize
wait_for (RtStream *self, const RtStreamCall *call, GCancellable *cancellable, GError **error)
{
  return rt_stream_facts_may_block (&self->client, error) ? rt_stream_call_wait (call, cancellable, error) : -1;
}

static gssize
rt_stream_write_fn (GOutputStream *stream, const void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  RtStream *self = RT_STREAM (stream);
  RtStreamCall call;

  if (count == 0)
    return 0;
  if (!rt_stream_output_check_size (&self->output, count, error))
    return -1;
  rt_stream_output_init_write (&self->output, &call, self, buffer, count);
  return wait_for (self, &call, cancellable, error);
}

static void
rt_stream_write_async (GOutputStream *stream,
                       const void *buffer,
                       gsize count,
                       int io_priority,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  RtStream *self = RT_STREAM (stream);
  GError *error = NULL;
  RtStreamCall call;

  if (!rt_stream_output_check_size (&self->output, count, &error))
    {
      rt_stream_call_return (stream, rt_stream_write_async, cancellable, callback, user_data, -1, error);
      return;
    }
  rt_stream_output_init_write (&self->output, &call, self, buffer, count);
  rt_stream_call_begin (&call, rt_stream_write_async, io_priority, cancellable, callback, user_data);
}

static gssize
rt_stream_write_finish (GOutputStream *stream, GAsyncResult *result, GError **error)
{
  return rt_stream_call_finish (stream, result, rt_stream_write_async, error);
}

/* --- Flushing --- */

static gboolean
rt_stream_flush (GOutputStream *stream, GCancellable *cancellable, GError **error)
{
  RtStream *self = RT_STREAM (stream);
  RtStreamCall call;

  /* Closing comes by here, too, and has more to wait for. */
  if (g_output_stream_is_closing (stream))
    return TRUE;
  if (!rt_stream_output_is_usable (&self->output, error))
    return FALSE;
  rt_stream_output_init_flush (&self->output, &call, self);
  return wait_for (self, &call, cancellable, error) > 0;
}

static void
rt_stream_flush_async (GOutputStream *stream,
                       int io_priority,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  RtStream *self = RT_STREAM (stream);
  RtStreamCall call;

  if (g_output_stream_is_closing (stream) || !rt_stream_output_is_usable (&self->output, NULL))
    {
      rt_stream_call_return (stream, rt_stream_flush_async, cancellable, callback, user_data, 1, NULL);
      return;
    }
  rt_stream_output_init_flush (&self->output, &call, self);
  rt_stream_call_begin (&call, rt_stream_flush_async, io_priority, cancellable, callback, user_data);
}

static gboolean
rt_stream_flush_finish (GOutputStream *stream, GAsyncResult *result, GError **error)
{
  return rt_stream_call_finish (stream, result, rt_stream_flush_async, error) > 0;
}

/* --- Closing --- */

/* It is over: the channel that was joined for it is given back. Any thread, any number of times. */
static void
give_back (RtStream *self)
{
  g_autoptr (RtClient) client = g_weak_ref_get (&self->client);

  g_mutex_lock (&self->lock);
  g_autoptr (RtChannel) joined = g_steal_pointer (&self->joined);
  gboolean told = self->told;
  self->told = TRUE;
  g_mutex_unlock (&self->lock);
  if (client == NULL)
    return;
  if (!told && self->output.out != NULL)
    rt_client_tell_stream_closed (client, self->channel, &self->output.opening, RT_DIRECTION_OUTGOING,
                                  rt_stream_out_dup_error (self->output.out));
  if (joined != NULL)
    rt_client_give_back (client, g_steal_pointer (&joined));
}

static gboolean
is_aborted (RtStream *self)
{
  g_mutex_lock (&self->lock);
  gboolean aborted = self->aborted;
  g_mutex_unlock (&self->lock);
  return aborted || self->output.out == NULL;
}

static void
abort_with (RtStream *self, const char *reason, const GError *error)
{
  g_mutex_lock (&self->lock);
  self->aborted = TRUE;
  g_mutex_unlock (&self->lock);
  if (self->output.out == NULL)
    return;
  rt_stream_out_abort (self->output.out, reason, error);
  give_back (self);
}

static int
attempt_close (RtStreamCall *call, GError **error)
{
  RtStream *self = call->stream;

  call->result = 1;
  return rt_stream_out_finish (self->output.out, call->sum, error);
}

static gssize
finish_close (RtStreamCall *call, GError **error)
{
  give_back (call->stream);
  return 1;
}

/* It is complete when its end has reached the server, whoever still reads. */
static void
cancelled_close (RtStreamCall *call)
{
  RtStream *self = call->stream;

  g_mutex_lock (call->lock);
  gboolean ended = rt_stream_out_has_ended (self->output.out);
  g_mutex_unlock (call->lock);
  if (!ended)
    rt_stream_abort (self, "closing it was cancelled");
}

static const RtStreamCallClass close_class
  = { .attempt = attempt_close, .finish = finish_close, .cancelled = cancelled_close };

/* FALSE: it is shorter than was announced. */
static gboolean
check_complete (RtStream *self, GError **error)
{
  GError *fault = NULL;

  if (rt_stream_output_check_complete (&self->output, &fault))
    return TRUE;
  abort_with (self, "it is shorter than was announced", fault);
  g_propagate_error (error, fault);
  return FALSE;
}

static void
init_close (RtStream *self, RtStreamCall *call)
{
  rt_stream_output_init_call (&self->output, call, &close_class, self);
  call->sum = g_checksum_get_string (self->output.checksum);
}

static gboolean
rt_stream_close_fn (GOutputStream *stream, GCancellable *cancellable, GError **error)
{
  RtStream *self = RT_STREAM (stream);
  RtStreamCall call;

  if (is_aborted (self))
    return TRUE;
  if (!g_cancellable_is_cancelled (cancellable) && !check_complete (self, error))
    return FALSE;
  /* It counts as closed all the same, and nobody could end it later. */
  if (!rt_stream_facts_may_block (&self->client, error))
    {
      rt_stream_abort (self, "closing it was refused");
      return FALSE;
    }
  init_close (self, &call);
  gboolean closed = rt_stream_call_wait (&call, cancellable, error) > 0;
  give_back (self);
  return closed;
}

static void
rt_stream_close_async (GOutputStream *stream,
                       int io_priority,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  RtStream *self = RT_STREAM (stream);
  GError *error = NULL;
  RtStreamCall call;

  if (is_aborted (self) || (!g_cancellable_is_cancelled (cancellable) && !check_complete (self, &error)))
    {
      rt_stream_call_return (stream, rt_stream_close_async, cancellable, callback, user_data, 1, error);
      return;
    }
  init_close (self, &call);
  rt_stream_call_begin (&call, rt_stream_close_async, io_priority, cancellable, callback, user_data);
}

static gboolean
rt_stream_close_finish (GOutputStream *stream, GAsyncResult *result, GError **error)
{
  return rt_stream_call_finish (stream, result, rt_stream_close_async, error) > 0;
}

/**
 * rt_stream_abort:
 * @self: a stream
 * @reason: (nullable): what its readers are told, at most 256 bytes, or %NULL
 *
 * Ends the stream incomplete. Its readers get an error with the reason; what this end writes from now on fails with
 * %RT_ERROR_CLOSED, and closing it succeeds. On a stream that has ended it does nothing. It may be called from any thread,
 * also while another thread writes.
 */
void
rt_stream_abort (RtStream *self, const char *reason)
{
  g_autoptr (GError) error = NULL;

  g_return_if_fail (RT_IS_STREAM (self));
  error = g_error_new (RT_ERROR, RT_ERROR_CLOSED, "Stream \"%s\" was aborted", self->output.opening.name);
  abort_with (self, reason, error);
}

/* --- The object --- */

static void
rt_stream_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  RtStream *self = RT_STREAM (object);

  if (prop_id == PROP_BYTES_SENT)
    g_value_set_uint64 (value, rt_stream_get_bytes_sent (self));
  else if (!rt_stream_facts_get_property (&self->output.opening, self->channel, prop_id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

/* The parent class closes what is not closed, which must not make something complete of it, nor wait. */
static void
rt_stream_dispose (GObject *object)
{
  RtStream *self = RT_STREAM (object);

  if (!g_output_stream_is_closed (G_OUTPUT_STREAM (self)))
    rt_stream_abort (self, "the sender has dropped it");
  give_back (self);
  G_OBJECT_CLASS (rt_stream_parent_class)->dispose (object);
}

static void
rt_stream_finalize (GObject *object)
{
  RtStream *self = RT_STREAM (object);

  g_assert (self->joined == NULL);
  rt_stream_output_clear (&self->output);
  g_weak_ref_clear (&self->client);
  g_free (self->channel);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (rt_stream_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  rt_stream_facts_install (object_class);
  /**
   * RtStream:name: (getter get_name)
   *
   * The name that readers see, such as that of a file.
   */
  /**
   * RtStream:content-type: (getter get_content_type)
   *
   * What is in it, usually a MIME type, or %NULL.
   */
  /**
   * RtStream:size: (getter get_size)
   *
   * The number of bytes that was announced, or -1.
   */
  /**
   * RtStream:channel: (getter get_channel)
   *
   * The name of the channel.
   */
  /**
   * RtStream:id: (getter get_id)
   *
   * The id of the stream, the same at both ends.
   */
  /**
   * RtStream:bytes-sent: (getter get_bytes_sent)
   *
   * How many bytes the server has acknowledged. It is not notified: look at it when a write has finished.
   */
  g_object_class_install_property (object_class, PROP_BYTES_SENT,
                                   g_param_spec_uint64 ("bytes-sent", NULL, NULL, 0, G_MAXUINT64, 0,
                                                        G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
rt_stream_class_init (RtStreamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GOutputStreamClass *stream_class = G_OUTPUT_STREAM_CLASS (klass);

  object_class->get_property = rt_stream_get_property;
  object_class->dispose = rt_stream_dispose;
  object_class->finalize = rt_stream_finalize;
  install_properties (object_class);
  stream_class->write_fn = rt_stream_write_fn;
  stream_class->write_async = rt_stream_write_async;
  stream_class->write_finish = rt_stream_write_finish;
  stream_class->flush = rt_stream_flush;
  stream_class->flush_async = rt_stream_flush_async;
  stream_class->flush_finish = rt_stream_flush_finish;
  stream_class->close_fn = rt_stream_close_fn;
  stream_class->close_async = rt_stream_close_async;
  stream_class->close_finish = rt_stream_close_finish;
}

static void
rt_stream_init (RtStream *self)
{
  rt_stream_output_init (&self->output);
  g_weak_ref_init (&self->client, NULL);
  g_mutex_init (&self->lock);
}

RtStream *
rt_stream_new (RtClient *client,
               RtStreamOut *out,
               const char *channel,
               const RtStreamOpening *opening,
               RtChannel *joined)
{
  RtStream *self = g_object_new (RT_TYPE_STREAM, NULL);

  rt_stream_output_open (&self->output, out, opening);
  g_weak_ref_set (&self->client, client);
  self->channel = g_strdup (channel);
  self->joined = joined;
  return self;
}

RtStreamOutput *
rt_stream_get_output (RtStream *self)
{
  return &self->output;
}

/* Where its outcome is not known, somebody may be waiting for more. */
void
rt_stream_not_opened (RtStream *self, const GError *error)
{
  abort_with (self, "it was not begun", error);
}

/**
 * rt_stream_get_name: (get-property name)
 * @self: a stream
 *
 * The name that readers see.
 *
 * Returns: (transfer none): the name
 */
const char *
rt_stream_get_name (RtStream *self)
{
  g_return_val_if_fail (RT_IS_STREAM (self), NULL);
  return self->output.opening.name;
}

/**
 * rt_stream_get_content_type: (get-property content-type)
 * @self: a stream
 *
 * What is in it, usually a MIME type.
 *
 * Returns: (transfer none) (nullable): the content type, or %NULL
 */
const char *
rt_stream_get_content_type (RtStream *self)
{
  g_return_val_if_fail (RT_IS_STREAM (self), NULL);
  return self->output.opening.content_type;
}

/**
 * rt_stream_get_size: (get-property size)
 * @self: a stream
 *
 * The number of bytes that was announced.
 *
 * Returns: the size, or -1
 */
gint64
rt_stream_get_size (RtStream *self)
{
  g_return_val_if_fail (RT_IS_STREAM (self), -1);
  return self->output.opening.size;
}

/**
 * rt_stream_get_channel: (get-property channel)
 * @self: a stream
 *
 * The name of the channel.
 *
 * Returns: (transfer none): the name
 */
const char *
rt_stream_get_channel (RtStream *self)
{
  g_return_val_if_fail (RT_IS_STREAM (self), NULL);
  return self->channel;
}

/**
 * rt_stream_get_id: (get-property id)
 * @self: a stream
 *
 * The id of the stream, the same at both ends.
 *
 * Returns: (transfer none): the id
 */
const char *
rt_stream_get_id (RtStream *self)
{
  g_return_val_if_fail (RT_IS_STREAM (self), NULL);
  return self->output.opening.id;
}

/**
 * rt_stream_get_bytes_sent: (get-property bytes-sent)
 * @self: a stream
 *
 * How many bytes the server has acknowledged, from any thread.
 *
 * Returns: the number of bytes
 */
guint64
rt_stream_get_bytes_sent (RtStream *self)
{
  g_return_val_if_fail (RT_IS_STREAM (self), 0);
  return self->output.out != NULL ? rt_stream_out_get_acked (self->output.out) : 0;
}
