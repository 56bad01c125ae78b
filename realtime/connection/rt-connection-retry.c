/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-connection-private.h"

#include "rt-error.h"
#include "rt-io-thread.h"
#include "rt-route-memory.h"

/* When to try to connect, and in which way. An attempt is a round: every route once, until one works. */

/* A connection that held for this long was a good one: the next loss starts with short delays again. */
#define STABLE (30 * G_USEC_PER_SEC)
/* One that broke sooner than this died early; a route whose connections do so is not tried first for a while. */
#define EARLY (10 * G_USEC_PER_SEC)
#define MAX_EARLY_DEATHS 2
/* An attempt that does not wait comes this long after the start of the last one, however often the network comes and
 * goes. */
#define KICK_INTERVAL G_USEC_PER_SEC
#define TALLY_TIME (60 * G_USEC_PER_SEC)

gboolean
rt_connection_tally (RtTally *tally, guint limit)
{
  gint64 now = rt_clock_now ();

  if (tally->count == 0 || now - tally->since > TALLY_TIME)
    {
      tally->since = now;
      tally->count = 0;
    }
  return ++tally->count <= limit;
}

/* --- Which way --- */

static void
add_route (RtRound *round, guint route)
{
  for (guint i = 0; i < round->n; i++)
    if (round->order[i] == route)
      return;
  round->order[round->n++] = route;
}

/* What has worked lately goes first. */
static void
order_routes (RtConnection *self)
{
  RtRound *round = &self->round;
  const char *remembered = rt_route_memory_get (self->settings);
  int first = remembered != NULL ? rt_routes_find (self->routes, remembered) : -1;

  g_clear_error (&round->error);
  g_free (round->order);
  *round = (RtRound) { .order = g_new (guint, self->routes->n_items), .refused = TRUE, .floor = -1, .spread = -1 };
  if (self->forced_route >= 0)
    {
      add_route (round, (guint) self->forced_route);
      return;
    }
  if (first >= 0)
    add_route (round, (guint) first);
  for (guint i = 0; i < self->routes->n_items; i++)
    add_route (round, i);
}

/* All share the time of the round: each but the last gets half of what is left of it. */
static void
start_route (RtConnection *self)
{
  RtRound *round = &self->round;
  guint route = round->order[round->next++];
  gint64 now = rt_clock_now ();
  gint64 left = MAX (round->deadline - now, RT_CLOCK_MS (100));

  rt_connection_start_line (self, route, now + (round->next < round->n ? left / 2 : left));
}

/* --- An attempt --- */

static void
begin_round (RtConnection *self)
{
  order_routes (self);
  self->tried_at = rt_clock_now ();
  self->round.deadline = self->tried_at + RT_CLOCK_MS (self->settings->connect_timeout);
  self->hurry = RT_HURRY_NONE;
  start_route (self);
}

/* What is left of the time that an attempt for which there are news has to wait, µs. */
static gint64
get_rest (RtConnection *self)
{
  if (self->hurry == RT_HURRY_PROGRAM)
    return 0;
  return self->tried_at != 0 ? MAX (self->tried_at + KICK_INTERVAL - rt_clock_now (), 0) : 0;
}

void
rt_connection_start_round (RtConnection *self)
{
  rt_timer_stop (self->retry_timer);
  self->phase = RT_PHASE_WAITING;
  rt_connection_set_waiting (self, self->backoff.attempt, 0);
  if (rt_connection_has_token (self))
    begin_round (self);
}

/* The answer of the token provider, for which an attempt waited. */
void
rt_connection_token_came (RtConnection *self, const GError *error)
{
  RtVerdict verdict = { .kind = RT_VERDICT_RETRY, .floor = -1, .spread = -1 };

  if (self->phase != RT_PHASE_WAITING || rt_timer_is_active (self->retry_timer))
    return;
  if (error == NULL)
    begin_round (self);
  else if (g_error_matches (error, RT_ERROR, RT_ERROR_UNAUTHORIZED))
    rt_connection_give_up (self, error);
  else
    rt_connection_wait (self, &verdict, error);
}

/* A new token is asked for once; a server that does not take that one either does not want this client. */
gboolean
rt_connection_renew_token (RtConnection *self)
{
  if (!self->asks_token || self->tokens.renewed)
    return FALSE;
  rt_connection_drop_token (self);
  self->tokens.renewed = TRUE;
  return TRUE;
}

static void
round_failed (RtConnection *self)
{
  RtRound *round = &self->round;
  RtVerdict verdict = { .kind = RT_VERDICT_RETRY, .floor = round->floor, .spread = round->spread };
  g_autoptr (GError) error = g_steal_pointer (&round->error);

  if (round->refused)
    rt_connection_give_up (self, error);
  else
    rt_connection_wait (self, &verdict, error);
}

/* A line that never got as far as the server's greeting. */
void
rt_connection_route_failed (RtConnection *self, const RtVerdict *verdict, const GError *error)
{
  RtRound *round = &self->round;

  self->phase = RT_PHASE_WAITING;
  if (round->error == NULL)
    round->error = g_error_copy (error);
  /* Something has changed since the round began, so it begins again. */
  if ((self->hurry == RT_HURRY_PROGRAM && verdict->kind == RT_VERDICT_RETRY && verdict->floor < 0)
      || (verdict->kind == RT_VERDICT_TOKEN && rt_connection_renew_token (self)))
    {
      self->hurry = RT_HURRY_NONE;
      rt_connection_start_round (self);
      return;
    }
  if (verdict->kind == RT_VERDICT_TOKEN || verdict->kind == RT_VERDICT_TERMINAL)
    {
      rt_connection_give_up (self, error);
      return;
    }
  if (verdict->new_token)
    rt_connection_drop_token (self);
  round->refused = round->refused && verdict->kind == RT_VERDICT_REFUSED;
  round->floor = MAX (round->floor, verdict->floor);
  round->spread = MAX (round->spread, verdict->spread);
  /* Who asks to be left alone means every way. */
  if (round->next < round->n && round->floor < 0 && rt_clock_now () < round->deadline)
    start_route (self);
  else
    round_failed (self);
}

/* --- Between attempts --- */

static void
begin_outage (RtConnection *self)
{
  if (self->lost_at != 0)
    return;
  self->lost_at = rt_clock_now ();
  rt_timer_start (self->suspend_timer, self->lost_at + RT_CLOCK_MS (self->settings->suspend_timeout));
}

void
rt_connection_suspend_expired (gpointer user_data)
{
  RtConnection *self = user_data;

  /* A first attempt has its outcome first. */
  if (rt_connection_get_state (self) == RT_CONNECTION_STATE_RECONNECTING)
    rt_connection_set_state (self, RT_CONNECTION_STATE_SUSPENDED);
}

/* The attempt that @error ended is over for those who wait for its outcome; the client goes on. */
void
rt_connection_wait (RtConnection *self, const RtVerdict *verdict, const GError *error)
{
  gint64 now = rt_clock_now ();
  guint before = self->backoff.attempt;
  gboolean by_program = self->hurry == RT_HURRY_PROGRAM;
  RtNews *news;

  begin_outage (self);
  self->phase = RT_PHASE_WAITING;
  if (!by_program && before >= self->settings->max_reconnects)
    {
      rt_connection_give_up (self, error);
      return;
    }
  gint64 delay = rt_backoff_next (&self->backoff, verdict->floor, verdict->spread);
  if (self->hurry != RT_HURRY_NONE && verdict->floor < 0)
    delay = MIN (delay, get_rest (self));
  self->hurry = RT_HURRY_NONE;
  self->floor_until = verdict->floor >= 0 ? now + delay : 0;
  self->retry_at = now + delay;
  rt_timer_start (self->retry_timer, self->retry_at);
  rt_connection_set_waiting (self, self->backoff.attempt, (guint) ((delay + 999) / 1000));
  if (rt_connection_get_state (self) != RT_CONNECTION_STATE_SUSPENDED)
    rt_connection_set_state (self, RT_CONNECTION_STATE_RECONNECTING);
  if (!rt_timer_is_active (self->suspend_timer))
    rt_connection_set_state (self, RT_CONNECTION_STATE_SUSPENDED);
  news = rt_news_new (RT_NEWS_RECONNECTING, NULL);
  news->count = self->backoff.attempt;
  news->delay = (guint) ((delay + 999) / 1000);
  rt_connection_send_news (self, news);
  /* What the program asks for does not count against it. */
  if (by_program)
    self->backoff.attempt = before;
  rt_connection_complete_all (self, self->connects, error);
}

void
rt_connection_retry_expired (gpointer user_data)
{
  RtConnection *self = user_data;

  if (self->phase == RT_PHASE_WAITING)
    rt_connection_start_round (self);
}

/* No connection is wanted any more. What becomes of the state is the caller's to say. */
void
rt_connection_stop_trying (RtConnection *self)
{
  self->wanted = FALSE;
  self->phase = RT_PHASE_IDLE;
  self->hurry = RT_HURRY_NONE;
  self->lost_at = 0;
  self->floor_until = 0;
  self->early_deaths = 0;
  self->tokens.serial++;
  self->tokens.requested = FALSE;
  rt_backoff_reset (&self->backoff);
  rt_timer_stop (self->retry_timer);
  rt_timer_stop (self->suspend_timer);
  rt_connection_set_waiting (self, 0, 0);
}

/* Nothing is left to be tried. */
void
rt_connection_give_up (RtConnection *self, const GError *error)
{
  g_autoptr (GError) reason = g_error_copy (error);

  rt_connection_stop_trying (self);
  g_clear_error (&self->failure);
  self->failure = g_error_copy (reason);
  rt_connection_set_state (self, RT_CONNECTION_STATE_FAILED);
  rt_connection_fail_sends (self, reason);
  rt_connection_channels_lost (self, FALSE, reason);
  /* Who waits for the outcome learns it from the call. */
  if (self->connects->len == 0)
    rt_connection_send_error (self, reason);
  rt_connection_complete_all (self, self->connects, reason);
}

/* --- A connection that was open is gone, and another is wanted --- */

/* Two that died young in a row, one after the other: something on the way does not like them. */
void
rt_connection_line_survived (RtConnection *self, gboolean clean)
{
  gint64 age = rt_clock_now () - self->opened_at;

  if (age >= STABLE)
    {
      rt_backoff_reset (&self->backoff);
      self->early_deaths = 0;
      self->tokens.renewed = FALSE;
    }
  if (clean || age >= EARLY || ++self->early_deaths < MAX_EARLY_DEATHS || self->routes->n_items < 2)
    return;
  self->early_deaths = 0;
  rt_route_memory_set (self->settings, self->routes->items[(self->route + 1) % self->routes->n_items].name);
}

/* --- Asked to connect --- */

/* Also for connect that was called while an old line was ending. */
void
rt_connection_connect_again (RtConnection *self)
{
  self->wanted = TRUE;
  g_clear_error (&self->failure);
  self->tokens.renewed = FALSE;
  rt_backoff_reset (&self->backoff);
  begin_outage (self);
  if (self->wake == NULL)
    self->wake = rt_wake_new (rt_io_thread_get_context (), "[realtime] wake-up", rt_connection_woken, self);
  rt_connection_set_reason (self, 0, "");
  rt_connection_set_state (self, RT_CONNECTION_STATE_CONNECTING);
  rt_connection_start_round (self);
}

void
rt_connection_connect_op (RtConnection *self, RtOp *op)
{
  RtConnectionState state = rt_connection_get_state (self);

  if (self->phase == RT_PHASE_OPEN)
    {
      rt_connection_complete (self, op, g_error_new_literal (RT_ERROR, RT_ERROR_ALREADY_CONNECTED,
                                                             "The client is connected already"));
      return;
    }
  if (state == RT_CONNECTION_STATE_CLOSING || state == RT_CONNECTION_STATE_CLOSED || self->closing_for_good)
    {
      rt_connection_complete (self, op, rt_connection_refusal (self));
      return;
    }
  g_ptr_array_add (self->connects, op);
  if (self->phase == RT_PHASE_IDLE)
    rt_connection_connect_again (self);
  else if (self->phase == RT_PHASE_WAITING)
    rt_connection_kick (self, TRUE);
  /* Else it joins the attempt, or starts when the old line has ended. */
}

/* --- Not to wait any longer --- */

static void
kick_waiting (RtConnection *self, gboolean by_program)
{
  gint64 now = rt_clock_now ();

  /* Without the timer it is a token that is waited for. */
  if (!rt_timer_is_active (self->retry_timer) || (!by_program && now < self->floor_until))
    return;
  gint64 at = by_program ? now : now + get_rest (self);
  if (at == now)
    rt_connection_start_round (self);
  else if (at < self->retry_at)
    {
      self->retry_at = at;
      rt_timer_start (self->retry_timer, at);
    }
}

void
rt_connection_kick (RtConnection *self, gboolean by_program)
{
  switch (self->phase)
    {
    case RT_PHASE_WAITING:
      kick_waiting (self, by_program);
      break;
    case RT_PHASE_OPENING:
    case RT_PHASE_GREETING:
      /* What goes on may hang on the network that was. */
      self->hurry = MAX (self->hurry, by_program ? RT_HURRY_PROGRAM : RT_HURRY_NEWS);
      break;
    case RT_PHASE_OPEN:
      if (!by_program)
        rt_connection_probe (self, RT_CONNECTION_PROBE_TIMEOUT);
      break;
    case RT_PHASE_IDLE:
    case RT_PHASE_DRAINING:
    case RT_PHASE_CLOSING:
    default:
      break;
    }
}

void
rt_connection_woken (gpointer user_data)
{
  RtConnection *self = user_data;

  rt_connection_kick (self, FALSE);
  rt_connection_send_out (self);
}

/* The program prefers a way. An open connection goes over to it at once; what was sent on the old one and not
 * answered is sent again, and channels go on where they were. */
void
rt_connection_choose_route (RtConnection *self, int route)
{
  self->forced_route = route;
  if (route < 0 || self->phase < RT_PHASE_OPENING || self->phase > RT_PHASE_OPEN || (guint) route == self->route)
    return;
  self->hurry = RT_HURRY_PROGRAM;
  rt_connection_cut_line (self, g_error_new (RT_ERROR, RT_ERROR_NETWORK, "The program went over to \"%s\"",
                                             self->routes->items[route].name));
}
