/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-op.h"

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
  g_free (op->channel);
  g_free (op->id);
  g_free (op->data);
  g_free (op->reply);
  g_free (op);
}
