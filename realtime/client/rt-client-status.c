/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-private.h"

/* What is known of the connection. All of it are snapshots that any thread may read. */

/**
 * rt_client_get_state: (get-property state)
 * @self: a client
 *
 * The state of the connection, from any thread.
 *
 * Returns: the state
 */
RtConnectionState
rt_client_get_state (RtClient *self)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), RT_CONNECTION_STATE_DISCONNECTED);
  return rt_connection_get_state (rt_client_get_connection (self));
}

/**
 * rt_client_is_connected:
 * @self: a client
 *
 * Whether the server has accepted this client, from any thread.
 *
 * Returns: %TRUE if [property@Client:state] is %RT_CONNECTION_STATE_CONNECTED
 */
gboolean
rt_client_is_connected (RtClient *self)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), FALSE);
  return rt_client_get_state (self) == RT_CONNECTION_STATE_CONNECTED;
}

/**
 * rt_client_get_state_code: (get-property state-code)
 * @self: a client
 *
 * The close code that the state was entered with, from any thread.
 *
 * Returns: the code, 0 if there is none
 */
guint
rt_client_get_state_code (RtClient *self)
{
  g_auto (RtConnectionStatus) status = { 0 };

  g_return_val_if_fail (RT_IS_CLIENT (self), 0);
  rt_connection_get_status (rt_client_get_connection (self), &status);
  return status.code;
}

/**
 * rt_client_get_state_reason: (get-property state-reason)
 * @self: a client
 *
 * Why the state was entered, from any thread.
 *
 * Returns: (transfer full): the reason, empty if there is nothing to say
 */
char *
rt_client_get_state_reason (RtClient *self)
{
  g_auto (RtConnectionStatus) status = { 0 };

  g_return_val_if_fail (RT_IS_CLIENT (self), NULL);
  rt_connection_get_status (rt_client_get_connection (self), &status);
  return g_strdup (status.reason != NULL ? status.reason : "");
}

/**
 * rt_client_get_attempt: (get-property attempt)
 * @self: a client
 *
 * How many attempts to connect have been made or announced since the connection was last held, from any thread.
 *
 * Returns: the number, 0 while there is a connection
 */
guint
rt_client_get_attempt (RtClient *self)
{
  g_auto (RtConnectionStatus) status = { 0 };

  g_return_val_if_fail (RT_IS_CLIENT (self), 0);
  rt_connection_get_status (rt_client_get_connection (self), &status);
  return status.attempt;
}

/**
 * rt_client_get_retry_in: (get-property retry-in)
 * @self: a client
 *
 * The time from the change of state to the next attempt to connect, from any thread.
 *
 * Returns: the time in milliseconds, 0 if no attempt is waited for
 */
guint
rt_client_get_retry_in (RtClient *self)
{
  g_auto (RtConnectionStatus) status = { 0 };

  g_return_val_if_fail (RT_IS_CLIENT (self), 0);
  rt_connection_get_status (rt_client_get_connection (self), &status);
  return status.retry_in;
}

/**
 * rt_client_get_queued_messages: (get-property queued-messages)
 * @self: a client
 *
 * How many messages wait in the send queue for a connection, from any thread.
 *
 * Returns: the number
 */
guint
rt_client_get_queued_messages (RtClient *self)
{
  g_auto (RtConnectionStatus) status = { 0 };

  g_return_val_if_fail (RT_IS_CLIENT (self), 0);
  rt_connection_get_status (rt_client_get_connection (self), &status);
  return status.queued_messages;
}

/**
 * rt_client_get_queued_bytes: (get-property queued-bytes)
 * @self: a client
 *
 * The size of what waits in the send queue for a connection, from any thread.
 *
 * Returns: the number of bytes
 */
guint
rt_client_get_queued_bytes (RtClient *self)
{
  g_auto (RtConnectionStatus) status = { 0 };

  g_return_val_if_fail (RT_IS_CLIENT (self), 0);
  rt_connection_get_status (rt_client_get_connection (self), &status);
  return status.queued_bytes;
}

/**
 * rt_client_get_client_id: (get-property client-id)
 * @self: a client
 *
 * The id that the server gave to this connection, from any thread.
 *
 * Returns: (transfer full) (nullable): the id, or %NULL while there is no connection
 */
char *
rt_client_get_client_id (RtClient *self)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), NULL);
  return rt_connection_dup_client_id (rt_client_get_connection (self));
}

/**
 * rt_client_get_transport: (get-property transport)
 * @self: a client
 *
 * The name of the transport in use, from any thread.
 *
 * Returns: (transfer none) (nullable): the name, such as `websocket`, or %NULL while there is no connection
 */
const char *
rt_client_get_transport (RtClient *self)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), NULL);
  return rt_connection_get_transport (rt_client_get_connection (self));
}
