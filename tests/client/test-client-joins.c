/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <malloc.h>
#include <string.h>
#include "client-util.h"
#include "json-peer.h"

/* Handles are shared: joins are counted, and the last who leaves ends the subscription. And what a join is refused
 * with. */

typedef struct
{
  RtMockServer *server;
  RtClient *client; /* connected */
  RtClient *other;  /* likewise; it looks at the channels from outside */
  ClientLog *log;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->server = client_util_start_server ();
  fixture->client = client_util_connect (fixture->server);
  fixture->other = client_util_connect (fixture->server);
  fixture->log = client_log_new (fixture->client);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  client_log_free (fixture->log);
  client_util_finalize (fixture->client);
  client_util_finalize (fixture->other);
  g_assert_finalize_object (fixture->server);
}

/* How many connections the server has in the channel, without a look at what the client believes. */
static guint
count_inside (Fixture *fixture, const char *name)
{
  g_autoptr (RtChannel) watched = client_util_join (fixture->other, name);
  g_autoptr (GError) error = NULL;
  guint n_clients = 0;

  g_assert_true (rt_channel_presence_stats_sync (watched, NULL, &n_clients, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (rt_channel_leave_sync (watched, NULL, &error));
  g_assert_no_error (error);
  return n_clients - 1;
}

static void
leave_name (Fixture *fixture, const char *name)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (rt_client_leave_channel_sync (fixture->client, name, NULL, &error));
  g_assert_no_error (error);
}

static void
leave_handle (RtChannel *channel)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (rt_channel_leave_sync (channel, NULL, &error));
  g_assert_no_error (error);
}

static void
assert_not_joined (Fixture *fixture, const char *name)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (rt_client_leave_channel_sync (fixture->client, name, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_CHANNEL_NOT_FOUND);
  g_assert_null (rt_client_get_channel (fixture->client, name));
  g_assert_cmpuint (count_inside (fixture, name), ==, 0);
}

static void
test_last_leaves (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtChannel) first = client_util_join (fixture->client, "room");
  g_autoptr (RtChannel) second = client_util_join (fixture->client, "room");
  g_autoptr (RtChannel) third = client_util_join (fixture->client, "room");

  g_assert_true (first == second && second == third);
  leave_handle (first);
  leave_name (fixture, "room");
  g_assert_cmpint (rt_channel_get_state (first), ==, RT_CHANNEL_STATE_JOINED);
  client_util_publish (fixture->server, "room", 1, 2);
  rt_test_wait_until (client_log_count (fixture->log, "message room") == 2);
  g_assert_cmpuint (count_inside (fixture, "room"), ==, 1);
  leave_handle (first);
  g_assert_cmpint (rt_channel_get_state (first), ==, RT_CHANNEL_STATE_LEFT);
  client_util_publish (fixture->server, "room", 3, 3);
  assert_not_joined (fixture, "room");
  g_assert_cmpuint (client_log_count (fixture->log, "message room"), ==, 2);

  /* It counts anew, and the old handle is nobody's any more. */
  g_autoptr (RtChannel) again = client_util_join (fixture->client, "room");
  g_autoptr (GError) error = NULL;
  g_assert_true (again != first);
  g_assert_false (rt_channel_leave_sync (first, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_CHANNEL_NOT_FOUND);
  g_assert_cmpuint (count_inside (fixture, "room"), ==, 1);
  leave_handle (again);
  assert_not_joined (fixture, "room");
}

/* The earlier leaves are told in the order of everything else, and to waiting tasks as well. */
static void
test_under_way (Fixture *fixture, gconstpointer data)
{
  ClientReply joins[3] = { 0 }, leaves[2] = { 0 };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (joins); i++)
    rt_client_join_channel_async (fixture->client, "room", NULL, NULL, client_reply_cb, &joins[i]);
  for (guint i = 0; i < G_N_ELEMENTS (leaves); i++)
    rt_client_leave_channel_async (fixture->client, "room", NULL, client_reply_cb, &leaves[i]);
  for (guint i = 0; i < G_N_ELEMENTS (leaves); i++)
    {
      client_reply_wait (&leaves[i]);
      g_assert_true (rt_client_leave_channel_finish (fixture->client, leaves[i].result, &error));
      g_assert_no_error (error);
      client_reply_clear (&leaves[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (joins); i++)
    {
      client_reply_wait (&joins[i]);
      g_autoptr (RtChannel) room = rt_client_join_channel_finish (fixture->client, joins[i].result, &error);
      g_assert_no_error (error);
      g_assert_cmpint (rt_channel_get_state (room), ==, RT_CHANNEL_STATE_JOINED);
      client_reply_clear (&joins[i]);
    }
  g_assert_cmpuint (count_inside (fixture, "room"), ==, 1);
  leave_name (fixture, "room");
  assert_not_joined (fixture, "room");
}

static void
join_in_vain (Fixture *fixture, ClientReply *reply)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  rt_client_join_channel_async (fixture->client, "room", NULL, cancellable, client_reply_cb, reply);
}

static void
test_failed_join (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtChannel) room = client_util_join (fixture->client, "room");
  g_auto (ClientReply) vain = { 0 }, last = { 0 };
  g_autoptr (GError) error = NULL;

  client_log_add_channel (fixture->log, room);
  join_in_vain (fixture, &vain);
  client_reply_wait (&vain);
  g_assert_null (rt_client_join_channel_finish (fixture->client, vain.result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (rt_channel_get_state (room), ==, RT_CHANNEL_STATE_JOINED);

  /* Left while there seems to be another, which then fails. */
  join_in_vain (fixture, &last);
  leave_handle (room);
  g_assert_cmpint (rt_channel_get_state (room), ==, RT_CHANNEL_STATE_JOINED);
  client_reply_wait (&last);
  rt_test_wait_until (client_log_count (fixture->log, "room left") == 1);
  assert_not_joined (fixture, "room");
}

/* What the server has ended is not given back any more. */
static void
test_ended_by_server (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtChannel) room = client_util_join (fixture->client, "room");
  g_autoptr (RtChannel) same = client_util_join (fixture->client, "room");
  g_autofree char *id = rt_client_get_client_id (fixture->client);
  g_autoptr (GError) error = NULL;

  g_assert_true (rt_mock_server_unsubscribe (fixture->server, id, "room", 2000, "enough"));
  rt_test_poll_until (rt_channel_get_state (room) == RT_CHANNEL_STATE_LEFT);
  /* The news of it are not looked at yet. */
  g_autoptr (RtChannel) again = client_util_join (fixture->client, "room");
  g_assert_true (again != room);
  g_assert_false (rt_channel_leave_sync (room, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_CHANNEL_NOT_FOUND);
  leave_handle (again);
  assert_not_joined (fixture, "room");
}

/* The server's own subscription is one of them. */
static void
test_joined_by_server (Fixture *fixture, gconstpointer data)
{
  g_autofree char *id = rt_client_get_client_id (fixture->client);
  g_autoptr (RtChannel) room = NULL;

  g_assert_true (rt_mock_server_subscribe (fixture->server, id, "room"));
  rt_test_wait_until ((room = rt_client_get_channel (fixture->client, "room")) != NULL);
  g_autoptr (RtChannel) same = client_util_join (fixture->client, "room");
  g_assert_true (same == room);
  leave_name (fixture, "room");
  g_assert_cmpuint (count_inside (fixture, "room"), ==, 1);
  leave_name (fixture, "room");
  assert_not_joined (fixture, "room");
}

static void
test_reset (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtChannel) room = client_util_join (fixture->client, "room");
  g_autoptr (RtChannel) same = client_util_join (fixture->client, "room");
  g_autoptr (GError) error = NULL;

  g_assert_true (rt_client_reset_session_sync (fixture->client, NULL, &error));
  g_assert_no_error (error);
  rt_test_poll_until (rt_client_is_connected (fixture->client)
                      || rt_client_connect_sync (fixture->client, NULL, NULL));
  g_autoptr (RtChannel) again = client_util_join (fixture->client, "room");
  leave_name (fixture, "room");
  assert_not_joined (fixture, "room");
}

/* --- Many --- */

#ifdef __SANITIZE_ADDRESS__
#define ROUNDS 10 /* each takes long there */
#else
#define ROUNDS 100
#endif
#define AT_ONCE 100

static void
gone_cb (gpointer user_data, GObject *where)
{
  ++*(guint *) user_data;
}

static void
joined_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (user_data, rt_client_join_channel_finish (RT_CLIENT (source), result, &error));
  g_assert_no_error (error);
}

static void
left_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (rt_channel_leave_finish (RT_CHANNEL (source), result, &error));
  g_assert_no_error (error);
  ++*(guint *) user_data;
}

static void
join_and_leave_many (Fixture *fixture, guint round, guint *gone)
{
  g_autoptr (GPtrArray) channels = g_ptr_array_new_with_free_func (g_object_unref);
  guint left = 0;

  for (guint i = 0; i < AT_ONCE; i++)
    {
      g_autofree char *name = g_strdup_printf ("room-%u-%u", round, i);
      rt_client_join_channel_async (fixture->client, name, NULL, NULL, joined_cb, channels);
    }
  rt_test_wait_until (channels->len == AT_ONCE);
  for (guint i = 0; i < AT_ONCE; i++)
    {
      g_object_weak_ref (g_ptr_array_index (channels, i), gone_cb, gone);
      rt_channel_leave_async (g_ptr_array_index (channels, i), NULL, left_cb, &left);
    }
  rt_test_wait_until (left == AT_ONCE);
  g_assert_cmpuint (g_list_model_get_n_items (rt_client_get_channels (fixture->client)), ==, 0);
}

static void
join_and_leave_all (Fixture *fixture, guint *gone)
{
  for (guint round = 0; round < ROUNDS; round++)
    {
      join_and_leave_many (fixture, round, gone);
      client_log_clear (fixture->log);
    }
}

/* Every handle goes with its last reference, and nothing of it stays. The server, which is in the same process, keeps
 * names for a while: it has them from the first time. */
static void
test_many (Fixture *fixture, gconstpointer data)
{
  guint gone = 0;

  join_and_leave_all (fixture, &gone);
  rt_test_wait_until (gone == ROUNDS * AT_ONCE);
  /* The sanitizer looks for leaks itself, and has a heap of its own. */
#ifndef __SANITIZE_ADDRESS__
  struct mallinfo2 before = mallinfo2 ();
  join_and_leave_all (fixture, &gone);
  rt_test_wait_until (gone == 2 * ROUNDS * AT_ONCE);
  struct mallinfo2 after = mallinfo2 ();
  g_test_message ("%zu bytes in use before, %zu after", before.uordblks, after.uordblks);
  g_assert_cmpuint (after.uordblks, <, before.uordblks + 512 * 1024);
#endif
}

/* --- In whatever order --- */

#define WALK_STEPS 3000
#define WALK_NAMES 3

typedef struct
{
  Fixture *fixture;
  GRand *rand;
  guint wanted[WALK_NAMES]; /* joins that were not given back */
  guint pending;
} Walk;

static const char *const walk_names[WALK_NAMES] = { "red", "green", "blue" };

static void
walk_joined_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Walk *walk = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RtChannel) channel = rt_client_join_channel_finish (RT_CLIENT (source), result, &error);

  /* The others had left, and thereby this one. */
  if (channel == NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_assert_error (error, RT_ERROR, RT_ERROR_CHANNEL_NOT_FOUND);
  walk->pending--;
}

static void
walk_left_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Walk *walk = user_data;
  g_autoptr (GError) error = NULL;

  if (RT_IS_CHANNEL (source))
    rt_channel_leave_finish (RT_CHANNEL (source), result, &error);
  else
    rt_client_leave_channel_finish (RT_CLIENT (source), result, &error);
  g_assert_no_error (error);
  walk->pending--;
}

static void
walk_join (Walk *walk, guint name)
{
  gboolean in_vain = g_rand_int_range (walk->rand, 0, 5) == 0;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  if (in_vain)
    g_cancellable_cancel (cancellable);
  else
    walk->wanted[name]++;
  walk->pending++;
  rt_client_join_channel_async (walk->fixture->client, walk_names[name], NULL, cancellable, walk_joined_cb, walk);
}

static void
walk_leave (Walk *walk, guint name)
{
  g_autoptr (RtChannel) channel = rt_client_get_channel (walk->fixture->client, walk_names[name]);

  if (walk->wanted[name] == 0)
    return;
  walk->wanted[name]--;
  walk->pending++;
  if (channel != NULL && g_rand_boolean (walk->rand))
    rt_channel_leave_async (channel, NULL, walk_left_cb, walk);
  else
    rt_client_leave_channel_async (walk->fixture->client, walk_names[name], NULL, walk_left_cb, walk);
}

static gboolean
walk_is_joined (Walk *walk, guint name)
{
  g_autoptr (RtChannel) channel = rt_client_get_channel (walk->fixture->client, walk_names[name]);

  return channel != NULL;
}

/* Of a channel that is left because a join has failed, nobody is told when. */
static void
walk_check (Walk *walk)
{
  rt_test_wait_until (walk->pending == 0);
  for (guint i = 0; i < WALK_NAMES; i++)
    {
      gboolean wanted = walk->wanted[i] > 0;

      rt_test_wait_until (walk_is_joined (walk, i) == wanted);
      rt_test_poll_until (count_inside (walk->fixture, walk_names[i]) == (wanted ? 1 : 0));
    }
}

static void
test_walk (Fixture *fixture, gconstpointer data)
{
  const char *given = g_getenv ("RT_TEST_SEED");
  guint32 seed = given != NULL ? (guint32) g_ascii_strtoull (given, NULL, 10) : g_random_int ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  Walk walk = { .fixture = fixture, .rand = rand };

  g_test_message ("RT_TEST_SEED=%u", seed);
  for (guint i = 0; i < WALK_STEPS; i++)
    {
      guint name = (guint) g_rand_int_range (rand, 0, WALK_NAMES);

      /* As often up as down, so that the last is often among them. */
      if (g_rand_boolean (rand))
        walk_join (&walk, name);
      else
        walk_leave (&walk, name);
      if (g_rand_int_range (rand, 0, 8) == 0)
        g_main_context_iteration (NULL, FALSE);
      if (g_rand_int_range (rand, 0, 100) == 0)
        walk_check (&walk);
    }
  walk_check (&walk);
}

/* --- Refused --- */

typedef struct
{
  guint wire;
  int code;
  const char *advice;
} Refusal;

static const Refusal refusals[] = {
  { 101, RT_ERROR_UNAUTHORIZED, "api key" },
  { 102, RT_ERROR_CHANNEL_NOT_FOUND, "check the name" },
  { 103, RT_ERROR_PERMISSION_DENIED, "token-provider" },
  { 105, RT_ERROR_ALREADY_JOINED, "connect anew" },
  { 106, RT_ERROR_QUEUE_FULL, "leave another one" },
  { 107, RT_ERROR_INVALID_ARGUMENT, "options" },
  { 108, RT_ERROR_NOT_SUPPORTED, "options" },
  { 109, RT_ERROR_EXPIRED, "token provider" },
  { 110, RT_ERROR_EXPIRED, "new token" },
  { 111, RT_ERROR_RATE_LIMITED, "111" },
  { 100, RT_ERROR_SERVER, "100" },
};

static void
refusing_script (JsonPeer *peer, gpointer user_data)
{
  const Refusal *refusal = user_data;

  json_peer_greet (peer);
  /* The client tries once whether it is in the channel by a command that got no answer. */
  for (guint i = 0; i < (refusal->wire == 105 ? 2 : 1); i++)
    {
      guint id = json_peer_expect (peer, "subscribe");
      json_peer_send (peer, "{\"id\":%u,\"error\":{\"code\":%u,\"message\":\"no\"}}", id, refusal->wire);
    }
  json_peer_wait_end (peer);
}

static void
test_refusals (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autoptr (JsonPeer) peer = json_peer_new (refusing_script, (gpointer) &refusals[i]);
      g_autofree char *url = json_peer_get_url (peer);
      RtClient *client = client_util_new_for_url (url, NULL);
      g_autoptr (GError) error = NULL;

      g_assert_true (rt_client_connect_sync (client, NULL, &error));
      g_assert_null (rt_client_join_channel_sync (client, "room", NULL, NULL, &error));
      g_assert_error (error, RT_ERROR, refusals[i].code);
      g_assert_nonnull (strstr (error->message, "channel room"));
      g_assert_nonnull (strstr (error->message, refusals[i].advice));
      client_util_finalize (client);
    }
}

/* The same from the mock server, by what it is asked for. */
static void
test_mock_refusals (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) rooms = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GError) error = NULL;

  g_assert_null (rt_client_join_channel_sync (fixture->client, "$private", NULL, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_PERMISSION_DENIED);
  g_clear_error (&error);
  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_ERROR_REPLY, 1);
  g_assert_null (rt_client_join_channel_sync (fixture->client, "room", NULL, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_SERVER);
  g_clear_error (&error);
  for (guint i = 0; i < 128; i++)
    {
      g_autofree char *name = g_strdup_printf ("room%u", i);
      g_ptr_array_add (rooms, client_util_join (fixture->client, name));
    }
  g_assert_null (rt_client_join_channel_sync (fixture->client, "one-more", NULL, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_QUEUE_FULL);
}

/* --- What comes with the join --- */

typedef struct
{
  ClientLog *log;
  RtChannel *room;
} Arrival;

static void
arrived_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Arrival *arrival = user_data;
  g_autoptr (GError) error = NULL;

  arrival->room = rt_client_join_channel_finish (RT_CLIENT (source), result, &error);
  g_assert_no_error (error);
  client_log_add_channel (arrival->log, arrival->room);
}

/* Who connects handlers as soon as there is a handle misses nothing of what was asked for. */
static void
test_since (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtChannelOptions) options = rt_channel_options_new ();
  g_autoptr (RtChannel) seen = client_util_join (fixture->other, "room");
  Arrival arrival = { .log = fixture->log };

  client_util_publish (fixture->server, "room", 1, 5);
  rt_test_wait_until (rt_channel_get_offset (seen) == 5);
  g_autofree char *epoch = rt_channel_get_epoch (seen);
  g_autoptr (RtPosition) since = rt_position_new (epoch, data != NULL ? 9 : 2);
  rt_channel_options_set_since (options, since);
  rt_client_join_channel_async (fixture->client, "room", options, NULL, arrived_cb, &arrival);
  rt_test_wait_until (arrival.room != NULL);
  client_util_publish (fixture->server, "room", 6, 6);
  rt_test_wait_until (client_log_count (fixture->log, "room message 6") == 1);
  g_autofree char *log = client_log_list (fixture->log, "room message", "room recovered", "room gap", NULL);
  g_test_message ("%s", log);
  g_assert_cmpuint (client_log_count (fixture->log, "room message"), ==, data != NULL ? 1 : 4);
  g_assert_cmpuint (client_log_count (fixture->log, "room recovered 3"), ==, data != NULL ? 0 : 1);
  g_assert_cmpuint (client_log_count (fixture->log, "room gap"), ==, data != NULL ? 1 : 0);
  g_clear_object (&arrival.room);
}

#define TEST(path, func) g_test_add ("/Rt/ClientJoins/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  TEST ("last-leaves", test_last_leaves);
  TEST ("under-way", test_under_way);
  TEST ("failed-join", test_failed_join);
  TEST ("ended-by-server", test_ended_by_server);
  TEST ("joined-by-server", test_joined_by_server);
  TEST ("reset", test_reset);
  TEST ("many", test_many);
  TEST ("walk", test_walk);
  g_test_add_func ("/Rt/ClientJoins/refusals", test_refusals);
  TEST ("mock-refusals", test_mock_refusals);
  TEST ("since", test_since);
  g_test_add ("/Rt/ClientJoins/since-gone", Fixture, "gone", set_up, test_since, tear_down);
  return g_test_run ();
}
