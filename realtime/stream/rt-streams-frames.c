/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-streams-private.h"

#include <string.h>

/* What comes from the channel, and for which stream it is. Most of it may be for nobody: every client of a channel gets
 * all the frames of all its streams. */

/* How often in a second somebody is told that there is no such stream. */
#define MAX_STRANGERS 16

static gboolean
is_to_me (RtStreams *self, const RtStreamFrame *frame)
{
  return g_str_equal (frame->to, self->source);
}

/* A reader of a stream that is over waits in vain. */
static void
tell_stranger (RtStreams *self, const char *channel, const RtStreamFrame *frame)
{
  gint64 now = rt_clock_now ();

  if (frame->kind != RT_STREAM_FRAME_CREDIT)
    return;
  if (now - self->strangers_since >= G_USEC_PER_SEC)
    {
      self->strangers_since = now;
      self->strangers = 0;
    }
  if (self->strangers++ < MAX_STRANGERS)
    rt_streams_note_abort (self, channel, frame->id, RT_STREAM_FRAME_ABORT, frame->source, "the stream is over");
}

static void
take_for_sender (RtStreams *self, const char *channel, const RtStreamFrame *frame)
{
  RtStreamOut *out = g_hash_table_lookup (self->outs, frame->id);

  if (!is_to_me (self, frame))
    return;
  if (out == NULL)
    tell_stranger (self, channel, frame);
  else if (g_str_equal (out->channel, channel))
    rt_stream_out_heard (out, frame);
}

static void
take_for_reader (RtStreams *self, const char *channel, const RtStreamFrame *frame, const RtPublication *publication)
{
  RtStreamIn *in = g_hash_table_lookup (self->ins, frame->id);

  if (in == NULL || (frame->to[0] != '\0' && !is_to_me (self, frame)) || !g_str_equal (in->channel, channel)
      || !rt_stream_in_is_from (in, frame->source, publication))
    return;
  g_autoptr (RtStreamIn) held = rt_stream_in_ref (in);
  rt_stream_in_heard (held, frame, publication);
}

static void
take_frame (RtStreams *self, const char *channel, const RtPublication *publication)
{
  RtStreamFrame frame;

  if (!rt_stream_frame_parse (publication, &frame) || g_str_equal (frame.source, self->source))
    return;
  switch (frame.kind)
    {
    case RT_STREAM_FRAME_CREDIT:
    case RT_STREAM_FRAME_DONE:
    case RT_STREAM_FRAME_PASS:
      take_for_sender (self, channel, &frame);
      break;
    case RT_STREAM_FRAME_ABORT:
      if (g_hash_table_contains (self->outs, frame.id))
        take_for_sender (self, channel, &frame);
      else
        take_for_reader (self, channel, &frame, publication);
      break;
    case RT_STREAM_FRAME_DATA:
    case RT_STREAM_FRAME_ASK:
    case RT_STREAM_FRAME_END:
    default:
      take_for_reader (self, channel, &frame, publication);
    }
}

/* TRUE: no stream of this message's is to be read here. */
static gboolean
take_opening (RtStreams *self, const char *channel, const RtPublication *publication)
{
  const RtEnvelope *envelope = &publication->envelope;
  g_auto (RtStreamOpening) opening = { 0 };

  if (envelope->body_kind != RT_BODY_JSON || envelope->source.len == 0
      || !rt_stream_opening_parse (envelope->body.data, envelope->body.len, &opening))
    return FALSE;
  g_autofree char *source = rt_json_unescape (&envelope->source);
  if (source == NULL || strlen (source) > RT_STREAM_MAX_SOURCE || g_str_equal (source, self->source)
      || g_hash_table_contains (self->ins, opening.id))
    return TRUE;
  if (g_hash_table_size (self->ins) - self->finished.length >= RT_STREAM_MAX_STREAMS)
    {
      rt_streams_note_abort (self, channel, opening.id, RT_STREAM_FRAME_PASS, source, "too many streams");
      return TRUE;
    }
  rt_stream_in_unref (rt_stream_in_new (self, channel, publication, &opening));
  rt_streams_kick (self);
  return FALSE;
}

gboolean
rt_streams_take (RtStreams *self, RtSub *sub, const RtPublication *publication)
{
  gboolean taken = TRUE;

  g_mutex_lock (&self->lock);
  if (self->stopped)
    taken = publication->envelope.stream.data != NULL;
  else if (publication->envelope.stream.data == NULL)
    taken = take_opening (self, sub->name, publication);
  else if (g_hash_table_size (self->outs) + g_hash_table_size (self->ins) > 0)
    take_frame (self, sub->name, publication);
  g_mutex_unlock (&self->lock);
  return taken;
}

gboolean
rt_streams_is_part (const RtPublication *publication)
{
  const RtEnvelope *envelope = &publication->envelope;
  g_auto (RtStreamOpening) opening = { 0 };

  if (envelope->stream.data != NULL)
    return TRUE;
  return envelope->body_kind == RT_BODY_JSON && rt_slice_equals (&envelope->type, RT_STREAM_TYPE)
         && rt_stream_opening_parse (envelope->body.data, envelope->body.len, &opening);
}

/* --- What becomes of openings --- */

static RtStreamIn *
find_unclaimed (RtStreams *self, const char *channel, const char *id)
{
  RtStreamIn *in = g_hash_table_lookup (self->ins, id);

  return in != NULL && !in->claimed && g_str_equal (in->channel, channel) ? in : NULL;
}

RtStreamIn *
rt_streams_claim (RtStreams *self, const char *channel, const char *id)
{
  g_mutex_lock (&self->lock);
  RtStreamIn *in = find_unclaimed (self, channel, id);
  if (in != NULL)
    {
      in->claimed = TRUE;
      rt_stream_in_ref (in);
    }
  g_mutex_unlock (&self->lock);
  return in;
}

void
rt_streams_decline (RtStreams *self, const char *channel, const char *id, const char *why)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED, why);

  g_mutex_lock (&self->lock);
  RtStreamIn *in = find_unclaimed (self, channel, id);
  if (in != NULL)
    rt_stream_in_abort_locked (in, why, FALSE, error);
  g_mutex_unlock (&self->lock);
}
