/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "client-util.h"
#include "rt-test-certs.h"
#include "rt-test-proxy.h"

#define TOKEN "s3cr3t-hunter2"

static const char *const strategies[] = { "websocket", "http-stream", "polling" };

/* A client that reaches @server by this strategy alone and only through @proxy: its host is known to nobody. */
static RtClient *
client_new (RtMockServer *server, RtTestProxy *proxy, const char *strategy, const char *scheme, const char *login)
{
  const char *const names[] = { strategy, NULL };
  g_autofree char *uri = rt_test_proxy_get_uri (proxy, login);
  g_autofree char *endpoint = g_strdup_printf ("%s://realtime.test:%u/", scheme, rt_mock_server_get_port (server));
  g_autofree char *pin = rt_test_certs_get_pin ("ca");
  const char *const pins[] = { pin, NULL };
  g_autoptr (GProxyResolver) resolver = g_simple_proxy_resolver_new (uri, NULL);
  g_autoptr (GTlsDatabase) database = rt_test_certs_new_database ("ca");

  return client_util_new_for_url (endpoint, "allow-insecure", TRUE, "api-key", TOKEN, "strategies", names,
                                  "proxy-resolver", resolver, "tls-database", database, "tls-pins", pins,
                                  "reconnect-delay", 100u, NULL);
}

static void
connect_client (RtClient *client, GError **error)
{
  g_auto (ClientReply) reply = { 0 };

  rt_client_connect_async (client, NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  rt_client_connect_finish (client, reply.result, error);
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

static void
count_cb (RtChannel *channel, RtMessage *message, gpointer user_data)
{
  guint *count = user_data;

  g_assert_cmpuint (client_util_get_number (message), ==, ++*count);
}

/* Joins, and gets what the server publishes. */
static void
assert_works (RtMockServer *server, RtClient *client)
{
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;
  guint count = 0;

  rt_client_join_channel_async (client, "room", NULL, NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  g_autoptr (RtChannel) channel = rt_client_join_channel_finish (client, reply.result, &error);
  g_assert_no_error (error);
  g_signal_connect (channel, "message", G_CALLBACK (count_cb), &count);
  client_util_publish (server, "room", 1, 20);
  rt_test_wait_until (count == 20);
  g_signal_handlers_disconnect_by_data (channel, &count);
}

static void
run_through (const char *strategy, gboolean secure)
{
  g_autoptr (RtMockServer) server = client_util_start_server ();
  g_autoptr (RtTestProxy) proxy = rt_test_proxy_new (secure ? rt_test_certs_get_path ("server") : NULL, "n:p");
  g_autoptr (RtClient) client = client_new (server, proxy, strategy, secure ? "https" : "http", "n:p");
  g_autofree char *requests = NULL;
  g_autofree char *target = g_strdup_printf ("CONNECT realtime.test:%u HTTP/1.", rt_mock_server_get_port (server));
  g_autoptr (GError) error = NULL;

  connect_client (client, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (rt_client_get_transport (client), ==, strategy);
  assert_works (server, client);
  close_client (client);
  requests = rt_test_proxy_get_requests (proxy);
  g_assert_true (g_str_has_prefix (requests, target));
  g_assert_null (strstr (requests, TOKEN));
  g_assert_cmpuint (rt_test_proxy_get_opened (proxy), >=, 1);
  g_assert_cmpuint (rt_test_proxy_get_refused (proxy), ==, 0);
  rt_mock_server_stop (server);
}

static void
test_plain (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (strategies); i++)
    run_through (strategies[i], FALSE);
}

static void
test_secure (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (strategies); i++)
    run_through (strategies[i], TRUE);
}

/* A proxy that wants another login refuses; the client says so and goes on trying. */
static void
test_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (strategies); i++)
    {
      g_autoptr (RtMockServer) server = client_util_start_server ();
      g_autoptr (RtTestProxy) proxy = rt_test_proxy_new (NULL, "n:p");
      g_autoptr (RtClient) client = client_new (server, proxy, strategies[i], "http", "n:wrong");
      g_autoptr (GError) error = NULL;

      connect_client (client, &error);
      g_assert_error (error, RT_ERROR, RT_ERROR_NETWORK);
      g_assert_nonnull (strstr (error->message, "give a name and password"));
      g_assert_cmpint (rt_client_get_state (client), ==, RT_CONNECTION_STATE_RECONNECTING);
      rt_test_poll_until (rt_test_proxy_get_refused (proxy) >= 2);
      close_client (client);
      g_assert_cmpuint (rt_test_proxy_get_opened (proxy), ==, 0);
      rt_mock_server_stop (server);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/ClientProxy/plain", test_plain);
  g_test_add_func ("/Rt/ClientProxy/secure", test_secure);
  g_test_add_func ("/Rt/ClientProxy/refused", test_refused);
  return g_test_run ();
}
