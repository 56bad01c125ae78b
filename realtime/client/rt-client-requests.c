/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-private.h"

#include <string.h>
#include "rt-clock.h"
#include "rt-codec.h"
#include "rt-error.h"
#include "rt-message-builder.h"
#include "rt-message-private.h"
#include "rt-message-rules.h"
#include "rt-payload.h"

#define MAX_METHOD 255
/* What usually stands around a text on the wire. */
#define ENVELOPE_SIZE 200

static gboolean
check_channel (const char *channel, GError **error)
{
  g_auto (RtFaults) faults = { 0 };

  rt_message_rules_channel (&faults, channel);
  return rt_faults_finish (&faults, "The call", RT_ERROR_INVALID_ARGUMENT, error);
}

RtOp *
rt_client_new_channel_op (RtOpKind kind, const char *channel, GError **error)
{
  if (!check_channel (channel, error))
    return NULL;
  RtOp *op = rt_op_new (kind);
  op->channel = g_strdup (channel);
  return op;
}

static gsize
get_max_out (RtClient *self)
{
  guint limit = rt_config_get_max_message_size (rt_client_get_config (self));

  return limit > 0 ? limit : RT_SETTINGS_MAX_OUT_DEFAULT;
}

static gboolean
check_size (RtClient *self, gsize len, GError **error)
{
  gsize limit = get_max_out (self);

  if (len <= limit)
    return TRUE;
  g_set_error (error, RT_ERROR, RT_ERROR_TOO_LARGE,
               "The message has %" G_GSIZE_FORMAT " bytes on the wire, the limit is %" G_GSIZE_FORMAT
               " (setting \"max-message-size\")", len, limit);
  return FALSE;
}

static void
fill_join (RtJoinRequest *join, RtChannelOptions *options)
{
  RtPosition *since = rt_channel_options_get_since (options);
  RtTagsFilter *filter = rt_channel_options_get_tags_filter (options);

  join->recover = rt_channel_options_get_recover (options);
  join->join_leave = rt_channel_options_get_join_leave (options);
  join->positioned = rt_channel_options_get_positioned (options);
  join->messages_limit = rt_channel_options_get_messages_limit (options);
  join->prefill = rt_channel_options_get_prefill (options);
  join->asks_token = rt_channel_options_get_token_provider (options) != NULL;
  join->filter = filter != NULL ? rt_tags_filter_copy (filter) : NULL;
  if (since == NULL)
    return;
  join->epoch = g_strdup (rt_position_get_epoch (since));
  join->offset = rt_position_get_offset (since);
}

static gboolean
fill_join_data (RtClient *self, RtJoinRequest *join, GVariant *data, GError **error)
{
  if (data == NULL)
    return TRUE;
  join->data = rt_payload_from_variant (data, error);
  return join->data != NULL && check_size (self, strlen (join->data), error);
}

RtOp *
rt_client_new_join_op (RtClient *self, const char *channel, RtChannelOptions *options, GError **error)
{
  g_autoptr (RtOp) op = rt_client_new_channel_op (RT_OP_JOIN, channel, error);
  g_autoptr (RtChannelOptions) own = NULL;

  if (op == NULL)
    return NULL;
  if (options == NULL)
    options = own = rt_channel_options_new ();
  op->serial = rt_client_channels_next (rt_client_get_handles (self));
  fill_join (&op->request.join, options);
  if (!fill_join_data (self, &op->request.join, rt_channel_options_get_data (options), error))
    return NULL;
  RtTokenProvider *provider = rt_channel_options_get_token_provider (options);
  if (provider != NULL)
    rt_client_tokens_add_provider (rt_client_get_tokens (self), op->serial, provider);
  return g_steal_pointer (&op);
}

/* Takes @op and the block that it is written out in. */
static RtOp *
finish_publish (RtClient *self, RtOp *op, RtBuffer *block, GError **error)
{
  rt_op_finish_publish (op, block);
  if (check_size (self, op->data_len, error)
      && rt_connection_reserve (rt_client_get_connection (self), op->data_len, error))
    return op;
  rt_op_unref (op);
  return NULL;
}

RtOp *
rt_client_new_publish_op (RtClient *self, RtMessage *message, GError **error)
{
  g_auto (RtBuffer) block = { 0 };

  if (!rt_message_validate (message, error))
    return NULL;
  RtOp *op = rt_connection_new_publish (rt_client_get_connection (self), &block);
  guint ttl = rt_message_get_ttl (message);
  op->priority = (guint8) rt_message_get_priority (message);
  op->expires = ttl > 0 ? rt_clock_now () + RT_CLOCK_MS (ttl) : 0;
  rt_op_begin_publish (&block, rt_message_get_channel (message), rt_message_get_id (message), 0);
  rt_message_write_data (message, rt_client_get_source (self), &block, NULL);
  return finish_publish (self, op, &block, error);
}

static RtSlice
slice (const char *text)
{
  return (RtSlice) { .data = text, .len = text != NULL ? (guint32) strlen (text) : 0 };
}

/* The common send, without an object on the way: the message that the program gets is made from what was sent, when
 * it is acknowledged. */
RtOp *
rt_client_new_text_op (RtClient *self, const char *channel, const char *content, GError **error)
{
  g_auto (RtFaults) faults = { 0 };
  g_auto (RtBuffer) block = { 0 };
  char digits[RT_MESSAGE_ID_SIZE];

  rt_message_rules_channel (&faults, channel);
  rt_message_rules_content (&faults, content);
  if (!rt_faults_finish (&faults, "The message", RT_ERROR_INVALID_MESSAGE, error))
    return NULL;
  gint64 now = rt_clock_real ();
  const char *id = rt_message_put_next_id (digits, now);
  RtEnvelope envelope = {
    .marked = TRUE,
    .priority = RT_PRIORITY_NORMAL,
    .id = slice (id),
    .source = slice (rt_client_get_source (self)),
    .sender = slice (rt_config_get_user_id (rt_client_get_config (self))),
    .type = slice ("text"),
    .body_kind = RT_BODY_TEXT,
    .body = slice (content),
    .timestamp = now,
  };
  RtOp *op = rt_connection_new_publish (rt_client_get_connection (self), &block);
  op->priority = RT_PRIORITY_NORMAL;
  op->expires = 0;
  rt_op_begin_publish (&block, channel, id, envelope.body.len + ENVELOPE_SIZE);
  rt_envelope_write (&block, &envelope);
  return finish_publish (self, op, &block, error);
}

static RtOp *
new_call_op (RtClient *self, RtOpKind kind, const char *method, GVariant *data, GError **error)
{
  g_autofree char *json = NULL;

  if (*method == '\0' || strlen (method) > MAX_METHOD || !g_utf8_validate (method, -1, NULL))
    {
      g_set_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT, "A method's name has 1 to %d bytes of UTF-8",
                   MAX_METHOD);
      return NULL;
    }
  if (data != NULL && (json = rt_payload_from_variant (data, error)) == NULL)
    return NULL;
  if (json != NULL && !check_size (self, strlen (json), error))
    return NULL;
  RtOp *op = rt_op_new (kind);
  op->channel = g_strdup (method);
  op->data_len = json != NULL ? strlen (json) : 0;
  op->data = g_steal_pointer (&json);
  return op;
}

RtOp *
rt_client_new_rpc_op (RtClient *self, const char *method, GVariant *data, GError **error)
{
  return new_call_op (self, RT_OP_RPC, method, data, error);
}

RtOp *
rt_client_new_notify_op (RtClient *self, const char *method, GVariant *data, GError **error)
{
  return new_call_op (self, RT_OP_NOTIFY, method, data, error);
}

RtMessage *
rt_client_new_text (RtClient *self, const char *channel, const char *content, RtMessageOptions *options, GError **error)
{
  g_autoptr (RtMessageBuilder) builder = rt_message_builder_new ();

  rt_message_builder_with_channel (builder, channel);
  if (options != NULL)
    rt_message_builder_with_options (builder, options);
  rt_message_builder_with_content (builder, content);
  g_autoptr (RtMessage) message = rt_message_builder_build (builder, error);
  if (message == NULL)
    return NULL;
  return rt_message_complete (message, rt_config_get_user_id (rt_client_get_config (self)));
}
