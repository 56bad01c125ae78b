/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How many bytes of data may be under way: as many as the way carries in the time that an answer takes by itself, and
 * little more. What is beyond that only waits on the way, before all that comes behind it: answers come too late, a
 * server that asks whether somebody is there hears nothing in time, and a message has to wait. It reads no clock. */

/* The least that is under way, and the smallest piece: on a line of a kilobyte a second what stands around it takes a
 * fifth of the line, and it is sent in a second and a half. */
#define RT_STREAM_PACE_MIN 1024
#define RT_STREAM_PACE_MAX (1024 * 1024)

typedef struct
{
  gsize limit;
  gsize max;
  gint64 base;   /* what an answer takes where nothing waits; -1: not known */
  gint64 delay;  /* what the last one took; 0 before there was one */
  gint64 cut_at; /* when the limit was last lowered */
  gsize cut;     /* to what; 0: it has grown well beyond that since, or never was */
} RtStreamPace;

void     rt_stream_pace_init    (RtStreamPace *self,
                                 gsize         max);
/* There is another line now, or it may be another one. */
void     rt_stream_pace_restart (RtStreamPace *self);
/* Before anything is known of it: a small message was answered after @took. */
void     rt_stream_pace_begin   (RtStreamPace *self,
                                 gint64        took);
/* Something that was sent at @began was answered after @took, or is not answered yet after so long; meanwhile @passed
 * bytes arrived. @alone: nothing else was under way. */
void     rt_stream_pace_measure (RtStreamPace *self,
                                 gint64        began,
                                 gint64        took,
                                 gsize         passed,
                                 gboolean      alone);
/* @len bytes arrived of @under_way, the last of which were sent at @began. */
void     rt_stream_pace_pass    (RtStreamPace *self,
                                 gint64        began,
                                 gsize         len,
                                 gsize         under_way);
/* No answer came in a time in which one comes on any line. */
void     rt_stream_pace_failed  (RtStreamPace *self,
                                 gint64        now);
/* How long one piece should be, if at most @chunk fits. */
gsize    rt_stream_pace_get_piece (const RtStreamPace *self,
                                   gsize               chunk);

G_END_DECLS
