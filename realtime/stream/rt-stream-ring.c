/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-stream-ring.h"

#include <string.h>

#define FIRST_CAPACITY 4096

void
rt_stream_ring_init (RtStreamRing *self, gsize max)
{
  *self = (RtStreamRing) { .max = max };
}

void
rt_stream_ring_clear (RtStreamRing *self)
{
  g_clear_pointer (&self->data, g_free);
  self->capacity = self->first = self->len = 0;
}

gsize
rt_stream_ring_get_room (RtStreamRing *self)
{
  return self->max - self->len;
}

static void
grow (RtStreamRing *self, gsize needed)
{
  gsize capacity = MAX (self->capacity, MIN (FIRST_CAPACITY, self->max));

  while (capacity < needed)
    capacity = MIN (capacity * 2, self->max);
  if (capacity == self->capacity)
    return;
  guint8 *data = g_malloc (capacity);
  if (self->len > 0)
    rt_stream_ring_peek (self, 0, data, self->len);
  g_free (self->data);
  self->data = data;
  self->capacity = capacity;
  self->first = 0;
}

void
rt_stream_ring_put (RtStreamRing *self, const guint8 *bytes, gsize len)
{
  g_assert (len <= rt_stream_ring_get_room (self));
  if (len == 0)
    return;
  grow (self, self->len + len);
  gsize end = (self->first + self->len) % self->capacity;
  gsize piece = MIN (len, self->capacity - end);
  memcpy (self->data + end, bytes, piece);
  memcpy (self->data, bytes + piece, len - piece);
  self->len += len;
}

void
rt_stream_ring_peek (RtStreamRing *self, gsize offset, guint8 *bytes, gsize len)
{
  g_assert (offset + len <= self->len);
  if (len == 0)
    return;
  gsize begin = (self->first + offset) % self->capacity;
  gsize piece = MIN (len, self->capacity - begin);
  memcpy (bytes, self->data + begin, piece);
  memcpy (bytes + piece, self->data, len - piece);
}

void
rt_stream_ring_drop (RtStreamRing *self, gsize len)
{
  g_assert (len <= self->len);
  self->len -= len;
  if (self->len == 0)
    self->first = 0;
  else
    self->first = (self->first + len) % self->capacity;
}
