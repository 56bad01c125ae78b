/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "rt-error.h"
#include "rt-raw-peer.h"
#include "rt-test.h"
#include "ws-probe.h"

/* --- Scripts --- */

static void
echo_script (RtRawPeer *peer, gpointer user_data)
{
  guint8 first;

  rt_raw_peer_upgrade (peer);
  for (;;)
    {
      g_autoptr (GBytes) payload = rt_raw_peer_read_frame (peer, &first);
      if (payload == NULL)
        return;
      rt_raw_peer_send_frame (peer, first, g_bytes_get_data (payload, NULL), g_bytes_get_size (payload));
      if ((first & 0x0f) == RT_RAW_CLOSE)
        break;
    }
  rt_raw_peer_wait_end (peer);
}

static WsProbe *
open_probe (RtRawPeer *peer)
{
  g_autofree char *url = rt_raw_peer_get_url (peer);
  WsProbe *probe = ws_probe_new (url);

  ws_probe_wait_open (probe);
  return probe;
}

/* --- Tests --- */

static void
test_echo (void)
{
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (echo_script, NULL);
  g_autoptr (WsProbe) probe = open_probe (peer);

  g_assert_cmpint (probe->profile, ==, RT_PROFILE_CENTRIFUGO);
  ws_probe_send (probe, "one");
  ws_probe_send (probe, "two");
  rt_test_wait_until (probe->messages->len == 2);
  g_assert_cmpstr (ws_probe_get_text (probe, 0), ==, "one");
  g_assert_cmpstr (ws_probe_get_text (probe, 1), ==, "two");
  g_assert_cmpuint (probe->counts[WS_PROBE_TURN_END], >=, 1);
  g_assert_cmpuint (probe->counts[WS_PROBE_ACTIVITY], >=, probe->counts[WS_PROBE_TURN_END]);

  ws_probe_close (probe, 1000, "done");
  ws_probe_wait_closed (probe);
  g_assert_cmpuint (probe->code, ==, 1000);
  g_assert_cmpstr (probe->reason, ==, "done");
  g_assert_true (probe->clean);
  g_assert_true (probe->was_open);
  g_assert_no_error (probe->error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/WebsocketTransport/echo", test_echo);
  return g_test_run ();
}
