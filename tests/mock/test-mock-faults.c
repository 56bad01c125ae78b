/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "rt-clock.h"
#include "rt-raw-client.h"
#include "rt-raw-http.h"
#include "rt-test-virtual.h"
#include "rt-test.h"

#define RT1 "rt1.json"
#define CENTRIFUGO "centrifuge-json"
#define SECONDS(s) RT_CLOCK_MS ((s) * 1000)

/* What the server does wrong when it is told to, over a WebSocket and over HTTP. */

typedef struct
{
  RtMockServer *server;
  RtRawClient *client;
  RtRawStream *stream;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  rt_test_virtual_begin ();
  fixture->server = rt_raw_server_start ();
  fixture->client = rt_raw_client_open (fixture->server, RT1, "");
  fixture->stream = rt_raw_stream_new (fixture->server, NULL, "{}");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  rt_raw_client_free (fixture->client);
  rt_raw_stream_free (fixture->stream);
  rt_raw_server_end (fixture->server);
  rt_clock_virtual_end ();
}

static void
expect_line (Fixture *fixture, const char *line)
{
  g_autofree char *got = rt_raw_stream_take (fixture->stream);

  g_assert_cmpstr (got, ==, line);
}

static void
expect_frame (Fixture *fixture, const char *frame)
{
  g_autofree char *got = rt_raw_client_take (fixture->client);

  g_assert_cmpstr (got, ==, frame);
}

/* The same command on both. */
static void
send_both (Fixture *fixture, const char *command)
{
  rt_raw_client_send (fixture->client, "%s", command);
  g_assert_cmpuint (rt_raw_stream_emulate (fixture->stream, command), ==, 204);
}

static void
test_corrupt (Fixture *fixture, gconstpointer data)
{
  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_CORRUPT, 2);
  send_both (fixture, "{\"id\":9,\"rpc\":{}}");
  expect_frame (fixture, "<\"id\":9,\"rpc\":{}}");
  expect_line (fixture, "<\"id\":9,\"rpc\":{}}");
  send_both (fixture, "{\"id\":10,\"rpc\":{}}");
  expect_frame (fixture, "{\"id\":10,\"rpc\":{}}");
  expect_line (fixture, "{\"id\":10,\"rpc\":{}}");
}

static void
test_truncate (Fixture *fixture, gconstpointer data)
{
  /* 28 bytes, the middle one inside a character. */
  const char *command = "{\"id\":9,\"rpc\":{\"data\":\"ää\"}}";

  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_TRUNCATE, 2);
  send_both (fixture, command);
  g_autofree char *frame = rt_raw_client_take (fixture->client);
  g_autofree char *line = rt_raw_stream_take (fixture->stream);
  g_assert_cmpstr (frame, ==, line);
  g_assert_true (g_str_has_prefix (command, frame));
  g_assert_cmpuint (strlen (frame), <=, strlen (command) / 2);
}

static void
test_duplicate (Fixture *fixture, gconstpointer data)
{
  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_DUPLICATE, 2);
  send_both (fixture, "{\"id\":9,\"rpc\":{}}");
  send_both (fixture, "{\"id\":10,\"rpc\":{}}");
  for (guint i = 0; i < 2; i++)
    {
      expect_frame (fixture, "{\"id\":9,\"rpc\":{}}");
      expect_line (fixture, "{\"id\":9,\"rpc\":{}}");
    }
  expect_frame (fixture, "{\"id\":10,\"rpc\":{}}");
  expect_line (fixture, "{\"id\":10,\"rpc\":{}}");
}

/* What comes behind waits as well, and nothing is lost. */
static void
test_delay (Fixture *fixture, gconstpointer data)
{
  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_DELAY, 1);
  g_assert_cmpuint (rt_raw_stream_emulate (fixture->stream, "{\"id\":9,\"rpc\":{}}"), ==, 204);
  g_assert_cmpuint (rt_raw_stream_emulate (fixture->stream, "{\"id\":10,\"rpc\":{}}"), ==, 204);
  rt_raw_client_check (fixture->client, "\"rpc\":{}", "rpc");
  gint64 begin = rt_clock_now ();
  g_assert_cmpint (rt_clock_virtual_next (), ==, begin + SECONDS (1));
  rt_clock_virtual_advance (SECONDS (1));
  expect_line (fixture, "{\"id\":9,\"rpc\":{}}");
  expect_line (fixture, "{\"id\":10,\"rpc\":{}}");
}

/* What is held back goes out before the good-bye. */
static void
test_delay_ends (Fixture *fixture, gconstpointer data)
{
  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_DELAY, 1);
  g_assert_cmpuint (rt_raw_stream_emulate (fixture->stream, "{\"id\":9,\"rpc\":{}}"), ==, 204);
  rt_mock_server_disconnect_client (fixture->server, NULL, 3000, NULL);
  expect_line (fixture, "{\"id\":9,\"rpc\":{}}");
  expect_line (fixture, "{\"push\":{\"disconnect\":{\"code\":3000,\"reason\":\"\"}}}");
}

/* The command is carried out, and nobody knows. */
static void
test_drop_connection (Fixture *fixture, gconstpointer data)
{
  g_auto (GStrv) messages = NULL;

  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_DROP_CONNECTION, 2);
  rt_raw_client_send (fixture->client, "{\"id\":9,\"publish\":{\"channel\":\"c\",\"data\":1}}");
  rt_raw_client_wait_closed (fixture->client, 0);
  g_assert_true (g_queue_is_empty (&fixture->client->lines));
  const char *commands = "{\"id\":9,\"publish\":{\"channel\":\"c\",\"data\":2}}\n{\"id\":10,\"rpc\":{}}";
  g_assert_cmpuint (rt_raw_stream_emulate (fixture->stream, commands), ==, 204);
  g_assert_null (rt_raw_stream_take (fixture->stream));
  messages = rt_mock_server_get_messages (fixture->server, "c");
  g_assert_cmpuint (g_strv_length (messages), ==, 2);
  rt_raw_check_open (fixture->server, CENTRIFUGO, "");
}

static void
test_expire_token (Fixture *fixture, gconstpointer data)
{
  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_EXPIRE_TOKEN, 2);
  rt_raw_client_check (fixture->client, "\"refresh\":{\"token\":\"t\"}",
                       "\"error\":{\"code\":109,\"message\":\"token expired\"}");
  rt_raw_stream_check (fixture->stream, "\"refresh\":{\"token\":\"t\"}", "\"code\":109");
  rt_raw_stream_check (fixture->stream, "\"refresh\":{\"token\":\"t\"}", "\"refresh\":{\"client\":");
}

static void
test_new_epoch (Fixture *fixture, gconstpointer data)
{
  rt_raw_client_check (fixture->client, "\"subscribe\":{\"channel\":\"c\"}", "recoverable");
  rt_raw_client_check (fixture->client, "\"publish\":{\"channel\":\"c\",\"data\":1}", "\"offset\":1");
  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_NEW_EPOCH, 1);
  rt_raw_stream_check (fixture->stream,
                       "\"subscribe\":{\"channel\":\"c\",\"recover\":true,\"epoch\":\"x\",\"offset\":1}",
                       "\"was_recovering\":true");
  rt_raw_client_check (fixture->client, "\"rpc\":{}", "rpc");
  rt_raw_client_check (fixture->client, "\"publish\":{\"channel\":\"c\",\"data\":2}", "\"offset\":1");
}

static void
test_rate_limit (Fixture *fixture, gconstpointer data)
{
  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_RATE_LIMIT, 1);
  rt_raw_client_check (fixture->client, "\"rpc\":{}", "rpc");
  rt_raw_client_check (fixture->client, "\"publish\":{\"channel\":\"c\",\"data\":1}", "\"code\":111");
  rt_raw_stream_check (fixture->stream, "\"publish\":{\"channel\":\"c\",\"data\":2}", "\"publish\":{}");
}

static void
test_refusal (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *path;
    guint status;
    const char *retry_after;
  } cases[] = {
    { "/connection/http_stream", 429, "120" },
    { "/connection/sse", 500, NULL },
    { "/connection/poll", 599, "Fri, 31 Dec 2100 23:59:59 GMT" },
    { "/emulation", 400, "garbage" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RtRawHttp) http = rt_raw_http_new (fixture->server);

      rt_mock_server_inject_refusal (fixture->server, cases[i].status, cases[i].retry_after, 1);
      rt_raw_http_post (http, cases[i].path, NULL, "{\"id\":1,\"connect\":{}}");
      g_assert_cmpuint (rt_raw_http_read_head (http), ==, cases[i].status);
      g_autofree char *retry_after = rt_raw_http_get_header (http, "Retry-After");
      g_assert_cmpstr (retry_after, ==, cases[i].retry_after);
    }
  rt_mock_server_clear_faults (fixture->server);
  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_REFUSE, 1);
  g_assert_cmpuint (rt_raw_http_ask (fixture->server, "/emulation", NULL, "{}", NULL), ==, 503);
  g_assert_cmpuint (rt_raw_http_ask (fixture->server, "/emulation", NULL, "{}", NULL), ==, 400);
}

/* The emulated command was carried out. */
static void
test_lose_response (Fixture *fixture, gconstpointer data)
{
  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_LOSE_RESPONSE, 1);
  g_assert_cmpuint (rt_raw_stream_emulate (fixture->stream, "{\"id\":9,\"rpc\":{}}"), ==, 0);
  expect_line (fixture, "{\"id\":9,\"rpc\":{}}");
}

/* A stream that is stalled gets nothing, and all of it later. */
static void
test_stalled_stream (Fixture *fixture, gconstpointer data)
{
  rt_raw_stream_check (fixture->stream, "\"subscribe\":{\"channel\":\"c\"}", "recoverable");
  g_free (rt_raw_stream_take (fixture->stream));
  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_STALL, 1);
  g_assert_true (rt_mock_server_publish (fixture->server, "c", "1", NULL));
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (fixture->stream->http->connection));
  rt_clock_virtual_settle ();
  g_assert_false (g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (input)));
  rt_mock_server_clear_faults (fixture->server);
  expect_line (fixture, "{\"push\":{\"channel\":\"c\",\"pub\":{\"data\":1,\"offset\":1}}}");
}

#define ADD(path, func) g_test_add ("/Rt/MockFaults/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("corrupt", test_corrupt);
  ADD ("truncate", test_truncate);
  ADD ("duplicate", test_duplicate);
  ADD ("delay", test_delay);
  ADD ("delay-ends", test_delay_ends);
  ADD ("drop-connection", test_drop_connection);
  ADD ("expire-token", test_expire_token);
  ADD ("new-epoch", test_new_epoch);
  ADD ("rate-limit", test_rate_limit);
  ADD ("refusal", test_refusal);
  ADD ("lose-response", test_lose_response);
  ADD ("stalled-stream", test_stalled_stream);
  return g_test_run ();
}
