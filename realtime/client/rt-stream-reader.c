/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-stream-private.h"

#include <string.h>
#include "rt-client-private.h"
#include "rt-error.h"
#include "rt-stream-call.h"
#include "rt-stream-facts.h"

/**
 * RtStreamReader:
 *
 * The reading end of an ordered byte stream on a channel.
 *
 * It comes with [signal@Channel::stream-opened] and is read like any other [class@Gio.InputStream]. What comes is in order
 * and without holes. The end, 0 bytes, is only told when everything has come and the checksum of all is right; if it is
 * not, reading fails with %RT_ERROR_PROTOCOL, and what was read before is not to be trusted. If the sender gives up,
 * reading fails with %RT_ERROR_CLOSED.
 *
 * A reader keeps at most 288 KiB. While it is full the sender waits; for ten seconds, or up to a minute on a slow line, then
 * it goes on without this reader.
 *
 * Closing a reader before the end, [method@StreamReader.abort] and dropping the last reference give the stream up, for
 * this reader alone.
 *
 * Name and content type come from the sender: a program that makes a file name of them must check them first.
 */
struct _RtStreamReader
{
  GInputStream parent_instance;

  /* Immutable. */
  RtStreamIn *in;
  GWeakRef client;
  char *sender;

  /* One operation at a time uses them. */
  GChecksum *checksum;
  guint64 used;
  gboolean touched;  /* somebody has begun to read */
  gboolean verified; /* it is complete, and right */
};

G_DEFINE_FINAL_TYPE (RtStreamReader, rt_stream_reader, G_TYPE_INPUT_STREAM)

#define PROP_SENDER RT_STREAM_PROP_OWN

static const RtStreamOpening no_opening = { .size = -1 };

static const RtStreamOpening *
get_opening (RtStreamReader *self)
{
  return self->in != NULL ? rt_stream_in_get_opening (self->in) : &no_opening;
}

/* Only what a channel gives can be used. */
static gboolean
is_usable (RtStreamReader *self, GError **error)
{
  if (self->in != NULL)
    return TRUE;
  g_set_error_literal (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT,
                       "A reader comes with a channel's stream-opened, not from a constructor");
  return FALSE;
}

/* --- Reading --- */

static int
attempt_read (RtStreamCall *call, GError **error)
{
  RtStreamReader *self = call->stream;

  call->result = rt_stream_in_read (self->in, call->bytes, call->len, &call->sum, error);
  if (call->result < 0)
    return -1;
  return call->result > 0 || call->sum != NULL;
}

/* All has been read. */
static gboolean
verify (RtStreamReader *self, const char *sum, GError **error)
{
  if (self->verified || g_str_equal (g_checksum_get_string (self->checksum), sum))
    {
      self->verified = TRUE;
      rt_stream_in_confirm (self->in);
      return TRUE;
    }
  g_autoptr (GError) fault
    = g_error_new (RT_ERROR, RT_ERROR_PROTOCOL,
                   "Stream \"%s\" did not arrive as it was sent: the checksums differ; have it sent again",
                   get_opening (self)->name);
  rt_stream_in_abort (self->in, "the checksums differ", TRUE, fault);
  g_propagate_error (error, g_steal_pointer (&fault));
  return FALSE;
}

static gssize
finish_read (RtStreamCall *call, GError **error)
{
  RtStreamReader *self = call->stream;

  if (call->result == 0)
    return verify (self, call->sum, error) ? 0 : -1;
  g_checksum_update (self->checksum, call->bytes, call->result);
  self->used += (guint64) call->result;
  return call->result;
}

static const RtStreamCallClass read_class = { .attempt = attempt_read, .finish = finish_read };

static void
init_read (RtStreamReader *self, RtStreamCall *call, void *buffer, gsize count)
{
  GMutex *lock = rt_streams_get_lock (rt_stream_in_get_streams (self->in));

  *call = (RtStreamCall) { .klass = &read_class, .stream = self, .lock = lock, .bytes = buffer, .len = count };
  call->waits = rt_stream_in_get_waits (self->in);
  self->touched = TRUE;
}

static gssize
rt_stream_reader_read_fn (GInputStream *stream, void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  RtStreamReader *self = RT_STREAM_READER (stream);
  RtStreamCall call;

  if (!is_usable (self, error) || !rt_stream_facts_may_block (&self->client, error))
    return -1;
  init_read (self, &call, buffer, count);
  return rt_stream_call_wait (&call, cancellable, error);
}

static void
rt_stream_reader_read_async (GInputStream *stream,
                             void *buffer,
                             gsize count,
                             int io_priority,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  RtStreamReader *self = RT_STREAM_READER (stream);
  GError *error = NULL;
  RtStreamCall call;

  if (!is_usable (self, &error))
    {
      rt_stream_call_return (stream, rt_stream_reader_read_async, cancellable, callback, user_data, -1, error);
      return;
    }
  init_read (self, &call, buffer, count);
  rt_stream_call_begin (&call, rt_stream_reader_read_async, io_priority, cancellable, callback, user_data);
}

static gssize
rt_stream_reader_read_finish (GInputStream *stream, GAsyncResult *result, GError **error)
{
  return rt_stream_call_finish (stream, result, rt_stream_reader_read_async, error);
}

/* --- Closing --- */

static void
give_up (RtStreamReader *self, const char *reason)
{
  g_autoptr (GError) error
    = g_error_new (RT_ERROR, RT_ERROR_CLOSED, "Reading stream \"%s\" was given up", get_opening (self)->name);

  rt_stream_in_abort (self->in, reason, self->touched, error);
}

/* A program that knows the size need not read up to the end: what it has is judged when that comes. */
static gboolean
has_all (RtStreamReader *self)
{
  gint64 size = get_opening (self)->size;

  return self->touched && size >= 0 && self->used == (guint64) size;
}

/* Waits for nothing. */
static gboolean
rt_stream_reader_close_fn (GInputStream *stream, GCancellable *cancellable, GError **error)
{
  RtStreamReader *self = RT_STREAM_READER (stream);
  g_autoptr (RtClient) client = g_weak_ref_get (&self->client);

  if (self->in == NULL)
    return TRUE;
  if (has_all (self) && !self->verified)
    rt_stream_in_leave (self->in, g_checksum_get_string (self->checksum));
  else if (!self->verified)
    give_up (self, self->touched ? "the reader has closed it" : "nobody reads it");
  if (client != NULL)
    rt_client_tell_stream_closed (client, rt_stream_in_get_channel (self->in), get_opening (self), RT_DIRECTION_INCOMING,
                                  rt_stream_in_dup_error (self->in));
  return TRUE;
}

static void
rt_stream_reader_close_async (GInputStream *stream,
                              int io_priority,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (stream, cancellable, callback, user_data);

  g_task_set_source_tag (task, rt_stream_reader_close_async);
  g_task_set_priority (task, io_priority);
  g_task_set_check_cancellable (task, FALSE);
  g_task_return_boolean (task, rt_stream_reader_close_fn (stream, cancellable, NULL));
}

static gboolean
rt_stream_reader_close_finish (GInputStream *stream, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * rt_stream_reader_abort:
 * @self: a reader
 * @reason: (nullable): what the sender is told, at most 256 bytes, or %NULL
 *
 * Gives the stream up, for this reader alone: its sender goes on as long as anybody else reads. What is read from now on
 * fails with %RT_ERROR_CLOSED. On a stream that was read to the end it does nothing. It may be called from any thread,
 * also while another thread reads.
 */
void
rt_stream_reader_abort (RtStreamReader *self, const char *reason)
{
  g_autoptr (GError) error = NULL;

  g_return_if_fail (RT_IS_STREAM_READER (self));
  if (self->in == NULL)
    return;
  error = g_error_new (RT_ERROR, RT_ERROR_CLOSED, "Reading stream \"%s\" was aborted", get_opening (self)->name);
  rt_stream_in_abort (self->in, reason, TRUE, error);
}

/* --- The object --- */

static void
rt_stream_reader_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  RtStreamReader *self = RT_STREAM_READER (object);

  if (prop_id == PROP_SENDER)
    g_value_set_string (value, self->sender);
  else if (!rt_stream_facts_get_property (get_opening (self), rt_stream_reader_get_channel (self), prop_id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
rt_stream_reader_finalize (GObject *object)
{
  RtStreamReader *self = RT_STREAM_READER (object);

  g_clear_pointer (&self->in, rt_stream_in_unref);
  g_weak_ref_clear (&self->client);
  g_checksum_free (self->checksum);
  g_free (self->sender);
  G_OBJECT_CLASS (rt_stream_reader_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  rt_stream_facts_install (object_class);
  /**
   * RtStreamReader:name: (getter get_name)
   *
   * The name that the sender gave it, such as that of a file.
   */
  /**
   * RtStreamReader:content-type: (getter get_content_type)
   *
   * What the sender says is in it, usually a MIME type, or %NULL.
   */
  /**
   * RtStreamReader:size: (getter get_size)
   *
   * The number of bytes that the sender announced, or -1. It is checked at the end.
   */
  /**
   * RtStreamReader:channel: (getter get_channel)
   *
   * The name of the channel.
   */
  /**
   * RtStreamReader:sender: (getter get_sender)
   *
   * The sender's user id as the sender gave it, as in [property@Message:sender].
   */
  g_object_class_install_property (object_class, PROP_SENDER,
                                   g_param_spec_string ("sender", NULL, NULL, NULL,
                                                        G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  /**
   * RtStreamReader:id: (getter get_id)
   *
   * The id of the stream, the same at both ends.
   */
}

static void
rt_stream_reader_class_init (RtStreamReaderClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GInputStreamClass *stream_class = G_INPUT_STREAM_CLASS (klass);

  object_class->get_property = rt_stream_reader_get_property;
  object_class->finalize = rt_stream_reader_finalize;
  install_properties (object_class);
  stream_class->read_fn = rt_stream_reader_read_fn;
  stream_class->read_async = rt_stream_reader_read_async;
  stream_class->read_finish = rt_stream_reader_read_finish;
  stream_class->close_fn = rt_stream_reader_close_fn;
  stream_class->close_async = rt_stream_reader_close_async;
  stream_class->close_finish = rt_stream_reader_close_finish;
}

static void
rt_stream_reader_init (RtStreamReader *self)
{
  self->checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_weak_ref_init (&self->client, NULL);
}

RtStreamReader *
rt_stream_reader_new (RtClient *client, RtStreamIn *in, const char *sender)
{
  RtStreamReader *self = g_object_new (RT_TYPE_STREAM_READER, NULL);

  self->in = in;
  g_weak_ref_set (&self->client, client);
  self->sender = g_strdup (sender);
  return self;
}

/**
 * rt_stream_reader_get_name: (get-property name)
 * @self: a reader
 *
 * The name that the sender gave the stream.
 *
 * Returns: (transfer none): the name
 */
const char *
rt_stream_reader_get_name (RtStreamReader *self)
{
  g_return_val_if_fail (RT_IS_STREAM_READER (self), NULL);
  return get_opening (self)->name;
}

/**
 * rt_stream_reader_get_content_type: (get-property content-type)
 * @self: a reader
 *
 * What the sender says is in the stream.
 *
 * Returns: (transfer none) (nullable): the content type, or %NULL
 */
const char *
rt_stream_reader_get_content_type (RtStreamReader *self)
{
  g_return_val_if_fail (RT_IS_STREAM_READER (self), NULL);
  return get_opening (self)->content_type;
}

/**
 * rt_stream_reader_get_size: (get-property size)
 * @self: a reader
 *
 * The number of bytes that the sender announced.
 *
 * Returns: the size, or -1
 */
gint64
rt_stream_reader_get_size (RtStreamReader *self)
{
  g_return_val_if_fail (RT_IS_STREAM_READER (self), -1);
  return get_opening (self)->size;
}

/**
 * rt_stream_reader_get_channel: (get-property channel)
 * @self: a reader
 *
 * The name of the channel.
 *
 * Returns: (transfer none): the name
 */
const char *
rt_stream_reader_get_channel (RtStreamReader *self)
{
  g_return_val_if_fail (RT_IS_STREAM_READER (self), NULL);
  return self->in != NULL ? rt_stream_in_get_channel (self->in) : NULL;
}

/**
 * rt_stream_reader_get_sender: (get-property sender)
 * @self: a reader
 *
 * The sender's user id as the sender gave it.
 *
 * Returns: (transfer none) (nullable): the user id, or %NULL
 */
const char *
rt_stream_reader_get_sender (RtStreamReader *self)
{
  g_return_val_if_fail (RT_IS_STREAM_READER (self), NULL);
  return self->sender;
}

/**
 * rt_stream_reader_get_id: (get-property id)
 * @self: a reader
 *
 * The id of the stream, the same at both ends.
 *
 * Returns: (transfer none): the id
 */
const char *
rt_stream_reader_get_id (RtStreamReader *self)
{
  g_return_val_if_fail (RT_IS_STREAM_READER (self), NULL);
  return get_opening (self)->id;
}
