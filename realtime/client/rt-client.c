/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-private.h"

#include "rt-enum-types.h"
#include "rt-error.h"

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
  RtConnection *connection;
  GMainContext *context;
  RtHandover *inbox;
  char source[17];

  gint stopped; /* atomic */

  RtClientChannels channels; /* has its own lock */
};

G_DEFINE_FINAL_TYPE (RtClient, rt_client, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_CONFIG,
  PROP_STATE,
  PROP_CLIENT_ID,
  PROP_TRANSPORT,
  PROP_CHANNELS,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static void
rt_client_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  RtClient *self = RT_CLIENT (object);

  switch (prop_id)
    {
    case PROP_CONFIG:
      g_value_set_object (value, self->config);
      break;
    case PROP_STATE:
      g_value_set_enum (value, (int) rt_client_get_state (self));
      break;
    case PROP_CLIENT_ID:
      g_value_take_string (value, rt_client_get_client_id (self));
      break;
    case PROP_TRANSPORT:
      g_value_set_string (value, rt_client_get_transport (self));
      break;
    case PROP_CHANNELS:
      g_value_set_object (value, self->channels.list);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
rt_client_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  RtClient *self = RT_CLIENT (object);

  switch (prop_id)
    {
    case PROP_CONFIG:
      self->config = g_value_dup_object (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

/* A faulty configuration, or none, still makes a client; connect then says what is wrong. */
static void
rt_client_constructed (GObject *object)
{
  RtClient *self = RT_CLIENT (object);
  g_autoptr (RtSettings) settings = NULL;
  g_autoptr (RtRoutes) routes = rt_routes_new ();

  G_OBJECT_CLASS (rt_client_parent_class)->constructed (object);
  if (self->config == NULL)
    self->config = g_object_new (RT_TYPE_CONFIG, NULL);
  if (rt_config_validate (self->config, NULL))
    settings = rt_settings_new (self->config);
  g_snprintf (self->source, sizeof self->source, "%08x%08x", g_random_int (), g_random_int ());
  self->context = g_main_context_ref_thread_default ();
  self->inbox = rt_client_inbox_new (self, self->context);
  rt_routes_add (routes, "websocket", rt_websocket_transport (), NULL, NULL);
  self->connection = rt_connection_new (settings, routes, FALSE, &rt_client_connection_events,
                                        rt_handover_ref (self->inbox), (GDestroyNotify) rt_handover_unref);
}

/* May run in any thread and twice. Nothing is waited for. */
static void
rt_client_dispose (GObject *object)
{
  RtClient *self = RT_CLIENT (object);

  g_atomic_int_set (&self->stopped, TRUE);
  rt_handover_close (self->inbox);
  rt_connection_stop (self->connection);
  rt_client_channels_dispose (&self->channels);
  G_OBJECT_CLASS (rt_client_parent_class)->dispose (object);
}

static void
rt_client_finalize (GObject *object)
{
  RtClient *self = RT_CLIENT (object);

  rt_connection_unref (self->connection);
  rt_handover_unref (self->inbox);
  rt_client_channels_clear (&self->channels);
  g_main_context_unref (self->context);
  g_clear_object (&self->config);
  G_OBJECT_CLASS (rt_client_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  /**
   * RtClient:config: (getter get_config)
   *
   * The configuration that the client was made with.
   */
  properties[PROP_CONFIG] = g_param_spec_object ("config", NULL, NULL, RT_TYPE_CONFIG,
                                                 G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  /**
   * RtClient:state: (getter get_state)
   *
   * The state of the connection. What a call has achieved can be read as soon as it returns; the notification
   * follows in the client's context.
   */
  properties[PROP_STATE]
    = g_param_spec_enum ("state", NULL, NULL, RT_TYPE_CONNECTION_STATE, RT_CONNECTION_STATE_DISCONNECTED,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  /**
   * RtClient:client-id: (getter get_client_id)
   *
   * The id that the server gave to this connection, or %NULL while there is none.
   */
  properties[PROP_CLIENT_ID]
    = g_param_spec_string ("client-id", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  /**
   * RtClient:transport: (getter get_transport)
   *
   * The name of the transport in use, such as `websocket`, or %NULL while there is no connection.
   */
  properties[PROP_TRANSPORT]
    = g_param_spec_string ("transport", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  /**
   * RtClient:channels: (getter get_channels)
   *
   * The channels that are joined or wanted, a list model of [class@Channel]. It belongs to the client's context.
   */
  properties[PROP_CHANNELS]
    = g_param_spec_object ("channels", NULL, NULL, G_TYPE_LIST_MODEL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
rt_client_class_init (RtClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = rt_client_get_property;
  object_class->set_property = rt_client_set_property;
  object_class->constructed = rt_client_constructed;
  object_class->dispose = rt_client_dispose;
  object_class->finalize = rt_client_finalize;
  install_properties (object_class);
  rt_client_install_signals (G_TYPE_FROM_CLASS (klass));
}

static void
rt_client_init (RtClient *self)
{
  rt_client_channels_init (&self->channels);
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
 * rt_client_get_state: (get-property state)
 * @self: a client
 *
 * The state of the connection, from any thread.
 *
 * Returns: the state
 */
RtConnectionState
rt_client_get_state (RtClient *self)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), RT_CONNECTION_STATE_DISCONNECTED);
  return rt_connection_get_state (self->connection);
}

/**
 * rt_client_get_client_id: (get-property client-id)
 * @self: a client
 *
 * The id that the server gave to this connection, from any thread.
 *
 * Returns: (transfer full) (nullable): the id, or %NULL while there is no connection
 */
char *
rt_client_get_client_id (RtClient *self)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), NULL);
  return rt_connection_dup_client_id (self->connection);
}

/**
 * rt_client_get_transport: (get-property transport)
 * @self: a client
 *
 * The name of the transport in use, from any thread.
 *
 * Returns: (transfer none) (nullable): the name, such as `websocket`, or %NULL while there is no connection
 */
const char *
rt_client_get_transport (RtClient *self)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), NULL);
  return rt_connection_get_transport (self->connection);
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

/**
 * rt_client_is_connected:
 * @self: a client
 *
 * Whether the server has accepted this client, from any thread.
 *
 * Returns: %TRUE if [property@Client:state] is %RT_CONNECTION_STATE_CONNECTED
 */
gboolean
rt_client_is_connected (RtClient *self)
{
  g_return_val_if_fail (RT_IS_CLIENT (self), FALSE);
  return rt_client_get_state (self) == RT_CONNECTION_STATE_CONNECTED;
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

RtHandover *
rt_client_get_inbox (RtClient *self)
{
  return self->inbox;
}

void
rt_client_notify_state (RtClient *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CLIENT_ID]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TRANSPORT]);
}
