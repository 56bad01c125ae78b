/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-connection-strategy.h"

#include "rt-clock.h"
#include "rt-error.h"
#include "rt-protocol.h"

/**
 * RtConnectionStrategy:
 *
 * A way to carry frames to a server and back.
 *
 * A strategy opens one connection at a time, takes whole frames (in JSON: one or more commands, each on its
 * line) and brings whole frames. [class@WebsocketStrategy] is a built-in one; a program can write its own, also in
 * Python, JavaScript or Vala, by implementing the `begin_` functions of
 * [struct@ConnectionStrategyInterface] and emitting the two signals. [method@ClientBuilder.with_strategy] gives it
 * to a client; [Strategies](strategies.html) says what a client then asks of it.
 *
 * ## Who completes what
 *
 * Each `begin_` function gets a [class@Gio.Task] of its own. A program that forgets to complete it, or raises
 * an exception, does not leave its caller waiting: a task that is dropped fails at once, one that is kept too
 * long fails with %RT_ERROR_TIMED_OUT after [method@ConnectionStrategy.get_timeout].
 *
 * ## Threads
 *
 * A strategy belongs to the main context that was thread-default where it was made. It is used from the thread
 * that runs this context, and its signals are emitted there.
 */

G_DEFINE_INTERFACE (RtConnectionStrategy, rt_connection_strategy, G_TYPE_OBJECT)

#define DEFAULT_TIMEOUT_MS 10000
#define DEFAULT_PROTOCOL RT_SUBPROTOCOL_CENTRIFUGO

enum
{
  SIGNAL_RECEIVED,
  SIGNAL_CLOSED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
rt_connection_strategy_default_init (RtConnectionStrategyInterface *iface)
{
  /**
   * RtConnectionStrategy::received:
   * @self: the strategy
   * @bytes: the frame
   *
   * Emitted for each frame that has arrived, in order, in the strategy's main context.
   */
  signals[SIGNAL_RECEIVED] = g_signal_new ("received", G_TYPE_FROM_INTERFACE (iface), G_SIGNAL_RUN_LAST, 0,
                                           NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BYTES);

  /**
   * RtConnectionStrategy::closed:
   * @self: the strategy
   * @code: why, as a WebSocket close code; 1006 if the connection was lost
   * @reason: (nullable): the other side's words, if any
   *
   * Emitted once for each connection that was open, when it has ended, in the strategy's main context. No frame
   * of it is received afterwards.
   */
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", G_TYPE_FROM_INTERFACE (iface), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_STRING);
}

/* --- A call under way: the caller's task, and the one that the strategy has to complete --- */

/* Lives until the strategy's task is gone, which may be after the caller was answered. All in the thread of the
 * caller's context. */
typedef struct
{
  GTask *task; /* the caller's; NULL once answered */
  RtTimer *deadline;
  const char *what; /* static */
  guint timeout;
} Call;

static void
call_answer (Call *call, GError *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&call->task);

  g_clear_pointer (&call->deadline, rt_timer_free);
  if (task == NULL)
    g_clear_error (&error);
  else if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
deadline_cb (gpointer user_data)
{
  Call *call = user_data;
  RtConnectionStrategy *self = g_task_get_source_object (call->task);
  g_autofree char *name = rt_connection_strategy_get_name (self);

  call_answer (call, g_error_new (RT_ERROR, RT_ERROR_TIMED_OUT,
                                  "The strategy \"%s\" did not %s within %u ms", name, call->what,
                                  call->timeout));
}

static void
strategy_done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error) && error == NULL)
    error = g_error_new (RT_ERROR, RT_ERROR_FAILED, "The strategy could not %s and did not say why",
                         call->what);
  call_answer (call, error);
  g_free (call);
}

/* The strategy's task is about to go, in whatever thread let go of it; the answer goes to the right one. */
static void
task_dropped_cb (gpointer user_data, GObject *object)
{
  GTask *task = (GTask *) object;

  if (!g_task_get_completed (task))
    g_task_return_new_error (task, RT_ERROR, RT_ERROR_FAILED,
                             "The strategy was asked to %s and dropped its task without completing it",
                             (const char *) user_data);
}

/* What the strategy has to complete. The caller of this hands it on and lets go of it. */
static GTask *
call_begin (GTask *task, const char *what)
{
  RtConnectionStrategy *self = g_task_get_source_object (task);
  Call *call = g_new0 (Call, 1);

  call->task = task;
  call->what = what;
  call->timeout = rt_connection_strategy_get_timeout (self);
  call->deadline = rt_timer_new (g_task_get_context (task), "[realtime] strategy", deadline_cb, call);
  rt_timer_start (call->deadline, rt_clock_now () + RT_CLOCK_MS (call->timeout));

  GTask *inner = g_task_new (self, g_task_get_cancellable (task), strategy_done_cb, call);
  /* The strategy alone knows whether it was in time. */
  g_task_set_check_cancellable (inner, FALSE);
  g_task_set_name (inner, what);
  g_object_weak_ref (G_OBJECT (inner), task_dropped_cb, (gpointer) what);
  return inner;
}

static GTask *
task_new (RtConnectionStrategy *self, GCancellable *cancellable, GAsyncReadyCallback callback,
          gpointer user_data, gpointer tag)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  g_task_set_check_cancellable (task, FALSE);
  return task;
}

static void
return_unsupported (RtConnectionStrategy *self, GTask *task, const char *what)
{
  g_autofree char *name = rt_connection_strategy_get_name (self);

  g_task_return_new_error (task, RT_ERROR, RT_ERROR_NOT_SUPPORTED,
                           "The strategy \"%s\" does not implement begin_%s", name, what);
  g_object_unref (task);
}

/* --- Public --- */

/**
 * rt_connection_strategy_get_name:
 * @self: a strategy
 *
 * Gets a short name, such as `websocket`.
 *
 * Returns: (transfer full): the name
 */
char *
rt_connection_strategy_get_name (RtConnectionStrategy *self)
{
  g_return_val_if_fail (RT_IS_CONNECTION_STRATEGY (self), NULL);

  RtConnectionStrategyInterface *iface = RT_CONNECTION_STRATEGY_GET_IFACE (self);
  char *name = iface->get_name != NULL ? iface->get_name (self) : NULL;

  return name != NULL ? name : g_strdup (G_OBJECT_TYPE_NAME (self));
}

/**
 * rt_connection_strategy_is_connected:
 * @self: a strategy
 *
 * Tells whether frames can be sent.
 *
 * Returns: %TRUE while there is a connection
 */
gboolean
rt_connection_strategy_is_connected (RtConnectionStrategy *self)
{
  g_return_val_if_fail (RT_IS_CONNECTION_STRATEGY (self), FALSE);

  RtConnectionStrategyInterface *iface = RT_CONNECTION_STRATEGY_GET_IFACE (self);

  return iface->is_connected != NULL && iface->is_connected (self);
}

/**
 * rt_connection_strategy_get_timeout:
 * @self: a strategy
 *
 * Gets how long each call may take before it fails with %RT_ERROR_TIMED_OUT.
 *
 * Returns: milliseconds
 */
guint
rt_connection_strategy_get_timeout (RtConnectionStrategy *self)
{
  g_return_val_if_fail (RT_IS_CONNECTION_STRATEGY (self), 0);

  RtConnectionStrategyInterface *iface = RT_CONNECTION_STRATEGY_GET_IFACE (self);
  guint timeout = iface->get_timeout != NULL ? iface->get_timeout (self) : 0;

  return timeout != 0 ? timeout : DEFAULT_TIMEOUT_MS;
}

/**
 * rt_connection_strategy_get_protocol:
 * @self: a strategy
 *
 * Gets the protocol that was agreed on with the server, as the subprotocols of a WebSocket are named: `rt1.json`
 * for the protocol with the additions of this library, `centrifuge-json` for the protocol that every server of the
 * kind speaks. A strategy that does not say is taken for the latter, which is always safe.
 *
 * Returns: (transfer full): the name
 */
char *
rt_connection_strategy_get_protocol (RtConnectionStrategy *self)
{
  g_return_val_if_fail (RT_IS_CONNECTION_STRATEGY (self), NULL);

  RtConnectionStrategyInterface *iface = RT_CONNECTION_STRATEGY_GET_IFACE (self);
  char *protocol = iface->get_protocol != NULL ? iface->get_protocol (self) : NULL;

  return protocol != NULL ? protocol : g_strdup (DEFAULT_PROTOCOL);
}

/**
 * rt_connection_strategy_connect_async:
 * @self: a strategy
 * @cancellable: (nullable): ends the attempt, where the strategy can
 * @callback: (scope async) (nullable): called in the thread-default main context of the caller
 * @user_data: for @callback
 *
 * Opens the connection.
 */
void
rt_connection_strategy_connect_async (RtConnectionStrategy *self,
                                      GCancellable         *cancellable,
                                      GAsyncReadyCallback   callback,
                                      gpointer              user_data)
{
  g_return_if_fail (RT_IS_CONNECTION_STRATEGY (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  RtConnectionStrategyInterface *iface = RT_CONNECTION_STRATEGY_GET_IFACE (self);
  GTask *task = task_new (self, cancellable, callback, user_data, rt_connection_strategy_connect_async);

  if (iface->begin_connect == NULL)
    {
      return_unsupported (self, task, "connect");
      return;
    }
  g_autoptr (GTask) inner = call_begin (task, "connect");
  iface->begin_connect (self, inner);
}

/**
 * rt_connection_strategy_connect_finish:
 * @self: a strategy
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@ConnectionStrategy.connect_async].
 *
 * Returns: %TRUE if there is a connection now
 */
gboolean
rt_connection_strategy_connect_finish (RtConnectionStrategy *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (RT_IS_CONNECTION_STRATEGY (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (g_task_get_source_tag (G_TASK (result)) == rt_connection_strategy_connect_async, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * rt_connection_strategy_disconnect_async:
 * @self: a strategy
 * @cancellable: (nullable): stops waiting for an orderly end, where the strategy can
 * @callback: (scope async) (nullable): called in the thread-default main context of the caller
 * @user_data: for @callback
 *
 * Closes the connection, or ends an attempt to open one. Succeeds also where there is none.
 */
void
rt_connection_strategy_disconnect_async (RtConnectionStrategy *self,
                                         GCancellable         *cancellable,
                                         GAsyncReadyCallback   callback,
                                         gpointer              user_data)
{
  g_return_if_fail (RT_IS_CONNECTION_STRATEGY (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  RtConnectionStrategyInterface *iface = RT_CONNECTION_STRATEGY_GET_IFACE (self);
  GTask *task = task_new (self, cancellable, callback, user_data, rt_connection_strategy_disconnect_async);

  if (iface->begin_disconnect == NULL)
    {
      return_unsupported (self, task, "disconnect");
      return;
    }
  g_autoptr (GTask) inner = call_begin (task, "disconnect");
  iface->begin_disconnect (self, inner);
}

/**
 * rt_connection_strategy_disconnect_finish:
 * @self: a strategy
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@ConnectionStrategy.disconnect_async].
 *
 * Returns: %TRUE if there is no connection any more
 */
gboolean
rt_connection_strategy_disconnect_finish (RtConnectionStrategy *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (RT_IS_CONNECTION_STRATEGY (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (g_task_get_source_tag (G_TASK (result)) == rt_connection_strategy_disconnect_async,
                        FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * rt_connection_strategy_send_async:
 * @self: a strategy
 * @bytes: the frame, which is valid UTF-8 where the protocol is JSON
 * @cancellable: (nullable): stops waiting, where the strategy can; the frame may go out all the same
 * @callback: (scope async) (nullable): called in the thread-default main context of the caller
 * @user_data: for @callback
 *
 * Sends a frame. Frames go out in the order of the calls, and each call ends when its frame was handed to the
 * network, which says nothing about its arrival.
 */
void
rt_connection_strategy_send_async (RtConnectionStrategy *self,
                                   GBytes               *bytes,
                                   GCancellable         *cancellable,
                                   GAsyncReadyCallback   callback,
                                   gpointer              user_data)
{
  g_return_if_fail (RT_IS_CONNECTION_STRATEGY (self));
  g_return_if_fail (bytes != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  RtConnectionStrategyInterface *iface = RT_CONNECTION_STRATEGY_GET_IFACE (self);
  GTask *task = task_new (self, cancellable, callback, user_data, rt_connection_strategy_send_async);

  if (iface->begin_send == NULL)
    {
      return_unsupported (self, task, "send");
      return;
    }
  g_autoptr (GTask) inner = call_begin (task, "send");
  iface->begin_send (self, inner, bytes);
}

/**
 * rt_connection_strategy_send_finish:
 * @self: a strategy
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@ConnectionStrategy.send_async].
 *
 * Returns: %TRUE if the frame was handed to the network
 */
gboolean
rt_connection_strategy_send_finish (RtConnectionStrategy *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (RT_IS_CONNECTION_STRATEGY (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (g_task_get_source_tag (G_TASK (result)) == rt_connection_strategy_send_async, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
