/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>
#include <math.h>
#include <string.h>
#include "rt-data-test.h"
#include "rt-error.h"
#include "rt-message-builder.h"
#include "rt-payload.h"

/* Whatever a program gives to a message comes back as docs/messages.md says, or is refused. Random values; the seed is
 * printed, and --seed repeats a run. */

#define ROUNDS 120
#define MAX_DEPTH 4
#define MAX_CHILDREN 4

static gboolean
one_in (gint32 n)
{
  return g_test_rand_int_range (0, n) == 0;
}

/* --- Random values --- */

static char *
random_text (void)
{
  static const gunichar special[] = { '"', '\\', '/', '$', 0x1, 0x1f, '\n', 0x7f, 0x80, 0x9f, 0xa0, 0x2028, 0x2029,
                                      0xd7ff, 0xe000, 0xfeff, 0xfffd, 0xfffe, 0xffff, 0x10000, 0x1f600, 0x10ffff };
  GString *text = g_string_new (NULL);

  for (gint32 left = g_test_rand_int_range (0, 9); left > 0; left--)
    {
      if (one_in (2))
        g_string_append_unichar (text, special[g_test_rand_int_range (0, G_N_ELEMENTS (special))]);
      else if (one_in (4))
        g_string_append (text, one_in (2) ? "$rt" : "\\u0000");
      else
        g_string_append_c (text, (char) g_test_rand_int_range (' ', 0x7f));
    }
  return g_string_free (text, FALSE);
}

static guint64
random_bits (void)
{
  static const guint64 special[] = { 0, 1, G_MAXINT8, G_MAXINT32, G_MAXUINT32, G_GUINT64_CONSTANT (1) << 53,
                                     (G_GUINT64_CONSTANT (1) << 53) + 1, G_MAXINT64, (guint64) G_MAXINT64 + 1,
                                     G_MAXUINT64 };
  guint64 bits = (guint64) (guint32) g_test_rand_int () << 32 | (guint32) g_test_rand_int ();

  return one_in (2) ? special[g_test_rand_int_range (0, G_N_ELEMENTS (special))] : bits >> g_test_rand_int_range (0, 64);
}

static double
random_double (void)
{
  static const double special[] = { 0, -0.0, 1, -1, 1e15, 1e16, 1e17, 1e21, 1e22, 1e100, 1e308, -1e308, 0.1, 1.0 / 3,
                                    G_MAXDOUBLE, -G_MAXDOUBLE, G_MINDOUBLE, 5e-324, 9007199254740993.0,
                                    9223372036854775808.0, -9223372036854775808.0, 18446744073709551616.0 };
  union
  {
    guint64 bits;
    double number;
  } any;

  if (one_in (40))
    return one_in (2) ? NAN : INFINITY;
  if (one_in (2))
    return special[g_test_rand_int_range (0, G_N_ELEMENTS (special))];
  any.bits = random_bits ();
  return isfinite (any.number) ? any.number : 0;
}

static GVariant *
random_string (char type)
{
  g_autofree char *text = NULL;

  if (type == 'o')
    return g_variant_new_object_path (one_in (2) ? "/" : "/a/b_1");
  if (type == 'g')
    return g_variant_new_signature (one_in (2) ? "" : "a{sv}");
  text = random_text ();
  return g_variant_new_string (text);
}

static GVariant *
random_basic (char type)
{
  switch (type)
    {
    case 'b':
      return g_variant_new_boolean (one_in (2));
    case 'y':
      return g_variant_new_byte (random_bits ());
    case 'n':
      return g_variant_new_int16 (random_bits ());
    case 'q':
      return g_variant_new_uint16 (random_bits ());
    case 'i':
      return g_variant_new_int32 (random_bits ());
    case 'h':
      return g_variant_new_handle (random_bits ());
    case 'u':
      return g_variant_new_uint32 (random_bits ());
    case 'x':
      return g_variant_new_int64 (random_bits ());
    case 't':
      return g_variant_new_uint64 (one_in (4) ? random_bits () : random_bits () >> 1);
    case 'd':
      return g_variant_new_double (random_double ());
    default:
      return random_string (type);
    }
}

static char
random_basic_type (void)
{
  static const char types[] = "bynqihuxtdsog";

  return types[g_test_rand_int_range (0, sizeof types - 1)];
}

static GVariant *random_variant (guint depth);

/* Keys are sometimes repeated, which a GVariant may hold. */
static GVariant *
random_dict (guint depth)
{
  char key_type = one_in (2) ? 's' : random_basic_type ();
  const char type[] = { 'a', '{', key_type, 'v', '}', '\0' };
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE (type));
  for (gint32 left = g_test_rand_int_range (0, MAX_CHILDREN); left > 0; left--)
    g_variant_builder_add_value (&builder, g_variant_new_dict_entry (random_basic (key_type),
                                                                     g_variant_new_variant (random_variant (depth))));
  return g_variant_builder_end (&builder);
}

static GVariant *
random_array (void)
{
  char type = random_basic_type ();
  const char array_type[] = { 'a', type, '\0' };
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE (array_type));
  for (gint32 left = g_test_rand_int_range (0, MAX_CHILDREN); left > 0; left--)
    g_variant_builder_add_value (&builder, random_basic (type));
  return g_variant_builder_end (&builder);
}

static GVariant *
random_tuple (guint depth)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_TUPLE);
  for (gint32 left = g_test_rand_int_range (0, MAX_CHILDREN); left > 0; left--)
    g_variant_builder_add_value (&builder, random_variant (depth));
  return g_variant_builder_end (&builder);
}

/* A new floating one. */
static GVariant *
random_variant (guint depth)
{
  if (depth == 0)
    return random_basic (random_basic_type ());
  switch (g_test_rand_int_range (0, 8))
    {
    case 0:
      return random_dict (depth - 1);
    case 1:
      return random_array ();
    case 2:
      return random_tuple (depth - 1);
    case 3:
      return g_variant_new_variant (random_variant (depth - 1));
    case 4:
      return g_variant_new_maybe (NULL, random_variant (depth - 1));
    case 5:
      return g_variant_new_maybe (G_VARIANT_TYPE ("a{sv}"), NULL);
    case 6:
      return g_variant_new_dict_entry (random_basic (random_basic_type ()), random_variant (depth - 1));
    default:
      return random_basic (random_basic_type ());
    }
}

/* --- What is to come back: a new floating one, or NULL for what must be refused --- */

static GVariant *expect (GVariant *variant);

static GVariant *
expect_number (GVariant *variant)
{
  switch (g_variant_classify (variant))
    {
    case G_VARIANT_CLASS_BYTE:
      return g_variant_new_int64 (g_variant_get_byte (variant));
    case G_VARIANT_CLASS_INT16:
      return g_variant_new_int64 (g_variant_get_int16 (variant));
    case G_VARIANT_CLASS_UINT16:
      return g_variant_new_int64 (g_variant_get_uint16 (variant));
    case G_VARIANT_CLASS_INT32:
      return g_variant_new_int64 (g_variant_get_int32 (variant));
    case G_VARIANT_CLASS_HANDLE:
      return g_variant_new_int64 (g_variant_get_handle (variant));
    case G_VARIANT_CLASS_UINT32:
      return g_variant_new_int64 (g_variant_get_uint32 (variant));
    case G_VARIANT_CLASS_INT64:
      return g_variant_new_int64 (g_variant_get_int64 (variant));
    case G_VARIANT_CLASS_UINT64:
      return g_variant_get_uint64 (variant) <= G_MAXINT64 ? g_variant_new_int64 (g_variant_get_uint64 (variant)) : NULL;
    default:
      return isfinite (g_variant_get_double (variant)) ? g_variant_new_double (g_variant_get_double (variant)) : NULL;
    }
}

static char *
expect_double_key (double number)
{
  g_autofree char *digits = g_strdup_printf ("%.15g", number);

  if (g_ascii_strtod (digits, NULL) != number)
    {
      g_free (digits);
      digits = g_strdup_printf ("%.16g", number);
    }
  return g_ascii_strtod (digits, NULL) == number ? g_steal_pointer (&digits) : g_strdup_printf ("%.17g", number);
}

static char *
expect_key (GVariant *key)
{
  g_autoptr (GVariant) number = NULL;

  switch (g_variant_classify (key))
    {
    case G_VARIANT_CLASS_STRING:
    case G_VARIANT_CLASS_OBJECT_PATH:
    case G_VARIANT_CLASS_SIGNATURE:
      return g_variant_dup_string (key, NULL);
    case G_VARIANT_CLASS_BOOLEAN:
      return g_strdup (g_variant_get_boolean (key) ? "true" : "false");
    case G_VARIANT_CLASS_UINT64:
      return g_strdup_printf ("%" G_GUINT64_FORMAT, g_variant_get_uint64 (key));
    case G_VARIANT_CLASS_DOUBLE:
      return expect_double_key (g_variant_get_double (key));
    default:
      number = g_variant_ref_sink (expect_number (key));
      return g_strdup_printf ("%" G_GINT64_FORMAT, g_variant_get_int64 (number));
    }
}

static GVariant *
expect_object (GVariant *dict)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gboolean is_entry = g_variant_is_of_type (dict, G_VARIANT_TYPE_DICT_ENTRY);
  gboolean refused = FALSE;

  for (gsize i = 0; i < (is_entry ? 1 : g_variant_n_children (dict)); i++)
    {
      g_autoptr (GVariant) entry = is_entry ? g_variant_ref (dict) : g_variant_get_child_value (dict, i);
      g_autoptr (GVariant) key = g_variant_get_child_value (entry, 0);
      g_autoptr (GVariant) value = g_variant_get_child_value (entry, 1);
      g_autofree char *text = expect_key (key);
      GVariant *expected = expect (value);

      if (expected == NULL || g_hash_table_contains (seen, text))
        refused = TRUE;
      if (expected != NULL)
        g_variant_builder_add (&builder, "{sv}", text, expected);
      g_hash_table_add (seen, g_steal_pointer (&text));
    }
  return refused ? NULL : g_variant_builder_end (&builder);
}

static GVariant *
expect_array (GVariant *variant)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("av"));

  for (gsize i = 0; i < g_variant_n_children (variant); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (variant, i);
      GVariant *expected = expect (child);
      if (expected == NULL)
        return NULL;
      g_variant_builder_add (&builder, "v", expected);
    }
  return g_variant_builder_end (&builder);
}

static GVariant *
expect (GVariant *variant)
{
  g_autoptr (GVariant) inner = NULL;

  switch (g_variant_classify (variant))
    {
    case G_VARIANT_CLASS_BOOLEAN:
      return g_variant_new_boolean (g_variant_get_boolean (variant));
    case G_VARIANT_CLASS_STRING:
    case G_VARIANT_CLASS_OBJECT_PATH:
    case G_VARIANT_CLASS_SIGNATURE:
      return g_variant_new_string (g_variant_get_string (variant, NULL));
    case G_VARIANT_CLASS_VARIANT:
      inner = g_variant_get_variant (variant);
      return expect (inner);
    case G_VARIANT_CLASS_MAYBE:
      inner = g_variant_get_maybe (variant);
      return inner != NULL ? expect (inner) : g_variant_new_maybe (G_VARIANT_TYPE_VARIANT, NULL);
    case G_VARIANT_CLASS_ARRAY:
      return g_variant_is_of_type (variant, G_VARIANT_TYPE_DICTIONARY) ? expect_object (variant)
                                                                       : expect_array (variant);
    case G_VARIANT_CLASS_TUPLE:
      return expect_array (variant);
    case G_VARIANT_CLASS_DICT_ENTRY:
      return expect_object (variant);
    default:
      return expect_number (variant);
    }
}

/* --- Variants --- */

static void
assert_equal (GVariant *is, GVariant *wanted, GVariant *given)
{
  g_autofree char *is_text = is != NULL ? g_variant_print (is, TRUE) : NULL;
  g_autofree char *wanted_text = g_variant_print (wanted, TRUE);
  g_autofree char *given_text = g_variant_print (given, TRUE);

  if (is == NULL || !g_variant_equal (is, wanted))
    g_error ("%s\nbecame %s\ninstead of %s", given_text, is_text, wanted_text);
}

static RtMessageBuilder *
begin (void)
{
  return rt_message_builder_with_channel (rt_message_builder_new (), "room");
}

/* What was built is what a receiver gets, and what a file gives back. */
static RtMessage *
build (RtMessageBuilder *builder)
{
  g_autoptr (GError) error = NULL;
  RtMessage *message = rt_message_builder_build (builder, &error);
  g_autoptr (RtMessage) received = NULL;
  g_autoptr (RtMessage) read = NULL;
  g_autofree char *json = NULL;

  g_assert_no_error (error);
  received = rt_test_loop (message);
  /* What goes as JSON alone has no id. */
  rt_message_builder_with_id (builder, "7");
  g_object_unref (message);
  message = rt_message_builder_build (builder, &error);
  g_assert_no_error (error);
  g_assert_true (rt_message_get_data (message) == NULL
                 || g_variant_equal (rt_message_get_data (message), rt_message_get_data (received)));
  g_clear_object (&received);
  received = rt_test_loop (message);
  rt_test_assert_same (message, received);
  json = rt_message_to_json (message);
  read = rt_message_from_json (json, &error);
  g_assert_no_error (error);
  rt_test_assert_same (message, read);
  g_clear_object (&received);
  received = rt_test_loop (read);
  rt_test_assert_same (message, received);
  g_object_unref (builder);
  return message;
}

static void
check_variant (GVariant *given)
{
  g_autoptr (GVariant) wanted = expect (given);
  g_autoptr (GVariant) back = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *json = rt_payload_from_variant (given, &error);
  g_autofree char *again = NULL;
  g_autoptr (RtMessage) message = NULL;

  if (wanted == NULL)
    {
      if (json != NULL)
        {
          g_autofree char *text = g_variant_print (given, TRUE);
          g_error ("%s\nis not refused but became %s", text, json);
        }
      g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
      return;
    }
  g_variant_ref_sink (wanted);
  g_assert_no_error (error);
  back = rt_payload_to_variant (json, strlen (json), &error);
  g_assert_no_error (error);
  assert_equal (back, wanted, given);
  again = rt_payload_from_variant (back, &error);
  g_assert_cmpstr (again, ==, json);
  message = build (rt_message_builder_with_variant (begin (), given));
  assert_equal (rt_message_get_data (message), wanted, given);
}

static void
test_variants (void)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (GVariant) given = g_variant_ref_sink (random_variant (g_test_rand_int_range (0, MAX_DEPTH + 1)));
      check_variant (given);
    }
}

/* --- Text and bytes --- */

static void
test_texts (void)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autofree char *text = random_text ();
      g_autofree char *value = random_text ();
      RtMessageBuilder *builder = rt_message_builder_with_content (begin (), text);
      g_autoptr (RtMessage) message = NULL;

      if (*text != '\0')
        rt_message_builder_with_tag (rt_message_builder_with_metadata (builder, text, value), text, value);
      message = build (builder);
      g_assert_cmpstr (rt_message_get_content (message), ==, text);
    }
}

static void
test_bytes (void)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      guint8 data[20];
      gsize len = g_test_rand_int_range (0, sizeof data + 1);
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (RtMessage) message = NULL;

      for (gsize at = 0; at < len; at++)
        data[at] = one_in (3) ? 0 : g_test_rand_int_range (0, 256);
      bytes = g_bytes_new (data, len);
      message = build (rt_message_builder_with_bytes (begin (), bytes));
      g_assert_true (g_bytes_equal (rt_message_get_bytes (message), bytes));
    }
}

/* --- JSON as others write it: escapes, white space, every form of a number --- */

static void
put_space (GString *json)
{
  static const char *const spaces[] = { "", "", "", " ", "\n", "\t", "\r" };

  g_string_append (json, spaces[g_test_rand_int_range (0, G_N_ELEMENTS (spaces))]);
}

static void
put_text (GString *json, const char *text)
{
  g_string_append_c (json, '"');
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      if (c >= 0x10000 && one_in (2))
        g_string_append_printf (json, "\\u%04x\\u%04X", 0xd800 + ((c - 0x10000) >> 10), 0xdc00 + (c & 0x3ff));
      else if (c < 0x20 || c == '"' || c == '\\' || (c < 0x10000 && one_in (4)))
        g_string_append_printf (json, one_in (2) ? "\\u%04x" : "\\u%04X", c);
      else
        g_string_append_unichar (json, c);
    }
  g_string_append_c (json, '"');
}

static GVariant *
put_number (GString *json)
{
  static const char *const formats[] = { "%.0f.0", "%.17g", "%.17e", "%.3E", "%.1f" };
  gint64 whole = random_bits ();
  g_autofree char *text = NULL;
  double number;

  if (one_in (2))
    {
      g_string_append_printf (json, "%" G_GINT64_FORMAT, whole);
      return g_variant_new_int64 (whole);
    }
  do
    {
      number = random_double ();
    }
  while (!isfinite (number));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  text = g_strdup_printf (formats[g_test_rand_int_range (0, G_N_ELEMENTS (formats))], number);
#pragma GCC diagnostic pop
  if (strpbrk (text, ".eE") == NULL)
    {
      g_free (text);
      text = g_strdup_printf ("%.17e", number);
    }
  g_string_append (json, text);
  number = g_ascii_strtod (text, NULL);
  return isfinite (number) ? g_variant_new_double (number) : NULL;
}

static GVariant *put_value (GString *json, guint depth, gboolean *too_large);

static GVariant *
put_container (GString *json, guint depth, gboolean is_object, gboolean *too_large)
{
  GVariantBuilder builder;
  char key[] = "a";

  g_variant_builder_init (&builder, is_object ? G_VARIANT_TYPE_VARDICT : G_VARIANT_TYPE ("av"));
  g_string_append_c (json, is_object ? '{' : '[');
  put_space (json);
  for (gint32 left = g_test_rand_int_range (0, MAX_CHILDREN); left > 0; left--)
    {
      GVariant *value;
      if (is_object)
        {
          g_autofree char *end = random_text ();
          g_autofree char *name = g_strconcat (key, end, NULL);
          put_text (json, name);
          put_space (json);
          g_string_append_c (json, ':');
          put_space (json);
          value = put_value (json, depth, too_large);
          g_variant_builder_add (&builder, "{sv}", name, value);
          key[0]++;
        }
      else
        {
          g_variant_builder_add (&builder, "v", put_value (json, depth, too_large));
        }
      put_space (json);
      if (left > 1)
        g_string_append_c (json, ',');
      put_space (json);
    }
  g_string_append_c (json, is_object ? '}' : ']');
  return g_variant_builder_end (&builder);
}

static GVariant *
put_value (GString *json, guint depth, gboolean *too_large)
{
  static const char *const words[] = { "true", "false", "null" };
  gint32 kind = g_test_rand_int_range (0, depth > 0 ? 6 : 3);
  g_autofree char *text = NULL;
  GVariant *number;

  switch (kind)
    {
    case 0:
      kind = g_test_rand_int_range (0, 3);
      g_string_append (json, words[kind]);
      return kind < 2 ? g_variant_new_boolean (kind == 0) : g_variant_new_maybe (G_VARIANT_TYPE_VARIANT, NULL);
    case 1:
      text = random_text ();
      put_text (json, text);
      return g_variant_new_string (text);
    case 2:
      number = put_number (json);
      if (number != NULL)
        return number;
      *too_large = TRUE;
      return g_variant_new_double (0);
    default:
      return put_container (json, depth - 1, kind > 3, too_large);
    }
}

static void
test_json (void)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (GString) json = g_string_new (NULL);
      gboolean too_large = FALSE;
      g_autoptr (GVariant) wanted
          = g_variant_ref_sink (put_value (json, g_test_rand_int_range (0, MAX_DEPTH + 1), &too_large));
      g_autoptr (GError) error = NULL;
      g_autoptr (RtMessageBuilder) builder = rt_message_builder_with_json (begin (), json->str);
      g_autoptr (RtMessage) message = NULL;
      g_autofree char *text = NULL;

      if (too_large)
        {
          g_assert_null (rt_message_builder_build (builder, &error));
          g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
          continue;
        }
      g_test_message ("%s", json->str);
      message = build (g_steal_pointer (&builder));
      assert_equal (rt_message_get_data (message), wanted, wanted);
      text = rt_message_dup_data_json (message);
      g_assert_cmpstr (text, ==, json->str);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Payload/random/variants", test_variants);
  g_test_add_func ("/Rt/Payload/random/texts", test_texts);
  g_test_add_func ("/Rt/Payload/random/bytes", test_bytes);
  g_test_add_func ("/Rt/Payload/random/json", test_json);
  return g_test_run ();
}
