/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-http-queue.h"

/* A buffer that a backlog has made larger than this is not kept. */
#define KEEP_CAPACITY (64 * 1024)

void
rt_http_queue_put (RtHttpQueue *self, const guint8 *data, gsize len)
{
  if (len == 0)
    return;
  rt_buffer_put (&self->data, data, len);
  rt_buffer_put_byte (&self->data, '\n');
}

gsize
rt_http_queue_get_size (const RtHttpQueue *self)
{
  return self->data.len - self->pos;
}

/* The size of a line as part of a JSON string. */
static gsize
measure_quoted (const guint8 *line, gsize len)
{
  gsize size = len;

  for (gsize i = 0; i < len; i++)
    {
      if (line[i] == '"' || line[i] == '\\')
        size++;
      else if (line[i] < 0x20)
        size += strlen ("u0000");
    }
  return size;
}

const char *
rt_http_queue_peek (const RtHttpQueue *self, gboolean quoted, gsize *len)
{
  const guint8 *start = self->data.data + self->pos;
  gsize left = rt_http_queue_get_size (self);
  gsize taken = 0;
  gsize size = 0;

  if (left == 0)
    return NULL;
  while (taken < left)
    {
      const guint8 *line = start + taken;
      gsize line_len = (gsize) ((const guint8 *) memchr (line, '\n', left - taken) - line);

      size += (quoted ? measure_quoted (line, line_len) : line_len) + strlen ("\\n");
      if (taken > 0 && size > RT_HTTP_QUEUE_BATCH)
        break;
      taken += line_len + 1;
    }
  *len = taken - 1;
  return (const char *) start;
}

void
rt_http_queue_take (RtHttpQueue *self, gsize len)
{
  self->pos += len + 1;
  gsize left = rt_http_queue_get_size (self);

  if (left == 0)
    {
      if (self->data.capacity > KEEP_CAPACITY)
        rt_buffer_clear (&self->data);
      self->data.len = 0;
      self->pos = 0;
    }
  else if (self->pos >= KEEP_CAPACITY && self->pos >= left)
    {
      memmove (self->data.data, self->data.data + self->pos, left);
      self->data.len = left;
      self->pos = 0;
    }
}

void
rt_http_queue_clear (RtHttpQueue *self)
{
  rt_buffer_clear (&self->data);
  self->pos = 0;
}
