/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include "rt-config.h"
#include "rt-connection-strategy.h"

G_BEGIN_DECLS

#define RT_TYPE_WEBSOCKET_STRATEGY (rt_websocket_strategy_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtWebsocketStrategy, rt_websocket_strategy, RT, WEBSOCKET_STRATEGY, GObject)

RT_AVAILABLE_IN_1_0
RtWebsocketStrategy *rt_websocket_strategy_new        (RtConfig            *config) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtConfig            *rt_websocket_strategy_get_config (RtWebsocketStrategy *self);

G_END_DECLS
