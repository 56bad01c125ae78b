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
}

void
rt_replies_clear (RtReplies *self)
{
  g_assert (self->count == 0);
  g_clear_pointer (&self->slots, g_free);
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

guint32
rt_replies_add (RtReplies *self, RtOp *op)
{
  op->command_id = rt_replies_take_id (self);
  if (self->count == 0)
    self->oldest = op->command_id;
  while (self->slots[op->command_id & self->mask] != NULL)
    grow (self);
  self->slots[op->command_id & self->mask] = op;
  self->count++;
  return op->command_id;
}

RtOp *
rt_replies_steal (RtReplies *self, guint32 id)
{
  RtOp *op = self->slots[id & self->mask];

  if (id == 0 || op == NULL || op->command_id != id)
    return NULL;
  self->slots[id & self->mask] = NULL;
  self->count--;
  return op;
}

RtOp *
rt_replies_peek_oldest (RtReplies *self)
{
  if (self->count == 0)
    return NULL;
  for (;;)
    {
      RtOp *op = self->slots[self->oldest & self->mask];
      if (op != NULL && op->command_id == self->oldest)
        return op;
      self->oldest++;
    }
}
