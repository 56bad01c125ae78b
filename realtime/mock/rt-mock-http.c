/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-http.h"

#include <string.h>

#include "rt-protocol.h"

#define BODY_KEY "rt-mock-body"

typedef struct
{
  const char *path;
  gboolean get;
  gboolean post;
  const char *allow;
} Endpoint;

static const Endpoint endpoints[] = {
  { RT_MOCK_WEBSOCKET_PATH, TRUE, FALSE, "GET" },
  { RT_MOCK_HTTP_STREAM_PATH, FALSE, TRUE, "POST" },
  { RT_MOCK_SSE_PATH, TRUE, TRUE, "GET, POST" },
  { RT_MOCK_POLL_PATH, FALSE, TRUE, "POST" },
  { RT_MOCK_EMULATION_PATH, FALSE, TRUE, "POST" },
};

/* libsoup ends a connection after a body whose end it takes for that of the connection, and so where there is none. */
static void
wrote_empty_cb (SoupServerMessage *message, gpointer user_data)
{
  soup_message_headers_set_encoding (user_data, SOUP_ENCODING_CONTENT_LENGTH);
}

void
rt_mock_http_respond (SoupServerMessage *message, guint status, const char *text)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  soup_server_message_set_status (message, status, NULL);
  soup_message_headers_replace (headers, "Cache-Control", "no-store");
  if (text != NULL)
    soup_server_message_set_response (message, "text/plain", SOUP_MEMORY_COPY, text, strlen (text));
  else
    g_signal_connect (message, "wrote-headers", G_CALLBACK (wrote_empty_cb), headers);
  if (!SOUP_STATUS_IS_SUCCESSFUL (status))
    soup_message_headers_replace (headers, "Connection", "close");
}

gboolean
rt_mock_http_offers_rt1 (SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  if (g_strcmp0 (soup_message_headers_get_one (headers, "X-Rt-Protocol"), "1") != 0)
    return FALSE;
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "X-Rt-Protocol", "1");
  return TRUE;
}

/* --- Bodies --- */

/* One byte over the limit is kept, to know. */
static void
got_chunk_cb (SoupServerMessage *message, GBytes *chunk, gpointer user_data)
{
  GString *body = user_data;
  gsize size;
  const char *data = g_bytes_get_data (chunk, &size);

  g_string_append_len (body, data, MIN (size, RT_MOCK_MAX_BODY + 1 - body->len));
}

static void
free_body (gpointer data)
{
  g_string_free (data, TRUE);
}

static void
collect_body (SoupServerMessage *message)
{
  GString *body = g_string_new (NULL);

  g_object_set_data_full (G_OBJECT (message), BODY_KEY, body, free_body);
  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  g_signal_connect (message, "got-chunk", G_CALLBACK (got_chunk_cb), body);
}

const char *
rt_mock_http_get_body (SoupServerMessage *message, gsize *len)
{
  GString *body = g_object_get_data (G_OBJECT (message), BODY_KEY);

  *len = body->len;
  if (body->len <= RT_MOCK_MAX_BODY)
    return body->str;
  rt_mock_http_respond (message, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE, "The body is larger than 64 KiB.\n");
  return NULL;
}

/* --- What different readers of one request understand differently (RFC 9112 section 11.2) --- */

typedef struct
{
  guint hosts;
  guint lengths;
  guint encodings;
  gboolean odd;
  gboolean too_long;
} Framing;

static void
count_header_cb (const char *name, const char *value, gpointer user_data)
{
  Framing *framing = user_data;

  if (g_ascii_strcasecmp (name, "Host") == 0)
    framing->hosts++;
  else if (g_ascii_strcasecmp (name, "Transfer-Encoding") == 0)
    {
      framing->encodings++;
      framing->odd |= g_ascii_strcasecmp (value, "chunked") != 0;
    }
  else if (g_ascii_strcasecmp (name, "Content-Length") == 0)
    {
      framing->lengths++;
      framing->odd |= value[0] == '\0' || value[strspn (value, "0123456789")] != '\0';
      framing->too_long |= strlen (value) > 9 || g_ascii_strtoull (value, NULL, 10) > RT_MOCK_MAX_BODY;
    }
}

/* FALSE after a response that says what is wrong. */
static gboolean
check_framing (SoupServerMessage *message, SoupMessageHeaders *headers)
{
  Framing framing = { 0 };

  soup_message_headers_foreach (headers, count_header_cb, &framing);
  if (framing.hosts > 1 || framing.lengths > 1 || framing.encodings > 1 || framing.odd ||
      (framing.encodings != 0 && framing.lengths != 0))
    rt_mock_http_respond (message, SOUP_STATUS_BAD_REQUEST, "The request's framing is ambiguous.\n");
  else if (framing.too_long)
    rt_mock_http_respond (message, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE, "The body is larger than 64 KiB.\n");
  else
    return TRUE;
  return FALSE;
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

static const Endpoint *
find_endpoint (const char *path)
{
  for (guint i = 0; i < G_N_ELEMENTS (endpoints); i++)
    {
      if (strcmp (endpoints[i].path, path) == 0)
        return &endpoints[i];
    }
  return NULL;
}

/* FALSE after a response that says what is wrong. */
static gboolean
check_method (SoupServerMessage *message, const Endpoint *endpoint)
{
  const char *method = soup_server_message_get_method (message);

  if ((endpoint->get && method == SOUP_METHOD_GET) || (endpoint->post && method == SOUP_METHOD_POST))
    return TRUE;
  g_autofree char *text = g_strdup_printf ("Only %s is allowed here.\n", endpoint->allow);
  rt_mock_http_respond (message, SOUP_STATUS_METHOD_NOT_ALLOWED, text);
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Allow", endpoint->allow);
  return FALSE;
}

static gboolean
check_upgrade (SoupServerMessage *message, SoupMessageHeaders *headers)
{
  const char *upgrade = soup_message_headers_get_one (headers, "Upgrade");

  if (upgrade == NULL || g_ascii_strcasecmp (upgrade, "websocket") != 0)
    rt_mock_http_respond (message, SOUP_STATUS_BAD_REQUEST, "Only WebSocket connections are accepted here.\n");
  else if (!is_local_origin (headers))
    rt_mock_http_respond (message, SOUP_STATUS_FORBIDDEN, "Pages of this origin may not connect.\n");
  else
    return TRUE;
  return FALSE;
}

/* Only programs, so neither an origin nor what browsers add to what they fetch for a page, such as a picture, which
 * has none: a page could neither read the answers, since it is not told that it may, nor does it need them
 * where it has WebSockets. */
static gboolean
check_program (SoupServerMessage *message, SoupMessageHeaders *headers)
{
  if (soup_message_headers_get_one (headers, "Origin") == NULL
      && soup_message_headers_get_one (headers, "Sec-Fetch-Site") == NULL)
    return TRUE;
  rt_mock_http_respond (message, SOUP_STATUS_FORBIDDEN, "Pages may only connect with a WebSocket.\n");
  return FALSE;
}

static gboolean
check_refusal (SoupServerMessage *message, RtMockFaults *faults)
{
  RtMockRefusal refusal;

  if (!rt_mock_faults_take_refusal (faults, &refusal))
    return TRUE;
  rt_mock_http_respond (message, refusal.status, "Try again later.\n");
  if (refusal.retry_after[0] != '\0')
    soup_message_headers_replace (soup_server_message_get_response_headers (message), "Retry-After",
                                  refusal.retry_after);
  return FALSE;
}

void
rt_mock_http_check (SoupServerMessage *message, RtMockFaults *faults)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  const char *path = g_uri_get_path (soup_server_message_get_uri (message));
  const Endpoint *endpoint = find_endpoint (path);
  gboolean upgrade = endpoint == &endpoints[0];

  if (soup_server_message_get_status (message) != 0)
    return;
  /* libsoup's answer to it cannot be trusted with hostile ranges. */
  soup_message_headers_remove (headers, "Range");
  if (!check_framing (message, headers))
    return;
  if (endpoint == NULL)
    {
      rt_mock_http_respond (message, SOUP_STATUS_NOT_FOUND, "The WebSocket is at " RT_MOCK_WEBSOCKET_PATH ".\n");
      return;
    }
  if (!check_method (message, endpoint) ||
      !(upgrade ? check_upgrade (message, headers) : check_program (message, headers)) ||
      !check_refusal (message, faults))
    return;
  if (upgrade)
    drop_unknown_protocols (headers);
  else
    collect_body (message);
}
