/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-ws-handshake.h"

#include <string.h>

#include "rt-error.h"
#include "rt-http-status.h"
#include "rt-mask.h"

#define KEY_BYTES 16
#define ACCEPT_GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" /* RFC 6455, section 1.3 */

char *
rt_ws_handshake_new_key (void)
{
  guint8 bytes[KEY_BYTES];

  rt_random_fill (bytes, sizeof bytes);
  return g_base64_encode (bytes, sizeof bytes);
}

char *
rt_ws_handshake_get_accept (const char *key)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  guint8 digest[20];
  gsize len = sizeof digest;

  g_checksum_update (checksum, (const guchar *) key, -1);
  g_checksum_update (checksum, (const guchar *) ACCEPT_GUID, -1);
  g_checksum_get_digest (checksum, digest, &len);
  return g_base64_encode (digest, len);
}

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

static gboolean
has_user_agent (const RtSettings *settings)
{
  for (const RtSettingsHeader *header = settings->headers; header != NULL && header->name != NULL; header++)
    if (g_ascii_strcasecmp (header->name, "User-Agent") == 0)
      return TRUE;
  return FALSE;
}

void
rt_ws_handshake_put_request (RtBuffer *out, const RtSettings *settings, const char *key)
{
  rt_buffer_put_literal (out, "GET ");
  put_text (out, settings->path);
  rt_buffer_put_literal (out, " HTTP/1.1\r\n");
  put_header (out, "Host", settings->host_header);
  put_header (out, "Upgrade", "websocket");
  put_header (out, "Connection", "Upgrade");
  put_header (out, "Sec-WebSocket-Key", key);
  put_header (out, "Sec-WebSocket-Version", "13");
  put_header (out, "Sec-WebSocket-Protocol", RT_SUBPROTOCOL_RT1 ", " RT_SUBPROTOCOL_CENTRIFUGO);
  if (!has_user_agent (settings))
    put_header (out, "User-Agent", "Realtime");
  for (const RtSettingsHeader *header = settings->headers; header != NULL && header->name != NULL; header++)
    put_header (out, header->name, header->value);
  rt_buffer_put_literal (out, "\r\n");
}

static gboolean
fail_handshake (GError **error, const char *what)
{
  g_set_error (error, RT_ERROR, RT_ERROR_PROTOCOL,
               "The server's WebSocket handshake is wrong: %s; is a caching proxy in between?", what);
  return FALSE;
}

static gboolean
has_token (const RtHttpHead *head, const char *name, const char *token)
{
  return soup_message_headers_header_contains (head->headers, name, token);
}

/* Absent is what a server does that knows none of those offered, and then it speaks the plain profile. */
static gboolean
check_protocol (const RtHttpHead *head, RtProfile *profile, GError **error)
{
  const char *protocol = rt_http_head_get (head, "Sec-WebSocket-Protocol");

  if (protocol == NULL || g_str_equal (protocol, RT_SUBPROTOCOL_CENTRIFUGO))
    *profile = RT_PROFILE_CENTRIFUGO;
  else if (g_str_equal (protocol, RT_SUBPROTOCOL_RT1))
    *profile = RT_PROFILE_RT1;
  else
    {
      g_autofree char *quoted = rt_http_quote (protocol);
      g_set_error (error, RT_ERROR, RT_ERROR_PROTOCOL,
                   "The server chose the subprotocol \"%s\", which was not offered", quoted);
      return FALSE;
    }
  return TRUE;
}

gboolean
rt_ws_handshake_check (const RtHttpHead *head, const RtSettings *settings, const char *key, RtProfile *profile,
                       GError **error)
{
  if (head->status != SOUP_STATUS_SWITCHING_PROTOCOLS)
    {
      g_propagate_error (error, rt_http_status_error_new (head, "a WebSocket", settings->path));
      return FALSE;
    }
  if (head->version != SOUP_HTTP_1_1)
    return fail_handshake (error, "it is not HTTP/1.1");
  if (!has_token (head, "Upgrade", "websocket"))
    return fail_handshake (error, "the header Upgrade does not say websocket");
  if (!has_token (head, "Connection", "upgrade"))
    return fail_handshake (error, "the header Connection does not say upgrade");

  const char *accept = rt_http_head_get (head, "Sec-WebSocket-Accept");
  g_autofree char *expected = rt_ws_handshake_get_accept (key);
  if (accept == NULL || !g_str_equal (accept, expected))
    return fail_handshake (error, "the header Sec-WebSocket-Accept does not match the key");
  const char *extensions = rt_http_head_get (head, "Sec-WebSocket-Extensions");
  if (extensions != NULL && *extensions != '\0')
    return fail_handshake (error, "it uses an extension that was not offered");
  return check_protocol (head, profile, error);
}
