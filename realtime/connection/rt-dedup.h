/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-protocol.h"

G_BEGIN_DECLS

/* The messages that a channel has seen lately, by source and id: a message that was sent again because its first
 * outcome was unknown is delivered once. Remembers the last RT_DEDUP_MAX messages, each for RT_DEDUP_TIME. */

#define RT_DEDUP_MAX 8192
#define RT_DEDUP_TIME (120 * G_USEC_PER_SEC)

typedef struct _RtDedup RtDedup;

RtDedup *rt_dedup_new  (void);
void     rt_dedup_free (RtDedup          *self);
/* FALSE if the message was seen already. One without a source or an id is never taken for a repeat. */
gboolean rt_dedup_add  (RtDedup          *self,
                        const RtEnvelope *envelope,
                        gint64            now);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtDedup, rt_dedup_free)

G_END_DECLS
