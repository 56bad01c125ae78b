/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-hash.h"

static guint64
get_seed (void)
{
  static guint64 seed;
  static gsize once;

  if (g_once_init_enter (&once))
    {
      seed = ((guint64) g_random_int () << 32) | g_random_int ();
      g_once_init_leave (&once, 1);
    }
  return seed;
}

/* FNV-1a in 64 bits, begun at the seed and stirred at the end. */
guint
rt_mock_text_hash (gconstpointer text)
{
  guint64 hash = get_seed ();

  for (const guint8 *p = text; *p != '\0'; p++)
    {
      hash = (hash ^ *p) * G_GUINT64_CONSTANT (0x100000001b3);
      hash ^= hash >> 29;
    }
  hash *= G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  return hash >> 32;
}
