/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <realtime/realtime.h>

G_BEGIN_DECLS

/* A look into a client's I/O half, for private tests. */

/* How many calls have come in there and wait. */
guint client_probe_count (RtClient *client);

G_END_DECLS
