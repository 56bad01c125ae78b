/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include "rt-buffer.h"

G_BEGIN_DECLS

/* Takes the lines out of a body that comes in pieces. Empty ones, and a carriage return at the end, are passed over.
 * A line that is whole in its piece is not copied. Zero-initialised is at the beginning. */

typedef enum
{
  RT_HTTP_LINES_MORE, /* all is used up, and no line is complete */
  RT_HTTP_LINES_LINE,
  RT_HTTP_LINES_TOO_LONG,
} RtHttpLinesStatus;

typedef struct
{
  RtBuffer begun; /* of a line that is not complete */
  gboolean told;  /* what is in it was reported */
} RtHttpLines;

/* *used says how much of the piece was used up. *line is valid until the next call. */
RtHttpLinesStatus rt_http_lines_next  (RtHttpLines   *self,
                                       const guint8  *data,
                                       gsize          len,
                                       gsize          max,
                                       gsize         *used,
                                       const guint8 **line,
                                       gsize         *line_len);
/* The last line, without its line feed: FALSE if there is none. */
gboolean          rt_http_lines_end   (RtHttpLines   *self,
                                       const guint8 **line,
                                       gsize         *line_len);
void              rt_http_lines_clear (RtHttpLines   *self);

G_END_DECLS
