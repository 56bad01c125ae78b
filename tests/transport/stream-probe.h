/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "http-peer.h"
#include "ws-probe.h"

G_BEGIN_DECLS

/* The two ends of an HTTP stream in a test: a probe as the client, and what a server begins with. */

#define STREAM_CONNECT "{\"id\":1,\"connect\":{}}"
#define STREAM_GREETING "{\"id\":1,\"connect\":{\"client\":\"c\",\"session\":\"s\\\"1\",\"node\":\"n1\"}}"
#define STREAM_HEAD "HTTP/1.1 200 OK\r\nX-Rt-Protocol: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
/* How the body of a request to the emulation endpoint begins. */
#define STREAM_ADDRESS "{\"session\":\"s\\\"1\",\"node\":\"n1\",\"data\":"

/* With a short heartbeat-timeout and headers of its own. */
WsProbe *stream_probe_open    (HttpPeer          *peer);
/* The same, and the connect command is sent. */
WsProbe *stream_probe_connect (HttpPeer          *peer);
/* The same, and the greeting has come. */
WsProbe *stream_probe_greet   (HttpPeer          *peer);

gboolean is_stream_request    (const HttpRequest *request);
/* Sends head and greeting. */
void     send_greeting        (HttpConn          *conn);

G_END_DECLS
