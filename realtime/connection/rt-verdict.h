/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-transport.h"

G_BEGIN_DECLS

/* What the end of a line means. The close code alone decides where there is one, else the HTTP status, else that
 * the line broke. docs/connecting.md has the table. */

typedef enum
{
  RT_VERDICT_RETRY,   /* try again */
  RT_VERDICT_REFUSED, /* not this way, and if no other way is left, not at all */
  RT_VERDICT_TERMINAL, /* the server does not want this client, in whatever way it comes */
  RT_VERDICT_TOKEN,   /* with a new token, once */
  RT_VERDICT_FAULT,   /* one end broke the protocol: a few times more */
  RT_VERDICT_MESSAGE, /* a message was too large for the server: the others again */
} RtVerdictKind;

typedef struct
{
  RtVerdictKind kind;
  gboolean new_token; /* RETRY: the token in use has expired */
  gboolean resync;    /* RETRY: the server has forgotten, so positions are void */
  gint64 floor;       /* µs that the server wants to be left alone, else -1 */
  gint64 spread;      /* µs over which it wants its clients spread, else -1 */
} RtVerdict;

/* @spread is the closing notice's, ms, 0 if none came. */
RtVerdict rt_verdict_of_end   (const RtTransportEnd *end,
                               guint                 spread);
/* Of an error reply to the connect command. */
RtVerdict rt_verdict_of_reply (guint                 code,
                               gboolean              temporary);

G_END_DECLS
