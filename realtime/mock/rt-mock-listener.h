/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "rt-mock-hub.h"

G_BEGIN_DECLS

/* The sockets of a server: accepts connections, and lets libsoup read their requests and upgrade them. Only in the
 * server's thread, but for bind. */

#define RT_MOCK_MAX_CONNECTIONS 10000

typedef struct _RtMockListener RtMockListener;

/* A listening socket on the loopback interface, before there is a thread. @port 0 becomes the one that was free. */
GSocketListener *rt_mock_listener_bind       (guint16          *port,
                                              GError          **error);

/* The thread's context is thread-default. */
RtMockListener  *rt_mock_listener_new        (RtMockEnv        *env,
                                              RtMockHub        *hub,
                                              GSocketListener  *listener);
/* Says good-bye to everybody and closes everything, with what libsoup has to finish in the context. */
void             rt_mock_listener_free       (RtMockListener   *self);
/* Closes all connections without a word, with a reset. */
void             rt_mock_listener_drop_all   (RtMockListener   *self);
/* A stall has begun or ended. */
void             rt_mock_listener_update     (RtMockListener   *self);

G_END_DECLS
