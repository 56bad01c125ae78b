/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include "rt-message.h"

G_BEGIN_DECLS

#define RT_TYPE_MESSAGE_OPTIONS (rt_message_options_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtMessageOptions, rt_message_options, RT, MESSAGE_OPTIONS, GObject)

RT_AVAILABLE_IN_1_0
RtMessageOptions *rt_message_options_new              (void) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtPriority        rt_message_options_get_priority     (RtMessageOptions *self);
RT_AVAILABLE_IN_1_0
void              rt_message_options_set_priority     (RtMessageOptions *self,
                                                       RtPriority        priority);
RT_AVAILABLE_IN_1_0
guint             rt_message_options_get_ttl          (RtMessageOptions *self);
RT_AVAILABLE_IN_1_0
void              rt_message_options_set_ttl          (RtMessageOptions *self,
                                                       guint             ttl);
RT_AVAILABLE_IN_1_0
RtMessageType     rt_message_options_get_message_type (RtMessageOptions *self);
RT_AVAILABLE_IN_1_0
void              rt_message_options_set_message_type (RtMessageOptions *self,
                                                       RtMessageType     message_type);
RT_AVAILABLE_IN_1_0
const char       *rt_message_options_get_type_name    (RtMessageOptions *self);
RT_AVAILABLE_IN_1_0
void              rt_message_options_set_type_name    (RtMessageOptions *self,
                                                       const char       *type_name);
RT_AVAILABLE_IN_1_0
GVariant         *rt_message_options_get_metadata     (RtMessageOptions *self);
RT_AVAILABLE_IN_1_0
void              rt_message_options_set_metadata     (RtMessageOptions *self,
                                                       GVariant         *metadata);
RT_AVAILABLE_IN_1_0
GVariant         *rt_message_options_get_tags         (RtMessageOptions *self);
RT_AVAILABLE_IN_1_0
void              rt_message_options_set_tags         (RtMessageOptions *self,
                                                       GVariant         *tags);

G_END_DECLS
