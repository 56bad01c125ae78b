/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include "rt-message-builder.h"

G_BEGIN_DECLS

/**
 * RtMessageValidator:
 * @message: a message of the type for which it was registered
 * @user_data: (closure): what was given with it
 * @error: return location for an error
 *
 * Looks at a message of a program's own type before anybody gets it. Called in the thread that makes or checks the
 * message, without a lock: it may use the factory, and also unregister itself.
 *
 * Returns: whether the message is as it must be; else %FALSE with @error set to what is wrong
 */
typedef gboolean (*RtMessageValidator) (RtMessage *message,
                                        gpointer   user_data,
                                        GError   **error);

#define RT_TYPE_MESSAGE_FACTORY (rt_message_factory_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtMessageFactory, rt_message_factory, RT, MESSAGE_FACTORY, GObject)

RT_AVAILABLE_IN_1_0
RtMessageFactory *rt_message_factory_new                   (const char         *sender) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
const char       *rt_message_factory_get_sender            (RtMessageFactory   *self);

RT_AVAILABLE_IN_1_0
gboolean          rt_message_factory_register_type         (RtMessageFactory   *self,
                                                            const char         *type_name,
                                                            RtMessageValidator  validator,
                                                            gpointer            user_data,
                                                            GDestroyNotify      destroy,
                                                            GError            **error);
RT_AVAILABLE_IN_1_0
gboolean          rt_message_factory_unregister_type       (RtMessageFactory   *self,
                                                            const char         *type_name);
RT_AVAILABLE_IN_1_0
char            **rt_message_factory_get_type_names        (RtMessageFactory   *self);

RT_AVAILABLE_IN_1_0
RtMessage        *rt_message_factory_create_text_message   (RtMessageFactory   *self,
                                                            const char         *channel,
                                                            const char         *content,
                                                            GError            **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtMessage        *rt_message_factory_create_image_message  (RtMessageFactory   *self,
                                                            const char         *channel,
                                                            const char         *url,
                                                            GError            **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtMessage        *rt_message_factory_create_file_message   (RtMessageFactory   *self,
                                                            const char         *channel,
                                                            const char         *url,
                                                            const char         *name,
                                                            gint64              size,
                                                            GError            **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtMessage        *rt_message_factory_create_system_message (RtMessageFactory   *self,
                                                            const char         *channel,
                                                            const char         *content,
                                                            GError            **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtMessage        *rt_message_factory_create_message        (RtMessageFactory   *self,
                                                            RtMessageType       message_type,
                                                            const char         *channel,
                                                            const char         *content,
                                                            GError            **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtMessage        *rt_message_factory_create_typed_message  (RtMessageFactory   *self,
                                                            const char         *type_name,
                                                            const char         *channel,
                                                            GVariant           *data,
                                                            GError            **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtMessage        *rt_message_factory_build_message         (RtMessageFactory   *self,
                                                            RtMessageBuilder   *builder,
                                                            GError            **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
gboolean          rt_message_factory_validate_message      (RtMessageFactory   *self,
                                                            RtMessage          *message,
                                                            GError            **error);

G_END_DECLS
