/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-strategy-adapter-private.h"

#include "rt-error.h"
#include "rt-ws-codec.h"

#define DOWN_BUDGET 64

/* A strategy is told of one connection at a time, and has to say that one is over before it is asked for the next:
 * its signals do not tell of which connection they are. */
typedef enum
{
  STATE_IDLE,
  STATE_CONNECTING,
  STATE_OPEN,
  STATE_CLOSING, /* to be disconnected when all frames are sent */
  STATE_ENDING,  /* asked to disconnect */
} State;

/* Freed with the last reference on the queue down; used in the context only. */
struct _RtStrategyAdapter
{
  RtHandover *down;
  GMainContext *context; /* thread-default while the strategy is called, for what it begins there */

  char *name;
  RtConnectionStrategy *strategy; /* NULL once released */
  gulong received_id;
  gulong closed_id;

  State state;
  RtHandover *up;   /* of the connection that somebody wants to know of, or NULL */
  RtHandover *next; /* of the one that is asked for while the earlier one ends, or NULL */
  GCancellable *cancellable; /* of connecting */
  GQueue frames;    /* of GBytes, not yet given to the strategy */
  gboolean sending; /* one is with the strategy */
  gboolean early_close; /* the strategy said closed before it said connected */
  guint early_code;
  char *early_reason;
  gboolean owes_closed; /* a connection was disconnected, and closed was not emitted for it */
};

/* One call to the strategy. */
typedef struct
{
  RtStrategyAdapter *self;
  RtHandover *down; /* keeps self */
  RtHandover *up;   /* of which connection */
  gsize size;       /* of the frame */
} Call;

static void go_on (RtStrategyAdapter *self);

static GQuark
user_quark (void)
{
  return g_quark_from_static_string ("rt-strategy-adapter");
}

static Call *
call_new (RtStrategyAdapter *self)
{
  Call *call = g_new0 (Call, 1);

  call->self = self;
  call->down = rt_handover_ref (self->down);
  call->up = self->up != NULL ? rt_handover_ref (self->up) : NULL;
  return call;
}

static void
call_free (Call *call)
{
  g_clear_pointer (&call->up, rt_handover_unref);
  rt_handover_unref (call->down);
  g_free (call);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, call_free)

/* --- Reports to the I/O thread --- */

/* The last report of a connection. Takes @item. */
static void
report_end (RtStrategyAdapter *self, RtStrategyItem *item)
{
  g_autoptr (RtHandover) up = g_steal_pointer (&self->up);

  if (up != NULL)
    rt_handover_push (up, &item->base);
  else
    rt_strategy_item_free (item);
}

static void
report_closed (RtStrategyAdapter *self, guint code, const char *reason)
{
  RtStrategyItem *item = rt_strategy_item_new (RT_STRATEGY_ENDED, NULL);

  item->code = code;
  item->reason = g_utf8_make_valid (reason != NULL ? reason : "", -1);
  item->clean = code != RT_WS_CLOSE_ABNORMAL;
  if (!item->clean)
    {
      const char *colon = *item->reason != '\0' ? ": " : "";
      item->error = g_error_new (RT_ERROR, RT_ERROR_NETWORK, "The strategy “%s” has lost its connection%s%s",
                                 self->name, colon, item->reason);
    }
  report_end (self, item);
}

/* @cause is the strategy's own, which may be of any domain. */
static void
report_failure (RtStrategyAdapter *self, const char *what, const GError *cause)
{
  RtStrategyItem *item = rt_strategy_item_new (RT_STRATEGY_ENDED, NULL);

  item->code = RT_WS_CLOSE_ABNORMAL;
  item->error = g_error_new (RT_ERROR, cause->domain == RT_ERROR ? cause->code : RT_ERROR_NETWORK,
                             "The strategy “%s” could not %s: %s", self->name, what, cause->message);
  item->tls_refused = g_error_matches (cause, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE);
  /* As if an upgrade had been refused, which is how the built-in strategies learn of it. */
  if (g_error_matches (cause, RT_ERROR, RT_ERROR_UNAUTHORIZED))
    item->http_status = 401;
  else if (g_error_matches (cause, RT_ERROR, RT_ERROR_PERMISSION_DENIED))
    item->http_status = 403;
  report_end (self, item);
}

/* --- Ending --- */

static void
clear_frames (RtStrategyAdapter *self)
{
  GBytes *frame;

  while ((frame = g_queue_pop_head (&self->frames)) != NULL)
    g_bytes_unref (frame);
}

static gboolean
is_running (RtStrategyAdapter *self)
{
  return self->state == STATE_OPEN || self->state == STATE_CLOSING;
}

/* The strategy has no connection any more. */
static void
become_idle (RtStrategyAdapter *self)
{
  self->state = STATE_IDLE;
  clear_frames (self);
  g_object_replace_qdata (G_OBJECT (self->strategy), user_quark (), self, NULL, NULL, NULL);
  go_on (self);
}

static void
disconnected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Call) call = user_data;
  RtStrategyAdapter *self = call->self;
  RtStrategyItem *item = rt_strategy_item_new (RT_STRATEGY_ENDED, NULL);

  /* One that cannot disconnect will refuse the next connection, and say why. */
  item->clean = rt_connection_strategy_disconnect_finish (RT_CONNECTION_STRATEGY (source), result, NULL);
  if (self->strategy == NULL || self->state != STATE_ENDING)
    {
      rt_strategy_item_free (item);
      return;
    }
  report_end (self, item);
  become_idle (self);
}

/* What was asked for is reported once it is done, if somebody still wants to know. The strategy's own code runs
 * inside, as everywhere that one of its functions is called, and may run a loop in which anything is handled. */
static void
disconnect_strategy (RtStrategyAdapter *self)
{
  g_autoptr (RtConnectionStrategy) strategy = g_object_ref (self->strategy);
  g_autoptr (GCancellable) cancellable = g_steal_pointer (&self->cancellable);
  Call *call = call_new (self);

  if (is_running (self))
    self->owes_closed = TRUE;
  self->state = STATE_ENDING;
  clear_frames (self);
  g_cancellable_cancel (cancellable);
  g_main_context_push_thread_default (self->context);
  rt_connection_strategy_disconnect_async (strategy, NULL, disconnected_cb, call);
  g_main_context_pop_thread_default (self->context);
}

/* --- Sending: one frame at a time, so that a strategy needs no queue of its own --- */

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Call) call = user_data;
  RtStrategyAdapter *self = call->self;
  g_autoptr (GError) error = NULL;
  gboolean sent = rt_connection_strategy_send_finish (RT_CONNECTION_STRATEGY (source), result, &error);

  if (call->up != self->up || !is_running (self))
    return;
  self->sending = FALSE;
  if (!sent)
    {
      report_failure (self, "send", error);
      disconnect_strategy (self);
      return;
    }
  RtStrategyItem *item = rt_strategy_item_new (RT_STRATEGY_SENT, NULL);
  item->size = call->size;
  rt_handover_push (self->up, &item->base);
  go_on (self);
}

static void
send_frame (RtStrategyAdapter *self)
{
  g_autoptr (GBytes) frame = g_queue_pop_head (&self->frames);
  Call *call = call_new (self);

  call->size = g_bytes_get_size (frame);
  self->sending = TRUE;
  g_main_context_push_thread_default (self->context);
  rt_connection_strategy_send_async (self->strategy, frame, NULL, sent_cb, call);
  g_main_context_pop_thread_default (self->context);
}

/* --- Opening --- */

static void
report_opened (RtStrategyAdapter *self, const char *protocol)
{
  RtStrategyItem *item = rt_strategy_item_new (RT_STRATEGY_OPENED, NULL);

  self->state = STATE_OPEN;
  item->profile = g_strcmp0 (protocol, RT_SUBPROTOCOL_RT1) == 0 ? RT_PROFILE_RT1 : RT_PROFILE_CENTRIFUGO;
  rt_handover_push (self->up, &item->base);
}

/* One that was told to give up and did not: nobody wants this connection. */
static void
connected_too_late (RtStrategyAdapter *self, RtConnectionStrategy *strategy)
{
  if (g_object_get_qdata (G_OBJECT (strategy), user_quark ()) != NULL)
    return;
  if (self->strategy == NULL)
    rt_connection_strategy_disconnect_async (strategy, NULL, NULL, NULL);
  else if (self->state == STATE_IDLE)
    disconnect_strategy (self);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RtConnectionStrategy *strategy = RT_CONNECTION_STRATEGY (source);
  g_autoptr (Call) call = user_data;
  RtStrategyAdapter *self = call->self;
  g_autoptr (GError) error = NULL;
  gboolean connected = rt_connection_strategy_connect_finish (strategy, result, &error);
  g_autofree char *protocol = connected ? rt_connection_strategy_get_protocol (strategy) : NULL;
  gboolean still = connected && rt_connection_strategy_is_connected (strategy);

  if (self->strategy == NULL || self->state != STATE_CONNECTING || call->up != self->up)
    {
      if (connected)
        connected_too_late (self, strategy);
      return;
    }
  g_clear_object (&self->cancellable);
  if (connected)
    report_opened (self, protocol);
  else
    {
      report_failure (self, "connect", error);
      disconnect_strategy (self); /* of what it may have begun */
    }
  if (connected && self->early_close && !still)
    {
      report_closed (self, self->early_code, self->early_reason);
      become_idle (self);
    }
}

/* A strategy object that two clients share serves one after the other. */
static void
open_next (RtStrategyAdapter *self)
{
  g_autoptr (GError) error = NULL;

  self->up = g_steal_pointer (&self->next);
  if (!g_object_replace_qdata (G_OBJECT (self->strategy), user_quark (), NULL, self, NULL, NULL))
    {
      error = g_error_new_literal (RT_ERROR, RT_ERROR_ALREADY_CONNECTED,
                                   "another client uses the same object; give each client one of its own");
      report_failure (self, "connect", error);
      return;
    }
  self->state = STATE_CONNECTING;
  self->sending = FALSE;
  self->early_close = FALSE;
  self->cancellable = g_cancellable_new ();
  g_main_context_push_thread_default (self->context);
  rt_connection_strategy_connect_async (self->strategy, self->cancellable, connected_cb, call_new (self));
  g_main_context_pop_thread_default (self->context);
}

/* Does what can be done now. */
static void
go_on (RtStrategyAdapter *self)
{
  if (self->state == STATE_IDLE && self->next != NULL)
    open_next (self);
  else if (is_running (self) && !self->sending && !g_queue_is_empty (&self->frames))
    send_frame (self);
  else if (self->state == STATE_CLOSING && !self->sending)
    disconnect_strategy (self);
}

/* --- The strategy's signals --- */

/* The client speaks first: what comes before there is a connection belongs to an earlier one. */
static void
received_cb (RtConnectionStrategy *strategy, GBytes *bytes, gpointer user_data)
{
  RtStrategyAdapter *self = user_data;

  if (bytes == NULL || !is_running (self) || self->up == NULL)
    return;
  RtStrategyItem *item = rt_strategy_item_new (RT_STRATEGY_RECEIVED, NULL);
  item->bytes = g_bytes_ref (bytes);
  self->owes_closed = FALSE;
  rt_handover_push (self->up, &item->base);
}

static void
closed_cb (RtConnectionStrategy *strategy, guint code, const char *reason, gpointer user_data)
{
  RtStrategyAdapter *self = user_data;
  g_autoptr (RtHandover) held = rt_handover_ref (self->down);
  gboolean owed = self->owes_closed;
  gboolean late = owed && rt_connection_strategy_is_connected (strategy);

  self->owes_closed = FALSE;
  if (self->strategy == NULL)
    return;
  if (is_running (self) && !late)
    {
      report_closed (self, code, reason);
      become_idle (self);
    }
  else if (self->state == STATE_CONNECTING && !owed)
    {
      self->early_close = TRUE;
      self->early_code = code;
      g_free (self->early_reason);
      self->early_reason = g_strdup (reason);
    }
}

/* An object that was disposed of has lost its handlers. */
static void
stop_listening (RtStrategyAdapter *self)
{
  if (g_signal_handler_is_connected (self->strategy, self->received_id))
    g_signal_handler_disconnect (self->strategy, self->received_id);
  if (g_signal_handler_is_connected (self->strategy, self->closed_id))
    g_signal_handler_disconnect (self->strategy, self->closed_id);
}

/* --- What is asked for --- */

static void
handle_close (RtStrategyAdapter *self)
{
  if (self->state == STATE_OPEN)
    {
      self->state = STATE_CLOSING;
      go_on (self);
    }
  else if (self->state == STATE_CONNECTING)
    disconnect_strategy (self);
}

static void
handle_abort (RtStrategyAdapter *self)
{
  g_clear_pointer (&self->up, rt_handover_unref);
  if (self->state != STATE_ENDING)
    disconnect_strategy (self);
}

static void
handle_release (RtStrategyAdapter *self)
{
  g_autoptr (RtConnectionStrategy) strategy = self->strategy;

  g_clear_pointer (&self->next, rt_handover_unref);
  g_clear_pointer (&self->up, rt_handover_unref);
  stop_listening (self);
  rt_handover_close (self->down);
  if (self->state != STATE_IDLE && self->state != STATE_ENDING)
    disconnect_strategy (self);
  self->strategy = NULL;
  g_object_replace_qdata (G_OBJECT (strategy), user_quark (), self, NULL, NULL, NULL);
}

static void
handle_item (RtStrategyAdapter *self, RtStrategyItem *item)
{
  gboolean current = item->up != NULL && item->up == self->up;

  switch (item->kind)
    {
    case RT_STRATEGY_OPEN:
      g_clear_pointer (&self->next, rt_handover_unref);
      self->next = rt_handover_ref (item->up);
      go_on (self);
      break;
    case RT_STRATEGY_SEND:
      if (!current)
        break;
      g_queue_push_tail (&self->frames, g_steal_pointer (&item->bytes));
      go_on (self);
      break;
    case RT_STRATEGY_CLOSE:
      if (current)
        handle_close (self);
      break;
    case RT_STRATEGY_ABORT:
      if (current)
        handle_abort (self);
      else if (item->up == self->next)
        g_clear_pointer (&self->next, rt_handover_unref);
      break;
    case RT_STRATEGY_RELEASE:
      handle_release (self);
      break;
    case RT_STRATEGY_OPENED:
    case RT_STRATEGY_RECEIVED:
    case RT_STRATEGY_SENT:
    case RT_STRATEGY_ENDED:
    case RT_STRATEGY_RESUME:
    default:
      g_assert_not_reached ();
    }
}

static gboolean
handle_down (RtHandoverItem *base, guint *budget, gpointer user_data)
{
  g_autoptr (RtStrategyItem) item = (RtStrategyItem *) base;
  RtStrategyAdapter *self = user_data;

  *budget -= 1;
  if (self->strategy != NULL)
    handle_item (self, item);
  return TRUE;
}

static const RtHandoverClass down_class = {
  .name = "[realtime] strategy adapter down",
  .priority = G_PRIORITY_DEFAULT,
  .budget = DOWN_BUDGET,
  .handle = handle_down,
  .drop = rt_strategy_item_drop,
};

/* --- Making and letting go --- */

static void
adapter_destroy (gpointer data)
{
  RtStrategyAdapter *self = data;

  /* Still there if the context is gone without having been run again. */
  if (self->strategy != NULL)
    {
      stop_listening (self);
      g_object_unref (self->strategy);
    }
  g_clear_pointer (&self->next, rt_handover_unref);
  g_clear_pointer (&self->up, rt_handover_unref);
  g_clear_object (&self->cancellable);
  clear_frames (self);
  g_main_context_unref (self->context);
  g_free (self->early_reason);
  g_free (self->name);
  g_free (self);
}

RtStrategyAdapter *
rt_strategy_adapter_new (RtConnectionStrategy *strategy)
{
  RtStrategyAdapter *self = g_new0 (RtStrategyAdapter, 1);

  self->context = g_main_context_ref_thread_default ();
  self->name = rt_connection_strategy_get_name (strategy);
  self->strategy = g_object_ref (strategy);
  g_queue_init (&self->frames);
  self->received_id = g_signal_connect (strategy, "received", G_CALLBACK (received_cb), self);
  self->closed_id = g_signal_connect (strategy, "closed", G_CALLBACK (closed_cb), self);
  self->down = rt_handover_new (self->context, &down_class, self, adapter_destroy);
  return self;
}

/* A second time it comes to nothing, since the queue is closed with the first. */
void
rt_strategy_adapter_release (RtStrategyAdapter *self)
{
  rt_handover_push (self->down, &rt_strategy_item_new (RT_STRATEGY_RELEASE, NULL)->base);
}

void
rt_strategy_adapter_free (RtStrategyAdapter *self)
{
  g_autoptr (RtHandover) down = self->down;

  rt_strategy_adapter_release (self);
}

RtHandover *
rt_strategy_adapter_get_down (RtStrategyAdapter *self)
{
  return self->down;
}
