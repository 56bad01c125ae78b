/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-stream-reassembly.h"

#include <string.h>

#define CHUNK RT_STREAM_MAX_CHUNK
#define SECOND G_USEC_PER_SEC

static guint8
byte_at (guint64 i)
{
  return (guint8) (i * 7 + (i >> 8) * 13);
}

/* On a line that was found to take all that the window holds. */
static void
init_wide (RtStreamWindow *self, gsize chunk, gboolean deaf)
{
  rt_stream_window_init (self, chunk, deaf);
  self->pace.limit = self->pace.max;
}

/* Writes as much as there is room for, at most @len. */
static gsize
write_some (RtStreamWindow *self, gsize len)
{
  gsize taken = MIN (len, rt_stream_window_get_room (self));
  g_autofree guint8 *bytes = g_malloc (taken + 1);

  for (gsize i = 0; i < taken; i++)
    bytes[i] = byte_at (self->written + i);
  rt_stream_window_write (self, bytes, taken);
  return taken;
}

/* Sends all that may be sent; returns how many bytes that were. */
static gsize
send_all (RtStreamWindow *self, gint64 now, gboolean acked)
{
  guint8 bytes[CHUNK];
  gsize sum = 0, len;
  guint64 off;

  while ((len = rt_stream_window_next (self, now, &off)) > 0)
    {
      rt_stream_window_take (self, bytes, len);
      for (gsize i = 0; i < len; i++)
        g_assert_cmpuint (bytes[i], ==, byte_at (off + i));
      if (acked)
        rt_stream_window_acked (self, off, len, now);
      sum += len;
    }
  return sum;
}

static RtStreamHeard
credit (RtStreamWindow *self, const char *source, guint64 off, guint64 got, gboolean again, gint64 now)
{
  RtStreamFrame frame = { .kind = RT_STREAM_FRAME_CREDIT, .off = off, .got = got, .again = again };

  g_strlcpy (frame.source, source, sizeof frame.source);
  return rt_stream_window_credit (self, &frame, now);
}

static void
test_alone (void)
{
  RtStreamWindow self;
  gsize total = 0;

  init_wide (&self, CHUNK, FALSE);
  rt_stream_window_opened (&self, SECOND, 0);
  total += write_some (&self, 10 * RT_STREAM_WINDOW);
  g_assert_cmpuint (total, ==, RT_STREAM_WINDOW);
  g_assert_cmpuint (send_all (&self, SECOND, TRUE), ==, RT_STREAM_WINDOW);
  /* Somebody may still answer, and want it. */
  g_assert_cmpuint (rt_stream_window_get_room (&self), ==, 0);
  g_assert_cmpuint (send_all (&self, SECOND + RT_STREAM_GRACE, TRUE), ==, 0);
  g_assert_cmpuint (rt_stream_window_get_room (&self), ==, RT_STREAM_WINDOW);
  for (guint i = 0; i < 5; i++)
    {
      write_some (&self, RT_STREAM_WINDOW);
      g_assert_cmpuint (send_all (&self, SECOND + RT_STREAM_GRACE, TRUE), ==, RT_STREAM_WINDOW);
    }
  /* Who answers now comes too late. */
  g_assert_cmpint (credit (&self, "a", 0, 0, FALSE, SECOND + RT_STREAM_GRACE), ==, RT_STREAM_HEARD_LOST);
  rt_stream_window_clear (&self);
}

static void
test_acks_are_the_window (void)
{
  RtStreamWindow self;
  guint8 bytes[CHUNK];
  guint64 off;

  init_wide (&self, CHUNK, TRUE);
  rt_stream_window_opened (&self, SECOND, 0);
  write_some (&self, RT_STREAM_WINDOW);
  g_assert_cmpuint (send_all (&self, SECOND, FALSE), ==, RT_STREAM_WINDOW);
  g_assert_cmpuint (write_some (&self, 1), ==, 0);
  rt_stream_window_acked (&self, 0, CHUNK, SECOND);
  g_assert_cmpuint (rt_stream_window_next (&self, SECOND, &off), ==, 0);
  g_assert_cmpuint (write_some (&self, 2 * CHUNK), ==, CHUNK);
  g_assert_cmpuint (rt_stream_window_next (&self, SECOND, &off), ==, CHUNK);
  g_assert_cmpuint (off, ==, RT_STREAM_WINDOW);
  rt_stream_window_take (&self, bytes, CHUNK);
  rt_stream_window_clear (&self);
}

static void
test_slowest_counts (void)
{
  RtStreamWindow self;

  init_wide (&self, CHUNK, FALSE);
  rt_stream_window_opened (&self, SECOND, 0);
  g_assert_cmpint (credit (&self, "a", 0, 0, FALSE, SECOND), ==, RT_STREAM_HEARD_OK);
  g_assert_cmpint (credit (&self, "b", 0, 0, FALSE, SECOND), ==, RT_STREAM_HEARD_OK);
  write_some (&self, RT_STREAM_WINDOW);
  send_all (&self, SECOND, TRUE);
  credit (&self, "a", RT_STREAM_WINDOW, RT_STREAM_WINDOW, FALSE, SECOND);
  g_assert_cmpuint (rt_stream_window_get_room (&self), ==, 0);
  credit (&self, "b", CHUNK, RT_STREAM_WINDOW, FALSE, SECOND);
  g_assert_cmpuint (write_some (&self, RT_STREAM_WINDOW), ==, RT_STREAM_WINDOW);
  g_assert_cmpuint (send_all (&self, SECOND, TRUE), ==, CHUNK);
  /* b is given up, and a goes on. */
  g_assert_null (rt_stream_window_expel (&self, SECOND + RT_STREAM_PATIENCE - 1));
  g_autofree char *expelled = rt_stream_window_expel (&self, SECOND + RT_STREAM_PATIENCE);
  g_assert_cmpstr (expelled, ==, "b");
  g_assert_null (rt_stream_window_expel (&self, SECOND + RT_STREAM_PATIENCE));
  g_assert_cmpuint (send_all (&self, SECOND + RT_STREAM_PATIENCE, TRUE), ==, RT_STREAM_WINDOW - CHUNK);
  g_assert_false (rt_stream_window_is_deserted (&self, SECOND));
  g_assert_true (rt_stream_window_leave (&self, "a", TRUE));
  g_assert_true (rt_stream_window_is_deserted (&self, SECOND));
  rt_stream_window_clear (&self);
}

/* The only word of a reader says that it has enough. Others have their time to be heard. */
static void
test_unheard (void)
{
  RtStreamWindow self;

  init_wide (&self, CHUNK, FALSE);
  g_assert_false (rt_stream_window_leave (&self, "a", FALSE));
  rt_stream_window_opened (&self, SECOND, 0);
  g_assert_false (rt_stream_window_is_deserted (&self, SECOND + RT_STREAM_GRACE));
  g_assert_false (rt_stream_window_leave (&self, "a", TRUE));
  g_assert_false (rt_stream_window_is_deserted (&self, SECOND + RT_STREAM_GRACE - 1));
  g_assert_true (rt_stream_window_is_deserted (&self, SECOND + RT_STREAM_GRACE));
  credit (&self, "b", 0, 0, FALSE, SECOND);
  g_assert_false (rt_stream_window_is_deserted (&self, SECOND + RT_STREAM_GRACE));
  rt_stream_window_clear (&self);
}

/* An idle stream costs nobody its place. */
static void
test_patience (void)
{
  RtStreamWindow self;

  init_wide (&self, CHUNK, FALSE);
  rt_stream_window_opened (&self, SECOND, 0);
  credit (&self, "a", 0, 0, FALSE, SECOND);
  write_some (&self, 10);
  send_all (&self, SECOND, TRUE);
  g_assert_null (rt_stream_window_expel (&self, 1000 * SECOND));
  write_some (&self, RT_STREAM_WINDOW);
  send_all (&self, 1000 * SECOND, TRUE);
  g_assert_null (rt_stream_window_expel (&self, 1000 * SECOND));
  credit (&self, "a", 0, self.sent, FALSE, 1000 * SECOND);
  send_all (&self, 1000 * SECOND, TRUE);
  /* All of it has been sent and has come, and there is nothing that would wait. */
  g_assert_null (rt_stream_window_expel (&self, 1020 * SECOND));
  g_assert_cmpuint (write_some (&self, CHUNK), ==, CHUNK);
  send_all (&self, 1020 * SECOND, TRUE);
  g_assert_cmpint (rt_stream_window_next_time (&self, 1020 * SECOND), ==, 1020 * SECOND + RT_STREAM_PATIENCE);
  rt_stream_window_forgive (&self, 1025 * SECOND);
  g_assert_null (rt_stream_window_expel (&self, 1030 * SECOND));
  g_autofree char *expelled = rt_stream_window_expel (&self, 1035 * SECOND);
  g_assert_cmpstr (expelled, ==, "a");
  rt_stream_window_clear (&self);
}

static void
test_small_pieces (void)
{
  RtStreamWindow self;
  guint8 bytes[CHUNK];
  guint64 off;

  init_wide (&self, CHUNK, FALSE);
  rt_stream_window_opened (&self, SECOND, 0);
  write_some (&self, 1);
  g_assert_cmpuint (rt_stream_window_next (&self, SECOND, &off), ==, 1);
  rt_stream_window_take (&self, bytes, 1);
  write_some (&self, 10);
  g_assert_cmpuint (rt_stream_window_next (&self, SECOND, &off), ==, 0);
  self.hasty = TRUE;
  g_assert_cmpuint (rt_stream_window_next (&self, SECOND, &off), ==, 10);
  rt_stream_window_take (&self, bytes, 10);
  write_some (&self, 10);
  g_assert_cmpuint (rt_stream_window_next (&self, SECOND, &off), ==, 0);
  rt_stream_window_acked (&self, 0, 1, SECOND);
  rt_stream_window_acked (&self, 1, 10, SECOND);
  g_assert_cmpuint (rt_stream_window_next (&self, SECOND, &off), ==, 10);
  rt_stream_window_clear (&self);
}

static void
test_failed (void)
{
  RtStreamWindow self;

  init_wide (&self, CHUNK, TRUE);
  rt_stream_window_opened (&self, SECOND, 0);
  write_some (&self, 4 * CHUNK);
  send_all (&self, SECOND, FALSE);
  rt_stream_window_acked (&self, 0, CHUNK, SECOND);
  rt_stream_window_failed (&self, CHUNK);
  rt_stream_window_acked (&self, 2 * CHUNK, CHUNK, SECOND);
  g_assert_cmpuint (self.acked, ==, CHUNK);
  g_assert_cmpuint (send_all (&self, SECOND, TRUE), ==, 3 * CHUNK);
  g_assert_true (rt_stream_window_is_flushed (&self));
  /* An old failure of what has arrived since. */
  rt_stream_window_failed (&self, CHUNK);
  g_assert_cmpuint (send_all (&self, SECOND, TRUE), ==, 0);
  rt_stream_window_clear (&self);
}

/* The server's answer was lost, and not what it answers. */
static void
test_failed_but_read (void)
{
  RtStreamWindow self;

  init_wide (&self, CHUNK, FALSE);
  rt_stream_window_opened (&self, SECOND, 0);
  credit (&self, "a", 0, 0, FALSE, SECOND);
  write_some (&self, 4 * CHUNK);
  send_all (&self, SECOND, FALSE);
  rt_stream_window_acked (&self, 0, CHUNK, SECOND);
  rt_stream_window_failed (&self, CHUNK);
  credit (&self, "a", 2 * CHUNK, 2 * CHUNK, FALSE, SECOND);
  g_assert_cmpuint (send_all (&self, SECOND, TRUE), ==, 2 * CHUNK);
  g_assert_true (rt_stream_window_is_flushed (&self));
  rt_stream_window_clear (&self);
}

/* Who wants the same again and again holds up the rest, also where that is the end. It is not given it more often than
 * it can come. */
static void
test_again_and_again (void)
{
  for (guint ends = 0; ends < 2; ends++)
    {
      RtStreamWindow self;
      const gint64 step = RT_STREAM_AGAIN / 2;
      gint64 now = SECOND;
      guint times = 0;
      g_autofree char *expelled = NULL;

      init_wide (&self, CHUNK, FALSE);
      rt_stream_window_opened (&self, now, 0);
      credit (&self, "a", 0, 0, FALSE, now);
      write_some (&self, ends ? CHUNK : RT_STREAM_WINDOW);
      self.ending = ends;
      while (expelled == NULL)
        {
          g_assert_cmpint (now, <=, SECOND + RT_STREAM_MAX_PATIENCE);
          times += send_all (&self, now, TRUE) > 0;
          rt_stream_window_take_end (&self, now);
          expelled = rt_stream_window_expel (&self, now);
          g_assert_true (expelled == NULL || now >= SECOND + RT_STREAM_PATIENCE);
          credit (&self, "a", 0, 0, TRUE, now);
          now += step;
        }
      g_assert_cmpstr (expelled, ==, "a");
      g_assert_cmpuint (times, >, 2);
      g_assert_cmpuint (times, <=, (guint) ((now - SECOND) / RT_STREAM_AGAIN) + 1);
      rt_stream_window_clear (&self);
    }
}

static void
test_nonsense (void)
{
  RtStreamWindow self;

  init_wide (&self, CHUNK, FALSE);
  rt_stream_window_opened (&self, SECOND, 0);
  write_some (&self, CHUNK);
  send_all (&self, SECOND, TRUE);
  g_assert_cmpint (credit (&self, "a", 0, CHUNK + 1, FALSE, SECOND), ==, RT_STREAM_HEARD_NONSENSE);
  g_assert_cmpint (credit (&self, "a", 2, 1, FALSE, SECOND), ==, RT_STREAM_HEARD_NONSENSE);
  g_assert_cmpint (credit (&self, "a", G_MAXINT64, G_MAXINT64, TRUE, SECOND), ==, RT_STREAM_HEARD_NONSENSE);
  g_assert_cmpuint (self.peers->len, ==, 0);
  rt_stream_window_done (&self, "a");
  g_assert_false (rt_stream_window_leave (&self, "a", TRUE));
  credit (&self, "a", 0, 0, FALSE, SECOND);
  rt_stream_window_done (&self, "a");
  g_assert_false (((RtStreamPeer *) g_ptr_array_index (self.peers, 0))->done);
  for (guint i = 0; i < 2 * RT_STREAM_MAX_PEERS; i++)
    {
      g_autofree char *source = g_strdup_printf ("%u", i);
      credit (&self, source, 0, 0, FALSE, SECOND);
    }
  g_assert_cmpuint (self.peers->len, ==, RT_STREAM_MAX_PEERS);
  rt_stream_window_clear (&self);
}

static void
test_end (void)
{
  RtStreamWindow self;
  gint64 later = SECOND + RT_STREAM_GRACE;

  init_wide (&self, CHUNK, FALSE);
  rt_stream_window_opened (&self, SECOND, 0);
  write_some (&self, 10);
  g_assert_false (rt_stream_window_take_end (&self, SECOND));
  self.ending = TRUE;
  g_assert_false (rt_stream_window_take_end (&self, SECOND));
  send_all (&self, SECOND, TRUE);
  g_assert_true (rt_stream_window_take_end (&self, SECOND));
  g_assert_false (rt_stream_window_take_end (&self, SECOND));
  self.end_acked = TRUE;
  /* Who has heard the opening gets the time to answer. */
  g_assert_false (rt_stream_window_is_over (&self, SECOND));
  g_assert_cmpint (rt_stream_window_next_time (&self, SECOND), ==, later);
  g_assert_true (rt_stream_window_is_over (&self, later));
  credit (&self, "a", 0, 0, TRUE, SECOND);
  g_assert_false (rt_stream_window_is_over (&self, later));
  g_assert_cmpuint (send_all (&self, SECOND, TRUE), ==, 10);
  g_assert_true (rt_stream_window_take_end (&self, SECOND));
  self.end_acked = TRUE;
  rt_stream_window_done (&self, "a");
  g_assert_true (rt_stream_window_is_over (&self, SECOND));
  rt_stream_window_clear (&self);
}

/* --- How much is on the way to the readers --- */

/* Before anybody has answered, and where an answer took its time, there is little on the way, in small pieces. */
static void
test_slow_start (void)
{
  RtStreamWindow self;
  guint64 off;

  rt_stream_window_init (&self, CHUNK, FALSE);
  rt_stream_window_opened (&self, SECOND, 0);
  write_some (&self, RT_STREAM_WINDOW);
  g_assert_cmpuint (rt_stream_window_next (&self, SECOND, &off), ==, RT_STREAM_PACE_MIN);
  g_assert_cmpuint (send_all (&self, SECOND, TRUE), <=, 4 * RT_STREAM_PACE_MIN);
  credit (&self, "a", 0, 0, FALSE, 3 * SECOND);
  g_assert_cmpuint (send_all (&self, 3 * SECOND, TRUE), ==, 0);
  rt_stream_window_clear (&self);
}

/* @source: who is given up now, NULL if nobody is. */
static void
expect_expelled (RtStreamWindow *self, gint64 now, const char *source)
{
  g_autofree char *expelled = rt_stream_window_expel (self, now);

  g_assert_cmpstr (expelled, ==, source);
}

/* One that has used up what it has, and says so while nothing more comes, has a slow line, and is waited for longer than
 * one that is silent, or does not use what it has; but not for ever. */
static void
test_slow_line (void)
{
  RtStreamWindow self;
  gint64 now = SECOND;

  init_wide (&self, CHUNK, FALSE);
  rt_stream_window_opened (&self, now, 0);
  credit (&self, "fed", 0, 0, FALSE, now);
  credit (&self, "lazy", 0, 0, FALSE, now);
  write_some (&self, RT_STREAM_WINDOW);
  send_all (&self, now, TRUE);
  credit (&self, "fed", CHUNK, CHUNK, FALSE, now);
  credit (&self, "lazy", 0, CHUNK, FALSE, now);
  write_some (&self, CHUNK);
  g_assert_cmpuint (send_all (&self, now, TRUE), ==, 0);
  for (guint i = 0; i < 3; i++)
    {
      now += 4 * SECOND;
      credit (&self, "fed", CHUNK, CHUNK, FALSE, now);
      credit (&self, "lazy", 0, CHUNK, FALSE, now);
    }
  expect_expelled (&self, now, "lazy");
  g_assert_cmpuint (send_all (&self, now, TRUE), ==, CHUNK);
  expect_expelled (&self, now + 59 * SECOND, NULL);
  expect_expelled (&self, now + 60 * SECOND, "fed");
  rt_stream_window_clear (&self);
}

/* A reader that answers before the server has acknowledged the opening is as fast as that at least. */
static void
test_early_reader (void)
{
  RtStreamWindow self;

  rt_stream_window_init (&self, CHUNK, FALSE);
  g_assert_cmpint (credit (&self, "a", 0, 0, FALSE, 1000 * SECOND), ==, RT_STREAM_HEARD_OK);
  g_assert_cmpint (rt_stream_window_get_delay (&self), ==, 0);
  rt_stream_window_opened (&self, 1000 * SECOND, SECOND / 100);
  g_assert_cmpint (rt_stream_window_get_delay (&self), ==, SECOND / 100);
  g_assert_cmpuint (self.pace.limit, >, 2 * RT_STREAM_PACE_MIN);
  rt_stream_window_clear (&self);
}

/* One that answers at once is soon sent all that the window holds, and is asked for its answers. */
static void
test_fast_start (void)
{
  RtStreamWindow self;
  guint8 bytes[CHUNK];
  guint rounds = 0, asked = 0;
  guint64 off;
  gsize len;
  gint64 now = SECOND;

  rt_stream_window_init (&self, CHUNK, FALSE);
  rt_stream_window_opened (&self, now, 0);
  credit (&self, "a", 0, 0, FALSE, now + 1000);
  for (; self.pace.limit < RT_STREAM_WINDOW; rounds++)
    {
      gboolean asks = FALSE;

      g_assert_cmpuint (rounds, <, 10);
      write_some (&self, RT_STREAM_WINDOW);
      while ((len = rt_stream_window_next (&self, now, &off)) > 0)
        {
          rt_stream_window_take (&self, bytes, len);
          asks |= rt_stream_window_asks (&self, len, now);
          rt_stream_window_acked (&self, off, len, now);
        }
      asked += asks;
      now += 10000;
      credit (&self, "a", self.sent, self.sent, FALSE, now);
    }
  g_assert_cmpuint (asked, ==, rounds);
  write_some (&self, RT_STREAM_WINDOW);
  g_assert_cmpuint (rt_stream_window_next (&self, now, &off), ==, CHUNK);
  g_assert_cmpuint (send_all (&self, now, TRUE), ==, RT_STREAM_WINDOW);
  rt_stream_window_clear (&self);
}

/* A reader on a line of a kilobyte a second: as long as it says that it gets something it is not given up, and there is
 * never more on its way than it gets in a few seconds. */
static void
test_slow_reader (void)
{
  RtStreamWindow self;
  gint64 now = SECOND;
  guint64 got = 0;

  init_wide (&self, CHUNK, FALSE);
  rt_stream_window_opened (&self, now, 0);
  credit (&self, "a", 0, 0, FALSE, now + SECOND / 2);
  for (guint i = 0; i < 600; i++)
    {
      guint8 bytes[CHUNK];
      guint64 off;
      gsize len;

      write_some (&self, RT_STREAM_WINDOW);
      while ((len = rt_stream_window_next (&self, now, &off)) > 0)
        {
          rt_stream_window_take (&self, bytes, len);
          rt_stream_window_asks (&self, len, now);
          rt_stream_window_acked (&self, off, len, now);
        }
      now += SECOND;
      got = MIN (got + 1024, self.sent);
      g_assert_null (rt_stream_window_expel (&self, now));
      g_assert_cmpint (credit (&self, "a", got, got, FALSE, now), ==, RT_STREAM_HEARD_OK);
      if (i > RT_STREAM_WINDOW / 1024)
        g_assert_cmpuint (self.sent - got, <=, 8 * 1024);
    }
  g_assert_cmpuint (got, ==, 600 * 1024);
  rt_stream_window_clear (&self);
}

/* --- Both ends, and between them what loses, repeats and delays --- */

#define N_READERS 3

typedef struct
{
  RtStreamReassembly intake;
  char source[2];
  gboolean slow;
} Reader;

typedef struct
{
  GRand *rand;
  RtStreamWindow window;
  Reader readers[N_READERS];
  gint64 now;
  guint64 total;
} World;

static void
deliver (World *world, guint64 off, const guint8 *bytes, gsize len)
{
  for (guint i = 0; i < N_READERS; i++)
    {
      RtStreamReassembly *intake = &world->readers[i].intake;

      if (g_rand_int_range (world->rand, 0, 10) == 0)
        continue;
      RtStreamTake verdict = rt_stream_reassembly_judge (intake, off, len);
      /* A sender that keeps to the credit never finds a reader full. */
      g_assert_cmpint (verdict, !=, RT_STREAM_TAKE_FULL);
      g_assert_cmpint (verdict, !=, RT_STREAM_TAKE_FAULT);
      if (verdict == RT_STREAM_TAKE_NEW)
        rt_stream_reassembly_put (intake, off, bytes, len);
    }
}

static void
let_send (World *world)
{
  guint8 bytes[CHUNK];
  guint64 off;
  gsize len;

  while ((len = rt_stream_window_next (&world->window, world->now, &off)) > 0)
    {
      rt_stream_window_take (&world->window, bytes, len);
      if (g_rand_int_range (world->rand, 0, 20) == 0)
        {
          rt_stream_window_failed (&world->window, off);
          break;
        }
      deliver (world, off, bytes, len);
      rt_stream_window_acked (&world->window, off, len, world->now);
    }
}

static void
let_read (World *world, Reader *reader)
{
  guint8 bytes[CHUNK];
  gsize wanted = (gsize) g_rand_int_range (world->rand, 1, reader->slow ? 1000 : CHUNK);
  guint64 from = reader->intake.used;
  gsize len = rt_stream_reassembly_read (&reader->intake, bytes, wanted);

  for (gsize i = 0; i < len; i++)
    g_assert_cmpuint (bytes[i], ==, byte_at (from + i));
  if (g_rand_int_range (world->rand, 0, 4) > 0)
    return;
  rt_stream_reassembly_asked (&reader->intake, world->window.sent);
  g_assert_cmpint (credit (&world->window, reader->source, reader->intake.used, reader->intake.got,
                           rt_stream_reassembly_wants_more (&reader->intake), world->now),
                   ==, RT_STREAM_HEARD_OK);
}

static gboolean
all_read (World *world)
{
  for (guint i = 0; i < N_READERS; i++)
    if (world->readers[i].intake.used < world->total)
      return FALSE;
  return TRUE;
}

static void
test_walk (void)
{
  World world = { .now = SECOND, .total = 1500000 };

  world.rand = g_rand_new_with_seed (g_test_rand_int ());
  init_wide (&world.window, (gsize) g_rand_int_range (world.rand, 500, CHUNK), FALSE);
  rt_stream_window_opened (&world.window, world.now, 0);
  for (guint i = 0; i < N_READERS; i++)
    {
      Reader *reader = &world.readers[i];
      rt_stream_reassembly_init (&reader->intake, (gint64) world.total);
      reader->source[0] = (char) ('a' + i);
      reader->slow = i == 0;
      g_assert_cmpint (credit (&world.window, reader->source, 0, 0, FALSE, world.now), ==, RT_STREAM_HEARD_OK);
    }
  for (guint step = 0; !all_read (&world); step++)
    {
      g_assert_cmpuint (step, <, 200000);
      /* Who has asked for something is not given it again before some time has passed. */
      world.now += SECOND / 2;
      gsize wanted = (gsize) g_rand_int_range (world.rand, 1, 50000);
      write_some (&world.window, MIN (wanted, world.total - world.window.written));
      world.window.ending = world.window.written == world.total;
      let_send (&world);
      for (guint i = 0; i < N_READERS; i++)
        let_read (&world, &world.readers[i]);
      g_assert_cmpuint (world.window.ring.len, <=, RT_STREAM_WINDOW);
    }
  for (guint i = 0; i < N_READERS; i++)
    rt_stream_reassembly_clear (&world.readers[i].intake);
  rt_stream_window_clear (&world.window);
  g_rand_free (world.rand);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Stream/window-alone", test_alone);
  g_test_add_func ("/Rt/Stream/window-acks", test_acks_are_the_window);
  g_test_add_func ("/Rt/Stream/window-slowest-counts", test_slowest_counts);
  g_test_add_func ("/Rt/Stream/window-patience", test_patience);
  g_test_add_func ("/Rt/Stream/window-small-pieces", test_small_pieces);
  g_test_add_func ("/Rt/Stream/window-failed", test_failed);
  g_test_add_func ("/Rt/Stream/window-failed-but-read", test_failed_but_read);
  g_test_add_func ("/Rt/Stream/window-again-and-again", test_again_and_again);
  g_test_add_func ("/Rt/Stream/window-unheard", test_unheard);
  g_test_add_func ("/Rt/Stream/window-nonsense", test_nonsense);
  g_test_add_func ("/Rt/Stream/window-end", test_end);
  g_test_add_func ("/Rt/Stream/window-slow-start", test_slow_start);
  g_test_add_func ("/Rt/Stream/window-slow-line", test_slow_line);
  g_test_add_func ("/Rt/Stream/window-early-reader", test_early_reader);
  g_test_add_func ("/Rt/Stream/window-fast-start", test_fast_start);
  g_test_add_func ("/Rt/Stream/window-slow-reader", test_slow_reader);
  g_test_add_func ("/Rt/Stream/window-walk", test_walk);
  return g_test_run ();
}
