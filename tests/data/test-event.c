/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>
#include "rt-clock.h"
#include "rt-enum-types.h"
#include "rt-error.h"
#include "rt-event-private.h"

static void
test_new (void)
{
  gint64 before = rt_clock_real ();
  RtEvent *event = rt_event_new (RT_EVENT_TYPE_CONNECTED, g_variant_new_string ("details"));

  g_assert_cmpint (rt_event_get_event_type (event), ==, RT_EVENT_TYPE_CONNECTED);
  g_assert_cmpstr (rt_event_get_name (event), ==, "connected");
  g_assert_cmpint (rt_event_get_timestamp (event), >=, before);
  g_assert_cmpint (rt_event_get_timestamp (event), <=, rt_clock_real ());
  g_assert_cmpstr (g_variant_get_string (rt_event_get_variant (event), NULL), ==, "details");
  g_assert_null (rt_event_get_message (event));
  g_assert_null (rt_event_get_channel (event));
  g_assert_null (rt_event_get_error (event));
  g_assert_null (rt_event_get_member (event));
  g_assert_finalize_object (event);
}

static void
test_custom (void)
{
  g_autofree char *longest = g_strnfill (255, 'n');
  g_autoptr (RtEvent) event = rt_event_new_custom ("orders.created", NULL);
  g_autoptr (RtEvent) long_one = rt_event_new_custom (longest, NULL);

  g_assert_cmpint (rt_event_get_event_type (event), ==, RT_EVENT_TYPE_CUSTOM);
  g_assert_cmpstr (rt_event_get_name (event), ==, "orders.created");
  g_assert_null (rt_event_get_variant (event));
  g_assert_cmpstr (rt_event_get_name (long_one), ==, longest);
}

/* The names here and those of the enumeration are written down twice. */
static void
test_nicks (void)
{
  GEnumClass *klass = g_type_class_ref (RT_TYPE_EVENT_TYPE);

  g_assert_cmpuint (klass->n_values, ==, RT_EVENT_TYPE_CUSTOM + 1);
  for (guint i = 0; i < klass->n_values; i++)
    g_assert_cmpstr (rt_event_type_to_nick (klass->values[i].value), ==, klass->values[i].value_nick);
  g_type_class_unref (klass);
}

static void
test_parts (void)
{
  RtMessage *message = rt_message_new_text ("room", "hello");
  RtMember *member = rt_member_new ("c", "u", NULL);
  g_autoptr (GError) given = g_error_new_literal (RT_ERROR, RT_ERROR_NETWORK, "gone");
  RtEventParts parts = {
    .type = RT_EVENT_TYPE_MESSAGE_DROPPED,
    .name = "not looked at",
    .channel = "elsewhere",
    .message = message,
    .error = given,
    .variant = g_variant_new_int32 (3),
    .member = member,
  };
  RtEvent *event = rt_event_new_from_parts (&parts);
  g_autoptr (GError) error = NULL;
  g_autofree char *channel = NULL;
  g_autofree char *name = NULL;
  g_autoptr (GVariant) variant = NULL;
  g_autoptr (RtMessage) got_message = NULL;
  g_autoptr (RtMember) got_member = NULL;
  RtEventType type;
  gint64 timestamp;

  g_clear_error (&given);
  g_object_get (event, "event-type", &type, "name", &name, "channel", &channel, "message", &got_message,
                "error", &error, "variant", &variant, "member", &got_member, "timestamp", &timestamp, NULL);
  g_assert_cmpint (type, ==, RT_EVENT_TYPE_MESSAGE_DROPPED);
  g_assert_cmpstr (name, ==, "message-dropped");
  g_assert_cmpstr (channel, ==, "room");
  g_assert_true (got_message == message);
  g_assert_true (got_member == member);
  g_assert_error (error, RT_ERROR, RT_ERROR_NETWORK);
  g_assert_cmpint (g_variant_get_int32 (variant), ==, 3);
  g_assert_cmpint (timestamp, ==, rt_event_get_timestamp (event));

  g_clear_object (&got_message);
  g_clear_object (&got_member);
  g_assert_finalize_object (event);
  g_assert_finalize_object (message);
  g_assert_finalize_object (member);
}

static void
test_channel (void)
{
  g_autofree char *name = g_strdup ("room");
  RtEventParts parts = { .type = RT_EVENT_TYPE_GAP, .channel = name };
  RtEvent *event = rt_event_new_from_parts (&parts);

  *name = 'X';
  g_assert_cmpstr (rt_event_get_channel (event), ==, "room");
  g_assert_finalize_object (event);
}

/* A script can make one without a constructor. */
static void
test_blank (void)
{
  g_autoptr (RtEvent) event = g_object_new (RT_TYPE_EVENT, NULL);

  g_assert_cmpint (rt_event_get_event_type (event), ==, RT_EVENT_TYPE_CUSTOM);
  g_assert_cmpstr (rt_event_get_name (event), ==, "custom");
  g_assert_null (rt_event_get_channel (event));
}

/* What a program must not do is said, and gives no event. */
static void
test_misuse (void)
{
  if (g_test_subprocess ())
    {
      g_autoptr (RtEvent) event = rt_event_new (RT_EVENT_TYPE_CUSTOM, NULL);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*rt_event_new: assertion*");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Event/new", test_new);
  g_test_add_func ("/Rt/Event/custom", test_custom);
  g_test_add_func ("/Rt/Event/nicks", test_nicks);
  g_test_add_func ("/Rt/Event/parts", test_parts);
  g_test_add_func ("/Rt/Event/channel", test_channel);
  g_test_add_func ("/Rt/Event/blank", test_blank);
  g_test_add_func ("/Rt/Event/misuse", test_misuse);
  return g_test_run ();
}
