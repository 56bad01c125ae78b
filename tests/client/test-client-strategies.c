/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "client-util.h"
#include "relay-strategy.h"

/* --- A client with a strategy of the program's own --- */

static RtClient *
build (RtMockServer *server, RelayStrategy *relay, const char *const *names)
{
  g_autofree char *url = rt_mock_server_get_url (server);
  g_autoptr (RtClientBuilder) builder = rt_client_builder_new ();
  g_autoptr (GError) error = NULL;

  rt_client_builder_with_endpoint (builder, url);
  rt_client_builder_with_reconnect_delay (builder, 100);
  rt_client_builder_with_strategies (builder, names);
  if (relay != NULL)
    rt_client_builder_with_strategy (builder, RT_CONNECTION_STRATEGY (relay));
  RtClient *client = rt_client_builder_build (builder, &error);
  g_assert_no_error (error);
  return client;
}

static RelayStrategy *
new_relay (RtMockServer *server)
{
  g_autofree char *url = rt_mock_server_get_url (server);

  return relay_strategy_new (url, "relay");
}

static void
connect_client (RtClient *client)
{
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;

  rt_client_connect_async (client, NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  rt_client_connect_finish (client, reply.result, &error);
  g_assert_no_error (error);
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

static RtChannel *
join (RtClient *client, const char *name)
{
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;

  rt_client_join_channel_async (client, name, NULL, NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  RtChannel *channel = rt_client_join_channel_finish (client, reply.result, &error);
  g_assert_no_error (error);
  return channel;
}

/* --- What goes back and forth: numbers, those of the client and those of the server apart --- */

typedef struct
{
  RtChannel *channel;
  RtMockServer *server;
  guint sent;
  guint acknowledged;
  guint echoed;
  guint published;
  guint received;
  guint gaps;
} Traffic;

/* Each in its order, none twice and none left out. */
static void
message_cb (RtChannel *channel, RtMessage *message, gpointer user_data)
{
  Traffic *traffic = user_data;
  const char *text = rt_message_get_content (message);

  g_assert_cmpuint (traffic->gaps, ==, 0);
  if (g_str_has_prefix (text, "own "))
    {
      g_autofree char *expected = g_strdup_printf ("own %u", ++traffic->echoed);
      g_assert_cmpstr (text, ==, expected);
    }
  else
    g_assert_cmpuint (client_util_get_number (message), ==, ++traffic->received);
}

static void
gap_cb (RtChannel *channel, guint missed, gpointer user_data)
{
  ((Traffic *) user_data)->gaps++; /* before the next message */
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Traffic *traffic = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMessage) message = rt_channel_send_message_finish (RT_CHANNEL (source), result, &error);

  g_assert_no_error (error);
  traffic->acknowledged++;
}

static void
traffic_begin (Traffic *traffic, RtMockServer *server, RtClient *client)
{
  *traffic = (Traffic) { .channel = join (client, "room"), .server = server };
  g_signal_connect (traffic->channel, "message", G_CALLBACK (message_cb), traffic);
  g_signal_connect (traffic->channel, "gap", G_CALLBACK (gap_cb), traffic);
}

static void
traffic_send (Traffic *traffic, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = g_strdup_printf ("own %u", ++traffic->sent);
      rt_channel_send_message_async (traffic->channel, text, NULL, sent_cb, traffic);
    }
  client_util_publish (traffic->server, "room", traffic->published + 1, traffic->published + n);
  traffic->published += n;
}

static void
traffic_end (Traffic *traffic)
{
  rt_test_wait_until (traffic->acknowledged == traffic->sent);
  rt_test_wait_until (traffic->echoed == traffic->sent);
  rt_test_wait_until (traffic->received == traffic->published);
  g_assert_cmpuint (traffic->gaps, ==, 0);
  g_signal_handlers_disconnect_by_data (traffic->channel, traffic);
  g_clear_object (&traffic->channel);
}

/* Connect, join, send, receive, lose the line, go on, close. */
static void
test_own_strategy (void)
{
  g_autoptr (RtMockServer) server = client_util_start_server ();
  RelayStrategy *relay = new_relay (server);
  RtClient *client = build (server, relay, NULL);
  Traffic traffic;

  connect_client (client);
  g_assert_cmpstr (rt_client_get_transport (client), ==, "relay");
  traffic_begin (&traffic, server, client);
  traffic_send (&traffic, 100);
  rt_test_wait_until (traffic.echoed == 100 && traffic.received == 100);
  traffic_send (&traffic, 20);
  rt_mock_server_drop_connections (server);
  traffic_send (&traffic, 20);
  rt_test_wait_until (relay->connects == 2);
  traffic_end (&traffic);
  g_assert_cmpstr (rt_client_get_transport (client), ==, "relay");
  close_client (client);
  g_assert_false (rt_connection_strategy_is_connected (RT_CONNECTION_STRATEGY (relay)));
  /* The client may outlive it. */
  rt_test_wait_until (G_OBJECT (relay)->ref_count == 1);
  g_assert_finalize_object (G_OBJECT (relay));
  client_util_finalize (client);
}

/* More at once than the client takes: the adapter holds what has come until there is room. */
static void
test_flood (void)
{
  g_autoptr (RtMockServer) server = client_util_start_server ();
  g_autofree char *url = rt_mock_server_get_url (server);
  g_autoptr (RelayStrategy) relay = new_relay (server);
  g_autoptr (RtClientBuilder) builder = rt_client_builder_new ();
  g_autoptr (GError) error = NULL;
  Traffic traffic;

  rt_client_builder_with_endpoint (builder, url);
  rt_client_builder_with_receive_queue_limit (builder, 20);
  rt_client_builder_with_strategy (builder, RT_CONNECTION_STRATEGY (relay));
  g_autoptr (RtClient) client = rt_client_builder_build (builder, &error);
  g_assert_no_error (error);
  connect_client (client);
  traffic_begin (&traffic, server, client);
  for (guint i = 0; i < 20; i++)
    traffic_send (&traffic, 100);
  traffic_end (&traffic);
  g_assert_cmpuint (relay->connects, ==, 1);
  close_client (client);
}

/* One that cannot connect is passed over. */
static void
test_fallback (void)
{
  g_autoptr (RtMockServer) server = client_util_start_server ();
  g_autoptr (RelayStrategy) relay = new_relay (server);
  g_autoptr (RtClient) client = build (server, relay, NULL);
  Traffic traffic;

  relay->broken = TRUE;
  connect_client (client);
  g_assert_cmpuint (relay->connects, ==, 1);
  g_assert_cmpstr (rt_client_get_transport (client), ==, "websocket");
  traffic_begin (&traffic, server, client);
  traffic_send (&traffic, 10);
  traffic_end (&traffic);
  close_client (client);
}

static void
switch_to (RtClient *client, const char *name)
{
  g_autoptr (GError) error = NULL;

  rt_client_use_strategy (client, name, &error);
  g_assert_no_error (error);
}

/* While messages flow, from any strategy to any other. */
static void
test_switch (void)
{
  static const char *const names[] = { "websocket", "http-stream", "polling", "relay" };
  g_autoptr (RtMockServer) server = client_util_start_server ();
  g_autoptr (RelayStrategy) relay = new_relay (server);
  g_autoptr (RtClient) client = build (server, relay, NULL);
  Traffic traffic;

  connect_client (client);
  traffic_begin (&traffic, server, client);
  for (guint from = 0; from < G_N_ELEMENTS (names); from++)
    for (guint to = 0; to < G_N_ELEMENTS (names); to++)
      {
        if (from == to)
          continue;
        switch_to (client, names[from]);
        rt_test_wait_until (g_strcmp0 (rt_client_get_transport (client), names[from]) == 0);
        traffic_send (&traffic, 20);
        switch_to (client, names[to]);
        traffic_send (&traffic, 20);
        rt_test_wait_until (g_strcmp0 (rt_client_get_transport (client), names[to]) == 0);
        traffic_send (&traffic, 20);
        /* A server gives back no more than 300 at once: none of the switches may be without a join for so long. */
        rt_test_wait_until (traffic.received == traffic.published);
      }
  traffic_end (&traffic);
  g_assert_cmpuint (relay->frames, >, 0);
  close_client (client);
}

/* At moments that have nothing to do with what is under way. All in all there is less than a recovery may bring. */
static void
test_switch_at_random (void)
{
  static const char *const names[] = { "websocket", "http-stream", "polling", "relay", NULL };
  g_autoptr (RtMockServer) server = client_util_start_server ();
  g_autoptr (RelayStrategy) relay = new_relay (server);
  g_autoptr (RtClient) client = build (server, relay, NULL);
  Traffic traffic;

  connect_client (client);
  traffic_begin (&traffic, server, client);
  for (guint i = 0; i < 60; i++)
    {
      traffic_send (&traffic, (guint) g_test_rand_int_range (0, 3));
      switch_to (client, names[g_test_rand_int_range (0, G_N_ELEMENTS (names))]);
      if (g_test_rand_int_range (0, 6) == 0)
        rt_mock_server_drop_connections (server);
      for (gint32 n = g_test_rand_int_range (0, 40); n > 0; n--)
        g_main_context_iteration (NULL, FALSE);
    }
  switch_to (client, NULL);
  traffic_end (&traffic);
  close_client (client);
}

static RtConnectionStrategy *
new_built_in (guint kind, RtConfig *config)
{
  switch (kind)
    {
    case 0:
      return RT_CONNECTION_STRATEGY (rt_websocket_strategy_new (config));
    case 1:
      return RT_CONNECTION_STRATEGY (rt_http_stream_strategy_new (config));
    default:
      return RT_CONNECTION_STRATEGY (rt_polling_strategy_new (config, 100));
    }
}

static void
check_built_in (RtMockServer *server, guint kind)
{
  static const char *const names[] = { "main", NULL };
  g_autofree char *url = rt_mock_server_get_url (server);
  g_autoptr (RtConfig) away = rt_config_new (NULL, "ws://127.0.0.1:1", NULL);
  g_autoptr (RtConfig) config = rt_config_new (NULL, url, NULL);
  g_autoptr (RtConnectionStrategy) strategy = new_built_in (kind, config);
  g_autoptr (RtStrategySelector) selector = rt_strategy_selector_new ();
  g_autoptr (RtClientBuilder) builder = rt_client_builder_new ();
  g_autoptr (GError) error = NULL;

  rt_strategy_selector_register (selector, "main", strategy);
  rt_client_builder_with_config (builder, away);
  rt_client_builder_with_strategies (builder, names);
  rt_client_builder_with_strategy_selector (builder, selector);
  g_autoptr (RtClient) client = rt_client_builder_build (builder, &error);
  g_assert_no_error (error);
  /* Also while the context stands still. */
  rt_client_connect_sync (client, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (rt_client_get_transport (client), ==, "main");
  rt_client_close_sync (client, NULL, &error);
  g_assert_no_error (error);
}

/* An object of a built-in strategy brings settings of its own; the I/O half drives it itself. */
static void
test_built_in_objects (void)
{
  g_autoptr (RtMockServer) server = client_util_start_server ();

  for (guint kind = 0; kind < 3; kind++)
    check_built_in (server, kind);
}

static void
assert_connect_fails (RtClient *client, int code, const char *words)
{
  g_auto (ClientReply) reply = { 0 };
  g_autoptr (GError) error = NULL;

  rt_client_connect_async (client, NULL, client_reply_cb, &reply);
  client_reply_wait (&reply);
  g_assert_false (rt_client_connect_finish (client, reply.result, &error));
  g_assert_error (error, RT_ERROR, code);
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” does not contain “%s”", error->message, words);
}

/* Without the builder it is the client that has to notice. */
static void
test_unknown (void)
{
  static const char *const names[] = { "websocket", "radio", NULL };
  g_autoptr (RtConfig) config = g_object_new (RT_TYPE_CONFIG, "endpoint", "ws://127.0.0.1:1", "strategies", names,
                                              NULL);
  g_autoptr (RtClient) client = rt_client_new (config);

  assert_connect_fails (client, RT_ERROR_INVALID_CONFIG, "“radio”");
}

static void
test_faulty_object (void)
{
  static const char *const names[] = { "slow", NULL };
  g_autoptr (RtConfig) config = g_object_new (RT_TYPE_CONFIG, "endpoint", "ws://127.0.0.1:1", "strategies", names,
                                              NULL);
  g_autoptr (RtPollingStrategy) strategy = rt_polling_strategy_new (config, 99);
  g_autoptr (RtStrategySelector) selector = rt_strategy_selector_new ();

  rt_strategy_selector_register (selector, "slow", RT_CONNECTION_STRATEGY (strategy));
  g_autoptr (RtClient) client = g_object_new (RT_TYPE_CLIENT, "config", config, "strategy-selector", selector, NULL);
  assert_connect_fails (client, RT_ERROR_INVALID_CONFIG, "“slow” cannot be used: poll-interval is 99 ms");
}

static void
test_all_broken (void)
{
  static const char *const names[] = { "relay", NULL };
  g_autoptr (RtMockServer) server = client_util_start_server ();
  g_autoptr (RelayStrategy) relay = new_relay (server);
  g_autoptr (RtClient) client = build (server, relay, names);

  relay->broken = TRUE;
  assert_connect_fails (client, RT_ERROR_NETWORK, "“relay” could not connect: the relay is broken");
  g_assert_cmpint (rt_client_get_state (client), ==, RT_CONNECTION_STATE_RECONNECTING);
  relay->broken = FALSE;
  rt_client_reconnect_now (client);
  rt_test_wait_until (rt_client_is_connected (client));
  close_client (client);
}

/* The strategy needs the very context that a blocking call would hold up. */
static void
test_blocking (void)
{
  g_autoptr (RtMockServer) server = client_util_start_server ();
  g_autoptr (RelayStrategy) relay = new_relay (server);
  g_autoptr (RtClient) client = build (server, relay, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (rt_client_connect_sync (client, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_NOT_SUPPORTED);
  g_assert_nonnull (strstr (error->message, "_async"));
  g_assert_cmpuint (relay->connects, ==, 0);
}

static void
opened_cb (RtChannel *channel, RtStreamReader *reader, gpointer user_data)
{
  *(RtStreamReader **) user_data = g_object_ref (reader);
}

/* A stream that may not wait for its end has none, and its reader is told. */
static void
test_blocking_close (void)
{
  g_autoptr (RtMockServer) server = client_util_start_server ();
  g_autoptr (RelayStrategy) relay = new_relay (server);
  g_autoptr (RtClient) client = build (server, relay, NULL);
  RtClient *other = client_util_connect (server);
  g_autoptr (RtChannel) room = client_util_join (other, "room");
  g_autoptr (RtStreamReader) reader = NULL;
  g_auto (ClientReply) started = { 0 };
  g_auto (ClientReply) read = { 0 };
  g_autoptr (GError) error = NULL;
  char byte;

  g_signal_connect (room, "stream-opened", G_CALLBACK (opened_cb), &reader);
  connect_client (client);
  /* Which holds the channel, so that the stream does not end by its being left. */
  g_autoptr (RtChannel) own = join (client, "room");
  rt_client_start_stream_async (client, "room", "a", NULL, -1, NULL, client_reply_cb, &started);
  client_reply_wait (&started);
  g_autoptr (RtStream) stream = rt_client_start_stream_finish (client, started.result, &error);
  g_assert_no_error (error);
  rt_test_wait_until (reader != NULL);
  g_assert_false (g_output_stream_close (G_OUTPUT_STREAM (stream), NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_NOT_SUPPORTED);
  g_clear_error (&error);
  g_input_stream_read_async (G_INPUT_STREAM (reader), &byte, 1, 0, NULL, client_reply_cb, &read);
  client_reply_wait (&read);
  g_assert_cmpint (g_input_stream_read_finish (G_INPUT_STREAM (reader), read.result, &error), ==, -1);
  g_assert_error (error, RT_ERROR, RT_ERROR_CLOSED);
  close_client (client);
  g_clear_object (&reader);
  g_clear_object (&room);
  client_util_finalize (other);
}

/* Dropped in the middle of it all, the client leaves nothing behind, and the strategy is told to disconnect. */
static void
test_dropped (void)
{
  g_autoptr (RtMockServer) server = client_util_start_server ();
  RelayStrategy *relay = new_relay (server);
  RtClient *client = build (server, relay, NULL);

  connect_client (client);
  g_object_unref (join (client, "room"));
  client_util_finalize (client);
  rt_test_wait_until (!rt_connection_strategy_is_connected (RT_CONNECTION_STRATEGY (relay)));
  rt_test_poll_until (client_util_count_clients (server) == 0);
  rt_test_wait_until (G_OBJECT (relay)->ref_count == 1);
  g_assert_finalize_object (G_OBJECT (relay));
}

/* --- A client and its strategy in a thread of their own --- */

typedef struct
{
  RtMockServer *server;
  RtClient *client; /* atomic */
  gboolean done;    /* atomic */
} Elsewhere;

static gpointer
elsewhere_thread (gpointer user_data)
{
  Elsewhere *elsewhere = user_data;
  g_autoptr (GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  RelayStrategy *relay = new_relay (elsewhere->server);
  g_atomic_pointer_set (&elsewhere->client, build (elsewhere->server, relay, NULL));
  rt_test_poll_until (g_atomic_int_get (&elsewhere->done));
  rt_test_wait_until (G_OBJECT (relay)->ref_count == 1);
  g_assert_finalize_object (G_OBJECT (relay));
  g_main_context_pop_thread_default (context);
  return NULL;
}

/* Blocking calls of other threads only wait, and the strategy is used and let go where it was made. */
static void
test_elsewhere (void)
{
  g_autoptr (RtMockServer) server = client_util_start_server ();
  Elsewhere elsewhere = { .server = server };
  GThread *thread = g_thread_new ("elsewhere", elsewhere_thread, &elsewhere);
  g_autoptr (GError) error = NULL;

  rt_test_poll_until (g_atomic_pointer_get (&elsewhere.client) != NULL);
  RtClient *client = elsewhere.client;
  rt_client_connect_sync (client, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (rt_client_get_transport (client), ==, "relay");
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (RtMessage) message = rt_client_send_message_sync (client, "room", "hello", NULL, &error);
      g_assert_no_error (error);
    }
  g_object_unref (client);
  g_atomic_int_set (&elsewhere.done, TRUE);
  g_thread_join (thread);
  rt_test_poll_until (client_util_count_clients (server) == 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/ClientStrategies/own", test_own_strategy);
  g_test_add_func ("/Rt/ClientStrategies/flood", test_flood);
  g_test_add_func ("/Rt/ClientStrategies/fallback", test_fallback);
  g_test_add_func ("/Rt/ClientStrategies/switch", test_switch);
  g_test_add_func ("/Rt/ClientStrategies/switch-at-random", test_switch_at_random);
  g_test_add_func ("/Rt/ClientStrategies/built-in-objects", test_built_in_objects);
  g_test_add_func ("/Rt/ClientStrategies/unknown", test_unknown);
  g_test_add_func ("/Rt/ClientStrategies/faulty-object", test_faulty_object);
  g_test_add_func ("/Rt/ClientStrategies/all-broken", test_all_broken);
  g_test_add_func ("/Rt/ClientStrategies/blocking", test_blocking);
  g_test_add_func ("/Rt/ClientStrategies/blocking-close", test_blocking_close);
  g_test_add_func ("/Rt/ClientStrategies/dropped", test_dropped);
  g_test_add_func ("/Rt/ClientStrategies/elsewhere", test_elsewhere);
  return g_test_run ();
}
