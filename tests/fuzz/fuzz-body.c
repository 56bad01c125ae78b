/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"
#include "rt-buffer.h"
#include "rt-http-body.h"
#include "rt-http-lines.h"

/* A whole HTTP response, head and body, and the lines in it. What comes of it must not depend on how it is
 * cut, nor on how much of a piece is used at a time. The first byte chooses the cuts, the second the bites;
 * the rest is what the server sends. */

#define MAX_LINE 1024

typedef struct
{
  guint cuts;  /* 0: all in one */
  gsize bites; /* of a piece of content */
} Plan;

/* What comes of a response. */
typedef struct
{
  RtHttpBodyStatus status;
  gsize used;    /* up to the end of the body, or to the fault */
  RtBuffer text; /* the lines, each behind its length */
  gboolean too_long;
  RtHttpLines lines;
} Outcome;

static void
record_line (Outcome *self, const guint8 *line, gsize len)
{
  g_assert (len > 0 && len <= MAX_LINE);
  g_assert (memchr (line, '\n', len) == NULL);
  rt_buffer_put (&self->text, &len, sizeof len);
  rt_buffer_put (&self->text, line, len);
}

/* Of exactly its size, so that the sanitizer sees any step outside. */
static void
take_content (Outcome *self, const guint8 *data, gsize len)
{
  g_autofree guint8 *content = g_malloc (MAX (len, 1));
  RtHttpLinesStatus status = RT_HTTP_LINES_LINE;

  memcpy (content, data, len);
  for (gsize at = 0; status == RT_HTTP_LINES_LINE && !self->too_long;)
    {
      const guint8 *line = NULL;
      gsize used = 0;
      gsize line_len = 0;

      status = rt_http_lines_next (&self->lines, content + at, len - at, MAX_LINE, &used, &line, &line_len);
      g_assert (used <= len - at);
      at += used;
      if (status == RT_HTTP_LINES_LINE)
        record_line (self, line, line_len);
      self->too_long = status == RT_HTTP_LINES_TOO_LONG;
      g_assert (status != RT_HTTP_LINES_MORE || at == len);
    }
}

static void
feed (Outcome *self, RtHttpBody *body, const Plan *plan, const guint8 *data, gsize len)
{
  g_autofree guint8 *part = g_malloc (MAX (len, 1));
  gsize at = 0;

  memcpy (part, data, len);
  do
    {
      gsize used = 0;
      gsize piece = 0;

      self->status = rt_http_body_next (body, part + at, len - at, &used, &piece);
      g_assert (used <= len - at && piece <= len - at - used);
      g_assert ((self->status == RT_HTTP_BODY_PIECE) == (piece > 0));
      at += used;
      piece = MIN (piece, plan->bites);
      take_content (self, part + at, piece);
      rt_http_body_take (body, piece);
      at += piece;
    }
  while (self->status == RT_HTTP_BODY_PIECE);
  g_assert (self->status != RT_HTTP_BODY_MORE || at == len);
  g_assert ((self->status == RT_HTTP_BODY_BAD) == (body->fault != NULL));
  self->used += at;
}

static void
run (const Plan *plan, const RtHttpBody *begun, const guint8 *data, gsize len, Outcome *outcome)
{
  RtHttpBody body = *begun;
  guint random = plan->cuts;
  const guint8 *line;
  gsize line_len;

  *outcome = (Outcome) { .status = RT_HTTP_BODY_MORE };
  for (gsize at = 0; at < len && outcome->status == RT_HTTP_BODY_MORE;)
    {
      gsize part = len - at;

      if (plan->cuts > 0)
        {
          random = random * 1103515245u + 12345u;
          part = MIN (part, 1 + (random >> 16) % 9);
        }
      feed (outcome, &body, plan, data + at, part);
      at += part;
    }
  if (!outcome->too_long && rt_http_lines_end (&outcome->lines, &line, &line_len))
    record_line (outcome, line, line_len);
  rt_http_lines_clear (&outcome->lines);
}

static void
compare (const RtHttpBody *begun, const Plan *plan, const guint8 *data, gsize len)
{
  const Plan whole = { 0, G_MAXSIZE };
  Outcome one, other;

  run (&whole, begun, data, len, &one);
  run (plan, begun, data, len, &other);
  g_assert (one.status == other.status && one.used == other.used);
  g_assert (one.too_long == other.too_long && one.text.len == other.text.len);
  g_assert (one.text.len == 0 || memcmp (one.text.data, other.text.data, one.text.len) == 0);
  rt_buffer_clear (&one.text);
  rt_buffer_clear (&other.text);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (RtHttpHead) head = NULL;
  g_autoptr (GError) error = NULL;
  RtHttpBody body;
  gsize used = 0;

  if (size < 2)
    return 0;
  const Plan plan = { data[0], 1 + data[1] };
  if (rt_http_head_read (data + 2, size - 2, &head, &used, NULL) != RT_HTTP_HEAD_DONE)
    return 0;
  if (rt_http_body_begin (&body, head, &error))
    compare (&body, &plan, data + 2 + used, size - 2 - used);
  else
    g_assert (error != NULL && g_utf8_validate (error->message, -1, NULL));
  return 0;
}
