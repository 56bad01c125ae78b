/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-buffer.h"
#include "rt-protocol.h"

G_BEGIN_DECLS

/* The wire text of what streams say to each other, as docs/protocol.md has it: publications with the mark whose member
 * "st" says what they are. */

#define RT_STREAM_MAX_ID 20     /* decimal digits */
#define RT_STREAM_MAX_SOURCE 64
#define RT_STREAM_SUM_LENGTH 64 /* SHA-256 in hexadecimal digits */
#define RT_STREAM_MAX_WHY 256   /* bytes of a reason */
/* Raw bytes in one frame of data: with base64 and all that stands around it, one publication stays below 64 KiB. */
#define RT_STREAM_MAX_CHUNK (32 * 1024)
/* What stands around the bytes of one frame of data on the wire, at most. */
#define RT_STREAM_FRAME_SIZE 400

typedef enum
{
  RT_STREAM_FRAME_DATA,   /* off: of its first byte; asks: as by ASK */
  RT_STREAM_FRAME_ASK,    /* off: how far the sender is; each reader is to say where it stands */
  RT_STREAM_FRAME_CREDIT, /* to; off: what the reader has used up; got: what it has; again: the rest never came */
  RT_STREAM_FRAME_END,    /* off: the size of all; sum */
  RT_STREAM_FRAME_DONE,   /* to: the reader has it all, and it is right */
  RT_STREAM_FRAME_ABORT,  /* why; to: of a reader to the sender, or of the sender to one reader */
  RT_STREAM_FRAME_PASS,   /* to; why: this client is no reader */
} RtStreamFrameKind;

typedef struct
{
  RtStreamFrameKind kind;
  gboolean again;
  gboolean asks;
  char id[RT_STREAM_MAX_ID + 1];
  char source[RT_STREAM_MAX_SOURCE + 1]; /* who says it; not written from here */
  char to[RT_STREAM_MAX_SOURCE + 1];     /* "" for all */
  char sum[RT_STREAM_SUM_LENGTH + 1];    /* "" if none */
  char why[RT_STREAM_MAX_WHY + 1];       /* "" if none */
  guint64 off;
  guint64 got;
} RtStreamFrame;

/* FALSE for what is no frame that this version understands. */
gboolean rt_stream_frame_parse    (const RtPublication *publication,
                                   RtStreamFrame       *frame);
/* The number of bytes that a frame of data carries, 0 if it carries none or not what may be in one. */
gsize    rt_stream_frame_get_len  (const RtPublication *publication);
/* Puts that many bytes. FALSE: it is not base64. */
gboolean rt_stream_frame_decode   (const RtPublication *publication,
                                   guint8              *bytes);

/* The data of a publication. @bytes only of a frame of data. @scratch is memory to be used again. */
typedef struct
{
  const char *source;
  const char *id; /* of the publication */
  gint64 timestamp;
} RtStreamStamp;

void     rt_stream_frame_write    (RtBuffer            *out,
                                   const RtStreamFrame *frame,
                                   const RtStreamStamp *stamp,
                                   const guint8        *bytes,
                                   gsize                len,
                                   RtBuffer            *scratch);

/* A reason, cut to what fits and made harmless. */
void     rt_stream_frame_set_why  (RtStreamFrame       *frame,
                                   const char          *why);

G_END_DECLS
