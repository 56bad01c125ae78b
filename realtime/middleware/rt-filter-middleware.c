/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-filter-middleware.h"

#include "rt-enum-types.h"

/**
 * RtFilterMiddleware:
 *
 * Lets only those messages go on that a function approves of.
 *
 * Others are dropped, with the reason `filtered`. A function of a script that raises an exception approves of
 * nothing: what a filter cannot judge does not get through.
 */

enum
{
  PROP_0,
  PROP_DIRECTIONS,
  N_PROPS,
};

struct _RtFilterMiddleware
{
  GObject parent_instance;

  RtDirections directions;
  RtFilterFunc predicate; /* NULL: approves of everything */
  gpointer user_data;
  GDestroyNotify destroy;
};

static void rt_filter_middleware_iface_init (RtMiddlewareInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RtFilterMiddleware, rt_filter_middleware, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (RT_TYPE_MIDDLEWARE, rt_filter_middleware_iface_init))

static GParamSpec *properties[N_PROPS];

static gboolean
rt_filter_middleware_process (RtMiddleware *middleware, RtExchange *exchange, GError **error)
{
  RtFilterMiddleware *self = RT_FILTER_MIDDLEWARE (middleware);
  guint direction = 1u << rt_exchange_get_direction (exchange);

  if (self->predicate == NULL || (self->directions & direction) == 0
      || self->predicate (rt_exchange_get_message (exchange), self->user_data))
    rt_exchange_proceed (exchange);
  else
    rt_exchange_drop (exchange, "filtered");
  return TRUE;
}

static void
rt_filter_middleware_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RtFilterMiddleware *self = RT_FILTER_MIDDLEWARE (object);

  switch (id)
    {
    case PROP_DIRECTIONS:
      g_value_set_flags (value, self->directions);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
rt_filter_middleware_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  RtFilterMiddleware *self = RT_FILTER_MIDDLEWARE (object);

  switch (id)
    {
    case PROP_DIRECTIONS:
      rt_filter_middleware_set_directions (self, g_value_get_flags (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
rt_filter_middleware_finalize (GObject *object)
{
  RtFilterMiddleware *self = RT_FILTER_MIDDLEWARE (object);

  if (self->destroy != NULL)
    self->destroy (self->user_data);

  G_OBJECT_CLASS (rt_filter_middleware_parent_class)->finalize (object);
}

static void
rt_filter_middleware_class_init (RtFilterMiddlewareClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = rt_filter_middleware_get_property;
  object_class->set_property = rt_filter_middleware_set_property;
  object_class->finalize = rt_filter_middleware_finalize;

  /**
   * RtFilterMiddleware:directions: (getter get_directions) (setter set_directions)
   *
   * Which messages are judged; others go on.
   */
  properties[PROP_DIRECTIONS]
    = g_param_spec_flags ("directions", NULL, NULL, RT_TYPE_DIRECTIONS, RT_DIRECTIONS_BOTH,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
rt_filter_middleware_iface_init (RtMiddlewareInterface *iface)
{
  iface->process = rt_filter_middleware_process;
}

static void
rt_filter_middleware_init (RtFilterMiddleware *self)
{
  self->directions = RT_DIRECTIONS_BOTH;
}

/**
 * rt_filter_middleware_new:
 * @predicate: (scope notified) (closure user_data) (destroy destroy): approves of messages
 * @user_data: for @predicate
 * @destroy: (nullable): frees @user_data, in the thread that lets go of the middleware
 *
 * Makes a middleware that drops what a function does not approve of.
 *
 * Returns: (transfer full) (type RtFilterMiddleware): the middleware
 */
RtMiddleware *
rt_filter_middleware_new (RtFilterFunc predicate, gpointer user_data, GDestroyNotify destroy)
{
  g_return_val_if_fail (predicate != NULL, NULL);

  RtFilterMiddleware *self = g_object_new (RT_TYPE_FILTER_MIDDLEWARE, NULL);

  self->predicate = predicate;
  self->user_data = user_data;
  self->destroy = destroy;
  return RT_MIDDLEWARE (self);
}

/**
 * rt_filter_middleware_get_directions: (get-property directions)
 * @self: the middleware
 *
 * Gets [property@FilterMiddleware:directions].
 *
 * Returns: which messages are judged
 */
RtDirections
rt_filter_middleware_get_directions (RtFilterMiddleware *self)
{
  g_return_val_if_fail (RT_IS_FILTER_MIDDLEWARE (self), RT_DIRECTIONS_BOTH);

  return self->directions;
}

/**
 * rt_filter_middleware_set_directions: (set-property directions)
 * @self: the middleware
 * @directions: which messages are judged
 *
 * Sets [property@FilterMiddleware:directions].
 */
void
rt_filter_middleware_set_directions (RtFilterMiddleware *self, RtDirections directions)
{
  g_return_if_fail (RT_IS_FILTER_MIDDLEWARE (self));

  if (self->directions == directions)
    return;
  self->directions = directions;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DIRECTIONS]);
}
