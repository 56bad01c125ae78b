/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include <gio/gio.h>
#include "rt-version-macros.h"

G_BEGIN_DECLS

#define RT_TYPE_STREAM (rt_stream_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtStream, rt_stream, RT, STREAM, GOutputStream)

RT_AVAILABLE_IN_1_0
const char *rt_stream_get_name         (RtStream   *self);
RT_AVAILABLE_IN_1_0
const char *rt_stream_get_content_type (RtStream   *self);
RT_AVAILABLE_IN_1_0
gint64      rt_stream_get_size         (RtStream   *self);
RT_AVAILABLE_IN_1_0
const char *rt_stream_get_channel      (RtStream   *self);
RT_AVAILABLE_IN_1_0
const char *rt_stream_get_id           (RtStream   *self);
RT_AVAILABLE_IN_1_0
guint64     rt_stream_get_bytes_sent   (RtStream   *self);
RT_AVAILABLE_IN_1_0
void        rt_stream_abort            (RtStream   *self,
                                        const char *reason);

G_END_DECLS
