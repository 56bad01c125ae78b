/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-session-private.h"

#include "rt-mock-hash.h"
#include "rt-mock-secret.h"
#include "rt-mock-token.h"

/* Error codes of the protocol. */
#define ERROR_ALREADY_SUBSCRIBED 105
#define ERROR_BAD_REQUEST 107
#define ERROR_NOT_AVAILABLE 108
#define ERROR_TOKEN_EXPIRED 109
#define ERROR_TOO_MANY_REQUESTS 111
#define ERROR_UNRECOVERABLE 112

#define MAX_SUBSCRIPTIONS 128
#define MAX_IDEM 64
#define MAX_USER 255
#define MAX_PENDING_REQUESTS 1024
#define MAX_HISTORY_REPLY 300
#define MAX_METHOD_NAME 255

/* --- Replies --- */

static void
reply_error (RtMockSession *self, guint32 id, guint code, const char *message)
{
  RtReply reply = {
    .kind = RT_REPLY_ERROR,
    .id = id,
    .code = code,
    .temporary = code == RT_MOCK_ERROR_INTERNAL || code == ERROR_TOO_MANY_REQUESTS,
    .reason = rt_mock_slice (message),
  };

  rt_mock_session_reply (self, &reply);
}

static void
close_bad_request (RtMockSession *self)
{
  rt_mock_session_close (self, RT_MOCK_CLOSE_BAD_REQUEST, "bad request");
}

/* The channel's name, or NULL after an error reply. */
static char *
take_channel_name (RtMockSession *self, const RtCommand *command)
{
  g_autofree char *name = command->channel.data != NULL ? rt_json_unescape (&command->channel) : NULL;

  if (name != NULL && rt_mock_channel_is_name (name))
    return g_steal_pointer (&name);
  reply_error (self, command->id, ERROR_BAD_REQUEST, "bad request");
  return NULL;
}

/* An absent string is an empty one. NULL for one that no C string can hold. */
static char *
take_string (const RtSlice *slice)
{
  return slice->data != NULL ? rt_json_unescape (slice) : g_strdup ("");
}

static RtPublication *
list_publications (GPtrArray *entries)
{
  RtPublication *publications = g_new (RtPublication, entries->len);

  for (guint i = 0; i < entries->len; i++)
    rt_mock_entry_fill (g_ptr_array_index (entries, i), &publications[i]);
  return publications;
}

/* --- Connection --- */

typedef enum
{
  AUTH_ACCEPTED,
  AUTH_REFUSED,
  AUTH_EXPIRED,
} AuthVerdict;

/* Every key is compared, so that the time tells nothing. */
static gboolean
is_api_key (const RtMockOptions *options, const char *token)
{
  gboolean found = FALSE;

  for (guint i = 0; options->api_keys[i] != NULL; i++)
    found |= rt_mock_secret_equals (options->api_keys[i], token);
  return found;
}

static AuthVerdict
compare_token (RtMockSession *self, const char *token, RtMockClaims *claims)
{
  const RtMockOptions *options = &self->env->options;

  if (is_api_key (options, token))
    return AUTH_ACCEPTED;
  if (options->token_secret != NULL && token[0] != '\0')
    {
      switch (rt_mock_token_verify (token, options->token_secret, rt_clock_real (), claims))
        {
        case RT_MOCK_TOKEN_VALID:
          return AUTH_ACCEPTED;
        case RT_MOCK_TOKEN_EXPIRED:
          return AUTH_EXPIRED;
        case RT_MOCK_TOKEN_INVALID:
        default:
          return AUTH_REFUSED;
        }
    }
  if (options->api_keys[0] != NULL || (options->auth_required && token[0] == '\0'))
    return AUTH_REFUSED;
  return AUTH_ACCEPTED;
}

static AuthVerdict
check_token (RtMockSession *self, const char *token, RtMockClaims *claims)
{
  *claims = (RtMockClaims) { 0 };
  if (rt_mock_faults_take (self->env->faults, RT_MOCK_FAULT_EXPIRE_TOKEN))
    return AUTH_EXPIRED;
  AuthVerdict verdict = compare_token (self, token, claims);
  if (verdict == AUTH_ACCEPTED && claims->expires == 0 && self->env->options.token_ttl > 0)
    claims->expires = rt_clock_real () + (gint64) self->env->options.token_ttl * G_USEC_PER_SEC;
  return verdict;
}

/* From the world's clock to this machine's. */
static gint64
get_expiry (const RtMockClaims *claims)
{
  return claims->expires != 0 ? claims->expires - rt_clock_real () + rt_clock_now () : 0;
}

static void
fill_expiry (RtReply *reply, const RtMockClaims *claims)
{
  if (claims->expires == 0)
    return;
  gint64 left = (claims->expires - rt_clock_real () + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;
  reply->expires = TRUE;
  reply->ttl = CLAMP (left, 1, G_MAXINT32);
}

static void
fill_pings (RtMockSession *self, RtReply *reply)
{
  guint interval = self->env->options.ping_interval;

  reply->ping = interval / 1000 + (interval % 1000 != 0);
  reply->pong = interval > 0;
  if (self->carrier->funcs->quiet_ping != 0)
    {
      reply->ping = self->carrier->funcs->quiet_ping;
      reply->pong = FALSE;
    }
}

static void
open_connection (RtMockSession *self, const RtCommand *command, const char *user, const RtMockClaims *claims)
{
  RtMockIdentity *identity = rt_mock_identity_new (user, claims->info);
  RtReply reply = {
    .kind = RT_REPLY_CONNECT,
    .id = command->id,
    .client = rt_mock_slice (identity->client),
    .time = rt_clock_real () / 1000,
  };

  fill_expiry (&reply, claims);
  fill_pings (self, &reply);
  rt_mock_session_open (self, identity, get_expiry (claims));
  if (self->key != NULL)
    {
      reply.session = rt_mock_slice (self->key);
      reply.node = rt_mock_slice (self->env->node);
    }
  rt_mock_session_reply (self, &reply);
}

/* A token says it for sure; in profile rt1 a client without one may say it itself. NULL: it cannot be used. */
static char *
take_user (RtMockSession *self, const RtCommand *command, const RtMockClaims *claims)
{
  if (claims->user != NULL)
    return g_strdup (claims->user);
  if (self->profile != RT_PROFILE_RT1)
    return g_strdup ("");
  g_autofree char *user = take_string (&command->user);
  return user != NULL && strlen (user) <= MAX_USER ? g_steal_pointer (&user) : NULL;
}

static void
handle_connect (RtMockSession *self, const RtCommand *command)
{
  g_autofree char *token = take_string (&command->token);
  g_auto (RtMockClaims) claims = { 0 };

  if (self->identity != NULL || token == NULL)
    {
      close_bad_request (self);
      return;
    }
  switch (check_token (self, token, &claims))
    {
    case AUTH_ACCEPTED:
      break;
    case AUTH_EXPIRED:
      reply_error (self, command->id, ERROR_TOKEN_EXPIRED, "token expired");
      return;
    case AUTH_REFUSED:
    default:
      rt_mock_session_close (self, RT_MOCK_CLOSE_INVALID_TOKEN, "invalid token");
      return;
    }
  g_autofree char *user = take_user (self, command, &claims);
  if (user != NULL)
    open_connection (self, command, user, &claims);
  else
    reply_error (self, command->id, ERROR_BAD_REQUEST, "bad request");
}

static void
handle_refresh (RtMockSession *self, const RtCommand *command)
{
  g_autofree char *token = take_string (&command->token);
  g_auto (RtMockClaims) claims = { 0 };
  RtReply reply = { .kind = RT_REPLY_REFRESH, .id = command->id };
  AuthVerdict verdict = token != NULL ? check_token (self, token, &claims) : AUTH_REFUSED;

  if (verdict == AUTH_EXPIRED)
    {
      reply_error (self, command->id, ERROR_TOKEN_EXPIRED, "token expired");
      return;
    }
  if (verdict == AUTH_REFUSED || (claims.user != NULL && strcmp (claims.user, self->identity->user) != 0))
    {
      rt_mock_session_close (self, RT_MOCK_CLOSE_INVALID_TOKEN, "invalid token");
      return;
    }
  reply.client = rt_mock_slice (self->identity->client);
  fill_expiry (&reply, &claims);
  rt_mock_session_set_expires (self, get_expiry (&claims));
  rt_mock_session_reply (self, &reply);
}

static void
handle_pong (RtMockSession *self, const RtCommand *command)
{
  rt_mock_session_take_pong (self);
}

/* --- Channels --- */

/* Fills in where the channel stands, and what the client has missed since it was there. */
static RtPublication *
fill_position (RtMockSession *self, const RtCommand *command, RtMockChannel *channel, RtReply *reply)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new ();
  g_autofree char *epoch = take_string (&command->epoch);
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
  return list_publications (entries);
}

static void
handle_subscribe (RtMockSession *self, const RtCommand *command)
{
  g_autofree char *name = take_channel_name (self, command);
  RtReply reply = { .kind = RT_REPLY_SUBSCRIBE, .id = command->id };

  if (name == NULL)
    return;
  RtMockChannel *channel = rt_mock_hub_get_channel (self->hub, name, FALSE);
  if (channel != NULL && g_hash_table_contains (self->subscriptions, channel))
    {
      reply_error (self, command->id, ERROR_ALREADY_SUBSCRIBED, "already subscribed");
      return;
    }
  if (g_hash_table_size (self->subscriptions) < MAX_SUBSCRIPTIONS)
    channel = rt_mock_hub_get_channel (self->hub, name, TRUE);
  else
    channel = NULL;
  if (channel == NULL)
    {
      reply_error (self, command->id, RT_MOCK_ERROR_LIMIT_EXCEEDED, "limit exceeded");
      return;
    }
  g_hash_table_add (self->subscriptions, channel);
  rt_mock_hub_join (self->hub, channel, self, command->join_leave);
  g_autofree RtPublication *publications = fill_position (self, command, channel, &reply);
  reply.publications = publications;
  rt_mock_session_reply (self, &reply);
  rt_mock_hub_announce_join (self->hub, channel, self);
}

static void
handle_unsubscribe (RtMockSession *self, const RtCommand *command)
{
  g_autofree char *name = take_channel_name (self, command);
  RtReply reply = { .kind = RT_REPLY_UNSUBSCRIBE, .id = command->id };

  if (name == NULL)
    return;
  RtMockChannel *channel = rt_mock_hub_get_channel (self->hub, name, FALSE);
  if (channel != NULL && g_hash_table_remove (self->subscriptions, channel))
    rt_mock_hub_leave (self->hub, channel, self);
  rt_mock_session_reply (self, &reply);
}

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
      close_bad_request (self);
      return;
    }
  name = take_channel_name (self, command);
  if (name == NULL)
    return;
  if (command->data.len > RT_MOCK_MAX_PUBLICATION)
    {
      reply_error (self, command->id, RT_MOCK_ERROR_LIMIT_EXCEEDED, "limit exceeded");
      return;
    }
  if (self->profile == RT_PROFILE_RT1 && command->idem.data != NULL)
    {
      idem = rt_json_unescape (&command->idem);
      if (idem == NULL || strlen (idem) > MAX_IDEM)
        {
          reply_error (self, command->id, ERROR_BAD_REQUEST, "bad request");
          return;
        }
    }
  g_autoptr (GBytes) data = g_bytes_new (command->data.data, command->data.len);
  RtMockPublish publish = { .channel = name, .data = data, .publisher = self->identity, .idem = idem };
  guint failure = rt_mock_hub_publish (self->hub, &publish, &published);
  if (failure == 0)
    reply_published (self, command, &published);
  else
    reply_error (self, command->id, failure,
                 failure == RT_MOCK_ERROR_INTERNAL ? "internal server error" : "limit exceeded");
}

/* --- Questions --- */

static void
handle_presence (RtMockSession *self, const RtCommand *command)
{
  g_autofree char *name = take_channel_name (self, command);
  g_autofree RtClientInfo *infos = NULL;
  RtReply reply = { .kind = RT_REPLY_PRESENCE, .id = command->id };
  GHashTableIter iter;
  gpointer member;

  if (name == NULL)
    return;
  if (!self->env->options.presence)
    {
      reply_error (self, command->id, ERROR_NOT_AVAILABLE, "not available");
      return;
    }
  RtMockChannel *channel = rt_mock_hub_get_channel (self->hub, name, FALSE);
  if (channel != NULL)
    {
      infos = g_new (RtClientInfo, g_hash_table_size (channel->members));
      g_hash_table_iter_init (&iter, channel->members);
      while (g_hash_table_iter_next (&iter, NULL, &member))
        rt_mock_identity_fill (((RtMockMember *) member)->identity, &infos[reply.n_members++]);
    }
  reply.members = infos;
  rt_mock_session_reply (self, &reply);
}

static void
handle_presence_stats (RtMockSession *self, const RtCommand *command)
{
  g_autofree char *name = take_channel_name (self, command);
  g_autoptr (GHashTable) users = g_hash_table_new (rt_mock_text_hash, g_str_equal);
  RtReply reply = { .kind = RT_REPLY_PRESENCE_STATS, .id = command->id };
  GHashTableIter iter;
  gpointer member;

  if (name == NULL)
    return;
  if (!self->env->options.presence)
    {
      reply_error (self, command->id, ERROR_NOT_AVAILABLE, "not available");
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
  g_autofree char *name = take_channel_name (self, command);
  g_autofree char *epoch = take_string (&command->epoch);
  g_autoptr (GPtrArray) entries = g_ptr_array_new ();
  RtMockPosition since = { epoch, command->offset };
  RtReply reply = { .kind = RT_REPLY_HISTORY, .id = command->id };

  if (name == NULL)
    return;
  RtMockChannel *channel = rt_mock_hub_get_channel (self->hub, name, TRUE);
  if (channel == NULL || !rt_mock_hub_has_history (self->hub))
    {
      reply_error (self, command->id, ERROR_NOT_AVAILABLE, "not available");
      return;
    }
  if (command->has_since && (epoch == NULL || !rt_mock_channel_has_epoch (channel, epoch)))
    {
      reply_error (self, command->id, ERROR_UNRECOVERABLE, "unrecoverable position");
      return;
    }
  guint limit = command->limit < 0 ? MAX_HISTORY_REPLY : MIN (command->limit, MAX_HISTORY_REPLY);
  rt_mock_channel_list (channel, command->has_since ? &since : NULL, limit, command->reverse, entries);
  g_autofree RtPublication *publications = list_publications (entries);
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
  g_autofree char *method = take_string (&command->method);
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
      reply_error (self, command->id, ERROR_BAD_REQUEST, "bad request");
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
    reply_error (self, command->id, ERROR_TOO_MANY_REQUESTS, "too many requests");
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
    reply_error (self, id, error, reason);
  else
    rt_mock_session_reply (self, &reply);
}

/* Nobody is told, and nothing is answered. */
static void
handle_send (RtMockSession *self, const RtCommand *command)
{
}

/* There are no tokens for channels. */
static void
handle_sub_refresh (RtMockSession *self, const RtCommand *command)
{
  reply_error (self, command->id, ERROR_NOT_AVAILABLE, "not available");
}

/* --- All --- */

typedef void (*CommandFunc) (RtMockSession   *self,
                             const RtCommand *command);

static const CommandFunc command_funcs[] = {
  [RT_COMMAND_CONNECT] = handle_connect,
  [RT_COMMAND_SUBSCRIBE] = handle_subscribe,
  [RT_COMMAND_UNSUBSCRIBE] = handle_unsubscribe,
  [RT_COMMAND_PUBLISH] = handle_publish,
  [RT_COMMAND_PRESENCE] = handle_presence,
  [RT_COMMAND_PRESENCE_STATS] = handle_presence_stats,
  [RT_COMMAND_HISTORY] = handle_history,
  [RT_COMMAND_RPC] = handle_rpc,
  [RT_COMMAND_SEND] = handle_send,
  [RT_COMMAND_REFRESH] = handle_refresh,
  [RT_COMMAND_SUB_REFRESH] = handle_sub_refresh,
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
    close_bad_request (self);
  else if (has_reply && rt_mock_faults_take (self->env->faults, RT_MOCK_FAULT_ERROR_REPLY))
    reply_error (self, command->id, RT_MOCK_ERROR_INTERNAL, "internal server error");
  else
    func (self, command);
}
