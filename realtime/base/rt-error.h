/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)
#error "Only <realtime/realtime.h> can be included directly."
#endif

#include <glib-object.h>
#include "rt-version-macros.h"

G_BEGIN_DECLS

/**
 * RT_ERROR:
 *
 * The domain of the errors that this library reports itself, with codes of [error@Error].
 */
#define RT_ERROR (rt_error_quark ())

/**
 * RT_SERVER_ERROR:
 *
 * The domain of errors that a server's application reports and that have no equal in [error@Error],
 * such as those of an RPC. The code is the server's own number, 400 to 1999.
 */
#define RT_SERVER_ERROR (rt_server_error_quark ())

/**
 * RtServerError:
 * @RT_SERVER_ERROR_FIRST: the lowest code that an application of a server may use
 * @RT_SERVER_ERROR_LAST: the highest
 *
 * The range of the codes with which a server's application reports errors of its own. What a code in between
 * means, the application says.
 */
typedef enum
{
  RT_SERVER_ERROR_FIRST = 400,
  RT_SERVER_ERROR_LAST = 1999,
} RtServerError;

/**
 * RtError:
 * @RT_ERROR_FAILED: something failed that no other code describes
 * @RT_ERROR_NOT_CONNECTED: the call needs a connection and there is none
 * @RT_ERROR_ALREADY_CONNECTED: `connect` was called on a connected client
 * @RT_ERROR_CHANNEL_NOT_FOUND: the channel is not joined, or the server does not know it
 * @RT_ERROR_RATE_LIMITED: too many requests in a short time; try later
 * @RT_ERROR_CLOSED: the client was closed for good
 * @RT_ERROR_INVALID_CONFIG: the configuration is wrong; the message names every fault
 * @RT_ERROR_INVALID_ARGUMENT: an argument of the call is wrong
 * @RT_ERROR_INVALID_MESSAGE: this message's content is wrong; others are not affected
 * @RT_ERROR_TIMED_OUT: there was no answer in time
 * @RT_ERROR_UNAUTHORIZED: the server refuses the api key or token
 * @RT_ERROR_PERMISSION_DENIED: the server refuses this request to this user
 * @RT_ERROR_PROTOCOL: the other side does not keep to the protocol
 * @RT_ERROR_NETWORK: the connection could not be made or was lost
 * @RT_ERROR_TOO_LARGE: larger than the limit; the message gives both numbers
 * @RT_ERROR_QUEUE_FULL: the bound of a queue is reached, or of what the server allows
 * @RT_ERROR_EXPIRED: the time to live of the message or the token is over
 * @RT_ERROR_OUTCOME_UNKNOWN: it may have been delivered; safe to send again with the same id
 * @RT_ERROR_NOT_SUPPORTED: the server or the transport cannot do this
 * @RT_ERROR_SERVER: the server failed
 * @RT_ERROR_ENCRYPTION: content could not be encrypted or decrypted
 * @RT_ERROR_STORAGE: something could not be stored
 * @RT_ERROR_UNRECOVERABLE: what was missed cannot be had any more
 * @RT_ERROR_ALREADY_JOINED: the server has this connection in the channel already, and does not let go of that
 *
 * What can go wrong. Cancellation is not here: it stays %G_IO_ERROR_CANCELLED.
 */
typedef enum
{
  RT_ERROR_FAILED,
  RT_ERROR_NOT_CONNECTED,
  RT_ERROR_ALREADY_CONNECTED,
  RT_ERROR_CHANNEL_NOT_FOUND,
  RT_ERROR_RATE_LIMITED,
  RT_ERROR_CLOSED,
  RT_ERROR_INVALID_CONFIG,
  RT_ERROR_INVALID_ARGUMENT,
  RT_ERROR_INVALID_MESSAGE,
  RT_ERROR_TIMED_OUT,
  RT_ERROR_UNAUTHORIZED,
  RT_ERROR_PERMISSION_DENIED,
  RT_ERROR_PROTOCOL,
  RT_ERROR_NETWORK,
  RT_ERROR_TOO_LARGE,
  RT_ERROR_QUEUE_FULL,
  RT_ERROR_EXPIRED,
  RT_ERROR_OUTCOME_UNKNOWN,
  RT_ERROR_NOT_SUPPORTED,
  RT_ERROR_SERVER,
  RT_ERROR_ENCRYPTION,
  RT_ERROR_STORAGE,
  RT_ERROR_UNRECOVERABLE,
  RT_ERROR_ALREADY_JOINED,
} RtError;

RT_AVAILABLE_IN_1_0
GQuark   rt_error_quark        (void);
RT_AVAILABLE_IN_1_0
GQuark   rt_server_error_quark (void);
RT_AVAILABLE_IN_1_0
gboolean rt_error_is_retryable (const GError *error);

G_END_DECLS
