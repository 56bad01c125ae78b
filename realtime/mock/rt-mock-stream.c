/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-stream.h"

#include "rt-mock-outbound.h"
#include "rt-mock-session.h"

typedef struct
{
  RtMockCarrier base;
  RtMockStreamKind kind;
  GIOStream *stream;
  RtBudgetLine *line;
  RtBuffer pending; /* what the socket has not taken yet: */
  gsize taken;      /* all behind this */
  GSource *source_in;
  GSource *source_out; /* NULL while nothing is pending */
  RtMockOutbound outbound;
  guint64 written_base;
  gboolean ending; /* the line is closed when nothing is pending any more */
} Stream;

/* --- Writing --- */

static gboolean write_cb (GObject *stream, gpointer user_data);

static void
clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static GSource *
watch (Stream *self, GIOCondition condition, GPollableSourceFunc func)
{
  GSource *source = rt_budget_line_create_source (self->line, G_OBJECT (self->stream), condition, NULL);

  g_source_set_callback (source, G_SOURCE_FUNC (func), self, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

static void
drop_taken (Stream *self)
{
  memmove (self->pending.data, self->pending.data + self->taken, self->pending.len - self->taken);
  self->pending.len -= self->taken;
  self->taken = 0;
}

/* FALSE: the rest has to wait, or the line is gone. */
static gboolean
write_some (Stream *self)
{
  while (self->taken < self->pending.len)
    {
      g_autoptr (GError) error = NULL;
      gssize put = rt_budget_line_write (self->line, self->pending.data + self->taken,
                                         self->pending.len - self->taken, FALSE, NULL, &error);
      if (put < 0)
        {
          if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
            rt_budget_line_close (self->line, FALSE);
          return FALSE;
        }
      self->taken += put;
    }
  return TRUE;
}

static void
write_pending (Stream *self)
{
  gboolean all = write_some (self);

  if (self->taken > 0 && self->taken >= self->pending.len / 2)
    drop_taken (self);
  if (!all && self->source_out == NULL)
    self->source_out = watch (self, G_IO_OUT, write_cb);
  else if (all)
    clear_source (&self->source_out);
  if (all && self->ending)
    rt_budget_line_close (self->line, FALSE);
}

static gboolean
write_cb (GObject *stream, gpointer user_data)
{
  write_pending (user_data);
  return G_SOURCE_CONTINUE;
}

/* --- The body --- */

static gsize
begin_chunk (Stream *self)
{
  if (self->kind.chunked)
    rt_buffer_put_literal (&self->pending, "00000000\r\n");
  return self->pending.len;
}

/* The size of what was put since @begin goes before it. */
static void
end_chunk (Stream *self, gsize begin)
{
  char digits[9];

  if (!self->kind.chunked)
    return;
  g_snprintf (digits, sizeof digits, "%08x", (guint) (self->pending.len - begin));
  memcpy (self->pending.data + begin - strlen ("00000000\r\n"), digits, 8);
  rt_buffer_put_literal (&self->pending, "\r\n");
}

/* A CR ends a line of an event, too; between the values of a frame, the only place for it, a blank does as well. */
static void
put_line (Stream *self, const guint8 *data, gsize len)
{
  gsize begin = self->pending.len;

  rt_buffer_put (&self->pending, data, len);
  for (gsize i = begin; i < self->pending.len; i++)
    {
      if (self->pending.data[i] == '\r')
        self->pending.data[i] = ' ';
    }
}

static void
put_events (Stream *self, const guint8 *data, gsize len)
{
  while (len > 0)
    {
      const guint8 *separator = memchr (data, '\n', len);
      gsize size = separator != NULL ? (gsize) (separator - data) : len;

      rt_buffer_put_literal (&self->pending, "data: ");
      put_line (self, data, size);
      rt_buffer_put_literal (&self->pending, "\n\n");
      size += separator != NULL;
      data += size;
      len -= size;
    }
}

static void
stream_send (RtMockCarrier *base, const guint8 *data, gsize len)
{
  Stream *self = (Stream *) base;
  gsize before = self->pending.len;
  gsize begin = begin_chunk (self);

  if (self->kind.events)
    {
      put_events (self, data, len);
    }
  else
    {
      rt_buffer_put (&self->pending, data, len);
      rt_buffer_put_byte (&self->pending, '\n');
    }
  end_chunk (self, begin);
  rt_mock_outbound_add (&self->outbound, len, self->pending.len - before);
  write_pending (self);
}

void
rt_mock_stream_begin (RtMockCarrier *base)
{
  Stream *self = (Stream *) base;

  rt_buffer_put_literal (&self->pending, "HTTP/1.1 200 OK\r\nContent-Type: ");
  if (self->kind.events)
    rt_buffer_put_literal (&self->pending, "text/event-stream\r\n");
  else
    rt_buffer_put_literal (&self->pending, "application/json\r\n");
  rt_buffer_put_literal (&self->pending, "Cache-Control: no-store\r\nConnection: close\r\n");
  if (self->kind.chunked)
    rt_buffer_put_literal (&self->pending, "Transfer-Encoding: chunked\r\n");
  if (self->kind.rt1)
    rt_buffer_put_literal (&self->pending, "X-Rt-Protocol: 1\r\n");
  rt_buffer_put_literal (&self->pending, "\r\n");
  if (self->kind.events)
    {
      gsize begin = begin_chunk (self);
      rt_buffer_put_literal (&self->pending, "\r\n");
      end_chunk (self, begin);
    }
  rt_mock_outbound_add (&self->outbound, 0, self->pending.len);
  write_pending (self);
}

/* --- The rest --- */

static gboolean
stream_is_open (RtMockCarrier *base)
{
  return !((Stream *) base)->ending;
}

static gboolean
stream_is_slow (RtMockCarrier *base)
{
  Stream *self = (Stream *) base;

  return rt_mock_outbound_is_over (&self->outbound, rt_budget_line_get_written (self->line) - self->written_base);
}

static void
stream_pause (RtMockCarrier *base, gboolean paused)
{
  rt_budget_line_set_paused (((Stream *) base)->line, paused);
}

static void
stream_close (RtMockCarrier *base, guint code, const char *reason)
{
  Stream *self = (Stream *) base;

  if (self->ending)
    return;
  if (self->kind.chunked)
    rt_buffer_put_literal (&self->pending, "0\r\n\r\n");
  self->ending = TRUE;
  write_pending (self);
}

static void
stream_abort (RtMockCarrier *base)
{
  rt_budget_line_close (((Stream *) base)->line, FALSE);
}

static gboolean
stream_drop (RtMockCarrier *base)
{
  rt_budget_line_close (((Stream *) base)->line, TRUE);
  return TRUE;
}

static void
stream_free (RtMockCarrier *base)
{
  Stream *self = (Stream *) base;

  clear_source (&self->source_in);
  clear_source (&self->source_out);
  rt_buffer_clear (&self->pending);
  rt_mock_outbound_clear (&self->outbound);
  g_object_unref (self->stream);
  rt_budget_line_unref (self->line);
  g_free (self);
}

static const RtMockCarrierFuncs stream_funcs = {
  .has_requests = TRUE,
  .needs_goodbye = TRUE,
  .is_open = stream_is_open,
  .is_slow = stream_is_slow,
  .send = stream_send,
  .pause = stream_pause,
  .close = stream_close,
  .abort = stream_abort,
  .drop = stream_drop,
  .free = stream_free,
};

/* Nothing is expected behind the request but the end, which says that the client is gone. */
static gboolean
read_cb (GObject *stream, gpointer user_data)
{
  Stream *self = user_data;
  guint8 buffer[4096];
  g_autoptr (GError) error = NULL;
  gssize got = rt_budget_line_read (self->line, buffer, sizeof buffer, FALSE, NULL, &error);

  if (got == 0 || (got < 0 && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)))
    rt_budget_line_close (self->line, FALSE);
  return G_SOURCE_CONTINUE;
}

RtMockCarrier *
rt_mock_stream_new (GIOStream *stream, RtBudgetLine *line, const RtMockStreamKind *kind)
{
  Stream *self = g_new0 (Stream, 1);

  self->base.funcs = &stream_funcs;
  self->kind = *kind;
  self->stream = g_object_ref (stream);
  self->line = rt_budget_line_ref (line);
  self->written_base = rt_budget_line_get_written (line);
  rt_mock_outbound_init (&self->outbound);
  self->source_in = watch (self, G_IO_IN, read_cb);
  return &self->base;
}
