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

#define FIRST_TEXT RT_CONFIG_FIRST_TEXT
#define FIRST_NUMBER RT_CONFIG_FIRST_NUMBER
#define FIRST_LIST RT_CONFIG_FIRST_LIST
#define FIRST_OBJECT RT_CONFIG_FIRST_OBJECT

static const char *const default_strategies[] = { "websocket", "http-stream", "polling", NULL };

G_DEFINE_FINAL_TYPE (RtConfig, rt_config, G_TYPE_OBJECT)

static GParamSpec *properties[N_PROPS];

static gboolean
is_text (guint property)
{
  return property >= FIRST_TEXT && property < FIRST_TEXT + RT_CONFIG_N_TEXTS;
}

static gboolean
is_number (guint property)
{
  return property >= FIRST_NUMBER && property < FIRST_NUMBER + RT_CONFIG_N_NUMBERS;
}

static gboolean
is_list (guint property)
{
  return property >= FIRST_LIST && property < FIRST_LIST + RT_CONFIG_N_LISTS;
}

static gboolean
is_object (guint property)
{
  return property >= FIRST_OBJECT && property < FIRST_OBJECT + RT_CONFIG_N_OBJECTS;
}

static void
rt_config_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  RtConfig *self = RT_CONFIG (object);

  if (is_text (id))
    self->texts[id - FIRST_TEXT] = g_value_dup_string (value);
  else if (is_number (id))
    self->numbers[id - FIRST_NUMBER] = g_value_get_uint (value);
  else if (is_list (id))
    self->lists[id - FIRST_LIST] = g_value_dup_boxed (value);
  else if (is_object (id))
    self->objects[id - FIRST_OBJECT] = g_value_dup_object (value);
  else if (id == PROP_HEADERS)
    self->headers = g_value_dup_variant (value);
  else if (id == PROP_RATE_POLICY)
    self->rate_policy = g_value_get_enum (value);
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
  else if (is_list (id))
    g_value_set_boxed (value, self->lists[id - FIRST_LIST]);
  else if (is_object (id))
    g_value_set_object (value, self->objects[id - FIRST_OBJECT]);
  else if (id == PROP_HEADERS)
    g_value_set_variant (value, self->headers);
  else if (id == PROP_RATE_POLICY)
    g_value_set_enum (value, self->rate_policy);
  else if (id == PROP_ALLOW_INSECURE)
    g_value_set_boolean (value, self->allow_insecure);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

/* The param spec of a list cannot hold a default. */
static void
rt_config_constructed (GObject *object)
{
  RtConfig *self = RT_CONFIG (object);
  char ***strategies = &self->lists[PROP_STRATEGIES - FIRST_LIST];

  if (*strategies == NULL)
    *strategies = g_strdupv ((char **) default_strategies);

  G_OBJECT_CLASS (rt_config_parent_class)->constructed (object);
}

static void
rt_config_dispose (GObject *object)
{
  RtConfig *self = RT_CONFIG (object);

  for (guint i = 0; i < RT_CONFIG_N_OBJECTS; i++)
    g_clear_object (&self->objects[i]);

  G_OBJECT_CLASS (rt_config_parent_class)->dispose (object);
}

static void
rt_config_finalize (GObject *object)
{
  RtConfig *self = RT_CONFIG (object);

  for (guint i = 0; i < RT_CONFIG_N_TEXTS; i++)
    g_free (self->texts[i]);
  for (guint i = 0; i < RT_CONFIG_N_LISTS; i++)
    g_strfreev (self->lists[i]);
  g_clear_pointer (&self->headers, g_variant_unref);

  G_OBJECT_CLASS (rt_config_parent_class)->finalize (object);
}

static void
rt_config_class_init (RtConfigClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = rt_config_set_property;
  object_class->get_property = rt_config_get_property;
  object_class->constructed = rt_config_constructed;
  object_class->dispose = rt_config_dispose;
  object_class->finalize = rt_config_finalize;

  rt_config_make_specs (properties);
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
