/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include "rt-settings.h"

G_BEGIN_DECLS

/* What went wrong while a server was being reached, in words that help and in codes of RT_ERROR. */

typedef enum
{
  RT_LINE_STEP_CONNECT, /* resolving the name, TCP, a proxy */
  RT_LINE_STEP_TLS,     /* the TLS handshake */
  RT_LINE_STEP_ANSWER,  /* an HTTP request and the head of its response */
} RtLineStep;

/* @cause is NULL where the server closed. An RT_ERROR is passed on as it is. */
GError *rt_line_error_new (const RtSettings    *settings,
                           RtLineStep           step,
                           GTlsCertificateFlags tls_errors,
                           const GError        *cause);

G_END_DECLS
