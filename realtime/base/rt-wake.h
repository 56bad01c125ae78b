/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-clock.h"

G_BEGIN_DECLS

/* Tells when the machine has been asleep: CLOCK_BOOTTIME has run ahead of CLOCK_MONOTONIC. On Linux this costs no
 * wake-ups: the kernel tells when it is time to look. */

typedef struct _RtWake RtWake;

/* Calls @func in @context soon after each sleep of a second or more. Like a timer: freed in the thread that runs
 * @context, also from @func. @name is static. */
RtWake *rt_wake_new  (GMainContext *context,
                      const char   *name,
                      RtTimerFunc   func,
                      gpointer      user_data);
void    rt_wake_free (RtWake       *self);

/* On virtual time: the machine sleeps for @us, in which no timer runs. Returns when it is awake and at rest again. */
void    rt_clock_virtual_sleep (gint64 us);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtWake, rt_wake_free)

G_END_DECLS
