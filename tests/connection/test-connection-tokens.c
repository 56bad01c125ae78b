/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn-probe.h"

#include <string.h>
#include "rt-error.h"

/* Tokens: when they are asked for, how long they are used, and what follows where there is none. */

#define UNAUTHORIZED g_error_new_literal (RT_ERROR, RT_ERROR_UNAUTHORIZED, "there is no token for this user")
#define TROUBLE g_error_new_literal (RT_ERROR, RT_ERROR_NETWORK, "the token server is out of reach")

static const ConnProbeOptions asking = { .asks_token = TRUE };

static ConnProbe *
new_waiting (void)
{
  ConnProbe *probe = conn_probe_new (&asking);

  conn_probe_do (probe, RT_OP_CONNECT, NULL);
  conn_probe_expect (probe, "state connecting\nasks for a token\n");
  g_assert_null (rt_fake_transport_get ());
  return probe;
}

/* The token lives for @ttl s. */
static ConnProbe *
new_connected (guint ttl)
{
  ConnProbe *probe = new_waiting ();
  g_autofree char *greeting
    = g_strdup_printf ("{\"id\":1,\"connect\":{\"client\":\"c1\",\"expires\":true,\"ttl\":%u}}", ttl);

  conn_probe_give_token (probe, "T1", NULL);
  rt_fake_transport_opened (RT_PROFILE_RT1);
  conn_probe_expect_sent ("{\"id\":1,\"connect\":{\"token\":\"T1\",\"name\":\"realtime\"}}\n");
  rt_fake_transport_receive (greeting);
  conn_probe_expect (probe, "state connected\nconnected c1\nconnect: ok\n");
  return probe;
}

/* --- The connection's --- */

static void
test_first (void)
{
  conn_probe_free (new_connected (0));
}

static void
test_anonymous (void)
{
  g_autoptr (ConnProbe) probe = new_waiting ();

  conn_probe_give_token (probe, "", NULL);
  rt_fake_transport_opened (RT_PROFILE_RT1);
  conn_probe_expect_sent ("{\"id\":1,\"connect\":{\"name\":\"realtime\"}}\n");
}

static void
test_no_token (void)
{
  g_autoptr (ConnProbe) probe = new_waiting ();

  conn_probe_give_token (probe, NULL, UNAUTHORIZED);
  conn_probe_expect (probe, "state failed\nconnect: unauthorized\n");
}

static void
test_trouble (void)
{
  g_autoptr (ConnProbe) probe = new_waiting ();

  conn_probe_give_token (probe, NULL, TROUBLE);
  conn_probe_expect (probe, "state reconnecting\nreconnecting 1\nconnect: network\n");
  conn_probe_advance (probe, probe->last_delay + 1);
  conn_probe_expect (probe, "asks for a token\n");
  conn_probe_give_token (probe, "T1", NULL);
  g_assert_nonnull (rt_fake_transport_get ());
}

/* Between 72 and 88 of a hundred parts of its life, on the connection that is open. */
static void
test_refresh (void)
{
  for (guint i = 0; i < 50; i++)
    {
      g_autoptr (ConnProbe) probe = new_connected (100);

      for (guint ping = 1; ping <= 2; ping++)
        {
          conn_probe_advance (probe, 30000);
          rt_fake_transport_receive ("{}");
        }
      conn_probe_advance (probe, 11999);
      conn_probe_expect (probe, "");
      conn_probe_advance (probe, 16002);
      conn_probe_expect (probe, "asks for a token\n");
      conn_probe_forget (probe);
      conn_probe_give_token (probe, "T2", NULL);
      conn_probe_expect_sent ("{\"id\":2,\"refresh\":{\"token\":\"T2\"}}\n");
      rt_fake_transport_receive ("{\"id\":2,\"refresh\":{\"client\":\"c1\",\"expires\":true,\"ttl\":20}}");
      conn_probe_expect (probe, "token in use\n");
      conn_probe_advance (probe, 17601);
      conn_probe_expect (probe, "asks for a token\n");
    }
}

/* One question at a time, and the next attempt waits for its answer. */
static void
test_single_flight (void)
{
  g_autoptr (ConnProbe) probe = new_connected (10);

  conn_probe_advance (probe, 8801);
  conn_probe_expect (probe, "asks for a token\n");
  rt_fake_transport_closed (1006, "");
  conn_probe_forget (probe);
  conn_probe_advance (probe, probe->last_delay + 1);
  conn_probe_expect (probe, "");
  g_assert_null (rt_fake_transport_get ());
  conn_probe_give_token (probe, "T2", NULL);
  rt_fake_transport_opened (RT_PROFILE_RT1);
  conn_probe_expect_sent ("{\"id\":2,\"connect\":{\"token\":\"T2\",\"name\":\"realtime\"}}\n");
}

/* A token that is good is not asked for again. */
static void
test_kept (void)
{
  g_autoptr (ConnProbe) probe = new_connected (100);

  rt_fake_transport_closed (1006, "");
  conn_probe_expect (probe, "state reconnecting\ndisconnected 1006  will retry\nreconnecting 1\n");
  conn_probe_advance (probe, probe->last_delay + 1);
  rt_fake_transport_opened (RT_PROFILE_RT1);
  conn_probe_expect_sent ("{\"id\":2,\"connect\":{\"token\":\"T1\",\"name\":\"realtime\"}}\n");
}

/* The server does not take it: another one, at once, and only once. */
static void
test_refused (void)
{
  static const char *const ends[] = { "109", "101", "401", "3500" };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autoptr (ConnProbe) probe = new_waiting ();

      for (guint attempt = 1; attempt <= 2; attempt++)
        {
          g_autoptr (GError) status = g_error_new_literal (RT_ERROR, RT_ERROR_UNAUTHORIZED, "the server wants a token");
          g_autofree char *reply = g_strdup_printf ("{\"id\":%u,\"error\":{\"code\":%s,\"message\":\"no\"}}", attempt, ends[i]);

          conn_probe_give_token (probe, "T", NULL);
          conn_probe_forget (probe);
          if (i == 2)
            {
              rt_fake_transport_failed (status, 401);
              continue;
            }
          rt_fake_transport_opened (RT_PROFILE_RT1);
          if (i < 2)
            rt_fake_transport_receive (reply);
          else
            rt_fake_transport_closed (3500, "invalid token");
          if (attempt == 1)
            conn_probe_expect (probe, "asks for a token\n");
        }
      g_assert_cmpint (rt_connection_get_state (probe->connection), ==, RT_CONNECTION_STATE_FAILED);
      g_assert_nonnull (strstr (probe->diary->str, "connect: unauthorized\n"));
    }
}

/* 3005: the token has expired. The next attempt has another. */
static void
test_expired (void)
{
  g_autoptr (ConnProbe) probe = new_connected (100);

  rt_fake_transport_closed (3005, "expired");
  conn_probe_expect (probe, "state reconnecting\ndisconnected 3005 expired will retry\nreconnecting 1\n");
  conn_probe_advance (probe, probe->last_delay + 1);
  conn_probe_expect (probe, "asks for a token\n");
}

static void
test_refresh_fails (void)
{
  g_autoptr (ConnProbe) probe = new_connected (10);

  conn_probe_advance (probe, 8801);
  conn_probe_forget (probe);
  conn_probe_give_token (probe, NULL, TROUBLE);
  conn_probe_expect (probe, "error network\n");
  conn_probe_advance (probe, 1001);
  conn_probe_expect (probe, "asks for a token\n");
  conn_probe_give_token (probe, NULL, UNAUTHORIZED);
  conn_probe_expect (probe, "state failed\ndisconnected 1006 \nerror unauthorized\n");
}

/* The server lets it in, and then closes over the token: another one, once. */
static void
test_refused_afterwards (void)
{
  g_autoptr (ConnProbe) probe = new_connected (100);

  rt_fake_transport_closed (3500, "invalid token");
  conn_probe_forget (probe);
  conn_probe_advance (probe, probe->last_delay + 1);
  conn_probe_expect (probe, "asks for a token\n");
  conn_probe_give_token (probe, "T2", NULL);
  probe->last_delay = 0;
  conn_probe_come_back (probe, "");
  conn_probe_forget (probe);
  rt_fake_transport_closed (3500, "invalid token");
  conn_probe_expect (probe, "state failed\ndisconnected 3500 invalid token\nerror unauthorized\n");
}

/* The same for one that is given on the open connection. */
static void
test_refresh_refused (void)
{
  g_autoptr (ConnProbe) probe = new_connected (10);

  conn_probe_advance (probe, 8801);
  conn_probe_give_token (probe, "T2", NULL);
  conn_probe_forget (probe);
  rt_fake_transport_receive ("{\"id\":2,\"error\":{\"code\":109}}");
  conn_probe_expect (probe, "error unauthorized\nasks for a token\n");
  conn_probe_give_token (probe, "T3", NULL);
  rt_fake_transport_receive ("{\"id\":3,\"error\":{\"code\":109}}");
  conn_probe_expect (probe, "state failed\ndisconnected 1006 \nerror unauthorized\n");
}

/* Another user: an answer to the old question is not taken. */
static void
test_reset (void)
{
  g_autoptr (ConnProbe) probe = new_connected (10);

  conn_probe_do_join (probe, "room", FALSE);
  rt_fake_transport_receive ("{\"id\":2,\"subscribe\":{}}");
  conn_probe_advance (probe, 8801);
  conn_probe_forget (probe);
  conn_probe_do (probe, RT_OP_RESET, NULL);
  conn_probe_expect (probe, "left room 0 the session was reset\nstate reconnecting\ndisconnected 1006  will retry\n"
                            "reconnecting 1\nreset: ok\nasks for a token\n");
  conn_probe_give_token (probe, "of the old user", NULL);
  g_assert_null (rt_fake_transport_get ());
  conn_probe_give_token (probe, "of the new user", NULL);
  rt_fake_transport_opened (RT_PROFILE_RT1);
  conn_probe_expect_sent ("{\"id\":3,\"connect\":{\"token\":\"of the new user\",\"name\":\"realtime\"}}\n");
}

/* --- Those of channels --- */

static void
join_with_token (ConnProbe *probe)
{
  RtOp *op = rt_op_new (RT_OP_JOIN);

  op->channel = g_strdup ("$room");
  op->request.join.asks_token = TRUE;
  conn_probe_submit (probe, op, "join $room");
  conn_probe_settle (probe);
  rt_op_unref (op);
}

static ConnProbe *
new_joined (guint ttl)
{
  ConnProbe *probe = conn_probe_new_connected (NULL);
  g_autofree char *reply = g_strdup_printf ("{\"id\":2,\"subscribe\":{\"expires\":true,\"ttl\":%u}}", ttl);

  join_with_token (probe);
  conn_probe_expect (probe, "asks for a token of $room\n");
  conn_probe_expect_sent ("");
  conn_probe_give_token (probe, "T1", NULL);
  conn_probe_expect_sent ("{\"id\":2,\"subscribe\":{\"channel\":\"$room\",\"token\":\"T1\"}}\n");
  rt_fake_transport_receive (reply);
  conn_probe_expect (probe, "joined $room @0\njoin $room: ok\n");
  return probe;
}

static void
test_channel (void)
{
  g_autoptr (ConnProbe) probe = new_joined (20);

  conn_probe_advance (probe, 17601);
  conn_probe_expect (probe, "asks for a token of $room\n");
  conn_probe_give_token (probe, "T2", NULL);
  conn_probe_expect_sent ("{\"id\":3,\"sub_refresh\":{\"channel\":\"$room\",\"token\":\"T2\"}}\n");
  rt_fake_transport_receive ("{\"id\":3,\"sub_refresh\":{\"expires\":true,\"ttl\":20}}");
  conn_probe_expect (probe, "token $room\n");
  /* Ended all the same: joined again with another one. */
  rt_fake_transport_receive ("{\"push\":{\"channel\":\"$room\",\"unsubscribe\":{\"code\":2501,\"reason\":\"expired\"}}}");
  conn_probe_expect (probe, "rejoining $room\nasks for a token of $room\n");
  conn_probe_give_token (probe, "T3", NULL);
  conn_probe_expect_sent ("{\"id\":4,\"subscribe\":{\"channel\":\"$room\",\"token\":\"T3\"}}\n");
}

static void
test_channel_refused (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  join_with_token (probe);
  conn_probe_give_token (probe, "T1", NULL);
  rt_fake_transport_receive ("{\"id\":2,\"error\":{\"code\":109}}");
  conn_probe_expect (probe, "asks for a token of $room\nasks for a token of $room\n");
  conn_probe_give_token (probe, "T2", NULL);
  rt_fake_transport_receive ("{\"id\":3,\"error\":{\"code\":109}}");
  conn_probe_expect (probe, "join $room: expired\n");
  join_with_token (probe);
  conn_probe_give_token (probe, NULL, UNAUTHORIZED);
  conn_probe_expect (probe, "asks for a token of $room\njoin $room: unauthorized\n");
}

/* Left while a new token is due: it is not joined again behind the program's back. */
static void
test_channel_leaving (void)
{
  g_autoptr (ConnProbe) probe = new_joined (5);

  conn_probe_do (probe, RT_OP_LEAVE, "$room");
  conn_probe_expect_sent ("{\"id\":3,\"unsubscribe\":{\"channel\":\"$room\"}}\n");
  conn_probe_advance (probe, 5000);
  conn_probe_expect (probe, "");
  conn_probe_expect_sent ("");
}

/* Left while the answer is on its way, which is then to nobody's question. */
static void
test_channel_left (void)
{
  g_autoptr (ConnProbe) probe = conn_probe_new_connected (NULL);

  join_with_token (probe);
  conn_probe_do (probe, RT_OP_LEAVE, "$room");
  conn_probe_forget (probe);
  conn_probe_give_token (probe, "T1", NULL);
  conn_probe_expect (probe, "");
  g_assert_nonnull (rt_fake_transport_get ());
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  conn_probe_add_test ("/Rt/Tokens/first", test_first);
  conn_probe_add_test ("/Rt/Tokens/anonymous", test_anonymous);
  conn_probe_add_test ("/Rt/Tokens/no-token", test_no_token);
  conn_probe_add_test ("/Rt/Tokens/trouble", test_trouble);
  conn_probe_add_test ("/Rt/Tokens/refresh", test_refresh);
  conn_probe_add_test ("/Rt/Tokens/single-flight", test_single_flight);
  conn_probe_add_test ("/Rt/Tokens/kept", test_kept);
  conn_probe_add_test ("/Rt/Tokens/refused", test_refused);
  conn_probe_add_test ("/Rt/Tokens/expired", test_expired);
  conn_probe_add_test ("/Rt/Tokens/refresh-fails", test_refresh_fails);
  conn_probe_add_test ("/Rt/Tokens/refused-afterwards", test_refused_afterwards);
  conn_probe_add_test ("/Rt/Tokens/refresh-refused", test_refresh_refused);
  conn_probe_add_test ("/Rt/Tokens/reset", test_reset);
  conn_probe_add_test ("/Rt/Tokens/channel", test_channel);
  conn_probe_add_test ("/Rt/Tokens/channel-refused", test_channel_refused);
  conn_probe_add_test ("/Rt/Tokens/channel-leaving", test_channel_leaving);
  conn_probe_add_test ("/Rt/Tokens/channel-left", test_channel_left);
  return g_test_run ();
}
