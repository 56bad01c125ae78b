/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-json.h"

static RtSlice
string_slice (const char *inside)
{
  return (RtSlice) { inside, strlen (inside), strchr (inside, '\\') != NULL ? RT_SLICE_ESCAPED : 0 };
}

static const struct
{
  const char *inside;
  const char *text;
} strings[] = {
  { "", "" },
  { "plain", "plain" },
  { "\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t" },
  { "\\u0041\\u00e9\\u20AC", "A\xc3\xa9\xe2\x82\xac" },
  { "a\\uD83C\\uDF0Db", "a\xf0\x9f\x8c\x8d" "b" },
  { "\\uDBFF\\uDFFF", "\xf4\x8f\xbf\xbf" },
  { "\\uD7FF\\uE000", "\xed\x9f\xbf\xee\x80\x80" },
  { "\xc3\xa9\\n\xe2\x82\xac", "\xc3\xa9\n\xe2\x82\xac" },
  { "\\u0000", NULL },
  { "x\\u0000y", NULL },
  { "\\uD800", NULL },
  { "\\uD800x", NULL },
  { "\\uD800\\n", NULL },
  { "\\uD800\\u0041", NULL },
  { "\\uD800\\uD800\\uDC00", NULL },
  { "\\uDC00", NULL },
  { "a\\uDC00\\uD800", NULL },
  /* No grammar lets these through; they are no text, and nothing behind the slice is looked at. */
  { "\\", NULL },
  { "\\u", NULL },
  { "\\u00", NULL },
  { "\\uD83C\\", NULL },
  { "\\uD83C\\uDF", NULL },
  { "\\q", NULL },
  { "\\u00g0", NULL },
};

static void
test_unescape (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    {
      RtSlice slice = string_slice (strings[i].inside);
      g_autofree char *copy = g_memdup2 (slice.data, slice.len);

      slice.data = slice.len > 0 ? copy : "";
      g_autofree char *text = rt_json_unescape (&slice);
      g_assert_cmpstr (text, ==, strings[i].text);
      if (text != NULL)
        g_assert_true (rt_slice_equals (&slice, text));
      else
        g_assert_false (rt_slice_equals (&slice, ""));
    }
}

static void
test_equals (void)
{
  RtSlice absent = { NULL, 0, 0 };
  RtSlice empty = string_slice ("");
  RtSlice plain = string_slice ("offset");
  RtSlice escaped = string_slice ("o\\u0066f\\u0073et");
  RtSlice wide = string_slice ("\\u00e9\\uD83C\\uDF0D");

  g_assert_false (rt_slice_equals (&absent, ""));
  g_assert_true (rt_slice_equals (&empty, ""));
  g_assert_false (rt_slice_equals (&empty, "a"));
  for (guint i = 0; i < 2; i++)
    {
      const RtSlice *slice = i == 0 ? &plain : &escaped;
      g_assert_true (rt_slice_equals (slice, "offset"));
      g_assert_false (rt_slice_equals (slice, "offse"));
      g_assert_false (rt_slice_equals (slice, "offsets"));
      g_assert_false (rt_slice_equals (slice, "offseT"));
      g_assert_false (rt_slice_equals (slice, ""));
    }
  g_assert_true (rt_slice_equals (&wide, "\xc3\xa9\xf0\x9f\x8c\x8d"));
  g_assert_false (rt_slice_equals (&wide, "\xc3\xa9\xf0\x9f\x8c"));
  g_assert_false (rt_slice_equals (&wide, "\xc3"));
}

static void
assert_string (const char *text, gsize len, const char *written)
{
  g_auto (RtBuffer) out = { NULL };
  g_autofree char *copy = g_memdup2 (text, len);

  rt_json_put_string (&out, copy, len);
  g_assert_cmpmem (out.data, out.len, written, strlen (written));
  g_assert_true (rt_json_check ((const char *) out.data, out.len, NULL));
}

static void
test_put_string (void)
{
  assert_string ("", 0, "\"\"");
  assert_string ("abc", 3, "\"abc\"");
  assert_string ("\"\\/", 3, "\"\\\"\\\\/\"");
  assert_string ("\b\f\n\r\t\x0b\x1f\x7f", 8, "\"\\b\\f\\n\\r\\t\\u000b\\u001f\x7f\"");
  assert_string ("a\0b", 3, "\"a\\u0000b\"");
  assert_string ("\xc3\xa9\xf0\x9f\x8c\x8d", 6, "\"\xc3\xa9\xf0\x9f\x8c\x8d\"");
  assert_string ("0123456789abcdef\n0123456789abcdef\"", 34, "\"0123456789abcdef\\n0123456789abcdef\\\"\"");
}

/* Whatever valid text is written reads back the same. */
static void
test_round_trip (void)
{
  for (guint round = 0; round < 20000; round++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_auto (RtBuffer) out = { NULL };
      guint n = g_test_rand_int_range (0, 60);

      for (guint i = 0; i < n; i++)
        switch (g_test_rand_int_range (0, 8))
          {
          case 0:
            g_string_append_c (text, g_test_rand_int_range (1, 0x20));
            break;
          case 1:
            g_string_append_c (text, round % 2 == 0 ? '"' : '\\');
            break;
          case 2:
            g_string_append_unichar (text, g_test_rand_int_range (0x80, 0xd800));
            break;
          case 3:
            g_string_append_unichar (text, g_test_rand_int_range (0xe000, 0x110000));
            break;
          default:
            g_string_append_c (text, g_test_rand_int_range (0x20, 0x80));
          }
      rt_json_put_string (&out, text->str, text->len);
      g_assert_true (rt_json_check ((const char *) out.data, out.len, NULL));
      RtSlice slice = { (const char *) out.data + 1, out.len - 2, RT_SLICE_ESCAPED };
      g_autofree char *back = rt_json_unescape (&slice);
      g_assert_cmpstr (back, ==, text->str);
    }
}

static void
assert_uint (guint64 value)
{
  g_auto (RtBuffer) out = { NULL };
  g_autofree char *expected = g_strdup_printf ("%" G_GUINT64_FORMAT, value);

  rt_json_put_uint (&out, value);
  g_assert_cmpmem (out.data, out.len, expected, strlen (expected));
}

static void
assert_int (gint64 value)
{
  g_auto (RtBuffer) out = { NULL };
  g_autofree char *expected = g_strdup_printf ("%" G_GINT64_FORMAT, value);

  rt_json_put_int (&out, value);
  g_assert_cmpmem (out.data, out.len, expected, strlen (expected));
}

static void
test_put_numbers (void)
{
  guint64 power = 1;

  assert_uint (0);
  for (guint i = 0; i < 20; i++, power *= 10)
    {
      assert_uint (power - 1);
      assert_uint (power);
      assert_uint (power + 7);
    }
  assert_uint (G_MAXUINT64);
  assert_int (0);
  assert_int (-1);
  assert_int (-100);
  assert_int (G_MAXINT64);
  assert_int (G_MININT64);
}

static void
collect_pair (const char *key, const char *value, gpointer user_data)
{
  g_string_append_printf (user_data, "%s=%s;", key, value);
}

static char *
pairs_of (const char *object)
{
  g_autoptr (GString) found = g_string_new (NULL);
  gsize len = strlen (object);
  g_autofree char *copy = g_memdup2 (object, len);
  RtSlice slice = { copy, len, 0 };

  if (!rt_json_each_pair (&slice, collect_pair, found))
    return NULL;
  return g_string_free (g_steal_pointer (&found), FALSE);
}

static void
test_pairs (void)
{
  static const struct
  {
    const char *object;
    const char *pairs;
  } cases[] = {
    { "{}", "" },
    { "{ }", "" },
    { "{\"a\":\"b\"}", "a=b;" },
    { "{ \"a\" : \"b\" , \"\\u0063\" : \"\\n\" }", "a=b;c=\n;" },
    { "{\"a\":\"b\",\"a\":\"c\"}", "a=b;a=c;" },
    { "[]", NULL },
    { "{\"a\":1}", NULL },
    { "{\"a\":null}", NULL },
    { "{\"a\":{}}", NULL },
    { "{\"a\":\"\\u0000\"}", NULL },
    { "{\"\\uD800\":\"\"}", NULL },
    { "{\"a\":\"b\"", NULL },
    { "{\"a\":\"b\"}}", NULL },
    { "{\"a\"}", NULL },
    { "\"a\"", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *pairs = pairs_of (cases[i].object);
      g_assert_cmpstr (pairs, ==, cases[i].pairs);
    }
  RtSlice absent = { NULL, 0, 0 };
  g_assert_false (rt_json_each_pair (&absent, collect_pair, NULL));
}

static void
test_buffer (void)
{
  g_auto (RtBuffer) out = { NULL };
  g_autofree char *large = g_strnfill (100000, 'x');

  rt_buffer_put (&out, NULL, 0);
  g_assert_null (out.data);
  for (guint i = 0; i < 1000; i++)
    rt_buffer_put_byte (&out, i);
  rt_buffer_put (&out, large, 100000);
  rt_buffer_put_literal (&out, "end");
  g_assert_cmpuint (out.len, ==, 101003);
  g_assert_cmpuint (out.capacity, >=, out.len);
  for (guint i = 0; i < 1000; i++)
    g_assert_cmpuint (out.data[i], ==, i & 0xff);
  g_assert_cmpmem (out.data + 1000, 100000, large, 100000);
  g_assert_cmpmem (out.data + 101000, 3, "end", 3);
  rt_buffer_clear (&out);
  g_assert_cmpuint (out.capacity, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Json/text/unescape", test_unescape);
  g_test_add_func ("/Rt/Json/text/equals", test_equals);
  g_test_add_func ("/Rt/Json/text/pairs", test_pairs);
  g_test_add_func ("/Rt/Json/write/string", test_put_string);
  g_test_add_func ("/Rt/Json/write/round-trip", test_round_trip);
  g_test_add_func ("/Rt/Json/write/numbers", test_put_numbers);
  g_test_add_func ("/Rt/Buffer/growth", test_buffer);
  return g_test_run ();
}
