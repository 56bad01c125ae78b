/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-stream-pace.h"

#include "rt-stream-frame.h"

#define TIMEOUT (10 * G_USEC_PER_SEC)

/* A line that takes so many bytes of frames a second, with that much to be sent. Returns the most that was under way;
 * *longest is what the slowest answer took. */
static gsize
send_over (guint speed, gsize total, gint64 *longest)
{
  RtStreamPace self;
  g_autoptr (GArray) begun = g_array_new (FALSE, FALSE, sizeof (gint64));
  gsize most = 0;
  gint64 now = 0;

  *longest = 0;
  rt_stream_pace_init (&self);
  for (guint done = 0; done * RT_STREAM_MAX_CHUNK < total; done++)
    {
      while ((begun->len - done) * RT_STREAM_MAX_CHUNK < self.limit)
        g_array_append_val (begun, now);
      most = MAX (most, (begun->len - done) * RT_STREAM_MAX_CHUNK);
      now += (gint64) RT_STREAM_MAX_CHUNK * 4 / 3 * G_USEC_PER_SEC / speed;
      gint64 took = now - g_array_index (begun, gint64, done);
      *longest = MAX (*longest, took);
      rt_stream_pace_ended (&self, RT_STREAM_MAX_CHUNK, took);
    }
  return most;
}

static void
test_speeds (void)
{
  static const guint speeds[] = { 12500, 20000, 50000, 100000, 200000, 1000000 };
  gint64 longest;

  for (guint i = 0; i < G_N_ELEMENTS (speeds); i++)
    {
      g_test_message ("%u bytes a second", speeds[i]);
      send_over (speeds[i], 64 * 1024 * 1024, &longest);
      g_assert_cmpint (longest, <, TIMEOUT);
    }
  g_assert_cmpuint (send_over (100 * 1000 * 1000, 64 * 1024 * 1024, &longest), ==, RT_STREAM_PACE_MAX);
}

/* What the server refuses at once tells nothing of the line; what it never answers does. */
static void
test_failures (void)
{
  RtStreamPace self;

  rt_stream_pace_init (&self);
  gsize first = self.limit;
  rt_stream_pace_ended (&self, 0, 0);
  g_assert_cmpuint (self.limit, ==, first);
  for (guint i = 0; i < 100; i++)
    rt_stream_pace_ended (&self, 0, TIMEOUT);
  g_assert_cmpuint (self.limit, ==, RT_STREAM_MAX_CHUNK);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Stream/pace-speeds", test_speeds);
  g_test_add_func ("/Rt/Stream/pace-failures", test_failures);
  return g_test_run ();
}
