/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include <glib-object.h>
#include "rt-version-macros.h"

G_BEGIN_DECLS

#define RT_TYPE_SNOWFLAKE (rt_snowflake_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtSnowflake, rt_snowflake, RT, SNOWFLAKE, GObject)

RT_AVAILABLE_IN_1_0
RtSnowflake *rt_snowflake_new           (guint         node_id,
                                         GError      **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtSnowflake *rt_snowflake_new_random    (void) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
guint        rt_snowflake_get_node_id   (RtSnowflake  *self);
RT_AVAILABLE_IN_1_0
gint64       rt_snowflake_next          (RtSnowflake  *self);
RT_AVAILABLE_IN_1_0
char        *rt_snowflake_next_text     (RtSnowflake  *self) G_GNUC_WARN_UNUSED_RESULT;

RT_AVAILABLE_IN_1_0
gint64       rt_snowflake_get_timestamp (gint64        id);
RT_AVAILABLE_IN_1_0
guint        rt_snowflake_get_node      (gint64        id);
RT_AVAILABLE_IN_1_0
guint        rt_snowflake_get_sequence  (gint64        id);

G_END_DECLS
