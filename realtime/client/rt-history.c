/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-private.h"

#include "rt-error.h"

/* With no limit given, a page has as many messages as servers give at once. */
#define PAGE 300

/**
 * RtHistory:
 *
 * Messages that a channel's server has kept: a list model of [class@Message] that loads more on demand.
 *
 * It comes from [method@Channel.history_async], with the first page loaded. The items are in the order that was
 * asked for, oldest first or newest first, and every further page is appended.
 */
struct _RtHistory
{
  GObject parent_instance;

  RtChannel *channel;
  gint limit;
  gboolean reverse;

  char *epoch;
  guint64 offset;
  GPtrArray *messages;
  gboolean complete; /* the last page was not full */
};

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RtHistory, rt_history, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

enum
{
  PROP_0,
  PROP_EPOCH,
  PROP_OFFSET,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static GType
get_item_type (GListModel *model)
{
  return RT_TYPE_MESSAGE;
}

static guint
get_n_items (GListModel *model)
{
  return RT_HISTORY (model)->messages->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  RtHistory *self = RT_HISTORY (model);

  return position < self->messages->len ? g_object_ref (g_ptr_array_index (self->messages, position)) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void
rt_history_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  RtHistory *self = RT_HISTORY (object);

  switch (prop_id)
    {
    case PROP_EPOCH:
      g_value_set_string (value, self->epoch);
      break;
    case PROP_OFFSET:
      g_value_set_uint64 (value, self->offset);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
rt_history_finalize (GObject *object)
{
  RtHistory *self = RT_HISTORY (object);

  g_object_unref (self->channel);
  g_free (self->epoch);
  g_ptr_array_unref (self->messages);
  G_OBJECT_CLASS (rt_history_parent_class)->finalize (object);
}

static void
rt_history_class_init (RtHistoryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = rt_history_get_property;
  object_class->finalize = rt_history_finalize;

  /**
   * RtHistory:epoch: (getter get_epoch)
   *
   * The name of the stream that the messages' offsets count in.
   */
  properties[PROP_EPOCH]
    = g_param_spec_string ("epoch", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  /**
   * RtHistory:offset: (getter get_offset)
   *
   * The offset of the stream's newest message when the server answered.
   */
  properties[PROP_OFFSET] = g_param_spec_uint64 ("offset", NULL, NULL, 0, G_MAXUINT64, 0,
                                                 G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
rt_history_init (RtHistory *self)
{
  self->messages = g_ptr_array_new_with_free_func (g_object_unref);
}

/* Whether @message comes after what is there. It does not where two calls have asked for the same page. */
static gboolean
is_further (RtHistory *self, RtMessage *message)
{
  if (self->messages->len == 0)
    return TRUE;
  guint64 last = rt_message_get_offset (g_ptr_array_index (self->messages, self->messages->len - 1));
  guint64 offset = rt_message_get_offset (message);
  return self->reverse ? offset < last : offset > last;
}

/* Appends @page, which is taken. Returns how many messages it adds. */
static guint
append_page (RtHistory *self, RtHistoryPage *taken, gint limit)
{
  g_autoptr (RtHistoryPage) page = taken;
  guint position = self->messages->len;
  guint count = page->messages->len;

  g_free (self->epoch);
  self->epoch = g_steal_pointer (&page->epoch);
  self->offset = page->offset;
  self->complete = limit == 0 || count == 0 || (limit > 0 && count < (guint) limit);
  for (guint i = 0; i < count; i++)
    {
      RtMessage *message = g_ptr_array_index (page->messages, i);

      if (is_further (self, message))
        g_ptr_array_add (self->messages, g_object_ref (message));
    }
  guint added = self->messages->len - position;
  if (added > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), position, 0, added);
  return added;
}

RtHistory *
rt_history_new (RtChannel *channel, gint limit, gboolean reverse, RtHistoryPage *page)
{
  RtHistory *self = g_object_new (RT_TYPE_HISTORY, NULL);

  self->channel = g_object_ref (channel);
  self->limit = limit;
  self->reverse = reverse;
  append_page (self, page, limit);
  return self;
}

/**
 * rt_history_get_epoch: (get-property epoch)
 * @self: a history
 *
 * The name of the stream that the messages' offsets count in.
 *
 * Returns: (transfer none) (nullable): the epoch
 */
const char *
rt_history_get_epoch (RtHistory *self)
{
  g_return_val_if_fail (RT_IS_HISTORY (self), NULL);
  return self->epoch;
}

/**
 * rt_history_get_offset: (get-property offset)
 * @self: a history
 *
 * The offset of the stream's newest message when the server answered.
 *
 * Returns: the offset
 */
guint64
rt_history_get_offset (RtHistory *self)
{
  g_return_val_if_fail (RT_IS_HISTORY (self), 0);
  return self->offset;
}

/* --- Asking for a page --- */

static RtOp *
new_page_op (RtChannel *channel, gint limit, const char *epoch, guint64 offset, gboolean reverse)
{
  RtOp *op = rt_client_new_channel_op (RT_OP_HISTORY, rt_channel_get_name (channel), NULL);

  op->request.history.limit = limit;
  op->request.history.reverse = reverse;
  op->request.history.has_since = epoch != NULL;
  op->request.history.epoch = g_strdup (epoch);
  op->request.history.offset = offset;
  return op;
}

/* After the last message there is. Nothing is asked for where the first offset was reached backwards. */
static RtOp *
new_next_op (RtHistory *self)
{
  guint64 last = 0;

  if (self->messages->len > 0)
    last = rt_message_get_offset (g_ptr_array_index (self->messages, self->messages->len - 1));
  if (self->complete || self->epoch == NULL || (self->reverse && last <= 1))
    return NULL;
  return new_page_op (self->channel, self->limit < 0 ? PAGE : self->limit, self->epoch, last, self->reverse);
}

static RtOp *
new_first_op (RtChannel *channel, gint limit, RtPosition *since, gboolean reverse)
{
  return new_page_op (channel, limit, since != NULL ? rt_position_get_epoch (since) : NULL,
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

/* A page for @source_object by way of @inner_cb, which gets @task. */
static void
ask_page (RtChannel *channel, RtOp *op, gpointer tag, GCancellable *cancellable, GAsyncReadyCallback inner_cb, GTask *task)
{
  g_autoptr (RtClient) client = rt_channel_get_client (channel);

  if (client == NULL)
    {
      rt_op_unref (op);
      g_task_return_new_error (task, RT_ERROR, RT_ERROR_CLOSED, "The channel's client is gone");
      g_object_unref (task);
      return;
    }
  rt_client_call_async (client, channel, op, NULL, NULL, tag, cancellable, inner_cb, task);
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
  ask_page (self, new_first_op (self, limit, since, reverse), rt_channel_history_async, cancellable, first_page_cb,
            task);
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

static RtHistoryPage *
ask_page_sync (RtChannel *channel, RtOp *op, GCancellable *cancellable, GError **error)
{
  g_autoptr (RtClient) client = rt_channel_get_client (channel);

  if (client != NULL)
    return rt_client_call_sync (client, op, NULL, NULL, cancellable, error);
  rt_op_unref (op);
  g_set_error_literal (error, RT_ERROR, RT_ERROR_CLOSED, "The channel's client is gone");
  return NULL;
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
  RtHistoryPage *page = ask_page_sync (self, new_first_op (self, limit, since, reverse), cancellable, error);

  return page != NULL ? rt_history_new (self, limit, reverse, page) : NULL;
}

static gint
page_limit (RtHistory *self)
{
  return self->limit < 0 ? PAGE : self->limit;
}

static void
next_page_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  RtHistory *self = g_task_get_source_object (task);
  GError *error = NULL;
  RtHistoryPage *page = rt_client_call_finish (source, result, rt_history_load_more_async, &error);

  if (page == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_int (task, append_page (self, page, page_limit (self)));
}

/**
 * rt_history_load_more_async:
 * @self: a history
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (closure user_data): called in the caller's thread-default main context when it is done
 * @user_data: data for @callback
 *
 * Asks for the next page and appends it. To be called by one thread at a time, in the context that uses the model.
 */
void
rt_history_load_more_async (RtHistory *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (RT_IS_HISTORY (self));
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  RtOp *op = new_next_op (self);

  g_task_set_source_tag (task, rt_history_load_more_async);
  g_task_set_check_cancellable (task, FALSE);
  if (op != NULL)
    {
      ask_page (self->channel, op, rt_history_load_more_async, cancellable, next_page_cb, task);
      return;
    }
  g_task_return_int (task, 0);
  g_object_unref (task);
}

/**
 * rt_history_load_more_finish:
 * @self: a history
 * @result: the result given to the callback
 * @n_loaded: (out) (optional): return location for the number of messages that were appended; 0 at the end
 * @error: return location for an error, or %NULL
 *
 * Finishes [method@History.load_more_async].
 *
 * Returns: %TRUE if the server answered, or if there is no more
 */
gboolean
rt_history_load_more_finish (RtHistory *self, GAsyncResult *result, guint *n_loaded, GError **error)
{
  g_return_val_if_fail (RT_IS_HISTORY (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  gssize count = g_task_propagate_int (G_TASK (result), error);

  if (n_loaded != NULL)
    *n_loaded = count > 0 ? (guint) count : 0;
  return count >= 0;
}

/**
 * rt_history_load_more_sync:
 * @self: a history
 * @cancellable: (nullable): a cancellable, or %NULL
 * @n_loaded: (out) (optional): return location for the number of messages that were appended; 0 at the end
 * @error: return location for an error, or %NULL
 *
 * Asks for the next page, waits for it and appends it, see [method@History.load_more_async].
 *
 * Returns: %TRUE if the server answered, or if there is no more
 */
gboolean
rt_history_load_more_sync (RtHistory *self, GCancellable *cancellable, guint *n_loaded, GError **error)
{
  g_return_val_if_fail (RT_IS_HISTORY (self), FALSE);
  RtOp *op = new_next_op (self);
  RtHistoryPage *page = op != NULL ? ask_page_sync (self->channel, op, cancellable, error) : NULL;

  if (n_loaded != NULL)
    *n_loaded = 0;
  if (op == NULL)
    return TRUE;
  if (page == NULL)
    return FALSE;
  guint count = append_page (self, page, page_limit (self));
  if (n_loaded != NULL)
    *n_loaded = count;
  return TRUE;
}
