/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-clock.h"
#include "rt-exchange-private.h"

G_BEGIN_DECLS

/* What the files of the chain share. */

/* One channel in one direction, while an exchange of it is unresolved. */
struct _RtLane
{
  char *channel; /* GRefString; the key in chain->lanes */
  RtDirection direction;
  RtExchange *head; /* borrowed */
  GQueue held;      /* RtExchange.place */
};

struct _RtChain
{
  int refs; /* atomic */
  const RtChainClass *klass;
  gpointer user_data;
  GMainContext *context;
  GSource *source; /* holds a reference on the chain until it is closed */

  GMutex lock;
  RtStages *published; /* guarded by lock: what is used from now on */
  GSList *retired;     /* guarded by lock: RtStages, to be let go of in the thread of the context */
  GQueue carried;      /* guarded by lock: what other threads said */
  gboolean over;       /* guarded by lock: nothing is carried any more */
  GQueue reports;      /* guarded by lock: RtReport */
  int serial;          /* atomic: of what is published */
  guint n_stages;      /* atomic */
  guint n_inside;      /* atomic */
  int closed;          /* atomic */
  gpointer thread;     /* atomic: rt_chain_thread () of that which is in here now */
  RtExchange *running; /* atomic for readers: the innermost frame's */

  /* In the thread of the context. */
  RtStages *stages; /* that which was published when last looked at */
  int stages_serial;
  guint64 last_number; /* of the exchange that came last */
  guint closing;    /* frames that may call back though it is closed */
  RtExchange *ending; /* the innermost frame's that emits `completed` and will call ended */
  RtExchange *spare;
  GHashTable *lanes[2]; /* by direction: channel to RtLane */
  GQueue inside[2];     /* by direction: RtExchange.link, each with a reference */
  GQueue ready;         /* RtExchange.place */
  GSequence *alarms;    /* RtExchange by alarm_time */
  RtTimer *timer;
};

/* What another thread said about an exchange. */
typedef struct
{
  RtExchange *exchange;
  int serial;
  RtVerdict verdict;
  RtMessage *message;
  char *reason;
  GError *error;
} RtCarried;

/* Which thread this is. Cheaper than g_thread_self (), of which a message would need several. */
extern __thread char rt_chain_thread_mark;

static inline gpointer
rt_chain_thread (void)
{
  return &rt_chain_thread_mark;
}

static inline gpointer
rt_chain_enter (RtChain *self)
{
  gpointer before = self->thread;

  g_atomic_pointer_set (&self->thread, rt_chain_thread ());
  return before;
}

static inline void
rt_chain_leave (RtChain *self, gpointer before)
{
  g_atomic_pointer_set (&self->thread, before);
}

/* rt-chain-reports.c */
void     rt_chain_take_reports (RtChain     *self);

/* rt-chain.c */
/* Looks at what was published. */
void     rt_chain_refresh     (RtChain      *self);
gboolean rt_chain_may_call    (RtChain      *self);
gboolean rt_chain_is_here     (RtChain      *self);
void     rt_chain_schedule    (RtChain      *self);
void     rt_chain_make_ready  (RtChain      *self,
                               RtExchange   *exchange);

/* rt-chain-verdicts.c */
void     rt_chain_resolve     (RtExchange   *exchange,
                               RtVerdict     verdict,
                               RtMessage    *message,
                               const char   *reason,
                               const GError *error);
void     rt_chain_take_carried (RtChain     *self);

/* rt-chain-run.c: each may end the exchange and let go of it. */
gboolean rt_chain_drive       (RtChain      *self,
                               RtExchange   *exchange);
void     rt_chain_end         (RtChain      *self,
                               RtExchange   *exchange,
                               const GError *error);
/* Calls ended, once. */
void     rt_chain_tell_end    (RtChain      *self,
                               RtExchange   *exchange);
/* The cancellable of it is cancelled too. */
void     rt_chain_end_early   (RtChain      *self,
                               RtExchange   *exchange,
                               const GError *error);
/* What the middleware of @stage did has failed. TRUE: it has come to an end. */
gboolean rt_chain_fail        (RtChain      *self,
                               RtExchange   *exchange,
                               guint         stage);
void     rt_chain_release     (RtChain      *self,
                               RtExchange   *exchange);

/* rt-chain-guards.c */
typedef enum
{
  RT_OFFER_REFUSED, /* exchange->error or ->reason is the outcome */
  RT_OFFER_TAKEN_BACK,
  RT_OFFER_ENDED,   /* meanwhile, by a handler */
} RtOffer;
RtOffer  rt_chain_offer       (RtChain      *self,
                               RtExchange   *exchange,
                               guint         stage);

/* rt-chain-lanes.c */
RtLane  *rt_chain_find_lane   (RtChain      *self,
                               RtDirection   direction,
                               const char   *channel);
void     rt_chain_hold_back   (RtChain      *self,
                               RtLane       *lane,
                               RtExchange   *exchange);
/* It holds back others from now on. */
void     rt_chain_take_lane   (RtChain      *self,
                               RtExchange   *exchange);
void     rt_chain_leave_lane  (RtChain      *self,
                               RtExchange   *exchange);
void     rt_chain_lane_free   (gpointer      lane);

/* rt-chain-inside.c: exchanges that have to wait */
void     rt_chain_link_inside (RtChain      *self,
                               RtExchange   *exchange);
/* And sets its alarm, and watches its caller's cancel. */
void     rt_chain_put_inside  (RtChain      *self,
                               RtExchange   *exchange);
/* Out of every list. Returns whether rt_chain_left () has to follow, once what it leads to has been done. */
gboolean rt_chain_take_out    (RtChain      *self,
                               RtExchange   *exchange);
void     rt_chain_left        (RtChain      *self);
/* By its state, deadline and limits. */
void     rt_chain_set_alarm   (RtChain      *self,
                               RtExchange   *exchange);
void     rt_chain_clear_alarm (RtChain      *self,
                               RtExchange   *exchange);
/* TRUE if there was one that was due. */
gboolean rt_chain_ring_alarm  (RtChain      *self,
                               gint64        now);
/* Starts the timer for the next one. */
void     rt_chain_wind_alarms (RtChain      *self);

G_END_DECLS
