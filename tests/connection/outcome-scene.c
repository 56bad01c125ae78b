/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "outcome-scene.h"

#include <string.h>

#define FILLERS 200 /* more than a connection has under way at a time, so that the last message waits */

static RtOp *
publish (Scene *scene, const char *id, gint64 expires)
{
  g_auto (RtBuffer) block = { 0 };
  g_autofree char *label = g_strdup_printf ("publish %s", id);
  g_autoptr (GError) error = NULL;

  g_assert_true (rt_connection_reserve (scene->probe->connection, 2, &error));
  RtOp *op = rt_connection_new_publish (scene->probe->connection, &block);
  rt_op_begin_publish (&block, "room", id, 2);
  rt_buffer_put (&block, "{}", 2);
  rt_op_finish_publish (op, &block);
  op->expires = expires;
  return conn_probe_submit (scene->probe, op, label);
}

gboolean
scene_has_line (Scene *scene, const char *line)
{
  g_auto (GStrv) lines = g_strsplit (scene->probe->diary->str, "\n", -1);

  return g_strv_contains ((const char *const *) lines, line);
}

char *
scene_get_outcome (Scene *scene, const char *id)
{
  g_auto (GStrv) lines = g_strsplit (scene->probe->diary->str, "\n", -1);
  g_autofree char *prefix = g_strdup_printf ("publish %s: ", id);
  char *outcome = NULL;

  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], prefix))
      {
        g_assert_null (outcome); /* once */
        outcome = g_strdup (lines[i] + strlen (prefix));
      }
  return outcome;
}

static guint
get_id (const char *command)
{
  g_assert_true (g_str_has_prefix (command, "{\"id\":"));
  return (guint) g_ascii_strtoull (command + strlen ("{\"id\":"), NULL, 10);
}

guint
scene_find_written (const char *id)
{
  RtFakeTransport *line = rt_fake_transport_get ();
  g_autofree char *mark = g_strdup_printf ("\"idem\":\"%s\"", id);
  guint command = 0;

  for (guint i = 0; line != NULL && i < line->messages->len; i++)
    {
      g_auto (GStrv) commands = g_strsplit (g_ptr_array_index (line->messages, i), "\n", -1);

      for (guint j = 0; commands[j] != NULL; j++)
        if (strstr (commands[j], mark) != NULL)
          {
            g_assert_cmpuint (command, ==, 0); /* once on a line */
            command = get_id (commands[j]);
          }
    }
  return command;
}

void
scene_answer (guint command, const char *result)
{
  g_autofree char *reply = g_strdup_printf ("{\"id\":%u,%s}", command, result);

  g_assert_cmpuint (command, >, 0);
  rt_fake_transport_receive (reply);
}

guint
scene_find_last (const char *kind)
{
  RtFakeTransport *line = rt_fake_transport_get ();
  g_autofree char *mark = g_strdup_printf (",\"%s\":", kind);
  guint command = 0;

  for (guint i = 0; i < line->messages->len; i++)
    {
      g_auto (GStrv) commands = g_strsplit (g_ptr_array_index (line->messages, i), "\n", -1);

      for (guint j = 0; commands[j] != NULL; j++)
        if (strstr (commands[j], mark) != NULL)
          command = get_id (commands[j]);
    }
  return command;
}

void
scene_greet (void)
{
  g_assert_nonnull (rt_fake_transport_get ());
  rt_fake_transport_opened (RT_PROFILE_RT1);
  scene_answer (scene_find_last ("connect"), "\"connect\":{\"client\":\"c1\",\"ping\":25,\"pong\":true}");
}

void
scene_await_attempt (Scene *scene)
{
  if (rt_fake_transport_get () == NULL)
    conn_probe_advance (scene->probe, scene->probe->last_delay + 1);
  g_assert_nonnull (rt_fake_transport_get ());
}

void
scene_open (Scene *scene, const ConnProbeOptions *options)
{
  scene->probe = conn_probe_new (options);
  conn_probe_do (scene->probe, RT_OP_CONNECT, NULL);
  if (options != NULL && options->asks_token)
    conn_probe_give_token (scene->probe, "token", NULL);
  scene_greet ();
}

void
scene_lose_line (void)
{
  rt_fake_transport_closed (1006, "");
}

/* While a connection is good, nothing waits. After a loss no more is under way at a time than a server can bear that
 * has just come back. */
void
scene_fill (Scene *scene, gint64 expires)
{
  scene->sent = publish (scene, "sent", expires);
  conn_probe_settle (scene->probe);
  g_assert_cmpuint (scene_find_written ("sent"), >, 0);
  scene_lose_line ();
  for (guint i = 0; i < FILLERS; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);
      rt_op_unref (publish (scene, id, 0));
    }
  scene->waiting = publish (scene, "waiting", expires);
  conn_probe_settle (scene->probe);
  scene_await_attempt (scene);
  scene_greet ();
  g_assert_cmpuint (scene_find_written ("sent"), >, 0);
  g_assert_cmpuint (scene_find_written ("waiting"), ==, 0);
}

void
scene_set (Scene *scene, const ConnProbeOptions *options)
{
  scene_open (scene, options);
  scene_fill (scene, 0);
}

void
scene_answer_all (void)
{
  RtFakeTransport *line = rt_fake_transport_get ();

  for (guint i = 0; line->in_use && i < line->messages->len; i++)
    {
      g_auto (GStrv) commands = g_strsplit (g_ptr_array_index (line->messages, i), "\n", -1);

      for (guint j = 0; commands[j] != NULL; j++)
        if (strstr (commands[j], ",\"publish\":") != NULL)
          scene_answer (get_id (commands[j]), "\"publish\":{}");
    }
}
