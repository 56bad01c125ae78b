/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-buffer.h"
#include "rt-http-head.h"
#include "rt-protocol.h"
#include "rt-settings.h"

G_BEGIN_DECLS

/* The opening handshake of RFC 6455, section 4, without I/O. */

/* A fresh Sec-WebSocket-Key: 16 random bytes in base64. */
char    *rt_ws_handshake_new_key     (void);
/* What a server has to answer to @key. */
char    *rt_ws_handshake_get_accept  (const char       *key);
/* Appends the request. */
void     rt_ws_handshake_put_request (RtBuffer         *out,
                                      const RtSettings *settings,
                                      const char       *key);
/* Judges the answer. FALSE with an error for anything but a correct 101. */
gboolean rt_ws_handshake_check       (const RtHttpHead *head,
                                      const RtSettings *settings,
                                      const char       *key,
                                      RtProfile        *profile,
                                      GError          **error);

G_END_DECLS
