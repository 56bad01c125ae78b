/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-stream-pace.h"

/* Before anything is known of the line, and where it was found to be faster at once. */
#define FIRST (2 * RT_STREAM_PACE_MIN)
#define FIRST_OF_FAST (32 * RT_STREAM_PACE_MIN)
/* About what a small message takes on the line. */
#define SMALL 350
/* So much longer than by itself an answer may take, beside the time that one more piece needs. */
#define QUEUE (500 * G_TIME_SPAN_MILLISECOND)
/* And not longer than that altogether, whatever the line is like: the answer to a server's ping goes the same way, and
 * is waited for 8 s. */
#define LONGEST (6 * G_USEC_PER_SEC)
/* After it was lowered the limit grows by an eighth each time, and at least by this. */
#define STEP 256
/* Until it is so many times what it was lowered to. */
#define CAREFUL 4
/* So many pieces are under way at a time, so that none is long. */
#define PIECES 8

void
rt_stream_pace_init (RtStreamPace *self, gsize max)
{
  *self = (RtStreamPace) { .limit = MIN (FIRST, max), .max = max, .base = -1 };
}

void
rt_stream_pace_restart (RtStreamPace *self)
{
  rt_stream_pace_init (self, self->max);
}

/* What the line showed to carry, it carries in a second at least. */
void
rt_stream_pace_begin (RtStreamPace *self, gint64 took)
{
  gsize carries = (gsize) (SMALL * G_USEC_PER_SEC / MAX (took, 1));

  if (self->base >= 0)
    return;
  self->base = self->delay = took;
  self->limit = MIN (MAX (self->limit, MIN (carries, FIRST_OF_FAST)), self->max);
}

static void
lower (RtStreamPace *self, gsize limit, gint64 now)
{
  self->limit = self->cut = MAX (MIN (limit, self->limit), MIN (RT_STREAM_PACE_MIN, self->max));
  self->cut_at = now;
}

/* The way may have become longer for good. Then all comes too late until there is so little under way that it is
 * measured anew. */
void
rt_stream_pace_measure (RtStreamPace *self, gint64 began, gint64 took, gsize passed, gboolean alone)
{
  self->delay = took;
  if (alone || self->base < 0 || took < self->base)
    self->base = took;
  /* What was sent before it was lowered comes late, too. */
  gint64 late = took - MAX (self->cut_at - began, 0);
  if (late <= self->base + QUEUE)
    return;
  double speed = (double) passed / (double) took;
  double queue = QUEUE + RT_STREAM_PACE_MIN / MAX (speed, 1e-9);
  if ((double) (late - self->base) > queue || late > LONGEST)
    lower (self, (gsize) (speed * MIN ((double) self->base + queue / 2, LONGEST * 3 / 4)), began + took);
}

void
rt_stream_pace_pass (RtStreamPace *self, gint64 began, gsize len, gsize under_way)
{
  gsize more = self->cut == 0 ? len : MIN (len, MAX (len / 8, STEP));

  /* Where more was allowed than was there to be sent, nothing is known of more. */
  if (began < self->cut_at || under_way < self->limit / 2)
    return;
  self->limit = MIN (self->limit + more, self->max);
  if (self->limit >= CAREFUL * self->cut)
    self->cut = 0;
}

void
rt_stream_pace_failed (RtStreamPace *self, gint64 now)
{
  lower (self, 0, now);
}

gsize
rt_stream_pace_get_piece (const RtStreamPace *self, gsize chunk)
{
  return MIN (MAX (self->limit / PIECES, RT_STREAM_PACE_MIN), chunk);
}
