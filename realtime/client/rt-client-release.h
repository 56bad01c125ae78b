/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* Calls @destroy with @data in @context, or at once where that is run by nobody else. Any thread. */
void rt_client_free_in (GMainContext  *context,
                        gpointer       data,
                        GDestroyNotify destroy);
/* Lets go of what a binding may have wrapped: in that way. Takes @objects, whose free function does it. */
void rt_client_release_in (GMainContext *context,
                           GPtrArray    *objects);
/* The same for one object; takes the reference. @object may be NULL. */
void rt_client_release_object_in (GMainContext *context,
                                  gpointer      object);

G_END_DECLS
