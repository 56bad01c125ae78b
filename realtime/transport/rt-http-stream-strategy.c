/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-http-stream-strategy.h"

#include "rt-http-transport.h"
#include "rt-line-strategy.h"

/**
 * RtHttpStreamStrategy:
 *
 * Carries frames over plain HTTP requests: one response without end brings what the server says, and what the
 * client says goes in requests of its own.
 *
 * It works where a proxy lets no WebSocket through, with any server of the Centrifuge family that has the
 * endpoints `/connection/http_stream` and `/emulation`. A client goes over to it by itself when its setting
 * [property@Config:strategies] names `http-stream`; a program makes one to speak the protocol directly, or to
 * build a strategy of its own around it.
 *
 * The strategy connects at once, since the first request has the first frame in it, which has to be the
 * `connect` command. When the server then refuses, [signal@ConnectionStrategy::closed] says so, with the
 * error's text as the reason.
 *
 * What holds for the context, limits and timeouts of [class@WebsocketStrategy] holds here too. A response is
 * read as it comes, up to 32 MiB a frame; redirects are not followed, cookies not kept, and compressed
 * responses refused.
 */
struct _RtHttpStreamStrategy
{
  RtLineStrategy parent;
};

G_DEFINE_FINAL_TYPE_WITH_CODE (RtHttpStreamStrategy, rt_http_stream_strategy, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (RT_TYPE_CONNECTION_STRATEGY, rt_line_strategy_iface_init))

static const RtLineStrategyKind kind = { .transport = rt_http_stream_transport };

static void
rt_http_stream_strategy_class_init (RtHttpStreamStrategyClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  rt_line_strategy_class_init (object_class);

  /**
   * RtHttpStreamStrategy:config: (getter get_config)
   *
   * The endpoint and the settings of the connection.
   */
  g_object_class_install_property (
    object_class, RT_LINE_STRATEGY_PROP_CONFIG,
    g_param_spec_object ("config", NULL, NULL, RT_TYPE_CONFIG,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS));
}

static void
rt_http_stream_strategy_init (RtHttpStreamStrategy *self)
{
  rt_line_strategy_init (&self->parent, &kind);
}

/**
 * rt_http_stream_strategy_new:
 * @config: the endpoint and the settings
 *
 * Makes a strategy that connects to the endpoint of @config. It belongs to the thread-default main context.
 *
 * Returns: (transfer full): the strategy, not connected yet
 */
RtHttpStreamStrategy *
rt_http_stream_strategy_new (RtConfig *config)
{
  g_return_val_if_fail (RT_IS_CONFIG (config), NULL);

  return g_object_new (RT_TYPE_HTTP_STREAM_STRATEGY, "config", config, NULL);
}

/**
 * rt_http_stream_strategy_get_config:
 * @self: a strategy
 *
 * Gets the configuration it was made with.
 *
 * Returns: (transfer none) (nullable): the configuration, or %NULL if the strategy was made without one
 */
RtConfig *
rt_http_stream_strategy_get_config (RtHttpStreamStrategy *self)
{
  g_return_val_if_fail (RT_IS_HTTP_STREAM_STRATEGY (self), NULL);

  return self->parent.config;
}
