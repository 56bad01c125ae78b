/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-net-watch.h"

#include "rt-test-network.h"
#include "rt-test.h"

typedef struct
{
  gint calls; /* atomic, like the others */
  gint last;
  gint destroyed;
  gint late; /* calls after destroy */
} Probe;

static void
changed_cb (gpointer user_data, gboolean available)
{
  Probe *probe = user_data;

  if (g_atomic_int_get (&probe->destroyed) != 0)
    g_atomic_int_inc (&probe->late);
  g_atomic_int_set (&probe->last, available);
  g_atomic_int_inc (&probe->calls);
}

static void
destroy_cb (gpointer user_data)
{
  Probe *probe = user_data;

  g_atomic_int_inc (&probe->destroyed);
}

/* Everything passes, as it comes. */
static void
test_changes (void)
{
  Probe probe = { 0 }, other = { 0 };
  RtNetWatch *watch = rt_net_watch_new (changed_cb, &probe, destroy_cb);
  g_autoptr (RtNetWatch) second = rt_net_watch_new (changed_cb, &other, NULL);

  for (gint i = 1; i <= 100; i++)
    {
      rt_test_network_set (i % 2);
      g_assert_cmpint (probe.calls, ==, i);
      g_assert_cmpint (probe.last, ==, i % 2);
    }
  rt_test_network_set (FALSE); /* another network, and still none of use */
  g_assert_cmpint (probe.calls, ==, 101);

  g_assert_cmpint (probe.destroyed, ==, 0);
  rt_net_watch_free (watch);
  g_assert_cmpint (probe.destroyed, ==, 1);
  rt_test_network_set (TRUE);
  g_assert_cmpint (probe.calls, ==, 101);
  g_assert_cmpint (other.calls, ==, 102);
}

static RtNetWatch *watch_to_free;

static void
free_cb (gpointer user_data, gboolean available)
{
  changed_cb (user_data, available);
  g_clear_pointer (&watch_to_free, rt_net_watch_free);
  g_assert_cmpint (((Probe *) user_data)->destroyed, ==, 0);
}

static void
test_free_inside (void)
{
  Probe probe = { 0 };

  watch_to_free = rt_net_watch_new (free_cb, &probe, destroy_cb);
  rt_test_network_set (TRUE);
  g_assert_cmpint (probe.calls, ==, 1);
  g_assert_cmpint (probe.destroyed, ==, 1);
  rt_test_network_set (FALSE);
  g_assert_cmpint (probe.calls, ==, 1);
}

/* --- While another thread tells of one change after the other --- */

static gint flapping; /* atomic */
static gint flaps;    /* atomic */

static gpointer
flap (gpointer data)
{
  while (g_atomic_int_get (&flapping) != 0)
    rt_test_network_set (g_atomic_int_add (&flaps, 1) % 2);
  return NULL;
}

#define ROUNDS 500

static void
test_free_meanwhile (void)
{
  g_autofree Probe *probes = g_new0 (Probe, ROUNDS);
  guint called = 0;

  g_atomic_int_set (&flapping, 1);
  GThread *thread = g_thread_new ("flap", flap, NULL);
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (RtNetWatch) watch = rt_net_watch_new (changed_cb, &probes[i], destroy_cb);
      gint before = g_atomic_int_get (&flaps);

      /* Some right away, some after they were called. */
      if (i % 2 == 0)
        rt_test_poll_until (g_atomic_int_get (&flaps) > before + 1);
    }
  g_atomic_int_set (&flapping, 0);
  g_thread_join (thread);
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_assert_cmpint (probes[i].destroyed, ==, 1);
      g_assert_cmpint (probes[i].late, ==, 0);
      called += probes[i].calls > 0;
    }
  g_assert_cmpuint (called, >=, ROUNDS / 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  rt_test_network_install ();
  g_test_add_func ("/Rt/NetWatch/changes", test_changes);
  g_test_add_func ("/Rt/NetWatch/free-inside", test_free_inside);
  g_test_add_func ("/Rt/NetWatch/free-meanwhile", test_free_meanwhile);
  return g_test_run ();
}
