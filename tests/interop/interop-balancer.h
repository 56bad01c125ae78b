/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Stands before the nodes of a cluster, in threads of its own: each new line goes to the first node that takes it, and
 * ends with that. */

typedef struct _InteropBalancer InteropBalancer;

InteropBalancer *interop_balancer_new       (void);
void             interop_balancer_free      (InteropBalancer *self);
/* As that of a node. */
const char      *interop_balancer_get_url   (InteropBalancer *self);
/* The nodes for new lines, best first. Open lines stay where they are. */
void             interop_balancer_set_nodes (InteropBalancer *self,
                                             const char      *url,
                                             const char      *other_url);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (InteropBalancer, interop_balancer_free)

G_END_DECLS
