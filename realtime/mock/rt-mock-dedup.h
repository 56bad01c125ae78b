/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Remembers under which offset a message with an id was published, so that one sent again is not published twice.
 * Bounded in number and time. */

#define RT_MOCK_DEDUP_MAX 65536
#define RT_MOCK_DEDUP_TTL_MS 600000

typedef struct _RtMockDedup RtMockDedup;

RtMockDedup *rt_mock_dedup_new  (void);
void         rt_mock_dedup_free (RtMockDedup *self);
/* FALSE if @id is new to @channel in its @epoch. */
gboolean     rt_mock_dedup_find (RtMockDedup *self,
                                 const char  *channel,
                                 const char  *epoch,
                                 const char  *id,
                                 guint64     *offset);
void         rt_mock_dedup_add  (RtMockDedup *self,
                                 const char  *channel,
                                 const char  *epoch,
                                 const char  *id,
                                 guint64      offset);

G_END_DECLS
