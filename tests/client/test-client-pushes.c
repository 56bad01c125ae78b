/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "client-util.h"
#include "json-peer.h"

/* What a server does to a joined channel by itself, word for word. */

typedef struct
{
  JsonPeer *peer;
  RtClient *client;
  RtChannel *room;
  ClientLog *log;
} Fixture;

#define PUBLICATION "{\"push\":{\"channel\":\"room\",\"pub\":{\"data\":{\"$rt\":1,\"text\":\"%u\"},\"offset\":%u}}}"

/* Connected and joined; the log begins with what comes after. */
static void
begin (Fixture *fixture, JsonPeerScript script)
{
  g_autoptr (GError) error = NULL;

  fixture->peer = json_peer_new (script, NULL);
  g_autofree char *url = json_peer_get_url (fixture->peer);
  fixture->client = client_util_new_for_url (url, NULL);
  fixture->log = client_log_new (fixture->client);
  rt_client_connect_sync (fixture->client, NULL, &error);
  g_assert_no_error (error);
  fixture->room = client_util_join (fixture->client, "room");
  client_log_add_channel (fixture->log, fixture->room);
  rt_test_wait_until (client_log_count (fixture->log, "room joined") > 0);
  client_log_clear (fixture->log);
  json_peer_release (fixture->peer);
}

static void
end (Fixture *fixture)
{
  client_log_free (fixture->log);
  g_clear_object (&fixture->room);
  client_util_finalize (fixture->client);
  json_peer_free (fixture->peer);
}

static void
assert_story (Fixture *fixture, const char *expected)
{
  g_autofree char *story = client_log_list (fixture->log, "room", NULL);

  g_assert_cmpstr (story, ==, expected);
}

static void
greet_and_join (JsonPeer *peer)
{
  json_peer_greet (peer);
  json_peer_join (peer, ",\"epoch\":\"first\"");
  json_peer_hold (peer);
}

static void
unsubscribe (JsonPeer *peer, guint code)
{
  json_peer_send (peer, "{\"push\":{\"channel\":\"room\",\"unsubscribe\":{\"code\":%u,\"reason\":\"because\"}}}", code);
}

/* --- Unsubscribed --- */

static void
unsubscribed_script (JsonPeer *peer, gpointer user_data)
{
  greet_and_join (peer);
  json_peer_send (peer, PUBLICATION, 1, 1);
  unsubscribe (peer, 2000);
  json_peer_send (peer, PUBLICATION, 2, 2);
  json_peer_wait_end (peer);
}

static void
test_unsubscribed (void)
{
  Fixture fixture = { 0 };
  g_autoptr (GError) error = NULL;

  begin (&fixture, unsubscribed_script);
  rt_test_wait_until (client_log_count (fixture.log, "room left") > 0);
  assert_story (&fixture, "room message 1; room state 0; room left 2000");
  g_assert_null (rt_client_get_channel (fixture.client, "room"));
  g_assert_cmpuint (g_list_model_get_n_items (rt_client_get_channels (fixture.client)), ==, 0);
  g_assert_false (rt_channel_leave_sync (fixture.room, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_CHANNEL_NOT_FOUND);
  g_assert_cmpuint (client_log_count (fixture.log, "error"), ==, 0);
  end (&fixture);
}

/* From 2500 on the server wants the channel joined again. */
static void
resubscribed_script (JsonPeer *peer, gpointer user_data)
{
  greet_and_join (peer);
  json_peer_send (peer, PUBLICATION, 1, 1);
  unsubscribe (peer, 2500);
  guint id = json_peer_expect (peer, "subscribe");
  g_assert_nonnull (strstr (json_peer_get_line (peer), "\"recover\":true"));
  g_assert_nonnull (strstr (json_peer_get_line (peer), "\"epoch\":\"first\""));
  g_assert_nonnull (strstr (json_peer_get_line (peer), "\"offset\":1"));
  json_peer_send (peer,
                  "{\"id\":%u,\"subscribe\":{\"recoverable\":true,\"recovered\":true,\"epoch\":\"first\",\"offset\":1,"
                  "\"publications\":[{\"data\":{\"$rt\":1,\"text\":\"1\"},\"offset\":1},"
                  "{\"data\":{\"$rt\":1,\"text\":\"2\"},\"offset\":2}]}}",
                  id);
  json_peer_send (peer, PUBLICATION, 3, 3);
  json_peer_wait_end (peer);
}

static void
test_resubscribed (void)
{
  Fixture fixture = { 0 };

  begin (&fixture, resubscribed_script);
  rt_test_wait_until (client_log_count (fixture.log, "room message 3") > 0);
  g_autofree char *story
    = client_log_list (fixture.log, "room message", "room joined", "room recovered", "room left", "room gap", NULL);
  g_assert_cmpstr (story, ==, "room message 1; room joined 1; room message 2; room recovered 1; room message 3");
  end (&fixture);
}

/* 2502: the position is worth nothing any more. */
static void
invalidated_script (JsonPeer *peer, gpointer user_data)
{
  greet_and_join (peer);
  json_peer_send (peer, PUBLICATION, 1, 1);
  unsubscribe (peer, 2502);
  guint id = json_peer_expect (peer, "subscribe");
  g_assert_null (strstr (json_peer_get_line (peer), "\"recover\":true"));
  json_peer_send (peer, "{\"id\":%u,\"subscribe\":{\"recoverable\":true,\"epoch\":\"second\",\"offset\":7}}", id);
  json_peer_send (peer, PUBLICATION, 8, 8);
  json_peer_wait_end (peer);
}

static void
test_invalidated (void)
{
  Fixture fixture = { 0 };

  begin (&fixture, invalidated_script);
  rt_test_wait_until (client_log_count (fixture.log, "room message 8") > 0);
  g_autofree char *story = client_log_list (fixture.log, "room message", "room joined", "room gap", NULL);
  g_autofree char *epoch = rt_channel_get_epoch (fixture.room);
  g_assert_cmpstr (story, ==, "room message 1; room gap 0; room joined 0; room message 8");
  g_assert_cmpstr (epoch, ==, "second");
  end (&fixture);
}

/* --- Holes --- */

/* A hole, and when it is asked for, the stream turns out to be another one. */
static void
new_stream_script (JsonPeer *peer, gpointer user_data)
{
  greet_and_join (peer);
  json_peer_send (peer, PUBLICATION, 1, 1);
  json_peer_send (peer, PUBLICATION, 3, 3);
  guint id = json_peer_expect (peer, "unsubscribe");
  json_peer_send (peer, "{\"id\":%u,\"unsubscribe\":{}}", id);
  id = json_peer_expect (peer, "subscribe");
  g_assert_nonnull (strstr (json_peer_get_line (peer), "\"recover\":true"));
  json_peer_send (peer, "{\"id\":%u,\"subscribe\":{\"recoverable\":true,\"epoch\":\"second\",\"offset\":7}}", id);
  json_peer_hold (peer);
  json_peer_send (peer, PUBLICATION, 8, 8);
  json_peer_wait_end (peer);
}

static void
test_new_stream (void)
{
  Fixture fixture = { 0 };

  begin (&fixture, new_stream_script);
  rt_test_wait_until (client_log_count (fixture.log, "room gap") > 0);
  g_autofree char *epoch = rt_channel_get_epoch (fixture.room);
  g_assert_cmpstr (epoch, ==, "second");
  g_assert_cmpuint (rt_channel_get_offset (fixture.room), ==, 7);
  json_peer_release (fixture.peer);
  rt_test_wait_until (client_log_count (fixture.log, "room message 8") > 0);
  assert_story (&fixture, "room message 1; room gap 0; room message 8");
  end (&fixture);
}

/* 112: the server refuses to recover. */
static void
unrecoverable_script (JsonPeer *peer, gpointer user_data)
{
  greet_and_join (peer);
  json_peer_send (peer, PUBLICATION, 3, 3);
  guint id = json_peer_expect (peer, "subscribe");
  json_peer_send (peer, "{\"id\":%u,\"error\":{\"code\":112,\"message\":\"unrecoverable position\"}}", id);
  id = json_peer_expect (peer, "subscribe");
  g_assert_null (strstr (json_peer_get_line (peer), "\"recover\":true"));
  json_peer_send (peer, "{\"id\":%u,\"subscribe\":{\"recoverable\":true,\"epoch\":\"first\",\"offset\":3}}", id);
  json_peer_hold (peer);
  json_peer_send (peer, PUBLICATION, 4, 4);
  json_peer_wait_end (peer);
}

static void
test_unrecoverable (void)
{
  Fixture fixture = { 0 };

  begin (&fixture, unrecoverable_script);
  rt_test_wait_until (client_log_count (fixture.log, "room gap") > 0);
  json_peer_release (fixture.peer);
  rt_test_wait_until (client_log_count (fixture.log, "room message 4") > 0);
  assert_story (&fixture, "room gap 0; room message 4");
  end (&fixture);
}

/* The channel is not ours any more when it is asked for again. */
static void
forbidden_script (JsonPeer *peer, gpointer user_data)
{
  greet_and_join (peer);
  json_peer_send (peer, PUBLICATION, 1, 1);
  unsubscribe (peer, 2501);
  guint id = json_peer_expect (peer, "subscribe");
  json_peer_send (peer, "{\"id\":%u,\"error\":{\"code\":103,\"message\":\"permission denied\"}}", id);
  json_peer_wait_end (peer);
}

static void
test_forbidden (void)
{
  Fixture fixture = { 0 };
  g_autofree char *error = g_strdup_printf ("error rt-error-quark-%d", RT_ERROR_PERMISSION_DENIED);

  begin (&fixture, forbidden_script);
  rt_test_wait_until (client_log_count (fixture.log, "error") > 0);
  g_assert_cmpuint (client_log_count (fixture.log, error), ==, 1);
  g_assert_cmpuint (client_log_count (fixture.log, "room left 103"), ==, 1);
  g_assert_cmpint (rt_channel_get_state (fixture.room), ==, RT_CHANNEL_STATE_FAILED);
  g_assert_null (rt_client_get_channel (fixture.client, "room"));
  end (&fixture);
}

/* --- The connection --- */

static void
disconnect_script (JsonPeer *peer, gpointer user_data)
{
  greet_and_join (peer);
  json_peer_send (peer, "{\"push\":{\"disconnect\":{\"code\":3507,\"reason\":\"permission denied\"}}}");
  json_peer_wait_end (peer);
}

static void
test_disconnect (void)
{
  Fixture fixture = { 0 };
  g_autofree char *error = g_strdup_printf ("error rt-error-quark-%d", RT_ERROR_PERMISSION_DENIED);

  begin (&fixture, disconnect_script);
  rt_test_wait_until (client_log_count (fixture.log, "error") > 0);
  g_assert_cmpuint (client_log_count (fixture.log, error), ==, 1);
  g_assert_cmpuint (client_log_count (fixture.log, "disconnected 3507 0"), ==, 1);
  g_assert_cmpint (rt_client_get_state (fixture.client), ==, RT_CONNECTION_STATE_FAILED);
  end (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/ClientPushes/unsubscribed", test_unsubscribed);
  g_test_add_func ("/Rt/ClientPushes/resubscribed", test_resubscribed);
  g_test_add_func ("/Rt/ClientPushes/invalidated", test_invalidated);
  g_test_add_func ("/Rt/ClientPushes/new-stream", test_new_stream);
  g_test_add_func ("/Rt/ClientPushes/unrecoverable", test_unrecoverable);
  g_test_add_func ("/Rt/ClientPushes/forbidden", test_forbidden);
  g_test_add_func ("/Rt/ClientPushes/disconnect", test_disconnect);
  return g_test_run ();
}
