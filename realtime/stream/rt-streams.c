/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-streams-private.h"

#include <string.h>
#include "rt-error.h"
#include "rt-io-thread.h"
#include "rt-message-private.h"

/* What remains to be said while there is no connection. */
#define MAX_NOTES 256

/* A frame on its way. */
typedef struct
{
  RtStreams *streams;
  RtStreamOut *out; /* nullable */
  RtStreamIn *in;   /* nullable */
  RtStreamFrameKind kind;
  guint64 off;
  gsize len;
  gsize under_way; /* with this one, when it was made */
} Sent;

static void
note_free (gpointer data)
{
  RtStreamNote *note = data;

  g_free (note->channel);
  g_free (note);
}

RtStreams *
rt_streams_new (const char *source)
{
  RtStreams *self = g_new0 (RtStreams, 1);

  g_atomic_ref_count_init (&self->refs);
  self->source = g_strdup (source);
  g_mutex_init (&self->lock);
  rt_stream_pace_init (&self->pace, RT_STREAM_PACE_MAX);
  self->outs = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) rt_stream_out_unref);
  self->ins = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) rt_stream_in_unref);
  return self;
}

RtStreams *
rt_streams_ref (RtStreams *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
rt_streams_unref (RtStreams *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_clear_pointer (&self->timer, rt_timer_free); /* if its thread has ended before its last turn */
  g_clear_pointer (&self->connection, rt_connection_unref);
  g_hash_table_unref (self->outs);
  g_hash_table_unref (self->ins);
  g_queue_clear_full (&self->notes, note_free);
  g_queue_clear (&self->order);
  g_queue_clear (&self->finished);
  rt_buffer_clear (&self->scratch);
  g_free (self->chunk);
  g_free (self->source);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
rt_streams_start (RtStreams *self, RtConnection *connection)
{
  g_mutex_lock (&self->lock);
  self->connection = rt_connection_ref (connection);
  g_mutex_unlock (&self->lock);
}

GMutex *
rt_streams_get_lock (RtStreams *self)
{
  return &self->lock;
}

/* --- Sending frames --- */

gboolean
rt_stream_error_is_temporary (const GError *error)
{
  return g_error_matches (error, RT_ERROR, RT_ERROR_RATE_LIMITED)
         || g_error_matches (error, RT_ERROR, RT_ERROR_QUEUE_FULL)
         || g_error_matches (error, RT_ERROR, RT_ERROR_TIMED_OUT)
         || g_error_matches (error, RT_ERROR, RT_ERROR_OUTCOME_UNKNOWN)
         || g_error_matches (error, RT_ERROR, RT_ERROR_SERVER);
}

static void
sent_free (Sent *sent)
{
  g_clear_pointer (&sent->out, rt_stream_out_unref);
  g_clear_pointer (&sent->in, rt_stream_in_unref);
  rt_streams_unref (sent->streams);
  g_free (sent);
}

/* One that had to wait for its turn says nothing of the line for that time. */
static void
measure (RtStreams *self, const Sent *sent, const RtOp *op)
{
  gint64 now = rt_clock_now ();
  gint64 took = MAX (now - (op->deadline - RT_CLOCK_MS (op->timeout)), 0);

  if (op->error == NULL)
    {
      rt_stream_pace_measure (&self->pace, now - took, took, sent->under_way, sent->under_way == sent->len);
      rt_stream_pace_pass (&self->pace, now - took, sent->len, sent->under_way);
    }
  else if (took >= RT_CLOCK_MS (op->timeout))
    rt_stream_pace_failed (&self->pace, now);
}

/* How a frame ended. In the I/O thread, or in any where the connection has stopped. */
static void
sent_cb (RtOp *op)
{
  Sent *sent = g_steal_pointer (&op->call);
  RtStreams *self = sent->streams;

  g_mutex_lock (&self->lock);
  self->in_flight -= sent->len;
  if (sent->kind == RT_STREAM_FRAME_DATA && op->was_written)
    measure (self, sent, op);
  if (sent->out != NULL)
    rt_stream_out_sent (sent->out, sent->kind, sent->off, sent->len, op->error,
                        op->was_lost && g_error_matches (op->error, RT_ERROR, RT_ERROR_OUTCOME_UNKNOWN));
  if (sent->in != NULL)
    rt_stream_in_sent (sent->in, sent->kind, op->error);
  rt_streams_kick (self);
  g_mutex_unlock (&self->lock);
  sent_free (sent);
  rt_op_unref (op);
}

static Sent *
sent_new (RtStreams *self, const RtStreamFrame *frame, RtStreamOut *out, RtStreamIn *in, gsize len)
{
  Sent *sent = g_new0 (Sent, 1);

  sent->streams = rt_streams_ref (self);
  sent->out = out != NULL ? rt_stream_out_ref (out) : NULL;
  sent->in = in != NULL ? rt_stream_in_ref (in) : NULL;
  sent->kind = frame->kind;
  sent->off = frame->off;
  sent->len = len;
  sent->under_way = self->in_flight;
  return sent;
}

void
rt_streams_add_frame (RtStreams *self,
                      RtStreamTurn *turn,
                      const char *channel,
                      const RtStreamFrame *frame,
                      RtStreamOut *out,
                      RtStreamIn *in,
                      const guint8 *bytes,
                      gsize len)
{
  char digits[RT_MESSAGE_ID_SIZE];
  g_auto (RtBuffer) block = { 0 };
  gint64 real = rt_clock_real ();
  const RtStreamStamp stamp
    = { .source = self->source, .id = rt_message_put_next_id (digits, real), .timestamp = real };
  RtOp *op = rt_op_new (RT_OP_PUBLISH);

  op->priority = out != NULL ? RT_PRIORITY_LOW : RT_PRIORITY_NORMAL;
  op->patient = TRUE; /* a limit of speed makes streams slow, and fails none */
  op->comes_back = TRUE;
  op->stands_apart = len > 0;
  op->timeout = out != NULL ? RT_STREAM_ANSWER_TIMEOUT : 0;
  rt_op_begin_publish (&block, channel, stamp.id, len / 3 * 4 + RT_STREAM_FRAME_SIZE);
  rt_stream_frame_write (&block, frame, &stamp, bytes, len, &self->scratch);
  rt_op_finish_publish (op, &block);
  op->done = sent_cb;
  self->in_flight += len;
  op->call = sent_new (self, frame, out, in, len);
  g_ptr_array_add (turn->ops, op);
}

/* Without the lock. What the connection has no room for has failed for the time being. */
static void
submit (RtStreamTurn *turn)
{
  for (guint i = 0; i < turn->ops->len; i++)
    {
      RtOp *op = g_ptr_array_index (turn->ops, i);

      if (rt_connection_reserve (turn->connection, op->data_len, &op->error))
        rt_connection_submit (turn->connection, op);
      else
        op->done (op);
    }
  g_ptr_array_unref (turn->ops);
  g_clear_pointer (&turn->connection, rt_connection_unref);
}

static gboolean
is_connected (RtStreams *self)
{
  return self->connection != NULL && rt_connection_get_state (self->connection) == RT_CONNECTION_STATE_CONNECTED;
}

/* With the lock held. */
static void
begin_turn (RtStreams *self, RtStreamTurn *turn)
{
  turn->connection = is_connected (self) ? rt_connection_ref (self->connection) : NULL;
  turn->ops = g_ptr_array_new ();
  turn->now = rt_clock_now ();
  turn->next = G_MAXINT64;
}

static void
say_notes (RtStreams *self, RtStreamTurn *turn)
{
  RtStreamNote *note;

  if (turn->connection == NULL)
    return;
  while ((note = g_queue_pop_head (&self->notes)) != NULL)
    {
      rt_streams_add_frame (self, turn, note->channel, &note->frame, NULL, NULL, NULL, 0);
      note_free (note);
    }
}

void
rt_streams_note (RtStreams *self, const char *channel, const RtStreamFrame *frame)
{
  if (self->stopped || self->notes.length >= MAX_NOTES)
    return;
  RtStreamNote *note = g_new0 (RtStreamNote, 1);
  note->channel = g_strdup (channel);
  note->frame = *frame;
  g_queue_push_tail (&self->notes, note);
  rt_streams_kick (self);
}

void
rt_streams_note_abort (RtStreams *self,
                       const char *channel,
                       const char *id,
                       RtStreamFrameKind kind,
                       const char *to,
                       const char *why)
{
  RtStreamFrame frame = { .kind = kind };

  g_strlcpy (frame.id, id, sizeof frame.id);
  g_strlcpy (frame.to, to, sizeof frame.to);
  rt_stream_frame_set_why (&frame, why);
  rt_streams_note (self, channel, &frame);
}

/* --- Turns of the I/O thread --- */

/* Each stream one chunk, and again, until none has more to send or enough is under way. The one that began comes last
 * the next time. */
static void
turn_outs (RtStreams *self, RtStreamTurn *turn)
{
  g_autoptr (GPtrArray) outs = g_ptr_array_new_with_free_func ((GDestroyNotify) rt_stream_out_unref);
  gboolean more = turn->connection != NULL;

  for (GList *l = self->order.head; l != NULL; l = l->next)
    g_ptr_array_add (outs, rt_stream_out_ref (l->data));
  while (more && self->in_flight < self->pace.limit)
    {
      more = FALSE;
      for (guint i = 0; i < outs->len && self->in_flight < self->pace.limit; i++)
        more |= rt_stream_out_turn (g_ptr_array_index (outs, i), turn);
    }
  for (guint i = 0; i < outs->len; i++)
    rt_stream_out_settle (g_ptr_array_index (outs, i), turn);
  if (self->order.length > 1)
    g_queue_push_tail_link (&self->order, g_queue_pop_head_link (&self->order));
}

static void
turn_ins (RtStreams *self, RtStreamTurn *turn)
{
  g_autoptr (GList) ins = g_hash_table_get_values (self->ins);

  for (GList *l = ins; l != NULL; l = l->next)
    {
      g_autoptr (RtStreamIn) in = rt_stream_in_ref (l->data);
      rt_stream_in_turn (in, turn);
    }
}

static void take_turn (gpointer user_data);

static void
plan (RtStreams *self, gint64 next)
{
  if (self->timer == NULL)
    self->timer = rt_timer_new (rt_io_thread_get_context (), "[realtime] streams", take_turn, self);
  if (next < G_MAXINT64)
    rt_timer_start (self->timer, next);
  else
    rt_timer_stop (self->timer);
}

static void
take_turn (gpointer user_data)
{
  RtStreams *self = user_data;
  RtStreamTurn turn;

  g_mutex_lock (&self->lock);
  if (self->stopped)
    {
      GSource *kick = g_steal_pointer (&self->kick);
      g_clear_pointer (&self->timer, rt_timer_free);
      g_mutex_unlock (&self->lock);
      if (kick != NULL)
        {
          g_source_destroy (kick);
          g_source_unref (kick);
        }
      return;
    }
  begin_turn (self, &turn);
  turn_outs (self, &turn);
  turn_ins (self, &turn);
  say_notes (self, &turn);
  plan (self, turn.next);
  g_mutex_unlock (&self->lock);
  submit (&turn);
}

static gboolean
kick_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  g_source_set_ready_time (source, -1);
  return callback (user_data);
}

static GSourceFuncs kick_funcs = { NULL, NULL, kick_dispatch, NULL, NULL, NULL };

static gboolean
kicked_cb (gpointer user_data)
{
  take_turn (user_data);
  return G_SOURCE_CONTINUE;
}

void
rt_streams_kick (RtStreams *self)
{
  if (self->kick == NULL)
    {
      if (self->stopped)
        return;
      self->kick = g_source_new (&kick_funcs, sizeof (GSource));
      g_source_set_static_name (self->kick, "[realtime] streams");
      g_source_set_callback (self->kick, kicked_cb, rt_streams_ref (self), (GDestroyNotify) rt_streams_unref);
      g_source_attach (self->kick, rt_io_thread_get_context ());
    }
  g_source_set_ready_time (self->kick, 0);
}

/* --- The end --- */

/* With the lock held. @error is what the streams fail with. */
static void
fail_all (RtStreams *self, const GError *error, const char *why)
{
  g_autoptr (GList) outs = g_hash_table_get_values (self->outs);
  g_autoptr (GList) ins = g_hash_table_get_values (self->ins);

  for (GList *l = outs; l != NULL; l = l->next)
    {
      RtStreamOut *out = l->data;
      if (why != NULL)
        rt_streams_note_abort (self, out->channel, out->id, RT_STREAM_FRAME_ABORT, "", why);
      rt_stream_out_fail (out, error);
    }
  for (GList *l = ins; l != NULL; l = l->next)
    {
      RtStreamIn *in = l->data;
      if (why != NULL)
        rt_stream_in_note_last (in, why);
      rt_stream_in_fail (in, error);
    }
}

void
rt_streams_end_all (RtStreams *self, const char *why)
{
  g_autoptr (GError) error = g_error_new (RT_ERROR, RT_ERROR_CLOSED, "The stream was ended: %s", why);
  RtStreamTurn turn;

  g_mutex_lock (&self->lock);
  fail_all (self, error, why);
  begin_turn (self, &turn);
  say_notes (self, &turn);
  g_mutex_unlock (&self->lock);
  submit (&turn);
}

void
rt_streams_stop (RtStreams *self)
{
  g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_CLOSED, "The client of the stream is gone");

  g_mutex_lock (&self->lock);
  fail_all (self, error, NULL);
  self->stopped = TRUE;
  if (self->kick != NULL)
    rt_streams_kick (self);
  RtConnection *connection = g_steal_pointer (&self->connection);
  g_mutex_unlock (&self->lock);
  if (connection != NULL)
    rt_connection_unref (connection);
}

/* --- News --- */

static void
rejoined (RtStreams *self, const char *channel)
{
  GHashTableIter iter;
  gpointer value;
  gint64 now = rt_clock_now ();

  g_hash_table_iter_init (&iter, self->outs);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (channel == NULL || g_str_equal (((RtStreamOut *) value)->channel, channel))
      rt_stream_out_rejoined (value, now);
  g_hash_table_iter_init (&iter, self->ins);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (channel == NULL || g_str_equal (((RtStreamIn *) value)->channel, channel))
      rt_stream_in_rejoined (value, now);
  if (g_hash_table_size (self->outs) + g_hash_table_size (self->ins) + self->notes.length > 0)
    rt_streams_kick (self);
}

static void
left (RtStreams *self, const char *channel)
{
  g_autoptr (GError) error = g_error_new (RT_ERROR, RT_ERROR_CLOSED, "Channel %s of the stream was left", channel);
  g_autoptr (GList) outs = g_hash_table_get_values (self->outs);
  g_autoptr (GList) ins = g_hash_table_get_values (self->ins);

  for (GList *l = outs; l != NULL; l = l->next)
    if (g_str_equal (((RtStreamOut *) l->data)->channel, channel))
      rt_stream_out_abort_locked (l->data, error->message, error);
  for (GList *l = ins; l != NULL; l = l->next)
    if (g_str_equal (((RtStreamIn *) l->data)->channel, channel))
      rt_stream_in_abort_locked (l->data, error->message, TRUE, error);
}

static void
state_changed (RtStreams *self)
{
  RtConnectionState state = self->connection != NULL ? rt_connection_get_state (self->connection)
                                                     : RT_CONNECTION_STATE_CLOSED;

  if (state != RT_CONNECTION_STATE_DISCONNECTED && state != RT_CONNECTION_STATE_CLOSED
      && state != RT_CONNECTION_STATE_FAILED)
    return;
  g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_CLOSED,
                                                  "The connection of the stream was ended");
  fail_all (self, error, NULL);
}

void
rt_streams_news (RtStreams *self, const RtNews *news)
{
  g_mutex_lock (&self->lock);
  switch ((int) news->kind)
    {
    case RT_NEWS_STATE:
      if (!news->flag)
        state_changed (self);
      break;
    case RT_NEWS_CONNECTED:
      rt_stream_pace_restart (&self->pace);
      rejoined (self, NULL);
      break;
    case RT_NEWS_JOINED:
    case RT_NEWS_GAP:
      rejoined (self, news->sub->name);
      break;
    case RT_NEWS_LEFT:
      left (self, news->sub->name);
      break;
    default:
      break;
    }
  g_mutex_unlock (&self->lock);
}
