/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "rt-config-builder.h"
#include "rt-error.h"
#include "rt-raw-peer.h"
#include "rt-test.h"
#include "ws-probe.h"

/* --- Answers that are no 101 --- */

typedef struct
{
  const char *answer;
  int code;
  const char *words;
  guint http_status;
  int retry_after; /* s, -1: none */
} AnswerCase;

#define HTML "Content-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>"

static const AnswerCase answer_cases[] = {
  { "HTTP/1.1 200 OK\r\n" HTML, RT_ERROR_PROTOCOL, "captive portal", 200, -1 },
  { "HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\n\r\n", RT_ERROR_PROTOCOL, "ws://127.0.0.1:1/", 302, -1 },
  { "HTTP/1.1 401 No\r\n" HTML, RT_ERROR_UNAUTHORIZED, "401", 401, -1 },
  { "HTTP/1.1 403 No\r\n" HTML, RT_ERROR_PERMISSION_DENIED, "403", 403, -1 },
  { "HTTP/1.1 404 No\r\n" HTML, RT_ERROR_PROTOCOL, "/connection/websocket", 404, -1 },
  { "HTTP/1.1 429 Slow\r\nRetry-After: 7\r\n\r\n", RT_ERROR_RATE_LIMITED, "429", 429, 7 },
  { "HTTP/1.1 503 Busy\r\nRetry-After: 1000000000\r\n\r\n", RT_ERROR_SERVER, "503", 503, 300 },
  { "HTTP/1.1 503 Busy\r\nRetry-After: 1e9\r\n\r\n", RT_ERROR_SERVER, "503", 503, -1 },
  { "HTTP/1.1 101 Hm\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: bm8=\r\n\r\n",
    RT_ERROR_PROTOCOL, "Sec-WebSocket-Accept", 0, -1 },
  { "SSH-2.0-OpenSSH_9.2\r\n", RT_ERROR_PROTOCOL, "did not answer with HTTP", 0, -1 },
  { "HTTP/1.1 101\r\nUpgrade", RT_ERROR_NETWORK, "before it had answered", 0, -1 },
  { "", RT_ERROR_NETWORK, "before it had answered", 0, -1 },
};

static void
answer_script (RtRawPeer *peer, gpointer user_data)
{
  const AnswerCase *c = user_data;

  g_assert_true (rt_raw_peer_accept (peer));
  g_autofree char *head = rt_raw_peer_read_head (peer);
  g_assert_nonnull (head);
  rt_raw_peer_send_string (peer, c->answer);
  rt_raw_peer_shutdown (peer);
  rt_raw_peer_wait_end (peer);
}

static void
test_answers (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (answer_cases); i++)
    {
      const AnswerCase *c = &answer_cases[i];
      g_autoptr (RtRawPeer) peer = rt_raw_peer_new (answer_script, (gpointer) c);
      g_autoptr (WsProbe) probe = ws_probe_new_peer (peer);

      ws_probe_assert_failed (probe, c->code, c->words);
      g_assert_cmpuint (probe->code, ==, 1006);
      g_assert_cmpuint (probe->http_status, ==, c->http_status);
      g_assert_cmpint (probe->retry_after, ==, c->retry_after < 0 ? -1 : c->retry_after * G_USEC_PER_SEC);
      g_assert_false (probe->was_open);
      g_assert_false (probe->clean);
    }
}

/* Answers before it has read anything, and is gone: its answer counts, not the write that fails. */
static void
hasty_script (RtRawPeer *peer, gpointer user_data)
{
  g_assert_true (rt_raw_peer_accept (peer));
  rt_raw_peer_send_string (peer, "HTTP/1.1 503 Busy\r\nRetry-After: 3\r\n\r\n");
  rt_raw_peer_shutdown (peer);
  rt_raw_peer_wait_end (peer);
}

static void
test_hasty_answer (void)
{
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (hasty_script, NULL);
  g_autoptr (WsProbe) probe = ws_probe_new_peer (peer);

  ws_probe_assert_failed (probe, RT_ERROR_SERVER, "503");
  g_assert_cmpint (probe->retry_after, ==, 3 * G_USEC_PER_SEC);
}

typedef struct
{
  const char *extra; /* header lines of the 101 */
  const char *words;
} ExtraCase;

static const ExtraCase extra_cases[] = {
  { "Sec-WebSocket-Protocol: mqtt\r\n", "not offered" },
  { "Sec-WebSocket-Extensions: permessage-deflate\r\n", "extension" },
};

static void
extra_script (RtRawPeer *peer, gpointer user_data)
{
  g_assert_true (rt_raw_peer_accept (peer));
  g_autofree char *head = rt_raw_peer_read_head (peer);
  g_autofree char *answer = rt_raw_peer_make_101 (head, ((const ExtraCase *) user_data)->extra);

  rt_raw_peer_send_string (peer, answer);
  rt_raw_peer_send_frame (peer, RT_RAW_FIN | RT_RAW_TEXT, "must not arrive", 15);
  rt_raw_peer_wait_end (peer);
}

static void
test_bad_101 (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (extra_cases); i++)
    {
      g_autoptr (RtRawPeer) peer = rt_raw_peer_new (extra_script, (gpointer) &extra_cases[i]);
      g_autoptr (WsProbe) probe = ws_probe_new_peer (peer);

      ws_probe_assert_failed (probe, RT_ERROR_PROTOCOL, extra_cases[i].words);
      g_assert_cmpuint (probe->messages->len, ==, 0);
    }
}

/* Ten megabytes of headers, or as many as the other side takes. */
static void
endless_head_script (RtRawPeer *peer, gpointer user_data)
{
  gsize *sent = user_data;
  g_autofree char *line = g_strnfill (1000, 'x');
  g_autofree char *header = g_strdup_printf ("X-Header: %s\r\n", line);

  g_assert_true (rt_raw_peer_accept (peer));
  g_autofree char *head = rt_raw_peer_read_head (peer);
  rt_raw_peer_send_string (peer, "HTTP/1.1 101 Switching Protocols\r\n");
  while (*sent < 10 * 1024 * 1024 && rt_raw_peer_send_string (peer, header))
    *sent += strlen (header);
}

static void
test_endless_head (void)
{
  gsize sent = 0;
  RtRawPeer *peer = rt_raw_peer_new (endless_head_script, &sent);
  g_autoptr (WsProbe) probe = ws_probe_new_peer (peer);

  ws_probe_assert_failed (probe, RT_ERROR_PROTOCOL, "longer than 16384 bytes");
  ws_probe_drop (probe);
  rt_raw_peer_free (peer);
  /* It gave up on us: what it sent beyond the cap never left the kernel's buffers. */
  g_assert_cmpuint (sent, <, 10 * 1024 * 1024);
}

/* --- Broken at every byte --- */

typedef struct
{
  gsize offset; /* of the answer and a frame, where the line breaks */
  gboolean reset;
  gsize head_len; /* set by the script */
  gsize total;
} BreakCase;

#define BREAK_TEXT "a whole message"

static void
break_script (RtRawPeer *peer, gpointer user_data)
{
  BreakCase *c = user_data;
  g_autoptr (GByteArray) out = g_byte_array_new ();

  g_assert_true (rt_raw_peer_accept (peer));
  g_autofree char *head = rt_raw_peer_read_head (peer);
  g_autofree char *answer = rt_raw_peer_make_101 (head, NULL);
  g_byte_array_append (out, (const guint8 *) answer, (guint) strlen (answer));
  c->head_len = out->len;
  rt_raw_peer_put_frame (out, RT_RAW_FIN | RT_RAW_TEXT, BREAK_TEXT, strlen (BREAK_TEXT));
  c->total = out->len;
  rt_raw_peer_send (peer, out->data, MIN (c->offset, out->len));
  if (c->reset)
    rt_raw_peer_reset (peer);
  else
    rt_raw_peer_close (peer);
}

static void
run_break (BreakCase *c)
{
  RtRawPeer *peer = rt_raw_peer_new (break_script, c);
  g_autoptr (WsProbe) probe = ws_probe_new_peer (peer);

  ws_probe_wait_closed (probe);
  rt_raw_peer_free (peer);
  g_assert_error (probe->error, RT_ERROR, RT_ERROR_NETWORK);
  g_assert_cmpuint (probe->code, ==, 1006);
  g_assert_cmpuint (probe->http_status, ==, 0);
  /* A reset may overtake what was sent before it; a plain end may not. */
  if (!c->reset)
    {
      g_assert_cmpint (probe->was_open, ==, c->offset >= c->head_len);
      g_assert_cmpuint (probe->messages->len, ==, c->offset >= c->total ? 1 : 0);
    }
  g_assert_cmpuint (probe->messages->len, <=, 1);
  if (probe->messages->len == 1)
    g_assert_cmpstr (ws_probe_get_text (probe, 0), ==, BREAK_TEXT);
}

static void
test_broken_everywhere (void)
{
  gsize total = 1;

  for (gsize offset = 0; offset <= total; offset++)
    for (int reset = 0; reset < 2; reset++)
      {
        BreakCase c = { .offset = offset, .reset = reset };
        run_break (&c);
        total = c.total;
      }
  g_assert_cmpuint (total, >, 100);
}

/* --- Frames that no server may send --- */

typedef struct
{
  const char *bytes;
  gsize len;
  int code; /* of RtError */
  guint16 close_code;
} FrameCase;

#define FRAME(text, code, close_code) { text, sizeof (text) - 1, code, close_code }

static const FrameCase frame_cases[] = {
  FRAME ("\xc1\x01x", RT_ERROR_PROTOCOL, 1002),                                    /* RSV1 */
  FRAME ("\x83\x00", RT_ERROR_PROTOCOL, 1002),                                     /* opcode 3 */
  FRAME ("\x8b\x00", RT_ERROR_PROTOCOL, 1002),                                     /* opcode 11 */
  FRAME ("\x81\x81\x01\x02\x03\x04\x79", RT_ERROR_PROTOCOL, 1002),                 /* masked */
  FRAME ("\x80\x00", RT_ERROR_PROTOCOL, 1002),                                     /* continues nothing */
  FRAME ("\x09\x00", RT_ERROR_PROTOCOL, 1002),                                     /* a ping in fragments */
  FRAME ("\x89\x7e\x00\x7e", RT_ERROR_PROTOCOL, 1002),                             /* a long ping */
  FRAME ("\x81\x7e\x00\x01x", RT_ERROR_PROTOCOL, 1002),                            /* length not minimal */
  FRAME ("\x81\x7f\x80\x00\x00\x00\x00\x00\x00\x00", RT_ERROR_PROTOCOL, 1002),     /* 2^63 */
  FRAME ("\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xfc", RT_ERROR_TOO_LARGE, 1009),    /* absurd */
  FRAME ("\x82\x7f\x00\x00\x00\x00\x02\x00\x00\x01", RT_ERROR_TOO_LARGE, 1009),    /* 32 MiB and 1 */
  FRAME ("\x81\x02\xc3\x28", RT_ERROR_PROTOCOL, 1007),                             /* not UTF-8 */
  FRAME ("\x88\x01x", RT_ERROR_PROTOCOL, 1002),                                    /* half a close code */
  FRAME ("\x88\x02\x03\xed", RT_ERROR_PROTOCOL, 1002),                             /* 1005 on the wire */
  FRAME ("garbage, and a lot of it, that goes on after the fault", RT_ERROR_PROTOCOL, 1002),
};

static void
frame_script (RtRawPeer *peer, gpointer user_data)
{
  const FrameCase *c = user_data;
  guint8 first;

  rt_raw_peer_upgrade (peer);
  rt_raw_peer_send_frame (peer, RT_RAW_FIN | RT_RAW_TEXT, "good", 4);
  rt_raw_peer_send (peer, c->bytes, c->len);
  rt_raw_peer_send_frame (peer, RT_RAW_FIN | RT_RAW_TEXT, "too late", 8);
  /* It is told what was wrong, and then left. */
  g_autoptr (GBytes) payload = rt_raw_peer_read_frame (peer, &first);
  g_assert_nonnull (payload);
  g_assert_cmphex (first, ==, RT_RAW_FIN | RT_RAW_CLOSE);
  g_assert_cmpuint (rt_raw_peer_get_code (payload), ==, c->close_code);
  rt_raw_peer_wait_end (peer);
}

static void
test_bad_frames (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (frame_cases); i++)
    {
      const FrameCase *c = &frame_cases[i];
      g_autoptr (RtRawPeer) peer = rt_raw_peer_new (frame_script, (gpointer) c);
      g_autoptr (WsProbe) probe = ws_probe_new_peer (peer);

      ws_probe_assert_failed (probe, c->code, "broke the WebSocket protocol");
      g_assert_cmpuint (probe->code, ==, c->close_code);
      g_assert_false (probe->clean);
      g_assert_true (probe->was_open);
      g_assert_cmpuint (probe->messages->len, ==, 1);
      g_assert_cmpuint (probe->counts[WS_PROBE_TURN_END], ==, 1);
    }
}

/* A byte at a time. */
static void
slices_script (RtRawPeer *peer, gpointer user_data)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  guint8 first;

  rt_raw_peer_upgrade (peer);
  rt_raw_peer_put_frame (out, RT_RAW_TEXT, "sli", 3);
  rt_raw_peer_put_frame (out, RT_RAW_FIN | RT_RAW_PING, "?", 1);
  rt_raw_peer_put_frame (out, RT_RAW_FIN | RT_RAW_CONTINUATION, "ces", 3);
  rt_raw_peer_put_frame (out, RT_RAW_FIN | RT_RAW_TEXT, "", 0);
  for (guint i = 0; i < out->len; i++)
    {
      rt_raw_peer_hold (peer);
      rt_raw_peer_send (peer, out->data + i, 1);
    }
  g_autoptr (GBytes) pong = rt_raw_peer_read_frame (peer, &first);
  g_assert_cmphex (first, ==, RT_RAW_FIN | RT_RAW_PONG);
  g_assert_cmpuint (g_bytes_get_size (pong), ==, 1);
  rt_raw_peer_send_close (peer, 1000, "");
  rt_raw_peer_wait_end (peer);
}

static void
release_hook (WsProbe *probe, WsProbeEvent event)
{
  if (event == WS_PROBE_OPENED || event == WS_PROBE_ACTIVITY)
    rt_raw_peer_release (probe->hook_data);
}

static void
test_slices (void)
{
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (slices_script, NULL);
  g_autoptr (WsProbe) probe = ws_probe_new_peer (peer);

  /* The next byte is sent when the last one was read. */
  probe->hook = release_hook;
  probe->hook_data = peer;
  ws_probe_wait_closed (probe);
  g_assert_no_error (probe->error);
  g_assert_cmpuint (probe->messages->len, ==, 2);
  g_assert_cmpstr (ws_probe_get_text (probe, 0), ==, "slices");
  g_assert_cmpstr (ws_probe_get_text (probe, 1), ==, "");
}

/* --- Floods --- */

/* A sanitizer takes its time over each allocation, and keeps what was freed. */
#ifdef __SANITIZE_ADDRESS__
#define FLOOD_SCALE 20
#define FLOOD_GROWTH ((gsize) 1024 * 1024 * 1024)
#else
#define FLOOD_SCALE 1
#define FLOOD_GROWTH ((gsize) 16 * 1024 * 1024)
#endif

typedef struct
{
  guint8 first[2]; /* of the frames in turn */
  gsize size;      /* of each payload */
  guint count;
} FloodCase;

static const FloodCase flood_cases[] = {
  { { RT_RAW_FIN | RT_RAW_TEXT, RT_RAW_FIN | RT_RAW_TEXT }, 0, 200000 / FLOOD_SCALE },
  { { RT_RAW_FIN | RT_RAW_TEXT, RT_RAW_FIN | RT_RAW_TEXT }, 20, 150000 / FLOOD_SCALE },
  { { RT_RAW_FIN | RT_RAW_PING, RT_RAW_FIN | RT_RAW_PING }, 125, 60000 / FLOOD_SCALE },
  { { RT_RAW_FIN | RT_RAW_PONG, RT_RAW_FIN | RT_RAW_PONG }, 0, 200000 / FLOOD_SCALE },
  { { RT_RAW_TEXT, RT_RAW_FIN | RT_RAW_CONTINUATION }, 1, 200000 / FLOOD_SCALE },
  { { RT_RAW_FIN | RT_RAW_BINARY, RT_RAW_FIN | RT_RAW_BINARY }, 60000, 2000 / FLOOD_SCALE },
};

static void
flood_script (RtRawPeer *peer, gpointer user_data)
{
  const FloodCase *c = user_data;
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autofree char *payload = g_strnfill (c->size, 'x');
  guint batch = c->size > 1000 ? 10 : 500;

  for (guint i = 0; i < batch; i++)
    rt_raw_peer_put_frame (out, c->first[i % 2], payload, c->size);
  rt_raw_peer_upgrade (peer);
  for (guint i = 0; i < c->count; i += batch)
    if (!rt_raw_peer_send (peer, out->data, out->len))
      return;
  rt_raw_peer_send_close (peer, 1000, "");
  rt_raw_peer_wait_end (peer);
}

static gsize
get_resident_bytes (void)
{
  g_autofree char *text = NULL;
  guint64 size, resident;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  g_assert_cmpint (sscanf (text, "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, &size, &resident), ==, 2);
  return resident * (gsize) sysconf (_SC_PAGESIZE);
}

/* No turn takes in more than its budget, other sources get theirs in between, and nothing grows. */
static void
run_flood (const FloodCase *c)
{
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (flood_script, (gpointer) c);
  g_autoptr (WsProbe) probe = ws_probe_new_peer (peer);

  probe->keep_messages = FALSE;
  ws_probe_wait_open (probe);
  gsize before = get_resident_bytes ();
  const RtWsTransportStats *stats = rt_ws_transport_get_stats (probe->transport);
  ws_probe_wait_closed (probe);

  g_assert_true (probe->clean);
  g_assert_cmpuint (stats->frames, ==, c->count + 1);
  g_assert_cmpuint (stats->max_frames, <=, RT_WS_DISPATCH_FRAMES);
  g_assert_cmpuint (stats->max_bytes, <=, RT_WS_DISPATCH_BYTES);
  g_assert_cmpuint (stats->dispatches, >=, c->count / RT_WS_DISPATCH_FRAMES);
  /* One pong waits and one is due, whatever was asked. */
  g_assert_cmpuint (stats->max_queued, <=, 2 * 131);
  g_assert_cmpuint (stats->pongs, <=, stats->dispatches);
  g_assert_cmpuint (get_resident_bytes (), <=, before + FLOOD_GROWTH);
}

static void
test_floods (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (flood_cases); i++)
    run_flood (&flood_cases[i]);
}

typedef struct
{
  WsProbe *probe;
  guint turns;
} Turns;

static gboolean
turn_cb (gpointer user_data)
{
  Turns *turns = user_data;

  turns->turns++;
  return G_SOURCE_CONTINUE;
}

/* Another source of the same priority runs once in each turn of the flood. */
static void
test_flood_fairness (void)
{
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (flood_script, (gpointer) &flood_cases[0]);
  g_autoptr (WsProbe) probe = ws_probe_new_peer (peer);
  Turns turns = { probe, 0 };

  probe->keep_messages = FALSE;
  ws_probe_wait_open (probe);
  guint source = g_idle_add_full (G_PRIORITY_DEFAULT, turn_cb, &turns, NULL);
  ws_probe_wait_closed (probe);
  g_source_remove (source);
  g_assert_cmpuint (turns.turns + 2, >=, rt_ws_transport_get_stats (probe->transport)->dispatches);
}

/* A program can close in the middle of it. */
static void
close_hook (WsProbe *probe, WsProbeEvent event)
{
  if (event != WS_PROBE_TURN_END || probe->counts[WS_PROBE_TURN_END] < 3)
    return;
  probe->hook = NULL;
  probe->transport->klass->abort (probe->transport, NULL);
}

static void
test_close_in_flood (void)
{
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (flood_script, (gpointer) &flood_cases[1]);
  g_autoptr (WsProbe) probe = ws_probe_new_peer (peer);

  probe->keep_messages = FALSE;
  probe->hook = close_hook;
  ws_probe_wait_closed (probe);
  g_assert_cmpuint (probe->counts[WS_PROBE_TURN_END], ==, 3);
}

/* A message in fragments without an end is bounded as a whole. */
static void
fragments_script (RtRawPeer *peer, gpointer user_data)
{
  const gsize size = 1024 * 1024;
  g_autofree char *payload = g_strnfill (size, 'x');
  guint8 first;

  rt_raw_peer_upgrade (peer);
  for (guint i = 0; i < 33; i++)
    if (!rt_raw_peer_send_frame (peer, i == 0 ? RT_RAW_TEXT : RT_RAW_CONTINUATION, payload, size))
      break;
  g_autoptr (GBytes) close = rt_raw_peer_read_frame (peer, &first);
  g_assert_nonnull (close);
  g_assert_cmpuint (rt_raw_peer_get_code (close), ==, 1009);
}

static void
test_endless_fragments (void)
{
  g_autoptr (RtRawPeer) peer = rt_raw_peer_new (fragments_script, NULL);
  g_autoptr (WsProbe) probe = ws_probe_new_peer (peer);

  ws_probe_assert_failed (probe, RT_ERROR_TOO_LARGE, "1009");
  g_assert_cmpuint (probe->messages->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/BadPeer/answers", test_answers);
  g_test_add_func ("/Rt/BadPeer/hasty-answer", test_hasty_answer);
  g_test_add_func ("/Rt/BadPeer/bad-101", test_bad_101);
  g_test_add_func ("/Rt/BadPeer/endless-head", test_endless_head);
  g_test_add_func ("/Rt/BadPeer/broken-everywhere", test_broken_everywhere);
  g_test_add_func ("/Rt/BadPeer/bad-frames", test_bad_frames);
  g_test_add_func ("/Rt/BadPeer/slices", test_slices);
  g_test_add_func ("/Rt/BadPeer/floods", test_floods);
  g_test_add_func ("/Rt/BadPeer/flood-fairness", test_flood_fairness);
  g_test_add_func ("/Rt/BadPeer/close-in-flood", test_close_in_flood);
  g_test_add_func ("/Rt/BadPeer/endless-fragments", test_endless_fragments);
  return g_test_run ();
}
