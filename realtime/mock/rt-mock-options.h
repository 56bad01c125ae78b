/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The settings of a server, as they were when it was started. Immutable then, so any thread may read them. */
typedef struct
{
  guint16 port; /* 0: a free one */
  char **api_keys;
  char *token_secret; /* nullable */
  gboolean auth_required;
  guint token_ttl;     /* s, 0: never */
  guint delay;         /* ms, of a delayed reply or push */
  char *journal;       /* path; nullable */
  guint ping_interval; /* ms, 0: no pings */
  guint history_size;  /* publications a channel, 0: no history */
  guint history_ttl;   /* ms */
  gboolean presence;
  gboolean join_leave;
} RtMockOptions;

#define RT_MOCK_PING_INTERVAL_DEFAULT 25000
#define RT_MOCK_HISTORY_SIZE_DEFAULT 1000
#define RT_MOCK_HISTORY_TTL_DEFAULT 600000
#define RT_MOCK_DELAY_DEFAULT 1000

void rt_mock_options_init  (RtMockOptions       *self);
void rt_mock_options_copy  (RtMockOptions       *self,
                            const RtMockOptions *from);
void rt_mock_options_clear (RtMockOptions       *self);

G_END_DECLS
