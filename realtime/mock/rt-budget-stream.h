/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-budget-line.h"

G_BEGIN_DECLS

/* An RtBudgetLine as the pollable stream that libsoup wants. Closing the stream closes the line, and with it the
 * socket, at once and in the thread of the caller. */

#define RT_TYPE_BUDGET_STREAM (rt_budget_stream_get_type ())
G_DECLARE_FINAL_TYPE (RtBudgetStream, rt_budget_stream, RT, BUDGET_STREAM, GIOStream)

GIOStream    *rt_budget_stream_new      (RtBudgetLine   *line);
RtBudgetLine *rt_budget_stream_get_line (RtBudgetStream *self);

G_END_DECLS
