/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn-probe.h"

#include <string.h>

/* Channels: joined, left, ended by the server, joined again on the next line. */

#define JOINED_2 "{\"id\":2,\"subscribe\":{\"recoverable\":true,\"positioned\":true,\"epoch\":\"E\",\"offset\":5}}"

static ConnProbe *
new_joined (void)
{
  ConnProbe *probe = conn_probe_new_connected (NULL);

  conn_probe_do_join (probe, "room", FALSE);
  rt_fake_transport_receive ("{\"id\":2,\"subscribe\":{}}");
  conn_probe_expect (probe, "joined room @0\njoin room: ok\n");
  conn_probe_forget (probe);
  return probe;
}

static void
push (const char *channel, guint offset)
{
  g_autofree char *message
    = g_strdup_printf ("{\"push\":{\"channel\":\"%s\",\"pub\":{\"data\":{},\"offset\":%u}}}", channel, offset);

  rt_fake_transport_receive (message);
}

static void
test_join (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);
  g_autoptr (RtOp) first = conn_probe_join (probe, "room", TRUE, NULL, 0);
  g_autoptr (RtOp) second = conn_probe_join (probe, "room", TRUE, NULL, 0);

  conn_probe_settle (probe);
  conn_probe_expect_sent ("{\"id\":2,\"subscribe\":{\"channel\":\"room\",\"recoverable\":true}}\n");
  push ("room", 5);
  conn_probe_expect (probe, "");
  rt_fake_transport_receive (JOINED_2);
  conn_probe_expect (probe, "joined room E@5 recoverable\njoin room: ok\njoin room: ok\n");
  g_assert_true (first->sub == second->sub);
  g_assert_cmpint (rt_sub_get_state (first->sub), ==, RT_CHANNEL_STATE_JOINED);
  push ("room", 6);
  push ("other", 7);
  conn_probe_expect (probe, "message room 6\n");
  conn_probe_do_join (probe, "room", TRUE);
  conn_probe_expect (probe, "join room: ok\n");
  conn_probe_expect_sent ("");
}

/* Channels asked for while the connection opens are joined as soon as it is there. */
static void
test_join_early (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new (NULL);

  conn_probe_do_join (probe, "room", FALSE);
  conn_probe_expect (probe, "join room: not-connected\n");
  conn_probe_do (probe, RT_OP_CONNECT, NULL);
  conn_probe_do_join (probe, "room", FALSE);
  conn_probe_do_join (probe, "gone", FALSE);
  conn_probe_do (probe, RT_OP_LEAVE, "gone");
  conn_probe_expect (probe, "state connecting\njoin gone: channel-not-found\nleave gone: ok\n");
  rt_fake_transport_opened (RT_PROFILE_RT1);
  conn_probe_forget (probe);
  rt_fake_transport_receive ("{\"id\":1,\"connect\":{\"client\":\"c1\"}}");
  conn_probe_expect_sent ("{\"id\":2,\"subscribe\":{\"channel\":\"room\"}}\n");
}

static void
test_join_refused (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);
  g_autoptr (RtOp) join = conn_probe_join (probe, "room", FALSE, NULL, 0);

  conn_probe_settle (probe);
  rt_fake_transport_receive ("{\"id\":2,\"error\":{\"code\":103,\"message\":\"permission denied\"}}");
  conn_probe_expect (probe, "join room: permission-denied\n");
  g_assert_cmpint (rt_sub_get_state (join->sub), ==, RT_CHANNEL_STATE_FAILED);
  conn_probe_do (probe, RT_OP_LEAVE, "room");
  conn_probe_expect (probe, "leave room: channel-not-found\n");
  conn_probe_forget (probe);
  conn_probe_do_join (probe, "room", FALSE);
  conn_probe_expect_sent ("{\"id\":3,\"subscribe\":{\"channel\":\"room\"}}\n");
}

/* A join without an answer, or with a strange one: whether the server holds it as joined is not known, so it is told
 * that it is not wanted, or the next join would be refused. */
static void
test_join_unanswered (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  conn_probe_do_join (probe, "room", FALSE);
  conn_probe_forget (probe);
  conn_probe_advance (probe, 10000);
  conn_probe_expect (probe, "join room: timed-out\n");
  conn_probe_expect_sent ("{\"id\":3,\"unsubscribe\":{\"channel\":\"room\"}}\n");
  conn_probe_do_join (probe, "room", FALSE);
  conn_probe_expect_sent ("{\"id\":4,\"subscribe\":{\"channel\":\"room\"}}\n");
  rt_fake_transport_receive ("{\"id\":2,\"subscribe\":{}}\n{\"id\":3,\"unsubscribe\":{}}");
  conn_probe_expect (probe, "");
  rt_fake_transport_receive ("{\"id\":4,\"publish\":{}}");
  conn_probe_expect (probe, "join room: protocol\n");
  conn_probe_expect_sent ("{\"id\":5,\"unsubscribe\":{\"channel\":\"room\"}}\n");
}

static void
test_leave (void)
{
  g_autoptr (ConnProbe) probe = new_joined ();

  conn_probe_do (probe, RT_OP_LEAVE, "room");
  conn_probe_do (probe, RT_OP_LEAVE, "room");
  conn_probe_expect_sent ("{\"id\":3,\"unsubscribe\":{\"channel\":\"room\"}}\n");
  rt_fake_transport_receive ("{\"push\":{\"channel\":\"room\",\"pub\":{\"data\":1}}}\n"
                             "{\"push\":{\"channel\":\"room\",\"unsubscribe\":{\"code\":2000}}}");
  conn_probe_expect (probe, "");
  rt_fake_transport_receive ("{\"id\":3,\"unsubscribe\":{}}");
  conn_probe_expect (probe, "left room 0 \nleave room: ok\nleave room: ok\n");
  conn_probe_do (probe, RT_OP_LEAVE, "room");
  conn_probe_expect (probe, "leave room: channel-not-found\n");
}

/* No answer, or a refusal: left all the same. */
static void
test_leave_unanswered (void)
{
  for (guint refused = 0; refused <= 1; refused++)
    {
      g_autoptr (ConnProbe) probe = new_joined ();

      conn_probe_do (probe, RT_OP_LEAVE, "room");
      if (refused)
        rt_fake_transport_receive ("{\"id\":3,\"error\":{\"code\":100}}");
      else
        conn_probe_advance (probe, 10000);
      conn_probe_expect (probe, "left room 0 \nleave room: ok\n");
    }
}

static void
test_leave_joining (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  conn_probe_do_join (probe, "room", FALSE);
  conn_probe_do (probe, RT_OP_LEAVE, "room");
  conn_probe_expect (probe, "join room: channel-not-found\n");
  rt_fake_transport_receive ("{\"id\":2,\"subscribe\":{}}\n{\"id\":3,\"unsubscribe\":{}}");
  conn_probe_expect (probe, "leave room: ok\n");
}

static void
test_join_while_leaving (void)
{
  g_autoptr (ConnProbe) probe = new_joined ();

  conn_probe_do (probe, RT_OP_LEAVE, "room");
  g_autoptr (RtOp) join = conn_probe_join (probe, "room", FALSE, NULL, 0);
  conn_probe_settle (probe);
  conn_probe_forget (probe);
  rt_fake_transport_receive ("{\"id\":3,\"unsubscribe\":{}}");
  conn_probe_expect (probe, "left room 0 \nleave room: ok\n");
  conn_probe_expect_sent ("{\"id\":4,\"subscribe\":{\"channel\":\"room\"}}\n");
  rt_fake_transport_receive ("{\"id\":4,\"subscribe\":{}}");
  conn_probe_expect (probe, "joined room @0\njoin room: ok\n");

  /* And the same with a leave on top. */
  conn_probe_do (probe, RT_OP_LEAVE, "room");
  conn_probe_do_join (probe, "room", FALSE);
  conn_probe_do (probe, RT_OP_LEAVE, "room");
  conn_probe_expect (probe, "join room: channel-not-found\n");
  rt_fake_transport_receive ("{\"id\":5,\"unsubscribe\":{}}");
  conn_probe_expect (probe, "left room 0 \nleave room: ok\nleave room: ok\n");
}

static void
test_cancel_join (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);
  g_autoptr (RtOp) first = conn_probe_join (probe, "room", FALSE, NULL, 0);
  g_autoptr (RtOp) second = conn_probe_join (probe, "room", FALSE, NULL, 0);

  conn_probe_settle (probe);
  conn_probe_forget (probe);
  conn_probe_cancel (probe, first);
  conn_probe_expect (probe, "join room: cancelled\n");
  conn_probe_expect_sent ("");
  /* The last who wanted it: the server is told. */
  conn_probe_cancel (probe, second);
  conn_probe_expect (probe, "join room: cancelled\n");
  conn_probe_expect_sent ("{\"id\":3,\"unsubscribe\":{\"channel\":\"room\"}}\n");
  /* Wanted again before the server has answered. */
  conn_probe_do_join (probe, "room", FALSE);
  rt_fake_transport_receive ("{\"id\":2,\"subscribe\":{}}\n{\"id\":3,\"unsubscribe\":{}}");
  conn_probe_expect_sent ("{\"id\":4,\"subscribe\":{\"channel\":\"room\"}}\n");
  rt_fake_transport_receive ("{\"id\":4,\"subscribe\":{}}");
  conn_probe_expect (probe, "joined room @0\njoin room: ok\n");

  g_autoptr (RtOp) leave = conn_probe_call (probe, RT_OP_LEAVE, "room");
  conn_probe_settle (probe);
  conn_probe_cancel (probe, leave);
  conn_probe_expect (probe, "leave room: cancelled\n");
  rt_fake_transport_receive ("{\"id\":5,\"unsubscribe\":{}}");
  conn_probe_expect (probe, "left room 0 \n");
}

/* --- Ended by the server --- */

static void
test_unsubscribe_push (void)
{
  static const guint final[] = { 0, 2000, 2499 };
  static const guint again[] = { 2500, 2501, 2999, 3000 };

  for (guint i = 0; i < G_N_ELEMENTS (final); i++)
    {
      g_autoptr (ConnProbe) probe = new_joined ();
      g_autofree char *message = g_strdup_printf (
        "{\"push\":{\"channel\":\"room\",\"unsubscribe\":{\"code\":%u,\"reason\":\"enough\"}}}", final[i]);
      g_autofree char *expected = g_strdup_printf ("left room %u enough\n", final[i]);

      rt_fake_transport_receive (message);
      conn_probe_expect (probe, expected);
      rt_fake_transport_receive (message);
      conn_probe_expect (probe, "");
      conn_probe_expect_sent ("");
    }
  for (guint i = 0; i < G_N_ELEMENTS (again); i++)
    {
      g_autoptr (ConnProbe) probe = new_joined ();
      g_autofree char *message
        = g_strdup_printf ("{\"push\":{\"channel\":\"room\",\"unsubscribe\":{\"code\":%u}}}", again[i]);

      rt_fake_transport_receive_turn (message, message, NULL);
      conn_probe_expect (probe, "rejoining room\n");
      conn_probe_expect_sent ("{\"id\":3,\"subscribe\":{\"channel\":\"room\"}}\n");
      rt_fake_transport_receive ("{\"id\":3,\"subscribe\":{}}");
      conn_probe_expect (probe, "joined room @0\n");
    }
}

static void
test_state_invalidated (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  conn_probe_do_join (probe, "room", TRUE);
  rt_fake_transport_receive (JOINED_2);
  conn_probe_forget (probe);
  rt_fake_transport_receive ("{\"push\":{\"channel\":\"room\",\"unsubscribe\":{\"code\":2500}}}");
  conn_probe_expect (probe, "rejoining room\n");
  conn_probe_expect_sent ("{\"id\":3,\"subscribe\":{\"channel\":\"room\",\"recover\":true,\"epoch\":\"E\",\"offset\":5,"
                          "\"recoverable\":true}}\n");
  rt_fake_transport_receive ("{\"id\":3,\"subscribe\":{\"recoverable\":true,\"epoch\":\"E\",\"recovered\":true,\"offset\":5}}");
  conn_probe_expect (probe, "joined room E@5 recoverable recovered\nrecovered room 0\n");
  /* The position is worth nothing. */
  rt_fake_transport_receive ("{\"push\":{\"channel\":\"room\",\"unsubscribe\":{\"code\":2502}}}");
  conn_probe_expect (probe, "gap room 0\nrejoining room\n");
  conn_probe_expect_sent ("{\"id\":4,\"subscribe\":{\"channel\":\"room\",\"recoverable\":true}}\n");
  rt_fake_transport_receive ("{\"id\":4,\"subscribe\":{\"recoverable\":true,\"epoch\":\"F\",\"offset\":1}}");
  conn_probe_expect (probe, "joined room F@1 recoverable\n");
  push ("room", 2);
  conn_probe_expect (probe, "message room 2\n");
}

static void
test_rejoin_refused (void)
{
  g_autoptr (ConnProbe) probe = new_joined ();

  rt_fake_transport_receive ("{\"push\":{\"channel\":\"room\",\"unsubscribe\":{\"code\":2500}}}");
  rt_fake_transport_receive ("{\"id\":3,\"error\":{\"code\":103}}");
  conn_probe_expect (probe, "rejoining room\nleft room 103 error\nerror permission-denied\n");
}

static void
test_members (void)
{
  g_autoptr (ConnProbe) probe = new_joined ();

  rt_fake_transport_receive ("{\"push\":{\"channel\":\"room\",\"join\":{\"info\":{\"user\":\"u\",\"client\":\"c\"}}}}\n"
                             "{\"push\":{\"channel\":\"room\",\"pub\":{\"data\":1}}}\n"
                             "{\"push\":{\"channel\":\"r\\u006fom\",\"leave\":{\"info\":{\"user\":\"u\",\"client\":\"c\"}}}}");
  conn_probe_expect (probe, "member room in u c\nmessage room 0\nmember room out u c\n");
}

/* A name that is longer escaped than a name may be. */
static void
test_escaped_name (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);
  g_autoptr (GString) name = g_string_new (NULL);
  g_autoptr (GString) escaped = g_string_new (NULL);

  for (guint i = 0; i < 60; i++)
    {
      g_string_append (name, "\u00e9");
      g_string_append (escaped, "\\u00e9");
    }
  conn_probe_do_join (probe, name->str, FALSE);
  rt_fake_transport_receive ("{\"id\":2,\"subscribe\":{}}");
  conn_probe_forget (probe);
  push (escaped->str, 1);
  g_assert_true (g_str_has_prefix (probe->diary->str, "message "));
}

/* Pushes for nobody, of which some are hardly pushes. */
static void
test_strange_pushes (void)
{
  static const char *const pushes[] = {
    "{\"push\":{\"pub\":{\"data\":1}}}",
    "{\"push\":{\"channel\":\"\",\"pub\":{\"data\":1}}}",
    "{\"push\":{\"channel\":\"roo\",\"pub\":{\"data\":1}}}",
    "{\"push\":{\"channel\":\"rooms\",\"pub\":{\"data\":1}}}",
    "{\"push\":{\"channel\":\"room\\u0000\",\"pub\":{\"data\":1}}}",
    "{\"push\":{\"channel\":\"\\ud800\",\"pub\":{\"data\":1}}}",
    "{\"push\":{\"channel\":\"room\"}}",
    "{\"push\":{\"channel\":\"room\",\"novelty\":{}}}",
    "{\"push\":{\"channel\":\"room\",\"subscribe\":{}}}",
    "{\"push\":{\"channel\":\"room\",\"message\":{\"data\":1}}}",
    "{\"push\":{\"channel\":\"room\",\"refresh\":{}}}",
    "{\"push\":{}}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (pushes); i++)
    {
      g_autoptr (ConnProbe) probe = new_joined ();

      push ("room", 0);
      rt_fake_transport_receive (pushes[i]);
      g_assert_cmpstr (probe->diary->str, ==, "message room 0\n");
      conn_probe_forget (probe);
      push ("room", 0);
      conn_probe_expect (probe, "message room 0\n");
    }
}

/* --- The line is lost --- */

static void
test_lost_and_found (void)
{
  g_autoptr (ConnProbe) probe = new_joined ();

  conn_probe_do_join (probe, "late", FALSE);
  conn_probe_do (probe, RT_OP_LEAVE, "late");
  conn_probe_do_join (probe, "later", FALSE);
  conn_probe_forget (probe);
  rt_fake_transport_closed (1006, "");
  g_assert_nonnull (strstr (probe->diary->str, "rejoining room\n"));
  g_assert_nonnull (strstr (probe->diary->str, "leave late: ok\n"));
  /* Who waits to join it for the first time waits on. */
  g_assert_null (strstr (probe->diary->str, "join later"));
  conn_probe_do (probe, RT_OP_CONNECT, NULL);
  rt_fake_transport_opened (RT_PROFILE_RT1);
  conn_probe_forget (probe);
  rt_fake_transport_receive ("{\"id\":6,\"connect\":{\"client\":\"c2\"}}");
  /* Only what is still wanted, and before the program learns of the connection. */
  conn_probe_expect_sent ("{\"id\":7,\"subscribe\":{\"channel\":\"later\"}}\n{\"id\":8,\"subscribe\":{\"channel\":\"room\"}}\n");
  conn_probe_expect (probe, "state connected\nconnected c2\nconnect: ok\n");
  rt_fake_transport_receive ("{\"id\":8,\"subscribe\":{}}");
  conn_probe_expect (probe, "joined room @0\n");
  rt_fake_transport_receive ("{\"id\":7,\"subscribe\":{}}");
  conn_probe_expect (probe, "joined later @0\njoin later: ok\n");
}

/* Left and wanted again, and then the line goes: whoever waits for it waits on. */
static void
test_again_while_leaving (void)
{
  g_autoptr (ConnProbe) probe = new_joined ();

  conn_probe_do (probe, RT_OP_LEAVE, "room");
  conn_probe_do_join (probe, "room", FALSE);
  conn_probe_forget (probe);
  rt_fake_transport_closed (1006, "");
  conn_probe_expect (probe, "state reconnecting\nleft room 0 \nleave room: ok\ndisconnected 1006  will retry\nreconnecting 1\n");
  conn_probe_come_back (probe, "");
  conn_probe_expect_sent ("{\"id\":5,\"subscribe\":{\"channel\":\"room\"}}\n");
  conn_probe_forget (probe);
  rt_fake_transport_receive ("{\"id\":5,\"subscribe\":{}}");
  conn_probe_expect (probe, "joined room @0\njoin room: ok\n");
}

/* The server had subscribed the client, and does not do so any more; meanwhile the program asked for the channel. */
static void
test_wanted_meanwhile (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  rt_fake_transport_receive ("{\"push\":{\"channel\":\"room\",\"subscribe\":{}}}");
  rt_fake_transport_closed (1006, "");
  conn_probe_do_join (probe, "room", FALSE);
  conn_probe_come_back (probe, "");
  conn_probe_expect_sent ("{\"id\":3,\"subscribe\":{\"channel\":\"room\"}}\n");
  conn_probe_expect (probe, "state connected\nconnected c2\nleft room 2000 not subscribed by the server any more\n");
  rt_fake_transport_receive ("{\"id\":3,\"subscribe\":{}}");
  conn_probe_expect (probe, "joined room @0\njoin room: ok\n");
}

static void
test_leave_between (void)
{
  g_autoptr (ConnProbe) probe = new_joined ();

  rt_fake_transport_closed (1006, "");
  conn_probe_forget (probe);
  conn_probe_do (probe, RT_OP_LEAVE, "room");
  conn_probe_expect (probe, "left room 0 \nleave room: ok\n");
}

static void
test_closed (void)
{
  g_autoptr (ConnProbe) probe = new_joined ();

  conn_probe_do (probe, RT_OP_CLOSE, NULL);
  rt_fake_transport_closed (1000, "");
  conn_probe_expect (probe, "state closing\nstate closed\nleft room 0 the client was closed\ndisconnected 1000 \nclose: ok\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  conn_probe_add_test ("/Rt/Channels/join", test_join);
  conn_probe_add_test ("/Rt/Channels/join-early", test_join_early);
  conn_probe_add_test ("/Rt/Channels/join-refused", test_join_refused);
  conn_probe_add_test ("/Rt/Channels/join-unanswered", test_join_unanswered);
  conn_probe_add_test ("/Rt/Channels/leave", test_leave);
  conn_probe_add_test ("/Rt/Channels/leave-unanswered", test_leave_unanswered);
  conn_probe_add_test ("/Rt/Channels/leave-joining", test_leave_joining);
  conn_probe_add_test ("/Rt/Channels/join-while-leaving", test_join_while_leaving);
  conn_probe_add_test ("/Rt/Channels/cancel-join", test_cancel_join);
  conn_probe_add_test ("/Rt/Channels/unsubscribe-push", test_unsubscribe_push);
  conn_probe_add_test ("/Rt/Channels/state-invalidated", test_state_invalidated);
  conn_probe_add_test ("/Rt/Channels/rejoin-refused", test_rejoin_refused);
  conn_probe_add_test ("/Rt/Channels/members", test_members);
  conn_probe_add_test ("/Rt/Channels/escaped-name", test_escaped_name);
  conn_probe_add_test ("/Rt/Channels/strange-pushes", test_strange_pushes);
  conn_probe_add_test ("/Rt/Channels/lost-and-found", test_lost_and_found);
  conn_probe_add_test ("/Rt/Channels/again-while-leaving", test_again_while_leaving);
  conn_probe_add_test ("/Rt/Channels/wanted-meanwhile", test_wanted_meanwhile);
  conn_probe_add_test ("/Rt/Channels/leave-between", test_leave_between);
  conn_probe_add_test ("/Rt/Channels/closed", test_closed);
  return g_test_run ();
}
