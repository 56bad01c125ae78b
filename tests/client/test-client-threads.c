/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client-calls.h"
#include "json-peer.h"
#include "rt-client-private.h"
#include "rt-io-thread.h"

/* Which thread runs what. The log asserts the context of every emission. */

static GThread *main_thread;

/* --- Where things end --- */

typedef struct
{
  GThread *thread; /* where it was finalized; NULL: not yet */
} Grave;

static void
gone_cb (gpointer user_data, GObject *where)
{
  Grave *grave = user_data;

  g_assert_false (rt_io_thread_is_current ());
  g_assert_null (grave->thread);
  g_atomic_pointer_set (&grave->thread, g_thread_self ());
}

static void
watch (Grave *grave, gpointer object)
{
  g_object_weak_ref (object, gone_cb, grave);
}

/* --- Workers with a context of their own --- */

typedef struct
{
  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;
} Worker;

static gpointer
worker_main (gpointer user_data)
{
  Worker *worker = user_data;

  g_main_context_push_thread_default (worker->context);
  g_main_loop_run (worker->loop);
  while (g_main_context_iteration (worker->context, FALSE))
    ;
  g_main_context_pop_thread_default (worker->context);
  return NULL;
}

static void
worker_start (Worker *worker)
{
  worker->context = g_main_context_new ();
  worker->loop = g_main_loop_new (worker->context, FALSE);
  worker->thread = g_thread_new ("worker", worker_main, worker);
}

typedef struct
{
  GSourceFunc func;
  gpointer user_data;
  gint done; /* atomic */
} Job;

static gboolean
job_cb (gpointer user_data)
{
  Job *job = user_data;

  job->func (job->user_data);
  g_atomic_int_set (&job->done, TRUE);
  return G_SOURCE_REMOVE;
}

/* Runs @func in the worker while this thread's context turns. */
static void
worker_run (Worker *worker, GSourceFunc func, gpointer user_data)
{
  Job job = { .func = func, .user_data = user_data };
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_callback (source, job_cb, &job, NULL);
  g_source_attach (source, worker->context);
  rt_test_poll_until (g_atomic_int_get (&job.done));
}

static gboolean
quit_cb (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

static void
worker_stop (Worker *worker)
{
  worker_run (worker, quit_cb, worker->loop);
  g_thread_join (worker->thread);
  g_main_loop_unref (worker->loop);
  g_main_context_unref (worker->context);
}

/* --- A client of this thread, used in another --- */

typedef struct
{
  ClientSetup setup;
  ClientLog *log;
  Grave client_grave;
  Grave room_grave;
} Story;

/* Nothing is joined afterwards. */
static gboolean
ends_the_story (const ClientCall *call)
{
  return g_str_equal (call->name, "close") || g_str_equal (call->name, "reset_session");
}

static gboolean
use_everything_cb (gpointer user_data)
{
  Story *story = user_data;

  for (guint i = 0; i < n_client_calls; i++)
    {
      const ClientCall *call = &client_calls[i];
      g_autoptr (GError) error = NULL;

      if (ends_the_story (call) || strstr (call->name, "leave") != NULL)
        continue;
      call->sync (&story->setup, NULL, &error);
      if (g_str_equal (call->name, "connect"))
        g_assert_error (error, RT_ERROR, RT_ERROR_ALREADY_CONNECTED);
      else
        g_assert_no_error (error);
      if (g_str_equal (call->name, "disconnect"))
        rt_client_connect_sync (story->setup.client, NULL, NULL);
    }
  return G_SOURCE_REMOVE;
}

/* The callback of an asynchronous call runs in the context of its caller. */
static gboolean
call_everything_cb (gpointer user_data)
{
  Story *story = user_data;

  for (guint i = 0; i < n_client_calls; i++)
    {
      const ClientCall *call = &client_calls[i];
      g_auto (ClientReply) reply = { 0 };
      g_autoptr (GError) error = NULL;

      if (g_str_equal (call->name, "disconnect") || ends_the_story (call))
        continue;
      call->start (&story->setup, NULL, client_reply_cb, &reply);
      client_reply_wait (&reply);
      g_assert_true (reply.thread == g_thread_self ());
      call->finish (reply.source, reply.result, &error);
    }
  return G_SOURCE_REMOVE;
}

static void
test_used_elsewhere (void)
{
  g_autoptr (RtMockServer) server = client_util_start_server ();
  Story story = { .setup.server = server };
  Worker worker;

  client_setup_init (&story.setup, client_util_new_client (server, NULL));
  story.log = client_log_new (story.setup.client);
  client_log_add_channel (story.log, story.setup.room);
  watch (&story.client_grave, story.setup.client);
  watch (&story.room_grave, story.setup.room);
  worker_start (&worker);
  worker_run (&worker, use_everything_cb, &story);
  worker_run (&worker, call_everything_cb, &story);
  rt_client_close_sync (story.setup.client, NULL, NULL);
  rt_test_wait_until (client_log_count (story.log, "state 6") > 0);
  worker_stop (&worker);
  g_assert_cmpuint (client_log_count (story.log, "disconnected"), ==, 2);
  g_assert_cmpuint (client_log_count (story.log, "room message hello"), ==, 10);
  client_log_free (story.log);
  client_setup_clear (&story.setup);
  g_assert_true (story.client_grave.thread == main_thread);
  g_assert_true (story.room_grave.thread == main_thread);
}

/* --- A client of a worker, used in this thread --- */

static gboolean
set_up_cb (gpointer user_data)
{
  Story *story = user_data;

  client_setup_init (&story->setup, client_util_new_client (story->setup.server, NULL));
  story->log = client_log_new (story->setup.client);
  client_log_add_channel (story->log, story->setup.room);
  watch (&story->client_grave, story->setup.client);
  return G_SOURCE_REMOVE;
}

static gboolean
tear_down_cb (gpointer user_data)
{
  Story *story = user_data;

  rt_test_wait_until (client_log_count (story->log, "room message") >= 10);
  client_log_free (story->log);
  client_setup_clear (&story->setup);
  return G_SOURCE_REMOVE;
}

static void
test_made_elsewhere (void)
{
  g_autoptr (RtMockServer) server = client_util_start_server ();
  Story story = { .setup.server = server };
  Worker worker;

  worker_start (&worker);
  worker_run (&worker, set_up_cb, &story);
  use_everything_cb (&story);
  call_everything_cb (&story);
  worker_run (&worker, tear_down_cb, &story);
  g_assert_true (story.client_grave.thread == worker.thread);
  worker_stop (&worker);
}

/* --- Many at once --- */

#define N_THREADS 8
#define N_ROUNDS 40

static gpointer
busy_thread (gpointer user_data)
{
  ClientSetup *setup = user_data;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      g_autoptr (RtMessage) sent = rt_client_send_message_sync (setup->client, "room", "hello", NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (rt_message_get_offset (sent), >, 0);
      g_autoptr (GVariant) echo = rt_client_rpc_sync (setup->client, "echo", g_variant_new_uint32 (i), NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpint (g_variant_get_int64 (echo), ==, i);
      g_assert_cmpint (rt_client_ping_sync (setup->client, NULL, &error), >=, 0);
      g_assert_no_error (error);
      g_autoptr (RtChannel) room = rt_client_join_channel_sync (setup->client, "room", NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_true (room == setup->room);
    }
  return NULL;
}

static void
test_many_threads (void)
{
  g_autoptr (RtMockServer) server = client_util_start_server ();
  ClientSetup setup = { .server = server };
  GThread *threads[N_THREADS];

  client_setup_init (&setup, client_util_new_client (server, NULL));
  ClientLog *log = client_log_new (setup.client);
  client_log_add_channel (log, setup.room);
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("busy", busy_thread, &setup);
  rt_test_wait_until (client_log_count (log, "room message hello") == N_THREADS * N_ROUNDS);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  g_auto (GStrv) recorded = rt_mock_server_get_messages (server, "room");
  g_assert_cmpuint (g_strv_length (recorded), ==, N_THREADS * N_ROUNDS);
  client_log_free (log);
  client_setup_clear (&setup);
}

/* --- Joined and left at once --- */

static void
fickle_script (JsonPeer *peer, gpointer user_data)
{
  json_peer_greet (peer);
  for (guint i = 0; i < N_ROUNDS; i++)
    {
      guint id = json_peer_expect (peer, "subscribe");

      json_peer_send (peer, "{\"id\":%u,\"subscribe\":{}}\n"
                            "{\"push\":{\"channel\":\"room\",\"unsubscribe\":{\"code\":2000}}}", id);
    }
  json_peer_wait_end (peer);
}

typedef struct
{
  RtClient *client;
  gint done; /* atomic */
} Joining;

static gpointer
join_thread (gpointer user_data)
{
  Joining *joining = user_data;

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RtChannel) room = rt_client_join_channel_sync (joining->client, "room", NULL, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (rt_channel_get_name (room), ==, "room");
    }
  g_atomic_int_set (&joining->done, TRUE);
  return NULL;
}

static gboolean
is_forgotten (RtClient *client, const char *name)
{
  g_autoptr (RtChannel) channel = rt_client_channels_find (rt_client_get_handles (client), name);

  return channel == NULL;
}

/* The server ends a channel while its joiner, in another thread, has not yet seen it: nothing stays of it. */
static void
test_joined_and_left (void)
{
  JsonPeer *peer = json_peer_new (fickle_script, NULL);
  g_autofree char *url = json_peer_get_url (peer);
  RtClient *client = client_util_new_for_url (url, NULL);
  Joining joining = { .client = client };
  g_autoptr (GError) error = NULL;

  rt_client_connect_sync (client, NULL, &error);
  g_assert_no_error (error);
  GThread *thread = g_thread_new ("joiner", join_thread, &joining);
  rt_test_poll_until (g_atomic_int_get (&joining.done));
  g_thread_join (thread);
  rt_test_wait_until (is_forgotten (client, "room"));
  g_assert_cmpuint (g_list_model_get_n_items (rt_client_get_channels (client)), ==, 0);
  client_util_finalize (client);
  json_peer_free (peer);
}

/* --- A main loop that does not turn --- */

#define N_MEANWHILE 500

static void
next_cb (RtChannel *channel, RtMessage *message, gpointer user_data)
{
  guint *last = user_data;

  g_assert_true (g_thread_self () == main_thread);
  g_assert_cmpuint (client_util_get_number (message), ==, ++*last);
}

static void
test_blocked_loop (void)
{
  g_autoptr (RtMockServer) server = rt_mock_server_new ();
  g_autoptr (GError) error = NULL;
  guint last = 0;

  rt_mock_server_set_ping_interval (server, 200);
  rt_mock_server_start (server, &error);
  g_assert_no_error (error);
  RtClient *client = client_util_connect (server);
  RtChannel *room = client_util_join (client, "room");
  ClientLog *log = client_log_new (client);
  g_signal_connect (room, "message", G_CALLBACK (next_cb), &last);
  guint before = rt_mock_server_get_pong_count (server);

  /* Nothing here gives the main context a turn. */
  for (guint i = 0; i < 3; i++)
    {
      client_util_publish (server, "room", i * N_MEANWHILE / 3 + 1, (i + 1) * N_MEANWHILE / 3);
      while (rt_mock_server_get_pong_count (server) < before + i + 1)
        g_thread_yield ();
    }
  g_assert_cmpuint (last, ==, 0);
  g_assert_true (rt_client_is_connected (client));

  rt_test_wait_until (last == N_MEANWHILE);
  g_assert_cmpuint (client_log_count (log, "disconnected"), ==, 0);
  g_assert_cmpuint (client_log_count (log, "error"), ==, 0);
  g_assert_true (rt_client_is_connected (client));
  client_log_free (log);
  g_object_unref (room);
  client_util_finalize (client);
}

/* --- The last reference --- */

typedef struct
{
  RtClient *client;
  RtChannel *room;
  Grave grave;
} Owner;

static void
drop_all (Owner *owner)
{
  g_clear_object (&owner->room);
  g_clear_object (&owner->client);
}

static void
drop_in_message_cb (RtChannel *channel, RtMessage *message, gpointer user_data)
{
  Owner *owner = user_data;

  g_assert_nonnull (owner->client); /* nothing more comes after it */
  drop_all (owner);
}

static void
drop_in_client_message_cb (RtClient *client, RtMessage *message, gpointer user_data)
{
  drop_in_message_cb (NULL, message, user_data);
}

static void
drop_in_disconnected_cb (RtClient *client,
                         guint code,
                         const char *reason,
                         gboolean will_retry,
                         gpointer user_data)
{
  drop_all (user_data);
}

static void
drop_in_notify_cb (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  drop_all (user_data);
}

static void
drop_in_member_cb (RtChannel *channel, RtMember *member, gpointer user_data)
{
  drop_all (user_data);
}

static void
own (Owner *owner, RtMockServer *server)
{
  *owner = (Owner) { .client = client_util_connect (server) };
  owner->room = client_util_join (owner->client, "room");
  watch (&owner->grave, owner->client);
}

static void
assert_gone (Owner *owner)
{
  rt_test_poll_until (g_atomic_pointer_get (&owner->grave.thread) != NULL);
  g_assert_true (owner->grave.thread == main_thread);
}

static void
test_unref_in_handlers (void)
{
  g_autoptr (RtMockServer) server = client_util_start_server ();
  Owner owner;

  own (&owner, server);
  g_signal_connect (owner.room, "message", G_CALLBACK (drop_in_message_cb), &owner);
  client_util_publish (server, "room", 1, 20);
  assert_gone (&owner);

  own (&owner, server);
  g_signal_connect (owner.client, "message", G_CALLBACK (drop_in_client_message_cb), &owner);
  client_util_publish (server, "room", 21, 40);
  assert_gone (&owner);

  own (&owner, server);
  g_signal_connect (owner.client, "disconnected", G_CALLBACK (drop_in_disconnected_cb), &owner);
  rt_mock_server_drop_connections (server);
  assert_gone (&owner);

  own (&owner, server);
  g_signal_connect (owner.client, "notify::state", G_CALLBACK (drop_in_notify_cb), &owner);
  rt_mock_server_drop_connections (server);
  assert_gone (&owner);

  own (&owner, server);
  g_signal_connect (owner.room, "notify::state", G_CALLBACK (drop_in_notify_cb), &owner);
  rt_mock_server_drop_connections (server);
  assert_gone (&owner);

  own (&owner, server);
  g_signal_connect (owner.room, "member-joined", G_CALLBACK (drop_in_member_cb), &owner);
  assert_gone (&owner);
}

static void
drop_in_callback_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  drop_all (user_data);
}

/* A call that is not finished keeps the client. */
static void
test_unref_while_called (void)
{
  g_autoptr (RtMockServer) server = client_util_start_server ();
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;
  Owner owner;

  own (&owner, server);
  rt_client_ping_async (owner.client, NULL, drop_in_callback_cb, &owner);
  assert_gone (&owner);

  own (&owner, server);
  rt_client_send_message_async (owner.client, "room", "hello", NULL, client_reply_cb, &reply);
  drop_all (&owner);
  g_assert_null (owner.grave.thread);
  client_reply_wait (&reply);
  g_autoptr (RtMessage) sent = rt_client_send_message_finish (RT_CLIENT (reply.source), reply.result, &error);
  g_assert_no_error (error);
  client_reply_clear (&reply);
  assert_gone (&owner);
}

static gpointer
drop_thread (gpointer user_data)
{
  drop_all (user_data);
  return NULL;
}

/* In another thread, while messages come in and while calls are under way. */
static void
test_unref_elsewhere (void)
{
  g_autoptr (RtMockServer) server = client_util_start_server ();

  for (guint i = 0; i < 30; i++)
    {
      Owner owner;
      GThread *thread;

      own (&owner, server);
      client_util_publish (server, "room", 1, 30);
      if (i % 2 == 1)
        rt_client_ping_async (owner.client, NULL, NULL, NULL);
      thread = g_thread_new ("dropper", drop_thread, &owner);
      rt_test_poll_until (g_atomic_pointer_get (&owner.grave.thread) != NULL);
      g_thread_join (thread);
    }
}

/* --- Nothing is left --- */

static void
one_life (RtMockServer *server)
{
  ClientSetup setup = { .server = server };
  g_autoptr (GError) error = NULL;

  client_setup_init (&setup, client_util_new_client (server, NULL));
  rt_client_disconnect_sync (setup.client, NULL, &error);
  g_assert_no_error (error);
  rt_client_connect_sync (setup.client, NULL, &error);
  g_assert_no_error (error);
  rt_mock_server_drop_connections (server);
  rt_test_wait_until (!rt_client_is_connected (setup.client));
  rt_client_connect_sync (setup.client, NULL, &error);
  g_assert_no_error (error);
  client_setup_clear (&setup);
  rt_test_poll_until (client_util_count_clients (server) == 0);
}

static void
test_nothing_left (void)
{
  guint threads = 0, fds = 0;

  for (guint i = 0; i < 6; i++)
    {
      RtMockServer *server = client_util_start_server ();

      one_life (server);
      g_assert_finalize_object (server);
      rt_io_thread_shutdown_for_tests ();
      /* The first rounds also make what GLib keeps for the process. */
      if (i < 2)
        {
          threads = rt_test_count_threads ();
          fds = rt_test_count_fds ();
        }
      g_assert_cmpuint (rt_test_count_threads (), <=, threads);
      g_assert_cmpuint (rt_test_count_fds (), <=, fds);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  main_thread = g_thread_self ();
  g_test_add_func ("/Rt/ClientThreads/used-elsewhere", test_used_elsewhere);
  g_test_add_func ("/Rt/ClientThreads/made-elsewhere", test_made_elsewhere);
  g_test_add_func ("/Rt/ClientThreads/many-threads", test_many_threads);
  g_test_add_func ("/Rt/ClientThreads/joined-and-left", test_joined_and_left);
  g_test_add_func ("/Rt/ClientThreads/blocked-loop", test_blocked_loop);
  g_test_add_func ("/Rt/ClientThreads/unref-in-handlers", test_unref_in_handlers);
  g_test_add_func ("/Rt/ClientThreads/unref-while-called", test_unref_while_called);
  g_test_add_func ("/Rt/ClientThreads/unref-elsewhere", test_unref_elsewhere);
  g_test_add_func ("/Rt/ClientThreads/nothing-left", test_nothing_left);
  return g_test_run ();
}
