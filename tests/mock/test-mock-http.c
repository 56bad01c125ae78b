/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "rt-raw-client.h"
#include "rt-raw-socket.h"
#include "rt-test.h"

/* Requests that are no upgrade, or not only that. */

#define HOST "Host: 127.0.0.1\r\n"
#define UPGRADE "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define VERSION "Sec-WebSocket-Version: 13\r\n"
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define POST "POST /connection/http_stream"
#define STREAM POST " HTTP/1.1\r\n" HOST
#define GET "GET /connection/websocket HTTP/1.1\r\n"

typedef struct
{
  const char *name;
  const char *request;
  const char *status; /* how the response begins; "" where any end will do */
} Case;

static const Case cases[] = {
  { "other-path", "GET /other HTTP/1.1\r\n" HOST UPGRADE VERSION KEY "\r\n", "HTTP/1.1 404 " },
  { "sub-path", "GET /connection/websocket/sub HTTP/1.1\r\n" HOST UPGRADE VERSION KEY "\r\n", "HTTP/1.1 404 " },
  { "no-upgrade", GET HOST "\r\n", "HTTP/1.1 400 " },
  { "post", "POST /connection/websocket HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\n{}", "HTTP/1.1 405 " },
  { "no-version", GET HOST UPGRADE KEY "\r\n", "HTTP/1.1 400 " },
  { "no-key", GET HOST UPGRADE VERSION "\r\n", "HTTP/1.1 400 " },
  { "bad-key", GET HOST UPGRADE VERSION "Sec-WebSocket-Key: short\r\n\r\n", "HTTP/1.1 400 " },
  { "two-hosts", GET HOST "Host: other\r\n" UPGRADE VERSION KEY "\r\n", "HTTP/1.1 400 " },
  { "two-lengths", GET HOST "Content-Length: 2\r\nContent-Length: 3\r\n" UPGRADE VERSION KEY "\r\nabc",
    "HTTP/1.1 400 " },
  { "signed-length", GET HOST "Content-Length: +2\r\n" UPGRADE VERSION KEY "\r\nab", "HTTP/1.1 400 " },
  { "length-and-chunks",
    GET HOST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n" UPGRADE VERSION KEY "\r\n0\r\n\r\n",
    "HTTP/1.1 400 " },
  { "range", "GET / HTTP/1.1\r\n" HOST "Range: bytes=19-1000,0-0,0-0,0-0\r\n\r\n", "HTTP/1.1 404 " },
  { "stream-get", "GET /connection/http_stream HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 405 " },
  { "stream-options", "OPTIONS /connection/http_stream HTTP/1.1\r\n" HOST "Origin: http://localhost\r\n\r\n",
    "HTTP/1.1 405 " },
  { "sse-put", "PUT /connection/sse HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", "HTTP/1.1 405 " },
  { "sub-stream", POST "/sub HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\n{}", "HTTP/1.1 404 " },
  { "stream-origin", STREAM "Origin: http://localhost\r\nContent-Length: 2\r\n\r\n{}", "HTTP/1.1 403 " },
  { "stream-evil-origin", STREAM "Origin: http://evil.example\r\nContent-Length: 2\r\n\r\n{}", "HTTP/1.1 403 " },
  { "picture", "GET /connection/sse?cf_connect=x HTTP/1.1\r\n" HOST "Sec-Fetch-Site: cross-site\r\n\r\n", "HTTP/1.1 403 " },
  { "stream-null-origin", STREAM "Origin: null\r\nContent-Length: 2\r\n\r\n{}", "HTTP/1.1 403 " },
  { "stream-two-hosts", STREAM "Host: other\r\nContent-Length: 2\r\n\r\n{}", "HTTP/1.1 400 " },
  { "stream-two-lengths", STREAM "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", "HTTP/1.1 400 " },
  { "stream-signed-length", STREAM "Content-Length: +2\r\n\r\n{}", "HTTP/1.1 400 " },
  { "stream-length-and-chunks", STREAM "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 400 " },
  { "stream-two-encodings", STREAM "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 400 " },
  { "stream-endless", STREAM "Content-Length: 99999999999999999999\r\n\r\n", "" },
  { "stream-empty", STREAM "Content-Length: 0\r\n\r\n", "HTTP/1.1 400 " },
  { "garbage", "\x01\x02\x03\x04\r\n\r\n", "" },
  { "nothing-but-lines", "\r\n\r\n\r\n\r\n", "" },
};

static void
test_case (gconstpointer data)
{
  const Case *test = data;
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (GSocketConnection) connection = rt_raw_socket_connect (server);
  g_autoptr (GByteArray) response = NULL;

  g_assert_true (rt_raw_socket_write (connection, test->request, strlen (test->request)));
  /* The request is over: a server that still waits for more of it is told so. */
  g_socket_shutdown (g_socket_connection_get_socket (connection), FALSE, TRUE, NULL);
  response = rt_raw_socket_read_all (connection);
  g_byte_array_append (response, (const guint8 *) "", 1);
  if (!g_str_has_prefix ((const char *) response->data, test->status))
    g_error ("%s: the response is: %s", test->name, response->data);
  if (g_str_has_prefix (test->status, "HTTP/1.1 40") && strcmp (test->name, "no-version") != 0)
    g_assert_null (strstr ((const char *) response->data, "HTTP/1.1 101"));
  rt_raw_server_end (server);
}

/* The response says that the connection ends, and it does, although the client would go on. */
static void
test_no_keep_alive (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (GSocketConnection) connection = rt_raw_socket_connect (server);
  const char *request = "GET / HTTP/1.1\r\n" HOST "\r\nGET / HTTP/1.1\r\n" HOST "\r\n";
  g_autoptr (GByteArray) response = NULL;

  g_assert_true (rt_raw_socket_write (connection, request, strlen (request)));
  response = rt_raw_socket_read_all (connection);
  g_byte_array_append (response, (const guint8 *) "", 1);
  const char *text = (const char *) response->data;
  g_assert_true (g_str_has_prefix (text, "HTTP/1.1 404 "));
  g_assert_nonnull (strstr (text, "Connection: close\r\n"));
  g_assert_null (strstr (text + 1, "HTTP/1.1"));
  rt_raw_server_end (server);
}

/* An endless body of a request is cut off at the limit. */
static void
test_endless_body (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (GSocketConnection) connection = rt_raw_socket_connect (server);
  const char *request = "POST / HTTP/1.1\r\n" HOST "Content-Length: 1000000000\r\n\r\n";
  static const char block[65536];
  gsize written = 0;

  g_assert_true (rt_raw_socket_write (connection, request, strlen (request)));
  while (rt_raw_socket_write (connection, block, sizeof block))
    {
      written += sizeof block;
      g_assert_cmpuint (written, <, 64 * 1024 * 1024);
    }
  rt_raw_server_end (server);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/Rt/MockHttp/", cases[i].name, NULL);
      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/Rt/MockHttp/no-keep-alive", test_no_keep_alive);
  g_test_add_func ("/Rt/MockHttp/endless-body", test_endless_body);
  return g_test_run ();
}
