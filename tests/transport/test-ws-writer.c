/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ws-script.h"

#include "rt-ws-xor.h"

static const guint8 mask[4] = { 0x37, 0xfa, 0x21, 0x3d };

static guint8 *
new_payload (gsize len)
{
  guint8 *data = g_malloc (len + 1);

  for (gsize i = 0; i < len; i++)
    data[i] = (guint8) (i * 7 + i / 251);
  return data;
}

static void
assert_bytes (const RtBuffer *buffer, const char *expected, gsize len)
{
  g_assert_cmpmem (buffer->data, buffer->len, expected, len);
}

/* Section 5.7, byte for byte. */
static void
test_examples (void)
{
  static const guint8 masked_hello[] = { 0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58 };
  static const guint8 masked_pong[] = { 0x8a, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58 };
  g_auto (RtBuffer) buffer = { NULL, 0, 0 };

  rt_ws_put_frame (&buffer, RT_WS_TEXT, TRUE, NULL, "Hello", 5);
  assert_bytes (&buffer, "\x81\x05Hello", 7);
  buffer.len = 0;
  rt_ws_put_frame (&buffer, RT_WS_TEXT, TRUE, mask, "Hello", 5);
  g_assert_cmpmem (buffer.data, buffer.len, masked_hello, sizeof masked_hello);
  buffer.len = 0;
  rt_ws_put_frame (&buffer, RT_WS_TEXT, FALSE, NULL, "Hel", 3);
  rt_ws_put_frame (&buffer, RT_WS_CONTINUATION, TRUE, NULL, "lo", 2);
  assert_bytes (&buffer, "\x01\x03Hel\x80\x02lo", 9);
  buffer.len = 0;
  rt_ws_put_frame (&buffer, RT_WS_PING, TRUE, NULL, "Hello", 5);
  assert_bytes (&buffer, "\x89\x05Hello", 7);
  buffer.len = 0;
  rt_ws_put_frame (&buffer, RT_WS_PONG, TRUE, mask, "Hello", 5);
  g_assert_cmpmem (buffer.data, buffer.len, masked_pong, sizeof masked_pong);
}

typedef struct
{
  gsize len;
  const char *header;
  gsize header_len;
} HeaderCase;

static const HeaderCase header_cases[] = {
  { 0, "\x82\x00", 2 },
  { 1, "\x82\x01", 2 },
  { 125, "\x82\x7d", 2 },
  { 126, "\x82\x7e\x00\x7e", 4 },
  { 127, "\x82\x7e\x00\x7f", 4 },
  { 256, "\x82\x7e\x01\x00", 4 },
  { 65535, "\x82\x7e\xff\xff", 4 },
  { 65536, "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00", 10 },
  { 70000, "\x82\x7f\x00\x00\x00\x00\x00\x01\x11\x70", 10 },
};

static void
test_lengths (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (header_cases); i++)
    {
      const HeaderCase *test = &header_cases[i];
      g_autofree guint8 *payload = new_payload (test->len);
      g_auto (RtBuffer) plain = { NULL, 0, 0 };
      g_auto (RtBuffer) masked = { NULL, 0, 0 };

      rt_ws_put_frame (&plain, RT_WS_BINARY, TRUE, NULL, payload, test->len);
      g_assert_cmpmem (plain.data, test->header_len, test->header, test->header_len);
      g_assert_cmpmem (plain.data + test->header_len, plain.len - test->header_len, payload, test->len);

      rt_ws_put_frame (&masked, RT_WS_BINARY, TRUE, mask, payload, test->len);
      g_assert_cmpuint (masked.len, ==, plain.len + 4);
      g_assert_cmpuint (masked.data[1], ==, (guint8) test->header[1] | 0x80);
      g_assert_cmpmem (masked.data + 2, test->header_len - 2, test->header + 2, test->header_len - 2);
      g_assert_cmpmem (masked.data + test->header_len, 4, mask, 4);
      for (gsize j = 0; j < test->len; j++)
        g_assert_cmpuint (masked.data[test->header_len + 4 + j], ==, payload[j] ^ mask[j % 4]);
    }
}

static void
test_first_byte (void)
{
  static const RtWsOpcode opcodes[]
    = { RT_WS_CONTINUATION, RT_WS_TEXT, RT_WS_BINARY, RT_WS_CLOSE, RT_WS_PING, RT_WS_PONG };

  for (guint i = 0; i < G_N_ELEMENTS (opcodes); i++)
    for (guint fin = opcodes[i] >= RT_WS_CLOSE ? 1 : 0; fin <= 1; fin++)
      {
        g_auto (RtBuffer) buffer = { NULL, 0, 0 };

        rt_ws_put_frame (&buffer, opcodes[i], fin == 1, NULL, NULL, 0);
        g_assert_cmpuint (buffer.len, ==, 2);
        g_assert_cmpuint (buffer.data[0], ==, (fin << 7) | opcodes[i]);
      }
}

/* Behind what the buffer holds already, which stays. */
static void
test_appends (void)
{
  g_auto (RtBuffer) buffer = { NULL, 0, 0 };

  rt_buffer_put_literal (&buffer, "before");
  for (guint i = 0; i < 1000; i++)
    rt_ws_put_frame (&buffer, RT_WS_TEXT, TRUE, NULL, "x", 1);
  g_assert_cmpuint (buffer.len, ==, 6 + 3 * 1000);
  g_assert_cmpmem (buffer.data, 9, "before\x81\x01x", 9);
  g_assert_cmpmem (buffer.data + buffer.len - 3, 3, "\x81\x01x", 3);
}

/* What one role writes the other reads. */
static void
test_read_back (void)
{
  for (guint role = RT_WS_CLIENT; role <= RT_WS_SERVER; role++)
    for (gsize len = 0; len < 300; len++)
      {
        g_autoptr (RtWsParser) parser = rt_ws_parser_new (role, 1000);
        g_autoptr (GString) outcome = g_string_new (NULL);
        g_autoptr (GString) expected = g_string_new (NULL);
        g_autofree guint8 *payload = new_payload (len);
        const guint8 *key = role == RT_WS_SERVER ? mask : NULL;
        g_auto (RtBuffer) buffer = { NULL, 0, 0 };

        rt_ws_put_frame (&buffer, RT_WS_BINARY, FALSE, key, payload, len / 3);
        rt_ws_put_frame (&buffer, RT_WS_PING, TRUE, key, payload, MIN (len, 125));
        rt_ws_put_frame (&buffer, RT_WS_CONTINUATION, TRUE, key, payload + len / 3, len - len / 3);
        rt_ws_put_close (&buffer, key, 4001, "gone");
        ws_feed (parser, buffer.data, buffer.len, outcome);
        ws_describe (expected, "ping", payload, MIN (len, 125));
        ws_describe (expected, "binary", payload, len);
        ws_describe (expected, "close:4001", (const guint8 *) "gone", 4);
        g_assert_cmpstr (outcome->str, ==, expected->str);
      }
}

static char *
written_close (guint16 code, const char *reason)
{
  g_autoptr (RtWsParser) parser = rt_ws_parser_new (RT_WS_SERVER, 1000);
  GString *outcome = g_string_new (NULL);
  g_auto (RtBuffer) buffer = { NULL, 0, 0 };

  rt_ws_put_close (&buffer, mask, code, reason);
  ws_feed (parser, buffer.data, buffer.len, outcome);
  return g_string_free (outcome, FALSE);
}

static void
assert_close (guint16 code, const char *reason, const char *outcome)
{
  g_autofree char *written = written_close (code, reason);
  g_autofree char *expected = ws_normalize (outcome);

  g_assert_cmpstr (written, ==, expected);
}

static void
test_close (void)
{
  g_autofree char *as = g_strnfill (200, 'a');
  g_autofree char *fits = g_strdup_printf ("%.121s\303\251", as);
  g_autofree char *cut_two = g_strdup_printf ("%.122s\303\251", as);
  g_autofree char *cut_four = g_strdup_printf ("%.120s\360\237\230\200", as);

  assert_close (RT_WS_CLOSE_NO_STATUS, NULL, "close:1005:");
  assert_close (RT_WS_CLOSE_NO_STATUS, "not sent", "close:1005:");
  assert_close (1000, NULL, "close:1000:");
  assert_close (1000, "", "close:1000:");
  assert_close (1001, "bye", "close:1001:bye");
  assert_close (4999, "\303\251", "close:4999:%c3%a9");
  assert_close (1000, as, "close:1000:(a*123)");
  assert_close (1000, fits, "close:1000:(a*121)%c3%a9");
  assert_close (1000, cut_two, "close:1000:(a*122)");
  assert_close (1000, cut_four, "close:1000:(a*120)");
  assert_close (1000, "good\377bad", "close:1000:good");
}

static void
test_close_codes (void)
{
  for (guint code = 0; code <= G_MAXUINT16 + 10; code++)
    {
      gboolean valid = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014)
                       || (code >= 3000 && code <= 4999);

      g_assert_cmpint (rt_ws_close_code_valid (code), ==, valid);
    }
}

/* Every length, alignment and phase, against a byte at a time. */
static void
test_xor (void)
{
  g_autofree guint8 *from = new_payload (400);
  guint8 to[400];

  for (gsize len = 0; len <= 200; len++)
    for (gsize phase = 0; phase < 8; phase++)
      for (gsize start = 0; start < 9; start++)
        {
          memset (to, 0xee, sizeof to);
          rt_ws_xor (to + start, from + 8 - start, len, mask, phase);
          for (gsize i = 0; i < len; i++)
            g_assert_cmpuint (to[start + i], ==, from[8 - start + i] ^ mask[(phase + i) % 4]);
          g_assert_cmpuint (to[start + len], ==, 0xee);
        }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/WsWriter/examples", test_examples);
  g_test_add_func ("/Rt/WsWriter/lengths", test_lengths);
  g_test_add_func ("/Rt/WsWriter/first-byte", test_first_byte);
  g_test_add_func ("/Rt/WsWriter/appends", test_appends);
  g_test_add_func ("/Rt/WsWriter/read-back", test_read_back);
  g_test_add_func ("/Rt/WsWriter/close", test_close);
  g_test_add_func ("/Rt/WsWriter/close-codes", test_close_codes);
  g_test_add_func ("/Rt/WsXor/all", test_xor);
  return g_test_run ();
}
