/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "client-util.h"
#include "json-peer.h"

/* What a channel is joined with for the server: a filter of tags, and data. */

typedef struct
{
  RtMockServer *server;
  RtClient *client;
  RtClient *other; /* who sends */
  ClientLog *log;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->server = client_util_start_server ();
  fixture->client = client_util_connect (fixture->server);
  fixture->other = client_util_connect (fixture->server);
  fixture->log = client_log_new (fixture->client);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  client_log_free (fixture->log);
  client_util_finalize (fixture->client);
  client_util_finalize (fixture->other);
  g_assert_finalize_object (fixture->server);
}

static RtChannel *
join (RtClient *client, const char *town, guint prefill)
{
  g_autoptr (RtTagsFilter) filter = rt_tags_filter_new_compare ("town", RT_TAGS_COMPARISON_EQUAL, town);
  g_autoptr (RtChannelOptions) options = rt_channel_options_new ();
  g_autoptr (GError) error = NULL;

  rt_channel_options_set_tags_filter (options, filter);
  g_assert_true (rt_channel_options_get_tags_filter (options) == filter);
  rt_channel_options_set_prefill (options, prefill);
  RtChannel *room = rt_client_join_channel_sync (client, "room", options, NULL, &error);
  g_assert_no_error (error);
  return room;
}

/* As "paris 1", "berlin 2" and so on, by turns. */
static void
send (Fixture *fixture, guint first, guint last)
{
  for (guint i = first; i <= last; i++)
    {
      g_autoptr (RtMessageBuilder) builder = rt_message_builder_new ();
      g_autofree char *text = g_strdup_printf ("%u", i);
      g_autoptr (GError) error = NULL;

      rt_message_builder_with_channel (builder, "room");
      rt_message_builder_with_content (builder, text);
      rt_message_builder_with_tag (builder, "town", i % 2 == 1 ? "paris" : "berlin");
      g_autoptr (RtMessage) message = rt_message_builder_build (builder, &error);
      g_assert_no_error (error);
      g_autoptr (RtMessage) sent = rt_client_send_sync (fixture->other, message, NULL, &error);
      g_assert_no_error (error);
    }
}

/* The same, by the server, which is always there. */
static void
publish (Fixture *fixture, guint first, guint last)
{
  for (guint i = first; i <= last; i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"$rt\":1,\"text\":\"%u\",\"tags\":{\"town\":\"%s\"}}", i,
                                               i % 2 == 1 ? "paris" : "berlin");
      g_autoptr (GError) error = NULL;

      rt_mock_server_publish (fixture->server, "room", json, &error);
      g_assert_no_error (error);
    }
}

static void
assert_told (Fixture *fixture, const char *expected)
{
  g_autofree char *list = client_log_list (fixture->log, "room message", "room gap", "room recovered", NULL);

  g_assert_cmpstr (list, ==, expected);
}

/* Holes in the offsets are none in the conversation. */
static void
test_live (Fixture *fixture, gconstpointer data)
{
  send (fixture, 1, 4);
  g_autoptr (RtChannel) room = join (fixture->client, "paris", 10);
  GListModel *messages = rt_channel_get_messages (room);

  client_log_add_channel (fixture->log, room);
  send (fixture, 5, 10);
  rt_test_wait_until (client_log_count (fixture->log, "room message") == 3);
  assert_told (fixture, "room message 5; room message 7; room message 9");
  rt_test_wait_until (g_list_model_get_n_items (messages) == 5);
  g_autoptr (RtMessage) first = g_list_model_get_item (messages, 0);
  g_assert_cmpstr (rt_message_get_content (first), ==, "1");
}

static void
test_recovered (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RtChannel) room = join (fixture->client, "paris", 0);

  client_log_add_channel (fixture->log, room);
  publish (fixture, 1, 3);
  rt_test_wait_until (client_log_count (fixture->log, "room message 3") == 1);
  client_log_clear (fixture->log);
  client_util_cut (fixture->server);
  publish (fixture, 4, 8);
  client_util_mend (fixture->server, fixture->client);
  rt_test_wait_until (client_log_count (fixture->log, "room message 7") == 1);
  publish (fixture, 9, 9);
  rt_test_wait_until (client_log_count (fixture->log, "room message 9") == 1);
  g_assert_cmpuint (client_log_count (fixture->log, "room message"), ==, 3);
  g_assert_cmpuint (client_log_count (fixture->log, "room gap"), ==, 0);
}

/* --- Servers that do otherwise --- */

#define PUB(town, text, offset)                                                                                      \
  "{\"push\":{\"channel\":\"room\",\"pub\":{\"data\":{\"$rt\":1,\"text\":\"" text "\"},\"tags\":{\"town\":\"" town   \
  "\"},\"offset\":" offset "}}}"

static void
ignoring_script (JsonPeer *peer, gpointer user_data)
{
  json_peer_greet (peer);
  guint id = json_peer_expect (peer, "subscribe");
  g_assert_nonnull (strstr (json_peer_get_line (peer),
                            "\"tf\":{\"key\":\"town\",\"cmp\":\"eq\",\"val\":\"paris\"}"));
  json_peer_send (peer, "{\"id\":%u,\"subscribe\":{\"recoverable\":true,\"positioned\":true,\"epoch\":\"E\"}}", id);
  json_peer_hold (peer);
  json_peer_send (peer, "%s\n%s\n%s", PUB ("paris", "1", "1"), PUB ("berlin", "2", "2"), PUB ("paris", "3", "4"));
  json_peer_wait_end (peer);
}

/* It has no filters, and says so. */
static void
refusing_script (JsonPeer *peer, gpointer user_data)
{
  json_peer_greet (peer);
  guint id = json_peer_expect (peer, "subscribe");
  g_assert_nonnull (strstr (json_peer_get_line (peer), "\"tf\""));
  json_peer_send (peer, "{\"id\":%u,\"error\":{\"code\":107,\"message\":\"bad request\"}}", id);
  id = json_peer_expect (peer, "subscribe");
  g_assert_null (strstr (json_peer_get_line (peer), "\"tf\""));
  json_peer_send (peer, "{\"id\":%u,\"subscribe\":{\"positioned\":true,\"epoch\":\"E\"}}", id);
  json_peer_hold (peer);
  /* Of what is missing here nobody knows whether it was wanted. */
  json_peer_send (peer, "%s\n%s\n%s", PUB ("paris", "1", "1"), PUB ("berlin", "2", "2"), PUB ("paris", "3", "4"));
  json_peer_wait_end (peer);
}

static void
check_peer (JsonPeerScript script, const char *expected)
{
  g_autoptr (JsonPeer) peer = json_peer_new (script, NULL);
  g_autofree char *url = json_peer_get_url (peer);
  Fixture fixture = { .client = client_util_new_for_url (url, NULL) };
  g_autoptr (GError) error = NULL;

  fixture.log = client_log_new (fixture.client);
  g_assert_true (rt_client_connect_sync (fixture.client, NULL, &error));
  g_assert_no_error (error);
  g_autoptr (RtChannel) room = join (fixture.client, "paris", 0);
  client_log_add_channel (fixture.log, room);
  json_peer_release (peer);
  rt_test_wait_until (client_log_count (fixture.log, "room message 3") == 1);
  assert_told (&fixture, expected);
  client_log_free (fixture.log);
  client_util_finalize (fixture.client);
}

static void
test_ignored (void)
{
  check_peer (ignoring_script, "room message 1; room message 3");
}

static void
test_refused (void)
{
  check_peer (refusing_script, "room message 1; room gap 1; room message 3");
}

/* --- Data --- */

static void
data_script (JsonPeer *peer, gpointer user_data)
{
  json_peer_greet (peer);
  guint id = json_peer_expect (peer, "subscribe");
  g_assert_nonnull (strstr (json_peer_get_line (peer), "\"data\":{\"lang\":\"fr\"}"));
  json_peer_send (peer, "{\"id\":%u,\"subscribe\":{}}", id);
  json_peer_wait_end (peer);
}

static void
test_data (void)
{
  g_autoptr (JsonPeer) peer = json_peer_new (data_script, NULL);
  g_autofree char *url = json_peer_get_url (peer);
  RtClient *client = client_util_new_for_url (url, NULL);
  g_autoptr (RtChannelOptions) options = rt_channel_options_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (rt_client_connect_sync (client, NULL, &error));
  rt_channel_options_set_data (options, g_variant_new_double (0.0 / 0.0));
  g_assert_null (rt_client_join_channel_sync (client, "room", options, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
  g_clear_error (&error);
  rt_channel_options_set_data (options, g_variant_new_parsed ("{'lang': <'fr'>}"));
  g_autoptr (RtChannel) room = rt_client_join_channel_sync (client, "room", options, NULL, &error);
  g_assert_no_error (error);
  g_clear_object (&room);
  client_util_finalize (client);
}

#define TEST(path, func) g_test_add ("/Rt/ClientFilters/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  TEST ("live", test_live);
  TEST ("recovered", test_recovered);
  g_test_add_func ("/Rt/ClientFilters/ignored", test_ignored);
  g_test_add_func ("/Rt/ClientFilters/refused", test_refused);
  g_test_add_func ("/Rt/ClientFilters/data", test_data);
  return g_test_run ();
}
