/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Publications with the "$rt" mark, 200 bytes each, in WebSocket frames that are made once and only renumbered,
 * so that the one who receives is what limits the speed. */

#define BENCH_BLAST_BLOCK 1024 /* frames in one write, 204 KiB */
/* Numbers have a fixed width, hence a start that none outgrows. */
#define BENCH_FIRST_OFFSET G_GUINT64_CONSTANT (1000000001)

/* Writes @count publications that follow the offset @last of the stream to @fd. */
gboolean bench_blast (int     fd,
                      guint64 last,
                      guint64 count);

G_END_DECLS
