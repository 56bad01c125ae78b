/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-http-body.h"

#include <string.h>

#include "rt-error.h"

/* Of a chunk's size: 2^60 bytes are for ever. */
#define MAX_DIGITS 15

/* --- How it is framed --- */

static gboolean
fail (GError **error, const char *text)
{
  g_set_error (error, RT_ERROR, RT_ERROR_PROTOCOL, "The server's answer cannot be used: %s", text);
  return FALSE;
}

static gboolean
begin_chunked (RtHttpBody *self, const RtHttpHead *head, const char *encoding, GError **error)
{
  if (g_ascii_strcasecmp (encoding, "chunked") != 0)
    return fail (error, "its transfer encoding is not \"chunked\"");
  /* What one reader takes for the end another may not (RFC 9112, section 11.2). */
  if (rt_http_head_get (head, "Content-Length") != NULL || head->version == SOUP_HTTP_1_0)
    return fail (error, "its length is given in two ways");
  self->chunked = TRUE;
  self->state = RT_HTTP_BODY_SIZE;
  return TRUE;
}

static gboolean
begin_length (RtHttpBody *self, const char *length, GError **error)
{
  if (!g_ascii_isdigit (*length) || !g_ascii_string_to_unsigned (length, 10, 0, G_MAXINT64, &self->left, NULL))
    return fail (error, "its Content-Length is not a number");
  self->state = self->left > 0 ? RT_HTTP_BODY_DATA : RT_HTTP_BODY_END;
  return TRUE;
}

gboolean
rt_http_body_begin (RtHttpBody *self, const RtHttpHead *head, GError **error)
{
  const char *transfer = rt_http_head_get (head, "Transfer-Encoding");
  const char *content = rt_http_head_get (head, "Content-Encoding");
  const char *length = rt_http_head_get (head, "Content-Length");

  *self = (RtHttpBody) { .state = RT_HTTP_BODY_END };
  if (head->status == SOUP_STATUS_NO_CONTENT || head->status == SOUP_STATUS_NOT_MODIFIED)
    return TRUE;
  if (content != NULL && g_ascii_strcasecmp (content, "identity") != 0)
    return fail (error, "it is compressed, which was not asked for; a proxy in between may do that");
  if (transfer != NULL)
    return begin_chunked (self, head, transfer, error);
  if (length != NULL)
    return begin_length (self, length, error);
  self->state = RT_HTTP_BODY_FOREVER;
  return TRUE;
}

/* --- Chunks (RFC 9112, section 7.1), each line ended by CR and LF --- */

static gboolean
spoil (RtHttpBody *self, const char *fault)
{
  self->fault = fault;
  return FALSE;
}

static gboolean
expect (RtHttpBody *self, guint8 byte, guint8 expected, RtHttpBodyState next)
{
  if (byte != expected)
    return spoil (self, "a line of a chunk does not end with CR and LF");
  self->state = next;
  return TRUE;
}

static gboolean
take_extra (RtHttpBody *self)
{
  return ++self->extra <= RT_HTTP_BODY_MAX_EXTRA || spoil (self, "what is told beside the chunks is too long");
}

static gboolean
step_size (RtHttpBody *self, guint8 byte)
{
  int digit = g_ascii_xdigit_value ((char) byte);

  if (digit >= 0)
    {
      /* Leading zeros count: nobody needs many. */
      if (++self->digits > MAX_DIGITS)
        return spoil (self, "the size of a chunk is too large");
      self->left = self->left << 4 | (guint64) digit;
      return TRUE;
    }
  if (self->digits == 0)
    return spoil (self, "the size of a chunk is not a hexadecimal number");
  if (byte == '\r')
    self->state = RT_HTTP_BODY_SIZE_LF;
  else if (byte == ';' || byte == ' ' || byte == '\t')
    self->state = RT_HTTP_BODY_EXTENSION;
  else
    return spoil (self, "the size of a chunk is not a hexadecimal number");
  return TRUE;
}

static gboolean
step_extension (RtHttpBody *self, guint8 byte)
{
  if (byte == '\r')
    self->state = RT_HTTP_BODY_SIZE_LF;
  else if (byte == '\n')
    return spoil (self, "a line of a chunk does not end with CR and LF");
  return take_extra (self);
}

static gboolean
step_size_end (RtHttpBody *self, guint8 byte)
{
  return expect (self, byte, '\n', self->left > 0 ? RT_HTTP_BODY_DATA : RT_HTTP_BODY_TRAILER);
}

static gboolean
step_trailer (RtHttpBody *self, guint8 byte)
{
  if (byte == '\r' && self->state == RT_HTTP_BODY_TRAILER)
    self->state = RT_HTTP_BODY_LAST_LF;
  else if (byte == '\r')
    self->state = RT_HTTP_BODY_TRAILER_LF;
  else if (byte == '\n')
    return spoil (self, "a line of the trailers does not end with CR and LF");
  else
    self->state = RT_HTTP_BODY_TRAILER_TEXT;
  return take_extra (self);
}

static void
begin_size (RtHttpBody *self)
{
  self->left = 0;
  self->digits = 0;
  self->extra = 0;
}

static gboolean
step (RtHttpBody *self, guint8 byte)
{
  switch (self->state)
    {
    case RT_HTTP_BODY_SIZE:
      return step_size (self, byte);
    case RT_HTTP_BODY_EXTENSION:
      return step_extension (self, byte);
    case RT_HTTP_BODY_SIZE_LF:
      return step_size_end (self, byte);
    case RT_HTTP_BODY_DATA_CR:
      return expect (self, byte, '\r', RT_HTTP_BODY_DATA_LF);
    case RT_HTTP_BODY_DATA_LF:
      begin_size (self);
      return expect (self, byte, '\n', RT_HTTP_BODY_SIZE);
    case RT_HTTP_BODY_TRAILER:
    case RT_HTTP_BODY_TRAILER_TEXT:
      return step_trailer (self, byte);
    case RT_HTTP_BODY_TRAILER_LF:
      return expect (self, byte, '\n', RT_HTTP_BODY_TRAILER);
    case RT_HTTP_BODY_LAST_LF:
      return expect (self, byte, '\n', RT_HTTP_BODY_END);
    case RT_HTTP_BODY_END:
    case RT_HTTP_BODY_DATA:
    case RT_HTTP_BODY_FOREVER:
    default:
      g_assert_not_reached ();
    }
}

RtHttpBodyStatus
rt_http_body_next (RtHttpBody *self, const guint8 *data, gsize len, gsize *used, gsize *piece)
{
  *piece = 0;
  for (*used = 0;; *used += 1)
    {
      if (self->fault != NULL)
        return RT_HTTP_BODY_BAD;
      if (self->state == RT_HTTP_BODY_END)
        return RT_HTTP_BODY_DONE;
      if (*used == len)
        return RT_HTTP_BODY_MORE;
      if (self->state == RT_HTTP_BODY_DATA || self->state == RT_HTTP_BODY_FOREVER)
        break;
      if (!step (self, data[*used]))
        return RT_HTTP_BODY_BAD;
    }
  *piece = len - *used;
  if (self->state == RT_HTTP_BODY_DATA)
    *piece = (gsize) MIN (*piece, self->left);
  return RT_HTTP_BODY_PIECE;
}

void
rt_http_body_take (RtHttpBody *self, gsize n)
{
  if (self->state != RT_HTTP_BODY_DATA)
    return;
  self->left -= n;
  if (self->left == 0)
    self->state = self->chunked ? RT_HTTP_BODY_DATA_CR : RT_HTTP_BODY_END;
}

gboolean
rt_http_body_may_end (const RtHttpBody *self)
{
  return self->state == RT_HTTP_BODY_FOREVER;
}
