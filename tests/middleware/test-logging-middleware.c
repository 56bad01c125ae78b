/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "chain-probe.h"
#include "rt-log-entry.h"
#include "rt-logging-middleware.h"
#include "rt-message-builder.h"

#define IN RT_DIRECTION_INCOMING
#define OUT RT_DIRECTION_OUTGOING
#define SECRET "hunter2"

/* What was logged: each entry's fields in one line, KEY=VALUE|... */
static GString *entries;

static GLogWriterOutput
writer (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer unused)
{
  g_string_append_printf (entries, "LEVEL=%d", level);
  for (gsize i = 0; i < n_fields; i++)
    {
      g_assert_cmpint (fields[i].length, ==, -1);
      g_string_append_printf (entries, "|%s=%s", fields[i].key, (const char *) fields[i].value);
    }
  g_string_append_c (entries, '\n');
  return G_LOG_WRITER_HANDLED;
}

static void
assert_logged (const char *text)
{
  if (strstr (entries->str, text) == NULL)
    g_error ("“%s” is not in the log: %s", text, entries->str);
}

static void
assert_not_logged (const char *text)
{
  if (strstr (entries->str, text) != NULL)
    g_error ("“%s” is in the log: %s", text, entries->str);
}

static RtLoggingMiddleware *
add_logging (ChainProbe *probe)
{
  g_autoptr (RtMiddleware) logging = rt_logging_middleware_new ();

  g_string_truncate (entries, 0);
  rt_chain_add (probe->chain, logging);
  return RT_LOGGING_MIDDLEWARE (logging);
}

static void
run_secret (ChainProbe *probe, RtDirection direction)
{
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_new ();
  g_autoptr (RtMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  rt_message_builder_with_channel (builder, "news");
  rt_message_builder_with_content (builder, "the word is " SECRET);
  rt_message_builder_with_sender (builder, "sender-" SECRET);
  rt_message_builder_with_metadata (builder, "colour", "red-" SECRET);
  rt_message_builder_with_metadata (builder, "access-token", "blue-" SECRET);
  rt_message_builder_with_tag (builder, "tag", "tag-" SECRET);
  message = rt_message_builder_build (builder, &error);
  g_assert_no_error (error);
  rt_chain_run (probe->chain, direction, message, (gpointer) "1", NULL, 1000);
}

static void
test_fields (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();

  add_logging (probe);
  probe->is_slow = TRUE;
  run_secret (probe, OUT);
  assert_logged ("|RT_PHASE=request|RT_DIRECTION=outgoing|RT_CHANNEL=news|RT_MESSAGE_ID=");
  assert_logged ("|RT_MESSAGE_TYPE=text|RT_SIZE=19|");
  assert_logged ("|GLIB_DOMAIN=Realtime|");
  assert_logged ("|PRIORITY=6|");
  assert_not_logged ("RT_OUTCOME");
  rt_clock_virtual_advance (1234);
  rt_chain_complete (probe->chain, probe->sent->pdata[0], NULL);
  assert_logged ("|RT_PHASE=completion|");
  assert_logged ("|RT_DURATION_US=1234|RT_OUTCOME=done|");
  assert_logged ("|MESSAGE=outgoing message ");
}

static void
test_secrets (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  RtLoggingMiddleware *logging = add_logging (probe);

  run_secret (probe, IN);
  run_secret (probe, OUT);
  assert_not_logged (SECRET);
  assert_logged ("colour=***");
  rt_logging_middleware_set_show_metadata (logging, TRUE);
  run_secret (probe, IN);
  assert_logged ("colour=red-" SECRET);
  assert_logged ("access-token=***");
  assert_not_logged ("blue");
  assert_not_logged ("the word is");
  rt_logging_middleware_set_show_content (logging, TRUE);
  run_secret (probe, IN);
  assert_logged ("|RT_CONTENT=the word is " SECRET "|");
  assert_not_logged ("sender");
}

static void
test_outcomes (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();
  RtLoggingMiddleware *logging = add_logging (probe);
  Stage *stage = chain_probe_add (probe, "A", STAGE_DROP);

  chain_probe_run (probe, IN, "a", "1");
  assert_logged ("|RT_REASON=not wanted|RT_OUTCOME=dropped|");
  g_string_truncate (entries, 0);
  stage->act = STAGE_FAIL;
  rt_logging_middleware_set_level (logging, RT_LOG_LEVEL_WARNING);
  rt_logging_middleware_set_log_domain (logging, "shop");
  chain_probe_run (probe, IN, "a", "1");
  assert_logged ("|RT_ERROR=the network is down|RT_OUTCOME=failed|");
  assert_logged ("|GLIB_DOMAIN=shop|");
  assert_logged ("|PRIORITY=4|");
  rt_logging_middleware_set_log_domain (logging, NULL);
  g_string_truncate (entries, 0);
  chain_probe_run (probe, IN, "a", "1");
  assert_not_logged ("GLIB_DOMAIN");
}

/* A peer must not be able to forge entries, nor fill the disk. */
static void
test_escape (void)
{
  const char *cases[][2] = {
    { "plain “text” für 語", "plain “text” für 語" },
    { "two\nlines\r\tand", "two\\u000alines\\u000d\\u0009and" },
    { "\x1b[31mred", "\\u001b[31mred" },
    { "a\\b", "a\\u005cb" },
    { "\xe2\x80\xae" "evil", "\\u202eevil" },
    { "\xff\xc3", "\\xff\\xc3" },
    { "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
    { "\xf3\xa0\x80\x81", "\\U000e0001" },
    { "", "" },
  };
  g_autofree char *long_text = g_strnfill (100000, 'x');
  g_autofree char *nasty = g_strnfill (100000, '\n');

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *escaped = rt_log_escape (cases[i][0], strlen (cases[i][0]));
      g_assert_cmpstr (escaped, ==, cases[i][1]);
    }
  for (guint i = 0; i < 2; i++)
    {
      const char *text = i == 0 ? long_text : nasty;
      g_autofree char *escaped = rt_log_escape (text, strlen (text));
      g_assert_cmpuint (strlen (escaped), <=, RT_LOG_MAX_TEXT);
      g_assert_cmpuint (strlen (escaped), >, RT_LOG_MAX_TEXT - 10);
      g_assert_true (g_str_has_suffix (escaped, "…"));
      g_assert_true (g_utf8_validate (escaped, -1, NULL));
    }
}

static void
test_forged_channel (void)
{
  g_autoptr (ChainProbe) probe = chain_probe_new ();

  add_logging (probe);
  chain_probe_run (probe, IN, "a\nPRIORITY=0", "1");
  assert_logged ("|RT_CHANNEL=a\\u000aPRIORITY=0|");
  assert_not_logged ("\nPRIORITY");
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  entries = g_string_new (NULL);
  g_log_set_writer_func (writer, NULL, NULL);
  rt_clock_virtual_begin ();
  g_test_add_func ("/Rt/LoggingMiddleware/fields", test_fields);
  g_test_add_func ("/Rt/LoggingMiddleware/secrets", test_secrets);
  g_test_add_func ("/Rt/LoggingMiddleware/outcomes", test_outcomes);
  g_test_add_func ("/Rt/LoggingMiddleware/escape", test_escape);
  g_test_add_func ("/Rt/LoggingMiddleware/forged-channel", test_forged_channel);
  status = g_test_run ();
  rt_clock_virtual_end ();
  g_string_free (entries, TRUE);
  return status;
}
