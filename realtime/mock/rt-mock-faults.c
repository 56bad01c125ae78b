/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-faults.h"

#include <string.h>

static const RtMockRefusal refusal_default = { 503, "1" };

void
rt_mock_faults_init (RtMockFaults *self)
{
  memset (self, 0, sizeof *self);
  g_mutex_init (&self->lock);
  self->refusal = refusal_default;
}

void
rt_mock_faults_finish (RtMockFaults *self)
{
  g_mutex_clear (&self->lock);
}

void
rt_mock_faults_add (RtMockFaults *self, RtMockFault fault, guint count)
{
  g_mutex_lock (&self->lock);
  guint left = self->left[fault];
  self->left[fault] = left > G_MAXUINT - count ? G_MAXUINT : left + count;
  g_atomic_int_set (&self->any, TRUE);
  g_mutex_unlock (&self->lock);
}

void
rt_mock_faults_set_refusal (RtMockFaults *self, guint status, const char *retry_after)
{
  g_mutex_lock (&self->lock);
  self->refusal.status = status;
  g_strlcpy (self->refusal.retry_after, retry_after, sizeof self->refusal.retry_after);
  g_mutex_unlock (&self->lock);
}

void
rt_mock_faults_clear (RtMockFaults *self)
{
  g_mutex_lock (&self->lock);
  memset (self->left, 0, sizeof self->left);
  self->refusal = refusal_default;
  g_atomic_int_set (&self->any, FALSE);
  g_mutex_unlock (&self->lock);
}

static gboolean
take_locked (RtMockFaults *self, RtMockFault fault)
{
  gboolean taken = self->left[fault] > 0;

  if (taken && self->left[fault] != G_MAXUINT)
    self->left[fault]--;
  return taken;
}

gboolean
rt_mock_faults_take (RtMockFaults *self, RtMockFault fault)
{
  if (!g_atomic_int_get (&self->any))
    return FALSE;
  g_mutex_lock (&self->lock);
  gboolean taken = take_locked (self, fault);
  g_mutex_unlock (&self->lock);
  return taken;
}

gboolean
rt_mock_faults_take_refusal (RtMockFaults *self, RtMockRefusal *refusal)
{
  g_mutex_lock (&self->lock);
  gboolean taken = take_locked (self, RT_MOCK_FAULT_REFUSE);
  *refusal = self->refusal;
  g_mutex_unlock (&self->lock);
  return taken;
}

gboolean
rt_mock_faults_is_on (RtMockFaults *self, RtMockFault fault)
{
  if (!g_atomic_int_get (&self->any))
    return FALSE;
  g_mutex_lock (&self->lock);
  gboolean on = self->left[fault] > 0;
  g_mutex_unlock (&self->lock);
  return on;
}
