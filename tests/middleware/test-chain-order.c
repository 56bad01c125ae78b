/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "chain-probe.h"

#define IN RT_DIRECTION_INCOMING
#define OUT RT_DIRECTION_OUTGOING

static void
release_one (Stage *stage)
{
  g_autoptr (RtExchange) exchange = stage_take (stage);

  rt_exchange_proceed (exchange);
  chain_probe_iterate (stage->probe);
}

static void
test_held_back (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  Stage *stage;

  chain_probe_add (probe, "A", STAGE_PROCEED);
  stage = chain_probe_add (probe, "B", STAGE_KEEP);
  g_assert_false (chain_probe_run (probe, IN, "a", "1"));
  g_assert_false (chain_probe_run (probe, IN, "a", "2"));
  g_assert_false (chain_probe_run (probe, IN, "b", "3")); /* another channel */
  g_assert_false (chain_probe_run (probe, OUT, "a", "4")); /* the other direction */
  chain_probe_assert (probe, "A:1 B:1 A:3 B:3 A:4 B:4");
  g_assert_cmpuint (rt_chain_get_n_held (probe->chain, IN), ==, 3);
  g_assert_cmpuint (rt_chain_get_n_held (probe->chain, OUT), ==, 1);
  release_one (stage);
  chain_probe_assert (probe, "=1 A:2 B:2");
  release_one (stage);
  release_one (stage);
  release_one (stage);
  chain_probe_assert (probe, "=3 =4 =2");
  g_assert_cmpuint (rt_chain_get_n_held (probe->chain, IN), ==, 0);
}

/* What is resolved later is run on from the loop, never inside the call. */
static void
test_not_inside_the_call (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  Stage *stage = chain_probe_add (probe, "A", STAGE_KEEP);
  g_autoptr (RtExchange) exchange = NULL;

  chain_probe_run (probe, IN, "a", "1");
  exchange = stage_take (stage);
  rt_exchange_proceed (exchange);
  chain_probe_assert (probe, "A:1");
  stage->act = STAGE_PROCEED;
  g_assert_false (chain_probe_run (probe, IN, "a", "2")); /* still behind it */
  chain_probe_iterate (probe);
  chain_probe_assert (probe, "=1 A:2 =2");
}

static void
count_cb (gpointer user_data)
{
  guint *counts = user_data;

  counts[1]++;
}

static gboolean
turn_cb (gpointer user_data)
{
  guint *counts = user_data;

  counts[0]++;
  g_assert_cmpuint (counts[1], <=, 64 * counts[0]);
  return counts[1] < 10000;
}

/* A flood that was held back leaves the loop to others, and needs no stack. */
static void
test_flood (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  Stage *stage = chain_probe_add (probe, "A", STAGE_KEEP);
  g_autoptr (RtExchange) exchange = NULL;
  guint counts[2] = { 0, 0 };

  for (guint i = 0; i < 10000; i++)
    chain_probe_run (probe, IN, "a", "1");
  g_assert_cmpuint (rt_chain_get_n_held (probe->chain, IN), ==, 10000);
  exchange = stage_take (stage);
  stage->act = STAGE_PROCEED;
  probe->delivered = count_cb;
  probe->user_data = counts;
  rt_exchange_proceed (exchange);
  g_idle_add_full (G_PRIORITY_DEFAULT, turn_cb, counts, NULL);
  chain_probe_iterate (probe);
  g_assert_cmpuint (counts[1], ==, 10000);
  g_assert_cmpuint (counts[0], >=, 10000 / 64);
  g_assert_true (rt_chain_get_n_held (probe->chain, IN) == 0);
}

/* --- Add and remove --- */

static void
add_inside_cb (gpointer user_data, RtExchange *exchange)
{
  Stage *stage = user_data;

  stage->inside = NULL;
  chain_probe_add (stage->probe, "N", STAGE_PROCEED);
}

static void
remove_inside_cb (gpointer user_data, RtExchange *exchange)
{
  Stage *stage = user_data;

  stage->inside = NULL;
  g_assert_true (rt_chain_remove (stage->probe->chain, stage->middleware));
  g_assert_false (rt_chain_remove (stage->probe->chain, stage->middleware));
}

static void
test_add_and_remove_inside (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  Stage *stage = chain_probe_add (probe, "A", STAGE_PROCEED);
  gboolean gone = FALSE;

  stage->gone = &gone;
  stage->user_data = stage;
  stage->inside = add_inside_cb;
  chain_probe_run (probe, IN, "a", "1");
  chain_probe_run (probe, IN, "a", "2");
  chain_probe_assert (probe, "A:1 =1 A:2 N:2 =2");
  stage->inside = remove_inside_cb;
  chain_probe_run (probe, IN, "a", "3");
  g_assert_true (gone);
  chain_probe_run (probe, IN, "a", "4");
  chain_probe_assert (probe, "A:3 N:3 =3 N:4 =4");
}

static void
test_keeps_its_list (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  Stage *stage = chain_probe_add (probe, "A", STAGE_KEEP), *last = chain_probe_add (probe, "B", STAGE_PROCEED);
  gboolean gone = FALSE;

  last->gone = &gone;
  chain_probe_run (probe, IN, "a", "1");
  rt_chain_remove (probe->chain, last->middleware);
  g_assert_false (gone);
  release_one (stage);
  chain_probe_assert (probe, "A:1 B:1 =1");
  g_assert_true (gone);
}

static gpointer
remove_thread (gpointer user_data)
{
  Stage *stage = user_data;

  g_assert_true (rt_chain_remove (stage->probe->chain, stage->middleware));
  return NULL;
}

/* What another thread removes is let go of here. */
static void
test_removed_by_a_thread (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  Stage *stage = chain_probe_add (probe, "A", STAGE_PROCEED);
  gboolean gone = FALSE;

  stage->gone = &gone;
  g_thread_join (g_thread_new ("remove", remove_thread, stage));
  g_assert_false (gone);
  g_assert_false (rt_chain_has_middleware (probe->chain));
  chain_probe_iterate (probe);
  g_assert_true (gone);
}

/* --- Inside of a middleware --- */

static void
send_inside_cb (gpointer user_data, RtExchange *exchange)
{
  Stage *stage = user_data;

  stage->inside = NULL;
  g_assert_false (chain_probe_run (stage->probe, IN, "a", "2")); /* behind what is being looked at */
  g_assert_true (chain_probe_run (stage->probe, IN, "b", "3"));
  g_assert_true (chain_probe_run (stage->probe, OUT, "a", "4"));
}

static void
test_sends_inside (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  Stage *stage = chain_probe_add (probe, "A", STAGE_PROCEED);

  stage->inside = send_inside_cb;
  stage->user_data = stage;
  g_assert_true (chain_probe_run (probe, IN, "a", "1"));
  chain_probe_assert (probe, "A:1 A:3 =3 A:4 =4 =1");
  g_assert_false (rt_chain_is_empty (probe->chain));
  chain_probe_iterate (probe);
  chain_probe_assert (probe, "A:2 =2");
}

static void
run_loop_cb (gpointer user_data, RtExchange *exchange)
{
  Stage *stage = user_data;

  stage->inside = NULL;
  chain_probe_run (stage->probe, IN, "b", "2");
  release_one (user_data);
}

/* In a loop that a middleware runs, others are run on. */
static void
test_nested_loop (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  Stage *stage = chain_probe_add (probe, "A", STAGE_KEEP);

  chain_probe_run (probe, IN, "a", "1");
  stage->act = STAGE_PROCEED;
  stage->inside = run_loop_cb;
  stage->user_data = stage;
  chain_probe_run (probe, IN, "c", "3");
  chain_probe_assert (probe, "A:1 A:3 A:2 =2 =1 =3");
}

static gpointer
proceed_thread (gpointer user_data)
{
  rt_exchange_proceed (user_data);
  return NULL;
}

static void
test_resolved_by_a_thread (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  Stage *stage = chain_probe_add (probe, "A", STAGE_KEEP);
  g_autoptr (RtExchange) exchange = NULL;

  chain_probe_run (probe, IN, "a", "1");
  exchange = stage_take (stage);
  g_thread_join (g_thread_new ("proceed", proceed_thread, exchange));
  chain_probe_assert (probe, "A:1");
  chain_probe_iterate (probe);
  chain_probe_assert (probe, "=1");
}

/* A thread that is quick says so before process () has returned; and what it says late is not for the next one. */
static void
thread_inside_cb (gpointer user_data, RtExchange *exchange)
{
  g_thread_join (g_thread_new ("proceed", proceed_thread, exchange));
  g_thread_join (g_thread_new ("proceed", proceed_thread, exchange));
}

static void
test_resolved_by_a_quick_thread (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  Stage *stage = chain_probe_add (probe, "A", STAGE_KEEP), *next = chain_probe_add (probe, "B", STAGE_KEEP);

  stage->inside = thread_inside_cb;
  chain_probe_run (probe, IN, "a", "1");
  chain_probe_iterate (probe);
  chain_probe_iterate (probe);
  chain_probe_assert (probe, "A:1 B:1");
  release_one (next);
  chain_probe_assert (probe, "=1");
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  rt_clock_virtual_begin (); /* a slow machine must not bring deadlines about */
  g_test_add_func ("/Rt/Chain/held-back", test_held_back);
  g_test_add_func ("/Rt/Chain/not-inside-the-call", test_not_inside_the_call);
  g_test_add_func ("/Rt/Chain/flood", test_flood);
  g_test_add_func ("/Rt/Chain/add-and-remove-inside", test_add_and_remove_inside);
  g_test_add_func ("/Rt/Chain/keeps-its-list", test_keeps_its_list);
  g_test_add_func ("/Rt/Chain/removed-by-a-thread", test_removed_by_a_thread);
  g_test_add_func ("/Rt/Chain/sends-inside", test_sends_inside);
  g_test_add_func ("/Rt/Chain/nested-loop", test_nested_loop);
  g_test_add_func ("/Rt/Chain/resolved-by-a-thread", test_resolved_by_a_thread);
  g_test_add_func ("/Rt/Chain/resolved-by-a-quick-thread", test_resolved_by_a_quick_thread);
  status = g_test_run ();
  rt_clock_virtual_end ();
  return status;
}
