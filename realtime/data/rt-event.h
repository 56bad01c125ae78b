/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include "rt-member.h"
#include "rt-message.h"

G_BEGIN_DECLS

/**
 * RtEventType:
 * @RT_EVENT_TYPE_CONNECTED: a connection was made
 * @RT_EVENT_TYPE_DISCONNECTED: the connection is gone
 * @RT_EVENT_TYPE_RECONNECTING: another attempt to connect is about to be made
 * @RT_EVENT_TYPE_MESSAGE_RECEIVED: a message arrived
 * @RT_EVENT_TYPE_MESSAGE_SENT: a message of this program was acknowledged
 * @RT_EVENT_TYPE_MESSAGE_DROPPED: a message will not be delivered, in either direction
 * @RT_EVENT_TYPE_CHANNEL_JOINED: a channel was joined, for the first time or again
 * @RT_EVENT_TYPE_CHANNEL_LEFT: a channel was left, by this program or by the server
 * @RT_EVENT_TYPE_MEMBER_JOINED: somebody came to a channel
 * @RT_EVENT_TYPE_MEMBER_LEFT: somebody left a channel
 * @RT_EVENT_TYPE_STREAM_OPENED: a byte stream began
 * @RT_EVENT_TYPE_STREAM_CLOSED: a byte stream ended, whole or not
 * @RT_EVENT_TYPE_RECOVERED: everything that was missed on a channel has arrived
 * @RT_EVENT_TYPE_GAP: something that was missed on a channel is lost
 * @RT_EVENT_TYPE_TOKEN_REFRESHED: a new token was accepted
 * @RT_EVENT_TYPE_ERROR: something failed of which no caller is told otherwise
 * @RT_EVENT_TYPE_CUSTOM: an event of the program's own; see [property@Event:name]
 *
 * What an event is about.
 */
typedef enum
{
  RT_EVENT_TYPE_CONNECTED,
  RT_EVENT_TYPE_DISCONNECTED,
  RT_EVENT_TYPE_RECONNECTING,
  RT_EVENT_TYPE_MESSAGE_RECEIVED,
  RT_EVENT_TYPE_MESSAGE_SENT,
  RT_EVENT_TYPE_MESSAGE_DROPPED,
  RT_EVENT_TYPE_CHANNEL_JOINED,
  RT_EVENT_TYPE_CHANNEL_LEFT,
  RT_EVENT_TYPE_MEMBER_JOINED,
  RT_EVENT_TYPE_MEMBER_LEFT,
  RT_EVENT_TYPE_STREAM_OPENED,
  RT_EVENT_TYPE_STREAM_CLOSED,
  RT_EVENT_TYPE_RECOVERED,
  RT_EVENT_TYPE_GAP,
  RT_EVENT_TYPE_TOKEN_REFRESHED,
  RT_EVENT_TYPE_ERROR,
  RT_EVENT_TYPE_CUSTOM,
} RtEventType;

#define RT_TYPE_EVENT (rt_event_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtEvent, rt_event, RT, EVENT, GObject)

RT_AVAILABLE_IN_1_0
RtEvent      *rt_event_new            (RtEventType  event_type,
                                       GVariant    *variant) G_GNUC_WARN_UNUSED_RESULT;
RT_AVAILABLE_IN_1_0
RtEvent      *rt_event_new_custom     (const char  *name,
                                       GVariant    *variant) G_GNUC_WARN_UNUSED_RESULT;

RT_AVAILABLE_IN_1_0
RtEventType   rt_event_get_event_type (RtEvent     *self);
RT_AVAILABLE_IN_1_0
const char   *rt_event_get_name       (RtEvent     *self);
RT_AVAILABLE_IN_1_0
gint64        rt_event_get_timestamp  (RtEvent     *self);
RT_AVAILABLE_IN_1_0
RtMessage    *rt_event_get_message    (RtEvent     *self);
RT_AVAILABLE_IN_1_0
const char   *rt_event_get_channel    (RtEvent     *self);
RT_AVAILABLE_IN_1_0
const GError *rt_event_get_error      (RtEvent     *self);
RT_AVAILABLE_IN_1_0
GVariant     *rt_event_get_variant    (RtEvent     *self);
RT_AVAILABLE_IN_1_0
RtMember     *rt_event_get_member     (RtEvent     *self);

G_END_DECLS
