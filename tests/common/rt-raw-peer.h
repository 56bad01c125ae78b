/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A server made of a plain listening socket and a script that runs in a thread of its own with blocking calls,
 * so that a test can do on the wire whatever it likes. It knows enough of RFC 6455 to speak it, right or wrong,
 * and shares no code with what it tests. Every wait in it has a deadline, after which the test fails. */

typedef struct _RtRawPeer RtRawPeer;
typedef void (*RtRawPeerScript) (RtRawPeer *peer,
                                 gpointer   user_data);

#define RT_RAW_CONTINUATION 0x0
#define RT_RAW_TEXT 0x1
#define RT_RAW_BINARY 0x2
#define RT_RAW_CLOSE 0x8
#define RT_RAW_PING 0x9
#define RT_RAW_PONG 0xa
#define RT_RAW_FIN 0x80

/* --- For the test's own thread --- */

RtRawPeer  *rt_raw_peer_new      (RtRawPeerScript  script,
                                  gpointer         user_data);
/* As wss://, with a certificate and key in one PEM file. */
RtRawPeer  *rt_raw_peer_new_tls  (const char      *pem_file,
                                  RtRawPeerScript  script,
                                  gpointer         user_data);
guint16     rt_raw_peer_get_port (RtRawPeer       *self);
/* "ws://127.0.0.1:PORT/connection/websocket"; transfer full. */
char       *rt_raw_peer_get_url  (RtRawPeer       *self);
/* Lets one rt_raw_peer_hold return. From any thread. */
void        rt_raw_peer_release  (RtRawPeer       *self);
/* Connects and goes, for a script that may still wait for somebody. */
void        rt_raw_peer_visit    (RtRawPeer       *self);
/* Waits for the end of the script. */
void        rt_raw_peer_free     (RtRawPeer       *self);

/* --- For the script --- */

/* The next connection; FALSE if it failed before it could be used (TLS). An earlier one is closed. */
gboolean    rt_raw_peer_accept       (RtRawPeer   *self);
/* TLS on a connection that was accepted without it. With @client_ca only clients with a certificate of that authority
 * are let in. FALSE if the handshake failed. */
gboolean    rt_raw_peer_start_tls    (RtRawPeer   *self,
                                      const char  *pem_file,
                                      const char  *client_ca);
/* The request with its empty line, or NULL if the other side closed before; transfer full. */
char       *rt_raw_peer_read_head    (RtRawPeer   *self);
/* The value of a header of a request; transfer full, nullable. */
char       *rt_raw_peer_get_header   (const char  *head,
                                      const char  *name);
/* The right 101 for @head, with @extra header lines (each ended by CRLF); transfer full. */
char       *rt_raw_peer_make_101     (const char  *head,
                                      const char  *extra);
/* accept, read_head and make_101, sent. */
void        rt_raw_peer_upgrade      (RtRawPeer   *self);
/* FALSE if the other side is gone. */
gboolean    rt_raw_peer_send         (RtRawPeer   *self,
                                      const void  *data,
                                      gsize        len);
gboolean    rt_raw_peer_send_string  (RtRawPeer   *self,
                                      const char  *text);
/* Appends an unmasked frame; @first is its first byte: FIN and opcode. */
void        rt_raw_peer_put_frame    (GByteArray  *out,
                                      guint8       first,
                                      const void  *data,
                                      gsize        len);
gboolean    rt_raw_peer_send_frame   (RtRawPeer   *self,
                                      guint8       first,
                                      const void  *data,
                                      gsize        len);
gboolean    rt_raw_peer_send_close   (RtRawPeer   *self,
                                      guint16      code,
                                      const char  *reason);
/* Up to @len bytes; 0 at the end of the line, also after a reset. */
gsize       rt_raw_peer_read         (RtRawPeer   *self,
                                      void        *buffer,
                                      gsize        len);
/* One frame with its payload unmasked, which has to be masked on the wire; its first byte in *first. NULL at
 * the end of the line; transfer full. */
GBytes     *rt_raw_peer_read_frame   (RtRawPeer   *self,
                                      guint8      *first);
/* The close code of a close frame's payload, 1005 if it has none. */
guint16     rt_raw_peer_get_code     (GBytes      *payload);
/* Reads until the other side closes. */
void        rt_raw_peer_wait_end     (RtRawPeer   *self);
/* Waits for rt_raw_peer_release. */
void        rt_raw_peer_hold         (RtRawPeer   *self);
/* Ends the own direction, closes, or resets the connection. */
void        rt_raw_peer_shutdown     (RtRawPeer   *self);
void        rt_raw_peer_close        (RtRawPeer   *self);
void        rt_raw_peer_reset        (RtRawPeer   *self);
GSocket    *rt_raw_peer_get_socket   (RtRawPeer   *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtRawPeer, rt_raw_peer_free)

G_END_DECLS
