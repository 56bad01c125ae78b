/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include "rt-event.h"
#include "rt-subscription.h"

G_BEGIN_DECLS

/**
 * RtEventFunc:
 * @event: what happened
 * @user_data: (closure): what was given with the function
 *
 * Handles an event, in the main context that was the thread-default one where it was subscribed.
 */
typedef void (*RtEventFunc) (RtEvent  *event,
                             gpointer  user_data);

#define RT_TYPE_EVENT_BUS (rt_event_bus_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtEventBus, rt_event_bus, RT, EVENT_BUS, GObject)

RT_AVAILABLE_IN_1_0
RtEventBus     *rt_event_bus_new                   (void) G_GNUC_WARN_UNUSED_RESULT;

RT_AVAILABLE_IN_1_0
RtSubscription *rt_event_bus_subscribe             (RtEventBus     *self,
                                                    RtEventType     type,
                                                    RtEventFunc     callback,
                                                    gpointer        user_data,
                                                    GDestroyNotify  destroy);
RT_AVAILABLE_IN_1_0
RtSubscription *rt_event_bus_subscribe_all         (RtEventBus     *self,
                                                    RtEventFunc     callback,
                                                    gpointer        user_data,
                                                    GDestroyNotify  destroy);
RT_AVAILABLE_IN_1_0
RtSubscription *rt_event_bus_subscribe_once        (RtEventBus     *self,
                                                    RtEventType     type,
                                                    RtEventFunc     callback,
                                                    gpointer        user_data,
                                                    GDestroyNotify  destroy);
RT_AVAILABLE_IN_1_0
RtSubscription *rt_event_bus_subscribe_name        (RtEventBus     *self,
                                                    const char     *pattern,
                                                    RtEventFunc     callback,
                                                    gpointer        user_data,
                                                    GDestroyNotify  destroy);
RT_AVAILABLE_IN_1_0
RtSubscription *rt_event_bus_subscribe_channel     (RtEventBus     *self,
                                                    const char     *pattern,
                                                    RtEventFunc     callback,
                                                    gpointer        user_data,
                                                    GDestroyNotify  destroy);
RT_AVAILABLE_IN_1_0
RtSubscription *rt_event_bus_try_subscribe_name    (RtEventBus     *self,
                                                    const char     *pattern,
                                                    RtEventFunc     callback,
                                                    gpointer        user_data,
                                                    GDestroyNotify  destroy,
                                                    GError        **error);
RT_AVAILABLE_IN_1_0
RtSubscription *rt_event_bus_try_subscribe_channel (RtEventBus     *self,
                                                    const char     *pattern,
                                                    RtEventFunc     callback,
                                                    gpointer        user_data,
                                                    GDestroyNotify  destroy,
                                                    GError        **error);

RT_AVAILABLE_IN_1_0
void            rt_event_bus_dispatch              (RtEventBus     *self,
                                                    RtEvent        *event);
RT_AVAILABLE_IN_1_0
guint           rt_event_bus_get_n_subscriptions   (RtEventBus     *self);

G_END_DECLS
