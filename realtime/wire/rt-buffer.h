/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

/* A growing run of bytes. Zero-initialised is empty. Inline, since frames are written a few bytes at a time. */
typedef struct
{
  guint8 *data;
  gsize len;
  gsize capacity;
} RtBuffer;

void rt_buffer_grow (RtBuffer *self,
                     gsize     more); /* makes room for @more bytes behind len */

static inline void
rt_buffer_reserve (RtBuffer *self, gsize more)
{
  if (G_UNLIKELY (self->capacity - self->len < more))
    rt_buffer_grow (self, more);
}

static inline void
rt_buffer_put (RtBuffer *self, const void *data, gsize len)
{
  rt_buffer_reserve (self, len);
  if (len > 0)
    memcpy (self->data + self->len, data, len);
  self->len += len;
}

static inline void
rt_buffer_put_byte (RtBuffer *self, guint8 byte)
{
  rt_buffer_reserve (self, 1);
  self->data[self->len++] = byte;
}

#define rt_buffer_put_literal(self, text) rt_buffer_put ((self), (text), sizeof (text) - 1)

static inline void
rt_buffer_clear (RtBuffer *self)
{
  g_free (self->data);
  memset (self, 0, sizeof *self);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RtBuffer, rt_buffer_clear)

G_END_DECLS
