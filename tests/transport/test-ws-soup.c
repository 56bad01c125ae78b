/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <libsoup/soup.h>
#include <sys/socket.h>
#include <unistd.h>
#include "rt-test.h"
#include "ws-script.h"

/* The same bytes to libsoup's WebSocket: an implementation of other hands reads the tables too. Where it differs,
 * the tables say what it does. In 3.2.3: it reads on after a fault, so that a message can follow an error; waits
 * for the end of a header, a frame and a message before it judges them; takes pongs of more than 125 bytes; looks
 * at its limit before the length's highest bit, applies it to control frames and not to the sum of fragments;
 * does not know the close codes 1012 to 1014; answers 1002 where a reason is not UTF-8, and ends reasons at a NUL. */

typedef struct
{
  const WsCase *test;
  RtWsRole role; /* of the reader */
} Run;

typedef struct
{
  int peer; /* the raw end */
  SoupWebsocketConnection *soup;
  GString *outcome;
  gboolean failed;
  gboolean closed;
} Fixture;

static void
message_cb (SoupWebsocketConnection *soup, SoupWebsocketDataType type, GBytes *message, gpointer user_data)
{
  Fixture *fixture = user_data;
  gsize len;
  const guint8 *data = g_bytes_get_data (message, &len);

  ws_describe (fixture->outcome, type == SOUP_WEBSOCKET_DATA_TEXT ? "text" : "binary", data, len);
}

static void
error_cb (SoupWebsocketConnection *soup, GError *error, gpointer user_data)
{
  Fixture *fixture = user_data;

  /* It tells of some faults twice. A broken pipe is of our own making. */
  if (fixture->failed || error->domain != SOUP_WEBSOCKET_ERROR)
    return;
  fixture->failed = TRUE;
  g_string_append_printf (fixture->outcome, "%sfault:%d", fixture->outcome->len > 0 ? " " : "", error->code);
}

static void
closed_cb (SoupWebsocketConnection *soup, gpointer user_data)
{
  Fixture *fixture = user_data;
  guint code = soup_websocket_connection_get_close_code (soup);

  fixture->closed = TRUE;
  if (!fixture->failed && code != 0)
    {
      g_autofree char *kind = g_strdup_printf ("close:%u", code);
      const char *reason = soup_websocket_connection_get_close_data (soup);

      reason = reason != NULL ? reason : "";
      ws_describe (fixture->outcome, kind, (const guint8 *) reason, strlen (reason));
    }
}

static void
fixture_open (Fixture *fixture, const Run *run)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GSocketConnection) stream = NULL;
  g_autoptr (GUri) uri = g_uri_parse ("ws://localhost/", SOUP_HTTP_URI_FLAGS, NULL);
  int fds[2];

  memset (fixture, 0, sizeof *fixture);
  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
  fixture->peer = fds[0];
  g_assert_no_errno (fcntl (fixture->peer, F_SETFL, O_NONBLOCK));
  socket = g_socket_new_from_fd (fds[1], &error);
  g_assert_no_error (error);
  stream = g_socket_connection_factory_create_connection (socket);
  fixture->soup = soup_websocket_connection_new (G_IO_STREAM (stream), uri,
                                                 run->role == RT_WS_SERVER ? SOUP_WEBSOCKET_CONNECTION_SERVER
                                                                           : SOUP_WEBSOCKET_CONNECTION_CLIENT,
                                                 NULL, NULL, NULL);
  soup_websocket_connection_set_max_incoming_payload_size (
    fixture->soup, run->test->max_message > 0 ? run->test->max_message : WS_MAX_MESSAGE);
  fixture->outcome = g_string_new (NULL);
  g_signal_connect (fixture->soup, "message", G_CALLBACK (message_cb), fixture);
  g_signal_connect (fixture->soup, "error", G_CALLBACK (error_cb), fixture);
  g_signal_connect (fixture->soup, "closed", G_CALLBACK (closed_cb), fixture);
}

static void
fixture_close (Fixture *fixture)
{
  g_signal_handlers_disconnect_by_data (fixture->soup, fixture);
  g_assert_finalize_object (fixture->soup);
  g_string_free (fixture->outcome, TRUE);
  close (fixture->peer);
}

/* The cases fit into the socket's buffer at once, so nobody has to wait for libsoup to read. */
static void
send_all (int fd, GBytes *bytes)
{
  gsize len;
  const guint8 *data = g_bytes_get_data (bytes, &len);

  if (len > 0)
    g_assert_cmpint (send (fd, data, len, MSG_NOSIGNAL), ==, (gssize) len);
  g_assert_no_errno (shutdown (fd, SHUT_WR));
}

/* libsoup answers pings by itself; what it wrote tells which it saw. */
static void
append_pings (const Fixture *fixture, RtWsRole reader)
{
  g_autoptr (RtWsParser) parser = rt_ws_parser_new (ws_peer_of (reader), 1 << 20);
  guint8 chunk[4096];
  gssize n;

  while ((n = recv (fixture->peer, chunk, sizeof chunk, 0)) > 0)
    for (gsize at = 0; at < (gsize) n;)
      {
        gsize used;
        guint budget = G_MAXUINT;
        RtWsEvent event;
        RtWsStatus status = rt_ws_parser_next (parser, chunk + at, (gsize) n - at, &used, &budget, &event);

        at += used;
        g_assert_cmpint (status, !=, RT_WS_FAULT);
        if (status == RT_WS_EVENT && event.opcode == RT_WS_PONG)
          ws_describe (fixture->outcome, "ping", event.data, event.len);
        if (status == RT_WS_EVENT)
          g_free (event.owned);
      }
}

/* An outcome as far as it is seen here: pings behind all the rest, and no pongs, since what the signal "pong"
 * of 3.2.3 carries is not the GBytes it says. */
static char *
seen_of (const char *outcome)
{
  g_autofree char *normal = ws_normalize (outcome);
  g_auto (GStrv) tokens = g_strsplit (normal, " ", -1);
  GString *sorted = g_string_new (NULL);

  for (guint pings = 0; pings <= 1; pings++)
    for (guint i = 0; tokens[i] != NULL; i++)
      if (*tokens[i] != '\0' && !g_str_has_prefix (tokens[i], "pong:")
          && g_str_has_prefix (tokens[i], "ping:") == (pings == 1))
        g_string_append_printf (sorted, "%s%s", sorted->len > 0 ? " " : "", tokens[i]);
  return g_string_free (sorted, FALSE);
}

static void
test_case (gconstpointer user_data)
{
  const Run *run = user_data;
  g_autoptr (GBytes) sent = ws_compile (run->test->sent, ws_peer_of (run->role), NULL);
  g_autofree char *ours = seen_of (run->test->outcome);
  g_autofree char *theirs = seen_of (run->test->soup != NULL ? run->test->soup : run->test->outcome);
  Fixture fixture;

  fixture_open (&fixture, run);
  send_all (fixture.peer, sent);
  rt_test_wait_until (fixture.closed);
  append_pings (&fixture, run->role);
  /* A later libsoup may have mended what is recorded here. */
  if (!soup_check_version (3, 3, 0) || g_strcmp0 (fixture.outcome->str, ours) != 0)
    g_assert_cmpstr (fixture.outcome->str, ==, theirs);
  fixture_close (&fixture);
}

/* Section 7.4: the codes that our parser is swept with; far from the borders, every 29th. */
static void
test_every_code (void)
{
  for (guint code = 0; code <= 5000; code++)
    {
      if (code % 29 != 0 && (code + 30) % 1000 > 60)
        continue;
      gboolean valid = rt_ws_close_code_valid (code);
      g_autofree char *sent = g_strdup_printf ("88:%%%02x%%%02xwhy", code >> 8, code & 0xff);
      g_autofree char *outcome = valid ? g_strdup_printf ("close:%u:why", code) : g_strdup ("fault:1002");
      /* It does not know the codes registered after the RFC. */
      WsCase test = CASE ("7.4/every-code", sent, outcome,
                          .soup = code >= 1012 && code <= 1014 ? "fault:1002" : NULL);
      Run run = { &test, code % 2 == 0 ? RT_WS_CLIENT : RT_WS_SERVER };

      test_case (&run);
    }
}

static void
add_case (const WsCase *test, gpointer user_data)
{
  for (guint role = RT_WS_CLIENT; role <= RT_WS_SERVER; role++)
    {
      g_autofree char *path
        = g_strdup_printf ("/Rt/WsSoup/%s/%s", test->name, role == RT_WS_CLIENT ? "client" : "server");
      Run *run = g_new (Run, 1);

      *run = (Run) { test, role };
      g_test_add_data_func_full (path, run, test_case, g_free);
    }
}

/* Its debug messages hold raw bytes, which would break the test's output. */
static void
drop_message_cb (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_handler ("libsoup", G_LOG_LEVEL_DEBUG, drop_message_cb, NULL);
  ws_each_case (add_case, NULL);
  g_test_add_func ("/Rt/WsSoup/7.4/every-code", test_every_code);
  return g_test_run ();
}
