/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include "rt-event.h"

G_BEGIN_DECLS

#define RT_TYPE_EVENT_FACTORY (rt_event_factory_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtEventFactory, rt_event_factory, RT, EVENT_FACTORY, GObject)

RT_AVAILABLE_IN_1_0
RtEventFactory *rt_event_factory_new                  (void) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtEvent        *rt_event_factory_create_event         (RtEventFactory  *self,
                                                       RtEventType      event_type,
                                                       GVariant        *payload,
                                                       GError         **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtEvent        *rt_event_factory_create_custom_event  (RtEventFactory  *self,
                                                       const char      *name,
                                                       GVariant        *payload,
                                                       GError         **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtEvent        *rt_event_factory_create_message_event (RtEventFactory  *self,
                                                       RtEventType      event_type,
                                                       RtMessage       *message,
                                                       GError         **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtEvent        *rt_event_factory_create_channel_event (RtEventFactory  *self,
                                                       RtEventType      event_type,
                                                       const char      *channel,
                                                       GVariant        *payload,
                                                       GError         **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtEvent        *rt_event_factory_create_member_event  (RtEventFactory  *self,
                                                       RtEventType      event_type,
                                                       const char      *channel,
                                                       RtMember        *member,
                                                       GError         **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtEvent        *rt_event_factory_create_error_event   (RtEventFactory  *self,
                                                       const char      *channel,
                                                       const GError    *cause,
                                                       GError         **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
