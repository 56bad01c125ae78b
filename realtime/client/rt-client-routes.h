/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-route.h"
#include "rt-strategy-selector.h"

G_BEGIN_DECLS

/* The ways that the settings name, in their order, some of which the program has brought along in @selector
 * (nullable). In the client's context, which must be thread-default. NULL with INVALID_CONFIG, whose text tells
 * of every name for which there is no strategy. */
RtRoutes *rt_client_routes_new           (RtSettings         *settings,
                                          RtStrategySelector *selector,
                                          GError            **error);
/* Whether one of them is a strategy of the program's own, for which the client's context has to be run. */
gboolean  rt_client_routes_need_context  (const RtRoutes     *routes);

G_END_DECLS
