/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-private.h"

#include "rt-message-private.h"

/* The calls that send something and wait for the answer. */

/* Nobody waits, and mostly nothing is kept for it. */
static void
submit_unwatched (RtClient *self, RtOp *op, GError *error, RtMessage *message, GCancellable *cancellable)
{
  if (op == NULL || cancellable != NULL || rt_client_filters_outgoing (self)
      || rt_client_wants_event (self, RT_EVENT_TYPE_MESSAGE_SENT))
    {
      rt_client_call_unwatched (self, op, error, message, cancellable);
      return;
    }
  op->wants_result = FALSE;
  rt_connection_submit (rt_client_get_connection (self), op);
}

/* Takes @op or @error. */
static void
submit_publish (RtClient *self,
                RtOp *op,
                GError *error,
                RtMessage *message,
                gpointer tag,
                GCancellable *cancellable,
                GAsyncReadyCallback callback,
                gpointer user_data)
{
  if (callback == NULL)
    {
      submit_unwatched (self, op, error, message, cancellable);
      return;
    }
  rt_client_call_async (self, self, op, error, message, tag, cancellable, callback, user_data);
}

/* A publish of @message, taken, NULL with @error. */
static void
publish_async (RtClient *self,
               RtMessage *taken,
               GError *error,
               gpointer tag,
               GCancellable *cancellable,
               GAsyncReadyCallback callback,
               gpointer user_data)
{
  g_autoptr (RtMessage) message = taken;
  RtOp *op = message != NULL ? rt_client_new_publish_op (self, message, &error) : NULL;

  submit_publish (self, op, error, message, tag, cancellable, callback, user_data);
}

static RtMessage *
publish_sync (RtClient *self, RtMessage *taken, GError *refusal, GCancellable *cancellable, GError **error)
{
  g_autoptr (RtMessage) message = taken;
  RtOp *op = message != NULL ? rt_client_new_publish_op (self, message, &refusal) : NULL;

  return rt_client_call_sync (self, op, refusal, message, cancellable, error);
}

static RtMessage *
complete (RtClient *self, RtMessage *message)
{
  return rt_message_complete (message, rt_config_get_user_id (rt_client_get_config (self)));
}

/**
 * rt_client_send_message_async:
 * @self: a client
 * @channel: the channel's name; it need not be joined
 * @content: the text
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (nullable) (scope async) (closure user_data): called in the caller's thread-default main context when
 *   the server has answered, or %NULL if nobody wants to know
 * @user_data: data for @callback
 *
 * Sends a text. While the client is connecting, for the first time or again, it waits in the send queue; what was written
 * on a line that was lost is sent again on the next, with the same id, so that it arrives once.
 *
 * It completes exactly once: acknowledged, failed (and then it is never delivered), or with %RT_ERROR_OUTCOME_UNKNOWN
 * where it may have been delivered before a cancellation, a timeout, or the end of the connection; the same message may
 * then be sent again with [method@Client.send_async], and receivers drop the repeat. Without a callback a failure is told
 * by [signal@Client::error].
 *
 * Errors: %RT_ERROR_NOT_CONNECTED, %RT_ERROR_CLOSED, %RT_ERROR_INVALID_MESSAGE, %RT_ERROR_TOO_LARGE,
 * %RT_ERROR_QUEUE_FULL where too many messages wait, %RT_ERROR_RATE_LIMITED where they come too fast, %RT_ERROR_EXPIRED
 * where the time to live ended before it could be sent, and those by which a server refuses.
 */
void
rt_client_send_message_async (RtClient *self,
                              const char *channel,
                              const char *content,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GError *error = NULL;

  g_return_if_fail (RT_IS_CLIENT (self));
  g_return_if_fail (channel != NULL && content != NULL);
  RtOp *op = rt_client_new_text_op (self, channel, content, &error);
  submit_publish (self, op, error, NULL, rt_client_send_message_async, cancellable, callback, user_data);
}

/**
 * rt_client_send_message_finish:
 * @self: a client
 * @result: the result given to the callback
 * @error: return location for an error, or %NULL
 *
 * Finishes [method@Client.send_message_async].
 *
 * Returns: (transfer full): the message as acknowledged, or %NULL with @error set
 */
RtMessage *
rt_client_send_message_finish (RtClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), NULL);
  return rt_client_call_finish (self, result, rt_client_send_message_async, error);
}

/**
 * rt_client_send_message_sync:
 * @self: a client
 * @channel: the channel's name; it need not be joined
 * @content: the text
 * @cancellable: (nullable): a cancellable, or %NULL
 * @error: return location for an error, or %NULL
 *
 * Sends a text and waits for the server's answer, see [method@Client.send_message_async]. No handler runs meanwhile.
 *
 * Returns: (transfer full): the message as acknowledged, or %NULL with @error set
 */
RtMessage *
rt_client_send_message_sync (RtClient *self,
                             const char *channel,
                             const char *content,
                             GCancellable *cancellable,
                             GError **error)
{
  GError *refusal = NULL;

  g_return_val_if_fail (RT_IS_CLIENT (self), NULL);
  g_return_val_if_fail (channel != NULL && content != NULL, NULL);
  RtOp *op = rt_client_new_text_op (self, channel, content, &refusal);
  return rt_client_call_sync (self, op, refusal, NULL, cancellable, error);
}

/**
 * rt_client_send_message_with_options_async:
 * @self: a client
 * @channel: the channel's name; it need not be joined
 * @content: the text
 * @options: (nullable): priority, time to live, metadata, type and tags, or %NULL
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (nullable) (scope async) (closure user_data): called in the caller's thread-default main context when
 *   the server has answered, or %NULL if nobody wants to know
 * @user_data: data for @callback
 *
 * Sends a text with options, otherwise like [method@Client.send_message_async].
 */
void
rt_client_send_message_with_options_async (RtClient *self,
                                           const char *channel,
                                           const char *content,
                                           RtMessageOptions *options,
                                           GCancellable *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer user_data)
{
  GError *error = NULL;

  g_return_if_fail (RT_IS_CLIENT (self));
  g_return_if_fail (channel != NULL && content != NULL);
  RtMessage *message = rt_client_new_text (self, channel, content, options, &error);
  publish_async (self, message, error, rt_client_send_message_with_options_async, cancellable, callback, user_data);
}

/**
 * rt_client_send_message_with_options_finish:
 * @self: a client
 * @result: the result given to the callback
 * @error: return location for an error, or %NULL
 *
 * Finishes [method@Client.send_message_with_options_async].
 *
 * Returns: (transfer full): the message as acknowledged, or %NULL with @error set
 */
RtMessage *
rt_client_send_message_with_options_finish (RtClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), NULL);
  return rt_client_call_finish (self, result, rt_client_send_message_with_options_async, error);
}

/**
 * rt_client_send_message_with_options_sync:
 * @self: a client
 * @channel: the channel's name; it need not be joined
 * @content: the text
 * @options: (nullable): priority, time to live, metadata, type and tags, or %NULL
 * @cancellable: (nullable): a cancellable, or %NULL
 * @error: return location for an error, or %NULL
 *
 * Sends a text with options and waits for the server's answer, otherwise like [method@Client.send_message_async].
 *
 * Returns: (transfer full): the message as acknowledged, or %NULL with @error set
 */
RtMessage *
rt_client_send_message_with_options_sync (RtClient *self,
                                          const char *channel,
                                          const char *content,
                                          RtMessageOptions *options,
                                          GCancellable *cancellable,
                                          GError **error)
{
  GError *refusal = NULL;

  g_return_val_if_fail (RT_IS_CLIENT (self), NULL);
  g_return_val_if_fail (channel != NULL && content != NULL, NULL);
  RtMessage *message = rt_client_new_text (self, channel, content, options, &refusal);
  return publish_sync (self, message, refusal, cancellable, error);
}

/**
 * rt_client_send_async:
 * @self: a client
 * @message: a message
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (nullable) (scope async) (closure user_data): called in the caller's thread-default main context when
 *   the server has answered, or %NULL if nobody wants to know
 * @user_data: data for @callback
 *
 * Sends a message to its channel, otherwise like [method@Client.send_message_async]. What it leaves open (id,
 * sender, time) is filled in. Its time to live begins with this call.
 */
void
rt_client_send_async (RtClient *self,
                      RtMessage *message,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_return_if_fail (RT_IS_CLIENT (self));
  g_return_if_fail (RT_IS_MESSAGE (message));
  publish_async (self, complete (self, message), NULL, rt_client_send_async, cancellable, callback, user_data);
}

/**
 * rt_client_send_finish:
 * @self: a client
 * @result: the result given to the callback
 * @error: return location for an error, or %NULL
 *
 * Finishes [method@Client.send_async].
 *
 * Returns: (transfer full): the message as acknowledged, or %NULL with @error set
 */
RtMessage *
rt_client_send_finish (RtClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), NULL);
  return rt_client_call_finish (self, result, rt_client_send_async, error);
}

/**
 * rt_client_send_sync:
 * @self: a client
 * @message: a message
 * @cancellable: (nullable): a cancellable, or %NULL
 * @error: return location for an error, or %NULL
 *
 * Sends a message and waits for the server's answer, see [method@Client.send_async]. No handler runs meanwhile.
 *
 * Returns: (transfer full): the message as acknowledged, or %NULL with @error set
 */
RtMessage *
rt_client_send_sync (RtClient *self, RtMessage *message, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), NULL);
  g_return_val_if_fail (RT_IS_MESSAGE (message), NULL);
  return publish_sync (self, complete (self, message), NULL, cancellable, error);
}

/**
 * rt_client_ping_async:
 * @self: a client
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (closure user_data): called in the caller's thread-default main context when it is done
 * @user_data: data for @callback
 *
 * Measures the time to the server and back, by a ping of the transport. Fails with %RT_ERROR_NOT_SUPPORTED where the
 * transport has none.
 */
void
rt_client_ping_async (RtClient *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (RT_IS_CLIENT (self));
  rt_client_call_async (self, self, rt_op_new (RT_OP_PING), NULL, NULL, rt_client_ping_async, cancellable, callback,
                        user_data);
}

static gint64
take_round_trip (gint64 *round_trip)
{
  gint64 us = round_trip != NULL ? *round_trip : -1;

  g_free (round_trip);
  return us;
}

/**
 * rt_client_ping_finish:
 * @self: a client
 * @result: the result given to the callback
 * @error: return location for an error, or %NULL
 *
 * Finishes [method@Client.ping_async].
 *
 * Returns: the time in microseconds, or -1 with @error set
 */
gint64
rt_client_ping_finish (RtClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), -1);
  return take_round_trip (rt_client_call_finish (self, result, rt_client_ping_async, error));
}

/**
 * rt_client_ping_sync:
 * @self: a client
 * @cancellable: (nullable): a cancellable, or %NULL
 * @error: return location for an error, or %NULL
 *
 * Measures the time to the server and back, see [method@Client.ping_async]. No handler runs meanwhile.
 *
 * Returns: the time in microseconds, or -1 with @error set
 */
gint64
rt_client_ping_sync (RtClient *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), -1);
  return take_round_trip (rt_client_call_sync (self, rt_op_new (RT_OP_PING), NULL, NULL, cancellable, error));
}
