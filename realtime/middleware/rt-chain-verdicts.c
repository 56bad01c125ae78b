/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-chain-private.h"

/* What middlewares say about an exchange, in the chain's thread and in others. */

static void
carried_free (RtCarried *carried)
{
  g_object_unref (carried->exchange);
  g_clear_object (&carried->message);
  g_free (carried->reason);
  g_clear_error (&carried->error);
  g_free (carried);
}

static void
apply (RtExchange *exchange, RtVerdict verdict, RtMessage *message, const char *reason, const GError *error)
{
  RtChain *chain = exchange->chain;

  if (exchange->verdict != RT_VERDICT_NONE
      || (exchange->state != RT_EXCHANGE_RUNNING && exchange->state != RT_EXCHANGE_PARKED))
    return;
  exchange->verdict = verdict;
  if (message != NULL && message != exchange->message)
    {
      /* The place in the order is that of the channel on which it came. */
      if (exchange->lane == NULL)
        rt_chain_take_lane (chain, exchange);
      g_set_object (&exchange->message, message);
    }
  if (verdict == RT_VERDICT_DROP)
    exchange->reason = g_strdup (reason != NULL ? reason : "dropped");
  else if (verdict == RT_VERDICT_FAIL)
    exchange->error = g_error_copy (error);
  if (exchange->state == RT_EXCHANGE_PARKED)
    rt_chain_make_ready (chain, exchange);
}

/* FALSE if it is too late. */
static gboolean
carry_over (RtExchange *exchange, RtVerdict verdict, RtMessage *message, const char *reason, const GError *error)
{
  RtChain *chain = exchange->chain;
  RtCarried *carried = g_new0 (RtCarried, 1);

  carried->exchange = g_object_ref (exchange);
  carried->serial = g_atomic_int_get (&exchange->serial);
  carried->verdict = verdict;
  carried->message = message != NULL ? g_object_ref (message) : NULL;
  carried->reason = g_strdup (reason);
  carried->error = error != NULL ? g_error_copy (error) : NULL;
  g_mutex_lock (&chain->lock);
  /* What is forgotten has to leave the alarms where these are at home. */
  gboolean closed = verdict == RT_VERDICT_FORGET ? chain->over : g_atomic_int_get (&chain->closed);
  if (!closed)
    g_queue_push_tail (&chain->carried, carried);
  g_mutex_unlock (&chain->lock);
  if (closed)
    carried_free (carried);
  else
    rt_chain_schedule (chain);
  return !closed;
}

void
rt_chain_forget (RtChain *self, RtExchange *exchange, const GError *error)
{
  g_autoptr (RtChain) hold = rt_chain_ref (self);

  if (!carry_over (exchange, RT_VERDICT_FORGET, NULL, NULL, error))
    g_object_unref (exchange);
}

void
rt_chain_resolve (RtExchange   *exchange,
                  RtVerdict     verdict,
                  RtMessage    *message,
                  const char   *reason,
                  const GError *error)
{
  if (exchange->chain == NULL)
    return;
  if (rt_chain_is_here (exchange->chain))
    apply (exchange, verdict, message, reason, error);
  else
    carry_over (exchange, verdict, message, reason, error);
}

void
rt_chain_take_carried (RtChain *self)
{
  GQueue carried;

  g_mutex_lock (&self->lock);
  carried = self->carried;
  g_queue_init (&self->carried);
  g_mutex_unlock (&self->lock);
  for (RtCarried *item = g_queue_pop_head (&carried); item != NULL; item = g_queue_pop_head (&carried))
    {
      if (item->verdict == RT_VERDICT_FORGET)
        rt_chain_finish (self, item->exchange, item->error);
      /* Another middleware may have it by now. */
      else if (item->serial == g_atomic_int_get (&item->exchange->serial))
        apply (item->exchange, item->verdict, item->message, item->reason, item->error);
      carried_free (item);
    }
}
