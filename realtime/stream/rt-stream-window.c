/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-stream-window.h"

#include <string.h>

/* Where nothing is held back for the readers' sake they are timed so often. */
#define MARK_INTERVAL (250 * G_TIME_SPAN_MILLISECOND)
/* So many times as long as an answer takes one may be missing. */
#define LATE 8

static void
peer_free (gpointer data)
{
  RtStreamPeer *peer = data;

  g_free (peer->source);
  g_free (peer);
}

void
rt_stream_window_init (RtStreamWindow *self, gsize chunk, gboolean deaf)
{
  *self = (RtStreamWindow) { .chunk = MIN (chunk, RT_STREAM_MAX_CHUNK), .deaf = deaf };
  self->most = self->chunk;
  rt_stream_pace_init (&self->pace, RT_STREAM_WINDOW);
  rt_stream_ring_init (&self->ring, RT_STREAM_WINDOW);
  self->peers = g_ptr_array_new_with_free_func (peer_free);
}

void
rt_stream_window_clear (RtStreamWindow *self)
{
  rt_stream_ring_clear (&self->ring);
  g_clear_pointer (&self->peers, g_ptr_array_unref);
}

void
rt_stream_window_opened (RtStreamWindow *self, gint64 now, gint64 took)
{
  self->opened_at = now;
  self->grace_until = now + MIN (RT_STREAM_GRACE + 4 * took, RT_STREAM_MAX_GRACE);
  /* Somebody may have been quicker than the server with its acknowledgement. */
  if (self->peers->len > 0)
    rt_stream_pace_begin (&self->pace, took);
}

/* --- Readers --- */

static RtStreamPeer *
get_peer (RtStreamWindow *self, guint i)
{
  return g_ptr_array_index (self->peers, i);
}

static int
find_peer (RtStreamWindow *self, const char *source)
{
  for (guint i = 0; i < self->peers->len; i++)
    if (g_str_equal (get_peer (self, i)->source, source))
      return (int) i;
  return -1;
}

/* Whether it goes on without any reader. */
static gboolean
goes_alone (RtStreamWindow *self, gint64 now)
{
  return self->peers->len == 0 && (self->deaf || (self->grace_until != 0 && now >= self->grace_until));
}

static guint64
get_limit (RtStreamWindow *self, gint64 now)
{
  guint64 slowest = G_MAXUINT64;

  if (goes_alone (self, now))
    return self->acked + RT_STREAM_WINDOW;
  for (guint i = 0; i < self->peers->len; i++)
    slowest = MIN (slowest, get_peer (self, i)->off);
  return (slowest != G_MAXUINT64 ? slowest : 0) + RT_STREAM_WINDOW;
}

/* --- On the way to them --- */

static guint64
find_known (RtStreamWindow *self)
{
  guint64 known = G_MAXUINT64;

  for (guint i = 0; i < self->peers->len; i++)
    known = MIN (known, get_peer (self, i)->got);
  return known != G_MAXUINT64 ? known : 0;
}

static gsize
get_under_way (RtStreamWindow *self)
{
  return self->sent > self->known ? self->sent - self->known : 0;
}

static gboolean
is_crowded (RtStreamWindow *self, gint64 now)
{
  return !goes_alone (self, now) && get_under_way (self) >= self->pace.limit;
}

/* One of the readers has come or gone, and what is known is not of the same ones any more. */
static void
peers_changed (RtStreamWindow *self)
{
  self->known = find_known (self);
  self->mark.set = FALSE;
}

static void
drop_mark (RtStreamWindow *self)
{
  if (self->mark.off > self->sent)
    self->mark.set = FALSE;
}

gboolean
rt_stream_window_asks (RtStreamWindow *self, gsize len, gint64 now)
{
  const gboolean wide = self->pace.limit >= self->pace.max;
  RtStreamMark *mark = &self->mark;

  if (self->deaf || goes_alone (self, now))
    return FALSE;
  /* What goes out together arrives together. */
  mark->alone &= mark->began != 0;
  if (mark->set || (wide && now < mark->at + MARK_INTERVAL))
    return !wide && is_crowded (self, now);
  *mark = (RtStreamMark) { .set = TRUE, .alone = get_under_way (self) <= len, .off = self->sent, .at = now };
  return TRUE;
}

static void
measure (RtStreamWindow *self, gint64 now)
{
  RtStreamMark *mark = &self->mark;
  gboolean came = self->known >= mark->off;

  if (!mark->set || (mark->began == 0 && !came))
    return;
  /* Where the reader is faster than the server with its answer, there is nothing to wait for. */
  gint64 began = mark->began != 0 ? mark->began : now;
  gsize passed = self->known > mark->from ? self->known - mark->from : 0;
  gsize before = self->pace.limit;
  if (came || now - began > self->pace.delay)
    rt_stream_pace_measure (&self->pace, began, now - began, passed, came && mark->alone);
  mark->set = !came;
  if (self->pace.limit < before)
    self->late = self->sent;
}

static void
note_arrival (RtStreamWindow *self, gint64 now)
{
  gsize under_way = get_under_way (self);
  guint64 before = self->known;

  self->known = find_known (self);
  measure (self, now);
  if (self->known > before && self->known >= self->late)
    rt_stream_pace_pass (&self->pace, now, self->known - before, under_way);
}

/* Lets go of what nobody can want any more. Before anybody has answered, all is kept. */
static void
trim (RtStreamWindow *self, gint64 now)
{
  guint64 floor = self->acked;

  if (self->peers->len == 0 && !goes_alone (self, now))
    return;
  for (guint i = 0; i < self->peers->len; i++)
    floor = MIN (floor, get_peer (self, i)->got);
  floor = MIN (floor, self->sent);
  if (floor <= self->base)
    return;
  rt_stream_ring_drop (&self->ring, floor - self->base);
  self->base = floor;
}

/* --- From the program --- */

gsize
rt_stream_window_get_room (RtStreamWindow *self)
{
  return rt_stream_ring_get_room (&self->ring);
}

void
rt_stream_window_write (RtStreamWindow *self, const guint8 *bytes, gsize len)
{
  rt_stream_ring_put (&self->ring, bytes, len);
  self->written += len;
}

gboolean
rt_stream_window_is_flushed (RtStreamWindow *self)
{
  return self->acked >= self->written;
}

/* --- To the server --- */

static void
note_full (RtStreamWindow *self, gint64 now, gboolean full)
{
  if (!full)
    self->full_since = 0;
  else if (self->full_since == 0)
    self->full_since = now;
}

static gsize
get_piece (RtStreamWindow *self, gint64 now)
{
  gsize most = MIN (self->most, self->chunk);

  return goes_alone (self, now) ? most : rt_stream_pace_get_piece (&self->pace, most);
}

/* Small pieces wait for company as long as anything is under way, unless somebody is in haste (RFC 896); and a
 * piece that the readers have no room for waits until they have, and is only made shorter where nothing is under way
 * (RFC 1122, 4.2.3.4). */
gsize
rt_stream_window_next (RtStreamWindow *self, gint64 now, guint64 *off)
{
  guint64 limit = get_limit (self, now);
  guint64 left = self->written - self->sent;

  trim (self, now);
  *off = self->sent;
  if (left == 0)
    {
      /* Full of what was sent, or at the end, and nobody has said that it has come. */
      note_full (self, now, self->ending || rt_stream_ring_get_room (&self->ring) == 0);
      return 0;
    }
  gsize piece = get_piece (self, now);
  guint64 room = limit > self->sent ? limit - self->sent : 0;
  guint64 wanted = MIN (left, piece);
  if (wanted > room && room > 0 && self->sent == self->acked)
    piece = wanted = room;
  gboolean full = room < wanted || is_crowded (self, now);
  /* Sending again is no progress: who has it done again and again holds up the rest all the time. */
  if (full || self->sent >= self->reached)
    note_full (self, now, full);
  if (full)
    return 0;
  if (wanted < piece && !self->hasty && !self->ending && self->sent > self->acked)
    return 0;
  return wanted;
}

void
rt_stream_window_take (RtStreamWindow *self, guint8 *bytes, gsize len)
{
  rt_stream_ring_peek (&self->ring, self->sent - self->base, bytes, len);
  self->sent += len;
  self->reached = MAX (self->reached, self->sent);
  if (self->sent == self->written)
    self->hasty = FALSE;
}

void
rt_stream_window_acked (RtStreamWindow *self, guint64 off, gsize len, gint64 now)
{
  RtStreamMark *mark = &self->mark;

  /* Behind one that failed it does not count: that one, and all behind it, is sent again. */
  if (off <= self->acked)
    self->acked = MAX (self->acked, off + len);
  if (mark->set && mark->began == 0 && self->acked >= mark->off)
    {
      mark->began = now;
      mark->from = self->known;
    }
}

void
rt_stream_window_failed (RtStreamWindow *self, guint64 off)
{
  if (off < self->acked)
    return;
  self->sent = MIN (self->sent, off);
  self->end_sent = self->end_acked = FALSE;
  drop_mark (self);
  /* No reader can help that. */
  self->full_since = 0;
}

gboolean
rt_stream_window_take_end (RtStreamWindow *self, gint64 now)
{
  if (!self->ending || self->end_sent || self->sent < self->written)
    return FALSE;
  self->end_sent = TRUE;
  note_full (self, now, TRUE);
  return TRUE;
}

/* --- From the readers --- */

static RtStreamHeard
add_peer (RtStreamWindow *self, const RtStreamFrame *frame, gint64 now)
{
  if (self->peers->len >= RT_STREAM_MAX_PEERS || frame->got < self->base)
    return RT_STREAM_HEARD_LOST;
  RtStreamPeer *peer = g_new0 (RtStreamPeer, 1);
  peer->source = g_strdup (frame->source);
  peer->off = frame->off;
  peer->got = frame->got;
  peer->progress = now;
  if (self->peers->len == 0 && self->grace_until != 0)
    rt_stream_pace_begin (&self->pace, now - self->opened_at);
  g_ptr_array_add (self->peers, peer);
  peers_changed (self);
  return RT_STREAM_HEARD_OK;
}

/* It says so until it has come, and on a slow line it may be under way already. */
static void
send_again (RtStreamWindow *self, RtStreamPeer *peer, gint64 now)
{
  if (peer->again_at != 0 && now < peer->again_at + MAX (RT_STREAM_AGAIN, 2 * rt_stream_window_get_delay (self)))
    return;
  if (peer->got >= self->sent && !self->end_sent)
    return;
  peer->again_at = now;
  self->sent = MIN (self->sent, peer->got);
  self->end_sent = self->end_acked = FALSE;
  drop_mark (self);
}

/* What was to be sent again has arrived after all, and so at the server, too, whose answer may never come. */
static void
skip_known (RtStreamWindow *self)
{
  guint64 known = self->reached;

  for (guint i = 0; i < self->peers->len; i++)
    known = MIN (known, get_peer (self, i)->got);
  self->sent = MAX (self->sent, known);
  self->acked = MAX (self->acked, known);
}

static void
note_progress (RtStreamWindow *self, RtStreamPeer *peer, const RtStreamFrame *frame, gint64 now)
{
  gboolean waits = frame->off == frame->got && frame->got < self->sent;

  if (frame->off > peer->off || frame->got > peer->got)
    {
      peer->progress = now;
      peer->overdue = 0;
    }
  else if (waits)
    peer->overdue = now - peer->progress;
}

RtStreamHeard
rt_stream_window_credit (RtStreamWindow *self, const RtStreamFrame *frame, gint64 now)
{
  int place = find_peer (self, frame->source);

  if (frame->off > frame->got || frame->got > self->reached)
    return RT_STREAM_HEARD_NONSENSE;
  if (place < 0)
    {
      RtStreamHeard heard = add_peer (self, frame, now);
      if (heard != RT_STREAM_HEARD_OK)
        return heard;
      place = (int) self->peers->len - 1;
    }
  RtStreamPeer *peer = get_peer (self, (guint) place);
  note_progress (self, peer, frame, now);
  if (frame->got > peer->got)
    peer->again_at = 0;
  peer->off = MAX (peer->off, frame->off);
  peer->got = MAX (peer->got, frame->got);
  note_arrival (self, now);
  if (frame->again && !peer->done)
    send_again (self, peer, now);
  else
    skip_known (self);
  trim (self, now);
  return RT_STREAM_HEARD_OK;
}

void
rt_stream_window_done (RtStreamWindow *self, const char *source)
{
  int place = find_peer (self, source);

  if (place < 0 || !self->ending || self->reached < self->written)
    return;
  RtStreamPeer *peer = get_peer (self, (guint) place);
  peer->off = peer->got = self->written;
  peer->done = TRUE;
  self->known = find_known (self);
}

gboolean
rt_stream_window_leave (RtStreamWindow *self, const char *source, gboolean counts)
{
  int place = find_peer (self, source);

  if (place < 0)
    {
      /* It may have given up before it had said that it reads. */
      self->n_unheard += counts;
      return FALSE;
    }
  g_ptr_array_remove_index_fast (self->peers, (guint) place);
  self->n_gone += counts;
  peers_changed (self);
  return TRUE;
}

/* What holds up the rest: no next chunk fits in front of it, or its word on what was sent, or on the end, is missing. */
static gboolean
holds_up (RtStreamWindow *self, const RtStreamPeer *peer)
{
  guint64 left = self->written - self->sent;

  if (self->full_since == 0 || peer->done)
    return FALSE;
  if (left == 0)
    return self->end_sent || peer->off < self->sent;
  if (peer->got <= self->known && get_under_way (self) >= self->pace.limit)
    return TRUE;
  return peer->off + RT_STREAM_WINDOW < self->sent + MIN (self->most, left);
}

static gint64
get_patience_end (RtStreamWindow *self, const RtStreamPeer *peer)
{
  gint64 delay = MAX (rt_stream_window_get_delay (self), peer->overdue);
  gint64 patience = CLAMP (LATE * delay, RT_STREAM_PATIENCE, RT_STREAM_MAX_PATIENCE);

  return MAX (peer->progress, self->full_since) + patience;
}

char *
rt_stream_window_expel (RtStreamWindow *self, gint64 now)
{
  for (guint i = 0; i < self->peers->len; i++)
    {
      RtStreamPeer *peer = get_peer (self, i);

      if (!holds_up (self, peer) || now < get_patience_end (self, peer))
        continue;
      char *source = g_steal_pointer (&peer->source);
      g_ptr_array_remove_index_fast (self->peers, i);
      self->n_gone++;
      peers_changed (self);
      return source;
    }
  return NULL;
}

void
rt_stream_window_forgive (RtStreamWindow *self, gint64 now)
{
  for (guint i = 0; i < self->peers->len; i++)
    {
      get_peer (self, i)->progress = now;
      get_peer (self, i)->overdue = 0;
    }
}

/* --- What follows --- */

gboolean
rt_stream_window_is_deserted (RtStreamWindow *self, gint64 now)
{
  if (self->peers->len > 0)
    return FALSE;
  /* Where nobody else has been heard yet, somebody still may be. */
  return self->n_gone > 0 || (self->n_unheard > 0 && self->grace_until != 0 && now >= self->grace_until);
}

static gboolean
all_done (RtStreamWindow *self)
{
  for (guint i = 0; i < self->peers->len; i++)
    if (!get_peer (self, i)->done)
      return FALSE;
  return TRUE;
}

/* Who would read has had the time to say so. */
gboolean
rt_stream_window_is_over (RtStreamWindow *self, gint64 now)
{
  return self->end_acked && self->end_sent && rt_stream_window_is_flushed (self) && all_done (self)
         && (self->peers->len > 0 || goes_alone (self, now));
}

gboolean
rt_stream_window_waits (RtStreamWindow *self)
{
  return self->full_since != 0 && self->peers->len > 0 && !all_done (self);
}

gint64
rt_stream_window_get_delay (RtStreamWindow *self)
{
  return self->pace.delay + self->line_delay;
}

gint64
rt_stream_window_next_time (RtStreamWindow *self, gint64 now)
{
  gint64 next = G_MAXINT64;

  if (self->peers->len == 0 && self->grace_until > now && !self->deaf)
    next = self->grace_until;
  for (guint i = 0; i < self->peers->len; i++)
    if (holds_up (self, get_peer (self, i)))
      next = MIN (next, get_patience_end (self, get_peer (self, i)));
  return next;
}
