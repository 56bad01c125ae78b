/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-stream-waits.h"

static gboolean
source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  g_source_set_ready_time (source, -1);
  return callback (user_data);
}

static GSourceFuncs source_funcs = { NULL, NULL, source_dispatch, NULL, NULL, NULL };

void
rt_stream_waits_init (RtStreamWaits *self)
{
  g_cond_init (&self->cond);
  self->sources = g_ptr_array_new_with_free_func ((GDestroyNotify) g_source_unref);
}

void
rt_stream_waits_clear (RtStreamWaits *self)
{
  g_cond_clear (&self->cond);
  g_ptr_array_unref (self->sources);
}

void
rt_stream_waits_wake (RtStreamWaits *self)
{
  g_cond_broadcast (&self->cond);
  for (guint i = 0; i < self->sources->len; i++)
    g_source_set_ready_time (g_ptr_array_index (self->sources, i), 0);
}

GSource *
rt_stream_waits_add (RtStreamWaits *self)
{
  GSource *source = g_source_new (&source_funcs, sizeof (GSource));

  g_source_set_static_name (source, "[realtime] stream");
  g_ptr_array_add (self->sources, g_source_ref (source));
  return source;
}

void
rt_stream_waits_remove (RtStreamWaits *self, GSource *source)
{
  g_ptr_array_remove_fast (self->sources, source);
}
