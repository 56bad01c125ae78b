/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rt-error.h"
#include "rt-raw-peer.h"
#include "rt-test-resolver.h"
#include "rt-test.h"
#include "ws-probe.h"

/* --- No answer --- */

static void
test_fails (void)
{
  static const GResolverError codes[] = {
    G_RESOLVER_ERROR_NOT_FOUND, G_RESOLVER_ERROR_TEMPORARY_FAILURE, G_RESOLVER_ERROR_INTERNAL,
  };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      rt_test_resolver_fail (codes[i]);
      g_autoptr (WsProbe) probe = ws_probe_new_tls ("wss://realtime.test/", NULL);

      ws_probe_assert_failed (probe, RT_ERROR_NETWORK, "The name of the server realtime.test was not found");
      g_assert_false (probe->was_open);
      g_assert_false (probe->tls_refused);
      g_assert_cmpuint (probe->code, ==, 1006);
    }
}

static void
test_silent (void)
{
  rt_test_resolver_hold ();
  g_autoptr (WsProbe) probe = ws_probe_new_tls ("wss://realtime.test/", NULL);
  g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_TIMED_OUT, "too late");

  rt_test_wait_until (rt_test_resolver_count_held () > 0);
  probe->transport->klass->abort (probe->transport, error);
  g_assert_cmpuint (probe->counts[WS_PROBE_CLOSED], ==, 1);
  g_assert_error (probe->error, RT_ERROR, RT_ERROR_TIMED_OUT);
}

/* --- One address of two is dead --- */

static void
upgrade_and_close_script (RtRawPeer *peer, gpointer user_data)
{
  rt_raw_peer_upgrade (peer);
  rt_raw_peer_send_close (peer, 1000, "");
  rt_raw_peer_wait_end (peer);
}

static RtConfig *
config_new (guint16 port)
{
  g_autofree char *url = g_strdup_printf ("ws://realtime.test:%u/", port);

  return g_object_new (RT_TYPE_CONFIG, "endpoint", url, NULL);
}

static void
assert_opens (guint16 port)
{
  g_autoptr (RtConfig) config = config_new (port);
  g_autoptr (WsProbe) probe = ws_probe_new_config (config);

  ws_probe_wait_open (probe);
  ws_probe_wait_closed (probe);
}

/* Nobody listens at the IPv6 address. */
static void
test_refused_v6 (void)
{
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (upgrade_and_close_script, NULL);

  rt_test_resolver_find ("127.0.0.1", "::1");
  assert_opens (rt_raw_peer_get_port (peer));
}

/* A port of ::1 that swallows connections: its backlog is full and nobody accepts. */
typedef struct
{
  int listener;
  int fillers[8];
} BlackHole;

static void
black_hole_open (BlackHole *hole, guint16 port)
{
  struct sockaddr_in6 address = {
    .sin6_family = AF_INET6, .sin6_port = htons (port), .sin6_addr = IN6ADDR_LOOPBACK_INIT,
  };

  hole->listener = socket (AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (hole->listener, >=, 0);
  g_assert_cmpint (bind (hole->listener, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (listen (hole->listener, 0), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (hole->fillers); i++)
    {
      hole->fillers[i] = socket (AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      g_assert_cmpint (hole->fillers[i], >=, 0);
      connect (hole->fillers[i], (struct sockaddr *) &address, sizeof address);
    }
}

static void
black_hole_close (BlackHole *hole)
{
  for (guint i = 0; i < G_N_ELEMENTS (hole->fillers); i++)
    close (hole->fillers[i]);
  close (hole->listener);
}

/* The IPv6 address never answers: the other is tried long before a connection attempt would end. */
static void
test_black_hole_v6 (void)
{
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (upgrade_and_close_script, NULL);
  BlackHole hole;

  black_hole_open (&hole, rt_raw_peer_get_port (peer));
  rt_test_resolver_find ("127.0.0.1", "::1");
  assert_opens (rt_raw_peer_get_port (peer));
  black_hole_close (&hole);
}

/* All of them never answer. */
static void
test_black_hole (void)
{
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (upgrade_and_close_script, NULL);
  guint16 port = rt_raw_peer_get_port (peer);
  BlackHole hole;

  black_hole_open (&hole, port);
  rt_test_resolver_find (NULL, "::1");
  g_autoptr (RtConfig) config = config_new (port);
  g_autoptr (WsProbe) probe = ws_probe_new_config (config);
  g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_TIMED_OUT, "too late");
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (probe->counts[WS_PROBE_CLOSED], ==, 0);
  probe->transport->klass->abort (probe->transport, error);
  g_assert_error (probe->error, RT_ERROR, RT_ERROR_TIMED_OUT);
  black_hole_close (&hole);
  rt_test_resolver_find ("127.0.0.1", NULL);
  assert_opens (port);
}

/* A name that moves is looked up again for each connection. */
static void
test_changes (void)
{
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (upgrade_and_close_script, NULL);
  guint16 port = rt_raw_peer_get_port (peer);
  g_autoptr (RtConfig) config = config_new (port);

  rt_test_resolver_find ("127.0.0.2", NULL);
  g_autoptr (WsProbe) probe = ws_probe_new_config (config);
  ws_probe_assert_failed (probe, RT_ERROR_NETWORK, "refused the connection");
  rt_test_resolver_find ("127.0.0.1", NULL);
  assert_opens (port);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  rt_test_resolver_install ();
  g_test_add_func ("/Rt/Names/fails", test_fails);
  g_test_add_func ("/Rt/Names/silent", test_silent);
  g_test_add_func ("/Rt/Names/refused-v6", test_refused_v6);
  g_test_add_func ("/Rt/Names/black-hole-v6", test_black_hole_v6);
  g_test_add_func ("/Rt/Names/black-hole", test_black_hole);
  g_test_add_func ("/Rt/Names/changes", test_changes);
  return g_test_run ();
}
