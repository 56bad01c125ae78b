/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>
#include <string.h>
#include "rt-data-test.h"
#include "rt-message-builder.h"

static RtMessageBuilder *
begin (void)
{
  return rt_message_builder_with_channel (rt_message_builder_new (), "room");
}

static RtMessage *
build (RtMessageBuilder *builder)
{
  g_autoptr (GError) error = NULL;
  RtMessage *message = rt_message_builder_build (builder, &error);

  g_assert_no_error (error);
  g_object_unref (builder);
  return message;
}

/* A message arrives as it was sent. */
static void
assert_arrives (RtMessageBuilder *builder)
{
  g_autoptr (RtMessage) sent = build (builder);
  g_autoptr (RtMessage) received = rt_test_loop (sent);
  g_autoptr (RtMessage) passed_on = rt_test_loop (received);

  rt_test_assert_same (sent, received);
  rt_test_assert_same (sent, passed_on);
  g_assert_cmpuint (rt_message_get_offset (received), ==, 7);
}

static void
test_text (void)
{
  assert_arrives (rt_message_builder_with_content (begin (), ""));
  assert_arrives (rt_message_builder_with_content (begin (), "plain"));
  assert_arrives (rt_message_builder_with_content (
      begin (), "\"\\/\b\f\n\r\t\x01\x1f\x7f\xc3\xa9\xe2\x80\xa8\xf0\x9f\x98\x80"));
}

static void
test_everything (void)
{
  RtMessageBuilder *builder = begin ();

  rt_message_builder_with_content (builder, "x");
  rt_message_builder_with_sender (builder, "\"ann\"\\");
  rt_message_builder_with_type_name (builder, "my \"type\"");
  rt_message_builder_with_priority (builder, RT_PRIORITY_LOW);
  rt_message_builder_with_ttl (builder, G_MAXUINT);
  rt_message_builder_with_metadata (builder, "k\"", "v\n");
  rt_message_builder_with_metadata (builder, "a", "");
  rt_message_builder_with_tag (builder, "t", "u");
  rt_message_builder_with_id (builder, "9223372036854775807");
  assert_arrives (builder);
}

static void
test_types (void)
{
  for (int type = RT_MESSAGE_TYPE_TEXT; type <= RT_MESSAGE_TYPE_CUSTOM; type++)
    {
      assert_arrives (rt_message_builder_with_message_type (begin (), type));
      assert_arrives (
          rt_message_builder_with_message_type (rt_message_builder_with_content (begin (), "x"), type));
    }
  for (int priority = RT_PRIORITY_LOW; priority <= RT_PRIORITY_URGENT; priority++)
    assert_arrives (rt_message_builder_with_priority (begin (), priority));
}

static void
test_bytes (void)
{
  guint8 all[256];

  for (guint i = 0; i < 256; i++)
    all[i] = i;
  for (guint len = 0; len <= 256; len += len < 4 ? 1 : 63)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (all, len);
      assert_arrives (rt_message_builder_with_bytes (begin (), bytes));
    }
}

static void
test_marked_json (void)
{
  static const char *const values[]
      = { "{\"a\":[1,2.5,null,true,\"x\"]}", "[]", "0", "\"s\"", "false", "-1e300" };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    assert_arrives (rt_message_builder_with_sender (rt_message_builder_with_json (begin (), values[i]), "ann"));
}

static char *
write_built (RtMessageBuilder *builder, gboolean *bare)
{
  g_autoptr (RtMessage) message = build (builder);

  return rt_test_write (message, bare);
}

/* Only JSON: other programs see just that. */
static void
test_bare (void)
{
  gboolean bare = FALSE;
  g_autofree char *json = write_built (rt_message_builder_with_json (begin (), "  {\"a\" : 1.50}\n"), &bare);
  g_assert_true (bare);
  g_assert_cmpstr (json, ==, "{\"a\" : 1.50}");

  g_autofree char *variant
      = write_built (rt_message_builder_with_variant (begin (), g_variant_new_parsed ("[1, 2]")), &bare);
  g_assert_true (bare);
  g_assert_cmpstr (variant, ==, "[1,2]");

  g_autoptr (RtMessage) message = build (rt_message_builder_with_json (begin (), "7"));
  g_autoptr (RtMessage) completed = rt_message_complete (message, "ann");
  g_autofree char *sent = rt_test_write (completed, &bare);
  g_assert_true (bare);
  g_assert_cmpstr (sent, ==, "7");

  g_autoptr (RtMessage) foreign = rt_test_receive ("{\"data\":[ 1 ]}");
  g_autofree char *passed_on = rt_test_write (foreign, &bare);
  g_assert_true (bare);
  g_assert_cmpstr (passed_on, ==, "[ 1 ]");
}

/* Anything more than that needs the mark. */
static void
test_not_bare (void)
{
  RtMessageBuilder *builders[] = {
    rt_message_builder_with_content (begin (), "x"),
    begin (),
    rt_message_builder_with_priority (rt_message_builder_with_json (begin (), "1"), RT_PRIORITY_HIGH),
    rt_message_builder_with_ttl (rt_message_builder_with_json (begin (), "1"), 5),
    rt_message_builder_with_metadata (rt_message_builder_with_json (begin (), "1"), "k", "v"),
    rt_message_builder_with_tag (rt_message_builder_with_json (begin (), "1"), "k", "v"),
    rt_message_builder_with_id (rt_message_builder_with_json (begin (), "1"), "5"),
    rt_message_builder_with_sender (rt_message_builder_with_json (begin (), "1"), "ann"),
    rt_message_builder_with_type_name (rt_message_builder_with_json (begin (), "1"), "poll"),
    rt_message_builder_with_message_type (rt_message_builder_with_json (begin (), "1"), RT_MESSAGE_TYPE_SYSTEM),
  };

  for (guint i = 0; i < G_N_ELEMENTS (builders); i++)
    {
      gboolean bare = TRUE;
      g_autofree char *data = write_built (builders[i], &bare);
      g_assert_false (bare);
      g_assert_true (g_str_has_prefix (data, "{\"$rt\":1,\"id\":\""));
      g_assert_nonnull (strstr (data, "\"src\":\"0123456789abcdef\""));
    }
}

/* Data of a program that reads like a mark must not be taken for one. */
static void
test_imitation (void)
{
  static const char *const imitations[] = {
    "{\"$rt\":1,\"id\":\"5\",\"from\":\"root\",\"text\":\"x\"}",
    "{\"\\u0024rt\":1,\"text\":\"x\"}",
    "{\"$\\u0072t\":1,\"text\":\"x\"}",
    "{\"$r\\u0074\":1,\"text\":\"x\"}",
    "{\"\\u0024\\u0072\\u0074\":1,\"text\":\"x\"}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (imitations); i++)
    {
      g_autoptr (RtMessage) sent = build (rt_message_builder_with_json (begin (), imitations[i]));
      g_autoptr (RtMessage) received = rt_test_loop (sent);

      g_assert_null (rt_message_get_content (received));
      rt_test_assert_same (sent, received);
    }
}

/* A bare null is no data to real servers, which end the connection. */
static void
test_null (void)
{
  g_autoptr (RtMessage) sent = build (rt_message_builder_with_json (begin (), "null"));
  g_autoptr (RtMessage) received = rt_test_loop (sent);
  gboolean bare = TRUE;
  g_autofree char *data = rt_test_write (sent, &bare);

  g_assert_false (bare);
  g_assert_true (g_str_has_suffix (data, "\"data\":null}"));
  rt_test_assert_same (sent, received);
  g_assert_cmpstr (g_variant_get_type_string (rt_message_get_data (received)), ==, "mv");
}

/* What came broken is passed on without what is broken. */
static void
test_broken (void)
{
  g_autoptr (RtMessage) text
      = rt_test_receive ("{\"data\":{\"$rt\":1,\"id\":\"5\",\"type\":\"text\",\"text\":\"\\ud800\"}}");
  g_autoptr (RtMessage) bytes
      = rt_test_receive ("{\"data\":{\"$rt\":1,\"id\":\"6\",\"type\":\"file\",\"b64\":\"!\"}}");
  g_autoptr (RtMessage) passed_text = rt_test_loop (text);
  g_autoptr (RtMessage) passed_bytes = rt_test_loop (bytes);

  g_assert_cmpstr (rt_message_get_id (passed_text), ==, "5");
  g_assert_cmpstr (rt_message_get_id (passed_bytes), ==, "6");
  g_assert_cmpint (rt_message_get_message_type (passed_bytes), ==, RT_MESSAGE_TYPE_FILE);
  g_assert_null (rt_message_get_bytes (passed_bytes));
}

static void
test_ids (void)
{
  g_autofree char *first = rt_message_next_id ();
  g_autofree char *second = rt_message_next_id ();

  g_assert_cmpint (g_ascii_strtoll (first, NULL, 10), >, 0);
  g_assert_cmpint (g_ascii_strtoll (second, NULL, 10), >, g_ascii_strtoll (first, NULL, 10));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/MessageWire/text", test_text);
  g_test_add_func ("/Rt/MessageWire/everything", test_everything);
  g_test_add_func ("/Rt/MessageWire/types", test_types);
  g_test_add_func ("/Rt/MessageWire/bytes", test_bytes);
  g_test_add_func ("/Rt/MessageWire/marked-json", test_marked_json);
  g_test_add_func ("/Rt/MessageWire/bare", test_bare);
  g_test_add_func ("/Rt/MessageWire/not-bare", test_not_bare);
  g_test_add_func ("/Rt/MessageWire/imitation", test_imitation);
  g_test_add_func ("/Rt/MessageWire/null", test_null);
  g_test_add_func ("/Rt/MessageWire/broken", test_broken);
  g_test_add_func ("/Rt/MessageWire/ids", test_ids);
  return g_test_run ();
}
