/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-http-head.h"

G_BEGIN_DECLS

/* What to tell of an answer that came in place of @wanted, such as "a WebSocket", at @path: an RT_ERROR. */
GError *rt_http_status_error_new (const RtHttpHead *head,
                                  const char       *wanted,
                                  const char       *path);

G_END_DECLS
