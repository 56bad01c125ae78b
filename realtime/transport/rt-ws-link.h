/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The bytes under a WebSocket, without waiting: the descriptor itself where nothing lies between, else the
 * pollable streams of TLS. One source tells when something can be done. */

typedef struct _RtWsLink RtWsLink;

#define RT_WS_LINK_FAILED (-1)
#define RT_WS_LINK_AGAIN (-2) /* nothing possible at the moment */
/* Most that is handed to TLS at a time: one record. */
#define RT_WS_LINK_RECORD 16384

/* Something may be possible. The link may be freed inside. */
typedef void (*RtWsLinkFunc) (gpointer user_data);

RtWsLink *rt_ws_link_new       (GIOStream           *stream,
                                GSocket             *socket,
                                gboolean             direct,
                                GMainContext        *context,
                                RtWsLinkFunc         func,
                                gpointer             user_data);
/* Closes at once. With @drain what has arrived is thrown away before, since a close with unread bytes resets
 * the connection and may take from the peer what was sent last. */
void      rt_ws_link_free      (RtWsLink            *self,
                                gboolean             drain);
/* Whether a read or write is one system call on the descriptor: then a short one says that there is no more. */
gboolean  rt_ws_link_is_direct (RtWsLink            *self);
/* Bytes read, 0 at the end, or one of the above. */
gssize    rt_ws_link_read      (RtWsLink            *self,
                                guint8              *buffer,
                                gsize                len,
                                GError             **error);
/* Bytes written, at least 1, or one of the above. */
gssize    rt_ws_link_write     (RtWsLink            *self,
                                const GOutputVector *vectors,
                                guint                n_vectors,
                                GError             **error);
/* What to wait for. */
void      rt_ws_link_want      (RtWsLink            *self,
                                gboolean             read,
                                gboolean             write);
/* Has the function called in the next turn, whatever the descriptor says. In the context's thread. */
void      rt_ws_link_again     (RtWsLink            *self);

G_END_DECLS
