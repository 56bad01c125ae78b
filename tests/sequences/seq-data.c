/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "seq.h"

#include <string.h>

/* Objects that need no connection: messages, options, positions, events. */

/* --- Building messages --- */

static void
draw_body (Seq *seq, RtMessageBuilder *builder, gboolean *wrong)
{
  g_autofree char *text = seq_text (seq, wrong);
  g_autoptr (GBytes) bytes = g_bytes_new_static ("\0\xff\n", 3);
  GVariant *data;

  switch (seq_below (seq, 4))
    {
    case 0:
      rt_message_builder_with_json (builder, "{\"a\":[1,2.5,null,\"x\"]}");
      *wrong = FALSE;
      break;
    case 1:
      /* Too large a text is only found when the message is sent. */
      rt_message_builder_with_content (builder, text);
      *wrong = *wrong && !g_utf8_validate (text, -1, NULL);
      break;
    case 2:
      data = seq_variant (seq, NULL);
      rt_message_builder_with_variant (builder, data != NULL ? data : g_variant_new_string (""));
      *wrong = FALSE;
      break;
    default:
      rt_message_builder_with_bytes (builder, bytes);
      *wrong = FALSE;
      break;
    }
}

static void
draw_detail (Seq *seq, RtMessageBuilder *builder)
{
  switch (seq_below (seq, 6))
    {
    case 0:
      rt_message_builder_with_priority (builder, seq_below (seq, 4));
      break;
    case 1:
      rt_message_builder_with_ttl (builder, seq_chance (seq, 2) ? 1 : 60000);
      break;
    case 2:
      rt_message_builder_with_metadata (builder, "key", "value");
      break;
    case 3:
      rt_message_builder_with_tag (builder, "tag", "value");
      break;
    case 4:
      rt_message_builder_with_sender (builder, "somebody");
      break;
    default:
      rt_message_builder_with_message_type (builder, seq_below (seq, RT_MESSAGE_TYPE_CUSTOM));
      break;
    }
}

static void
look_at_message (RtMessage *message)
{
  g_autofree char *json = rt_message_to_json (message);
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) again = rt_message_from_json (json, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (rt_message_get_id (again), ==, rt_message_get_id (message));
  g_assert_cmpstr (rt_message_get_channel (again), ==, rt_message_get_channel (message));
  g_assert_cmpstr (rt_message_get_content (again), ==, rt_message_get_content (message));
  g_assert_cmpint (rt_message_get_message_type (again), ==, rt_message_get_message_type (message));
  g_autofree char *twice = rt_message_to_json (again);
  g_assert_cmpstr (json, ==, twice);
}

static void
act_build_message (Seq *seq)
{
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_new ();
  gboolean wrong_name = FALSE, wrong_body = FALSE;
  g_autofree char *name = seq_channel_name (seq, &wrong_name);
  GError *error = NULL;

  rt_message_builder_with_channel (builder, name);
  draw_body (seq, builder, &wrong_body);
  for (guint i = seq_below (seq, 4); i > 0; i--)
    draw_detail (seq, builder);
  RtMessage *message = rt_message_builder_build (builder, &error);
  if (message != NULL && (wrong_name || wrong_body))
    g_error ("A message was built for \"%s\" from what is wrong", name);
  seq_check_result (message != NULL, error, RT_ERROR_INVALID_MESSAGE, -1);
  if (message == NULL)
    return;
  look_at_message (message);
  /* Only those that can be sent are kept. */
  if (rt_message_get_content (message) == NULL || strlen (rt_message_get_content (message)) < 1000)
    seq_put (seq, SEQ_POOL_MESSAGES, g_steal_pointer (&message));
  g_clear_object (&message);
}

static void
act_break_message (Seq *seq)
{
  static const char *const faulty[] = { "{", "[1,2", "nan", "\"\xff\"", "{\"a\":1}}", "" };
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_new ();
  const char *json = faulty[seq_below (seq, G_N_ELEMENTS (faulty))];
  GError *error = NULL;

  rt_message_builder_with_channel (builder, "room");
  rt_message_builder_with_json (builder, json);
  g_assert_null (rt_message_builder_build (builder, &error));
  seq_check_result (FALSE, error, RT_ERROR_INVALID_MESSAGE, -1);
  error = NULL;
  g_assert_null (rt_message_from_json (json, &error));
  seq_check_result (FALSE, error, RT_ERROR_INVALID_MESSAGE, -1);
}

/* --- Messages --- */

static void
act_look_at_message (Seq *seq)
{
  g_autoptr (RtMessage) message = seq_get (seq, SEQ_POOL_MESSAGES);

  if (message == NULL)
    return;
  g_autofree char *content = rt_message_dup_content (message, NULL);
  g_autofree char *json = rt_message_dup_data_json (message);
  g_autoptr (GVariant) data = rt_message_dup_data (message, NULL);
  g_autoptr (GBytes) bytes = rt_message_dup_bytes (message, NULL);
  rt_message_validate (message, NULL);
  rt_message_is_expired (message);
  rt_message_get_metadata_value (message, "key");
  rt_message_get_tag_value (message, "tag");
  rt_message_get_metadata (message);
  rt_message_get_tags (message);
  g_assert_cmpint (rt_message_get_timestamp (message), >=, 0);
  g_assert_cmpint (rt_message_get_priority (message), <=, RT_PRIORITY_URGENT);
  g_assert_true (content == NULL || g_utf8_validate (content, -1, NULL));
}

static void
act_new_text (Seq *seq)
{
  g_autofree char *name = seq_channel_name (seq, NULL);
  g_autofree char *text = seq_text (seq, NULL);
  RtMessage *message = rt_message_new_text (name, text);

  g_assert_cmpstr (rt_message_get_content (message), ==, text);
  seq_put (seq, SEQ_POOL_MESSAGES, message);
}

static void
act_new_options (Seq *seq)
{
  RtMessageOptions *options = rt_message_options_new ();

  rt_message_options_set_priority (options, seq_below (seq, 4));
  if (seq_chance (seq, 2))
    rt_message_options_set_ttl (options, 1 + seq_below (seq, 10000));
  if (seq_chance (seq, 2))
    rt_message_options_set_message_type (options, seq_below (seq, RT_MESSAGE_TYPE_CUSTOM));
  if (seq_chance (seq, 2))
    rt_message_options_set_metadata (options, g_variant_new_parsed ("{'trace': 'abc'}"));
  if (seq_chance (seq, 2))
    rt_message_options_set_tags (options, g_variant_new_parsed ("{'kind': 'test'}"));
  rt_message_options_get_metadata (options);
  rt_message_options_get_tags (options);
  seq_put (seq, SEQ_POOL_OPTIONS, options);
}

/* --- Small ones --- */

static void
act_positions (Seq *seq)
{
  g_autoptr (RtPosition) position = rt_position_new ("epoch", seq_below (seq, 100));
  g_autoptr (RtPosition) copy = rt_position_copy (position);
  g_autoptr (RtPosition) other = rt_position_new ("other", rt_position_get_offset (position));

  g_assert_true (rt_position_equal (position, copy));
  g_assert_false (rt_position_equal (position, other));
  g_assert_cmpstr (rt_position_get_epoch (copy), ==, "epoch");
}

static void
act_snowflakes (Seq *seq)
{
  guint node = seq_below (seq, 1100);
  GError *error = NULL;
  g_autoptr (RtSnowflake) snowflake = rt_snowflake_new (node, &error);

  seq_check_result (snowflake != NULL, error, RT_ERROR_INVALID_ARGUMENT, -1);
  g_assert_true ((snowflake != NULL) == (node < 1024));
  if (snowflake == NULL)
    return;
  gint64 first = rt_snowflake_next (snowflake);
  g_assert_cmpint (rt_snowflake_next (snowflake), >, first);
  g_assert_cmpuint (rt_snowflake_get_node (first), ==, node);
}

static void
act_members (Seq *seq)
{
  g_autoptr (RtMember) member = rt_member_new ("client", seq_chance (seq, 2) ? "user" : "", seq_variant (seq, NULL));

  g_assert_cmpstr (rt_member_get_client_id (member), ==, "client");
  rt_member_get_user_id (member);
  rt_member_get_info (member);
}

static void
act_events (Seq *seq)
{
  g_autoptr (RtEvent) event = seq_chance (seq, 2)
                                ? rt_event_new (seq_below (seq, RT_EVENT_TYPE_CUSTOM), seq_variant (seq, NULL))
                                : rt_event_new_custom ("orders.new", seq_variant (seq, NULL));

  g_assert_nonnull (rt_event_get_name (event));
  g_assert_cmpint (rt_event_get_event_type (event), <=, RT_EVENT_TYPE_CUSTOM);
  g_assert_cmpint (rt_event_get_timestamp (event), >=, 0);
  rt_event_get_variant (event);
  g_assert_null (rt_event_get_error (event));
  g_assert_null (rt_event_get_message (event));
  g_assert_null (rt_event_get_member (event));
  rt_event_get_channel (event);
}

static void
act_rate_limiters (Seq *seq)
{
  guint burst = 1 + seq_below (seq, 10);
  g_autoptr (RtRateLimiter) limiter = rt_rate_limiter_new (1 + seq_below (seq, 100), burst);
  guint n = 1 + seq_below (seq, 12);

  g_assert_cmpuint (rt_rate_limiter_get_burst (limiter), ==, burst);
  g_assert_true (rt_rate_limiter_try_acquire (limiter, n) == (n <= burst));
  g_assert_true ((rt_rate_limiter_get_delay (limiter, burst + 1) == G_MAXUINT));
  rt_rate_limiter_get_delay (limiter, burst);
}

/* --- Factories --- */

static gboolean
validate_func (RtMessage *message, gpointer user_data, GError **error)
{
  Seq *seq = seq_hook_get (user_data);

  /* One that fails without an error is caught, too. */
  if (seq_chance (seq, 4))
    g_set_error_literal (error, RT_ERROR, RT_ERROR_FAILED, "not today");
  else if (!seq_chance (seq, 4))
    return TRUE;
  return FALSE;
}

static void
act_message_factories (Seq *seq)
{
  g_autoptr (RtMessageFactory) factory = rt_message_factory_new ("somebody");
  gboolean wrong = FALSE;
  g_autofree char *name = seq_channel_name (seq, &wrong);
  g_autofree char *text = seq_text (seq, NULL);
  GError *error = NULL;

  RtMessage *message = rt_message_factory_create_message (factory, seq_below (seq, RT_MESSAGE_TYPE_BINARY), name, text,
                                                          &error);
  if (message != NULL && wrong)
    g_error ("A factory made a message for \"%s\"", name);
  seq_check_result (message != NULL, error, RT_ERROR_INVALID_MESSAGE, RT_ERROR_INVALID_ARGUMENT, -1);
  seq_put (seq, SEQ_POOL_MESSAGES, message);
}

static void
act_own_types (Seq *seq)
{
  static const char *const names[] = { "order", "text", "", "no such" };
  g_autoptr (RtMessageFactory) factory = rt_message_factory_new ("somebody");
  const char *name = names[seq_below (seq, G_N_ELEMENTS (names))];
  GError *error = NULL;

  gpointer hook = seq_new_hook (seq);
  gboolean ok = rt_message_factory_register_type (factory, "order", validate_func, hook, seq_hook_destroyed, &error);
  seq_check_result (ok, error, -1);
  error = NULL;
  RtMessage *message
    = rt_message_factory_create_typed_message (factory, name, "room", g_variant_new_parsed ("{'a': <int64 1>}"), &error);
  seq_check_result (message != NULL, error, RT_ERROR_INVALID_MESSAGE, RT_ERROR_INVALID_ARGUMENT, -1);
  seq_put (seq, SEQ_POOL_MESSAGES, message);
  g_auto (GStrv) all = rt_message_factory_get_type_names (factory);
  g_assert_true (g_strv_contains ((const char *const *) all, "order"));
  if (seq_chance (seq, 2))
    g_assert_true (rt_message_factory_unregister_type (factory, "order"));
  g_assert_false (rt_message_factory_unregister_type (factory, "pigeon"));
}

static void
act_event_factories (Seq *seq)
{
  g_autoptr (RtRealtimeFactory) factory = rt_realtime_factory_new ("somebody");
  g_autoptr (RtMessage) message = seq_get (seq, SEQ_POOL_MESSAGES);
  RtEventFactory *events = rt_realtime_factory_get_event_factory (factory);
  RtEventType type = seq_below (seq, RT_EVENT_TYPE_CUSTOM + 1);
  RtEvent *event = NULL;
  GError *error = NULL;

  if (seq_chance (seq, 3))
    event = rt_factory_create_event (RT_FACTORY (factory), type, seq_variant (seq, NULL), &error);
  else if (seq_chance (seq, 2) || message == NULL)
    event = rt_event_factory_create_custom_event (events, seq_chance (seq, 4) ? "" : "orders.new", NULL, &error);
  else
    event = rt_event_factory_create_message_event (events, type, message, &error);
  seq_check_result (event != NULL, error, RT_ERROR_INVALID_ARGUMENT, -1);
  seq_put (seq, SEQ_POOL_EVENTS, event);
}

const SeqAction seq_data_actions[] = {
  { "build a message", SEQ_GROUP_DATA, 60, act_build_message },
  { "break a message", SEQ_GROUP_DATA, 10, act_break_message },
  { "look at a message", SEQ_GROUP_DATA, 20, act_look_at_message },
  { "new text", SEQ_GROUP_DATA, 20, act_new_text },
  { "new message options", SEQ_GROUP_DATA, 20, act_new_options },
  { "positions", SEQ_GROUP_DATA, 5, act_positions },
  { "snowflakes", SEQ_GROUP_DATA, 5, act_snowflakes },
  { "members", SEQ_GROUP_DATA, 5, act_members },
  { "events", SEQ_GROUP_DATA, 10, act_events },
  { "rate limiters", SEQ_GROUP_DATA, 10, act_rate_limiters },
  { "message factories", SEQ_GROUP_DATA, 15, act_message_factories },
  { "own types", SEQ_GROUP_DATA, 10, act_own_types },
  { "event factories", SEQ_GROUP_DATA, 15, act_event_factories },
  { NULL },
};
