/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include "rt-exchange.h"

G_BEGIN_DECLS

#define RT_TYPE_DEAD_LETTER (rt_dead_letter_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtDeadLetter, rt_dead_letter, RT, DEAD_LETTER, GObject)

RT_AVAILABLE_IN_1_0
RtMessage    *rt_dead_letter_get_message   (RtDeadLetter *self);
RT_AVAILABLE_IN_1_0
const GError *rt_dead_letter_get_error     (RtDeadLetter *self);
RT_AVAILABLE_IN_1_0
RtDirection   rt_dead_letter_get_direction (RtDeadLetter *self);
RT_AVAILABLE_IN_1_0
guint         rt_dead_letter_get_attempts  (RtDeadLetter *self);
RT_AVAILABLE_IN_1_0
gint64        rt_dead_letter_get_timestamp (RtDeadLetter *self);

G_END_DECLS
