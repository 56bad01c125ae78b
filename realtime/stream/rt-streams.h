/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-connection.h"
#include "rt-stream-opening.h"
#include "rt-stream-reassembly.h"
#include "rt-stream-waits.h"
#include "rt-stream-window.h"

G_BEGIN_DECLS

/* The streams of one client: plain structs with one lock, shared by the I/O half, which sends and takes the frames, and
 * the program, which reads and writes the bytes. Only the I/O thread speaks to the connection. */

typedef struct _RtStreams RtStreams;
typedef struct _RtStreamOut RtStreamOut; /* one that this client sends */
typedef struct _RtStreamIn RtStreamIn;   /* one that it reads */

/* Of either kind, each in one client. */
#define RT_STREAM_MAX_STREAMS 64
/* A reader that has heard nothing for so long, and was connected, gives up; a sender with nothing to say says so. */
#define RT_STREAM_SILENCE (60 * G_USEC_PER_SEC)
#define RT_STREAM_KEEPALIVE (15 * G_USEC_PER_SEC)
/* Who waits for a word asks for it, or for what is missing, so often. */
#define RT_STREAM_ASK (2 * G_USEC_PER_SEC)
/* The server has so long to answer a frame: what is on a slow line is still under way when a message would long have
 * been given up. */
#define RT_STREAM_ANSWER_TIMEOUT 60000 /* ms */

/* @source: of this client. */
RtStreams   *rt_streams_new         (const char          *source);
RtStreams   *rt_streams_ref         (RtStreams           *self);
void         rt_streams_unref       (RtStreams           *self);
/* Once; a reference is taken until the end. */
void         rt_streams_start       (RtStreams           *self,
                                     RtConnection        *connection);
/* The client is gone. May be called twice. */
void         rt_streams_stop        (RtStreams           *self);
/* The connection is about to be ended: all streams end, and the others are told if there is still a way. */
void         rt_streams_end_all     (RtStreams           *self,
                                     const char          *why);

/* In the I/O thread. What RtConnectionEvents.stream is for. */
gboolean     rt_streams_take        (RtStreams           *self,
                                     RtSub               *sub,
                                     const RtPublication *publication);
/* Whether it is a part of a stream, and no message for the program. */
gboolean     rt_streams_is_part     (const RtPublication *publication);
/* Any news, before it goes up. */
void         rt_streams_news        (RtStreams           *self,
                                     const RtNews        *news);

/* The lock of all that follows, where "locked" is said. */
GMutex      *rt_streams_get_lock    (RtStreams           *self);

/* --- Sending. QUEUE_FULL: there are too many. @chunk: what fits into one frame. --- */

RtStreamOut *rt_stream_out_new      (RtStreams           *streams,
                                     const char          *channel,
                                     const char          *id,
                                     gsize                chunk,
                                     gboolean             deaf,
                                     GError             **error);
RtStreamOut *rt_stream_out_ref      (RtStreamOut         *self);
void         rt_stream_out_unref    (RtStreamOut         *self);
RtStreams   *rt_stream_out_get_streams (RtStreamOut      *self);
/* The opening is acknowledged. */
void         rt_stream_out_opened   (RtStreamOut         *self);
/* Ends it, where it has not ended: the others are told. @error is copied, and what calls get from now on. */
void         rt_stream_out_abort    (RtStreamOut         *self,
                                     const char          *why,
                                     const GError        *error);
/* Locked. */
RtStreamWaits *rt_stream_out_get_waits (RtStreamOut      *self);
/* Locked: how many bytes were taken, 0 if there is no room now, -1 with an error. */
gssize       rt_stream_out_write    (RtStreamOut         *self,
                                     const guint8        *bytes,
                                     gsize                len,
                                     GError             **error);
/* Locked: 1 when the server has all of it, 0 if not yet, -1 with an error. */
int          rt_stream_out_flush    (RtStreamOut         *self,
                                     GError             **error);
/* Locked: the same for the whole stream, confirmed by its readers. @sum is that of all bytes. */
int          rt_stream_out_finish   (RtStreamOut         *self,
                                     const char          *sum,
                                     GError             **error);
/* Why it has failed, or NULL. */
GError      *rt_stream_out_dup_error (RtStreamOut        *self);
guint64      rt_stream_out_get_acked (RtStreamOut        *self);
/* Locked: whether its end has reached the server. */
gboolean     rt_stream_out_has_ended (RtStreamOut        *self);

/* --- Reading --- */

/* The stream that a message opens, for the program. NULL: there is none, or it was claimed before. (transfer full) */
RtStreamIn  *rt_streams_claim       (RtStreams           *self,
                                     const char          *channel,
                                     const char          *id);
/* Nobody will read it. */
void         rt_streams_decline     (RtStreams           *self,
                                     const char          *channel,
                                     const char          *id,
                                     const char          *why);
RtStreamIn  *rt_stream_in_ref       (RtStreamIn          *self);
void         rt_stream_in_unref     (RtStreamIn          *self);
RtStreams   *rt_stream_in_get_streams (RtStreamIn        *self);
/* Immutable. */
const RtStreamOpening *rt_stream_in_get_opening (RtStreamIn *self);
const char  *rt_stream_in_get_channel (RtStreamIn        *self);
/* The program reads no more. @counts: it had begun to. */
void         rt_stream_in_abort     (RtStreamIn          *self,
                                     const char          *why,
                                     gboolean             counts,
                                     const GError        *error);
/* The program has read what was announced and is gone: when the end has come, it is compared with @sum. */
void         rt_stream_in_leave     (RtStreamIn          *self,
                                     const char          *sum);
/* Why it has failed, or NULL. */
GError      *rt_stream_in_dup_error  (RtStreamIn          *self);
/* All has been read, and is right: the sender is told. */
void         rt_stream_in_confirm   (RtStreamIn          *self);
/* Locked. */
RtStreamWaits *rt_stream_in_get_waits (RtStreamIn        *self);
/* Locked: how many bytes were read, 0 if there are none now, or, with *sum set, at the end; -1 with an error. */
gssize       rt_stream_in_read      (RtStreamIn          *self,
                                     guint8              *bytes,
                                     gsize                len,
                                     const char         **sum,
                                     GError             **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtStreams, rt_streams_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtStreamOut, rt_stream_out_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtStreamIn, rt_stream_in_unref)

G_END_DECLS
