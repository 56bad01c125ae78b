/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The one I/O thread of the process, "rt-io", started when first needed and kept.
 * Sockets, codecs, timers and the state of connections live in it; user code never runs there. */

GMainContext *rt_io_thread_get_context        (void); /* transfer none; valid for the life of the process */
gboolean      rt_io_thread_is_current         (void);
/* Ends and joins the thread, so that leak checkers see nothing. No client may be left. */
void          rt_io_thread_shutdown_for_tests (void);

G_END_DECLS
