/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-stages.h"

static RtStages *
stages_alloc (guint n)
{
  RtStages *self = g_malloc0 (sizeof (RtStages) + n * sizeof (RtStage));

  self->refs = 1;
  return self;
}

static void
stages_append (RtStages *self, RtMiddleware *middleware)
{
  RtStageFunc process = RT_MIDDLEWARE_GET_IFACE (middleware)->process;

  self->items[self->n].middleware = g_object_ref (middleware);
  /* Missing: what is called then says so. */
  self->items[self->n].process = process != NULL ? process : rt_middleware_process;
  self->n++;
}

RtStages *
rt_stages_new (void)
{
  return stages_alloc (0);
}

RtStages *
rt_stages_with (const RtStages *self, RtMiddleware *middleware)
{
  RtStages *copy = stages_alloc (self->n + 1);

  for (guint i = 0; i < self->n; i++)
    stages_append (copy, self->items[i].middleware);
  stages_append (copy, middleware);
  return copy;
}

RtStages *
rt_stages_without (const RtStages *self, RtMiddleware *middleware)
{
  RtStages *copy;
  guint place = 0;

  while (place < self->n && self->items[place].middleware != middleware)
    place++;
  if (place == self->n)
    return NULL;
  copy = stages_alloc (self->n - 1);
  for (guint i = 0; i < self->n; i++)
    {
      if (i != place)
        stages_append (copy, self->items[i].middleware);
    }
  return copy;
}

void
rt_stages_free (RtStages *self)
{
  for (guint i = 0; i < self->n; i++)
    g_object_unref (self->items[i].middleware);
  g_free (self);
}
