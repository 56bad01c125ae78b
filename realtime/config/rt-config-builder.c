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

GValue *
rt_config_builder_find_value (RtConfigBuilder *self, const char *name)
{
  for (guint i = 0; i < self->settings->len; i++)
    {
      Setting *setting = &g_array_index (self->settings, Setting, i);
      if (g_str_equal (setting->name, name))
        return &setting->value;
    }
  return NULL;
}

/* A later value takes the place of an earlier one. */
void
rt_config_builder_take_value (RtConfigBuilder *self, const char *name, GValue *value)
{
  GValue *earlier = rt_config_builder_find_value (self, name);
  Setting added = { name, *value };

  if (earlier == NULL)
    {
      g_array_append_val (self->settings, added);
      return;
    }
  g_value_unset (earlier);
  *earlier = *value;
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
