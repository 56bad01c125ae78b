/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-op.h"

G_BEGIN_DECLS

/* The requests that wait for a reply, by command id. Ids are given out one after the other and every request has
 * the same time to wait, so the oldest one is always the first to expire. */
typedef struct
{
  RtOp **slots; /* at id & mask */
  guint32 mask;
  guint32 oldest; /* no waiting id is before it */
  guint32 next;   /* the id to be given next */
  guint count;
} RtReplies;

void    rt_replies_init        (RtReplies *self);
void    rt_replies_clear       (RtReplies *self); /* must be empty */
/* A fresh id for a command without an op. */
guint32 rt_replies_take_id     (RtReplies *self);
/* Gives @op (whose reference it takes) an id. */
guint32 rt_replies_add         (RtReplies *self,
                                RtOp      *op);
/* The op that waits under @id, with its reference, or NULL. */
RtOp   *rt_replies_steal       (RtReplies *self,
                                guint32    id);
/* The op that has waited longest (transfer none), or NULL. */
RtOp   *rt_replies_peek_oldest (RtReplies *self);

G_END_DECLS
