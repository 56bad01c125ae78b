/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-stream-reassembly.h"

#include <string.h>

void
rt_stream_reassembly_init (RtStreamReassembly *self, gint64 size)
{
  *self = (RtStreamReassembly) { .size = size };
  rt_stream_ring_init (&self->ring, RT_STREAM_WINDOW + RT_STREAM_MAX_CHUNK);
}

void
rt_stream_reassembly_clear (RtStreamReassembly *self)
{
  rt_stream_ring_clear (&self->ring);
}

static RtStreamTake
fail (RtStreamReassembly *self, const char *text)
{
  self->fault = text;
  return RT_STREAM_TAKE_FAULT;
}

RtStreamTake
rt_stream_reassembly_judge (RtStreamReassembly *self, guint64 off, gsize len)
{
  if (len == 0 || off > G_MAXINT64 || len > G_MAXINT64 - off)
    return fail (self, "a piece of it cannot be read");
  guint64 end = off + len;
  if (self->has_end && end > self->total)
    return fail (self, "it went on after its end");
  if (self->size >= 0 && end > (guint64) self->size)
    return fail (self, "it is longer than was announced");
  if (end <= self->got)
    return RT_STREAM_TAKE_REPEAT;
  if (off > self->got)
    {
      self->missing = TRUE;
      return RT_STREAM_TAKE_HOLE;
    }
  if (end - self->got > rt_stream_ring_get_room (&self->ring))
    {
      self->missing = TRUE;
      return RT_STREAM_TAKE_FULL;
    }
  return RT_STREAM_TAKE_NEW;
}

void
rt_stream_reassembly_put (RtStreamReassembly *self, guint64 off, const guint8 *bytes, gsize len)
{
  gsize known = self->got - off;

  rt_stream_ring_put (&self->ring, bytes + known, len - known);
  self->got = off + len;
  self->missing = FALSE;
}

RtStreamTake
rt_stream_reassembly_end (RtStreamReassembly *self, guint64 total, const char *sum)
{
  if (self->has_end)
    {
      if (total != self->total || !g_str_equal (sum, self->sum))
        return fail (self, "it has two ends");
      self->missing = self->got < total;
      return self->missing ? RT_STREAM_TAKE_HOLE : RT_STREAM_TAKE_REPEAT;
    }
  if (total < self->got)
    return fail (self, "it ends before what has come");
  if (self->size >= 0 && total != (guint64) self->size)
    return fail (self, "its size is not the one that was announced");
  self->has_end = TRUE;
  self->total = total;
  g_strlcpy (self->sum, sum, sizeof self->sum);
  self->missing = self->got < total;
  return self->missing ? RT_STREAM_TAKE_HOLE : RT_STREAM_TAKE_NEW;
}

void
rt_stream_reassembly_asked (RtStreamReassembly *self, guint64 off)
{
  if (off > self->got)
    self->missing = TRUE;
}

gsize
rt_stream_reassembly_read (RtStreamReassembly *self, guint8 *bytes, gsize len)
{
  gsize taken = MIN (len, self->ring.len);

  rt_stream_ring_peek (&self->ring, 0, bytes, taken);
  rt_stream_ring_drop (&self->ring, taken);
  self->used += taken;
  return taken;
}

gboolean
rt_stream_reassembly_is_complete (RtStreamReassembly *self)
{
  return self->has_end && self->got == self->total;
}

void
rt_stream_reassembly_told (RtStreamReassembly *self)
{
  self->told = self->used;
  self->told_got = self->got;
}

gboolean
rt_stream_reassembly_has_news (RtStreamReassembly *self)
{
  return self->used != self->told || self->got != self->told_got;
}

gboolean
rt_stream_reassembly_is_due (RtStreamReassembly *self)
{
  return self->used - self->told >= RT_STREAM_WINDOW / 2;
}

gboolean
rt_stream_reassembly_wants_more (RtStreamReassembly *self)
{
  return self->missing && rt_stream_ring_get_room (&self->ring) >= RT_STREAM_MAX_CHUNK;
}
