/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-tags-filter-private.h"

#include <string.h>

/* Decimal numbers as text, compared as they are: a double would make neighbours equal. */

typedef struct
{
  gboolean negative;
  const char *whole; /* without zeros in front */
  gsize n_whole;
  const char *fraction; /* without zeros behind */
  gsize n_fraction;
} Decimal;

static gsize
count_digits (const char *text)
{
  return strspn (text, "0123456789");
}

static gboolean
parse (const char *text, Decimal *decimal)
{
  *decimal = (Decimal) { .negative = *text == '-' };
  if (*text == '-' || *text == '+')
    text++;
  decimal->whole = text;
  decimal->n_whole = count_digits (text);
  text += decimal->n_whole;
  if (decimal->n_whole == 0)
    return FALSE;
  if (*text == '.')
    {
      decimal->fraction = ++text;
      decimal->n_fraction = count_digits (text);
      text += decimal->n_fraction;
      if (decimal->n_fraction == 0)
        return FALSE;
    }
  for (; decimal->n_whole > 0 && *decimal->whole == '0'; decimal->n_whole--)
    decimal->whole++;
  while (decimal->n_fraction > 0 && decimal->fraction[decimal->n_fraction - 1] == '0')
    decimal->n_fraction--;
  /* There is no zero below zero. */
  decimal->negative &= decimal->n_whole + decimal->n_fraction > 0;
  return *text == '\0';
}

static int
compare_sizes (gsize a, gsize b)
{
  return (a > b) - (a < b);
}

static int
compare_magnitudes (const Decimal *a, const Decimal *b)
{
  int order = compare_sizes (a->n_whole, b->n_whole);

  if (order == 0)
    order = strncmp (a->whole, b->whole, a->n_whole);
  if (order == 0 && a->n_fraction > 0 && b->n_fraction > 0)
    order = strncmp (a->fraction, b->fraction, MIN (a->n_fraction, b->n_fraction));
  return order != 0 ? order : compare_sizes (a->n_fraction, b->n_fraction);
}

gboolean
rt_decimal_compare (const char *a, const char *b, int *order)
{
  Decimal left, right;

  if (!parse (a, &left) || !parse (b, &right))
    return FALSE;
  if (left.negative != right.negative)
    *order = left.negative ? -1 : 1;
  else
    *order = left.negative ? compare_magnitudes (&right, &left) : compare_magnitudes (&left, &right);
  return TRUE;
}
