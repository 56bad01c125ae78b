/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-fault-report.h"

#include <signal.h>
#include <string.h>

/* Only so much of the end of each. */
#define MAX_TAIL 16384

typedef struct
{
  const char *title;
  RtFaultReportFunc func;
  gpointer user_data;
} Report;

static GMutex lock;
static GPtrArray *reports; /* guarded by lock */

/* Not what a signal handler may do in earnest. The process ends in any case, and mostly this helps. */
static void
abort_cb (int number)
{
  signal (number, SIG_DFL);
  if (!g_mutex_trylock (&lock))
    return;
  for (guint i = 0; i < reports->len; i++)
    {
      const Report *report = g_ptr_array_index (reports, i);
      g_autofree char *text = report->func (report->user_data);
      gsize len = strlen (text);

      g_printerr ("--- %s\n%s\n", report->title, len > MAX_TAIL ? text + len - MAX_TAIL : text);
    }
  g_mutex_unlock (&lock);
  raise (number);
}

void
rt_fault_report_add (const char *title, RtFaultReportFunc func, gpointer user_data)
{
  Report *report = g_new (Report, 1);

  report->title = title;
  report->func = func;
  report->user_data = user_data;
  g_mutex_lock (&lock);
  if (reports == NULL)
    {
      reports = g_ptr_array_new_with_free_func (g_free);
      signal (SIGABRT, abort_cb);
      signal (SIGTRAP, abort_cb); /* how g_error ends */
    }
  g_ptr_array_add (reports, report);
  g_mutex_unlock (&lock);
}

void
rt_fault_report_remove (gpointer user_data)
{
  g_mutex_lock (&lock);
  for (guint i = reports->len; i > 0; i--)
    if (((Report *) g_ptr_array_index (reports, i - 1))->user_data == user_data)
      g_ptr_array_remove_index (reports, i - 1);
  g_mutex_unlock (&lock);
}
