/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-journal.h"

#include <string.h>

typedef struct
{
  char *channel;
  GBytes *data;
} Record;

static void
free_record (gpointer data)
{
  Record *record = data;

  g_free (record->channel);
  g_bytes_unref (record->data);
  g_free (record);
}

void
rt_mock_journal_init (RtMockJournal *self)
{
  memset (self, 0, sizeof *self);
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  g_queue_init (&self->records);
}

void
rt_mock_journal_clear (RtMockJournal *self)
{
  g_queue_clear_full (&self->records, free_record);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
}

static void
trim_locked (RtMockJournal *self)
{
  while (self->records.length > RT_MOCK_JOURNAL_MAX_RECORDS || self->bytes > RT_MOCK_JOURNAL_MAX_BYTES)
    {
      Record *oldest = g_queue_pop_head (&self->records);
      self->bytes -= g_bytes_get_size (oldest->data);
      free_record (oldest);
    }
}

void
rt_mock_journal_record (RtMockJournal *self, const char *channel, GBytes *data)
{
  Record *record = g_new (Record, 1);

  record->channel = g_strdup (channel);
  record->data = g_bytes_ref (data);
  g_mutex_lock (&self->lock);
  g_queue_push_tail (&self->records, record);
  self->bytes += g_bytes_get_size (data);
  self->total++;
  trim_locked (self);
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
}

void
rt_mock_journal_count_pong (RtMockJournal *self)
{
  g_mutex_lock (&self->lock);
  self->pongs++;
  g_mutex_unlock (&self->lock);
}

guint
rt_mock_journal_get_pongs (RtMockJournal *self)
{
  g_mutex_lock (&self->lock);
  guint pongs = self->pongs;
  g_mutex_unlock (&self->lock);
  return pongs;
}

void
rt_mock_journal_set_running (RtMockJournal *self, gboolean running)
{
  g_mutex_lock (&self->lock);
  self->running = running;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
}

char **
rt_mock_journal_list (RtMockJournal *self, const char *channel)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  g_mutex_lock (&self->lock);
  for (GList *l = self->records.head; l != NULL; l = l->next)
    {
      Record *record = l->data;
      gsize size;
      const char *text = g_bytes_get_data (record->data, &size);

      if (channel != NULL && strcmp (record->channel, channel) != 0)
        continue;
      g_autofree char *copy = g_strndup (text, size);
      g_strv_builder_add (builder, copy);
    }
  g_mutex_unlock (&self->lock);
  return g_strv_builder_end (builder);
}

gboolean
rt_mock_journal_wait (RtMockJournal *self, guint n, const gboolean *expired)
{
  g_mutex_lock (&self->lock);
  while (self->total < n && self->running && !*expired)
    g_cond_wait (&self->cond, &self->lock);
  gboolean reached = self->total >= n;
  g_mutex_unlock (&self->lock);
  return reached;
}

void
rt_mock_journal_expire (RtMockJournal *self, gboolean *expired)
{
  g_mutex_lock (&self->lock);
  *expired = TRUE;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
}
