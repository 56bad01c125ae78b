/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "seq-private.h"

#include "rt-clock.h"
#include "rt-test.h"

/* A life: a client, sequences of actions, and an end after which nothing is left. */

#define MAX_ACTIONS 8
/* Calls that are let to pile up. */
#define MAX_OPEN 100
/* Turns of the main context before time is moved, and before the server is mended. */
#define TURNS 64
#define MENDED (8 * TURNS)
/* After which nothing more is expected. */
#define ENOUGH (3000 * TURNS)

static const SeqAction *const tables[] = {
  seq_data_actions, seq_config_actions, seq_client_actions, seq_channel_actions, seq_server_actions,
  seq_event_actions, seq_middleware_actions, seq_stream_actions,
};

/* --- Actions --- */

static guint
sum_weights (const SeqProfile *profile)
{
  guint sum = 0;

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    for (const SeqAction *action = tables[i]; action->name != NULL; action++)
      sum += (profile->groups & action->group) != 0 ? action->weight : 0;
  return sum;
}

void
seq_act (Seq *seq)
{
  guint drawn = seq_below (seq, sum_weights (seq->profile));

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    for (const SeqAction *action = tables[i]; action->name != NULL; action++)
      {
        if ((seq->profile->groups & action->group) == 0)
          continue;
        if (drawn < action->weight)
          {
            seq->passed = 0;
            seq_trace ("%s", action->name);
            action->run (seq);
            return;
          }
        drawn -= action->weight;
      }
  g_assert_not_reached ();
}

void
seq_did (Seq *seq, SeqDeed deed)
{
  seq->did[deed]++;
}

/* --- Time --- */

void
seq_pass_time (Seq *seq)
{
  gint64 next;

  rt_clock_virtual_settle ();
  next = rt_clock_virtual_next ();
  if (next < 0)
    return;
  seq_did (seq, SEQ_DID_WAIT);
  if (seq->passed++ < 3)
    seq_trace ("%" G_GINT64_FORMAT " ms pass", (next - rt_clock_now ()) / 1000);
  rt_clock_virtual_advance (MAX (next - rt_clock_now (), 0));
}

/* Nothing more will come. */
static void
give_up (Seq *seq)
{
  for (guint i = 0; i < seq->calls->len; i++)
    {
      SeqCall *call = g_ptr_array_index (seq->calls, i);
      if (call->count == 0)
        g_error ("%s never completes; it was begun in the state %d", call->method->name, call->state);
    }
  if (!seq->gone)
    g_error ("Something keeps the client");
  g_error ("%u callbacks are not let go of", seq->n_hooks);
}

/* One turn of waiting for something that virtual time, or the server, may hold up. */
void
seq_wait_turn (Seq *seq, guint turn)
{
  if (turn > ENOUGH)
    give_up (seq);
  /* A silent server stays silent until it is mended. */
  if (turn == MENDED)
    rt_mock_server_clear_faults (seq->server);
  if (turn % TURNS == TURNS - 1)
    seq_pass_time (seq);
  else if (!g_main_context_iteration (NULL, FALSE))
    g_thread_yield ();
}

static void
let_pass (Seq *seq, guint turns)
{
  for (; turns > 0; turns--)
    if (!g_main_context_iteration (NULL, FALSE))
      g_thread_yield ();
}

/* Until every call has ended. */
static void
drain (Seq *seq)
{
  for (guint turn = 0; seq->n_open > 0; turn++)
    seq_wait_turn (seq, turn);
}

/* --- Callbacks that stay --- */

typedef struct
{
  Seq *seq;
  gboolean destroyed;
} Hook;

gpointer
seq_new_hook (Seq *seq)
{
  Hook *hook = g_new0 (Hook, 1);

  hook->seq = seq;
  seq->n_hooks++;
  g_ptr_array_add (seq->hooks, hook);
  return hook;
}

Seq *
seq_hook_get (gpointer data)
{
  Hook *hook = data;

  if (hook->destroyed)
    g_error ("A callback is called that was let go of");
  return hook->seq;
}

void
seq_hook_destroyed (gpointer data)
{
  Hook *hook = data;

  if (hook->destroyed)
    g_error ("A callback is let go of again");
  hook->destroyed = TRUE;
  hook->seq->n_hooks--;
}

/* --- Beginning --- */

static void
begin_life (Seq *seq, const SeqProfile *profile, guint32 seed)
{
  seq->profile = profile;
  seq->rand = g_rand_new_with_seed (seed);
  for (guint i = 0; i < SEQ_N_POOLS; i++)
    seq->pools[i] = g_ptr_array_new_with_free_func (g_object_unref);
  seq->calls = g_ptr_array_new_with_free_func ((GDestroyNotify) seq_call_free);
  seq->hooks = g_ptr_array_new_with_free_func (g_free);
  memset (seq->did, 0, sizeof (seq->did));
  seq->depth = 0;
  seq->gone = TRUE;
  /* A handler of the life before may have been the last to act. */
  rt_mock_server_clear_faults (seq->server);
  seq_new_client (seq);
}

/* --- The end --- */

static void
end_client (Seq *seq)
{
  RtClient *client = seq->client;

  if (client == NULL)
    return;
  switch (seq_below (seq, 3))
    {
    case 0:
      seq_did (seq, SEQ_DID_CLOSE);
      rt_client_close_async (client, NULL, NULL, NULL);
      break;
    case 1:
      seq_dispose_client (seq);
      break;
    default:
      break;
    }
  seq_drop_client (seq);
}

static void
check_calls (Seq *seq)
{
  for (guint i = 0; i < seq->calls->len; i++)
    {
      SeqCall *call = g_ptr_array_index (seq->calls, i);
      if (call->count != 1)
        g_error ("%s completed %u times", call->method->name, call->count);
    }
}

static void
end_life (Seq *seq)
{
  rt_mock_server_clear_faults (seq->server);
  end_client (seq);
  drain (seq);
  check_calls (seq);
  seq->depth++; /* what still comes is not acted upon */
  for (guint i = 0; i < SEQ_N_POOLS; i++)
    g_ptr_array_set_size (seq->pools[i], 0);
  for (guint turn = 0; !seq->gone || seq->n_hooks > 0; turn++)
    seq_wait_turn (seq, turn);
  for (guint i = 0; i < SEQ_N_POOLS; i++)
    g_clear_pointer (&seq->pools[i], g_ptr_array_unref);
  g_clear_pointer (&seq->calls, g_ptr_array_unref);
  g_clear_pointer (&seq->hooks, g_ptr_array_unref);
  g_clear_pointer (&seq->rand, g_rand_free);
}

/* --- Lives --- */

static void
run_sequence (Seq *seq)
{
  for (guint i = 1 + seq_below (seq, MAX_ACTIONS); i > 0; i--)
    {
      seq_act (seq);
      let_pass (seq, seq_below (seq, 3));
    }
  if (seq->n_open > MAX_OPEN)
    drain (seq);
  else
    let_pass (seq, seq_below (seq, 8));
}

void
seq_run_lives (const SeqProfile *profile, guint32 seed, guint n)
{
  Seq seq = { .server = rt_mock_server_new () };
  g_autoptr (GError) error = NULL;

  rt_mock_server_start (seq.server, &error);
  g_assert_no_error (error);
  seq.url = rt_mock_server_get_url (seq.server);
  for (guint done = 0; done < n; seed++)
    {
      seq_trace_begin (profile->name, seed);
      begin_life (&seq, profile, seed);
      for (guint i = 0; i < profile->length && done < n; i++, done++)
        run_sequence (&seq);
      end_life (&seq);
    }
  g_free (seq.url);
  g_assert_finalize_object (seq.server);
}
