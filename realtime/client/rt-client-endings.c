/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-private.h"

#include "rt-client-release.h"
#include "rt-clock.h"

typedef struct
{
  gatomicrefcount refs; /* the list's, and that of what starts its timer */
  RtClient *client;     /* kept */
  RtOp *op;             /* NULL once it went down */
  guint64 serial;       /* of the last message that was sent before */
  RtTimer *timer;       /* only in the client's context */
} Ending;

void
rt_client_endings_init (RtClientEndings *self)
{
  g_mutex_init (&self->lock);
}

void
rt_client_endings_clear (RtClientEndings *self)
{
  g_mutex_clear (&self->lock);
}

/* Where there is a timer, in the client's context, where that is at home. */
static void
ending_unref (gpointer data)
{
  Ending *ending = data;

  if (!g_atomic_ref_count_dec (&ending->refs))
    return;
  if (ending->op != NULL)
    rt_client_call_dropped (ending->op);
  g_clear_pointer (&ending->timer, rt_timer_free);
  g_object_unref (ending->client);
  g_free (ending);
}

void
rt_client_drop_endings (RtClientEndings *self)
{
  g_mutex_lock (&self->lock);
  GQueue endings = self->waiting;
  g_queue_init (&self->waiting);
  g_mutex_unlock (&self->lock);
  for (GList *l = endings.head; l != NULL; l = l->next)
    rt_client_free_in (rt_client_get_context (((Ending *) l->data)->client), l->data, ending_unref);
  g_queue_clear (&endings);
}

static gboolean
is_due (RtClient *self, Ending *ending)
{
  return !rt_client_has_outgoing_before (self, ending->serial);
}

/* Taken from the list by whoever finds it, so that no other ends it. */
static gboolean
claim (RtClientEndings *self, Ending *ending)
{
  g_mutex_lock (&self->lock);
  gboolean listed = g_queue_remove (&self->waiting, ending);
  g_mutex_unlock (&self->lock);
  return listed;
}

/* Takes @op. */
static void
send_down (RtClient *self, RtOp *op)
{
  rt_client_channels_submit (rt_client_get_handles (self), rt_client_get_connection (self), rt_client_get_inbox (self),
                             op);
}

/* That @op was cancelled here ends the waiting, and not what it is for. */
static void
end_unwatched (RtClient *self, const RtOp *op)
{
  if (op->kind == RT_OP_CONNECT || op->stands || !g_atomic_int_get (&op->cancelled))
    return;
  RtOp *other = rt_op_new (op->kind);
  other->wants_result = FALSE;
  send_down (self, other);
}

static void
release (RtClient *self, Ending *ending)
{
  if (!claim (&rt_client_get_outgoing (self)->endings, ending))
    return;
  if (ending->timer != NULL)
    rt_timer_stop (ending->timer);
  end_unwatched (self, ending->op);
  send_down (self, g_steal_pointer (&ending->op));
  ending_unref (ending);
}

static Ending *
get_first (RtClientEndings *self)
{
  g_mutex_lock (&self->lock);
  Ending *first = g_queue_peek_head (&self->waiting);
  g_mutex_unlock (&self->lock);
  return first;
}

/* The first waits for no more than those behind it do. */
void
rt_client_release_endings (RtClient *self)
{
  Ending *first;

  while ((first = get_first (&rt_client_get_outgoing (self)->endings)) != NULL && is_due (self, first))
    release (self, first);
}

void
rt_client_release_all_endings (RtClient *self)
{
  Ending *first;

  while ((first = get_first (&rt_client_get_outgoing (self)->endings)) != NULL)
    release (self, first);
}

gboolean
rt_client_has_endings (RtClient *self)
{
  return get_first (&rt_client_get_outgoing (self)->endings) != NULL;
}

gboolean
rt_client_must_wait (RtClient *self, const RtOp *op)
{
  /* What comes cancelled ends at once. */
  if (g_atomic_int_get (&op->cancelled))
    return FALSE;
  if (op->kind == RT_OP_CONNECT || op->kind == RT_OP_RESET)
    return rt_client_has_endings (self);
  return (op->kind == RT_OP_DISCONNECT || op->kind == RT_OP_CLOSE)
         && (rt_client_has_endings (self) || rt_client_has_outgoing_before (self, G_MAXUINT64));
}

static void
ending_expired (gpointer data)
{
  Ending *ending = data;
  g_autoptr (RtClient) client = g_object_ref (ending->client);

  release (client, ending);
}

/* It may have been released already. */
static void
start_ending (RtClient *self, gpointer data)
{
  Ending *ending = data;
  guint timeout = rt_config_get_shutdown_timeout (rt_client_get_config (self));

  if (ending->op == NULL)
    return;
  ending->timer
    = rt_timer_new (rt_client_get_context (self), "[realtime] end after the middleware", ending_expired, ending);
  rt_timer_start (ending->timer, rt_clock_now () + RT_CLOCK_MS (timeout));
  rt_client_release_endings (self);
}

void
rt_client_postpone_end (RtClient *self, RtOp *op)
{
  RtClientEndings *all = &rt_client_get_outgoing (self)->endings;
  Ending *ending = g_new0 (Ending, 1);

  g_atomic_ref_count_init (&ending->refs);
  g_atomic_ref_count_inc (&ending->refs);
  ending->client = g_object_ref (self);
  ending->op = op;
  ending->serial = rt_client_get_outgoing_serial (self);
  g_mutex_lock (&all->lock);
  g_queue_push_tail (&all->waiting, ending);
  g_mutex_unlock (&all->lock);
  rt_client_run_later (self, start_ending, ending, ending_unref);
  /* The end by force may have come just before. */
  if (rt_client_is_stopped (self))
    rt_client_drop_endings (all);
}
