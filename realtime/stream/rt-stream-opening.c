/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-stream-opening.h"

#include <string.h>
#include "rt-json-fields.h"
#include "rt-json-members.h"

typedef struct
{
  RtSlice stream;
  RtSlice name;
  RtSlice content_type;
  RtSlice size; /* raw: 0 is a size, too */
} Fields;

static const RtField opening_fields[] = {
  RT_FIELD ("stream", RT_FIELD_STRING, Fields, stream),
  RT_FIELD ("name", RT_FIELD_STRING, Fields, name),
  RT_FIELD ("content-type", RT_FIELD_STRING, Fields, content_type),
  RT_FIELD ("size", RT_FIELD_RAW, Fields, size),
};
static const RtFields opening_table = RT_FIELDS (opening_fields);

static gboolean
copy_id (const RtSlice *slice, char *id)
{
  if (slice->data == NULL || slice->len == 0 || slice->len > RT_STREAM_MAX_ID || (slice->flags & RT_SLICE_ESCAPED) != 0)
    return FALSE;
  for (guint32 i = 0; i < slice->len; i++)
    if (!g_ascii_isdigit (slice->data[i]))
      return FALSE;
  memcpy (id, slice->data, slice->len);
  id[slice->len] = '\0';
  return TRUE;
}

static gboolean
copy_size (const RtSlice *slice, gint64 *size)
{
  RtScan scan;
  RtNumber number;

  *size = -1;
  if (slice->data == NULL)
    return TRUE;
  rt_scan_init (&scan, slice->data, slice->data, slice->len);
  if (!rt_scan_number (&scan, &number) || !number.integer || number.overflow || number.negative
      || number.magnitude > G_MAXINT64)
    return FALSE;
  *size = (gint64) number.magnitude;
  return TRUE;
}

/* NULL: there is none that a program could hold. */
static char *
dup_text (const RtSlice *slice, gsize max)
{
  g_autofree char *text = slice->data != NULL && slice->len <= max * 6 ? rt_json_unescape (slice) : NULL;

  return text != NULL && strlen (text) <= max ? g_steal_pointer (&text) : NULL;
}

gboolean
rt_stream_opening_parse (const char *json, gsize len, RtStreamOpening *opening)
{
  Fields fields = { 0 };
  RtScan scan;

  memset (opening, 0, sizeof *opening);
  if (len == 0 || json[0] != '{')
    return FALSE;
  rt_scan_init (&scan, json, json, len);
  if (!rt_fields_read (&scan, &opening_table, &fields) || !copy_id (&fields.stream, opening->id)
      || !copy_size (&fields.size, &opening->size))
    return FALSE;
  opening->name = dup_text (&fields.name, RT_STREAM_MAX_NAME);
  opening->content_type = dup_text (&fields.content_type, RT_STREAM_MAX_CONTENT_TYPE);
  if (opening->name != NULL && (opening->content_type != NULL || fields.content_type.data == NULL))
    return TRUE;
  rt_stream_opening_clear (opening);
  return FALSE;
}

static RtSlice
slice (const char *text)
{
  return (RtSlice) { .data = text, .len = text != NULL ? (guint32) strlen (text) : 0 };
}

char *
rt_stream_opening_to_json (const RtStreamOpening *opening)
{
  g_auto (RtBuffer) out = { 0 };
  RtMembers members = rt_members_open (&out);
  const RtSlice id = slice (opening->id);
  const RtSlice name = slice (opening->name);
  const RtSlice content_type = slice (opening->content_type);

  rt_members_string (&members, RT_KEY ("stream"), &id);
  rt_members_string (&members, RT_KEY ("name"), &name);
  rt_members_string (&members, RT_KEY ("content-type"), &content_type);
  if (opening->size >= 0)
    {
      rt_members_key (&members, RT_KEY ("size"));
      rt_json_put_int (&out, opening->size);
    }
  rt_members_close (&members);
  return g_strndup ((const char *) out.data, out.len);
}

void
rt_stream_opening_clear (RtStreamOpening *opening)
{
  g_clear_pointer (&opening->name, g_free);
  g_clear_pointer (&opening->content_type, g_free);
}
