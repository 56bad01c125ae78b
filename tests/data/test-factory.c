/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>
#include <string.h>
#include "rt-error.h"
#include "rt-realtime-factory.h"

static void
assert_says (GError **error, int code, const char *says)
{
  g_assert_error (*error, RT_ERROR, code);
  if (strstr ((*error)->message, says) == NULL)
    g_error ("“%s” is not in: %s", says, (*error)->message);
  g_clear_error (error);
}

/* --- Events --- */

static void
test_events (void)
{
  RtEventFactory *factory = rt_event_factory_new ();
  g_autoptr (RtMessage) message = rt_message_new_text ("room", "x");
  g_autoptr (RtMember) member = rt_member_new ("c", "u", NULL);
  g_autoptr (GError) cause = g_error_new_literal (RT_ERROR, RT_ERROR_NETWORK, "gone");
  g_autoptr (GError) error = NULL;
  g_autoptr (RtEvent) plain
      = rt_event_factory_create_event (factory, RT_EVENT_TYPE_CONNECTED, g_variant_new_int32 (1), &error);
  g_autoptr (RtEvent) custom = rt_event_factory_create_custom_event (factory, "orders.created", NULL, &error);
  g_autoptr (RtEvent) about_message
      = rt_event_factory_create_message_event (factory, RT_EVENT_TYPE_MESSAGE_SENT, message, &error);
  g_autoptr (RtEvent) about_channel
      = rt_event_factory_create_channel_event (factory, RT_EVENT_TYPE_GAP, "room", NULL, &error);
  g_autoptr (RtEvent) about_member
      = rt_event_factory_create_member_event (factory, RT_EVENT_TYPE_MEMBER_LEFT, "room", member, &error);
  g_autoptr (RtEvent) about_error = rt_event_factory_create_error_event (factory, NULL, cause, &error);

  g_assert_no_error (error);
  g_assert_cmpint (rt_event_get_event_type (plain), ==, RT_EVENT_TYPE_CONNECTED);
  g_assert_cmpint (g_variant_get_int32 (rt_event_get_variant (plain)), ==, 1);
  g_assert_cmpstr (rt_event_get_name (custom), ==, "orders.created");
  g_assert_true (rt_event_get_message (about_message) == message);
  g_assert_cmpstr (rt_event_get_channel (about_message), ==, "room");
  g_assert_cmpstr (rt_event_get_channel (about_channel), ==, "room");
  g_assert_true (rt_event_get_member (about_member) == member);
  g_assert_error (rt_event_get_error (about_error), RT_ERROR, RT_ERROR_NETWORK);
  g_assert_null (rt_event_get_channel (about_error));
  g_assert_finalize_object (factory);
}

static void
test_event_faults (void)
{
  g_autoptr (RtEventFactory) factory = rt_event_factory_new ();
  g_autoptr (RtMessage) message = rt_message_new_text ("room", "x");
  g_autoptr (RtMember) member = rt_member_new ("c", "u", NULL);
  g_autoptr (GError) cause = g_error_new_literal (RT_ERROR, RT_ERROR_NETWORK, "gone");
  g_autofree char *long_name = g_strnfill (256, '\xff');
  g_autoptr (GError) error = NULL;

  g_assert_null (rt_event_factory_create_event (factory, RT_EVENT_TYPE_CUSTOM, g_variant_new_int32 (1), &error));
  assert_says (&error, RT_ERROR_INVALID_ARGUMENT, "needs a name");
  g_assert_null (rt_event_factory_create_event (factory, 99, NULL, &error));
  assert_says (&error, RT_ERROR_INVALID_ARGUMENT, "event-type");
  g_assert_null (rt_event_factory_create_custom_event (factory, NULL, NULL, &error));
  assert_says (&error, RT_ERROR_INVALID_ARGUMENT, "name: is not set");
  g_assert_null (rt_event_factory_create_custom_event (factory, long_name, NULL, &error));
  assert_says (&error, RT_ERROR_INVALID_ARGUMENT, "2 faults");
  g_assert_null (rt_event_factory_create_message_event (factory, RT_EVENT_TYPE_GAP, message, &error));
  assert_says (&error, RT_ERROR_INVALID_ARGUMENT, "MESSAGE_RECEIVED");
  g_assert_null (rt_event_factory_create_channel_event (factory, RT_EVENT_TYPE_CUSTOM, "\n", NULL, &error));
  assert_says (&error, RT_ERROR_INVALID_ARGUMENT, "2 faults");
  g_assert_null (rt_event_factory_create_member_event (factory, RT_EVENT_TYPE_GAP, NULL, member, &error));
  assert_says (&error, RT_ERROR_INVALID_ARGUMENT, "2 faults");
  g_assert_null (rt_event_factory_create_error_event (factory, "", cause, &error));
  assert_says (&error, RT_ERROR_INVALID_ARGUMENT, "channel: ");
}

/* --- The usual factory --- */

static void
test_realtime (void)
{
  RtRealtimeFactory *factory = rt_realtime_factory_new ("user-123");
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) message
      = rt_factory_create_message (RT_FACTORY (factory), RT_MESSAGE_TYPE_TEXT, "general", "Hello!", &error);
  g_autoptr (RtEvent) event = rt_factory_create_event (RT_FACTORY (factory), RT_EVENT_TYPE_MESSAGE_RECEIVED,
                                                       g_variant_new_string ("payload"), &error);
  g_autofree char *sender = NULL;
  g_autoptr (RtMessageFactory) messages = NULL;
  g_autoptr (RtEventFactory) events = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (rt_message_get_sender (message), ==, "user-123");
  g_assert_cmpstr (rt_message_get_content (message), ==, "Hello!");
  g_assert_cmpint (rt_event_get_event_type (event), ==, RT_EVENT_TYPE_MESSAGE_RECEIVED);
  g_object_get (factory, "sender", &sender, "message-factory", &messages, "event-factory", &events, NULL);
  g_assert_cmpstr (sender, ==, "user-123");
  g_assert_true (messages == rt_realtime_factory_get_message_factory (factory));
  g_assert_true (events == rt_realtime_factory_get_event_factory (factory));

  g_assert_null (rt_factory_create_message (RT_FACTORY (factory), RT_MESSAGE_TYPE_TEXT, "", NULL, &error));
  assert_says (&error, RT_ERROR_INVALID_MESSAGE, "2 faults");
  g_assert_null (rt_factory_create_event (RT_FACTORY (factory), RT_EVENT_TYPE_CUSTOM, g_variant_new_int32 (1),
                                          &error));
  assert_says (&error, RT_ERROR_INVALID_ARGUMENT, "CUSTOM");
  g_assert_finalize_object (factory);
}

/* --- One of a program's own, which can be wrong in every way --- */

typedef struct
{
  GObject parent_instance;

  GObject *gives; /* nullable */
  gboolean fails;
} TestFactory;

typedef GObjectClass TestFactoryClass;

static GType test_factory_get_type (void);
static void test_factory_iface_init (RtFactoryInterface *iface);

G_DEFINE_TYPE_WITH_CODE (TestFactory, test_factory, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (RT_TYPE_FACTORY, test_factory_iface_init))

static gpointer
give (TestFactory *self, GError **error)
{
  if (self->fails)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "as it likes");
  return self->gives != NULL ? g_object_ref (self->gives) : NULL;
}

static RtMessage *
test_factory_create_message (RtFactory *factory, RtMessageType type, const char *channel, const char *content,
                             GError **error)
{
  return give ((TestFactory *) factory, error);
}

static RtEvent *
test_factory_create_event (RtFactory *factory, RtEventType type, GVariant *payload, GError **error)
{
  return give ((TestFactory *) factory, error);
}

static void
test_factory_iface_init (RtFactoryInterface *iface)
{
  iface->create_message = test_factory_create_message;
  iface->create_event = test_factory_create_event;
}

static void
test_factory_class_init (TestFactoryClass *klass)
{
}

static void
test_factory_init (TestFactory *self)
{
}

static void
test_own (void)
{
  TestFactory *own = g_object_new (test_factory_get_type (), NULL);
  RtFactory *factory = RT_FACTORY (own);
  RtMessage *message = rt_message_new_text ("room", "x");
  RtEvent *event = rt_event_new (RT_EVENT_TYPE_GAP, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (rt_factory_create_message (factory, RT_MESSAGE_TYPE_TEXT, "room", "x", &error));
  assert_says (&error, RT_ERROR_FAILED, "TestFactory” returned nothing");
  g_assert_null (rt_factory_create_event (factory, RT_EVENT_TYPE_GAP, g_variant_new_int32 (1), &error));
  assert_says (&error, RT_ERROR_FAILED, "TestFactory” returned nothing");

  own->gives = G_OBJECT (message);
  g_assert_true (rt_factory_create_message (factory, RT_MESSAGE_TYPE_TEXT, "room", "x", &error) == message);
  g_object_unref (message);
  g_assert_null (rt_factory_create_event (factory, RT_EVENT_TYPE_GAP, NULL, &error));
  assert_says (&error, RT_ERROR_FAILED, "a RtMessage instead of a RtEvent");

  own->gives = G_OBJECT (event);
  g_assert_true (rt_factory_create_event (factory, RT_EVENT_TYPE_GAP, NULL, &error) == event);
  g_object_unref (event);
  g_assert_null (rt_factory_create_message (factory, RT_MESSAGE_TYPE_TEXT, "room", "x", &error));
  assert_says (&error, RT_ERROR_FAILED, "a RtEvent instead of a RtMessage");

  own->fails = TRUE;
  g_assert_null (rt_factory_create_event (factory, RT_EVENT_TYPE_GAP, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_assert_finalize_object (message);
  g_assert_finalize_object (event);
  g_assert_finalize_object (own);
}

/* --- One that has nothing --- */

typedef GObject EmptyFactory;
typedef GObjectClass EmptyFactoryClass;

static GType empty_factory_get_type (void);

G_DEFINE_TYPE_WITH_CODE (EmptyFactory, empty_factory, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (RT_TYPE_FACTORY, NULL))

static void
empty_factory_class_init (EmptyFactoryClass *klass)
{
}

static void
empty_factory_init (EmptyFactory *self)
{
}

static void
test_empty (void)
{
  g_autoptr (GObject) object = g_object_new (empty_factory_get_type (), NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (rt_factory_create_message (RT_FACTORY (object), RT_MESSAGE_TYPE_TEXT, "room", "x", &error));
  assert_says (&error, RT_ERROR_NOT_SUPPORTED, "EmptyFactory");
  g_assert_null (rt_factory_create_event (RT_FACTORY (object), RT_EVENT_TYPE_GAP, g_variant_new_int32 (1), &error));
  assert_says (&error, RT_ERROR_NOT_SUPPORTED, "events");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Factory/events", test_events);
  g_test_add_func ("/Rt/Factory/event-faults", test_event_faults);
  g_test_add_func ("/Rt/Factory/realtime", test_realtime);
  g_test_add_func ("/Rt/Factory/own", test_own);
  g_test_add_func ("/Rt/Factory/empty", test_empty);
  return g_test_run ();
}
