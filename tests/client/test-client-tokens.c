/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "client-util.h"
#include "client-provider.h"

/* Where tokens come from, whatever the program's provider does with the question. */

typedef struct
{
  RtMockServer *server; /* takes "right" */
  TestProvider *provider;
  RtClient *client;
  ClientLog *log;
} Fixture;

static void
begin (Fixture *fixture, TestProviderManner manner)
{
  static const char *const keys[] = { "right", NULL };
  static const char *const strategies[] = { "websocket", NULL };
  g_autofree char *url = NULL;
  g_autoptr (RtConfig) config = NULL;

  fixture->server = rt_mock_server_new ();
  rt_mock_server_set_api_keys (fixture->server, keys);
  g_assert_true (rt_mock_server_start (fixture->server, NULL));
  fixture->provider = test_provider_new (manner, "right");
  url = rt_mock_server_get_url (fixture->server);
  config = g_object_new (RT_TYPE_CONFIG, "endpoint", url, "strategies", strategies, NULL);
  fixture->client = g_object_new (RT_TYPE_CLIENT, "config", config, "token-provider", fixture->provider, NULL);
  fixture->log = client_log_new (fixture->client);
}

static void
end (Fixture *fixture)
{
  client_log_free (fixture->log);
  client_util_finalize (fixture->client);
  g_assert_finalize_object (fixture->provider);
  g_assert_finalize_object (fixture->server);
}

/* The outcome of an asynchronous connect. */
static GError *
connect_async (Fixture *fixture)
{
  g_auto (ClientReply) reply = { 0 };
  GError *error = NULL;

  rt_client_connect_async (fixture->client, NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  rt_client_connect_finish (fixture->client, reply.result, &error);
  return error;
}

static void
assert_asked (Fixture *fixture, const char *channels)
{
  g_assert_cmpstr (fixture->provider->channels->str, ==, channels);
  g_assert_true (fixture->provider->thread == g_thread_self ());
}

/* --- The connection's --- */

static void
test_at_once (void)
{
  Fixture fixture = { 0 };
  g_autoptr (GError) error = NULL;

  begin (&fixture, TEST_PROVIDER_GIVES);
  g_autoptr (RtTokenProvider) provider = rt_client_get_token_provider (fixture.client);
  g_assert_true (provider == RT_TOKEN_PROVIDER (fixture.provider));
  g_clear_object (&provider);
  error = connect_async (&fixture);
  g_assert_no_error (error);
  assert_asked (&fixture, "-");
  end (&fixture);
}

/* Again and again ahead of its end, on the one connection. */
static void
test_refresh (void)
{
  Fixture fixture = { 0 };
  g_autoptr (GError) error = NULL;

  begin (&fixture, TEST_PROVIDER_GIVES);
  /* What is set counts from the next start. */
  rt_mock_server_stop (fixture.server);
  rt_mock_server_set_token_ttl (fixture.server, 1);
  g_assert_true (rt_mock_server_start (fixture.server, NULL));
  error = connect_async (&fixture);
  g_assert_no_error (error);
  rt_test_wait_until (client_log_count (fixture.log, "token -") >= 3);
  g_assert_cmpuint (fixture.provider->asked, >=, 4);
  g_assert_cmpuint (client_log_count (fixture.log, "disconnected"), ==, 0);
  end (&fixture);
}

static void
test_later (void)
{
  g_auto (ClientReply) first = { 0 }, second = { 0 };
  Fixture fixture = { 0 };
  g_autoptr (GError) error = NULL;

  begin (&fixture, TEST_PROVIDER_WAITS);
  rt_client_connect_async (fixture.client, NULL, client_reply_cb, &first);
  rt_client_connect_async (fixture.client, NULL, client_reply_cb, &second);
  rt_test_wait_until (fixture.provider->asked > 0);
  g_assert_cmpint (rt_client_get_state (fixture.client), ==, RT_CONNECTION_STATE_CONNECTING);
  test_provider_answer (fixture.provider);
  client_reply_wait (&first);
  client_reply_wait (&second);
  g_assert_true (rt_client_connect_finish (fixture.client, first.result, &error));
  g_assert_no_error (error);
  g_assert_true (rt_client_connect_finish (fixture.client, second.result, &error));
  g_assert_no_error (error);
  assert_asked (&fixture, "-");
  client_reply_clear (&first);
  client_reply_clear (&second);
  end (&fixture);
}

static void
fail_with (TestProviderManner manner, GQuark domain, int code)
{
  Fixture fixture = { 0 };
  gboolean final = manner == TEST_PROVIDER_REFUSES;
  g_autoptr (GError) error = NULL;

  begin (&fixture, manner);
  error = connect_async (&fixture);
  g_assert_error (error, domain, code);
  g_assert_nonnull (strstr (error->message, "TestProvider"));
  g_assert_cmpint (rt_client_get_state (fixture.client), ==,
                   final ? RT_CONNECTION_STATE_FAILED : RT_CONNECTION_STATE_RECONNECTING);
  g_clear_error (&error);
  /* Next time it knows better. */
  fixture.provider->manner = TEST_PROVIDER_GIVES;
  error = connect_async (&fixture);
  g_assert_no_error (error);
  end (&fixture);
}

static void
test_faults (void)
{
  fail_with (TEST_PROVIDER_REFUSES, RT_ERROR, RT_ERROR_UNAUTHORIZED);
  fail_with (TEST_PROVIDER_FAILS, G_IO_ERROR, G_IO_ERROR_BUSY);
  fail_with (TEST_PROVIDER_DROPS, RT_ERROR, RT_ERROR_FAILED);
  fail_with (TEST_PROVIDER_RAVES, RT_ERROR, RT_ERROR_FAILED);
}

/* One that the server does not take is replaced once. */
static void
test_refused (void)
{
  Fixture fixture = { 0 };
  g_autoptr (GError) error = NULL;

  begin (&fixture, TEST_PROVIDER_GIVES);
  rt_mock_server_inject_fault (fixture.server, RT_MOCK_FAULT_EXPIRE_TOKEN, 1);
  error = connect_async (&fixture);
  g_assert_no_error (error);
  assert_asked (&fixture, "- -");
  rt_client_disconnect_sync (fixture.client, NULL, NULL);

  fixture.provider->token = "wrong";
  rt_client_reset_session_sync (fixture.client, NULL, NULL);
  error = connect_async (&fixture);
  g_assert_error (error, RT_ERROR, RT_ERROR_UNAUTHORIZED);
  g_assert_null (strstr (error->message, "wrong"));
  assert_asked (&fixture, "- - - -");
  g_assert_cmpint (rt_client_get_state (fixture.client), ==, RT_CONNECTION_STATE_FAILED);
  end (&fixture);
}

/* Another user: nothing of the one before is left. */
static void
test_reset (void)
{
  Fixture fixture = { 0 };
  g_autoptr (GError) error = NULL;

  begin (&fixture, TEST_PROVIDER_GIVES);
  error = connect_async (&fixture);
  g_assert_no_error (error);
  g_autoptr (RtChannel) room = client_util_join (fixture.client, "room");
  client_log_add_channel (fixture.log, room);
  g_assert_true (rt_client_reset_session_sync (fixture.client, NULL, &error));
  g_assert_no_error (error);
  g_assert_null (rt_client_get_channel (fixture.client, "room"));
  rt_test_wait_until (client_log_count (fixture.log, "connected") == 2);
  assert_asked (&fixture, "- -");
  g_assert_cmpuint (client_log_count (fixture.log, "room left 0"), ==, 1);
  g_assert_cmpuint (g_list_model_get_n_items (rt_client_get_channels (fixture.client)), ==, 0);
  g_clear_object (&room);
  end (&fixture);
}

/* --- Calls that block --- */

static void
test_in_place (void)
{
  Fixture fixture = { 0 };
  g_autoptr (GError) error = NULL;

  begin (&fixture, TEST_PROVIDER_GIVES);
  g_assert_true (rt_client_connect_sync (fixture.client, NULL, &error));
  g_assert_no_error (error);
  assert_asked (&fixture, "-");
  end (&fixture);
}

/* What was answered too late lies in this thread until the next question that is asked in place. */
static void
end_after_late_answers (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  fixture->provider->manner = TEST_PROVIDER_GIVES;
  rt_client_disconnect_sync (fixture->client, NULL, NULL);
  rt_client_reset_session_sync (fixture->client, NULL, NULL);
  rt_client_connect_sync (fixture->client, NULL, &error);
  g_assert_no_error (error);
  end (fixture);
}

static void
test_no_time (void)
{
  g_auto (ClientReply) reply = { 0 };
  Fixture fixture = { 0 };
  g_autoptr (GError) error = NULL;

  begin (&fixture, TEST_PROVIDER_WAITS);
  g_assert_false (rt_client_connect_sync (fixture.client, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_NOT_SUPPORTED);
  g_assert_nonnull (strstr (error->message, "_async"));
  g_clear_error (&error);
  test_provider_answer (fixture.provider); /* too late, which does no harm */

  /* While it is at work for somebody else, too. */
  rt_client_disconnect_sync (fixture.client, NULL, NULL);
  rt_client_connect_async (fixture.client, NULL, client_reply_cb, &reply);
  rt_test_wait_until (fixture.provider->tasks.length > 0);
  g_assert_null (rt_client_send_message_sync (fixture.client, "room", "hello", NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_NOT_SUPPORTED);
  g_assert_nonnull (strstr (error->message, "_async"));
  g_clear_error (&error);
  /* Nothing of what was refused counts as unanswered. */
  for (guint i = 0; i < 20000; i++)
    g_assert_null (rt_client_send_message_sync (fixture.client, "room", "hello", NULL, NULL));
  g_assert_null (rt_client_send_message_sync (fixture.client, "room", "hello", NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_NOT_SUPPORTED);
  g_clear_error (&error);
  test_provider_answer (fixture.provider);
  client_reply_wait (&reply);
  g_assert_true (rt_client_connect_finish (fixture.client, reply.result, &error));
  g_assert_no_error (error);
  client_reply_clear (&reply);
  end_after_late_answers (&fixture);
}

/* A blocked send would never get the token that it waits for. */
static void
test_no_time_to_reconnect (void)
{
  Fixture fixture = { 0 };
  g_autoptr (GError) error = NULL;

  begin (&fixture, TEST_PROVIDER_GIVES);
  error = connect_async (&fixture);
  g_assert_no_error (error);
  fixture.provider->manner = TEST_PROVIDER_WAITS;
  client_util_cut (fixture.server);
  rt_test_wait_until (client_log_count (fixture.log, "disconnected") > 0);
  rt_mock_server_clear_faults (fixture.server);
  rt_mock_server_inject_fault (fixture.server, RT_MOCK_FAULT_EXPIRE_TOKEN, 1);
  g_assert_null (rt_client_send_message_sync (fixture.client, "room", "hello", NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_NOT_SUPPORTED);
  g_assert_nonnull (strstr (error->message, "_async"));
  while (!g_queue_is_empty (&fixture.provider->tasks))
    test_provider_answer (fixture.provider);
  fixture.provider->manner = TEST_PROVIDER_GIVES;
  client_util_mend (fixture.server, fixture.client);
  g_assert_false (rt_mock_server_wait_for_messages (fixture.server, 1, 0));
  end_after_late_answers (&fixture);
}

typedef struct
{
  RtClient *client;
  GError *error;
  gint finished; /* atomic */
} Blocking;

static gpointer
connect_thread (gpointer user_data)
{
  Blocking *blocking = user_data;

  rt_client_connect_sync (blocking->client, NULL, &blocking->error);
  g_atomic_int_set (&blocking->finished, TRUE);
  g_main_context_wakeup (NULL);
  return NULL;
}

/* Another thread just waits, since this one goes on. */
static void
test_elsewhere (void)
{
  Fixture fixture = { 0 };

  begin (&fixture, TEST_PROVIDER_WAITS);
  Blocking blocking = { .client = fixture.client };
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();
  g_assert_true (g_main_context_acquire (context));
  GThread *thread = g_thread_new ("caller", connect_thread, &blocking);
  rt_test_wait_until (fixture.provider->tasks.length > 0);
  test_provider_answer (fixture.provider);
  rt_test_wait_until (g_atomic_int_get (&blocking.finished));
  g_thread_join (thread);
  g_main_context_release (context);
  g_assert_no_error (blocking.error);
  assert_asked (&fixture, "-");
  end (&fixture);
}

/* --- A channel's own --- */

static RtChannel *
join_with (Fixture *fixture, const char *name, TestProvider *provider, GError **error)
{
  g_autoptr (RtChannelOptions) options = rt_channel_options_new ();
  g_auto (ClientReply) reply = { 0 };

  rt_channel_options_set_token_provider (options, RT_TOKEN_PROVIDER (provider));
  g_assert_true (rt_channel_options_get_token_provider (options) == RT_TOKEN_PROVIDER (provider));
  rt_client_join_channel_async (fixture->client, name, options, NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  return rt_client_join_channel_finish (fixture->client, reply.result, error);
}

static void
test_channel (void)
{
  Fixture fixture = { 0 };
  TestProvider *own = test_provider_new (TEST_PROVIDER_GIVES, "ticket");
  TestProvider *late = test_provider_new (TEST_PROVIDER_GIVES, "other");
  g_autoptr (GError) error = NULL;

  begin (&fixture, TEST_PROVIDER_GIVES);
  error = connect_async (&fixture);
  g_assert_no_error (error);
  g_autoptr (RtChannel) room = join_with (&fixture, "room", own, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (own->channels->str, ==, "room");
  /* The one that joined first is the channel's. */
  g_autoptr (RtChannel) same = join_with (&fixture, "room", late, &error);
  g_assert_no_error (error);
  g_assert_true (same == room);
  g_assert_finalize_object (late);
  g_autoptr (RtChannel) hall = client_util_join (fixture.client, "hall");
  assert_asked (&fixture, "-");

  g_assert_true (rt_channel_leave_sync (room, NULL, &error));
  g_assert_true (rt_channel_leave_sync (same, NULL, &error));
  g_assert_no_error (error);
  rt_test_wait_until (G_OBJECT (own)->ref_count == 1);
  g_assert_finalize_object (own);
  g_clear_object (&room);
  g_clear_object (&same);
  g_clear_object (&hall);
  end (&fixture);
}

static void
test_channel_in_place (void)
{
  Fixture fixture = { 0 };
  TestProvider *own = test_provider_new (TEST_PROVIDER_GIVES, "ticket");
  g_autoptr (RtChannelOptions) options = rt_channel_options_new ();
  g_autoptr (GError) error = NULL;

  begin (&fixture, TEST_PROVIDER_GIVES);
  rt_channel_options_set_token_provider (options, RT_TOKEN_PROVIDER (own));
  rt_client_connect_sync (fixture.client, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (RtChannel) room = rt_client_join_channel_sync (fixture.client, "room", options, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (own->channels->str, ==, "room");
  g_clear_object (&room);
  g_clear_object (&options);
  end (&fixture);
  g_assert_finalize_object (own);
}

/* A channel's own provider has no more time than the connection's. */
static void
test_channel_no_time (void)
{
  Fixture fixture = { 0 };
  TestProvider *own = test_provider_new (TEST_PROVIDER_WAITS, "ticket");
  g_autoptr (RtChannelOptions) options = rt_channel_options_new ();
  g_autoptr (GError) error = NULL;

  begin (&fixture, TEST_PROVIDER_GIVES);
  rt_channel_options_set_token_provider (options, RT_TOKEN_PROVIDER (own));
  rt_client_connect_sync (fixture.client, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (rt_client_join_channel_sync (fixture.client, "room", options, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_NOT_SUPPORTED);
  g_assert_nonnull (strstr (error->message, "_async"));
  g_assert_null (rt_client_get_channel (fixture.client, "room"));
  g_clear_object (&options);
  while (!g_queue_is_empty (&own->tasks))
    test_provider_answer (own);
  end_after_late_answers (&fixture);
  g_assert_finalize_object (own);
}

static void
test_channel_refused (void)
{
  Fixture fixture = { 0 };
  TestProvider *own = test_provider_new (TEST_PROVIDER_REFUSES, NULL);
  g_autoptr (GError) error = NULL;

  begin (&fixture, TEST_PROVIDER_GIVES);
  error = connect_async (&fixture);
  g_assert_no_error (error);
  g_assert_null (join_with (&fixture, "room", own, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_UNAUTHORIZED);
  g_assert_null (rt_client_get_channel (fixture.client, "room"));
  g_assert_true (rt_client_is_connected (fixture.client));
  g_assert_finalize_object (own);
  end (&fixture);
}

/* --- Ends --- */

static void
test_gone_meanwhile (void)
{
  Fixture fixture = { 0 };
  g_auto (ClientReply) reply = { 0 };

  begin (&fixture, TEST_PROVIDER_WAITS);
  rt_client_connect_async (fixture.client, NULL, client_reply_cb, &reply);
  rt_test_wait_until (fixture.provider->tasks.length > 0);
  g_autoptr (GCancellable) cancellable
    = g_object_ref (g_task_get_cancellable (g_queue_peek_head (&fixture.provider->tasks)));
  g_object_run_dispose (G_OBJECT (fixture.client));
  client_reply_wait (&reply);
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  test_provider_answer (fixture.provider);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  client_reply_clear (&reply);
  end (&fixture);
}

static void
test_closed (void)
{
  Fixture fixture = { 0 };
  g_autoptr (GError) error = NULL;

  begin (&fixture, TEST_PROVIDER_GIVES);
  error = connect_async (&fixture);
  g_assert_no_error (error);
  g_assert_true (rt_client_close_sync (fixture.client, NULL, &error));
  g_assert_no_error (error);
  rt_test_wait_until (client_log_count (fixture.log, "state 6") > 0);
  rt_test_wait_until (G_OBJECT (fixture.provider)->ref_count == 1);
  g_assert_null (rt_client_get_token_provider (fixture.client));
  end (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/ClientTokens/at-once", test_at_once);
  g_test_add_func ("/Rt/ClientTokens/refresh", test_refresh);
  g_test_add_func ("/Rt/ClientTokens/later", test_later);
  g_test_add_func ("/Rt/ClientTokens/faults", test_faults);
  g_test_add_func ("/Rt/ClientTokens/refused", test_refused);
  g_test_add_func ("/Rt/ClientTokens/reset", test_reset);
  g_test_add_func ("/Rt/ClientTokens/in-place", test_in_place);
  g_test_add_func ("/Rt/ClientTokens/no-time", test_no_time);
  g_test_add_func ("/Rt/ClientTokens/no-time-to-reconnect", test_no_time_to_reconnect);
  g_test_add_func ("/Rt/ClientTokens/elsewhere", test_elsewhere);
  g_test_add_func ("/Rt/ClientTokens/channel", test_channel);
  g_test_add_func ("/Rt/ClientTokens/channel-in-place", test_channel_in_place);
  g_test_add_func ("/Rt/ClientTokens/channel-no-time", test_channel_no_time);
  g_test_add_func ("/Rt/ClientTokens/channel-refused", test_channel_refused);
  g_test_add_func ("/Rt/ClientTokens/gone-meanwhile", test_gone_meanwhile);
  g_test_add_func ("/Rt/ClientTokens/closed", test_closed);
  return g_test_run ();
}
