/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "http-peer.h"

G_BEGIN_DECLS

/* The server's side of polling as docs/protocol.md tells it, for one session, and a network that loses, cuts and
 * repeats. A command "cN" is answered by the line "rN" in an answer to a poll. */

typedef struct _PollServer PollServer;

typedef enum
{
  POLL_FAULT_NONE,
  POLL_FAULT_LOSE_REQUEST, /* the connection is closed, and the server has seen nothing */
  POLL_FAULT_LOSE_ANSWER,  /* the server has done what was asked, but the connection is reset */
  POLL_FAULT_CUT_ANSWER,
  POLL_FAULT_CUT_HEAD,
  POLL_FAULT_TWICE,        /* the request arrives a second time; that answer is the one that comes back */
  POLL_FAULT_BUSY,         /* 503 in place of an answer */
  POLL_FAULT_PORTAL,       /* a 200 of somebody else */
  POLL_FAULT_HANG,         /* nothing comes back */
  POLL_FAULT_BUSY_LONG,    /* 503 for longer than anybody waits */
  POLL_FAULT_HASTY,        /* a poll is not held */
  POLL_N_FAULTS,
} PollFault;

#define POLL_GREETING "{\"id\":1,\"connect\":{}}"

/* @pick chooses the fault of each request, in the connection's thread; nullable. */
typedef PollFault (*PollPickFunc) (const HttpRequest *request,
                                   gpointer           user_data);

PollServer *poll_server_new        (PollPickFunc  pick,
                                    gpointer      user_data);
char       *poll_server_get_url    (PollServer   *self);
HttpPeer   *poll_server_get_peer   (PollServer   *self);
/* A line from the server. */
void        poll_server_push       (PollServer   *self,
                                    const char   *line);
/* Lets it forget the session. */
void        poll_server_forget     (PollServer   *self);
/* All commands as they were executed, with a space behind each. */
char       *poll_server_get_log    (PollServer   *self);
gboolean    poll_server_has_ended  (PollServer   *self);
void        poll_server_free       (PollServer   *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PollServer, poll_server_free)

G_END_DECLS
