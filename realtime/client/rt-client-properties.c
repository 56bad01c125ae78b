/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-private.h"

#include "rt-enum-types.h"
#include "rt-strategy-selector.h"
#include "rt-token-provider.h"

/* The properties of a client: what they are, and telling of their changes. */

static GParamSpec *properties[RT_CLIENT_N_PROPS];

/* --- Declaration --- */

static void
install_parts (void)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  /**
   * RtClient:config: (getter get_config)
   *
   * The configuration that the client was made with.
   */
  properties[RT_CLIENT_PROP_CONFIG] = g_param_spec_object ("config", NULL, NULL, RT_TYPE_CONFIG, flags);
  /**
   * RtClient:token-provider: (getter get_token_provider)
   *
   * Where the tokens of the connection come from, or %NULL where the api key is all that the server wants. It is asked
   * in the client's context, before the first connection and each time that a token is about to expire.
   */
  properties[RT_CLIENT_PROP_TOKEN_PROVIDER]
    = g_param_spec_object ("token-provider", NULL, NULL, RT_TYPE_TOKEN_PROVIDER, flags);
  /**
   * RtClient:strategy-selector: (getter get_strategy_selector)
   *
   * The strategies that the program brings along, for the names in [property@Config:strategies], or %NULL for the
   * built-in ones alone. It is read when the client is made.
   */
  properties[RT_CLIENT_PROP_STRATEGY_SELECTOR]
    = g_param_spec_object ("strategy-selector", NULL, NULL, RT_TYPE_STRATEGY_SELECTOR, flags);
  /**
   * RtClient:event-bus: (getter get_event_bus)
   *
   * The bus on which the client puts everything that happens. Without one the client makes its own, on which all
   * subscriptions end when the client is closed. One that the program gives may be shared by several clients, and outlives
   * them.
   */
  properties[RT_CLIENT_PROP_EVENT_BUS] = g_param_spec_object ("event-bus", NULL, NULL, RT_TYPE_EVENT_BUS, flags);
  /**
   * RtClient:channels: (getter get_channels)
   *
   * The channels that are joined or wanted, a list model of [class@Channel]. It belongs to the client's context.
   */
  properties[RT_CLIENT_PROP_CHANNELS]
    = g_param_spec_object ("channels", NULL, NULL, G_TYPE_LIST_MODEL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
install_connection (void)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  /**
   * RtClient:state: (getter get_state)
   *
   * The state of the connection. What a call has achieved can be read as soon as it returns; the notification
   * follows in the client's context.
   */
  properties[RT_CLIENT_PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, RT_TYPE_CONNECTION_STATE,
                                                        RT_CONNECTION_STATE_DISCONNECTED, flags);
  /**
   * RtClient:state-code: (getter get_state_code)
   *
   * The close code that the state was entered with, 0 if there is none.
   */
  properties[RT_CLIENT_PROP_STATE_CODE] = g_param_spec_uint ("state-code", NULL, NULL, 0, G_MAXUINT, 0, flags);
  /**
   * RtClient:state-reason: (getter get_state_reason)
   *
   * Why the state was entered, in words for people, empty if there is nothing to say.
   */
  properties[RT_CLIENT_PROP_STATE_REASON] = g_param_spec_string ("state-reason", NULL, NULL, "", flags);
  /**
   * RtClient:attempt: (getter get_attempt)
   *
   * How many attempts to connect have been made or announced since the connection was last held, 0 while it is.
   */
  properties[RT_CLIENT_PROP_ATTEMPT] = g_param_spec_uint ("attempt", NULL, NULL, 0, G_MAXUINT, 0, flags);
  /**
   * RtClient:retry-in: (getter get_retry_in)
   *
   * The milliseconds from the change of state to the next attempt, 0 if none is waited for.
   */
  properties[RT_CLIENT_PROP_RETRY_IN] = g_param_spec_uint ("retry-in", NULL, NULL, 0, G_MAXUINT, 0, flags);
  /**
   * RtClient:client-id: (getter get_client_id)
   *
   * The id that the server gave to this connection, or %NULL while there is none.
   */
  properties[RT_CLIENT_PROP_CLIENT_ID] = g_param_spec_string ("client-id", NULL, NULL, NULL, flags);
  /**
   * RtClient:transport: (getter get_transport)
   *
   * The name of the transport in use, such as `websocket`, or %NULL while there is no connection.
   */
  properties[RT_CLIENT_PROP_TRANSPORT] = g_param_spec_string ("transport", NULL, NULL, NULL, flags);
}

static void
install_figures (void)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  /**
   * RtClient:queued-messages: (getter get_queued_messages)
   *
   * How many messages wait in the send queue for a connection.
   */
  properties[RT_CLIENT_PROP_QUEUED_MESSAGES]
    = g_param_spec_uint ("queued-messages", NULL, NULL, 0, G_MAXUINT, 0, flags);
  /**
   * RtClient:queued-bytes: (getter get_queued_bytes)
   *
   * The bytes of the messages that wait in the send queue.
   */
  properties[RT_CLIENT_PROP_QUEUED_BYTES] = g_param_spec_uint ("queued-bytes", NULL, NULL, 0, G_MAXUINT, 0, flags);
  /**
   * RtClient:latency: (getter get_latency)
   *
   * The time in microseconds that the last [method@Client.ping_async] took to the server and back, -1 before the
   * first.
   */
  properties[RT_CLIENT_PROP_LATENCY] = g_param_spec_int64 ("latency", NULL, NULL, -1, G_MAXINT64, -1, flags);
}

static void
rt_client_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  RtClient *self = RT_CLIENT (object);

  switch ((RtClientProperty) prop_id)
    {
    case RT_CLIENT_PROP_CONFIG:
      g_value_set_object (value, rt_client_get_config (self));
      break;
    case RT_CLIENT_PROP_TOKEN_PROVIDER:
      g_value_take_object (value, rt_client_get_token_provider (self));
      break;
    case RT_CLIENT_PROP_STRATEGY_SELECTOR:
      g_value_take_object (value, rt_client_get_strategy_selector (self));
      break;
    case RT_CLIENT_PROP_EVENT_BUS:
      g_value_set_object (value, rt_client_get_event_bus (self));
      break;
    case RT_CLIENT_PROP_CHANNELS:
      g_value_set_object (value, rt_client_get_channels (self));
      break;
    case RT_CLIENT_PROP_STATE:
      g_value_set_enum (value, (int) rt_client_get_state (self));
      break;
    case RT_CLIENT_PROP_STATE_CODE:
      g_value_set_uint (value, rt_client_get_state_code (self));
      break;
    case RT_CLIENT_PROP_STATE_REASON:
      g_value_take_string (value, rt_client_get_state_reason (self));
      break;
    case RT_CLIENT_PROP_ATTEMPT:
      g_value_set_uint (value, rt_client_get_attempt (self));
      break;
    case RT_CLIENT_PROP_RETRY_IN:
      g_value_set_uint (value, rt_client_get_retry_in (self));
      break;
    case RT_CLIENT_PROP_CLIENT_ID:
      g_value_take_string (value, rt_client_get_client_id (self));
      break;
    case RT_CLIENT_PROP_TRANSPORT:
      g_value_set_string (value, rt_client_get_transport (self));
      break;
    case RT_CLIENT_PROP_QUEUED_MESSAGES:
      g_value_set_uint (value, rt_client_get_queued_messages (self));
      break;
    case RT_CLIENT_PROP_QUEUED_BYTES:
      g_value_set_uint (value, rt_client_get_queued_bytes (self));
      break;
    case RT_CLIENT_PROP_LATENCY:
      g_value_set_int64 (value, rt_client_get_latency (self));
      break;
    case RT_CLIENT_PROP_0:
    case RT_CLIENT_N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

void
rt_client_install_properties (GObjectClass *object_class)
{
  object_class->get_property = rt_client_get_property;
  install_parts ();
  install_connection ();
  install_figures ();
  g_object_class_install_properties (object_class, RT_CLIENT_N_PROPS, properties);
}

/* --- Changes --- */

static void
notify_if (RtClient *self, RtClientProperty prop, gboolean changed)
{
  if (changed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[prop]);
}

static gboolean
texts_differ (const char *a, const char *b)
{
  return g_strcmp0 (a != NULL ? a : "", b != NULL ? b : "") != 0;
}

/* A state that was left again in between is told of all the same. A handler may run a loop in which more changes are
 * told, so nothing of @shown is used after the first one. */
void
rt_client_notify_changes (RtClient *self, RtClientShown *shown, gboolean state_changed)
{
  RtClientShown old = *shown;

  rt_connection_get_status (rt_client_get_connection (self), &shown->status);
  shown->client_id = rt_client_get_client_id (self);
  shown->transport = rt_client_get_transport (self);
  const RtConnectionStatus now = shown->status;
  gboolean new_reason = texts_differ (old.status.reason, now.reason);
  gboolean new_id = texts_differ (old.client_id, shown->client_id);
  gboolean new_transport = texts_differ (old.transport, shown->transport);

  notify_if (self, RT_CLIENT_PROP_STATE, state_changed);
  notify_if (self, RT_CLIENT_PROP_STATE_CODE, old.status.code != now.code);
  notify_if (self, RT_CLIENT_PROP_STATE_REASON, new_reason);
  notify_if (self, RT_CLIENT_PROP_ATTEMPT, old.status.attempt != now.attempt);
  notify_if (self, RT_CLIENT_PROP_RETRY_IN, old.status.retry_in != now.retry_in);
  notify_if (self, RT_CLIENT_PROP_CLIENT_ID, new_id);
  notify_if (self, RT_CLIENT_PROP_TRANSPORT, new_transport);
  notify_if (self, RT_CLIENT_PROP_QUEUED_MESSAGES, old.status.queued_messages != now.queued_messages);
  notify_if (self, RT_CLIENT_PROP_QUEUED_BYTES, old.status.queued_bytes != now.queued_bytes);
  rt_client_shown_clear (&old);
}

void
rt_client_shown_clear (RtClientShown *shown)
{
  rt_connection_status_clear (&shown->status);
  g_clear_pointer (&shown->client_id, g_free);
}

void
rt_client_notify_latency (RtClient *self, gpointer unused)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[RT_CLIENT_PROP_LATENCY]);
}
