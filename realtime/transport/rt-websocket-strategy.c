/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-websocket-strategy.h"

#include "rt-line-strategy.h"

/**
 * RtWebsocketStrategy:
 *
 * Carries frames over a WebSocket (RFC 6455).
 *
 * A client uses this strategy by itself; a program makes one to speak the protocol directly, or to build a
 * strategy of its own around it:
 *
 * ```c
 * RtWebsocketStrategy *strategy = rt_websocket_strategy_new (config);
 *
 * g_signal_connect (strategy, "received", G_CALLBACK (on_received), NULL);
 * rt_connection_strategy_connect_async (RT_CONNECTION_STRATEGY (strategy), NULL, on_connected, NULL);
 * ```
 *
 * The connection itself lives in the library's I/O thread, where pings are answered whatever the program does.
 * Signals and results come in the main context that was thread-default where the strategy was made. When the
 * program does not keep up, about as many frames and bytes wait for it as the configuration's
 * `receive-queue-limit` and `receive-queue-bytes` allow, and then reading stops until half of them are taken.
 *
 * Name, TCP, proxy, TLS and upgrade together may take the configuration's `connect-timeout`. Redirects are not
 * followed. Frames have to be valid UTF-8 and are sent as text; what is received is at most 32 MiB a frame.
 */

struct _RtWebsocketStrategy
{
  RtLineStrategy parent;
};

G_DEFINE_FINAL_TYPE_WITH_CODE (RtWebsocketStrategy, rt_websocket_strategy, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (RT_TYPE_CONNECTION_STRATEGY, rt_line_strategy_iface_init))

static const RtLineStrategyKind kind = { .transport = rt_websocket_transport };

static void
rt_websocket_strategy_class_init (RtWebsocketStrategyClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  rt_line_strategy_class_init (object_class);

  /**
   * RtWebsocketStrategy:config: (getter get_config)
   *
   * The endpoint and the settings of the connection.
   */
  g_object_class_install_property (
    object_class, RT_LINE_STRATEGY_PROP_CONFIG,
    g_param_spec_object ("config", NULL, NULL, RT_TYPE_CONFIG,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS));
}

static void
rt_websocket_strategy_init (RtWebsocketStrategy *self)
{
  rt_line_strategy_init (&self->parent, &kind);
}

/**
 * rt_websocket_strategy_new:
 * @config: the endpoint and the settings
 *
 * Makes a strategy that connects to the endpoint of @config. It belongs to the thread-default main context.
 *
 * Returns: (transfer full): the strategy, not connected yet
 */
RtWebsocketStrategy *
rt_websocket_strategy_new (RtConfig *config)
{
  g_return_val_if_fail (RT_IS_CONFIG (config), NULL);

  return g_object_new (RT_TYPE_WEBSOCKET_STRATEGY, "config", config, NULL);
}

/**
 * rt_websocket_strategy_get_config:
 * @self: a strategy
 *
 * Gets the configuration it was made with.
 *
 * Returns: (transfer none) (nullable): the configuration, or %NULL if the strategy was made without one
 */
RtConfig *
rt_websocket_strategy_get_config (RtWebsocketStrategy *self)
{
  g_return_val_if_fail (RT_IS_WEBSOCKET_STRATEGY (self), NULL);

  return self->parent.config;
}
