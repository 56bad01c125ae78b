/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include "rt-settings.h"

G_BEGIN_DECLS

/* What went wrong while a WebSocket was being opened, in words that help and in codes of RT_ERROR. */

typedef enum
{
  RT_WS_CONNECT_LINE,   /* resolving the name, TCP, a proxy */
  RT_WS_CONNECT_TLS,    /* the TLS handshake */
  RT_WS_CONNECT_ANSWER, /* request and response head */
} RtWsConnectStep;

/* @cause is NULL where the server closed. An RT_ERROR is passed on as it is. */
GError *rt_ws_connect_error_new (const RtSettings    *settings,
                                 RtWsConnectStep      step,
                                 GTlsCertificateFlags tls_errors,
                                 const GError        *cause);

G_END_DECLS
