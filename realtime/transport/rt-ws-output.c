/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-ws-output.h"

/* A buffer that a backlog has made larger than this is not kept. */
#define KEEP_CAPACITY (16 * 1024)

/* The size of the frame that begins at @data, which this side wrote itself and which is whole. */
static gsize
get_frame_size (const guint8 *data)
{
  gsize header = 2 + ((data[1] & 0x80) != 0 ? 4 : 0);
  gsize len = data[1] & 0x7f;
  guint extra = len == 126 ? 2 : len == 127 ? 8 : 0;

  if (extra > 0)
    len = 0;
  for (guint i = 0; i < extra; i++)
    len = len << 8 | data[2 + i];
  return header + extra + len;
}

/* Moves the boundary up to or beyond @pos. */
static void
begin_until (RtWsOutput *self, gsize pos)
{
  while (self->data_begun < pos)
    self->data_begun += get_frame_size (self->data.data + self->data_begun);
}

static void
reset_buffer (RtBuffer *buffer)
{
  if (buffer->capacity > KEEP_CAPACITY)
    rt_buffer_clear (buffer);
  buffer->len = 0;
}

/* Takes away what has been written of a long backlog, at most once in so many bytes as there are left. */
static void
compact (RtWsOutput *self)
{
  gsize left = self->data.len - self->data_pos;

  if (self->data_pos < KEEP_CAPACITY || self->data_pos < left)
    return;
  memmove (self->data.data, self->data.data + self->data_pos, left);
  self->data.len = left;
  self->data_begun -= self->data_pos;
  self->data_pos = 0;
}

RtBuffer *
rt_ws_output_get_data (RtWsOutput *self)
{
  compact (self);
  return &self->data;
}

RtBuffer *
rt_ws_output_get_urgent (RtWsOutput *self)
{
  return &self->urgent;
}

gsize
rt_ws_output_get_size (RtWsOutput *self)
{
  return self->data.len - self->data_pos + self->urgent.len - self->urgent_pos;
}

guint
rt_ws_output_peek (RtWsOutput *self, GOutputVector vectors[RT_WS_OUTPUT_VECTORS])
{
  gsize begun = self->data_begun;
  guint n = 0;

  if (begun > self->data_pos)
    vectors[n++] = (GOutputVector) { self->data.data + self->data_pos, begun - self->data_pos };
  if (self->urgent.len > self->urgent_pos)
    vectors[n++] = (GOutputVector) { self->urgent.data + self->urgent_pos,
                                     self->urgent.len - self->urgent_pos };
  if (self->data.len > begun)
    vectors[n++] = (GOutputVector) { self->data.data + begun, self->data.len - begun };
  return n;
}

static void
advance_data (RtWsOutput *self, gsize n)
{
  self->data_pos += n;
  if (self->data_pos == self->data.len)
    {
      reset_buffer (&self->data);
      self->data_pos = 0;
      self->data_begun = 0;
      return;
    }
  begin_until (self, self->data_pos);
}

void
rt_ws_output_advance (RtWsOutput *self, gsize n)
{
  gsize first = MIN (n, self->data_begun - self->data_pos);
  gsize urgent = MIN (n - first, self->urgent.len - self->urgent_pos);

  if (urgent > 0)
    {
      self->urgent_pos += urgent;
      if (self->urgent_pos == self->urgent.len)
        {
          reset_buffer (&self->urgent);
          self->urgent_pos = 0;
        }
    }
  if (n > urgent)
    advance_data (self, n - urgent);
}

void
rt_ws_output_pin (RtWsOutput *self, gsize n)
{
  gsize begun = self->data_begun - self->data_pos;

  /* What is urgent stays first by itself. */
  if (begun > 0 || self->urgent.len == self->urgent_pos)
    begin_until (self, self->data_pos + n);
}

void
rt_ws_output_drop_data (RtWsOutput *self)
{
  if (self->data_begun == self->data_pos)
    {
      reset_buffer (&self->data);
      self->data_pos = 0;
      self->data_begun = 0;
      return;
    }
  self->data.len = self->data_begun;
}

void
rt_ws_output_clear (RtWsOutput *self)
{
  rt_buffer_clear (&self->data);
  rt_buffer_clear (&self->urgent);
  self->data_pos = 0;
  self->data_begun = 0;
  self->urgent_pos = 0;
}
