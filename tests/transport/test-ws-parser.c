/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ws-script.h"

/* Every case of the tables, read by both roles: whole, cut in two anywhere, and byte by byte. */

static const char *const role_names[] = { "client", "server" };

typedef struct
{
  const WsCase *test;
  RtWsRole role; /* of the parser */
} Run;

static RtWsParser *
new_parser (const Run *run)
{
  return rt_ws_parser_new (run->role, run->test->max_message > 0 ? run->test->max_message : WS_MAX_MESSAGE);
}

/* Every chunk is a block of its own and of exactly its size, so that the sanitizer sees any step outside. */
static void
feed_copy (RtWsParser *parser, const guint8 *data, gsize len, GString *outcome)
{
  g_autofree guint8 *chunk = g_malloc (MAX (len, 1));

  memcpy (chunk, data, len);
  ws_feed (parser, chunk, len, outcome);
}

static void
assert_whole (const Run *run, const guint8 *data, gsize len, const char *expected)
{
  g_autoptr (RtWsParser) parser = new_parser (run);
  g_autoptr (GString) outcome = g_string_new (NULL);

  feed_copy (parser, data, len, outcome);
  g_assert_cmpstr (outcome->str, ==, expected);
  /* It stays at its verdict. */
  feed_copy (parser, data, 0, outcome);
  g_assert_cmpstr (outcome->str, ==, expected);
}

static void
assert_cut_at (const Run *run, const guint8 *data, gsize len, gsize at, const char *expected)
{
  g_autoptr (RtWsParser) parser = new_parser (run);
  g_autoptr (GString) outcome = g_string_new (NULL);

  feed_copy (parser, data, at, outcome);
  feed_copy (parser, data + at, len - at, outcome);
  if (g_strcmp0 (outcome->str, expected) != 0)
    g_error ("Cut at byte %" G_GSIZE_FORMAT ": '%s' in place of '%s'", at, outcome->str, expected);
}

static void
assert_byte_by_byte (const Run *run, const guint8 *data, gsize len, const char *expected)
{
  g_autoptr (RtWsParser) parser = new_parser (run);
  g_autoptr (GString) outcome = g_string_new (NULL);
  g_autofree guint8 *chunk = g_malloc (1);

  for (gsize i = 0; i < len; i++)
    {
      *chunk = data[i];
      ws_feed (parser, chunk, 1, outcome);
    }
  g_assert_cmpstr (outcome->str, ==, expected);
}

/* Short cases are cut everywhere; of the few of many kilobytes, the inside of payloads only here and there. */
static gboolean
is_worth_a_cut (gsize at, gsize len, GArray *borders)
{
  gsize start = 0;

  if (len <= 4096 || at % 251 == 0)
    return TRUE;
  for (guint i = 0; i < borders->len; i++)
    {
      gsize border = g_array_index (borders, gsize, i);
      if (at <= start + 32 || (at <= border && at + 32 >= border))
        return TRUE;
      if (at <= border)
        return FALSE;
      start = border;
    }
  return FALSE;
}

static void
test_case (gconstpointer user_data)
{
  const Run *run = user_data;
  g_autoptr (GArray) borders = g_array_new (FALSE, FALSE, sizeof (gsize));
  g_autoptr (GBytes) sent = ws_compile (run->test->sent, ws_peer_of (run->role), borders);
  g_autofree char *expected = ws_normalize (run->test->outcome);
  gsize len;
  const guint8 *data = g_bytes_get_data (sent, &len);

  data = len > 0 ? data : (const guint8 *) "";
  assert_whole (run, data, len, expected);
  for (gsize at = 0; at <= len; at++)
    if (is_worth_a_cut (at, len, borders))
      assert_cut_at (run, data, len, at, expected);
  assert_byte_by_byte (run, data, len, expected);
}

/* Section 7.4: every code, read by both roles. */
static void
test_every_code (void)
{
  for (guint role = RT_WS_CLIENT; role <= RT_WS_SERVER; role++)
    for (guint code = 0; code <= 5000; code++)
      {
        gboolean valid = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014)
                         || (code >= 3000 && code <= 4999);
        g_autofree char *sent = g_strdup_printf ("88:%%%02x%%%02xwhy", code >> 8, code & 0xff);
        g_autofree char *outcome = valid ? g_strdup_printf ("close:%u:why", code) : g_strdup ("fault:1002");
        WsCase test = CASE ("7.4/every-code", sent, outcome);
        Run run = { &test, role };
        g_autoptr (GBytes) bytes = ws_compile (sent, ws_peer_of (role), NULL);
        gsize len;
        const guint8 *data = g_bytes_get_data (bytes, &len);

        assert_whole (&run, data, len, outcome);
        assert_byte_by_byte (&run, data, len, outcome);
      }
}

static void
add_case (const WsCase *test, gpointer user_data)
{
  guint *count = user_data;

  for (guint role = RT_WS_CLIENT; role <= RT_WS_SERVER; role++)
    {
      g_autofree char *path = g_strdup_printf ("/Rt/WsParser/%s/%s", test->name, role_names[role]);
      Run *run = g_new (Run, 1);

      *run = (Run) { test, role };
      g_test_add_data_func_full (path, run, test_case, g_free);
    }
  (*count)++;
}

int
main (int argc, char **argv)
{
  guint count = 0;

  g_test_init (&argc, &argv, NULL);
  ws_each_case (add_case, &count);
  g_assert_cmpuint (count, >=, 250);
  g_test_add_func ("/Rt/WsParser/7.4/every-code", test_every_code);
  return g_test_run ();
}
