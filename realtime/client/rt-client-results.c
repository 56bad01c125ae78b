/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-private.h"

#include <string.h>
#include "rt-codec.h"
#include "rt-error.h"
#include "rt-message-private.h"
#include "rt-payload.h"

/* Replies with content go up as the raw line, and become objects where they are used. */

static gboolean
decode (RtDecoder *decoder, RtOp *op, RtReply *reply, GError **error)
{
  rt_decoder_begin (decoder, op->reply, op->reply_len);
  if (rt_codec_json ()->next_reply (decoder, reply) == RT_DECODE_ITEM)
    return TRUE;
  g_set_error_literal (error, RT_ERROR, RT_ERROR_PROTOCOL, "The server's answer cannot be read");
  return FALSE;
}

static GVariant *
rpc_result (const RtReply *reply, GError **error)
{
  if (reply->data.data == NULL)
    return g_variant_ref_sink (g_variant_new ("mv", NULL));
  return rt_payload_to_variant (reply->data.data, reply->data.len, error);
}

static char *
dup_text (const RtSlice *slice)
{
  return slice->data != NULL ? rt_json_unescape (slice) : NULL;
}

static RtMember *
new_member (const RtClientInfo *info)
{
  g_autofree char *client = dup_text (&info->client);
  g_autofree char *user = dup_text (&info->user);
  g_autoptr (GVariant) content = NULL;

  if (info->conn_info.data != NULL)
    content = rt_payload_to_variant (info->conn_info.data, info->conn_info.len, NULL);
  return rt_member_new (client != NULL ? client : "", user != NULL ? user : "", content);
}

static GListModel *
presence_result (const RtReply *reply)
{
  GListStore *store = g_list_store_new (RT_TYPE_MEMBER);

  for (guint i = 0; i < reply->n_members; i++)
    {
      g_autoptr (RtMember) member = new_member (&reply->members[i]);
      g_list_store_append (store, member);
    }
  return G_LIST_MODEL (store);
}

static RtPresenceStats *
stats_result (const RtReply *reply)
{
  RtPresenceStats *stats = g_new (RtPresenceStats, 1);

  stats->n_clients = reply->num_clients;
  stats->n_users = reply->num_users;
  return stats;
}

static RtHistoryPage *
history_result (RtOp *op, const RtReply *reply)
{
  RtHistoryPage *page = g_new0 (RtHistoryPage, 1);
  char *name = g_ref_string_new (op->channel);

  page->epoch = dup_text (&reply->epoch);
  page->offset = reply->offset;
  page->messages = g_ptr_array_new_with_free_func (g_object_unref);
  page->count = reply->n_publications;
  for (guint i = 0; i < reply->n_publications; i++)
    {
      page->last = reply->publications[i].offset;
      if (!rt_streams_is_part (&reply->publications[i]))
        g_ptr_array_add (page->messages, rt_message_new_incoming (name, &reply->publications[i]));
    }
  g_ref_string_release (name);
  return page;
}

static gpointer
reply_result (RtOp *op, GError **error)
{
  RtDecoder decoder = { 0 };
  RtReply reply;
  gpointer result = NULL;

  if (decode (&decoder, op, &reply, error))
    switch ((int) op->kind)
      {
      case RT_OP_RPC:
        result = rpc_result (&reply, error);
        break;
      case RT_OP_HISTORY:
        result = history_result (op, &reply);
        break;
      case RT_OP_PRESENCE:
        result = presence_result (&reply);
        break;
      default:
        result = stats_result (&reply);
      }
  rt_decoder_clear (&decoder);
  return result;
}

RtMessage *
rt_client_read_sent (const char *channel, const char *data, gsize len, guint64 offset)
{
  g_auto (RtBuffer) frame = { 0 };
  RtDecoder decoder = { 0 };
  RtPublication publication = { 0 };
  RtMessage *message = NULL;
  RtReply reply = {
    .kind = RT_PUSH_PUBLICATION,
    .channel = { channel, (guint32) strlen (channel), 0 },
    .publications = &publication,
    .n_publications = 1,
  };

  publication.data = (RtSlice) { data, (guint32) len, 0 };
  publication.offset = offset;
  rt_codec_json ()->write_reply (&frame, &reply);
  rt_decoder_begin (&decoder, (const char *) frame.data, frame.len);
  if (rt_codec_json ()->next_reply (&decoder, &reply) == RT_DECODE_ITEM)
    {
      char *name = g_ref_string_new (channel);
      message = rt_message_new_incoming (name, &reply.publications[0]);
      g_ref_string_release (name);
    }
  rt_decoder_clear (&decoder);
  return message;
}

static RtChannel *
joined_channel (RtClient *self, RtOp *op)
{
  RtChannel *channel = rt_client_ensure_channel (self, op->sub);

  rt_channel_init_position (channel, op->epoch, op->offset, op->recoverable);
  return channel;
}

gpointer
rt_client_take_result (RtClient *self, RtOp *op, RtMessage *message, GError **error)
{
  if (op->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&op->error));
      return NULL;
    }
  switch (op->kind)
    {
    case RT_OP_JOIN:
      return joined_channel (self, op);
    case RT_OP_PUBLISH:
      return message != NULL ? rt_message_with_offset (message, op->offset)
                             : rt_client_read_sent (op->channel, op->data, op->data_len, op->offset);
    case RT_OP_PING:
      rt_client_set_latency (self, op->round_trip);
      return g_memdup2 (&op->round_trip, sizeof op->round_trip);
    case RT_OP_RPC:
    case RT_OP_HISTORY:
    case RT_OP_PRESENCE:
    case RT_OP_PRESENCE_STATS:
      return reply_result (op, error);
    case RT_OP_CONNECT:
    case RT_OP_DISCONNECT:
    case RT_OP_CLOSE:
    case RT_OP_LEAVE:
    case RT_OP_SUBSCRIBE:
    case RT_OP_UNSUBSCRIBE:
    case RT_OP_GREETING:
    default:
      return GINT_TO_POINTER (TRUE);
    }
}

void
rt_history_page_free (RtHistoryPage *page)
{
  g_free (page->epoch);
  g_ptr_array_unref (page->messages);
  g_free (page);
}

GDestroyNotify
rt_client_result_free (RtOpKind kind)
{
  switch ((int) kind)
    {
    case RT_OP_JOIN:
    case RT_OP_PUBLISH:
    case RT_OP_PRESENCE:
      return g_object_unref;
    case RT_OP_RPC:
      return (GDestroyNotify) g_variant_unref;
    case RT_OP_HISTORY:
      return (GDestroyNotify) rt_history_page_free;
    case RT_OP_PRESENCE_STATS:
    case RT_OP_PING:
      return g_free;
    default:
      return NULL;
    }
}
