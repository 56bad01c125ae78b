/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-stream-frame.h"
#include "rt-stream-ring.h"
#include "rt-stream-window.h"

G_BEGIN_DECLS

/* What a reader of a stream keeps and knows: the bytes that came in order and were not used up yet, and what is to be
 * told to the sender. */

typedef enum
{
  RT_STREAM_TAKE_NEW,    /* to be put */
  RT_STREAM_TAKE_REPEAT, /* it was there before */
  RT_STREAM_TAKE_HOLE,   /* something before it is missing */
  RT_STREAM_TAKE_FULL,   /* there is no room for it */
  RT_STREAM_TAKE_FAULT,  /* see the text */
} RtStreamTake;

typedef struct
{
  RtStreamRing ring; /* from used to got */
  guint64 used;
  guint64 got;
  gint64 size;       /* as announced; -1: not known */
  gboolean has_end;
  guint64 total;     /* of the end */
  char sum[RT_STREAM_SUM_LENGTH + 1];
  guint64 told;      /* what was used up when the sender was last told */
  guint64 told_got;  /* and what was there */
  gboolean missing;  /* something did not come, or had to be left */
  const char *fault; /* static */
} RtStreamReassembly;

void         rt_stream_reassembly_init  (RtStreamReassembly *self,
                                         gint64              size);
void         rt_stream_reassembly_clear (RtStreamReassembly *self);

/* What is to become of a frame of data with @len bytes. */
RtStreamTake rt_stream_reassembly_judge (RtStreamReassembly *self,
                                         guint64             off,
                                         gsize               len);
/* A new one: only what was not there before is kept. */
void         rt_stream_reassembly_put   (RtStreamReassembly *self,
                                         guint64             off,
                                         const guint8       *bytes,
                                         gsize               len);
/* FULL and NEW are not among the answers; NEW is said for the end where it is new. */
RtStreamTake rt_stream_reassembly_end   (RtStreamReassembly *self,
                                         guint64             total,
                                         const char         *sum);
/* The sender says how far it is. */
void         rt_stream_reassembly_asked (RtStreamReassembly *self,
                                         guint64             off);

/* At most @len bytes, for the program. */
gsize        rt_stream_reassembly_read  (RtStreamReassembly *self,
                                         guint8             *bytes,
                                         gsize               len);
/* Whether all is there. */
gboolean     rt_stream_reassembly_is_complete (RtStreamReassembly *self);
/* The sender is told where it stands. */
void         rt_stream_reassembly_told  (RtStreamReassembly *self);
/* Whether there is anything that it was not told; and whether so much that it may soon wait for a word. */
gboolean     rt_stream_reassembly_has_news (RtStreamReassembly *self);
gboolean     rt_stream_reassembly_is_due (RtStreamReassembly *self);
/* Whether what is missing would find room. */
gboolean     rt_stream_reassembly_wants_more (RtStreamReassembly *self);

G_END_DECLS
