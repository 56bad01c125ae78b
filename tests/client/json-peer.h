/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-raw-peer.h"

G_BEGIN_DECLS

/* A server that says word for word what a test wants, on top of RtRawPeer. Its script runs in a thread of its own. */

typedef struct _JsonPeer JsonPeer;
typedef void (*JsonPeerScript) (JsonPeer *peer,
                                gpointer  user_data);

JsonPeer  *json_peer_new     (JsonPeerScript  script,
                              gpointer        user_data);
char      *json_peer_get_url (JsonPeer       *self);
/* Lets one json_peer_hold return. */
void       json_peer_release (JsonPeer       *self);
/* Waits for the end of the script. */
void       json_peer_free    (JsonPeer       *self);

/* --- For the script --- */

/* Takes a connection and makes it a WebSocket. */
void       json_peer_accept  (JsonPeer       *self);
/* Reads commands until one that asks for @method; its id. The last such command is kept for json_peer_get_line. */
guint      json_peer_expect  (JsonPeer       *self,
                              const char     *method);
const char *json_peer_get_line (JsonPeer     *self);
void       json_peer_send    (JsonPeer       *self,
                              const char     *format,
                              ...) G_GNUC_PRINTF (2, 3);
/* accept, and an answer to connect without pings. */
void       json_peer_greet   (JsonPeer       *self);
/* Answers a subscribe, with further members ("" or beginning with a comma). */
void       json_peer_join    (JsonPeer       *self,
                              const char     *members);
void       json_peer_hold    (JsonPeer       *self);
/* Reads until the client closes. */
void       json_peer_wait_end (JsonPeer      *self);
RtRawPeer *json_peer_get_raw (JsonPeer       *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JsonPeer, json_peer_free)

G_END_DECLS
