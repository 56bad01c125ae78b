/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn-probe.h"

#include <string.h>

/* Either everything that was missed arrives, in order, before anything newer, or a gap says so. */

#define POSITION "\"recoverable\":true,\"positioned\":true,\"epoch\":\"E\""
#define REJOIN_AT(id, offset)                                                                                    \
  "{\"id\":" #id ",\"subscribe\":{\"channel\":\"room\",\"recover\":true,\"epoch\":\"E\",\"offset\":" #offset ",\"recoverable\":true}}\n"
#define PUB(offset) "{\"data\":{},\"offset\":" #offset "}"
#define PUSH(offset) "{\"push\":{\"channel\":\"room\",\"pub\":" PUB (offset) "}}"

/* Joined at offset 5 of epoch E. */
static ConnProbe *
new_recoverable (const ConnProbeOptions *options)
{
  ConnProbe *probe = conn_probe_new_connected (options);

  conn_probe_do_join (probe, "room", TRUE);
  rt_fake_transport_receive ("{\"id\":2,\"subscribe\":{" POSITION ",\"offset\":5}}");
  conn_probe_expect (probe, "joined room E@5 recoverable\njoin room: ok\n");
  conn_probe_forget (probe);
  return probe;
}

/* Lost and connected again: the next reply is to command 4. */
static ConnProbe *
new_reconnected (void)
{
  ConnProbe *probe = new_recoverable (NULL);

  rt_fake_transport_receive (PUSH (6));
  rt_fake_transport_closed (1006, "");
  conn_probe_expect (probe, "message room 6\nstate reconnecting\nrejoining room\ndisconnected 1006  will retry\nreconnecting 1\n");
  conn_probe_do (probe, RT_OP_CONNECT, NULL);
  rt_fake_transport_opened (RT_PROFILE_RT1);
  conn_probe_forget (probe);
  rt_fake_transport_receive ("{\"id\":3,\"connect\":{\"client\":\"c2\"}}");
  conn_probe_expect_sent (REJOIN_AT (4, 6));
  conn_probe_forget (probe);
  return probe;
}

static void
test_recovered (void)
{
  static const char *const replies[] = {
    /* The offset that was recovered from, the newest, and none. */
    "{\"id\":4,\"subscribe\":{" POSITION ",\"recovered\":true,\"offset\":6,\"publications\":[" PUB (7) "," PUB (8) "]}}",
    "{\"id\":4,\"subscribe\":{" POSITION ",\"recovered\":true,\"offset\":8,\"publications\":[" PUB (7) "," PUB (8) "]}}",
    "{\"id\":4,\"subscribe\":{" POSITION ",\"recovered\":true,\"publications\":[" PUB (7) "," PUB (8) "]}}",
    /* With some that were delivered already. */
    "{\"id\":4,\"subscribe\":{" POSITION ",\"recovered\":true,\"publications\":[" PUB (5) "," PUB (6) "," PUB (7) "," PUB (7) "," PUB (8) "]}}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_autoptr (ConnProbe) probe = new_reconnected ();

      rt_fake_transport_receive (PUSH (9));
      conn_probe_expect (probe, "");
      rt_fake_transport_receive (replies[i]);
      conn_probe_expect (probe, "joined room E@6 recoverable recovered\nmessage room 7\nmessage room 8\nrecovered room 2\n");
      rt_fake_transport_receive_turn (PUSH (8), PUSH (9), PUSH (9), PUSH (10), NULL);
      conn_probe_expect (probe, "message room 9\nmessage room 10\n");
    }
}

static void
test_nothing_missed (void)
{
  g_autoptr (ConnProbe) probe = new_reconnected ();

  rt_fake_transport_receive ("{\"id\":4,\"subscribe\":{" POSITION ",\"recovered\":true,\"offset\":6}}\n" PUSH (7));
  conn_probe_expect (probe, "joined room E@6 recoverable recovered\nrecovered room 0\nmessage room 7\n");
}

/* Not all of what was missed, though the server calls it recovered. */
static void
test_half_recovered (void)
{
  static const struct
  {
    const char *reply;
    const char *diary;
  } cases[] = {
    { "{\"id\":4,\"subscribe\":{" POSITION ",\"recovered\":true,\"publications\":[" PUB (8) "," PUB (9) "," PUB (12) "]}}",
      "joined room E@6 recoverable recovered\ngap room 1\nmessage room 8\nmessage room 9\ngap room 2\nmessage room 12\n"
      "recovered room 3\nmessage room 13\n" },
    { "{\"id\":4,\"subscribe\":{" POSITION ",\"recovered\":true,\"offset\":12,\"publications\":[" PUB (7) "," PUB (8) "]}}",
      "joined room E@6 recoverable recovered\nmessage room 7\nmessage room 8\ngap room 4\nrecovered room 2\nmessage room 13\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ConnProbe) probe = new_reconnected ();

      rt_fake_transport_receive_turn (cases[i].reply, PUSH (13), NULL);
      conn_probe_expect (probe, cases[i].diary);
    }
}

static void
test_unrecovered (void)
{
  static const struct
  {
    const char *reply;
    const char *diary;
  } cases[] = {
    { "{\"id\":4,\"subscribe\":{" POSITION ",\"offset\":12}}", "joined room E@12 recoverable\ngap room 6\nmessage room 13\n" },
    /* A new epoch: how many were missed is not known. */
    { "{\"id\":4,\"subscribe\":{\"recoverable\":true,\"epoch\":\"F\",\"offset\":12}}",
      "joined room F@12 recoverable\ngap room 0\nmessage room 13\n" },
    { "{\"id\":4,\"subscribe\":{\"recoverable\":true,\"epoch\":\"F\",\"recovered\":true,\"offset\":12}}",
      "joined room F@12 recoverable\ngap room 0\nmessage room 13\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ConnProbe) probe = new_reconnected ();

      rt_fake_transport_receive_turn (cases[i].reply, PUSH (13), NULL);
      conn_probe_expect (probe, cases[i].diary);
    }
}

static void
test_unrecoverable_error (void)
{
  g_autoptr (ConnProbe) probe = new_reconnected ();

  rt_fake_transport_receive ("{\"id\":4,\"error\":{\"code\":112,\"message\":\"unrecoverable position\"}}");
  conn_probe_expect (probe, "gap room 0\n");
  conn_probe_expect_sent ("{\"id\":5,\"subscribe\":{\"channel\":\"room\",\"recoverable\":true}}\n");
  rt_fake_transport_receive ("{\"id\":5,\"subscribe\":{\"recoverable\":true,\"epoch\":\"F\",\"offset\":1}}\n" PUSH (2));
  conn_probe_expect (probe, "joined room F@1 recoverable\nmessage room 2\n");
}

/* A first join from a position of the program's own. */
static void
test_since (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);
  g_autoptr (RtOp) op = conn_probe_join (probe, "room", TRUE, "E", 3);

  conn_probe_settle (probe);
  conn_probe_expect_sent (REJOIN_AT (2, 3));
  rt_fake_transport_receive ("{\"id\":2,\"subscribe\":{" POSITION ",\"recovered\":true,\"publications\":[" PUB (4) "]}}");
  conn_probe_expect (probe, "joined room E@3 recoverable recovered\njoin room: ok\nmessage room 4\nrecovered room 1\n");
}

/* --- Holes among what comes live --- */

static void
test_hole (void)
{
  g_autoptr (ConnProbe) probe = new_recoverable (NULL);

  rt_fake_transport_receive_turn (PUSH (6), PUSH (8), PUSH (9), NULL);
  conn_probe_expect (probe, "message room 6\n");
  conn_probe_expect_sent ("{\"id\":3,\"unsubscribe\":{\"channel\":\"room\"}}\n" REJOIN_AT (4, 6));
  rt_fake_transport_receive ("{\"id\":3,\"unsubscribe\":{}}\n"
                             "{\"id\":4,\"subscribe\":{" POSITION ",\"recovered\":true,\"publications\":["
                             PUB (7) "," PUB (8) "," PUB (9) "]}}\n" PUSH (10));
  conn_probe_expect (probe, "message room 7\nmessage room 8\nmessage room 9\nrecovered room 3\nmessage room 10\n");
}

/* What belongs to streams has places, and is no message. */
static void
test_frames_in_hole (void)
{
  g_autoptr (ConnProbe) probe = new_recoverable (NULL);

  rt_fake_transport_receive_turn (PUSH (6), PUSH (8), NULL);
  conn_probe_forget (probe);
  rt_fake_transport_receive ("{\"id\":3,\"unsubscribe\":{}}\n"
                             "{\"id\":4,\"subscribe\":{" POSITION ",\"recovered\":true,\"publications\":["
                             "{\"data\":{\"$rt\":1,\"id\":\"7\",\"src\":\"aa\",\"ts\":1,\"type\":\"stream\",\"st\":{\"k\":\"ask\","
                             "\"id\":\"1\"}},\"offset\":7}," PUB (8) "]}}\n" PUSH (9));
  conn_probe_expect (probe, "message room 8\nrecovered room 1\nmessage room 9\n");
}

/* Left while it was being joined again: no answer to the older commands may bring it back. */
static void
test_leave_in_hole (void)
{
  g_autoptr (ConnProbe) probe = new_recoverable (NULL);

  rt_fake_transport_receive (PUSH (8));
  conn_probe_do (probe, RT_OP_LEAVE, "room");
  rt_fake_transport_receive ("{\"id\":3,\"unsubscribe\":{}}");
  conn_probe_expect (probe, "left room 0 \nleave room: ok\n");
  conn_probe_do_join (probe, "room", FALSE);
  rt_fake_transport_receive ("{\"id\":4,\"subscribe\":{" POSITION ",\"recovered\":true}}\n{\"id\":5,\"unsubscribe\":{}}");
  conn_probe_expect (probe, "");
  rt_fake_transport_receive ("{\"id\":6,\"subscribe\":{}}");
  conn_probe_expect (probe, "joined room @0\njoin room: ok\n");
}

/* Positions without history: what is missing cannot be had again. */
static void
test_positioned (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  conn_probe_do_join (probe, "room", FALSE);
  rt_fake_transport_receive ("{\"id\":2,\"subscribe\":{\"positioned\":true,\"epoch\":\"E\",\"offset\":5}}");
  conn_probe_forget (probe);
  rt_fake_transport_receive_turn (PUSH (6), PUSH (6), PUSH (9), NULL);
  conn_probe_expect (probe, "message room 6\ngap room 2\nmessage room 9\n");
  conn_probe_expect_sent ("");
}

static void
test_no_positions (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  conn_probe_do_join (probe, "room", FALSE);
  rt_fake_transport_receive ("{\"id\":2,\"subscribe\":{}}");
  conn_probe_forget (probe);
  rt_fake_transport_receive_turn (PUSH (6), PUSH (4), PUSH (4), NULL);
  conn_probe_expect (probe, "message room 6\nmessage room 4\nmessage room 4\n");
}

/* --- Single messages --- */

static void
test_repeats (void)
{
  static const char message[] = "{\"push\":{\"channel\":\"room\",\"pub\":{\"data\":{\"$rt\":1,\"id\":\"77\",\"src\":"
                                "\"0123456789abcdef\",\"ts\":1,\"type\":\"text\",\"text\":\"x\"}}}}";
  g_autoptr (ConnProbe) probe = new_recoverable (NULL);

  rt_fake_transport_receive_turn (message, message, NULL);
  conn_probe_expect (probe, "message room 0\n");
  conn_probe_advance (probe, 20000);
  rt_fake_transport_receive_turn (message, "{\"push\":{\"channel\":\"room\",\"pub\":{\"data\":1}}}", NULL);
  conn_probe_expect (probe, "message room 0\n");
}

static void
test_oversize (void)
{
  g_autoptr (ConnProbe) probe = new_recoverable (&(ConnProbeOptions) { .max_message_size = 1024 });
  g_autofree char *most = g_strnfill (1024, '7');
  g_autofree char *over = g_strnfill (1025, '7');
  g_autofree char *fits = g_strdup_printf ("{\"push\":{\"channel\":\"room\",\"pub\":{\"data\":%s,\"offset\":6}}}", most);
  g_autofree char *large = g_strdup_printf ("{\"push\":{\"channel\":\"room\",\"pub\":{\"data\":%s,\"offset\":7}}}", over);

  rt_fake_transport_receive_turn (fits, large, PUSH (8), NULL);
  conn_probe_expect (probe, "message room 6\nerror too-large\ngap room 1\nmessage room 8\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  conn_probe_add_test ("/Rt/Recovery/recovered", test_recovered);
  conn_probe_add_test ("/Rt/Recovery/nothing-missed", test_nothing_missed);
  conn_probe_add_test ("/Rt/Recovery/half-recovered", test_half_recovered);
  conn_probe_add_test ("/Rt/Recovery/unrecovered", test_unrecovered);
  conn_probe_add_test ("/Rt/Recovery/unrecoverable-error", test_unrecoverable_error);
  conn_probe_add_test ("/Rt/Recovery/since", test_since);
  conn_probe_add_test ("/Rt/Recovery/hole", test_hole);
  conn_probe_add_test ("/Rt/Recovery/frames-in-hole", test_frames_in_hole);
  conn_probe_add_test ("/Rt/Recovery/leave-in-hole", test_leave_in_hole);
  conn_probe_add_test ("/Rt/Recovery/positioned", test_positioned);
  conn_probe_add_test ("/Rt/Recovery/no-positions", test_no_positions);
  conn_probe_add_test ("/Rt/Recovery/repeats", test_repeats);
  conn_probe_add_test ("/Rt/Recovery/oversize", test_oversize);
  return g_test_run ();
}
