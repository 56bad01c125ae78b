/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-private.h"

#include "rt-error.h"

/* With no limit given, a page has as many messages as servers give at once. */
#define PAGE 300
/* How near to the end of the list somebody looks before more is loaded. */
#define AHEAD 10

/**
 * RtHistory:
 *
 * Messages that a channel's server has kept: a list model of [class@Message] that loads more on demand.
 *
 * It comes from [method@Channel.history_async], with the first page loaded. The items are in the order that was
 * asked for, oldest first or newest first, and every further page is appended: by [method@History.load_more_async], or,
 * with [property@History:auto-load], when somebody who shows the list has come near to its end.
 *
 * What a server keeps of byte streams ([class@Stream]) is not shown, though it counts in a page: the first one may have
 * fewer messages than were asked for, or none, and [property@History:has-more] says whether to go on.
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
  guint64 last;      /* the offset of the last one that was loaded, shown or not; 0 if there is none */
  gboolean complete; /* the last page was not full */

  gboolean auto_load;
  guint looked_at;    /* how many items up to the last that somebody has looked at */
  guint loading;      /* pages on their way */
  gboolean scheduled; /* one is to be asked for */
  gboolean had_more;  /* what was last told */
  GError *error;      /* nullable: of the last page */
};

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RtHistory, rt_history, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

enum
{
  PROP_0,
  PROP_EPOCH,
  PROP_OFFSET,
  PROP_HAS_MORE,
  PROP_LOADING,
  PROP_AUTO_LOAD,
  PROP_ERROR,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static void wish_for_more (RtHistory *self);

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

  if (position >= self->messages->len)
    return NULL;
  self->looked_at = MAX (self->looked_at, position + 1);
  if (self->auto_load)
    wish_for_more (self);
  return g_object_ref (g_ptr_array_index (self->messages, position));
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
    case PROP_HAS_MORE:
      g_value_set_boolean (value, rt_history_get_has_more (self));
      break;
    case PROP_LOADING:
      g_value_set_boolean (value, rt_history_get_loading (self));
      break;
    case PROP_AUTO_LOAD:
      g_value_set_boolean (value, self->auto_load);
      break;
    case PROP_ERROR:
      g_value_set_boxed (value, self->error);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
rt_history_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  if (prop_id == PROP_AUTO_LOAD)
    rt_history_set_auto_load (RT_HISTORY (object), g_value_get_boolean (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
rt_history_finalize (GObject *object)
{
  RtHistory *self = RT_HISTORY (object);

  g_object_unref (self->channel);
  g_free (self->epoch);
  g_clear_error (&self->error);
  g_ptr_array_unref (self->messages);
  G_OBJECT_CLASS (rt_history_parent_class)->finalize (object);
}

static void
install_loading_properties (void)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  /**
   * RtHistory:has-more: (getter get_has_more)
   *
   * Whether the server may have more messages than are loaded.
   */
  properties[PROP_HAS_MORE] = g_param_spec_boolean ("has-more", NULL, NULL, FALSE, flags);
  /**
   * RtHistory:loading: (getter get_loading)
   *
   * Whether a page is on its way.
   */
  properties[PROP_LOADING] = g_param_spec_boolean ("loading", NULL, NULL, FALSE, flags);
  /**
   * RtHistory:auto-load: (getter get_auto_load) (setter set_auto_load)
   *
   * Whether more is loaded when somebody looks at one of the last items.
   */
  properties[PROP_AUTO_LOAD] = g_param_spec_boolean (
    "auto-load", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * RtHistory:error: (getter get_error)
   *
   * Why the last page could not be loaded, or %NULL. As long as it is set nothing is loaded by itself.
   */
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, flags);
}

static void
rt_history_class_init (RtHistoryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = rt_history_get_property;
  object_class->set_property = rt_history_set_property;
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
  install_loading_properties ();
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
rt_history_init (RtHistory *self)
{
  self->messages = g_ptr_array_new_with_free_func (g_object_unref);
}

static void
tell_more (RtHistory *self)
{
  gboolean has_more = rt_history_get_has_more (self);

  if (self->had_more == has_more)
    return;
  self->had_more = has_more;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HAS_MORE]);
}

/* Whether what has this offset comes after what is there. It does not where two calls have asked for the same page. */
static gboolean
is_further (RtHistory *self, guint64 offset)
{
  if (self->last == 0 && self->messages->len == 0)
    return TRUE;
  return self->reverse ? offset < self->last : offset > self->last;
}

static void
add_messages (RtHistory *self, GPtrArray *messages)
{
  for (guint i = 0; i < messages->len; i++)
    {
      RtMessage *message = g_ptr_array_index (messages, i);

      if (!is_further (self, rt_message_get_offset (message)))
        continue;
      g_ptr_array_add (self->messages, g_object_ref (message));
      self->last = rt_message_get_offset (message);
    }
}

/* Appends @page, which is taken, and counts what it adds. Returns whether that is nothing, since there are only
 * parts of streams in it, and the next page is to be asked for. */
static gboolean
append_page (RtHistory *self, RtHistoryPage *taken, gint limit, guint *added)
{
  g_autoptr (RtHistoryPage) page = taken;
  guint position = self->messages->len;
  gboolean is_next = page->count > 0 && is_further (self, page->last);
  gboolean new_epoch = g_strcmp0 (self->epoch, page->epoch) != 0, new_offset = self->offset != page->offset;

  g_free (self->epoch);
  self->epoch = g_steal_pointer (&page->epoch);
  self->offset = page->offset;
  /* One that two calls have asked for says nothing new when it comes again. */
  if (is_next || page->count == 0)
    self->complete = limit == 0 || page->count == 0 || (limit > 0 && page->count < (guint) limit);
  add_messages (self, page->messages);
  if (is_next)
    self->last = page->last;
  *added = self->messages->len - position;
  if (*added > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), position, 0, *added);
  if (new_epoch)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_EPOCH]);
  if (new_offset)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_OFFSET]);
  tell_more (self);
  return is_next && *added == 0 && rt_history_get_has_more (self);
}

RtHistory *
rt_history_new (RtChannel *channel, gint limit, gboolean reverse, RtHistoryPage *page)
{
  RtHistory *self = g_object_new (RT_TYPE_HISTORY, NULL);
  guint added;

  self->channel = g_object_ref (channel);
  self->limit = limit;
  self->reverse = reverse;
  append_page (self, page, limit, &added);
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

/**
 * rt_history_get_has_more: (get-property has-more)
 * @self: a history
 *
 * Whether the server may have more messages than are loaded. It does not where a page was not full.
 *
 * Returns: %TRUE if so
 */
gboolean
rt_history_get_has_more (RtHistory *self)
{
  g_return_val_if_fail (RT_IS_HISTORY (self), FALSE);
  /* Backwards, nothing comes after the first offset. */
  return !self->complete && self->epoch != NULL && !(self->reverse && self->last <= 1);
}

/**
 * rt_history_get_loading: (get-property loading)
 * @self: a history
 *
 * Whether a page is on its way.
 *
 * Returns: %TRUE if so
 */
gboolean
rt_history_get_loading (RtHistory *self)
{
  g_return_val_if_fail (RT_IS_HISTORY (self), FALSE);
  return self->loading > 0;
}

/**
 * rt_history_get_error: (get-property error)
 * @self: a history
 *
 * Why the last page could not be loaded.
 *
 * Returns: (transfer none) (nullable): the error, or %NULL
 */
const GError *
rt_history_get_error (RtHistory *self)
{
  g_return_val_if_fail (RT_IS_HISTORY (self), NULL);
  return self->error;
}

/**
 * rt_history_get_auto_load: (get-property auto-load)
 * @self: a history
 *
 * Whether more is loaded when somebody looks at one of the last items.
 *
 * Returns: %TRUE if so
 */
gboolean
rt_history_get_auto_load (RtHistory *self)
{
  g_return_val_if_fail (RT_IS_HISTORY (self), FALSE);
  return self->auto_load;
}

/**
 * rt_history_set_auto_load: (set-property auto-load)
 * @self: a history
 * @auto_load: whether to
 *
 * Sets whether more is loaded when somebody looks at one of the last items, as a list view does that is scrolled. The
 * next page comes later and in the client's context, in which the list is then to be used. After an error nothing is
 * loaded by itself until [method@History.load_more_async] has succeeded.
 */
void
rt_history_set_auto_load (RtHistory *self, gboolean auto_load)
{
  g_return_if_fail (RT_IS_HISTORY (self));
  auto_load = !!auto_load;
  if (self->auto_load == auto_load)
    return;
  self->auto_load = auto_load;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_AUTO_LOAD]);
  if (auto_load)
    wish_for_more (self);
}

/* --- Further pages --- */

static gint
page_limit (RtHistory *self)
{
  return self->limit < 0 ? PAGE : self->limit;
}

static RtOp *
new_next_op (RtHistory *self)
{
  if (!rt_history_get_has_more (self))
    return NULL;
  return rt_history_new_page_op (self->channel, page_limit (self), self->epoch, self->last, self->reverse);
}

static void
begin_loading (RtHistory *self)
{
  if (self->loading++ == 0)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOADING]);
}

static void
end_loading (RtHistory *self, const GError *error)
{
  gboolean changed = self->error != NULL || error != NULL;

  g_clear_error (&self->error);
  if (error != NULL)
    self->error = g_error_copy (error);
  if (changed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
  if (--self->loading > 0)
    return;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOADING]);
  /* A view may look at the last of the new items as soon as it is told of them, and not again. */
  if (self->auto_load)
    wish_for_more (self);
}

/* Not at once, since whoever looks at an item must not be told of new ones meanwhile. */
static void
auto_load (RtClient *client, gpointer data)
{
  RtHistory *self = data;
  g_autoptr (GMainContextPusher) pusher = g_main_context_pusher_new (rt_client_get_context (client));

  self->scheduled = FALSE;
  if (self->auto_load && self->loading == 0)
    rt_history_load_more_async (self, NULL, NULL, NULL);
}

/* At a list in which there is nothing nobody can look. */
static void
wish_for_more (RtHistory *self)
{
  if ((self->looked_at == 0 && self->messages->len > 0) || self->looked_at + AHEAD <= self->messages->len
      || self->scheduled || self->loading > 0 || self->error != NULL || !rt_history_get_has_more (self))
    return;
  g_autoptr (RtClient) client = rt_channel_get_client (self->channel);
  if (client == NULL)
    return;
  self->scheduled = TRUE;
  rt_client_run_later (client, auto_load, g_object_ref (self), g_object_unref);
}

static gboolean ask_for_next (RtHistory *self, RtOp *op, GTask *task);

static void
next_page_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  RtHistory *self = g_task_get_source_object (task);
  GError *error = NULL;
  RtHistoryPage *page = rt_client_call_finish (source, result, rt_history_load_more_async, &error);
  guint added = 0;
  gboolean goes_on = page != NULL && append_page (self, page, page_limit (self), &added);
  RtOp *next = goes_on ? new_next_op (self) : NULL;

  if (next != NULL)
    {
      /* The call is in the context that it was begun in, whichever is the default one here. */
      g_autoptr (GMainContextPusher) pusher = g_main_context_pusher_new (g_task_get_context (task));

      if (!ask_for_next (self, next, g_object_ref (task)))
        end_loading (self, NULL);
      return;
    }
  end_loading (self, g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ? NULL : error);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_int (task, added);
}

/* Takes @op and @task. FALSE: the client is gone, which @task says. */
static gboolean
ask_for_next (RtHistory *self, RtOp *op, GTask *task)
{
  return rt_history_ask_page (self->channel, op, rt_history_load_more_async, g_task_get_cancellable (task),
                              next_page_cb, task);
}

/**
 * rt_history_load_more_async:
 * @self: a history
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (closure user_data): called in the caller's thread-default main context when it is done
 * @user_data: data for @callback
 *
 * Asks for the next page and appends it, and for those behind it as long as there is nothing in them but what was kept
 * of byte streams. To be called by one thread at a time, in the context that uses the model.
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
      if (ask_for_next (self, op, task))
        begin_loading (self);
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
 * Asks for the next page, waits for it and appends it, see [method@History.load_more_async]. The list is changed by the
 * thread that calls this, before it returns: call it in the context that uses the model, and not from another thread
 * where somebody shows or looks at it.
 *
 * Returns: %TRUE if the server answered, or if there is no more
 */
gboolean
rt_history_load_more_sync (RtHistory *self, GCancellable *cancellable, guint *n_loaded, GError **error)
{
  guint added = 0;
  gboolean goes_on = TRUE;
  RtOp *op;

  g_return_val_if_fail (RT_IS_HISTORY (self), FALSE);
  if (n_loaded != NULL)
    *n_loaded = 0;
  while (goes_on && (op = new_next_op (self)) != NULL)
    {
      RtHistoryPage *page = rt_history_ask_page_sync (self->channel, op, cancellable, error);
      if (page == NULL)
        return FALSE;
      goes_on = append_page (self, page, page_limit (self), &added);
    }
  if (n_loaded != NULL)
    *n_loaded = added;
  return TRUE;
}
