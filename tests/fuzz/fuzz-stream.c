/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"
#include "rt-codec.h"
#include "rt-stream-opening.h"
#include "rt-stream-reassembly.h"

/* Any bytes, one publication a line, as a reader of a stream takes them: what is accepted is within its bounds, what is
 * written of it is read as the same again, and nothing makes the reader keep more than it may. */

static void
check_frame (const RtStreamFrame *frame)
{
  const RtStreamStamp stamp = { .source = frame->source, .id = "1", .timestamp = 1 };
  g_auto (RtBuffer) text = { 0 };
  g_auto (RtBuffer) scratch = { 0 };
  RtDecoder decoder = { 0 };
  RtReply reply;
  RtStreamFrame again;

  g_assert (frame->off <= G_MAXINT64 && frame->got <= G_MAXINT64);
  g_assert (g_utf8_validate (frame->why, -1, NULL));
  rt_buffer_put_literal (&text, "{\"push\":{\"channel\":\"c\",\"pub\":{\"data\":");
  rt_stream_frame_write (&text, frame, &stamp, (const guint8 *) "abc", 3, &scratch);
  rt_buffer_put_literal (&text, "}}}");
  rt_decoder_begin (&decoder, (const char *) text.data, text.len);
  g_assert (rt_codec_json ()->next_reply (&decoder, &reply) == RT_DECODE_ITEM);
  g_assert (rt_stream_frame_parse (&reply.publications[0], &again));
  g_assert (again.kind == frame->kind && again.off == frame->off && again.got == frame->got);
  g_assert (strcmp (again.id, frame->id) == 0 && strcmp (again.why, frame->why) == 0);
  rt_decoder_clear (&decoder);
}

static void
check_opening (const RtSlice *body)
{
  g_auto (RtStreamOpening) opening = { 0 };
  g_auto (RtStreamOpening) again = { 0 };

  if (!rt_stream_opening_parse (body->data, body->len, &opening))
    return;
  g_assert (strlen (opening.name) <= RT_STREAM_MAX_NAME && opening.size >= -1);
  g_autofree char *json = rt_stream_opening_to_json (&opening);
  g_assert (rt_stream_opening_parse (json, strlen (json), &again));
  g_assert (strcmp (again.id, opening.id) == 0 && strcmp (again.name, opening.name) == 0 && again.size == opening.size);
}

static void
take (RtStreamReassembly *intake, const RtPublication *publication)
{
  static guint8 bytes[RT_STREAM_MAX_CHUNK];
  RtStreamFrame frame;

  if (publication->envelope.body_kind == RT_BODY_JSON)
    check_opening (&publication->envelope.body);
  if (!rt_stream_frame_parse (publication, &frame))
    return;
  check_frame (&frame);
  if (frame.kind == RT_STREAM_FRAME_END)
    rt_stream_reassembly_end (intake, frame.off, frame.sum);
  if (frame.kind != RT_STREAM_FRAME_DATA)
    return;
  gsize len = rt_stream_frame_get_len (publication);
  g_assert (len <= RT_STREAM_MAX_CHUNK);
  if (rt_stream_reassembly_judge (intake, frame.off, len) == RT_STREAM_TAKE_NEW
      && rt_stream_frame_decode (publication, bytes))
    rt_stream_reassembly_put (intake, frame.off, bytes, len);
  g_assert (intake->ring.len <= RT_STREAM_WINDOW + RT_STREAM_MAX_CHUNK);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  RtStreamReassembly intake;
  RtDecoder decoder = { 0 };
  RtReply reply;
  guint8 byte;

  /* Of exactly its size, so that the sanitizer sees any step outside. */
  g_autofree char *copy = g_malloc (MAX (size, 1));
  if (size > 0)
    memcpy (copy, data, size);
  rt_stream_reassembly_init (&intake, -1);
  rt_decoder_begin (&decoder, copy, size);
  while (rt_codec_json ()->next_reply (&decoder, &reply) == RT_DECODE_ITEM)
    for (guint i = 0; i < reply.n_publications; i++)
      take (&intake, &reply.publications[i]);
  while (rt_stream_reassembly_read (&intake, &byte, 1) > 0)
    ;
  g_assert (intake.used == intake.got);
  rt_decoder_clear (&decoder);
  rt_stream_reassembly_clear (&intake);
  return 0;
}
