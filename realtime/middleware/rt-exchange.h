/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include <gio/gio.h>
#include "rt-message.h"
#include "rt-version-macros.h"

G_BEGIN_DECLS

/**
 * RtDirection:
 * @RT_DIRECTION_INCOMING: from the server to the program
 * @RT_DIRECTION_OUTGOING: from the program to the server
 *
 * Which way a message goes.
 */
typedef enum
{
  RT_DIRECTION_INCOMING,
  RT_DIRECTION_OUTGOING,
} RtDirection;

/**
 * RtDirections:
 * @RT_DIRECTIONS_INCOMING: messages from the server to the program
 * @RT_DIRECTIONS_OUTGOING: messages from the program to the server
 * @RT_DIRECTIONS_BOTH: both
 *
 * Which messages something applies to.
 */
typedef enum /*< flags >*/
{
  RT_DIRECTIONS_INCOMING = 1 << 0,
  RT_DIRECTIONS_OUTGOING = 1 << 1,
  RT_DIRECTIONS_BOTH = RT_DIRECTIONS_INCOMING | RT_DIRECTIONS_OUTGOING,
} RtDirections;

#define RT_TYPE_EXCHANGE (rt_exchange_get_type ())

RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtExchange, rt_exchange, RT, EXCHANGE, GObject)

RT_AVAILABLE_IN_1_0
RtMessage    *rt_exchange_get_message     (RtExchange   *self);
RT_AVAILABLE_IN_1_0
RtDirection   rt_exchange_get_direction   (RtExchange   *self);
RT_AVAILABLE_IN_1_0
GCancellable *rt_exchange_get_cancellable (RtExchange   *self);
RT_AVAILABLE_IN_1_0
const char   *rt_exchange_get_reason      (RtExchange   *self);

RT_AVAILABLE_IN_1_0
void          rt_exchange_proceed         (RtExchange   *self);
RT_AVAILABLE_IN_1_0
void          rt_exchange_replace         (RtExchange   *self,
                                           RtMessage    *message);
RT_AVAILABLE_IN_1_0
void          rt_exchange_drop            (RtExchange   *self,
                                           const char   *reason);
RT_AVAILABLE_IN_1_0
void          rt_exchange_fail            (RtExchange   *self,
                                           const GError *error);

G_END_DECLS
