/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ws-probe.h"

#include <string.h>

#include "rt-config-builder.h"
#include "rt-error.h"
#include "rt-test.h"

static void
free_string (gpointer string)
{
  g_string_free (string, TRUE);
}

static void
note (WsProbe *self, WsProbeEvent event)
{
  g_assert_nonnull (self->transport);
  g_assert_cmpuint (self->counts[WS_PROBE_CLOSED], ==, 0);
  self->counts[event]++;
  if (self->hook != NULL)
    self->hook (self, event);
}

static void
opened_cb (gpointer user_data, RtProfile profile)
{
  WsProbe *self = user_data;

  self->profile = profile;
  note (self, WS_PROBE_OPENED);
}

static void
profile_cb (gpointer user_data, RtProfile profile)
{
  WsProbe *self = user_data;

  g_assert_true (self->transport->klass->late_profile);
  self->profile = profile;
  note (self, WS_PROBE_PROFILE);
}

static void
received_cb (gpointer user_data, const guint8 *data, gsize len)
{
  WsProbe *self = user_data;

  if (self->keep_messages)
    g_ptr_array_add (self->messages, g_string_new_len ((const char *) data, (gssize) len));
  self->message_bytes += len;
  note (self, WS_PROBE_RECEIVED);
}

static void
turn_end_cb (gpointer user_data)
{
  note (user_data, WS_PROBE_TURN_END);
}

static void
activity_cb (gpointer user_data)
{
  note (user_data, WS_PROBE_ACTIVITY);
}

static void
pong_cb (gpointer user_data, gint64 round_trip)
{
  WsProbe *self = user_data;

  self->round_trip = round_trip;
  note (self, WS_PROBE_PONG);
}

static void
drained_cb (gpointer user_data)
{
  note (user_data, WS_PROBE_DRAINED);
}

static void
closed_cb (gpointer user_data, const RtTransportEnd *end)
{
  WsProbe *self = user_data;

  self->code = end->code;
  self->reason = g_strdup (end->reason);
  self->clean = end->clean;
  self->error = end->error != NULL ? g_error_copy (end->error) : NULL;
  self->http_status = end->http_status;
  self->retry_after = end->retry_after;
  self->tls_refused = end->tls_refused;
  self->was_open = end->was_open;
  g_assert_true (g_utf8_validate (self->reason, -1, NULL));
  note (self, WS_PROBE_CLOSED);
}

static const RtTransportEvents probe_events = {
  .opened = opened_cb,
  .profile = profile_cb,
  .received = received_cb,
  .turn_end = turn_end_cb,
  .activity = activity_cb,
  .pong = pong_cb,
  .drained = drained_cb,
  .closed = closed_cb,
};

WsProbe *
ws_probe_new_config (RtConfig *config)
{
  return ws_probe_new_transport (rt_websocket_transport (), config);
}

WsProbe *
ws_probe_new_transport (const RtTransportClass *klass, RtConfig *config)
{
  WsProbe *self = g_new0 (WsProbe, 1);

  self->settings = rt_settings_new (config);
  self->messages = g_ptr_array_new_with_free_func (free_string);
  self->keep_messages = TRUE;
  self->transport = klass->open (self->settings, NULL, g_main_context_default (), &probe_events, self);
  return self;
}

WsProbe *
ws_probe_new (const char *url)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtConfig) config = rt_config_new ("key", url, &error);

  g_assert_no_error (error);
  return ws_probe_new_config (config);
}

WsProbe *
ws_probe_new_peer (RtRawPeer *peer)
{
  g_autofree char *url = rt_raw_peer_get_url (peer);

  return ws_probe_new (url);
}

WsProbe *
ws_probe_open_peer (RtRawPeer *peer)
{
  WsProbe *self = ws_probe_new_peer (peer);

  ws_probe_wait_open (self);
  return self;
}

WsProbe *
ws_probe_new_tls (const char *url, const char *ca)
{
  g_autoptr (RtConfigBuilder) builder = rt_config_builder_new ();
  g_autoptr (GError) error = NULL;

  rt_config_builder_with_endpoint (builder, url);
  if (ca != NULL)
    {
      g_autoptr (GTlsDatabase) database = g_tls_file_database_new (ca, &error);
      g_assert_no_error (error);
      rt_config_builder_with_tls_database (builder, database);
    }
  g_autoptr (RtConfig) config = rt_config_builder_build (builder, &error);
  g_assert_no_error (error);
  return ws_probe_new_config (config);
}

void
ws_probe_drop (WsProbe *self)
{
  RtTransport *transport = self->transport;

  self->transport = NULL;
  transport->klass->free (transport);
}

void
ws_probe_free (WsProbe *self)
{
  if (self->transport != NULL)
    {
      g_assert_cmpuint (self->counts[WS_PROBE_CLOSED], ==, 1);
      ws_probe_drop (self);
    }
  /* What may still be under way below must not report to anybody. */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (self->counts[WS_PROBE_CLOSED], <=, 1);
  rt_settings_unref (self->settings);
  g_ptr_array_unref (self->messages);
  g_clear_error (&self->error);
  g_free (self->reason);
  g_free (self);
}

void
ws_probe_send (WsProbe *self, const char *text)
{
  self->transport->klass->send (self->transport, (const guint8 *) text, strlen (text));
  self->transport->klass->flush (self->transport);
}

void
ws_probe_close (WsProbe *self, guint code, const char *reason)
{
  self->transport->klass->close (self->transport, code, reason);
}

void
ws_probe_wait_open (WsProbe *self)
{
  rt_test_wait_until (self->counts[WS_PROBE_OPENED] + self->counts[WS_PROBE_CLOSED] > 0);
  g_assert_no_error (self->error);
  g_assert_cmpuint (self->counts[WS_PROBE_OPENED], ==, 1);
}

void
ws_probe_wait_closed (WsProbe *self)
{
  rt_test_wait_until (self->counts[WS_PROBE_CLOSED] > 0);
}

const char *
ws_probe_get_text (WsProbe *self, guint index)
{
  g_assert_cmpuint (index, <, self->messages->len);
  return ((GString *) g_ptr_array_index (self->messages, index))->str;
}

void
ws_probe_assert_failed (WsProbe *self, int code, const char *words)
{
  ws_probe_wait_closed (self);
  g_assert_error (self->error, RT_ERROR, code);
  if (strstr (self->error->message, words) == NULL)
    g_error ("\"%s\" does not contain \"%s\"", self->error->message, words);
}
