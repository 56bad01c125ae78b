/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include <gio/gio.h>
#include "rt-version-macros.h"

G_BEGIN_DECLS

#define RT_TYPE_TOKEN_PROVIDER (rt_token_provider_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_INTERFACE (RtTokenProvider, rt_token_provider, RT, TOKEN_PROVIDER, GObject)

/**
 * RtTokenProviderInterface:
 * @parent_iface: the parent interface
 * @get_timeout: milliseconds that a task may take; optional, by default 10,000
 * @begin_token: finds a token
 *
 * What a token provider implements.
 *
 * `begin_token` gets a [class@Gio.Task] that it has to complete once, at once or later, with
 * [method@TokenProvider.return_token] or [method@Gio.Task.return_error]. If it is missing, there is an error
 * %RT_ERROR_NOT_SUPPORTED instead of a token.
 */
struct _RtTokenProviderInterface
{
  GTypeInterface parent_iface;

  /**
   * RtTokenProviderInterface::get_timeout:
   * @self: the provider
   *
   * Tells how long a task may take. One that takes longer fails with %RT_ERROR_TIMED_OUT, whether or not the
   * provider completes it afterwards.
   *
   * Returns: milliseconds, 0 for the default of 10,000
   */
  guint (*get_timeout) (RtTokenProvider *self);

  /**
   * RtTokenProviderInterface::begin_token:
   * @self: the provider
   * @channel: (nullable): the channel to be joined, or %NULL for the connection itself
   * @task: to be completed with the token or an error
   *
   * Begins to find a token. %RT_ERROR_UNAUTHORIZED as the error says that this user is to have none, which is
   * final; after any other the provider is asked again later.
   */
  void (*begin_token) (RtTokenProvider *self,
                       const char      *channel,
                       GTask           *task);

  /*< private >*/
  gpointer padding[6];
};

/**
 * RtTokenFunc:
 * @channel: (nullable): the channel to be joined, or %NULL for the connection itself
 * @user_data: (closure): what was given with the function
 * @error: return location for an error
 *
 * Finds a token without waiting for anything. %RT_ERROR_UNAUTHORIZED as the error says that this user is to have
 * none, which is final; after any other the function is called again later. Called in the thread that runs the main
 * context of whoever needs the token: for a client, its own.
 *
 * Returns: (transfer full) (nullable): the token, an empty string for none, or %NULL with @error set
 */
typedef char *(*RtTokenFunc) (const char *channel,
                              gpointer    user_data,
                              GError    **error);

RT_AVAILABLE_IN_1_0
RtTokenProvider *rt_token_provider_new_for_func     (RtTokenFunc         func,
                                                     gpointer            user_data,
                                                     GDestroyNotify      destroy) G_GNUC_WARN_UNUSED_RESULT;

RT_AVAILABLE_IN_1_0
guint            rt_token_provider_get_timeout      (RtTokenProvider    *self);
RT_AVAILABLE_IN_1_0
void             rt_token_provider_return_token     (RtTokenProvider    *self,
                                                     GTask              *task,
                                                     const char         *token);

RT_AVAILABLE_IN_1_0
void             rt_token_provider_get_token_async  (RtTokenProvider    *self,
                                                     const char         *channel,
                                                     GCancellable       *cancellable,
                                                     GAsyncReadyCallback callback,
                                                     gpointer            user_data);
RT_AVAILABLE_IN_1_0
char            *rt_token_provider_get_token_finish (RtTokenProvider    *self,
                                                     GAsyncResult       *result,
                                                     GError            **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
