/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Plain blocking sockets and the server's end of WebSocket, just as much as the peer of the benchmark needs. */

#define BENCH_READ_SIZE (256 * 1024)

typedef struct
{
  guint8 *data;
  gsize start;
  gsize end;
} BenchInput;

typedef struct
{
  guint opcode;
  guint8 *payload; /* unmasked, in the input */
  gsize len;
} BenchFrame;

int      bench_listen     (guint16     *port);
gboolean bench_write_all  (int          fd,
                           const void  *data,
                           gsize        len);
/* Adds what has come to @input, without waiting; *more says whether it was anything. FALSE at the end of the stream. */
gboolean bench_read_more  (int          fd,
                           BenchInput  *input,
                           gboolean    *more);
/* Takes a whole frame out of @input, if there is one. */
gboolean bench_next_frame (BenchInput  *input,
                           BenchFrame  *frame);
gboolean bench_put_frame  (int          fd,
                           guint        opcode,
                           const void  *payload,
                           gsize        len);
/* Waits for the HTTP upgrade of a client and answers it; FALSE if it is none. */
gboolean bench_upgrade    (int          fd,
                           BenchInput  *input);

G_END_DECLS
