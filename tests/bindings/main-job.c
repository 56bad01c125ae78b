/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The main job in C, with a server in the same process. Run: main-job [--drop]
 * With --drop the server acknowledges one publication that it does not deliver; the program has to notice and exit
 * with MISSING. */
#include "client-util.h"

#define ROUNDS 50
#define PAGE 30
#define MISSING 3

typedef struct
{
  const char *name;
  RtClient *client;
  RtChannel *room;
  ClientLog *log; /* asserts the thread of all that is emitted */
  GPtrArray *texts;
  guint acknowledged;
} Person;

static Person people[] = { { .name = "ann" }, { .name = "bob" } };

#define N_PEOPLE G_N_ELEMENTS (people)

/* --- Coming --- */

static void
message_cb (RtChannel *channel, RtMessage *message, gpointer user_data)
{
  Person *person = user_data;
  const char *content = rt_message_get_content (message);

  g_assert_true (g_main_context_is_owner (NULL));
  g_assert_true (channel == person->room);
  g_assert_cmpstr (rt_message_get_channel (message), ==, "room");
  g_assert_true (g_str_has_prefix (content, rt_message_get_sender (message)));
  g_ptr_array_add (person->texts, g_strdup (content));
}

static void
person_connect (Person *person, RtMockServer *server)
{
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;

  person->texts = g_ptr_array_new_with_free_func (g_free);
  person->client = client_util_new_client (server, "user-id", person->name, NULL);
  person->log = client_log_new (person->client);
  rt_client_connect_async (person->client, NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  rt_client_connect_finish (person->client, reply.result, &error);
  g_assert_no_error (error);
  g_assert_true (rt_client_is_connected (person->client));
  g_assert_cmpint (rt_client_get_state (person->client), ==, RT_CONNECTION_STATE_CONNECTED);
  g_assert_cmpstr (rt_client_get_transport (person->client), ==, "websocket");
}

static void
person_join (Person *person)
{
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (RtChannelOptions) options = rt_channel_options_new ();
  g_autoptr (GError) error = NULL;

  rt_channel_options_set_join_leave (options, TRUE);
  rt_client_join_channel_async (person->client, "room", options, NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  person->room = rt_client_join_channel_finish (person->client, reply.result, &error);
  g_assert_no_error (error);
  g_assert_cmpint (rt_channel_get_state (person->room), ==, RT_CHANNEL_STATE_JOINED);
  client_log_add_channel (person->log, person->room);
  g_signal_connect (person->room, "message", G_CALLBACK (message_cb), person);
}

/* --- Talking --- */

static char *
make_text (const Person *person, guint number)
{
  return g_strdup_printf ("%s %u", person->name, number);
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Person *person = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) message = rt_channel_send_message_finish (RT_CHANNEL (source), result, &error);
  g_autofree char *expected = make_text (person, ++person->acknowledged);

  g_assert_no_error (error);
  g_assert_true (g_main_context_is_owner (NULL));
  g_assert_cmpstr (rt_message_get_content (message), ==, expected);
}

static void
ping (Person *person)
{
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;

  rt_client_ping_async (person->client, NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  g_assert_cmpint (rt_client_ping_finish (person->client, reply.result, &error), >=, 0);
  g_assert_no_error (error);
}

static void
exchange (void)
{
  for (guint number = 1; number <= ROUNDS; number++)
    for (guint i = 0; i < N_PEOPLE; i++)
      {
        g_autofree char *text = make_text (&people[i], number);
        rt_channel_send_message_async (people[i].room, text, NULL, sent_cb, &people[i]);
      }
  for (guint i = 0; i < N_PEOPLE; i++)
    rt_test_wait_until (people[i].acknowledged == ROUNDS);
  /* The answer comes after everything that the server has sent before it. */
  for (guint i = 0; i < N_PEOPLE; i++)
    ping (&people[i]);
}

static guint
count_missing (const Person *to, const Person *by)
{
  guint missing = 0;

  for (guint number = 1; number <= ROUNDS; number++)
    {
      g_autofree char *text = make_text (by, number);
      if (g_ptr_array_find_with_equal_func (to->texts, text, g_str_equal, NULL))
        continue;
      g_printerr ("missing: %s did not get \"%s\"\n", to->name, text);
      missing++;
    }
  return missing;
}

static void
check_order (const Person *to, const Person *by)
{
  guint number = 0;

  for (guint i = 0; i < to->texts->len; i++)
    {
      const char *text = g_ptr_array_index (to->texts, i);
      if (!g_str_has_prefix (text, by->name))
        continue;
      g_autofree char *expected = make_text (by, ++number);
      g_assert_cmpstr (text, ==, expected);
    }
  g_assert_cmpuint (number, ==, ROUNDS);
}

/* Whether everybody got everything, and once. */
static gboolean
check_delivery (void)
{
  guint missing = 0;

  for (guint i = 0; i < N_PEOPLE; i++)
    for (guint j = 0; j < N_PEOPLE; j++)
      missing += count_missing (&people[i], &people[j]);
  if (missing > 0)
    return FALSE;
  for (guint i = 0; i < N_PEOPLE; i++)
    {
      g_assert_cmpuint (people[i].texts->len, ==, ROUNDS * N_PEOPLE);
      for (guint j = 0; j < N_PEOPLE; j++)
        check_order (&people[i], &people[j]);
    }
  return TRUE;
}

/* --- Asking --- */

static guint
count_members (GListModel *members, const Person *person)
{
  g_autofree char *client_id = rt_client_get_client_id (person->client);
  guint n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (members); i++)
    {
      g_autoptr (RtMember) member = g_list_model_get_item (members, i);
      n += g_str_equal (rt_member_get_user_id (member), person->name)
           && g_str_equal (rt_member_get_client_id (member), client_id);
    }
  return n;
}

static void
check_presence (RtChannel *room)
{
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;
  guint n_clients = 0;
  guint n_users = 0;

  rt_channel_presence_async (room, NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  g_autoptr (GListModel) members = rt_channel_presence_finish (room, reply.result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (members), ==, N_PEOPLE);
  for (guint i = 0; i < N_PEOPLE; i++)
    g_assert_cmpuint (count_members (members, &people[i]), ==, 1);

  client_reply_clear (&reply);
  rt_channel_presence_stats_async (room, NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  rt_channel_presence_stats_finish (room, reply.result, &n_clients, &n_users, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_clients, ==, N_PEOPLE);
  g_assert_cmpuint (n_users, ==, N_PEOPLE);
}

static RtHistory *
get_history (RtChannel *room, gint limit, RtPosition *since, gboolean reverse)
{
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;

  rt_channel_history_async (room, limit, since, reverse, NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  RtHistory *history = rt_channel_history_finish (room, reply.result, &error);
  g_assert_no_error (error);
  return history;
}

static guint
load_more (RtHistory *history)
{
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;
  guint n_loaded = 0;

  rt_history_load_more_async (history, NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  rt_history_load_more_finish (history, reply.result, &n_loaded, &error);
  g_assert_no_error (error);
  return n_loaded;
}

static void
check_history (const Person *person)
{
  g_autoptr (RtHistory) history = get_history (person->room, PAGE, NULL, FALSE);
  g_autofree char *epoch = rt_channel_get_epoch (person->room);

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (history)), ==, PAGE);
  while (load_more (history) > 0)
    g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (history)), <=, person->texts->len);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (history)), ==, person->texts->len);
  for (guint i = 0; i < person->texts->len; i++)
    {
      g_autoptr (RtMessage) message = g_list_model_get_item (G_LIST_MODEL (history), i);
      g_assert_cmpstr (rt_message_get_content (message), ==, g_ptr_array_index (person->texts, i));
    }
  g_assert_cmpuint (rt_history_get_offset (history), ==, person->texts->len);
  g_assert_cmpuint (rt_channel_get_offset (person->room), ==, person->texts->len);
  g_assert_cmpstr (rt_history_get_epoch (history), ==, epoch);

  g_autoptr (RtPosition) since = rt_position_new (epoch, 3);
  g_autoptr (RtHistory) newest = get_history (person->room, 2, since, TRUE);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (newest)), ==, 2);
  g_autoptr (RtMessage) first = g_list_model_get_item (G_LIST_MODEL (newest), 0);
  g_assert_cmpuint (rt_message_get_offset (first), ==, 2);
}

static void
rpc_cb (RtMockServer *server, RtMockCall *call, gpointer user_data)
{
  const Person *person = user_data;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_main_context_is_owner (NULL));
  g_assert_cmpstr (rt_mock_call_get_method (call), ==, "add");
  g_assert_cmpstr (rt_mock_call_get_user_id (call), ==, person->name);
  g_assert_cmpstr (rt_mock_call_get_data (call), ==, "{\"a\":2,\"b\":3}");
  rt_mock_call_reply (call, "{\"sum\":5}", &error);
  g_assert_no_error (error);
}

static void
check_rpc (Person *person, RtMockServer *server)
{
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;

  g_signal_connect (server, "rpc", G_CALLBACK (rpc_cb), person);
  rt_client_rpc_async (person->client, "add", g_variant_new_parsed ("{'a': <int64 2>, 'b': <int64 3>}"), NULL,
                       client_reply_cb, &reply);
  client_reply_wait (&reply);
  g_autoptr (GVariant) answer = rt_client_rpc_finish (person->client, reply.result, &error);
  g_assert_no_error (error);
  g_autofree char *text = g_variant_print (answer, TRUE);
  g_assert_cmpstr (text, ==, "{'sum': <int64 5>}");
}

/* --- Going --- */

static void
person_leave (Person *person)
{
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;

  rt_channel_leave_async (person->room, NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  g_assert_true (rt_channel_leave_finish (person->room, reply.result, &error));
  g_assert_no_error (error);
  g_assert_cmpint (rt_channel_get_state (person->room), ==, RT_CHANNEL_STATE_LEFT);
}

static void
person_close (Person *person, const char *expected)
{
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;

  rt_client_close_async (person->client, NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  g_assert_true (rt_client_close_finish (person->client, reply.result, &error));
  g_assert_no_error (error);
  g_assert_cmpint (rt_client_get_state (person->client), ==, RT_CONNECTION_STATE_CLOSED);
  rt_test_wait_until (client_log_count (person->log, "disconnected") > 0);
  g_autofree char *events
    = client_log_list (person->log, "connected", "room member", "error", "room gap", "disconnected", NULL);
  g_assert_cmpstr (events, ==, expected);
}

static void
person_free (Person *person)
{
  g_clear_object (&person->room);
  g_clear_pointer (&person->log, client_log_free);
  client_util_finalize (person->client);
  g_ptr_array_unref (person->texts);
}

static void
finish (RtMockServer *server)
{
  Person *ann = &people[0];
  Person *bob = &people[1];

  check_presence (ann->room);
  check_history (ann);
  check_rpc (ann, server);
  person_leave (bob);
  rt_test_wait_until (client_log_count (ann->log, "room member-left bob") > 0);
  person_close (ann, "connected; room member-joined ann; room member-joined bob; room member-left bob; "
                     "disconnected 1000 0");
  person_close (bob, "connected; room member-joined bob; disconnected 1000 0");
  g_auto (GStrv) recorded = rt_mock_server_get_messages (server, "room");
  g_assert_cmpuint (g_strv_length (recorded), ==, ann->texts->len);
  g_print ("sent %u, acknowledged %u, delivered %u, lost 0\n", (guint) (N_PEOPLE * ROUNDS),
           ann->acknowledged + bob->acknowledged, ann->texts->len + bob->texts->len);
}

int
main (int argc, char **argv)
{
  RtMockServer *server = client_util_start_server ();

  if (argc > 1 && g_str_equal (argv[1], "--drop"))
    rt_mock_server_inject_fault (server, RT_MOCK_FAULT_DROP_PUBLICATION, 1);
  for (guint i = 0; i < N_PEOPLE; i++)
    {
      person_connect (&people[i], server);
      person_join (&people[i]);
    }
  exchange ();
  gboolean complete = check_delivery ();
  if (complete)
    finish (server);
  for (guint i = 0; i < N_PEOPLE; i++)
    person_free (&people[i]);
  g_assert_finalize_object (server);
  return complete ? 0 : MISSING;
}
