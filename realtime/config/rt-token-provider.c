/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-token-provider.h"

#include <string.h>
#include "rt-clock.h"
#include "rt-error.h"
#include "rt-token-provider-private.h"

/**
 * RtTokenProvider:
 *
 * Finds the tokens with which a client shows who it is.
 *
 * A client asks its provider for a token before it connects, ahead of the token's expiry, and once more when the
 * server did not take one; and for each channel that needs a token of its own. One request is under way at a time
 * for each of these. A program implements the interface, also in Python, JavaScript or Vala, where finding a token
 * takes time, such as a request to the program's own server; [func@TokenProvider.new_for_func] is enough where it is
 * at hand.
 *
 * A token is text of at most 16 KiB without control characters. It is never part of an address, a log or an error's
 * text. An empty one says that the client shows none.
 *
 * ## Who completes what
 *
 * Each request gets a [class@Gio.Task] of its own. A program that forgets to complete it, or raises an exception,
 * does not leave the client waiting: a task that is dropped fails at once, one that is kept too long fails with
 * %RT_ERROR_TIMED_OUT after [method@TokenProvider.get_timeout]. Both are temporary errors: the client asks again,
 * with growing delays. %RT_ERROR_UNAUTHORIZED is final: there is no token for this user.
 *
 * ## Threads
 *
 * A provider is used from the thread that runs the main context of whoever asks: for a client, its own.
 */

G_DEFINE_INTERFACE (RtTokenProvider, rt_token_provider, G_TYPE_OBJECT)

#define DEFAULT_TIMEOUT_MS 10000
#define MAX_TOKEN (16 * 1024) /* a connect command must fit what servers read before they know a client */
#define MAX_ITERATIONS 1000   /* a program's source that is always ready must not hold a blocking call for ever */

static void
rt_token_provider_default_init (RtTokenProviderInterface *iface)
{
}

/* --- What a provider gives --- */

static GError *
provider_error_new (RtTokenProvider *self, RtError code, const char *what)
{
  return g_error_new (RT_ERROR, (int) code, "The token provider “%s” %s", G_OBJECT_TYPE_NAME (self), what);
}

/* NULL if @token can be used; else what is wrong with it, in words that do not repeat it. */
static const char *
find_fault (const char *token)
{
  if (strlen (token) > MAX_TOKEN)
    return "gave a token of more than 16384 bytes";
  if (!g_utf8_validate (token, -1, NULL))
    return "gave a token that is not UTF-8";
  for (const char *p = token; *p != '\0'; p = g_utf8_next_char (p))
    {
      if (g_unichar_iscntrl (g_utf8_get_char (p)))
        return "gave a token that holds a line end or another control character";
    }
  return NULL;
}

static char *
take_token (RtTokenProvider *self, GTask *task, GError **error)
{
  g_auto (GValue) value = G_VALUE_INIT;
  GError *cause = NULL;
  const char *fault;

  if (!g_task_propagate_value (task, &value, &cause))
    {
      if (cause == NULL)
        cause = provider_error_new (self, RT_ERROR_FAILED, "did not say why there is no token");
      else
        g_prefix_error (&cause, "The token provider “%s” gave no token: ", G_OBJECT_TYPE_NAME (self));
      g_propagate_error (error, cause);
      return NULL;
    }
  if (!G_VALUE_HOLDS_STRING (&value) || g_value_get_string (&value) == NULL)
    fault = "gave something that is no text instead of a token";
  else
    fault = find_fault (g_value_get_string (&value));
  if (fault == NULL)
    return g_value_dup_string (&value);
  g_propagate_error (error, provider_error_new (self, RT_ERROR_FAILED, fault));
  return NULL;
}

/* --- A request under way: the caller's task, and the one that the provider has to complete --- */

/* Held by the provider's task and by the caller. In the thread of the context in which the request was begun, except
 * where something is said. */
typedef struct
{
  int answered; /* atomic: read by any thread */
  char *token; /* the answer, until it is taken; or */
  GError *error;
  GTask *task; /* the caller's, unless it waits in place; NULL once answered */
  RtTimer *deadline;
  GSource *cancelled;
  guint timeout;
} Call;

static void
call_clear (gpointer data)
{
  Call *call = data;

  g_free (call->token);
  g_clear_error (&call->error);
}

static void
call_unref (Call *call)
{
  g_atomic_rc_box_release_full (call, call_clear);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, call_unref)

/* Takes @token or @error. Only the first answer counts. */
static void
call_answer (Call *call, char *token, GError *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&call->task);

  g_clear_pointer (&call->deadline, rt_timer_free);
  if (call->cancelled != NULL)
    {
      g_source_destroy (call->cancelled);
      g_clear_pointer (&call->cancelled, g_source_unref);
    }
  if (g_atomic_int_get (&call->answered))
    {
      g_free (token);
      g_clear_error (&error);
      return;
    }
  g_atomic_int_set (&call->answered, TRUE);
  if (task == NULL)
    {
      call->token = token;
      call->error = error;
    }
  else if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, token, g_free);
}

static void
deadline_cb (gpointer user_data)
{
  Call *call = user_data;
  RtTokenProvider *self = g_task_get_source_object (call->task);

  call_answer (call, NULL, g_error_new (RT_ERROR, RT_ERROR_TIMED_OUT,
                                        "The token provider “%s” gave no token within %u ms",
                                        G_OBJECT_TYPE_NAME (self), call->timeout));
}

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  GError *error = NULL;

  g_cancellable_set_error_if_cancelled (cancellable, &error);
  call_answer (user_data, NULL, error);
  return G_SOURCE_REMOVE;
}

static void
provider_done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Call) call = user_data;
  GError *error = NULL;
  char *token = take_token (RT_TOKEN_PROVIDER (source), G_TASK (result), &error);

  call_answer (call, token, error);
}

/* The provider's task is about to go, in whatever thread let go of it; the answer goes to the right one. Where nobody
 * waits for it any more there may be nobody who would run it. */
static void
task_dropped_cb (gpointer user_data, GObject *object)
{
  Call *call = user_data;
  GTask *task = (GTask *) object;

  if (g_task_get_completed (task))
    return;
  if (g_atomic_int_get (&call->answered))
    call_unref (call);
  else
    g_task_return_new_error (task, RT_ERROR, RT_ERROR_FAILED, "it dropped its task without completing it");
}

static void
call_begin (Call *call, RtTokenProvider *self, const char *channel, GCancellable *cancellable)
{
  RtTokenProviderInterface *iface = RT_TOKEN_PROVIDER_GET_IFACE (self);

  if (iface->begin_token == NULL)
    {
      call_answer (call, NULL, provider_error_new (self, RT_ERROR_NOT_SUPPORTED, "does not implement begin_token"));
      return;
    }
  g_autoptr (GTask) task = g_task_new (self, cancellable, provider_done_cb, g_atomic_rc_box_acquire (call));
  /* The provider alone knows whether it was in time. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_name (task, "[realtime] token");
  g_object_weak_ref (G_OBJECT (task), task_dropped_cb, call);
  iface->begin_token (self, channel, task);
}

/* --- In place --- */

/* One a thread: a task that its provider completes too late waits here to be let go. */
static GMainContext *
get_private_context (void)
{
  static GPrivate contexts = G_PRIVATE_INIT ((GDestroyNotify) g_main_context_unref);
  GMainContext *context = g_private_get (&contexts);

  if (context == NULL)
    {
      context = g_main_context_new ();
      g_private_set (&contexts, context);
    }
  return context;
}

char *
rt_token_provider_get_now (RtTokenProvider *self, const char *channel, GError **error)
{
  GMainContext *context = get_private_context ();
  g_autoptr (GMainContextPusher) pusher = g_main_context_pusher_new (context);
  g_autoptr (Call) call = g_atomic_rc_box_new0 (Call);

  /* What came too late for an earlier call. */
  for (guint i = 0; i < MAX_ITERATIONS && g_main_context_iteration (context, FALSE); i++)
    ;
  call_begin (call, self, channel, NULL);
  for (guint i = 0; !call->answered && i < MAX_ITERATIONS && g_main_context_iteration (context, FALSE); i++)
    ;
  if (!call->answered)
    call_answer (call, NULL, provider_error_new (self, RT_ERROR_NOT_SUPPORTED,
                                                 "needs time to find a token, which a call that blocks cannot give "
                                                 "it; use the “_async” call instead"));
  if (call->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&call->error));
      return NULL;
    }
  return g_steal_pointer (&call->token);
}

/* --- Public --- */

/**
 * rt_token_provider_get_timeout:
 * @self: a provider
 *
 * Gets how long a request may take before it fails with %RT_ERROR_TIMED_OUT.
 *
 * Returns: milliseconds
 */
guint
rt_token_provider_get_timeout (RtTokenProvider *self)
{
  g_return_val_if_fail (RT_IS_TOKEN_PROVIDER (self), 0);

  RtTokenProviderInterface *iface = RT_TOKEN_PROVIDER_GET_IFACE (self);
  guint timeout = iface->get_timeout != NULL ? iface->get_timeout (self) : 0;

  return timeout != 0 ? timeout : DEFAULT_TIMEOUT_MS;
}

/**
 * rt_token_provider_return_token:
 * @self: the provider
 * @task: what its `begin_token` was given
 * @token: (nullable): the token; %NULL or an empty string for none
 *
 * Completes a request with a token, for those who implement a provider. A script can as well call
 * [method@Gio.Task.return_value] with a string. To be called once for a task, from any thread.
 */
void
rt_token_provider_return_token (RtTokenProvider *self, GTask *task, const char *token)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_return_if_fail (RT_IS_TOKEN_PROVIDER (self));
  g_return_if_fail (g_task_is_valid (task, self));

  g_value_init (&value, G_TYPE_STRING);
  g_value_set_string (&value, token != NULL ? token : "");
  g_task_return_value (task, &value);
}

/**
 * rt_token_provider_get_token_async:
 * @self: a provider
 * @channel: (nullable): the channel to be joined, or %NULL for the connection itself
 * @cancellable: (nullable): stops waiting at once, with %G_IO_ERROR_CANCELLED
 * @callback: (scope async) (nullable): called in the thread-default main context of the caller
 * @user_data: for @callback
 *
 * Asks for a token.
 */
void
rt_token_provider_get_token_async (RtTokenProvider    *self,
                                   const char         *channel,
                                   GCancellable       *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer            user_data)
{
  g_return_if_fail (RT_IS_TOKEN_PROVIDER (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  g_autoptr (Call) call = g_atomic_rc_box_new0 (Call);
  GMainContext *context;

  call->task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (call->task, rt_token_provider_get_token_async);
  g_task_set_check_cancellable (call->task, FALSE);
  context = g_task_get_context (call->task);
  call->timeout = rt_token_provider_get_timeout (self);
  call->deadline = rt_timer_new (context, "[realtime] token", deadline_cb, call);
  rt_timer_start (call->deadline, rt_clock_now () + RT_CLOCK_MS (call->timeout));
  if (cancellable != NULL)
    {
      call->cancelled = g_cancellable_source_new (cancellable);
      g_source_set_static_name (call->cancelled, "[realtime] token");
      g_source_set_callback (call->cancelled, G_SOURCE_FUNC (cancelled_cb), g_atomic_rc_box_acquire (call),
                             (GDestroyNotify) call_unref);
      g_source_attach (call->cancelled, context);
    }
  call_begin (call, self, channel, cancellable);
}

/**
 * rt_token_provider_get_token_finish:
 * @self: a provider
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@TokenProvider.get_token_async]. %RT_ERROR_UNAUTHORIZED is final; any other error is temporary.
 *
 * Returns: (transfer full): the token, an empty string for none, or %NULL with @error set
 */
char *
rt_token_provider_get_token_finish (RtTokenProvider *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (RT_IS_TOKEN_PROVIDER (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_task_get_source_tag (G_TASK (result)) == rt_token_provider_get_token_async, NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
