/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* An HTTP server for transports that use several connections: each has a thread, in which a function of the test
 * answers each request with whatever bytes it likes, by blocking calls. It shares no code with what it tests. Every
 * wait in it has a deadline, after which the test fails. */

typedef struct _HttpPeer HttpPeer;
typedef struct _HttpConn HttpConn;

typedef struct
{
  guint number;     /* of all requests: 1 … */
  guint connection; /* 1 … */
  char *path;
  char *head;
  char *body;
} HttpRequest;

/* In the connection's thread. When it returns, the next request is read unless the connection was closed. */
typedef void (*HttpPeerFunc) (HttpPeer          *peer,
                              HttpConn          *conn,
                              const HttpRequest *request,
                              gpointer           user_data);

/* --- For the test's own thread --- */

HttpPeer *http_peer_new           (HttpPeerFunc       func,
                                   gpointer           user_data);
HttpPeer *http_peer_new_tls       (const char        *pem_file,
                                   HttpPeerFunc       func,
                                   gpointer           user_data);
/* "http://127.0.0.1:PORT/"; transfer full. */
char     *http_peer_get_url       (HttpPeer          *self);
guint     http_peer_count         (HttpPeer          *self);
guint     http_peer_count_connections (HttpPeer      *self);
/* Lets one http_peer_hold return. From any thread. */
void      http_peer_release       (HttpPeer          *self);
/* Waits for the ends of all connections. */
void      http_peer_free          (HttpPeer          *self);

/* --- For the function --- */

/* The value of a header; transfer full, nullable. */
char     *http_request_get_header (const HttpRequest *self,
                                   const char        *name);
/* -1 without one. */
gint64    http_request_get_number (const HttpRequest *self,
                                   const char        *name);
/* FALSE if the other side is gone. */
gboolean  http_conn_send          (HttpConn          *self,
                                   const void        *data,
                                   gsize              len);
gboolean  http_conn_send_string   (HttpConn          *self,
                                   const char        *text);
/* A whole answer with Content-Length; @extra is header lines, each ended by CRLF, or NULL. */
gboolean  http_conn_answer        (HttpConn          *self,
                                   guint              status,
                                   const char        *extra,
                                   const char        *body);
/* One chunk. */
gboolean  http_conn_send_chunk    (HttpConn          *self,
                                   const char        *text);
/* Reads until the other side closes. */
void      http_conn_wait_end      (HttpConn          *self);
void      http_conn_close         (HttpConn          *self);
void      http_conn_reset         (HttpConn          *self);
/* Waits for http_peer_release. */
void      http_peer_hold          (HttpPeer          *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpPeer, http_peer_free)

G_END_DECLS
