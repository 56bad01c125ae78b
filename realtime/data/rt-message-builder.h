/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include "rt-message-options.h"
#include "rt-message.h"

G_BEGIN_DECLS

#define RT_TYPE_MESSAGE_BUILDER (rt_message_builder_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtMessageBuilder, rt_message_builder, RT, MESSAGE_BUILDER, GObject)

RT_AVAILABLE_IN_1_0
RtMessageBuilder *rt_message_builder_new               (void) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtMessageBuilder *rt_message_builder_with_channel      (RtMessageBuilder *self,
                                                        const char       *channel);
RT_AVAILABLE_IN_1_0
RtMessageBuilder *rt_message_builder_with_content      (RtMessageBuilder *self,
                                                        const char       *content);
RT_AVAILABLE_IN_1_0
RtMessageBuilder *rt_message_builder_with_json         (RtMessageBuilder *self,
                                                        const char       *json);
RT_AVAILABLE_IN_1_0
RtMessageBuilder *rt_message_builder_with_variant      (RtMessageBuilder *self,
                                                        GVariant         *data);
RT_AVAILABLE_IN_1_0
RtMessageBuilder *rt_message_builder_with_bytes        (RtMessageBuilder *self,
                                                        GBytes           *bytes);
RT_AVAILABLE_IN_1_0
RtMessageBuilder *rt_message_builder_with_message_type (RtMessageBuilder *self,
                                                        RtMessageType     message_type);
RT_AVAILABLE_IN_1_0
RtMessageBuilder *rt_message_builder_with_type_name    (RtMessageBuilder *self,
                                                        const char       *type_name);
RT_AVAILABLE_IN_1_0
RtMessageBuilder *rt_message_builder_with_sender       (RtMessageBuilder *self,
                                                        const char       *sender);
RT_AVAILABLE_IN_1_0
RtMessageBuilder *rt_message_builder_with_priority     (RtMessageBuilder *self,
                                                        RtPriority        priority);
RT_AVAILABLE_IN_1_0
RtMessageBuilder *rt_message_builder_with_ttl          (RtMessageBuilder *self,
                                                        guint             ttl);
RT_AVAILABLE_IN_1_0
RtMessageBuilder *rt_message_builder_with_metadata     (RtMessageBuilder *self,
                                                        const char       *key,
                                                        const char       *value);
RT_AVAILABLE_IN_1_0
RtMessageBuilder *rt_message_builder_with_tag          (RtMessageBuilder *self,
                                                        const char       *key,
                                                        const char       *value);
RT_AVAILABLE_IN_1_0
RtMessageBuilder *rt_message_builder_with_id           (RtMessageBuilder *self,
                                                        const char       *id);
RT_AVAILABLE_IN_1_0
RtMessageBuilder *rt_message_builder_with_options      (RtMessageBuilder *self,
                                                        RtMessageOptions *options);
RT_AVAILABLE_IN_1_0
RtMessage        *rt_message_builder_build             (RtMessageBuilder *self,
                                                        GError          **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
