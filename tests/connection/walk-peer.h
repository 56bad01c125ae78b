/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A server for the random walk: it keeps what it publishes, reads what was sent on the fake transport, and answers,
 * mostly as it should. */

#define WALK_CHANNELS 4

typedef struct _WalkPeer WalkPeer;

WalkPeer   *walk_peer_new       (GRand *rand);
void        walk_peer_free      (WalkPeer *self);
const char *walk_peer_get_name  (guint channel); /* the first half are recoverable */
/* One thing that a server or a network does; only while a transport is open. */
void        walk_peer_step      (WalkPeer *self);
/* Answers all that was asked, honestly, and refuses nothing from now on. */
void        walk_peer_answer_all (WalkPeer *self);

gboolean    walk_peer_has_joined (WalkPeer *self, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WalkPeer, walk_peer_free)

G_END_DECLS
