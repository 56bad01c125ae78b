/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-private.h"

#include "rt-error.h"

/* --- Asking for a page --- */

RtOp *
rt_history_new_page_op (RtChannel *channel, gint limit, const char *epoch, guint64 offset, gboolean reverse)
{
  RtOp *op = rt_client_new_channel_op (RT_OP_HISTORY, rt_channel_get_name (channel), NULL);

  op->request.history.limit = limit;
  op->request.history.reverse = reverse;
  op->request.history.has_since = epoch != NULL;
  op->request.history.epoch = g_strdup (epoch);
  op->request.history.offset = offset;
  return op;
}

gboolean
rt_history_ask_page (RtChannel *channel,
                     RtOp *op,
                     gpointer tag,
                     GCancellable *cancellable,
                     GAsyncReadyCallback inner_cb,
                     GTask *task)
{
  g_autoptr (RtClient) client = rt_channel_get_client (channel);

  if (client == NULL)
    {
      rt_op_unref (op);
      g_task_return_new_error (task, RT_ERROR, RT_ERROR_CLOSED, "The channel's client is gone");
      g_object_unref (task);
      return FALSE;
    }
  rt_client_call_async (client, channel, op, NULL, NULL, tag, cancellable, inner_cb, task);
  return TRUE;
}

RtHistoryPage *
rt_history_ask_page_sync (RtChannel *channel, RtOp *op, GCancellable *cancellable, GError **error)
{
  g_autoptr (RtClient) client = rt_channel_get_client (channel);

  if (client != NULL)
    return rt_client_call_sync (client, op, NULL, NULL, cancellable, error);
  rt_op_unref (op);
  g_set_error_literal (error, RT_ERROR, RT_ERROR_CLOSED, "The channel's client is gone");
  return NULL;
}

/* --- The first one --- */

static RtOp *
new_first_op (RtChannel *channel, gint limit, RtPosition *since, gboolean reverse)
{
  return rt_history_new_page_op (channel, limit, since != NULL ? rt_position_get_epoch (since) : NULL,
                                 since != NULL ? rt_position_get_offset (since) : 0, reverse);
}

typedef struct
{
  gint limit;
  gboolean reverse;
} Query;

static void
first_page_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Query *query = g_task_get_task_data (task);
  GError *error = NULL;
  RtHistoryPage *page = rt_client_call_finish (source, result, rt_channel_history_async, &error);

  if (page == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, rt_history_new (RT_CHANNEL (source), query->limit, query->reverse, page),
                           g_object_unref);
}

/**
 * rt_channel_history_async:
 * @self: a channel
 * @limit: how many messages at most; -1 for all that the server gives at once; 0 for none, to learn the position only
 * @since: (nullable): the position after which to begin (before which, if @reverse), or %NULL for an end of the stream
 * @reverse: whether the newest come first
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (closure user_data): called in the caller's thread-default main context when it is done
 * @user_data: data for @callback
 *
 * Asks for messages that the server has kept.
 */
void
rt_channel_history_async (RtChannel *self,
                          gint limit,
                          RtPosition *since,
                          gboolean reverse,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_return_if_fail (RT_IS_CHANNEL (self));
  g_return_if_fail (limit >= -1);
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Query *query = g_new (Query, 1);

  *query = (Query) { limit, reverse };
  g_task_set_source_tag (task, rt_channel_history_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, query, g_free);
  rt_history_ask_page (self, new_first_op (self, limit, since, reverse), rt_channel_history_async, cancellable,
                       first_page_cb, task);
}

/**
 * rt_channel_history_finish:
 * @self: a channel
 * @result: the result given to the callback
 * @error: return location for an error, or %NULL
 *
 * Finishes [method@Channel.history_async].
 *
 * Returns: (transfer full): the history, or %NULL with @error set
 */
RtHistory *
rt_channel_history_finish (RtChannel *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (RT_IS_CHANNEL (self), NULL);
  return rt_client_call_finish (self, result, rt_channel_history_async, error);
}

/**
 * rt_channel_history_sync:
 * @self: a channel
 * @limit: how many messages at most; -1 for all that the server gives at once; 0 for none, to learn the position only
 * @since: (nullable): the position after which to begin (before which, if @reverse), or %NULL for an end of the stream
 * @reverse: whether the newest come first
 * @cancellable: (nullable): a cancellable, or %NULL
 * @error: return location for an error, or %NULL
 *
 * Asks for messages that the server has kept and waits for them.
 *
 * Returns: (transfer full): the history, or %NULL with @error set
 */
RtHistory *
rt_channel_history_sync (RtChannel *self,
                         gint limit,
                         RtPosition *since,
                         gboolean reverse,
                         GCancellable *cancellable,
                         GError **error)
{
  g_return_val_if_fail (RT_IS_CHANNEL (self), NULL);
  g_return_val_if_fail (limit >= -1, NULL);
  RtHistoryPage *page = rt_history_ask_page_sync (self, new_first_op (self, limit, since, reverse), cancellable, error);

  return page != NULL ? rt_history_new (self, limit, reverse, page) : NULL;
}
