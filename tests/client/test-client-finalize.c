/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "client-util.h"

/* Every public class lets go of everything: each object here is finalized by dropping its last reference, in all
 * the states that it can be in. */

/* --- Plain objects --- */

static gpointer
make_config (void)
{
  return rt_config_new ("key", "ws://127.0.0.1:1/", NULL);
}

static gpointer
make_config_builder (void)
{
  RtConfigBuilder *builder = rt_config_builder_new ();

  rt_config_builder_with_api_key (builder, "key");
  rt_config_builder_with_endpoint (builder, "ws://127.0.0.1:1/");
  g_autoptr (RtConfig) config = rt_config_builder_build (builder, NULL);
  g_assert_nonnull (config);
  return builder;
}

static char *
give_token (const char *channel, gpointer user_data, GError **error)
{
  return g_strdup ("token");
}

static gpointer
make_channel_options (void)
{
  RtChannelOptions *options = rt_channel_options_new ();
  g_autoptr (RtPosition) since = rt_position_new ("epoch", 1);

  g_autoptr (RtTokenProvider) provider = rt_token_provider_new_for_func (give_token, NULL, NULL);

  rt_channel_options_set_since (options, since);
  rt_channel_options_set_token_provider (options, provider);
  return options;
}

static gpointer
make_message_options (void)
{
  RtMessageOptions *options = rt_message_options_new ();

  rt_message_options_set_metadata (options, g_variant_new_parsed ("{'a': 'b'}"));
  return options;
}

static gpointer
make_message_builder (void)
{
  RtMessageBuilder *builder = rt_message_builder_new ();

  rt_message_builder_with_channel (builder, "room");
  rt_message_builder_with_content (builder, "hello");
  g_autoptr (RtMessage) message = rt_message_builder_build (builder, NULL);
  g_assert_nonnull (message);
  return builder;
}

static gpointer
make_message (void)
{
  RtMessage *message = rt_message_new_text ("room", "hello");
  g_autofree char *json = rt_message_to_json (message);

  g_assert_nonnull (json);
  return message;
}

static gpointer
make_member (void)
{
  return rt_member_new ("client", "user", g_variant_new_string ("info"));
}

static gpointer
make_snowflake (void)
{
  return rt_snowflake_new_random ();
}

static gpointer
make_strategy (void)
{
  g_autoptr (RtConfig) config = make_config ();

  return rt_websocket_strategy_new (config);
}

static gpointer
make_provider (void)
{
  return rt_token_provider_new_for_func (give_token, NULL, NULL);
}

static gpointer
make_selector (void)
{
  RtStrategySelector *selector = rt_strategy_selector_new ();
  g_autoptr (RtConnectionStrategy) strategy = make_strategy ();

  rt_strategy_selector_register (selector, "mine", strategy);
  return selector;
}

static gpointer
make_client (void)
{
  g_autoptr (RtConfig) config = make_config ();

  return rt_client_new (config);
}

static gpointer
make_server (void)
{
  return rt_mock_server_new ();
}

static gpointer
make_client_builder (void)
{
  RtClientBuilder *builder = rt_client_builder_new ();
  g_autoptr (RtMiddleware) middleware = rt_logging_middleware_new ();
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();

  rt_client_builder_with_middleware (builder, middleware);
  rt_client_builder_with_event_bus (builder, bus);
  return builder;
}

static void
nothing_cb (RtEvent *event, gpointer user_data)
{
}

static gpointer
make_subscription (void)
{
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();

  return rt_event_bus_subscribe_all (bus, nothing_cb, NULL, NULL);
}

static gpointer
make_event (void)
{
  return rt_event_new_custom ("order", g_variant_new_string ("info"));
}

static gpointer
make_realtime_factory (void)
{
  return rt_realtime_factory_new ("user");
}

static gpointer
make_message_factory (void)
{
  return rt_message_factory_new ("user");
}

static gpointer
make_rate_limiter (void)
{
  return rt_rate_limiter_new (1, 1);
}

static gboolean
process_nothing (RtExchange *exchange, gpointer user_data, GError **error)
{
  return FALSE;
}

static gboolean
filter_nothing (RtMessage *message, gpointer user_data)
{
  return TRUE;
}

static gpointer
make_func_middleware (void)
{
  return rt_middleware_new_for_func (process_nothing, NULL, NULL);
}

static gpointer
make_filter (void)
{
  return rt_filter_middleware_new (filter_nothing, NULL, NULL);
}

static gpointer
make_rate_limit (void)
{
  return rt_rate_limit_middleware_new (1, 1, RT_RATE_LIMIT_MODE_WAIT);
}

static gpointer
make_timeout (void)
{
  return rt_timeout_middleware_new (1000);
}

typedef struct
{
  const char *name;
  gpointer (*make) (void);
} Class;

/* Without a maker: those that only a client, a server or a middleware makes, which have tests of their own, here or beside
 * what makes them. */
static const Class classes[] = {
  { "RtChannel", NULL },
  { "RtChannelOptions", make_channel_options },
  { "RtClient", make_client },
  { "RtClientBuilder", make_client_builder },
  { "RtConfig", make_config },
  { "RtConfigBuilder", make_config_builder },
  { "RtDeadLetter", NULL },
  { "RtEvent", make_event },
  { "RtEventBus", (gpointer (*) (void)) rt_event_bus_new },
  { "RtEventFactory", (gpointer (*) (void)) rt_event_factory_new },
  { "RtExchange", NULL },
  { "RtFilterMiddleware", make_filter },
  { "RtFuncMiddleware", make_func_middleware },
  { "RtHistory", NULL },
  { "RtLoggingMiddleware", (gpointer (*) (void)) rt_logging_middleware_new },
  { "RtMember", make_member },
  { "RtMemberList", NULL },
  { "RtMessage", make_message },
  { "RtMessageBuilder", make_message_builder },
  { "RtMessageFactory", make_message_factory },
  { "RtMessageList", NULL },
  { "RtMessageOptions", make_message_options },
  { "RtMockCall", NULL },
  { "RtMockServer", make_server },
  { "RtRateLimitMiddleware", make_rate_limit },
  { "RtRateLimiter", make_rate_limiter },
  { "RtRealtimeFactory", make_realtime_factory },
  { "RtRecoveryMiddleware", (gpointer (*) (void)) rt_recovery_middleware_new },
  { "RtSnowflake", make_snowflake },
  { "RtStrategySelector", make_selector },
  { "RtSubscription", make_subscription },
  { "RtTimeoutMiddleware", make_timeout },
  { "RtTokenFuncProvider", make_provider },
  { "RtWebsocketStrategy", make_strategy },
};

static void
test_plain (gconstpointer data)
{
  const Class *klass = data;
  GObject *object = klass->make ();

  g_assert_cmpstr (G_OBJECT_TYPE_NAME (object), ==, klass->name);
  g_assert_finalize_object (object);
}

/* --- Clients in every state --- */

typedef enum
{
  STATE_CONNECTED,
  STATE_DISCONNECTED,
  STATE_LOST,
  STATE_FAILED,
  STATE_CLOSED,
  STATE_UNREAD, /* with messages that were not delivered */
  N_STATES,
} State;

static void
bring_into (RtClient *client, RtMockServer *server, State state)
{
  switch (state)
    {
    case STATE_DISCONNECTED:
      rt_client_disconnect_sync (client, NULL, NULL);
      break;
    case STATE_LOST:
      rt_mock_server_drop_connections (server);
      rt_test_wait_until (!rt_client_is_connected (client));
      break;
    case STATE_FAILED:
      rt_mock_server_disconnect_client (server, NULL, 3500, "no");
      rt_test_wait_until (rt_client_get_state (client) == RT_CONNECTION_STATE_FAILED);
      break;
    case STATE_CLOSED:
      rt_client_close_sync (client, NULL, NULL);
      break;
    case STATE_UNREAD:
      client_util_publish (server, "room", 1, 100);
      g_assert_cmpint (rt_client_ping_sync (client, NULL, NULL), >=, 0);
      break;
    case STATE_CONNECTED:
    case N_STATES:
    default:
      break;
    }
}

/* Once with the signals delivered, once with all of them still on their way. */
static void
test_client (gconstpointer data)
{
  State state = (State) GPOINTER_TO_INT (data);

  for (guint turned = 0; turned < 2; turned++)
    {
      RtMockServer *server = client_util_start_server ();
      RtClient *client = client_util_connect (server);
      RtChannel *room = client_util_join (client, "room");
      g_autoptr (GError) error = NULL;

      bring_into (client, server, state);
      while (turned == 1 && g_main_context_iteration (NULL, FALSE))
        ;
      client_util_finalize (client);
      /* The channel does not keep its client, and says so. */
      g_assert_null (rt_channel_get_client (room));
      g_assert_null (rt_channel_send_message_sync (room, "hello", NULL, &error));
      g_assert_error (error, RT_ERROR, RT_ERROR_CLOSED);
      g_clear_error (&error);
      g_assert_null (rt_channel_history_sync (room, 1, NULL, FALSE, NULL, &error));
      g_assert_error (error, RT_ERROR, RT_ERROR_CLOSED);
      g_assert_finalize_object (room);
      g_assert_finalize_object (server);
    }
}

/* What was begun, and was cancelled or ended, keeps nothing. */
static void
test_unfinished (void)
{
  g_autoptr (RtMockServer) server = client_util_start_server ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  RtClient *client = client_util_new_client (server, NULL);
  g_auto (ClientReply) connecting = { 0 }, joining = { 0 };

  rt_mock_server_inject_fault (server, RT_MOCK_FAULT_STALL, 1);
  rt_client_connect_async (client, cancellable, client_reply_cb, &connecting);
  rt_client_join_channel_async (client, "room", NULL, NULL, client_reply_cb, &joining);
  g_cancellable_cancel (cancellable);
  client_reply_wait (&connecting);
  client_reply_wait (&joining);
  client_reply_clear (&connecting);
  client_reply_clear (&joining);
  client_util_finalize (client);
}

/* --- What a client makes --- */

static void
test_channel (void)
{
  g_autoptr (RtMockServer) server = client_util_start_server ();
  RtClient *client = client_util_connect (server);
  RtChannel *room = client_util_join (client, "room");
  RtChannel *hall = client_util_join (client, "hall");

  /* Left, it goes when its last news has been delivered. */
  rt_channel_leave_sync (room, NULL, NULL);
  rt_test_wait_until (g_list_model_get_n_items (rt_client_get_channels (client)) == 1);
  g_assert_finalize_object (room);
  client_util_finalize (client);
  g_assert_finalize_object (hall);
}

static void
test_models (void)
{
  g_autoptr (RtMockServer) server = client_util_start_server ();
  RtClient *client = client_util_connect (server);
  RtChannel *room = client_util_join (client, "room");
  GListModel *channels = g_object_ref (rt_client_get_channels (client));

  client_util_publish (server, "room", 1, 3);
  RtHistory *history = rt_channel_history_sync (room, 2, NULL, FALSE, NULL, NULL);
  GListModel *members = rt_channel_presence_sync (room, NULL, NULL);
  RtMessage *message = g_list_model_get_item (G_LIST_MODEL (history), 0);
  RtMember *member = g_list_model_get_item (members, 0);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  client_util_finalize (client);
  g_object_unref (room); /* the history and the list have it still */
  g_assert_finalize_object (members);
  g_assert_finalize_object (member);
  g_assert_finalize_object (history);
  g_assert_finalize_object (message);
  g_assert_finalize_object (channels);
}

static void
keep_cb (RtChannel *channel, RtMessage *message, gpointer user_data)
{
  *(RtMessage **) user_data = g_object_ref (message);
}

static void
test_message (void)
{
  g_autoptr (RtMockServer) server = client_util_start_server ();
  RtClient *client = client_util_connect (server);
  RtChannel *room = client_util_join (client, "room");
  RtMessage *received = NULL;

  g_signal_connect (room, "message", G_CALLBACK (keep_cb), &received);
  RtMessage *sent = rt_channel_send_message_sync (room, "hello", NULL, NULL);
  rt_test_wait_until (received != NULL);
  client_util_finalize (client);
  g_assert_finalize_object (room);
  g_assert_cmpstr (rt_message_get_content (received), ==, "hello");
  g_assert_cmpstr (rt_message_get_channel (received), ==, "room");
  g_assert_finalize_object (received);
  g_assert_finalize_object (sent);
}

static void
call_cb (RtMockServer *server, RtMockCall *call, gpointer user_data)
{
  *(RtMockCall **) user_data = g_object_ref (call);
}

static void
test_call (void)
{
  RtMockServer *server = client_util_start_server ();
  RtClient *client = client_util_connect (server);
  RtMockCall *call = NULL;
  g_auto (ClientReply) reply = { 0 };

  g_signal_connect (server, "rpc", G_CALLBACK (call_cb), &call);
  rt_client_rpc_async (client, "wait", NULL, NULL, client_reply_cb, &reply);
  rt_test_wait_until (call != NULL);
  g_assert_true (rt_mock_call_reply (call, "1", NULL));
  client_reply_wait (&reply);
  client_reply_clear (&reply);
  g_assert_finalize_object (call);
  client_util_finalize (client);
  g_assert_finalize_object (server);
}

/* --- main --- */

/* The tests before this one have made use of everything. */
static void
test_no_class_missing (void)
{
  guint n_children;
  g_autofree GType *children = g_type_children (G_TYPE_OBJECT, &n_children);

  for (guint i = 0; i < n_children; i++)
    {
      const char *name = g_type_name (children[i]);
      gboolean known = !g_str_has_prefix (name, "Rt");

      for (guint j = 0; j < G_N_ELEMENTS (classes); j++)
        known |= strcmp (classes[j].name, name) == 0;
      if (!known)
        g_error ("%s is not tested here", name);
    }
}

int
main (int argc, char **argv)
{
  static const char *const names[N_STATES] = {
    "connected", "disconnected", "lost", "failed", "closed", "unread",
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    {
      g_autofree char *path = g_strdup_printf ("/Rt/ClientFinalize/plain/%s", classes[i].name);
      if (classes[i].make != NULL)
        g_test_add_data_func (path, &classes[i], test_plain);
    }
  for (gint i = 0; i < N_STATES; i++)
    {
      g_autofree char *path = g_strdup_printf ("/Rt/ClientFinalize/client/%s", names[i]);
      g_test_add_data_func (path, GINT_TO_POINTER (i), test_client);
    }
  g_test_add_func ("/Rt/ClientFinalize/unfinished", test_unfinished);
  g_test_add_func ("/Rt/ClientFinalize/channel", test_channel);
  g_test_add_func ("/Rt/ClientFinalize/models", test_models);
  g_test_add_func ("/Rt/ClientFinalize/message", test_message);
  g_test_add_func ("/Rt/ClientFinalize/call", test_call);
  g_test_add_func ("/Rt/ClientFinalize/no-class-missing", test_no_class_missing);
  return g_test_run ();
}
