/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-outbound.h"

#include "rt-test.h"

/* A client that reads all goes on for ever, whatever libsoup adds of itself. */
static void
test_exact (void)
{
  static const struct
  {
    gsize payload;
    gsize frame;
  } sizes[] = { { 1, 3 }, { 125, 127 }, { 126, 130 }, { 65535, 65539 }, { 65536, 65546 }, { 200000, 200010 } };
  RtMockOutbound outbound;
  guint64 written = 0;

  rt_mock_outbound_init (&outbound);
  for (guint round = 0; round < 1000; round++)
    for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
      {
        rt_mock_outbound_add_frame (&outbound, sizes[i].payload);
        written += sizes[i].frame;
        g_assert_cmpuint (outbound.sent, ==, written);
        written += round % 3 == 0 ? 7 : 0;
        g_assert_false (rt_mock_outbound_is_over (&outbound, written));
        g_assert_cmpuint (outbound.large_bytes, ==, 0);
        written = outbound.sent;
      }
  rt_mock_outbound_clear (&outbound);
}

static void
test_small_frames (void)
{
  RtMockOutbound outbound;
  gsize on_the_way = 0;

  rt_mock_outbound_init (&outbound);
  while (!rt_mock_outbound_is_over (&outbound, 0))
    {
      rt_mock_outbound_add_frame (&outbound, 1000);
      on_the_way += 1004;
    }
  g_assert_cmpuint (on_the_way, >, RT_MOCK_OUTBOUND_MAX);
  g_assert_cmpuint (on_the_way, <, RT_MOCK_OUTBOUND_MAX + 2000);
  g_assert_false (rt_mock_outbound_is_over (&outbound, 2000));
  rt_mock_outbound_clear (&outbound);
}

static void
test_large_frames (void)
{
  RtMockOutbound outbound;

  rt_mock_outbound_init (&outbound);
  for (guint i = 0; i < 3; i++)
    rt_mock_outbound_add_frame (&outbound, 20000000);
  g_assert_false (rt_mock_outbound_is_over (&outbound, 0));
  for (guint i = 0; i < 1000; i++)
    rt_mock_outbound_add_frame (&outbound, 1000);
  g_assert_false (rt_mock_outbound_is_over (&outbound, 0));
  for (guint i = 0; i < 50; i++)
    rt_mock_outbound_add_frame (&outbound, 1000);
  g_assert_true (rt_mock_outbound_is_over (&outbound, 0));
  /* The large ones have gone out; the small ones behind them still are too much. */
  g_assert_true (rt_mock_outbound_is_over (&outbound, 3 * 20000010));
  g_assert_cmpuint (outbound.large_bytes, ==, 0);
  g_assert_false (rt_mock_outbound_is_over (&outbound, 3 * 20000010 + 10000));

  rt_mock_outbound_add_frame (&outbound, RT_MOCK_OUTBOUND_MAX_LARGE);
  g_assert_true (rt_mock_outbound_is_over (&outbound, 3 * 20000010 + 10000));
  rt_mock_outbound_clear (&outbound);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/MockOutbound/exact", test_exact);
  g_test_add_func ("/Rt/MockOutbound/small-frames", test_small_frames);
  g_test_add_func ("/Rt/MockOutbound/large-frames", test_large_frames);
  return g_test_run ();
}
