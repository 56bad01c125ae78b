/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-mock-listener.h"
#include "rt-mock-mailbox.h"

G_BEGIN_DECLS

/* A running server: its thread, with the sockets and the hub in it. Plain, counted, from any thread. */

typedef struct _RtMockCore RtMockCore;

/* @journal and @faults outlive it. @options: its port becomes the one that was taken. */
RtMockCore *rt_mock_core_start       (RtMockOptions      *options,
                                      RtMockJournal      *journal,
                                      RtMockFaults       *faults,
                                      const RtMockEvents *events,
                                      gpointer            events_data,
                                      GError            **error);
RtMockCore *rt_mock_core_ref         (RtMockCore         *self);
void        rt_mock_core_unref       (RtMockCore         *self);
/* Waits for the end of the thread. Calls after it do nothing and return FALSE, 0 or an empty list. Once. */
void        rt_mock_core_stop        (RtMockCore         *self);

gboolean    rt_mock_core_publish     (RtMockCore         *self,
                                      const char         *channel,
                                      GBytes             *data,
                                      GError            **error);
guint       rt_mock_core_disconnect  (RtMockCore         *self,
                                      const char         *client,
                                      guint               code,
                                      const char         *reason,
                                      guint               spread);
/* FALSE: there is no such client, or it is in the channel already; or, for the other, not in it. */
gboolean    rt_mock_core_subscribe   (RtMockCore         *self,
                                      const char         *client,
                                      const char         *channel);
gboolean    rt_mock_core_unsubscribe (RtMockCore         *self,
                                      const char         *client,
                                      const char         *channel,
                                      guint               code,
                                      const char         *reason);
void        rt_mock_core_drop_all    (RtMockCore         *self);
void        rt_mock_core_new_epoch   (RtMockCore         *self,
                                      const char         *channel);
/* The faults have changed. */
void        rt_mock_core_update      (RtMockCore         *self);
char      **rt_mock_core_get_clients (RtMockCore         *self);
/* The program's answer to a request; @error 0: none. Does not wait. */
void        rt_mock_core_answer      (RtMockCore         *self,
                                      const char         *client,
                                      guint32             id,
                                      const char         *json,
                                      guint               error,
                                      const char         *reason);
/* Waits until the journal has @n records, for @timeout ms at most. */
gboolean    rt_mock_core_wait        (RtMockCore         *self,
                                      guint               n,
                                      guint               timeout);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtMockCore, rt_mock_core_unref)

G_END_DECLS
