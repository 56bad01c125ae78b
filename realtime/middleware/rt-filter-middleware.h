/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include "rt-middleware.h"

G_BEGIN_DECLS

/**
 * RtFilterFunc:
 * @message: a message
 * @user_data: (closure): what was given with the function
 *
 * Tells whether a message may go on. Called in the thread that runs the client's main context.
 *
 * Returns: %TRUE if it may; %FALSE drops it
 */
typedef gboolean (*RtFilterFunc) (RtMessage *message,
                                  gpointer   user_data);

#define RT_TYPE_FILTER_MIDDLEWARE (rt_filter_middleware_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtFilterMiddleware, rt_filter_middleware, RT, FILTER_MIDDLEWARE, GObject)

RT_AVAILABLE_IN_1_0
RtMiddleware       *rt_filter_middleware_new            (RtFilterFunc        predicate,
                                                         gpointer            user_data,
                                                         GDestroyNotify      destroy) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtDirections        rt_filter_middleware_get_directions (RtFilterMiddleware *self);
RT_AVAILABLE_IN_1_0
void                rt_filter_middleware_set_directions (RtFilterMiddleware *self,
                                                         RtDirections        directions);

G_END_DECLS
