/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-transport.h"

G_BEGIN_DECLS

/* The WebSocket's own side of the transport table: what tests and benchmarks read. */

/* What one dispatch may take in at most, so that the thread's timers and other connections get their turn. */
#define RT_WS_DISPATCH_BYTES (64 * 1024)
#define RT_WS_DISPATCH_FRAMES 1024
/* And what it encrypts at most. */
#define RT_WS_DISPATCH_WRITES (256 * 1024)

typedef struct
{
  guint64 dispatches;
  guint64 writes;     /* calls that took bytes */
  guint64 frames;     /* frames begun */
  guint64 pings;      /* the peer's pings */
  guint64 pongs;      /* answers to them */
  guint max_frames;   /* most frames in one dispatch */
  gsize max_bytes;    /* most bytes parsed in one dispatch */
  gsize max_queued;   /* most bytes waiting to be written after a dispatch */
} RtWsTransportStats;

/* @transport is one opened by rt_websocket_transport (). Valid until it is freed. */
const RtWsTransportStats *rt_ws_transport_get_stats (RtTransport *transport);

G_END_DECLS
