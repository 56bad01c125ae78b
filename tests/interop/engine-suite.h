/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <realtime/realtime.h>

#include "interop-client.h"
#include "interop-server.h"
#include "rt-test.h"

G_BEGIN_DECLS

/* What the tests of one client against one server share. */

const char    *engine_suite_get_url       (void);
/* The only way that clients go. */
const char    *engine_suite_get_transport (void);
/* The project's own server, which has neither permissions nor short histories by channel, nor tokens for channels. */
gboolean       engine_suite_is_own        (void);
InteropServer *engine_suite_get_server    (void);
/* Another one with nothing in its memory, at the same address. Not of the own server. */
void           engine_suite_restart       (void);

/* Not yet connected, with a token for ever. */
InteropClient *engine_suite_client        (const char *user);
void           engine_suite_connect       (InteropClient *client);
/* Connected, and with no event in its record. */
InteropClient *engine_suite_connected     (const char *user);

/* Has the server obey a line; the answer is to be freed. */
char          *engine_suite_control       (const char *format,
                                           ...) G_GNUC_PRINTF (1, 2);
/* The same where there is no answer but "ok". */
void           engine_suite_tell          (const char *format,
                                           ...) G_GNUC_PRINTF (1, 2);

/* engine-channels.c, engine-client.c, engine-lines.c, engine-streams.c, engine-tokens.c */
void           engine_channels_add_tests  (void);
void           engine_client_add_tests    (void);
void           engine_lines_add_tests     (void);
void           engine_streams_add_tests   (void);
void           engine_tokens_add_tests    (void);

G_END_DECLS
