/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-connection-private.h"

/* Where a channel stands: what it takes over when it has been joined, what was missed, and what of that cannot be had
 * any more. Either everything missed arrives, in order and before anything newer, or a gap says so. */

#define MAX_EPOCH 256

/* What can be read of the channel as soon as the call returns. */
void
rt_connection_fill_joined (RtOp *op, RtSub *sub, const char *epoch, guint64 offset)
{
  g_free (op->epoch);
  op->epoch = g_strdup (epoch);
  op->offset = offset;
  op->recoverable = sub->recoverable;
}

void
rt_connection_send_count (RtConnection *self, RtNewsKind kind, RtSub *sub, guint64 count)
{
  RtNews *news = rt_news_new (kind, sub);

  news->count = (guint) MIN (count, G_MAXUINT);
  rt_connection_send_news (self, news);
}

/* What the program was too slow for, and cannot be had again. */
void
rt_connection_send_dropped (RtConnection *self, RtSub *sub)
{
  if (sub->dropped > 0)
    rt_connection_send_count (self, RT_NEWS_GAP, sub, sub->dropped);
  sub->dropped = 0;
}

/* The program is no longer too slow. */
void
rt_connection_channels_caught_up (RtConnection *self)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->subs);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      RtSub *sub = value;

      if (sub->behind)
        rt_connection_join_again (self, sub);
      if (sub->members_behind)
        rt_connection_send_news (self, rt_news_new (RT_NEWS_MEMBERS_BEHIND, sub));
      sub->members_behind = FALSE;
      rt_connection_send_dropped (self, sub);
    }
}

/* An epoch is a short token. What is longer would be sent back and handed up again and again, and is no position. */
static char *
dup_epoch (const RtReply *reply)
{
  return reply->epoch.data != NULL && reply->epoch.len <= MAX_EPOCH ? rt_json_unescape (&reply->epoch) : NULL;
}

static void
set_position (RtSub *sub, const RtReply *reply, guint64 offset)
{
  char *epoch = dup_epoch (reply);

  if (epoch != NULL)
    {
      g_free (sub->epoch);
      sub->epoch = epoch;
    }
  sub->offset = offset;
}

gboolean
rt_connection_is_filtered (const RtSub *sub)
{
  return sub->filter != NULL && !sub->filter_refused;
}

/* Whoever filters, it comes to the same. */
gboolean
rt_connection_wants (const RtSub *sub, const RtPublication *publication)
{
  return sub->filter == NULL || rt_tags_filter_fits_publication (sub->filter, publication);
}

/* What was missed, each once and in order. Servers differ in the offset of this reply: some give the one that was
 * recovered from, some the newest, so the publications themselves count. Where one is missing, a gap says so,
 * whatever the server calls it. */
static void
take_recovered (RtConnection *self, RtSub *sub, const RtReply *reply)
{
  gboolean may_skip = rt_connection_is_filtered (sub);
  guint64 last = sub->offset;
  guint count = 0;

  for (guint i = 0; i < reply->n_publications; i++)
    {
      guint64 offset = reply->publications[i].offset;

      if (offset <= last)
        continue;
      if (offset > last + 1 && !may_skip)
        rt_connection_send_count (self, RT_NEWS_GAP, sub, offset - last - 1);
      last = offset;
      if (!rt_connection_wants (sub, &reply->publications[i]))
        continue;
      rt_connection_keep (self, sub, &reply->publications[i]);
      count += reply->publications[i].envelope.stream.data == NULL; /* no message is one of a stream's frames */
    }
  if (reply->offset > last && !may_skip)
    rt_connection_send_count (self, RT_NEWS_GAP, sub, reply->offset - last);
  set_position (sub, reply, MAX (last, reply->offset));
  rt_connection_send_count (self, RT_NEWS_RECOVERED, sub, count);
}

/* A reply that names no epoch means the one that was asked for. */
static gboolean
is_same_epoch (const RtSub *sub, const RtReply *reply)
{
  return sub->epoch != NULL && (reply->epoch.data == NULL || rt_slice_equals (&reply->epoch, sub->epoch));
}

static void
take_unrecovered (RtConnection *self, RtSub *sub, const RtReply *reply)
{
  guint64 missed = is_same_epoch (sub, reply) && reply->offset > sub->offset ? reply->offset - sub->offset : 0;

  /* Of these nobody knows how many were wanted. */
  if (sub->filter != NULL)
    missed = 0;
  set_position (sub, reply, reply->offset);
  RtNews *news = rt_news_new (RT_NEWS_GAP, sub);
  news->count = (guint) MIN (missed, G_MAXUINT);
  news->text = g_strdup (sub->epoch);
  news->offset = sub->offset;
  rt_connection_send_news (self, news);
}

static void
send_joined (RtConnection *self, RtSub *sub, const RtReply *reply, gboolean recovered)
{
  RtNews *news = rt_news_new (RT_NEWS_JOINED, sub);

  news->flag = recovered;
  news->recoverable = reply->recoverable;
  news->offset = recovered ? sub->offset : reply->offset;
  news->text = dup_epoch (reply);
  if (news->text == NULL)
    news->text = g_strdup (sub->epoch);
  for (guint i = 0; i < sub->joins->len; i++)
    rt_connection_fill_joined (g_ptr_array_index (sub->joins, i), sub, news->text, news->offset);
  rt_connection_send_news (self, news);
}

void
rt_connection_joined (RtConnection *self, RtSub *sub, const RtReply *reply)
{
  gboolean asked_to_recover = sub->recover_wanted && sub->epoch != NULL;
  gboolean recovered = asked_to_recover && reply->recovered && is_same_epoch (sub, reply);

  sub->awaiting = FALSE;
  rt_connection_open_gate (self, sub);
  if (rt_sub_get_state (sub) == RT_CHANNEL_STATE_LEAVING || g_hash_table_lookup (self->subs, sub->name) != sub)
    return;
  rt_connection_sub_token_lives (self, sub, reply->expires ? reply->ttl : 0);
  gboolean again = rt_sub_get_state (sub) == RT_CHANNEL_STATE_JOINED;
  sub->recoverable = reply->recoverable;
  sub->positioned = reply->positioned;
  sub->was_joined = TRUE;
  rt_sub_set_state (sub, RT_CHANNEL_STATE_JOINED);
  if (!again)
    send_joined (self, sub, reply, recovered);
  /* Who joined has the handle before anything of the channel is delivered, also what comes with this reply. */
  rt_connection_complete_all (self, sub->joins, NULL);
  if (recovered)
    take_recovered (self, sub, reply);
  else if (asked_to_recover)
    take_unrecovered (self, sub, reply);
  else
    set_position (sub, reply, reply->offset);
  rt_connection_flush_sends (self);
}

/* What the server told of positions is void: the program is told of a gap, and goes on from what is new. */
void
rt_connection_void_positions (RtConnection *self)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->subs);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      RtSub *sub = value;

      rt_connection_drop_sub_token (self, sub);
      if (sub->epoch == NULL || !sub->was_joined)
        continue;
      g_clear_pointer (&sub->epoch, g_free);
      rt_connection_send_count (self, RT_NEWS_GAP, sub, 0);
    }
}
