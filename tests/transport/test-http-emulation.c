/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-error.h"
#include "rt-test.h"
#include "stream-probe.h"

/* What comes of requests to the emulation endpoint, and ends at every stage of an HTTP stream. */

#define EMPTY "Content-Length: 0\r\n\r\n"

/* --- Requests --- */

typedef struct
{
  const char *answer;
  guint code;
  int error; /* or -1 */
  guint http_status;
  gint64 retry_after;
} PostCase;

static const PostCase post_cases[] = {
  { "HTTP/1.1 404 Gone\r\n" EMPTY, 1006, RT_ERROR_NETWORK, 0, -1 },
  { "HTTP/1.1 413 Large\r\n" EMPTY, 1009, RT_ERROR_TOO_LARGE, 413, -1 },
  { "HTTP/1.1 403 Forbidden\r\n" EMPTY, 1006, RT_ERROR_PERMISSION_DENIED, 403, -1 },
  { "HTTP/1.1 503 Busy\r\nRetry-After: 3\r\n" EMPTY, 1006, RT_ERROR_SERVER, 503, 3 },
  { "HTTP/1.1 204", 1006, RT_ERROR_NETWORK, 0, -1 },
  { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi", 1006, RT_ERROR_NETWORK, 0, -1 },
  { "", 1006, RT_ERROR_NETWORK, 0, -1 },
};

typedef struct
{
  const PostCase *c;
  gboolean hang;
  guint posts; /* atomic */
} PostServer;

static void
post_func (HttpPeer *peer, HttpConn *conn, const HttpRequest *request, gpointer user_data)
{
  PostServer *server = user_data;

  if (is_stream_request (request))
    {
      send_greeting (conn);
      http_conn_wait_end (conn);
      http_conn_close (conn);
      return;
    }
  g_atomic_int_inc (&server->posts);
  if (server->hang)
    http_conn_wait_end (conn);
  else
    http_conn_send_string (conn, server->c->answer);
  http_conn_close (conn);
}

static void
test_post_answers (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (post_cases); i++)
    {
      PostServer server = { .c = &post_cases[i] };
      g_autoptr (HttpPeer) peer = http_peer_new (post_func, &server);
      g_autoptr (WsProbe) probe = stream_probe_greet (peer);

      ws_probe_send (probe, "command");
      ws_probe_wait_closed (probe);
      g_assert_cmpuint (probe->code, ==, server.c->code);
      g_assert_error (probe->error, RT_ERROR, server.c->error);
      g_assert_cmpuint (probe->http_status, ==, server.c->http_status);
      g_assert_cmpint (probe->retry_after, ==,
                       server.c->retry_after < 0 ? -1 : server.c->retry_after * G_USEC_PER_SEC);
      g_assert_true (probe->was_open);
      /* What may have been executed is not sent again. */
      g_assert_cmpuint (g_atomic_int_get (&server.posts), ==, 1);
    }
}

static void
test_post_hangs (void)
{
  PostServer server = { .hang = TRUE };
  g_autoptr (HttpPeer) peer = http_peer_new (post_func, &server);
  g_autoptr (WsProbe) probe = stream_probe_greet (peer);

  ws_probe_send (probe, "command");
  ws_probe_assert_failed (probe, RT_ERROR_NETWORK, "no answer in time");
  g_assert_cmpuint (probe->code, ==, 1006);
  g_assert_cmpuint (g_atomic_int_get (&server.posts), ==, 1);
}

/* The answer to a post, and then bytes nobody asked for: not those of the next answer. */
static void
two_answers_func (HttpPeer *peer, HttpConn *conn, const HttpRequest *request, gpointer user_data)
{
  if (is_stream_request (request))
    {
      send_greeting (conn);
      http_conn_wait_end (conn);
      http_conn_close (conn);
      return;
    }
  http_conn_send_string (
      conn, "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  http_conn_wait_end (conn);
  http_conn_close (conn);
}

static void
test_two_answers (void)
{
  g_autoptr (HttpPeer) peer = http_peer_new (two_answers_func, NULL);
  g_autoptr (WsProbe) probe = stream_probe_greet (peer);

  for (guint i = 0; i < 3; i++)
    {
      ws_probe_send (probe, "command");
      rt_test_poll_until (http_peer_count (peer) == i + 2);
      rt_test_wait_until (probe->transport->klass->get_queued (probe->transport) == 0);
    }
  ws_probe_close (probe, 1000, NULL);
  ws_probe_wait_closed (probe);
  g_assert_true (probe->clean);
  g_assert_cmpuint (http_peer_count_connections (peer), ==, 4);
}

/* The server closes what it has kept: noticed before the next request. */
static void
close_kept_func (HttpPeer *peer, HttpConn *conn, const HttpRequest *request, gpointer user_data)
{
  if (is_stream_request (request))
    {
      send_greeting (conn);
      http_conn_wait_end (conn);
    }
  else
    {
      http_conn_send_string (conn, "HTTP/1.1 204 No Content\r\n\r\n");
      g_atomic_int_inc ((int *) user_data);
    }
  http_conn_close (conn);
}

static void
test_kept_is_closed (void)
{
  int answered = 0;
  g_autoptr (HttpPeer) peer = http_peer_new (close_kept_func, &answered);
  g_autoptr (WsProbe) probe = stream_probe_greet (peer);
  guint fds = rt_test_count_fds ();

  for (int i = 1; i <= 3; i++)
    {
      ws_probe_send (probe, "command");
      rt_test_poll_until (g_atomic_int_get (&answered) == i && rt_test_count_fds () <= fds);
    }
  ws_probe_close (probe, 1000, NULL);
  ws_probe_wait_closed (probe);
  g_assert_true (probe->clean);
}

/* --- Ends at every stage --- */

typedef enum
{
  STAGE_OPENING,
  STAGE_OPENED,
  STAGE_ASKED,
  STAGE_GREETED,
  STAGE_POSTED,
  STAGE_POST_HANGS,
  N_STAGES,
} Stage;

typedef enum
{
  WAY_FREE,
  WAY_ABORT,
  WAY_CLOSE_AND_FREE,
  WAY_CLOSE,
  N_WAYS,
} Way;

static WsProbe *
reach_stage (HttpPeer *peer, Stage stage)
{
  WsProbe *probe = stream_probe_open (peer);

  if (stage >= STAGE_OPENED)
    ws_probe_wait_open (probe);
  if (stage >= STAGE_ASKED)
    ws_probe_send (probe, STREAM_CONNECT);
  if (stage >= STAGE_GREETED)
    rt_test_wait_until (probe->messages->len > 0);
  if (stage >= STAGE_POSTED)
    ws_probe_send (probe, "command");
  if (stage >= STAGE_POST_HANGS)
    rt_test_poll_until (http_peer_count (peer) == 2);
  return probe;
}

static void
end_way (WsProbe *probe, Stage stage, Way way)
{
  g_autoptr (GError) error = g_error_new_literal (RT_ERROR, RT_ERROR_CLOSED, "enough");

  if (way >= WAY_CLOSE_AND_FREE)
    ws_probe_close (probe, 1001, "bye");
  g_assert_cmpuint (probe->counts[WS_PROBE_CLOSED], ==, 0);
  if (way == WAY_ABORT)
    {
      probe->transport->klass->abort (probe->transport, error);
      g_assert_error (probe->error, RT_ERROR, RT_ERROR_CLOSED);
      g_assert_cmpuint (probe->code, ==, 1006);
    }
  if (way == WAY_CLOSE)
    {
      ws_probe_wait_closed (probe);
      g_assert_cmpuint (probe->code, ==, 1001);
      g_assert_no_error (probe->error);
      g_assert_cmpint (probe->clean, ==, stage == STAGE_GREETED);
    }
  if (way == WAY_FREE || way == WAY_CLOSE_AND_FREE)
    ws_probe_drop (probe);
}

static void
end_at (Stage stage, Way way)
{
  PostServer server = { .hang = TRUE };
  g_autoptr (HttpPeer) peer = http_peer_new (post_func, &server);
  g_autoptr (WsProbe) probe = reach_stage (peer, stage);

  g_test_message ("stage %d, way %d", stage, way);
  end_way (probe, stage, way);
}

static void
test_ends (void)
{
  /* What GLib opens once and keeps is there after the first time. */
  end_at (STAGE_POSTED, WAY_ABORT);
  guint fds = rt_test_count_fds ();

  for (Stage stage = 0; stage < N_STAGES; stage++)
    for (Way way = 0; way < N_WAYS; way++)
      end_at (stage, way);
  rt_test_poll_until (rt_test_count_fds () <= fds);
}

static void
drop_hook (WsProbe *probe, WsProbeEvent event)
{
  if (event == (WsProbeEvent) GPOINTER_TO_UINT (probe->hook_data))
    ws_probe_drop (probe);
}

/* Inside each event. */
static void
test_free_inside_events (void)
{
  static const WsProbeEvent events[] = { WS_PROBE_OPENED,   WS_PROBE_PROFILE,  WS_PROBE_RECEIVED,
                                         WS_PROBE_TURN_END, WS_PROBE_ACTIVITY, WS_PROBE_CLOSED };
  PostServer server = { .c = &post_cases[0] };

  for (guint i = 0; i < G_N_ELEMENTS (events); i++)
    {
      g_autoptr (HttpPeer) peer = http_peer_new (post_func, &server);
      g_autoptr (WsProbe) probe = stream_probe_open (peer);

      probe->hook = drop_hook;
      probe->hook_data = GUINT_TO_POINTER (events[i]);
      rt_test_wait_until (probe->counts[WS_PROBE_OPENED] > 0);
      if (probe->transport != NULL)
        ws_probe_send (probe, STREAM_CONNECT);
      rt_test_wait_until (probe->transport == NULL || probe->messages->len > 0);
      if (probe->transport != NULL)
        ws_probe_send (probe, "command");
      rt_test_wait_until (probe->transport == NULL);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/HttpEmulation/post-answers", test_post_answers);
  g_test_add_func ("/Rt/HttpEmulation/post-hangs", test_post_hangs);
  g_test_add_func ("/Rt/HttpEmulation/two-answers", test_two_answers);
  g_test_add_func ("/Rt/HttpEmulation/kept-is-closed", test_kept_is_closed);
  g_test_add_func ("/Rt/HttpEmulation/ends", test_ends);
  g_test_add_func ("/Rt/HttpEmulation/free-inside-events", test_free_inside_events);
  return g_test_run ();
}
