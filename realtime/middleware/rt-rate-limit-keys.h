/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-exchange-private.h"

G_BEGIN_DECLS

/* When what counts under one key may go on. Not a bucket of tokens but the time at which it would be full again, since
 * a turn in the future can be given away with it: what waits has its time from the start, and needs no queue. */
typedef struct
{
  gint64 full_at;      /* rt_clock_now () when all of the burst may go at once again */
  RtExchange *waiting; /* a reference, on the one that waits to be coalesced; nullable */
  int serial;          /* as it was when it came to wait */
  gint64 turn;         /* its turn */
} RtRateKey;

typedef struct
{
  GHashTable *keys;
  gint64 interval; /* µs between two */
  guint burst;
} RtRateKeys;

void       rt_rate_keys_init  (RtRateKeys *self,
                               double      rate,
                               guint       burst);
void       rt_rate_keys_clear (RtRateKeys *self);
/* NULL if there are too many that are in use. */
RtRateKey *rt_rate_keys_get   (RtRateKeys *self,
                               const char *name,
                               gint64      now);
/* When the next one's turn is: @now at the earliest. */
gint64     rt_rate_keys_turn  (RtRateKeys *self,
                               RtRateKey  *key,
                               gint64      now);
/* Gives that turn away. */
void       rt_rate_keys_take  (RtRateKeys *self,
                               RtRateKey  *key,
                               gint64      now);
/* Where one that waited is gone before its turn, that is to be had again. */
void       rt_rate_keys_take_back (RtRateKeys *self,
                               RtRateKey  *key);

G_END_DECLS
