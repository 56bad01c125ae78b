/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-op.h"

G_BEGIN_DECLS

/* The requests that wait for a reply, by command id. Ids are given out one after the other and every request has
 * the same time to wait, so the oldest one is always the first to expire. Those with a time of their own are few, and
 * stand apart. */
typedef struct
{
  RtOp **slots; /* at id & mask */
  guint32 mask;
  guint32 oldest; /* no waiting id is before it */
  guint32 next;   /* the id to be given next */
  guint count;    /* also of those with a time of their own */
  GSequence *own; /* RtOp by deadline */
  GHashTable *own_ids; /* its iters, by command id */
} RtReplies;

void    rt_replies_init        (RtReplies *self);
void    rt_replies_clear       (RtReplies *self); /* must be empty */
/* A fresh id for a command without an op. */
guint32 rt_replies_take_id     (RtReplies *self);
/* Gives @op (whose reference it takes) an id. Its deadline is set before. */
guint32 rt_replies_add         (RtReplies *self,
                                RtOp      *op);
/* The op that waits under @id, with its reference, or NULL. */
RtOp   *rt_replies_steal       (RtReplies *self,
                                guint32    id);
/* The op that has waited longest of those that all have the same time (transfer none), or NULL. */
RtOp   *rt_replies_peek_oldest (RtReplies *self);
/* All that wait and are of this kind (transfer none): those of a time of their own come last. */
GPtrArray *rt_replies_list      (RtReplies *self,
                                 RtOpKind   kind);
/* The op with a time of its own that expires first (transfer none), or NULL. */
RtOp   *rt_replies_peek_own    (RtReplies *self);

G_END_DECLS
