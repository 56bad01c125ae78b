/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-transport.h"

G_BEGIN_DECLS

/* The transports over plain HTTP/1.1 requests; their routes have no source. */

/* "http-stream": one response without end, and requests to the emulation endpoint. */
const RtTransportClass *rt_http_stream_transport (void);
/* "polling": one request after the other, profile rt1 only. The settings' poll_interval tells how. */
const RtTransportClass *rt_polling_transport     (void);

G_END_DECLS
