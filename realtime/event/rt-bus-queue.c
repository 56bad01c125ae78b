/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-bus.h"

#include <string.h>
#include "rt-error.h"
#include "rt-event-private.h"
#include "rt-message-private.h"

/* A dispatch takes 256 events, as many as the client delivers in one, and fewer if each has many handlers. */
#define EVENT_COST 16
#define BUDGET (256 * EVENT_COST)

enum
{
  ITEM_RELEASE, /* an RtBusSub */
  ITEM_EVENT,   /* an RtBusItem */
  ITEM_FINISH,  /* an RtBusFinish */
};

/* An event on its way to those subscriptions of one context that it fits. */
typedef struct _RtBusItem
{
  RtHandoverItem base;
  RtEvent *event;
  gint kib;
  guint n_shown; /* only in the context */
  guint n_subs;
  RtBusSub *subs[];
} RtBusItem;

/* The place in the queue at which a subscription ends. */
typedef struct
{
  RtHandoverItem base;
  RtBusSub *sub;
} RtBusFinish;

RtBusQueue *
rt_bus_queue_ref (RtBusQueue *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
rt_bus_queue_unref (RtBusQueue *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_assert (self->handover == NULL);
  rt_bus_unref (self->bus);
  g_free (self);
}

/* --- Filling: any thread --- */

/* About the bytes that a message takes. */
static gsize
weigh_message (RtMessageCore *core)
{
  const char *body = g_atomic_pointer_get (&core->texts[RT_MESSAGE_TEXT_BODY]);
  GVariant *data = g_atomic_pointer_get (&core->data);
  GBytes *bytes = g_atomic_pointer_get (&core->bytes);
  gsize weight = core->metadata_slice.len + core->tags_slice.len;

  for (guint i = 0; i < RT_MESSAGE_N_TEXTS; i++)
    weight += core->slices[i].len;
  /* What was made of a received body is about as big again. */
  if (body != NULL)
    weight += core->slices[RT_MESSAGE_TEXT_BODY].data != NULL ? core->slices[RT_MESSAGE_TEXT_BODY].len : strlen (body);
  if (data != NULL)
    weight += g_variant_get_size (data);
  if (bytes != NULL)
    weight += g_bytes_get_size (bytes);
  return weight;
}

static gint
weigh (RtEvent *event)
{
  RtMessage *message = rt_event_get_message (event);
  GVariant *variant = rt_event_get_variant (event);
  gsize bytes = message != NULL ? weigh_message (rt_message_get_core (message)) : 0;

  bytes += variant != NULL ? g_variant_get_size (variant) : 0;
  return 1 + (gint) MIN (bytes / 1024, RT_BUS_MAX_PENDING_KIB);
}

/* Whether there is room. Once something was lost all that follows is, until the context has caught up: so there is one
 * place at which something is missing, and that is where the error stands. */
static gboolean
admit (RtBusQueue *self, gint kib)
{
  gint pending = g_atomic_int_get (&self->pending);

  if (self->lost == 0 && pending < RT_BUS_MAX_PENDING
      && (pending == 0 || g_atomic_int_get (&self->pending_kib) + kib <= RT_BUS_MAX_PENDING_KIB))
    return TRUE;
  self->lost++;
  g_atomic_int_set (&self->overflowed, TRUE);
  return FALSE;
}

static RtBusItem *
begin_item (RtBusQueue *self, RtEvent *event, gint kib)
{
  RtBusItem *item = g_malloc (sizeof (RtBusItem) + self->n_matched * sizeof (RtBusSub *));

  item->base = (RtHandoverItem) { .kind = ITEM_EVENT, .resumable = TRUE };
  item->event = g_object_ref (event);
  item->kib = kib;
  item->n_shown = 0;
  item->n_subs = 0;
  return item;
}

static void
add_to_item (RtBusQueue *self, RtEvent *event, gint kib, RtBusSub *sub)
{
  if (self->filling == NULL)
    self->filling = begin_item (self, event, kib);
  self->filling->subs[self->filling->n_subs++] = rt_bus_sub_ref (sub);
  /* This is the one event that it was waiting for. */
  if (sub->once)
    rt_bus_sub_unlist (sub);
  if (self->filling->n_subs < self->n_matched)
    return;
  self->n_matched = 0;
  g_atomic_int_inc (&self->pending);
  g_atomic_int_add (&self->pending_kib, kib);
  rt_handover_push (self->handover, &g_steal_pointer (&self->filling)->base);
}

void
rt_bus_queue_matches (RtBus *bus, RtEvent *event, RtBusQueue *only)
{
  gint kib = bus->matches->len > 0 ? weigh (event) : 0;

  for (guint i = 0; i < bus->matches->len; i++)
    {
      RtBusSub *sub = g_ptr_array_index (bus->matches, i);

      if (only == NULL || sub->queue == only)
        sub->queue->n_matched++;
    }
  for (guint i = 0; i < bus->matches->len; i++)
    {
      RtBusSub *sub = g_ptr_array_index (bus->matches, i);
      RtBusQueue *queue = sub->queue;

      if (queue->n_matched == 0)
        continue;
      if (queue->filling != NULL || admit (queue, kib))
        add_to_item (queue, event, kib, sub);
      else
        queue->n_matched = 0;
    }
}

void
rt_bus_queue_finish (RtBusQueue *self, RtBusSub *sub)
{
  RtBusFinish *finish = g_new0 (RtBusFinish, 1);

  finish->base.kind = ITEM_FINISH;
  finish->sub = rt_bus_sub_ref (sub);
  rt_handover_push (self->handover, &finish->base);
}

/* --- Emptying: in the context --- */

static void
finish_free (RtBusFinish *finish)
{
  rt_bus_sub_unref (finish->sub);
  g_free (finish);
}

static void
item_free (RtBusItem *item)
{
  for (guint i = 0; i < item->n_subs; i++)
    rt_bus_sub_unref (item->subs[i]);
  g_object_unref (item->event);
  g_free (item);
}

static gboolean
queue_handle (RtHandoverItem *base, guint *budget, gpointer user_data)
{
  RtBusQueue *self = user_data;
  RtBusItem *item = (RtBusItem *) base;

  if (base->kind == ITEM_RELEASE)
    {
      g_autoptr (RtBusSub) sub = (RtBusSub *) base;
      (*budget)--;
      rt_bus_sub_release (sub);
      return TRUE;
    }
  if (base->kind == ITEM_FINISH)
    {
      (*budget)--;
      rt_bus_sub_end (((RtBusFinish *) base)->sub);
      finish_free ((RtBusFinish *) base);
      return TRUE;
    }
  if (item->n_shown == 0)
    *budget -= MIN (*budget, MAX (item->n_subs, EVENT_COST));
  /* A loop that a handler runs may go on here. */
  while (item->n_shown < item->n_subs)
    {
      RtBusSub *sub = item->subs[item->n_shown++];

      /* Before the handler: it may run a loop for the rest of the program. */
      if (item->n_shown == item->n_subs)
        {
          g_atomic_int_add (&self->pending_kib, -item->kib);
          g_atomic_int_add (&self->pending, -1);
        }
      rt_bus_sub_deliver (sub, item->event);
    }
  return TRUE;
}

static void
queue_drop (RtHandoverItem *base, gpointer user_data)
{
  if (base->kind == ITEM_RELEASE)
    rt_bus_sub_unref ((RtBusSub *) base);
  else if (base->kind == ITEM_FINISH)
    finish_free ((RtBusFinish *) base);
  else
    item_free ((RtBusItem *) base);
}

static RtEvent *
loss_new (guint64 lost)
{
  g_autoptr (GError) error = g_error_new (
    RT_ERROR, RT_ERROR_QUEUE_FULL,
    "%" G_GUINT64_FORMAT " events were lost: no more than %d, or %d MiB, wait for the handlers in a main context, and these "
    "did not keep up; let handlers return sooner", lost, RT_BUS_MAX_PENDING, RT_BUS_MAX_PENDING_KIB / 1024);

  return rt_event_new_from_parts (&(RtEventParts) { .type = RT_EVENT_TYPE_ERROR, .error = error });
}

/* Once the context has caught up it learns what it has lost. */
static void
queue_turn_end (gpointer user_data)
{
  RtBusQueue *self = user_data;
  g_autoptr (RtEvent) event = NULL;

  if (!g_atomic_int_get (&self->overflowed) || g_atomic_int_get (&self->pending) > 0)
    return;
  g_mutex_lock (&self->bus->lock);
  guint64 lost = self->lost;
  self->lost = 0;
  g_atomic_int_set (&self->overflowed, FALSE);
  if (lost > 0 && !self->closed)
    {
      event = loss_new (lost);
      rt_bus_find_matches (self->bus, event);
      rt_bus_queue_matches (self->bus, event, self);
    }
  g_mutex_unlock (&self->bus->lock);
}

static const RtHandoverClass queue_class = {
  .name = "[realtime] events",
  .priority = G_PRIORITY_DEFAULT,
  .budget = BUDGET,
  .handle = queue_handle,
  .turn_end = queue_turn_end,
  .drop = queue_drop,
};

/* --- Beginning and end --- */

static void
close_handover (RtBusQueue *self)
{
  RtHandover *handover = g_steal_pointer (&self->handover);

  rt_handover_close (handover);
  rt_handover_unref (handover);
}

/* With the lock held: nothing is pushed any more. */
static void
close_locked (RtBusQueue *self)
{
  self->closed = TRUE;
  g_ptr_array_remove_fast (self->bus->queues, self);
}

void
rt_bus_queue_forget (RtBusQueue *self, RtBusSub *sub)
{
  g_mutex_lock (&self->bus->lock);
  g_queue_unlink (&self->subs, &sub->queue_link);
  gboolean last = self->subs.length == 0;
  if (last)
    close_locked (self);
  g_mutex_unlock (&self->bus->lock);

  if (last)
    close_handover (self);
  rt_bus_sub_unref (sub);
}

/* The context is going. Whoever pushes has the lock, and is done with the context before it is gone. */
static void
orphaned (gpointer user_data)
{
  RtBusQueue *self = user_data;
  GQueue subs;

  g_mutex_lock (&self->bus->lock);
  close_locked (self);
  subs = self->subs;
  g_queue_init (&self->subs);
  for (GList *l = subs.head; l != NULL; l = l->next)
    rt_bus_sub_end_locked (l->data);
  g_mutex_unlock (&self->bus->lock);

  while (subs.length > 0)
    {
      g_autoptr (RtBusSub) sub = g_queue_pop_head_link (&subs)->data;
      rt_bus_sub_release_orphan (sub);
    }
  close_handover (self);
}

RtBusQueue *
rt_bus_queue_ensure (RtBus *bus, GMainContext *context)
{
  RtBusQueue *self;

  for (guint i = 0; i < bus->queues->len; i++)
    {
      self = g_ptr_array_index (bus->queues, i);
      if (self->context == context)
        return self;
    }
  self = g_new0 (RtBusQueue, 1);
  g_atomic_ref_count_init (&self->refs);
  self->bus = rt_bus_ref (bus);
  self->context = context;
  /* The handover's own reference keeps the queue, and goes when both have been closed. */
  self->handover = rt_handover_new (context, &queue_class, self, (GDestroyNotify) rt_bus_queue_unref);
  rt_handover_set_orphaned_func (self->handover, orphaned);
  g_ptr_array_add (bus->queues, self);
  return self;
}
