/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include "rt-json-scan.h"

/* What a program can hold of a JSON text. The grammar is checked first; the walk here then only looks at what
 * each byte outside of strings tells: a bracket is a container, a colon a member. */

typedef struct
{
  RtScan scan;
  guint values;
  guint members[RT_JSON_MAX_DEPTH + 1]; /* of the object at each depth */
} Payload;

static gboolean
fits_int64 (const RtNumber *number)
{
  guint64 limit = (guint64) G_MAXINT64 + (number->negative ? 1 : 0);

  return !number->overflow && number->magnitude <= limit;
}

/* Longer texts of numbers than this are rare enough to be copied to the heap. */
#define SHORT_NUMBER 64

static gboolean
is_finite_text (const guint8 *text, gsize len)
{
  char buffer[SHORT_NUMBER + 1];
  g_autofree char *copy = NULL;

  if (len <= SHORT_NUMBER)
    {
      memcpy (buffer, text, len);
      buffer[len] = '\0';
      return isfinite (g_ascii_strtod (buffer, NULL));
    }
  copy = g_strndup ((const char *) text, len);
  return isfinite (g_ascii_strtod (copy, NULL));
}

static gboolean
check_number (RtScan *s)
{
  const guint8 *start = s->p;
  RtNumber number;

  if (!rt_scan_number (s, &number))
    return FALSE;
  gboolean fits = number.integer ? fits_int64 (&number) : is_finite_text (start, s->p - start);
  if (fits)
    return TRUE;
  s->p = start;
  return rt_scan_fail (s, RT_JSON_BAD_PAYLOAD,
                       number.integer ? "an integer does not fit in 64 bits" : "a number is too large");
}

static gboolean
check_string (RtScan *s)
{
  const guint8 *start = s->p;
  RtSlice string;

  if (!rt_scan_string (s, &string))
    return FALSE;
  if (rt_slice_is_text (&string))
    return TRUE;
  s->p = start;
  return rt_scan_fail (s, RT_JSON_BAD_PAYLOAD, "a string holds \\u0000 or half a surrogate pair");
}

static gboolean
count_value (Payload *self)
{
  if (++self->values > RT_JSON_MAX_PAYLOAD_VALUES)
    return rt_scan_fail (&self->scan, RT_JSON_TOO_MANY_VALUES, "it has more than 10,000 values");
  return TRUE;
}

static gboolean
open_container (Payload *self)
{
  RtScan *s = &self->scan;

  if (s->depth >= RT_JSON_MAX_PAYLOAD_DEPTH)
    return rt_scan_fail (s, RT_JSON_TOO_DEEP, "it is nested more than 60 deep");
  self->members[++s->depth] = 0;
  s->p++;
  return count_value (self);
}

/* A colon turns the string before it, counted as a value, into a name. */
static gboolean
count_member (Payload *self)
{
  RtScan *s = &self->scan;

  self->values--;
  if (++self->members[s->depth] > RT_JSON_MAX_PAYLOAD_MEMBERS)
    return rt_scan_fail (s, RT_JSON_TOO_MANY_VALUES, "an object in it has more than 1,024 members");
  s->p++;
  return TRUE;
}

static gboolean
check_step (Payload *self)
{
  RtScan *s = &self->scan;

  switch (*s->p)
    {
    case '{':
    case '[':
      return open_container (self);
    case '}':
    case ']':
      s->depth--;
      s->p++;
      return TRUE;
    case ':':
      return count_member (self);
    case ',':
      s->p++;
      return TRUE;
    case '"':
      return check_string (s) && count_value (self);
    case 't':
      return rt_scan_literal (s, "true") && count_value (self);
    case 'f':
      return rt_scan_literal (s, "false") && count_value (self);
    case 'n':
      return rt_scan_literal (s, "null") && count_value (self);
    default:
      return check_number (s) && count_value (self);
    }
}

gboolean
rt_json_check_payload (const char *data, gsize len, RtJsonFault *fault)
{
  Payload self = { .values = 0 };

  if (!rt_json_check (data, len, fault))
    return FALSE;
  rt_scan_init (&self.scan, data, data, len);
  rt_scan_space (&self.scan);
  while (self.scan.p < self.scan.end && check_step (&self))
    rt_scan_space (&self.scan);
  if (fault != NULL)
    *fault = self.scan.fault;
  return self.scan.fault.kind == RT_JSON_OK;
}
