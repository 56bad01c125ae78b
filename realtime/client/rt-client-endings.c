/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-private.h"

#include "rt-client-release.h"
#include "rt-clock.h"

typedef struct
{
  RtClient *client; /* kept */
  RtOp *op;         /* NULL once it went down */
  guint64 serial;   /* of the last message that was sent before */
  RtTimer *timer;   /* once it waits */
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

/* In the client's context, where its timer is at home. */
static void
ending_free (gpointer data)
{
  Ending *ending = data;

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
    rt_client_free_in (rt_client_get_context (((Ending *) l->data)->client), l->data, ending_free);
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

static void
release (RtClient *self, Ending *ending)
{
  if (!claim (&rt_client_get_outgoing (self)->endings, ending))
    return;
  rt_connection_submit (rt_client_get_connection (self), g_steal_pointer (&ending->op));
  ending_free (ending);
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

static void
ending_expired (gpointer data)
{
  Ending *ending = data;
  g_autoptr (RtClient) client = g_object_ref (ending->client);

  release (client, ending);
}

static void
start_ending (RtClient *self, gpointer data)
{
  Ending *ending = g_steal_pointer ((Ending **) data);
  RtClientEndings *all = &rt_client_get_outgoing (self)->endings;
  guint timeout = rt_config_get_shutdown_timeout (rt_client_get_config (self));

  ending->timer
    = rt_timer_new (rt_client_get_context (self), "[realtime] end after the middleware", ending_expired, ending);
  rt_timer_start (ending->timer, rt_clock_now () + RT_CLOCK_MS (timeout));
  g_mutex_lock (&all->lock);
  g_queue_push_tail (&all->waiting, ending);
  g_mutex_unlock (&all->lock);
  rt_client_release_endings (self);
}

/* One that was never started: the client was disposed of. */
static void
place_free (gpointer data)
{
  g_autofree Ending **place = data;

  if (*place != NULL)
    ending_free (*place);
}

void
rt_client_postpone_end (RtClient *self, RtOp *op)
{
  Ending **place = g_new (Ending *, 1);

  *place = g_new0 (Ending, 1);
  (*place)->client = g_object_ref (self);
  (*place)->op = op;
  (*place)->serial = rt_client_get_outgoing_serial (self);
  rt_client_run_later (self, start_ending, place, place_free);
}
