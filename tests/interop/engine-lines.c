/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-suite.h"

/* Losing the line, and what the client makes of it by itself. */

/* The line is cut, and no new one is let in: the client is away for as long as the test wants. */
static void
go_away (InteropClient *client)
{
  engine_suite_tell ("shut");
  interop_client_expect (client, "disconnected: 1006 1", NULL);
  g_assert_cmpint (rt_client_get_state (client->client), !=, RT_CONNECTION_STATE_CONNECTED);
}

static void
come_back (InteropClient *client)
{
  engine_suite_tell ("open");
  rt_client_reconnect_now (client->client);
  rt_test_wait_until (rt_client_is_connected (client->client));
}

/* The record begins behind this. */
static RtChannel *
join (InteropClient *client, const char *name)
{
  RtChannel *channel = interop_client_join (client, name);

  interop_client_expect (client, "joined: 0", NULL);
  return channel;
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  gboolean *acknowledged = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) message = rt_client_send_message_finish (RT_CLIENT (source), result, &error);

  g_assert_no_error (error);
  g_assert_nonnull (message);
  *acknowledged = TRUE;
}

/* --- Recovery --- */

/* What was missed comes first, then what was sent while there was no line. */
static void
test_recovery (void)
{
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (RtChannel) channel = join (ann, "recovery");

  for (guint round = 0; round < 3; round++)
    {
      gboolean acknowledged = FALSE;

      interop_client_send (ann, "recovery", "before");
      interop_client_expect (ann, "message: before", NULL);
      go_away (ann);
      rt_client_send_message_async (ann->client, "recovery", "queued", NULL, sent_cb, &acknowledged);
      for (guint i = 1; i <= 3; i++)
        engine_suite_tell ("publish recovery %u", i);
      come_back (ann);
      rt_test_wait_until (acknowledged);
      interop_client_expect (ann, "message: 1", "message: 2", "message: 3", "recovered: 3", "message: queued", "!gap:",
                             NULL);
    }
  go_away (ann);
  come_back (ann);
  interop_client_expect (ann, "joined: 1", "!gap:", NULL);
  g_assert_cmpuint (rt_channel_get_offset (channel), ==, 3 * 5);
}

/* Without any help, as often as it happens. A poll that is cut is only made again: no end of the connection. */
static void
test_drops (void)
{
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (RtChannel) channel = join (ann, "drops");
  gboolean noticed = !g_str_equal (engine_suite_get_transport (), "polling");

  for (guint round = 0; round < 5; round++)
    {
      engine_suite_tell ("drop");
      engine_suite_tell ("publish drops 1");
      rt_test_wait_until (interop_client_count (ann, noticed ? "connected:" : "message: 1") > 0);
      engine_suite_tell ("publish drops 2");
      rt_test_wait_until (interop_client_count (ann, "message: 2") > 0);
      g_assert_cmpuint (interop_client_count (ann, "disconnected: 1006 1"), ==, noticed ? 1 : 0);
      interop_client_expect (ann, "message: 1", "message: 2", "!gap:", NULL);
    }
  g_assert_cmpuint (rt_channel_get_offset (channel), ==, 10);
}

static void
check_gap (const char *name, const char *lose, const char *gap)
{
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (RtChannel) channel = join (ann, name);

  interop_client_send (ann, name, "before");
  interop_client_expect (ann, "message: before", NULL);
  go_away (ann);
  for (guint i = 1; i <= 5; i++)
    engine_suite_tell ("publish %s %u", name, i);
  if (lose != NULL)
    engine_suite_tell ("%s", lose);
  come_back (ann);
  interop_client_send (ann, name, "after");
  interop_client_expect (ann, gap, "message: after", "!recovered:", NULL);
  g_assert_cmpint (rt_channel_get_state (channel), ==, RT_CHANNEL_STATE_JOINED);
}

/* Another epoch, which the own server begins, does not tell how many were missed. */
static void
test_history_gone (void)
{
  check_gap ("forgotten", "forget forgotten", engine_suite_is_own () ? "gap: 0" : "gap: 5");
}

static void
test_history_too_short (void)
{
  check_gap ("brief:room", NULL, "gap: 5");
}

/* A server that knows nothing any more, not even of the channel. */
static void
test_new_epoch (void)
{
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (RtChannel) channel = join (ann, "epoch");
  g_autofree char *old_epoch = NULL;
  g_autofree char *new_epoch = NULL;

  for (guint i = 0; i < 3; i++)
    interop_client_send (ann, "epoch", "before");
  interop_client_expect (ann, "message: before", "message: before", "message: before", NULL);
  old_epoch = rt_channel_get_epoch (channel);
  engine_suite_restart ();
  rt_test_wait_until (interop_client_count (ann, "connected:") == 1);
  interop_client_send (ann, "epoch", "after");
  interop_client_expect (ann, "disconnected: 1006 1", "joined: 0", "gap: 0", "message: after", "!recovered:", NULL);
  new_epoch = rt_channel_get_epoch (channel);
  g_assert_cmpstr (new_epoch, !=, old_epoch);
  g_assert_cmpuint (rt_channel_get_offset (channel), ==, 1);
}

/* The server has stopped, and does not even say so. Whether the message has arrived cannot be known, so it is sent
 * again under its id: receivers see it once. */
static void
test_outcome_unknown (void)
{
  g_autofree char *token = interop_token_new ("ann", INTEROP_SECRET, INTEROP_EXPIRES_2100);
  const InteropClientOptions impatient = { .url = engine_suite_get_url (), .token = token,
                                           .transport = engine_suite_get_transport (), .request_timeout = 250 };
  g_autoptr (InteropClient) ann = interop_client_new (&impatient);
  g_autoptr (InteropClient) bob = engine_suite_connected ("bob");
  g_autoptr (RtChannel) channel = join (bob, "unknown");
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) message = rt_message_new_text ("unknown", "once");
  g_autoptr (RtMessage) acknowledged = NULL;

  engine_suite_connect (ann);
  interop_server_freeze (engine_suite_get_server (), TRUE);
  g_assert_null (rt_client_send_sync (ann->client, message, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_OUTCOME_UNKNOWN);
  g_clear_error (&error);
  g_assert_null (rt_client_rpc_sync (ann->client, "echo", NULL, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_TIMED_OUT);
  g_clear_error (&error);
  interop_server_freeze (engine_suite_get_server (), FALSE);

  while ((acknowledged = rt_client_send_sync (ann->client, message, NULL, &error)) == NULL)
    {
      g_assert_error (error, RT_ERROR, RT_ERROR_OUTCOME_UNKNOWN);
      g_clear_error (&error);
    }
  g_assert_cmpstr (rt_message_get_id (acknowledged), ==, rt_message_get_id (message));
  interop_client_send (bob, "unknown", "more");
  interop_client_expect (bob, "message: once", "message: more", NULL);
  g_assert_cmpstr (rt_channel_get_name (channel), ==, "unknown");
}

/* --- Another way --- */

/* Something in between does not know WebSocket any more: the same connection goes on, another way. */
static void
test_fallback (void)
{
  g_autofree char *token = interop_token_new ("ann", INTEROP_SECRET, INTEROP_EXPIRES_2100);
  const InteropClientOptions any_way = { .url = engine_suite_get_url (), .token = token };
  g_autoptr (InteropClient) ann = interop_client_new (&any_way);
  g_autoptr (RtChannel) channel = NULL;

  engine_suite_connect (ann);
  g_assert_cmpstr (rt_client_get_transport (ann->client), ==, "websocket");
  channel = join (ann, "fallback");
  interop_client_send (ann, "fallback", "over WebSocket");
  interop_client_expect (ann, "message: over WebSocket", NULL);

  engine_suite_tell ("websocket 404");
  go_away (ann);
  engine_suite_tell ("publish fallback 1");
  come_back (ann);
  g_assert_cmpstr (rt_client_get_transport (ann->client), ==, "http-stream");
  interop_client_send (ann, "fallback", "over HTTP");
  interop_client_expect (ann, "message: 1", "message: over HTTP", "!gap:", NULL);
  engine_suite_tell ("websocket 0");
}

/* --- Codes --- */

/* 3008 says that a client is too slow: the engine then writes no more to it, and only WebSocket has a close frame. */
static gboolean
is_told (guint code)
{
  return code != 3008 || engine_suite_is_own () || g_str_equal (engine_suite_get_transport (), "websocket");
}

/* After each of them the client comes back, with all that it missed. 3000 stands for a line that is closed already. */
static void
test_codes_to_come_back (void)
{
  static const guint codes[] = { 3001, 3002, 3003, 3004, 3005, 3006, 3007, 3008, 3009, 3010, 3011, 3012, 3013, 4000,
                                 4499 };
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (RtChannel) channel = join (ann, "codes");

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_autofree char *event = g_strdup_printf ("disconnected: %u 1", is_told (codes[i]) ? codes[i] : 1006);
      g_autofree char *message = g_strdup_printf ("message: %u", codes[i]);

      engine_suite_tell ("disconnect %u because", codes[i]);
      engine_suite_tell ("publish codes %u", codes[i]);
      rt_test_wait_until (interop_client_count (ann, event) == 1);
      g_assert_cmpint (interop_client_count (ann, "reason: because") == 1, ==, is_told (codes[i]));
      come_back (ann);
      interop_client_send (ann, "codes", "after");
      interop_client_expect (ann, message, "message: after", "!gap:", NULL);
    }
  g_assert_cmpuint (rt_channel_get_offset (channel), ==, 2 * G_N_ELEMENTS (codes));
}

/* 3014 says that the server does not vouch for the past. */
static void
test_state_invalidated (void)
{
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (RtChannel) channel = join (ann, "invalidated");

  interop_client_send (ann, "invalidated", "before");
  interop_client_expect (ann, "message: before", NULL);
  engine_suite_tell ("disconnect 3014 state invalidated");
  rt_test_wait_until (interop_client_count (ann, "disconnected: 3014 1") == 1);
  come_back (ann);
  interop_client_send (ann, "invalidated", "after");
  interop_client_expect (ann, "gap: 0", "joined: 0", "message: after", "!recovered:", NULL);
  g_assert_cmpint (rt_channel_get_state (channel), ==, RT_CHANNEL_STATE_JOINED);
}

static void
test_codes_to_stay_away (void)
{
  static const guint codes[] = { 3500, 3501, 3502, 3503, 3504, 3505, 3506, 3507, 3508, 3509, 3999, 4500, 4999 };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
      g_autofree char *event = g_strdup_printf ("disconnected: %u 0", codes[i]);

      engine_suite_tell ("disconnect %u because", codes[i]);
      interop_client_expect (ann, event, "reason: because", NULL);
      g_assert_cmpint (rt_client_get_state (ann->client), ==, RT_CONNECTION_STATE_FAILED);
      engine_suite_connect (ann);
      interop_client_expect (ann, "connected:", NULL);
    }
}

/* --- A channel alone --- */

static void
test_unsubscribed (void)
{
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (RtChannel) channel = join (ann, "unsubscribed");

  engine_suite_tell ("unsubscribe unsubscribed 2000 server unsubscribe");
  interop_client_expect (ann, "left: 2000", "!disconnected:", NULL);
  g_assert_cmpint (rt_channel_get_state (channel), ==, RT_CHANNEL_STATE_LEFT);
  interop_client_send (ann, "unsubscribed", "not for her");
  interop_client_expect (ann, "!message:", NULL);
}

/* From 2500 on the client joins again, and has what came in between. */
static void
test_unsubscribed_to_rejoin (void)
{
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (RtChannel) channel = join (ann, "rejoin");

  for (guint code = 2500; code <= 2501; code++)
    {
      engine_suite_tell ("unsubscribe rejoin %u again", code);
      engine_suite_tell ("publish rejoin %u", code);
      interop_client_expect (ann, "joined: 1", code == 2500 ? "message: 2500" : "message: 2501", "!left:", "!gap:",
                             "!disconnected:", NULL);
      g_assert_cmpint (rt_channel_get_state (channel), ==, RT_CHANNEL_STATE_JOINED);
    }
}

/* 2502: joined again, but not from where it was. */
static void
test_unsubscribed_invalidated (void)
{
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (RtChannel) channel = join (ann, "void");

  interop_client_send (ann, "void", "before");
  interop_client_expect (ann, "message: before", NULL);
  engine_suite_tell ("unsubscribe void 2502 state invalidated");
  interop_client_expect (ann, "gap: 0", "joined: 0", "!left:", NULL);
  interop_client_send (ann, "void", "after");
  interop_client_expect (ann, "message: after", "!recovered:", NULL);
  g_assert_cmpint (rt_channel_get_state (channel), ==, RT_CHANNEL_STATE_JOINED);
}

/* A rejoin that the server refuses for now, or for where it was to go on from. */
static void
test_rejoin_refused (void)
{
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (RtChannel) channel = join (ann, "refused");

  interop_client_send (ann, "refused", "before");
  interop_client_expect (ann, "message: before", NULL);
  engine_suite_tell ("refuse refused 100");
  engine_suite_tell ("unsubscribe refused 2500 insufficient state");
  engine_suite_tell ("publish refused 1");
  interop_client_expect (ann, "joined: 1", "message: 1", "!gap:", "!left:", NULL);

  engine_suite_tell ("refuse refused 112");
  engine_suite_tell ("unsubscribe refused 2500 insufficient state");
  interop_client_expect (ann, "gap: 0", "joined: 0", "!left:", NULL);

  engine_suite_tell ("refuse refused 103");
  engine_suite_tell ("unsubscribe refused 2500 insufficient state");
  interop_client_expect (ann, "left: 103", "!disconnected:", NULL);
  g_assert_cmpint (rt_channel_get_state (channel), ==, RT_CHANNEL_STATE_FAILED);
}

void
engine_lines_add_tests (void)
{
  g_test_add_func ("/Rt/Server/recovery", test_recovery);
  g_test_add_func ("/Rt/Server/drops", test_drops);
  g_test_add_func ("/Rt/Server/history-gone", test_history_gone);
  g_test_add_func ("/Rt/Server/outcome-unknown", test_outcome_unknown);
  g_test_add_func ("/Rt/Server/codes-to-come-back", test_codes_to_come_back);
  g_test_add_func ("/Rt/Server/codes-to-stay-away", test_codes_to_stay_away);
  g_test_add_func ("/Rt/Server/state-invalidated", test_state_invalidated);
  if (engine_suite_is_own ())
    return;
  g_test_add_func ("/Rt/Server/history-too-short", test_history_too_short);
  g_test_add_func ("/Rt/Server/new-epoch", test_new_epoch);
  if (g_str_equal (engine_suite_get_transport (), "websocket"))
    g_test_add_func ("/Rt/Server/fallback", test_fallback);
  g_test_add_func ("/Rt/Server/unsubscribed", test_unsubscribed);
  g_test_add_func ("/Rt/Server/unsubscribed-to-rejoin", test_unsubscribed_to_rejoin);
  g_test_add_func ("/Rt/Server/unsubscribed-invalidated", test_unsubscribed_invalidated);
  g_test_add_func ("/Rt/Server/rejoin-refused", test_rejoin_refused);
}
