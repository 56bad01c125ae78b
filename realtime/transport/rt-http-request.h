/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-buffer.h"
#include "rt-settings.h"

G_BEGIN_DECLS

/* Appends a POST to @path behind the settings' prefix, with a body of JSON or of JSON lines. @extra is more header
 * lines, each ended by CR and LF, or NULL. */
void rt_http_request_put (RtBuffer         *out,
                          const RtSettings *settings,
                          const char       *path,
                          const char       *extra,
                          const void       *body,
                          gsize             body_len);

G_END_DECLS
