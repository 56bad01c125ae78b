/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-http-head.h"
#include "rt-json.h"
#include "rt-settings.h"

G_BEGIN_DECLS

/* The way to the server beside a stream from it: commands in requests to the emulation endpoint, one request at a time
 * and in order. What arrives meanwhile goes together into the next. */

typedef struct _RtHttpEmulation RtHttpEmulation;

#define RT_HTTP_EMULATION_PATH "/emulation"

/* In the thread of the context, never from inside a call. Any function may be called inside, free included. */
typedef struct
{
  /* Some of what was queued has gone to the network, or was taken by the server. */
  void (*progress) (gpointer user_data);
  /* An answer that does not mean that the commands were taken. */
  void (*refused)  (gpointer user_data, const RtHttpHead *head);
  void (*failed)   (gpointer user_data, const GError *error, gboolean tls_refused);
} RtHttpEmulationEvents;

RtHttpEmulation *rt_http_emulation_new         (RtSettings                  *settings,
                                                GMainContext                *context,
                                                const RtHttpEmulationEvents *events, /* static */
                                                gpointer                     user_data);
/* Whose commands these are, from the reply to connect. What is put waits for it. */
void             rt_http_emulation_set_session (RtHttpEmulation             *self,
                                                const RtSlice               *session,
                                                const RtSlice               *node);
void             rt_http_emulation_put         (RtHttpEmulation             *self,
                                                const guint8                *data,
                                                gsize                        len);
void             rt_http_emulation_flush       (RtHttpEmulation             *self);
/* Bytes that the network has not taken. */
gsize            rt_http_emulation_get_queued  (RtHttpEmulation             *self);
/* Whether the server has taken everything. */
gboolean         rt_http_emulation_is_idle     (RtHttpEmulation             *self);
void             rt_http_emulation_free        (RtHttpEmulation             *self);

G_END_DECLS
