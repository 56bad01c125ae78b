/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-connection-private.h"

#include <string.h>
#include "rt-error.h"
#include "rt-io-thread.h"

/* A server that announces no ping is sent one this often. */
#define OWN_PING_INTERVAL 25
/* Longer ones a server may announce, but they say nothing about a line: a day. */
#define MAX_PING_INTERVAL (24 * 60 * 60)

static RtSlice
slice (const char *text)
{
  return (RtSlice) { .data = *text != '\0' ? text : NULL, .len = (guint32) strlen (text) };
}

/* --- Opening --- */

void
rt_connection_connect_op (RtConnection *self, RtOp *op)
{
  switch (self->phase)
    {
    case RT_PHASE_OPEN:
      rt_connection_complete (self, op, g_error_new_literal (RT_ERROR, RT_ERROR_ALREADY_CONNECTED,
                                                             "The client is connected already"));
      return;
    case RT_PHASE_IDLE:
      if (rt_connection_get_state (self) == RT_CONNECTION_STATE_CLOSED)
        {
          rt_connection_complete (self, op, rt_connection_refusal (self));
          return;
        }
      g_ptr_array_add (self->connects, op);
      rt_connection_start_line (self);
      return;
    case RT_PHASE_DRAINING:
    case RT_PHASE_CLOSING:
      if (self->closing_for_good)
        {
          rt_connection_complete (self, op, rt_connection_refusal (self));
          return;
        }
      /* It starts when the old line has ended. */
      g_ptr_array_add (self->connects, op);
      return;
    case RT_PHASE_OPENING:
    case RT_PHASE_GREETING:
    default:
      g_ptr_array_add (self->connects, op);
    }
}

static void
opened_cb (gpointer user_data, RtProfile profile)
{
  RtConnection *self = user_data;
  RtCommand command = { .kind = RT_COMMAND_CONNECT };
  RtOp *op = rt_op_new (RT_OP_GREETING);

  self->phase = RT_PHASE_GREETING;
  self->profile = profile;
  self->last_activity = rt_clock_now ();
  command.token = slice (self->settings->api_key);
  command.name = slice (self->settings->client_name);
  command.version = slice (self->settings->client_version);
  if (profile == RT_PROFILE_RT1)
    command.user = slice (self->settings->user_id);
  op->wants_result = FALSE;
  rt_connection_write_op (self, op, &command);
  rt_connection_send_out (self);
}

static void
activity_cb (gpointer user_data)
{
  RtConnection *self = user_data;

  self->last_activity = rt_clock_now ();
}

/* Of several pings at a time the transport writes one, and its answer is that of all. */
static void
pong_cb (gpointer user_data, gint64 round_trip)
{
  RtConnection *self = user_data;
  RtOp *op;

  while ((op = g_queue_pop_head (&self->pings)) != NULL)
    {
      op->round_trip = round_trip;
      rt_connection_complete (self, op, NULL);
    }
}

static void
drained_cb (gpointer user_data)
{
  RtConnection *self = user_data;

  self->unsent_pongs = 0;
}

static const RtTransportEvents transport_events = {
  .opened = opened_cb,
  .received = rt_connection_received,
  .turn_end = rt_connection_turn_end,
  .activity = activity_cb,
  .pong = pong_cb,
  .drained = drained_cb,
  .closed = rt_connection_line_closed,
};

void
rt_connection_start_line (RtConnection *self)
{
  g_clear_error (&self->failure);
  g_clear_error (&self->line_error);
  self->phase = RT_PHASE_OPENING;
  self->out.len = 0;
  rt_timer_start (self->open_timer, rt_clock_now () + RT_CLOCK_MS (self->settings->connect_timeout));
  rt_connection_set_state (self, RT_CONNECTION_STATE_CONNECTING);
  self->transport = self->transport_class->open (self->settings, NULL, rt_io_thread_get_context (), &transport_events, self);
}

void
rt_connection_open_expired (gpointer user_data)
{
  RtConnection *self = user_data;

  rt_connection_cut_line (self,
                          g_error_new (RT_ERROR, RT_ERROR_TIMED_OUT,
                                       "No connection to %s within %u ms; is the server reachable%s?",
                                       self->settings->host_header, self->settings->connect_timeout,
                                       self->settings->secure ? ", and does it speak TLS" : ""));
}

/* The server has accepted. Channels are asked for before any waiting call learns of it. */
void
rt_connection_greeted (RtConnection *self, const RtReply *reply)
{
  g_autofree char *client_id = reply->client.data != NULL ? rt_json_unescape (&reply->client) : NULL;
  RtNews *news = rt_news_new (RT_NEWS_CONNECTED, NULL);

  rt_timer_stop (self->open_timer);
  self->phase = RT_PHASE_OPEN;
  self->ping_interval = reply->ping;
  self->wants_pong = reply->pong;
  self->last_ping = rt_clock_now ();
  news->text = g_strdup (client_id);
  g_mutex_lock (&self->lock);
  g_free (self->client_id);
  self->client_id = g_steal_pointer (&client_id);
  g_mutex_unlock (&self->lock);

  rt_connection_set_state (self, RT_CONNECTION_STATE_CONNECTED);
  rt_connection_send_news (self, news);
  rt_connection_line_expired (self);
  rt_connection_join_all (self);
  rt_connection_complete_all (self, self->connects, NULL);
}

/* --- Liveness --- */

static guint
line_timeout (RtConnection *self)
{
  guint interval = self->ping_interval > 0 ? MIN (self->ping_interval, MAX_PING_INTERVAL) : OWN_PING_INTERVAL;

  return interval * 1000 + self->settings->heartbeat_timeout;
}

/* Also starts the timer: while frames come it moves on, one timer whatever the traffic. */
void
rt_connection_line_expired (gpointer user_data)
{
  RtConnection *self = user_data;
  gint64 now = rt_clock_now ();
  gint64 deadline = self->last_activity + RT_CLOCK_MS (line_timeout (self));

  if (self->phase < RT_PHASE_OPEN)
    return;
  if (now >= deadline)
    {
      rt_connection_cut_line (self, g_error_new (RT_ERROR, RT_ERROR_NETWORK,
                                                    "Nothing came from the server for %u ms, so the connection is dead",
                                                    line_timeout (self)));
      return;
    }
  if (self->ping_interval == 0)
    {
      gint64 next_ping = self->last_ping + OWN_PING_INTERVAL * G_USEC_PER_SEC;
      if (now >= next_ping)
        {
          rt_connection_ping_line (self);
          self->last_ping = now;
          next_ping = now + OWN_PING_INTERVAL * G_USEC_PER_SEC;
        }
      deadline = MIN (deadline, next_ping);
    }
  rt_timer_start (self->line_timer, deadline);
}

/* --- Giving up a line --- */

/* Ends the line from this side at once. @error is told to whoever waits. */
void
rt_connection_cut_line (RtConnection *self, GError *error)
{
  if (self->transport == NULL)
    {
      g_error_free (error);
      return;
    }
  if (self->line_error == NULL)
    self->line_error = error;
  else
    g_error_free (error);
  self->transport_class->abort (self->transport, self->line_error);
}

/* The only ones who wanted this connection have taken it back. */
void
rt_connection_abandon_line (RtConnection *self)
{
  if (self->phase != RT_PHASE_OPENING && self->phase != RT_PHASE_GREETING)
    return;
  rt_connection_cut_line (self, g_error_new_literal (RT_ERROR, RT_ERROR_NOT_CONNECTED,
                                                     "The call that was connecting was cancelled"));
}
