/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "rt-clock.h"
#include "rt-error.h"
#include "rt-snowflake.h"

#define THREADS 8
#define IDS 20000
#define EPOCH_US G_GINT64_CONSTANT (1577836800000000)

static void
test_parts (void)
{
  g_autoptr (GError) error = NULL;
  RtSnowflake *snowflake = rt_snowflake_new (1023, &error);
  gint64 before, id;

  g_assert_no_error (error);
  g_assert_cmpuint (rt_snowflake_get_node_id (snowflake), ==, 1023);
  before = rt_clock_real () / 1000 * 1000;
  id = rt_snowflake_next (snowflake);
  g_assert_cmpint (id, >, 0);
  g_assert_cmpint (rt_snowflake_get_timestamp (id), >=, before);
  g_assert_cmpint (rt_snowflake_get_timestamp (id), <=, rt_clock_real ());
  g_assert_cmpuint (rt_snowflake_get_node (id), ==, 1023);
  g_assert_cmpuint (rt_snowflake_get_sequence (id), ==, 0);

  /* The layout itself: 41 bits, 10, 12. */
  id = G_GINT64_CONSTANT (1) << 22 | 5 << 12 | 7;
  g_assert_cmpint (rt_snowflake_get_timestamp (id), ==, EPOCH_US + 1000);
  g_assert_cmpuint (rt_snowflake_get_node (id), ==, 5);
  g_assert_cmpuint (rt_snowflake_get_sequence (id), ==, 7);
  g_assert_cmpint (rt_snowflake_get_timestamp (G_MAXINT64), ==,
                   EPOCH_US + ((G_GINT64_CONSTANT (1) << 41) - 1) * 1000);
  g_assert_finalize_object (snowflake);
}

static void
test_nodes (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtSnowflake) lowest = rt_snowflake_new (0, &error);
  g_autoptr (RtSnowflake) random = rt_snowflake_new_random ();

  g_assert_no_error (error);
  g_assert_cmpuint (rt_snowflake_get_node (rt_snowflake_next (lowest)), ==, 0);
  g_assert_cmpuint (rt_snowflake_get_node_id (random), <=, 1023);
  g_assert_cmpuint (rt_snowflake_get_node (rt_snowflake_next (random)), ==, rt_snowflake_get_node_id (random));
  g_assert_null (rt_snowflake_new (1024, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "1024"));
}

static void
test_text (void)
{
  g_autoptr (RtSnowflake) snowflake = rt_snowflake_new_random ();
  g_autofree char *text = rt_snowflake_next_text (snowflake);
  guint64 id;

  g_assert_true (g_ascii_string_to_unsigned (text, 10, 1, G_MAXINT64, &id, NULL));
  g_assert_cmpint (id, <, rt_snowflake_next (snowflake));
  g_assert_cmpuint (rt_snowflake_get_node (id), ==, rt_snowflake_get_node_id (snowflake));
  g_assert_cmpint (text[0], !=, '0');
}

static void
test_time (void)
{
  g_autoptr (RtSnowflake) snowflake = NULL;
  gint64 id, next;

  rt_clock_virtual_begin ();
  snowflake = rt_snowflake_new (3, NULL);
  id = rt_snowflake_next (snowflake);
  g_assert_cmpint (rt_snowflake_get_timestamp (id), ==, rt_clock_real () / 1000 * 1000);

  /* More than a millisecond has numbers: each larger than the last, time runs ahead of the clock. */
  for (guint i = 0; i < 10000; i++, id = next)
    {
      next = rt_snowflake_next (snowflake);
      g_assert_cmpint (next, >, id);
    }
  g_assert_cmpint (rt_snowflake_get_timestamp (id), ==, (rt_clock_real () / 1000 + 2) * 1000);
  g_assert_cmpuint (rt_snowflake_get_sequence (id), ==, 10000 - 2 * 4096);

  rt_clock_virtual_advance (RT_CLOCK_MS (60000));
  next = rt_snowflake_next (snowflake);
  g_assert_cmpint (rt_snowflake_get_timestamp (next), ==, rt_clock_real () / 1000 * 1000);
  g_assert_cmpuint (rt_snowflake_get_sequence (next), ==, 0);
  rt_clock_virtual_end ();
}

/* Virtual time that ran ahead ends, and the clock is where it was: an hour back. */
static void
test_step_back (void)
{
  g_autoptr (RtSnowflake) snowflake = rt_snowflake_new (3, NULL);
  gint64 ahead, id;

  rt_clock_virtual_begin ();
  rt_clock_virtual_advance (RT_CLOCK_MS (3600 * 1000));
  ahead = rt_snowflake_next (snowflake);
  rt_clock_virtual_end ();
  g_assert_cmpint (rt_clock_real (), <, rt_snowflake_get_timestamp (ahead));

  for (guint i = 0; i < 5000; i++, ahead = id)
    {
      id = rt_snowflake_next (snowflake);
      g_assert_cmpint (id, >, ahead);
      g_assert_cmpuint (rt_snowflake_get_node (id), ==, 3);
    }
}

typedef struct
{
  RtSnowflake *snowflake;
  gint64 *ids;
} Work;

static gpointer
make_ids (gpointer user_data)
{
  Work *work = user_data;

  for (guint i = 0; i < IDS; i++)
    work->ids[i] = rt_snowflake_next (work->snowflake);
  return NULL;
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  gint64 left = *(const gint64 *) a, right = *(const gint64 *) b;

  return (left > right) - (left < right);
}

static void
test_threads (void)
{
  g_autoptr (RtSnowflake) snowflake = rt_snowflake_new (1, NULL);
  g_autofree gint64 *ids = g_new (gint64, THREADS * IDS);
  Work work[THREADS];
  GThread *threads[THREADS];

  for (guint i = 0; i < THREADS; i++)
    {
      work[i] = (Work) { snowflake, ids + i * IDS };
      threads[i] = g_thread_new ("ids", make_ids, &work[i]);
    }
  for (guint i = 0; i < THREADS; i++)
    {
      g_thread_join (threads[i]);
      for (guint j = 1; j < IDS; j++)
        g_assert_cmpint (work[i].ids[j], >, work[i].ids[j - 1]);
    }
  qsort (ids, THREADS * IDS, sizeof *ids, compare_ids);
  for (guint i = 1; i < THREADS * IDS; i++)
    g_assert_cmpint (ids[i], !=, ids[i - 1]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Snowflake/parts", test_parts);
  g_test_add_func ("/Rt/Snowflake/nodes", test_nodes);
  g_test_add_func ("/Rt/Snowflake/text", test_text);
  g_test_add_func ("/Rt/Snowflake/time", test_time);
  g_test_add_func ("/Rt/Snowflake/step-back", test_step_back);
  g_test_add_func ("/Rt/Snowflake/threads", test_threads);
  return g_test_run ();
}
