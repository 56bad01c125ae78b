/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn-probe.h"

/* The client goes at any moment: whatever is in flight ends at once, each op once, and nothing more is said. */

static void
submit_all (ConnProbe *probe)
{
  static const RtOpKind kinds[] = {
    RT_OP_CONNECT, RT_OP_LEAVE, RT_OP_RPC, RT_OP_HISTORY, RT_OP_PRESENCE, RT_OP_PRESENCE_STATS, RT_OP_PING,
  };

  g_autoptr (RtOp) join = conn_probe_join (probe, "late", TRUE, "E", 1);
  g_autoptr (RtOp) publish = conn_probe_publish (probe, "room", "m1", "{}");
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (RtOp) op = conn_probe_call (probe, kinds[i], "room");
    }
}

typedef enum
{
  IDLE,
  OPENING,
  GREETING,
  OPEN,
  JOINED,
  PAUSED,
  DRAINING,
  CLOSING,
  LOST,
  N_STEPS,
} Step;

static void
go_to (ConnProbe *probe, Step step)
{
  if (step >= OPENING)
    conn_probe_do (probe, RT_OP_CONNECT, NULL);
  conn_probe_do_join (probe, "room", TRUE);
  if (step >= GREETING)
    rt_fake_transport_opened (RT_PROFILE_RT1);
  if (step >= OPEN)
    rt_fake_transport_receive ("{\"id\":1,\"connect\":{\"client\":\"c1\",\"ping\":25,\"pong\":true}}");
  if (step >= JOINED)
    rt_fake_transport_receive ("{\"id\":2,\"subscribe\":{\"recoverable\":true,\"epoch\":\"E\",\"offset\":1}}");
  if (step == PAUSED)
    {
      probe->slow = TRUE;
      rt_fake_transport_receive ("{\"push\":{\"channel\":\"room\",\"pub\":{\"data\":1,\"offset\":2}}}");
      g_assert_true (rt_fake_transport_get ()->paused);
    }
  if (step == DRAINING)
    conn_probe_do_publish (probe, "room", "m0");
  if (step == DRAINING || step == CLOSING)
    conn_probe_do (probe, RT_OP_CLOSE, NULL);
  if (step == LOST)
    rt_fake_transport_closed (1006, "");
}

/* Before and after what is in flight has been looked at. */
static void
test_everywhere (void)
{
  for (Step step = IDLE; step < N_STEPS; step++)
    for (guint settled = 0; settled <= 1; settled++)
      {
        g_autoptr (ConnProbe) probe = conn_probe_new (&(ConnProbeOptions) { .receive_queue_limit = step == PAUSED ? 1 : 100 });

        go_to (probe, step);
        submit_all (probe);
        if (settled)
          conn_probe_settle (probe);
      }
}

/* What is submitted behind the stop is completed too, without waiting for the last reference. */
static void
test_behind (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  rt_connection_stop (probe->connection);
  submit_all (probe);
  conn_probe_settle (probe);
  g_assert_cmpuint (g_hash_table_size (probe->open_ops), ==, 0);
  submit_all (probe);
  g_assert_cmpuint (g_hash_table_size (probe->open_ops), ==, 0);
}

/* Without a word: no state, no channel, only results. */
static void
test_silent (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new (NULL);

  go_to (probe, JOINED);
  conn_probe_do_publish (probe, "room", "m0");
  conn_probe_forget (probe);
  rt_connection_stop (probe->connection);
  conn_probe_settle (probe);
  conn_probe_expect (probe, "publish m0: outcome-unknown\n");
  g_assert_cmpint (rt_clock_virtual_next (), ==, -1);
}

/* A blocking call is woken by the I/O half itself, and once. */
static void
test_waiters (void)
{
  static const RtOpKind kinds[] = { RT_OP_CONNECT, RT_OP_RPC, RT_OP_DISCONNECT, RT_OP_CLOSE, RT_OP_RPC };
  g_autoptr (ConnProbe) probe = conn_probe_new (NULL);
  RtWaiter waiters[G_N_ELEMENTS (kinds)];
  RtOp *ops[G_N_ELEMENTS (kinds)];

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      rt_waiter_init (&waiters[i]);
      ops[i] = rt_op_new (kinds[i]);
      ops[i]->waiter = &waiters[i];
      rt_connection_submit (probe->connection, rt_op_ref (ops[i]));
      if (i == G_N_ELEMENTS (kinds) - 2)
        rt_connection_stop (probe->connection);
    }
  conn_probe_settle (probe);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      rt_waiter_wait (&waiters[i]);
      g_assert_cmpint (ops[i]->error != NULL, ==, kinds[i] != RT_OP_DISCONNECT && kinds[i] != RT_OP_CLOSE);
      rt_waiter_clear (&waiters[i]);
      rt_op_unref (ops[i]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  conn_probe_add_test ("/Rt/Stop/everywhere", test_everywhere);
  conn_probe_add_test ("/Rt/Stop/behind", test_behind);
  conn_probe_add_test ("/Rt/Stop/silent", test_silent);
  conn_probe_add_test ("/Rt/Stop/waiters", test_waiters);
  return g_test_run ();
}
