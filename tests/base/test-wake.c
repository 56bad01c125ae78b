/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-wake.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include "rt-io-thread.h"
#include "rt-test.h"

/* --- A machine that sleeps when it is told to --- */

/* These stand before those of the C library, for this library and for GLib. */
int clock_gettime (clockid_t id, struct timespec *ts);
int timerfd_create (clockid_t id, int flags);
int timerfd_settime (int fd, int flags, const struct itimerspec *time, struct itimerspec *old);

static gint64 asleep, skipped; /* seconds that boot time, and both clocks, are ahead of the real ones */

typedef enum
{
  TIMER_OF_KERNEL,
  TIMER_OF_TEST, /* a descriptor that the test makes readable */
  TIMER_MISSING,
  TIMER_UNSETTABLE,
} TimerKind;

static TimerKind timer_kind;
static int timer_fd = -1;
static int settime_flags;

int
clock_gettime (clockid_t id, struct timespec *ts)
{
  int result = (int) syscall (SYS_clock_gettime, id, ts);

  if (id == CLOCK_BOOTTIME)
    ts->tv_sec += asleep;
  if (id == CLOCK_BOOTTIME || id == CLOCK_MONOTONIC)
    ts->tv_sec += skipped;
  return result;
}

int
timerfd_create (clockid_t id, int flags)
{
  g_assert_cmpint (id, ==, CLOCK_REALTIME);
  if (timer_kind == TIMER_MISSING)
    {
      errno = ENOSYS;
      return -1;
    }
  timer_fd = timer_kind == TIMER_OF_TEST ? eventfd (0, EFD_NONBLOCK | EFD_CLOEXEC)
                                         : (int) syscall (SYS_timerfd_create, id, flags);
  return timer_fd;
}

int
timerfd_settime (int fd, int flags, const struct itimerspec *new_value, struct itimerspec *old)
{
  g_assert_cmpint (fd, ==, timer_fd);
  settime_flags = flags;
  if (timer_kind == TIMER_UNSETTABLE)
    {
      errno = EINVAL;
      return -1;
    }
  return timer_kind == TIMER_OF_TEST ? 0 : (int) syscall (SYS_timerfd_settime, fd, flags, new_value, old);
}

/* As the kernel does when the wall clock jumps. */
static void
signal_jump (void)
{
  guint64 one = 1;

  g_assert_cmpint (write (timer_fd, &one, sizeof one), ==, sizeof one);
}

typedef struct
{
  RtWake *wake;
  guint calls;
  GThread *thread;
  gboolean frees;
} Probe;

static void
woken_cb (gpointer user_data)
{
  Probe *probe = user_data;

  probe->thread = g_thread_self ();
  if (probe->frees)
    g_clear_pointer (&probe->wake, rt_wake_free);
  probe->calls++;
}

/* Whatever is ready has run. */
static void
run_ready (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
setup (TimerKind kind)
{
  timer_kind = kind;
  timer_fd = -1;
  asleep = skipped = 0;
}

/* The kernel takes the timer, and as long as nobody sets the clock nothing becomes ready. */
static void
test_quiet (void)
{
  Probe probe = { 0 };

  run_ready (); /* the context opens a descriptor of its own */
  guint fds = rt_test_count_fds ();
  setup (TIMER_OF_KERNEL);
  probe.wake = rt_wake_new (NULL, "test", woken_cb, &probe);
  g_assert_cmpint (settime_flags, ==, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET);
  GPollFD poll = { .fd = timer_fd, .events = G_IO_IN };
  g_assert_cmpint (g_poll (&poll, 1, 0), ==, 0);

  /* No timer runs beside it: a minute later nothing is due. */
  skipped = 60;
  run_ready ();
  g_assert_cmpuint (probe.calls, ==, 0);
  rt_wake_free (probe.wake);
  run_ready ();
  g_assert_cmpuint (rt_test_count_fds (), ==, fds);
}

static void
test_sleep (void)
{
  Probe probe = { 0 };

  setup (TIMER_OF_TEST);
  probe.wake = rt_wake_new (NULL, "test", woken_cb, &probe);
  for (guint i = 1; i <= 3; i++)
    {
      asleep += 3600;
      signal_jump ();
      rt_test_wait_until (probe.calls == i);
      run_ready ();
      g_assert_cmpuint (probe.calls, ==, i);
    }
  rt_wake_free (probe.wake);
}

/* The same event of the kernel's, but the machine was not asleep. */
static void
test_clock_set (void)
{
  Probe probe = { 0 };

  setup (TIMER_OF_TEST);
  probe.wake = rt_wake_new (NULL, "test", woken_cb, &probe);
  for (guint i = 0; i < 10; i++)
    {
      skipped += 60; /* that time passes is no sleep either */
      signal_jump ();
      run_ready ();
    }
  g_assert_cmpuint (probe.calls, ==, 0);
  asleep += 2;
  signal_jump ();
  rt_test_wait_until (probe.calls == 1);
  rt_wake_free (probe.wake);
}

static void
test_free_inside (void)
{
  Probe probe = { .frees = TRUE };

  setup (TIMER_OF_TEST);
  probe.wake = rt_wake_new (NULL, "test", woken_cb, &probe);
  asleep += 10;
  signal_jump ();
  rt_test_wait_until (probe.calls == 1);
  g_assert_null (probe.wake);
  run_ready ();
  g_assert_cmpuint (probe.calls, ==, 1);
}

/* Without the kernel's help, it is looked at every few seconds. */
static void
check_looks (TimerKind kind, gboolean frees)
{
  guint fds = rt_test_count_fds ();
  Probe probe = { .frees = frees };

  setup (kind);
  probe.wake = rt_wake_new (NULL, "test", woken_cb, &probe);
  for (guint i = 0; i < 5; i++)
    {
      skipped += 6;
      run_ready ();
    }
  g_assert_cmpuint (probe.calls, ==, 0);
  asleep += 30;
  run_ready ();
  g_assert_cmpuint (probe.calls, ==, 0);
  skipped += 6;
  rt_test_wait_until (probe.calls == 1);
  skipped += 6;
  run_ready ();
  g_assert_cmpuint (probe.calls, ==, 1);
  g_assert_cmpint (probe.wake == NULL, ==, frees);
  rt_wake_free (probe.wake);
  g_assert_cmpuint (rt_test_count_fds (), ==, fds);
}

static void
test_looks (void)
{
  check_looks (TIMER_MISSING, FALSE);
  check_looks (TIMER_MISSING, TRUE);
  check_looks (TIMER_UNSETTABLE, FALSE);
}

/* --- Virtual time --- */

static void
timer_cb (gpointer user_data)
{
  ++*(guint *) user_data;
}

static void
test_virtual (void)
{
  Probe probe = { 0 };
  guint fired = 0;

  rt_clock_virtual_begin ();
  GMainContext *context = rt_io_thread_get_context ();
  RtTimer *timer = rt_timer_new (context, "test", timer_cb, &fired);
  probe.wake = rt_wake_new (context, "test", woken_cb, &probe);
  rt_timer_start (timer, rt_clock_now () + RT_CLOCK_MS (5000));
  gint64 now = rt_clock_now (), boot = rt_clock_boot (), real = rt_clock_real ();

  /* Asleep, only two of the clocks go, and no timer runs. */
  rt_clock_virtual_sleep (RT_CLOCK_MS (3600000));
  g_assert_cmpuint (probe.calls, ==, 1);
  g_assert_true (probe.thread != g_thread_self ());
  g_assert_cmpuint (fired, ==, 0);
  g_assert_cmpint (rt_clock_now (), ==, now);
  g_assert_cmpint (rt_clock_boot (), ==, boot + RT_CLOCK_MS (3600000));
  g_assert_cmpint (rt_clock_real (), ==, real + RT_CLOCK_MS (3600000));

  rt_clock_virtual_sleep (RT_CLOCK_MS (999));
  g_assert_cmpuint (probe.calls, ==, 1);
  rt_clock_virtual_sleep (RT_CLOCK_MS (1000));
  g_assert_cmpuint (probe.calls, ==, 2);

  /* Awake, all go, nobody is called, and nothing is started for it. */
  g_assert_cmpint (rt_clock_virtual_next (), ==, now + RT_CLOCK_MS (5000));
  rt_clock_virtual_advance (RT_CLOCK_MS (5000));
  g_assert_cmpuint (fired, ==, 1);
  g_assert_cmpint (rt_clock_virtual_next (), ==, -1);
  rt_clock_virtual_advance (RT_CLOCK_MS (3600000));
  g_assert_cmpuint (probe.calls, ==, 2);

  rt_clock_virtual_settle ();
  rt_io_thread_shutdown_for_tests ();
  rt_wake_free (probe.wake);
  rt_timer_free (timer);
  rt_clock_virtual_end ();
}

static void
test_virtual_free (void)
{
  Probe probe = { .frees = TRUE }, other = { 0 };

  rt_clock_virtual_begin ();
  probe.wake = rt_wake_new (NULL, "test", woken_cb, &probe);
  other.wake = rt_wake_new (NULL, "test", woken_cb, &other);
  rt_clock_virtual_sleep (RT_CLOCK_MS (10000));
  g_assert_null (probe.wake);
  g_assert_cmpuint (other.calls, ==, 1);
  rt_wake_free (other.wake);
  rt_clock_virtual_sleep (RT_CLOCK_MS (10000));
  g_assert_cmpuint (probe.calls, ==, 1);
  g_assert_cmpuint (other.calls, ==, 1);
  rt_clock_virtual_end ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Wake/quiet", test_quiet);
  g_test_add_func ("/Rt/Wake/sleep", test_sleep);
  g_test_add_func ("/Rt/Wake/clock-set", test_clock_set);
  g_test_add_func ("/Rt/Wake/free-inside", test_free_inside);
  g_test_add_func ("/Rt/Wake/looks", test_looks);
  g_test_add_func ("/Rt/Wake/virtual", test_virtual);
  g_test_add_func ("/Rt/Wake/virtual-free", test_virtual_free);
  return g_test_run ();
}
