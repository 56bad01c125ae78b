/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-chain-private.h"

#include "rt-error.h"
#include "rt-middleware-private.h"

/* The way in: one exchange through its middlewares, in a loop, so that a long chain needs no more stack than a short
 * one; and the ways out. */

/* --- Its end --- */

void
rt_chain_release (RtChain *self, RtExchange *exchange)
{
  if (exchange->driven > 0)
    return; /* the frame that runs it does this */
  rt_exchange_clear_guards (exchange, 0);
  if (exchange->limits != NULL && exchange->limits->len > 0)
    g_array_set_size (exchange->limits, 0);
  if (exchange->caller != NULL)
    g_clear_object (&exchange->caller);
  exchange->woken = NULL;
  if (exchange->waker != NULL)
    g_clear_object (&exchange->waker);
  rt_stages_unref (g_steal_pointer (&exchange->stages));
  if (self->spare == NULL && !g_atomic_int_get (&self->closed) && rt_exchange_reset (exchange))
    self->spare = exchange;
  else
    g_object_unref (exchange);
}

void
rt_chain_tell_end (RtChain *self, RtExchange *exchange)
{
  if (exchange->told || !rt_chain_may_call (self))
    return;
  exchange->told = TRUE;
  self->klass->ended (exchange, exchange->tag, exchange->outcome,
                      exchange->outcome == NULL ? exchange->reason : NULL, self->user_data);
}

/* Some of the handlers of `completed` may be under way. Those that are left hear of it when these have returned. */
static void
end_offered (RtChain *self, RtExchange *exchange, const GError *error)
{
  exchange->early = g_error_copy (error);
  exchange->outcome = exchange->early;
  rt_chain_tell_end (self, exchange);
}

static void
end_now (RtChain *self, RtExchange *exchange, const GError *error)
{
  exchange->outcome = error;
  exchange->outer_ending = self->ending;
  self->ending = exchange;
  rt_exchange_emit_completed (exchange, 0, error);
  self->ending = exchange->outer_ending;
  rt_chain_tell_end (self, exchange);
}

void
rt_chain_end (RtChain *self, RtExchange *exchange, const GError *error)
{
  gboolean was_offered = exchange->offered, was_inside;

  if (exchange->state == RT_EXCHANGE_ENDED)
    return;
  was_inside = rt_chain_take_out (self, exchange);
  exchange->state = RT_EXCHANGE_ENDED;
  exchange->verdict = RT_VERDICT_FAIL;
  if (was_offered)
    end_offered (self, exchange, error);
  else
    end_now (self, exchange, error);
  if (was_inside)
    rt_chain_left (self);
  if (!was_offered)
    rt_chain_release (self, exchange);
}

void
rt_chain_end_early (RtChain *self, RtExchange *exchange, const GError *error)
{
  g_autoptr (RtExchange) hold = g_object_ref (exchange);

  rt_exchange_cancel (exchange);
  rt_chain_end (self, exchange, error);
}

static void
pass (RtChain *self, RtExchange *exchange)
{
  gboolean was_inside;

  if (!rt_chain_may_call (self))
    {
      rt_chain_end (self, exchange, NULL);
      return;
    }
  was_inside = rt_chain_take_out (self, exchange);
  exchange->state = RT_EXCHANGE_PASSED;
  if (exchange->direction == RT_DIRECTION_OUTGOING && exchange->limits != NULL && exchange->limits->len > 0)
    rt_chain_set_alarm (self, exchange);
  self->klass->passed (exchange, exchange->tag, self->user_data);
  /* Not before, or what another thread sends next could overtake it. */
  if (was_inside)
    rt_chain_left (self);
}

gboolean
rt_chain_fail (RtChain *self, RtExchange *exchange, guint stage)
{
  if (exchange->guards != NULL && exchange->guards->len > 0)
    rt_chain_link_inside (self, exchange); /* where it is found, should a handler close or abort */
  switch (rt_chain_offer (self, exchange, stage))
    {
    case RT_OFFER_TAKEN_BACK:
      return FALSE;
    case RT_OFFER_ENDED:
      return TRUE;
    case RT_OFFER_REFUSED:
    default:
      rt_chain_end (self, exchange, exchange->error);
      return TRUE;
    }
}

/* --- Its way --- */

/* A middleware did not take it, or said so and gave an error. */
static void
refuse (RtExchange *exchange, RtMiddleware *middleware, gboolean taken, GError *error)
{
  if (taken || exchange->verdict != RT_VERDICT_NONE)
    {
      g_clear_error (&error);
      return;
    }
  exchange->verdict = RT_VERDICT_FAIL;
  exchange->error = error != NULL ? error : rt_middleware_silent_error_new (middleware);
}

static void
run_stages (RtChain *self, RtExchange *exchange)
{
  const RtStages *stages = exchange->stages;
  RtExchange *outer = self->running;

  exchange->state = RT_EXCHANGE_RUNNING;
  exchange->driven++;
  exchange->outer = outer;
  g_atomic_pointer_set (&self->running, exchange);
  exchange->verdict = RT_VERDICT_PROCEED;
  while (exchange->verdict == RT_VERDICT_PROCEED && exchange->next < stages->n)
    {
      const RtStage *stage = &stages->items[exchange->next++];
      GError *error = NULL;
      gboolean taken;

      exchange->verdict = RT_VERDICT_NONE;
      exchange->woken = NULL;
      g_atomic_int_set (&exchange->serial, exchange->serial + 1);
      taken = stage->process (stage->middleware, exchange, &error);
      if (G_UNLIKELY (!taken || error != NULL))
        refuse (exchange, stage->middleware, taken, error);
    }
  g_atomic_pointer_set (&self->running, outer);
  exchange->driven--;
}

static void
park (RtChain *self, RtExchange *exchange)
{
  exchange->state = RT_EXCHANGE_PARKED;
  rt_chain_take_lane (self, exchange);
  rt_chain_put_inside (self, exchange);
}

/* Returns whether it is settled. */
gboolean
rt_chain_drive (RtChain *self, RtExchange *exchange)
{
  if (exchange->verdict == RT_VERDICT_NONE || exchange->verdict == RT_VERDICT_PROCEED)
    run_stages (self, exchange);
  if (exchange->state == RT_EXCHANGE_ENDED)
    {
      rt_chain_release (self, exchange); /* it ended while it was being run */
      return TRUE;
    }
  switch (exchange->verdict)
    {
    case RT_VERDICT_NONE:
      park (self, exchange);
      return FALSE;
    case RT_VERDICT_PROCEED:
      pass (self, exchange);
      return TRUE;
    case RT_VERDICT_DROP:
      rt_chain_end (self, exchange, NULL);
      return TRUE;
    case RT_VERDICT_FAIL:
    default:
      return rt_chain_fail (self, exchange, exchange->next - 1);
    }
}

static RtExchange *
begin (RtChain      *self,
       RtDirection   direction,
       RtMessage    *message,
       gpointer      tag,
       GCancellable *cancellable,
       guint         deadline_ms)
{
  RtExchange *exchange = g_steal_pointer (&self->spare);

  if (exchange == NULL)
    exchange = rt_exchange_new (self);
  if (g_atomic_int_get (&self->serial) != self->stages_serial)
    rt_chain_refresh (self);
  exchange->stages = rt_stages_ref (self->stages);
  exchange->number = ++self->last_number;
  exchange->direction = direction;
  exchange->message = g_object_ref (message);
  exchange->tag = tag;
  exchange->deadline_ms = deadline_ms;
  if (cancellable != NULL)
    exchange->caller = g_object_ref (cancellable);
  return exchange;
}

static gboolean
start (RtChain *self, RtExchange *exchange)
{
  g_autoptr (GError) error = NULL;
  RtLane *lane;

  if (G_UNLIKELY (g_atomic_int_get (&self->closed)))
    error = g_error_new_literal (RT_ERROR, RT_ERROR_CLOSED, "The client is closed");
  else if (exchange->caller != NULL)
    g_cancellable_set_error_if_cancelled (exchange->caller, &error);
  if (G_UNLIKELY (error != NULL))
    {
      self->closing++; /* it is the caller who gets called */
      rt_chain_end (self, exchange, error);
      self->closing--;
      return TRUE;
    }
  lane = rt_chain_find_lane (self, exchange->direction, rt_message_get_channel (exchange->message));
  if (lane == NULL)
    return rt_chain_drive (self, exchange);
  rt_chain_hold_back (self, lane, exchange);
  return FALSE;
}

gboolean
rt_chain_run (RtChain      *self,
              RtDirection   direction,
              RtMessage    *message,
              gpointer      tag,
              GCancellable *cancellable,
              guint         deadline_ms)
{
  g_autoptr (RtChain) hold = rt_chain_ref (self);
  gpointer before = rt_chain_enter (self);
  gboolean settled = start (self, begin (self, direction, message, tag, cancellable, deadline_ms));

  rt_chain_leave (self, before);
  return settled;
}

/* --- The way back --- */

/* What became of it, where a limit had it given up. */
static const GError *
judge (RtExchange *exchange, const GError *error)
{
  if (error != NULL && exchange->expired && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return exchange->error;
  return error;
}

static void
complete (RtChain *self, RtExchange *exchange, const GError *error)
{
  exchange->state = RT_EXCHANGE_ENDED;
  rt_exchange_emit_completed (exchange, 0, error);
  rt_chain_release (self, exchange);
}

static gboolean
complete_failed (RtChain *self, RtExchange *exchange, const GError *error)
{
  guint stage = exchange->expired ? exchange->late_stage : exchange->stages->n;
  GError *copy = g_error_copy (error);

  g_clear_error (&exchange->error);
  exchange->error = copy;
  if (rt_chain_offer (self, exchange, stage) == RT_OFFER_TAKEN_BACK)
    return TRUE;
  complete (self, exchange, exchange->error);
  return FALSE;
}

gboolean
rt_chain_complete (RtChain *self, RtExchange *exchange, const GError *error)
{
  g_return_val_if_fail (exchange->state == RT_EXCHANGE_PASSED, FALSE);

  g_autoptr (RtChain) hold = rt_chain_ref (self);
  gpointer before = rt_chain_enter (self);
  gboolean taken_back = FALSE;

  rt_chain_clear_alarm (self, exchange);
  if (error != NULL)
    taken_back = complete_failed (self, exchange, judge (exchange, error));
  else
    complete (self, exchange, NULL);
  rt_chain_leave (self, before);
  return taken_back;
}

void
rt_chain_finish (RtChain *self, RtExchange *exchange, const GError *error)
{
  exchange->final = TRUE;
  rt_chain_complete (self, exchange, error);
}
