/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-server-private.h"

/* Each setting is read when the server starts. Guarded by the lock, so that any thread may set it; notify is
 * emitted without it. */

static GParamSpec *properties[N_PROPS];

static void
notify (RtMockServer *self, guint prop_id)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[prop_id]);
}

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
    notify (self, prop_id);
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
    notify (self, prop_id);
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
    notify (self, PROP_API_KEYS);
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

  g_mutex_lock (&self->lock);
  char *secret = g_strdup (self->options.token_secret);
  g_mutex_unlock (&self->lock);
  return secret;
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

  g_mutex_lock (&self->lock);
  gboolean changed = g_strcmp0 (self->options.token_secret, token_secret) != 0;
  if (changed)
    {
      g_free (self->options.token_secret);
      self->options.token_secret = g_strdup (token_secret);
    }
  g_mutex_unlock (&self->lock);
  if (changed)
    notify (self, PROP_TOKEN_SECRET);
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

/* --- As properties --- */

static void
rt_mock_server_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  RtMockServer *self = RT_MOCK_SERVER (object);

  switch (prop_id)
    {
    case PROP_PORT:
      g_value_set_uint (value, rt_mock_server_get_port (self));
      break;
    case PROP_API_KEYS:
      g_value_take_boxed (value, rt_mock_server_get_api_keys (self));
      break;
    case PROP_TOKEN_SECRET:
      g_value_take_string (value, rt_mock_server_get_token_secret (self));
      break;
    case PROP_AUTH_REQUIRED:
      g_value_set_boolean (value, rt_mock_server_get_auth_required (self));
      break;
    case PROP_PING_INTERVAL:
      g_value_set_uint (value, rt_mock_server_get_ping_interval (self));
      break;
    case PROP_HISTORY_SIZE:
      g_value_set_uint (value, rt_mock_server_get_history_size (self));
      break;
    case PROP_HISTORY_TTL:
      g_value_set_uint (value, rt_mock_server_get_history_ttl (self));
      break;
    case PROP_PRESENCE:
      g_value_set_boolean (value, rt_mock_server_get_presence (self));
      break;
    case PROP_JOIN_LEAVE:
      g_value_set_boolean (value, rt_mock_server_get_join_leave (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
rt_mock_server_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  RtMockServer *self = RT_MOCK_SERVER (object);

  switch (prop_id)
    {
    case PROP_PORT:
      rt_mock_server_set_port (self, g_value_get_uint (value));
      break;
    case PROP_API_KEYS:
      rt_mock_server_set_api_keys (self, g_value_get_boxed (value));
      break;
    case PROP_TOKEN_SECRET:
      rt_mock_server_set_token_secret (self, g_value_get_string (value));
      break;
    case PROP_AUTH_REQUIRED:
      rt_mock_server_set_auth_required (self, g_value_get_boolean (value));
      break;
    case PROP_PING_INTERVAL:
      rt_mock_server_set_ping_interval (self, g_value_get_uint (value));
      break;
    case PROP_HISTORY_SIZE:
      rt_mock_server_set_history_size (self, g_value_get_uint (value));
      break;
    case PROP_HISTORY_TTL:
      rt_mock_server_set_history_ttl (self, g_value_get_uint (value));
      break;
    case PROP_PRESENCE:
      rt_mock_server_set_presence (self, g_value_get_boolean (value));
      break;
    case PROP_JOIN_LEAVE:
      rt_mock_server_set_join_leave (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

#define FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

static void
make_connection_properties (void)
{
  /**
   * RtMockServer:port:
   *
   * The port to listen on. 0 takes a free one, whose number the property has after the first start. 65,535 at
   * most.
   */
  properties[PROP_PORT] = g_param_spec_uint ("port", NULL, NULL, 0, G_MAXUINT, 0, FLAGS);

  /**
   * RtMockServer:api-keys:
   *
   * The keys that clients are let in with. Empty, every key is accepted, and none too unless
   * [property@Server:auth-required] is set.
   */
  properties[PROP_API_KEYS] = g_param_spec_boxed ("api-keys", NULL, NULL, G_TYPE_STRV, FLAGS);

  /**
   * RtMockServer:token-secret:
   *
   * The secret that tokens of clients are signed with (JSON Web Tokens, HS256); %NULL if tokens are not
   * understood.
   */
  properties[PROP_TOKEN_SECRET] = g_param_spec_string ("token-secret", NULL, NULL, NULL, FLAGS);

  /**
   * RtMockServer:auth-required:
   *
   * Whether a client without any key or token is refused although [property@Server:api-keys] is empty.
   */
  properties[PROP_AUTH_REQUIRED] = g_param_spec_boolean ("auth-required", NULL, NULL, FALSE, FLAGS);

  /**
   * RtMockServer:ping-interval:
   *
   * How often clients are pinged, in milliseconds; 0 is never. Clients are told whole seconds, at least one.
   */
  properties[PROP_PING_INTERVAL] =
      g_param_spec_uint ("ping-interval", NULL, NULL, 0, G_MAXUINT, RT_MOCK_PING_INTERVAL_DEFAULT, FLAGS);
}

static void
make_channel_properties (void)
{
  /**
   * RtMockServer:history-size:
   *
   * How many publications of a channel are kept; 0 is none, and then nothing can be recovered.
   */
  properties[PROP_HISTORY_SIZE] =
      g_param_spec_uint ("history-size", NULL, NULL, 0, G_MAXUINT, RT_MOCK_HISTORY_SIZE_DEFAULT, FLAGS);

  /**
   * RtMockServer:history-ttl:
   *
   * How long a publication is kept, in milliseconds, from 1.
   */
  properties[PROP_HISTORY_TTL] =
      g_param_spec_uint ("history-ttl", NULL, NULL, 0, G_MAXUINT, RT_MOCK_HISTORY_TTL_DEFAULT, FLAGS);

  /**
   * RtMockServer:presence:
   *
   * Whether clients may ask who is in a channel.
   */
  properties[PROP_PRESENCE] = g_param_spec_boolean ("presence", NULL, NULL, TRUE, FLAGS);

  /**
   * RtMockServer:join-leave:
   *
   * Whether all in a channel are told who joins and leaves it. If not, those are who ask for it when they join.
   */
  properties[PROP_JOIN_LEAVE] = g_param_spec_boolean ("join-leave", NULL, NULL, TRUE, FLAGS);
}

void
rt_mock_server_install_properties (GObjectClass *object_class)
{
  object_class->get_property = rt_mock_server_get_property;
  object_class->set_property = rt_mock_server_set_property;
  make_connection_properties ();
  make_channel_properties ();
  g_object_class_install_properties (object_class, N_PROPS, properties);
}
