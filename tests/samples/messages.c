/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages: what they can carry, and types of a program's own. */
#include <realtime/realtime.h>

static RtMessage *
build (RtMessageBuilder *builder)
{
  g_autoptr (GError) error = NULL;
  RtMessage *message = rt_message_builder_build (builder, &error);

  g_assert_no_error (error);
  return message;
}

/* One of four: text, a GVariant, JSON, or bytes. NULL takes a part back. */
static void
carry (void)
{
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_new ();
  g_autoptr (GBytes) bytes = g_bytes_new_static ("\0\1", 2);

  rt_message_builder_with_channel (builder, "general");
  rt_message_builder_with_content (builder, "Hello!");
  g_autoptr (RtMessage) text = build (builder);
  rt_message_builder_with_content (builder, NULL);
  rt_message_builder_with_variant (builder, g_variant_new_parsed ("{'x': <int32 3>}"));
  g_autoptr (RtMessage) data = build (builder);
  rt_message_builder_with_variant (builder, NULL);
  rt_message_builder_with_json (builder, "{\"x\": 3}");
  g_autoptr (RtMessage) json = build (builder);
  rt_message_builder_with_json (builder, NULL);
  rt_message_builder_with_bytes (builder, bytes);
  g_autoptr (RtMessage) raw = build (builder);

  g_assert_cmpstr (rt_message_get_content (text), ==, "Hello!");
  g_assert_cmpvariant (rt_message_get_data (data), rt_message_get_data (json));
  /* Every integer comes back as an int64, here as at each receiver. */
  gint64 x = 0;
  g_assert_true (g_variant_lookup (rt_message_get_data (data), "x", "x", &x));
  g_assert_cmpint (x, ==, 3);
  g_assert_true (g_bytes_equal (rt_message_get_bytes (raw), bytes));
}

/* What makes a message of the type “poll” a good one. */
static gboolean
check_poll_cb (RtMessage *message, gpointer user_data, GError **error)
{
  const char *question;

  if (g_variant_lookup (rt_message_get_data (message), "question", "&s", &question))
    return TRUE;
  g_set_error_literal (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE, "it asks nothing");
  return FALSE;
}

/* A type of the program's own. */
static void
create (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessageFactory) factory = rt_message_factory_new ("ann");

  rt_message_factory_register_type (factory, "poll", check_poll_cb, NULL, NULL, &error);
  g_assert_no_error (error);

  g_autoptr (RtMessage) poll
    = rt_message_factory_create_typed_message (factory, "poll", "general",
                                               g_variant_new_parsed ("{'question': <'Tea?'>}"), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (rt_message_get_type_name (poll), ==, "poll");
  g_assert_cmpstr (rt_message_get_sender (poll), ==, "ann");

  g_autoptr (RtMessage) wrong
    = rt_message_factory_create_typed_message (factory, "poll", "general", g_variant_new_parsed ("@a{sv} {}"), &error);
  g_assert_null (wrong);
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
  g_clear_error (&error);

  /* With more parts than a factory's methods take: a builder. The sender is the factory's. */
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_new ();
  rt_message_builder_with_channel (builder, "general");
  rt_message_builder_with_type_name (builder, "poll");
  rt_message_builder_with_json (builder, "{\"question\": \"Tea?\"}");
  rt_message_builder_with_ttl (builder, 60 * 1000);
  g_autoptr (RtMessage) brief = rt_message_factory_build_message (factory, builder, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (rt_message_get_ttl (brief), ==, 60000);

  /* The other end looks at what it got in the same way. */
  g_autofree char *line = rt_message_to_json (poll);
  g_autoptr (RtMessage) received = rt_message_from_json (line, &error);
  g_assert_true (rt_message_factory_validate_message (factory, received, &error));
  g_assert_no_error (error);
}

int
main (void)
{
  carry ();
  create ();
  return 0;
}
