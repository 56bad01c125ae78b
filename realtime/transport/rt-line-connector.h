/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include "rt-settings.h"

G_BEGIN_DECLS

/* Opens a stream of bytes to the settings' host and port: name, TCP or a proxy, TLS, pins. Nothing is written to it
 * but what these need. It has no deadline of its own. */

typedef struct _RtLineConnector RtLineConnector;

/* How it ended; to be used up during the call. */
typedef struct
{
  const GError *error;  /* RT_ERROR; NULL if there is a stream */
  gboolean tls_refused; /* this end did not accept the peer's certificate or key */

  GIOStream *stream; /* what to speak over: @socket's connection, or TLS over it */
  GSocket *socket;   /* at the bottom; to be closed before @stream is let go, which might wait otherwise */
  gboolean direct;   /* the socket's bytes are the stream's, with nothing in between */
} RtLine;

/* Called once, never from inside start; never after free. In @context, which its thread has as its thread-default
 * one: each step begins in the callback of the one before. */
typedef void (*RtLineFunc) (const RtLine *line,
                            gpointer      user_data);

/* @scheme is what a proxy resolver is asked about: "ws", "wss", "http" or "https". Whether there is TLS, the settings
 * say. */
RtLineConnector *rt_line_connector_start  (RtSettings      *settings,
                                           const char      *scheme,
                                           GMainContext    *context,
                                           RtLineFunc       func,
                                           gpointer         user_data);
/* Gives up: unless the function was called already, it is called with an error soon. */
void             rt_line_connector_cancel (RtLineConnector *self);
/* Ends what is under way and gives up the settings at once; a stream that was reported stays as it is. May be called
 * inside the function. */
void             rt_line_connector_free   (RtLineConnector *self);

G_END_DECLS
