/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-http-lines.h"

/* A buffer that one long line has made larger than this is not kept. */
#define KEEP_CAPACITY (64 * 1024)

static gsize
trim (const guint8 *line, gsize len)
{
  return len > 0 && line[len - 1] == '\r' ? len - 1 : len;
}

static void
forget_told (RtHttpLines *self)
{
  if (!self->told)
    return;
  self->told = FALSE;
  self->begun.len = 0;
  if (self->begun.capacity > KEEP_CAPACITY)
    rt_buffer_clear (&self->begun);
}

/* The line that ends behind @part. */
static void
complete (RtHttpLines *self, const guint8 *part, gsize part_len, const guint8 **line, gsize *line_len)
{
  if (self->begun.len == 0)
    {
      *line = part;
      *line_len = trim (part, part_len);
      return;
    }
  rt_buffer_put (&self->begun, part, part_len);
  self->told = TRUE;
  *line = self->begun.data;
  *line_len = trim (self->begun.data, self->begun.len);
}

RtHttpLinesStatus
rt_http_lines_next (RtHttpLines *self,
                    const guint8 *data,
                    gsize len,
                    gsize max,
                    gsize *used,
                    const guint8 **line,
                    gsize *line_len)
{
  *used = 0;
  forget_told (self);
  while (*used < len)
    {
      const guint8 *start = data + *used;
      const guint8 *feed = memchr (start, '\n', len - *used);
      gsize part = feed != NULL ? (gsize) (feed - start) : len - *used;

      if (part > max || self->begun.len > max - part)
        return RT_HTTP_LINES_TOO_LONG;
      *used += part;
      if (feed == NULL)
        {
          rt_buffer_put (&self->begun, start, part);
          return RT_HTTP_LINES_MORE;
        }
      *used += 1;
      complete (self, start, part, line, line_len);
      if (*line_len > 0)
        return RT_HTTP_LINES_LINE;
      forget_told (self);
    }
  return RT_HTTP_LINES_MORE;
}

gboolean
rt_http_lines_end (RtHttpLines *self, const guint8 **line, gsize *line_len)
{
  forget_told (self);
  self->told = TRUE;
  *line = self->begun.data;
  *line_len = trim (self->begun.data, self->begun.len);
  return *line_len > 0;
}

void
rt_http_lines_clear (RtHttpLines *self)
{
  rt_buffer_clear (&self->begun);
  self->told = FALSE;
}
