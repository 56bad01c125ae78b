/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <realtime-mock/realtime-mock.h>

G_BEGIN_DECLS

/* A peer that sends whatever bytes it likes. Blocking. */

GSocketConnection *rt_raw_socket_connect   (RtMockServer      *server);
/* The same, upgraded to a WebSocket and let in. */
GSocketConnection *rt_raw_socket_open      (RtMockServer      *server);
/* FALSE once the server has closed the connection. */
gboolean           rt_raw_socket_write     (GSocketConnection *connection,
                                            const void        *data,
                                            gsize              len);
/* A client's frame, with a mask of zeros. */
void               rt_raw_socket_add_frame (GByteArray        *out,
                                            guint8             first_byte,
                                            const void        *payload,
                                            gsize              len);
/* What comes until the end of the connection. */
GByteArray        *rt_raw_socket_read_all  (GSocketConnection *connection);

G_END_DECLS
