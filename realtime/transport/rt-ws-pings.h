/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-buffer.h"
#include "rt-ws-codec.h"

G_BEGIN_DECLS

/* Pings and pongs of both sides (RFC 6455, sections 5.5.2 and 5.5.3): at most one of each is ever held, however
 * many the other side sends. Zero-initialised is a connection without any. */

#define RT_WS_MAX_CONTROL 125 /* bytes of payload, RFC 6455, section 5.5 */

typedef struct
{
  /* The peer's latest ping that is not answered: one pong may answer all before it. */
  gboolean pong_due;
  guint8 pong_payload[RT_WS_MAX_CONTROL];
  gsize pong_len;

  gboolean waiting; /* an own ping has no pong yet */
  guint64 number;   /* its payload */
  gint64 written;   /* rt_clock_now (), or -1 while it is queued */
} RtWsPings;

/* A ping was received. */
void     rt_ws_pings_received (RtWsPings       *self,
                               const RtWsEvent *ping);
/* Appends the pong that is due to @urgent unless something waits there: then the peer reads too slowly for its
 * own pings, and a later pong will do for all of them. TRUE if there was one. */
gboolean rt_ws_pings_answer   (RtWsPings       *self,
                               RtBuffer        *urgent);
/* Appends an own ping, unless one is under way, whose answer will do. */
void     rt_ws_pings_ask      (RtWsPings       *self,
                               RtBuffer        *urgent);
/* All control frames have been written. */
void     rt_ws_pings_written  (RtWsPings       *self);
/* A pong was received: the time since its ping was written in µs, or -1 for one that nobody asked for. */
gint64   rt_ws_pings_answered (RtWsPings       *self,
                               const RtWsEvent *pong);

G_END_DECLS
