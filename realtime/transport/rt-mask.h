/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Bytes that no peer can foresee, from the kernel's generator. RFC 6455, sections 4.1 and 5.3, asks for them
 * in handshake keys and frame masks: a foreseeable mask lets a hostile page choose what a proxy sees. */

void rt_random_fill (void   *data,
                     gsize   len);
/* The next frame mask, from a pool of the calling thread: the kernel is asked once in 1,024 frames. */
void rt_mask_next   (guint8  mask[4]);

G_END_DECLS
