/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* Lets go of what a binding may have wrapped: in @context, or at once where that is run by nobody else. Takes @objects,
 * whose free function does it. Any thread. */
void rt_client_release_in (GMainContext *context,
                           GPtrArray    *objects);
/* The same for one object; takes the reference. @object may be NULL. */
void rt_client_release_object_in (GMainContext *context,
                                  gpointer      object);

G_END_DECLS
