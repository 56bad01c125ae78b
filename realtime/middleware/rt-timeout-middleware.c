/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-timeout-middleware.h"

#include "rt-exchange-private.h"

/**
 * RtTimeoutMiddleware:
 *
 * Bounds the time that everything inside of it takes.
 *
 * That is the middlewares which were added after it, and for an outgoing message the send until the server has
 * acknowledged it. What takes longer fails with %RT_ERROR_TIMED_OUT, and [property@Exchange:cancellable] is cancelled.
 * A message that may have been sent by then ends with %RT_ERROR_OUTCOME_UNKNOWN. A message that runs through without
 * having to wait costs no timer.
 *
 * It is to be added to clients of one main context.
 */

enum
{
  PROP_0,
  PROP_TIMEOUT,
  N_PROPS,
};

struct _RtTimeoutMiddleware
{
  GObject parent_instance;

  guint timeout;
};

static void rt_timeout_middleware_iface_init (RtMiddlewareInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RtTimeoutMiddleware, rt_timeout_middleware, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (RT_TYPE_MIDDLEWARE, rt_timeout_middleware_iface_init))

static GParamSpec *properties[N_PROPS];

static gboolean
rt_timeout_middleware_process (RtMiddleware *middleware, RtExchange *exchange, GError **error)
{
  RtTimeoutMiddleware *self = RT_TIMEOUT_MIDDLEWARE (middleware);

  if (self->timeout > 0)
    rt_exchange_limit (exchange, self->timeout);
  rt_exchange_proceed (exchange);
  return TRUE;
}

static void
rt_timeout_middleware_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RtTimeoutMiddleware *self = RT_TIMEOUT_MIDDLEWARE (object);

  switch (id)
    {
    case PROP_TIMEOUT:
      g_value_set_uint (value, self->timeout);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
rt_timeout_middleware_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  RtTimeoutMiddleware *self = RT_TIMEOUT_MIDDLEWARE (object);

  switch (id)
    {
    case PROP_TIMEOUT:
      rt_timeout_middleware_set_timeout (self, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
rt_timeout_middleware_class_init (RtTimeoutMiddlewareClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = rt_timeout_middleware_get_property;
  object_class->set_property = rt_timeout_middleware_set_property;

  /**
   * RtTimeoutMiddleware:timeout: (getter get_timeout) (setter set_timeout)
   *
   * How many milliseconds a message has; 0: as many as it takes.
   */
  properties[PROP_TIMEOUT]
    = g_param_spec_uint ("timeout", NULL, NULL, 0, G_MAXUINT, 0,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
rt_timeout_middleware_iface_init (RtMiddlewareInterface *iface)
{
  iface->process = rt_timeout_middleware_process;
}

static void
rt_timeout_middleware_init (RtTimeoutMiddleware *self)
{
}

/**
 * rt_timeout_middleware_new:
 * @ms: how many milliseconds a message has
 *
 * Makes a middleware that bounds the time of what is inside of it.
 *
 * Returns: (transfer full) (type RtTimeoutMiddleware): the middleware
 */
RtMiddleware *
rt_timeout_middleware_new (guint ms)
{
  return g_object_new (RT_TYPE_TIMEOUT_MIDDLEWARE, "timeout", ms, NULL);
}

/**
 * rt_timeout_middleware_get_timeout: (get-property timeout)
 * @self: the middleware
 *
 * Gets [property@TimeoutMiddleware:timeout].
 *
 * Returns: milliseconds; 0: as many as it takes
 */
guint
rt_timeout_middleware_get_timeout (RtTimeoutMiddleware *self)
{
  g_return_val_if_fail (RT_IS_TIMEOUT_MIDDLEWARE (self), 0);

  return self->timeout;
}

/**
 * rt_timeout_middleware_set_timeout: (set-property timeout)
 * @self: the middleware
 * @ms: milliseconds; 0: as many as it takes
 *
 * Sets [property@TimeoutMiddleware:timeout], for messages that come to the middleware from now on.
 */
void
rt_timeout_middleware_set_timeout (RtTimeoutMiddleware *self, guint ms)
{
  g_return_if_fail (RT_IS_TIMEOUT_MIDDLEWARE (self));

  if (self->timeout == ms)
    return;
  self->timeout = ms;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TIMEOUT]);
}
