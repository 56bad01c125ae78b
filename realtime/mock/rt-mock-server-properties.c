/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-server-private.h"

/* The settings as properties; rt-mock-server-settings.c has them. */

static GParamSpec *properties[N_PROPS];

void
rt_mock_server_notify (RtMockServer *self, guint prop_id)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[prop_id]);
}

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
    case PROP_TOKEN_TTL:
      g_value_set_uint (value, rt_mock_server_get_token_ttl (self));
      break;
    case PROP_DELAY:
      g_value_set_uint (value, rt_mock_server_get_delay (self));
      break;
    case PROP_JOURNAL:
      g_value_take_string (value, rt_mock_server_get_journal (self));
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
    case PROP_TOKEN_TTL:
      rt_mock_server_set_token_ttl (self, g_value_get_uint (value));
      break;
    case PROP_DELAY:
      rt_mock_server_set_delay (self, g_value_get_uint (value));
      break;
    case PROP_JOURNAL:
      rt_mock_server_set_journal (self, g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

#define FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

static void
make_access_properties (void)
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
   * RtMockServer:token-ttl:
   *
   * After how many seconds a connection that was let in without a token that says so expires; 0 is never.
   */
  properties[PROP_TOKEN_TTL] = g_param_spec_uint ("token-ttl", NULL, NULL, 0, G_MAXUINT, 0, FLAGS);
}

static void
make_time_properties (void)
{
  /**
   * RtMockServer:ping-interval:
   *
   * How often clients are pinged, in milliseconds; 0 is never. Clients are told whole seconds, at least one.
   */
  properties[PROP_PING_INTERVAL] =
      g_param_spec_uint ("ping-interval", NULL, NULL, 0, G_MAXUINT, RT_MOCK_PING_INTERVAL_DEFAULT, FLAGS);

  /**
   * RtMockServer:delay:
   *
   * How long %RT_MOCK_FAULT_DELAY holds things back, in milliseconds.
   */
  properties[PROP_DELAY] = g_param_spec_uint ("delay", NULL, NULL, 0, G_MAXUINT, RT_MOCK_DELAY_DEFAULT, FLAGS);
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
   * RtMockServer:journal:
   *
   * The path of a file that keeps what is published over a restart; %NULL has everything in memory.
   */
  properties[PROP_JOURNAL] = g_param_spec_string ("journal", NULL, NULL, NULL, FLAGS);

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
  make_access_properties ();
  make_time_properties ();
  make_channel_properties ();
  g_object_class_install_properties (object_class, N_PROPS, properties);
}
