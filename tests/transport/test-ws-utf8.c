/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "rt-utf8.h"

static gboolean
is_start (const guint8 *data, gsize len)
{
  RtUtf8 state = { 0, 0, 0 };

  return rt_utf8_feed (&state, data, len);
}

static gboolean
is_text (const guint8 *data, gsize len)
{
  RtUtf8 state = { 0, 0, 0 };

  return rt_utf8_feed (&state, data, len) && rt_utf8_is_complete (&state);
}

/* GLib takes a NUL for the end, which is no fault in a message. */
static gboolean
is_text_by_glib (const guint8 *data, gsize len)
{
  while (len > 0)
    {
      const guint8 *nul = memchr (data, 0, len);
      gsize part = nul != NULL ? (gsize) (nul - data) : len;

      if (!g_utf8_validate ((const char *) data, (gssize) part, NULL))
        return FALSE;
      part = MIN (part + 1, len);
      data += part;
      len -= part;
    }
  return TRUE;
}

/* All pairs of bytes, and before and behind them what matters of the rest. */
static void
test_short (void)
{
  static const guint8 rest[] = { 0x00, 0x7f, 0x80, 0x90, 0xa0, 0xbf, 0xc2, 0xff };

  for (guint pair = 0; pair < 0x10000; pair++)
    for (guint i = 0; i < G_N_ELEMENTS (rest); i++)
      for (guint j = 0; j < G_N_ELEMENTS (rest); j++)
        {
          guint8 b[5] = { rest[j], (guint8) (pair >> 8), (guint8) pair, rest[i], rest[j] };

          for (gsize len = 1; len <= 4; len++)
            if (is_text (b + 1, len) != is_text_by_glib (b + 1, len))
              g_error ("%02x %02x %02x %02x, first %" G_GSIZE_FORMAT, b[1], b[2], b[3], b[4], len);
          if (is_text (b, 4) != is_text_by_glib (b, 4))
            g_error ("%02x %02x %02x %02x", b[0], b[1], b[2], b[3]);
        }
}

/* Every code point, cut anywhere, behind ASCII of every length up to two blocks. */
static void
test_code_points (void)
{
  guint8 text[80];

  memset (text, 'a', sizeof text);
  for (gunichar c = 1; c <= 0x10ffff; c++)
    {
      gsize before = c % 67;
      gsize len;

      if (c >= 0xd800 && c <= 0xdfff)
        continue;
      len = before + (gsize) g_unichar_to_utf8 (c, (char *) text + before);
      g_assert_true (is_text (text, len));
      for (gsize cut = before; cut < len; cut++)
        {
          RtUtf8 state = { 0, 0, 0 };

          g_assert_true (rt_utf8_feed (&state, text, cut));
          g_assert_cmpint (rt_utf8_is_complete (&state), ==, cut == before);
          g_assert_true (rt_utf8_feed (&state, text + cut, len - cut));
          g_assert_true (rt_utf8_is_complete (&state));
        }
      memset (text + before, 'a', 4);
    }
}

/* Whether any bytes behind @data can make it valid: a continuation that the lead allows, then plain ones. */
static gboolean
can_be_completed (const guint8 *data, gsize len)
{
  guint8 longer[8];

  memcpy (longer, data, len);
  memset (longer + len, 0x80, 3);
  for (gsize more = 0; more <= 3; more++)
    for (guint next = 0x80; next <= 0xbf; next++)
      {
        longer[len] = (guint8) next;
        if (is_text_by_glib (longer, len + more))
          return TRUE;
      }
  return FALSE;
}

/* The fault comes with the first byte after which nothing can make it good, and not before. */
static void
test_earliest (void)
{
  for (guint i = 0; i < 0x10000; i++)
    {
      guint8 b[3] = { (guint8) (i >> 8), (guint8) i, 0x80 };

      for (gsize len = 1; len <= 3; len++)
        if (is_start (b, len) != can_be_completed (b, len))
          g_error ("%02x %02x %02x, first %" G_GSIZE_FORMAT, b[0], b[1], b[2], len);
    }
}

/* One bad byte at every place of a text that is otherwise good. */
static void
test_bad_byte_anywhere (void)
{
  guint8 text[150];

  for (gsize len = 1; len <= sizeof text; len++)
    for (gsize at = 0; at < len; at++)
      {
        memset (text, 'a', len);
        text[at] = 0xff;
        g_assert_false (is_start (text, len));
        g_assert_true (is_start (text, at));
        text[at] = 0x80;
        g_assert_false (is_start (text, len));
      }
}

/* Random pieces of good and bad text, fed in random portions, against GLib on the whole. */
static void
test_random (void)
{
  static const char *const pieces[] = {
    "a", "plain text that is long enough for a block or two of the fast path", "\303\251", "\342\202\254",
    "\360\237\230\200", "\303", "\251", "\355\240\200", "\n", "12345678",
  };

  for (guint round = 0; round < 20000; round++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      gboolean good = TRUE;
      RtUtf8 state = { 0, 0, 0 };

      for (gint n = g_test_rand_int_range (0, 12); n > 0; n--)
        g_string_append (text, pieces[g_test_rand_int_range (0, round % 2 == 0 ? 5 : G_N_ELEMENTS (pieces))]);
      for (gsize at = 0; good && at < text->len;)
        {
          gsize portion = (gsize) g_test_rand_int_range (0, 40);

          portion = MIN (portion, text->len - at);
          good = rt_utf8_feed (&state, (const guint8 *) text->str + at, portion);
          at += portion;
        }
      good = good && rt_utf8_is_complete (&state);
      g_assert_cmpint (good, ==, is_text_by_glib ((const guint8 *) text->str, text->len));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Utf8/short", test_short);
  g_test_add_func ("/Rt/Utf8/code-points", test_code_points);
  g_test_add_func ("/Rt/Utf8/earliest", test_earliest);
  g_test_add_func ("/Rt/Utf8/bad-byte-anywhere", test_bad_byte_anywhere);
  g_test_add_func ("/Rt/Utf8/random", test_random);
  return g_test_run ();
}
