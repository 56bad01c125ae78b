/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-wake.h"

#ifdef __linux__
#include <errno.h>
#include <glib-unix.h>
#include <sys/timerfd.h>
#include <unistd.h>
#endif

/* A timer of the kernel that nobody waits for tells when to look: one on the wall clock, with TFD_TIMER_CANCEL_ON_SET,
 * becomes readable whenever that clock jumps. Linux counts coming back from sleep as such a jump (timekeeping_resume ()
 * calls timerfd_resume ()), but so is each setting of the clock: whether the machine slept, boot and monotonic time
 * tell alone. Where there is no such timer, a look now and then must do. */

#define LOOK_INTERVAL RT_CLOCK_MS (5000)
#define SHORTEST_SLEEP RT_CLOCK_MS (1000)

struct _RtWake
{
  RtTimerFunc func;
  gpointer user_data;
  gint64 ahead; /* of the boot clock before the monotonic, when last looked at */
  GSource *source; /* watches fd; NULL without */
  int fd;
  RtTimer *timer;  /* the looks; on virtual time, the end of a sleep; NULL with fd */
};

/* On virtual time, what a sleep has to reach. */
static GMutex wakes_lock;
static GSList *wakes; /* guarded by wakes_lock; borrowed */

static gint64
read_ahead (void)
{
  return rt_clock_boot () - rt_clock_now ();
}

/* @wake may be freed when this returns. */
static void
look (RtWake *wake)
{
  gint64 ahead = read_ahead ();
  gboolean slept = ahead - wake->ahead >= SHORTEST_SLEEP;

  wake->ahead = ahead;
  if (slept)
    wake->func (wake->user_data);
}

static void
timer_cb (gpointer user_data)
{
  RtWake *wake = user_data;

  if (!rt_clock_is_virtual ())
    rt_timer_start (wake->timer, rt_clock_now () + LOOK_INTERVAL);
  look (wake);
}

#ifdef __linux__

static gboolean
readable_cb (int fd, GIOCondition condition, gpointer user_data)
{
  guint64 expirations;

  /* The error for a jump, after which the timer waits for the next one. */
  if (read (fd, &expirations, sizeof expirations) >= 0 || errno == ECANCELED)
    look (user_data);
  return G_SOURCE_CONTINUE;
}

/* As late as the clock goes: it is never to fire. */
static int
open_timer (void)
{
  static const struct itimerspec never = { .it_value.tv_sec = sizeof (time_t) == 8 ? G_MAXINT64 : G_MAXINT32 };
  int fd = timerfd_create (CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);

  if (fd >= 0 && timerfd_settime (fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) != 0)
    {
      close (fd);
      fd = -1;
    }
  return fd;
}

static gboolean
watch_jumps (RtWake *wake, GMainContext *context, const char *name)
{
  wake->fd = open_timer ();
  if (wake->fd < 0)
    return FALSE;
  wake->source = g_unix_fd_source_new (wake->fd, G_IO_IN);
  g_source_set_static_name (wake->source, name);
  g_source_set_callback (wake->source, G_SOURCE_FUNC (readable_cb), wake, NULL);
  g_source_attach (wake->source, context);
  return TRUE;
}

static void
end_watch (RtWake *wake)
{
  if (wake->source == NULL)
    return;
  g_source_destroy (wake->source);
  g_source_unref (wake->source);
  close (wake->fd);
}

#else

static gboolean
watch_jumps (RtWake *wake, GMainContext *context, const char *name)
{
  return FALSE;
}

static void
end_watch (RtWake *wake)
{
}

#endif

RtWake *
rt_wake_new (GMainContext *context, const char *name, RtTimerFunc func, gpointer user_data)
{
  RtWake *wake = g_new0 (RtWake, 1);

  wake->func = func;
  wake->user_data = user_data;
  wake->ahead = read_ahead ();
  if (rt_clock_is_virtual ())
    {
      wake->timer = rt_timer_new (context, name, timer_cb, wake);
      g_mutex_lock (&wakes_lock);
      wakes = g_slist_prepend (wakes, wake);
      g_mutex_unlock (&wakes_lock);
    }
  else if (!watch_jumps (wake, context, name))
    {
      wake->timer = rt_timer_new (context, name, timer_cb, wake);
      rt_timer_start (wake->timer, rt_clock_now () + LOOK_INTERVAL);
    }
  return wake;
}

void
rt_wake_free (RtWake *wake)
{
  if (wake == NULL)
    return;
  g_mutex_lock (&wakes_lock);
  wakes = g_slist_remove (wakes, wake);
  g_mutex_unlock (&wakes_lock);
  g_clear_pointer (&wake->timer, rt_timer_free);
  end_watch (wake);
  g_free (wake);
}

void
rt_clock_virtual_sleep (gint64 us)
{
  rt_clock_virtual_settle ();
  rt_clock_virtual_skip (us);
  /* The lock keeps their owners from freeing them meanwhile. */
  g_mutex_lock (&wakes_lock);
  for (GSList *link = wakes; link != NULL; link = link->next)
    rt_timer_start (((RtWake *) link->data)->timer, rt_clock_now ());
  g_mutex_unlock (&wakes_lock);
  rt_clock_virtual_settle ();
}
