/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Middleware that decides what may be sent, and the chain that it is in. */
#include <realtime-mock/realtime-mock.h>

#include <string.h>

static gboolean
be_brief (RtExchange *exchange, gpointer user_data, GError **error)
{
  const char *content = rt_message_get_content (rt_exchange_get_message (exchange));

  /* A message may carry something else than text. */
  if (rt_exchange_get_direction (exchange) == RT_DIRECTION_OUTGOING && content != NULL && strlen (content) > 1000)
    rt_exchange_drop (exchange, "too long");
  else
    rt_exchange_proceed (exchange);
  return TRUE;
}

static void
use_function (RtClient *client)
{
  g_autoptr (RtMiddleware) brevity = rt_middleware_new_for_func (be_brief, NULL, NULL);

  rt_client_use (client, brevity);
}

static void
use_chain (RtClient *client)
{
  g_autoptr (RtMiddleware) logging = rt_logging_middleware_new ();
  g_autoptr (RtRecoveryMiddleware) recovery = rt_recovery_middleware_new ();
  g_autoptr (RtMiddleware) timeout = rt_timeout_middleware_new (5000);

  rt_client_use (client, logging);
  rt_client_use (client, RT_MIDDLEWARE (recovery));
  rt_client_use (client, timeout);
}

static void
send_bytes (RtClient *client)
{
  static const guint8 raw[] = { 0, 255 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static (raw, sizeof raw);
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_new ();

  rt_message_builder_with_bytes (rt_message_builder_with_channel (builder, "general"), bytes);
  g_autoptr (RtMessage) message = rt_message_builder_build (builder, &error);
  g_assert_no_error (error);
  g_autoptr (RtMessage) sent = rt_client_send_sync (client, message, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (sent);
}

int
main (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMockServer) server = rt_mock_server_new ();
  g_autofree char *text = g_strnfill (1001, 'x');

  g_assert_true (rt_mock_server_start (server, &error));
  g_autofree char *url = rt_mock_server_get_url (server);
  g_autoptr (RtConfig) config = rt_config_new (NULL, url, &error);
  g_autoptr (RtClient) client = rt_client_new (config);

  use_chain (client);
  use_function (client);
  g_assert_true (rt_client_connect_sync (client, NULL, &error));
  send_bytes (client);
  g_assert_null (rt_client_send_message_sync (client, "general", text, NULL, &error));
  g_assert_nonnull (strstr (error->message, "too long"));
  g_clear_error (&error);
  g_assert_true (rt_client_close_sync (client, NULL, &error));
  return 0;
}
