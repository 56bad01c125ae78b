/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <realtime-mock/realtime-mock.h>
#include <realtime/realtime.h>
#include "rt-fault-history.h"
#include "rt-fault-proxy.h"
#include "rt-test.h"

G_BEGIN_DECLS

/* A server, a proxy before it, clients that come through the proxy, and the history of it all; on virtual time, so
 * that minutes of outage cost nothing. */

typedef struct _RtFaultWorld RtFaultWorld;

typedef enum
{
  RT_FAULT_EVERY_ROUTE,
  RT_FAULT_STREAMS_ONLY, /* where a server may speak unasked: a poll that fails is just made again */
} RtFaultScope;

/* A case of the matrix, tried over each route: its function is given the strategy's name, which is interned. */
typedef struct
{
  const char *name;
  GTestDataFunc func;
  RtFaultScope scope;
} RtFaultCase;

#define RT_FAULT_WEBSOCKET (g_intern_static_string ("websocket"))

/* As /Rt/Fault/NAME/ROUTE. */
void rt_fault_add_cases (const RtFaultCase *cases,
                         gsize              n_cases);

/* A client and what it has seen. */
typedef struct
{
  RtFaultWorld *world;
  char *name;
  RtClient *client;
  GPtrArray *channels;    /* of RtChannel, joined */
  GHashTable *last;       /* name of a channel → id of the last message */
  gboolean is_closed;

  guint invoked;
  guint ok;
  guint failed;
  guint unknown;
  guint delivered;
  guint gaps;
  guint recovered; /* times */
  guint connected;
  guint disconnected;
  guint errors;
  guint last_code; /* of the last "disconnected" */
  gboolean last_will_retry;
  gint64 lost_at; /* when that came, on the clock */
  GArray *delays; /* announced by "reconnecting", ms each */
  GError *last_send_error;
  guint refreshed; /* times that the server took a new token of the connection */
  GString *texts;  /* all that was said of errors */
} RtFaultActor;

struct _RtFaultWorld
{
  const char *route; /* the strategy that its clients use; NULL: all */
  const char *host;  /* the name by which clients to come know the proxy; NULL: its address */
  RtMockServer *server; /* NULL with a child */
  GSubprocess *child;   /* in real time: the server is a process of its own */
  guint child_port;
  guint ping_interval;
  RtFaultProxy *proxy;
  RtFaultHistory *history;
  char *journal; /* the server's file */
  GPtrArray *actors;
  guint threads; /* of this process, before */
  guint fds;
};

RtFaultWorld *rt_fault_world_new       (guint64       seed,
                                        const char   *route,          /* nullable */
                                        guint         ping_interval); /* ms, 0: none */
/* In real time, with the server in a child process, which can be killed in earnest. Its clients use WebSockets. */
RtFaultWorld *rt_fault_world_new_child (guint64       seed,
                                        guint         ping_interval);
/* Closes what is open, and checks that nothing is left of it: no object, no thread, no descriptor. */
void          rt_fault_world_free      (RtFaultWorld *self);
/* The server dies without a word, or comes back on the same port and goes on from its journal. */
void          rt_fault_world_kill      (RtFaultWorld *self);
void          rt_fault_world_restart   (RtFaultWorld *self);
/* The child is stopped, as if its machine hung, or goes on. */
void          rt_fault_world_signal    (RtFaultWorld *self,
                                        int           number);
/* Lets time pass. */
void          rt_fault_world_run       (RtFaultWorld *self,
                                        guint         ms);
/* Waits until every send has ended and every reader has seen the last message of each of its channels, and lets the
 * verifier judge. */
void          rt_fault_world_verify    (RtFaultWorld *self,
                                        gboolean      allow_gaps);

/* A client that goes through the proxy, with settings that are taken, or NULL. It belongs to the world. */
RtFaultActor *rt_fault_actor_new       (RtFaultWorld    *world,
                                        const char      *name,
                                        RtConfigBuilder *settings);
/* The same with a source of tokens, which is the caller's, too, or NULL. */
RtFaultActor *rt_fault_actor_new_with_tokens (RtFaultWorld    *world,
                                              const char      *name,
                                              RtConfigBuilder *settings,
                                              RtTokenProvider *tokens);
/* Calls connect and waits until it is connected, whatever the outcome of the first round. */
void          rt_fault_actor_connect   (RtFaultActor *self);
void          rt_fault_actor_join      (RtFaultActor *self,
                                        const char   *channel);
/* Begins a send. */
void          rt_fault_actor_send      (RtFaultActor *self,
                                        const char   *channel);
void          rt_fault_actor_send_with (RtFaultActor *self,
                                        const char   *channel,
                                        GCancellable *cancellable);
gboolean      rt_fault_actor_is_idle   (RtFaultActor *self);
/* Closes it in good order. */
void          rt_fault_actor_close     (RtFaultActor *self);
/* Settings that let a client come back sooner than by default, where that is not what is looked at. */
RtConfigBuilder *rt_fault_quick_settings (void);
/* With the quick settings; connected, and joined to room. */
RtFaultActor *rt_fault_actor_new_in_room (RtFaultWorld *world,
                                          const char   *name);

/* Lets time pass until @condition holds, for ten minutes at most. */
#define rt_fault_wait_until(world, condition)                                                 \
  G_STMT_START                                                                                \
  {                                                                                           \
    for (guint waited_ = 0; !(condition); waited_ += RT_FAULT_STEP_MS)                        \
      {                                                                                       \
        if (waited_ >= 600000)                                                                \
          g_error ("%s:%d: not in time: %s", __FILE__, __LINE__, #condition);                 \
        rt_fault_world_run ((world), RT_FAULT_STEP_MS);                                       \
      }                                                                                       \
  }                                                                                           \
  G_STMT_END

/* After each step all sides have come to rest a few times over. Timers fire at their own moments within one. */
#define RT_FAULT_STEP_MS 100

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtFaultWorld, rt_fault_world_free)

G_END_DECLS
