/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "seq-private.h"

/* The table of what may come of a call: which error, of which kinds of calls, under which condition. What is not here
 * is never legal. Conditions are about the time from the beginning of the call to its end. */

#define KIND(name) (1u << SEQ_KIND_##name)
#define ALL ((1u << SEQ_N_KINDS) - 1)
/* Those that need the server's answer. */
#define SENDING (KIND (SEND) | KIND (START))
#define ASKING (SENDING | KIND (RPC) | KIND (PING) | KIND (JOIN) | KIND (ASK) | KIND (MORE) | KIND (NOTIFY))

static gboolean
happened (Seq *seq, SeqCall *call, SeqDeed deed)
{
  return seq->did[deed] > call->did[deed];
}

static gboolean
was_cancelled (Seq *seq, SeqCall *call)
{
  return call->cancellable != NULL && g_cancellable_is_cancelled (call->cancellable);
}

static gboolean
was_let_go (Seq *seq, SeqCall *call)
{
  return seq->did[SEQ_DID_DISPOSE] > 0 || seq->did[SEQ_DID_DROP] > 0;
}

/* Whether anything at all took the connection away, or may still do. */
static gboolean
was_disturbed (Seq *seq, SeqCall *call)
{
  return seq->did[SEQ_DID_FAULT] > 0 || happened (seq, call, SEQ_DID_DISCONNECT) || happened (seq, call, SEQ_DID_RESET)
         || happened (seq, call, SEQ_DID_CLOSE) || was_let_go (seq, call);
}

static gboolean
without_connection (Seq *seq, SeqCall *call)
{
  return call->state != RT_CONNECTION_STATE_CONNECTED || was_disturbed (seq, call)
         || seq->did[SEQ_DID_DISCONNECT] > 0 || seq->did[SEQ_DID_RESET] > 0;
}

static gboolean
connecting_ended (Seq *seq, SeqCall *call)
{
  return happened (seq, call, SEQ_DID_DISCONNECT) || happened (seq, call, SEQ_DID_RESET)
         || seq->did[SEQ_DID_RESET] > 0
         /* The end waits for what a middleware has not decided on. */
         || (seq->did[SEQ_DID_INTERFERE] > 0 && seq->did[SEQ_DID_DISCONNECT] > 0);
}

static gboolean
connected_already (Seq *seq, SeqCall *call)
{
  return call->state == RT_CONNECTION_STATE_CONNECTED || call->n_connecting > 0
         || call->did[SEQ_DID_CONNECT] > 0;
}

static gboolean
was_closed (Seq *seq, SeqCall *call)
{
  return seq->did[SEQ_DID_CLOSE] > 0 || was_let_go (seq, call);
}

static gboolean
is_wrong (Seq *seq, SeqCall *call)
{
  return call->wrong;
}

static gboolean
was_left (Seq *seq, SeqCall *call)
{
  return seq->did[SEQ_DID_LEAVE] > 0 || seq->did[SEQ_DID_RESET] > 0 || was_closed (seq, call)
         || call->method->kind == SEQ_KIND_LEAVE;
}

static gboolean
may_be_unknown (Seq *seq, SeqCall *call)
{
  return was_cancelled (seq, call) || was_disturbed (seq, call) || seq->did[SEQ_DID_DISCONNECT] > 0
         || happened (seq, call, SEQ_DID_WAIT);
}

static gboolean
had_to_wait (Seq *seq, SeqCall *call)
{
  return happened (seq, call, SEQ_DID_WAIT) || seq->did[SEQ_DID_FAULT] > 0;
}

static gboolean
was_faulty (Seq *seq, SeqCall *call)
{
  return seq->did[SEQ_DID_FAULT] > 0;
}

/* Since a position that the server does not know. */
static gboolean
asked_since (Seq *seq, SeqCall *call)
{
  return call->since != NULL || seq->did[SEQ_DID_FAULT] > 0;
}

static gboolean
little_may_wait (Seq *seq, SeqCall *call)
{
  return seq->small_queue;
}

static gboolean
was_interfered_with (Seq *seq, SeqCall *call)
{
  return seq->did[SEQ_DID_INTERFERE] > 0;
}

static const struct
{
  int code;
  guint kinds;
  gboolean (*legal) (Seq *seq, SeqCall *call);
} table[] = {
  { RT_ERROR_NOT_CONNECTED, ASKING | KIND (LEAVE), without_connection },
  { RT_ERROR_NOT_CONNECTED, KIND (CONNECT), connecting_ended },
  { RT_ERROR_ALREADY_CONNECTED, KIND (CONNECT), connected_already },
  { RT_ERROR_CHANNEL_NOT_FOUND, KIND (LEAVE) | KIND (JOIN) | KIND (START) | KIND (ASK) | KIND (MORE), was_left },
  { RT_ERROR_CLOSED, ALL & ~KIND (CLOSE), was_closed },
  { RT_ERROR_CLOSED, KIND (CLOSE), was_let_go },
  { RT_ERROR_INVALID_ARGUMENT, ASKING | KIND (LEAVE), is_wrong },
  { RT_ERROR_INVALID_MESSAGE, SENDING | KIND (RPC) | KIND (NOTIFY), is_wrong },
  { RT_ERROR_TOO_LARGE, SENDING | KIND (RPC) | KIND (NOTIFY), is_wrong },
  { RT_ERROR_OUTCOME_UNKNOWN, SENDING | KIND (RPC) | KIND (NOTIFY), may_be_unknown },
  { RT_ERROR_TIMED_OUT, ALL, had_to_wait },
  { RT_ERROR_EXPIRED, SENDING, had_to_wait },
  { RT_ERROR_QUEUE_FULL, SENDING, little_may_wait },
  { RT_ERROR_FAILED, SENDING, was_interfered_with },
  { RT_ERROR_TIMED_OUT, SENDING, was_interfered_with },
  { RT_ERROR_RATE_LIMITED, SENDING, was_interfered_with },
  { RT_ERROR_INVALID_MESSAGE, SENDING, was_interfered_with },
  { RT_ERROR_UNRECOVERABLE, KIND (ASK) | KIND (MORE), asked_since },
  { RT_ERROR_FAILED, ASKING | KIND (CONNECT), was_faulty },
  { RT_ERROR_RATE_LIMITED, ASKING | KIND (CONNECT), was_faulty },
  { RT_ERROR_EXPIRED, ASKING | KIND (CONNECT), was_faulty },
  { RT_ERROR_NETWORK, ASKING | KIND (CONNECT), was_faulty },
  { RT_ERROR_SERVER, ASKING | KIND (CONNECT), was_faulty },
  { RT_ERROR_PROTOCOL, ASKING | KIND (CONNECT), was_faulty },
  { RT_ERROR_UNAUTHORIZED, ASKING | KIND (CONNECT), was_faulty },
  { RT_ERROR_PERMISSION_DENIED, ASKING | KIND (CONNECT), was_faulty },
};

/* The ends of a stream have errors of GIO's streams, too; which of them comes when, their own tests say. */
static gboolean
is_stream_error (const GError *error)
{
  return error->domain == RT_ERROR || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PENDING)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static gboolean
is_legal_error (Seq *seq, SeqCall *call, const GError *error)
{
  if (call->method->kind == SEQ_KIND_STREAM)
    return is_stream_error (error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return was_cancelled (seq, call);
  if (error->domain != RT_ERROR)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (table[i].code == error->code && (table[i].kinds & (1u << call->method->kind)) != 0
        && table[i].legal (seq, call))
      return TRUE;
  return FALSE;
}

/* What cannot succeed from where it began. */
static gboolean
is_legal_success (Seq *seq, SeqCall *call)
{
  guint kind = 1u << call->method->kind;

  if (call->wrong)
    return FALSE;
  if (kind == KIND (MORE) || kind == KIND (STREAM))
    return TRUE;
  if (call->state == RT_CONNECTION_STATE_CLOSED)
    return kind == KIND (CLOSE);
  /* A middleware may hold a message until there is a connection. */
  if ((kind & SENDING) != 0 && seq->did[SEQ_DID_INTERFERE] > 0)
    return TRUE;
  if (call->state == RT_CONNECTION_STATE_DISCONNECTED && call->did[SEQ_DID_CONNECT] == 0)
    return (kind & ASKING) == 0;
  return TRUE;
}

void
seq_check_outcome (Seq *seq, SeqCall *call, gboolean ok, const GError *error)
{
  if (ok && error != NULL)
    g_error ("%s succeeded with an error: %s", call->method->name, error->message);
  if (!ok && error == NULL)
    g_error ("%s failed without an error", call->method->name);
  if (ok && !is_legal_success (seq, call))
    g_error ("%s%s, begun in the state %d, must not succeed", call->method->name, call->wrong ? " (wrong)" : "",
             call->state);
  if (ok)
    return;
  if (!is_legal_error (seq, call, error))
    g_error ("%s, begun in the state %d, must not fail with %s %d \"%s\"", call->method->name, call->state,
             g_quark_to_string (error->domain), error->code, error->message);
  if (error->message[0] == '\0' || !g_utf8_validate (error->message, -1, NULL))
    g_error ("%s failed with a text that is none", call->method->name);
}
