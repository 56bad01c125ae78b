/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client-calls.h"
#include "client-probe.h"

/* Each call completes exactly once, with the right verdict, whenever it is taken back and whatever ends meanwhile.
 * Random moments follow the test's seed (--seed). */

static gboolean
is_send (const ClientCall *call)
{
  return strstr (call->name, "send") != NULL;
}

static gboolean
is_leave (const ClientCall *call)
{
  return g_str_equal (call->name, "leave") || g_str_equal (call->name, "leave_channel-joined");
}

/* Those that begin on a client which is not connected. */
static gboolean
is_connect (const ClientCall *call)
{
  return g_str_equal (call->name, "connect");
}

typedef struct
{
  ClientSetup setup;
  const ClientCall *call;
} Scene;

static void
set_the_scene (Scene *scene, const ClientCall *call)
{
  scene->call = call;
  scene->setup.server = client_util_start_server ();
  client_setup_init (&scene->setup, client_util_new_client (scene->setup.server, NULL));
  if (is_connect (call))
    rt_client_disconnect_sync (scene->setup.client, NULL, NULL);
}

/* Afterwards the client is as good as before, even while it disconnects. A cancelled close goes on. */
static void
assert_usable (Scene *scene)
{
  g_autoptr (GError) error = NULL;

  rt_mock_server_clear_faults (scene->setup.server);
  rt_client_connect_sync (scene->setup.client, NULL, &error);
  if (rt_client_get_state (scene->setup.client) == RT_CONNECTION_STATE_CLOSING
      || rt_client_get_state (scene->setup.client) == RT_CONNECTION_STATE_CLOSED)
    {
      g_assert_true (g_str_equal (scene->call->name, "close"));
      g_assert_error (error, RT_ERROR, RT_ERROR_CLOSED);
      return;
    }
  if (!g_error_matches (error, RT_ERROR, RT_ERROR_ALREADY_CONNECTED))
    g_assert_no_error (error);
  g_clear_error (&error);
  g_autoptr (RtChannel) room = client_util_join (scene->setup.client, "room");
  g_autoptr (RtChannel) hall = client_util_join (scene->setup.client, "hall");
  g_autoptr (RtMessage) sent = rt_client_send_message_sync (scene->setup.client, "room", "last", NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (sent);
}

static void
strike_the_scene (Scene *scene)
{
  client_setup_clear (&scene->setup);
  g_assert_finalize_object (scene->setup.server);
}

/* --- Before --- */

static void
assert_cancelled_before (Scene *scene, gboolean ok, const GError *error)
{
  g_assert_false (ok);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  /* Nothing of it was sent, nor will be; only leaving is done all the same. */
  g_assert_false (rt_mock_server_wait_for_messages (scene->setup.server, 1, 0));
  g_assert_cmpint (rt_client_get_state (scene->setup.client), ==,
                   is_connect (scene->call) ? RT_CONNECTION_STATE_DISCONNECTED : RT_CONNECTION_STATE_CONNECTED);
  g_assert_null (rt_client_get_channel (scene->setup.client, "hall"));
  g_autoptr (RtChannel) room = rt_client_get_channel (scene->setup.client, "room");
  g_assert_true (is_leave (scene->call) ? room == NULL : room == scene->setup.room);
}

static void
test_before (gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL, sync_error = NULL;
  Scene scene;

  g_cancellable_cancel (cancellable);
  set_the_scene (&scene, data);
  scene.call->start (&scene.setup, cancellable, client_reply_cb, &reply);
  client_reply_wait (&reply);
  gboolean ok = scene.call->finish (reply.source, reply.result, &error);
  if (g_str_equal (scene.call->name, "leave_channel-unknown"))
    g_assert_error (error, RT_ERROR, RT_ERROR_CHANNEL_NOT_FOUND);
  else
    assert_cancelled_before (&scene, ok, error);
  assert_usable (&scene);
  client_reply_clear (&reply);
  strike_the_scene (&scene);

  set_the_scene (&scene, data);
  ok = scene.call->sync (&scene.setup, cancellable, &sync_error);
  if (g_str_equal (scene.call->name, "leave_channel-unknown"))
    g_assert_error (sync_error, RT_ERROR, RT_ERROR_CHANNEL_NOT_FOUND);
  else
    assert_cancelled_before (&scene, ok, sync_error);
  assert_usable (&scene);
  strike_the_scene (&scene);
}

/* --- During --- */

/* What can be known when something has been written and no answer is waited for any more. */
static void
assert_cancelled_during (const ClientCall *call, const GError *error)
{
  if (is_send (call))
    g_assert_error (error, RT_ERROR, RT_ERROR_OUTCOME_UNKNOWN);
  else
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_during (gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;
  Scene scene;

  set_the_scene (&scene, data);
  rt_mock_server_inject_fault (scene.setup.server, RT_MOCK_FAULT_STALL, 1);
  scene.call->start (&scene.setup, cancellable, client_reply_cb, &reply);
  rt_test_poll_until (client_probe_count (scene.setup.client) > 0);
  g_assert_cmpuint (reply.count, ==, 0);
  g_cancellable_cancel (cancellable);
  client_reply_wait (&reply);
  g_assert_false (scene.call->finish (reply.source, reply.result, &error));
  assert_cancelled_during (scene.call, error);
  if (is_connect (scene.call))
    g_assert_cmpint (rt_client_get_state (scene.setup.client), ==, RT_CONNECTION_STATE_DISCONNECTED);
  assert_usable (&scene);
  client_reply_clear (&reply);
  strike_the_scene (&scene);
}

typedef struct
{
  Scene *scene;
  GCancellable *cancellable;
  GError *error;
  gboolean ok;
  gint finished; /* atomic */
} Blocking;

static gpointer
blocking_thread (gpointer user_data)
{
  Blocking *blocking = user_data;

  blocking->ok = blocking->scene->call->sync (&blocking->scene->setup, blocking->cancellable, &blocking->error);
  g_atomic_int_set (&blocking->finished, TRUE);
  return NULL;
}

static void
test_during_sync (gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Scene scene;
  Blocking blocking = { .scene = &scene, .cancellable = cancellable };
  GThread *thread;

  set_the_scene (&scene, data);
  rt_mock_server_inject_fault (scene.setup.server, RT_MOCK_FAULT_STALL, 1);
  thread = g_thread_new ("caller", blocking_thread, &blocking);
  rt_test_poll_until (client_probe_count (scene.setup.client) > 0);
  g_cancellable_cancel (cancellable);
  g_thread_join (thread);
  g_assert_false (blocking.ok);
  assert_cancelled_during (scene.call, blocking.error);
  g_clear_error (&blocking.error);
  assert_usable (&scene);
  strike_the_scene (&scene);
}

/* Another one who waits for the same attempt still gets it. */
static void
test_connect_shared (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (ClientReply) first = { 0 }, second = { 0 };
  g_autoptr (GError) error = NULL;
  Scene scene;

  set_the_scene (&scene, client_calls_find ("connect"));
  rt_mock_server_inject_fault (scene.setup.server, RT_MOCK_FAULT_STALL, 1);
  rt_client_connect_async (scene.setup.client, cancellable, client_reply_cb, &first);
  rt_client_connect_async (scene.setup.client, NULL, client_reply_cb, &second);
  rt_test_poll_until (client_probe_count (scene.setup.client) == 2);
  g_cancellable_cancel (cancellable);
  client_reply_wait (&first);
  g_assert_false (rt_client_connect_finish (scene.setup.client, first.result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  rt_mock_server_clear_faults (scene.setup.server);
  client_reply_wait (&second);
  g_assert_true (rt_client_connect_finish (scene.setup.client, second.result, &error));
  g_assert_no_error (error);
  client_reply_clear (&first);
  client_reply_clear (&second);
  strike_the_scene (&scene);
}

/* --- After --- */

static void
test_after (gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;
  Scene scene;

  set_the_scene (&scene, data);
  scene.call->start (&scene.setup, cancellable, client_reply_cb, &reply);
  client_reply_wait (&reply);
  g_cancellable_cancel (cancellable);
  gboolean ok = scene.call->finish (reply.source, reply.result, &error);
  if (g_str_equal (scene.call->name, "leave_channel-unknown"))
    g_assert_error (error, RT_ERROR, RT_ERROR_CHANNEL_NOT_FOUND);
  else
    g_assert_no_error (error);
  g_assert_cmpint (ok, ==, error == NULL);
  assert_usable (&scene);
  g_assert_cmpuint (reply.count, ==, 1);
  client_reply_clear (&reply);
  strike_the_scene (&scene);
}

/* --- Whenever --- */

#define N_MOMENTS 200

static gpointer
cancel_thread (gpointer user_data)
{
  g_cancellable_cancel (user_data);
  return NULL;
}

/* Here or in another thread. */
static void
cancel_somewhere (GCancellable *cancellable)
{
  if (g_test_rand_bit ())
    g_cancellable_cancel (cancellable);
  else
    g_thread_join (g_thread_new ("canceller", cancel_thread, cancellable));
}

/* Mostly short. */
static void
let_pass (guint max)
{
  gint32 limit = g_test_rand_int_range (0, (gint32) max + 1);

  for (gint32 i = g_test_rand_int_range (0, limit + 1) / (g_test_rand_bit () ? 1 : 8); i > 0; i--)
    if (!g_main_context_iteration (NULL, FALSE))
      g_thread_yield ();
}

static gboolean
was_published (RtMockServer *server, const char *id)
{
  g_auto (GStrv) recorded = rt_mock_server_get_messages (server, NULL);

  for (guint i = 0; recorded[i] != NULL; i++)
    if (strstr (recorded[i], id) != NULL)
      return TRUE;
  return FALSE;
}

/* What a send says of itself is true. */
static void
test_send_whenever (void)
{
  guint n_cancelled = 0, n_sent = 0;
  Scene scene;

  set_the_scene (&scene, client_calls_find ("send"));
  for (guint i = 0; i < N_MOMENTS; i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (RtMessage) message = rt_message_new_text ("room", "hello");
      g_auto (ClientReply) reply = { 0 };
      g_autoptr (GError) error = NULL;

      rt_client_send_async (scene.setup.client, message, cancellable, client_reply_cb, &reply);
      let_pass (60);
      cancel_somewhere (cancellable);
      client_reply_wait (&reply);
      g_autoptr (RtMessage) sent = rt_client_send_finish (scene.setup.client, reply.result, &error);
      /* When this is answered, the server has done all that was sent before. */
      rt_channel_presence_stats_sync (scene.setup.room, NULL, NULL, NULL, NULL);
      gboolean published = was_published (scene.setup.server, rt_message_get_id (message));
      if (error == NULL)
        g_assert_true (published);
      else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_assert_false (published);
      else
        g_assert_error (error, RT_ERROR, RT_ERROR_OUTCOME_UNKNOWN);
      n_sent += error == NULL;
      n_cancelled += error != NULL;
    }
  g_test_message ("%u sent, %u cancelled", n_sent, n_cancelled);
  assert_usable (&scene);
  strike_the_scene (&scene);
}

static void
assert_plausible (const ClientCall *call, const GError *error)
{
  if (error == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (is_send (call) && g_error_matches (error, RT_ERROR, RT_ERROR_OUTCOME_UNKNOWN))
    return;
  if (g_str_equal (call->name, "leave_channel-unknown"))
    g_assert_error (error, RT_ERROR, RT_ERROR_CHANNEL_NOT_FOUND);
  else
    g_assert_no_error (error);
}

static void
test_whenever (void)
{
  Scene scene;

  set_the_scene (&scene, client_calls_find ("connect"));
  for (guint i = 0; i < N_MOMENTS; i++)
    {
      const ClientCall *call = &client_calls[g_test_rand_int_range (0, (gint32) n_client_calls)];
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_auto (ClientReply) reply = { 0 };
      g_autoptr (GError) error = NULL;

      if (g_str_equal (call->name, "close"))
        call = client_calls_find ("disconnect");
      assert_usable (&scene);
      g_clear_object (&scene.setup.room);
      scene.setup.room = client_util_join (scene.setup.client, "room");
      if (is_connect (call))
        rt_client_disconnect_sync (scene.setup.client, NULL, NULL);
      call->start (&scene.setup, cancellable, client_reply_cb, &reply);
      let_pass (60);
      cancel_somewhere (cancellable);
      client_reply_wait (&reply);
      call->finish (reply.source, reply.result, &error);
      assert_plausible (call, error);
      let_pass (10);
    }
  assert_usable (&scene);
  strike_the_scene (&scene);
}

/* --- At once --- */

/* From the call on nothing is delivered, so there is no way back, however soon it is cancelled. */
static void
test_at_once (gconstpointer data)
{
  const ClientCall *call = client_calls_find (data);

  for (guint i = 0; i < N_MOMENTS / 5; i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_auto (ClientReply) reply = { 0 };
      g_autoptr (GError) error = NULL;
      Scene scene;

      set_the_scene (&scene, call);
      call->start (&scene.setup, cancellable, client_reply_cb, &reply);
      cancel_somewhere (cancellable);
      client_reply_wait (&reply);
      if (!call->finish (reply.source, reply.result, &error))
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      rt_test_wait_until (rt_channel_get_state (scene.setup.room) == RT_CHANNEL_STATE_LEFT);
      g_assert_null (rt_client_get_channel (scene.setup.client, "room"));
      if (g_str_equal (call->name, "close"))
        rt_test_wait_until (rt_client_get_state (scene.setup.client) == RT_CONNECTION_STATE_CLOSED);
      assert_usable (&scene);
      client_reply_clear (&reply);
      strike_the_scene (&scene);
    }
}

/* --- main --- */

static void
add_tests (const char *when, GTestDataFunc func)
{
  for (guint i = 0; i < n_client_calls; i++)
    {
      const ClientCall *call = &client_calls[i];
      g_autofree char *path = g_strdup_printf ("/Rt/ClientCancel/%s/%s", when, call->name);
      /* These end at once, even if the server answers nothing. */
      gboolean waits = !g_str_equal (call->name, "leave_channel-unknown") && !g_str_equal (call->name, "reset_session")
                       && !g_str_equal (call->name, "send_notification");

      if (waits || strstr (when, "during") == NULL)
        g_test_add_data_func (path, call, func);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_tests ("before", test_before);
  add_tests ("during", test_during);
  add_tests ("during-sync", test_during_sync);
  add_tests ("after", test_after);
  g_test_add_data_func ("/Rt/ClientCancel/at-once/close", "close", test_at_once);
  g_test_add_data_func ("/Rt/ClientCancel/at-once/reset_session", "reset_session", test_at_once);
  g_test_add_func ("/Rt/ClientCancel/connect-shared", test_connect_shared);
  g_test_add_func ("/Rt/ClientCancel/whenever/send", test_send_whenever);
  g_test_add_func ("/Rt/ClientCancel/whenever/any", test_whenever);
  return g_test_run ();
}
