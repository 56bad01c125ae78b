/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "seq-private.h"
#include "seq-methods.h"

/* Every method that waits, with what it is called with and what its result has to look like. */

/* --- Arguments --- */

static gboolean
prepare_client (Seq *seq, SeqCall *call)
{
  if (seq->client == NULL)
    return FALSE;
  call->client = g_object_ref (seq->client);
  return TRUE;
}

static gboolean
prepare_named (Seq *seq, SeqCall *call)
{
  call->name = seq_channel_name (seq, &call->wrong);
  return prepare_client (seq, call);
}

static gboolean
prepare_join (Seq *seq, SeqCall *call)
{
  if (seq_chance (seq, 3))
    call->channel_options = seq_get (seq, SEQ_POOL_CHANNEL_OPTIONS);
  return prepare_named (seq, call);
}

static gboolean
prepare_text (Seq *seq, SeqCall *call)
{
  call->text = seq_text (seq, &call->wrong);
  return prepare_named (seq, call);
}

static gboolean
prepare_text_with_options (Seq *seq, SeqCall *call)
{
  if (!seq_chance (seq, 8))
    call->options = seq_get (seq, SEQ_POOL_OPTIONS);
  return prepare_text (seq, call);
}

/* Messages of the pool are right. */
static gboolean
prepare_message (Seq *seq, SeqCall *call)
{
  call->message = seq_get (seq, SEQ_POOL_MESSAGES);
  return call->message != NULL && prepare_client (seq, call);
}

static gboolean
prepare_rpc (Seq *seq, SeqCall *call)
{
  static const char *const methods[] = { "echo", "add", "" };

  call->name = g_strdup (methods[seq_below (seq, G_N_ELEMENTS (methods))]);
  call->wrong = call->name[0] == '\0';
  call->data = seq_variant (seq, &call->wrong);
  if (call->data != NULL)
    g_variant_ref_sink (call->data);
  return prepare_client (seq, call);
}

static gboolean
prepare_rpc_with_timeout (Seq *seq, SeqCall *call)
{
  call->limit = 100 + (int) seq_below (seq, 1000);
  return prepare_rpc (seq, call);
}

static gboolean
prepare_stream (Seq *seq, SeqCall *call)
{
  call->text = g_strdup ("file.bin");
  call->limit = seq_chance (seq, 2) ? -1 : (int) seq_below (seq, 2000);
  return prepare_named (seq, call);
}

static gboolean
prepare_channel (Seq *seq, SeqCall *call)
{
  call->channel = seq_get (seq, SEQ_POOL_CHANNELS);
  return call->channel != NULL;
}

static gboolean
prepare_channel_text (Seq *seq, SeqCall *call)
{
  call->text = seq_text (seq, &call->wrong);
  return prepare_channel (seq, call);
}

static gboolean
prepare_channel_text_with_options (Seq *seq, SeqCall *call)
{
  call->options = seq_get (seq, SEQ_POOL_OPTIONS);
  return prepare_channel_text (seq, call);
}

static gboolean
prepare_channel_message (Seq *seq, SeqCall *call)
{
  call->message = seq_get (seq, SEQ_POOL_MESSAGES);
  if (call->message == NULL || !prepare_channel (seq, call))
    return FALSE;
  /* A message for another channel. */
  call->wrong = g_strcmp0 (rt_message_get_channel (call->message), rt_channel_get_name (call->channel)) != 0;
  return TRUE;
}

static gboolean
prepare_history (Seq *seq, SeqCall *call)
{
  call->limit = (int) seq_below (seq, 12) - 1;
  call->reverse = seq_chance (seq, 2);
  if (seq_chance (seq, 3))
    call->since = rt_position_new (seq_chance (seq, 2) ? "gone" : "", seq_below (seq, 4));
  return prepare_channel (seq, call);
}

static gboolean
prepare_load_more (Seq *seq, SeqCall *call)
{
  call->history = seq_get (seq, SEQ_POOL_HISTORIES);
  return call->history != NULL;
}

/* --- Results --- */

static gboolean
take_truth (SeqCall *call)
{
  return call->result.ok;
}

static gboolean
take_time (SeqCall *call)
{
  return call->result.time >= 0;
}

static gboolean
take_sent (SeqCall *call)
{
  RtMessage *message = call->result.pointer;

  if (message == NULL)
    return FALSE;
  /* A middleware may have put another one in its place. */
  if (call->seq->did[SEQ_DID_INTERFERE] > 0)
    {
      g_object_unref (message);
      return TRUE;
    }
  if (call->text != NULL)
    g_assert_cmpstr (rt_message_get_content (message), ==, call->text);
  if (call->message != NULL && rt_message_get_id (call->message) != NULL)
    g_assert_cmpstr (rt_message_get_id (message), ==, rt_message_get_id (call->message));
  if (call->name != NULL)
    g_assert_cmpstr (rt_message_get_channel (message), ==, call->name);
  g_assert_nonnull (rt_message_get_id (message));
  seq_put (call->seq, SEQ_POOL_MESSAGES, message);
  return TRUE;
}

static gboolean
take_channel (SeqCall *call)
{
  RtChannel *channel = call->result.pointer;

  if (channel == NULL)
    return FALSE;
  g_assert_cmpstr (rt_channel_get_name (channel), ==, call->name);
  seq_watch_channel (call->seq, channel);
  seq_put (call->seq, SEQ_POOL_CHANNELS, channel);
  return TRUE;
}

/* The server sends back what it got, scalars as they were. */
static gboolean
take_answer (SeqCall *call)
{
  GVariant *answer = call->result.pointer;

  if (answer == NULL)
    return FALSE;
  if (call->data != NULL && !g_variant_is_container (call->data))
    g_assert_true (g_variant_equal (answer, call->data));
  g_variant_unref (answer);
  return TRUE;
}

static gboolean
take_history (SeqCall *call)
{
  RtHistory *history = call->result.pointer;

  if (history == NULL)
    return FALSE;
  if (call->limit > 0)
    g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (history)), <=, (guint) call->limit);
  seq_put (call->seq, SEQ_POOL_HISTORIES, history);
  return TRUE;
}

static gboolean
take_members (SeqCall *call)
{
  GListModel *members = call->result.pointer;

  if (members == NULL)
    return FALSE;
  g_assert_true (g_list_model_get_item_type (members) == RT_TYPE_MEMBER);
  g_object_unref (members);
  return TRUE;
}

static gboolean
take_stats (SeqCall *call)
{
  if (call->result.ok)
    g_assert_cmpuint (call->n_clients, >=, call->n_users);
  return call->result.ok;
}

static gboolean
take_stream (SeqCall *call)
{
  RtStream *stream = call->result.pointer;

  if (stream == NULL)
    return FALSE;
  g_assert_cmpstr (rt_stream_get_channel (stream), ==, call->name);
  g_assert_cmpstr (rt_stream_get_name (stream), ==, "file.bin");
  g_assert_cmpint (rt_stream_get_size (stream), ==, call->limit);
  seq_put (call->seq, SEQ_POOL_STREAMS, stream);
  return TRUE;
}

/* --- Calls --- */

/* A method of the call's @owner, with more of its arguments; its result goes into @field. */
#define DEFINE_METHOD(function, type, owner, field, ...)                                                        \
  static void function##_start (SeqCall *call, GAsyncReadyCallback callback)                                    \
  {                                                                                                             \
    function##_async (call->owner, ##__VA_ARGS__, call->cancellable, callback, callback != NULL ? call : NULL); \
  }                                                                                                             \
  static void function##_end (SeqCall *call, GObject *source, GAsyncResult *result, GError **error)             \
  {                                                                                                             \
    call->result.field = function##_finish ((type *) source, result, error);                                    \
  }                                                                                                             \
  static void function##_block (SeqCall *call, GError **error)                                                  \
  {                                                                                                             \
    call->result.field = function##_sync (call->owner, ##__VA_ARGS__, call->cancellable, error);                \
  }

DEFINE_METHOD (rt_client_connect, RtClient, client, ok)
DEFINE_METHOD (rt_client_disconnect, RtClient, client, ok)
DEFINE_METHOD (rt_client_close, RtClient, client, ok)
DEFINE_METHOD (rt_client_reset_session, RtClient, client, ok)
DEFINE_METHOD (rt_client_ping, RtClient, client, time)
DEFINE_METHOD (rt_client_join_channel, RtClient, client, pointer, call->name, call->channel_options)
DEFINE_METHOD (rt_client_leave_channel, RtClient, client, ok, call->name)
DEFINE_METHOD (rt_client_send_message, RtClient, client, pointer, call->name, call->text)
DEFINE_METHOD (rt_client_send_message_with_options, RtClient, client, pointer, call->name, call->text, call->options)
DEFINE_METHOD (rt_client_send, RtClient, client, pointer, call->message)
DEFINE_METHOD (rt_client_rpc, RtClient, client, pointer, call->name, call->data)
DEFINE_METHOD (rt_channel_send_message, RtChannel, channel, pointer, call->text)
DEFINE_METHOD (rt_channel_send, RtChannel, channel, pointer, call->message)
DEFINE_METHOD (rt_channel_leave, RtChannel, channel, ok)
DEFINE_METHOD (rt_channel_history, RtChannel, channel, pointer, call->limit, call->since, call->reverse)
DEFINE_METHOD (rt_channel_presence, RtChannel, channel, pointer)
DEFINE_METHOD (rt_client_rpc_with_timeout, RtClient, client, pointer, call->name, call->data, (guint) call->limit)
DEFINE_METHOD (rt_client_send_notification, RtClient, client, ok, call->name, call->data)
DEFINE_METHOD (rt_channel_send_message_with_options, RtChannel, channel, pointer, call->text, call->options)
DEFINE_METHOD (rt_client_start_stream, RtClient, client, pointer, call->name, call->text, NULL, call->limit)

/* Those with more than one result. */

static void
rt_channel_presence_stats_start (SeqCall *call, GAsyncReadyCallback callback)
{
  rt_channel_presence_stats_async (call->channel, call->cancellable, callback, callback != NULL ? call : NULL);
}

static void
rt_channel_presence_stats_end (SeqCall *call, GObject *source, GAsyncResult *result, GError **error)
{
  call->result.ok
    = rt_channel_presence_stats_finish (RT_CHANNEL (source), result, &call->n_clients, &call->n_users, error);
}

static void
rt_channel_presence_stats_block (SeqCall *call, GError **error)
{
  call->result.ok
    = rt_channel_presence_stats_sync (call->channel, call->cancellable, &call->n_clients, &call->n_users, error);
}

static void
rt_history_load_more_start (SeqCall *call, GAsyncReadyCallback callback)
{
  rt_history_load_more_async (call->history, call->cancellable, callback, callback != NULL ? call : NULL);
}

static void
rt_history_load_more_end (SeqCall *call, GObject *source, GAsyncResult *result, GError **error)
{
  guint n_loaded;

  call->result.ok = rt_history_load_more_finish (RT_HISTORY (source), result, &n_loaded, error);
}

static void
rt_history_load_more_block (SeqCall *call, GError **error)
{
  call->result.ok = rt_history_load_more_sync (call->history, call->cancellable, NULL, error);
}

/* --- The table --- */

#define METHOD(function, kind, prepare, take) \
  { #function, SEQ_KIND_##kind, prepare, function##_start, function##_end, function##_block, take }

const SeqMethod seq_methods[SEQ_N_METHODS] = {
  [SEQ_CONNECT] = METHOD (rt_client_connect, CONNECT, prepare_client, take_truth),
  [SEQ_DISCONNECT] = METHOD (rt_client_disconnect, DISCONNECT, prepare_client, take_truth),
  [SEQ_CLOSE] = METHOD (rt_client_close, CLOSE, prepare_client, take_truth),
  [SEQ_RESET_SESSION] = METHOD (rt_client_reset_session, RESET, prepare_client, take_truth),
  [SEQ_PING] = METHOD (rt_client_ping, PING, prepare_client, take_time),
  [SEQ_JOIN_CHANNEL] = METHOD (rt_client_join_channel, JOIN, prepare_join, take_channel),
  [SEQ_LEAVE_CHANNEL] = METHOD (rt_client_leave_channel, LEAVE, prepare_named, take_truth),
  [SEQ_SEND_MESSAGE] = METHOD (rt_client_send_message, SEND, prepare_text, take_sent),
  [SEQ_SEND_WITH_OPTIONS]
  = METHOD (rt_client_send_message_with_options, SEND, prepare_text_with_options, take_sent),
  [SEQ_SEND] = METHOD (rt_client_send, SEND, prepare_message, take_sent),
  [SEQ_RPC] = METHOD (rt_client_rpc, RPC, prepare_rpc, take_answer),
  [SEQ_CHANNEL_SEND_MESSAGE] = METHOD (rt_channel_send_message, SEND, prepare_channel_text, take_sent),
  [SEQ_CHANNEL_SEND] = METHOD (rt_channel_send, SEND, prepare_channel_message, take_sent),
  [SEQ_CHANNEL_LEAVE] = METHOD (rt_channel_leave, LEAVE, prepare_channel, take_truth),
  [SEQ_HISTORY] = METHOD (rt_channel_history, ASK, prepare_history, take_history),
  [SEQ_PRESENCE] = METHOD (rt_channel_presence, ASK, prepare_channel, take_members),
  [SEQ_PRESENCE_STATS] = METHOD (rt_channel_presence_stats, ASK, prepare_channel, take_stats),
  [SEQ_RPC_WITH_TIMEOUT] = METHOD (rt_client_rpc_with_timeout, RPC, prepare_rpc_with_timeout, take_answer),
  [SEQ_NOTIFY] = METHOD (rt_client_send_notification, NOTIFY, prepare_rpc, take_truth),
  [SEQ_CHANNEL_SEND_WITH_OPTIONS]
  = METHOD (rt_channel_send_message_with_options, SEND, prepare_channel_text_with_options, take_sent),
  [SEQ_START_STREAM] = METHOD (rt_client_start_stream, START, prepare_stream, take_stream),
  [SEQ_LOAD_MORE] = METHOD (rt_history_load_more, MORE, prepare_load_more, take_truth),
};
