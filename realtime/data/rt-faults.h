/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include "rt-error.h"

G_BEGIN_DECLS

/* Collects what is wrong with a thing that a program puts together from many parts, so that one error can
 * name every fault and not only the first. Zero-initialised is empty. */
typedef struct
{
  GString *text;
  guint count;
} RtFaults;

/* @name is the part's, as the program writes it. What is wrong is told without repeating values that may be
 * secret. */
void     rt_faults_add    (RtFaults   *self,
                           const char *name,
                           const char *format,
                           ...) G_GNUC_PRINTF (3, 4);
/* TRUE if there was no fault; else sets the error, whose text begins with @what: "The configuration". Empties
 * @self. */
gboolean rt_faults_finish (RtFaults   *self,
                           const char *what,
                           RtError     code,
                           GError    **error);
void     rt_faults_clear  (RtFaults   *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RtFaults, rt_faults_clear)

G_END_DECLS
