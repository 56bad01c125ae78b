/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-mock-session-private.h"
#include "rt-mock-token.h"

G_BEGIN_DECLS

/* What the commands of a client do: rt-mock-commands-auth.c, who the client is; rt-mock-commands-channel.c, where it
 * is; rt-mock-commands.c, the rest, and what all need. */

/* Error codes of the protocol, besides those of the hub. */
#define RT_MOCK_ERROR_PERMISSION_DENIED 103
#define RT_MOCK_ERROR_ALREADY_SUBSCRIBED 105
#define RT_MOCK_ERROR_BAD_REQUEST 107
#define RT_MOCK_ERROR_NOT_AVAILABLE 108
#define RT_MOCK_ERROR_TOKEN_EXPIRED 109
#define RT_MOCK_ERROR_TOO_MANY_REQUESTS 111
#define RT_MOCK_ERROR_UNRECOVERABLE 112

/* rt-mock-commands.c */

void           rt_mock_reply_error             (RtMockSession   *self,
                                                guint32          id,
                                                guint            code);
void           rt_mock_close_bad_request       (RtMockSession   *self);
/* The channel's name, or NULL after an error reply. */
char          *rt_mock_take_channel_name       (RtMockSession   *self,
                                                const RtCommand *command);
/* An absent string is an empty one. NULL for one that no C string can hold. */
char          *rt_mock_take_string             (const RtSlice   *slice);
RtPublication *rt_mock_list_publications       (GPtrArray       *entries);

/* rt-mock-commands-auth.c */

typedef enum
{
  RT_MOCK_AUTH_ACCEPTED,
  RT_MOCK_AUTH_REFUSED,
  RT_MOCK_AUTH_EXPIRED,
} RtMockAuthVerdict;

/* For a connection, or for @channel. */
RtMockAuthVerdict rt_mock_check_token          (RtMockSession   *self,
                                                const char      *channel,
                                                const RtSlice   *token,
                                                RtMockClaims    *claims);
/* When what has @claims expires, on the clock of this machine; 0: never. */
gint64         rt_mock_get_expiry              (const RtMockClaims *claims);
void           rt_mock_fill_expiry             (RtReply         *reply,
                                                const RtMockClaims *claims);
void           rt_mock_handle_connect          (RtMockSession   *self,
                                                const RtCommand *command);
void           rt_mock_handle_refresh          (RtMockSession   *self,
                                                const RtCommand *command);

/* rt-mock-commands-channel.c */

/* Whether the client may do with a channel what needs no joining elsewhere. FALSE after an error reply. */
gboolean       rt_mock_check_channel           (RtMockSession   *self,
                                                const RtCommand *command,
                                                const char      *name);
/* Joins the client to what its token names, from the positions that @command has; appends to @subs, for the reply. */
void           rt_mock_join_claimed            (RtMockSession   *self,
                                                const RtCommand *command,
                                                char           **channels,
                                                RtBuffer        *subs);
/* Tells others of it, when the client has its reply. */
void           rt_mock_announce_claimed        (RtMockSession   *self);
void           rt_mock_handle_subscribe        (RtMockSession   *self,
                                                const RtCommand *command);
void           rt_mock_handle_unsubscribe      (RtMockSession   *self,
                                                const RtCommand *command);
void           rt_mock_handle_sub_refresh      (RtMockSession   *self,
                                                const RtCommand *command);
void           rt_mock_handle_presence_set     (RtMockSession   *self,
                                                const RtCommand *command);

G_END_DECLS
