/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include "rt-dead-letter.h"
#include "rt-message-factory.h"
#include "rt-middleware.h"

G_BEGIN_DECLS

#define RT_TYPE_RECOVERY_MIDDLEWARE (rt_recovery_middleware_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtRecoveryMiddleware, rt_recovery_middleware, RT, RECOVERY_MIDDLEWARE, GObject)

RT_AVAILABLE_IN_1_0
RtRecoveryMiddleware *rt_recovery_middleware_new                  (void) G_GNUC_WARN_UNUSED_RESULT;

RT_AVAILABLE_IN_1_0
guint                 rt_recovery_middleware_get_max_retries      (RtRecoveryMiddleware *self);
RT_AVAILABLE_IN_1_0
void                  rt_recovery_middleware_set_max_retries      (RtRecoveryMiddleware *self,
                                                                   guint                 max_retries);
RT_AVAILABLE_IN_1_0
guint                 rt_recovery_middleware_get_retry_delay      (RtRecoveryMiddleware *self);
RT_AVAILABLE_IN_1_0
void                  rt_recovery_middleware_set_retry_delay      (RtRecoveryMiddleware *self,
                                                                   guint                 ms);
RT_AVAILABLE_IN_1_0
guint                 rt_recovery_middleware_get_max_retry_delay  (RtRecoveryMiddleware *self);
RT_AVAILABLE_IN_1_0
void                  rt_recovery_middleware_set_max_retry_delay  (RtRecoveryMiddleware *self,
                                                                   guint                 ms);
RT_AVAILABLE_IN_1_0
guint                 rt_recovery_middleware_get_max_dead_letters (RtRecoveryMiddleware *self);
RT_AVAILABLE_IN_1_0
void                  rt_recovery_middleware_set_max_dead_letters (RtRecoveryMiddleware *self,
                                                                   guint                 max_dead_letters);

RT_AVAILABLE_IN_1_0
GListModel           *rt_recovery_middleware_get_dead_letters     (RtRecoveryMiddleware *self);
RT_AVAILABLE_IN_1_0
void                  rt_recovery_middleware_remove_dead_letter   (RtRecoveryMiddleware *self,
                                                                   RtDeadLetter         *letter);
RT_AVAILABLE_IN_1_0
void                  rt_recovery_middleware_report               (RtRecoveryMiddleware *self,
                                                                   RtMessage            *message,
                                                                   const GError         *error);
RT_AVAILABLE_IN_1_0
void                  rt_recovery_middleware_watch_factory        (RtRecoveryMiddleware *self,
                                                                   RtMessageFactory     *factory);

G_END_DECLS
