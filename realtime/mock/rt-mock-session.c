/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-session-private.h"

#include "rt-mock-outbound.h"
#include "rt-mock-secret.h"

#define PONG_TIMEOUT RT_CLOCK_MS (8000)
/* For the good-bye: then the carrier ends whatever the peer does. */
#define CLOSE_TIMEOUT RT_CLOCK_MS (2000)
/* A client that asks for a new token in time must not be late because of it. */
#define EXPIRY_GRACE RT_CLOCK_MS (1000)
#define UNSUBSCRIBE_EXPIRED 2501
/* So much is given to the carrier at a time at most, unless a single frame is larger. */
#define MAX_GATHERED (64 * 1024)

RtMockIdentity *
rt_mock_session_get_identity (RtMockSession *self)
{
  return self->identity;
}

const char *
rt_mock_session_get_key (RtMockSession *self)
{
  return self->key;
}

gboolean
rt_mock_session_is_closing (RtMockSession *self)
{
  return self->closing;
}

/* --- Time --- */

/* The channel that expires next, or NULL. */
static RtMockChannel *
find_expiring (RtMockSession *self, gint64 *when)
{
  RtMockChannel *found = NULL;
  GHashTableIter iter;
  gpointer channel, expires;

  *when = 0;
  g_hash_table_iter_init (&iter, self->subscriptions);
  while (g_hash_table_iter_next (&iter, &channel, &expires))
    {
      gint64 at = *(gint64 *) expires;
      if (at == 0 || (found != NULL && at >= *when))
        continue;
      found = channel;
      *when = at;
    }
  return found;
}

static void
schedule (RtMockSession *self)
{
  gint64 channel_expires = 0;

  if (self->n_expiring > 0)
    find_expiring (self, &channel_expires);
  gint64 deadlines[] = { self->auth_deadline, self->next_ping,  self->pong_deadline, self->expires,
                         channel_expires,     self->hold_until, self->close_deadline };
  gint64 next = 0;

  for (guint i = 0; i < G_N_ELEMENTS (deadlines); i++)
    {
      if (deadlines[i] != 0 && (next == 0 || deadlines[i] < next))
        next = deadlines[i];
    }
  if (next != 0)
    rt_timer_start (self->timer, next);
  else
    rt_timer_stop (self->timer);
}

static gboolean
is_stalled (RtMockSession *self)
{
  return rt_mock_faults_is_on (self->env->faults, RT_MOCK_FAULT_STALL);
}

static gboolean
is_due (gint64 deadline, gint64 now)
{
  return deadline != 0 && deadline <= now;
}

static void
send_ping (RtMockSession *self, gint64 now)
{
  RtReply ping = { .kind = RT_REPLY_PING };

  self->next_ping = now + RT_CLOCK_MS (self->env->options.ping_interval);
  if (is_stalled (self))
    {
      /* The client cannot be blamed for what is not read. */
      self->pong_deadline = 0;
      return;
    }
  rt_mock_session_reply (self, &ping);
  self->unanswered_pings++;
  if (self->pong_deadline == 0)
    self->pong_deadline = now + PONG_TIMEOUT;
}

static void
expel_expired (RtMockSession *self, gint64 now)
{
  RtMockChannel *channel;
  gint64 when;

  while ((channel = find_expiring (self, &when)) != NULL && when <= now)
    rt_mock_hub_expel (self->hub, channel, self, UNSUBSCRIBE_EXPIRED, "subscription expired");
}

static void
timer_cb (gpointer user_data)
{
  RtMockSession *self = user_data;
  gint64 now = rt_clock_now ();

  if (is_due (self->hold_until, now))
    {
      self->hold_until = 0;
      rt_mock_turn_add (self->env->turn, &self->turn);
    }
  if (self->n_expiring > 0 && !self->closing)
    expel_expired (self, now);

  if (is_due (self->close_deadline, now))
    {
      self->carrier->funcs->abort (self->carrier);
      return;
    }
  if (is_due (self->auth_deadline, now))
    rt_mock_session_close (self, RT_MOCK_CLOSE_STALE, "stale");
  else if (is_due (self->expires, now))
    rt_mock_session_close (self, RT_MOCK_CLOSE_EXPIRED, "expired");
  else if (is_due (self->pong_deadline, now) && !is_stalled (self))
    rt_mock_session_close (self, RT_MOCK_CLOSE_NO_PONG, "no pong");
  else if (is_due (self->next_ping, now))
    send_ping (self, now);
  else if (is_due (self->pong_deadline, now))
    self->pong_deadline = now + PONG_TIMEOUT;
  schedule (self);
}

void
rt_mock_session_take_pong (RtMockSession *self)
{
  if (self->unanswered_pings == 0)
    {
      rt_mock_session_close (self, RT_MOCK_CLOSE_BAD_REQUEST, "bad request");
      return;
    }
  rt_mock_journal_count_pong (self->env->journal);
  self->unanswered_pings--;
  self->pong_deadline = self->unanswered_pings > 0 ? rt_clock_now () + PONG_TIMEOUT : 0;
  schedule (self);
}

void
rt_mock_session_set_expires (RtMockSession *self, gint64 expires)
{
  self->expires = expires != 0 ? expires + EXPIRY_GRACE : 0;
  schedule (self);
}

void
rt_mock_session_set_channel_expires (RtMockSession *self, RtMockChannel *channel, gint64 expires)
{
  gint64 *at = g_hash_table_lookup (self->subscriptions, channel);

  self->n_expiring += (expires != 0) - (*at != 0);
  *at = expires != 0 ? expires + EXPIRY_GRACE : 0;
  schedule (self);
}

void
rt_mock_session_join (RtMockSession *self, RtMockChannel *channel, gboolean join_leave, gint64 expires)
{
  g_hash_table_insert (self->subscriptions, channel, g_new0 (gint64, 1));
  rt_mock_hub_join (self->hub, channel, self, join_leave);
  rt_mock_session_set_channel_expires (self, channel, expires);
}

void
rt_mock_session_open (RtMockSession *self, RtMockIdentity *identity, gint64 expires)
{
  self->identity = identity;
  self->auth_deadline = 0;
  self->expires = expires != 0 ? expires + EXPIRY_GRACE : 0;
  if (self->env->options.ping_interval > 0 && self->carrier->funcs->quiet_ping == 0)
    self->next_ping = rt_clock_now () + RT_CLOCK_MS (self->env->options.ping_interval);
  schedule (self);
  if (self->carrier->funcs->has_requests)
    self->key = rt_mock_secret_new ();
  rt_mock_hub_add_session (self->hub, self);
  self->env->events->connected (self->env->events_data, identity->client);
}

/* --- Writing --- */

static void
flush (RtMockSession *self)
{
  const RtMockCarrierFuncs *funcs = self->carrier->funcs;

  if (self->out.len == 0 || !funcs->is_open (self->carrier) || is_stalled (self) ||
      (self->hold_until != 0 && !self->closing))
    return;
  if (funcs->is_slow (self->carrier))
    {
      self->out.len = 0;
      rt_mock_session_close (self, RT_MOCK_CLOSE_SLOW, "slow");
      return;
    }
  if (!rt_mock_hub_sync (self->hub))
    {
      /* Nobody must hear of what may be gone after the next start. */
      self->out.len = 0;
      rt_mock_session_close (self, RT_MOCK_CLOSE_SERVER_ERROR, "server error");
      return;
    }
  funcs->send (self->carrier, self->out.data, self->out.len);
  self->out.len = 0;
}

static void
queue_frame (RtMockSession *self, const guint8 *data, gsize len)
{
  if (self->closing)
    return;
  if (self->out.len > 0 && self->out.len + len > MAX_GATHERED)
    flush (self);
  if (self->out.len > 0)
    rt_buffer_put (&self->out, self->env->codec->separator, strlen (self->env->codec->separator));
  rt_buffer_put (&self->out, data, len);
  if (self->out.len > RT_MOCK_OUTBOUND_MAX_LARGE)
    rt_mock_session_close (self, RT_MOCK_CLOSE_SLOW, "slow");
  rt_mock_turn_add (self->env->turn, &self->turn);
}

/* Half of @frame, between two characters. */
static gsize
get_half (const RtBuffer *frame)
{
  gsize len = frame->len / 2;

  while (len > 0 && (frame->data[len] & 0xc0) == 0x80)
    len--;
  return len;
}

static void
queue_corrupt (RtMockSession *self, const RtBuffer *frame)
{
  g_auto (RtBuffer) copy = { 0 };

  rt_buffer_put (&copy, frame->data, frame->len);
  copy.data[0] = '<';
  queue_frame (self, copy.data, copy.len);
}

void
rt_mock_session_push (RtMockSession *self, const RtBuffer *frame)
{
  RtMockFaults *faults = self->env->faults;

  if (rt_mock_faults_take (faults, RT_MOCK_FAULT_DELAY))
    {
      self->hold_until = rt_clock_now () + RT_CLOCK_MS (self->env->options.delay);
      schedule (self);
    }
  if (rt_mock_faults_take (faults, RT_MOCK_FAULT_CORRUPT))
    queue_corrupt (self, frame);
  else if (rt_mock_faults_take (faults, RT_MOCK_FAULT_TRUNCATE))
    queue_frame (self, frame->data, get_half (frame));
  else
    queue_frame (self, frame->data, frame->len);
  if (rt_mock_faults_take (faults, RT_MOCK_FAULT_DUPLICATE))
    queue_frame (self, frame->data, frame->len);
}

void
rt_mock_session_reply (RtMockSession *self, const RtReply *reply)
{
  g_auto (RtBuffer) frame = { 0 };

  if (reply->id != 0 && rt_mock_faults_take (self->env->faults, RT_MOCK_FAULT_LOSE_REPLY))
    return;
  self->env->codec->write_reply (&frame, reply);
  if (reply->kind == RT_REPLY_PING)
    queue_frame (self, frame.data, frame.len);
  else
    rt_mock_session_push (self, &frame);
}

/* --- Closing --- */

void
rt_mock_session_close (RtMockSession *self, guint code, const char *reason)
{
  rt_mock_session_close_spread (self, code, reason, 0);
}

void
rt_mock_session_close_spread (RtMockSession *self, guint code, const char *reason, guint spread)
{
  if (self->closing)
    return;
  self->closing = TRUE;
  self->spread = self->profile == RT_PROFILE_RT1 ? spread : 0;
  self->close_code = code;
  self->close_reason = g_strdup (reason);
  rt_mock_turn_add (self->env->turn, &self->turn);
}

void
rt_mock_session_forget_channel (RtMockSession *self, RtMockChannel *channel)
{
  rt_mock_session_set_channel_expires (self, channel, 0);
  g_hash_table_remove (self->subscriptions, channel);
}

/* The others see it go. */
static void
leave_all (RtMockSession *self)
{
  GHashTableIter iter;
  gpointer channel;

  if (self->identity == NULL)
    return;
  g_hash_table_iter_init (&iter, self->subscriptions);
  while (g_hash_table_iter_next (&iter, &channel, NULL))
    {
      g_hash_table_iter_remove (&iter);
      rt_mock_hub_leave (self->hub, channel, self);
    }
  rt_mock_hub_remove_session (self->hub, self);
  self->env->events->disconnected (self->env->events_data, self->identity->client);
  g_clear_pointer (&self->identity, rt_mock_identity_unref);
}

/* What a close frame would say, or cannot. */
static void
say_goodbye (RtMockSession *self)
{
  const RtMockCarrierFuncs *funcs = self->carrier->funcs;
  g_auto (RtBuffer) frame = { 0 };
  RtReply push = {
    .kind = RT_PUSH_DISCONNECT,
    .code = self->close_code,
    .reason = rt_mock_slice (self->close_reason),
    .spread = self->spread,
  };

  if ((!funcs->needs_goodbye && self->spread == 0) || !funcs->is_open (self->carrier))
    return;
  self->env->codec->write_reply (&frame, &push);
  funcs->send (self->carrier, frame.data, frame.len);
}

static void
finish_close (RtMockSession *self)
{
  self->closed = TRUE;
  leave_all (self);
  self->auth_deadline = self->next_ping = self->pong_deadline = self->expires = self->hold_until = 0;
  gint64 timeout = self->carrier->funcs->close_timeout;
  self->close_deadline = rt_clock_now () + (timeout != 0 ? timeout : CLOSE_TIMEOUT);
  schedule (self);
  /* The answer to a close frame has to be read, stalled or not. */
  self->carrier->funcs->pause (self->carrier, FALSE);
  say_goodbye (self);
  self->carrier->funcs->close (self->carrier, self->close_code, self->close_reason);
}

static void
turn_cb (gpointer owner)
{
  RtMockSession *self = owner;

  if (self->closed)
    return;
  flush (self);
  if (self->closing)
    finish_close (self);
}

void
rt_mock_session_update (RtMockSession *self)
{
  if (self->closing)
    return;
  /* What was held back goes to the carrier before the carrier has its turn. */
  rt_mock_turn_add (self->env->turn, &self->turn);
  self->carrier->funcs->pause (self->carrier, is_stalled (self));
}

/* --- Reading --- */

static void
handle_frames (RtMockSession *self)
{
  RtCommand command;

  while (!self->closing)
    {
      switch (self->env->codec->next_command (&self->decoder, &command))
        {
        case RT_DECODE_ITEM:
          rt_mock_session_handle (self, &command);
          break;
        case RT_DECODE_END:
          return;
        case RT_DECODE_FAULT:
        default:
          rt_mock_session_close (self, RT_MOCK_CLOSE_BAD_REQUEST, "bad request");
          return;
        }
    }
}

void
rt_mock_session_take (RtMockSession *self, const char *data, gsize len)
{
  if (self->closing)
    return;
  rt_decoder_begin (&self->decoder, data, len);
  handle_frames (self);
}

void
rt_mock_session_lost (RtMockSession *self)
{
  rt_mock_session_close (self, RT_MOCK_CLOSE_NORMAL, "");
}

void
rt_mock_session_drop (RtMockSession *self)
{
  if (!self->carrier->funcs->drop (self->carrier))
    return;
  /* What is left is freed with the connection. */
  self->closing = self->closed = TRUE;
}

/* --- Life --- */

RtMockSession *
rt_mock_session_new (RtMockEnv *env,
                     RtMockHub *hub,
                     RtMockCarrier *carrier,
                     RtProfile profile,
                     gint64 auth_deadline)
{
  RtMockSession *self = g_new0 (RtMockSession, 1);

  self->env = env;
  self->hub = hub;
  self->carrier = carrier;
  carrier->session = self;
  self->profile = profile;
  self->subscriptions = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->turn = (RtMockTurnItem) { .run = turn_cb, .owner = self };
  self->timer = rt_timer_new (env->context, "[realtime] mock session", timer_cb, self);
  self->auth_deadline = auth_deadline;
  schedule (self);
  return self;
}

void
rt_mock_session_free (RtMockSession *self)
{
  leave_all (self);
  rt_mock_turn_remove (self->env->turn, &self->turn);
  rt_timer_free (self->timer);
  self->carrier->funcs->free (self->carrier);
  g_hash_table_unref (self->subscriptions);
  rt_decoder_clear (&self->decoder);
  rt_buffer_clear (&self->out);
  g_free (self->close_reason);
  g_free (self->key);
  g_free (self);
}
