/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include "rt-buffer.h"
#include "rt-protocol.h"
#include "rt-settings.h"

G_BEGIN_DECLS

/* Opens a WebSocket: a line, the request, the response head. It has no deadline of its own. */

typedef struct _RtWsConnector RtWsConnector;

/* How it ended; to be used up during the call. */
typedef struct
{
  const GError *error; /* RT_ERROR; NULL if the WebSocket is open */
  guint http_status;   /* of an answer that is not a 101, else 0 */
  gint64 retry_after;  /* µs, -1 if the answer named none */
  gboolean tls_refused;

  /* As in RtLine. */
  GIOStream *stream;
  GSocket *socket;
  gboolean direct;
  RtProfile profile;
  const guint8 *early; /* what came behind the head */
  gsize early_len;
} RtWsConnectorResult;

/* Called once, never from inside start; never after free. In @context, which its thread has as its thread-default
 * one: each step begins in the callback of the one before. */
typedef void (*RtWsConnectorFunc) (const RtWsConnectorResult *result,
                                   gpointer                   user_data);

RtWsConnector *rt_ws_connector_start  (RtSettings       *settings,
                                       GMainContext     *context,
                                       RtWsConnectorFunc func,
                                       gpointer          user_data);
/* Gives up: the function is called with an error soon. */
void           rt_ws_connector_cancel (RtWsConnector   *self);
/* Ends what is under way and gives up the settings at once. May be called inside the function. */
void           rt_ws_connector_free   (RtWsConnector    *self);

G_END_DECLS
