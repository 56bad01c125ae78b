/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-connection-private.h"

#include <string.h>
#include "rt-error.h"

/* A channel is in self->subs as long as it is wanted. Its state tells what the program sees; a command of its own
 * is on its way where awaiting is set (subscribe) or the state is LEAVING (unsubscribe). */

#define UNSUBSCRIBE_RESUBSCRIBES 2500 /* from this code on the server wants the channel joined again */
#define UNSUBSCRIBE_EXPIRED 2501
#define UNSUBSCRIBE_STATE_INVALID 2502
#define ERROR_ALREADY_SUBSCRIBED 105
#define ERROR_BAD_REQUEST 107
#define ERROR_TOKEN_EXPIRED 109

/* --- Commands --- */

static RtOp *
own_op (RtOpKind kind, RtSub *sub)
{
  RtOp *op = rt_op_new (kind);

  op->wants_result = FALSE;
  op->sub = rt_sub_ref (sub);
  return op;
}

static RtSlice
slice (const char *text)
{
  return (RtSlice) { .data = text, .len = text != NULL ? (guint32) strlen (text) : 0 };
}

static void
send_unsubscribe (RtConnection *self, RtSub *sub)
{
  RtCommand command = { .kind = RT_COMMAND_UNSUBSCRIBE, .channel = slice (sub->name) };

  rt_connection_write_op (self, own_op (RT_OP_UNSUBSCRIBE, sub), &command);
}

/* Or first asks for the token that it needs, and comes back here with it. */
void
rt_connection_subscribe (RtConnection *self, RtSub *sub)
{
  RtCommand command = { .kind = RT_COMMAND_SUBSCRIBE };
  g_autofree char *filter = NULL;

  /* What is wanted without a connection is asked for with the next one. */
  if (self->phase != RT_PHASE_OPEN || sub->awaiting || !rt_connection_has_sub_token (self, sub))
    return;
  /* The server may have joined it, and would refuse to do so again. */
  if (sub->unclear)
    send_unsubscribe (self, sub);
  sub->unclear = FALSE;
  command.channel = slice (sub->name);
  command.token = slice (sub->token.value);
  command.data = slice (sub->data);
  if (rt_connection_is_filtered (sub))
    filter = rt_tags_filter_to_json (sub->filter);
  command.filter = slice (filter);
  command.recoverable = sub->recover_wanted;
  command.positioned = sub->positioned_wanted;
  command.join_leave = sub->join_leave;
  if (sub->recover_wanted && sub->epoch != NULL)
    {
      command.recover = TRUE;
      command.epoch = slice (sub->epoch);
      command.offset = sub->offset;
    }
  sub->awaiting = TRUE;
  sub->behind = FALSE;
  rt_connection_set_due (self, sub, 0);
  rt_connection_write_op (self, own_op (RT_OP_SUBSCRIBE, sub), &command);
}

/* Nothing waits for this channel any more before it is sent. */
void
rt_connection_open_gate (RtConnection *self, RtSub *sub)
{
  if (!sub->gates)
    return;
  sub->gates = FALSE;
  if (self->sends.gates > 0)
    self->sends.gates--;
}

/* --- Joining --- */

static RtSub *
add_sub (RtConnection *self, const RtOp *op)
{
  RtSub *sub = rt_sub_new (op->channel);

  sub->serial = op->serial;
  sub->order = op->request.join.order;
  sub->messages_limit = op->request.join.messages_limit;
  sub->prefill = op->request.join.prefill;
  sub->recover_wanted = op->request.join.recover;
  sub->positioned_wanted = op->request.join.positioned;
  sub->join_leave = op->request.join.join_leave;
  sub->token.asked_for = op->request.join.asks_token;
  sub->data = g_strdup (op->request.join.data);
  if (op->request.join.filter != NULL)
    sub->filter = rt_tags_filter_copy (op->request.join.filter);
  sub->epoch = g_strdup (op->request.join.epoch);
  sub->offset = op->request.join.offset;
  g_hash_table_insert (self->subs, sub->name, sub);
  return sub;
}

void
rt_connection_join_op (RtConnection *self, RtOp *op)
{
  RtSub *sub;

  if (!self->wanted || self->phase >= RT_PHASE_DRAINING)
    {
      rt_connection_complete (self, op, rt_connection_refusal (self));
      return;
    }
  sub = g_hash_table_lookup (self->subs, op->channel);
  if (sub == NULL)
    {
      sub = add_sub (self, op);
      rt_sub_set_state (sub, RT_CHANNEL_STATE_JOINING);
      if (self->phase == RT_PHASE_OPEN)
        rt_connection_subscribe (self, sub);
    }
  op->sub = rt_sub_ref (sub);
  if (rt_sub_get_state (sub) != RT_CHANNEL_STATE_JOINED)
    {
      g_ptr_array_add (sub->joins, op);
      return;
    }
  rt_connection_fill_joined (op, sub, sub->epoch, sub->offset);
  rt_connection_complete (self, op, NULL);
}

/* A new connection: every wanted channel again, from where it was. */
void
rt_connection_join_all (RtConnection *self)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->subs);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      RtSub *sub = value;

      if (rt_sub_get_state (sub) == RT_CHANNEL_STATE_JOINED)
        continue; /* the server has subscribed it */
      rt_connection_subscribe (self, sub);
      if (sub->awaiting)
        {
          sub->gates = TRUE;
          self->sends.gates++;
        }
    }
}

/* On the same connection: publications are missing, and the server may still have them. */
void
rt_connection_join_again (RtConnection *self, RtSub *sub)
{
  if (sub->awaiting || rt_sub_get_state (sub) != RT_CHANNEL_STATE_JOINED)
    return;
  send_unsubscribe (self, sub);
  rt_connection_subscribe (self, sub);
}

static void
remove_sub (RtConnection *self, RtSub *sub)
{
  if (self->last_sub == sub)
    self->last_sub = NULL;
  g_hash_table_remove (self->subs, sub->name);
}

/* The program asked for it, and learns that it cannot be had; or it had it, and loses it. */
static void
refuse (RtConnection *self, RtSub *sub, const GError *error, guint code)
{
  rt_sub_set_state (sub, RT_CHANNEL_STATE_FAILED);
  if (sub->unclear && self->phase == RT_PHASE_OPEN)
    send_unsubscribe (self, sub);
  remove_sub (self, sub);
  rt_connection_complete_all (self, sub->joins, error);
  if (sub->was_joined)
    {
      rt_connection_left (self, sub, code, error->message, error);
      rt_connection_send_error (self, error);
    }
}

/* Whether it is tried again, at once or later. */
static gboolean
tries_again (RtConnection *self, RtSub *sub, const GError *error, const RtReply *reply)
{
  guint code = reply != NULL ? reply->code : 0;

  /* The position is gone on the server: join without it, and say so. */
  if (g_error_matches (error, RT_ERROR, RT_ERROR_UNRECOVERABLE) && sub->epoch != NULL)
    {
      g_clear_pointer (&sub->epoch, g_free);
      rt_connection_send_count (self, RT_NEWS_GAP, sub, 0);
      rt_connection_subscribe (self, sub);
      return TRUE;
    }
  if (code == ERROR_TOKEN_EXPIRED && sub->token.asked_for && !sub->token.renewed)
    {
      rt_connection_drop_sub_token (self, sub);
      sub->token.renewed = TRUE;
      rt_connection_subscribe (self, sub);
      return TRUE;
    }
  /* Left over from a command whose answer never came. */
  if (code == ERROR_ALREADY_SUBSCRIBED && !sub->repaired)
    {
      sub->repaired = TRUE;
      sub->unclear = TRUE;
      rt_connection_subscribe (self, sub);
      return TRUE;
    }
  /* Servers may have no filters, or not for this channel. */
  if (code == ERROR_BAD_REQUEST && rt_connection_is_filtered (sub))
    {
      sub->filter_refused = TRUE;
      rt_connection_subscribe (self, sub);
      return TRUE;
    }
  /* It was joined before, so nobody waits, and it is wanted still. */
  if (sub->was_joined && (rt_error_is_retryable (error) || (reply != NULL && reply->temporary)))
    {
      rt_connection_set_due (self, sub, rt_clock_now () + rt_connection_retry_delay (self, sub->attempts++));
      return TRUE;
    }
  return FALSE;
}

void
rt_connection_join_failed (RtConnection *self, RtSub *sub, GError *join_error, const RtReply *reply)
{
  g_autoptr (GError) error = join_error;
  g_autoptr (RtSub) held = rt_sub_ref (sub);

  sub->unclear = sub->awaiting && reply == NULL;
  sub->awaiting = FALSE;
  rt_connection_open_gate (self, sub);
  if (rt_sub_get_state (sub) != RT_CHANNEL_STATE_LEAVING && g_hash_table_lookup (self->subs, sub->name) == sub
      && !tries_again (self, sub, error, reply))
    refuse (self, sub, error, reply != NULL ? reply->code : 0);
  rt_connection_flush_sends (self);
}

/* --- Leaving --- */

void
rt_connection_left (RtConnection *self, RtSub *sub, guint code, const char *reason, const GError *error)
{
  RtNews *news = rt_news_new (RT_NEWS_LEFT, sub);

  news->code = code;
  news->text = g_strdup (reason);
  news->error = error != NULL ? g_error_copy (error) : NULL;
  rt_connection_send_news (self, news);
}

void
rt_connection_forget (RtConnection *self, RtSub *sub, guint code, const char *reason)
{
  g_autoptr (RtSub) held = rt_sub_ref (sub);

  rt_sub_set_state (sub, RT_CHANNEL_STATE_LEFT);
  rt_connection_open_gate (self, sub);
  remove_sub (self, sub);
  if (sub->was_joined)
    rt_connection_left (self, sub, code, reason, NULL);
  rt_connection_complete_all (self, sub->leaves, NULL);
}

static void
start_leaving (RtConnection *self, RtSub *sub)
{
  if (rt_sub_get_state (sub) == RT_CHANNEL_STATE_LEAVING)
    return;
  if (self->phase != RT_PHASE_OPEN)
    {
      rt_connection_forget (self, sub, 0, "");
      return;
    }
  rt_sub_set_state (sub, RT_CHANNEL_STATE_LEAVING);
  rt_connection_set_due (self, sub, 0);
  send_unsubscribe (self, sub);
}

void
rt_connection_leave_op (RtConnection *self, RtOp *op)
{
  RtSub *sub = g_hash_table_lookup (self->subs, op->channel);
  RtConnectionState state = rt_connection_get_state (self);
  g_autoptr (GError) left = NULL;

  if (state == RT_CONNECTION_STATE_CLOSING || state == RT_CONNECTION_STATE_CLOSED)
    {
      rt_connection_complete (self, op, rt_connection_refusal (self));
      return;
    }
  if (sub == NULL || (op->sub != NULL && op->sub != sub))
    {
      rt_connection_complete (self, op, g_error_new (RT_ERROR, RT_ERROR_CHANNEL_NOT_FOUND,
                                                     "Channel %s is not joined", op->channel));
      return;
    }
  left = g_error_new (RT_ERROR, RT_ERROR_CHANNEL_NOT_FOUND, "Channel %s was left before it was joined", op->channel);
  /* Those who wait for the end of this one, to join anew, are not left by its handle. */
  if (op->sub == NULL || rt_sub_get_state (sub) != RT_CHANNEL_STATE_LEAVING)
    rt_connection_complete_all (self, sub->joins, left);
  gboolean waits = !g_atomic_int_get (&op->cancelled);
  if (waits)
    g_ptr_array_add (sub->leaves, op);
  start_leaving (self, sub);
  /* Since the call was made nothing has been delivered, so it is left even if nobody waits for that. */
  if (!waits)
    rt_connection_complete (self, op, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                                           "The call was cancelled; the channel is left all the same"));
}

/* Joined again while it was being left: a subscription of its own, and a new record. */
static void
begin_again (RtConnection *self, GPtrArray *joins)
{
  RtSub *sub = NULL;

  for (guint i = 0; i < joins->len; i++)
    {
      RtOp *op = g_ptr_array_index (joins, i);

      if (sub == NULL)
        sub = add_sub (self, op);
      g_clear_pointer (&op->sub, rt_sub_unref);
      op->sub = rt_sub_ref (sub);
      g_ptr_array_add (sub->joins, op);
    }
  rt_sub_set_state (sub, RT_CHANNEL_STATE_JOINING);
  rt_connection_subscribe (self, sub);
}

/* It is over, and perhaps wanted again since. */
void
rt_connection_end_sub (RtConnection *self, RtSub *sub, guint code, const char *reason)
{
  g_autoptr (GPtrArray) joins = g_steal_pointer (&sub->joins);

  sub->joins = g_ptr_array_new ();
  rt_connection_forget (self, sub, code, reason);
  if (joins->len > 0)
    begin_again (self, joins);
}

/* The answer to an unsubscribe, which leave sent or join_again. */
void
rt_connection_unsubscribed (RtConnection *self, RtSub *sub)
{
  if (rt_sub_get_state (sub) == RT_CHANNEL_STATE_LEAVING && g_hash_table_lookup (self->subs, sub->name) == sub)
    rt_connection_end_sub (self, sub, 0, "");
}

/* The server has ended it. */
void
rt_connection_unsubscribe_push (RtConnection *self, RtSub *sub, guint code, const char *reason)
{
  if (rt_sub_get_state (sub) != RT_CHANNEL_STATE_JOINED || sub->awaiting)
    return;
  if (code < UNSUBSCRIBE_RESUBSCRIBES)
    {
      rt_connection_forget (self, sub, code, reason);
      return;
    }
  if (code == UNSUBSCRIBE_STATE_INVALID && (sub->epoch != NULL || !sub->behind))
    {
      g_clear_pointer (&sub->epoch, g_free);
      rt_connection_send_count (self, RT_NEWS_GAP, sub, 0);
    }
  if (code == UNSUBSCRIBE_EXPIRED || code == UNSUBSCRIBE_STATE_INVALID)
    rt_connection_drop_sub_token (self, sub);
  /* A server that ends it again and again gets no further than the program has looked. */
  if (self->overflow)
    {
      sub->behind = TRUE;
      return;
    }
  rt_sub_set_state (sub, RT_CHANNEL_STATE_JOINING);
  rt_connection_send_news (self, rt_news_new (RT_NEWS_REJOINING, sub));
  rt_connection_subscribe (self, sub);
}

/* --- Taking back, and losing the line --- */

gboolean
rt_connection_cancel_channel_op (RtConnection *self, RtOp *op)
{
  RtSub *sub = op->channel != NULL ? g_hash_table_lookup (self->subs, op->channel) : NULL;
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The call was cancelled");

  if (sub == NULL)
    return FALSE;
  if (g_ptr_array_remove (sub->leaves, op))
    {
      rt_connection_complete (self, op, g_steal_pointer (&error));
      return TRUE;
    }
  if (!g_ptr_array_remove (sub->joins, op))
    return FALSE;
  /* Nobody else wanted it. */
  if (sub->joins->len == 0 && !sub->was_joined)
    start_leaving (self, sub);
  rt_connection_complete (self, op, g_steal_pointer (&error));
  return TRUE;
}

static void
channel_lost (RtConnection *self, RtSub *sub, gboolean for_good, const GError *error)
{
  gboolean leaving = rt_sub_get_state (sub) == RT_CHANNEL_STATE_LEAVING;
  gboolean goes_on = self->wanted && !for_good;

  sub->awaiting = sub->unclear = FALSE;
  sub->due = 0;
  rt_connection_open_gate (self, sub);
  /* Who waits for a first join waits on, as long as a connection is sought. */
  if (goes_on && sub->joins->len > 0)
    {
      if (leaving)
        rt_connection_end_sub (self, sub, 0, "");
      return;
    }
  rt_connection_complete_all (self, sub->joins, error);
  if (for_good || leaving || !sub->was_joined)
    {
      rt_connection_forget (self, sub, 0, for_good ? "the client was closed" : "");
      return;
    }
  rt_connection_send_dropped (self, sub);
  if (rt_sub_get_state (sub) == RT_CHANNEL_STATE_JOINED)
    {
      rt_sub_set_state (sub, RT_CHANNEL_STATE_JOINING);
      rt_connection_send_news (self, rt_news_new (RT_NEWS_REJOINING, sub));
    }
}

void
rt_connection_channels_lost (RtConnection *self, gboolean for_good, const GError *error)
{
  g_autoptr (GList) subs = g_hash_table_get_values (self->subs);

  for (GList *l = subs; l != NULL; l = l->next)
    channel_lost (self, l->data, for_good, error);
}

/* Another user, or the server has forgotten everything. */
void
rt_connection_forget_all (RtConnection *self, const char *reason, const GError *error)
{
  g_autoptr (GList) subs = g_hash_table_get_values (self->subs);

  for (GList *l = subs; l != NULL; l = l->next)
    {
      RtSub *sub = l->data;

      rt_connection_complete_all (self, sub->joins, error);
      rt_connection_forget (self, sub, 0, reason);
    }
}

void
rt_connection_leave_all (RtConnection *self)
{
  GHashTableIter iter;
  gpointer value;
  RtCommand command = { .kind = RT_COMMAND_UNSUBSCRIBE };

  g_hash_table_iter_init (&iter, self->subs);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      if (rt_sub_get_state (value) != RT_CHANNEL_STATE_JOINED)
        continue;
      command.id = rt_replies_take_id (&self->replies);
      command.channel = slice (((RtSub *) value)->name);
      rt_connection_write (self, &command);
    }
}
