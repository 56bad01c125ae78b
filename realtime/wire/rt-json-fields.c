/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-json-fields.h"

static void
note_mismatch (RtScan *s, const char *member, const char *text)
{
  if (s->lenient)
    {
      s->foreign = TRUE;
      return;
    }
  rt_scan_fail (s, RT_JSON_BAD_ENVELOPE, text);
  if (s->fault.member == NULL)
    s->fault.member = member;
}

gboolean
rt_scan_mismatch (RtScan *s, const char *member, const char *text)
{
  if (s->p >= s->end)
    return rt_scan_unexpected (s, text);
  note_mismatch (s, member, text);
  return s->lenient && rt_scan_value (s, NULL);
}

/* Whether @text starts with @key, which has at least four bytes. In words that may overlap. */
static inline gboolean
starts_with (const guint8 *text, const char *key, gsize len)
{
  if (len <= 8)
    return memcmp (text, key, 4) == 0 && memcmp (text + len - 4, key + len - 4, 4) == 0;
  if (len <= 16)
    return memcmp (text, key, 8) == 0 && memcmp (text + len - 8, key + len - 8, 8) == 0;
  return memcmp (text, key, len) == 0;
}

/* The value of @field if its key stands at @p, else NULL. @first: there is no comma before it. */
static inline const guint8 *
match_key (const guint8 *p, const guint8 *end, const RtField *field, gboolean first)
{
  gsize comma = first ? 1 : 0, len = field->key_len - comma;

  return (gsize) (end - p) >= len && starts_with (p, field->key + comma, len) ? p + len : NULL;
}

/* The field of the name at the cursor, NULL if it is not known, and the cursor to its value. FALSE on a fault. */
static G_GNUC_NO_INLINE gboolean
find_key (RtScan *s, const RtFields *fields, const RtField **found)
{
  guint8 letter = s->end - s->p < 2 ? 0 : s->p[1];
  RtSlice key;

  for (const RtField *field = fields->fields; field < fields->end; field++)
    if (letter == (guint8) field->name[0])
      {
        const guint8 *value = match_key (s->p, s->end, field, TRUE);
        if (value == NULL)
          continue;
        s->p = value;
        *found = field;
        return TRUE;
      }
  /* Unknown, or with escapes in it, or with blanks behind it. */
  *found = NULL;
  if (!rt_scan_key (s, &key))
    return FALSE;
  for (const RtField *field = fields->fields; field < fields->end && *found == NULL; field++)
    if (rt_slice_equals (&key, field->name))
      *found = field;
  return TRUE;
}

/* To the value of the next member whatever it is, passing over those that are not known. FALSE behind the object and
 * on a fault. */
static gboolean
next_known_member (RtScan *s, const RtFields *fields, const RtField **field)
{
  while (rt_scan_next_item (s, '}'))
    {
      if (!find_key (s, fields, field))
        return FALSE;
      if (*field != NULL)
        return TRUE;
      if (!rt_scan_value (s, NULL))
        return FALSE;
    }
  return FALSE;
}

/* An integer with more to it, or something else. */
static gboolean
scan_any_integer (RtScan *s, const char *member, gint64 min, guint64 max, guint64 *out)
{
  const guint8 *start = s->p;
  guint8 byte = rt_scan_peek (s);
  RtNumber number;

  *out = 0;
  if (byte != '-' && !g_ascii_isdigit (byte))
    return rt_scan_mismatch (s, member, "a member has the wrong type");
  if (!rt_scan_number (s, &number))
    return FALSE;
  gboolean integer = number.integer && !number.overflow;
  /* Minus nothing is negative too. */
  if (G_LIKELY (number.negative ? integer && min < 0 && number.magnitude <= -(guint64) min
                                : integer && number.magnitude <= max))
    {
      *out = number.negative ? -number.magnitude : number.magnitude;
      return TRUE;
    }
  const guint8 *behind = s->p;
  s->p = start;
  note_mismatch (s, member, "a number is not an integer in the range of its member");
  s->p = behind;
  return s->lenient;
}

gboolean
rt_scan_integer (RtScan *s, const char *member, gint64 min, guint64 max, guint64 *out)
{
  const guint8 *p = s->p, *end = s->end;
  guint64 value = 0;

  for (guint digit; p < end && (digit = (guint) *p - '0') <= 9; p++)
    value = value * 10 + digit;
  gsize digits = p - s->p;
  /* Mostly a member of an object, followed by a comma or its end, and too short for an overflow. */
  if (G_UNLIKELY (p == end || (*p != ',' && *p != '}') || digits == 0 || digits > RT_JSON_SAFE_DIGITS
                  || (*s->p == '0' && digits > 1) || value > max))
    return scan_any_integer (s, member, min, max, out);
  s->p = p;
  *out = value;
  return TRUE;
}

static gboolean
read_integer (RtScan *s, const RtField *field, gpointer slot)
{
  guint64 value;

  switch (field->type)
    {
    case RT_FIELD_UINT64:
      return rt_scan_integer (s, field->name, 0, G_MAXUINT64, slot);
    case RT_FIELD_INT64:
      return rt_scan_integer (s, field->name, 0, G_MAXINT64, slot);
    case RT_FIELD_UINT32:
      if (!rt_scan_integer (s, field->name, 0, G_MAXUINT32, &value))
        return FALSE;
      *(guint32 *) slot = value;
      return TRUE;
    default:
      if (!rt_scan_integer (s, field->name, G_MININT32, G_MAXINT32, &value))
        return FALSE;
      *(gint32 *) slot = (gint64) value;
      return TRUE;
    }
}

/* A flat object of strings. Where the scan is lenient, they must also be text. */
static gboolean
read_pairs (RtScan *s, const RtField *field, RtSlice *slot)
{
  const guint8 *start = s->p;
  RtSlice key, value;

  if (!rt_scan_begin_object (s))
    return FALSE;
  while (rt_scan_next_member (s, &key))
    {
      if (rt_scan_peek (s) != '"')
        {
          if (!rt_scan_mismatch (s, field->name, "an object of strings holds something else"))
            return FALSE;
          continue;
        }
      if (!rt_scan_string (s, &value))
        return FALSE;
      if (s->lenient && !(rt_slice_is_text (&key) && rt_slice_is_text (&value)))
        s->foreign = TRUE;
    }
  slot->data = (const char *) start;
  slot->len = s->p - start;
  slot->flags = 0;
  return s->fault.kind == RT_JSON_OK;
}

static gboolean
read_bool (RtScan *s, guint8 byte, gboolean *slot)
{
  *slot = byte == 't';
  return rt_scan_literal (s, byte == 't' ? "true" : "false");
}

static gboolean
read_custom (RtScan *s, const RtField *field, gpointer target)
{
  if (field->read (s, field, target))
    return TRUE;
  if (s->fault.kind == RT_JSON_BAD_ENVELOPE && s->fault.member == NULL)
    s->fault.member = field->name;
  return FALSE;
}

static gboolean
read_field (RtScan *s, const RtField *field, gpointer target)
{
  gpointer slot = (char *) target + field->offset;

  rt_scan_space (s);
  guint8 byte = rt_scan_peek (s);
  if (field->type == RT_FIELD_RAW)
    return field->read != NULL ? field->read (s, field, target) : rt_scan_value (s, slot);
  if (byte == 'n')
    return rt_scan_literal (s, "null");
  switch (field->type)
    {
    case RT_FIELD_STRING:
      if (byte == '"')
        return rt_scan_string (s, slot);
      break;
    case RT_FIELD_BOOL:
      if (byte == 't' || byte == 'f')
        return read_bool (s, byte, slot);
      break;
    case RT_FIELD_PAIRS:
      if (byte == '{')
        return read_pairs (s, field, slot);
      break;
    case RT_FIELD_CUSTOM:
      return read_custom (s, field, target);
    default:
      return read_integer (s, field, slot);
    }
  return rt_scan_mismatch (s, field->name, "a member has the wrong type");
}

static gboolean
read_member (RtScan *s, const RtField *field, gboolean repeated, gpointer target)
{
  if (G_UNLIKELY (repeated))
    return rt_scan_mismatch (s, field->name, "a member stands twice in an object");
  return read_field (s, field, target);
}

gboolean
rt_fields_read (RtScan *s, const RtFields *fields, gpointer target)
{
  const RtField *field, *next = fields->fields;
  guint32 seen = 0;

  if (G_UNLIKELY (rt_scan_peek (s) != '{'))
    return rt_scan_mismatch (s, NULL, "an object is missing");
  if (!rt_scan_begin_object (s))
    return FALSE;
  /* The cursor, in a register: each byte of a frame waits for the one before it. */
  const guint8 *p = s->p, *end = s->end, *value;
  for (;; next = field + 1)
    {
      field = next;
      /* Peers mostly write members in the table's order, without blanks, and strings are mostly plain. */
      value = next < fields->end ? match_key (p, end, next, s->first) : NULL;
      if (G_LIKELY (value != NULL))
        s->first = FALSE;
      else
        {
          s->p = p;
          if (!next_known_member (s, fields, &field))
            break;
          value = s->p;
        }
      guint32 bit = 1u << (field - fields->fields);
      p = field->type == RT_FIELD_STRING && (seen & bit) == 0
            ? rt_plain_string (value, end, (RtSlice *) ((char *) target + field->offset)) : NULL;
      if (p == NULL)
        {
          s->p = value;
          if (!read_member (s, field, (seen & bit) != 0, target))
            return FALSE;
          p = s->p;
        }
      seen |= bit;
    }
  return s->fault.kind == RT_JSON_OK;
}
