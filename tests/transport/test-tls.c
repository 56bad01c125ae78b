/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gnutls/gnutls.h>
#include <string.h>

#include "rt-config-builder.h"
#include "rt-error.h"
#include "rt-raw-peer.h"
#include "rt-test-certs.h"
#include "rt-test.h"
#include "ws-probe.h"

#define TOKEN "s3cr3t-hunter2"

/* What a server saw. */
typedef struct
{
  const char *certificate;
  gboolean ask_client; /* for a certificate of "ca" */
  guint connections;
  gboolean handshake;
  gsize bytes;    /* of the application */
  gboolean leave; /* goes once it has read something */
} Server;

static void
server_script (RtRawPeer *peer, gpointer user_data)
{
  Server *server = user_data;
  guint8 buffer[4096];
  gsize got;

  for (guint i = 0; i < server->connections; i++)
    {
      const char *ca = server->ask_client ? rt_test_certs_get_path ("ca") : NULL;

      g_assert_true (rt_raw_peer_accept (peer));
      server->handshake = rt_raw_peer_start_tls (peer, rt_test_certs_get_path (server->certificate), ca);
      while (server->handshake && (got = rt_raw_peer_read (peer, buffer, sizeof buffer)) > 0)
        {
          server->bytes += got;
          if (server->leave)
            break;
        }
    }
}

static RtRawPeer *
server_start (Server *server)
{
  server->connections = MAX (server->connections, 1);
  server->leave = TRUE;
  rt_test_certs_get_path (server->certificate); /* made before there are two threads */
  return rt_raw_peer_new (server_script, server);
}

/* A client for @peer that knows "ca"; @client and @pin are nullable. */
static WsProbe *
probe_new (RtRawPeer *peer, const char *client, const char *const *pins)
{
  g_autofree char *url = g_strdup_printf ("wss://127.0.0.1:%u/", rt_raw_peer_get_port (peer));
  g_autoptr (GTlsDatabase) database = rt_test_certs_new_database ("ca");
  g_autoptr (RtConfigBuilder) builder = rt_config_builder_new ();
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autoptr (GError) error = NULL;

  rt_config_builder_with_endpoint (builder, url);
  rt_config_builder_with_api_key (builder, TOKEN);
  rt_config_builder_with_headers (builder, g_variant_new_parsed ("{'Authorization': 'Bearer " TOKEN "'}"));
  rt_config_builder_with_tls_database (builder, database);
  rt_config_builder_with_tls_pins (builder, pins);
  if (client != NULL)
    {
      certificate = g_tls_certificate_new_from_file (rt_test_certs_get_path (client), &error);
      g_assert_no_error (error);
      rt_config_builder_with_tls_certificate (builder, certificate);
    }
  g_autoptr (RtConfig) config = rt_config_builder_build (builder, &error);
  g_assert_no_error (error);
  return ws_probe_new_config (config);
}

static WsProbe *
probe_new_pin (RtRawPeer *peer, const char *pin)
{
  const char *const pins[] = { pin, NULL };

  return probe_new (peer, NULL, pins);
}

/* --- Certificates --- */

static void
upgrade_and_close_script (RtRawPeer *peer, gpointer user_data)
{
  rt_raw_peer_upgrade (peer);
  rt_raw_peer_send_close (peer, 1000, "");
  rt_raw_peer_wait_end (peer);
}

static void
test_accepted (void)
{
  g_autoptr (RtRawPeer) peer
    = rt_raw_peer_new_tls (rt_test_certs_get_path ("server"), upgrade_and_close_script, NULL);
  g_autoptr (WsProbe) probe = probe_new (peer, NULL, NULL);

  ws_probe_wait_open (probe);
  ws_probe_wait_closed (probe);
  g_assert_true (probe->clean);
  g_assert_false (probe->tls_refused);
}

static void
test_refused (void)
{
  static const struct
  {
    const char *certificate;
    const char *words;
  } cases[] = {
    { "self-signed", "set tls-database" },
    { "unknown-ca", "set tls-database" },
    { "wrong-host", "another host" },
    { "expired", "has expired" },
    { "not-yet-valid", "not valid yet" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Server server = { .certificate = cases[i].certificate };
      RtRawPeer *peer = server_start (&server);
      g_autoptr (WsProbe) probe = probe_new (peer, NULL, NULL);

      ws_probe_assert_failed (probe, RT_ERROR_NETWORK, "The certificate of 127.0.0.1");
      g_assert_nonnull (strstr (probe->error->message, cases[i].words));
      g_assert_true (probe->tls_refused);
      g_assert_false (probe->was_open);
      rt_raw_peer_free (peer);
      g_assert_cmpuint (server.bytes, ==, 0);
    }
}

/* The dot that makes a name absolute is not in certificates. */
static void
test_absolute_name (void)
{
  g_autoptr (RtRawPeer) peer
    = rt_raw_peer_new_tls (rt_test_certs_get_path ("server"), upgrade_and_close_script, NULL);
  g_autofree char *url = g_strdup_printf ("wss://localhost.:%u/", rt_raw_peer_get_port (peer));
  g_autoptr (WsProbe) probe = ws_probe_new_tls (url, rt_test_certs_get_path ("ca"));

  ws_probe_wait_open (probe);
  ws_probe_wait_closed (probe);
}

/* Without a database of the program's own the system's decides. */
static void
test_system_database (void)
{
  Server server = { .certificate = "server" };
  RtRawPeer *peer = server_start (&server);
  g_autofree char *url = g_strdup_printf ("wss://127.0.0.1:%u/", rt_raw_peer_get_port (peer));
  g_autoptr (WsProbe) probe = ws_probe_new_tls (url, NULL);

  ws_probe_assert_failed (probe, RT_ERROR_NETWORK, "set tls-database");
  g_assert_true (probe->tls_refused);
  rt_raw_peer_free (peer);
  g_assert_cmpuint (server.bytes, ==, 0);
}

/* --- Pins --- */

#define OTHER_PIN "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

/* The key of the server, of the authority whose certificate it sends, or of that above, which only the client has. */
static void
test_pins (void)
{
  static const char *const names[] = { "server", "intermediate", "ca" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (RtRawPeer) peer
        = rt_raw_peer_new_tls (rt_test_certs_get_path ("server"), upgrade_and_close_script, NULL);
      g_autofree char *pin = rt_test_certs_get_pin (names[i]);
      const char *const pins[] = { OTHER_PIN, pin, NULL };
      g_autoptr (WsProbe) probe = probe_new (peer, NULL, pins);

      ws_probe_wait_open (probe);
      ws_probe_wait_closed (probe);
    }
}

static void
assert_pin_refused (WsProbe *probe)
{
  ws_probe_assert_failed (probe, RT_ERROR_NETWORK, "tls-pins");
  g_assert_nonnull (strstr (probe->error->message, "127.0.0.1"));
  g_assert_null (strstr (probe->error->message, TOKEN));
  g_assert_true (probe->tls_refused);
  g_assert_false (probe->was_open);
}

/* The chain is valid and the handshake has ended: not a byte is sent to a server with another key. */
static void
test_pin_mismatch (void)
{
  g_autofree char *of_client = rt_test_certs_get_pin ("client");
  const char *const pins[] = { OTHER_PIN, of_client };

  for (guint i = 0; i < G_N_ELEMENTS (pins); i++)
    {
      Server server = { .certificate = "server" };
      RtRawPeer *peer = server_start (&server);
      g_autoptr (WsProbe) probe = probe_new_pin (peer, pins[i]);

      assert_pin_refused (probe);
      rt_raw_peer_free (peer);
      g_assert_true (server.handshake);
      g_assert_cmpuint (server.bytes, ==, 0);
    }
}

/* A certificate that only has the name of one of the chain proves nothing: anybody can send it. */
static void
test_pin_beside (void)
{
  Server server = { .certificate = "appended" };
  RtRawPeer *peer = server_start (&server);
  g_autofree char *pin = rt_test_certs_get_pin ("impostor");
  const char *const pins[] = { pin, NULL };
  g_autoptr (GTlsDatabase) database = rt_test_certs_new_database ("intermediate");
  g_autofree char *url = g_strdup_printf ("wss://127.0.0.1:%u/", rt_raw_peer_get_port (peer));
  g_autoptr (RtConfig) config = g_object_new (RT_TYPE_CONFIG, "endpoint", url, "tls-database", database,
                                              "tls-pins", pins, NULL);
  g_autoptr (WsProbe) probe = ws_probe_new_config (config);

  assert_pin_refused (probe);
  rt_raw_peer_free (peer);
  g_assert_true (server.handshake);
  g_assert_cmpuint (server.bytes, ==, 0);
}

/* A session that is taken up again is judged anew. */
static void
test_pin_after_session (void)
{
  Server server = { .certificate = "server", .connections = 2 };
  RtRawPeer *peer = server_start (&server);
  g_autoptr (WsProbe) first = probe_new (peer, NULL, NULL);

  ws_probe_assert_failed (first, RT_ERROR_NETWORK, "before it had answered");
  g_autoptr (WsProbe) second = probe_new_pin (peer, OTHER_PIN);
  assert_pin_refused (second);
  rt_raw_peer_free (peer);
}

/* --- The client's certificate --- */

static void
client_script (RtRawPeer *peer, gpointer user_data)
{
  const char *ca = rt_test_certs_get_path ("ca");
  gboolean *served = user_data;

  g_assert_true (rt_raw_peer_accept (peer));
  if (!rt_raw_peer_start_tls (peer, rt_test_certs_get_path ("server"), ca))
    return;
  g_autofree char *head = rt_raw_peer_read_head (peer);
  if (head == NULL)
    return;
  *served = TRUE;
  g_autofree char *answer = rt_raw_peer_make_101 (head, NULL);
  rt_raw_peer_send_string (peer, answer);
  rt_raw_peer_send_close (peer, 1000, "");
  rt_raw_peer_wait_end (peer);
}

static void
test_client_certificate (void)
{
  gboolean served = FALSE;
  RtRawPeer *peer = (rt_test_certs_get_path ("ca"), rt_raw_peer_new (client_script, &served));
  g_autoptr (WsProbe) probe = probe_new (peer, "client", NULL);

  ws_probe_wait_open (probe);
  ws_probe_wait_closed (probe);
  rt_raw_peer_free (peer);
  g_assert_true (served);
}

/* It is the server that refuses: that is no fault of its certificate. */
static void
test_no_client_certificate (void)
{
  static const struct
  {
    const char *client;
    const char *words;
  } cases[] = {
    { NULL, "asks for a client certificate; set tls-certificate" },
    { "unknown-ca", "127.0.0.1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gboolean served = FALSE;
      RtRawPeer *peer = rt_raw_peer_new (client_script, &served);
      g_autoptr (WsProbe) probe = probe_new (peer, cases[i].client, NULL);

      ws_probe_assert_failed (probe, RT_ERROR_NETWORK, cases[i].words);
      g_assert_false (probe->tls_refused);
      rt_raw_peer_free (peer);
      g_assert_false (served);
    }
}

/* --- Handshakes that break --- */

typedef struct
{
  gboolean reset;
  gsize bytes; /* of the client's first words that are read before */
} Break;

static void
break_script (RtRawPeer *peer, gpointer user_data)
{
  const Break *when = user_data;
  guint8 buffer[64];

  g_assert_true (rt_raw_peer_accept (peer));
  if (when->bytes > 0)
    g_assert_cmpuint (rt_raw_peer_read (peer, buffer, when->bytes), >, 0);
  if (when->reset)
    rt_raw_peer_reset (peer);
  else
    rt_raw_peer_close (peer);
}

static void
test_broken_handshake (void)
{
  static const Break breaks[] = { { TRUE, 0 }, { TRUE, 1 }, { TRUE, 64 }, { FALSE, 0 }, { FALSE, 1 }, { FALSE, 64 } };

  for (guint i = 0; i < G_N_ELEMENTS (breaks); i++)
    {
      g_autoptr (RtRawPeer) peer = rt_raw_peer_new (break_script, (gpointer) &breaks[i]);
      g_autoptr (WsProbe) probe = probe_new (peer, NULL, NULL);

      ws_probe_assert_failed (probe, RT_ERROR_NETWORK, "to 127.0.0.1");
      g_assert_false (probe->tls_refused);
      g_assert_cmpuint (probe->code, ==, 1006);
    }
}

enum
{
  SILENT_GREETED = 1,
  SILENT_ENDED,
};

static void
silent_script (RtRawPeer *peer, gpointer user_data)
{
  guint8 hello;

  g_assert_true (rt_raw_peer_accept (peer));
  g_assert_cmpuint (rt_raw_peer_read (peer, &hello, 1), ==, 1);
  g_atomic_int_set ((int *) user_data, SILENT_GREETED);
  rt_raw_peer_wait_end (peer);
  g_atomic_int_set ((int *) user_data, SILENT_ENDED);
}

/* A server that never answers: whoever watches over the deadline ends it at once, and the line goes with it. */
static void
test_silent_handshake (void)
{
  int step = 0;
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (silent_script, &step);
  g_autoptr (WsProbe) probe = probe_new (peer, NULL, NULL);
  g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_TIMED_OUT, "too late");

  rt_test_poll_until (g_atomic_int_get (&step) == SILENT_GREETED);
  g_assert_cmpuint (probe->counts[WS_PROBE_CLOSED], ==, 0);
  probe->transport->klass->abort (probe->transport, error);
  g_assert_cmpuint (probe->counts[WS_PROBE_CLOSED], ==, 1);
  g_assert_error (probe->error, RT_ERROR, RT_ERROR_TIMED_OUT);
  g_assert_false (probe->tls_refused);
  rt_test_poll_until (g_atomic_int_get (&step) == SILENT_ENDED);
}

/* --- Old versions --- */

/* TLS 1.0 and 1.1, which nobody should take any more (RFC 8996). */
static void
old_script (RtRawPeer *peer, gpointer user_data)
{
  const char *priority = user_data;
  gnutls_certificate_credentials_t credentials;
  gnutls_session_t session;

  g_assert_true (rt_raw_peer_accept (peer));
  const char *file = rt_test_certs_get_path ("server");
  g_assert_cmpint (gnutls_certificate_allocate_credentials (&credentials), ==, 0);
  g_assert_cmpint (gnutls_certificate_set_x509_key_file (credentials, file, file, GNUTLS_X509_FMT_PEM), >=, 0);
  g_assert_cmpint (gnutls_init (&session, GNUTLS_SERVER), ==, 0);
  g_assert_cmpint (gnutls_priority_set_direct (session, priority, NULL), ==, 0);
  gnutls_credentials_set (session, GNUTLS_CRD_CERTIFICATE, credentials);
  gnutls_transport_set_int (session, g_socket_get_fd (rt_raw_peer_get_socket (peer)));
  g_socket_set_blocking (rt_raw_peer_get_socket (peer), TRUE);
  gnutls_handshake_set_timeout (session, 20000);
  int result;
  do
    result = gnutls_handshake (session);
  while (result < 0 && !gnutls_error_is_fatal (result));
  g_assert_cmpint (result, <, 0);
  gnutls_deinit (session);
  gnutls_certificate_free_credentials (credentials);
}

static void
test_old_versions (void)
{
  static const char *const priorities[] = {
    "NORMAL:-VERS-ALL:+VERS-TLS1.0:+SHA1:%COMPAT",
    "NORMAL:-VERS-ALL:+VERS-TLS1.1:+SHA1:%COMPAT",
  };

  rt_test_certs_get_path ("server");
  for (guint i = 0; i < G_N_ELEMENTS (priorities); i++)
    {
      g_autoptr (RtRawPeer) peer = rt_raw_peer_new (old_script, (gpointer) priorities[i]);
      g_autoptr (WsProbe) probe = probe_new (peer, NULL, NULL);

      ws_probe_assert_failed (probe, RT_ERROR_NETWORK, "No TLS connection to 127.0.0.1");
      g_assert_false (probe->tls_refused);
    }
}

/* --- The wrong port --- */

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
  g_autoptr (RtRawPeer) plain = rt_raw_peer_new (speak_http_script, NULL);
  g_autoptr (WsProbe) first = probe_new (plain, NULL, NULL);

  ws_probe_assert_failed (first, RT_ERROR_NETWORK, "No TLS connection");
  g_assert_false (first->tls_refused);

  Server server = { .certificate = "server" };
  g_autoptr (RtRawPeer) secure = server_start (&server);
  g_autofree char *url = g_strdup_printf ("ws://127.0.0.1:%u/", rt_raw_peer_get_port (secure));
  g_autoptr (WsProbe) second = ws_probe_new (url);
  ws_probe_wait_closed (second);
  g_assert_false (second->was_open);
  g_assert_true (g_error_matches (second->error, RT_ERROR, RT_ERROR_PROTOCOL)
                 || g_error_matches (second->error, RT_ERROR, RT_ERROR_NETWORK));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Tls/accepted", test_accepted);
  g_test_add_func ("/Rt/Tls/refused", test_refused);
  g_test_add_func ("/Rt/Tls/absolute-name", test_absolute_name);
  g_test_add_func ("/Rt/Tls/system-database", test_system_database);
  g_test_add_func ("/Rt/Tls/pins", test_pins);
  g_test_add_func ("/Rt/Tls/pin-mismatch", test_pin_mismatch);
  g_test_add_func ("/Rt/Tls/pin-beside", test_pin_beside);
  g_test_add_func ("/Rt/Tls/pin-after-session", test_pin_after_session);
  g_test_add_func ("/Rt/Tls/client-certificate", test_client_certificate);
  g_test_add_func ("/Rt/Tls/no-client-certificate", test_no_client_certificate);
  g_test_add_func ("/Rt/Tls/broken-handshake", test_broken_handshake);
  g_test_add_func ("/Rt/Tls/silent-handshake", test_silent_handshake);
  g_test_add_func ("/Rt/Tls/old-versions", test_old_versions);
  g_test_add_func ("/Rt/Tls/wrong-scheme", test_wrong_scheme);
  return g_test_run ();
}
