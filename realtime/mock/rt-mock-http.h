/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

#define RT_MOCK_WEBSOCKET_PATH "/connection/websocket"

/* Looks at a request whose headers have been read. What is no well-formed upgrade gets its response here, before
 * libsoup acts on it. @refuse: the server is to pretend that it is overloaded. */
void rt_mock_http_check (SoupServerMessage *message,
                         gboolean           refuse);

G_END_DECLS
