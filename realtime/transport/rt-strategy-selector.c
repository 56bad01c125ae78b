/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-strategy-selector.h"

#include "rt-error.h"
#include "rt-strategy-name.h"

/**
 * RtStrategySelector:
 *
 * The connection strategies that a program brings along, by name.
 *
 * The names in [property@Config:strategies] say by which ways a client may reach its server, best first. Those
 * that the library does not know itself are looked up here; one that is registered under the name of a built-in
 * strategy takes its place. [method@ClientBuilder.with_strategy] fills a selector by itself.
 *
 * ```c
 * RtStrategySelector *selector = rt_strategy_selector_new ();
 *
 * rt_strategy_selector_register (selector, "radio", my_radio_strategy);
 * rt_client_builder_with_strategy_selector (builder, selector);
 * ```
 *
 * A client looks the names up once, when it is made. A selector may be used from any thread; the strategies in it
 * are still to be used in their own main contexts only.
 */

typedef struct
{
  char *name;
  RtConnectionStrategy *strategy;
} Entry;

struct _RtStrategySelector
{
  GObject parent_instance;

  GMutex lock;
  GArray *entries; /* of Entry, in the order of registration; guarded by lock */
};

G_DEFINE_FINAL_TYPE (RtStrategySelector, rt_strategy_selector, G_TYPE_OBJECT)

static void
rt_strategy_selector_finalize (GObject *object)
{
  RtStrategySelector *self = RT_STRATEGY_SELECTOR (object);

  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = &g_array_index (self->entries, Entry, i);
      g_free (entry->name);
      g_object_unref (entry->strategy);
    }
  g_array_unref (self->entries);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (rt_strategy_selector_parent_class)->finalize (object);
}

static void
rt_strategy_selector_class_init (RtStrategySelectorClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = rt_strategy_selector_finalize;
}

static void
rt_strategy_selector_init (RtStrategySelector *self)
{
  g_mutex_init (&self->lock);
  self->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
}

/* With the lock held. */
static int
find_entry (RtStrategySelector *self, const char *name)
{
  for (guint i = 0; i < self->entries->len; i++)
    if (g_str_equal (g_array_index (self->entries, Entry, i).name, name))
      return (int) i;
  return -1;
}

/**
 * rt_strategy_selector_new:
 *
 * Makes a selector in which nothing is registered.
 *
 * Returns: (transfer full): the selector
 */
RtStrategySelector *
rt_strategy_selector_new (void)
{
  return g_object_new (RT_TYPE_STRATEGY_SELECTOR, NULL);
}

/**
 * rt_strategy_selector_register:
 * @self: a selector
 * @name: 1 to 32 of `a`-`z`, `0`-`9` and `-`
 * @strategy: the strategy
 *
 * Makes @strategy known as @name. It takes the place of an earlier one of this name.
 */
void
rt_strategy_selector_register (RtStrategySelector *self, const char *name, RtConnectionStrategy *strategy)
{
  g_return_if_fail (RT_IS_STRATEGY_SELECTOR (self));
  g_return_if_fail (name != NULL && rt_strategy_name_is_valid (name));
  g_return_if_fail (RT_IS_CONNECTION_STRATEGY (strategy));

  g_autoptr (RtConnectionStrategy) earlier = NULL;

  g_mutex_lock (&self->lock);
  int place = find_entry (self, name);
  if (place >= 0)
    {
      Entry *entry = &g_array_index (self->entries, Entry, place);
      earlier = entry->strategy;
      entry->strategy = g_object_ref (strategy);
    }
  else
    {
      Entry entry = { g_strdup (name), g_object_ref (strategy) };
      g_array_append_val (self->entries, entry);
    }
  g_mutex_unlock (&self->lock);
}

/**
 * rt_strategy_selector_unregister:
 * @self: a selector
 * @name: a name
 *
 * Makes @name unknown. Clients that were made before go on with the strategy that they found.
 *
 * Returns: %TRUE if a strategy was registered under this name
 */
gboolean
rt_strategy_selector_unregister (RtStrategySelector *self, const char *name)
{
  g_return_val_if_fail (RT_IS_STRATEGY_SELECTOR (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  g_autoptr (RtConnectionStrategy) strategy = NULL;
  g_autofree char *stored = NULL;

  g_mutex_lock (&self->lock);
  int place = find_entry (self, name);
  if (place >= 0)
    {
      Entry *entry = &g_array_index (self->entries, Entry, place);
      stored = entry->name;
      strategy = entry->strategy;
      g_array_remove_index (self->entries, (guint) place);
    }
  g_mutex_unlock (&self->lock);
  return strategy != NULL;
}

/**
 * rt_strategy_selector_select:
 * @self: a selector
 * @name: a name
 * @error: return location for %RT_ERROR_INVALID_CONFIG
 *
 * Finds the strategy of this name.
 *
 * Returns: (transfer full): the strategy, or %NULL with @error set if none is registered under @name
 */
RtConnectionStrategy *
rt_strategy_selector_select (RtStrategySelector *self, const char *name, GError **error)
{
  g_return_val_if_fail (RT_IS_STRATEGY_SELECTOR (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  RtConnectionStrategy *strategy = NULL;

  g_mutex_lock (&self->lock);
  int place = find_entry (self, name);
  if (place >= 0)
    strategy = g_object_ref (g_array_index (self->entries, Entry, place).strategy);
  g_mutex_unlock (&self->lock);
  if (strategy == NULL)
    g_set_error (error, RT_ERROR, RT_ERROR_INVALID_CONFIG,
                 "No connection strategy is registered under the name \"%s\"; register one, or use another name",
                 name);
  return strategy;
}

/**
 * rt_strategy_selector_get_names:
 * @self: a selector
 *
 * Lists the names that are registered, in the order in which they were.
 *
 * Returns: (transfer full) (array zero-terminated=1): the names
 */
char **
rt_strategy_selector_get_names (RtStrategySelector *self)
{
  g_return_val_if_fail (RT_IS_STRATEGY_SELECTOR (self), NULL);

  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->entries->len; i++)
    g_strv_builder_add (names, g_array_index (self->entries, Entry, i).name);
  g_mutex_unlock (&self->lock);
  return g_strv_builder_end (names);
}
