/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-transport.h"

G_BEGIN_DECLS

/* A transport without a line, for tests of the connection manager: the test says what happens on it and reads what
 * was sent. All of it in the I/O thread. What a transport may not be asked for, it refuses with an assertion. */

typedef struct
{
  RtTransport parent;
  const RtTransportEvents *events;
  gpointer user_data;
  gboolean in_use;  /* FALSE once freed */
  gboolean was_open;
  gboolean ended;   /* closed was reported */
  gboolean closing; /* close was called */
  gboolean paused;
  gsize queued;     /* what get_queued says */
  guint close_code;
  guint generation;    /* grows with each transport opened */
  guint flushes;
  guint pings;
  guint pauses;
  GPtrArray *messages; /* char *: what was sent, a message each */
  guint flushed;       /* that many of them were flushed */
} RtFakeTransport;

/* Whether ping is possible is as the class says. */
const RtTransportClass *rt_fake_transport          (void);
const RtTransportClass *rt_fake_transport_no_ping  (void);

/* The one that is open or opening, or NULL. There is never more than one. */
RtFakeTransport *rt_fake_transport_get (void);
/* How many were opened so far. */
guint rt_fake_transport_count_opened (void);

void rt_fake_transport_opened  (RtProfile profile);
/* One turn, with one message, or several that end with NULL. */
void rt_fake_transport_receive (const char *message);
void rt_fake_transport_receive_turn (const char *first, ...) G_GNUC_NULL_TERMINATED;
void rt_fake_transport_pong    (gint64 round_trip);
/* What was queued is written, though it may be that more is by now. */
void rt_fake_transport_drained (void);
/* The peer or the network ends it. */
void rt_fake_transport_closed  (guint code, const char *reason);
void rt_fake_transport_failed  (const GError *error, guint http_status);
/* The same with all that is known of the end, but was_open, which is filled in. */
void rt_fake_transport_ended   (const RtTransportEnd *end);

G_END_DECLS
