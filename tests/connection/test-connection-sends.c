/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn-probe.h"

#include <string.h>
#include "rt-error.h"

/* What is sent while there is no connection, and what was sent on one that is gone. */

#define PUBLISH(command, message) \
  "{\"id\":" #command ",\"publish\":{\"channel\":\"room\",\"data\":{},\"idem\":\"" message "\"}}\n"
#define DONE(command) "{\"id\":" #command ",\"publish\":{}}"

static RtOp *
publish_with (ConnProbe *probe, const char *id, guint8 priority, guint ttl)
{
  g_auto (RtBuffer) block = { 0 };
  g_autofree char *label = g_strdup_printf ("publish %s", id);

  g_assert_true (rt_connection_reserve (probe->connection, 2, NULL));
  RtOp *op = rt_connection_new_publish (probe->connection, &block);
  rt_op_begin_publish (&block, "room", id, 2);
  rt_buffer_put (&block, "{}", 2);
  rt_op_finish_publish (op, &block);
  op->priority = priority;
  op->expires = ttl != 0 ? rt_clock_now () + RT_CLOCK_MS (ttl) : 0;
  conn_probe_submit (probe, op, label);
  conn_probe_settle (probe);
  return op;
}

/* What a stream sends. */
static void
done_cb (RtOp *op)
{
  GString *story = g_steal_pointer (&op->call);

  g_string_append_printf (story, "%s %s%s; ", op->id, op->error == NULL ? "done" : op->was_lost ? "lost " : "failed ",
                          op->error == NULL ? "" : g_error_matches (op->error, RT_ERROR, RT_ERROR_OUTCOME_UNKNOWN) ? "unknown"
                          : g_error_matches (op->error, RT_ERROR, RT_ERROR_TOO_LARGE) ? "too-large" : op->error->message);
  rt_op_unref (op);
}

static void
send_piece (ConnProbe *probe, const char *id, GString *story)
{
  g_auto (RtBuffer) block = { 0 };
  RtOp *op = rt_op_new (RT_OP_PUBLISH);

  g_assert_true (rt_connection_reserve (probe->connection, 2, NULL));
  rt_op_begin_publish (&block, "room", id, 2);
  rt_buffer_put (&block, "{}", 2);
  rt_op_finish_publish (op, &block);
  op->comes_back = op->stands_apart = TRUE;
  op->timeout = 60000;
  op->done = done_cb;
  op->call = story;
  rt_connection_submit (probe->connection, op);
}

static void
send_with (ConnProbe *probe, const char *id, guint8 priority, guint ttl)
{
  rt_op_unref (publish_with (probe, id, priority, ttl));
}

static guint
get_depth (ConnProbe *probe)
{
  RtConnectionStatus status;

  rt_connection_get_status (probe->connection, &status);
  g_assert_cmpuint (status.queued_bytes, ==, 2 * status.queued_messages);
  rt_connection_status_clear (&status);
  return status.queued_messages;
}

static ConnProbe *
new_lost (const ConnProbeOptions *options)
{
  ConnProbe *probe = conn_probe_new_connected (options);

  rt_fake_transport_closed (1006, "");
  conn_probe_expect (probe, "state reconnecting\ndisconnected 1006  will retry\nreconnecting 1\n");
  return probe;
}

/* --- The queue --- */

static void
test_while_connecting (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new (NULL);

  conn_probe_do_publish (probe, "room", "early");
  conn_probe_expect (probe, "publish early: not-connected\n");
  conn_probe_do (probe, RT_OP_CONNECT, NULL);
  conn_probe_do_publish (probe, "room", "m1");
  conn_probe_do_publish (probe, "room", "m2");
  g_assert_cmpuint (get_depth (probe), ==, 2);
  rt_fake_transport_opened (RT_PROFILE_RT1);
  conn_probe_forget (probe);
  rt_fake_transport_receive ("{\"id\":1,\"connect\":{\"client\":\"c1\",\"ping\":25}}");
  conn_probe_expect (probe, "state connected\nconnected c1\nconnect: ok\n");
  g_assert_cmpuint (get_depth (probe), ==, 0);
  conn_probe_expect_sent ("{\"id\":2,\"publish\":{\"channel\":\"room\",\"data\":{},\"idem\":\"m1\"}}\n" PUBLISH (3, "m2"));
}

static void
test_priority (void)
{
  g_autoptr (ConnProbe) probe = new_lost (NULL);

  send_with (probe, "low", 0, 0);
  send_with (probe, "n1", 1, 0);
  send_with (probe, "urgent", 3, 0);
  send_with (probe, "n2", 1, 0);
  conn_probe_come_back (probe, "");
  conn_probe_expect_sent (PUBLISH (3, "urgent") PUBLISH (4, "n1") PUBLISH (5, "n2") PUBLISH (6, "low"));
}

static void
test_full (void)
{
  g_autoptr (ConnProbe) probe = new_lost (&(ConnProbeOptions) { .send_queue_limit = 2 });

  conn_probe_do_publish (probe, "room", "m1");
  conn_probe_do_publish (probe, "room", "m2");
  conn_probe_do_publish (probe, "room", "m3");
  /* It was never accepted, so nothing is dropped. */
  conn_probe_expect (probe, "publish m3: queue-full\n");
  conn_probe_come_back (probe, "");
  conn_probe_do_publish (probe, "room", "m4");
  conn_probe_expect_sent (PUBLISH (3, "m1") PUBLISH (4, "m2") PUBLISH (5, "m4"));
}

/* A time to live ends in the queue at its moment, and also between writing and writing again. */
static void
test_expiry (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  send_with (probe, "written", 1, 5000);
  rt_fake_transport_closed (1006, "");
  conn_probe_forget (probe);
  rt_connection_network_changed (probe->connection, FALSE);
  send_with (probe, "m1", 1, 3000);
  send_with (probe, "m2", 1, 1000);
  send_with (probe, "m3", 1, 0);
  conn_probe_advance (probe, 999);
  g_assert_null (strstr (probe->diary->str, "expired"));
  conn_probe_advance (probe, 1);
  g_assert_nonnull (strstr (probe->diary->str, "dropped room expired\npublish m2: expired\n"));
  conn_probe_advance (probe, 2000);
  g_assert_nonnull (strstr (probe->diary->str, "dropped room expired\npublish m1: expired\n"));
  conn_probe_advance (probe, 2000);
  g_assert_nonnull (strstr (probe->diary->str, "dropped room outcome-unknown\npublish written: outcome-unknown\n"));
  g_assert_cmpuint (get_depth (probe), ==, 1);
}

static void
test_cancel (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);
  g_autoptr (RtOp) written = conn_probe_publish (probe, "room", "written", "{}");

  conn_probe_settle (probe);
  rt_fake_transport_closed (1006, "");
  conn_probe_forget (probe);
  g_autoptr (RtOp) waiting = conn_probe_publish (probe, "room", "waiting", "{}");
  conn_probe_settle (probe);
  g_assert_cmpuint (get_depth (probe), ==, 2);
  conn_probe_cancel (probe, written);
  conn_probe_cancel (probe, waiting);
  conn_probe_expect (probe, "dropped room outcome-unknown\npublish written: outcome-unknown\npublish waiting: cancelled\n");
  g_assert_cmpuint (get_depth (probe), ==, 0);
  /* What was failed is not sent later. */
  conn_probe_come_back (probe, "");
  conn_probe_expect_sent ("");
}

/* Each end says whether the message may have arrived. */
static void
test_ends (void)
{
  static const struct
  {
    RtOpKind kind;
    const char *error;
  } cases[] = { { RT_OP_DISCONNECT, "not-connected" }, { RT_OP_CLOSE, "closed" }, { RT_OP_RESET, "not-connected" } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);
      g_autofree char *waiting = g_strdup_printf ("publish waiting: %s\n", cases[i].error);

      conn_probe_do_publish (probe, "room", "written");
      rt_fake_transport_closed (1006, "");
      conn_probe_do_publish (probe, "room", "waiting");
      conn_probe_forget (probe);
      conn_probe_do (probe, cases[i].kind, NULL);
      g_assert_nonnull (strstr (probe->diary->str, "publish written: outcome-unknown\n"));
      g_assert_nonnull (strstr (probe->diary->str, waiting));
      g_assert_cmpuint (get_depth (probe), ==, 0);
    }
}

/* --- Again --- */

/* What was not answered goes first, in its order and with its ids; what came meanwhile, behind it. */
static void
test_again (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  conn_probe_do_publish (probe, "room", "m1");
  conn_probe_do_publish (probe, "room", "m2");
  conn_probe_do_publish (probe, "room", "m3");
  rt_fake_transport_receive (DONE (3));
  conn_probe_forget (probe);
  rt_fake_transport_closed (1006, "");
  conn_probe_do_publish (probe, "room", "m4");
  g_assert_cmpuint (get_depth (probe), ==, 3);
  conn_probe_come_back (probe, "");
  conn_probe_expect_sent (PUBLISH (6, "m1") PUBLISH (7, "m3") PUBLISH (8, "m4"));
  rt_fake_transport_receive (DONE (6));
  rt_fake_transport_closed (1006, "");
  conn_probe_forget (probe);
  conn_probe_come_back (probe, "");
  conn_probe_expect_sent (PUBLISH (10, "m3") PUBLISH (11, "m4"));
  conn_probe_forget (probe);
  rt_fake_transport_receive (DONE (10) "\n" DONE (11));
  conn_probe_expect (probe, "publish m3: ok\npublish m4: ok\n");
}

/* What a server says of the second time tells nothing of the first. */
static void
test_again_refused (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  conn_probe_do_publish (probe, "room", "m1");
  rt_fake_transport_closed (1006, "");
  conn_probe_do_publish (probe, "room", "m2");
  conn_probe_come_back (probe, "");
  conn_probe_forget (probe);
  rt_fake_transport_receive ("{\"id\":4,\"error\":{\"code\":103}}\n{\"id\":5,\"error\":{\"code\":103}}");
  conn_probe_expect (probe, "dropped room outcome-unknown\npublish m1: outcome-unknown\n"
                            "dropped room permission-denied\npublish m2: permission-denied\n");
}

/* The outage may last: what waits for it has no other deadline, and the time to wait for an answer starts at the write. */
static void
test_long_outage (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (&(ConnProbeOptions) { .request_timeout = 5000 });
  g_autoptr (GError) network = g_error_new_literal (RT_ERROR, RT_ERROR_NETWORK, "nobody listens there");

  conn_probe_do_publish (probe, "room", "m1");
  rt_fake_transport_closed (1006, "");
  for (guint hours = 0; hours < 3 * 60; hours++)
    {
      conn_probe_advance (probe, 60000);
      if (rt_fake_transport_get () != NULL)
        rt_fake_transport_failed (network, 0);
    }
  g_assert_nonnull (strstr (probe->diary->str, "state suspended\n"));
  g_assert_null (strstr (probe->diary->str, "publish m1"));
  if (rt_fake_transport_get () != NULL)
    rt_fake_transport_failed (network, 0);
  while (rt_fake_transport_get () == NULL)
    conn_probe_advance (probe, 1000);
  probe->last_delay = 0;
  conn_probe_come_back (probe, "");
  conn_probe_forget (probe);
  conn_probe_advance (probe, 4999);
  conn_probe_expect (probe, "");
  conn_probe_advance (probe, 1);
  conn_probe_expect (probe, "dropped room outcome-unknown\npublish m1: outcome-unknown\n");
}

/* A server that has just come back is given so many at a time. */
static void
test_paced (void)
{
  g_autoptr (ConnProbe) probe = new_lost (NULL);
  guint written = 0;

  for (guint i = 0; i < 500; i++)
    conn_probe_do_publish (probe, "room", "m");
  conn_probe_come_back (probe, "");
  for (guint command = 3; command < 503; command++)
    {
      g_autofree char *done = g_strdup_printf ("{\"id\":%u,\"publish\":{}}", command);

      rt_fake_transport_receive (done);
      written++;
      g_assert_cmpuint (500 - get_depth (probe), ==, MIN (500, 128 + written));
    }
}

/* Channels first: what is sent may be about what they bring. */
static void
test_behind_the_channels (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  conn_probe_do_join (probe, "room", FALSE);
  rt_fake_transport_receive ("{\"id\":2,\"subscribe\":{}}");
  rt_fake_transport_closed (1006, "");
  conn_probe_do_publish (probe, "room", "m1");
  conn_probe_come_back (probe, "");
  conn_probe_do_publish (probe, "room", "m2");
  conn_probe_expect_sent ("{\"id\":4,\"subscribe\":{\"channel\":\"room\"}}\n");
  rt_fake_transport_receive ("{\"id\":4,\"error\":{\"code\":103}}");
  conn_probe_expect_sent ("{\"id\":5,\"publish\":{\"channel\":\"room\",\"data\":{},\"idem\":\"m1\"}}\n" PUBLISH (6, "m2"));
}

/* --- What comes back with its line --- */

/* Each begins a message, and with the line it ends: what is sent then is another's to say. */
static void
test_pieces (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);
  g_autoptr (GString) story = g_string_new (NULL);

  guint before = rt_fake_transport_get ()->messages->len;
  send_piece (probe, "p1", story);
  rt_op_unref (conn_probe_publish (probe, "room", "m1", "{}"));
  send_piece (probe, "p2", story);
  conn_probe_settle (probe);
  g_assert_cmpuint (rt_fake_transport_get ()->messages->len - before, ==, 2);
  conn_probe_expect_sent (PUBLISH (2, "p1") "{\"id\":3,\"publish\":{\"channel\":\"room\",\"data\":{},\"idem\":\"m1\"}}\n"
                          PUBLISH (4, "p2"));
  rt_fake_transport_receive (DONE (2));
  rt_fake_transport_closed (1006, "");
  g_assert_cmpstr (story->str, ==, "p1 done; p2 lost unknown; ");
  conn_probe_come_back (probe, "");
  conn_probe_expect_sent (PUBLISH (6, "m1"));
}

/* They are given the time that they need. */
static void
test_patient_pieces (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);
  g_autoptr (GString) story = g_string_new (NULL);

  send_piece (probe, "p1", story);
  send_piece (probe, "p2", story);
  conn_probe_settle (probe);
  for (guint i = 0; i < 59; i++)
    {
      conn_probe_advance (probe, 1000);
      rt_fake_transport_receive ("{}");
    }
  g_assert_cmpstr (story->str, ==, "");
  rt_fake_transport_receive (DONE (2));
  conn_probe_advance (probe, 1000);
  g_assert_cmpstr (story->str, ==, "p1 done; p2 failed unknown; ");
}

/* --- Messages over which the server closes --- */

/* Of pieces, too, it is found out which one it was. */
static void
test_too_large_piece (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);
  g_autoptr (GString) story = g_string_new (NULL);

  send_piece (probe, "p1", story);
  send_piece (probe, "p2", story);
  conn_probe_settle (probe);
  rt_fake_transport_closed (1009, "");
  g_assert_cmpstr (story->str, ==, "");
  conn_probe_come_back (probe, "");
  rt_fake_transport_receive (DONE (5));
  rt_fake_transport_closed (1009, "");
  g_assert_cmpstr (story->str, ==, "p1 done; p2 lost too-large; ");
}

/* It is found out which one it was, by sending them one at a time; the others arrive. */
static void
test_too_large (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  conn_probe_do_publish (probe, "room", "m1");
  conn_probe_do_publish (probe, "room", "large");
  conn_probe_do_publish (probe, "room", "m3");
  rt_fake_transport_closed (1009, "");
  conn_probe_expect (probe, "state reconnecting\ndisconnected 1009  will retry\nreconnecting 1\n");
  conn_probe_come_back (probe, "");
  conn_probe_expect_sent (PUBLISH (6, "m1"));
  conn_probe_forget (probe);
  rt_fake_transport_receive (DONE (6));
  conn_probe_expect (probe, "publish m1: ok\n");
  conn_probe_expect_sent (PUBLISH (7, "large"));
  rt_fake_transport_closed (1009, "");
  conn_probe_expect (probe, "state reconnecting\ndropped room too-large\npublish large: too-large\n"
                            "disconnected 1009  will retry\nreconnecting 2\n");
  conn_probe_come_back (probe, "");
  conn_probe_expect_sent (PUBLISH (9, "m3"));
}

/* A call is under way, too: then it is not sure that it was the message. */
static void
test_too_large_beside_a_call (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  conn_probe_do_publish (probe, "room", "m1");
  conn_probe_do (probe, RT_OP_RPC, "sum");
  rt_fake_transport_closed (1009, "");
  conn_probe_expect (probe, "state reconnecting\nrpc sum: too-large\ndisconnected 1009  will retry\nreconnecting 1\n");
  conn_probe_come_back (probe, "");
  conn_probe_expect_sent (PUBLISH (5, "m1"));
}

/* While one is tried alone, nothing that is newer goes beside it. */
static void
test_suspect_alone (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  conn_probe_do_publish (probe, "room", "m1");
  rt_fake_transport_closed (1007, "");
  conn_probe_do_publish (probe, "room", "m2");
  conn_probe_come_back (probe, "");
  conn_probe_do_publish (probe, "room", "m3");
  conn_probe_expect_sent (PUBLISH (4, "m1"));
  rt_fake_transport_receive (DONE (4));
  conn_probe_expect_sent (PUBLISH (5, "m2") PUBLISH (6, "m3"));
}

static void
test_disliked (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  conn_probe_do_publish (probe, "room", "m1");
  for (guint strikes = 1; strikes <= 2; strikes++)
    {
      rt_fake_transport_closed (1007, "");
      g_assert_null (strstr (probe->diary->str, "publish m1"));
      conn_probe_come_back (probe, "");
    }
  rt_fake_transport_closed (1007, "");
  g_assert_nonnull (strstr (probe->diary->str, "publish m1: invalid-message\n"));
  g_assert_cmpint (rt_connection_get_state (probe->connection), ==, RT_CONNECTION_STATE_RECONNECTING);
}

/* Nobody can be named for it: once may be chance. */
static void
test_too_large_without_suspect (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  rt_fake_transport_closed (1009, "");
  g_assert_cmpint (rt_connection_get_state (probe->connection), ==, RT_CONNECTION_STATE_RECONNECTING);
  conn_probe_come_back (probe, "");
  rt_fake_transport_closed (1009, "");
  g_assert_cmpint (rt_connection_get_state (probe->connection), ==, RT_CONNECTION_STATE_FAILED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  conn_probe_add_test ("/Rt/Sends/pieces", test_pieces);
  conn_probe_add_test ("/Rt/Sends/patient-pieces", test_patient_pieces);
  conn_probe_add_test ("/Rt/Sends/too-large-piece", test_too_large_piece);
  conn_probe_add_test ("/Rt/Sends/while-connecting", test_while_connecting);
  conn_probe_add_test ("/Rt/Sends/priority", test_priority);
  conn_probe_add_test ("/Rt/Sends/full", test_full);
  conn_probe_add_test ("/Rt/Sends/expiry", test_expiry);
  conn_probe_add_test ("/Rt/Sends/cancel", test_cancel);
  conn_probe_add_test ("/Rt/Sends/ends", test_ends);
  conn_probe_add_test ("/Rt/Sends/again", test_again);
  conn_probe_add_test ("/Rt/Sends/again-refused", test_again_refused);
  conn_probe_add_test ("/Rt/Sends/long-outage", test_long_outage);
  conn_probe_add_test ("/Rt/Sends/paced", test_paced);
  conn_probe_add_test ("/Rt/Sends/behind-the-channels", test_behind_the_channels);
  conn_probe_add_test ("/Rt/Sends/too-large", test_too_large);
  conn_probe_add_test ("/Rt/Sends/too-large-beside-a-call", test_too_large_beside_a_call);
  conn_probe_add_test ("/Rt/Sends/suspect-alone", test_suspect_alone);
  conn_probe_add_test ("/Rt/Sends/disliked", test_disliked);
  conn_probe_add_test ("/Rt/Sends/too-large-without-suspect", test_too_large_without_suspect);
  return g_test_run ();
}
