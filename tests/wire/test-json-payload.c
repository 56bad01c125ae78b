/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-json.h"

static RtJsonFaultKind
check_len (const char *text, gsize len)
{
  RtJsonFault fault;
  g_autofree char *copy = g_memdup2 (text, len);
  gboolean ok = rt_json_check_payload (copy, len, &fault);

  g_assert_cmpint (ok, ==, fault.kind == RT_JSON_OK);
  g_assert_cmpint (ok, ==, rt_json_check_payload (copy, len, NULL));
  if (!ok)
    {
      g_assert_nonnull (fault.text);
      g_assert_cmpuint (fault.offset, <=, len);
    }
  return fault.kind;
}

static RtJsonFaultKind
check (const char *text)
{
  return check_len (text, strlen (text));
}

static void
test_grammar_first (void)
{
  g_assert_cmpint (check ("[1,]"), ==, RT_JSON_BAD_SYNTAX);
  g_assert_cmpint (check ("[1"), ==, RT_JSON_TRUNCATED);
  g_assert_cmpint (check ("[\"\xff\"]"), ==, RT_JSON_BAD_UTF8);
  g_assert_cmpint (check ("{} {}"), ==, RT_JSON_TRAILING);
  g_assert_cmpint (check (""), ==, RT_JSON_TRUNCATED);
  g_assert_cmpint (check (" {\"a\" : [ 1 , true , false , null , \"x\" , { } , [ ] ] } "), ==, RT_JSON_OK);
}

static void
test_strings (void)
{
  static const char *const good[] = {
    "\"\"", "\"\\uD83C\\uDF0D\"", "\"\\\\u0000\"", "\"\\uFFFF\"", "{\"\\u0001\":\"\\n\"}", "\"\\\\uD800\"",
  };
  static const char *const bad[] = {
    "\"\\u0000\"", "\"a\\u0000b\"", "{\"\\u0000\":1}", "[[\"\\uD800\"]]", "\"\\uD800\\n\"", "\"\\uD800x\"",
    "\"\\uDF0D\\uD83C\"", "{\"\\uDFAA\":0}", "\"\\uD800\\uD800\"", "\"\\uD800\\u0041\"", "\"\\uD83C\\\\uDF0D\"",
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_cmpint (check (good[i]), ==, RT_JSON_OK);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_cmpint (check (bad[i]), ==, RT_JSON_BAD_PAYLOAD);
}

static void
test_numbers (void)
{
  static const char *const good[] = {
    "0", "-0", "-0.0", "9223372036854775807", "-9223372036854775808", "1e308", "-1.7976931348623157e308", "1e-400",
    "0e999999999999", "123456789012345678901234567890.5", "4.9e-324", "12345678901234567890e0",
  };
  static const char *const bad[] = {
    "9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616",
    "100000000000000000000000000000", "1e309", "-1e400", "1.8e308", "1e999999999999",
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *inside = g_strdup_printf ("{\"n\":[%s]}", good[i]);
      g_assert_cmpint (check (good[i]), ==, RT_JSON_OK);
      g_assert_cmpint (check (inside), ==, RT_JSON_OK);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *inside = g_strdup_printf ("{\"n\":[%s]}", bad[i]);
      g_assert_cmpint (check (bad[i]), ==, RT_JSON_BAD_PAYLOAD);
      g_assert_cmpint (check (inside), ==, RT_JSON_BAD_PAYLOAD);
    }
}

/* A number of a million digits is a number. */
static void
test_long_number (void)
{
  g_autoptr (GString) text = g_string_new ("0.");

  for (guint i = 0; i < 1000000; i++)
    g_string_append_c (text, '1' + i % 9);
  g_assert_cmpint (check_len (text->str, text->len), ==, RT_JSON_OK);
  text->str[1] = '3';
  text->str[0] = '2';
  g_assert_cmpint (check_len (text->str, text->len), ==, RT_JSON_BAD_PAYLOAD);
  g_string_append (text, ".5");
  g_assert_cmpint (check_len (text->str, text->len), ==, RT_JSON_BAD_PAYLOAD);
}

static RtJsonFaultKind
check_repeated (const char *open, const char *item, guint n, const char *close)
{
  g_autoptr (GString) text = g_string_new (open);

  for (guint i = 0; i < n; i++)
    {
      if (i > 0)
        g_string_append_c (text, ',');
      g_string_append (text, item);
    }
  g_string_append (text, close);
  return check_len (text->str, text->len);
}

static void
test_values (void)
{
  /* The array itself is a value. */
  g_assert_cmpint (check_repeated ("[", "1", 9999, "]"), ==, RT_JSON_OK);
  g_assert_cmpint (check_repeated ("[", "1", 10000, "]"), ==, RT_JSON_TOO_MANY_VALUES);
  g_assert_cmpint (check_repeated ("[", "\"\"", 10000, "]"), ==, RT_JSON_TOO_MANY_VALUES);
  g_assert_cmpint (check_repeated ("[", "null", 10000, "]"), ==, RT_JSON_TOO_MANY_VALUES);
  g_assert_cmpint (check_repeated ("[", "true", 10000, "]"), ==, RT_JSON_TOO_MANY_VALUES);
  g_assert_cmpint (check_repeated ("[", "false", 10000, "]"), ==, RT_JSON_TOO_MANY_VALUES);
  g_assert_cmpint (check_repeated ("[", "[]", 9999, "]"), ==, RT_JSON_OK);
  g_assert_cmpint (check_repeated ("[", "{}", 10000, "]"), ==, RT_JSON_TOO_MANY_VALUES);
  /* Names are no values: each of these is an object with one. */
  g_assert_cmpint (check_repeated ("[", "{\"k\":\"v\"}", 4999, "]"), ==, RT_JSON_OK);
  g_assert_cmpint (check_repeated ("[", "{\"k\":\"v\"}", 5000, "]"), ==, RT_JSON_TOO_MANY_VALUES);
  g_assert_cmpint (check_repeated ("[1,", "{\"k\":\"v\"}", 4999, "]"), ==, RT_JSON_OK);
}

static void
test_members (void)
{
  g_assert_cmpint (check_repeated ("{", "\"k\":1", 1024, "}"), ==, RT_JSON_OK);
  g_assert_cmpint (check_repeated ("{", "\"k\":1", 1025, "}"), ==, RT_JSON_TOO_MANY_VALUES);
  g_assert_cmpint (check_repeated ("[{\"a\":{", "\"k\":1", 1025, "}}]"), ==, RT_JSON_TOO_MANY_VALUES);
  /* Counted by object, not in all. */
  g_assert_cmpint (check_repeated ("{\"a\":{},\"b\":{", "\"k\":1", 1024, "}}"), ==, RT_JSON_OK);
  g_assert_cmpint (check_repeated ("[", "{\"a\":1,\"b\":{\"c\":2}}", 2000, "]"), ==, RT_JSON_OK);
  /* An inner object does not set the outer one's count back. */
  g_assert_cmpint (check_repeated ("{", "\"k\":{}", 1025, "}"), ==, RT_JSON_TOO_MANY_VALUES);
}

static RtJsonFaultKind
check_depth (guint depth, const char *open, const char *close)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < depth; i++)
    g_string_append (text, open);
  g_string_append (text, "0");
  for (guint i = 0; i < depth; i++)
    g_string_append (text, close);
  return check (text->str);
}

static void
test_depth (void)
{
  g_assert_cmpint (check_depth (RT_JSON_MAX_PAYLOAD_DEPTH, "[", "]"), ==, RT_JSON_OK);
  g_assert_cmpint (check_depth (RT_JSON_MAX_PAYLOAD_DEPTH, "{\"a\":", "}"), ==, RT_JSON_OK);
  g_assert_cmpint (check_depth (RT_JSON_MAX_PAYLOAD_DEPTH + 1, "[", "]"), ==, RT_JSON_TOO_DEEP);
  g_assert_cmpint (check_depth (RT_JSON_MAX_DEPTH, "[", "]"), ==, RT_JSON_TOO_DEEP);
  g_assert_cmpint (check_depth (RT_JSON_MAX_DEPTH + 1, "{\"a\":", "}"), ==, RT_JSON_TOO_DEEP);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Json/payload/grammar-first", test_grammar_first);
  g_test_add_func ("/Rt/Json/payload/strings", test_strings);
  g_test_add_func ("/Rt/Json/payload/numbers", test_numbers);
  g_test_add_func ("/Rt/Json/payload/long-number", test_long_number);
  g_test_add_func ("/Rt/Json/payload/values", test_values);
  g_test_add_func ("/Rt/Json/payload/members", test_members);
  g_test_add_func ("/Rt/Json/payload/depth", test_depth);
  return g_test_run ();
}
