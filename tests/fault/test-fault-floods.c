/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-clock.h"
#include "rt-fault-world.h"
#include "rt-test-resolver.h"

/* Rows 12 and 18 of the fault matrix: peers that say too much, and names that lead nowhere. */

/* --- Row 18: names --- */

#define CONNECT_TIMEOUT 4000

static RtFaultActor *
new_named (RtFaultWorld *world)
{
  RtConfigBuilder *settings = rt_fault_quick_settings ();

  world->host = "realtime.test";
  rt_config_builder_with_connect_timeout (settings, CONNECT_TIMEOUT);
  rt_config_builder_with_allow_insecure (settings, TRUE);
  return rt_fault_actor_new (world, "ann", settings);
}

/* It is connected: all is as ever. */
static void
assert_works (RtFaultActor *ann)
{
  rt_fault_actor_join (ann, "room");
  for (guint i = 0; i < 5; i++)
    rt_fault_actor_send (ann, "room");
  rt_fault_world_verify (ann->world, FALSE);
  g_assert_cmpuint (ann->ok, ==, 5);
  g_assert_cmpuint (ann->delivered, ==, 5);
}

/* Whatever the reason, a name that is not found may be found later. */
static void
test_names_fail (gconstpointer route)
{
  const GResolverError codes[] = {
    G_RESOLVER_ERROR_NOT_FOUND, G_RESOLVER_ERROR_TEMPORARY_FAILURE, G_RESOLVER_ERROR_INTERNAL,
  };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_autoptr (RtFaultWorld) world = rt_fault_world_new (rt_fault_seed (1), route, 1000);
      RtFaultActor *ann = new_named (world);

      rt_test_resolver_fail (codes[i]);
      rt_client_connect_async (ann->client, NULL, NULL, NULL);
      rt_fault_wait_until (world, ann->delays->len >= 4);
      g_assert_cmpuint (ann->connected, ==, 0);
      g_assert_cmpuint (rt_fault_proxy_count_accepted (world->proxy), ==, 0);
      rt_test_resolver_find ("127.0.0.1", NULL);
      rt_fault_wait_until (world, rt_client_is_connected (ann->client));
      assert_works (ann);
    }
}

/* The name is lost while the line is, and comes back. */
static void
test_names_fail_later (gconstpointer route)
{
  g_autoptr (RtFaultWorld) world = rt_fault_world_new (rt_fault_seed (1), route, 1000);
  RtFaultActor *ann = new_named (world);

  rt_test_resolver_find ("127.0.0.1", NULL);
  rt_fault_actor_connect (ann);
  rt_test_resolver_fail (G_RESOLVER_ERROR_TEMPORARY_FAILURE);
  rt_fault_proxy_set_listening (world->proxy, FALSE);
  rt_fault_proxy_strike (world->proxy, 0, &(RtFaultRule) { .action = RT_FAULT_RST });
  rt_fault_wait_until (world, ann->delays->len >= 3);
  g_assert_true (ann->last_will_retry);
  rt_fault_proxy_set_listening (world->proxy, TRUE);
  rt_fault_world_run (world, 3000);
  g_assert_false (rt_client_is_connected (ann->client));
  rt_test_resolver_find ("127.0.0.1", NULL);
  rt_fault_wait_until (world, rt_client_is_connected (ann->client));
  assert_works (ann);
}

/* An answer that comes before the time to connect is over is in time; without one, the attempt ends then, and the
 * next one is made. */
static void
test_names_slow (gconstpointer route)
{
  for (guint is_late = 0; is_late < 2; is_late++)
    {
      g_autoptr (RtFaultWorld) world = rt_fault_world_new (rt_fault_seed (1), route, 1000);
      RtFaultActor *ann = new_named (world);

      rt_test_resolver_hold ();
      rt_client_connect_async (ann->client, NULL, NULL, NULL);
      rt_fault_world_run (world, CONNECT_TIMEOUT - 1000);
      g_assert_cmpuint (rt_test_resolver_count_held (), >, 0);
      g_assert_cmpuint (ann->delays->len, ==, 0);
      if (is_late)
        rt_fault_world_run (world, 10 * CONNECT_TIMEOUT);
      g_assert_cmpint (ann->delays->len >= 5, ==, is_late);
      rt_test_resolver_release ("127.0.0.1", NULL);
      guint attempts = ann->delays->len;
      rt_fault_wait_until (world, rt_client_is_connected (ann->client));
      g_assert_cmpuint (ann->delays->len, <=, attempts + is_late);
      assert_works (ann);
      g_assert_cmpuint (rt_test_resolver_count_held (), ==, 0);
    }
}

/* Nobody listens at the IPv6 address: the other one is tried in the same attempt. */
static void
test_names_dead_v6 (gconstpointer route)
{
  g_autoptr (RtFaultWorld) world = rt_fault_world_new (rt_fault_seed (1), route, 1000);
  RtFaultActor *ann = new_named (world);

  rt_test_resolver_find ("127.0.0.1", "::1");
  rt_fault_actor_connect (ann);
  g_assert_cmpuint (ann->delays->len, ==, 0);
  assert_works (ann);
}

static const RtFaultCase cases[] = {
  { "row18/fail", test_names_fail, RT_FAULT_EVERY_ROUTE },
  { "row18/fail-later", test_names_fail_later, RT_FAULT_EVERY_ROUTE },
  { "row18/slow", test_names_slow, RT_FAULT_EVERY_ROUTE },
  { "row18/dead-v6", test_names_dead_v6, RT_FAULT_EVERY_ROUTE },
};

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  rt_test_resolver_install ();
  rt_fault_add_cases (cases, G_N_ELEMENTS (cases));
  return g_test_run ();
}
