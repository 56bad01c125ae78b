/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-fault-proxy.h"

#include <string.h>
#include "rt-clock.h"
#include "rt-test-virtual.h"
#include "rt-test.h"

/* The proxy between two plain sockets, which look at every byte. */

#define TIMEOUT_SECONDS 20
#define REQUEST "GET /connection/websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n"
#define ANSWER "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"

typedef struct
{
  GSocket *listener;
  RtFaultProxy *proxy;
  GSocket *client;
  GSocket *server;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);

  fixture->listener = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_assert_true (g_socket_bind (fixture->listener, any, TRUE, NULL));
  g_assert_true (g_socket_listen (fixture->listener, NULL));
  g_socket_set_timeout (fixture->listener, TIMEOUT_SECONDS);
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (fixture->listener, NULL);
  fixture->proxy = rt_fault_proxy_new (g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)), 7);
}

static void
hang_up (Fixture *fixture)
{
  if (fixture->client != NULL)
    g_socket_close (fixture->client, NULL);
  if (fixture->server != NULL)
    g_socket_close (fixture->server, NULL);
  g_clear_object (&fixture->client);
  g_clear_object (&fixture->server);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  guint threads = rt_test_count_threads ();

  rt_fault_proxy_free (fixture->proxy);
  g_assert_cmpuint (rt_test_count_threads (), <, threads);
  hang_up (fixture);
  g_object_unref (fixture->listener);
}

static void
add_rule (Fixture *fixture, RtFaultRule rule)
{
  rt_fault_proxy_add_rule (fixture->proxy, &rule);
}

static gboolean
call (Fixture *fixture, GError **error)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address
    = g_inet_socket_address_new (loopback, (guint16) rt_fault_proxy_get_port (fixture->proxy));

  fixture->client = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_socket_set_timeout (fixture->client, TIMEOUT_SECONDS);
  return g_socket_connect (fixture->client, address, NULL, error);
}

static void
connect_both (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  call (fixture, &error);
  g_assert_no_error (error);
  fixture->server = g_socket_accept (fixture->listener, NULL, &error);
  g_assert_no_error (error);
  g_socket_set_timeout (fixture->server, TIMEOUT_SECONDS);
}

static void
send_bytes (GSocket *socket, const void *data, gsize len)
{
  const char *at = data;

  while (len > 0)
    {
      g_autoptr (GError) error = NULL;
      gssize sent = g_socket_send (socket, at, len, NULL, &error);

      g_assert_no_error (error);
      at += sent;
      len -= (gsize) sent;
    }
}

static void
say (GSocket *socket, const char *text)
{
  send_bytes (socket, text, strlen (text));
}

/* What comes next is @text. */
static void
hear (GSocket *socket, const char *text)
{
  g_autoptr (GString) heard = g_string_new (NULL);
  char buffer[4096];

  while (heard->len < strlen (text))
    {
      g_autoptr (GError) error = NULL;
      gssize got
        = g_socket_receive (socket, buffer, MIN (sizeof buffer, strlen (text) - heard->len), NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpint (got, >, 0);
      g_string_append_len (heard, buffer, got);
    }
  g_assert_cmpstr (heard->str, ==, text);
}

/* Nothing more comes: the line ended in good order, or with a reset. */
static void
hear_end (GSocket *socket, gboolean with_reset)
{
  g_autoptr (GError) error = NULL;
  char c;
  gssize got = g_socket_receive (socket, &c, 1, NULL, &error);

  if (with_reset)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
  else
    {
      g_assert_no_error (error);
      g_assert_cmpint (got, ==, 0);
    }
}

static void
upgrade (Fixture *fixture)
{
  connect_both (fixture);
  say (fixture->client, REQUEST);
  hear (fixture->server, REQUEST);
  say (fixture->server, ANSWER);
  hear (fixture->client, ANSWER);
}

static void
send_frame (GSocket *socket, const char *text)
{
  g_autoptr (GByteArray) frame = g_byte_array_new ();

  rt_fault_put_frame (frame, FALSE, 1, text, strlen (text));
  send_bytes (socket, frame->data, frame->len);
}

static void
hear_frame (GSocket *socket, const char *text)
{
  g_autofree char *frame = g_strdup_printf ("\x81%c%s", (char) strlen (text), text);

  hear (socket, frame);
}

/* --- Passing --- */

static void
test_pass (Fixture *fixture, gconstpointer data)
{
  upgrade (fixture);
  send_frame (fixture->server, "down");
  hear_frame (fixture->client, "down");
  say (fixture->client, "\x81\x82" "abcd" "\x09\x0b"); /* masked: "hi" */
  hear (fixture->server, "\x81\x82" "abcd" "\x09\x0b");
  g_socket_shutdown (fixture->client, FALSE, TRUE, NULL);
  hear_end (fixture->server, FALSE);
  send_frame (fixture->server, "still");
  hear_frame (fixture->client, "still");
  g_socket_close (fixture->server, NULL);
  hear_end (fixture->client, FALSE);
  g_assert_cmpuint (rt_fault_proxy_count_accepted (fixture->proxy), ==, 1);
  g_assert_cmpuint (rt_fault_proxy_count_faults (fixture->proxy), ==, 0);
}

/* What is no HTTP, no frame that can be, and no chunk, passes all the same. */
static void
test_pass_anything (Fixture *fixture, gconstpointer data)
{
  const char huge[] = "\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff" "rest";

  upgrade (fixture);
  send_bytes (fixture->server, huge, sizeof huge - 1);
  hear (fixture->client, huge);
  say (fixture->server, "more");
  hear (fixture->client, "more");
  hang_up (fixture);

  connect_both (fixture);
  say (fixture->client, "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
  hear (fixture->server, "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
  hang_up (fixture);

  connect_both (fixture);
  say (fixture->client, "no head at all");
  g_socket_shutdown (fixture->client, FALSE, TRUE, NULL);
  hear (fixture->server, "no head at all");
  hear_end (fixture->server, FALSE);
}

static void
test_pass_much (Fixture *fixture, gconstpointer data)
{
  gsize len = 3 * 1024 * 1024;
  g_autofree char *text = g_malloc (len + 1);
  g_autoptr (GByteArray) frame = g_byte_array_new ();

  for (gsize i = 0; i < len; i++)
    text[i] = (char) ('a' + i % 26);
  text[len] = '\0';
  rt_fault_put_frame (frame, FALSE, 1, text, len);
  upgrade (fixture);
  for (gsize at = 0; at < frame->len; at += 65536)
    send_bytes (fixture->server, frame->data + at, MIN (65536, frame->len - at));
  g_assert_cmpuint (frame->data[1], ==, 127);
  for (guint i = 0; i < 10; i++)
    {
      char c;
      g_assert_cmpint (g_socket_receive (fixture->client, &c, 1, NULL, NULL), ==, 1);
      g_assert_cmpuint ((guint8) c, ==, frame->data[i]);
    }
  hear (fixture->client, text);
}

/* --- Frames --- */

typedef struct
{
  const char *name;
  RtFaultRule rule;
  const char *heard; /* of the frames "a", "bb" and "cc" */
} FrameCase;

static const FrameCase frame_cases[] = {
  { "pass", { .opcode = 1, .action = RT_FAULT_PASS }, "\x81\x01" "a" "\x81\x02" "bb" "\x81\x02" "cc" },
  { "drop", { .contains = "bb", .action = RT_FAULT_DROP }, "\x81\x01" "a" "\x81\x02" "cc" },
  { "drop-once", { .opcode = 1, .times = 1, .action = RT_FAULT_DROP }, "\x81\x02" "bb" "\x81\x02" "cc" },
  { "skip", { .opcode = 1, .skip = 1, .times = 1, .action = RT_FAULT_DROP }, "\x81\x01" "a" "\x81\x02" "cc" },
  { "other-opcode", { .opcode = 2, .action = RT_FAULT_DROP }, "\x81\x01" "a" "\x81\x02" "bb" "\x81\x02" "cc" },
  { "other-connection", { .connection = 2, .action = RT_FAULT_DROP }, "\x81\x01" "a" "\x81\x02" "bb" "\x81\x02" "cc" },
  { "duplicate", { .contains = "bb", .action = RT_FAULT_DUPLICATE },
    "\x81\x01" "a" "\x81\x02" "bb" "\x81\x02" "bb" "\x81\x02" "cc" },
  { "swap", { .contains = "a", .action = RT_FAULT_SWAP }, "\x81\x02" "bb" "\x81\x01" "a" "\x81\x02" "cc" },
  { "swap-far", { .contains = "a", .action = RT_FAULT_SWAP, .n = 2 },
    "\x81\x02" "bb" "\x81\x02" "cc" "\x81\x01" "a" },
  { "corrupt", { .contains = "bb", .action = RT_FAULT_CORRUPT, .n = 10 },
    "\x81\x01" "a" "\x81\x02" "b`" "\x81\x02" "cc" },
  { "truncate", { .contains = "bb", .action = RT_FAULT_TRUNCATE, .n = 3 },
    "\x81\x01" "a" "\x81\x02" "b" "\x81\x02" "cc" },
  { "replace", { .contains = "bb", .action = RT_FAULT_REPLACE, .text = "other" },
    "\x81\x01" "a" "\x81\x05" "other" "\x81\x02" "cc" },
  { "inject", { .contains = "bb", .action = RT_FAULT_INJECT, .text = "x" },
    "\x81\x01" "a" "\x81\x01" "x" "\x81\x02" "bb" "\x81\x02" "cc" },
  { "raw", { .contains = "bb", .action = RT_FAULT_RAW, .text = "#?", .n = 2 },
    "\x81\x01" "a" "#?" "\x81\x02" "bb" "\x81\x02" "cc" },
  { "number", { .has_kind = TRUE, .kind = RT_FAULT_UNIT_FRAME, .number = 2, .action = RT_FAULT_DROP },
    "\x81\x01" "a" "\x81\x02" "cc" },
  { "offset", { .has_offset = TRUE, .offset = sizeof ANSWER - 1 + 4, .action = RT_FAULT_DROP },
    "\x81\x01" "a" "\x81\x02" "cc" },
  { "slice", { .opcode = 1, .action = RT_FAULT_SLICE, .n = 1 }, "\x81\x01" "a" "\x81\x02" "bb" "\x81\x02" "cc" },
  { "never", { .probability = 1e-12, .action = RT_FAULT_DROP }, "\x81\x01" "a" "\x81\x02" "bb" "\x81\x02" "cc" },
};

static void
test_frames (Fixture *fixture, gconstpointer data)
{
  const FrameCase *test = data;
  RtFaultRule rule = test->rule;

  rule.direction = RT_FAULT_DOWN;
  rule.has_kind = TRUE;
  rule.kind = RT_FAULT_UNIT_FRAME;
  add_rule (fixture, rule);
  upgrade (fixture);
  send_frame (fixture->server, "a");
  send_frame (fixture->server, "bb");
  send_frame (fixture->server, "cc");
  g_socket_shutdown (fixture->server, FALSE, TRUE, NULL);
  hear (fixture->client, test->heard);
  hear_end (fixture->client, FALSE);
}

/* A swapped frame that nothing follows is not lost. */
static void
test_swap_last (Fixture *fixture, gconstpointer data)
{
  add_rule (fixture, (RtFaultRule) { .contains = "last", .action = RT_FAULT_SWAP });
  upgrade (fixture);
  send_frame (fixture->server, "last");
  g_socket_close (fixture->server, NULL);
  hear_frame (fixture->client, "last");
  hear_end (fixture->client, FALSE);
}

/* --- The end of the line --- */

static void
test_cut (Fixture *fixture, gconstpointer data)
{
  gboolean with_reset = GPOINTER_TO_INT (data) == RT_FAULT_RST;

  for (guint n = 0; n <= 6; n++)
    {
      g_autofree char *heard = g_strndup ("\x81\x04" "down", n);

      rt_fault_proxy_clear_rules (fixture->proxy);
      add_rule (fixture, (RtFaultRule) { .contains = "down", .action = (RtFaultAction) GPOINTER_TO_INT (data), .n = n });
      upgrade (fixture);
      send_frame (fixture->server, "down");
      hear (fixture->client, heard);
      hear_end (fixture->client, with_reset);
      hear_end (fixture->server, with_reset);
      hang_up (fixture);
    }
}

static void
test_cut_at_byte (Fixture *fixture, gconstpointer data)
{
  for (guint at = 0; at < sizeof ANSWER - 1; at++)
    {
      g_autofree char *heard = g_strndup (ANSWER, at);

      rt_fault_proxy_clear_rules (fixture->proxy);
      add_rule (fixture, (RtFaultRule) { .direction = RT_FAULT_DOWN, .has_offset = TRUE, .offset = at,
                                         .action = RT_FAULT_RST });
      connect_both (fixture);
      say (fixture->client, REQUEST);
      hear (fixture->server, REQUEST);
      say (fixture->server, ANSWER);
      hear (fixture->client, heard);
      hear_end (fixture->client, TRUE);
      hang_up (fixture);
    }
}

static gboolean
is_silent (GSocket *socket)
{
  return g_socket_condition_check (socket, G_IO_IN | G_IO_HUP | G_IO_ERR) == 0;
}

static void
test_blackhole (Fixture *fixture, gconstpointer data)
{
  add_rule (fixture, (RtFaultRule) { .contains = "two", .action = RT_FAULT_BLACKHOLE });
  upgrade (fixture);
  send_frame (fixture->server, "one");
  hear_frame (fixture->client, "one");
  send_frame (fixture->server, "two");
  rt_test_poll_until (rt_fault_proxy_count_faults (fixture->proxy) == 1);
  say (fixture->client, "\x81\x82" "abcd" "\x09\x0b");
  send_frame (fixture->server, "three");
  g_assert_cmpuint (rt_fault_proxy_count_passing (fixture->proxy), ==, 0);
  g_assert_true (is_silent (fixture->client));
  g_assert_true (is_silent (fixture->server));
  /* Also the end of either side is not told to the other. */
  g_socket_close (fixture->client, NULL);
  rt_fault_proxy_count_passing (fixture->proxy);
  g_assert_true (is_silent (fixture->server));
}

/* The reset may come before connecting is over. */
static void
call_in_vain (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  if (call (fixture, &error))
    hear_end (fixture->client, TRUE);
  else
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
}

static void
test_connect (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  add_rule (fixture, (RtFaultRule) { .event = RT_FAULT_ON_CONNECT, .connection = 1, .action = RT_FAULT_REFUSE });
  add_rule (fixture, (RtFaultRule) { .event = RT_FAULT_ON_CONNECT, .connection = 2, .action = RT_FAULT_HOLD });
  call_in_vain (fixture);
  hang_up (fixture);
  g_assert_true (call (fixture, NULL));
  say (fixture->client, REQUEST);
  rt_test_poll_until (rt_fault_proxy_count_faults (fixture->proxy) == 2);
  g_assert_true (is_silent (fixture->client));
  g_assert_true (is_silent (fixture->listener));
  hang_up (fixture);

  rt_fault_proxy_set_listening (fixture->proxy, FALSE);
  g_assert_false (call (fixture, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
  hang_up (fixture);
  rt_fault_proxy_set_listening (fixture->proxy, TRUE);
  upgrade (fixture);
  g_assert_cmpuint (rt_fault_proxy_count_accepted (fixture->proxy), ==, 3);
}

static void
test_no_server (Fixture *fixture, gconstpointer data)
{
  g_socket_close (fixture->listener, NULL);
  call_in_vain (fixture);
}

/* --- Answers of its own --- */

static void
test_close (Fixture *fixture, gconstpointer data)
{
  add_rule (fixture, (RtFaultRule) { .contains = "two", .action = RT_FAULT_CLOSE, .n = 3001, .text = "gone" });
  upgrade (fixture);
  send_frame (fixture->server, "one");
  send_frame (fixture->server, "two");
  hear_frame (fixture->client, "one");
  hear (fixture->client, "\x88\x06\x0b\xb9" "gone");
  hear_end (fixture->client, FALSE);
  hear_end (fixture->server, FALSE);
}

static void
test_http (Fixture *fixture, gconstpointer data)
{
  add_rule (fixture, (RtFaultRule) { .has_kind = TRUE, .kind = RT_FAULT_UNIT_HEAD, .direction = RT_FAULT_UP,
                                     .action = RT_FAULT_HTTP, .n = 503, .headers = "Retry-After: 7\r\n",
                                     .text = "no" });
  connect_both (fixture);
  say (fixture->client, REQUEST);
  hear (fixture->client, "HTTP/1.1 503 Fault\r\nContent-Length: 2\r\nConnection: close\r\nRetry-After: 7\r\n\r\nno");
  hear_end (fixture->client, FALSE);
  hear_end (fixture->server, FALSE);
}

static void
test_strike (Fixture *fixture, gconstpointer data)
{
  upgrade (fixture);
  g_assert_cmpuint (rt_fault_proxy_strike (fixture->proxy, 2, &(RtFaultRule) { .action = RT_FAULT_RST }), ==, 0);
  g_assert_cmpuint (rt_fault_proxy_strike (fixture->proxy, 1, &(RtFaultRule) { .action = RT_FAULT_RST }), ==, 1);
  hear_end (fixture->client, TRUE);
  hear_end (fixture->server, TRUE);
  hang_up (fixture);
  upgrade (fixture);
  rt_fault_proxy_strike (fixture->proxy, 0, &(RtFaultRule) { .action = RT_FAULT_INJECT, .text = "hey" });
  hear_frame (fixture->client, "hey");
  rt_fault_proxy_strike (fixture->proxy, 0, &(RtFaultRule) { .action = RT_FAULT_CLOSE, .n = 1000, .text = "" });
  hear (fixture->client, "\x88\x02\x03\xe8");
  hear_end (fixture->client, FALSE);
}

/* --- Chunks --- */

static void
test_chunks (Fixture *fixture, gconstpointer data)
{
  const char *head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const char *request = "POST /connection/http_stream HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody";

  add_rule (fixture, (RtFaultRule) { .contains = "two", .action = RT_FAULT_DROP });
  add_rule (fixture, (RtFaultRule) { .contains = "three", .action = RT_FAULT_REPLACE, .text = "3" });
  add_rule (fixture, (RtFaultRule) { .contains = "body", .action = RT_FAULT_DUPLICATE, .skip = 1 });
  connect_both (fixture);
  say (fixture->client, request);
  hear (fixture->server, request);
  say (fixture->server, head);
  say (fixture->server, "3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n");
  hear (fixture->client, head);
  hear (fixture->client, "3\r\none\r\n2\r\n3\n\r\n0\r\n\r\n");
  /* The next request on the same line. */
  say (fixture->client, request);
  hear (fixture->server, request);
  hear (fixture->server, "body");
}

/* --- Time --- */

static void
set_up_virtual (Fixture *fixture, gconstpointer data)
{
  rt_test_virtual_begin ();
  set_up (fixture, data);
}

static void
tear_down_virtual (Fixture *fixture, gconstpointer data)
{
  tear_down (fixture, data);
  rt_clock_virtual_end ();
}

static void
test_delay (Fixture *fixture, gconstpointer data)
{
  add_rule (fixture, (RtFaultRule) { .contains = "two", .action = RT_FAULT_DELAY, .n = 500 });
  upgrade (fixture);
  send_frame (fixture->server, "one");
  send_frame (fixture->server, "two");
  send_frame (fixture->server, "three");
  rt_clock_virtual_advance (RT_CLOCK_MS (499));
  hear_frame (fixture->client, "one");
  g_assert_true (is_silent (fixture->client));
  rt_clock_virtual_advance (RT_CLOCK_MS (1));
  hear_frame (fixture->client, "two");
  hear_frame (fixture->client, "three");
}

static void
test_rate (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = g_strnfill (98, 'x');
  char buffer[200];
  gssize got = 0;

  add_rule (fixture, (RtFaultRule) { .opcode = 1, .action = RT_FAULT_RATE, .n = 100 });
  upgrade (fixture);
  send_frame (fixture->server, text);
  rt_clock_virtual_advance (RT_CLOCK_MS (475)); /* 5 bytes each 50 ms, the first at once */
  while (got < 50)
    got += g_socket_receive (fixture->client, buffer + got, sizeof buffer - (gsize) got, NULL, NULL);
  g_assert_cmpint (got, ==, 50);
  g_assert_true (is_silent (fixture->client));
  rt_clock_virtual_advance (RT_CLOCK_MS (500));
  while (got < 100)
    got += g_socket_receive (fixture->client, buffer + got, sizeof buffer - (gsize) got, NULL, NULL);
  g_assert_cmpint (got, ==, 100);
}

static void
test_time (Fixture *fixture, gconstpointer data)
{
  add_rule (fixture, (RtFaultRule) { .event = RT_FAULT_ON_TIME, .after = 2000, .action = RT_FAULT_RST });
  add_rule (fixture, (RtFaultRule) { .event = RT_FAULT_ON_TIME, .after = 1000, .direction = RT_FAULT_DOWN,
                                     .action = RT_FAULT_INJECT, .text = "tick" });
  upgrade (fixture);
  rt_clock_virtual_advance (RT_CLOCK_MS (999));
  g_assert_true (is_silent (fixture->client));
  rt_clock_virtual_advance (RT_CLOCK_MS (1));
  hear_frame (fixture->client, "tick");
  rt_clock_virtual_advance (RT_CLOCK_MS (999));
  g_assert_true (is_silent (fixture->client));
  rt_clock_virtual_advance (RT_CLOCK_MS (1));
  hear_end (fixture->client, TRUE);
}

/* --- Chance --- */

static char *
run_by_chance (Fixture *fixture)
{
  set_up (fixture, NULL);
  add_rule (fixture, (RtFaultRule) { .opcode = 1, .probability = 0.5, .action = RT_FAULT_DROP });
  upgrade (fixture);
  for (guint i = 0; i < 64; i++)
    send_frame (fixture->server, i == 63 ? "end" : "x");
  g_socket_close (fixture->server, NULL);

  g_autoptr (GString) heard = g_string_new (NULL);
  char buffer[4096];
  gssize got;

  while ((got = g_socket_receive (fixture->client, buffer, sizeof buffer, NULL, NULL)) > 0)
    g_string_append_len (heard, buffer, got);
  guint faults = rt_fault_proxy_count_faults (fixture->proxy);
  g_assert_cmpuint (faults, >, 10);
  g_assert_cmpuint (faults, <, 54);
  g_autofree char *log = rt_fault_proxy_dup_log (fixture->proxy);
  g_assert_nonnull (strstr (log, "down, unit 1.1 at byte"));
  tear_down (fixture, NULL);
  g_string_append_printf (heard, " %u", faults);
  return g_string_free (g_steal_pointer (&heard), FALSE);
}

static void
test_seed (void)
{
  Fixture first = { NULL }, second = { NULL };
  g_autofree char *one = run_by_chance (&first);
  g_autofree char *two = run_by_chance (&second);

  g_assert_cmpstr (one, ==, two);
}

/* --- Programs --- */

#define ADD(name, func) g_test_add ("/Rt/FaultProxy/" name, Fixture, NULL, set_up, func, tear_down)
#define ADD_VIRTUAL(name, func) \
  g_test_add ("/Rt/FaultProxy/" name, Fixture, NULL, set_up_virtual, func, tear_down_virtual)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("pass", test_pass);
  ADD ("pass/anything", test_pass_anything);
  ADD ("pass/much", test_pass_much);
  for (guint i = 0; i < G_N_ELEMENTS (frame_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/Rt/FaultProxy/frames/", frame_cases[i].name, NULL);
      g_test_add (path, Fixture, &frame_cases[i], set_up, test_frames, tear_down);
    }
  ADD ("frames/swap-last", test_swap_last);
  g_test_add ("/Rt/FaultProxy/cut/fin", Fixture, GINT_TO_POINTER (RT_FAULT_FIN), set_up, test_cut, tear_down);
  g_test_add ("/Rt/FaultProxy/cut/rst", Fixture, GINT_TO_POINTER (RT_FAULT_RST), set_up, test_cut, tear_down);
  ADD ("cut/at-byte", test_cut_at_byte);
  ADD ("blackhole", test_blackhole);
  ADD ("connect", test_connect);
  ADD ("connect/no-server", test_no_server);
  ADD ("close", test_close);
  ADD ("http", test_http);
  ADD ("strike", test_strike);
  ADD ("chunks", test_chunks);
  ADD_VIRTUAL ("delay", test_delay);
  ADD_VIRTUAL ("rate", test_rate);
  ADD_VIRTUAL ("time", test_time);
  g_test_add_func ("/Rt/FaultProxy/seed", test_seed);
  return g_test_run ();
}
