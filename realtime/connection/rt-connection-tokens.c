/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-connection-private.h"

#include <string.h>
#include "rt-error.h"

/* Tokens come from the program, by way of the app half: one request at a time for the connection, and one for each
 * channel. They are asked for before they are first needed and ahead of their end, and given to the server on the
 * connection that is open. Lifetimes are counted on the monotonic clock, so a wrong wall clock does no harm. */

/* A token is replaced when so much of its life is over, in parts of a hundred. */
#define EARLIEST_REFRESH 72
#define LATEST_REFRESH 88

static RtSlice
slice (const char *text)
{
  return (RtSlice) { .data = text, .len = (guint32) strlen (text) };
}

/* The policy of reconnecting, for whatever else failed for a time. */
gint64
rt_connection_retry_delay (RtConnection *self, guint attempts)
{
  RtBackoff backoff = self->backoff;

  backoff.attempt = attempts;
  gint64 delay = rt_backoff_next (&backoff, -1, -1);
  self->backoff.state = backoff.state;
  return delay;
}

static gint64
refresh_time (RtConnection *self, guint32 ttl)
{
  gint64 life = (gint64) ttl * G_USEC_PER_SEC;
  gint64 earliest = life / 100 * EARLIEST_REFRESH;

  return rt_clock_now () + earliest + rt_backoff_random (&self->backoff, life / 100 * (LATEST_REFRESH - EARLIEST_REFRESH));
}

static void
ask (RtConnection *self, RtSub *sub, guint serial)
{
  RtTokenRequest *request = g_new0 (RtTokenRequest, 1);

  request->item.kind = RT_ITEM_TOKEN;
  request->sub = sub != NULL ? rt_sub_ref (sub) : NULL;
  request->serial = serial;
  self->events->need_token (self->user_data, request);
}

static void
send_token_news (RtConnection *self, RtSub *sub)
{
  rt_connection_send_news (self, rt_news_new (RT_NEWS_TOKEN, sub));
}

/* --- When something is due: one timer for the connection and all channels --- */

static void
plan_due (RtConnection *self)
{
  gint64 next = self->tokens.requested ? 0 : self->tokens.refresh_at;
  GHashTableIter iter;
  gpointer value;

  /* Without a connection the next attempt sees to all of it. */
  if (self->phase != RT_PHASE_OPEN)
    {
      rt_timer_stop (self->due_timer);
      return;
    }
  g_hash_table_iter_init (&iter, self->subs);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      gint64 due = ((RtSub *) value)->due;
      if (due != 0 && (next == 0 || due < next))
        next = due;
    }
  if (next != 0)
    rt_timer_start (self->due_timer, next);
  else
    rt_timer_stop (self->due_timer);
}

void
rt_connection_set_due (RtConnection *self, RtSub *sub, gint64 due)
{
  if (sub->due == due)
    return;
  sub->due = due;
  plan_due (self);
}

static void
set_refresh (RtConnection *self, gint64 when)
{
  self->tokens.refresh_at = when;
  plan_due (self);
}

/* --- The token of the connection --- */

static void
ask_for_token (RtConnection *self)
{
  if (self->tokens.requested)
    return;
  self->tokens.requested = TRUE;
  ask (self, NULL, ++self->tokens.serial);
}

void
rt_connection_drop_token (RtConnection *self)
{
  g_clear_pointer (&self->tokens.value, g_free);
  self->tokens.requested = FALSE;
  self->tokens.serial++; /* an answer that is on its way is to the old question */
  set_refresh (self, 0);
}

/* TRUE: what is to be sent is there. Else it will come, and rt_connection_token_came is called. */
gboolean
rt_connection_has_token (RtConnection *self)
{
  if (!self->asks_token)
    return TRUE;
  if (self->tokens.value != NULL
      && (self->tokens.refresh_at == 0 || rt_clock_now () < self->tokens.refresh_at))
    return TRUE;
  ask_for_token (self);
  return FALSE;
}

void
rt_connection_token_lives (RtConnection *self, guint32 ttl)
{
  self->tokens.attempts = 0;
  set_refresh (self, ttl > 0 && self->asks_token ? refresh_time (self, ttl) : 0);
}

static void
send_refresh (RtConnection *self)
{
  RtCommand command = { .kind = RT_COMMAND_REFRESH, .token = slice (self->tokens.value) };
  RtOp *op = rt_op_new (RT_OP_REFRESH);

  op->wants_result = FALSE;
  rt_connection_write_op (self, op, &command);
}

/* The old one is still good for a while. */
static void
refresh_later (RtConnection *self)
{
  set_refresh (self, rt_clock_now () + rt_connection_retry_delay (self, self->tokens.attempts++));
}

/* This user is not to be connected any more. */
static void
end_for_good (RtConnection *self, const GError *error)
{
  self->decided = TRUE;
  self->decision = (RtVerdict) { .kind = RT_VERDICT_TERMINAL, .floor = -1, .spread = -1 };
  rt_connection_cut_line (self, g_error_copy (error));
}

static void
take_token (RtConnection *self, const char *token, const GError *error)
{
  self->tokens.requested = FALSE;
  if (error == NULL)
    {
      g_free (self->tokens.value);
      self->tokens.value = g_strdup (token);
      set_refresh (self, 0);
    }
  if (self->phase != RT_PHASE_OPEN)
    rt_connection_token_came (self, error);
  else if (error == NULL)
    send_refresh (self);
  else if (g_error_matches (error, RT_ERROR, RT_ERROR_UNAUTHORIZED))
    end_for_good (self, error);
  else
    {
      rt_connection_send_error (self, error);
      refresh_later (self);
    }
}

/* The server's answer to a refresh. */
void
rt_connection_refreshed (RtConnection *self, const RtReply *reply, GError *refresh_error)
{
  g_autoptr (GError) error = refresh_error;

  if (self->phase != RT_PHASE_OPEN)
    return;
  if (error == NULL)
    {
      self->tokens.renewed = FALSE;
      rt_connection_token_lives (self, reply->expires ? reply->ttl : 0);
      send_token_news (self, NULL);
      return;
    }
  if (g_error_matches (error, RT_ERROR, RT_ERROR_UNAUTHORIZED) && self->tokens.renewed)
    {
      end_for_good (self, error);
      return;
    }
  rt_connection_send_error (self, error);
  if (g_error_matches (error, RT_ERROR, RT_ERROR_UNAUTHORIZED))
    {
      self->tokens.renewed = TRUE;
      ask_for_token (self);
    }
  else
    refresh_later (self);
}

/* --- The tokens of channels --- */

static void
ask_for_sub_token (RtConnection *self, RtSub *sub)
{
  if (sub->token.requested)
    return;
  sub->token.requested = TRUE;
  ask (self, sub, ++sub->token.serial);
}

gboolean
rt_connection_has_sub_token (RtConnection *self, RtSub *sub)
{
  if (!sub->token.asked_for || sub->token.value != NULL)
    return TRUE;
  ask_for_sub_token (self, sub);
  return FALSE;
}

void
rt_connection_drop_sub_token (RtConnection *self, RtSub *sub)
{
  g_clear_pointer (&sub->token.value, g_free);
  sub->token.requested = FALSE;
  sub->token.serial++;
  rt_connection_set_due (self, sub, 0);
}

void
rt_connection_sub_token_lives (RtConnection *self, RtSub *sub, guint32 ttl)
{
  sub->attempts = 0;
  sub->repaired = FALSE;
  sub->token.renewed = FALSE;
  rt_connection_set_due (self, sub, ttl > 0 && sub->token.asked_for ? refresh_time (self, ttl) : 0);
}

static void
send_sub_refresh (RtConnection *self, RtSub *sub)
{
  RtCommand command = { .kind = RT_COMMAND_SUB_REFRESH, .channel = slice (sub->name), .token = slice (sub->token.value) };
  RtOp *op = rt_op_new (RT_OP_SUB_REFRESH);

  op->wants_result = FALSE;
  op->sub = rt_sub_ref (sub);
  rt_connection_write_op (self, op, &command);
}

static void
take_sub_token (RtConnection *self, RtSub *sub, const char *token, GError *error)
{
  RtChannelState state = rt_sub_get_state (sub);

  sub->token.requested = FALSE;
  if (error == NULL)
    {
      g_free (sub->token.value);
      sub->token.value = g_strdup (token);
    }
  if (self->phase != RT_PHASE_OPEN || g_hash_table_lookup (self->subs, sub->name) != sub)
    g_clear_error (&error);
  else if (state == RT_CHANNEL_STATE_JOINING && error == NULL)
    rt_connection_subscribe (self, sub);
  else if (state == RT_CHANNEL_STATE_JOINING)
    rt_connection_join_failed (self, sub, g_steal_pointer (&error), NULL);
  else if (state == RT_CHANNEL_STATE_JOINED && error == NULL && sub->behind && !self->overflow)
    rt_connection_subscribe (self, sub); /* the server has ended it, and it is to go on from where it was */
  else if (state == RT_CHANNEL_STATE_JOINED && error == NULL)
    send_sub_refresh (self, sub);
  else if (state == RT_CHANNEL_STATE_JOINED)
    {
      /* The server ends it with a code that asks to join again, if no other token comes in time. */
      rt_connection_send_error (self, error);
      g_clear_error (&error);
      rt_connection_set_due (self, sub, rt_clock_now () + rt_connection_retry_delay (self, sub->attempts++));
    }
  g_clear_error (&error);
}

void
rt_connection_sub_refreshed (RtConnection *self, RtSub *sub, const RtReply *reply, GError *refresh_error)
{
  g_autoptr (GError) error = refresh_error;

  if (rt_sub_get_state (sub) != RT_CHANNEL_STATE_JOINED || g_hash_table_lookup (self->subs, sub->name) != sub)
    return;
  if (error == NULL)
    {
      rt_connection_sub_token_lives (self, sub, reply->expires ? reply->ttl : 0);
      send_token_news (self, sub);
      return;
    }
  rt_connection_send_error (self, error);
  rt_connection_set_due (self, sub, rt_clock_now () + rt_connection_retry_delay (self, sub->attempts++));
}

/* --- What is due, and the answers --- */

/* For a joined channel that is a new token, for one that could not be joined another attempt. */
static void
sub_is_due (RtConnection *self, RtSub *sub)
{
  sub->due = 0;
  if (rt_sub_get_state (sub) == RT_CHANNEL_STATE_JOINING)
    rt_connection_subscribe (self, sub);
  else if (rt_sub_get_state (sub) == RT_CHANNEL_STATE_JOINED && sub->token.asked_for)
    ask_for_sub_token (self, sub);
}

void
rt_connection_due_expired (gpointer user_data)
{
  RtConnection *self = user_data;
  g_autoptr (GList) subs = NULL;
  gint64 now = rt_clock_now ();

  if (self->phase != RT_PHASE_OPEN)
    return;
  if (self->tokens.refresh_at != 0 && self->tokens.refresh_at <= now)
    ask_for_token (self);
  subs = g_hash_table_get_values (self->subs);
  for (GList *l = subs; l != NULL && self->phase == RT_PHASE_OPEN; l = l->next)
    {
      RtSub *sub = l->data;
      if (sub->due != 0 && sub->due <= now)
        sub_is_due (self, sub);
    }
  plan_due (self);
  rt_connection_send_out (self);
}

void
rt_connection_token_given (RtConnection *self, RtTokenRequest *request, char *token, GError *error)
{
  RtSub *sub = request->sub;

  if (sub == NULL && self->tokens.requested && request->serial == self->tokens.serial)
    take_token (self, token, error);
  else if (sub != NULL && sub->token.requested && request->serial == sub->token.serial)
    take_sub_token (self, sub, token, g_steal_pointer (&error));
  g_clear_error (&error);
  g_free (token);
  rt_token_request_free (request);
}
