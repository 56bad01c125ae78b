/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-commands.h"

#include "rt-mock-filter.h"

#define MAX_SUBSCRIPTIONS 128

/* --- Joining --- */

/* Fills in where the channel stands, and what the client has missed since it was there. */
static RtPublication *
fill_position (RtMockSession *self, const RtCommand *command, RtMockChannel *channel, RtReply *reply)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new ();
  g_autofree char *epoch = rt_mock_take_string (&command->epoch);
  RtMockPosition since = { epoch, command->offset };

  if (!rt_mock_hub_has_history (self->hub))
    return NULL;
  reply->recoverable = reply->positioned = TRUE;
  reply->epoch = rt_mock_slice (channel->epoch);
  reply->offset = channel->top;
  if (!command->recover)
    return NULL;
  reply->was_recovering = TRUE;
  if (epoch == NULL || !rt_mock_channel_recover (channel, &since, RT_MOCK_MAX_RECOVERED, entries))
    return NULL;
  reply->recovered = TRUE;
  reply->n_publications = entries->len;
  return rt_mock_list_publications (entries);
}

/* The channel to join, or NULL with *@error: why not. */
static RtMockChannel *
find_joinable (RtMockSession *self, const char *name, guint *error)
{
  if (rt_mock_faults_take (self->env->faults, RT_MOCK_FAULT_NEW_EPOCH))
    rt_mock_hub_new_epoch (self->hub, name);
  RtMockChannel *channel = rt_mock_hub_get_channel (self->hub, name, FALSE);
  *error = RT_MOCK_ERROR_ALREADY_SUBSCRIBED;
  if (channel != NULL && g_hash_table_contains (self->subscriptions, channel))
    return NULL;
  *error = RT_MOCK_ERROR_LIMIT_EXCEEDED;
  if (g_hash_table_size (self->subscriptions) >= MAX_SUBSCRIPTIONS)
    return NULL;
  return rt_mock_hub_get_channel (self->hub, name, TRUE);
}

/* Whether @name needs a token that says that the client may join. */
static gboolean
is_private (const char *name)
{
  return name[0] == '$';
}

/* 0, or the error. A token that is given is looked at, whether it is needed or not. */
static guint
check_join (RtMockSession *self, const RtCommand *command, const char *name, RtMockClaims *claims)
{
  gboolean has_token = command->token.len > 0 && self->env->options.token_secret != NULL;

  if (!is_private (name) && !has_token)
    return 0;
  switch (rt_mock_check_token (self, name, &command->token, claims))
    {
    case RT_MOCK_AUTH_ACCEPTED:
      return 0;
    case RT_MOCK_AUTH_EXPIRED:
      return RT_MOCK_ERROR_TOKEN_EXPIRED;
    case RT_MOCK_AUTH_REFUSED:
    default:
      return RT_MOCK_ERROR_PERMISSION_DENIED;
    }
}

/* FALSE: what the command has for one is none. */
static gboolean
read_filter (const RtCommand *command, RtTagsFilter **filter)
{
  g_autofree char *json = NULL;

  if (command->filter.data == NULL)
    return TRUE;
  json = g_strndup (command->filter.data, command->filter.len);
  *filter = rt_tags_filter_new_from_json (json, NULL);
  return *filter != NULL;
}

void
rt_mock_handle_subscribe (RtMockSession *self, const RtCommand *command)
{
  g_autofree char *name = rt_mock_take_channel_name (self, command);
  g_auto (RtMockClaims) claims = { 0 };
  g_autoptr (RtTagsFilter) filter = NULL;
  RtReply reply = { .kind = RT_REPLY_SUBSCRIBE, .id = command->id };

  if (name == NULL)
    return;
  guint error = check_join (self, command, name, &claims);
  if (error == 0 && !read_filter (command, &filter))
    error = RT_MOCK_ERROR_BAD_REQUEST;
  RtMockChannel *channel = error == 0 ? find_joinable (self, name, &error) : NULL;
  if (channel == NULL)
    {
      rt_mock_reply_error (self, command->id, error);
      return;
    }
  g_autofree RtPublication *publications = fill_position (self, command, channel, &reply);
  if (reply.was_recovering && !reply.recovered && (command->flag & RT_SUBSCRIBE_FLAG_REJECT_UNRECOVERED) != 0)
    {
      rt_mock_reply_error (self, command->id, RT_MOCK_ERROR_UNRECOVERABLE);
      return;
    }
  reply.publications = publications;
  if (filter != NULL)
    reply.n_publications = rt_mock_filter_apply (filter, self->env->codec, publications, reply.n_publications);
  rt_mock_fill_expiry (&reply, &claims);
  rt_mock_session_join (self, channel, command->join_leave, rt_mock_get_expiry (&claims));
  rt_mock_hub_set_filter (self->hub, channel, self, filter);
  rt_mock_session_reply (self, &reply);
  rt_mock_hub_announce_join (self->hub, channel, self);
}

void
rt_mock_handle_unsubscribe (RtMockSession *self, const RtCommand *command)
{
  g_autofree char *name = rt_mock_take_channel_name (self, command);
  RtReply reply = { .kind = RT_REPLY_UNSUBSCRIBE, .id = command->id };

  if (name == NULL)
    return;
  RtMockChannel *channel = rt_mock_hub_get_channel (self->hub, name, FALSE);
  if (channel != NULL && g_hash_table_contains (self->subscriptions, channel))
    {
      rt_mock_session_forget_channel (self, channel);
      rt_mock_hub_leave (self->hub, channel, self);
    }
  rt_mock_session_reply (self, &reply);
}

void
rt_mock_handle_sub_refresh (RtMockSession *self, const RtCommand *command)
{
  g_autofree char *name = rt_mock_take_channel_name (self, command);
  g_auto (RtMockClaims) claims = { 0 };
  RtReply reply = { .kind = RT_REPLY_SUB_REFRESH, .id = command->id };

  if (name == NULL)
    return;
  RtMockChannel *channel = rt_mock_hub_get_channel (self->hub, name, FALSE);
  RtMockAuthVerdict verdict = rt_mock_check_token (self, name, &command->token, &claims);
  if (channel == NULL || !g_hash_table_contains (self->subscriptions, channel) || verdict == RT_MOCK_AUTH_REFUSED)
    {
      rt_mock_reply_error (self, command->id, RT_MOCK_ERROR_PERMISSION_DENIED);
      return;
    }
  if (verdict == RT_MOCK_AUTH_EXPIRED)
    {
      rt_mock_reply_error (self, command->id, RT_MOCK_ERROR_TOKEN_EXPIRED);
      return;
    }
  rt_mock_fill_expiry (&reply, &claims);
  rt_mock_session_set_channel_expires (self, channel, rt_mock_get_expiry (&claims));
  rt_mock_session_reply (self, &reply);
}

gboolean
rt_mock_check_channel (RtMockSession *self, const RtCommand *command, const char *name)
{
  RtMockChannel *channel;

  if (!is_private (name))
    return TRUE;
  channel = rt_mock_hub_get_channel (self->hub, name, FALSE);
  if (channel != NULL && g_hash_table_contains (self->subscriptions, channel))
    return TRUE;
  rt_mock_reply_error (self, command->id, RT_MOCK_ERROR_PERMISSION_DENIED);
  return FALSE;
}

/* --- Presence --- */

/* An addition of the profile rt1. */
void
rt_mock_handle_presence_set (RtMockSession *self, const RtCommand *command)
{
  g_autofree char *name = NULL;
  RtReply reply = { .kind = RT_REPLY_PRESENCE_SET, .id = command->id };

  if (self->profile != RT_PROFILE_RT1)
    {
      rt_mock_close_bad_request (self);
      return;
    }
  name = rt_mock_take_channel_name (self, command);
  if (name == NULL)
    return;
  RtMockChannel *channel = rt_mock_hub_get_channel (self->hub, name, FALSE);
  if (channel == NULL || !g_hash_table_contains (self->subscriptions, channel))
    rt_mock_reply_error (self, command->id, RT_MOCK_ERROR_PERMISSION_DENIED);
  else if (!self->env->options.presence)
    rt_mock_reply_error (self, command->id, RT_MOCK_ERROR_NOT_AVAILABLE);
  else if (command->data.len > RT_MOCK_MAX_PRESENCE)
    rt_mock_reply_error (self, command->id, RT_MOCK_ERROR_LIMIT_EXCEEDED);
  else
    {
      rt_mock_hub_set_presence (self->hub, channel, self, &command->data);
      rt_mock_session_reply (self, &reply);
      /* Others have it from the push of a new-comer. */
      rt_mock_hub_announce_join (self->hub, channel, self);
    }
}

/* --- Subscriptions of the server --- */

/* Where the client was in @name, as a subscribe command; an empty one if it does not say. */
static RtCommand
find_position (RtMockSession *self, const RtCommand *connect, const char *name)
{
  g_autofree RtDecoder *decoder = g_new0 (RtDecoder, 1);
  RtCommand position;
  gsize place = 0;
  gboolean found = FALSE;

  while (!found && connect->subs.data != NULL &&
         self->env->codec->next_sub_command (decoder, &connect->subs, &place, &position) == RT_DECODE_ITEM)
    found = rt_slice_equals (&position.channel, name);
  rt_decoder_clear (decoder);
  return found ? position : (RtCommand) { .kind = RT_COMMAND_SUBSCRIBE };
}

void
rt_mock_join_claimed (RtMockSession *self, const RtCommand *command, char **channels, RtBuffer *subs)
{
  guint n = 0;

  for (char **name = channels; *name != NULL; name++)
    {
      RtCommand position = find_position (self, command, *name);
      RtReply reply = { .kind = RT_REPLY_SUBSCRIBE, .channel = rt_mock_slice (*name) };
      guint error;
      RtMockChannel *channel = rt_mock_channel_is_name (*name) ? find_joinable (self, *name, &error) : NULL;

      if (channel == NULL)
        continue;
      g_autofree RtPublication *publications = fill_position (self, &position, channel, &reply);
      reply.publications = publications;
      rt_mock_session_join (self, channel, TRUE, 0);
      self->env->codec->write_sub_reply (subs, n++, &reply);
    }
  if (n > 0)
    self->env->codec->write_sub_reply (subs, n, NULL);
}

void
rt_mock_announce_claimed (RtMockSession *self)
{
  GHashTableIter iter;
  gpointer channel;

  g_hash_table_iter_init (&iter, self->subscriptions);
  while (g_hash_table_iter_next (&iter, &channel, NULL))
    rt_mock_hub_announce_join (self->hub, channel, self);
}

gboolean
rt_mock_session_subscribe (RtMockSession *self, const char *name)
{
  RtCommand nothing = { .kind = RT_COMMAND_SUBSCRIBE };
  RtReply push = { .kind = RT_PUSH_SUBSCRIBE, .channel = rt_mock_slice (name) };
  guint error;
  RtMockChannel *channel = !self->closing ? find_joinable (self, name, &error) : NULL;

  if (channel == NULL)
    return FALSE;
  fill_position (self, &nothing, channel, &push);
  rt_mock_session_join (self, channel, TRUE, 0);
  rt_mock_session_reply (self, &push);
  rt_mock_hub_announce_join (self->hub, channel, self);
  return TRUE;
}
