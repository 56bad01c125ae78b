/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-connection-state.h"
#include "rt-sub.h"

G_BEGIN_DECLS

/* What the I/O half hands up beside results: news, one at a time, and batches of publications. */

typedef enum
{
  RT_NEWS_STATE,        /* the snapshot has changed; flag: only the depth of the send queue */
  RT_NEWS_RECONNECTING, /* count: attempt, delay */
  RT_NEWS_CONNECTED,    /* text: client id */
  RT_NEWS_DISCONNECTED, /* code, text: reason, flag: will be tried again */
  RT_NEWS_ERROR,        /* error */
  RT_NEWS_JOINED,       /* sub, flag: recovered; text: epoch; offset; recoverable */
  RT_NEWS_LEFT,         /* sub, code, text: reason; error where the server refused it */
  RT_NEWS_REJOINING,    /* sub: wanted, not joined at the moment */
  RT_NEWS_RECOVERED,    /* sub, count */
  RT_NEWS_GAP,          /* sub, count: missed, 0 = unknown; text: epoch, and offset, if it goes on elsewhere */
  RT_NEWS_MEMBER_JOINED, /* sub, member */
  RT_NEWS_MEMBER_LEFT,
  RT_NEWS_MEMBERS_BEHIND, /* sub: some of these were not kept */
  RT_NEWS_DROPPED,      /* a message that nobody will send any more. user: channel, text: its data; error */
  RT_NEWS_OVER,         /* closed for good; no news come after it */
  RT_NEWS_TOKEN,        /* a new token is in use; sub: of a channel, NULL: of the connection */
} RtNewsKind;

typedef struct
{
  RtHandoverItem item;
  RtNewsKind kind;
  gsize bytes; /* of what a peer wrote in it, for the bound of the queue */
  RtSub *sub;
  guint code;
  guint count;
  guint delay; /* ms */
  gboolean flag;
  gboolean recoverable;
  guint64 offset;
  char *text;
  char *user;   /* of a member */
  char *client;
  char *info;   /* raw JSON; nullable */
  GError *error;
} RtNews;

RtNews *rt_news_new  (RtNewsKind kind,
                      RtSub     *sub); /* nullable; a reference is taken */
void    rt_news_free (RtNews    *news);

/* Memory that messages are copied into as they come, shared by the batches whose publications point into it. */
typedef struct
{
  char *data; /* a GAtomicRcBox, or NULL */
  gsize used;
  gsize size;
  gboolean charged; /* some batch counts it */
} RtBlock;

/* Copies one message. It stays where it is as long as the block or a batch that refers to it. */
const char   *rt_block_copy  (RtBlock             *block,
                              const guint8        *data,
                              gsize                len);
void          rt_block_clear (RtBlock             *block);

typedef struct
{
  RtSub *sub; /* kept by the batch */
  gboolean is_late; /* its time to live is over: it only moves the position */
  RtPublication publication;
} RtBatchEntry;

/* Publications with the bytes that they point into. */
typedef struct
{
  RtHandoverItem item; /* resumable */
  RtBatchEntry *entries;
  guint n_entries;
  guint capacity;
  guint next;        /* the app half's place in it */
  gsize bytes;       /* of the blocks that it was the first to use, for the bound of the queue */
  gsize bytes_taken; /* the app half's part of them so far */
  GPtrArray *blocks;
  GPtrArray *subs;
} RtBatch;

RtBatch      *rt_batch_new  (void);
void          rt_batch_free (RtBatch             *batch);
/* @publication points into @block. */
void          rt_batch_add  (RtBatch             *batch,
                             RtSub               *sub,
                             const RtPublication *publication,
                             RtBlock             *block);
/* The last one that was added came too late. */
void          rt_batch_mark_late (RtBatch        *batch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtNews, rt_news_free)

G_END_DECLS
