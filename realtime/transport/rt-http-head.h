/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* The head of an HTTP response, from bytes that are not trusted. libsoup's parser reads the lines; what is
 * found and bounded before it sees them is here. */

#define RT_HTTP_HEAD_MAX (16 * 1024)

typedef struct
{
  guint status;
  SoupHTTPVersion version;
  SoupMessageHeaders *headers;
} RtHttpHead;

typedef enum
{
  RT_HTTP_HEAD_MORE, /* the head is not complete */
  RT_HTTP_HEAD_DONE,
  RT_HTTP_HEAD_BAD, /* the error says why */
} RtHttpHeadResult;

/* Reads a head from the beginning of @data. Where it is complete, *head is set and *used says how many bytes it
 * takes with its empty line; what follows belongs to the body, or to the protocol switched to. */
RtHttpHeadResult rt_http_head_read            (const guint8     *data,
                                               gsize             len,
                                               RtHttpHead      **head,
                                               gsize            *used,
                                               GError          **error);
void             rt_http_head_free            (RtHttpHead       *self);
/* All values of the header @name, joined by commas, or NULL. Of another's making: not to be shown as it is. */
const char      *rt_http_head_get             (const RtHttpHead *self,
                                               const char       *name);
/* Retry-After (RFC 9110, section 10.2.3), given in seconds or as a date: µs from 0 to 300 s, or -1 without a
 * usable one. */
gint64           rt_http_head_get_retry_after (const RtHttpHead *self);
/* Text of a peer made fit for an error message: printable ASCII, at most 256 bytes of it. */
char            *rt_http_quote                (const char       *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtHttpHead, rt_http_head_free)

G_END_DECLS
