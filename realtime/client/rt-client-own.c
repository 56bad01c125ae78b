/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-private.h"

/* Requests of the library's own. Other than a call of the program's they keep neither a client nor a channel, and end
 * with them. */

typedef struct
{
  GWeakRef channel; /* it may be let go in any thread, in which nothing of the program's is to end */
  RtClientAnswerFunc func;
  guint64 data;
} OwnCall;

static void
own_call_free (OwnCall *own)
{
  g_weak_ref_clear (&own->channel);
  g_free (own);
}

void
rt_client_ask (RtClient *self, RtChannel *channel, RtOp *op, RtClientAnswerFunc func, guint64 data)
{
  OwnCall *own = g_new0 (OwnCall, 1);

  g_weak_ref_init (&own->channel, channel);
  own->func = func;
  own->data = data;
  op->call = own;
  op->is_own = TRUE;
  rt_connection_submit (rt_client_get_connection (self), op);
}

void
rt_client_own_completed (RtClient *self, RtOp *completed)
{
  g_autoptr (RtOp) op = completed;
  OwnCall *own = g_steal_pointer (&op->call);
  g_autoptr (RtChannel) channel = g_weak_ref_get (&own->channel);
  g_autoptr (GError) error = NULL;

  if (self != NULL && channel != NULL)
    {
      gpointer result = rt_client_take_result (self, op, NULL, &error);

      own->func (self, channel, result, error, own->data);
      if (result != NULL)
        rt_client_result_free (op->kind) (result);
    }
  own_call_free (own);
}

void
rt_client_own_dropped (RtOp *dropped)
{
  g_autoptr (RtOp) op = dropped;

  own_call_free (g_steal_pointer (&op->call));
}
