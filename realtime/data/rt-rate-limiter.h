/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include <glib-object.h>
#include "rt-version-macros.h"

G_BEGIN_DECLS

#define RT_TYPE_RATE_LIMITER (rt_rate_limiter_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtRateLimiter, rt_rate_limiter, RT, RATE_LIMITER, GObject)

RT_AVAILABLE_IN_1_0
RtRateLimiter *rt_rate_limiter_new         (double         rate_per_second,
                                            guint          burst) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
gboolean       rt_rate_limiter_try_acquire (RtRateLimiter *self,
                                            guint          n);
RT_AVAILABLE_IN_1_0
guint          rt_rate_limiter_get_delay   (RtRateLimiter *self,
                                            guint          n);
RT_AVAILABLE_IN_1_0
double         rt_rate_limiter_get_rate    (RtRateLimiter *self);
RT_AVAILABLE_IN_1_0
guint          rt_rate_limiter_get_burst   (RtRateLimiter *self);

G_END_DECLS
