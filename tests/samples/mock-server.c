/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A test of a program against the mock server: in this process, on a free port, with faults on demand. */
#include <realtime-mock/realtime-mock.h>

static RtClient *
new_client (RtMockServer *server, const char *api_key)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *url = rt_mock_server_get_url (server);
  g_autoptr (RtConfig) config = rt_config_new (api_key, url, &error);

  g_assert_no_error (error);
  return rt_client_new (config);
}

static void
test_connect (RtMockServer *server)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtClient) client = new_client (server, "test-key");

  g_assert_true (rt_client_connect_sync (client, NULL, &error));
  g_assert_true (rt_client_is_connected (client));
  g_assert_true (rt_client_close_sync (client, NULL, &error));
}

/* What arrived is recorded. */
static void
test_recorded (RtMockServer *server)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtClient) client = new_client (server, "test-key");

  g_assert_true (rt_client_connect_sync (client, NULL, &error));
  g_autoptr (RtMessage) sent = rt_client_send_message_sync (client, "general", "Hello!", NULL, &error);
  g_assert_no_error (error);
  g_assert_true (rt_mock_server_wait_for_messages (server, 1, 5000));
  g_auto (GStrv) messages = rt_mock_server_get_messages (server, "general");
  g_assert_cmpuint (g_strv_length (messages), ==, 1);
  g_assert_nonnull (strstr (messages[0], "Hello!"));
  g_assert_true (rt_client_close_sync (client, NULL, &error));
}

/* The server resets the line instead of answering; the client connects again, and the message is sent once. */
static void
test_lost_line (RtMockServer *server)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtClient) client = new_client (server, "test-key");

  g_assert_true (rt_client_connect_sync (client, NULL, &error));
  rt_mock_server_inject_fault (server, RT_MOCK_FAULT_DROP_CONNECTION, 1);
  g_autoptr (RtMessage) sent = rt_client_send_message_sync (client, "lost", "still here", NULL, &error);
  g_assert_no_error (error);
  g_auto (GStrv) messages = rt_mock_server_get_messages (server, "lost");
  g_assert_cmpuint (g_strv_length (messages), ==, 1);
  g_assert_true (rt_client_close_sync (client, NULL, &error));
}

/* Who shows no right key is refused as a real server does it. */
static void
test_refused (RtMockServer *server)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtClient) client = new_client (server, "another-key");

  g_assert_false (rt_client_connect_sync (client, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_UNAUTHORIZED);
  g_assert_cmpint (rt_client_get_state (client), ==, RT_CONNECTION_STATE_FAILED);
}

int
main (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMockServer) server = rt_mock_server_new ();

  rt_mock_server_set_api_keys (server, (const char *const[]) { "test-key", NULL });
  g_assert_true (rt_mock_server_start (server, &error));
  test_connect (server);
  test_recorded (server);
  test_lost_line (server);
  test_refused (server);
  rt_mock_server_stop (server);
  return 0;
}
