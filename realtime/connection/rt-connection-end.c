/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-connection-private.h"

#include "rt-error.h"
#include "rt-ws-codec.h"

/* Of the shutdown timeout the closing handshake gets half, and at most this, ms. */
#define MAX_HANDSHAKE 2000
/* Breaches of the protocol, and messages too large that nobody can be named for: so many in a minute, and it is no
 * use to try again. */
#define MAX_FAULTS 3
#define MAX_OVERSIZES 1

static guint
handshake_time (RtConnection *self)
{
  return MIN (MAX_HANDSHAKE, self->settings->shutdown_timeout / 2);
}

/* --- Asked to end --- */

static void
start_handshake (RtConnection *self)
{
  g_autoptr (GError) reason = g_error_new_literal (RT_ERROR, RT_ERROR_NOT_CONNECTED, "the connection was ended");

  rt_connection_fail_sends (self, reason);
  rt_connection_fail_requests (self, reason);
  if (self->closing_for_good)
    rt_connection_leave_all (self);
  rt_connection_send_out (self);
  self->phase = RT_PHASE_CLOSING;
  rt_timer_start (self->end_timer, rt_clock_now () + RT_CLOCK_MS (handshake_time (self)));
  self->transport_class->close (self->transport, 1000, "");
}

static gboolean
is_drained (RtConnection *self)
{
  return self->replies.count == 0 && !rt_connection_has_sends (self);
}

static void
start_drain (RtConnection *self)
{
  self->phase = RT_PHASE_DRAINING;
  self->wanted = FALSE;
  if (self->closing_for_good)
    rt_connection_set_state (self, RT_CONNECTION_STATE_CLOSING);
  /* What is waited for now has to be read. */
  rt_connection_pause_expired (self);
  rt_connection_flush_sends (self);
  rt_connection_send_out (self);
  if (is_drained (self))
    {
      start_handshake (self);
      return;
    }
  rt_timer_start (self->end_timer,
                  rt_clock_now () + RT_CLOCK_MS (self->settings->shutdown_timeout - handshake_time (self)));
  /* A line that is dead without anybody knowing is not drained for all that time. */
  if (self->transport_class->bidirectional_ping)
    rt_connection_probe (self, handshake_time (self));
}

void
rt_connection_drained (RtConnection *self)
{
  if (self->phase == RT_PHASE_DRAINING && is_drained (self))
    start_handshake (self);
}

void
rt_connection_end_expired (gpointer user_data)
{
  RtConnection *self = user_data;

  if (self->phase == RT_PHASE_DRAINING)
    start_handshake (self);
  else if (self->phase == RT_PHASE_CLOSING)
    self->transport_class->abort (self->transport, NULL);
}

/* Whatever the state, closed for good: nothing is wanted any more. */
static void
closed_for_good (RtConnection *self)
{
  g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_CLOSED, "The client was closed");

  rt_connection_set_state (self, RT_CONNECTION_STATE_CLOSED);
  rt_connection_fail_sends (self, error);
  rt_connection_complete_all (self, self->connects, error);
  rt_connection_channels_lost (self, TRUE, error);
  g_clear_pointer (&self->wake, rt_wake_free);
}

/* Nothing but results comes after it. */
static void
send_over (RtConnection *self)
{
  if (self->closing_for_good)
    rt_connection_send_news (self, rt_news_new (RT_NEWS_OVER, NULL));
}

static GError *
told_to_end (RtConnection *self)
{
  return g_error_new (RT_ERROR, self->closing_for_good ? RT_ERROR_CLOSED : RT_ERROR_NOT_CONNECTED,
                      "The client was told to %s", self->closing_for_good ? "close" : "disconnect");
}

/* There is no line: what was tried is tried no more. */
static void
end_now (RtConnection *self, RtOp *op)
{
  g_autoptr (GError) error = NULL;

  self->closing_for_good = op->kind == RT_OP_CLOSE;
  error = told_to_end (self);
  rt_connection_stop_trying (self);
  if (self->closing_for_good)
    closed_for_good (self);
  else
    {
      rt_connection_set_state (self, RT_CONNECTION_STATE_DISCONNECTED);
      rt_connection_fail_sends (self, error);
      rt_connection_channels_lost (self, FALSE, error);
      rt_connection_complete_all (self, self->connects, error);
    }
  send_over (self);
  rt_connection_complete (self, op, NULL);
}

/* The attempt is dropped, and the op completes with it. */
static void
end_opening (RtConnection *self, RtOp *op)
{
  g_ptr_array_add (self->ends, op);
  self->wanted = FALSE;
  self->closing_for_good |= op->kind == RT_OP_CLOSE;
  if (self->closing_for_good)
    rt_connection_set_state (self, RT_CONNECTION_STATE_CLOSING);
  rt_connection_cut_line (self, told_to_end (self));
}

/* The only ones who wanted a first connection have taken it back. */
void
rt_connection_abandon (RtConnection *self)
{
  if (rt_connection_get_state (self) != RT_CONNECTION_STATE_CONNECTING)
    return;
  self->wanted = FALSE;
  if (self->transport != NULL)
    rt_connection_cut_line (self, g_error_new_literal (RT_ERROR, RT_ERROR_NOT_CONNECTED,
                                                       "The call that was connecting was cancelled"));
  else
    {
      g_autoptr (GError) error = told_to_end (self);

      rt_connection_stop_trying (self);
      rt_connection_set_state (self, RT_CONNECTION_STATE_DISCONNECTED);
      rt_connection_fail_sends (self, error);
      rt_connection_channels_lost (self, FALSE, error);
    }
}

static void
end_ending (RtConnection *self, RtOp *op)
{
  g_autoptr (GError) error = NULL;

  if (op->kind == RT_OP_CLOSE && !self->closing_for_good)
    {
      self->closing_for_good = TRUE;
      rt_connection_set_state (self, RT_CONNECTION_STATE_CLOSING);
    }
  error = told_to_end (self);
  rt_connection_complete_all (self, self->connects, error);
  g_ptr_array_add (self->ends, op);
}

void
rt_connection_end_op (RtConnection *self, RtOp *op)
{
  RtConnectionState state = rt_connection_get_state (self);

  if (op->kind == RT_OP_DISCONNECT
      && (state == RT_CONNECTION_STATE_CLOSING || state == RT_CONNECTION_STATE_CLOSED))
    {
      rt_connection_complete (self, op, rt_connection_refusal (self));
      return;
    }
  switch (self->phase)
    {
    case RT_PHASE_IDLE:
    case RT_PHASE_WAITING:
      end_now (self, op);
      break;
    case RT_PHASE_OPENING:
    case RT_PHASE_GREETING:
      end_opening (self, op);
      break;
    case RT_PHASE_OPEN:
      g_ptr_array_add (self->ends, op);
      self->closing_for_good = op->kind == RT_OP_CLOSE;
      start_drain (self);
      break;
    case RT_PHASE_DRAINING:
    case RT_PHASE_CLOSING:
    default:
      end_ending (self, op);
    }
}

/* Another user: nothing of the one before is kept, and the next connection is made with another token. */
void
rt_connection_reset_op (RtConnection *self, RtOp *op)
{
  g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_NOT_CONNECTED, "The session was reset");

  if (rt_connection_get_state (self) >= RT_CONNECTION_STATE_CLOSING
      && rt_connection_get_state (self) != RT_CONNECTION_STATE_FAILED)
    {
      rt_connection_complete (self, op, rt_connection_refusal (self));
      return;
    }
  rt_connection_fail_sends (self, error);
  rt_connection_fail_requests (self, error);
  rt_connection_forget_all (self, "the session was reset", error);
  rt_connection_drop_token (self);
  self->tokens.renewed = FALSE;
  if (self->wanted && self->transport != NULL)
    {
      self->hurry = RT_HURRY_PROGRAM;
      rt_connection_cut_line (self, g_error_copy (error));
    }
  else if (self->wanted && !rt_timer_is_active (self->retry_timer))
    rt_connection_start_round (self); /* it waited for a token of the user before */
  else
    rt_connection_drained (self);
  rt_connection_complete (self, op, NULL);
}

/* --- Ended --- */

static void
reset_line (RtConnection *self)
{
  self->phase = self->wanted ? RT_PHASE_WAITING : RT_PHASE_IDLE;
  rt_timer_stop (self->open_timer);
  rt_timer_stop (self->line_timer);
  rt_timer_stop (self->end_timer);
  rt_timer_stop (self->pause_timer);
  rt_timer_stop (self->probe_timer);
  self->probed_at = 0;
  self->paused = self->overflow = FALSE;
  self->wants_pong = FALSE;
  self->unsent_pongs = 0;
  self->ping_interval = 0;
  self->turn_time = 0;
  self->out.len = 0;
  self->transport_class->free (g_steal_pointer (&self->transport));
  rt_connection_flush_batch (self);
  g_mutex_lock (&self->lock);
  g_clear_pointer (&self->client_id, g_free);
  g_mutex_unlock (&self->lock);
}

/* Why the line ended, as told to whoever waits. */
static GError *
line_end_error (RtConnection *self, const RtTransportEnd *end)
{
  if (self->line_error != NULL)
    return g_steal_pointer (&self->line_error);
  if (end->error != NULL)
    return g_error_copy (end->error);
  return rt_connection_error_from_close (end->code, end->reason);
}

/* The server's code decides, whatever else went wrong with the line. */
static RtVerdict
get_verdict (RtConnection *self, const RtTransportEnd *end, const GError *error)
{
  RtVerdict verdict = rt_verdict_of_end (end, self->pushed_spread);

  if (self->decided)
    return self->decision;
  if (end->http_status == 0 && verdict.kind == RT_VERDICT_RETRY
      && g_error_matches (error, RT_ERROR, RT_ERROR_PROTOCOL))
    verdict.kind = RT_VERDICT_FAULT;
  return verdict;
}

static void
send_disconnected (RtConnection *self, const RtTransportEnd *end)
{
  RtNews *news = rt_news_new (RT_NEWS_DISCONNECTED, NULL);

  news->code = end->code;
  news->text = g_strdup (end->reason);
  news->flag = self->wanted;
  rt_connection_send_news (self, news);
}

/* It was asked for. */
static void
line_ended (RtConnection *self, const RtTransportEnd *end, const GError *error, gboolean was_connected)
{
  g_autoptr (GError) told = told_to_end (self);
  gboolean again = was_connected && self->connects->len > 0 && !self->closing_for_good;

  rt_connection_stop_trying (self);
  if (!self->closing_for_good)
    rt_connection_set_state (self, RT_CONNECTION_STATE_DISCONNECTED);
  rt_connection_fail_sends (self, told);
  rt_connection_fail_requests (self, error);
  if (self->closing_for_good)
    closed_for_good (self);
  else
    rt_connection_channels_lost (self, FALSE, told);
  if (was_connected)
    send_disconnected (self, end);
  send_over (self);
  rt_connection_complete_all (self, self->ends, NULL);
  if (again)
    rt_connection_connect_again (self); /* connect was called while the old line was ending */
  else
    rt_connection_complete_all (self, self->connects, error);
}

/* The server did not like a message. */
static gboolean
is_blamed_on_us (RtConnection *self, const RtTransportEnd *end)
{
  return !self->was_cut && (end->code == RT_WS_CLOSE_TOO_LARGE || end->code == RT_WS_CLOSE_BAD_DATA);
}

/* Whether the verdict, which may be about what happened lately, is that it is over. */
static gboolean
is_final (RtConnection *self, const RtTransportEnd *end, const RtVerdict *verdict)
{
  switch (verdict->kind)
    {
    case RT_VERDICT_TERMINAL:
    case RT_VERDICT_REFUSED:
      return TRUE;
    case RT_VERDICT_TOKEN:
      return !rt_connection_renew_token (self);
    case RT_VERDICT_MESSAGE:
      return self->replies.count == 0 && !rt_connection_tally (&self->oversizes, MAX_OVERSIZES);
    case RT_VERDICT_FAULT:
      if (is_blamed_on_us (self, end) && self->sends.in_flight > 0)
        return FALSE;
      return !rt_connection_tally (&self->faults, MAX_FAULTS);
    case RT_VERDICT_RETRY:
    default:
      return FALSE;
    }
}

/* An open connection was lost. */
static void
line_lost (RtConnection *self, const RtTransportEnd *end, const RtVerdict *verdict, const GError *error)
{
  gboolean by_program = self->hurry == RT_HURRY_PROGRAM; /* which wants another one */

  /* A connection that held for long makes up for the attempts before it. */
  rt_connection_line_survived (self, end->clean || by_program);
  gboolean final = is_final (self, end, verdict)
                   || (!by_program && self->backoff.attempt >= self->settings->max_reconnects);

  /* First the state, which those who wait may look at as soon as they know. */
  self->wanted = !final;
  rt_connection_set_state (self, final ? RT_CONNECTION_STATE_FAILED : RT_CONNECTION_STATE_RECONNECTING);
  if (is_blamed_on_us (self, end))
    rt_connection_blame_sends (self, end->code);
  rt_connection_keep_sends (self);
  rt_connection_fail_requests (self, error);
  if (verdict->new_token)
    rt_connection_drop_token (self);
  if (final)
    {
      send_disconnected (self, end);
      rt_connection_give_up (self, error);
      return;
    }
  if (verdict->resync)
    rt_connection_void_positions (self);
  rt_connection_channels_lost (self, FALSE, error);
  send_disconnected (self, end);
  rt_connection_wait (self, verdict, error);
}

void
rt_connection_line_closed (gpointer user_data, const RtTransportEnd *end)
{
  RtConnection *self = user_data;
  gboolean was_connected = self->phase >= RT_PHASE_OPEN;
  gboolean was_cut = self->line_error != NULL;
  g_autoptr (GError) error = line_end_error (self, end);
  gboolean pushed = self->pushed_reason != NULL;
  /* The transport's own strings go with it. */
  g_autofree char *reason = pushed ? g_steal_pointer (&self->pushed_reason) : g_strdup (end->reason);
  RtTransportEnd told = *end;
  RtVerdict verdict;

  told.reason = reason;
  if (pushed)
    told.code = self->pushed_code;
  self->was_cut = was_cut && !pushed;
  verdict = get_verdict (self, &told, error);
  told.error = NULL;
  reset_line (self);
  rt_connection_set_reason (self, told.code, *reason != '\0' ? reason : error->message);
  if (!self->wanted)
    line_ended (self, &told, error, was_connected);
  else if (was_connected)
    line_lost (self, &told, &verdict, error);
  else
    {
      rt_connection_fail_requests (self, error); /* the connect command */
      rt_connection_route_failed (self, &verdict, error);
    }
}
