/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client-calls.h"

/* Every public call is legal inside every handler: blocking, asynchronous, and while a nested loop turns. */

typedef struct
{
  const char *name; /* of the signal */
  gboolean of_channel;
  void (*provoke) (ClientSetup *setup); /* NULL: what has happened already brings it */
} Signal;

static void
drop_line (ClientSetup *setup)
{
  rt_mock_server_drop_connections (setup->server);
}

static void
leave_room (ClientSetup *setup)
{
  rt_channel_leave_sync (setup->room, NULL, NULL);
}

static void
new_epoch (ClientSetup *setup)
{
  rt_mock_server_new_epoch (setup->server, "room");
}

static void
refuse (ClientSetup *setup)
{
  rt_mock_server_disconnect_client (setup->server, NULL, 3507, "not you");
}

static const Signal client_signals[] = {
  { "connected", FALSE, NULL },
  { "notify::state", FALSE, NULL },
  { "notify::client-id", FALSE, NULL },
  { "message", FALSE, NULL },
  { "disconnected", FALSE, drop_line },
  { "reconnecting", FALSE, drop_line },
  { "notify::attempt", FALSE, drop_line },
  { "error", FALSE, refuse },
  { "joined", TRUE, NULL },
  { "notify::offset", TRUE, NULL },
  { "message", TRUE, NULL },
  { "member-joined", TRUE, NULL },
  { "notify::state", TRUE, drop_line },
  { "gap", TRUE, new_epoch },
  { "left", TRUE, leave_room },
};

typedef struct
{
  ClientSetup setup;
  const ClientCall *call;
  gboolean blocking;
  gint called; /* atomic: another thread looks at it */
  ClientReply reply;
} Scene;

/* A marshaller that does not look at the signal's arguments. */
static void
call_marshal (GClosure *closure,
              GValue *return_value,
              guint n_values,
              const GValue *values,
              gpointer hint,
              gpointer marshal_data)
{
  Scene *scene = closure->data;
  g_autoptr (GError) error = NULL;

  if (scene->called)
    return;
  g_atomic_int_set (&scene->called, TRUE);
  if (scene->blocking)
    scene->call->sync (&scene->setup, NULL, &error);
  else
    scene->call->start (&scene->setup, NULL, client_reply_cb, &scene->reply);
}

/* Those that wait for the next connection do not have to wait for long. Not before the call was made: of changes that
 * follow each other quickly only the last is notified, which may be none. */
typedef struct
{
  RtClient *client;
  Scene *scene;
  gint over; /* atomic */
} Hurry;

static gboolean
hurry_up (Hurry *hurry)
{
  if (g_atomic_int_get (&hurry->scene->called) && rt_client_get_retry_in (hurry->client) > 0)
    rt_client_reconnect_now (hurry->client);
  return g_atomic_int_get (&hurry->over);
}

static gpointer
hurry_thread (gpointer user_data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GMainContextPusher) pusher = g_main_context_pusher_new (context);

  rt_test_poll_until (hurry_up (user_data));
  return NULL;
}

static void
play (const Signal *signal, const ClientCall *call, gboolean blocking)
{
  Scene scene = { .call = call, .blocking = blocking };
  GClosure *closure = g_closure_new_simple (sizeof (GClosure), &scene);

  scene.setup.server = client_util_start_server ();
  client_setup_init (&scene.setup, client_util_new_client (scene.setup.server, NULL));
  Hurry hurry = { .client = scene.setup.client, .scene = &scene };
  GThread *thread = g_thread_new ("hurry", hurry_thread, &hurry);
  g_closure_set_marshal (closure, call_marshal);
  gpointer emitter = signal->of_channel ? (gpointer) scene.setup.room : (gpointer) scene.setup.client;
  gulong handler = g_signal_connect_closure (emitter, signal->name, closure, FALSE);
  if (signal->provoke != NULL)
    {
      /* Signals of what led here are not meant. */
      g_atomic_int_set (&scene.called, TRUE);
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_atomic_int_set (&scene.called, FALSE);
      signal->provoke (&scene.setup);
    }
  rt_test_wait_until (scene.called);
  if (!blocking)
    client_reply_wait (&scene.reply);
  client_reply_clear (&scene.reply);
  g_atomic_int_set (&hurry.over, TRUE);
  g_thread_join (thread);
  g_signal_handler_disconnect (emitter, handler);
  client_setup_clear (&scene.setup);
  g_assert_finalize_object (scene.setup.server);
}

static void
test_calls (gconstpointer data)
{
  for (guint i = 0; i < n_client_calls; i++)
    {
      play (data, &client_calls[i], TRUE);
      play (data, &client_calls[i], FALSE);
    }
}

/* --- Nested loops --- */

typedef struct
{
  guint last;
  guint depth;
  guint deepest;
} Nest;

static void
nested_cb (RtChannel *channel, RtMessage *message, gpointer user_data)
{
  Nest *nest = user_data;
  guint number = client_util_get_number (message);

  g_assert_cmpuint (number, ==, nest->last + 1);
  nest->last = number;
  nest->depth++;
  nest->deepest = MAX (nest->deepest, nest->depth);
  /* The next one comes in here. */
  if (number % 10 != 0)
    rt_test_wait_until (nest->last > number);
  nest->depth--;
}

static void
test_nested (void)
{
  RtMockServer *server = client_util_start_server ();
  RtClient *client = client_util_connect (server);
  RtChannel *room = client_util_join (client, "room");
  Nest nest = { 0 };

  g_signal_connect (room, "message", G_CALLBACK (nested_cb), &nest);
  client_util_publish (server, "room", 1, 50);
  rt_test_wait_until (nest.last == 50 && nest.depth == 0);
  g_assert_cmpuint (nest.deepest, >, 5);
  g_object_unref (room);
  client_util_finalize (client);
  g_assert_finalize_object (server);
}

/* --- Disposed of by force --- */

static void
dispose_cb (RtChannel *channel, RtMessage *message, gpointer user_data)
{
  g_autoptr (RtClient) client = rt_channel_get_client (channel);
  guint *count = user_data;

  ++*count;
  g_object_run_dispose (G_OBJECT (client));
}

/* Nothing more is delivered, though much is on its way. */
static void
test_dispose (void)
{
  RtMockServer *server = client_util_start_server ();
  RtClient *client = client_util_connect (server);
  RtChannel *room = client_util_join (client, "room");
  ClientLog *log = client_log_new (client);
  g_auto (ClientReply) reply = { 0 };
  guint count = 0;

  g_signal_connect (room, "message", G_CALLBACK (dispose_cb), &count);
  client_log_add_channel (log, room);
  client_util_publish (server, "room", 1, 50);
  rt_test_wait_until (count > 0);
  client_log_clear (log);
  /* Calls still end. */
  rt_client_ping_async (client, NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  g_assert_cmpuint (count, ==, 1);
  g_assert_cmpuint (client_log_count (log, ""), ==, 0);
  client_reply_clear (&reply);
  client_log_free (log);
  rt_test_poll_until (client_util_count_clients (server) == 0);
  client_util_finalize (client);
  g_assert_finalize_object (room);
  g_assert_finalize_object (server);
}

static void
dispose_at_state_cb (RtChannel *channel, GParamSpec *pspec, gpointer user_data)
{
  if (rt_channel_get_state (channel) == RT_CHANNEL_STATE_JOINED)
    g_object_run_dispose (user_data);
}

/* Also nothing more of what is just being told. */
static void
test_dispose_at_state (void)
{
  RtMockServer *server = client_util_start_server ();
  RtClient *client = client_util_connect (server);
  RtChannel *room = client_util_join (client, "room");
  ClientLog *log = client_log_new (client);

  client_log_add_channel (log, room);
  rt_test_wait_until (client_log_count (log, "room joined") == 1);
  g_signal_connect (room, "notify::state", G_CALLBACK (dispose_at_state_cb), client);
  rt_mock_server_drop_connections (server);
  rt_test_wait_until (client_log_count (log, "connected") == 2);
  client_log_clear (log);
  rt_test_poll_until (client_util_count_clients (server) == 0);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (client_log_count (log, "room joined"), ==, 0);
  client_log_free (log);
  client_util_finalize (client);
  g_assert_finalize_object (room);
  g_assert_finalize_object (server);
}

/* --- The end is told inside --- */

typedef struct
{
  const char *name; /* of the call */
  gboolean blocking;
} End;

static const End ends[] = {
  { "close", FALSE }, { "close", TRUE }, { "reset_session", FALSE }, { "reset_session", TRUE },
};

typedef struct
{
  ClientSetup setup;
  const End *end;
  ClientLog *log;
  ClientReply reply;
} Ending;

static void
end_cb (RtClient *client, RtMessage *message, gpointer user_data)
{
  Ending *ending = user_data;
  const ClientCall *call = client_calls_find (ending->end->name);

  client_log_clear (ending->log);
  if (ending->end->blocking)
    g_assert_true (call->sync (&ending->setup, NULL, NULL));
  else
    call->start (&ending->setup, NULL, client_reply_cb, &ending->reply);
}

/* Another user's session gets its own, under the same name. */
static void
check_next_session (Ending *ending)
{
  ClientSetup *setup = &ending->setup;

  rt_test_wait_until (rt_client_is_connected (setup->client));
  g_autoptr (RtChannel) room = client_util_join (setup->client, "room");
  client_log_add_channel (ending->log, room);
  client_util_publish (setup->server, "room", 51, 51);
  rt_test_wait_until (client_log_count (ending->log, "room message") == 1);
}

/* What has arrived already is not delivered any more: the program may have let go of what its handlers use. */
static void
test_ended_inside (gconstpointer data)
{
  Ending ending = { .end = data };
  ClientSetup *setup = &ending.setup;
  g_autoptr (GVariant) echo = NULL;

  setup->server = client_util_start_server ();
  client_setup_init (setup, client_util_new_client (setup->server, NULL));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  ending.log = client_log_new (setup->client);
  client_log_add_channel (ending.log, setup->room);
  client_util_publish (setup->server, "room", 1, 50);
  /* Its answer comes behind them. */
  echo = rt_client_rpc_sync (setup->client, "echo", NULL, NULL, NULL);
  g_assert_nonnull (echo);
  g_signal_connect (setup->client, "message", G_CALLBACK (end_cb), &ending);
  rt_test_wait_until (client_log_count (ending.log, "room left") == 1);
  g_assert_cmpuint (client_log_count (ending.log, "room message"), ==, 0);
  g_assert_cmpuint (client_log_count (ending.log, "message"), ==, 0);
  g_signal_handlers_disconnect_by_data (setup->client, &ending);
  if (!ending.end->blocking)
    client_reply_wait (&ending.reply);
  client_reply_clear (&ending.reply);
  if (g_str_equal (ending.end->name, "reset_session"))
    check_next_session (&ending);
  client_log_free (ending.log);
  client_setup_clear (setup);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (client_signals); i++)
    {
      const Signal *signal = &client_signals[i];
      g_autofree char *path = g_strdup_printf ("/Rt/ClientHandlers/%s/%s", signal->of_channel ? "channel" : "client",
                                               signal->name);
      g_test_add_data_func (path, signal, test_calls);
    }
  g_test_add_func ("/Rt/ClientHandlers/nested", test_nested);
  g_test_add_func ("/Rt/ClientHandlers/dispose", test_dispose);
  g_test_add_func ("/Rt/ClientHandlers/dispose-at-state", test_dispose_at_state);
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *path = g_strdup_printf ("/Rt/ClientHandlers/ended-inside/%s%s", ends[i].name,
                                               ends[i].blocking ? "-sync" : "");
      g_test_add_data_func (path, &ends[i], test_ended_inside);
    }
  return g_test_run ();
}
