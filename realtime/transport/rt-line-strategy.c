/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-line-strategy.h"

#include "rt-error.h"
#include "rt-protocol.h"
#include "rt-utf8.h"

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

static RtLineStrategy *
as_line_strategy (gpointer instance)
{
  return instance;
}

/* --- Tasks --- */

/* Runs in the thread that cancels. */
static void
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  rt_strategy_line_cancel (user_data);
}

static void
return_connect (RtLineStrategy *self, GError *error)
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
end_tasks (RtLineStrategy *self, GError *connect_error)
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
  RtLineStrategy *self = user_data;

  /* What is only hoped for is not told: who believed it might use what the server does not know. */
  self->profile = self->kind->transport ()->late_profile ? RT_PROFILE_CENTRIFUGO : profile;
  self->was_connected = TRUE;
  /* A disconnect that was asked for meanwhile will end it again. */
  if (self->state == STATE_CONNECTING)
    self->state = STATE_CONNECTED;
  return_connect (self, NULL);
}

static void
line_profile_cb (gpointer user_data, RtProfile profile)
{
  RtLineStrategy *self = user_data;

  self->profile = profile;
}

static void
line_received_cb (gpointer user_data, GBytes *bytes)
{
  g_signal_emit_by_name (user_data, "received", bytes);
}

static void
line_sent_cb (gpointer user_data, guint n)
{
  RtLineStrategy *self = user_data;

  for (guint i = 0; i < n && !g_queue_is_empty (&self->sends); i++)
    {
      g_autoptr (GTask) task = g_queue_pop_head (&self->sends);
      self->queued -= g_bytes_get_size (g_task_get_task_data (task));
      g_task_return_boolean (task, TRUE);
    }
}

/* Over HTTP an attempt may fail when it was taken for connected: then the error's text is the reason. */
static void
line_ended_cb (gpointer user_data, gboolean was_open, guint code, const char *reason, const GError *error)
{
  RtLineStrategy *self = user_data;
  gboolean was_connected = self->was_connected;

  self->state = STATE_DISCONNECTED;
  self->was_connected = FALSE;
  end_tasks (self, error != NULL ? g_error_copy (error)
                                 : g_error_new_literal (RT_ERROR, RT_ERROR_NOT_CONNECTED,
                                                        "The connection was closed before it was made"));
  if (was_connected)
    g_signal_emit_by_name (self, "closed", code, !was_open && error != NULL ? error->message : reason);
}

static const RtStrategyLineEvents line_events = {
  .opened = line_opened_cb,
  .profile = line_profile_cb,
  .received = line_received_cb,
  .sent = line_sent_cb,
  .ended = line_ended_cb,
};

/* --- RtConnectionStrategy --- */

static char *
strategy_get_name (RtConnectionStrategy *strategy)
{
  return g_strdup (as_line_strategy (strategy)->kind->transport ()->name);
}

static gboolean
strategy_is_connected (RtConnectionStrategy *strategy)
{
  return as_line_strategy (strategy)->state == STATE_CONNECTED;
}

static guint
strategy_get_timeout (RtConnectionStrategy *strategy)
{
  RtLineStrategy *self = as_line_strategy (strategy);

  if (self->config == NULL)
    return 0;
  return MAX (rt_config_get_connect_timeout (self->config), rt_config_get_shutdown_timeout (self->config))
         + TIMEOUT_MARGIN_MS;
}

static char *
strategy_get_protocol (RtConnectionStrategy *strategy)
{
  gboolean rt1 = as_line_strategy (strategy)->profile == RT_PROFILE_RT1;

  return g_strdup (rt1 ? RT_SUBPROTOCOL_RT1 : RT_SUBPROTOCOL_CENTRIFUGO);
}

static gboolean
check_config (RtLineStrategy *self, GError **error)
{
  if (self->config != NULL)
    return rt_config_validate (self->config, error);
  g_set_error_literal (error, RT_ERROR, RT_ERROR_INVALID_CONFIG,
                       "The strategy was made without a configuration");
  return FALSE;
}

RtSettings *
rt_line_strategy_new_settings (RtLineStrategy *self, GError **error)
{
  g_autoptr (RtSettings) settings = NULL;

  if (!check_config (self, error))
    return NULL;
  settings = rt_settings_new (self->config);
  if (self->kind->adjust != NULL && !self->kind->adjust (self, settings, error))
    return NULL;
  return g_steal_pointer (&settings);
}

/* The configuration never changes, so there is one for all connections. */
static gboolean
make_line (RtLineStrategy *self, GError **error)
{
  g_autoptr (RtSettings) settings = NULL;

  if (self->line != NULL)
    return TRUE;
  settings = rt_line_strategy_new_settings (self, error);
  if (settings == NULL)
    return FALSE;
  self->line = rt_strategy_line_new (self->kind->transport (), settings, self->context, &line_events,
                                     G_OBJECT (self));
  return TRUE;
}

static void
strategy_begin_connect (RtConnectionStrategy *strategy, GTask *task)
{
  RtLineStrategy *self = as_line_strategy (strategy);
  GCancellable *cancellable = g_task_get_cancellable (task);
  g_autoptr (GError) error = NULL;

  if (self->state != STATE_DISCONNECTED)
    {
      g_task_return_new_error (task, RT_ERROR, RT_ERROR_ALREADY_CONNECTED,
                               "The strategy is connected or busy; disconnect it first");
      return;
    }
  if (!make_line (self, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  self->state = STATE_CONNECTING;
  self->connect_task = g_object_ref (task);
  rt_strategy_line_connect (self->line);
  if (cancellable != NULL)
    self->cancelled_id = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), self->line, NULL);
}

static void
strategy_begin_disconnect (RtConnectionStrategy *strategy, GTask *task)
{
  RtLineStrategy *self = as_line_strategy (strategy);

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
check_frame (RtLineStrategy *self, GBytes *bytes, GError **error)
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
strategy_begin_send (RtConnectionStrategy *strategy, GTask *task, GBytes *bytes)
{
  RtLineStrategy *self = as_line_strategy (strategy);
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

void
rt_line_strategy_iface_init (RtConnectionStrategyInterface *iface)
{
  iface->get_name = strategy_get_name;
  iface->is_connected = strategy_is_connected;
  iface->get_timeout = strategy_get_timeout;
  iface->get_protocol = strategy_get_protocol;
  iface->begin_connect = strategy_begin_connect;
  iface->begin_disconnect = strategy_begin_disconnect;
  iface->begin_send = strategy_begin_send;
}

RtLineStrategy *
rt_line_strategy_find (RtConnectionStrategy *strategy)
{
  RtConnectionStrategyInterface *iface = RT_CONNECTION_STRATEGY_GET_IFACE (strategy);

  return iface->begin_connect == strategy_begin_connect ? as_line_strategy (strategy) : NULL;
}

/* --- GObject --- */

static void
dispose (GObject *object)
{
  RtLineStrategy *self = as_line_strategy (object);

  /* Tasks hold the strategy, so that there are some only if somebody disposes of it by force. */
  self->state = STATE_DISCONNECTED;
  end_tasks (self, g_error_new_literal (RT_ERROR, RT_ERROR_CLOSED, "The strategy is gone"));
  g_clear_pointer (&self->line, rt_strategy_line_free);

  G_OBJECT_CLASS (g_type_class_peek (G_TYPE_OBJECT))->dispose (object);
}

static void
finalize (GObject *object)
{
  RtLineStrategy *self = as_line_strategy (object);

  g_clear_object (&self->config);
  g_main_context_unref (self->context);
  g_ptr_array_unref (self->disconnect_tasks);

  G_OBJECT_CLASS (g_type_class_peek (G_TYPE_OBJECT))->finalize (object);
}

void
rt_line_strategy_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  RtLineStrategy *self = as_line_strategy (object);

  switch (property_id)
    {
    case RT_LINE_STRATEGY_PROP_CONFIG:
      g_value_set_object (value, self->config);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

void
rt_line_strategy_set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  RtLineStrategy *self = as_line_strategy (object);

  switch (property_id)
    {
    case RT_LINE_STRATEGY_PROP_CONFIG:
      self->config = g_value_dup_object (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}


void
rt_line_strategy_class_init (GObjectClass *klass)
{
  klass->dispose = dispose;
  klass->finalize = finalize;
  klass->get_property = rt_line_strategy_get_property;
  klass->set_property = rt_line_strategy_set_property;
}

void
rt_line_strategy_init (RtLineStrategy *self, const RtLineStrategyKind *kind)
{
  self->kind = kind;
  self->context = g_main_context_ref_thread_default ();
  self->disconnect_tasks = g_ptr_array_new_with_free_func (g_object_unref);
  g_queue_init (&self->sends);
}
