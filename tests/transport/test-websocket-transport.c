/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <sys/socket.h>

#include "rt-error.h"
#include "rt-raw-peer.h"
#include "rt-test-certs.h"
#include "rt-test.h"
#include "ws-probe.h"

/* What the scripts find is asserted in their own threads. */

static void
assert_frame (RtRawPeer *peer, guint8 expected_first, const char *expected)
{
  guint8 first;
  g_autoptr (GBytes) payload = rt_raw_peer_read_frame (peer, &first);

  g_assert_nonnull (payload);
  g_assert_cmphex (first, ==, expected_first);
  g_assert_cmpmem (g_bytes_get_data (payload, NULL), g_bytes_get_size (payload), expected, strlen (expected));
}

/* Sends back what comes, and ends after a close. */
static void
echo_frames (RtRawPeer *peer)
{
  guint8 first;

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

static void
echo_script (RtRawPeer *peer, gpointer user_data)
{
  if (!rt_raw_peer_accept (peer))
    return;
  g_autofree char *head = rt_raw_peer_read_head (peer);
  if (head == NULL)
    return;
  g_autofree char *answer = rt_raw_peer_make_101 (head, NULL);
  rt_raw_peer_send_string (peer, answer);
  echo_frames (peer);
}

static void
test_echo (void)
{
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (echo_script, NULL);
  g_autoptr (WsProbe) probe = ws_probe_open_peer (peer);

  g_assert_cmpint (probe->profile, ==, RT_PROFILE_CENTRIFUGO);
  ws_probe_send (probe, "one");
  ws_probe_send (probe, "");
  ws_probe_send (probe, "two");
  rt_test_wait_until (probe->messages->len == 3);
  g_assert_cmpstr (ws_probe_get_text (probe, 0), ==, "one");
  g_assert_cmpstr (ws_probe_get_text (probe, 1), ==, "");
  g_assert_cmpstr (ws_probe_get_text (probe, 2), ==, "two");
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

/* Messages of many records, both ways. */
static void
test_echo_tls (void)
{
  const gsize size = 1024 * 1024;
  const char *pem = rt_test_certs_get_path ("server");
  g_autofree char *text = g_strnfill (size, 'x');
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new_tls (pem, echo_script, NULL);
  g_autofree char *url = rt_raw_peer_get_url (peer);
  g_autoptr (WsProbe) probe = ws_probe_new_tls (url, rt_test_certs_get_path ("ca"));

  ws_probe_wait_open (probe);
  ws_probe_send (probe, "small");
  for (guint i = 0; i < 4; i++)
    ws_probe_send (probe, text);
  rt_test_wait_until (probe->messages->len == 5);
  g_assert_cmpstr (ws_probe_get_text (probe, 0), ==, "small");
  for (guint i = 1; i <= 4; i++)
    g_assert_cmpstr (ws_probe_get_text (probe, i), ==, text);
  const RtWsTransportStats *stats = rt_ws_transport_get_stats (probe->transport);
  g_assert_cmpuint (stats->max_bytes, <=, RT_WS_DISPATCH_BYTES);
  ws_probe_close (probe, 1000, "");
  ws_probe_wait_closed (probe);
  g_assert_true (probe->clean);
}

/* --- Opening --- */

static void
protocol_script (RtRawPeer *peer, gpointer user_data)
{
  const char *protocol = user_data;
  g_assert_true (rt_raw_peer_accept (peer));
  g_autofree char *head = rt_raw_peer_read_head (peer);
  g_autofree char *offered = rt_raw_peer_get_header (head, "Sec-WebSocket-Protocol");
  g_autofree char *extra = g_strdup_printf ("Sec-WebSocket-Protocol: %s\r\n", protocol);
  g_autofree char *answer = rt_raw_peer_make_101 (head, extra);

  g_assert_cmpstr (offered, ==, "rt1.json, centrifuge-json");
  rt_raw_peer_send_string (peer, answer);
  rt_raw_peer_send_close (peer, 1000, "");
  rt_raw_peer_wait_end (peer);
}

static void
test_profiles (void)
{
  static const struct
  {
    const char *protocol;
    RtProfile profile;
  } cases[] = { { "rt1.json", RT_PROFILE_RT1 }, { "centrifuge-json", RT_PROFILE_CENTRIFUGO } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RtRawPeer) peer = rt_raw_peer_new (protocol_script, (gpointer) cases[i].protocol);
      g_autoptr (WsProbe) probe = ws_probe_open_peer (peer);

      g_assert_cmpint (probe->profile, ==, cases[i].profile);
      ws_probe_wait_closed (probe);
    }
}

/* The 101, a message, a ping, a fragmented message and a close in one write. */
static void
early_script (RtRawPeer *peer, gpointer user_data)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_assert_true (rt_raw_peer_accept (peer));
  g_autofree char *head = rt_raw_peer_read_head (peer);
  g_autofree char *answer = rt_raw_peer_make_101 (head, NULL);

  g_byte_array_append (out, (const guint8 *) answer, (guint) strlen (answer));
  rt_raw_peer_put_frame (out, RT_RAW_FIN | RT_RAW_TEXT, "first", 5);
  rt_raw_peer_put_frame (out, RT_RAW_FIN | RT_RAW_PING, "hello", 5);
  rt_raw_peer_put_frame (out, RT_RAW_TEXT, "sec", 3);
  rt_raw_peer_put_frame (out, RT_RAW_FIN | RT_RAW_CONTINUATION, "ond", 3);
  rt_raw_peer_send (peer, out->data, out->len);
  assert_frame (peer, RT_RAW_FIN | RT_RAW_PONG, "hello");
  rt_raw_peer_send_close (peer, 3500, "over");
  assert_frame (peer, RT_RAW_FIN | RT_RAW_CLOSE, "\x0d\xac");
  rt_raw_peer_wait_end (peer);
}

static void
test_early (void)
{
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (early_script, NULL);
  g_autoptr (WsProbe) probe = ws_probe_open_peer (peer);

  ws_probe_wait_closed (probe);
  g_assert_cmpuint (probe->messages->len, ==, 2);
  g_assert_cmpstr (ws_probe_get_text (probe, 0), ==, "first");
  g_assert_cmpstr (ws_probe_get_text (probe, 1), ==, "second");
  g_assert_cmpuint (probe->code, ==, 3500);
  g_assert_cmpstr (probe->reason, ==, "over");
  g_assert_true (probe->clean);
  g_assert_no_error (probe->error);
}

/* --- Sending --- */

#define BURST 100

static void
burst_script (RtRawPeer *peer, gpointer user_data)
{
  rt_raw_peer_upgrade (peer);
  for (guint i = 0; i < BURST; i++)
    {
      g_autofree char *text = g_strdup_printf ("message %u", i);
      assert_frame (peer, RT_RAW_FIN | RT_RAW_TEXT, text);
    }
  /* What was queued before close () goes first. */
  assert_frame (peer, RT_RAW_FIN | RT_RAW_CLOSE, "\x03\xe8");
  rt_raw_peer_send_close (peer, 1000, "");
  rt_raw_peer_wait_end (peer);
}

static void
test_cork (void)
{
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (burst_script, NULL);
  g_autoptr (WsProbe) probe = ws_probe_open_peer (peer);
  RtTransport *transport = probe->transport;
  guint64 writes = rt_ws_transport_get_stats (transport)->writes;

  for (guint i = 0; i < BURST; i++)
    {
      g_autofree char *text = g_strdup_printf ("message %u", i);
      transport->klass->send (transport, (const guint8 *) text, strlen (text));
    }
  g_assert_cmpuint (rt_ws_transport_get_stats (transport)->writes, ==, writes);
  g_assert_cmpuint (transport->klass->get_queued (transport), >, BURST * strlen ("message 0"));
  transport->klass->flush (transport);
  g_assert_cmpuint (rt_ws_transport_get_stats (transport)->writes, ==, writes + 1);
  g_assert_cmpuint (transport->klass->get_queued (transport), ==, 0);
  ws_probe_close (probe, 1000, NULL);
  /* Nothing is sent after it. */
  ws_probe_send (probe, "late");
  g_assert_cmpuint (transport->klass->get_queued (transport), ==, 0);
  g_assert_false (transport->klass->ping (transport));
  ws_probe_wait_closed (probe);
  g_assert_true (probe->clean);
}

#define BIG_COUNT 256
#define BIG_SIZE (32 * 1024)

typedef struct
{
  guint position_of_pong; /* how many messages came before it */
  guint messages;
  guint pongs;
  guint pings;
} Backlog;

/* Pings a client that has much to send, and reads nothing until told to. */
static void
backlog_script (RtRawPeer *peer, gpointer user_data)
{
  Backlog *backlog = user_data;
  guint8 first;

  rt_raw_peer_upgrade (peer);
  rt_raw_peer_hold (peer);
  for (guint i = 0; i < backlog->pings; i++)
    rt_raw_peer_send_frame (peer, RT_RAW_FIN | RT_RAW_PING, &i, sizeof i);
  rt_raw_peer_hold (peer);
  for (;;)
    {
      g_autoptr (GBytes) payload = rt_raw_peer_read_frame (peer, &first);
      g_assert_nonnull (payload);
      if (first == (RT_RAW_FIN | RT_RAW_CLOSE))
        break;
      if (first == (RT_RAW_FIN | RT_RAW_PONG))
        {
          if (backlog->pongs++ == 0)
            backlog->position_of_pong = backlog->messages;
        }
      else
        {
          g_assert_cmphex (first, ==, RT_RAW_FIN | RT_RAW_TEXT);
          g_assert_cmpuint (g_bytes_get_size (payload), ==, BIG_SIZE);
          backlog->messages++;
        }
    }
  rt_raw_peer_send_close (peer, 1000, "");
  rt_raw_peer_wait_end (peer);
}

/* Many pings to a client whose sending side is stuck: the latest is answered, before what waits, and nothing
 * grows. */
static void
check_backlog (const char *pem)
{
  Backlog backlog = { .pings = 20000 };
  g_autoptr (RtRawPeer) peer = pem != NULL ? rt_raw_peer_new_tls (pem, backlog_script, &backlog)
                                           : rt_raw_peer_new (backlog_script, &backlog);
  g_autofree char *text = g_strnfill (BIG_SIZE, 'x');
  g_autoptr (WsProbe) probe = NULL;

  if (pem != NULL)
    {
      g_autofree char *url = rt_raw_peer_get_url (peer);
      probe = ws_probe_new_tls (url, rt_test_certs_get_path ("ca"));
    }
  else
    probe = ws_probe_new_peer (peer);
  ws_probe_wait_open (probe);
  RtTransport *transport = probe->transport;
  const RtWsTransportStats *stats = rt_ws_transport_get_stats (transport);

  for (guint i = 0; i < BIG_COUNT; i++)
    ws_probe_send (probe, text);
  gsize queued = transport->klass->get_queued (transport);
  g_assert_cmpuint (queued, >, 0);

  rt_raw_peer_release (peer);
  rt_test_wait_until (stats->pings == backlog.pings);
  /* At most the pong that waits is new; more may have gone out meanwhile, never more be held. */
  g_assert_cmpuint (transport->klass->get_queued (transport), <=, queued + 2 * 131);
  g_assert_cmpuint (stats->max_frames, <=, RT_WS_DISPATCH_FRAMES);

  ws_probe_close (probe, 1000, NULL);
  rt_raw_peer_release (peer);
  ws_probe_wait_closed (probe);
  g_assert_true (probe->clean);
  g_assert_cmpuint (probe->counts[WS_PROBE_DRAINED], ==, 1);
  rt_raw_peer_free (g_steal_pointer (&peer));
  g_assert_cmpuint (backlog.messages, ==, BIG_COUNT);
  g_assert_cmpuint (backlog.pongs, >=, 1);
  g_assert_cmpuint (backlog.pongs, <, backlog.pings);
  g_assert_cmpuint (backlog.position_of_pong, <, BIG_COUNT);
}

static void
test_backlog (void)
{
  check_backlog (NULL);
}

static void
test_backlog_tls (void)
{
  check_backlog (rt_test_certs_get_path ("server"));
}

/* --- Pings --- */

static void
ping_script (RtRawPeer *peer, gpointer user_data)
{
  guint8 first;

  rt_raw_peer_upgrade (peer);
  g_autoptr (GBytes) payload = rt_raw_peer_read_frame (peer, &first);
  g_assert_cmphex (first, ==, RT_RAW_FIN | RT_RAW_PING);
  /* Neither of these is the answer. */
  rt_raw_peer_send_frame (peer, RT_RAW_FIN | RT_RAW_PONG, "", 0);
  rt_raw_peer_send_frame (peer, RT_RAW_FIN | RT_RAW_PONG, "12345678", 8);
  rt_raw_peer_send_frame (peer, RT_RAW_FIN | RT_RAW_TEXT, "wait", 4);
  rt_raw_peer_hold (peer);
  rt_raw_peer_send_frame (peer, RT_RAW_FIN | RT_RAW_PONG, g_bytes_get_data (payload, NULL),
                          g_bytes_get_size (payload));
  echo_frames (peer);
}

static void
test_ping (void)
{
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (ping_script, NULL);
  g_autoptr (WsProbe) probe = ws_probe_open_peer (peer);
  RtTransport *transport = probe->transport;

  g_assert_true (transport->klass->bidirectional_ping);
  g_assert_true (transport->klass->ping (transport));
  /* One is under way already. */
  g_assert_true (transport->klass->ping (transport));
  rt_test_wait_until (probe->messages->len == 1);
  g_assert_cmpuint (probe->counts[WS_PROBE_PONG], ==, 0);
  rt_raw_peer_release (peer);
  rt_test_wait_until (probe->counts[WS_PROBE_PONG] == 1);
  g_assert_cmpint (probe->round_trip, >=, 0);
  ws_probe_send (probe, "still there");
  rt_test_wait_until (probe->messages->len == 2);
  g_assert_cmpuint (probe->counts[WS_PROBE_PONG], ==, 1);
  ws_probe_close (probe, 1000, NULL);
  ws_probe_wait_closed (probe);
}

/* --- Pausing --- */

static void
three_script (RtRawPeer *peer, gpointer user_data)
{
  rt_raw_peer_upgrade (peer);
  rt_raw_peer_hold (peer);
  rt_raw_peer_send_frame (peer, RT_RAW_FIN | RT_RAW_TEXT, "one", 3);
  rt_raw_peer_send_frame (peer, RT_RAW_FIN | RT_RAW_TEXT, "two", 3);
  rt_raw_peer_send_frame (peer, RT_RAW_FIN | RT_RAW_TEXT, "three", 5);
  rt_raw_peer_close (peer);
  if (user_data != NULL)
    g_atomic_int_set ((int *) user_data, 1);
}

static void
test_pause (void)
{
  int sent = 0;
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (three_script, &sent);
  g_autoptr (WsProbe) probe = ws_probe_open_peer (peer);
  RtTransport *transport = probe->transport;
  const RtWsTransportStats *stats = rt_ws_transport_get_stats (transport);

  transport->klass->pause (transport, TRUE);
  rt_raw_peer_release (peer);
  while (g_atomic_int_get (&sent) == 0)
    g_thread_yield ();
  /* The line is over, and yet neither read nor spun on. */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (probe->messages->len, ==, 0);
  g_assert_cmpuint (stats->dispatches, <=, 2);
  transport->klass->pause (transport, FALSE);
  ws_probe_wait_closed (probe);
  g_assert_cmpuint (probe->messages->len, ==, 3);
  g_assert_cmpuint (probe->code, ==, 1006);
}

static void
pause_hook (WsProbe *probe, WsProbeEvent event)
{
  if (event == WS_PROBE_RECEIVED)
    probe->transport->klass->pause (probe->transport, TRUE);
}

static void
test_pause_inside (void)
{
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (three_script, NULL);
  g_autoptr (WsProbe) probe = ws_probe_open_peer (peer);

  probe->hook = pause_hook;
  rt_raw_peer_release (peer);
  for (guint i = 1; i <= 3; i++)
    {
      rt_test_wait_until (probe->messages->len == i);
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_assert_cmpuint (probe->messages->len, ==, i);
      probe->transport->klass->pause (probe->transport, FALSE);
    }
  ws_probe_wait_closed (probe);
  g_assert_cmpstr (ws_probe_get_text (probe, 2), ==, "three");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/WebsocketTransport/echo", test_echo);
  g_test_add_func ("/Rt/WebsocketTransport/echo-tls", test_echo_tls);
  g_test_add_func ("/Rt/WebsocketTransport/profiles", test_profiles);
  g_test_add_func ("/Rt/WebsocketTransport/early", test_early);
  g_test_add_func ("/Rt/WebsocketTransport/cork", test_cork);
  g_test_add_func ("/Rt/WebsocketTransport/backlog", test_backlog);
  g_test_add_func ("/Rt/WebsocketTransport/backlog-tls", test_backlog_tls);
  g_test_add_func ("/Rt/WebsocketTransport/ping", test_ping);
  g_test_add_func ("/Rt/WebsocketTransport/pause", test_pause);
  g_test_add_func ("/Rt/WebsocketTransport/pause-inside", test_pause_inside);
  return g_test_run ();
}
