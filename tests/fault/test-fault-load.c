/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-clock.h"
#include "rt-fault-world.h"
#include "rt-wake.h"

/* Rows 15 to 17 of the fault matrix: a program that is busy, a server that reads nothing, a machine that sleeps. */

static RtFaultWorld *
new_world (gconstpointer route)
{
  return rt_fault_world_new (rt_fault_seed (1), route, 1000);
}

/* --- Row 15: the program does not look --- */

/* Time passes, and the context that the clients belong to is not iterated. */
static void
run_blocked (RtFaultWorld *world, guint ms)
{
  g_autoptr (GMainContext) other = g_main_context_new ();

  g_main_context_push_thread_default (other);
  rt_fault_world_run (world, ms);
  g_main_context_pop_thread_default (other);
}

static void
publish (RtFaultWorld *world, guint first, guint last)
{
  g_autoptr (GError) error = NULL;

  for (guint i = first; i <= last; i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"$rt\":1,\"id\":\"%u\",\"text\":\"%u\"}", i, i);
      rt_mock_server_publish (world->server, "room", json, &error);
      g_assert_no_error (error);
    }
}

/* The line is kept, and all is there when the program looks again. */
static void
test_blocked (gconstpointer route)
{
  g_autoptr (RtFaultWorld) world = new_world (route);
  RtFaultActor *ann = rt_fault_actor_new_in_room (world, "ann");

  for (guint i = 0; i < 30; i++)
    {
      publish (world, 10 * i + 1, 10 * i + 10);
      run_blocked (world, 1000);
    }
  g_assert_cmpuint (ann->delivered, ==, 0);
  rt_fault_actor_send (ann, "room");
  rt_fault_world_verify (world, FALSE);
  g_assert_cmpuint (ann->delivered, ==, 301);
  g_assert_cmpuint (ann->disconnected, ==, 0);
}

/* More comes than its queue holds: it gets that later, from the history. */
static void
test_blocked_long (gconstpointer route)
{
  g_autoptr (RtFaultWorld) world = new_world (route);
  RtConfigBuilder *settings = rt_fault_quick_settings ();

  rt_config_builder_with_receive_queue_limit (settings, 32);
  RtFaultActor *ann = rt_fault_actor_new (world, "ann", settings);
  rt_fault_actor_connect (ann);
  rt_fault_actor_join (ann, "room");
  for (guint i = 0; i < 25; i++)
    {
      publish (world, 10 * i + 1, 10 * i + 10);
      run_blocked (world, 1000);
    }
  rt_fault_actor_send (ann, "room");
  rt_fault_world_verify (world, FALSE);
  g_assert_cmpuint (ann->delivered, ==, 251);
}

/* --- Row 16: the server does not read --- */

/* What the bounds of the queue allow waits and arrives, the rest is refused at once and never sent. */
static void
test_not_read (gconstpointer route)
{
  g_autoptr (RtFaultWorld) world = new_world (route);
  RtConfigBuilder *settings = rt_fault_quick_settings ();

  rt_config_builder_with_send_queue_limit (settings, 50);
  RtFaultActor *ann = rt_fault_actor_new (world, "ann", settings);
  rt_fault_actor_connect (ann);
  rt_fault_actor_join (ann, "room");
  rt_fault_proxy_set_listening (world->proxy, FALSE);
  rt_fault_proxy_strike (world->proxy, 0, &(RtFaultRule) { .action = RT_FAULT_RST });
  rt_fault_wait_until (world, !rt_client_is_connected (ann->client));
  for (guint i = 0; i < 80; i++)
    rt_fault_actor_send (ann, "room");
  rt_fault_world_run (world, 1000);
  g_assert_cmpuint (ann->failed, ==, 30);
  g_assert_error (ann->last_send_error, RT_ERROR, RT_ERROR_QUEUE_FULL);
  rt_fault_proxy_set_listening (world->proxy, TRUE);
  rt_fault_world_verify (world, FALSE);
  g_assert_cmpuint (ann->ok, ==, 50);
  g_assert_cmpuint (ann->delivered, ==, 50);
}

/* A server that takes nothing in and says nothing is given up, and what it was sent arrives once. */
static void
test_stalled (gconstpointer route)
{
  g_autoptr (RtFaultWorld) world = new_world (route);
  RtConfigBuilder *settings = rt_fault_quick_settings ();

  rt_config_builder_with_heartbeat_timeout (settings, 500);
  RtFaultActor *ann = rt_fault_actor_new (world, "ann", settings);
  rt_fault_actor_connect (ann);
  rt_fault_actor_join (ann, "room");
  rt_mock_server_inject_fault (world->server, RT_MOCK_FAULT_STALL, 1);
  for (guint i = 0; i < 20; i++)
    rt_fault_actor_send (ann, "room");
  rt_fault_wait_until (world, ann->disconnected > 0);
  g_assert_true (ann->last_will_retry);
  rt_mock_server_clear_faults (world->server);
  rt_fault_world_verify (world, FALSE);
  g_assert_cmpuint (ann->ok, ==, 20);
}

/* --- Row 17: the machine sleeps --- */

/* The line has died meanwhile and does not say so: it is found out by asking at once, not by waiting. */
static void
test_sleep (gconstpointer route)
{
  g_autoptr (RtFaultWorld) world = rt_fault_world_new (rt_fault_seed (1), route, 25000);
  RtFaultActor *ann = rt_fault_actor_new_in_room (world, "ann");

  for (guint i = 1; i <= 5; i++)
    {
      rt_fault_proxy_strike (world->proxy, 0, &(RtFaultRule) { .action = RT_FAULT_BLACKHOLE });
      rt_clock_virtual_sleep (RT_CLOCK_MS (3600000));
      gint64 awake = rt_clock_now ();
      rt_fault_actor_send (ann, "room");
      rt_fault_wait_until (world, ann->disconnected == i);
      g_assert_cmpint (ann->lost_at - awake, <=, RT_CLOCK_MS (6000));
      rt_fault_wait_until (world, rt_fault_actor_is_idle (ann));
    }
  rt_fault_world_verify (world, FALSE);
  g_assert_cmpuint (ann->ok, ==, 5);
}

static const RtFaultCase cases[] = {
  { "row15/blocked", test_blocked, RT_FAULT_EVERY_ROUTE },
  { "row15/blocked-long", test_blocked_long, RT_FAULT_EVERY_ROUTE },
  { "row16/not-read", test_not_read, RT_FAULT_STREAMS_ONLY },
  { "row16/stalled", test_stalled, RT_FAULT_STREAMS_ONLY },
  { "row17/sleep", test_sleep, RT_FAULT_STREAMS_ONLY },
};

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  rt_fault_add_cases (cases, G_N_ELEMENTS (cases));
  return g_test_run ();
}
