/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-config-private.h"

#include "rt-enum-types.h"

static RtConfigBuilder *
with_string (RtConfigBuilder *self, const char *name, const char *text)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_STRING);
  g_value_set_string (&value, text);
  rt_config_builder_take_value (self, name, &value);
  return self;
}

static RtConfigBuilder *
with_uint (RtConfigBuilder *self, const char *name, guint number)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_UINT);
  g_value_set_uint (&value, number);
  rt_config_builder_take_value (self, name, &value);
  return self;
}

static RtConfigBuilder *
with_enum (RtConfigBuilder *self, const char *name, GType type, int number)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, type);
  g_value_set_enum (&value, number);
  rt_config_builder_take_value (self, name, &value);
  return self;
}

static RtConfigBuilder *
with_list (RtConfigBuilder *self, const char *name, const char *const *list)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_STRV);
  g_value_set_boxed (&value, list);
  rt_config_builder_take_value (self, name, &value);
  return self;
}

static RtConfigBuilder *
with_object (RtConfigBuilder *self, const char *name, GType type, gpointer object)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, type);
  g_value_set_object (&value, object);
  rt_config_builder_take_value (self, name, &value);
  return self;
}

/**
 * rt_config_builder_with_api_key:
 * @self: a builder
 * @api_key: (nullable): the key or token, or %NULL for none
 *
 * Sets [property@Config:api-key].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_api_key (RtConfigBuilder *self, const char *api_key)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_string (self, "api-key", api_key);
}

/**
 * rt_config_builder_with_endpoint:
 * @self: a builder
 * @endpoint: (nullable): the server's address
 *
 * Sets [property@Config:endpoint].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_endpoint (RtConfigBuilder *self, const char *endpoint)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_string (self, "endpoint", endpoint);
}

/**
 * rt_config_builder_with_user_id:
 * @self: a builder
 * @user_id: (nullable): the name under which messages are sent, or %NULL for none
 *
 * Sets [property@Config:user-id].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_user_id (RtConfigBuilder *self, const char *user_id)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_string (self, "user-id", user_id);
}

/**
 * rt_config_builder_with_client_name:
 * @self: a builder
 * @client_name: (nullable): the program's name, at most 16 bytes
 *
 * Sets [property@Config:client-name].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_client_name (RtConfigBuilder *self, const char *client_name)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_string (self, "client-name", client_name);
}

/**
 * rt_config_builder_with_client_version:
 * @self: a builder
 * @client_version: (nullable): the program's version, at most 64 bytes
 *
 * Sets [property@Config:client-version].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_client_version (RtConfigBuilder *self, const char *client_version)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_string (self, "client-version", client_version);
}

/**
 * rt_config_builder_with_headers:
 * @self: a builder
 * @headers: (nullable): header names and values, `a{ss}`, or %NULL for none; a floating reference is taken
 *
 * Sets [property@Config:headers].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_headers (RtConfigBuilder *self, GVariant *headers)
{
  GValue value = G_VALUE_INIT;

  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  g_value_init (&value, G_TYPE_VARIANT);
  g_value_set_variant (&value, headers);
  rt_config_builder_take_value (self, "headers", &value);
  return self;
}

/**
 * rt_config_builder_with_connect_timeout:
 * @self: a builder
 * @milliseconds: 100 to 600,000
 *
 * Sets [property@Config:connect-timeout].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_connect_timeout (RtConfigBuilder *self, guint milliseconds)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_uint (self, "connect-timeout", milliseconds);
}

/**
 * rt_config_builder_with_request_timeout:
 * @self: a builder
 * @milliseconds: 100 to 600,000
 *
 * Sets [property@Config:request-timeout].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_request_timeout (RtConfigBuilder *self, guint milliseconds)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_uint (self, "request-timeout", milliseconds);
}

/**
 * rt_config_builder_with_shutdown_timeout:
 * @self: a builder
 * @milliseconds: 100 to 600,000
 *
 * Sets [property@Config:shutdown-timeout].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_shutdown_timeout (RtConfigBuilder *self, guint milliseconds)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_uint (self, "shutdown-timeout", milliseconds);
}

/**
 * rt_config_builder_with_heartbeat_timeout:
 * @self: a builder
 * @milliseconds: 100 to 600,000
 *
 * Sets [property@Config:heartbeat-timeout].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_heartbeat_timeout (RtConfigBuilder *self, guint milliseconds)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_uint (self, "heartbeat-timeout", milliseconds);
}

/**
 * rt_config_builder_with_reconnect_delay:
 * @self: a builder
 * @milliseconds: 100 to 600,000
 *
 * Sets [property@Config:reconnect-delay].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_reconnect_delay (RtConfigBuilder *self, guint milliseconds)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_uint (self, "reconnect-delay", milliseconds);
}

/**
 * rt_config_builder_with_max_reconnect_delay:
 * @self: a builder
 * @milliseconds: 100 to 600,000
 *
 * Sets [property@Config:max-reconnect-delay].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_max_reconnect_delay (RtConfigBuilder *self, guint milliseconds)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_uint (self, "max-reconnect-delay", milliseconds);
}

/**
 * rt_config_builder_with_max_reconnects:
 * @self: a builder
 * @attempts: any number; 4,294,967,295: without end; 0: none
 *
 * Sets [property@Config:max-reconnects].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_max_reconnects (RtConfigBuilder *self, guint attempts)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_uint (self, "max-reconnects", attempts);
}

/**
 * rt_config_builder_with_suspend_timeout:
 * @self: a builder
 * @milliseconds: 100 to 600,000
 *
 * Sets [property@Config:suspend-timeout].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_suspend_timeout (RtConfigBuilder *self, guint milliseconds)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_uint (self, "suspend-timeout", milliseconds);
}

/**
 * rt_config_builder_with_strategies:
 * @self: a builder
 * @names: (nullable) (array zero-terminated=1): the names, best first, or %NULL for the defaults
 *
 * Sets [property@Config:strategies].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_strategies (RtConfigBuilder *self, const char *const *names)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_list (self, "strategies", names);
}

/**
 * rt_config_builder_with_poll_interval:
 * @self: a builder
 * @milliseconds: 100 to 600,000, or 0 for long poll
 *
 * Sets [property@Config:poll-interval].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_poll_interval (RtConfigBuilder *self, guint milliseconds)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_uint (self, "poll-interval", milliseconds);
}

/**
 * rt_config_builder_with_max_message_size:
 * @self: a builder
 * @bytes: 1,024 to 16,777,216, or 0 for the default of either direction
 *
 * Sets [property@Config:max-message-size].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_max_message_size (RtConfigBuilder *self, guint bytes)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_uint (self, "max-message-size", bytes);
}

/**
 * rt_config_builder_with_send_queue_limit:
 * @self: a builder
 * @messages: at most 1,000,000; 0: none is kept
 *
 * Sets [property@Config:send-queue-limit].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_send_queue_limit (RtConfigBuilder *self, guint messages)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_uint (self, "send-queue-limit", messages);
}

/**
 * rt_config_builder_with_send_queue_bytes:
 * @self: a builder
 * @bytes: at least 1,024
 *
 * Sets [property@Config:send-queue-bytes].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_send_queue_bytes (RtConfigBuilder *self, guint bytes)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_uint (self, "send-queue-bytes", bytes);
}

/**
 * rt_config_builder_with_rate_limit:
 * @self: a builder
 * @messages: messages a second, at most 1,000,000; 0: without a limit
 *
 * Sets [property@Config:rate-limit].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_rate_limit (RtConfigBuilder *self, guint messages)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_uint (self, "rate-limit", messages);
}

/**
 * rt_config_builder_with_rate_burst:
 * @self: a builder
 * @messages: how many at once, at most 1,000,000; 0: as many as in a second
 *
 * Sets [property@Config:rate-burst].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_rate_burst (RtConfigBuilder *self, guint messages)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_uint (self, "rate-burst", messages);
}

/**
 * rt_config_builder_with_rate_policy:
 * @self: a builder
 * @policy: what becomes of what is too fast
 *
 * Sets [property@Config:rate-policy].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_rate_policy (RtConfigBuilder *self, RtRatePolicy policy)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_enum (self, "rate-policy", RT_TYPE_RATE_POLICY, policy);
}

/**
 * rt_config_builder_with_receive_queue_limit:
 * @self: a builder
 * @messages: at least 1
 *
 * Sets [property@Config:receive-queue-limit].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_receive_queue_limit (RtConfigBuilder *self, guint messages)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_uint (self, "receive-queue-limit", messages);
}

/**
 * rt_config_builder_with_receive_queue_bytes:
 * @self: a builder
 * @bytes: at least 1,024
 *
 * Sets [property@Config:receive-queue-bytes].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_receive_queue_bytes (RtConfigBuilder *self, guint bytes)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_uint (self, "receive-queue-bytes", bytes);
}

/**
 * rt_config_builder_with_tls_database:
 * @self: a builder
 * @tls_database: (nullable): what certificates are checked against, or %NULL for the system's
 *
 * Sets [property@Config:tls-database].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_tls_database (RtConfigBuilder *self, GTlsDatabase *tls_database)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);
  g_return_val_if_fail (tls_database == NULL || G_IS_TLS_DATABASE (tls_database), NULL);

  return with_object (self, "tls-database", G_TYPE_TLS_DATABASE, tls_database);
}

/**
 * rt_config_builder_with_tls_certificate:
 * @self: a builder
 * @tls_certificate: (nullable): a certificate with its private key, or %NULL for none
 *
 * Sets [property@Config:tls-certificate].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_tls_certificate (RtConfigBuilder *self, GTlsCertificate *tls_certificate)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);
  g_return_val_if_fail (tls_certificate == NULL || G_IS_TLS_CERTIFICATE (tls_certificate), NULL);

  return with_object (self, "tls-certificate", G_TYPE_TLS_CERTIFICATE, tls_certificate);
}

/**
 * rt_config_builder_with_tls_pins:
 * @self: a builder
 * @pins: (nullable) (array zero-terminated=1): the pins, or %NULL for any key
 *
 * Sets [property@Config:tls-pins].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_tls_pins (RtConfigBuilder *self, const char *const *pins)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_list (self, "tls-pins", pins);
}

/**
 * rt_config_builder_with_proxy_resolver:
 * @self: a builder
 * @proxy_resolver: (nullable): finds the proxy, or %NULL for the system's
 *
 * Sets [property@Config:proxy-resolver].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_proxy_resolver (RtConfigBuilder *self, GProxyResolver *proxy_resolver)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);
  g_return_val_if_fail (proxy_resolver == NULL || G_IS_PROXY_RESOLVER (proxy_resolver), NULL);

  return with_object (self, "proxy-resolver", G_TYPE_PROXY_RESOLVER, proxy_resolver);
}

/**
 * rt_config_builder_with_allow_insecure:
 * @self: a builder
 * @allow_insecure: whether other machines may be reached without TLS
 *
 * Sets [property@Config:allow-insecure].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_allow_insecure (RtConfigBuilder *self, gboolean allow_insecure)
{
  GValue value = G_VALUE_INIT;

  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  g_value_init (&value, G_TYPE_BOOLEAN);
  g_value_set_boolean (&value, allow_insecure);
  rt_config_builder_take_value (self, "allow-insecure", &value);
  return self;
}
