/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-buffer.h"

G_BEGIN_DECLS

/* Commands on their way into the body of a request, each on its line. Zero-initialised is empty. */

/* A body with several commands is at most as large: real servers take 64 KiB. */
#define RT_HTTP_QUEUE_BATCH (60 * 1024)

typedef struct
{
  RtBuffer data;
  gsize pos;
} RtHttpQueue;

/* One command, or several with line feeds between them. */
void        rt_http_queue_put      (RtHttpQueue       *self,
                                    const guint8      *data,
                                    gsize              len);
gsize       rt_http_queue_get_size (const RtHttpQueue *self);
/* The first commands, with line feeds between them: as many as fit into a batch, and at least one. With @quoted what
 * counts is their size as a string in JSON. NULL if there are none. */
const char *rt_http_queue_peek     (const RtHttpQueue *self,
                                    gboolean           quoted,
                                    gsize             *len);
/* Removes what was peeked at. */
void        rt_http_queue_take     (RtHttpQueue       *self,
                                    gsize              len);
void        rt_http_queue_clear    (RtHttpQueue       *self);

G_END_DECLS
