/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-mock-env.h"

G_BEGIN_DECLS

typedef struct _RtMockChannel RtMockChannel;
typedef struct _RtMockSession RtMockSession;

/* A kept publication. It is in its channel's history and in the queue of all channels' by age. */
typedef struct
{
  RtMockChannel *channel;
  guint64 offset;
  GBytes *data;
  RtMockIdentity *publisher; /* NULL: the server itself */
  gint64 expires;            /* on the clock */
  GList channel_link;
  GList age_link;
} RtMockEntry;

/* One who has joined. */
typedef struct
{
  RtMockSession *session;
  RtMockIdentity *identity; /* borrowed from the session */
  gboolean join_leave;      /* wants to be told who comes and goes */
  RtTagsFilter *filter;     /* which publications it wants; nullable: all */
  char *info;               /* what it says of itself in the channel, raw JSON; nullable */
} RtMockMember;

struct _RtMockChannel
{
  char *name;
  char epoch[5];
  guint64 top;         /* offset of the newest publication */
  GQueue history;      /* of entries, oldest first; their offsets follow each other without a hole */
  GHashTable *members; /* session → RtMockMember */
  GList idle_link;     /* in the hub's queue while there are no members */
};

/* Where a reader stands. */
typedef struct
{
  const char *epoch; /* borrowed; "" matches any */
  guint64 offset;
} RtMockPosition;

/* 1 to 255 printable ASCII characters. */
gboolean       rt_mock_channel_is_name     (const char           *name);
RtMockChannel *rt_mock_channel_new         (const char           *name);
/* Has neither history nor members any more. */
void           rt_mock_channel_free        (RtMockChannel        *self);
/* A new epoch: offsets start again. The history is gone already. */
void           rt_mock_channel_renew       (RtMockChannel        *self);
/* The same, with one that was there before. */
void           rt_mock_channel_set_epoch   (RtMockChannel        *self,
                                            const char           *epoch);
gboolean       rt_mock_channel_has_epoch   (const RtMockChannel  *self,
                                            const char           *epoch);
/* Whether everything after @since is still there and not more than @limit; it is then appended to @entries. */
gboolean       rt_mock_channel_recover     (RtMockChannel        *self,
                                            const RtMockPosition *since,
                                            guint                 limit,
                                            GPtrArray            *entries);
/* Up to @limit entries: the oldest after @since first, or with @reverse the newest before it. @since is
 * nullable. */
void           rt_mock_channel_list        (RtMockChannel        *self,
                                            const RtMockPosition *since,
                                            guint                 limit,
                                            gboolean              reverse,
                                            GPtrArray            *entries);
void           rt_mock_member_fill         (const RtMockMember   *self,
                                            RtClientInfo         *info);
void           rt_mock_entry_fill          (const RtMockEntry    *self,
                                            RtPublication        *publication);

G_END_DECLS
