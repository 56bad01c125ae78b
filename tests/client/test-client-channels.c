/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client-util.h"

/* Channels: joining and leaving them, who is in them, and what was said there. */

typedef struct
{
  RtMockServer *server;
  RtClient *client; /* "ann", connected */
  RtClient *other;  /* "bob", connected */
  ClientLog *log;
} Fixture;

static RtClient *
connect_as (RtMockServer *server, const char *user)
{
  RtClient *client = client_util_new_client (server, "user-id", user, NULL);
  g_autoptr (GError) error = NULL;

  rt_client_connect_sync (client, NULL, &error);
  g_assert_no_error (error);
  return client;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->server = client_util_start_server ();
  fixture->client = connect_as (fixture->server, "ann");
  fixture->other = connect_as (fixture->server, "bob");
  fixture->log = client_log_new (fixture->client);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  client_log_free (fixture->log);
  client_util_finalize (fixture->client);
  client_util_finalize (fixture->other);
  g_assert_finalize_object (fixture->server);
}

static RtChannel *
join_logged (Fixture *fixture, const char *name)
{
  RtChannel *channel = client_util_join (fixture->client, name);

  client_log_add_channel (fixture->log, channel);
  return channel;
}

/* --- Joining --- */

static void
test_join_twice (Fixture *fixture, gconstpointer data)
{
  ClientReply replies[3] = { 0 };
  g_autoptr (RtChannel) first = client_util_join (fixture->client, "room");
  g_autoptr (RtChannel) second = client_util_join (fixture->client, "room");
  g_autoptr (RtChannel) hall = NULL;
  g_autoptr (GError) error = NULL;
  guint clients = 0;

  g_assert_true (first == second);
  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    rt_client_join_channel_async (fixture->client, "hall", NULL, NULL, client_reply_cb, &replies[i]);
  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      client_reply_wait (&replies[i]);
      g_autoptr (RtChannel) channel = rt_client_join_channel_finish (fixture->client, replies[i].result, &error);
      g_assert_no_error (error);
      g_assert_true (hall == NULL || channel == hall);
      g_set_object (&hall, channel);
      client_reply_clear (&replies[i]);
    }
  g_assert_true (rt_channel_presence_stats_sync (hall, NULL, &clients, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (clients, ==, 1);
}

static void
test_properties (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtChannel) room = join_logged (fixture, "room");
  g_autoptr (RtClient) client = rt_channel_get_client (room);

  rt_test_wait_until (client_log_count (fixture->log, "room joined") > 0);
  g_autofree char *epoch = rt_channel_get_epoch (room);
  g_assert_cmpstr (rt_channel_get_name (room), ==, "room");
  g_assert_true (client == fixture->client);
  g_assert_true (rt_channel_get_recoverable (room));
  g_assert_nonnull (epoch);
  g_assert_cmpuint (rt_channel_get_offset (room), ==, 0);
  client_util_publish (fixture->server, "room", 1, 5);
  rt_test_wait_until (client_log_count (fixture->log, "room message") == 5);
  g_assert_cmpuint (rt_channel_get_offset (room), ==, 5);
}

/* From a position that an earlier run of the program has kept. */
static void
test_join_since (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtChannel) earlier = client_util_join (fixture->other, "room");
  g_autoptr (RtChannelOptions) options = rt_channel_options_new ();
  g_autoptr (GError) error = NULL;

  client_util_publish (fixture->server, "room", 1, 5);
  rt_test_wait_until (rt_channel_get_offset (earlier) == 5);
  g_autofree char *epoch = rt_channel_get_epoch (earlier);
  g_autoptr (RtPosition) since = rt_position_new (epoch, 3);
  rt_channel_options_set_since (options, since);
  g_autoptr (RtChannel) room = rt_client_join_channel_sync (fixture->client, "room", options, NULL, &error);
  g_assert_no_error (error);
  client_log_add_channel (fixture->log, room);
  rt_test_wait_until (client_log_count (fixture->log, "room recovered") > 0);
  g_autofree char *list = client_log_list (fixture->log, "room joined", "room message", "room recovered", NULL);
  g_assert_cmpstr (list, ==, "room joined 1; room message 4; room message 5; room recovered 2");
}

static void
items_cb (GListModel *model, guint position, guint removed, guint added, gpointer user_data)
{
  g_string_append_printf (user_data, "%u-%u+%u ", position, removed, added);
}

static void
test_model (Fixture *fixture, gconstpointer data)
{
  GListModel *model = rt_client_get_channels (fixture->client);
  g_autoptr (GString) changes = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_list_model_get_item_type (model) == RT_TYPE_CHANNEL);
  g_signal_connect (model, "items-changed", G_CALLBACK (items_cb), changes);
  g_autoptr (RtChannel) room = client_util_join (fixture->client, "room");
  g_autoptr (RtChannel) hall = client_util_join (fixture->client, "hall");
  rt_test_wait_until (g_list_model_get_n_items (model) == 2);
  g_autoptr (RtChannel) first = g_list_model_get_item (model, 0);
  g_assert_true (first == room);
  g_assert_true (rt_channel_leave_sync (room, NULL, &error));
  g_assert_no_error (error);
  rt_test_wait_until (g_list_model_get_n_items (model) == 1);
  g_autoptr (RtChannel) last = g_list_model_get_item (model, 0);
  g_assert_true (last == hall);
  g_assert_cmpstr (changes->str, ==, "0-0+1 1-0+1 0-1+0 ");
  g_signal_handlers_disconnect_by_data (model, changes);
}

/* --- Leaving --- */

static void
test_leave (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtChannel) room = join_logged (fixture, "room");
  g_autoptr (GError) error = NULL;

  g_assert_true (rt_channel_leave_sync (room, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (rt_channel_get_state (room), ==, RT_CHANNEL_STATE_LEFT);
  g_assert_null (rt_client_get_channel (fixture->client, "room"));
  rt_test_wait_until (client_log_count (fixture->log, "room left") > 0);
  g_autofree char *list = client_log_list (fixture->log, "room left", "room state", NULL);
  g_assert_nonnull (strstr (list, "room left 0"));
  g_assert_false (rt_channel_leave_sync (room, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_CHANNEL_NOT_FOUND);
  g_clear_error (&error);

  g_autoptr (RtChannel) again = client_util_join (fixture->client, "room");
  g_assert_true (again != room);
  /* The old one is not a way to end the new one. */
  g_assert_false (rt_channel_leave_sync (room, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_CHANNEL_NOT_FOUND);
  g_assert_cmpint (rt_channel_get_state (again), ==, RT_CHANNEL_STATE_JOINED);
  g_assert_cmpint (rt_channel_get_state (room), ==, RT_CHANNEL_STATE_LEFT);
}

/* Called in the client's context, it ends delivery at once, though messages are on their way already. */
static void
test_nothing_after_leave (Fixture *fixture, gconstpointer data)
{
  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (RtChannel) room = join_logged (fixture, "room");
      g_auto (ClientReply) reply = { 0 };
      g_autoptr (GError) error = NULL;

      rt_test_wait_until (client_log_count (fixture->log, "room joined") > 0);
      client_util_publish (fixture->server, "room", 1, 100);
      /* All of them are in the queue to this context when the echo of a ping has come. */
      rt_client_ping_sync (fixture->client, NULL, &error);
      g_assert_no_error (error);
      if (round == 0)
        rt_channel_leave_async (room, NULL, client_reply_cb, &reply);
      else
        rt_client_leave_channel_async (fixture->client, "room", NULL, client_reply_cb, &reply);
      client_reply_wait (&reply);
      rt_test_wait_until (client_log_count (fixture->log, "room left") > 0);
      g_assert_cmpuint (client_log_count (fixture->log, "room message"), ==, 0);
      g_assert_cmpuint (client_log_count (fixture->log, "message"), ==, 0);
      client_log_clear (fixture->log);
    }
}

/* The reply asserts that it is called once. */
static void
leave_in_handler_cb (RtChannel *channel, RtMessage *message, gpointer user_data)
{
  rt_channel_leave_async (channel, NULL, client_reply_cb, user_data);
}

/* The client has heard of the channel, and messages of it wait, before the program's loop has turned once. */
static void
join_unseen (Fixture *fixture, ClientReply *joining)
{
  g_autoptr (RtChannel) watched = client_util_join (fixture->other, "room");
  g_autoptr (GError) error = NULL;
  guint n_clients = 0;

  rt_client_join_channel_async (fixture->client, "room", NULL, NULL, client_reply_cb, joining);
  while (n_clients < 2)
    {
      g_assert_true (rt_channel_presence_stats_sync (watched, NULL, &n_clients, NULL, &error));
      g_assert_no_error (error);
    }
  client_util_publish (fixture->server, "room", 1, 3);
  g_assert_cmpint (rt_client_ping_sync (fixture->client, NULL, &error), >=, 0);
  g_assert_no_error (error);
  g_assert_cmpuint (joining->count, ==, 0);
}

static void
assert_nothing_told (Fixture *fixture)
{
  g_autofree char *told = client_log_list (fixture->log, "message", NULL);

  g_assert_cmpstr (told, ==, "");
  g_assert_cmpuint (g_list_model_get_n_items (rt_client_get_channels (fixture->client)), ==, 0);
  g_assert_null (rt_client_get_channel (fixture->client, "room"));
}

static void
test_leave_before_turn (Fixture *fixture, gconstpointer data)
{
  g_auto (ClientReply) joining = { 0 };
  g_auto (ClientReply) leaving = { 0 };
  g_autoptr (GError) error = NULL;

  join_unseen (fixture, &joining);
  rt_client_leave_channel_async (fixture->client, "room", NULL, client_reply_cb, &leaving);
  client_reply_wait (&leaving);
  g_assert_true (rt_client_leave_channel_finish (fixture->client, leaving.result, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (joining.count, ==, 1);
  assert_nothing_told (fixture);

  /* One that is joined from then on is delivered. */
  g_autoptr (RtChannel) again = client_util_join (fixture->client, "room");
  client_util_publish (fixture->server, "room", 4, 4);
  rt_test_wait_until (client_log_count (fixture->log, "message room 4") == 1);
  g_assert_cmpuint (client_log_count (fixture->log, "message"), ==, 1);
}

/* The same, with the next join made before the loop has turned, too. */
static void
test_join_again_before_turn (Fixture *fixture, gconstpointer data)
{
  g_auto (ClientReply) joining = { 0 };
  g_auto (ClientReply) again = { 0 };
  g_autoptr (GError) error = NULL;

  join_unseen (fixture, &joining);
  g_assert_true (rt_client_leave_channel_sync (fixture->client, "room", NULL, &error));
  g_assert_no_error (error);
  rt_client_join_channel_async (fixture->client, "room", NULL, NULL, client_reply_cb, &again);
  client_reply_wait (&again);
  g_autoptr (RtChannel) room = rt_client_join_channel_finish (fixture->client, again.result, &error);
  g_assert_no_error (error);
  client_util_publish (fixture->server, "room", 4, 4);
  rt_test_wait_until (client_log_count (fixture->log, "message room 4") == 1);
  g_assert_cmpuint (client_log_count (fixture->log, "message"), ==, 1);
  g_autoptr (RtChannel) found = rt_client_get_channel (fixture->client, "room");
  g_assert_true (found == room);
}

static void
test_leave_in_handler (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtChannel) room = join_logged (fixture, "room");
  g_auto (ClientReply) reply = { 0 };

  g_signal_connect (room, "message", G_CALLBACK (leave_in_handler_cb), &reply);
  client_util_publish (fixture->server, "room", 1, 50);
  rt_test_wait_until (client_log_count (fixture->log, "room left") > 0);
  client_reply_wait (&reply);
  /* The log's handler is before the one that leaves; the client's comes after it. */
  g_assert_cmpuint (client_log_count (fixture->log, "room message"), ==, 1);
  g_assert_cmpuint (client_log_count (fixture->log, "message"), ==, 0);
}

static void
leave_sync_in_handler_cb (RtChannel *channel, RtMessage *message, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  guint *count = user_data;

  ++*count;
  rt_channel_leave_sync (channel, NULL, &error);
  g_assert_no_error (error);
}

static void
test_leave_sync_in_handler (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtChannel) room = join_logged (fixture, "room");
  guint count = 0;

  g_signal_connect (room, "message", G_CALLBACK (leave_sync_in_handler_cb), &count);
  client_util_publish (fixture->server, "room", 1, 50);
  rt_test_wait_until (client_log_count (fixture->log, "room left") > 0);
  g_assert_cmpuint (count, ==, 1);
}

/* Joined again while the answer to leaving is not there: a new subscription. */
static void
test_join_while_leaving (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtChannel) room = join_logged (fixture, "room");
  g_auto (ClientReply) leaving = { 0 }, joining = { 0 };
  g_autoptr (GError) error = NULL;

  rt_channel_leave_async (room, NULL, client_reply_cb, &leaving);
  rt_client_join_channel_async (fixture->client, "room", NULL, NULL, client_reply_cb, &joining);
  client_reply_wait (&joining);
  g_autoptr (RtChannel) again = rt_client_join_channel_finish (fixture->client, joining.result, &error);
  g_assert_no_error (error);
  client_reply_wait (&leaving);
  g_assert_true (rt_channel_leave_finish (room, leaving.result, &error));
  g_assert_no_error (error);
  g_assert_true (again != room);
  client_log_add_channel (fixture->log, again);
  client_util_publish (fixture->server, "room", 1, 2);
  rt_test_wait_until (client_log_count (fixture->log, "message") == 2);
  g_autoptr (RtChannel) found = rt_client_get_channel (fixture->client, "room");
  g_assert_true (found == again);
}

static void
test_leave_while_joining (Fixture *fixture, gconstpointer data)
{
  g_auto (ClientReply) leaving = { 0 }, joining = { 0 };
  g_autoptr (GError) error = NULL;

  rt_client_join_channel_async (fixture->client, "room", NULL, NULL, client_reply_cb, &joining);
  rt_client_leave_channel_async (fixture->client, "room", NULL, client_reply_cb, &leaving);
  client_reply_wait (&joining);
  client_reply_wait (&leaving);
  g_assert_null (rt_client_join_channel_finish (fixture->client, joining.result, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_CHANNEL_NOT_FOUND);
  g_clear_error (&error);
  g_assert_true (rt_client_leave_channel_finish (fixture->client, leaving.result, &error));
  g_assert_no_error (error);
  g_assert_null (rt_client_get_channel (fixture->client, "room"));
  g_assert_cmpuint (g_list_model_get_n_items (rt_client_get_channels (fixture->client)), ==, 0);
}

/* --- Who is there --- */

static gint
compare_users (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *) a, *(const char *const *) b);
}

static char *
list_users (GListModel *members)
{
  g_autoptr (GPtrArray) users = g_ptr_array_new ();

  for (guint i = 0; i < g_list_model_get_n_items (members); i++)
    {
      g_autoptr (RtMember) member = g_list_model_get_item (members, i);
      g_ptr_array_add (users, (gpointer) rt_member_get_user_id (member));
    }
  g_ptr_array_sort (users, compare_users);
  g_ptr_array_add (users, NULL);
  return g_strjoinv (" ", (char **) users->pdata);
}

static void
test_presence (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtChannel) room = join_logged (fixture, "room");
  g_autoptr (RtChannel) theirs = client_util_join (fixture->other, "room");
  guint clients = 0, users = 0;
  g_autoptr (GError) error = NULL;

  g_autoptr (GListModel) members = rt_channel_presence_sync (room, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_list_model_get_item_type (members) == RT_TYPE_MEMBER);
  g_autofree char *list = list_users (members);
  g_assert_cmpstr (list, ==, "ann bob");
  g_assert_true (rt_channel_presence_stats_sync (room, NULL, &clients, &users, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (clients, ==, 2);
  g_assert_cmpuint (users, ==, 2);
}

static void
test_members (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtChannelOptions) options = rt_channel_options_new ();
  g_autoptr (GError) error = NULL;

  rt_channel_options_set_join_leave (options, TRUE);
  g_autoptr (RtChannel) room = rt_client_join_channel_sync (fixture->client, "room", options, NULL, &error);
  g_assert_no_error (error);
  client_log_add_channel (fixture->log, room);
  g_autoptr (RtChannel) theirs = client_util_join (fixture->other, "room");
  rt_test_wait_until (client_log_count (fixture->log, "room member-joined") == 2);
  g_assert_true (rt_channel_leave_sync (theirs, NULL, &error));
  g_assert_no_error (error);
  rt_test_wait_until (client_log_count (fixture->log, "room member-left") == 1);
  g_autofree char *list = client_log_list (fixture->log, "room member", NULL);
  g_assert_cmpstr (list, ==, "room member-joined ann; room member-joined bob; room member-left bob");
}

/* --- What was said --- */

static char *
list_numbers (GListModel *history)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (history); i++)
    {
      g_autoptr (RtMessage) message = g_list_model_get_item (history, i);
      g_assert_cmpuint (rt_message_get_offset (message), ==, client_util_get_number (message));
      g_assert_cmpstr (rt_message_get_channel (message), ==, "room");
      g_string_append_printf (list, "%s%u", i > 0 ? " " : "", client_util_get_number (message));
    }
  return g_string_free (g_steal_pointer (&list), FALSE);
}

static void
assert_numbers (RtHistory *history, const char *expected)
{
  g_autofree char *list = list_numbers (G_LIST_MODEL (history));

  g_assert_cmpstr (list, ==, expected);
}

static guint
load_more (RtHistory *history)
{
  g_autoptr (GError) error = NULL;
  guint loaded = G_MAXUINT;

  g_assert_true (rt_history_load_more_sync (history, NULL, &loaded, &error));
  g_assert_no_error (error);
  return loaded;
}

static void
test_history (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtChannel) room = join_logged (fixture, "room");
  g_autoptr (GString) changes = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  client_util_publish (fixture->server, "room", 1, 7);
  g_autoptr (RtHistory) history = rt_channel_history_sync (room, 3, NULL, FALSE, NULL, &error);
  g_assert_no_error (error);
  g_signal_connect (history, "items-changed", G_CALLBACK (items_cb), changes);
  rt_test_wait_until (rt_channel_get_offset (room) == 7);
  g_autofree char *epoch = rt_channel_get_epoch (room);
  g_assert_cmpstr (rt_history_get_epoch (history), ==, epoch);
  g_assert_cmpuint (rt_history_get_offset (history), ==, 7);
  assert_numbers (history, "1 2 3");
  g_assert_cmpuint (load_more (history), ==, 3);
  assert_numbers (history, "1 2 3 4 5 6");
  g_assert_cmpuint (load_more (history), ==, 1);
  assert_numbers (history, "1 2 3 4 5 6 7");
  g_assert_cmpuint (load_more (history), ==, 0);
  g_assert_cmpstr (changes->str, ==, "3-0+3 6-0+1 ");
}

static void
note_property_cb (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  g_string_append_printf (user_data, "%s ", pspec->name);
}

/* A further page tells where the stream is by then. */
static void
test_history_notify (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtChannel) room = join_logged (fixture, "room");
  g_autoptr (GString) notes = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  client_util_publish (fixture->server, "room", 1, 3);
  g_autoptr (RtHistory) history = rt_channel_history_sync (room, 2, NULL, FALSE, NULL, &error);
  g_assert_no_error (error);
  g_signal_connect (history, "notify", G_CALLBACK (note_property_cb), notes);
  client_util_publish (fixture->server, "room", 4, 4);
  g_assert_cmpuint (load_more (history), ==, 2);
  g_assert_cmpuint (rt_history_get_offset (history), ==, 4);
  g_assert_cmpstr (notes->str, ==, "offset ");
  g_assert_cmpuint (load_more (history), ==, 0);
  g_assert_cmpstr (notes->str, ==, "offset has-more ");
}

/* What two calls have asked for comes a second time after everything else. */
static void
test_history_late_page (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtChannel) room = join_logged (fixture, "room");
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;

  client_util_publish (fixture->server, "room", 1, 4);
  g_autoptr (RtHistory) history = rt_channel_history_sync (room, 2, NULL, FALSE, NULL, &error);
  g_assert_no_error (error);
  rt_history_load_more_async (history, NULL, client_reply_cb, &reply);
  g_assert_cmpuint (load_more (history), ==, 2);
  g_assert_cmpuint (load_more (history), ==, 0);
  g_assert_false (rt_history_get_has_more (history));
  client_reply_wait (&reply);
  assert_numbers (history, "1 2 3 4");
  g_assert_false (rt_history_get_has_more (history));
}

static void
test_history_reverse (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtChannel) room = join_logged (fixture, "room");
  g_autoptr (GError) error = NULL;

  client_util_publish (fixture->server, "room", 1, 5);
  g_autoptr (RtHistory) history = rt_channel_history_sync (room, 2, NULL, TRUE, NULL, &error);
  g_assert_no_error (error);
  assert_numbers (history, "5 4");
  /* What comes meanwhile is not in the way. */
  client_util_publish (fixture->server, "room", 6, 6);
  g_assert_cmpuint (load_more (history), ==, 2);
  assert_numbers (history, "5 4 3 2");
  g_assert_cmpuint (load_more (history), ==, 1);
  assert_numbers (history, "5 4 3 2 1");
  g_assert_cmpuint (load_more (history), ==, 0);
}

static void
test_history_since (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtChannel) room = join_logged (fixture, "room");
  g_autoptr (GError) error = NULL;

  client_util_publish (fixture->server, "room", 1, 5);
  rt_test_wait_until (rt_channel_get_offset (room) == 5);
  g_autofree char *epoch = rt_channel_get_epoch (room);
  g_autoptr (RtPosition) since = rt_position_new (epoch, 3);
  g_autoptr (RtHistory) history = rt_channel_history_sync (room, -1, since, FALSE, NULL, &error);
  g_assert_no_error (error);
  assert_numbers (history, "4 5");
  g_autoptr (RtHistory) top = rt_channel_history_sync (room, 0, NULL, FALSE, NULL, &error);
  g_assert_no_error (error);
  assert_numbers (top, "");
  g_assert_cmpuint (rt_history_get_offset (top), ==, 5);
  g_autoptr (RtPosition) unknown = rt_position_new ("nope", 3);
  g_assert_null (rt_channel_history_sync (room, 10, unknown, FALSE, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_UNRECOVERABLE);
}

/* Two at a time do not load the same page twice. */
static void
test_history_at_once (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtChannel) room = join_logged (fixture, "room");
  ClientReply replies[3] = { 0 };
  g_autoptr (GError) error = NULL;

  client_util_publish (fixture->server, "room", 1, 9);
  g_autoptr (RtHistory) history = rt_channel_history_sync (room, 2, NULL, FALSE, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    rt_history_load_more_async (history, NULL, client_reply_cb, &replies[i]);
  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      client_reply_wait (&replies[i]);
      g_assert_true (rt_history_load_more_finish (history, replies[i].result, NULL, &error));
      g_assert_no_error (error);
      client_reply_clear (&replies[i]);
    }
  while (load_more (history) > 0)
    ;
  assert_numbers (history, "1 2 3 4 5 6 7 8 9");
}

/* What streams have left behind, in the number that was asked for. */
static void
publish_parts (Fixture *fixture, guint n)
{
  static guint last = 0;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n; i++)
    {
      guint id = ++last;
      g_autofree char *json
        = g_strdup_printf ("{\"$rt\":1,\"id\":\"%u\",\"src\":\"ee\",\"ts\":1,\"type\":\"stream\",%s}", id,
                           i == 0 ? "\"data\":{\"stream\":\"77\",\"name\":\"x\"}"
                                  : "\"b64\":\"YWJj\",\"st\":{\"k\":\"data\",\"id\":\"77\"}");
      rt_mock_server_publish (fixture->server, "room", json, &error);
      g_assert_no_error (error);
    }
}

static void
test_history_streams (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  ClientReply reply = { 0 };
  guint loaded = 0;

  publish_parts (fixture, 7);
  client_util_publish (fixture->server, "room", 8, 9);
  publish_parts (fixture, 7);
  client_util_publish (fixture->server, "room", 17, 17);
  publish_parts (fixture, 3);
  /* Not before, since it would answer. */
  g_autoptr (RtChannel) room = join_logged (fixture, "room");
  g_autoptr (RtHistory) history = rt_channel_history_sync (room, 3, NULL, FALSE, NULL, &error);
  g_assert_no_error (error);
  assert_numbers (history, "");
  g_assert_true (rt_history_get_has_more (history));
  g_assert_cmpuint (load_more (history), ==, 2);
  assert_numbers (history, "8 9");
  rt_history_load_more_async (history, NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  g_assert_true (rt_history_load_more_finish (history, reply.result, &loaded, &error));
  client_reply_clear (&reply);
  g_assert_cmpuint (loaded, ==, 1);
  assert_numbers (history, "8 9 17");
  g_assert_cmpuint (load_more (history), ==, 0);
  g_assert_false (rt_history_get_has_more (history));
  g_autoptr (RtHistory) back = rt_channel_history_sync (room, 2, NULL, TRUE, NULL, &error);
  g_assert_no_error (error);
  assert_numbers (back, "");
  rt_history_set_auto_load (back, TRUE);
  rt_test_wait_until (g_list_model_get_n_items (G_LIST_MODEL (back)) == 1);
  rt_history_set_auto_load (back, FALSE);
  rt_test_wait_until (!rt_history_get_loading (back));
  while (load_more (back) > 0)
    ;
  assert_numbers (back, "17 9 8");
  g_assert_false (rt_history_get_has_more (back));
}

static void
notify_cb (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  g_string_append_printf (user_data, "%s ", pspec->name);
}

static void
touch (RtHistory *history, guint position)
{
  g_autoptr (RtMessage) message = g_list_model_get_item (G_LIST_MODEL (history), position);

  g_assert_nonnull (message);
}

/* Whoever looks near the end gets more, later and a page at a time. */
static void
test_history_auto_load (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtChannel) room = join_logged (fixture, "room");
  g_autoptr (GString) told = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  client_util_publish (fixture->server, "room", 1, 50);
  g_autoptr (RtHistory) history = rt_channel_history_sync (room, 20, NULL, FALSE, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (rt_history_get_has_more (history));
  touch (history, 4);
  g_assert_false (rt_history_get_loading (history));
  g_signal_connect (history, "notify", G_CALLBACK (notify_cb), told);
  rt_history_set_auto_load (history, TRUE);
  touch (history, 5);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (history)), ==, 20);
  touch (history, 12);
  touch (history, 19);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (history)), ==, 20);
  rt_test_wait_until (g_list_model_get_n_items (G_LIST_MODEL (history)) == 40);
  rt_test_wait_until (!rt_history_get_loading (history));
  touch (history, 39);
  rt_test_wait_until (g_list_model_get_n_items (G_LIST_MODEL (history)) == 50);
  rt_test_wait_until (!rt_history_get_loading (history));
  g_assert_false (rt_history_get_has_more (history));
  touch (history, 49);
  g_assert_cmpstr (told->str, ==, "auto-load loading loading loading has-more loading ");
  g_signal_handlers_disconnect_by_data (history, told);
}

/* It does not try again and again by itself. */
static void
test_history_error (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtChannel) room = join_logged (fixture, "room");
  g_autoptr (GError) error = NULL;

  client_util_publish (fixture->server, "room", 1, 5);
  g_autoptr (RtHistory) history = rt_channel_history_sync (room, 2, NULL, TRUE, NULL, &error);
  g_assert_no_error (error);
  rt_history_set_auto_load (history, TRUE);
  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_ERROR_REPLY, 1);
  touch (history, 1);
  rt_test_wait_until (rt_history_get_error (history) != NULL);
  g_assert_error (rt_history_get_error (history), RT_ERROR, RT_ERROR_SERVER);
  g_assert_false (rt_history_get_loading (history));
  touch (history, 1);
  g_assert_cmpint (rt_client_ping_sync (fixture->client, NULL, &error), >=, 0);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  assert_numbers (history, "5 4");
  g_auto (ClientReply) reply = { 0 };
  rt_history_load_more_async (history, NULL, client_reply_cb, &reply);
  g_assert_true (rt_history_get_loading (history));
  client_reply_wait (&reply);
  g_assert_null (rt_history_get_error (history));
  rt_test_wait_until (!rt_history_get_loading (history));
  touch (history, 3);
  rt_test_wait_until (!rt_history_get_has_more (history));
  assert_numbers (history, "5 4 3 2 1");
}

#define TEST(path, func) g_test_add ("/Rt/ClientChannels/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  TEST ("join-twice", test_join_twice);
  TEST ("properties", test_properties);
  TEST ("join-since", test_join_since);
  TEST ("model", test_model);
  TEST ("leave", test_leave);
  TEST ("nothing-after-leave", test_nothing_after_leave);
  TEST ("leave-before-turn", test_leave_before_turn);
  TEST ("join-again-before-turn", test_join_again_before_turn);
  TEST ("leave-in-handler", test_leave_in_handler);
  TEST ("leave-sync-in-handler", test_leave_sync_in_handler);
  TEST ("join-while-leaving", test_join_while_leaving);
  TEST ("leave-while-joining", test_leave_while_joining);
  TEST ("presence", test_presence);
  TEST ("members", test_members);
  TEST ("history", test_history);
  TEST ("history-reverse", test_history_reverse);
  TEST ("history-since", test_history_since);
  TEST ("history-at-once", test_history_at_once);
  TEST ("history-streams", test_history_streams);
  TEST ("history-notify", test_history_notify);
  TEST ("history-late-page", test_history_late_page);
  TEST ("history-auto-load", test_history_auto_load);
  TEST ("history-error", test_history_error);
  return g_test_run ();
}
