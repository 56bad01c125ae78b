/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-hub.h"

#include "rt-clock.h"
#include "rt-mock-dedup.h"
#include "rt-mock-filter.h"
#include "rt-mock-hash.h"
#include "rt-mock-secret.h"
#include "rt-mock-session.h"

#define UNSUBSCRIBE_INSUFFICIENT_STATE 2500

struct _RtMockHub
{
  RtMockEnv *env;
  GHashTable *channels; /* name → RtMockChannel */
  GHashTable *sessions; /* client id → RtMockSession, borrowed */
  GHashTable *keyed;    /* hash of the key → RtMockSession, borrowed */
  GQueue idle;          /* channels without members, longest idle first */
  GQueue by_age;        /* every kept publication, oldest first */
  gsize kept_bytes;
  RtMockDedup *dedup;
  RtBuffer frame; /* scratch: what goes to many is written once */
};

static void restore_cb (const RtMockRecord *record, gpointer user_data);

RtMockHub *
rt_mock_hub_new (RtMockEnv *env)
{
  RtMockHub *self = g_new0 (RtMockHub, 1);

  self->env = env;
  self->channels = g_hash_table_new (rt_mock_text_hash, g_str_equal);
  self->sessions = g_hash_table_new (g_str_hash, g_str_equal);
  self->keyed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_queue_init (&self->idle);
  g_queue_init (&self->by_age);
  self->dedup = rt_mock_dedup_new ();
  if (env->file != NULL)
    rt_mock_journal_file_replay (env->file, restore_cb, self);
  return self;
}

/* --- History --- */

static void
forget_entry (RtMockHub *self, RtMockEntry *entry)
{
  g_queue_unlink (&entry->channel->history, &entry->channel_link);
  g_queue_unlink (&self->by_age, &entry->age_link);
  self->kept_bytes -= g_bytes_get_size (entry->data);
  g_bytes_unref (entry->data);
  rt_mock_identity_unref (entry->publisher);
  g_free (entry);
}

static void
forget_history (RtMockHub *self, RtMockChannel *channel)
{
  while (channel->history.head != NULL)
    forget_entry (self, channel->history.head->data);
}

/* What is too old, and the oldest of what is too much. */
static void
forget_old (RtMockHub *self)
{
  gint64 now = rt_clock_now ();
  RtMockEntry *oldest;

  while ((oldest = g_queue_peek_head (&self->by_age)) != NULL &&
         (oldest->expires <= now || self->kept_bytes > RT_MOCK_MAX_HISTORY_BYTES))
    forget_entry (self, oldest);
}

/* @age: how long ago it was published, in µs. */
static void
keep_entry (RtMockHub *self, RtMockChannel *channel, const RtMockPublish *publish, gint64 age)
{
  RtMockEntry *entry = g_new0 (RtMockEntry, 1);

  entry->channel = channel;
  entry->offset = ++channel->top;
  entry->data = g_bytes_ref (publish->data);
  entry->publisher = publish->publisher != NULL ? rt_mock_identity_ref (publish->publisher) : NULL;
  entry->expires = rt_clock_now () - age + RT_CLOCK_MS (self->env->options.history_ttl);
  entry->channel_link.data = entry;
  entry->age_link.data = entry;
  g_queue_push_tail_link (&channel->history, &entry->channel_link);
  g_queue_push_tail_link (&self->by_age, &entry->age_link);
  self->kept_bytes += g_bytes_get_size (entry->data);
  if (channel->history.length > self->env->options.history_size)
    forget_entry (self, channel->history.head->data);
  forget_old (self);
}

gboolean
rt_mock_hub_has_history (RtMockHub *self)
{
  return self->env->options.history_size > 0;
}

/* --- Channels --- */

static void
remove_channel (RtMockHub *self, RtMockChannel *channel)
{
  g_hash_table_remove (self->channels, channel->name);
  forget_history (self, channel);
  rt_mock_channel_free (channel);
}

/* A channel that nobody is in is remembered, with its epoch and offset, until its place is needed: whoever lost the
 * line may come back. */
static gboolean
make_room (RtMockHub *self)
{
  if (g_hash_table_size (self->channels) < RT_MOCK_MAX_CHANNELS)
    return TRUE;
  GList *link = g_queue_pop_head_link (&self->idle);
  if (link == NULL)
    return FALSE;
  remove_channel (self, link->data);
  return TRUE;
}

/* FALSE: the journal does not take it. */
static gboolean
write_epoch (RtMockHub *self, const RtMockChannel *channel)
{
  RtMockRecord record = {
    .channel = rt_mock_slice (channel->name),
    .epoch = rt_mock_slice (channel->epoch),
    .time = rt_clock_real (),
  };

  return self->env->file == NULL || rt_mock_journal_file_append (self->env->file, &record);
}

/* There must be room. */
static RtMockChannel *
add_channel (RtMockHub *self, const char *name)
{
  RtMockChannel *channel = rt_mock_channel_new (name);

  g_hash_table_insert (self->channels, channel->name, channel);
  g_queue_push_tail_link (&self->idle, &channel->idle_link);
  return channel;
}

RtMockChannel *
rt_mock_hub_get_channel (RtMockHub *self, const char *name, gboolean create)
{
  forget_old (self);
  RtMockChannel *channel = g_hash_table_lookup (self->channels, name);
  if (channel != NULL || !create)
    return channel;
  if (!make_room (self))
    return NULL;
  channel = add_channel (self, name);
  if (write_epoch (self, channel))
    return channel;
  g_queue_unlink (&self->idle, &channel->idle_link);
  remove_channel (self, channel);
  return NULL;
}

void
rt_mock_hub_free (RtMockHub *self)
{
  GHashTableIter iter;
  gpointer channel;

  g_assert (g_hash_table_size (self->sessions) == 0);
  g_hash_table_iter_init (&iter, self->channels);
  while (g_hash_table_iter_next (&iter, NULL, &channel))
    {
      forget_history (self, channel);
      g_hash_table_iter_remove (&iter);
      rt_mock_channel_free (channel);
    }
  g_hash_table_unref (self->channels);
  g_hash_table_unref (self->sessions);
  g_hash_table_unref (self->keyed);
  rt_mock_dedup_free (self->dedup);
  rt_buffer_clear (&self->frame);
  g_free (self);
}

/* --- Pushes --- */

static void
write_frame (RtMockHub *self, const RtReply *reply)
{
  self->frame.len = 0;
  self->env->codec->write_reply (&self->frame, reply);
}

/* *tags are those of the publication, read when they are first needed. */
static gboolean
wants (RtMockHub *self, const RtMockMember *member, const RtReply *reply, GVariant **tags)
{
  if (member->filter == NULL || reply->kind != RT_PUSH_PUBLICATION)
    return TRUE;
  if (*tags == NULL)
    *tags = rt_mock_filter_read_tags (self->env->codec, &reply->publications[0].data);
  return rt_tags_filter_matches_tags (member->filter, *tags);
}

static void
push_to_members (RtMockHub *self, RtMockChannel *channel, const RtReply *reply, gboolean only_interested)
{
  g_autoptr (GVariant) tags = NULL;
  GHashTableIter iter;
  gpointer member;

  write_frame (self, reply);
  g_hash_table_iter_init (&iter, channel->members);
  while (g_hash_table_iter_next (&iter, NULL, &member))
    {
      if ((!only_interested || ((RtMockMember *) member)->join_leave) && wants (self, member, reply, &tags))
        rt_mock_session_push (((RtMockMember *) member)->session, &self->frame);
    }
}

static void
push_presence (RtMockHub *self, RtMockChannel *channel, RtReplyKind kind, const RtClientInfo *who)
{
  RtReply reply = { .kind = kind, .channel = rt_mock_slice (channel->name), .members = who, .n_members = 1 };

  push_to_members (self, channel, &reply, TRUE);
}

/* --- Members --- */

void
rt_mock_hub_join (RtMockHub *self, RtMockChannel *channel, RtMockSession *session, gboolean join_leave)
{
  RtMockMember *member = g_new0 (RtMockMember, 1);

  member->session = session;
  member->identity = rt_mock_session_get_identity (session);
  member->join_leave = join_leave || self->env->options.join_leave;
  if (g_hash_table_size (channel->members) == 0)
    g_queue_unlink (&self->idle, &channel->idle_link);
  g_hash_table_insert (channel->members, session, member);
}

void
rt_mock_hub_announce_join (RtMockHub *self, RtMockChannel *channel, RtMockSession *session)
{
  RtClientInfo info;

  rt_mock_member_fill (g_hash_table_lookup (channel->members, session), &info);
  push_presence (self, channel, RT_PUSH_JOIN, &info);
}

void
rt_mock_hub_set_presence (RtMockHub *self, RtMockChannel *channel, RtMockSession *session, const RtSlice *info)
{
  RtMockMember *member = g_hash_table_lookup (channel->members, session);

  g_free (member->info);
  member->info = info->data != NULL ? g_strndup (info->data, info->len) : NULL;
}

void
rt_mock_hub_set_filter (RtMockHub *self, RtMockChannel *channel, RtMockSession *session, RtTagsFilter *filter)
{
  RtMockMember *member = g_hash_table_lookup (channel->members, session);

  g_clear_pointer (&member->filter, rt_tags_filter_free);
  member->filter = filter != NULL ? rt_tags_filter_copy (filter) : NULL;
}

void
rt_mock_hub_leave (RtMockHub *self, RtMockChannel *channel, RtMockSession *session)
{
  RtClientInfo info;

  g_hash_table_remove (channel->members, session);
  if (g_hash_table_size (channel->members) == 0)
    {
      g_queue_push_tail_link (&self->idle, &channel->idle_link);
      return;
    }
  rt_mock_identity_fill (rt_mock_session_get_identity (session), &info);
  push_presence (self, channel, RT_PUSH_LEAVE, &info);
}

void
rt_mock_hub_expel (RtMockHub *self,
                   RtMockChannel *channel,
                   RtMockSession *session,
                   guint code,
                   const char *reason)
{
  RtReply push = {
    .kind = RT_PUSH_UNSUBSCRIBE,
    .channel = rt_mock_slice (channel->name),
    .code = code,
    .reason = rt_mock_slice (reason),
  };

  rt_mock_session_reply (session, &push);
  rt_mock_session_forget_channel (session, channel);
  rt_mock_hub_leave (self, channel, session);
}

void
rt_mock_hub_new_epoch (RtMockHub *self, const char *name)
{
  RtMockChannel *channel = rt_mock_hub_get_channel (self, name, FALSE);
  RtReply reply = {
    .kind = RT_PUSH_UNSUBSCRIBE,
    .channel = rt_mock_slice (name),
    .code = UNSUBSCRIBE_INSUFFICIENT_STATE,
    .reason = rt_mock_slice ("insufficient state"),
  };

  if (channel == NULL)
    return;
  forget_history (self, channel);
  rt_mock_channel_renew (channel);
  write_epoch (self, channel);
  push_to_members (self, channel, &reply, FALSE);
  g_autoptr (GList) sessions = g_hash_table_get_keys (channel->members);
  for (GList *l = sessions; l != NULL; l = l->next)
    rt_mock_session_forget_channel (l->data, channel);
  if (sessions != NULL)
    g_queue_push_tail_link (&self->idle, &channel->idle_link);
  g_hash_table_remove_all (channel->members);
}

/* --- Sessions --- */

void
rt_mock_hub_add_session (RtMockHub *self, RtMockSession *session)
{
  const char *key = rt_mock_session_get_key (session);

  g_hash_table_insert (self->sessions, rt_mock_session_get_identity (session)->client, session);
  if (key != NULL)
    g_hash_table_insert (self->keyed, rt_mock_secret_hash (key), session);
}

void
rt_mock_hub_remove_session (RtMockHub *self, RtMockSession *session)
{
  const char *key = rt_mock_session_get_key (session);

  g_hash_table_remove (self->sessions, rt_mock_session_get_identity (session)->client);
  if (key != NULL)
    {
      g_autofree char *hash = rt_mock_secret_hash (key);
      g_hash_table_remove (self->keyed, hash);
    }
}

RtMockSession *
rt_mock_hub_find_by_key (RtMockHub *self, const char *key)
{
  g_autofree char *hash = rt_mock_secret_hash (key);

  return g_hash_table_lookup (self->keyed, hash);
}

guint
rt_mock_hub_disconnect (RtMockHub *self, const char *client, guint code, const char *reason, guint spread)
{
  GHashTableIter iter;
  gpointer id, session;
  guint count = 0;

  /* Closing only marks a session; none leaves the table here. */
  g_hash_table_iter_init (&iter, self->sessions);
  while (g_hash_table_iter_next (&iter, &id, &session))
    {
      if (client != NULL && strcmp (id, client) != 0)
        continue;
      rt_mock_session_close_spread (session, code, reason, spread);
      count++;
    }
  return count;
}

RtMockSession *
rt_mock_hub_find_session (RtMockHub *self, const char *client)
{
  return g_hash_table_lookup (self->sessions, client);
}

char **
rt_mock_hub_list_clients (RtMockHub *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  GHashTableIter iter;
  gpointer client;

  g_hash_table_iter_init (&iter, self->sessions);
  while (g_hash_table_iter_next (&iter, &client, NULL))
    g_strv_builder_add (builder, client);
  return g_strv_builder_end (builder);
}

/* --- Publishing --- */

static void
push_publication (RtMockHub *self, RtMockChannel *channel, const RtMockPublish *publish, guint64 offset)
{
  RtMockEntry entry = { .offset = offset, .data = publish->data, .publisher = publish->publisher };
  RtPublication publication;
  RtReply reply = {
    .kind = RT_PUSH_PUBLICATION,
    .channel = rt_mock_slice (channel->name),
    .publications = &publication,
    .n_publications = 1,
  };

  rt_mock_entry_fill (&entry, &publication);
  push_to_members (self, channel, &reply, FALSE);
}

static void
record (RtMockHub *self, const RtMockPublish *publish)
{
  if (publish->publisher == NULL)
    return;
  rt_mock_journal_record (self->env->journal, publish->channel, publish->data);
  self->env->events->message (self->env->events_data, publish->channel, publish->data);
}

/* FALSE: the journal does not take it. */
static gboolean
write_publication (RtMockHub *self, const RtMockChannel *channel, const RtMockPublish *publish, guint64 offset)
{
  gsize size;
  const char *data = g_bytes_get_data (publish->data, &size);
  RtMockRecord record = {
    .channel = rt_mock_slice (channel->name),
    .epoch = rt_mock_slice (channel->epoch),
    .offset = offset,
    .id = rt_mock_slice (publish->idem),
    .data = { data, size, 0 },
    .time = rt_clock_real (),
  };

  if (self->env->file == NULL)
    return TRUE;
  if (publish->publisher != NULL)
    {
      record.user = rt_mock_slice (publish->publisher->user);
      record.client = rt_mock_slice (publish->publisher->client);
      record.info = rt_mock_slice (publish->publisher->info);
    }
  return rt_mock_journal_file_append (self->env->file, &record);
}

/* A publication that is new. FALSE: the journal does not take it. */
static gboolean
add_publication (RtMockHub *self, RtMockChannel *channel, const RtMockPublish *publish, RtMockPublished *published)
{
  gboolean with_history = rt_mock_hub_has_history (self);

  published->offset = with_history ? channel->top + 1 : 0;
  if (!write_publication (self, channel, publish, published->offset))
    return FALSE;
  if (with_history)
    keep_entry (self, channel, publish, 0);
  if (publish->idem != NULL)
    rt_mock_dedup_add (self->dedup, channel->name, channel->epoch, publish->idem, published->offset);
  if (!rt_mock_faults_take (self->env->faults, RT_MOCK_FAULT_LOSE_PUSH))
    push_publication (self, channel, publish, published->offset);
  record (self, publish);
  return TRUE;
}

guint
rt_mock_hub_publish (RtMockHub *self, const RtMockPublish *publish, RtMockPublished *published)
{
  RtMockChannel *channel = rt_mock_hub_get_channel (self, publish->channel, TRUE);

  *published = (RtMockPublished) { 0 };
  if (channel == NULL)
    return RT_MOCK_ERROR_LIMIT_EXCEEDED;
  if (rt_mock_hub_has_history (self))
    published->epoch = channel->epoch;
  if (publish->idem != NULL &&
      rt_mock_dedup_find (self->dedup, channel->name, channel->epoch, publish->idem, &published->offset))
    {
      published->dup = TRUE;
      return 0;
    }
  if (rt_mock_faults_take (self->env->faults, RT_MOCK_FAULT_DROP_PUBLICATION))
    {
      published->epoch = NULL;
      return 0;
    }
  return add_publication (self, channel, publish, published) ? 0 : RT_MOCK_ERROR_INTERNAL;
}

gboolean
rt_mock_hub_sync (RtMockHub *self)
{
  return self->env->file == NULL || rt_mock_journal_file_sync (self->env->file);
}

/* --- What was there before --- */

static char *
dup_slice (const RtSlice *slice)
{
  return slice->data != NULL ? rt_json_unescape (slice) : NULL;
}

static void
restore_publication (RtMockHub *self, RtMockChannel *channel, const RtMockRecord *record)
{
  gint64 age = MAX (rt_clock_real () - record->time, 0);
  g_autoptr (GBytes) data = g_bytes_new (record->data.data, record->data.len);
  g_autofree char *id = dup_slice (&record->id);
  g_autofree char *client = dup_slice (&record->client);
  g_autofree char *user = dup_slice (&record->user);
  g_autofree char *info = record->info.data != NULL ? g_strndup (record->info.data, record->info.len) : NULL;
  RtMockIdentity *publisher =
      client != NULL ? rt_mock_identity_restore (client, user != NULL ? user : "", info) : NULL;
  RtMockPublish publish = { .channel = channel->name, .data = data, .publisher = publisher, .idem = id };

  if (rt_mock_hub_has_history (self) && record->offset != 0)
    {
      /* A hole would be one in the history. */
      if (record->offset != channel->top + 1)
        forget_history (self, channel);
      channel->top = record->offset - 1;
      keep_entry (self, channel, &publish, age);
    }
  if (id != NULL)
    rt_mock_dedup_add (self->dedup, channel->name, channel->epoch, id, record->offset);
  rt_mock_identity_unref (publisher);
}

static void
restore_cb (const RtMockRecord *record, gpointer user_data)
{
  RtMockHub *self = user_data;
  g_autofree char *name = dup_slice (&record->channel);
  g_autofree char *epoch = dup_slice (&record->epoch);

  if (name == NULL || !rt_mock_channel_is_name (name) || epoch == NULL)
    return;
  RtMockChannel *channel = g_hash_table_lookup (self->channels, name);
  if (channel == NULL && make_room (self))
    channel = add_channel (self, name);
  if (channel == NULL)
    return;
  if (strcmp (channel->epoch, epoch) != 0)
    {
      forget_history (self, channel);
      rt_mock_channel_set_epoch (channel, epoch);
    }
  if (record->data.data != NULL)
    restore_publication (self, channel, record);
}
