/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "seq.h"

#include <math.h>

/* What a generator draws: arguments, right and wrong ones. */

#define POOL_SIZE 6

guint
seq_below (Seq *seq, guint n)
{
  return (guint) g_rand_int_range (seq->rand, 0, (gint32) n);
}

gboolean
seq_chance (Seq *seq, guint n)
{
  return seq_below (seq, n) == 0;
}

void
seq_put (Seq *seq, SeqPool pool, gpointer object)
{
  GPtrArray *objects = seq->pools[pool];

  if (object == NULL)
    return;
  if (objects->len == POOL_SIZE)
    g_ptr_array_remove_index_fast (objects, seq_below (seq, POOL_SIZE));
  g_ptr_array_add (objects, object);
}

gpointer
seq_get (Seq *seq, SeqPool pool)
{
  GPtrArray *objects = seq->pools[pool];

  return objects->len > 0 ? g_object_ref (g_ptr_array_index (objects, seq_below (seq, objects->len))) : NULL;
}

char *
seq_channel_name (Seq *seq, gboolean *wrong)
{
  static const char *const right[] = { "room", "hall", "news", "news.sports" };
  static const char *const faulty[] = { "", "r\xc3\xa4um", "a\nb", "\xff", "\x7f", NULL };

  if (wrong == NULL || !seq_chance (seq, 16))
    return g_strdup (right[seq_below (seq, G_N_ELEMENTS (right))]);
  *wrong = TRUE;
  const char *name = faulty[seq_below (seq, G_N_ELEMENTS (faulty))];
  return name != NULL ? g_strdup (name) : g_strnfill (256, 'x');
}

char *
seq_text (Seq *seq, gboolean *wrong)
{
  static const char *const right[] = { "", "hello", "\xf0\x9f\x8e\x88", "\"quoted\" \\ \x01 \n", "{\"json\": [1, 2]}" };
  static const char *const faulty[] = { "\xff", "half \xe2\x82", NULL };

  if (wrong == NULL || !seq_chance (seq, 16))
    return g_strdup (right[seq_below (seq, G_N_ELEMENTS (right))]);
  *wrong = TRUE;
  const char *text = faulty[seq_below (seq, G_N_ELEMENTS (faulty))];
  return text != NULL ? g_strdup (text) : g_strnfill (66000, 'x');
}

/* A variant that is floating, or NULL. */
GVariant *
seq_variant (Seq *seq, gboolean *wrong)
{
  switch (seq_below (seq, wrong != NULL ? 8 : 6))
    {
    case 0:
      return NULL;
    case 1:
      return g_variant_new_string ("text");
    case 2:
      return g_variant_new_int64 (G_MAXINT32);
    case 3:
      return g_variant_new_boolean (TRUE);
    case 4:
      return g_variant_new_parsed ("{'a': <int64 1>, 'b': <['x', 'y']>}");
    case 5:
      return g_variant_new_parsed ("[<'a'>, <int64 2>]");
    case 6:
      *wrong = TRUE;
      return g_variant_new_double (NAN);
    default:
      *wrong = TRUE;
      return g_variant_new_take_string (g_strnfill (66000, 'x'));
    }
}

void
seq_check_result (gboolean ok, GError *error, ...)
{
  gboolean expected = FALSE;
  va_list codes;

  if (ok)
    {
      g_assert_no_error (error);
      return;
    }
  if (error == NULL)
    g_error ("A call failed without an error");
  va_start (codes, error);
  for (int code = va_arg (codes, int); code >= 0; code = va_arg (codes, int))
    expected |= g_error_matches (error, RT_ERROR, code);
  va_end (codes);
  if (!expected || error->message[0] == '\0' || !g_utf8_validate (error->message, -1, NULL))
    g_error ("Not expected: %s %d \"%s\"", g_quark_to_string (error->domain), error->code, error->message);
  g_error_free (error);
}
