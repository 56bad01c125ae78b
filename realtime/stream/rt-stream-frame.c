/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-stream-frame.h"

#include <string.h>
#include "rt-codec.h"
#include "rt-json-fields.h"
#include "rt-json-members.h"

/* As it is read: nothing is checked yet but the types. */
typedef struct
{
  RtSlice kind;
  RtSlice id;
  RtSlice to;
  RtSlice sum;
  RtSlice why;
  guint64 off;
  guint64 got;
  gboolean again;
  gboolean asks;
} Fields;

static const RtField frame_fields[] = {
  RT_FIELD ("k", RT_FIELD_STRING, Fields, kind),   RT_FIELD ("id", RT_FIELD_STRING, Fields, id),
  RT_FIELD ("off", RT_FIELD_UINT64, Fields, off),  RT_FIELD ("got", RT_FIELD_UINT64, Fields, got),
  RT_FIELD ("again", RT_FIELD_BOOL, Fields, again), RT_FIELD ("to", RT_FIELD_STRING, Fields, to),
  RT_FIELD ("sum", RT_FIELD_STRING, Fields, sum),  RT_FIELD ("why", RT_FIELD_STRING, Fields, why),
  RT_FIELD ("ask", RT_FIELD_BOOL, Fields, asks),
};
static const RtFields frame_table = RT_FIELDS (frame_fields);

/* By RtStreamFrameKind. */
static const char *const kind_names[] = { "data", "ask", "credit", "end", "done", "abort", "pass" };

static gboolean
find_kind (const RtSlice *name, RtStreamFrameKind *kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (kind_names); i++)
    if (name->len == strlen (kind_names[i]) && memcmp (name->data, kind_names[i], name->len) == 0)
      {
        *kind = (RtStreamFrameKind) i;
        return TRUE;
      }
  return FALSE;
}

/* Names are plain: what would have to be escaped is none of ours. */
static gboolean
copy_name (const RtSlice *slice, char *out, gsize max, gboolean (*is_part) (char c))
{
  out[0] = '\0';
  if (slice->data == NULL)
    return TRUE;
  if (slice->len > max || (slice->flags & RT_SLICE_ESCAPED) != 0)
    return FALSE;
  for (guint32 i = 0; i < slice->len; i++)
    if (!is_part (slice->data[i]))
      return FALSE;
  memcpy (out, slice->data, slice->len);
  out[slice->len] = '\0';
  return TRUE;
}

static gboolean
is_digit (char c)
{
  return g_ascii_isdigit (c);
}

static gboolean
is_hex (char c)
{
  return g_ascii_isdigit (c) || (c >= 'a' && c <= 'f');
}

static gboolean
is_plain (char c)
{
  return g_ascii_isgraph (c);
}

void
rt_stream_frame_set_why (RtStreamFrame *frame, const char *why)
{
  const char *end;

  g_strlcpy (frame->why, why != NULL ? why : "", sizeof frame->why);
  if (!g_utf8_validate (frame->why, -1, &end))
    frame->why[end - frame->why] = '\0';
}

static void
read_why (RtStreamFrame *frame, const RtSlice *why)
{
  g_autofree char *text = why->data != NULL ? rt_json_unescape (why) : NULL;

  rt_stream_frame_set_why (frame, text);
}

static gboolean
fill (RtStreamFrame *frame, const Fields *fields, const RtSlice *source)
{
  if (!find_kind (&fields->kind, &frame->kind) || !copy_name (&fields->id, frame->id, RT_STREAM_MAX_ID, is_digit)
      || !copy_name (source, frame->source, RT_STREAM_MAX_SOURCE, is_plain)
      || !copy_name (&fields->to, frame->to, RT_STREAM_MAX_SOURCE, is_plain)
      || !copy_name (&fields->sum, frame->sum, RT_STREAM_SUM_LENGTH, is_hex))
    return FALSE;
  frame->off = fields->off;
  frame->got = fields->got;
  frame->again = fields->again;
  frame->asks = fields->asks;
  read_why (frame, &fields->why);
  if (frame->id[0] == '\0' || frame->source[0] == '\0' || fields->off > G_MAXINT64 || fields->got > G_MAXINT64)
    return FALSE;
  return frame->kind != RT_STREAM_FRAME_END || strlen (frame->sum) == RT_STREAM_SUM_LENGTH;
}

gboolean
rt_stream_frame_parse (const RtPublication *publication, RtStreamFrame *frame)
{
  const RtSlice *text = &publication->envelope.stream;
  Fields fields = { 0 };
  RtScan scan;

  if (!publication->envelope.marked || text->data == NULL || text->data[0] != '{')
    return FALSE;
  rt_scan_init (&scan, text->data, text->data, text->len);
  if (!rt_fields_read (&scan, &frame_table, &fields) || fields.kind.data == NULL)
    return FALSE;
  return fill (frame, &fields, &publication->envelope.source);
}

/* --- The bytes --- */

gsize
rt_stream_frame_get_len (const RtPublication *publication)
{
  const RtSlice *body = &publication->envelope.body;

  if (publication->envelope.body_kind != RT_BODY_B64 || (body->flags & RT_SLICE_ESCAPED) != 0 || body->len < 4
      || body->len % 4 != 0)
    return 0;
  /* Padding stands at the end alone, and once or twice. */
  const char *padding = memchr (body->data, '=', body->len);
  gsize n_padding = padding != NULL ? (gsize) (body->data + body->len - padding) : 0;
  if (n_padding > 2 || (n_padding > 0 && body->data[body->len - 1] != '='))
    return 0;
  gsize len = body->len / 4 * 3 - n_padding;
  return len <= RT_STREAM_MAX_CHUNK ? len : 0;
}

/* The decoder passes over what is no base64: then it comes out shorter. */
gboolean
rt_stream_frame_decode (const RtPublication *publication, guint8 *bytes)
{
  const RtSlice *body = &publication->envelope.body;
  int state = 0;
  guint save = 0;

  gsize len = g_base64_decode_step (body->data, body->len, bytes, &state, &save);
  return len == rt_stream_frame_get_len (publication);
}

/* --- Writing --- */

static RtSlice
slice (const char *text)
{
  return (RtSlice) { .data = text[0] != '\0' ? text : NULL, .len = (guint32) strlen (text) };
}

static void
put_fields (RtBuffer *out, const RtStreamFrame *frame)
{
  RtMembers members = rt_members_open (out);
  const RtSlice kind = slice (kind_names[frame->kind]);
  const RtSlice id = slice (frame->id);
  const RtSlice to = slice (frame->to);
  const RtSlice sum = slice (frame->sum);
  const RtSlice why = slice (frame->why);

  rt_members_string (&members, RT_KEY ("k"), &kind);
  rt_members_string (&members, RT_KEY ("id"), &id);
  rt_members_uint (&members, RT_KEY ("off"), frame->off);
  rt_members_uint (&members, RT_KEY ("got"), frame->got);
  rt_members_bool (&members, RT_KEY ("again"), frame->again);
  rt_members_bool (&members, RT_KEY ("ask"), frame->asks);
  rt_members_string (&members, RT_KEY ("to"), &to);
  rt_members_string (&members, RT_KEY ("sum"), &sum);
  rt_members_string (&members, RT_KEY ("why"), &why);
  rt_members_close (&members);
}

/* Behind what is in @out, which keeps its place. */
static gsize
put_base64 (RtBuffer *out, const guint8 *bytes, gsize len)
{
  gsize start = out->len;
  int state = 0, save = 0;

  rt_buffer_reserve (out, (len / 3 + 1) * 4 + 4);
  char *text = (char *) out->data + start;
  gsize written = g_base64_encode_step (bytes, len, FALSE, text, &state, &save);
  written += g_base64_encode_close (FALSE, text + written, &state, &save);
  out->len += written;
  return written;
}

void
rt_stream_frame_write (RtBuffer *out,
                       const RtStreamFrame *frame,
                       const RtStreamStamp *stamp,
                       const guint8 *bytes,
                       gsize len,
                       RtBuffer *scratch)
{
  RtEnvelope envelope = {
    .marked = TRUE,
    .priority = 1,
    .id = slice (stamp->id),
    .source = slice (stamp->source),
    .timestamp = stamp->timestamp,
    .type = slice (RT_STREAM_TYPE),
  };
  gsize body = 0;

  scratch->len = 0;
  put_fields (scratch, frame);
  gsize fields = scratch->len;
  if (frame->kind == RT_STREAM_FRAME_DATA)
    body = put_base64 (scratch, bytes, len);
  /* Only now: it may have moved. */
  envelope.stream = (RtSlice) { .data = (const char *) scratch->data, .len = (guint32) fields };
  if (frame->kind == RT_STREAM_FRAME_DATA)
    {
      envelope.body_kind = RT_BODY_B64;
      envelope.body = (RtSlice) { .data = (const char *) scratch->data + fields, .len = (guint32) body };
    }
  rt_envelope_write (out, &envelope);
}
