/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-handover.h"

/* Just below GTK's redraw (120): when a dispatch leaves work over, frames are drawn before it goes on. */
#define YIELD_PRIORITY 125

struct _RtHandover
{
  gatomicrefcount refs;
  const RtHandoverClass *klass;
  gpointer user_data;
  GDestroyNotify destroy;
  RtHandoverTurnFunc orphaned; /* nullable */
  GSource *source;             /* immutable after construction */

  GMutex lock;
  RtHandoverItem *head;  /* guarded by lock */
  RtHandoverItem **tail; /* guarded by lock */
  gint closed;           /* atomic; changed under lock */
  guint dispatches;      /* under way, one in the other; guarded by lock */

  /* Only in a dispatch, or under the lock while there is none: */
  RtHandoverItem *ready; /* stolen from the queue, not yet handled; a nested dispatch goes on here */
  gboolean yielding;
};

static gboolean
source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static GSourceFuncs handover_funcs = { NULL, NULL, source_dispatch, NULL, NULL, NULL };

/* Moves what was pushed behind what is left of earlier dispatches. */
static void
begin_dispatch (RtHandover *self)
{
  g_mutex_lock (&self->lock);
  self->dispatches++;
  RtHandoverItem *items = g_steal_pointer (&self->head);
  self->tail = &self->head;
  g_mutex_unlock (&self->lock);

  RtHandoverItem **end = &self->ready;
  while (*end != NULL)
    end = &(*end)->next;
  *end = items;
}

static void
drop_items (RtHandover *self, RtHandoverItem *items)
{
  while (items != NULL)
    {
      RtHandoverItem *next = items->next;
      self->klass->drop (items, self->user_data);
      items = next;
    }
}

static gboolean
is_closed (RtHandover *self)
{
  return g_atomic_int_get (&self->closed);
}

static void
set_yielding (RtHandover *self, gboolean yielding)
{
  if (self->yielding == yielding)
    return;
  self->yielding = yielding;
  g_source_set_priority (self->source, yielding ? YIELD_PRIORITY : self->klass->priority);
}

static void
pop_ready (RtHandover *self)
{
  RtHandoverItem *item = self->ready;

  self->ready = item->next;
  item->next = NULL;
}

static void
handle_resumable (RtHandover *self, RtHandoverItem *item, guint *budget)
{
  item->users++;
  gboolean finished = self->klass->handle (item, budget, self->user_data);
  /* A nested dispatch may have finished and taken it away already. */
  if (finished && self->ready == item)
    pop_ready (self);
  item->users--;
  if (finished && item->users == 0)
    self->klass->drop (item, self->user_data);
}

static void
handle_ready (RtHandover *self)
{
  guint budget = self->klass->budget;

  while (self->ready != NULL && budget > 0 && !is_closed (self))
    {
      RtHandoverItem *item = self->ready;

      if (item->resumable)
        {
          handle_resumable (self, item, &budget);
          continue;
        }
      pop_ready (self);
      self->klass->handle (item, &budget, self->user_data);
    }
}

/* The source stays ready as long as there is something left, so that a loop which a handler runs goes on with it.
 * Closed meanwhile, it leaves nothing behind. */
static void
end_dispatch (RtHandover *self)
{
  RtHandoverItem *rest = NULL;

  g_mutex_lock (&self->lock);
  self->dispatches--;
  if (self->closed && self->dispatches == 0)
    rest = g_steal_pointer (&self->ready);
  /* Under the lock, so that a push cannot come in between. */
  else if (!self->closed && self->head == NULL && self->ready == NULL)
    g_source_set_ready_time (self->source, -1);
  g_mutex_unlock (&self->lock);
  drop_items (self, rest);
}

static gboolean
handover_ready (gpointer user_data)
{
  g_autoptr (RtHandover) self = rt_handover_ref (user_data);

  begin_dispatch (self);
  handle_ready (self);
  if (self->klass->turn_end != NULL)
    self->klass->turn_end (self->user_data);
  if (!is_closed (self))
    set_yielding (self, self->ready != NULL);
  end_dispatch (self);
  return G_SOURCE_CONTINUE;
}

/* The source goes by close, or with its context. */
static void
source_gone (gpointer user_data)
{
  RtHandover *self = user_data;

  if (self->orphaned != NULL && !is_closed (self))
    self->orphaned (self->user_data);
  rt_handover_unref (self);
}

RtHandover *
rt_handover_new (GMainContext *context, const RtHandoverClass *klass, gpointer user_data, GDestroyNotify destroy)
{
  RtHandover *self = g_new0 (RtHandover, 1);

  g_atomic_ref_count_init (&self->refs);
  self->klass = klass;
  self->user_data = user_data;
  self->destroy = destroy;
  self->tail = &self->head;
  g_mutex_init (&self->lock);

  self->source = g_source_new (&handover_funcs, sizeof (GSource));
  g_source_set_static_name (self->source, klass->name);
  g_source_set_priority (self->source, klass->priority);
  /* A handler may run a nested loop: later items must still arrive there. */
  g_source_set_can_recurse (self->source, TRUE);
  g_source_set_callback (self->source, handover_ready, rt_handover_ref (self), source_gone);
  g_source_attach (self->source, context);
  return self;
}

void
rt_handover_set_orphaned_func (RtHandover *self, RtHandoverTurnFunc orphaned)
{
  self->orphaned = orphaned;
}

RtHandover *
rt_handover_ref (RtHandover *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
rt_handover_unref (RtHandover *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  drop_items (self, self->ready);
  drop_items (self, self->head);
  g_source_unref (self->source);
  if (self->destroy != NULL)
    self->destroy (self->user_data);
  g_mutex_clear (&self->lock);
  g_free (self);
}

gboolean
rt_handover_push (RtHandover *self, RtHandoverItem *item)
{
  item->next = NULL;
  g_mutex_lock (&self->lock);
  gboolean accepted = !is_closed (self);
  gboolean was_empty = self->head == NULL;
  if (accepted)
    {
      *self->tail = item;
      self->tail = &item->next;
      /* Under the lock, so that a dispatch that has found the queue empty cannot unset it afterwards. */
      if (was_empty)
        g_source_set_ready_time (self->source, 0);
    }
  g_mutex_unlock (&self->lock);
  if (!accepted)
    self->klass->drop (item, self->user_data);
  return accepted;
}

void
rt_handover_close (RtHandover *self)
{
  g_mutex_lock (&self->lock);
  gboolean first = !is_closed (self);
  g_atomic_int_set (&self->closed, TRUE);
  RtHandoverItem *items = g_steal_pointer (&self->head);
  self->tail = &self->head;
  /* A dispatch that is under way drops what is left of it. */
  RtHandoverItem *rest = self->dispatches == 0 ? g_steal_pointer (&self->ready) : NULL;
  g_mutex_unlock (&self->lock);

  if (first)
    {
      /* The source holds a reference; the caller's own keeps self alive until here. */
      g_autoptr (RtHandover) guard = rt_handover_ref (self);
      drop_items (guard, rest);
      drop_items (guard, items);
      g_source_destroy (guard->source);
    }
}
