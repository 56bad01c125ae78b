/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "rt-clock.h"
#include "rt-raw-client.h"
#include "rt-raw-http.h"
#include "rt-test-virtual.h"
#include "rt-test.h"

#define POLL "/connection/poll"
#define CONNECT "{\"id\":1,\"connect\":{}}"
#define SECONDS(s) RT_CLOCK_MS ((s) * 1000)

/* Polling, on a clock that only the test moves. */

typedef struct
{
  RtMockServer *server;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  rt_test_virtual_begin ();
  fixture->server = rt_raw_server_start ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  rt_raw_server_end (fixture->server);
  rt_clock_virtual_end ();
}

/* A client that keeps count, one request at a time on each of its two connections. */
typedef struct
{
  RtMockServer *server;
  RtRawHttp *polls;
  RtRawHttp *commands;
  char *session;
  guint seq;
  guint batch;
} Poller;

/* @headers is what stands besides those of every request. */
static void
post (RtRawHttp *http, const char *session, const char *headers, const char *body)
{
  g_autofree char *all = g_strdup_printf ("X-Rt-Protocol: 1\r\n%s%s%s%s", session != NULL ? "X-Rt-Session: " : "",
                                          session != NULL ? session : "", session != NULL ? "\r\n" : "", headers);

  rt_raw_http_post (http, POLL, all, body);
}

static void
send_poll (Poller *self, guint ack, guint wait)
{
  g_autofree char *headers = g_strdup_printf ("X-Rt-Ack: %u\r\nX-Rt-Wait: %u\r\n", ack, wait);

  post (self->polls, self->session, headers, "");
}

/* The body of the answer; takes its number. */
static char *
take_answer (Poller *self)
{
  g_assert_cmpuint (rt_raw_http_read_head (self->polls), ==, 200);
  g_autofree char *seq = rt_raw_http_get_header (self->polls, "X-Rt-Seq");
  g_autofree char *protocol = rt_raw_http_get_header (self->polls, "X-Rt-Protocol");
  g_autofree char *cache = rt_raw_http_get_header (self->polls, "Cache-Control");
  g_autofree char *session = rt_raw_http_get_header (self->polls, "X-Rt-Session");

  g_assert_cmpstr (protocol, ==, "1");
  g_assert_cmpstr (cache, ==, "no-store");
  g_assert_cmpuint (strlen (session), ==, 64);
  if (self->session != NULL)
    g_assert_cmpstr (session, ==, self->session);
  else
    self->session = g_strdup (session);
  self->seq = g_ascii_strtoull (seq, NULL, 10);
  return rt_raw_http_read_body (self->polls);
}

static void
check_answer (Poller *self, guint seq, const char *part)
{
  g_autofree char *body = take_answer (self);

  g_assert_cmpuint (self->seq, ==, seq);
  if (part != NULL)
    rt_raw_assert_has (body, part);
  else
    g_assert_cmpstr (body, ==, "");
}

static guint
send_batch (Poller *self, guint batch, const char *lines)
{
  g_autofree char *headers = g_strdup_printf ("X-Rt-Command: %u\r\n", batch);

  post (self->commands, self->session, headers, lines);
  return rt_raw_http_read_head (self->commands);
}

static Poller *
poller_new (RtMockServer *server)
{
  Poller *self = g_new0 (Poller, 1);

  self->server = server;
  self->polls = rt_raw_http_new (server);
  self->commands = rt_raw_http_new (server);
  return self;
}

static Poller *
poller_open (RtMockServer *server)
{
  Poller *self = poller_new (server);

  post (self->polls, NULL, "X-Rt-Ack: 0\r\nX-Rt-Wait: 0\r\nX-Rt-Command: 1\r\n", CONNECT);
  g_autofree char *body = take_answer (self);
  rt_raw_assert_has (body, "{\"id\":1,\"connect\":{\"client\":");
  rt_raw_assert_has (body, "\"ping\":25");
  rt_raw_assert_has_not (body, "\"pong\"");
  rt_raw_assert_has_not (body, "\"session\"");
  g_assert_cmpuint (self->seq, ==, 1);
  self->batch = 1;
  return self;
}

static void
poller_free (Poller *self)
{
  rt_raw_http_free (self->polls);
  rt_raw_http_free (self->commands);
  g_free (self->session);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Poller, poller_free)

/* --- Polls --- */

static void
test_long_poll (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Poller) a = poller_open (fixture->server);

  send_poll (a, 1, 25000);
  g_assert_cmpuint (send_batch (a, 2, "{\"id\":2,\"subscribe\":{\"channel\":\"c\"}}"), ==, 204);
  check_answer (a, 2, "{\"id\":2,\"subscribe\":{\"recoverable\":true");
  send_poll (a, 2, 25000);
  g_assert_true (rt_mock_server_publish (fixture->server, "c", "\"hi\"", NULL));
  check_answer (a, 3, "\"data\":\"hi\"");
}

/* Whoever has nothing to say is waited for until the time is over. */
static void
test_empty (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Poller) a = poller_open (fixture->server);

  send_poll (a, 1, 0);
  check_answer (a, 1, NULL);
  send_poll (a, 1, 7000);
  rt_clock_virtual_settle ();
  rt_clock_virtual_advance (SECONDS (7));
  check_answer (a, 1, NULL);
  send_poll (a, 1, 100000000);
  rt_clock_virtual_settle ();
  rt_clock_virtual_advance (SECONDS (25));
  check_answer (a, 1, NULL);
}

/* Commands in a poll, and their replies in its answer. */
static void
test_short_poll (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Poller) a = poller_open (fixture->server);

  post (a->polls, a->session, "X-Rt-Ack: 1\r\nX-Rt-Wait: 0\r\nX-Rt-Command: 2\r\n",
        "{\"id\":2,\"rpc\":{\"data\":2}}\n{\"id\":3,\"rpc\":{\"data\":3}}\n");
  check_answer (a, 2, "{\"id\":2,\"rpc\":{\"data\":2}}\n{\"id\":3,\"rpc\":{\"data\":3}}\n");
}

/* What was not acknowledged comes again, as it was, and what came meanwhile comes with the next. */
static void
test_again (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Poller) a = poller_open (fixture->server);

  g_assert_cmpuint (send_batch (a, 2, "{\"id\":2,\"rpc\":{\"data\":2}}"), ==, 204);
  for (guint i = 0; i < 3; i++)
    {
      send_poll (a, 1, 25000);
      check_answer (a, 2, "{\"id\":2,\"rpc\":{\"data\":2}}\n");
      if (i == 0)
        g_assert_cmpuint (send_batch (a, 3, "{\"id\":3,\"rpc\":{\"data\":3}}"), ==, 204);
    }
  send_poll (a, 2, 25000);
  check_answer (a, 3, "{\"id\":3,\"rpc\":{\"data\":3}}\n");
}

/* A batch that comes again is not executed again. */
static void
test_batch_again (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Poller) a = poller_open (fixture->server);
  const char *publish = "{\"id\":2,\"publish\":{\"channel\":\"c\",\"data\":1}}";
  g_auto (GStrv) messages = NULL;

  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (send_batch (a, 2, publish), ==, 204);
  g_assert_cmpuint (send_batch (a, 1, CONNECT), ==, 204);
  messages = rt_mock_server_get_messages (fixture->server, NULL);
  g_assert_cmpuint (g_strv_length (messages), ==, 1);
}

static void
test_lost_count (Fixture *fixture, gconstpointer data)
{
  static const char *const headers[] = {
    "X-Rt-Ack: 2\r\n",  "X-Rt-Ack: x\r\n",     "X-Rt-Ack: -1\r\n",                   "X-Rt-Ack: 1\r\nX-Rt-Wait: 1s\r\n",
    "X-Rt-Ack: \r\n",   "X-Rt-Command: 3\r\n", "X-Rt-Command: 0\r\n",                "X-Rt-Command: 99999999999999999999\r\n",
    "X-Rt-Close: 1\r\nX-Rt-Ack: 1\r\n",        "X-Rt-Ack: 99\r\nX-Rt-Command: 2\r\n",
  };
  g_autoptr (Poller) a = poller_open (fixture->server);
  g_auto (GStrv) messages = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (headers); i++)
    {
      g_autoptr (RtRawHttp) http = rt_raw_http_new (fixture->server);
      post (http, a->session, headers[i], "{\"id\":2,\"publish\":{\"channel\":\"c\",\"data\":1}}");
      g_assert_cmpuint (rt_raw_http_read_head (http), ==, 400);
    }
  messages = rt_mock_server_get_messages (fixture->server, NULL);
  g_assert_cmpuint (g_strv_length (messages), ==, 0);
  send_poll (a, 1, 0);
  check_answer (a, 1, NULL);
  /* What was acknowledged cannot be had again. */
  send_poll (a, 0, 0);
  g_assert_cmpuint (rt_raw_http_read_head (a->polls), ==, 400);
}

static void
test_refused (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *headers;
    const char *body;
    guint status;
  } cases[] = {
    { "X-Rt-Ack: 0\r\nX-Rt-Command: 1\r\n", CONNECT, 400 },
    { "X-Rt-Protocol: 1\r\n", CONNECT, 400 },
    { "X-Rt-Protocol: 1\r\nX-Rt-Ack: 0\r\n", CONNECT, 400 },
    { "X-Rt-Protocol: 1\r\nX-Rt-Ack: 1\r\nX-Rt-Command: 1\r\n", CONNECT, 400 },
    { "X-Rt-Protocol: 1\r\nX-Rt-Ack: 0\r\nX-Rt-Command: 2\r\n", CONNECT, 400 },
    { "X-Rt-Protocol: 1\r\nX-Rt-Ack: 0\r\nX-Rt-Command: 1\r\n", "", 400 },
    { "X-Rt-Protocol: 1\r\nX-Rt-Close: 1\r\n", "", 400 },
    { "X-Rt-Protocol: 1\r\nX-Rt-Session: none\r\nX-Rt-Ack: 0\r\n", "", 404 },
    { "X-Rt-Protocol: 1\r\nX-Rt-Session: none\r\nX-Rt-Close: 1\r\n", "", 404 },
    { "X-Rt-Protocol: 1\r\nOrigin: http://localhost\r\nX-Rt-Ack: 0\r\nX-Rt-Command: 1\r\n", CONNECT, 403 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpuint (rt_raw_http_ask (fixture->server, POLL, cases[i].headers, cases[i].body, NULL), ==,
                      cases[i].status);
}

static void
test_too_large (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Poller) a = poller_open (fixture->server);
  g_autofree char *large = g_strnfill (65537, ' ');

  g_assert_cmpuint (send_batch (a, 2, large), ==, 413);
}

/* The later of two polls counts; the earlier is answered without lines. */
static void
test_two_polls (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Poller) a = poller_open (fixture->server);
  g_autoptr (RtRawHttp) later = rt_raw_http_new (fixture->server);

  send_poll (a, 1, 25000);
  rt_clock_virtual_settle ();
  post (later, a->session, "X-Rt-Ack: 1\r\nX-Rt-Wait: 25000\r\n", "");
  check_answer (a, 1, NULL);
  g_assert_cmpuint (send_batch (a, 2, "{\"id\":2,\"rpc\":{}}"), ==, 204);
  g_assert_cmpuint (rt_raw_http_read_head (later), ==, 200);
  g_autofree char *body = rt_raw_http_read_body (later);
  g_assert_cmpstr (body, ==, "{\"id\":2,\"rpc\":{}}\n");
}

/* An answer that nobody took is there for the next poll, on another connection. */
static void
test_lost_line (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Poller) a = poller_open (fixture->server);

  send_poll (a, 1, 25000);
  g_assert_cmpuint (send_batch (a, 2, "{\"id\":2,\"subscribe\":{\"channel\":\"c\"}}"), ==, 204);
  rt_raw_http_free (a->polls);
  a->polls = rt_raw_http_new (fixture->server);
  rt_mock_server_drop_connections (fixture->server);
  rt_raw_http_free (a->polls);
  a->polls = rt_raw_http_new (fixture->server);
  send_poll (a, 1, 25000);
  check_answer (a, 2, "{\"id\":2,\"subscribe\"");
}

static void
test_lost_response (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Poller) a = poller_open (fixture->server);
  g_auto (GStrv) messages = NULL;
  const char *publish = "{\"id\":2,\"publish\":{\"channel\":\"c\",\"data\":1}}";

  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_LOSE_RESPONSE, 2);
  g_assert_cmpuint (send_batch (a, 2, publish), ==, 0);
  rt_raw_http_free (a->commands);
  a->commands = rt_raw_http_new (fixture->server);
  send_poll (a, 1, 25000);
  g_assert_cmpuint (rt_raw_http_read_head (a->polls), ==, 0);
  rt_raw_http_free (a->polls);
  a->polls = rt_raw_http_new (fixture->server);
  g_assert_cmpuint (send_batch (a, 2, publish), ==, 204);
  send_poll (a, 1, 25000);
  check_answer (a, 2, "{\"id\":2,\"publish\":{");
  messages = rt_mock_server_get_messages (fixture->server, NULL);
  g_assert_cmpuint (g_strv_length (messages), ==, 1);
}

/* A connection that is dropped costs the session nothing. */
static void
test_drop_connection (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Poller) a = poller_open (fixture->server);

  send_poll (a, 1, 25000);
  rt_clock_virtual_settle ();
  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_DROP_CONNECTION, 1);
  g_assert_cmpuint (send_batch (a, 2, "{\"id\":2,\"rpc\":{}}"), ==, 204);
  g_assert_cmpuint (rt_raw_http_read_head (a->polls), ==, 0);
  rt_raw_http_free (a->polls);
  a->polls = rt_raw_http_new (fixture->server);
  send_poll (a, 1, 25000);
  check_answer (a, 2, "{\"id\":2,\"rpc\":{}}\n");
}

/* A long answer comes in parts, at the ends of lines. */
static void
test_large_answer (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Poller) a = poller_open (fixture->server);
  g_autofree char *blob = g_strnfill (60000, 'x');
  g_autofree char *json = g_strdup_printf ("\"%s\"", blob);
  guint lines = 0;

  g_assert_cmpuint (send_batch (a, 2, "{\"id\":2,\"history\":{\"channel\":\"c\",\"limit\":-1}}"), ==, 204);
  for (guint i = 0; i < 40; i++)
    g_assert_true (rt_mock_server_publish (fixture->server, "c", json, NULL));
  g_assert_cmpuint (send_batch (a, 3, "{\"id\":3,\"history\":{\"channel\":\"c\",\"limit\":-1}}"), ==, 204);
  for (guint i = 4; i < 20; i++)
    g_assert_cmpuint (send_batch (a, i, "{\"id\":9,\"history\":{\"channel\":\"c\",\"limit\":10}}"), ==, 204);
  while (lines < 18)
    {
      send_poll (a, a->seq, 25000);
      g_autofree char *body = take_answer (a);
      g_auto (GStrv) parts = g_strsplit (body, "\n", -1);
      guint n = g_strv_length (parts) - 1;

      g_assert_true (g_str_has_suffix (body, "\n"));
      g_assert_true (n == 1 || strlen (body) <= 1024 * 1024);
      lines += n;
    }
  g_assert_cmpuint (lines, ==, 18);
}

/* --- The end --- */

static void
test_close (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Poller) a = poller_open (fixture->server);
  g_auto (GStrv) messages = NULL;
  g_auto (GStrv) clients = NULL;

  send_poll (a, 1, 25000);
  rt_clock_virtual_settle ();
  post (a->commands, a->session, "X-Rt-Close: 1\r\nX-Rt-Command: 2\r\n",
        "{\"id\":2,\"publish\":{\"channel\":\"c\",\"data\":1}}");
  g_assert_cmpuint (rt_raw_http_read_head (a->commands), ==, 204);
  g_autofree char *body = take_answer (a);
  messages = rt_mock_server_get_messages (fixture->server, NULL);
  g_assert_cmpuint (g_strv_length (messages), ==, 1);
  clients = rt_mock_server_get_clients (fixture->server);
  g_assert_cmpuint (g_strv_length (clients), ==, 0);
  send_poll (a, a->seq, 0);
  g_assert_cmpuint (rt_raw_http_read_head (a->polls), ==, 404);
}

static void
test_disconnected (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Poller) a = poller_open (fixture->server);

  g_assert_cmpuint (rt_mock_server_disconnect_client (fixture->server, NULL, 3012, "bye"), ==, 1);
  send_poll (a, 1, 25000);
  check_answer (a, 2, "{\"push\":{\"disconnect\":{\"code\":3012,\"reason\":\"bye\"}}}\n");
  /* It can be had again until it is acknowledged. */
  send_poll (a, 1, 25000);
  check_answer (a, 2, "3012");
  send_poll (a, 2, 25000);
  check_answer (a, 2, NULL);
  send_poll (a, 2, 0);
  g_assert_cmpuint (rt_raw_http_read_head (a->polls), ==, 404);
}

static void
test_goodbye_untaken (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Poller) a = poller_open (fixture->server);

  g_assert_cmpuint (rt_mock_server_disconnect_client (fixture->server, NULL, 3012, "bye"), ==, 1);
  rt_clock_virtual_advance (SECONDS (50));
  rt_raw_http_free (a->polls);
  a->polls = rt_raw_http_new (fixture->server);
  send_poll (a, 1, 0);
  g_assert_cmpuint (rt_raw_http_read_head (a->polls), ==, 404);
}

static void
test_idle (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Poller) a = poller_open (fixture->server);
  g_auto (GStrv) clients = NULL;

  rt_clock_virtual_advance (SECONDS (49));
  send_poll (a, 1, 25000);
  rt_clock_virtual_settle ();
  rt_clock_virtual_advance (SECONDS (25));
  check_answer (a, 1, NULL);
  rt_clock_virtual_advance (SECONDS (50));
  clients = rt_mock_server_get_clients (fixture->server);
  g_assert_cmpuint (g_strv_length (clients), ==, 0);
}

static void
test_stopped (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Poller) a = poller_open (fixture->server);

  send_poll (a, 1, 25000);
  rt_clock_virtual_settle ();
  rt_mock_server_stop (fixture->server);
  check_answer (a, 2, "\"code\":3001");
}

static void
test_wrong_first_command (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Poller) a = poller_new (fixture->server);

  post (a->polls, NULL, "X-Rt-Ack: 0\r\nX-Rt-Wait: 0\r\nX-Rt-Command: 1\r\n", "{\"id\":1,\"rpc\":{}}");
  check_answer (a, 1, "\"code\":3501");
}

/* Nobody is let in who says nothing. */
static void
test_stale (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Poller) a = poller_new (fixture->server);

  post (a->polls, NULL, "X-Rt-Ack: 0\r\nX-Rt-Wait: 0\r\nX-Rt-Command: 1\r\n", "\n");
  g_assert_cmpuint (rt_raw_http_ask (fixture->server, POLL, NULL, "", NULL), ==, 400);
  rt_clock_virtual_advance (SECONDS (10));
  check_answer (a, 1, "\"code\":3502");
}

static void
test_stall (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Poller) a = poller_open (fixture->server);

  send_poll (a, 1, 25000);
  g_assert_cmpuint (send_batch (a, 2, "{\"id\":2,\"subscribe\":{\"channel\":\"c\"}}"), ==, 204);
  g_autofree char *joined = take_answer (a);
  send_poll (a, a->seq, 25000);
  rt_clock_virtual_settle ();
  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_STALL, 1);
  g_assert_true (rt_mock_server_publish (fixture->server, "c", "1", NULL));
  rt_clock_virtual_advance (SECONDS (25));
  rt_mock_server_clear_faults (fixture->server);
  check_answer (a, a->seq + 1, "\"data\":1");
}

#define ADD(path, func) g_test_add ("/Rt/MockPoll/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("long-poll", test_long_poll);
  ADD ("empty", test_empty);
  ADD ("short-poll", test_short_poll);
  ADD ("again", test_again);
  ADD ("batch-again", test_batch_again);
  ADD ("lost-count", test_lost_count);
  ADD ("refused", test_refused);
  ADD ("too-large", test_too_large);
  ADD ("two-polls", test_two_polls);
  ADD ("lost-line", test_lost_line);
  ADD ("lost-response", test_lost_response);
  ADD ("drop-connection", test_drop_connection);
  ADD ("large-answer", test_large_answer);
  ADD ("close", test_close);
  ADD ("disconnected", test_disconnected);
  ADD ("goodbye-untaken", test_goodbye_untaken);
  ADD ("idle", test_idle);
  ADD ("stopped", test_stopped);
  ADD ("wrong-first-command", test_wrong_first_command);
  ADD ("stale", test_stale);
  ADD ("stall", test_stall);
  return g_test_run ();
}
