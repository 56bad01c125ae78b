/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include <glib-object.h>
#include "rt-version-macros.h"

G_BEGIN_DECLS

#define RT_TYPE_MEMBER (rt_member_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtMember, rt_member, RT, MEMBER, GObject)

RT_AVAILABLE_IN_1_0
RtMember   *rt_member_new           (const char *client_id,
                                     const char *user_id,
                                     GVariant   *info) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
const char *rt_member_get_client_id (RtMember   *self);
RT_AVAILABLE_IN_1_0
const char *rt_member_get_user_id   (RtMember   *self);
RT_AVAILABLE_IN_1_0
GVariant   *rt_member_get_info      (RtMember   *self);

G_END_DECLS
