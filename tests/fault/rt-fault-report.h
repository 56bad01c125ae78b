/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What helps to understand why a test broke down: printed when the process aborts. */

typedef char *(*RtFaultReportFunc) (gpointer user_data); /* transfer full */

void rt_fault_report_add    (const char       *title, /* static */
                             RtFaultReportFunc func,
                             gpointer          user_data);
void rt_fault_report_remove (gpointer          user_data);

G_END_DECLS
