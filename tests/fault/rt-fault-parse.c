/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-fault-parse.h"

#include <string.h>

#define MAX_HEAD (256 * 1024)
#define MAX_UNIT (G_GUINT64_CONSTANT (64) * 1024 * 1024)
#define MAX_CHUNK_LINE 64

typedef enum
{
  MODE_HEAD,
  MODE_BODY, /* of known length */
  MODE_CHUNKS,
  MODE_FRAMES,
  MODE_RAW,
} Mode;

struct _RtFaultParser
{
  gboolean requests;
  Mode mode;
  GByteArray *buffer;
  guint64 body_left; /* MODE_BODY */
  guint64 taken;     /* bytes handed out as units */
  guint counts[RT_FAULT_UNIT_RAW + 1];
};

gssize
rt_fault_find (const void *data, gsize len, const char *text)
{
  const guint8 *bytes = data;
  gsize text_len = strlen (text);

  for (gsize at = 0; at + text_len <= len; at++)
    if (memcmp (bytes + at, text, text_len) == 0)
      return (gssize) at;
  return -1;
}

void
rt_fault_unit_free (RtFaultUnit *unit)
{
  g_byte_array_unref (unit->raw);
  g_string_free (unit->text, TRUE);
  g_free (unit);
}

RtFaultParser *
rt_fault_parser_new (gboolean requests)
{
  RtFaultParser *self = g_new0 (RtFaultParser, 1);

  self->requests = requests;
  self->buffer = g_byte_array_new ();
  return self;
}

void
rt_fault_parser_free (RtFaultParser *self)
{
  g_byte_array_unref (self->buffer);
  g_free (self);
}

void
rt_fault_parser_push (RtFaultParser *self, const guint8 *data, gsize len)
{
  g_byte_array_append (self->buffer, data, (guint) len);
}

static RtFaultUnit *
take (RtFaultParser *self, RtFaultUnitKind kind, gsize payload_at, gsize payload_len, gsize len)
{
  RtFaultUnit *unit = g_new0 (RtFaultUnit, 1);

  unit->kind = kind;
  unit->number = ++self->counts[kind];
  unit->offset = self->taken;
  unit->raw = g_byte_array_sized_new ((guint) len);
  g_byte_array_append (unit->raw, self->buffer->data, (guint) len);
  unit->payload_at = payload_at;
  unit->text = g_string_new_len ((const char *) unit->raw->data + payload_at, (gssize) payload_len);
  g_byte_array_remove_range (self->buffer, 0, (guint) len);
  self->taken += len;
  return unit;
}

static RtFaultUnit *
take_raw (RtFaultParser *self)
{
  gsize len = self->buffer->len;

  return len > 0 ? take (self, RT_FAULT_UNIT_RAW, 0, len, len) : NULL;
}

/* --- HTTP --- */

static char *
find_header (const char *head, const char *name)
{
  g_auto (GStrv) lines = g_strsplit (head, "\r\n", -1);
  gsize len = strlen (name);

  for (guint i = 1; lines[0] != NULL && lines[i] != NULL; i++)
    if (g_ascii_strncasecmp (lines[i], name, len) == 0 && lines[i][len] == ':')
      return g_ascii_strdown (g_strstrip (lines[i] + len + 1), -1);
  return NULL;
}

static gboolean
is_upgrade (RtFaultParser *self, const char *head)
{
  g_autofree char *upgrade = find_header (head, "Upgrade");

  if (self->requests)
    return g_strcmp0 (upgrade, "websocket") == 0;
  return g_str_has_prefix (head, "HTTP/1.1 101");
}

static gboolean
has_no_body (const char *head)
{
  return g_str_has_prefix (head, "HTTP/1.1 204") || g_str_has_prefix (head, "HTTP/1.1 304")
         || g_str_has_prefix (head, "HTTP/1.1 1");
}

static void
choose_body (RtFaultParser *self, const char *head)
{
  g_autofree char *coding = find_header (head, "Transfer-Encoding");
  g_autofree char *length = find_header (head, "Content-Length");

  if (is_upgrade (self, head))
    self->mode = MODE_FRAMES;
  else if (!self->requests && has_no_body (head))
    self->mode = MODE_HEAD;
  else if (g_strcmp0 (coding, "chunked") == 0)
    self->mode = MODE_CHUNKS;
  else if (length != NULL && g_ascii_string_to_unsigned (length, 10, 0, MAX_UNIT, &self->body_left, NULL))
    self->mode = self->body_left > 0 ? MODE_BODY : MODE_HEAD;
  else
    self->mode = self->requests ? MODE_HEAD : MODE_RAW;
}

static RtFaultUnit *
next_head (RtFaultParser *self)
{
  gssize end = rt_fault_find (self->buffer->data, self->buffer->len, "\r\n\r\n");

  if (end < 0)
    {
      if (self->buffer->len > MAX_HEAD)
        self->mode = MODE_RAW;
      return self->mode == MODE_RAW ? take_raw (self) : NULL;
    }
  gsize len = (gsize) end + 4;
  RtFaultUnit *unit = take (self, RT_FAULT_UNIT_HEAD, 0, len, len);
  choose_body (self, unit->text->str);
  return unit;
}

static RtFaultUnit *
next_body (RtFaultParser *self)
{
  if (self->buffer->len < self->body_left)
    return NULL;
  self->mode = MODE_HEAD;
  return take (self, RT_FAULT_UNIT_BODY, 0, self->body_left, self->body_left);
}

static RtFaultUnit *
next_chunk (RtFaultParser *self)
{
  const guint8 *data = self->buffer->data;
  gssize end = rt_fault_find (data, MIN (self->buffer->len, MAX_CHUNK_LINE), "\r\n");
  guint64 size = 0;

  if (end < 0 && self->buffer->len < MAX_CHUNK_LINE)
    return NULL;
  gsize line = end > 0 ? (gsize) end : 0;
  g_autofree char *digits = g_strndup ((const char *) data, line);
  if (!g_ascii_string_to_unsigned (digits, 16, 0, MAX_UNIT, &size, NULL))
    {
      self->mode = MODE_RAW;
      return take_raw (self);
    }
  gsize whole = line + 2 + size + 2;
  if (self->buffer->len < whole)
    return NULL;
  if (size == 0)
    self->mode = MODE_HEAD;
  return take (self, RT_FAULT_UNIT_BODY, line + 2, size, whole);
}

/* --- WebSocket (RFC 6455 section 5.2) --- */

static RtFaultUnit *
next_frame (RtFaultParser *self)
{
  const guint8 *data = self->buffer->data;
  gsize have = self->buffer->len;

  if (have < 2)
    return NULL;
  guint64 len = data[1] & 0x7f;
  guint bytes = len == 126 ? 2 : len == 127 ? 8 : 0;
  gboolean masked = (data[1] & 0x80) != 0;
  gsize payload_at = 2 + bytes + (masked ? 4 : 0);
  if (have < payload_at)
    return NULL;
  if (bytes > 0)
    len = 0;
  for (guint i = 0; i < bytes; i++)
    len = len << 8 | data[2 + i];
  if (len > MAX_UNIT)
    {
      self->mode = MODE_RAW;
      return take_raw (self);
    }
  if (have < payload_at + len)
    return NULL;
  RtFaultUnit *unit = take (self, RT_FAULT_UNIT_FRAME, payload_at, len, payload_at + len);
  unit->opcode = unit->raw->data[0] & 0x0f;
  for (gsize i = 0; masked && i < len; i++)
    unit->text->str[i] ^= (char) unit->raw->data[payload_at - 4 + i % 4];
  return unit;
}

RtFaultUnit *
rt_fault_parser_next (RtFaultParser *self, gboolean all)
{
  RtFaultUnit *unit = NULL;

  switch (self->mode)
    {
    case MODE_HEAD:
      unit = next_head (self);
      break;
    case MODE_BODY:
      unit = next_body (self);
      break;
    case MODE_CHUNKS:
      unit = next_chunk (self);
      break;
    case MODE_FRAMES:
      unit = next_frame (self);
      break;
    case MODE_RAW:
    default:
      unit = take_raw (self);
      break;
    }
  return unit == NULL && all ? take_raw (self) : unit;
}

RtFaultUnitKind
rt_fault_parser_get_kind (RtFaultParser *self)
{
  if (self->mode == MODE_FRAMES)
    return RT_FAULT_UNIT_FRAME;
  return self->mode == MODE_CHUNKS ? RT_FAULT_UNIT_BODY : RT_FAULT_UNIT_RAW;
}

/* --- What a fault puts into a stream --- */

void
rt_fault_put_frame (GByteArray *out, gboolean masked, guint8 opcode, const void *data, gsize len)
{
  guint8 header[14] = { (guint8) (0x80 | opcode), (guint8) len };
  guint bytes = len <= 125 ? 0 : len <= 0xffff ? 2 : 8;
  guint size = 2 + bytes;

  if (bytes > 0)
    header[1] = bytes == 2 ? 126 : 127;
  for (guint i = 0; i < bytes; i++)
    header[2 + i] = (guint8) ((guint64) len >> (8 * (bytes - 1 - i)));
  if (masked)
    {
      header[1] |= 0x80;
      size += 4;
    }
  g_byte_array_append (out, header, size);
  if (len > 0)
    g_byte_array_append (out, data, (guint) len);
}

void
rt_fault_put_chunk (GByteArray *out, const void *data, gsize len)
{
  g_autofree char *line = g_strdup_printf ("%" G_GSIZE_MODIFIER "x\r\n", len);

  g_byte_array_append (out, (const guint8 *) line, (guint) strlen (line));
  if (len > 0)
    g_byte_array_append (out, data, (guint) len);
  g_byte_array_append (out, (const guint8 *) "\r\n", 2);
}
