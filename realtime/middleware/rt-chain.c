/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-chain-private.h"

#include "rt-error.h"

/* The list of middlewares, which any thread may change, and the source by which the chain is run on. */

#define BUDGET 64 /* exchanges per dispatch, before GTK may draw */

/* --- Whose turn it is --- */

__thread char rt_chain_thread_mark;

/* A thread that is in here is the one that runs the context, even where nobody has acquired it. */
gboolean
rt_chain_is_here (RtChain *self)
{
  return g_atomic_pointer_get (&self->thread) == rt_chain_thread () || g_main_context_is_owner (self->context);
}

gboolean
rt_chain_may_call (RtChain *self)
{
  return self->closing > 0 || !g_atomic_int_get (&self->closed);
}

/* --- The source --- */

void
rt_chain_schedule (RtChain *self)
{
  g_source_set_ready_time (self->source, 0);
}

void
rt_chain_make_ready (RtChain *self, RtExchange *exchange)
{
  /* What never came to a middleware may still be too late for one. */
  if (exchange->state != RT_EXCHANGE_HELD)
    rt_chain_clear_alarm (self, exchange);
  exchange->state = RT_EXCHANGE_READY;
  g_queue_push_tail_link (&self->ready, &exchange->place);
  rt_chain_schedule (self);
}

static gboolean
run_ready (RtChain *self)
{
  GList *link = g_queue_pop_head_link (&self->ready);
  RtExchange *exchange;

  if (link == NULL)
    return FALSE;
  exchange = link->data;
  rt_chain_clear_alarm (self, exchange);
  exchange->state = RT_EXCHANGE_RUNNING;
  rt_chain_drive (self, exchange);
  return TRUE;
}

static void
run_some (RtChain *self)
{
  gint64 now = rt_clock_now ();

  rt_chain_refresh (self);
  rt_chain_take_carried (self);
  rt_chain_take_reports (self);
  for (guint i = 0; i < BUDGET; i++)
    {
      if (!rt_chain_ring_alarm (self, now) && !run_ready (self))
        {
          rt_chain_wind_alarms (self);
          return;
        }
    }
  rt_chain_schedule (self);
}

/* Those that have passed are completed later. */
static void
forget_alarms (RtChain *self)
{
  if (self->alarms == NULL)
    return;
  for (GSequenceIter *iter = g_sequence_get_begin_iter (self->alarms); !g_sequence_iter_is_end (iter);
       iter = g_sequence_iter_next (iter))
    ((RtExchange *) g_sequence_get (iter))->alarm = NULL;
  g_clear_pointer (&self->alarms, g_sequence_free);
}

static void
clean_up (RtChain *self)
{
  g_autoptr (GError) error
    = g_error_new_literal (RT_ERROR, RT_ERROR_CLOSED, "The client was closed while a middleware had the message");

  for (RtExchange *exchange = self->ending; exchange != NULL; exchange = exchange->outer_ending)
    rt_chain_tell_end (self, exchange); /* the last chance */
  for (RtExchange *exchange = self->running; exchange != NULL; exchange = exchange->outer)
    rt_chain_end_early (self, exchange, error);
  for (guint i = 0; i < G_N_ELEMENTS (self->inside); i++)
    {
      while (self->inside[i].head != NULL)
        rt_chain_end_early (self, self->inside[i].head->data, error);
      g_clear_pointer (&self->lanes[i], g_hash_table_unref);
    }
  g_clear_object (&self->spare);
  forget_alarms (self);
  g_clear_pointer (&self->timer, rt_timer_free);
  g_mutex_lock (&self->lock);
  self->over = TRUE;
  g_mutex_unlock (&self->lock);
  rt_chain_take_carried (self);
  rt_chain_refresh (self);
  rt_chain_take_reports (self);
  g_source_destroy (self->source);
}

static gboolean
source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static GSourceFuncs source_funcs = { NULL, NULL, source_dispatch, NULL, NULL, NULL };

static gboolean
source_cb (gpointer user_data)
{
  g_autoptr (RtChain) self = rt_chain_ref (user_data);
  gpointer before = rt_chain_enter (self);

  g_source_set_ready_time (self->source, -1);
  if (g_atomic_int_get (&self->closed))
    clean_up (self);
  else
    run_some (self);
  rt_chain_leave (self, before);
  return G_SOURCE_CONTINUE;
}

/* --- Life --- */

RtChain *
rt_chain_new (GMainContext *context, const RtChainClass *klass, gpointer user_data)
{
  RtChain *self = g_new0 (RtChain, 1);

  self->refs = 1;
  self->klass = klass;
  self->user_data = user_data;
  self->context = context != NULL ? g_main_context_ref (context) : g_main_context_ref (g_main_context_default ());
  g_mutex_init (&self->lock);
  self->published = rt_stages_new ();
  self->stages = rt_stages_ref (self->published);
  self->source = g_source_new (&source_funcs, sizeof (GSource));
  g_source_set_static_name (self->source, "[realtime] middleware");
  g_source_set_can_recurse (self->source, TRUE);
  g_source_set_callback (self->source, source_cb, rt_chain_ref (self), (GDestroyNotify) rt_chain_unref);
  g_source_attach (self->source, self->context);
  return self;
}

RtChain *
rt_chain_ref (RtChain *self)
{
  g_atomic_int_inc (&self->refs);
  return self;
}

void
rt_chain_unref (RtChain *self)
{
  if (!g_atomic_int_dec_and_test (&self->refs))
    return;
  rt_stages_unref (self->published);
  rt_stages_unref (self->stages);
  g_source_unref (self->source);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* --- The list --- */

gboolean
rt_chain_has_middleware (RtChain *self)
{
  return g_atomic_int_get (&self->n_stages) > 0;
}

gboolean
rt_chain_is_empty (RtChain *self)
{
  return g_atomic_int_get (&self->n_stages) == 0 && g_atomic_int_get (&self->n_inside) == 0
         && g_atomic_pointer_get (&self->running) == NULL;
}

void
rt_chain_refresh (RtChain *self)
{
  g_autoptr (RtStages) old = g_steal_pointer (&self->stages);
  GSList *retired;

  g_mutex_lock (&self->lock);
  self->stages = rt_stages_ref (self->published);
  self->stages_serial = self->serial;
  retired = g_steal_pointer (&self->retired);
  g_mutex_unlock (&self->lock);
  g_slist_free_full (retired, (GDestroyNotify) rt_stages_unref);
}

/* Takes @stages. What it replaces is let go of in the thread of the context. */
static void
publish_locked (RtChain *self, RtStages *stages)
{
  self->retired = g_slist_prepend (self->retired, self->published);
  self->published = stages;
  g_atomic_int_set (&self->n_stages, stages->n);
  g_atomic_int_inc (&self->serial);
}

static void
publish_done (RtChain *self)
{
  if (rt_chain_is_here (self))
    rt_chain_refresh (self);
  else
    rt_chain_schedule (self);
}

void
rt_chain_add (RtChain *self, RtMiddleware *middleware)
{
  g_mutex_lock (&self->lock);
  gboolean open = !self->closed;
  if (open)
    publish_locked (self, rt_stages_with (self->published, middleware));
  g_mutex_unlock (&self->lock);
  if (open)
    publish_done (self);
}

gboolean
rt_chain_remove (RtChain *self, RtMiddleware *middleware)
{
  g_mutex_lock (&self->lock);
  RtStages *stages = rt_stages_without (self->published, middleware);
  if (stages != NULL)
    publish_locked (self, stages);
  g_mutex_unlock (&self->lock);
  if (stages != NULL)
    publish_done (self);
  return stages != NULL;
}

/* --- Under way --- */

guint
rt_chain_get_n_held (RtChain *self, RtDirection direction)
{
  return self->inside[direction].length;
}

static RtExchange *
find_tag (RtChain *self, gpointer tag)
{
  for (RtExchange *exchange = self->running; exchange != NULL; exchange = exchange->outer)
    {
      if (exchange->tag == tag && exchange->state == RT_EXCHANGE_RUNNING)
        return exchange;
    }
  /* Outgoing ones first: it is they that are aborted. */
  for (guint i = G_N_ELEMENTS (self->inside); i > 0; i--)
    {
      for (GList *link = self->inside[i - 1].head; link != NULL; link = link->next)
        {
          RtExchange *exchange = link->data;
          if (exchange->tag == tag)
            return exchange;
        }
    }
  return NULL;
}

gboolean
rt_chain_abort (RtChain *self, gpointer tag, const GError *error)
{
  g_autoptr (RtChain) hold = rt_chain_ref (self);
  RtExchange *exchange = find_tag (self, tag);
  gpointer before;

  if (exchange == NULL)
    return FALSE;
  before = rt_chain_enter (self);
  rt_chain_end_early (self, exchange, error);
  rt_chain_leave (self, before);
  return TRUE;
}

/* --- Its end --- */

static void
clean_up_here (RtChain *self)
{
  gpointer before = rt_chain_enter (self);

  self->closing++;
  clean_up (self);
  self->closing--;
  rt_chain_leave (self, before);
}

void
rt_chain_close (RtChain *self)
{
  g_autoptr (RtChain) hold = rt_chain_ref (self);

  g_mutex_lock (&self->lock);
  gboolean closed = self->closed;
  g_atomic_int_set (&self->closed, 1);
  if (!closed)
    publish_locked (self, rt_stages_new ());
  g_mutex_unlock (&self->lock);
  if (closed)
    return;
  if (rt_chain_is_here (self))
    clean_up_here (self);
  else if (g_main_context_acquire (self->context))
    {
      /* Nobody runs the context, so it is ours for as long. */
      clean_up_here (self);
      g_main_context_release (self->context);
    }
  else
    rt_chain_schedule (self);
}
