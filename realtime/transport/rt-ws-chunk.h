/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Where bytes are read into. Each thread keeps one spare buffer for all its connections, so that an idle one
 * holds none; a connection that could not use up its bytes keeps them, and their buffer, for its next turn. */

#define RT_WS_CHUNK_SIZE (64 * 1024)

typedef struct
{
  guint8 *data; /* NULL while there is nothing */
  gsize pos;
  gsize len;
} RtWsChunk;

void rt_ws_chunk_prepare (RtWsChunk *self); /* gets an empty buffer */
void rt_ws_chunk_release (RtWsChunk *self); /* gives it back, with whatever is in it */

G_END_DECLS
