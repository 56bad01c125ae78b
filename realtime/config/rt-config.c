/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-config.h"

#include "rt-config-private.h"

/**
 * RtConfig:
 *
 * What a client is told before it connects.
 *
 * A configuration never changes once it is made, so that many clients can share it. Make one with
 * [ctor@Config.new] where the defaults suit, and with [class@ConfigBuilder] where more is to be said; both
 * check every setting and report all faults in one error. An object made from its properties alone has not
 * been checked: see [method@Config.validate], which a client also applies when it connects.
 *
 * Durations are milliseconds. May be used from any thread.
 */

enum
{
  PROP_0,
  /* texts */
  PROP_API_KEY,
  PROP_ENDPOINT,
  PROP_USER_ID,
  PROP_CLIENT_NAME,
  PROP_CLIENT_VERSION,
  /* numbers */
  PROP_CONNECT_TIMEOUT,
  PROP_REQUEST_TIMEOUT,
  PROP_SHUTDOWN_TIMEOUT,
  PROP_HEARTBEAT_TIMEOUT,
  PROP_MAX_MESSAGE_SIZE,
  PROP_RECEIVE_QUEUE_LIMIT,
  PROP_RECEIVE_QUEUE_BYTES,
  /* the rest */
  PROP_HEADERS,
  PROP_TLS_DATABASE,
  PROP_PROXY_RESOLVER,
  PROP_ALLOW_INSECURE,
  N_PROPS,
};

#define FIRST_TEXT PROP_API_KEY
#define N_TEXTS (PROP_CLIENT_VERSION - FIRST_TEXT + 1)
#define FIRST_NUMBER PROP_CONNECT_TIMEOUT
#define N_NUMBERS (PROP_RECEIVE_QUEUE_BYTES - FIRST_NUMBER + 1)

#define FLAGS (G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS)

struct _RtConfig
{
  GObject parent_instance;

  /* By property, since sixteen settings are stored and read in the same few ways. */
  char *texts[N_TEXTS];
  guint numbers[N_NUMBERS];
  GVariant *headers;
  GTlsDatabase *tls_database;
  GProxyResolver *proxy_resolver;
  gboolean allow_insecure;
};

G_DEFINE_FINAL_TYPE (RtConfig, rt_config, G_TYPE_OBJECT)

static GParamSpec *properties[N_PROPS];

static gboolean
is_text (guint property)
{
  return property >= FIRST_TEXT && property < FIRST_TEXT + N_TEXTS;
}

static gboolean
is_number (guint property)
{
  return property >= FIRST_NUMBER && property < FIRST_NUMBER + N_NUMBERS;
}

static void
rt_config_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  RtConfig *self = RT_CONFIG (object);

  if (is_text (id))
    self->texts[id - FIRST_TEXT] = g_value_dup_string (value);
  else if (is_number (id))
    self->numbers[id - FIRST_NUMBER] = g_value_get_uint (value);
  else if (id == PROP_HEADERS)
    self->headers = g_value_dup_variant (value);
  else if (id == PROP_TLS_DATABASE)
    self->tls_database = g_value_dup_object (value);
  else if (id == PROP_PROXY_RESOLVER)
    self->proxy_resolver = g_value_dup_object (value);
  else if (id == PROP_ALLOW_INSECURE)
    self->allow_insecure = g_value_get_boolean (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
rt_config_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RtConfig *self = RT_CONFIG (object);

  if (is_text (id))
    g_value_set_string (value, self->texts[id - FIRST_TEXT]);
  else if (is_number (id))
    g_value_set_uint (value, self->numbers[id - FIRST_NUMBER]);
  else if (id == PROP_HEADERS)
    g_value_set_variant (value, self->headers);
  else if (id == PROP_TLS_DATABASE)
    g_value_set_object (value, self->tls_database);
  else if (id == PROP_PROXY_RESOLVER)
    g_value_set_object (value, self->proxy_resolver);
  else if (id == PROP_ALLOW_INSECURE)
    g_value_set_boolean (value, self->allow_insecure);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
rt_config_dispose (GObject *object)
{
  RtConfig *self = RT_CONFIG (object);

  g_clear_object (&self->tls_database);
  g_clear_object (&self->proxy_resolver);

  G_OBJECT_CLASS (rt_config_parent_class)->dispose (object);
}

static void
rt_config_finalize (GObject *object)
{
  RtConfig *self = RT_CONFIG (object);

  for (guint i = 0; i < N_TEXTS; i++)
    g_free (self->texts[i]);
  g_clear_pointer (&self->headers, g_variant_unref);

  G_OBJECT_CLASS (rt_config_parent_class)->finalize (object);
}

/* GObject puts a number outside a param spec's range silently at its edge, where a wrong value might turn
 * into a right one that nobody asked for. So each spans its type, and rt_config_validate () judges. */
static GParamSpec *
number_spec (const char *name, guint default_value)
{
  return g_param_spec_uint (name, NULL, NULL, 0, G_MAXUINT, default_value, FLAGS);
}

static void
make_text_specs (void)
{
  /**
   * RtConfig:api-key: (getter get_api_key)
   *
   * The key, or any other token, with which the client shows the server who it is. Never part of a log or of
   * an error's text. %NULL or empty: none.
   */
  properties[PROP_API_KEY] = g_param_spec_string ("api-key", NULL, NULL, NULL, FLAGS);

  /**
   * RtConfig:endpoint: (getter get_endpoint)
   *
   * The server's address: a `ws`, `wss`, `http` or `https` URI. An empty path, or `/`, means
   * `/connection/websocket`. Without TLS only this machine is reached, unless
   * [property@Config:allow-insecure] is set.
   */
  properties[PROP_ENDPOINT] = g_param_spec_string ("endpoint", NULL, NULL, NULL, FLAGS);

  /**
   * RtConfig:user-id: (getter get_user_id)
   *
   * The name under which this client's messages are sent, at most 255 bytes. A token that names a user wins
   * over it on the server. %NULL or empty: none.
   */
  properties[PROP_USER_ID] = g_param_spec_string ("user-id", NULL, NULL, NULL, FLAGS);

  /**
   * RtConfig:client-name: (getter get_client_name)
   *
   * The program's name, told to the server: at most 16 bytes.
   */
  properties[PROP_CLIENT_NAME] = g_param_spec_string ("client-name", NULL, NULL, "realtime", FLAGS);

  /**
   * RtConfig:client-version: (getter get_client_version)
   *
   * The program's version, told to the server: at most 64 bytes. %NULL or empty: none.
   */
  properties[PROP_CLIENT_VERSION] = g_param_spec_string ("client-version", NULL, NULL, NULL, FLAGS);
}

static void
make_timeout_specs (void)
{
  /**
   * RtConfig:connect-timeout: (getter get_connect_timeout)
   *
   * Milliseconds for name lookup, TCP, TLS, upgrade and the server's answer together: 100 to 600,000.
   */
  properties[PROP_CONNECT_TIMEOUT] = number_spec ("connect-timeout", 10000);

  /**
   * RtConfig:request-timeout: (getter get_request_timeout)
   *
   * Milliseconds from the writing of a request to its answer: 100 to 600,000.
   */
  properties[PROP_REQUEST_TIMEOUT] = number_spec ("request-timeout", 10000);

  /**
   * RtConfig:shutdown-timeout: (getter get_shutdown_timeout)
   *
   * Milliseconds that closing and disconnecting may take: 100 to 600,000.
   */
  properties[PROP_SHUTDOWN_TIMEOUT] = number_spec ("shutdown-timeout", 5000);

  /**
   * RtConfig:heartbeat-timeout: (getter get_heartbeat_timeout)
   *
   * Milliseconds that a server's ping may be late before the connection counts as dead: 100 to 600,000.
   */
  properties[PROP_HEARTBEAT_TIMEOUT] = number_spec ("heartbeat-timeout", 10000);
}

static void
make_limit_specs (void)
{
  /**
   * RtConfig:max-message-size: (getter get_max_message_size)
   *
   * The most bytes of one message's data in either direction: 1,024 to 16,777,216. 0 means 65,536 for what is
   * sent (a usual server's limit) and 1,048,576 for what is received.
   */
  properties[PROP_MAX_MESSAGE_SIZE] = number_spec ("max-message-size", 0);

  /**
   * RtConfig:receive-queue-limit: (getter get_receive_queue_limit)
   *
   * The most messages that wait for a slow program: at least 1.
   */
  properties[PROP_RECEIVE_QUEUE_LIMIT] = number_spec ("receive-queue-limit", 16384);

  /**
   * RtConfig:receive-queue-bytes: (getter get_receive_queue_bytes)
   *
   * The most bytes of messages that wait for a slow program: at least 1,024.
   */
  properties[PROP_RECEIVE_QUEUE_BYTES] = number_spec ("receive-queue-bytes", 8 * 1024 * 1024);

  /**
   * RtConfig:headers: (getter get_headers)
   *
   * Further HTTP headers of the connecting request, as `a{ss}`. Those that the upgrade itself sets, such as
   * `Host` and `Connection`, cannot be given. %NULL: none.
   */
  properties[PROP_HEADERS] = g_param_spec_variant ("headers", NULL, NULL, G_VARIANT_TYPE_ANY, NULL, FLAGS);
}

static void
make_network_specs (void)
{
  /**
   * RtConfig:tls-database: (getter get_tls_database)
   *
   * What servers' certificates are checked against; %NULL: the system's. It is used from another thread, so
   * it must be an implementation in C that allows that, as GLib's own do.
   */
  properties[PROP_TLS_DATABASE]
    = g_param_spec_object ("tls-database", NULL, NULL, G_TYPE_TLS_DATABASE, FLAGS);

  /**
   * RtConfig:proxy-resolver: (getter get_proxy_resolver)
   *
   * Finds the proxy to go through; %NULL: the system's. It is used from another thread, so it must be an
   * implementation in C that allows that, as GLib's own do.
   */
  properties[PROP_PROXY_RESOLVER]
    = g_param_spec_object ("proxy-resolver", NULL, NULL, G_TYPE_PROXY_RESOLVER, FLAGS);

  /**
   * RtConfig:allow-insecure: (getter get_allow_insecure)
   *
   * Whether other machines may be reached without TLS, so that anybody on the way can read the key and the
   * messages.
   */
  properties[PROP_ALLOW_INSECURE] = g_param_spec_boolean ("allow-insecure", NULL, NULL, FALSE, FLAGS);
}

static void
rt_config_class_init (RtConfigClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = rt_config_set_property;
  object_class->get_property = rt_config_get_property;
  object_class->dispose = rt_config_dispose;
  object_class->finalize = rt_config_finalize;

  make_text_specs ();
  make_timeout_specs ();
  make_limit_specs ();
  make_network_specs ();
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
rt_config_init (RtConfig *self)
{
}

/**
 * rt_config_new:
 * @api_key: (nullable): the key or token; %NULL or empty for a server that asks for none
 * @endpoint: the server's address, such as `wss://example.org`
 * @error: return location for %RT_ERROR_INVALID_CONFIG
 *
 * Makes a configuration with the defaults for all other settings, and checks it.
 *
 * Returns: (transfer full): the configuration, or %NULL with @error set to a text that names every fault
 */
RtConfig *
rt_config_new (const char *api_key, const char *endpoint, GError **error)
{
  g_autoptr (RtConfig) self = NULL;

  g_return_val_if_fail (endpoint != NULL, NULL);

  self = g_object_new (RT_TYPE_CONFIG, "api-key", api_key, "endpoint", endpoint, NULL);
  if (!rt_config_validate (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * rt_config_validate:
 * @self: a configuration
 * @error: return location for %RT_ERROR_INVALID_CONFIG
 *
 * Checks every setting. The text of the error gives each fault with the setting's name, and never a secret.
 *
 * Returns: %TRUE if @self can be used to connect
 */
gboolean
rt_config_validate (RtConfig *self, GError **error)
{
  g_auto (RtFaults) faults = { 0 };

  g_return_val_if_fail (RT_IS_CONFIG (self), FALSE);

  rt_config_collect_faults (self, &faults);
  return rt_faults_finish (&faults, "The configuration", RT_ERROR_INVALID_CONFIG, error);
}

/**
 * rt_config_get_api_key: (get-property api-key)
 * @self: a configuration
 *
 * Gets [property@Config:api-key].
 *
 * Returns: (transfer none) (nullable): the key or token
 */
const char *
rt_config_get_api_key (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), NULL);

  return self->texts[PROP_API_KEY - FIRST_TEXT];
}

/**
 * rt_config_get_endpoint: (get-property endpoint)
 * @self: a configuration
 *
 * Gets [property@Config:endpoint].
 *
 * Returns: (transfer none) (nullable): the server's address
 */
const char *
rt_config_get_endpoint (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), NULL);

  return self->texts[PROP_ENDPOINT - FIRST_TEXT];
}

/**
 * rt_config_get_user_id: (get-property user-id)
 * @self: a configuration
 *
 * Gets [property@Config:user-id].
 *
 * Returns: (transfer none) (nullable): the name under which messages are sent
 */
const char *
rt_config_get_user_id (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), NULL);

  return self->texts[PROP_USER_ID - FIRST_TEXT];
}

/**
 * rt_config_get_client_name: (get-property client-name)
 * @self: a configuration
 *
 * Gets [property@Config:client-name].
 *
 * Returns: (transfer none) (nullable): the program's name
 */
const char *
rt_config_get_client_name (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), NULL);

  return self->texts[PROP_CLIENT_NAME - FIRST_TEXT];
}

/**
 * rt_config_get_client_version: (get-property client-version)
 * @self: a configuration
 *
 * Gets [property@Config:client-version].
 *
 * Returns: (transfer none) (nullable): the program's version
 */
const char *
rt_config_get_client_version (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), NULL);

  return self->texts[PROP_CLIENT_VERSION - FIRST_TEXT];
}

/**
 * rt_config_get_headers: (get-property headers)
 * @self: a configuration
 *
 * Gets [property@Config:headers].
 *
 * Returns: (transfer none) (nullable): header names and values, `a{ss}`
 */
GVariant *
rt_config_get_headers (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), NULL);

  return self->headers;
}

/**
 * rt_config_get_connect_timeout: (get-property connect-timeout)
 * @self: a configuration
 *
 * Gets [property@Config:connect-timeout].
 *
 * Returns: milliseconds
 */
guint
rt_config_get_connect_timeout (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), 0);

  return self->numbers[PROP_CONNECT_TIMEOUT - FIRST_NUMBER];
}

/**
 * rt_config_get_request_timeout: (get-property request-timeout)
 * @self: a configuration
 *
 * Gets [property@Config:request-timeout].
 *
 * Returns: milliseconds
 */
guint
rt_config_get_request_timeout (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), 0);

  return self->numbers[PROP_REQUEST_TIMEOUT - FIRST_NUMBER];
}

/**
 * rt_config_get_shutdown_timeout: (get-property shutdown-timeout)
 * @self: a configuration
 *
 * Gets [property@Config:shutdown-timeout].
 *
 * Returns: milliseconds
 */
guint
rt_config_get_shutdown_timeout (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), 0);

  return self->numbers[PROP_SHUTDOWN_TIMEOUT - FIRST_NUMBER];
}

/**
 * rt_config_get_heartbeat_timeout: (get-property heartbeat-timeout)
 * @self: a configuration
 *
 * Gets [property@Config:heartbeat-timeout].
 *
 * Returns: milliseconds
 */
guint
rt_config_get_heartbeat_timeout (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), 0);

  return self->numbers[PROP_HEARTBEAT_TIMEOUT - FIRST_NUMBER];
}

/**
 * rt_config_get_max_message_size: (get-property max-message-size)
 * @self: a configuration
 *
 * Gets [property@Config:max-message-size].
 *
 * Returns: bytes, or 0 for the default of either direction
 */
guint
rt_config_get_max_message_size (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), 0);

  return self->numbers[PROP_MAX_MESSAGE_SIZE - FIRST_NUMBER];
}

/**
 * rt_config_get_receive_queue_limit: (get-property receive-queue-limit)
 * @self: a configuration
 *
 * Gets [property@Config:receive-queue-limit].
 *
 * Returns: a number of messages
 */
guint
rt_config_get_receive_queue_limit (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), 0);

  return self->numbers[PROP_RECEIVE_QUEUE_LIMIT - FIRST_NUMBER];
}

/**
 * rt_config_get_receive_queue_bytes: (get-property receive-queue-bytes)
 * @self: a configuration
 *
 * Gets [property@Config:receive-queue-bytes].
 *
 * Returns: bytes
 */
guint
rt_config_get_receive_queue_bytes (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), 0);

  return self->numbers[PROP_RECEIVE_QUEUE_BYTES - FIRST_NUMBER];
}

/**
 * rt_config_get_tls_database: (get-property tls-database)
 * @self: a configuration
 *
 * Gets [property@Config:tls-database].
 *
 * Returns: (transfer none) (nullable): the database, or %NULL for the system's
 */
GTlsDatabase *
rt_config_get_tls_database (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), NULL);

  return self->tls_database;
}

/**
 * rt_config_get_proxy_resolver: (get-property proxy-resolver)
 * @self: a configuration
 *
 * Gets [property@Config:proxy-resolver].
 *
 * Returns: (transfer none) (nullable): the resolver, or %NULL for the system's
 */
GProxyResolver *
rt_config_get_proxy_resolver (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), NULL);

  return self->proxy_resolver;
}

/**
 * rt_config_get_allow_insecure: (get-property allow-insecure)
 * @self: a configuration
 *
 * Gets [property@Config:allow-insecure].
 *
 * Returns: %TRUE if other machines may be reached without TLS
 */
gboolean
rt_config_get_allow_insecure (RtConfig *self)
{
  g_return_val_if_fail (RT_IS_CONFIG (self), FALSE);

  return self->allow_insecure;
}
