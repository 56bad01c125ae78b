/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Whoever waits for a stream: threads that block, and sources of main contexts. The I/O thread wakes both without a
 * main context of the program's taking part. Guarded by the lock that it is used with. */
typedef struct
{
  GCond cond;
  GPtrArray *sources; /* GSource */
} RtStreamWaits;

void     rt_stream_waits_init   (RtStreamWaits *self);
void     rt_stream_waits_clear  (RtStreamWaits *self);
/* With the lock held: all look again. */
void     rt_stream_waits_wake   (RtStreamWaits *self);
/* With the lock held: a source that becomes ready when it is woken, and then again and again until it is destroyed. Its
 * function is a GSourceFunc. It must be taken out before it is let go of. */
GSource *rt_stream_waits_add    (RtStreamWaits *self);
void     rt_stream_waits_remove (RtStreamWaits *self,
                                 GSource       *source);

G_END_DECLS
