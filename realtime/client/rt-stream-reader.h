/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include <gio/gio.h>
#include "rt-version-macros.h"

G_BEGIN_DECLS

#define RT_TYPE_STREAM_READER (rt_stream_reader_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtStreamReader, rt_stream_reader, RT, STREAM_READER, GInputStream)

RT_AVAILABLE_IN_1_0
const char *rt_stream_reader_get_name         (RtStreamReader *self);
RT_AVAILABLE_IN_1_0
const char *rt_stream_reader_get_content_type (RtStreamReader *self);
RT_AVAILABLE_IN_1_0
gint64      rt_stream_reader_get_size         (RtStreamReader *self);
RT_AVAILABLE_IN_1_0
const char *rt_stream_reader_get_channel      (RtStreamReader *self);
RT_AVAILABLE_IN_1_0
const char *rt_stream_reader_get_sender       (RtStreamReader *self);
RT_AVAILABLE_IN_1_0
const char *rt_stream_reader_get_id           (RtStreamReader *self);
RT_AVAILABLE_IN_1_0
void        rt_stream_reader_abort            (RtStreamReader *self,
                                               const char     *reason);

G_END_DECLS
