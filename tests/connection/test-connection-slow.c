/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn-probe.h"

#include <string.h>

/* A program that is too slow for what comes: reading pauses, for a while; then nothing is kept, and what can be had
 * again is had again. And a server that sends what costs memory to somebody who does not look. */

#define LIMIT 20

static const ConnProbeOptions options = { .receive_queue_limit = LIMIT };

static void
push (const char *channel, guint first, guint last)
{
  for (guint offset = first; offset <= last; offset++)
    {
      g_autofree char *message
        = g_strdup_printf ("{\"push\":{\"channel\":\"%s\",\"pub\":{\"data\":{},\"offset\":%u}}}", channel, offset);
      rt_fake_transport_receive (message);
    }
}

/* Joined: "kept", recoverable at offset 5, and "live", which is not. The program takes nothing from now on. */
static ConnProbe *
new_slow (void)
{
  ConnProbe *probe = conn_probe_new_connected (&options);

  conn_probe_do_join (probe, "kept", TRUE);
  conn_probe_do_join (probe, "live", FALSE);
  rt_fake_transport_receive ("{\"id\":2,\"subscribe\":{\"recoverable\":true,\"epoch\":\"E\",\"offset\":5}}\n{\"id\":3,\"subscribe\":{}}");
  conn_probe_forget (probe);
  probe->slow = TRUE;
  return probe;
}

static guint
count_lines (ConnProbe *probe, const char *prefix)
{
  g_auto (GStrv) lines = g_strsplit (probe->diary->str, "\n", -1);
  guint count = 0;

  for (guint i = 0; lines[i] != NULL; i++)
    count += g_str_has_prefix (lines[i], prefix) ? 1 : 0;
  return count;
}

static void
test_pause (void)
{
  g_autoptr (ConnProbe) probe = new_slow ();
  RtFakeTransport *transport = rt_fake_transport_get ();

  push ("kept", 6, 5 + LIMIT - 1);
  g_assert_false (transport->paused);
  push ("kept", 5 + LIMIT, 5 + LIMIT);
  g_assert_true (transport->paused);
  /* Half of it is taken: not yet. */
  rt_connection_taken (probe->connection, LIMIT / 2 - 1, 0);
  conn_probe_settle (probe);
  g_assert_true (transport->paused);
  rt_connection_taken (probe->connection, 1, 0);
  conn_probe_settle (probe);
  g_assert_false (transport->paused);
  probe->held_messages -= LIMIT / 2;
  conn_probe_forget (probe);
  push ("kept", 6 + LIMIT, 6 + LIMIT);
  conn_probe_expect (probe, "message kept 26\n");
  conn_probe_expect_sent ("");
  conn_probe_advance (probe, 10000);
  g_assert_cmpuint (transport->pauses, ==, 1);
}

static void
test_pause_by_bytes (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (&(ConnProbeOptions) { .receive_queue_bytes = 4096 });
  g_autofree char *text = g_strnfill (4096, 'x');
  g_autofree char *message
    = g_strdup_printf ("{\"push\":{\"channel\":\"live\",\"join\":{\"info\":{\"user\":\"u\",\"client\":\"c\",\"conn_info\":\"%s\"}}}}", text);

  conn_probe_do_join (probe, "live", FALSE);
  rt_fake_transport_receive ("{\"id\":2,\"subscribe\":{}}");
  probe->slow = TRUE;
  /* What says who joined takes room as well. */
  rt_fake_transport_receive (message);
  g_assert_true (rt_fake_transport_get ()->paused);
  conn_probe_take (probe);
  g_assert_false (rt_fake_transport_get ()->paused);
}

static void
test_overflow (void)
{
  g_autoptr (ConnProbe) probe = new_slow ();

  push ("kept", 6, 5 + LIMIT);
  conn_probe_advance (probe, 1999);
  g_assert_true (rt_fake_transport_get ()->paused);
  conn_probe_advance (probe, 1);
  g_assert_false (rt_fake_transport_get ()->paused);
  conn_probe_forget (probe);
  push ("kept", 26, 40);
  push ("live", 1, 7);
  rt_fake_transport_receive ("{}");
  conn_probe_expect (probe, "");
  conn_probe_expect_sent ("{}\n");

  conn_probe_take (probe);
  probe->slow = FALSE;
  conn_probe_expect (probe, "gap live 7\n");
  conn_probe_expect_sent ("{\"id\":4,\"unsubscribe\":{\"channel\":\"kept\"}}\n"
                          "{\"id\":5,\"subscribe\":{\"channel\":\"kept\",\"recover\":true,\"epoch\":\"E\",\"offset\":25,\"recoverable\":true}}\n");
  push ("kept", 41, 41);
  rt_fake_transport_receive ("{\"id\":5,\"subscribe\":{\"recoverable\":true,\"epoch\":\"E\",\"recovered\":true,\"offset\":25,"
                             "\"publications\":[{\"data\":{},\"offset\":26},{\"data\":{},\"offset\":27}]}}");
  conn_probe_expect (probe, "message kept 26\nmessage kept 27\nrecovered kept 2\n");
  push ("kept", 28, 28);
  push ("live", 8, 8);
  conn_probe_expect (probe, "message kept 28\nmessage live 8\n");
}

/* Reading never pauses past the moment at which the server's next ping comes. */
static void
test_pause_and_ping (void)
{
  g_autoptr (ConnProbe) probe = new_slow ();

  rt_fake_transport_receive ("{}");
  conn_probe_advance (probe, 24000);
  push ("kept", 6, 5 + LIMIT);
  g_assert_true (rt_fake_transport_get ()->paused);
  conn_probe_advance (probe, 999);
  g_assert_true (rt_fake_transport_get ()->paused);
  conn_probe_advance (probe, 1);
  g_assert_false (rt_fake_transport_get ()->paused);
  conn_probe_forget (probe);
  rt_fake_transport_receive ("{}");
  conn_probe_expect_sent ("{}\n");
}

/* Of a channel with positions and no history each message is counted as missed once. */
static void
test_positioned (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (&options);

  conn_probe_do_join (probe, "room", FALSE);
  rt_fake_transport_receive ("{\"id\":2,\"subscribe\":{\"positioned\":true,\"epoch\":\"E\",\"offset\":5}}");
  probe->slow = TRUE;
  push ("room", 6, 5 + LIMIT);
  conn_probe_advance (probe, 2000);
  push ("room", 26, 30);
  conn_probe_forget (probe);
  conn_probe_take (probe);
  probe->slow = FALSE;
  push ("room", 31, 31);
  conn_probe_expect (probe, "gap room 5\nmessage room 31\n");
}

/* The line goes before the program has caught up: what was dropped is told all the same. */
static void
test_lost (void)
{
  g_autoptr (ConnProbe) probe = new_slow ();

  push ("kept", 6, 5 + LIMIT);
  conn_probe_advance (probe, 2000);
  push ("kept", 26, 30);
  push ("live", 1, 7);
  conn_probe_forget (probe);
  rt_fake_transport_closed (1006, "");
  g_assert_nonnull (strstr (probe->diary->str, "gap live 7\n"));
  g_assert_cmpuint (count_lines (probe, "gap"), ==, 1);
  conn_probe_take (probe);
  probe->slow = FALSE;
  conn_probe_do (probe, RT_OP_CONNECT, NULL);
  rt_fake_transport_opened (RT_PROFILE_RT1);
  rt_fake_transport_receive ("{\"id\":4,\"connect\":{\"client\":\"c2\"}}");
  GPtrArray *messages = rt_fake_transport_get ()->messages;
  g_assert_nonnull (strstr (g_ptr_array_index (messages, 1), "\"recover\":true,\"epoch\":\"E\",\"offset\":25"));
}

/* Nothing that a server can say over and over grows the queue while the program does not look. */
static void
test_hostile (void)
{
  static const char *const repeated[] = {
    "{\"push\":{\"channel\":\"kept\",\"unsubscribe\":{\"code\":2500}}}",
    "{\"push\":{\"channel\":\"kept\",\"unsubscribe\":{\"code\":2502}}}",
    "{\"push\":{\"channel\":\"live\",\"unsubscribe\":{\"code\":2000}}}",
    "{\"push\":{\"channel\":\"live\",\"join\":{\"info\":{\"user\":\"u\",\"client\":\"c\"}}}}",
    "{\"push\":{\"channel\":\"kept\",\"pub\":{\"data\":{},\"offset\":100}}}",
  };
  g_autoptr (ConnProbe) probe = new_slow ();
  guint id = 4;

  push ("kept", 6, 5 + LIMIT);
  conn_probe_advance (probe, 2000);
  conn_probe_forget (probe);
  for (guint round = 0; round < 200; round++)
    {
      rt_fake_transport_receive (repeated[round % G_N_ELEMENTS (repeated)]);
      /* An answer to whatever was asked. */
      for (guint i = 0; i < rt_fake_transport_get ()->messages->len; i++, id++)
        {
          g_autofree char *reply
            = g_strdup_printf ("{\"id\":%u,\"subscribe\":{\"recoverable\":true,\"epoch\":\"F%u\",\"offset\":5}}", id, id);
          rt_fake_transport_receive (reply);
        }
      g_ptr_array_set_size (rt_fake_transport_get ()->messages, 0);
    }
  g_assert_cmpuint (probe->held_messages, <=, LIMIT + 8);

  /* And all is well again when it looks. */
  conn_probe_forget (probe);
  conn_probe_take (probe);
  probe->slow = FALSE;
  g_assert_cmpuint (rt_fake_transport_get ()->messages->len, ==, 1);
  g_assert_nonnull (strstr (g_ptr_array_index (rt_fake_transport_get ()->messages, 0), "\"subscribe\":{\"channel\":\"kept\""));
}

/* While it drains too, when no pause is possible. */
static void
test_draining (void)
{
  g_autoptr (ConnProbe) probe = new_slow ();

  conn_probe_do_publish (probe, "kept", "m1");
  conn_probe_do (probe, RT_OP_DISCONNECT, NULL);
  push ("kept", 6, 5 + 5 * LIMIT);
  g_assert_cmpuint (probe->held_messages, <=, LIMIT + 1);
  rt_fake_transport_receive ("{\"id\":4,\"publish\":{}}");
  g_assert_true (rt_fake_transport_get ()->closing);
}

/* The answers that a draining line waits for, and the closing handshake, are read at once. */
static void
test_drain_paused (void)
{
  g_autoptr (ConnProbe) probe = new_slow ();

  push ("kept", 6, 5 + LIMIT);
  g_assert_true (rt_fake_transport_get ()->paused);
  conn_probe_do (probe, RT_OP_DISCONNECT, NULL);
  g_assert_true (rt_fake_transport_get ()->closing);
  g_assert_false (rt_fake_transport_get ()->paused);
  conn_probe_take (probe);
}

/* An empty message is legal, and holds nothing. */
static void
test_empty_message (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  rt_fake_transport_receive ("");
  conn_probe_expect (probe, "");
  conn_probe_do_join (probe, "room", TRUE);
  rt_fake_transport_receive ("{\"id\":2,\"subscribe\":{}}");
  g_assert_cmpuint (count_lines (probe, "join room: ok"), ==, 1);
}

/* One message that holds as many publications as a thousand. */
static void
test_huge_message (void)
{
  g_autoptr (ConnProbe) probe = new_slow ();
  g_autoptr (GString) message = g_string_new (NULL);

  for (guint i = 0; i < 100000; i++)
    g_string_append (message, "{\"push\":{\"channel\":\"live\",\"pub\":{\"data\":0}}}\n");
  rt_fake_transport_receive (message->str);
  g_assert_cmpuint (probe->held_messages, <, 10000);
}

/* A server may not have megabytes sent back to it. */
static void
test_long_epoch (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);
  g_autofree char *epoch = g_strnfill (1024 * 1024, 'e');
  g_autofree char *reply = g_strdup_printf ("{\"id\":2,\"subscribe\":{\"recoverable\":true,\"epoch\":\"%s\"}}", epoch);

  conn_probe_do_join (probe, "room", TRUE);
  rt_fake_transport_receive (reply);
  conn_probe_forget (probe);
  rt_fake_transport_receive ("{\"push\":{\"channel\":\"room\",\"unsubscribe\":{\"code\":2500,\"reason\":\"\"}}}");
  GPtrArray *sent = rt_fake_transport_get ()->messages;
  g_assert_cmpuint (strlen (g_ptr_array_index (sent, sent->len - 1)), <, 1024);
}

/* A channel that is behind is left: the room that comes then does not join it again. */
static void
test_leave_behind (void)
{
  g_autoptr (ConnProbe) probe = new_slow ();

  push ("kept", 6, 5 + LIMIT);
  conn_probe_advance (probe, 2000);
  push ("kept", 6 + LIMIT, 10 + LIMIT);
  conn_probe_do (probe, RT_OP_LEAVE, "kept");
  conn_probe_forget (probe);
  probe->slow = FALSE;
  conn_probe_take (probe);
  conn_probe_settle (probe);
  conn_probe_expect_sent ("");
  rt_fake_transport_receive ("{\"id\":4,\"unsubscribe\":{}}");
  g_assert_cmpuint (count_lines (probe, "leave kept: ok"), ==, 1);
}

/* What is announced as an interval may be any number. */
static void
test_absurd_ping (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new (NULL);
  g_autoptr (RtOp) op = conn_probe_call (probe, RT_OP_CONNECT, NULL);

  conn_probe_settle (probe);
  rt_fake_transport_opened (RT_PROFILE_CENTRIFUGO);
  rt_fake_transport_receive ("{\"id\":1,\"connect\":{\"client\":\"c\",\"ping\":536870902}}");
  g_assert_cmpuint (count_lines (probe, "connect: ok"), ==, 1);
  conn_probe_advance (probe, 1000);
  g_assert_cmpint (rt_connection_get_state (probe->connection), ==, RT_CONNECTION_STATE_CONNECTED);
}

/* A server that does not read, and has the client write. */
static void
test_unread (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  rt_fake_transport_get ()->queued = 33 * 1024 * 1024;
  rt_fake_transport_receive ("{}");
  g_assert_cmpuint (count_lines (probe, "disconnected 1006  will retry"), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  conn_probe_add_test ("/Rt/Slow/pause", test_pause);
  conn_probe_add_test ("/Rt/Slow/pause-by-bytes", test_pause_by_bytes);
  conn_probe_add_test ("/Rt/Slow/overflow", test_overflow);
  conn_probe_add_test ("/Rt/Slow/pause-and-ping", test_pause_and_ping);
  conn_probe_add_test ("/Rt/Slow/positioned", test_positioned);
  conn_probe_add_test ("/Rt/Slow/lost", test_lost);
  conn_probe_add_test ("/Rt/Slow/hostile", test_hostile);
  conn_probe_add_test ("/Rt/Slow/draining", test_draining);
  conn_probe_add_test ("/Rt/Slow/drain-paused", test_drain_paused);
  conn_probe_add_test ("/Rt/Slow/empty-message", test_empty_message);
  conn_probe_add_test ("/Rt/Slow/huge-message", test_huge_message);
  conn_probe_add_test ("/Rt/Slow/long-epoch", test_long_epoch);
  conn_probe_add_test ("/Rt/Slow/leave-behind", test_leave_behind);
  conn_probe_add_test ("/Rt/Slow/absurd-ping", test_absurd_ping);
  conn_probe_add_test ("/Rt/Slow/unread", test_unread);
  return g_test_run ();
}
