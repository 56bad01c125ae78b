/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <realtime/realtime.h>

G_BEGIN_DECLS

/* A client with a record of all that its channels and it report, in order. */

#define INTEROP_SECRET "interop secret"
/* Times of expiry that are right whenever the test runs. */
#define INTEROP_EXPIRES_2100 G_GINT64_CONSTANT (4102444800)
#define INTEROP_EXPIRED_2001 G_GINT64_CONSTANT (1000000000)

typedef struct
{
  RtClient *client;
  /* Lines such as "message: hello", "recovered: 3", "gap: 0", "joined: 1", "left: 0", "member-joined: ann",
   * "disconnected: 1006 1" with "reason: text", "token-refreshed: channel". */
  GPtrArray *events;
} InteropClient;

/* All but the url may be left out. */
typedef struct
{
  const char *url;
  const char *token;
  const char *transport; /* the only way to go; else whichever works */
  RtTokenProvider *provider;
  guint request_timeout; /* ms */
} InteropClientOptions;

/* An HS256 token, to be freed, as the backend of an application makes it. */
char          *interop_token_new            (const char    *user,
                                             const char    *secret,
                                             gint64         expires);
InteropClient *interop_client_new           (const InteropClientOptions *options);
void           interop_client_free          (InteropClient *self);
RtChannel     *interop_client_join          (InteropClient *self,
                                             const char    *channel);
/* Records what a channel that was joined otherwise reports. */
void           interop_client_watch         (InteropClient *self,
                                             RtChannel     *channel);
/* Sends and waits for the acknowledgement. */
void           interop_client_send          (InteropClient *self,
                                             const char    *channel,
                                             const char    *text);
/* What the server sent before its answer to a call has been delivered when this returns; at once if not connected. */
void           interop_client_settle        (InteropClient *self);
/* Events so far that begin so. */
guint          interop_client_count         (InteropClient *self,
                                             const char    *beginning);
/* Every event is "kind: …"; "!kind:" says that none of this kind is expected.
 * Waits for as many events of their kinds as are listed, and for the answer to a call behind them if connected;
 * then there must be those and no others of their kinds, in this order. Forgets all events. The list ends with NULL. */
void           interop_client_expect        (InteropClient *self,
                                             ...) G_GNUC_NULL_TERMINATED;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (InteropClient, interop_client_free)

G_END_DECLS
