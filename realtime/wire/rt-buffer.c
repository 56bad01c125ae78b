/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-buffer.h"

#define MIN_CAPACITY 256

void
rt_buffer_grow (RtBuffer *self, gsize more)
{
  if (G_UNLIKELY (more > G_MAXSIZE / 2 - self->len))
    g_error ("a buffer of %" G_GSIZE_FORMAT " bytes cannot grow by %" G_GSIZE_FORMAT, self->len, more);

  gsize capacity = MAX (self->capacity, MIN_CAPACITY);
  while (capacity - self->len < more)
    capacity *= 2;
  self->data = g_realloc (self->data, capacity);
  self->capacity = capacity;
}
