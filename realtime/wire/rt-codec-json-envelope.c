/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-codec-json.h"
#include "rt-json-members.h"

#define MARK "$rt"
#define MARK_VERSION 1
#define NORMAL_PRIORITY 1
#define MAX_PRIORITY 3
#define MAX_ID_DIGITS 20
#define MAX_SOURCE_LENGTH 64
#define MAX_TYPE_LENGTH 64

/* An object is read straight into the publication's envelope. Whatever shows that it is not ours makes it foreign,
 * and all of that is forgotten in the end. */

static gboolean
read_mark (RtScan *s, const RtField *field, gpointer target)
{
  RtPublication *publication = target;
  guint64 version;

  if (!rt_scan_integer (s, field->name, 0, MARK_VERSION, &version))
    return FALSE;
  publication->envelope.marked = version == MARK_VERSION;
  return TRUE;
}

static gboolean
read_priority (RtScan *s, const RtField *field, gpointer target)
{
  RtPublication *publication = target;
  guint64 priority;

  if (!rt_scan_integer (s, field->name, 0, MAX_PRIORITY, &priority))
    return FALSE;
  publication->envelope.priority = priority;
  return TRUE;
}

/* There may be one body. */
static gboolean
read_body (RtScan *s, const RtField *field, gpointer target)
{
  RtPublication *publication = target;
  RtEnvelope *envelope = &publication->envelope;

  if (envelope->body_kind != RT_BODY_NONE)
    return rt_scan_mismatch (s, field->name, "a message holds two bodies");
  envelope->body_kind = field->kind;
  if (field->kind == RT_BODY_JSON)
    return rt_scan_value (s, &envelope->body);
  if (rt_scan_peek (s) != '"')
    return rt_scan_mismatch (s, field->name, "a member has the wrong type");
  return rt_scan_string (s, &envelope->body);
}

static const RtField envelope_fields[] = {
  RT_FIELD_READ (MARK, read_mark, NULL, 0),
  RT_FIELD ("id", RT_FIELD_STRING, RtPublication, envelope.id),
  RT_FIELD ("src", RT_FIELD_STRING, RtPublication, envelope.source),
  RT_FIELD ("ts", RT_FIELD_INT64, RtPublication, envelope.timestamp),
  RT_FIELD ("from", RT_FIELD_STRING, RtPublication, envelope.sender),
  RT_FIELD ("type", RT_FIELD_STRING, RtPublication, envelope.type),
  RT_FIELD_READ ("text", read_body, NULL, RT_BODY_TEXT),
  RT_FIELD_RAW_READ ("data", read_body, RT_BODY_JSON),
  RT_FIELD_READ ("b64", read_body, NULL, RT_BODY_B64),
  RT_FIELD_READ ("prio", read_priority, NULL, 0),
  RT_FIELD ("ttl", RT_FIELD_UINT64, RtPublication, envelope.ttl),
  RT_FIELD ("meta", RT_FIELD_PAIRS, RtPublication, envelope.metadata),
  RT_FIELD ("tags", RT_FIELD_PAIRS, RtPublication, envelope.tags),
  RT_FIELD ("st", RT_FIELD_RAW, RtPublication, envelope.stream),
};
static const RtFields envelope_table = RT_FIELDS (envelope_fields);

static gboolean
is_id (const RtSlice *id)
{
  const char *p = id->data, *end = p + id->len;
  guint digits = 0;

  for (; p < end && g_ascii_isdigit (*p); digits++)
    p++;
  while (p < end)
    {
      char unit[4];
      if (rt_text_step (&p, end, unit) != 1 || !g_ascii_isdigit (unit[0]))
        return FALSE;
      digits++;
    }
  return digits > 0 && digits <= MAX_ID_DIGITS;
}

static gboolean
has_length (const RtSlice *string, gsize min, gsize max)
{
  gsize len = rt_slice_text_length (string);

  return len >= min && len <= max;
}

/* All strings but the body are text that a program can hold, and in their range. */
static gboolean
strings_fit (const RtEnvelope *envelope)
{
  return (envelope->id.data == NULL || is_id (&envelope->id))
         && rt_slice_is_text (&envelope->source) && has_length (&envelope->source, 0, MAX_SOURCE_LENGTH)
         && rt_slice_is_text (&envelope->sender)
         && rt_slice_is_text (&envelope->type)
         && (envelope->type.data == NULL || has_length (&envelope->type, 1, MAX_TYPE_LENGTH));
}

gboolean
rt_json_read_data (RtScan *s, const RtField *field, gpointer target)
{
  RtPublication *publication = target;
  RtEnvelope *envelope = &publication->envelope;
  const guint8 *start = s->p;

  if (rt_scan_peek (s) != '{')
    return rt_scan_value (s, &publication->data);
  envelope->priority = NORMAL_PRIORITY;
  s->lenient = TRUE;
  s->foreign = FALSE;
  gboolean ok = rt_fields_read (s, &envelope_table, publication);
  s->lenient = FALSE;
  if (!ok)
    return FALSE;
  publication->data.data = (const char *) start;
  publication->data.len = s->p - start;
  if (s->foreign || !envelope->marked || !strings_fit (envelope))
    rt_clear (envelope, sizeof *envelope);
  return TRUE;
}

static void
put_body (RtMembers *members, const RtEnvelope *envelope)
{
  switch (envelope->body_kind)
    {
    case RT_BODY_TEXT:
      rt_members_string (members, RT_KEY ("text"), &envelope->body);
      break;
    case RT_BODY_JSON:
      rt_members_raw (members, RT_KEY ("data"), &envelope->body);
      break;
    case RT_BODY_B64:
      rt_members_string (members, RT_KEY ("b64"), &envelope->body);
      break;
    case RT_BODY_NONE:
    default:
      break;
    }
}

void
rt_envelope_write (RtBuffer *out, const RtEnvelope *envelope)
{
  RtMembers members = rt_members_open (out);

  rt_members_key (&members, RT_KEY (MARK));
  rt_buffer_put_byte (out, '0' + MARK_VERSION);
  rt_members_string (&members, RT_KEY ("id"), &envelope->id);
  rt_members_string (&members, RT_KEY ("src"), &envelope->source);
  rt_members_key (&members, RT_KEY ("ts"));
  rt_json_put_int (out, envelope->timestamp);
  rt_members_string (&members, RT_KEY ("from"), &envelope->sender);
  rt_members_string (&members, RT_KEY ("type"), &envelope->type);
  put_body (&members, envelope);
  if (envelope->priority != NORMAL_PRIORITY)
    {
      rt_members_key (&members, RT_KEY ("prio"));
      rt_json_put_uint (out, envelope->priority);
    }
  rt_members_uint (&members, RT_KEY ("ttl"), envelope->ttl);
  rt_members_raw (&members, RT_KEY ("meta"), &envelope->metadata);
  rt_members_raw (&members, RT_KEY ("tags"), &envelope->tags);
  rt_members_raw (&members, RT_KEY ("st"), &envelope->stream);
  rt_members_close (&members);
}
