/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include <glib-object.h>
#include "rt-version-macros.h"

G_BEGIN_DECLS

#define RT_TYPE_SUBSCRIPTION (rt_subscription_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtSubscription, rt_subscription, RT, SUBSCRIPTION, GObject)

RT_AVAILABLE_IN_1_0
void     rt_subscription_cancel    (RtSubscription *self);
RT_AVAILABLE_IN_1_0
gboolean rt_subscription_is_active (RtSubscription *self);
RT_AVAILABLE_IN_1_0
void     rt_subscription_bind      (RtSubscription *self,
                                    GObject        *owner);

G_END_DECLS
