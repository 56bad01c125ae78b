/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A queue of bytes with a bound. Its memory grows with what is put into it. */
typedef struct
{
  guint8 *data;
  gsize capacity;
  gsize first;
  gsize len;
  gsize max;
} RtStreamRing;

void  rt_stream_ring_init     (RtStreamRing *self,
                               gsize         max);
void  rt_stream_ring_clear    (RtStreamRing *self);
gsize rt_stream_ring_get_room (RtStreamRing *self);
/* @len must fit. */
void  rt_stream_ring_put      (RtStreamRing *self,
                               const guint8 *bytes,
                               gsize         len);
/* Copies @len bytes from the place @offset on; they must be there. */
void  rt_stream_ring_peek     (RtStreamRing *self,
                               gsize         offset,
                               guint8       *bytes,
                               gsize         len);
void  rt_stream_ring_drop     (RtStreamRing *self,
                               gsize         len);

G_END_DECLS
