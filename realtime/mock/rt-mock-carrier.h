/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-mock-env.h"

G_BEGIN_DECLS

/* What carries the frames of a session to its client: a WebSocket, a response without end, or one response after
 * the other. It gives what the client sends to rt_mock_session_take(), and tells of the end with
 * rt_mock_session_lost(). Only in the server's thread. */

typedef struct _RtMockCarrier RtMockCarrier; /* each kind embeds one as its first member */
typedef struct _RtMockSession RtMockSession;

typedef struct
{
  /* Commands come in requests of their own, so the client is told how to name its session. */
  gboolean has_requests;
  /* s: what is announced instead of pings, which the carrier does without; 0: there are pings. */
  guint quiet_ping;
  /* µs: how long the good-bye may take; 0: as long as that of a WebSocket. */
  gint64 close_timeout;
  /* A push says that the connection ends, since nothing else would. */
  gboolean needs_goodbye;

  /* Whether what is given to send still has a way to go. */
  gboolean (*is_open) (RtMockCarrier *self);
  /* Whether too much is on the way to the client. */
  gboolean (*is_slow) (RtMockCarrier *self);
  /* One or more frames, with the codec's separator between them; copied. */
  void     (*send)    (RtMockCarrier *self,
                       const guint8  *data,
                       gsize          len);
  /* Reads nothing while paused. */
  void     (*pause)   (RtMockCarrier *self,
                       gboolean       paused);
  /* Ends in its own way, after what was sent. */
  void     (*close)   (RtMockCarrier *self,
                       guint          code,
                       const char    *reason);
  /* At once; the session is freed soon. */
  void     (*abort)   (RtMockCarrier *self);
  /* Cuts the connection off. FALSE: the session goes on without. */
  gboolean (*drop)    (RtMockCarrier *self);
  void     (*free)    (RtMockCarrier *self);
} RtMockCarrierFuncs;

struct _RtMockCarrier
{
  const RtMockCarrierFuncs *funcs;
  RtMockSession *session; /* set by the session */
};

G_END_DECLS
