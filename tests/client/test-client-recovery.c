/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client-probe.h"
#include "client-util.h"

/* What becomes of a program's calls and messages when the line is lost, and when it is there again. */

typedef struct
{
  RtMockServer *server;
  RtClient *client;
  RtChannel *room; /* joined */
  ClientLog *log;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->server = client_util_start_server ();
  fixture->client = client_util_connect (fixture->server);
  fixture->log = client_log_new (fixture->client);
  fixture->room = client_util_join (fixture->client, "room");
  client_log_add_channel (fixture->log, fixture->room);
  rt_test_wait_until (client_log_count (fixture->log, "room joined") == 1);
  client_log_clear (fixture->log);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  client_log_free (fixture->log);
  g_clear_object (&fixture->room);
  client_util_finalize (fixture->client);
  g_assert_finalize_object (fixture->server);
}

/* From here on the server is out of reach. */
static void
drop (Fixture *fixture)
{
  guint before = client_log_count (fixture->log, "disconnected");

  client_util_cut (fixture->server);
  rt_test_wait_until (client_log_count (fixture->log, "disconnected") > before);
}

static void
connect_again (Fixture *fixture)
{
  client_util_mend (fixture->server, fixture->client);
}

static void
publish (Fixture *fixture, guint first, guint last)
{
  client_util_publish (fixture->server, "room", first, last);
}

/* What the channel told of its messages. */
static void
assert_story (Fixture *fixture, const char *expected)
{
  g_autofree char *story
    = client_log_list (fixture->log, "room joined", "room message", "room recovered", "room gap", "room left", NULL);

  g_assert_cmpstr (story, ==, expected);
}

static void
wait_for_message (Fixture *fixture, guint number)
{
  g_autofree char *line = g_strdup_printf ("room message %u", number);

  rt_test_wait_until (client_log_count (fixture->log, line) > 0);
}

/* --- Losing the line --- */

static void
test_line_lost (Fixture *fixture, gconstpointer data)
{
  drop (fixture);
  rt_test_wait_until (client_log_count (fixture->log, "reconnecting") > 0);
  g_autofree char *list
    = client_log_list (fixture->log, "state", "disconnected", "reconnecting 1", "error", "room state", NULL);

  g_assert_cmpstr (list, ==, "state 3; room state 1; disconnected 1006 1; reconnecting 1");
  g_assert_cmpint (rt_client_get_state (fixture->client), ==, RT_CONNECTION_STATE_RECONNECTING);
  g_assert_cmpint (rt_channel_get_state (fixture->room), ==, RT_CHANNEL_STATE_JOINING);
  g_assert_null (rt_client_get_client_id (fixture->client));
  g_assert_null (rt_client_get_transport (fixture->client));
  g_assert_cmpuint (rt_client_get_attempt (fixture->client), >, 0);
  g_autofree char *reason = rt_client_get_state_reason (fixture->client);
  g_assert_cmpstr (reason, !=, "");
  g_autoptr (RtChannel) found = rt_client_get_channel (fixture->client, "room");
  g_assert_true (found == fixture->room);
}

/* It comes back by itself, and goes on where it was. */
static void
test_by_itself (Fixture *fixture, gconstpointer data)
{
  publish (fixture, 1, 1);
  wait_for_message (fixture, 1);
  client_log_clear (fixture->log);
  rt_mock_server_drop_connections (fixture->server);
  rt_test_wait_until (client_log_count (fixture->log, "room recovered") > 0);
  publish (fixture, 2, 2);
  wait_for_message (fixture, 2);
  assert_story (fixture, "room joined 1; room recovered 0; room message 2");
  g_assert_cmpuint (client_log_count (fixture->log, "connected"), ==, 1);
  g_assert_cmpuint (rt_client_get_attempt (fixture->client), ==, 0);
  g_assert_cmpuint (rt_client_get_retry_in (fixture->client), ==, 0);
}

/* What was on its way when the line broke: messages and joins wait for the next one, questions do not. */
static void
test_unanswered (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtMessage) message = rt_message_new_text ("room", "hello");
  g_auto (ClientReply) sending = { 0 }, calling = { 0 }, joining = { 0 }, leaving = { 0 };
  g_autoptr (GError) error = NULL;

  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_STALL, 1);
  rt_client_send_async (fixture->client, message, NULL, client_reply_cb, &sending);
  rt_client_rpc_async (fixture->client, "echo", NULL, NULL, client_reply_cb, &calling);
  rt_client_join_channel_async (fixture->client, "hall", NULL, NULL, client_reply_cb, &joining);
  rt_channel_leave_async (fixture->room, NULL, client_reply_cb, &leaving);
  rt_test_poll_until (client_probe_count (fixture->client) >= 4);
  client_util_cut (fixture->server);
  client_reply_wait (&calling);
  client_reply_wait (&leaving);
  g_assert_null (rt_client_rpc_finish (fixture->client, calling.result, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_NETWORK);
  g_clear_error (&error);
  /* On a line that is gone nothing is joined. */
  g_assert_true (rt_channel_leave_finish (fixture->room, leaving.result, &error));
  g_assert_no_error (error);
  g_assert_null (rt_client_get_channel (fixture->client, "room"));
  g_assert_cmpuint (sending.count + joining.count, ==, 0);
  g_assert_cmpuint (rt_client_get_queued_messages (fixture->client), ==, 1);

  client_util_mend (fixture->server, fixture->client);
  client_reply_wait (&sending);
  client_reply_wait (&joining);
  g_autoptr (RtMessage) sent = rt_client_send_finish (fixture->client, sending.result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (rt_message_get_id (sent), ==, rt_message_get_id (message));
  g_autoptr (RtChannel) hall = rt_client_join_channel_finish (fixture->client, joining.result, &error);
  g_assert_no_error (error);
  g_assert_cmpint (rt_channel_get_state (hall), ==, RT_CHANNEL_STATE_JOINED);
  g_auto (GStrv) recorded = rt_mock_server_get_messages (fixture->server, "room");
  g_assert_cmpuint (g_strv_length (recorded), ==, 1);
}

static void
test_send_while_lost (Fixture *fixture, gconstpointer data)
{
  ClientReply replies[3] = { 0 };
  g_autoptr (GError) error = NULL;

  drop (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i + 1);
      rt_client_send_message_async (fixture->client, "room", text, NULL, client_reply_cb, &replies[i]);
    }
  rt_test_wait_until (rt_client_get_queued_messages (fixture->client) == 3);
  g_assert_cmpuint (rt_client_get_queued_bytes (fixture->client), >, 0);
  g_assert_null (rt_client_rpc_sync (fixture->client, "echo", NULL, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_NOT_CONNECTED);
  g_clear_error (&error);
  g_assert_false (rt_mock_server_wait_for_messages (fixture->server, 1, 0));
  client_log_clear (fixture->log);
  connect_again (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      client_reply_wait (&replies[i]);
      g_autoptr (RtMessage) sent = rt_client_send_message_finish (fixture->client, replies[i].result, &error);
      g_assert_no_error (error);
      client_reply_clear (&replies[i]);
    }
  wait_for_message (fixture, 3);
  assert_story (fixture, "room joined 1; room recovered 0; room message 1; room message 2; room message 3");
  g_assert_cmpuint (rt_client_get_queued_messages (fixture->client), ==, 0);
  g_assert_cmpuint (rt_client_get_queued_bytes (fixture->client), ==, 0);
}

static void
test_refused_for_good (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  rt_mock_server_disconnect_client (fixture->server, NULL, 3500, "invalid token");
  rt_test_wait_until (client_log_count (fixture->log, "error") > 0);
  g_assert_cmpint (rt_client_get_state (fixture->client), ==, RT_CONNECTION_STATE_FAILED);
  g_assert_cmpuint (client_log_count (fixture->log, "disconnected 3500 0"), ==, 1);
  g_assert_null (rt_client_send_message_sync (fixture->client, "room", "hello", NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_UNAUTHORIZED);
  g_clear_error (&error);
  /* Maybe the server thinks better of it. */
  connect_again (fixture);
  publish (fixture, 1, 1);
  wait_for_message (fixture, 1);
}

static void
test_server_restarted (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  publish (fixture, 1, 3);
  wait_for_message (fixture, 3);
  rt_mock_server_stop (fixture->server);
  rt_test_wait_until (client_log_count (fixture->log, "disconnected") > 0);
  g_assert_cmpuint (client_log_count (fixture->log, "disconnected 3001 1"), ==, 1);
  g_assert_false (rt_client_connect_sync (fixture->client, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_NETWORK);
  g_clear_error (&error);
  g_assert_cmpint (rt_client_get_state (fixture->client), ==, RT_CONNECTION_STATE_RECONNECTING);

  rt_mock_server_start (fixture->server, &error);
  g_assert_no_error (error);
  client_log_clear (fixture->log);
  connect_again (fixture);
  rt_test_wait_until (client_log_count (fixture->log, "room gap") > 0);
  publish (fixture, 4, 4);
  wait_for_message (fixture, 4);
  assert_story (fixture, "room joined 0; room gap 0; room message 4");
}

/* --- Coming back --- */

static void
test_recovered (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtChannel) hall = client_util_join (fixture->client, "hall");

  client_log_add_channel (fixture->log, hall);
  publish (fixture, 1, 3);
  wait_for_message (fixture, 3);
  drop (fixture);
  publish (fixture, 4, 6);
  client_util_publish (fixture->server, "hall", 1, 2);
  client_log_clear (fixture->log);
  connect_again (fixture);
  rt_test_wait_until (client_log_count (fixture->log, "room recovered") > 0);
  publish (fixture, 7, 8);
  wait_for_message (fixture, 8);
  assert_story (fixture, "room joined 1; room message 4; room message 5; room message 6; room recovered 3; "
                         "room message 7; room message 8");
  rt_test_wait_until (client_log_count (fixture->log, "hall recovered 2") == 1);
  g_assert_cmpuint (client_log_count (fixture->log, "hall message"), ==, 2);
  g_assert_cmpuint (client_log_count (fixture->log, "message"), ==, 7);
  g_assert_cmpuint (rt_channel_get_offset (fixture->room), ==, 8);
}

static void
test_nothing_missed (Fixture *fixture, gconstpointer data)
{
  publish (fixture, 1, 3);
  wait_for_message (fixture, 3);
  drop (fixture);
  client_log_clear (fixture->log);
  connect_again (fixture);
  rt_test_wait_until (client_log_count (fixture->log, "room recovered") > 0);
  publish (fixture, 4, 4);
  wait_for_message (fixture, 4);
  assert_story (fixture, "room joined 1; room recovered 0; room message 4");
}

typedef struct
{
  RtMockServer *server;
  guint last;
  gint done;  /* atomic */
  gint taken; /* atomic; how many have been received */
} Publisher;

/* The server gives back up to 300 messages at once. */
#define MAX_AHEAD 200

static gpointer
publisher_thread (gpointer user_data)
{
  Publisher *publisher = user_data;

  for (guint i = 1; i <= publisher->last; i++)
    {
      while (i > (guint) g_atomic_int_get (&publisher->taken) + MAX_AHEAD)
        g_thread_yield ();
      client_util_publish (publisher->server, "room", i, i);
      g_atomic_int_set (&publisher->done, (gint) i);
    }
  return NULL;
}

static void
take_cb (RtChannel *channel, RtMessage *message, gpointer user_data)
{
  Publisher *publisher = user_data;
  guint number = client_util_get_number (message);

  g_assert_cmpuint (number, ==, (guint) g_atomic_int_get (&publisher->taken) + 1);
  g_assert_cmpuint (rt_message_get_offset (message), ==, number);
  g_atomic_int_set (&publisher->taken, (gint) number);
}

/* Publishing goes on all the time, also while the line is being lost and made again. */
static void
test_again_and_again (Fixture *fixture, gconstpointer data)
{
  Publisher publisher = { .server = fixture->server, .last = 2000 };
  GThread *thread = g_thread_new ("publisher", publisher_thread, &publisher);

  g_signal_connect (fixture->room, "message", G_CALLBACK (take_cb), &publisher);
  for (guint i = 1; i <= 8; i++)
    {
      rt_test_poll_until ((guint) g_atomic_int_get (&publisher.done) >= i * publisher.last / 10);
      client_log_clear (fixture->log);
      drop (fixture);
      connect_again (fixture);
    }
  rt_test_poll_until ((guint) publisher.taken == publisher.last);
  g_thread_join (thread);
  g_assert_cmpuint (client_log_count (fixture->log, "room gap"), ==, 0);
}

typedef struct
{
  Fixture *fixture;
  ClientReply reply;
} Impatient;

static void
connect_in_handler_cb (RtClient *client, guint attempt, guint delay_ms, gpointer user_data)
{
  Impatient *impatient = user_data;

  if (impatient->reply.source != NULL || attempt < 2)
    return;
  rt_mock_server_clear_faults (impatient->fixture->server);
  rt_client_connect_async (client, NULL, client_reply_cb, &impatient->reply);
  g_signal_handlers_disconnect_by_data (client, impatient);
}

/* While the client waits for its next attempt, connect makes it at once. */
static void
test_connect_in_handler (Fixture *fixture, gconstpointer data)
{
  Impatient impatient = { .fixture = fixture };

  g_signal_connect (fixture->client, "reconnecting", G_CALLBACK (connect_in_handler_cb), &impatient);
  drop (fixture);
  client_reply_wait (&impatient.reply);
  rt_test_wait_until (client_log_count (fixture->log, "connected") == 1);
  client_reply_clear (&impatient.reply);
}

/* Also after an orderly end. */
static void
test_after_disconnect (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  publish (fixture, 1, 1);
  wait_for_message (fixture, 1);
  rt_client_disconnect_sync (fixture->client, NULL, &error);
  g_assert_no_error (error);
  publish (fixture, 2, 2);
  client_log_clear (fixture->log);
  connect_again (fixture);
  rt_test_wait_until (client_log_count (fixture->log, "room recovered") > 0);
  assert_story (fixture, "room joined 1; room message 2; room recovered 1");
}

static void
test_left_while_lost (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint clients = G_MAXUINT;

  drop (fixture);
  g_assert_true (rt_channel_leave_sync (fixture->room, NULL, &error));
  g_assert_no_error (error);
  connect_again (fixture);
  g_assert_true (rt_channel_presence_stats_sync (fixture->room, NULL, &clients, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (clients, ==, 0);
}

/* --- Gaps --- */

static void
test_new_epoch (Fixture *fixture, gconstpointer data)
{
  publish (fixture, 1, 3);
  wait_for_message (fixture, 3);
  g_autofree char *before = rt_channel_get_epoch (fixture->room);
  drop (fixture);
  rt_mock_server_new_epoch (fixture->server, "room");
  publish (fixture, 4, 6);
  client_log_clear (fixture->log);
  connect_again (fixture);
  rt_test_wait_until (client_log_count (fixture->log, "room gap") > 0);
  publish (fixture, 7, 7);
  wait_for_message (fixture, 7);
  /* In another epoch nobody knows how many there were. */
  assert_story (fixture, "room joined 0; room gap 0; room message 7");
  g_autofree char *after = rt_channel_get_epoch (fixture->room);
  g_assert_cmpstr (before, !=, after);
  g_assert_cmpuint (rt_channel_get_offset (fixture->room), ==, 4);
}

static void
test_new_epoch_while_joined (Fixture *fixture, gconstpointer data)
{
  publish (fixture, 1, 3);
  wait_for_message (fixture, 3);
  g_autofree char *before = rt_channel_get_epoch (fixture->room);
  client_log_clear (fixture->log);
  rt_mock_server_new_epoch (fixture->server, "room");
  rt_test_wait_until (client_log_count (fixture->log, "room gap") > 0);
  publish (fixture, 4, 4);
  wait_for_message (fixture, 4);
  assert_story (fixture, "room joined 0; room gap 0; room message 4");
  g_autofree char *after = rt_channel_get_epoch (fixture->room);
  g_assert_cmpstr (before, !=, after);
  g_assert_cmpuint (rt_channel_get_offset (fixture->room), ==, 1);
  g_assert_cmpint (rt_channel_get_state (fixture->room), ==, RT_CHANNEL_STATE_JOINED);
}

static void
test_trimmed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  rt_mock_server_stop (fixture->server);
  rt_test_wait_until (client_log_count (fixture->log, "disconnected") > 0);
  rt_mock_server_set_history_size (fixture->server, 5);
  rt_mock_server_start (fixture->server, &error);
  g_assert_no_error (error);
  connect_again (fixture);
  rt_test_wait_until (client_log_count (fixture->log, "room joined") > 0);
  publish (fixture, 1, 2);
  wait_for_message (fixture, 2);
  drop (fixture);
  publish (fixture, 3, 22);
  client_log_clear (fixture->log);
  connect_again (fixture);
  rt_test_wait_until (client_log_count (fixture->log, "room gap") > 0);
  publish (fixture, 23, 23);
  wait_for_message (fixture, 23);
  assert_story (fixture, "room joined 0; room gap 20; room message 23");
}

/* --- Holes on a line that holds --- */

static void
test_lost_push (Fixture *fixture, gconstpointer data)
{
  publish (fixture, 1, 1);
  wait_for_message (fixture, 1);
  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_LOSE_PUSH, 2);
  publish (fixture, 2, 4);
  wait_for_message (fixture, 4);
  publish (fixture, 5, 5);
  wait_for_message (fixture, 5);
  assert_story (fixture, "room message 1; room message 2; room message 3; room message 4; room recovered 3; "
                         "room message 5");
  g_assert_cmpuint (client_log_count (fixture->log, "state"), ==, 0);
}

static void
next_cb (RtChannel *channel, RtMessage *message, gpointer user_data)
{
  guint *last = user_data;

  g_assert_cmpuint (client_util_get_number (message), ==, ++*last);
  g_assert_cmpuint (rt_message_get_offset (message), ==, *last);
}

static void
test_many_lost_pushes (Fixture *fixture, gconstpointer data)
{
  guint last = 0;

  g_signal_connect (fixture->room, "message", G_CALLBACK (next_cb), &last);
  for (guint i = 1; i < 600; i += 3)
    {
      publish (fixture, i, i + 1);
      /* A server gives back 300 at most: the holes of a client that is further behind could not be filled. */
      rt_test_wait_until (last + 100 >= i);
      rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_LOSE_PUSH, 1);
      publish (fixture, i + 2, i + 2);
    }
  publish (fixture, 601, 601);
  rt_test_wait_until (last == 601);
  g_assert_cmpuint (client_log_count (fixture->log, "room gap"), ==, 0);
}

/* The history has nothing of what was lost: that is told, and it goes on. */
static void
test_lost_push_and_history (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  rt_mock_server_stop (fixture->server);
  rt_test_wait_until (client_log_count (fixture->log, "disconnected") > 0);
  rt_mock_server_set_history_size (fixture->server, 1);
  rt_mock_server_start (fixture->server, &error);
  g_assert_no_error (error);
  connect_again (fixture);
  rt_test_wait_until (client_log_count (fixture->log, "room joined") > 0);
  publish (fixture, 1, 1);
  wait_for_message (fixture, 1);
  client_log_clear (fixture->log);
  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_LOSE_PUSH, 2);
  publish (fixture, 2, 4);
  rt_test_wait_until (client_log_count (fixture->log, "room gap") > 0);
  publish (fixture, 5, 5);
  wait_for_message (fixture, 5);
  assert_story (fixture, "room gap 3; room message 5");
  g_assert_cmpuint (rt_channel_get_offset (fixture->room), ==, 5);
}

#define TEST(path, func) g_test_add ("/Rt/ClientRecovery/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  TEST ("line-lost", test_line_lost);
  TEST ("by-itself", test_by_itself);
  TEST ("unanswered", test_unanswered);
  TEST ("send-while-lost", test_send_while_lost);
  TEST ("refused-for-good", test_refused_for_good);
  TEST ("server-restarted", test_server_restarted);
  TEST ("recovered", test_recovered);
  TEST ("nothing-missed", test_nothing_missed);
  TEST ("again-and-again", test_again_and_again);
  TEST ("connect-in-handler", test_connect_in_handler);
  TEST ("after-disconnect", test_after_disconnect);
  TEST ("left-while-lost", test_left_while_lost);
  TEST ("new-epoch", test_new_epoch);
  TEST ("new-epoch-while-joined", test_new_epoch_while_joined);
  TEST ("trimmed", test_trimmed);
  TEST ("lost-push", test_lost_push);
  TEST ("many-lost-pushes", test_many_lost_pushes);
  TEST ("lost-push-and-history", test_lost_push_and_history);
  return g_test_run ();
}
