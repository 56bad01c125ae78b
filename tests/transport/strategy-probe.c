/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "strategy-probe.h"

#include <string.h>

#include "rt-error.h"
#include "rt-test.h"

static void manual_strategy_iface_init (RtConnectionStrategyInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ManualStrategy, manual_strategy, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (RT_TYPE_CONNECTION_STRATEGY, manual_strategy_iface_init))

/* --- The strategy --- */

static void
begin (ManualStrategy *self, ManualCall call, GTask *task)
{
  self->calls[call]++;
  g_set_object (&self->tasks[call], task);
  if (self->hook != NULL)
    self->hook (self, call);
  if (self->at_once[call])
    manual_strategy_answer (self, call, NULL);
}

static void
manual_strategy_begin_connect (RtConnectionStrategy *strategy, GTask *task)
{
  begin (MANUAL_STRATEGY (strategy), MANUAL_CONNECT, task);
}

static void
manual_strategy_begin_disconnect (RtConnectionStrategy *strategy, GTask *task)
{
  begin (MANUAL_STRATEGY (strategy), MANUAL_DISCONNECT, task);
}

static void
manual_strategy_begin_send (RtConnectionStrategy *strategy, GTask *task, GBytes *bytes)
{
  ManualStrategy *self = MANUAL_STRATEGY (strategy);
  gsize len;
  const char *text = g_bytes_get_data (bytes, &len);

  g_string_append_len (self->sent, text, (gssize) len);
  g_string_append_c (self->sent, '|');
  begin (self, MANUAL_SEND, task);
}

static char *
manual_strategy_get_name (RtConnectionStrategy *strategy)
{
  return g_strdup ("manual");
}

static gboolean
manual_strategy_is_connected (RtConnectionStrategy *strategy)
{
  return MANUAL_STRATEGY (strategy)->connected;
}

static char *
manual_strategy_get_protocol (RtConnectionStrategy *strategy)
{
  return g_strdup (MANUAL_STRATEGY (strategy)->protocol);
}

static void
manual_strategy_iface_init (RtConnectionStrategyInterface *iface)
{
  iface->get_name = manual_strategy_get_name;
  iface->is_connected = manual_strategy_is_connected;
  iface->get_protocol = manual_strategy_get_protocol;
  iface->begin_connect = manual_strategy_begin_connect;
  iface->begin_disconnect = manual_strategy_begin_disconnect;
  iface->begin_send = manual_strategy_begin_send;
}

static void
manual_strategy_dispose (GObject *object)
{
  ManualStrategy *self = MANUAL_STRATEGY (object);

  for (guint i = 0; i < MANUAL_N; i++)
    g_clear_object (&self->tasks[i]);
  G_OBJECT_CLASS (manual_strategy_parent_class)->dispose (object);
}

static void
manual_strategy_finalize (GObject *object)
{
  g_string_free (MANUAL_STRATEGY (object)->sent, TRUE);
  G_OBJECT_CLASS (manual_strategy_parent_class)->finalize (object);
}

static void
manual_strategy_class_init (ManualStrategyClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = manual_strategy_dispose;
  G_OBJECT_CLASS (klass)->finalize = manual_strategy_finalize;
}

static void
manual_strategy_init (ManualStrategy *self)
{
  self->sent = g_string_new (NULL);
}

ManualStrategy *
manual_strategy_new (void)
{
  return g_object_new (MANUAL_TYPE_STRATEGY, NULL);
}

void
manual_strategy_answer (ManualStrategy *self, ManualCall call, GError *error)
{
  rt_test_wait_until (self->tasks[call] != NULL);
  g_autoptr (GTask) task = g_steal_pointer (&self->tasks[call]);
  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  if (call == MANUAL_CONNECT)
    self->connected = TRUE;
  else if (call == MANUAL_DISCONNECT)
    self->connected = FALSE;
  g_task_return_boolean (task, TRUE);
}

void
manual_strategy_receive (ManualStrategy *self, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  g_signal_emit_by_name (self, "received", bytes);
}

void
manual_strategy_receive_size (ManualStrategy *self, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (size), size);

  g_signal_emit_by_name (self, "received", bytes);
}

void
manual_strategy_close (ManualStrategy *self, guint code, const char *reason)
{
  self->connected = FALSE;
  g_signal_emit_by_name (self, "closed", code, reason);
}

/* --- The transport --- */

static void
note (StrategyProbe *self, StrategyProbeEvent event)
{
  g_assert_nonnull (self->transport);
  g_assert_cmpuint (self->counts[STRATEGY_PROBE_CLOSED], ==, 0);
  self->counts[event]++;
  if (self->hook != NULL)
    self->hook (self, event);
}

static void
opened_cb (gpointer user_data, RtProfile profile)
{
  StrategyProbe *self = user_data;

  self->profile = profile;
  note (self, STRATEGY_PROBE_OPENED);
}

static void
received_cb (gpointer user_data, const guint8 *data, gsize len)
{
  StrategyProbe *self = user_data;

  g_string_append_len (self->received, (const char *) data, (gssize) len);
  g_string_append_c (self->received, '|');
  self->received_bytes += len;
  note (self, STRATEGY_PROBE_RECEIVED);
}

static void
turn_end_cb (gpointer user_data)
{
  note (user_data, STRATEGY_PROBE_TURN_END);
}

static void
activity_cb (gpointer user_data)
{
  note (user_data, STRATEGY_PROBE_ACTIVITY);
}

static void
pong_cb (gpointer user_data, gint64 round_trip)
{
  g_assert_not_reached ();
}

static void
drained_cb (gpointer user_data)
{
  note (user_data, STRATEGY_PROBE_DRAINED);
}

static void
closed_cb (gpointer user_data, const RtTransportEnd *end)
{
  StrategyProbe *self = user_data;

  self->code = end->code;
  self->reason = g_strdup (end->reason);
  self->clean = end->clean;
  self->error = end->error != NULL ? g_error_copy (end->error) : NULL;
  self->http_status = end->http_status;
  self->tls_refused = end->tls_refused;
  self->was_open = end->was_open;
  g_assert_cmpint (end->retry_after, ==, -1);
  note (self, STRATEGY_PROBE_CLOSED);
}

static const RtTransportEvents probe_events = {
  .opened = opened_cb,
  .received = received_cb,
  .turn_end = turn_end_cb,
  .activity = activity_cb,
  .pong = pong_cb,
  .drained = drained_cb,
  .closed = closed_cb,
};

StrategyProbe *
strategy_probe_new (RtStrategyAdapter *adapter, guint receive_queue_bytes)
{
  StrategyProbe *self = g_new0 (StrategyProbe, 1);
  g_autoptr (RtConfig) config = g_object_new (RT_TYPE_CONFIG, "endpoint", "ws://127.0.0.1:1", "receive-queue-bytes",
                                              receive_queue_bytes, NULL);
  g_autoptr (RtSettings) settings = rt_settings_new (config);

  self->received = g_string_new (NULL);
  self->transport = rt_strategy_adapter_transport ()->open (settings, adapter, NULL, &probe_events, self);
  return self;
}

StrategyProbe *
strategy_probe_open (RtStrategyAdapter *adapter, ManualStrategy *strategy)
{
  StrategyProbe *self = strategy_probe_new (adapter, 8192);

  if (!strategy->at_once[MANUAL_CONNECT])
    manual_strategy_answer (strategy, MANUAL_CONNECT, NULL);
  strategy_probe_wait (self, STRATEGY_PROBE_OPENED, 1);
  return self;
}

void
strategy_probe_free (StrategyProbe *self)
{
  if (self->transport != NULL)
    {
      g_assert_cmpuint (self->counts[STRATEGY_PROBE_CLOSED], ==, 1);
      strategy_probe_drop (self);
    }
  g_string_free (self->received, TRUE);
  g_free (self->reason);
  g_clear_error (&self->error);
  g_free (self);
}

void
strategy_probe_drop (StrategyProbe *self)
{
  RtTransport *transport = g_steal_pointer (&self->transport);

  transport->klass->free (transport);
}

void
strategy_probe_send (StrategyProbe *self, const char *text)
{
  self->transport->klass->send (self->transport, (const guint8 *) text, strlen (text));
}

void
strategy_probe_wait (StrategyProbe *self, StrategyProbeEvent event, guint count)
{
  rt_test_wait_until (self->counts[event] >= count);
  g_assert_cmpuint (self->counts[event], ==, count);
}

void
strategy_probe_assert_failed (StrategyProbe *self, int code, const char *words)
{
  strategy_probe_wait (self, STRATEGY_PROBE_CLOSED, 1);
  g_assert_error (self->error, RT_ERROR, code);
  if (strstr (self->error->message, words) == NULL)
    g_error ("“%s” does not contain “%s”", self->error->message, words);
}

void
strategy_probe_settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

void
strategy_probe_finish (RtStrategyAdapter *adapter, ManualStrategy *strategy)
{
  gpointer object = strategy;

  rt_strategy_adapter_free (adapter);
  strategy->at_once[MANUAL_DISCONNECT] = TRUE;
  if (strategy->tasks[MANUAL_DISCONNECT] != NULL)
    manual_strategy_answer (strategy, MANUAL_DISCONNECT, NULL);
  strategy_probe_settle ();
  for (guint i = 0; i < MANUAL_N; i++)
    g_clear_object (&strategy->tasks[i]);
  strategy_probe_settle ();
  g_assert_finalize_object (object);
}
