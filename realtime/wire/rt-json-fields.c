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

/* The table's index of a name; -1 for one it does not know. Peers write members in the table's order, mostly, so
 * the search starts behind the last one found. */
static int
find_field (const RtFields *fields, const RtSlice *key, guint start)
{
  for (guint n = 0, i = start; n < fields->n_fields; n++, i++)
    {
      if (i >= fields->n_fields)
        i = 0;
      const RtField *field = &fields->fields[i];
      if (G_UNLIKELY (key->flags != 0) ? rt_slice_equals (key, field->name)
                                       : key->len == field->len && memcmp (key->data, field->name, key->len) == 0)
        return i;
    }
  return -1;
}

static gboolean
store_integer (const RtField *field, gpointer slot, const RtNumber *number)
{
  guint64 magnitude = number->magnitude;

  if (!number->integer || number->overflow)
    return FALSE;
  switch (field->type)
    {
    case RT_FIELD_UINT32:
      *(guint32 *) slot = magnitude;
      return !number->negative && magnitude <= G_MAXUINT32;
    case RT_FIELD_UINT64:
      *(guint64 *) slot = magnitude;
      return !number->negative;
    case RT_FIELD_INT64:
      *(gint64 *) slot = magnitude;
      return !number->negative && magnitude <= G_MAXINT64;
    default:
      if (magnitude > (guint64) G_MAXINT32 + (number->negative ? 1 : 0))
        return FALSE;
      *(gint32 *) slot = number->negative ? -(gint64) magnitude : (gint64) magnitude;
      return TRUE;
    }
}

static gboolean
read_integer (RtScan *s, const RtField *field, gpointer slot)
{
  const guint8 *start = s->p;
  RtNumber number;

  if (!rt_scan_number (s, &number))
    return FALSE;
  if (G_LIKELY (store_integer (field, slot, &number)))
    return TRUE;
  const guint8 *behind = s->p;
  s->p = start;
  note_mismatch (s, field->name, "a number is not an integer in the range of its member");
  s->p = behind;
  return s->lenient;
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
  guint8 byte = rt_scan_peek (s);

  if (field->type == RT_FIELD_RAW)
    return field->read != NULL ? field->read (s, field, target) : rt_scan_value (s, slot);
  if (byte == 'n')
    return rt_scan_literal (s, "null");
  switch (field->type)
    {
    case RT_FIELD_STRING:
      if (G_LIKELY (byte == '"'))
        return rt_scan_string (s, slot);
      break;
    case RT_FIELD_BOOL:
      if (byte == 't' || byte == 'f')
        return read_bool (s, byte, slot);
      break;
    case RT_FIELD_OBJECT:
      if (byte == '{')
        return rt_scan_value (s, slot);
      break;
    case RT_FIELD_PAIRS:
      if (byte == '{')
        return read_pairs (s, field, slot);
      break;
    case RT_FIELD_CUSTOM:
      return read_custom (s, field, target);
    default:
      if (byte == '-' || (byte >= '0' && byte <= '9'))
        return read_integer (s, field, slot);
      break;
    }
  return rt_scan_mismatch (s, field->name, "a member has the wrong type");
}

gboolean
rt_fields_read (RtScan *s, const RtFields *fields, gpointer target)
{
  guint32 seen = 0;
  int last = -1;
  RtSlice key;

  if (G_UNLIKELY (rt_scan_peek (s) != '{'))
    return rt_scan_mismatch (s, NULL, "an object is missing");
  if (!rt_scan_begin_object (s))
    return FALSE;
  while (rt_scan_next_member (s, &key))
    {
      int index = find_field (fields, &key, last + 1);

      if (index < 0)
        {
          if (!rt_scan_value (s, NULL))
            return FALSE;
          continue;
        }
      const RtField *field = &fields->fields[index];
      gboolean repeated = (seen >> index & 1) != 0;
      seen |= 1u << index;
      last = index;
      if (G_UNLIKELY (repeated) ? !rt_scan_mismatch (s, field->name, "a member stands twice in an object")
                                : !read_field (s, field, target))
        return FALSE;
    }
  return s->fault.kind == RT_JSON_OK;
}
