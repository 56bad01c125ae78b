/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-bus.h"

G_BEGIN_DECLS

/* Takes the reference. */
RtSubscription *rt_subscription_new_for_sub (RtBusSub *sub);
/* Ends it once what it was sent has been delivered. Any thread. */
void            rt_subscription_end (RtSubscription *self);

G_END_DECLS
