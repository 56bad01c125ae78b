/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-exchange.h"

G_BEGIN_DECLS

/* A structured entry of the log about an exchange. What a peer or a program wrote is escaped and cut. */

#define RT_LOG_MAX_TEXT 256 /* bytes of a field */

typedef struct
{
  const char *domain;
  GLogLevelFlags level;
  gboolean show_content;
  gboolean show_metadata;
} RtLogStyle;


void  rt_log_request    (const RtLogStyle *style,
                         RtExchange       *exchange);
/* @duration: µs. */
void  rt_log_completion (const RtLogStyle *style,
                         RtExchange       *exchange,
                         const GError     *error,
                         gint64            duration);

/* At most RT_LOG_MAX_TEXT bytes of printable UTF-8. */
char *rt_log_escape     (const char       *text,
                         gsize             len);

G_END_DECLS
