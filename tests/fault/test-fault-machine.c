/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-clock.h"
#include "rt-fault-world.h"
#include "rt-test-network.h"

/* Rows 17, 19 and 20 of the fault matrix: what the machine's own clock and network do, and polls that get lost. */

#define HOUR (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)

static void
add_rule (RtFaultWorld *world, RtFaultRule rule)
{
  rt_fault_proxy_add_rule (world->proxy, &rule);
}

static void
strike (RtFaultWorld *world, RtFaultAction action)
{
  rt_fault_proxy_strike (world->proxy, 0, &(RtFaultRule) { .action = action });
}

/* --- Row 17: clocks --- */

/* Somebody sets the wall clock: to nothing that the client does is that of any importance. */
static void
test_wall_clock (gconstpointer route)
{
  static const gint64 shifts[] = { HOUR, -2 * HOUR, 87660 * HOUR, -2 * 87660 * HOUR };
  g_autoptr (RtFaultWorld) world = rt_fault_world_new (rt_fault_seed (1), route, 5000);
  RtFaultActor *ann = rt_fault_actor_new_in_room (world, "ann");

  for (guint i = 0; i < G_N_ELEMENTS (shifts); i++)
    {
      guint accepted = rt_fault_proxy_count_accepted (world->proxy);

      rt_fault_actor_send (ann, "room");
      rt_clock_virtual_set_real (rt_clock_real () + shifts[i]);
      rt_fault_actor_send (ann, "room");
      rt_fault_world_run (world, 60000);
      g_assert_cmpuint (ann->disconnected, ==, 0);
      g_assert_cmpuint (ann->ok, ==, 2 * (i + 1));
      /* Requests over HTTP may take a new line after a pause, and no more than that. */
      g_assert_cmpuint (rt_fault_proxy_count_accepted (world->proxy) - accepted, <=, 2);
    }
  rt_fault_world_verify (world, FALSE);
}

/* --- Row 19: the network goes up and down --- */

static void
test_flapping (gconstpointer route)
{
  g_autoptr (RtFaultWorld) world = rt_fault_world_new (rt_fault_seed (1), route, 25000);
  RtFaultActor *ann = rt_fault_actor_new (world, "ann", NULL);

  rt_fault_actor_connect (ann);
  rt_fault_actor_join (ann, "room");
  add_rule (world, (RtFaultRule) { .event = RT_FAULT_ON_CONNECT, .action = RT_FAULT_REFUSE });
  strike (world, RT_FAULT_RST);
  rt_fault_actor_send (ann, "room");
  rt_fault_wait_until (world, ann->disconnected > 0);
  guint accepted = rt_fault_proxy_count_accepted (world->proxy);
  for (guint tenths = 0; tenths < 200; tenths++)
    {
      rt_test_network_set (tenths % 2 == 1);
      rt_fault_world_run (world, 100);
    }
  /* Tried again and again, but at most once a second, beside the first few attempts of the usual policy. */
  g_assert_cmpuint (rt_fault_proxy_count_accepted (world->proxy) - accepted, >=, 10);
  g_assert_cmpuint (rt_fault_proxy_count_accepted (world->proxy) - accepted, <=, 26);

  /* After a long time without a network the first attempt comes with it. */
  rt_test_network_set (FALSE);
  rt_fault_world_run (world, 100000);
  rt_fault_proxy_clear_rules (world->proxy);
  rt_test_network_set (TRUE);
  gint64 since = rt_clock_now ();
  rt_fault_wait_until (world, rt_client_is_connected (ann->client));
  g_assert_cmpint (rt_clock_now () - since, <=, RT_CLOCK_MS (1000));
  rt_fault_world_verify (world, FALSE);
}

/* --- Row 20: polls that get lost --- */

/* A poll that was cut short without an end is given up in the time of so many rounds whose answers do not come. */
#define HUNG_ROUNDS 3

/* Polls and their answers are cut off and cut short: what was in them comes all the same, once. Where nothing says that
 * an answer will not come, the time for the request ends; after that all are answered again. */
static void
test_polls_lost (void)
{
  static const RtFaultAction actions[] = { RT_FAULT_FIN, RT_FAULT_RST, RT_FAULT_TRUNCATE };
  g_autoptr (RtFaultWorld) world = rt_fault_world_new (rt_fault_seed (1), "polling", 5000);
  RtFaultActor *ann = rt_fault_actor_new_in_room (world, "ann");
  RtFaultActor *bob = rt_fault_actor_new_in_room (world, "bob");
  guint last_hit = 0;

  for (guint i = 0; i < 60; i++)
    {
      rt_fault_proxy_clear_rules (world->proxy);
      add_rule (world, (RtFaultRule) { .direction = i % 2 == 0 ? RT_FAULT_DOWN : RT_FAULT_UP, .skip = i % 5, .times = 1,
                                       .has_kind = TRUE, .kind = RT_FAULT_UNIT_BODY, .n = i,
                                       .action = actions[i % G_N_ELEMENTS (actions)] });
      guint faults = rt_fault_proxy_count_faults (world->proxy);
      guint answered = ann->ok + bob->ok;
      for (guint n = 0; n < 4; n++)
        rt_fault_actor_send (n % 2 == 0 ? ann : bob, "room");
      rt_fault_wait_until (world, rt_fault_actor_is_idle (ann) && rt_fault_actor_is_idle (bob));
      if (rt_fault_proxy_count_faults (world->proxy) != faults)
        last_hit = i;
      if (i - last_hit > HUNG_ROUNDS)
        g_assert_cmpuint (ann->ok + bob->ok - answered, ==, 4);
    }
  g_assert_cmpuint (rt_fault_proxy_count_faults (world->proxy), >, 20);
  rt_fault_world_verify (world, FALSE);
  g_assert_cmpuint (ann->failed + bob->failed, ==, 0);
  g_assert_cmpuint (ann->delivered, ==, 240);
}

static const RtFaultCase cases[] = {
  { "row17/wall-clock", test_wall_clock, RT_FAULT_STREAMS_ONLY },
  { "row19/flapping", test_flapping, RT_FAULT_EVERY_ROUTE },
};

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  rt_test_network_install ();
  rt_fault_add_cases (cases, G_N_ELEMENTS (cases));
  g_test_add_func ("/Rt/Fault/row20/polls-lost", test_polls_lost);
  return g_test_run ();
}
