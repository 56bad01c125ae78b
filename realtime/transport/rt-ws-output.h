/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include "rt-buffer.h"

G_BEGIN_DECLS

/* Frames waiting to be written, without I/O. Data frames keep their order; control frames (@urgent) go before
 * data, but never into a frame that has been begun. Zero-initialised is empty. */
typedef struct
{
  RtBuffer data;
  gsize data_pos;   /* written so far */
  gsize data_begun; /* a frame's boundary: at least data_pos; what is urgent waits until here */
  RtBuffer urgent;
  gsize urgent_pos;
} RtWsOutput;

#define RT_WS_OUTPUT_VECTORS 3

/* Where to append whole frames. */
RtBuffer *rt_ws_output_get_data   (RtWsOutput    *self);
RtBuffer *rt_ws_output_get_urgent (RtWsOutput    *self);
gsize     rt_ws_output_get_size   (RtWsOutput    *self);
/* What is to be written next, in order; valid until the next call. */
guint     rt_ws_output_peek       (RtWsOutput    *self,
                                   GOutputVector  vectors[RT_WS_OUTPUT_VECTORS]);
/* @n bytes of it were written. */
void      rt_ws_output_advance    (RtWsOutput    *self,
                                   gsize          n);
/* @n bytes of it were not, but have to be the first at the next attempt (TLS has made its record). */
void      rt_ws_output_pin        (RtWsOutput    *self,
                                   gsize          n);
/* Forgets the data frames that have not been begun. */
void      rt_ws_output_drop_data  (RtWsOutput    *self);
void      rt_ws_output_clear      (RtWsOutput    *self);

G_END_DECLS
