/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-dedup.h"

#define FIRST_SIZE 64

typedef struct
{
  guint64 source;
  guint64 id;
  gint64 time;
} Entry;

/* A ring of what was seen, oldest first, and an open-addressed table of places in it. */
struct _RtDedup
{
  Entry *ring;
  guint16 *table; /* place in the ring + 1, 0 = free; twice as large as the ring */
  guint capacity; /* a power of two */
  guint first;
  guint count;
};

RtDedup *
rt_dedup_new (void)
{
  RtDedup *self = g_new0 (RtDedup, 1);

  self->capacity = FIRST_SIZE;
  self->ring = g_new (Entry, FIRST_SIZE);
  self->table = g_new0 (guint16, FIRST_SIZE * 2);
  return self;
}

void
rt_dedup_free (RtDedup *self)
{
  g_free (self->ring);
  g_free (self->table);
  g_free (self);
}

/* Ids are decimal and fit; one that does not is no id of ours. Returns 0 for that. */
static guint64
parse_id (const RtSlice *id)
{
  guint64 value = 0;

  if (id->data == NULL || id->len > 19 || (id->flags & RT_SLICE_ESCAPED) != 0)
    return 0;
  for (guint32 i = 0; i < id->len; i++)
    value = value * 10 + (guint64) (id->data[i] - '0');
  return value;
}

/* FNV-1a, 64 bits (Fowler, Noll, Vo). Sources are random, so two of them do not meet by chance. */
static guint64
hash_source (const RtSlice *source)
{
  guint64 hash = G_GUINT64_CONSTANT (14695981039346656037);

  for (guint32 i = 0; i < source->len; i++)
    hash = (hash ^ (guchar) source->data[i]) * G_GUINT64_CONSTANT (1099511628211);
  return hash;
}

static guint
slot_of (RtDedup *self, guint64 source, guint64 id)
{
  guint64 mixed = (source ^ id) * G_GUINT64_CONSTANT (0x9E3779B97F4A7C15);

  return (guint) (mixed >> 32) & (self->capacity * 2 - 1);
}

static guint
next_slot (RtDedup *self, guint slot)
{
  return (slot + 1) & (self->capacity * 2 - 1);
}

static void
insert_slot (RtDedup *self, guint place)
{
  guint slot = slot_of (self, self->ring[place].source, self->ring[place].id);

  while (self->table[slot] != 0)
    slot = next_slot (self, slot);
  self->table[slot] = (guint16) (place + 1);
}

/* Linear probing: what follows in the same run moves up, so that no search ends too early (Knuth, TAOCP vol. 3,
 * algorithm 6.4 R). */
static void
remove_slot (RtDedup *self, guint place)
{
  guint hole = slot_of (self, self->ring[place].source, self->ring[place].id);

  while (self->table[hole] != place + 1)
    hole = next_slot (self, hole);
  self->table[hole] = 0;
  for (guint slot = next_slot (self, hole); self->table[slot] != 0; slot = next_slot (self, slot))
    {
      guint moved = self->table[slot] - 1u;
      self->table[slot] = 0;
      insert_slot (self, moved);
    }
}

static void
drop_oldest (RtDedup *self)
{
  remove_slot (self, self->first);
  self->first = (self->first + 1) & (self->capacity - 1);
  self->count--;
}

static void
grow (RtDedup *self)
{
  guint capacity = self->capacity * 2;
  Entry *ring = g_new (Entry, capacity);

  for (guint i = 0; i < self->count; i++)
    ring[i] = self->ring[(self->first + i) & (self->capacity - 1)];
  g_free (self->ring);
  g_free (self->table);
  self->ring = ring;
  self->table = g_new0 (guint16, capacity * 2);
  self->capacity = capacity;
  self->first = 0;
  for (guint i = 0; i < self->count; i++)
    insert_slot (self, i);
}

static gboolean
contains (RtDedup *self, guint64 source, guint64 id)
{
  for (guint slot = slot_of (self, source, id); self->table[slot] != 0; slot = next_slot (self, slot))
    {
      Entry *entry = &self->ring[self->table[slot] - 1u];
      if (entry->source == source && entry->id == id)
        return TRUE;
    }
  return FALSE;
}

gboolean
rt_dedup_add (RtDedup *self, const RtEnvelope *envelope, gint64 now)
{
  guint64 id = envelope->marked ? parse_id (&envelope->id) : 0;

  if (id == 0 || envelope->source.len == 0)
    return TRUE;
  while (self->count > 0 && self->ring[self->first].time + RT_DEDUP_TIME < now)
    drop_oldest (self);

  guint64 source = hash_source (&envelope->source);
  if (contains (self, source, id))
    return FALSE;
  if (self->count == self->capacity)
    {
      if (self->capacity < RT_DEDUP_MAX)
        grow (self);
      else
        drop_oldest (self);
    }
  guint place = (self->first + self->count++) & (self->capacity - 1);
  self->ring[place] = (Entry) { source, id, now };
  insert_slot (self, place);
  return TRUE;
}
