/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A connected socket whose reading is rationed, so that one peer can neither occupy a thread nor fill its
 * memory: a bounded number of bytes and messages per dispatch, a bounded number of bytes without a delivered
 * message, and none while what is written to the peer does not get away. Only in the thread that made it. */

#define RT_BUDGET_LINE_PER_DISPATCH (64 * 1024)
#define RT_BUDGET_LINE_MESSAGES_PER_DISPATCH 256
#define RT_BUDGET_LINE_UNDELIVERED (2 * 1024 * 1024)

typedef struct _RtBudgetLine RtBudgetLine;

/* The line was closed, by whichever side. Called once, possibly from inside a read or write of its user. */
typedef void (*RtBudgetLineClosedFunc) (gpointer user_data);

RtBudgetLine *rt_budget_line_new            (GSocketConnection      *connection,
                                             RtBudgetLineClosedFunc  closed,
                                             gpointer                user_data);
RtBudgetLine *rt_budget_line_ref            (RtBudgetLine           *self);
void          rt_budget_line_unref          (RtBudgetLine           *self);

gssize        rt_budget_line_read           (RtBudgetLine           *self,
                                             void                   *buffer,
                                             gsize                   count,
                                             gboolean                blocking,
                                             GCancellable           *cancellable,
                                             GError                **error);
gssize        rt_budget_line_write          (RtBudgetLine           *self,
                                             const void             *buffer,
                                             gsize                   count,
                                             gboolean                blocking,
                                             GCancellable           *cancellable,
                                             GError                **error);
gboolean      rt_budget_line_is_ready       (RtBudgetLine           *self,
                                             GIOCondition            condition);
/* A source with callbacks of type GPollableSourceFunc, for @stream. */
GSource      *rt_budget_line_create_source  (RtBudgetLine           *self,
                                             GObject                *stream,
                                             GIOCondition            condition,
                                             GCancellable           *cancellable);

/* The peer has sent a message: the count of undelivered bytes starts again. */
void          rt_budget_line_delivered      (RtBudgetLine           *self);
void          rt_budget_line_set_paused     (RtBudgetLine           *self,
                                             gboolean                paused);
guint64       rt_budget_line_get_written    (RtBudgetLine           *self);
gpointer      rt_budget_line_get_user_data  (RtBudgetLine           *self);
/* Closes the socket now, with a reset instead of an orderly end if @reset. */
void          rt_budget_line_close          (RtBudgetLine           *self,
                                             gboolean                reset);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtBudgetLine, rt_budget_line_unref)

G_END_DECLS
