/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "seq-methods.h"
#include "seq-private.h"

/* What is done with a client that does not wait, and what is seen of it. */

/* --- Handlers --- */

void
seq_act_in_handler (Seq *seq)
{
  g_assert_true (g_main_context_is_owner (NULL));
  if (seq->depth > 0 || !seq_chance (seq, 40))
    return;
  seq->depth++;
  seq_act (seq);
  seq->depth--;
}

static void
state_cb (RtClient *client, GParamSpec *pspec, Seq *seq)
{
  seq_trace ("state %d", rt_client_get_state (client));
  seq_act_in_handler (seq);
}

static void
emitted_cb (Seq *seq)
{
  seq_act_in_handler (seq);
}

static void
message_cb (GObject *source, RtMessage *message, Seq *seq)
{
  g_assert_true (RT_IS_MESSAGE (message));
  if (seq_chance (seq, 4))
    seq_put (seq, SEQ_POOL_MESSAGES, g_object_ref (message));
  seq_act_in_handler (seq);
}

static void
error_cb (RtClient *client, const GError *error, Seq *seq)
{
  g_assert_nonnull (error);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  seq_act_in_handler (seq);
}

static void
gone_cb (gpointer user_data, GObject *where)
{
  Seq *seq = user_data;

  seq->gone = TRUE;
}

void
seq_take_client (Seq *seq, RtClient *client)
{
  seq->client = client;
  seq->gone = FALSE;
  g_object_weak_ref (G_OBJECT (client), gone_cb, seq);
  g_signal_connect (client, "message", G_CALLBACK (message_cb), seq);
  g_signal_connect (client, "error", G_CALLBACK (error_cb), seq);
  g_signal_connect_swapped (client, "connected", G_CALLBACK (emitted_cb), seq);
  g_signal_connect_swapped (client, "disconnected", G_CALLBACK (emitted_cb), seq);
  g_signal_connect_swapped (client, "reconnecting", G_CALLBACK (emitted_cb), seq);
  g_signal_connect (client, "notify::state", G_CALLBACK (state_cb), seq);
  g_signal_connect_swapped (client, "notify", G_CALLBACK (emitted_cb), seq);
}

static void
stream_opened_cb (RtChannel *channel, RtStreamReader *reader, Seq *seq)
{
  g_assert_cmpstr (rt_stream_reader_get_channel (reader), ==, rt_channel_get_name (channel));
  if (seq_chance (seq, 2))
    seq_put (seq, SEQ_POOL_READERS, g_object_ref (reader));
  seq_act_in_handler (seq);
}

void
seq_watch_channel (Seq *seq, RtChannel *channel)
{
  if (g_object_get_data (G_OBJECT (channel), "watched") != NULL)
    return;
  g_object_set_data (G_OBJECT (channel), "watched", seq);
  g_signal_connect (channel, "message", G_CALLBACK (message_cb), seq);
  g_signal_connect (channel, "stream-opened", G_CALLBACK (stream_opened_cb), seq);
  g_signal_connect_swapped (channel, "joined", G_CALLBACK (emitted_cb), seq);
  g_signal_connect_swapped (channel, "left", G_CALLBACK (emitted_cb), seq);
  g_signal_connect_swapped (channel, "gap", G_CALLBACK (emitted_cb), seq);
  g_signal_connect_swapped (channel, "member-joined", G_CALLBACK (emitted_cb), seq);
}

/* Disposing is not yet the end. */
void
seq_dispose_client (Seq *seq)
{
  GObject *client = G_OBJECT (seq->client);

  seq_did (seq, SEQ_DID_DISPOSE);
  g_object_weak_unref (client, gone_cb, seq);
  g_object_run_dispose (client);
  g_object_weak_ref (client, gone_cb, seq);
}

void
seq_drop_client (Seq *seq)
{
  seq_did (seq, SEQ_DID_DROP);
  g_clear_object (&seq->client);
}

/* --- Looking --- */

static void
look_at_connection (RtClient *client)
{
  g_autofree char *id = rt_client_get_client_id (client);
  g_autofree char *reason = rt_client_get_state_reason (client);
  RtConnectionState state = rt_client_get_state (client);

  g_assert_cmpint (state, >=, RT_CONNECTION_STATE_DISCONNECTED);
  g_assert_cmpint (state, <=, RT_CONNECTION_STATE_FAILED);
  g_assert_nonnull (reason);
  g_assert_true (g_utf8_validate (reason, -1, NULL));
  rt_client_get_state_code (client);
  rt_client_get_attempt (client);
  rt_client_get_retry_in (client);
  rt_client_is_connected (client);
  rt_client_get_transport (client);
  g_assert_cmpint (rt_client_get_latency (client), >=, -1);
  g_assert_cmpuint (rt_client_get_queued_messages (client), <=, 100000);
  rt_client_get_queued_bytes (client);
}

static void
act_look (Seq *seq)
{
  if (seq->client == NULL)
    return;
  look_at_connection (seq->client);
  g_assert_true (RT_IS_CONFIG (rt_client_get_config (seq->client)));
  g_autoptr (RtTokenProvider) provider = rt_client_get_token_provider (seq->client);
  g_autoptr (RtStrategySelector) selector = rt_client_get_strategy_selector (seq->client);
  GListModel *channels = rt_client_get_channels (seq->client);
  /* One that was disposed of has none. */
  for (guint i = 0; channels != NULL && i < g_list_model_get_n_items (channels); i++)
    {
      g_autoptr (RtChannel) channel = g_list_model_get_item (channels, i);
      g_assert_true (RT_IS_CHANNEL (channel));
    }
}

static void
act_look_at_properties (Seq *seq)
{
  guint n = 0;

  if (seq->client == NULL)
    return;
  g_autofree GParamSpec **specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (seq->client), &n);
  GParamSpec *spec = specs[seq_below (seq, n)];
  g_auto (GValue) value = G_VALUE_INIT;
  if ((spec->flags & G_PARAM_READABLE) != 0)
    g_object_get_property (G_OBJECT (seq->client), spec->name, &value);
}

static void
act_get_channel (Seq *seq)
{
  gboolean wrong = FALSE;

  if (seq->client == NULL)
    return;
  g_autofree char *name = seq_channel_name (seq, &wrong);
  RtChannel *channel = rt_client_get_channel (seq->client, name);
  if (wrong)
    g_assert_null (channel);
  seq_put (seq, SEQ_POOL_CHANNELS, channel);
}

/* --- Steering --- */

static void
act_reconnect_now (Seq *seq)
{
  if (seq->client != NULL)
    rt_client_reconnect_now (seq->client);
}

static void
act_use_strategy (Seq *seq)
{
  static const char *const names[] = { "websocket", "pigeons", "", NULL };
  const char *name = names[seq_below (seq, G_N_ELEMENTS (names))];
  GError *error = NULL;

  if (seq->client == NULL)
    return;
  gboolean ok = rt_client_use_strategy (seq->client, name, &error);
  seq_check_result (ok, error, RT_ERROR_INVALID_ARGUMENT, RT_ERROR_CLOSED, -1);
}

static void
act_cancel (Seq *seq)
{
  g_autoptr (GCancellable) cancellable = seq_get (seq, SEQ_POOL_CANCELLABLES);

  if (cancellable != NULL)
    g_cancellable_cancel (cancellable);
}

static void
act_pass_time (Seq *seq)
{
  if (seq->depth == 0)
    seq_pass_time (seq);
}

/* The handle alone goes; the calls under way keep the client. */
static void
act_drop (Seq *seq)
{
  if (seq->client == NULL)
    return;
  if (seq_chance (seq, 2))
    seq_dispose_client (seq);
  else
    seq_drop_client (seq);
}

SEQ_DEFINE_CALL (CONNECT)
SEQ_DEFINE_CALL (DISCONNECT)
SEQ_DEFINE_CALL (CLOSE)
SEQ_DEFINE_CALL (RESET_SESSION)
SEQ_DEFINE_CALL (PING)
SEQ_DEFINE_CALL (JOIN_CHANNEL)
SEQ_DEFINE_CALL (LEAVE_CHANNEL)
SEQ_DEFINE_CALL (SEND_MESSAGE)
SEQ_DEFINE_CALL (SEND_WITH_OPTIONS)
SEQ_DEFINE_CALL (SEND)
SEQ_DEFINE_CALL (RPC)
SEQ_DEFINE_CALL (RPC_WITH_TIMEOUT)
SEQ_DEFINE_CALL (NOTIFY)

const SeqAction seq_client_actions[] = {
  SEQ_CALL (CONNECT, CLIENT, 60),
  SEQ_CALL (PING, CLIENT, 20),
  SEQ_CALL (JOIN_CHANNEL, CLIENT, 60),
  SEQ_CALL (LEAVE_CHANNEL, CLIENT, 25),
  SEQ_CALL (SEND_MESSAGE, CLIENT, 60),
  SEQ_CALL (SEND_WITH_OPTIONS, CLIENT, 40),
  SEQ_CALL (SEND, CLIENT, 40),
  SEQ_CALL (RPC, CLIENT, 40),
  SEQ_CALL (RPC_WITH_TIMEOUT, CLIENT, 15),
  SEQ_CALL (NOTIFY, CLIENT, 15),
  { "look", SEQ_GROUP_CLIENT, 30, act_look },
  { "look at properties", SEQ_GROUP_CLIENT, 20, act_look_at_properties },
  { "get_channel", SEQ_GROUP_CLIENT, 20, act_get_channel },
  { "reconnect_now", SEQ_GROUP_CLIENT, 10, act_reconnect_now },
  { "use_strategy", SEQ_GROUP_CLIENT, 4, act_use_strategy },
  { "cancel", SEQ_GROUP_CLIENT, 20, act_cancel },
  { "pass time", SEQ_GROUP_CLIENT, 2, act_pass_time },
  SEQ_CALL (DISCONNECT, END, 10),
  SEQ_CALL (RESET_SESSION, END, 3),
  SEQ_CALL (CLOSE, END, 1),
  { "drop", SEQ_GROUP_END, 1, act_drop },
  { NULL },
};
