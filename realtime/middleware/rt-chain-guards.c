/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-chain-private.h"

/* A failure on its way out: what was connected inside of a guard hears of it, then the guard itself may have it tried
 * again. */

static void
drop_inner_limits (RtExchange *exchange, guint stage)
{
  GArray *limits = exchange->limits;

  while (limits != NULL && limits->len > 0 && g_array_index (limits, RtLimit, limits->len - 1).stage > stage)
    g_array_set_size (limits, limits->len - 1);
}

/* Back to where it was when it came to its last guard. */
static void
take_back (RtChain *self, RtExchange *exchange, gboolean had_passed, guint delay)
{
  RtGuard *guard = &g_array_index (exchange->guards, RtGuard, exchange->guards->len - 1);

  guard->attempts++;
  exchange->next = guard->stage + 1;
  g_set_object (&exchange->message, guard->message);
  drop_inner_limits (exchange, guard->stage);
  g_clear_error (&exchange->error);
  g_clear_pointer (&exchange->reason, g_free);
  if (g_atomic_int_get (&exchange->cancelled))
    g_clear_object (&exchange->cancellable); /* the next attempt has another one */
  g_atomic_int_set (&exchange->cancelled, FALSE);
  exchange->verdict = RT_VERDICT_NONE;
  exchange->expired = FALSE;
  exchange->woken = NULL;
  exchange->wake = rt_clock_now () + RT_CLOCK_MS (delay);
  exchange->deadline = exchange->wake + RT_CLOCK_MS (exchange->deadline_ms);
  exchange->state = RT_EXCHANGE_WAITING;
  /* Later ones may have been sent since. */
  if (had_passed)
    exchange->loose = TRUE;
  rt_chain_take_lane (self, exchange);
  rt_chain_put_inside (self, exchange);
}

static gboolean
can_retry (RtChain *self, RtExchange *exchange)
{
  return !exchange->final && !g_atomic_int_get (&self->closed);
}

static RtGuardAnswer
ask (RtExchange *exchange, const RtGuard *guard, guint stage, guint *delay)
{
  if (exchange->error == NULL || guard->stage >= stage)
    return RT_GUARD_PASS_ON;
  /* Its handler may end the exchange, with which the guards go. */
  g_autoptr (RtMiddleware) middleware = g_object_ref (guard->middleware);
  return guard->func (middleware, exchange, guard->attempts + 1,
                      exchange->error, delay);
}

/* A handler has ended it. */
static void
end_offer (RtChain *self, RtExchange *exchange)
{
  exchange->offered = FALSE;
  rt_exchange_emit_completed (exchange, 0, exchange->early);
  rt_chain_release (self, exchange);
}

static RtOffer
offer (RtChain *self, RtExchange *exchange, guint stage, gboolean had_passed)
{
  while (exchange->guards != NULL && exchange->guards->len > 0)
    {
      guint last = exchange->guards->len - 1, delay = 0;
      RtGuard guard = g_array_index (exchange->guards, RtGuard, last);
      RtGuardAnswer answer = RT_GUARD_PASS_ON;

      rt_exchange_emit_completed (exchange, guard.mark, exchange->error);
      if (exchange->state == RT_EXCHANGE_FAILING)
        answer = ask (exchange, &guard, stage, can_retry (self, exchange) ? &delay : NULL);
      if (exchange->state != RT_EXCHANGE_FAILING)
        return RT_OFFER_ENDED;
      if (answer == RT_GUARD_RETRY && !can_retry (self, exchange))
        answer = RT_GUARD_PASS_ON; /* its handler closed the chain */
      if (answer == RT_GUARD_RETRY)
        {
          take_back (self, exchange, had_passed, delay);
          return RT_OFFER_TAKEN_BACK;
        }
      if (answer == RT_GUARD_DROP)
        {
          g_free (exchange->reason);
          exchange->reason = g_strdup (exchange->error->message);
          g_clear_error (&exchange->error);
        }
      rt_exchange_clear_guards (exchange, last);
    }
  return RT_OFFER_REFUSED;
}

RtOffer
rt_chain_offer (RtChain *self, RtExchange *exchange, guint stage)
{
  g_autoptr (RtExchange) hold = g_object_ref (exchange);
  gboolean had_passed = exchange->state == RT_EXCHANGE_PASSED;
  RtOffer answer;

  exchange->state = RT_EXCHANGE_FAILING;
  exchange->offered = TRUE;
  answer = offer (self, exchange, stage, had_passed);
  if (answer == RT_OFFER_ENDED)
    end_offer (self, exchange);
  exchange->offered = FALSE;
  return answer;
}
