/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-replies.h"

#define FIRST_SIZE 64

void
rt_replies_init (RtReplies *self)
{
  self->slots = g_new0 (RtOp *, FIRST_SIZE);
  self->mask = FIRST_SIZE - 1;
  self->oldest = self->next = 1;
  self->count = 0;
  self->own = g_sequence_new (NULL);
  self->own_ids = g_hash_table_new (NULL, NULL);
}

void
rt_replies_clear (RtReplies *self)
{
  g_assert (self->count == 0);
  g_clear_pointer (&self->slots, g_free);
  g_clear_pointer (&self->own, g_sequence_free);
  g_clear_pointer (&self->own_ids, g_hash_table_unref);
}

/* 0 means "no id" on the wire, so it is left out when the counter wraps. */
guint32
rt_replies_take_id (RtReplies *self)
{
  guint32 id = self->next++;

  if (self->next == 0)
    self->next = 1;
  return id;
}

static void
grow (RtReplies *self)
{
  guint32 size = (self->mask + 1) * 2;
  RtOp **slots = g_new0 (RtOp *, size);

  for (guint32 i = 0; i <= self->mask; i++)
    if (self->slots[i] != NULL)
      slots[self->slots[i]->command_id & (size - 1)] = self->slots[i];
  g_free (self->slots);
  self->slots = slots;
  self->mask = size - 1;
}

static gint
compare_deadlines (gconstpointer a, gconstpointer b, gpointer user_data)
{
  gint64 first = ((const RtOp *) a)->deadline, second = ((const RtOp *) b)->deadline;

  return (first > second) - (first < second);
}

static guint
count_same (const RtReplies *self)
{
  return self->count - g_hash_table_size (self->own_ids);
}

guint32
rt_replies_add (RtReplies *self, RtOp *op)
{
  op->command_id = rt_replies_take_id (self);
  if (op->timeout != 0)
    {
      GSequenceIter *iter = g_sequence_insert_sorted (self->own, op, compare_deadlines, NULL);

      g_hash_table_insert (self->own_ids, GUINT_TO_POINTER (op->command_id), iter);
      self->count++;
      return op->command_id;
    }
  if (count_same (self) == 0)
    self->oldest = op->command_id;
  while (self->slots[op->command_id & self->mask] != NULL)
    grow (self);
  self->slots[op->command_id & self->mask] = op;
  self->count++;
  return op->command_id;
}

static RtOp *
steal_own (RtReplies *self, guint32 id)
{
  GSequenceIter *iter = g_hash_table_lookup (self->own_ids, GUINT_TO_POINTER (id));

  if (iter == NULL)
    return NULL;
  RtOp *op = g_sequence_get (iter);
  g_sequence_remove (iter);
  g_hash_table_remove (self->own_ids, GUINT_TO_POINTER (id));
  self->count--;
  return op;
}

RtOp *
rt_replies_steal (RtReplies *self, guint32 id)
{
  RtOp *op = self->slots[id & self->mask];

  if (id == 0)
    return NULL;
  if (op == NULL || op->command_id != id)
    return g_hash_table_size (self->own_ids) > 0 ? steal_own (self, id) : NULL;
  self->slots[id & self->mask] = NULL;
  self->count--;
  return op;
}

RtOp *
rt_replies_peek_oldest (RtReplies *self)
{
  if (count_same (self) == 0)
    return NULL;
  for (;;)
    {
      RtOp *op = self->slots[self->oldest & self->mask];
      if (op != NULL && op->command_id == self->oldest)
        return op;
      self->oldest++;
    }
}

GPtrArray *
rt_replies_list (RtReplies *self, RtOpKind kind)
{
  GPtrArray *ops = g_ptr_array_new ();

  for (guint32 id = self->oldest; count_same (self) > 0 && id != self->next; id++)
    {
      RtOp *op = self->slots[id & self->mask];
      if (op != NULL && op->command_id == id && op->kind == kind)
        g_ptr_array_add (ops, op);
    }
  for (GSequenceIter *i = g_sequence_get_begin_iter (self->own); !g_sequence_iter_is_end (i); i = g_sequence_iter_next (i))
    if (((RtOp *) g_sequence_get (i))->kind == kind)
      g_ptr_array_add (ops, g_sequence_get (i));
  return ops;
}

RtOp *
rt_replies_peek_own (RtReplies *self)
{
  GSequenceIter *first = g_sequence_get_begin_iter (self->own);

  return g_sequence_iter_is_end (first) ? NULL : g_sequence_get (first);
}
