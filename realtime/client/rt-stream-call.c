/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-stream-call.h"

static gssize
finish (RtStreamCall *call, GError **error)
{
  return call->klass->finish != NULL ? call->klass->finish (call, error) : call->result;
}

static void
was_cancelled (RtStreamCall *call)
{
  if (call->klass->cancelled != NULL)
    call->klass->cancelled (call);
}

/* --- In the caller's thread --- */

static void
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  const RtStreamCall *call = user_data;

  g_mutex_lock (call->lock);
  g_cond_broadcast (&call->waits->cond);
  g_mutex_unlock (call->lock);
}

gssize
rt_stream_call_wait (const RtStreamCall *given, GCancellable *cancellable, GError **error)
{
  RtStreamCall call = *given;
  gulong id = cancellable != NULL ? g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), &call, NULL) : 0;
  gboolean cancelled = FALSE;
  int done = 0;

  g_mutex_lock (call.lock);
  while (!(cancelled = g_cancellable_set_error_if_cancelled (cancellable, error))
         && (done = call.klass->attempt (&call, error)) == 0)
    g_cond_wait (&call.waits->cond, call.lock);
  g_mutex_unlock (call.lock);
  g_cancellable_disconnect (cancellable, id);
  if (cancelled)
    was_cancelled (&call);
  return done > 0 ? finish (&call, error) : -1;
}

/* --- In its context --- */

typedef struct
{
  RtStreamCall call;
  GTask *task;
  GSource *source; /* borrowed; NULL before it waits */
} Waiting;

static void
waiting_free (gpointer data)
{
  Waiting *waiting = data;

  if (waiting->source != NULL)
    {
      g_mutex_lock (waiting->call.lock);
      rt_stream_waits_remove (waiting->call.waits, waiting->source);
      g_mutex_unlock (waiting->call.lock);
    }
  g_object_unref (waiting->task);
  g_free (waiting);
}

/* With the lock held, which is given up where there is an end. FALSE: it has to wait. */
static gboolean
try_now (Waiting *waiting)
{
  RtStreamCall *call = &waiting->call;
  GError *error = NULL;
  gboolean cancelled = g_cancellable_set_error_if_cancelled (g_task_get_cancellable (waiting->task), &error);
  int done = cancelled ? -1 : call->klass->attempt (call, &error);

  if (done == 0)
    return FALSE;
  g_mutex_unlock (call->lock);
  if (cancelled)
    was_cancelled (call);
  gssize result = done > 0 ? finish (call, &error) : -1;
  if (result < 0)
    g_task_return_error (waiting->task, error);
  else
    g_task_return_int (waiting->task, result);
  return TRUE;
}

static gboolean
ready_cb (gpointer user_data)
{
  Waiting *waiting = user_data;

  g_mutex_lock (waiting->call.lock);
  if (try_now (waiting))
    return G_SOURCE_REMOVE;
  g_mutex_unlock (waiting->call.lock);
  return G_SOURCE_CONTINUE;
}

static gboolean
child_cb (GCancellable *cancellable, gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* Its readiness makes the parent ready. */
static void
add_cancellable (GSource *source, GCancellable *cancellable)
{
  if (cancellable == NULL)
    return;
  g_autoptr (GSource) child = g_cancellable_source_new (cancellable);
  g_source_set_callback (child, G_SOURCE_FUNC (child_cb), NULL, NULL);
  g_source_add_child_source (source, child);
}

void
rt_stream_call_begin (const RtStreamCall *call,
                      gpointer source_tag,
                      int io_priority,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  Waiting *waiting = g_new0 (Waiting, 1);

  waiting->call = *call;
  waiting->task = g_task_new (call->stream, cancellable, callback, user_data);
  g_task_set_source_tag (waiting->task, source_tag);
  g_task_set_priority (waiting->task, io_priority);
  g_task_set_check_cancellable (waiting->task, FALSE);
  g_mutex_lock (call->lock);
  if (try_now (waiting))
    {
      waiting_free (waiting);
      return;
    }
  g_autoptr (GSource) source = rt_stream_waits_add (call->waits);
  waiting->source = source;
  g_mutex_unlock (call->lock);
  g_source_set_priority (source, io_priority);
  add_cancellable (source, cancellable);
  g_source_set_callback (source, ready_cb, waiting, waiting_free);
  g_source_attach (source, g_task_get_context (waiting->task));
}

void
rt_stream_call_return (gpointer stream,
                       gpointer source_tag,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data,
                       gssize result,
                       GError *error)
{
  g_autoptr (GTask) task = g_task_new (stream, cancellable, callback, user_data);

  g_task_set_source_tag (task, source_tag);
  g_task_set_check_cancellable (task, FALSE);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_int (task, result);
}

gssize
rt_stream_call_finish (gpointer stream, GAsyncResult *result, gpointer source_tag, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, stream), -1);
  g_return_val_if_fail (g_async_result_is_tagged (result, source_tag), -1);
  return g_task_propagate_int (G_TASK (result), error);
}
