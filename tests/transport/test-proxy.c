/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "rt-config-builder.h"
#include "rt-error.h"
#include "rt-raw-peer.h"
#include "rt-test-certs.h"
#include "rt-test.h"
#include "ws-probe.h"

#define TOKEN "s3cr3t-hunter2"
#define ESTABLISHED "HTTP/1.1 200 Connection established\r\n\r\n"

typedef struct
{
  const char *answer;      /* of the proxy; NULL: none, and the line is held until the other side ends it */
  const char *certificate; /* of the server behind it; NULL: no TLS */
  char *request;           /* what the proxy was asked */
  char *inner;             /* what came through; NULL: nothing */
  int asked;               /* atomic */
  int ended;               /* atomic */
} Proxy;

static void
proxy_clear (Proxy *proxy)
{
  g_free (proxy->request);
  g_free (proxy->inner);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Proxy, proxy_clear)

static void
serve_behind (RtRawPeer *peer, Proxy *proxy)
{
  if (proxy->certificate != NULL
      && !rt_raw_peer_start_tls (peer, rt_test_certs_get_path (proxy->certificate), NULL))
    return;
  proxy->inner = rt_raw_peer_read_head (peer);
  if (proxy->inner == NULL)
    return;
  g_autofree char *answer = rt_raw_peer_make_101 (proxy->inner, NULL);
  rt_raw_peer_send_string (peer, answer);
  rt_raw_peer_send_frame (peer, RT_RAW_FIN | RT_RAW_TEXT, "through", 7);
  rt_raw_peer_send_close (peer, 1000, "");
  rt_raw_peer_wait_end (peer);
}

static void
proxy_script (RtRawPeer *peer, gpointer user_data)
{
  Proxy *proxy = user_data;

  g_assert_true (rt_raw_peer_accept (peer));
  proxy->request = rt_raw_peer_read_head (peer);
  g_assert_nonnull (proxy->request);
  g_atomic_int_set (&proxy->asked, TRUE);
  if (proxy->answer == NULL)
    rt_raw_peer_wait_end (peer);
  else if (rt_raw_peer_send_string (peer, proxy->answer) && g_str_equal (proxy->answer, ESTABLISHED))
    serve_behind (peer, proxy);
  g_atomic_int_set (&proxy->ended, TRUE);
}

/* @login stands in the proxy's URI, such as "name:password@". */
static WsProbe *
start_through (RtRawPeer *peer, const char *endpoint, const char *login)
{
  g_autofree char *uri = g_strdup_printf ("http://%s127.0.0.1:%u", login, rt_raw_peer_get_port (peer));
  g_autoptr (GProxyResolver) resolver = g_simple_proxy_resolver_new (uri, NULL);
  g_autoptr (GTlsDatabase) database = rt_test_certs_new_database ("ca");
  g_autoptr (RtConfigBuilder) builder = rt_config_builder_new ();
  g_autoptr (GError) error = NULL;

  rt_config_builder_with_endpoint (builder, endpoint);
  rt_config_builder_with_api_key (builder, TOKEN);
  rt_config_builder_with_headers (builder, g_variant_new_parsed ("{'Authorization': 'Bearer " TOKEN "'}"));
  rt_config_builder_with_allow_insecure (builder, TRUE);
  rt_config_builder_with_proxy_resolver (builder, resolver);
  rt_config_builder_with_tls_database (builder, database);
  g_autoptr (RtConfig) config = rt_config_builder_build (builder, &error);
  g_assert_no_error (error);
  return ws_probe_new_config (config);
}

static void
assert_went_through (WsProbe *probe)
{
  ws_probe_wait_closed (probe);
  g_assert_no_error (probe->error);
  g_assert_true (probe->was_open);
  g_assert_cmpuint (probe->messages->len, ==, 1);
}

/* --- Through --- */

/* CONNECT also for ws://, and the name is left to the proxy to resolve. */
static void
test_ws (void)
{
  g_auto (Proxy) proxy = { .answer = ESTABLISHED };
  RtRawPeer *peer = rt_raw_peer_new (proxy_script, &proxy);
  g_autoptr (WsProbe) probe = start_through (peer, "ws://realtime.test/path", "");

  assert_went_through (probe);
  rt_raw_peer_free (peer);
  g_assert_true (g_str_has_prefix (proxy.request, "CONNECT realtime.test:80 HTTP/1."));
  g_assert_null (strstr (proxy.request, TOKEN));
  g_assert_null (strstr (proxy.request, "Proxy-Authorization"));
  g_assert_true (g_str_has_prefix (proxy.inner, "GET /path HTTP/1.1\r\nHost: realtime.test\r\n"));
}

/* The certificate is the server's, not the proxy's. */
static void
test_wss (void)
{
  g_auto (Proxy) proxy = { .answer = ESTABLISHED, .certificate = "server" };
  RtRawPeer *peer = (rt_test_certs_get_path ("server"), rt_raw_peer_new (proxy_script, &proxy));
  g_autoptr (WsProbe) probe = start_through (peer, "wss://realtime.test:8443/path", "");

  assert_went_through (probe);
  rt_raw_peer_free (peer);
  g_assert_true (g_str_has_prefix (proxy.request, "CONNECT realtime.test:8443 HTTP/1."));
  g_assert_null (strstr (proxy.request, TOKEN));
  g_assert_true (g_str_has_prefix (proxy.inner, "GET /path HTTP/1.1\r\nHost: realtime.test:8443\r\n"));
}

/* A proxy that looks into TLS shows a certificate of its own. */
static void
test_wss_refused (void)
{
  g_auto (Proxy) proxy = { .answer = ESTABLISHED, .certificate = "unknown-ca" };
  RtRawPeer *peer = rt_raw_peer_new (proxy_script, &proxy);
  g_autoptr (WsProbe) probe = start_through (peer, "wss://realtime.test/", "");

  ws_probe_assert_failed (probe, RT_ERROR_NETWORK, "The certificate of realtime.test was refused");
  g_assert_true (probe->tls_refused);
  rt_raw_peer_free (peer);
  g_assert_null (proxy.inner);
}

static void
test_login (void)
{
  g_auto (Proxy) proxy = { .answer = ESTABLISHED };
  RtRawPeer *peer = rt_raw_peer_new (proxy_script, &proxy);
  g_autoptr (WsProbe) probe = start_through (peer, "ws://realtime.test/", "name:password@");

  assert_went_through (probe);
  rt_raw_peer_free (peer);
  g_assert_nonnull (strstr (proxy.request, "Proxy-Authorization: Basic bmFtZTpwYXNzd29yZA==\r\n"));
  g_assert_null (strstr (proxy.inner, "Proxy-Authorization"));
}

/* --- Not through --- */

static void
test_refusals (void)
{
  static const struct
  {
    const char *answer;
    const char *login;
    const char *words;
  } cases[] = {
    { "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", "",
      "give a name and password" },
    { "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", "name:password@",
      "give a name and password" },
    { "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "", "check the proxy settings" },
    { "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "", "check the proxy settings" },
    { "SSH-2.0-server\r\n\r\n", "", "check the proxy settings" },
    { "", "", "check the proxy settings" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Proxy) proxy = { .answer = cases[i].answer };
      RtRawPeer *peer = rt_raw_peer_new (proxy_script, &proxy);
      g_autoptr (WsProbe) probe = start_through (peer, "ws://realtime.test/", cases[i].login);

      g_test_message ("%s", cases[i].answer);
      ws_probe_assert_failed (probe, RT_ERROR_NETWORK, "The proxy did not connect to realtime.test");
      g_assert_nonnull (strstr (probe->error->message, cases[i].words));
      g_assert_null (strstr (probe->error->message, "name:password@127"));
      g_assert_false (probe->was_open);
      g_assert_false (probe->tls_refused);
      rt_raw_peer_free (peer);
      g_assert_null (proxy.inner);
    }
}

static void
test_silent (void)
{
  g_auto (Proxy) proxy = { 0 };
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (proxy_script, &proxy);
  g_autoptr (WsProbe) probe = start_through (peer, "ws://realtime.test/", "");
  g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_TIMED_OUT, "too late");

  rt_test_poll_until (g_atomic_int_get (&proxy.asked));
  g_assert_cmpuint (probe->counts[WS_PROBE_CLOSED], ==, 0);
  probe->transport->klass->abort (probe->transport, error);
  g_assert_error (probe->error, RT_ERROR, RT_ERROR_TIMED_OUT);
  rt_test_poll_until (g_atomic_int_get (&proxy.ended));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Proxy/ws", test_ws);
  g_test_add_func ("/Rt/Proxy/wss", test_wss);
  g_test_add_func ("/Rt/Proxy/wss-refused", test_wss_refused);
  g_test_add_func ("/Rt/Proxy/login", test_login);
  g_test_add_func ("/Rt/Proxy/refusals", test_refusals);
  g_test_add_func ("/Rt/Proxy/silent", test_silent);
  return g_test_run ();
}
