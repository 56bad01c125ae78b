/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-clock.h"
#include "rt-stream-pace.h"
#include "rt-streams.h"

G_BEGIN_DECLS

struct _RtStreams
{
  gatomicrefcount refs;
  char *source; /* immutable */

  GMutex lock;
  RtConnection *connection; /* guarded by lock; NULL before the start and after the end */
  GHashTable *outs;         /* id → RtStreamOut; guarded by lock, like all below */
  GQueue order;             /* RtStreamOut, borrowed from outs: who is first in this turn */
  GHashTable *ins;          /* id → RtStreamIn */
  GQueue finished;          /* RtStreamIn, borrowed from ins: read to the end, and only there to say so again */
  GQueue notes;             /* RtStreamNote: what remains to be said of streams that are over */
  GSource *kick;            /* wakes the I/O thread; NULL before the first stream */
  gsize in_flight;          /* bytes of data that the server has not acknowledged */
  RtStreamPace pace;        /* how many of these there may be */
  gboolean stopped;
  gint64 strangers_since; /* how many were told lately that their stream is over */
  guint strangers;
  RtBuffer scratch;
  guint8 *chunk;    /* RT_STREAM_MAX_CHUNK bytes to work with */

  RtTimer *timer;   /* only the I/O thread */
};

struct _RtStreamOut
{
  gatomicrefcount refs;
  RtStreams *streams;
  char *channel;
  char id[RT_STREAM_MAX_ID + 1];

  /* Guarded by the lock of the streams. */
  RtStreamWindow window;
  RtStreamWaits waits;
  GError *error; /* why it has failed */
  gboolean over; /* it has been read to the end, or there is nobody to wait for */
  char sum[RT_STREAM_SUM_LENGTH + 1];
  gboolean asks;    /* the readers are to say where they stand, at once */
  gint64 spoke_at;  /* when the last frame was made */
  gint64 asked_at;
  gint64 heard_at;  /* when the last credit came */
  guint failures;   /* in a row */
  gint64 retry_at;  /* nothing is sent before */
};

struct _RtStreamIn
{
  gatomicrefcount refs;
  RtStreams *streams;
  char *channel;
  char *source;     /* the sender's */
  char *publisher;  /* nullable: the user that the server says it is */
  RtStreamOpening opening;

  /* Guarded by the lock of the streams. */
  RtStreamReassembly reassembly;
  RtStreamWaits waits;
  GError *error;
  gboolean claimed;
  gboolean confirmed; /* read to the end */
  char own_sum[RT_STREAM_SUM_LENGTH + 1]; /* "" unless the program has left before the end was there */
  gboolean tells;     /* the sender is to learn where this end stands */
  gint64 tell_at;     /* but not before */
  gint64 told_at;     /* when it last was */
  gint64 looked_at;   /* when this end last looked whether a piece is on its way */
  gboolean unsure;    /* the line was away: what was sent meanwhile may be missing */
  gint64 heard_at;    /* when the last frame came */
  gint64 data_at;     /* when the last piece came; 0: none did */
  gint64 again_at;    /* when what is missing was last asked for; 0: it was not */
  gint64 stuck_since; /* since when it has been asked for in vain; 0: it is not */
  gboolean silent;    /* this client may not publish */
};

/* What is still to be said of a stream that is over. */
typedef struct
{
  char *channel;
  RtStreamFrame frame;
} RtStreamNote;

/* The frames of one turn: ops, made under the lock and submitted without it. */
typedef struct
{
  RtConnection *connection; /* nullable: nothing can be sent */
  GPtrArray *ops;
  gint64 now;
  gint64 next; /* when the next turn is due */
} RtStreamTurn;

/* rt-streams.c; with the lock held */
void     rt_streams_kick         (RtStreams *self);
void     rt_streams_note         (RtStreams *self, const char *channel, const RtStreamFrame *frame);
void     rt_streams_note_abort   (RtStreams *self, const char *channel, const char *id, RtStreamFrameKind kind,
                                  const char *to, const char *why);
/* Adds a frame to the turn. @out or @in, nullable, learns how it ended. */
void     rt_streams_add_frame    (RtStreams *self, RtStreamTurn *turn, const char *channel, const RtStreamFrame *frame,
                                  RtStreamOut *out, RtStreamIn *in, const guint8 *bytes, gsize len);

/* rt-stream-out.c; with the lock held */
gboolean rt_stream_out_turn      (RtStreamOut *self, RtStreamTurn *turn); /* TRUE: a frame of data was sent */
void     rt_stream_out_settle    (RtStreamOut *self, RtStreamTurn *turn); /* after data: the rest */
/* @lost: with the line. */
void     rt_stream_out_sent      (RtStreamOut *self, RtStreamFrameKind kind, guint64 off, gsize len,
                                  const GError *error, gboolean lost);
void     rt_stream_out_heard     (RtStreamOut *self, const RtStreamFrame *frame);
void     rt_stream_out_fail      (RtStreamOut *self, const GError *error); /* nobody is told */
void     rt_stream_out_rejoined  (RtStreamOut *self, gint64 now);

/* rt-stream-in.c; with the lock held */
RtStreamIn *rt_stream_in_new     (RtStreams *streams, const char *channel, const RtPublication *publication,
                                  RtStreamOpening *opening); /* takes its contents */
void     rt_stream_in_turn       (RtStreamIn *self, RtStreamTurn *turn);
void     rt_stream_in_sent       (RtStreamIn *self, RtStreamFrameKind kind, const GError *error);
void     rt_stream_in_heard      (RtStreamIn *self, const RtStreamFrame *frame, const RtPublication *publication);
void     rt_stream_in_fail       (RtStreamIn *self, const GError *error); /* nobody is told */
void     rt_stream_in_note_last  (RtStreamIn *self, const char *why); /* what its sender must know before the end */
void     rt_stream_in_rejoined   (RtStreamIn *self, gint64 now);
gboolean rt_stream_in_is_from    (RtStreamIn *self, const char *source, const RtPublication *publication);

/* Likewise, as in rt-streams.h; with the lock held */
void     rt_stream_out_abort_locked (RtStreamOut *self, const char *why, const GError *error);
void     rt_stream_in_abort_locked (RtStreamIn *self, const char *why, gboolean counts, const GError *error);

/* Whether it may succeed later. */
gboolean rt_stream_error_is_temporary (const GError *error);

G_END_DECLS
