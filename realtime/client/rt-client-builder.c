/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-builder-private.h"

#include "rt-client-routes.h"
#include "rt-config-private.h"
#include "rt-strategy-name.h"

/**
 * RtClientBuilder:
 *
 * Puts a [class@Client] together: its configuration, setting by setting, and the objects that a program adds to it.
 *
 * Each `with_` method returns the builder, so that calls can be chained; what is not given keeps its default.
 * [method@ClientBuilder.build] checks everything at once. A builder can build many times. It belongs to one thread
 * at a time.
 *
 * ```c
 * RtClientBuilder *builder = rt_client_builder_new ();
 *
 * rt_client_builder_with_endpoint (builder, "wss://chat.example.org");
 * rt_client_builder_with_token_provider (builder, provider);
 * rt_client_builder_with_strategy (builder, my_strategy);
 * client = rt_client_builder_build (builder, &error);
 * ```
 */

typedef struct
{
  char *name;
  RtConnectionStrategy *strategy;
} Added;

struct _RtClientBuilder
{
  GObject parent_instance;

  RtConfigBuilder *config_builder;
  GArray *added; /* of Added: the strategies that were given one by one */
  RtStrategySelector *selector; /* nullable */
  RtTokenProvider *provider;    /* nullable */
  RtEventBus *event_bus;        /* nullable */
  GPtrArray *middleware;        /* outermost first */
};

G_DEFINE_FINAL_TYPE (RtClientBuilder, rt_client_builder, G_TYPE_OBJECT)

static void
added_clear (gpointer data)
{
  Added *added = data;

  g_free (added->name);
  g_object_unref (added->strategy);
}

static void
rt_client_builder_dispose (GObject *object)
{
  RtClientBuilder *self = RT_CLIENT_BUILDER (object);

  g_array_set_size (self->added, 0);
  g_clear_object (&self->selector);
  g_clear_object (&self->provider);
  g_clear_object (&self->event_bus);
  g_ptr_array_set_size (self->middleware, 0);

  G_OBJECT_CLASS (rt_client_builder_parent_class)->dispose (object);
}

static void
rt_client_builder_finalize (GObject *object)
{
  RtClientBuilder *self = RT_CLIENT_BUILDER (object);

  g_object_unref (self->config_builder);
  g_array_unref (self->added);
  g_ptr_array_unref (self->middleware);

  G_OBJECT_CLASS (rt_client_builder_parent_class)->finalize (object);
}

static void
rt_client_builder_class_init (RtClientBuilderClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = rt_client_builder_dispose;
  G_OBJECT_CLASS (klass)->finalize = rt_client_builder_finalize;
}

static void
rt_client_builder_init (RtClientBuilder *self)
{
  self->config_builder = rt_config_builder_new ();
  self->added = g_array_new (FALSE, FALSE, sizeof (Added));
  g_array_set_clear_func (self->added, added_clear);
  self->middleware = g_ptr_array_new_with_free_func (g_object_unref);
}

/**
 * rt_client_builder_new:
 *
 * Makes a builder in which everything has its default.
 *
 * Returns: (transfer full): the builder
 */
RtClientBuilder *
rt_client_builder_new (void)
{
  return g_object_new (RT_TYPE_CLIENT_BUILDER, NULL);
}

RtConfigBuilder *
rt_client_builder_get_config_builder (RtClientBuilder *self)
{
  return self->config_builder;
}

/**
 * rt_client_builder_with_config:
 * @self: a builder
 * @config: a configuration, valid or not
 *
 * Sets all settings at once, to those of @config. Settings that are given afterwards take their places.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_config (RtClientBuilder *self, RtConfig *config)
{
  guint count;

  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);
  g_return_val_if_fail (RT_IS_CONFIG (config), NULL);

  g_autofree GParamSpec **specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (config), &count);
  for (guint i = 0; i < count; i++)
    {
      GValue value = G_VALUE_INIT;

      g_object_get_property (G_OBJECT (config), specs[i]->name, &value);
      rt_config_builder_take_value (self->config_builder, specs[i]->name, &value);
    }
  return self;
}

/**
 * rt_client_builder_with_strategy:
 * @self: a builder
 * @strategy: a strategy, which is then used by this client alone
 *
 * Lets the client reach its server by @strategy, under the name that [method@ConnectionStrategy.get_name]
 * gives: 1 to 32 of `a`-`z`, `0`-`9` and `-`. Where this name stands in [property@Config:strategies] is its
 * place; otherwise it comes before all that stand there. Several can be given, best first; one of the same name
 * takes the place of an earlier one.
 *
 * The strategy is used in the client's main context, the one that is thread-default where
 * [method@ClientBuilder.build] is called.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_strategy (RtClientBuilder *self, RtConnectionStrategy *strategy)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);
  g_return_val_if_fail (RT_IS_CONNECTION_STRATEGY (strategy), NULL);

  Added added = { rt_connection_strategy_get_name (strategy), g_object_ref (strategy) };

  for (guint i = 0; i < self->added->len; i++)
    {
      Added *earlier = &g_array_index (self->added, Added, i);
      if (g_str_equal (earlier->name, added.name))
        {
          added_clear (earlier);
          *earlier = added;
          return self;
        }
    }
  g_array_append_val (self->added, added);
  return self;
}

/**
 * rt_client_builder_with_strategy_selector:
 * @self: a builder
 * @selector: (nullable): what the names in [property@Config:strategies] may mean, or %NULL for none
 *
 * Gives the client the strategies of @selector. Those given with [method@ClientBuilder.with_strategy] come on top
 * of them; @selector itself is not changed.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_strategy_selector (RtClientBuilder *self, RtStrategySelector *selector)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);
  g_return_val_if_fail (selector == NULL || RT_IS_STRATEGY_SELECTOR (selector), NULL);

  g_set_object (&self->selector, selector);
  return self;
}

/**
 * rt_client_builder_with_token_provider:
 * @self: a builder
 * @provider: (nullable): where tokens come from, or %NULL for the api key alone
 *
 * Sets [property@Client:token-provider].
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_token_provider (RtClientBuilder *self, RtTokenProvider *provider)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);
  g_return_val_if_fail (provider == NULL || RT_IS_TOKEN_PROVIDER (provider), NULL);

  g_set_object (&self->provider, provider);
  return self;
}

/**
 * rt_client_builder_with_middleware:
 * @self: a builder
 * @middleware: a middleware
 *
 * Adds @middleware, inside of those that were given before: [method@Client.use] from the start.
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_middleware (RtClientBuilder *self, RtMiddleware *middleware)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);
  g_return_val_if_fail (RT_IS_MIDDLEWARE (middleware), NULL);

  g_ptr_array_add (self->middleware, g_object_ref (middleware));
  return self;
}

/**
 * rt_client_builder_with_event_bus:
 * @self: a builder
 * @event_bus: (nullable): the bus on which the client puts everything, or %NULL for one of its own
 *
 * Sets [property@Client:event-bus].
 *
 * Returns: (transfer none): the builder
 */
RtClientBuilder *
rt_client_builder_with_event_bus (RtClientBuilder *self, RtEventBus *event_bus)
{
  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);
  g_return_val_if_fail (event_bus == NULL || RT_IS_EVENT_BUS (event_bus), NULL);

  g_set_object (&self->event_bus, event_bus);
  return self;
}

/* --- Building --- */

static void
copy_entries (RtStrategySelector *selector, RtStrategySelector *from)
{
  g_auto (GStrv) names = rt_strategy_selector_get_names (from);

  for (char **name = names; *name != NULL; name++)
    {
      g_autoptr (RtConnectionStrategy) strategy = rt_strategy_selector_select (from, *name, NULL);
      if (strategy != NULL)
        rt_strategy_selector_register (selector, *name, strategy);
    }
}

/* The selector for the client, NULL for none. */
static RtStrategySelector *
make_selector (RtClientBuilder *self, RtFaults *faults)
{
  RtStrategySelector *selector;

  if (self->added->len == 0)
    return self->selector != NULL ? g_object_ref (self->selector) : NULL;
  selector = rt_strategy_selector_new ();
  if (self->selector != NULL)
    copy_entries (selector, self->selector);
  for (guint i = 0; i < self->added->len; i++)
    {
      Added *added = &g_array_index (self->added, Added, i);
      if (rt_strategy_name_is_valid (added->name))
        rt_strategy_selector_register (selector, added->name, added->strategy);
      else
        rt_faults_add (faults, "strategy", "the name “%s” is not " RT_STRATEGY_NAME_RULE, added->name);
    }
  return selector;
}

/* Adds the names of those strategies that are not in the list already. NULL if there is nothing to add. */
static char **
make_names (RtClientBuilder *self, const char *const *names)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  gboolean changed = FALSE;

  for (guint i = 0; i < self->added->len; i++)
    {
      Added *added = &g_array_index (self->added, Added, i);
      if (!rt_strategy_name_is_valid (added->name) || g_strv_contains (names, added->name))
        continue;
      g_strv_builder_add (builder, added->name);
      changed = TRUE;
    }
  for (const char *const *name = names; *name != NULL; name++)
    g_strv_builder_add (builder, *name);
  return changed ? g_strv_builder_end (builder) : NULL;
}

/* The list as it was given stays in the builder for the next time. */
static RtConfig *
make_config (RtClientBuilder *self, RtStrategySelector *selector, RtFaults *faults, GError **error)
{
  g_autoptr (RtConfig) defaults = g_object_new (RT_TYPE_CONFIG, NULL);
  GValue *value = rt_config_builder_find_value (self->config_builder, "strategies");
  g_auto (GStrv) given = value != NULL ? g_value_dup_boxed (value) : NULL;
  const char *const *names = given != NULL ? (const char *const *) given : rt_config_get_strategies (defaults);
  g_auto (GStrv) all = make_names (self, names);

  rt_client_routes_check (names, selector, faults);
  if (all == NULL)
    return rt_config_builder_finish (self->config_builder, faults, error);
  rt_config_builder_with_strategies (self->config_builder, (const char *const *) all);
  RtConfig *config = rt_config_builder_finish (self->config_builder, faults, error);
  rt_config_builder_with_strategies (self->config_builder, (const char *const *) given);
  return config;
}

/**
 * rt_client_builder_build:
 * @self: a builder
 * @error: return location for %RT_ERROR_INVALID_CONFIG
 *
 * Makes the client, and checks its configuration as [method@Config.validate] does. Nothing is connected yet.
 *
 * Signals of the client are emitted in the calling thread's thread-default main context.
 *
 * Returns: (transfer full): the client, or %NULL with @error set to a text that names every fault
 */
RtClient *
rt_client_builder_build (RtClientBuilder *self, GError **error)
{
  g_auto (RtFaults) faults = { 0 };

  g_return_val_if_fail (RT_IS_CLIENT_BUILDER (self), NULL);

  g_autoptr (RtStrategySelector) selector = make_selector (self, &faults);
  g_autoptr (RtConfig) config = make_config (self, selector, &faults, error);
  if (config == NULL)
    return NULL;
  RtClient *client = g_object_new (RT_TYPE_CLIENT, "config", config, "strategy-selector", selector, "token-provider",
                                   self->provider, "event-bus", self->event_bus, NULL);
  for (guint i = 0; i < self->middleware->len; i++)
    rt_client_use (client, g_ptr_array_index (self->middleware, i));
  return client;
}
