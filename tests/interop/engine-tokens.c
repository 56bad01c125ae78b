/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-suite.h"

/* Tokens that end and are renewed in-band, tokens for channels, and what the server subscribes a client to. */

#define SHORT_LIFE 3 /* s */
#define PRIVATE "private:room"

typedef struct
{
  const char *made_as; /* "connect-token" or "channel-token" */
  const char *subject; /* of the token: a user and perhaps a channel */
  int life;            /* s, of all but the first */
  int first_life;
  guint calls;
} Tokens;

/* The server makes them, too. */
static char *
make_token (const Tokens *self, int life, const char *channel)
{
  return engine_suite_control ("%s %s %d %s", self->made_as, self->subject, life, channel != NULL ? channel : "");
}

static char *
token_func (const char *channel, gpointer user_data, GError **error)
{
  Tokens *self = user_data;

  return make_token (self, self->calls++ == 0 ? self->first_life : self->life, channel);
}

static InteropClient *
new_client (RtTokenProvider *provider)
{
  const InteropClientOptions options = { .url = engine_suite_get_url (), .provider = provider,
                                         .transport = engine_suite_get_transport () };

  return interop_client_new (&options);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError **error = user_data;

  if (rt_client_connect_finish (RT_CLIENT (source), result, error))
    return;
  g_assert_nonnull (*error);
}

static void
connect_with_tokens (InteropClient *client)
{
  g_autoptr (GError) error = NULL;

  rt_client_connect_async (client->client, NULL, connected_cb, &error);
  rt_test_wait_until (rt_client_is_connected (client->client) || error != NULL);
  g_assert_no_error (error);
}

static guint
count_refreshes (void)
{
  g_autofree char *count = engine_suite_control ("refreshes");

  return (guint) g_ascii_strtoull (count, NULL, 10);
}

/* --- Of the connection --- */

/* The line lives longer than its token, again and again. */
static void
test_refreshed (void)
{
  Tokens tokens = { "connect-token", "ann", SHORT_LIFE, SHORT_LIFE, 0 };
  g_autoptr (RtTokenProvider) provider = rt_token_provider_new_for_func (token_func, &tokens, NULL);
  g_autoptr (InteropClient) ann = new_client (provider);
  guint before = count_refreshes ();

  connect_with_tokens (ann);
  interop_client_expect (ann, "token-refreshed: ", "token-refreshed: ", "!disconnected:", NULL);
  g_assert_cmpuint (tokens.calls, >=, 3);
  g_assert_cmpuint (count_refreshes () - before, >=, 2);
  interop_client_send (ann, "tokens", "still there");
}

/* The first token is too old already: the server says so, and the next one is taken. */
static void
test_expired_at_first (void)
{
  Tokens tokens = { "connect-token", "ann", 3600, -60, 0 };
  g_autoptr (RtTokenProvider) provider = rt_token_provider_new_for_func (token_func, &tokens, NULL);
  g_autoptr (InteropClient) ann = new_client (provider);

  connect_with_tokens (ann);
  g_assert_cmpuint (tokens.calls, ==, 2);
  interop_client_send (ann, "tokens", "let in");
}

/* A provider that has nothing better is not asked for ever. */
static void
test_expired_for_good (void)
{
  Tokens tokens = { "connect-token", "ann", -60, -60, 0 };
  g_autoptr (RtTokenProvider) provider = rt_token_provider_new_for_func (token_func, &tokens, NULL);
  g_autoptr (InteropClient) ann = new_client (provider);
  g_autoptr (GError) error = NULL;

  rt_client_connect_async (ann->client, NULL, connected_cb, &error);
  rt_test_wait_until (error != NULL);
  g_assert_error (error, RT_ERROR, RT_ERROR_UNAUTHORIZED);
  g_assert_cmpint (rt_client_get_state (ann->client), ==, RT_CONNECTION_STATE_FAILED);
  g_assert_cmpuint (tokens.calls, ==, 2);
}

/* --- Of a channel --- */

static void
joined_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError **error = user_data;
  g_autoptr (RtChannel) channel = rt_client_join_channel_finish (RT_CLIENT (source), result, error);

  g_assert_true ((channel != NULL) != (*error != NULL));
}

static gboolean
is_joined (InteropClient *client, const char *name)
{
  g_autoptr (RtChannel) channel = rt_client_get_channel (client->client, name);

  return channel != NULL && rt_channel_get_state (channel) == RT_CHANNEL_STATE_JOINED;
}

/* (transfer full) */
static RtChannel *
watch_joined (InteropClient *client, const char *name)
{
  RtChannel *channel = rt_client_get_channel (client->client, name);

  interop_client_watch (client, channel);
  return channel;
}

/* (transfer full) (nullable) */
static RtChannel *
join_with_tokens (InteropClient *client, Tokens *tokens, GError **error)
{
  g_autoptr (RtTokenProvider) provider = rt_token_provider_new_for_func (token_func, tokens, NULL);
  g_autoptr (RtChannelOptions) options = rt_channel_options_new ();

  rt_channel_options_set_token_provider (options, provider);
  rt_client_join_channel_async (client->client, PRIVATE, options, NULL, joined_cb, error);
  rt_test_wait_until (*error != NULL || is_joined (client, PRIVATE));
  return *error == NULL ? watch_joined (client, PRIVATE) : NULL;
}

static void
test_channel_refreshed (void)
{
  Tokens tokens = { "channel-token", "ann", SHORT_LIFE, SHORT_LIFE, 0 };
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (GError) error = NULL;
  g_autoptr (RtChannel) channel = join_with_tokens (ann, &tokens, &error);

  g_assert_no_error (error);
  interop_client_expect (ann, "token-refreshed: " PRIVATE, "token-refreshed: " PRIVATE, "!disconnected:", "!left:",
                         NULL);
  g_assert_cmpuint (tokens.calls, >=, 3);
  engine_suite_tell ("publish " PRIVATE " 1");
  interop_client_expect (ann, "message: 1", NULL);
  g_assert_cmpint (rt_channel_get_state (channel), ==, RT_CHANNEL_STATE_JOINED);
}

/* The rejoin after a lost line has a new token, too. */
static void
test_channel_rejoined (void)
{
  Tokens tokens = { "channel-token", "ann", 3600, 3600, 0 };
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (GError) error = NULL;
  g_autoptr (RtChannel) channel = join_with_tokens (ann, &tokens, &error);

  g_assert_no_error (error);
  engine_suite_tell ("publish " PRIVATE " 1");
  interop_client_expect (ann, "message: 1", NULL);
  engine_suite_tell ("drop");
  engine_suite_tell ("publish " PRIVATE " 2");
  interop_client_expect (ann, "message: 2", "!gap:", "!left:", NULL);
  g_assert_cmpint (rt_channel_get_state (channel), ==, RT_CHANNEL_STATE_JOINED);
}

static void
check_channel_refused (const char *subject, int life, RtError code, guint calls)
{
  Tokens tokens = { "channel-token", subject, life, life, 0 };
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (GError) error = NULL;

  g_assert_null (join_with_tokens (ann, &tokens, &error));
  g_assert_error (error, RT_ERROR, (int) code);
  g_assert_cmpuint (tokens.calls, ==, calls);
  interop_client_send (ann, "tokens", "the line has not suffered");
}

static void
test_channel_refused (void)
{
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (GError) error = NULL;
  g_autoptr (RtChannel) channel = rt_client_join_channel_sync (ann->client, PRIVATE, NULL, NULL, &error);

  g_assert_null (channel);
  g_assert_error (error, RT_ERROR, RT_ERROR_PERMISSION_DENIED);
  check_channel_refused ("bob", 3600, RT_ERROR_PERMISSION_DENIED, 1);
  check_channel_refused ("ann", -60, RT_ERROR_EXPIRED, 2);
}

/* --- What the server subscribes to --- */

/* (transfer full) */
static RtChannel *
wait_for_channel (InteropClient *client, const char *name)
{
  rt_test_wait_until (is_joined (client, name));
  return watch_joined (client, name);
}

static InteropClient *
subscribed_client (void)
{
  g_autofree char *token = engine_suite_control ("connect-token ann 3600 given:1 given:2");
  const InteropClientOptions options = { .url = engine_suite_get_url (), .token = token,
                                         .transport = engine_suite_get_transport () };
  InteropClient *client = interop_client_new (&options);

  engine_suite_connect (client);
  return client;
}

/* With the connection, and recovered like any other. */
static void
test_given_channels (void)
{
  g_autoptr (InteropClient) ann = subscribed_client ();
  g_autoptr (RtChannel) first = wait_for_channel (ann, "given:1");
  g_autoptr (RtChannel) second = wait_for_channel (ann, "given:2");

  engine_suite_tell ("publish given:1 1");
  engine_suite_tell ("publish given:2 2");
  interop_client_expect (ann, "message: 1", "message: 2", NULL);
  engine_suite_tell ("shut");
  interop_client_expect (ann, "disconnected: 1006 1", NULL);
  engine_suite_tell ("publish given:1 3");
  engine_suite_tell ("publish given:1 4");
  engine_suite_tell ("open");
  rt_client_reconnect_now (ann->client);
  interop_client_expect (ann, "message: 3", "message: 4", "!gap:", "!left:", NULL);
  g_assert_cmpuint (rt_channel_get_offset (first), ==, 3);
  g_assert_cmpuint (rt_channel_get_offset (second), ==, 1);
}

/* While connected; and the server takes it away again. */
static void
test_given_later (void)
{
  g_autoptr (InteropClient) ann = engine_suite_connected ("ann");
  g_autoptr (RtChannel) channel = NULL;

  engine_suite_tell ("subscribe given:later");
  channel = wait_for_channel (ann, "given:later");
  engine_suite_tell ("publish given:later 1");
  interop_client_expect (ann, "message: 1", NULL);
  engine_suite_tell ("unsubscribe given:later 2000 server unsubscribe");
  interop_client_expect (ann, "left: 2000", NULL);
  g_assert_cmpint (rt_channel_get_state (channel), ==, RT_CHANNEL_STATE_LEFT);
}

void
engine_tokens_add_tests (void)
{
  g_test_add_func ("/Rt/Server/token-refreshed", test_refreshed);
  g_test_add_func ("/Rt/Server/token-expired-at-first", test_expired_at_first);
  g_test_add_func ("/Rt/Server/token-expired-for-good", test_expired_for_good);
  g_test_add_func ("/Rt/Server/channel-token-refreshed", test_channel_refreshed);
  g_test_add_func ("/Rt/Server/channel-token-rejoined", test_channel_rejoined);
  g_test_add_func ("/Rt/Server/channel-token-refused", test_channel_refused);
  g_test_add_func ("/Rt/Server/given-channels", test_given_channels);
  g_test_add_func ("/Rt/Server/given-later", test_given_later);
}
