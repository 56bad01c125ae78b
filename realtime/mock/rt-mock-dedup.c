/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-mock-dedup.h"

#include "rt-clock.h"
#include "rt-mock-hash.h"

typedef struct
{
  char *key;
  guint64 offset;
  gint64 expires;
} Seen;

struct _RtMockDedup
{
  GHashTable *by_key; /* of Seen, owned by the queue */
  GQueue by_age;
};

static void
free_seen (gpointer data)
{
  Seen *seen = data;

  g_free (seen->key);
  g_free (seen);
}

/* A channel's name holds no line feed. */
static char *
make_key (const char *channel, const char *epoch, const char *id)
{
  return g_strconcat (channel, "\n", epoch, "\n", id, NULL);
}

RtMockDedup *
rt_mock_dedup_new (void)
{
  RtMockDedup *self = g_new0 (RtMockDedup, 1);

  self->by_key = g_hash_table_new (rt_mock_text_hash, g_str_equal);
  g_queue_init (&self->by_age);
  return self;
}

void
rt_mock_dedup_free (RtMockDedup *self)
{
  g_hash_table_unref (self->by_key);
  g_queue_clear_full (&self->by_age, free_seen);
  g_free (self);
}

static void
forget_oldest (RtMockDedup *self)
{
  Seen *seen = g_queue_pop_head (&self->by_age);

  g_hash_table_remove (self->by_key, seen->key);
  free_seen (seen);
}

static void
forget_old (RtMockDedup *self)
{
  gint64 now = rt_clock_now ();
  Seen *oldest;

  while ((oldest = g_queue_peek_head (&self->by_age)) != NULL && oldest->expires <= now)
    forget_oldest (self);
}

gboolean
rt_mock_dedup_find (RtMockDedup *self, const char *channel, const char *epoch, const char *id, guint64 *offset)
{
  g_autofree char *key = make_key (channel, epoch, id);

  forget_old (self);
  Seen *seen = g_hash_table_lookup (self->by_key, key);
  if (seen == NULL)
    return FALSE;
  *offset = seen->offset;
  return TRUE;
}

void
rt_mock_dedup_add (RtMockDedup *self, const char *channel, const char *epoch, const char *id, guint64 offset)
{
  Seen *seen = g_new0 (Seen, 1);

  if (self->by_age.length == RT_MOCK_DEDUP_MAX)
    forget_oldest (self);
  seen->key = make_key (channel, epoch, id);
  seen->offset = offset;
  seen->expires = rt_clock_now () + RT_CLOCK_MS (RT_MOCK_DEDUP_TTL_MS);
  g_queue_push_tail (&self->by_age, seen);
  g_hash_table_replace (self->by_key, seen->key, seen);
}
