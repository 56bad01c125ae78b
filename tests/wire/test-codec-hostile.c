/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "codec-util.h"

/* Frames as they come, one a line; what is done to them here must never be taken for something it is not, nor make
 * the decoder read outside of the message, which is copied to exactly its size for that. */
static const char *const replies[] = {
  "{}",
  "{\"id\":1,\"connect\":{\"client\":\"a011cd8a\",\"data\":{\"hello\":1},\"ping\":25,\"pong\":true}}",
  "{\"id\":14,\"subscribe\":{\"recoverable\":true,\"epoch\":\"Vntd\",\"publications\":[{\"data\":{\"n\":0},\"info\":"
  "{\"user\":\"bob\",\"client\":\"x\"},\"offset\":2,\"tags\":{\"k\":\"v\"}},{\"data\":[true,false,null]}],"
  "\"recovered\":true,\"offset\":1,\"positioned\":true,\"was_recovering\":true}}",
  "{\"push\":{\"channel\":\"c\\u00e91\",\"pub\":{\"data\":{\"$rt\":1,\"id\":\"123\",\"src\":\"0123456789abcdef\","
  "\"ts\":1700000000000000,\"from\":\"bob\",\"type\":\"text\",\"text\":\"h\xc3\xa9llo \\uD83C\\uDF0D\",\"prio\":2,"
  "\"meta\":{\"a\":\"b\"}},\"info\":{\"user\":\"bob\"},\"offset\":1}}}",
  "{\"id\":4,\"presence\":{\"presence\":{\"c-1\":{\"user\":\"alice\",\"client\":\"c-1\",\"conn_info\":{}}}}}",
  "{\"id\":3,\"error\":{\"code\":103,\"message\":\"permission denied\",\"temporary\":true}}",
  ("{\"id\":1,\"connect\":{\"client\":\"a\",\"subs\":{\"c1\":{\"recoverable\":true,\"epoch\":\"V\",\"publications\":"
   "[{\"data\":{\"n\":0},\"offset\":2}],\"offset\":1},\"c2\":{}},\"session\":\"s\",\"node\":\"n\"}}"),
  "{\"push\":{\"disconnect\":{\"code\":3001,\"reason\":\"shutdown\",\"spread\":5000}}}",
  "{\"push\":{\"channel\":\"c1\",\"join\":{\"info\":{\"user\":\"bob\",\"client\":\"c\"}}}}",
};

static const char *const commands[] = {
  "{\"id\":1,\"connect\":{\"token\":\"key\",\"name\":\"rt\",\"headers\":{\"a\":\"b\"},\"rt\":{\"user\":\"bob\"}}}",
  "{\"id\":2,\"subscribe\":{\"channel\":\"c1\",\"recover\":true,\"epoch\":\"Vntd\",\"offset\":1}}",
  "{\"id\":3,\"publish\":{\"channel\":\"c1\",\"data\":{\"text\":\"h\xc3\xa9 \\n\"},\"idem\":\"77\"}}",
  "{\"id\":1,\"connect\":{\"subs\":{\"c1\":{\"recover\":true,\"epoch\":\"V\",\"offset\":7},\"c2\":{}}}}",
  "{\"id\":6,\"history\":{\"channel\":\"c1\",\"limit\":-1,\"since\":{\"offset\":1,\"epoch\":\"V\"}}}",
};

/* Goes through a whole message, in a copy of exactly its size, and reads each byte that is handed out. */
static void
touch (const RtSlice *slice, const char *begin, gsize len)
{
  if (slice->data == NULL)
    return;
  g_assert_true (slice->data >= begin && slice->data + slice->len <= begin + len);
  g_autofree char *text = rt_json_unescape (slice);
  g_assert_true (text != NULL || slice->flags == RT_SLICE_ESCAPED);
}

static void
touch_publication (const RtPublication *publication, const char *begin, gsize len)
{
  const RtEnvelope *envelope = &publication->envelope;

  touch (&publication->data, begin, len);
  g_assert_true (rt_json_check (publication->data.data, publication->data.len, NULL));
  touch (&publication->tags, begin, len);
  touch (&publication->info.user, begin, len);
  if (!envelope->marked)
    return;
  touch (&envelope->id, begin, len);
  touch (&envelope->source, begin, len);
  touch (&envelope->sender, begin, len);
  touch (&envelope->type, begin, len);
  touch (&envelope->body, begin, len);
  touch (&envelope->metadata, begin, len);
}

/* What was taken with its frame can be taken entry by entry, too. */
static void
touch_reply (RtDecoder *decoder, const RtReply *reply, const char *begin, gsize len)
{
  RtDecodeStatus status;
  gsize position = 0;
  RtReply sub;

  for (guint i = 0; i < reply->n_publications; i++)
    touch_publication (&reply->publications[i], begin, len);
  touch (&reply->subs, begin, len);
  while ((status = rt_codec_json ()->next_sub (decoder, &reply->subs, &position, &sub)) == RT_DECODE_ITEM)
    {
      touch (&sub.channel, begin, len);
      touch (&sub.epoch, begin, len);
      for (guint i = 0; i < sub.n_publications; i++)
        touch_publication (&sub.publications[i], begin, len);
    }
  g_assert_cmpint (status, ==, RT_DECODE_END);
}

static void
touch_command (RtDecoder *decoder, const RtCommand *command, const char *begin, gsize len)
{
  RtDecodeStatus status;
  gsize position = 0;
  RtCommand sub;

  touch (&command->channel, begin, len);
  touch (&command->subs, begin, len);
  while ((status = rt_codec_json ()->next_sub_command (decoder, &command->subs, &position, &sub)) == RT_DECODE_ITEM)
    {
      touch (&sub.channel, begin, len);
      touch (&sub.epoch, begin, len);
    }
  g_assert_cmpint (status, ==, RT_DECODE_END);
}

static RtDecodeStatus
decode_all (const char *message, gsize len, gboolean as_commands, guint *items)
{
  g_autofree char *copy = g_memdup2 (message, len);
  RtDecoder decoder = { NULL };
  RtDecodeStatus status;

  *items = 0;
  rt_decoder_begin (&decoder, copy, len);
  for (;; ++*items)
    {
      RtReply reply;
      RtCommand command;

      status = as_commands ? rt_codec_json ()->next_command (&decoder, &command)
                           : rt_codec_json ()->next_reply (&decoder, &reply);
      if (status != RT_DECODE_ITEM)
        break;
      if (as_commands)
        touch_command (&decoder, &command, copy, len);
      else
        touch_reply (&decoder, &reply, copy, len);
    }
  if (status == RT_DECODE_FAULT)
    {
      g_assert_cmpint (decoder.fault.kind, !=, RT_JSON_OK);
      g_assert_nonnull (decoder.fault.text);
      g_assert_cmpuint (decoder.fault.offset, <=, len);
    }
  rt_decoder_clear (&decoder);
  return status;
}

/* The start of a frame is none, also behind a whole one. */
static void
check_truncated (const char *frame, gboolean as_commands)
{
  g_autofree char *two = g_strconcat (frame, "\n", frame, NULL);
  gsize len = strlen (frame);
  guint items;

  for (gsize cut = 1; cut < len; cut++)
    {
      g_assert_cmpint (decode_all (frame, cut, as_commands, &items), ==, RT_DECODE_FAULT);
      g_assert_cmpuint (items, ==, 0);
      g_assert_cmpint (decode_all (two, len + 1 + cut, as_commands, &items), ==, RT_DECODE_FAULT);
      g_assert_cmpuint (items, ==, 1);
    }
  g_assert_cmpint (decode_all (two, len + 1, as_commands, &items), ==, RT_DECODE_END);
  g_assert_cmpuint (items, ==, 1);
  g_assert_cmpint (decode_all (two, strlen (two), as_commands, &items), ==, RT_DECODE_END);
  g_assert_cmpuint (items, ==, 2);
}

static void
test_truncated (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    check_truncated (replies[i], FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    check_truncated (commands[i], TRUE);
}

/* A frame is one only if it is JSON: no byte that breaks the grammar is overlooked. */
static void
check_byte_changes (const char *frame, gboolean as_commands)
{
  gsize len = strlen (frame);
  g_autofree char *changed = g_strdup (frame);
  static const guint8 bytes[] = { 0x00, 0x1f, ' ', '"', '\\', '0', ',', ':', '{', '}', '[', ']', 'x', 0x80, 0xff };

  for (gsize place = 0; place < len; place++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (bytes); i++)
        {
          guint items;

          changed[place] = bytes[i];
          RtDecodeStatus status = decode_all (changed, len, as_commands, &items);
          if (!rt_json_check (changed, len, NULL))
            g_assert_cmpint (status, ==, RT_DECODE_FAULT);
        }
      changed[place] = frame[place];
    }
}

static void
test_byte_changes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    check_byte_changes (replies[i], FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    check_byte_changes (commands[i], TRUE);
}

/* Cuts, copies and changes at random places. */
static void
mutate (GString *text)
{
  static const char *const pieces[] = {
    "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u00", "\\uD800", "null", "1e9", "-", "\n", "\xc3", "\xff", "$rt",
    "\"id\":1,",
  };
  gsize place = g_test_rand_int_range (0, text->len + 1);
  gsize len = g_test_rand_int_range (1, 17);

  len = MIN (len, text->len - place);
  switch (g_test_rand_int_range (0, 4))
    {
    case 0:
      g_string_insert (text, place, pieces[g_test_rand_int_range (0, G_N_ELEMENTS (pieces))]);
      break;
    case 1:
      g_string_erase (text, place, len);
      break;
    case 2:
      if (place < text->len)
        text->str[place] ^= 1 << g_test_rand_int_range (0, 8);
      break;
    default:
      {
        g_autofree char *copy = g_strndup (text->str + place, len);
        g_string_insert_len (text, g_test_rand_int_range (0, text->len + 1), copy, len);
      }
    }
}

static void
test_mutations (void)
{
  guint accepted = 0;

  for (guint round = 0; round < 40000; round++)
    {
      gboolean as_commands = round % 3 == 0;
      const char *frame = as_commands ? commands[round / 3 % G_N_ELEMENTS (commands)]
                                      : replies[round % G_N_ELEMENTS (replies)];
      g_autoptr (GString) text = g_string_new (frame);
      guint items;

      for (int n = g_test_rand_int_range (1, 5); n > 0; n--)
        mutate (text);
      RtDecodeStatus status = decode_all (text->str, text->len, as_commands, &items);
      gboolean one_line = memchr (text->str, '\n', text->len) == NULL;
      if (status == RT_DECODE_END && one_line && items == 1)
        {
          g_assert_true (rt_json_check (text->str, text->len, NULL));
          accepted++;
        }
      rt_json_check_payload (text->str, text->len, NULL);
    }
  /* Some survive, or nothing was tried but the first byte. */
  g_assert_cmpuint (accepted, >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Codec/hostile/truncated", test_truncated);
  g_test_add_func ("/Rt/Codec/hostile/byte-changes", test_byte_changes);
  g_test_add_func ("/Rt/Codec/hostile/mutations", test_mutations);
  return g_test_run ();
}
