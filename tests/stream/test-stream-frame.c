/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-stream-frame.h"

#include <string.h>
#include "rt-codec.h"
#include "rt-stream-opening.h"

/* A publication as it is received, from its data. */
typedef struct
{
  RtBuffer text;
  RtDecoder decoder;
  RtReply reply;
} Received;

static const RtPublication *
receive (Received *self, const char *data, gsize len)
{
  memset (self, 0, sizeof *self);
  rt_buffer_put_literal (&self->text, "{\"push\":{\"channel\":\"c\",\"pub\":{\"data\":");
  rt_buffer_put (&self->text, data, len);
  rt_buffer_put_literal (&self->text, "}}}");
  rt_decoder_begin (&self->decoder, (const char *) self->text.data, self->text.len);
  g_assert_cmpint (rt_codec_json ()->next_reply (&self->decoder, &self->reply), ==, RT_DECODE_ITEM);
  return &self->reply.publications[0];
}

static void
received_clear (Received *self)
{
  rt_decoder_clear (&self->decoder);
  rt_buffer_clear (&self->text);
}

static const RtStreamStamp stamp = { .source = "9f86d081884c7d65", .id = "17", .timestamp = 1793491200000000 };

static void
assert_same (const RtStreamFrame *a, const RtStreamFrame *b)
{
  g_assert_cmpint (a->kind, ==, b->kind);
  g_assert_cmpstr (a->id, ==, b->id);
  g_assert_cmpstr (a->to, ==, b->to);
  g_assert_cmpstr (a->sum, ==, b->sum);
  g_assert_cmpstr (a->why, ==, b->why);
  g_assert_cmpuint (a->off, ==, b->off);
  g_assert_cmpuint (a->got, ==, b->got);
  g_assert_cmpint (a->again, ==, b->again);
}

static void
test_round_trip (void)
{
  const char *sum = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

  for (int kind = RT_STREAM_FRAME_DATA; kind <= RT_STREAM_FRAME_PASS; kind++)
    {
      RtStreamFrame frame = { .kind = (RtStreamFrameKind) kind, .id = "905234178390917121", .off = 5, .got = G_MAXINT64 };
      RtStreamFrame read;
      g_auto (RtBuffer) data = { 0 };
      g_auto (RtBuffer) scratch = { 0 };
      Received received;

      frame.again = kind % 2;
      g_strlcpy (frame.to, "0123456789abcdef", sizeof frame.to);
      g_strlcpy (frame.sum, sum, sizeof frame.sum);
      rt_stream_frame_set_why (&frame, "a \"reason\"\n\\ ü");
      rt_stream_frame_write (&data, &frame, &stamp, (const guint8 *) "abc", 3, &scratch);
      const RtPublication *publication = receive (&received, (const char *) data.data, data.len);
      g_assert_true (rt_stream_frame_parse (publication, &read));
      assert_same (&frame, &read);
      g_assert_cmpstr (read.source, ==, stamp.source);
      received_clear (&received);
    }
}

static void
test_bytes (void)
{
  g_autofree guint8 *bytes = g_malloc (RT_STREAM_MAX_CHUNK);
  g_autofree guint8 *read = g_malloc (RT_STREAM_MAX_CHUNK);
  const gsize lengths[] = { 1, 2, 3, 4, 1000, RT_STREAM_MAX_CHUNK - 1, RT_STREAM_MAX_CHUNK };
  const RtStreamFrame frame = { .kind = RT_STREAM_FRAME_DATA, .id = "1", .off = G_MAXINT64 / 2 };
  g_auto (RtBuffer) scratch = { 0 };

  for (gsize i = 0; i < RT_STREAM_MAX_CHUNK; i++)
    bytes[i] = (guint8) (i * 7 + (i >> 8));
  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_auto (RtBuffer) data = { 0 };
      Received received;

      rt_stream_frame_write (&data, &frame, &stamp, bytes, lengths[i], &scratch);
      g_assert_cmpuint (data.len, <=, (lengths[i] + 2) / 3 * 4 + RT_STREAM_FRAME_SIZE);
      const RtPublication *publication = receive (&received, (const char *) data.data, data.len);
      g_assert_cmpuint (rt_stream_frame_get_len (publication), ==, lengths[i]);
      g_assert_true (rt_stream_frame_decode (publication, read));
      g_assert_cmpmem (bytes, lengths[i], read, lengths[i]);
      received_clear (&received);
    }
}

typedef struct
{
  const char *data;
  gboolean parses;
} Case;

#define HEAD "{\"$rt\":1,\"id\":\"1\",\"src\":\"aa\","

static const Case cases[] = {
  { HEAD "\"st\":{\"k\":\"ask\",\"id\":\"1\"}}", TRUE },
  { HEAD "\"st\":{\"id\":\"1\",\"new\":[{}],\"k\":\"ask\"}}", TRUE },
  { "{\"id\":\"1\",\"src\":\"aa\",\"st\":{\"k\":\"ask\",\"id\":\"1\"}}", FALSE },
  { "{\"$rt\":1,\"id\":\"1\",\"st\":{\"k\":\"ask\",\"id\":\"1\"}}", FALSE },
  { "{\"$rt\":1,\"id\":\"1\",\"src\":\"\",\"st\":{\"k\":\"ask\",\"id\":\"1\"}}", FALSE },
  { "{\"$rt\":1,\"id\":\"1\",\"src\":\"\\u0061\",\"st\":{\"k\":\"ask\",\"id\":\"1\"}}", FALSE },
  { HEAD "\"st\":null}", FALSE },
  { HEAD "\"st\":5}", FALSE },
  { HEAD "\"st\":[]}", FALSE },
  { HEAD "\"st\":{}}", FALSE },
  { HEAD "\"st\":{\"k\":\"ask\"}}", FALSE },
  { HEAD "\"st\":{\"id\":\"1\"}}", FALSE },
  { HEAD "\"st\":{\"k\":\"nothing\",\"id\":\"1\"}}", FALSE },
  { HEAD "\"st\":{\"k\":\"ask\",\"id\":1}}", FALSE },
  { HEAD "\"st\":{\"k\":\"ask\",\"id\":\"-1\"}}", FALSE },
  { HEAD "\"st\":{\"k\":\"ask\",\"id\":\"123456789012345678901\"}}", FALSE },
  { HEAD "\"st\":{\"k\":\"ask\",\"id\":\"1\",\"off\":-1}}", FALSE },
  { HEAD "\"st\":{\"k\":\"ask\",\"id\":\"1\",\"off\":9223372036854775808}}", FALSE },
  { HEAD "\"st\":{\"k\":\"ask\",\"id\":\"1\",\"off\":9223372036854775807}}", TRUE },
  { HEAD "\"st\":{\"k\":\"ask\",\"id\":\"1\",\"got\":18446744073709551616}}", FALSE },
  { HEAD "\"st\":{\"k\":\"ask\",\"id\":\"1\",\"id\":\"2\"}}", FALSE },
  { HEAD "\"st\":{\"k\":\"ask\",\"id\":\"1\",\"to\":\"a b\"}}", FALSE },
  { HEAD "\"st\":{\"k\":\"end\",\"id\":\"1\"}}", FALSE },
  { HEAD "\"st\":{\"k\":\"end\",\"id\":\"1\",\"sum\":\"00\"}}", FALSE },
  { HEAD "\"st\":{\"k\":\"abort\",\"id\":\"1\",\"why\":\"\\u0000\"}}", TRUE },
};

static void
test_cases (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      RtStreamFrame frame;
      Received received;
      const RtPublication *publication = receive (&received, cases[i].data, strlen (cases[i].data));

      g_test_message ("%s", cases[i].data);
      g_assert_cmpint (rt_stream_frame_parse (publication, &frame), ==, cases[i].parses);
      received_clear (&received);
    }
}

static void
test_no_base64 (void)
{
  static const char *const bodies[] = {
    "\"text\":\"QUJD\"", "\"b64\":\"\"", "\"b64\":\"QUJ\"", "\"b64\":\"QU!D\"", "\"b64\":\"QUJD====\"", "\"b64\":\"=QJD\"",
    "\"b64\":\"QU\\u004aD\"",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autofree char *data = g_strdup_printf (HEAD "%s,\"st\":{\"k\":\"data\",\"id\":\"1\"}}", bodies[i]);
      guint8 bytes[16];
      Received received;
      const RtPublication *publication = receive (&received, data, strlen (data));

      g_test_message ("%s", data);
      g_assert_true (rt_stream_frame_get_len (publication) == 0 || !rt_stream_frame_decode (publication, bytes));
      received_clear (&received);
    }
}

static void
test_long_why (void)
{
  g_autofree char *long_text = g_strnfill (1000, 'a');
  RtStreamFrame frame = { .kind = RT_STREAM_FRAME_ABORT };

  rt_stream_frame_set_why (&frame, long_text);
  g_assert_cmpuint (strlen (frame.why), ==, RT_STREAM_MAX_WHY);
  /* Cut in the middle of a character. */
  memcpy (long_text + RT_STREAM_MAX_WHY - 1, "ü", 2);
  rt_stream_frame_set_why (&frame, long_text);
  g_assert_cmpuint (strlen (frame.why), ==, RT_STREAM_MAX_WHY - 1);
  rt_stream_frame_set_why (&frame, NULL);
  g_assert_cmpstr (frame.why, ==, "");
}

static void
assert_opening (const char *json, const char *name, const char *content_type, gint64 size)
{
  g_auto (RtStreamOpening) opening = { 0 };

  g_test_message ("%s", json);
  g_assert_cmpint (rt_stream_opening_parse (json, strlen (json), &opening), ==, name != NULL);
  if (name == NULL)
    return;
  g_assert_cmpstr (opening.name, ==, name);
  g_assert_cmpstr (opening.content_type, ==, content_type);
  g_assert_cmpint (opening.size, ==, size);
  g_autofree char *again = rt_stream_opening_to_json (&opening);
  g_auto (RtStreamOpening) second = { 0 };
  g_assert_true (rt_stream_opening_parse (again, strlen (again), &second));
  g_assert_cmpstr (second.id, ==, opening.id);
  g_assert_cmpstr (second.name, ==, name);
  g_assert_cmpstr (second.content_type, ==, content_type);
  g_assert_cmpint (second.size, ==, size);
}

static void
test_opening (void)
{
  assert_opening ("{\"stream\":\"7\",\"name\":\"a\"}", "a", NULL, -1);
  assert_opening ("{\"stream\":\"7\",\"name\":\"a \\\"b\\\"\",\"content-type\":\"text/plain\",\"size\":0}", "a \"b\"",
                  "text/plain", 0);
  assert_opening ("{\"size\":9223372036854775807,\"name\":\"\\u00fc\",\"stream\":\"7\",\"more\":{}}", "ü", NULL, G_MAXINT64);
  assert_opening ("{\"stream\":\"7\"}", NULL, NULL, -1);
  assert_opening ("{\"name\":\"a\"}", NULL, NULL, -1);
  assert_opening ("{\"stream\":7,\"name\":\"a\"}", NULL, NULL, -1);
  assert_opening ("{\"stream\":\"x\",\"name\":\"a\"}", NULL, NULL, -1);
  assert_opening ("{\"stream\":\"\",\"name\":\"a\"}", NULL, NULL, -1);
  assert_opening ("{\"stream\":\"7\",\"name\":\"\\u0000\"}", NULL, NULL, -1);
  assert_opening ("{\"stream\":\"7\",\"name\":\"a\",\"size\":-1}", NULL, NULL, -1);
  assert_opening ("{\"stream\":\"7\",\"name\":\"a\",\"size\":1.5}", NULL, NULL, -1);
  assert_opening ("{\"stream\":\"7\",\"name\":\"a\",\"size\":9223372036854775808}", NULL, NULL, -1);
  assert_opening ("{\"stream\":\"7\",\"name\":\"a\",\"size\":\"1\"}", NULL, NULL, -1);
  assert_opening ("[]", NULL, NULL, -1);
  assert_opening ("5", NULL, NULL, -1);
}

static void
test_long_name (void)
{
  g_autofree char *name = g_strnfill (RT_STREAM_MAX_NAME, 'n');
  g_autofree char *fits = g_strdup_printf ("{\"stream\":\"7\",\"name\":\"%s\"}", name);
  g_autofree char *too_long = g_strdup_printf ("{\"stream\":\"7\",\"name\":\"%sn\"}", name);

  assert_opening (fits, name, NULL, -1);
  assert_opening (too_long, NULL, NULL, -1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Stream/frame-round-trip", test_round_trip);
  g_test_add_func ("/Rt/Stream/frame-bytes", test_bytes);
  g_test_add_func ("/Rt/Stream/frame-cases", test_cases);
  g_test_add_func ("/Rt/Stream/frame-no-base64", test_no_base64);
  g_test_add_func ("/Rt/Stream/frame-long-why", test_long_why);
  g_test_add_func ("/Rt/Stream/opening", test_opening);
  g_test_add_func ("/Rt/Stream/opening-long-name", test_long_name);
  return g_test_run ();
}
