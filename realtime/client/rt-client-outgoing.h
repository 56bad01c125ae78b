/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-chain.h"
#include "rt-client-endings.h"
#include "rt-op.h"

G_BEGIN_DECLS

/* Publishes on their way through the middleware, which runs in the client's context, to the I/O half. */

/* One of them, from the call until its outcome is known. */
typedef struct _RtOutgoing RtOutgoing;

typedef struct
{
  GMutex lock;
  GQueue waiting; /* RtOutgoing that the chain has not begun with; guarded by lock */
  gint n_before;  /* atomic: those that are not in the chain yet, also while they are on their way there */
  GQueue inside;  /* those in the chain; guarded by lock */
  gsize inside_bytes; /* of what these publish; guarded by lock */
  guint64 serial; /* of the last one that came; guarded by lock */
  guint64 forgotten; /* those up to this one are of a session that is over; guarded by lock */
  GSList *dead;   /* those that ended by force while they were there: the chain may still look at them; guarded by lock */

  RtClientEndings endings; /* has its own lock */
} RtClientOutgoing;

void        rt_client_outgoing_init     (RtClientOutgoing *self);
/* At the end of the client by force: all calls end with CLOSED. Any thread; may be called twice. */
void        rt_client_outgoing_dispose  (RtClientOutgoing *self);
void        rt_client_outgoing_clear    (RtClientOutgoing *self);

/* The call of one that had gone down ends by force: in the client's context the middleware is told, and it is gone. Any
 * thread. */
void        rt_client_outgoing_dropped  (RtOutgoing       *outgoing);

/* Whether publishes go through the middleware. Any thread. */
gboolean    rt_client_filters_outgoing  (RtClient         *self);
/* Takes @op, which has a call; it goes down, or is completed, in the client's context. @message is what it publishes, or
 * NULL where that has to be read from it. *place, which is the call's, is set before anything else happens. Any thread. */
void        rt_client_filter_outgoing   (RtClient         *self,
                                         RtOp             *op,
                                         RtMessage        *message,
                                         GCancellable     *cancellable,
                                         RtOutgoing      **place);
/* The same in place, by a thread that blocks for it and has acquired the client's context. NULL: it did not get through,
 * or not without waiting, and @error is set. Otherwise @op is on its way down; when it has come back, its outcome is
 * told by rt_client_outgoing_settle. */
RtOutgoing *rt_client_filter_in_place   (RtClient         *self,
                                         RtOp             *op,
                                         RtMessage        *message,
                                         GCancellable     *cancellable,
                                         GError          **error);
/* The same thread, when @op has come back: why, where a middleware does not wait any longer. */
void        rt_client_outgoing_explain  (RtOutgoing       *outgoing,
                                         RtOp             *op);
/* Any thread, also without the context. Takes @outgoing. */
void        rt_client_outgoing_settle   (RtClient         *self,
                                         RtOutgoing       *outgoing,
                                         const GError     *error);
/* In the client's context: @op has come back. TRUE if the middleware has it sent once more, in @outgoing's time: the
 * call has moved to another op then. Otherwise @outgoing is gone. */
gboolean    rt_client_outgoing_returns  (RtClient         *self,
                                         RtOutgoing       *outgoing,
                                         RtOp             *op);
/* What was sent, as the middleware left it. */
RtMessage  *rt_client_outgoing_get_message (RtOutgoing    *outgoing);

/* Whether one waits in the middleware that came not after @serial. Any thread. */
gboolean    rt_client_has_outgoing_before (RtClient       *self,
                                         guint64           serial);
/* The session is over: none that came by now goes down any more. Any thread. */
void        rt_client_forget_outgoing   (RtClient         *self);
/* Of the last one that came. Any thread. */
guint64     rt_client_get_outgoing_serial (RtClient       *self);
/* By a thread that blocks for the end and has acquired the client's context: what can go down at once does. */
void        rt_client_drain_in_place    (RtClient         *self);

void        rt_client_outgoing_passed   (RtClient         *self,
                                         RtExchange       *exchange,
                                         gpointer          tag);
void        rt_client_outgoing_expired  (RtClient         *self,
                                         gpointer          tag,
                                         const GError     *error);
void        rt_client_outgoing_ended    (RtClient         *self,
                                         gpointer          tag,
                                         const GError     *error,
                                         const char       *reason);

G_END_DECLS
