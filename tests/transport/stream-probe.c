/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stream-probe.h"

#include "rt-config-builder.h"
#include "rt-http-transport.h"
#include "rt-test.h"

WsProbe *
stream_probe_open (HttpPeer *peer)
{
  g_autofree char *url = http_peer_get_url (peer);
  g_autoptr (RtConfigBuilder) builder = rt_config_builder_new ();
  g_autoptr (GError) error = NULL;

  rt_config_builder_with_endpoint (builder, url);
  rt_config_builder_with_heartbeat_timeout (builder, 500);
  rt_config_builder_with_headers (builder, g_variant_new_parsed ("{'Cookie': 'a=b', 'x-rt-protocol': '7'}"));
  g_autoptr (RtConfig) config = rt_config_builder_build (builder, &error);
  g_assert_no_error (error);
  return ws_probe_new_transport (rt_http_stream_transport (), config);
}

/* The usual beginning of a client. */
WsProbe *
stream_probe_connect (HttpPeer *peer)
{
  WsProbe *self = stream_probe_open (peer);

  ws_probe_wait_open (self);
  ws_probe_send (self, STREAM_CONNECT);
  return self;
}

WsProbe *
stream_probe_greet (HttpPeer *peer)
{
  WsProbe *self = stream_probe_connect (peer);

  rt_test_wait_until (self->messages->len > 0 || self->counts[WS_PROBE_CLOSED] > 0);
  g_assert_no_error (self->error);
  g_assert_cmpstr (ws_probe_get_text (self, 0), ==, STREAM_GREETING);
  return self;
}

gboolean
is_stream_request (const HttpRequest *request)
{
  return g_str_equal (request->path, "/connection/http_stream");
}

void
send_greeting (HttpConn *conn)
{
  http_conn_send_string (conn, STREAM_HEAD);
  http_conn_send_chunk (conn, STREAM_GREETING "\n");
}
