/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn-probe.h"

#include <string.h>
#include "rt-error.h"

/* Requests and their answers: each op is completed once, by its own answer or by what ended the waiting. */

static void
test_kinds (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);
  g_autoptr (RtOp) publish = conn_probe_publish (probe, "room", "m1", "{\"a\":1}");
  g_autoptr (RtOp) rpc = rt_op_new (RT_OP_RPC);
  g_autoptr (RtOp) history = rt_op_new (RT_OP_HISTORY);

  rpc->channel = g_strdup ("sum");
  rpc->data = g_strdup ("[1,2]");
  rpc->data_len = 5;
  history->channel = g_strdup ("room");
  history->request.history.limit = 5;
  history->request.history.has_since = TRUE;
  history->request.history.epoch = g_strdup ("E");
  history->request.history.offset = 9;
  conn_probe_submit (probe, rpc, "rpc");
  conn_probe_submit (probe, history, "history");
  g_autoptr (RtOp) presence = conn_probe_call (probe, RT_OP_PRESENCE, "room");
  g_autoptr (RtOp) stats = conn_probe_call (probe, RT_OP_PRESENCE_STATS, "room");
  conn_probe_settle (probe);
  /* One turn: one message. */
  g_assert_cmpuint (rt_fake_transport_get ()->messages->len, ==, 1);
  conn_probe_expect_sent ("{\"id\":2,\"publish\":{\"channel\":\"room\",\"data\":{\"a\":1},\"idem\":\"m1\"}}\n"
                          "{\"id\":3,\"rpc\":{\"data\":[1,2],\"method\":\"sum\"}}\n"
                          "{\"id\":4,\"history\":{\"channel\":\"room\",\"limit\":5,\"since\":{\"offset\":9,\"epoch\":\"E\"}}}\n"
                          "{\"id\":5,\"presence\":{\"channel\":\"room\"}}\n"
                          "{\"id\":6,\"presence_stats\":{\"channel\":\"room\"}}\n");
  /* In whatever order. */
  rt_fake_transport_receive ("{\"id\":6,\"presence_stats\":{\"num_clients\":1}}\n{\"id\":5,\"presence\":{\"presence\":{}}}\n"
                             "{\"id\":4,\"history\":{\"offset\":9,\"epoch\":\"E\"}}");
  conn_probe_expect (probe, "stats room: ok\npresence room: ok\nhistory: ok\n");
  rt_fake_transport_receive ("{\"id\":3,\"rpc\":{\"data\":3}}\n{\"id\":2,\"publish\":{\"offset\":77}}");
  conn_probe_expect (probe, "rpc: ok\npublish m1: ok\n");
  g_assert_cmpuint (publish->offset, ==, 77);
  g_assert_nonnull (strstr (rpc->reply, "\"data\":3"));
  g_assert_cmpuint (rpc->reply_len, >=, strlen ("{\"id\":3,\"rpc\":{\"data\":3}}"));
}

/* Answers to nothing, and the same answer again. */
static void
test_strange_ids (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  rt_fake_transport_receive ("{\"id\":2,\"publish\":{}}\n{\"id\":1,\"connect\":{\"client\":\"x\"}}\n"
                             "{\"id\":4294967295,\"rpc\":{\"data\":1}}\n{\"id\":66,\"error\":{\"code\":100}}");
  conn_probe_expect (probe, "");
  conn_probe_do_publish (probe, "room", "m1");
  conn_probe_do_publish (probe, "room", "m2");
  rt_fake_transport_receive ("{\"id\":2,\"publish\":{}}\n{\"id\":2,\"publish\":{}}\n{\"id\":67,\"publish\":{}}");
  conn_probe_expect (probe, "publish m1: ok\n");
  rt_fake_transport_receive ("{\"id\":2,\"error\":{\"code\":103}}");
  conn_probe_expect (probe, "");
  rt_fake_transport_receive ("{\"id\":3,\"publish\":{}}");
  conn_probe_expect (probe, "publish m2: ok\n");
}

/* An answer of another kind fails its own request and no other. */
static void
test_wrong_kind (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  conn_probe_do_publish (probe, "room", "m1");
  conn_probe_do_publish (probe, "room", "m2");
  conn_probe_do (probe, RT_OP_PRESENCE, "room");
  rt_fake_transport_receive ("{\"id\":2,\"rpc\":{\"data\":1}}\n{\"id\":4,\"novelty\":{}}");
  conn_probe_expect (probe, "dropped room outcome-unknown\npublish m1: outcome-unknown\npresence room: protocol\n");
  rt_fake_transport_receive ("{\"id\":3,\"publish\":{}}");
  conn_probe_expect (probe, "publish m2: ok\n");
}

static void
test_errors (void)
{
  static const struct
  {
    guint code;
    gboolean temporary;
    const char *error;
  } cases[] = {
    { 100, TRUE, "server" },           { 101, FALSE, "unauthorized" },     { 102, FALSE, "channel-not-found" },
    { 103, FALSE, "permission-denied" }, { 104, FALSE, "not-supported" },  { 105, FALSE, "invalid-argument" },
    { 106, FALSE, "too-large" },       { 107, FALSE, "invalid-argument" }, { 108, FALSE, "not-supported" },
    { 109, FALSE, "unauthorized" },    { 110, FALSE, "expired" },          { 111, TRUE, "rate-limited" },
    { 112, FALSE, "unrecoverable" },   { 113, TRUE, "rate-limited" },      { 0, FALSE, "failed" },
    { 99, FALSE, "failed" },           { 399, FALSE, "failed" },           { 399, TRUE, "server" },
    { 400, FALSE, "server-error 400" }, { 1999, TRUE, "server-error 1999" }, { 2000, FALSE, "failed" },
  };
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *reply
        = g_strdup_printf ("{\"id\":%u,\"error\":{\"code\":%u,\"message\":\"a \\u0007 \\u0000 reason\",\"temporary\":%s}}", i + 2,
                           cases[i].code, cases[i].temporary ? "true" : "false");
      g_autofree char *expected = g_strdup_printf ("dropped room %s\npublish m1: %s\n", cases[i].error, cases[i].error);

      conn_probe_do_publish (probe, "room", "m1");
      rt_fake_transport_receive (reply);
      conn_probe_expect (probe, expected);
    }
}

static void
test_deadlines (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (&(ConnProbeOptions) { .request_timeout = 5000 });

  conn_probe_do_publish (probe, "room", "m1");
  conn_probe_advance (probe, 3000);
  conn_probe_do (probe, RT_OP_RPC, "sum");
  conn_probe_advance (probe, 1999);
  conn_probe_expect (probe, "");
  conn_probe_advance (probe, 1);
  conn_probe_expect (probe, "dropped room outcome-unknown\npublish m1: outcome-unknown\n");
  conn_probe_advance (probe, 2999);
  conn_probe_expect (probe, "");
  conn_probe_advance (probe, 1);
  conn_probe_expect (probe, "rpc sum: timed-out\n");
  /* Too late, and it completes nothing else. */
  conn_probe_do_publish (probe, "room", "m2");
  rt_fake_transport_receive ("{\"id\":2,\"publish\":{}}\n{\"id\":3,\"rpc\":{\"data\":1}}");
  conn_probe_expect (probe, "");
  conn_probe_advance (probe, 5000);
  conn_probe_expect (probe, "dropped room outcome-unknown\npublish m2: outcome-unknown\n");
}

/* The answer to an old request that never came must not keep the deadlines of those behind it. */
static void
test_many_deadlines (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (&(ConnProbeOptions) { .request_timeout = 5000 });

  for (guint i = 0; i < 300; i++)
    {
      conn_probe_do (probe, RT_OP_PRESENCE, "room");
      conn_probe_advance (probe, 100);
      g_assert_cmpuint (g_hash_table_size (probe->open_ops), <=, 50);
      rt_fake_transport_receive ("{}");
    }
  g_assert_cmpuint (probe->completed, ==, 1 + 251);
}

static RtOp *
call_within (ConnProbe *probe, const char *method, guint timeout)
{
  RtOp *op = rt_op_new (RT_OP_RPC);
  g_autofree char *label = g_strdup_printf ("rpc %s", method);

  op->channel = g_strdup (method);
  op->timeout = timeout;
  conn_probe_submit (probe, op, label);
  conn_probe_settle (probe);
  return op;
}

/* A time of one call's own, shorter or longer than that of all others, delays and hastens none of them. */
static void
test_own_deadlines (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (&(ConnProbeOptions) { .request_timeout = 5000 });
  g_autoptr (RtOp) late = call_within (probe, "late", 20000);
  g_autoptr (RtOp) answered = call_within (probe, "answered", 20000);

  conn_probe_do (probe, RT_OP_RPC, "usual");
  g_autoptr (RtOp) soon = call_within (probe, "soon", 200);
  g_autoptr (RtOp) sooner = call_within (probe, "sooner", 100);
  conn_probe_advance (probe, 99);
  conn_probe_expect (probe, "");
  conn_probe_advance (probe, 1);
  conn_probe_expect (probe, "rpc sooner: timed-out\n");
  g_assert_nonnull (strstr (sooner->error->message, "100 ms"));
  conn_probe_advance (probe, 100);
  conn_probe_expect (probe, "rpc soon: timed-out\n");
  conn_probe_advance (probe, 4800);
  conn_probe_expect (probe, "rpc usual: timed-out\n");
  rt_fake_transport_receive ("{\"id\":3,\"rpc\":{\"data\":1}}\n{\"id\":3,\"rpc\":{\"data\":1}}\n{\"id\":6,\"rpc\":{}}");
  conn_probe_expect (probe, "rpc answered: ok\n");
  conn_probe_advance (probe, 14999);
  rt_fake_transport_receive ("{}");
  conn_probe_expect (probe, "");
  conn_probe_do (probe, RT_OP_RPC, "another");
  conn_probe_advance (probe, 1);
  conn_probe_expect (probe, "rpc late: timed-out\n");
  conn_probe_advance (probe, 5000);
  g_assert_nonnull (strstr (probe->diary->str, "rpc another: timed-out\n"));
}

static void
test_own_deadline_ends (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);
  g_autoptr (RtOp) taken_back = call_within (probe, "taken-back", 60000);
  g_autoptr (RtOp) lost = call_within (probe, "lost", 60000);

  conn_probe_cancel (probe, taken_back);
  conn_probe_expect (probe, "rpc taken-back: cancelled\n");
  rt_fake_transport_closed (1006, "");
  g_assert_nonnull (strstr (probe->diary->str, "rpc lost: network\n"));
  conn_probe_come_back (probe, "");
  g_autoptr (RtOp) last = call_within (probe, "last", 60000);
  conn_probe_forget (probe);
  conn_probe_do (probe, RT_OP_DISCONNECT, NULL);
  g_assert_false (rt_fake_transport_get ()->closing); /* it waits for the answer */
  rt_fake_transport_receive ("{\"id\":5,\"rpc\":{\"data\":1}}");
  conn_probe_expect (probe, "rpc last: ok\n");
  g_assert_true (rt_fake_transport_get ()->closing);
}

/* A call whose answer nobody waits for. */
static void
test_notify (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);
  RtOp *op = rt_op_new (RT_OP_NOTIFY);

  op->channel = g_strdup ("log");
  op->data = g_strdup ("[1]");
  op->data_len = 3;
  conn_probe_submit (probe, op, "notify");
  rt_op_unref (op);
  conn_probe_settle (probe);
  conn_probe_expect (probe, "notify: ok\n");
  conn_probe_expect_sent ("{\"id\":2,\"rpc\":{\"data\":[1],\"method\":\"log\"}}\n");
  conn_probe_do_publish (probe, "room", "m1");
  rt_fake_transport_receive ("{\"id\":2,\"error\":{\"code\":104}}\n{\"id\":2,\"rpc\":{\"data\":1}}");
  conn_probe_expect (probe, "");
  rt_fake_transport_receive ("{\"id\":3,\"publish\":{}}");
  conn_probe_expect (probe, "publish m1: ok\n");
  /* Not to a server that does not read. */
  rt_fake_transport_get ()->queued = 9 * 1024 * 1024;
  conn_probe_do (probe, RT_OP_NOTIFY, "log");
  conn_probe_expect (probe, "notify log: queue-full\n");
  rt_fake_transport_get ()->queued = 0;
  rt_fake_transport_closed (1006, "");
  conn_probe_forget (probe);
  conn_probe_do (probe, RT_OP_NOTIFY, "log");
  conn_probe_expect (probe, "notify log: not-connected\n");
}

static void
test_cancel (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);
  g_autoptr (RtOp) publish = conn_probe_publish (probe, "room", "m1", "{}");
  g_autoptr (RtOp) rpc = conn_probe_call (probe, RT_OP_RPC, "sum");

  conn_probe_settle (probe);
  conn_probe_cancel (probe, publish);
  conn_probe_cancel (probe, rpc);
  conn_probe_expect (probe, "dropped room outcome-unknown\npublish m1: outcome-unknown\nrpc sum: cancelled\n");
  rt_fake_transport_receive ("{\"id\":2,\"publish\":{}}\n{\"id\":3,\"rpc\":{\"data\":1}}");
  conn_probe_cancel (probe, rpc);
  conn_probe_expect (probe, "");

  /* Before it was written: it never is. */
  g_autoptr (RtOp) unseen = conn_probe_publish (probe, "room", "m2", "{}");
  conn_probe_forget (probe);
  conn_probe_cancel (probe, unseen);
  conn_probe_expect (probe, "publish m2: cancelled\n");
  conn_probe_expect_sent ("");
  conn_probe_do_publish (probe, "room", "m3");
  rt_fake_transport_receive ("{\"id\":4,\"publish\":{}}");
  conn_probe_expect (probe, "publish m3: ok\n");
}

/* The last one that a draining line waits for is taken back. */
static void
test_cancel_draining (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);
  g_autoptr (RtOp) publish = conn_probe_publish (probe, "room", "m1", "{}");

  conn_probe_do (probe, RT_OP_DISCONNECT, NULL);
  g_assert_false (rt_fake_transport_get ()->closing);
  conn_probe_cancel (probe, publish);
  g_assert_true (rt_fake_transport_get ()->closing);
  conn_probe_expect (probe, "dropped room outcome-unknown\npublish m1: outcome-unknown\n");
}

static void
test_lost_line (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  conn_probe_do_publish (probe, "room", "m1");
  conn_probe_do (probe, RT_OP_RPC, "sum");
  conn_probe_do (probe, RT_OP_PING, NULL);
  rt_fake_transport_closed (1006, "");
  conn_probe_expect (probe, "state reconnecting\nrpc sum: network\nping: network\n"
                            "disconnected 1006  will retry\nreconnecting 1\n");
  conn_probe_do (probe, RT_OP_RPC, "sum");
  conn_probe_do (probe, RT_OP_PING, NULL);
  conn_probe_expect (probe, "rpc sum: not-connected\nping: not-connected\n");
}

static void
test_malformed (void)
{
  static const char *const cases[] = {
    "x", "[]", "{\"id\":-1}", "{\"id\":1,\"id\":2}", "{} {}", "{\"push\":3}", "\xff", "{\"id\":2,\"publish\":{}}\n{",
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

      rt_fake_transport_receive (cases[i]);
      conn_probe_expect (probe, "state reconnecting\ndisconnected 1007  will retry\nreconnecting 1\n");
    }
}

/* --- Batches --- */

static void
test_batches (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);
  g_autofree char *big = g_strnfill (1000, '7');
  g_autofree char *huge = g_strnfill (64 * 1024, '7');
  guint commands = 0;

  for (guint i = 0; i < 500; i++)
    {
      g_autoptr (RtOp) op = conn_probe_publish (probe, "room", "m", i == 250 ? huge : big);
    }
  guint flushes = rt_fake_transport_get ()->flushes;
  conn_probe_settle (probe);
  g_assert_cmpuint (rt_fake_transport_get ()->flushes, ==, flushes + 1);

  GPtrArray *messages = rt_fake_transport_get ()->messages;
  for (guint i = 0; i < messages->len; i++)
    {
      const char *message = g_ptr_array_index (messages, i);
      g_auto (GStrv) lines = g_strsplit (message, "\n", -1);

      commands += g_strv_length (lines);
      if (strlen (message) > 60 * 1024)
        g_assert_cmpuint (g_strv_length (lines), ==, 1);
      for (guint j = 0; lines[j] != NULL; j++)
        g_assert_true (g_str_has_prefix (lines[j], "{\"id\":") && g_str_has_suffix (lines[j], "}"));
    }
  g_assert_cmpuint (commands, ==, 500);
  /* As few as 60 KiB allow. */
  g_assert_cmpuint (messages->len, <=, 500 * 1100 / (60 * 1024) + 4);
}

/* A pong, and what the program asked for, leave in the turn in which they came up. */
static void
test_pong (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);
  guint flushes = rt_fake_transport_get ()->flushes;

  rt_fake_transport_receive_turn ("{}", "{\"push\":{\"channel\":\"nobody\",\"pub\":{\"data\":1}}}", "{}", NULL);
  g_assert_cmpuint (rt_fake_transport_get ()->flushes, ==, flushes + 1);
  conn_probe_expect_sent ("{}\n{}\n");
}

/* A peer that only talks: answers to its pings are not piled up for it. */
static void
test_pongs_unread (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);
  GPtrArray *messages = rt_fake_transport_get ()->messages;
  gsize bytes = 0;

  rt_fake_transport_get ()->queued = 1;
  for (guint i = 0; i < 20000; i++)
    rt_fake_transport_receive ("{}");
  for (guint i = 0; i < messages->len; i++)
    bytes += strlen (g_ptr_array_index (messages, i));
  g_assert_cmpuint (bytes, <=, 16 * 1024);
  /* Once it reads, it has its answers again. */
  conn_probe_forget (probe);
  rt_fake_transport_drained ();
  rt_fake_transport_receive ("{}");
  conn_probe_expect_sent ("{}\n");
  rt_fake_transport_get ()->queued = 0;
  for (guint i = 0; i < 20000; i++)
    rt_fake_transport_receive ("{}");
  g_assert_cmpuint (messages->len, ==, 20000);
}

/* --- The bound of what is sent --- */

static void
test_reserve (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);
  g_autofree char *data = g_strnfill (1024 * 1024, '7');
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 8; i++)
    {
      g_autoptr (RtOp) op = conn_probe_publish (probe, "room", "m", data);
    }
  g_assert_false (rt_connection_reserve (probe->connection, 1, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_QUEUE_FULL);
  conn_probe_settle (probe);
  rt_fake_transport_receive ("{\"id\":2,\"publish\":{}}");
  g_autoptr (RtOp) next = conn_probe_publish (probe, "room", "m", data);
  g_assert_false (rt_connection_reserve (probe->connection, 1, NULL));
  /* What is unanswered when the line breaks is kept, and counts. */
  rt_fake_transport_closed (1006, "");
  conn_probe_settle (probe);
  g_assert_false (rt_connection_reserve (probe->connection, 1, NULL));
  conn_probe_do (probe, RT_OP_DISCONNECT, NULL);
  g_assert_cmpuint (g_hash_table_size (probe->open_ops), ==, 0);
  /* All is given back, and one that is larger than everything can still go alone. */
  g_assert_true (rt_connection_reserve (probe->connection, 9 * 1024 * 1024, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  conn_probe_add_test ("/Rt/Requests/kinds", test_kinds);
  conn_probe_add_test ("/Rt/Requests/strange-ids", test_strange_ids);
  conn_probe_add_test ("/Rt/Requests/wrong-kind", test_wrong_kind);
  conn_probe_add_test ("/Rt/Requests/errors", test_errors);
  conn_probe_add_test ("/Rt/Requests/deadlines", test_deadlines);
  conn_probe_add_test ("/Rt/Requests/many-deadlines", test_many_deadlines);
  conn_probe_add_test ("/Rt/Requests/own-deadlines", test_own_deadlines);
  conn_probe_add_test ("/Rt/Requests/own-deadline-ends", test_own_deadline_ends);
  conn_probe_add_test ("/Rt/Requests/notify", test_notify);
  conn_probe_add_test ("/Rt/Requests/cancel", test_cancel);
  conn_probe_add_test ("/Rt/Requests/cancel-draining", test_cancel_draining);
  conn_probe_add_test ("/Rt/Requests/lost-line", test_lost_line);
  conn_probe_add_test ("/Rt/Requests/malformed", test_malformed);
  conn_probe_add_test ("/Rt/Requests/batches", test_batches);
  conn_probe_add_test ("/Rt/Requests/pong", test_pong);
  conn_probe_add_test ("/Rt/Requests/pongs-unread", test_pongs_unread);
  conn_probe_add_test ("/Rt/Requests/reserve", test_reserve);
  return g_test_run ();
}
