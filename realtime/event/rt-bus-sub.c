/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-bus.h"

RtBusSub *
rt_bus_sub_new (RtBusQueue *queue, const RtBusWish *wish)
{
  RtBusSub *self = g_new0 (RtBusSub, 1);

  g_atomic_ref_count_init (&self->refs);
  self->queue = rt_bus_queue_ref (queue);
  self->func = wish->func;
  self->user_data = wish->user_data;
  self->destroy = wish->destroy;
  self->once = wish->once;
  g_weak_ref_init (&self->object, wish->object);
  self->link.data = self;
  self->queue_link.data = self;
  return self;
}

RtBusSub *
rt_bus_sub_ref (RtBusSub *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
rt_bus_sub_unref (RtBusSub *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_weak_ref_clear (&self->object);
  rt_bus_queue_unref (self->queue);
  g_free (self);
}

/* --- The end: it is found no more, it gets nothing more, and then, in its context, its data is let go --- */

void
rt_bus_sub_unlist (RtBusSub *self)
{
  RtBus *bus = self->queue->bus;

  if (self->home == NULL)
    return;
  g_queue_unlink (g_steal_pointer (&self->home), &self->link);
  if (self->node != NULL)
    rt_pattern_set_prune (self->set, g_steal_pointer (&self->node));
  for (guint i = 0; i < RT_BUS_N_TYPES; i++)
    {
      if ((self->types >> i & 1) != 0 && --bus->counts[i] == 0)
        g_atomic_int_and (&bus->wanted, ~(1u << i));
    }
}

gboolean
rt_bus_sub_end_locked (RtBusSub *self)
{
  RtBusQueue *queue = self->queue;

  if (self->ended)
    return FALSE;
  rt_bus_sub_unlist (self);
  g_atomic_int_set (&self->ended, TRUE);
  queue->bus->n_active--;
  if (!queue->closed)
    rt_handover_push (queue->handover, &rt_bus_sub_ref (self)->release);
  return TRUE;
}

gboolean
rt_bus_sub_end (RtBusSub *self)
{
  RtBus *bus = self->queue->bus;

  g_mutex_lock (&bus->lock);
  gboolean first = rt_bus_sub_end_locked (self);
  g_mutex_unlock (&bus->lock);
  return first;
}

void
rt_bus_sub_finish_locked (RtBusSub *self)
{
  if (self->ended)
    return;
  rt_bus_sub_unlist (self);
  if (!self->queue->closed)
    rt_bus_queue_finish (self->queue, self);
}

void
rt_bus_sub_finish (RtBusSub *self)
{
  RtBus *bus = self->queue->bus;

  g_mutex_lock (&bus->lock);
  rt_bus_sub_finish_locked (self);
  g_mutex_unlock (&bus->lock);
}

gboolean
rt_bus_sub_has_ended (RtBusSub *self)
{
  return g_atomic_int_get (&self->ended);
}

void
rt_bus_sub_release_orphan (RtBusSub *self)
{
  rt_bus_owner_unbind (self);
  if (self->destroy != NULL)
    self->destroy (self->user_data);
}

void
rt_bus_sub_release (RtBusSub *self)
{
  /* Its handler runs the loop that we are called from, and still uses its data. */
  if (self->running > 0)
    {
      self->release_due = TRUE;
      return;
    }
  rt_bus_sub_release_orphan (self);
  rt_bus_queue_forget (self->queue, self);
}

static void
call (RtBusSub *self, RtEvent *event)
{
  if (self->once ? !rt_bus_sub_end (self) : rt_bus_sub_has_ended (self))
    return;
  self->running++;
  self->func (event, self->user_data);
  self->running--;
  if (self->release_due)
    rt_bus_sub_release (self);
}

/* Dropping a bus ends its subscriptions, also in a loop that a handler of it runs. Whatever is counted here is held while
 * it is: calls that other threads make at the same time can only let it seem that somebody else holds the bus. */
static gboolean
begin_call (RtBus *bus, GObject *object)
{
  if (!RT_IS_EVENT_BUS (object))
    return TRUE;
  g_mutex_lock (&bus->lock);
  gboolean is_kept = g_atomic_int_get ((gint *) &object->ref_count) > ++bus->n_held;
  g_mutex_unlock (&bus->lock);
  return is_kept;
}

static void
end_call (RtBus *bus, GObject *object)
{
  if (!RT_IS_EVENT_BUS (object))
    return;
  g_mutex_lock (&bus->lock);
  bus->n_held--;
  g_mutex_unlock (&bus->lock);
}

/* A binding lets go of the handler together with the object on which it was subscribed, were it while the handler runs: so
 * that is held meanwhile. */
void
rt_bus_sub_deliver (RtBusSub *self, RtEvent *event)
{
  g_autoptr (RtBus) bus = rt_bus_ref (self->queue->bus);
  g_autoptr (GObject) object = g_weak_ref_get (&self->object);

  if (object == NULL)
    return;
  if (begin_call (bus, object))
    call (self, event);
  end_call (bus, object);
}
