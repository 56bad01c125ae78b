/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "codec-util.h"

#define S(text) { text, sizeof (text) - 1, 0 }

static char *
frame_with (const char *data)
{
  return g_strconcat ("{\"push\":{\"channel\":\"c\",\"pub\":{\"data\":", data, ",\"offset\":9}}}", NULL);
}

/* Decodes a publication with @data and gives its envelope, which points into @frame. */
static void
decode_data (char *frame, const char *data, RtEnvelope *envelope)
{
  RtDecoder decoder = { NULL };
  RtReply reply;

  g_assert_cmpint (decode_reply (&decoder, frame, &reply), ==, RT_DECODE_ITEM);
  g_assert_cmpint (reply.kind, ==, RT_PUSH_PUBLICATION);
  g_assert_cmpuint (reply.publications[0].offset, ==, 9);
  g_assert_cmpmem (reply.publications[0].data.data, reply.publications[0].data.len, data, strlen (data));
  *envelope = reply.publications[0].envelope;
  rt_decoder_clear (&decoder);
}

static gboolean
is_marked (const char *data)
{
  g_autofree char *frame = frame_with (data);
  RtEnvelope envelope;

  decode_data (frame, data, &envelope);
  return envelope.marked;
}

/* Each with all its members, and how it is written. */
static const struct
{
  const char *text;
  RtEnvelope envelope;
} envelopes[] = {
  { "{\"$rt\":1,\"id\":\"18446744073709551615\",\"src\":\"0123456789abcdef\",\"ts\":1700000000000123,"
    "\"from\":\"alice\",\"type\":\"text\",\"text\":\"hi\",\"prio\":3,\"ttl\":5000,\"meta\":{\"k\":\"v\"},"
    "\"tags\":{\"t\":\"u\"}}",
    { .marked = TRUE, .id = S ("18446744073709551615"), .source = S ("0123456789abcdef"),
      .timestamp = G_GINT64_CONSTANT (1700000000000123), .sender = S ("alice"), .type = S ("text"),
      .body_kind = RT_BODY_TEXT, .body = S ("hi"), .priority = 3, .ttl = 5000, .metadata = S ("{\"k\":\"v\"}"),
      .tags = S ("{\"t\":\"u\"}") } },
  { "{\"$rt\":1,\"id\":\"0\",\"src\":\"s\",\"ts\":0,\"from\":\"\",\"type\":\"x\",\"data\":{\"a\":[null]},\"prio\":0}",
    { .marked = TRUE, .id = S ("0"), .source = S ("s"), .sender = S (""), .type = S ("x"),
      .body_kind = RT_BODY_JSON, .body = S ("{\"a\":[null]}"), .priority = 0 } },
  { "{\"$rt\":1,\"ts\":9223372036854775807,\"b64\":\"AAEC\",\"prio\":2,\"ttl\":18446744073709551615}",
    { .marked = TRUE, .timestamp = G_MAXINT64, .body_kind = RT_BODY_B64, .body = S ("AAEC"), .priority = 2,
      .ttl = G_MAXUINT64 } },
  { "{\"$rt\":1,\"ts\":1,\"data\":null}",
    { .marked = TRUE, .timestamp = 1, .body_kind = RT_BODY_JSON, .body = S ("null"), .priority = 1 } },
  { "{\"$rt\":1,\"ts\":1}", { .marked = TRUE, .timestamp = 1, .body_kind = RT_BODY_NONE, .priority = 1 } },
};

static void
assert_same_envelope (const RtEnvelope *a, const RtEnvelope *b)
{
  g_assert_cmpint (a->marked, ==, b->marked);
  g_assert_cmpint (a->body_kind, ==, b->body_kind);
  g_assert_cmpint (a->priority, ==, b->priority);
  assert_same_slice (&a->id, &b->id);
  assert_same_slice (&a->source, &b->source);
  assert_same_slice (&a->sender, &b->sender);
  assert_same_slice (&a->type, &b->type);
  assert_same_slice (&a->body, &b->body);
  assert_same_slice (&a->metadata, &b->metadata);
  assert_same_slice (&a->tags, &b->tags);
  g_assert_cmpint (a->timestamp, ==, b->timestamp);
  g_assert_cmpuint (a->ttl, ==, b->ttl);
}

static void
test_round_trip (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (envelopes); i++)
    {
      g_autofree char *frame = frame_with (envelopes[i].text);
      g_auto (RtBuffer) out = { NULL };
      RtEnvelope envelope;

      rt_envelope_write (&out, &envelopes[i].envelope);
      g_assert_cmpmem (out.data, out.len, envelopes[i].text, strlen (envelopes[i].text));
      decode_data (frame, envelopes[i].text, &envelope);
      assert_same_envelope (&envelope, &envelopes[i].envelope);
    }
}

/* The same from other programs: order, blanks, escapes, members of later versions, null for absent. */
static void
test_marked (void)
{
  static const char *const marked[] = {
    "{\"$rt\":1}",
    "{ \"$rt\" : 1 }",
    "{\"text\":\"hi\",\"$rt\":1}",
    "{\"\\u0024rt\":1,\"te\\u0078t\":\"hi\"}",
    "{\"$rt\":1,\"text\":\"hi\",\"stream\":{\"n\":[1,2]},\"later\":null,\"later\":1}",
    "{\"$rt\":1,\"text\":\"hi\",\"b64\":null,\"id\":null,\"type\":null,\"meta\":null,\"prio\":null,\"ttl\":null}",
    "{\"$rt\":1,\"id\":\"12345678901234567890\"}",
    "{\"$rt\":1,\"id\":\"\\u0031\\u0032\"}",
    "{\"$rt\":1,\"type\":\"caf\\u00e9\"}",
    "{\"$rt\":1,\"from\":\"\\uD83C\\uDF0D\"}",
    "{\"$rt\":1,\"prio\":0}",
    "{\"$rt\":1,\"ttl\":0,\"ts\":0}",
    "{\"$rt\":1,\"meta\":{},\"tags\":{}}",
    "{\"$rt\":1,\"meta\":{\"a\":\"b\",\"c\":\"\\n\"}}",
    /* What a body holds is looked at when the program asks for it. */
    "{\"$rt\":1,\"text\":\"\\u0000\"}",
    "{\"$rt\":1,\"data\":[\"\\uD800\",1e999]}",
    "{\"$rt\":1,\"b64\":\"not base64 !\"}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (marked); i++)
    {
      g_test_message ("%s", marked[i]);
      g_assert_true (is_marked (marked[i]));
    }
}

static const char *const foreign[] = {
  "{}",
  "null",
  "7",
  "\"$rt\"",
  "[{\"$rt\":1}]",
  "{\"text\":\"hi\"}",
  "{\"inner\":{\"$rt\":1,\"text\":\"hi\"}}",
  "{\"$rt\":0,\"text\":\"hi\"}",
  "{\"$rt\":2,\"text\":\"hi\"}",
  "{\"$rt\":\"1\",\"text\":\"hi\"}",
  "{\"$rt\":1.0,\"text\":\"hi\"}",
  "{\"$rt\":1e0}",
  "{\"$rt\":-1}",
  "{\"$rt\":true}",
  "{\"$rt\":null}",
  "{\"$rt\":{}}",
  "{\"$rt\":18446744073709551617}",
  "{\"$rt\":1,\"$rt\":1}",
  "{\"$rt\":1,\"\\u0024rt\":1}",
  "{\"$rt\":1,\"text\":\"a\",\"text\":\"a\"}",
  "{\"$rt\":1,\"text\":null,\"text\":\"a\"}",
  "{\"$rt\":1,\"text\":\"a\",\"data\":1}",
  "{\"$rt\":1,\"text\":\"a\",\"data\":null}",
  "{\"$rt\":1,\"text\":\"a\",\"b64\":\"AA==\"}",
  "{\"$rt\":1,\"data\":1,\"b64\":\"AA==\"}",
  "{\"$rt\":1,\"text\":5}",
  "{\"$rt\":1,\"text\":{\"a\":[1,2,{\"b\":null}]}}",
  "{\"$rt\":1,\"b64\":[]}",
  "{\"$rt\":1,\"id\":7}",
  "{\"$rt\":1,\"id\":\"\"}",
  "{\"$rt\":1,\"id\":\"7a\"}",
  "{\"$rt\":1,\"id\":\"-7\"}",
  "{\"$rt\":1,\"id\":\"123456789012345678901\"}",
  "{\"$rt\":1,\"id\":\"\\u00e9\"}",
  "{\"$rt\":1,\"id\":\"1\\u0000\"}",
  "{\"$rt\":1,\"src\":7}",
  "{\"$rt\":1,\"src\":\"01234567890123456789012345678901234567890123456789012345678901234\"}",
  "{\"$rt\":1,\"src\":\"\\u0000\"}",
  "{\"$rt\":1,\"from\":{}}",
  "{\"$rt\":1,\"from\":\"\\uD800\"}",
  "{\"$rt\":1,\"type\":\"\"}",
  "{\"$rt\":1,\"type\":\"01234567890123456789012345678901234567890123456789012345678901234\"}",
  "{\"$rt\":1,\"type\":\"a\\u0000\"}",
  "{\"$rt\":1,\"ts\":-1}",
  "{\"$rt\":1,\"ts\":\"1\"}",
  "{\"$rt\":1,\"ts\":9223372036854775808}",
  "{\"$rt\":1,\"ts\":1.5}",
  "{\"$rt\":1,\"prio\":4}",
  "{\"$rt\":1,\"prio\":-1}",
  "{\"$rt\":1,\"prio\":1e0}",
  "{\"$rt\":1,\"ttl\":-1}",
  "{\"$rt\":1,\"ttl\":18446744073709551616}",
  "{\"$rt\":1,\"meta\":[]}",
  "{\"$rt\":1,\"meta\":\"x\"}",
  "{\"$rt\":1,\"meta\":{\"a\":1}}",
  "{\"$rt\":1,\"meta\":{\"a\":null}}",
  "{\"$rt\":1,\"meta\":{\"a\":{\"b\":\"c\"}}}",
  "{\"$rt\":1,\"meta\":{\"a\":\"\\u0000\"}}",
  "{\"$rt\":1,\"meta\":{\"\\uDC00\":\"\"}}",
  "{\"$rt\":1,\"tags\":{\"a\":[]}}",
};

/* Data of others, or what only looks like ours: relayed as it is, never a fault. */
static void
test_foreign (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (foreign); i++)
    {
      g_test_message ("%s", foreign[i]);
      g_assert_false (is_marked (foreign[i]));
    }
}

/* Grammar is owed by foreign data too. */
static void
test_faults (void)
{
  static const struct
  {
    const char *data;
    RtJsonFaultKind kind;
  } cases[] = {
    { "{\"$rt\":1,\"text\":\"a\",}", RT_JSON_BAD_SYNTAX },
    { "{\"$rt\":01}", RT_JSON_BAD_SYNTAX },
    { "{\"$rt\":1,\"text\":5,\"x\":[1,]}", RT_JSON_BAD_SYNTAX },
    { "{\"$rt\":1,\"text\":[1,]}", RT_JSON_BAD_SYNTAX },
    { "{\"$rt\":1,\"id\":\"\\q\"}", RT_JSON_BAD_SYNTAX },
    { "{\"$rt\":1,\"ts\":1.}", RT_JSON_BAD_SYNTAX },
    { "{\"$rt\":1,\"meta\":{\"a\":nul}}", RT_JSON_BAD_SYNTAX },
    { "{\"$rt\":1,\"meta\":{\"a\":\"b\",}}", RT_JSON_BAD_SYNTAX },
    { "{\"$rt\":1,\"text\":\"\xed\xa0\x80\"}", RT_JSON_BAD_UTF8 },
    { "{\"$rt\":1,\"te\xffxt\":\"\"}", RT_JSON_BAD_UTF8 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *frame = frame_with (cases[i].data);
      RtDecoder decoder = { NULL };
      RtReply reply;

      g_assert_cmpint (decode_reply (&decoder, frame, &reply), ==, RT_DECODE_FAULT);
      g_assert_cmpint (decoder.fault.kind, ==, cases[i].kind);
      rt_decoder_clear (&decoder);
    }
}

/* Lengths count characters as they are, not as they are escaped. */
static void
test_escaped_lengths (void)
{
  g_autoptr (GString) type = g_string_new ("{\"$rt\":1,\"type\":\"");

  for (guint i = 0; i < 64; i++)
    g_string_append (type, "\\u0041");
  g_autofree char *longest = g_strconcat (type->str, "\"}", NULL);
  g_autofree char *too_long = g_strconcat (type->str, "\\u0041\"}", NULL);
  g_assert_true (is_marked (longest));
  g_assert_false (is_marked (too_long));
}

/* Each publication of a reply is looked at for itself. */
static void
test_each_for_itself (void)
{
  static const char text[] = "{\"id\":1,\"history\":{\"publications\":["
                             "{\"data\":{\"$rt\":1,\"text\":\"a\"},\"offset\":1},"
                             "{\"data\":{\"$rt\":1,\"text\":5},\"offset\":2},"
                             "{\"data\":{\"text\":\"b\"},\"offset\":3},"
                             "{\"data\":{\"$rt\":1,\"text\":\"c\",\"prio\":2},\"offset\":4}]}}";
  static const gboolean marked[] = { TRUE, FALSE, FALSE, TRUE };
  RtDecoder decoder = { NULL };
  RtReply reply;

  for (guint round = 0; round < 2; round++)
    {
      g_assert_cmpint (decode_reply (&decoder, text, &reply), ==, RT_DECODE_ITEM);
      g_assert_cmpuint (reply.n_publications, ==, 4);
      for (guint i = 0; i < 4; i++)
        {
          g_assert_cmpint (reply.publications[i].envelope.marked, ==, marked[i]);
          g_assert_cmpuint (reply.publications[i].offset, ==, i + 1);
        }
      g_assert_true (rt_slice_equals (&reply.publications[3].envelope.body, "c"));
      g_assert_cmpuint (reply.publications[3].envelope.priority, ==, 2);
      g_assert_cmpuint (reply.publications[0].envelope.priority, ==, 1);
    }
  rt_decoder_clear (&decoder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Codec/envelope/round-trip", test_round_trip);
  g_test_add_func ("/Rt/Codec/envelope/marked", test_marked);
  g_test_add_func ("/Rt/Codec/envelope/foreign", test_foreign);
  g_test_add_func ("/Rt/Codec/envelope/faults", test_faults);
  g_test_add_func ("/Rt/Codec/envelope/escaped-lengths", test_escaped_lengths);
  g_test_add_func ("/Rt/Codec/envelope/each-for-itself", test_each_for_itself);
  return g_test_run ();
}
