/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-clock.h"
#include "rt-mock-session.h"

G_BEGIN_DECLS

/* Shared by rt-mock-session.c, which keeps the connection, and the files of rt-mock-commands.h, which do what the
 * client asks. */

struct _RtMockSession
{
  RtMockEnv *env;
  RtMockHub *hub;
  RtMockCarrier *carrier;
  RtProfile profile;

  RtMockIdentity *identity;  /* NULL before the client has said who it is */
  char *key;                 /* what requests name it by; NULL if it has none */
  GHashTable *subscriptions; /* RtMockChannel → when it expires, a gint64, 0: never */
  guint n_expiring;          /* of those that expire */
  guint pending_requests;    /* that the program has not answered yet */

  RtDecoder decoder;
  RtBuffer out;         /* frames that wait for the end of the turn */
  RtMockTurnItem turn;

  gboolean closing; /* nothing is read or queued any more */
  gboolean closed;  /* the carrier is closing */
  guint close_code;
  guint spread; /* ms, 0: none */
  char *close_reason;

  /* One timer for the nearest of these, each 0 when it does not apply. */
  RtTimer *timer;
  gint64 auth_deadline;
  gint64 next_ping;
  gint64 pong_deadline;
  gint64 expires;
  gint64 hold_until; /* nothing is written before */
  gint64 close_deadline;
  guint unanswered_pings;
};

/* rt-mock-session.c */

/* The client has said who it is. */
void rt_mock_session_open         (RtMockSession   *self,
                                   RtMockIdentity  *identity,
                                   gint64           expires);
/* @expires: when the client's token does, on the clock of this machine; 0: never. */
void rt_mock_session_set_expires  (RtMockSession   *self,
                                   gint64           expires);
void rt_mock_session_take_pong    (RtMockSession   *self);

void rt_mock_session_join         (RtMockSession   *self,
                                   RtMockChannel   *channel,
                                   gboolean         join_leave,
                                   gint64           expires);
/* @channel has been joined. */
void rt_mock_session_set_channel_expires (RtMockSession *self,
                                   RtMockChannel   *channel,
                                   gint64           expires);

/* rt-mock-commands.c */
void rt_mock_session_handle       (RtMockSession   *self,
                                   const RtCommand *command);

G_END_DECLS
