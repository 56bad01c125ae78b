/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "rt-error.h"
#include "rt-http-body.h"
#include "rt-http-lines.h"
#include "rt-http-queue.h"

/* --- Bodies --- */

static RtHttpHead *
read_head (const char *text)
{
  RtHttpHead *head = NULL;
  g_autoptr (GError) error = NULL;
  gsize used;

  g_assert_cmpint (rt_http_head_read ((const guint8 *) text, strlen (text), &head, &used, &error), ==,
                   RT_HTTP_HEAD_DONE);
  g_assert_no_error (error);
  return head;
}

static void
begin (RtHttpBody *body, const char *headers)
{
  g_autofree char *text = g_strconcat ("HTTP/1.1 200 OK\r\n", headers, "\r\n", NULL);
  g_autoptr (RtHttpHead) head = read_head (text);
  g_autoptr (GError) error = NULL;

  rt_http_body_begin (body, head, &error);
  g_assert_no_error (error);
}

/* Reads @len bytes in pieces of @step, of whose content at most @bite is taken at a time. What is behind the
 * end is put into @rest. */
static RtHttpBodyStatus
read_body (RtHttpBody *body, const char *data, gsize len, gsize step, gsize bite, GString *content, gsize *rest)
{
  RtHttpBodyStatus status = RT_HTTP_BODY_MORE;
  gsize pos = 0;

  while (pos < len && status != RT_HTTP_BODY_DONE && status != RT_HTTP_BODY_BAD)
    {
      gsize end = MIN (len, pos + step);
      status = RT_HTTP_BODY_PIECE;
      while (status == RT_HTTP_BODY_PIECE)
        {
          gsize used, piece;
          status = rt_http_body_next (body, (const guint8 *) data + pos, end - pos, &used, &piece);
          pos += used;
          g_assert_cmpuint (pos + piece, <=, end);
          gsize taken = MIN (piece, bite);
          g_string_append_len (content, data + pos, (gssize) taken);
          rt_http_body_take (body, taken);
          pos += taken;
        }
      g_assert_true (status != RT_HTTP_BODY_MORE || pos == end);
    }
  *rest = len - pos;
  return status;
}

typedef struct
{
  const char *headers;
  const char *text;
  RtHttpBodyStatus status;
  const char *content;
  gsize rest;
} BodyCase;

#define CHUNKED "Transfer-Encoding: chunked\r\n"
#define LENGTH(n) "Content-Length: " #n "\r\n"

static const BodyCase body_cases[] = {
  { LENGTH (5), "hello", RT_HTTP_BODY_DONE, "hello", 0 },
  { LENGTH (5), "hello world", RT_HTTP_BODY_DONE, "hello", 6 },
  { LENGTH (5), "hell", RT_HTTP_BODY_MORE, "hell", 0 },
  { LENGTH (0), "x", RT_HTTP_BODY_DONE, "", 1 },
  { "", "all of it", RT_HTTP_BODY_MORE, "all of it", 0 },
  { "Content-Encoding: identity\r\n" LENGTH (2), "ok", RT_HTTP_BODY_DONE, "ok", 0 },
  { CHUNKED, "5\r\nhello\r\n0\r\n\r\n", RT_HTTP_BODY_DONE, "hello", 0 },
  { CHUNKED, "5\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\n\r\nHTTP", RT_HTTP_BODY_DONE, "hello world", 4 },
  { "Transfer-Encoding: Chunked\r\n", "00000A\r\n0123456789\r\n0\r\n\r\n", RT_HTTP_BODY_DONE, "0123456789", 0 },
  { CHUNKED, "5;a=b;c=\"d\"\r\nhello\r\n0;x\r\n\r\n", RT_HTTP_BODY_DONE, "hello", 0 },
  { CHUNKED, "5 \t\r\nhello\r\n0\r\n\r\n", RT_HTTP_BODY_DONE, "hello", 0 },
  { CHUNKED, "0\r\nA: b\r\nC: d\r\n\r\n!", RT_HTTP_BODY_DONE, "", 1 },
  { CHUNKED, "1\r\n\n\r\n0\r\n\r\n", RT_HTTP_BODY_DONE, "\n", 0 },
  { CHUNKED, "5\r\nhello\r\n", RT_HTTP_BODY_MORE, "hello", 0 },
  { CHUNKED, "5\r\nhello\r\n0\r\n", RT_HTTP_BODY_MORE, "hello", 0 },
  { CHUNKED, "5\nhello\r\n0\r\n\r\n", RT_HTTP_BODY_BAD, "", 0 },
  { CHUNKED, "5;x\nhello\r\n0\r\n\r\n", RT_HTTP_BODY_BAD, "", 0 },
  { CHUNKED, "5\r\rhello\r\n0\r\n\r\n", RT_HTTP_BODY_BAD, "", 0 },
  { CHUNKED, "5\r\nhello\n0\r\n\r\n", RT_HTTP_BODY_BAD, "hello", 0 },
  { CHUNKED, "5\r\nhello!\r\n0\r\n\r\n", RT_HTTP_BODY_BAD, "hello", 0 },
  { CHUNKED, "5\r\nhello\r!0\r\n\r\n", RT_HTTP_BODY_BAD, "hello", 0 },
  { CHUNKED, "0\r\n\n", RT_HTTP_BODY_BAD, "", 0 },
  { CHUNKED, "0\r\nA: b\n\r\n", RT_HTTP_BODY_BAD, "", 0 },
  { CHUNKED, "0\r\n\rx", RT_HTTP_BODY_BAD, "", 0 },
  { CHUNKED, "\r\nhello", RT_HTTP_BODY_BAD, "", 0 },
  { CHUNKED, "-5\r\nhello", RT_HTTP_BODY_BAD, "", 0 },
  { CHUNKED, "0x5\r\nhello", RT_HTTP_BODY_BAD, "", 0 },
  { CHUNKED, " 5\r\nhello", RT_HTTP_BODY_BAD, "", 0 },
  { CHUNKED, "5g\r\nhello", RT_HTTP_BODY_BAD, "", 0 },
  { CHUNKED, "1000000000000000\r\nhello", RT_HTTP_BODY_BAD, "", 0 },
  { CHUNKED, "0000000000000005\r\nhello", RT_HTTP_BODY_BAD, "", 0 },
  { CHUNKED, "FFFFFFFFFFFFFFF\r\nhello", RT_HTTP_BODY_MORE, "hello", 0 },
  { CHUNKED, "<html>", RT_HTTP_BODY_BAD, "", 0 },
};

/* In one piece, cut at each byte, and byte by byte, with content taken up wholly or by the byte. */
static void
test_bodies (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (body_cases); i++)
    {
      const BodyCase *c = &body_cases[i];
      gsize len = strlen (c->text);

      for (gsize step = 1; step <= len; step++)
        for (gsize bite = 1; bite <= 1000; bite += 999)
          {
            g_autoptr (GString) content = g_string_new (NULL);
            RtHttpBody body;
            gsize rest;

            begin (&body, c->headers);
            g_test_message ("%u: step %" G_GSIZE_FORMAT ", bite %" G_GSIZE_FORMAT, i, step, bite);
            g_assert_cmpint (read_body (&body, c->text, len, step, bite, content, &rest), ==, c->status);
            g_assert_cmpstr (content->str, ==, c->content);
            if (c->status == RT_HTTP_BODY_DONE)
              g_assert_cmpuint (rest, ==, c->rest);
            if (c->status == RT_HTTP_BODY_BAD)
              g_assert_nonnull (body.fault);
          }
    }
}

static void
test_framing (void)
{
  static const struct
  {
    const char *head;
    const char *words; /* of the error, or NULL */
  } cases[] = {
    { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", "Content-Length" },
    { "HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\n", "Content-Length" },
    { "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "Content-Length" },
    { "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n", "Content-Length" },
    { "HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n\r\n", "Content-Length" },
    { "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", "Content-Length" },
    { "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", "Content-Length" },
    { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "two ways" },
    { "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "two ways" },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "transfer encoding" },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", "transfer encoding" },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n", "transfer encoding" },
    { "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\n", "compressed" },
    { "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n", "compressed" },
    { "HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n", NULL },
    { "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RtHttpHead) head = read_head (cases[i].head);
      g_autoptr (GError) error = NULL;
      RtHttpBody body;
      gsize used, piece;

      g_test_message ("%s", cases[i].head);
      if (cases[i].words == NULL)
        {
          g_assert_true (rt_http_body_begin (&body, head, &error));
          g_assert_cmpint (rt_http_body_next (&body, NULL, 0, &used, &piece), ==, RT_HTTP_BODY_DONE);
          continue;
        }
      g_assert_false (rt_http_body_begin (&body, head, &error));
      g_assert_error (error, RT_ERROR, RT_ERROR_PROTOCOL);
      g_assert_nonnull (strstr (error->message, cases[i].words));
    }
}

static void
test_extra_bounds (void)
{
  g_autofree char *most = g_strnfill (RT_HTTP_BODY_MAX_EXTRA - 1, 'x');
  g_autofree char *longest = g_strconcat ("5;", most, "\r\nhello\r\n0\r\n", most + 3, "\r\n\r\n", NULL);
  g_autofree char *long_extension = g_strconcat ("5;x", most, "\r\nhello\r\n0\r\n\r\n", NULL);
  g_autofree char *long_trailer = g_strconcat ("0\r\n", most, "x\r\n\r\n", NULL);
  const char *texts[] = { longest, long_extension, long_trailer };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GString) content = g_string_new (NULL);
      RtHttpBody body;
      gsize rest;

      begin (&body, CHUNKED);
      g_assert_cmpint (read_body (&body, texts[i], strlen (texts[i]), 1000, 1000, content, &rest), ==,
                       i == 0 ? RT_HTTP_BODY_DONE : RT_HTTP_BODY_BAD);
    }
}

/* --- Lines --- */

static void
add_line (GString *out, const guint8 *line, gsize len)
{
  g_string_append_c (out, '[');
  g_string_append_len (out, (const char *) line, (gssize) len);
  g_string_append_c (out, ']');
}

static char *
split_lines (const char *text, gsize step, gsize max)
{
  g_autoptr (GString) out = g_string_new (NULL);
  RtHttpLines lines = { 0 };
  const guint8 *line;
  gsize len = strlen (text);
  gsize line_len;

  for (gsize pos = 0; pos < len;)
    {
      gsize used;
      RtHttpLinesStatus status = rt_http_lines_next (&lines, (const guint8 *) text + pos,
                                                     MIN (step, len - pos), max, &used, &line, &line_len);
      if (status == RT_HTTP_LINES_TOO_LONG)
        {
          g_string_append (out, "!");
          rt_http_lines_clear (&lines);
          return g_string_free (g_steal_pointer (&out), FALSE);
        }
      pos += used;
      if (status == RT_HTTP_LINES_LINE)
        add_line (out, line, line_len);
    }
  if (rt_http_lines_end (&lines, &line, &line_len))
    add_line (out, line, line_len);
  rt_http_lines_clear (&lines);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
test_lines (void)
{
  static const struct
  {
    const char *text;
    gsize max;
    const char *expected;
  } cases[] = {
    { "", 10, "" },
    { "a", 10, "[a]" },
    { "a\n", 10, "[a]" },
    { "a\nbc\ndef", 10, "[a][bc][def]" },
    { "\n\na\r\n\r\n\nb\r\n", 10, "[a][b]" },
    { "\r\r\n", 10, "[\r]" },
    { "1234567890\n1234567890\n", 10, "[1234567890][1234567890]" },
    { "a\n12345678901\nb\n", 10, "[a]!" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (gsize step = 1; step <= 30; step++)
      {
        g_autofree char *split = split_lines (cases[i].text, step, cases[i].max);
        g_assert_cmpstr (split, ==, cases[i].expected);
      }
}

/* --- The queue of commands --- */

static void
put_text (RtHttpQueue *queue, const char *text)
{
  rt_http_queue_put (queue, (const guint8 *) text, strlen (text));
}

static void
test_queue_order (void)
{
  RtHttpQueue queue = { 0 };
  gsize len;

  g_assert_null (rt_http_queue_peek (&queue, FALSE, &len));
  put_text (&queue, "");
  g_assert_null (rt_http_queue_peek (&queue, FALSE, &len));
  put_text (&queue, "one");
  put_text (&queue, "two\nthree");
  const char *all = rt_http_queue_peek (&queue, FALSE, &len);
  g_assert_cmpmem (all, len, "one\ntwo\nthree", strlen ("one\ntwo\nthree"));
  rt_http_queue_take (&queue, len);
  g_assert_cmpuint (rt_http_queue_get_size (&queue), ==, 0);
  put_text (&queue, "four");
  all = rt_http_queue_peek (&queue, TRUE, &len);
  g_assert_cmpmem (all, len, "four", 4);
  rt_http_queue_clear (&queue);
}

/* However it is cut, every command comes out once, whole, in order, and no batch is larger than it may be. */
static void
test_queue_batches (void)
{
  for (guint quoted = 0; quoted < 2; quoted++)
    {
      RtHttpQueue queue = { 0 };
      guint put = 0;
      guint taken = 0;

      while (taken < 2000)
        {
          for (guint i = 0; i < 100; i++, put++)
            {
              g_autofree char *filling = g_strnfill (put % 97 == 0 ? 70000 : put % 1000, put % 2 ? '"' : 'x');
              g_autofree char *line = g_strdup_printf ("%u %s", put, filling);
              put_text (&queue, line);
            }
          while (rt_http_queue_get_size (&queue) > (put < 1000 ? 500000u : 0))
            {
              gsize len;
              const char *batch = rt_http_queue_peek (&queue, quoted, &len);
              g_autofree char *text = g_strndup (batch, len);
              g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
              g_autofree char *escaped = g_strescape (text, NULL);

              for (guint i = 0; lines[i] != NULL; i++)
                g_assert_cmpuint (g_ascii_strtoull (lines[i], NULL, 10), ==, taken++);
              if (g_strv_length (lines) > 1)
                g_assert_cmpuint (quoted ? strlen (escaped) : len, <=, RT_HTTP_QUEUE_BATCH);
              rt_http_queue_take (&queue, len);
            }
        }
      rt_http_queue_clear (&queue);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/HttpBody/bodies", test_bodies);
  g_test_add_func ("/Rt/HttpBody/framing", test_framing);
  g_test_add_func ("/Rt/HttpBody/extra-bounds", test_extra_bounds);
  g_test_add_func ("/Rt/HttpBody/lines", test_lines);
  g_test_add_func ("/Rt/HttpBody/queue-order", test_queue_order);
  g_test_add_func ("/Rt/HttpBody/queue-batches", test_queue_batches);
  return g_test_run ();
}
