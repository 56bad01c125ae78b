/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-route.h"

RtRoutes *
rt_routes_new (void)
{
  RtRoutes *self = g_new0 (RtRoutes, 1);

  g_atomic_ref_count_init (&self->refs);
  return self;
}

void
rt_routes_add (RtRoutes *self,
               const char *name,
               const RtTransportClass *klass,
               gpointer source,
               GDestroyNotify free_source)
{
  self->items = g_renew (RtRoute, self->items, self->n_items + 1);
  self->items[self->n_items++] = (RtRoute) {
    .name = g_intern_string (name),
    .klass = klass,
    .source = source,
    .free_source = free_source,
  };
}

RtRoutes *
rt_routes_ref (RtRoutes *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
rt_routes_unref (RtRoutes *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  for (guint i = 0; i < self->n_items; i++)
    if (self->items[i].free_source != NULL)
      self->items[i].free_source (self->items[i].source);
  g_free (self->items);
  g_free (self);
}

int
rt_routes_find (RtRoutes *self, const char *name)
{
  for (guint i = 0; i < self->n_items; i++)
    if (g_str_equal (self->items[i].name, name))
      return (int) i;
  return -1;
}
