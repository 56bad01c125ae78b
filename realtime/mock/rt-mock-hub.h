/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-mock-channel.h"

G_BEGIN_DECLS

/* All channels of a server, with who is in them and what was published. Only in the server's thread. */

#define RT_MOCK_MAX_CHANNELS 16384
#define RT_MOCK_MAX_HISTORY_BYTES (256 * 1024 * 1024)
#define RT_MOCK_MAX_RECOVERED 300
/* What a client says of itself in a channel. */
#define RT_MOCK_MAX_PRESENCE 4096

/* Why something was not done: error codes of the protocol. */
#define RT_MOCK_ERROR_INTERNAL 100
#define RT_MOCK_ERROR_LIMIT_EXCEEDED 106

typedef struct _RtMockHub RtMockHub;

typedef struct
{
  const char *channel;
  GBytes *data;
  RtMockIdentity *publisher; /* NULL: the server itself */
  const char *idem;          /* NULL: not to be recognised when it comes again */
} RtMockPublish;

typedef struct
{
  guint64 offset;    /* 0 without history */
  const char *epoch; /* borrowed; NULL without history */
  gboolean dup;
} RtMockPublished;

RtMockHub     *rt_mock_hub_new           (RtMockEnv           *env);
/* All sessions have left. */
void           rt_mock_hub_free          (RtMockHub           *self);

void           rt_mock_hub_add_session   (RtMockHub           *self,
                                          RtMockSession       *session);
void           rt_mock_hub_remove_session (RtMockHub          *self,
                                          RtMockSession       *session);
RtMockSession *rt_mock_hub_find_session  (RtMockHub           *self,
                                          const char          *client);
/* @key is what a request gives. */
RtMockSession *rt_mock_hub_find_by_key   (RtMockHub           *self,
                                          const char          *key);
/* @client NULL: all. @spread: ms in which they are to come back; 0: nothing is said of it. Returns how many. */
guint          rt_mock_hub_disconnect    (RtMockHub           *self,
                                          const char          *client,
                                          guint                code,
                                          const char          *reason,
                                          guint                spread);
char         **rt_mock_hub_list_clients  (RtMockHub           *self);

/* NULL: there is none, or with @create that there are too many, or that the journal takes no more. Its history is
 * up to date. */
RtMockChannel *rt_mock_hub_get_channel   (RtMockHub           *self,
                                          const char          *name,
                                          gboolean             create);
gboolean       rt_mock_hub_has_history   (RtMockHub           *self);
void           rt_mock_hub_join          (RtMockHub           *self,
                                          RtMockChannel       *channel,
                                          RtMockSession       *session,
                                          gboolean             join_leave);
/* Tells the others that somebody has come, the newcomer included. */
void           rt_mock_hub_announce_join (RtMockHub           *self,
                                          RtMockChannel       *channel,
                                          RtMockSession       *session);
/* @info is raw; an absent one is none. */
void           rt_mock_hub_set_presence  (RtMockHub           *self,
                                          RtMockChannel       *channel,
                                          RtMockSession       *session,
                                          const RtSlice       *info);
/* @filter is nullable. */
void           rt_mock_hub_set_filter    (RtMockHub           *self,
                                          RtMockChannel       *channel,
                                          RtMockSession       *session,
                                          RtTagsFilter        *filter);
void           rt_mock_hub_leave         (RtMockHub           *self,
                                          RtMockChannel       *channel,
                                          RtMockSession       *session);
/* 0, or why it was not published. What it says may be told to others after rt_mock_hub_sync() alone. */
guint          rt_mock_hub_publish       (RtMockHub           *self,
                                          const RtMockPublish *publish,
                                          RtMockPublished     *published);
/* Sends a member away with @code. */
void           rt_mock_hub_expel         (RtMockHub           *self,
                                          RtMockChannel       *channel,
                                          RtMockSession       *session,
                                          guint                code,
                                          const char          *reason);
/* Forgets what was published, and sends everybody away to join again (code 2500). */
void           rt_mock_hub_new_epoch     (RtMockHub           *self,
                                          const char          *name);
/* Waits until the journal has what was published. FALSE: it never will. */
gboolean       rt_mock_hub_sync          (RtMockHub           *self);

G_END_DECLS
