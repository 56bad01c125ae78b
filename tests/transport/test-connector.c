/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "rt-config-builder.h"
#include "rt-error.h"
#include "rt-raw-peer.h"
#include "rt-test.h"
#include "ws-probe.h"

static char *
find_certificate (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "transport", "certs", name, NULL);
}

static void
upgrade_and_close_script (RtRawPeer *peer, gpointer user_data)
{
  if (!rt_raw_peer_accept (peer))
    return;
  g_autofree char *head = rt_raw_peer_read_head (peer);
  if (head == NULL)
    return;
  /* How often a request came that could hold a secret. */
  if (user_data != NULL)
    g_atomic_int_inc ((int *) user_data);
  g_autofree char *answer = rt_raw_peer_make_101 (head, NULL);
  rt_raw_peer_send_string (peer, answer);
  rt_raw_peer_send_close (peer, 1000, "");
  rt_raw_peer_wait_end (peer);
}

/* --- TCP and names --- */

static void
test_refused_port (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GError) error = NULL;
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, &error);
  g_autofree char *url = g_strdup_printf ("ws://127.0.0.1:%u/", port);

  g_assert_no_error (error);
  g_socket_listener_close (listener);
  g_autoptr (WsProbe) probe = ws_probe_new (url);
  g_assert_cmpuint (probe->counts[WS_PROBE_CLOSED], ==, 0);
  ws_probe_assert_failed (probe, RT_ERROR_NETWORK, "refused the connection");
  g_assert_nonnull (strstr (probe->error->message, "127.0.0.1"));
  g_assert_cmpuint (probe->code, ==, 1006);
  g_assert_cmpuint (probe->http_status, ==, 0);
  g_assert_cmpint (probe->retry_after, ==, -1);
  g_assert_false (probe->was_open);
}

static void
test_unknown_name (void)
{
  g_autoptr (WsProbe) probe = ws_probe_new_tls ("wss://no-such-host.invalid/", NULL);

  ws_probe_assert_failed (probe, RT_ERROR_NETWORK, "no-such-host.invalid");
}

/* The name stands for ::1 as well, where nobody listens. */
static void
test_localhost (void)
{
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (upgrade_and_close_script, NULL);
  g_autofree char *url = g_strdup_printf ("ws://localhost:%u/", rt_raw_peer_get_port (peer));
  g_autoptr (WsProbe) probe = ws_probe_new (url);

  ws_probe_wait_open (probe);
  ws_probe_wait_closed (probe);
}

/* --- TLS --- */

static void
test_tls (void)
{
  g_autofree char *pem = find_certificate ("server.pem");
  g_autofree char *ca = find_certificate ("ca.pem");
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new_tls (pem, upgrade_and_close_script, NULL);
  g_autofree char *url = rt_raw_peer_get_url (peer);
  g_autoptr (WsProbe) probe = ws_probe_new_tls (url, ca);

  ws_probe_wait_open (probe);
  ws_probe_wait_closed (probe);
  g_assert_true (probe->clean);
}

typedef struct
{
  const char *certificate;
  const char *ca; /* nullable: the system's */
  const char *words;
} TlsCase;

static const TlsCase tls_cases[] = {
  { "server.pem", NULL, "set tls-database" },
  { "self-signed.pem", "ca.pem", "set tls-database" },
  { "wrong-host.pem", "ca.pem", "another host" },
  { "expired.pem", "ca.pem", "expired" },
};

static void
test_tls_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (tls_cases); i++)
    {
      int requests = 0;
      g_autofree char *pem = find_certificate (tls_cases[i].certificate);
      g_autofree char *ca = tls_cases[i].ca != NULL ? find_certificate (tls_cases[i].ca) : NULL;
      RtRawPeer *peer = rt_raw_peer_new_tls (pem, upgrade_and_close_script, &requests);
      g_autofree char *url = rt_raw_peer_get_url (peer);
      g_autoptr (WsProbe) probe = ws_probe_new_tls (url, ca);

      ws_probe_assert_failed (probe, RT_ERROR_NETWORK, "The certificate of 127.0.0.1");
      g_assert_nonnull (strstr (probe->error->message, tls_cases[i].words));
      g_assert_true (probe->tls_refused);
      g_assert_false (probe->was_open);
      rt_raw_peer_free (peer);
      g_assert_cmpint (requests, ==, 0);
    }
}

static void
speak_http_script (RtRawPeer *peer, gpointer user_data)
{
  char hello[16];

  g_assert_true (rt_raw_peer_accept (peer));
  g_assert_cmpuint (rt_raw_peer_read (peer, hello, sizeof hello), >, 0);
  rt_raw_peer_send_string (peer, "HTTP/1.1 400 Bad Request\r\n\r\n");
  rt_raw_peer_close (peer);
}

/* wss:// to a port that speaks plain HTTP, and ws:// to one that speaks TLS. */
static void
test_wrong_scheme (void)
{
  g_autofree char *pem = find_certificate ("server.pem");
  g_autoptr (RtRawPeer) plain = rt_raw_peer_new (speak_http_script, NULL);
  g_autofree char *secure_url = g_strdup_printf ("wss://127.0.0.1:%u/", rt_raw_peer_get_port (plain));
  g_autoptr (WsProbe) first = ws_probe_new_tls (secure_url, NULL);
  ws_probe_assert_failed (first, RT_ERROR_NETWORK, "No TLS connection");
  g_assert_false (first->tls_refused);

  g_autoptr (RtRawPeer) secure = rt_raw_peer_new_tls (pem, upgrade_and_close_script, NULL);
  g_autofree char *plain_url = g_strdup_printf ("ws://127.0.0.1:%u/", rt_raw_peer_get_port (secure));
  g_autoptr (WsProbe) second = ws_probe_new (plain_url);
  ws_probe_wait_closed (second);
  g_assert_false (second->was_open);
  g_assert_true (g_error_matches (second->error, RT_ERROR, RT_ERROR_PROTOCOL)
                 || g_error_matches (second->error, RT_ERROR, RT_ERROR_NETWORK));
}

/* --- Proxies --- */

typedef struct
{
  const char *connect_answer; /* of the proxy */
  char *request;              /* its request */
  char *inner;                /* what came through */
} Proxy;

static void
proxy_script (RtRawPeer *peer, gpointer user_data)
{
  Proxy *proxy = user_data;

  g_assert_true (rt_raw_peer_accept (peer));
  proxy->request = rt_raw_peer_read_head (peer);
  g_assert_nonnull (proxy->request);
  rt_raw_peer_send_string (peer, proxy->connect_answer);
  proxy->inner = rt_raw_peer_read_head (peer);
  if (proxy->inner == NULL)
    return;
  g_autofree char *answer = rt_raw_peer_make_101 (proxy->inner, NULL);
  rt_raw_peer_send_string (peer, answer);
  rt_raw_peer_send_frame (peer, RT_RAW_FIN | RT_RAW_TEXT, "through", 7);
  rt_raw_peer_send_close (peer, 1000, "");
  rt_raw_peer_wait_end (peer);
}

static WsProbe *
start_through_proxy (RtRawPeer *peer)
{
  g_autofree char *uri = g_strdup_printf ("http://127.0.0.1:%u", rt_raw_peer_get_port (peer));
  g_autoptr (GProxyResolver) resolver = g_simple_proxy_resolver_new (uri, NULL);
  g_autoptr (RtConfigBuilder) builder = rt_config_builder_new ();
  g_autoptr (GError) error = NULL;

  rt_config_builder_with_endpoint (builder, "ws://realtime.test/path");
  rt_config_builder_with_allow_insecure (builder, TRUE);
  rt_config_builder_with_proxy_resolver (builder, resolver);
  g_autoptr (RtConfig) config = rt_config_builder_build (builder, &error);
  g_assert_no_error (error);
  return ws_probe_new_config (config);
}

/* CONNECT also for ws://, and the name is left to the proxy to resolve. */
static void
test_proxy (void)
{
  Proxy proxy = { .connect_answer = "HTTP/1.1 200 Connection established\r\n\r\n" };
  RtRawPeer *peer = rt_raw_peer_new (proxy_script, &proxy);
  g_autoptr (WsProbe) probe = start_through_proxy (peer);

  ws_probe_wait_closed (probe);
  g_assert_true (probe->was_open);
  g_assert_cmpuint (probe->messages->len, ==, 1);
  rt_raw_peer_free (peer);
  g_assert_true (g_str_has_prefix (proxy.request, "CONNECT realtime.test:80 HTTP/1."));
  g_assert_true (g_str_has_prefix (proxy.inner, "GET /path HTTP/1.1\r\nHost: realtime.test\r\n"));
  g_free (proxy.request);
  g_free (proxy.inner);
}

static void
test_proxy_refuses (void)
{
  static const char *const refusals[] = {
    "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      Proxy proxy = { .connect_answer = refusals[i] };
      RtRawPeer *peer = rt_raw_peer_new (proxy_script, &proxy);
      g_autoptr (WsProbe) probe = start_through_proxy (peer);

      ws_probe_assert_failed (probe, RT_ERROR_NETWORK, "The proxy did not connect to realtime.test");
      g_assert_false (probe->was_open);
      rt_raw_peer_free (peer);
      g_assert_null (proxy.inner);
      g_free (proxy.request);
    }
}

/* --- Fragments --- */

/* The answer comes in pieces of every size. */
static void
pieces_script (RtRawPeer *peer, gpointer user_data)
{
  gsize size = GPOINTER_TO_SIZE (user_data);
  g_assert_true (rt_raw_peer_accept (peer));
  g_assert_true (g_socket_set_option (rt_raw_peer_get_socket (peer), IPPROTO_TCP, TCP_NODELAY, 1, NULL));
  g_autofree char *head = rt_raw_peer_read_head (peer);
  g_autofree char *answer = rt_raw_peer_make_101 (head, "Sec-WebSocket-Protocol: rt1.json\r\n");

  for (gsize pos = 0; pos < strlen (answer); pos += size)
    rt_raw_peer_send (peer, answer + pos, MIN (size, strlen (answer) - pos));
  rt_raw_peer_send_close (peer, 1000, "");
  rt_raw_peer_wait_end (peer);
}

static void
test_pieces (void)
{
  static const gsize sizes[] = { 1, 2, 3, 7, 50 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (RtRawPeer) peer = rt_raw_peer_new (pieces_script, GSIZE_TO_POINTER (sizes[i]));
      g_autofree char *url = rt_raw_peer_get_url (peer);
      g_autoptr (WsProbe) probe = ws_probe_new (url);

      ws_probe_wait_open (probe);
      g_assert_cmpint (probe->profile, ==, RT_PROFILE_RT1);
      ws_probe_wait_closed (probe);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Connector/refused-port", test_refused_port);
  g_test_add_func ("/Rt/Connector/unknown-name", test_unknown_name);
  g_test_add_func ("/Rt/Connector/localhost", test_localhost);
  g_test_add_func ("/Rt/Connector/tls", test_tls);
  g_test_add_func ("/Rt/Connector/tls-refused", test_tls_refused);
  g_test_add_func ("/Rt/Connector/wrong-scheme", test_wrong_scheme);
  g_test_add_func ("/Rt/Connector/proxy", test_proxy);
  g_test_add_func ("/Rt/Connector/proxy-refuses", test_proxy_refuses);
  g_test_add_func ("/Rt/Connector/pieces", test_pieces);
  return g_test_run ();
}
