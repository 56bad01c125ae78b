/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-stream-reassembly.h"

#include <string.h>

#define CAPACITY (RT_STREAM_WINDOW + RT_STREAM_MAX_CHUNK)

static const char sum[] = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
static const char other_sum[] = "0f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

static guint8
byte_at (guint64 i)
{
  return (guint8) (i * 7 + (i >> 8) * 13);
}

static RtStreamTake
take (RtStreamReassembly *self, guint64 off, gsize len)
{
  RtStreamTake verdict = rt_stream_reassembly_judge (self, off, len);
  g_autofree guint8 *bytes = g_malloc (MAX (len, 1));

  if (verdict != RT_STREAM_TAKE_NEW)
    return verdict;
  for (gsize i = 0; i < len; i++)
    bytes[i] = byte_at (off + i);
  rt_stream_reassembly_put (self, off, bytes, len);
  return verdict;
}

static void
read_right (RtStreamReassembly *self, gsize len)
{
  g_autofree guint8 *bytes = g_malloc (len);
  guint64 from = self->used;

  g_assert_cmpuint (rt_stream_reassembly_read (self, bytes, len), ==, len);
  for (gsize i = 0; i < len; i++)
    g_assert_cmpuint (bytes[i], ==, byte_at (from + i));
}

static void
test_order (void)
{
  RtStreamReassembly self;

  rt_stream_reassembly_init (&self, -1);
  g_assert_cmpint (take (&self, 0, 100), ==, RT_STREAM_TAKE_NEW);
  g_assert_cmpint (take (&self, 0, 100), ==, RT_STREAM_TAKE_REPEAT);
  g_assert_cmpint (take (&self, 101, 100), ==, RT_STREAM_TAKE_HOLE);
  g_assert_true (rt_stream_reassembly_wants_more (&self));
  /* Cut in another way: what is new of it counts. */
  g_assert_cmpint (take (&self, 50, 100), ==, RT_STREAM_TAKE_NEW);
  g_assert_false (self.missing);
  g_assert_cmpuint (self.got, ==, 150);
  read_right (&self, 150);
  g_assert_cmpuint (rt_stream_reassembly_read (&self, NULL, 0), ==, 0);
  rt_stream_reassembly_clear (&self);
}

static void
test_bound (void)
{
  RtStreamReassembly self;

  rt_stream_reassembly_init (&self, -1);
  for (guint64 off = 0; off < CAPACITY; off += RT_STREAM_MAX_CHUNK)
    g_assert_cmpint (take (&self, off, RT_STREAM_MAX_CHUNK), ==, RT_STREAM_TAKE_NEW);
  g_assert_cmpint (take (&self, CAPACITY, 1), ==, RT_STREAM_TAKE_FULL);
  g_assert_true (self.missing);
  g_assert_false (rt_stream_reassembly_wants_more (&self));
  g_assert_cmpuint (self.ring.capacity, <=, CAPACITY);
  read_right (&self, RT_STREAM_MAX_CHUNK);
  g_assert_true (rt_stream_reassembly_wants_more (&self));
  g_assert_cmpint (take (&self, CAPACITY, RT_STREAM_MAX_CHUNK), ==, RT_STREAM_TAKE_NEW);
  read_right (&self, CAPACITY);
  rt_stream_reassembly_clear (&self);
}

static void
test_end (void)
{
  RtStreamReassembly self;

  rt_stream_reassembly_init (&self, 10);
  g_assert_cmpint (take (&self, 0, 6), ==, RT_STREAM_TAKE_NEW);
  g_assert_cmpint (rt_stream_reassembly_end (&self, 10, sum), ==, RT_STREAM_TAKE_HOLE);
  g_assert_true (rt_stream_reassembly_wants_more (&self));
  g_assert_false (rt_stream_reassembly_is_complete (&self));
  g_assert_cmpint (take (&self, 6, 4), ==, RT_STREAM_TAKE_NEW);
  g_assert_true (rt_stream_reassembly_is_complete (&self));
  g_assert_cmpint (rt_stream_reassembly_end (&self, 10, sum), ==, RT_STREAM_TAKE_REPEAT);
  rt_stream_reassembly_clear (&self);
}

static void
assert_fault (gint64 size, gsize first, gint64 end, guint64 off, guint64 len)
{
  RtStreamReassembly self;

  rt_stream_reassembly_init (&self, size);
  if (first > 0)
    g_assert_cmpint (take (&self, 0, first), ==, RT_STREAM_TAKE_NEW);
  if (end >= 0)
    g_assert_cmpint (rt_stream_reassembly_end (&self, (guint64) end, sum), !=, RT_STREAM_TAKE_FAULT);
  g_assert_cmpint (rt_stream_reassembly_judge (&self, off, len), ==, RT_STREAM_TAKE_FAULT);
  g_assert_nonnull (self.fault);
  rt_stream_reassembly_clear (&self);
}

static void
test_faults (void)
{
  assert_fault (-1, 0, -1, 0, 0);
  assert_fault (-1, 0, -1, G_MAXUINT64, 1);
  assert_fault (-1, 0, -1, G_MAXINT64, 1);
  assert_fault (-1, 10, 10, 10, 1);
  assert_fault (-1, 10, 20, 10, 11);
  assert_fault (10, 0, -1, 0, 11);
  assert_fault (10, 0, -1, 10, 1);
}

static void
assert_bad_end (gint64 size, gsize first, guint64 end)
{
  RtStreamReassembly self;

  rt_stream_reassembly_init (&self, size);
  g_assert_cmpint (take (&self, 0, first), ==, RT_STREAM_TAKE_NEW);
  g_assert_cmpint (rt_stream_reassembly_end (&self, end, sum), ==, RT_STREAM_TAKE_FAULT);
  rt_stream_reassembly_clear (&self);
}

static void
test_bad_ends (void)
{
  RtStreamReassembly self;

  assert_bad_end (-1, 10, 9);
  assert_bad_end (10, 5, 9);
  assert_bad_end (10, 5, 11);
  rt_stream_reassembly_init (&self, -1);
  g_assert_cmpint (rt_stream_reassembly_end (&self, 10, sum), ==, RT_STREAM_TAKE_HOLE);
  g_assert_cmpint (rt_stream_reassembly_end (&self, 11, sum), ==, RT_STREAM_TAKE_FAULT);
  g_assert_cmpint (rt_stream_reassembly_end (&self, 10, other_sum), ==, RT_STREAM_TAKE_FAULT);
  rt_stream_reassembly_clear (&self);
}

static void
test_credit (void)
{
  RtStreamReassembly self;

  rt_stream_reassembly_init (&self, -1);
  for (guint64 off = 0; off < RT_STREAM_WINDOW; off += RT_STREAM_MAX_CHUNK)
    g_assert_cmpint (take (&self, off, RT_STREAM_MAX_CHUNK), ==, RT_STREAM_TAKE_NEW);
  read_right (&self, RT_STREAM_WINDOW / 2 - 1);
  g_assert_false (rt_stream_reassembly_is_due (&self));
  read_right (&self, 1);
  g_assert_true (rt_stream_reassembly_is_due (&self));
  rt_stream_reassembly_asked (&self, RT_STREAM_WINDOW);
  g_assert_false (self.missing);
  rt_stream_reassembly_asked (&self, RT_STREAM_WINDOW + 1);
  g_assert_true (self.missing);
  rt_stream_reassembly_clear (&self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Stream/reassembly-order", test_order);
  g_test_add_func ("/Rt/Stream/reassembly-bound", test_bound);
  g_test_add_func ("/Rt/Stream/reassembly-end", test_end);
  g_test_add_func ("/Rt/Stream/reassembly-faults", test_faults);
  g_test_add_func ("/Rt/Stream/reassembly-bad-ends", test_bad_ends);
  g_test_add_func ("/Rt/Stream/reassembly-credit", test_credit);
  return g_test_run ();
}
