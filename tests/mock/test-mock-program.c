/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "rt-raw-client.h"
#include "rt-test.h"

#define RT1 "rt1.json"
#define CENTRIFUGO "centrifuge-json"

/* What the server does for the program around it: signals, calls, records, faults. */

/* --- Calls --- */

static void
keep_call_cb (RtMockServer *server, RtMockCall *call, gpointer user_data)
{
  g_ptr_array_add (user_data, g_object_ref (call));
}

static RtMockCall *
wait_for_call (GPtrArray *calls)
{
  rt_test_wait_until (calls->len > 0);
  return g_ptr_array_steal_index (calls, 0);
}

static void
test_rpc_echo (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, CENTRIFUGO, "");

  rt_raw_client_check (client, "\"rpc\":{\"method\":\"m\",\"data\":{\"a\": [1,2]}}",
                       "\"rpc\":{\"data\":{\"a\": [1,2]}}");
  rt_raw_server_end (server);
}

static void
test_rpc_answered (void)
{
  RtMockServer *server = rt_raw_server_start ();
  const char *const protocols[] = { RT1, NULL };
  g_autoptr (RtRawClient) client = rt_raw_client_new (server, protocols, NULL);
  g_autoptr (GPtrArray) calls = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GError) error = NULL;

  g_signal_connect (server, "rpc", G_CALLBACK (keep_call_cb), calls);
  rt_raw_client_check (client, "\"connect\":{\"rt\":{\"user\":\"ann\"}}", "client");
  rt_raw_client_send (client, "{\"id\":2,\"rpc\":{\"method\":\"add\",\"data\":[1,2]}}\n"
                              "{\"id\":3,\"rpc\":{\"method\":\"x\"}}");
  g_autoptr (RtMockCall) first = wait_for_call (calls);
  g_autoptr (RtMockCall) second = wait_for_call (calls);
  g_auto (GStrv) clients = rt_mock_server_get_clients (server);

  g_assert_cmpstr (rt_mock_call_get_method (first), ==, "add");
  g_assert_cmpstr (rt_mock_call_get_data (first), ==, "[1,2]");
  g_assert_cmpstr (rt_mock_call_get_user_id (first), ==, "ann");
  g_assert_cmpstr (rt_mock_call_get_client_id (first), ==, clients[0]);
  g_assert_null (rt_mock_call_get_data (second));

  /* The answers come in the order in which they are given, and something else meanwhile. */
  rt_raw_client_send (client, "{\"id\":4,\"presence_stats\":{\"channel\":\"c\"}}");
  g_free (rt_raw_client_expect (client, "{\"id\":4,"));
  rt_mock_call_fail (second, 404, "no “x”");
  g_free (rt_raw_client_expect (client, "{\"id\":3,\"error\":{\"code\":404,\"message\":\"no “x”\"}}"));
  g_assert_false (rt_mock_call_reply (first, "three", &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT);
  g_assert_true (rt_mock_call_reply (first, "3", NULL));
  g_free (rt_raw_client_expect (client, "{\"id\":2,\"rpc\":{\"data\":3}}"));
  rt_raw_server_end (server);
}

/* A program that does not answer is not asked without end. */
static void
test_rpc_limit (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, CENTRIFUGO, "");
  g_autoptr (GPtrArray) calls = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GString) batch = g_string_new (NULL);

  g_signal_connect (server, "rpc", G_CALLBACK (keep_call_cb), calls);
  for (guint i = 0; i < 1024; i++)
    g_string_append_printf (batch, "{\"id\":%u,\"rpc\":{\"method\":\"m\"}}\n", 1000 + i);
  rt_raw_client_send (client, "%s", batch->str);
  rt_test_wait_until (calls->len == 1024);
  rt_raw_client_check (client, "\"rpc\":{\"method\":\"m\"}",
                       "\"code\":111,\"message\":\"too many requests\",\"temporary\":true");
  g_ptr_array_remove_index (calls, 1023);
  g_free (rt_raw_client_expect (client, "{\"id\":2023,\"error\":"));
  rt_raw_client_send (client, "{\"id\":5000,\"rpc\":{\"method\":\"m\"}}");
  rt_test_wait_until (calls->len == 1024);
  rt_raw_server_end (server);
}

static void
test_rpc_dropped (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, CENTRIFUGO, "");
  g_autoptr (GPtrArray) calls = g_ptr_array_new_with_free_func (g_object_unref);

  g_signal_connect (server, "rpc", G_CALLBACK (keep_call_cb), calls);
  rt_raw_client_send (client, "{\"id\":2,\"rpc\":{\"method\":\"m\"}}");
  RtMockCall *call = wait_for_call (calls);
  g_object_unref (call);
  g_free (rt_raw_client_expect (client, "{\"id\":2,\"error\":{\"code\":100,"));
  rt_raw_server_end (server);
}

static void
test_rpc_answered_too_late (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, CENTRIFUGO, "");
  g_autoptr (GPtrArray) calls = g_ptr_array_new_with_free_func (g_object_unref);

  g_signal_connect (server, "rpc", G_CALLBACK (keep_call_cb), calls);
  rt_raw_client_send (client, "{\"id\":2,\"rpc\":{\"method\":\"m\"}}\n{\"id\":3,\"rpc\":{\"method\":\"m\"}}");
  g_autoptr (RtMockCall) call = wait_for_call (calls);
  g_autoptr (RtMockCall) later = wait_for_call (calls);
  rt_mock_server_drop_connections (server);
  rt_raw_client_wait_closed (client, 0);
  g_assert_true (rt_mock_call_reply (call, "1", NULL));
  rt_raw_server_end (server);
  g_assert_true (rt_mock_call_reply (later, "1", NULL));
}

/* --- Records --- */

static void
append_cb (RtMockServer *server, const char *channel, const char *json, gpointer user_data)
{
  g_ptr_array_add (user_data, g_strdup_printf ("%s=%s", channel, json));
}

static void
test_message_signal (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, CENTRIFUGO, "");
  g_autoptr (GPtrArray) messages = g_ptr_array_new_with_free_func (g_free);

  g_signal_connect (server, "message", G_CALLBACK (append_cb), messages);
  rt_raw_client_check (client, "\"publish\":{\"channel\":\"c\",\"data\":1}", "publish");
  rt_raw_client_check (client, "\"publish\":{\"channel\":\"d\",\"data\":\"x\"}", "publish");
  g_assert_true (rt_mock_server_publish (server, "c", "0", NULL));
  rt_test_wait_until (messages->len == 2);
  g_assert_cmpstr (messages->pdata[0], ==, "c=1");
  g_assert_cmpstr (messages->pdata[1], ==, "d=\"x\"");
  rt_raw_server_end (server);
}

static gpointer
wait_thread (gpointer data)
{
  return GINT_TO_POINTER (rt_mock_server_wait_for_messages (data, 2, 600000));
}

static void
test_wait_for_messages (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, CENTRIFUGO, "");
  GThread *waiting = g_thread_new ("waiting", wait_thread, server);

  g_assert_true (rt_mock_server_wait_for_messages (server, 0, 0));
  g_assert_false (rt_mock_server_wait_for_messages (server, 1, 1));
  rt_raw_client_check (client, "\"publish\":{\"channel\":\"c\",\"data\":1}", "publish");
  rt_raw_client_check (client, "\"publish\":{\"channel\":\"d\",\"data\":2}", "publish");
  g_assert_true (GPOINTER_TO_INT (g_thread_join (waiting)));
  rt_mock_server_stop (server);
  g_assert_true (rt_mock_server_wait_for_messages (server, 2, 600000));
  g_assert_false (rt_mock_server_wait_for_messages (server, 3, 600000));
  rt_raw_server_end (server);
}

static void
test_stop_ends_wait (void)
{
  for (guint i = 0; i < 50; i++)
    {
      RtMockServer *server = rt_raw_server_start ();
      GThread *waiting = g_thread_new ("waiting", wait_thread, server);

      rt_mock_server_stop (server);
      g_assert_false (GPOINTER_TO_INT (g_thread_join (waiting)));
      rt_raw_server_end (server);
    }
}

static gpointer
busy_thread (gpointer data)
{
  RtMockServer *server = data;

  for (guint i = 0; i < 200; i++)
    {
      g_strfreev (rt_mock_server_get_clients (server));
      rt_mock_server_publish (server, "c", "1", NULL);
      rt_mock_server_disconnect_client (server, NULL, 3000, NULL);
    }
  return NULL;
}

/* Calls of other threads, while the server comes and goes. */
static void
test_threads (void)
{
  RtMockServer *server = rt_raw_server_start ();
  GThread *first = g_thread_new ("first", busy_thread, server);
  GThread *second = g_thread_new ("second", busy_thread, server);

  for (guint i = 0; i < 20; i++)
    {
      rt_mock_server_stop (server);
      g_assert_true (rt_mock_server_start (server, NULL));
    }
  g_thread_join (first);
  g_thread_join (second);
  rt_raw_server_end (server);
}

/* --- Faults --- */

static void
test_drop_publication (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, RT1, "");
  const char *const expected[] = { "2", NULL };

  rt_raw_client_check (client, "\"subscribe\":{\"channel\":\"c\"}", "recoverable");
  g_free (rt_raw_client_expect (client, "\"join\""));
  rt_mock_server_inject_fault (server, RT_MOCK_FAULT_DROP_PUBLICATION, 1);
  rt_raw_client_check (client, "\"publish\":{\"channel\":\"c\",\"data\":1}", "\"publish\":{}");
  rt_raw_client_check (client, "\"publish\":{\"channel\":\"c\",\"data\":2}", "\"publish\":{\"offset\":1,");
  g_auto (GStrv) messages = rt_mock_server_get_messages (server, "c");
  g_assert_cmpstrv (messages, expected);
  rt_raw_server_end (server);
}

static void
test_lose_push (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, CENTRIFUGO, "");

  rt_raw_client_check (client, "\"subscribe\":{\"channel\":\"c\"}", "recoverable");
  g_free (rt_raw_client_expect (client, "\"join\""));
  rt_mock_server_inject_fault (server, RT_MOCK_FAULT_LOSE_PUSH, 1);
  g_assert_true (rt_mock_server_publish (server, "c", "1", NULL));
  g_assert_true (rt_mock_server_publish (server, "c", "2", NULL));
  g_free (rt_raw_client_expect (client, "{\"data\":2,\"offset\":2}"));
  rt_raw_client_check (client, "\"history\":{\"channel\":\"c\",\"limit\":1}", "{\"data\":1,\"offset\":1}");
  rt_raw_server_end (server);
}

static void
test_replies (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, CENTRIFUGO, "");

  rt_mock_server_inject_fault (server, RT_MOCK_FAULT_ERROR_REPLY, 1);
  rt_raw_client_check (client, "\"subscribe\":{\"channel\":\"c\"}",
                       "\"error\":{\"code\":100,\"message\":\"internal server error\",\"temporary\":true}");
  rt_mock_server_inject_fault (server, RT_MOCK_FAULT_LOSE_REPLY, 1);
  rt_raw_client_send (client, "{\"id\":100,\"subscribe\":{\"channel\":\"c\"}}");
  g_free (rt_raw_client_expect (client, "\"join\""));
  rt_raw_client_check (client, "\"subscribe\":{\"channel\":\"c\"}", "\"code\":105");
  rt_mock_server_inject_fault (server, RT_MOCK_FAULT_ERROR_REPLY, G_MAXUINT);
  for (guint i = 0; i < 5; i++)
    rt_raw_client_check (client, "\"rpc\":{}", "\"code\":100");
  rt_mock_server_clear_faults (server);
  rt_raw_client_check (client, "\"rpc\":{}", "\"rpc\":{}");
  rt_raw_server_end (server);
}

static void
test_refuse (void)
{
  RtMockServer *server = rt_raw_server_start ();
  const char *const none[] = { NULL };

  rt_mock_server_inject_fault (server, RT_MOCK_FAULT_REFUSE, 1);
  g_autoptr (RtRawClient) refused = rt_raw_client_new (server, none, NULL);
  SoupMessageHeaders *headers = soup_message_get_response_headers (refused->message);
  g_assert_null (refused->websocket);
  g_assert_cmpuint (soup_message_get_status (refused->message), ==, 503);
  g_assert_cmpstr (soup_message_headers_get_one (headers, "Retry-After"), ==, "1");
  rt_raw_check_open (server, CENTRIFUGO, "");
  rt_raw_server_end (server);
}

static void
test_stall (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) stalled = rt_raw_client_open (server, CENTRIFUGO, "");

  rt_raw_client_check (stalled, "\"subscribe\":{\"channel\":\"c\"}", "recoverable");
  g_free (rt_raw_client_expect (stalled, "\"join\""));
  rt_mock_server_inject_fault (server, RT_MOCK_FAULT_STALL, 1);
  rt_raw_client_send (stalled, "{\"id\":2,\"publish\":{\"channel\":\"c\",\"data\":1}}");
  g_assert_true (rt_mock_server_publish (server, "c", "2", NULL));
  /* The server has had its turn, with nothing read, since the first publication would have the lower offset. */
  g_assert_false (rt_mock_server_wait_for_messages (server, 1, 50));
  g_assert_true (g_queue_is_empty (&stalled->lines));

  rt_mock_server_clear_faults (server);
  g_free (rt_raw_client_expect (stalled, "\"data\":2,\"offset\":1"));
  g_free (rt_raw_client_expect (stalled, "\"offset\":2"));
  g_free (rt_raw_client_expect (stalled, "{\"id\":2,\"publish\":{}}"));
  rt_raw_server_end (server);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/MockProgram/rpc-echo", test_rpc_echo);
  g_test_add_func ("/Rt/MockProgram/rpc-answered", test_rpc_answered);
  g_test_add_func ("/Rt/MockProgram/rpc-limit", test_rpc_limit);
  g_test_add_func ("/Rt/MockProgram/rpc-dropped", test_rpc_dropped);
  g_test_add_func ("/Rt/MockProgram/rpc-answered-too-late", test_rpc_answered_too_late);
  g_test_add_func ("/Rt/MockProgram/message-signal", test_message_signal);
  g_test_add_func ("/Rt/MockProgram/wait-for-messages", test_wait_for_messages);
  g_test_add_func ("/Rt/MockProgram/stop-ends-wait", test_stop_ends_wait);
  g_test_add_func ("/Rt/MockProgram/threads", test_threads);
  g_test_add_func ("/Rt/MockProgram/drop-publication", test_drop_publication);
  g_test_add_func ("/Rt/MockProgram/lose-push", test_lose_push);
  g_test_add_func ("/Rt/MockProgram/replies", test_replies);
  g_test_add_func ("/Rt/MockProgram/refuse", test_refuse);
  g_test_add_func ("/Rt/MockProgram/stall", test_stall);
  return g_test_run ();
}
