/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-private.h"

#include "rt-error.h"

/* Calls of the server's methods: with an answer, with a deadline of their own, and without an answer. */

#define MIN_TIMEOUT 100
#define MAX_TIMEOUT 600000

/**
 * rt_client_rpc_async:
 * @self: a client
 * @method: the name of the server's method, 1 to 255 bytes
 * @data: (nullable): what to give it; a floating one is consumed
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (closure user_data): called in the caller's thread-default main context when it is done
 * @user_data: data for @callback
 *
 * Calls a method of the server. It does not wait for a connection: without one it fails with %RT_ERROR_NOT_CONNECTED,
 * and where the line is lost before the answer, with the error of the line, such as %RT_ERROR_NETWORK. A call that was
 * cancelled, or had no answer within [property@Config:request-timeout] (%RT_ERROR_TIMED_OUT), may have been executed all
 * the same. Errors of the server's application are in the domain [error@ServerError], with its own codes.
 */
void
rt_client_rpc_async (RtClient *self,
                     const char *method,
                     GVariant *data,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  GError *error = NULL;

  g_return_if_fail (RT_IS_CLIENT (self));
  g_return_if_fail (method != NULL);
  g_autoptr (GVariant) own = data != NULL ? g_variant_ref_sink (data) : NULL;
  RtOp *op = rt_client_new_rpc_op (self, method, own, &error);
  rt_client_call_async (self, self, op, error, NULL, rt_client_rpc_async, cancellable, callback, user_data);
}

/**
 * rt_client_rpc_finish:
 * @self: a client
 * @result: the result given to the callback
 * @error: return location for an error, or %NULL
 *
 * Finishes [method@Client.rpc_async].
 *
 * Returns: (transfer full): what the method answered (of type `mv` where it answered nothing), or %NULL with @error
 *   set
 */
GVariant *
rt_client_rpc_finish (RtClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), NULL);
  return rt_client_call_finish (self, result, rt_client_rpc_async, error);
}

/**
 * rt_client_rpc_sync:
 * @self: a client
 * @method: the name of the server's method, 1 to 255 bytes
 * @data: (nullable): what to give it; a floating one is consumed
 * @cancellable: (nullable): a cancellable, or %NULL
 * @error: return location for an error, or %NULL
 *
 * Calls a method of the server and waits for its answer, see [method@Client.rpc_async]. No handler runs meanwhile.
 *
 * Returns: (transfer full): what the method answered (of type `mv` where it answered nothing), or %NULL with @error
 *   set
 */
GVariant *
rt_client_rpc_sync (RtClient *self, const char *method, GVariant *data, GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;

  g_return_val_if_fail (RT_IS_CLIENT (self), NULL);
  g_return_val_if_fail (method != NULL, NULL);
  g_autoptr (GVariant) own = data != NULL ? g_variant_ref_sink (data) : NULL;
  RtOp *op = rt_client_new_rpc_op (self, method, own, &refusal);
  return rt_client_call_sync (self, op, refusal, NULL, cancellable, error);
}

/* What the deadline of one call may be. */
static RtOp *
new_timed_op (RtClient *self, const char *method, GVariant *data, guint timeout, GError **error)
{
  if (timeout != 0 && (timeout < MIN_TIMEOUT || timeout > MAX_TIMEOUT))
    {
      g_set_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT,
                   "The time to wait for the answer is %u ms; it must be %d to %d, or 0 for request-timeout", timeout,
                   MIN_TIMEOUT, MAX_TIMEOUT);
      return NULL;
    }
  RtOp *op = rt_client_new_rpc_op (self, method, data, error);
  if (op != NULL)
    op->timeout = timeout;
  return op;
}

/**
 * rt_client_rpc_with_timeout_async:
 * @self: a client
 * @method: the name of the server's method, 1 to 255 bytes
 * @data: (nullable): what to give it; a floating one is consumed
 * @timeout: milliseconds to wait for the answer: 100 to 600,000; 0: [property@Config:request-timeout]
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (closure user_data): called in the caller's thread-default main context when it is done
 * @user_data: data for @callback
 *
 * Calls a method of the server that takes less or more time than others, otherwise like [method@Client.rpc_async]. Where
 * the time is over it fails with %RT_ERROR_TIMED_OUT, and an answer that comes later is passed over.
 */
void
rt_client_rpc_with_timeout_async (RtClient *self,
                                  const char *method,
                                  GVariant *data,
                                  guint timeout,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  GError *error = NULL;

  g_return_if_fail (RT_IS_CLIENT (self));
  g_return_if_fail (method != NULL);
  g_autoptr (GVariant) own = data != NULL ? g_variant_ref_sink (data) : NULL;
  RtOp *op = new_timed_op (self, method, own, timeout, &error);
  rt_client_call_async (self, self, op, error, NULL, rt_client_rpc_with_timeout_async, cancellable, callback,
                        user_data);
}

/**
 * rt_client_rpc_with_timeout_finish:
 * @self: a client
 * @result: the result given to the callback
 * @error: return location for an error, or %NULL
 *
 * Finishes [method@Client.rpc_with_timeout_async].
 *
 * Returns: (transfer full): what the method answered (of type `mv` where it answered nothing), or %NULL with @error
 *   set
 */
GVariant *
rt_client_rpc_with_timeout_finish (RtClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), NULL);
  return rt_client_call_finish (self, result, rt_client_rpc_with_timeout_async, error);
}

/**
 * rt_client_rpc_with_timeout_sync:
 * @self: a client
 * @method: the name of the server's method, 1 to 255 bytes
 * @data: (nullable): what to give it; a floating one is consumed
 * @timeout: milliseconds to wait for the answer: 100 to 600,000; 0: [property@Config:request-timeout]
 * @cancellable: (nullable): a cancellable, or %NULL
 * @error: return location for an error, or %NULL
 *
 * Calls a method of the server and waits for its answer, see [method@Client.rpc_with_timeout_async]. No handler runs
 * meanwhile.
 *
 * Returns: (transfer full): what the method answered (of type `mv` where it answered nothing), or %NULL with @error
 *   set
 */
GVariant *
rt_client_rpc_with_timeout_sync (RtClient *self,
                                 const char *method,
                                 GVariant *data,
                                 guint timeout,
                                 GCancellable *cancellable,
                                 GError **error)
{
  GError *refusal = NULL;

  g_return_val_if_fail (RT_IS_CLIENT (self), NULL);
  g_return_val_if_fail (method != NULL, NULL);
  g_autoptr (GVariant) own = data != NULL ? g_variant_ref_sink (data) : NULL;
  RtOp *op = new_timed_op (self, method, own, timeout, &refusal);
  return rt_client_call_sync (self, op, refusal, NULL, cancellable, error);
}

/**
 * rt_client_send_notification_async:
 * @self: a client
 * @method: the name of the server's method, 1 to 255 bytes
 * @data: (nullable): what to give it; a floating one is consumed
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (nullable) (scope async) (closure user_data): called in the caller's thread-default main context when it
 *   was written, or %NULL if nobody wants to know
 * @user_data: data for @callback
 *
 * Calls a method of the server without waiting for the answer, which is passed over, whatever it is. It succeeds as
 * soon as the call was written to the line, which does not say that it arrives. It does not wait for a connection:
 * without one it fails with %RT_ERROR_NOT_CONNECTED. Without a callback a failure is told by [signal@Client::error].
 */
void
rt_client_send_notification_async (RtClient *self,
                                   const char *method,
                                   GVariant *data,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  GError *error = NULL;

  g_return_if_fail (RT_IS_CLIENT (self));
  g_return_if_fail (method != NULL);
  g_autoptr (GVariant) own = data != NULL ? g_variant_ref_sink (data) : NULL;
  RtOp *op = rt_client_new_notify_op (self, method, own, &error);
  if (callback != NULL)
    rt_client_call_async (self, self, op, error, NULL, rt_client_send_notification_async, cancellable, callback,
                          user_data);
  else if (op == NULL || cancellable != NULL)
    rt_client_call_unwatched (self, op, error, NULL, cancellable);
  else
    {
      op->wants_result = FALSE;
      rt_connection_submit (rt_client_get_connection (self), op);
    }
}

/**
 * rt_client_send_notification_finish:
 * @self: a client
 * @result: the result given to the callback
 * @error: return location for an error, or %NULL
 *
 * Finishes [method@Client.send_notification_async].
 *
 * Returns: %TRUE if it was written
 */
gboolean
rt_client_send_notification_finish (RtClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), FALSE);
  return rt_client_call_finish (self, result, rt_client_send_notification_async, error) != NULL;
}

/**
 * rt_client_send_notification_sync:
 * @self: a client
 * @method: the name of the server's method, 1 to 255 bytes
 * @data: (nullable): what to give it; a floating one is consumed
 * @cancellable: (nullable): a cancellable, or %NULL
 * @error: return location for an error, or %NULL
 *
 * Calls a method of the server without waiting for the answer, see [method@Client.send_notification_async]. It waits
 * until the call was written. No handler runs meanwhile.
 *
 * Returns: %TRUE if it was written
 */
gboolean
rt_client_send_notification_sync (RtClient *self,
                                  const char *method,
                                  GVariant *data,
                                  GCancellable *cancellable,
                                  GError **error)
{
  GError *refusal = NULL;

  g_return_val_if_fail (RT_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (method != NULL, FALSE);
  g_autoptr (GVariant) own = data != NULL ? g_variant_ref_sink (data) : NULL;
  RtOp *op = rt_client_new_notify_op (self, method, own, &refusal);
  return rt_client_call_sync (self, op, refusal, NULL, cancellable, error) != NULL;
}
