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

#define RT_TYPE_MEMBER_LIST (rt_member_list_get_type ())

G_DECLARE_FINAL_TYPE (RtMemberList, rt_member_list, RT, MEMBER_LIST, GObject)

/* Rows beyond @limit are left out, as are those that would pass a bound of what is said of all of them. */
RtMemberList *rt_member_list_new        (guint         limit);
/* A snapshot has been asked for. Returns its number, by which its answer is known; an earlier one is void. */
guint         rt_member_list_begin      (RtMemberList *self);
/* Of RtMember. FALSE: it is not the one that is waited for, or came to be so; or *@ended (nullable, atomic) was set
 * by somebody who was told of a change, and wants to be told of nothing more. */
gboolean      rt_member_list_set_all    (RtMemberList *self,
                                         guint         number,
                                         GListModel   *snapshot,
                                         const gint   *ended);
/* There is no answer. FALSE likewise. */
gboolean      rt_member_list_abort      (RtMemberList *self,
                                         guint         number);
gboolean      rt_member_list_is_waiting (RtMemberList *self);
void          rt_member_list_add        (RtMemberList *self,
                                         RtMember     *member);
void          rt_member_list_remove     (RtMemberList *self,
                                         const char   *client_id);
/* All go, and no answer is waited for. */
void          rt_member_list_clear      (RtMemberList *self);

G_END_DECLS
