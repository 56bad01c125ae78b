/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-middleware.h"

G_BEGIN_DECLS

/* For one that failed and did not say why, as scripts do. */
GError *rt_middleware_silent_error_new (RtMiddleware *self);

G_END_DECLS
