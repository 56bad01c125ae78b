/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"
#include "rt-codec.h"

/* Any bytes, as everything that reads bytes of a peer. Beside not breaking, what was accepted must hold what is
 * promised of it: frames are JSON, texts are text, and what is written from them is read as the same again. */

static void
touch (const RtSlice *slice, const guint8 *data, gsize size)
{
  if (slice->data == NULL)
    return;
  g_assert (slice->data >= (const char *) data && slice->data + slice->len <= (const char *) data + size);
  g_autofree char *text = rt_json_unescape (slice);
  if (text != NULL)
    g_assert (rt_slice_equals (slice, text));
}

static void
assert_text (const RtSlice *slice)
{
  g_autofree char *text = rt_json_unescape (slice);

  g_assert (slice->data == NULL || (text != NULL && g_utf8_validate (text, -1, NULL)));
}

static void
count_pair (const char *key, const char *value, gpointer user_data)
{
  ++*(guint *) user_data;
}

static void
check_envelope (const RtEnvelope *envelope)
{
  guint n = 0;

  if (!envelope->marked)
    return;
  assert_text (&envelope->id);
  assert_text (&envelope->source);
  assert_text (&envelope->sender);
  assert_text (&envelope->type);
  g_assert (envelope->metadata.data == NULL || rt_json_each_pair (&envelope->metadata, count_pair, &n));
  g_assert (envelope->tags.data == NULL || rt_json_each_pair (&envelope->tags, count_pair, &n));
  g_assert (envelope->priority <= 3 && envelope->timestamp >= 0);
  g_auto (RtBuffer) out = { NULL };
  rt_envelope_write (&out, envelope);
  g_assert (rt_json_check ((const char *) out.data, out.len, NULL));
}

/* They were read with their frame, so each is well; and each is written as one that is read the same. */
static void
check_reply_subs (RtDecoder *decoder, const RtReply *reply, const guint8 *data, gsize size)
{
  gsize position = 0;
  RtReply entry;

  touch (&reply->subs, data, size);
  while (rt_codec_json ()->next_sub (decoder, &reply->subs, &position, &entry) == RT_DECODE_ITEM)
    {
      g_auto (RtBuffer) out = { NULL };
      RtDecoder other = { NULL };
      gsize other_position = 0;
      RtReply again;

      touch (&entry.channel, data, size);
      touch (&entry.epoch, data, size);
      rt_codec_json ()->write_sub_reply (&out, 0, &entry);
      rt_codec_json ()->write_sub_reply (&out, 1, NULL);
      RtSlice written = { (const char *) out.data, out.len, 0 };
      g_assert (rt_codec_json ()->next_sub (&other, &written, &other_position, &again) == RT_DECODE_ITEM);
      g_assert (again.n_publications == entry.n_publications && again.offset == entry.offset);
      g_assert (rt_codec_json ()->next_sub (&other, &written, &other_position, &again) == RT_DECODE_END);
      rt_decoder_clear (&other);
    }
  g_assert (decoder->fault.kind == RT_JSON_OK);
}

static void
check_command_subs (RtDecoder *decoder, const RtCommand *command, const guint8 *data, gsize size)
{
  g_auto (RtBuffer) out = { NULL };
  gsize position = 0, again_position = 0;
  RtCommand entry, again;
  guint n = 0;

  touch (&command->subs, data, size);
  while (rt_codec_json ()->next_sub_command (decoder, &command->subs, &position, &entry) == RT_DECODE_ITEM)
    {
      touch (&entry.channel, data, size);
      rt_codec_json ()->write_sub (&out, n++, &entry);
    }
  g_assert (decoder->fault.kind == RT_JSON_OK);
  rt_codec_json ()->write_sub (&out, n, NULL);
  RtSlice written = { (const char *) out.data, out.len, 0 };
  while (rt_codec_json ()->next_sub_command (decoder, &written, &again_position, &again) == RT_DECODE_ITEM)
    n--;
  g_assert (n == 0 && decoder->fault.kind == RT_JSON_OK);
}

static void
check_reply (const RtReply *reply, const guint8 *data, gsize size)
{
  g_auto (RtBuffer) out = { NULL };
  RtDecoder decoder = { NULL };
  RtReply again;

  touch (&reply->channel, data, size);
  touch (&reply->reason, data, size);
  for (guint i = 0; i < reply->n_publications; i++)
    {
      touch (&reply->publications[i].data, data, size);
      check_envelope (&reply->publications[i].envelope);
      rt_json_check_payload (reply->publications[i].data.data, reply->publications[i].data.len, NULL);
    }
  for (guint i = 0; i < reply->n_members; i++)
    touch (&reply->members[i].client, data, size);
  if (reply->kind == RT_REPLY_UNKNOWN)
    return;
  rt_codec_json ()->write_reply (&out, reply);
  rt_decoder_begin (&decoder, (const char *) out.data, out.len);
  g_assert (rt_codec_json ()->next_reply (&decoder, &again) == RT_DECODE_ITEM);
  g_assert (again.kind == reply->kind && again.id == (reply->kind < RT_PUSH_PUBLICATION ? reply->id : 0));
  g_assert (again.n_publications == reply->n_publications && again.offset == reply->offset);
  rt_decoder_clear (&decoder);
}

static void
check_command (const RtCommand *command, const guint8 *data, gsize size)
{
  g_auto (RtBuffer) out = { NULL };
  RtDecoder decoder = { NULL };
  RtCommand again;

  touch (&command->channel, data, size);
  touch (&command->token, data, size);
  if (command->kind == RT_COMMAND_UNKNOWN)
    return;
  rt_codec_json ()->write_command (&out, command);
  rt_decoder_begin (&decoder, (const char *) out.data, out.len);
  g_assert (rt_codec_json ()->next_command (&decoder, &again) == RT_DECODE_ITEM);
  g_assert (again.kind == command->kind && again.id == command->id && again.offset == command->offset);
  rt_decoder_clear (&decoder);
}

static void
decode_all (const guint8 *data, gsize size)
{
  RtDecoder decoder = { NULL };
  RtReply reply;
  RtCommand command;

  rt_decoder_begin (&decoder, (const char *) data, size);
  while (rt_codec_json ()->next_reply (&decoder, &reply) == RT_DECODE_ITEM)
    {
      check_reply (&reply, data, size);
      check_reply_subs (&decoder, &reply, data, size);
    }
  g_assert (decoder.fault.offset <= size);
  rt_decoder_begin (&decoder, (const char *) data, size);
  while (rt_codec_json ()->next_command (&decoder, &command) == RT_DECODE_ITEM)
    {
      check_command (&command, data, size);
      check_command_subs (&decoder, &command, data, size);
    }
  g_assert (decoder.fault.offset <= size);
  rt_decoder_clear (&decoder);
}

static void
check_grammar (const guint8 *data, gsize size)
{
  RtJsonFault fault, payload_fault;
  gboolean valid = rt_json_check ((const char *) data, size, &fault);
  gboolean payload = rt_json_check_payload ((const char *) data, size, &payload_fault);

  g_assert (valid == (fault.kind == RT_JSON_OK) && fault.offset <= size);
  g_assert (payload == (payload_fault.kind == RT_JSON_OK) && payload_fault.offset <= size);
  g_assert (valid || !payload);
  g_assert (!valid || g_utf8_validate ((const char *) data, size, NULL));
}

static void
check_text (const guint8 *data, gsize size)
{
  RtSlice slice = { (const char *) data, size, RT_SLICE_ESCAPED };
  guint n = 0;
  g_autofree char *text = rt_json_unescape (&slice);

  /* No grammar lets a NUL into a string; here one may be. */
  if (text != NULL && memchr (data, '\0', size) == NULL)
    g_assert (rt_slice_equals (&slice, text));
  rt_json_each_pair (&slice, count_pair, &n);
  /* FALSE for a NUL too. */
  if (!g_utf8_validate ((const char *) data, size, NULL))
    return;
  g_auto (RtBuffer) out = { NULL };
  rt_json_put_string (&out, (const char *) data, size);
  RtSlice written = { (const char *) out.data + 1, out.len - 2, RT_SLICE_ESCAPED };
  g_autofree char *back = rt_json_unescape (&written);
  g_assert (back != NULL && strlen (back) == size && memcmp (back, data, size) == 0);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  check_grammar (data, size);
  decode_all (data, size);
  if (size > 0)
    check_text (data, size);
  return 0;
}
