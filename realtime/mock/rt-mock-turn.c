/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-turn.h"

struct _RtMockTurn
{
  GSource *source;
  GQueue items;
};

static gboolean
turn_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static GSourceFuncs turn_funcs = { NULL, NULL, turn_dispatch, NULL, NULL, NULL };

static gboolean
turn_cb (gpointer user_data)
{
  rt_mock_turn_run (user_data);
  return G_SOURCE_CONTINUE;
}

RtMockTurn *
rt_mock_turn_new (GMainContext *context)
{
  RtMockTurn *self = g_new0 (RtMockTurn, 1);

  g_queue_init (&self->items);
  self->source = g_source_new (&turn_funcs, sizeof (GSource));
  g_source_set_static_name (self->source, "[realtime] mock turn");
  g_source_set_callback (self->source, turn_cb, self, NULL);
  g_source_attach (self->source, context);
  return self;
}

void
rt_mock_turn_free (RtMockTurn *self)
{
  g_assert (g_queue_is_empty (&self->items));
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_free (self);
}

void
rt_mock_turn_add (RtMockTurn *self, RtMockTurnItem *item)
{
  if (item->queued)
    return;
  item->queued = TRUE;
  item->link.data = item;
  g_queue_push_tail_link (&self->items, &item->link);
  g_source_set_ready_time (self->source, 0);
}

void
rt_mock_turn_remove (RtMockTurn *self, RtMockTurnItem *item)
{
  if (!item->queued)
    return;
  item->queued = FALSE;
  g_queue_unlink (&self->items, &item->link);
}

void
rt_mock_turn_run (RtMockTurn *self)
{
  GList *link;

  g_source_set_ready_time (self->source, -1);
  while ((link = g_queue_pop_head_link (&self->items)) != NULL)
    {
      RtMockTurnItem *item = link->data;
      item->queued = FALSE;
      item->run (item->owner);
    }
}
