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

  GMutex lock;
  GHashTable *handles; /* RtSub → RtChannel, all that may still be delivered to; guarded by lock */
  GHashTable *by_name; /* name → RtChannel (borrowed from handles), the newest of each name; guarded by lock */

  GListStore *channels; /* only in the client's context */
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

enum
{
  SIGNAL_MESSAGE,
  SIGNAL_CONNECTED,
  SIGNAL_DISCONNECTED,
  SIGNAL_ERROR,
  N_SIGNALS,
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

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
      g_value_set_object (value, self->channels);
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
  g_mutex_lock (&self->lock);
  g_hash_table_remove_all (self->by_name);
  g_autoptr (GList) handles = g_hash_table_get_values (self->handles);
  g_hash_table_steal_all (self->handles);
  g_mutex_unlock (&self->lock);
  g_list_foreach (handles, (GFunc) (void (*) (void)) g_object_unref, NULL);
  g_clear_object (&self->channels);
  G_OBJECT_CLASS (rt_client_parent_class)->dispose (object);
}

static void
rt_client_finalize (GObject *object)
{
  RtClient *self = RT_CLIENT (object);

  rt_connection_unref (self->connection);
  rt_handover_unref (self->inbox);
  g_hash_table_unref (self->handles);
  g_hash_table_unref (self->by_name);
  g_main_context_unref (self->context);
  g_clear_object (&self->config);
  g_mutex_clear (&self->lock);
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
install_message_signal (GType type)
{
  /**
   * RtClient::message:
   * @self: the client
   * @message: the message
   *
   * Emitted for each message of any joined channel, in the client's context and in the server's order within a
   * channel. The detail is the channel's name: `message::news`.
   */
  signals[SIGNAL_MESSAGE]
    = g_signal_new ("message", type, G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED, 0, NULL, NULL,
                    g_cclosure_marshal_VOID__OBJECT, G_TYPE_NONE, 1, RT_TYPE_MESSAGE);
  g_signal_set_va_marshaller (signals[SIGNAL_MESSAGE], type, g_cclosure_marshal_VOID__OBJECTv);
}

static void
rt_client_class_init (RtClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  object_class->get_property = rt_client_get_property;
  object_class->set_property = rt_client_set_property;
  object_class->constructed = rt_client_constructed;
  object_class->dispose = rt_client_dispose;
  object_class->finalize = rt_client_finalize;
  install_properties (object_class);
  install_message_signal (type);

  /**
   * RtClient::connected:
   * @self: the client
   *
   * Emitted in the client's context when the server has accepted this client.
   */
  signals[SIGNAL_CONNECTED]
    = g_signal_new ("connected", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  /**
   * RtClient::disconnected:
   * @self: the client
   * @code: the close code: the server's, 1000 where this side ended it, 1006 where the line broke
   * @reason: the server's reason, maybe empty
   * @will_retry: whether the client connects again by itself
   *
   * Emitted in the client's context when a connection has ended.
   */
  signals[SIGNAL_DISCONNECTED]
    = g_signal_new ("disconnected", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3, G_TYPE_UINT,
                    G_TYPE_STRING, G_TYPE_BOOLEAN);
  /**
   * RtClient::error:
   * @self: the client
   * @error: what happened
   *
   * Emitted in the client's context for errors that are no call's result, such as a lost connection or a message
   * that had to be dropped.
   */
  signals[SIGNAL_ERROR]
    = g_signal_new ("error", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
rt_client_init (RtClient *self)
{
  g_mutex_init (&self->lock);
  self->handles = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->channels = g_list_store_new (RT_TYPE_CHANNEL);
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
  return G_LIST_MODEL (self->channels);
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

  g_autoptr (RtChannel) channel = rt_client_find_channel (self, name);
  if (channel == NULL)
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

RtChannel *
rt_client_ensure_channel (RtClient *self, RtSub *sub)
{
  g_mutex_lock (&self->lock);
  RtChannel *channel = g_hash_table_lookup (self->handles, sub);
  gboolean made = channel == NULL;
  if (made)
    channel = rt_channel_new (self, sub);
  /* Another thread may ask for one that is over already: then nothing will come to take it from the tables. */
  if (made && !sub->over)
    {
      g_hash_table_insert (self->handles, sub, g_object_ref (channel));
      g_hash_table_replace (self->by_name, (char *) rt_channel_get_name (channel), channel);
      g_atomic_pointer_set (&sub->channel, channel);
    }
  if (!made)
    g_object_ref (channel);
  g_mutex_unlock (&self->lock);
  return channel;
}

/* Also one that was left, until its last news has been handled. */
RtChannel *
rt_client_find_channel (RtClient *self, const char *name)
{
  g_mutex_lock (&self->lock);
  RtChannel *channel = g_hash_table_lookup (self->by_name, name);
  if (channel != NULL)
    g_object_ref (channel);
  g_mutex_unlock (&self->lock);
  return channel;
}

void
rt_client_list_channel (RtClient *self, RtChannel *channel)
{
  if (!g_list_store_find (self->channels, channel, NULL))
    g_list_store_append (self->channels, channel);
}

void
rt_client_drop_channel (RtClient *self, RtChannel *channel)
{
  g_autoptr (RtChannel) held = g_object_ref (channel);
  RtSub *sub = rt_channel_get_sub (channel);
  guint position;

  g_mutex_lock (&self->lock);
  g_atomic_pointer_set (&sub->channel, NULL);
  sub->over = TRUE;
  if (g_hash_table_lookup (self->by_name, rt_channel_get_name (channel)) == channel)
    g_hash_table_remove (self->by_name, rt_channel_get_name (channel));
  g_hash_table_remove (self->handles, sub); /* not the last reference: the lock is held */
  g_mutex_unlock (&self->lock);
  if (g_list_store_find (self->channels, channel, &position))
    g_list_store_remove (self->channels, position);
}

void
rt_client_emit_message (RtClient *self, RtChannel *channel, RtMessage *message)
{
  /* No quark is ever made from a name that came from outside. */
  g_signal_emit (self, signals[SIGNAL_MESSAGE], rt_channel_get_detail (channel), message);
}

void
rt_client_emit_connected (RtClient *self)
{
  g_signal_emit (self, signals[SIGNAL_CONNECTED], 0);
}

void
rt_client_emit_disconnected (RtClient *self, guint code, const char *reason)
{
  g_signal_emit (self, signals[SIGNAL_DISCONNECTED], 0, code, reason, FALSE);
}

void
rt_client_emit_error (RtClient *self, const GError *error)
{
  g_signal_emit (self, signals[SIGNAL_ERROR], 0, error);
}

void
rt_client_notify_state (RtClient *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CLIENT_ID]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TRANSPORT]);
}
