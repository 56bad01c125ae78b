/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Functions to run in another thread's main context: one queue and one GSource, in order, a bounded number a
 * dispatch. From any thread. */

typedef struct _RtMockMailbox RtMockMailbox;
typedef void (*RtMockMailFunc) (gpointer data);

RtMockMailbox *rt_mock_mailbox_new   (GMainContext   *context,
                                      const char     *name); /* static */
void           rt_mock_mailbox_unref (RtMockMailbox  *self);
/* @destroy runs in any case, after @func or instead of it, if the mailbox is closed. FALSE: it is closed. */
gboolean       rt_mock_mailbox_post  (RtMockMailbox  *self,
                                      RtMockMailFunc  func,
                                      gpointer        data,
                                      GDestroyNotify  destroy);
/* Like post, and waits until it has run. FALSE: it never will. */
gboolean       rt_mock_mailbox_call  (RtMockMailbox  *self,
                                      RtMockMailFunc  func,
                                      gpointer        data);
guint          rt_mock_mailbox_count (RtMockMailbox  *self);
void           rt_mock_mailbox_close (RtMockMailbox  *self);

G_END_DECLS
