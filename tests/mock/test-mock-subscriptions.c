/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "rt-clock.h"
#include "rt-raw-client.h"
#include "rt-raw-http.h"
#include "rt-raw-token.h"
#include "rt-test-virtual.h"
#include "rt-test.h"

#define RT1 "rt1.json"
#define CENTRIFUGO "centrifuge-json"
#define SECONDS(s) RT_CLOCK_MS ((s) * 1000)

/* Who may be in a channel, for how long, what it says there, and what the server subscribes it to. */

typedef struct
{
  RtMockServer *server;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  rt_test_virtual_begin ();
  fixture->server = rt_mock_server_new ();
  rt_mock_server_set_token_secret (fixture->server, "secret");
  g_assert_true (rt_mock_server_start (fixture->server, NULL));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  rt_raw_server_end (fixture->server);
  rt_clock_virtual_end ();
}

/* @more stands behind the subject in the claims. */
static char *
make_token (const char *user, const char *more)
{
  g_autofree char *claims = g_strdup_printf ("{\"sub\":\"%s\"%s}", user, more);

  return rt_raw_token_new (claims);
}

static char *
make_channel_token (const char *user, const char *channel, gint64 seconds)
{
  gint64 expires = rt_clock_real () / G_USEC_PER_SEC + seconds;
  g_autofree char *more =
      g_strdup_printf (",\"channel\":\"%s\",\"exp\":%" G_GINT64_FORMAT, channel, expires);

  return make_token (user, more);
}

static RtRawClient *
open_as (Fixture *fixture, const char *user, const char *more)
{
  g_autofree char *token = make_token (user, more);

  return rt_raw_client_open (fixture->server, RT1, token);
}

/* Takes @token. */
static void
check_subscribe (RtRawClient *client, const char *channel, char *token, const char *part)
{
  g_autofree char *command =
      g_strdup_printf ("\"subscribe\":{\"channel\":\"%s\",\"token\":\"%s\"}", channel, token);

  rt_raw_client_check (client, command, part);
  g_free (token);
}

/* --- Channels that need a token --- */

static void
test_private (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtRawClient) ann = open_as (fixture, "ann", "");
  const char *denied = "\"error\":{\"code\":103,\"message\":\"permission denied\"}";

  rt_raw_client_check (ann, "\"subscribe\":{\"channel\":\"$p\"}", denied);
  check_subscribe (ann, "$p", g_strdup ("x"), denied);
  check_subscribe (ann, "$p", make_token ("ann", ""), denied);
  check_subscribe (ann, "$p", make_channel_token ("ann", "$other", 60), denied);
  check_subscribe (ann, "$p", make_channel_token ("bob", "$p", 60), denied);
  check_subscribe (ann, "$p", make_channel_token ("ann", "$p", 0), "\"code\":109");
  rt_raw_client_check (ann, "\"publish\":{\"channel\":\"$p\",\"data\":1}", denied);
  rt_raw_client_check (ann, "\"history\":{\"channel\":\"$p\"}", denied);
  rt_raw_client_check (ann, "\"presence\":{\"channel\":\"$p\"}", denied);
  rt_raw_client_check (ann, "\"presence_stats\":{\"channel\":\"$p\"}", denied);
  check_subscribe (ann, "$p", make_channel_token ("ann", "$p", 60), "\"expires\":true,\"ttl\":60");
  rt_raw_client_check (ann, "\"publish\":{\"channel\":\"$p\",\"data\":1}", "\"offset\":1");
  rt_raw_client_check (ann, "\"history\":{\"channel\":\"$p\"}", "\"offset\":1");
}

/* A token that is not needed must not be wrong either; a channel without one needs none. */
static void
test_public (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtRawClient) ann = open_as (fixture, "ann", "");

  check_subscribe (ann, "c", g_strdup ("x"), "\"code\":103");
  check_subscribe (ann, "c", make_channel_token ("ann", "c", 60), "\"ttl\":60");
  rt_raw_client_check (ann, "\"subscribe\":{\"channel\":\"d\"}", "recoverable");
}

static void
test_no_secret (Fixture *fixture, gconstpointer data)
{
  rt_mock_server_stop (fixture->server);
  rt_mock_server_set_token_secret (fixture->server, NULL);
  g_assert_true (rt_mock_server_start (fixture->server, NULL));
  g_autoptr (RtRawClient) client = rt_raw_client_open (fixture->server, CENTRIFUGO, "");

  check_subscribe (client, "$p", make_channel_token ("", "$p", 60), "\"code\":103");
  check_subscribe (client, "c", g_strdup ("whatever"), "recoverable");
}

static void
test_expires (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtRawClient) ann = open_as (fixture, "ann", "");

  check_subscribe (ann, "$p", make_channel_token ("ann", "$p", 60), "\"ttl\":60");
  check_subscribe (ann, "$q", make_channel_token ("ann", "$q", 90), "\"ttl\":90");
  rt_clock_virtual_advance (SECONDS (50));
  g_autofree char *token = make_channel_token ("ann", "$p", 60);
  g_autofree char *refresh =
      g_strdup_printf ("\"sub_refresh\":{\"channel\":\"$p\",\"token\":\"%s\"}", token);
  rt_raw_client_check (ann, refresh, "\"sub_refresh\":{\"expires\":true,\"ttl\":60}");
  rt_raw_client_check (ann, "\"sub_refresh\":{\"channel\":\"$p\",\"token\":\"x\"}", "\"code\":103");
  g_autofree char *late = make_channel_token ("ann", "$p", 0);
  g_autofree char *refresh_late =
      g_strdup_printf ("\"sub_refresh\":{\"channel\":\"$p\",\"token\":\"%s\"}", late);
  rt_raw_client_check (ann, refresh_late, "\"code\":109");

  rt_clock_virtual_advance (SECONDS (41));
  g_free (rt_raw_client_expect (
      ann, "{\"push\":{\"channel\":\"$q\",\"unsubscribe\":{\"code\":2501,\"reason\":\"subscription expired\"}}}"));
  rt_raw_client_check (ann, "\"history\":{\"channel\":\"$q\"}", "\"code\":103");
  rt_raw_client_check (ann, "\"history\":{\"channel\":\"$p\"}", "\"epoch\"");
  rt_clock_virtual_advance (SECONDS (20));
  g_free (rt_raw_client_expect (ann, "\"channel\":\"$p\",\"unsubscribe\":{\"code\":2501"));
  check_subscribe (ann, "$p", make_channel_token ("ann", "$p", 60), "\"ttl\":60");
  rt_raw_client_check (ann, "\"unsubscribe\":{\"channel\":\"$p\"}", "\"unsubscribe\":{}");
  rt_clock_virtual_advance (SECONDS (100));
  rt_raw_client_check (ann, "\"rpc\":{}", "rpc");
  g_assert_true (g_queue_is_empty (&ann->lines));
}

static void
test_token_ttl (Fixture *fixture, gconstpointer data)
{
  rt_mock_server_stop (fixture->server);
  rt_mock_server_set_token_ttl (fixture->server, 30);
  g_assert_true (rt_mock_server_start (fixture->server, NULL));
  const char *const protocols[] = { NULL };
  g_autoptr (RtRawClient) client = rt_raw_client_new (fixture->server, protocols, NULL);

  rt_raw_client_check (client, "\"connect\":{}", "\"expires\":true,\"ttl\":30");
  rt_clock_virtual_advance (SECONDS (20));
  rt_raw_client_check (client, "\"refresh\":{}", "\"expires\":true,\"ttl\":30");
  rt_clock_virtual_advance (SECONDS (30));
  g_assert_false (client->closed);
  rt_clock_virtual_advance (SECONDS (1));
  rt_raw_client_wait_closed (client, 3005);
}

/* --- Recovery that must not fail --- */

static void
test_reject_unrecovered (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtRawClient) client = rt_raw_client_open (fixture->server, CENTRIFUGO, "");

  rt_raw_client_check (client,
                       "\"subscribe\":{\"channel\":\"c\",\"recover\":true,\"epoch\":\"x\",\"offset\":3,\"flag\":2}",
                       "\"error\":{\"code\":112,\"message\":\"unrecoverable position\"}");
  rt_raw_client_check (client,
                       "\"subscribe\":{\"channel\":\"c\",\"recover\":true,\"epoch\":\"x\",\"offset\":3,\"flag\":1}",
                       "\"was_recovering\":true");
}

/* --- Presence --- */

static void
test_presence_set (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtRawClient) ann = open_as (fixture, "ann", ",\"info\":{\"a\":1}");
  g_autoptr (RtRawClient) bob = open_as (fixture, "bob", "");
  g_autofree char *blob = g_strnfill (5000, 'x');
  g_autofree char *large = g_strdup_printf ("\"presence_set\":{\"channel\":\"c\",\"data\":\"%s\"}", blob);

  rt_raw_client_check (ann, "\"presence_set\":{\"channel\":\"c\",\"data\":1}", "\"code\":103");
  rt_raw_client_check (ann, "\"subscribe\":{\"channel\":\"c\"}", "recoverable");
  rt_raw_client_check (bob, "\"subscribe\":{\"channel\":\"c\"}", "recoverable");
  g_free (rt_raw_client_expect (bob, "\"join\""));
  rt_raw_client_check (ann, "\"presence_set\":{\"channel\":\"c\",\"data\":{\"mood\":\"good\"}}", "\"presence_set\":{}");
  g_autofree char *join = rt_raw_client_expect (bob, "\"join\":{\"info\":{\"user\":\"ann\"");
  rt_raw_assert_has (join, "\"chan_info\":{\"mood\":\"good\"}");
  rt_raw_client_check (bob, "\"presence\":{\"channel\":\"c\"}", "\"conn_info\":{\"a\":1},\"chan_info\":{\"mood\":\"good\"}");
  rt_raw_client_check (ann, large, "\"code\":106");
  rt_raw_client_check (ann, "\"presence_set\":{\"channel\":\"c\"}", "\"presence_set\":{}");
  g_autofree char *after = rt_raw_client_ask (bob, "\"presence\":{\"channel\":\"c\"}", NULL);
  rt_raw_assert_has_not (after, "chan_info");
}

/* Real servers do not know it. */
static void
test_presence_set_unknown (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtRawClient) client = rt_raw_client_open (fixture->server, CENTRIFUGO, "");

  rt_raw_client_send (client, "{\"id\":9,\"presence_set\":{\"channel\":\"c\",\"data\":1}}");
  rt_raw_client_wait_closed (client, 3501);
}

/* --- Subscriptions of the server --- */

static void
test_claimed (Fixture *fixture, gconstpointer data)
{
  g_autofree char *token = make_token ("ann", ",\"channels\":[\"$a\",\"b\",\"b\",\"\"]");
  g_autofree char *connect = g_strdup_printf ("\"connect\":{\"token\":\"%s\"}", token);
  const char *const protocols[] = { CENTRIFUGO, NULL };
  g_autoptr (RtRawClient) first = rt_raw_client_new (fixture->server, protocols, NULL);
  g_autoptr (RtRawClient) second = rt_raw_client_new (fixture->server, protocols, NULL);
  g_autofree char *reply = rt_raw_client_ask (first, connect, NULL);

  rt_raw_assert_has (reply, "\"subs\":{\"$a\":{\"recoverable\":true,\"epoch\":\"");
  rt_raw_assert_has (reply, ",\"b\":{\"recoverable\":true,");
  g_free (rt_raw_client_expect (first, "\"join\""));
  g_free (rt_raw_client_expect (first, "\"join\""));
  g_assert_true (rt_mock_server_publish (fixture->server, "b", "1", NULL));
  g_free (rt_raw_client_expect (first, "{\"push\":{\"channel\":\"b\",\"pub\":{\"data\":1,"));
  rt_raw_client_check (first, "\"subscribe\":{\"channel\":\"b\"}", "\"code\":105");

  /* What was missed comes with the reply, from the position that the client has. */
  g_autofree char *history = rt_raw_client_ask (first, "\"history\":{\"channel\":\"b\"}", NULL);
  g_autofree char *epoch = rt_raw_get_string (history, "epoch");
  g_autofree char *again = g_strdup_printf (
      "\"connect\":{\"token\":\"%s\",\"subs\":{\"x\":{\"recover\":true},\"b\":{\"recover\":true,\"epoch\":\"%s\"}}}",
      token, epoch);
  g_autofree char *recovered = rt_raw_client_ask (second, again, NULL);
  rt_raw_assert_has (recovered, "\"publications\":[{\"data\":1,\"offset\":1}],\"recovered\":true");
}

static void
test_subscribed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtRawClient) ann = open_as (fixture, "ann", "");
  g_auto (GStrv) clients = rt_mock_server_get_clients (fixture->server);

  g_assert_false (rt_mock_server_subscribe (fixture->server, "nobody", "c"));
  g_assert_true (rt_mock_server_subscribe (fixture->server, clients[0], "c"));
  g_assert_false (rt_mock_server_subscribe (fixture->server, clients[0], "c"));
  g_free (rt_raw_client_expect (ann, "{\"push\":{\"channel\":\"c\",\"subscribe\":{\"recoverable\":true,"));
  g_free (rt_raw_client_expect (ann, "\"join\""));
  g_assert_true (rt_mock_server_publish (fixture->server, "c", "1", NULL));
  g_free (rt_raw_client_expect (ann, "\"data\":1"));
  g_assert_true (rt_mock_server_unsubscribe (fixture->server, clients[0], "c", 2000, "enough"));
  g_assert_false (rt_mock_server_unsubscribe (fixture->server, clients[0], "c", 2000, NULL));
  g_free (rt_raw_client_expect (ann, "\"unsubscribe\":{\"code\":2000,\"reason\":\"enough\"}"));
  rt_raw_client_check (ann, "\"presence_stats\":{\"channel\":\"c\"}", "\"presence_stats\":{}");
}

/* --- The closing notice --- */

static void
test_announce_shutdown (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtRawClient) rt1 = open_as (fixture, "ann", "");
  g_autoptr (RtRawClient) plain = rt_raw_client_open (fixture->server, CENTRIFUGO, "");
  g_autoptr (RtRawStream) stream = rt_raw_stream_new (fixture->server, "X-Rt-Protocol: 1\r\n", "{}");
  g_autoptr (RtRawStream) plain_stream = rt_raw_stream_new (fixture->server, NULL, "{}");

  g_assert_cmpuint (rt_mock_server_announce_shutdown (fixture->server, 5000), ==, 4);
  g_free (rt_raw_client_expect (
      rt1, "{\"push\":{\"disconnect\":{\"code\":3001,\"reason\":\"shutdown\",\"spread\":5000}}}"));
  rt_raw_client_wait_closed (rt1, 3001);
  rt_raw_client_wait_closed (plain, 3001);
  g_assert_true (g_queue_is_empty (&plain->lines));
  g_autofree char *line = rt_raw_stream_take (stream);
  rt_raw_assert_has (line, "\"spread\":5000");
  g_autofree char *plain_line = rt_raw_stream_take (plain_stream);
  rt_raw_assert_has (plain_line, "\"code\":3001");
  rt_raw_assert_has_not (plain_line, "spread");
  rt_raw_check_open (fixture->server, CENTRIFUGO, "");
}

#define ADD(path, func) g_test_add ("/Rt/MockSubscriptions/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("private", test_private);
  ADD ("public", test_public);
  ADD ("no-secret", test_no_secret);
  ADD ("expires", test_expires);
  ADD ("token-ttl", test_token_ttl);
  ADD ("reject-unrecovered", test_reject_unrecovered);
  ADD ("presence-set", test_presence_set);
  ADD ("presence-set-unknown", test_presence_set_unknown);
  ADD ("claimed", test_claimed);
  ADD ("subscribed", test_subscribed);
  ADD ("announce-shutdown", test_announce_shutdown);
  return g_test_run ();
}
