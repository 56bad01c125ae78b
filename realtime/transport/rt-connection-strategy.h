/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include <gio/gio.h>
#include "rt-version-macros.h"

G_BEGIN_DECLS

#define RT_TYPE_CONNECTION_STRATEGY (rt_connection_strategy_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_INTERFACE (RtConnectionStrategy, rt_connection_strategy, RT, CONNECTION_STRATEGY, GObject)

/**
 * RtConnectionStrategyInterface:
 * @parent_iface: the parent interface
 * @get_name: a short name; optional, by default the name of the type
 * @is_connected: whether frames can be sent; optional, by default %FALSE
 * @get_timeout: milliseconds that a task may take; optional, by default 10,000
 * @get_protocol: what was agreed on with the server; optional, by default `centrifuge-json`
 * @begin_connect: opens the connection
 * @begin_disconnect: closes it
 * @begin_send: sends a frame
 *
 * What a connection strategy implements.
 *
 * Each `begin_` function gets a [class@Gio.Task] that it has to complete once, at once or later, with
 * [method@Gio.Task.return_boolean] or [method@Gio.Task.return_error]. A missing one makes the call fail with
 * %RT_ERROR_NOT_SUPPORTED.
 */
struct _RtConnectionStrategyInterface
{
  GTypeInterface parent_iface;

  /**
   * RtConnectionStrategyInterface::get_name:
   * @self: the strategy
   *
   * Names the strategy.
   *
   * Returns: (transfer full): the name
   */
  char *(*get_name) (RtConnectionStrategy *self);

  /**
   * RtConnectionStrategyInterface::is_connected:
   * @self: the strategy
   *
   * Tells whether frames can be sent.
   *
   * Returns: %TRUE while there is a connection
   */
  gboolean (*is_connected) (RtConnectionStrategy *self);

  /**
   * RtConnectionStrategyInterface::get_timeout:
   * @self: the strategy
   *
   * Tells how long a task may take. One that takes longer fails with %RT_ERROR_TIMED_OUT, whether or not the
   * strategy completes it afterwards.
   *
   * Returns: milliseconds, 0 for the default of 10,000
   */
  guint (*get_timeout) (RtConnectionStrategy *self);

  /**
   * RtConnectionStrategyInterface::get_protocol:
   * @self: the strategy
   *
   * Names the protocol that both ends have agreed on for this connection, as the subprotocols of a WebSocket are
   * named. Asked when the connection has been opened.
   *
   * Returns: (transfer full): `rt1.json` or `centrifuge-json`
   */
  char *(*get_protocol) (RtConnectionStrategy *self);

  /**
   * RtConnectionStrategyInterface::begin_connect:
   * @self: the strategy
   * @task: to be completed when the connection is open or has failed
   *
   * Begins to open the connection.
   */
  void (*begin_connect) (RtConnectionStrategy *self,
                         GTask                *task);

  /**
   * RtConnectionStrategyInterface::begin_disconnect:
   * @self: the strategy
   * @task: to be completed when there is no connection any more
   *
   * Begins to close the connection.
   */
  void (*begin_disconnect) (RtConnectionStrategy *self,
                            GTask                *task);

  /**
   * RtConnectionStrategyInterface::begin_send:
   * @self: the strategy
   * @task: to be completed when the frame was handed to the network
   * @bytes: the frame
   *
   * Begins to send a frame. Frames go out in the order of these calls.
   */
  void (*begin_send) (RtConnectionStrategy *self,
                      GTask                *task,
                      GBytes               *bytes);

  /*< private >*/
  gpointer padding[5];
};

RT_AVAILABLE_IN_1_0
char    *rt_connection_strategy_get_name          (RtConnectionStrategy *self) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
gboolean rt_connection_strategy_is_connected      (RtConnectionStrategy *self);
RT_AVAILABLE_IN_1_0
guint    rt_connection_strategy_get_timeout       (RtConnectionStrategy *self);
RT_AVAILABLE_IN_1_0
char    *rt_connection_strategy_get_protocol      (RtConnectionStrategy *self) G_GNUC_WARN_UNUSED_RESULT;

RT_AVAILABLE_IN_1_0
void     rt_connection_strategy_connect_async     (RtConnectionStrategy *self,
                                                   GCancellable         *cancellable,
                                                   GAsyncReadyCallback   callback,
                                                   gpointer              user_data);
RT_AVAILABLE_IN_1_0
gboolean rt_connection_strategy_connect_finish    (RtConnectionStrategy *self,
                                                   GAsyncResult         *result,
                                                   GError              **error);
RT_AVAILABLE_IN_1_0
void     rt_connection_strategy_disconnect_async  (RtConnectionStrategy *self,
                                                   GCancellable         *cancellable,
                                                   GAsyncReadyCallback   callback,
                                                   gpointer              user_data);
RT_AVAILABLE_IN_1_0
gboolean rt_connection_strategy_disconnect_finish (RtConnectionStrategy *self,
                                                   GAsyncResult         *result,
                                                   GError              **error);
RT_AVAILABLE_IN_1_0
void     rt_connection_strategy_send_async        (RtConnectionStrategy *self,
                                                   GBytes               *bytes,
                                                   GCancellable         *cancellable,
                                                   GAsyncReadyCallback   callback,
                                                   gpointer              user_data);
RT_AVAILABLE_IN_1_0
gboolean rt_connection_strategy_send_finish       (RtConnectionStrategy *self,
                                                   GAsyncResult         *result,
                                                   GError              **error);

G_END_DECLS
