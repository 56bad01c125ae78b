/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Sends a file of @size random bytes through the server at @url, from one process to another, and checks that it arrives
 * byte for byte and that neither process grows by 8 MiB. @program is stream-file. */
void stream_job_run (const char *program,
                     const char *url,
                     const char *sender_token,
                     const char *receiver_token,
                     const char *transport,
                     gsize       size);

G_END_DECLS
