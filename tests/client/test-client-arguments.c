/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>
#include "client-util.h"

/* What a program may get wrong, and what a server refuses: typed errors with a text that helps. */

typedef struct
{
  RtMockServer *server;
  RtClient *client; /* connected */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->server = client_util_start_server ();
  fixture->client = client_util_connect (fixture->server);
}

/* Whatever was wrong, nothing of it went out, and the connection is as good as before. */
static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (rt_mock_server_wait_for_messages (fixture->server, 1, 0));
  g_autoptr (RtMessage) sent = rt_client_send_message_sync (fixture->client, "room", "hello", NULL, &error);
  g_assert_no_error (error);
  client_util_finalize (fixture->client);
  g_assert_finalize_object (fixture->server);
}

static void
assert_mentions (const GError *error, const char *text)
{
  if (strstr (error->message, text) == NULL)
    g_error ("\"%s\" says nothing of \"%s\"", error->message, text);
}

/* --- Names --- */

static void
test_channel_names (Fixture *fixture, gconstpointer data)
{
  g_autofree char *too_long = g_strnfill (256, 'x');
  const char *names[] = { "", too_long, "r\xc3\xa4um", "a\nb", "\xff", "\x7f" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) join_error = NULL, leave_error = NULL, send_error = NULL;
      g_auto (ClientReply) reply = { 0 };

      g_assert_null (rt_client_join_channel_sync (fixture->client, names[i], NULL, NULL, &join_error));
      g_assert_error (join_error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT);
      assert_mentions (join_error, "channel");
      g_assert_false (rt_client_leave_channel_sync (fixture->client, names[i], NULL, &leave_error));
      g_assert_error (leave_error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT);
      rt_client_send_message_async (fixture->client, names[i], "hello", NULL, client_reply_cb, &reply);
      g_assert_cmpuint (reply.count, ==, 0);
      client_reply_wait (&reply);
      g_assert_null (rt_client_send_message_finish (fixture->client, reply.result, &send_error));
      g_assert_nonnull (send_error);
      g_assert_true (send_error->domain == RT_ERROR);
      g_assert_true (g_utf8_validate (send_error->message, -1, NULL));
    }
}

static void
test_methods (Fixture *fixture, gconstpointer data)
{
  g_autofree char *too_long = g_strnfill (256, 'x');
  const char *methods[] = { "", too_long, "\xff" };

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (rt_client_rpc_sync (fixture->client, methods[i], NULL, NULL, &error));
      g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT);
      assert_mentions (error, "method");
    }
}

/* --- Content --- */

static void
test_utf8 (Fixture *fixture, gconstpointer data)
{
  static const char *const texts[] = { "\xff", "half \xe2\x82", "\xed\xa0\x80", "\xc0\xaf" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (RtMessage) message = rt_message_new_text ("room", texts[i]);
      g_autoptr (GError) error = NULL, message_error = NULL;

      g_assert_null (rt_client_send_message_sync (fixture->client, "room", texts[i], NULL, &error));
      g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
      assert_mentions (error, "UTF-8");
      g_assert_null (rt_client_send_sync (fixture->client, message, NULL, &message_error));
      g_assert_error (message_error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
      assert_mentions (message_error, "UTF-8");
    }
}

static void
test_rpc_data (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (rt_client_rpc_sync (fixture->client, "echo", g_variant_new_double (NAN), NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
  g_clear_error (&error);
  GVariant *deep = g_variant_new_string ("x");
  for (guint i = 0; i < 65; i++)
    deep = g_variant_new_array (NULL, (GVariant *[]) { g_variant_new_variant (deep) }, 1);
  g_assert_null (rt_client_rpc_sync (fixture->client, "echo", deep, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
}

/* --- Size --- */

static void
test_too_large (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = g_strnfill (64 * 1024, 'x');
  g_autoptr (GError) error = NULL;

  g_assert_null (rt_client_send_message_sync (fixture->client, "room", text, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_TOO_LARGE);
  assert_mentions (error, "65536");
  assert_mentions (error, "max-message-size");
  g_clear_error (&error);
  g_assert_null (rt_client_rpc_sync (fixture->client, "echo", g_variant_new_string (text), NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_TOO_LARGE);
  assert_mentions (error, "65538");
  assert_mentions (error, "65536");
}

static void
test_own_limit (Fixture *fixture, gconstpointer data)
{
  RtClient *small = client_util_new_client (fixture->server, "max-message-size", 1024, NULL);
  g_autofree char *text = g_strnfill (1024, 'x');
  g_autoptr (GError) error = NULL;

  rt_client_connect_sync (small, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (rt_client_send_message_sync (small, "room", text, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_TOO_LARGE);
  assert_mentions (error, "1024");
  client_util_finalize (small);
}

/* --- Too much at a time --- */

/* 8 MiB may wait for their answers. */
static void
test_queue_full (void)
{
  RtMockServer *server = client_util_start_server ();
  RtClient *client = client_util_connect (server);
  g_autofree char *text = g_strnfill (60000, 'x');
  g_autoptr (GError) error = NULL;
  guint n_waiting = 0;

  rt_mock_server_inject_fault (server, RT_MOCK_FAULT_STALL, 1);
  for (; n_waiting < 139; n_waiting++)
    rt_client_send_message_async (client, "room", text, NULL, NULL, NULL);
  g_assert_null (rt_client_send_message_sync (client, "room", text, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_QUEUE_FULL);
  assert_mentions (error, "139");
  g_clear_error (&error);
  /* The answers make room again. */
  rt_mock_server_clear_faults (server);
  g_assert_true (rt_mock_server_wait_for_messages (server, n_waiting, RT_TEST_DEADLINE_MS));
  g_assert_cmpint (rt_client_ping_sync (client, NULL, &error), >=, 0);
  g_assert_no_error (error);
  RtMessage *sent = NULL;
  rt_test_poll_until ((sent = rt_client_send_message_sync (client, "room", text, NULL, NULL)) != NULL);
  g_object_unref (sent);
  client_util_finalize (client);
  g_assert_finalize_object (server);
}

/* 16,384 messages may. */
static void
test_queue_full_of_small (void)
{
  RtMockServer *server = client_util_start_server ();
  RtClient *client = client_util_connect (server);
  g_autoptr (GError) error = NULL;

  rt_mock_server_inject_fault (server, RT_MOCK_FAULT_STALL, 1);
  for (guint i = 0; i < 16384; i++)
    rt_client_send_message_async (client, "room", "", NULL, NULL, NULL);
  g_assert_null (rt_client_send_message_sync (client, "room", "", NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_QUEUE_FULL);
  assert_mentions (error, "16384");
  g_clear_error (&error);
  /* What forgets them makes room as well. */
  g_assert_true (rt_client_reset_session_sync (client, NULL, &error));
  g_assert_no_error (error);
  client_util_mend (server, client);
  g_autoptr (RtMessage) sent = rt_client_send_message_sync (client, "room", "", NULL, &error);
  g_assert_no_error (error);
  client_util_finalize (client);
  g_assert_finalize_object (server);
}

/* --- Settings --- */

static void
test_settings (void)
{
  RtClient *client = client_util_new_for_url ("ftp://example.org/", "connect-timeout", 1, "request-timeout", 0,
                                              "client-name", "a name that is too long", "receive-queue-limit", 0, NULL);
  g_autoptr (GError) error = NULL, send_error = NULL, leave_error = NULL;
  g_auto (ClientReply) reply = { 0 };

  g_assert_false (rt_client_connect_sync (client, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_CONFIG);
  assert_mentions (error, "endpoint");
  assert_mentions (error, "connect-timeout");
  assert_mentions (error, "request-timeout");
  assert_mentions (error, "client-name");
  assert_mentions (error, "receive-queue-limit");
  g_clear_error (&error);
  rt_client_connect_async (client, NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  g_assert_false (rt_client_connect_finish (client, reply.result, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_CONFIG);
  g_clear_error (&error);
  client_reply_clear (&reply);

  g_assert_null (rt_client_send_message_sync (client, "room", "hello", NULL, &send_error));
  g_assert_error (send_error, RT_ERROR, RT_ERROR_NOT_CONNECTED);
  g_clear_error (&send_error);
  g_assert_false (rt_client_leave_channel_sync (client, "room", NULL, &leave_error));
  g_assert_error (leave_error, RT_ERROR, RT_ERROR_CHANNEL_NOT_FOUND);
  g_clear_error (&leave_error);
  g_assert_true (rt_client_disconnect_sync (client, NULL, &error));
  g_assert_no_error (error);

  /* And it can be closed like any other. */
  g_assert_true (rt_client_close_sync (client, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (rt_client_get_state (client), ==, RT_CONNECTION_STATE_CLOSED);
  g_assert_null (rt_client_send_message_sync (client, "room", "hello", NULL, &send_error));
  g_assert_error (send_error, RT_ERROR, RT_ERROR_CLOSED);
  g_assert_false (rt_client_connect_sync (client, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_CLOSED);
  client_util_finalize (client);
}

/* As a script may do. */
static void
test_no_settings (void)
{
  RtClient *client = g_object_new (RT_TYPE_CLIENT, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (rt_client_get_config (client));
  g_assert_false (rt_client_connect_sync (client, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_CONFIG);
  assert_mentions (error, "endpoint");
  client_util_finalize (client);
}

#define TEST(path, func) g_test_add ("/Rt/ClientArguments/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  TEST ("channel-names", test_channel_names);
  TEST ("methods", test_methods);
  TEST ("utf8", test_utf8);
  TEST ("rpc-data", test_rpc_data);
  TEST ("too-large", test_too_large);
  TEST ("own-limit", test_own_limit);
  g_test_add_func ("/Rt/ClientArguments/queue-full", test_queue_full);
  g_test_add_func ("/Rt/ClientArguments/queue-full-of-small", test_queue_full_of_small);
  g_test_add_func ("/Rt/ClientArguments/settings", test_settings);
  g_test_add_func ("/Rt/ClientArguments/no-settings", test_no_settings);
  return g_test_run ();
}
