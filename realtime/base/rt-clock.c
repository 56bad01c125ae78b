/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-clock.h"

#include <time.h>

/* A timer is a GSource whose ready time is its deadline. On virtual time the ready time stays unset until
 * the clock is advanced past the deadline, and is then 0, which GLib dispatches at once. */
struct _RtTimer
{
  GSource *source;
  GMainContext *context;
  RtTimerFunc func;
  gpointer user_data;
  gint64 deadline;   /* -1 while stopped; guarded by virtual_lock on virtual time */
  gboolean released; /* fallen due on virtual time and not yet dispatched; guarded likewise */
};

static gint virtual_on; /* atomic */
static GMutex virtual_lock;
static GPtrArray *virtual_timers; /* guarded by virtual_lock; borrowed */
static gint64 virtual_now;        /* guarded by virtual_lock */
static gint64 virtual_asleep;     /* time that only boot and real have; guarded by virtual_lock */
static gint64 virtual_real_base;  /* guarded by virtual_lock */
static void (*virtual_flush) (void);

#define VIRTUAL_START (G_GINT64_CONSTANT (1000) * G_USEC_PER_SEC)
#define SETTLE_ROUNDS 4

gboolean
rt_clock_is_virtual (void)
{
  return g_atomic_int_get (&virtual_on) != 0;
}

static gint64
read_virtual_now (void)
{
  g_mutex_lock (&virtual_lock);
  gint64 now = virtual_now;
  g_mutex_unlock (&virtual_lock);
  return now;
}

static gint64
read_virtual_boot (void)
{
  g_mutex_lock (&virtual_lock);
  gint64 boot = virtual_now + virtual_asleep;
  g_mutex_unlock (&virtual_lock);
  return boot;
}

static gint64
read_virtual_real (void)
{
  g_mutex_lock (&virtual_lock);
  gint64 real = virtual_real_base + virtual_now + virtual_asleep;
  g_mutex_unlock (&virtual_lock);
  return real;
}

gint64
rt_clock_now (void)
{
  return rt_clock_is_virtual () ? read_virtual_now () : g_get_monotonic_time ();
}

gint64
rt_clock_real (void)
{
  return rt_clock_is_virtual () ? read_virtual_real () : g_get_real_time ();
}

gint64
rt_clock_boot (void)
{
  struct timespec ts;

  if (rt_clock_is_virtual ())
    return read_virtual_boot ();
  if (clock_gettime (CLOCK_BOOTTIME, &ts) != 0)
    return g_get_monotonic_time ();
  return (gint64) ts.tv_sec * G_USEC_PER_SEC + ts.tv_nsec / 1000;
}

static gboolean
timer_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static GSourceFuncs timer_funcs = { NULL, NULL, timer_dispatch, NULL, NULL, NULL };

/* Runs in the thread of the timer's context. */
static gboolean
timer_fired (gpointer user_data)
{
  RtTimer *timer = user_data;
  gboolean due;

  g_mutex_lock (&virtual_lock);
  due = timer->deadline >= 0 && (!rt_clock_is_virtual () || timer->released);
  if (due)
    timer->deadline = -1;
  timer->released = FALSE;
  g_mutex_unlock (&virtual_lock);

  if (!due)
    return G_SOURCE_CONTINUE;
  g_source_set_ready_time (timer->source, -1);
  timer->func (timer->user_data); /* may free the timer */
  return G_SOURCE_CONTINUE;
}

RtTimer *
rt_timer_new (GMainContext *context, const char *name, RtTimerFunc func, gpointer user_data)
{
  RtTimer *timer = g_new0 (RtTimer, 1);

  timer->context = context != NULL ? g_main_context_ref (context) : g_main_context_ref (g_main_context_default ());
  timer->func = func;
  timer->user_data = user_data;
  timer->deadline = -1;
  timer->source = g_source_new (&timer_funcs, sizeof (GSource));
  g_source_set_static_name (timer->source, name);
  g_source_set_callback (timer->source, timer_fired, timer, NULL);
  g_source_attach (timer->source, timer->context);

  if (rt_clock_is_virtual ())
    {
      g_mutex_lock (&virtual_lock);
      g_ptr_array_add (virtual_timers, timer);
      g_mutex_unlock (&virtual_lock);
    }
  return timer;
}

void
rt_timer_start (RtTimer *timer, gint64 deadline)
{
  gboolean on_virtual = rt_clock_is_virtual ();

  g_mutex_lock (&virtual_lock);
  timer->deadline = MAX (deadline, 0);
  timer->released = on_virtual && timer->deadline <= virtual_now;
  gboolean released = timer->released;
  g_mutex_unlock (&virtual_lock);

  if (on_virtual)
    g_source_set_ready_time (timer->source, released ? 0 : -1);
  else
    g_source_set_ready_time (timer->source, timer->deadline);
}

void
rt_timer_stop (RtTimer *timer)
{
  g_mutex_lock (&virtual_lock);
  timer->deadline = -1;
  timer->released = FALSE;
  g_mutex_unlock (&virtual_lock);
  g_source_set_ready_time (timer->source, -1);
}

gboolean
rt_timer_is_active (RtTimer *timer)
{
  g_mutex_lock (&virtual_lock);
  gboolean active = timer->deadline >= 0;
  g_mutex_unlock (&virtual_lock);
  return active;
}

void
rt_timer_free (RtTimer *timer)
{
  if (timer == NULL)
    return;
  g_mutex_lock (&virtual_lock);
  if (virtual_timers != NULL)
    g_ptr_array_remove (virtual_timers, timer);
  g_mutex_unlock (&virtual_lock);
  g_source_destroy (timer->source);
  g_source_unref (timer->source);
  g_main_context_unref (timer->context);
  g_free (timer);
}

/* --- Virtual time --- */

void
rt_clock_virtual_begin (void)
{
  g_mutex_lock (&virtual_lock);
  g_assert (virtual_timers == NULL);
  virtual_timers = g_ptr_array_new ();
  virtual_now = VIRTUAL_START;
  virtual_asleep = 0;
  virtual_real_base = g_get_real_time () - VIRTUAL_START;
  g_mutex_unlock (&virtual_lock);
  g_atomic_int_set (&virtual_on, 1);
}

void
rt_clock_virtual_set_real (gint64 real)
{
  g_mutex_lock (&virtual_lock);
  virtual_real_base = real - (virtual_now + virtual_asleep);
  g_mutex_unlock (&virtual_lock);
}

void
rt_clock_virtual_end (void)
{
  g_atomic_int_set (&virtual_on, 0);
  g_mutex_lock (&virtual_lock);
  g_clear_pointer (&virtual_timers, g_ptr_array_unref);
  g_mutex_unlock (&virtual_lock);
}

typedef struct
{
  GMutex lock;
  GCond cond;
  guint waiting;
} Barrier;

static gboolean
barrier_reached (gpointer user_data)
{
  Barrier *barrier = user_data;

  g_mutex_lock (&barrier->lock);
  barrier->waiting--;
  g_cond_signal (&barrier->cond);
  g_mutex_unlock (&barrier->lock);
  return G_SOURCE_REMOVE;
}

/* The contexts of all timers, each once, without those that the calling thread runs itself. */
static GPtrArray *
list_foreign_contexts (void)
{
  GPtrArray *contexts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_main_context_unref);

  g_mutex_lock (&virtual_lock);
  for (guint i = 0; i < virtual_timers->len; i++)
    {
      RtTimer *timer = g_ptr_array_index (virtual_timers, i);
      if (!g_ptr_array_find (contexts, timer->context, NULL))
        g_ptr_array_add (contexts, g_main_context_ref (timer->context));
    }
  g_mutex_unlock (&virtual_lock);

  for (guint i = contexts->len; i > 0; i--)
    {
      GMainContext *context = g_ptr_array_index (contexts, i - 1);
      if (context == g_main_context_default () || g_main_context_is_owner (context))
        g_ptr_array_remove_index (contexts, i - 1);
    }
  return contexts;
}

/* A source of the lowest priority runs when everything ready before it has run. */
static void
settle_round (GPtrArray *contexts)
{
  Barrier barrier = { .waiting = contexts->len };

  g_mutex_init (&barrier.lock);
  g_cond_init (&barrier.cond);
  for (guint i = 0; i < contexts->len; i++)
    {
      g_autoptr (GSource) source = g_idle_source_new ();
      g_source_set_priority (source, G_MAXINT / 2);
      g_source_set_callback (source, barrier_reached, &barrier, NULL);
      g_source_set_static_name (source, "[realtime] settle");
      g_source_attach (source, g_ptr_array_index (contexts, i));
    }
  g_mutex_lock (&barrier.lock);
  while (barrier.waiting > 0)
    g_cond_wait (&barrier.cond, &barrier.lock);
  g_mutex_unlock (&barrier.lock);
  g_mutex_clear (&barrier.lock);
  g_cond_clear (&barrier.cond);
}

void
rt_clock_virtual_set_flush (void (*flush) (void))
{
  virtual_flush = flush;
}

void
rt_clock_virtual_settle (void)
{
  GMainContext *own = g_main_context_get_thread_default ();

  for (guint i = 0; i < SETTLE_ROUNDS; i++)
    {
      g_autoptr (GPtrArray) contexts = list_foreign_contexts ();

      if (virtual_flush != NULL)
        virtual_flush ();
      settle_round (contexts);
      while (g_main_context_iteration (own, FALSE))
        ;
    }
}

gint64
rt_clock_virtual_next (void)
{
  gint64 next = -1;

  g_mutex_lock (&virtual_lock);
  for (guint i = 0; i < virtual_timers->len; i++)
    {
      RtTimer *timer = g_ptr_array_index (virtual_timers, i);
      if (timer->deadline >= 0 && !timer->released && (next < 0 || timer->deadline < next))
        next = timer->deadline;
    }
  g_mutex_unlock (&virtual_lock);
  return next;
}

void
rt_clock_virtual_skip (gint64 us)
{
  g_mutex_lock (&virtual_lock);
  virtual_asleep += us;
  g_mutex_unlock (&virtual_lock);
}

/* Releases what is due at @now. The lock keeps a timer's owner from freeing it meanwhile. */
static void
release_due (gint64 now)
{
  g_mutex_lock (&virtual_lock);
  virtual_now = now;
  for (guint i = 0; i < virtual_timers->len; i++)
    {
      RtTimer *timer = g_ptr_array_index (virtual_timers, i);
      if (timer->deadline >= 0 && !timer->released && timer->deadline <= now)
        {
          timer->released = TRUE;
          g_source_set_ready_time (timer->source, 0);
        }
    }
  g_mutex_unlock (&virtual_lock);
}

void
rt_clock_virtual_advance (gint64 us)
{
  gint64 target = read_virtual_now () + us;

  rt_clock_virtual_settle ();
  for (;;)
    {
      gint64 next = rt_clock_virtual_next ();
      if (next < 0 || next > target)
        break;
      release_due (MAX (next, read_virtual_now ()));
      rt_clock_virtual_settle ();
    }
  release_due (target);
  rt_clock_virtual_settle ();
}
