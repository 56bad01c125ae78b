/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-stream-frame.h"
#include "rt-stream-pace.h"
#include "rt-stream-ring.h"

G_BEGIN_DECLS

/* What the sender of a stream keeps and knows: the bytes that somebody may still want, and where each reader stands.
 * It does nothing by itself and reads no clock. Places are counted in bytes from the beginning. */

/* So far the sender goes beyond the slowest reader. */
#define RT_STREAM_WINDOW (256 * 1024)
/* Without news from a reader that holds up the rest, it is given up: at once, and where answers take their time. */
#define RT_STREAM_PATIENCE (10 * G_USEC_PER_SEC)
#define RT_STREAM_MAX_PATIENCE (60 * G_USEC_PER_SEC)
/* So long after the opening the sender waits for somebody to answer before it goes on without; and at most, where its
 * own line is slow. */
#define RT_STREAM_GRACE (5 * G_USEC_PER_SEC)
#define RT_STREAM_MAX_GRACE (30 * G_USEC_PER_SEC)
/* Who has just been given the same again has to wait for it so long. */
#define RT_STREAM_AGAIN (2 * G_USEC_PER_SEC)
#define RT_STREAM_MAX_PEERS 1024

/* One reader that answered. */
typedef struct
{
  char *source;
  guint64 off;     /* used up */
  guint64 got;
  gint64 progress; /* when there was more of either, or when it last had nothing to do */
  gint64 overdue;  /* so long ago that was when it last spoke, with all it has used up: its line is slow */
  gint64 again_at; /* when the sender last went back for it; 0: since then more has come */
  gboolean done;   /* it has confirmed the end */
} RtStreamPeer;

/* A piece on its way to all readers, whose answers are timed. */
typedef struct
{
  gboolean set;
  gboolean alone; /* nothing else was under way */
  guint64 off;    /* of its end */
  guint64 from;   /* so much had come when the server had it */
  gint64 began;   /* when that was; 0: it does not have it yet */
  gint64 at;      /* when it was sent; of the last one, where none is set */
} RtStreamMark;

typedef enum
{
  RT_STREAM_HEARD_OK,
  RT_STREAM_HEARD_LOST,     /* what it wants is not there any more, or it is one too many */
  RT_STREAM_HEARD_NONSENSE, /* to be ignored */
} RtStreamHeard;

typedef struct
{
  RtStreamRing ring; /* from base to written */
  guint64 base;
  guint64 written;
  guint64 sent;    /* goes back when something has to be sent again */
  guint64 reached; /* how far it has ever been */
  guint64 acked;   /* the server has all before it */
  gsize chunk;     /* bytes in one frame at most */
  gsize most;      /* the same, by what this end's line is like now */
  gint64 line_delay; /* of an answer of the server */
  gboolean deaf;   /* no reader can be heard: acknowledgements are all there is */
  gint64 opened_at;
  gint64 grace_until; /* 0: the opening is not acknowledged yet */
  GPtrArray *peers;
  guint64 known;     /* so much has come to all of them, by what they said */
  guint64 late;      /* what is before it was sent when more was allowed */
  RtStreamPace pace; /* how much may be on the way to them */
  RtStreamMark mark;
  guint n_gone;       /* readers that gave up or were given up */
  guint n_unheard;    /* those that gave up without a word before */
  gboolean hasty;     /* what there is goes at once, however little */
  gint64 full_since;  /* 0: nothing waits for the readers */
  gboolean ending;    /* all is written */
  gboolean end_sent;
  gboolean end_acked;
} RtStreamWindow;

void          rt_stream_window_init      (RtStreamWindow *self,
                                          gsize           chunk,
                                          gboolean        deaf);
void          rt_stream_window_clear     (RtStreamWindow *self);
/* @took: until the server had acknowledged the opening. */
void          rt_stream_window_opened    (RtStreamWindow *self,
                                          gint64          now,
                                          gint64          took);

/* From the program. */
gsize         rt_stream_window_get_room  (RtStreamWindow *self);
void          rt_stream_window_write     (RtStreamWindow *self,
                                          const guint8   *bytes,
                                          gsize           len);
gboolean      rt_stream_window_is_flushed (RtStreamWindow *self); /* the server has it all */

/* To the server. The next frame of data: 0 if there is none, or it has to wait. */
gsize         rt_stream_window_next      (RtStreamWindow *self,
                                          gint64          now,
                                          guint64        *off);
/* Copies them out and counts them as sent. */
void          rt_stream_window_take      (RtStreamWindow *self,
                                          guint8         *bytes,
                                          gsize           len);
/* Of the @len bytes that were taken last: whether the readers are to say at once that they have come. */
gboolean      rt_stream_window_asks      (RtStreamWindow *self,
                                          gsize           len,
                                          gint64          now);
void          rt_stream_window_acked     (RtStreamWindow *self,
                                          guint64         off,
                                          gsize           len,
                                          gint64          now);
void          rt_stream_window_failed    (RtStreamWindow *self,
                                          guint64         off);
/* Whether the end is to be sent; it counts as sent then. */
gboolean      rt_stream_window_take_end  (RtStreamWindow *self,
                                          gint64          now);

/* From the readers. */
RtStreamHeard rt_stream_window_credit    (RtStreamWindow      *self,
                                          const RtStreamFrame *frame,
                                          gint64               now);
void          rt_stream_window_done      (RtStreamWindow *self,
                                          const char     *source);
/* @counts: it had been reading. FALSE: there is no such reader. */
gboolean      rt_stream_window_leave     (RtStreamWindow *self,
                                          const char     *source,
                                          gboolean        counts);
/* One that has held up the rest for too long, taken out; to be freed. */
char         *rt_stream_window_expel     (RtStreamWindow *self,
                                          gint64          now);
/* The time until now was nobody's fault. */
void          rt_stream_window_forgive   (RtStreamWindow *self,
                                          gint64          now);

/* Whether there were readers, and none is left. */
gboolean      rt_stream_window_is_deserted (RtStreamWindow *self,
                                            gint64          now);
gboolean      rt_stream_window_is_over   (RtStreamWindow *self,
                                          gint64          now);
/* Whether somebody is waited for, and how long an answer takes, as far as that is known. */
gboolean      rt_stream_window_waits     (RtStreamWindow *self);
gint64        rt_stream_window_get_delay (RtStreamWindow *self);
/* When to look again, or G_MAXINT64. */
gint64        rt_stream_window_next_time (RtStreamWindow *self,
                                          gint64          now);

G_END_DECLS
