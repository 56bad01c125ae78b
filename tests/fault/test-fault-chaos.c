/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-fault-world.h"

/* Everything at once: faults drawn from one seed befall several clients on several channels over all transports,
 * while they send and receive. Whatever happens, nothing is lost, doubled, reordered, or missing without a word.
 *
 * RT_TEST_SEED repeats a run, and RT_CHAOS_FAULTS says how many faults there are to be. */

#define N_FAULTS 200
#define N_ACTORS 4
#define N_CHANNELS 3
/* So often all rules end, that something may get through. */
#define PAUSE_EVERY 5

typedef struct
{
  RtFaultWorld *world;
  GRand *rand;
  RtFaultActor *actors[N_ACTORS];
  gboolean is_dead; /* the server */
} Chaos;

static const char *const channels[N_CHANNELS] = { "room", "hall", "yard" };

static guint
draw (Chaos *chaos, guint bound)
{
  return (guint) g_rand_int_range (chaos->rand, 0, (gint32) bound);
}

static void
revive (Chaos *chaos)
{
  if (chaos->is_dead)
    rt_fault_world_restart (chaos->world);
  chaos->is_dead = FALSE;
}

/* --- The kinds of faults --- */

static void
cut_now (Chaos *chaos)
{
  const RtFaultAction actions[] = { RT_FAULT_RST, RT_FAULT_FIN, RT_FAULT_BLACKHOLE };
  guint accepted = rt_fault_proxy_count_accepted (chaos->world->proxy);
  guint connection = draw (chaos, 3) == 0 ? 0 : accepted - draw (chaos, MIN (accepted, 8));

  rt_fault_proxy_strike (chaos->world->proxy, connection,
                         &(RtFaultRule) { .action = actions[draw (chaos, G_N_ELEMENTS (actions))] });
}

static void
close_now (Chaos *chaos)
{
  const guint codes[] = { 1000, 1001, 1011, 1012, 1013, 3000, 3001, 3004, 3008, 3011, 4001, 5000 };

  rt_fault_proxy_strike (chaos->world->proxy, 0,
                         &(RtFaultRule) { .action = RT_FAULT_CLOSE,
                                          .n = codes[draw (chaos, G_N_ELEMENTS (codes))] });
}

static void
cut_later (Chaos *chaos)
{
  const RtFaultAction actions[] = { RT_FAULT_RST, RT_FAULT_FIN, RT_FAULT_BLACKHOLE };
  const RtFaultRule rule = {
    .direction = draw (chaos, 2) == 0 ? RT_FAULT_UP : RT_FAULT_DOWN,
    .has_offset = TRUE,
    .offset = draw (chaos, 1500),
    .times = 1 + draw (chaos, 3),
    .action = actions[draw (chaos, G_N_ELEMENTS (actions))],
  };

  rt_fault_proxy_add_rule (chaos->world->proxy, &rule);
}

static void
lose_ack (Chaos *chaos)
{
  const RtFaultRule rule = {
    .direction = RT_FAULT_DOWN, .contains = "\"publish\":{", .times = 1 + draw (chaos, 3), .action = RT_FAULT_RST,
  };

  rt_fault_proxy_add_rule (chaos->world->proxy, &rule);
}

static void
double_ack (Chaos *chaos)
{
  const RtFaultRule rule = {
    .direction = RT_FAULT_DOWN, .contains = "\"publish\":{", .times = 1 + draw (chaos, 3),
    .action = RT_FAULT_DUPLICATE,
  };

  rt_fault_proxy_add_rule (chaos->world->proxy, &rule);
}

static void
slow_down (Chaos *chaos)
{
  const RtFaultRule rules[] = {
    { .action = RT_FAULT_DELAY, .n = 1 + draw (chaos, 2000) },
    { .action = RT_FAULT_SLICE, .n = 1 + draw (chaos, 20) },
    { .action = RT_FAULT_RATE, .n = 500 + draw (chaos, 5000) },
  };
  RtFaultRule rule = rules[draw (chaos, G_N_ELEMENTS (rules))];

  rule.direction = draw (chaos, 2) == 0 ? RT_FAULT_UP : RT_FAULT_DOWN;
  rt_fault_proxy_strike (chaos->world->proxy, 0, &rule);
}

static void
bar_the_door (Chaos *chaos)
{
  const RtFaultRule rules[] = {
    { .event = RT_FAULT_ON_CONNECT, .action = RT_FAULT_REFUSE },
    { .event = RT_FAULT_ON_CONNECT, .action = RT_FAULT_HOLD },
    { .has_kind = TRUE, .kind = RT_FAULT_UNIT_HEAD, .direction = RT_FAULT_UP, .action = RT_FAULT_HTTP, .n = 503 },
    { .has_kind = TRUE, .kind = RT_FAULT_UNIT_HEAD, .direction = RT_FAULT_UP, .action = RT_FAULT_HTTP, .n = 429,
      .headers = "Retry-After: 1\r\n" },
    { .has_kind = TRUE, .kind = RT_FAULT_UNIT_HEAD, .direction = RT_FAULT_UP, .action = RT_FAULT_HTTP, .n = 502,
      .text = "<html>bad gateway</html>" },
  };
  RtFaultRule rule = rules[draw (chaos, G_N_ELEMENTS (rules))];

  rule.times = 1 + draw (chaos, 3);
  rt_fault_proxy_add_rule (chaos->world->proxy, &rule);
  rt_fault_proxy_strike (chaos->world->proxy, 0, &(RtFaultRule) { .action = RT_FAULT_RST });
}

static void
kill_server (Chaos *chaos)
{
  if (chaos->is_dead)
    return;
  rt_fault_world_kill (chaos->world);
  chaos->is_dead = TRUE;
}

/* Not an error reply: where that is lost, too, the message comes in anew after what was sent behind it, and no client
 * can help it. */
static void
trouble_server (Chaos *chaos)
{
  const RtMockFault faults[] = {
    RT_MOCK_FAULT_LOSE_REPLY,      RT_MOCK_FAULT_LOSE_RESPONSE, RT_MOCK_FAULT_DROP_CONNECTION,
    RT_MOCK_FAULT_REFUSE,
  };

  rt_mock_server_inject_fault (chaos->world->server, faults[draw (chaos, G_N_ELEMENTS (faults))], 1);
}

static void (*const faults[]) (Chaos *chaos) = {
  cut_now, cut_now, close_now, cut_later, lose_ack, double_ack, slow_down, bar_the_door, kill_server, trouble_server,
};

/* --- The run --- */

static void
add_actor (Chaos *chaos, guint i)
{
  const char *const names[N_ACTORS] = { "ann", "bob", "cat", "dan" };
  const char *const routes[N_ACTORS] = { "websocket", "http-stream", "polling", NULL };
  RtConfigBuilder *settings = rt_fault_quick_settings ();

  rt_config_builder_with_heartbeat_timeout (settings, 1000);
  if (routes[i] != NULL)
    rt_config_builder_with_strategies (settings, (const char *const[]) { routes[i], NULL });
  chaos->actors[i] = rt_fault_actor_new (chaos->world, names[i], settings);
  rt_fault_actor_connect (chaos->actors[i]);
  for (guint j = 0; j < N_CHANNELS; j++)
    if (i != j)
      rt_fault_actor_join (chaos->actors[i], channels[j]);
}

static void
send_some (Chaos *chaos)
{
  for (guint n = draw (chaos, 6); n > 0; n--)
    {
      RtFaultActor *actor = chaos->actors[draw (chaos, N_ACTORS)];
      const char *channel = channels[draw (chaos, N_CHANNELS)];
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();

      rt_fault_actor_send_with (actor, channel, cancellable);
      if (draw (chaos, 20) == 0)
        g_cancellable_cancel (cancellable);
    }
}

static void
pause_faults (Chaos *chaos)
{
  rt_fault_proxy_clear_rules (chaos->world->proxy);
  rt_mock_server_clear_faults (chaos->world->server);
  revive (chaos);
  rt_fault_world_run (chaos->world, draw (chaos, 3000));
}

static guint
count_wanted (void)
{
  const char *text = g_getenv ("RT_CHAOS_FAULTS");
  guint64 n = N_FAULTS;

  if (text != NULL && !g_ascii_string_to_unsigned (text, 10, 1, G_MAXUINT, &n, NULL))
    g_error ("RT_CHAOS_FAULTS is not a number: %s", text);
  return (guint) n;
}

static void
test_chaos (void)
{
  const guint wanted = count_wanted ();
  guint64 seed = rt_fault_seed (20261);
  g_autoptr (RtFaultWorld) world = rt_fault_world_new (seed, NULL, 1000);
  Chaos chaos = { .world = world, .rand = g_rand_new_with_seed ((guint32) seed) };
  guint sent = 0;

  rt_mock_server_set_history_size (world->server, 1000000);
  rt_mock_server_set_history_ttl (world->server, G_MAXINT);
  for (guint i = 0; i < N_ACTORS; i++)
    add_actor (&chaos, i);
  for (guint i = 0; i < wanted; i++)
    {
      faults[draw (&chaos, G_N_ELEMENTS (faults))](&chaos);
      send_some (&chaos);
      rt_fault_world_run (world, draw (&chaos, 800));
      if (i % PAUSE_EVERY == 0)
        pause_faults (&chaos);
    }
  pause_faults (&chaos);
  rt_fault_world_verify (world, FALSE);
  for (guint i = 0; i < N_ACTORS; i++)
    {
      g_assert_true (rt_client_is_connected (chaos.actors[i]->client));
      sent += chaos.actors[i]->ok;
    }
  /* Most of it was not in vain. */
  g_assert_cmpuint (sent, >, wanted);
  g_rand_free (chaos.rand);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Fault/chaos", test_chaos);
  return g_test_run ();
}
