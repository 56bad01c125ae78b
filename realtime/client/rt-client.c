/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-private.h"

#include "rt-client-release.h"
#include "rt-client-routes.h"
#include "rt-net-watch.h"

/**
 * RtClient:
 *
 * A connection to a server, with channels, messages and calls.
 *
 * A client is made from a configuration, connected, and used from then on:
 *
 * ```c
 * g_autoptr (RtConfig) config = rt_config_new ("my-key", "wss://example.com/", &error);
 * g_autoptr (RtClient) client = rt_client_new (config);
 *
 * g_signal_connect (client, "message::news", G_CALLBACK (on_news), NULL);
 * rt_client_connect_sync (client, NULL, &error);
 * g_autoptr (RtChannel) news = rt_client_join_channel_sync (client, "news", NULL, NULL, &error);
 * g_autoptr (RtMessage) sent = rt_client_send_message_sync (client, "news", "Hello", NULL, &error);
 * ```
 *
 * ## Staying connected
 *
 * A line that is lost is made again, with growing and random delays; [signal@Client::disconnected] and
 * [signal@Client::reconnecting] tell of it. Channels go on from where they were, what was sent and not answered is sent
 * again, and what is sent meanwhile waits. Where a server wants tokens, [property@Client:token-provider] finds them.
 *
 * ## Threads
 *
 * Sockets and timers live in a thread of their own, so a busy or blocked main loop costs no connection. Signals,
 * list models and channels belong to the main context that was the thread-default one when the client was made.
 * Methods may be called from any thread; the callback of an asynchronous call runs in the thread-default main
 * context of its caller. Every call is legal inside every handler. A call that is not finished keeps the client
 * alive.
 *
 * ## Ending
 *
 * [method@Client.close_async] ends a client for good. Dropping the last reference ends it at once, too, without
 * waiting for anything.
 */
struct _RtClient
{
  GObject parent_instance;

  /* Immutable after construction. */
  RtConfig *config;
  GError *fault; /* nullable: of the configuration */
  RtConnection *connection;
  GMainContext *context;
  RtHandover *inbox;
  RtRoutes *routes;
  RtClientTokens *tokens;
  RtStreams *streams;
  RtNetWatch *net_watch;
  char source[17];

  gint stopped; /* atomic */
  GMutex lock;
  RtTokenProvider *token_provider;       /* nullable; only during construction */
  RtStrategySelector *strategy_selector; /* nullable; guarded by lock */

  gint64 latency; /* µs; atomic */

  RtClientEvents events;
  RtClientChain chain;
  RtClientIncoming incoming;
  RtClientOutgoing outgoing;
  RtClientChannels channels; /* has its own lock */
  RtClientShown shown;       /* only in the client's context */
};

G_DEFINE_FINAL_TYPE (RtClient, rt_client, G_TYPE_OBJECT)

static void
rt_client_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  RtClient *self = RT_CLIENT (object);

  switch (prop_id)
    {
    case RT_CLIENT_PROP_CONFIG:
      self->config = g_value_dup_object (value);
      break;
    case RT_CLIENT_PROP_TOKEN_PROVIDER:
      self->token_provider = g_value_dup_object (value);
      break;
    case RT_CLIENT_PROP_STRATEGY_SELECTOR:
      self->strategy_selector = g_value_dup_object (value);
      break;
    case RT_CLIENT_PROP_EVENT_BUS:
      rt_client_events_init (&self->events, g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
network_cb (gpointer user_data, gboolean available)
{
  rt_connection_network_changed (user_data, available);
}

/* A faulty configuration, or none, still makes a client; connect then says what is wrong. */
static void
rt_client_constructed (GObject *object)
{
  RtClient *self = RT_CLIENT (object);
  g_autoptr (RtTokenProvider) provider = g_steal_pointer (&self->token_provider);
  g_autoptr (RtSettings) settings = NULL;

  G_OBJECT_CLASS (rt_client_parent_class)->constructed (object);
  if (self->config == NULL)
    self->config = g_object_new (RT_TYPE_CONFIG, NULL);
  if (rt_config_validate (self->config, &self->fault))
    settings = rt_settings_new (self->config);
  g_snprintf (self->source, sizeof self->source, "%08x%08x", g_random_int (), g_random_int ());
  self->context = g_main_context_ref_thread_default ();
  self->inbox = rt_client_inbox_new (self, self->context);
  self->streams = rt_streams_new (self->source);
  rt_client_chain_init (&self->chain, self, self->context);
  self->tokens = rt_client_tokens_new (self->context, provider, self->chain.chain);
  if (settings != NULL)
    self->routes = rt_client_routes_new (settings, self->strategy_selector, &self->fault);
  if (self->routes == NULL)
    {
      self->routes = rt_routes_new ();
      rt_routes_add (self->routes, "websocket", rt_websocket_transport (), NULL, NULL);
    }
  self->connection = rt_connection_new (settings, self->routes, provider != NULL, &rt_client_connection_events,
                                        rt_client_up_new (self->inbox, self->tokens, self->streams),
                                        (GDestroyNotify) rt_client_up_free);
  rt_streams_start (self->streams, self->connection);
  self->net_watch
    = rt_net_watch_new (network_cb, rt_connection_ref (self->connection), (GDestroyNotify) rt_connection_unref);
}

/* The end of all that the program gave to use. Any thread; may be called twice. */
static void
release_parts (RtClient *self)
{
  g_mutex_lock (&self->lock);
  RtStrategySelector *selector = g_steal_pointer (&self->strategy_selector);
  g_mutex_unlock (&self->lock);
  rt_client_release_object_in (self->context, selector);
  rt_client_tokens_dispose (self->tokens);
  rt_client_routes_release (self->routes);
}

/* May run in any thread and twice. Nothing is waited for. */
static void
rt_client_dispose (GObject *object)
{
  RtClient *self = RT_CLIENT (object);

  g_atomic_int_set (&self->stopped, TRUE);
  rt_handover_close (self->inbox);
  rt_streams_stop (self->streams);
  rt_connection_stop (self->connection);
  g_clear_pointer (&self->net_watch, rt_net_watch_free);
  release_parts (self);
  rt_client_chain_end (&self->chain);
  rt_client_outgoing_dispose (&self->outgoing);
  rt_client_events_dispose (&self->events);
  rt_client_channels_dispose (&self->channels);
  G_OBJECT_CLASS (rt_client_parent_class)->dispose (object);
}

static void
rt_client_finalize (GObject *object)
{
  RtClient *self = RT_CLIENT (object);

  rt_connection_unref (self->connection);
  rt_handover_unref (self->inbox);
  rt_routes_unref (self->routes);
  rt_client_tokens_unref (self->tokens);
  rt_streams_unref (self->streams);
  rt_client_incoming_clear (&self->incoming);
  rt_client_outgoing_clear (&self->outgoing);
  rt_client_events_clear (&self->events);
  rt_client_chain_clear (&self->chain, self->context);
  rt_client_channels_clear (&self->channels);
  rt_client_shown_clear (&self->shown);
  g_main_context_unref (self->context);
  g_clear_object (&self->config);
  g_clear_error (&self->fault);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (rt_client_parent_class)->finalize (object);
}

static void
rt_client_class_init (RtClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = rt_client_set_property;
  object_class->constructed = rt_client_constructed;
  object_class->dispose = rt_client_dispose;
  object_class->finalize = rt_client_finalize;
  rt_client_install_properties (object_class);
  rt_client_install_signals (G_TYPE_FROM_CLASS (klass));
}

static void
rt_client_init (RtClient *self)
{
  g_mutex_init (&self->lock);
  rt_client_channels_init (&self->channels);
  rt_client_incoming_init (&self->incoming);
  rt_client_outgoing_init (&self->outgoing);
  self->latency = -1;
}

/**
 * rt_client_new:
 * @config: a configuration
 *
 * Makes a client. Nothing is connected yet. If @config is not valid, `connect` fails with
 * %RT_ERROR_INVALID_CONFIG and the message names every fault.
 *
 * Signals are emitted in the calling thread's thread-default main context.
 *
 * Returns: (transfer full): a new client
 */
RtClient *
rt_client_new (RtConfig *config)
{
  g_return_val_if_fail (RT_IS_CONFIG (config), NULL);
  return g_object_new (RT_TYPE_CLIENT, "config", config, NULL);
}

/**
 * rt_client_get_config: (get-property config)
 * @self: a client
 *
 * The configuration that the client was made with.
 *
 * Returns: (transfer none): the configuration
 */
RtConfig *
rt_client_get_config (RtClient *self)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), NULL);
  return self->config;
}

/**
 * rt_client_get_token_provider: (get-property token-provider)
 * @self: a client
 *
 * Where the tokens of the connection come from.
 *
 * Returns: (transfer full) (nullable): the provider, or %NULL; a client that was closed has let go of it
 */
RtTokenProvider *
rt_client_get_token_provider (RtClient *self)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), NULL);
  return rt_client_tokens_dup_provider (self->tokens);
}

/**
 * rt_client_get_strategy_selector: (get-property strategy-selector)
 * @self: a client
 *
 * The strategies that the program brought along.
 *
 * Returns: (transfer full) (nullable): the selector, or %NULL; a client that was closed has let go of it
 */
RtStrategySelector *
rt_client_get_strategy_selector (RtClient *self)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), NULL);
  g_mutex_lock (&self->lock);
  RtStrategySelector *selector = self->strategy_selector != NULL ? g_object_ref (self->strategy_selector) : NULL;
  g_mutex_unlock (&self->lock);
  return selector;
}

/**
 * rt_client_get_latency: (get-property latency)
 * @self: a client
 *
 * The time that the last ping took to the server and back, from any thread.
 *
 * Returns: the time in microseconds, -1 before the first ping
 */
gint64
rt_client_get_latency (RtClient *self)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), -1);
  return __atomic_load_n (&self->latency, __ATOMIC_RELAXED);
}

/**
 * rt_client_get_channels: (get-property channels)
 * @self: a client
 *
 * The channels that are joined or wanted. To be used in the client's context.
 *
 * Returns: (transfer none): a list model of [class@Channel]
 */
GListModel *
rt_client_get_channels (RtClient *self)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), NULL);
  return G_LIST_MODEL (self->channels.list);
}

/**
 * rt_client_get_channel:
 * @self: a client
 * @name: a channel's name
 *
 * Finds a channel that is joined or wanted, from any thread.
 *
 * Returns: (transfer full) (nullable): the channel, or %NULL
 */
RtChannel *
rt_client_get_channel (RtClient *self, const char *name)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  g_autoptr (RtChannel) channel = rt_client_channels_find (&self->channels, name);
  if (channel == NULL || rt_channel_is_muted (channel))
    return NULL;
  RtChannelState state = rt_channel_get_state (channel);
  gboolean wanted = state == RT_CHANNEL_STATE_JOINING || state == RT_CHANNEL_STATE_JOINED;
  return wanted ? g_steal_pointer (&channel) : NULL;
}

/* --- For the other files of this folder --- */

RtConnection *
rt_client_get_connection (RtClient *self)
{
  return self->connection;
}

const char *
rt_client_get_source (RtClient *self)
{
  return self->source;
}

gboolean
rt_client_is_stopped (RtClient *self)
{
  return g_atomic_int_get (&self->stopped);
}

gboolean
rt_client_is_over (RtClient *self)
{
  return rt_client_is_stopped (self) || rt_client_get_state (self) == RT_CONNECTION_STATE_CLOSED;
}

RtClientEvents *
rt_client_get_events (RtClient *self)
{
  return &self->events;
}

RtClientChain *
rt_client_get_chain (RtClient *self)
{
  return &self->chain;
}

RtClientIncoming *
rt_client_get_incoming (RtClient *self)
{
  return &self->incoming;
}

RtClientOutgoing *
rt_client_get_outgoing (RtClient *self)
{
  return &self->outgoing;
}

RtClientChannels *
rt_client_get_handles (RtClient *self)
{
  return &self->channels;
}

RtChannel *
rt_client_ensure_channel (RtClient *self, RtSub *sub)
{
  return rt_client_channels_ensure (&self->channels, self, sub);
}

const GError *
rt_client_get_fault (RtClient *self)
{
  return self->fault;
}

RtHandover *
rt_client_get_inbox (RtClient *self)
{
  return self->inbox;
}

GMainContext *
rt_client_get_context (RtClient *self)
{
  return self->context;
}

RtRoutes *
rt_client_get_routes (RtClient *self)
{
  return self->routes;
}

RtStreams *
rt_client_get_streams (RtClient *self)
{
  return self->streams;
}

RtClientTokens *
rt_client_get_tokens (RtClient *self)
{
  return self->tokens;
}

void
rt_client_set_latency (RtClient *self, gint64 round_trip)
{
  __atomic_store_n (&self->latency, round_trip, __ATOMIC_RELAXED);
  rt_client_run_later (self, rt_client_notify_latency, NULL, NULL);
}

void
rt_client_notify_state (RtClient *self, gboolean state_changed)
{
  rt_client_notify_changes (self, &self->shown, state_changed);
  if (rt_client_get_state (self) == RT_CONNECTION_STATE_CLOSED)
    release_parts (self);
}

void
rt_client_end_parts (RtClient *self)
{
  rt_client_chain_end (&self->chain);
  rt_client_events_end (&self->events);
}
