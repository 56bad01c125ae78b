/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "middleware-util.h"

/* What passes through a client's middleware, in which order, and what becomes of it. */

typedef struct
{
  RtMockServer *server;
  RtClient *client;
  RtChannel *room;
  ClientLog *log;
  GString *trace;
  TestMiddleware *outer;
  TestMiddleware *inner;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->server = client_util_start_server ();
  fixture->client = client_util_connect (fixture->server);
  fixture->room = client_util_join (fixture->client, "room");
  fixture->log = client_log_new (fixture->client);
  client_log_add_channel (fixture->log, fixture->room);
  rt_test_wait_until (client_log_count (fixture->log, "room joined") == 1);
  fixture->trace = g_string_new (NULL);
  fixture->outer = test_middleware_new ("a", fixture->trace);
  fixture->inner = test_middleware_new ("b", fixture->trace);
  rt_client_use (fixture->client, test_middleware_get (fixture->outer));
  rt_client_use (fixture->client, test_middleware_get (fixture->inner));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  client_log_free (fixture->log);
  g_object_unref (fixture->room);
  client_util_finalize (fixture->client);
  test_middleware_free (fixture->outer);
  test_middleware_free (fixture->inner);
  g_string_free (fixture->trace, TRUE);
  g_assert_finalize_object (fixture->server);
}

static void
send_now (Fixture *fixture, const char *channel, const char *text, ClientReply *reply)
{
  rt_client_send_message_async (fixture->client, channel, text, NULL, client_reply_cb, reply);
}

/* The text as acknowledged, or "DOMAIN-CODE". */
static char *
take_sent (Fixture *fixture, ClientReply *reply)
{
  g_autoptr (GError) error = NULL;

  client_reply_wait (reply);
  g_autoptr (RtMessage) sent = rt_client_send_message_finish (fixture->client, reply->result, &error);
  client_reply_clear (reply);
  return sent != NULL ? g_strdup (rt_message_get_content (sent))
                      : g_strdup_printf ("%s-%d", g_quark_to_string (error->domain), error->code);
}

#define assert_sent(fixture, reply, text)                                                            \
  G_STMT_START                                                                                       \
  {                                                                                                  \
    g_autofree char *sent_ = take_sent (fixture, reply);                                             \
    g_assert_cmpstr (sent_, ==, text);                                                               \
  }                                                                                                  \
  G_STMT_END

/* --- In place --- */

static void
test_order (Fixture *fixture, gconstpointer data)
{
  g_auto (ClientReply) reply = { 0 };

  send_now (fixture, "room", "one", &reply);
  assert_sent (fixture, &reply, "one");
  rt_test_wait_until (client_log_count (fixture->log, "room message one") == 1);
  /* The echo comes before the answer. */
  g_assert_cmpstr (fixture->trace->str, ==,
                   "a>one b>one a<one b<one b=ok one a=ok one b=ok one a=ok one ");
}

static void
test_replace (Fixture *fixture, gconstpointer data)
{
  g_auto (ClientReply) reply = { 0 };

  test_middleware_set (fixture->outer, RT_DIRECTION_OUTGOING, TEST_REPLACE);
  test_middleware_set (fixture->inner, RT_DIRECTION_INCOMING, TEST_REPLACE);
  send_now (fixture, "room", "one", &reply);
  assert_sent (fixture, &reply, "<one>");
  rt_test_wait_until (client_log_count (fixture->log, "room message") == 1);
  g_assert_cmpuint (client_log_count (fixture->log, "room message <<one>>"), ==, 1);
  g_assert_cmpuint (rt_channel_get_offset (fixture->room), ==, 1);
}

static void
test_stop_outgoing (Fixture *fixture, gconstpointer data)
{
  g_auto (ClientReply) reply = { 0 };

  test_middleware_set (fixture->inner, RT_DIRECTION_OUTGOING, TEST_DROP);
  send_now (fixture, "room", "one", &reply);
  assert_sent (fixture, &reply, "rt-error-quark-0");
  test_middleware_set (fixture->inner, RT_DIRECTION_OUTGOING, TEST_FAIL);
  send_now (fixture, "room", "two", &reply);
  assert_sent (fixture, &reply, "rt-error-quark-11");
  /* Nobody waits for this one. */
  rt_client_send_message_async (fixture->client, "room", "three", NULL, NULL, NULL);
  rt_test_wait_until (client_log_count (fixture->log, "error rt-error-quark-11") == 1);
  g_autofree char *list = client_log_list (fixture->log, "dropped", "room message", NULL);
  g_assert_cmpstr (list, ==, "dropped room one rt-error-quark-0; dropped room two rt-error-quark-11; "
                             "dropped room three rt-error-quark-11");
}

/* The others of the channel are not affected, and the position moves all the same. */
static void
test_stop_incoming (Fixture *fixture, gconstpointer data)
{
  test_middleware_set (fixture->outer, RT_DIRECTION_INCOMING, TEST_HOLD);
  g_assert_true (rt_mock_server_publish (fixture->server, "room", "{\"$rt\":1,\"text\":\"1\"}", NULL));
  g_assert_true (rt_mock_server_publish (fixture->server, "room", "{\"$rt\":1,\"text\":\"2\"}", NULL));
  g_assert_true (rt_mock_server_publish (fixture->server, "room", "{\"$rt\":1,\"text\":\"3\"}", NULL));
  rt_test_wait_until (test_middleware_get_held (fixture->outer) == 1);
  test_middleware_release (fixture->outer, "1", TEST_DROP);
  rt_test_wait_until (test_middleware_get_held (fixture->outer) == 1);
  test_middleware_release (fixture->outer, "2", TEST_FAIL);
  rt_test_wait_until (test_middleware_get_held (fixture->outer) == 1);
  test_middleware_release (fixture->outer, "3", TEST_PROCEED);
  rt_test_wait_until (client_log_count (fixture->log, "room message 3") == 1);
  g_assert_cmpuint (rt_channel_get_offset (fixture->room), ==, 3);
  g_autofree char *list = client_log_list (fixture->log, "dropped", "room message", "error", NULL);
  g_assert_cmpstr (list, ==, "dropped room 1 rt-error-quark-0; dropped room 2 rt-error-quark-11; error rt-error-quark-11; "
                             "room message 3");
}

/* --- Not in place --- */

static void
test_hold_outgoing (Fixture *fixture, gconstpointer data)
{
  ClientReply replies[4] = { 0 };

  test_middleware_set (fixture->outer, RT_DIRECTION_OUTGOING, TEST_HOLD);
  send_now (fixture, "room", "one", &replies[0]);
  rt_test_wait_until (test_middleware_get_held (fixture->outer) == 1);
  test_middleware_set (fixture->outer, RT_DIRECTION_OUTGOING, TEST_PROCEED);
  send_now (fixture, "room", "two", &replies[1]);
  send_now (fixture, "room", "three", &replies[2]);
  /* Another channel does not wait. */
  send_now (fixture, "hall", "four", &replies[3]);
  assert_sent (fixture, &replies[3], "four");
  g_assert_cmpuint (replies[0].count + replies[1].count + replies[2].count, ==, 0);
  test_middleware_release (fixture->outer, "one", TEST_PROCEED);
  assert_sent (fixture, &replies[0], "one");
  assert_sent (fixture, &replies[1], "two");
  assert_sent (fixture, &replies[2], "three");
  rt_test_wait_until (client_log_count (fixture->log, "room message") == 3);
  g_autofree char *list = client_log_list (fixture->log, "room message", NULL);
  g_assert_cmpstr (list, ==, "room message one; room message two; room message three");
}

/* What the server told after a message is told after it. */
static void
test_hold_news (Fixture *fixture, gconstpointer data)
{
  test_middleware_set (fixture->inner, RT_DIRECTION_INCOMING, TEST_HOLD);
  g_assert_true (rt_mock_server_publish (fixture->server, "room", "{\"$rt\":1,\"text\":\"1\"}", NULL));
  rt_test_wait_until (test_middleware_get_held (fixture->inner) == 1);
  rt_mock_server_new_epoch (fixture->server, "room");
  rt_mock_server_drop_connections (fixture->server);
  rt_test_wait_until (client_log_count (fixture->log, "disconnected") == 1);
  rt_client_reconnect_now (fixture->client);
  rt_test_wait_until (client_log_count (fixture->log, "connected") == 2);
  rt_test_poll_until (rt_channel_get_state (fixture->room) == RT_CHANNEL_STATE_JOINED);
  test_middleware_set (fixture->inner, RT_DIRECTION_INCOMING, TEST_PROCEED);
  g_autoptr (GError) error = NULL;
  g_assert_true (rt_channel_presence_stats_sync (fixture->room, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  /* It is joined again; before that the new epoch would swallow this one too. */
  g_assert_true (rt_mock_server_publish (fixture->server, "room", "{\"$rt\":1,\"text\":\"2\"}", NULL));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (client_log_count (fixture->log, "room gap") + client_log_count (fixture->log, "room message"), ==, 0);
  test_middleware_release (fixture->inner, "1", TEST_PROCEED);
  rt_test_wait_until (client_log_count (fixture->log, "room message 2") == 1);
  g_autofree char *list = client_log_list (fixture->log, "room message", "room gap", NULL);
  g_assert_cmpstr (list, ==, "room message 1; room gap 0; room message 2");
}

static void
dispose_cb (RtChannel *channel, RtMember *member, gpointer user_data)
{
  g_object_run_dispose (user_data);
}

/* A handler of what had waited may end the client: nothing more of that is told. */
static void
test_hold_news_dispose (Fixture *fixture, gconstpointer data)
{
  rt_test_wait_until (client_log_count (fixture->log, "room member-joined") == 1);
  test_middleware_set (fixture->inner, RT_DIRECTION_INCOMING, TEST_HOLD);
  g_assert_true (rt_mock_server_publish (fixture->server, "room", "{\"$rt\":1,\"text\":\"1\"}", NULL));
  rt_test_wait_until (test_middleware_get_held (fixture->inner) == 1);
  g_autoptr (RtClient) other = client_util_connect (fixture->server);
  g_autoptr (RtChannel) room = client_util_join (other, "room");
  rt_mock_server_drop_connections (fixture->server);
  rt_test_wait_until (client_log_count (fixture->log, "connected") == 1);
  rt_test_poll_until (rt_channel_get_state (fixture->room) == RT_CHANNEL_STATE_JOINED);
  client_log_clear (fixture->log);
  g_signal_connect (fixture->room, "member-joined", G_CALLBACK (dispose_cb), fixture->client);
  test_middleware_release (fixture->inner, "1", TEST_PROCEED);
  rt_test_wait_until (client_log_count (fixture->log, "room member-joined") == 1);
  g_autofree char *list = client_log_list (fixture->log, "room", NULL);
  g_assert_cmpstr (list, ==, "room message 1; room member-joined ");
}

static void
test_cancel_held (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  ClientReply replies[2] = { 0 };

  test_middleware_set (fixture->inner, RT_DIRECTION_OUTGOING, TEST_HOLD);
  rt_client_send_message_async (fixture->client, "room", "one", cancellable, client_reply_cb, &replies[0]);
  rt_test_wait_until (test_middleware_get_held (fixture->inner) == 1);
  test_middleware_set (fixture->inner, RT_DIRECTION_OUTGOING, TEST_PROCEED);
  send_now (fixture, "room", "two", &replies[1]);
  g_cancellable_cancel (cancellable);
  g_autofree char *cancelled = g_strdup_printf ("g-io-error-quark-%d", G_IO_ERROR_CANCELLED);
  assert_sent (fixture, &replies[0], cancelled);
  assert_sent (fixture, &replies[1], "two");
  /* Too late: nothing comes of it. */
  test_middleware_release (fixture->inner, "one", TEST_PROCEED);
  rt_test_wait_until (client_log_count (fixture->log, "room message two") == 1);
  g_assert_cmpuint (client_log_count (fixture->log, "room message"), ==, 1);
}

static void
test_close_held (Fixture *fixture, gconstpointer data)
{
  g_auto (ClientReply) reply = { 0 };
  g_auto (ClientReply) closed = { 0 };

  test_middleware_set (fixture->inner, RT_DIRECTION_OUTGOING, TEST_HOLD);
  send_now (fixture, "room", "one", &reply);
  rt_client_close_async (fixture->client, NULL, client_reply_cb, &closed);
  rt_test_wait_until (test_middleware_get_held (fixture->inner) == 1);
  /* What is on its way is waited for. */
  test_middleware_release (fixture->inner, "one", TEST_PROCEED);
  assert_sent (fixture, &reply, "one");
  client_reply_wait (&closed);
  g_assert_true (rt_client_close_finish (fixture->client, closed.result, NULL));
  g_autoptr (GError) error = NULL;
  g_assert_null (rt_client_send_message_sync (fixture->client, "room", "two", NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_CLOSED);
}

/* What a middleware holds back is bounded like what waits for a connection. */
static void
test_hold_many (Fixture *fixture, gconstpointer data)
{
  guint limit = rt_config_get_send_queue_limit (rt_client_get_config (fixture->client));
  g_autofree ClientReply *replies = g_new0 (ClientReply, limit + 1);
  g_autofree char *full = g_strdup_printf ("rt-error-quark-%d", RT_ERROR_QUEUE_FULL);

  test_middleware_set (fixture->inner, RT_DIRECTION_OUTGOING, TEST_HOLD);
  for (guint i = 0; i <= limit; i++)
    send_now (fixture, "room", i == 0 ? "first" : "one", &replies[i]);
  assert_sent (fixture, &replies[limit], full);
  test_middleware_set (fixture->inner, RT_DIRECTION_OUTGOING, TEST_PROCEED);
  test_middleware_release (fixture->inner, "first", TEST_PROCEED);
  assert_sent (fixture, &replies[0], "first");
  for (guint i = 1; i < limit; i++)
    assert_sent (fixture, &replies[i], "one");
}

/* What is called after an end that waits comes after it. */
static void
test_connect_again (Fixture *fixture, gconstpointer data)
{
  g_auto (ClientReply) reply = { 0 };
  g_auto (ClientReply) ended = { 0 };
  g_auto (ClientReply) connected = { 0 };
  g_autoptr (GError) error = NULL;

  test_middleware_set (fixture->inner, RT_DIRECTION_OUTGOING, TEST_HOLD);
  send_now (fixture, "room", "one", &reply);
  rt_client_disconnect_async (fixture->client, NULL, client_reply_cb, &ended);
  rt_client_connect_async (fixture->client, NULL, client_reply_cb, &connected);
  rt_test_wait_until (test_middleware_get_held (fixture->inner) == 1);
  g_assert_cmpuint (ended.count + connected.count, ==, 0);
  test_middleware_release (fixture->inner, "one", TEST_PROCEED);
  assert_sent (fixture, &reply, "one");
  client_reply_wait (&ended);
  g_assert_true (rt_client_disconnect_finish (fixture->client, ended.result, &error));
  client_reply_wait (&connected);
  g_assert_true (rt_client_connect_finish (fixture->client, connected.result, &error));
  g_assert_no_error (error);
  g_assert_true (rt_client_is_connected (fixture->client));
}

/* To cancel a call that waits for its turn is not to take it back. */
static void
test_cancel_close (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (ClientReply) reply = { 0 };
  g_auto (ClientReply) closed = { 0 };
  g_autoptr (GError) error = NULL;

  test_middleware_set (fixture->inner, RT_DIRECTION_OUTGOING, TEST_HOLD);
  send_now (fixture, "room", "one", &reply);
  rt_client_close_async (fixture->client, cancellable, client_reply_cb, &closed);
  rt_test_wait_until (test_middleware_get_held (fixture->inner) == 1);
  g_cancellable_cancel (cancellable);
  test_middleware_release (fixture->inner, "one", TEST_PROCEED);
  assert_sent (fixture, &reply, "one");
  client_reply_wait (&closed);
  g_assert_false (rt_client_close_finish (fixture->client, closed.result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  rt_test_wait_until (rt_client_get_state (fixture->client) == RT_CONNECTION_STATE_CLOSED);
}

/* What one user has sent does not go out for the next. */
static void
test_reset_held (Fixture *fixture, gconstpointer data)
{
  ClientReply replies[3] = { 0 };
  g_autoptr (GError) error = NULL;

  test_middleware_set (fixture->inner, RT_DIRECTION_OUTGOING, TEST_HOLD);
  send_now (fixture, "hall", "one", &replies[0]);
  send_now (fixture, "hall", "two", &replies[1]);
  rt_test_wait_until (test_middleware_get_held (fixture->inner) == 1);
  g_assert_true (rt_client_reset_session_sync (fixture->client, NULL, &error));
  g_assert_no_error (error);
  test_middleware_set (fixture->inner, RT_DIRECTION_OUTGOING, TEST_PROCEED);
  send_now (fixture, "hall", "three", &replies[2]);
  rt_test_wait_until (rt_client_is_connected (fixture->client));
  test_middleware_release (fixture->inner, "one", TEST_PROCEED);
  assert_sent (fixture, &replies[0], "rt-error-quark-1");
  assert_sent (fixture, &replies[1], "rt-error-quark-1");
  assert_sent (fixture, &replies[2], "three");
  g_assert_cmpuint (rt_mock_server_wait_for_messages (fixture->server, 2, 0), ==, FALSE);
}

/* What cannot go down in the place of another is tried again like what cannot be sent. */
static void
test_replace_again (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtRecoveryMiddleware) recovery = rt_recovery_middleware_new ();
  g_autofree char *text = g_strnfill (5 * 1024 * 1024, 'x');
  g_auto (ClientReply) reply = { 0 };
  RtClient *client = client_util_new_client (fixture->server, "max-message-size", 16 * 1024 * 1024, NULL);
  g_autoptr (GError) error = NULL;

  test_middleware_set (fixture->inner, RT_DIRECTION_OUTGOING, TEST_REPLACE);
  rt_recovery_middleware_set_max_retries (recovery, 2);
  rt_recovery_middleware_set_retry_delay (recovery, 1);
  rt_client_use (client, RT_MIDDLEWARE (recovery));
  rt_client_use (client, test_middleware_get (fixture->inner));
  g_assert_true (rt_client_connect_sync (client, NULL, &error));
  /* Two of these are more than may be unanswered. */
  rt_client_send_message_async (client, "hall", text, NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  g_assert_null (rt_client_send_message_finish (client, reply.result, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_QUEUE_FULL);
  g_assert_cmpuint (g_list_model_get_n_items (rt_recovery_middleware_get_dead_letters (recovery)), ==, 1);
  client_reply_clear (&reply);
  client_util_finalize (client);
}

/* That it was given up is told of a message once, and of none that goes out in the end. */
static void
test_dropped_once (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtRecoveryMiddleware) recovery = rt_recovery_middleware_new ();
  ClientReply reply = { 0 };

  rt_recovery_middleware_set_max_retries (recovery, 1);
  rt_recovery_middleware_set_retry_delay (recovery, 1);
  rt_client_use (fixture->client, RT_MIDDLEWARE (recovery));
  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_ERROR_REPLY, 1);
  send_now (fixture, "hall", "one", &reply);
  assert_sent (fixture, &reply, "one");
  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_ERROR_REPLY, 2);
  send_now (fixture, "hall", "two", &reply);
  g_autofree char *outcome = take_sent (fixture, &reply);
  g_autofree char *line = g_strdup_printf ("dropped hall two %s", outcome);
  g_autofree char *list = client_log_list (fixture->log, "dropped", NULL);
  g_assert_cmpstr (list, ==, line);
}

static guint
count_parts (const char *text, const char *part)
{
  g_auto (GStrv) pieces = g_strsplit (text, part, -1);

  return g_strv_length (pieces) - 1;
}

static gboolean
swell_cb (RtExchange *exchange, gpointer user_data, GError **error)
{
  g_autofree char *text = g_strnfill (100000, 'x');
  g_autoptr (RtMessage) other
    = rt_message_new_text (rt_message_get_channel (rt_exchange_get_message (exchange)), text);

  rt_exchange_replace (exchange, other);
  return TRUE;
}

/* What it was replaced by cannot be sent. */
static void
test_dropped_replaced (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtMiddleware) swell = rt_middleware_new_for_func (swell_cb, NULL, NULL);
  ClientReply reply = { 0 };

  rt_client_use (fixture->client, swell);
  send_now (fixture, "hall", "one", &reply);
  assert_sent (fixture, &reply, "rt-error-quark-14");
  g_autofree char *list = client_log_list (fixture->log, "dropped", NULL);
  g_assert_cmpstr (list, ==, "dropped hall one rt-error-quark-14");
}

static guint
count_letters (RtRecoveryMiddleware *recovery)
{
  return g_list_model_get_n_items (rt_recovery_middleware_get_dead_letters (recovery));
}

/* What nobody waits for any more is not tried again, and so has failed for good. */
static void
test_sync_dead_letter (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtRecoveryMiddleware) recovery = rt_recovery_middleware_new ();
  g_autoptr (GError) error = NULL;

  rt_recovery_middleware_set_max_retries (recovery, 3);
  rt_client_use (fixture->client, RT_MIDDLEWARE (recovery));
  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_ERROR_REPLY, 1);
  g_assert_null (rt_client_send_message_sync (fixture->client, "hall", "one", NULL, &error));
  rt_test_wait_until (count_parts (fixture->trace->str, "a=") == 1);
  g_assert_cmpuint (count_letters (recovery), ==, 1);
  g_assert_cmpuint (count_parts (fixture->trace->str, "b="), ==, 1);
}

static gboolean
run_loop_cb (RtExchange *exchange, gpointer user_data, GError **error)
{
  Fixture *fixture = user_data;

  if (g_strcmp0 (rt_message_get_content (rt_exchange_get_message (exchange)), "1") == 0)
    {
      g_autoptr (RtClient) other = client_util_connect (fixture->server);
      g_autoptr (RtChannel) room = client_util_join (other, "room");

      g_assert_true (rt_mock_server_publish (fixture->server, "room", "{\"$rt\":1,\"text\":\"2\"}", NULL));
      g_assert_true (rt_mock_server_publish (fixture->server, "hall", "{\"$rt\":1,\"text\":\"3\"}", NULL));
      rt_test_wait_until (client_log_count (fixture->log, "hall message 3") == 1);
    }
  rt_exchange_proceed (exchange);
  return TRUE;
}

/* News wait behind a message that a middleware looks at, also where that runs a loop meanwhile. */
static void
test_nested_news (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtMiddleware) runs_loop = rt_middleware_new_for_func (run_loop_cb, fixture, NULL);
  g_autoptr (RtChannel) hall = client_util_join (fixture->client, "hall");

  client_log_add_channel (fixture->log, hall);
  rt_test_wait_until (client_log_count (fixture->log, "room member-joined") == 1);
  rt_client_use (fixture->client, runs_loop);
  g_assert_true (rt_mock_server_publish (fixture->server, "room", "{\"$rt\":1,\"text\":\"1\"}", NULL));
  rt_test_wait_until (client_log_count (fixture->log, "room member-left") == 1);
  g_autofree char *list = client_log_list (fixture->log, "room message", "room member", NULL);
  g_assert_cmpstr (list, ==, "room member-joined ; room message 1; room member-joined ; room message 2; "
                             "room member-left ");
}

static void
test_dispose_held (Fixture *fixture, gconstpointer data)
{
  ClientReply replies[3] = { 0 };

  test_middleware_set (fixture->inner, RT_DIRECTION_OUTGOING, TEST_HOLD);
  test_middleware_set (fixture->inner, RT_DIRECTION_INCOMING, TEST_HOLD);
  g_assert_true (rt_mock_server_publish (fixture->server, "room", "{\"$rt\":1,\"text\":\"1\"}", NULL));
  rt_test_wait_until (test_middleware_get_held (fixture->inner) == 1);
  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    send_now (fixture, "room", "one", &replies[i]);
  rt_test_wait_until (test_middleware_get_held (fixture->inner) == 2);
  g_object_run_dispose (G_OBJECT (fixture->client));
  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    assert_sent (fixture, &replies[i], "rt-error-quark-5");
  test_middleware_release (fixture->inner, "1", TEST_PROCEED);
  test_middleware_release (fixture->inner, "one", TEST_PROCEED);
  g_assert_cmpuint (client_log_count (fixture->log, "dropped") + client_log_count (fixture->log, "error"), ==, 0);
}

/* What got through the middleware, and waits for the server's answer, ends too. */
static void
test_dispose_sent (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtMiddleware) timeout = rt_timeout_middleware_new (60000);
  ClientReply reply = { 0 };

  rt_client_use (fixture->client, timeout);
  rt_mock_server_inject_fault (fixture->server, RT_MOCK_FAULT_LOSE_REPLY, 2);
  send_now (fixture, "room", "one", &reply);
  rt_client_send_message_async (fixture->client, "room", "two", NULL, NULL, NULL);
  rt_test_poll_until (rt_mock_server_wait_for_messages (fixture->server, 2, 0));
  g_object_run_dispose (G_OBJECT (fixture->client));
  assert_sent (fixture, &reply, "rt-error-quark-5");
  rt_test_wait_until (strstr (fixture->trace->str, "a=5 two") != NULL);
  g_assert_nonnull (strstr (fixture->trace->str, "a=5 one"));
  /* The calls let go of the client one by one, until only the fixture and its log have it. */
  rt_test_poll_until (G_OBJECT (fixture->client)->ref_count == 2);
}

/* --- Blocking --- */

static void
test_sync (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) sent = rt_client_send_message_sync (fixture->client, "room", "one", NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (rt_message_get_content (sent), ==, "one");
  g_assert_cmpstr (fixture->trace->str, ==, "a>one b>one ");
  /* Out and in again, of which either may be told of first. */
  rt_test_wait_until (count_parts (fixture->trace->str, "b=ok one a=ok one ") == 2);
  test_middleware_set (fixture->inner, RT_DIRECTION_OUTGOING, TEST_HOLD);
  g_assert_null (rt_client_send_message_sync (fixture->client, "room", "two", NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_NOT_SUPPORTED);
  g_clear_error (&error);
  test_middleware_set (fixture->inner, RT_DIRECTION_OUTGOING, TEST_FAIL);
  g_assert_null (rt_channel_send_message_sync (fixture->room, "three", NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_PERMISSION_DENIED);
}

typedef struct
{
  RtClient *client;
  GCancellable *cancellable;
  char *outcome; /* atomic */
} Worker;

static gpointer
worker_thread (gpointer user_data)
{
  Worker *worker = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) sent
    = rt_client_send_message_sync (worker->client, "room", "one", worker->cancellable, &error);

  g_atomic_pointer_set (&worker->outcome,
                        sent != NULL ? g_strdup (rt_message_get_content (sent))
                                     : g_strdup_printf ("%s-%d", g_quark_to_string (error->domain), error->code));
  return NULL;
}

static void
run_worker (Fixture *fixture, TestDeed deed, gboolean cancels, const char *outcome)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Worker worker = { fixture->client, cancellable, NULL };

  test_middleware_set (fixture->inner, RT_DIRECTION_OUTGOING, TEST_HOLD);
  /* The context is this thread's, who runs it. */
  g_main_context_acquire (NULL);
  GThread *thread = g_thread_new ("worker", worker_thread, &worker);
  rt_test_wait_until (test_middleware_get_held (fixture->inner) == 1);
  if (cancels)
    g_cancellable_cancel (cancellable);
  else
    test_middleware_release (fixture->inner, "one", deed);
  rt_test_wait_until (g_atomic_pointer_get (&worker.outcome) != NULL);
  g_main_context_release (NULL);
  g_thread_join (thread);
  g_assert_cmpstr (worker.outcome, ==, outcome);
  g_free (worker.outcome);
  if (cancels)
    test_middleware_release (fixture->inner, "one", TEST_PROCEED);
}

static void
test_sync_thread (Fixture *fixture, gconstpointer data)
{
  g_autofree char *cancelled = g_strdup_printf ("g-io-error-quark-%d", G_IO_ERROR_CANCELLED);

  run_worker (fixture, TEST_PROCEED, FALSE, "one");
  run_worker (fixture, TEST_REPLACE, FALSE, "<one>");
  run_worker (fixture, TEST_FAIL, FALSE, "rt-error-quark-11");
  run_worker (fixture, TEST_PROCEED, TRUE, cancelled);
}

/* Also where the context is run only after the message has passed. */
static void
test_sync_limit (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtMiddleware) timeout = rt_timeout_middleware_new (100);
  g_autofree char *late = g_strdup_printf ("rt-error-quark-%d", RT_ERROR_TIMED_OUT);
  Worker worker = { fixture->client, NULL, NULL };

  rt_client_remove_middleware (fixture->client, test_middleware_get (fixture->outer));
  rt_client_remove_middleware (fixture->client, test_middleware_get (fixture->inner));
  rt_client_use (fixture->client, timeout);
  client_util_cut (fixture->server);
  rt_test_wait_until (!rt_client_is_connected (fixture->client));
  GThread *thread = g_thread_new ("worker", worker_thread, &worker);
  rt_test_poll_until (rt_client_get_queued_messages (fixture->client) == 1);
  rt_test_wait_until (g_atomic_pointer_get (&worker.outcome) != NULL);
  g_thread_join (thread);
  g_assert_cmpstr (worker.outcome, ==, late);
  g_free (worker.outcome);
  client_util_mend (fixture->server, fixture->client);
}

/* --- Coming and going --- */

static void
test_remove (Fixture *fixture, gconstpointer data)
{
  g_auto (ClientReply) reply = { 0 };

  g_assert_true (rt_client_remove_middleware (fixture->client, test_middleware_get (fixture->outer)));
  g_assert_false (rt_client_remove_middleware (fixture->client, test_middleware_get (fixture->outer)));
  send_now (fixture, "hall", "one", &reply);
  assert_sent (fixture, &reply, "one");
  g_assert_cmpstr (fixture->trace->str, ==, "b>one b=ok one ");
  g_assert_true (rt_client_remove_middleware (fixture->client, test_middleware_get (fixture->inner)));
  send_now (fixture, "hall", "two", &reply);
  assert_sent (fixture, &reply, "two");
  g_assert_cmpstr (fixture->trace->str, ==, "b>one b=ok one ");
}

static gpointer
sender_thread (gpointer user_data)
{
  Fixture *fixture = user_data;

  rt_client_send_message_async (fixture->client, "room",
                                rt_client_remove_middleware (fixture->client, test_middleware_get (fixture->inner)) ? "one"
                                                                                                                    : "two",
                                NULL, NULL, NULL);
  return NULL;
}

/* What is sent after the last one is gone does not overtake what it has not seen. */
static void
test_remove_before (Fixture *fixture, gconstpointer data)
{
  /* The context is this thread's, and stands still. */
  g_main_context_acquire (NULL);
  g_thread_join (g_thread_new ("first", sender_thread, fixture));
  g_assert_true (rt_client_remove_middleware (fixture->client, test_middleware_get (fixture->outer)));
  g_thread_join (g_thread_new ("second", sender_thread, fixture));
  g_main_context_release (NULL);
  rt_test_wait_until (client_log_count (fixture->log, "room message") == 2);
  g_autofree char *list = client_log_list (fixture->log, "room message", NULL);
  g_assert_cmpstr (list, ==, "room message one; room message two");
  /* Until it is answered a send keeps the client; answers come in order. */
  g_auto (ClientReply) reply = { 0 };
  send_now (fixture, "hall", "three", &reply);
  assert_sent (fixture, &reply, "three");
}

static void
test_builder (void)
{
  g_autoptr (RtMockServer) server = client_util_start_server ();
  g_autoptr (RtClientBuilder) builder = rt_client_builder_new ();
  g_autofree char *url = rt_mock_server_get_url (server);
  g_autoptr (GString) trace = g_string_new (NULL);
  g_autoptr (TestMiddleware) outer = test_middleware_new ("a", trace);
  g_autoptr (TestMiddleware) inner = test_middleware_new ("b", trace);
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();
  g_autoptr (GError) error = NULL;

  rt_client_builder_with_endpoint (builder, url);
  rt_client_builder_with_middleware (builder, test_middleware_get (outer));
  rt_client_builder_with_middleware (builder, test_middleware_get (inner));
  rt_client_builder_with_event_bus (builder, bus);
  RtClient *client = rt_client_builder_build (builder, &error);
  g_assert_no_error (error);
  g_assert_true (rt_client_get_event_bus (client) == bus);
  g_assert_true (rt_client_connect_sync (client, NULL, &error));
  g_autoptr (RtMessage) sent = rt_client_send_message_sync (client, "hall", "one", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (trace->str, ==, "a>one b>one ");
  g_clear_object (&builder);
  client_util_finalize (client);
}

int
main (int argc, char **argv)
{
#define TEST(name, function) \
  g_test_add ("/Rt/ClientMiddleware/" name, Fixture, NULL, set_up, function, tear_down)

  g_test_init (&argc, &argv, NULL);
  TEST ("order", test_order);
  TEST ("replace", test_replace);
  TEST ("stop-outgoing", test_stop_outgoing);
  TEST ("stop-incoming", test_stop_incoming);
  TEST ("hold-outgoing", test_hold_outgoing);
  TEST ("hold-news", test_hold_news);
  TEST ("hold-news-dispose", test_hold_news_dispose);
  TEST ("hold-many", test_hold_many);
  TEST ("cancel-held", test_cancel_held);
  TEST ("close-held", test_close_held);
  TEST ("connect-again", test_connect_again);
  TEST ("cancel-close", test_cancel_close);
  TEST ("reset-held", test_reset_held);
  TEST ("replace-again", test_replace_again);
  TEST ("dropped-once", test_dropped_once);
  TEST ("dropped-replaced", test_dropped_replaced);
  TEST ("sync-dead-letter", test_sync_dead_letter);
  TEST ("nested-news", test_nested_news);
  TEST ("dispose-held", test_dispose_held);
  TEST ("dispose-sent", test_dispose_sent);
  TEST ("sync", test_sync);
  TEST ("sync-thread", test_sync_thread);
  TEST ("sync-limit", test_sync_limit);
  TEST ("remove", test_remove);
  TEST ("remove-before", test_remove_before);
  g_test_add_func ("/Rt/ClientMiddleware/builder", test_builder);
  return g_test_run ();
}
