/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "rt-raw-client.h"
#include "rt-raw-http.h"
#include "rt-raw-socket.h"
#include "rt-test.h"

#define STREAM "/connection/http_stream"
#define CONNECT "{\"id\":1,\"connect\":{}}"
#define RT1_HEADER "X-Rt-Protocol: 1\r\n"

/* The next line, which has to contain @part. */
static void
expect (RtRawHttp *http, const char *part)
{
  g_autofree char *line = rt_raw_http_read_line (http);

  g_assert_nonnull (line);
  rt_raw_assert_has (line, part);
}

/* --- HTTP streams --- */

static void
test_stream (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawStream) a = rt_raw_stream_new (server, NULL, "{}");
  g_autoptr (RtRawStream) b = rt_raw_stream_new (server, NULL, "{}");
  g_autofree char *header = rt_raw_http_get_header (a->http, "X-Rt-Protocol");

  g_assert_null (header);
  g_assert_cmpuint (strlen (a->session), ==, 64);
  g_assert_cmpstr (a->session, !=, b->session);
  g_assert_cmpstr (a->node, ==, b->node);
  rt_raw_stream_check (a, "\"subscribe\":{\"channel\":\"c\"}", "\"recoverable\":true");
  rt_raw_stream_check (b, "\"subscribe\":{\"channel\":\"c\"}", "\"recoverable\":true");
  rt_raw_stream_check (a, "\"publish\":{\"channel\":\"c\",\"data\":{\"x\":[1,\"two\"]}}", "\"publish\":{}");
  g_autofree char *join = rt_raw_stream_take (b);
  rt_raw_assert_has (join, "\"join\"");
  g_autofree char *publication = rt_raw_stream_take (b);
  rt_raw_assert_has (publication, "\"data\":{\"x\":[1,\"two\"]}");
  rt_raw_server_end (server);
}

/* Several commands in one request, with a line end behind the last. */
static void
test_batch (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawStream) a = rt_raw_stream_new (server, NULL, "{}");

  g_assert_cmpuint (rt_raw_stream_emulate (a, "{\"id\":2,\"rpc\":{\"data\":1}}\n{\"id\":3,\"rpc\":{\"data\":2}}\n"),
                    ==, 204);
  expect (a->http, "{\"id\":2,\"rpc\":{\"data\":1}}");
  expect (a->http, "{\"id\":3,\"rpc\":{\"data\":2}}");
  rt_raw_server_end (server);
}

/* What is offered is answered, and only then does the profile hold. */
static void
test_profile (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawStream) a = rt_raw_stream_new (server, RT1_HEADER, "{}");
  g_autoptr (RtRawStream) b = rt_raw_stream_new (server, "X-Rt-Protocol: 2\r\n", "{}");
  g_autofree char *header = rt_raw_http_get_header (a->http, "X-Rt-Protocol");
  g_autofree char *none = rt_raw_http_get_header (b->http, "X-Rt-Protocol");

  g_assert_cmpstr (header, ==, "1");
  g_assert_null (none);
  rt_raw_stream_check (a, "\"publish\":{\"channel\":\"c\",\"data\":1,\"idem\":\"i\"}", "\"offset\":1");
  rt_raw_stream_check (a, "\"publish\":{\"channel\":\"c\",\"data\":1,\"idem\":\"i\"}", "\"dup\":true");
  rt_raw_stream_check (b, "\"publish\":{\"channel\":\"c\",\"data\":1,\"idem\":\"i\"}", "\"publish\":{}");
  rt_raw_server_end (server);
}

/* Commands may come with connect, and what they ask for goes to the same stream. */
static void
test_more_than_connect (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawHttp) http = rt_raw_http_new (server);

  rt_raw_http_post (http, STREAM, NULL, CONNECT "\n{\"id\":2,\"rpc\":{\"data\":\"two\"}}");
  g_assert_cmpuint (rt_raw_http_read_head (http), ==, 200);
  expect (http, "{\"id\":1,\"connect\"");
  expect (http, "{\"id\":2,\"rpc\":{\"data\":\"two\"}}");
  rt_raw_server_end (server);
}

/* A publication's white space does not end its line. */
static void
test_line_ends (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawStream) a = rt_raw_stream_new (server, NULL, "{}");

  rt_raw_stream_check (a, "\"subscribe\":{\"channel\":\"c\"}", "recoverable");
  g_free (rt_raw_stream_take (a));
  g_assert_true (rt_mock_server_publish (server, "c", "{\"a\":\n[1,\n2]}", NULL));
  expect (a->http, "\"data\":{\"a\": [1, 2]}");
  rt_raw_server_end (server);
}

/* --- How a stream ends --- */

/* After the last line the body ends, and the connection with it. */
static void
check_goodbye (RtRawHttp *http, const char *part)
{
  expect (http, part);
  g_assert_null (rt_raw_http_read_line (http));
  rt_raw_http_check_end (http);
}

static void
test_disconnected (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawStream) a = rt_raw_stream_new (server, NULL, "{}");
  g_autoptr (RtRawStream) b = rt_raw_stream_new (server, NULL, "{}");
  g_auto (GStrv) clients = rt_mock_server_get_clients (server);

  g_assert_cmpuint (g_strv_length (clients), ==, 2);
  g_assert_cmpuint (rt_mock_server_disconnect_client (server, NULL, 4321, "enough"), ==, 2);
  check_goodbye (a->http, "{\"push\":{\"disconnect\":{\"code\":4321,\"reason\":\"enough\"}}}");
  check_goodbye (b->http, "4321");
  g_assert_cmpuint (rt_raw_stream_emulate (a, "{\"id\":2,\"rpc\":{}}"), ==, 404);
  rt_raw_server_end (server);
}

static void
test_stopped (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawStream) a = rt_raw_stream_new (server, NULL, "{}");

  rt_mock_server_stop (server);
  check_goodbye (a->http, "\"code\":3001,\"reason\":\"shutdown\"");
  rt_raw_server_end (server);
}

static void
test_wrong_token (void)
{
  RtMockServer *server = rt_mock_server_new ();
  const char *const keys[] = { "right", NULL };
  g_autoptr (RtRawHttp) http = NULL;

  rt_mock_server_set_api_keys (server, keys);
  g_assert_true (rt_mock_server_start (server, NULL));
  http = rt_raw_http_new (server);
  rt_raw_http_post (http, STREAM, NULL, "{\"id\":1,\"connect\":{\"token\":\"wrong\"}}");
  g_assert_cmpuint (rt_raw_http_read_head (http), ==, 200);
  check_goodbye (http, "\"code\":3500,\"reason\":\"invalid token\"");
  rt_raw_server_end (server);
}

static void
test_bad_commands (void)
{
  static const char *const bodies[] = { "{\"id\":1,\"rpc\":{}}", "{\"id\":0,\"connect\":{}}", "{", "nothing",
                                        "{\"id\":1,\"connect\":{}}x", "{}" };
  RtMockServer *server = rt_raw_server_start ();

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (RtRawHttp) http = rt_raw_http_new (server);
      g_autofree char *body = NULL;

      rt_raw_http_post (http, STREAM, NULL, bodies[i]);
      g_assert_cmpuint (rt_raw_http_read_head (http), ==, 200);
      body = rt_raw_http_read_body (http);
      rt_raw_assert_has (body, "\"code\":3501");
    }
  rt_raw_server_end (server);
}

/* A bad command that is emulated ends the stream, not the request. */
static void
test_bad_emulated_command (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawStream) a = rt_raw_stream_new (server, NULL, "{}");

  g_assert_cmpuint (rt_raw_stream_emulate (a, "{\"id\":2,\"connect\":{}}"), ==, 204);
  check_goodbye (a->http, "\"code\":3501");
  rt_raw_server_end (server);
}

/* A client that hangs up has left, though nothing is written to it. */
static void
test_hang_up (void)
{
  RtMockServer *server = rt_raw_server_start ();
  RtRawStream *a = rt_raw_stream_new (server, NULL, "{}");
  g_autoptr (RtRawStream) b = rt_raw_stream_new (server, NULL, "{}");

  rt_raw_stream_check (a, "\"subscribe\":{\"channel\":\"c\"}", "recoverable");
  rt_raw_stream_check (b, "\"subscribe\":{\"channel\":\"c\"}", "recoverable");
  rt_raw_stream_free (a);
  g_free (rt_raw_stream_take (b));
  expect (b->http, "\"leave\"");
  rt_raw_server_end (server);
}

static void
test_dropped (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawStream) a = rt_raw_stream_new (server, NULL, "{}");

  rt_mock_server_drop_connections (server);
  g_assert_null (rt_raw_http_read_line (a->http));
  rt_raw_server_end (server);
}

/* A client that does not read is not waited for. */
static void
test_slow_reader (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawStream) slow = rt_raw_stream_new (server, NULL, "{}");
  g_autofree char *blob = g_strnfill (60000, 'x');
  g_autofree char *json = g_strdup_printf ("\"%s\"", blob);
  g_auto (GStrv) clients = NULL;
  guint published = 0;

  rt_raw_stream_check (slow, "\"subscribe\":{\"channel\":\"c\"}", "recoverable");
  do
    {
      g_clear_pointer (&clients, g_strfreev);
      g_assert_true (rt_mock_server_publish (server, "c", json, NULL));
      g_assert_cmpuint (++published, <, 1000);
      clients = rt_mock_server_get_clients (server);
    }
  while (clients[0] != NULL);
  rt_raw_server_end (server);
}

/* --- Pings --- */

static void
test_pings (void)
{
  RtMockServer *server = rt_mock_server_new ();
  g_autoptr (RtRawStream) a = NULL;

  rt_mock_server_set_ping_interval (server, 20);
  g_assert_true (rt_mock_server_start (server, NULL));
  a = rt_raw_stream_new (server, NULL, "{}");
  for (guint i = 1; i <= 3; i++)
    {
      g_autofree char *ping = rt_raw_http_read_line (a->http);
      g_assert_cmpstr (ping, ==, "{}");
      g_assert_cmpuint (rt_raw_stream_emulate (a, "{}"), ==, 204);
      g_assert_cmpuint (rt_mock_server_get_pong_count (server), >=, i);
    }
  rt_raw_server_end (server);
}

/* --- Server-sent events --- */

static void
test_sse (void)
{
  static const char *const requests[] = {
    "GET /connection/sse?cf_connect=%7B%22id%22%3A1%2C%22connect%22%3A+%7B%7D%7D HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST /connection/sse HTTP/1.1\r\nHost: a\r\nContent-Length: 21\r\n\r\n" CONNECT,
  };
  RtMockServer *server = rt_raw_server_start ();

  for (guint i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      g_autoptr (RtRawHttp) http = rt_raw_http_new (server);

      rt_raw_http_write (http, requests[i]);
      g_assert_cmpuint (rt_raw_http_read_head (http), ==, 200);
      g_autofree char *type = rt_raw_http_get_header (http, "Content-Type");
      g_assert_cmpstr (type, ==, "text/event-stream");
      g_autofree char *first = rt_raw_http_read_line (http);
      g_assert_cmpstr (first, ==, "\r");
      expect (http, "data: {\"id\":1,\"connect\":{\"client\":");
      g_autofree char *second = rt_raw_http_read_line (http);
      g_assert_cmpstr (second, ==, "");
      rt_mock_server_disconnect_client (server, NULL, 3000, NULL);
      expect (http, "data: {\"push\":{\"disconnect\":{\"code\":3000");
    }
  rt_raw_server_end (server);
}

/* What ends a line of an event does not stand in one. */
static void
test_sse_line_ends (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawHttp) http = rt_raw_http_new (server);

  rt_raw_http_post (http, "/connection/sse", NULL, CONNECT "\n{\"id\":2,\"subscribe\":{\"channel\":\"c\"}}");
  g_assert_cmpuint (rt_raw_http_read_head (http), ==, 200);
  for (guint i = 0; i < 7; i++)
    g_free (rt_raw_http_read_line (http));
  g_assert_true (rt_mock_server_publish (server, "c", "{\"a\":\n[1,\r\n2]}", NULL));
  expect (http, "\"data\":{\"a\": [1,  2]}");
  rt_raw_server_end (server);
}

static void
test_sse_nothing (void)
{
  static const char *const queries[] = { "", "?", "?cf_connect=", "?other=1", "?cf_connect=%ff", "?cf_connect=%00" };
  RtMockServer *server = rt_raw_server_start ();

  for (guint i = 0; i < G_N_ELEMENTS (queries); i++)
    {
      g_autoptr (RtRawHttp) http = rt_raw_http_new (server);
      g_autofree char *request =
          g_strdup_printf ("GET /connection/sse%s HTTP/1.1\r\nHost: a\r\n\r\n", queries[i]);

      rt_raw_http_write (http, request);
      g_assert_cmpuint (rt_raw_http_read_head (http), ==, 400);
    }
  rt_raw_server_end (server);
}

/* An old client gets a body that ends with the line. */
static void
test_http_1_0 (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawHttp) http = rt_raw_http_new (server);

  rt_raw_http_write (http, "POST " STREAM " HTTP/1.0\r\nContent-Length: 21\r\n\r\n" CONNECT);
  g_assert_cmpuint (rt_raw_http_read_head (http), ==, 200);
  g_assert_false (http->chunked);
  expect (http, "{\"id\":1,\"connect\"");
  rt_mock_server_disconnect_client (server, NULL, 3000, NULL);
  check_goodbye (http, "\"code\":3000");
  rt_raw_server_end (server);
}

/* --- Emulation --- */

static void
test_emulation_refused (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawStream) a = rt_raw_stream_new (server, NULL, "{}");
  g_autofree char *other_node =
      g_strdup_printf ("{\"session\":\"%s\",\"node\":\"other\",\"data\":\"{}\"}", a->session);
  g_autofree char *other_session = g_strdup_printf ("{\"session\":\"x\",\"node\":\"%s\",\"data\":\"{}\"}", a->node);
  g_autofree char *no_node = g_strdup_printf ("{\"session\":\"%s\",\"data\":\"{}\"}", a->session);
  g_autofree char *no_data = g_strdup_printf ("{\"session\":\"%s\",\"node\":\"%s\"}", a->session, a->node);
  g_autofree char *nul =
      g_strdup_printf ("{\"session\":\"%s\",\"node\":\"%s\",\"data\":\"\\u0000\"}", a->session, a->node);
  const char *const missing[] = { other_node, other_session, no_node };
  const char *const bad[] = { no_data, nul, "", "{}", "[]", "7", "{\"session\":1,\"node\":2,\"data\":3}", "{\"a\"" };

  for (guint i = 0; i < G_N_ELEMENTS (missing); i++)
    g_assert_cmpuint (rt_raw_http_ask (server, "/emulation", NULL, missing[i], NULL), ==, 404);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_cmpuint (rt_raw_http_ask (server, "/emulation", NULL, bad[i], NULL), ==, 400);
  rt_raw_stream_check (a, "\"rpc\":{\"data\":1}", "rpc");
  rt_raw_server_end (server);
}

/* A WebSocket has no session that requests could name. */
static void
test_websocket_has_no_session (void)
{
  RtMockServer *server = rt_raw_server_start ();
  const char *const protocols[] = { "rt1.json", NULL };
  g_autoptr (RtRawClient) client = rt_raw_client_new (server, protocols, NULL);
  g_autofree char *reply = rt_raw_client_ask (client, "\"connect\":{}", NULL);

  rt_raw_assert_has_not (reply, "session");
  rt_raw_assert_has_not (reply, "node");
  rt_raw_client_free (g_steal_pointer (&client));
  rt_raw_server_end (server);
}

/* Many requests on one connection, which stays open. */
static void
test_keep_alive (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawStream) a = rt_raw_stream_new (server, NULL, "{}");
  g_autoptr (RtRawHttp) http = rt_raw_http_new (server);
  g_autofree char *body = g_strdup_printf (
      "{\"session\":\"%s\",\"node\":\"%s\",\"data\":\"{\\\"id\\\":7,\\\"rpc\\\":{}}\"}", a->session, a->node);

  for (guint i = 0; i < 100; i++)
    {
      rt_raw_http_post (http, "/emulation", NULL, body);
      g_assert_cmpuint (rt_raw_http_read_head (http), ==, 204);
      expect (a->http, "{\"id\":7,\"rpc\":{}}");
    }
  rt_raw_server_end (server);
}

/* --- Sizes --- */

static void
test_too_large (void)
{
  static const char *const paths[] = { STREAM, "/connection/sse", "/emulation" };
  RtMockServer *server = rt_raw_server_start ();
  g_autofree char *exact = g_strnfill (65536, ' ');
  g_autofree char *large = g_strnfill (65537, ' ');

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (RtRawHttp) http = rt_raw_http_new (server);
      g_autofree char *chunks =
          g_strdup_printf ("POST %s HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n%s\r\n0\r\n\r\n",
                           paths[i], large);

      g_assert_cmpuint (rt_raw_http_ask (server, paths[i], NULL, large, NULL), ==, 413);
      g_assert_cmpuint (rt_raw_http_ask (server, paths[i], NULL, exact, NULL), !=, 413);
      rt_raw_http_write (http, chunks);
      g_assert_cmpuint (rt_raw_http_read_head (http), ==, 413);
    }
  rt_raw_server_end (server);
}

/* A body in chunks counts like any other. */
static void
test_chunked_body (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawHttp) http = rt_raw_http_new (server);

  rt_raw_http_write (http, "POST " STREAM " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                           "b\r\n{\"id\":1,\"co\r\na\r\nnnect\":{}}\r\n0\r\n\r\n");
  g_assert_cmpuint (rt_raw_http_read_head (http), ==, 200);
  expect (http, "{\"id\":1,\"connect\"");
  rt_raw_server_end (server);
}

/* --- What is left --- */

static void
use_once (void)
{
  RtMockServer *server = rt_raw_server_start ();
  RtRawStream *left = rt_raw_stream_new (server, NULL, "{}");
  RtRawStream *stays = rt_raw_stream_new (server, NULL, "{}");
  RtRawHttp *half = rt_raw_http_new (server);

  rt_raw_http_write (half, "POST " STREAM " HTTP/1.1\r\nHost: a\r\nContent-Length: 21\r\n\r\n{");
  rt_raw_stream_check (stays, "\"subscribe\":{\"channel\":\"c\"}", "recoverable");
  rt_raw_stream_free (left);
  rt_raw_server_end (server);
  rt_raw_stream_free (stays);
  rt_raw_http_free (half);
}

static void
test_nothing_left (void)
{
  /* What GLib and libsoup make once and keep. */
  use_once ();
  guint threads = rt_test_count_threads ();
  guint fds = rt_test_count_fds ();

  for (guint i = 0; i < 5; i++)
    use_once ();
  g_assert_cmpuint (rt_test_count_fds (), <=, fds);
  rt_test_poll_until (rt_test_count_threads () <= threads);
}

#define ADD(path, func) g_test_add_func ("/Rt/MockStream/" path, func)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("stream", test_stream);
  ADD ("batch", test_batch);
  ADD ("profile", test_profile);
  ADD ("more-than-connect", test_more_than_connect);
  ADD ("line-ends", test_line_ends);
  ADD ("disconnected", test_disconnected);
  ADD ("stopped", test_stopped);
  ADD ("wrong-token", test_wrong_token);
  ADD ("bad-commands", test_bad_commands);
  ADD ("bad-emulated-command", test_bad_emulated_command);
  ADD ("hang-up", test_hang_up);
  ADD ("dropped", test_dropped);
  ADD ("slow-reader", test_slow_reader);
  ADD ("pings", test_pings);
  ADD ("sse", test_sse);
  ADD ("sse-line-ends", test_sse_line_ends);
  ADD ("sse-nothing", test_sse_nothing);
  ADD ("http-1.0", test_http_1_0);
  ADD ("emulation-refused", test_emulation_refused);
  ADD ("websocket-has-no-session", test_websocket_has_no_session);
  ADD ("keep-alive", test_keep_alive);
  ADD ("too-large", test_too_large);
  ADD ("chunked-body", test_chunked_body);
  ADD ("nothing-left", test_nothing_left);
  return g_test_run ();
}
