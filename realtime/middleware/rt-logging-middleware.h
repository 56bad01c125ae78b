/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include "rt-middleware.h"

G_BEGIN_DECLS

/**
 * RtLogLevel:
 * @RT_LOG_LEVEL_DEBUG: shown when asked for
 * @RT_LOG_LEVEL_INFO: shown when asked for
 * @RT_LOG_LEVEL_MESSAGE: shown always
 * @RT_LOG_LEVEL_WARNING: shown always
 *
 * How important a log entry is, as GLib's log levels of the same names.
 */
typedef enum
{
  RT_LOG_LEVEL_DEBUG,
  RT_LOG_LEVEL_INFO,
  RT_LOG_LEVEL_MESSAGE,
  RT_LOG_LEVEL_WARNING,
} RtLogLevel;

#define RT_TYPE_LOGGING_MIDDLEWARE (rt_logging_middleware_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtLoggingMiddleware, rt_logging_middleware, RT, LOGGING_MIDDLEWARE, GObject)

RT_AVAILABLE_IN_1_0
RtMiddleware *rt_logging_middleware_new               (void) G_GNUC_WARN_UNUSED_RESULT;

RT_AVAILABLE_IN_1_0
const char   *rt_logging_middleware_get_log_domain    (RtLoggingMiddleware *self);
RT_AVAILABLE_IN_1_0
void          rt_logging_middleware_set_log_domain    (RtLoggingMiddleware *self,
                                                       const char          *log_domain);
RT_AVAILABLE_IN_1_0
RtLogLevel    rt_logging_middleware_get_level         (RtLoggingMiddleware *self);
RT_AVAILABLE_IN_1_0
void          rt_logging_middleware_set_level         (RtLoggingMiddleware *self,
                                                       RtLogLevel           level);
RT_AVAILABLE_IN_1_0
gboolean      rt_logging_middleware_get_show_content  (RtLoggingMiddleware *self);
RT_AVAILABLE_IN_1_0
void          rt_logging_middleware_set_show_content  (RtLoggingMiddleware *self,
                                                       gboolean             show_content);
RT_AVAILABLE_IN_1_0
gboolean      rt_logging_middleware_get_show_metadata (RtLoggingMiddleware *self);
RT_AVAILABLE_IN_1_0
void          rt_logging_middleware_set_show_metadata (RtLoggingMiddleware *self,
                                                       gboolean             show_metadata);

G_END_DECLS
