/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The machine's network, as the system's GNetworkMonitor tells. What it says passes through as it comes, be it ten
 * times a second. */

typedef struct _RtNetWatch RtNetWatch;

/* In whatever thread the monitor lives. */
typedef void (*RtNetWatchFunc) (gpointer user_data, gboolean available);

/* The first one of a process makes the monitor, which then lives in the thread-default context of the caller: never in
 * the I/O thread, where it would emit its signals at the program's own handlers too. May wait for the system's network
 * service. @user_data is let go by @destroy, in any thread, when no call can come any more; one may still be under way
 * when free returns. */
RtNetWatch *rt_net_watch_new  (RtNetWatchFunc func,
                               gpointer       user_data,
                               GDestroyNotify destroy);
void        rt_net_watch_free (RtNetWatch    *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtNetWatch, rt_net_watch_free)

G_END_DECLS
