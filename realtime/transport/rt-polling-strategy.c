/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-polling-strategy.h"

#include "rt-error.h"
#include "rt-http-transport.h"
#include "rt-line-strategy.h"

/* Like the configuration's. */
#define MIN_INTERVAL 100
#define MAX_INTERVAL 600000

/**
 * RtPollingStrategy:
 *
 * Carries frames over plain HTTP requests that each end: the client asks again and again.
 *
 * It works where nothing else does, with a server that speaks the profile `rt1`, such as `RtMock.Server`.
 * Requests and answers are numbered, so that any of them may be lost on the way and none is executed or
 * delivered twice. A client goes over to it by itself when its setting [property@Config:strategies] names
 * `polling`; a program makes one to speak the protocol directly, or to build a strategy of its own around it.
 *
 * With a poll interval of 0 the server holds each request until it has something to say, for up to 25 s.
 * Otherwise the client asks each so many milliseconds, at least each 25 s, and at once when it has something
 * to say itself.
 *
 * The strategy connects at once, since the first request has the first frame in it, which has to be the
 * `connect` command. When the server then refuses, [signal@ConnectionStrategy::closed] says so, with the
 * error's text as the reason.
 *
 * What holds for the context, limits and timeouts of [class@WebsocketStrategy] holds here too. An answer has
 * at most 32 MiB; redirects are not followed, cookies not kept, and compressed responses refused.
 */
struct _RtPollingStrategy
{
  RtLineStrategy parent;
  guint poll_interval; /* ms */
};

enum
{
  PROP_CONFIG = RT_LINE_STRATEGY_PROP_CONFIG,
  PROP_POLL_INTERVAL,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE_WITH_CODE (RtPollingStrategy, rt_polling_strategy, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (RT_TYPE_CONNECTION_STRATEGY, rt_line_strategy_iface_init))

static gboolean
adjust (RtLineStrategy *line, RtSettings *settings, GError **error)
{
  RtPollingStrategy *self = RT_POLLING_STRATEGY (line);

  if (self->poll_interval != 0 && (self->poll_interval < MIN_INTERVAL || self->poll_interval > MAX_INTERVAL))
    {
      g_set_error (error, RT_ERROR, RT_ERROR_INVALID_CONFIG,
                   "poll-interval is %u ms; it must be %d to %d, or 0 for requests that the server holds",
                   self->poll_interval, MIN_INTERVAL, MAX_INTERVAL);
      return FALSE;
    }
  settings->poll_interval = self->poll_interval;
  return TRUE;
}

static const RtLineStrategyKind kind = { .transport = rt_polling_transport, .adjust = adjust };

static void
rt_polling_strategy_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  RtPollingStrategy *self = RT_POLLING_STRATEGY (object);

  if (property_id == PROP_POLL_INTERVAL)
    g_value_set_uint (value, self->poll_interval);
  else
    rt_line_strategy_get_property (object, property_id, value, pspec);
}

static void
rt_polling_strategy_set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  RtPollingStrategy *self = RT_POLLING_STRATEGY (object);

  if (property_id == PROP_POLL_INTERVAL)
    self->poll_interval = g_value_get_uint (value);
  else
    rt_line_strategy_set_property (object, property_id, value, pspec);
}

static void
rt_polling_strategy_class_init (RtPollingStrategyClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  rt_line_strategy_class_init (object_class);
  object_class->get_property = rt_polling_strategy_get_property;
  object_class->set_property = rt_polling_strategy_set_property;

  /**
   * RtPollingStrategy:config: (getter get_config)
   *
   * The endpoint and the settings of the connection.
   */
  properties[PROP_CONFIG] =
    g_param_spec_object ("config", NULL, NULL, RT_TYPE_CONFIG,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * RtPollingStrategy:poll-interval: (getter get_poll_interval)
   *
   * The time between two requests in milliseconds, 100 to 600,000, or 0 for requests that the server holds
   * until it has something to say. It takes the place of the configuration's [property@Config:poll-interval].
   */
  properties[PROP_POLL_INTERVAL] =
    g_param_spec_uint ("poll-interval", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
rt_polling_strategy_init (RtPollingStrategy *self)
{
  rt_line_strategy_init (&self->parent, &kind);
}

/**
 * rt_polling_strategy_new:
 * @config: the endpoint and the settings
 * @poll_interval: milliseconds between two requests, or 0 for requests that the server holds
 *
 * Makes a strategy that connects to the endpoint of @config. It belongs to the thread-default main context.
 *
 * Returns: (transfer full): the strategy, not connected yet
 */
RtPollingStrategy *
rt_polling_strategy_new (RtConfig *config, guint poll_interval)
{
  g_return_val_if_fail (RT_IS_CONFIG (config), NULL);

  return g_object_new (RT_TYPE_POLLING_STRATEGY, "config", config, "poll-interval", poll_interval, NULL);
}

/**
 * rt_polling_strategy_get_config:
 * @self: a strategy
 *
 * Gets the configuration it was made with.
 *
 * Returns: (transfer none) (nullable): the configuration, or %NULL if the strategy was made without one
 */
RtConfig *
rt_polling_strategy_get_config (RtPollingStrategy *self)
{
  g_return_val_if_fail (RT_IS_POLLING_STRATEGY (self), NULL);

  return self->parent.config;
}

/**
 * rt_polling_strategy_get_poll_interval:
 * @self: a strategy
 *
 * Gets the time between two requests.
 *
 * Returns: milliseconds, or 0 for requests that the server holds
 */
guint
rt_polling_strategy_get_poll_interval (RtPollingStrategy *self)
{
  g_return_val_if_fail (RT_IS_POLLING_STRATEGY (self), 0);

  return self->poll_interval;
}
