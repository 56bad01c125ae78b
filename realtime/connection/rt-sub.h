/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-connection-state.h"
#include "rt-dedup.h"
#include "rt-op.h"

G_BEGIN_DECLS

#define RT_SUB_MESSAGES_LIMIT 1000

/* The token of a channel that has a token provider. */
typedef struct
{
  gboolean asked_for; /* by the channel: there is a provider */
  gboolean requested; /* an answer is awaited */
  gboolean renewed;   /* it was replaced because the server did not take the one before */
  guint serial;       /* of the request */
  char *value;        /* nullable */
} RtSubToken;

/* One wanted channel: the plain record that an RtChannel is a view of. */
struct _RtSub
{
  gatomicrefcount refs;
  char *name; /* a GRefString; immutable */
  guint64 serial; /* of the join that it was made for, 0 if the server joined it; immutable */
  guint64 order;  /* likewise */
  guint messages_limit; /* the app half's; immutable */
  guint prefill;        /* likewise */
  gint state; /* RtChannelState, atomic: the snapshot that any thread may read */

  gpointer channel; /* the app half's view; never touched by the I/O half */
  gboolean over;    /* the app half's, too, guarded by the client's lock: the last news of it was handled */
  gboolean listed;  /* the app half's, only in the client's context: it is in the public list */
  guint holds;      /* the app half's, guarded as over: joins that succeeded, less the leaves that gave them back */

  /* The rest only in the I/O half. */
  gboolean join_leave; /* immutable after the first join */
  gboolean positioned_wanted;
  gboolean recover_wanted;
  char *data;           /* for the server, raw JSON; nullable; immutable */
  RtTagsFilter *filter; /* nullable; immutable */
  gboolean filter_refused; /* by the server, so that only this side filters */
  gboolean recoverable; /* as the server said at the last join */
  gboolean positioned;
  char *epoch;          /* nullable: no position known */
  guint64 offset;       /* of the last publication handed up in this epoch */
  gboolean members_behind; /* news of members were not kept */
  gboolean awaiting;    /* a subscribe command is on its way; publications before its reply are not wanted */
  gboolean was_joined;  /* the program saw it joined before */
  gboolean behind;      /* publications were not kept: to be joined again from offset */
  guint dropped;        /* publications that could not be kept and cannot be had again */
  gboolean server_side; /* it was the server that subscribed this client */
  gboolean gates;       /* sends wait for the reply to its subscribe command */
  gboolean unclear;     /* a subscribe command got no answer: what the server made of it is not known */
  gboolean repaired;    /* what was left over on the server from such a command was cleared away */
  guint attempts;       /* how often joining failed for a time since it last succeeded */
  gint64 due;           /* when to join again, or to ask for a new token; 0: never */
  RtSubToken token;
  RtDedup *seen;        /* nullable: nothing seen yet */
  GPtrArray *joins;     /* RtOp waiting for it to be joined */
  GPtrArray *leaves;    /* RtOp waiting for it to be left */
};

RtSub          *rt_sub_new       (const char    *name);
RtSub          *rt_sub_ref       (RtSub         *sub);
void            rt_sub_unref     (RtSub         *sub);
RtChannelState  rt_sub_get_state (RtSub         *sub);
void            rt_sub_set_state (RtSub         *sub,
                                  RtChannelState state);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtSub, rt_sub_unref)

G_END_DECLS
