/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "rt-error.h"
#include "rt-payload.h"

static const struct
{
  const char *json;
  const char *variant; /* as g_variant_print () with types writes it; NULL: INVALID_MESSAGE */
} to_variant[] = {
  { "null", "@mv nothing" },
  { "true", "true" },
  { " false ", "false" },
  { "0", "int64 0" },
  { "-7", "int64 -7" },
  { "9223372036854775807", "int64 9223372036854775807" },
  { "-9223372036854775808", "int64 -9223372036854775808" },
  { "1.0", "1.0" },
  { "1e2", "100.0" },
  { "-0.5E-1", "-0.050000000000000003" },
  { "\"\"", "''" },
  { "\"\\u00e9\\ud83d\\ude00\\n\"", "'\xc3\xa9\xf0\x9f\x98\x80\\n'" },
  { "[]", "@av []" },
  { "[1,\"a\",null]", "[<int64 1>, <'a'>, <@mv nothing>]" },
  { "{}", "@a{sv} {}" },
  { "{\"a\":{\"b\":[true]}}", "{'a': <{'b': <[<true>]>}>}" },
  { "{\"a\":1,\"a\":2}", "{'a': <int64 2>}" },
  { "9223372036854775808", NULL },
  { "-9223372036854775809", NULL },
  { "18446744073709551616", NULL },
  { "1e400", NULL },
  { "\"\\u0000\"", NULL },
  { "{\"\\u0000\":1}", NULL },
  { "\"\\ud800\"", NULL },
  { "\"\\udc00x\"", NULL },
  { "012", NULL },
  { "0x1F", NULL },
  { ".5", NULL },
  { "'a'", NULL },
  { "/*c*/1", NULL },
  { "var x = {}", NULL },
  { "[1][2]", NULL },
  { "", NULL },
  { " ", NULL },
  { "\"\xff\"", NULL },
  { "\"\t\"", NULL },
  { "NaN", NULL },
};

static void
test_to_variant (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (to_variant); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) variant
          = rt_payload_to_variant (to_variant[i].json, strlen (to_variant[i].json), &error);
      g_autofree char *text = NULL;

      if (to_variant[i].variant == NULL)
        {
          g_assert_null (variant);
          g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
          continue;
        }
      g_assert_no_error (error);
      g_assert_false (g_variant_is_floating (variant));
      text = g_variant_print (variant, TRUE);
      g_assert_cmpstr (text, ==, to_variant[i].variant);
    }
}

static char *
repeat (const char *open, const char *middle, const char *close, guint times)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < times; i++)
    g_string_append (text, open);
  g_string_append (text, middle);
  for (guint i = 0; i < times; i++)
    g_string_append (text, close);
  return g_string_free (text, FALSE);
}

/* A GVariant that is nested too deep loses what is inside once it is serialised. So whatever is given out
 * must be the same before and after, and what would not be is refused. */
static guint
find_depth (const char *open, const char *close)
{
  guint deepest = 0;

  for (guint depth = 1; depth <= RT_JSON_MAX_DEPTH + 1; depth++)
    {
      g_autofree char *json = repeat (open, "1", close, depth);
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) variant = rt_payload_to_variant (json, strlen (json), &error);
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GVariant) read = NULL;
      g_autofree char *before = NULL;
      g_autofree char *after = NULL;

      if (variant == NULL)
        {
          g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
          continue;
        }
      g_assert_cmpuint (deepest, ==, depth - 1);
      deepest = depth;
      before = g_variant_print (variant, TRUE);
      bytes = g_variant_get_data_as_bytes (variant);
      read = g_variant_ref_sink (g_variant_new_from_bytes (g_variant_get_type (variant), bytes, FALSE));
      after = g_variant_print (read, TRUE);
      g_assert_cmpstr (before, ==, after);
      g_assert_nonnull (strstr (before, "int64 1"));
    }
  return deepest;
}

static void
test_depth (void)
{
  g_assert_cmpuint (find_depth ("[", "]"), >=, 60);
  g_assert_cmpuint (find_depth ("{\"a\":", "}"), >=, 40);
  g_assert_cmpuint (find_depth ("[{\"[{\\\"\":", "}]"), >=, 24);
}

static void
test_limits (void)
{
  g_autoptr (GString) values = g_string_new ("[0");
  g_autoptr (GString) members = g_string_new ("{\"k\":0");
  g_autoptr (GError) error = NULL;

  /* The array itself is a value too. */
  for (guint i = 0; i < RT_JSON_MAX_PAYLOAD_VALUES - 2; i++)
    g_string_append (values, ",0");
  g_string_append (values, "]");
  for (guint i = 0; i < RT_JSON_MAX_PAYLOAD_MEMBERS - 1; i++)
    g_string_append_printf (members, ",\"k%u\":0", i);
  g_string_append (members, "}");
  g_autoptr (GVariant) array = rt_payload_to_variant (values->str, values->len, &error);
  g_autoptr (GVariant) object = rt_payload_to_variant (members->str, members->len, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_variant_n_children (array), ==, RT_JSON_MAX_PAYLOAD_VALUES - 1);
  g_assert_cmpuint (g_variant_n_children (object), ==, RT_JSON_MAX_PAYLOAD_MEMBERS);

  g_string_insert (values, 1, "0,");
  g_assert_null (rt_payload_to_variant (values->str, values->len, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
  g_clear_error (&error);
  g_string_insert (members, 1, "\"x\":0,");
  g_assert_null (rt_payload_to_variant (members->str, members->len, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
}

static const struct
{
  const char *variant;
  const char *json; /* NULL: INVALID_MESSAGE */
} from_variant[] = {
  { "true", "true" },
  { "int64 -5", "-5" },
  { "uint64 9223372036854775807", "9223372036854775807" },
  { "uint64 9223372036854775808", NULL },
  { "[<uint64 18446744073709551615>]", NULL },
  { "{'a': <(byte 1, @mt just 9223372036854775808)>}", NULL },
  { "2.5", "2.5" },
  { "'\\u00e9\"\\n'", "\"\xc3\xa9\\\"\\n\"" },
  { "@av []", "[]" },
  { "[int32 1, 2]", "[1,2]" },
  { "(int32 1, 'a')", "[1,\"a\"]" },
  { "@a{sv} {}", "{}" },
  { "{'a': <int32 1>}", "{\"a\":1}" },
  { "@ms nothing", "null" },
  { "@ms just 'a'", "\"a\"" },
  { "<'a'>", "\"a\"" },
  { "objectpath '/a'", "\"/a\"" },
  { "0.1", "0.1" },
  { "5.0", "5.0" },
  { "-0.0", "-0.0" },
  { "1e308", "1e+308" },
  { "'\\u001f\\u007f\\u2028'", "\"\\u001f\x7f\xe2\x80\xa8\"" },
  { "@ay [1, 255]", "[1,255]" },
  { "()", "[]" },
  { "{1: 'a'}", "{\"1\":\"a\"}" },
  { "{0.1: 'a', 1e-300: 'b'}", "{\"0.1\":\"a\",\"1e-300\":\"b\"}" },
  { "{'\"': 1, '': 2}", "{\"\\\"\":1,\"\":2}" },
  { "{'a', 1}", "{\"a\":1}" },
  { "{'a': 1, 'b': 2, 'a': 3}", NULL },
  { "inf", NULL },
  { "[nan]", NULL },
};

static void
test_from_variant (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (from_variant); i++)
    {
      g_autoptr (GError) error = NULL;
      GVariant *variant = g_variant_parse (NULL, from_variant[i].variant, NULL, NULL, &error);
      g_autofree char *json = NULL;

      g_test_message ("%s", from_variant[i].variant);
      g_assert_no_error (error);
      json = rt_payload_from_variant (variant, &error);
      g_assert_cmpstr (json, ==, from_variant[i].json);
      if (from_variant[i].json == NULL)
        g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
      g_variant_unref (variant);
    }
}

/* A variant in a variant leaves nothing behind in JSON, so depth there has no bound of JSON's. */
static void
test_nested (void)
{
  GVariant *variant = g_variant_new_boolean (TRUE);
  g_autoptr (GError) error = NULL;
  g_autofree char *json = NULL;

  for (guint i = 0; i < 100; i++)
    variant = g_variant_new_variant (variant);
  json = rt_payload_from_variant (variant, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (json, ==, "true");
  for (guint i = 0; i < 400; i++)
    variant = g_variant_new_variant (variant);
  g_assert_null (rt_payload_from_variant (variant, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
  g_variant_unref (variant);
}

static void
test_pairs (void)
{
  static const struct
  {
    const char *json;
    const char *variant;
  } cases[] = {
    { "{\"a\":\"b\",\"\\u0063\":\"\\u0064\"}", "{'a': 'b', 'c': 'd'}" },
    { "{}", "@a{ss} {}" },
    { "{\"a\":1}", "@a{ss} {}" },
    { "[]", "@a{ss} {}" },
    { "{\"a\":\"\\u0000\"}", "@a{ss} {}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      RtSlice slice = { cases[i].json, strlen (cases[i].json), 0 };
      g_autoptr (GVariant) pairs = rt_payload_pairs (&slice);
      g_autofree char *text = g_variant_print (pairs, TRUE);
      g_assert_cmpstr (text, ==, cases[i].variant);
    }
}

static void
test_put_pairs (void)
{
  g_autoptr (GVariant) pairs = g_variant_ref_sink (g_variant_new_parsed ("{'a\"': 'b\\n', 'c': ''}"));
  g_auto (RtBuffer) out = { 0 };

  rt_payload_put_pairs (&out, pairs);
  rt_payload_put_pairs (&out, rt_payload_no_pairs ());
  rt_buffer_put_byte (&out, '\0');
  g_assert_cmpstr ((char *) out.data, ==, "{\"a\\\"\":\"b\\n\",\"c\":\"\"}{}");
}

static void
test_base64 (void)
{
  static const char *const wrong[] = { "A",        "AA",   "AAA",  "AAAAA",  "A===",    "====", "AA=A",
                                       "AA==AAAA", "AAA-", "AA A", "AAAA\n", "AAA\xc3", "=AAA" };
  static const char *const right[] = { "", "AAAA", "AAA=", "AA==", "+/+/" };
  static const gsize sizes[] = { 0, 3, 2, 1, 3 };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_null (rt_payload_decode_base64 (wrong[i]));
  for (guint i = 0; i < G_N_ELEMENTS (right); i++)
    {
      g_autoptr (GBytes) bytes = rt_payload_decode_base64 (right[i]);
      g_assert_cmpuint (g_bytes_get_size (bytes), ==, sizes[i]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Payload/to-variant", test_to_variant);
  g_test_add_func ("/Rt/Payload/depth", test_depth);
  g_test_add_func ("/Rt/Payload/limits", test_limits);
  g_test_add_func ("/Rt/Payload/from-variant", test_from_variant);
  g_test_add_func ("/Rt/Payload/nested", test_nested);
  g_test_add_func ("/Rt/Payload/pairs", test_pairs);
  g_test_add_func ("/Rt/Payload/put-pairs", test_put_pairs);
  g_test_add_func ("/Rt/Payload/base64", test_base64);
  return g_test_run ();
}
