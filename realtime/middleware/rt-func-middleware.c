/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-middleware.h"

/* A middleware made of a function. */
typedef struct
{
  GObject parent_instance;

  RtMiddlewareFunc func;
  gpointer user_data;
  GDestroyNotify destroy;
} RtFuncMiddleware;

typedef GObjectClass RtFuncMiddlewareClass;

GType rt_func_middleware_get_type (void);

static void rt_func_middleware_iface_init (RtMiddlewareInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RtFuncMiddleware, rt_func_middleware, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (RT_TYPE_MIDDLEWARE, rt_func_middleware_iface_init))

static gboolean
rt_func_middleware_process (RtMiddleware *middleware, RtExchange *exchange, GError **error)
{
  RtFuncMiddleware *self = (RtFuncMiddleware *) middleware;

  return self->func (exchange, self->user_data, error);
}

static void
rt_func_middleware_finalize (GObject *object)
{
  RtFuncMiddleware *self = (RtFuncMiddleware *) object;

  if (self->destroy != NULL)
    self->destroy (self->user_data);

  G_OBJECT_CLASS (rt_func_middleware_parent_class)->finalize (object);
}

static void
rt_func_middleware_class_init (RtFuncMiddlewareClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = rt_func_middleware_finalize;
}

static void
rt_func_middleware_iface_init (RtMiddlewareInterface *iface)
{
  iface->process = rt_func_middleware_process;
}

static void
rt_func_middleware_init (RtFuncMiddleware *self)
{
}

/**
 * rt_middleware_new_for_func:
 * @func: (scope notified) (closure user_data) (destroy destroy): looks at an exchange
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data, in the thread that lets go of the middleware: for one that a
 *   client has, the thread that runs the client's main context
 *
 * Makes a middleware of a function.
 *
 * Returns: (transfer full): the middleware
 */
RtMiddleware *
rt_middleware_new_for_func (RtMiddlewareFunc func, gpointer user_data, GDestroyNotify destroy)
{
  g_return_val_if_fail (func != NULL, NULL);

  RtFuncMiddleware *self = g_object_new (rt_func_middleware_get_type (), NULL);

  self->func = func;
  self->user_data = user_data;
  self->destroy = destroy;
  return RT_MIDDLEWARE (self);
}
