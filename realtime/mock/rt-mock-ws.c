/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-ws.h"

#include "rt-mock-outbound.h"
#include "rt-mock-session.h"

typedef struct
{
  RtMockCarrier base;
  SoupWebsocketConnection *websocket;
  RtBudgetLine *line;
  RtMockOutbound outbound;
  guint64 written_base; /* bytes that the line had written before the upgrade */
} Ws;

static gboolean
ws_is_open (RtMockCarrier *base)
{
  return soup_websocket_connection_get_state (((Ws *) base)->websocket) == SOUP_WEBSOCKET_STATE_OPEN;
}

static gboolean
ws_is_slow (RtMockCarrier *base)
{
  Ws *self = (Ws *) base;

  return rt_mock_outbound_is_over (&self->outbound, rt_budget_line_get_written (self->line) - self->written_base);
}

static void
ws_send (RtMockCarrier *base, const guint8 *data, gsize len)
{
  Ws *self = (Ws *) base;
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, len);

  rt_mock_outbound_add_frame (&self->outbound, len);
  /* libsoup copies them. */
  soup_websocket_connection_send_message (self->websocket, SOUP_WEBSOCKET_DATA_TEXT, bytes);
}

static void
ws_pause (RtMockCarrier *base, gboolean paused)
{
  rt_budget_line_set_paused (((Ws *) base)->line, paused);
}

static void
ws_close (RtMockCarrier *base, guint code, const char *reason)
{
  if (ws_is_open (base))
    soup_websocket_connection_close (((Ws *) base)->websocket, code, reason);
}

static void
ws_abort (RtMockCarrier *base)
{
  rt_budget_line_close (((Ws *) base)->line, FALSE);
}

static gboolean
ws_drop (RtMockCarrier *base)
{
  rt_budget_line_close (((Ws *) base)->line, TRUE);
  return TRUE;
}

static void
ws_free (RtMockCarrier *base)
{
  Ws *self = (Ws *) base;

  g_signal_handlers_disconnect_by_data (self->websocket, self);
  g_object_unref (self->websocket);
  rt_budget_line_unref (self->line);
  rt_mock_outbound_clear (&self->outbound);
  g_free (self);
}

static const RtMockCarrierFuncs ws_funcs = {
  .is_open = ws_is_open,
  .is_slow = ws_is_slow,
  .send = ws_send,
  .pause = ws_pause,
  .close = ws_close,
  .abort = ws_abort,
  .drop = ws_drop,
  .free = ws_free,
};

static void
message_cb (SoupWebsocketConnection *websocket, int type, GBytes *message, gpointer user_data)
{
  Ws *self = user_data;
  gsize size;
  const char *data = g_bytes_get_data (message, &size);

  rt_budget_line_delivered (self->line);
  /* libsoup goes on delivering after an error. */
  if (!ws_is_open (&self->base))
    return;
  if (type != SOUP_WEBSOCKET_DATA_TEXT)
    rt_mock_session_close (self->base.session, RT_MOCK_CLOSE_UNSUPPORTED, "only text is understood");
  else if (size > RT_MOCK_MAX_MESSAGE)
    rt_mock_session_close (self->base.session, RT_MOCK_CLOSE_TOO_BIG, "message size limit exceeded");
  else
    rt_mock_session_take (self->base.session, data, size);
}

/* libsoup closes the line after both, but only once the peer has taken what is still to be written. */
static void
ending_cb (Ws *self)
{
  rt_mock_session_lost (self->base.session);
}

RtProfile
rt_mock_ws_get_profile (SoupWebsocketConnection *websocket)
{
  const char *protocol = soup_websocket_connection_get_protocol (websocket);

  return g_strcmp0 (protocol, RT_SUBPROTOCOL_RT1) == 0 ? RT_PROFILE_RT1 : RT_PROFILE_CENTRIFUGO;
}

RtMockCarrier *
rt_mock_ws_new (SoupWebsocketConnection *websocket, RtBudgetLine *line)
{
  Ws *self = g_new0 (Ws, 1);

  self->base.funcs = &ws_funcs;
  self->websocket = g_object_ref (websocket);
  self->line = rt_budget_line_ref (line);
  rt_mock_outbound_init (&self->outbound);
  self->written_base = rt_budget_line_get_written (line);
  soup_websocket_connection_set_max_incoming_payload_size (websocket, RT_BUDGET_LINE_UNDELIVERED / 2);
  g_signal_connect (websocket, "message", G_CALLBACK (message_cb), self);
  g_signal_connect_swapped (websocket, "error", G_CALLBACK (ending_cb), self);
  g_signal_connect_swapped (websocket, "closing", G_CALLBACK (ending_cb), self);
  return &self->base;
}
