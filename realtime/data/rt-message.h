/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include <glib-object.h>
#include "rt-version-macros.h"

G_BEGIN_DECLS

/**
 * RtMessageType:
 * @RT_MESSAGE_TYPE_TEXT: text for people
 * @RT_MESSAGE_TYPE_IMAGE: a picture, or where to find one
 * @RT_MESSAGE_TYPE_FILE: a file, or where to find one
 * @RT_MESSAGE_TYPE_SYSTEM: said by the program, not by a person
 * @RT_MESSAGE_TYPE_BINARY: bytes
 * @RT_MESSAGE_TYPE_CUSTOM: anything else; see [property@Message:type-name]
 *
 * What a message is about. It does not say how its content is given: any type may carry text, data or bytes.
 */
typedef enum
{
  RT_MESSAGE_TYPE_TEXT,
  RT_MESSAGE_TYPE_IMAGE,
  RT_MESSAGE_TYPE_FILE,
  RT_MESSAGE_TYPE_SYSTEM,
  RT_MESSAGE_TYPE_BINARY,
  RT_MESSAGE_TYPE_CUSTOM,
} RtMessageType;

/**
 * RtPriority:
 * @RT_PRIORITY_LOW: may wait behind everything else
 * @RT_PRIORITY_NORMAL: the default
 * @RT_PRIORITY_HIGH: before normal ones
 * @RT_PRIORITY_URGENT: before all others
 *
 * Which of several waiting messages goes first.
 */
typedef enum
{
  RT_PRIORITY_LOW,
  RT_PRIORITY_NORMAL,
  RT_PRIORITY_HIGH,
  RT_PRIORITY_URGENT,
} RtPriority;

#define RT_TYPE_MESSAGE (rt_message_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtMessage, rt_message, RT, MESSAGE, GObject)

RT_AVAILABLE_IN_1_0
RtMessage    *rt_message_new_text           (const char  *channel,
                                             const char  *content) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtMessage    *rt_message_from_json          (const char  *json,
                                             GError     **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
char         *rt_message_to_json            (RtMessage   *self) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
gboolean      rt_message_validate           (RtMessage   *self,
                                             GError     **error);
RT_AVAILABLE_IN_1_0
gboolean      rt_message_is_expired         (RtMessage   *self);

RT_AVAILABLE_IN_1_0
const char   *rt_message_get_id             (RtMessage   *self);
RT_AVAILABLE_IN_1_0
const char   *rt_message_get_channel        (RtMessage   *self);
RT_AVAILABLE_IN_1_0
const char   *rt_message_get_sender         (RtMessage   *self);
RT_AVAILABLE_IN_1_0
const char   *rt_message_get_user_id        (RtMessage   *self);
RT_AVAILABLE_IN_1_0
const char   *rt_message_get_client_id      (RtMessage   *self);
RT_AVAILABLE_IN_1_0
RtMessageType rt_message_get_message_type   (RtMessage   *self);
RT_AVAILABLE_IN_1_0
const char   *rt_message_get_type_name      (RtMessage   *self);
RT_AVAILABLE_IN_1_0
const char   *rt_message_get_content        (RtMessage   *self);
RT_AVAILABLE_IN_1_0
GVariant     *rt_message_get_data           (RtMessage   *self);
RT_AVAILABLE_IN_1_0
GBytes       *rt_message_get_bytes          (RtMessage   *self);
RT_AVAILABLE_IN_1_0
char         *rt_message_dup_content        (RtMessage   *self,
                                             GError     **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
GVariant     *rt_message_dup_data           (RtMessage   *self,
                                             GError     **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
char         *rt_message_dup_data_json      (RtMessage   *self) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
GBytes       *rt_message_dup_bytes          (RtMessage   *self,
                                             GError     **error) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtPriority    rt_message_get_priority       (RtMessage   *self);
RT_AVAILABLE_IN_1_0
guint         rt_message_get_ttl            (RtMessage   *self);
RT_AVAILABLE_IN_1_0
gint64        rt_message_get_timestamp      (RtMessage   *self);
RT_AVAILABLE_IN_1_0
GVariant     *rt_message_get_metadata       (RtMessage   *self);
RT_AVAILABLE_IN_1_0
const char   *rt_message_get_metadata_value (RtMessage   *self,
                                             const char  *key);
RT_AVAILABLE_IN_1_0
GVariant     *rt_message_get_tags           (RtMessage   *self);
RT_AVAILABLE_IN_1_0
const char   *rt_message_get_tag_value      (RtMessage   *self,
                                             const char  *key);
RT_AVAILABLE_IN_1_0
guint64       rt_message_get_offset         (RtMessage   *self);

G_END_DECLS
