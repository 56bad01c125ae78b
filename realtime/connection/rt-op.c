/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-op.h"

#include <string.h>
#include "rt-sub.h"

/* What a pool keeps at most. */
#define MAX_SPARE 1024
#define MAX_SPARE_BLOCK 4096

RtOp *
rt_op_new (RtOpKind kind)
{
  RtOp *op = g_new0 (RtOp, 1);

  g_atomic_ref_count_init (&op->refs);
  op->item.kind = RT_ITEM_OP;
  op->kind = kind;
  op->wants_result = TRUE;
  return op;
}

void
rt_op_begin_publish (RtBuffer *block, const char *channel, const char *id, gsize expected)
{
  gsize channel_size = strlen (channel) + 1;
  gsize id_size = strlen (id) + 1;

  rt_buffer_reserve (block, channel_size + id_size + expected);
  rt_buffer_put (block, channel, channel_size);
  rt_buffer_put (block, id, id_size);
}

void
rt_op_finish_publish (RtOp *op, RtBuffer *block)
{
  op->block = (char *) block->data;
  op->block_size = block->capacity;
  op->channel = op->block;
  op->id = op->channel + strlen (op->channel) + 1;
  op->data = op->id + strlen (op->id) + 1;
  op->data_len = (gsize) (op->block + block->len - op->data);
  memset (block, 0, sizeof *block);
}

void
rt_op_swap_publish (RtOp *self, RtOp *other)
{
  RtOp was = *self;

  self->channel = other->channel;
  self->id = other->id;
  self->data = other->data;
  self->data_len = other->data_len;
  self->block = other->block;
  self->block_size = other->block_size;
  self->expires = other->expires;
  self->priority = other->priority;
  other->channel = was.channel;
  other->id = was.id;
  other->data = was.data;
  other->data_len = was.data_len;
  other->block = was.block;
  other->block_size = was.block_size;
  other->expires = was.expires;
  other->priority = was.priority;
}

void
rt_op_renew_publish (RtOp *self)
{
  g_clear_error (&self->error);
  self->item.next = NULL;
  self->command_id = 0;
  self->deadline = 0;
  self->offset = 0;
  self->strikes = 0;
  self->is_suspect = FALSE;
  self->patient = self->was_accepted = self->was_written = self->was_lost = self->was_overtaken = FALSE;
  self->order = 0;
}

RtOp *
rt_op_ref (RtOp *op)
{
  g_atomic_ref_count_inc (&op->refs);
  return op;
}

void
rt_op_unref (RtOp *op)
{
  if (!g_atomic_ref_count_dec (&op->refs))
    return;
  if (op->kind == RT_OP_JOIN)
    {
      g_free (op->request.join.epoch);
      g_free (op->request.join.data);
      rt_tags_filter_free (op->request.join.filter);
    }
  else if (op->kind == RT_OP_HISTORY)
    g_free (op->request.history.epoch);
  g_clear_pointer (&op->sub, rt_sub_unref);
  g_clear_error (&op->error);
  if (op->block == NULL)
    {
      g_free (op->channel);
      g_free (op->data);
    }
  g_free (op->block);
  g_free (op->reply);
  g_free (op->epoch);
  g_free (op);
}

void
rt_op_pool_init (RtOpPool *self)
{
  g_mutex_init (&self->lock);
}

void
rt_op_pool_clear (RtOpPool *self)
{
  while (self->first != NULL)
    {
      RtOp *op = self->first;
      self->first = (RtOp *) op->item.next;
      rt_op_unref (op);
    }
  g_mutex_clear (&self->lock);
}

RtOp *
rt_op_pool_take (RtOpPool *self, RtBuffer *block)
{
  g_mutex_lock (&self->lock);
  RtOp *op = self->first;
  if (op != NULL)
    {
      self->first = (RtOp *) op->item.next;
      self->count--;
    }
  g_mutex_unlock (&self->lock);

  if (op == NULL)
    return rt_op_new (RT_OP_PUBLISH);
  op->item.next = NULL;
  *block = (RtBuffer) { .data = (guint8 *) g_steal_pointer (&op->block), .capacity = op->block_size };
  return op;
}

void
rt_op_pool_put (RtOpPool *self, RtOp *op)
{
  if (op->block_size > MAX_SPARE_BLOCK)
    {
      rt_op_unref (op);
      return;
    }
  /* Only what a publish that nobody waits for uses. */
  rt_op_renew_publish (op);
  op->cancelled = FALSE;
  op->wants_result = TRUE;
  op->expires = 0;
  op->priority = 0;

  g_mutex_lock (&self->lock);
  gboolean keep = self->count < MAX_SPARE;
  if (keep)
    {
      op->item.next = (RtHandoverItem *) self->first;
      self->first = op;
      self->count++;
    }
  g_mutex_unlock (&self->lock);
  if (!keep)
    rt_op_unref (op);
}
