/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "seq.h"

/* Middlewares of all sorts: those of the library, and functions that do what they like with an exchange. */

static void
replace (Seq *seq, RtExchange *exchange)
{
  g_autoptr (RtMessage) message = seq_get (seq, SEQ_POOL_MESSAGES);

  if (message != NULL)
    rt_exchange_replace (exchange, message);
  else
    rt_exchange_proceed (exchange);
}

/* A second time it does no harm. */
static void
resolve (Seq *seq, RtExchange *exchange)
{
  g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_FAILED, "as drawn");

  switch (seq_below (seq, 8))
    {
    case 0:
      replace (seq, exchange);
      break;
    case 1:
      rt_exchange_drop (exchange, seq_chance (seq, 2) ? "not wanted" : NULL);
      break;
    case 2:
      rt_exchange_fail (exchange, error);
      break;
    default:
      rt_exchange_proceed (exchange);
      break;
    }
}

static void
completed_cb (RtExchange *exchange, const GError *error, gpointer user_data)
{
  g_assert_true (g_main_context_is_owner (NULL));
  g_assert_true (error == NULL || error->message != NULL);
}

static gboolean
process_func (RtExchange *exchange, gpointer user_data, GError **error)
{
  Seq *seq = seq_hook_get (user_data);

  g_assert_true (RT_IS_MESSAGE (rt_exchange_get_message (exchange)));
  rt_exchange_get_direction (exchange);
  if (seq_chance (seq, 3))
    g_signal_connect (exchange, "completed", G_CALLBACK (completed_cb), NULL);
  if (seq_chance (seq, 8))
    g_assert_true (G_IS_CANCELLABLE (rt_exchange_get_cancellable (exchange)));
  seq_act_in_handler (seq);
  if (seq->depth == 0 && seq_chance (seq, 10))
    {
      seq_put (seq, SEQ_POOL_EXCHANGES, g_object_ref (exchange));
      return TRUE;
    }
  if (seq_chance (seq, 20))
    {
      if (seq_chance (seq, 2))
        g_set_error_literal (error, RT_ERROR, RT_ERROR_FAILED, "refused");
      return FALSE;
    }
  resolve (seq, exchange);
  if (seq_chance (seq, 20))
    resolve (seq, exchange);
  return TRUE;
}

static gboolean
filter_func (RtMessage *message, gpointer user_data)
{
  return !seq_chance (seq_hook_get (user_data), 4);
}

static RtMiddleware *
new_middleware (Seq *seq)
{
  switch (seq_below (seq, 8))
    {
    case 0:
      return rt_logging_middleware_new ();
    case 1:
      return RT_MIDDLEWARE (rt_recovery_middleware_new ());
    case 2:
      return rt_timeout_middleware_new (100 + seq_below (seq, 1000));
    case 3:
      return rt_filter_middleware_new (filter_func, seq_new_hook (seq), seq_hook_destroyed);
    case 4:
      return rt_rate_limit_middleware_new (10, 1 + seq_below (seq, 5), seq_below (seq, 3));
    default:
      return rt_middleware_new_for_func (process_func, seq_new_hook (seq), seq_hook_destroyed);
    }
}

static void
act_use (Seq *seq)
{
  g_autoptr (RtMiddleware) middleware = seq_chance (seq, 4) ? seq_get (seq, SEQ_POOL_MIDDLEWARES) : NULL;

  if (seq->client == NULL)
    return;
  if (middleware == NULL)
    middleware = new_middleware (seq);
  seq_did (seq, SEQ_DID_INTERFERE);
  rt_client_use (seq->client, middleware);
  seq_put (seq, SEQ_POOL_MIDDLEWARES, g_steal_pointer (&middleware));
}

static void
act_remove (Seq *seq)
{
  g_autoptr (RtMiddleware) middleware = seq_get (seq, SEQ_POOL_MIDDLEWARES);

  if (seq->client == NULL || middleware == NULL)
    return;
  rt_client_remove_middleware (seq->client, middleware);
}

static void
act_resolve (Seq *seq)
{
  g_autoptr (RtExchange) exchange = seq_get (seq, SEQ_POOL_EXCHANGES);

  if (exchange == NULL)
    return;
  resolve (seq, exchange);
  g_ptr_array_remove (seq->pools[SEQ_POOL_EXCHANGES], exchange);
}

const SeqAction seq_middleware_actions[] = {
  { "use", SEQ_GROUP_MIDDLEWARE, 15, act_use },
  { "remove a middleware", SEQ_GROUP_MIDDLEWARE, 12, act_remove },
  { "resolve an exchange", SEQ_GROUP_MIDDLEWARE, 40, act_resolve },
  { NULL },
};
