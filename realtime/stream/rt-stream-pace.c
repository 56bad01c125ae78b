/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-stream-pace.h"

#include "rt-stream-frame.h"

#define FIRST (2 * RT_STREAM_MAX_CHUNK)
/* An answer is late long before the request-timeout, 10 s unless set otherwise, gives it up. */
#define SOON (2 * G_USEC_PER_SEC)
#define LATE (4 * G_USEC_PER_SEC)

void
rt_stream_pace_init (RtStreamPace *self)
{
  self->limit = FIRST;
}

void
rt_stream_pace_ended (RtStreamPace *self, gsize len, gint64 took)
{
  if (took < SOON)
    self->limit = MIN (self->limit + len, RT_STREAM_PACE_MAX);
  else if (took > LATE)
    self->limit = MAX (self->limit / 2, RT_STREAM_MAX_CHUNK);
}
