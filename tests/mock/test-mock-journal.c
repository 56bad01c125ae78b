/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "rt-raw-client.h"
#include "rt-raw-http.h"
#include "rt-test.h"

/* A server that goes on where it was, from a file. */

#define RT1_HEADER "X-Rt-Protocol: 1\r\n"

typedef struct
{
  char *folder;
  char *path;
  RtMockServer *server;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("rt-journal-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "journal", NULL);
  fixture->server = rt_mock_server_new ();
  rt_mock_server_set_journal (fixture->server, fixture->path);
  g_assert_true (rt_mock_server_start (fixture->server, NULL));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  rt_raw_server_end (fixture->server);
  g_unlink (fixture->path);
  g_rmdir (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->folder);
}

/* Another object, which knows nothing but the file. */
static void
restart (Fixture *fixture)
{
  rt_raw_server_end (fixture->server);
  fixture->server = rt_mock_server_new ();
  rt_mock_server_set_journal (fixture->server, fixture->path);
  g_assert_true (rt_mock_server_start (fixture->server, NULL));
}

static char *
read_file (Fixture *fixture)
{
  char *text = NULL;

  g_assert_true (g_file_get_contents (fixture->path, &text, NULL, NULL));
  return text;
}

static void
write_file (Fixture *fixture, const char *text)
{
  g_assert_true (g_file_set_contents (fixture->path, text, -1, NULL));
}

/* The answer to {"id":N,<command>}. */
static char *
ask (Fixture *fixture, const char *command)
{
  g_autoptr (RtRawStream) stream = rt_raw_stream_new (fixture->server, RT1_HEADER, "{\"rt\":{\"user\":\"ann\"}}");
  g_autofree char *whole = g_strdup_printf ("{\"id\":2,%s}", command);
  char *line;

  g_assert_cmpuint (rt_raw_stream_emulate (stream, whole), ==, 204);
  while (!g_str_has_prefix (line = rt_raw_stream_take (stream), "{\"id\":2,"))
    g_free (line);
  return line;
}

static void
check (Fixture *fixture, const char *command, const char *part)
{
  g_autofree char *line = ask (fixture, command);

  rt_raw_assert_has (line, part);
}

static void
test_goes_on (Fixture *fixture, gconstpointer data)
{
  check (fixture, "\"publish\":{\"channel\":\"c\",\"data\":{\"a\": 1},\"idem\":\"x\\\"1\"}", "\"offset\":1");
  check (fixture, "\"publish\":{\"channel\":\"c\",\"data\":\"two\",\"idem\":\"x2\"}", "\"offset\":2");
  g_assert_true (rt_mock_server_publish (fixture->server, "c", "[\n3]", NULL));
  g_autofree char *before = ask (fixture, "\"history\":{\"channel\":\"c\",\"limit\":-1}");
  rt_raw_assert_has (before, "\"user\":\"ann\"");
  restart (fixture);
  g_autofree char *after = ask (fixture, "\"history\":{\"channel\":\"c\",\"limit\":-1}");
  g_assert_cmpstr (before, ==, after);
  check (fixture, "\"publish\":{\"channel\":\"c\",\"data\":\"two\",\"idem\":\"x2\"}", "\"offset\":2");
  check (fixture, "\"publish\":{\"channel\":\"c\",\"data\":\"two\",\"idem\":\"x2\"}", "\"dup\":true");
  check (fixture, "\"publish\":{\"channel\":\"c\",\"data\":{\"a\":1},\"idem\":\"x\\\"1\"}", "\"offset\":1");
  check (fixture, "\"publish\":{\"channel\":\"c\",\"data\":4,\"idem\":\"x4\"}", "\"offset\":4");
}

static void
test_recovery (Fixture *fixture, gconstpointer data)
{
  g_autofree char *joined = ask (fixture, "\"subscribe\":{\"channel\":\"c\"}");
  g_autofree char *epoch = rt_raw_get_string (joined, "epoch");
  g_autofree char *again =
      g_strdup_printf ("\"subscribe\":{\"channel\":\"c\",\"recover\":true,\"epoch\":\"%s\"}", epoch);

  /* Where nothing was published yet, too. */
  restart (fixture);
  check (fixture, again, "\"recovered\":true");
  check (fixture, "\"publish\":{\"channel\":\"c\",\"data\":\"new\"}", "\"offset\":1");
  restart (fixture);
  g_autofree char *recovered = ask (fixture, again);
  rt_raw_assert_has (recovered, "\"recovered\":true");
  rt_raw_assert_has (recovered, "\"data\":\"new\"");
}

static void
test_new_epoch (Fixture *fixture, gconstpointer data)
{
  g_autofree char *joined = ask (fixture, "\"subscribe\":{\"channel\":\"c\"}");
  g_autofree char *epoch = rt_raw_get_string (joined, "epoch");
  g_autofree char *again =
      g_strdup_printf ("\"subscribe\":{\"channel\":\"c\",\"recover\":true,\"epoch\":\"%s\"}", epoch);

  check (fixture, "\"publish\":{\"channel\":\"c\",\"data\":1}", "\"offset\":1");
  rt_mock_server_new_epoch (fixture->server, "c");
  check (fixture, "\"publish\":{\"channel\":\"c\",\"data\":2}", "\"offset\":1");
  restart (fixture);
  g_autofree char *lost = ask (fixture, again);
  rt_raw_assert_has_not (lost, "\"recovered\"");
  check (fixture, "\"history\":{\"channel\":\"c\",\"limit\":-1}", "\"publications\":[{\"data\":2,");
}

/* Whatever was written of a last line when the server was killed, the lines before it hold. */
static void
test_torn_line (Fixture *fixture, gconstpointer data)
{
  check (fixture, "\"publish\":{\"channel\":\"c\",\"data\":1}", "\"offset\":1");
  g_autofree char *whole = read_file (fixture);
  check (fixture, "\"publish\":{\"channel\":\"c\",\"data\":2}", "\"offset\":2");
  g_autofree char *more = read_file (fixture);
  gsize begin = strlen (whole);

  for (gsize cut = begin; cut < strlen (more); cut++)
    {
      g_autofree char *torn = g_strndup (more, cut);
      rt_mock_server_stop (fixture->server);
      write_file (fixture, torn);
      g_assert_true (rt_mock_server_start (fixture->server, NULL));
      g_autofree char *left = read_file (fixture);
      g_assert_cmpstr (left, ==, whole);
    }
  check (fixture, "\"publish\":{\"channel\":\"c\",\"data\":\"other\"}", "\"offset\":2");
  restart (fixture);
  check (fixture, "\"history\":{\"channel\":\"c\",\"limit\":-1}", "\"data\":\"other\"");
}

static void
test_damaged (Fixture *fixture, gconstpointer data)
{
  static const char *const bad[] = { "x", "", "{}", "[]", "{\"channel\":\"c\"}", "{\"channel\":1,\"epoch\":\"e\"}" };
  g_autofree char *whole = NULL;

  check (fixture, "\"publish\":{\"channel\":\"c\",\"data\":1}", "\"offset\":1");
  whole = read_file (fixture);
  rt_mock_server_stop (fixture->server);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *text = g_strdup_printf ("%s%s\n%s", whole, bad[i], whole);
      g_autoptr (GError) error = NULL;

      write_file (fixture, text);
      g_assert_false (rt_mock_server_start (fixture->server, &error));
      g_assert_error (error, RT_ERROR, RT_ERROR_FAILED);
      rt_raw_assert_has (error->message, "Line 3 of the journal");
    }
}

/* Lines that are well formed, but that this server would not have written. */
static void
test_foreign (Fixture *fixture, gconstpointer data)
{
  rt_mock_server_stop (fixture->server);
  write_file (fixture, "{\"channel\":\"\",\"epoch\":\"e\"}\n"
                       "{\"channel\":\"c\",\"epoch\":\"longer than any\",\"offset\":18446744073709551615,\"data\":1}\n"
                       "{\"channel\":\"c\",\"epoch\":\"longer than any\",\"offset\":7,\"data\":1,\"time\":9007199254740991}\n"
                       "{\"channel\":\"c\\u0000\",\"epoch\":\"e\",\"data\":1}\n"
                       "{\"channel\":\"d\",\"epoch\":\"e\",\"offset\":5,\"data\":5,\"time\":1}\n");
  g_assert_true (rt_mock_server_start (fixture->server, NULL));
  check (fixture, "\"publish\":{\"channel\":\"d\",\"data\":1}", "\"offset\":6");
}

static void
test_locked (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtMockServer) other = rt_mock_server_new ();
  g_autoptr (GError) error = NULL;

  rt_mock_server_set_journal (other, fixture->path);
  g_assert_false (rt_mock_server_start (other, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_FAILED);
  g_clear_error (&error);
  rt_mock_server_set_journal (other, "/nowhere/at/all");
  g_assert_false (rt_mock_server_start (other, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_FAILED);
}

/* Where no more can be written nothing is accepted, and what was is not damaged. */
static void
test_full (Fixture *fixture, gconstpointer data)
{
  struct rlimit old, small;
  g_autofree char *text = NULL;

  check (fixture, "\"publish\":{\"channel\":\"c\",\"data\":1}", "\"offset\":1");
  text = read_file (fixture);
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &old), ==, 0);
  small = old;
  small.rlim_cur = strlen (text) + 20;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
  g_autofree char *refused = ask (fixture, "\"publish\":{\"channel\":\"c\",\"data\":2}");
  g_autoptr (GError) error = NULL;
  gboolean published = rt_mock_server_publish (fixture->server, "c", "2", &error);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &old), ==, 0);

  rt_raw_assert_has (refused, "\"code\":100");
  rt_raw_assert_has (refused, "\"temporary\":true");
  g_assert_false (published);
  g_assert_error (error, RT_ERROR, RT_ERROR_FAILED);
  g_autofree char *same = read_file (fixture);
  g_assert_cmpstr (same, ==, text);
  check (fixture, "\"publish\":{\"channel\":\"c\",\"data\":3}", "\"offset\":2");
}

/* Trimmed history is trimmed after a restart, and offsets count on. */
static void
test_trimmed (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 5; i++)
    check (fixture, "\"publish\":{\"channel\":\"c\",\"data\":1}", "\"publish\"");
  rt_mock_server_stop (fixture->server);
  rt_mock_server_set_history_size (fixture->server, 2);
  g_assert_true (rt_mock_server_start (fixture->server, NULL));
  g_autofree char *history = ask (fixture, "\"history\":{\"channel\":\"c\",\"limit\":-1}");
  rt_raw_assert_has_not (history, "\"offset\":3,");
  rt_raw_assert_has (history, "\"offset\":4");
  check (fixture, "\"publish\":{\"channel\":\"c\",\"data\":1}", "\"offset\":6");
}

static void
test_property (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = rt_mock_server_get_journal (fixture->server);

  g_assert_cmpstr (path, ==, fixture->path);
}

#define ADD(path, func) g_test_add ("/Rt/MockJournal/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("goes-on", test_goes_on);
  ADD ("recovery", test_recovery);
  ADD ("new-epoch", test_new_epoch);
  ADD ("torn-line", test_torn_line);
  ADD ("damaged", test_damaged);
  ADD ("foreign", test_foreign);
  ADD ("locked", test_locked);
  ADD ("full", test_full);
  ADD ("trimmed", test_trimmed);
  ADD ("property", test_property);
  return g_test_run ();
}
