/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-connection-state.h"
#include "rt-news.h"
#include "rt-op.h"
#include "rt-settings.h"
#include "rt-route.h"

G_BEGIN_DECLS

/* The connection manager: the I/O half of a client. Made and steered from any thread, it lives in the I/O thread. */

typedef struct _RtConnection RtConnection;

/* The I/O half wants a token. Taken back, with the answer, by rt_connection_give_token. */
typedef struct
{
  RtHandoverItem item;
  RtSub *sub; /* of a channel; NULL: of the connection. A reference is held */
  guint serial;
} RtTokenRequest;

void rt_token_request_free (RtTokenRequest *request);

/* What is known of the connection, for any thread. */
typedef struct
{
  RtConnectionState state;
  guint code;       /* why: the close code, 0 if none */
  char *reason;     /* "" if none */
  guint attempt;    /* how many attempts have been made or announced since it was lost, 0 while connected */
  guint retry_in;   /* ms from the change until the next one, 0 if none is waited for */
  guint queued_messages; /* that wait to be sent */
  guint queued_bytes;
} RtConnectionStatus;

void rt_connection_status_clear (RtConnectionStatus *status);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RtConnectionStatus, rt_connection_status_clear)

/* The only way up. Called in the I/O thread with no lock held; what is given is the receiver's. */
typedef struct
{
  void (*news)   (gpointer user_data, RtNews *news);
  void (*batch)  (gpointer user_data, RtBatch *batch);
  void (*result) (gpointer user_data, RtOp *op);
  void (*need_token) (gpointer user_data, RtTokenRequest *request);
  /* Of a byte stream: a frame, or a message that opens one. Both are borrowed. TRUE: it is no message. Nullable. */
  gboolean (*stream) (gpointer user_data, RtSub *sub, const RtPublication *publication);
} RtConnectionEvents;

/* Without @settings (NULL) it must never be told to connect. @events is static. @asks_token: need_token is asked
 * for the token of the connection. @destroy is called in any thread, when the last reference goes. */
RtConnection     *rt_connection_new           (RtSettings               *settings,
                                               RtRoutes                 *routes,
                                               gboolean                  asks_token,
                                               const RtConnectionEvents *events,
                                               gpointer                  user_data,
                                               GDestroyNotify            destroy);
RtConnection     *rt_connection_ref           (RtConnection             *self);
void              rt_connection_unref         (RtConnection             *self);

/* Takes @op. It is completed exactly once: by its waiter, by the result callback, or by nothing if nobody wants it. */
void              rt_connection_submit        (RtConnection             *self,
                                               RtOp                     *op);
/* A publish that is still to be written, and the memory to write it into. */
RtOp             *rt_connection_new_publish   (RtConnection             *self,
                                               RtBuffer                 *block);
/* Asks to take @op back. The verdict is how it completes. */
void              rt_connection_cancel        (RtConnection             *self,
                                               RtOp                     *op);
/* The answer to a request, all taken: a token ("" for none), or an error. */
void              rt_connection_give_token    (RtConnection             *self,
                                               RtTokenRequest           *request,
                                               char                     *token,
                                               GError                   *error);
/* Does not wait any longer for the next attempt. */
void              rt_connection_retry_now     (RtConnection             *self);
/* The network of the machine has come, gone or changed. */
void              rt_connection_network_changed (RtConnection           *self,
                                               gboolean                  available);
/* Goes over to one of the routes at once; NULL: whichever works, best first. FALSE: there is none of this name. */
gboolean          rt_connection_use_route     (RtConnection             *self,
                                               const char               *name);
/* The client is gone: everything ends at once and nothing more goes up. */
void              rt_connection_stop          (RtConnection             *self);

/* The bound of what was sent and is not answered. FALSE with QUEUE_FULL if @bytes more would pass it; what was
 * reserved is given back when the op completes. */
gboolean          rt_connection_reserve       (RtConnection             *self,
                                               gsize                     bytes,
                                               GError                  **error);
/* What was reserved for an op that did not go down after all. */
void              rt_connection_unreserve     (RtConnection             *self,
                                               gsize                     bytes);
/* The app half has used up this much of what was handed up. */
void              rt_connection_taken         (RtConnection             *self,
                                               guint                     messages,
                                               gsize                     bytes);

/* Snapshots, for any thread. They are published before the call that changed them completes. */
RtConnectionState rt_connection_get_state     (RtConnection             *self);
void              rt_connection_get_status    (RtConnection             *self,
                                               RtConnectionStatus       *status);
char             *rt_connection_dup_client_id (RtConnection             *self);
/* When anything last came from the server; only in the I/O thread. */
gint64            rt_connection_get_activity  (RtConnection             *self);
const char       *rt_connection_get_transport (RtConnection             *self); /* NULL unless connected */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtConnection, rt_connection_unref)

G_END_DECLS
