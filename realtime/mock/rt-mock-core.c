/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-core.h"

#include "rt-clock.h"
#include "rt-mock-session.h"

struct _RtMockCore
{
  gatomicrefcount refs;
  GThread *thread;
  RtMockMailbox *mailbox; /* into the thread */
  RtMockEnv env;          /* immutable once the thread runs, but for what its parts guard themselves */

  /* Only in the thread: */
  GSocketListener *socket;
  RtMockHub *hub;
  RtMockListener *listener;
  GList *waits;
  gboolean ended;
};

/* --- Waiting for records, with the deadline on the clock --- */

typedef struct
{
  RtMockCore *core;
  gint64 deadline;
  RtTimer *timer;   /* only in the thread */
  gboolean expired; /* guarded by the journal's lock */
} Wait;

static void
wait_expired_cb (gpointer user_data)
{
  Wait *wait = user_data;

  rt_mock_journal_expire (wait->core->env.journal, &wait->expired);
}

static void
begin_wait_cb (gpointer data)
{
  Wait *wait = data;

  wait->timer = rt_timer_new (wait->core->env.context, "[realtime] mock wait", wait_expired_cb, wait);
  rt_timer_start (wait->timer, wait->deadline);
  wait->core->waits = g_list_prepend (wait->core->waits, wait);
}

static void
end_wait_cb (gpointer data)
{
  Wait *wait = data;

  wait->core->waits = g_list_remove (wait->core->waits, wait);
  g_clear_pointer (&wait->timer, rt_timer_free);
}

static void
finish_waits (RtMockCore *self)
{
  for (GList *l = self->waits; l != NULL; l = l->next)
    g_clear_pointer (&((Wait *) l->data)->timer, rt_timer_free);
  g_clear_pointer (&self->waits, g_list_free);
}

gboolean
rt_mock_core_wait (RtMockCore *self, guint n, guint timeout)
{
  Wait wait = { .core = self, .deadline = rt_clock_now () + RT_CLOCK_MS (timeout) };

  if (!rt_mock_mailbox_call (self->mailbox, begin_wait_cb, &wait))
    wait.expired = TRUE;
  gboolean reached = rt_mock_journal_wait (self->env.journal, n, &wait.expired);
  rt_mock_mailbox_call (self->mailbox, end_wait_cb, &wait);
  return reached;
}

/* --- The thread --- */

static gpointer
core_thread (gpointer data)
{
  RtMockCore *self = data;

  g_main_context_push_thread_default (self->env.context);
  self->hub = rt_mock_hub_new (&self->env);
  self->listener = rt_mock_listener_new (&self->env, self->hub, self->socket);
  g_clear_object (&self->socket);
  while (!self->ended)
    g_main_context_iteration (self->env.context, TRUE);

  /* In this order: whoever waits for a last call is let go when nothing of it is used any more. */
  finish_waits (self);
  rt_mock_mailbox_close (self->mailbox);
  rt_mock_listener_free (self->listener);
  rt_mock_hub_free (self->hub);
  /* Another server may have it as soon as this one has stopped. */
  g_clear_pointer (&self->env.file, rt_mock_journal_file_close);
  rt_mock_turn_free (self->env.turn);
  g_main_context_pop_thread_default (self->env.context);
  rt_mock_core_unref (self);
  return NULL;
}

static void
end_cb (gpointer data)
{
  RtMockCore *self = data;

  self->ended = TRUE;
}

/* Takes @socket. */
static RtMockCore *
core_new (const RtMockOptions *options, GSocketListener *socket)
{
  RtMockCore *self = g_new0 (RtMockCore, 1);

  g_atomic_ref_count_init (&self->refs);
  rt_mock_options_copy (&self->env.options, options);
  self->env.context = g_main_context_new ();
  self->env.turn = rt_mock_turn_new (self->env.context);
  self->env.codec = rt_codec_json ();
  self->env.node = g_uuid_string_random ();
  self->mailbox = rt_mock_mailbox_new (self->env.context, "[realtime] mock calls");
  self->socket = socket;
  return self;
}

RtMockCore *
rt_mock_core_start (RtMockOptions *options,
                    RtMockJournal *journal,
                    RtMockFaults *faults,
                    const RtMockEvents *events,
                    gpointer events_data,
                    GError **error)
{
  g_autoptr (GSocketListener) socket = rt_mock_listener_bind (&options->port, error);
  g_autoptr (RtMockJournalFile) file = NULL;
  g_autoptr (GError) failure = NULL;

  if (socket == NULL)
    return NULL;
  if (options->journal != NULL)
    {
      file = rt_mock_journal_file_open (options->journal, error);
      if (file == NULL)
        return NULL;
    }
  g_autoptr (RtMockCore) self = core_new (options, g_steal_pointer (&socket));
  self->env.journal = journal;
  self->env.file = g_steal_pointer (&file);
  self->env.faults = faults;
  self->env.events = events;
  self->env.events_data = events_data;

  self->thread = g_thread_try_new ("rt-mock", core_thread, rt_mock_core_ref (self), &failure);
  if (self->thread == NULL)
    {
      rt_mock_turn_free (self->env.turn);
      rt_mock_mailbox_close (self->mailbox);
      rt_mock_core_unref (self);
      g_set_error (error, RT_ERROR, RT_ERROR_FAILED, "The server's thread could not be started: %s",
                   failure->message);
      return NULL;
    }
  rt_mock_journal_set_running (journal, TRUE);
  return g_steal_pointer (&self);
}

RtMockCore *
rt_mock_core_ref (RtMockCore *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
rt_mock_core_unref (RtMockCore *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  rt_mock_mailbox_unref (self->mailbox);
  g_clear_object (&self->socket);
  g_clear_pointer (&self->env.context, g_main_context_unref);
  rt_mock_options_clear (&self->env.options);
  g_clear_pointer (&self->env.file, rt_mock_journal_file_close);
  g_free (self->env.node);
  g_free (self);
}

void
rt_mock_core_stop (RtMockCore *self)
{
  rt_mock_mailbox_post (self->mailbox, end_cb, self, NULL);
  g_thread_join (g_steal_pointer (&self->thread));
  /* Its descriptor goes now, though a call that nobody has answered may hold the rest a while. */
  g_clear_pointer (&self->env.context, g_main_context_unref);
  rt_mock_journal_set_running (self->env.journal, FALSE);
}

/* --- Calls that wait for their result --- */

typedef struct
{
  RtMockCore *core;
  const char *channel;
  GBytes *data;
  const char *client;
  guint code;
  const char *reason;
  guint spread;

  guint count;
  char **list;
} Call;

static void
publish_cb (gpointer data)
{
  Call *call = data;
  RtMockPublish publish = { .channel = call->channel, .data = call->data };
  RtMockPublished published;

  call->code = rt_mock_hub_publish (call->core->hub, &publish, &published);
  if (call->code == 0 && !rt_mock_hub_sync (call->core->hub))
    call->code = RT_MOCK_ERROR_INTERNAL;
}

gboolean
rt_mock_core_publish (RtMockCore *self, const char *channel, GBytes *data, GError **error)
{
  Call call = { .core = self, .channel = channel, .data = data };

  if (!rt_mock_mailbox_call (self->mailbox, publish_cb, &call))
    {
      g_set_error_literal (error, RT_ERROR, RT_ERROR_NOT_CONNECTED, "The server was stopped; start it again");
      return FALSE;
    }
  if (call.code == RT_MOCK_ERROR_INTERNAL)
    g_set_error (error, RT_ERROR, RT_ERROR_FAILED,
                 "Nothing can be published on “%s”: the journal could not be written", channel);
  else if (call.code != 0)
    g_set_error (error, RT_ERROR, RT_ERROR_QUEUE_FULL,
                 "Nothing can be published on “%s”: all of the server's %d channels are in use", channel,
                 RT_MOCK_MAX_CHANNELS);
  return call.code == 0;
}

static void
disconnect_cb (gpointer data)
{
  Call *call = data;

  call->count = rt_mock_hub_disconnect (call->core->hub, call->client, call->code, call->reason, call->spread);
}

guint
rt_mock_core_disconnect (RtMockCore *self, const char *client, guint code, const char *reason, guint spread)
{
  Call call = { .core = self, .client = client, .code = code, .reason = reason, .spread = spread };

  rt_mock_mailbox_call (self->mailbox, disconnect_cb, &call);
  return call.count;
}

static void
subscribe_cb (gpointer data)
{
  Call *call = data;
  RtMockSession *session = rt_mock_hub_find_session (call->core->hub, call->client);

  call->count = session != NULL && rt_mock_session_subscribe (session, call->channel);
}

gboolean
rt_mock_core_subscribe (RtMockCore *self, const char *client, const char *channel)
{
  Call call = { .core = self, .client = client, .channel = channel };

  rt_mock_mailbox_call (self->mailbox, subscribe_cb, &call);
  return call.count > 0;
}

static void
unsubscribe_cb (gpointer data)
{
  Call *call = data;
  RtMockHub *hub = call->core->hub;
  RtMockSession *session = rt_mock_hub_find_session (hub, call->client);
  RtMockChannel *channel = rt_mock_hub_get_channel (hub, call->channel, FALSE);

  if (session == NULL || channel == NULL || !g_hash_table_contains (channel->members, session))
    return;
  rt_mock_hub_expel (hub, channel, session, call->code, call->reason);
  call->count = 1;
}

gboolean
rt_mock_core_unsubscribe (RtMockCore *self, const char *client, const char *channel, guint code, const char *reason)
{
  Call call = { .core = self, .client = client, .channel = channel, .code = code, .reason = reason };

  rt_mock_mailbox_call (self->mailbox, unsubscribe_cb, &call);
  return call.count > 0;
}

static void
drop_all_cb (gpointer data)
{
  rt_mock_listener_drop_all (((Call *) data)->core->listener);
}

void
rt_mock_core_drop_all (RtMockCore *self)
{
  Call call = { .core = self };

  rt_mock_mailbox_call (self->mailbox, drop_all_cb, &call);
}

static void
new_epoch_cb (gpointer data)
{
  Call *call = data;

  rt_mock_hub_new_epoch (call->core->hub, call->channel);
}

void
rt_mock_core_new_epoch (RtMockCore *self, const char *channel)
{
  Call call = { .core = self, .channel = channel };

  rt_mock_mailbox_call (self->mailbox, new_epoch_cb, &call);
}

static void
update_cb (gpointer data)
{
  rt_mock_listener_update (((Call *) data)->core->listener);
}

void
rt_mock_core_update (RtMockCore *self)
{
  Call call = { .core = self };

  rt_mock_mailbox_call (self->mailbox, update_cb, &call);
}

static void
get_clients_cb (gpointer data)
{
  Call *call = data;

  call->list = rt_mock_hub_list_clients (call->core->hub);
}

char **
rt_mock_core_get_clients (RtMockCore *self)
{
  Call call = { .core = self };

  rt_mock_mailbox_call (self->mailbox, get_clients_cb, &call);
  return call.list != NULL ? call.list : g_new0 (char *, 1);
}

/* --- Answers --- */

typedef struct
{
  RtMockCore *core;
  char *client;
  guint32 id;
  char *json;
  guint error;
  char *reason;
} Answer;

static void
answer_cb (gpointer data)
{
  Answer *answer = data;
  RtMockSession *session = rt_mock_hub_find_session (answer->core->hub, answer->client);

  /* The client may be gone by now. */
  if (session != NULL)
    rt_mock_session_answer (session, answer->id, answer->json, answer->error, answer->reason);
}

static void
free_answer (gpointer data)
{
  Answer *answer = data;

  rt_mock_core_unref (answer->core);
  g_free (answer->client);
  g_free (answer->json);
  g_free (answer->reason);
  g_free (answer);
}

void
rt_mock_core_answer (RtMockCore *self,
                     const char *client,
                     guint32 id,
                     const char *json,
                     guint error,
                     const char *reason)
{
  Answer *answer = g_new0 (Answer, 1);

  answer->core = rt_mock_core_ref (self);
  answer->client = g_strdup (client);
  answer->id = id;
  answer->json = g_strdup (json);
  answer->error = error;
  answer->reason = g_strdup (reason);
  rt_mock_mailbox_post (self->mailbox, answer_cb, answer, free_answer);
}
