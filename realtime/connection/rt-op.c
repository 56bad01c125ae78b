/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-op.h"

#include <string.h>
#include "rt-sub.h"

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

RtOp *
rt_op_new_publish (RtBuffer *block)
{
  RtOp *op = rt_op_new (RT_OP_PUBLISH);
  gsize len = block->len;

  op->block = (char *) g_steal_pointer (&block->data);
  op->channel = op->block;
  op->id = op->channel + strlen (op->channel) + 1;
  op->data = op->id + strlen (op->id) + 1;
  op->data_len = (gsize) (op->block + len - op->data);
  return op;
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
    g_free (op->request.join.epoch);
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
