/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-codec-json.h"

#define MAX_ACK_DIGITS 9 /* whatever they are, they make an id in range */

void
rt_decoder_begin (RtDecoder *self, const char *data, gsize len)
{
  self->data = data;
  self->len = len;
  self->position = 0;
  memset (&self->fault, 0, sizeof self->fault);
}

void
rt_decoder_clear (RtDecoder *self)
{
  g_free (self->publications);
  g_free (self->members);
  memset (self, 0, sizeof *self);
}

/* A message holds a frame a line; blank ones are passed over. */
static RtDecodeStatus
begin_line (RtDecoder *decoder, RtScan *s)
{
  if (decoder->fault.kind != RT_JSON_OK)
    return RT_DECODE_FAULT;
  rt_scan_init (s, decoder->data, decoder->data + decoder->position, decoder->len - decoder->position);
  s->owner = decoder;
  rt_scan_space (s);
  if (s->p >= s->end)
    {
      decoder->position = decoder->len;
      return RT_DECODE_END;
    }
  const guint8 *line_end = memchr (s->p, '\n', s->end - s->p);
  if (line_end != NULL)
    s->end = line_end;
  return RT_DECODE_ITEM;
}

static RtDecodeStatus
end_line (RtDecoder *decoder, RtScan *s, gboolean ok)
{
  if (G_UNLIKELY (!ok || !rt_scan_finish (s)))
    {
      decoder->fault = s->fault;
      return RT_DECODE_FAULT;
    }
  decoder->position = s->end - s->begin;
  return RT_DECODE_ITEM;
}

/* The plain acknowledgement of a publish, byte for byte as servers write it: one comes for every message that is sent,
 * so it is worth knowing by sight. Anything else, however slightly, is left to the reader. */
static gboolean
read_plain_ack (const RtScan *s, RtReply *reply)
{
  static const char head[] = "{\"id\":", tail[] = ",\"publish\":{}}";
  const gsize head_len = sizeof head - 1, tail_len = sizeof tail - 1;
  const guint8 *p = s->p, *digits_end = s->end - tail_len;
  guint32 id = 0;

  if ((gsize) (s->end - p) > head_len + MAX_ACK_DIGITS + tail_len || (gsize) (s->end - p) <= head_len + tail_len
      || memcmp (p, head, head_len) != 0 || memcmp (digits_end, tail, tail_len) != 0 || p[head_len] == '0')
    return FALSE;
  for (p += head_len; p < digits_end; p++)
    {
      if (!g_ascii_isdigit (*p))
        return FALSE;
      id = id * 10 + (guint32) (*p - '0');
    }
  memset (reply, 0, sizeof *reply);
  reply->kind = RT_REPLY_PUBLISH;
  reply->id = id;
  return TRUE;
}

static RtDecodeStatus
next_reply (RtDecoder *decoder, RtReply *reply)
{
  RtScan s;
  RtDecodeStatus status = begin_line (decoder, &s);

  if (status != RT_DECODE_ITEM)
    return status;
  if (read_plain_ack (&s, reply))
    {
      decoder->position = s.end - s.begin;
      return RT_DECODE_ITEM;
    }
  return end_line (decoder, &s, rt_json_read_reply (&s, reply));
}

static RtDecodeStatus
next_command (RtDecoder *decoder, RtCommand *command)
{
  RtScan s;
  RtDecodeStatus status = begin_line (decoder, &s);

  return status == RT_DECODE_ITEM ? end_line (decoder, &s, rt_json_read_command (&s, command)) : status;
}

const RtCodec *
rt_codec_json (void)
{
  static const RtCodec codec = {
    .name = "json",
    .is_text = TRUE,
    .write_command = rt_json_write_command,
    .next_reply = next_reply,
    .next_sub = rt_json_next_sub,
    .write_sub = rt_json_write_sub_command,
    .write_reply = rt_json_write_reply,
    .next_command = next_command,
    .next_sub_command = rt_json_next_sub_command,
    .write_sub_reply = rt_json_write_sub_reply,
    .separator = "\n",
  };

  return &codec;
}
