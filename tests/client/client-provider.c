/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client-provider.h"

static void test_provider_iface_init (RtTokenProviderInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TestProvider, test_provider, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (RT_TYPE_TOKEN_PROVIDER, test_provider_iface_init))

static void
begin_token (RtTokenProvider *provider, const char *channel, GTask *task)
{
  TestProvider *self = TEST_PROVIDER (provider);

  self->asked++;
  self->thread = g_thread_self ();
  g_string_append_printf (self->channels, "%s%s", self->channels->len > 0 ? " " : "", channel != NULL ? channel : "-");
  switch (self->manner)
    {
    case TEST_PROVIDER_GIVES:
      rt_token_provider_return_token (provider, task, self->token);
      break;
    case TEST_PROVIDER_WAITS:
      g_queue_push_tail (&self->tasks, g_object_ref (task));
      break;
    case TEST_PROVIDER_REFUSES:
      g_task_return_new_error (task, RT_ERROR, RT_ERROR_UNAUTHORIZED, "nobody is logged in");
      break;
    case TEST_PROVIDER_FAILS:
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_BUSY, "come again");
      break;
    case TEST_PROVIDER_RAVES:
      rt_token_provider_return_token (provider, task, "two\nlines");
      break;
    case TEST_PROVIDER_DROPS:
    default:
      break;
    }
}

static void
test_provider_iface_init (RtTokenProviderInterface *iface)
{
  iface->begin_token = begin_token;
}

static void
test_provider_finalize (GObject *object)
{
  TestProvider *self = TEST_PROVIDER (object);

  g_assert_true (g_queue_is_empty (&self->tasks)); /* they hold it */
  g_string_free (self->channels, TRUE);
  G_OBJECT_CLASS (test_provider_parent_class)->finalize (object);
}

static void
test_provider_class_init (TestProviderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_provider_finalize;
}

static void
test_provider_init (TestProvider *self)
{
  self->channels = g_string_new (NULL);
}

TestProvider *
test_provider_new (TestProviderManner manner, const char *token)
{
  TestProvider *self = g_object_new (TEST_TYPE_PROVIDER, NULL);

  self->manner = manner;
  self->token = token;
  return self;
}

void
test_provider_answer (TestProvider *self)
{
  g_autoptr (GTask) task = g_queue_pop_head (&self->tasks);

  g_assert_nonnull (task);
  rt_token_provider_return_token (RT_TOKEN_PROVIDER (self), task, self->token);
}
