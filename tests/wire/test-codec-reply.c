/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "codec-util.h"

#define S(text) { text, sizeof (text) - 1, 0 }

static const RtPublication some_publications[] = {
  { .data = S ("{\"n\":0}"),
    .offset = 2,
    .tags = S ("{\"k\":\"v\"}"),
    .has_info = TRUE,
    .info = { .user = S ("bob"), .client = S ("c-1"), .conn_info = S ("{\"a\":1}"), .chan_info = S ("[1]") } },
  { .data = S ("null"), .offset = G_MAXUINT64 },
};

static const RtClientInfo some_members[] = {
  { .user = S ("alice"), .client = S ("c-1"), .conn_info = S ("{}") },
  { .user = S (""), .client = S ("c-2"), .chan_info = S ("null") },
};

/* Each kind with all its members, and how it is written. */
static const struct
{
  const char *text;
  RtReply reply;
} replies[] = {
  { "{}", { .kind = RT_REPLY_PING } },
  { "{\"id\":3,\"error\":{\"code\":103,\"message\":\"permission denied\",\"temporary\":true}}",
    { .kind = RT_REPLY_ERROR, .id = 3, .code = 103, .reason = S ("permission denied"), .temporary = TRUE } },
  { "{\"id\":1,\"connect\":{\"client\":\"a-1\",\"data\":{\"hello\":1},\"expires\":true,\"ttl\":60,\"ping\":25,"
    "\"pong\":true,\"time\":1700000000123}}",
    { .kind = RT_REPLY_CONNECT, .id = 1, .client = S ("a-1"), .data = S ("{\"hello\":1}"), .expires = TRUE,
      .ttl = 60, .ping = 25, .pong = TRUE, .time = G_GINT64_CONSTANT (1700000000123) } },
  { "{\"id\":1,\"connect\":{\"client\":\"a-1\",\"subs\":{\"c\":{\"offset\":1}},\"ping\":25,\"session\":\"s-1\","
    "\"node\":\"n-1\"}}",
    { .kind = RT_REPLY_CONNECT, .id = 1, .client = S ("a-1"), .subs = S ("{\"c\":{\"offset\":1}}"), .ping = 25,
      .session = S ("s-1"), .node = S ("n-1") } },
  { "{\"id\":14,\"subscribe\":{\"expires\":true,\"ttl\":9,\"recoverable\":true,\"epoch\":\"Vntd\",\"publications\":"
    "[{\"data\":{\"n\":0},\"info\":{\"user\":\"bob\",\"client\":\"c-1\",\"conn_info\":{\"a\":1},\"chan_info\":[1]},"
    "\"offset\":2,\"tags\":{\"k\":\"v\"}},{\"data\":null,\"offset\":18446744073709551615}],\"recovered\":true,"
    "\"offset\":1,\"positioned\":true,\"data\":7,\"was_recovering\":true}}",
    { .kind = RT_REPLY_SUBSCRIBE, .id = 14, .expires = TRUE, .ttl = 9, .recoverable = TRUE, .epoch = S ("Vntd"),
      .publications = some_publications, .n_publications = 2, .recovered = TRUE, .offset = 1, .positioned = TRUE,
      .data = S ("7"), .was_recovering = TRUE } },
  { "{\"id\":13,\"unsubscribe\":{}}", { .kind = RT_REPLY_UNSUBSCRIBE, .id = 13 } },
  { "{\"id\":4294967295,\"publish\":{}}", { .kind = RT_REPLY_PUBLISH, .id = G_MAXUINT32 } },
  { "{\"id\":3,\"publish\":{\"offset\":5,\"epoch\":\"Vntd\",\"dup\":true}}",
    { .kind = RT_REPLY_PUBLISH, .id = 3, .offset = 5, .epoch = S ("Vntd"), .dup = TRUE } },
  { "{\"id\":4,\"presence\":{\"presence\":{\"c-1\":{\"user\":\"alice\",\"client\":\"c-1\",\"conn_info\":{}},"
    "\"c-2\":{\"user\":\"\",\"client\":\"c-2\",\"chan_info\":null}}}}",
    { .kind = RT_REPLY_PRESENCE, .id = 4, .members = some_members, .n_members = 2 } },
  { "{\"id\":4,\"presence\":{\"presence\":{}}}", { .kind = RT_REPLY_PRESENCE, .id = 4 } },
  { "{\"id\":5,\"presence_stats\":{\"num_clients\":2,\"num_users\":1}}",
    { .kind = RT_REPLY_PRESENCE_STATS, .id = 5, .num_clients = 2, .num_users = 1 } },
  { "{\"id\":6,\"history\":{\"publications\":[{\"data\":{\"n\":0},\"info\":{\"user\":\"bob\",\"client\":\"c-1\","
    "\"conn_info\":{\"a\":1},\"chan_info\":[1]},\"offset\":2,\"tags\":{\"k\":\"v\"}}],\"epoch\":\"Vntd\","
    "\"offset\":9}}",
    { .kind = RT_REPLY_HISTORY, .id = 6, .publications = some_publications, .n_publications = 1,
      .epoch = S ("Vntd"), .offset = 9 } },
  { "{\"id\":7,\"rpc\":{\"data\":{\"x\":[1,2]}}}",
    { .kind = RT_REPLY_RPC, .id = 7, .data = S ("{\"x\":[1,2]}") } },
  { "{\"id\":20,\"refresh\":{\"client\":\"c\",\"expires\":true,\"ttl\":60}}",
    { .kind = RT_REPLY_REFRESH, .id = 20, .client = S ("c"), .expires = TRUE, .ttl = 60 } },
  { "{\"id\":21,\"sub_refresh\":{\"expires\":true,\"ttl\":60}}",
    { .kind = RT_REPLY_SUB_REFRESH, .id = 21, .expires = TRUE, .ttl = 60 } },
  { "{\"id\":22,\"presence_set\":{}}", { .kind = RT_REPLY_PRESENCE_SET, .id = 22 } },
  { "{\"push\":{\"channel\":\"c1\",\"pub\":{\"data\":{\"n\":0},\"info\":{\"user\":\"bob\",\"client\":\"c-1\","
    "\"conn_info\":{\"a\":1},\"chan_info\":[1]},\"offset\":2,\"tags\":{\"k\":\"v\"}}}}",
    { .kind = RT_PUSH_PUBLICATION, .channel = S ("c1"), .publications = some_publications, .n_publications = 1 } },
  { "{\"push\":{\"channel\":\"c1\",\"join\":{\"info\":{\"user\":\"alice\",\"client\":\"c-1\",\"conn_info\":{}}}}}",
    { .kind = RT_PUSH_JOIN, .channel = S ("c1"), .members = some_members, .n_members = 1 } },
  { "{\"push\":{\"channel\":\"c1\",\"leave\":{\"info\":{\"user\":\"alice\",\"client\":\"c-1\",\"conn_info\":{}}}}}",
    { .kind = RT_PUSH_LEAVE, .channel = S ("c1"), .members = some_members, .n_members = 1 } },
  { "{\"push\":{\"channel\":\"c1\",\"unsubscribe\":{\"code\":2000,\"reason\":\"server unsubscribe\"}}}",
    { .kind = RT_PUSH_UNSUBSCRIBE, .channel = S ("c1"), .code = 2000, .reason = S ("server unsubscribe") } },
  { "{\"push\":{\"channel\":\"c1\",\"subscribe\":{\"recoverable\":true,\"epoch\":\"Vntd\",\"offset\":3,"
    "\"positioned\":true,\"data\":{}}}}",
    { .kind = RT_PUSH_SUBSCRIBE, .channel = S ("c1"), .recoverable = TRUE, .epoch = S ("Vntd"), .offset = 3,
      .positioned = TRUE, .data = S ("{}") } },
  { "{\"push\":{\"message\":{\"data\":{\"m\":1}}}}", { .kind = RT_PUSH_MESSAGE, .data = S ("{\"m\":1}") } },
  { "{\"push\":{\"connect\":{\"client\":\"c\",\"ping\":25}}}",
    { .kind = RT_PUSH_CONNECT, .client = S ("c"), .ping = 25 } },
  { "{\"push\":{\"disconnect\":{\"code\":3500,\"reason\":\"invalid token\"}}}",
    { .kind = RT_PUSH_DISCONNECT, .code = 3500, .reason = S ("invalid token") } },
  { "{\"push\":{\"disconnect\":{\"code\":3001,\"reason\":\"shutdown\",\"spread\":5000}}}",
    { .kind = RT_PUSH_DISCONNECT, .code = 3001, .reason = S ("shutdown"), .spread = 5000 } },
  { "{\"push\":{\"refresh\":{\"expires\":true,\"ttl\":5}}}",
    { .kind = RT_PUSH_REFRESH, .expires = TRUE, .ttl = 5 } },
  { "{\"id\":4}", { .kind = RT_REPLY_UNKNOWN, .id = 4 } },
};

static void
test_round_trip (void)
{
  guint seen = 0;

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_auto (RtBuffer) out = { NULL };
      RtDecoder decoder = { NULL };
      RtReply reply;

      rt_codec_json ()->write_reply (&out, &replies[i].reply);
      g_assert_cmpmem (out.data, out.len, replies[i].text, strlen (replies[i].text));
      g_assert_true (rt_json_check ((const char *) out.data, out.len, NULL));
      g_assert_cmpint (decode_reply (&decoder, replies[i].text, &reply), ==, RT_DECODE_ITEM);
      assert_same_reply (&reply, &replies[i].reply);
      out.len = 0;
      rt_codec_json ()->write_reply (&out, &reply);
      g_assert_cmpmem (out.data, out.len, replies[i].text, strlen (replies[i].text));
      rt_decoder_clear (&decoder);
      seen |= 1u << reply.kind;
    }
  /* Every kind was there. */
  g_assert_cmpuint (seen, ==, (1u << (RT_REPLY_UNKNOWN + 1)) - 1);
}

/* What peers may write otherwise, and what is to be taken from it. */
static const struct
{
  const char *text;
  const char *same_as; /* as it is written again */
} variants[] = {
  { " \t{ } ", "{}" },
  { "{ \"id\" : 3 , \"publish\" : { } }\r", "{\"id\":3,\"publish\":{}}" },
  { "{\"publish\":{},\"id\":3}", "{\"id\":3,\"publish\":{}}" },
  { "{\"\\u0069d\":3,\"\\u0070ubl\\u0069sh\":{\"o\\u0066fset\":7}}", "{\"id\":3,\"publish\":{\"offset\":7}}" },
  { "{\"id\":3,\"new\":{\"x\":[1,{}]},\"publish\":{\"newer\":[],\"offset\":7,\"newest\":null}}",
    "{\"id\":3,\"publish\":{\"offset\":7}}" },
  { "{\"id\":3,\"new\":1,\"new\":2,\"publish\":{}}", "{\"id\":3,\"publish\":{}}" },
  { "{\"id\":3,\"error\":null,\"publish\":{\"offset\":null,\"epoch\":null,\"dup\":null}}",
    "{\"id\":3,\"publish\":{}}" },
  { "{\"id\":null,\"push\":null}", "{}" },
  { "{\"id\":0,\"publish\":{\"offset\":0,\"dup\":false}}", "{\"publish\":{}}" },
  { "{\"id\":3,\"subscribe\":{\"publications\":null,\"data\":null}}", "{\"id\":3,\"subscribe\":{\"data\":null}}" },
  { "{\"id\":3,\"subscribe\":{\"publications\":[ ]}}", "{\"id\":3,\"subscribe\":{}}" },
  { "{\"id\":4,\"whatever\":{}}", "{\"id\":4}" },
  { "{\"whatever\":{}}", "{}" },
  { "{\"push\":{}}", "{}" },
  { "{\"push\":{\"channel\":\"c\",\"state\":{}}}", "{}" },
  { "{\"push\":{\"id\":7,\"channel\":\"c\",\"unsubscribe\":{}}}",
    "{\"push\":{\"channel\":\"c\",\"unsubscribe\":{}}}" },
  { "{\"push\":{\"pub\":{\"data\":1},\"channel\":\"c\"}}", "{\"push\":{\"channel\":\"c\",\"pub\":{\"data\":1}}}" },
  { "{\"push\":{\"channel\":\"c\\u00e9\\\"\",\"pub\":{\"data\":1}}}",
    "{\"push\":{\"channel\":\"c\\u00e9\\\"\",\"pub\":{\"data\":1}}}" },
  { "{\"id\":4,\"presence\":{\"presence\":{\"c-9\":{\"user\":\"u\"}}}}",
    "{\"id\":4,\"presence\":{\"presence\":{\"c-9\":{\"user\":\"u\",\"client\":\"c-9\"}}}}" },
  { "{\"id\":4,\"presence\":{}}", "{\"id\":4,\"presence\":{\"presence\":{}}}" },
  { "{\"id\":1,\"connect\":{\"client\":\"a\",\"version\":\"1\",\"subs\":null,\"session\":null,\"node\":null}}",
    "{\"id\":1,\"connect\":{\"client\":\"a\"}}" },
  { "{\"id\":1,\"connect\":{\"node\":\"n\",\"session\":\"s\",\"subs\": { } ,\"client\":\"a\"}}",
    "{\"id\":1,\"connect\":{\"client\":\"a\",\"subs\":{ },\"session\":\"s\",\"node\":\"n\"}}" },
  { "{\"id\":22,\"presence_set\":{\"later\":1}}", "{\"id\":22,\"presence_set\":{}}" },
  { "{\"push\":{\"disconnect\":{\"spread\":0,\"code\":3001}}}", "{\"push\":{\"disconnect\":{\"code\":3001}}}" },
};

static void
test_variants (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (variants); i++)
    {
      g_auto (RtBuffer) out = { NULL };
      RtDecoder decoder = { NULL };
      RtReply reply;

      g_assert_cmpint (decode_reply (&decoder, variants[i].text, &reply), ==, RT_DECODE_ITEM);
      rt_codec_json ()->write_reply (&out, &reply);
      g_assert_cmpmem (out.data, out.len, variants[i].same_as, strlen (variants[i].same_as));
      rt_decoder_clear (&decoder);
    }
}

static void
test_ping_or_unknown (void)
{
  static const struct
  {
    const char *text;
    RtReplyKind kind;
  } cases[] = {
    { "{}", RT_REPLY_PING },
    { " {\t} ", RT_REPLY_PING },
    { "{\"id\":4}", RT_REPLY_UNKNOWN },
    { "{\"id\":0}", RT_REPLY_UNKNOWN },
    { "{\"id\":4,\"whatever\":{}}", RT_REPLY_UNKNOWN },
    { "{\"push\":{\"channel\":\"c\",\"whatever\":{}}}", RT_REPLY_UNKNOWN },
    { "{\"push\":{}}", RT_REPLY_UNKNOWN },
    { "{\"\":0}", RT_REPLY_UNKNOWN },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      RtDecoder decoder = { NULL };
      RtReply reply;

      g_assert_cmpint (decode_reply (&decoder, cases[i].text, &reply), ==, RT_DECODE_ITEM);
      g_assert_cmpint (reply.kind, ==, cases[i].kind);
      rt_decoder_clear (&decoder);
    }
}

static const struct
{
  const char *text;
  const char *member; /* the fault is about */
} faults[] = {
  { "[]", NULL },
  { "7", NULL },
  { "\"x\"", NULL },
  { "null", NULL },
  { "{\"id\":1,\"id\":1}", "id" },
  { "{\"id\":1,\"\\u0069d\":1}", "id" },
  { "{\"id\":null,\"id\":1}", "id" },
  { "{\"id\":1,\"publish\":{},\"publish\":{}}", "publish" },
  { "{\"id\":1,\"publish\":{\"offset\":1,\"offset\":1}}", "offset" },
  { "{\"push\":{\"channel\":\"a\",\"channel\":\"b\",\"pub\":{\"data\":1}}}", "channel" },
  { "{\"push\":{\"channel\":\"a\",\"pub\":{\"data\":1,\"data\":2}}}", "data" },
  { "{\"push\":{\"channel\":\"a\",\"pub\":{\"data\":1,\"info\":{\"user\":\"u\",\"user\":\"v\"}}}}", "user" },
  { "{\"id\":1,\"publish\":{},\"rpc\":{}}", "rpc" },
  { "{\"id\":1,\"error\":{\"code\":1},\"rpc\":{}}", "rpc" },
  { "{\"push\":{\"channel\":\"c\",\"pub\":{\"data\":1},\"join\":{\"info\":{}}}}", "join" },
  { "{\"push\":{\"channel\":\"c\",\"pub\":{\"data\":1}},\"id\":1,\"publish\":{}}", "publish" },
  { "{\"id\":-1}", "id" },
  { "{\"id\":-0}", "id" },
  { "{\"id\":1.0}", "id" },
  { "{\"id\":1e3}", "id" },
  { "{\"id\":4294967296}", "id" },
  { "{\"id\":18446744073709551617}", "id" },
  { "{\"id\":\"1\"}", "id" },
  { "{\"id\":true}", "id" },
  { "{\"id\":{}}", "id" },
  { "{\"id\":1,\"publish\":{\"offset\":18446744073709551616}}", "offset" },
  { "{\"id\":1,\"publish\":{\"offset\":-5}}", "offset" },
  { "{\"id\":1,\"publish\":{\"offset\":5.5}}", "offset" },
  { "{\"id\":1,\"publish\":{\"offset\":\"5\"}}", "offset" },
  { "{\"id\":1,\"publish\":{\"epoch\":5}}", "epoch" },
  { "{\"id\":1,\"publish\":{\"dup\":1}}", "dup" },
  { "{\"id\":1,\"publish\":{\"dup\":\"true\"}}", "dup" },
  { "{\"id\":1,\"publish\":[]}", "publish" },
  { "{\"id\":1,\"publish\":7}", "publish" },
  { "{\"id\":1,\"publish\":\"\"}", "publish" },
  { "{\"id\":1,\"error\":{\"code\":4294967296}}", "code" },
  { "{\"id\":1,\"error\":{\"message\":{}}}", "message" },
  { "{\"id\":1,\"connect\":{\"time\":9223372036854775808}}", "time" },
  { "{\"id\":1,\"connect\":{\"time\":-1}}", "time" },
  { "{\"id\":1,\"connect\":{\"client\":5}}", "client" },
  { "{\"id\":1,\"connect\":{\"ping\":2.5}}", "ping" },
  { "{\"id\":1,\"connect\":{\"session\":7}}", "session" },
  { "{\"id\":1,\"connect\":{\"node\":{}}}", "node" },
  { "{\"id\":1,\"connect\":{\"node\":\"n\",\"node\":\"n\"}}", "node" },
  { "{\"id\":1,\"presence_set\":7}", "presence_set" },
  { "{\"push\":{\"disconnect\":{\"spread\":-1}}}", "spread" },
  { "{\"push\":{\"disconnect\":{\"spread\":4294967296}}}", "spread" },
  { "{\"push\":{\"subscribe\":{\"recoverable\":1}}}", "recoverable" },
  { "{\"push\":{\"subscribe\":{\"epoch\":1}}}", "epoch" },
  { "{\"push\":{\"refresh\":{\"expires\":\"yes\"}}}", "expires" },
  { "{\"push\":{\"refresh\":{\"ttl\":-1}}}", "ttl" },
  { "{\"id\":1,\"refresh\":{\"ttl\":1.5}}", "ttl" },
  { "{\"id\":1,\"sub_refresh\":{\"ttl\":\"1\"}}", "ttl" },
  { "{\"push\":[]}", "push" },
  { "{\"push\":5}", "push" },
  { "{\"push\":{\"channel\":5,\"pub\":{\"data\":1}}}", "channel" },
  { "{\"push\":{\"channel\":\"c\",\"pub\":5}}", "pub" },
  { "{\"push\":{\"channel\":\"c\",\"pub\":{}}}", "data" },
  { "{\"push\":{\"channel\":\"c\",\"pub\":{\"data\":1,\"info\":[]}}}", "info" },
  { "{\"push\":{\"channel\":\"c\",\"pub\":{\"data\":1,\"tags\":[]}}}", "tags" },
  { "{\"push\":{\"channel\":\"c\",\"pub\":{\"data\":1,\"tags\":{\"a\":1}}}}", "tags" },
  { "{\"push\":{\"channel\":\"c\",\"join\":{}}}", "info" },
  { "{\"push\":{\"channel\":\"c\",\"join\":{\"info\":5}}}", "info" },
  { "{\"push\":{\"channel\":\"c\",\"leave\":[]}}", "leave" },
  { "{\"id\":1,\"subscribe\":{\"publications\":{}}}", "publications" },
  { "{\"id\":1,\"subscribe\":{\"publications\":[5]}}", "publications" },
  { "{\"id\":1,\"subscribe\":{\"publications\":[null]}}", "publications" },
  { "{\"id\":1,\"subscribe\":{\"publications\":[{\"data\":1},{}]}}", "data" },
  { "{\"id\":1,\"presence\":{\"presence\":[]}}", "presence" },
  { "{\"id\":1,\"presence\":{\"presence\":{\"c\":5}}}", "presence" },
  { "{\"id\":1,\"presence\":{\"presence\":{\"c\":{\"user\":5}}}}", "user" },
  { "{\"id\":1,\"presence_stats\":{\"num_clients\":-2}}", "num_clients" },
};

static void
test_faults (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      RtDecoder decoder = { NULL };
      RtReply reply;

      g_test_message ("%s", faults[i].text);
      g_assert_cmpint (decode_reply (&decoder, faults[i].text, &reply), ==, RT_DECODE_FAULT);
      g_assert_cmpint (decoder.fault.kind, ==, RT_JSON_BAD_ENVELOPE);
      g_assert_cmpstr (decoder.fault.member, ==, faults[i].member);
      g_assert_nonnull (decoder.fault.text);
      /* It stays: nothing behind it may be used. */
      g_assert_cmpint (rt_codec_json ()->next_reply (&decoder, &reply), ==, RT_DECODE_FAULT);
      rt_decoder_clear (&decoder);
    }
}

/* Digits without a leading zero, perhaps with a blank before or behind. */
static gboolean
is_padded_integer (const char *text, gsize len)
{
  g_autofree char *copy = g_strndup (text, len);

  if (strlen (copy) < len)
    return FALSE;
  g_strstrip (copy);
  return *copy != '\0' && strspn (copy, "0123456789") == strlen (copy) && (copy[0] != '0' || copy[1] == '\0');
}

/* Integers of every length, whole and with one byte that is no digit. */
static void
test_integers (void)
{
  static const guint8 others[] = { '/', ':', '.', 'e', '-', ' ', 0x00, 0x80, 0xb0, 0xba, 0xff };
  RtDecoder decoder = { NULL };
  guint64 value = 0;
  RtReply reply;

  for (guint digits = 1; digits <= 20; digits++)
    {
      value = value * 10 + (digits == 20 ? 0 : digits % 10);
      g_autofree char *text = g_strdup_printf ("{\"id\":1,\"publish\":{\"offset\":%" G_GUINT64_FORMAT "}}", value);
      g_assert_cmpint (decode_reply (&decoder, text, &reply), ==, RT_DECODE_ITEM);
      g_assert_cmpuint (reply.offset, ==, value);
      char *first = strstr (text, "offset") + strlen ("offset\":");
      for (guint i = 0; i < MIN (digits, 19) * G_N_ELEMENTS (others); i++)
        {
          g_autofree char *changed = g_strdup (text);
          changed[first - text + i / G_N_ELEMENTS (others)] = others[i % G_N_ELEMENTS (others)];
          rt_decoder_begin (&decoder, changed, strlen (text));
          g_assert_cmpint (rt_codec_json ()->next_reply (&decoder, &reply) == RT_DECODE_ITEM, ==,
                           is_padded_integer (changed + (first - text), strlen (first) - 2));
        }
    }
  rt_decoder_clear (&decoder);
}

/* A reply may not make the client hold more than so many items; as many it takes. */
static RtDecodeStatus
decode_history (guint n, RtDecoder *decoder)
{
  g_autoptr (GString) text = g_string_new ("{\"id\":1,\"history\":{\"publications\":[");
  RtReply reply;

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s{\"data\":%u}", i > 0 ? "," : "", i);
  g_string_append (text, "]}}");
  RtDecodeStatus status = decode_reply (decoder, text->str, &reply);
  if (status == RT_DECODE_ITEM)
    g_assert_cmpuint (reply.n_publications, ==, n);
  return status;
}

static void
test_many_publications (void)
{
  RtDecoder decoder = { NULL };

  g_assert_cmpint (decode_history (300, &decoder), ==, RT_DECODE_ITEM);
  g_assert_cmpint (decode_history (RT_PROTOCOL_MAX_ITEMS, &decoder), ==, RT_DECODE_ITEM);
  g_assert_cmpint (decode_history (RT_PROTOCOL_MAX_ITEMS + 1, &decoder), ==, RT_DECODE_FAULT);
  g_assert_cmpint (decoder.fault.kind, ==, RT_JSON_BAD_ENVELOPE);
  g_assert_cmpuint (decoder.publications_capacity, <=, RT_PROTOCOL_MAX_ITEMS);
  rt_decoder_clear (&decoder);
}

static void
test_many_members (void)
{
  g_autoptr (GString) text = g_string_new ("{\"id\":1,\"presence\":{\"presence\":{");
  RtDecoder decoder = { NULL };
  RtReply reply;

  for (guint i = 0; i < RT_PROTOCOL_MAX_ITEMS; i++)
    g_string_append_printf (text, "%s\"%u\":{}", i > 0 ? "," : "", i);
  g_autofree char *most = g_strconcat (text->str, "}}}", NULL);
  g_autofree char *too_many = g_strconcat (text->str, ",\"x\":{}}}}", NULL);
  g_assert_cmpint (decode_reply (&decoder, most, &reply), ==, RT_DECODE_ITEM);
  g_assert_cmpuint (reply.n_members, ==, RT_PROTOCOL_MAX_ITEMS);
  g_assert_true (rt_slice_equals (&reply.members[4711].client, "4711"));
  g_assert_cmpint (decode_reply (&decoder, too_many, &reply), ==, RT_DECODE_FAULT);
  g_assert_cmpint (decoder.fault.kind, ==, RT_JSON_BAD_ENVELOPE);
  rt_decoder_clear (&decoder);
}

/* The deepest data that a server takes fits into everything that it may come back in. */
static void
test_depth_comes_back (void)
{
  g_autofree char *open = g_strnfill (RT_JSON_MAX_PAYLOAD_DEPTH, '[');
  g_autofree char *close = g_strnfill (RT_JSON_MAX_PAYLOAD_DEPTH, ']');
  g_autofree char *published = g_strconcat ("{\"id\":1,\"publish\":{\"data\":", open, close, "}}", NULL);
  g_autofree char *deeper = g_strconcat ("{\"id\":1,\"publish\":{\"data\":[", open, close, "]}}", NULL);
  g_autofree char *history
    = g_strconcat ("{\"id\":1,\"history\":{\"publications\":[{\"data\":", open, close, "}]}}", NULL);
  RtDecoder decoder = { NULL };
  RtCommand command;
  RtReply reply;

  rt_decoder_begin (&decoder, published, strlen (published));
  g_assert_cmpint (rt_codec_json ()->next_command (&decoder, &command), ==, RT_DECODE_ITEM);
  g_assert_true (rt_json_check_payload (command.data.data, command.data.len, NULL));
  g_assert_cmpint (decode_reply (&decoder, history, &reply), ==, RT_DECODE_ITEM);
  rt_decoder_begin (&decoder, deeper, strlen (deeper));
  g_assert_cmpint (rt_codec_json ()->next_command (&decoder, &command), ==, RT_DECODE_FAULT);
  g_assert_cmpint (decoder.fault.kind, ==, RT_JSON_TOO_DEEP);
  rt_decoder_clear (&decoder);
}

/* One message of 1,000 frames, into the same memory. */
static void
test_steady_state (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  RtDecoder decoder = { NULL };
  RtReply reply;

  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (text, "{\"push\":{\"channel\":\"c\",\"pub\":{\"data\":%u,\"offset\":%u}}}\n", i, i + 1);
  rt_decoder_begin (&decoder, text->str, text->len);
  for (guint i = 0; i < 1000; i++)
    {
      g_assert_cmpint (rt_codec_json ()->next_reply (&decoder, &reply), ==, RT_DECODE_ITEM);
      g_assert_cmpuint (reply.publications[0].offset, ==, i + 1);
    }
  g_assert_cmpint (rt_codec_json ()->next_reply (&decoder, &reply), ==, RT_DECODE_END);
  g_assert_cmpuint (decoder.publications_capacity, <=, 8);
  rt_decoder_clear (&decoder);
}

static void
test_lines (void)
{
  static const struct
  {
    const char *text;
    guint items;
    RtDecodeStatus last;
  } cases[] = {
    { "", 0, RT_DECODE_END },
    { "\n", 0, RT_DECODE_END },
    { " \t\r\n\n\r\n ", 0, RT_DECODE_END },
    { "{}", 1, RT_DECODE_END },
    { "{}\n", 1, RT_DECODE_END },
    { "\n{}", 1, RT_DECODE_END },
    { "{}\r\n{}\r\n", 2, RT_DECODE_END },
    { "\n\n{}\n\n \n{\"id\":4}\n\n", 2, RT_DECODE_END },
    { " {} \n\t{} ", 2, RT_DECODE_END },
    { "{}\n{\"id\":1", 1, RT_DECODE_FAULT },
    { "{}\n{}{}", 1, RT_DECODE_FAULT },
    { "{} {}", 0, RT_DECODE_FAULT },
    { "{}\n{},\n{}", 1, RT_DECODE_FAULT },
    /* A frame ends with its line, wherever that is. */
    { "{\"id\":\n1}", 0, RT_DECODE_FAULT },
    { "{\"push\":{\"channel\":\"c\",\"pub\":{\"data\":[1,\n2]}}}", 0, RT_DECODE_FAULT },
    { "{}\n\xef\xbb\xbf{}", 1, RT_DECODE_FAULT },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      RtDecoder decoder = { NULL };
      RtDecodeStatus status;
      guint items = 0;
      RtReply reply;

      rt_decoder_begin (&decoder, cases[i].text, strlen (cases[i].text));
      while ((status = rt_codec_json ()->next_reply (&decoder, &reply)) == RT_DECODE_ITEM)
        items++;
      g_assert_cmpuint (items, ==, cases[i].items);
      g_assert_cmpint (status, ==, cases[i].last);
      g_assert_cmpint (rt_codec_json ()->next_reply (&decoder, &reply), ==, cases[i].last);
      g_assert_cmpuint (decoder.fault.offset, <=, strlen (cases[i].text));
      rt_decoder_clear (&decoder);
    }
}

/* Raw values with line feeds between their tokens still make one line. */
static void
test_raw_line_feeds (void)
{
  static const char data[] = "{\n\"a\" :\r\n [1,\n2]\n}";
  RtReply reply = { .kind = RT_REPLY_RPC, .id = 1, .data = S (data) };
  RtDecoder decoder = { NULL };
  g_auto (RtBuffer) out = { NULL };
  RtReply back;

  rt_codec_json ()->write_reply (&out, &reply);
  rt_decoder_begin (&decoder, (const char *) out.data, out.len);
  g_assert_cmpint (rt_codec_json ()->next_reply (&decoder, &back), ==, RT_DECODE_ITEM);
  g_assert_cmpmem (back.data.data, back.data.len, "{ \"a\" :\r  [1, 2] }", sizeof data - 1);
  g_assert_cmpint (rt_codec_json ()->next_reply (&decoder, &back), ==, RT_DECODE_END);
  rt_decoder_clear (&decoder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Codec/reply/round-trip", test_round_trip);
  g_test_add_func ("/Rt/Codec/reply/variants", test_variants);
  g_test_add_func ("/Rt/Codec/reply/ping-or-unknown", test_ping_or_unknown);
  g_test_add_func ("/Rt/Codec/reply/faults", test_faults);
  g_test_add_func ("/Rt/Codec/reply/integers", test_integers);
  g_test_add_func ("/Rt/Codec/reply/many-publications", test_many_publications);
  g_test_add_func ("/Rt/Codec/reply/many-members", test_many_members);
  g_test_add_func ("/Rt/Codec/reply/depth-comes-back", test_depth_comes_back);
  g_test_add_func ("/Rt/Codec/reply/steady-state", test_steady_state);
  g_test_add_func ("/Rt/Codec/reply/lines", test_lines);
  g_test_add_func ("/Rt/Codec/reply/raw-line-feeds", test_raw_line_feeds);
  return g_test_run ();
}
