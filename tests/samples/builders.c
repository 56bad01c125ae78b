/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Builders: settings, clients and messages, put together step by step, checked at once, immutable afterwards. */
#include <realtime/realtime.h>

static void
build_config (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtConfigBuilder) builder = rt_config_builder_new ();

  rt_config_builder_with_api_key (builder, "my-api-key");
  rt_config_builder_with_endpoint (builder, "wss://example.com/realtime");
  rt_config_builder_with_reconnect_delay (builder, 5000);
  rt_config_builder_with_max_reconnects (builder, 10);
  g_autoptr (RtConfig) config = rt_config_builder_build (builder, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (rt_config_get_endpoint (config), ==, "wss://example.com/realtime");
  g_assert_cmpuint (rt_config_get_reconnect_delay (config), ==, 5000);
  g_assert_cmpuint (rt_config_get_max_reconnects (config), ==, 10);
  /* What was not given has its default. */
  g_assert_cmpuint (rt_config_get_connect_timeout (config), ==, 10000);
}

static void
build_client (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtClientBuilder) builder = rt_client_builder_new ();

  rt_client_builder_with_api_key (builder, "my-api-key");
  rt_client_builder_with_endpoint (builder, "wss://example.com/realtime");
  rt_client_builder_with_reconnect_delay (builder, 5000);
  rt_client_builder_with_max_reconnects (builder, 10);
  g_autoptr (RtClient) client = rt_client_builder_build (builder, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (rt_config_get_max_reconnects (rt_client_get_config (client)), ==, 10);
  g_assert_cmpint (rt_client_get_state (client), ==, RT_CONNECTION_STATE_DISCONNECTED);
}

static void
build_message (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_new ();

  rt_message_builder_with_channel (builder, "general");
  rt_message_builder_with_content (builder, "Hello!");
  rt_message_builder_with_priority (builder, RT_PRIORITY_HIGH);
  rt_message_builder_with_metadata (builder, "key", "value");
  g_autoptr (RtMessage) message = rt_message_builder_build (builder, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (rt_message_get_channel (message), ==, "general");
  g_assert_cmpstr (rt_message_get_content (message), ==, "Hello!");
  g_assert_cmpint (rt_message_get_priority (message), ==, RT_PRIORITY_HIGH);
  g_assert_cmpstr (rt_message_get_metadata_value (message, "key"), ==, "value");
  g_assert_nonnull (rt_message_get_id (message));
}

/* One error names every fault, so that none waits behind another. */
static void
report_faults (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtConfigBuilder) builder = rt_config_builder_new ();

  rt_config_builder_with_endpoint (builder, "ftp://example.com");
  rt_config_builder_with_connect_timeout (builder, 5);
  g_assert_null (rt_config_builder_build (builder, &error));

  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_CONFIG);
  g_assert_nonnull (strstr (error->message, "endpoint"));
  g_assert_nonnull (strstr (error->message, "connect-timeout"));
}

int
main (void)
{
  build_config ();
  build_client ();
  build_message ();
  report_faults ();
  return 0;
}
