/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-connection-private.h"

#include <string.h>
#include "rt-error.h"

/* Servers take 64 KiB a message; several commands share one as long as they stay below this. */
#define MAX_BATCH (60 * 1024)
/* A peer that pings and does not read gets no more answers than this queued. */
#define MAX_UNSENT_PONGS 4096
/* Bytes that wait for a server that does not read, beyond which nothing is added that has no answer. */
#define MAX_UNREAD (8 * 1024 * 1024)

static RtSlice
slice (const char *text)
{
  return (RtSlice) { .data = text, .len = text != NULL ? (guint32) strlen (text) : 0 };
}

/* --- Writing --- */

/* Hands the commands before @end to the transport as one message. */
static void
send_commands (RtConnection *self, gsize end)
{
  self->transport_class->send (self->transport, self->out.data, end);
}

void
rt_connection_write (RtConnection *self, const RtCommand *command)
{
  gsize before = self->out.len;

  if (self->transport == NULL)
    return;
  if (before > 0)
    rt_buffer_put (&self->out, self->codec->separator, strlen (self->codec->separator));
  gsize start = self->out.len;
  self->codec->write_command (&self->out, command);
  if (before > 0 && self->out.len > MAX_BATCH)
    {
      send_commands (self, before);
      memmove (self->out.data, self->out.data + start, self->out.len - start);
      self->out.len -= start;
    }
}

void
rt_connection_end_message (RtConnection *self)
{
  if (self->transport == NULL || self->out.len == 0)
    return;
  send_commands (self, self->out.len);
  self->out.len = 0;
}

/* The end of each turn. */
void
rt_connection_send_out (RtConnection *self)
{
  self->turn_time = 0;
  if (self->transport == NULL)
    return;
  rt_connection_end_message (self);
  self->transport_class->flush (self->transport);
}

/* One timer serves all requests; nearly always it runs already, for an older one. */
static void
watch_deadline (RtConnection *self, gint64 deadline)
{
  if (rt_timer_is_active (self->reply_timer) && self->reply_due <= deadline)
    return;
  self->reply_due = deadline;
  rt_timer_start (self->reply_timer, deadline);
}

static guint
get_timeout (RtConnection *self, const RtOp *op)
{
  return op->timeout != 0 ? op->timeout : self->settings->request_timeout;
}

void
rt_connection_write_op (RtConnection *self, RtOp *op, RtCommand *command)
{
  /* The time to wait for the answer starts now that it is written. */
  op->deadline = rt_connection_now (self) + RT_CLOCK_MS (get_timeout (self, op));
  command->id = rt_replies_add (&self->replies, op);
  rt_connection_write (self, command);
  watch_deadline (self, op->deadline);
}

void
rt_connection_write_pong (RtConnection *self)
{
  RtCommand command = { .kind = RT_COMMAND_PONG };

  if (self->transport_class->get_queued (self->transport) == 0)
    self->unsent_pongs = 0;
  if (self->unsent_pongs >= MAX_UNSENT_PONGS)
    return;
  self->unsent_pongs++;
  rt_connection_write (self, &command);
}

static void
fill_history (RtCommand *command, const RtHistoryRequest *request)
{
  command->limit = request->limit;
  command->reverse = request->reverse;
  command->has_since = request->has_since;
  command->epoch = slice (request->epoch);
  command->offset = request->offset;
}

void
rt_connection_request_op (RtConnection *self, RtOp *op)
{
  RtCommand command = { 0 };

  if (self->phase != RT_PHASE_OPEN)
    {
      rt_connection_complete (self, op, rt_connection_refusal (self));
      return;
    }
  command.channel = slice (op->channel);
  command.data = (RtSlice) { .data = op->data, .len = (guint32) op->data_len };
  switch ((int) op->kind)
    {
    case RT_OP_RPC:
      command.kind = RT_COMMAND_RPC;
      command.method = command.channel;
      command.channel = (RtSlice) { 0 };
      break;
    case RT_OP_HISTORY:
      command.kind = RT_COMMAND_HISTORY;
      fill_history (&command, &op->request.history);
      break;
    case RT_OP_PRESENCE:
      command.kind = RT_COMMAND_PRESENCE;
      break;
    case RT_OP_PRESENCE_STATS:
      command.kind = RT_COMMAND_PRESENCE_STATS;
      break;
    default:
      g_assert_not_reached ();
    }
  rt_connection_write_op (self, op, &command);
}

/* Any transport carries a call, and any server takes one; the answer, which belongs to nobody, is passed over. */
void
rt_connection_notify_op (RtConnection *self, RtOp *op)
{
  RtCommand command = { .kind = RT_COMMAND_RPC };

  if (self->phase != RT_PHASE_OPEN)
    {
      rt_connection_complete (self, op, rt_connection_refusal (self));
      return;
    }
  gsize unread = self->transport_class->get_queued (self->transport);
  if (unread > MAX_UNREAD)
    {
      rt_connection_complete (self, op,
                              g_error_new (RT_ERROR, RT_ERROR_QUEUE_FULL,
                                           "%" G_GSIZE_FORMAT " bytes wait until the server reads, more than the %d that"
                                           " may; send again later", unread, MAX_UNREAD));
      return;
    }
  command.id = rt_replies_take_id (&self->replies);
  command.method = slice (op->channel);
  command.data = (RtSlice) { .data = op->data, .len = (guint32) op->data_len };
  rt_connection_write (self, &command);
  rt_connection_complete (self, op, NULL);
}

void
rt_connection_ping_op (RtConnection *self, RtOp *op)
{
  if (self->phase != RT_PHASE_OPEN)
    rt_connection_complete (self, op, rt_connection_refusal (self));
  else if (!self->transport_class->bidirectional_ping || !self->transport_class->ping (self->transport))
    rt_connection_complete (self, op, g_error_new (RT_ERROR, RT_ERROR_NOT_SUPPORTED,
                                                   "The transport \"%s\" has no ping", self->transport_class->name));
  else
    {
      op->deadline = rt_clock_now () + RT_CLOCK_MS (self->settings->request_timeout);
      g_queue_push_tail (&self->pings, op);
      watch_deadline (self, op->deadline);
    }
}

void
rt_connection_ping_line (RtConnection *self)
{
  if (self->transport_class->bidirectional_ping && self->transport_class->ping (self->transport))
    self->transport_class->flush (self->transport);
}

/* --- Answers --- */

static const char *
describe (RtOp *op)
{
  switch (op->kind)
    {
    case RT_OP_PUBLISH:
      return "the message";
    case RT_OP_RPC:
    case RT_OP_NOTIFY:
      return "the call";
    case RT_OP_HISTORY:
      return "the history";
    case RT_OP_PRESENCE:
    case RT_OP_PRESENCE_STATS:
      return "the presence";
    case RT_OP_CONNECT:
    case RT_OP_GREETING:
      return "the connection";
    case RT_OP_JOIN:
    case RT_OP_SUBSCRIBE:
      return "the channel";
    case RT_OP_REFRESH:
    case RT_OP_SUB_REFRESH:
      return "the token";
    case RT_OP_DISCONNECT:
    case RT_OP_CLOSE:
    case RT_OP_LEAVE:
    case RT_OP_PING:
    case RT_OP_RESET:
    case RT_OP_UNSUBSCRIBE:
    default:
      return "the request";
    }
}

static RtReplyKind
expected_kind (RtOp *op)
{
  switch (op->kind)
    {
    case RT_OP_PUBLISH:
      return RT_REPLY_PUBLISH;
    case RT_OP_RPC:
      return RT_REPLY_RPC;
    case RT_OP_HISTORY:
      return RT_REPLY_HISTORY;
    case RT_OP_PRESENCE:
      return RT_REPLY_PRESENCE;
    case RT_OP_PRESENCE_STATS:
      return RT_REPLY_PRESENCE_STATS;
    case RT_OP_SUBSCRIBE:
      return RT_REPLY_SUBSCRIBE;
    case RT_OP_UNSUBSCRIBE:
      return RT_REPLY_UNSUBSCRIBE;
    case RT_OP_GREETING:
      return RT_REPLY_CONNECT;
    case RT_OP_REFRESH:
      return RT_REPLY_REFRESH;
    case RT_OP_SUB_REFRESH:
      return RT_REPLY_SUB_REFRESH;
    case RT_OP_CONNECT:
    case RT_OP_DISCONNECT:
    case RT_OP_CLOSE:
    case RT_OP_JOIN:
    case RT_OP_LEAVE:
    case RT_OP_PING:
    case RT_OP_RESET:
    case RT_OP_NOTIFY:
    default:
      return RT_REPLY_UNKNOWN;
    }
}

/* The connect command is answered. Takes @error. */
static void
greeting_ended (RtConnection *self, const RtReply *reply, GError *error)
{
  if (error == NULL)
    {
      rt_connection_greeted (self, reply);
      return;
    }
  if (reply != NULL && reply->kind == RT_REPLY_ERROR)
    {
      self->decided = TRUE;
      self->decision = rt_verdict_of_reply (reply->code, reply->temporary);
    }
  rt_connection_cut_line (self, error);
}

/* The I/O half's own requests: what they were about goes on. @reply is NULL where none came. Takes @error. */
static void
own_request_ended (RtConnection *self, RtOp *op, const RtReply *reply, GError *error)
{
  switch ((int) op->kind)
    {
    case RT_OP_GREETING:
      greeting_ended (self, reply, error);
      break;
    case RT_OP_SUBSCRIBE:
      if (error != NULL)
        rt_connection_join_failed (self, op->sub, error, reply != NULL && reply->kind == RT_REPLY_ERROR ? reply : NULL);
      else
        rt_connection_joined (self, op->sub, reply);
      break;
    case RT_OP_REFRESH:
      rt_connection_refreshed (self, reply, error);
      break;
    case RT_OP_SUB_REFRESH:
      rt_connection_sub_refreshed (self, op->sub, reply, error);
      break;
    case RT_OP_UNSUBSCRIBE:
    default:
      /* Whatever the server says, it is left. */
      g_clear_error (&error);
      rt_connection_unsubscribed (self, op->sub);
    }
}

static gboolean
is_own (RtOp *op)
{
  return op->kind >= RT_OP_SUBSCRIBE;
}

/* Takes a request out of the table, with its reference; NULL if it is not in it. */
RtOp *
rt_connection_take_reply (RtConnection *self, guint32 id)
{
  RtOp *op = rt_replies_steal (&self->replies, id);

  if (op != NULL && op->kind == RT_OP_PUBLISH)
    {
      self->sends.in_flight--;
      self->sends.suspects -= op->is_suspect;
      op->is_suspect = FALSE;
      if (op->is_flying)
        g_queue_unlink (&self->pace.flying, &op->link);
      op->is_flying = FALSE;
    }
  return op;
}

void
rt_connection_replied (RtConnection *self, RtOp *op, const RtReply *reply, const char *raw, gsize raw_len)
{
  GError *error = NULL;

  if (G_UNLIKELY (self->pace.limited) && op->kind == RT_OP_PUBLISH && rt_connection_heed_reply (self, op, reply))
    return;
  if (reply->kind == RT_REPLY_ERROR && op->kind == RT_OP_SUBSCRIBE)
    error = rt_connection_error_from_join (reply, op->sub->name);
  else if (reply->kind == RT_REPLY_ERROR)
    error = rt_connection_error_from_reply (reply, describe (op));
  else if (reply->kind != expected_kind (op))
    error = g_error_new (RT_ERROR, RT_ERROR_PROTOCOL, "The server answered something else than %s asked for",
                         describe (op));
  /* A refusal tells nothing of what was written on a line that is gone. */
  if (error != NULL && op->kind == RT_OP_PUBLISH && (reply->kind != RT_REPLY_ERROR || op->was_lost))
    {
      g_autoptr (GError) reason = g_steal_pointer (&error);
      error = rt_connection_unknown_outcome (op, reason);
    }
  if (is_own (op))
    {
      g_autoptr (RtOp) own = op;
      own_request_ended (self, own, reply, error);
      return;
    }
  if (error == NULL && op->kind == RT_OP_PUBLISH)
    op->offset = reply->offset;
  else if (error == NULL)
    {
      op->reply = g_memdup2 (raw, raw_len);
      op->reply_len = raw_len;
    }
  rt_connection_complete (self, op, error);
}

/* --- Requests that have no answer --- */

static GError *
error_without_answer (RtConnection *self, RtOp *op, const GError *reason)
{
  if (op->kind != RT_OP_PUBLISH)
    return g_error_copy (reason);
  if (self->pace.limited)
    rt_connection_note_arrival (self, op);
  return rt_connection_unknown_outcome (op, reason);
}

static void
request_lost (RtConnection *self, RtOp *op, const GError *reason)
{
  if (is_own (op))
    {
      g_autoptr (RtOp) own = op;
      own_request_ended (self, own, NULL, g_error_copy (reason));
    }
  else
    rt_connection_complete (self, op, error_without_answer (self, op, reason));
}

/* The line is gone or going: nothing will be answered any more. What was to become of the I/O half's own requests
 * is for the caller to say, and publishes are sent again or have been ended already. */
void
rt_connection_fail_requests (RtConnection *self, const GError *reason)
{
  RtOp *op;

  rt_timer_stop (self->reply_timer);
  while ((op = rt_replies_peek_oldest (&self->replies)) != NULL
         || (op = rt_replies_peek_own (&self->replies)) != NULL)
    {
      rt_connection_take_reply (self, op->command_id);
      if (is_own (op))
        rt_op_unref (op);
      else
        rt_connection_complete (self, op, error_without_answer (self, op, reason));
    }
  while ((op = g_queue_pop_head (&self->pings)) != NULL)
    rt_connection_complete (self, op, g_error_copy (reason));
}

/* A request has no answer. If nothing at all came since it was written, it may be the line. */
static void
suspect_line (RtConnection *self, gint64 now)
{
  if (self->phase == RT_PHASE_OPEN && self->transport_class->bidirectional_ping
      && self->last_activity <= now - RT_CLOCK_MS (self->settings->request_timeout))
    rt_connection_probe (self, RT_CONNECTION_PROBE_TIMEOUT);
}

static GError *
no_answer_error (RtConnection *self, const RtOp *op)
{
  return g_error_new (RT_ERROR, RT_ERROR_TIMED_OUT, "The server did not answer within %u ms", get_timeout (self, op));
}

static void
reply_missing (RtConnection *self, RtOp *op, gint64 now)
{
  g_autoptr (GError) reason = no_answer_error (self, op);

  rt_connection_take_reply (self, op->command_id);
  request_lost (self, op, reason);
  suspect_line (self, now);
}

static void
watch_next_deadline (RtConnection *self)
{
  RtOp *first[] = { rt_replies_peek_oldest (&self->replies), rt_replies_peek_own (&self->replies),
                    g_queue_peek_head (&self->pings) };

  for (guint i = 0; i < G_N_ELEMENTS (first); i++)
    if (first[i] != NULL)
      watch_deadline (self, first[i]->deadline);
}

void
rt_connection_reply_expired (gpointer user_data)
{
  RtConnection *self = user_data;
  gint64 now = rt_clock_now ();
  RtOp *op;

  while ((op = rt_replies_peek_oldest (&self->replies)) != NULL && op->deadline <= now)
    reply_missing (self, op, now);
  while ((op = rt_replies_peek_own (&self->replies)) != NULL && op->deadline <= now)
    reply_missing (self, op, now);
  while ((op = g_queue_peek_head (&self->pings)) != NULL && op->deadline <= now)
    rt_connection_complete (self, g_queue_pop_head (&self->pings), no_answer_error (self, op));

  watch_next_deadline (self);
  if (!rt_timer_is_active (self->reply_timer))
    rt_connection_drained (self);
  rt_connection_flush_sends (self);
  rt_connection_send_out (self);
}

/* --- Taking back --- */

static GError *
cancelled_error (void)
{
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The call was cancelled");
}

void
rt_connection_cancel_op (RtConnection *self, RtOp *op)
{
  if (self->stopped)
    return;
  if (op->command_id != 0 && rt_connection_take_reply (self, op->command_id) != NULL)
    {
      g_autoptr (GError) reason = cancelled_error ();

      rt_connection_complete (self, op, error_without_answer (self, op, reason));
      rt_connection_flush_sends (self);
      rt_connection_drained (self);
    }
  else if (rt_connection_cancel_send (self, op))
    rt_connection_drained (self);
  else if (g_queue_remove (&self->pings, op))
    rt_connection_complete (self, op, cancelled_error ());
  else if (g_ptr_array_remove (self->ends, op))
    rt_connection_complete (self, op, cancelled_error ());
  else if (g_ptr_array_remove (self->connects, op))
    {
      /* First the state, which the caller may look at as soon as it knows. */
      if (self->connects->len == 0)
        rt_connection_abandon (self);
      rt_connection_complete (self, op, cancelled_error ());
    }
  else
    rt_connection_cancel_channel_op (self, op);
}
