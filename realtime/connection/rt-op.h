/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include "rt-buffer.h"
#include "rt-handover.h"
#include "rt-protocol.h"
#include "rt-tags-filter-private.h"
#include "rt-waiter.h"

G_BEGIN_DECLS

/* One call of the program on its way down to the I/O half and back. It is in one place at a time: the caller's
 * hands, the queue down, the I/O half, the queue up. Completed exactly once, by the I/O half alone. */

typedef struct _RtSub RtSub;

/* The kinds of what passes through the two queues of a connection. */
typedef enum
{
  RT_ITEM_OP,     /* both ways */
  RT_ITEM_CANCEL, /* down: see whether its op can still be taken back */
  RT_ITEM_ROOM,   /* down: the queue up has room again */
  RT_ITEM_STOP,   /* down: the client is gone */
  RT_ITEM_RETRY,  /* down: try now */
  RT_ITEM_NETWORK, /* down: the machine's network has changed */
  RT_ITEM_ROUTE,  /* down: reach the server in another way */
  RT_ITEM_TOKEN,  /* up: a token is needed; down: the answer */
  RT_ITEM_NEWS,   /* up */
  RT_ITEM_BATCH,  /* up */
  RT_ITEM_LATER,  /* the app half's own */
} RtItemKind;

typedef enum
{
  RT_OP_CONNECT,
  RT_OP_DISCONNECT,
  RT_OP_CLOSE,
  RT_OP_JOIN,
  RT_OP_LEAVE,
  RT_OP_PUBLISH,
  RT_OP_RPC,
  RT_OP_HISTORY,
  RT_OP_PRESENCE,
  RT_OP_PRESENCE_STATS,
  RT_OP_PING,
  RT_OP_RESET,
  RT_OP_NOTIFY, /* an RPC whose answer nobody waits for */
  /* The I/O half's own, for the reply table: */
  RT_OP_SUBSCRIBE,
  RT_OP_UNSUBSCRIBE,
  RT_OP_GREETING,
  RT_OP_REFRESH,
  RT_OP_SUB_REFRESH,
} RtOpKind;

typedef struct
{
  gboolean recover; /* from @epoch and @offset, where @epoch is set */
  gboolean join_leave;
  gboolean positioned;
  gboolean asks_token; /* the channel has a token provider */
  char *epoch; /* nullable */
  guint64 offset;
  char *data;           /* raw JSON; nullable */
  RtTagsFilter *filter; /* nullable */
  guint messages_limit; /* the app half's: of the list of messages */
  guint prefill;        /* likewise: how many of it are asked for at the beginning */
  guint64 order; /* the app half's: its place among the joins and leaves that have gone down, 0 if it has not */
} RtJoinRequest;

typedef struct
{
  gint32 limit;
  gboolean reverse;
  gboolean has_since;
  char *epoch;
  guint64 offset;
} RtHistoryRequest;

typedef struct _RtOp RtOp;

struct _RtOp
{
  RtHandoverItem item;
  gatomicrefcount refs;

  /* Set before it goes down, then read-only. */
  RtOpKind kind;
  gboolean wants_result; /* FALSE: nobody waits, so nothing is handed up */
  RtWaiter *waiter;      /* of a blocking call, else NULL: the result goes up by the queue */
  gpointer call;         /* the app half's; never touched by the I/O half */
  gboolean is_own;       /* likewise: it is no call of the program's */
  gboolean stands;       /* close, reset: cancelling it from now on ends the waiting alone */
  gboolean tells_drop;   /* publish: that it was given up, the app half tells, who may have it sent again */
  /* Of the layers between the halves: gets the op, and its reference, instead of the result callback, in the I/O thread
   * or, where the connection has stopped, in any. Nothing is told of how it ended. NULL of all others. */
  void (*done) (RtOp *op);
  char *channel;         /* also the method of rpc and notify; nullable */
  guint64 serial;        /* join: the app half's name for it; leave: its place in their order, 0 if it does not matter */
  char *id;              /* of the message, for publish */
  char *data;            /* JSON: publish, rpc, notify; nullable */
  gsize data_len;
  char *block;           /* publish: the one allocation that channel, id and data lie in; else NULL */
  gsize block_size;
  guint timeout; /* rpc, publish: ms to wait for the answer; 0: as the settings say */
  gint64 expires; /* publish: when it is of no use any more, on the monotonic clock; 0: never */
  guint8 priority; /* publish: RtPriority */
  gboolean patient; /* publish: waits where it is too fast, even if the program's own fail */
  gboolean comes_back; /* publish: ends with its line, and is not sent again by itself: who made it knows better */
  gboolean stands_apart; /* publish: begins a message of its own, so that what is before it on a slow line is not kept
                            waiting for all of it */
  gint cancelled; /* atomic; set by any thread, judged by the I/O half */

  /* Only the I/O half, while the op is with it. */
  guint32 command_id; /* 0 until written */
  gint64 deadline;
  GList link; /* in the queue of what is to be sent, or of what is to be sent again */
  gpointer expiry; /* the queue's */
  guint8 strikes; /* how often the server closed the connection over what may have been this */
  gboolean is_suspect;  /* it is under way, alone, since it may be what the server closed over */
  gboolean waits_again; /* it is among those to be sent again */
  gboolean was_accepted; /* the program was told nothing against it */
  gboolean was_written; /* it may have arrived */
  gboolean was_lost;    /* it was written on a line that is gone, so it may have, whatever a later one says */
  gboolean was_refused; /* it waits again since the server found it too fast */
  gboolean is_flying;
  gboolean was_overtaken; /* while it flies: the server has accepted a later one that must not be before it */
  guint64 order;          /* the number of its first write, 0 before */
  guint64 write;          /* the number of its last write */

  /* The result, set by the I/O half before it completes the op. */
  GError *error;
  RtSub *sub;      /* join, and the I/O half's own; for leave set before it goes down: only that one is to be left */
  char *reply;     /* the raw reply line, to be decoded where it is used: rpc, history, presence */
  gsize reply_len;
  guint64 offset;  /* publish, where the server tells; join */
  char *epoch;     /* join; nullable */
  gboolean recoverable; /* join */
  gint64 round_trip; /* ping, µs */

  /* Set before it goes down. Last, since a publish, of which there are many, does without. */
  union
  {
    RtJoinRequest join;
    RtHistoryRequest history;
  } request;
};

RtOp *rt_op_new   (RtOpKind kind);
RtOp *rt_op_ref   (RtOp    *op);
void  rt_op_unref (RtOp    *op);

/* A publish is written into a block: channel and id first, the data behind them. */
void  rt_op_begin_publish  (RtBuffer   *block,
                            const char *channel,
                            const char *id,
                            gsize       expected); /* bytes of data */
/* Takes the block; all behind the id is the data. */
void  rt_op_finish_publish (RtOp       *op,
                            RtBuffer   *block);

/* What is published, and how: @self gets what @other had, and the reverse. */
void  rt_op_swap_publish   (RtOp       *self,
                            RtOp       *other);
/* Ready to go down once more, after it has come back. */
void  rt_op_renew_publish  (RtOp       *self);

/* Publishes that nobody waits for are used again, with their memory: at a high rate, passing it from thread to thread
 * through the allocator costs more than the rest of a send. */
typedef struct
{
  GMutex lock;
  RtOp *first; /* guarded by lock, linked by their items */
  guint count; /* guarded by lock */
} RtOpPool;

void  rt_op_pool_init  (RtOpPool *self);
void  rt_op_pool_clear (RtOpPool *self);
/* A fresh publish. *block is its memory, empty, to be written into. Any thread. */
RtOp *rt_op_pool_take  (RtOpPool *self,
                        RtBuffer *block);
/* Takes the only reference of @op. Any thread. */
void  rt_op_pool_put   (RtOpPool *self,
                        RtOp     *op);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtOp, rt_op_unref)

G_END_DECLS
