/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "client-util.h"
#include "json-peer.h"

/* What a server says that no server should: none of it may do harm, and each thing is told as what it is. The client
 * tries but once, so that the error it tells is the first one. */

typedef struct
{
  JsonPeer *peer;
  RtClient *client;
  RtChannel *room;
  ClientLog *log;
} Fixture;

static void
begin (Fixture *fixture, JsonPeerScript script, gpointer user_data)
{
  fixture->peer = json_peer_new (script, user_data);
  g_autofree char *url = json_peer_get_url (fixture->peer);
  fixture->client = client_util_new_for_url (url, "max-message-size", 2048, "max-reconnects", 0, NULL);
  fixture->log = client_log_new (fixture->client);
}

static void
join (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  rt_client_connect_sync (fixture->client, NULL, &error);
  g_assert_no_error (error);
  fixture->room = client_util_join (fixture->client, "room");
  client_log_add_channel (fixture->log, fixture->room);
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

static guint
count_errors (Fixture *fixture, RtError code)
{
  g_autofree char *line = g_strdup_printf ("error rt-error-quark-%d", code);

  return client_log_count (fixture->log, line);
}

#define PUBLICATION "{\"push\":{\"channel\":\"room\",\"pub\":{\"data\":{\"$rt\":1,\"text\":\"%s\"},\"offset\":%u}}}"

/* --- Frames that mean nothing --- */

#define DEEP_16 "[[[[[[[[[[[[[[[["
#define SHALLOW_16 "]]]]]]]]]]]]]]]]"

static const char *const meaningless[] = {
  "{\"push\":{}}",
  "{\"push\":{\"pub\":{\"data\":1,\"offset\":9}}}",
  "{\"push\":{\"channel\":\"\",\"pub\":{\"data\":1}}}",
  "{\"push\":{\"channel\":\"elsewhere\",\"pub\":{\"data\":1,\"offset\":9}}}",
  "{\"push\":{\"channel\":\"room\\u0000\",\"pub\":{\"data\":1,\"offset\":9}}}",
  "{\"push\":{\"channel\":\"elsewhere\",\"join\":{\"info\":{\"client\":\"x\"}}}}",
  "{\"push\":{\"channel\":\"elsewhere\",\"unsubscribe\":{\"code\":2000}}}",
  "{\"push\":{\"channel\":\"room\",\"message\":{\"data\":{}}}}",
  "{\"push\":{\"subscribe\":{\"recoverable\":true},\"channel\":\"other\"}}",
  "{\"push\":{\"refresh\":{\"expires\":true,\"ttl\":1}}}",
  "{\"push\":{\"something\":{\"new\":[1,2,3]}}}",
  "{\"something\":\"new\"}",
  "{\"id\":4000000000,\"rpc\":{\"data\":1}}",
  "{\"id\":77,\"error\":{\"code\":100,\"message\":\"late\"}}",
  "{\"id\":1,\"connect\":{\"client\":\"again\"}}",
  "{\"id\":2,\"subscribe\":{\"epoch\":\"other\",\"offset\":100}}",
  "{\"id\":2,\"unsubscribe\":{}}",
  /* Seen already. */
  "{\"push\":{\"channel\":\"room\",\"pub\":{\"data\":\"old\",\"offset\":1}}}",
  "\n\n",
};

static void
meaningless_script (JsonPeer *peer, gpointer user_data)
{
  json_peer_greet (peer);
  json_peer_join (peer, ",\"epoch\":\"e\",\"offset\":1");
  for (guint i = 0; i < G_N_ELEMENTS (meaningless); i++)
    {
      json_peer_send (peer, "%s", meaningless[i]);
      json_peer_send (peer, PUBLICATION, "good", i + 2);
    }
  json_peer_wait_end (peer);
}

static void
test_meaningless (void)
{
  Fixture fixture = { 0 };

  begin (&fixture, meaningless_script, NULL);
  join (&fixture);
  rt_test_wait_until (rt_channel_get_offset (fixture.room) == G_N_ELEMENTS (meaningless) + 1);
  g_assert_cmpuint (client_log_count (fixture.log, "message"), ==, G_N_ELEMENTS (meaningless));
  g_assert_cmpuint (client_log_count (fixture.log, "message room good"), ==, G_N_ELEMENTS (meaningless));
  g_assert_cmpuint (client_log_count (fixture.log, "error"), ==, 0);
  g_assert_cmpuint (client_log_count (fixture.log, "disconnected"), ==, 0);
  g_assert_cmpuint (client_log_count (fixture.log, "room gap"), ==, 0);
  end (&fixture);
}

/* --- Frames that are not the protocol --- */

static const char *const malformed[] = {
  "",
  "nonsense",
  "[]",
  "null",
  "1",
  "\"text\"",
  "{",
  "{\"push\":",
  "{\"push\":{\"channel\":\"room\",\"pub\":{\"data\":{\"a\":}}}}",
  "{\"push\":{\"channel\":\"room\",\"pub\":{\"data\":01}}}",
  "{\"push\":{\"channel\":\"room\",\"pub\":{\"data\":1,\"offset\":-1}}}",
  "{\"push\":{\"channel\":\"room\",\"pub\":{\"data\":1,\"offset\":99999999999999999999}}}",
  "{\"push\":{\"channel\":\"room\",\"pub\":{\"data\":1,\"offset\":1.5}}}",
  "{\"push\":{\"channel\":7,\"pub\":{\"data\":1}}}",
  "{\"push\":[]}",
  "{\"push\":{\"channel\":\"room\",\"join\":{}}}",
  "{\"push\":{\"pub\":{}}}",
  "{\"id\":-1}",
  "{\"id\":\"1\"}",
  "{\"id\":4294967296}",
  "{\"id\":1,\"id\":2}",
  "{\"push\":{\"channel\":\"room\",\"channel\":\"room\"}}",
  "{\"push\":{\"channel\":\"room\",\"pub\":{\"data\":" DEEP_16 DEEP_16 DEEP_16 DEEP_16 SHALLOW_16 SHALLOW_16 SHALLOW_16
  SHALLOW_16 "}}}",
  "{\"push\":{\"channel\":\"room\",\"pub\":{\"data\":\"\\x\"}}}",
  "{}{}",
  "{},{}",
};

static void
malformed_script (JsonPeer *peer, gpointer user_data)
{
  json_peer_greet (peer);
  json_peer_join (peer, ",\"epoch\":\"e\",\"offset\":1");
  json_peer_send (peer, PUBLICATION "\n%s", "good", 2, (const char *) user_data);
  json_peer_wait_end (peer);
}

static void
test_malformed (void)
{
  /* The empty one, and a line end behind the last command, are nothing at all. */
  for (guint i = 1; i < G_N_ELEMENTS (malformed); i++)
    {
      Fixture fixture = { 0 };

      begin (&fixture, malformed_script, (gpointer) malformed[i]);
      join (&fixture);
      rt_test_wait_until (client_log_count (fixture.log, "error") > 0);
      if (count_errors (&fixture, RT_ERROR_PROTOCOL) != 1)
        g_error ("not refused: %s", malformed[i]);
      /* What came before it in the same message counts. */
      g_assert_cmpuint (client_log_count (fixture.log, "message room good"), ==, 1);
      g_assert_cmpuint (client_log_count (fixture.log, "disconnected"), ==, 1);
      g_assert_cmpint (rt_client_get_state (fixture.client), ==, RT_CONNECTION_STATE_FAILED);
      end (&fixture);
    }
}

/* RFC 6455 section 8.1: text that is not UTF-8 ends the connection. */
static void
utf8_script (JsonPeer *peer, gpointer user_data)
{
  json_peer_greet (peer);
  json_peer_join (peer, ",\"epoch\":\"e\",\"offset\":1");
  json_peer_send (peer, PUBLICATION, "\xff", 2);
  json_peer_wait_end (peer);
}

static void
test_utf8 (void)
{
  Fixture fixture = { 0 };

  begin (&fixture, utf8_script, NULL);
  join (&fixture);
  rt_test_wait_until (client_log_count (fixture.log, "error") > 0);
  g_assert_cmpuint (count_errors (&fixture, RT_ERROR_PROTOCOL), ==, 1);
  g_assert_cmpuint (client_log_count (fixture.log, "message"), ==, 0);
  end (&fixture);
}

/* --- Content --- */

static void
content_script (JsonPeer *peer, gpointer user_data)
{
  static const char *const contents[] = {
    "\"\\u0000\"", "\"\\ud800\"", "{\"a\":\"\\u0000\"}", "99999999999999999999", "1e999",
    "{\"$rt\":1,\"text\":\"\\u0000\"}",
    "{\"$rt\":1,\"b64\":\"???\"}", "{\"$rt\":\"x\"}", "{\"$rt\":1,\"ttl\":-5,\"prio\":9}", "null",
  };

  json_peer_greet (peer);
  json_peer_join (peer, ",\"epoch\":\"e\",\"offset\":0");
  for (guint i = 0; i < G_N_ELEMENTS (contents); i++)
    json_peer_send (peer, "{\"push\":{\"channel\":\"room\",\"pub\":{\"data\":%s,\"offset\":%u}}}", contents[i], i + 1);
  json_peer_wait_end (peer);
}

static void
look_at_everything_cb (RtChannel *channel, RtMessage *message, gpointer user_data)
{
  guint *count = user_data;
  g_autoptr (GError) text_error = NULL, data_error = NULL, bytes_error = NULL;
  g_autofree char *text = rt_message_dup_content (message, &text_error);
  g_autoptr (GVariant) data = rt_message_dup_data (message, &data_error);
  g_autoptr (GBytes) bytes = rt_message_dup_bytes (message, &bytes_error);
  g_autofree char *json = rt_message_to_json (message);

  g_assert_nonnull (json);
  if (text_error != NULL)
    g_assert_error (text_error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
  if (data_error != NULL)
    g_assert_error (data_error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
  if (bytes_error != NULL)
    g_assert_error (bytes_error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
  ++*count;
}

/* Content that cannot be used concerns its message alone. */
static void
test_content (void)
{
  Fixture fixture = { 0 };
  guint count = 0;

  begin (&fixture, content_script, NULL);
  join (&fixture);
  g_signal_connect (fixture.room, "message", G_CALLBACK (look_at_everything_cb), &count);
  rt_test_wait_until (count == 10);
  g_assert_cmpuint (client_log_count (fixture.log, "error"), ==, 0);
  end (&fixture);
}

static void
oversize_script (JsonPeer *peer, gpointer user_data)
{
  g_autofree char *large = g_strnfill (2048, 'x');

  json_peer_greet (peer);
  json_peer_join (peer, ",\"epoch\":\"e\",\"offset\":0");
  json_peer_send (peer, PUBLICATION, "first", 1);
  json_peer_send (peer, PUBLICATION, large, 2);
  json_peer_send (peer, PUBLICATION, "third", 3);
  json_peer_wait_end (peer);
}

static void
keep_error_cb (RtClient *client, const GError *error, gpointer user_data)
{
  *(GError **) user_data = g_error_copy (error);
}

static void
test_oversize (void)
{
  Fixture fixture = { 0 };
  g_autoptr (GError) error = NULL;

  begin (&fixture, oversize_script, NULL);
  g_signal_connect (fixture.client, "error", G_CALLBACK (keep_error_cb), &error);
  join (&fixture);
  rt_test_wait_until (client_log_count (fixture.log, "room message third") > 0);
  assert_story (&fixture, "room state 2; room joined 0; room message first; room gap 1; room message third");
  g_assert_error (error, RT_ERROR, RT_ERROR_TOO_LARGE);
  g_assert_nonnull (strstr (error->message, "2067"));
  g_assert_nonnull (strstr (error->message, "2048"));
  end (&fixture);
}

/* --- Answers --- */

typedef struct
{
  const char *members; /* of the reply to connect */
  int code;
} Greeting;

static const Greeting greetings[] = {
  { "\"error\":{\"code\":101,\"message\":\"unauthorized\"}", RT_ERROR_UNAUTHORIZED },
  { "\"error\":{\"code\":109,\"message\":\"token expired\"}", RT_ERROR_UNAUTHORIZED },
  { "\"error\":{\"code\":103,\"message\":\"no\"}", RT_ERROR_PERMISSION_DENIED },
  { "\"error\":{\"code\":100,\"message\":\"oops\",\"temporary\":true}", RT_ERROR_SERVER },
  { "\"error\":{\"code\":12345,\"message\":\"?\"}", RT_ERROR_FAILED },
  { "\"error\":{}", RT_ERROR_FAILED },
  { "\"error\":{\"code\":5000000000}", RT_ERROR_PROTOCOL },
  { "\"rpc\":{}", RT_ERROR_PROTOCOL },
  { "\"connect\":[]", RT_ERROR_PROTOCOL },
  { "\"connect\":{\"client\":1}", RT_ERROR_PROTOCOL },
  { "\"connect\":{\"ping\":-1}", RT_ERROR_PROTOCOL },
};

static void
greeting_script (JsonPeer *peer, gpointer user_data)
{
  const Greeting *greeting = user_data;

  json_peer_accept (peer);
  guint id = json_peer_expect (peer, "connect");
  json_peer_send (peer, "{\"id\":%u,%s}", id, greeting->members);
  json_peer_wait_end (peer);
}

static void
test_greetings (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (greetings); i++)
    {
      Fixture fixture = { 0 };
      g_autoptr (GError) error = NULL;

      begin (&fixture, greeting_script, (gpointer) &greetings[i]);
      g_assert_false (rt_client_connect_sync (fixture.client, NULL, &error));
      g_assert_error (error, RT_ERROR, greetings[i].code);
      g_assert_cmpint (rt_client_get_state (fixture.client), ==, RT_CONNECTION_STATE_FAILED);
      end (&fixture);
    }
}

/* The text of a server's error can be anything, and comes into ours. */
static void
refused_join_script (JsonPeer *peer, gpointer user_data)
{
  g_autofree char *long_text = g_strnfill (4000, 'x');

  json_peer_greet (peer);
  guint id = json_peer_expect (peer, "subscribe");
  json_peer_send (peer, "{\"id\":%u,\"error\":{\"code\":103,\"message\":\"\\u0007\\nno\\u202e%s\"}}", id, long_text);
  id = json_peer_expect (peer, "subscribe");
  json_peer_send (peer, "{\"id\":%u,\"error\":{\"code\":103,\"message\":\"\\u0000\"}}", id);
  json_peer_wait_end (peer);
}

static void
test_refused_join (void)
{
  Fixture fixture = { 0 };
  g_autoptr (GError) error = NULL;

  begin (&fixture, refused_join_script, NULL);
  rt_client_connect_sync (fixture.client, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (rt_client_join_channel_sync (fixture.client, "room", NULL, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_PERMISSION_DENIED);
  g_assert_null (strchr (error->message, '\n'));
  g_assert_null (strchr (error->message, '\a'));
  g_assert_cmpuint (strlen (error->message), <, 400);
  g_clear_error (&error);
  g_assert_null (rt_client_join_channel_sync (fixture.client, "room", NULL, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_PERMISSION_DENIED);
  g_assert_null (rt_client_get_channel (fixture.client, "room"));
  end (&fixture);
}

/* Members that are told of before the channel is joined, or in one that never will be. */
static void
early_member_script (JsonPeer *peer, gpointer user_data)
{
  json_peer_greet (peer);
  guint id = json_peer_expect (peer, "subscribe");
  json_peer_send (peer, "{\"push\":{\"channel\":\"room\",\"join\":{\"info\":{\"client\":\"c\",\"user\":\"u\"}}}}");
  json_peer_send (peer, "{\"push\":{\"channel\":\"room\",\"unsubscribe\":{\"code\":2000}}}");
  json_peer_send (peer, "{\"id\":%u,\"error\":{\"code\":103,\"message\":\"no\"}}", id);
  json_peer_wait_end (peer);
}

static void
test_early_member (void)
{
  Fixture fixture = { 0 };
  g_autoptr (GError) error = NULL;

  begin (&fixture, early_member_script, NULL);
  rt_client_connect_sync (fixture.client, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (rt_client_join_channel_sync (fixture.client, "room", NULL, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_PERMISSION_DENIED);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_null (rt_client_get_channel (fixture.client, "room"));
  g_assert_cmpuint (g_list_model_get_n_items (rt_client_get_channels (fixture.client)), ==, 0);
  end (&fixture);
}

/* A wrong answer ends its request, and no other. */
static void
wrong_answers_script (JsonPeer *peer, gpointer user_data)
{
  json_peer_greet (peer);
  guint first = json_peer_expect (peer, "rpc");
  guint second = json_peer_expect (peer, "rpc");
  guint third = json_peer_expect (peer, "rpc");
  json_peer_send (peer, "{\"id\":%u,\"publish\":{}}", first);
  json_peer_send (peer, "{\"id\":%u,\"rpc\":{\"data\":\"third\"}}\n{\"id\":%u,\"rpc\":{\"data\":\"\\u0000\"}}", third,
                  second);
  json_peer_wait_end (peer);
}

static void
test_wrong_answers (void)
{
  Fixture fixture = { 0 };
  ClientReply replies[3] = { 0 };
  g_autoptr (GError) error = NULL;

  begin (&fixture, wrong_answers_script, NULL);
  rt_client_connect_sync (fixture.client, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    rt_client_rpc_async (fixture.client, "call", NULL, NULL, client_reply_cb, &replies[i]);
  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    client_reply_wait (&replies[i]);
  g_assert_null (rt_client_rpc_finish (fixture.client, replies[0].result, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_PROTOCOL);
  g_clear_error (&error);
  g_assert_null (rt_client_rpc_finish (fixture.client, replies[1].result, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_MESSAGE);
  g_clear_error (&error);
  g_autoptr (GVariant) third = rt_client_rpc_finish (fixture.client, replies[2].result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (g_variant_get_string (third, NULL), ==, "third");
  g_assert_true (rt_client_is_connected (fixture.client));
  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    client_reply_clear (&replies[i]);
  end (&fixture);
}

/* --- main --- */

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/ClientBadInput/meaningless", test_meaningless);
  g_test_add_func ("/Rt/ClientBadInput/malformed", test_malformed);
  g_test_add_func ("/Rt/ClientBadInput/utf8", test_utf8);
  g_test_add_func ("/Rt/ClientBadInput/content", test_content);
  g_test_add_func ("/Rt/ClientBadInput/oversize", test_oversize);
  g_test_add_func ("/Rt/ClientBadInput/greetings", test_greetings);
  g_test_add_func ("/Rt/ClientBadInput/refused-join", test_refused_join);
  g_test_add_func ("/Rt/ClientBadInput/early-member", test_early_member);
  g_test_add_func ("/Rt/ClientBadInput/wrong-answers", test_wrong_answers);
  return g_test_run ();
}
