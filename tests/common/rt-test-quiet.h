/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* On virtual time nothing waits for the kernel, and on a busy machine that takes its time to carry a packet from one
 * loopback socket to another: minutes may seem to pass meanwhile. So a process on virtual time with sockets of its own
 * keeps to one processor, whose packets go through one queue, and what was sent before a packet of our own has arrived
 * when that has. */

/* Puts all threads of the process, and those that they start, on one processor. */
void rt_test_quiet_begin (void);
/* Returns when all that was sent before has arrived where it can be read. */
void rt_test_quiet_flush (void);

G_END_DECLS
