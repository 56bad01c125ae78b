/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-middleware.h"

#include "rt-error.h"
#include "rt-middleware-private.h"

/**
 * RtMiddleware:
 *
 * Looks at every message on its way in and out, and may change it, hold it up, drop it or fail it.
 *
 * A client has a chain of them. Each is given an [class@Exchange], which is one message on its way, and resolves it,
 * at once or later. What was added first is outermost: it is the first to see a message, in either direction, and the
 * last to hear how it ended ([signal@Exchange::completed]).
 *
 * A program implements the interface, also in Python, JavaScript or Vala; [func@Middleware.new_for_func] is enough
 * for what fits into one function. A middleware that fails, or raises an exception, fails the exchange that it was
 * given and nothing else. One that never resolves an exchange is given up after a deadline.
 *
 * ## Threads
 *
 * A middleware is called, and released, in the thread that runs the client's main context. It may do anything in
 * there: send another message, run a main loop, or close the client.
 */

G_DEFINE_INTERFACE (RtMiddleware, rt_middleware, G_TYPE_OBJECT)

static void
rt_middleware_default_init (RtMiddlewareInterface *iface)
{
}

GError *
rt_middleware_silent_error_new (RtMiddleware *self)
{
  return g_error_new (RT_ERROR, RT_ERROR_FAILED,
                      "The middleware “%s” failed without an error: it raised an exception or did not return TRUE",
                      G_OBJECT_TYPE_NAME (self));
}

/**
 * rt_middleware_process:
 * @self: a middleware
 * @exchange: what it is to look at
 * @error: return location for an error
 *
 * Gives an exchange to a middleware, for those that pass on to another one what they are given.
 *
 * Returns: %TRUE if the exchange is taken; %FALSE with @error set if it is to fail
 */
gboolean
rt_middleware_process (RtMiddleware *self, RtExchange *exchange, GError **error)
{
  g_autoptr (GError) cause = NULL;

  g_return_val_if_fail (RT_IS_MIDDLEWARE (self), FALSE);
  g_return_val_if_fail (RT_IS_EXCHANGE (exchange), FALSE);

  RtMiddlewareInterface *iface = RT_MIDDLEWARE_GET_IFACE (self);

  if (iface->process == NULL)
    {
      g_set_error (error, RT_ERROR, RT_ERROR_NOT_SUPPORTED, "The middleware “%s” does not implement process",
                   G_OBJECT_TYPE_NAME (self));
      return FALSE;
    }
  if (iface->process (self, exchange, &cause))
    return TRUE;
  if (cause == NULL)
    cause = rt_middleware_silent_error_new (self);
  g_propagate_error (error, g_steal_pointer (&cause));
  return FALSE;
}
