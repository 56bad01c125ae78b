/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-faults.h"
#include "rt-route.h"
#include "rt-strategy-selector.h"

G_BEGIN_DECLS

/* The ways that the settings name, in their order, some of which the program has brought along in @selector
 * (nullable). In the client's context, which must be thread-default. NULL with INVALID_CONFIG, whose text tells
 * of every name for which there is no strategy. */
RtRoutes *rt_client_routes_new           (RtSettings         *settings,
                                          RtStrategySelector *selector,
                                          GError            **error);
/* The same faults, for names that may not be those of valid settings. */
void      rt_client_routes_check         (const char *const  *names,
                                          RtStrategySelector *selector,
                                          RtFaults           *faults);
/* Lets go of the strategies of the program, in their context, when no connection will be made any more. From any
 * thread. */
void      rt_client_routes_release       (RtRoutes           *routes);

G_END_DECLS
