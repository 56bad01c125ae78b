/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "codec-util.h"

#define S(text) { text, sizeof (text) - 1, 0 }

/* Each kind with all its members, and how it is written. */
static const struct
{
  const char *text;
  RtCommand command;
} commands[] = {
  { "{}", { .kind = RT_COMMAND_PONG } },
  { "{\"id\":1,\"connect\":{\"token\":\"key\",\"data\":{\"app\":1},\"name\":\"rt\",\"version\":\"1.0\","
    "\"headers\":{\"a\":\"b\"},\"rt\":{\"user\":\"bob\"}}}",
    { .kind = RT_COMMAND_CONNECT, .id = 1, .token = S ("key"), .data = S ("{\"app\":1}"), .name = S ("rt"),
      .version = S ("1.0"), .headers = S ("{\"a\":\"b\"}"), .user = S ("bob") } },
  { "{\"id\":1,\"connect\":{\"subs\":{\"c\":{\"recover\":true}},\"name\":\"rt\"}}",
    { .kind = RT_COMMAND_CONNECT, .id = 1, .subs = S ("{\"c\":{\"recover\":true}}"), .name = S ("rt") } },
  { "{\"id\":1,\"connect\":{}}", { .kind = RT_COMMAND_CONNECT, .id = 1 } },
  { "{\"id\":2,\"subscribe\":{\"channel\":\"c1\",\"token\":\"t\",\"data\":{},\"recover\":true,\"epoch\":\"Vntd\","
    "\"offset\":18446744073709551615,\"positioned\":true,\"recoverable\":true,\"join_leave\":true,"
    "\"flag\":2}}",
    { .kind = RT_COMMAND_SUBSCRIBE, .id = 2, .channel = S ("c1"), .token = S ("t"), .data = S ("{}"),
      .recover = TRUE, .epoch = S ("Vntd"), .offset = G_MAXUINT64, .positioned = TRUE, .recoverable = TRUE,
      .join_leave = TRUE, .flag = RT_SUBSCRIBE_FLAG_REJECT_UNRECOVERED } },
  { "{\"id\":2,\"subscribe\":{\"channel\":\"c1\"}}",
    { .kind = RT_COMMAND_SUBSCRIBE, .id = 2, .channel = S ("c1") } },
  { "{\"id\":13,\"unsubscribe\":{\"channel\":\"c1\"}}",
    { .kind = RT_COMMAND_UNSUBSCRIBE, .id = 13, .channel = S ("c1") } },
  { "{\"id\":3,\"publish\":{\"channel\":\"c1\",\"data\":{\"text\":\"hi\"},\"idem\":\"77\"}}",
    { .kind = RT_COMMAND_PUBLISH, .id = 3, .channel = S ("c1"), .data = S ("{\"text\":\"hi\"}"),
      .idem = S ("77") } },
  { "{\"id\":3,\"publish\":{\"channel\":\"c1\",\"data\":null}}",
    { .kind = RT_COMMAND_PUBLISH, .id = 3, .channel = S ("c1"), .data = S ("null") } },
  { "{\"id\":4294967295,\"presence\":{\"channel\":\"c1\"}}",
    { .kind = RT_COMMAND_PRESENCE, .id = G_MAXUINT32, .channel = S ("c1") } },
  { "{\"id\":5,\"presence_stats\":{\"channel\":\"c1\"}}",
    { .kind = RT_COMMAND_PRESENCE_STATS, .id = 5, .channel = S ("c1") } },
  { "{\"id\":6,\"history\":{\"channel\":\"c1\",\"limit\":10,\"since\":{\"offset\":1,\"epoch\":\"Vntd\"},"
    "\"reverse\":true}}",
    { .kind = RT_COMMAND_HISTORY, .id = 6, .channel = S ("c1"), .limit = 10, .has_since = TRUE, .offset = 1,
      .epoch = S ("Vntd"), .reverse = TRUE } },
  { "{\"id\":6,\"history\":{\"channel\":\"c1\",\"limit\":-1,\"since\":{}}}",
    { .kind = RT_COMMAND_HISTORY, .id = 6, .channel = S ("c1"), .limit = -1, .has_since = TRUE } },
  { "{\"id\":6,\"history\":{\"channel\":\"c1\",\"limit\":-2147483648}}",
    { .kind = RT_COMMAND_HISTORY, .id = 6, .channel = S ("c1"), .limit = G_MININT32 } },
  { "{\"id\":7,\"rpc\":{\"data\":{\"x\":1},\"method\":\"echo\"}}",
    { .kind = RT_COMMAND_RPC, .id = 7, .data = S ("{\"x\":1}"), .method = S ("echo") } },
  { "{\"send\":{\"data\":{\"m\":1}}}", { .kind = RT_COMMAND_SEND, .data = S ("{\"m\":1}") } },
  { "{\"id\":20,\"refresh\":{\"token\":\"new\"}}",
    { .kind = RT_COMMAND_REFRESH, .id = 20, .token = S ("new") } },
  { "{\"id\":21,\"sub_refresh\":{\"channel\":\"c\",\"token\":\"new\"}}",
    { .kind = RT_COMMAND_SUB_REFRESH, .id = 21, .channel = S ("c"), .token = S ("new") } },
  { "{\"id\":22,\"presence_set\":{\"channel\":\"c\",\"data\":{\"at\":\"desk\"}}}",
    { .kind = RT_COMMAND_PRESENCE_SET, .id = 22, .channel = S ("c"), .data = S ("{\"at\":\"desk\"}") } },
  { "{\"id\":9}", { .kind = RT_COMMAND_UNKNOWN, .id = 9 } },
};

static void
test_round_trip (void)
{
  guint seen = 0;

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_auto (RtBuffer) out = { NULL };
      RtDecoder decoder = { NULL };
      RtCommand command;

      rt_codec_json ()->write_command (&out, &commands[i].command);
      g_assert_cmpmem (out.data, out.len, commands[i].text, strlen (commands[i].text));
      g_assert_true (rt_json_check ((const char *) out.data, out.len, NULL));
      g_assert_cmpint (decode_command (&decoder, commands[i].text, &command), ==, RT_DECODE_ITEM);
      assert_same_command (&command, &commands[i].command);
      rt_decoder_clear (&decoder);
      seen |= 1u << command.kind;
    }
  /* Every kind was there. */
  g_assert_cmpuint (seen, ==, (1u << (RT_COMMAND_UNKNOWN + 1)) - 1);
}

/* What is given as text is escaped; what was decoded escaped is put as it was. */
static void
test_escapes (void)
{
  RtCommand command = { .kind = RT_COMMAND_PUBLISH, .id = 1, .channel = S ("a\"b\\c\nd\xc3\xa9"), .data = S ("1") };
  static const char text[] = "{\"id\":1,\"publish\":{\"channel\":\"a\\\"b\\\\c\\nd\xc3\xa9\",\"data\":1}}";
  g_auto (RtBuffer) out = { NULL };
  RtDecoder decoder = { NULL };
  RtCommand back;

  rt_codec_json ()->write_command (&out, &command);
  g_assert_cmpmem (out.data, out.len, text, sizeof text - 1);
  g_assert_cmpint (decode_command (&decoder, text, &back), ==, RT_DECODE_ITEM);
  g_assert_cmpuint (back.channel.flags, ==, RT_SLICE_ESCAPED);
  g_assert_true (rt_slice_equals (&back.channel, command.channel.data));
  out.len = 0;
  rt_codec_json ()->write_command (&out, &back);
  g_assert_cmpmem (out.data, out.len, text, sizeof text - 1);
  rt_decoder_clear (&decoder);
}

static void
test_kinds (void)
{
  static const struct
  {
    const char *text;
    RtCommandKind kind;
    guint32 id;
  } cases[] = {
    { " { } ", RT_COMMAND_PONG, 0 },
    { "{\"id\":4}", RT_COMMAND_UNKNOWN, 4 },
    { "{\"id\":4,\"ping\":{}}", RT_COMMAND_UNKNOWN, 4 },
    { "{\"whatever\":{}}", RT_COMMAND_UNKNOWN, 0 },
    { "{\"id\":null}", RT_COMMAND_UNKNOWN, 0 },
    /* The server decides about a command without an id. */
    { "{\"publish\":{\"channel\":\"c\"}}", RT_COMMAND_PUBLISH, 0 },
    { "{\"id\":0,\"connect\":{}}", RT_COMMAND_CONNECT, 0 },
    { "{\"\\u0069d\":4,\"conn\\u0065ct\":{\"x\":[]}}", RT_COMMAND_CONNECT, 4 },
    { "{\"id\":2,\"subscribe\":{\"channel\":\"c\",\"flag\":2,\"delta\":\"fossil\"}}", RT_COMMAND_SUBSCRIBE, 2 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      RtDecoder decoder = { NULL };
      RtCommand command;

      g_assert_cmpint (decode_command (&decoder, cases[i].text, &command), ==, RT_DECODE_ITEM);
      g_assert_cmpint (command.kind, ==, cases[i].kind);
      g_assert_cmpuint (command.id, ==, cases[i].id);
      rt_decoder_clear (&decoder);
    }
}

static const struct
{
  const char *text;
  const char *member; /* the fault is about */
} faults[] = {
  { "[]", NULL },
  { "5", NULL },
  { "{\"id\":1,\"id\":2}", "id" },
  { "{\"id\":-1}", "id" },
  { "{\"id\":1.0}", "id" },
  { "{\"id\":4294967296}", "id" },
  { "{\"id\":\"1\"}", "id" },
  { "{\"id\":1,\"connect\":{},\"publish\":{}}", "publish" },
  { "{\"id\":1,\"connect\":{},\"connect\":{}}", "connect" },
  { "{\"id\":1,\"connect\":5}", "connect" },
  { "{\"id\":1,\"connect\":{\"token\":5}}", "token" },
  { "{\"id\":1,\"connect\":{\"token\":\"a\",\"tok\\u0065n\":\"b\"}}", "token" },
  { "{\"id\":1,\"connect\":{\"headers\":[]}}", "headers" },
  { "{\"id\":1,\"connect\":{\"headers\":{\"a\":1}}}", "headers" },
  { "{\"id\":1,\"connect\":{\"rt\":7}}", "rt" },
  { "{\"id\":1,\"connect\":{\"rt\":{\"user\":7}}}", "user" },
  { "{\"id\":1,\"subscribe\":{\"channel\":[]}}", "channel" },
  { "{\"id\":1,\"subscribe\":{\"recover\":\"yes\"}}", "recover" },
  { "{\"id\":1,\"subscribe\":{\"offset\":-1}}", "offset" },
  { "{\"id\":1,\"subscribe\":{\"offset\":18446744073709551616}}", "offset" },
  { "{\"id\":1,\"history\":{\"limit\":2147483648}}", "limit" },
  { "{\"id\":1,\"history\":{\"limit\":-2147483649}}", "limit" },
  { "{\"id\":1,\"history\":{\"limit\":-18446744073709551615}}", "limit" },
  { "{\"id\":1,\"history\":{\"limit\":1e1}}", "limit" },
  { "{\"id\":1,\"history\":{\"since\":[]}}", "since" },
  { "{\"id\":1,\"history\":{\"since\":{\"epoch\":1}}}", "epoch" },
  { "{\"id\":1,\"rpc\":{\"method\":{}}}", "method" },
  { "{\"id\":1,\"subscribe\":{\"flag\":-1}}", "flag" },
  { "{\"id\":1,\"subscribe\":{\"flag\":4294967296}}", "flag" },
  { "{\"id\":1,\"presence_set\":{\"channel\":7}}", "channel" },
  { "{\"id\":1,\"presence_set\":[]}", "presence_set" },
};

static void
test_faults (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      RtDecoder decoder = { NULL };
      RtCommand command;

      g_test_message ("%s", faults[i].text);
      g_assert_cmpint (decode_command (&decoder, faults[i].text, &command), ==, RT_DECODE_FAULT);
      g_assert_cmpint (decoder.fault.kind, ==, RT_JSON_BAD_ENVELOPE);
      g_assert_cmpstr (decoder.fault.member, ==, faults[i].member);
      g_assert_cmpint (rt_codec_json ()->next_command (&decoder, &command), ==, RT_DECODE_FAULT);
      rt_decoder_clear (&decoder);
    }
}

static void
test_lines (void)
{
  static const char text[] = "{\"id\":1,\"connect\":{}}\n\n{\"id\":2,\"subscribe\":{\"channel\":\"c\"}}\r\n{}\n";
  static const RtCommandKind kinds[] = { RT_COMMAND_CONNECT, RT_COMMAND_SUBSCRIBE, RT_COMMAND_PONG };
  RtDecoder decoder = { NULL };
  RtCommand command;

  rt_decoder_begin (&decoder, text, sizeof text - 1);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_assert_cmpint (rt_codec_json ()->next_command (&decoder, &command), ==, RT_DECODE_ITEM);
      g_assert_cmpint (command.kind, ==, kinds[i]);
    }
  g_assert_cmpint (rt_codec_json ()->next_command (&decoder, &command), ==, RT_DECODE_END);
  rt_decoder_clear (&decoder);
}

static void
test_table (void)
{
  const RtCodec *codec = rt_codec_json ();

  g_assert_cmpstr (codec->name, ==, "json");
  g_assert_true (codec->is_text);
  g_assert_cmpstr (codec->separator, ==, "\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Codec/table", test_table);
  g_test_add_func ("/Rt/Codec/command/round-trip", test_round_trip);
  g_test_add_func ("/Rt/Codec/command/escapes", test_escapes);
  g_test_add_func ("/Rt/Codec/command/kinds", test_kinds);
  g_test_add_func ("/Rt/Codec/command/faults", test_faults);
  g_test_add_func ("/Rt/Codec/command/lines", test_lines);
  return g_test_run ();
}
