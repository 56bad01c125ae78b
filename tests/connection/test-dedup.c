/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-dedup.h"

#include <string.h>

static gboolean
add (RtDedup *dedup, const char *source, guint64 id, gint64 now)
{
  char digits[24];
  RtEnvelope envelope = { .marked = TRUE };

  g_snprintf (digits, sizeof digits, "%" G_GUINT64_FORMAT, id);
  envelope.id = (RtSlice) { digits, (guint32) strlen (digits), 0 };
  envelope.source = (RtSlice) { source, (guint32) strlen (source), 0 };
  return rt_dedup_add (dedup, &envelope, now);
}

static void
test_repeats (void)
{
  g_autoptr (RtDedup) dedup = rt_dedup_new ();

  g_assert_true (add (dedup, "a", 1, 0));
  g_assert_false (add (dedup, "a", 1, 0));
  g_assert_true (add (dedup, "b", 1, 0));
  g_assert_true (add (dedup, "a", 2, 0));
  g_assert_false (add (dedup, "b", 1, 0));
}

static void
test_time (void)
{
  g_autoptr (RtDedup) dedup = rt_dedup_new ();

  g_assert_true (add (dedup, "a", 1, 0));
  g_assert_false (add (dedup, "a", 1, RT_DEDUP_TIME));
  g_assert_true (add (dedup, "a", 1, RT_DEDUP_TIME + 1));
  g_assert_false (add (dedup, "a", 1, RT_DEDUP_TIME + 2));
}

/* The last RT_DEDUP_MAX are known, none before them; checked at every size on the way. */
static void
test_window (void)
{
  g_autoptr (RtDedup) dedup = rt_dedup_new ();

  for (guint64 id = 1; id <= 3 * RT_DEDUP_MAX; id++)
    {
      g_assert_true (add (dedup, "a", id, 0));
      g_assert_false (add (dedup, "a", id > RT_DEDUP_MAX ? id - RT_DEDUP_MAX + 1 : 1, 0));
    }
  for (guint64 id = 2 * RT_DEDUP_MAX + 1; id <= 3 * RT_DEDUP_MAX; id++)
    g_assert_false (add (dedup, "a", id, 0));
  g_assert_true (add (dedup, "a", 2 * RT_DEDUP_MAX, 0));
}

static void
test_random (void)
{
  g_autoptr (RtDedup) dedup = rt_dedup_new ();
  g_autoptr (GHashTable) model = g_hash_table_new (g_direct_hash, g_direct_equal);

  for (guint i = 0; i < RT_DEDUP_MAX * 2; i++)
    {
      guint id = (guint) g_test_rand_int_range (1, RT_DEDUP_MAX / 2);
      g_assert_cmpint (add (dedup, "a", id, 0), ==, g_hash_table_add (model, GUINT_TO_POINTER (id)));
    }
}

static void
test_without_id (void)
{
  g_autoptr (RtDedup) dedup = rt_dedup_new ();
  RtEnvelope envelope = { .marked = TRUE };

  g_assert_true (rt_dedup_add (dedup, &envelope, 0));
  g_assert_true (rt_dedup_add (dedup, &envelope, 0));
  g_assert_true (add (dedup, "", 5, 0));
  g_assert_true (add (dedup, "", 5, 0));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Dedup/repeats", test_repeats);
  g_test_add_func ("/Rt/Dedup/time", test_time);
  g_test_add_func ("/Rt/Dedup/window", test_window);
  g_test_add_func ("/Rt/Dedup/random", test_random);
  g_test_add_func ("/Rt/Dedup/without-id", test_without_id);
  return g_test_run ();
}
