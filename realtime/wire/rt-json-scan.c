/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-json-scan.h"

G_STATIC_ASSERT (RT_JSON_MAX_DEPTH <= 64); /* a bit each in rt_scan_value() */

G_GNUC_NO_INLINE void
rt_clear (gpointer data, gsize size)
{
  memset (data, 0, size);
}

G_GNUC_NO_INLINE gboolean
rt_scan_fail (RtScan *s, RtJsonFaultKind kind, const char *text)
{
  if (s->fault.kind == RT_JSON_OK)
    {
      s->fault.kind = kind;
      s->fault.offset = s->p - s->begin;
      s->fault.text = text;
    }
  return FALSE;
}

G_GNUC_NO_INLINE gboolean
rt_scan_unexpected (RtScan *s, const char *text)
{
  if (s->p >= s->end)
    return rt_scan_fail (s, RT_JSON_TRUNCATED, "it ends too early");
  return rt_scan_fail (s, RT_JSON_BAD_SYNTAX, text);
}

static gboolean
is_hex (guint8 byte)
{
  return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
}

/* At a backslash. */
static gboolean
scan_escape (RtScan *s)
{
  s->p++;
  switch (rt_scan_peek (s))
    {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
      s->p++;
      return TRUE;
    case 'u':
      s->p++;
      for (guint i = 0; i < 4; i++, s->p++)
        if (!is_hex (rt_scan_peek (s)))
          return rt_scan_unexpected (s, "an escape \\u without four hexadecimal digits");
      return TRUE;
    default:
      return rt_scan_unexpected (s, "an unknown escape");
    }
}

/* The length of the UTF-8 sequence at p, which starts with a byte from 0x80; 0 if it is none (RFC 3629, section 4:
 * no overlong forms, no surrogates, nothing above U+10FFFF). */
static guint
utf8_length (const guint8 *p, const guint8 *end)
{
  guint8 lead = p[0];
  guint8 low = 0x80, high = 0xbf;
  guint len = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

  if (lead < 0xc2 || lead > 0xf4 || (gsize) (end - p) < len)
    return 0;
  if (lead == 0xe0)
    low = 0xa0;
  else if (lead == 0xed)
    high = 0x9f;
  else if (lead == 0xf0)
    low = 0x90;
  else if (lead == 0xf4)
    high = 0x8f;
  if (p[1] < low || p[1] > high)
    return 0;
  for (guint i = 2; i < len; i++)
    if ((p[i] & 0xc0) != 0x80)
      return 0;
  return len;
}

static gboolean
scan_utf8 (RtScan *s)
{
  while (s->p < s->end && *s->p >= 0x80)
    {
      guint len = utf8_length (s->p, s->end);
      if (len == 0)
        return rt_scan_fail (s, RT_JSON_BAD_UTF8, "a string is not valid UTF-8");
      s->p += len;
    }
  return TRUE;
}

/* What is inside a string, up to its closing quote. */
static gboolean
scan_inside (RtScan *s, guint32 *flags)
{
  for (;;)
    {
      s->p = rt_json_skip_plain (s->p, s->end, TRUE);
      guint8 byte = rt_scan_peek (s);

      if (byte == '"')
        return TRUE;
      if (byte == '\\')
        {
          *flags = RT_SLICE_ESCAPED;
          if (!scan_escape (s))
            return FALSE;
        }
      else if (byte >= 0x80)
        {
          if (!scan_utf8 (s))
            return FALSE;
        }
      else
        return rt_scan_unexpected (s, "a control character in a string");
    }
}

gboolean
rt_scan_special_string (RtScan *s, RtSlice *out)
{
  guint32 flags = 0;

  if (rt_scan_peek (s) != '"')
    return rt_scan_unexpected (s, "a string is missing");
  const guint8 *start = ++s->p;
  if (!scan_inside (s, &flags))
    return FALSE;
  out->data = (const char *) start;
  out->len = s->p - start;
  out->flags = flags;
  s->p++;
  return TRUE;
}

static gboolean
is_digit (guint8 byte)
{
  return byte >= '0' && byte <= '9';
}

/* At least one digit. */
static gboolean
scan_digits (RtScan *s)
{
  if (!is_digit (rt_scan_peek (s)))
    return rt_scan_unexpected (s, "a number without a digit where one must stand");
  while (is_digit (rt_scan_peek (s)))
    s->p++;
  return TRUE;
}

/* What may follow the integer part. */
static gboolean
scan_fraction_and_exponent (RtScan *s)
{
  if (rt_scan_peek (s) == '.')
    {
      s->p++;
      if (!scan_digits (s))
        return FALSE;
    }
  if ((rt_scan_peek (s) | 0x20) == 'e')
    {
      s->p++;
      if (rt_scan_peek (s) == '+' || rt_scan_peek (s) == '-')
        s->p++;
      return scan_digits (s);
    }
  return TRUE;
}

static guint64
add_up_digits (const guint8 *p, const guint8 *end, gboolean *overflow)
{
  guint64 magnitude = 0;

  for (*overflow = FALSE; p < end && !*overflow; p++)
    *overflow = __builtin_mul_overflow (magnitude, 10, &magnitude)
                || __builtin_add_overflow (magnitude, *p - '0', &magnitude);
  return magnitude;
}

gboolean
rt_scan_number (RtScan *s, RtNumber *out)
{
  const guint8 *p = s->p, *end = s->end;
  guint64 magnitude = 0;

  out->negative = p < end && *p == '-';
  p += out->negative;
  const guint8 *digits = p;
  for (guint digit; p < end && (digit = (guint) *p - '0') <= 9; p++)
    magnitude = magnitude * 10 + digit;
  s->p = p;
  if (G_UNLIKELY (p == digits))
    return rt_scan_unexpected (s, "a value is missing");
  if (G_UNLIKELY (*digits == '0' && p - digits > 1))
    {
      s->p = digits;
      return rt_scan_fail (s, RT_JSON_BAD_SYNTAX, "a number with a leading zero");
    }
  out->overflow = FALSE;
  out->magnitude = magnitude;
  if (G_UNLIKELY (p - digits > RT_JSON_SAFE_DIGITS))
    out->magnitude = add_up_digits (digits, p, &out->overflow);
  out->integer = p >= end || (*p != '.' && (*p | 0x20) != 'e');
  return out->integer || scan_fraction_and_exponent (s);
}

gboolean
rt_scan_literal (RtScan *s, const char *text)
{
  for (; *text != '\0'; text++, s->p++)
    if (rt_scan_peek (s) != (guint8) *text)
      return rt_scan_unexpected (s, "a word that is no JSON value");
  return TRUE;
}

static gboolean
enter (RtScan *s)
{
  if (G_UNLIKELY (s->depth >= RT_JSON_MAX_DEPTH))
    return rt_scan_fail (s, RT_JSON_TOO_DEEP, "it is nested too deeply");
  s->depth++;
  s->p++;
  rt_scan_space (s);
  return TRUE;
}

gboolean
rt_scan_key (RtScan *s, RtSlice *key)
{
  if (G_UNLIKELY (!rt_scan_string (s, key)))
    return FALSE;
  rt_scan_space (s);
  if (G_UNLIKELY (rt_scan_peek (s) != ':'))
    return rt_scan_unexpected (s, "a colon is missing behind a name");
  s->p++;
  rt_scan_space (s);
  return TRUE;
}

static gboolean
scan_scalar (RtScan *s)
{
  RtSlice string;
  RtNumber number;

  switch (rt_scan_peek (s))
    {
    case '"':
      return rt_scan_string (s, &string);
    case 't':
      return rt_scan_literal (s, "true");
    case 'f':
      return rt_scan_literal (s, "false");
    case 'n':
      return rt_scan_literal (s, "null");
    default:
      return rt_scan_number (s, &number);
    }
}

/* A value has ended: out of every container that ends with it, and to the next value. FALSE where there is none:
 * behind the outermost, or on a fault. The lowest bit of @objects tells what the innermost container is. */
static gboolean
scan_to_next_value (RtScan *s, guint64 *objects, guint outer_depth)
{
  while (s->depth > outer_depth)
    {
      gboolean in_object = (*objects & 1) != 0;
      RtSlice key;

      rt_scan_space (s);
      guint8 byte = rt_scan_peek (s);
      if (byte == ',')
        {
          s->p++;
          rt_scan_space (s);
          return !in_object || rt_scan_key (s, &key);
        }
      if (byte != (in_object ? '}' : ']'))
        return rt_scan_unexpected (s, "a comma or the end of an object or array is missing");
      s->p++;
      s->depth--;
      *objects >>= 1;
    }
  return FALSE;
}

/* Into a container, and to its first value if it has one. */
static gboolean
scan_open (RtScan *s, guint64 *objects, gboolean *empty)
{
  gboolean object = *s->p == '{';
  RtSlice key;

  if (!enter (s))
    return FALSE;
  *objects = *objects << 1 | object;
  *empty = rt_scan_peek (s) == (object ? '}' : ']');
  return *empty || !object || rt_scan_key (s, &key);
}

gboolean
rt_scan_value (RtScan *s, RtSlice *out)
{
  const guint8 *start = s->p;
  guint outer_depth = s->depth;
  guint64 objects = 0;

  for (;;)
    {
      guint8 byte = rt_scan_peek (s);

      if (byte == '{' || byte == '[')
        {
          gboolean empty;
          if (!scan_open (s, &objects, &empty))
            return FALSE;
          /* The end of an empty one is met below, like any other. */
          if (!empty)
            continue;
        }
      else if (!scan_scalar (s))
        return FALSE;
      if (!scan_to_next_value (s, &objects, outer_depth))
        break;
    }
  if (G_UNLIKELY (s->fault.kind != RT_JSON_OK))
    return FALSE;
  if (out != NULL)
    {
      out->data = (const char *) start;
      out->len = s->p - start;
      out->flags = 0;
    }
  return TRUE;
}

gboolean
rt_scan_begin_object (RtScan *s)
{
  if (rt_scan_peek (s) != '{')
    return rt_scan_unexpected (s, "an object is missing");
  s->first = TRUE;
  return enter (s);
}

gboolean
rt_scan_begin_array (RtScan *s)
{
  if (rt_scan_peek (s) != '[')
    return rt_scan_unexpected (s, "an array is missing");
  s->first = TRUE;
  return enter (s);
}

gboolean
rt_scan_any_next_item (RtScan *s, guint8 close)
{
  gboolean first = s->first;

  s->first = FALSE;
  rt_scan_space (s);
  if (rt_scan_peek (s) == close)
    {
      s->p++;
      s->depth--;
      return FALSE;
    }
  if (first)
    return TRUE;
  if (G_UNLIKELY (rt_scan_peek (s) != ','))
    return rt_scan_unexpected (s, "a comma or the end of an object or array is missing");
  s->p++;
  rt_scan_space (s);
  return TRUE;
}

gboolean
rt_scan_is_empty (const guint8 *object)
{
  do
    object++;
  while (*object != '}' && *object != '"');
  return *object == '}';
}

gboolean
rt_scan_finish (RtScan *s)
{
  rt_scan_space (s);
  if (s->p < s->end)
    return rt_scan_fail (s, RT_JSON_TRAILING, "something follows the value");
  return TRUE;
}

gboolean
rt_json_check (const char *data, gsize len, RtJsonFault *fault)
{
  RtScan s;

  rt_scan_init (&s, data, data, len);
  rt_scan_space (&s);
  gboolean ok = rt_scan_value (&s, NULL) && rt_scan_finish (&s);
  if (fault != NULL)
    *fault = s.fault;
  return ok;
}
