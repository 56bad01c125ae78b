/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-private.h"

#include "rt-clock.h"
#include "rt-error.h"
#include "rt-message-private.h"

struct _RtOutgoing
{
  GList link;             /* in waiting or inside */
  gboolean is_listed;     /* guarded by the lock */
  guint64 serial;         /* of the calls' order */
  RtClient *client;       /* kept; NULL once it was ended by force */
  RtOp *op;               /* until it goes down, or ends */
  RtMessage *message;     /* as the program gave it, then as it was sent */
  GCancellable *cancellable; /* nullable */
  RtExchange *exchange;   /* in the chain's keeping, from when it has passed */
  RtOp *sent;             /* the op on its way, to be called back */
  GError *expiry;         /* why it was */
  gint64 begun;           /* the time to live counts from here */
  gsize inside_bytes;     /* what it counts for in the chain; guarded by the lock */
  gboolean is_reserved;   /* the bound of what is unanswered counts it */
  gboolean in_place;      /* a thread waits for it and runs no loop */
  GError *refusal;        /* in place: why it did not pass */
};

static void
outgoing_free (RtOutgoing *outgoing)
{
  g_clear_pointer (&outgoing->op, rt_op_unref);
  g_clear_pointer (&outgoing->sent, rt_op_unref);
  g_clear_error (&outgoing->expiry);
  g_clear_object (&outgoing->message);
  g_clear_object (&outgoing->cancellable);
  g_clear_object (&outgoing->client);
  g_clear_error (&outgoing->refusal);
  g_free (outgoing);
}

/* --- The list of those that have not got through --- */

void
rt_client_outgoing_init (RtClientOutgoing *self)
{
  g_mutex_init (&self->lock);
  rt_client_endings_init (&self->endings);
}

/* With the lock held. */
static void
push_inside (RtClientOutgoing *self, RtOutgoing *outgoing)
{
  outgoing->inside_bytes = outgoing->op->data_len;
  self->inside_bytes += outgoing->inside_bytes;
  g_queue_push_tail_link (&self->inside, &outgoing->link);
}

/* With the lock held. */
static void
unlink_inside (RtClientOutgoing *self, RtOutgoing *outgoing)
{
  self->inside_bytes -= outgoing->inside_bytes;
  g_queue_unlink (&self->inside, &outgoing->link);
}

/* Whoever takes one from the lists ends it. FALSE: the client was disposed of, and did. */
static gboolean
claim (RtClientOutgoing *self, RtOutgoing *outgoing)
{
  g_mutex_lock (&self->lock);
  gboolean listed = outgoing->is_listed;
  if (listed)
    unlink_inside (self, outgoing);
  outgoing->is_listed = FALSE;
  g_mutex_unlock (&self->lock);
  return listed;
}

/* The next for the chain, in the order of the calls. */
static RtOutgoing *
begin_next (RtClientOutgoing *self)
{
  g_mutex_lock (&self->lock);
  GList *link = g_queue_pop_head_link (&self->waiting);
  if (link != NULL)
    push_inside (self, link->data);
  g_mutex_unlock (&self->lock);
  return link != NULL ? link->data : NULL;
}

/* It is in the chain, or will be. */
static void
list_inside (RtClientOutgoing *self, RtOutgoing *outgoing)
{
  g_mutex_lock (&self->lock);
  outgoing->is_listed = TRUE;
  push_inside (self, outgoing);
  g_mutex_unlock (&self->lock);
}

/* With the lock held. */
static gboolean
is_any_before (GQueue *queue, guint64 serial)
{
  for (GList *l = queue->head; l != NULL; l = l->next)
    if (((RtOutgoing *) l->data)->serial <= serial)
      return TRUE;
  return FALSE;
}

gboolean
rt_client_has_outgoing_before (RtClient *self, guint64 serial)
{
  RtClientOutgoing *all = rt_client_get_outgoing (self);

  g_mutex_lock (&all->lock);
  gboolean any = is_any_before (&all->waiting, serial) || is_any_before (&all->inside, serial);
  g_mutex_unlock (&all->lock);
  return any;
}

void
rt_client_forget_outgoing (RtClient *self)
{
  RtClientOutgoing *all = rt_client_get_outgoing (self);

  g_mutex_lock (&all->lock);
  all->forgotten = all->serial;
  g_mutex_unlock (&all->lock);
}

static gboolean
check_session (RtClientOutgoing *self, RtOutgoing *outgoing, GError **error)
{
  g_mutex_lock (&self->lock);
  gboolean is_over = outgoing->serial <= self->forgotten;
  g_mutex_unlock (&self->lock);
  if (is_over)
    g_set_error_literal (error, RT_ERROR, RT_ERROR_NOT_CONNECTED, "The session was reset");
  return !is_over;
}

guint64
rt_client_get_outgoing_serial (RtClient *self)
{
  RtClientOutgoing *all = rt_client_get_outgoing (self);

  g_mutex_lock (&all->lock);
  guint64 serial = all->serial;
  g_mutex_unlock (&all->lock);
  return serial;
}

/* --- The end by force --- */

/* No thread of the program may be left waiting, and nothing of the program's may end in this one. */
static void
end_by_force (RtOutgoing *outgoing)
{
  RtClient *client = g_steal_pointer (&outgoing->client);
  RtOp *op = g_steal_pointer (&outgoing->op);

  if (op != NULL)
    {
      if (outgoing->is_reserved)
        rt_connection_unreserve (rt_client_get_connection (client), op->data_len);
      rt_client_call_dropped (op);
    }
  g_object_unref (client);
}

void
rt_client_outgoing_dispose (RtClientOutgoing *self)
{
  GQueue ended = G_QUEUE_INIT;
  GList *link;

  g_mutex_lock (&self->lock);
  while ((link = g_queue_pop_head_link (&self->waiting)) != NULL
         || (link = g_queue_pop_head_link (&self->inside)) != NULL)
    {
      RtOutgoing *outgoing = link->data;
      outgoing->is_listed = FALSE;
      self->dead = g_slist_prepend (self->dead, outgoing);
      g_queue_push_tail_link (&ended, link);
    }
  g_mutex_unlock (&self->lock);
  while ((link = g_queue_pop_head_link (&ended)) != NULL)
    end_by_force (link->data);
  rt_client_drop_endings (&self->endings);
}

void
rt_client_outgoing_clear (RtClientOutgoing *self)
{
  g_slist_free_full (self->dead, (GDestroyNotify) outgoing_free);
  rt_client_endings_clear (&self->endings);
  g_mutex_clear (&self->lock);
}

/* --- Into the chain --- */

gboolean
rt_client_filters_outgoing (RtClient *self)
{
  /* In this order: what is not before the chain any more is in there, or through. */
  return g_atomic_int_get (&rt_client_get_outgoing (self)->n_before) > 0
         || !rt_chain_is_empty (rt_client_get_chain (self)->chain);
}

static void finish (RtClient *self, RtOutgoing *outgoing, GError *error);

/* What middleware holds back counts like what waits for a connection. One can always be looked at. */
static gboolean
check_room (RtClient *self, RtOutgoing *outgoing, GError **error)
{
  RtClientOutgoing *all = rt_client_get_outgoing (self);
  RtConfig *config = rt_client_get_config (self);
  guint limit = rt_config_get_send_queue_limit (config);
  guint max_bytes = rt_config_get_send_queue_bytes (config);

  g_mutex_lock (&all->lock);
  guint others = all->inside.length - 1;
  gsize bytes = all->inside_bytes;
  g_mutex_unlock (&all->lock);
  if (others == 0 || (others < limit && bytes <= max_bytes))
    return TRUE;
  g_set_error (error, RT_ERROR, RT_ERROR_QUEUE_FULL,
               "%u messages wait in the middleware already, and the limits are %u messages (send-queue-limit) and %u bytes"
               " (send-queue-bytes)", others, limit, max_bytes);
  return FALSE;
}

static void
drain (RtClient *self, gpointer unused)
{
  RtClientOutgoing *all = rt_client_get_outgoing (self);
  RtOutgoing *outgoing;

  while ((outgoing = begin_next (all)) != NULL)
    {
      GError *full = NULL;

      if (check_room (self, outgoing, &full))
        rt_client_run_chain (self, RT_DIRECTION_OUTGOING, outgoing->message, outgoing, outgoing->cancellable);
      else if (claim (all, outgoing))
        finish (self, outgoing, full);
      else
        g_error_free (full);
      g_atomic_int_add (&all->n_before, -1);
    }
}

static RtOutgoing *
new_outgoing (RtClient *self, RtOp *op, RtMessage *message, GCancellable *cancellable)
{
  RtOutgoing *outgoing = g_new0 (RtOutgoing, 1);

  outgoing->link.data = outgoing;
  outgoing->client = g_object_ref (self);
  outgoing->op = op;
  outgoing->is_reserved = TRUE;
  outgoing->message = message != NULL ? g_object_ref (message)
                                      : rt_client_read_sent (op->channel, op->data, op->data_len, 0);
  outgoing->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  outgoing->begun = rt_clock_now ();
  return outgoing;
}

/* Listed, it is somebody's to end, so all that it takes must be there already. */
static void
enter (RtClient *self, RtOutgoing *outgoing)
{
  RtClientOutgoing *all = rt_client_get_outgoing (self);

  g_mutex_lock (&all->lock);
  outgoing->is_listed = TRUE;
  outgoing->serial = ++all->serial;
  g_atomic_int_inc (&all->n_before);
  g_queue_push_tail_link (&all->waiting, &outgoing->link);
  g_mutex_unlock (&all->lock);
  /* The end may have come just before. */
  if (rt_client_is_stopped (self))
    rt_client_outgoing_dispose (all);
}

void
rt_client_filter_outgoing (RtClient *self, RtOp *op, RtMessage *message, GCancellable *cancellable, RtOutgoing **place)
{
  g_autoptr (RtClient) held = g_object_ref (self);

  *place = new_outgoing (self, op, message, cancellable);
  enter (self, *place);
  if (g_main_context_is_owner (rt_client_get_context (self)))
    drain (self, NULL);
  else
    rt_client_run_later (self, drain, NULL, NULL);
}

void
rt_client_drain_in_place (RtClient *self)
{
  drain (self, NULL);
}

/* --- In place --- */

static GError *
refuse_waiting (void)
{
  return g_error_new_literal (RT_ERROR, RT_ERROR_NOT_SUPPORTED,
                              "A middleware has not decided yet, and needs the main context that this call would block; "
                              "use the \"_async\" call, or call it from another thread");
}

RtOutgoing *
rt_client_filter_in_place (RtClient *self, RtOp *op, RtMessage *message, GCancellable *cancellable, GError **error)
{
  RtOutgoing *outgoing = new_outgoing (self, op, message, cancellable);
  g_autoptr (GError) refusal = NULL;

  outgoing->in_place = TRUE;
  enter (self, outgoing);
  drain (self, NULL);
  if (outgoing->exchange == NULL && outgoing->refusal == NULL)
    {
      refusal = refuse_waiting ();
      rt_chain_abort (rt_client_get_chain (self)->chain, outgoing, refusal);
    }
  if (outgoing->exchange != NULL)
    return outgoing;
  if (outgoing->refusal == NULL)
    {
      /* Ended by force, and freed with the client. */
      g_set_error_literal (error, RT_ERROR, RT_ERROR_CLOSED, "The client was disposed of");
      return NULL;
    }
  g_propagate_error (error, g_steal_pointer (&outgoing->refusal));
  outgoing_free (outgoing);
  return NULL;
}

/* The context may be run by now, where a limit of a middleware ended. Only then it was called back, if not by the caller. */
void
rt_client_outgoing_explain (RtOutgoing *outgoing, RtOp *op)
{
  if (g_error_matches (op->error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      && !g_cancellable_is_cancelled (outgoing->cancellable) && outgoing->expiry != NULL)
    {
      g_error_free (op->error);
      op->error = g_error_copy (outgoing->expiry);
    }
}

typedef struct
{
  RtOutgoing *outgoing;
  GError *error;
  RtChain *chain;
  gboolean is_settled;
} Settling;

static void
settling_free (gpointer data)
{
  Settling *settling = data;

  /* The client was disposed of first. */
  if (!settling->is_settled)
    rt_chain_forget (settling->chain, settling->outgoing->exchange, settling->error);
  rt_chain_unref (settling->chain);
  outgoing_free (settling->outgoing);
  g_clear_error (&settling->error);
  g_free (settling);
}

/* Nobody waits any more, so that trying again is of no use. */
static void
settle (RtClient *self, gpointer data)
{
  Settling *settling = data;

  settling->is_settled = TRUE;
  rt_chain_finish (settling->chain, settling->outgoing->exchange, settling->error);
}

void
rt_client_outgoing_settle (RtClient *self, RtOutgoing *outgoing, const GError *error)
{
  Settling *settling = g_new0 (Settling, 1);

  /* The call is over, and keeps the client no more. */
  g_clear_object (&outgoing->client);
  settling->outgoing = outgoing;
  settling->error = error != NULL ? g_error_copy (error) : NULL;
  settling->chain = rt_chain_ref (rt_client_get_chain (self)->chain);
  rt_client_run_later (self, settle, settling, settling_free);
}

static gboolean
dropped_cb (gpointer data)
{
  Settling *settling = data;

  settle (settling->outgoing->client, settling);
  return G_SOURCE_REMOVE;
}

void
rt_client_outgoing_dropped (RtOutgoing *outgoing)
{
  RtClient *client = outgoing->client;

  /* The chain has one that did not get through. */
  if (client == NULL)
    return;
  Settling *settling = g_new0 (Settling, 1);
  settling->outgoing = outgoing;
  settling->chain = rt_chain_ref (rt_client_get_chain (client)->chain);
  settling->error = g_error_new_literal (RT_ERROR, RT_ERROR_CLOSED, "The client was disposed of");
  g_autoptr (GSource) source = g_idle_source_new ();
  g_source_set_static_name (source, "[realtime] dropped message");
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, dropped_cb, settling, settling_free);
  g_source_attach (source, rt_client_get_context (client));
}

/* --- Out of the chain --- */

/* Takes @error. It does not go down, or not once more. */
static void
finish (RtClient *self, RtOutgoing *outgoing, GError *error)
{
  RtOp *op = g_steal_pointer (&outgoing->op);

  if (outgoing->is_reserved)
    rt_connection_unreserve (rt_client_get_connection (self), op->data_len);
  if (outgoing->in_place)
    {
      outgoing->refusal = error;
      rt_op_unref (op);
      rt_client_release_endings (self);
      return;
    }
  op->error = error;
  rt_client_call_end (op);
  outgoing_free (outgoing);
  rt_client_release_endings (self);
}

/* The middleware has put another message in its place. */
static gboolean
take_message (RtClient *self, RtOutgoing *outgoing, RtMessage *message, GError **error)
{
  g_autoptr (RtMessage) whole = NULL;

  if (message == outgoing->message)
    return TRUE;
  whole = rt_message_complete (message, rt_config_get_user_id (rt_client_get_config (self)));
  g_autoptr (RtOp) other = rt_client_new_publish_op (self, whole, error);
  if (other == NULL)
    return FALSE;
  rt_connection_unreserve (rt_client_get_connection (self), outgoing->op->data_len);
  rt_op_swap_publish (outgoing->op, other);
  guint ttl = rt_message_get_ttl (whole);
  outgoing->op->expires = ttl > 0 ? outgoing->begun + RT_CLOCK_MS (ttl) : 0;
  g_set_object (&outgoing->message, whole);
  return TRUE;
}

void
rt_client_outgoing_passed (RtClient *self, RtExchange *exchange, gpointer tag)
{
  RtOutgoing *outgoing = tag;
  RtClientOutgoing *all = rt_client_get_outgoing (self);
  RtChain *chain = rt_client_get_chain (self)->chain;
  g_autoptr (GError) error = NULL;

  if (!claim (all, outgoing))
    {
      error = g_error_new_literal (RT_ERROR, RT_ERROR_CLOSED, "The client was disposed of");
      rt_chain_forget (chain, exchange, error);
      return;
    }
  if (check_session (all, outgoing, &error)
      && take_message (self, outgoing, rt_exchange_get_message (exchange), &error))
    {
      outgoing->exchange = exchange;
      outgoing->op->tells_drop = !outgoing->in_place;
      outgoing->sent = rt_op_ref (outgoing->op);
      rt_connection_submit (rt_client_get_connection (self), g_steal_pointer (&outgoing->op));
      rt_client_release_endings (self);
      return;
    }
  /* A middleware may have it tried again. */
  list_inside (all, outgoing);
  if (rt_chain_complete (chain, exchange, error) || !claim (all, outgoing))
    return;
  rt_client_emit_stopped (self, outgoing->message, RT_DIRECTION_OUTGOING, error);
  finish (self, outgoing, g_steal_pointer (&error));
}

/* A middleware does not wait any longer. What became of the message the I/O half knows. */
void
rt_client_outgoing_expired (RtClient *self, gpointer tag, const GError *error)
{
  RtOutgoing *outgoing = tag;

  if (outgoing->sent == NULL || outgoing->expiry != NULL)
    return;
  outgoing->expiry = g_error_copy (error);
  rt_connection_cancel (rt_client_get_connection (self), outgoing->sent);
}

void
rt_client_outgoing_ended (RtClient *self, gpointer tag, const GError *error, const char *reason)
{
  RtOutgoing *outgoing = tag;

  /* Of one that was sent in place the caller knows the end already. */
  if (outgoing->exchange != NULL || !claim (rt_client_get_outgoing (self), outgoing))
    return;
  GError *own = error != NULL ? g_error_copy (error) : rt_client_stopped_error (reason);
  rt_client_emit_stopped (self, outgoing->message, RT_DIRECTION_OUTGOING, own);
  finish (self, outgoing, own);
}

/* As it was before it went down, with the same id. */
static gboolean
renew (RtClient *self, RtOutgoing *outgoing, RtOp *op, GError **error)
{
  rt_op_renew_publish (op);
  outgoing->exchange = NULL;
  outgoing->op = op;
  outgoing->is_reserved = rt_connection_reserve (rt_client_get_connection (self), op->data_len, error);
  list_inside (rt_client_get_outgoing (self), outgoing);
  return outgoing->is_reserved;
}

static void
give_back (RtClient *self, RtOutgoing *outgoing)
{
  if (outgoing->is_reserved)
    rt_connection_unreserve (rt_client_get_connection (self), outgoing->op->data_len);
  outgoing->op = NULL;
  outgoing_free (outgoing);
}

/* What the I/O half says, but that it was called back: why, the middleware has said. */
static GError *
take_outcome (RtOutgoing *outgoing, RtOp *op)
{
  GError *outcome = g_steal_pointer (&op->error);

  g_clear_pointer (&outgoing->sent, rt_op_unref);
  if (outgoing->expiry == NULL)
    return outcome;
  if (!g_cancellable_is_cancelled (outgoing->cancellable))
    {
      op->cancelled = FALSE;
      if (g_error_matches (outcome, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        {
          g_error_free (outcome);
          outcome = g_steal_pointer (&outgoing->expiry);
        }
    }
  g_clear_error (&outgoing->expiry);
  return outcome;
}

gboolean
rt_client_outgoing_returns (RtClient *self, RtOutgoing *outgoing, RtOp *op)
{
  RtChain *chain = rt_client_get_chain (self)->chain;
  RtExchange *exchange = outgoing->exchange;
  gboolean was_accepted = op->was_accepted;
  g_autoptr (GError) outcome = take_outcome (outgoing, op);
  g_autoptr (GError) full = NULL;

  if (outcome == NULL)
    {
      rt_chain_complete (chain, exchange, NULL);
      outgoing_free (outgoing);
      return FALSE;
    }
  /* It may come again before the chain has answered. */
  gboolean can_come_again = renew (self, outgoing, op, &full);
  if (rt_chain_complete (chain, exchange, outcome))
    {
      if (!can_come_again)
        rt_chain_abort (chain, outgoing, full);
      return TRUE;
    }
  if (!claim (rt_client_get_outgoing (self), outgoing))
    return TRUE;
  if (was_accepted && !g_error_matches (outcome, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    rt_client_emit_stopped (self, outgoing->message, RT_DIRECTION_OUTGOING, outcome);
  op->error = g_steal_pointer (&outcome);
  give_back (self, outgoing);
  rt_client_release_endings (self);
  return FALSE;
}

RtMessage *
rt_client_outgoing_get_message (RtOutgoing *outgoing)
{
  return outgoing->message;
}
