/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-position.h"

static void
test_parts (void)
{
  g_autoptr (RtPosition) position = rt_position_new ("Vntd", G_MAXUINT64);
  g_autoptr (RtPosition) copy = rt_position_copy (position);

  g_assert_true (copy != position);
  g_assert_cmpstr (rt_position_get_epoch (copy), ==, "Vntd");
  g_assert_cmpuint (rt_position_get_offset (copy), ==, G_MAXUINT64);
  g_assert_true (rt_position_get_epoch (copy) != rt_position_get_epoch (position));
}

static void
test_equal (void)
{
  g_autoptr (RtPosition) position = rt_position_new ("a", 1);
  g_autoptr (RtPosition) same = rt_position_new ("a", 1);
  g_autoptr (RtPosition) other_epoch = rt_position_new ("b", 1);
  g_autoptr (RtPosition) other_offset = rt_position_new ("a", 2);

  g_assert_true (rt_position_equal (position, same));
  g_assert_false (rt_position_equal (position, other_epoch));
  g_assert_false (rt_position_equal (position, other_offset));
}

static void
test_boxed (void)
{
  g_auto (GValue) value = G_VALUE_INIT;
  RtPosition *position = rt_position_new ("", 0);

  g_value_init (&value, RT_TYPE_POSITION);
  g_value_take_boxed (&value, position);
  g_assert_true (g_value_get_boxed (&value) == position);
  rt_position_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Position/parts", test_parts);
  g_test_add_func ("/Rt/Position/equal", test_equal);
  g_test_add_func ("/Rt/Position/boxed", test_boxed);
  return g_test_run ();
}
