/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-http-request.h"

/* What a request says itself, whatever the program's headers say. */
static const char *const own_headers[] = { "accept-encoding", "content-type", NULL };

static void
put_text (RtBuffer *out, const char *text)
{
  rt_buffer_put (out, text, strlen (text));
}

static void
put_header (RtBuffer *out, const char *name, const char *value)
{
  put_text (out, name);
  rt_buffer_put_literal (out, ": ");
  put_text (out, value);
  rt_buffer_put_literal (out, "\r\n");
}

static void
put_headers (RtBuffer *out, const RtSettings *settings)
{
  gboolean has_agent = FALSE;

  for (const RtSettingsHeader *header = settings->headers; header != NULL && header->name != NULL; header++)
    {
      g_autofree char *lower = g_ascii_strdown (header->name, -1);
      if (g_strv_contains (own_headers, lower) || g_str_has_prefix (lower, "x-rt-"))
        continue;
      has_agent |= g_str_equal (lower, "user-agent");
      put_header (out, header->name, header->value);
    }
  if (!has_agent)
    put_header (out, "User-Agent", "Realtime");
}

void
rt_http_request_put (RtBuffer *out, const RtSettings *settings, const char *path, const char *extra,
                     const void *body, gsize body_len)
{
  g_autofree char *length = g_strdup_printf ("%" G_GSIZE_FORMAT, body_len);

  rt_buffer_put_literal (out, "POST ");
  put_text (out, settings->http_prefix != NULL ? settings->http_prefix : "");
  put_text (out, path);
  rt_buffer_put_literal (out, " HTTP/1.1\r\n");
  put_header (out, "Host", settings->host_header);
  put_header (out, "Content-Type", "application/json");
  put_header (out, "Content-Length", length);
  put_header (out, "Accept-Encoding", "identity");
  put_header (out, "X-Rt-Protocol", "1");
  put_headers (out, settings);
  if (extra != NULL)
    put_text (out, extra);
  rt_buffer_put_literal (out, "\r\n");
  rt_buffer_put (out, body, body_len);
}
