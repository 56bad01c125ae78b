/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-io-thread.h"
#include "rt-test.h"
#include "rt-waiter.h"

typedef struct
{
  RtWaiter waiter;
  gboolean current;
} Probe;

static gboolean
probe_cb (gpointer user_data)
{
  Probe *probe = user_data;

  probe->current = rt_io_thread_is_current ();
  rt_waiter_wake (&probe->waiter);
  return G_SOURCE_REMOVE;
}

static void
probe_io_thread (void)
{
  Probe probe = { 0 };
  g_autoptr (GSource) source = g_idle_source_new ();

  rt_waiter_init (&probe.waiter);
  g_source_set_callback (source, probe_cb, &probe, NULL);
  g_source_attach (source, rt_io_thread_get_context ());
  rt_waiter_wait (&probe.waiter);
  rt_waiter_clear (&probe.waiter);
  g_assert_true (probe.current);
  g_assert_false (rt_io_thread_is_current ());
}

static void
test_start_stop (void)
{
  /* The first round also makes what GLib keeps for the process. */
  probe_io_thread ();
  rt_io_thread_shutdown_for_tests ();
  guint threads = rt_test_count_threads ();
  guint fds = rt_test_count_fds ();

  for (guint i = 0; i < 20; i++)
    {
      probe_io_thread ();
      g_assert_cmpuint (rt_test_count_threads (), ==, threads + 1);
      g_assert_true (rt_io_thread_get_context () == rt_io_thread_get_context ());
      rt_io_thread_shutdown_for_tests ();
      g_assert_cmpuint (rt_test_count_fds (), ==, fds);
    }
  rt_io_thread_get_context ();
  rt_io_thread_shutdown_for_tests ();
  rt_io_thread_shutdown_for_tests ();
  g_assert_cmpuint (rt_test_count_threads (), ==, threads);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/IoThread/start-stop", test_start_stop);
  return g_test_run ();
}
