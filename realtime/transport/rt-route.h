/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rt-transport.h"

G_BEGIN_DECLS

/* The ways in which a client may reach its server, best first: immutable, and counted atomically. */

typedef struct
{
  const char *name; /* interned */
  const RtTransportClass *klass;
  gpointer source; /* what the class's open is given, else NULL */
  GDestroyNotify free_source;
} RtRoute;

typedef struct
{
  gatomicrefcount refs;
  RtRoute *items;
  guint n_items;
} RtRoutes;

RtRoutes *rt_routes_new   (void);
/* Before the list is shared. Takes @source; @free_source is called in any thread. */
void      rt_routes_add   (RtRoutes               *self,
                           const char             *name,
                           const RtTransportClass *klass,
                           gpointer                source,
                           GDestroyNotify          free_source);
RtRoutes *rt_routes_ref   (RtRoutes               *self);
void      rt_routes_unref (RtRoutes               *self);
/* Its place in the list, or -1. */
int       rt_routes_find  (RtRoutes               *self,
                           const char             *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RtRoutes, rt_routes_unref)

G_END_DECLS
