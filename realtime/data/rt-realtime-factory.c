/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-realtime-factory.h"

/**
 * RtRealtimeFactory:
 *
 * The usual [iface@Factory]: a [class@MessageFactory] and an [class@EventFactory] in one.
 *
 * It may be used from any thread.
 */

enum
{
  PROP_0,
  PROP_SENDER,
  PROP_MESSAGE_FACTORY,
  PROP_EVENT_FACTORY,
  N_PROPS,
};

struct _RtRealtimeFactory
{
  GObject parent_instance;

  /* Never changed after construction. */
  RtMessageFactory *message_factory;
  RtEventFactory *event_factory;
};

static void rt_realtime_factory_iface_init (RtFactoryInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RtRealtimeFactory, rt_realtime_factory, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (RT_TYPE_FACTORY, rt_realtime_factory_iface_init))

static GParamSpec *properties[N_PROPS];

static RtMessage *
rt_realtime_factory_create_message (RtFactory *factory, RtMessageType message_type, const char *channel,
                                    const char *content, GError **error)
{
  RtRealtimeFactory *self = RT_REALTIME_FACTORY (factory);

  return rt_message_factory_create_message (self->message_factory, message_type, channel, content, error);
}

static RtEvent *
rt_realtime_factory_create_event (RtFactory *factory, RtEventType event_type, GVariant *payload, GError **error)
{
  RtRealtimeFactory *self = RT_REALTIME_FACTORY (factory);

  return rt_event_factory_create_event (self->event_factory, event_type, payload, error);
}

static void
rt_realtime_factory_iface_init (RtFactoryInterface *iface)
{
  iface->create_message = rt_realtime_factory_create_message;
  iface->create_event = rt_realtime_factory_create_event;
}

static void
rt_realtime_factory_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RtRealtimeFactory *self = RT_REALTIME_FACTORY (object);

  switch (id)
    {
    case PROP_SENDER:
      g_value_set_string (value, rt_realtime_factory_get_sender (self));
      break;
    case PROP_MESSAGE_FACTORY:
      g_value_set_object (value, self->message_factory);
      break;
    case PROP_EVENT_FACTORY:
      g_value_set_object (value, self->event_factory);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
rt_realtime_factory_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  RtRealtimeFactory *self = RT_REALTIME_FACTORY (object);

  switch (id)
    {
    case PROP_SENDER:
      self->message_factory = rt_message_factory_new (g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
rt_realtime_factory_finalize (GObject *object)
{
  RtRealtimeFactory *self = RT_REALTIME_FACTORY (object);

  g_clear_object (&self->message_factory);
  g_clear_object (&self->event_factory);

  G_OBJECT_CLASS (rt_realtime_factory_parent_class)->finalize (object);
}

static void
rt_realtime_factory_class_init (RtRealtimeFactoryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = rt_realtime_factory_get_property;
  object_class->set_property = rt_realtime_factory_set_property;
  object_class->finalize = rt_realtime_factory_finalize;

  /**
   * RtRealtimeFactory:sender: (getter get_sender)
   *
   * The sender of every message; %NULL: the client's user.
   */
  properties[PROP_SENDER] = g_param_spec_string ("sender", NULL, NULL, NULL,
                                                 G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * RtRealtimeFactory:message-factory: (getter get_message_factory)
   *
   * What makes the messages; here a program registers types of its own.
   */
  properties[PROP_MESSAGE_FACTORY] = g_param_spec_object ("message-factory", NULL, NULL, RT_TYPE_MESSAGE_FACTORY,
                                                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * RtRealtimeFactory:event-factory: (getter get_event_factory)
   *
   * What makes the events.
   */
  properties[PROP_EVENT_FACTORY] = g_param_spec_object ("event-factory", NULL, NULL, RT_TYPE_EVENT_FACTORY,
                                                        G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
rt_realtime_factory_init (RtRealtimeFactory *self)
{
  self->event_factory = rt_event_factory_new ();
}

/**
 * rt_realtime_factory_new:
 * @sender: (nullable): the sender of every message, at most 255 bytes; %NULL: the client's user
 *
 * Makes a factory.
 *
 * Returns: (transfer full): the factory
 */
RtRealtimeFactory *
rt_realtime_factory_new (const char *sender)
{
  return g_object_new (RT_TYPE_REALTIME_FACTORY, "sender", sender, NULL);
}

/**
 * rt_realtime_factory_get_sender: (get-property sender)
 * @self: a factory
 *
 * Gets [property@RealtimeFactory:sender].
 *
 * Returns: (transfer none) (nullable): the sender
 */
const char *
rt_realtime_factory_get_sender (RtRealtimeFactory *self)
{
  g_return_val_if_fail (RT_IS_REALTIME_FACTORY (self), NULL);

  return rt_message_factory_get_sender (self->message_factory);
}

/**
 * rt_realtime_factory_get_message_factory: (get-property message-factory)
 * @self: a factory
 *
 * Gets [property@RealtimeFactory:message-factory].
 *
 * Returns: (transfer none): what makes the messages
 */
RtMessageFactory *
rt_realtime_factory_get_message_factory (RtRealtimeFactory *self)
{
  g_return_val_if_fail (RT_IS_REALTIME_FACTORY (self), NULL);

  return self->message_factory;
}

/**
 * rt_realtime_factory_get_event_factory: (get-property event-factory)
 * @self: a factory
 *
 * Gets [property@RealtimeFactory:event-factory].
 *
 * Returns: (transfer none): what makes the events
 */
RtEventFactory *
rt_realtime_factory_get_event_factory (RtRealtimeFactory *self)
{
  g_return_val_if_fail (RT_IS_REALTIME_FACTORY (self), NULL);

  return self->event_factory;
}
