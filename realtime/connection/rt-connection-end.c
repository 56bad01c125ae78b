/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-connection-private.h"

#include "rt-error.h"

/* Of the shutdown timeout the closing handshake gets half, and at most this, ms. */
#define MAX_HANDSHAKE 2000
/* Close codes from here on are of the protocol or of the program behind the server. */
#define FIRST_SERVER_CODE 3000

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

  rt_connection_fail_requests (self, reason);
  rt_connection_send_out (self);
  self->phase = RT_PHASE_CLOSING;
  rt_timer_start (self->end_timer, rt_clock_now () + RT_CLOCK_MS (handshake_time (self)));
  self->transport_class->close (self->transport, 1000, "");
}

static void
start_drain (RtConnection *self)
{
  self->phase = RT_PHASE_DRAINING;
  if (self->closing_for_good)
    rt_connection_set_state (self, RT_CONNECTION_STATE_CLOSING);
  /* What is waited for now has to be read. */
  rt_connection_pause_expired (self);
  rt_connection_send_out (self);
  if (self->replies.count == 0)
    {
      start_handshake (self);
      return;
    }
  rt_timer_start (self->end_timer,
                  rt_clock_now () + RT_CLOCK_MS (self->settings->shutdown_timeout - handshake_time (self)));
}

void
rt_connection_drained (RtConnection *self)
{
  if (self->phase == RT_PHASE_DRAINING && self->replies.count == 0)
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
  rt_connection_complete_all (self, self->connects, error);
  rt_connection_channels_lost (self, TRUE, error);
}

static void
end_idle (RtConnection *self, RtOp *op)
{
  if (op->kind == RT_OP_CLOSE)
    closed_for_good (self);
  else
    rt_connection_set_state (self, RT_CONNECTION_STATE_DISCONNECTED);
  rt_connection_complete (self, op, NULL);
}

/* The attempt is dropped, and the op completes with it. */
static void
end_opening (RtConnection *self, RtOp *op)
{
  g_ptr_array_add (self->ends, op);
  self->closing_for_good |= op->kind == RT_OP_CLOSE;
  if (self->closing_for_good)
    rt_connection_set_state (self, RT_CONNECTION_STATE_CLOSING);
  rt_connection_cut_line (self,
                          g_error_new (RT_ERROR, self->closing_for_good ? RT_ERROR_CLOSED : RT_ERROR_NOT_CONNECTED,
                                       "The client was told to %s while it was connecting",
                                       self->closing_for_good ? "close" : "disconnect"));
}

static void
end_ending (RtConnection *self, RtOp *op)
{
  if (op->kind == RT_OP_CLOSE && !self->closing_for_good)
    {
      g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_CLOSED, "The client was closed");

      self->closing_for_good = TRUE;
      rt_connection_set_state (self, RT_CONNECTION_STATE_CLOSING);
      rt_connection_complete_all (self, self->connects, error);
    }
  else if (op->kind == RT_OP_DISCONNECT)
    {
      g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_NOT_CONNECTED,
                                                      "The client was told to disconnect before it could connect");

      rt_connection_complete_all (self, self->connects, error);
    }
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
      end_idle (self, op);
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

/* --- Ended --- */

static void
reset_line (RtConnection *self)
{
  self->phase = RT_PHASE_IDLE;
  rt_timer_stop (self->open_timer);
  rt_timer_stop (self->line_timer);
  rt_timer_stop (self->end_timer);
  rt_timer_stop (self->pause_timer);
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

/* Where the server gave a code of the protocol, that alone decides. */
static gboolean
is_terminal (const RtTransportEnd *end, const GError *error)
{
  if (end->code >= FIRST_SERVER_CODE)
    return rt_connection_code_is_terminal (end->code);
  return rt_connection_code_is_terminal (end->code) || end->http_status == 404 || end->http_status == 426
         || g_error_matches (error, RT_ERROR, RT_ERROR_UNAUTHORIZED)
         || g_error_matches (error, RT_ERROR, RT_ERROR_PERMISSION_DENIED);
}

static void
send_disconnected (RtConnection *self, const RtTransportEnd *end)
{
  RtNews *news = rt_news_new (RT_NEWS_DISCONNECTED, NULL);

  news->code = end->code;
  news->text = g_strdup (end->reason);
  rt_connection_send_news (self, news);
}

void
rt_connection_line_closed (gpointer user_data, const RtTransportEnd *end)
{
  RtConnection *self = user_data;
  gboolean was_connected = self->phase >= RT_PHASE_OPEN;
  gboolean asked = self->ends->len > 0 || self->phase >= RT_PHASE_DRAINING;
  g_autoptr (GError) error = line_end_error (self, end);
  gboolean pushed = self->pushed_reason != NULL;
  /* The transport's own strings go with it. */
  g_autofree char *reason = pushed ? g_steal_pointer (&self->pushed_reason) : g_strdup (end->reason);
  RtTransportEnd told = {
    .code = pushed ? self->pushed_code : end->code,
    .reason = reason,
    .http_status = end->http_status,
  };
  gboolean terminal = !asked && is_terminal (&told, error);

  reset_line (self);
  if (terminal)
    {
      g_clear_error (&self->failure);
      self->failure = g_error_copy (error);
    }
  if (!self->closing_for_good)
    rt_connection_set_state (self, terminal ? RT_CONNECTION_STATE_FAILED : RT_CONNECTION_STATE_DISCONNECTED);
  rt_connection_fail_requests (self, error);
  if (self->closing_for_good)
    closed_for_good (self);
  else
    rt_connection_channels_lost (self, FALSE, error);
  if (was_connected)
    send_disconnected (self, &told);
  if (!asked && was_connected)
    rt_connection_send_error (self, error);

  rt_connection_complete_all (self, self->ends, NULL);
  if (was_connected && asked && self->connects->len > 0)
    rt_connection_start_line (self); /* connect was called while the old line was ending */
  else
    rt_connection_complete_all (self, self->connects, error);
}
