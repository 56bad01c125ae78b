/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-factory.h"

#include "rt-error.h"

/**
 * RtFactory:
 *
 * Makes messages and events: what a program passes around where the one who uses them is not to know how they are made.
 *
 * [class@RealtimeFactory] is the usual one. A program can implement the interface itself, also in Python, JavaScript or
 * Vala, such as for tests, or for messages that all get something added. A factory is called in the thread of whoever
 * calls it.
 *
 * A factory in a script that raises an exception, or returns something else, gives the caller an error
 * %RT_ERROR_FAILED.
 */

G_DEFINE_INTERFACE (RtFactory, rt_factory, G_TYPE_OBJECT)

static void
rt_factory_default_init (RtFactoryInterface *iface)
{
}

/* What code of a program gave: takes @made and @fault, and returns the one or the other. */
static gpointer
take_result (RtFactory *self, GType type, gpointer made, GError *fault, GError **error)
{
  if (fault != NULL)
    {
      g_clear_object (&made);
      g_propagate_error (error, fault);
      return NULL;
    }
  if (made == NULL)
    {
      g_set_error (error, RT_ERROR, RT_ERROR_FAILED,
                   "The factory “%s” returned nothing and did not say why, as after an exception",
                   G_OBJECT_TYPE_NAME (self));
      return NULL;
    }
  if (!G_TYPE_CHECK_INSTANCE_TYPE (made, type))
    {
      g_set_error (error, RT_ERROR, RT_ERROR_FAILED, "The factory “%s” returned a %s instead of a %s",
                   G_OBJECT_TYPE_NAME (self), G_OBJECT_TYPE_NAME (made), g_type_name (type));
      g_object_unref (made);
      return NULL;
    }
  return made;
}

static void
set_not_supported (RtFactory *self, const char *what, GError **error)
{
  g_set_error (error, RT_ERROR, RT_ERROR_NOT_SUPPORTED, "The factory “%s” does not make %s",
               G_OBJECT_TYPE_NAME (self), what);
}

/**
 * rt_factory_create_message:
 * @self: a factory
 * @message_type: the type
 * @channel: the name of a channel
 * @content: the text
 * @error: return location for an error
 *
 * Makes a message with text in it.
 *
 * Returns: (transfer full): the message, or %NULL with @error set
 */
RtMessage *
rt_factory_create_message (RtFactory *self, RtMessageType message_type, const char *channel, const char *content,
                           GError **error)
{
  RtFactoryInterface *iface;
  GError *fault = NULL;
  RtMessage *message;

  g_return_val_if_fail (RT_IS_FACTORY (self), NULL);
  g_return_val_if_fail (message_type <= RT_MESSAGE_TYPE_CUSTOM, NULL);

  iface = RT_FACTORY_GET_IFACE (self);
  if (iface->create_message == NULL)
    {
      set_not_supported (self, "messages", error);
      return NULL;
    }
  message = iface->create_message (self, message_type, channel, content, &fault);
  return take_result (self, RT_TYPE_MESSAGE, message, fault, error);
}

/**
 * rt_factory_create_event:
 * @self: a factory
 * @event_type: the type
 * @payload: (nullable): details; a floating reference is taken
 * @error: return location for an error
 *
 * Makes an event.
 *
 * Returns: (transfer full): the event, or %NULL with @error set
 */
RtEvent *
rt_factory_create_event (RtFactory *self, RtEventType event_type, GVariant *payload, GError **error)
{
  g_autoptr (GVariant) kept = payload != NULL ? g_variant_ref_sink (payload) : NULL;
  RtFactoryInterface *iface;
  GError *fault = NULL;
  RtEvent *event;

  g_return_val_if_fail (RT_IS_FACTORY (self), NULL);
  g_return_val_if_fail (event_type <= RT_EVENT_TYPE_CUSTOM, NULL);

  iface = RT_FACTORY_GET_IFACE (self);
  if (iface->create_event == NULL)
    {
      set_not_supported (self, "events", error);
      return NULL;
    }
  event = iface->create_event (self, event_type, payload, &fault);
  return take_result (self, RT_TYPE_EVENT, event, fault, error);
}
