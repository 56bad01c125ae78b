/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-buffer.h"
#include "rt-http-head.h"
#include "rt-settings.h"

G_BEGIN_DECLS

/* One HTTP/1.1 request after the other (RFC 9112), over one connection at a time, which is used again where the server
 * keeps it open. Nothing waits, and there is no deadline: who asks has one, and calls stop. */

typedef struct _RtHttpLine RtHttpLine;

/* What is read in one turn at most. */
#define RT_HTTP_LINE_BYTES (64 * 1024)

/* How a request ended; to be used up during the call. */
typedef struct
{
  const GError *error;  /* RT_ERROR; NULL if the answer is complete */
  gboolean unframed;    /* only the end of the connection told that it is: it may have been cut */
  gboolean tls_refused; /* this end did not accept the server's certificate or key */
} RtHttpLineEnd;

/* In the thread of the context, never from inside a call. Any function may be called inside, free included. */
typedef struct
{
  /* Bytes have come. */
  void  (*activity) (gpointer user_data);
  /* Of the answer proper, with whatever status. Its body is only looked at afterwards. */
  void  (*head)     (gpointer user_data, const RtHttpHead *head);
  /* A piece of the body. What is not used, of the bytes whose number is returned, comes again in the next turn. */
  gsize (*content)  (gpointer user_data, const guint8 *data, gsize len);
  /* After each turn with content. */
  void  (*turn_end) (gpointer user_data);
  /* The kernel has taken the last of a request that had to wait. */
  void  (*written)  (gpointer user_data);
  void  (*done)     (gpointer user_data, const RtHttpLineEnd *end);
} RtHttpLineEvents;

RtHttpLine *rt_http_line_new           (RtSettings             *settings,
                                        GMainContext           *context,
                                        const RtHttpLineEvents *events, /* static */
                                        gpointer                user_data);
/* Takes the bytes of @request and leaves it empty. None may be under way. A connection that was kept may prove to be
 * closed only now: the request is made again over a new one if the server surely has not had all of it, or if it is
 * @repeatable, and nothing of an answer came. */
void        rt_http_line_ask           (RtHttpLine             *self,
                                        RtBuffer               *request,
                                        gboolean                repeatable);
gboolean    rt_http_line_is_asking     (RtHttpLine             *self);
/* Bytes of the request that the kernel has not taken yet. */
gsize       rt_http_line_get_unwritten (RtHttpLine             *self);
void        rt_http_line_pause         (RtHttpLine             *self,
                                        gboolean                paused);
/* Forgets the request that is under way, if any, without a word, and closes the connection. */
void        rt_http_line_stop          (RtHttpLine             *self);
void        rt_http_line_free          (RtHttpLine             *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtHttpLine, rt_http_line_free)

G_END_DECLS
