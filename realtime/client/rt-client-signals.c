/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-private.h"

#include <string.h>
#include "rt-error.h"
#include "rt-message-private.h"

/* The signals of a client: what they carry, and their emission in the client's context with no lock held. */

enum
{
  SIGNAL_MESSAGE,
  SIGNAL_CONNECTED,
  SIGNAL_DISCONNECTED,
  SIGNAL_RECONNECTING,
  SIGNAL_MESSAGE_DROPPED,
  SIGNAL_TOKEN_REFRESHED,
  SIGNAL_ERROR,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

/* --- Declaration --- */

static void
install_message_signals (GType type)
{
  /**
   * RtClient::message:
   * @self: the client
   * @message: the message
   *
   * Emitted for each message of any joined channel, in the client's context and in the server's order within a
   * channel. The detail is the channel's name: `message::news`.
   */
  signals[SIGNAL_MESSAGE]
    = g_signal_new ("message", type, G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED, 0, NULL, NULL,
                    g_cclosure_marshal_VOID__OBJECT, G_TYPE_NONE, 1, RT_TYPE_MESSAGE);
  g_signal_set_va_marshaller (signals[SIGNAL_MESSAGE], type, g_cclosure_marshal_VOID__OBJECTv);
  /**
   * RtClient::message-dropped:
   * @self: the client
   * @message: the message, as it was to be sent, or as it came
   * @error: why nobody will have it, such as %RT_ERROR_EXPIRED
   *
   * Emitted in the client's context for each message of this client that had been accepted for sending and is given up,
   * unless its call was cancelled, and for each that a middleware has stopped, on its way out or in. The call that sent it,
   * if it waits, fails with the same error. Such a message was not delivered, and will not be, but where the error is
   * %RT_ERROR_OUTCOME_UNKNOWN: that one may have been.
   *
   * Emitted also for each message that came, from anybody, when its time to live was over by the server's clock. Its
   * error is %RT_ERROR_EXPIRED, and it is the only thing that tells of it: for the channel it counts as received.
   */
  signals[SIGNAL_MESSAGE_DROPPED] = g_signal_new ("message-dropped", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                                  G_TYPE_NONE, 2, RT_TYPE_MESSAGE, G_TYPE_ERROR);
}

static void
install_connection_signals (GType type)
{
  /**
   * RtClient::connected:
   * @self: the client
   *
   * Emitted in the client's context when the server has accepted this client, the first time and after each
   * reconnection.
   */
  signals[SIGNAL_CONNECTED]
    = g_signal_new ("connected", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  /**
   * RtClient::disconnected:
   * @self: the client
   * @code: the close code: the server's, 1000 where this side ended it, 1006 where the line broke
   * @reason: the server's reason, maybe empty
   * @will_retry: whether the client connects again by itself
   *
   * Emitted in the client's context when a connection has ended.
   */
  signals[SIGNAL_DISCONNECTED]
    = g_signal_new ("disconnected", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3, G_TYPE_UINT,
                    G_TYPE_STRING, G_TYPE_BOOLEAN);
  /**
   * RtClient::reconnecting:
   * @self: the client
   * @attempt: the number of the attempt that comes next, from 1
   * @delay_ms: the time until then, in milliseconds
   *
   * Emitted in the client's context each time that the client begins to wait for its next attempt to connect.
   * [method@Client.reconnect_now] cuts the waiting short.
   */
  signals[SIGNAL_RECONNECTING] = g_signal_new ("reconnecting", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                               G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_UINT);
}

void
rt_client_install_signals (GType type)
{
  install_message_signals (type);
  install_connection_signals (type);
  rt_client_install_event_signal (type);
  /**
   * RtClient::token-refreshed:
   * @self: the client
   * @channel: (nullable): the name of the channel whose token it is, or %NULL for the connection's
   *
   * Emitted in the client's context when the server has accepted a new token in place of one that was about to
   * expire.
   */
  signals[SIGNAL_TOKEN_REFRESHED] = g_signal_new ("token-refreshed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                                  G_TYPE_NONE, 1, G_TYPE_STRING);
  /**
   * RtClient::error:
   * @self: the client
   * @error: what happened
   *
   * Emitted in the client's context for errors that are no call's result, such as a connection that is given up, a token
   * that could not be renewed, or the failure of a send that nobody waits for. A line that is lost and made again is no
   * error: [signal@Client::disconnected] tells of it.
   */
  signals[SIGNAL_ERROR]
    = g_signal_new ("error", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

/* --- Emission --- */

void
rt_client_emit_message (RtClient *self, RtChannel *channel, RtMessage *message)
{
  /* No quark is ever made from a name that came from outside. */
  g_signal_emit (self, signals[SIGNAL_MESSAGE], rt_channel_get_detail (channel), message);
  if (G_UNLIKELY (rt_client_wants_event (self, RT_EVENT_TYPE_MESSAGE_RECEIVED)) && !rt_channel_is_muted (channel))
    rt_client_tell (self, &(RtEventParts) { .type = RT_EVENT_TYPE_MESSAGE_RECEIVED, .message = message });
}

static void
tell_details (RtClient *self, RtEventType type, GVariantDict *details)
{
  rt_client_tell (self, &(RtEventParts) { .type = type, .variant = g_variant_dict_end (details) });
}

void
rt_client_emit_connected (RtClient *self)
{
  GVariantDict details;

  g_signal_emit (self, signals[SIGNAL_CONNECTED], 0);
  if (!rt_client_wants_event (self, RT_EVENT_TYPE_CONNECTED))
    return;
  g_autofree char *client_id = rt_client_get_client_id (self);
  const char *transport = rt_client_get_transport (self);
  g_variant_dict_init (&details, NULL);
  g_variant_dict_insert (&details, "client-id", "s", client_id != NULL ? client_id : "");
  g_variant_dict_insert (&details, "transport", "s", transport != NULL ? transport : "");
  tell_details (self, RT_EVENT_TYPE_CONNECTED, &details);
}

void
rt_client_emit_disconnected (RtClient *self, guint code, const char *reason, gboolean will_retry)
{
  GVariantDict details;

  g_signal_emit (self, signals[SIGNAL_DISCONNECTED], 0, code, reason, will_retry);
  if (!rt_client_wants_event (self, RT_EVENT_TYPE_DISCONNECTED))
    return;
  g_variant_dict_init (&details, NULL);
  g_variant_dict_insert (&details, "code", "u", code);
  g_variant_dict_insert (&details, "reason", "s", reason);
  g_variant_dict_insert (&details, "will-retry", "b", will_retry);
  tell_details (self, RT_EVENT_TYPE_DISCONNECTED, &details);
}

void
rt_client_emit_reconnecting (RtClient *self, guint attempt, guint delay)
{
  GVariantDict details;

  g_signal_emit (self, signals[SIGNAL_RECONNECTING], 0, attempt, delay);
  if (!rt_client_wants_event (self, RT_EVENT_TYPE_RECONNECTING))
    return;
  g_variant_dict_init (&details, NULL);
  g_variant_dict_insert (&details, "attempt", "u", attempt);
  g_variant_dict_insert (&details, "delay", "u", delay);
  tell_details (self, RT_EVENT_TYPE_RECONNECTING, &details);
}

/* A full queue may drop thousands, so a message is made only for those who look at it. */
static gboolean
wants_dropped (RtClient *self)
{
  return g_signal_has_handler_pending (self, signals[SIGNAL_MESSAGE_DROPPED], 0, FALSE)
         || rt_client_wants_event (self, RT_EVENT_TYPE_MESSAGE_DROPPED);
}

static void
emit_dropped (RtClient *self, RtMessage *message, RtDirection direction, const GError *error)
{
  GVariantDict details;

  g_signal_emit (self, signals[SIGNAL_MESSAGE_DROPPED], 0, message, error);
  g_variant_dict_init (&details, NULL);
  g_variant_dict_insert (&details, "direction", "s", direction == RT_DIRECTION_INCOMING ? "incoming" : "outgoing");
  rt_client_tell (self, &(RtEventParts) {
                          .type = RT_EVENT_TYPE_MESSAGE_DROPPED,
                          .message = message,
                          .error = error,
                          .variant = g_variant_dict_end (&details),
                        });
}

void
rt_client_emit_dropped (RtClient *self, const char *channel, const char *data, const GError *error)
{
  if (!wants_dropped (self))
    return;
  g_autoptr (RtMessage) message = rt_client_read_sent (channel, data, strlen (data), 0);
  if (message != NULL)
    emit_dropped (self, message, RT_DIRECTION_OUTGOING, error);
}

void
rt_client_emit_stopped (RtClient *self, RtMessage *message, RtDirection direction, const GError *error)
{
  if (!rt_client_is_stopped (self) && wants_dropped (self))
    emit_dropped (self, message, direction, error);
}

void
rt_client_emit_late (RtClient *self, RtChannel *channel, const RtPublication *publication)
{
  if (!wants_dropped (self))
    return;
  g_autoptr (RtMessage) message = rt_message_new_incoming (rt_channel_get_ref_name (channel), publication);
  g_autoptr (GError) error = g_error_new (RT_ERROR, RT_ERROR_EXPIRED,
                                          "The time to live of message %s was over when it came on channel %s",
                                          rt_message_get_id (message), rt_message_get_channel (message));
  emit_dropped (self, message, RT_DIRECTION_INCOMING, error);
}

void
rt_client_emit_token_refreshed (RtClient *self, const char *channel)
{
  g_signal_emit (self, signals[SIGNAL_TOKEN_REFRESHED], 0, channel);
  rt_client_tell (self, &(RtEventParts) { .type = RT_EVENT_TYPE_TOKEN_REFRESHED, .channel = channel });
}

void
rt_client_emit_error (RtClient *self, const GError *error)
{
  g_signal_emit (self, signals[SIGNAL_ERROR], 0, error);
  rt_client_tell (self, &(RtEventParts) { .type = RT_EVENT_TYPE_ERROR, .error = error });
}
