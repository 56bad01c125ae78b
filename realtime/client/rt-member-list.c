/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-member-list.h"

#include <string.h>

/* What servers may say of all members together. */
#define MAX_BYTES (16 * 1024 * 1024)

typedef struct
{
  RtMember *member;
  gsize bytes;
  guint since; /* the number of the snapshot that was waited for when it was heard of, 0: none */
  gboolean doomed;
} Row;

struct _RtMemberList
{
  GObject parent_instance;

  guint limit;
  gsize bytes; /* of all rows */
  GSequence *rows;    /* of Row */
  GHashTable *places; /* client id (its member's) → GSequenceIter */
  GHashTable *gone;   /* client ids of those who went since the snapshot was asked for */
  guint last;         /* the number of the last snapshot */
  gboolean waiting;   /* for it */
  const gint *ended;  /* nullable, atomic: whether nobody wants to be told any more of what is being taken over */
};

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RtMemberList, rt_member_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static void
row_free (gpointer data)
{
  Row *row = data;

  g_object_unref (row->member);
  g_free (row);
}

static GType
get_item_type (GListModel *model)
{
  return RT_TYPE_MEMBER;
}

static guint
get_n_items (GListModel *model)
{
  return (guint) g_sequence_get_length (RT_MEMBER_LIST (model)->rows);
}

static gpointer
get_item (GListModel *model, guint position)
{
  GSequenceIter *iter;

  if (position >= get_n_items (model))
    return NULL;
  iter = g_sequence_get_iter_at_pos (RT_MEMBER_LIST (model)->rows, (gint) position);
  return g_object_ref (((Row *) g_sequence_get (iter))->member);
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void
rt_member_list_finalize (GObject *object)
{
  RtMemberList *self = RT_MEMBER_LIST (object);

  g_hash_table_unref (self->places);
  g_hash_table_unref (self->gone);
  g_sequence_free (self->rows);
  G_OBJECT_CLASS (rt_member_list_parent_class)->finalize (object);
}

static void
rt_member_list_class_init (RtMemberListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = rt_member_list_finalize;
}

static void
rt_member_list_init (RtMemberList *self)
{
  self->rows = g_sequence_new (row_free);
  self->places = g_hash_table_new (g_str_hash, g_str_equal);
  self->gone = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

RtMemberList *
rt_member_list_new (guint limit)
{
  RtMemberList *self = g_object_new (RT_TYPE_MEMBER_LIST, NULL);

  self->limit = limit;
  return self;
}

/* --- Rows --- */

static gboolean
same_info (GVariant *a, GVariant *b)
{
  return a == b || (a != NULL && b != NULL && g_variant_equal (a, b));
}

static gboolean
same_member (RtMember *a, RtMember *b)
{
  return g_strcmp0 (rt_member_get_user_id (a), rt_member_get_user_id (b)) == 0
         && same_info (rt_member_get_info (a), rt_member_get_info (b));
}

static gsize
size_of (RtMember *member)
{
  GVariant *info = rt_member_get_info (member);
  gsize names = strlen (rt_member_get_client_id (member)) + strlen (rt_member_get_user_id (member));

  return names + (info != NULL ? g_variant_get_size (info) : 0);
}

static gboolean
has_room (RtMemberList *self, RtMember *member)
{
  return (guint) g_sequence_get_length (self->rows) < self->limit && self->bytes + size_of (member) <= MAX_BYTES;
}

/* Without telling. */
static void
append_row (RtMemberList *self, RtMember *member, guint since)
{
  Row *row = g_new0 (Row, 1);

  row->member = g_object_ref (member);
  row->bytes = size_of (member);
  row->since = since;
  self->bytes += row->bytes;
  GSequenceIter *iter = g_sequence_append (self->rows, row);
  g_hash_table_insert (self->places, (gpointer) rt_member_get_client_id (member), iter);
}

/* The same client, of whom something else is known now. */
static void
renew_row (RtMemberList *self, GSequenceIter *iter, RtMember *member)
{
  Row *row = g_sequence_get (iter);

  if (same_member (row->member, member) || self->bytes - row->bytes + size_of (member) > MAX_BYTES)
    return;
  self->bytes -= row->bytes;
  row->bytes = size_of (member);
  self->bytes += row->bytes;
  g_autoptr (RtMember) old = g_steal_pointer (&row->member);
  row->member = g_object_ref (member);
  /* The key belongs to the member. */
  g_hash_table_replace (self->places, (gpointer) rt_member_get_client_id (member), iter);
  g_list_model_items_changed (G_LIST_MODEL (self), (guint) g_sequence_iter_get_position (iter), 1, 1);
}

static void
remove_rows (RtMemberList *self, GSequenceIter *begin, GSequenceIter *end, guint n)
{
  guint position = (guint) g_sequence_iter_get_position (begin);

  for (GSequenceIter *iter = begin; iter != end; iter = g_sequence_iter_next (iter))
    {
      Row *row = g_sequence_get (iter);

      self->bytes -= row->bytes;
      g_hash_table_remove (self->places, rt_member_get_client_id (row->member));
    }
  g_sequence_remove_range (begin, end);
  g_list_model_items_changed (G_LIST_MODEL (self), position, n, 0);
}

/* --- Snapshots --- */

guint
rt_member_list_begin (RtMemberList *self)
{
  g_hash_table_remove_all (self->gone);
  self->waiting = TRUE;
  /* 0 is for what was heard of while none was waited for. */
  if (++self->last == 0)
    self->last++;
  return self->last;
}

static gboolean
is_awaited (RtMemberList *self, guint number)
{
  return self->waiting && self->last == number && (self->ended == NULL || !g_atomic_int_get (self->ended));
}

static void
end_waiting (RtMemberList *self)
{
  self->waiting = FALSE;
  g_hash_table_remove_all (self->gone);
}

static GHashTable *
index_snapshot (GListModel *snapshot)
{
  GHashTable *index = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_object_unref);
  guint n = g_list_model_get_n_items (snapshot);

  for (guint i = 0; i < n; i++)
    {
      RtMember *member = g_list_model_get_item (snapshot, i);
      g_hash_table_replace (index, (gpointer) rt_member_get_client_id (member), member);
    }
  return index;
}

/* Marks the rows that the snapshot knows nothing of, and that are not newer. */
static GPtrArray *
list_doomed (RtMemberList *self, GHashTable *index, guint number)
{
  GPtrArray *ids = g_ptr_array_new_with_free_func (g_free);

  for (GSequenceIter *iter = g_sequence_get_begin_iter (self->rows); !g_sequence_iter_is_end (iter);
       iter = g_sequence_iter_next (iter))
    {
      Row *row = g_sequence_get (iter);
      const char *id = rt_member_get_client_id (row->member);

      row->doomed = row->since != number && !g_hash_table_contains (index, id);
      if (row->doomed)
        g_ptr_array_add (ids, g_strdup (id));
    }
  return ids;
}

/* Neighbours go together. */
static void
remove_doomed (RtMemberList *self, GPtrArray *ids, guint number)
{
  for (guint i = 0; i < ids->len && is_awaited (self, number); i++)
    {
      GSequenceIter *begin = g_hash_table_lookup (self->places, g_ptr_array_index (ids, i));
      GSequenceIter *end = begin;
      guint n = 0;

      /* It went along with one before, or has come back meanwhile. */
      if (begin == NULL)
        continue;
      for (; !g_sequence_iter_is_end (end) && ((Row *) g_sequence_get (end))->doomed; n++)
        end = g_sequence_iter_next (end);
      if (n > 0)
        remove_rows (self, begin, end, n);
    }
}

/* Takes over what the snapshot knows of those who are there already. */
static void
renew_known (RtMemberList *self, GListModel *snapshot, guint number)
{
  guint n = g_list_model_get_n_items (snapshot);

  for (guint i = 0; i < n && is_awaited (self, number); i++)
    {
      g_autoptr (RtMember) member = g_list_model_get_item (snapshot, i);
      GSequenceIter *iter = g_hash_table_lookup (self->places, rt_member_get_client_id (member));

      if (iter != NULL && ((Row *) g_sequence_get (iter))->since != number)
        renew_row (self, iter, member);
    }
}

/* All who are new in one piece, in the snapshot's order. */
static void
append_unknown (RtMemberList *self, GListModel *snapshot)
{
  guint position = get_n_items (G_LIST_MODEL (self));
  guint n = g_list_model_get_n_items (snapshot);
  guint added = 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (RtMember) member = g_list_model_get_item (snapshot, i);
      const char *id = rt_member_get_client_id (member);

      if (g_hash_table_contains (self->places, id) || g_hash_table_contains (self->gone, id)
          || !has_room (self, member))
        continue;
      append_row (self, member, 0);
      added++;
    }
  if (added > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), position, 0, added);
}

static gboolean
take_over (RtMemberList *self, guint number, GListModel *snapshot)
{
  if (!is_awaited (self, number))
    return FALSE;
  g_autoptr (GHashTable) index = index_snapshot (snapshot);
  g_autoptr (GPtrArray) doomed = list_doomed (self, index, number);
  remove_doomed (self, doomed, number);
  renew_known (self, snapshot, number);
  if (is_awaited (self, number))
    append_unknown (self, snapshot);
  if (!is_awaited (self, number))
    return FALSE;
  end_waiting (self);
  return TRUE;
}

gboolean
rt_member_list_set_all (RtMemberList *self, guint number, GListModel *snapshot, const gint *ended)
{
  const gint *outer = self->ended;

  self->ended = ended;
  gboolean complete = take_over (self, number, snapshot);
  self->ended = outer;
  return complete;
}

gboolean
rt_member_list_abort (RtMemberList *self, guint number)
{
  if (!is_awaited (self, number))
    return FALSE;
  end_waiting (self);
  return TRUE;
}

gboolean
rt_member_list_is_waiting (RtMemberList *self)
{
  return self->waiting;
}

/* --- Who comes and goes --- */

void
rt_member_list_add (RtMemberList *self, RtMember *member)
{
  const char *id = rt_member_get_client_id (member);
  GSequenceIter *iter = g_hash_table_lookup (self->places, id);
  guint since = self->waiting ? self->last : 0;

  g_hash_table_remove (self->gone, id);
  if (iter != NULL)
    {
      Row *row = g_sequence_get (iter);

      row->since = since;
      row->doomed = FALSE;
      renew_row (self, iter, member);
      return;
    }
  guint n = get_n_items (G_LIST_MODEL (self));
  if (!has_room (self, member))
    return;
  append_row (self, member, since);
  g_list_model_items_changed (G_LIST_MODEL (self), n, 0, 1);
}

void
rt_member_list_remove (RtMemberList *self, const char *client_id)
{
  GSequenceIter *iter = g_hash_table_lookup (self->places, client_id);

  if (self->waiting && g_hash_table_size (self->gone) < self->limit)
    g_hash_table_add (self->gone, g_strdup (client_id));
  if (iter != NULL)
    remove_rows (self, iter, g_sequence_iter_next (iter), 1);
}

void
rt_member_list_clear (RtMemberList *self)
{
  guint n = get_n_items (G_LIST_MODEL (self));

  end_waiting (self);
  self->bytes = 0;
  g_hash_table_remove_all (self->places);
  g_sequence_remove_range (g_sequence_get_begin_iter (self->rows), g_sequence_get_end_iter (self->rows));
  if (n > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, n, 0);
}
