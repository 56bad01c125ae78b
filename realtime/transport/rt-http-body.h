/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-http-head.h"

G_BEGIN_DECLS

/* The body of an HTTP/1.1 response (RFC 9112, section 6.3), without I/O and without a copy: tells which bytes of the
 * input are content. Zero-initialised is one without a body. */

/* Extensions of one chunk, and all trailers together. */
#define RT_HTTP_BODY_MAX_EXTRA 4096

typedef enum
{
  RT_HTTP_BODY_MORE,  /* all input is used up */
  RT_HTTP_BODY_PIECE, /* content; say with take how much of it is used */
  RT_HTTP_BODY_DONE,  /* the body has ended, what follows is not part of it */
  RT_HTTP_BODY_BAD,
} RtHttpBodyStatus;

typedef enum
{
  RT_HTTP_BODY_END,     /* nothing more */
  RT_HTTP_BODY_DATA,    /* left bytes of content */
  RT_HTTP_BODY_FOREVER, /* content until the line ends */
  RT_HTTP_BODY_SIZE,    /* within the line of a chunk's size */
  RT_HTTP_BODY_EXTENSION,
  RT_HTTP_BODY_SIZE_LF,
  RT_HTTP_BODY_DATA_CR, /* behind a chunk's content */
  RT_HTTP_BODY_DATA_LF,
  RT_HTTP_BODY_TRAILER, /* at the beginning of a line */
  RT_HTTP_BODY_TRAILER_TEXT,
  RT_HTTP_BODY_TRAILER_LF,
  RT_HTTP_BODY_LAST_LF,
} RtHttpBodyState;

typedef struct
{
  RtHttpBodyState state;
  gboolean chunked;
  guint64 left;
  guint digits; /* of the size */
  gsize extra;
  const char *fault; /* static, of a bad one */
} RtHttpBody;

/* FALSE for a head that says two things, or what this end did not ask for. */
gboolean         rt_http_body_begin     (RtHttpBody       *self,
                                         const RtHttpHead *head,
                                         GError          **error);
/* *used bytes of the input are framing, and behind them is *piece bytes of content. */
RtHttpBodyStatus rt_http_body_next      (RtHttpBody       *self,
                                         const guint8     *data,
                                         gsize             len,
                                         gsize            *used,
                                         gsize            *piece);
/* @n bytes of the last piece are used. */
void             rt_http_body_take      (RtHttpBody       *self,
                                         gsize             n);
/* Whether the end of the line is the end of the body. */
gboolean         rt_http_body_may_end   (const RtHttpBody *self);

G_END_DECLS
