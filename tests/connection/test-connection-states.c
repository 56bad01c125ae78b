/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn-probe.h"

#include "rt-error.h"

/* The line of a connection: opened, greeted, alive, ended; and what each call does to it at each of these. */

#define GREETING "{\"id\":1,\"connect\":{\"client\":\"c1\",\"ping\":25,\"pong\":true}}"

static void
test_connect (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new (NULL);

  g_assert_cmpint (rt_connection_get_state (probe->connection), ==, RT_CONNECTION_STATE_DISCONNECTED);
  conn_probe_do (probe, RT_OP_CONNECT, NULL);
  conn_probe_do (probe, RT_OP_CONNECT, NULL);
  conn_probe_expect (probe, "state connecting\n");
  rt_fake_transport_opened (RT_PROFILE_CENTRIFUGO);
  conn_probe_expect_sent ("{\"id\":1,\"connect\":{\"token\":\"key\",\"name\":\"realtime\"}}\n");
  g_assert_null (rt_connection_get_transport (probe->connection));
  rt_fake_transport_receive (GREETING);
  conn_probe_expect (probe, "state connected\nconnected c1\nconnect: ok\nconnect: ok\n");
  g_autofree char *id = rt_connection_dup_client_id (probe->connection);
  g_assert_cmpstr (id, ==, "c1");
  g_assert_cmpstr (rt_connection_get_transport (probe->connection), ==, "fake");
  conn_probe_do (probe, RT_OP_CONNECT, NULL);
  conn_probe_expect (probe, "connect: already-connected\n");
  conn_probe_expect_sent ("");
}

static void
test_connect_timeout (void)
{
  for (guint greeting = 0; greeting <= 1; greeting++)
    {
      g_autoptr (ConnProbe) probe = conn_probe_new (&(ConnProbeOptions) { .connect_timeout = 3000 });

      conn_probe_do (probe, RT_OP_CONNECT, NULL);
      conn_probe_advance (probe, 2000);
      if (greeting)
        rt_fake_transport_opened (RT_PROFILE_RT1);
      conn_probe_advance (probe, 999);
      conn_probe_expect (probe, "state connecting\n");
      conn_probe_advance (probe, 1);
      conn_probe_expect (probe, "state reconnecting\nreconnecting 1\nconnect: timed-out\n");
      g_assert_null (rt_fake_transport_get ());
    }
}

/* The time to wait for the connect reply begins when the command is written, whatever happened before. */
static void
test_greeting_timeout (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new (&(ConnProbeOptions) { .connect_timeout = 9000, .request_timeout = 5000 });

  conn_probe_do (probe, RT_OP_CONNECT, NULL);
  rt_fake_transport_opened (RT_PROFILE_RT1);
  rt_fake_transport_receive (GREETING);
  conn_probe_do_join (probe, "room", FALSE);
  rt_fake_transport_receive ("{\"id\":2,\"subscribe\":{}}");
  conn_probe_do_publish (probe, "room", "m1");
  conn_probe_do (probe, RT_OP_DISCONNECT, NULL);
  conn_probe_do (probe, RT_OP_CONNECT, NULL);
  /* A message, which asks for the time, and the end in one turn. */
  rt_fake_transport_receive ("{\"push\":{\"channel\":\"room\",\"pub\":{\"data\":{\"$rt\":1,\"id\":\"5\",\"src\":\"0123456789abcdef\",\"ts\":1,"
                             "\"type\":\"text\",\"text\":\"\"}}}}\n{\"push\":{\"disconnect\":{\"code\":3000}}}");
  conn_probe_forget (probe);
  conn_probe_advance (probe, 3500);
  rt_fake_transport_opened (RT_PROFILE_RT1);
  conn_probe_advance (probe, 4999);
  conn_probe_expect (probe, "");
  conn_probe_advance (probe, 1);
  conn_probe_expect (probe, "state reconnecting\nreconnecting 1\nconnect: timed-out\n");
}

static void
test_refused (void)
{
  static const struct
  {
    const char *reply;
    const char *diary;
  } cases[] = {
    { "{\"id\":1,\"error\":{\"code\":101,\"message\":\"no\"}}", "state failed\nconnect: unauthorized\n" },
    { "{\"id\":1,\"error\":{\"code\":103,\"message\":\"no\"}}", "state failed\nconnect: permission-denied\n" },
    { "{\"id\":1,\"error\":{\"code\":100,\"temporary\":true}}", "state reconnecting\nreconnecting 1\nconnect: server\n" },
    { "{\"id\":1,\"error\":{\"code\":111}}", "state reconnecting\nreconnecting 1\nconnect: rate-limited\n" },
    { "{\"id\":1,\"publish\":{}}", "state reconnecting\nreconnecting 1\nconnect: protocol\n" },
    { "nonsense", "state reconnecting\nreconnecting 1\nconnect: protocol\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ConnProbe) probe = conn_probe_new (NULL);

      conn_probe_do (probe, RT_OP_CONNECT, NULL);
      rt_fake_transport_opened (RT_PROFILE_RT1);
      conn_probe_forget (probe);
      rt_fake_transport_receive (cases[i].reply);
      conn_probe_expect (probe, cases[i].diary);
      g_assert_null (rt_fake_transport_get ());
    }
}

static void
test_never_open (void)
{
  g_autoptr (GError) network = g_error_new_literal (RT_ERROR, RT_ERROR_NETWORK, "nobody listens there");
  g_autoptr (GError) status = g_error_new_literal (RT_ERROR, RT_ERROR_PROTOCOL, "there is no such page");
  g_autoptr (ConnProbe) probe = conn_probe_new (NULL);

  conn_probe_do (probe, RT_OP_CONNECT, NULL);
  rt_fake_transport_failed (network, 0);
  conn_probe_expect (probe, "state connecting\nstate reconnecting\nreconnecting 1\nconnect: network\n");
  conn_probe_do (probe, RT_OP_CONNECT, NULL);
  rt_fake_transport_failed (status, 404);
  conn_probe_expect (probe, "state failed\nconnect: protocol\n");
  conn_probe_do_publish (probe, "room", "m1");
  conn_probe_expect (probe, "publish m1: protocol\n");
  conn_probe_do (probe, RT_OP_CONNECT, NULL);
  rt_fake_transport_failed (status, 503);
  conn_probe_expect (probe, "state connecting\nstate reconnecting\nreconnecting 1\nconnect: protocol\n");
}

/* Every close code the server can give. */
static void
test_close_codes (void)
{
  static const guint edges[] = { 0, 1000, 1001, 1006, 1008, 1009, 1010, 2999, 3000, 3004, 3005, 3006, 3012, 3499, 3500, 3501, 3503,
                                 3507, 3999, 4000, 4499, 4500, 4999, 5000, 65535 };

  for (guint i = 0; i < G_N_ELEMENTS (edges); i++)
    for (guint pushed = 0; pushed <= 1; pushed++)
      {
        g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);
        guint code = edges[i];
        gboolean terminal = (code >= 3500 && code < 4000) || (code >= 4500 && code < 5000) || code == 1008;
        g_autofree char *push
          = g_strdup_printf ("{\"push\":{\"disconnect\":{\"code\":%u,\"reason\":\"bye\"}}}", code);
        g_autofree char *expected = g_strdup_printf (terminal ? "state failed\ndisconnected %u bye\nerror "
                                                              : "state reconnecting\ndisconnected %u bye will retry\n"
                                                                "reconnecting 1\n",
                                                     code);

        if (pushed)
          rt_fake_transport_receive (push);
        else
          rt_fake_transport_closed (code, "bye");
        g_assert_true (g_str_has_prefix (probe->diary->str, expected));
        conn_probe_forget (probe);
        g_assert_null (rt_fake_transport_get ());
        conn_probe_do_publish (probe, "room", "m1");
        /* What is sent meanwhile waits, or learns why it is over. */
        if (!terminal)
          conn_probe_expect (probe, "");
        conn_probe_forget (probe);
        conn_probe_do (probe, RT_OP_CONNECT, NULL);
        conn_probe_expect (probe, terminal ? "state connecting\n" : "");
        g_assert_nonnull (rt_fake_transport_get ());
      }
}

/* What comes behind the push that ends the line is not for the next one, even if that lies in the same place. */
static void
test_frames_behind_the_end (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  conn_probe_do_publish (probe, "room", "m1");
  conn_probe_do (probe, RT_OP_DISCONNECT, NULL);
  conn_probe_do (probe, RT_OP_CONNECT, NULL);
  conn_probe_forget (probe);
  rt_fake_transport_receive ("{\"push\":{\"disconnect\":{\"code\":3000,\"reason\":\"bye\"}}}\n{}\n{}");
  conn_probe_expect (probe, "state disconnected\ndropped room outcome-unknown\npublish m1: outcome-unknown\ndisconnected 3000 bye\n"
                            "disconnect: ok\nstate connecting\n");
  rt_fake_transport_opened (RT_PROFILE_CENTRIFUGO);
  conn_probe_expect_sent ("{\"id\":3,\"connect\":{\"token\":\"key\",\"name\":\"realtime\"}}\n");
}

static void
test_disconnect (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  conn_probe_do (probe, RT_OP_DISCONNECT, NULL);
  conn_probe_do (probe, RT_OP_DISCONNECT, NULL);
  conn_probe_expect (probe, "");
  g_assert_true (rt_fake_transport_get ()->closing);
  g_assert_cmpuint (rt_fake_transport_get ()->close_code, ==, 1000);
  conn_probe_do_publish (probe, "room", "m1");
  conn_probe_do_join (probe, "room", FALSE);
  conn_probe_expect (probe, "publish m1: not-connected\njoin room: not-connected\n");
  rt_fake_transport_closed (1000, "");
  conn_probe_expect (probe, "state disconnected\ndisconnected 1000 \ndisconnect: ok\ndisconnect: ok\n");
  conn_probe_do (probe, RT_OP_DISCONNECT, NULL);
  conn_probe_expect (probe, "disconnect: ok\n");
}

/* The last call counts. */
static void
test_disconnect_connect_disconnect (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  conn_probe_do (probe, RT_OP_DISCONNECT, NULL);
  conn_probe_do (probe, RT_OP_CONNECT, NULL);
  conn_probe_do (probe, RT_OP_DISCONNECT, NULL);
  conn_probe_expect (probe, "connect: not-connected\n");
  rt_fake_transport_closed (1000, "");
  conn_probe_expect (probe, "state disconnected\ndisconnected 1000 \ndisconnect: ok\ndisconnect: ok\n");
  g_assert_null (rt_fake_transport_get ());
}

static void
test_drain (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  conn_probe_do_publish (probe, "room", "m1");
  conn_probe_do_publish (probe, "room", "m2");
  conn_probe_do (probe, RT_OP_CLOSE, NULL);
  conn_probe_expect (probe, "state closing\n");
  g_assert_false (rt_fake_transport_get ()->closing);
  rt_fake_transport_receive ("{\"id\":3,\"publish\":{}}");
  conn_probe_expect (probe, "publish m2: ok\n");
  g_assert_false (rt_fake_transport_get ()->closing);
  /* The last answer, and frames behind it, for which it is too late: a pong would come after the close frame. */
  rt_fake_transport_receive ("{\"id\":2,\"publish\":{}}\n{}\n{}");
  conn_probe_expect (probe, "publish m1: ok\n");
  g_assert_true (rt_fake_transport_get ()->closing);
  rt_fake_transport_closed (1000, "");
  conn_probe_expect (probe, "state closed\ndisconnected 1000 \nclose: ok\n");
}

static void
test_drain_deadlines (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  conn_probe_do_publish (probe, "room", "m1");
  conn_probe_do (probe, RT_OP_CLOSE, NULL);
  /* The line is alive: it answers the ping that was sent to find that out. */
  g_assert_cmpuint (rt_fake_transport_get ()->pings, ==, 1);
  conn_probe_advance (probe, 1999);
  rt_fake_transport_pong (1000);
  conn_probe_advance (probe, 1000);
  conn_probe_expect (probe, "state closing\n");
  conn_probe_advance (probe, 1);
  conn_probe_expect (probe, "dropped room outcome-unknown\npublish m1: outcome-unknown\n");
  g_assert_true (rt_fake_transport_get ()->closing);
  conn_probe_advance (probe, 1999);
  conn_probe_expect (probe, "");
  conn_probe_advance (probe, 1);
  conn_probe_expect (probe, "state closed\ndisconnected 1000 \nclose: ok\n");
}

static void
test_nothing_to_drain (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  conn_probe_do (probe, RT_OP_DISCONNECT, NULL);
  conn_probe_advance (probe, 2000);
  conn_probe_expect (probe, "state disconnected\ndisconnected 1000 \ndisconnect: ok\n");
}

static void
test_close (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  conn_probe_do (probe, RT_OP_DISCONNECT, NULL);
  conn_probe_do (probe, RT_OP_CONNECT, NULL);
  conn_probe_do (probe, RT_OP_CLOSE, NULL);
  conn_probe_expect (probe, "state closing\nconnect: closed\n");
  conn_probe_do (probe, RT_OP_DISCONNECT, NULL);
  conn_probe_do (probe, RT_OP_CLOSE, NULL);
  conn_probe_expect (probe, "disconnect: closed\n");
  rt_fake_transport_closed (1000, "");
  conn_probe_expect (probe, "state closed\ndisconnected 1000 \ndisconnect: ok\nclose: ok\nclose: ok\n");
  conn_probe_do (probe, RT_OP_CLOSE, NULL);
  conn_probe_do (probe, RT_OP_CONNECT, NULL);
  conn_probe_do (probe, RT_OP_DISCONNECT, NULL);
  conn_probe_do (probe, RT_OP_LEAVE, "room");
  conn_probe_do (probe, RT_OP_PING, NULL);
  conn_probe_do_join (probe, "room", FALSE);
  conn_probe_do_publish (probe, "room", "m1");
  conn_probe_expect (probe, "close: ok\nconnect: closed\ndisconnect: closed\nleave room: closed\nping: closed\n"
                            "join room: closed\npublish m1: closed\n");
}

static void
test_end_while_opening (void)
{
  static const struct
  {
    RtOpKind kind;
    const char *diary;
  } cases[] = {
    { RT_OP_DISCONNECT, "state disconnected\njoin room: not-connected\ndisconnect: ok\nconnect: not-connected\n" },
    { RT_OP_CLOSE, "state closing\nstate closed\nconnect: closed\njoin room: closed\nclose: ok\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint greeting = 0; greeting <= 1; greeting++)
      {
        g_autoptr (ConnProbe) probe = conn_probe_new (NULL);

        conn_probe_do (probe, RT_OP_CONNECT, NULL);
        conn_probe_do_join (probe, "room", FALSE);
        if (greeting)
          rt_fake_transport_opened (RT_PROFILE_RT1);
        conn_probe_forget (probe);
        conn_probe_do (probe, cases[i].kind, NULL);
        conn_probe_expect (probe, cases[i].diary);
        g_assert_null (rt_fake_transport_get ());
      }
}

static void
test_cancel_connect (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new (NULL);
  g_autoptr (RtOp) first = conn_probe_call (probe, RT_OP_CONNECT, NULL);
  g_autoptr (RtOp) second = conn_probe_call (probe, RT_OP_CONNECT, NULL);

  conn_probe_settle (probe);
  conn_probe_do_join (probe, "room", FALSE);
  conn_probe_cancel (probe, first);
  conn_probe_expect (probe, "state connecting\nconnect: cancelled\n");
  /* Nobody wants it any more. The channel was not cancelled, but is not connected either. */
  conn_probe_cancel (probe, second);
  conn_probe_expect (probe, "state disconnected\njoin room: not-connected\nconnect: cancelled\n");
  g_assert_null (rt_fake_transport_get ());
  conn_probe_cancel (probe, second);
  conn_probe_expect (probe, "");
}

static void
test_cancel_disconnect (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);
  g_autoptr (RtOp) disconnect = conn_probe_call (probe, RT_OP_DISCONNECT, NULL);

  conn_probe_settle (probe);
  conn_probe_cancel (probe, disconnect);
  conn_probe_expect (probe, "disconnect: cancelled\n");
  rt_fake_transport_closed (1000, "");
  conn_probe_expect (probe, "state disconnected\ndisconnected 1000 \n");
}

/* Cancelled before the I/O half saw it: it never happens. */
static void
test_cancel_unseen (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);
  g_autoptr (RtOp) disconnect = conn_probe_call (probe, RT_OP_DISCONNECT, NULL);

  conn_probe_cancel (probe, disconnect);
  conn_probe_expect (probe, "disconnect: cancelled\n");
  g_assert_false (rt_fake_transport_get ()->closing);
}

static void
test_dead_line (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  conn_probe_advance (probe, 20000);
  rt_fake_transport_receive ("{}");
  conn_probe_expect_sent ("{}\n");
  conn_probe_advance (probe, 34999);
  conn_probe_expect (probe, "");
  conn_probe_advance (probe, 1);
  conn_probe_expect (probe, "state reconnecting\ndisconnected 1006  will retry\nreconnecting 1\n");
}

/* A server that sends no pings is sent some. */
static void
test_own_pings (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new (NULL);

  conn_probe_do (probe, RT_OP_CONNECT, NULL);
  rt_fake_transport_opened (RT_PROFILE_RT1);
  rt_fake_transport_receive ("{\"id\":1,\"connect\":{\"client\":\"c1\"}}");
  for (guint i = 1; i <= 3; i++)
    {
      conn_probe_advance (probe, 25000);
      g_assert_cmpuint (rt_fake_transport_get ()->pings, ==, i);
      rt_fake_transport_pong (1000);
    }
  conn_probe_forget (probe);
  /* Not asked for a pong, so none is sent, though the server pings. */
  rt_fake_transport_receive ("{}");
  conn_probe_expect_sent ("");
  conn_probe_advance (probe, 35000);
  conn_probe_expect (probe, "state reconnecting\ndisconnected 1006  will retry\nreconnecting 1\n");
}

/* What one server wanted does not hold for the next one. */
static void
test_pong_forgotten (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  rt_fake_transport_closed (3000, "");
  conn_probe_do (probe, RT_OP_CONNECT, NULL);
  rt_fake_transport_opened (RT_PROFILE_RT1);
  conn_probe_forget (probe);
  rt_fake_transport_receive ("{}");
  conn_probe_expect_sent ("");
}

static void
test_ping (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (&(ConnProbeOptions) { .request_timeout = 10000 });
  g_autoptr (RtOp) ping = conn_probe_call (probe, RT_OP_PING, NULL);

  conn_probe_settle (probe);
  rt_fake_transport_pong (1234);
  conn_probe_expect (probe, "ping: ok\n");
  g_assert_cmpint (ping->round_trip, ==, 1234);

  conn_probe_do (probe, RT_OP_PING, NULL);
  conn_probe_advance (probe, 5000);
  /* A later request does not put off the earlier one's deadline. */
  conn_probe_do_publish (probe, "room", "m1");
  conn_probe_advance (probe, 4999);
  conn_probe_expect (probe, "");
  conn_probe_advance (probe, 1);
  conn_probe_expect (probe, "ping: timed-out\n");
  conn_probe_advance (probe, 4999);
  conn_probe_expect (probe, "");
  conn_probe_advance (probe, 1);
  conn_probe_expect (probe, "dropped room outcome-unknown\npublish m1: outcome-unknown\n");

  g_autoptr (RtOp) last = conn_probe_call (probe, RT_OP_PING, NULL);
  conn_probe_settle (probe);
  conn_probe_cancel (probe, last);
  conn_probe_expect (probe, "ping: cancelled\n");
}

static void
test_no_ping (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (&(ConnProbeOptions) { .no_ping = TRUE });

  conn_probe_do (probe, RT_OP_PING, NULL);
  conn_probe_expect (probe, "ping: not-supported\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  conn_probe_add_test ("/Rt/Connection/connect", test_connect);
  conn_probe_add_test ("/Rt/Connection/connect-timeout", test_connect_timeout);
  conn_probe_add_test ("/Rt/Connection/greeting-timeout", test_greeting_timeout);
  conn_probe_add_test ("/Rt/Connection/refused", test_refused);
  conn_probe_add_test ("/Rt/Connection/never-open", test_never_open);
  conn_probe_add_test ("/Rt/Connection/close-codes", test_close_codes);
  conn_probe_add_test ("/Rt/Connection/frames-behind-the-end", test_frames_behind_the_end);
  conn_probe_add_test ("/Rt/Connection/disconnect", test_disconnect);
  conn_probe_add_test ("/Rt/Connection/disconnect-connect-disconnect", test_disconnect_connect_disconnect);
  conn_probe_add_test ("/Rt/Connection/drain", test_drain);
  conn_probe_add_test ("/Rt/Connection/drain-deadlines", test_drain_deadlines);
  conn_probe_add_test ("/Rt/Connection/nothing-to-drain", test_nothing_to_drain);
  conn_probe_add_test ("/Rt/Connection/close", test_close);
  conn_probe_add_test ("/Rt/Connection/end-while-opening", test_end_while_opening);
  conn_probe_add_test ("/Rt/Connection/cancel-connect", test_cancel_connect);
  conn_probe_add_test ("/Rt/Connection/cancel-disconnect", test_cancel_disconnect);
  conn_probe_add_test ("/Rt/Connection/cancel-unseen", test_cancel_unseen);
  conn_probe_add_test ("/Rt/Connection/dead-line", test_dead_line);
  conn_probe_add_test ("/Rt/Connection/own-pings", test_own_pings);
  conn_probe_add_test ("/Rt/Connection/pong-forgotten", test_pong_forgotten);
  conn_probe_add_test ("/Rt/Connection/ping", test_ping);
  conn_probe_add_test ("/Rt/Connection/no-ping", test_no_ping);
  return g_test_run ();
}
