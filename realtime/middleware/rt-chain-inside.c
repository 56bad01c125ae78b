/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-chain-private.h"

#include "rt-error.h"

/* The exchanges that have to wait, each with one alarm at the earliest time at which something is to happen to it:
 * its own deadline, that of a middleware around it, or its next attempt. One timer serves all. */

/* --- The caller's cancel --- */

static gboolean
caller_cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  RtExchange *exchange = user_data;
  RtChain *self = exchange->chain;
  g_autoptr (RtChain) hold = rt_chain_ref (self);
  g_autoptr (GError) error = NULL;

  g_cancellable_set_error_if_cancelled (cancellable, &error);
  if (error == NULL)
    return G_SOURCE_CONTINUE; /* it was reset again */
  gpointer before = rt_chain_enter (self);
  rt_chain_end_early (self, exchange, error);
  rt_chain_leave (self, before);
  return G_SOURCE_REMOVE;
}

static void
watch_caller (RtChain *self, RtExchange *exchange)
{
  if (exchange->caller == NULL || exchange->caller_watch != NULL)
    return;
  exchange->caller_watch = g_cancellable_source_new (exchange->caller);
  g_source_set_static_name (exchange->caller_watch, "[realtime] middleware");
  g_source_set_callback (exchange->caller_watch, G_SOURCE_FUNC (caller_cancelled_cb), exchange, NULL);
  g_source_attach (exchange->caller_watch, self->context);
}

static void
unwatch_caller (RtExchange *exchange)
{
  if (exchange->caller_watch == NULL)
    return;
  g_source_destroy (exchange->caller_watch);
  g_clear_pointer (&exchange->caller_watch, g_source_unref);
}

/* --- In and out --- */

void
rt_chain_link_inside (RtChain *self, RtExchange *exchange)
{
  if (exchange->inside)
    return;
  exchange->inside = TRUE;
  g_queue_push_tail_link (&self->inside[exchange->direction], &exchange->link);
  g_atomic_int_inc (&self->n_inside);
}

void
rt_chain_put_inside (RtChain *self, RtExchange *exchange)
{
  rt_chain_link_inside (self, exchange);
  if (exchange->deadline == 0)
    exchange->deadline = rt_clock_now () + RT_CLOCK_MS (exchange->deadline_ms);
  watch_caller (self, exchange);
  rt_chain_set_alarm (self, exchange);
}

gboolean
rt_chain_take_out (RtChain *self, RtExchange *exchange)
{
  gboolean was_inside = exchange->inside;

  if (exchange->state == RT_EXCHANGE_READY)
    g_queue_unlink (&self->ready, &exchange->place);
  rt_chain_leave_lane (self, exchange);
  if (!was_inside && exchange->alarm == NULL)
    return FALSE;
  rt_chain_clear_alarm (self, exchange);
  unwatch_caller (exchange);
  if (was_inside)
    g_queue_unlink (&self->inside[exchange->direction], &exchange->link);
  exchange->inside = FALSE;
  return was_inside;
}

void
rt_chain_left (RtChain *self)
{
  g_atomic_int_add (&self->n_inside, -1);
}

/* --- Alarms --- */

/* The limit that ends first, or NULL. */
static const RtLimit *
get_first_limit (RtExchange *exchange)
{
  const RtLimit *first = NULL;

  for (guint i = 0; exchange->limits != NULL && i < exchange->limits->len; i++)
    {
      const RtLimit *limit = &g_array_index (exchange->limits, RtLimit, i);
      if (first == NULL || limit->deadline < first->deadline)
        first = limit;
    }
  return first;
}

static int
compare_alarms (gconstpointer a, gconstpointer b, gpointer unused)
{
  gint64 left = ((const RtExchange *) a)->alarm_time, right = ((const RtExchange *) b)->alarm_time;

  return left < right ? -1 : left > right;
}

void
rt_chain_set_alarm (RtChain *self, RtExchange *exchange)
{
  const RtLimit *limit = get_first_limit (exchange);
  gint64 when = limit != NULL ? limit->deadline : G_MAXINT64;

  rt_chain_clear_alarm (self, exchange);
  if (exchange->state == RT_EXCHANGE_WAITING)
    when = MIN (when, exchange->wake);
  else if (exchange->state != RT_EXCHANGE_PASSED)
    when = MIN (when, exchange->woken != NULL ? MIN (exchange->wake, exchange->deadline) : exchange->deadline);
  if (when == G_MAXINT64)
    return;
  if (self->alarms == NULL)
    self->alarms = g_sequence_new (NULL);
  exchange->alarm_time = when;
  exchange->alarm = g_sequence_insert_sorted (self->alarms, exchange, compare_alarms, NULL);
  if (g_sequence_iter_is_begin (exchange->alarm))
    rt_chain_wind_alarms (self);
}

void
rt_chain_clear_alarm (RtChain *self, RtExchange *exchange)
{
  if (exchange->alarm != NULL)
    g_sequence_remove (g_steal_pointer (&exchange->alarm));
}

/* What an alarm leads to runs code of the program, so it is left to the chain's source, which may be run again in
 * there. */
static void
timer_cb (gpointer user_data)
{
  rt_chain_schedule (user_data);
}

void
rt_chain_wind_alarms (RtChain *self)
{
  GSequenceIter *first = self->alarms != NULL ? g_sequence_get_begin_iter (self->alarms) : NULL;

  if (first == NULL || g_sequence_iter_is_end (first) || g_atomic_int_get (&self->closed))
    return;
  if (self->timer == NULL)
    self->timer = rt_timer_new (self->context, "[realtime] middleware", timer_cb, self);
  rt_timer_start (self->timer, ((RtExchange *) g_sequence_get (first))->alarm_time);
}

static GError *
deadline_error_new (RtExchange *exchange)
{
  if (exchange->next == 0)
    return g_error_new (RT_ERROR, RT_ERROR_TIMED_OUT,
                        "The message waited %u ms for an earlier one of its channel, which a middleware holds up",
                        exchange->deadline_ms);
  return g_error_new (RT_ERROR, RT_ERROR_TIMED_OUT, "The middleware “%s” did not resolve the exchange within %u ms",
                      G_OBJECT_TYPE_NAME (exchange->stages->items[exchange->next - 1].middleware),
                      exchange->deadline_ms);
}

static void
exchange_is_late (RtChain *self, RtExchange *exchange, guint stage, GError *error)
{
  g_clear_error (&exchange->error);
  exchange->error = error;
  g_object_ref (exchange);
  rt_exchange_cancel (exchange);
  if (exchange->state == RT_EXCHANGE_PASSED)
    {
      exchange->expired = TRUE;
      exchange->late_stage = stage;
      if (self->klass->expired != NULL && !exchange->final && rt_chain_may_call (self))
        self->klass->expired (exchange, exchange->tag, error, self->user_data);
    }
  else if (exchange->state != RT_EXCHANGE_ENDED)
    {
      if (exchange->state == RT_EXCHANGE_READY)
        g_queue_unlink (&self->ready, &exchange->place);
      exchange->state = RT_EXCHANGE_FAILING;
      rt_chain_fail (self, exchange, stage);
    }
  g_object_unref (exchange);
}

static void
wake (RtChain *self, RtExchange *exchange)
{
  RtWakeFunc woken = g_steal_pointer (&exchange->woken);
  g_autoptr (RtMiddleware) waker = g_steal_pointer (&exchange->waker);
  g_autoptr (RtExchange) hold = g_object_ref (exchange);

  rt_chain_set_alarm (self, exchange);
  woken (waker, exchange, exchange->wake_data);
}

static void
handle_alarm (RtChain *self, RtExchange *exchange, gint64 now)
{
  const RtLimit *limit = get_first_limit (exchange);

  if (limit != NULL && limit->deadline <= now)
    {
      guint stage = limit->stage;
      GError *error = g_error_new (RT_ERROR, RT_ERROR_TIMED_OUT, "The message was not through within %u ms", limit->ms);

      exchange_is_late (self, exchange, stage, error);
    }
  else if (exchange->state == RT_EXCHANGE_WAITING)
    rt_chain_make_ready (self, exchange);
  else if (exchange->woken != NULL && exchange->wake <= now)
    wake (self, exchange);
  else
    exchange_is_late (self, exchange, exchange->next > 0 ? exchange->next - 1 : 0, deadline_error_new (exchange));
}

gboolean
rt_chain_ring_alarm (RtChain *self, gint64 now)
{
  GSequenceIter *first = self->alarms != NULL ? g_sequence_get_begin_iter (self->alarms) : NULL;
  RtExchange *exchange;

  if (first == NULL || g_sequence_iter_is_end (first))
    return FALSE;
  exchange = g_sequence_get (first);
  if (exchange->alarm_time > now)
    return FALSE;
  rt_chain_clear_alarm (self, exchange);
  handle_alarm (self, exchange, now);
  return TRUE;
}
