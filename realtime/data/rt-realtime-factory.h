/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include "rt-event-factory.h"
#include "rt-factory.h"
#include "rt-message-factory.h"

G_BEGIN_DECLS

#define RT_TYPE_REALTIME_FACTORY (rt_realtime_factory_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtRealtimeFactory, rt_realtime_factory, RT, REALTIME_FACTORY, GObject)

RT_AVAILABLE_IN_1_0
RtRealtimeFactory *rt_realtime_factory_new                 (const char        *sender) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
const char        *rt_realtime_factory_get_sender          (RtRealtimeFactory *self);
RT_AVAILABLE_IN_1_0
RtMessageFactory  *rt_realtime_factory_get_message_factory (RtRealtimeFactory *self);
RT_AVAILABLE_IN_1_0
RtEventFactory    *rt_realtime_factory_get_event_factory   (RtRealtimeFactory *self);

G_END_DECLS
