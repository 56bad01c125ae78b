/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-json-scan.h"

/* Strings as text: escapes resolved. What is given has passed the grammar; should it not have, a bad escape is
 * taken for one without a character, and nothing outside the slice is read. */

static gint32
hex4 (const char *p, const char *end)
{
  gint32 value = 0;

  if (end - p < 4)
    return -1;
  for (guint i = 0; i < 4; i++)
    {
      int digit = g_ascii_xdigit_value (p[i]);
      if (digit < 0)
        return -1;
      value = value << 4 | digit;
    }
  return value;
}

/* The character of a \u escape, whose digits @p stands at; 0 for \u0000 and for half a surrogate pair. */
static gunichar
unicode_escape (const char **p, const char *end)
{
  gint32 unit = hex4 (*p, end);

  if (unit <= 0)
    return 0;
  *p += 4;
  if (unit < 0xd800 || unit > 0xdfff)
    return unit;
  if (unit > 0xdbff || end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u')
    return 0;
  gint32 low = hex4 (*p + 2, end);
  if (low < 0xdc00 || low > 0xdfff)
    return 0;
  *p += 6;
  return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
}

static gunichar
short_escape (char letter)
{
  switch (letter)
    {
    case '"':
    case '\\':
    case '/':
      return letter;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
    }
}

guint
rt_text_step (const char **p, const char *end, char out[4])
{
  if (**p != '\\')
    {
      out[0] = *(*p)++;
      return 1;
    }
  if (end - *p < 2)
    return 0;
  char letter = (*p)[1];
  *p += 2;
  gunichar character = letter == 'u' ? unicode_escape (p, end) : short_escape (letter);
  if (character == 0)
    return 0;
  /* Six bytes are what g_unichar_to_utf8() may write at most; never more than four of them here. */
  char utf8[6];
  guint len = g_unichar_to_utf8 (character, utf8);
  memcpy (out, utf8, len);
  return len;
}

gboolean
rt_escapes_are_text (const RtSlice *string)
{
  const char *p = string->data, *end = p + string->len;
  char unit[4];

  while (p < end)
    if (rt_text_step (&p, end, unit) == 0)
      return FALSE;
  return TRUE;
}

gsize
rt_slice_text_length (const RtSlice *string)
{
  if ((string->flags & RT_SLICE_ESCAPED) == 0)
    return string->len;

  const char *p = string->data, *end = p + string->len;
  gsize len = 0;
  char unit[4];
  while (p < end)
    len += rt_text_step (&p, end, unit);
  return len;
}

char *
rt_json_unescape (const RtSlice *string)
{
  if ((string->flags & RT_SLICE_ESCAPED) == 0)
    return g_strndup (string->data, string->len);

  /* No escape is shorter than what it stands for. */
  g_autofree char *text = g_malloc (string->len + 1);
  const char *p = string->data, *end = p + string->len;
  char *out = text;
  while (p < end)
    {
      char unit[4];
      guint len = rt_text_step (&p, end, unit);
      if (len == 0)
        return NULL;
      memcpy (out, unit, len);
      out += len;
    }
  *out = '\0';
  return g_steal_pointer (&text);
}

gboolean
rt_slice_equals (const RtSlice *string, const char *text)
{
  gsize left = strlen (text);

  if (string->data == NULL)
    return FALSE;
  if ((string->flags & RT_SLICE_ESCAPED) == 0)
    return string->len == left && memcmp (string->data, text, left) == 0;

  const char *p = string->data, *end = p + string->len;
  while (p < end)
    {
      char unit[4];
      guint len = rt_text_step (&p, end, unit);
      if (len == 0 || len > left || memcmp (unit, text, len) != 0)
        return FALSE;
      text += len;
      left -= len;
    }
  return left == 0;
}

gboolean
rt_json_each_pair (const RtSlice *object, RtJsonPairFunc func, gpointer user_data)
{
  RtScan s;
  RtSlice key, value;

  rt_scan_init (&s, object->data, object->data, object->len);
  if (object->data == NULL || !rt_scan_begin_object (&s))
    return FALSE;
  while (rt_scan_next_member (&s, &key))
    {
      if (!rt_scan_string (&s, &value))
        return FALSE;
      g_autofree char *key_text = rt_json_unescape (&key);
      g_autofree char *value_text = rt_json_unescape (&value);
      if (key_text == NULL || value_text == NULL)
        return FALSE;
      func (key_text, value_text, user_data);
    }
  return s.fault.kind == RT_JSON_OK && rt_scan_finish (&s);
}
