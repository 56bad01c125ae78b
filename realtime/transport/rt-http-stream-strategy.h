/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include "rt-config.h"
#include "rt-connection-strategy.h"

G_BEGIN_DECLS

#define RT_TYPE_HTTP_STREAM_STRATEGY (rt_http_stream_strategy_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtHttpStreamStrategy, rt_http_stream_strategy, RT, HTTP_STREAM_STRATEGY, GObject)

RT_AVAILABLE_IN_1_0
RtHttpStreamStrategy *rt_http_stream_strategy_new        (RtConfig             *config) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtConfig             *rt_http_stream_strategy_get_config (RtHttpStreamStrategy *self);

G_END_DECLS
