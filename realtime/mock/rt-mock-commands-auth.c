/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-commands.h"

#include "rt-mock-secret.h"

#define MAX_USER 255

/* --- Tokens --- */

/* Every key is compared, so that the time tells nothing. */
static gboolean
is_api_key (const RtMockOptions *options, const char *token)
{
  gboolean found = FALSE;

  for (guint i = 0; options->api_keys[i] != NULL; i++)
    found |= rt_mock_secret_equals (options->api_keys[i], token);
  return found;
}

static RtMockAuthVerdict
verify (const RtMockOptions *options, const char *token, RtMockClaims *claims)
{
  switch (rt_mock_token_verify (token, options->token_secret, rt_clock_real (), claims))
    {
    case RT_MOCK_TOKEN_VALID:
      return RT_MOCK_AUTH_ACCEPTED;
    case RT_MOCK_TOKEN_EXPIRED:
      return RT_MOCK_AUTH_EXPIRED;
    case RT_MOCK_TOKEN_INVALID:
    default:
      return RT_MOCK_AUTH_REFUSED;
    }
}

static RtMockAuthVerdict
check_connection (const RtMockOptions *options, const char *token, RtMockClaims *claims)
{
  if (is_api_key (options, token))
    return RT_MOCK_AUTH_ACCEPTED;
  if (options->token_secret != NULL && token[0] != '\0')
    return verify (options, token, claims);
  if (options->api_keys[0] != NULL || (options->auth_required && token[0] == '\0'))
    return RT_MOCK_AUTH_REFUSED;
  return RT_MOCK_AUTH_ACCEPTED;
}

/* Where nobody can sign anything, nobody has a right to be in. */
static RtMockAuthVerdict
check_channel (RtMockSession *self, const char *channel, const char *token, RtMockClaims *claims)
{
  const RtMockOptions *options = &self->env->options;
  RtMockAuthVerdict verdict = RT_MOCK_AUTH_REFUSED;

  if (options->token_secret != NULL && token[0] != '\0')
    verdict = verify (options, token, claims);
  if (verdict == RT_MOCK_AUTH_ACCEPTED &&
      (g_strcmp0 (claims->channel, channel) != 0 || strcmp (claims->user, self->identity->user) != 0))
    return RT_MOCK_AUTH_REFUSED;
  return verdict;
}

RtMockAuthVerdict
rt_mock_check_token (RtMockSession *self, const char *channel, const RtSlice *token, RtMockClaims *claims)
{
  const RtMockOptions *options = &self->env->options;
  g_autofree char *text = rt_mock_take_string (token);
  RtMockAuthVerdict verdict;

  *claims = (RtMockClaims) { 0 };
  if (rt_mock_faults_take (self->env->faults, RT_MOCK_FAULT_EXPIRE_TOKEN))
    return RT_MOCK_AUTH_EXPIRED;
  if (text == NULL)
    return RT_MOCK_AUTH_REFUSED;
  verdict = channel != NULL ? check_channel (self, channel, text, claims) : check_connection (options, text, claims);
  if (verdict == RT_MOCK_AUTH_ACCEPTED && claims->expires == 0 && options->token_ttl > 0)
    claims->expires = rt_clock_real () + (gint64) options->token_ttl * G_USEC_PER_SEC;
  return verdict;
}

/* From the world's clock to this machine's. */
gint64
rt_mock_get_expiry (const RtMockClaims *claims)
{
  return claims->expires != 0 ? claims->expires - rt_clock_real () + rt_clock_now () : 0;
}

void
rt_mock_fill_expiry (RtReply *reply, const RtMockClaims *claims)
{
  if (claims->expires == 0)
    return;
  gint64 left = (claims->expires - rt_clock_real () + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;
  reply->expires = TRUE;
  reply->ttl = CLAMP (left, 1, G_MAXINT32);
}

/* --- Connecting --- */

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
  g_auto (RtBuffer) subs = { 0 };
  RtReply reply = {
    .kind = RT_REPLY_CONNECT,
    .id = command->id,
    .client = rt_mock_slice (identity->client),
    .time = rt_clock_real () / 1000,
  };

  rt_mock_fill_expiry (&reply, claims);
  fill_pings (self, &reply);
  rt_mock_session_open (self, identity, rt_mock_get_expiry (claims));
  if (self->key != NULL)
    {
      reply.session = rt_mock_slice (self->key);
      reply.node = rt_mock_slice (self->env->node);
    }
  if (claims->channels != NULL)
    rt_mock_join_claimed (self, command, claims->channels, &subs);
  if (subs.len > 0)
    reply.subs = (RtSlice) { (const char *) subs.data, subs.len, 0 };
  rt_mock_session_reply (self, &reply);
  rt_mock_announce_claimed (self);
}

/* A token says it for sure; in profile rt1 a client without one may say it itself. NULL: it cannot be used. */
static char *
take_user (RtMockSession *self, const RtCommand *command, const RtMockClaims *claims)
{
  if (claims->user != NULL)
    return g_strdup (claims->user);
  if (self->profile != RT_PROFILE_RT1)
    return g_strdup ("");
  g_autofree char *user = rt_mock_take_string (&command->user);
  return user != NULL && strlen (user) <= MAX_USER ? g_steal_pointer (&user) : NULL;
}

void
rt_mock_handle_connect (RtMockSession *self, const RtCommand *command)
{
  g_auto (RtMockClaims) claims = { 0 };

  if (self->identity != NULL)
    {
      rt_mock_close_bad_request (self);
      return;
    }
  switch (rt_mock_check_token (self, NULL, &command->token, &claims))
    {
    case RT_MOCK_AUTH_ACCEPTED:
      break;
    case RT_MOCK_AUTH_EXPIRED:
      rt_mock_reply_error (self, command->id, RT_MOCK_ERROR_TOKEN_EXPIRED);
      return;
    case RT_MOCK_AUTH_REFUSED:
    default:
      rt_mock_session_close (self, RT_MOCK_CLOSE_INVALID_TOKEN, "invalid token");
      return;
    }
  g_autofree char *user = take_user (self, command, &claims);
  if (user != NULL)
    open_connection (self, command, user, &claims);
  else
    rt_mock_reply_error (self, command->id, RT_MOCK_ERROR_BAD_REQUEST);
}

void
rt_mock_handle_refresh (RtMockSession *self, const RtCommand *command)
{
  g_auto (RtMockClaims) claims = { 0 };
  RtReply reply = { .kind = RT_REPLY_REFRESH, .id = command->id };
  RtMockAuthVerdict verdict = rt_mock_check_token (self, NULL, &command->token, &claims);

  if (verdict == RT_MOCK_AUTH_EXPIRED)
    {
      rt_mock_reply_error (self, command->id, RT_MOCK_ERROR_TOKEN_EXPIRED);
      return;
    }
  if (verdict == RT_MOCK_AUTH_REFUSED || (claims.user != NULL && strcmp (claims.user, self->identity->user) != 0))
    {
      rt_mock_session_close (self, RT_MOCK_CLOSE_INVALID_TOKEN, "invalid token");
      return;
    }
  reply.client = rt_mock_slice (self->identity->client);
  rt_mock_fill_expiry (&reply, &claims);
  rt_mock_session_set_expires (self, rt_mock_get_expiry (&claims));
  rt_mock_session_reply (self, &reply);
}
