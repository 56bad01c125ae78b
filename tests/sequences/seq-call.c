/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "seq-private.h"

#include "rt-clock.h"
#include "rt-test.h"

/* How a call is begun, blocking or not, and counted when it ends. */

void
seq_call_free (SeqCall *call)
{
  g_clear_object (&call->client);
  g_clear_object (&call->channel);
  g_clear_object (&call->history);
  g_clear_object (&call->stream);
  g_clear_object (&call->message);
  g_clear_object (&call->options);
  g_clear_object (&call->channel_options);
  g_clear_object (&call->cancellable);
  g_clear_pointer (&call->since, rt_position_free);
  g_clear_pointer (&call->data, g_variant_unref);
  g_free (call->name);
  g_free (call->text);
  g_free (call);
}

static void
end_call (SeqCall *call)
{
  Seq *seq = call->seq;

  if (call->count++ > 0)
    g_error ("%s completed %u times", call->method->name, call->count);
  seq->n_open--;
  seq->n_kind[call->method->kind]--;
}

static void
ended_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SeqCall *call = user_data;
  g_autoptr (GError) error = NULL;

  end_call (call);
  call->method->finish (call, source, result, &error);
  gboolean ok = call->method->take (call);
  seq_trace ("%s ended: %s", call->method->name, error != NULL ? error->message : "good");
  seq_check_outcome (call->seq, call, ok, error);
}

static void
begin_call (Seq *seq, SeqCall *call)
{
  call->state = seq->client != NULL ? (int) rt_client_get_state (seq->client) : -1;
  memcpy (call->did, seq->did, sizeof (call->did));
  call->n_connecting = seq->n_kind[SEQ_KIND_CONNECT];
  seq->n_open++;
  seq->n_kind[call->method->kind]++;
  g_ptr_array_add (seq->calls, call);
}

static void
trace_call (SeqCall *call, const char *how)
{
  const char *name = call->channel != NULL ? rt_channel_get_name (call->channel) : call->name;

  seq_trace ("%s %.20s%s%s", call->method->name, name != NULL ? name : "", how, call->wrong ? ", wrong" : "");
}

/* What it does to others that are under way. */
static void
note_deed (Seq *seq, SeqKind kind)
{
  switch (kind)
    {
    case SEQ_KIND_CONNECT:
      seq_did (seq, SEQ_DID_CONNECT);
      break;
    case SEQ_KIND_DISCONNECT:
      seq_did (seq, SEQ_DID_DISCONNECT);
      break;
    case SEQ_KIND_CLOSE:
      seq_did (seq, SEQ_DID_CLOSE);
      break;
    case SEQ_KIND_RESET:
      seq_did (seq, SEQ_DID_RESET);
      break;
    case SEQ_KIND_LEAVE:
      seq_did (seq, SEQ_DID_LEAVE);
      break;
    case SEQ_KIND_SEND:
    case SEQ_KIND_RPC:
    case SEQ_KIND_PING:
    case SEQ_KIND_JOIN:
    case SEQ_KIND_ASK:
    case SEQ_KIND_MORE:
    case SEQ_KIND_NOTIFY:
    case SEQ_KIND_START:
    case SEQ_KIND_STREAM:
    case SEQ_N_KINDS:
    default:
      break;
    }
}

static void
start_call (Seq *seq, SeqCall *call)
{
  /* Nobody may want to know; the arguments of those that say more than an error by it are not worth forgetting. */
  call->forgotten = seq_chance (seq, 16);
  trace_call (call, call->forgotten ? ", forgotten" : "");
  begin_call (seq, call);
  note_deed (seq, call->method->kind);
  if (call->forgotten)
    end_call (call);
  call->method->start (call, call->forgotten ? NULL : ended_cb);
  /* A call keeps alive what it works on, by itself. */
  g_clear_object (&call->client);
  g_clear_object (&call->channel);
  g_clear_object (&call->history);
}

/* --- Blocking, in a thread of its own --- */

typedef struct
{
  SeqCall *call;
  GError *error;
  gint done; /* atomic */
} Blocking;

static void
blocking_func (gpointer data, gpointer user_data)
{
  Blocking *blocking = data;

  blocking->call->method->sync (blocking->call, &blocking->error);
  g_atomic_int_set (&blocking->done, TRUE);
  g_main_context_wakeup (NULL);
}

static GThreadPool *
get_thread (void)
{
  static GThreadPool *pool;

  if (pool == NULL)
    pool = g_thread_pool_new (blocking_func, NULL, 1, TRUE, NULL);
  return pool;
}

static void
block_on_call (Seq *seq, SeqCall *call)
{
  Blocking blocking = { .call = call };

  trace_call (call, ", blocking");
  begin_call (seq, call);
  note_deed (seq, call->method->kind);
  g_thread_pool_push (get_thread (), &blocking, NULL);
  for (guint turn = 0; !g_atomic_int_get (&blocking.done); turn++)
    seq_wait_turn (seq, turn);
  end_call (call);
  seq_trace ("%s ended: %s", call->method->name, blocking.error != NULL ? blocking.error->message : "good");
  seq_check_outcome (seq, call, call->method->take (call), blocking.error);
  g_clear_error (&blocking.error);
  g_clear_object (&call->client);
  g_clear_object (&call->channel);
  g_clear_object (&call->history);
}

static void
draw_cancellable (Seq *seq, SeqCall *call)
{
  if (!seq_chance (seq, 6))
    return;
  call->cancellable = seq_get (seq, SEQ_POOL_CANCELLABLES);
  if (call->cancellable == NULL || seq_chance (seq, 2))
    {
      g_clear_object (&call->cancellable);
      call->cancellable = g_cancellable_new ();
      seq_put (seq, SEQ_POOL_CANCELLABLES, g_object_ref (call->cancellable));
    }
}

void
seq_call (Seq *seq, const SeqMethod *method)
{
  SeqCall *call = g_new0 (SeqCall, 1);

  call->seq = seq;
  call->method = method;
  if (!method->prepare (seq, call))
    {
      seq_call_free (call);
      return;
    }
  draw_cancellable (seq, call);
  /* A handler must not wait. */
  if (seq->depth == 0 && method->sync != NULL && seq_chance (seq, 12))
    block_on_call (seq, call);
  else
    start_call (seq, call);
}
