/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-private.h"

#include <string.h>
#include "rt-client-release.h"
#include "rt-error.h"
#include "rt-message-builder.h"
#include "rt-message-private.h"
#include "rt-stream-private.h"

/* Streams begin here: those that the program starts, and those that come. */

/* --- What is told of them --- */

typedef struct
{
  char *channel;
  GVariant *details;
  GError *error; /* nullable */
} Closed;

static void
closed_free (gpointer data)
{
  Closed *closed = data;

  g_free (closed->channel);
  g_variant_unref (closed->details);
  g_clear_error (&closed->error);
  g_free (closed);
}

static GVariant *
describe (const RtStreamOpening *opening, RtDirection direction)
{
  GVariantDict details;

  g_variant_dict_init (&details, NULL);
  g_variant_dict_insert (&details, "direction", "s", direction == RT_DIRECTION_INCOMING ? "incoming" : "outgoing");
  g_variant_dict_insert (&details, "id", "s", opening->id);
  g_variant_dict_insert (&details, "name", "s", opening->name);
  if (opening->content_type != NULL)
    g_variant_dict_insert (&details, "content-type", "s", opening->content_type);
  g_variant_dict_insert (&details, "size", "x", opening->size);
  return g_variant_ref_sink (g_variant_dict_end (&details));
}

static void
tell_closed (RtClient *self, gpointer data)
{
  Closed *closed = data;

  rt_client_tell (self, &(RtEventParts) {
                          .type = RT_EVENT_TYPE_STREAM_CLOSED,
                          .channel = closed->channel,
                          .variant = closed->details,
                          .error = closed->error,
                        });
}

void
rt_client_tell_stream_closed (RtClient *self,
                              const char *channel,
                              const RtStreamOpening *opening,
                              RtDirection direction,
                              GError *error)
{
  Closed *closed = g_new0 (Closed, 1);

  closed->channel = g_strdup (channel);
  closed->details = describe (opening, direction);
  closed->error = error;
  rt_client_run_later (self, tell_closed, closed, closed_free);
}

static void
tell_opened (RtClient *self, RtMessage *message, const RtStreamOpening *opening)
{
  if (!rt_client_wants_event (self, RT_EVENT_TYPE_STREAM_OPENED))
    return;
  g_autoptr (GVariant) details = describe (opening, RT_DIRECTION_INCOMING);
  rt_client_tell (self, &(RtEventParts) {
                          .type = RT_EVENT_TYPE_STREAM_OPENED,
                          .channel = rt_message_get_channel (message),
                          .message = message,
                          .variant = details,
                        });
}

/* --- Those that come --- */

/* FALSE: the message opens no stream. */
static gboolean
read_opening (RtMessage *message, RtStreamOpening *opening)
{
  RtMessageCore *core = rt_message_get_core (message);
  const char *json;
  gsize len;

  return rt_message_core_get_json (core, &json, &len)
         && g_str_equal (rt_message_core_get_type_name (core), RT_STREAM_TYPE)
         && rt_stream_opening_parse (json, len, opening);
}

gboolean
rt_client_take_stream (RtClient *self, RtChannel *channel, RtMessage *message)
{
  g_auto (RtStreamOpening) opening = { 0 };

  if (G_LIKELY (!read_opening (message, &opening)))
    return FALSE;
  RtStreamIn *in = rt_streams_claim (rt_client_get_streams (self), rt_channel_get_name (channel), opening.id);
  if (in == NULL)
    return TRUE;
  g_autoptr (RtStreamReader) reader = rt_stream_reader_new (self, in, rt_message_get_sender (message));
  tell_opened (self, message, &opening);
  rt_channel_emit_stream (channel, reader);
  return TRUE;
}

void
rt_client_decline_stream (RtClient *self, RtMessage *message, const char *reason)
{
  g_auto (RtStreamOpening) opening = { 0 };

  if (read_opening (message, &opening))
    rt_streams_decline (rt_client_get_streams (self), rt_message_get_channel (message), opening.id, reason);
}

RtOp *
rt_client_new_end_op (RtClient *self, RtOpKind kind)
{
  rt_streams_end_all (rt_client_get_streams (self), kind == RT_OP_CLOSE ? "the client was closed" : "the client was disconnected");
  if (kind == RT_OP_RESET)
    rt_client_forget_outgoing (self);
  return rt_op_new (kind);
}

/* --- Those that the program starts --- */

void
rt_client_give_back (RtClient *self, RtChannel *channel)
{
  RtOp *op = rt_op_new (RT_OP_LEAVE);

  op->channel = g_strdup (rt_channel_get_name (channel));
  op->sub = rt_sub_ref (rt_channel_get_sub (channel));
  op->wants_result = FALSE;
  rt_client_channels_submit (rt_client_get_handles (self), rt_client_get_connection (self), rt_client_get_inbox (self),
                             op);
  rt_client_release_object_in (rt_client_get_context (self), channel);
}

typedef struct
{
  char *channel;
  RtStreamOpening opening;
  RtMessage *message;
  RtStream *stream;
} Start;

static void
start_free (gpointer data)
{
  Start *start = data;

  g_clear_object (&start->stream);
  g_clear_object (&start->message);
  rt_stream_opening_clear (&start->opening);
  g_free (start->channel);
  g_free (start);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Start, start_free)

static gboolean
fits (const char *text, gsize max)
{
  return strlen (text) <= max && g_utf8_validate (text, -1, NULL);
}

static gboolean
check_arguments (const char *name, const char *content_type, gint64 size, GError **error)
{
  if (*name != '\0' && fits (name, RT_STREAM_MAX_NAME)
      && (content_type == NULL || fits (content_type, RT_STREAM_MAX_CONTENT_TYPE)) && size >= -1)
    return TRUE;
  g_set_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT,
               "A stream has a name of 1 to %d bytes of UTF-8, a content type of at most %d, and a size from 0, or -1 if "
               "it is not known",
               RT_STREAM_MAX_NAME, RT_STREAM_MAX_CONTENT_TYPE);
  return FALSE;
}

static Start *
start_new (RtClient *self, const char *channel, const char *name, const char *content_type, gint64 size, GError **error)
{
  g_autoptr (Start) start = g_new0 (Start, 1);
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_new ();

  if (!check_arguments (name, content_type, size, error))
    return NULL;
  g_autofree char *id = rt_message_next_id ();
  start->channel = g_strdup (channel);
  g_strlcpy (start->opening.id, id, sizeof start->opening.id);
  start->opening.name = g_strdup (name);
  start->opening.content_type = g_strdup (content_type);
  start->opening.size = size;
  g_autofree char *json = rt_stream_opening_to_json (&start->opening);
  rt_message_builder_with_channel (builder, channel);
  rt_message_builder_with_type_name (builder, RT_STREAM_TYPE);
  rt_message_builder_with_json (builder, json);
  start->message = rt_message_builder_build (builder, error);
  return start->message != NULL ? g_steal_pointer (&start) : NULL;
}

/* What fits into one publication, with base64 and all that stands around it. */
static gsize
get_chunk (RtClient *self)
{
  gsize limit = rt_config_get_max_message_size (rt_client_get_config (self));

  if (limit == 0)
    limit = RT_SETTINGS_MAX_OUT_DEFAULT;
  return MIN ((limit - RT_STREAM_FRAME_SIZE) / 4 * 3, RT_STREAM_MAX_CHUNK);
}

/* Who may not join can still send, but hears nobody. */
static gboolean
may_go_on (const GError *join_error)
{
  return g_error_matches (join_error, RT_ERROR, RT_ERROR_PERMISSION_DENIED)
         || g_error_matches (join_error, RT_ERROR, RT_ERROR_UNAUTHORIZED);
}

/* Takes @joined, which is NULL where @join_error tells why. */
static gboolean
make_stream (RtClient *self, Start *start, RtChannel *joined, const GError *join_error, GError **error)
{
  if (joined == NULL && !may_go_on (join_error))
    {
      g_propagate_error (error, g_error_copy (join_error));
      return FALSE;
    }
  RtStreamOut *out
    = rt_stream_out_new (rt_client_get_streams (self), start->channel, start->opening.id, get_chunk (self), joined == NULL, error);
  if (out == NULL)
    {
      if (joined != NULL)
        rt_client_give_back (self, joined);
      return FALSE;
    }
  start->stream = rt_stream_new (self, out, start->channel, &start->opening, joined);
  return TRUE;
}

/* The opening is sent, or @error tells why not. */
static RtStream *
finish_start (Start *start, const GError *error)
{
  if (error != NULL)
    {
      rt_stream_not_opened (start->stream, error);
      return NULL;
    }
  rt_stream_out_opened (rt_stream_get_output (start->stream)->out);
  return g_steal_pointer (&start->stream);
}

static void
opening_sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (RtMessage) sent = rt_client_send_finish (RT_CLIENT (source), result, &error);

  RtStream *stream = finish_start (g_task_get_task_data (task), error);
  if (stream == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, stream, g_object_unref);
}

static void
joined_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  RtClient *self = RT_CLIENT (source);
  Start *start = g_task_get_task_data (task);
  g_autoptr (GError) join_error = NULL;
  GError *error = NULL;
  RtChannel *joined = rt_client_join_channel_finish (self, result, &join_error);

  if (!make_stream (self, start, joined, join_error, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  /* The call is in the context that it was begun in, whichever is the default one here. */
  g_main_context_push_thread_default (g_task_get_context (task));
  rt_client_send_async (self, start->message, g_task_get_cancellable (task), opening_sent_cb, g_object_ref (task));
  g_main_context_pop_thread_default (g_task_get_context (task));
}

/**
 * rt_client_start_stream_async:
 * @self: a client
 * @channel: the channel's name; it is joined for the stream's life
 * @name: what readers see, such as the name of a file; 1 to 255 bytes
 * @content_type: (nullable): what is in it, usually a MIME type, at most 255 bytes, or %NULL
 * @size: the number of bytes that will be written, or -1 if that is not known
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (closure user_data): called in the caller's thread-default main context when the stream can be
 *   written
 * @user_data: data for @callback
 *
 * Begins to send a stream of bytes to all who have joined the channel now: they get [signal@Channel::stream-opened]. Who
 * joins later does not get it, and the client itself is not told of its own streams.
 *
 * The channel is joined as with [method@Client.join_channel_async] and left again when the stream is closed or dropped.
 * A client that may publish but not join sends as well; it cannot hear how fast its readers are.
 *
 * Errors: %RT_ERROR_INVALID_ARGUMENT, %RT_ERROR_QUEUE_FULL where the client sends 64 streams already, and those of
 * joining and sending.
 */
void
rt_client_start_stream_async (RtClient *self,
                              const char *channel,
                              const char *name,
                              const char *content_type,
                              gint64 size,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GError *error = NULL;

  g_return_if_fail (RT_IS_CLIENT (self));
  g_return_if_fail (channel != NULL && name != NULL);
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, rt_client_start_stream_async);
  g_task_set_check_cancellable (task, FALSE);
  Start *start = start_new (self, channel, name, content_type, size, &error);
  if (start == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  g_task_set_task_data (task, start, start_free);
  rt_client_join_channel_async (self, channel, NULL, cancellable, joined_cb, task);
}

/**
 * rt_client_start_stream_finish:
 * @self: a client
 * @result: the result given to the callback
 * @error: return location for an error, or %NULL
 *
 * Finishes [method@Client.start_stream_async].
 *
 * Returns: (transfer full): the stream, to be written and closed, or %NULL with @error set
 */
RtStream *
rt_client_start_stream_finish (RtClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, rt_client_start_stream_async), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * rt_client_start_stream_sync:
 * @self: a client
 * @channel: the channel's name; it is joined for the stream's life
 * @name: what readers see, such as the name of a file; 1 to 255 bytes
 * @content_type: (nullable): what is in it, usually a MIME type, at most 255 bytes, or %NULL
 * @size: the number of bytes that will be written, or -1 if that is not known
 * @cancellable: (nullable): a cancellable, or %NULL
 * @error: return location for an error, or %NULL
 *
 * Begins to send a stream and waits until it can be written, see [method@Client.start_stream_async]. No handler runs
 * meanwhile.
 *
 * Returns: (transfer full): the stream, to be written and closed, or %NULL with @error set
 */
RtStream *
rt_client_start_stream_sync (RtClient *self,
                             const char *channel,
                             const char *name,
                             const char *content_type,
                             gint64 size,
                             GCancellable *cancellable,
                             GError **error)
{
  g_autoptr (GError) fault = NULL;

  g_return_val_if_fail (RT_IS_CLIENT (self), NULL);
  g_return_val_if_fail (channel != NULL && name != NULL, NULL);
  g_autoptr (Start) start = start_new (self, channel, name, content_type, size, error);
  if (start == NULL)
    return NULL;
  RtChannel *joined = rt_client_join_channel_sync (self, channel, NULL, cancellable, &fault);
  if (!make_stream (self, start, joined, fault, error))
    return NULL;
  g_clear_error (&fault);
  g_autoptr (RtMessage) sent = rt_client_send_sync (self, start->message, cancellable, &fault);
  RtStream *stream = finish_start (start, fault);
  if (stream == NULL)
    g_propagate_error (error, g_steal_pointer (&fault));
  return stream;
}
