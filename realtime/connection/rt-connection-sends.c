/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-connection-private.h"

#include "rt-error.h"
#include "rt-ws-codec.h"

/* Publishes: what waits for a connection or for its turn, what was written on a line that is gone, and what the
 * server found too fast. Order: first what was written before, as it was written; then the queue. While anything
 * waits, what is new goes behind it. */

/* Written and unanswered at a time while more waits: a server that has just come back is not flooded. */
#define WINDOW 128
/* A message after which the server closed this often is not sent again. */
#define MAX_STRIKES 3

static RtSlice
slice (const char *text)
{
  return (RtSlice) { .data = text, .len = text != NULL ? (guint32) strlen (text) : 0 };
}

GError *
rt_connection_unknown_outcome (RtOp *op, const GError *reason)
{
  return g_error_new (RT_ERROR, RT_ERROR_OUTCOME_UNKNOWN,
                      "It is not known whether message %s was delivered (%s); it may be sent again with the same id",
                      op->id, reason->message);
}

/* Ends what will not be sent any more: a plain failure only where it cannot have arrived. */
void
rt_connection_end_send (RtConnection *self, RtOp *op, const GError *reason)
{
  rt_connection_complete (self, op,
                          op->was_written ? rt_connection_unknown_outcome (op, reason) : g_error_copy (reason));
}

static GError *
expired_error (RtOp *op)
{
  return g_error_new (RT_ERROR, RT_ERROR_EXPIRED,
                      "The time to live of message %s ended before it could be sent", op->id);
}

static gboolean
has_expired (const RtOp *op, gint64 now)
{
  return op->expires != 0 && op->expires <= now;
}

gboolean
rt_connection_has_sends (RtConnection *self)
{
  return self->sends.again.length > 0 || self->sends.queue.count > 0;
}

/* --- What is shown of the queue, and when something in it expires --- */

static void
count_waiting (RtConnection *self, gint messages, gssize bytes)
{
  RtNews *news;

  g_atomic_int_add (&self->queued_messages, messages);
  g_atomic_int_add (&self->queued_bytes, (gint) bytes);
  /* One at a time: who is told once and has not looked yet finds all that came after it, too. */
  if (!g_atomic_int_compare_and_exchange (&self->depth_told, FALSE, TRUE))
    return;
  news = rt_news_new (RT_NEWS_STATE, NULL);
  news->flag = TRUE;
  rt_connection_send_news (self, news);
}

static gint64
next_expiry (RtConnection *self)
{
  gint64 next = rt_send_queue_next_expiry (&self->sends.queue);

  if (self->sends.mortal == 0)
    return next;
  for (GList *l = self->sends.again.head; l != NULL; l = l->next)
    {
      gint64 expires = ((RtOp *) l->data)->expires;
      if (expires != 0 && (next < 0 || expires < next))
        next = expires;
    }
  return next;
}

void
rt_connection_plan_expiry (RtConnection *self)
{
  gint64 next = next_expiry (self);

  if (next >= 0)
    rt_timer_start (self->expiry_timer, next);
  else
    rt_timer_stop (self->expiry_timer);
}

/* Nearly always its place is at one of the two ends. */
void
rt_connection_send_again (RtConnection *self, RtOp *op)
{
  GQueue *again = &self->sends.again;
  GList *behind = again->head;

  op->command_id = 0;
  op->link = (GList) { .data = op };
  op->waits_again = TRUE;
  self->sends.mortal += op->expires != 0;
  if (again->tail != NULL && ((RtOp *) again->tail->data)->order < op->order)
    behind = NULL;
  while (behind != NULL && ((RtOp *) behind->data)->order < op->order)
    behind = behind->next;
  g_queue_insert_before_link (again, behind, &op->link);
  count_waiting (self, 1, (gssize) op->data_len);
}

void
rt_connection_take_again (RtConnection *self, RtOp *op)
{
  g_queue_unlink (&self->sends.again, &op->link);
  op->waits_again = FALSE;
  self->pace.refused -= op->was_refused;
  op->was_refused = FALSE;
  self->sends.mortal -= op->expires != 0;
  count_waiting (self, -1, -(gssize) op->data_len);
}

static void
end_expired_again (RtConnection *self, gint64 now)
{
  GList *next;

  for (GList *l = self->sends.again.head; l != NULL; l = next)
    {
      RtOp *op = l->data;
      next = l->next;
      if (!has_expired (op, now))
        continue;
      rt_connection_take_again (self, op);
      g_autoptr (GError) reason = expired_error (op);
      rt_connection_end_send (self, op, reason);
    }
}

void
rt_connection_expiry_expired (gpointer user_data)
{
  RtConnection *self = user_data;
  gint64 now = rt_clock_now ();
  RtOp *op;

  while ((op = rt_send_queue_pop_expired (&self->sends.queue, now)) != NULL)
    {
      count_waiting (self, -1, -(gssize) op->data_len);
      rt_connection_complete (self, op, expired_error (op));
    }
  end_expired_again (self, now);
  rt_connection_plan_expiry (self);
  rt_connection_drained (self);
  rt_connection_send_out (self);
}

/* --- Writing --- */

static void
write_publish (RtConnection *self, RtOp *op)
{
  RtCommand command = { .kind = RT_COMMAND_PUBLISH };

  command.channel = slice (op->channel);
  command.data = (RtSlice) { .data = op->data, .len = (guint32) op->data_len };
  if (self->profile == RT_PROFILE_RT1)
    command.idem = slice (op->id);
  op->was_accepted = op->was_written = TRUE;
  op->is_suspect = op->strikes > 0;
  self->sends.suspects += op->is_suspect;
  self->sends.in_flight++;
  op->write = ++self->sends.writes;
  if (op->order == 0)
    op->order = op->write;
  if (G_UNLIKELY (self->pace.limited))
    rt_connection_take_turn (self, op);
  if (G_UNLIKELY (op->stands_apart))
    rt_connection_end_message (self);
  rt_connection_write_op (self, op, &command);
}

/* One that may have made the server close is tried alone, so that the next time it is known which one it was. */
static guint
get_window (RtConnection *self)
{
  RtOp *first = g_queue_peek_head (&self->sends.again);

  return self->sends.suspects > 0 || (first != NULL && first->strikes > 0) ? 1 : WINDOW;
}

static gboolean
may_write (RtConnection *self)
{
  return (self->phase == RT_PHASE_OPEN || self->phase == RT_PHASE_DRAINING) && self->sends.gates == 0;
}

static RtOp *
take_next (RtConnection *self)
{
  GList *link = self->sends.again.head;
  RtOp *op;

  if (link != NULL)
    {
      op = link->data;
      rt_connection_take_again (self, op);
      return op;
    }
  op = rt_send_queue_pop (&self->sends.queue);
  if (op != NULL)
    count_waiting (self, -1, -(gssize) op->data_len);
  return op;
}

void
rt_connection_flush_sends (RtConnection *self)
{
  if (!rt_connection_has_sends (self) || !may_write (self))
    return;
  gint64 now = rt_connection_now (self);
  while (self->sends.in_flight < get_window (self) && rt_connection_has_sends (self) && rt_connection_has_turn (self))
    {
      RtOp *op = take_next (self);

      if (has_expired (op, now))
        {
          g_autoptr (GError) reason = expired_error (op);
          rt_connection_end_send (self, op, reason);
        }
      else
        write_publish (self, op);
    }
  rt_connection_plan_expiry (self);
}

static void
queue_publish (RtConnection *self, RtOp *op)
{
  if (!rt_send_queue_push (&self->sends.queue, op))
    {
      rt_connection_complete (self, op,
                              g_error_new (RT_ERROR, RT_ERROR_QUEUE_FULL,
                                           "%u messages of %" G_GSIZE_FORMAT " bytes wait to be sent already, and the"
                                           " limits are %u messages (send-queue-limit) and %u bytes"
                                           " (send-queue-bytes); send again when fewer wait",
                                           self->sends.queue.count, self->sends.queue.bytes,
                                           self->settings->send_queue_limit, self->settings->send_queue_bytes));
      return;
    }
  op->was_accepted = TRUE;
  count_waiting (self, 1, (gssize) op->data_len);
  if (op->expires != 0 && (!rt_timer_is_active (self->expiry_timer) || rt_send_queue_next_expiry (&self->sends.queue) == op->expires))
    rt_connection_plan_expiry (self);
}

void
rt_connection_publish_op (RtConnection *self, RtOp *op)
{
  GError *error = NULL;

  if (!self->wanted || self->phase >= RT_PHASE_DRAINING)
    rt_connection_complete (self, op, rt_connection_refusal (self));
  else if (G_UNLIKELY (op->expires != 0 && has_expired (op, rt_connection_now (self))))
    rt_connection_complete (self, op, expired_error (op));
  else if (G_UNLIKELY (self->pace.limited && (error = rt_connection_check_rate (self, op)) != NULL))
    rt_connection_complete (self, op, error);
  else if (G_LIKELY (may_write (self) && !rt_connection_has_sends (self) && self->sends.suspects == 0
                     && rt_connection_has_turn (self)))
    write_publish (self, op);
  else
    queue_publish (self, op);
}

/* --- The line is gone --- */

/* All that was not answered is sent again, in the order in which it was written, and before what was to be sent
 * again already. */
void
rt_connection_keep_sends (RtConnection *self)
{
  g_autoptr (GPtrArray) lost = rt_replies_list (&self->replies, RT_OP_PUBLISH);
  g_autoptr (GError) reason = g_error_new_literal (RT_ERROR, RT_ERROR_NETWORK, "the connection was lost");

  for (guint i = lost->len; i > 0; i--)
    {
      RtOp *op = g_ptr_array_index (lost, i - 1);

      rt_connection_take_reply (self, op->command_id);
      op->was_lost = TRUE;
      /* Which one the server closed over is still to be found out. */
      if (op->comes_back && op->strikes == 0)
        rt_connection_end_send (self, op, reason);
      else
        rt_connection_send_again (self, op);
    }
  self->sends.gates = 0;
  rt_connection_plan_expiry (self);
}

/* The server closed over a message. Which one it was is sure where only one was under way. */
void
rt_connection_blame_sends (RtConnection *self, guint code)
{
  gboolean alone = self->sends.in_flight == 1 && self->replies.count == 1;
  g_autoptr (GPtrArray) suspects = rt_replies_list (&self->replies, RT_OP_PUBLISH);

  for (guint i = 0; i < suspects->len; i++)
    {
      RtOp *op = g_ptr_array_index (suspects, i);

      op->strikes++;
      if (!alone || (code != RT_WS_CLOSE_TOO_LARGE && op->strikes < MAX_STRIKES))
        continue;
      rt_connection_take_reply (self, op->command_id);
      rt_connection_complete (self, op,
                              code == RT_WS_CLOSE_TOO_LARGE
                                ? g_error_new (RT_ERROR, RT_ERROR_TOO_LARGE,
                                               "Message %s of %" G_GSIZE_FORMAT " bytes is larger than the server takes",
                                               op->id, op->data_len)
                                : g_error_new (RT_ERROR, RT_ERROR_INVALID_MESSAGE,
                                               "The server closed the connection over message %s each time it was sent",
                                               op->id));
    }
}

void
rt_connection_fail_sends (RtConnection *self, const GError *reason)
{
  RtOp *op;

  rt_connection_keep_sends (self);
  while ((op = take_next (self)) != NULL)
    rt_connection_end_send (self, op, reason);
  rt_timer_stop (self->expiry_timer);
}

gboolean
rt_connection_cancel_send (RtConnection *self, RtOp *op)
{
  g_autoptr (GError) reason = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The call was cancelled");

  if (op->kind != RT_OP_PUBLISH)
    return FALSE;
  if (op->waits_again)
    rt_connection_take_again (self, op);
  else if (rt_send_queue_remove (&self->sends.queue, op))
    count_waiting (self, -1, -(gssize) op->data_len);
  else
    return FALSE;
  rt_connection_end_send (self, op, reason);
  return TRUE;
}
