/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-clock.h"
#include "rt-connection.h"
#include "rt-fake-transport.h"
#include "rt-settings.h"

G_BEGIN_DECLS

/* A connection manager on a fake transport and on virtual time, with a diary of all that it hands up. The whole test
 * runs inside the I/O thread, so that every step is over when its call returns. */

typedef struct
{
  guint connect_timeout;
  guint request_timeout;
  guint shutdown_timeout;
  guint heartbeat_timeout;
  guint max_message_size;
  guint receive_queue_limit;
  guint receive_queue_bytes;
  gboolean no_ping;
  gboolean asks_token;
  guint more_routes; /* beside the first, "fake": "fake-1" and so on */
  guint max_reconnects;
  guint send_queue_limit;
  guint rate_limit;
  guint rate_burst;
  RtRatePolicy rate_policy;
} ConnProbeOptions; /* 0: the default */

typedef struct
{
  RtConnection *connection;
  GString *diary; /* what came up since it was last read, a line each */
  GQueue requests;  /* RtTokenRequest, not answered */
  guint last_delay; /* ms until the attempt that was announced last */
  GHashTable *open_ops; /* RtOp → its label: submitted, without a result */
  guint completed;
  gboolean slow; /* the program takes nothing of what comes up */
  guint held_messages; /* came up and were not taken */
  gsize held_bytes;
} ConnProbe;

/* Registers a test that is run in the I/O thread, on virtual time. */
void       conn_probe_add_test (const char *path, GTestFunc test);

RtSettings *conn_probe_make_settings (const ConnProbeOptions *options); /* nullable */
ConnProbe *conn_probe_new      (const ConnProbeOptions *options); /* nullable */
/* Stops it, and asserts that every op is completed and every transport freed. */
void       conn_probe_free     (ConnProbe *self);
/* With the transport open and the connect command answered: client "c1", ping every 25 s, pong wanted. */
ConnProbe *conn_probe_new_connected (const ConnProbeOptions *options);

/* Lets all come to rest. */
void       conn_probe_settle   (ConnProbe *self);
void       conn_probe_advance  (ConnProbe *self, guint ms);

/* Each is submitted at once and not settled. The op that is returned is the caller's. */
RtOp      *conn_probe_submit   (ConnProbe *self, RtOp *op, const char *label); /* takes op */
RtOp      *conn_probe_call     (ConnProbe *self, RtOpKind kind, const char *channel);
RtOp      *conn_probe_publish  (ConnProbe *self, const char *channel, const char *id, const char *data);
RtOp      *conn_probe_join     (ConnProbe *self, const char *channel, gboolean recover, const char *epoch, guint64 offset);
void       conn_probe_cancel   (ConnProbe *self, RtOp *op);
/* The same, settled, and without the op. */
void       conn_probe_do       (ConnProbe *self, RtOpKind kind, const char *channel);
void       conn_probe_do_publish (ConnProbe *self, const char *channel, const char *id);
void       conn_probe_do_join  (ConnProbe *self, const char *channel, gboolean recover);

/* Answers the oldest request; takes @error. */
void       conn_probe_give_token (ConnProbe *self, const char *token, GError *error);
/* Lets the announced attempt begin, and answers it: connected as client "c2". */
void       conn_probe_come_back (ConnProbe *self, const char *greeting_members);

/* The program takes what it was handed. */
void       conn_probe_take     (ConnProbe *self);

/* The diary since the last look, and what was sent and flushed since the last look. */
void       conn_probe_expect   (ConnProbe *self, const char *lines);
void       conn_probe_expect_sent (const char *lines);
void       conn_probe_forget   (ConnProbe *self); /* both */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ConnProbe, conn_probe_free)

G_END_DECLS
