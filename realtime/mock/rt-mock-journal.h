/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a test asks a server about afterwards: what clients published, and how often they answered pings. It
 * outlives a stop. From any thread. */

/* Older publications are forgotten beyond these, so that a server which runs for long does not grow. */
#define RT_MOCK_JOURNAL_MAX_RECORDS 65536
#define RT_MOCK_JOURNAL_MAX_BYTES (64 * 1024 * 1024)

typedef struct
{
  GMutex lock;
  GCond cond;     /* total, running, or a waiter's flag has changed */
  GQueue records; /* guarded by lock */
  gsize bytes;    /* guarded by lock */
  guint total;    /* ever recorded; guarded by lock */
  guint pongs;    /* guarded by lock */
  gboolean running; /* guarded by lock */
} RtMockJournal;

void     rt_mock_journal_init        (RtMockJournal  *self);
void     rt_mock_journal_clear       (RtMockJournal  *self);
void     rt_mock_journal_record      (RtMockJournal  *self,
                                      const char     *channel,
                                      GBytes         *data);
void     rt_mock_journal_count_pong  (RtMockJournal  *self);
guint    rt_mock_journal_get_pongs   (RtMockJournal  *self);
void     rt_mock_journal_set_running (RtMockJournal  *self,
                                      gboolean        running);
/* The recorded data of @channel, or of all with NULL, oldest first. */
char   **rt_mock_journal_list        (RtMockJournal  *self,
                                      const char     *channel);
/* Waits until @n were recorded, *@expired is set under the lock with a broadcast, or the server stops. */
gboolean rt_mock_journal_wait        (RtMockJournal  *self,
                                      guint           n,
                                      const gboolean *expired);
void     rt_mock_journal_expire      (RtMockJournal  *self,
                                      gboolean       *expired);

G_END_DECLS
