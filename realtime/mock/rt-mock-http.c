/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-http.h"

#include <string.h>

#include "rt-protocol.h"

static void
respond (SoupServerMessage *message, guint status, const char *text)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, "text/plain", SOUP_MEMORY_COPY, text, strlen (text));
  soup_message_headers_replace (headers, "Connection", "close");
}

/* --- What different readers of one request understand differently (RFC 9112 section 11.2) --- */

typedef struct
{
  guint hosts;
  guint lengths;
  guint encodings;
  gboolean odd_length;
} Framing;

static void
count_header_cb (const char *name, const char *value, gpointer user_data)
{
  Framing *framing = user_data;

  if (g_ascii_strcasecmp (name, "Host") == 0)
    framing->hosts++;
  else if (g_ascii_strcasecmp (name, "Transfer-Encoding") == 0)
    framing->encodings++;
  else if (g_ascii_strcasecmp (name, "Content-Length") == 0)
    {
      framing->lengths++;
      framing->odd_length |= value[0] == '\0' || value[strspn (value, "0123456789")] != '\0';
    }
}

static gboolean
is_well_framed (SoupMessageHeaders *headers)
{
  Framing framing = { 0 };

  soup_message_headers_foreach (headers, count_header_cb, &framing);
  return framing.hosts <= 1 && framing.lengths <= 1 && !framing.odd_length &&
         (framing.encodings == 0 || framing.lengths == 0);
}

/* --- Who asks --- */

/* A page of another site must not reach the developer's machine through a browser. Programs send no Origin. */
static gboolean
is_local_origin (SoupMessageHeaders *headers)
{
  const char *origin = soup_message_headers_get_one (headers, "Origin");
  g_autoptr (GUri) uri = NULL;

  if (origin == NULL)
    return TRUE;
  uri = g_uri_parse (origin, G_URI_FLAGS_NONE, NULL);
  if (uri == NULL || g_uri_get_host (uri) == NULL)
    return FALSE;
  const char *host = g_uri_get_host (uri);
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);
  return address != NULL ? g_inet_address_get_is_loopback (address) : g_ascii_strcasecmp (host, "localhost") == 0;
}

/* Real servers go on without a subprotocol where they know none of those offered; libsoup would refuse. One for
 * binary messages is left to be refused, since it could not be kept to. */
static void
drop_unknown_protocols (SoupMessageHeaders *headers)
{
  const char *offered = soup_message_headers_get_list (headers, "Sec-WebSocket-Protocol");

  if (offered == NULL)
    return;
  if (!soup_header_contains (offered, RT_SUBPROTOCOL_RT1) &&
      !soup_header_contains (offered, RT_SUBPROTOCOL_CENTRIFUGO) &&
      !soup_header_contains (offered, "centrifuge-protobuf") && !soup_header_contains (offered, "rt1.protobuf"))
    soup_message_headers_remove (headers, "Sec-WebSocket-Protocol");
}

void
rt_mock_http_check (SoupServerMessage *message, gboolean refuse)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  const char *path = g_uri_get_path (soup_server_message_get_uri (message));
  const char *upgrade = soup_message_headers_get_one (headers, "Upgrade");

  if (soup_server_message_get_status (message) != 0)
    return;
  /* libsoup's answer to it cannot be trusted with hostile ranges. */
  soup_message_headers_remove (headers, "Range");
  if (!is_well_framed (headers))
    respond (message, SOUP_STATUS_BAD_REQUEST, "The request's framing is ambiguous.\n");
  else if (strcmp (path, RT_MOCK_WEBSOCKET_PATH) != 0)
    respond (message, SOUP_STATUS_NOT_FOUND, "The WebSocket is at " RT_MOCK_WEBSOCKET_PATH ".\n");
  else if (soup_server_message_get_method (message) != SOUP_METHOD_GET)
    respond (message, SOUP_STATUS_METHOD_NOT_ALLOWED, "Only GET is allowed here.\n");
  else if (upgrade == NULL || g_ascii_strcasecmp (upgrade, "websocket") != 0)
    respond (message, SOUP_STATUS_BAD_REQUEST, "Only WebSocket connections are accepted here.\n");
  else if (!is_local_origin (headers))
    respond (message, SOUP_STATUS_FORBIDDEN, "Pages of this origin may not connect.\n");
  else if (refuse)
    {
      respond (message, SOUP_STATUS_SERVICE_UNAVAILABLE, "Try again later.\n");
      soup_message_headers_replace (soup_server_message_get_response_headers (message), "Retry-After", "1");
    }
  else
    drop_unknown_protocols (headers);
}
