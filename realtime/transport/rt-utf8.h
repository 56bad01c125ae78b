/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* UTF-8 checked piece by piece (RFC 3629, section 4). Zero-initialised is the start of a text. */
typedef struct
{
  guint8 need; /* bytes still missing from the character begun; 0 between two characters */
  guint8 low;  /* what the next of them must lie between */
  guint8 high;
} RtUtf8;

/* FALSE as soon as what was fed cannot be the beginning of valid UTF-8; nothing may be fed after that. */
gboolean rt_utf8_feed (RtUtf8       *self,
                       const guint8 *data,
                       gsize         len);

/* Whether the text may end here. */
static inline gboolean
rt_utf8_is_complete (const RtUtf8 *self)
{
  return self->need == 0;
}

G_END_DECLS
