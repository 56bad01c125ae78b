/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include "rt-member.h"

G_BEGIN_DECLS

/* Who is in a channel: a list model with one row for each client, kept by the news of who comes and goes, and set right
 * by snapshots. What is heard while a snapshot is on its way is newer than it: who went is not brought back by it, who
 * came is not taken away. Rows keep their places; new ones are appended.
 *
 * To be used in one thread. Whoever is told of a change may change the list again. */

#define RT_TYPE_MEMBERS (rt_members_get_type ())

G_DECLARE_FINAL_TYPE (RtMembers, rt_members, RT, MEMBERS, GObject)

/* Rows beyond @limit are left out. */
RtMembers *rt_members_new         (guint       limit);
/* A snapshot has been asked for. Returns its number, by which its answer is known; an earlier one is void. */
guint      rt_members_begin       (RtMembers  *self);
/* Of RtMember. FALSE: it is not the one that is waited for, or came to be so. */
gboolean   rt_members_set_all     (RtMembers  *self,
                                   guint       number,
                                   GListModel *snapshot);
/* There is no answer. FALSE likewise. */
gboolean   rt_members_abort       (RtMembers  *self,
                                   guint       number);
gboolean   rt_members_is_waiting  (RtMembers  *self);
void       rt_members_add         (RtMembers  *self,
                                   RtMember   *member);
void       rt_members_remove      (RtMembers  *self,
                                   const char *client_id);
/* All go, and no answer is waited for. */
void       rt_members_clear       (RtMembers  *self);

G_END_DECLS
