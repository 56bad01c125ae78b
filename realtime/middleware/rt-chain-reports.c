/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-chain-private.h"

#include "rt-recovery-middleware.h"

/* Failures that are none of an exchange. They are told from the chain's source, since a call that blocks may be what
 * noticed them, and that runs no handlers. */

typedef struct
{
  RtMessage *message; /* nullable */
  GError *error;
} RtReport;

static void
report_free (RtReport *report)
{
  g_clear_object (&report->message);
  g_error_free (report->error);
  g_free (report);
}

void
rt_chain_report (RtChain *self, RtMessage *message, const GError *error)
{
  RtReport *report;

  if (!rt_chain_has_middleware (self))
    return;
  report = g_new0 (RtReport, 1);
  report->message = message != NULL ? g_object_ref (message) : NULL;
  report->error = g_error_copy (error);
  g_mutex_lock (&self->lock);
  gboolean open = !self->closed;
  if (open)
    g_queue_push_tail (&self->reports, report);
  g_mutex_unlock (&self->lock);
  if (open)
    rt_chain_schedule (self);
  else
    report_free (report);
}

static void
tell (const RtStages *stages, const RtReport *report)
{
  for (guint i = stages->n; i > 0; i--)
    {
      RtMiddleware *middleware = stages->items[i - 1].middleware;
      if (RT_IS_RECOVERY_MIDDLEWARE (middleware))
        rt_recovery_middleware_report (RT_RECOVERY_MIDDLEWARE (middleware), report->message, report->error);
    }
}

void
rt_chain_take_reports (RtChain *self)
{
  for (;;)
    {
      g_autoptr (RtStages) stages = rt_stages_ref (self->stages);
      RtReport *report;

      g_mutex_lock (&self->lock);
      report = g_queue_pop_head (&self->reports);
      g_mutex_unlock (&self->lock);
      if (report == NULL)
        return;
      tell (stages, report);
      report_free (report);
    }
}
