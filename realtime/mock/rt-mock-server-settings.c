/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-server-private.h"

/* Each setting is read when the server starts. Guarded by the lock, so that any thread may set it; notify is
 * emitted without it. */

static guint
get_uint (RtMockServer *self, const guint *field)
{
  g_mutex_lock (&self->lock);
  guint value = *field;
  g_mutex_unlock (&self->lock);
  return value;
}

static void
set_uint (RtMockServer *self, guint prop_id, guint *field, guint value)
{
  g_mutex_lock (&self->lock);
  gboolean changed = *field != value;
  *field = value;
  g_mutex_unlock (&self->lock);
  if (changed)
    rt_mock_server_notify (self, prop_id);
}

static gboolean
get_boolean (RtMockServer *self, const gboolean *field)
{
  g_mutex_lock (&self->lock);
  gboolean value = *field;
  g_mutex_unlock (&self->lock);
  return value;
}

static void
set_boolean (RtMockServer *self, guint prop_id, gboolean *field, gboolean value)
{
  value = !!value;
  g_mutex_lock (&self->lock);
  gboolean changed = *field != value;
  *field = value;
  g_mutex_unlock (&self->lock);
  if (changed)
    rt_mock_server_notify (self, prop_id);
}

static char *
dup_string (RtMockServer *self, char *const *field)
{
  g_mutex_lock (&self->lock);
  char *value = g_strdup (*field);
  g_mutex_unlock (&self->lock);
  return value;
}

static void
set_string (RtMockServer *self, guint prop_id, char **field, const char *value)
{
  g_mutex_lock (&self->lock);
  gboolean changed = g_strcmp0 (*field, value) != 0;
  if (changed)
    {
      g_free (*field);
      *field = g_strdup (value);
    }
  g_mutex_unlock (&self->lock);
  if (changed)
    rt_mock_server_notify (self, prop_id);
}

/**
 * rt_mock_server_get_port: (attributes org.gtk.Method.get_property=port)
 * @self: a server
 *
 * Gets the port to listen on. 0 takes a free one, whose number the property has after the first start. 65,535 at
 * most.
 *
 * Returns: the port, or 0
 */
guint
rt_mock_server_get_port (RtMockServer *self)
{
  g_return_val_if_fail (RT_MOCK_IS_SERVER (self), 0);
  return get_uint (self, &self->port);
}

/**
 * rt_mock_server_set_port: (attributes org.gtk.Method.set_property=port)
 * @self: a server
 * @port: the port, or 0
 *
 * Sets the port to listen on. 0 takes a free one, whose number the property has after the first start. 65,535 at
 * most.
 */
void
rt_mock_server_set_port (RtMockServer *self, guint port)
{
  g_return_if_fail (RT_MOCK_IS_SERVER (self));
  set_uint (self, PROP_PORT, &self->port, port);
}

/**
 * rt_mock_server_get_api_keys: (attributes org.gtk.Method.get_property=api-keys)
 * @self: a server
 *
 * Gets the keys that clients are let in with. Empty, every key is accepted, and none too unless
 * [property@Server:auth-required] is set.
 *
 * Returns: (transfer full) (array zero-terminated=1): a copy of the keys
 */
char **
rt_mock_server_get_api_keys (RtMockServer *self)
{
  g_return_val_if_fail (RT_MOCK_IS_SERVER (self), NULL);

  g_mutex_lock (&self->lock);
  char **keys = g_strdupv (self->options.api_keys);
  g_mutex_unlock (&self->lock);
  return keys;
}

/**
 * rt_mock_server_set_api_keys: (attributes org.gtk.Method.set_property=api-keys)
 * @self: a server
 * @api_keys: (nullable) (array zero-terminated=1): the keys; %NULL is none
 *
 * Sets the keys that clients are let in with. Empty, every key is accepted, and none too unless
 * [property@Server:auth-required] is set.
 */
void
rt_mock_server_set_api_keys (RtMockServer *self, const char *const *api_keys)
{
  static const char *const none[] = { NULL };
  const char *const *keys = api_keys != NULL ? api_keys : none;

  g_return_if_fail (RT_MOCK_IS_SERVER (self));

  g_mutex_lock (&self->lock);
  gboolean changed = !g_strv_equal ((const char *const *) self->options.api_keys, keys);
  if (changed)
    {
      g_strfreev (self->options.api_keys);
      self->options.api_keys = g_strdupv ((char **) keys);
    }
  g_mutex_unlock (&self->lock);
  if (changed)
    rt_mock_server_notify (self, PROP_API_KEYS);
}

/**
 * rt_mock_server_get_token_secret: (attributes org.gtk.Method.get_property=token-secret)
 * @self: a server
 *
 * Gets the secret that tokens of clients are signed with (JSON Web Tokens, HS256).
 *
 * Returns: (transfer full) (nullable): a copy of the secret, or %NULL if tokens are not understood
 */
char *
rt_mock_server_get_token_secret (RtMockServer *self)
{
  g_return_val_if_fail (RT_MOCK_IS_SERVER (self), NULL);

  return dup_string (self, &self->options.token_secret);
}

/**
 * rt_mock_server_set_token_secret: (attributes org.gtk.Method.set_property=token-secret)
 * @self: a server
 * @token_secret: (nullable): the secret, or %NULL if tokens are not understood
 *
 * Sets the secret that tokens of clients are signed with (JSON Web Tokens, HS256). A token needs a `sub`, the user's
 * id; an `exp` in the past makes the client ask for a new one.
 */
void
rt_mock_server_set_token_secret (RtMockServer *self, const char *token_secret)
{
  g_return_if_fail (RT_MOCK_IS_SERVER (self));
  set_string (self, PROP_TOKEN_SECRET, &self->options.token_secret, token_secret);
}

/**
 * rt_mock_server_get_auth_required: (attributes org.gtk.Method.get_property=auth-required)
 * @self: a server
 *
 * Gets whether a client without any key or token is refused although [property@Server:api-keys] is empty.
 *
 * Returns: %TRUE if it is refused
 */
gboolean
rt_mock_server_get_auth_required (RtMockServer *self)
{
  g_return_val_if_fail (RT_MOCK_IS_SERVER (self), FALSE);
  return get_boolean (self, &self->options.auth_required);
}

/**
 * rt_mock_server_set_auth_required: (attributes org.gtk.Method.set_property=auth-required)
 * @self: a server
 * @auth_required: %TRUE if it is refused
 *
 * Sets whether a client without any key or token is refused although [property@Server:api-keys] is empty.
 */
void
rt_mock_server_set_auth_required (RtMockServer *self, gboolean auth_required)
{
  g_return_if_fail (RT_MOCK_IS_SERVER (self));
  set_boolean (self, PROP_AUTH_REQUIRED, &self->options.auth_required, auth_required);
}

/**
 * rt_mock_server_get_ping_interval: (attributes org.gtk.Method.get_property=ping-interval)
 * @self: a server
 *
 * Gets how often clients are pinged, in milliseconds; 0 is never. Clients are told whole seconds, at least one.
 *
 * Returns: the interval in milliseconds, or 0
 */
guint
rt_mock_server_get_ping_interval (RtMockServer *self)
{
  g_return_val_if_fail (RT_MOCK_IS_SERVER (self), 0);
  return get_uint (self, &self->options.ping_interval);
}

/**
 * rt_mock_server_set_ping_interval: (attributes org.gtk.Method.set_property=ping-interval)
 * @self: a server
 * @ping_interval: the interval in milliseconds, or 0
 *
 * Sets how often clients are pinged, in milliseconds; 0 is never. Clients are told whole seconds, at least one.
 */
void
rt_mock_server_set_ping_interval (RtMockServer *self, guint ping_interval)
{
  g_return_if_fail (RT_MOCK_IS_SERVER (self));
  set_uint (self, PROP_PING_INTERVAL, &self->options.ping_interval, ping_interval);
}

/**
 * rt_mock_server_get_history_size: (attributes org.gtk.Method.get_property=history-size)
 * @self: a server
 *
 * Gets how many publications of a channel are kept; 0 is none, and then nothing can be recovered.
 *
 * Returns: the number of publications, or 0
 */
guint
rt_mock_server_get_history_size (RtMockServer *self)
{
  g_return_val_if_fail (RT_MOCK_IS_SERVER (self), 0);
  return get_uint (self, &self->options.history_size);
}

/**
 * rt_mock_server_set_history_size: (attributes org.gtk.Method.set_property=history-size)
 * @self: a server
 * @history_size: the number of publications, or 0
 *
 * Sets how many publications of a channel are kept; 0 is none, and then nothing can be recovered.
 */
void
rt_mock_server_set_history_size (RtMockServer *self, guint history_size)
{
  g_return_if_fail (RT_MOCK_IS_SERVER (self));
  set_uint (self, PROP_HISTORY_SIZE, &self->options.history_size, history_size);
}

/**
 * rt_mock_server_get_history_ttl: (attributes org.gtk.Method.get_property=history-ttl)
 * @self: a server
 *
 * Gets how long a publication is kept, in milliseconds, from 1.
 *
 * Returns: the time in milliseconds
 */
guint
rt_mock_server_get_history_ttl (RtMockServer *self)
{
  g_return_val_if_fail (RT_MOCK_IS_SERVER (self), 0);
  return get_uint (self, &self->options.history_ttl);
}

/**
 * rt_mock_server_set_history_ttl: (attributes org.gtk.Method.set_property=history-ttl)
 * @self: a server
 * @history_ttl: the time in milliseconds
 *
 * Sets how long a publication is kept, in milliseconds, from 1.
 */
void
rt_mock_server_set_history_ttl (RtMockServer *self, guint history_ttl)
{
  g_return_if_fail (RT_MOCK_IS_SERVER (self));
  set_uint (self, PROP_HISTORY_TTL, &self->options.history_ttl, history_ttl);
}

/**
 * rt_mock_server_get_presence: (attributes org.gtk.Method.get_property=presence)
 * @self: a server
 *
 * Gets whether clients may ask who is in a channel.
 *
 * Returns: %TRUE if they may
 */
gboolean
rt_mock_server_get_presence (RtMockServer *self)
{
  g_return_val_if_fail (RT_MOCK_IS_SERVER (self), FALSE);
  return get_boolean (self, &self->options.presence);
}

/**
 * rt_mock_server_set_presence: (attributes org.gtk.Method.set_property=presence)
 * @self: a server
 * @presence: %TRUE if they may
 *
 * Sets whether clients may ask who is in a channel.
 */
void
rt_mock_server_set_presence (RtMockServer *self, gboolean presence)
{
  g_return_if_fail (RT_MOCK_IS_SERVER (self));
  set_boolean (self, PROP_PRESENCE, &self->options.presence, presence);
}

/**
 * rt_mock_server_get_join_leave: (attributes org.gtk.Method.get_property=join-leave)
 * @self: a server
 *
 * Gets whether all in a channel are told who joins and leaves it. If not, those are who ask for it when they join.
 *
 * Returns: %TRUE if all are told
 */
gboolean
rt_mock_server_get_join_leave (RtMockServer *self)
{
  g_return_val_if_fail (RT_MOCK_IS_SERVER (self), FALSE);
  return get_boolean (self, &self->options.join_leave);
}

/**
 * rt_mock_server_set_join_leave: (attributes org.gtk.Method.set_property=join-leave)
 * @self: a server
 * @join_leave: %TRUE if all are told
 *
 * Sets whether all in a channel are told who joins and leaves it. If not, those are who ask for it when they join.
 */
void
rt_mock_server_set_join_leave (RtMockServer *self, gboolean join_leave)
{
  g_return_if_fail (RT_MOCK_IS_SERVER (self));
  set_boolean (self, PROP_JOIN_LEAVE, &self->options.join_leave, join_leave);
}

/**
 * rt_mock_server_get_token_ttl: (attributes org.gtk.Method.get_property=token-ttl)
 * @self: a server
 *
 * Gets after how many seconds a connection that was let in without a token that says so expires; 0 is never.
 *
 * Returns: the time in seconds, or 0
 */
guint
rt_mock_server_get_token_ttl (RtMockServer *self)
{
  g_return_val_if_fail (RT_MOCK_IS_SERVER (self), 0);
  return get_uint (self, &self->options.token_ttl);
}

/**
 * rt_mock_server_set_token_ttl: (attributes org.gtk.Method.set_property=token-ttl)
 * @self: a server
 * @token_ttl: the time in seconds, or 0
 *
 * Sets after how many seconds a connection that was let in without a token that says so expires; 0 is never. Clients
 * are told, and have to refresh their key in time.
 */
void
rt_mock_server_set_token_ttl (RtMockServer *self, guint token_ttl)
{
  g_return_if_fail (RT_MOCK_IS_SERVER (self));
  set_uint (self, PROP_TOKEN_TTL, &self->options.token_ttl, token_ttl);
}

/**
 * rt_mock_server_get_journal: (attributes org.gtk.Method.get_property=journal)
 * @self: a server
 *
 * Gets the path of the file that keeps what is published.
 *
 * Returns: (transfer full) (nullable) (type filename): a copy of the path, or %NULL if everything is in memory
 */
char *
rt_mock_server_get_journal (RtMockServer *self)
{
  g_return_val_if_fail (RT_MOCK_IS_SERVER (self), NULL);
  return dup_string (self, &self->options.journal);
}

/**
 * rt_mock_server_set_journal: (attributes org.gtk.Method.set_property=journal)
 * @self: a server
 * @journal: (nullable) (type filename): the path, or %NULL to have everything in memory
 *
 * Sets the path of a file that keeps what is published: one JSON object a line, with `channel`, `epoch`, `offset`,
 * `id`, `time` (µs, UTC), `user`, `client`, `info` and `data` as far as there is something to say.
 *
 * What is acknowledged or delivered was on the disk before, so a server that was killed and is started with the
 * same file goes on where it was, with epochs, offsets, history, and the ids of what was sent already. The file grows
 * without end.
 */
void
rt_mock_server_set_journal (RtMockServer *self, const char *journal)
{
  g_return_if_fail (RT_MOCK_IS_SERVER (self));
  set_string (self, PROP_JOURNAL, &self->options.journal, journal);
}

/**
 * rt_mock_server_get_delay: (attributes org.gtk.Method.get_property=delay)
 * @self: a server
 *
 * Gets how long %RT_MOCK_FAULT_DELAY holds things back, in milliseconds.
 *
 * Returns: the time in milliseconds
 */
guint
rt_mock_server_get_delay (RtMockServer *self)
{
  g_return_val_if_fail (RT_MOCK_IS_SERVER (self), 0);
  return get_uint (self, &self->options.delay);
}

/**
 * rt_mock_server_set_delay: (attributes org.gtk.Method.set_property=delay)
 * @self: a server
 * @delay: the time in milliseconds
 *
 * Sets how long %RT_MOCK_FAULT_DELAY holds things back, in milliseconds.
 */
void
rt_mock_server_set_delay (RtMockServer *self, guint delay)
{
  g_return_if_fail (RT_MOCK_IS_SERVER (self));
  set_uint (self, PROP_DELAY, &self->options.delay, delay);
}
