/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-utf8.h"

#include <string.h>

#define HIGH_BITS G_GUINT64_CONSTANT (0x8080808080808080)

/* Sixteen bytes in one register where the machine has such, in two where not. */
typedef guint64 Block __attribute__ ((vector_size (16)));

static inline Block
load_block (const guint8 *p)
{
  Block block;

  memcpy (&block, p, sizeof block);
  return block;
}

/* The first byte that is not ASCII, or @end. Nearly all text is ASCII, so this is where the time goes. */
static inline const guint8 *
skip_ascii (const guint8 *p, const guint8 *end)
{
  for (; end - p >= 64; p += 64)
    {
      Block all = load_block (p) | load_block (p + 16) | load_block (p + 32) | load_block (p + 48);
      if (((all[0] | all[1]) & HIGH_BITS) != 0)
        break;
    }
  for (; end - p >= 8; p += 8)
    {
      guint64 word;
      memcpy (&word, p, sizeof word);
      word &= HIGH_BITS;
      if (word != 0)
        return p + __builtin_ctzll (GUINT64_FROM_LE (word)) / 8;
    }
  while (p < end && *p < 0x80)
    p++;
  return p;
}

/* The syntax of RFC 3629, section 4: the lead byte bounds the second, the rest are free. It leaves out
 * overlong forms, surrogates and all above U+10FFFF. */
static inline gboolean
begin_character (RtUtf8 *self, guint8 lead)
{
  self->low = 0x80;
  self->high = 0xbf;
  if (lead < 0xc2 || lead > 0xf4)
    return FALSE;
  if (lead < 0xe0)
    self->need = 1;
  else if (lead < 0xf0)
    {
      self->need = 2;
      if (lead == 0xe0)
        self->low = 0xa0;
      else if (lead == 0xed)
        self->high = 0x9f;
    }
  else
    {
      self->need = 3;
      if (lead == 0xf0)
        self->low = 0x90;
      else if (lead == 0xf4)
        self->high = 0x8f;
    }
  return TRUE;
}

gboolean
rt_utf8_feed (RtUtf8 *self, const guint8 *data, gsize len)
{
  const guint8 *p = data;
  const guint8 *end = data + len;
  RtUtf8 state = *self; /* a copy the compiler can keep in registers */

  while (p < end)
    {
      if (state.need == 0)
        {
          if (*p < 0x80)
            p = skip_ascii (p, end);
          else if (!begin_character (&state, *p++))
            return FALSE;
          continue;
        }
      if (*p < state.low || *p > state.high)
        return FALSE;
      state.low = 0x80;
      state.high = 0xbf;
      state.need--;
      p++;
    }
  *self = state;
  return TRUE;
}
