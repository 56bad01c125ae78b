/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-private.h"

#include "rt-error.h"
#include "rt-strategy-adapter.h"

/* Calls that block. The I/O half wakes them directly and no handler runs meanwhile. What needs code of the program is
 * done in the caller's place where that is possible, and where it is not, refused at once. */

/* Whether the program's context stands still while this thread is blocked: it runs it, or nobody does. */
static gboolean
holds_up_context (RtClient *self)
{
  GMainContext *context = rt_client_get_context (self);

  if (!g_main_context_acquire (context))
    return FALSE;
  g_main_context_release (context);
  return TRUE;
}

/* Whether what there is of a connection, or would be first, is a strategy of the program's own. */
static gboolean
needs_own_strategy (RtClient *self)
{
  RtRoutes *routes = rt_client_get_routes (self);
  const char *name = rt_client_get_transport (self);
  int place = name != NULL ? rt_routes_find (routes, name) : 0;

  return place >= 0 && (guint) place < routes->n_items
         && routes->items[place].klass == rt_strategy_adapter_transport ();
}

static GError *
refuse_own_strategy (void)
{
  return g_error_new_literal (RT_ERROR, RT_ERROR_NOT_SUPPORTED,
                              "The connection strategy runs in the main context that this call would block; use the "
                              "\"_async\" call, or call it from another thread");
}

static GError *
refuse_slow_provider (void)
{
  return g_error_new_literal (RT_ERROR, RT_ERROR_NOT_SUPPORTED,
                              "The token provider is at work in the main context that this call would block; use the "
                              "\"_async\" call, or call it from another thread");
}

/* Whether @op cannot succeed before a token is there that was asked for already. */
static gboolean
waits_for_provider (RtClient *self, const RtOp *op)
{
  RtClientTokens *tokens = rt_client_get_tokens (self);

  return (!rt_client_is_connected (self) && rt_client_tokens_is_asking (tokens, NULL))
         || (op->kind == RT_OP_JOIN && rt_client_tokens_is_asking (tokens, op->channel));
}

/* Whether @op may have to wait for anything at all. Ending a connection has a deadline of its own, and takes nothing of
 * the program's. */
static gboolean
may_wait (RtClient *self, const RtOp *op)
{
  if (op->kind == RT_OP_DISCONNECT || op->kind == RT_OP_CLOSE || op->kind == RT_OP_RESET)
    return FALSE;
  switch (rt_client_get_state (self))
    {
    case RT_CONNECTION_STATE_CLOSING:
    case RT_CONNECTION_STATE_CLOSED:
      return FALSE;
    case RT_CONNECTION_STATE_DISCONNECTED:
    case RT_CONNECTION_STATE_FAILED:
      return op->kind == RT_OP_CONNECT;
    case RT_CONNECTION_STATE_CONNECTING:
    case RT_CONNECTION_STATE_CONNECTED:
    case RT_CONNECTION_STATE_RECONNECTING:
    case RT_CONNECTION_STATE_SUSPENDED:
    default:
      return TRUE;
    }
}

static GError *
refuse_blocking (RtClient *self, const RtOp *op)
{
  gboolean strategy = needs_own_strategy (self);
  gboolean provider = waits_for_provider (self, op);

  if ((!strategy && !provider) || !may_wait (self, op) || !holds_up_context (self))
    return NULL;
  return strategy ? refuse_own_strategy () : refuse_slow_provider ();
}

GError *
rt_client_refuse_waiting (RtClient *self)
{
  return needs_own_strategy (self) && holds_up_context (self) ? refuse_own_strategy () : NULL;
}

/* FALSE if a provider that @op depends on would need the loop that stands still. A token for an open connection, whose
 * old one is still good, is asked for again later. */
static gboolean
ask_in_place (RtClient *self, const RtOp *op, GError **too_slow)
{
  RtConnection *connection = rt_client_get_connection (self);
  RtClientTokens *tokens = rt_client_get_tokens (self);
  g_autoptr (GError) error = NULL;
  gboolean in_time = rt_client_tokens_ask_in_place (tokens, connection, NULL, &error) || rt_client_is_connected (self);

  if (in_time && op->kind == RT_OP_JOIN)
    {
      g_clear_error (&error);
      in_time = rt_client_tokens_ask_in_place (tokens, connection, op->channel, &error);
    }
  if (!in_time && *too_slow == NULL)
    *too_slow = g_steal_pointer (&error);
  return in_time;
}

/* Until @waiter is woken. A provider that cannot answer in place would never do so: then @op is called back, and
 * *too_slow says why. */
static void
wait_for (RtClient *self, RtOp *op, RtWaiter *waiter, GError **too_slow)
{
  RtConnection *connection = rt_client_get_connection (self);
  RtClientTokens *tokens = rt_client_get_tokens (self);

  rt_client_tokens_begin_waiting (tokens, waiter);
  do
    {
      if (!ask_in_place (self, op, too_slow) && op->kind != RT_OP_CONNECT)
        rt_connection_cancel (connection, op);
    }
  while (!rt_waiter_wait_nudged (waiter));
  rt_client_tokens_end_waiting (tokens, waiter);
}

/* Through the middleware, and down. The context was acquired for that, and is given back: nothing more is done in it. */
static RtOutgoing *
filter_in_place (RtClient *self, RtOp *op, RtMessage *message, GCancellable *cancellable, GError **error)
{
  GMainContext *context = rt_client_get_context (self);

  g_main_context_push_thread_default (context);
  RtOutgoing *outgoing = rt_client_filter_in_place (self, op, message, cancellable, error);
  g_main_context_pop_thread_default (context);
  g_main_context_release (context);
  return outgoing;
}

/* What @op has come to, to which the middleware may have its word. */
static gpointer
end_in_place (RtClient *self, RtOp *op, RtMessage *message, RtOutgoing *outgoing, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (outgoing != NULL)
    {
      rt_client_outgoing_explain (outgoing, op);
      message = rt_client_outgoing_get_message (outgoing);
    }
  gpointer result = rt_client_take_result (self, op, message, &failure);
  if (op->kind == RT_OP_PUBLISH && result != NULL)
    rt_client_tell_sent (self, result);
  if (outgoing != NULL)
    rt_client_outgoing_settle (self, outgoing, failure);
  if (failure != NULL)
    g_propagate_error (error, g_steal_pointer (&failure));
  return result;
}

static gpointer
call_in_place (RtClient *self,
               RtOp *op,
               RtMessage *message,
               gboolean filtered,
               GCancellable *cancellable,
               GError **error)
{
  RtConnection *connection = rt_client_get_connection (self);
  g_autoptr (RtClient) held = g_object_ref (self);
  g_autoptr (RtOp) waited = rt_op_ref (op);
  g_autoptr (GError) too_slow = NULL;
  RtOutgoing *outgoing = NULL;
  RtWaiter waiter;

  rt_waiter_init (&waiter);
  op->waiter = &waiter;
  gulong cancel_id = rt_client_watch_cancellable (cancellable, connection, op);
  rt_client_end_delivery (self, op);
  if (filtered)
    outgoing = filter_in_place (self, op, message, cancellable, error);
  else
    rt_client_channels_submit (rt_client_get_handles (self), connection, rt_client_get_inbox (self), op);
  gboolean started = !filtered || outgoing != NULL;
  if (started)
    wait_for (self, waited, &waiter, &too_slow);
  g_cancellable_disconnect (cancellable, cancel_id);
  rt_waiter_clear (&waiter);
  rt_client_call_ended (self, waited);
  if (too_slow != NULL && g_error_matches (waited->error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      && !g_cancellable_is_cancelled (cancellable))
    {
      g_clear_error (&waited->error);
      waited->error = g_steal_pointer (&too_slow);
    }
  return started ? end_in_place (self, waited, message, outgoing, error) : NULL;
}

/* What was called before may still wait for its turn in the middleware, or behind that. What is not decided here can not
 * be waited for in the place of those who would decide. FALSE: another thread runs the context, and gives it its turn. */
static gboolean
let_go_first (RtClient *self)
{
  GMainContext *context = rt_client_get_context (self);

  if (!g_main_context_acquire (context))
    return FALSE;
  rt_client_drain_in_place (self);
  rt_client_release_all_endings (self);
  g_main_context_release (context);
  return TRUE;
}

gpointer
rt_client_call_sync (RtClient *self,
                     RtOp *op,
                     GError *refusal,
                     RtMessage *message,
                     GCancellable *cancellable,
                     GError **error)
{
  refusal = rt_client_refuse_call (self, op, refusal);
  if (refusal == NULL)
    refusal = refuse_blocking (self, op);
  if (refusal != NULL)
    {
      rt_client_call_refused (self, op);
      g_propagate_error (error, refusal);
      return NULL;
    }
  if (rt_client_must_wait (self, op) && !let_go_first (self))
    return rt_client_call_from_afar (self, op, message, cancellable, error);
  /* Middleware runs in the client's context: here, if this thread can have that, else where it is run. */
  gboolean filtered = op->kind == RT_OP_PUBLISH && rt_client_filters_outgoing (self);
  if (filtered && !g_main_context_acquire (rt_client_get_context (self)))
    return rt_client_call_from_afar (self, op, message, cancellable, error);
  return call_in_place (self, op, message, filtered, cancellable, error);
}
