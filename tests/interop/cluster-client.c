/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <realtime/realtime.h>

#include "interop-balancer.h"
#include "interop-client.h"
#include "interop-server.h"
#include "rt-test.h"

/* Two nodes that share a Redis, and a client that does not care which of them it is on:
 * cluster-client [--tap] ENGINE PYTHON REDIS-SERVER.PY TRANSPORT */

#define N_NODES 2
#define ROUNDS 10
#define CHANNEL "cluster"
#define OWN_CHANNEL "cluster:own"

/* How much is published before the node dies, while the client is away, and when it is back. */
#define BEFORE 10
#define AWAY 100
#define AFTER 10
#define OWN 20

typedef struct
{
  char *engine;
  InteropServer *redis;
  InteropBalancer *balancer;
  InteropServer *nodes[N_NODES];
  guint home; /* the node that the client is on */
} Cluster;

static char **arguments;

static InteropServer *
start_node (Cluster *self)
{
  char *command[] = { self->engine, (char *) "--token-secret", (char *) INTEROP_SECRET, (char *) "--redis",
                      (char *) interop_server_get_url (self->redis), NULL };

  return interop_server_start (command);
}

/* New lines go to the node that the client is on, and to the other one if that is gone. */
static void
direct (Cluster *self)
{
  interop_balancer_set_nodes (self->balancer, interop_server_get_url (self->nodes[self->home]),
                              interop_server_get_url (self->nodes[1 - self->home]));
}

static void
cluster_start (Cluster *self)
{
  char *redis[] = { arguments[2], arguments[3], NULL };

  self->engine = arguments[1];
  self->redis = interop_server_start (redis);
  self->balancer = interop_balancer_new ();
  for (guint i = 0; i < N_NODES; i++)
    self->nodes[i] = start_node (self);
  direct (self);
}

static void
cluster_stop (Cluster *self)
{
  for (guint i = 0; i < N_NODES; i++)
    interop_server_stop (self->nodes[i]);
  interop_balancer_free (self->balancer);
  interop_server_stop (self->redis);
}

/* The node that the client is on is gone when this returns; the client may not know yet. */
static void
kill_home (Cluster *self)
{
  interop_server_kill (self->nodes[self->home]);
}

static void
replace_home (Cluster *self)
{
  self->nodes[self->home] = start_node (self);
  self->home = 1 - self->home;
  direct (self);
}

static InteropClient *
connect_to (const char *url, const char *user)
{
  g_autofree char *token = interop_token_new (user, INTEROP_SECRET, INTEROP_EXPIRES_2100);
  const InteropClientOptions options = { .url = url, .token = token, .transport = arguments[4] };
  InteropClient *client = interop_client_new (&options);
  g_autoptr (GError) error = NULL;

  rt_client_connect_sync (client->client, NULL, &error);
  g_assert_no_error (error);
  return client;
}

static guint
count_clients (InteropServer *node)
{
  g_autofree char *count = interop_server_control (node, "clients");

  return (guint) g_ascii_strtoull (count, NULL, 10);
}

/* --- What the client saw --- */

/* The messages of a record are these numbers: each once, in order. */
static void
assert_numbers (InteropClient *client, const char *prefix, guint n)
{
  g_autofree char *kind = g_strconcat ("message: ", prefix, NULL);
  guint next = 0;

  for (guint i = 0; i < client->events->len; i++)
    {
      const char *event = g_ptr_array_index (client->events, i);

      if (g_str_has_prefix (event, kind))
        g_assert_cmpuint (g_ascii_strtoull (event + strlen (kind), NULL, 10), ==, next++);
    }
  g_assert_cmpuint (next, ==, n);
}

static guint
recovered_count (InteropClient *client)
{
  const char *found = NULL;

  for (guint i = 0; i < client->events->len; i++)
    if (g_str_has_prefix (g_ptr_array_index (client->events, i), "recovered: "))
      {
        g_assert_null (found);
        found = g_ptr_array_index (client->events, i);
      }
  g_assert_nonnull (found);
  return (guint) g_ascii_strtoull (found + strlen ("recovered: "), NULL, 10);
}

/* --- The tests --- */

static void
publish (InteropClient *writer, guint from, guint to)
{
  for (guint i = from; i < to; i++)
    {
      g_autofree char *text = g_strdup_printf ("n%u", i);

      interop_client_send (writer, CHANNEL, text);
    }
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  guint *acknowledged = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) message = rt_client_send_message_finish (RT_CLIENT (source), result, &error);

  g_assert_no_error (error);
  ++*acknowledged;
}

/* None of these may be lost with the node that they are written to, nor come twice. */
static void
send_own (InteropClient *reader, guint *acknowledged)
{
  for (guint i = 0; i < OWN; i++)
    {
      g_autofree char *text = g_strdup_printf ("own%u", i);

      rt_client_send_message_async (reader->client, OWN_CHANNEL, text, NULL, sent_cb, acknowledged);
    }
}

/* A new client each time: one that loses its line again and again within half a minute waits longer and longer. */
static void
play_round (Cluster *self)
{
  g_autoptr (InteropClient) reader = connect_to (interop_balancer_get_url (self->balancer), "ann");
  g_autoptr (RtChannel) channel = interop_client_join (reader, CHANNEL);
  g_autoptr (InteropClient) writer = connect_to (interop_server_get_url (self->nodes[1 - self->home]), "bob");
  g_autoptr (RtChannel) own = interop_client_join (writer, OWN_CHANNEL);
  guint acknowledged = 0;

  rt_test_wait_until (rt_channel_get_recoverable (channel));
  g_assert_cmpuint (count_clients (self->nodes[self->home]), ==, 1);
  publish (writer, 0, BEFORE);
  send_own (reader, &acknowledged);
  kill_home (self);
  g_test_timer_start ();
  publish (writer, BEFORE, BEFORE + AWAY);
  rt_test_wait_until (interop_client_count (reader, "recovered:") > 0);
  g_test_message ("back after %.0f ms, %u publications recovered", g_test_timer_elapsed () * 1000,
                  recovered_count (reader));
  publish (writer, BEFORE + AWAY, BEFORE + AWAY + AFTER);
  rt_test_wait_until (interop_client_count (reader, "message: n") >= BEFORE + AWAY + AFTER);
  rt_test_wait_until (acknowledged == OWN && interop_client_count (writer, "message: own") >= OWN);
  interop_client_settle (reader);
  interop_client_settle (writer);
  assert_numbers (reader, "n", BEFORE + AWAY + AFTER);
  assert_numbers (writer, "own", OWN);
  g_assert_cmpuint (recovered_count (reader), <=, BEFORE + AWAY);
  g_assert_cmpuint (interop_client_count (reader, "gap:"), ==, 0);
  g_assert_cmpuint (interop_client_count (reader, "disconnected: 1006 1"), ==, 1);
  replace_home (self);
}

/* Again and again: each time the node that was spared the time before. */
static void
test_node_killed (void)
{
  Cluster cluster = { NULL };

  cluster_start (&cluster);
  for (guint round = 0; round < ROUNDS; round++)
    play_round (&cluster);
  cluster_stop (&cluster);
}

/* Members of both nodes see each other, and what one of them publishes reaches all. */
static void
test_shared (void)
{
  Cluster cluster = { NULL };

  cluster_start (&cluster);
  {
    g_autoptr (InteropClient) ann = connect_to (interop_server_get_url (cluster.nodes[0]), "ann");
    g_autoptr (InteropClient) bob = connect_to (interop_server_get_url (cluster.nodes[1]), "bob");
    g_autoptr (RtChannel) here = interop_client_join (ann, CHANNEL);
    g_autoptr (RtChannel) there = interop_client_join (bob, CHANNEL);
    g_autoptr (GError) error = NULL;
    guint clients, users;

    interop_client_expect (ann, "member-joined: ann", "member-joined: bob", NULL);
    rt_channel_presence_stats_sync (there, NULL, &clients, &users, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (clients, ==, 2);
    interop_client_send (ann, CHANNEL, "from the one");
    interop_client_send (bob, CHANNEL, "from the other");
    interop_client_expect (ann, "message: from the one", "message: from the other", NULL);
    interop_client_expect (bob, "message: from the one", "message: from the other", NULL);
    g_assert_cmpuint (rt_channel_get_offset (here), ==, 2);
  }
  cluster_stop (&cluster);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (argc != 5)
    g_error ("Usage: cluster-client [--tap] ENGINE PYTHON REDIS-SERVER.PY TRANSPORT");
  arguments = argv;
  g_test_add_func ("/Rt/Cluster/shared", test_shared);
  g_test_add_func ("/Rt/Cluster/node-killed", test_node_killed);
  return g_test_run ();
}
