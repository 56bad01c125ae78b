/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-snowflake.h"

G_BEGIN_DECLS

#define RT_SNOWFLAKE_TEXT_SIZE 20 /* 19 digits and the end */

/* The next number for somebody who has just read the clock: @now_us is UTC. */
gint64      rt_snowflake_next_at  (RtSnowflake *self,
                                   gint64       now_us);
/* Writes @id, which is above 0, in decimal; returns where in @buffer it begins. */
const char *rt_snowflake_put_text (gint64 id,
                                   char   buffer[RT_SNOWFLAKE_TEXT_SIZE]);

G_END_DECLS
