/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-websocket-strategy.h"

#include "rt-error.h"
#include "rt-strategy-line.h"
#include "rt-utf8.h"

/**
 * RtWebsocketStrategy:
 *
 * Carries frames over a WebSocket (RFC 6455).
 *
 * A client uses this strategy by itself; a program makes one to speak the protocol directly, or to build a
 * strategy of its own around it:
 *
 * ```c
 * RtWebsocketStrategy *strategy = rt_websocket_strategy_new (config);
 *
 * g_signal_connect (strategy, "received", G_CALLBACK (on_received), NULL);
 * rt_connection_strategy_connect_async (RT_CONNECTION_STRATEGY (strategy), NULL, on_connected, NULL);
 * ```
 *
 * The connection itself lives in the library's I/O thread, where pings are answered whatever the program does.
 * Signals and results come in the main context that was thread-default where the strategy was made. When the
 * program does not keep up, about as many frames and bytes wait for it as the configuration's
 * `receive-queue-limit` and `receive-queue-bytes` allow, and then reading stops until half of them are taken.
 *
 * Name, TCP, proxy, TLS and upgrade together may take the configuration's `connect-timeout`. Redirects are not
 * followed. Frames have to be valid UTF-8 and are sent as text; what is received is at most 32 MiB a frame.
 */

/* What may wait to be sent, beside a single larger frame. */
#define SEND_QUEUE_BYTES (4 * 1024 * 1024)
#define MAX_FRAME RT_SETTINGS_MAX_FRAME
/* The I/O half keeps the deadlines; the interface's own comes later and guards against a fault. */
#define TIMEOUT_MARGIN_MS 1000

typedef enum
{
  STATE_DISCONNECTED,
  STATE_CONNECTING,
  STATE_CONNECTED,
  STATE_DISCONNECTING,
} State;

/* All in the thread of the context. */
struct _RtWebsocketStrategy
{
  GObject parent_instance;

  RtConfig *config; /* nullable: an instance may be made without one, and then cannot connect */
  GMainContext *context;
  RtStrategyLine *line; /* NULL before the first connect */
  State state;
  RtProfile profile; /* of the connection, or of the last one */
  GTask *connect_task;
  gulong cancelled_id; /* on the cancellable of connect_task */
  GPtrArray *disconnect_tasks;
  GQueue sends; /* of GTask, whose data is the frame; in the order of sending */
  gsize queued; /* bytes of these frames */
};

enum
{
  PROP_0,
  PROP_CONFIG,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static void rt_websocket_strategy_iface_init (RtConnectionStrategyInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RtWebsocketStrategy, rt_websocket_strategy, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (RT_TYPE_CONNECTION_STRATEGY,
                                                      rt_websocket_strategy_iface_init))

/* --- Tasks --- */

/* Runs in the thread that cancels. */
static void
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  rt_strategy_line_cancel (user_data);
}

static void
return_connect (RtWebsocketStrategy *self, GError *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->connect_task);

  if (task == NULL)
    {
      g_clear_error (&error);
      return;
    }
  g_cancellable_disconnect (g_task_get_cancellable (task), self->cancelled_id);
  self->cancelled_id = 0;
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

/* Answers all that waits, when there is no connection any more. Callbacks may begin anew meanwhile, so
 * everything is taken away first. */
static void
end_tasks (RtWebsocketStrategy *self, GError *connect_error)
{
  g_autoptr (GPtrArray) disconnects = g_steal_pointer (&self->disconnect_tasks);
  GQueue sends = self->sends;
  GTask *task;

  self->disconnect_tasks = g_ptr_array_new_with_free_func (g_object_unref);
  g_queue_init (&self->sends);
  self->queued = 0;
  return_connect (self, connect_error);
  while ((task = g_queue_pop_head (&sends)) != NULL)
    {
      g_task_return_new_error (task, RT_ERROR, RT_ERROR_OUTCOME_UNKNOWN,
                               "The connection ended while the frame was being sent; it may have arrived");
      g_object_unref (task);
    }
  for (guint i = 0; i < disconnects->len; i++)
    g_task_return_boolean (g_ptr_array_index (disconnects, i), TRUE);
}

/* --- Events of the line --- */

static void
line_opened_cb (gpointer user_data, RtProfile profile)
{
  RtWebsocketStrategy *self = user_data;

  self->profile = profile;
  /* A disconnect that was asked for meanwhile will end it again. */
  if (self->state == STATE_CONNECTING)
    self->state = STATE_CONNECTED;
  return_connect (self, NULL);
}

static void
line_received_cb (gpointer user_data, GBytes *bytes)
{
  g_signal_emit_by_name (user_data, "received", bytes);
}

static void
line_sent_cb (gpointer user_data, guint n)
{
  RtWebsocketStrategy *self = user_data;

  for (guint i = 0; i < n && !g_queue_is_empty (&self->sends); i++)
    {
      g_autoptr (GTask) task = g_queue_pop_head (&self->sends);
      self->queued -= g_bytes_get_size (g_task_get_task_data (task));
      g_task_return_boolean (task, TRUE);
    }
}

static void
line_ended_cb (gpointer user_data, gboolean was_open, guint code, const char *reason, const GError *error)
{
  RtWebsocketStrategy *self = user_data;

  self->state = STATE_DISCONNECTED;
  end_tasks (self, error != NULL ? g_error_copy (error)
                                 : g_error_new_literal (RT_ERROR, RT_ERROR_NOT_CONNECTED,
                                                        "The connection was closed before it was made"));
  if (was_open)
    g_signal_emit_by_name (self, "closed", code, reason);
}

static const RtStrategyLineEvents line_events = {
  .opened = line_opened_cb,
  .received = line_received_cb,
  .sent = line_sent_cb,
  .ended = line_ended_cb,
};

/* --- RtConnectionStrategy --- */

static char *
rt_websocket_strategy_get_name (RtConnectionStrategy *strategy)
{
  return g_strdup (rt_websocket_transport ()->name);
}

static gboolean
rt_websocket_strategy_is_connected (RtConnectionStrategy *strategy)
{
  return RT_WEBSOCKET_STRATEGY (strategy)->state == STATE_CONNECTED;
}

static guint
rt_websocket_strategy_get_timeout (RtConnectionStrategy *strategy)
{
  RtWebsocketStrategy *self = RT_WEBSOCKET_STRATEGY (strategy);

  if (self->config == NULL)
    return 0;
  return MAX (rt_config_get_connect_timeout (self->config), rt_config_get_shutdown_timeout (self->config))
         + TIMEOUT_MARGIN_MS;
}

static char *
rt_websocket_strategy_get_protocol (RtConnectionStrategy *strategy)
{
  gboolean rt1 = RT_WEBSOCKET_STRATEGY (strategy)->profile == RT_PROFILE_RT1;

  return g_strdup (rt1 ? RT_SUBPROTOCOL_RT1 : RT_SUBPROTOCOL_CENTRIFUGO);
}

static gboolean
check_config (RtWebsocketStrategy *self, GError **error)
{
  if (self->config != NULL)
    return rt_config_validate (self->config, error);
  g_set_error_literal (error, RT_ERROR, RT_ERROR_INVALID_CONFIG,
                       "The strategy was made without a configuration");
  return FALSE;
}

static void
rt_websocket_strategy_begin_connect (RtConnectionStrategy *strategy, GTask *task)
{
  RtWebsocketStrategy *self = RT_WEBSOCKET_STRATEGY (strategy);
  GCancellable *cancellable = g_task_get_cancellable (task);
  g_autoptr (GError) error = NULL;

  if (self->state != STATE_DISCONNECTED)
    {
      g_task_return_new_error (task, RT_ERROR, RT_ERROR_ALREADY_CONNECTED,
                               "The strategy is connected or busy; disconnect it first");
      return;
    }
  if (!check_config (self, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (self->line == NULL)
    {
      g_autoptr (RtSettings) settings = rt_settings_new (self->config);
      self->line = rt_strategy_line_new (rt_websocket_transport (), settings, self->context, &line_events,
                                         G_OBJECT (self));
    }
  self->state = STATE_CONNECTING;
  self->connect_task = g_object_ref (task);
  rt_strategy_line_connect (self->line);
  if (cancellable != NULL)
    self->cancelled_id = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), self->line, NULL);
}

static void
rt_websocket_strategy_begin_disconnect (RtConnectionStrategy *strategy, GTask *task)
{
  RtWebsocketStrategy *self = RT_WEBSOCKET_STRATEGY (strategy);

  if (self->state == STATE_DISCONNECTED)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  g_ptr_array_add (self->disconnect_tasks, g_object_ref (task));
  if (self->state == STATE_DISCONNECTING)
    return;
  self->state = STATE_DISCONNECTING;
  rt_strategy_line_disconnect (self->line);
}

static gboolean
check_frame (RtWebsocketStrategy *self, GBytes *bytes, GError **error)
{
  RtUtf8 utf8 = { 0 };
  gsize len;
  const guint8 *data = g_bytes_get_data (bytes, &len);

  if (self->state != STATE_CONNECTED)
    g_set_error_literal (error, RT_ERROR, RT_ERROR_NOT_CONNECTED, "The strategy is not connected");
  else if (len > MAX_FRAME)
    g_set_error (error, RT_ERROR, RT_ERROR_TOO_LARGE,
                 "The frame has %" G_GSIZE_FORMAT " bytes, and the limit is %d", len, MAX_FRAME);
  else if (self->queued > 0 && self->queued + len > SEND_QUEUE_BYTES)
    g_set_error (error, RT_ERROR, RT_ERROR_QUEUE_FULL,
                 "%" G_GSIZE_FORMAT " bytes wait to be sent, and the limit is %d; wait for earlier frames",
                 self->queued, SEND_QUEUE_BYTES);
  else if (!rt_utf8_feed (&utf8, data, len) || !rt_utf8_is_complete (&utf8))
    g_set_error_literal (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT, "The frame is not valid UTF-8");
  else
    return TRUE;
  return FALSE;
}

static void
rt_websocket_strategy_begin_send (RtConnectionStrategy *strategy, GTask *task, GBytes *bytes)
{
  RtWebsocketStrategy *self = RT_WEBSOCKET_STRATEGY (strategy);
  GError *error = NULL;

  if (!check_frame (self, bytes, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  g_task_set_task_data (task, g_bytes_ref (bytes), (GDestroyNotify) g_bytes_unref);
  g_queue_push_tail (&self->sends, g_object_ref (task));
  self->queued += g_bytes_get_size (bytes);
  rt_strategy_line_send (self->line, bytes);
}

static void
rt_websocket_strategy_iface_init (RtConnectionStrategyInterface *iface)
{
  iface->get_name = rt_websocket_strategy_get_name;
  iface->is_connected = rt_websocket_strategy_is_connected;
  iface->get_timeout = rt_websocket_strategy_get_timeout;
  iface->get_protocol = rt_websocket_strategy_get_protocol;
  iface->begin_connect = rt_websocket_strategy_begin_connect;
  iface->begin_disconnect = rt_websocket_strategy_begin_disconnect;
  iface->begin_send = rt_websocket_strategy_begin_send;
}

/* --- GObject --- */

static void
rt_websocket_strategy_dispose (GObject *object)
{
  RtWebsocketStrategy *self = RT_WEBSOCKET_STRATEGY (object);

  /* Tasks hold the strategy, so that there are some only if somebody disposes of it by force. */
  self->state = STATE_DISCONNECTED;
  end_tasks (self, g_error_new_literal (RT_ERROR, RT_ERROR_CLOSED, "The strategy is gone"));
  g_clear_pointer (&self->line, rt_strategy_line_free);

  G_OBJECT_CLASS (rt_websocket_strategy_parent_class)->dispose (object);
}

static void
rt_websocket_strategy_finalize (GObject *object)
{
  RtWebsocketStrategy *self = RT_WEBSOCKET_STRATEGY (object);

  g_clear_object (&self->config);
  g_main_context_unref (self->context);
  g_ptr_array_unref (self->disconnect_tasks);

  G_OBJECT_CLASS (rt_websocket_strategy_parent_class)->finalize (object);
}

static void
rt_websocket_strategy_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  RtWebsocketStrategy *self = RT_WEBSOCKET_STRATEGY (object);

  switch (property_id)
    {
    case PROP_CONFIG:
      g_value_set_object (value, self->config);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
rt_websocket_strategy_set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  RtWebsocketStrategy *self = RT_WEBSOCKET_STRATEGY (object);

  switch (property_id)
    {
    case PROP_CONFIG:
      self->config = g_value_dup_object (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
rt_websocket_strategy_class_init (RtWebsocketStrategyClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = rt_websocket_strategy_dispose;
  object_class->finalize = rt_websocket_strategy_finalize;
  object_class->get_property = rt_websocket_strategy_get_property;
  object_class->set_property = rt_websocket_strategy_set_property;

  /**
   * RtWebsocketStrategy:config: (getter get_config)
   *
   * The endpoint and the settings of the connection.
   */
  properties[PROP_CONFIG] =
    g_param_spec_object ("config", NULL, NULL, RT_TYPE_CONFIG,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
rt_websocket_strategy_init (RtWebsocketStrategy *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->disconnect_tasks = g_ptr_array_new_with_free_func (g_object_unref);
  g_queue_init (&self->sends);
}

/**
 * rt_websocket_strategy_new:
 * @config: the endpoint and the settings
 *
 * Makes a strategy that connects to the endpoint of @config. It belongs to the thread-default main context.
 *
 * Returns: (transfer full): the strategy, not connected yet
 */
RtWebsocketStrategy *
rt_websocket_strategy_new (RtConfig *config)
{
  g_return_val_if_fail (RT_IS_CONFIG (config), NULL);

  return g_object_new (RT_TYPE_WEBSOCKET_STRATEGY, "config", config, NULL);
}

/**
 * rt_websocket_strategy_get_config:
 * @self: a strategy
 *
 * Gets the configuration it was made with.
 *
 * Returns: (transfer none) (nullable): the configuration, or %NULL if the strategy was made without one
 */
RtConfig *
rt_websocket_strategy_get_config (RtWebsocketStrategy *self)
{
  g_return_val_if_fail (RT_IS_WEBSOCKET_STRATEGY (self), NULL);

  return self->config;
}
