/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <libsoup/soup.h>
#include <string.h>

#include "rt-error.h"
#include "rt-test.h"
#include "ws-probe.h"

/* The WebSocket against one that this project did not write: libsoup's server, in the same main context. */

typedef struct
{
  SoupServer *server;
  guint port;
  char *url;
  SoupWebsocketConnection *connection; /* the latest */
  guint closed;
  gushort close_code; /* what the client sent */
  guint pongs;
} Fixture;

static void
message_cb (SoupWebsocketConnection *connection, SoupWebsocketDataType type, GBytes *message, Fixture *fixture)
{
  gsize len;
  const char *text = g_bytes_get_data (message, &len);

  g_assert_cmpint (type, ==, SOUP_WEBSOCKET_DATA_TEXT);
  if (len == 5 && memcmp (text, "close", 5) == 0)
    soup_websocket_connection_close (connection, 3005, "as you wish");
  else
    soup_websocket_connection_send_message (connection, type, message);
}

static void
closed_cb (SoupWebsocketConnection *connection, Fixture *fixture)
{
  fixture->closed++;
  fixture->close_code = soup_websocket_connection_get_close_code (connection);
}

static void
pong_cb (SoupWebsocketConnection *connection, GBytes *message, Fixture *fixture)
{
  fixture->pongs++;
}

static void
websocket_cb (SoupServer *server, SoupServerMessage *message, const char *path,
              SoupWebsocketConnection *connection, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_set_object (&fixture->connection, connection);
  soup_websocket_connection_set_max_incoming_payload_size (connection, 16 * 1024 * 1024);
  soup_websocket_connection_set_keepalive_interval (connection, 1);
  g_signal_connect (connection, "message", G_CALLBACK (message_cb), fixture);
  g_signal_connect (connection, "closed", G_CALLBACK (closed_cb), fixture);
  g_signal_connect (connection, "pong", G_CALLBACK (pong_cb), fixture);
}

static void
http_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  soup_message_headers_append (soup_server_message_get_response_headers (message), "Retry-After", "11");
  soup_message_headers_append (soup_server_message_get_response_headers (message), "Connection", "close");
  soup_server_message_set_status (message, SOUP_STATUS_SERVICE_UNAVAILABLE, NULL);
}

static void
fixture_set_up (Fixture *fixture, gconstpointer unused)
{
  static const char *protocols[] = { "centrifuge-json", "rt1.json", NULL };
  g_autoptr (GError) error = NULL;

  memset (fixture, 0, sizeof *fixture);
  fixture->server = soup_server_new (NULL, NULL);
  soup_server_add_websocket_handler (fixture->server, "/ws", NULL, (char **) protocols, websocket_cb, fixture, NULL);
  soup_server_add_handler (fixture->server, "/busy", http_cb, fixture, NULL);
  soup_server_listen_local (fixture->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  GSList *uris = soup_server_get_uris (fixture->server);
  fixture->port = (guint) g_uri_get_port (uris->data);
  fixture->url = g_strdup_printf ("ws://127.0.0.1:%u/ws", fixture->port);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
}

static void
fixture_tear_down (Fixture *fixture, gconstpointer unused)
{
  soup_server_disconnect (fixture->server);
  g_clear_object (&fixture->connection);
  g_clear_object (&fixture->server);
  g_free (fixture->url);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_echo (Fixture *fixture, gconstpointer unused)
{
  static const gsize sizes[] = { 0, 1, 125, 126, 65535, 65536, 1000000 };
  g_autoptr (WsProbe) probe = ws_probe_new (fixture->url);

  ws_probe_wait_open (probe);
  /* Its first, of those that are offered. */
  g_assert_cmpint (probe->profile, ==, RT_PROFILE_CENTRIFUGO);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *text = g_strnfill (sizes[i], 'a' + (char) i);
      ws_probe_send (probe, text);
      rt_test_wait_until (probe->messages->len == i + 1);
      g_assert_cmpstr (ws_probe_get_text (probe, i), ==, text);
    }
  ws_probe_close (probe, 4001, "enough");
  ws_probe_wait_closed (probe);
  g_assert_true (probe->clean);
  rt_test_wait_until (fixture->closed == 1);
  g_assert_cmpuint (fixture->close_code, ==, 4001);
}

static void
test_server_closes (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (WsProbe) probe = ws_probe_new (fixture->url);

  ws_probe_wait_open (probe);
  ws_probe_send (probe, "close");
  ws_probe_wait_closed (probe);
  g_assert_cmpuint (probe->code, ==, 3005);
  g_assert_cmpstr (probe->reason, ==, "as you wish");
  g_assert_true (probe->clean);
  g_assert_no_error (probe->error);
  rt_test_wait_until (fixture->closed == 1);
  g_assert_cmpuint (fixture->close_code, ==, 3005);
}

static void
test_pings (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (WsProbe) probe = ws_probe_new (fixture->url);

  ws_probe_wait_open (probe);
  g_assert_true (probe->transport->klass->ping (probe->transport));
  rt_test_wait_until (probe->counts[WS_PROBE_PONG] == 1);
  rt_test_wait_until (fixture->pongs == 1);
  ws_probe_close (probe, 1000, NULL);
  ws_probe_wait_closed (probe);
}

static void
test_refused (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *busy = g_strdup_printf ("ws://127.0.0.1:%u/busy", fixture->port);
  g_autofree char *missing = g_strdup_printf ("ws://127.0.0.1:%u/missing", fixture->port);

  g_autoptr (WsProbe) first = ws_probe_new (busy);
  ws_probe_assert_failed (first, RT_ERROR_SERVER, "503");
  g_assert_cmpint (first->retry_after, ==, 11 * G_USEC_PER_SEC);
  g_autoptr (WsProbe) second = ws_probe_new (missing);
  ws_probe_assert_failed (second, RT_ERROR_PROTOCOL, "404");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/Rt/SoupPeer/echo", Fixture, NULL, fixture_set_up, test_echo, fixture_tear_down);
  g_test_add ("/Rt/SoupPeer/server-closes", Fixture, NULL, fixture_set_up, test_server_closes, fixture_tear_down);
  g_test_add ("/Rt/SoupPeer/pings", Fixture, NULL, fixture_set_up, test_pings, fixture_tear_down);
  g_test_add ("/Rt/SoupPeer/refused", Fixture, NULL, fixture_set_up, test_refused, fixture_tear_down);
  return g_test_run ();
}
