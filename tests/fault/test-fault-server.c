/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <signal.h>
#include "rt-clock.h"
#include "rt-fault-world.h"

/* Rows 1 and 2 of the fault matrix, and what of row 3 needs a process: what can befall the server. */

static RtFaultWorld *
new_world (gconstpointer route)
{
  return rt_fault_world_new (rt_fault_seed (1), route, 1000);
}

/* --- Row 1: killed, and back with its journal --- */

static void
test_kill (gconstpointer route)
{
  g_autoptr (RtFaultWorld) world = new_world (route);
  g_autoptr (GRand) rand = g_rand_new_with_seed ((guint32) rt_fault_seed (1));
  RtFaultActor *ann = rt_fault_actor_new_in_room (world, "ann");
  RtFaultActor *bob = rt_fault_actor_new_in_room (world, "bob");

  for (guint i = 0; i < 30; i++)
    {
      for (guint n = 0; n < 5; n++)
        rt_fault_actor_send (n % 2 == 0 ? ann : bob, "room");
      rt_fault_world_run (world, (guint) g_rand_int_range (rand, 0, 300));
      rt_fault_world_kill (world);
      rt_fault_actor_send (ann, "room");
      rt_fault_world_run (world, (guint) g_rand_int_range (rand, 0, 9000));
      rt_fault_actor_send (bob, "room");
      rt_fault_world_restart (world);
      gint64 since = rt_clock_now ();
      rt_fault_wait_until (world, rt_client_is_connected (ann->client) && rt_client_is_connected (bob->client));
      g_assert_cmpint (rt_clock_now () - since, <=, RT_CLOCK_MS (2000));
    }
  rt_fault_world_verify (world, FALSE);
  g_assert_cmpuint (ann->ok + bob->ok, ==, 30 * 7);
  g_assert_cmpuint (ann->delivered, ==, 30 * 7);
}

/* A message each second, for five minutes in which the server dies again and again. With the usual settings. */
static void
test_steady (gconstpointer route)
{
  g_autoptr (RtFaultWorld) world = new_world (route);
  g_autoptr (GRand) rand = g_rand_new_with_seed ((guint32) rt_fault_seed (1));
  RtFaultActor *ann = rt_fault_actor_new (world, "ann", NULL);
  gboolean is_dead = FALSE;
  guint kills = 0;

  rt_fault_actor_connect (ann);
  rt_fault_actor_join (ann, "room");
  for (guint second = 0; second < 300; second++)
    {
      rt_fault_actor_send (ann, "room");
      rt_fault_world_run (world, 1000);
      if (g_rand_int_range (rand, 0, 5) != 0)
        continue;
      kills += !is_dead;
      (is_dead ? rt_fault_world_restart : rt_fault_world_kill) (world);
      is_dead = !is_dead;
    }
  if (is_dead)
    rt_fault_world_restart (world);
  rt_fault_world_verify (world, FALSE);
  g_assert_cmpuint (kills, >, 10);
  g_assert_cmpuint (ann->ok, ==, 300);
  g_assert_cmpuint (ann->delivered, ==, 300);
}

/* In earnest: SIGKILL to a process, while messages are under way. */
static void
test_kill_child (void)
{
  g_autoptr (RtFaultWorld) world = rt_fault_world_new_child (rt_fault_seed (1), 1000);
  RtFaultActor *ann = rt_fault_actor_new_in_room (world, "ann");
  RtFaultActor *bob = rt_fault_actor_new_in_room (world, "bob");

  for (guint i = 0; i < 10; i++)
    {
      guint lost = ann->disconnected;

      for (guint n = 0; n < 50; n++)
        rt_fault_actor_send (n % 2 == 0 ? ann : bob, "room");
      /* Each time a little later in the middle of it. */
      rt_test_wait_until (ann->delivered >= 50 * i + 2 * i);
      rt_fault_world_kill (world);
      rt_test_wait_until (ann->disconnected > lost);
      rt_fault_world_restart (world);
      rt_test_wait_until (rt_fault_actor_is_idle (ann) && rt_fault_actor_is_idle (bob));
    }
  rt_fault_world_verify (world, FALSE);
  g_assert_cmpuint (ann->ok + bob->ok, ==, 500);
  g_assert_cmpuint (ann->delivered, ==, 500);
  g_assert_cmpuint (bob->delivered, ==, 500);
}

/* --- Row 3: the server's machine hangs --- */

static void
test_stop_child (void)
{
  g_autoptr (RtFaultWorld) world = rt_fault_world_new_child (rt_fault_seed (1), 1000);
  RtConfigBuilder *settings = rt_fault_quick_settings ();

  rt_config_builder_with_heartbeat_timeout (settings, 500);
  RtFaultActor *ann = rt_fault_actor_new (world, "ann", settings);
  rt_fault_actor_connect (ann);
  rt_fault_actor_join (ann, "room");
  for (guint i = 0; i < 3; i++)
    {
      guint lost = ann->disconnected;

      rt_fault_world_signal (world, SIGSTOP);
      rt_fault_actor_send (ann, "room");
      rt_test_wait_until (ann->disconnected > lost);
      g_assert_true (ann->last_will_retry);
      rt_fault_world_signal (world, SIGCONT);
      rt_test_wait_until (rt_fault_actor_is_idle (ann));
    }
  rt_fault_world_verify (world, FALSE);
  g_assert_cmpuint (ann->ok, ==, 3);
}

/* --- Row 2: the server has forgotten --- */

static void
test_new_epoch (gconstpointer route)
{
  g_autoptr (RtFaultWorld) world = new_world (route);
  RtFaultActor *ann = rt_fault_actor_new_in_room (world, "ann");
  RtFaultActor *bob = rt_fault_actor_new_in_room (world, "bob");

  for (guint i = 1; i <= 10; i++)
    {
      guint before = bob->delivered;

      rt_fault_actor_send (ann, "room");
      rt_fault_wait_until (world, rt_fault_actor_is_idle (ann) && bob->delivered > before);
      rt_mock_server_new_epoch (world->server, "room");
      /* It goes into the new epoch, and may be what the gap is about. */
      rt_fault_actor_send (ann, "room");
      rt_fault_wait_until (world, ann->gaps == i && bob->gaps == i && rt_fault_actor_is_idle (ann));
    }
  rt_fault_actor_send (ann, "room");
  rt_fault_world_verify (world, TRUE);
  g_assert_cmpuint (ann->ok, ==, 21);
  g_assert_cmpuint (bob->delivered, >=, 11);
  g_assert_cmpuint (bob->disconnected, ==, 0);
}

/* More is missed than the server keeps. */
static void
test_trimmed (gconstpointer route)
{
  g_autoptr (RtFaultWorld) world = new_world (route);
  RtFaultActor *ann = rt_fault_actor_new_in_room (world, "ann");
  RtFaultActor *bob = rt_fault_actor_new_in_room (world, "bob");

  rt_mock_server_set_history_size (world->server, 5);
  rt_fault_world_kill (world);
  rt_fault_world_restart (world);
  rt_fault_wait_until (world, rt_client_is_connected (ann->client) && rt_client_is_connected (bob->client));
  rt_fault_proxy_set_listening (world->proxy, FALSE);
  rt_fault_proxy_strike (world->proxy, 0, &(RtFaultRule) { .action = RT_FAULT_RST });
  rt_fault_wait_until (world, !rt_client_is_connected (bob->client));
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"$rt\":1,\"id\":\"%u\",\"text\":\"%u\"}", i + 1, i);
      g_assert_true (rt_mock_server_publish (world->server, "room", json, NULL));
    }
  rt_fault_proxy_set_listening (world->proxy, TRUE);
  rt_fault_wait_until (world, rt_client_is_connected (ann->client) && rt_client_is_connected (bob->client));
  rt_fault_actor_send (ann, "room");
  rt_fault_world_verify (world, TRUE);
  g_assert_cmpuint (bob->gaps, ==, 1);
  g_assert_cmpuint (ann->gaps, ==, 1);
}

static const RtFaultCase cases[] = {
  { "row01/kill", test_kill, RT_FAULT_EVERY_ROUTE },
  { "row01/steady", test_steady, RT_FAULT_EVERY_ROUTE },
  { "row02/new-epoch", test_new_epoch, RT_FAULT_EVERY_ROUTE },
  { "row02/trimmed", test_trimmed, RT_FAULT_EVERY_ROUTE },
};

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  rt_fault_add_cases (cases, G_N_ELEMENTS (cases));
  g_test_add_func ("/Rt/Fault/row01/kill-child/websocket", test_kill_child);
  g_test_add_func ("/Rt/Fault/row03/stop-child/websocket", test_stop_child);
  return g_test_run ();
}
