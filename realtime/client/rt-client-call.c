/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-private.h"

#include "rt-error.h"

/* What a thread waits for while another one runs the client's context. */
typedef struct
{
  RtWaiter waiter;
  gpointer result;
  GError *error;
} RtClientReply;

/* A call of the program that is answered through the client's context. Only the app half touches it. */
typedef struct
{
  GTask *task;           /* what waits: this, */
  RtClientReply *waiting; /* or a thread; or nobody */
  RtClient *client;      /* kept alive by its unfinished calls */
  RtMessage *message;
  GCancellable *cancellable;
  gulong cancel_id;
  RtOutgoing *outgoing; /* nullable: it goes through the middleware */
} RtCall;

static void
call_free (RtCall *call)
{
  g_clear_object (&call->task);
  g_clear_object (&call->message);
  g_clear_object (&call->cancellable);
  g_clear_object (&call->client);
  g_free (call);
}

/* --- Cancellation: a request down; the verdict comes back as the result --- */

typedef struct
{
  RtConnection *connection;
  RtOp *op;
} CancelRequest;

static void
cancel_request_free (gpointer user_data)
{
  CancelRequest *request = user_data;

  rt_connection_unref (request->connection);
  rt_op_unref (request->op);
  g_free (request);
}

/* In whatever thread cancels. */
static void
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  CancelRequest *request = user_data;

  rt_connection_cancel (request->connection, request->op);
}

/* To be called before the op goes down: an op that arrives cancelled ends at once. */
gulong
rt_client_watch_cancellable (GCancellable *cancellable, RtConnection *connection, RtOp *op)
{
  if (cancellable == NULL)
    return 0;
  CancelRequest *request = g_new0 (CancelRequest, 1);
  request->connection = rt_connection_ref (connection);
  request->op = rt_op_ref (op);
  return g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), request, cancel_request_free);
}

/* What came cancelled ends at once, and changes nothing. Else it is done, since no more is delivered from here on. */
void
rt_client_end_delivery (RtClient *self, RtOp *op)
{
  if ((op->kind != RT_OP_CLOSE && op->kind != RT_OP_RESET) || g_atomic_int_get (&op->cancelled))
    return;
  op->stands = TRUE;
  rt_client_channels_end_all (rt_client_get_handles (self), op->kind == RT_OP_CLOSE);
}

/* --- Refused before it went down --- */

/* A faulty configuration is told at once. */
GError *
rt_client_refuse_call (RtClient *self, RtOp *op, GError *error)
{
  const GError *fault = rt_client_get_fault (self);

  if (error != NULL || op->kind != RT_OP_CONNECT || fault == NULL
      || rt_client_get_state (self) == RT_CONNECTION_STATE_CLOSED)
    return error;
  return g_error_copy (fault);
}

/* --- What a call leaves behind --- */

static void
settle_leave (RtClient *self, gpointer name)
{
  rt_client_channels_settle (rt_client_get_handles (self), name);
}

/* A provider stays as long as the channel that its join has made, which may be none. */
static void
settle_join (RtClient *self, const RtOp *op)
{
  RtClientTokens *tokens = rt_client_get_tokens (self);

  rt_client_channels_end_join (rt_client_get_handles (self), rt_client_get_connection (self), op);
  if (op->sub == NULL || op->sub->serial != op->serial)
    rt_client_tokens_drop_provider (tokens, op->serial);
  if (op->sub == NULL || op->error == NULL)
    return;
  RtChannelState state = rt_sub_get_state (op->sub);
  if (state != RT_CHANNEL_STATE_JOINING && state != RT_CHANNEL_STATE_JOINED)
    rt_client_tokens_drop_provider (tokens, op->sub->serial);
}

void
rt_client_call_ended (RtClient *self, const RtOp *op)
{
  /* A leave by name: what was on its way when it was called is before this in the queue. */
  if (op->kind == RT_OP_LEAVE && op->serial != 0)
    rt_client_run_later (self, settle_leave, g_strdup (op->channel), g_free);
  else if (op->kind == RT_OP_JOIN)
    settle_join (self, op);
}

void
rt_client_call_refused (RtClient *self, RtOp *op)
{
  if (op == NULL)
    return;
  if (op->kind == RT_OP_PUBLISH)
    rt_connection_unreserve (rt_client_get_connection (self), op->data_len);
  rt_client_call_ended (self, op);
  rt_op_unref (op);
}

/* --- By way of the client's context --- */

static RtCall *
call_new (RtClient *self, RtMessage *message, GCancellable *cancellable)
{
  RtCall *call = g_new0 (RtCall, 1);

  call->client = g_object_ref (self);
  call->message = message != NULL ? g_object_ref (message) : NULL;
  call->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  return call;
}

/* Takes @op. */
static void
start_call (RtClient *self, RtCall *call, RtOp *op)
{
  RtConnection *connection = rt_client_get_connection (self);
  g_autoptr (GCancellable) cancellable = call->cancellable != NULL ? g_object_ref (call->cancellable) : NULL;

  op->call = call;
  call->cancel_id = rt_client_watch_cancellable (cancellable, connection, op);
  rt_client_end_delivery (self, op);
  if (op->kind == RT_OP_PUBLISH && rt_client_filters_outgoing (self))
    rt_client_filter_outgoing (self, op, call->message, cancellable, &call->outgoing);
  else if (rt_client_must_wait (self, op))
    rt_client_postpone_end (self, op);
  else
    rt_client_channels_submit (rt_client_get_handles (self), connection, rt_client_get_inbox (self), op);
}

void
rt_client_call_async (RtClient *self,
                      gpointer source_object,
                      RtOp *op,
                      GError *error,
                      RtMessage *message,
                      gpointer source_tag,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (source_object, cancellable, callback, user_data);

  g_task_set_source_tag (task, source_tag);
  /* Whether it was cancelled in time, the I/O half says. */
  g_task_set_check_cancellable (task, FALSE);
  error = rt_client_refuse_call (self, op, error);
  if (error != NULL)
    {
      g_task_return_error (task, error);
      rt_client_call_refused (self, op);
      return;
    }
  RtCall *call = call_new (self, message, cancellable);
  call->task = g_steal_pointer (&task);
  start_call (self, call, op);
}

static void
tell_refusal (RtClient *self, gpointer error)
{
  rt_client_emit_error (self, error);
}

/* Nobody waits; it is told all the same how it ends. */
void
rt_client_call_unwatched (RtClient *self, RtOp *op, GError *error, RtMessage *message, GCancellable *cancellable)
{
  if (error != NULL)
    rt_client_run_later (self, tell_refusal, error, (GDestroyNotify) g_error_free);
  else
    start_call (self, call_new (self, message, cancellable), op);
}

gpointer
rt_client_call_from_afar (RtClient *self, RtOp *op, RtMessage *message, GCancellable *cancellable, GError **error)
{
  RtClientReply reply = { 0 };
  RtCall *call = call_new (self, message, cancellable);

  rt_waiter_init (&reply.waiter);
  call->waiting = &reply;
  start_call (self, call, op);
  rt_waiter_wait (&reply.waiter);
  rt_waiter_clear (&reply.waiter);
  if (reply.error != NULL)
    g_propagate_error (error, reply.error);
  return reply.result;
}

static void
answer_nobody (RtCall *call, RtOpKind kind, gpointer result, GError *error)
{
  GDestroyNotify result_free = rt_client_result_free (kind);

  if (error != NULL && !rt_client_is_stopped (call->client) && !g_cancellable_is_cancelled (call->cancellable))
    rt_client_emit_error (call->client, error);
  g_clear_error (&error);
  if (result != NULL && result_free != NULL)
    result_free (result);
}

/* To whoever waits. Takes @result or @error. */
static void
answer (RtCall *call, RtOpKind kind, gpointer result, GError *error)
{
  if (call->waiting != NULL)
    {
      call->waiting->result = result;
      call->waiting->error = error;
      rt_waiter_wake (&call->waiting->waiter);
    }
  else if (call->task != NULL && error != NULL)
    g_task_return_error (call->task, error);
  else if (call->task != NULL)
    g_task_return_pointer (call->task, result, rt_client_result_free (kind));
  else
    answer_nobody (call, kind, result, error);
}

void
rt_client_call_end (RtOp *ended)
{
  g_autoptr (RtOp) op = ended;
  RtCall *call = g_steal_pointer (&op->call);
  GError *error = NULL;

  g_cancellable_disconnect (call->cancellable, call->cancel_id);
  rt_client_call_ended (call->client, op);
  gpointer result = rt_client_take_result (call->client, op, call->message, &error);
  if (op->kind == RT_OP_PUBLISH && result != NULL)
    rt_client_tell (call->client, &(RtEventParts) { .type = RT_EVENT_TYPE_MESSAGE_SENT, .message = result });
  answer (call, op->kind, result, error);
  call_free (call);
}

void
rt_client_call_completed (RtOp *op)
{
  RtCall *call = op->call;

  if (call->outgoing != NULL)
    {
      g_set_object (&call->message, rt_client_outgoing_get_message (call->outgoing));
      if (rt_client_outgoing_returns (call->client, call->outgoing, op))
        return;
    }
  rt_client_call_end (op);
}

static GError *
disposed_error (void)
{
  return g_error_new_literal (RT_ERROR, RT_ERROR_CLOSED, "The client was disposed of");
}

static gboolean
dropped_cb (gpointer user_data)
{
  RtCall *call = user_data;

  g_cancellable_disconnect (call->cancellable, call->cancel_id);
  if (call->task != NULL)
    g_task_return_error (call->task, disposed_error ());
  return G_SOURCE_REMOVE;
}

/* The client was disposed of by force while it was waited for. This may be the I/O thread, in which nothing of the
 * program's may end, so all of it goes to the context of the call. A thread that waits is woken at once: that context
 * may stand still. */
void
rt_client_call_dropped (RtOp *dropped)
{
  g_autoptr (RtOp) op = dropped;
  RtCall *call = g_steal_pointer (&op->call);

  if (call == NULL)
    return;
  if (call->outgoing != NULL)
    rt_client_outgoing_dropped (call->outgoing);
  if (call->waiting != NULL)
    answer (call, op->kind, NULL, disposed_error ());
  call->waiting = NULL;
  GMainContext *context = call->task != NULL ? g_task_get_context (call->task) : rt_client_get_context (call->client);
  g_autoptr (GSource) source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "[realtime] dropped call");
  g_source_set_callback (source, dropped_cb, call, (GDestroyNotify) call_free);
  g_source_attach (source, context);
}

gpointer
rt_client_call_finish (gpointer source_object, GAsyncResult *result, gpointer source_tag, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, source_object), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, source_tag), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
