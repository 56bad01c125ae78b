/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-private.h"

#include "rt-error.h"
#include "rt-message-private.h"

/* --- The common part: a channel's calls are calls of its client --- */

static GError *
client_gone (void)
{
  return g_error_new_literal (RT_ERROR, RT_ERROR_CLOSED, "The channel's client is gone");
}

/* Takes @op or @error. */
static void
call_async (RtChannel *self,
            RtClient *client,
            RtOp *op,
            GError *error,
            RtMessage *message,
            gpointer tag,
            GCancellable *cancellable,
            GAsyncReadyCallback callback,
            gpointer user_data)
{
  if (client != NULL)
    {
      rt_client_call_async (client, self, op, error, message, tag, cancellable, callback, user_data);
      return;
    }
  g_clear_pointer (&op, rt_op_unref);
  g_clear_error (&error);
  g_task_report_error (self, callback, user_data, tag, client_gone ());
}

static gpointer
call_sync (RtClient *client, RtOp *op, GError *refusal, RtMessage *message, GCancellable *cancellable, GError **error)
{
  if (client != NULL)
    return rt_client_call_sync (client, op, refusal, message, cancellable, error);
  g_clear_pointer (&op, rt_op_unref);
  g_clear_error (&refusal);
  g_propagate_error (error, client_gone ());
  return NULL;
}

static RtOp *
new_op (RtChannel *self, RtOpKind kind)
{
  return rt_client_new_channel_op (kind, rt_channel_get_name (self), NULL);
}

/* --- Sending --- */

static RtOp *
new_text_op (RtChannel *self, RtClient *client, const char *content, GError **error)
{
  return client != NULL ? rt_client_new_text_op (client, rt_channel_get_name (self), content, error) : NULL;
}

static RtMessage *
own_message (RtChannel *self, RtClient *client, RtMessage *message, GError **error)
{
  if (client == NULL)
    return NULL;
  if (g_strcmp0 (rt_message_get_channel (message), rt_channel_get_name (self)) == 0)
    return rt_message_complete (message, rt_config_get_user_id (rt_client_get_config (client)));
  g_set_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT, "The message is for channel %s, not for %s",
               rt_message_get_channel (message), rt_channel_get_name (self));
  return NULL;
}

/**
 * rt_channel_send_message_async:
 * @self: a channel
 * @content: the text
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (closure user_data): called in the caller's thread-default main context when it is done
 * @user_data: data for @callback
 *
 * Sends a text to the channel, see [method@Client.send_message_async].
 */
void
rt_channel_send_message_async (RtChannel *self,
                               const char *content,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  GError *error = NULL;

  g_return_if_fail (RT_IS_CHANNEL (self));
  g_return_if_fail (content != NULL);
  g_autoptr (RtClient) client = rt_channel_get_client (self);
  RtOp *op = new_text_op (self, client, content, &error);
  call_async (self, client, op, error, NULL, rt_channel_send_message_async, cancellable, callback, user_data);
}

/**
 * rt_channel_send_message_finish:
 * @self: a channel
 * @result: the result given to the callback
 * @error: return location for an error, or %NULL
 *
 * Finishes [method@Channel.send_message_async].
 *
 * Returns: (transfer full): the message as acknowledged, or %NULL with @error set
 */
RtMessage *
rt_channel_send_message_finish (RtChannel *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (RT_IS_CHANNEL (self), NULL);
  return rt_client_call_finish (self, result, rt_channel_send_message_async, error);
}

/**
 * rt_channel_send_message_sync:
 * @self: a channel
 * @content: the text
 * @cancellable: (nullable): a cancellable, or %NULL
 * @error: return location for an error, or %NULL
 *
 * Sends a text to the channel and waits for the server's answer, see [method@Client.send_message_async].
 *
 * Returns: (transfer full): the message as acknowledged, or %NULL with @error set
 */
RtMessage *
rt_channel_send_message_sync (RtChannel *self, const char *content, GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;

  g_return_val_if_fail (RT_IS_CHANNEL (self), NULL);
  g_return_val_if_fail (content != NULL, NULL);
  g_autoptr (RtClient) client = rt_channel_get_client (self);
  RtOp *op = new_text_op (self, client, content, &refusal);
  return call_sync (client, op, refusal, NULL, cancellable, error);
}

static RtMessage *
new_text (RtChannel *self, RtClient *client, const char *content, RtMessageOptions *options, GError **error)
{
  return client != NULL ? rt_client_new_text (client, rt_channel_get_name (self), content, options, error) : NULL;
}

/**
 * rt_channel_send_message_with_options_async:
 * @self: a channel
 * @content: the text
 * @options: (nullable): priority, time to live, metadata, type and tags, or %NULL
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (closure user_data): called in the caller's thread-default main context when it is done
 * @user_data: data for @callback
 *
 * Sends a text with options to the channel, see [method@Client.send_message_with_options_async].
 */
void
rt_channel_send_message_with_options_async (RtChannel *self,
                                            const char *content,
                                            RtMessageOptions *options,
                                            GCancellable *cancellable,
                                            GAsyncReadyCallback callback,
                                            gpointer user_data)
{
  GError *error = NULL;

  g_return_if_fail (RT_IS_CHANNEL (self));
  g_return_if_fail (content != NULL);
  g_return_if_fail (options == NULL || RT_IS_MESSAGE_OPTIONS (options));
  g_autoptr (RtClient) client = rt_channel_get_client (self);
  g_autoptr (RtMessage) message = new_text (self, client, content, options, &error);
  RtOp *op = message != NULL ? rt_client_new_publish_op (client, message, &error) : NULL;
  call_async (self, client, op, error, message, rt_channel_send_message_with_options_async, cancellable, callback,
              user_data);
}

/**
 * rt_channel_send_message_with_options_finish:
 * @self: a channel
 * @result: the result given to the callback
 * @error: return location for an error, or %NULL
 *
 * Finishes [method@Channel.send_message_with_options_async].
 *
 * Returns: (transfer full): the message as acknowledged, or %NULL with @error set
 */
RtMessage *
rt_channel_send_message_with_options_finish (RtChannel *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (RT_IS_CHANNEL (self), NULL);
  return rt_client_call_finish (self, result, rt_channel_send_message_with_options_async, error);
}

/**
 * rt_channel_send_message_with_options_sync:
 * @self: a channel
 * @content: the text
 * @options: (nullable): priority, time to live, metadata, type and tags, or %NULL
 * @cancellable: (nullable): a cancellable, or %NULL
 * @error: return location for an error, or %NULL
 *
 * Sends a text with options to the channel and waits for the server's answer, see
 * [method@Client.send_message_with_options_async].
 *
 * Returns: (transfer full): the message as acknowledged, or %NULL with @error set
 */
RtMessage *
rt_channel_send_message_with_options_sync (RtChannel *self,
                                           const char *content,
                                           RtMessageOptions *options,
                                           GCancellable *cancellable,
                                           GError **error)
{
  GError *refusal = NULL;

  g_return_val_if_fail (RT_IS_CHANNEL (self), NULL);
  g_return_val_if_fail (content != NULL, NULL);
  g_return_val_if_fail (options == NULL || RT_IS_MESSAGE_OPTIONS (options), NULL);
  g_autoptr (RtClient) client = rt_channel_get_client (self);
  g_autoptr (RtMessage) message = new_text (self, client, content, options, &refusal);
  RtOp *op = message != NULL ? rt_client_new_publish_op (client, message, &refusal) : NULL;
  return call_sync (client, op, refusal, message, cancellable, error);
}

/**
 * rt_channel_send_async:
 * @self: a channel
 * @message: a message for this channel
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (closure user_data): called in the caller's thread-default main context when it is done
 * @user_data: data for @callback
 *
 * Sends a message to the channel, see [method@Client.send_async].
 */
void
rt_channel_send_async (RtChannel *self,
                       RtMessage *message,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  GError *error = NULL;

  g_return_if_fail (RT_IS_CHANNEL (self));
  g_return_if_fail (RT_IS_MESSAGE (message));
  g_autoptr (RtClient) client = rt_channel_get_client (self);
  g_autoptr (RtMessage) own = own_message (self, client, message, &error);
  RtOp *op = own != NULL ? rt_client_new_publish_op (client, own, &error) : NULL;
  call_async (self, client, op, error, own, rt_channel_send_async, cancellable, callback, user_data);
}

/**
 * rt_channel_send_finish:
 * @self: a channel
 * @result: the result given to the callback
 * @error: return location for an error, or %NULL
 *
 * Finishes [method@Channel.send_async].
 *
 * Returns: (transfer full): the message as acknowledged, or %NULL with @error set
 */
RtMessage *
rt_channel_send_finish (RtChannel *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (RT_IS_CHANNEL (self), NULL);
  return rt_client_call_finish (self, result, rt_channel_send_async, error);
}

/**
 * rt_channel_send_sync:
 * @self: a channel
 * @message: a message for this channel
 * @cancellable: (nullable): a cancellable, or %NULL
 * @error: return location for an error, or %NULL
 *
 * Sends a message to the channel and waits for the server's answer, see [method@Client.send_async].
 *
 * Returns: (transfer full): the message as acknowledged, or %NULL with @error set
 */
RtMessage *
rt_channel_send_sync (RtChannel *self, RtMessage *message, GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;

  g_return_val_if_fail (RT_IS_CHANNEL (self), NULL);
  g_return_val_if_fail (RT_IS_MESSAGE (message), NULL);
  g_autoptr (RtClient) client = rt_channel_get_client (self);
  g_autoptr (RtMessage) own = own_message (self, client, message, &refusal);
  RtOp *op = own != NULL ? rt_client_new_publish_op (client, own, &refusal) : NULL;
  return call_sync (client, op, refusal, own, cancellable, error);
}

/* --- Presence --- */

/**
 * rt_channel_presence_async:
 * @self: a channel
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (closure user_data): called in the caller's thread-default main context when it is done
 * @user_data: data for @callback
 *
 * Asks who is in the channel.
 */
void
rt_channel_presence_async (RtChannel *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (RT_IS_CHANNEL (self));
  g_autoptr (RtClient) client = rt_channel_get_client (self);
  call_async (self, client, new_op (self, RT_OP_PRESENCE), NULL, NULL, rt_channel_presence_async, cancellable,
              callback, user_data);
}

/**
 * rt_channel_presence_finish:
 * @self: a channel
 * @result: the result given to the callback
 * @error: return location for an error, or %NULL
 *
 * Finishes [method@Channel.presence_async].
 *
 * Returns: (transfer full): a list model of [class@Member], as things were when the server answered, or %NULL with
 *   @error set
 */
GListModel *
rt_channel_presence_finish (RtChannel *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (RT_IS_CHANNEL (self), NULL);
  return rt_client_call_finish (self, result, rt_channel_presence_async, error);
}

/**
 * rt_channel_presence_sync:
 * @self: a channel
 * @cancellable: (nullable): a cancellable, or %NULL
 * @error: return location for an error, or %NULL
 *
 * Asks who is in the channel and waits for the answer.
 *
 * Returns: (transfer full): a list model of [class@Member], as things were when the server answered, or %NULL with
 *   @error set
 */
GListModel *
rt_channel_presence_sync (RtChannel *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (RT_IS_CHANNEL (self), NULL);
  g_autoptr (RtClient) client = rt_channel_get_client (self);
  return call_sync (client, new_op (self, RT_OP_PRESENCE), NULL, NULL, cancellable, error);
}

/* Takes @stats. */
static gboolean
give_stats (RtPresenceStats *stats, guint *n_clients, guint *n_users)
{
  if (n_clients != NULL)
    *n_clients = stats != NULL ? stats->n_clients : 0;
  if (n_users != NULL)
    *n_users = stats != NULL ? stats->n_users : 0;
  gboolean ok = stats != NULL;
  g_free (stats);
  return ok;
}

/**
 * rt_channel_presence_stats_async:
 * @self: a channel
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (closure user_data): called in the caller's thread-default main context when it is done
 * @user_data: data for @callback
 *
 * Asks how many are in the channel.
 */
void
rt_channel_presence_stats_async (RtChannel *self,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_return_if_fail (RT_IS_CHANNEL (self));
  g_autoptr (RtClient) client = rt_channel_get_client (self);
  call_async (self, client, new_op (self, RT_OP_PRESENCE_STATS), NULL, NULL, rt_channel_presence_stats_async,
              cancellable, callback, user_data);
}

/**
 * rt_channel_presence_stats_finish:
 * @self: a channel
 * @result: the result given to the callback
 * @n_clients: (out) (optional): return location for the number of connections
 * @n_users: (out) (optional): return location for the number of users
 * @error: return location for an error, or %NULL
 *
 * Finishes [method@Channel.presence_stats_async].
 *
 * Returns: %TRUE if the server answered
 */
gboolean
rt_channel_presence_stats_finish (RtChannel *self,
                                  GAsyncResult *result,
                                  guint *n_clients,
                                  guint *n_users,
                                  GError **error)
{
  g_return_val_if_fail (RT_IS_CHANNEL (self), FALSE);
  return give_stats (rt_client_call_finish (self, result, rt_channel_presence_stats_async, error), n_clients, n_users);
}

/**
 * rt_channel_presence_stats_sync:
 * @self: a channel
 * @cancellable: (nullable): a cancellable, or %NULL
 * @n_clients: (out) (optional): return location for the number of connections
 * @n_users: (out) (optional): return location for the number of users
 * @error: return location for an error, or %NULL
 *
 * Asks how many are in the channel and waits for the answer.
 *
 * Returns: %TRUE if the server answered
 */
gboolean
rt_channel_presence_stats_sync (RtChannel *self,
                                GCancellable *cancellable,
                                guint *n_clients,
                                guint *n_users,
                                GError **error)
{
  g_return_val_if_fail (RT_IS_CHANNEL (self), FALSE);
  g_autoptr (RtClient) client = rt_channel_get_client (self);
  return give_stats (call_sync (client, new_op (self, RT_OP_PRESENCE_STATS), NULL, NULL, cancellable, error),
                     n_clients, n_users);
}

/* --- Leaving --- */

/* A channel that was left before must not end the one of the same name that was joined after it. */
static RtOp *
new_leave_op (RtChannel *self)
{
  RtOp *op = new_op (self, RT_OP_LEAVE);

  op->sub = rt_sub_ref (rt_channel_get_sub (self));
  return op;
}

/**
 * rt_channel_leave_async:
 * @self: a channel
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (closure user_data): called in the caller's thread-default main context when it is done
 * @user_data: data for @callback
 *
 * Leaves the channel, see [method@Client.leave_channel_async].
 */
void
rt_channel_leave_async (RtChannel *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (RT_IS_CHANNEL (self));
  g_autoptr (RtClient) client = rt_channel_get_client (self);
  call_async (self, client, new_leave_op (self), NULL, NULL, rt_channel_leave_async, cancellable, callback,
              user_data);
}

/**
 * rt_channel_leave_finish:
 * @self: a channel
 * @result: the result given to the callback
 * @error: return location for an error, or %NULL
 *
 * Finishes [method@Channel.leave_async].
 *
 * Returns: %TRUE if the channel was left
 */
gboolean
rt_channel_leave_finish (RtChannel *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (RT_IS_CHANNEL (self), FALSE);
  return rt_client_call_finish (self, result, rt_channel_leave_async, error) != NULL;
}

/**
 * rt_channel_leave_sync:
 * @self: a channel
 * @cancellable: (nullable): a cancellable, or %NULL
 * @error: return location for an error, or %NULL
 *
 * Leaves the channel and waits for it, see [method@Client.leave_channel_async].
 *
 * Returns: %TRUE if the channel was left
 */
gboolean
rt_channel_leave_sync (RtChannel *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (RT_IS_CHANNEL (self), FALSE);
  g_autoptr (RtClient) client = rt_channel_get_client (self);
  return call_sync (client, new_leave_op (self), NULL, NULL, cancellable, error) != NULL;
}
