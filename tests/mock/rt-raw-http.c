/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-raw-http.h"

#include <string.h>

#include "rt-raw-client.h"
#include "rt-raw-socket.h"
#include "rt-test.h"

/* --- Requests --- */

RtRawHttp *
rt_raw_http_new (RtMockServer *server)
{
  RtRawHttp *self = g_new0 (RtRawHttp, 1);

  self->connection = rt_raw_socket_connect (server);
  g_socket_set_timeout (g_socket_connection_get_socket (self->connection), RT_TEST_DEADLINE_MS / 1000);
  self->input = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (self->connection)));
  g_data_input_stream_set_newline_type (self->input, G_DATA_STREAM_NEWLINE_TYPE_LF);
  self->head = g_string_new (NULL);
  return self;
}

void
rt_raw_http_free (RtRawHttp *self)
{
  g_io_stream_close (G_IO_STREAM (self->connection), NULL, NULL);
  g_object_unref (self->input);
  g_object_unref (self->connection);
  g_string_free (self->head, TRUE);
  g_free (self);
}

void
rt_raw_http_write (RtRawHttp *self, const char *text)
{
  g_assert_true (rt_raw_socket_write (self->connection, text, strlen (text)));
}

void
rt_raw_http_post (RtRawHttp *self, const char *path, const char *headers, const char *body)
{
  g_autofree char *text =
      g_strdup_printf ("POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n%s"
                       "Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n%s",
                       path, headers != NULL ? headers : "", strlen (body), body);

  rt_raw_http_write (self, text);
}

/* --- Responses --- */

/* Without the LF. NULL where the line of the socket has ended, for whatever reason but a silent server. */
static char *
read_raw_line (RtRawHttp *self)
{
  g_autoptr (GError) error = NULL;
  char *line = g_data_input_stream_read_line (self->input, NULL, NULL, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    g_error ("the server says nothing; the last head was: %s", self->head->str);
  return line;
}

char *
rt_raw_http_get_header (RtRawHttp *self, const char *name)
{
  g_autofree char *key = g_strdup_printf ("\r\n%s: ", name);
  const char *begin = strstr (self->head->str, key);

  if (begin == NULL)
    return NULL;
  begin += strlen (key);
  return g_strndup (begin, strcspn (begin, "\r"));
}

guint
rt_raw_http_read_head (RtRawHttp *self)
{
  char *line;

  g_string_truncate (self->head, 0);
  while ((line = read_raw_line (self)) != NULL && strcmp (line, "\r") != 0)
    {
      g_string_append_printf (self->head, "%s\n", line);
      g_free (line);
    }
  if (line == NULL)
    return 0;
  g_free (line);
  g_assert_true (g_str_has_prefix (self->head->str, "HTTP/1.1 "));
  g_autofree char *encoding = rt_raw_http_get_header (self, "Transfer-Encoding");
  g_autofree char *length = rt_raw_http_get_header (self, "Content-Length");
  guint status = g_ascii_strtoull (self->head->str + strlen ("HTTP/1.1 "), NULL, 10);

  self->chunked = g_strcmp0 (encoding, "chunked") == 0;
  self->left = length != NULL ? (gint64) g_ascii_strtoull (length, NULL, 10) : -1;
  if (self->chunked || status == 204)
    self->left = 0;
  self->ended = !self->chunked && self->left == 0;
  return status;
}

static gboolean
begin_chunk (RtRawHttp *self)
{
  g_autofree char *line = read_raw_line (self);

  if (line == NULL)
    return FALSE;
  self->left = g_ascii_strtoll (line, NULL, 16);
  if (self->left > 0)
    return TRUE;
  g_autofree char *last = read_raw_line (self);
  g_assert_cmpstr (last, ==, "\r");
  self->ended = TRUE;
  return FALSE;
}

/* -1 at the end of the body. */
static int
read_byte (RtRawHttp *self)
{
  g_autoptr (GError) error = NULL;

  if (self->ended || (self->chunked && self->left == 0 && !begin_chunk (self)))
    return -1;
  int byte = g_data_input_stream_read_byte (self->input, NULL, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    g_error ("the server says nothing; the last head was: %s", self->head->str);
  if (error != NULL)
    {
      self->ended = TRUE;
      return -1;
    }
  if (self->left > 0 && --self->left == 0 && !self->chunked)
    self->ended = TRUE;
  if (self->chunked && self->left == 0)
    {
      g_autofree char *end = read_raw_line (self);
      g_assert_cmpstr (end, ==, "\r");
    }
  return byte;
}

/* At once, where the length is known. */
static char *
read_known_body (RtRawHttp *self)
{
  char *body = g_malloc (self->left + 1);
  gsize got;

  g_assert_true (g_input_stream_read_all (G_INPUT_STREAM (self->input), body, self->left, &got, NULL, NULL));
  g_assert_cmpuint (got, ==, self->left);
  body[got] = '\0';
  self->ended = TRUE;
  return body;
}

char *
rt_raw_http_read_body (RtRawHttp *self)
{
  GString *body;
  int byte;

  if (!self->ended && !self->chunked && self->left > 0)
    return read_known_body (self);
  body = g_string_new (NULL);
  while ((byte = read_byte (self)) >= 0)
    g_string_append_c (body, (char) byte);
  return g_string_free (body, FALSE);
}

char *
rt_raw_http_read_line (RtRawHttp *self)
{
  GString *line = g_string_new (NULL);
  int byte;

  while ((byte = read_byte (self)) >= 0 && byte != '\n')
    g_string_append_c (line, (char) byte);
  return g_string_free (line, byte < 0 && line->len == 0);
}

void
rt_raw_http_check_end (RtRawHttp *self)
{
  g_autofree char *line = read_raw_line (self);

  if (line != NULL)
    g_error ("the connection has not ended, but this came: %s", line);
}

guint
rt_raw_http_ask (RtMockServer *server, const char *path, const char *headers, const char *body, char **body_out)
{
  g_autoptr (RtRawHttp) http = rt_raw_http_new (server);

  rt_raw_http_post (http, path, headers, body);
  guint status = rt_raw_http_read_head (http);
  if (body_out != NULL)
    *body_out = rt_raw_http_read_body (http);
  return status;
}

/* --- Streams --- */

RtRawStream *
rt_raw_stream_new (RtMockServer *server, const char *headers, const char *connect)
{
  RtRawStream *self = g_new0 (RtRawStream, 1);
  g_autofree char *command = g_strdup_printf ("{\"id\":1,\"connect\":%s}", connect);

  self->server = server;
  self->http = rt_raw_http_new (server);
  self->last_id = 1;
  rt_raw_http_post (self->http, "/connection/http_stream", headers, command);
  g_assert_cmpuint (rt_raw_http_read_head (self->http), ==, 200);
  g_autofree char *reply = rt_raw_http_read_line (self->http);
  rt_raw_assert_has (reply, "{\"id\":1,\"connect\":{\"client\":\"");
  self->session = rt_raw_get_string (reply, "session");
  self->node = rt_raw_get_string (reply, "node");
  return self;
}

void
rt_raw_stream_free (RtRawStream *self)
{
  rt_raw_http_free (self->http);
  g_free (self->session);
  g_free (self->node);
  g_free (self);
}

static char *
escape (const char *text)
{
  GString *escaped = g_string_new (text);

  g_string_replace (escaped, "\\", "\\\\", 0);
  g_string_replace (escaped, "\"", "\\\"", 0);
  g_string_replace (escaped, "\n", "\\n", 0);
  return g_string_free (escaped, FALSE);
}

guint
rt_raw_stream_emulate (RtRawStream *self, const char *lines)
{
  g_autofree char *escaped = escape (lines);
  g_autofree char *body = g_strdup_printf ("{\"session\":\"%s\",\"node\":\"%s\",\"data\":\"%s\"}", self->session,
                                           self->node, escaped);

  return rt_raw_http_ask (self->server, "/emulation", NULL, body, NULL);
}

char *
rt_raw_stream_take (RtRawStream *self)
{
  char *line;

  while ((line = rt_raw_http_read_line (self->http)) != NULL && strcmp (line, "{}") == 0)
    {
      self->pings++;
      g_free (line);
    }
  return line;
}

void
rt_raw_stream_check (RtRawStream *self, const char *command, const char *part)
{
  g_autofree char *prefix = g_strdup_printf ("{\"id\":%u,", ++self->last_id);
  g_autofree char *whole = g_strconcat (prefix, command, "}", NULL);

  g_assert_cmpuint (rt_raw_stream_emulate (self, whole), ==, 204);
  for (;;)
    {
      g_autofree char *line = rt_raw_stream_take (self);
      g_assert_nonnull (line);
      if (!g_str_has_prefix (line, prefix))
        continue;
      rt_raw_assert_has (line, part);
      return;
    }
}
