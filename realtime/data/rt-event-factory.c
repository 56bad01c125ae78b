/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-event-factory.h"

#include "rt-event-private.h"
#include "rt-message-rules.h"

/**
 * RtEventFactory:
 *
 * Makes events, and checks what they are made of.
 *
 * A client makes its events itself. The factory is for what a program puts on an event bus on its own, and for tests
 * of its handlers. It holds nothing, and may be used from any thread.
 *
 * One error names everything that is wrong with what was given.
 */

struct _RtEventFactory
{
  GObject parent_instance;
};

G_DEFINE_FINAL_TYPE (RtEventFactory, rt_event_factory, G_TYPE_OBJECT)

static void
rt_event_factory_class_init (RtEventFactoryClass *klass)
{
}

static void
rt_event_factory_init (RtEventFactory *self)
{
}

/**
 * rt_event_factory_new:
 *
 * Makes a factory.
 *
 * Returns: (transfer full): the factory
 */
RtEventFactory *
rt_event_factory_new (void)
{
  return g_object_new (RT_TYPE_EVENT_FACTORY, NULL);
}

/* Takes the faults. */
static RtEvent *
finish (const RtEventParts *parts, RtFaults *faults, GError **error)
{
  /* One that nobody took is not left behind. */
  g_autoptr (GVariant) variant = parts->variant != NULL ? g_variant_ref_sink (parts->variant) : NULL;

  if (!rt_faults_finish (faults, "The event", RT_ERROR_INVALID_ARGUMENT, error))
    return NULL;
  return rt_event_new_from_parts (parts);
}

/**
 * rt_event_factory_create_event:
 * @self: a factory
 * @event_type: the type; for CUSTOM use [method@EventFactory.create_custom_event]
 * @payload: (nullable): details; a floating reference is taken
 * @error: return location for %RT_ERROR_INVALID_ARGUMENT
 *
 * Makes an event of a type of this library.
 *
 * Returns: (transfer full): the event, or %NULL with @error set
 */
RtEvent *
rt_event_factory_create_event (RtEventFactory *self, RtEventType event_type, GVariant *payload, GError **error)
{
  g_auto (RtFaults) faults = { 0 };
  RtEventParts parts = { .type = event_type, .variant = payload };

  g_return_val_if_fail (RT_IS_EVENT_FACTORY (self), NULL);

  if (event_type == RT_EVENT_TYPE_CUSTOM)
    rt_faults_add (&faults, "event-type", "is CUSTOM, which needs a name: make a custom event");
  else if (event_type > RT_EVENT_TYPE_CUSTOM)
    rt_faults_add (&faults, "event-type", "is none (%d)", (int) event_type);
  return finish (&parts, &faults, error);
}

/**
 * rt_event_factory_create_custom_event:
 * @self: a factory
 * @name: the name, 1 to 255 bytes of UTF-8, such as `orders.created`
 * @payload: (nullable): details; a floating reference is taken
 * @error: return location for %RT_ERROR_INVALID_ARGUMENT
 *
 * Makes an event of the program's own.
 *
 * Returns: (transfer full): the event, or %NULL with @error set
 */
RtEvent *
rt_event_factory_create_custom_event (RtEventFactory *self, const char *name, GVariant *payload, GError **error)
{
  g_auto (RtFaults) faults = { 0 };
  RtEventParts parts = { .type = RT_EVENT_TYPE_CUSTOM, .name = name, .variant = payload };

  g_return_val_if_fail (RT_IS_EVENT_FACTORY (self), NULL);

  rt_event_check_name (&faults, name);
  return finish (&parts, &faults, error);
}

/**
 * rt_event_factory_create_message_event:
 * @self: a factory
 * @event_type: MESSAGE_RECEIVED, MESSAGE_SENT or MESSAGE_DROPPED
 * @message: the message
 * @error: return location for %RT_ERROR_INVALID_ARGUMENT
 *
 * Makes an event about a message, and about its channel.
 *
 * Returns: (transfer full): the event, or %NULL with @error set
 */
RtEvent *
rt_event_factory_create_message_event (RtEventFactory *self, RtEventType event_type, RtMessage *message,
                                       GError **error)
{
  g_auto (RtFaults) faults = { 0 };
  RtEventParts parts = { .type = event_type, .message = message };

  g_return_val_if_fail (RT_IS_EVENT_FACTORY (self), NULL);
  g_return_val_if_fail (RT_IS_MESSAGE (message), NULL);

  if (event_type != RT_EVENT_TYPE_MESSAGE_RECEIVED && event_type != RT_EVENT_TYPE_MESSAGE_SENT
      && event_type != RT_EVENT_TYPE_MESSAGE_DROPPED)
    rt_faults_add (&faults, "event-type", "is not one of messages (MESSAGE_RECEIVED, MESSAGE_SENT, "
                   "MESSAGE_DROPPED)");
  return finish (&parts, &faults, error);
}

/**
 * rt_event_factory_create_channel_event:
 * @self: a factory
 * @event_type: any type but CUSTOM
 * @channel: the name of a channel
 * @payload: (nullable): details; a floating reference is taken
 * @error: return location for %RT_ERROR_INVALID_ARGUMENT
 *
 * Makes an event about a channel, such as CHANNEL_JOINED, RECOVERED or GAP.
 *
 * Returns: (transfer full): the event, or %NULL with @error set
 */
RtEvent *
rt_event_factory_create_channel_event (RtEventFactory *self, RtEventType event_type, const char *channel,
                                       GVariant *payload, GError **error)
{
  g_auto (RtFaults) faults = { 0 };
  RtEventParts parts = { .type = event_type, .channel = channel, .variant = payload };

  g_return_val_if_fail (RT_IS_EVENT_FACTORY (self), NULL);

  if (event_type >= RT_EVENT_TYPE_CUSTOM)
    rt_faults_add (&faults, "event-type", "is CUSTOM, or none");
  rt_message_rules_channel (&faults, channel);
  return finish (&parts, &faults, error);
}

/**
 * rt_event_factory_create_member_event:
 * @self: a factory
 * @event_type: MEMBER_JOINED or MEMBER_LEFT
 * @channel: the name of a channel
 * @member: who came or left
 * @error: return location for %RT_ERROR_INVALID_ARGUMENT
 *
 * Makes an event about somebody on a channel.
 *
 * Returns: (transfer full): the event, or %NULL with @error set
 */
RtEvent *
rt_event_factory_create_member_event (RtEventFactory *self, RtEventType event_type, const char *channel,
                                      RtMember *member, GError **error)
{
  g_auto (RtFaults) faults = { 0 };
  RtEventParts parts = { .type = event_type, .channel = channel, .member = member };

  g_return_val_if_fail (RT_IS_EVENT_FACTORY (self), NULL);
  g_return_val_if_fail (RT_IS_MEMBER (member), NULL);

  if (event_type != RT_EVENT_TYPE_MEMBER_JOINED && event_type != RT_EVENT_TYPE_MEMBER_LEFT)
    rt_faults_add (&faults, "event-type", "is not one of members (MEMBER_JOINED, MEMBER_LEFT)");
  rt_message_rules_channel (&faults, channel);
  return finish (&parts, &faults, error);
}

/**
 * rt_event_factory_create_error_event:
 * @self: a factory
 * @channel: (nullable): the name of the channel on which it happened, or %NULL
 * @cause: what went wrong; it is copied
 * @error: return location for %RT_ERROR_INVALID_ARGUMENT
 *
 * Makes an event of the type ERROR.
 *
 * Returns: (transfer full): the event, or %NULL with @error set
 */
RtEvent *
rt_event_factory_create_error_event (RtEventFactory *self, const char *channel, const GError *cause,
                                     GError **error)
{
  g_auto (RtFaults) faults = { 0 };
  RtEventParts parts = { .type = RT_EVENT_TYPE_ERROR, .channel = channel, .error = cause };

  g_return_val_if_fail (RT_IS_EVENT_FACTORY (self), NULL);
  g_return_val_if_fail (cause != NULL, NULL);

  if (channel != NULL)
    rt_message_rules_channel (&faults, channel);
  return finish (&parts, &faults, error);
}
