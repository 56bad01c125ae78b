/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include "rt-exchange.h"

G_BEGIN_DECLS

#define RT_TYPE_MIDDLEWARE (rt_middleware_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_INTERFACE (RtMiddleware, rt_middleware, RT, MIDDLEWARE, GObject)

/**
 * RtMiddlewareInterface:
 * @parent_iface: the parent interface
 * @process: looks at an exchange
 *
 * What a middleware implements.
 */
struct _RtMiddlewareInterface
{
  GTypeInterface parent_iface;

  /**
   * RtMiddlewareInterface::process:
   * @self: the middleware
   * @exchange: what it is to look at
   * @error: return location for an error
   *
   * Takes an exchange, which it resolves now or later with one of [method@Exchange.proceed],
   * [method@Exchange.replace], [method@Exchange.drop] and [method@Exchange.fail]. Called in the thread that runs the
   * client's main context.
   *
   * Returns: %TRUE if the exchange is taken; %FALSE with @error set fails it
   */
  gboolean (*process) (RtMiddleware *self,
                       RtExchange   *exchange,
                       GError      **error);

  /*< private >*/
  gpointer padding[6];
};

/**
 * RtMiddlewareFunc:
 * @exchange: what it is to look at
 * @user_data: (closure): what was given with the function
 * @error: return location for an error
 *
 * Does what [vfunc@Middleware.process] does. Called in the thread that runs the client's main context.
 *
 * Returns: %TRUE if the exchange is taken; %FALSE with @error set fails it
 */
typedef gboolean (*RtMiddlewareFunc) (RtExchange *exchange,
                                      gpointer    user_data,
                                      GError    **error);

RT_AVAILABLE_IN_1_0
gboolean      rt_middleware_process      (RtMiddleware    *self,
                                          RtExchange      *exchange,
                                          GError         **error);
RT_AVAILABLE_IN_1_0
RtMiddleware *rt_middleware_new_for_func (RtMiddlewareFunc func,
                                          gpointer         user_data,
                                          GDestroyNotify   destroy) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
