/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-stream-pace.h"

#include "rt-stream-frame.h"

#define SECOND G_USEC_PER_SEC
/* What stands around the bytes of a piece. */
#define AROUND 250

/* A piece on the line. */
typedef struct
{
  gint64 began;
  gint64 ends;
  gsize len;
  gsize under_way; /* with it */
} Piece;

typedef struct
{
  RtStreamPace pace;
  GQueue flying;
  guint speed;    /* bytes in a second */
  gint64 latency; /* there and back */
  gint64 now;
  gint64 busy_until;
  gsize under_way;
  gsize most;     /* the largest piece that fits */
  guint64 arrived;
  gint64 longest; /* that an answer took */
} Line;

static void
line_init (Line *self, guint speed, gint64 latency)
{
  *self = (Line) { .speed = speed, .latency = latency, .most = RT_STREAM_MAX_CHUNK };
  rt_stream_pace_init (&self->pace, RT_STREAM_PACE_MAX);
}

static void
line_clear (Line *self)
{
  g_queue_clear_full (&self->flying, g_free);
}

static void
send_piece (Line *self)
{
  Piece *piece = g_new0 (Piece, 1);

  piece->len = rt_stream_pace_get_piece (&self->pace, self->most);
  piece->began = self->now;
  self->busy_until = MAX (self->busy_until, self->now)
                     + (gint64) (piece->len * 4 / 3 + AROUND) * SECOND / self->speed;
  piece->ends = self->busy_until + self->latency;
  self->under_way += piece->len;
  piece->under_way = self->under_way;
  g_queue_push_tail (&self->flying, piece);
}

/* As much is sent as may be, for so long. */
static void
line_run (Line *self, gint64 time)
{
  const gint64 until = self->now + time;

  while (self->now < until)
    {
      while (self->under_way < self->pace.limit)
        send_piece (self);
      Piece *piece = g_queue_pop_head (&self->flying);
      self->now = piece->ends;
      self->under_way -= piece->len;
      self->arrived += piece->len;
      gint64 took = self->now - piece->began;
      self->longest = MAX (self->longest, took);
      rt_stream_pace_measure (&self->pace, piece->began, took, piece->under_way, piece->under_way == piece->len);
      rt_stream_pace_pass (&self->pace, piece->began, piece->len, piece->under_way);
      g_free (piece);
    }
}

/* Whatever the line, most of it is used, and what comes behind does not wait much longer than it would have to. */
static void
test_speeds (void)
{
  static const guint speeds[] = { 1200, 2500, 5000, 12500, 50000, 125000, 1000000, 10000000 };
  static const gint64 latencies[] = { 0, SECOND / 50, SECOND / 5, SECOND, 2 * SECOND };

  for (guint i = 0; i < G_N_ELEMENTS (speeds) * G_N_ELEMENTS (latencies); i++)
    {
      const guint speed = speeds[i / G_N_ELEMENTS (latencies)];
      const gint64 latency = latencies[i % G_N_ELEMENTS (latencies)];
      const gint64 piece = (RT_STREAM_PACE_MIN * 4 / 3 + AROUND) * SECOND / speed;
      Line line;

      line_init (&line, speed, latency);
      line_run (&line, 60 * SECOND);
      line.arrived = 0;
      line.longest = 0;
      gint64 began = line.now;
      line_run (&line, 60 * SECOND);
      gint64 carried = (gint64) line.arrived * SECOND / (line.now - began);
      g_test_message ("%u bytes a second, %d ms: %d, %d ms", speed, (int) (latency / 1000), (int) carried,
                      (int) (line.longest / 1000));
      /* The bytes themselves are three quarters of a large piece, and six tenths of a small one. */
      g_assert_cmpint (carried, >, MIN (speed, (gint64) RT_STREAM_PACE_MAX * SECOND / MAX (latency, 1)) * 2 / 5);
      g_assert_cmpint (line.longest, <=, latency + SECOND + 4 * piece);
      line_clear (&line);
    }
}

/* It falls, and rises again. */
static void
test_falls (void)
{
  Line line;

  line_init (&line, 1000000, SECOND / 20);
  line_run (&line, 20 * SECOND);
  const gsize before = line.pace.limit;
  line.speed = 2500;
  line.latency = SECOND;
  /* What is on it then takes its time. */
  line_run (&line, 600 * SECOND);
  line.longest = 0;
  line_run (&line, 60 * SECOND);
  g_assert_cmpint (line.longest, <, 5 * SECOND);
  line.speed = 1000000;
  line.latency = SECOND / 20;
  line_run (&line, 20 * SECOND);
  g_assert_cmpuint (line.pace.limit, >=, before / 2);
  line_clear (&line);
}

/* A way that has become longer is no slow line. */
static void
test_longer_way (void)
{
  Line line;

  line_init (&line, 1000000, SECOND / 100);
  line_run (&line, 10 * SECOND);
  line.latency = 2 * SECOND;
  line_run (&line, 120 * SECOND);
  line.arrived = 0;
  line_run (&line, 60 * SECOND);
  g_assert_cmpuint (line.arrived, >, 15 * 1000000);
  line_clear (&line);
}

/* What was found out of the line with a small message. */
static void
test_begin (void)
{
  RtStreamPace self;

  rt_stream_pace_init (&self, RT_STREAM_PACE_MAX);
  g_assert_cmpuint (self.limit, <=, 2 * RT_STREAM_PACE_MIN);
  gsize unknown = self.limit;
  rt_stream_pace_begin (&self, 2 * SECOND);
  g_assert_cmpuint (self.limit, ==, unknown);
  rt_stream_pace_restart (&self);
  rt_stream_pace_begin (&self, 0);
  g_assert_cmpuint (self.limit, >=, 16 * RT_STREAM_PACE_MIN);
  g_assert_cmpuint (self.limit, <, RT_STREAM_PACE_MAX);
  gsize fast = self.limit;
  /* Only before anything was measured. */
  rt_stream_pace_measure (&self, 0, SECOND / 10, RT_STREAM_PACE_MIN, TRUE);
  rt_stream_pace_begin (&self, 0);
  g_assert_cmpuint (self.limit, ==, fast);
}

/* What is never answered tells of the line, too; and of an idle one nothing is known. */
static void
test_failures (void)
{
  RtStreamPace self;

  rt_stream_pace_init (&self, RT_STREAM_PACE_MAX);
  for (guint i = 0; i < 100; i++)
    rt_stream_pace_pass (&self, 0, 1, 1);
  g_assert_cmpuint (self.limit, <, 4 * RT_STREAM_PACE_MIN);
  self.limit = self.max;
  rt_stream_pace_failed (&self, SECOND);
  g_assert_cmpuint (self.limit, ==, RT_STREAM_PACE_MIN);
  g_assert_cmpuint (rt_stream_pace_get_piece (&self, RT_STREAM_MAX_CHUNK), ==, RT_STREAM_PACE_MIN);
  g_assert_cmpuint (rt_stream_pace_get_piece (&self, 100), ==, 100);
  /* Nothing of what is measured makes it less than that, or nothing at all. */
  rt_stream_pace_measure (&self, SECOND, 600 * SECOND, 0, FALSE);
  rt_stream_pace_measure (&self, 0, 0, 0, FALSE);
  g_assert_cmpuint (self.limit, ==, RT_STREAM_PACE_MIN);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Stream/pace-speeds", test_speeds);
  g_test_add_func ("/Rt/Stream/pace-falls", test_falls);
  g_test_add_func ("/Rt/Stream/pace-longer-way", test_longer_way);
  g_test_add_func ("/Rt/Stream/pace-begin", test_begin);
  g_test_add_func ("/Rt/Stream/pace-failures", test_failures);
  return g_test_run ();
}
