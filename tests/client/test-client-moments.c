/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client-calls.h"
#include "rt-clock.h"
#include "rt-io-thread.h"
#include "rt-test-virtual.h"

/* Cancelled, disconnected, closed, dropped or disposed at any moment, here, in another thread or inside a handler,
 * whatever is under way: every call completes once, and nothing lasts longer than its deadline, which is virtual time.
 * Moments follow the test's seed (--seed). */

#define MOMENTS 1000
#define WARM_UP 25 /* after so many, all that is made only once is there */
#define MAX_CALLS 4
#define SHUTDOWN_TIMEOUT 5000 /* the default */

typedef enum
{
  SCENE_CONNECTED,
  SCENE_STALLED, /* the server does not answer */
  SCENE_LOST,    /* it is gone */
  SCENE_FRESH,   /* not connected, and connect is called */
  N_SCENES,
} SceneKind;

typedef enum
{
  END_CANCEL,
  END_DISCONNECT,
  END_CLOSE,
  END_UNREF,
  END_DISPOSE,
  N_ENDS,
} EndKind;

typedef enum
{
  PLACE_HERE,
  PLACE_THREAD,
  PLACE_HANDLER,
  N_PLACES,
} Place;

typedef struct
{
  ClientSetup setup;
  SceneKind scene;
  EndKind end;
  Place place;
  GWeakRef client;
  GCancellable *cancellable;
  const ClientCall *calls[MAX_CALLS];
  ClientReply replies[MAX_CALLS];
  guint n_calls;
  ClientReply ending;
  gboolean armed;    /* the next handler is to do it */
  gboolean disposed; /* here or in a handler: nothing more may be emitted */
} Moment;

static guint in_handlers; /* how many ends came in one */
static guint n_ok, n_failed; /* calls */

/* --- The end --- */

static void
drop (Moment *moment)
{
  g_clear_object (&moment->setup.history);
  g_clear_object (&moment->setup.room);
  g_clear_object (&moment->setup.client);
}

static void
do_end (Moment *moment)
{
  switch (moment->end)
    {
    case END_DISCONNECT:
      rt_client_disconnect_async (moment->setup.client, NULL, client_reply_cb, &moment->ending);
      break;
    case END_CLOSE:
      rt_client_close_async (moment->setup.client, NULL, client_reply_cb, &moment->ending);
      break;
    case END_UNREF:
      drop (moment);
      g_cancellable_cancel (moment->cancellable); /* what is under way would keep it */
      break;
    case END_DISPOSE:
      g_object_run_dispose (G_OBJECT (moment->setup.client));
      break;
    case END_CANCEL:
    case N_ENDS:
    default:
      g_cancellable_cancel (moment->cancellable);
    }
}

static gpointer
end_thread (gpointer user_data)
{
  do_end (user_data);
  return NULL;
}

static void
emitted_cb (Moment *moment)
{
  g_assert_false (moment->disposed);
  if (!moment->armed)
    return;
  moment->armed = FALSE;
  in_handlers++;
  do_end (moment);
  moment->disposed = moment->end == END_DISPOSE;
}

static void
end_somewhere (Moment *moment)
{
  if (moment->place == PLACE_HANDLER && !moment->armed)
    return; /* it is done */
  moment->armed = FALSE;
  if (moment->place == PLACE_THREAD)
    g_thread_join (g_thread_new ("end", end_thread, moment));
  else
    {
      do_end (moment);
      moment->disposed = moment->end == END_DISPOSE;
    }
}

/* --- What goes before --- */

static void
set_scene (Moment *moment)
{
  static const char *const signals[] = {
    "notify::state", "message", "message-dropped", "connected", "disconnected", "reconnecting", "error",
  };
  RtClient *client = client_util_new_client (moment->setup.server, NULL);

  client_setup_init (&moment->setup, client);
  g_weak_ref_init (&moment->client, client);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_signal_connect_swapped (client, signals[i], G_CALLBACK (emitted_cb), moment);
  if (moment->scene == SCENE_STALLED)
    rt_mock_server_inject_fault (moment->setup.server, RT_MOCK_FAULT_STALL, 1);
  else if (moment->scene == SCENE_LOST)
    client_util_cut (moment->setup.server);
  else if (moment->scene == SCENE_FRESH)
    rt_client_disconnect_sync (client, NULL, NULL);
}

static void
start_calls (Moment *moment)
{
  moment->n_calls = (guint) g_test_rand_int_range (1, MAX_CALLS + 1);
  for (guint i = 0; i < moment->n_calls; i++)
    {
      const ClientCall *call = &client_calls[g_test_rand_int_range (0, (gint32) n_client_calls)];

      if (moment->scene == SCENE_FRESH && i == 0)
        call = client_calls_find ("connect");
      moment->calls[i] = call;
      call->start (&moment->setup, moment->cancellable, client_reply_cb, &moment->replies[i]);
    }
}

/* Mostly short. On a lost line it is also time that passes, in which attempts are made. */
static void
let_pass (Moment *moment)
{
  gint32 limit = g_test_rand_int_range (0, 60);

  if (moment->place == PLACE_HANDLER && moment->scene == SCENE_CONNECTED)
    client_util_publish (moment->setup.server, "room", 4, 4);
  for (gint32 i = g_test_rand_int_range (0, limit + 1) / (g_test_rand_bit () ? 1 : 8); i > 0; i--)
    if (!g_main_context_iteration (NULL, FALSE))
      g_thread_yield ();
  if (moment->scene == SCENE_LOST && g_test_rand_bit ())
    rt_clock_virtual_advance (RT_CLOCK_MS (g_test_rand_int_range (0, 3000)));
}

/* --- What must hold --- */

static gboolean
all_completed (Moment *moment)
{
  for (guint i = 0; i < moment->n_calls; i++)
    if (moment->replies[i].count == 0)
      return FALSE;
  return TRUE;
}

static void
check_replies (Moment *moment)
{
  for (guint i = 0; i < moment->n_calls; i++)
    {
      ClientReply *reply = &moment->replies[i];
      g_autoptr (GError) error = NULL;

      g_assert_cmpuint (reply->count, ==, 1);
      g_assert_true (reply->thread == g_thread_self ());
      gboolean ok = moment->calls[i]->finish (reply->source, reply->result, &error);
      g_assert_cmpint (ok, ==, error == NULL);
      *(ok ? &n_ok : &n_failed) += 1;
      if (error != NULL)
        g_assert_true (error->domain == RT_ERROR || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
      client_reply_clear (reply);
    }
}

/* Once the time to shut down is over, there is nothing left to wait for. */
static void
await_ending (Moment *moment)
{
  g_autoptr (GError) error = NULL;

  rt_clock_virtual_advance (RT_CLOCK_MS (SHUTDOWN_TIMEOUT));
  client_reply_wait (&moment->ending);
  if (moment->end == END_DISCONNECT)
    rt_client_disconnect_finish (moment->setup.client, moment->ending.result, &error);
  else
    rt_client_close_finish (moment->setup.client, moment->ending.result, &error);
  /* After a close that was among the calls, there is nothing to disconnect. */
  if (error != NULL)
    {
      g_assert_error (error, RT_ERROR, RT_ERROR_CLOSED);
      g_assert_cmpint (moment->end, ==, END_DISCONNECT);
    }
  client_reply_clear (&moment->ending);
}

static gboolean
is_gone (Moment *moment)
{
  g_autoptr (GObject) client = g_weak_ref_get (&moment->client);

  return client == NULL;
}

static void
live_through (Moment *moment)
{
  moment->cancellable = g_cancellable_new ();
  set_scene (moment);
  start_calls (moment);
  moment->armed = moment->place == PLACE_HANDLER;
  let_pass (moment);
  end_somewhere (moment);
  if (moment->end == END_DISCONNECT || moment->end == END_CLOSE)
    await_ending (moment);
  rt_test_wait_until (all_completed (moment));
  check_replies (moment);
  drop (moment);
  rt_test_poll_until (is_gone (moment));
  rt_mock_server_clear_faults (moment->setup.server);
  g_weak_ref_clear (&moment->client);
  g_object_unref (moment->cancellable);
}

/* Without GLib's pool, which starts and ends its threads as it likes. */
static guint
count_threads (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  const char *name;
  guint count = 0;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/task", name, "comm", NULL);
      g_autofree char *comm = NULL;

      count += g_file_get_contents (path, &comm, NULL, NULL) && !g_str_has_prefix (comm, "pool-");
    }
  return count;
}

static void
test_moments (void)
{
  rt_test_virtual_begin ();
  RtMockServer *server = client_util_start_server ();
  guint threads = 0, fds = 0;

  for (guint i = 0; i < MOMENTS; i++)
    {
      Moment moment = {
        .setup.server = server,
        .scene = (SceneKind) g_test_rand_int_range (0, N_SCENES),
        .end = (EndKind) g_test_rand_int_range (0, N_ENDS),
        .place = (Place) g_test_rand_int_range (0, N_PLACES),
      };

      g_test_message ("%u: scene %d, end %d, place %d", i, moment.scene, moment.end, moment.place);
      live_through (&moment);
      if (i == WARM_UP)
        {
          rt_test_poll_until (client_util_count_clients (server) == 0);
          threads = count_threads ();
          fds = rt_test_count_fds ();
        }
    }
  g_test_message ("%u in handlers; of the calls %u succeeded, %u failed", in_handlers, n_ok, n_failed);
  g_assert_cmpuint (in_handlers, >, MOMENTS / 20);
  g_assert_cmpuint (n_ok, >, MOMENTS / 10);
  g_assert_cmpuint (n_failed, >, MOMENTS / 10);
  rt_test_poll_until (client_util_count_clients (server) == 0);
  rt_test_poll_until (rt_test_count_fds () <= fds);
  g_assert_cmpuint (count_threads (), <=, threads);

  rt_mock_server_stop (server);
  g_assert_finalize_object (server);
  rt_io_thread_shutdown_for_tests ();
  /* No timer is left. */
  g_assert_cmpint (rt_clock_virtual_next (), ==, -1);
  rt_clock_virtual_end ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/ClientMoments/any", test_moments);
  return g_test_run ();
}
