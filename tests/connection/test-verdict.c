/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-verdict.h"

#include <string.h>
#include "rt-clock.h"
#include "rt-error.h"

/* The tables of docs/connecting.md are what is expected: every close code, status and error code, number by number. */

#define DEFAULT_SPREAD RT_CLOCK_MS (10000)

static char **page; /* lines */

static void
load_page (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "docs", "connecting.md", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  page = g_strsplit (text, "\n", -1);
}

static RtVerdictKind
parse_outcome (const char *text)
{
  static const struct
  {
    const char *text;
    RtVerdictKind kind;
  } outcomes[] = {
    { "retry", RT_VERDICT_RETRY }, { "other way", RT_VERDICT_REFUSED }, { "final", RT_VERDICT_TERMINAL },
    { "token", RT_VERDICT_TOKEN }, { "fault", RT_VERDICT_FAULT },       { "message", RT_VERDICT_MESSAGE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++)
    if (strcmp (text, outcomes[i].text) == 0)
      return outcomes[i].kind;
  g_error ("docs/connecting.md: not known what the outcome \"%s\" is", text);
}

static RtVerdict
parse_verdict (const char *outcome, const char *besides)
{
  g_auto (GStrv) words = g_strsplit (besides, ", ", -1);
  RtVerdict verdict = { .kind = parse_outcome (outcome), .floor = -1, .spread = -1 };

  for (guint i = 0; words[i] != NULL; i++)
    if (strcmp (words[i], "spread") == 0)
      verdict.spread = DEFAULT_SPREAD;
    else if (strcmp (words[i], "new token") == 0)
      verdict.new_token = TRUE;
    else if (strcmp (words[i], "afresh") == 0)
      verdict.resync = TRUE;
    else
      g_error ("docs/connecting.md: not known what \"%s\" means", words[i]);
  return verdict;
}

/* "a" or "a–b" */
static void
parse_range (const char *text, guint64 *first, guint64 *last)
{
  char *end = NULL;

  *first = *last = g_ascii_strtoull (text, &end, 10);
  if (g_str_has_prefix (end, "–"))
    *last = g_ascii_strtoull (end + strlen ("–"), &end, 10);
  g_assert_cmpstr (end, ==, "");
  g_assert_cmpuint (*first, <=, *last);
}

/* A verdict for each number below @n that the table with the heading @title speaks of, each of which it may speak of
 * once. */
static GArray *
load_table (const char *title, guint n, gboolean *known)
{
  GArray *table = g_array_sized_new (FALSE, TRUE, sizeof (RtVerdict), n);
  guint line = 0;

  g_array_set_size (table, n);
  while (page[line] != NULL && strcmp (page[line], title) != 0)
    line++;
  while (page[line] != NULL && !g_str_has_prefix (page[line], "|---"))
    line++;
  g_assert_nonnull (page[line]);
  while (g_str_has_prefix (page[++line], "|"))
    {
      g_auto (GStrv) cells = g_strsplit (page[line], "|", -1);
      gboolean more = g_strv_length (cells) == 6;
      g_auto (GStrv) ranges = g_strsplit (g_strstrip (cells[1]), ", ", -1);
      RtVerdict verdict = parse_verdict (g_strstrip (cells[3]), more ? g_strstrip (cells[4]) : "");

      for (guint i = 0; ranges[i] != NULL; i++)
        {
          guint64 first, last;
          parse_range (ranges[i], &first, &last);
          g_assert_cmpuint (last, <, n);
          for (guint64 number = first; number <= last; number++)
            {
              g_assert_false (known[number]);
              known[number] = TRUE;
              g_array_index (table, RtVerdict, number) = verdict;
            }
        }
    }
  return table;
}

static void
assert_verdict (const RtVerdict *verdict, const RtVerdict *expected, guint number)
{
  if (verdict->kind != expected->kind || verdict->new_token != expected->new_token
      || verdict->resync != expected->resync || verdict->floor != expected->floor
      || verdict->spread != expected->spread)
    g_error ("%u: is kind %d, token %d, resync %d, floor %" G_GINT64_FORMAT ", spread %" G_GINT64_FORMAT
             "; the page says %d, %d, %d, %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT, number, verdict->kind,
             verdict->new_token, verdict->resync, verdict->floor, verdict->spread, expected->kind,
             expected->new_token, expected->resync, expected->floor, expected->spread);
}

static RtTransportEnd
end_with (guint code, const char *reason)
{
  return (RtTransportEnd) { .code = code, .reason = reason, .retry_after = -1, .was_open = TRUE };
}

static void
test_close_codes (void)
{
  const guint n = G_MAXUINT16 + 1;
  g_autofree gboolean *known = g_new0 (gboolean, n);
  g_autoptr (GArray) table = load_table ("### Close codes", n, known);

  for (guint code = 0; code < n; code++)
    {
      RtTransportEnd end = end_with (code, "");

      g_assert_true (known[code]);
      for (guint open = 0; open < 2; open++)
        {
          end.was_open = open;
          RtVerdict verdict = rt_verdict_of_end (&end, 0);
          assert_verdict (&verdict, &g_array_index (table, RtVerdict, code), code);
        }
    }
  RtTransportEnd beyond = end_with (G_MAXUINT, "");
  g_assert_cmpint (rt_verdict_of_end (&beyond, 0).kind, ==, RT_VERDICT_RETRY);
}

static void
test_statuses (void)
{
  const guint n = 600;
  g_autofree gboolean *known = g_new0 (gboolean, n);
  g_autoptr (GArray) table = load_table ("### HTTP statuses", n, known);
  static const guint no_codes[] = { 0, 1005, 1006 };

  for (guint status = 100; status < n; status++)
    for (guint i = 0; i < G_N_ELEMENTS (no_codes); i++)
      {
        RtTransportEnd end = end_with (no_codes[i], "");
        RtVerdict expected = g_array_index (table, RtVerdict, status);

        g_assert_true (known[status]);
        end.http_status = status;
        end.was_open = FALSE;
        RtVerdict verdict = rt_verdict_of_end (&end, 0);
        assert_verdict (&verdict, &expected, status);

        end.retry_after = expected.floor = RT_CLOCK_MS (7000);
        verdict = rt_verdict_of_end (&end, 0);
        assert_verdict (&verdict, &expected, status);
      }
}

/* A code that the server gave goes before the status that it came with; of a line that was open the status tells
 * nothing. */
static void
test_precedence (void)
{
  RtTransportEnd end = end_with (3005, "");

  end.http_status = 403;
  end.was_open = FALSE;
  RtVerdict verdict = rt_verdict_of_end (&end, 0);
  g_assert_cmpint (verdict.kind, ==, RT_VERDICT_RETRY);
  g_assert_true (verdict.new_token);

  end = end_with (1006, "");
  end.http_status = 403;
  g_assert_cmpint (rt_verdict_of_end (&end, 0).kind, ==, RT_VERDICT_RETRY);

  end.tls_refused = TRUE;
  end.was_open = FALSE;
  end.http_status = 0;
  g_assert_cmpint (rt_verdict_of_end (&end, 0).kind, ==, RT_VERDICT_TERMINAL);
}

static void
test_replies (void)
{
  const guint n = 2000;
  g_autofree gboolean *known = g_new0 (gboolean, n);
  g_autoptr (GArray) table = load_table ("### The reply to the token", n, known);

  for (guint code = 100; code < n; code++)
    {
      RtVerdict expected = g_array_index (table, RtVerdict, code);
      RtVerdict verdict = rt_verdict_of_reply (code, FALSE);

      g_assert_true (known[code]);
      assert_verdict (&verdict, &expected, code);
      verdict = rt_verdict_of_reply (code, TRUE);
      if (code != 109)
        expected = (RtVerdict) { .kind = RT_VERDICT_RETRY, .floor = -1, .spread = -1 };
      assert_verdict (&verdict, &expected, code);
    }
}

static void
test_closing_notice (void)
{
  RtTransportEnd end = end_with (3001, "");

  g_assert_cmpint (rt_verdict_of_end (&end, 0).spread, ==, DEFAULT_SPREAD);
  g_assert_cmpint (rt_verdict_of_end (&end, 1).spread, ==, 1000);
  g_assert_cmpint (rt_verdict_of_end (&end, 60000).spread, ==, RT_CLOCK_MS (60000));
  g_assert_cmpint (rt_verdict_of_end (&end, G_MAXUINT).spread, ==, RT_CLOCK_MS (G_MAXUINT));
  end = end_with (1000, "");
  g_assert_cmpint (rt_verdict_of_end (&end, 0).spread, ==, -1);
  g_assert_cmpint (rt_verdict_of_end (&end, 5000).spread, ==, RT_CLOCK_MS (5000));
}

/* The message was too large for this end, so leaving one of ours away would not help. */
static void
test_own_limit (void)
{
  g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_TOO_LARGE, "A message is too large");
  RtTransportEnd end = end_with (1009, "message too large");

  g_assert_cmpint (rt_verdict_of_end (&end, 0).kind, ==, RT_VERDICT_MESSAGE);
  end.error = error;
  g_assert_cmpint (rt_verdict_of_end (&end, 0).kind, ==, RT_VERDICT_FAULT);
}

static void
test_reasons (void)
{
  static const struct
  {
    guint code;
    const char *reason;
    RtVerdictKind kind;
  } cases[] = {
    { 3000, "{\"reason\":\"shutdown\",\"reconnect\":true}", RT_VERDICT_RETRY },
    { 3000, "{\"reason\":\"gone\",\"reconnect\":false}", RT_VERDICT_TERMINAL },
    { 3002, "{\"reconnect\":false,\"reason\":\"invalid token\"}", RT_VERDICT_TERMINAL },
    { 1000, "{\"reason\":\"\",\"reconnect\":false}", RT_VERDICT_TERMINAL },
    { 3501, "{\"reason\":\"bad request\",\"reconnect\":true}", RT_VERDICT_RETRY },
    { 1008, " { \"reason\" : \"x\" , \"reconnect\" : true } ", RT_VERDICT_TERMINAL }, /* begins with a blank */
    { 1008, "{ \"reason\" : \"x\" , \"reconnect\" : true } ", RT_VERDICT_RETRY },
    { 1002, "{\"reconnect\":true}", RT_VERDICT_FAULT },
    { 1009, "{\"reconnect\":true}", RT_VERDICT_MESSAGE },
    { 3500, "{\"reconnect\":true}", RT_VERDICT_TOKEN },
    { 3500, "{\"reconnect\":false}", RT_VERDICT_TERMINAL },
    /* Nothing that is understood: the code decides. */
    { 3501, "{\"reconnect\":1}", RT_VERDICT_TERMINAL },
    { 3501, "{\"reconnect\":\"true\"}", RT_VERDICT_TERMINAL },
    { 3501, "{\"reconnect\":true", RT_VERDICT_TERMINAL },
    { 3501, "{\"reconnect\":true} and more", RT_VERDICT_TERMINAL },
    { 3501, "{\"reconnect\":true,\"reconnect\":true}", RT_VERDICT_TERMINAL },
    { 3501, "{\"advice\":{\"reconnect\":true}}", RT_VERDICT_TERMINAL },
    { 3501, "{", RT_VERDICT_TERMINAL },
    { 3501, "{}", RT_VERDICT_TERMINAL },
    { 3501, "reconnect", RT_VERDICT_TERMINAL },
    { 3501, "", RT_VERDICT_TERMINAL },
    { 3501, NULL, RT_VERDICT_TERMINAL },
    { 3000, "{\"reconnect\":null}", RT_VERDICT_RETRY },
    { 3000, "{\"reconnect\":[false]}", RT_VERDICT_RETRY },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      RtTransportEnd end = end_with (cases[i].code, cases[i].reason);
      if (rt_verdict_of_end (&end, 0).kind != cases[i].kind)
        g_error ("%u %s: is %d, not %d", cases[i].code, cases[i].reason, rt_verdict_of_end (&end, 0).kind,
                 cases[i].kind);
    }
}

/* Whatever the peer writes there, cut off at whatever byte. */
static void
test_reason_garbage (void)
{
  static const char text[] = "{\"reason\":\"a\\u00e9\\\"b\",\"x\":[1,{\"y\":null}],\"reconnect\":true}";

  for (gsize len = 0; len < sizeof text; len++)
    for (guint flip = 0; flip < 8; flip++)
      {
        g_autofree char *reason = g_strndup (text, len);
        RtTransportEnd end = end_with (3501, reason);

        g_assert_cmpint (rt_verdict_of_end (&end, 0).kind, ==,
                         len == sizeof text - 1 ? RT_VERDICT_RETRY : RT_VERDICT_TERMINAL);
        if (len == 0)
          continue;
        reason[g_test_rand_int_range (0, (gint) len)] ^= (char) (1 << flip);
        RtVerdictKind kind = rt_verdict_of_end (&end, 0).kind;
        g_assert_true (kind == RT_VERDICT_TERMINAL || kind == RT_VERDICT_RETRY);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  load_page ();
  g_test_add_func ("/Rt/Verdict/close-codes", test_close_codes);
  g_test_add_func ("/Rt/Verdict/statuses", test_statuses);
  g_test_add_func ("/Rt/Verdict/precedence", test_precedence);
  g_test_add_func ("/Rt/Verdict/replies", test_replies);
  g_test_add_func ("/Rt/Verdict/closing-notice", test_closing_notice);
  g_test_add_func ("/Rt/Verdict/own-limit", test_own_limit);
  g_test_add_func ("/Rt/Verdict/reasons", test_reasons);
  g_test_add_func ("/Rt/Verdict/reason-garbage", test_reason_garbage);
  int result = g_test_run ();
  g_strfreev (page);
  return result;
}
