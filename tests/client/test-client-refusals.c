/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "client-util.h"
#include "rt-raw-peer.h"

/* Connecting to what does not want it, or is not what it seems: a typed error with a text that helps, and a client
 * that can try again. */

static void
assert_mentions (const GError *error, const char *text)
{
  if (strstr (error->message, text) == NULL)
    g_error ("\"%s\" says nothing of \"%s\"", error->message, text);
}

/* Connects in vain, blocking and not. */
static GError *
fail_to_connect (RtClient *client, RtConnectionState state)
{
  g_autoptr (ClientLog) log = client_log_new (client);
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) again = NULL;
  GError *error = NULL;

  g_assert_false (rt_client_connect_sync (client, NULL, &error));
  g_assert_nonnull (error);
  g_assert_cmpint (rt_client_get_state (client), ==, state);
  rt_client_connect_async (client, NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  g_assert_false (rt_client_connect_finish (client, reply.result, &again));
  g_assert_error (again, error->domain, error->code);
  /* It never was connected, and the call has told what there is to tell. */
  g_assert_cmpuint (client_log_count (log, "connected"), ==, 0);
  g_assert_cmpuint (client_log_count (log, "disconnected"), ==, 0);
  g_assert_cmpuint (client_log_count (log, "error"), ==, 0);
  g_assert_null (rt_client_get_client_id (client));
  g_assert_null (rt_client_get_transport (client));
  return error;
}

/* --- A server that is one --- */

static void
test_wrong_key (void)
{
  static const char *const keys[] = { "right", NULL };
  g_autoptr (RtMockServer) server = rt_mock_server_new ();
  g_autoptr (GError) error = NULL;

  rt_mock_server_set_api_keys (server, keys);
  rt_mock_server_start (server, &error);
  g_assert_no_error (error);
  RtClient *client = client_util_new_client (server, "api-key", "wrong", NULL);
  error = fail_to_connect (client, RT_CONNECTION_STATE_FAILED);
  g_assert_error (error, RT_ERROR, RT_ERROR_UNAUTHORIZED);
  assert_mentions (error, "api-key");
  g_assert_false (rt_error_is_retryable (error));
  g_clear_error (&error);
  g_assert_null (rt_client_send_message_sync (client, "room", "hello", NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_UNAUTHORIZED);
  g_clear_error (&error);
  client_util_finalize (client);

  client = client_util_new_client (server, "api-key", "right", NULL);
  g_assert_true (rt_client_connect_sync (client, NULL, &error));
  g_assert_no_error (error);
  client_util_finalize (client);
}

static void
test_unavailable (void)
{
  g_autoptr (RtMockServer) server = client_util_start_server ();
  RtClient *client = client_util_new_client (server, NULL);
  g_autoptr (GError) error = NULL;

  rt_mock_server_inject_fault (server, RT_MOCK_FAULT_REFUSE, 2);
  error = fail_to_connect (client, RT_CONNECTION_STATE_RECONNECTING);
  g_assert_true (error->domain == RT_ERROR);
  assert_mentions (error, "503");
  g_assert_true (rt_error_is_retryable (error));
  g_clear_error (&error);
  g_assert_true (rt_client_connect_sync (client, NULL, &error));
  g_assert_no_error (error);
  client_util_finalize (client);
}

static void
test_nobody_there (void)
{
  g_autoptr (RtMockServer) server = client_util_start_server ();
  RtClient *client = client_util_new_client (server, NULL);
  g_autofree char *port = g_strdup_printf ("%u", rt_mock_server_get_port (server));
  g_autoptr (GError) error = NULL;

  rt_mock_server_stop (server);
  error = fail_to_connect (client, RT_CONNECTION_STATE_RECONNECTING);
  g_assert_error (error, RT_ERROR, RT_ERROR_NETWORK);
  assert_mentions (error, port);
  g_assert_true (rt_error_is_retryable (error));
  client_util_finalize (client);
}

/* --- Schemes --- */

/* TLS to a server that has none, and waits for the end of what it takes for a request. */
static void
test_no_tls (void)
{
  g_autoptr (RtMockServer) server = client_util_start_server ();
  g_autofree char *url = g_strdup_printf ("wss://127.0.0.1:%u/", rt_mock_server_get_port (server));
  RtClient *client = client_util_new_for_url (url, "connect-timeout", 200, NULL);
  g_autoptr (GError) error = fail_to_connect (client, RT_CONNECTION_STATE_RECONNECTING);

  g_assert_error (error, RT_ERROR, RT_ERROR_TIMED_OUT);
  assert_mentions (error, "TLS");
  client_util_finalize (client);
}

static void
plain_script (RtRawPeer *peer, gpointer user_data)
{
  guint8 hello[4096];

  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (rt_raw_peer_accept (peer));
      g_assert_cmpuint (rt_raw_peer_read (peer, hello, sizeof hello), >, 0);
      rt_raw_peer_send_string (peer, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
      rt_raw_peer_close (peer);
    }
}

/* And to one that answers in the clear. */
static void
test_answer_without_tls (void)
{
  RtRawPeer *peer = rt_raw_peer_new (plain_script, NULL);
  g_autofree char *url = g_strdup_printf ("wss://127.0.0.1:%u/", rt_raw_peer_get_port (peer));
  RtClient *client = client_util_new_for_url (url, "max-reconnects", 0, NULL);
  g_autoptr (GError) error = fail_to_connect (client, RT_CONNECTION_STATE_FAILED);

  g_assert_error (error, RT_ERROR, RT_ERROR_NETWORK);
  assert_mentions (error, "TLS");
  client_util_finalize (client);
  rt_raw_peer_free (peer);
}

/* http and https are ws and wss. */
static void
test_http (void)
{
  g_autoptr (RtMockServer) server = client_util_start_server ();
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u", rt_mock_server_get_port (server));
  RtClient *client = client_util_new_for_url (url, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (rt_client_connect_sync (client, NULL, &error));
  g_assert_no_error (error);
  client_util_finalize (client);
}

static void
test_faulty_endpoints (void)
{
  static const char *const urls[] = {
    "ftp://127.0.0.1/", "127.0.0.1", "ws://", "ws://user:secret@127.0.0.1/", "ws://127.0.0.1/#part",
    "ws://192.0.2.1/", "ws://127.0.0.1:70000/", "ws://exa mple/", "",
  };

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      RtClient *client = client_util_new_for_url (urls[i], NULL);
      g_autoptr (GError) error = fail_to_connect (client, RT_CONNECTION_STATE_DISCONNECTED);

      g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_CONFIG);
      assert_mentions (error, "endpoint");
      g_assert_null (strstr (error->message, "secret"));
      client_util_finalize (client);
    }
}

/* --- A server that is none --- */

static void
answer_script (RtRawPeer *peer, gpointer user_data)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *head = NULL;

      if (!rt_raw_peer_accept (peer))
        return;
      head = rt_raw_peer_read_head (peer);
      rt_raw_peer_send_string (peer, user_data);
      rt_raw_peer_close (peer);
    }
}

typedef struct
{
  const char *answer;
  const char *mention;
} Answer;

static const Answer answers[] = {
  { "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "200" },
  { "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n", "302" },
  { "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "404" },
  { "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", "" },
  { "SSH-2.0-OpenSSH_9.2\r\n\r\n", "" },
  { "", "" },
};

static void
test_answers (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      RtRawPeer *peer = rt_raw_peer_new (answer_script, (gpointer) answers[i].answer);
      g_autofree char *url = rt_raw_peer_get_url (peer);
      RtClient *client = client_util_new_for_url (url, "max-reconnects", 0, NULL);
      g_autoptr (GError) error = fail_to_connect (client, RT_CONNECTION_STATE_FAILED);

      g_assert_true (error->domain == RT_ERROR);
      assert_mentions (error, answers[i].mention);
      client_util_finalize (client);
      rt_raw_peer_free (peer);
    }
}

/* A byte now and then: the deadline is for all of it. */
static void
drip_script (RtRawPeer *peer, gpointer user_data)
{
  g_autofree char *head = NULL;

  g_assert_true (rt_raw_peer_accept (peer));
  head = rt_raw_peer_read_head (peer);
  while (rt_raw_peer_send_string (peer, "H"))
    g_thread_yield ();
}

static void
silent_script (RtRawPeer *peer, gpointer user_data)
{
  g_assert_true (rt_raw_peer_accept (peer));
  rt_raw_peer_wait_end (peer);
}

static void
end_slowly (RtRawPeerScript script, int code)
{
  RtRawPeer *peer = rt_raw_peer_new (script, NULL);
  g_autofree char *url = rt_raw_peer_get_url (peer);
  RtClient *client = client_util_new_for_url (url, "connect-timeout", 200, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (rt_client_connect_sync (client, NULL, &error));
  g_assert_error (error, RT_ERROR, code);
  client_util_finalize (client);
  rt_raw_peer_free (peer);
}

static void
test_silence (void)
{
  end_slowly (silent_script, RT_ERROR_TIMED_OUT);
}

/* What has no end is no head. */
static void
test_drip (void)
{
  end_slowly (drip_script, RT_ERROR_PROTOCOL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/ClientRefusals/wrong-key", test_wrong_key);
  g_test_add_func ("/Rt/ClientRefusals/unavailable", test_unavailable);
  g_test_add_func ("/Rt/ClientRefusals/nobody-there", test_nobody_there);
  g_test_add_func ("/Rt/ClientRefusals/no-tls", test_no_tls);
  g_test_add_func ("/Rt/ClientRefusals/answer-without-tls", test_answer_without_tls);
  g_test_add_func ("/Rt/ClientRefusals/http", test_http);
  g_test_add_func ("/Rt/ClientRefusals/faulty-endpoints", test_faulty_endpoints);
  g_test_add_func ("/Rt/ClientRefusals/answers", test_answers);
  g_test_add_func ("/Rt/ClientRefusals/silence", test_silence);
  g_test_add_func ("/Rt/ClientRefusals/drip", test_drip);
  return g_test_run ();
}
