/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-budget-line.h"
#include "rt-mock-carrier.h"

G_BEGIN_DECLS

/* A session's frames as the body of one HTTP response that does not end: a frame a line, or as server-sent events
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html). Ends with its line. */

typedef struct
{
  gboolean events;  /* server-sent ones */
  gboolean rt1;     /* the client has offered the profile */
  gboolean chunked; /* RFC 9112 section 7.1; else the end of the line is that of the body */
} RtMockStreamKind;

/* @stream is the one that libsoup has let go of; it keeps the line open. */
RtMockCarrier *rt_mock_stream_new (GIOStream              *stream,
                                   RtBudgetLine           *line,
                                   const RtMockStreamKind *kind);
/* Writes the head of the response, once there is a session. */
void           rt_mock_stream_begin (RtMockCarrier         *self);

G_END_DECLS
