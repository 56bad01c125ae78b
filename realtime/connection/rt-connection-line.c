/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-connection-private.h"

#include <string.h>
#include "rt-error.h"
#include "rt-io-thread.h"
#include "rt-route-memory.h"

/* A server that announces no ping is sent one this often. */
#define OWN_PING_INTERVAL 25
/* Longer ones a server may announce, but they say nothing about a line: a day. */
#define MAX_PING_INTERVAL (24 * 60 * 60)
/* A server's clock that shows a later year than 9999 is none, ms. */
#define MAX_SERVER_TIME G_GINT64_CONSTANT (253402300799999)

static RtSlice
slice (const char *text)
{
  return (RtSlice) { .data = *text != '\0' ? text : NULL, .len = (guint32) strlen (text) };
}

/* --- Opening --- */

static void
opened_cb (gpointer user_data, RtProfile profile)
{
  RtConnection *self = user_data;
  RtCommand command = { .kind = RT_COMMAND_CONNECT };
  RtOp *op = rt_op_new (RT_OP_GREETING);
  RtBuffer subs = { 0 };

  self->phase = RT_PHASE_GREETING;
  self->profile = profile;
  self->last_activity = rt_clock_now ();
  command.token = slice (self->tokens.value != NULL ? self->tokens.value : self->settings->api_key);
  command.name = slice (self->settings->client_name);
  command.version = slice (self->settings->client_version);
  if (profile == RT_PROFILE_RT1)
    command.user = slice (self->settings->user_id);
  op->wants_result = FALSE;
  rt_connection_write_positions (self, &subs);
  command.subs = (RtSlice) { .data = subs.len > 0 ? (const char *) subs.data : NULL, .len = (guint32) subs.len };
  rt_connection_write_op (self, op, &command);
  rt_connection_send_out (self);
  rt_buffer_clear (&subs);
}

static void
profile_cb (gpointer user_data, RtProfile profile)
{
  RtConnection *self = user_data;

  self->profile = profile;
}

static void
activity_cb (gpointer user_data)
{
  RtConnection *self = user_data;

  self->last_activity = rt_clock_now ();
  if (G_UNLIKELY (self->probed_at != 0))
    {
      self->probed_at = 0;
      rt_timer_stop (self->probe_timer);
    }
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
  .profile = profile_cb,
  .received = rt_connection_received,
  .turn_end = rt_connection_turn_end,
  .activity = activity_cb,
  .pong = pong_cb,
  .drained = drained_cb,
  .closed = rt_connection_line_closed,
};

void
rt_connection_start_line (RtConnection *self, guint route, gint64 deadline)
{
  const RtRoute *chosen = &self->routes->items[route];

  g_clear_error (&self->line_error);
  self->decided = FALSE;
  self->pushed_spread = 0;
  self->route = route;
  self->transport_class = chosen->klass;
  self->phase = RT_PHASE_OPENING;
  self->out.len = 0;
  rt_timer_start (self->open_timer, deadline);
  self->transport = chosen->klass->open (self->settings, chosen->source, rt_io_thread_get_context (),
                                         &transport_events, self);
}

void
rt_connection_open_expired (gpointer user_data)
{
  RtConnection *self = user_data;

  rt_connection_cut_line (self,
                          g_error_new (RT_ERROR, RT_ERROR_TIMED_OUT,
                                       "No connection to %s by \"%s\" in its part of the %u ms of connect-timeout;"
                                       " is the server reachable%s?",
                                       self->settings->host_header, self->routes->items[self->route].name,
                                       self->settings->connect_timeout,
                                       self->settings->secure ? ", and does it speak TLS" : ""));
}

/* --- The server's clock --- */

/* Set beside one that counts on while the machine sleeps, so that nobody who sets the wall clock moves it. */
static void
take_time (RtConnection *self, const RtReply *reply)
{
  if (reply->time > 0 && reply->time <= MAX_SERVER_TIME)
    self->server_lead = RT_CLOCK_MS (reply->time) - rt_clock_boot ();
  else
    self->server_lead = RT_NO_SERVER_TIME;
}

/* Whether the time to live of a message that came is over, by the server's clock, or this machine's where the server
 * does not tell its own. Both numbers are the sender's. */
gboolean
rt_connection_is_too_late (RtConnection *self, const RtEnvelope *envelope)
{
  gint64 now = self->server_lead != RT_NO_SERVER_TIME ? rt_clock_boot () + self->server_lead : rt_clock_real ();

  if (!envelope->marked || envelope->ttl == 0 || envelope->timestamp == 0 || envelope->timestamp > now)
    return FALSE;
  return ((guint64) now - (guint64) envelope->timestamp) / 1000 >= envelope->ttl;
}

static void
take_greeting (RtConnection *self, const RtReply *reply)
{
  g_autofree char *client_id = reply->client.data != NULL ? rt_json_unescape (&reply->client) : NULL;
  RtNews *news = rt_news_new (RT_NEWS_CONNECTED, NULL);

  self->ping_interval = reply->ping;
  self->wants_pong = reply->pong;
  take_time (self, reply);
  news->text = g_strdup (client_id);
  g_mutex_lock (&self->lock);
  g_free (self->client_id);
  self->client_id = g_steal_pointer (&client_id);
  g_mutex_unlock (&self->lock);
  g_atomic_int_set (&self->shown_route, (gint) self->route);

  rt_connection_set_reason (self, 0, "");
  rt_connection_set_waiting (self, 0, 0);
  rt_connection_set_state (self, RT_CONNECTION_STATE_CONNECTED);
  rt_connection_send_news (self, news);
}

/* The route that works is remembered only where a better one did not. */
static void
remember_route (RtConnection *self)
{
  if (self->forced_route >= 0)
    return;
  if (self->route == 0)
    rt_route_memory_forget (self->settings);
  else if (self->round.error != NULL)
    rt_route_memory_set (self->settings, self->routes->items[self->route].name);
}

/* The server has accepted. Channels are asked for before any waiting call learns of it, and before what waits to be
 * sent. */
void
rt_connection_greeted (RtConnection *self, const RtReply *reply)
{
  gint64 now = rt_clock_now ();

  rt_timer_stop (self->open_timer);
  rt_timer_stop (self->suspend_timer);
  self->phase = RT_PHASE_OPEN;
  self->lost_at = 0;
  self->floor_until = 0;
  self->hurry = RT_HURRY_NONE;
  self->opened_at = self->last_ping = now;
  remember_route (self);
  take_greeting (self, reply);
  rt_connection_token_lives (self, reply->expires ? reply->ttl : 0);
  rt_connection_line_expired (self);
  rt_connection_take_server_subs (self, &reply->subs);
  rt_connection_join_all (self);
  rt_connection_complete_all (self, self->connects, NULL);
  rt_connection_flush_sends (self);
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
  /* Nothing is owed by a server that announces no ping, where it cannot be asked. */
  if (self->ping_interval == 0 && !self->transport_class->bidirectional_ping)
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

/* Something says that the line may be dead: it has @timeout ms to show that it is not. One that cannot be asked is
 * given up at once, since a new one costs little. */
void
rt_connection_probe (RtConnection *self, guint timeout)
{
  gint64 now = rt_clock_now ();

  if (self->probed_at != 0)
    return;
  if (!self->transport_class->bidirectional_ping)
    {
      if (self->phase == RT_PHASE_OPEN)
        self->hurry = RT_HURRY_NEWS;
      rt_connection_cut_line (self, g_error_new_literal (RT_ERROR, RT_ERROR_NETWORK,
                                                         "The network changed under the connection"));
      return;
    }
  self->probed_at = now;
  rt_connection_ping_line (self);
  rt_timer_start (self->probe_timer, now + RT_CLOCK_MS (timeout));
}

void
rt_connection_probe_expired (gpointer user_data)
{
  RtConnection *self = user_data;

  if (self->phase < RT_PHASE_OPEN || self->probed_at == 0)
    return;
  self->probed_at = 0;
  if (self->phase == RT_PHASE_OPEN)
    self->hurry = RT_HURRY_NEWS;
  rt_connection_cut_line (self, g_error_new_literal (RT_ERROR, RT_ERROR_NETWORK,
                                                     "The server did not answer a ping, so the connection is dead"));
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
