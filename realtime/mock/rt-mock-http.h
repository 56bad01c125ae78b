/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsoup/soup.h>

#include "rt-mock-faults.h"

G_BEGIN_DECLS

/* Requests before and after what they are for: which ones are let through, their bodies, short responses. */

#define RT_MOCK_WEBSOCKET_PATH "/connection/websocket"
#define RT_MOCK_HTTP_STREAM_PATH "/connection/http_stream"
#define RT_MOCK_SSE_PATH "/connection/sse"
#define RT_MOCK_POLL_PATH "/connection/poll"
#define RT_MOCK_EMULATION_PATH "/emulation"

#define RT_MOCK_MAX_BODY 65536

/* Looks at a request whose headers have been read. What is not well formed, or is not for this server, gets its
 * response here, before libsoup acts on it; of the others the body is collected. */
void        rt_mock_http_check    (SoupServerMessage *message,
                                   RtMockFaults      *faults);
/* The body, NUL-terminated; NULL after a response that it is too large. */
const char *rt_mock_http_get_body (SoupServerMessage *message,
                                   gsize             *len);
/* A short response. With an error, the connection is not used again. */
void        rt_mock_http_respond  (SoupServerMessage *message,
                                   guint              status,
                                   const char        *text);
/* Whether the client has offered the profile rt1; the response says that it is accepted. */
gboolean    rt_mock_http_offers_rt1 (SoupServerMessage *message);

G_END_DECLS
