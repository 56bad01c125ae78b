/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-backoff.h"
#include "rt-clock.h"
#include "rt-codec.h"
#include "rt-connection.h"
#include "rt-rate-bucket.h"
#include "rt-replies.h"
#include "rt-send-queue.h"
#include "rt-verdict.h"
#include "rt-wake.h"

G_BEGIN_DECLS

/* How long a connection that may be dead has to answer, ms. */
#define RT_CONNECTION_PROBE_TIMEOUT 5000

#define RT_NO_SERVER_TIME G_MININT64

/* What the line is doing. The public state is derived from it and from why it does so. */
typedef enum
{
  RT_PHASE_IDLE,
  RT_PHASE_WAITING,  /* for the next attempt, or for the token that it needs */
  RT_PHASE_OPENING,  /* the transport opens */
  RT_PHASE_GREETING, /* the connect command waits for its reply */
  RT_PHASE_OPEN,
  RT_PHASE_DRAINING, /* asked to end: what was sent may still be answered */
  RT_PHASE_CLOSING,  /* the closing handshake */
} RtPhase;

/* One attempt: each route once, until one works. */
typedef struct
{
  guint *order;     /* places in the routes, to be tried one after the other */
  guint n;
  guint next;
  gint64 deadline;
  GError *error;    /* of the first route that failed */
  gboolean refused; /* every route so far was refused, not merely out of reach */
  gint64 floor;     /* what the servers asked for, µs, else -1 */
  gint64 spread;
} RtRound;

/* Publishes on their way. One is here, or in the reply table. */
typedef struct
{
  GQueue again;      /* RtOp, linked through link, in the order in which they were written first: on a line that is
                        gone, without an answer, or too fast for the server */
  RtSendQueue queue; /* never written */
  guint in_flight;   /* in the reply table */
  guint suspects;    /* of these, what the server may have closed over before: none or one */
  guint mortal;      /* of those to be written again, the ones with a time to live */
  guint gates;       /* subscribe commands that the queue waits for */
  guint64 writes;    /* how many there have been */
} RtSends;

/* How fast publishes may leave: what the program has set, and what the server has shown that it takes. */
typedef struct
{
  gboolean limited;   /* there is a rate-limit; else nothing here counts */
  gboolean waits;     /* what is too fast waits, whatever it is */
  RtRateBucket bucket;
  GQueue flying;      /* RtOp, linked through link, in the order of writing: those in the reply table */
  guint refused;      /* how many of those to be sent again the server found too fast */
  guint refusals;     /* that it took back, since it last accepted one written after it */
  guint64 rested_at;  /* the number of the last write before it took the last one back */
  gint64 rests_until; /* nothing is written before */
  guint window;       /* how many may be under way; G_MAXUINT: as many as come */
} RtPace;

/* The token of the connection, where there is a provider. */
typedef struct
{
  char *value;        /* nullable */
  gint64 refresh_at;  /* 0: it does not expire */
  guint serial;       /* of the last request */
  guint attempts;     /* failed in a row */
  gboolean requested; /* an answer is awaited */
  gboolean renewed;   /* it was replaced because the server did not take the one before */
} RtTokens;

/* Why the next attempt is not to wait. */
typedef enum
{
  RT_HURRY_NONE,
  RT_HURRY_NEWS,    /* the network, or a sleep: not more often than once a second */
  RT_HURRY_PROGRAM, /* it asked for this one */
} RtHurry;

/* How often something happened lately. */
typedef struct
{
  gint64 since;
  guint count;
} RtTally;

struct _RtConnection
{
  gatomicrefcount refs;

  /* Immutable. */
  RtRoutes *routes;
  gboolean asks_token;
  const RtConnectionEvents *events;
  gpointer user_data;
  GDestroyNotify destroy;
  const RtCodec *codec;
  RtHandover *down;
  gint receive_limit; /* messages and bytes of the queue up */
  gint receive_bytes;

  /* Any thread. */
  gint state;    /* RtConnectionState, atomic; written by the I/O thread */
  gint shown_route; /* atomic: the place of the route in use */
  gint queued_messages; /* atomic */
  gint queued_bytes;    /* atomic */
  gint depth_told;      /* atomic: there is news of these two that nobody has looked at */
  gint unanswered_sends; /* atomic */
  gint unanswered_bytes; /* atomic */
  gint up_messages;      /* atomic: handed up, not yet used up */
  gint up_bytes;         /* atomic */
  gint wants_room;       /* atomic: ROOM is to be sent down once the queue up is half empty */
  RtOpPool spares;
  GMutex lock;
  char *client_id;           /* guarded by lock */
  RtConnectionStatus status; /* guarded by lock; the depth of the queue is not kept in it */

  /* Only the I/O thread from here on. */
  RtSettings *settings;
  RtPhase phase;
  gboolean stopped;
  gboolean wanted; /* the program wants a connection */
  gboolean closing_for_good; /* what ends the line is close, not disconnect */
  GError *failure;           /* why the state is FAILED */
  GError *line_error;        /* why this end cuts the line, to be told when it is cut */
  guint pushed_code;         /* what the server gave in a push as the reason to end it */
  guint pushed_spread;
  char *pushed_reason;       /* NULL: it did not */

  /* Coming back. */
  RtBackoff backoff;
  RtRound round;
  int forced_route;    /* the program's choice, or -1 */
  guint early_deaths;  /* of the route in use, in a row */
  RtHurry hurry;       /* whether the next attempt waits */
  gboolean decided; /* this end knows better than the end of the line tells what it means */
  RtVerdict decision;
  gboolean was_cut;    /* it was this end that ended the line */
  RtTally faults;
  RtTally oversizes;
  gint64 lost_at;      /* since when there has been no connection */
  gint64 opened_at;
  gint64 floor_until;  /* the server wants to be left alone until then */
  gint64 tried_at;     /* when the last attempt began; 0: never */
  gint64 retry_at;     /* when the one that is waited for is due */
  RtWake *wake;
  RtTokens tokens;
  RtSends sends;
  RtPace pace;

  const RtTransportClass *transport_class; /* of the route in use */
  guint route;
  RtTransport *transport;
  RtProfile profile;
  guint ping_interval; /* s; 0: the server announced none */
  gboolean wants_pong;
  guint unsent_pongs; /* since the transport last had nothing queued */
  gint64 turn_time; /* what the clock said in this turn of the loop, 0 before it was asked */
  gint64 server_lead; /* of the server's clock over rt_clock_boot (), µs; RT_NO_SERVER_TIME: it did not tell */
  gint64 last_activity;
  gint64 last_ping;
  gint64 probed_at; /* 0: no probe is out */

  RtDecoder decoder;
  RtBatch *batch; /* being filled */
  RtBlock block;  /* where messages are copied to, shared with the batches that point into it */
  RtBuffer out;   /* commands of this turn */
  RtReplies replies;
  GHashTable *subs; /* name → RtSub */
  RtSub *last_sub;  /* the one that the last publication was for; in subs */

  GPtrArray *connects; /* RtOp */
  GPtrArray *ends;     /* RtOp: disconnect or close */
  GQueue pings;        /* RtOp */

  gboolean paused;   /* reading waits for room in the queue up */
  gboolean overflow; /* it waited too long: publications are not kept */

  RtTimer *open_timer;
  RtTimer *line_timer;
  RtTimer *reply_timer;
  gint64 reply_due; /* while that timer runs: when it ends */
  RtTimer *end_timer;
  RtTimer *pause_timer;
  RtTimer *retry_timer;
  RtTimer *suspend_timer;
  RtTimer *probe_timer;
  RtTimer *expiry_timer;
  RtTimer *due_timer;
  RtTimer *pace_timer;
};

/* rt-connection-telling.c */
void     rt_connection_set_state (RtConnection *self, RtConnectionState state);
void     rt_connection_set_reason (RtConnection *self, guint code, const char *reason);
void     rt_connection_set_waiting (RtConnection *self, guint attempt, guint retry_in);
GError  *rt_connection_refusal   (RtConnection *self); /* why a request cannot be made now */
void     rt_connection_send_news (RtConnection *self, RtNews *news);
void     rt_connection_send_error (RtConnection *self, const GError *error);
void     rt_connection_complete  (RtConnection *self, RtOp *op, GError *error); /* takes both */
void     rt_connection_complete_all (RtConnection *self, GPtrArray *ops, const GError *error);
void     rt_connection_flush_batch (RtConnection *self);
gint64   rt_connection_now       (RtConnection *self); /* read once a turn */

/* rt-connection-retry.c */
void     rt_connection_connect_op    (RtConnection *self, RtOp *op);
void     rt_connection_connect_again (RtConnection *self);
void     rt_connection_start_round   (RtConnection *self);
gboolean rt_connection_renew_token   (RtConnection *self); /* FALSE: there is no other */
void     rt_connection_route_failed  (RtConnection *self, const RtVerdict *verdict, const GError *error);
void     rt_connection_wait          (RtConnection *self, const RtVerdict *verdict, const GError *error);
void     rt_connection_give_up       (RtConnection *self, const GError *error); /* for good */
void     rt_connection_stop_trying   (RtConnection *self);
void     rt_connection_line_survived (RtConnection *self, gboolean clean);
void     rt_connection_kick          (RtConnection *self, gboolean by_program);
void     rt_connection_token_came    (RtConnection *self, const GError *error); /* NULL: there is one */
void     rt_connection_choose_route  (RtConnection *self, int route);
void     rt_connection_retry_expired (gpointer self);
void     rt_connection_suspend_expired (gpointer self);
void     rt_connection_woken         (gpointer self);
gboolean rt_connection_tally         (RtTally *tally, guint limit); /* FALSE: too often */

/* rt-connection-tokens.c */
gboolean rt_connection_has_token     (RtConnection *self); /* else it has been asked for */
void     rt_connection_drop_token    (RtConnection *self);
void     rt_connection_token_lives   (RtConnection *self, guint32 ttl); /* s, 0: for ever */
void     rt_connection_refreshed     (RtConnection *self, const RtReply *reply, GError *error); /* takes error */
gboolean rt_connection_has_sub_token (RtConnection *self, RtSub *sub);
void     rt_connection_drop_sub_token (RtConnection *self, RtSub *sub);
void     rt_connection_sub_token_lives (RtConnection *self, RtSub *sub, guint32 ttl);
void     rt_connection_sub_refreshed (RtConnection *self, RtSub *sub, const RtReply *reply, GError *error); /* likewise */
void     rt_connection_token_given   (RtConnection *self, RtTokenRequest *request, char *token, GError *error);
void     rt_connection_set_due       (RtConnection *self, RtSub *sub, gint64 due);
void     rt_connection_due_expired   (gpointer self);
gint64   rt_connection_retry_delay   (RtConnection *self, guint attempts); /* µs */

/* rt-connection-sends.c */
void     rt_connection_publish_op    (RtConnection *self, RtOp *op);
void     rt_connection_flush_sends   (RtConnection *self);
void     rt_connection_keep_sends    (RtConnection *self); /* the line is gone */
void     rt_connection_blame_sends   (RtConnection *self, guint code); /* before they are kept */
void     rt_connection_fail_sends    (RtConnection *self, const GError *reason);
gboolean rt_connection_has_sends     (RtConnection *self);
gboolean rt_connection_cancel_send   (RtConnection *self, RtOp *op);
void     rt_connection_plan_expiry   (RtConnection *self);
void     rt_connection_expiry_expired (gpointer self);
void     rt_connection_send_again    (RtConnection *self, RtOp *op); /* takes op, which is in no queue */
void     rt_connection_take_again    (RtConnection *self, RtOp *op); /* out of those to be sent again */
void     rt_connection_end_send      (RtConnection *self, RtOp *op, const GError *reason); /* takes op */
GError  *rt_connection_unknown_outcome (RtOp *op, const GError *reason);

/* rt-connection-pacing.c */
void     rt_connection_init_pace     (RtConnection *self);
gboolean rt_connection_has_turn      (RtConnection *self); /* else it is seen to that it has one later */
void     rt_connection_take_turn     (RtConnection *self, RtOp *op); /* which is written now */
GError  *rt_connection_check_rate    (RtConnection *self, const RtOp *op); /* NULL: it may go, or wait */
void     rt_connection_note_arrival  (RtConnection *self, const RtOp *op); /* it may have been taken by the server */
gboolean rt_connection_heed_reply    (RtConnection *self, RtOp *op, const RtReply *reply); /* TRUE: op is taken */
void     rt_connection_pace_expired  (gpointer self);

/* rt-connection-line.c */
void     rt_connection_start_line    (RtConnection *self, guint route, gint64 deadline);
void     rt_connection_greeted       (RtConnection *self, const RtReply *reply);
void     rt_connection_cut_line      (RtConnection *self, GError *error); /* takes error */
void     rt_connection_open_expired  (gpointer self);
void     rt_connection_line_expired  (gpointer self);
void     rt_connection_probe         (RtConnection *self, guint timeout);
void     rt_connection_probe_expired (gpointer self);
gboolean rt_connection_is_too_late   (RtConnection *self, const RtEnvelope *envelope);

/* rt-connection-requests.c */
void     rt_connection_request_op    (RtConnection *self, RtOp *op);
void     rt_connection_notify_op     (RtConnection *self, RtOp *op);
void     rt_connection_ping_op       (RtConnection *self, RtOp *op);
void     rt_connection_ping_line     (RtConnection *self);
void     rt_connection_write         (RtConnection *self, const RtCommand *command);
void     rt_connection_end_message   (RtConnection *self); /* what is written next begins another one */
void     rt_connection_write_op      (RtConnection *self, RtOp *op, RtCommand *command); /* takes op */
void     rt_connection_write_pong    (RtConnection *self);
void     rt_connection_send_out      (RtConnection *self);
void     rt_connection_cancel_op     (RtConnection *self, RtOp *op);
void     rt_connection_replied       (RtConnection *self, RtOp *op, const RtReply *reply, const char *raw, gsize raw_len);
void     rt_connection_fail_requests (RtConnection *self, const GError *reason); /* but for publishes */
RtOp    *rt_connection_take_reply    (RtConnection *self, guint32 id);
void     rt_connection_reply_expired (gpointer self);

/* rt-connection-receive.c */
void     rt_connection_received      (gpointer self, const guint8 *data, gsize len);
void     rt_connection_turn_end      (gpointer self);
void     rt_connection_keep          (RtConnection *self, RtSub *sub, const RtPublication *publication);
void     rt_connection_has_room      (RtConnection *self);
void     rt_connection_pause_expired (gpointer self);

/* rt-connection-channels.c */
void     rt_connection_join_op       (RtConnection *self, RtOp *op);
void     rt_connection_leave_op      (RtConnection *self, RtOp *op);
void     rt_connection_join_all      (RtConnection *self);
void     rt_connection_join_again    (RtConnection *self, RtSub *sub);
void     rt_connection_join_failed   (RtConnection *self, RtSub *sub, GError *error, const RtReply *reply); /* takes error; reply nullable */
void     rt_connection_left          (RtConnection *self, RtSub *sub, guint code, const char *reason, const GError *error);
void     rt_connection_unsubscribed  (RtConnection *self, RtSub *sub);
void     rt_connection_unsubscribe_push (RtConnection *self, RtSub *sub, guint code, const char *reason);
gboolean rt_connection_cancel_channel_op (RtConnection *self, RtOp *op);
void     rt_connection_channels_lost (RtConnection *self, gboolean for_good, const GError *error);
void     rt_connection_end_sub       (RtConnection *self, RtSub *sub, guint code, const char *reason);
void     rt_connection_forget        (RtConnection *self, RtSub *sub, guint code, const char *reason);
void     rt_connection_leave_all     (RtConnection *self); /* tells the server, whose answer is not waited for */
void     rt_connection_forget_all    (RtConnection *self, const char *reason, const GError *error);
void     rt_connection_subscribe     (RtConnection *self, RtSub *sub);

void     rt_connection_open_gate     (RtConnection *self, RtSub *sub); /* nothing waits for it any more before it is sent */

/* rt-connection-recovery.c */
void     rt_connection_joined        (RtConnection *self, RtSub *sub, const RtReply *reply);
gboolean rt_connection_is_filtered   (const RtSub *sub); /* by the server, perhaps: offsets may have holes */
gboolean rt_connection_wants         (const RtSub *sub, const RtPublication *publication);
void     rt_connection_fill_joined   (RtOp *op, RtSub *sub, const char *epoch, guint64 offset);
void     rt_connection_channels_caught_up (RtConnection *self);
void     rt_connection_void_positions (RtConnection *self);
void     rt_connection_send_count    (RtConnection *self, RtNewsKind kind, RtSub *sub, guint64 count);
void     rt_connection_send_dropped  (RtConnection *self, RtSub *sub);

/* rt-connection-server-subs.c */
void     rt_connection_write_positions (RtConnection *self, RtBuffer *out);
void     rt_connection_take_server_subs (RtConnection *self, const RtSlice *subs);
void     rt_connection_subscribe_push (RtConnection *self, const RtReply *reply);

/* rt-connection-end.c */
void     rt_connection_end_op        (RtConnection *self, RtOp *op);
void     rt_connection_reset_op      (RtConnection *self, RtOp *op);
void     rt_connection_abandon       (RtConnection *self); /* the only ones who wanted a first connection have taken it back */
void     rt_connection_drained       (RtConnection *self); /* no request is left; goes on if one waits for that */
void     rt_connection_end_expired   (gpointer self);
void     rt_connection_line_closed   (gpointer self, const RtTransportEnd *end);

/* rt-connection-errors.c */
GError  *rt_connection_error_from_reply (const RtReply *reply, const char *what);
GError  *rt_connection_error_from_join (const RtReply *reply, const char *channel); /* to a subscribe */
GError  *rt_connection_error_from_close (guint code, const char *reason);

G_END_DECLS
