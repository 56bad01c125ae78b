/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-event-bus.h"
#include "rt-event-private.h"

G_BEGIN_DECLS

/* A subscriber that writes down what it is told, and what has become of it. To be used by one thread. */
typedef struct _EventProbe EventProbe;
typedef void (*EventProbeFunc) (EventProbe *probe,
                                RtEvent    *event);

struct _EventProbe
{
  GString *log;      /* names of events, each with a blank behind it */
  EventProbe *shared; /* nullable: whose log is used instead, with our own name before each */
  const char *name;
  guint count;
  guint destroyed;
  GThread *thread; /* where it was made: all calls must be there */
  EventProbeFunc action; /* nullable: inside the handler, after writing it down */
  gpointer data;         /* for the action */
  RtEventBus *bus;
  RtSubscription *subscription;
};

EventProbe *event_probe_new     (RtEventBus     *bus,
                                 EventProbe     *shared,
                                 const char     *name);
void        event_probe_free    (EventProbe     *probe);
/* RtEventFunc and its GDestroyNotify, with the probe as data */
void        event_probe_handle  (RtEvent        *event,
                                 gpointer        probe);
void        event_probe_destroy (gpointer        probe);
void        event_probe_act     (EventProbe     *probe,
                                 EventProbeFunc  action,
                                 gpointer        data);

/* Subscribe and keep the subscription. */
void        event_probe_on      (EventProbe     *probe,
                                 RtEventType     type);
void        event_probe_on_all  (EventProbe     *probe);

void        event_dispatch      (RtEventBus     *bus,
                                 RtEventType     type);
void        event_dispatch_name (RtEventBus     *bus,
                                 const char     *name);
void        event_dispatch_about (RtEventBus    *bus,
                                  const char    *channel);
/* Until the thread's default context has nothing more to do. */
void        event_settle        (void);

/* Drops the bus, and lets its subscriptions end. */
void        event_bus_end       (RtEventBus    **bus);

#define event_probe_assert_log(probe, text)        \
  G_STMT_START                                     \
  {                                                \
    event_settle ();                               \
    g_assert_cmpstr ((probe)->log->str, ==, text); \
    g_string_truncate ((probe)->log, 0);           \
  }                                                \
  G_STMT_END

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EventProbe, event_probe_free)

G_END_DECLS
