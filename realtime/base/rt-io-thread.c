/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-io-thread.h"

static GMutex thread_lock;
static GThread *thread;       /* guarded by thread_lock */
static GMainContext *context; /* guarded by thread_lock; set while the thread runs */
static GMainLoop *loop;       /* guarded by thread_lock */

static gpointer
io_thread_main (gpointer data)
{
  GMainLoop *own_loop = data;
  GMainContext *own_context = g_main_loop_get_context (own_loop);

  g_main_context_push_thread_default (own_context);
  g_main_loop_run (own_loop);
  /* Sources that were ready when the loop was told to end still hold references. */
  while (g_main_context_iteration (own_context, FALSE))
    ;
  g_main_context_pop_thread_default (own_context);
  g_main_loop_unref (own_loop);
  return NULL;
}

GMainContext *
rt_io_thread_get_context (void)
{
  g_mutex_lock (&thread_lock);
  if (thread == NULL)
    {
      context = g_main_context_new ();
      loop = g_main_loop_new (context, FALSE);
      thread = g_thread_new ("rt-io", io_thread_main, g_main_loop_ref (loop));
    }
  GMainContext *result = context;
  g_mutex_unlock (&thread_lock);
  return result;
}

gboolean
rt_io_thread_is_current (void)
{
  g_mutex_lock (&thread_lock);
  gboolean current = thread != NULL && g_thread_self () == thread;
  g_mutex_unlock (&thread_lock);
  return current;
}

static gboolean
quit_cb (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

void
rt_io_thread_shutdown_for_tests (void)
{
  g_mutex_lock (&thread_lock);
  GThread *ending = g_steal_pointer (&thread);
  GMainContext *ending_context = g_steal_pointer (&context);
  GMainLoop *ending_loop = g_steal_pointer (&loop);
  g_mutex_unlock (&thread_lock);

  if (ending == NULL)
    return;
  /* Through the loop's own context: quitting before g_main_loop_run () began would be lost. */
  g_autoptr (GSource) source = g_idle_source_new ();
  g_source_set_static_name (source, "[realtime] quit");
  g_source_set_priority (source, G_MAXINT / 2);
  g_source_set_callback (source, quit_cb, ending_loop, NULL);
  g_source_attach (source, ending_context);
  g_thread_join (ending);
  g_main_loop_unref (ending_loop);
  g_main_context_unref (ending_context);
}
