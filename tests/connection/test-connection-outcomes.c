/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "outcome-scene.h"

#include <string.h>
#include "rt-error.h"

/* Goes through the table "What becomes of what" of docs/connecting.md row by row: what its cells say of the connection, of
 * a message that was sent and not acknowledged, and of one that waits, is what is expected here. */

#define SECOND RT_CLOCK_MS (1000)

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

/* --- The events --- */

static void
line_breaks (Scene *scene)
{
  scene_set (scene, &(ConnProbeOptions) { .request_timeout = 60000 });
  if (strcmp (scene->how, "breaks") == 0)
    scene_lose_line ();
  else
    conn_probe_advance (scene->probe, 35000);
}

static void
server_closes (Scene *scene)
{
  scene_set (scene, NULL);
  rt_fake_transport_closed ((guint) atoi (scene->how), "bye");
}

static void
end_attempt (guint status, gint64 retry_after, gboolean tls_refused)
{
  g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_NETWORK, "the attempt came to nothing");
  RtTransportEnd end = {
    .code = 1006,
    .reason = "",
    .error = error,
    .http_status = status,
    .retry_after = retry_after,
    .tls_refused = tls_refused,
  };

  rt_fake_transport_ended (&end);
}

static void
attempt_fails (Scene *scene)
{
  scene_set (scene, NULL);
  scene_lose_line ();
  scene_await_attempt (scene);
  if (strcmp (scene->how, "time") == 0)
    conn_probe_advance (scene->probe, 10000);
  else
    end_attempt ((guint) atoi (scene->how), -1, FALSE);
}

static void
asked_to_wait (Scene *scene)
{
  scene_set (scene, NULL);
  scene_lose_line ();
  scene_await_attempt (scene);
  end_attempt ((guint) atoi (scene->how), 30 * SECOND, FALSE);
  g_assert_cmpuint (scene->probe->last_delay, >=, 30000);
}

static void
going_announced (Scene *scene)
{
  scene_set (scene, NULL);
  rt_fake_transport_receive ("{\"push\":{\"disconnect\":{\"code\":3001,\"reason\":\"bye\",\"spread\":4000}}}");
  g_assert_cmpuint (scene->probe->last_delay, <=, 4000);
}

static void
gap (Scene *scene)
{
  gboolean same_epoch = strcmp (scene->how, "lost") == 0;

  scene_set (scene, NULL);
  conn_probe_do_join (scene->probe, "room", TRUE);
  scene_answer (scene_find_last ("subscribe"),
          "\"subscribe\":{\"recoverable\":true,\"positioned\":true,\"epoch\":\"e\",\"offset\":5}");
  scene_lose_line ();
  scene_await_attempt (scene);
  scene_greet ();
  guint id = scene_find_last ("subscribe");
  scene_answer (id, same_epoch ? "\"subscribe\":{\"recoverable\":true,\"positioned\":true,\"epoch\":\"e\",\"offset\":500,"
                           "\"was_recovering\":true}"
                         : "\"subscribe\":{\"recoverable\":true,\"positioned\":true,\"epoch\":\"f\",\"offset\":1,"
                           "\"was_recovering\":true}");
  g_assert_nonnull (strstr (scene->probe->diary->str, "\ngap room "));
}

static void
refuse_token (Scene *scene)
{
  scene_await_attempt (scene);
  if (strcmp (scene->how, "401") == 0)
    {
      end_attempt (401, -1, FALSE);
      return;
    }
  rt_fake_transport_opened (RT_PROFILE_RT1);
  if (strcmp (scene->how, "3500") == 0)
    rt_fake_transport_closed (3500, "invalid token");
  else
    {
      g_autofree char *error = g_strdup_printf ("\"error\":{\"code\":%s,\"message\":\"no\"}", scene->how);
      scene_answer (scene_find_last ("connect"), error);
    }
}

static void
token_replaced (Scene *scene)
{
  scene_set (scene, &(ConnProbeOptions) { .asks_token = TRUE });
  scene_lose_line ();
  refuse_token (scene);
  g_assert_cmpuint (scene->probe->requests.length, ==, 1);
  conn_probe_give_token (scene->probe, "another", NULL);
  g_assert_nonnull (rt_fake_transport_get ()); /* at once */
}

static void
token_refused (Scene *scene)
{
  scene_set (scene, NULL);
  scene_lose_line ();
  refuse_token (scene);
}

static void
refused_everywhere (Scene *scene)
{
  scene_set (scene, &(ConnProbeOptions) { .more_routes = 2 });
  scene_lose_line ();
  scene_await_attempt (scene);
  for (guint route = 0; route < 3; route++)
    end_attempt ((guint) atoi (scene->how), -1, FALSE);
}

static void
certificate_refused (Scene *scene)
{
  scene_set (scene, &(ConnProbeOptions) { .more_routes = 2 });
  scene_lose_line ();
  scene_await_attempt (scene);
  end_attempt (0, -1, TRUE);
}

static void
protocol_broken (Scene *scene)
{
  scene_set (scene, NULL);
  for (guint i = 0; i < 3; i++)
    {
      rt_fake_transport_closed ((guint) atoi (scene->how), "");
      scene_await_attempt (scene);
      scene_greet ();
    }
  rt_fake_transport_closed ((guint) atoi (scene->how), "");
}

static void
attempts_used_up (Scene *scene)
{
  scene_set (scene, &(ConnProbeOptions) { .max_reconnects = 3 });
  scene_lose_line ();
  while (rt_connection_get_state (scene->probe->connection) == RT_CONNECTION_STATE_RECONNECTING)
    {
      scene_await_attempt (scene);
      end_attempt (0, -1, FALSE);
    }
}

static void
message_refused (Scene *scene)
{
  scene_set (scene, NULL);
  scene_answer (scene_find_written ("sent"), "\"error\":{\"code\":103,\"message\":\"permission denied\"}");
}

/* All that was written with it, too, or its place would be lost. How long it then rests is random, but not for longer
 * than this. */
static void
message_too_many (Scene *scene)
{
  scene_set (scene, &(ConnProbeOptions) { .rate_limit = 1000 });
  guint first = scene_find_written ("sent"), last = scene_find_last ("publish");

  for (guint command = first; command <= last; command++)
    scene_answer (command, "\"error\":{\"code\":111,\"message\":\"too many requests\"}");
  g_assert_cmpuint (scene_find_last ("publish"), ==, last);
  /* What is written from here on is written again. */
  g_ptr_array_set_size (rt_fake_transport_get ()->messages, 0);
  rt_fake_transport_get ()->flushed = 0;
  conn_probe_advance (scene->probe, 200);
  g_assert_cmpuint (scene_find_written ("sent"), ==, last + 1);
  g_assert_cmpuint (scene_find_last ("publish"), ==, last + 1);
}

/* At first nobody knows which one it was; so they are sent one at a time. */
static void
message_disliked (Scene *scene)
{
  guint times = strcmp (scene->how, "1009") == 0 ? 2 : 3;

  scene_set (scene, NULL);
  for (guint i = 0; i < times; i++)
    {
      if (i > 0)
        {
          scene_await_attempt (scene);
          scene_greet ();
          g_assert_cmpuint (scene_find_written ("sent"), >, 0);
          g_assert_cmpuint (scene_find_written ("0"), ==, 0);
        }
      rt_fake_transport_closed ((guint) atoi (scene->how), "");
    }
}

static void
time_to_live_ends (Scene *scene)
{
  scene_open (scene, NULL);
  scene_fill (scene, rt_clock_now () + 5 * SECOND);
  if (strcmp (scene->how, "lost") == 0)
    scene_lose_line ();
  while (rt_clock_virtual_next () < scene->sent->expires)
    {
      rt_clock_virtual_advance (rt_clock_virtual_next () - rt_clock_now ());
      if (rt_fake_transport_get () != NULL && !rt_fake_transport_get ()->was_open)
        end_attempt (0, -1, FALSE);
    }
  rt_clock_virtual_advance (scene->sent->expires - rt_clock_now ());
}

static void
no_answer (Scene *scene)
{
  scene_set (scene, NULL);
  conn_probe_advance (scene->probe, 10000);
}

static void
cancelled (Scene *scene)
{
  scene_set (scene, NULL);
  if (strcmp (scene->how, "lost") == 0)
    scene_lose_line ();
  conn_probe_cancel (scene->probe, scene->sent);
  conn_probe_cancel (scene->probe, scene->waiting);
}

static void
told_to_end (Scene *scene, RtOpKind kind)
{
  gboolean lost = strcmp (scene->how, "lost") == 0, answered = strcmp (scene->how, "answered") == 0;

  scene_set (scene, NULL);
  if (lost)
    scene_lose_line ();
  conn_probe_do (scene->probe, kind, NULL);
  if (answered)
    scene_answer_all ();
  else
    conn_probe_advance (scene->probe, 5000);
  if (rt_fake_transport_get () != NULL)
    rt_fake_transport_closed (1000, "");
}

static void
disconnected (Scene *scene)
{
  told_to_end (scene, RT_OP_DISCONNECT);
}

static void
closed (Scene *scene)
{
  told_to_end (scene, RT_OP_CLOSE);
}

static void
session_reset (Scene *scene)
{
  scene_set (scene, NULL);
  if (strcmp (scene->how, "lost") == 0)
    scene_lose_line ();
  conn_probe_do (scene->probe, RT_OP_RESET, NULL);
  scene_await_attempt (scene);
  scene_greet ();
}

static const struct
{
  const char *row;
  void (*happen) (Scene *scene);
  const char *how[6];
} rows[] = {
  { "the line breaks, or the server is silent", line_breaks, { "breaks", "silent" } },
  { "the server closes with an outcome of retry", server_closes, { "1000", "1001", "1012", "3000", "4000" } },
  { "an attempt fails: no such host, no answer in time, 408, 5xx", attempt_fails, { "0", "time", "408", "500", "504" } },
  { "429 or 503 with `Retry-After`", asked_to_wait, { "429", "503" } },
  { "the server announces its going, with a time to spread over", going_announced, { "" } },
  { "a channel cannot be recovered, or its epoch is new", gap, { "lost", "epoch" } },
  { "401, or a refused token, and there is another", token_replaced, { "401", "101", "109", "3500" } },
  { "401, or a refused token, and there is none", token_refused, { "401", "101", "109", "3500" } },
  { "403, 404 or 426 in every way", refused_everywhere, { "403", "404", "426" } },
  { "the server's certificate or key is not accepted", certificate_refused, { "" } },
  { "the server closes with an outcome of final", server_closes, { "1008", "3501", "3999", "4500", "4999" } },
  { "the protocol is broken for the fourth time in a minute", protocol_broken, { "1002", "1003", "1010" } },
  { "`max-reconnects` attempts have failed", attempts_used_up, { "" } },
  { "the server refuses one message", message_refused, { "" } },
  { "the same as one too many (111), with a `rate-limit` that waits", message_too_many, { "" } },
  { "the server closes with 1009, and only this message was sent", message_disliked, { "1009" } },
  { "the server closes with 1007 for the third time over this message", message_disliked, { "1007" } },
  { "the time to live of the message ends", time_to_live_ends, { "connected" } },
  { "the time to live ends while the connection is lost", time_to_live_ends, { "lost" } },
  { "`request-timeout` ends without an answer", no_answer, { "" } },
  { "the call is cancelled", cancelled, { "connected", "lost" } },
  { "`disconnect`", disconnected, { "answered", "silent", "lost" } },
  { "`close`", closed, { "answered", "silent", "lost" } },
  { "`reset_session`", session_reset, { "connected", "lost" } },
};

/* --- What the cells say --- */

static void
check_state (Scene *scene, const char *cell)
{
  static const struct
  {
    const char *prefix;
    RtConnectionState state;
  } states[] = {
    { "tries again", RT_CONNECTION_STATE_RECONNECTING }, { "stays", RT_CONNECTION_STATE_CONNECTED },
    { "FAILED", RT_CONNECTION_STATE_FAILED },            { "DISCONNECTED", RT_CONNECTION_STATE_DISCONNECTED },
    { "CLOSED", RT_CONNECTION_STATE_CLOSED },
  };
  gboolean lost = strcmp (scene->how, "lost") == 0 && strcmp (cell, "stays") == 0;

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    if (g_str_has_prefix (cell, states[i].prefix))
      {
        g_assert_cmpint (rt_connection_get_state (scene->probe->connection), ==,
                         lost ? RT_CONNECTION_STATE_RECONNECTING : states[i].state);
        return;
      }
  g_error ("docs/connecting.md: not known what \"%s\" means", cell);
}

static void
assert_outcome (Scene *scene, const char *id, const char *expected)
{
  g_autofree char *outcome = scene_get_outcome (scene, id);

  g_assert_cmpstr (outcome, ==, expected);
}

/* As the diary has it: outcome-unknown for OUTCOME_UNKNOWN. */
static void
assert_error (Scene *scene, const char *id, const char *name)
{
  g_autofree char *nick = g_ascii_strdown (name, -1);

  assert_outcome (scene, id, g_strdelimit (nick, "_", '-'));
}

static gboolean
was_answered (Scene *scene)
{
  return strcmp (scene->how, "answered") == 0;
}

static void
check_sent (Scene *scene, const char *cell)
{
  if (strcmp (cell, "sent again") == 0 || strcmp (cell, "sent already") == 0)
    assert_outcome (scene, "sent", NULL);
  else if (strcmp (cell, "its reason, or OUTCOME_UNKNOWN the second time") == 0)
    assert_outcome (scene, "sent", "outcome-unknown");
  else if (strcmp (cell, "its answer, or OUTCOME_UNKNOWN") == 0)
    assert_outcome (scene, "sent", was_answered (scene) ? "ok" : "outcome-unknown");
  else
    assert_error (scene, "sent", cell);
}

static void
check_waiting (Scene *scene, const char *cell)
{
  g_autofree char *outcome = scene_get_outcome (scene, "waiting");

  if (strcmp (cell, "waits") == 0)
    g_assert_null (outcome);
  else if (strcmp (cell, "the reason") == 0)
    {
      g_autofree char *line = g_strdup_printf ("error %s", outcome);
      g_assert_true (scene_has_line (scene, line));
    }
  else if (g_str_has_prefix (cell, "written first, or ") && was_answered (scene))
    assert_outcome (scene, "waiting", "ok");
  else if (g_str_has_prefix (cell, "written first, or "))
    assert_error (scene, "waiting", cell + strlen ("written first, or "));
  else
    assert_error (scene, "waiting", cell);
}

/* What has not ended is still on its way: with the connection back it is written, in its order, and acknowledged. */
static void
check_end (Scene *scene)
{
  g_autofree char *sent = scene_get_outcome (scene, "sent"), *waiting = scene_get_outcome (scene, "waiting");

  if (sent != NULL && waiting != NULL)
    return;
  if (rt_connection_get_state (scene->probe->connection) != RT_CONNECTION_STATE_CONNECTED)
    {
      scene_await_attempt (scene);
      scene_greet ();
    }
  g_assert_cmpint (rt_connection_get_state (scene->probe->connection), ==, RT_CONNECTION_STATE_CONNECTED);
  scene_answer_all ();
  guint first = scene_find_written ("sent"), second = scene_find_written ("waiting");
  if (sent == NULL)
    {
      g_assert_cmpuint (first, >, 0);
      assert_outcome (scene, "sent", "ok");
    }
  if (waiting == NULL)
    {
      g_assert_cmpuint (second, >, first);
      assert_outcome (scene, "waiting", "ok");
    }
}

static void
check_row (guint index, char **cells)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows[index].how) && rows[index].how[i] != NULL; i++)
    {
      Scene scene = { .how = rows[index].how[i] };

      g_test_message ("%s (%s)", rows[index].row, scene.how);
      rows[index].happen (&scene);
      check_state (&scene, cells[2]);
      check_sent (&scene, cells[3]);
      check_waiting (&scene, cells[4]);
      check_end (&scene);
      rt_op_unref (scene.sent);
      rt_op_unref (scene.waiting);
      conn_probe_free (scene.probe);
    }
}

static guint
find_row (const char *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (strcmp (rows[i].row, text) == 0)
      return i;
  g_error ("docs/connecting.md: not known how to make happen that %s", text);
}

/* All rows of the page, and no others. */
static void
test_rows (void)
{
  guint line = 0, n = 0;

  while (page[line] != NULL && strcmp (page[line], "### What becomes of what") != 0)
    line++;
  while (page[line] != NULL && !g_str_has_prefix (page[line], "|---"))
    line++;
  g_assert_nonnull (page[line]);
  for (line++; g_str_has_prefix (page[line], "|"); line++, n++)
    {
      g_auto (GStrv) cells = g_strsplit (page[line], "|", -1);

      g_assert_cmpuint (g_strv_length (cells), ==, 6);
      for (guint i = 0; cells[i] != NULL; i++)
        g_strstrip (cells[i]);
      check_row (find_row (cells[1]), cells);
    }
  g_assert_cmpuint (n, ==, G_N_ELEMENTS (rows));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  load_page ();
  conn_probe_add_test ("/Rt/Outcomes/rows", test_rows);
  int result = g_test_run ();
  g_strfreev (page);
  return result;
}
