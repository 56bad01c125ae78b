/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "chain-probe.h"

#define IN RT_DIRECTION_INCOMING
#define OUT RT_DIRECTION_OUTGOING

static void
test_empty (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();

  g_assert_true (rt_chain_is_empty (probe->chain));
  g_assert_false (rt_chain_has_middleware (probe->chain));
  g_assert_true (chain_probe_run (probe, IN, "a", "1"));
  chain_probe_assert (probe, "=1");
}

static void
test_order (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();

  chain_probe_add (probe, "A", STAGE_PROCEED)->watch = TRUE;
  chain_probe_add (probe, "B", STAGE_PROCEED)->watch = TRUE;
  chain_probe_add (probe, "C", STAGE_PROCEED)->watch = TRUE;
  g_assert_false (rt_chain_is_empty (probe->chain));
  g_assert_true (chain_probe_run (probe, IN, "a", "1"));
  chain_probe_assert (probe, "A:1 B:1 C:1 =1 C.1 B.1 A.1");
  g_assert_true (chain_probe_run (probe, OUT, "a", "2"));
  chain_probe_assert (probe, "A:2 B:2 C:2 =2 C.2 B.2 A.2");
}

static void
test_way_back_of_a_send (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_PERMISSION_DENIED, "no");

  probe->is_slow = TRUE;
  chain_probe_add (probe, "A", STAGE_PROCEED)->watch = TRUE;
  chain_probe_run (probe, OUT, "a", "1");
  chain_probe_run (probe, OUT, "a", "2");
  chain_probe_assert (probe, "A:1 =1 A:2 =2");
  g_assert_false (rt_chain_complete (probe->chain, probe->sent->pdata[1], error));
  g_assert_false (rt_chain_complete (probe->chain, probe->sent->pdata[0], NULL));
  chain_probe_assert (probe, "A.2! A.1");
}

static void
test_replace (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();

  chain_probe_add (probe, "A", STAGE_REPLACE)->watch = TRUE;
  chain_probe_add (probe, "B", STAGE_PROCEED);
  chain_probe_run (probe, OUT, "a", "1");
  chain_probe_assert (probe, "A:1 B:1+ =1+ A.1+");
}

static void
test_drop (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();

  chain_probe_add (probe, "A", STAGE_PROCEED)->watch = TRUE;
  chain_probe_add (probe, "B", STAGE_DROP);
  chain_probe_add (probe, "C", STAGE_PROCEED);
  g_assert_true (chain_probe_run (probe, IN, "a", "1"));
  chain_probe_assert (probe, "A:1 B:1 A.1 -1");
  g_assert_no_error (probe->error);
  g_assert_cmpstr (probe->reason, ==, "not wanted");
}

static void
test_fail (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  Stage *stage;

  chain_probe_add (probe, "A", STAGE_PROCEED)->watch = TRUE;
  stage = chain_probe_add (probe, "B", STAGE_FAIL);
  stage->watch = TRUE;
  g_assert_true (chain_probe_run (probe, IN, "a", "1"));
  chain_probe_assert (probe, "A:1 B:1 B.1! A.1! !1");
  g_assert_error (probe->error, RT_ERROR, RT_ERROR_NETWORK);
  g_assert_null (probe->reason);

  stage->act = STAGE_RETURN_ERROR;
  chain_probe_run (probe, OUT, "a", "2");
  chain_probe_assert (probe, "A:2 B:2 B.2! A.2! !2");
  g_assert_error (probe->error, RT_ERROR, RT_ERROR_NETWORK);
}

/* As a script does that raises an exception, or forgets what to return. */
static void
test_false_without_error (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  Stage *stage = chain_probe_add (probe, "A", STAGE_RETURN_FALSE);

  chain_probe_run (probe, IN, "a", "1");
  chain_probe_assert (probe, "A:1 !1");
  g_assert_error (probe->error, RT_ERROR, RT_ERROR_FAILED);
  g_assert_nonnull (strstr (probe->error->message, "RtFuncMiddleware"));

  stage->act = STAGE_PROCEED_FALSE;
  chain_probe_run (probe, IN, "a", "2");
  chain_probe_assert (probe, "A:2 =2");
}

static void
test_only_first_counts (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  Stage *stage = chain_probe_add (probe, "A", STAGE_KEEP);
  g_autoptr (RtExchange) exchange = NULL;

  chain_probe_run (probe, IN, "a", "1");
  exchange = stage_take (stage);
  rt_exchange_drop (exchange, NULL);
  rt_exchange_proceed (exchange);
  chain_probe_iterate (probe);
  chain_probe_assert (probe, "A:1 -1");
  g_assert_cmpstr (rt_exchange_get_reason (exchange), ==, "dropped");
  rt_exchange_proceed (exchange);
  chain_probe_iterate (probe);
  chain_probe_assert (probe, "");
}

static void
test_made_by_a_script (void)
{
  g_autoptr (RtExchange) exchange = g_object_new (RT_TYPE_EXCHANGE, NULL);

  rt_exchange_proceed (exchange);
  g_assert_null (rt_exchange_get_message (exchange));
  g_assert_nonnull (rt_exchange_get_cancellable (exchange));
}

static void
test_properties (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  Stage *stage = chain_probe_add (probe, "A", STAGE_KEEP);
  g_autoptr (RtExchange) exchange = NULL;
  g_autoptr (RtMessage) message = NULL;
  g_autoptr (GCancellable) cancellable = NULL;
  RtDirection direction;

  chain_probe_run (probe, OUT, "a", "1");
  exchange = stage_take (stage);
  g_object_get (exchange, "message", &message, "direction", &direction, "cancellable", &cancellable, NULL);
  g_assert_cmpstr (rt_message_get_content (message), ==, "1");
  g_assert_cmpint (direction, ==, OUT);
  g_assert_true (cancellable == rt_exchange_get_cancellable (exchange));
  rt_exchange_proceed (exchange);
  chain_probe_iterate (probe);
  g_assert_false (g_cancellable_is_cancelled (cancellable));
}

/* --- The object --- */

static void
remember_cb (gpointer user_data, RtExchange *exchange)
{
  gpointer *seen = user_data;

  seen[seen[0] == NULL ? 0 : 1] = exchange;
}

/* What nobody kept is used again; what somebody can still reach is not. */
static void
test_object_is_used_again (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  Stage *stage = chain_probe_add (probe, "A", STAGE_PROCEED);
  gpointer seen[2] = { NULL, NULL };

  stage->inside = remember_cb;
  stage->user_data = seen;
  chain_probe_run (probe, IN, "a", "1");
  chain_probe_run (probe, OUT, "b", "2");
  g_assert_true (seen[0] == seen[1]);

  stage->watch = TRUE;
  seen[0] = NULL;
  chain_probe_run (probe, IN, "a", "3");
  stage->watch = FALSE;
  chain_probe_run (probe, IN, "a", "4");
  chain_probe_assert (probe, "A:1 =1 A:2 =2 A:3 =3 A.3 A:4 =4");
}

static void
test_kept_object_stays (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  Stage *stage = chain_probe_add (probe, "A", STAGE_KEEP);
  g_autoptr (RtExchange) exchange = NULL;

  chain_probe_run (probe, IN, "a", "1");
  exchange = stage_take (stage);
  rt_exchange_proceed (exchange);
  chain_probe_iterate (probe);
  stage->act = STAGE_PROCEED;
  chain_probe_run (probe, IN, "a", "2");
  chain_probe_run (probe, IN, "a", "3");
  g_assert_cmpstr (rt_message_get_content (rt_exchange_get_message (exchange)), ==, "1");
}

static void
test_long_chain (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  GString *expected = g_string_new (NULL);

  for (guint i = 0; i < 1000; i++)
    {
      chain_probe_add (probe, "A", STAGE_PROCEED)->watch = TRUE;
      g_string_append (expected, "A:1 ");
    }
  g_string_append (expected, "=1");
  for (guint i = 0; i < 1000; i++)
    g_string_append (expected, " A.1");
  chain_probe_run (probe, IN, "a", "1");
  chain_probe_assert (probe, expected->str);
  g_string_free (expected, TRUE);
}

/* --- Handlers of completed --- */

static void
connect_again_cb (RtExchange *exchange, const GError *error, gpointer user_data)
{
  guint *n = user_data;

  (*n)++;
  g_signal_connect (exchange, "completed", G_CALLBACK (connect_again_cb), user_data);
}

static void
connect_twice (gpointer user_data, RtExchange *exchange)
{
  g_signal_connect (exchange, "completed", G_CALLBACK (connect_again_cb), user_data);
  g_signal_connect (exchange, "completed", G_CALLBACK (connect_again_cb), user_data);
}

static void
test_handler_connects (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  Stage *stage = chain_probe_add (probe, "A", STAGE_PROCEED);
  guint n = 0;

  stage->inside = connect_twice;
  stage->user_data = &n;
  chain_probe_run (probe, IN, "a", "1");
  g_assert_cmpuint (n, ==, 2);
}

static void
disconnect_cb (RtExchange *exchange, const GError *error, gpointer user_data)
{
  gulong *id = user_data;

  g_signal_handler_disconnect (exchange, *id);
}

static void
never_cb (RtExchange *exchange, const GError *error, gpointer unused)
{
  g_assert_not_reached ();
}

static void
connect_both (gpointer user_data, RtExchange *exchange)
{
  gulong *ids = user_data;

  ids[0] = g_signal_connect (exchange, "completed", G_CALLBACK (never_cb), NULL);
  ids[1] = g_signal_connect (exchange, "completed", G_CALLBACK (disconnect_cb), &ids[1]);
  g_signal_connect (exchange, "completed", G_CALLBACK (disconnect_cb), &ids[0]);
}

static void
test_handler_disconnects (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  Stage *stage = chain_probe_add (probe, "A", STAGE_PROCEED);
  gulong ids[2];

  stage->inside = connect_both;
  stage->user_data = ids;
  chain_probe_run (probe, IN, "a", "1");
  chain_probe_assert (probe, "A:1 =1");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Chain/empty", test_empty);
  g_test_add_func ("/Rt/Chain/order", test_order);
  g_test_add_func ("/Rt/Chain/way-back-of-a-send", test_way_back_of_a_send);
  g_test_add_func ("/Rt/Chain/replace", test_replace);
  g_test_add_func ("/Rt/Chain/drop", test_drop);
  g_test_add_func ("/Rt/Chain/fail", test_fail);
  g_test_add_func ("/Rt/Chain/false-without-error", test_false_without_error);
  g_test_add_func ("/Rt/Chain/only-first-counts", test_only_first_counts);
  g_test_add_func ("/Rt/Chain/made-by-a-script", test_made_by_a_script);
  g_test_add_func ("/Rt/Chain/properties", test_properties);
  g_test_add_func ("/Rt/Chain/object-is-used-again", test_object_is_used_again);
  g_test_add_func ("/Rt/Chain/kept-object-stays", test_kept_object_stays);
  g_test_add_func ("/Rt/Chain/long-chain", test_long_chain);
  g_test_add_func ("/Rt/Chain/handler-connects", test_handler_connects);
  g_test_add_func ("/Rt/Chain/handler-disconnects", test_handler_disconnects);
  return g_test_run ();
}
