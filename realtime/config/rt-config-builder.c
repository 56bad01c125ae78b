/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-config-builder.h"

#include "rt-config-private.h"

/**
 * RtConfigBuilder:
 *
 * Puts a [class@Config] together, setting by setting.
 *
 * Each `with_` method takes one setting and returns the builder, so that calls can be chained; what is not
 * given keeps its default. [method@ConfigBuilder.build] checks everything at once. A builder can build many
 * times. It belongs to one thread at a time.
 */

typedef struct
{
  const char *name; /* static */
  GValue value;
} Setting;

struct _RtConfigBuilder
{
  GObject parent_instance;

  GArray *settings; /* of Setting: those that were given */
};

G_DEFINE_FINAL_TYPE (RtConfigBuilder, rt_config_builder, G_TYPE_OBJECT)

static void
setting_clear (gpointer data)
{
  Setting *setting = data;

  g_value_unset (&setting->value);
}

static void
rt_config_builder_finalize (GObject *object)
{
  RtConfigBuilder *self = RT_CONFIG_BUILDER (object);

  g_clear_pointer (&self->settings, g_array_unref);

  G_OBJECT_CLASS (rt_config_builder_parent_class)->finalize (object);
}

static void
rt_config_builder_class_init (RtConfigBuilderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = rt_config_builder_finalize;
}

static void
rt_config_builder_init (RtConfigBuilder *self)
{
  self->settings = g_array_new (FALSE, FALSE, sizeof (Setting));
  g_array_set_clear_func (self->settings, setting_clear);
}

/**
 * rt_config_builder_new:
 *
 * Makes a builder in which every setting has its default.
 *
 * Returns: (transfer full): the builder
 */
RtConfigBuilder *
rt_config_builder_new (void)
{
  return g_object_new (RT_TYPE_CONFIG_BUILDER, NULL);
}

/* A later value takes the place of an earlier one. */
void
rt_config_builder_take_value (RtConfigBuilder *self, const char *name, GValue *value)
{
  Setting added = { name, *value };

  for (guint i = 0; i < self->settings->len; i++)
    {
      Setting *setting = &g_array_index (self->settings, Setting, i);
      if (g_str_equal (setting->name, name))
        {
          g_value_unset (&setting->value);
          *setting = added;
          return;
        }
    }
  g_array_append_val (self->settings, added);
}

static RtConfigBuilder *
with_string (RtConfigBuilder *self, const char *name, const char *text)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_STRING);
  g_value_set_string (&value, text);
  rt_config_builder_take_value (self, name, &value);
  return self;
}

static RtConfigBuilder *
with_uint (RtConfigBuilder *self, const char *name, guint number)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_UINT);
  g_value_set_uint (&value, number);
  rt_config_builder_take_value (self, name, &value);
  return self;
}

static RtConfigBuilder *
with_object (RtConfigBuilder *self, const char *name, GType type, gpointer object)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, type);
  g_value_set_object (&value, object);
  rt_config_builder_take_value (self, name, &value);
  return self;
}

/**
 * rt_config_builder_with_api_key:
 * @self: a builder
 * @api_key: (nullable): the key or token, or %NULL for none
 *
 * Sets [property@Config:api-key].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_api_key (RtConfigBuilder *self, const char *api_key)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_string (self, "api-key", api_key);
}

/**
 * rt_config_builder_with_endpoint:
 * @self: a builder
 * @endpoint: (nullable): the server's address
 *
 * Sets [property@Config:endpoint].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_endpoint (RtConfigBuilder *self, const char *endpoint)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_string (self, "endpoint", endpoint);
}

/**
 * rt_config_builder_with_user_id:
 * @self: a builder
 * @user_id: (nullable): the name under which messages are sent, or %NULL for none
 *
 * Sets [property@Config:user-id].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_user_id (RtConfigBuilder *self, const char *user_id)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_string (self, "user-id", user_id);
}

/**
 * rt_config_builder_with_client_name:
 * @self: a builder
 * @client_name: (nullable): the program's name, at most 16 bytes
 *
 * Sets [property@Config:client-name].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_client_name (RtConfigBuilder *self, const char *client_name)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_string (self, "client-name", client_name);
}

/**
 * rt_config_builder_with_client_version:
 * @self: a builder
 * @client_version: (nullable): the program's version, at most 64 bytes
 *
 * Sets [property@Config:client-version].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_client_version (RtConfigBuilder *self, const char *client_version)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_string (self, "client-version", client_version);
}

/**
 * rt_config_builder_with_headers:
 * @self: a builder
 * @headers: (nullable): header names and values, `a{ss}`, or %NULL for none; a floating reference is taken
 *
 * Sets [property@Config:headers].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_headers (RtConfigBuilder *self, GVariant *headers)
{
  GValue value = G_VALUE_INIT;

  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  g_value_init (&value, G_TYPE_VARIANT);
  g_value_set_variant (&value, headers);
  rt_config_builder_take_value (self, "headers", &value);
  return self;
}

/**
 * rt_config_builder_with_connect_timeout:
 * @self: a builder
 * @milliseconds: 100 to 600,000
 *
 * Sets [property@Config:connect-timeout].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_connect_timeout (RtConfigBuilder *self, guint milliseconds)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_uint (self, "connect-timeout", milliseconds);
}

/**
 * rt_config_builder_with_request_timeout:
 * @self: a builder
 * @milliseconds: 100 to 600,000
 *
 * Sets [property@Config:request-timeout].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_request_timeout (RtConfigBuilder *self, guint milliseconds)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_uint (self, "request-timeout", milliseconds);
}

/**
 * rt_config_builder_with_shutdown_timeout:
 * @self: a builder
 * @milliseconds: 100 to 600,000
 *
 * Sets [property@Config:shutdown-timeout].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_shutdown_timeout (RtConfigBuilder *self, guint milliseconds)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_uint (self, "shutdown-timeout", milliseconds);
}

/**
 * rt_config_builder_with_heartbeat_timeout:
 * @self: a builder
 * @milliseconds: 100 to 600,000
 *
 * Sets [property@Config:heartbeat-timeout].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_heartbeat_timeout (RtConfigBuilder *self, guint milliseconds)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_uint (self, "heartbeat-timeout", milliseconds);
}

/**
 * rt_config_builder_with_max_message_size:
 * @self: a builder
 * @bytes: 1,024 to 16,777,216, or 0 for the default of either direction
 *
 * Sets [property@Config:max-message-size].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_max_message_size (RtConfigBuilder *self, guint bytes)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_uint (self, "max-message-size", bytes);
}

/**
 * rt_config_builder_with_receive_queue_limit:
 * @self: a builder
 * @messages: at least 1
 *
 * Sets [property@Config:receive-queue-limit].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_receive_queue_limit (RtConfigBuilder *self, guint messages)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_uint (self, "receive-queue-limit", messages);
}

/**
 * rt_config_builder_with_receive_queue_bytes:
 * @self: a builder
 * @bytes: at least 1,024
 *
 * Sets [property@Config:receive-queue-bytes].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_receive_queue_bytes (RtConfigBuilder *self, guint bytes)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return with_uint (self, "receive-queue-bytes", bytes);
}

/**
 * rt_config_builder_with_tls_database:
 * @self: a builder
 * @tls_database: (nullable): what certificates are checked against, or %NULL for the system's
 *
 * Sets [property@Config:tls-database].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_tls_database (RtConfigBuilder *self, GTlsDatabase *tls_database)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);
  g_return_val_if_fail (tls_database == NULL || G_IS_TLS_DATABASE (tls_database), NULL);

  return with_object (self, "tls-database", G_TYPE_TLS_DATABASE, tls_database);
}

/**
 * rt_config_builder_with_proxy_resolver:
 * @self: a builder
 * @proxy_resolver: (nullable): finds the proxy, or %NULL for the system's
 *
 * Sets [property@Config:proxy-resolver].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_proxy_resolver (RtConfigBuilder *self, GProxyResolver *proxy_resolver)
{
  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);
  g_return_val_if_fail (proxy_resolver == NULL || G_IS_PROXY_RESOLVER (proxy_resolver), NULL);

  return with_object (self, "proxy-resolver", G_TYPE_PROXY_RESOLVER, proxy_resolver);
}

/**
 * rt_config_builder_with_allow_insecure:
 * @self: a builder
 * @allow_insecure: whether other machines may be reached without TLS
 *
 * Sets [property@Config:allow-insecure].
 *
 * Returns: (transfer none): the builder
 */
RtConfigBuilder *
rt_config_builder_with_allow_insecure (RtConfigBuilder *self, gboolean allow_insecure)
{
  GValue value = G_VALUE_INIT;

  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  g_value_init (&value, G_TYPE_BOOLEAN);
  g_value_set_boolean (&value, allow_insecure);
  rt_config_builder_take_value (self, "allow-insecure", &value);
  return self;
}

RtConfig *
rt_config_builder_finish (RtConfigBuilder *self, RtFaults *faults, GError **error)
{
  guint count = self->settings->len;
  g_autofree const char **names = g_new (const char *, count);
  g_autofree GValue *values = g_new (GValue, count);
  g_autoptr (RtConfig) config = NULL;

  for (guint i = 0; i < count; i++)
    {
      Setting *setting = &g_array_index (self->settings, Setting, i);
      names[i] = setting->name;
      values[i] = setting->value; /* lent: GObject copies what it keeps */
    }
  config = RT_CONFIG (g_object_new_with_properties (RT_TYPE_CONFIG, count, names, values));

  rt_config_collect_faults (config, faults);
  if (!rt_faults_finish (faults, "The configuration", RT_ERROR_INVALID_CONFIG, error))
    return NULL;
  return g_steal_pointer (&config);
}

/**
 * rt_config_builder_build:
 * @self: a builder
 * @error: return location for %RT_ERROR_INVALID_CONFIG
 *
 * Makes the configuration, and checks it as [method@Config.validate] does.
 *
 * Returns: (transfer full): the configuration, or %NULL with @error set to a text that names every fault
 */
RtConfig *
rt_config_builder_build (RtConfigBuilder *self, GError **error)
{
  g_auto (RtFaults) faults = { 0 };

  g_return_val_if_fail (RT_IS_CONFIG_BUILDER (self), NULL);

  return rt_config_builder_finish (self, &faults, error);
}
