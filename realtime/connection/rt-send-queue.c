/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-send-queue.h"

/* What op->expiry holds while an op is in the queue and has no time to live: then NULL tells that it is in none. */
static char never_expires;

void
rt_send_queue_init (RtSendQueue *self, guint limit, gsize max_bytes)
{
  *self = (RtSendQueue) { .limit = limit, .max_bytes = max_bytes };
  for (guint i = 0; i < RT_SEND_QUEUE_LEVELS; i++)
    g_queue_init (&self->levels[i]);
  self->expiring = g_sequence_new (NULL);
}

void
rt_send_queue_clear (RtSendQueue *self)
{
  g_assert (self->count == 0);
  g_clear_pointer (&self->expiring, g_sequence_free);
}

static guint
level_of (const RtOp *op)
{
  return MIN (op->priority, RT_SEND_QUEUE_LEVELS - 1);
}

/* Those that expire together stay in the order in which they came, as g_sequence_insert_sorted() puts equals last. */
static gint
compare_expiry (gconstpointer a, gconstpointer b, gpointer user_data)
{
  gint64 first = ((const RtOp *) a)->expires, second = ((const RtOp *) b)->expires;

  return (first > second) - (first < second);
}

gboolean
rt_send_queue_push (RtSendQueue *self, RtOp *op)
{
  g_assert (op->expiry == NULL);

  if (self->count >= self->limit || op->data_len > self->max_bytes - self->bytes)
    return FALSE;
  op->expiry = op->expires > 0 ? (gpointer) g_sequence_insert_sorted (self->expiring, op, compare_expiry, NULL)
                               : &never_expires;
  op->link.data = op;
  g_queue_push_tail_link (&self->levels[level_of (op)], &op->link);
  self->count++;
  self->bytes += op->data_len;
  return TRUE;
}

static void
take_out (RtSendQueue *self, RtOp *op)
{
  guint level = level_of (op);

  g_queue_unlink (&self->levels[level], &op->link);
  op->link.data = NULL;
  if (op->expiry != &never_expires)
    g_sequence_remove (op->expiry);
  op->expiry = NULL;
  if (self->levels[level].length == 0)
    self->passed_over[level] = 0;
  self->count--;
  self->bytes -= op->data_len;
}

static guint
choose_level (const RtSendQueue *self)
{
  guint highest = 0;

  for (guint i = 0; i < RT_SEND_QUEUE_LEVELS; i++)
    {
      if (self->passed_over[i] >= RT_SEND_QUEUE_PATIENCE)
        return i;
      if (self->levels[i].length > 0)
        highest = i;
    }
  return highest;
}

RtOp *
rt_send_queue_pop (RtSendQueue *self)
{
  guint level = choose_level (self);
  GList *link = g_queue_peek_head_link (&self->levels[level]);

  if (link == NULL)
    return NULL;
  for (guint i = 0; i < level; i++)
    if (self->levels[i].length > 0)
      self->passed_over[i]++;
  self->passed_over[level] = 0;

  RtOp *op = link->data;
  take_out (self, op);
  return op;
}

gboolean
rt_send_queue_remove (RtSendQueue *self, RtOp *op)
{
  if (op->expiry == NULL)
    return FALSE;
  take_out (self, op);
  return TRUE;
}

static RtOp *
peek_expiring (RtSendQueue *self)
{
  GSequenceIter *first = g_sequence_get_begin_iter (self->expiring);

  return g_sequence_iter_is_end (first) ? NULL : g_sequence_get (first);
}

RtOp *
rt_send_queue_pop_expired (RtSendQueue *self, gint64 now)
{
  RtOp *op = peek_expiring (self);

  if (op == NULL || op->expires > now)
    return NULL;
  take_out (self, op);
  return op;
}

gint64
rt_send_queue_next_expiry (RtSendQueue *self)
{
  RtOp *op = peek_expiring (self);

  return op != NULL ? op->expires : -1;
}
