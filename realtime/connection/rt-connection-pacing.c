/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-connection-private.h"

#include "rt-error.h"

/* The speed of publishes: the program's limit, and the server's "too many requests". A message that the server did not
 * take keeps its place, which is before all that was written after it. Where one that must not come before it has
 * arrived already, or may have, there is no such place any more, and it ends. To make that rare, after a refusal one
 * message is tried alone, and then more and more together. */

#define TOO_MANY_REQUESTS 111
/* The bound of the first rest, and of the longest, ms. */
#define FIRST_REST 200
#define LONGEST_REST 20000
/* So many under way without a refusal, and they are not counted any more. */
#define FULL_WINDOW 128

void
rt_connection_init_pace (RtConnection *self)
{
  const RtSettings *settings = self->settings;

  self->pace.limited = settings->rate_limit > 0;
  self->pace.waits = settings->rate_policy == RT_RATE_POLICY_WAIT;
  self->pace.window = G_MAXUINT;
  if (self->pace.limited)
    rt_rate_bucket_init (&self->pace.bucket, settings->rate_limit, settings->rate_burst, rt_clock_now ());
}

/* --- Turns --- */

gboolean
rt_connection_has_turn (RtConnection *self)
{
  RtPace *pace = &self->pace;

  if (G_LIKELY (!pace->limited))
    return TRUE;
  gint64 now = rt_connection_now (self);
  gint64 turn = MAX (now + rt_rate_bucket_get_delay (&pace->bucket, 1, now), pace->rests_until);
  if (turn <= now)
    return self->sends.in_flight < pace->window;
  /* One that runs for an earlier moment finds out by itself that it was too early. */
  if (!rt_timer_is_active (self->pace_timer))
    rt_timer_start (self->pace_timer, turn);
  return FALSE;
}

void
rt_connection_take_turn (RtConnection *self, RtOp *op)
{
  rt_rate_bucket_try_acquire (&self->pace.bucket, 1, rt_connection_now (self));
  op->link = (GList) { .data = op };
  op->is_flying = TRUE;
  op->was_overtaken = FALSE;
  g_queue_push_tail_link (&self->pace.flying, &op->link);
}

void
rt_connection_pace_expired (gpointer user_data)
{
  RtConnection *self = user_data;

  rt_connection_flush_sends (self);
  rt_connection_drained (self);
  rt_connection_send_out (self);
}

/* --- Too fast by the program's limit --- */

static gboolean
may_wait (RtConnection *self, const RtOp *op)
{
  return self->pace.waits || op->patient;
}

/* Without a line it waits for that, and not for its turn. */
GError *
rt_connection_check_rate (RtConnection *self, const RtOp *op)
{
  guint ahead = self->sends.again.length + self->sends.queue.count;
  gint64 now = rt_connection_now (self);

  if (may_wait (self, op) || self->phase != RT_PHASE_OPEN)
    return NULL;
  gint64 delay = rt_rate_bucket_get_delay (&self->pace.bucket, ahead + 1, now);
  if (delay < 0)
    delay = (gint64) (ahead + 1) * G_USEC_PER_SEC / self->settings->rate_limit;
  delay = MAX (delay, self->pace.rests_until - now);
  if (delay <= 0)
    return NULL;
  return g_error_new (RT_ERROR, RT_ERROR_RATE_LIMITED,
                      "Message %s was not sent, since there are more than the %u a second of the setting"
                      " \"rate-limit\"; send it again in %" G_GINT64_FORMAT " ms",
                      op->id, self->settings->rate_limit, (delay + 999) / 1000);
}

/* --- Too fast for the server --- */

/* All that was written before the rest tells of the same. */
static void
rest (RtConnection *self, const RtOp *op)
{
  RtPace *pace = &self->pace;
  gint64 bound = RT_CLOCK_MS (FIRST_REST);

  if (op->write <= pace->rested_at)
    return;
  for (guint i = 0; i < pace->refusals && bound < RT_CLOCK_MS (LONGEST_REST); i++)
    bound *= 2;
  pace->refusals++;
  pace->window = 1;
  pace->rested_at = self->sends.writes;
  pace->rests_until = rt_connection_now (self)
                      + rt_backoff_random (&self->backoff, MIN (bound, RT_CLOCK_MS (LONGEST_REST)));
}

/* Whether @later must not arrive before @earlier. */
static gboolean
follows (const RtOp *later, const RtOp *earlier)
{
  return earlier->order < later->order && earlier->priority == later->priority
         && g_str_equal (earlier->channel, later->channel);
}

static void
end_overtaken (RtConnection *self, RtOp *op)
{
  g_autoptr (GError) reason
    = g_error_new (RT_ERROR, RT_ERROR_RATE_LIMITED,
                   "The server refused message %s as one too many (%d), and a later one of its channel has arrived,"
                   " or may have, so that sending it now would change the order",
                   op->id, TOO_MANY_REQUESTS);

  rt_connection_end_send (self, op, reason);
}

static void
end_all_overtaken (RtConnection *self, const RtOp *accepted)
{
  GList *next;

  for (GList *l = self->sends.again.head; l != NULL && self->pace.refused > 0; l = next)
    {
      RtOp *op = l->data;

      next = l->next;
      if (!op->was_refused || !follows (accepted, op))
        continue;
      rt_connection_take_again (self, op);
      end_overtaken (self, op);
    }
}

void
rt_connection_note_arrival (RtConnection *self, const RtOp *op)
{
  /* Answers may change places, so an earlier one may be refused yet. */
  for (GList *l = self->pace.flying.head; l != NULL && ((RtOp *) l->data)->write < op->write; l = l->next)
    if (follows (op, l->data))
      ((RtOp *) l->data)->was_overtaken = TRUE;
  end_all_overtaken (self, op);
}

static void
take_acceptance (RtConnection *self, const RtOp *op)
{
  RtPace *pace = &self->pace;

  if (op->write <= pace->rested_at)
    return;
  pace->refusals = 0;
  if (pace->window < FULL_WINDOW)
    pace->window++;
  else
    pace->window = G_MAXUINT;
}

gboolean
rt_connection_heed_reply (RtConnection *self, RtOp *op, const RtReply *reply)
{
  if (reply->kind != RT_REPLY_ERROR)
    rt_connection_note_arrival (self, op);
  if (reply->kind == RT_REPLY_PUBLISH)
    take_acceptance (self, op);
  if (reply->kind != RT_REPLY_ERROR || reply->code != TOO_MANY_REQUESTS || !may_wait (self, op))
    return FALSE;
  rest (self, op);
  op->was_written = op->was_lost;
  if (op->was_overtaken)
    end_overtaken (self, op);
  else
    {
      op->was_refused = TRUE;
      self->pace.refused++;
      rt_connection_send_again (self, op);
      rt_connection_plan_expiry (self);
    }
  return TRUE;
}
