/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "relay-strategy.h"

static void relay_strategy_iface_init (RtConnectionStrategyInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RelayStrategy, relay_strategy, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (RT_TYPE_CONNECTION_STRATEGY, relay_strategy_iface_init))

static char *
relay_strategy_get_name (RtConnectionStrategy *strategy)
{
  return g_strdup (RELAY_STRATEGY (strategy)->name);
}

static gboolean
relay_strategy_is_connected (RtConnectionStrategy *strategy)
{
  return rt_connection_strategy_is_connected (RELAY_STRATEGY (strategy)->inner);
}

static char *
relay_strategy_get_protocol (RtConnectionStrategy *strategy)
{
  return rt_connection_strategy_get_protocol (RELAY_STRATEGY (strategy)->inner);
}

static void
finish (GTask *task, gboolean done, GError *error)
{
  if (done)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
  g_object_unref (task);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;
  gboolean done = rt_connection_strategy_connect_finish (RT_CONNECTION_STRATEGY (source), result, &error);

  finish (user_data, done, error);
}

static void
disconnected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;
  gboolean done = rt_connection_strategy_disconnect_finish (RT_CONNECTION_STRATEGY (source), result, &error);

  finish (user_data, done, error);
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;
  gboolean done = rt_connection_strategy_send_finish (RT_CONNECTION_STRATEGY (source), result, &error);

  finish (user_data, done, error);
}

static void
relay_strategy_begin_connect (RtConnectionStrategy *strategy, GTask *task)
{
  RelayStrategy *self = RELAY_STRATEGY (strategy);

  g_assert_true (g_thread_self () == self->thread);
  self->connects++;
  if (self->broken)
    g_task_return_new_error (task, RT_ERROR, RT_ERROR_NETWORK, "the relay is broken");
  else
    rt_connection_strategy_connect_async (self->inner, g_task_get_cancellable (task), connected_cb,
                                          g_object_ref (task));
}

static void
relay_strategy_begin_disconnect (RtConnectionStrategy *strategy, GTask *task)
{
  RelayStrategy *self = RELAY_STRATEGY (strategy);

  g_assert_true (g_thread_self () == self->thread);
  rt_connection_strategy_disconnect_async (self->inner, NULL, disconnected_cb, g_object_ref (task));
}

static void
relay_strategy_begin_send (RtConnectionStrategy *strategy, GTask *task, GBytes *bytes)
{
  RelayStrategy *self = RELAY_STRATEGY (strategy);

  g_assert_true (g_thread_self () == self->thread);
  self->frames++;
  rt_connection_strategy_send_async (self->inner, bytes, NULL, sent_cb, g_object_ref (task));
}

static void
relay_strategy_iface_init (RtConnectionStrategyInterface *iface)
{
  iface->get_name = relay_strategy_get_name;
  iface->is_connected = relay_strategy_is_connected;
  iface->get_protocol = relay_strategy_get_protocol;
  iface->begin_connect = relay_strategy_begin_connect;
  iface->begin_disconnect = relay_strategy_begin_disconnect;
  iface->begin_send = relay_strategy_begin_send;
}

static void
received_cb (RtConnectionStrategy *inner, GBytes *bytes, gpointer user_data)
{
  g_signal_emit_by_name (user_data, "received", bytes);
}

static void
closed_cb (RtConnectionStrategy *inner, guint code, const char *reason, gpointer user_data)
{
  g_signal_emit_by_name (user_data, "closed", code, reason);
}

static void
relay_strategy_dispose (GObject *object)
{
  RelayStrategy *self = RELAY_STRATEGY (object);

  g_assert_true (g_thread_self () == self->thread);
  if (self->inner != NULL)
    g_signal_handlers_disconnect_by_data (self->inner, self);
  g_clear_object (&self->inner);
  G_OBJECT_CLASS (relay_strategy_parent_class)->dispose (object);
}

static void
relay_strategy_finalize (GObject *object)
{
  g_free (RELAY_STRATEGY (object)->name);
  G_OBJECT_CLASS (relay_strategy_parent_class)->finalize (object);
}

static void
relay_strategy_class_init (RelayStrategyClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = relay_strategy_dispose;
  G_OBJECT_CLASS (klass)->finalize = relay_strategy_finalize;
}

static void
relay_strategy_init (RelayStrategy *self)
{
}

RelayStrategy *
relay_strategy_new (const char *url, const char *name)
{
  RelayStrategy *self = g_object_new (RELAY_TYPE_STRATEGY, NULL);
  g_autoptr (RtConfig) config = g_object_new (RT_TYPE_CONFIG, "endpoint", url, NULL);

  self->name = g_strdup (name);
  self->thread = g_thread_self ();
  self->inner = RT_CONNECTION_STRATEGY (rt_websocket_strategy_new (config));
  g_signal_connect (self->inner, "received", G_CALLBACK (received_cb), self);
  g_signal_connect (self->inner, "closed", G_CALLBACK (closed_cb), self);
  return self;
}
