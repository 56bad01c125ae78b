/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-error.h"

/**
 * rt_error_quark:
 *
 * The domain of this library's errors.
 *
 * Returns: the quark of [error@Error]
 */
G_DEFINE_QUARK (rt-error-quark, rt_error)

/**
 * rt_server_error_quark:
 *
 * The domain of errors of a server's application, whose codes are the server's own.
 *
 * Returns: the quark
 */
G_DEFINE_QUARK (rt-server-error-quark, rt_server_error)

/**
 * rt_error_is_retryable:
 * @error: an error of any domain
 *
 * Tells whether the same call may succeed later without a change on this side.
 *
 * %RT_ERROR_OUTCOME_UNKNOWN counts as temporary: a message may be sent again with the same id, since
 * receivers drop repeats. Errors of other domains, cancellation among them, are final.
 *
 * Returns: %TRUE if @error is temporary, %FALSE if it is final
 */
gboolean
rt_error_is_retryable (const GError *error)
{
  g_return_val_if_fail (error != NULL, FALSE);

  if (error->domain != RT_ERROR)
    return FALSE;

  switch ((RtError) error->code)
    {
    case RT_ERROR_NOT_CONNECTED:
    case RT_ERROR_RATE_LIMITED:
    case RT_ERROR_TIMED_OUT:
    case RT_ERROR_NETWORK:
    case RT_ERROR_QUEUE_FULL:
    case RT_ERROR_OUTCOME_UNKNOWN:
    case RT_ERROR_SERVER:
      return TRUE;
    case RT_ERROR_FAILED:
    case RT_ERROR_ALREADY_CONNECTED:
    case RT_ERROR_CHANNEL_NOT_FOUND:
    case RT_ERROR_CLOSED:
    case RT_ERROR_INVALID_CONFIG:
    case RT_ERROR_INVALID_ARGUMENT:
    case RT_ERROR_INVALID_MESSAGE:
    case RT_ERROR_UNAUTHORIZED:
    case RT_ERROR_PERMISSION_DENIED:
    case RT_ERROR_PROTOCOL:
    case RT_ERROR_TOO_LARGE:
    case RT_ERROR_EXPIRED:
    case RT_ERROR_NOT_SUPPORTED:
    case RT_ERROR_ENCRYPTION:
    case RT_ERROR_STORAGE:
    case RT_ERROR_UNRECOVERABLE:
    case RT_ERROR_ALREADY_JOINED:
    default:
      return FALSE;
    }
}
