/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include "rt-middleware.h"

G_BEGIN_DECLS

/**
 * RtRateLimitMode:
 * @RT_RATE_LIMIT_MODE_WAIT: it waits for its turn, and later ones of its channel behind it
 * @RT_RATE_LIMIT_MODE_FAIL: it fails with %RT_ERROR_RATE_LIMITED
 * @RT_RATE_LIMIT_MODE_COALESCE: it waits for its turn, unless a newer one with the same key comes and takes that
 *
 * What a [class@RateLimitMiddleware] does with a message that comes too early.
 */
typedef enum
{
  RT_RATE_LIMIT_MODE_WAIT,
  RT_RATE_LIMIT_MODE_FAIL,
  RT_RATE_LIMIT_MODE_COALESCE,
} RtRateLimitMode;

/**
 * RtRateLimitKeyFunc:
 * @message: a message
 * @user_data: (closure): what was given with the function
 *
 * Tells under which key a message counts. Called in the thread that runs the client's main context.
 *
 * Returns: (transfer full) (nullable): the key, or %NULL for the name of the channel
 */
typedef char *(*RtRateLimitKeyFunc) (RtMessage *message,
                                     gpointer   user_data);

#define RT_TYPE_RATE_LIMIT_MIDDLEWARE (rt_rate_limit_middleware_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtRateLimitMiddleware, rt_rate_limit_middleware, RT, RATE_LIMIT_MIDDLEWARE, GObject)

RT_AVAILABLE_IN_1_0
RtMiddleware   *rt_rate_limit_middleware_new             (double                 rate,
                                                          guint                  burst,
                                                          RtRateLimitMode        mode) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
void            rt_rate_limit_middleware_set_key_func    (RtRateLimitMiddleware *self,
                                                          RtRateLimitKeyFunc     func,
                                                          gpointer               user_data,
                                                          GDestroyNotify         destroy);
RT_AVAILABLE_IN_1_0
double          rt_rate_limit_middleware_get_rate        (RtRateLimitMiddleware *self);
RT_AVAILABLE_IN_1_0
guint           rt_rate_limit_middleware_get_burst       (RtRateLimitMiddleware *self);
RT_AVAILABLE_IN_1_0
RtRateLimitMode rt_rate_limit_middleware_get_mode        (RtRateLimitMiddleware *self);
RT_AVAILABLE_IN_1_0
RtDirections    rt_rate_limit_middleware_get_directions  (RtRateLimitMiddleware *self);
RT_AVAILABLE_IN_1_0
void            rt_rate_limit_middleware_set_directions  (RtRateLimitMiddleware *self,
                                                          RtDirections           directions);
RT_AVAILABLE_IN_1_0
guint           rt_rate_limit_middleware_get_max_waiting (RtRateLimitMiddleware *self);
RT_AVAILABLE_IN_1_0
void            rt_rate_limit_middleware_set_max_waiting (RtRateLimitMiddleware *self,
                                                          guint                  max_waiting);

G_END_DECLS
