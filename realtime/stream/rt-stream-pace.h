/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How many bytes of data may be under way, over all streams: what the line takes in a few seconds. With more, answers
 * come too late on a slow line, and all is sent again, and again. It reads no clock. */

#define RT_STREAM_PACE_MAX (1024 * 1024)

typedef struct
{
  gsize limit;
} RtStreamPace;

void rt_stream_pace_init  (RtStreamPace *self);
/* A frame of @len bytes, 0 if the server did not take it, was answered after @took. */
void rt_stream_pace_ended (RtStreamPace *self,
                           gsize         len,
                           gint64        took);

G_END_DECLS
