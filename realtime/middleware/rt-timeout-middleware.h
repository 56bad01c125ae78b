/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include "rt-middleware.h"

G_BEGIN_DECLS

#define RT_TYPE_TIMEOUT_MIDDLEWARE (rt_timeout_middleware_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtTimeoutMiddleware, rt_timeout_middleware, RT, TIMEOUT_MIDDLEWARE, GObject)

RT_AVAILABLE_IN_1_0
RtMiddleware        *rt_timeout_middleware_new         (guint                ms) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
guint                rt_timeout_middleware_get_timeout (RtTimeoutMiddleware *self);
RT_AVAILABLE_IN_1_0
void                 rt_timeout_middleware_set_timeout (RtTimeoutMiddleware *self,
                                                        guint                ms);

G_END_DECLS
