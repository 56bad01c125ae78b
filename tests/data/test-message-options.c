/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>
#include <string.h>
#include "rt-enum-types.h"
#include "rt-error.h"
#include "rt-message-builder.h"

static void
count_cb (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  guint *count = user_data;

  (*count)++;
}

static void
test_notify (void)
{
  RtMessageOptions *options = rt_message_options_new ();
  guint count = 0;

  g_signal_connect (options, "notify", G_CALLBACK (count_cb), &count);
  rt_message_options_set_priority (options, RT_PRIORITY_NORMAL);
  rt_message_options_set_ttl (options, 0);
  rt_message_options_set_message_type (options, RT_MESSAGE_TYPE_TEXT);
  rt_message_options_set_metadata (options, NULL);
  rt_message_options_set_tags (options, NULL);
  rt_message_options_set_type_name (options, NULL);
  g_assert_cmpuint (count, ==, 0);

  rt_message_options_set_priority (options, RT_PRIORITY_URGENT);
  rt_message_options_set_ttl (options, G_MAXUINT);
  rt_message_options_set_message_type (options, RT_MESSAGE_TYPE_FILE);
  rt_message_options_set_metadata (options, g_variant_new_parsed ("{'a': 'b'}"));
  rt_message_options_set_tags (options, g_variant_new_parsed ("{'c': 'd'}"));
  g_assert_cmpuint (count, ==, 5);
  rt_message_options_set_metadata (options, g_variant_new_parsed ("{'a': 'b'}"));
  rt_message_options_set_metadata (options, rt_message_options_get_metadata (options));
  g_assert_cmpuint (count, ==, 5);
  rt_message_options_set_metadata (options, NULL);
  rt_message_options_set_type_name (options, "poll");
  rt_message_options_set_type_name (options, "poll");
  g_assert_cmpuint (count, ==, 7);
  g_assert_finalize_object (options);
}

static void
test_properties (void)
{
  RtMessageOptions *options = g_object_new (RT_TYPE_MESSAGE_OPTIONS, "priority", RT_PRIORITY_LOW, "ttl", 3u,
                                            "message-type", RT_MESSAGE_TYPE_IMAGE, "metadata",
                                            g_variant_new_parsed ("{'a': 'b'}"), "tags", NULL, NULL);
  g_autoptr (GVariant) metadata = NULL;
  g_autoptr (GVariant) tags = NULL;
  RtPriority priority;
  RtMessageType type;
  guint ttl;

  g_object_get (options, "priority", &priority, "ttl", &ttl, "message-type", &type, "metadata", &metadata,
                "tags", &tags, NULL);
  g_assert_cmpint (priority, ==, RT_PRIORITY_LOW);
  g_assert_cmpuint (ttl, ==, 3);
  g_assert_cmpint (type, ==, RT_MESSAGE_TYPE_IMAGE);
  g_assert_true (metadata == rt_message_options_get_metadata (options));
  g_assert_null (tags);
  g_assert_finalize_object (options);
}

static void
test_spans (void)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (RT_TYPE_MESSAGE_OPTIONS);
  GParamSpec *ttl = g_object_class_find_property (G_OBJECT_CLASS (klass), "ttl");
  GParamSpec *tags = g_object_class_find_property (G_OBJECT_CLASS (klass), "tags");

  g_assert_cmpuint (G_PARAM_SPEC_UINT (ttl)->maximum, ==, G_MAXUINT);
  g_assert_true (g_variant_type_equal (G_PARAM_SPEC_VARIANT (tags)->type, G_VARIANT_TYPE_ANY));
}

/* A name takes the place of the type that nobody chose, and contradicts any other. */
static void
test_type_name (void)
{
  static const struct
  {
    RtMessageType type;
    const char *name;
    gboolean valid;
    RtMessageType built;
  } cases[] = {
    { RT_MESSAGE_TYPE_TEXT, "poll", TRUE, RT_MESSAGE_TYPE_CUSTOM },
    { RT_MESSAGE_TYPE_CUSTOM, "poll", TRUE, RT_MESSAGE_TYPE_CUSTOM },
    { RT_MESSAGE_TYPE_TEXT, "image", TRUE, RT_MESSAGE_TYPE_IMAGE },
    { RT_MESSAGE_TYPE_FILE, "poll", FALSE, 0 },
    { RT_MESSAGE_TYPE_TEXT, "", FALSE, 0 },
    { RT_MESSAGE_TYPE_TEXT, NULL, TRUE, RT_MESSAGE_TYPE_TEXT },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RtMessageOptions) options = g_object_new (RT_TYPE_MESSAGE_OPTIONS, "message-type", cases[i].type,
                                                           "type-name", cases[i].name, NULL);
      g_autoptr (RtMessageBuilder) builder = rt_message_builder_new ();
      g_autoptr (GError) error = NULL;

      g_assert_cmpstr (rt_message_options_get_type_name (options), ==, cases[i].name);
      rt_message_builder_with_content (rt_message_builder_with_channel (builder, "room"), "x");
      rt_message_builder_with_options (builder, options);
      g_autoptr (RtMessage) message = rt_message_builder_build (builder, &error);
      if (cases[i].valid)
        g_assert_no_error (error);
      else
        g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
      if (message == NULL)
        continue;
      g_assert_cmpint (rt_message_get_message_type (message), ==, cases[i].built);
      if (g_strcmp0 (cases[i].name, "poll") == 0)
        g_assert_cmpstr (rt_message_get_type_name (message), ==, "poll");
    }
}

static void
test_build (void)
{
  g_autoptr (RtMessageOptions) options = rt_message_options_new ();
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_new ();
  g_autoptr (RtMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  rt_message_options_set_priority (options, RT_PRIORITY_HIGH);
  rt_message_options_set_ttl (options, 500);
  rt_message_options_set_message_type (options, RT_MESSAGE_TYPE_SYSTEM);
  rt_message_options_set_metadata (options, g_variant_new_parsed ("{'a': 'b'}"));
  rt_message_options_set_tags (options, g_variant_new_parsed ("{'c': 'd'}"));
  rt_message_builder_with_content (rt_message_builder_with_channel (builder, "room"), "x");
  rt_message_builder_with_metadata (builder, "old", "x");
  g_assert_true (rt_message_builder_with_options (builder, options) == builder);
  g_assert_true (rt_message_builder_with_options (builder, NULL) == builder);
  message = rt_message_builder_build (builder, &error);
  g_assert_no_error (error);
  g_assert_cmpint (rt_message_get_priority (message), ==, RT_PRIORITY_HIGH);
  g_assert_cmpuint (rt_message_get_ttl (message), ==, 500);
  g_assert_cmpint (rt_message_get_message_type (message), ==, RT_MESSAGE_TYPE_SYSTEM);
  g_assert_cmpstr (rt_message_get_metadata_value (message, "a"), ==, "b");
  g_assert_null (rt_message_get_metadata_value (message, "old"));
  g_assert_cmpstr (rt_message_get_tag_value (message, "c"), ==, "d");
}

static void
test_wrong_types (void)
{
  g_autoptr (RtMessageOptions) options = rt_message_options_new ();
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_new ();
  g_autoptr (RtMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  rt_message_options_set_metadata (options, g_variant_new_parsed ("{'a': <1>}"));
  rt_message_options_set_tags (options, g_variant_new_string ("x"));
  rt_message_builder_with_options (rt_message_builder_with_channel (builder, "room"), options);
  g_assert_null (rt_message_builder_build (builder, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
  g_assert_nonnull (strstr (error->message, "metadata: is of the type a{sv}"));
  g_assert_nonnull (strstr (error->message, "tags: is of the type s"));
  g_clear_error (&error);

  rt_message_options_set_metadata (options, NULL);
  rt_message_options_set_tags (options, NULL);
  rt_message_builder_with_options (builder, options);
  message = rt_message_builder_build (builder, &error);
  g_assert_no_error (error);
}

/* Options that say nothing of a type leave it to what the message carries. */
static void
test_type_of_body (void)
{
  g_autoptr (RtMessageOptions) options = rt_message_options_new ();
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_new ();
  g_autoptr (GBytes) bytes = g_bytes_new_static ("abc", 3);
  g_autoptr (GError) error = NULL;

  rt_message_builder_with_bytes (rt_message_builder_with_channel (builder, "room"), bytes);
  rt_message_builder_with_options (builder, options);
  g_autoptr (RtMessage) binary = rt_message_builder_build (builder, &error);
  g_assert_no_error (error);
  g_assert_cmpint (rt_message_get_message_type (binary), ==, RT_MESSAGE_TYPE_BINARY);
  rt_message_builder_with_json (rt_message_builder_with_bytes (builder, NULL), "{}");
  g_autoptr (RtMessage) json = rt_message_builder_build (builder, &error);
  g_assert_no_error (error);
  g_assert_cmpint (rt_message_get_message_type (json), ==, RT_MESSAGE_TYPE_CUSTOM);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/MessageOptions/notify", test_notify);
  g_test_add_func ("/Rt/MessageOptions/properties", test_properties);
  g_test_add_func ("/Rt/MessageOptions/spans", test_spans);
  g_test_add_func ("/Rt/MessageOptions/build", test_build);
  g_test_add_func ("/Rt/MessageOptions/type-name", test_type_name);
  g_test_add_func ("/Rt/MessageOptions/wrong-types", test_wrong_types);
  g_test_add_func ("/Rt/MessageOptions/type-of-body", test_type_of_body);
  return g_test_run ();
}
