/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>
#include <string.h>
#include "rt-clock.h"
#include "rt-data-test.h"
#include "rt-error.h"
#include "rt-message-builder.h"

#define THREADS 8

static void
test_text (void)
{
  RtMessage *message = rt_message_new_text ("room", "h\xc3\xa9llo");
  g_autoptr (GError) error = NULL;

  g_assert_true (rt_message_validate (message, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (rt_message_get_channel (message), ==, "room");
  g_assert_cmpstr (rt_message_get_content (message), ==, "h\xc3\xa9llo");
  g_assert_cmpint (rt_message_get_message_type (message), ==, RT_MESSAGE_TYPE_TEXT);
  g_assert_cmpstr (rt_message_get_type_name (message), ==, "text");
  g_assert_cmpint (rt_message_get_priority (message), ==, RT_PRIORITY_NORMAL);
  g_assert_cmpuint (rt_message_get_ttl (message), ==, 0);
  g_assert_cmpuint (rt_message_get_offset (message), ==, 0);
  g_assert_cmpint (ABS (rt_message_get_timestamp (message) - rt_clock_real ()), <, 60 * G_USEC_PER_SEC);
  g_assert_cmpuint (strspn (rt_message_get_id (message), "0123456789"), ==,
                    strlen (rt_message_get_id (message)));
  g_assert_null (rt_message_get_sender (message));
  g_assert_null (rt_message_get_user_id (message));
  g_assert_null (rt_message_get_client_id (message));
  g_assert_null (rt_message_get_data (message));
  g_assert_null (rt_message_get_bytes (message));
  g_assert_null (rt_message_dup_data_json (message));
  g_assert_cmpuint (g_variant_n_children (rt_message_get_metadata (message)), ==, 0);
  g_assert_cmpuint (g_variant_n_children (rt_message_get_tags (message)), ==, 0);
  g_assert_null (rt_message_get_metadata_value (message, "x"));
  g_assert_finalize_object (message);
}

/* Nobody can change a message: no property can be set, at construction or later. */
static void
test_immutable (void)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (RT_TYPE_MESSAGE);
  g_autofree GParamSpec **specs = NULL;
  guint count;

  specs = g_object_class_list_properties (G_OBJECT_CLASS (klass), &count);
  g_assert_cmpuint (count, ==, 16);
  for (guint i = 0; i < count; i++)
    {
      g_assert_false (specs[i]->flags & G_PARAM_WRITABLE);
      if (G_IS_PARAM_SPEC_UINT (specs[i]))
        g_assert_cmpuint (G_PARAM_SPEC_UINT (specs[i])->maximum, ==, G_MAXUINT);
      if (G_IS_PARAM_SPEC_UINT64 (specs[i]))
        g_assert_cmpuint (G_PARAM_SPEC_UINT64 (specs[i])->maximum, ==, G_MAXUINT64);
      if (G_IS_PARAM_SPEC_INT64 (specs[i]))
        g_assert_cmpint (G_PARAM_SPEC_INT64 (specs[i])->minimum, ==, G_MININT64);
    }
}

/* A script can make one without a constructor. It is empty and harmless. */
static void
test_blank (void)
{
  RtMessage *message = g_object_new (RT_TYPE_MESSAGE, NULL);
  g_autoptr (RtMessage) copy = rt_message_with_offset (message, 5);
  g_autoptr (GError) error = NULL;
  g_autofree char *json = rt_message_to_json (message);

  g_assert_cmpstr (rt_message_get_channel (message), ==, "");
  g_assert_null (rt_message_get_id (message));
  g_assert_null (rt_message_get_content (message));
  g_assert_false (rt_message_is_expired (message));
  g_assert_false (rt_message_validate (message, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
  g_assert_cmpuint (rt_message_get_offset (copy), ==, 5);
  g_assert_cmpstr (json, ==, "{\"channel\":\"\",\"type\":\"custom\"}");
  g_assert_finalize_object (message);
}

static void
test_invalid_text (void)
{
  g_autoptr (RtMessage) message = rt_message_new_text ("r\xc3\xa9", "\xff");
  g_autoptr (GError) error = NULL;

  g_assert_false (rt_message_validate (message, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
  g_assert_nonnull (strstr (error->message, "channel: "));
  g_assert_nonnull (strstr (error->message, "content: is not UTF-8"));
}

static void
test_incoming (void)
{
  RtMessage *message = rt_test_receive (
      "{\"data\":{\"$rt\":1,\"id\":\"123\",\"src\":\"00ff00ff00ff00ff\",\"ts\":1600000000000000,\"from\":"
      "\"an\\u006e\","
      "\"type\":\"text\",\"text\":\"a\\nb\",\"prio\":3,\"ttl\":5000,\"meta\":{\"k\":\"v\"},\"tags\":{\"t\":"
      "\"u\"}},"
      "\"offset\":9,\"info\":{\"user\":\"bob\",\"client\":\"c1\"},\"tags\":{\"x\":\"y\"}}");

  g_assert_cmpstr (rt_message_get_id (message), ==, "123");
  g_assert_cmpstr (rt_message_get_channel (message), ==, "room");
  g_assert_cmpstr (rt_message_get_sender (message), ==, "ann");
  g_assert_cmpstr (rt_message_get_user_id (message), ==, "bob");
  g_assert_cmpstr (rt_message_get_client_id (message), ==, "c1");
  g_assert_cmpint (rt_message_get_message_type (message), ==, RT_MESSAGE_TYPE_TEXT);
  g_assert_cmpstr (rt_message_get_content (message), ==, "a\nb");
  g_assert_cmpint (rt_message_get_priority (message), ==, RT_PRIORITY_URGENT);
  g_assert_cmpuint (rt_message_get_ttl (message), ==, 5000);
  g_assert_cmpint (rt_message_get_timestamp (message), ==, G_GINT64_CONSTANT (1600000000000000));
  g_assert_cmpstr (rt_message_get_metadata_value (message, "k"), ==, "v");
  g_assert_null (rt_message_get_metadata_value (message, "v"));
  g_assert_cmpstr (rt_message_get_tag_value (message, "t"), ==, "u");
  g_assert_null (rt_message_get_tag_value (message, "x"));
  g_assert_cmpuint (rt_message_get_offset (message), ==, 9);
  g_assert_true (rt_message_is_expired (message));
  g_assert_finalize_object (message);
}

static void
test_types (void)
{
  static const struct
  {
    const char *members;
    RtMessageType type;
    const char *name;
  } cases[] = {
    { "\"type\":\"text\",\"text\":\"\"", RT_MESSAGE_TYPE_TEXT, "text" },
    { "\"type\":\"\\u0069mage\"", RT_MESSAGE_TYPE_IMAGE, "image" },
    { "\"type\":\"file\",\"b64\":\"\"", RT_MESSAGE_TYPE_FILE, "file" },
    { "\"type\":\"system\",\"text\":\"x\"", RT_MESSAGE_TYPE_SYSTEM, "system" },
    { "\"type\":\"binary\",\"b64\":\"AA==\"", RT_MESSAGE_TYPE_BINARY, "binary" },
    { "\"type\":\"custom\",\"data\":1", RT_MESSAGE_TYPE_CUSTOM, "custom" },
    { "\"type\":\"p\\u006fll\",\"data\":1", RT_MESSAGE_TYPE_CUSTOM, "poll" },
    { "\"type\":\"Text\",\"text\":\"x\"", RT_MESSAGE_TYPE_CUSTOM, "Text" },
    { "\"text\":\"x\"", RT_MESSAGE_TYPE_TEXT, "text" },
    { "\"b64\":\"\"", RT_MESSAGE_TYPE_BINARY, "binary" },
    { "\"data\":1", RT_MESSAGE_TYPE_CUSTOM, "custom" },
    { "\"ts\":1", RT_MESSAGE_TYPE_CUSTOM, "custom" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *publication = g_strdup_printf ("{\"data\":{\"$rt\":1,%s}}", cases[i].members);
      g_autoptr (RtMessage) message = rt_test_receive (publication);

      g_assert_cmpint (rt_message_get_message_type (message), ==, cases[i].type);
      g_assert_cmpstr (rt_message_get_type_name (message), ==, cases[i].name);
    }
}

static void
test_foreign (void)
{
  g_autoptr (RtMessage) message
      = rt_test_receive ("{\"data\": {\"text\":\"hi\", \"n\": 1.0} ,\"offset\":1,"
                         "\"info\":{\"user\":\"bob\",\"client\":\"c\"},\"tags\":{\"k\":\"v\"}}");
  g_autofree char *json = rt_message_dup_data_json (message);
  g_autofree char *data = rt_test_print (rt_message_get_data (message));

  g_assert_null (rt_message_get_id (message));
  g_assert_cmpint (rt_message_get_message_type (message), ==, RT_MESSAGE_TYPE_CUSTOM);
  g_assert_null (rt_message_get_content (message));
  g_assert_cmpstr (rt_message_get_sender (message), ==, "bob");
  g_assert_cmpstr (rt_message_get_tag_value (message, "k"), ==, "v");
  g_assert_cmpint (rt_message_get_timestamp (message), ==, 0);
  g_assert_cmpstr (json, ==, "{\"text\":\"hi\", \"n\": 1.0}");
  g_assert_cmpstr (data, ==, "{'text': <'hi'>, 'n': <1.0>}");

  g_autoptr (RtMessage) text = rt_test_receive ("{\"data\":\"hi\"}");
  g_assert_null (rt_message_get_content (text));
  g_assert_cmpstr (g_variant_get_string (rt_message_get_data (text), NULL), ==, "hi");
}

/* A part that no program can use is NULL, and the other call says why; everything else of the message is
 * there. */
static void
test_hostile (void)
{
  static const struct
  {
    const char *data;
    const char *says;
  } cases[] = {
    { "{\"a\":\"\\u0000\"}", "JSON" },
    { "[\"\\ud800\"]", "JSON" },
    { "9223372036854775808", "JSON" },
    { "[1e999]", "JSON" },
    { "{\"$rt\":1,\"id\":\"5\",\"data\":[123456789012345678901]}", "JSON" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *publication = g_strdup_printf ("{\"data\":%s,\"offset\":3}", cases[i].data);
      g_autoptr (RtMessage) message = rt_test_receive (publication);
      g_autoptr (GError) error = NULL;

      g_assert_null (rt_message_get_data (message));
      g_assert_null (rt_message_dup_data (message, &error));
      g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
      g_assert_nonnull (strstr (error->message, cases[i].says));
      g_assert_cmpuint (rt_message_get_offset (message), ==, 3);
      g_assert_cmpstr (rt_message_get_channel (message), ==, "room");
    }
}

static void
test_hostile_text (void)
{
  g_autoptr (RtMessage) text = rt_test_receive ("{\"data\":{\"$rt\":1,\"id\":\"5\",\"text\":\"a\\u0000b\"}}");
  g_autoptr (RtMessage) half = rt_test_receive ("{\"data\":{\"$rt\":1,\"id\":\"5\",\"text\":\"\\udc00\"}}");
  g_autoptr (RtMessage) bytes = rt_test_receive ("{\"data\":{\"$rt\":1,\"id\":\"5\",\"b64\":\"AAA\"}}");
  g_autoptr (GError) error = NULL;

  g_assert_null (rt_message_get_content (text));
  g_assert_null (rt_message_dup_content (text, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
  g_clear_error (&error);
  g_assert_null (rt_message_dup_content (half, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
  g_clear_error (&error);
  g_assert_null (rt_message_get_bytes (bytes));
  g_assert_null (rt_message_dup_bytes (bytes, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
  g_assert_nonnull (strstr (error->message, "base64"));
}

static void
test_wrong_kind (void)
{
  g_autoptr (RtMessage) message = rt_message_new_text ("room", "x");
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (rt_message_dup_data (message, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
  g_assert_nonnull (strstr (error->message, "it carries text"));
  g_clear_error (&error);
  g_assert_null (rt_message_dup_bytes (message, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
  g_clear_error (&error);
  content = rt_message_dup_content (message, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (content, ==, "x");
}

/* Values that a peer chooses so that sums and products overflow. */
static void
test_extremes (void)
{
  g_autoptr (RtMessage) late = rt_test_receive ("{\"data\":{\"$rt\":1,\"ts\":9223372036854775807,\"ttl\":"
                                                "18446744073709551615},\"offset\":18446744073709551615}");
  g_autoptr (RtMessage) early = rt_test_receive ("{\"data\":{\"$rt\":1,\"ts\":1,\"ttl\":1}}");

  g_assert_cmpuint (rt_message_get_ttl (late), ==, G_MAXUINT);
  g_assert_cmpuint (rt_message_get_offset (late), ==, G_MAXUINT64);
  g_assert_false (rt_message_is_expired (late));
  g_assert_cmpint (rt_message_get_timestamp (early), ==, 1);
  g_assert_true (rt_message_is_expired (early));
}

static void
test_expiry (void)
{
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_new ();
  g_autoptr (RtMessage) message = NULL;

  rt_clock_virtual_begin ();
  rt_message_builder_with_ttl (rt_message_builder_with_channel (builder, "room"), 1000);
  message = rt_message_builder_build (builder, NULL);
  g_assert_false (rt_message_is_expired (message));
  rt_clock_virtual_advance (RT_CLOCK_MS (1000) - 1);
  g_assert_false (rt_message_is_expired (message));
  rt_clock_virtual_advance (1);
  g_assert_true (rt_message_is_expired (message));
  rt_clock_virtual_end ();
}

/* What a foreign program published has no id. When it is passed on it gets one, and keeps it. */
static void
test_passed_on (void)
{
  g_autoptr (RtMessage) message = rt_test_receive ("{\"data\":{\"text\":\"hi\"},\"offset\":1}");
  g_autoptr (RtMessage) unnamed = rt_message_complete (message, NULL);
  g_autoptr (RtMessage) named = rt_message_complete (unnamed, "ann");
  g_autoptr (RtMessage) acknowledged = rt_message_with_offset (named, 12);

  g_assert_null (rt_message_get_id (message));
  g_assert_nonnull (rt_message_get_id (unnamed));
  g_assert_null (rt_message_get_sender (unnamed));
  g_assert_cmpstr (rt_message_get_sender (named), ==, "ann");
  g_assert_cmpstr (rt_message_get_id (named), ==, rt_message_get_id (unnamed));
  g_assert_cmpstr (rt_message_get_id (acknowledged), ==, rt_message_get_id (unnamed));
  g_assert_true (g_variant_equal (rt_message_get_data (acknowledged), rt_message_get_data (message)));
}

static void
test_acknowledged (void)
{
  RtMessage *message = rt_message_new_text ("room", "x");
  RtMessage *same = rt_message_with_offset (message, 0);
  RtMessage *sent = rt_message_complete (message, "ann");
  RtMessage *unnamed = rt_message_complete (message, "");
  RtMessage *again = rt_message_complete (sent, "bob");
  RtMessage *acknowledged = rt_message_with_offset (sent, 12);

  g_assert_true (same == message);
  g_assert_true (unnamed == message);
  g_assert_true (again == sent);
  g_assert_null (rt_message_get_sender (message));
  g_assert_cmpstr (rt_message_get_sender (sent), ==, "ann");
  g_assert_cmpstr (rt_message_get_id (sent), ==, rt_message_get_id (message));
  g_assert_cmpint (rt_message_get_timestamp (sent), ==, rt_message_get_timestamp (message));
  g_assert_cmpuint (rt_message_get_offset (sent), ==, 0);
  g_assert_cmpuint (rt_message_get_offset (acknowledged), ==, 12);
  rt_test_assert_same (acknowledged, sent);

  g_object_unref (same);
  g_object_unref (unnamed);
  g_object_unref (again);
  g_assert_finalize_object (message);
  g_assert_finalize_object (sent);
  g_assert_cmpstr (rt_message_get_content (acknowledged), ==, "x");
  g_assert_finalize_object (acknowledged);
}

/* Takes @used back for a message that carries the number @number. */
static RtMessage *
renew (RtMessage *used, guint number)
{
  char text[16];
  char *channel = g_ref_string_new_intern ("room");
  RtPublication publication = { .offset = number };
  RtMessage *message;

  g_snprintf (text, sizeof text, "%u", number);
  publication.data.data = text;
  publication.data.len = strlen (text);
  message = rt_message_renew (used, channel, &publication);
  g_ref_string_release (channel);
  return message;
}

static void
assert_number (RtMessage *message, guint number)
{
  g_assert_cmpint (g_variant_get_int64 (rt_message_get_data (message)), ==, number);
  g_assert_cmpuint (rt_message_get_offset (message), ==, number);
  g_assert_cmpstr (rt_message_get_channel (message), ==, "room");
}

/* An object serves again only if nobody can tell. */
static void
test_renew (void)
{
  RtMessage *message = renew (NULL, 1);
  RtMessage *first = message;
  RtMessage *kept;
  GWeakRef weak;
  gpointer weak_pointer;

  assert_number (message, 1);
  message = renew (message, 2);
  g_assert_true (message == first);
  assert_number (message, 2);

  kept = g_object_ref (message);
  message = renew (message, 3);
  g_assert_true (message != kept);
  assert_number (message, 3);
  assert_number (kept, 2);
  g_assert_finalize_object (kept);

  g_weak_ref_init (&weak, message);
  message = renew (message, 4);
  g_assert_null (g_weak_ref_get (&weak));
  g_weak_ref_clear (&weak);
  assert_number (message, 4);

  weak_pointer = message;
  g_object_add_weak_pointer (G_OBJECT (message), &weak_pointer);
  message = renew (message, 5);
  g_assert_null (weak_pointer);

  g_object_set_data (G_OBJECT (message), "mine", (gpointer) "x");
  message = renew (message, 6);
  g_assert_null (g_object_get_data (G_OBJECT (message), "mine"));
  assert_number (message, 6);
  g_assert_finalize_object (message);
}

typedef struct
{
  RtMessage *message;
  gint *go; /* atomic */
  const char *id;
  GVariant *data;
  GVariant *metadata;
} Reader;

static gpointer
read_message (gpointer user_data)
{
  Reader *reader = user_data;

  while (g_atomic_int_get (reader->go) == 0)
    ;
  reader->id = rt_message_get_id (reader->message);
  reader->data = rt_message_get_data (reader->message);
  reader->metadata = rt_message_get_metadata (reader->message);
  return NULL;
}

/* Many threads are the first to ask; all are given the same. */
static void
test_threads (void)
{
  for (guint round = 0; round < 50; round++)
    {
      g_autoptr (RtMessage) message
          = rt_test_receive ("{\"data\":{\"$rt\":1,\"id\":\"1\\u0032\",\"data\":{\"a\":[1,2]},"
                             "\"meta\":{\"k\":\"v\"}}}");
      GThread *threads[THREADS];
      Reader readers[THREADS];
      gint go = 0;

      for (guint i = 0; i < THREADS; i++)
        {
          readers[i] = (Reader) { message, &go, NULL, NULL, NULL };
          threads[i] = g_thread_new ("reader", read_message, &readers[i]);
        }
      g_atomic_int_set (&go, 1);
      for (guint i = 0; i < THREADS; i++)
        g_thread_join (threads[i]);
      for (guint i = 0; i < THREADS; i++)
        {
          g_assert_cmpstr (readers[i].id, ==, "12");
          g_assert_true (readers[i].id == readers[0].id);
          g_assert_true (readers[i].data != NULL && readers[i].data == readers[0].data);
          g_assert_true (readers[i].metadata == readers[0].metadata);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Message/text", test_text);
  g_test_add_func ("/Rt/Message/immutable", test_immutable);
  g_test_add_func ("/Rt/Message/blank", test_blank);
  g_test_add_func ("/Rt/Message/invalid-text", test_invalid_text);
  g_test_add_func ("/Rt/Message/incoming", test_incoming);
  g_test_add_func ("/Rt/Message/types", test_types);
  g_test_add_func ("/Rt/Message/foreign", test_foreign);
  g_test_add_func ("/Rt/Message/hostile", test_hostile);
  g_test_add_func ("/Rt/Message/hostile-text", test_hostile_text);
  g_test_add_func ("/Rt/Message/wrong-kind", test_wrong_kind);
  g_test_add_func ("/Rt/Message/extremes", test_extremes);
  g_test_add_func ("/Rt/Message/expiry", test_expiry);
  g_test_add_func ("/Rt/Message/acknowledged", test_acknowledged);
  g_test_add_func ("/Rt/Message/passed-on", test_passed_on);
  g_test_add_func ("/Rt/Message/renew", test_renew);
  g_test_add_func ("/Rt/Message/threads", test_threads);
  return g_test_run ();
}
