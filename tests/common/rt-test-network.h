/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A network of this process that goes up and down when a test says so: it takes the place of the system's
 * GNetworkMonitor. Installed before anything asks for that. */

void rt_test_network_install (void);
/* Tells so in the calling thread, also if it is as before. */
void rt_test_network_set     (gboolean available);

G_END_DECLS
