/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-http-line.h"

G_BEGIN_DECLS

/* A request that is made again and again until it is answered, for requests that a server executes once however often
 * they arrive. docs/protocol.md, "Polling", says when. */

typedef struct _RtHttpRepeater RtHttpRepeater;

/* How it ended without an answer; to be used up during the call. */
typedef struct
{
  const GError *error; /* RT_ERROR */
  gint64 retry_after;  /* µs, -1 if the last answer named none */
  gboolean tls_refused;
} RtHttpRepeaterEnd;

/* In the thread of the context, never from inside a call. Any function may be called inside, free included. */
typedef struct
{
  /* Appends the request: the same each time, except for how long the server may wait when it is made @again. */
  void     (*write)    (gpointer user_data, gboolean again, RtBuffer *out);
  void     (*activity) (gpointer user_data);
  void     (*written)  (gpointer user_data);
  /* An answer with any status but those that say to try again. FALSE if it cannot be from the server that was asked:
   * then the request is made again. */
  gboolean (*answered) (gpointer user_data, const RtHttpHead *head, RtBuffer *body);
  void     (*failed)   (gpointer user_data, const RtHttpRepeaterEnd *end);
} RtHttpRepeaterEvents;

RtHttpRepeater *rt_http_repeater_new           (RtSettings                 *settings,
                                                GMainContext               *context,
                                                const RtHttpRepeaterEvents *events, /* static */
                                                gpointer                    user_data);
/* The answer is due @wait ms from now. */
void            rt_http_repeater_ask           (RtHttpRepeater             *self,
                                                guint                       wait);
/* Without repeating: whatever the answer is is told, and there is no deadline but the caller's. */
void            rt_http_repeater_ask_once      (RtHttpRepeater             *self);
gboolean        rt_http_repeater_is_asking     (RtHttpRepeater             *self);
gsize           rt_http_repeater_get_unwritten (RtHttpRepeater             *self);
void            rt_http_repeater_free          (RtHttpRepeater             *self);

/* µs from 0 up to 200 ms, doubling with each of @n, to 2 s. */
gint64          rt_http_repeater_pick_delay    (guint                       n);

G_END_DECLS
