/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "rt-clock.h"
#include "rt-raw-client.h"
#include "rt-raw-http.h"
#include "rt-raw-socket.h"
#include "rt-raw-token.h"
#include "rt-test-virtual.h"
#include "rt-test.h"

#define RT1 "rt1.json"
#define CENTRIFUGO "centrifuge-json"
#define SECONDS(s) RT_CLOCK_MS ((s) * 1000)

/* What the server does in time, on a clock that only the test moves. */

typedef struct
{
  RtMockServer *server;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  rt_test_virtual_begin ();
  fixture->server = rt_mock_server_new ();
  if (data != NULL)
    g_object_set (fixture->server, data, 1000u, NULL);
  g_assert_true (rt_mock_server_start (fixture->server, NULL));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  rt_raw_server_end (fixture->server);
  rt_clock_virtual_end ();
}

static const char *const no_protocols[] = { NULL };

/* --- Before it is known who it is --- */

static void
test_stale (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtRawClient) client = rt_raw_client_new (fixture->server, no_protocols, NULL);

  rt_clock_virtual_advance (SECONDS (10) - 1000);
  g_assert_false (client->closed);
  rt_clock_virtual_advance (1000);
  rt_raw_client_wait_closed (client, 3502);
  g_assert_cmpstr (client->close_reason, ==, "stale");
}

static void
test_in_time (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtRawClient) client = rt_raw_client_new (fixture->server, no_protocols, NULL);

  rt_clock_virtual_advance (SECONDS (9));
  rt_raw_client_check (client, "\"connect\":{}", "client");
  rt_clock_virtual_advance (SECONDS (9));
  rt_raw_client_check (client, "\"rpc\":{}", "rpc");
}

static void
test_slowloris (Fixture *fixture, gconstpointer data)
{
  GSocketConnection *connections[50];
  gint64 deadline = rt_clock_now () + SECONDS (10);

  for (guint i = 0; i < G_N_ELEMENTS (connections); i++)
    {
      connections[i] = rt_raw_socket_connect (fixture->server);
      g_assert_true (rt_raw_socket_write (connections[i], "GET / HT", 8));
    }
  /* All are accepted in order: the answer to one more shows that they are. */
  g_autoptr (RtRawClient) client = rt_raw_client_open (fixture->server, CENTRIFUGO, "");
  g_assert_cmpint (rt_clock_virtual_next (), ==, deadline);
  rt_clock_virtual_advance (SECONDS (10));
  for (guint i = 0; i < G_N_ELEMENTS (connections); i++)
    {
      g_autoptr (GByteArray) rest = rt_raw_socket_read_all (connections[i]);
      g_assert_cmpuint (rest->len, ==, 0);
      g_object_unref (connections[i]);
    }
  rt_raw_client_check (client, "\"rpc\":{}", "rpc");
}

/* A head is not enough: the body has to come in time as well. */
static void
test_slow_body (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtRawHttp) http = rt_raw_http_new (fixture->server);

  rt_raw_http_write (http, "POST /emulation HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n");
  /* Accepted in order: the answer to another shows that it is there. */
  g_assert_cmpuint (rt_raw_http_ask (fixture->server, "/emulation", NULL, "{}", NULL), ==, 400);
  for (guint i = 0; i < 10; i++)
    {
      rt_raw_http_write (http, " ");
      rt_clock_virtual_advance (SECONDS (1));
    }
  rt_raw_http_check_end (http);
}

/* A connection waits for a next request, but not for ever; one that carries a stream stays. */
static void
test_idle_connection (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtRawStream) stream = rt_raw_stream_new (fixture->server, NULL, "{}");
  g_autoptr (RtRawHttp) http = NULL;
  g_autofree char *body =
      g_strdup_printf ("{\"session\":\"%s\",\"node\":\"%s\",\"data\":\"{}\"}", stream->session, stream->node);

  for (guint i = 0; i < 3; i++)
    {
      /* The pong that answers the ping of every 25 seconds. */
      rt_clock_virtual_advance (SECONDS (25));
      g_free (rt_raw_http_read_line (stream->http));
      if (http == NULL)
        http = rt_raw_http_new (fixture->server);
      rt_raw_http_post (http, "/emulation", NULL, body);
      g_assert_cmpuint (rt_raw_http_read_head (http), ==, 204);
    }
  rt_clock_virtual_advance (SECONDS (25));
  g_free (rt_raw_http_read_line (stream->http));
  g_assert_cmpuint (rt_raw_stream_emulate (stream, "{}"), ==, 204);
  rt_clock_virtual_advance (SECONDS (25));
  g_assert_cmpuint (rt_raw_stream_emulate (stream, "{}"), ==, 204);
  rt_clock_virtual_advance (SECONDS (10));
  rt_raw_http_check_end (http);
  rt_raw_stream_check (stream, "\"rpc\":{}", "rpc");
}

/* --- Pings --- */

static void
test_pings (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtRawClient) client = rt_raw_client_open (fixture->server, CENTRIFUGO, "");

  for (guint i = 1; i <= 20; i++)
    {
      rt_clock_virtual_advance (SECONDS (1));
      rt_test_wait_until (rt_mock_server_get_pong_count (fixture->server) == i);
    }
  g_assert_false (client->closed);
}

static void
pass_cb (SoupWebsocketConnection *websocket, int type, GBytes *message, gpointer user_data)
{
  (*(guint *) user_data)++;
}

static void
test_no_pong (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtRawClient) client = rt_raw_client_open (fixture->server, CENTRIFUGO, "");
  guint pings = 0;

  /* A client that reads, but does not answer. */
  g_signal_handlers_disconnect_matched (client->websocket, G_SIGNAL_MATCH_ID | G_SIGNAL_MATCH_DATA,
                                        g_signal_lookup ("message", SOUP_TYPE_WEBSOCKET_CONNECTION), 0, NULL, NULL,
                                        client);
  g_signal_connect (client->websocket, "message", G_CALLBACK (pass_cb), &pings);
  rt_clock_virtual_advance (SECONDS (9) - 1000);
  rt_test_wait_until (pings == 8);
  g_assert_false (client->closed);
  rt_clock_virtual_advance (1000);
  rt_raw_client_wait_closed (client, 3012);
  g_assert_cmpstr (client->close_reason, ==, "no pong");
  g_assert_cmpuint (rt_mock_server_get_pong_count (fixture->server), ==, 0);
}

/* A stalled server cannot blame its clients. */
static void
test_stalled_pings (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtRawClient) client = rt_raw_client_open (fixture->server, CENTRIFUGO, "");

  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_STALL, 1);
  rt_clock_virtual_advance (SECONDS (60));
  g_assert_false (client->closed);
  rt_mock_server_clear_faults (fixture->server);
  rt_raw_client_check (client, "\"rpc\":{}", "rpc");
  rt_clock_virtual_advance (SECONDS (1));
  rt_test_wait_until (rt_mock_server_get_pong_count (fixture->server) == 1);
}

/* --- A peer that does not answer the close frame --- */

static void
test_close_deadline (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GSocketConnection) connection = rt_raw_socket_open (fixture->server);
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  char buffer[64];

  g_assert_cmpuint (rt_mock_server_disconnect_client (fixture->server, NULL, 3503, "force"), ==, 1);
  /* The close frame: 3503 is 0x0daf. */
  g_assert_cmpint (g_input_stream_read (input, buffer, sizeof buffer, NULL, NULL), ==, 9);
  g_assert_cmpmem (buffer, 9, "\x88\x07\x0d\xaf" "force", 9);
  gint64 deadline = rt_clock_virtual_next ();
  rt_clock_virtual_advance (SECONDS (2));
  g_assert_cmpint (deadline, <=, rt_clock_now ());
  g_assert_cmpint (g_input_stream_read (input, buffer, sizeof buffer, NULL, NULL), ==, 0);
}

/* --- History --- */

static void
test_history_expires (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtRawClient) client = rt_raw_client_open (fixture->server, CENTRIFUGO, "");
  g_autofree char *first = rt_raw_client_ask (client, "\"subscribe\":{\"channel\":\"c\"}", NULL);
  g_autofree char *epoch = rt_raw_get_string (first, "epoch");
  const char *all = "\"history\":{\"channel\":\"c\",\"limit\":-1}";

  g_assert_true (rt_mock_server_publish (fixture->server, "c", "1", NULL));
  rt_clock_virtual_advance (SECONDS (300));
  g_assert_true (rt_mock_server_publish (fixture->server, "c", "2", NULL));
  rt_clock_virtual_advance (SECONDS (300) - 1000);
  rt_raw_client_check (client, all, "[{\"data\":1,\"offset\":1},{\"data\":2,\"offset\":2}]");
  rt_clock_virtual_advance (1000);
  rt_raw_client_check (client, all, "\"publications\":[{\"data\":2,\"offset\":2}]");

  /* From 1 everything is there, from 0 not. */
  g_autofree char *template =
      g_strdup_printf ("\"subscribe\":{\"channel\":\"c\",\"recover\":true,\"epoch\":\"%s\"", epoch);
  g_autofree char *from_0 = g_strconcat (template, "}", NULL);
  g_autofree char *from_1 = g_strconcat (template, ",\"offset\":1}", NULL);
  g_autoptr (RtRawClient) second = rt_raw_client_open (fixture->server, CENTRIFUGO, "");
  rt_raw_client_check (second, from_1, "\"recovered\":true");
  g_autoptr (RtRawClient) third = rt_raw_client_open (fixture->server, CENTRIFUGO, "");
  g_autofree char *failed = rt_raw_client_ask (third, from_0, NULL);
  rt_raw_assert_has_not (failed, "\"recovered\"");

  /* Offsets go on when all is gone. */
  rt_clock_virtual_advance (SECONDS (300));
  g_autofree char *empty = rt_raw_client_ask (client, all, NULL);
  rt_raw_assert_has_not (empty, "publications");
  rt_raw_assert_has (empty, "\"offset\":2");
  rt_raw_assert_has (empty, epoch);
}

static void
test_dedup_expires (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtRawClient) client = rt_raw_client_open (fixture->server, RT1, "");
  const char *command = "\"publish\":{\"channel\":\"c\",\"data\":1,\"idem\":\"42\"}";

  rt_raw_client_check (client, command, "\"offset\":1");
  rt_clock_virtual_advance (SECONDS (599));
  rt_raw_client_check (client, command, "\"dup\":true");
  rt_clock_virtual_advance (SECONDS (1));
  rt_raw_client_check (client, command, "\"offset\":2");
}

/* --- Tokens --- */

/* Good for @seconds from now. */
static char *
make_token (gint64 seconds)
{
  gint64 expires = rt_clock_real () / G_USEC_PER_SEC + seconds;
  g_autofree char *claims = g_strdup_printf ("{\"sub\":\"ann\",\"exp\":%" G_GINT64_FORMAT "}", expires);

  return rt_raw_token_new (claims);
}

static void
test_token_expires (Fixture *fixture, gconstpointer data)
{
  g_autofree char *token = make_token (60);
  g_autofree char *connect = g_strdup_printf ("\"connect\":{\"token\":\"%s\"}", token);

  rt_mock_server_stop (fixture->server);
  rt_mock_server_set_token_secret (fixture->server, "secret");
  g_assert_true (rt_mock_server_start (fixture->server, NULL));
  g_autoptr (RtRawClient) client = rt_raw_client_new (fixture->server, no_protocols, NULL);
  rt_raw_client_check (client, connect, "\"expires\":true,\"ttl\":60");

  rt_clock_virtual_advance (SECONDS (50));
  g_autofree char *renewed = make_token (60);
  g_autofree char *refresh = g_strdup_printf ("\"refresh\":{\"token\":\"%s\"}", renewed);
  rt_raw_client_check (client, refresh, "\"expires\":true,\"ttl\":60");
  /* A second late is in time. */
  rt_clock_virtual_advance (SECONDS (60));
  g_assert_false (client->closed);
  rt_clock_virtual_advance (SECONDS (1));
  rt_raw_client_wait_closed (client, 3005);

  g_autoptr (RtRawClient) late = rt_raw_client_new (fixture->server, no_protocols, NULL);
  rt_raw_client_check (late, connect, "\"code\":109");
}

/* --- Waiting --- */

static gpointer
wait_thread (gpointer data)
{
  return GINT_TO_POINTER (rt_mock_server_wait_for_messages (data, 1, 3600 * 1000));
}

static gboolean
turn_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static void
test_wait_on_clock (Fixture *fixture, gconstpointer data)
{
  gint64 deadline = rt_clock_now () + SECONDS (3600);
  GThread *waiting = g_thread_new ("waiting", wait_thread, fixture->server);

  /* What is waited for wakes nobody: the loop has to turn. */
  guint turning = g_idle_add (turn_cb, NULL);
  rt_test_wait_until (rt_clock_virtual_next () == deadline);
  g_source_remove (turning);
  rt_clock_virtual_advance (SECONDS (3600));
  g_assert_false (GPOINTER_TO_INT (g_thread_join (waiting)));
}

#define ADD(path, setting, func) g_test_add ("/Rt/MockTime/" path, Fixture, setting, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("stale", NULL, test_stale);
  ADD ("in-time", NULL, test_in_time);
  ADD ("slowloris", NULL, test_slowloris);
  ADD ("slow-body", NULL, test_slow_body);
  ADD ("idle-connection", NULL, test_idle_connection);
  ADD ("pings", "ping-interval", test_pings);
  ADD ("no-pong", "ping-interval", test_no_pong);
  ADD ("stalled-pings", "ping-interval", test_stalled_pings);
  ADD ("close-deadline", NULL, test_close_deadline);
  ADD ("history-expires", NULL, test_history_expires);
  ADD ("dedup-expires", NULL, test_dedup_expires);
  ADD ("token-expires", NULL, test_token_expires);
  ADD ("wait-on-clock", NULL, test_wait_on_clock);
  return g_test_run ();
}
