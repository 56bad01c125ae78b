/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-json-skip.h"

#define MAX_LEN 80

/* What the fast ways must agree with. */
static gsize
plain_length (const guint8 *text, gsize len, gboolean stop_at_high)
{
  gsize i = 0;

  while (i < len && text[i] >= 0x20 && text[i] != '"' && text[i] != '\\' && !(stop_at_high && text[i] >= 0x80))
    i++;
  return i;
}

/* In a copy of exactly its size, so that a sanitizer sees each byte read outside. */
static void
check (const guint8 *text, gsize len, gboolean stop_at_high)
{
  g_autofree guint8 *copy = g_memdup2 (text, len);
  gsize expected = plain_length (text, len, stop_at_high);

  gsize words = rt_json_skip_words (copy, copy + len, stop_at_high) - copy;
  gsize blocks = rt_json_skip_blocks (copy, copy + len, stop_at_high) - copy;
  g_assert_cmpuint (rt_json_skip_plain (copy, copy + len, stop_at_high) - copy, ==, expected);
  /* What is behind the last whole one may be left. */
  g_assert_cmpuint (words, ==, MIN (expected, len / 8 * 8));
  g_assert_true (blocks == expected || (blocks < expected && blocks + 16 > len));
}

/* Copying says whether all was plain. */
static void
check_copy (const guint8 *text, gsize len)
{
  g_autofree guint8 *from = g_memdup2 (text, len);
  g_autofree guint8 *to = g_malloc0 (len);
  gboolean plain = plain_length (text, len, FALSE) == len;

  g_assert_cmpint (rt_json_copy_plain (to, from, len), ==, plain);
  if (plain)
    g_assert_cmpmem (to, len, text, len);
}

static void
check_both (const guint8 *text, gsize len)
{
  check (text, len, FALSE);
  check (text, len, TRUE);
  check_copy (text, len);
}

/* Each byte at each place of each length. */
static void
test_every_place (void)
{
  static const guint8 bytes[] = {
    0x00, 0x01, 0x1f, 0x20, 0x21, '"', 0x23, 0x5b, '\\', 0x5d, 0x7e, 0x7f, 0x80, 0x9f, 0xa2, 0xdc, 0xff,
  };
  guint8 text[MAX_LEN];

  memset (text, 'a', sizeof text);
  for (gsize len = 0; len <= 40; len++)
    for (gsize place = 0; place < MAX (len, 1); place++)
      for (guint i = 0; i < G_N_ELEMENTS (bytes); i++)
        {
          text[place] = bytes[i];
          check_both (text, len);
          text[place] = 'a';
        }
}

/* A byte with all others: no carry from one byte of a word into the next may hide or invent one. */
static void
test_pairs_of_bytes (void)
{
  guint8 text[24];

  for (guint pair = 0; pair < 65536; pair++)
    {
      memset (text, 'a', sizeof text);
      text[2] = pair >> 8;
      text[3] = pair & 0xff;
      text[17] = pair & 0xff;
      text[18] = pair >> 8;
      check_both (text, sizeof text);
    }
}

static void
test_random (void)
{
  guint8 text[MAX_LEN];

  for (guint round = 0; round < 100000; round++)
    {
      gsize len = g_test_rand_int_range (0, MAX_LEN + 1);

      for (gsize i = 0; i < len; i++)
        text[i] = g_test_rand_int_range (0, 16) == 0 ? g_test_rand_int_range (0, 256) : 'b';
      check_both (text, len);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Json/skip/every-place", test_every_place);
  g_test_add_func ("/Rt/Json/skip/pairs-of-bytes", test_pairs_of_bytes);
  g_test_add_func ("/Rt/Json/skip/random", test_random);
  return g_test_run ();
}
