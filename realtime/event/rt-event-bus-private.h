/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-event-bus.h"

G_BEGIN_DECLS

/* Whether anybody may get an event of this type. A few instructions without a lock, from any thread, so that what
 * nobody asks for need not be made. */
gboolean        rt_event_bus_wants         (RtEventBus     *self,
                                            RtEventType     type);
/* As rt_event_bus_subscribe(), asked of @object. */
RtSubscription *rt_event_bus_subscribe_for (RtEventBus     *self,
                                            gpointer        object,
                                            RtEventType     type,
                                            RtEventFunc     callback,
                                            gpointer        user_data,
                                            GDestroyNotify  destroy);
/* Ends all subscriptions, and at once each that is made later. From any thread. */
void            rt_event_bus_close         (RtEventBus     *self);
/* The same, but what was dispatched before is still delivered. */
void            rt_event_bus_end           (RtEventBus     *self);

G_END_DECLS
