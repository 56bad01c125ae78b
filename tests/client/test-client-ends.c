/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client-calls.h"
#include "rt-io-thread.h"

/* A client ends while calls are under way: at random moments, in every way there is. Each call still completes
 * exactly once, and nothing keeps the client. Random moments follow the test's seed (--seed). */

#define MAX_CALLS 8

typedef enum
{
  END_CLOSE,
  END_CLOSE_SYNC,
  END_DISCONNECT,
  END_UNREF,
  END_DISPOSE,
  END_DROP,
  END_SERVER_CLOSES,
  N_ENDS,
} End;

typedef struct
{
  ClientSetup setup;
  ClientReply replies[MAX_CALLS + 1];
  guint n_calls;
  ClientReply ending;
  GThread *grave; /* atomic: where the client was finalized; NULL: not yet */
} Scene;

static GThread *main_thread;

static void
gone_cb (gpointer user_data, GObject *where)
{
  g_atomic_pointer_set ((GThread **) user_data, g_thread_self ());
}

static void
assert_gone (Scene *scene)
{
  rt_test_poll_until (g_atomic_pointer_get (&scene->grave) != NULL);
  g_assert_true (scene->grave == main_thread);
}

static void
let_pass (guint max)
{
  gint32 limit = g_test_rand_int_range (0, (gint32) max + 1);

  for (gint32 i = g_test_rand_int_range (0, limit + 1); i > 0; i--)
    if (!g_main_context_iteration (NULL, FALSE))
      g_thread_yield ();
}

static void
start_call (Scene *scene)
{
  const ClientCall *call = &client_calls[g_test_rand_int_range (0, (gint32) n_client_calls)];

  call->start (&scene->setup, NULL, client_reply_cb, &scene->replies[scene->n_calls++]);
}

static void
release (Scene *scene)
{
  g_clear_object (&scene->setup.history);
  g_clear_object (&scene->setup.room);
  g_clear_object (&scene->setup.client);
}

static void
watch (Scene *scene)
{
  g_object_weak_ref (G_OBJECT (scene->setup.client), gone_cb, &scene->grave);
}

static void
end_it (Scene *scene, End end)
{
  RtClient *client = scene->setup.client;

  switch (end)
    {
    case END_CLOSE:
      rt_client_close_async (client, NULL, client_reply_cb, &scene->ending);
      break;
    case END_CLOSE_SYNC:
      rt_client_close_sync (client, NULL, NULL);
      break;
    case END_DISCONNECT:
      rt_client_disconnect_async (client, NULL, client_reply_cb, &scene->ending);
      break;
    case END_UNREF:
      release (scene);
      break;
    case END_DISPOSE:
      g_object_weak_unref (G_OBJECT (client), gone_cb, &scene->grave);
      g_object_run_dispose (G_OBJECT (client));
      watch (scene); /* disposing is not yet the end */
      start_call (scene);
      break;
    case END_DROP:
      rt_mock_server_drop_connections (scene->setup.server);
      break;
    case END_SERVER_CLOSES:
      rt_mock_server_disconnect_client (scene->setup.server, NULL, 3507, "not you");
      break;
    case N_ENDS:
    default:
      g_assert_not_reached ();
    }
}

static void
set_up (Scene *scene, RtMockServer *server)
{
  *scene = (Scene) { .setup.server = server };
  client_setup_init (&scene->setup, client_util_new_client (server, NULL));
  watch (scene);
  if (g_test_rand_int_range (0, 4) == 0)
    rt_client_disconnect_sync (scene->setup.client, NULL, NULL);
}

static void
one_life (RtMockServer *server, End end)
{
  Scene scene;

  set_up (&scene, server);
  for (gint32 i = g_test_rand_int_range (1, MAX_CALLS + 1); i > 0; i--)
    start_call (&scene);
  let_pass (40);
  end_it (&scene, end);
  for (guint i = 0; i < scene.n_calls; i++)
    client_reply_wait (&scene.replies[i]);
  if (end == END_CLOSE || end == END_DISCONNECT)
    client_reply_wait (&scene.ending);
  for (guint i = 0; i < scene.n_calls; i++)
    client_reply_clear (&scene.replies[i]);
  client_reply_clear (&scene.ending);
  release (&scene);
  assert_gone (&scene);
}

static void
test_end (gconstpointer data)
{
  End end = (End) GPOINTER_TO_INT (data);
  RtMockServer *server = client_util_start_server ();

  for (guint i = 0; i < 40; i++)
    one_life (server, end);
  g_assert_finalize_object (server);
  /* No reference is left with the I/O half. */
  rt_io_thread_shutdown_for_tests ();
}

/* --- Blocking calls, ended by another thread --- */

typedef struct
{
  ClientSetup *setup;
  const ClientCall *call;
  gint finished; /* atomic */
} Blocking;

static gpointer
blocking_thread (gpointer user_data)
{
  Blocking *blocking = user_data;
  g_autoptr (GError) error = NULL;

  blocking->call->sync (blocking->setup, NULL, &error);
  g_atomic_int_set (&blocking->finished, TRUE);
  return NULL;
}

static void
one_blocking_life (RtMockServer *server, End end)
{
  Blocking blocking[4];
  GThread *threads[G_N_ELEMENTS (blocking)];
  Scene scene;

  set_up (&scene, server);
  for (guint i = 0; i < G_N_ELEMENTS (blocking); i++)
    {
      const ClientCall *call = &client_calls[g_test_rand_int_range (0, (gint32) n_client_calls)];

      blocking[i] = (Blocking) { .setup = &scene.setup, .call = call };
      threads[i] = g_thread_new ("caller", blocking_thread, &blocking[i]);
    }
  let_pass (40);
  end_it (&scene, end);
  for (guint i = 0; i < G_N_ELEMENTS (blocking); i++)
    {
      rt_test_poll_until (g_atomic_int_get (&blocking[i].finished));
      g_thread_join (threads[i]);
    }
  for (guint i = 0; i < scene.n_calls; i++)
    {
      client_reply_wait (&scene.replies[i]);
      client_reply_clear (&scene.replies[i]);
    }
  if (end == END_CLOSE || end == END_DISCONNECT)
    client_reply_wait (&scene.ending);
  client_reply_clear (&scene.ending);
  release (&scene);
  assert_gone (&scene);
}

static void
test_end_sync (gconstpointer data)
{
  End end = (End) GPOINTER_TO_INT (data);
  RtMockServer *server = client_util_start_server ();

  for (guint i = 0; i < 15; i++)
    one_blocking_life (server, end);
  g_assert_finalize_object (server);
}

/* --- main --- */

int
main (int argc, char **argv)
{
  static const char *const names[N_ENDS] = {
    "close", "close-sync", "disconnect", "unref", "dispose", "drop", "server-closes",
  };

  g_test_init (&argc, &argv, NULL);
  main_thread = g_thread_self ();
  for (gint end = 0; end < N_ENDS; end++)
    {
      g_autofree char *path = g_strdup_printf ("/Rt/ClientEnds/async/%s", names[end]);
      g_autofree char *sync_path = g_strdup_printf ("/Rt/ClientEnds/sync/%s", names[end]);

      g_test_add_data_func (path, GINT_TO_POINTER (end), test_end);
      /* A blocking call of the program's needs a reference of the program's. */
      if (end != END_UNREF)
        g_test_add_data_func (sync_path, GINT_TO_POINTER (end), test_end_sync);
    }
  return g_test_run ();
}
