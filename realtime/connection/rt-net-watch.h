/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The machine's network, as the system's GNetworkMonitor tells. */

typedef struct _RtNetWatch RtNetWatch;

/* In whatever thread the monitor lives. */
typedef void (*RtNetWatchFunc) (gpointer user_data, gboolean available);

/* @user_data is let go by @destroy when no call can come any more. */
RtNetWatch *rt_net_watch_new  (RtNetWatchFunc func,
                               gpointer       user_data,
                               GDestroyNotify destroy);
void        rt_net_watch_free (RtNetWatch    *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtNetWatch, rt_net_watch_free)

G_END_DECLS
