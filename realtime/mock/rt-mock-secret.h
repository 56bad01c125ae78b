/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Names that nobody can guess: 64 hexadecimal digits from 32 random bytes of the system. */
char    *rt_mock_secret_new    (void);
/* What to look a given one up by, so that the time of the look-up tells nothing of those that there are. */
char    *rt_mock_secret_hash   (const char *given);
/* In a time that tells no more than the length. */
gboolean rt_mock_secret_equals (const char *secret,
                                const char *given);

G_END_DECLS
