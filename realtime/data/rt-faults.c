/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-faults.h"

/* More would not be read. */
#define MAX_TOLD 32

void
rt_faults_add (RtFaults *self, const char *name, const char *format, ...)
{
  va_list args;

  if (++self->count > MAX_TOLD)
    return;
  if (self->text == NULL)
    self->text = g_string_new (NULL);
  g_string_append_printf (self->text, "%s%s: ", self->count > 1 ? "; " : "", name);
  va_start (args, format);
  g_string_append_vprintf (self->text, format, args);
  va_end (args);
}

gboolean
rt_faults_finish (RtFaults *self, const char *what, RtError code, GError **error)
{
  guint count = self->count;

  if (count == 0)
    return TRUE;
  if (count > MAX_TOLD)
    g_string_append_printf (self->text, "; and %u more", count - MAX_TOLD);
  if (count == 1)
    g_set_error (error, RT_ERROR, code, "%s has a fault: %s", what, self->text->str);
  else
    g_set_error (error, RT_ERROR, code, "%s has %u faults: %s", what, count, self->text->str);
  rt_faults_clear (self);
  return FALSE;
}

void
rt_faults_clear (RtFaults *self)
{
  if (self->text != NULL)
    g_string_free (self->text, TRUE);
  self->text = NULL;
  self->count = 0;
}
