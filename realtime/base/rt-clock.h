/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* All time and every timer of both libraries. Times are microseconds. A test can put the process on
 * virtual time, in which nothing passes but what it advances. */

gint64 rt_clock_now  (void); /* monotonic */
gint64 rt_clock_real (void); /* UTC since 1970 */
gint64 rt_clock_boot (void); /* like monotonic, but counts time asleep */

#define RT_CLOCK_MS(ms) ((gint64) (ms) * 1000)

typedef struct _RtTimer RtTimer;
typedef void (*RtTimerFunc) (gpointer user_data);

/* A timer fires once per start, in @context. Start, stop and free it in the thread that runs @context
 * (or before that context is run); free may be called from its own function. @name is static. */
RtTimer *rt_timer_new       (GMainContext *context,
                             const char   *name,
                             RtTimerFunc   func,
                             gpointer      user_data);
void     rt_timer_start     (RtTimer      *timer,
                             gint64        deadline); /* on rt_clock_now ()'s scale; replaces an earlier one */
void     rt_timer_stop      (RtTimer      *timer);
gboolean rt_timer_is_active (RtTimer      *timer);
void     rt_timer_free      (RtTimer      *timer);

/* Virtual time, for tests only, switched on before anything uses a timer. */
void     rt_clock_virtual_begin   (void);
void     rt_clock_virtual_end     (void);
/* Somebody sets the wall clock. */
void     rt_clock_virtual_set_real (gint64 real);
/* @flush is called before each look at who is busy, to bring to its reader what the kernel still carries. */
void     rt_clock_virtual_set_flush (void (*flush) (void));
/* Lets every thread that has a timer, and the calling thread's default context, come to rest. */
void     rt_clock_virtual_settle  (void);
/* Moves time on by @us, firing each timer that falls due at its own moment, in order, and settling in between. */
void     rt_clock_virtual_advance (gint64 us);
/* The earliest deadline of a started timer, or -1. */
gint64   rt_clock_virtual_next    (void);
gboolean rt_clock_is_virtual      (void);
/* Lets @us pass on the boot and the real clock alone, as while the machine sleeps. See rt_clock_virtual_sleep (). */
void     rt_clock_virtual_skip    (gint64 us);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtTimer, rt_timer_free)

G_END_DECLS
