/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A JSON Web Token with these claims, signed with "secret" (HS256). */
char *rt_raw_token_new (const char *claims);

G_END_DECLS
