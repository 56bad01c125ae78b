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

/* A few words for the I/O half. */
typedef struct
{
  RtHandoverItem item;
  int value; /* whether the network is there; the place of a route */
} WordItem;

typedef struct
{
  RtHandoverItem item;
  RtTokenRequest *request;
  char *token;
  GError *error;
} TokenItem;

/* --- The queue down --- */

static void
take_ending (RtConnection *self, RtOp *op)
{
  g_autoptr (RtOp) held = rt_op_ref (op);

  if (op->kind == RT_OP_RESET)
    rt_connection_reset_op (self, op);
  else
    rt_connection_end_op (self, op);
  /* That it was cancelled may have come down before it. */
  if (g_atomic_int_get (&held->cancelled))
    rt_connection_cancel_op (self, held);
}

static void
take_op (RtConnection *self, RtOp *op)
{
  if (g_atomic_int_get (&op->cancelled) && op->kind != RT_OP_LEAVE && !op->stands)
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
    case RT_OP_RESET:
      take_ending (self, op);
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
      rt_connection_publish_op (self, op);
      break;
    case RT_OP_RPC:
    case RT_OP_HISTORY:
    case RT_OP_PRESENCE:
    case RT_OP_PRESENCE_STATS:
      rt_connection_request_op (self, op);
      break;
    case RT_OP_NOTIFY:
      rt_connection_notify_op (self, op);
      break;
    case RT_OP_SUBSCRIBE:
    case RT_OP_UNSUBSCRIBE:
    case RT_OP_GREETING:
    case RT_OP_REFRESH:
    case RT_OP_SUB_REFRESH:
    default:
      g_assert_not_reached ();
    }
}

static void
free_timers (RtConnection *self)
{
  RtTimer **timers[] = {
    &self->open_timer,  &self->line_timer,    &self->reply_timer, &self->end_timer,    &self->pause_timer,
    &self->retry_timer, &self->suspend_timer, &self->probe_timer, &self->expiry_timer, &self->due_timer,
    &self->pace_timer,
  };

  for (guint i = 0; i < G_N_ELEMENTS (timers); i++)
    g_clear_pointer (timers[i], rt_timer_free);
  g_clear_pointer (&self->wake, rt_wake_free);
}

static void
stop (RtConnection *self)
{
  g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_CLOSED, "The client is gone");

  self->stopped = TRUE;
  self->wanted = FALSE;
  self->phase = RT_PHASE_IDLE;
  rt_connection_complete_all (self, self->connects, error);
  rt_connection_fail_sends (self, error);
  rt_connection_fail_requests (self, error);
  rt_connection_channels_lost (self, TRUE, error);
  rt_connection_complete_all (self, self->ends, NULL);
  rt_connection_flush_batch (self);
  if (self->transport != NULL)
    self->transport_class->free (g_steal_pointer (&self->transport));
  free_timers (self);
  rt_send_queue_clear (&self->sends.queue);
  g_clear_pointer (&self->round.order, g_free);
  g_clear_error (&self->round.error);
  g_clear_pointer (&self->tokens.value, g_free);
  g_clear_pointer (&self->settings, rt_settings_unref);
  rt_handover_close (self->down);
}

static void
token_item_free (TokenItem *item)
{
  g_clear_pointer (&item->request, rt_token_request_free);
  g_clear_error (&item->error);
  g_free (item->token);
  g_free (item);
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
    case RT_ITEM_RETRY:
      g_free (item);
      rt_connection_kick (self, TRUE);
      break;
    case RT_ITEM_NETWORK:
      if (((WordItem *) item)->value)
        rt_connection_kick (self, FALSE);
      g_free (item);
      break;
    case RT_ITEM_ROUTE:
      rt_connection_choose_route (self, ((WordItem *) item)->value);
      g_free (item);
      break;
    case RT_ITEM_TOKEN:
      rt_connection_token_given (self, g_steal_pointer (&((TokenItem *) item)->request),
                                 g_steal_pointer (&((TokenItem *) item)->token),
                                 g_steal_pointer (&((TokenItem *) item)->error));
      token_item_free ((TokenItem *) item);
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
    case RT_ITEM_TOKEN:
      token_item_free ((TokenItem *) item);
      break;
    case RT_ITEM_ROOM:
    case RT_ITEM_STOP:
    case RT_ITEM_RETRY:
    case RT_ITEM_NETWORK:
    case RT_ITEM_ROUTE:
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
  rt_connection_status_clear (&self->status);
  g_mutex_clear (&self->lock);
  rt_op_pool_clear (&self->spares);
  if (self->destroy != NULL)
    self->destroy (self->user_data);
  g_free (self);
}

static void
make_timers (RtConnection *self, GMainContext *context)
{
  self->open_timer = rt_timer_new (context, "[realtime] connect timeout", rt_connection_open_expired, self);
  self->line_timer = rt_timer_new (context, "[realtime] heartbeat", rt_connection_line_expired, self);
  self->reply_timer = rt_timer_new (context, "[realtime] request timeout", rt_connection_reply_expired, self);
  self->end_timer = rt_timer_new (context, "[realtime] shutdown timeout", rt_connection_end_expired, self);
  self->pause_timer = rt_timer_new (context, "[realtime] reading paused", rt_connection_pause_expired, self);
  self->retry_timer = rt_timer_new (context, "[realtime] next attempt", rt_connection_retry_expired, self);
  self->suspend_timer = rt_timer_new (context, "[realtime] suspend timeout", rt_connection_suspend_expired, self);
  self->probe_timer = rt_timer_new (context, "[realtime] probe", rt_connection_probe_expired, self);
  self->expiry_timer = rt_timer_new (context, "[realtime] time to live", rt_connection_expiry_expired, self);
  self->due_timer = rt_timer_new (context, "[realtime] tokens", rt_connection_due_expired, self);
  self->pace_timer = rt_timer_new (context, "[realtime] rate limit", rt_connection_pace_expired, self);
}

static void
take_settings (RtConnection *self, RtSettings *settings)
{
  guint64 seed = (guint64) g_random_int () << 32 | g_random_int ();

  self->settings = rt_settings_ref (settings);
  self->receive_limit = (gint) settings->receive_queue_limit;
  self->receive_bytes = (gint) settings->receive_queue_bytes;
  rt_backoff_init (&self->backoff, settings->reconnect_delay, settings->max_reconnect_delay, seed);
  rt_send_queue_init (&self->sends.queue, settings->send_queue_limit, settings->send_queue_bytes);
  rt_connection_init_pace (self);
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
  self->events = events;
  self->user_data = user_data;
  self->destroy = destroy;
  self->codec = rt_codec_json ();
  if (settings != NULL)
    take_settings (self, settings);
  else
    rt_send_queue_init (&self->sends.queue, 0, 0);
  self->state = self->status.state = RT_CONNECTION_STATE_DISCONNECTED;
  self->status.reason = g_strdup ("");
  self->forced_route = -1;
  self->server_lead = RT_NO_SERVER_TIME;
  g_mutex_init (&self->lock);
  rt_op_pool_init (&self->spares);
  rt_replies_init (&self->replies);
  self->subs = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) rt_sub_unref);
  self->connects = g_ptr_array_new ();
  self->ends = g_ptr_array_new ();
  make_timers (self, context);
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

static void
push_word (RtConnection *self, RtItemKind kind, int value)
{
  WordItem *item = g_new0 (WordItem, 1);

  item->item.kind = kind;
  item->value = value;
  rt_handover_push (self->down, &item->item);
}

void
rt_connection_retry_now (RtConnection *self)
{
  push_plain (self, RT_ITEM_RETRY);
}

void
rt_connection_network_changed (RtConnection *self, gboolean available)
{
  push_word (self, RT_ITEM_NETWORK, available);
}

gboolean
rt_connection_use_route (RtConnection *self, const char *name)
{
  int route = name != NULL ? rt_routes_find (self->routes, name) : -1;

  if (name != NULL && route < 0)
    return FALSE;
  push_word (self, RT_ITEM_ROUTE, route);
  return TRUE;
}

void
rt_token_request_free (RtTokenRequest *request)
{
  g_clear_pointer (&request->sub, rt_sub_unref);
  g_free (request);
}

void
rt_connection_give_token (RtConnection *self, RtTokenRequest *request, char *token, GError *error)
{
  TokenItem *item = g_new0 (TokenItem, 1);

  item->item.kind = RT_ITEM_TOKEN;
  item->request = request;
  item->token = token;
  item->error = error;
  rt_handover_push (self->down, &item->item);
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
  rt_connection_unreserve (self, bytes);
  g_set_error (error, RT_ERROR, RT_ERROR_QUEUE_FULL,
               "%d messages of %d bytes wait for the server's answer, which is the limit; send again when some are answered",
               sends, total);
  return FALSE;
}

void
rt_connection_unreserve (RtConnection *self, gsize bytes)
{
  g_atomic_int_add (&self->unanswered_sends, -1);
  g_atomic_int_add (&self->unanswered_bytes, -(gint) bytes);
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

gint64
rt_connection_get_activity (RtConnection *self)
{
  return self->last_activity;
}

const char *
rt_connection_get_transport (RtConnection *self)
{
  if (rt_connection_get_state (self) != RT_CONNECTION_STATE_CONNECTED)
    return NULL;
  return self->routes->items[g_atomic_int_get (&self->shown_route)].name;
}

void
rt_connection_get_status (RtConnection *self, RtConnectionStatus *status)
{
  g_mutex_lock (&self->lock);
  *status = self->status;
  status->reason = g_strdup (self->status.reason);
  g_mutex_unlock (&self->lock);
  g_atomic_int_set (&self->depth_told, FALSE);
  status->queued_messages = (guint) g_atomic_int_get (&self->queued_messages);
  status->queued_bytes = (guint) g_atomic_int_get (&self->queued_bytes);
}

void
rt_connection_status_clear (RtConnectionStatus *status)
{
  g_clear_pointer (&status->reason, g_free);
}
