/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-event-bus.h"
#include "rt-handover.h"
#include "rt-pattern.h"

G_BEGIN_DECLS

/* The bus without GObject. RtEventBus and RtSubscription are handles of what is here, so that another thread never
 * touches an object that a language binding has wrapped: those are looked at in their users' threads alone.
 *
 * A queue for each main context with subscriptions; a subscription belongs to one queue. One lock for all of a bus,
 * held while an event is matched and queued, which gives all queues one order; never while code of a program runs. */

#define RT_BUS_N_TYPES (RT_EVENT_TYPE_CUSTOM + 1)
/* In the queue of one context: */
#define RT_BUS_MAX_PENDING 16384         /* events */
#define RT_BUS_MAX_PENDING_KIB (64 * 1024) /* of what they carry, an event counting as one at least */

typedef struct _RtBus RtBus;
typedef struct _RtBusQueue RtBusQueue;
typedef struct _RtBusSub RtBusSub;

typedef enum
{
  RT_BUS_BY_TYPE,
  RT_BUS_ALL,
  RT_BUS_BY_NAME,
  RT_BUS_BY_CHANNEL,
} RtBusKind;

/* What is asked for. The pattern has been checked. */
typedef struct
{
  RtBusKind kind;
  RtEventType type;
  const char *pattern;
  gboolean once;
  RtEventFunc func;
  gpointer user_data;
  GDestroyNotify destroy;
  gpointer object; /* what it is asked of, a GObject */
} RtBusWish;

struct _RtBus
{
  gatomicrefcount refs;
  guint wanted; /* atomic, a bit for each type; changed under lock */

  GMutex lock;
  /* All else is guarded by it. */
  gint n_held; /* references on the RtEventBus that calls of handlers hold, never more than there are */
  gboolean closed;
  guint n_active;
  guint64 last_serial;
  guint counts[RT_BUS_N_TYPES]; /* subscriptions that may want this type */
  GQueue by_type[RT_BUS_N_TYPES];
  GQueue all;
  RtPatternSet *names;
  RtPatternSet *channels;
  GPtrArray *queues;
  GPtrArray *matches; /* of the event that is being dispatched */
};

struct _RtBusQueue
{
  gatomicrefcount refs;
  RtBus *bus;
  GMainContext *context; /* not a reference: a context that nobody else needs ends its subscriptions */
  RtHandover *handover;  /* of the queue while it is open */
  gint pending;          /* atomic: events that not all subscriptions have been shown */
  gint pending_kib;      /* atomic: what these carry */
  gint overflowed;       /* atomic; changed under the bus's lock */

  /* Guarded by the bus's lock. */
  gboolean closed;
  guint64 lost;           /* events, since the queue was full */
  GQueue subs;            /* holds a reference on each until it is released */
  guint n_matched;        /* of the event that is being dispatched */
  struct _RtBusItem *filling;
};

struct _RtBusSub
{
  RtHandoverItem release; /* first: ends the subscription's life, in its context */
  gatomicrefcount refs;
  RtBusQueue *queue;
  RtEventFunc func;
  gpointer user_data;
  GDestroyNotify destroy;
  GWeakRef object;
  guint64 serial;
  guint types; /* a bit for each that it may want */
  gboolean once;
  gint ended; /* atomic; changed under the bus's lock */

  /* Guarded by the bus's lock. */
  GList link;          /* in @home */
  GQueue *home;        /* where dispatch finds it; NULL if it shall not any more */
  RtPatternSet *set;   /* NULL without a pattern */
  RtPatternNode *node;
  GList queue_link;    /* in the queue's subs */

  /* Only in the context. */
  guint running; /* its handler, one in a nested loop of the other */
  gboolean release_due;

  /* Guarded by the lock of rt-bus-owner.c. */
  GSList *owners;
  gboolean unbound;
};

/* rt-bus.c */
RtBus      *rt_bus_new                (void);
RtBus      *rt_bus_ref                (RtBus           *self);
void        rt_bus_unref              (RtBus           *self);
RtBusSub   *rt_bus_subscribe          (RtBus           *self,
                                       const RtBusWish *wish); /* a reference */
void        rt_bus_dispatch           (RtBus           *self,
                                       RtEvent         *event);
void        rt_bus_close              (RtBus           *self);
/* The same, but what was dispatched before is still delivered. */
void        rt_bus_end                (RtBus           *self);
/* With the lock held. Fills @matches in the order of subscription. */
void        rt_bus_find_matches       (RtBus           *self,
                                       RtEvent         *event);

/* rt-bus-queue.c; all but the context's own source with the bus's lock held */
RtBusQueue *rt_bus_queue_ensure       (RtBus           *bus,
                                       GMainContext    *context);
RtBusQueue *rt_bus_queue_ref          (RtBusQueue      *self);
void        rt_bus_queue_unref        (RtBusQueue      *self);
/* Queues @event for those among the bus's matches that are of @only, or of any queue if that is NULL. */
void        rt_bus_queue_matches      (RtBus           *bus,
                                       RtEvent         *event,
                                       RtBusQueue      *only);
/* Ends @sub when the queue has got there. */
void        rt_bus_queue_finish       (RtBusQueue      *self,
                                       RtBusSub        *sub);
/* In the context: closes the queue if nothing needs it. Without the lock. */
void        rt_bus_queue_forget       (RtBusQueue      *self,
                                       RtBusSub        *sub);

/* rt-bus-sub.c */
RtBusSub   *rt_bus_sub_new            (RtBusQueue      *queue,
                                       const RtBusWish *wish);
RtBusSub   *rt_bus_sub_ref            (RtBusSub        *self);
void        rt_bus_sub_unref          (RtBusSub        *self);
/* With the lock held: dispatch does not find it any more. May be called twice. */
void        rt_bus_sub_unlist         (RtBusSub        *self);
/* With the lock held. Only the first call does something, and returns TRUE. */
gboolean    rt_bus_sub_end_locked     (RtBusSub        *self);
gboolean    rt_bus_sub_end            (RtBusSub        *self);
/* Ends it once what it was sent has been delivered. May be called twice; the first with the lock held. */
void        rt_bus_sub_finish_locked  (RtBusSub        *self);
void        rt_bus_sub_finish         (RtBusSub        *self);
gboolean    rt_bus_sub_has_ended      (RtBusSub        *self);
/* In the context. */
void        rt_bus_sub_deliver        (RtBusSub        *self,
                                       RtEvent         *event);
void        rt_bus_sub_release        (RtBusSub        *self);
/* What the context would have done, if it is no more. */
void        rt_bus_sub_release_orphan (RtBusSub        *self);

/* rt-bus-owner.c; from any thread */
void        rt_bus_owner_bind         (RtBusSub        *sub,
                                       GObject         *object);
void        rt_bus_owner_unbind       (RtBusSub        *sub);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtBus, rt_bus_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtBusSub, rt_bus_sub_unref)

G_END_DECLS
