/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-connection-private.h"

#include <string.h>
#include "rt-error.h"

/* All that the I/O half tells: news, results, and the state that any thread may read. */

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
  gboolean is_publish = op->kind == RT_OP_PUBLISH;

  if (op->error != NULL && !self->stopped && (is_publish || op->kind == RT_OP_NOTIFY))
    rt_connection_send_error (self, op->error);
  if (is_publish)
    rt_op_pool_put (&self->spares, op);
  else
    rt_op_unref (op);
}

/* It was accepted, and will not be delivered by this client. */
static void
send_dropped (RtConnection *self, const RtOp *op)
{
  RtNews *news;

  if (!op->was_accepted || op->tells_drop || self->stopped || g_error_matches (op->error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  news = rt_news_new (RT_NEWS_DROPPED, NULL);
  news->user = g_strdup (op->channel);
  news->text = g_strndup (op->data, op->data_len);
  news->error = g_error_copy (op->error);
  rt_connection_send_news (self, news);
}

void
rt_connection_complete (RtConnection *self, RtOp *op, GError *error)
{
  op->error = error;
  if (G_UNLIKELY (error != NULL && op->kind == RT_OP_PUBLISH && op->done == NULL))
    send_dropped (self, op);
  if (op->kind == RT_OP_PUBLISH)
    {
      g_atomic_int_add (&self->unanswered_sends, -1);
      g_atomic_int_add (&self->unanswered_bytes, -(gint) op->data_len);
    }
  if (op->done != NULL)
    {
      op->done (op);
      return;
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
  g_mutex_lock (&self->lock);
  self->status.state = state;
  g_atomic_int_set (&self->state, (gint) state);
  g_mutex_unlock (&self->lock);
  rt_connection_send_news (self, rt_news_new (RT_NEWS_STATE, NULL));
}

/* Why the state is what it will be. */
void
rt_connection_set_reason (RtConnection *self, guint code, const char *reason)
{
  g_mutex_lock (&self->lock);
  self->status.code = code;
  g_free (self->status.reason);
  self->status.reason = g_strdup (reason);
  g_mutex_unlock (&self->lock);
}

void
rt_connection_set_waiting (RtConnection *self, guint attempt, guint retry_in)
{
  g_mutex_lock (&self->lock);
  self->status.attempt = attempt;
  self->status.retry_in = retry_in;
  g_mutex_unlock (&self->lock);
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
      break;
    case RT_CONNECTION_STATE_CONNECTING:
    case RT_CONNECTION_STATE_RECONNECTING:
    case RT_CONNECTION_STATE_SUSPENDED:
      return g_error_new_literal (RT_ERROR, RT_ERROR_NOT_CONNECTED,
                                  "Not connected at the moment; try again when the client has connected");
    case RT_CONNECTION_STATE_DISCONNECTED:
    case RT_CONNECTION_STATE_CONNECTED:
    default:
      break;
    }
  return g_error_new_literal (RT_ERROR, RT_ERROR_NOT_CONNECTED, "Not connected; call connect first");
}
