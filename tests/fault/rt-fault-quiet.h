/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* On virtual time nothing waits for the kernel, and on a busy machine that takes its time to carry a packet from
 * one loopback socket to another: minutes may seem to pass meanwhile. So all threads that are started between begin
 * and end share one processor, whose packets go through one queue, and what was sent before a packet of our own has
 * arrived when that has. */

typedef struct _RtFaultQuiet RtFaultQuiet;

RtFaultQuiet *rt_fault_quiet_begin (void);
void          rt_fault_quiet_end   (RtFaultQuiet *self);
/* Returns when all that was sent before has arrived where it can be read, and everybody has done what that brought
 * with it. */
void          rt_fault_quiet_wait  (RtFaultQuiet *self);

G_END_DECLS
