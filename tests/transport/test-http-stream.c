/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "rt-config-builder.h"
#include "rt-error.h"
#include "rt-http-transport.h"
#include "rt-test-certs.h"
#include "rt-test.h"
#include "stream-probe.h"

/* --- The usual course --- */

static void
assert_header (const HttpRequest *request, const char *name, const char *expected)
{
  g_autofree char *value = http_request_get_header (request, name);

  g_assert_cmpstr (value, ==, expected);
}

/* What was posted to the emulation endpoint, in order. */
typedef struct
{
  GMutex lock;
  GString *bodies;
} Posts;

static Posts *
posts_new (void)
{
  Posts *self = g_new0 (Posts, 1);

  g_mutex_init (&self->lock);
  self->bodies = g_string_new (NULL);
  return self;
}

static void
posts_free (Posts *self)
{
  g_mutex_clear (&self->lock);
  g_string_free (self->bodies, TRUE);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Posts, posts_free)

static void
posts_add (Posts *self, const HttpRequest *request)
{
  g_mutex_lock (&self->lock);
  g_string_append_printf (self->bodies, "%s;", request->body);
  g_mutex_unlock (&self->lock);
}

static gboolean
posts_are (Posts *self, const char *expected)
{
  g_mutex_lock (&self->lock);
  gboolean same = g_str_equal (self->bodies->str, expected);
  g_mutex_unlock (&self->lock);
  return same;
}

static void
usual_func (HttpPeer *peer, HttpConn *conn, const HttpRequest *request, gpointer user_data)
{
  assert_header (request, "Content-Type", "application/json");
  assert_header (request, "X-Rt-Protocol", "1");
  assert_header (request, "Accept-Encoding", "identity");
  assert_header (request, "Cookie", "a=b");
  if (!is_stream_request (request))
    {
      g_assert_cmpstr (request->path, ==, "/emulation");
      /* The first is answered when the test says so. */
      if (strstr (request->body, "one") != NULL)
        http_peer_hold (peer);
      posts_add (user_data, request);
      http_conn_send_string (conn, "HTTP/1.1 204 No Content\r\n\r\n");
      return;
    }
  g_assert_cmpstr (request->body, ==, STREAM_CONNECT);
  send_greeting (conn);
  http_conn_send_chunk (conn, "{\"push\":{}}\n\n{\"id\"");
  http_conn_send_chunk (conn, ":2}\r\n");
  http_conn_wait_end (conn);
  http_conn_close (conn);
}

static void
test_usual (void)
{
  g_autoptr (Posts) posts = posts_new ();
  g_autoptr (HttpPeer) peer = http_peer_new (usual_func, posts);
  g_autoptr (WsProbe) probe = stream_probe_open (peer);

  ws_probe_wait_open (probe);
  g_assert_cmpint (probe->profile, ==, RT_PROFILE_RT1);
  g_assert_cmpuint (http_peer_count (peer), ==, 0);
  ws_probe_send (probe, STREAM_CONNECT);
  rt_test_wait_until (probe->messages->len == 3);
  g_assert_cmpstr (ws_probe_get_text (probe, 0), ==, STREAM_GREETING);
  g_assert_cmpstr (ws_probe_get_text (probe, 1), ==, "{\"push\":{}}");
  g_assert_cmpstr (ws_probe_get_text (probe, 2), ==, "{\"id\":2}");
  g_assert_cmpuint (probe->counts[WS_PROBE_PROFILE], ==, 1);
  g_assert_cmpuint (probe->counts[WS_PROBE_TURN_END], >=, 1);
  g_assert_cmpuint (probe->counts[WS_PROBE_ACTIVITY], >=, 1);

  /* One request at a time; what comes meanwhile goes together. */
  ws_probe_send (probe, "one");
  ws_probe_send (probe, "two\n\"three\"");
  ws_probe_send (probe, "four");
  g_assert_cmpuint (probe->transport->klass->get_queued (probe->transport), >, 0);
  rt_test_poll_until (http_peer_count (peer) == 2);
  g_assert_true (posts_are (posts, ""));
  http_peer_release (peer);
  rt_test_poll_until (
      posts_are (posts, STREAM_ADDRESS "\"one\"};" STREAM_ADDRESS "\"two\\n\\\"three\\\"\\nfour\"};"));
  rt_test_wait_until (probe->counts[WS_PROBE_DRAINED] > 0);
  g_assert_cmpuint (probe->transport->klass->get_queued (probe->transport), ==, 0);

  /* What is queued goes before the end; the connection is used again. */
  ws_probe_send (probe, "five");
  ws_probe_close (probe, 1000, "done");
  g_assert_cmpuint (probe->counts[WS_PROBE_CLOSED], ==, 0);
  ws_probe_wait_closed (probe);
  g_assert_true (posts_are (posts,
                            STREAM_ADDRESS "\"one\"};" STREAM_ADDRESS
                                           "\"two\\n\\\"three\\\"\\nfour\"};" STREAM_ADDRESS "\"five\"};"));
  g_assert_cmpuint (probe->code, ==, 1000);
  g_assert_cmpstr (probe->reason, ==, "done");
  g_assert_true (probe->clean);
  g_assert_true (probe->was_open);
  g_assert_no_error (probe->error);
  g_assert_cmpuint (http_peer_count_connections (peer), ==, 2);
}

/* --- Answers in place of a stream --- */

typedef struct
{
  const char *answer;
  int error;
  const char *words;
  guint http_status;
  gint64 retry_after; /* s, or -1 */
} AnswerCase;

#define EMPTY "Content-Length: 0\r\n\r\n"

static const AnswerCase answer_cases[] = {
  { "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>",
    RT_ERROR_PROTOCOL, "captive portal", 200, -1 },
  { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n\r\n\r\n<htm\r\n2\r\nl\n\r\n0\r\n\r\n",
    RT_ERROR_PROTOCOL, "captive portal", 200, -1 },
  { "HTTP/1.1 204 No Content\r\n\r\n", RT_ERROR_PROTOCOL, "status 204", 204, -1 },
  { "HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\n" EMPTY, RT_ERROR_PROTOCOL, "not followed", 301,
    -1 },
  { "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\n" EMPTY, RT_ERROR_UNAUTHORIZED, "401", 401, -1 },
  { "HTTP/1.1 403 Forbidden\r\n" EMPTY, RT_ERROR_PERMISSION_DENIED, "403", 403, -1 },
  { "HTTP/1.1 404 Not Found\r\n" EMPTY, RT_ERROR_PROTOCOL, "/connection/http_stream", 404, -1 },
  { "HTTP/1.1 407 Proxy\r\n" EMPTY, RT_ERROR_NETWORK, "407", 407, -1 },
  { "HTTP/1.1 408 Timeout\r\n" EMPTY, RT_ERROR_NETWORK, "408", 408, -1 },
  { "HTTP/1.1 413 Large\r\n" EMPTY, RT_ERROR_TOO_LARGE, "413", 413, -1 },
  { "HTTP/1.1 426 Upgrade\r\n" EMPTY, RT_ERROR_PROTOCOL, "426", 426, -1 },
  { "HTTP/1.1 429 Many\r\nRetry-After: 7\r\n" EMPTY, RT_ERROR_RATE_LIMITED, "429", 429, 7 },
  { "HTTP/1.1 429 Many\r\nRetry-After: soon\r\n" EMPTY, RT_ERROR_RATE_LIMITED, "429", 429, -1 },
  { "HTTP/1.1 500 Oops\r\n" EMPTY, RT_ERROR_SERVER, "500", 500, -1 },
  { "HTTP/1.1 502 Bad\r\nContent-Length: 99\r\nTransfer-Encoding: gzip\r\n\r\n", RT_ERROR_SERVER, "502", 502,
    -1 },
  { "HTTP/1.1 503 Busy\r\nRetry-After: 1000000000\r\n" EMPTY, RT_ERROR_SERVER, "503", 503, 300 },
  { "HTTP/1.1 503 Busy\r\nRetry-After: Mon, 01 Jan 2001 00:00:00 GMT\r\n" EMPTY, RT_ERROR_SERVER, "503", 503,
    0 },
  { "HTTP/1.1 504 Late\r\n\r\n", RT_ERROR_SERVER, "504", 504, -1 },
  { "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", RT_ERROR_PROTOCOL, "two ways", 0, -1 },
  { "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b", RT_ERROR_PROTOCOL, "compressed", 0, -1 },
  { "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    RT_ERROR_PROTOCOL, "switches protocols", 0, -1 },
  { "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\nHTTP/1.1 403 Forbidden\r\n" EMPTY,
    RT_ERROR_PERMISSION_DENIED, "403", 403, -1 },
  { "SSH-2.0-OpenSSH\r\n", RT_ERROR_PROTOCOL, "did not answer with HTTP", 0, -1 },
  { "HTTP/1.1 200 OK\r\n", RT_ERROR_NETWORK, "in the middle of an answer", 0, -1 },
  { "HTTP/1.1 200 OK\r\n\r\n", RT_ERROR_NETWORK, "ended its stream", 0, -1 },
  { "", RT_ERROR_NETWORK, "before an answer came", 0, -1 },
};

static void
answer_func (HttpPeer *peer, HttpConn *conn, const HttpRequest *request, gpointer user_data)
{
  const AnswerCase *c = user_data;

  http_conn_send_string (conn, c->answer);
  http_conn_close (conn);
}

static void
test_answers (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (answer_cases); i++)
    {
      const AnswerCase *c = &answer_cases[i];
      g_autoptr (HttpPeer) peer = http_peer_new (answer_func, (gpointer) c);
      g_autoptr (WsProbe) probe = stream_probe_connect (peer);

      g_test_message ("%u: %.40s", i, c->answer);
      ws_probe_assert_failed (probe, c->error, c->words);
      g_assert_cmpuint (probe->code, ==, 1006);
      g_assert_cmpuint (probe->http_status, ==, c->http_status);
      g_assert_cmpint (probe->retry_after, ==, c->retry_after < 0 ? -1 : c->retry_after * G_USEC_PER_SEC);
      g_assert_false (probe->was_open);
      g_assert_cmpuint (probe->messages->len, ==, 0);
      g_assert_cmpuint (probe->counts[WS_PROBE_PROFILE], ==, 0);
    }
}

static void
interim_flood_func (HttpPeer *peer, HttpConn *conn, const HttpRequest *request, gpointer user_data)
{
  while (http_conn_send_string (conn, user_data))
    ;
  http_conn_close (conn);
}

/* Heads without end, of either kind. */
static void
test_endless_head (void)
{
  g_autofree char *header = g_strnfill (1000, 'x');
  const char *floods[] = { "HTTP/1.1 100 Continue\r\n\r\n", header, "HTTP/1.1 200 OK" };

  for (guint i = 0; i < G_N_ELEMENTS (floods); i++)
    {
      g_autoptr (HttpPeer) peer = http_peer_new (interim_flood_func, (gpointer) floods[i]);
      g_autoptr (WsProbe) probe = stream_probe_connect (peer);

      ws_probe_wait_closed (probe);
      g_assert_error (probe->error, RT_ERROR, RT_ERROR_PROTOCOL);
      g_assert_false (probe->was_open);
    }
}

/* A server of the plain profile, which does not frame its stream either, and ends it in the middle of a line. */
static void
plain_func (HttpPeer *peer, HttpConn *conn, const HttpRequest *request, gpointer user_data)
{
  http_conn_send_string (conn, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" STREAM_GREETING
                               "\n{\"push\":{\"a\":1}}\n{\"push\":{\"b\":");
  http_conn_close (conn);
}

static void
test_plain_profile (void)
{
  g_autoptr (HttpPeer) peer = http_peer_new (plain_func, NULL);
  g_autoptr (WsProbe) probe = stream_probe_connect (peer);

  ws_probe_assert_failed (probe, RT_ERROR_NETWORK, "ended its stream");
  g_assert_cmpint (probe->profile, ==, RT_PROFILE_CENTRIFUGO);
  g_assert_cmpuint (probe->messages->len, ==, 2);
  g_assert_cmpstr (ws_probe_get_text (probe, 1), ==, "{\"push\":{\"a\":1}}");
  g_assert_true (probe->was_open);
  g_assert_cmpuint (probe->http_status, ==, 0);
}

/* --- Streams that break --- */

#define BODY STREAM_GREETING "\n{\"push\":{\"n\":1}}\n"

typedef struct
{
  GString *text;
  gsize cut;
  gboolean slices;
  gboolean reset;
} Cut;

static void
cut_func (HttpPeer *peer, HttpConn *conn, const HttpRequest *request, gpointer user_data)
{
  const Cut *cut = user_data;

  if (cut->slices)
    for (gsize i = 0; i < cut->cut; i++)
      http_conn_send (conn, cut->text->str + i, 1);
  else
    http_conn_send (conn, cut->text->str, cut->cut);
  if (cut->reset)
    http_conn_reset (conn);
  else
    http_conn_close (conn);
}

static GString *
make_stream (gsize step)
{
  GString *text = g_string_new (STREAM_HEAD);

  for (gsize i = 0; i < strlen (BODY); i += step)
    {
      gsize len = MIN (step, strlen (BODY) - i);
      g_string_append_printf (text, "%" G_GSIZE_MODIFIER "x;e=1\r\n%.*s\r\n", len, (int) len, &BODY[i]);
    }
  return text;
}

/* Whatever came wholly was delivered, once and in order, and nothing else. */
static void
assert_prefix (WsProbe *probe)
{
  g_assert_cmpuint (probe->messages->len, <=, 2);
  if (probe->messages->len > 0)
    g_assert_cmpstr (ws_probe_get_text (probe, 0), ==, STREAM_GREETING);
  if (probe->messages->len > 1)
    g_assert_cmpstr (ws_probe_get_text (probe, 1), ==, "{\"push\":{\"n\":1}}");
  g_assert_cmpuint (probe->code, ==, 1006);
  g_assert_error (probe->error, RT_ERROR, RT_ERROR_NETWORK);
  g_assert_cmpuint (probe->http_status, ==, 0);
  g_assert_cmpint (probe->was_open, ==, probe->messages->len > 0);
}

static void
test_cut_at_every_byte (void)
{
  Cut cut = { .text = make_stream (30) };

  for (cut.cut = 0; cut.cut <= cut.text->len; cut.cut++)
    for (guint i = 0; i < 2; i++)
      {
        cut.reset = i == 1;
        g_autoptr (HttpPeer) peer = http_peer_new (cut_func, &cut);
        g_autoptr (WsProbe) probe = stream_probe_connect (peer);

        ws_probe_wait_closed (probe);
        assert_prefix (probe);
        if (cut.cut == cut.text->len && !cut.reset)
          g_assert_cmpuint (probe->messages->len, ==, 2);
      }
  g_string_free (cut.text, TRUE);
}

static void
test_slices (void)
{
  for (gsize step = 1; step <= 40; step += 13)
    {
      Cut cut = { .text = make_stream (step), .slices = TRUE };
      cut.cut = cut.text->len;
      HttpPeer *peer = http_peer_new (cut_func, &cut);
      WsProbe *probe = stream_probe_connect (peer);

      ws_probe_wait_closed (probe);
      assert_prefix (probe);
      g_assert_cmpuint (probe->messages->len, ==, 2);
      ws_probe_free (probe);
      http_peer_free (peer);
      g_string_free (cut.text, TRUE);
    }
}

static void
fault_func (HttpPeer *peer, HttpConn *conn, const HttpRequest *request, gpointer user_data)
{
  send_greeting (conn);
  http_conn_send_string (conn, user_data);
  http_conn_wait_end (conn);
  http_conn_close (conn);
}

static void
test_chunk_faults (void)
{
  static const char *const faults[] = {
    "5\n{}\n{}\r\n", "x\r\n", "\r\n\r\n", "3\r\n{}\n\n", "3\r\n{}\nx", "fffffffffffffffff\r\n", "-1\r\n",
    "0\r\nbad: trailer\n\r\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autoptr (HttpPeer) peer = http_peer_new (fault_func, (gpointer) faults[i]);
      g_autoptr (WsProbe) probe = stream_probe_connect (peer);

      ws_probe_assert_failed (probe, RT_ERROR_PROTOCOL, "cannot be used");
      g_assert_true (probe->was_open);
      g_assert_cmpstr (ws_probe_get_text (probe, 0), ==, STREAM_GREETING);
      g_assert_cmpuint (probe->code, ==, 1006);
    }
}

static void
no_session_func (HttpPeer *peer, HttpConn *conn, const HttpRequest *request, gpointer user_data)
{
  g_autofree char *greeting = g_strdup_printf ("{\"id\":1,\"connect\":{\"client\":\"c\",\"session\":\"%s\"}}\n",
                                               (char *) user_data);

  http_conn_send_string (conn, STREAM_HEAD);
  http_conn_send_chunk (conn, user_data != NULL ? greeting : "{\"id\":1,\"connect\":{\"client\":\"c\"}}\n");
  http_conn_wait_end (conn);
  http_conn_close (conn);
}

/* None, or one that would make every request huge. */
static void
test_no_session (void)
{
  g_autofree char *endless = g_strnfill (10000, 'x');
  char *sessions[] = { NULL, endless };

  for (guint i = 0; i < G_N_ELEMENTS (sessions); i++)
    {
      g_autoptr (HttpPeer) peer = http_peer_new (no_session_func, sessions[i]);
      g_autoptr (WsProbe) probe = stream_probe_connect (peer);

      ws_probe_assert_failed (probe, RT_ERROR_PROTOCOL, "no usable session");
      g_assert_cmpuint (probe->code, ==, 1002);
    }
}

static void
long_line_func (HttpPeer *peer, HttpConn *conn, const HttpRequest *request, gpointer user_data)
{
  g_autofree char *piece = g_strnfill (1024 * 1024, 'x');

  send_greeting (conn);
  while (http_conn_send_chunk (conn, piece))
    ;
  http_conn_close (conn);
}

static void
test_endless_line (void)
{
  g_autoptr (HttpPeer) peer = http_peer_new (long_line_func, NULL);
  g_autoptr (WsProbe) probe = stream_probe_connect (peer);

  ws_probe_assert_failed (probe, RT_ERROR_PROTOCOL, "longer than 32 MiB");
  g_assert_cmpuint (probe->messages->len, ==, 1);
}

/* --- Floods --- */

static void
flood_func (HttpPeer *peer, HttpConn *conn, const HttpRequest *request, gpointer user_data)
{
  g_autoptr (GString) lines = g_string_new (NULL);

  send_greeting (conn);
  while (lines->len < 60 * 1024)
    g_string_append (lines, user_data);
  while (http_conn_send_chunk (conn, lines->str))
    ;
  http_conn_close (conn);
}

typedef struct
{
  guint in_turn;
  guint most;
  guint turns;
} Turns;

static void
count_turns_hook (WsProbe *probe, WsProbeEvent event)
{
  Turns *turns = probe->hook_data;

  if (event == WS_PROBE_RECEIVED)
    {
      turns->in_turn++;
      turns->most = MAX (turns->most, turns->in_turn);
    }
  if (event != WS_PROBE_TURN_END)
    return;
  turns->in_turn = 0;
  turns->turns++;
}

static gboolean
tick_cb (gpointer user_data)
{
  guint *ticks = user_data;

  *ticks += 1;
  return G_SOURCE_CONTINUE;
}

/* A flood of the shortest lines leaves every other source its turns, and pausing stops it. */
static void
test_floods (void)
{
  static const char *const lines[] = { "{}\n", "\n", "{\"push\":{\"channel\":\"c\",\"pub\":{\"data\":{}}}}\n" };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (HttpPeer) peer = http_peer_new (flood_func, (gpointer) lines[i]);
      g_autoptr (WsProbe) probe = stream_probe_greet (peer);
      g_autoptr (GSource) ticker = g_idle_source_new ();
      Turns turns = { 0 };
      guint ticks = 0;

      g_source_set_priority (ticker, G_PRIORITY_DEFAULT);
      g_source_set_callback (ticker, tick_cb, &ticks, NULL);
      g_source_attach (ticker, NULL);
      probe->keep_messages = FALSE;
      probe->hook = count_turns_hook;
      probe->hook_data = &turns;
      guint activity = probe->counts[WS_PROBE_ACTIVITY];
      rt_test_wait_until (probe->counts[WS_PROBE_ACTIVITY] >= activity + 100);
      g_assert_cmpuint (turns.most, <=, 1024);
      g_assert_cmpuint (ticks, >=, 50);
      if (i != 1)
        g_assert_cmpuint (turns.turns, >=, 50);

      probe->transport->klass->pause (probe->transport, TRUE);
      guint64 received = probe->counts[WS_PROBE_RECEIVED];
      guint until = ticks + 1000;
      rt_test_wait_until (ticks >= until);
      g_assert_cmpuint (probe->counts[WS_PROBE_RECEIVED], ==, received);
      probe->transport->klass->pause (probe->transport, FALSE);
      activity = probe->counts[WS_PROBE_ACTIVITY];
      rt_test_wait_until (probe->counts[WS_PROBE_ACTIVITY] >= activity + 10);
      g_source_destroy (ticker);
      probe->transport->klass->abort (probe->transport, NULL);
      g_assert_cmpuint (probe->counts[WS_PROBE_CLOSED], ==, 1);
    }
}

/* --- TLS --- */

static void
test_tls (void)
{
  const char *pem = rt_test_certs_get_path ("server");
  g_autoptr (Posts) posts = posts_new ();
  g_autoptr (HttpPeer) peer = http_peer_new_tls (pem, usual_func, posts);
  g_autofree char *url = http_peer_get_url (peer);
  g_autoptr (RtConfigBuilder) builder = rt_config_builder_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GTlsDatabase) database = rt_test_certs_new_database ("ca");

  rt_config_builder_with_endpoint (builder, url);
  rt_config_builder_with_tls_database (builder, database);
  rt_config_builder_with_headers (builder, g_variant_new_parsed ("{'Cookie': 'a=b'}"));
  g_autoptr (RtConfig) config = rt_config_builder_build (builder, &error);
  g_assert_no_error (error);
  g_autoptr (WsProbe) probe = ws_probe_new_transport (rt_http_stream_transport (), config);
  ws_probe_wait_open (probe);
  ws_probe_send (probe, STREAM_CONNECT);
  rt_test_wait_until (probe->messages->len == 3);
  ws_probe_send (probe, "1");
  ws_probe_send (probe, "2");
  ws_probe_close (probe, 1000, NULL);
  ws_probe_wait_closed (probe);
  g_assert_true (probe->clean);
  g_assert_true (posts_are (posts, STREAM_ADDRESS "\"1\"};" STREAM_ADDRESS "\"2\"};"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/HttpStream/usual", test_usual);
  g_test_add_func ("/Rt/HttpStream/answers", test_answers);
  g_test_add_func ("/Rt/HttpStream/endless-head", test_endless_head);
  g_test_add_func ("/Rt/HttpStream/plain-profile", test_plain_profile);
  g_test_add_func ("/Rt/HttpStream/cut-at-every-byte", test_cut_at_every_byte);
  g_test_add_func ("/Rt/HttpStream/slices", test_slices);
  g_test_add_func ("/Rt/HttpStream/chunk-faults", test_chunk_faults);
  g_test_add_func ("/Rt/HttpStream/no-session", test_no_session);
  g_test_add_func ("/Rt/HttpStream/endless-line", test_endless_line);
  g_test_add_func ("/Rt/HttpStream/floods", test_floods);
  g_test_add_func ("/Rt/HttpStream/tls", test_tls);
  return g_test_run ();
}
