/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Factories: messages and events that are made alike, in one place that can be exchanged for another. */
#include <realtime/realtime.h>

/* Each message has the sender that the factory was made with. */
static void
create_messages (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessageFactory) factory = rt_message_factory_new ("user-123");
  g_autoptr (RtMessage) text = rt_message_factory_create_text_message (factory, "general", "Hello!", &error);
  g_autoptr (RtMessage) image
    = rt_message_factory_create_image_message (factory, "photos", "https://example.com/img.jpg", &error);
  g_autoptr (RtMessage) system
    = rt_message_factory_create_system_message (factory, "general", "User joined", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (rt_message_get_sender (text), ==, "user-123");
  g_assert_cmpint (rt_message_get_message_type (image), ==, RT_MESSAGE_TYPE_IMAGE);
  g_assert_cmpint (rt_message_get_message_type (system), ==, RT_MESSAGE_TYPE_SYSTEM);
}

static gboolean
validate_order (RtMessage *message, gpointer user_data, GError **error)
{
  g_autoptr (GVariant) amount = g_variant_lookup_value (rt_message_get_data (message), "amount", NULL);

  if (amount != NULL)
    return TRUE;
  g_set_error_literal (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE, "an order has an amount");
  return FALSE;
}

/* Types are open: a program adds its own, with a rule that messages of this type must keep to. */
static void
add_type (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessageFactory) factory = rt_message_factory_new ("user-123");

  g_assert_true (rt_message_factory_register_type (factory, "order", validate_order, NULL, NULL, &error));
  g_autoptr (RtMessage) order = rt_message_factory_create_typed_message (
    factory, "order", "orders", g_variant_new_parsed ("{'amount': <int64 3>}"), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (rt_message_get_type_name (order), ==, "order");

  g_assert_null (rt_message_factory_create_typed_message (factory, "order", "orders",
                                                          g_variant_new_parsed ("{'price': <int64 3>}"), &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
}

/* Whoever is given an RtFactory need not know which one it is: a test may give another. */
static void
use_factory (RtFactory *factory)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) message
    = rt_factory_create_message (factory, RT_MESSAGE_TYPE_TEXT, "general", "Hello!", &error);
  g_autoptr (RtEvent) event
    = rt_factory_create_event (factory, RT_EVENT_TYPE_RECONNECTING, g_variant_new_uint32 (2), &error);

  g_assert_no_error (error);
  g_assert_cmpstr (rt_message_get_content (message), ==, "Hello!");
  g_assert_cmpint (rt_event_get_event_type (event), ==, RT_EVENT_TYPE_RECONNECTING);
  g_assert_cmpuint (g_variant_get_uint32 (rt_event_get_variant (event)), ==, 2);
}

int
main (void)
{
  g_autoptr (RtRealtimeFactory) factory = rt_realtime_factory_new ("user-123");

  create_messages ();
  add_type ();
  use_factory (RT_FACTORY (factory));
  return 0;
}
