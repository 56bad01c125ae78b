/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-builder-private.h"

/* The settings of the configuration: each rule about them is the configuration's. */

/**
 * rt_client_builder_with_api_key:
 * @self: a builder
 * @api_key: (nullable): the key or token, or %NULL for none
 *
 * Sets [property@Config:api-key] of the client's configuration.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_api_key (RtClientBuilder *self, const char *api_key)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);

  rt_config_builder_with_api_key (rt_client_builder_get_config_builder (self), api_key);
  return self;
}

/**
 * rt_client_builder_with_endpoint:
 * @self: a builder
 * @endpoint: (nullable): the server's address
 *
 * Sets [property@Config:endpoint] of the client's configuration.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_endpoint (RtClientBuilder *self, const char *endpoint)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);

  rt_config_builder_with_endpoint (rt_client_builder_get_config_builder (self), endpoint);
  return self;
}

/**
 * rt_client_builder_with_user_id:
 * @self: a builder
 * @user_id: (nullable): the name under which messages are sent, or %NULL for none
 *
 * Sets [property@Config:user-id] of the client's configuration.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_user_id (RtClientBuilder *self, const char *user_id)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);

  rt_config_builder_with_user_id (rt_client_builder_get_config_builder (self), user_id);
  return self;
}

/**
 * rt_client_builder_with_client_name:
 * @self: a builder
 * @client_name: (nullable): the program's name, at most 16 bytes
 *
 * Sets [property@Config:client-name] of the client's configuration.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_client_name (RtClientBuilder *self, const char *client_name)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);

  rt_config_builder_with_client_name (rt_client_builder_get_config_builder (self), client_name);
  return self;
}

/**
 * rt_client_builder_with_client_version:
 * @self: a builder
 * @client_version: (nullable): the program's version, at most 64 bytes
 *
 * Sets [property@Config:client-version] of the client's configuration.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_client_version (RtClientBuilder *self, const char *client_version)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);

  rt_config_builder_with_client_version (rt_client_builder_get_config_builder (self), client_version);
  return self;
}

/**
 * rt_client_builder_with_headers:
 * @self: a builder
 * @headers: (nullable): header names and values, `a{ss}`, or %NULL for none; a floating reference is taken
 *
 * Sets [property@Config:headers] of the client's configuration.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_headers (RtClientBuilder *self, GVariant *headers)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);

  rt_config_builder_with_headers (rt_client_builder_get_config_builder (self), headers);
  return self;
}

/**
 * rt_client_builder_with_connect_timeout:
 * @self: a builder
 * @milliseconds: 100 to 600,000
 *
 * Sets [property@Config:connect-timeout] of the client's configuration.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_connect_timeout (RtClientBuilder *self, guint milliseconds)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);

  rt_config_builder_with_connect_timeout (rt_client_builder_get_config_builder (self), milliseconds);
  return self;
}

/**
 * rt_client_builder_with_request_timeout:
 * @self: a builder
 * @milliseconds: 100 to 600,000
 *
 * Sets [property@Config:request-timeout] of the client's configuration.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_request_timeout (RtClientBuilder *self, guint milliseconds)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);

  rt_config_builder_with_request_timeout (rt_client_builder_get_config_builder (self), milliseconds);
  return self;
}

/**
 * rt_client_builder_with_shutdown_timeout:
 * @self: a builder
 * @milliseconds: 100 to 600,000
 *
 * Sets [property@Config:shutdown-timeout] of the client's configuration.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_shutdown_timeout (RtClientBuilder *self, guint milliseconds)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);

  rt_config_builder_with_shutdown_timeout (rt_client_builder_get_config_builder (self), milliseconds);
  return self;
}

/**
 * rt_client_builder_with_heartbeat_timeout:
 * @self: a builder
 * @milliseconds: 100 to 600,000
 *
 * Sets [property@Config:heartbeat-timeout] of the client's configuration.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_heartbeat_timeout (RtClientBuilder *self, guint milliseconds)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);

  rt_config_builder_with_heartbeat_timeout (rt_client_builder_get_config_builder (self), milliseconds);
  return self;
}

/**
 * rt_client_builder_with_reconnect_delay:
 * @self: a builder
 * @milliseconds: 100 to 600,000
 *
 * Sets [property@Config:reconnect-delay] of the client's configuration.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_reconnect_delay (RtClientBuilder *self, guint milliseconds)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);

  rt_config_builder_with_reconnect_delay (rt_client_builder_get_config_builder (self), milliseconds);
  return self;
}

/**
 * rt_client_builder_with_max_reconnect_delay:
 * @self: a builder
 * @milliseconds: 100 to 600,000
 *
 * Sets [property@Config:max-reconnect-delay] of the client's configuration.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_max_reconnect_delay (RtClientBuilder *self, guint milliseconds)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);

  rt_config_builder_with_max_reconnect_delay (rt_client_builder_get_config_builder (self), milliseconds);
  return self;
}

/**
 * rt_client_builder_with_max_reconnects:
 * @self: a builder
 * @attempts: any number; 4,294,967,295: without end; 0: none
 *
 * Sets [property@Config:max-reconnects] of the client's configuration.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_max_reconnects (RtClientBuilder *self, guint attempts)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);

  rt_config_builder_with_max_reconnects (rt_client_builder_get_config_builder (self), attempts);
  return self;
}

/**
 * rt_client_builder_with_suspend_timeout:
 * @self: a builder
 * @milliseconds: 100 to 600,000
 *
 * Sets [property@Config:suspend-timeout] of the client's configuration.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_suspend_timeout (RtClientBuilder *self, guint milliseconds)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);

  rt_config_builder_with_suspend_timeout (rt_client_builder_get_config_builder (self), milliseconds);
  return self;
}

/**
 * rt_client_builder_with_strategies:
 * @self: a builder
 * @names: (nullable) (array zero-terminated=1): the names, best first, or %NULL for the defaults
 *
 * Sets [property@Config:strategies] of the client's configuration.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_strategies (RtClientBuilder *self, const char *const *names)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);

  rt_config_builder_with_strategies (rt_client_builder_get_config_builder (self), names);
  return self;
}

/**
 * rt_client_builder_with_poll_interval:
 * @self: a builder
 * @milliseconds: 100 to 600,000, or 0 for long poll
 *
 * Sets [property@Config:poll-interval] of the client's configuration.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_poll_interval (RtClientBuilder *self, guint milliseconds)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);

  rt_config_builder_with_poll_interval (rt_client_builder_get_config_builder (self), milliseconds);
  return self;
}

/**
 * rt_client_builder_with_max_message_size:
 * @self: a builder
 * @bytes: 1,024 to 16,777,216, or 0 for the default of either direction
 *
 * Sets [property@Config:max-message-size] of the client's configuration.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_max_message_size (RtClientBuilder *self, guint bytes)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);

  rt_config_builder_with_max_message_size (rt_client_builder_get_config_builder (self), bytes);
  return self;
}

/**
 * rt_client_builder_with_send_queue_limit:
 * @self: a builder
 * @messages: at most 1,000,000; 0: none is kept
 *
 * Sets [property@Config:send-queue-limit] of the client's configuration.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_send_queue_limit (RtClientBuilder *self, guint messages)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);

  rt_config_builder_with_send_queue_limit (rt_client_builder_get_config_builder (self), messages);
  return self;
}

/**
 * rt_client_builder_with_send_queue_bytes:
 * @self: a builder
 * @bytes: at least 1,024
 *
 * Sets [property@Config:send-queue-bytes] of the client's configuration.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_send_queue_bytes (RtClientBuilder *self, guint bytes)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);

  rt_config_builder_with_send_queue_bytes (rt_client_builder_get_config_builder (self), bytes);
  return self;
}

/**
 * rt_client_builder_with_rate_limit:
 * @self: a builder
 * @messages: messages a second, at most 1,000,000; 0: without a limit
 *
 * Sets [property@Config:rate-limit] of the client's configuration.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_rate_limit (RtClientBuilder *self, guint messages)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);

  rt_config_builder_with_rate_limit (rt_client_builder_get_config_builder (self), messages);
  return self;
}

/**
 * rt_client_builder_with_rate_burst:
 * @self: a builder
 * @messages: how many at once, at most 1,000,000; 0: as many as in a second
 *
 * Sets [property@Config:rate-burst] of the client's configuration.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_rate_burst (RtClientBuilder *self, guint messages)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);

  rt_config_builder_with_rate_burst (rt_client_builder_get_config_builder (self), messages);
  return self;
}

/**
 * rt_client_builder_with_rate_policy:
 * @self: a builder
 * @policy: what becomes of what is too fast
 *
 * Sets [property@Config:rate-policy] of the client's configuration.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_rate_policy (RtClientBuilder *self, RtRatePolicy policy)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);

  rt_config_builder_with_rate_policy (rt_client_builder_get_config_builder (self), policy);
  return self;
}

/**
 * rt_client_builder_with_receive_queue_limit:
 * @self: a builder
 * @messages: at least 1
 *
 * Sets [property@Config:receive-queue-limit] of the client's configuration.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_receive_queue_limit (RtClientBuilder *self, guint messages)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);

  rt_config_builder_with_receive_queue_limit (rt_client_builder_get_config_builder (self), messages);
  return self;
}

/**
 * rt_client_builder_with_receive_queue_bytes:
 * @self: a builder
 * @bytes: at least 1,024
 *
 * Sets [property@Config:receive-queue-bytes] of the client's configuration.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_receive_queue_bytes (RtClientBuilder *self, guint bytes)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);

  rt_config_builder_with_receive_queue_bytes (rt_client_builder_get_config_builder (self), bytes);
  return self;
}

/**
 * rt_client_builder_with_tls_database:
 * @self: a builder
 * @tls_database: (nullable): what certificates are checked against, or %NULL for the system's
 *
 * Sets [property@Config:tls-database] of the client's configuration.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_tls_database (RtClientBuilder *self, GTlsDatabase *tls_database)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);
  g_return_val_if_fail (tls_database == NULL || G_IS_TLS_DATABASE (tls_database), NULL);

  rt_config_builder_with_tls_database (rt_client_builder_get_config_builder (self), tls_database);
  return self;
}

/**
 * rt_client_builder_with_tls_certificate:
 * @self: a builder
 * @tls_certificate: (nullable): a certificate with its private key, or %NULL for none
 *
 * Sets [property@Config:tls-certificate] of the client's configuration.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_tls_certificate (RtClientBuilder *self, GTlsCertificate *tls_certificate)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);
  g_return_val_if_fail (tls_certificate == NULL || G_IS_TLS_CERTIFICATE (tls_certificate), NULL);

  rt_config_builder_with_tls_certificate (rt_client_builder_get_config_builder (self), tls_certificate);
  return self;
}

/**
 * rt_client_builder_with_tls_pins:
 * @self: a builder
 * @pins: (nullable) (array zero-terminated=1): the pins, or %NULL for any key
 *
 * Sets [property@Config:tls-pins] of the client's configuration.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_tls_pins (RtClientBuilder *self, const char *const *pins)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);

  rt_config_builder_with_tls_pins (rt_client_builder_get_config_builder (self), pins);
  return self;
}

/**
 * rt_client_builder_with_proxy_resolver:
 * @self: a builder
 * @proxy_resolver: (nullable): finds the proxy, or %NULL for the system's
 *
 * Sets [property@Config:proxy-resolver] of the client's configuration.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_proxy_resolver (RtClientBuilder *self, GProxyResolver *proxy_resolver)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);
  g_return_val_if_fail (proxy_resolver == NULL || G_IS_PROXY_RESOLVER (proxy_resolver), NULL);

  rt_config_builder_with_proxy_resolver (rt_client_builder_get_config_builder (self), proxy_resolver);
  return self;
}

/**
 * rt_client_builder_with_allow_insecure:
 * @self: a builder
 * @allow_insecure: whether other machines may be reached without TLS
 *
 * Sets [property@Config:allow-insecure] of the client's configuration.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_allow_insecure (RtClientBuilder *self, gboolean allow_insecure)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);

  rt_config_builder_with_allow_insecure (rt_client_builder_get_config_builder (self), allow_insecure);
  return self;
}
