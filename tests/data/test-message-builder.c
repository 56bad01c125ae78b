/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>
#include <string.h>
#include "rt-error.h"
#include "rt-message-builder.h"

static void
test_every_part (void)
{
  RtMessageBuilder *builder = rt_message_builder_new ();
  RtMessageBuilder *chained = rt_message_builder_with_channel (builder, "room");
  g_autoptr (GError) error = NULL;
  RtMessage *message;

  chained = rt_message_builder_with_content (chained, "hello");
  chained = rt_message_builder_with_message_type (chained, RT_MESSAGE_TYPE_SYSTEM);
  chained = rt_message_builder_with_type_name (chained, NULL);
  chained = rt_message_builder_with_sender (chained, "ann");
  chained = rt_message_builder_with_priority (chained, RT_PRIORITY_HIGH);
  chained = rt_message_builder_with_ttl (chained, 5000);
  chained = rt_message_builder_with_metadata (chained, "b", "2");
  chained = rt_message_builder_with_metadata (chained, "a", "0");
  chained = rt_message_builder_with_metadata (chained, "a", "1");
  chained = rt_message_builder_with_metadata (chained, "c", "3");
  chained = rt_message_builder_with_metadata (chained, "c", NULL);
  chained = rt_message_builder_with_tag (chained, "t", "u");
  chained = rt_message_builder_with_id (chained, "17");
  g_assert_true (chained == builder);
  message = rt_message_builder_build (builder, &error);
  g_assert_no_error (error);

  g_autofree char *metadata = g_variant_print (rt_message_get_metadata (message), FALSE);
  g_assert_cmpstr (rt_message_get_channel (message), ==, "room");
  g_assert_cmpstr (rt_message_get_content (message), ==, "hello");
  g_assert_cmpint (rt_message_get_message_type (message), ==, RT_MESSAGE_TYPE_SYSTEM);
  g_assert_cmpstr (rt_message_get_type_name (message), ==, "system");
  g_assert_cmpstr (rt_message_get_sender (message), ==, "ann");
  g_assert_cmpint (rt_message_get_priority (message), ==, RT_PRIORITY_HIGH);
  g_assert_cmpuint (rt_message_get_ttl (message), ==, 5000);
  g_assert_cmpstr (metadata, ==, "{'a': '1', 'b': '2'}");
  g_assert_cmpstr (rt_message_get_tag_value (message, "t"), ==, "u");
  g_assert_cmpstr (rt_message_get_id (message), ==, "17");
  g_assert_true (rt_message_validate (message, &error));
  g_assert_finalize_object (message);
  g_assert_finalize_object (builder);
}

static RtMessage *
build (RtMessageBuilder *builder)
{
  g_autoptr (GError) error = NULL;
  RtMessage *message = rt_message_builder_build (builder, &error);

  g_assert_no_error (error);
  return message;
}

/* A message is not changed by what its builder is told later. */
static void
test_again (void)
{
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_new ();
  g_autoptr (RtMessage) first = NULL;
  g_autoptr (RtMessage) second = NULL;

  rt_message_builder_with_content (rt_message_builder_with_channel (builder, "a"), "1");
  rt_message_builder_with_metadata (builder, "k", "1");
  first = build (builder);
  rt_message_builder_with_content (rt_message_builder_with_channel (builder, "b"), "2");
  rt_message_builder_with_metadata (builder, "k", "2");
  second = build (builder);

  g_assert_cmpstr (rt_message_get_channel (first), ==, "a");
  g_assert_cmpstr (rt_message_get_content (first), ==, "1");
  g_assert_cmpstr (rt_message_get_metadata_value (first, "k"), ==, "1");
  g_assert_cmpstr (rt_message_get_content (second), ==, "2");
  g_assert_cmpstr (rt_message_get_id (first), !=, rt_message_get_id (second));
}

static void
test_default_types (void)
{
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_with_channel (rt_message_builder_new (), "room");
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);
  g_autoptr (RtMessage) nothing = build (builder);
  g_autoptr (RtMessage) text = build (rt_message_builder_with_content (builder, "x"));
  g_autoptr (RtMessage) json = NULL;
  g_autoptr (RtMessage) binary = NULL;
  g_autoptr (RtMessage) named = NULL;
  g_autoptr (RtMessage) known = NULL;

  rt_message_builder_with_content (builder, NULL);
  json = build (rt_message_builder_with_json (builder, "1"));
  rt_message_builder_with_json (builder, NULL);
  binary = build (rt_message_builder_with_bytes (builder, bytes));
  named = build (rt_message_builder_with_type_name (builder, "poll"));
  known = build (rt_message_builder_with_type_name (builder, "image"));

  g_assert_cmpint (rt_message_get_message_type (nothing), ==, RT_MESSAGE_TYPE_CUSTOM);
  g_assert_cmpint (rt_message_get_message_type (text), ==, RT_MESSAGE_TYPE_TEXT);
  g_assert_cmpint (rt_message_get_message_type (json), ==, RT_MESSAGE_TYPE_CUSTOM);
  g_assert_cmpint (rt_message_get_message_type (binary), ==, RT_MESSAGE_TYPE_BINARY);
  g_assert_cmpint (rt_message_get_message_type (named), ==, RT_MESSAGE_TYPE_CUSTOM);
  g_assert_cmpstr (rt_message_get_type_name (named), ==, "poll");
  g_assert_cmpint (rt_message_get_message_type (known), ==, RT_MESSAGE_TYPE_IMAGE);
  g_assert_true (rt_message_get_bytes (binary) == bytes);
}

/* A GVariant comes back in the types in which JSON comes back, here as at a receiver. */
static void
test_variant (void)
{
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_with_channel (rt_message_builder_new (), "room");
  g_autoptr (RtMessage) message = NULL;
  g_autofree char *data = NULL;
  g_autofree char *json = NULL;

  rt_message_builder_with_variant (builder, g_variant_new_parsed ("(int32 1, ['a'])"));
  message = build (builder);
  data = g_variant_print (rt_message_get_data (message), TRUE);
  json = rt_message_dup_data_json (message);
  g_assert_cmpstr (data, ==, "[<int64 1>, <[<'a'>]>]");
  g_assert_cmpstr (json, ==, "[1,[\"a\"]]");
}

static void
assert_fails (RtMessageBuilder *builder, const char *says)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (rt_message_builder_build (builder, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
  if (strstr (error->message, says) == NULL)
    g_error ("“%s” is not in: %s", says, error->message);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_object_unref (builder);
}

static RtMessageBuilder *
begin (void)
{
  return rt_message_builder_with_channel (rt_message_builder_new (), "room");
}

static void
test_channel_faults (void)
{
  g_autofree char *longest = g_strnfill (255, 'c');
  g_autofree char *too_long = g_strnfill (256, 'c');
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_with_channel (begin (), longest);
  g_autoptr (RtMessage) message = build (builder);

  g_assert_cmpstr (rt_message_get_channel (message), ==, longest);
  assert_fails (rt_message_builder_new (), "channel: is not set");
  assert_fails (rt_message_builder_with_channel (begin (), ""), "channel: is not set");
  assert_fails (rt_message_builder_with_channel (begin (), too_long), "channel: has 256 bytes");
  assert_fails (rt_message_builder_with_channel (begin (), "a\nb"), "channel: ");
  assert_fails (rt_message_builder_with_channel (begin (), "r\xc3\xa9"), "channel: ");
}

static void
test_body_faults (void)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);

  assert_fails (rt_message_builder_with_content (begin (), "\xc3("), "content: is not UTF-8");
  assert_fails (rt_message_builder_with_json (begin (), ""), "json: ");
  assert_fails (rt_message_builder_with_json (begin (), "{"), "json: ");
  assert_fails (rt_message_builder_with_json (begin (), "[9223372036854775808]"), "json: ");
  assert_fails (rt_message_builder_with_json (begin (), "\"\\ud800\""), "json: ");
  assert_fails (rt_message_builder_with_variant (begin (), g_variant_new_double (G_MAXDOUBLE * 2)),
                "variant: ");
  assert_fails (rt_message_builder_with_variant (begin (), g_variant_new_uint64 (G_MAXUINT64)), "variant: ");
  assert_fails (rt_message_builder_with_json (rt_message_builder_with_content (begin (), "x"), "1"),
                "only one");
  assert_fails (rt_message_builder_with_bytes (rt_message_builder_with_json (begin (), "1"), bytes),
                "only one");
  assert_fails (rt_message_builder_with_variant (rt_message_builder_with_json (begin (), "1"),
                                                 g_variant_new_boolean (TRUE)), "only one");
}

static void
test_id_faults (void)
{
  static const char *const wrong[]
      = { "", "0", "01", "-1", "+1", "1a", " 1", "9223372036854775808", "\xc3\xa9" };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    assert_fails (rt_message_builder_with_id (begin (), wrong[i]), "id: ");
}

static void
test_other_faults (void)
{
  g_autofree char *long_name = g_strnfill (65, 'n');
  g_autofree char *long_sender = g_strnfill (256, 's');
  RtMessageBuilder *many = begin ();

  assert_fails (rt_message_builder_with_sender (begin (), "\xff"), "sender: ");
  assert_fails (rt_message_builder_with_sender (begin (), long_sender), "sender: ");
  assert_fails (rt_message_builder_with_type_name (begin (), ""), "type-name: ");
  assert_fails (rt_message_builder_with_type_name (begin (), long_name), "type-name: ");
  assert_fails (rt_message_builder_with_type_name (begin (), "\xff"), "type-name: ");
  assert_fails (rt_message_builder_with_type_name (
                    rt_message_builder_with_message_type (begin (), RT_MESSAGE_TYPE_IMAGE), "poll"),
                "type-name: ");
  assert_fails (rt_message_builder_with_type_name (
                    rt_message_builder_with_message_type (begin (), RT_MESSAGE_TYPE_CUSTOM), "text"),
                "type-name: ");
  assert_fails (rt_message_builder_with_metadata (begin (), "", "x"), "metadata: ");
  assert_fails (rt_message_builder_with_metadata (begin (), "\xff", "x"), "metadata: ");
  assert_fails (rt_message_builder_with_metadata (begin (), "k", "\xff"), "metadata: ");
  assert_fails (rt_message_builder_with_tag (begin (), "k", "\xff"), "tags: ");
  for (guint i = 0; i <= 1024; i++)
    {
      g_autofree char *key = g_strdup_printf ("%u", i);
      rt_message_builder_with_metadata (many, key, "x");
    }
  assert_fails (many, "metadata: has 1025 keys");
}

/* One error for everything that is wrong. */
static void
test_every_fault (void)
{
  static const char *const names[]
      = { "channel: ", "content: ", "sender: ", "id: ", "type-name: ", "metadata: ", "tags: " };
  RtMessageBuilder *builder = rt_message_builder_new ();
  g_autoptr (GError) error = NULL;

  rt_message_builder_with_channel (builder, "\n");
  rt_message_builder_with_content (builder, "\xff");
  rt_message_builder_with_sender (builder, "\xff");
  rt_message_builder_with_id (builder, "x");
  rt_message_builder_with_type_name (builder, "");
  rt_message_builder_with_metadata (builder, "", "");
  rt_message_builder_with_tag (builder, "", "");
  g_assert_null (rt_message_builder_build (builder, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
  g_assert_nonnull (strstr (error->message, "7 faults"));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_nonnull (strstr (error->message, names[i]));
  g_assert_finalize_object (builder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/MessageBuilder/every-part", test_every_part);
  g_test_add_func ("/Rt/MessageBuilder/again", test_again);
  g_test_add_func ("/Rt/MessageBuilder/default-types", test_default_types);
  g_test_add_func ("/Rt/MessageBuilder/variant", test_variant);
  g_test_add_func ("/Rt/MessageBuilder/channel-faults", test_channel_faults);
  g_test_add_func ("/Rt/MessageBuilder/body-faults", test_body_faults);
  g_test_add_func ("/Rt/MessageBuilder/id-faults", test_id_faults);
  g_test_add_func ("/Rt/MessageBuilder/other-faults", test_other_faults);
  g_test_add_func ("/Rt/MessageBuilder/every-fault", test_every_fault);
  return g_test_run ();
}
