/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Strategies: the way to the server is chosen, by name, and changed while the program runs. */
#include <realtime-mock/realtime-mock.h>

/* A selector has strategies under the names that the program gives them. */
static RtStrategySelector *
register_strategies (RtConfig *config)
{
  RtStrategySelector *selector = rt_strategy_selector_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (RtWebsocketStrategy) websocket = rt_websocket_strategy_new (config);
  g_autoptr (RtPollingStrategy) polling = rt_polling_strategy_new (config, 1000);

  rt_strategy_selector_register (selector, "websocket", RT_CONNECTION_STRATEGY (websocket));
  rt_strategy_selector_register (selector, "http", RT_CONNECTION_STRATEGY (polling));

  g_autoptr (RtConnectionStrategy) selected = rt_strategy_selector_select (selector, "websocket", &error);
  g_assert_no_error (error);
  g_assert_true (selected == RT_CONNECTION_STRATEGY (websocket));

  g_assert_null (rt_strategy_selector_select (selector, "pigeons", &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_CONFIG);
  return selector;
}

/* Nothing is lost or doubled by going over to another strategy. */
static void
switch_strategy (RtClient *client)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (rt_client_connect_sync (client, NULL, &error));
  g_assert_cmpstr (rt_client_get_transport (client), ==, "websocket");

  g_assert_true (rt_client_use_strategy (client, "http", &error));
  g_autoptr (RtMessage) sent = rt_client_send_message_sync (client, "general", "Hello!", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (rt_client_get_transport (client), ==, "http");

  g_assert_false (rt_client_use_strategy (client, "pigeons", &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT);
}

int
main (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMockServer) server = rt_mock_server_new ();

  g_assert_true (rt_mock_server_start (server, &error));
  g_autofree char *url = rt_mock_server_get_url (server);
  g_autoptr (RtConfig) config = rt_config_new (NULL, url, &error);
  g_autoptr (RtStrategySelector) selector = register_strategies (config);
  g_autoptr (RtClientBuilder) builder = rt_client_builder_new ();

  rt_client_builder_with_config (builder, config);
  rt_client_builder_with_strategies (builder, (const char *const[]) { "websocket", "http", NULL });
  rt_client_builder_with_strategy_selector (builder, selector);
  g_autoptr (RtClient) client = rt_client_builder_build (builder, &error);
  g_assert_no_error (error);

  switch_strategy (client);
  g_assert_true (rt_client_close_sync (client, NULL, &error));
  return 0;
}
