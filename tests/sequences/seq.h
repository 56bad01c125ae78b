/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <realtime-mock/realtime-mock.h>
#include <realtime/realtime.h>

G_BEGIN_DECLS

/* Random sequences of calls of the public API, in any order and any state, that follow a seed. A *life* is that of one
 * client: many short sequences, after which it ends in one way or another. What must hold: each asynchronous call
 * completes once, with a result that is legal in its state, nothing hangs or warns, and nothing keeps the client. */

typedef struct _Seq Seq;
typedef struct _SeqCall SeqCall;

/* --- What a program is made of: actions --- */

/* Which parts of the API an action is about. A profile draws from some of them. */
typedef enum
{
  SEQ_GROUP_DATA = 1 << 0,    /* objects without a connection */
  SEQ_GROUP_CONFIG = 1 << 1,  /* settings and builders */
  SEQ_GROUP_CLIENT = 1 << 2,
  SEQ_GROUP_CHANNEL = 1 << 3, /* and histories */
  SEQ_GROUP_END = 1 << 4,     /* disconnecting, closing, resetting: what takes the connection away */
  SEQ_GROUP_FAULT = 1 << 5,   /* what the server does */
  SEQ_GROUP_EVENT = 1 << 6,   /* buses and subscriptions */
  SEQ_GROUP_MIDDLEWARE = 1 << 7,
  SEQ_GROUP_STREAM = 1 << 8,
} SeqGroup;

typedef struct
{
  const char *name;
  SeqGroup group;
  guint weight;
  void (*run) (Seq *seq);
} SeqAction;

/* The tables of the files beside this one, each ended by an empty action. */
extern const SeqAction seq_data_actions[];
extern const SeqAction seq_config_actions[];
extern const SeqAction seq_client_actions[];
extern const SeqAction seq_channel_actions[];
extern const SeqAction seq_server_actions[];
extern const SeqAction seq_event_actions[];
extern const SeqAction seq_middleware_actions[];
extern const SeqAction seq_stream_actions[];

/* --- Calls that end later --- */

/* Rows of the table of what may come of a call. */
typedef enum
{
  SEQ_KIND_CONNECT,
  SEQ_KIND_DISCONNECT,
  SEQ_KIND_CLOSE,
  SEQ_KIND_RESET,
  SEQ_KIND_SEND,
  SEQ_KIND_RPC,
  SEQ_KIND_PING,
  SEQ_KIND_JOIN,
  SEQ_KIND_LEAVE,
  SEQ_KIND_ASK,  /* history, presence */
  SEQ_KIND_MORE, /* of a history; at its end there is nothing to ask for */
  SEQ_KIND_NOTIFY,
  SEQ_KIND_START,  /* of a stream, which joins the channel */
  SEQ_KIND_STREAM, /* what is done with an end of one */
  SEQ_N_KINDS,
} SeqKind;

/* What happened to a client, counted. Much is legal only after one of these. */
typedef enum
{
  SEQ_DID_CONNECT,
  SEQ_DID_DISCONNECT,
  SEQ_DID_CLOSE,
  SEQ_DID_DISPOSE,
  SEQ_DID_DROP,  /* let go of: it lives on for as long as calls are under way */
  SEQ_DID_RESET,
  SEQ_DID_LEAVE,
  SEQ_DID_WAIT,  /* time has passed */
  SEQ_DID_FAULT, /* the server misbehaves, or did */
  SEQ_DID_INTERFERE, /* a middleware may do anything to a message */
  SEQ_N_DEEDS,
} SeqDeed;

/* A method that waits. Each begins with the arguments that @prepare has drawn. */
typedef struct
{
  const char *name;
  SeqKind kind;
  gboolean (*prepare) (Seq     *seq,
                       SeqCall *call); /* FALSE: there is nothing to call it on */
  void     (*start)   (SeqCall            *call,
                       GAsyncReadyCallback callback);
  /* Both leave the result in the call. @sync runs in a thread of its own. */
  void     (*finish)  (SeqCall       *call,
                       GObject       *source,
                       GAsyncResult  *result,
                       GError       **error);
  void     (*sync)    (SeqCall *call,
                       GError **error);
  gboolean (*take)    (SeqCall *call); /* looks at the result and lets go of it; FALSE: there is none */
} SeqMethod;

struct _SeqCall
{
  Seq *seq;
  const SeqMethod *method;
  /* The arguments; what an asynchronous call does not need any more is let go of when it has begun. */
  RtClient *client;
  RtChannel *channel;
  RtHistory *history;
  GObject *stream;
  RtMessage *message;
  RtMessageOptions *options;
  RtChannelOptions *channel_options;
  RtPosition *since;
  GVariant *data;
  char *name;
  char *text;
  int limit;
  gboolean reverse;
  GCancellable *cancellable;
  gboolean wrong; /* an argument is */
  /* How things stood when it began. */
  int state; /* RtConnectionState, -1: the client was let go of */
  guint did[SEQ_N_DEEDS];
  guint n_connecting;
  /* What came of it. */
  union
  {
    gboolean ok;
    gint64 time;
    gpointer pointer;
  } result;
  guint n_clients;
  guint n_users;
  guint count;
  gboolean forgotten; /* nobody wants to know */
};

/* Begins a call of @method, blocking in another thread or not. */
void     seq_call            (Seq             *seq,
                              const SeqMethod *method);
/* Aborts if what came of @call is not legal. */
void     seq_check_outcome   (Seq             *seq,
                              SeqCall         *call,
                              gboolean         ok,
                              const GError    *error);

/* --- A life --- */

/* What there is to make calls on and with. Older ones make room for new ones. */
typedef enum
{
  SEQ_POOL_CHANNELS,
  SEQ_POOL_HISTORIES,
  SEQ_POOL_MESSAGES,
  SEQ_POOL_OPTIONS,
  SEQ_POOL_CHANNEL_OPTIONS,
  SEQ_POOL_CANCELLABLES,
  SEQ_POOL_BUSES,
  SEQ_POOL_SUBSCRIPTIONS,
  SEQ_POOL_EVENTS,
  SEQ_POOL_MIDDLEWARES,
  SEQ_POOL_EXCHANGES, /* that nobody has resolved */
  SEQ_POOL_STREAMS,
  SEQ_POOL_READERS,
  SEQ_N_POOLS,
} SeqPool;

typedef struct
{
  const char *name;
  guint groups;
  guint share;  /* of the sequences, in percent */
  guint length; /* of a life, in sequences */
} SeqProfile;

struct _Seq
{
  const SeqProfile *profile;
  GRand *rand;
  RtMockServer *server;
  char *url;
  RtClient *client; /* NULL when it was let go of */
  gboolean gone;    /* the client was finalized */
  gboolean small_queue; /* its send queue takes few */
  GPtrArray *pools[SEQ_N_POOLS];
  GPtrArray *calls; /* SeqCall, of this life */
  GPtrArray *hooks; /* of this life */
  guint n_hooks;    /* in use */
  guint did[SEQ_N_DEEDS];
  guint n_open;
  guint n_kind[SEQ_N_KINDS]; /* open ones */
  guint depth;               /* of handlers that call */
  guint passed;              /* moves of time since the last action */
};

/* Runs @n sequences of lives of @profile, each with a seed of its own from @seed up. */
void     seq_run_lives       (const SeqProfile *profile,
                              guint32           seed,
                              guint             n);
/* One drawn action of the profile. */
void     seq_act             (Seq             *seq);
void     seq_did             (Seq             *seq,
                              SeqDeed          deed);
/* In a handler: perhaps one. There everything may be called, but waiting. */
void     seq_act_in_handler  (Seq             *seq);
/* The user data of a callback that stays, and its destroy notify, which has to run once. */
gpointer seq_new_hook        (Seq             *seq);
Seq     *seq_hook_get        (gpointer         hook);
void     seq_hook_destroyed  (gpointer         hook);
/* A new client, and everything that is seen of it. */
void     seq_take_client     (Seq             *seq,
                              RtClient        *client);
/* Sees what a channel of the client emits. */
void     seq_watch_channel   (Seq             *seq,
                              RtChannel       *channel);
/* Lets go of the client, which lives on for as long as calls are under way. */
void     seq_drop_client     (Seq             *seq);
void     seq_dispose_client  (Seq             *seq);

/* --- Drawing --- */

guint    seq_below           (Seq             *seq,
                              guint            n);
/* Once in @n times. */
gboolean seq_chance          (Seq             *seq,
                              guint            n);
/* Takes @object, which may be NULL. */
void     seq_put             (Seq             *seq,
                              SeqPool          pool,
                              gpointer         object);
/* A new reference, or NULL where there is none. */
gpointer seq_get             (Seq             *seq,
                              SeqPool          pool);
/* Names and texts; of some of them @wrong says that they are wrong, where it is not NULL. */
char    *seq_channel_name    (Seq             *seq,
                              gboolean        *wrong);
char    *seq_text            (Seq             *seq,
                              gboolean        *wrong);
GVariant *seq_variant        (Seq             *seq,
                              gboolean        *wrong);
/* Either a result or an error with a text, never both or neither; with one of the codes, ended by -1. */
void     seq_check_result    (gboolean         ok,
                              GError          *error,
                              ...);

G_END_DECLS
