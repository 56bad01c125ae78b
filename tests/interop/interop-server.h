/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A server of another project as a child: it prints "listening URL", then talks in lines, and ends when its standard
 * input is closed. Whatever goes wrong ends the test. */

typedef struct _InteropServer InteropServer;

InteropServer *interop_server_start     (char         **command);
/* Waits until it has ended; it must have done so without an error. */
void           interop_server_stop      (InteropServer *self);
/* Ends it as a power cut would. */
void           interop_server_kill      (InteropServer *self);
const char    *interop_server_get_url   (InteropServer *self);
/* Sends a line, to be freed, and waits for its answer: what follows "ok ". */
char          *interop_server_control   (InteropServer *self,
                                         const char    *format,
                                         ...) G_GNUC_PRINTF (2, 3);
/* Lets it stand still, with its connections open, or go on. */
void           interop_server_freeze    (InteropServer *self,
                                         gboolean       frozen);
/* The next line of its output, to be freed. */
char          *interop_server_read_line (InteropServer *self);

G_END_DECLS
