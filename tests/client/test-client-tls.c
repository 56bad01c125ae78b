/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "client-util.h"
#include "rt-raw-peer.h"
#include "rt-test-certs.h"

#define TOKEN "s3cr3t-hunter2"
#define OTHER_PIN "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

/* A server that counts who comes and what is said to it. */
typedef struct
{
  const char *certificate; /* NULL: it says nothing at all */
  int stop;                /* atomic */
  int visits;              /* atomic */
  int bytes;               /* atomic: of the application */
} Server;

static void
server_script (RtRawPeer *peer, gpointer user_data)
{
  Server *server = user_data;
  guint8 buffer[4096];
  gsize got;

  while (rt_raw_peer_accept (peer) && !g_atomic_int_get (&server->stop))
    {
      g_atomic_int_inc (&server->visits);
      if (server->certificate == NULL)
        rt_raw_peer_wait_end (peer);
      else if (rt_raw_peer_start_tls (peer, rt_test_certs_get_path (server->certificate), NULL))
        {
          while ((got = rt_raw_peer_read (peer, buffer, sizeof buffer)) > 0)
            g_atomic_int_add (&server->bytes, (int) got);
        }
    }
}

static void
server_end (Server *server, RtRawPeer *peer)
{
  g_atomic_int_set (&server->stop, TRUE);
  rt_raw_peer_visit (peer);
  rt_raw_peer_free (peer);
}

static RtClient *
client_new (RtRawPeer *peer, const char *strategy, const char *pin, guint timeout)
{
  const char *const names[] = { strategy, NULL };
  const char *const pins[] = { pin, NULL };
  g_autofree char *endpoint = g_strdup_printf ("wss://127.0.0.1:%u/", rt_raw_peer_get_port (peer));
  g_autoptr (GTlsDatabase) database = rt_test_certs_new_database ("ca");

  return client_util_new_for_url (endpoint, "api-key", TOKEN, "strategies", strategy != NULL ? names : NULL,
                                  "tls-database", database, "tls-pins", pins, "connect-timeout", timeout,
                                  "reconnect-delay", 100u, NULL);
}

static void
connect_fails (RtClient *client, int code, const char *words)
{
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;

  rt_client_connect_async (client, NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  g_assert_false (rt_client_connect_finish (client, reply.result, &error));
  g_assert_error (error, RT_ERROR, code);
  if (strstr (error->message, words) == NULL)
    g_error ("\"%s\" is not in: %s", words, error->message);
  g_assert_null (strstr (error->message, TOKEN));
}

static void
close_client (RtClient *client)
{
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;

  rt_client_close_async (client, NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  rt_client_close_finish (client, reply.result, &error);
  g_assert_no_error (error);
}

/* --- Refused --- */

typedef struct
{
  const char *certificate;
  const char *pin; /* nullable */
  const char *words;
} Refusal;

static const Refusal refusals[] = {
  { "self-signed", NULL, "set tls-database" },
  { "unknown-ca", NULL, "set tls-database" },
  { "wrong-host", NULL, "another host" },
  { "expired", NULL, "has expired" },
  { "not-yet-valid", NULL, "not valid yet" },
  { "server", OTHER_PIN, "tls-pins" },
};

/* Final, whichever way was tried: one visit, and not a byte that could be the token. */
static void
assert_final (const Refusal *refusal, const char *strategy)
{
  Server server = { .certificate = refusal->certificate };
  RtRawPeer *peer = (rt_test_certs_get_path ("ca"), rt_raw_peer_new (server_script, &server));
  g_autoptr (RtClient) client = client_new (peer, strategy, refusal->pin, 10000);

  g_test_message ("%s %s", refusal->certificate, strategy);
  connect_fails (client, RT_ERROR_NETWORK, refusal->words);
  g_assert_cmpint (rt_client_get_state (client), ==, RT_CONNECTION_STATE_FAILED);
  close_client (client);
  server_end (&server, peer);
  g_assert_cmpint (server.visits, ==, 1);
  g_assert_cmpint (server.bytes, ==, 0);
}

static void
test_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    assert_final (&refusals[i], NULL);
}

static void
test_refused_in_each_way (void)
{
  static const char *const strategies[] = { "websocket", "http-stream", "polling" };

  for (guint i = 0; i < G_N_ELEMENTS (strategies); i++)
    for (guint n = 0; n < G_N_ELEMENTS (refusals); n++)
      assert_final (&refusals[n], strategies[i]);
}

/* --- No answer --- */

/* A handshake that never goes on ends with connect-timeout; that is temporary. */
static void
test_silent (void)
{
  Server server = { .certificate = NULL };
  RtRawPeer *peer = rt_raw_peer_new (server_script, &server);
  g_autoptr (RtClient) client = client_new (peer, "websocket", NULL, 200);

  connect_fails (client, RT_ERROR_TIMED_OUT, "127.0.0.1");
  g_assert_cmpint (rt_client_get_state (client), ==, RT_CONNECTION_STATE_RECONNECTING);
  rt_test_poll_until (g_atomic_int_get (&server.visits) >= 2);
  close_client (client);
  server_end (&server, peer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Fault/row30/refused", test_refused);
  g_test_add_func ("/Rt/Fault/row30/refused-in-each-way", test_refused_in_each_way);
  g_test_add_func ("/Rt/Fault/row30/silent", test_silent);
  return g_test_run ();
}
