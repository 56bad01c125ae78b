/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-config-private.h"

/**
 * rt_config_get_api_key: (get-property api-key)
 * @self: a configuration
 *
 * Gets [property@Config:api-key].
 *
 * Returns: (transfer none) (nullable): the key or token
 */
const char *
rt_config_get_api_key (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), NULL);

  return self->texts[PROP_API_KEY - RT_CONFIG_FIRST_TEXT];
}

/**
 * rt_config_get_endpoint: (get-property endpoint)
 * @self: a configuration
 *
 * Gets [property@Config:endpoint].
 *
 * Returns: (transfer none) (nullable): the server's address
 */
const char *
rt_config_get_endpoint (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), NULL);

  return self->texts[PROP_ENDPOINT - RT_CONFIG_FIRST_TEXT];
}

/**
 * rt_config_get_user_id: (get-property user-id)
 * @self: a configuration
 *
 * Gets [property@Config:user-id].
 *
 * Returns: (transfer none) (nullable): the name under which messages are sent
 */
const char *
rt_config_get_user_id (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), NULL);

  return self->texts[PROP_USER_ID - RT_CONFIG_FIRST_TEXT];
}

/**
 * rt_config_get_client_name: (get-property client-name)
 * @self: a configuration
 *
 * Gets [property@Config:client-name].
 *
 * Returns: (transfer none) (nullable): the program's name
 */
const char *
rt_config_get_client_name (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), NULL);

  return self->texts[PROP_CLIENT_NAME - RT_CONFIG_FIRST_TEXT];
}

/**
 * rt_config_get_client_version: (get-property client-version)
 * @self: a configuration
 *
 * Gets [property@Config:client-version].
 *
 * Returns: (transfer none) (nullable): the program's version
 */
const char *
rt_config_get_client_version (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), NULL);

  return self->texts[PROP_CLIENT_VERSION - RT_CONFIG_FIRST_TEXT];
}

/**
 * rt_config_get_headers: (get-property headers)
 * @self: a configuration
 *
 * Gets [property@Config:headers].
 *
 * Returns: (transfer none) (nullable): header names and values, `a{ss}`
 */
GVariant *
rt_config_get_headers (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), NULL);

  return self->headers;
}

/**
 * rt_config_get_connect_timeout: (get-property connect-timeout)
 * @self: a configuration
 *
 * Gets [property@Config:connect-timeout].
 *
 * Returns: milliseconds
 */
guint
rt_config_get_connect_timeout (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), 0);

  return self->numbers[PROP_CONNECT_TIMEOUT - RT_CONFIG_FIRST_NUMBER];
}

/**
 * rt_config_get_request_timeout: (get-property request-timeout)
 * @self: a configuration
 *
 * Gets [property@Config:request-timeout].
 *
 * Returns: milliseconds
 */
guint
rt_config_get_request_timeout (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), 0);

  return self->numbers[PROP_REQUEST_TIMEOUT - RT_CONFIG_FIRST_NUMBER];
}

/**
 * rt_config_get_shutdown_timeout: (get-property shutdown-timeout)
 * @self: a configuration
 *
 * Gets [property@Config:shutdown-timeout].
 *
 * Returns: milliseconds
 */
guint
rt_config_get_shutdown_timeout (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), 0);

  return self->numbers[PROP_SHUTDOWN_TIMEOUT - RT_CONFIG_FIRST_NUMBER];
}

/**
 * rt_config_get_heartbeat_timeout: (get-property heartbeat-timeout)
 * @self: a configuration
 *
 * Gets [property@Config:heartbeat-timeout].
 *
 * Returns: milliseconds
 */
guint
rt_config_get_heartbeat_timeout (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), 0);

  return self->numbers[PROP_HEARTBEAT_TIMEOUT - RT_CONFIG_FIRST_NUMBER];
}

/**
 * rt_config_get_reconnect_delay: (get-property reconnect-delay)
 * @self: a configuration
 *
 * Gets [property@Config:reconnect-delay].
 *
 * Returns: milliseconds
 */
guint
rt_config_get_reconnect_delay (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), 0);

  return self->numbers[PROP_RECONNECT_DELAY - RT_CONFIG_FIRST_NUMBER];
}

/**
 * rt_config_get_max_reconnect_delay: (get-property max-reconnect-delay)
 * @self: a configuration
 *
 * Gets [property@Config:max-reconnect-delay].
 *
 * Returns: milliseconds
 */
guint
rt_config_get_max_reconnect_delay (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), 0);

  return self->numbers[PROP_MAX_RECONNECT_DELAY - RT_CONFIG_FIRST_NUMBER];
}

/**
 * rt_config_get_max_reconnects: (get-property max-reconnects)
 * @self: a configuration
 *
 * Gets [property@Config:max-reconnects].
 *
 * Returns: a number of attempts; 4,294,967,295: without end
 */
guint
rt_config_get_max_reconnects (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), 0);

  return self->numbers[PROP_MAX_RECONNECTS - RT_CONFIG_FIRST_NUMBER];
}

/**
 * rt_config_get_suspend_timeout: (get-property suspend-timeout)
 * @self: a configuration
 *
 * Gets [property@Config:suspend-timeout].
 *
 * Returns: milliseconds
 */
guint
rt_config_get_suspend_timeout (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), 0);

  return self->numbers[PROP_SUSPEND_TIMEOUT - RT_CONFIG_FIRST_NUMBER];
}

/**
 * rt_config_get_strategies: (get-property strategies)
 * @self: a configuration
 *
 * Gets [property@Config:strategies].
 *
 * Returns: (transfer none) (array zero-terminated=1): names, best first
 */
const char *const *
rt_config_get_strategies (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), NULL);

  return (const char *const *) self->lists[PROP_STRATEGIES - RT_CONFIG_FIRST_LIST];
}

/**
 * rt_config_get_poll_interval: (get-property poll-interval)
 * @self: a configuration
 *
 * Gets [property@Config:poll-interval].
 *
 * Returns: milliseconds, or 0 for long poll
 */
guint
rt_config_get_poll_interval (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), 0);

  return self->numbers[PROP_POLL_INTERVAL - RT_CONFIG_FIRST_NUMBER];
}

/**
 * rt_config_get_max_message_size: (get-property max-message-size)
 * @self: a configuration
 *
 * Gets [property@Config:max-message-size].
 *
 * Returns: bytes, or 0 for the default of either direction
 */
guint
rt_config_get_max_message_size (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), 0);

  return self->numbers[PROP_MAX_MESSAGE_SIZE - RT_CONFIG_FIRST_NUMBER];
}

/**
 * rt_config_get_send_queue_limit: (get-property send-queue-limit)
 * @self: a configuration
 *
 * Gets [property@Config:send-queue-limit].
 *
 * Returns: a number of messages; 0: none is kept
 */
guint
rt_config_get_send_queue_limit (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), 0);

  return self->numbers[PROP_SEND_QUEUE_LIMIT - RT_CONFIG_FIRST_NUMBER];
}

/**
 * rt_config_get_send_queue_bytes: (get-property send-queue-bytes)
 * @self: a configuration
 *
 * Gets [property@Config:send-queue-bytes].
 *
 * Returns: bytes
 */
guint
rt_config_get_send_queue_bytes (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), 0);

  return self->numbers[PROP_SEND_QUEUE_BYTES - RT_CONFIG_FIRST_NUMBER];
}

/**
 * rt_config_get_rate_limit: (get-property rate-limit)
 * @self: a configuration
 *
 * Gets [property@Config:rate-limit].
 *
 * Returns: messages a second; 0: without a limit
 */
guint
rt_config_get_rate_limit (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), 0);

  return self->numbers[PROP_RATE_LIMIT - RT_CONFIG_FIRST_NUMBER];
}

/**
 * rt_config_get_rate_burst: (get-property rate-burst)
 * @self: a configuration
 *
 * Gets [property@Config:rate-burst].
 *
 * Returns: a number of messages; 0: as many as in a second
 */
guint
rt_config_get_rate_burst (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), 0);

  return self->numbers[PROP_RATE_BURST - RT_CONFIG_FIRST_NUMBER];
}

/**
 * rt_config_get_rate_policy: (get-property rate-policy)
 * @self: a configuration
 *
 * Gets [property@Config:rate-policy].
 *
 * Returns: what becomes of what is too fast
 */
RtRatePolicy
rt_config_get_rate_policy (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), RT_RATE_POLICY_WAIT);

  return self->rate_policy;
}

/**
 * rt_config_get_receive_queue_limit: (get-property receive-queue-limit)
 * @self: a configuration
 *
 * Gets [property@Config:receive-queue-limit].
 *
 * Returns: a number of messages
 */
guint
rt_config_get_receive_queue_limit (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), 0);

  return self->numbers[PROP_RECEIVE_QUEUE_LIMIT - RT_CONFIG_FIRST_NUMBER];
}

/**
 * rt_config_get_receive_queue_bytes: (get-property receive-queue-bytes)
 * @self: a configuration
 *
 * Gets [property@Config:receive-queue-bytes].
 *
 * Returns: bytes
 */
guint
rt_config_get_receive_queue_bytes (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), 0);

  return self->numbers[PROP_RECEIVE_QUEUE_BYTES - RT_CONFIG_FIRST_NUMBER];
}

/**
 * rt_config_get_tls_database: (get-property tls-database)
 * @self: a configuration
 *
 * Gets [property@Config:tls-database].
 *
 * Returns: (transfer none) (nullable): the database, or %NULL for the system's
 */
GTlsDatabase *
rt_config_get_tls_database (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), NULL);

  return self->objects[PROP_TLS_DATABASE - RT_CONFIG_FIRST_OBJECT];
}

/**
 * rt_config_get_tls_certificate: (get-property tls-certificate)
 * @self: a configuration
 *
 * Gets [property@Config:tls-certificate].
 *
 * Returns: (transfer none) (nullable): the certificate, or %NULL for none
 */
GTlsCertificate *
rt_config_get_tls_certificate (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), NULL);

  return self->objects[PROP_TLS_CERTIFICATE - RT_CONFIG_FIRST_OBJECT];
}

/**
 * rt_config_get_tls_pins: (get-property tls-pins)
 * @self: a configuration
 *
 * Gets [property@Config:tls-pins].
 *
 * Returns: (transfer none) (nullable) (array zero-terminated=1): the pins, or %NULL for any key
 */
const char *const *
rt_config_get_tls_pins (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), NULL);

  return (const char *const *) self->lists[PROP_TLS_PINS - RT_CONFIG_FIRST_LIST];
}

/**
 * rt_config_get_proxy_resolver: (get-property proxy-resolver)
 * @self: a configuration
 *
 * Gets [property@Config:proxy-resolver].
 *
 * Returns: (transfer none) (nullable): the resolver, or %NULL for the system's
 */
GProxyResolver *
rt_config_get_proxy_resolver (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), NULL);

  return self->objects[PROP_PROXY_RESOLVER - RT_CONFIG_FIRST_OBJECT];
}

/**
 * rt_config_get_allow_insecure: (get-property allow-insecure)
 * @self: a configuration
 *
 * Gets [property@Config:allow-insecure].
 *
 * Returns: %TRUE if other machines may be reached without TLS
 */
gboolean
rt_config_get_allow_insecure (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), FALSE);

  return self->allow_insecure;
}
