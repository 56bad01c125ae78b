/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include "rt-event.h"
#include "rt-message.h"

G_BEGIN_DECLS

#define RT_TYPE_FACTORY (rt_factory_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_INTERFACE (RtFactory, rt_factory, RT, FACTORY, GObject)

/**
 * RtFactoryInterface:
 * @parent_iface: the parent interface
 * @create_message: makes a message
 * @create_event: makes an event
 *
 * What a factory implements. Each function that is missing gives an error %RT_ERROR_NOT_SUPPORTED.
 */
struct _RtFactoryInterface
{
  GTypeInterface parent_iface;

  /**
   * RtFactoryInterface::create_message:
   * @self: the factory
   * @message_type: the type
   * @channel: the name of a channel
   * @content: the text
   * @error: return location for an error
   *
   * Makes a message with text in it.
   *
   * Returns: (transfer full): the message, or %NULL with @error set
   */
  RtMessage *(*create_message) (RtFactory      *self,
                                RtMessageType   message_type,
                                const char     *channel,
                                const char     *content,
                                GError        **error);

  /**
   * RtFactoryInterface::create_event:
   * @self: the factory
   * @event_type: the type
   * @payload: (nullable): details
   * @error: return location for an error
   *
   * Makes an event.
   *
   * Returns: (transfer full): the event, or %NULL with @error set
   */
  RtEvent *(*create_event) (RtFactory    *self,
                            RtEventType   event_type,
                            GVariant     *payload,
                            GError      **error);

  /*< private >*/
  gpointer padding[6];
};

RT_AVAILABLE_IN_1_0
RtMessage *rt_factory_create_message (RtFactory      *self,
                                      RtMessageType   message_type,
                                      const char     *channel,
                                      const char     *content,
                                      GError        **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtEvent   *rt_factory_create_event   (RtFactory      *self,
                                      RtEventType     event_type,
                                      GVariant       *payload,
                                      GError        **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
