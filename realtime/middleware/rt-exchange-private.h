/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-chain.h"
#include "rt-stages.h"

G_BEGIN_DECLS

/* The inside of an exchange, for the files of the chain. Everything is used in the thread of the chain's context, but
 * for what says otherwise. */

typedef struct _RtLane RtLane;

typedef enum
{
  RT_EXCHANGE_IDLE,
  RT_EXCHANGE_HELD,    /* behind another one of its lane */
  RT_EXCHANGE_RUNNING, /* in a middleware's process () */
  RT_EXCHANGE_PARKED,  /* taken by a middleware that has not resolved it yet */
  RT_EXCHANGE_WAITING, /* taken back by a guard, until it tries again */
  RT_EXCHANGE_READY,   /* to be run on by the chain's source */
  RT_EXCHANGE_FAILING, /* being offered to the guards */
  RT_EXCHANGE_PASSED,
  RT_EXCHANGE_ENDED,
} RtExchangeState;

typedef enum
{
  RT_VERDICT_NONE,
  RT_VERDICT_PROCEED,
  RT_VERDICT_DROP,
  RT_VERDICT_FAIL,
  RT_VERDICT_FORGET, /* carried over, but never taken */
} RtVerdict;

typedef enum
{
  RT_GUARD_PASS_ON, /* the failure goes on outwards */
  RT_GUARD_DROP,    /* it is dealt with: outside of the guard the exchange counts as dropped */
  RT_GUARD_RETRY,
} RtGuardAnswer;

/* Called when what is inside of @middleware has failed, @attempt times by now. Sets *delay (ms) for a retry; where
 * @delay is NULL there can be none. */
typedef RtGuardAnswer (*RtGuardFunc) (RtMiddleware *middleware,
                                      RtExchange   *exchange,
                                      guint         attempt,
                                      const GError *error,
                                      guint        *delay);

/* Called in place of process () when the time has come. */
typedef void (*RtWakeFunc) (RtMiddleware *middleware,
                            RtExchange   *exchange,
                            gpointer      data);

/* What a middleware has set up for whatever is inside of it. */
typedef struct
{
  guint stage;
  RtMiddleware *middleware;
  RtGuardFunc func;
  RtMessage *message; /* as it went in */
  guint attempts;     /* that failed */
  gulong mark;        /* handlers of `completed` with higher ids were connected inside */
} RtGuard;

typedef struct
{
  guint stage;
  guint ms;
  gint64 deadline;
} RtLimit;

struct _RtExchange
{
  GObject parent_instance;

  RtChain *chain;     /* a reference; never changes. NULL for one that a script made */
  RtStages *stages;   /* NULL once it has ended */
  RtMessage *message;
  gpointer tag;
  RtDirection direction;
  RtExchangeState state;
  RtVerdict verdict;
  guint64 number;     /* in the order in which they came to the chain */
  guint next;         /* the stage to be run next */
  int serial;         /* atomic: which of all stages it is in, of all that the object saw */
  guint driven;       /* frames on the stack that run it */
  guint loose : 1;    /* holds nobody back */
  guint inside : 1;   /* in chain->inside */
  guint watched : 1;  /* somebody connected a handler */
  guint expired : 1;   /* a limit ended while it was being sent; @error says so, of @late_stage */
  guint final : 1;     /* nothing is tried again */
  guint told : 1;      /* ended was called */
  guint offered : 1;   /* the frame on the stack that offers it to the guards brings its end about */
  guint late_stage;
  const GError *outcome;     /* with which it ends; borrowed */
  RtExchange *outer_ending;

  char *reason;
  GError *error;
  GError *early;             /* nullable: why it ended while it was offered */
  GCancellable *cancellable; /* atomic; made when asked for */
  int cancelled;             /* atomic: one that is made later is cancelled from the start */

  GCancellable *caller;      /* the caller's own */
  GSource *caller_watch;
  guint deadline_ms;
  gint64 deadline;           /* 0 until it first had to wait */
  gint64 wake;               /* when the guard tries again, or the waker is called */
  RtWakeFunc woken;          /* nullable */
  RtMiddleware *waker;
  gpointer wake_data;
  GSequenceIter *alarm;      /* in chain->alarms */
  gint64 alarm_time;

  RtExchange *outer;         /* what was being run when this one was */
  RtLane *lane;              /* whose head it is, or in whose queue */
  GList place;               /* in lane->held or chain->ready */
  GList link;                /* in chain->inside */

  GArray *guards;            /* RtGuard, outermost first; nullable */
  GArray *limits;            /* RtLimit, likewise */
};

/* For middlewares of this library, from inside process () and before the exchange is resolved. */

/* Lets @func have a say when what is inside of @middleware fails. */
void          rt_exchange_guard          (RtExchange   *self,
                                          RtMiddleware *middleware,
                                          RtGuardFunc   func);
/* Has @func called at @when, for an exchange that @middleware keeps until then. */
void          rt_exchange_wake_at        (RtExchange   *self,
                                          RtMiddleware *middleware,
                                          gint64        when,
                                          RtWakeFunc    func,
                                          gpointer      data);
/* Fails what is inside of the middleware, the send included, if it takes longer than @ms. */
void          rt_exchange_limit          (RtExchange   *self,
                                          guint         ms);
/* Holds back later ones of its channel no longer: the middleware itself looks after the order. */
void          rt_exchange_let_by         (RtExchange   *self);
/* How long it may be kept, µs. */
gint64        rt_exchange_get_patience   (RtExchange   *self,
                                          gint64        now);
/* Which of its turns in process () is, or was, the last. */
int           rt_exchange_get_serial     (RtExchange   *self);
/* Whether the middleware that was given it in that turn still keeps it. */
gboolean      rt_exchange_is_kept        (RtExchange   *self,
                                          int           serial);
/* Whether it came to the same chain after @other. */
gboolean      rt_exchange_is_newer       (RtExchange   *self,
                                          RtExchange   *other);
/* For a guard that is asked: the message as it came to its middleware. */
RtMessage    *rt_exchange_get_guarded    (RtExchange   *self);

/* For the chain. */
RtExchange   *rt_exchange_new            (RtChain      *chain);
void          rt_exchange_cancel         (RtExchange   *self);
/* Makes it as new, if nobody can reach it any more; else FALSE. */
gboolean      rt_exchange_reset          (RtExchange   *self);
/* Emits `completed` to the handlers with an id above @mark, the latest first, each once. */
void          rt_exchange_emit_completed (RtExchange   *self,
                                          gulong        mark,
                                          const GError *error);
void          rt_exchange_clear_guards   (RtExchange   *self,
                                          guint         n_left);

G_END_DECLS
