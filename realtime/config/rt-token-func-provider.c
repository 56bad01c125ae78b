/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-token-provider.h"

#include "rt-error.h"

/* A provider made of a function. */
typedef struct
{
  GObject parent_instance;

  RtTokenFunc func;
  gpointer user_data;
  GDestroyNotify destroy;
} RtTokenFuncProvider;

typedef GObjectClass RtTokenFuncProviderClass;

GType rt_token_func_provider_get_type (void);

static void rt_token_func_provider_iface_init (RtTokenProviderInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RtTokenFuncProvider, rt_token_func_provider, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (RT_TYPE_TOKEN_PROVIDER, rt_token_func_provider_iface_init))

static void
rt_token_func_provider_begin_token (RtTokenProvider *provider, const char *channel, GTask *task)
{
  RtTokenFuncProvider *self = (RtTokenFuncProvider *) provider;
  g_autoptr (GError) error = NULL;
  g_autofree char *token = self->func (channel, self->user_data, &error);

  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else if (token == NULL)
    g_task_return_new_error (task, RT_ERROR, RT_ERROR_FAILED,
                             "its function returned nothing, as after an exception");
  else
    rt_token_provider_return_token (provider, task, token);
}

static void
rt_token_func_provider_finalize (GObject *object)
{
  RtTokenFuncProvider *self = (RtTokenFuncProvider *) object;

  if (self->destroy != NULL)
    self->destroy (self->user_data);

  G_OBJECT_CLASS (rt_token_func_provider_parent_class)->finalize (object);
}

static void
rt_token_func_provider_class_init (RtTokenFuncProviderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = rt_token_func_provider_finalize;
}

static void
rt_token_func_provider_iface_init (RtTokenProviderInterface *iface)
{
  iface->begin_token = rt_token_func_provider_begin_token;
}

static void
rt_token_func_provider_init (RtTokenFuncProvider *self)
{
}

/**
 * rt_token_provider_new_for_func:
 * @func: (scope notified) (closure user_data) (destroy destroy): finds a token without waiting
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data, in the thread that lets go of the provider
 *
 * Makes a provider of a function, for tokens that are at hand.
 *
 * Returns: (transfer full): the provider
 */
RtTokenProvider *
rt_token_provider_new_for_func (RtTokenFunc func, gpointer user_data, GDestroyNotify destroy)
{
  g_return_val_if_fail (func != NULL, NULL);

  RtTokenFuncProvider *self = g_object_new (rt_token_func_provider_get_type (), NULL);

  self->func = func;
  self->user_data = user_data;
  self->destroy = destroy;
  return RT_TOKEN_PROVIDER (self);
}
