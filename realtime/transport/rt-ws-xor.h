/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Masking and unmasking are the same (RFC 6455, section 5.3). @phase is how many bytes of the frame came
 * before. @to and @from may be the same, but may not overlap otherwise. */
void rt_ws_xor (guint8       *to,
                const guint8 *from,
                gsize         len,
                const guint8  mask[4],
                gsize         phase);

G_END_DECLS
