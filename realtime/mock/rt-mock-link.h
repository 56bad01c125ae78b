/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsoup/soup.h>

#include "rt-budget-line.h"
#include "rt-clock.h"
#include "rt-mock-session.h"

G_BEGIN_DECLS

/* One connection of the server, from the accept to its end. Only in the server's thread. */

typedef struct _RtMockLink RtMockLink;

struct _RtMockLink
{
  RtMockEnv *env;
  RtMockHub *hub;
  RtBudgetLine *line;
  GSocketAddress *remote; /* nullable */
  RtMockSession *session; /* whose frames it carries for good, to be freed with it; NULL: none */
  /* A request that is answered later; NULL: none. @gone, nullable, is called when its connection ends before
   * that. */
  SoupServerMessage *waiting;
  void (*gone) (RtMockLink *self);
  gpointer waiting_data;
  RtMockTurnItem work; /* what is to be done with the request when libsoup has let go of it */
  RtTimer *timer;      /* for silence between requests, and in them */
  gint64 auth_deadline;
  guint requests; /* begun so far */
  gboolean closed;
  gpointer owner;
  RtMockTurnItem end; /* set by the owner: the line is closed */
  GList link;         /* in the owner's queue */
};

RtMockLink *rt_mock_link_new    (RtMockEnv         *env,
                                 RtMockHub         *hub,
                                 GSocketConnection *connection);
/* @remote is what libsoup gets as the address of the peer. */
void        rt_mock_link_mark   (RtMockLink        *self,
                                 GSocketAddress    *remote);
/* The line is closed. */
void        rt_mock_link_free   (RtMockLink        *self);

/* The link that a request came on; NULL if it is gone. */
RtMockLink *rt_mock_link_find   (SoupServerMessage *message);

/* The head of a request has come. */
void        rt_mock_link_begin  (RtMockLink        *self);
/* The whole request has come. */
void        rt_mock_link_read   (RtMockLink        *self);
/* Holds the answer to @message back until finish. */
void        rt_mock_link_wait   (RtMockLink        *self,
                                 SoupServerMessage *message,
                                 void             (*gone) (RtMockLink *self),
                                 gpointer           data);
/* What was set as the response goes out. */
void        rt_mock_link_finish (RtMockLink        *self);
/* There will be no response: the connection leaves libsoup. The request must have been waiting for a turn. */
GIOStream  *rt_mock_link_steal  (RtMockLink        *self);
/* Calls @work when libsoup is not at work, if the link still is. */
void        rt_mock_link_later  (RtMockLink        *self,
                                 void             (*work) (gpointer link));

G_END_DECLS
