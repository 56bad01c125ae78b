/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include "rt-buffer.h"
#include "rt-protocol.h"

G_BEGIN_DECLS

/* An encoding of the protocol. JSON is the first; a binary one can join behind the same table. */

typedef enum
{
  RT_DECODE_ITEM, /* one was decoded */
  RT_DECODE_END,  /* the message holds no more */
  RT_DECODE_FAULT /* see the decoder's fault; nothing after it may be used */
} RtDecodeStatus;

typedef struct
{
  const char *data; /* the message being decoded, borrowed */
  gsize len;
  gsize position;
  RtJsonFault fault;
  /* Scratch, reused from item to item. */
  RtPublication *publications;
  guint publications_capacity;
  RtClientInfo *members;
  guint members_capacity;
} RtDecoder;

typedef struct
{
  const char *name; /* "json" */
  gboolean is_text; /* WebSocket text or binary messages */

  /* Client end. */
  void           (*write_command) (RtBuffer        *out,
                                   const RtCommand *command);
  RtDecodeStatus (*next_reply)    (RtDecoder       *decoder,
                                   RtReply         *reply);
  /* One entry of a connect reply's subs: @reply becomes as if it were of a subscribe to its channel. *@position, at
   * first 0, is the place in @subs. What was decoded lives until the decoder's next call. */
  RtDecodeStatus (*next_sub)      (RtDecoder       *decoder,
                                   const RtSlice   *subs,
                                   gsize           *position,
                                   RtReply         *reply);
  /* One entry of a connect command's subs. The first begins the object, @n counts; NULL ends it. */
  void           (*write_sub)     (RtBuffer        *out,
                                   guint            n,
                                   const RtCommand *position);
  /* Server end. */
  void           (*write_reply)   (RtBuffer        *out,
                                   const RtReply   *reply);
  RtDecodeStatus (*next_command)  (RtDecoder       *decoder,
                                   RtCommand       *command);
  /* One entry of a connect command's subs, like next_sub: @command becomes a subscribe with the channel and, where the
   * client has one, the position it has reached. */
  RtDecodeStatus (*next_sub_command) (RtDecoder     *decoder,
                                      const RtSlice *subs,
                                      gsize         *position,
                                      RtCommand     *command);
  /* One entry of a connect reply's subs: what would answer a subscribe to reply's channel. Else like write_sub. */
  void           (*write_sub_reply) (RtBuffer      *out,
                                     guint          n,
                                     const RtReply *reply);
  /* What stands between two frames in one message ("\n"); put by the caller. */
  const char *separator;
} RtCodec;

const RtCodec *rt_codec_json (void);

/* One decoder, at first zeroed, serves many messages; the grammar of each line is checked wholly, data included, as
 * it is decoded. */
void rt_decoder_begin (RtDecoder  *self,
                       const char *data,
                       gsize       len);
void rt_decoder_clear (RtDecoder  *self);

/* Writes the data object of a publication with the "$rt" mark. Strings are plain UTF-8 given by length (never
 * escaped), metadata and tags raw JSON objects, a JSON body raw; the timestamp is always written, the rest only
 * where not the default. */
void rt_envelope_write (RtBuffer         *out,
                        const RtEnvelope *envelope);

G_END_DECLS
