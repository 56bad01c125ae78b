/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-ws-xor.h"

#include <string.h>

/* Sixteen bytes in one register where the machine has such, in two where not. */
typedef guint64 Block __attribute__ ((vector_size (16)));

static inline void
xor_block (guint8 *to, const guint8 *from, Block key)
{
  Block block;

  memcpy (&block, from, sizeof block);
  block ^= key;
  memcpy (to, &block, sizeof block);
}

void
rt_ws_xor (guint8 *to, const guint8 *from, gsize len, const guint8 mask[4], gsize phase)
{
  guint8 turned[4] = { mask[phase & 3], mask[(phase + 1) & 3], mask[(phase + 2) & 3], mask[(phase + 3) & 3] };
  guint32 half;
  memcpy (&half, turned, sizeof half);
  guint64 word = (guint64) half << 32 | half; /* the same bytes in either byte order */
  Block key = { word, word };
  gsize at = 0;

  for (; len - at >= 64; at += 64)
    {
      xor_block (to + at, from + at, key);
      xor_block (to + at + 16, from + at + 16, key);
      xor_block (to + at + 32, from + at + 32, key);
      xor_block (to + at + 48, from + at + 48, key);
    }
  for (; len - at >= 16; at += 16)
    xor_block (to + at, from + at, key);
  if (len - at >= 8)
    {
      guint64 rest;
      memcpy (&rest, from + at, sizeof rest);
      rest ^= word;
      memcpy (to + at, &rest, sizeof rest);
      at += 8;
    }
  for (; at < len; at++)
    to[at] = from[at] ^ turned[at & 3];
}
