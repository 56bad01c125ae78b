/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-mock-carrier.h"
#include "rt-mock-hub.h"

G_BEGIN_DECLS

/* One client, from its first request to the end of what carries its frames. Only in the server's thread. */

/* Close codes of the protocol that the server uses of itself. */
#define RT_MOCK_CLOSE_NORMAL 1000
#define RT_MOCK_CLOSE_UNSUPPORTED 1003
#define RT_MOCK_CLOSE_TOO_BIG 1009
#define RT_MOCK_CLOSE_SHUTDOWN 3001
#define RT_MOCK_CLOSE_SERVER_ERROR 3004
#define RT_MOCK_CLOSE_EXPIRED 3005
#define RT_MOCK_CLOSE_SLOW 3008
#define RT_MOCK_CLOSE_NO_PONG 3012
#define RT_MOCK_CLOSE_INVALID_TOKEN 3500
#define RT_MOCK_CLOSE_BAD_REQUEST 3501
#define RT_MOCK_CLOSE_STALE 3502

#define RT_MOCK_MAX_PUBLICATION 65536
/* One message of a client: a publication, and room for what is around it. */
#define RT_MOCK_MAX_MESSAGE (RT_MOCK_MAX_PUBLICATION + 4096)

/* Takes the carrier. @auth_deadline: until when the client has to have said who it is. */
RtMockSession  *rt_mock_session_new            (RtMockEnv      *env,
                                                RtMockHub      *hub,
                                                RtMockCarrier  *carrier,
                                                RtProfile       profile,
                                                gint64          auth_deadline);
/* The carrier has ended. */
void            rt_mock_session_free           (RtMockSession  *self);

RtMockIdentity *rt_mock_session_get_identity   (RtMockSession  *self);
/* How requests name the session; NULL if they cannot, or not yet. */
const char     *rt_mock_session_get_key        (RtMockSession  *self);
/* Whether nothing of the client is read any more. */
gboolean        rt_mock_session_is_closing     (RtMockSession  *self);

/* The client has sent one or more frames. */
void            rt_mock_session_take           (RtMockSession  *self,
                                                const char     *data,
                                                gsize           len);
/* The client is gone. */
void            rt_mock_session_lost           (RtMockSession  *self);

/* A frame for the client. It leaves at the end of the turn, together with others. */
void            rt_mock_session_push           (RtMockSession  *self,
                                                const RtBuffer *frame);
void            rt_mock_session_reply          (RtMockSession  *self,
                                                const RtReply  *reply);
/* Ends the connection in the carrier's way at the end of the turn, after what is to be written; nothing of the
 * client is read any more. @reason has at most 123 bytes. */
void            rt_mock_session_close          (RtMockSession  *self,
                                                guint           code,
                                                const char     *reason);
/* The same; a client that understands it is told to come back in the next @spread ms, when it likes. 0: not. */
void            rt_mock_session_close_spread   (RtMockSession  *self,
                                                guint           code,
                                                const char     *reason,
                                                guint           spread);
/* Cuts the connection as a network does that fails. */
void            rt_mock_session_drop           (RtMockSession  *self);
/* Makes the client join @name. FALSE: it is there already, or may not. */
gboolean        rt_mock_session_subscribe      (RtMockSession  *self,
                                                const char     *name);
/* The hub has taken the client out of @channel. */
void            rt_mock_session_forget_channel (RtMockSession  *self,
                                                RtMockChannel  *channel);
/* The program's answer to a request, from RtMockEvents.request. @error 0: none. */
void            rt_mock_session_answer         (RtMockSession  *self,
                                                guint32         id,
                                                const char     *json,
                                                guint           error,
                                                const char     *reason);
/* A stall has begun or ended. */
void            rt_mock_session_update         (RtMockSession  *self);

G_END_DECLS
