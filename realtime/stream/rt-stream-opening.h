/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-stream-frame.h"

G_BEGIN_DECLS

/* The content of the message that opens a stream. */

#define RT_STREAM_MAX_NAME 255
#define RT_STREAM_MAX_CONTENT_TYPE 255

typedef struct
{
  char id[RT_STREAM_MAX_ID + 1];
  char *name;
  char *content_type; /* nullable */
  gint64 size;        /* -1: not known */
} RtStreamOpening;

/* FALSE: this JSON opens no stream, and nothing is to be cleared. */
gboolean rt_stream_opening_parse   (const char            *json,
                                    gsize                  len,
                                    RtStreamOpening       *opening);
char    *rt_stream_opening_to_json (const RtStreamOpening *opening);
void     rt_stream_opening_clear   (RtStreamOpening       *opening);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RtStreamOpening, rt_stream_opening_clear)

G_END_DECLS
