/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "client-util.h"

/* The lists of a channel: who is in it, and what was said last. */

typedef struct
{
  RtMockServer *server;
  RtClient *client; /* "ann", connected */
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
  fixture->log = client_log_new (fixture->client);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  client_log_free (fixture->log);
  client_util_finalize (fixture->client);
  g_assert_finalize_object (fixture->server);
}

static void
leave (RtChannel *channel)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (rt_channel_leave_sync (channel, NULL, &error));
  g_assert_no_error (error);
}

/* --- Members --- */

/* As "ann bob", in the order of the rows. */
static char *
list_users (GListModel *members)
{
  g_autoptr (GString) users = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (members); i++)
    {
      g_autoptr (RtMember) member = g_list_model_get_item (members, i);
      g_string_append_printf (users, "%s%s", i > 0 ? " " : "", rt_member_get_user_id (member));
    }
  return g_string_free (g_steal_pointer (&users), FALSE);
}

static gboolean
users_are (GListModel *members, const char *expected)
{
  g_autofree char *users = list_users (members);

  return g_str_equal (users, expected);
}

static void
test_members (Fixture *fixture, gconstpointer data)
{
  RtClient *bob = connect_as (fixture->server, "bob");
  RtClient *eve = connect_as (fixture->server, "eve");
  g_autoptr (RtChannel) bobs = client_util_join (bob, "room");
  g_autoptr (RtChannel) room = client_util_join (fixture->client, "room");
  GListModel *members = rt_channel_get_members (room);

  g_assert_true (rt_channel_get_members (room) == members);
  g_assert_true (g_list_model_get_item_type (members) == RT_TYPE_MEMBER);
  g_assert_false (rt_channel_get_members_synced (room));
  rt_test_wait_until (rt_channel_get_members_synced (room));
  g_assert_cmpuint (g_list_model_get_n_items (members), ==, 2);
  g_autoptr (RtChannel) eves = client_util_join (eve, "room");
  rt_test_wait_until (g_list_model_get_n_items (members) == 3);
  g_autoptr (RtMember) last = g_list_model_get_item (members, 2);
  g_assert_cmpstr (rt_member_get_user_id (last), ==, "eve");
  leave (bobs);
  rt_test_wait_until (users_are (members, "ann eve"));
  leave (room);
  rt_test_wait_until (g_list_model_get_n_items (members) == 0);
  g_assert_false (rt_channel_get_members_synced (room));
  client_util_finalize (bob);
  client_util_finalize (eve);
}

static void
items_cb (GListModel *model, guint position, guint removed, guint added, gpointer user_data)
{
  g_string_append_printf (user_data, "%u-%u+%u ", position, removed, added);
}

/* While the line is down the rows stay; then they are set right, and what did not change does not. */
static void
test_members_again (Fixture *fixture, gconstpointer data)
{
  RtClient *bob = connect_as (fixture->server, "bob");
  g_autoptr (GString) changes = g_string_new (NULL);
  g_autoptr (RtChannel) bobs = client_util_join (bob, "room");
  g_autoptr (RtChannel) room = client_util_join (fixture->client, "room");
  GListModel *members = rt_channel_get_members (room);

  rt_test_wait_until (rt_channel_get_members_synced (room));
  g_signal_connect (members, "items-changed", G_CALLBACK (items_cb), changes);
  client_util_cut (fixture->server);
  rt_test_wait_until (!rt_channel_get_members_synced (room));
  g_assert_cmpuint (g_list_model_get_n_items (members), ==, 2);
  client_util_mend (fixture->server, fixture->client);
  client_util_mend (fixture->server, bob);
  rt_test_wait_until (rt_channel_get_members_synced (room) && g_list_model_get_n_items (members) == 2);
  /* Both have come back as other connections. */
  g_assert_cmpuint (changes->len, >, 0);
  rt_test_wait_until (users_are (members, "ann bob") || users_are (members, "bob ann"));
  g_signal_handlers_disconnect_by_data (members, changes);
  client_util_finalize (bob);
}

/* It costs nobody anything who does not look. */
static void
test_members_refused (Fixture *fixture, gconstpointer data)
{
  rt_mock_server_stop (fixture->server);
  rt_mock_server_set_presence (fixture->server, FALSE);
  g_autoptr (GError) error = NULL;
  rt_mock_server_start (fixture->server, &error);
  g_assert_no_error (error);
  RtClient *client = connect_as (fixture->server, "ann");
  ClientLog *log = client_log_new (client);
  g_autoptr (RtChannel) room = client_util_join (client, "room");

  rt_test_wait_until (client_log_count (log, "connected") > 0);
  g_assert_cmpuint (client_log_count (log, "error"), ==, 0);
  GListModel *members = rt_channel_get_members (room);
  rt_test_wait_until (client_log_count (log, "error") == 1);
  g_assert_cmpuint (g_list_model_get_n_items (members), <=, 1);
  g_assert_false (rt_channel_get_members_synced (room));
  rt_mock_server_drop_connections (fixture->server);
  rt_test_wait_until (client_log_count (log, "connected") == 2);
  rt_client_ping_sync (client, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (client_log_count (log, "error"), ==, 1);
  client_log_free (log);
  client_util_finalize (client);
}

/* The list may outlive its channel, and the channel its client. */
static void
test_lives (Fixture *fixture, gconstpointer data)
{
  RtClient *client = connect_as (fixture->server, "eve");
  RtChannel *room = client_util_join (client, "room");
  g_autoptr (GListModel) members = g_object_ref (rt_channel_get_members (room));
  g_autoptr (GListModel) messages = g_object_ref (rt_channel_get_messages (room));

  client_util_publish (fixture->server, "room", 1, 3);
  /* Until nothing is asked for any more: a request keeps its channel. */
  rt_test_wait_until (g_list_model_get_n_items (messages) == 3 && g_list_model_get_n_items (members) > 0);
  client_util_finalize (client);
  g_assert_true (rt_channel_get_messages (room) == messages);
  g_assert_finalize_object (room);
  g_assert_cmpuint (g_list_model_get_n_items (messages), ==, 3);
}

/* --- Messages --- */

static char *
list_numbers (GListModel *messages)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (messages); i++)
    {
      g_autoptr (RtMessage) message = g_list_model_get_item (messages, i);
      g_string_append_printf (list, "%s%u", i > 0 ? " " : "", client_util_get_number (message));
    }
  return g_string_free (g_steal_pointer (&list), FALSE);
}

static gboolean
numbers_are (GListModel *messages, const char *expected)
{
  g_autofree char *list = list_numbers (messages);

  return g_str_equal (list, expected);
}

static RtChannel *
join_with (Fixture *fixture, guint limit, guint prefill)
{
  g_autoptr (RtChannelOptions) options = rt_channel_options_new ();
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (rt_channel_options_get_messages_limit (options), ==, 1000);
  rt_channel_options_set_messages_limit (options, limit);
  rt_channel_options_set_prefill (options, prefill);
  RtChannel *room = rt_client_join_channel_sync (fixture->client, "room", options, NULL, &error);
  g_assert_no_error (error);
  return room;
}

/* A handler finds the message that it is told of. */
static void
message_cb (RtChannel *channel, RtMessage *message, gpointer user_data)
{
  GListModel *messages = user_data;
  g_autoptr (RtMessage) last = g_list_model_get_item (messages, g_list_model_get_n_items (messages) - 1);

  g_assert_true (last == message);
}

static void
test_messages (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtChannel) room = join_with (fixture, 4, 0);
  GListModel *messages = rt_channel_get_messages (room);

  client_log_add_channel (fixture->log, room);
  g_signal_connect_object (room, "message", G_CALLBACK (message_cb), messages, 0);
  client_util_publish (fixture->server, "room", 1, 3);
  rt_test_wait_until (numbers_are (messages, "1 2 3"));
  client_util_publish (fixture->server, "room", 4, 9);
  rt_test_wait_until (numbers_are (messages, "6 7 8 9"));
  /* What was missed is in it like everything, and what is gone for good does not end it. */
  client_util_cut (fixture->server);
  client_util_publish (fixture->server, "room", 10, 11);
  client_util_mend (fixture->server, fixture->client);
  rt_test_wait_until (numbers_are (messages, "8 9 10 11"));
  rt_mock_server_new_epoch (fixture->server, "room");
  rt_mock_server_drop_connections (fixture->server);
  rt_test_wait_until (client_log_count (fixture->log, "room gap") == 1);
  client_util_publish (fixture->server, "room", 12, 12);
  rt_test_wait_until (numbers_are (messages, "9 10 11 12"));
  leave (room);
  g_assert_true (numbers_are (messages, "9 10 11 12"));
}

static void
test_no_messages (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtChannel) room = join_with (fixture, 0, 10);

  client_log_add_channel (fixture->log, room);
  client_util_publish (fixture->server, "room", 1, 3);
  rt_test_wait_until (client_log_count (fixture->log, "room message") == 3);
  g_assert_cmpuint (g_list_model_get_n_items (rt_channel_get_messages (room)), ==, 0);
}

static void
test_prefill (Fixture *fixture, gconstpointer data)
{
  client_util_publish (fixture->server, "room", 1, 20);
  g_autoptr (RtChannel) room = join_with (fixture, 1000, 5);
  GListModel *messages = rt_channel_get_messages (room);

  client_log_add_channel (fixture->log, room);
  client_util_publish (fixture->server, "room", 21, 23);
  /* Of the newest five, two came with the join and three are delivered. */
  rt_test_wait_until (g_list_model_get_n_items (messages) >= 8 || numbers_are (messages, "19 20 21 22 23"));
  rt_test_wait_until (client_log_count (fixture->log, "room message") == 3);
  g_autofree char *list = list_numbers (messages);
  g_assert_true (g_str_has_suffix ("16 17 18 19 20 21 22 23", list));
  client_util_publish (fixture->server, "room", 24, 24);
  rt_mock_server_drop_connections (fixture->server);
  rt_test_wait_until (client_log_count (fixture->log, "connected") == 2
                      && client_log_count (fixture->log, "room message") == 4);
  /* It is at the beginning only, and nobody is told of what was before. */
  g_autofree char *longer = g_strconcat (list, " 24", NULL);
  g_assert_true (numbers_are (messages, longer));
}

/* What was before is asked for again where the line was lost before the answer. */
static void
test_prefill_again (Fixture *fixture, gconstpointer data)
{
  client_util_publish (fixture->server, "room", 1, 5);
  g_autoptr (RtChannel) room = join_with (fixture, 1000, 3);
  GListModel *messages = rt_channel_get_messages (room);

  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_DROP_CONNECTION, 1);
  rt_test_wait_until (client_log_count (fixture->log, "connected") == 2);
  rt_test_wait_until (numbers_are (messages, "3 4 5"));
  client_util_publish (fixture->server, "room", 6, 6);
  rt_test_wait_until (numbers_are (messages, "3 4 5 6"));
}

#define TEST(path, func) g_test_add ("/Rt/ClientModels/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  TEST ("members", test_members);
  TEST ("members-again", test_members_again);
  TEST ("members-refused", test_members_refused);
  TEST ("lives", test_lives);
  TEST ("messages", test_messages);
  TEST ("no-messages", test_no_messages);
  TEST ("prefill", test_prefill);
  TEST ("prefill-again", test_prefill_again);
  return g_test_run ();
}
