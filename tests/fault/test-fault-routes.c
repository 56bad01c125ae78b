/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-clock.h"
#include "rt-fault-world.h"

/* Row 20 of the fault matrix: the best way is blocked, or breaks in the middle, and another one is taken. */

#define UPGRADE "Upgrade: websocket"
#define STREAM "POST /connection/http_stream"

static RtFaultRule
make_block (const char *what, RtFaultAction action, guint n)
{
  return (RtFaultRule) {
    .has_kind = TRUE, .kind = RT_FAULT_UNIT_HEAD, .direction = RT_FAULT_UP, .contains = what, .action = action, .n = n,
  };
}

static void
talk (RtFaultActor *actor)
{
  for (guint i = 0; i < 10; i++)
    {
      rt_fault_actor_send (actor, "room");
      rt_fault_world_run (actor->world, 100);
    }
  rt_fault_wait_until (actor->world, rt_fault_actor_is_idle (actor));
}

static void
assert_transport (RtFaultActor *actor, const char *name)
{
  rt_fault_wait_until (actor->world, rt_client_is_connected (actor->client));
  g_assert_cmpstr (rt_client_get_transport (actor->client), ==, name);
}

/* In whatever way a WebSocket is kept from being opened. */
static void
test_blocked (void)
{
  const RtFaultRule blocks[] = {
    make_block (UPGRADE, RT_FAULT_HTTP, 403),
    make_block (UPGRADE, RT_FAULT_HTTP, 404),
    make_block (UPGRADE, RT_FAULT_RST, 0),
    make_block (UPGRADE, RT_FAULT_BLACKHOLE, 0),
  };

  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
    {
      g_autoptr (RtFaultWorld) world = rt_fault_world_new (rt_fault_seed (1), NULL, 1000);

      rt_fault_proxy_add_rule (world->proxy, &blocks[i]);
      RtFaultActor *ann = rt_fault_actor_new_in_room (world, "ann");
      assert_transport (ann, "http-stream");
      talk (ann);
      rt_fault_world_verify (world, FALSE);
      g_assert_cmpuint (ann->ok, ==, 10);
    }
}

/* Only requests with an end get through. */
static void
test_blocked_streams (void)
{
  g_autoptr (RtFaultWorld) world = rt_fault_world_new (rt_fault_seed (1), NULL, 1000);
  const RtFaultRule upgrade = make_block (UPGRADE, RT_FAULT_HTTP, 403);
  const RtFaultRule stream = make_block (STREAM, RT_FAULT_HTTP, 404);

  rt_fault_proxy_add_rule (world->proxy, &upgrade);
  rt_fault_proxy_add_rule (world->proxy, &stream);
  RtFaultActor *ann = rt_fault_actor_new_in_room (world, "ann");
  assert_transport (ann, "polling");
  talk (ann);
  rt_fault_world_verify (world, FALSE);
  g_assert_cmpuint (ann->ok, ==, 10);
}

/* The way that is in use breaks while messages are under way, is blocked, and the next one goes on from there. */
static void
test_switch (void)
{
  g_autoptr (RtFaultWorld) world = rt_fault_world_new (rt_fault_seed (1), NULL, 1000);
  RtFaultActor *ann = rt_fault_actor_new_in_room (world, "ann");
  RtFaultActor *bob = rt_fault_actor_new_in_room (world, "bob");
  const RtFaultRule upgrade = make_block (UPGRADE, RT_FAULT_HTTP, 403);
  const RtFaultRule stream = make_block (STREAM, RT_FAULT_HTTP, 404);
  const RtFaultRule *const blocks[] = { &upgrade, &stream };
  const char *const names[] = { "http-stream", "polling" };

  assert_transport (ann, "websocket");
  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
    {
      for (guint n = 0; n < 10; n++)
        rt_fault_actor_send (n % 2 == 0 ? ann : bob, "room");
      rt_fault_proxy_add_rule (world->proxy, blocks[i]);
      rt_fault_proxy_strike (world->proxy, 0, &(RtFaultRule) { .action = RT_FAULT_RST });
      for (guint n = 0; n < 10; n++)
        rt_fault_actor_send (n % 2 == 0 ? ann : bob, "room");
      rt_fault_wait_until (world, g_strcmp0 (rt_client_get_transport (ann->client), names[i]) == 0
                                    && g_strcmp0 (rt_client_get_transport (bob->client), names[i]) == 0);
      talk (ann);
    }
  rt_fault_world_verify (world, FALSE);
  g_assert_cmpuint (ann->ok + bob->ok, ==, 60);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Fault/row20/blocked", test_blocked);
  g_test_add_func ("/Rt/Fault/row20/blocked-streams", test_blocked_streams);
  g_test_add_func ("/Rt/Fault/row20/switch", test_switch);
  return g_test_run ();
}
