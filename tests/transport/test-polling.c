/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "poll-server.h"
#include "rt-clock.h"
#include "rt-config-builder.h"
#include "rt-error.h"
#include "rt-http-transport.h"
#include "rt-test-virtual.h"
#include "rt-test.h"
#include "ws-probe.h"

#define CONNECT "{\"id\":1,\"connect\":{}}"

static WsProbe *
open_patient_probe (const char *url, guint poll_interval, guint heartbeat_timeout)
{
  g_autoptr (RtConfigBuilder) builder = rt_config_builder_new ();
  g_autoptr (GError) error = NULL;

  rt_config_builder_with_endpoint (builder, url);
  rt_config_builder_with_heartbeat_timeout (builder, heartbeat_timeout);
  rt_config_builder_with_poll_interval (builder, poll_interval);
  g_autoptr (RtConfig) config = rt_config_builder_build (builder, &error);
  g_assert_no_error (error);
  return ws_probe_new_transport (rt_polling_transport (), config);
}

static WsProbe *
open_probe (const char *url, guint poll_interval)
{
  return open_patient_probe (url, poll_interval, 1000);
}

static WsProbe *
connect_probe (PollServer *server, guint poll_interval, guint heartbeat_timeout)
{
  g_autofree char *url = poll_server_get_url (server);
  WsProbe *self = open_patient_probe (url, poll_interval, heartbeat_timeout);

  ws_probe_wait_open (self);
  g_assert_cmpint (self->profile, ==, RT_PROFILE_RT1);
  ws_probe_send (self, CONNECT);
  return self;
}

static WsProbe *
greet_patient_probe (PollServer *server, guint poll_interval, guint heartbeat_timeout)
{
  WsProbe *self = connect_probe (server, poll_interval, heartbeat_timeout);

  rt_test_wait_until (self->messages->len > 0 || self->counts[WS_PROBE_CLOSED] > 0);
  g_assert_no_error (self->error);
  g_assert_cmpstr (ws_probe_get_text (self, 0), ==, POLL_GREETING);
  return self;
}

static WsProbe *
greet_probe (PollServer *server, guint poll_interval)
{
  return greet_patient_probe (server, poll_interval, 1000);
}

static void
send_command (WsProbe *probe, guint n)
{
  g_autofree char *command = g_strdup_printf ("c%u", n);

  ws_probe_send (probe, command);
}

/* Every reply has come once, in order, and nothing else. */
static void
assert_replies (WsProbe *probe, guint n)
{
  for (guint i = 1; i <= n; i++)
    {
      g_autofree char *reply = g_strdup_printf ("r%u", i);
      g_assert_cmpstr (ws_probe_get_text (probe, i), ==, reply);
    }
  g_assert_cmpuint (probe->messages->len, ==, n + 1);
}

/* Every command was executed once and in order. */
static void
assert_log (PollServer *server, guint n)
{
  g_autofree char *log = poll_server_get_log (server);
  g_autoptr (GString) expected = g_string_new (CONNECT " ");

  for (guint i = 1; i <= n; i++)
    g_string_append_printf (expected, "c%u ", i);
  g_assert_cmpstr (log, ==, expected->str);
}

static void
say_goodbye (PollServer *server, WsProbe *probe)
{
  ws_probe_close (probe, 1000, "bye");
  g_assert_cmpuint (probe->counts[WS_PROBE_CLOSED], ==, 0);
  ws_probe_wait_closed (probe);
  g_assert_cmpuint (probe->code, ==, 1000);
  g_assert_cmpstr (probe->reason, ==, "bye");
  g_assert_no_error (probe->error);
  g_assert_true (probe->clean);
  g_assert_true (poll_server_has_ended (server));
}

/* --- Without faults --- */

static void
test_usual (gconstpointer user_data)
{
  guint interval = GPOINTER_TO_UINT (user_data);
  g_autoptr (PollServer) server = poll_server_new (NULL, NULL);
  g_autoptr (WsProbe) probe = greet_probe (server, interval);

  for (guint i = 1; i <= 20; i++)
    {
      send_command (probe, i);
      if (i % 3 == 0)
        rt_test_wait_until (probe->messages->len == i + 1);
    }
  rt_test_wait_until (probe->messages->len == 21);
  assert_replies (probe, 20);
  assert_log (server, 20);
  poll_server_push (server, "push one");
  poll_server_push (server, "push two");
  rt_test_wait_until (probe->messages->len == 23);
  g_assert_cmpstr (ws_probe_get_text (probe, 22), ==, "push two");
  g_assert_cmpuint (probe->counts[WS_PROBE_TURN_END], >=, 2);
  g_assert_cmpuint (probe->counts[WS_PROBE_ACTIVITY], >=, 2);
  g_assert_cmpuint (probe->transport->klass->get_queued (probe->transport), ==, 0);
  g_assert_cmpuint (http_peer_count_connections (poll_server_get_peer (server)), <=, interval == 0 ? 2 : 1);
  say_goodbye (server, probe);
}

/* Commands given just before the end are executed. */
static void
test_flush_at_end (gconstpointer user_data)
{
  g_autoptr (PollServer) server = poll_server_new (NULL, NULL);
  g_autoptr (WsProbe) probe = greet_probe (server, GPOINTER_TO_UINT (user_data));

  for (guint i = 1; i <= 5; i++)
    send_command (probe, i);
  say_goodbye (server, probe);
  assert_log (server, 5);
}

/* More commands than one request may hold. */
static void
test_large_batches (gconstpointer user_data)
{
  g_autoptr (PollServer) server = poll_server_new (NULL, NULL);
  g_autoptr (WsProbe) probe = greet_probe (server, GPOINTER_TO_UINT (user_data));
  g_autofree char *filling = g_strnfill (20000, 'x');

  for (guint i = 1; i <= 20; i++)
    {
      g_autofree char *command = g_strdup_printf ("c%u%s", i, filling);
      ws_probe_send (probe, command);
    }
  g_assert_cmpuint (probe->transport->klass->get_queued (probe->transport), >, 0);
  rt_test_wait_until (probe->messages->len == 21);
  for (guint i = 1; i <= 20; i++)
    {
      g_assert_cmpuint (g_ascii_strtoull (ws_probe_get_text (probe, i) + 1, NULL, 10), ==, i);
      g_assert_cmpuint (strlen (ws_probe_get_text (probe, i)), >, 20000);
    }
  rt_test_wait_until (probe->counts[WS_PROBE_DRAINED] > 0);
  say_goodbye (server, probe);
}

/* --- Faults --- */

typedef struct
{
  PollFault fault;
  guint first; /* the requests it befalls */
  guint last;
} Plan;

/* A long poll that hangs is noticed when it is over: that takes a test of its own. */
static PollFault
pick_planned (const HttpRequest *request, gpointer user_data)
{
  const Plan *plan = user_data;

  if (request->number < plan->first || request->number > plan->last)
    return POLL_FAULT_NONE;
  if (plan->fault == POLL_FAULT_HANG && http_request_get_number (request, "X-Rt-Wait") > 0)
    return POLL_FAULT_NONE;
  return plan->fault;
}

#define COMMANDS 6

static void
run_plan (Plan *plan, guint interval)
{
  /* A busy machine takes its time. Where an answer hangs, half of this passes before it is asked for again. */
  guint patience = plan->fault == POLL_FAULT_HANG ? 3000 : 10000;
  g_autoptr (PollServer) server = poll_server_new (pick_planned, plan);
  g_autoptr (WsProbe) probe = greet_patient_probe (server, interval, patience);

  g_test_message ("fault %d at request %u, interval %u", plan->fault, plan->first, interval);
  for (guint i = 1; i <= COMMANDS; i++)
    {
      send_command (probe, i);
      rt_test_wait_until (probe->messages->len == i + 1 || probe->counts[WS_PROBE_CLOSED] > 0);
      g_assert_no_error (probe->error);
    }
  assert_replies (probe, COMMANDS);
  assert_log (server, COMMANDS);
  probe->transport->klass->abort (probe->transport, NULL);
}

/* Any single request or answer may be lost, cut or repeated: nothing is lost, doubled or out of order. */
static void
test_single_faults (gconstpointer user_data)
{
  for (PollFault fault = POLL_FAULT_LOSE_REQUEST; fault <= POLL_FAULT_HANG; fault++)
    for (guint at = 2; at <= 6; at += fault == POLL_FAULT_HANG ? 3 : 1)
      {
        Plan plan = { .fault = fault, .first = at, .last = at };
        run_plan (&plan, GPOINTER_TO_UINT (user_data));
      }
}

/* Two in a row. */
static void
test_double_faults (gconstpointer user_data)
{
  for (PollFault fault = POLL_FAULT_LOSE_REQUEST; fault < POLL_FAULT_HANG; fault++)
    for (guint at = 2; at <= 4; at++)
      {
        Plan plan = { .fault = fault, .first = at, .last = at + 1 };
        run_plan (&plan, GPOINTER_TO_UINT (user_data));
      }
}

typedef struct
{
  GMutex lock;
  GRand *random;  /* guarded by lock */
  guint faults;   /* likewise */
  guint in_a_row; /* likewise */
} Dice;

static PollFault
pick_random (const HttpRequest *request, gpointer user_data)
{
  Dice *dice = user_data;
  PollFault fault = POLL_FAULT_NONE;

  g_mutex_lock (&dice->lock);
  if (request->number > 1 && dice->in_a_row < 2 && g_rand_int_range (dice->random, 0, 3) == 0)
    fault = (PollFault) g_rand_int_range (dice->random, POLL_FAULT_LOSE_REQUEST, POLL_FAULT_HANG);
  dice->faults += fault != POLL_FAULT_NONE ? 1 : 0;
  dice->in_a_row = fault != POLL_FAULT_NONE ? dice->in_a_row + 1 : 0;
  g_mutex_unlock (&dice->lock);
  return fault;
}

static void
test_random_faults (gconstpointer user_data)
{
  const guint n = 60;
  Dice dice = { .random = g_rand_new_with_seed (g_test_rand_int ()) };

  g_mutex_init (&dice.lock);
  {
    g_autoptr (PollServer) server = poll_server_new (pick_random, &dice);
    g_autofree char *url = poll_server_get_url (server);
    g_autoptr (WsProbe) probe = open_patient_probe (url, GPOINTER_TO_UINT (user_data), 10000);

    ws_probe_wait_open (probe);
    ws_probe_send (probe, CONNECT);
    for (guint i = 1; i <= n; i++)
      {
        send_command (probe, i);
        if (i % 2 == 0)
          rt_test_wait_until (probe->messages->len == i + 1 || probe->counts[WS_PROBE_CLOSED] > 0);
        g_assert_no_error (probe->error);
      }
    rt_test_wait_until (probe->messages->len == n + 1);
    assert_replies (probe, n);
    assert_log (server, n);
    probe->transport->klass->abort (probe->transport, NULL);
  }
  g_assert_cmpuint (dice.faults, >=, 5);
  g_rand_free (dice.random);
  g_mutex_clear (&dice.lock);
}

/* It gives up in the end. */
static void
test_lasting_faults (gconstpointer user_data)
{
  for (PollFault fault = POLL_FAULT_LOSE_REQUEST; fault <= POLL_FAULT_HANG; fault++)
    {
      if (fault == POLL_FAULT_TWICE)
        continue; /* does no harm */
      Plan plan = { .fault = fault, .first = 3, .last = G_MAXUINT };
      g_autoptr (PollServer) server = poll_server_new (pick_planned, &plan);
      g_autofree char *url = poll_server_get_url (server);
      g_autoptr (WsProbe) probe = open_patient_probe (url, GPOINTER_TO_UINT (user_data), 200);

      ws_probe_wait_open (probe);
      ws_probe_send (probe, CONNECT);
      for (guint i = 1; i <= 3 && probe->counts[WS_PROBE_CLOSED] == 0; i++)
        {
          rt_test_wait_until (probe->messages->len == i || probe->counts[WS_PROBE_CLOSED] > 0);
          if (probe->counts[WS_PROBE_CLOSED] == 0)
            send_command (probe, i);
        }
      ws_probe_wait_closed (probe);
      g_assert_cmpuint (probe->code, ==, 1006);
      g_assert_nonnull (probe->error);
      g_assert_true (probe->error->domain == RT_ERROR);
      g_assert_true (probe->was_open);
      g_assert_cmpuint (probe->http_status, ==, 0);
    }
}

static PollFault
pick_second (const HttpRequest *request, gpointer user_data)
{
  return request->number == 2 ? POLL_FAULT_HANG : POLL_FAULT_NONE;
}

/* An answer to a long poll that never comes back is asked for again. */
static void
test_long_poll_hangs (void)
{
  rt_test_virtual_begin ();
  {
    g_autoptr (PollServer) server = poll_server_new (pick_second, NULL);
    g_autoptr (WsProbe) probe = greet_probe (server, 0);

    rt_test_poll_until (http_peer_count (poll_server_get_peer (server)) == 2);
    poll_server_push (server, "r1");
    rt_clock_virtual_advance (RT_CLOCK_MS (25400));
    g_assert_cmpuint (probe->messages->len, ==, 1);
    rt_clock_virtual_advance (RT_CLOCK_MS (400));
    rt_test_wait_until (probe->messages->len == 2 || probe->counts[WS_PROBE_CLOSED] > 0);
    g_assert_no_error (probe->error);
    assert_replies (probe, 1);
    say_goodbye (server, probe);
  }
  rt_clock_virtual_end ();
}

/* Where the server wants to be left alone for longer than the line lasts, it ends at once and passes that on.
 */
static void
test_busy_for_long (gconstpointer user_data)
{
  Plan plan = { .fault = POLL_FAULT_BUSY_LONG, .first = 2, .last = G_MAXUINT };
  g_autoptr (PollServer) server = poll_server_new (pick_planned, &plan);
  g_autoptr (WsProbe) probe = greet_probe (server, GPOINTER_TO_UINT (user_data));

  send_command (probe, 1);
  ws_probe_assert_failed (probe, RT_ERROR_SERVER, "503");
  g_assert_cmpuint (probe->code, ==, 1006);
  g_assert_cmpint (probe->retry_after, ==, 60 * G_USEC_PER_SEC);
  g_assert_cmpuint (probe->http_status, ==, 0);
  g_assert_true (probe->was_open);
}

static PollFault
pick_hasty (const HttpRequest *request, gpointer user_data)
{
  return POLL_FAULT_HASTY;
}

/* A server that does not hold polls is not asked as fast as it answers: while time stands still, not at all. */
static void
test_hasty_server (void)
{
  rt_test_virtual_begin ();
  {
    g_autoptr (PollServer) server = poll_server_new (pick_hasty, NULL);
    g_autoptr (WsProbe) probe = greet_probe (server, 0);
    HttpPeer *peer = poll_server_get_peer (server);

    rt_test_wait_until (probe->counts[WS_PROBE_ACTIVITY] >= 2);
    for (guint i = 1; i <= 5; i++)
      {
        send_command (probe, i);
        rt_test_poll_until (http_peer_count (peer) >= i + 2);
        g_assert_cmpuint (http_peer_count (peer), ==, i + 2);
      }
    g_assert_cmpuint (probe->messages->len, ==, 1);
    rt_clock_virtual_advance (RT_CLOCK_MS (200));
    rt_test_wait_until (probe->messages->len > 1);
    probe->transport->klass->abort (probe->transport, NULL);
  }
  rt_clock_virtual_end ();
}

static void
test_forgotten (gconstpointer user_data)
{
  g_autoptr (PollServer) server = poll_server_new (NULL, NULL);
  g_autoptr (WsProbe) probe = greet_probe (server, GPOINTER_TO_UINT (user_data));

  poll_server_forget (server);
  send_command (probe, 1);
  ws_probe_assert_failed (probe, RT_ERROR_NETWORK, "forgotten");
  g_assert_cmpuint (probe->code, ==, 1006);
  g_assert_cmpuint (probe->http_status, ==, 0);
  g_assert_true (probe->was_open);
}

/* --- The first answer --- */

typedef struct
{
  const char *answer;
  int error;
  const char *words;
  guint http_status;
} FirstCase;

#define OWN                                                                                                  \
  "X-Rt-Protocol: 1\r\nX-Rt-Session: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\n"
#define EMPTY "Content-Length: 0\r\n\r\n"

static const FirstCase first_cases[] = {
  { "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n<html></html>", RT_ERROR_PROTOCOL, "captive portal", 200 },
  { "HTTP/1.1 200 OK\r\n" OWN EMPTY, RT_ERROR_PROTOCOL, "captive portal", 200 },
  { "HTTP/1.1 200 OK\r\n" OWN "X-Rt-Seq: x\r\n" EMPTY, RT_ERROR_PROTOCOL, "captive portal", 200 },
  { "HTTP/1.1 200 OK\r\nX-Rt-Protocol: 1\r\nX-Rt-Session: short\r\nX-Rt-Seq: 1\r\n" EMPTY, RT_ERROR_PROTOCOL,
    "captive portal", 200 },
  { "HTTP/1.1 200 OK\r\n" OWN "X-Rt-Seq: 2\r\nContent-Length: 3\r\n\r\n{}\n", RT_ERROR_PROTOCOL, "left out",
    0 },
  { "HTTP/1.1 200 OK\r\n" OWN "X-Rt-Seq: 1\r\n\r\n{}\n", RT_ERROR_PROTOCOL, "tell its length", 0 },
  { "HTTP/1.1 200 OK\r\n" OWN "X-Rt-Seq: 1\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n{}\n",
    RT_ERROR_PROTOCOL, "compressed", 0 },
  { "HTTP/1.1 204 No Content\r\n\r\n", RT_ERROR_PROTOCOL, "status 204", 204 },
  { "HTTP/1.1 301 Moved\r\nLocation: /\r\n" EMPTY, RT_ERROR_PROTOCOL, "not followed", 301 },
  { "HTTP/1.1 401 Who\r\n" EMPTY, RT_ERROR_UNAUTHORIZED, "401", 401 },
  { "HTTP/1.1 404 Not Found\r\n" EMPTY, RT_ERROR_PROTOCOL, "/connection/poll", 404 },
  { "HTTP/1.1 408 Timeout\r\n" EMPTY, RT_ERROR_NETWORK, "408", 408 },
  { "HTTP/1.1 429 Many\r\nRetry-After: 2\r\n" EMPTY, RT_ERROR_RATE_LIMITED, "429", 429 },
  { "HTTP/1.1 503 Busy\r\nRetry-After: 2\r\n" EMPTY, RT_ERROR_SERVER, "503", 503 },
  { "HTTP/1.1 200 OK\r\n" OWN "X-Rt-Seq: 1\r\nContent-Length: 5\r\n\r\n{}\n", RT_ERROR_NETWORK, "middle", 0 },
  { "", RT_ERROR_NETWORK, "before an answer", 0 },
};

static void
first_func (HttpPeer *peer, HttpConn *conn, const HttpRequest *request, gpointer user_data)
{
  const FirstCase *c = user_data;

  http_conn_send_string (conn, c->answer);
  http_conn_close (conn);
}

/* The first request is not repeated: who connects decides. */
static void
test_first_answers (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (first_cases); i++)
    {
      const FirstCase *c = &first_cases[i];
      g_autoptr (HttpPeer) peer = http_peer_new (first_func, (gpointer) c);
      g_autofree char *url = http_peer_get_url (peer);
      g_autoptr (WsProbe) probe = open_probe (url, 0);

      g_test_message ("%u", i);
      ws_probe_wait_open (probe);
      ws_probe_send (probe, CONNECT);
      ws_probe_assert_failed (probe, c->error, c->words);
      g_assert_cmpuint (probe->http_status, ==, c->http_status);
      g_assert_cmpint (probe->retry_after, ==, strstr (c->answer, "Retry") != NULL ? 2 * G_USEC_PER_SEC : -1);
      g_assert_cmpuint (http_peer_count (peer), ==, 1);
      g_assert_cmpuint (probe->messages->len, ==, 0);
    }
}

/* --- Pausing, large answers --- */

static void
test_pause (gconstpointer user_data)
{
  g_autoptr (PollServer) server = poll_server_new (NULL, NULL);
  g_autoptr (WsProbe) probe = greet_probe (server, GPOINTER_TO_UINT (user_data));

  probe->transport->klass->pause (probe->transport, TRUE);
  for (guint i = 1; i <= 5; i++)
    poll_server_push (server, "r");
  guint activity = probe->counts[WS_PROBE_ACTIVITY];
  /* The poll that was under way may still come back, but is not handed up. */
  if (GPOINTER_TO_UINT (user_data) == 0)
    rt_test_wait_until (probe->counts[WS_PROBE_ACTIVITY] > activity);
  g_assert_cmpuint (probe->messages->len, ==, 1);
  probe->transport->klass->pause (probe->transport, FALSE);
  rt_test_wait_until (probe->messages->len == 6);
  say_goodbye (server, probe);
}

static guint most_lines;
static guint turn_lines;

static void
count_lines_hook (WsProbe *probe, WsProbeEvent event)
{
  if (event == WS_PROBE_RECEIVED)
    {
      turn_lines++;
      most_lines = MAX (most_lines, turn_lines);
    }
  if (event == WS_PROBE_TURN_END)
    turn_lines = 0;
}

/* One answer with very many lines comes up in several turns. */
static void
test_many_lines (void)
{
  g_autoptr (GString) lines = g_string_new ("1");
  g_autoptr (PollServer) server = poll_server_new (NULL, NULL);
  g_autoptr (WsProbe) probe = greet_probe (server, 0);

  while (lines->len < 300 * 1024)
    g_string_append (lines, "\n{}");
  guint n = (lines->len - 1) / 3 + 1;
  probe->keep_messages = FALSE;
  probe->hook = count_lines_hook;
  poll_server_push (server, lines->str);
  rt_test_wait_until (probe->counts[WS_PROBE_RECEIVED] == n + 1);
  g_assert_cmpuint (most_lines, <=, 1024);
  probe->hook = NULL;
  say_goodbye (server, probe);
}

/* --- Ends at every stage --- */

static void
end_at (guint stage, guint way, guint interval)
{
  Plan plan = { .fault = POLL_FAULT_HANG, .first = stage == 2 ? 1 : 3, .last = G_MAXUINT };
  g_autoptr (PollServer) server = poll_server_new (stage == 2 || stage == 5 ? pick_planned : NULL, &plan);
  g_autofree char *url = poll_server_get_url (server);
  g_autoptr (WsProbe) probe = open_probe (url, interval);

  if (stage >= 1)
    ws_probe_wait_open (probe);
  if (stage >= 2)
    ws_probe_send (probe, CONNECT);
  if (stage == 2)
    rt_test_poll_until (http_peer_count (poll_server_get_peer (server)) == 1);
  if (stage >= 3)
    rt_test_wait_until (probe->messages->len == 1);
  if (stage >= 4)
    send_command (probe, 1);
  if (stage >= 5)
    rt_test_poll_until (http_peer_count (poll_server_get_peer (server)) >= 3);
  if (way >= 2)
    ws_probe_close (probe, 1000, NULL);
  if (way == 0 || way == 2)
    ws_probe_drop (probe);
  else if (way == 1)
    probe->transport->klass->abort (probe->transport, NULL);
  else
    ws_probe_wait_closed (probe);
}

static void
test_ends (gconstpointer user_data)
{
  /* What GLib opens once and keeps is there after the first time. */
  end_at (4, 1, GPOINTER_TO_UINT (user_data));
  guint fds = rt_test_count_fds ();

  for (guint stage = 0; stage <= 5; stage++)
    for (guint way = 0; way <= 3; way++)
      {
        g_test_message ("stage %u, way %u", stage, way);
        end_at (stage, way, GPOINTER_TO_UINT (user_data));
      }
  rt_test_poll_until (rt_test_count_fds () <= fds);
}

static void
drop_hook (WsProbe *probe, WsProbeEvent event)
{
  if (event == (WsProbeEvent) GPOINTER_TO_UINT (probe->hook_data))
    ws_probe_drop (probe);
}

static void
test_free_inside_events (void)
{
  static const WsProbeEvent events[]
      = { WS_PROBE_OPENED, WS_PROBE_RECEIVED, WS_PROBE_TURN_END, WS_PROBE_ACTIVITY, WS_PROBE_CLOSED };

  for (guint i = 0; i < G_N_ELEMENTS (events); i++)
    {
      g_autoptr (PollServer) server = poll_server_new (NULL, NULL);
      g_autofree char *url = poll_server_get_url (server);
      g_autoptr (WsProbe) probe = open_probe (url, 100);

      probe->hook = drop_hook;
      probe->hook_data = GUINT_TO_POINTER (events[i]);
      rt_test_wait_until (probe->counts[WS_PROBE_OPENED] > 0);
      if (probe->transport != NULL)
        ws_probe_send (probe, CONNECT);
      rt_test_wait_until (probe->transport == NULL || probe->messages->len > 0);
      poll_server_forget (server);
      rt_test_wait_until (probe->transport == NULL);
    }
}

static void
add_both (const char *name, GTestDataFunc func)
{
  g_autofree char *with_long = g_strconcat ("/Rt/Polling/", name, "/long", NULL);
  g_autofree char *with_interval = g_strconcat ("/Rt/Polling/", name, "/interval", NULL);

  g_test_add_data_func (with_long, GUINT_TO_POINTER (0), func);
  g_test_add_data_func (with_interval, GUINT_TO_POINTER (100), func);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_both ("usual", test_usual);
  add_both ("flush-at-end", test_flush_at_end);
  add_both ("large-batches", test_large_batches);
  add_both ("single-faults", test_single_faults);
  add_both ("double-faults", test_double_faults);
  add_both ("random-faults", test_random_faults);
  add_both ("lasting-faults", test_lasting_faults);
  add_both ("busy-for-long", test_busy_for_long);
  add_both ("forgotten", test_forgotten);
  add_both ("pause", test_pause);
  add_both ("ends", test_ends);
  g_test_add_func ("/Rt/Polling/first-answers", test_first_answers);
  g_test_add_func ("/Rt/Polling/long-poll-hangs", test_long_poll_hangs);
  g_test_add_func ("/Rt/Polling/hasty-server", test_hasty_server);
  g_test_add_func ("/Rt/Polling/many-lines", test_many_lines);
  g_test_add_func ("/Rt/Polling/free-inside-events", test_free_inside_events);
  return g_test_run ();
}
