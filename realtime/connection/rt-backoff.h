/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How long to wait before each attempt to connect: full jitter over a bound that doubles, so that many clients
 * that lost one server do not come back at the same moment. */
typedef struct
{
  guint delay; /* ms */
  guint max_delay;
  guint attempt; /* how many delays were given since the last reset */
  guint64 state; /* of the generator */
} RtBackoff;

/* The same seed gives the same delays. */
void   rt_backoff_init  (RtBackoff *self,
                         guint      reconnect_delay,
                         guint      max_reconnect_delay,
                         guint64    seed);
void   rt_backoff_reset (RtBackoff *self);
/* µs until the next attempt. The server may have asked not to be called sooner than in @floor µs (-1: it did not),
 * or to have its clients spread over @spread µs (-1 likewise; used for the first attempt only). */
gint64 rt_backoff_next  (RtBackoff *self,
                         gint64     floor,
                         gint64     spread);
/* A random time below @bound µs. */
gint64 rt_backoff_random (RtBackoff *self,
                          gint64     bound);

G_END_DECLS
