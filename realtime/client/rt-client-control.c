/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-private.h"

#include "rt-error.h"

/* Steering a connection that holds itself. */

/**
 * rt_client_reconnect_now:
 * @self: a client
 *
 * Makes the next attempt to connect at once, where the client waits for it. In any other state it does nothing. It
 * may be called from any thread, and as often as a user presses a button: attempts never overlap.
 */
void
rt_client_reconnect_now (RtClient *self)
{
  g_return_if_fail (RT_IS_CLIENT (self));
  rt_connection_retry_now (rt_client_get_connection (self));
}

static char *
list_routes (RtClient *self)
{
  RtRoutes *routes = rt_client_get_routes (self);
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < routes->n_items; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", routes->items[i].name);
  return g_string_free (g_steal_pointer (&names), FALSE);
}

/**
 * rt_client_use_strategy:
 * @self: a client
 * @name: (nullable): one of the names in [property@Config:strategies], or %NULL for whichever works, best first
 * @error: return location for an error, or %NULL
 *
 * Goes over to another way of reaching the server, at once where the client is connected, and stays with it. Nothing
 * is lost or doubled: channels go on from where they were, and what was sent and not answered is sent again. It may
 * be called from any thread.
 *
 * Fails with %RT_ERROR_INVALID_ARGUMENT if the configuration does not name the strategy.
 *
 * Returns: %TRUE if the client has such a strategy
 */
gboolean
rt_client_use_strategy (RtClient *self, const char *name, GError **error)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), FALSE);
  if (rt_connection_use_route (rt_client_get_connection (self), name))
    return TRUE;
  g_autofree char *names = list_routes (self);
  g_set_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT,
               "There is no strategy \"%s\" for this client; its configuration names: %s", name, names);
  return FALSE;
}

/**
 * rt_client_reset_session_async:
 * @self: a client
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (closure user_data): called in the caller's thread-default main context when it is done
 * @user_data: data for @callback
 *
 * Forgets the session, for a change of user: the connection ends, and the token, all channels with their positions,
 * and everything that waits to be sent are gone. What was never written fails with %RT_ERROR_NOT_CONNECTED, what may
 * have been delivered ends with %RT_ERROR_OUTCOME_UNKNOWN. The next `connect` asks the token provider anew and begins
 * with nothing joined. After it was called in the client's context nothing is delivered of what was joined before, but
 * [signal@Channel::left].
 *
 * On a client that was closed it fails with %RT_ERROR_CLOSED. Cancelling ends the waiting, not the forgetting.
 */
void
rt_client_reset_session_async (RtClient *self,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_return_if_fail (RT_IS_CLIENT (self));
  rt_client_call_async (self, self, rt_client_new_end_op (self, RT_OP_RESET), NULL, NULL, rt_client_reset_session_async, cancellable,
                        callback, user_data);
}

/**
 * rt_client_reset_session_finish:
 * @self: a client
 * @result: the result given to the callback
 * @error: return location for an error, or %NULL
 *
 * Finishes [method@Client.reset_session_async].
 *
 * Returns: %TRUE if nothing is left of the session
 */
gboolean
rt_client_reset_session_finish (RtClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), FALSE);
  return rt_client_call_finish (self, result, rt_client_reset_session_async, error) != NULL;
}

/**
 * rt_client_reset_session_sync:
 * @self: a client
 * @cancellable: (nullable): a cancellable, or %NULL
 * @error: return location for an error, or %NULL
 *
 * Forgets the session and waits for it, see [method@Client.reset_session_async]. No handler runs meanwhile.
 *
 * Returns: %TRUE if nothing is left of the session
 */
gboolean
rt_client_reset_session_sync (RtClient *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), FALSE);
  return rt_client_call_sync (self, rt_client_new_end_op (self, RT_OP_RESET), NULL, NULL, cancellable, error) != NULL;
}
