/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-channel.h"

#define MAX_NAME 255

gboolean
rt_mock_channel_is_name (const char *name)
{
  gsize len = strlen (name);

  for (gsize i = 0; i < len; i++)
    {
      if (!g_ascii_isprint (name[i]))
        return FALSE;
    }
  return len > 0 && len <= MAX_NAME;
}

static void
free_member (gpointer data)
{
  RtMockMember *member = data;

  rt_tags_filter_free (member->filter);
  g_free (member->info);
  g_free (member);
}

RtMockChannel *
rt_mock_channel_new (const char *name)
{
  RtMockChannel *self = g_new0 (RtMockChannel, 1);

  self->name = g_strdup (name);
  self->members = g_hash_table_new_full (NULL, NULL, NULL, free_member);
  self->idle_link.data = self;
  g_queue_init (&self->history);
  rt_mock_channel_renew (self);
  return self;
}

void
rt_mock_channel_free (RtMockChannel *self)
{
  g_assert (g_queue_is_empty (&self->history));
  g_hash_table_unref (self->members);
  g_free (self->name);
  g_free (self);
}

void
rt_mock_channel_renew (RtMockChannel *self)
{
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  char old[sizeof self->epoch];

  memcpy (old, self->epoch, sizeof old);
  do
    {
      for (guint i = 0; i < sizeof self->epoch - 1; i++)
        self->epoch[i] = letters[g_random_int_range (0, sizeof letters - 1)];
    }
  while (memcmp (old, self->epoch, sizeof old) == 0);
  self->top = 0;
}

void
rt_mock_channel_set_epoch (RtMockChannel *self, const char *epoch)
{
  g_strlcpy (self->epoch, epoch, sizeof self->epoch);
  self->top = 0;
}

gboolean
rt_mock_channel_has_epoch (const RtMockChannel *self, const char *epoch)
{
  return epoch[0] == '\0' || strcmp (self->epoch, epoch) == 0;
}

gboolean
rt_mock_channel_recover (RtMockChannel *self, const RtMockPosition *since, guint limit, GPtrArray *entries)
{
  if (!rt_mock_channel_has_epoch (self, since->epoch) || since->offset > self->top)
    return FALSE;

  guint64 missed = self->top - since->offset;
  if (missed > self->history.length || missed > limit)
    return FALSE;
  rt_mock_channel_list (self, since, missed, FALSE, entries);
  return TRUE;
}

void
rt_mock_channel_list (RtMockChannel *self,
                      const RtMockPosition *since,
                      guint limit,
                      gboolean reverse,
                      GPtrArray *entries)
{
  guint found = 0;

  for (GList *l = reverse ? self->history.tail : self->history.head; l != NULL && found < limit;
       l = reverse ? l->prev : l->next)
    {
      RtMockEntry *entry = l->data;
      if (since != NULL && (reverse ? entry->offset >= since->offset : entry->offset <= since->offset))
        continue;
      g_ptr_array_add (entries, entry);
      found++;
    }
}

void
rt_mock_member_fill (const RtMockMember *self, RtClientInfo *info)
{
  rt_mock_identity_fill (self->identity, info);
  info->chan_info = rt_mock_slice (self->info);
}

void
rt_mock_entry_fill (const RtMockEntry *self, RtPublication *publication)
{
  gsize size;
  const char *data = g_bytes_get_data (self->data, &size);

  *publication = (RtPublication) { .data = { data, size, 0 }, .offset = self->offset };
  if (self->publisher != NULL)
    {
      publication->has_info = TRUE;
      rt_mock_identity_fill (self->publisher, &publication->info);
    }
}
