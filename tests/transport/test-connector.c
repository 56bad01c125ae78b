/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "rt-error.h"
#include "rt-raw-peer.h"
#include "rt-test.h"
#include "ws-probe.h"

static void
upgrade_and_close_script (RtRawPeer *peer, gpointer user_data)
{
  rt_raw_peer_upgrade (peer);
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
  g_test_add_func ("/Rt/Connector/pieces", test_pieces);
  return g_test_run ();
}
