/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-private.h"

/* The calls that change the connection or what is joined. */

/**
 * rt_client_connect_async:
 * @self: a client
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (closure user_data): called in the caller's thread-default main context when it is done
 * @user_data: data for @callback
 *
 * Connects to the server, and stays connected: a line that is lost is made again until `disconnect` or `close`.
 * Channels that were joined on an earlier connection are joined again, from where they were; what was missed comes
 * first.
 *
 * The call completes with the outcome of its first round, in which each strategy has its turn, all within the
 * configuration's connect timeout. A temporary failure is its error, and the client goes on in the background, in
 * %RT_CONNECTION_STATE_RECONNECTING; a final one, which leads to %RT_CONNECTION_STATE_FAILED, is not tried again.
 * [func@Error.is_retryable] tells them apart.
 *
 * Called while another call is connecting, it waits for the same outcome; while the client waits for its next attempt,
 * that is made at once. Errors, beside those of the network: %RT_ERROR_ALREADY_CONNECTED, %RT_ERROR_CLOSED,
 * %RT_ERROR_INVALID_CONFIG with every fault of the configuration, %RT_ERROR_UNAUTHORIZED where the server refuses the
 * api key or token or the token provider has none, and any other error of that provider, %RT_ERROR_TIMED_OUT.
 *
 * Cancelling ends the waiting; a first attempt that nobody else waits for is given up.
 */
void
rt_client_connect_async (RtClient *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (RT_IS_CLIENT (self));
  rt_client_call_async (self, self, rt_op_new (RT_OP_CONNECT), NULL, NULL, rt_client_connect_async, cancellable,
                        callback, user_data);
}

/**
 * rt_client_connect_finish:
 * @self: a client
 * @result: the result given to the callback
 * @error: return location for an error, or %NULL
 *
 * Finishes [method@Client.connect_async].
 *
 * Returns: %TRUE if the client is connected
 */
gboolean
rt_client_connect_finish (RtClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), FALSE);
  return rt_client_call_finish (self, result, rt_client_connect_async, error) != NULL;
}

/**
 * rt_client_connect_sync:
 * @self: a client
 * @cancellable: (nullable): a cancellable, or %NULL
 * @error: return location for an error, or %NULL
 *
 * Connects and waits for it, see [method@Client.connect_async]. No handler runs meanwhile. A token provider is asked in
 * place; %RT_ERROR_NOT_SUPPORTED says that it needs a running main context, or that the connection strategy does.
 *
 * Returns: %TRUE if the client is connected
 */
gboolean
rt_client_connect_sync (RtClient *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), FALSE);
  return rt_client_call_sync (self, rt_op_new (RT_OP_CONNECT), NULL, NULL, cancellable, error) != NULL;
}

/**
 * rt_client_disconnect_async:
 * @self: a client
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (closure user_data): called in the caller's thread-default main context when it is done
 * @user_data: data for @callback
 *
 * Ends the connection in good order: what was sent is waited for, then both sides close, all within the
 * configuration's shutdown timeout. From the call on, sends fail with %RT_ERROR_NOT_CONNECTED. What waits to be sent
 * then ends with the same error, what was sent and is unanswered in the end with %RT_ERROR_OUTCOME_UNKNOWN.
 *
 * Channels stay wanted, and are joined again by the next `connect`. A client that is between two attempts to connect
 * makes no more of them. Without a connection it succeeds at once; on a client that was closed it fails with
 * %RT_ERROR_CLOSED. Cancelling ends the waiting, not the disconnecting.
 */
void
rt_client_disconnect_async (RtClient *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (RT_IS_CLIENT (self));
  rt_client_call_async (self, self, rt_client_new_end_op (self, RT_OP_DISCONNECT), NULL, NULL, rt_client_disconnect_async, cancellable,
                        callback, user_data);
}

/**
 * rt_client_disconnect_finish:
 * @self: a client
 * @result: the result given to the callback
 * @error: return location for an error, or %NULL
 *
 * Finishes [method@Client.disconnect_async].
 *
 * Returns: %TRUE if the connection has ended
 */
gboolean
rt_client_disconnect_finish (RtClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), FALSE);
  return rt_client_call_finish (self, result, rt_client_disconnect_async, error) != NULL;
}

/**
 * rt_client_disconnect_sync:
 * @self: a client
 * @cancellable: (nullable): a cancellable, or %NULL
 * @error: return location for an error, or %NULL
 *
 * Disconnects and waits for it, see [method@Client.disconnect_async]. No handler runs meanwhile.
 *
 * Returns: %TRUE if the connection has ended
 */
gboolean
rt_client_disconnect_sync (RtClient *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), FALSE);
  return rt_client_call_sync (self, rt_client_new_end_op (self, RT_OP_DISCONNECT), NULL, NULL, cancellable, error) != NULL;
}

/**
 * rt_client_close_async:
 * @self: a client
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (closure user_data): called in the caller's thread-default main context when it is done
 * @user_data: data for @callback
 *
 * Ends the client for good, in the same order as [method@Client.disconnect_async]. Everything called afterwards
 * fails with %RT_ERROR_CLOSED, but closing again succeeds. Token providers and strategies are released. Cancelling
 * ends the waiting, not the closing; a call that comes cancelled does nothing.
 *
 * After it was called in the client's context no message is delivered any more, nor anything else of a channel but
 * [signal@Channel::left]. How the connection ended is told in the main loop, also after @callback or
 * [method@Client.close_sync]: disconnect handlers of [signal@Client::disconnected] whose data goes before that.
 */
void
rt_client_close_async (RtClient *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (RT_IS_CLIENT (self));
  rt_client_call_async (self, self, rt_client_new_end_op (self, RT_OP_CLOSE), NULL, NULL, rt_client_close_async, cancellable, callback,
                        user_data);
}

/**
 * rt_client_close_finish:
 * @self: a client
 * @result: the result given to the callback
 * @error: return location for an error, or %NULL
 *
 * Finishes [method@Client.close_async].
 *
 * Returns: %TRUE if the client is closed
 */
gboolean
rt_client_close_finish (RtClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), FALSE);
  return rt_client_call_finish (self, result, rt_client_close_async, error) != NULL;
}

/**
 * rt_client_close_sync:
 * @self: a client
 * @cancellable: (nullable): a cancellable, or %NULL
 * @error: return location for an error, or %NULL
 *
 * Closes and waits for it, see [method@Client.close_async]. No handler runs meanwhile.
 *
 * Returns: %TRUE if the client is closed
 */
gboolean
rt_client_close_sync (RtClient *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), FALSE);
  return rt_client_call_sync (self, rt_client_new_end_op (self, RT_OP_CLOSE), NULL, NULL, cancellable, error) != NULL;
}

/**
 * rt_client_join_channel_async:
 * @self: a client
 * @name: the channel's name, 1 to 255 printable ASCII characters
 * @options: (nullable): options, or %NULL for the defaults
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (closure user_data): called in the caller's thread-default main context when it is done
 * @user_data: data for @callback
 *
 * Joins a channel. While the client is connecting, for the first time or again, it waits for the connection. A channel
 * that is joined already is given again: the handle is shared, and @options are those of the first join. Every join
 * that succeeds is given back by one call of [method@Client.leave_channel_async] or [method@Channel.leave_async], and
 * the last of them ends the subscription. A join that fails or is cancelled has nothing to give back.
 *
 * If the caller runs in the client's context, no message of the channel is delivered before @callback has run.
 *
 * Errors: %RT_ERROR_NOT_CONNECTED, %RT_ERROR_CLOSED and %RT_ERROR_INVALID_ARGUMENT, and by what the server refuses:
 * %RT_ERROR_PERMISSION_DENIED, %RT_ERROR_CHANNEL_NOT_FOUND where it has no such channel, %RT_ERROR_QUEUE_FULL where
 * this connection is in as many as it may be, %RT_ERROR_UNAUTHORIZED and %RT_ERROR_EXPIRED for the channel's token,
 * %RT_ERROR_ALREADY_JOINED where it does not let go of an earlier subscription, %RT_ERROR_RATE_LIMITED and
 * %RT_ERROR_SERVER where it may do so later.
 */
void
rt_client_join_channel_async (RtClient *self,
                              const char *name,
                              RtChannelOptions *options,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GError *error = NULL;

  g_return_if_fail (RT_IS_CLIENT (self));
  g_return_if_fail (name != NULL);
  RtOp *op = rt_client_new_join_op (self, name, options, &error);
  rt_client_call_async (self, self, op, error, NULL, rt_client_join_channel_async, cancellable, callback, user_data);
}

/**
 * rt_client_join_channel_finish:
 * @self: a client
 * @result: the result given to the callback
 * @error: return location for an error, or %NULL
 *
 * Finishes [method@Client.join_channel_async].
 *
 * Returns: (transfer full): the channel, or %NULL with @error set
 */
RtChannel *
rt_client_join_channel_finish (RtClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), NULL);
  return rt_client_call_finish (self, result, rt_client_join_channel_async, error);
}

/**
 * rt_client_join_channel_sync:
 * @self: a client
 * @name: the channel's name, 1 to 255 printable ASCII characters
 * @options: (nullable): options, or %NULL for the defaults
 * @cancellable: (nullable): a cancellable, or %NULL
 * @error: return location for an error, or %NULL
 *
 * Joins a channel and waits for it, see [method@Client.join_channel_async]. No handler runs meanwhile, so one that
 * is connected in the client's context right after the call misses nothing.
 *
 * Returns: (transfer full): the channel, or %NULL with @error set
 */
RtChannel *
rt_client_join_channel_sync (RtClient *self,
                             const char *name,
                             RtChannelOptions *options,
                             GCancellable *cancellable,
                             GError **error)
{
  GError *refusal = NULL;

  g_return_val_if_fail (RT_IS_CLIENT (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);
  RtOp *op = rt_client_new_join_op (self, name, options, &refusal);
  return rt_client_call_sync (self, op, refusal, NULL, cancellable, error);
}

/**
 * rt_client_leave_channel_async:
 * @self: a client
 * @name: the channel's name
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (closure user_data): called in the caller's thread-default main context when it is done
 * @user_data: data for @callback
 *
 * Gives back one join of a channel. As long as it was joined more often than left, that succeeds at once and changes
 * nothing else. The last one leaves the channel: called in the client's context, nothing of the channel is delivered
 * after the call but [signal@Channel::left]. A channel that the server has joined by itself counts as joined once for
 * that; one that the server has ended counts no more, however often it was joined.
 *
 * Errors: %RT_ERROR_CHANNEL_NOT_FOUND where it is not joined, %RT_ERROR_CLOSED. Cancelling ends the waiting, not the
 * leaving.
 */
void
rt_client_leave_channel_async (RtClient *self,
                               const char *name,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  GError *error = NULL;

  g_return_if_fail (RT_IS_CLIENT (self));
  g_return_if_fail (name != NULL);
  RtOp *op = rt_client_new_channel_op (RT_OP_LEAVE, name, &error);
  rt_client_call_async (self, self, op, error, NULL, rt_client_leave_channel_async, cancellable, callback, user_data);
}

/**
 * rt_client_leave_channel_finish:
 * @self: a client
 * @result: the result given to the callback
 * @error: return location for an error, or %NULL
 *
 * Finishes [method@Client.leave_channel_async].
 *
 * Returns: %TRUE if the channel was left
 */
gboolean
rt_client_leave_channel_finish (RtClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), FALSE);
  return rt_client_call_finish (self, result, rt_client_leave_channel_async, error) != NULL;
}

/**
 * rt_client_leave_channel_sync:
 * @self: a client
 * @name: the channel's name
 * @cancellable: (nullable): a cancellable, or %NULL
 * @error: return location for an error, or %NULL
 *
 * Leaves a channel and waits for it, see [method@Client.leave_channel_async]. No handler runs meanwhile.
 *
 * Returns: %TRUE if the channel was left
 */
gboolean
rt_client_leave_channel_sync (RtClient *self, const char *name, GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;

  g_return_val_if_fail (RT_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  RtOp *op = rt_client_new_channel_op (RT_OP_LEAVE, name, &refusal);
  return rt_client_call_sync (self, op, refusal, NULL, cancellable, error) != NULL;
}
