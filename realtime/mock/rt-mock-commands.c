/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-commands.h"

#include "rt-mock-hash.h"

#define MAX_IDEM 64
#define MAX_PENDING_REQUESTS 1024
#define MAX_HISTORY_REPLY 300
#define MAX_METHOD_NAME 255

/* --- Replies --- */

static const char *
describe_error (guint code)
{
  switch (code)
    {
    case RT_MOCK_ERROR_INTERNAL:
      return "internal server error";
    case RT_MOCK_ERROR_PERMISSION_DENIED:
      return "permission denied";
    case RT_MOCK_ERROR_ALREADY_SUBSCRIBED:
      return "already subscribed";
    case RT_MOCK_ERROR_LIMIT_EXCEEDED:
      return "limit exceeded";
    case RT_MOCK_ERROR_NOT_AVAILABLE:
      return "not available";
    case RT_MOCK_ERROR_TOKEN_EXPIRED:
      return "token expired";
    case RT_MOCK_ERROR_TOO_MANY_REQUESTS:
      return "too many requests";
    case RT_MOCK_ERROR_UNRECOVERABLE:
      return "unrecoverable position";
    case RT_MOCK_ERROR_BAD_REQUEST:
    default:
      return "bad request";
    }
}

static void
reply_any_error (RtMockSession *self, guint32 id, guint code, const char *message)
{
  RtReply reply = {
    .kind = RT_REPLY_ERROR,
    .id = id,
    .code = code,
    .temporary = code == RT_MOCK_ERROR_INTERNAL || code == RT_MOCK_ERROR_TOO_MANY_REQUESTS,
    .reason = rt_mock_slice (message),
  };

  rt_mock_session_reply (self, &reply);
}

void
rt_mock_reply_error (RtMockSession *self, guint32 id, guint code)
{
  reply_any_error (self, id, code, describe_error (code));
}

void
rt_mock_close_bad_request (RtMockSession *self)
{
  rt_mock_session_close (self, RT_MOCK_CLOSE_BAD_REQUEST, "bad request");
}

char *
rt_mock_take_channel_name (RtMockSession *self, const RtCommand *command)
{
  g_autofree char *name = command->channel.data != NULL ? rt_json_unescape (&command->channel) : NULL;

  if (name != NULL && rt_mock_channel_is_name (name))
    return g_steal_pointer (&name);
  rt_mock_reply_error (self, command->id, RT_MOCK_ERROR_BAD_REQUEST);
  return NULL;
}

char *
rt_mock_take_string (const RtSlice *slice)
{
  return slice->data != NULL ? rt_json_unescape (slice) : g_strdup ("");
}

RtPublication *
rt_mock_list_publications (GPtrArray *entries)
{
  RtPublication *publications = g_new (RtPublication, entries->len);

  for (guint i = 0; i < entries->len; i++)
    rt_mock_entry_fill (g_ptr_array_index (entries, i), &publications[i]);
  return publications;
}

static void
handle_pong (RtMockSession *self, const RtCommand *command)
{
  rt_mock_session_take_pong (self);
}

/* --- Publishing --- */

static void
reply_published (RtMockSession *self, const RtCommand *command, const RtMockPublished *published)
{
  RtReply reply = { .kind = RT_REPLY_PUBLISH, .id = command->id };

  if (self->profile == RT_PROFILE_RT1)
    {
      reply.epoch = rt_mock_slice (published->epoch);
      reply.offset = published->offset;
      reply.dup = published->dup;
    }
  rt_mock_session_reply (self, &reply);
}

static void
handle_publish (RtMockSession *self, const RtCommand *command)
{
  g_autofree char *name = NULL;
  g_autofree char *idem = NULL;
  RtMockPublished published;

  if (command->data.data == NULL)
    {
      rt_mock_close_bad_request (self);
      return;
    }
  name = rt_mock_take_channel_name (self, command);
  if (name == NULL || !rt_mock_check_channel (self, command, name))
    return;
  if (command->data.len > RT_MOCK_MAX_PUBLICATION)
    {
      rt_mock_reply_error (self, command->id, RT_MOCK_ERROR_LIMIT_EXCEEDED);
      return;
    }
  if (self->profile == RT_PROFILE_RT1 && command->idem.data != NULL)
    {
      idem = rt_json_unescape (&command->idem);
      if (idem == NULL || strlen (idem) > MAX_IDEM)
        {
          rt_mock_reply_error (self, command->id, RT_MOCK_ERROR_BAD_REQUEST);
          return;
        }
    }
  g_autoptr (GBytes) data = g_bytes_new (command->data.data, command->data.len);
  if (rt_mock_faults_take (self->env->faults, RT_MOCK_FAULT_RATE_LIMIT))
    {
      rt_mock_reply_error (self, command->id, RT_MOCK_ERROR_TOO_MANY_REQUESTS);
      return;
    }
  RtMockPublish publish = { .channel = name, .data = data, .publisher = self->identity, .idem = idem };
  guint failure = rt_mock_hub_publish (self->hub, &publish, &published);
  if (failure == 0)
    reply_published (self, command, &published);
  else
    rt_mock_reply_error (self, command->id, failure);
}

/* --- Questions --- */

static void
handle_presence (RtMockSession *self, const RtCommand *command)
{
  g_autofree char *name = rt_mock_take_channel_name (self, command);
  g_autofree RtClientInfo *infos = NULL;
  RtReply reply = { .kind = RT_REPLY_PRESENCE, .id = command->id };
  GHashTableIter iter;
  gpointer member;

  if (name == NULL || !rt_mock_check_channel (self, command, name))
    return;
  if (!self->env->options.presence)
    {
      rt_mock_reply_error (self, command->id, RT_MOCK_ERROR_NOT_AVAILABLE);
      return;
    }
  RtMockChannel *channel = rt_mock_hub_get_channel (self->hub, name, FALSE);
  if (channel != NULL)
    {
      infos = g_new (RtClientInfo, g_hash_table_size (channel->members));
      g_hash_table_iter_init (&iter, channel->members);
      while (g_hash_table_iter_next (&iter, NULL, &member))
        rt_mock_member_fill (member, &infos[reply.n_members++]);
    }
  reply.members = infos;
  rt_mock_session_reply (self, &reply);
}

static void
handle_presence_stats (RtMockSession *self, const RtCommand *command)
{
  g_autofree char *name = rt_mock_take_channel_name (self, command);
  g_autoptr (GHashTable) users = g_hash_table_new (rt_mock_text_hash, g_str_equal);
  RtReply reply = { .kind = RT_REPLY_PRESENCE_STATS, .id = command->id };
  GHashTableIter iter;
  gpointer member;

  if (name == NULL || !rt_mock_check_channel (self, command, name))
    return;
  if (!self->env->options.presence)
    {
      rt_mock_reply_error (self, command->id, RT_MOCK_ERROR_NOT_AVAILABLE);
      return;
    }
  RtMockChannel *channel = rt_mock_hub_get_channel (self->hub, name, FALSE);
  if (channel != NULL)
    {
      reply.num_clients = g_hash_table_size (channel->members);
      g_hash_table_iter_init (&iter, channel->members);
      while (g_hash_table_iter_next (&iter, NULL, &member))
        g_hash_table_add (users, ((RtMockMember *) member)->identity->user);
      reply.num_users = g_hash_table_size (users);
    }
  rt_mock_session_reply (self, &reply);
}

static void
handle_history (RtMockSession *self, const RtCommand *command)
{
  g_autofree char *name = rt_mock_take_channel_name (self, command);
  g_autofree char *epoch = rt_mock_take_string (&command->epoch);
  g_autoptr (GPtrArray) entries = g_ptr_array_new ();
  RtMockPosition since = { epoch, command->offset };
  RtReply reply = { .kind = RT_REPLY_HISTORY, .id = command->id };

  if (name == NULL || !rt_mock_check_channel (self, command, name))
    return;
  RtMockChannel *channel = rt_mock_hub_get_channel (self->hub, name, TRUE);
  if (channel == NULL || !rt_mock_hub_has_history (self->hub))
    {
      rt_mock_reply_error (self, command->id, RT_MOCK_ERROR_NOT_AVAILABLE);
      return;
    }
  if (command->has_since && (epoch == NULL || !rt_mock_channel_has_epoch (channel, epoch)))
    {
      rt_mock_reply_error (self, command->id, RT_MOCK_ERROR_UNRECOVERABLE);
      return;
    }
  guint limit = command->limit < 0 ? MAX_HISTORY_REPLY : MIN (command->limit, MAX_HISTORY_REPLY);
  rt_mock_channel_list (channel, command->has_since ? &since : NULL, limit, command->reverse, entries);
  g_autofree RtPublication *publications = rt_mock_list_publications (entries);
  reply.publications = publications;
  reply.n_publications = entries->len;
  reply.epoch = rt_mock_slice (channel->epoch);
  reply.offset = channel->top;
  rt_mock_session_reply (self, &reply);
}

/* --- Requests to the program --- */

static gboolean
ask_program (RtMockSession *self, const RtCommand *command)
{
  g_autofree char *method = rt_mock_take_string (&command->method);
  g_autofree char *data = command->data.data != NULL ? g_strndup (command->data.data, command->data.len) : NULL;
  RtMockRequest request = {
    .client = self->identity->client,
    .id = command->id,
    .user = self->identity->user,
    .method = method,
    .data = data,
  };

  if (method == NULL || strlen (method) > MAX_METHOD_NAME)
    {
      rt_mock_reply_error (self, command->id, RT_MOCK_ERROR_BAD_REQUEST);
      return TRUE;
    }
  if (!self->env->events->request (self->env->events_data, &request))
    return FALSE;
  self->pending_requests++;
  return TRUE;
}

static void
handle_rpc (RtMockSession *self, const RtCommand *command)
{
  RtReply reply = { .kind = RT_REPLY_RPC, .id = command->id, .data = command->data };

  if (self->pending_requests >= MAX_PENDING_REQUESTS)
    rt_mock_reply_error (self, command->id, RT_MOCK_ERROR_TOO_MANY_REQUESTS);
  else if (!ask_program (self, command))
    rt_mock_session_reply (self, &reply);
}

void
rt_mock_session_answer (RtMockSession *self, guint32 id, const char *json, guint error, const char *reason)
{
  RtReply reply = { .kind = RT_REPLY_RPC, .id = id, .data = rt_mock_slice (json) };

  g_assert (self->pending_requests > 0);
  self->pending_requests--;
  if (error != 0)
    reply_any_error (self, id, error, reason);
  else
    rt_mock_session_reply (self, &reply);
}

/* Nobody is told, and nothing is answered. */
static void
handle_send (RtMockSession *self, const RtCommand *command)
{
}

/* --- All --- */

typedef void (*CommandFunc) (RtMockSession   *self,
                             const RtCommand *command);

static const CommandFunc command_funcs[] = {
  [RT_COMMAND_CONNECT] = rt_mock_handle_connect,
  [RT_COMMAND_SUBSCRIBE] = rt_mock_handle_subscribe,
  [RT_COMMAND_UNSUBSCRIBE] = rt_mock_handle_unsubscribe,
  [RT_COMMAND_PUBLISH] = handle_publish,
  [RT_COMMAND_PRESENCE] = handle_presence,
  [RT_COMMAND_PRESENCE_STATS] = handle_presence_stats,
  [RT_COMMAND_HISTORY] = handle_history,
  [RT_COMMAND_RPC] = handle_rpc,
  [RT_COMMAND_SEND] = handle_send,
  [RT_COMMAND_REFRESH] = rt_mock_handle_refresh,
  [RT_COMMAND_SUB_REFRESH] = rt_mock_handle_sub_refresh,
  [RT_COMMAND_PRESENCE_SET] = rt_mock_handle_presence_set,
  [RT_COMMAND_PONG] = handle_pong,
  [RT_COMMAND_UNKNOWN] = NULL,
};

/* What real servers answer by closing for good: anything before connect, a second connect, a command without an id,
 * an unknown one. */
void
rt_mock_session_handle (RtMockSession *self, const RtCommand *command)
{
  gboolean has_reply = command->kind != RT_COMMAND_SEND && command->kind != RT_COMMAND_PONG;
  CommandFunc func = command_funcs[command->kind];

  if (func == NULL || (self->identity == NULL && command->kind != RT_COMMAND_CONNECT) ||
      (has_reply && command->id == 0))
    rt_mock_close_bad_request (self);
  else if (has_reply && rt_mock_faults_take (self->env->faults, RT_MOCK_FAULT_ERROR_REPLY))
    rt_mock_reply_error (self, command->id, RT_MOCK_ERROR_INTERNAL);
  else
    func (self, command);
  if (has_reply && rt_mock_faults_take (self->env->faults, RT_MOCK_FAULT_DROP_CONNECTION))
    rt_mock_session_drop (self);
}
