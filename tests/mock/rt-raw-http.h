/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <realtime-mock/realtime-mock.h>

G_BEGIN_DECLS

/* A client of HTTP/1.1 that is nothing but a socket, and so shares no mistake with the server. Blocking, with a
 * deadline on each read. */
typedef struct
{
  GSocketConnection *connection;
  GDataInputStream *input;
  GString *head;  /* of the last response */
  gint64 left;    /* bytes of its body, or of the present chunk; -1: up to the end of the line */
  gboolean chunked;
  gboolean ended; /* the body is wholly read */
  guint last_id;
} RtRawHttp;

RtRawHttp *rt_raw_http_new         (RtMockServer *server);
void       rt_raw_http_free        (RtRawHttp    *self);

/* Writes a POST with the lines of @headers (each with CR LF; nullable) and @body. */
void       rt_raw_http_post        (RtRawHttp    *self,
                                    const char   *path,
                                    const char   *headers,
                                    const char   *body);
void       rt_raw_http_write       (RtRawHttp    *self,
                                    const char   *text);
/* Reads the head of a response. Returns the status, 0 where the line ends before. */
guint      rt_raw_http_read_head   (RtRawHttp    *self);
/* The value of a field of the last head; NULL if there is none. */
char      *rt_raw_http_get_header  (RtRawHttp    *self,
                                    const char   *name);
/* The whole body, of what is not a stream. */
char      *rt_raw_http_read_body   (RtRawHttp    *self);
/* The next line of the body, without its end; NULL at the end of the body. */
char      *rt_raw_http_read_line   (RtRawHttp    *self);
/* Waits for the end of the line, and asserts that nothing comes before. */
void       rt_raw_http_check_end   (RtRawHttp    *self);

/* All in one: a request on a connection of its own, and the status. @body_out is nullable. */
guint      rt_raw_http_ask         (RtMockServer *server,
                                    const char   *path,
                                    const char   *headers,
                                    const char   *body,
                                    char        **body_out);

/* An HTTP stream that is let in. */
typedef struct
{
  RtMockServer *server;
  RtRawHttp *http;
  char *session;
  char *node;
  guint last_id;
  guint pings;
} RtRawStream;

/* @headers is nullable; @connect is the inside of the command: "{}". */
RtRawStream *rt_raw_stream_new     (RtMockServer *server,
                                    const char   *headers,
                                    const char   *connect);
void         rt_raw_stream_free    (RtRawStream  *self);
/* Sends lines, each a command, in a request; returns its status. */
guint        rt_raw_stream_emulate (RtRawStream  *self,
                                    const char   *lines);
/* The next line that is no ping. */
char        *rt_raw_stream_take    (RtRawStream  *self);
/* Sends {"id":N,<command>}, and asserts that the line that answers it contains @part. */
void         rt_raw_stream_check   (RtRawStream  *self,
                                    const char   *command,
                                    const char   *part);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtRawHttp, rt_raw_http_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtRawStream, rt_raw_stream_free)

G_END_DECLS
