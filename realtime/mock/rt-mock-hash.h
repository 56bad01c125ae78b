/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A hash of text that peers choose: seeded by chance, so that nobody can prepare texts which collide. */
guint rt_mock_text_hash (gconstpointer text);

G_END_DECLS
