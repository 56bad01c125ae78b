/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-codec-json.h"

#define MARK "$rt"
#define MARK_VERSION 1
#define NORMAL_PRIORITY 1
#define MAX_PRIORITY 3
#define MAX_ID_DIGITS 20
#define MAX_SOURCE_LENGTH 64
#define MAX_TYPE_LENGTH 64

/* An object as it is read, before it is known whether it is marked. */
typedef struct
{
  guint64 mark;
  guint32 priority;
  RtSlice text;
  RtSlice data;
  RtSlice b64;
  RtEnvelope envelope;
} Candidate;

static const RtField candidate_fields[] = {
  RT_FIELD (MARK, RT_FIELD_UINT64, Candidate, mark),
  RT_FIELD ("id", RT_FIELD_STRING, Candidate, envelope.id),
  RT_FIELD ("src", RT_FIELD_STRING, Candidate, envelope.source),
  RT_FIELD ("ts", RT_FIELD_INT64, Candidate, envelope.timestamp),
  RT_FIELD ("from", RT_FIELD_STRING, Candidate, envelope.sender),
  RT_FIELD ("type", RT_FIELD_STRING, Candidate, envelope.type),
  RT_FIELD ("text", RT_FIELD_STRING, Candidate, text),
  RT_FIELD ("data", RT_FIELD_RAW, Candidate, data),
  RT_FIELD ("b64", RT_FIELD_STRING, Candidate, b64),
  RT_FIELD ("prio", RT_FIELD_UINT32, Candidate, priority),
  RT_FIELD ("ttl", RT_FIELD_UINT64, Candidate, envelope.ttl),
  RT_FIELD ("meta", RT_FIELD_PAIRS, Candidate, envelope.metadata),
  RT_FIELD ("tags", RT_FIELD_PAIRS, Candidate, envelope.tags),
};
static const RtFields candidate_table = RT_FIELDS (candidate_fields);

static gboolean
is_id (const RtSlice *id)
{
  const char *p = id->data, *end = p + id->len;
  guint digits = 0;

  while (p < end)
    {
      char unit[4];
      if (rt_text_step (&p, end, unit) != 1 || !g_ascii_isdigit (unit[0]) || ++digits > MAX_ID_DIGITS)
        return FALSE;
    }
  return digits > 0;
}

static gboolean
has_length (const RtSlice *string, gsize min, gsize max)
{
  gsize len = rt_slice_text_length (string);

  return rt_slice_is_text (string) && len >= min && len <= max;
}

/* Each string that is there is text that a program can hold, and in its range. */
static gboolean
strings_fit (const RtEnvelope *envelope)
{
  return (envelope->id.data == NULL || is_id (&envelope->id))
         && has_length (&envelope->source, 0, MAX_SOURCE_LENGTH)
         && rt_slice_is_text (&envelope->sender)
         && (envelope->type.data == NULL || has_length (&envelope->type, 1, MAX_TYPE_LENGTH));
}

static gboolean
take_body (const Candidate *candidate, RtEnvelope *envelope)
{
  const RtSlice *bodies[] = { &candidate->text, &candidate->data, &candidate->b64 };
  static const RtBodyKind kinds[] = { RT_BODY_TEXT, RT_BODY_JSON, RT_BODY_B64 };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      if (bodies[i]->data == NULL)
        continue;
      if (envelope->body_kind != RT_BODY_NONE)
        return FALSE;
      envelope->body_kind = kinds[i];
      envelope->body = *bodies[i];
    }
  return TRUE;
}

static void
take_envelope (Candidate *candidate, RtEnvelope *envelope)
{
  if (candidate->mark != MARK_VERSION || candidate->priority > MAX_PRIORITY || !strings_fit (&candidate->envelope)
      || !take_body (candidate, &candidate->envelope))
    return;
  *envelope = candidate->envelope;
  envelope->priority = candidate->priority;
  envelope->marked = TRUE;
}

gboolean
rt_json_read_data (RtScan *s, const RtField *field, gpointer target)
{
  RtPublication *publication = target;
  Candidate candidate = { .priority = NORMAL_PRIORITY };
  const guint8 *start = s->p;

  if (rt_scan_peek (s) != '{')
    return rt_scan_value (s, &publication->data);
  s->lenient = TRUE;
  s->foreign = FALSE;
  gboolean ok = rt_fields_read (s, &candidate_table, &candidate);
  s->lenient = FALSE;
  if (!ok)
    return FALSE;
  publication->data.data = (const char *) start;
  publication->data.len = s->p - start;
  if (!s->foreign)
    take_envelope (&candidate, &publication->envelope);
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

  rt_members_uint (&members, RT_KEY (MARK), MARK_VERSION);
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
  rt_members_close (&members);
}
