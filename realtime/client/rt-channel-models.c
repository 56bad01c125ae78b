/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-private.h"

#include "rt-error.h"

/* The list models of a channel. Each is made when it is first asked for, and costs nothing until then. */

void
rt_channel_models_init (RtChannelModels *self)
{
  g_mutex_init (&self->lock);
}

void
rt_channel_models_clear (RtChannelModels *self)
{
  g_clear_object (&self->members);
  g_clear_object (&self->messages);
  g_free (self->joined_epoch);
  g_mutex_clear (&self->lock);
}

/* Whether @error is no news: what it comes from is told in another way, or passes. */
static gboolean
goes_without_saying (const GError *error)
{
  return g_error_matches (error, RT_ERROR, RT_ERROR_NOT_CONNECTED) || g_error_matches (error, RT_ERROR, RT_ERROR_NETWORK)
         || g_error_matches (error, RT_ERROR, RT_ERROR_CLOSED) || g_error_matches (error, RT_ERROR, RT_ERROR_TIMED_OUT);
}

static void
tell_error (RtChannel *channel, const char *what, const GError *error)
{
  g_autoptr (RtClient) client = rt_channel_get_client (channel);

  if (client == NULL || goes_without_saying (error) || rt_channel_is_muted (channel))
    return;
  g_autoptr (GError) told = g_error_copy (error);
  g_prefix_error (&told, "%s of channel %s cannot be had: ", what, rt_channel_get_name (channel));
  rt_client_emit_error (client, told);
}

/* --- Members --- */

static void
set_synced (RtChannel *channel, gboolean synced)
{
  RtChannelModels *self = rt_channel_get_models (channel);

  if (g_atomic_int_get (&self->members_synced) == synced)
    return;
  g_atomic_int_set (&self->members_synced, synced);
  rt_channel_notify_members_synced (channel);
}

static void
take_snapshot (RtClient *client, RtChannel *channel, gpointer result, const GError *error, guint64 number)
{
  RtChannelModels *self = rt_channel_get_models (channel);

  if (result != NULL && !rt_channel_is_muted (channel))
    {
      if (rt_member_list_set_all (self->members, (guint) number, result, rt_channel_get_muted (channel)))
        set_synced (channel, TRUE);
      return;
    }
  if (!rt_member_list_abort (self->members, (guint) number) || error == NULL)
    return;
  self->members_retry = rt_error_is_retryable (error);
  if (!self->members_told)
    tell_error (channel, "The members", error);
  self->members_told = TRUE;
}

static void
ask_for_members (RtChannel *channel)
{
  RtChannelModels *self = rt_channel_get_models (channel);
  g_autoptr (RtClient) client = rt_channel_get_client (channel);

  if (client == NULL || rt_channel_is_muted (channel) || rt_channel_get_state (channel) != RT_CHANNEL_STATE_JOINED)
    return;
  guint number = rt_member_list_begin (self->members);
  self->members_retry = FALSE;
  rt_client_ask (client, channel, rt_client_new_channel_op (RT_OP_PRESENCE, rt_channel_get_name (channel), NULL),
                 take_snapshot, number);
}

static void
begin_members (RtClient *client, gpointer data)
{
  RtChannel *channel = data;
  RtChannelModels *self = rt_channel_get_models (channel);

  if (!rt_member_list_is_waiting (self->members) && !g_atomic_int_get (&self->members_synced))
    ask_for_members (channel);
}

/**
 * rt_channel_get_members: (get-property members)
 * @self: a channel
 *
 * Who is in the channel, this client included: a live list with one row for each connection. To be used in the client's
 * context.
 *
 * The first call asks the server who is there. From then on the list follows those who join and leave, and is set right
 * each time that the channel is joined again; [property@Channel:members-synced] says when it is complete. Rows keep
 * their places, and who is new is appended. At most 16,384 rows are kept.
 *
 * Without [property@ChannelOptions:join-leave], or on a server that does not tell who comes and goes, the list is only
 * as it was when the channel was last joined. On a server that does not tell who is there it stays empty, and
 * [signal@Client::error] says so once. A channel that was left has no members.
 *
 * Returns: (transfer none): a list model of [class@Member]
 */
GListModel *
rt_channel_get_members (RtChannel *self)
{
  g_return_val_if_fail (RT_IS_CHANNEL (self), NULL);
  RtChannelModels *models = rt_channel_get_models (self);
  g_autoptr (RtClient) client = rt_channel_get_client (self);

  g_mutex_lock (&models->lock);
  gboolean first = models->members == NULL;
  if (first)
    g_atomic_pointer_set (&models->members, rt_member_list_new (RT_PROTOCOL_MAX_ITEMS));
  g_mutex_unlock (&models->lock);
  if (first && client != NULL)
    rt_client_run_later (client, begin_members, g_object_ref (self), g_object_unref);
  return G_LIST_MODEL (models->members);
}

/**
 * rt_channel_get_members_synced: (get-property members-synced)
 * @self: a channel
 *
 * Whether [property@Channel:members] is complete, from any thread.
 *
 * Returns: %TRUE from the server's answer on, until the connection is lost
 */
gboolean
rt_channel_get_members_synced (RtChannel *self)
{
  g_return_val_if_fail (RT_IS_CHANNEL (self), FALSE);
  return g_atomic_int_get (&rt_channel_get_models (self)->members_synced);
}

void
rt_channel_models_take_member (RtChannel *channel, gboolean joined, RtMember *member)
{
  RtChannelModels *self = rt_channel_get_models (channel);
  RtMemberList *members = g_atomic_pointer_get (&self->members);

  if (members == NULL)
    return;
  if (joined)
    rt_member_list_add (members, member);
  else
    rt_member_list_remove (members, rt_member_get_client_id (member));
  /* The server was not able to say who is there, and seems to be again. */
  if (self->members_retry && !rt_member_list_is_waiting (members))
    ask_for_members (channel);
}

void
rt_channel_models_members_behind (RtChannel *channel)
{
  if (g_atomic_pointer_get (&rt_channel_get_models (channel)->members) != NULL)
    ask_for_members (channel);
}

/* --- Messages --- */

static RtMessageList *
ensure_messages (RtChannel *channel)
{
  RtChannelModels *self = rt_channel_get_models (channel);

  g_mutex_lock (&self->lock);
  if (self->messages == NULL)
    g_atomic_pointer_set (&self->messages, rt_message_list_new (rt_channel_get_sub (channel)->messages_limit));
  g_mutex_unlock (&self->lock);
  return self->messages;
}

/**
 * rt_channel_get_messages: (get-property messages)
 * @self: a channel
 *
 * The last messages of the channel, oldest first: a list that grows as they are delivered, and lets go of the oldest at
 * the bound of [property@ChannelOptions:messages-limit]. To be used in the client's context.
 *
 * Messages are kept from the first call on; one that is made before the main context has run since the join misses
 * none. With [property@ChannelOptions:prefill] the list begins with what was said before.
 *
 * Returns: (transfer none): a list model of [class@Message]
 */
GListModel *
rt_channel_get_messages (RtChannel *self)
{
  g_return_val_if_fail (RT_IS_CHANNEL (self), NULL);
  return G_LIST_MODEL (ensure_messages (self));
}

void
rt_channel_models_take_message (RtChannel *channel, RtMessage *message)
{
  RtMessageList *messages = g_atomic_pointer_get (&rt_channel_get_models (channel)->messages);

  if (messages != NULL)
    rt_message_list_append (messages, message);
}

/* Of the newest messages those from before the join; the others are delivered. */
static GPtrArray *
list_earlier (RtChannelModels *self, RtHistoryPage *page, RtTagsFilter *filter)
{
  GPtrArray *earlier = g_ptr_array_new ();

  /* Of another stream nobody knows which have been delivered. */
  if (page->epoch != NULL && *self->joined_epoch != '\0' && g_strcmp0 (page->epoch, self->joined_epoch) != 0)
    return earlier;
  for (guint i = page->messages->len; i > 0; i--)
    {
      RtMessage *message = g_ptr_array_index (page->messages, i - 1);
      gboolean fits = filter == NULL || rt_tags_filter_matches (filter, message);
      if (fits && rt_message_get_offset (message) <= self->joined_offset)
        g_ptr_array_add (earlier, message);
    }
  return earlier;
}

static void
take_earlier (RtClient *client, RtChannel *channel, gpointer page, const GError *error, guint64 unused)
{
  RtChannelModels *self = rt_channel_get_models (channel);

  if (page == NULL)
    {
      /* The next join asks again. */
      self->prefilled = !rt_error_is_retryable (error);
      tell_error (channel, "Earlier messages", error);
    }
  else if (!rt_channel_is_muted (channel))
    {
      g_autoptr (GPtrArray) earlier = list_earlier (self, page, rt_channel_get_sub (channel)->filter);
      rt_message_list_prepend (ensure_messages (channel), earlier);
    }
}

static void
note_first_join (RtChannel *channel)
{
  RtChannelModels *self = rt_channel_get_models (channel);

  if (self->joined_epoch != NULL)
    return;
  g_autofree char *epoch = rt_channel_get_epoch (channel);
  self->joined_epoch = g_strdup (epoch != NULL ? epoch : "");
  self->joined_offset = rt_channel_get_offset (channel);
}

static void
ask_for_earlier (RtChannel *channel)
{
  RtSub *sub = rt_channel_get_sub (channel);
  RtChannelModels *self = rt_channel_get_models (channel);
  g_autoptr (RtClient) client = rt_channel_get_client (channel);
  guint count = MIN (sub->prefill, sub->messages_limit);

  if (self->prefilled || count == 0 || client == NULL || rt_channel_is_muted (channel))
    return;
  self->prefilled = TRUE;
  note_first_join (channel);
  ensure_messages (channel);
  RtOp *op = rt_history_new_page_op (channel, (gint) MIN (count, RT_PROTOCOL_MAX_ITEMS), NULL, 0, TRUE);
  rt_client_ask (client, channel, op, take_earlier, 0);
}

/* --- Both --- */

void
rt_channel_models_joined (RtChannel *channel)
{
  RtChannelModels *self = rt_channel_get_models (channel);

  ask_for_earlier (channel);
  if (g_atomic_pointer_get (&self->members) != NULL)
    ask_for_members (channel);
}

void
rt_channel_models_rejoining (RtChannel *channel)
{
  set_synced (channel, FALSE);
}

void
rt_channel_models_left (RtChannel *channel)
{
  RtMemberList *members = g_atomic_pointer_get (&rt_channel_get_models (channel)->members);

  if (members != NULL)
    rt_member_list_clear (members);
  set_synced (channel, FALSE);
}
