/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "rt-clock.h"
#include "rt-fault-world.h"

/* Rows 3 to 7 of the fault matrix: what can befall a line. */

#define PING_MS 1000
#define HEARTBEAT_MS 500

static RtFaultWorld *
new_world (gconstpointer route)
{
  return rt_fault_world_new (rt_fault_seed (1), route, PING_MS);
}

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

static void
wait_connected (RtFaultActor *actor)
{
  rt_fault_wait_until (actor->world, rt_client_is_connected (actor->client));
}

/* --- Row 3: half open --- */

static RtFaultActor *
new_impatient (RtFaultWorld *world)
{
  RtConfigBuilder *settings = rt_fault_quick_settings ();
  RtFaultActor *actor;

  rt_config_builder_with_heartbeat_timeout (settings, HEARTBEAT_MS);
  actor = rt_fault_actor_new (world, "ann", settings);
  rt_fault_actor_connect (actor);
  rt_fault_actor_join (actor, "room");
  return actor;
}

/* Nothing is heard any more, and nothing says so. It is found out in the time that the numbers promise, and what was
 * sent meanwhile arrives once. */
static void
test_half_open (gconstpointer route)
{
  g_autoptr (RtFaultWorld) world = new_world (route);
  RtFaultActor *actor = new_impatient (world);
  gint64 worst = 0;

  for (guint i = 0; i < 100; i++)
    {
      guint before = actor->disconnected;

      rt_fault_wait_until (world, rt_fault_actor_is_idle (actor));
      /* At another moment between two pings each time. */
      rt_fault_world_run (world, 10 * i);
      g_assert_true (rt_client_is_connected (actor->client));
      gint64 struck = rt_clock_now ();
      strike (world, RT_FAULT_BLACKHOLE);
      rt_fault_actor_send (actor, "room");
      rt_fault_wait_until (world, actor->disconnected > before);
      gint64 took = actor->lost_at - struck;
      g_assert_cmpint (took, <=, RT_CLOCK_MS (PING_MS + HEARTBEAT_MS + 500));
      g_assert_true (actor->last_will_retry);
      worst = MAX (worst, took);
    }
  g_test_message ("found after at most %" G_GINT64_FORMAT " ms", worst / 1000);
  rt_fault_world_verify (world, FALSE);
  g_assert_cmpuint (actor->ok, ==, 100);
}

/* --- Row 4: cut at every byte --- */

typedef struct
{
  RtFaultDirection direction;
  RtFaultAction action;
  guint step; /* bytes */
} Sweep;

/* At least so long are the answers to the upgrade and to the connect command. */
#define GREETING_BYTES 280

/* The length of what passes in a connection with one join, one send and one delivery, so that no byte is missed. */
#define SWEEP_BYTES 900

static void
sweep (RtFaultWorld *world, const Sweep *sweep)
{
  RtFaultActor *ann = rt_fault_actor_new_in_room (world, "ann");
  RtFaultActor *bob = rt_fault_actor_new_in_room (world, "bob");
  guint cut = 0;


  /* The WebSocket is looked at more closely. */
  guint step = g_strcmp0 (world->route, RT_FAULT_WEBSOCKET) == 0 ? sweep->step : 4 * sweep->step;

  for (guint at = 0; at < SWEEP_BYTES; at += step)
    {
      guint faults = rt_fault_proxy_count_faults (world->proxy);

      rt_fault_proxy_clear_rules (world->proxy);
      strike (world, RT_FAULT_RST);
      add_rule (world, (RtFaultRule) { .direction = sweep->direction, .has_offset = TRUE, .offset = at, .times = 1,
                                       .connection = rt_fault_proxy_count_accepted (world->proxy) + 1,
                                       .action = sweep->action });
      rt_fault_actor_send (ann, "room");
      rt_fault_actor_send (bob, "room");
      wait_connected (ann);
      wait_connected (bob);
      rt_fault_actor_send (ann, "room");
      rt_fault_wait_until (world, rt_fault_actor_is_idle (ann) && rt_fault_actor_is_idle (bob));
      cut += rt_fault_proxy_count_faults (world->proxy) - faults > 2;
    }
  /* A good part of the sweep did happen. */
  g_assert_cmpuint (cut, >, SWEEP_BYTES / step / 3);
  rt_fault_world_verify (world, FALSE);
  g_assert_cmpuint (ann->failed + ann->unknown + bob->failed + bob->unknown, ==, 0);
}

static void
test_cut (gconstpointer data)
{
  const Sweep sweeps[] = {
    { RT_FAULT_DOWN, RT_FAULT_RST, 11 },
    { RT_FAULT_DOWN, RT_FAULT_FIN, 11 },
    { RT_FAULT_UP, RT_FAULT_RST, 13 },
    { RT_FAULT_UP, RT_FAULT_FIN, 13 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (sweeps); i++)
    {
      g_autoptr (RtFaultWorld) world = new_world (data);

      sweep (world, &sweeps[i]);
    }
}

/* The answer to the upgrade and to the connect command, at each of their bytes, or over HTTP at every fifth. */
static void
test_cut_every_byte (gconstpointer route)
{
  g_autoptr (RtFaultWorld) world = new_world (route);
  RtFaultActor *ann = rt_fault_actor_new_in_room (world, "ann");

  guint tries = 0;

  for (guint at = 0; at < GREETING_BYTES; at += route == RT_FAULT_WEBSOCKET ? 1 : 5, tries++)
    {
      guint next = rt_fault_proxy_count_accepted (world->proxy) + 1;

      add_rule (world, (RtFaultRule) { .direction = RT_FAULT_DOWN, .connection = next, .has_offset = TRUE,
                                       .offset = at, .action = RT_FAULT_RST });
      strike (world, RT_FAULT_RST);
      rt_fault_actor_send (ann, "room");
      rt_fault_wait_until (world, rt_fault_actor_is_idle (ann));
      rt_fault_proxy_clear_rules (world->proxy);
    }
  g_assert_cmpuint (rt_fault_proxy_count_faults (world->proxy), >=, 2 * tries);
  rt_fault_world_verify (world, FALSE);
  g_assert_cmpuint (ann->ok, ==, tries);
}

/* --- Row 5: the acknowledgement is lost --- */

static void
test_ack_lost (gconstpointer route)
{
  g_autoptr (RtFaultWorld) world = new_world (route);
  RtFaultActor *ann = rt_fault_actor_new_in_room (world, "ann");

  const guint times = route == RT_FAULT_WEBSOCKET ? 1000 : 100;

  for (guint i = 0; i < times; i++)
    {
      add_rule (world, (RtFaultRule) { .direction = RT_FAULT_DOWN, .contains = "\"publish\":{", .times = 1,
                                       .action = RT_FAULT_RST });
      rt_fault_actor_send (ann, "room");
      rt_fault_wait_until (world, rt_fault_actor_is_idle (ann));
      rt_fault_proxy_clear_rules (world->proxy);
    }
  rt_fault_world_verify (world, FALSE);
  g_assert_cmpuint (rt_fault_proxy_count_faults (world->proxy), ==, times);
  g_assert_cmpuint (ann->ok, ==, times);
  g_assert_cmpuint (ann->delivered, ==, times);
}

/* --- Row 6: acknowledgements that are no answer --- */

static void
test_ack_wrong (gconstpointer route)
{
  const RtFaultRule rules[] = {
    { .action = RT_FAULT_DUPLICATE },
    { .action = RT_FAULT_SWAP },
    { .action = RT_FAULT_INJECT, .text = "{\"id\":4000000000,\"publish\":{}}" },
    { .action = RT_FAULT_INJECT, .text = "{\"id\":1,\"publish\":{\"offset\":1}}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      g_autoptr (RtFaultWorld) world = new_world (route);
      RtFaultActor *ann = rt_fault_actor_new_in_room (world, "ann");
      RtFaultRule rule = rules[i];

      rule.direction = RT_FAULT_DOWN;
      rule.contains = "\"publish\":{";
      rule.times = 5;
      rt_fault_proxy_add_rule (world->proxy, &rule);
      for (guint n = 0; n < 20; n++)
        {
          rt_fault_actor_send (ann, "room");
          if (n % 3 == 0)
            rt_fault_world_run (world, RT_FAULT_STEP_MS);
        }
      rt_fault_world_verify (world, FALSE);
      g_assert_cmpuint (rt_fault_proxy_count_faults (world->proxy), >, 0);
      g_assert_cmpuint (ann->ok, ==, 20);
    }
}

/* The reply to a publish that was never answered by the server must not end another. */
static void
test_ack_before_send (gconstpointer route)
{
  g_autoptr (RtFaultWorld) world = new_world (route);
  RtFaultActor *ann = rt_fault_actor_new_in_room (world, "ann");

  for (guint id = 1; id <= 10; id++)
    {
      g_autofree char *text = g_strdup_printf ("{\"id\":%u,\"publish\":{}}", id);
      rt_fault_proxy_strike (world->proxy, 0, &(RtFaultRule) { .action = RT_FAULT_INJECT, .text = text });
    }
  rt_fault_world_run (world, 100);
  rt_fault_actor_send (ann, "room");
  rt_fault_world_verify (world, FALSE);
  g_assert_cmpuint (ann->ok, ==, 1);
}

/* --- Row 7: thin lines --- */

static void
test_thin (gconstpointer route)
{
  const RtFaultRule rules[] = {
    { .event = RT_FAULT_ON_CONNECT, .action = RT_FAULT_SLICE, .n = 1 },
    { .event = RT_FAULT_ON_CONNECT, .action = RT_FAULT_RATE, .n = 1000 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      g_autoptr (RtFaultWorld) world = new_world (route);

      rt_fault_proxy_add_rule (world->proxy, &rules[i]);
      RtFaultActor *ann = rt_fault_actor_new (world, "ann", NULL);
      rt_fault_actor_connect (ann);
      rt_fault_proxy_clear_rules (world->proxy);
      rt_fault_actor_join (ann, "room");
      for (guint n = 0; n < 10; n++)
        rt_fault_actor_send (ann, "room");
      rt_fault_world_verify (world, FALSE);
      g_assert_cmpuint (ann->ok, ==, 10);
      g_assert_cmpuint (ann->delivered, ==, 10);
      g_assert_cmpuint (ann->disconnected, ==, 0);
    }
}

static const RtFaultCase cases[] = {
  { "row03/half-open", test_half_open, RT_FAULT_STREAMS_ONLY },
  { "row04/cut", test_cut, RT_FAULT_EVERY_ROUTE },
  { "row04/every-byte", test_cut_every_byte, RT_FAULT_EVERY_ROUTE },
  { "row05/ack-lost", test_ack_lost, RT_FAULT_EVERY_ROUTE },
  { "row06/ack-wrong", test_ack_wrong, RT_FAULT_STREAMS_ONLY },
  { "row06/ack-before-send", test_ack_before_send, RT_FAULT_STREAMS_ONLY },
  { "row07/thin", test_thin, RT_FAULT_EVERY_ROUTE },
};

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  rt_fault_add_cases (cases, G_N_ELEMENTS (cases));
  return g_test_run ();
}
