/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-release.h"

static gboolean
release_cb (gpointer user_data)
{
  return G_SOURCE_REMOVE;
}

void
rt_client_free_in (GMainContext *context, gpointer data, GDestroyNotify destroy)
{
  if (g_main_context_acquire (context))
    {
      destroy (data);
      g_main_context_release (context);
      return;
    }
  /* A context that nobody runs any more, such as a finished thread's, takes them along when it goes. */
  g_autoptr (GSource) source = g_idle_source_new ();
  g_source_set_static_name (source, "[realtime] objects of a client");
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, release_cb, data, destroy);
  g_source_attach (source, context);
}

void
rt_client_release_in (GMainContext *context, GPtrArray *objects)
{
  rt_client_free_in (context, objects, (GDestroyNotify) g_ptr_array_unref);
}

void
rt_client_release_object_in (GMainContext *context, gpointer object)
{
  if (object == NULL)
    return;
  GPtrArray *objects = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (objects, object);
  rt_client_release_in (context, objects);
}
