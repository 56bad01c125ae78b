/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include "rt-message.h"

G_BEGIN_DECLS

/* The last messages of a channel: a bounded list model, oldest first. To be used in one thread. Whoever is told of a
 * change may change the list again. */

#define RT_TYPE_MESSAGE_LIST (rt_message_list_get_type ())

G_DECLARE_FINAL_TYPE (RtMessageList, rt_message_list, RT, MESSAGE_LIST, GObject)

RtMessageList *rt_message_list_new     (guint          limit);
/* The oldest makes room for it. */
void           rt_message_list_append  (RtMessageList *self,
                                        RtMessage     *message);
/* Of RtMessage, oldest first, before all that is there, as far as there is room: the newest of them stay. */
void           rt_message_list_prepend (RtMessageList *self,
                                        GPtrArray     *messages);

G_END_DECLS
