/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include "rt-config.h"
#include "rt-connection-strategy.h"

G_BEGIN_DECLS

#define RT_TYPE_POLLING_STRATEGY (rt_polling_strategy_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtPollingStrategy, rt_polling_strategy, RT, POLLING_STRATEGY, GObject)

RT_AVAILABLE_IN_1_0
RtPollingStrategy *rt_polling_strategy_new               (RtConfig          *config,
                                                          guint              poll_interval) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtConfig          *rt_polling_strategy_get_config        (RtPollingStrategy *self);
RT_AVAILABLE_IN_1_0
guint              rt_polling_strategy_get_poll_interval (RtPollingStrategy *self);

G_END_DECLS
