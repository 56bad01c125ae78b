/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-settings.h"

G_BEGIN_DECLS

/* Which way to a server has worked where the best one had not, for a while and for all clients of the process: a
 * network that blocks WebSockets blocks them for the next client too. Only in the I/O thread. */

/* The name of the route (interned), or NULL. */
const char *rt_route_memory_get    (const RtSettings *settings);
void        rt_route_memory_set    (const RtSettings *settings,
                                    const char       *route); /* interned */
void        rt_route_memory_forget (const RtSettings *settings);

G_END_DECLS
