/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <string.h>

#if defined(__SSE2__) && !defined(RT_JSON_PORTABLE)
#include <emmintrin.h>
#define RT_JSON_SSE2 1
#endif

G_BEGIN_DECLS

/* Where the plain part of a string ends: at the first byte that is a quote, a backslash or a control character, or,
 * with @stop_at_high, not ASCII; at the end where all is plain. This is where most bytes of a frame are passed, so it
 * goes by blocks: skip_blocks() leaves the last bytes before the end to be looked at one by one. */

#define RT_JSON_ONES G_GUINT64_CONSTANT (0x0101010101010101)
#define RT_JSON_HIGHS G_GUINT64_CONSTANT (0x8080808080808080)

static inline gboolean
rt_json_is_plain (guint8 byte, gboolean stop_at_high)
{
  return byte >= 0x20 && byte != '"' && byte != '\\' && !(stop_at_high && byte >= 0x80);
}

/* Eight bytes in a plain register: the top bit is set of each that is not plain, and perhaps of some in the places
 * above the lowest such one, where the subtraction borrowed. */
static inline guint64
rt_json_special_bits (guint64 word, gboolean stop_at_high)
{
  guint64 quote = word ^ RT_JSON_ONES * '"';
  guint64 slash = word ^ RT_JSON_ONES * '\\';
  guint64 bits = ((quote - RT_JSON_ONES) & ~quote) | ((slash - RT_JSON_ONES) & ~slash)
                 | ((word - RT_JSON_ONES * 0x20) & ~word);

  return (stop_at_high ? bits | word : bits) & RT_JSON_HIGHS;
}

static inline const guint8 *
rt_json_skip_words (const guint8 *p, const guint8 *end, gboolean stop_at_high)
{
  for (; end - p >= 8; p += 8)
    {
      guint64 word;
      memcpy (&word, p, sizeof word);
      guint64 bits = rt_json_special_bits (GUINT64_FROM_LE (word), stop_at_high);
      if (bits != 0)
        return p + __builtin_ctzll (bits) / 8;
    }
  return p;
}

#ifdef RT_JSON_SSE2
/* The bytes of a block that are not plain, one bit each. */
static inline guint
rt_json_special_mask (__m128i block, gboolean stop_at_high)
{
  __m128i quote = _mm_cmpeq_epi8 (block, _mm_set1_epi8 ('"'));
  __m128i slash = _mm_cmpeq_epi8 (block, _mm_set1_epi8 ('\\'));
  /* Signed, so that one comparison finds both control characters and bytes from 0x80. */
  __m128i other = stop_at_high ? _mm_cmplt_epi8 (block, _mm_set1_epi8 (0x20))
                               : _mm_cmpeq_epi8 (_mm_min_epu8 (block, _mm_set1_epi8 (0x1f)), block);

  return (guint) _mm_movemask_epi8 (_mm_or_si128 (_mm_or_si128 (quote, slash), other));
}

static inline const guint8 *
rt_json_skip_blocks (const guint8 *p, const guint8 *end, gboolean stop_at_high)
{
  for (; end - p >= 16; p += 16)
    {
      guint mask = rt_json_special_mask (_mm_loadu_si128 ((const __m128i *) p), stop_at_high);
      if (mask != 0)
        return p + __builtin_ctz (mask);
    }
  return p;
}
#else
static inline const guint8 *
rt_json_skip_blocks (const guint8 *p, const guint8 *end, gboolean stop_at_high)
{
  return rt_json_skip_words (p, end, stop_at_high);
}
#endif

/* Copies a word from one place to another; whether it is plain, high bytes included. */
static inline gboolean
rt_json_copy_word (guint8 *to, const guint8 *from)
{
  guint64 word;

  memcpy (&word, from, sizeof word);
  memcpy (to, &word, sizeof word);
  return rt_json_special_bits (word, FALSE) == 0;
}

static inline gboolean
rt_json_copy_block (guint8 *to, const guint8 *from)
{
#ifdef RT_JSON_SSE2
  __m128i block = _mm_loadu_si128 ((const __m128i *) from);

  _mm_storeu_si128 ((__m128i *) to, block);
  return rt_json_special_mask (block, FALSE) == 0;
#else
  gboolean low = rt_json_copy_word (to, from);

  return rt_json_copy_word (to + 8, from + 8) && low;
#endif
}

/* Copies at least the plain start of @from; whether that is all of it. The last block may overlap the one before. */
static inline gboolean
rt_json_copy_plain (guint8 *to, const guint8 *from, gsize len)
{
  if (len >= 16)
    {
      for (gsize i = 0; i < len - 16; i += 16)
        if (!rt_json_copy_block (to + i, from + i))
          return FALSE;
      return rt_json_copy_block (to + len - 16, from + len - 16);
    }
  if (len >= 8)
    return rt_json_copy_word (to, from) && rt_json_copy_word (to + len - 8, from + len - 8);
  for (gsize i = 0; i < len; i++)
    {
      to[i] = from[i];
      if (!rt_json_is_plain (from[i], FALSE))
        return FALSE;
    }
  return TRUE;
}

static inline const guint8 *
rt_json_skip_plain (const guint8 *p, const guint8 *end, gboolean stop_at_high)
{
  p = rt_json_skip_blocks (p, end, stop_at_high);
  p = rt_json_skip_words (p, end, stop_at_high);
  while (p < end && rt_json_is_plain (*p, stop_at_high))
    p++;
  return p;
}

G_END_DECLS
