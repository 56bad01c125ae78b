/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include "rt-connection-strategy.h"

G_BEGIN_DECLS

#define RT_TYPE_STRATEGY_SELECTOR (rt_strategy_selector_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtStrategySelector, rt_strategy_selector, RT, STRATEGY_SELECTOR, GObject)

RT_AVAILABLE_IN_1_0
RtStrategySelector   *rt_strategy_selector_new        (void) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
void                  rt_strategy_selector_register   (RtStrategySelector   *self,
                                                       const char           *name,
                                                       RtConnectionStrategy *strategy);
RT_AVAILABLE_IN_1_0
gboolean              rt_strategy_selector_unregister (RtStrategySelector   *self,
                                                       const char           *name);
RT_AVAILABLE_IN_1_0
RtConnectionStrategy *rt_strategy_selector_select     (RtStrategySelector   *self,
                                                       const char           *name,
                                                       GError              **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
char                **rt_strategy_selector_get_names  (RtStrategySelector   *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
