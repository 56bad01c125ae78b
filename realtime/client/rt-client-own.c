/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-private.h"

#include "rt-client-release.h"

/* Requests of the library's own. Other than a call of the program's they keep no client alive, and end with it. */

typedef struct
{
  RtChannel *channel;
  RtClientAnswerFunc func;
  guint64 data;
  GMainContext *context;
} OwnCall;

/* In any thread; what is the program's goes to its context. */
static void
own_call_free (OwnCall *own)
{
  rt_client_release_object_in (own->context, own->channel);
  g_main_context_unref (own->context);
  g_free (own);
}

void
rt_client_ask (RtClient *self, RtChannel *channel, RtOp *op, RtClientAnswerFunc func, guint64 data)
{
  OwnCall *own = g_new (OwnCall, 1);

  own->channel = g_object_ref (channel);
  own->func = func;
  own->data = data;
  own->context = g_main_context_ref (rt_client_get_context (self));
  op->call = own;
  op->is_own = TRUE;
  rt_connection_submit (rt_client_get_connection (self), op);
}

void
rt_client_own_completed (RtClient *self, RtOp *completed)
{
  g_autoptr (RtOp) op = completed;
  OwnCall *own = g_steal_pointer (&op->call);
  g_autoptr (GError) error = NULL;

  if (self != NULL)
    {
      gpointer result = rt_client_take_result (self, op, NULL, &error);

      own->func (self, own->channel, result, error, own->data);
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
