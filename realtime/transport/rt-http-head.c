/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-http-head.h"

#include <string.h>

#include "rt-clock.h"
#include "rt-error.h"

#define RETRY_AFTER_MAX_SECONDS 300
#define QUOTE_MAX 256

/* Where the empty line ends, or 0. A lone line feed ends a line too (RFC 9112, section 2.2). */
static gsize
find_end (const guint8 *data, gsize len)
{
  const guint8 *end = data + len;
  const guint8 *at = data;

  while ((at = memchr (at, '\n', (gsize) (end - at))) != NULL)
    {
      at++;
      if (at < end && *at == '\n')
        return (gsize) (at + 1 - data);
      if (end - at >= 2 && at[0] == '\r' && at[1] == '\n')
        return (gsize) (at + 2 - data);
    }
  return 0;
}

/* Tells a peer that speaks something else before it has sent a whole "head". */
static gboolean
check_start (const guint8 *data, gsize len, GError **error)
{
  static const char start[] = "HTTP/";
  gsize n = MIN (len, sizeof start - 1);

  if (memcmp (data, start, n) == 0)
    return TRUE;
  if (data[0] == 0x15)
    g_set_error_literal (error, RT_ERROR, RT_ERROR_PROTOCOL,
                         "The server answered with a TLS alert; the endpoint should probably begin with wss://");
  else
    g_set_error_literal (error, RT_ERROR, RT_ERROR_PROTOCOL,
                         "The server did not answer with HTTP; check the host and port of the endpoint");
  return FALSE;
}

RtHttpHeadResult
rt_http_head_read (const guint8 *data, gsize len, RtHttpHead **head, gsize *used, GError **error)
{
  if (len == 0)
    return RT_HTTP_HEAD_MORE;
  if (!check_start (data, len, error))
    return RT_HTTP_HEAD_BAD;

  gsize end = find_end (data, MIN (len, RT_HTTP_HEAD_MAX));
  if (end == 0 && len < RT_HTTP_HEAD_MAX)
    return RT_HTTP_HEAD_MORE;
  if (end == 0)
    {
      g_set_error (error, RT_ERROR, RT_ERROR_PROTOCOL,
                   "The head of the server's answer is longer than %d bytes", RT_HTTP_HEAD_MAX);
      return RT_HTTP_HEAD_BAD;
    }

  /* The parser wants the text without its empty line; a copy, so that it ends in NUL. */
  gsize text_len = end - (end >= 2 && data[end - 2] == '\r' ? 2 : 1);
  g_autofree char *text = g_strndup ((const char *) data, text_len);
  g_autoptr (RtHttpHead) self = g_new0 (RtHttpHead, 1);
  self->headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
  if (memchr (text, '\0', text_len) != NULL
      || !soup_headers_parse_response (text, (int) text_len, self->headers, &self->version, &self->status,
                                       NULL))
    {
      g_set_error_literal (error, RT_ERROR, RT_ERROR_PROTOCOL,
                           "The server's answer is not a valid HTTP response");
      return RT_HTTP_HEAD_BAD;
    }
  *used = end;
  *head = g_steal_pointer (&self);
  return RT_HTTP_HEAD_DONE;
}

void
rt_http_head_free (RtHttpHead *self)
{
  if (self == NULL)
    return;
  soup_message_headers_unref (self->headers);
  g_free (self);
}

const char *
rt_http_head_get (const RtHttpHead *self, const char *name)
{
  return soup_message_headers_get_list (self->headers, name);
}

gint64
rt_http_head_get_retry_after (const RtHttpHead *self)
{
  const char *text = soup_message_headers_get_one (self->headers, "Retry-After");
  guint64 seconds;

  if (text == NULL)
    return -1;
  if (g_ascii_isdigit (*text))
    {
      gsize digits = strspn (text, "0123456789");
      if (text[digits] != '\0')
        return -1;
      /* A number too long to read is beyond the limit in any case. */
      if (!g_ascii_string_to_unsigned (text, 10, 0, RETRY_AFTER_MAX_SECONDS, &seconds, NULL))
        seconds = RETRY_AFTER_MAX_SECONDS;
      return (gint64) seconds * G_USEC_PER_SEC;
    }

  g_autoptr (GDateTime) date = soup_date_time_new_from_http_string (text);
  if (date == NULL)
    return -1;
  gint64 wait = g_date_time_to_unix (date) * G_USEC_PER_SEC - rt_clock_real ();
  return CLAMP (wait, 0, RETRY_AFTER_MAX_SECONDS * G_USEC_PER_SEC);
}

char *
rt_http_quote (const char *text)
{
  g_autofree char *head = g_strndup (text, QUOTE_MAX);
  g_autofree char *escaped = g_strescape (head, NULL);

  if (strlen (escaped) > QUOTE_MAX)
    escaped[QUOTE_MAX] = '\0';
  return g_steal_pointer (&escaped);
}
