/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-connection-state.h"
#include "rt-news.h"
#include "rt-op.h"
#include "rt-settings.h"
#include "rt-transport.h"

G_BEGIN_DECLS

/* The connection manager: the I/O half of a client. Made and steered from any thread, it lives in the I/O thread. */

typedef struct _RtConnection RtConnection;

/* The only way up. Called in the I/O thread with no lock held; what is given is the receiver's. */
typedef struct
{
  void (*news)   (gpointer user_data, RtNews *news);
  void (*batch)  (gpointer user_data, RtBatch *batch);
  void (*result) (gpointer user_data, RtOp *op);
} RtConnectionEvents;

/* Without @settings (NULL) it must never be told to connect. @events and @transport are static. @destroy is called in any thread, when the last reference goes. */
RtConnection     *rt_connection_new           (RtSettings               *settings,
                                               const RtTransportClass   *transport,
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
/* The client is gone: everything ends at once and nothing more goes up. */
void              rt_connection_stop          (RtConnection             *self);

/* The bound of what was sent and is not answered. FALSE with QUEUE_FULL if @bytes more would pass it; what was
 * reserved is given back when the op completes. */
gboolean          rt_connection_reserve       (RtConnection             *self,
                                               gsize                     bytes,
                                               GError                  **error);
/* The app half has used up this much of what was handed up. */
void              rt_connection_taken         (RtConnection             *self,
                                               guint                     messages,
                                               gsize                     bytes);

/* Snapshots, for any thread. They are published before the call that changed them completes. */
RtConnectionState rt_connection_get_state     (RtConnection             *self);
char             *rt_connection_dup_client_id (RtConnection             *self);
const char       *rt_connection_get_transport (RtConnection             *self); /* NULL unless connected */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtConnection, rt_connection_unref)

G_END_DECLS
