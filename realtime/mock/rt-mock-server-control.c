/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-server-private.h"

#include "rt-mock-session.h"

/* A close frame's payload without the code (RFC 6455 section 5.5). */
#define MAX_CLOSE_REASON 123

static gboolean
check_publication (const char *channel, const char *json, gsize len, GError **error)
{
  RtJsonFault fault;

  if (!rt_mock_channel_is_name (channel))
    {
      g_set_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT,
                   "The channel's name must be 1 to 255 printable ASCII characters");
      return FALSE;
    }
  if (len > RT_MOCK_MAX_PUBLICATION)
    {
      g_set_error (error, RT_ERROR, RT_ERROR_TOO_LARGE, "The data has %" G_GSIZE_FORMAT " bytes; %d are allowed",
                   len, RT_MOCK_MAX_PUBLICATION);
      return FALSE;
    }
  if (!rt_json_check (json, len, &fault))
    {
      g_set_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT,
                   "The data is not JSON: %s at byte %" G_GSIZE_FORMAT, fault.text, fault.offset);
      return FALSE;
    }
  return TRUE;
}

/**
 * rt_mock_server_publish:
 * @self: a server
 * @channel: the channel's name
 * @json: the data, JSON of up to 65,536 bytes
 * @error: return location for an error
 *
 * Publishes something as the server itself. When this returns it is in the history and on its way to those who have
 * joined. It is not recorded for [method@Server.get_messages].
 *
 * Fails with %RT_ERROR_INVALID_ARGUMENT or %RT_ERROR_TOO_LARGE if it cannot be published, and with
 * %RT_ERROR_NOT_CONNECTED if the server does not run.
 *
 * Returns: %TRUE, or %FALSE with @error set
 */
gboolean
rt_mock_server_publish (RtMockServer *self, const char *channel, const char *json, GError **error)
{
  g_return_val_if_fail (RT_MOCK_IS_SERVER (self), FALSE);
  g_return_val_if_fail (channel != NULL, FALSE);
  g_return_val_if_fail (json != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  g_autoptr (RtMockCore) core = rt_mock_server_ref_core (self);
  g_autofree char *text = g_strstrip (g_strdup (json));
  gsize len = strlen (text);

  if (!check_publication (channel, text, len, error))
    return FALSE;
  if (core == NULL)
    {
      g_set_error_literal (error, RT_ERROR, RT_ERROR_NOT_CONNECTED, "The server does not run; start it first");
      return FALSE;
    }
  g_autoptr (GBytes) data = g_bytes_new_take (g_steal_pointer (&text), len);
  return rt_mock_core_publish (core, channel, data, error);
}

/* What libsoup can put into a close frame. */
static gboolean
is_close_code (guint code)
{
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1009) || code == 1011 ||
         (code >= 3000 && code <= 4999);
}

/**
 * rt_mock_server_disconnect_client:
 * @self: a server
 * @client_id: (nullable): which client, or %NULL for all
 * @code: the close code: 1000 to 1003, 1007 to 1009, 1011, or 3000 to 4999
 * @reason: (nullable): a text of up to 123 bytes
 *
 * Disconnects a client with a close frame.
 *
 * Returns: how many clients are concerned
 */
guint
rt_mock_server_disconnect_client (RtMockServer *self, const char *client_id, guint code, const char *reason)
{
  g_return_val_if_fail (RT_MOCK_IS_SERVER (self), 0);
  g_return_val_if_fail (is_close_code (code), 0);
  g_return_val_if_fail (reason == NULL ||
                          (strlen (reason) <= MAX_CLOSE_REASON && g_utf8_validate (reason, -1, NULL)),
                        0);

  g_autoptr (RtMockCore) core = rt_mock_server_ref_core (self);
  return core != NULL ? rt_mock_core_disconnect (core, client_id, code, reason != NULL ? reason : "", 0) : 0;
}

/**
 * rt_mock_server_announce_shutdown:
 * @self: a server
 * @spread_ms: the time in which clients are to come back, in milliseconds
 *
 * Disconnects all clients with the code 3001, as a server does that makes room for another. Clients of the profile
 * `rt1` are told to choose a moment within @spread_ms, so that not all come back at once. The server itself goes on.
 *
 * Returns: how many clients are concerned
 */
guint
rt_mock_server_announce_shutdown (RtMockServer *self, guint spread_ms)
{
  g_return_val_if_fail (RT_MOCK_IS_SERVER (self), 0);

  g_autoptr (RtMockCore) core = rt_mock_server_ref_core (self);
  return core != NULL ? rt_mock_core_disconnect (core, NULL, RT_MOCK_CLOSE_SHUTDOWN, "shutdown", spread_ms) : 0;
}

/**
 * rt_mock_server_subscribe:
 * @self: a server
 * @client_id: which client
 * @channel: the channel's name
 *
 * Makes a client join a channel without its asking, and tells it so.
 *
 * Returns: %TRUE, or %FALSE if there is no such client, or if it has joined already
 */
gboolean
rt_mock_server_subscribe (RtMockServer *self, const char *client_id, const char *channel)
{
  g_return_val_if_fail (RT_MOCK_IS_SERVER (self), FALSE);
  g_return_val_if_fail (client_id != NULL, FALSE);
  g_return_val_if_fail (channel != NULL && rt_mock_channel_is_name (channel), FALSE);

  g_autoptr (RtMockCore) core = rt_mock_server_ref_core (self);
  return core != NULL && rt_mock_core_subscribe (core, client_id, channel);
}

/**
 * rt_mock_server_unsubscribe:
 * @self: a server
 * @client_id: which client
 * @channel: the channel's name
 * @code: below 2500 the client stays away, from 2500 up it joins again
 * @reason: (nullable): a text
 *
 * Sends a client away from a channel.
 *
 * Returns: %TRUE, or %FALSE if there is no such client in the channel
 */
gboolean
rt_mock_server_unsubscribe (RtMockServer *self,
                            const char *client_id,
                            const char *channel,
                            guint code,
                            const char *reason)
{
  g_return_val_if_fail (RT_MOCK_IS_SERVER (self), FALSE);
  g_return_val_if_fail (client_id != NULL, FALSE);
  g_return_val_if_fail (channel != NULL, FALSE);
  g_return_val_if_fail (reason == NULL || g_utf8_validate (reason, -1, NULL), FALSE);

  g_autoptr (RtMockCore) core = rt_mock_server_ref_core (self);
  return core != NULL &&
         rt_mock_core_unsubscribe (core, client_id, channel, code, reason != NULL ? reason : "");
}

/**
 * rt_mock_server_drop_connections:
 * @self: a server
 *
 * Cuts all connections off without a close frame, as a network does that fails. The server goes on.
 */
void
rt_mock_server_drop_connections (RtMockServer *self)
{
  g_return_if_fail (RT_MOCK_IS_SERVER (self));

  g_autoptr (RtMockCore) core = rt_mock_server_ref_core (self);
  if (core != NULL)
    rt_mock_core_drop_all (core);
}

/**
 * rt_mock_server_new_epoch:
 * @self: a server
 * @channel: the channel's name
 *
 * Forgets what was published on a channel, and counts offsets from the beginning in a new epoch. Those who have
 * joined are sent away with the code 2500, upon which clients join again, and learn that they cannot recover.
 */
void
rt_mock_server_new_epoch (RtMockServer *self, const char *channel)
{
  g_return_if_fail (RT_MOCK_IS_SERVER (self));
  g_return_if_fail (channel != NULL);

  g_autoptr (RtMockCore) core = rt_mock_server_ref_core (self);
  if (core != NULL)
    rt_mock_core_new_epoch (core, channel);
}

static void
update_core (RtMockServer *self)
{
  g_autoptr (RtMockCore) core = rt_mock_server_ref_core (self);

  if (core != NULL)
    rt_mock_core_update (core);
}

static gboolean
is_header_value (const char *text)
{
  gsize len = strlen (text);

  for (gsize i = 0; i < len; i++)
    {
      if (!g_ascii_isprint (text[i]))
        return FALSE;
    }
  return len <= RT_MOCK_MAX_RETRY_AFTER;
}

/**
 * rt_mock_server_inject_fault:
 * @self: a server, running or not
 * @fault: what is to go wrong
 * @count: how often, from now on; %G_MAXUINT is until the faults are cleared. %RT_MOCK_FAULT_STALL always is
 *
 * Makes the server do something wrong the next @count times. Repeated calls add up.
 */
void
rt_mock_server_inject_fault (RtMockServer *self, RtMockFault fault, guint count)
{
  g_return_if_fail (RT_MOCK_IS_SERVER (self));
  g_return_if_fail (fault < RT_MOCK_N_FAULTS);

  rt_mock_faults_add (&self->faults, fault, count);
  update_core (self);
}

/**
 * rt_mock_server_inject_refusal:
 * @self: a server, running or not
 * @status: the HTTP status, from 400 to 599
 * @retry_after: (nullable): the value of `Retry-After`, up to 64 characters of printable ASCII; %NULL: none
 * @count: how often, from now on; %G_MAXUINT is until the faults are cleared
 *
 * Makes the server refuse the next @count upgrades and other requests with a status of your choice, until the faults
 * are cleared. The same as %RT_MOCK_FAULT_REFUSE with other words.
 */
void
rt_mock_server_inject_refusal (RtMockServer *self, guint status, const char *retry_after, guint count)
{
  g_return_if_fail (RT_MOCK_IS_SERVER (self));
  g_return_if_fail (status >= 400 && status <= 599);
  g_return_if_fail (retry_after == NULL || is_header_value (retry_after));

  rt_mock_faults_set_refusal (&self->faults, status, retry_after != NULL ? retry_after : "");
  rt_mock_server_inject_fault (self, RT_MOCK_FAULT_REFUSE, count);
}

/**
 * rt_mock_server_clear_faults:
 * @self: a server
 *
 * Makes the server do everything right again. What it held back while stalled goes out.
 */
void
rt_mock_server_clear_faults (RtMockServer *self)
{
  g_return_if_fail (RT_MOCK_IS_SERVER (self));

  rt_mock_faults_clear (&self->faults);
  update_core (self);
}

/**
 * rt_mock_server_get_clients:
 * @self: a server
 *
 * Gets the clients that are connected.
 *
 * Returns: (transfer full) (array zero-terminated=1): their ids, in no particular order; empty while the server
 *   does not run
 */
char **
rt_mock_server_get_clients (RtMockServer *self)
{
  g_return_val_if_fail (RT_MOCK_IS_SERVER (self), NULL);

  g_autoptr (RtMockCore) core = rt_mock_server_ref_core (self);
  return core != NULL ? rt_mock_core_get_clients (core) : g_new0 (char *, 1);
}

/**
 * rt_mock_server_get_messages:
 * @self: a server
 * @channel: (nullable): the channel's name, or %NULL for all
 *
 * Gets what clients have published since the server object was made, in the order in which the server took it.
 *
 * The newest 65,536 publications are remembered, up to 64 MiB.
 *
 * Returns: (transfer full) (array zero-terminated=1): the data of each, as JSON
 */
char **
rt_mock_server_get_messages (RtMockServer *self, const char *channel)
{
  g_return_val_if_fail (RT_MOCK_IS_SERVER (self), NULL);
  return rt_mock_journal_list (&self->journal, channel);
}

/**
 * rt_mock_server_wait_for_messages:
 * @self: a server
 * @n: how many
 * @timeout_ms: how long to wait at most, in milliseconds
 *
 * Blocks until clients have published @n times, counted over all channels since the server object was made. The
 * main loop of the calling thread does not turn meanwhile. Ends early if the server stops.
 *
 * Returns: %TRUE if there are so many
 */
gboolean
rt_mock_server_wait_for_messages (RtMockServer *self, guint n, guint timeout_ms)
{
  g_return_val_if_fail (RT_MOCK_IS_SERVER (self), FALSE);

  g_autoptr (RtMockCore) core = rt_mock_server_ref_core (self);
  if (core != NULL)
    return rt_mock_core_wait (core, n, timeout_ms);
  gboolean expired = TRUE;
  return rt_mock_journal_wait (&self->journal, n, &expired);
}

/**
 * rt_mock_server_get_pong_count:
 * @self: a server
 *
 * Gets how many pings clients have answered since the server object was made.
 *
 * Returns: the number
 */
guint
rt_mock_server_get_pong_count (RtMockServer *self)
{
  g_return_val_if_fail (RT_MOCK_IS_SERVER (self), 0);
  return rt_mock_journal_get_pongs (&self->journal);
}
