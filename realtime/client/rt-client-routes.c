/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-routes.h"

#include "rt-http-transport.h"
#include "rt-line-strategy.h"
#include "rt-strategy-adapter.h"

typedef const RtTransportClass *(*TransportFunc) (void);

static const TransportFunc transports[] = {
  rt_websocket_transport,
  rt_http_stream_transport,
  rt_polling_transport,
};

static const RtTransportClass *
find_transport (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (transports); i++)
    if (g_str_equal (transports[i] ()->name, name))
      return transports[i] ();
  return NULL;
}

/* --- Built-in strategies that were given as objects --- */

/* Such an object describes a transport that the I/O half drives itself, with settings of its own. */
typedef struct
{
  RtTransportClass klass; /* that of the transport, but for open */
  const RtTransportClass *inner;
  RtSettings *settings;
} Described;

static RtTransport *
described_open (RtSettings *settings, gpointer source, GMainContext *context, const RtTransportEvents *events,
                gpointer user_data)
{
  Described *self = source;

  return self->inner->open (self->settings, NULL, context, events, user_data);
}

static void
described_free (gpointer data)
{
  Described *self = data;

  rt_settings_unref (self->settings);
  g_free (self);
}

static void
add_described (RtRoutes *routes, const char *name, RtLineStrategy *strategy, RtFaults *faults)
{
  g_autoptr (GError) error = NULL;
  RtSettings *settings = rt_line_strategy_new_settings (strategy, &error);
  Described *described;

  if (settings == NULL)
    {
      rt_faults_add (faults, "strategies", "the strategy “%s” cannot be used: %s", name, error->message);
      return;
    }
  described = g_new0 (Described, 1);
  described->inner = strategy->kind->transport ();
  described->klass = *described->inner;
  described->klass.open = described_open;
  described->settings = settings;
  rt_routes_add (routes, name, &described->klass, described, described_free);
}

/* --- All of them --- */

static void
add_registered (RtRoutes *routes, const char *name, RtConnectionStrategy *strategy, RtFaults *faults)
{
  RtLineStrategy *built_in = rt_line_strategy_find (strategy);

  if (built_in != NULL)
    add_described (routes, name, built_in, faults);
  else
    rt_routes_add (routes, name, rt_strategy_adapter_transport (), rt_strategy_adapter_new (strategy),
                   (GDestroyNotify) rt_strategy_adapter_free);
}

static void
add_unknown (RtFaults *faults, const char *name)
{
  rt_faults_add (faults, "strategies", "no strategy is registered under the name “%s”", name);
}

static void
add_route (RtRoutes *routes, const char *name, RtStrategySelector *selector, RtFaults *faults)
{
  const RtTransportClass *klass = find_transport (name);
  g_autoptr (RtConnectionStrategy) registered = NULL;

  if (selector != NULL)
    registered = rt_strategy_selector_select (selector, name, NULL);
  if (registered != NULL)
    add_registered (routes, name, registered, faults);
  else if (klass != NULL)
    rt_routes_add (routes, name, klass, NULL, NULL);
  else
    add_unknown (faults, name);
}

void
rt_client_routes_check (const char *const *names, RtStrategySelector *selector, RtFaults *faults)
{
  for (const char *const *name = names; *name != NULL; name++)
    {
      g_autoptr (RtConnectionStrategy) registered = NULL;

      if (selector != NULL)
        registered = rt_strategy_selector_select (selector, *name, NULL);
      if (registered == NULL && find_transport (*name) == NULL)
        add_unknown (faults, *name);
    }
}

RtRoutes *
rt_client_routes_new (RtSettings *settings, RtStrategySelector *selector, GError **error)
{
  g_autoptr (RtRoutes) routes = rt_routes_new ();
  g_auto (RtFaults) faults = { 0 };

  for (char **name = settings->strategies; *name != NULL; name++)
    add_route (routes, *name, selector, &faults);
  if (!rt_faults_finish (&faults, "The configuration", RT_ERROR_INVALID_CONFIG, error))
    return NULL;
  return g_steal_pointer (&routes);
}

void
rt_client_routes_release (RtRoutes *routes)
{
  for (guint i = 0; i < routes->n_items; i++)
    if (routes->items[i].klass == rt_strategy_adapter_transport ())
      rt_strategy_adapter_release (routes->items[i].source);
}
