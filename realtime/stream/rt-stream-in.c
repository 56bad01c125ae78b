/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-streams-private.h"

#include <string.h>
#include "rt-error.h"

/* The reader's half of a stream. */

/* After a word to the sender was not taken. */
#define TELL_AGAIN RT_CLOCK_MS (500)
/* Streams that were read to the end are remembered, so that a sender who missed the last word can have it again. */
#define MAX_FINISHED 64
/* What has come, and what was used of it, is told so often even if it is little: on a slow line it is. */
#define TELL_INTERVAL G_USEC_PER_SEC
/* Where a piece does not come for so long, though the line is not silent, it is told that this end still waits. */
#define STILL_HERE (4 * G_USEC_PER_SEC)
/* So long after what is missing was first asked for this end gives up. */
#define MAX_STUCK (30 * G_USEC_PER_SEC)

static char *
dup_text (const RtSlice *slice)
{
  return slice->data != NULL ? rt_json_unescape (slice) : NULL;
}

RtStreamIn *
rt_stream_in_new (RtStreams *streams, const char *channel, const RtPublication *publication, RtStreamOpening *opening)
{
  RtStreamIn *self = g_new0 (RtStreamIn, 1);

  g_atomic_ref_count_init (&self->refs);
  self->streams = rt_streams_ref (streams);
  self->channel = g_strdup (channel);
  self->source = dup_text (&publication->envelope.source);
  self->publisher = publication->has_info ? dup_text (&publication->info.user) : NULL;
  self->opening = *opening;
  memset (opening, 0, sizeof *opening);
  rt_stream_reassembly_init (&self->reassembly, self->opening.size);
  rt_stream_waits_init (&self->waits);
  self->tells = TRUE;
  self->heard_at = self->told_at = rt_clock_now ();
  g_hash_table_insert (streams->ins, self->opening.id, rt_stream_in_ref (self));
  return self;
}

RtStreamIn *
rt_stream_in_ref (RtStreamIn *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
rt_stream_in_unref (RtStreamIn *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  rt_stream_reassembly_clear (&self->reassembly);
  rt_stream_waits_clear (&self->waits);
  rt_stream_opening_clear (&self->opening);
  g_clear_error (&self->error);
  g_free (self->channel);
  g_free (self->source);
  g_free (self->publisher);
  rt_streams_unref (self->streams);
  g_free (self);
}

RtStreams *
rt_stream_in_get_streams (RtStreamIn *self)
{
  return self->streams;
}

const RtStreamOpening *
rt_stream_in_get_opening (RtStreamIn *self)
{
  return &self->opening;
}

const char *
rt_stream_in_get_channel (RtStreamIn *self)
{
  return self->channel;
}

RtStreamWaits *
rt_stream_in_get_waits (RtStreamIn *self)
{
  return &self->waits;
}

GError *
rt_stream_in_dup_error (RtStreamIn *self)
{
  g_mutex_lock (&self->streams->lock);
  GError *error = self->error != NULL ? g_error_copy (self->error) : NULL;
  g_mutex_unlock (&self->streams->lock);
  return error;
}

/* Anybody can say that they are the source; who the user is, the server says. */
gboolean
rt_stream_in_is_from (RtStreamIn *self, const char *source, const RtPublication *publication)
{
  if (!g_str_equal (self->source, source))
    return FALSE;
  if (self->publisher == NULL)
    return TRUE;
  return publication->has_info && publication->info.user.data != NULL
         && rt_slice_equals (&publication->info.user, self->publisher);
}

/* --- How it ends --- */

static void
forget (RtStreamIn *self)
{
  g_autoptr (RtStreamIn) held = rt_stream_in_ref (self);

  g_queue_remove (&self->streams->finished, self);
  g_hash_table_remove (self->streams->ins, self->opening.id);
  rt_stream_waits_wake (&self->waits);
}

/* What is there completely can still be read. */
static gboolean
is_unbroken (RtStreamIn *self)
{
  return self->confirmed || (self->claimed && rt_stream_reassembly_is_complete (&self->reassembly));
}

void
rt_stream_in_fail (RtStreamIn *self, const GError *error)
{
  if (self->error != NULL)
    return;
  if (!is_unbroken (self))
    {
      self->error = g_error_copy (error);
      rt_stream_reassembly_clear (&self->reassembly);
    }
  forget (self);
}

void
rt_stream_in_abort_locked (RtStreamIn *self, const char *why, gboolean counts, const GError *error)
{
  if (self->error != NULL || self->confirmed)
    return;
  rt_streams_note_abort (self->streams, self->channel, self->opening.id,
                         counts ? RT_STREAM_FRAME_ABORT : RT_STREAM_FRAME_PASS, self->source, why);
  self->error = g_error_copy (error);
  rt_stream_reassembly_clear (&self->reassembly);
  forget (self);
}

void
rt_stream_in_abort (RtStreamIn *self, const char *why, gboolean counts, const GError *error)
{
  g_mutex_lock (&self->streams->lock);
  rt_stream_in_abort_locked (self, why, counts, error);
  g_mutex_unlock (&self->streams->lock);
}

/* This end finds out that it cannot go on. */
static void
give_up (RtStreamIn *self, RtError code, const char *text)
{
  g_autoptr (GError) error = g_error_new (RT_ERROR, code, "Stream \"%s\" cannot be read on: %s", self->opening.name, text);

  rt_stream_in_abort_locked (self, text, self->claimed, error);
}

static gboolean
is_live (RtStreamIn *self)
{
  return self->error == NULL && !self->confirmed;
}

static void
confirm (RtStreamIn *self)
{
  RtStreams *streams = self->streams;

  self->confirmed = self->tells = TRUE;
  rt_stream_reassembly_clear (&self->reassembly);
  if (g_hash_table_lookup (streams->ins, self->opening.id) == self)
    g_queue_push_tail (&streams->finished, self);
  if (streams->finished.length > MAX_FINISHED)
    forget (g_queue_peek_head (&streams->finished));
  rt_streams_kick (streams);
}

void
rt_stream_in_confirm (RtStreamIn *self)
{
  g_mutex_lock (&self->streams->lock);
  if (is_live (self))
    confirm (self);
  g_mutex_unlock (&self->streams->lock);
}

/* The program has left, and now the end is there. */
static void
judge_left (RtStreamIn *self)
{
  if (!is_live (self) || self->own_sum[0] == '\0' || !rt_stream_reassembly_is_complete (&self->reassembly))
    return;
  if (g_str_equal (self->own_sum, self->reassembly.sum))
    confirm (self);
  else
    give_up (self, RT_ERROR_PROTOCOL, "the checksums differ");
}

void
rt_stream_in_leave (RtStreamIn *self, const char *sum)
{
  g_mutex_lock (&self->streams->lock);
  g_strlcpy (self->own_sum, sum, sizeof self->own_sum);
  judge_left (self);
  g_mutex_unlock (&self->streams->lock);
}

/* --- The program --- */

gssize
rt_stream_in_read (RtStreamIn *self, guint8 *bytes, gsize len, const char **sum, GError **error)
{
  RtStreamReassembly *reassembly = &self->reassembly;

  *sum = NULL;
  if (self->error != NULL)
    {
      g_propagate_error (error, g_error_copy (self->error));
      return -1;
    }
  gsize taken = rt_stream_reassembly_read (reassembly, bytes, len);
  if (taken == 0 && (self->confirmed || rt_stream_reassembly_is_complete (reassembly)))
    *sum = reassembly->sum;
  if (taken == 0)
    return 0;
  if (rt_stream_reassembly_is_due (reassembly)
      || (self->again_at == 0 && rt_stream_reassembly_wants_more (reassembly)))
    {
      self->tells = TRUE;
      rt_streams_kick (self->streams);
    }
  return (gssize) taken;
}

/* --- What comes --- */

static void
take_data (RtStreamIn *self, const RtStreamFrame *frame, const RtPublication *publication)
{
  RtStreams *streams = self->streams;
  RtStreamReassembly *reassembly = &self->reassembly;
  gsize len = rt_stream_frame_get_len (publication);

  switch (rt_stream_reassembly_judge (reassembly, frame->off, len))
    {
    case RT_STREAM_TAKE_NEW:
      break;
    case RT_STREAM_TAKE_FAULT:
      give_up (self, RT_ERROR_PROTOCOL, reassembly->fault);
      return;
    case RT_STREAM_TAKE_HOLE:
    case RT_STREAM_TAKE_FULL:
    case RT_STREAM_TAKE_REPEAT:
    default:
      return;
    }
  if (streams->chunk == NULL)
    streams->chunk = g_malloc (RT_STREAM_MAX_CHUNK);
  if (!rt_stream_frame_decode (publication, streams->chunk))
    {
      give_up (self, RT_ERROR_PROTOCOL, "a piece of it is not base64");
      return;
    }
  rt_stream_reassembly_put (reassembly, frame->off, streams->chunk, len);
  self->again_at = self->stuck_since = 0;
  rt_stream_waits_wake (&self->waits);
}

static void
take_end (RtStreamIn *self, const RtStreamFrame *frame)
{
  if (rt_stream_reassembly_end (&self->reassembly, frame->off, frame->sum) == RT_STREAM_TAKE_FAULT)
    give_up (self, RT_ERROR_PROTOCOL, self->reassembly.fault);
  else
    rt_stream_waits_wake (&self->waits);
  judge_left (self);
}

static void
take_abort (RtStreamIn *self, const RtStreamFrame *frame)
{
  g_autofree char *why = g_strescape (frame->why, NULL);
  g_autoptr (GError) error = g_error_new (RT_ERROR, RT_ERROR_CLOSED, "The sender of stream \"%s\" has given it up%s%s",
                                          self->opening.name, *why != '\0' ? ": " : "", why);

  rt_stream_in_fail (self, error);
}

void
rt_stream_in_heard (RtStreamIn *self, const RtStreamFrame *frame, const RtPublication *publication)
{
  self->heard_at = rt_clock_now ();
  if (self->confirmed)
    {
      /* It has not heard that. */
      self->tells |= frame->kind == RT_STREAM_FRAME_ASK || frame->kind == RT_STREAM_FRAME_END;
    }
  else if (frame->kind == RT_STREAM_FRAME_DATA)
    {
      self->data_at = self->heard_at;
      self->tells |= frame->asks;
      take_data (self, frame, publication);
    }
  else if (frame->kind == RT_STREAM_FRAME_END)
    take_end (self, frame);
  else if (frame->kind == RT_STREAM_FRAME_ABORT)
    take_abort (self, frame);
  else if (frame->kind == RT_STREAM_FRAME_ASK)
    {
      rt_stream_reassembly_asked (&self->reassembly, frame->off);
      self->tells = TRUE;
    }
  rt_streams_kick (self->streams);
}

void
rt_stream_in_rejoined (RtStreamIn *self, gint64 now)
{
  self->heard_at = now;
  self->tells = self->unsure = TRUE;
  self->again_at = 0;
  self->stuck_since = 0;
}

/* --- What is said --- */

static void
tell (RtStreamIn *self, RtStreamTurn *turn, gboolean again)
{
  RtStreamFrame frame = { .kind = self->confirmed ? RT_STREAM_FRAME_DONE : RT_STREAM_FRAME_CREDIT, .again = again };

  if (!self->confirmed)
    {
      frame.off = self->reassembly.used;
      frame.got = self->reassembly.got;
    }
  g_strlcpy (frame.id, self->opening.id, sizeof frame.id);
  g_strlcpy (frame.to, self->source, sizeof frame.to);
  self->tells = FALSE;
  self->told_at = turn->now;
  self->unsure &= !again;
  rt_stream_reassembly_told (&self->reassembly);
  rt_streams_add_frame (self->streams, turn, self->channel, &frame, NULL, self, NULL, 0);
}

void
rt_stream_in_note_last (RtStreamIn *self, const char *why)
{
  RtStreamFrame frame = { .kind = RT_STREAM_FRAME_DONE };

  if (!self->confirmed)
    {
      rt_streams_note_abort (self->streams, self->channel, self->opening.id, RT_STREAM_FRAME_ABORT, self->source, why);
      return;
    }
  if (!self->tells || self->silent)
    return;
  g_strlcpy (frame.id, self->opening.id, sizeof frame.id);
  g_strlcpy (frame.to, self->source, sizeof frame.to);
  self->tells = FALSE;
  rt_streams_note (self->streams, self->channel, &frame);
}

/* While the line was away something may have been sent that nobody will send again unasked. */
static gboolean
doubts (RtStreamIn *self)
{
  return self->unsure && is_live (self) && rt_stream_ring_get_room (&self->reassembly.ring) >= RT_STREAM_MAX_CHUNK;
}

/* Something is missing, there is room for it, and it is time to say so. */
static gboolean
wants_again (RtStreamIn *self, RtStreamTurn *turn)
{
  if (!is_live (self) || !rt_stream_reassembly_wants_more (&self->reassembly))
    return FALSE;
  if (self->stuck_since == 0)
    self->stuck_since = turn->now;
  if (self->again_at != 0 && turn->now < self->again_at + RT_STREAM_ASK)
    return FALSE;
  self->again_at = turn->now;
  return TRUE;
}

/* TRUE: it has ended over that. */
static gboolean
loses_patience (RtStreamIn *self, RtStreamTurn *turn)
{
  if (self->confirmed && turn->now >= self->heard_at + RT_STREAM_SILENCE)
    forget (self);
  else if (!is_live (self))
    return FALSE;
  else if (!rt_stream_reassembly_is_complete (&self->reassembly) && turn->now >= self->heard_at + RT_STREAM_SILENCE)
    give_up (self, RT_ERROR_TIMED_OUT, "nothing has been heard of its sender for a minute");
  else if (self->silent && self->reassembly.missing)
    give_up (self, RT_ERROR_PERMISSION_DENIED,
             "some of it is missing, and this client may not publish on the channel to ask for it");
  else if (self->stuck_since != 0 && turn->now >= self->stuck_since + MAX_STUCK)
    give_up (self, RT_ERROR_TIMED_OUT, "what is missing of it was not sent again");
  else
    return FALSE;
  return TRUE;
}

/* On a line that has become slow a large piece takes its time. The sender, who sees nothing of that, would take this
 * end for gone. */
static gboolean
is_being_fed (RtStreamIn *self, RtStreamTurn *turn)
{
  return rt_connection_get_activity (turn->connection) >= turn->now - STILL_HERE / 4;
}

/* What has to be told by and by. */
static void
note_time (RtStreamIn *self, RtStreamTurn *turn)
{
  if (!is_live (self) || self->tells)
    return;
  gboolean news = rt_stream_reassembly_has_news (&self->reassembly);
  gint64 due = self->told_at + TELL_INTERVAL;
  if (!news)
    {
      if (self->data_at == 0 || rt_stream_reassembly_is_complete (&self->reassembly)
          || turn->now >= self->data_at + RT_STREAM_SILENCE)
        return;
      due = MAX (MAX (self->told_at, self->data_at), self->looked_at) + STILL_HERE;
    }
  if (turn->now < due)
    {
      turn->next = MIN (turn->next, due);
      return;
    }
  self->looked_at = turn->now;
  self->tells = news || is_being_fed (self, turn);
  if (!self->tells)
    turn->next = MIN (turn->next, turn->now + STILL_HERE);
}

void
rt_stream_in_turn (RtStreamIn *self, RtStreamTurn *turn)
{
  if (turn->connection == NULL || self->error != NULL || loses_patience (self, turn))
    return;
  gboolean again = wants_again (self, turn);
  note_time (self, turn);
  if (!self->silent && (again || (self->tells && turn->now >= self->tell_at)))
    tell (self, turn, again || doubts (self));
  turn->next = MIN (turn->next, self->heard_at + RT_STREAM_SILENCE);
  if (self->tells && !self->silent)
    turn->next = MIN (turn->next, self->tell_at);
  if (self->again_at != 0)
    turn->next = MIN (turn->next, self->again_at + RT_STREAM_ASK);
}

void
rt_stream_in_sent (RtStreamIn *self, RtStreamFrameKind kind, const GError *error)
{
  if (error == NULL || self->error != NULL)
    return;
  if (!rt_stream_error_is_temporary (error))
    {
      self->silent = TRUE;
      return;
    }
  self->tells = TRUE;
  self->tell_at = rt_clock_now () + TELL_AGAIN;
}
