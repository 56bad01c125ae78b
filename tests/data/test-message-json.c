/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>
#include <string.h>
#include "rt-data-test.h"
#include "rt-error.h"
#include "rt-message-builder.h"

/* Written, read, and written again: the same message and the same text. */
static void
assert_round_trip (RtMessage *message)
{
  g_autofree char *json = rt_message_to_json (message);
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) read = rt_message_from_json (json, &error);
  g_autofree char *again = NULL;

  g_assert_no_error (error);
  g_assert_null (strchr (json, '\n'));
  rt_test_assert_same (message, read);
  g_assert_cmpuint (rt_message_get_offset (message), ==, rt_message_get_offset (read));
  g_assert_cmpstr (rt_message_get_user_id (message), ==, rt_message_get_user_id (read));
  g_assert_cmpstr (rt_message_get_client_id (message), ==, rt_message_get_client_id (read));
  again = rt_message_to_json (read);
  g_assert_cmpstr (json, ==, again);
}

static void
test_built (void)
{
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_new ();
  g_autoptr (GBytes) bytes = g_bytes_new_static ("\0\xff\x7f", 3);
  g_autoptr (RtMessage) text = rt_message_new_text ("room", "a\n\"\xc3\xa9\x01");
  g_autoptr (RtMessage) binary = NULL;
  g_autoptr (RtMessage) json = NULL;
  g_autoptr (RtMessage) nothing = NULL;

  rt_message_builder_with_channel (builder, "room");
  rt_message_builder_with_sender (builder, "ann");
  rt_message_builder_with_type_name (builder, "poll");
  rt_message_builder_with_priority (builder, RT_PRIORITY_URGENT);
  rt_message_builder_with_ttl (builder, G_MAXUINT);
  rt_message_builder_with_metadata (builder, "k", "v");
  rt_message_builder_with_tag (builder, "t", "\n");
  nothing = rt_message_builder_build (builder, NULL);
  binary = rt_message_builder_build (rt_message_builder_with_bytes (builder, bytes), NULL);
  rt_message_builder_with_bytes (builder, NULL);
  json = rt_message_builder_build (rt_message_builder_with_json (builder, "{\"a\":[1,2.5,null]}"), NULL);
  assert_round_trip (text);
  assert_round_trip (nothing);
  assert_round_trip (binary);
  assert_round_trip (json);
}

static void
test_received (void)
{
  static const char *const publications[] = {
    "{\"data\":{\"a\":1},\"offset\":5,\"info\":{\"user\":\"u\",\"client\":\"c\"},\"tags\":{\"a\":\"b\"}}",
    "{\"data\":null}",
    "{\"data\":{\"$rt\":1,\"id\":\"77\",\"ts\":5,\"from\":\"\\u0061\",\"type\":\"text\",\"text\":\"\\u00e9\\/"
    "\"},"
    "\"offset\":18446744073709551615}",
    "{\"data\":{\"$rt\":1,\"id\":\"77\",\"type\":\"file\",\"b64\":\"AA\\u003d=\",\"prio\":0}}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (publications); i++)
    {
      g_autoptr (RtMessage) message = rt_test_receive (publications[i]);
      g_autofree char *json = rt_message_to_json (message);
      g_autoptr (GError) error = NULL;
      g_autoptr (RtMessage) read = rt_message_from_json (json, &error);

      g_assert_no_error (error);
      rt_test_assert_same (message, read);
      g_assert_cmpuint (rt_message_get_offset (message), ==, rt_message_get_offset (read));
      assert_round_trip (read);
    }
}

static void
test_text (void)
{
  g_autoptr (RtMessage) message
      = rt_test_receive ("{\"data\":{\"$rt\":1,\"id\":\"77\",\"ts\":5,\"from\":\"ann\",\"type\":\"text\","
                         "\"text\":\"hi\",\"prio\":2,\"ttl\":9,"
                         "\"meta\":{\"k\":\"v\"},\"tags\":{\"t\":\"u\"}},\"offset\":3,\"info\":{\"user\":"
                         "\"bob\",\"client\":\"c1\"}}");
  g_autofree char *json = rt_message_to_json (message);

  g_assert_cmpstr (
      json, ==,
      "{\"id\":\"77\",\"channel\":\"room\",\"sender\":\"ann\",\"user_id\":\"bob\",\"client_id\":\"c1\","
      "\"type\":\"text\",\"content\":\"hi\",\"priority\":\"high\",\"ttl\":9,\"timestamp\":5,"
      "\"metadata\":{\"k\":\"v\"},\"tags\":{\"t\":\"u\"},\"offset\":3}");
}

/* Also what no program can use is written as JSON that is one. */
static void
test_hostile (void)
{
  static const char *const publications[] = {
    "{\"data\":{\"$rt\":1,\"text\":\"\\ud800\\u0000\"}}",
    "{\"data\":{\"$rt\":1,\"b64\":\"!\\u0000\"}}",
    "{\"data\":[1e999,\"\\u0000\"]}",
  };
  g_autoptr (RtMessage) invalid = rt_message_new_text ("\xff", "\xff");
  g_autofree char *invalid_json = rt_message_to_json (invalid);

  g_assert_true (rt_json_check (invalid_json, strlen (invalid_json), NULL));
  for (guint i = 0; i < G_N_ELEMENTS (publications); i++)
    {
      g_autoptr (RtMessage) message = rt_test_receive (publications[i]);
      g_autofree char *json = rt_message_to_json (message);
      g_autoptr (GError) error = NULL;

      g_assert_true (rt_json_check (json, strlen (json), NULL));
      g_assert_null (rt_message_from_json (json, &error));
      g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
    }
}

static void
test_lenient (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) message
      = rt_message_from_json (" {\"channel\":\"room\",\"unknown\":{\"x\":[]},\"content\":\"x\",\"sender\":"
                              "null,\"offset\":\"12\",\"bytes\":null} ",
                              &error);

  g_assert_no_error (error);
  g_assert_cmpstr (rt_message_get_content (message), ==, "x");
  g_assert_null (rt_message_get_id (message));
  g_assert_null (rt_message_get_sender (message));
  g_assert_cmpuint (rt_message_get_offset (message), ==, 12);
  g_assert_cmpint (rt_message_get_timestamp (message), ==, 0);
}

static void
test_faults (void)
{
  static const struct
  {
    const char *json;
    const char *says;
  } cases[] = {
    { "", "not JSON" },
    { "{", "not JSON" },
    { "{'channel':'a'}", "not JSON" },
    { "{\"channel\":\"room\"}{}", "not JSON" },
    { "{\"channel\":\"\\u0000\"}", "channel: holds \\u0000" },
    { "[]", "not a JSON object" },
    { "null", "not a JSON object" },
    { "{}", "channel: " },
    { "{\"channel\":5}", "channel: is not a string" },
    { "{\"channel\":\"r\",\"sender\":[]}", "sender: is not a string" },
    { "{\"channel\":\"r\",\"content\":5}", "content: is not a string" },
    { "{\"channel\":\"r\",\"content\":\"x\",\"data\":1}", "only one" },
    { "{\"channel\":\"r\",\"bytes\":\"x\"}", "bytes: " },
    { "{\"channel\":\"r\",\"id\":\"x\"}", "id: " },
    { "{\"channel\":\"r\",\"id\":7}", "id: is not a string" },
    { "{\"channel\":\"r\",\"priority\":\"top\"}", "priority: " },
    { "{\"channel\":\"r\",\"priority\":1}", "priority: " },
    { "{\"channel\":\"r\",\"ttl\":-1}", "ttl: " },
    { "{\"channel\":\"r\",\"ttl\":4294967296}", "ttl: " },
    { "{\"channel\":\"r\",\"ttl\":1.5}", "ttl: " },
    { "{\"channel\":\"r\",\"timestamp\":\"x\"}", "timestamp: " },
    { "{\"channel\":\"r\",\"offset\":-1}", "offset: " },
    { "{\"channel\":\"r\",\"offset\":\"18446744073709551616\"}", "offset: " },
    { "{\"channel\":\"r\",\"metadata\":[]}", "metadata: " },
    { "{\"channel\":\"r\",\"tags\":{\"a\":1}}", "tags: " },
    { "{\"channel\":\"r\",\"type\":\"\"}", "type-name: " },
    { "{\"channel\":\"r\",\"ttl\":-1,\"offset\":-1,\"id\":\"\"}", "3 faults" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", cases[i].json);
      g_assert_null (rt_message_from_json (cases[i].json, &error));
      g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
      if (strstr (error->message, cases[i].says) == NULL)
        g_error ("“%s” is not in: %s", cases[i].says, error->message);
    }
}

/* A payload as large and as deep as can be sent can be written down and read back. */
static void
test_largest (void)
{
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_new ();
  g_autoptr (GString) many = g_string_new ("[0");
  g_autoptr (GString) deep = g_string_new (NULL);
  g_autoptr (RtMessage) message = NULL;

  for (guint i = 0; i < RT_JSON_MAX_PAYLOAD_VALUES - 2; i++)
    g_string_append (many, ",0");
  g_string_append_c (many, ']');
  for (guint i = 0; i < RT_JSON_MAX_PAYLOAD_DEPTH; i++)
    {
      g_string_prepend_c (deep, '[');
      g_string_append_c (deep, ']');
    }
  rt_message_builder_with_channel (builder, "room");
  for (guint i = 0; i < 2; i++)
    {
      rt_message_builder_with_json (builder, i == 0 ? many->str : deep->str);
      message = rt_message_builder_build (builder, NULL);
      g_assert_nonnull (message);
      assert_round_trip (message);
      g_clear_object (&message);
    }
}

/* What has an id keeps it, also where it would have gone as JSON alone. */
static void
test_id (void)
{
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_new ();
  g_autoptr (RtMessage) message = NULL;
  g_autoptr (RtMessage) read = NULL;
  g_autoptr (RtMessage) received = NULL;
  g_autofree char *json = NULL;

  rt_message_builder_with_json (rt_message_builder_with_channel (builder, "room"), "{}");
  message = rt_message_builder_build (rt_message_builder_with_id (builder, "7"), NULL);
  json = rt_message_to_json (message);
  read = rt_message_from_json (json, NULL);
  received = rt_test_loop (read);
  g_assert_cmpstr (rt_message_get_id (received), ==, "7");
}

/* Whatever becomes of the text: an error that can be read, or a message that can be written and read again. */
static void
test_mutated (void)
{
  static const char text[] = "{\"id\":\"77\",\"channel\":\"room\",\"sender\":\"a\\u00e9\",\"type\":\"poll\",\"data\":{\"a\":"
                             "[1,2.5,null,\"\\ud83d\\ude00\"]},\"priority\":\"high\",\"ttl\":9,\"timestamp\":-5,"
                             "\"metadata\":{\"k\":\"v\"},\"tags\":{\"t\":\"u\"},\"offset\":\"12\",\"bytes\":null}";
  static const char bytes[] = "{}[]\",:\\0123456789.-+eEntfu \n\x1f\x7f\xc3\xa9\xff";

  for (guint i = 0; i < 1500; i++)
    {
      g_autofree char *mutant = g_strdup (text);
      g_autoptr (RtMessage) message = NULL;
      g_autoptr (GError) error = NULL;

      for (gint32 left = g_test_rand_int_range (1, 5); left > 0; left--)
        mutant[g_test_rand_int_range (0, sizeof text - 1)] = bytes[g_test_rand_int_range (0, sizeof bytes - 1)];
      message = rt_message_from_json (mutant, &error);
      if (message != NULL)
        {
          assert_round_trip (message);
          continue;
        }
      g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
}

static void
test_deep (void)
{
  g_autoptr (GString) json = g_string_new ("{\"channel\":\"r\",\"x\":");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 200000; i++)
    g_string_append_c (json, '[');
  g_assert_null (rt_message_from_json (json->str, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/MessageJson/built", test_built);
  g_test_add_func ("/Rt/MessageJson/received", test_received);
  g_test_add_func ("/Rt/MessageJson/text", test_text);
  g_test_add_func ("/Rt/MessageJson/hostile", test_hostile);
  g_test_add_func ("/Rt/MessageJson/lenient", test_lenient);
  g_test_add_func ("/Rt/MessageJson/faults", test_faults);
  g_test_add_func ("/Rt/MessageJson/largest", test_largest);
  g_test_add_func ("/Rt/MessageJson/id", test_id);
  g_test_add_func ("/Rt/MessageJson/mutated", test_mutated);
  g_test_add_func ("/Rt/MessageJson/deep", test_deep);
  return g_test_run ();
}
