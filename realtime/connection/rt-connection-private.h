/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-clock.h"
#include "rt-codec.h"
#include "rt-connection.h"
#include "rt-replies.h"

G_BEGIN_DECLS

/* What the line is doing. The public state is derived from it and from why it does so. */
typedef enum
{
  RT_PHASE_IDLE,
  RT_PHASE_OPENING,  /* the transport opens */
  RT_PHASE_GREETING, /* the connect command waits for its reply */
  RT_PHASE_OPEN,
  RT_PHASE_DRAINING, /* asked to end: what was sent may still be answered */
  RT_PHASE_CLOSING,  /* the closing handshake */
} RtPhase;

struct _RtConnection
{
  gatomicrefcount refs;

  /* Immutable. */
  const RtTransportClass *transport_class;
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
  gint unanswered_sends; /* atomic */
  gint unanswered_bytes; /* atomic */
  gint up_messages;      /* atomic: handed up, not yet used up */
  gint up_bytes;         /* atomic */
  gint wants_room;       /* atomic: ROOM is to be sent down once the queue up is half empty */
  RtOpPool spares;
  GMutex lock;
  char *client_id; /* guarded by lock */

  /* Only the I/O thread from here on. */
  RtSettings *settings;
  RtPhase phase;
  gboolean stopped;
  gboolean closing_for_good; /* what ends the line is close, not disconnect */
  GError *failure;           /* why the state is FAILED */
  GError *line_error;        /* why this end cuts the line, to be told when it is cut */
  guint pushed_code;         /* what the server gave in a push as the reason to end it */
  char *pushed_reason;       /* NULL: it did not */

  RtTransport *transport;
  RtProfile profile;
  guint ping_interval; /* s; 0: the server announced none */
  gboolean wants_pong;
  guint unsent_pongs; /* since the transport last had nothing queued */
  gint64 turn_time; /* what the clock said in this turn of the loop, 0 before it was asked */
  gint64 last_activity;
  gint64 last_ping;

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
  RtTimer *end_timer;
  RtTimer *pause_timer;
};

/* rt-connection.c */
void     rt_connection_set_state (RtConnection *self, RtConnectionState state);
GError  *rt_connection_refusal   (RtConnection *self); /* why a request cannot be made now */
void     rt_connection_send_news (RtConnection *self, RtNews *news);
void     rt_connection_send_error (RtConnection *self, const GError *error);
void     rt_connection_complete  (RtConnection *self, RtOp *op, GError *error); /* takes both */
void     rt_connection_complete_all (RtConnection *self, GPtrArray *ops, const GError *error);
void     rt_connection_flush_batch (RtConnection *self);
gint64   rt_connection_now       (RtConnection *self); /* read once a turn */

/* rt-connection-line.c */
void     rt_connection_connect_op    (RtConnection *self, RtOp *op);
void     rt_connection_start_line    (RtConnection *self);
void     rt_connection_greeted       (RtConnection *self, const RtReply *reply);
void     rt_connection_abandon_line  (RtConnection *self); /* while opening, asked to by the program */
void     rt_connection_cut_line      (RtConnection *self, GError *error); /* takes error */
void     rt_connection_open_expired  (gpointer self);
void     rt_connection_line_expired  (gpointer self);

/* rt-connection-requests.c */
void     rt_connection_request_op    (RtConnection *self, RtOp *op);
void     rt_connection_ping_op       (RtConnection *self, RtOp *op);
void     rt_connection_ping_line     (RtConnection *self);
void     rt_connection_write         (RtConnection *self, const RtCommand *command);
void     rt_connection_write_op      (RtConnection *self, RtOp *op, RtCommand *command); /* takes op */
void     rt_connection_write_pong    (RtConnection *self);
void     rt_connection_send_out      (RtConnection *self);
void     rt_connection_cancel_op     (RtConnection *self, RtOp *op);
void     rt_connection_replied       (RtConnection *self, RtOp *op, const RtReply *reply, const char *raw, gsize raw_len);
void     rt_connection_fail_requests (RtConnection *self, const GError *reason);
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
void     rt_connection_joined        (RtConnection *self, RtSub *sub, const RtReply *reply);
void     rt_connection_join_failed   (RtConnection *self, RtSub *sub, GError *error, guint code); /* takes error */
void     rt_connection_left          (RtConnection *self, RtSub *sub, guint code, const char *reason, const GError *error);
void     rt_connection_unsubscribed  (RtConnection *self, RtSub *sub);
void     rt_connection_unsubscribe_push (RtConnection *self, RtSub *sub, guint code, const char *reason);
gboolean rt_connection_cancel_channel_op (RtConnection *self, RtOp *op);
void     rt_connection_channels_lost (RtConnection *self, gboolean for_good, const GError *error);
void     rt_connection_channels_caught_up (RtConnection *self);

/* rt-connection-end.c */
void     rt_connection_end_op        (RtConnection *self, RtOp *op);
void     rt_connection_drained       (RtConnection *self); /* no request is left; goes on if one waits for that */
void     rt_connection_end_expired   (gpointer self);
void     rt_connection_line_closed   (gpointer self, const RtTransportEnd *end);

/* rt-connection-errors.c */
GError  *rt_connection_error_from_reply (const RtReply *reply, const char *what);
GError  *rt_connection_error_from_close (guint code, const char *reason);
gboolean rt_connection_code_is_terminal (guint code);

G_END_DECLS
