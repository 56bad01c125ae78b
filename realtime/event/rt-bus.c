/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-bus.h"

#include "rt-event-private.h"

#define ALL_TYPES ((1u << RT_BUS_N_TYPES) - 1)

G_STATIC_ASSERT (RT_BUS_N_TYPES < 32);

RtBus *
rt_bus_new (void)
{
  RtBus *self = g_new0 (RtBus, 1);

  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->lock);
  self->names = rt_pattern_set_new (RT_PATTERN_NAME_SEPARATORS);
  self->channels = rt_pattern_set_new (RT_PATTERN_CHANNEL_SEPARATORS);
  self->queues = g_ptr_array_new ();
  self->matches = g_ptr_array_new ();
  return self;
}

RtBus *
rt_bus_ref (RtBus *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
rt_bus_unref (RtBus *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  /* A queue has a reference. */
  g_assert (self->queues->len == 0);
  rt_pattern_set_free (self->names);
  rt_pattern_set_free (self->channels);
  g_ptr_array_unref (self->queues);
  g_ptr_array_unref (self->matches);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* --- Subscribing --- */

/* The types that have this name; any event of the program's own may. */
static guint
find_types_by_name (const char *pattern)
{
  guint types = 1u << RT_EVENT_TYPE_CUSTOM;

  for (guint i = 0; i < RT_EVENT_TYPE_CUSTOM; i++)
    {
      if (rt_pattern_matches (pattern, RT_PATTERN_NAME_SEPARATORS, rt_event_type_to_nick (i)))
        types |= 1u << i;
    }
  return types;
}

static guint
find_types (const RtBusWish *wish)
{
  switch (wish->kind)
    {
    case RT_BUS_BY_TYPE:
      return 1u << wish->type;
    case RT_BUS_BY_NAME:
      return find_types_by_name (wish->pattern);
    case RT_BUS_ALL:
    case RT_BUS_BY_CHANNEL:
    default:
      return ALL_TYPES;
    }
}

static void
list (RtBus *self, RtBusSub *sub, const RtBusWish *wish)
{
  switch (wish->kind)
    {
    case RT_BUS_BY_TYPE:
      sub->home = &self->by_type[wish->type];
      break;
    case RT_BUS_BY_NAME:
    case RT_BUS_BY_CHANNEL:
      sub->set = wish->kind == RT_BUS_BY_NAME ? self->names : self->channels;
      sub->node = rt_pattern_set_insert (sub->set, wish->pattern);
      sub->home = rt_pattern_node_get_values (sub->node);
      break;
    case RT_BUS_ALL:
    default:
      sub->home = &self->all;
    }
  g_queue_push_tail_link (sub->home, &sub->link);
  for (guint i = 0; i < RT_BUS_N_TYPES; i++)
    self->counts[i] += (sub->types >> i) & 1;
  g_atomic_int_or (&self->wanted, sub->types);
}

RtBusSub *
rt_bus_subscribe (RtBus *self, const RtBusWish *wish)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();
  guint types = find_types (wish);

  g_mutex_lock (&self->lock);
  RtBusQueue *queue = rt_bus_queue_ensure (self, context);
  RtBusSub *sub = rt_bus_sub_new (queue, wish);
  sub->serial = ++self->last_serial;
  sub->types = types;
  list (self, sub, wish);
  g_queue_push_tail_link (&queue->subs, &rt_bus_sub_ref (sub)->queue_link);
  self->n_active++;
  /* Too late: it still has its end in its context. */
  if (self->closed)
    rt_bus_sub_end_locked (sub);
  g_mutex_unlock (&self->lock);
  return sub;
}

static void
end_all (RtBus *self, gboolean at_once)
{
  g_mutex_lock (&self->lock);
  self->closed = TRUE;
  for (guint i = 0; i < self->queues->len; i++)
    {
      RtBusQueue *queue = g_ptr_array_index (self->queues, i);

      for (GList *l = queue->subs.head; l != NULL; l = l->next)
        if (at_once)
          rt_bus_sub_end_locked (l->data);
        else
          rt_bus_sub_finish_locked (l->data);
    }
  g_mutex_unlock (&self->lock);
}

void
rt_bus_close (RtBus *self)
{
  end_all (self, TRUE);
}

void
rt_bus_end (RtBus *self)
{
  end_all (self, FALSE);
}

/* --- Dispatching --- */

static void
collect (GQueue *subs, gpointer user_data)
{
  for (GList *l = subs->head; l != NULL; l = l->next)
    g_ptr_array_add (user_data, l->data);
}

static int
compare_serials (gconstpointer a, gconstpointer b)
{
  const RtBusSub *x = *(RtBusSub **) a, *y = *(RtBusSub **) b;

  return x->serial < y->serial ? -1 : x->serial > y->serial;
}

static gboolean
is_sorted (GPtrArray *subs)
{
  for (guint i = 1; i < subs->len; i++)
    {
      if (compare_serials (&subs->pdata[i - 1], &subs->pdata[i]) > 0)
        return FALSE;
    }
  return TRUE;
}

void
rt_bus_find_matches (RtBus *self, RtEvent *event)
{
  const char *channel = rt_event_get_channel (event);

  g_ptr_array_set_size (self->matches, 0);
  collect (&self->by_type[rt_event_get_event_type (event)], self->matches);
  collect (&self->all, self->matches);
  if (!rt_pattern_set_is_empty (self->names))
    rt_pattern_set_match (self->names, rt_event_get_name (event), collect, self->matches);
  if (channel != NULL && !rt_pattern_set_is_empty (self->channels))
    rt_pattern_set_match (self->channels, channel, collect, self->matches);
  if (!is_sorted (self->matches))
    g_ptr_array_sort (self->matches, compare_serials);
}

void
rt_bus_dispatch (RtBus *self, RtEvent *event)
{
  if ((g_atomic_int_get (&self->wanted) >> rt_event_get_event_type (event) & 1) == 0)
    return;
  /* So that no reference taken under the lock is the second one, of which a language binding may want to know. */
  g_autoptr (RtEvent) guard = g_object_ref (event);

  g_mutex_lock (&self->lock);
  rt_bus_find_matches (self, event);
  rt_bus_queue_matches (self, event, NULL);
  g_mutex_unlock (&self->lock);
}
