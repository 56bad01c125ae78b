/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-streams-private.h"

#include <string.h>
#include "rt-error.h"

/* The sender's half of a stream. */

/* After a frame failed for a time: at first, at most, and how often in a row. */
#define RETRY_DELAY RT_CLOCK_MS (100)
#define MAX_RETRY_DELAY RT_CLOCK_MS (5000)
#define MAX_FAILURES 20
/* Nothing from the server for so long is no idle line where something was asked. */
#define OWN_SILENCE (5 * G_USEC_PER_SEC)

RtStreamOut *
rt_stream_out_new (RtStreams *streams, const char *channel, const char *id, gsize chunk, gboolean deaf, GError **error)
{
  g_mutex_lock (&streams->lock);
  gboolean full = g_hash_table_size (streams->outs) >= RT_STREAM_MAX_STREAMS;
  if (full || streams->stopped)
    {
      g_mutex_unlock (&streams->lock);
      if (full)
        g_set_error (error, RT_ERROR, RT_ERROR_QUEUE_FULL,
                     "The client sends %d streams already, which is the limit; close one first", RT_STREAM_MAX_STREAMS);
      else
        g_set_error_literal (error, RT_ERROR, RT_ERROR_CLOSED, "The client is gone");
      return NULL;
    }
  RtStreamOut *self = g_new0 (RtStreamOut, 1);
  g_atomic_ref_count_init (&self->refs);
  self->streams = rt_streams_ref (streams);
  self->channel = g_strdup (channel);
  g_strlcpy (self->id, id, sizeof self->id);
  rt_stream_window_init (&self->window, chunk, deaf);
  rt_stream_waits_init (&self->waits);
  self->spoke_at = rt_clock_now ();
  g_hash_table_insert (streams->outs, self->id, rt_stream_out_ref (self));
  g_queue_push_tail (&streams->order, self);
  g_mutex_unlock (&streams->lock);
  return self;
}

RtStreamOut *
rt_stream_out_ref (RtStreamOut *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
rt_stream_out_unref (RtStreamOut *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  rt_stream_window_clear (&self->window);
  rt_stream_waits_clear (&self->waits);
  g_clear_error (&self->error);
  g_free (self->channel);
  rt_streams_unref (self->streams);
  g_free (self);
}

RtStreams *
rt_stream_out_get_streams (RtStreamOut *self)
{
  return self->streams;
}

RtStreamWaits *
rt_stream_out_get_waits (RtStreamOut *self)
{
  return &self->waits;
}

/* --- How it ends --- */

static gboolean
has_ended (RtStreamOut *self)
{
  return self->over || self->error != NULL;
}

/* Nothing is to be sent any more. */
static void
retire (RtStreamOut *self)
{
  g_autoptr (RtStreamOut) held = rt_stream_out_ref (self);

  rt_stream_ring_clear (&self->window.ring);
  g_queue_remove (&self->streams->order, self);
  g_hash_table_remove (self->streams->outs, self->id);
  rt_stream_waits_wake (&self->waits);
}

void
rt_stream_out_fail (RtStreamOut *self, const GError *error)
{
  if (has_ended (self))
    return;
  self->error = g_error_copy (error);
  retire (self);
}

void
rt_stream_out_abort_locked (RtStreamOut *self, const char *why, const GError *error)
{
  if (has_ended (self))
    return;
  rt_streams_note_abort (self->streams, self->channel, self->id, RT_STREAM_FRAME_ABORT, "", why);
  rt_stream_out_fail (self, error);
}

void
rt_stream_out_abort (RtStreamOut *self, const char *why, const GError *error)
{
  g_mutex_lock (&self->streams->lock);
  rt_stream_out_abort_locked (self, why, error);
  g_mutex_unlock (&self->streams->lock);
}

/* --- The program --- */

/* FALSE with the error that it has failed with. */
static gboolean
is_good (RtStreamOut *self, GError **error)
{
  if (self->error == NULL)
    return TRUE;
  g_propagate_error (error, g_error_copy (self->error));
  return FALSE;
}

void
rt_stream_out_opened (RtStreamOut *self)
{
  g_mutex_lock (&self->streams->lock);
  if (!has_ended (self))
    {
      gint64 now = rt_clock_now ();
      rt_stream_window_opened (&self->window, now, now - self->spoke_at);
      rt_stream_pace_begin (&self->streams->pace, now - self->spoke_at);
      rt_streams_kick (self->streams);
    }
  g_mutex_unlock (&self->streams->lock);
}

gssize
rt_stream_out_write (RtStreamOut *self, const guint8 *bytes, gsize len, GError **error)
{
  if (!is_good (self, error))
    return -1;
  gsize taken = MIN (len, rt_stream_window_get_room (&self->window));
  if (taken == 0)
    return 0;
  rt_stream_window_write (&self->window, bytes, taken);
  rt_streams_kick (self->streams);
  return (gssize) taken;
}

int
rt_stream_out_flush (RtStreamOut *self, GError **error)
{
  if (!is_good (self, error))
    return -1;
  if (self->over || rt_stream_window_is_flushed (&self->window))
    return 1;
  self->window.hasty = TRUE;
  rt_streams_kick (self->streams);
  return 0;
}

int
rt_stream_out_finish (RtStreamOut *self, const char *sum, GError **error)
{
  if (!is_good (self, error))
    return -1;
  if (self->over)
    return 1;
  if (!self->window.ending)
    {
      g_strlcpy (self->sum, sum, sizeof self->sum);
      self->window.ending = TRUE;
      rt_streams_kick (self->streams);
    }
  return 0;
}

GError *
rt_stream_out_dup_error (RtStreamOut *self)
{
  g_mutex_lock (&self->streams->lock);
  GError *error = self->error != NULL ? g_error_copy (self->error) : NULL;
  g_mutex_unlock (&self->streams->lock);
  return error;
}

guint64
rt_stream_out_get_acked (RtStreamOut *self)
{
  g_mutex_lock (&self->streams->lock);
  guint64 acked = self->window.acked;
  g_mutex_unlock (&self->streams->lock);
  return acked;
}

gboolean
rt_stream_out_has_ended (RtStreamOut *self)
{
  return self->over || self->window.end_acked;
}

/* --- To the server --- */

static RtStreamFrame
new_frame (RtStreamOut *self, RtStreamFrameKind kind, guint64 off)
{
  RtStreamFrame frame = { .kind = kind, .off = off };

  g_strlcpy (frame.id, self->id, sizeof frame.id);
  return frame;
}

static void
add_frame (RtStreamOut *self, RtStreamTurn *turn, const RtStreamFrame *frame, const guint8 *bytes, gsize len)
{
  self->spoke_at = turn->now;
  rt_streams_add_frame (self->streams, turn, self->channel, frame, self, NULL, bytes, len);
}

static gboolean
may_send (RtStreamOut *self, RtStreamTurn *turn)
{
  return turn->connection != NULL && !has_ended (self) && self->window.grace_until != 0 && turn->now >= self->retry_at;
}

gboolean
rt_stream_out_turn (RtStreamOut *self, RtStreamTurn *turn)
{
  RtStreams *streams = self->streams;
  guint64 off;

  if (!may_send (self, turn))
    return FALSE;
  self->window.most = rt_stream_pace_get_piece (&streams->pace, RT_STREAM_MAX_CHUNK);
  gsize len = rt_stream_window_next (&self->window, turn->now, &off);
  if (len == 0)
    return FALSE;
  if (streams->chunk == NULL)
    streams->chunk = g_malloc (RT_STREAM_MAX_CHUNK);
  rt_stream_window_take (&self->window, streams->chunk, len);
  RtStreamFrame frame = new_frame (self, RT_STREAM_FRAME_DATA, off);
  frame.asks = rt_stream_window_asks (&self->window, len, turn->now);
  add_frame (self, turn, &frame, streams->chunk, len);
  return TRUE;
}

static void
send_end (RtStreamOut *self, RtStreamTurn *turn)
{
  RtStreamFrame frame = new_frame (self, RT_STREAM_FRAME_END, self->window.written);

  g_strlcpy (frame.sum, self->sum, sizeof frame.sum);
  add_frame (self, turn, &frame, NULL, 0);
}

static gint64
get_ask_time (RtStreamOut *self)
{
  gint64 keepalive = self->spoke_at + RT_STREAM_KEEPALIVE;
  gint64 interval = MAX (RT_STREAM_ASK, 2 * rt_stream_window_get_delay (&self->window));

  if (self->asks)
    return 0;
  if (!rt_stream_window_waits (&self->window))
    return keepalive;
  return MIN (keepalive, MAX (MAX (self->heard_at, self->asked_at), self->window.full_since) + interval);
}

static void
ask (RtStreamOut *self, RtStreamTurn *turn)
{
  if (get_ask_time (self) > turn->now)
    return;
  const RtStreamFrame frame = new_frame (self, RT_STREAM_FRAME_ASK, self->window.sent);
  self->asks = FALSE;
  self->asked_at = turn->now;
  add_frame (self, turn, &frame, NULL, 0);
}

/* As long as nothing at all comes from the server, it is this end's own line that is to blame: it would at least
 * acknowledge what is asked. */
static void
expel_slow (RtStreamOut *self, const RtStreamTurn *turn)
{
  gint64 now = turn->now;
  char *source;

  if (rt_connection_get_activity (turn->connection) < now - OWN_SILENCE)
    rt_stream_window_forgive (&self->window, now);
  while ((source = rt_stream_window_expel (&self->window, now)) != NULL)
    {
      rt_streams_note_abort (self->streams, self->channel, self->id, RT_STREAM_FRAME_ABORT, source,
                             "nothing was read for too long");
      g_free (source);
    }
}

/* TRUE: it has. */
static gboolean
end_if_deserted (RtStreamOut *self)
{
  if (!rt_stream_window_is_deserted (&self->window, rt_clock_now ()))
    return FALSE;
  g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_CLOSED,
                                                  "Everybody who read the stream has given it up");
  rt_stream_out_abort_locked (self, error->message, error);
  return TRUE;
}

void
rt_stream_out_settle (RtStreamOut *self, RtStreamTurn *turn)
{
  self->window.line_delay = self->streams->pace.delay;
  rt_stream_waits_wake (&self->waits);
  /* Without a connection there is nobody whom the time could be held against. */
  if (turn->connection == NULL || has_ended (self) || self->window.grace_until == 0)
    return;
  expel_slow (self, turn);
  if (end_if_deserted (self))
    return;
  if (rt_stream_window_is_over (&self->window, turn->now))
    {
      self->over = TRUE;
      retire (self);
      return;
    }
  if (may_send (self, turn))
    {
      if (rt_stream_window_take_end (&self->window, turn->now))
        send_end (self, turn);
      ask (self, turn);
    }
  turn->next = MIN (turn->next, rt_stream_window_next_time (&self->window, turn->now));
  turn->next = MIN (turn->next, MAX (self->retry_at, get_ask_time (self)));
  if (self->retry_at > turn->now)
    turn->next = MIN (turn->next, self->retry_at);
}

/* --- What comes back --- */

/* What is under way together fails together, and counts once. */
static void
failed_for_now (RtStreamOut *self, const GError *error)
{
  gint64 now = rt_clock_now ();

  if (now < self->retry_at)
    return;
  if (++self->failures > MAX_FAILURES)
    {
      rt_stream_out_abort_locked (self, error->message, error);
      return;
    }
  self->retry_at = now + MIN (RETRY_DELAY << MIN (self->failures, 8), MAX_RETRY_DELAY);
}

void
rt_stream_out_sent (RtStreamOut *self,
                    RtStreamFrameKind kind,
                    guint64 off,
                    gsize len,
                    const GError *error,
                    gboolean lost)
{
  if (has_ended (self) || kind == RT_STREAM_FRAME_ASK)
    return;
  if (error == NULL)
    {
      self->failures = 0;
      if (kind == RT_STREAM_FRAME_DATA)
        rt_stream_window_acked (&self->window, off, len, rt_clock_now ());
      else if (self->window.end_sent)
        self->window.end_acked = TRUE;
      return;
    }
  rt_stream_window_failed (&self->window, off);
  if (lost)
    return;
  if (rt_stream_error_is_temporary (error))
    failed_for_now (self, error);
  else
    rt_stream_out_abort_locked (self, error->message, error);
}

void
rt_stream_out_heard (RtStreamOut *self, const RtStreamFrame *frame)
{
  gint64 now = rt_clock_now ();

  switch (frame->kind)
    {
    case RT_STREAM_FRAME_CREDIT:
      self->heard_at = now;
      if (rt_stream_window_credit (&self->window, frame, now) == RT_STREAM_HEARD_LOST)
        {
          rt_stream_window_leave (&self->window, frame->source, TRUE);
          rt_streams_note_abort (self->streams, self->channel, self->id, RT_STREAM_FRAME_ABORT, frame->source,
                                 "what is missing cannot be had any more");
        }
      break;
    case RT_STREAM_FRAME_DONE:
      rt_stream_window_done (&self->window, frame->source);
      break;
    case RT_STREAM_FRAME_ABORT:
      rt_stream_window_leave (&self->window, frame->source, TRUE);
      break;
    case RT_STREAM_FRAME_PASS:
      rt_stream_window_leave (&self->window, frame->source, FALSE);
      break;
    case RT_STREAM_FRAME_DATA:
    case RT_STREAM_FRAME_ASK:
    case RT_STREAM_FRAME_END:
    default:
      return;
    }
  rt_streams_kick (self->streams);
}

void
rt_stream_out_rejoined (RtStreamOut *self, gint64 now)
{
  rt_stream_window_forgive (&self->window, now);
  if (self->window.full_since != 0)
    self->window.full_since = now;
  /* The first word of a reader may have been among what this end has missed. */
  self->asks = !self->window.deaf;
}
