/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include <glib-object.h>
#include "rt-version-macros.h"

G_BEGIN_DECLS

/**
 * RtConnectionState:
 * @RT_CONNECTION_STATE_DISCONNECTED: there is no connection and none is sought
 * @RT_CONNECTION_STATE_CONNECTING: the first connection is being made
 * @RT_CONNECTION_STATE_CONNECTED: the server has accepted this client
 * @RT_CONNECTION_STATE_RECONNECTING: the connection was lost and is sought again
 * @RT_CONNECTION_STATE_SUSPENDED: lost for so long that continuity is surely gone, still sought
 * @RT_CONNECTION_STATE_CLOSING: `close` was called and is draining
 * @RT_CONNECTION_STATE_CLOSED: closed for good
 * @RT_CONNECTION_STATE_FAILED: the server refused for good; `connect` may try again
 *
 * The state of a client's connection.
 */
typedef enum
{
  RT_CONNECTION_STATE_DISCONNECTED,
  RT_CONNECTION_STATE_CONNECTING,
  RT_CONNECTION_STATE_CONNECTED,
  RT_CONNECTION_STATE_RECONNECTING,
  RT_CONNECTION_STATE_SUSPENDED,
  RT_CONNECTION_STATE_CLOSING,
  RT_CONNECTION_STATE_CLOSED,
  RT_CONNECTION_STATE_FAILED,
} RtConnectionState;

/**
 * RtChannelState:
 * @RT_CHANNEL_STATE_LEFT: not joined
 * @RT_CHANNEL_STATE_JOINING: wanted, and not joined yet or not at the moment
 * @RT_CHANNEL_STATE_JOINED: the server delivers its messages
 * @RT_CHANNEL_STATE_LEAVING: the server was asked to end it
 * @RT_CHANNEL_STATE_FAILED: the server refused it
 *
 * The state of a channel.
 */
typedef enum
{
  RT_CHANNEL_STATE_LEFT,
  RT_CHANNEL_STATE_JOINING,
  RT_CHANNEL_STATE_JOINED,
  RT_CHANNEL_STATE_LEAVING,
  RT_CHANNEL_STATE_FAILED,
} RtChannelState;

G_END_DECLS
