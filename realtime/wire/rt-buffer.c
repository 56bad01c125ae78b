/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-buffer.h"

#define FIRST_CAPACITY 256

/* Doubles, so that appending piece by piece stays linear. */
void
rt_buffer_grow (RtBuffer *self, gsize more)
{
  gsize needed;

  if (!g_size_checked_add (&needed, self->len, more))
    g_error ("A buffer of %" G_GSIZE_FORMAT " bytes cannot grow by %" G_GSIZE_FORMAT, self->len, more);
  if (needed <= self->capacity)
    return;

  gsize capacity = self->capacity <= G_MAXSIZE / 2 ? self->capacity * 2 : needed;
  self->capacity = MAX (MAX (capacity, needed), FIRST_CAPACITY);
  self->data = g_realloc (self->data, self->capacity);
}
