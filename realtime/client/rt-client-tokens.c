/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-tokens.h"

#include "rt-client-release.h"
#include "rt-error.h"
#include "rt-token-provider-private.h"

struct _RtClientTokens
{
  gatomicrefcount refs;
  GMainContext *context; /* immutable */
  RtChain *chain;        /* immutable */

  GMutex lock;
  RtTokenProvider *provider; /* nullable; guarded by lock */
  GHashTable *providers;     /* serial of a join → RtTokenProvider; guarded by lock */
  GQueue wanted;             /* RtTokenRequest that nobody has begun with; guarded by lock */
  GPtrArray *waiters;        /* of blocking calls; guarded by lock */
  GQueue asked;              /* RtTokenRequest that providers take their time for; guarded by lock */
  GCancellable *cancellable; /* of all that is asked for; guarded by lock */
};

/* One request that a provider takes its time for. It does not keep the client. */
typedef struct
{
  RtClientTokens *tokens;
  RtConnection *connection;
  RtTokenRequest *request;
} Asked;

/* --- Letting go of what a binding may have wrapped --- */

static void
let_go (gpointer object)
{
  if (G_IS_CANCELLABLE (object))
    g_cancellable_cancel (object);
  g_object_unref (object);
}

void
rt_client_tokens_dispose (RtClientTokens *self)
{
  g_autoptr (GPtrArray) objects = g_ptr_array_new_with_free_func (let_go);
  GHashTableIter iter;
  gpointer provider;

  g_mutex_lock (&self->lock);
  g_hash_table_iter_init (&iter, self->providers);
  while (g_hash_table_iter_next (&iter, NULL, &provider))
    g_ptr_array_add (objects, g_object_ref (provider));
  g_hash_table_remove_all (self->providers); /* not the last references: the lock is held */
  if (self->provider != NULL)
    g_ptr_array_add (objects, g_steal_pointer (&self->provider));
  if (self->cancellable != NULL)
    g_ptr_array_add (objects, g_steal_pointer (&self->cancellable));
  g_mutex_unlock (&self->lock);
  if (objects->len > 0)
    rt_client_release_in (self->context, g_steal_pointer (&objects));
}

RtClientTokens *
rt_client_tokens_new (GMainContext *context, RtTokenProvider *provider, RtChain *chain)
{
  RtClientTokens *self = g_new0 (RtClientTokens, 1);

  g_atomic_ref_count_init (&self->refs);
  self->context = g_main_context_ref (context);
  self->chain = rt_chain_ref (chain);
  g_mutex_init (&self->lock);
  self->provider = provider != NULL ? g_object_ref (provider) : NULL;
  self->providers = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_object_unref);
  self->waiters = g_ptr_array_new ();
  self->cancellable = g_cancellable_new ();
  return self;
}

RtClientTokens *
rt_client_tokens_ref (RtClientTokens *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
rt_client_tokens_unref (RtClientTokens *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  rt_client_tokens_dispose (self);
  g_queue_clear_full (&self->wanted, (GDestroyNotify) rt_token_request_free);
  g_hash_table_unref (self->providers);
  g_ptr_array_unref (self->waiters);
  g_mutex_clear (&self->lock);
  rt_chain_unref (self->chain);
  g_main_context_unref (self->context);
  g_free (self);
}

/* --- The providers --- */

RtTokenProvider *
rt_client_tokens_dup_provider (RtClientTokens *self)
{
  g_mutex_lock (&self->lock);
  RtTokenProvider *provider = self->provider != NULL ? g_object_ref (self->provider) : NULL;
  g_mutex_unlock (&self->lock);
  return provider;
}

void
rt_client_tokens_add_provider (RtClientTokens *self, guint64 serial, RtTokenProvider *provider)
{
  g_mutex_lock (&self->lock);
  g_hash_table_insert (self->providers, g_memdup2 (&serial, sizeof serial), g_object_ref (provider));
  g_mutex_unlock (&self->lock);
}

void
rt_client_tokens_drop_provider (RtClientTokens *self, guint64 serial)
{
  g_autofree gpointer key = NULL;
  gpointer provider = NULL;

  g_mutex_lock (&self->lock);
  g_hash_table_steal_extended (self->providers, &serial, &key, &provider);
  g_mutex_unlock (&self->lock);
  rt_client_release_object_in (self->context, provider);
}

/* (transfer full) */
static RtTokenProvider *
find_provider (RtClientTokens *self, const RtTokenRequest *request)
{
  g_mutex_lock (&self->lock);
  RtTokenProvider *provider
    = request->sub != NULL ? g_hash_table_lookup (self->providers, &request->sub->serial) : self->provider;
  if (provider != NULL)
    g_object_ref (provider);
  g_mutex_unlock (&self->lock);
  return provider;
}

/* --- What is wanted --- */

void
rt_client_tokens_need (RtClientTokens *self, RtTokenRequest *request)
{
  g_mutex_lock (&self->lock);
  g_queue_push_tail (&self->wanted, request);
  /* Under the lock, since a call that has returned takes its waiter along. */
  for (guint i = 0; i < self->waiters->len; i++)
    rt_waiter_nudge (g_ptr_array_index (self->waiters, i));
  g_mutex_unlock (&self->lock);
}

static const char *
channel_of (const RtTokenRequest *request)
{
  return request->sub != NULL ? request->sub->name : NULL;
}

static RtTokenRequest *
next_wanted (RtClientTokens *self)
{
  g_mutex_lock (&self->lock);
  RtTokenRequest *request = g_queue_pop_head (&self->wanted);
  g_mutex_unlock (&self->lock);
  return request;
}


static GError *
no_provider (const RtTokenRequest *request)
{
  if (request->sub == NULL)
    return g_error_new_literal (RT_ERROR, RT_ERROR_UNAUTHORIZED,
                                "The server wants a token, and the client has no token provider");
  return g_error_new (RT_ERROR, RT_ERROR_UNAUTHORIZED,
                      "Channel %s wants a token; join it with a token provider in its options", request->sub->name);
}

/* A provider's failure concerns the middleware that looks after such. */
static void
report (RtClientTokens *self, const GError *error)
{
  if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    rt_chain_report (self->chain, NULL, error);
}

/* --- With time --- */

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Asked *asked = user_data;
  g_autoptr (RtClientTokens) tokens = asked->tokens;
  g_autoptr (RtConnection) connection = asked->connection;
  GError *error = NULL;
  char *token = rt_token_provider_get_token_finish (RT_TOKEN_PROVIDER (source), result, &error);

  g_mutex_lock (&tokens->lock);
  g_queue_remove (&tokens->asked, asked->request);
  g_mutex_unlock (&tokens->lock);
  report (tokens, error);
  rt_connection_give_token (connection, asked->request, token, error);
}

/* (transfer full) (nullable): the client may be gone in a moment. */
static GCancellable *
get_cancellable (RtClientTokens *self)
{
  g_mutex_lock (&self->lock);
  GCancellable *cancellable = self->cancellable != NULL ? g_object_ref (self->cancellable) : NULL;
  g_mutex_unlock (&self->lock);
  return cancellable;
}

static void
ask (RtClientTokens *self, RtConnection *connection, RtTokenRequest *request)
{
  g_autoptr (RtTokenProvider) provider = find_provider (self, request);
  g_autoptr (GCancellable) cancellable = get_cancellable (self);

  if (provider == NULL)
    {
      rt_connection_give_token (connection, request, NULL, no_provider (request));
      return;
    }
  Asked *asked = g_new0 (Asked, 1);
  asked->tokens = rt_client_tokens_ref (self);
  asked->connection = rt_connection_ref (connection);
  asked->request = request;
  g_mutex_lock (&self->lock);
  g_queue_push_tail (&self->asked, request);
  g_mutex_unlock (&self->lock);
  rt_token_provider_get_token_async (provider, channel_of (request), cancellable, asked_cb, asked);
}

void
rt_client_tokens_ask (RtClientTokens *self, RtConnection *connection)
{
  g_autoptr (GMainContextPusher) pusher = g_main_context_pusher_new (self->context);
  RtTokenRequest *request;

  while ((request = next_wanted (self)) != NULL)
    ask (self, connection, request);
}

static gboolean
is_for (const RtTokenRequest *request, const char *channel)
{
  return g_strcmp0 (channel_of (request), channel) == 0;
}

gboolean
rt_client_tokens_is_asking (RtClientTokens *self, const char *channel)
{
  gboolean asking = FALSE;

  g_mutex_lock (&self->lock);
  for (GList *l = self->asked.head; l != NULL && !asking; l = l->next)
    asking = is_for (l->data, channel);
  g_mutex_unlock (&self->lock);
  return asking;
}

/* --- In place --- */

void
rt_client_tokens_begin_waiting (RtClientTokens *self, RtWaiter *waiter)
{
  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->waiters, waiter);
  g_mutex_unlock (&self->lock);
}

void
rt_client_tokens_end_waiting (RtClientTokens *self, RtWaiter *waiter)
{
  g_mutex_lock (&self->lock);
  g_ptr_array_remove (self->waiters, waiter);
  g_mutex_unlock (&self->lock);
}

static RtTokenRequest *
take_wanted (RtClientTokens *self, const char *channel)
{
  RtTokenRequest *request = NULL;

  g_mutex_lock (&self->lock);
  for (GList *l = self->wanted.head; l != NULL; l = l->next)
    if (is_for (l->data, channel))
      {
        request = l->data;
        g_queue_delete_link (&self->wanted, l);
        break;
      }
  g_mutex_unlock (&self->lock);
  return request;
}

/* FALSE if it needed more time than there is. */
static gboolean
ask_now (RtClientTokens *self, RtConnection *connection, RtTokenRequest *request, GError **error)
{
  g_autoptr (RtTokenProvider) provider = find_provider (self, request);
  GError *fault = NULL;
  char *token = NULL;

  if (provider != NULL)
    token = rt_token_provider_get_now (provider, channel_of (request), &fault);
  else
    fault = no_provider (request);
  gboolean too_slow = g_error_matches (fault, RT_ERROR, RT_ERROR_NOT_SUPPORTED);
  if (provider != NULL && !too_slow)
    report (self, fault);
  if (too_slow && error != NULL && *error == NULL)
    *error = g_error_copy (fault);
  rt_connection_give_token (connection, request, token, fault);
  return !too_slow;
}

gboolean
rt_client_tokens_ask_in_place (RtClientTokens *self, RtConnection *connection, const char *channel, GError **error)
{
  RtTokenRequest *request;
  gboolean in_time = TRUE;

  if (!g_main_context_acquire (self->context))
    return TRUE;
  while ((request = take_wanted (self, channel)) != NULL)
    in_time = ask_now (self, connection, request, error) && in_time;
  g_main_context_release (self->context);
  return in_time;
}
