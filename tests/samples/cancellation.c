/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Cancellables and deadlines: every call that waits can be taken back, and says what became of it. */
#include <realtime-mock/realtime-mock.h>

static void
finish_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

/* Cancelled before it began: nothing of it was sent, nor will be. */
static void
cancel_before (RtClient *client)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  g_assert_null (rt_client_send_message_sync (client, "general", "Never sent", cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static gboolean
deadline_cb (gpointer user_data)
{
  g_cancellable_cancel (user_data);
  return G_SOURCE_REMOVE;
}

/* A deadline of one's own is a timer that cancels. */
static void
call_with_deadline (RtClient *client)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;

  g_timeout_add_full (G_PRIORITY_DEFAULT, 50, deadline_cb, g_object_ref (cancellable), g_object_unref);
  rt_client_rpc_async (client, "think-for-years", NULL, cancellable, finish_cb, &result);
  wait_for (&result);
  g_assert_null (rt_client_rpc_finish (client, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* A message that waits for a connection has not been written: once cancelled, it never is. */
static void
cancel_waiting (RtClient *client, RtMockServer *server)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;

  rt_mock_server_stop (server);
  while (rt_client_get_state (client) != RT_CONNECTION_STATE_RECONNECTING)
    g_main_context_iteration (NULL, TRUE);
  rt_client_send_message_async (client, "general", "Never sent", cancellable, finish_cb, &result);
  g_cancellable_cancel (cancellable);
  wait_for (&result);
  g_assert_null (rt_client_send_message_finish (client, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
rpc_cb (RtMockServer *server, RtMockCall *call, gpointer user_data)
{
  /* Kept, and never answered. */
  g_ptr_array_add (user_data, g_object_ref (call));
}

int
main (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) calls = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (RtMockServer) server = rt_mock_server_new ();

  g_signal_connect (server, "rpc", G_CALLBACK (rpc_cb), calls);
  g_assert_true (rt_mock_server_start (server, &error));
  g_autofree char *url = rt_mock_server_get_url (server);
  g_autoptr (RtConfig) config = rt_config_new (NULL, url, &error);
  g_autoptr (RtClient) client = rt_client_new (config);

  g_assert_true (rt_client_connect_sync (client, NULL, &error));
  cancel_before (client);
  call_with_deadline (client);
  cancel_waiting (client, server);
  g_auto (GStrv) messages = rt_mock_server_get_messages (server, "general");
  g_assert_cmpuint (g_strv_length (messages), ==, 0);
  g_assert_true (rt_client_close_sync (client, NULL, &error));
  return 0;
}
