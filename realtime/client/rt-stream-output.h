/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-stream-call.h"
#include "rt-streams.h"

G_BEGIN_DECLS

/* What is written to a stream: how much of what was announced, its checksum, and the calls that wait with it. */

typedef struct
{
  RtStreamOut *out; /* nullable: only what start_stream gives can be used */
  RtStreamOpening opening;

  /* One operation at a time uses them. */
  GChecksum *checksum;
  guint64 written;
} RtStreamOutput;

void     rt_stream_output_init           (RtStreamOutput        *self);
void     rt_stream_output_clear          (RtStreamOutput        *self);
/* Takes @out. */
void     rt_stream_output_open           (RtStreamOutput        *self,
                                          RtStreamOut           *out,
                                          const RtStreamOpening *opening);
gboolean rt_stream_output_is_usable      (RtStreamOutput        *self,
                                          GError               **error);
/* Whether so many bytes more may be written. */
gboolean rt_stream_output_check_size     (RtStreamOutput        *self,
                                          gsize                  count,
                                          GError               **error);
/* Whether it may be closed: FALSE if it is shorter than was announced. */
gboolean rt_stream_output_check_complete (RtStreamOutput        *self,
                                          GError               **error);

/* Calls of @stream, an RtStream. */
void     rt_stream_output_init_call      (RtStreamOutput           *self,
                                          RtStreamCall             *call,
                                          const RtStreamCallClass  *klass,
                                          gpointer                  stream);
void     rt_stream_output_init_write     (RtStreamOutput           *self,
                                          RtStreamCall             *call,
                                          gpointer                  stream,
                                          const void               *buffer,
                                          gsize                     count);
void     rt_stream_output_init_flush     (RtStreamOutput           *self,
                                          RtStreamCall             *call,
                                          gpointer                  stream);

G_END_DECLS
