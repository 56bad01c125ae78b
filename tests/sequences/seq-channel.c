/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "seq-methods.h"

/* What is done with channels and histories, also with those that were left, or whose client is gone. */

static void
act_look (Seq *seq)
{
  g_autoptr (RtChannel) channel = seq_get (seq, SEQ_POOL_CHANNELS);

  if (channel == NULL)
    return;
  g_autofree char *epoch = rt_channel_get_epoch (channel);
  g_autoptr (RtClient) client = rt_channel_get_client (channel);
  g_assert_cmpstr (rt_channel_get_name (channel), !=, "");
  g_assert_cmpint (rt_channel_get_state (channel), <=, RT_CHANNEL_STATE_FAILED);
  rt_channel_get_offset (channel);
  rt_channel_get_recoverable (channel);
  if (client != NULL)
    g_assert_true (client == seq->client || seq->client == NULL);
}

static void
look_at_list (GListModel *list, GType type)
{
  for (guint i = 0; list != NULL && i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (list, i);
      g_assert_true (g_type_is_a (G_OBJECT_TYPE (item), type));
    }
}

static void
act_look_at_lists (Seq *seq)
{
  g_autoptr (RtChannel) channel = seq_get (seq, SEQ_POOL_CHANNELS);

  if (channel == NULL)
    return;
  look_at_list (rt_channel_get_messages (channel), RT_TYPE_MESSAGE);
  look_at_list (rt_channel_get_members (channel), RT_TYPE_MEMBER);
  rt_channel_get_members_synced (channel);
}

static void
act_look_at_properties (Seq *seq)
{
  g_autoptr (RtChannel) channel = seq_get (seq, SEQ_POOL_CHANNELS);
  guint n = 0;

  if (channel == NULL)
    return;
  g_autofree GParamSpec **specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (channel), &n);
  GParamSpec *spec = specs[seq_below (seq, n)];
  g_auto (GValue) value = G_VALUE_INIT;
  if ((spec->flags & G_PARAM_READABLE) != 0)
    g_object_get_property (G_OBJECT (channel), spec->name, &value);
}

static void
act_look_at_history (Seq *seq)
{
  g_autoptr (RtHistory) history = seq_get (seq, SEQ_POOL_HISTORIES);

  if (history == NULL)
    return;
  rt_history_get_epoch (history);
  rt_history_get_offset (history);
  rt_history_get_has_more (history);
  rt_history_get_loading (history);
  rt_history_get_error (history);
  if (seq_chance (seq, 4))
    rt_history_set_auto_load (history, !rt_history_get_auto_load (history));
  guint n = g_list_model_get_n_items (G_LIST_MODEL (history));
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (history), n));
  if (n > 0)
    seq_put (seq, SEQ_POOL_MESSAGES, g_list_model_get_item (G_LIST_MODEL (history), seq_below (seq, n)));
}

static void
act_new_options (Seq *seq)
{
  RtChannelOptions *options = rt_channel_options_new ();

  rt_channel_options_set_recover (options, seq_chance (seq, 2));
  rt_channel_options_set_join_leave (options, seq_chance (seq, 2));
  rt_channel_options_set_positioned (options, seq_chance (seq, 2));
  if (seq_chance (seq, 3))
    {
      g_autoptr (RtPosition) since = rt_position_new ("unknown", seq_below (seq, 100));
      rt_channel_options_set_since (options, since);
    }
  if (seq_chance (seq, 3))
    rt_channel_options_set_messages_limit (options, seq_below (seq, 10));
  if (seq_chance (seq, 3))
    rt_channel_options_set_prefill (options, seq_below (seq, 10));
  if (seq_chance (seq, 3))
    rt_channel_options_set_data (options, seq_variant (seq, NULL));
  seq_put (seq, SEQ_POOL_CHANNEL_OPTIONS, options);
}

/* It is no matter that somebody else uses them at the moment. */
static void
act_change_options (Seq *seq)
{
  g_autoptr (RtChannelOptions) options = seq_get (seq, SEQ_POOL_CHANNEL_OPTIONS);

  if (options == NULL)
    return;
  rt_channel_options_set_recover (options, !rt_channel_options_get_recover (options));
  rt_channel_options_set_join_leave (options, !rt_channel_options_get_join_leave (options));
  rt_channel_options_set_positioned (options, !rt_channel_options_get_positioned (options));
  rt_channel_options_get_since (options);
  rt_channel_options_get_token_provider (options);
  rt_channel_options_set_since (options, NULL);
  rt_channel_options_set_token_provider (options, NULL);
}

SEQ_DEFINE_CALL (CHANNEL_SEND_MESSAGE)
SEQ_DEFINE_CALL (CHANNEL_SEND_WITH_OPTIONS)
SEQ_DEFINE_CALL (CHANNEL_SEND)
SEQ_DEFINE_CALL (CHANNEL_LEAVE)
SEQ_DEFINE_CALL (HISTORY)
SEQ_DEFINE_CALL (PRESENCE)
SEQ_DEFINE_CALL (PRESENCE_STATS)
SEQ_DEFINE_CALL (LOAD_MORE)

const SeqAction seq_channel_actions[] = {
  SEQ_CALL (CHANNEL_SEND_MESSAGE, CHANNEL, 40),
  SEQ_CALL (CHANNEL_SEND_WITH_OPTIONS, CHANNEL, 20),
  SEQ_CALL (CHANNEL_SEND, CHANNEL, 20),
  SEQ_CALL (CHANNEL_LEAVE, CHANNEL, 15),
  SEQ_CALL (HISTORY, CHANNEL, 20),
  SEQ_CALL (PRESENCE, CHANNEL, 20),
  SEQ_CALL (PRESENCE_STATS, CHANNEL, 20),
  SEQ_CALL (LOAD_MORE, CHANNEL, 15),
  { "look at a channel", SEQ_GROUP_CHANNEL, 20, act_look },
  { "look at lists", SEQ_GROUP_CHANNEL, 20, act_look_at_lists },
  { "look at properties of a channel", SEQ_GROUP_CHANNEL, 20, act_look_at_properties },
  { "look at a history", SEQ_GROUP_CHANNEL, 20, act_look_at_history },
  { "new channel options", SEQ_GROUP_CHANNEL, 5, act_new_options },
  { "change channel options", SEQ_GROUP_CHANNEL, 5, act_change_options },
  { NULL },
};
