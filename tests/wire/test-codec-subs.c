/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "codec-util.h"

#define S(text) { text, sizeof (text) - 1, 0 }

/* The server-side subscriptions of a connect command and its reply. */

static RtDecodeStatus
next_sub (RtDecoder *decoder, const RtSlice *subs, gsize *position, RtReply *reply)
{
  return rt_codec_json ()->next_sub (decoder, subs, position, reply);
}

static RtDecodeStatus
next_sub_command (RtDecoder *decoder, const RtSlice *subs, gsize *position, RtCommand *command)
{
  return rt_codec_json ()->next_sub_command (decoder, subs, position, command);
}

static const RtPublication missed[] = {
  { .data = S ("{\"n\":0}"), .offset = 8 },
  { .data = S ("null"), .offset = G_MAXUINT64 },
};

static const RtReply results[] = {
  { .kind = RT_REPLY_SUBSCRIBE, .channel = S ("c1"), .expires = TRUE, .ttl = 9, .recoverable = TRUE,
    .epoch = S ("Vntd"), .publications = missed, .n_publications = 2, .recovered = TRUE, .offset = 7,
    .positioned = TRUE, .data = S ("[1]"), .was_recovering = TRUE },
  { .kind = RT_REPLY_SUBSCRIBE, .channel = S ("") },
  { .kind = RT_REPLY_SUBSCRIBE, .channel = S ("a b"), .offset = G_MAXUINT64, .publications = missed,
    .n_publications = 1 },
};
static const char results_text[]
  = "{\"c1\":{\"expires\":true,\"ttl\":9,\"recoverable\":true,\"epoch\":\"Vntd\",\"publications\":"
    "[{\"data\":{\"n\":0},\"offset\":8},{\"data\":null,\"offset\":18446744073709551615}],\"recovered\":true,"
    "\"offset\":7,\"positioned\":true,\"data\":[1],\"was_recovering\":true},\"\":{},"
    "\"a b\":{\"publications\":[{\"data\":{\"n\":0},\"offset\":8}],\"offset\":18446744073709551615}}";

/* Written by a server, read by a client with the frame around it. */
static void
test_results (void)
{
  g_auto (RtBuffer) subs = { NULL };
  g_auto (RtBuffer) out = { NULL };
  RtReply frame = { .kind = RT_REPLY_CONNECT, .id = 1, .client = S ("a") };
  RtDecoder decoder = { NULL };
  gsize position = 0;
  RtReply reply, sub;

  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    rt_codec_json ()->write_sub_reply (&subs, i, &results[i]);
  rt_codec_json ()->write_sub_reply (&subs, G_N_ELEMENTS (results), NULL);
  g_assert_cmpmem (subs.data, subs.len, results_text, sizeof results_text - 1);
  frame.subs = (RtSlice) { (const char *) subs.data, subs.len, 0 };
  rt_codec_json ()->write_reply (&out, &frame);
  rt_decoder_begin (&decoder, (const char *) out.data, out.len);
  g_assert_cmpint (rt_codec_json ()->next_reply (&decoder, &reply), ==, RT_DECODE_ITEM);
  assert_same_reply (&reply, &frame);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_assert_cmpint (next_sub (&decoder, &reply.subs, &position, &sub), ==, RT_DECODE_ITEM);
      assert_same_reply (&sub, &results[i]);
    }
  for (guint i = 0; i < 2; i++)
    g_assert_cmpint (next_sub (&decoder, &reply.subs, &position, &sub), ==, RT_DECODE_END);
  rt_decoder_clear (&decoder);
}

static const RtCommand positions[] = {
  { .kind = RT_COMMAND_SUBSCRIBE, .channel = S ("c1"), .recover = TRUE, .epoch = S ("Vntd"), .offset = G_MAXUINT64 },
  { .kind = RT_COMMAND_SUBSCRIBE, .channel = S ("c2"), .recover = TRUE, .epoch = S ("") },
  { .kind = RT_COMMAND_SUBSCRIBE, .channel = S ("c3") },
};
static const char positions_text[] = "{\"c1\":{\"recover\":true,\"epoch\":\"Vntd\",\"offset\":18446744073709551615},"
                                     "\"c2\":{\"recover\":true,\"epoch\":\"\"},\"c3\":{}}";

/* Written by a client, read by a server. */
static void
test_positions (void)
{
  g_auto (RtBuffer) subs = { NULL };
  g_auto (RtBuffer) out = { NULL };
  RtCommand frame = { .kind = RT_COMMAND_CONNECT, .id = 1 };
  RtDecoder decoder = { NULL };
  gsize position = 0;
  RtCommand command, sub;

  for (guint i = 0; i < G_N_ELEMENTS (positions); i++)
    rt_codec_json ()->write_sub (&subs, i, &positions[i]);
  rt_codec_json ()->write_sub (&subs, G_N_ELEMENTS (positions), NULL);
  g_assert_cmpmem (subs.data, subs.len, positions_text, sizeof positions_text - 1);
  frame.subs = (RtSlice) { (const char *) subs.data, subs.len, 0 };
  rt_codec_json ()->write_command (&out, &frame);
  rt_decoder_begin (&decoder, (const char *) out.data, out.len);
  g_assert_cmpint (rt_codec_json ()->next_command (&decoder, &command), ==, RT_DECODE_ITEM);
  assert_same_command (&command, &frame);
  for (guint i = 0; i < G_N_ELEMENTS (positions); i++)
    {
      g_assert_cmpint (next_sub_command (&decoder, &command.subs, &position, &sub), ==, RT_DECODE_ITEM);
      assert_same_command (&sub, &positions[i]);
    }
  for (guint i = 0; i < 2; i++)
    g_assert_cmpint (next_sub_command (&decoder, &command.subs, &position, &sub), ==, RT_DECODE_END);
  rt_decoder_clear (&decoder);
}

static void
test_none (void)
{
  static const RtSlice absent = { NULL, 0, 0 }, empty = S ("{}"), blank = S ("{ \t}");
  static const RtSlice *const cases[] = { &absent, &empty, &blank };
  g_auto (RtBuffer) replies = { NULL };
  g_auto (RtBuffer) commands = { NULL };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      RtDecoder decoder = { NULL };
      gsize position = 0, command_position = 0;
      RtReply reply;
      RtCommand command;

      g_assert_cmpint (next_sub (&decoder, cases[i], &position, &reply), ==, RT_DECODE_END);
      g_assert_cmpint (next_sub (&decoder, cases[i], &position, &reply), ==, RT_DECODE_END);
      g_assert_cmpint (next_sub_command (&decoder, cases[i], &command_position, &command), ==, RT_DECODE_END);
    }
  rt_codec_json ()->write_sub_reply (&replies, 0, NULL);
  g_assert_cmpmem (replies.data, replies.len, "{}", 2);
  rt_codec_json ()->write_sub (&commands, 0, NULL);
  g_assert_cmpmem (commands.data, commands.len, "{}", 2);
}

/* As other programs may write it. */
static void
test_variants (void)
{
  static const char text[] = "{\"id\":1,\"connect\":{\"client\":\"a\",\"subs\": { \"c\\u0031\\\"\" : { \"later\" : [] , "
                             "\"offset\" : 3 } , \"c2\" :{\"epoch\":null,\"publications\":null} } ,\"ping\":25}}";
  RtDecoder decoder = { NULL };
  g_auto (RtBuffer) out = { NULL };
  gsize position = 0;
  RtReply reply, sub;

  g_assert_cmpint (decode_reply (&decoder, text, &reply), ==, RT_DECODE_ITEM);
  g_assert_cmpuint (reply.ping, ==, 25);
  g_assert_cmpint (next_sub (&decoder, &reply.subs, &position, &sub), ==, RT_DECODE_ITEM);
  g_assert_true (rt_slice_equals (&sub.channel, "c1\""));
  g_assert_cmpuint (sub.offset, ==, 3);
  rt_codec_json ()->write_sub_reply (&out, 0, &sub);
  g_assert_cmpmem (out.data, out.len, "{\"c\\u0031\\\"\":{\"offset\":3}", strlen ("{\"c\\u0031\\\"\":{\"offset\":3}"));
  g_assert_cmpint (next_sub (&decoder, &reply.subs, &position, &sub), ==, RT_DECODE_ITEM);
  g_assert_true (rt_slice_equals (&sub.channel, "c2"));
  g_assert_cmpint (next_sub (&decoder, &reply.subs, &position, &sub), ==, RT_DECODE_END);
  rt_decoder_clear (&decoder);
}

/* A frame is only taken if its subscriptions are all well. */
static void
test_faults (void)
{
  static const struct
  {
    const char *subs;
    const char *member; /* the fault is about, in a reply */
    gboolean command_too;
  } cases[] = {
    { "[]", "subs", TRUE },
    { "7", "subs", TRUE },
    { "\"c\"", "subs", TRUE },
    { "{\"c\":null}", "subs", TRUE },
    { "{\"c\":[]}", "subs", TRUE },
    { "{\"c\":{},\"d\":7}", "subs", TRUE },
    { "{\"c\":{\"offset\":-1}}", "offset", TRUE },
    { "{\"c\":{\"offset\":1,\"offset\":1}}", "offset", TRUE },
    { "{\"c\":{\"epoch\":1}}", "epoch", TRUE },
    { "{\"c\":{},\"d\":{\"epoch\":[]}}", "epoch", TRUE },
    { "{\"c\":{\"recovered\":1}}", "recovered", FALSE },
    { "{\"c\":{\"ttl\":4294967296}}", "ttl", FALSE },
    { "{\"c\":{\"publications\":{}}}", "publications", FALSE },
    { "{\"c\":{\"publications\":[{}]}}", "data", FALSE },
    { "{\"c\":{\"publications\":[{\"data\":1,\"offset\":\"1\"}]}}", "offset", FALSE },
    { "{},\"subs\":{}", "subs", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"id\":1,\"connect\":{\"subs\":%s}}", cases[i].subs);
      RtDecoder decoder = { NULL };
      RtReply reply;
      RtCommand command;

      g_test_message ("%s", text);
      g_assert_cmpint (decode_reply (&decoder, text, &reply), ==, RT_DECODE_FAULT);
      g_assert_cmpint (decoder.fault.kind, ==, RT_JSON_BAD_ENVELOPE);
      g_assert_cmpstr (decoder.fault.member, ==, cases[i].member);
      g_assert_cmpint (decode_command (&decoder, text, &command), ==,
                       cases[i].command_too ? RT_DECODE_FAULT : RT_DECODE_ITEM);
      rt_decoder_clear (&decoder);
    }
}

/* Bytes that were not taken with a frame before are no reason to break either, and a fault stays. */
static void
test_unchecked (void)
{
  static const struct
  {
    const char *subs;
    guint items;
    RtJsonFaultKind kind;
  } cases[] = {
    { "7", 0, RT_JSON_BAD_SYNTAX },
    { "{", 0, RT_JSON_TRUNCATED },
    { "{\"c\"", 0, RT_JSON_TRUNCATED },
    { "{\"c\":{}", 1, RT_JSON_TRUNCATED },
    { "{\"c\":{},", 1, RT_JSON_TRUNCATED },
    { "{\"c\":{},}", 1, RT_JSON_BAD_SYNTAX },
    { "{\"c\":{}}}", 1, RT_JSON_TRAILING },
    { "{\"c\":{}\"d\":{}}", 1, RT_JSON_BAD_SYNTAX },
    { "{\"c\":{},\"d\":[]}", 1, RT_JSON_BAD_ENVELOPE },
    { "{\"\xff\":{}}", 0, RT_JSON_BAD_UTF8 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      RtSlice subs = { cases[i].subs, strlen (cases[i].subs), 0 };
      RtDecoder decoder = { NULL };
      RtDecodeStatus status;
      gsize position = 0;
      guint items = 0;
      RtReply reply;

      while ((status = next_sub (&decoder, &subs, &position, &reply)) == RT_DECODE_ITEM)
        items++;
      g_assert_cmpuint (items, ==, cases[i].items);
      g_assert_cmpint (status, ==, RT_DECODE_FAULT);
      g_assert_cmpint (decoder.fault.kind, ==, cases[i].kind);
      g_assert_cmpuint (decoder.fault.offset, <=, subs.len);
      g_assert_cmpint (next_sub (&decoder, &subs, &position, &reply), ==, RT_DECODE_FAULT);
      rt_decoder_clear (&decoder);
    }
}

/* As many channels as are accepted, and one more; the memory is that of a single entry. */
static void
test_many (void)
{
  g_autoptr (GString) text = g_string_new ("{\"id\":1,\"connect\":{\"subs\":{");
  RtDecoder decoder = { NULL };
  gsize position = 0;
  guint items = 0;
  RtReply reply, sub;
  RtCommand command;

  for (guint i = 0; i < RT_PROTOCOL_MAX_ITEMS; i++)
    g_string_append_printf (text, "%s\"%u\":{\"publications\":[{\"data\":1}]}", i > 0 ? "," : "", i);
  g_autofree char *most = g_strconcat (text->str, "}}}", NULL);
  g_autofree char *too_many = g_strconcat (text->str, ",\"x\":{}}}}", NULL);
  g_assert_cmpint (decode_command (&decoder, most, &command), ==, RT_DECODE_ITEM);
  g_assert_cmpint (decode_reply (&decoder, most, &reply), ==, RT_DECODE_ITEM);
  for (; next_sub (&decoder, &reply.subs, &position, &sub) == RT_DECODE_ITEM; items++)
    g_assert_cmpuint (sub.n_publications, ==, 1);
  g_assert_cmpuint (items, ==, RT_PROTOCOL_MAX_ITEMS);
  g_assert_cmpuint (decoder.publications_capacity, <=, 8);
  g_assert_cmpint (decode_reply (&decoder, too_many, &reply), ==, RT_DECODE_FAULT);
  g_assert_cmpint (decoder.fault.kind, ==, RT_JSON_BAD_ENVELOPE);
  g_assert_cmpint (decode_command (&decoder, too_many, &command), ==, RT_DECODE_FAULT);
  rt_decoder_clear (&decoder);
}

/* The publications of one entry are bounded like those of a reply. */
static void
test_many_publications (void)
{
  g_autoptr (GString) text = g_string_new ("{\"id\":1,\"connect\":{\"subs\":{\"c\":{\"publications\":[");
  RtDecoder decoder = { NULL };
  RtReply reply;

  for (guint i = 0; i <= RT_PROTOCOL_MAX_ITEMS; i++)
    g_string_append_printf (text, "%s{\"data\":1}", i > 0 ? "," : "");
  g_string_append (text, "]}}}}");
  g_assert_cmpint (decode_reply (&decoder, text->str, &reply), ==, RT_DECODE_FAULT);
  g_assert_cmpint (decoder.fault.kind, ==, RT_JSON_BAD_ENVELOPE);
  g_assert_cmpuint (decoder.publications_capacity, <=, RT_PROTOCOL_MAX_ITEMS);
  rt_decoder_clear (&decoder);
}

/* The deepest data that a server takes comes back here as well, and nothing deeper. */
static void
test_depth (void)
{
  for (guint more = 0; more < 2; more++)
    {
      g_autofree char *open = g_strnfill (RT_JSON_MAX_PAYLOAD_DEPTH + more, '[');
      g_autofree char *close = g_strnfill (RT_JSON_MAX_PAYLOAD_DEPTH + more, ']');
      g_autofree char *text = g_strconcat ("{\"id\":1,\"connect\":{\"subs\":{\"c\":{\"publications\":[{\"data\":",
                                           open, close, "}]}},\"data\":[]}}", NULL);
      RtDecoder decoder = { NULL };
      gsize position = 0;
      RtReply reply, sub;

      g_assert_cmpint (decode_reply (&decoder, text, &reply), ==, more == 0 ? RT_DECODE_ITEM : RT_DECODE_FAULT);
      if (more == 0)
        {
          g_assert_cmpint (next_sub (&decoder, &reply.subs, &position, &sub), ==, RT_DECODE_ITEM);
          g_assert_true (rt_json_check_payload (sub.publications[0].data.data, sub.publications[0].data.len, NULL));
        }
      else
        g_assert_cmpint (decoder.fault.kind, ==, RT_JSON_TOO_DEEP);
      rt_decoder_clear (&decoder);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Codec/subs/results", test_results);
  g_test_add_func ("/Rt/Codec/subs/positions", test_positions);
  g_test_add_func ("/Rt/Codec/subs/none", test_none);
  g_test_add_func ("/Rt/Codec/subs/variants", test_variants);
  g_test_add_func ("/Rt/Codec/subs/faults", test_faults);
  g_test_add_func ("/Rt/Codec/subs/unchecked", test_unchecked);
  g_test_add_func ("/Rt/Codec/subs/many", test_many);
  g_test_add_func ("/Rt/Codec/subs/many-publications", test_many_publications);
  g_test_add_func ("/Rt/Codec/subs/depth", test_depth);
  return g_test_run ();
}
