/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-connection-private.h"

#include <string.h>
#include "rt-error.h"
#include "rt-io-thread.h"

/* Items from the program per turn of the I/O loop, so that sockets and timers get theirs. */
#define DOWN_BUDGET 1024
/* What may be sent and unanswered. */
#define MAX_UNANSWERED_SENDS 16384
#define MAX_UNANSWERED_BYTES (8 * 1024 * 1024)

typedef struct
{
  RtHandoverItem item;
  RtOp *op;
} CancelItem;

/* --- Telling the app half --- */

void
rt_connection_flush_batch (RtConnection *self)
{
  RtBatch *batch = g_steal_pointer (&self->batch);

  if (batch == NULL)
    return;
  if (batch->n_entries == 0 || self->stopped)
    {
      rt_batch_free (batch);
      return;
    }
  g_atomic_int_add (&self->up_messages, (gint) batch->n_entries);
  g_atomic_int_add (&self->up_bytes, (gint) batch->bytes);
  self->events->batch (self->user_data, batch);
}

gint64
rt_connection_now (RtConnection *self)
{
  if (self->turn_time == 0)
    self->turn_time = rt_clock_now ();
  return self->turn_time;
}

static gsize
size_of (const char *text)
{
  return text != NULL ? strlen (text) : 0;
}

void
rt_connection_send_news (RtConnection *self, RtNews *news)
{
  if (self->stopped)
    {
      rt_news_free (news);
      return;
    }
  rt_connection_flush_batch (self);
  news->bytes = size_of (news->text) + size_of (news->user) + size_of (news->client) + size_of (news->info);
  g_atomic_int_inc (&self->up_messages);
  g_atomic_int_add (&self->up_bytes, (gint) news->bytes);
  self->events->news (self->user_data, news);
}

void
rt_connection_send_error (RtConnection *self, const GError *error)
{
  RtNews *news = rt_news_new (RT_NEWS_ERROR, NULL);

  news->error = g_error_copy (error);
  rt_connection_send_news (self, news);
}

/* Nobody waits for @op. That it failed is still told. */
static void
end_unwanted (RtConnection *self, RtOp *op)
{
  if (op->kind != RT_OP_PUBLISH)
    {
      rt_op_unref (op);
      return;
    }
  if (op->error != NULL && !self->stopped)
    rt_connection_send_error (self, op->error);
  rt_op_pool_put (&self->spares, op);
}

void
rt_connection_complete (RtConnection *self, RtOp *op, GError *error)
{
  op->error = error;
  if (op->kind == RT_OP_PUBLISH)
    {
      g_atomic_int_add (&self->unanswered_sends, -1);
      g_atomic_int_add (&self->unanswered_bytes, -(gint) op->data_len);
    }
  if (op->waiter != NULL)
    {
      /* The waiting thread holds a reference of its own. */
      rt_waiter_wake (op->waiter);
      rt_op_unref (op);
      return;
    }
  if (!op->wants_result)
    {
      end_unwanted (self, op);
      return;
    }
  /* After what came before it on the line. A stopped connection may be dropping it in another thread. */
  if (!self->stopped)
    rt_connection_flush_batch (self);
  self->events->result (self->user_data, op);
}

void
rt_connection_complete_all (RtConnection *self, GPtrArray *ops, const GError *error)
{
  /* Completing may not find itself in the list again. */
  g_autoptr (GPtrArray) all = g_ptr_array_new ();

  g_ptr_array_extend_and_steal (all, g_ptr_array_ref (ops));
  for (guint i = 0; i < all->len; i++)
    rt_connection_complete (self, g_ptr_array_index (all, i), error != NULL ? g_error_copy (error) : NULL);
}

void
rt_connection_set_state (RtConnection *self, RtConnectionState state)
{
  if ((RtConnectionState) g_atomic_int_get (&self->state) == state)
    return;
  g_atomic_int_set (&self->state, (gint) state);
  rt_connection_send_news (self, rt_news_new (RT_NEWS_STATE, NULL));
}

GError *
rt_connection_refusal (RtConnection *self)
{
  switch ((RtConnectionState) g_atomic_int_get (&self->state))
    {
    case RT_CONNECTION_STATE_CLOSING:
    case RT_CONNECTION_STATE_CLOSED:
      return g_error_new_literal (RT_ERROR, RT_ERROR_CLOSED, "The client was closed; make a new one");
    case RT_CONNECTION_STATE_FAILED:
      if (self->failure != NULL)
        return g_error_copy (self->failure);
      G_GNUC_FALLTHROUGH;
    case RT_CONNECTION_STATE_DISCONNECTED:
    case RT_CONNECTION_STATE_CONNECTING:
    case RT_CONNECTION_STATE_CONNECTED:
    case RT_CONNECTION_STATE_RECONNECTING:
    case RT_CONNECTION_STATE_SUSPENDED:
    default:
      return g_error_new_literal (RT_ERROR, RT_ERROR_NOT_CONNECTED, "Not connected; call connect first");
    }
}

/* --- The queue down --- */

static void
take_op (RtConnection *self, RtOp *op)
{
  if (g_atomic_int_get (&op->cancelled) && op->kind != RT_OP_LEAVE)
    {
      rt_connection_complete (self, op, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                                             "The call was cancelled"));
      return;
    }
  switch (op->kind)
    {
    case RT_OP_CONNECT:
      rt_connection_connect_op (self, op);
      break;
    case RT_OP_DISCONNECT:
    case RT_OP_CLOSE:
      rt_connection_end_op (self, op);
      break;
    case RT_OP_JOIN:
      rt_connection_join_op (self, op);
      break;
    case RT_OP_LEAVE:
      rt_connection_leave_op (self, op);
      break;
    case RT_OP_PING:
      rt_connection_ping_op (self, op);
      break;
    case RT_OP_PUBLISH:
    case RT_OP_RPC:
    case RT_OP_HISTORY:
    case RT_OP_PRESENCE:
    case RT_OP_PRESENCE_STATS:
      rt_connection_request_op (self, op);
      break;
    case RT_OP_SUBSCRIBE:
    case RT_OP_UNSUBSCRIBE:
    case RT_OP_GREETING:
    default:
      g_assert_not_reached ();
    }
}

static void
stop (RtConnection *self)
{
  g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_CLOSED, "The client is gone");

  self->stopped = TRUE;
  rt_connection_complete_all (self, self->connects, error);
  rt_connection_fail_requests (self, error);
  rt_connection_channels_lost (self, TRUE, error);
  rt_connection_complete_all (self, self->ends, NULL);
  rt_connection_flush_batch (self);
  if (self->transport != NULL)
    self->transport_class->free (g_steal_pointer (&self->transport));
  g_clear_pointer (&self->open_timer, rt_timer_free);
  g_clear_pointer (&self->line_timer, rt_timer_free);
  g_clear_pointer (&self->reply_timer, rt_timer_free);
  g_clear_pointer (&self->end_timer, rt_timer_free);
  g_clear_pointer (&self->pause_timer, rt_timer_free);
  g_clear_pointer (&self->settings, rt_settings_unref);
  rt_handover_close (self->down);
}

static gboolean
down_handle (RtHandoverItem *item, guint *budget, gpointer user_data)
{
  RtConnection *self = user_data;

  (*budget)--;
  switch ((RtItemKind) item->kind)
    {
    case RT_ITEM_OP:
      take_op (self, (RtOp *) item);
      break;
    case RT_ITEM_CANCEL:
      rt_connection_cancel_op (self, ((CancelItem *) item)->op);
      rt_op_unref (((CancelItem *) item)->op);
      g_free (item);
      break;
    case RT_ITEM_ROOM:
      g_free (item);
      rt_connection_has_room (self);
      break;
    case RT_ITEM_STOP:
      g_free (item);
      stop (self);
      break;
    case RT_ITEM_NEWS:
    case RT_ITEM_BATCH:
    default:
      g_assert_not_reached ();
    }
  return TRUE;
}

static void
down_turn_end (gpointer user_data)
{
  RtConnection *self = user_data;

  if (!self->stopped)
    rt_connection_send_out (self);
}

/* What comes after STOP. Whoever waits for an op still learns that it has ended. */
static void
down_drop (RtHandoverItem *item, gpointer user_data)
{
  RtConnection *self = user_data;

  switch ((RtItemKind) item->kind)
    {
    case RT_ITEM_OP:
      rt_connection_complete (self, (RtOp *) item,
                              g_error_new_literal (RT_ERROR, RT_ERROR_CLOSED, "The client is gone"));
      break;
    case RT_ITEM_CANCEL:
      rt_op_unref (((CancelItem *) item)->op);
      g_free (item);
      break;
    case RT_ITEM_ROOM:
    case RT_ITEM_STOP:
    case RT_ITEM_NEWS:
    case RT_ITEM_BATCH:
    default:
      g_free (item);
    }
}

static const RtHandoverClass down_class = {
  .name = "[realtime] commands",
  .priority = G_PRIORITY_DEFAULT,
  .budget = DOWN_BUDGET,
  .handle = down_handle,
  .turn_end = down_turn_end,
  .drop = down_drop,
};

static void
push_plain (RtConnection *self, RtItemKind kind)
{
  RtHandoverItem *item = g_new0 (RtHandoverItem, 1);

  item->kind = kind;
  rt_handover_push (self->down, item);
}

/* --- Construction --- */

static void
finalize (gpointer user_data)
{
  RtConnection *self = user_data;

  g_assert (self->transport == NULL);
  rt_decoder_clear (&self->decoder);
  rt_block_clear (&self->block);
  rt_buffer_clear (&self->out);
  rt_replies_clear (&self->replies);
  g_hash_table_unref (self->subs);
  rt_routes_unref (self->routes);
  g_ptr_array_unref (self->connects);
  g_ptr_array_unref (self->ends);
  g_clear_error (&self->failure);
  g_clear_error (&self->line_error);
  g_free (self->pushed_reason);
  g_clear_pointer (&self->settings, rt_settings_unref);
  g_free (self->client_id);
  g_mutex_clear (&self->lock);
  rt_op_pool_clear (&self->spares);
  if (self->destroy != NULL)
    self->destroy (self->user_data);
  g_free (self);
}

RtConnection *
rt_connection_new (RtSettings *settings,
                   RtRoutes *routes,
                   gboolean asks_token,
                   const RtConnectionEvents *events,
                   gpointer user_data,
                   GDestroyNotify destroy)
{
  RtConnection *self = g_new0 (RtConnection, 1);
  GMainContext *context = rt_io_thread_get_context ();

  g_atomic_ref_count_init (&self->refs);
  self->routes = rt_routes_ref (routes);
  self->asks_token = asks_token;
  self->transport_class = routes->items[0].klass;
  self->events = events;
  self->user_data = user_data;
  self->destroy = destroy;
  self->codec = rt_codec_json ();
  if (settings != NULL)
    {
      self->settings = rt_settings_ref (settings);
      self->receive_limit = (gint) settings->receive_queue_limit;
      self->receive_bytes = (gint) settings->receive_queue_bytes;
    }
  self->state = RT_CONNECTION_STATE_DISCONNECTED;
  g_mutex_init (&self->lock);
  rt_op_pool_init (&self->spares);
  rt_replies_init (&self->replies);
  self->subs = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) rt_sub_unref);
  self->connects = g_ptr_array_new ();
  self->ends = g_ptr_array_new ();
  self->open_timer = rt_timer_new (context, "[realtime] connect timeout", rt_connection_open_expired, self);
  self->line_timer = rt_timer_new (context, "[realtime] heartbeat", rt_connection_line_expired, self);
  self->reply_timer = rt_timer_new (context, "[realtime] request timeout", rt_connection_reply_expired, self);
  self->end_timer = rt_timer_new (context, "[realtime] shutdown timeout", rt_connection_end_expired, self);
  self->pause_timer = rt_timer_new (context, "[realtime] reading paused", rt_connection_pause_expired, self);
  /* The queue, and with it the I/O half, lives until STOP has been handled. */
  self->down = rt_handover_new (context, &down_class, self, finalize);
  return self;
}

RtConnection *
rt_connection_ref (RtConnection *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

/* The queue's own references keep the memory; these references keep it going. */
void
rt_connection_unref (RtConnection *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  rt_connection_stop (self);
  rt_handover_unref (self->down);
}

/* --- Any thread --- */

void
rt_connection_submit (RtConnection *self, RtOp *op)
{
  rt_handover_push (self->down, &op->item);
}

void
rt_connection_cancel (RtConnection *self, RtOp *op)
{
  CancelItem *item = g_new0 (CancelItem, 1);

  g_atomic_int_set (&op->cancelled, TRUE);
  item->item.kind = RT_ITEM_CANCEL;
  item->op = rt_op_ref (op);
  rt_handover_push (self->down, &item->item);
}

void
rt_connection_stop (RtConnection *self)
{
  push_plain (self, RT_ITEM_STOP);
}

RtOp *
rt_connection_new_publish (RtConnection *self, RtBuffer *block)
{
  return rt_op_pool_take (&self->spares, block);
}

gboolean
rt_connection_reserve (RtConnection *self, gsize bytes, GError **error)
{
  gint sends = g_atomic_int_add (&self->unanswered_sends, 1);
  gint total = g_atomic_int_add (&self->unanswered_bytes, (gint) bytes);

  if (sends < MAX_UNANSWERED_SENDS && (total == 0 || (gsize) total + bytes <= MAX_UNANSWERED_BYTES))
    return TRUE;
  g_atomic_int_add (&self->unanswered_sends, -1);
  g_atomic_int_add (&self->unanswered_bytes, -(gint) bytes);
  g_set_error (error, RT_ERROR, RT_ERROR_QUEUE_FULL,
               "%d messages of %d bytes wait for the server's answer, which is the limit; send again when some are answered",
               sends, total);
  return FALSE;
}

void
rt_connection_taken (RtConnection *self, guint messages, gsize bytes)
{
  gint left = g_atomic_int_add (&self->up_messages, -(gint) messages) - (gint) messages;
  gint left_bytes = g_atomic_int_add (&self->up_bytes, -(gint) bytes) - (gint) bytes;

  if (left <= self->receive_limit / 2 && left_bytes <= self->receive_bytes / 2
      && g_atomic_int_compare_and_exchange (&self->wants_room, TRUE, FALSE))
    push_plain (self, RT_ITEM_ROOM);
}

RtConnectionState
rt_connection_get_state (RtConnection *self)
{
  return (RtConnectionState) g_atomic_int_get (&self->state);
}

char *
rt_connection_dup_client_id (RtConnection *self)
{
  g_mutex_lock (&self->lock);
  char *id = g_strdup (self->client_id);
  g_mutex_unlock (&self->lock);
  return id;
}

const char *
rt_connection_get_transport (RtConnection *self)
{
  return rt_connection_get_state (self) == RT_CONNECTION_STATE_CONNECTED ? self->transport_class->name : NULL;
}
