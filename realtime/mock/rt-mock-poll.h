/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-mock-link.h"

G_BEGIN_DECLS

/* A session's frames in the answers to polls, as docs/protocol.md describes it. The session outlives its requests
 * and their connections, and belongs to the table of all. */

typedef struct _RtMockPolls RtMockPolls;
typedef struct _RtMockPoll RtMockPoll;

/* What a request says of itself. */
typedef struct
{
  const char *session; /* NULL: it begins one */
  gboolean is_poll;    /* else it only brings commands, or the end */
  gboolean has_batch;
  gboolean close;
  guint64 ack;
  guint64 batch;
  guint wait; /* ms */
  const char *body;
  gsize len;
} RtMockPollRequest;

RtMockPolls *rt_mock_polls_new    (RtMockEnv               *env,
                                   RtMockHub               *hub);
/* Without a word. */
void         rt_mock_polls_free   (RtMockPolls             *self);
/* Answers the request, or has it wait for its answer. */
void         rt_mock_polls_take   (RtMockPolls             *self,
                                   RtMockLink              *link,
                                   SoupServerMessage       *message,
                                   const RtMockPollRequest *request);
/* A stall has begun or ended. */
void         rt_mock_polls_update (RtMockPolls             *self);

G_END_DECLS
