/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "event-probe.h"

EventProbe *
event_probe_new (RtEventBus *bus, EventProbe *shared, const char *name)
{
  EventProbe *probe = g_new0 (EventProbe, 1);

  probe->log = g_string_new (NULL);
  probe->shared = shared;
  probe->name = name;
  probe->thread = g_thread_self ();
  probe->bus = bus;
  return probe;
}

void
event_probe_free (EventProbe *probe)
{
  g_string_free (probe->log, TRUE);
  g_clear_object (&probe->subscription);
  g_free (probe);
}

void
event_probe_handle (RtEvent *event, gpointer user_data)
{
  EventProbe *probe = user_data;
  GString *log = probe->shared != NULL ? probe->shared->log : probe->log;

  g_assert_true (g_thread_self () == probe->thread);
  g_assert_cmpuint (probe->destroyed, ==, 0);
  probe->count++;
  if (probe->shared != NULL)
    g_string_append_printf (log, "%s:", probe->name);
  g_string_append_printf (log, "%s ", rt_event_get_name (event));
  if (probe->action != NULL)
    probe->action (probe, event);
}

void
event_probe_destroy (gpointer user_data)
{
  EventProbe *probe = user_data;

  g_assert_true (g_thread_self () == probe->thread);
  probe->destroyed++;
}

void
event_probe_act (EventProbe *probe, EventProbeFunc action, gpointer data)
{
  probe->action = action;
  probe->data = data;
}

void
event_probe_on (EventProbe *probe, RtEventType type)
{
  g_clear_object (&probe->subscription);
  probe->subscription = rt_event_bus_subscribe (probe->bus, type, event_probe_handle, probe, event_probe_destroy);
}

void
event_probe_on_all (EventProbe *probe)
{
  g_clear_object (&probe->subscription);
  probe->subscription = rt_event_bus_subscribe_all (probe->bus, event_probe_handle, probe, event_probe_destroy);
}

void
event_dispatch (RtEventBus *bus, RtEventType type)
{
  g_autoptr (RtEvent) event = rt_event_new (type, NULL);

  rt_event_bus_dispatch (bus, event);
}

void
event_dispatch_name (RtEventBus *bus, const char *name)
{
  g_autoptr (RtEvent) event = rt_event_new_custom (name, NULL);

  rt_event_bus_dispatch (bus, event);
}

void
event_dispatch_about (RtEventBus *bus, const char *channel)
{
  g_autoptr (RtEvent) event = rt_event_new_from_parts (&(RtEventParts) { .type = RT_EVENT_TYPE_CUSTOM, .name = channel,
                                                                         .channel = channel });

  rt_event_bus_dispatch (bus, event);
}

void
event_settle (void)
{
  GMainContext *context = g_main_context_get_thread_default ();

  while (g_main_context_iteration (context, FALSE))
    ;
}

void
event_bus_end (RtEventBus **bus)
{
  g_clear_object (bus);
  event_settle ();
}
