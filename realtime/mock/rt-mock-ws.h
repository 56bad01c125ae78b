/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsoup/soup.h>

#include "rt-budget-line.h"
#include "rt-mock-carrier.h"

G_BEGIN_DECLS

/* A session's frames over a WebSocket, which ends with its line. */
RtMockCarrier *rt_mock_ws_new         (SoupWebsocketConnection *websocket,
                                       RtBudgetLine            *line);
RtProfile      rt_mock_ws_get_profile (SoupWebsocketConnection *websocket);

G_END_DECLS
