/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-mock-poll.h"

G_BEGIN_DECLS

/* What the requests do that are no upgrade: streams, server-sent events, commands to either, and polls. */

/* Requests that pass rt_mock_http_check() on links of a listener come here. */
void rt_mock_endpoints_add (SoupServer  *server,
                            RtMockPolls *polls);

G_END_DECLS
