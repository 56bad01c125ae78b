/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn-probe.h"
#include "walk-peer.h"

#include <stdlib.h>
#include <string.h>
#include "rt-connection-private.h"

/* Random events, in whatever order, against what must hold in any. Each call is completed once (the probe looks after
 * that), the state goes only the ways it may, a recoverable channel loses nothing silently, tables stay small.
 * RT_TEST_SEED repeats a walk. */

#define STEPS 20000
#define LIMIT 50

typedef struct
{
  ConnProbe *probe;
  WalkPeer *peer;
  GRand *rand;
  char *state;
  GPtrArray *ops;   /* RtOp: some of those that were submitted */
  GHashTable *seen; /* the first words of the diary → how often */
  guint published;  /* the number of the last one */
  GHashTable *last; /* channel → GINT of the last offset heard, -1: unknown */
} Walk;

/* --- What must hold --- */

static const char *const ways[][2] = {
  { "disconnected", "connecting" }, { "disconnected", "closed" },
  { "failed", "connecting" }, { "failed", "disconnected" }, { "failed", "closed" },
  { "connecting", "connected" }, { "connecting", "disconnected" }, { "connecting", "failed" }, { "connecting", "closing" },
  { "connecting", "reconnecting" }, { "connecting", "closed" },
  { "connected", "disconnected" }, { "connected", "failed" }, { "connected", "closing" }, { "connected", "reconnecting" },
  { "reconnecting", "connected" }, { "reconnecting", "suspended" }, { "reconnecting", "disconnected" },
  { "reconnecting", "failed" }, { "reconnecting", "closing" }, { "reconnecting", "closed" },
  { "suspended", "connected" }, { "suspended", "disconnected" }, { "suspended", "failed" }, { "suspended", "closing" },
  { "suspended", "closed" },
  { "closing", "closed" },
};

static void
check_state (Walk *walk, const char *state)
{
  gboolean allowed = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    allowed |= strcmp (ways[i][0], walk->state) == 0 && strcmp (ways[i][1], state) == 0;
  if (!allowed)
    g_error ("The state went from %s to %s", walk->state, state);
  g_free (walk->state);
  walk->state = g_strdup (state);
}

static gint
get_last (Walk *walk, const char *channel)
{
  gpointer value;

  return g_hash_table_lookup_extended (walk->last, channel, NULL, &value) ? GPOINTER_TO_INT (value) : -1;
}

static void
set_last (Walk *walk, const char *channel, gint offset)
{
  g_hash_table_insert (walk->last, g_strdup (channel), GINT_TO_POINTER (offset));
}

static void
check_channel_line (Walk *walk, char **words)
{
  const char *name = words[1];
  gint last = get_last (walk, name);

  if (strcmp (words[0], "message") == 0)
    {
      gint offset = atoi (words[2]);

      if (last >= 0)
        g_assert_cmpint (offset, ==, last + 1);
      set_last (walk, name, offset);
    }
  else if (strcmp (words[0], "gap") == 0)
    set_last (walk, name, last >= 0 && atoi (words[2]) > 0 ? last + atoi (words[2]) : -1);
  else if (strcmp (words[0], "joined") == 0)
    {
      gboolean recovered = words[3] != NULL && words[4] != NULL;

      /* What was not recovered is told by a gap that follows, after which the place is not known from here. */
      if (!recovered)
        set_last (walk, name, -1);
      else if (last >= 0)
        g_assert_cmpint (atoi (strchr (words[2], '@') + 1), ==, last);
    }
  else if (strcmp (words[0], "left") == 0)
    set_last (walk, name, -1);
}

static void
check_diary (Walk *walk)
{
  g_auto (GStrv) lines = g_strsplit (walk->probe->diary->str, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) words = g_strsplit (lines[i], " ", -1);

      if (words[0] == NULL)
        continue;
      g_strdelimit (words[0], ":", '\0');
      gint count = GPOINTER_TO_INT (g_hash_table_lookup (walk->seen, words[0]));
      g_hash_table_insert (walk->seen, g_strdup (words[0]), GINT_TO_POINTER (count + 1));
      if (strcmp (words[0], "state") == 0)
        check_state (walk, words[1]);
      else if (words[1] != NULL && g_str_has_prefix (words[1], "kept"))
        check_channel_line (walk, words);
    }
  g_string_truncate (walk->probe->diary, 0);
}

static void
check_pace (RtConnection *self)
{
  guint64 before = 0;
  guint refused = 0;

  for (GList *l = self->sends.again.head; l != NULL; l = l->next)
    {
      RtOp *op = l->data;

      g_assert_cmpuint (op->order, >, before);
      before = op->order;
      refused += op->was_refused;
    }
  g_assert_cmpuint (self->pace.refused, ==, refused);
  g_assert_cmpuint (self->pace.flying.length, ==, self->pace.limited ? self->sends.in_flight : 0);
}

static void
check_tables (Walk *walk)
{
  RtConnection *self = walk->probe->connection;

  g_assert_cmpuint (g_hash_table_size (self->subs), <=, WALK_CHANNELS);
  g_assert_cmpuint (self->replies.count, <=, g_hash_table_size (walk->probe->open_ops) + 6 * WALK_CHANNELS + 1);
  g_assert_cmpuint (self->replies.mask, <, 4096);
  g_assert_cmpuint (self->block.size, <=, 64 * 1024);
  g_assert_cmpuint (self->out.len, ==, 0);
  g_assert_cmpuint (walk->probe->held_messages, <=, LIMIT + 31 * WALK_CHANNELS);
  g_assert_cmpint (self->phase < RT_PHASE_OPENING, ==, self->transport == NULL);
  g_assert_cmpuint (self->sends.in_flight, <=, self->replies.count);
  g_assert_cmpint (self->queued_messages, ==, (gint) (self->sends.again.length + self->sends.queue.count));
  g_assert_cmpuint (self->sends.gates, <=, WALK_CHANNELS);
  check_pace (self);
}

/* --- What may happen --- */

/* One of those of late, which may be completed by now. */
static void
cancel_any (Walk *walk)
{
  if (walk->ops->len == 0)
    return;
  guint index = (guint) g_rand_int_range (walk->rand, 0, (gint32) walk->ops->len);
  g_autoptr (RtOp) op = g_ptr_array_steal_index (walk->ops, index);
  rt_connection_cancel (walk->probe->connection, op);
}

static void
remember (Walk *walk, RtOp *op)
{
  g_ptr_array_add (walk->ops, op);
  if (walk->ops->len > 20)
    g_ptr_array_remove_index (walk->ops, 0);
}

/* What the machine or an impatient program may say at any time. */
static void
hint (Walk *walk)
{
  RtConnection *connection = walk->probe->connection;

  switch (g_rand_int_range (walk->rand, 0, 6))
    {
    case 0:
      rt_connection_retry_now (connection);
      break;
    case 1:
      rt_connection_use_route (connection, g_rand_boolean (walk->rand) ? "fake-1" : NULL);
      break;
    case 2:
      rt_clock_virtual_sleep (G_USEC_PER_SEC * 10);
      break;
    case 3:
      remember (walk, conn_probe_call (walk->probe, RT_OP_RESET, NULL));
      break;
    default:
      rt_connection_network_changed (connection, g_rand_boolean (walk->rand));
    }
}

/* Each carries its number. */
static RtOp *
publish (Walk *walk, const char *channel)
{
  g_autofree char *number = g_strdup_printf ("%u", ++walk->published);

  return conn_probe_publish (walk->probe, channel, number, number);
}

static RtOp *
call (Walk *walk)
{
  RtOp *op = rt_op_new (RT_OP_RPC);

  op->channel = g_strdup ("sum");
  if (g_rand_boolean (walk->rand))
    op->timeout = (guint) g_rand_int_range (walk->rand, 100, 20000);
  return conn_probe_submit (walk->probe, op, "rpc sum");
}

static void
program_step (Walk *walk)
{
  static const RtOpKind rare[] = { RT_OP_CONNECT, RT_OP_CONNECT, RT_OP_CONNECT, RT_OP_CONNECT, RT_OP_DISCONNECT };
  ConnProbe *probe = walk->probe;
  const char *channel = walk_peer_get_name ((guint) g_rand_int_range (walk->rand, 0, WALK_CHANNELS));
  guint dice = (guint) g_rand_int_range (walk->rand, 0, 100);
  RtOp *op = NULL;

  if (dice < 25)
    op = publish (walk, channel);
  else if (dice < 33)
    op = call (walk);
  else if (dice < 35)
    op = conn_probe_call (probe, RT_OP_NOTIFY, "sum");
  else if (dice < 60)
    op = conn_probe_join (probe, channel, g_str_has_prefix (channel, "kept"), NULL, 0);
  else if (dice < 66)
    op = conn_probe_call (probe, RT_OP_LEAVE, channel);
  else if (dice < 67)
    hint (walk);
  else if (dice < 70)
    op = conn_probe_call (probe, RT_OP_PING, NULL);
  else if (dice < 80)
    cancel_any (walk);
  else if (dice < 82)
    probe->slow = TRUE;
  else if (dice < 90)
    {
      probe->slow = FALSE;
      conn_probe_take (probe);
    }
  else
    op = conn_probe_call (probe, rare[g_rand_int_range (walk->rand, 0, G_N_ELEMENTS (rare))], NULL);
  if (op != NULL)
    remember (walk, op);
}

static void
step (Walk *walk)
{
  guint dice = (guint) g_rand_int_range (walk->rand, 0, 100);

  if (dice < 40)
    program_step (walk);
  else if (dice < 95)
    {
      if (rt_fake_transport_get () != NULL)
        walk_peer_step (walk->peer);
    }
  else
    conn_probe_advance (walk->probe, (guint) g_rand_int_range (walk->rand, 0, dice == 99 ? 12000 : 500));
  /* At times several things come before anything is looked at. */
  if (g_rand_int_range (walk->rand, 0, 4) != 0)
    conn_probe_settle (walk->probe);
  check_diary (walk);
}

/* Both sides agree on what is joined, whatever was refused, lost or late. */
static void
check_joined (Walk *walk)
{
  RtConnection *self = walk->probe->connection;
  GHashTableIter iter;
  gpointer sub;

  if (self->phase != RT_PHASE_OPEN)
    return;
  g_hash_table_iter_init (&iter, self->subs);
  while (g_hash_table_iter_next (&iter, NULL, &sub))
    if (rt_sub_get_state (sub) == RT_CHANNEL_STATE_JOINED && !((RtSub *) sub)->awaiting
        && !walk_peer_has_joined (walk->peer, ((RtSub *) sub)->name))
      g_error ("%s is joined here, and not on the server", ((RtSub *) sub)->name);
}

/* Left alone and answered, all comes to an end. */
static void
come_to_rest (Walk *walk)
{
  conn_probe_settle (walk->probe);
  walk->probe->slow = FALSE;
  conn_probe_take (walk->probe);
  for (guint i = 0; i < 50 && g_hash_table_size (walk->probe->open_ops) > 0; i++)
    {
      RtFakeTransport *line = rt_fake_transport_get ();

      if (line != NULL && !line->was_open)
        rt_fake_transport_opened (RT_PROFILE_RT1);
      walk_peer_answer_all (walk->peer);
      conn_probe_settle (walk->probe);
      conn_probe_advance (walk->probe, 2000);
    }
  check_diary (walk);
  check_joined (walk);
  g_assert_cmpuint (g_hash_table_size (walk->probe->open_ops), ==, 0);
}

static void
begin_walk (Walk *walk)
{
  walk->state = g_strdup ("disconnected");
  walk->ops = g_ptr_array_new_with_free_func ((GDestroyNotify) rt_op_unref);
  walk->last = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

static void
end_walk (Walk *walk)
{
  g_free (walk->state);
  g_ptr_array_unref (walk->ops);
  g_hash_table_unref (walk->last);
}

static void
test_walk (void)
{
  const char *given = g_getenv ("RT_TEST_SEED");
  guint32 seed = given != NULL ? (guint32) g_ascii_strtoull (given, NULL, 10) : g_random_int ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  static const char *const expected[] = { "state", "connected", "disconnected", "error", "message", "joined", "left",
                                          "rejoining", "recovered", "gap", "publish", "rpc", "join", "leave", "connect",
                                          "reconnecting", "dropped", "reset", "notify" };
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint steps = 0;

  g_test_message ("RT_TEST_SEED=%u", seed);
  while (steps < STEPS)
    {
      guint length = (guint) g_rand_int_range (rand, 1, 2000);
      g_autoptr (WalkPeer) peer = walk_peer_new (rand);
      static const guint limits[] = { 0, 50, 1000 };
      g_autoptr (ConnProbe) probe = conn_probe_new (&(ConnProbeOptions) {
        .receive_queue_limit = LIMIT, .more_routes = 1, .rate_limit = limits[g_rand_int_range (rand, 0, 3)],
        .rate_policy = g_rand_int_range (rand, 0, 3) == 0 ? RT_RATE_POLICY_FAIL : RT_RATE_POLICY_WAIT });
      Walk walk = { .probe = probe, .peer = peer, .rand = rand, .seen = seen };

      begin_walk (&walk);

      for (guint i = 0; i < length; i++, steps++)
        {
          step (&walk);
          if (i % 16 == 0)
            {
              conn_probe_settle (probe);
              check_tables (&walk);
            }
        }
      /* Half of them go in the middle of everything. */
      if (g_rand_boolean (rand))
        come_to_rest (&walk);
      if (g_rand_boolean (rand))
        conn_probe_do (probe, RT_OP_CLOSE, NULL);
      check_diary (&walk);
      end_walk (&walk);
    }
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      gint count = GPOINTER_TO_INT (g_hash_table_lookup (seen, expected[i]));

      g_test_message ("%s: %d", expected[i], count);
      g_assert_cmpint (count, >, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  conn_probe_add_test ("/Rt/Walk/random", test_walk);
  return g_test_run ();
}
