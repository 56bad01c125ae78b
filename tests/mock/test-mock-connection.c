/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "rt-raw-client.h"
#include "rt-test.h"

#define RT1 "rt1.json"
#define CENTRIFUGO "centrifuge-json"

static const char *const no_protocols[] = { NULL };

/* --- Start and stop --- */

static void
test_start_stop (void)
{
  RtMockServer *server = rt_mock_server_new ();
  g_autoptr (GError) error = NULL;

  g_assert_null (rt_mock_server_get_url (server));
  g_assert_true (rt_mock_server_start (server, &error));
  g_autofree char *url = rt_mock_server_get_url (server);
  g_autofree char *expected =
      g_strdup_printf ("ws://127.0.0.1:%u/connection/websocket", rt_mock_server_get_port (server));
  g_assert_cmpstr (url, ==, expected);
  g_assert_null (rt_mock_server_get_endpoint (server, "carrier-pigeon"));

  g_assert_false (rt_mock_server_start (server, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_FAILED);
  rt_mock_server_stop (server);
  rt_mock_server_stop (server);
  rt_raw_server_end (server);
}

static void
test_restart_same_port (void)
{
  RtMockServer *server = rt_raw_server_start ();
  guint port = rt_mock_server_get_port (server);
  g_autoptr (RtRawClient) first = rt_raw_client_open (server, RT1, "");

  rt_mock_server_stop (server);
  rt_raw_client_wait_closed (first, 3001);
  g_assert_cmpstr (first->close_reason, ==, "shutdown");
  g_assert_true (rt_mock_server_start (server, NULL));
  g_assert_cmpuint (rt_mock_server_get_port (server), ==, port);
  rt_raw_check_open (server, RT1, "");
  rt_raw_server_end (server);
}

static void
test_port_taken (void)
{
  RtMockServer *server = rt_raw_server_start ();
  RtMockServer *other = rt_mock_server_new ();
  g_autoptr (GError) error = NULL;

  rt_mock_server_set_port (other, rt_mock_server_get_port (server));
  g_assert_false (rt_mock_server_start (other, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_NETWORK);
  g_clear_error (&error);
  rt_mock_server_set_port (other, 70000);
  g_assert_false (rt_mock_server_start (other, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_CONFIG);
  rt_raw_server_end (other);
  rt_raw_server_end (server);
}

static void
use_server_once (void)
{
  RtMockServer *server = rt_raw_server_start ();
  RtRawClient *client = rt_raw_client_open (server, RT1, "");
  RtRawClient *lost = rt_raw_client_open (server, CENTRIFUGO, "");
  RtRawClient *silent = rt_raw_client_new (server, no_protocols, NULL);

  rt_raw_client_check (client, "\"subscribe\":{\"channel\":\"c\"}", "recoverable");
  rt_raw_client_check (client, "\"publish\":{\"channel\":\"c\",\"data\":1}", "publish");
  rt_raw_client_free (client);
  rt_mock_server_drop_connections (server);
  rt_test_wait_until (lost->closed && silent->closed);
  rt_raw_client_free (lost);
  rt_raw_client_free (silent);
  rt_raw_server_end (server);
}

static void
test_nothing_left (void)
{
  /* What GLib and libsoup make once and keep. */
  use_server_once ();
  guint threads = rt_test_count_threads ();
  guint fds = rt_test_count_fds ();

  for (guint i = 0; i < 5; i++)
    use_server_once ();
  /* libsoup's client lets go of its sockets when the loop turns next. */
  rt_test_wait_until (rt_test_count_fds () <= fds);
  rt_test_wait_until (rt_test_count_threads () <= threads);
}

/* --- Properties --- */

static void
count_cb (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  (*(guint *) user_data)++;
}

static void
test_properties (void)
{
  RtMockServer *server = rt_mock_server_new ();
  const char *const keys[] = { "a", "b", NULL };
  g_auto (GStrv) got_keys = NULL;
  guint notified = 0;

  g_assert_cmpuint (rt_mock_server_get_ping_interval (server), ==, 25000);
  g_assert_cmpuint (rt_mock_server_get_history_size (server), ==, 1000);
  g_assert_cmpuint (rt_mock_server_get_history_ttl (server), ==, 600000);
  g_assert_true (rt_mock_server_get_presence (server));
  g_assert_true (rt_mock_server_get_join_leave (server));
  g_assert_false (rt_mock_server_get_auth_required (server));
  g_assert_null (rt_mock_server_get_token_secret (server));

  g_signal_connect (server, "notify", G_CALLBACK (count_cb), &notified);
  rt_mock_server_set_api_keys (server, keys);
  rt_mock_server_set_api_keys (server, keys);
  g_assert_cmpuint (notified, ==, 1);
  got_keys = rt_mock_server_get_api_keys (server);
  g_assert_cmpstrv (got_keys, keys);
  g_object_set (server, "ping-interval", 200u, "presence", FALSE, "token-secret", "s", "history-size", 7u,
                "history-ttl", 8u, "join-leave", FALSE, "auth-required", TRUE, "port", 0u, NULL);
  g_assert_cmpuint (notified, ==, 8);
  g_object_set (server, "presence", FALSE, "token-secret", "s", NULL);
  g_assert_cmpuint (notified, ==, 8);
  g_assert_cmpuint (rt_mock_server_get_history_size (server), ==, 7);
  g_assert_finalize_object (server);
}

/* --- Who is let in --- */

static void
test_profiles (void)
{
  RtMockServer *server = rt_raw_server_start ();
  const char *const both[] = { CENTRIFUGO, RT1, NULL };
  const char *const unknown[] = { "chat", NULL };
  const char *const binary[] = { "centrifuge-protobuf", NULL };
  g_autoptr (RtRawClient) rt1 = rt_raw_client_new (server, both, NULL);
  g_autoptr (RtRawClient) none = rt_raw_client_new (server, no_protocols, NULL);
  g_autoptr (RtRawClient) other = rt_raw_client_new (server, unknown, NULL);
  g_autoptr (RtRawClient) refused = rt_raw_client_new (server, binary, NULL);

  g_assert_cmpstr (soup_websocket_connection_get_protocol (rt1->websocket), ==, RT1);
  g_assert_null (soup_websocket_connection_get_protocol (none->websocket));
  g_assert_nonnull (other->websocket);
  g_assert_null (soup_websocket_connection_get_protocol (other->websocket));
  g_assert_null (refused->websocket);
  g_assert_cmpuint (soup_message_get_status (refused->message), ==, 400);

  rt_raw_client_check (rt1, "\"connect\":{\"rt\":{\"user\":\"ann\"}}", "\"ping\":25,\"pong\":true");
  rt_raw_client_check (none, "\"connect\":{\"rt\":{\"user\":\"eve\"}}", "\"ping\":25,\"pong\":true");
  rt_raw_client_check (none, "\"subscribe\":{\"channel\":\"c\"}", "recoverable");
  rt_raw_client_check (rt1, "\"subscribe\":{\"channel\":\"c\"}", "recoverable");
  g_autofree char *who = rt_raw_client_ask (rt1, "\"presence\":{\"channel\":\"c\"}", NULL);
  rt_raw_assert_has (who, "\"user\":\"ann\"");
  rt_raw_assert_has_not (who, "eve");
  rt_raw_server_end (server);
}

static void
test_user_too_long (void)
{
  RtMockServer *server = rt_raw_server_start ();
  const char *const protocols[] = { RT1, NULL };
  g_autoptr (RtRawClient) client = rt_raw_client_new (server, protocols, NULL);
  g_autofree char *user = g_strnfill (256, 'u');
  g_autofree char *connect = g_strdup_printf ("\"connect\":{\"rt\":{\"user\":\"%s\"}}", user);

  rt_raw_client_check (client, connect, "\"code\":107");
  rt_raw_client_check (client, "\"connect\":{\"rt\":{\"user\":\"u\"}}", "client");
  rt_raw_server_end (server);
}

static void
test_ping_announced (void)
{
  static const struct
  {
    guint interval;
    const char *announced;
  } cases[] = {
    { 0, "\"time\"" },
    { 1, "\"ping\":1,\"pong\":true" },
    { 1000, "\"ping\":1," },
    { 1001, "\"ping\":2," },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      RtMockServer *server = rt_mock_server_new ();
      rt_mock_server_set_ping_interval (server, cases[i].interval);
      g_assert_true (rt_mock_server_start (server, NULL));
      g_autoptr (RtRawClient) client = rt_raw_client_new (server, no_protocols, NULL);
      g_autofree char *reply = rt_raw_client_ask (client, "\"connect\":{}", NULL);
      rt_raw_assert_has (reply, cases[i].announced);
      if (cases[i].interval == 0)
        rt_raw_assert_has_not (reply, "\"ping\"");
      rt_raw_server_end (server);
    }
}

static void
check_refused (RtMockServer *server, const char *token)
{
  g_autoptr (RtRawClient) client = rt_raw_client_new (server, no_protocols, NULL);

  rt_raw_client_send (client, "{\"id\":1,\"connect\":{\"token\":\"%s\"}}", token);
  rt_raw_client_wait_closed (client, 3500);
  g_assert_cmpstr (client->close_reason, ==, "invalid token");
}

static void
test_api_keys (void)
{
  RtMockServer *server = rt_mock_server_new ();
  const char *const keys[] = { "first", "second", NULL };

  rt_mock_server_set_api_keys (server, keys);
  g_assert_true (rt_mock_server_start (server, NULL));
  rt_raw_check_open (server, RT1, "first");
  rt_raw_check_open (server, CENTRIFUGO, "second");
  check_refused (server, "third");
  check_refused (server, "secon");
  check_refused (server, "");
  rt_raw_server_end (server);
}

static void
test_auth_required (void)
{
  RtMockServer *server = rt_mock_server_new ();

  rt_mock_server_set_auth_required (server, TRUE);
  g_assert_true (rt_mock_server_start (server, NULL));
  rt_raw_check_open (server, RT1, "whatever");
  check_refused (server, "");
  rt_raw_server_end (server);
}

/* Made by another implementation of RFC 7519 with the secret "secret": {"alg":"HS256","typ":"JWT"} and
 * {"sub":"ann","info":{"name":"Ann"}}; then with "exp":4102444800 (2100) and "exp":946684800 (2000). */
#define JWT_HEADER "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
#define JWT_GOOD \
  JWT_HEADER ".eyJzdWIiOiJhbm4iLCJpbmZvIjp7Im5hbWUiOiJBbm4ifX0" \
             ".8aKTfmtJIt7Ml-ezqEJVmidXlV_0FItQVJNGuOu5o9k"
#define JWT_2100 \
  JWT_HEADER ".eyJzdWIiOiJhbm4iLCJpbmZvIjp7Im5hbWUiOiJBbm4ifSwiZXhwIjo0MTAyNDQ0ODAwfQ" \
             ".yfBFOUs2QuwGrC5Q4uk0U9q-VmwSPLWAWOVQdF2xkE4"
#define JWT_EXPIRED \
  JWT_HEADER ".eyJzdWIiOiJhbm4iLCJpbmZvIjp7Im5hbWUiOiJBbm4ifSwiZXhwIjo5NDY2ODQ4MDB9" \
             ".ePu9xvTeOSxhAEcdfenQOS5vuB5RUGjALPpPLsRvXrM"
#define JWT_OTHER_SECRET \
  JWT_HEADER ".eyJzdWIiOiJhbm4iLCJpbmZvIjp7Im5hbWUiOiJBbm4ifX0" \
             ".Uv3RxJMPIZk3Et9P_ocwznDDhWyCD1fLuknfWUe8mFs"

static void
test_tokens (void)
{
  RtMockServer *server = rt_mock_server_new ();

  rt_mock_server_set_token_secret (server, "secret");
  g_assert_true (rt_mock_server_start (server, NULL));
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, RT1, JWT_GOOD);
  rt_raw_client_check (client, "\"subscribe\":{\"channel\":\"c\"}", "recoverable");
  rt_raw_client_check (client, "\"presence\":{\"channel\":\"c\"}", "\"conn_info\":{\"name\":\"Ann\"}");
  rt_raw_client_check (client, "\"presence\":{\"channel\":\"c\"}", "\"user\":\"ann\"");

  g_autoptr (RtRawClient) expiring = rt_raw_client_new (server, no_protocols, NULL);
  rt_raw_client_check (expiring, "\"connect\":{\"token\":\"" JWT_2100 "\"}", "\"expires\":true,\"ttl\":");
  rt_raw_client_check (expiring, "\"refresh\":{\"token\":\"" JWT_2100 "\"}", "\"expires\":true,\"ttl\":");
  rt_raw_client_check (expiring, "\"refresh\":{\"token\":\"" JWT_EXPIRED "\"}", "\"code\":109");
  rt_raw_client_check (expiring, "\"sub_refresh\":{\"channel\":\"c\",\"token\":\"t\"}", "\"code\":103");

  g_autoptr (RtRawClient) expired = rt_raw_client_new (server, no_protocols, NULL);
  rt_raw_client_check (expired, "\"connect\":{\"token\":\"" JWT_EXPIRED "\"}", "\"code\":109");
  /* It may try again with a new one. */
  rt_raw_client_check (expired, "\"connect\":{\"token\":\"" JWT_GOOD "\"}", "\"client\":");

  rt_raw_check_open (server, RT1, "");
  check_refused (server, JWT_OTHER_SECRET);
  check_refused (server, "no.token.atall");
  check_refused (server, "key");
  rt_raw_server_end (server);
}

static void
test_origin (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) evil = rt_raw_client_new (server, no_protocols, "http://evil.example");
  g_autoptr (RtRawClient) local = rt_raw_client_new (server, no_protocols, "http://localhost:8080");
  g_autoptr (RtRawClient) address = rt_raw_client_new (server, no_protocols, "http://127.0.0.1:8080");

  g_assert_null (evil->websocket);
  g_assert_cmpuint (soup_message_get_status (evil->message), ==, 403);
  g_assert_nonnull (local->websocket);
  g_assert_nonnull (address->websocket);
  rt_raw_server_end (server);
}

/* --- What real servers answer by closing --- */

typedef struct
{
  const char *name;
  gboolean connected;
  const char *text;
  guint code;
} Trap;

static const Trap traps[] = {
  { "before-connect", FALSE, "{\"id\":1,\"subscribe\":{\"channel\":\"c\"}}", 3501 },
  { "second-connect", TRUE, "{\"id\":9,\"connect\":{}}", 3501 },
  { "no-id", TRUE, "{\"subscribe\":{\"channel\":\"c\"}}", 3501 },
  { "zero-id", TRUE, "{\"id\":0,\"presence\":{\"channel\":\"c\"}}", 3501 },
  { "pong-unasked", TRUE, "{}", 3501 },
  { "pong-before-connect", FALSE, "{}", 3501 },
  { "unknown-command", TRUE, "{\"id\":9,\"frobnicate\":{}}", 3501 },
  { "ping-command", TRUE, "{\"id\":9,\"ping\":{}}", 3501 },
  { "publish-without-data", TRUE, "{\"id\":9,\"publish\":{\"channel\":\"c\"}}", 3501 },
  { "not-json", TRUE, "{\"id\":9,", 3501 },
  { "deep", TRUE, NULL, 3501 },
  { "repeated-member", TRUE, "{\"id\":9,\"id\":10,\"presence\":{\"channel\":\"c\"}}", 3501 },
  { "wrong-type", TRUE, "{\"id\":\"9\",\"presence\":{\"channel\":\"c\"}}", 3501 },
};

static void
test_trap (gconstpointer data)
{
  const Trap *trap = data;
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) client = NULL;
  g_autofree char *deep = g_strnfill (5000, '[');

  client = trap->connected ? rt_raw_client_open (server, CENTRIFUGO, "")
                           : rt_raw_client_new (server, no_protocols, NULL);
  rt_raw_client_send (client, "%s", trap->text != NULL ? trap->text : deep);
  rt_raw_client_wait_closed (client, trap->code);
  g_assert_cmpstr (client->close_reason, ==, "bad request");
  rt_raw_server_end (server);
}

static void
test_binary (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, CENTRIFUGO, "");

  soup_websocket_connection_send_binary (client->websocket, "{}", 2);
  rt_raw_client_wait_closed (client, 1003);
  rt_raw_server_end (server);
}

static void
test_too_big (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, CENTRIFUGO, "");
  g_autofree char *fits = g_strnfill (65534, 'x');
  g_autofree char *above = g_strnfill (65535, 'x');
  g_autofree char *much = g_strnfill (70000, 'x');
  g_autofree char *publish_fits = g_strdup_printf ("\"publish\":{\"channel\":\"c\",\"data\":\"%s\"}", fits);
  g_autofree char *publish_above = g_strdup_printf ("\"publish\":{\"channel\":\"c\",\"data\":\"%s\"}", above);

  rt_raw_client_check (client, publish_fits, "\"publish\":{}");
  rt_raw_client_check (client, publish_above, "\"code\":106");
  rt_raw_client_send (client, "{\"id\":9,\"publish\":{\"channel\":\"c\",\"data\":\"%s\"}}", much);
  rt_raw_client_wait_closed (client, 1009);
  rt_raw_server_end (server);
}

/* Several commands in a message, blank lines and fields that nobody knows. */
static void
test_batch (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, CENTRIFUGO, "");
  guint frames = client->n_frames;

  rt_raw_client_send (client, "{\"id\":2,\"rpc\":{\"method\":\"a\",\"data\":1}}\n\n"
                              "{\"id\":3,\"rpc\":{\"method\":\"b\",\"later\":[]},\"new\":{}}\n"
                              "{\"send\":{\"data\":1}}\n"
                              "{\"id\":4,\"rpc\":{\"data\":null}}\n");
  g_free (rt_raw_client_expect (client, "{\"id\":2,\"rpc\":{\"data\":1}}"));
  g_free (rt_raw_client_expect (client, "{\"id\":3,\"rpc\":{}}"));
  g_free (rt_raw_client_expect (client, "{\"id\":4,\"rpc\":{\"data\":null}}"));
  g_assert_cmpuint (client->n_frames, ==, frames + 1);
  rt_raw_server_end (server);
}

/* --- Disconnecting --- */

static void
test_disconnect_client (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) first = rt_raw_client_open (server, RT1, "");
  g_autoptr (RtRawClient) second = rt_raw_client_open (server, RT1, "");
  g_auto (GStrv) clients = rt_mock_server_get_clients (server);
  g_auto (GStrv) left = NULL;

  g_assert_cmpuint (g_strv_length (clients), ==, 2);
  g_assert_cmpuint (rt_mock_server_disconnect_client (server, "nobody", 3000, NULL), ==, 0);
  g_assert_cmpuint (rt_mock_server_disconnect_client (server, clients[0], 4321, "go"), ==, 1);
  rt_test_wait_until (first->closed || second->closed);
  RtRawClient *gone = first->closed ? first : second;
  g_assert_cmpuint (gone->close_code, ==, 4321);
  g_assert_cmpstr (gone->close_reason, ==, "go");
  left = rt_mock_server_get_clients (server);
  g_assert_cmpuint (g_strv_length (left), ==, 1);
  g_assert_cmpstr (left[0], ==, clients[1]);

  g_assert_cmpuint (rt_mock_server_disconnect_client (server, NULL, 3503, "force"), ==, 1);
  rt_test_wait_until (first->closed && second->closed);
  rt_raw_server_end (server);
}

static void
test_drop_connections (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, RT1, "");

  rt_mock_server_drop_connections (server);
  rt_raw_client_wait_closed (client, 0);
  rt_raw_check_open (server, RT1, "");
  rt_raw_server_end (server);
}

static void
append_cb (RtMockServer *server, const char *client_id, gpointer user_data)
{
  g_ptr_array_add (user_data, g_strdup (client_id));
}

static void
test_signals (void)
{
  RtMockServer *server = rt_raw_server_start ();
  g_autoptr (GPtrArray) came = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) went = g_ptr_array_new_with_free_func (g_free);

  g_signal_connect (server, "client-connected", G_CALLBACK (append_cb), came);
  g_signal_connect (server, "client-disconnected", G_CALLBACK (append_cb), went);
  g_autoptr (RtRawClient) client = rt_raw_client_open (server, RT1, "");
  rt_test_wait_until (came->len == 1);
  g_assert_false (client->closed);
  g_auto (GStrv) clients = rt_mock_server_get_clients (server);
  g_assert_cmpstr (came->pdata[0], ==, clients[0]);
  g_assert_cmpuint (went->len, ==, 0);
  rt_mock_server_drop_connections (server);
  rt_test_wait_until (went->len == 1);
  g_assert_cmpstr (went->pdata[0], ==, clients[0]);
  rt_raw_server_end (server);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/MockConnection/start-stop", test_start_stop);
  g_test_add_func ("/Rt/MockConnection/restart-same-port", test_restart_same_port);
  g_test_add_func ("/Rt/MockConnection/port-taken", test_port_taken);
  g_test_add_func ("/Rt/MockConnection/nothing-left", test_nothing_left);
  g_test_add_func ("/Rt/MockConnection/properties", test_properties);
  g_test_add_func ("/Rt/MockConnection/profiles", test_profiles);
  g_test_add_func ("/Rt/MockConnection/user-too-long", test_user_too_long);
  g_test_add_func ("/Rt/MockConnection/ping-announced", test_ping_announced);
  g_test_add_func ("/Rt/MockConnection/api-keys", test_api_keys);
  g_test_add_func ("/Rt/MockConnection/auth-required", test_auth_required);
  g_test_add_func ("/Rt/MockConnection/tokens", test_tokens);
  g_test_add_func ("/Rt/MockConnection/origin", test_origin);
  for (guint i = 0; i < G_N_ELEMENTS (traps); i++)
    {
      g_autofree char *path = g_strconcat ("/Rt/MockConnection/trap/", traps[i].name, NULL);
      g_test_add_data_func (path, &traps[i], test_trap);
    }
  g_test_add_func ("/Rt/MockConnection/binary", test_binary);
  g_test_add_func ("/Rt/MockConnection/too-big", test_too_big);
  g_test_add_func ("/Rt/MockConnection/batch", test_batch);
  g_test_add_func ("/Rt/MockConnection/disconnect-client", test_disconnect_client);
  g_test_add_func ("/Rt/MockConnection/drop-connections", test_drop_connections);
  g_test_add_func ("/Rt/MockConnection/signals", test_signals);
  return g_test_run ();
}
