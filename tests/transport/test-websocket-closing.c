/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "rt-error.h"
#include "rt-raw-peer.h"
#include "rt-test.h"
#include "ws-probe.h"

/* Every way in which a WebSocket transport ends. */

/* --- Of an open line --- */

typedef struct
{
  guint16 code; /* 1005: an empty close frame */
  const char *reason;
} CloseCase;

static const CloseCase close_cases[] = {
  { 1000, "" }, { 1001, "going" }, { 1005, "" }, { 1011, "oops" }, { 1012, "" }, { 1013, "" }, { 1014, "" },
  { 3000, "shutdown" }, { 3500, "invalid token" }, { 4001, "\xc3\xa9t\xc3\xa9" }, { 4999, "last" },
};

static void
close_script (RtRawPeer *peer, gpointer user_data)
{
  const CloseCase *c = user_data;
  guint8 first;

  rt_raw_peer_upgrade (peer);
  if (c->code == 1005)
    rt_raw_peer_send_frame (peer, RT_RAW_FIN | RT_RAW_CLOSE, "", 0);
  else
    rt_raw_peer_send_close (peer, c->code, c->reason);
  g_autoptr (GBytes) answer = rt_raw_peer_read_frame (peer, &first);
  g_assert_nonnull (answer);
  g_assert_cmphex (first, ==, RT_RAW_FIN | RT_RAW_CLOSE);
  g_assert_cmpuint (rt_raw_peer_get_code (answer), ==, c->code);
  rt_raw_peer_wait_end (peer);
}

static void
test_peer_closes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (close_cases); i++)
    {
      g_autoptr (RtRawPeer) peer = rt_raw_peer_new (close_script, (gpointer) &close_cases[i]);
      g_autoptr (WsProbe) probe = ws_probe_new_peer (peer);

      ws_probe_wait_closed (probe);
      g_assert_cmpuint (probe->code, ==, close_cases[i].code);
      g_assert_cmpstr (probe->reason, ==, close_cases[i].reason);
      g_assert_true (probe->clean);
      g_assert_true (probe->was_open);
      g_assert_no_error (probe->error);
    }
}

static void
drop_script (RtRawPeer *peer, gpointer user_data)
{
  gboolean reset = GPOINTER_TO_INT (user_data);

  rt_raw_peer_upgrade (peer);
  rt_raw_peer_send_frame (peer, RT_RAW_FIN | RT_RAW_TEXT, "last words", 10);
  rt_raw_peer_hold (peer);
  if (reset)
    rt_raw_peer_reset (peer);
  else
    rt_raw_peer_close (peer);
}

static void
test_line_lost (void)
{
  for (int reset = 0; reset < 2; reset++)
    {
      g_autoptr (RtRawPeer) peer = rt_raw_peer_new (drop_script, GINT_TO_POINTER (reset));
      g_autoptr (WsProbe) probe = ws_probe_open_peer (peer);

      rt_test_wait_until (probe->messages->len == 1);
      rt_raw_peer_release (peer);
      ws_probe_assert_failed (probe, RT_ERROR_NETWORK, "was lost");
      g_assert_cmpuint (probe->code, ==, 1006);
      g_assert_false (probe->clean);
      g_assert_true (probe->was_open);
    }
}

/* Says why and goes without reading: the client's writes fail while the reason still waits to be read. */
static void
close_and_go_script (RtRawPeer *peer, gpointer user_data)
{
  rt_raw_peer_upgrade (peer);
  rt_raw_peer_hold (peer);
  rt_raw_peer_send_close (peer, 3501, "bad request");
  rt_raw_peer_close (peer);
  g_atomic_int_set ((int *) user_data, 1);
}

static void
test_close_and_go (void)
{
  int gone = 0;
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (close_and_go_script, &gone);
  g_autoptr (WsProbe) probe = ws_probe_open_peer (peer);

  ws_probe_send (probe, "never read, so that the peer's close resets the line");
  rt_raw_peer_release (peer);
  while (g_atomic_int_get (&gone) == 0)
    g_thread_yield ();
  ws_probe_send (probe, "into the void");
  ws_probe_send (probe, "again");
  ws_probe_wait_closed (probe);
  g_assert_cmpuint (probe->code, ==, 3501);
  g_assert_cmpstr (probe->reason, ==, "bad request");
  g_assert_no_error (probe->error);
}

static void
deaf_script (RtRawPeer *peer, gpointer user_data)
{
  rt_raw_peer_upgrade (peer);
  rt_raw_peer_wait_end (peer);
}

static void
test_close_unanswered (void)
{
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (deaf_script, NULL);
  g_autoptr (WsProbe) probe = ws_probe_open_peer (peer);

  ws_probe_close (probe, 1001, "bye");
  ws_probe_close (probe, 1000, "twice");
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (probe->counts[WS_PROBE_CLOSED], ==, 0);
  probe->transport->klass->abort (probe->transport, NULL);
  g_assert_cmpuint (probe->counts[WS_PROBE_CLOSED], ==, 1);
  g_assert_cmpuint (probe->code, ==, 1001);
  g_assert_false (probe->clean);
  probe->transport->klass->abort (probe->transport, NULL);
}

/* Closes while messages are on their way: they are delivered still, and so is the close. */
static void
chatty_script (RtRawPeer *peer, gpointer user_data)
{
  guint8 first;

  rt_raw_peer_upgrade (peer);
  g_autoptr (GBytes) payload = rt_raw_peer_read_frame (peer, &first);
  g_assert_cmphex (first, ==, RT_RAW_FIN | RT_RAW_CLOSE);
  rt_raw_peer_send_frame (peer, RT_RAW_FIN | RT_RAW_PING, "", 0);
  rt_raw_peer_send_frame (peer, RT_RAW_FIN | RT_RAW_TEXT, "ack", 3);
  if (user_data == NULL)
    rt_raw_peer_close (peer);
  else
    rt_raw_peer_send_close (peer, 1000, "");
  /* Nothing follows a close frame, not even a pong. */
  if (user_data != NULL)
    {
      char byte;
      g_assert_cmpuint (rt_raw_peer_read (peer, &byte, 1), ==, 0);
    }
}

static void
test_received_while_closing (void)
{
  for (int answers = 0; answers < 2; answers++)
    {
      g_autoptr (RtRawPeer) peer = rt_raw_peer_new (chatty_script, GINT_TO_POINTER (answers));
      g_autoptr (WsProbe) probe = ws_probe_open_peer (peer);

      ws_probe_close (probe, 1000, "");
      ws_probe_wait_closed (probe);
      g_assert_cmpuint (probe->messages->len, ==, 1);
      g_assert_cmpuint (probe->code, ==, 1000);
      g_assert_cmpint (probe->clean, ==, answers);
      g_assert_no_error (probe->error);
    }
}

/* --- Ends during opening --- */

static void
silent_script (RtRawPeer *peer, gpointer user_data)
{
  if (rt_raw_peer_accept (peer))
    rt_raw_peer_wait_end (peer);
}

static void
test_close_opening (void)
{
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (silent_script, NULL);
  g_autoptr (WsProbe) probe = ws_probe_new_peer (peer);

  ws_probe_close (probe, 1000, "");
  g_assert_cmpuint (probe->counts[WS_PROBE_CLOSED], ==, 0);
  ws_probe_wait_closed (probe);
  g_assert_false (probe->was_open);
  g_assert_no_error (probe->error);
  rt_raw_peer_visit (peer);
}

static void
test_abort_opening (void)
{
  g_autoptr (GError) late = g_error_new_literal (RT_ERROR, RT_ERROR_TIMED_OUT, "too late");

  /* At every step that a silent peer lets it come to. */
  for (guint turns = 0; turns < 12; turns++)
    {
      g_autoptr (RtRawPeer) peer = rt_raw_peer_new (silent_script, NULL);
      g_autoptr (WsProbe) first = ws_probe_new_peer (peer);
      for (guint i = 0; i < turns; i++)
        g_main_context_iteration (NULL, FALSE);
      first->transport->klass->abort (first->transport, late);
      ws_probe_assert_failed (first, RT_ERROR_TIMED_OUT, "too late");
      g_assert_false (first->was_open);
      g_assert_cmpint (first->retry_after, ==, -1);

      g_autoptr (WsProbe) second = ws_probe_new_peer (peer);
      for (guint i = 0; i < turns; i++)
        g_main_context_iteration (NULL, FALSE);
      ws_probe_drop (second);
      rt_raw_peer_visit (peer);
    }
}

/* --- Any call inside any event --- */

typedef struct
{
  WsProbeEvent event;
  gboolean abort;
} InsideCase;

/* Brings about every event, unless the other side goes before. */
static void
all_events_script (RtRawPeer *peer, gpointer user_data)
{
  guint8 first;

  rt_raw_peer_upgrade (peer);
  rt_raw_peer_send_frame (peer, RT_RAW_FIN | RT_RAW_TEXT, "one", 3);
  rt_raw_peer_send_frame (peer, RT_RAW_FIN | RT_RAW_TEXT, "two", 3);
  rt_raw_peer_hold (peer);
  for (;;)
    {
      g_autoptr (GBytes) payload = rt_raw_peer_read_frame (peer, &first);
      if (payload == NULL)
        return;
      if (first == (RT_RAW_FIN | RT_RAW_PING))
        rt_raw_peer_send_frame (peer, RT_RAW_FIN | RT_RAW_PONG, g_bytes_get_data (payload, NULL),
                                g_bytes_get_size (payload));
      if (first == (RT_RAW_FIN | RT_RAW_TEXT) && g_bytes_get_size (payload) == 4)
        break;
    }
  rt_raw_peer_send_close (peer, 1000, "");
  rt_raw_peer_wait_end (peer);
}

static void
inside_hook (WsProbe *probe, WsProbeEvent event)
{
  const InsideCase *c = probe->hook_data;

  if (event != c->event)
    return;
  probe->hook = NULL;
  if (c->abort)
    probe->transport->klass->abort (probe->transport, NULL);
  else
    ws_probe_drop (probe);
}

static gboolean
is_over (WsProbe *probe)
{
  return probe->transport == NULL || probe->counts[WS_PROBE_CLOSED] > 0;
}

static void
run_inside (const InsideCase *c)
{
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (all_events_script, NULL);
  g_autoptr (WsProbe) probe = ws_probe_new_peer (peer);
  g_autofree char *big = g_strnfill (64 * 1024, 'x');
  gboolean asked = FALSE;

  probe->hook = inside_hook;
  probe->hook_data = (gpointer) c;
  rt_test_wait_until (is_over (probe) || probe->counts[WS_PROBE_OPENED] > 0);
  for (guint i = 0; i < 200 && !is_over (probe); i++)
    ws_probe_send (probe, big);
  if (!is_over (probe))
    probe->transport->klass->ping (probe->transport);
  rt_raw_peer_release (peer);
  while (!is_over (probe))
    {
      g_main_context_iteration (NULL, TRUE);
      if (!asked && !is_over (probe) && probe->counts[WS_PROBE_PONG] > 0 && probe->counts[WS_PROBE_DRAINED] > 0)
        {
          asked = TRUE;
          ws_probe_send (probe, "done");
        }
    }
  g_assert_cmpuint (probe->counts[c->event], ==, 1);
}

static void
test_end_inside (void)
{
  for (int i = 0; i < WS_PROBE_N; i++)
    for (int j = 0; j < 2; j++)
      {
        InsideCase c = { (WsProbeEvent) i, j };
        /* A WebSocket knows its profile when it opens. */
        if (i != WS_PROBE_PROFILE)
          run_inside (&c);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/WebsocketClosing/peer-closes", test_peer_closes);
  g_test_add_func ("/Rt/WebsocketClosing/line-lost", test_line_lost);
  g_test_add_func ("/Rt/WebsocketClosing/close-and-go", test_close_and_go);
  g_test_add_func ("/Rt/WebsocketClosing/close-unanswered", test_close_unanswered);
  g_test_add_func ("/Rt/WebsocketClosing/received-while-closing", test_received_while_closing);
  g_test_add_func ("/Rt/WebsocketClosing/close-opening", test_close_opening);
  g_test_add_func ("/Rt/WebsocketClosing/abort-opening", test_abort_opening);
  g_test_add_func ("/Rt/WebsocketClosing/end-inside", test_end_inside);
  return g_test_run ();
}
