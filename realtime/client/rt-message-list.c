/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-message-list.h"

#include <string.h>

#define MIN_CAPACITY 16

struct _RtMessageList
{
  GObject parent_instance;

  guint limit;
  RtMessage **ring;
  guint capacity; /* a power of two, or 0 */
  guint first;
  guint n;
};

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RtMessageList, rt_message_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static RtMessage **
place_of (RtMessageList *self, guint position)
{
  return &self->ring[(self->first + position) & (self->capacity - 1)];
}

static GType
get_item_type (GListModel *model)
{
  return RT_TYPE_MESSAGE;
}

static guint
get_n_items (GListModel *model)
{
  return RT_MESSAGE_LIST (model)->n;
}

static gpointer
get_item (GListModel *model, guint position)
{
  RtMessageList *self = RT_MESSAGE_LIST (model);

  return position < self->n ? g_object_ref (*place_of (self, position)) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void
rt_message_list_finalize (GObject *object)
{
  RtMessageList *self = RT_MESSAGE_LIST (object);

  for (guint i = 0; i < self->n; i++)
    g_object_unref (*place_of (self, i));
  g_free (self->ring);
  G_OBJECT_CLASS (rt_message_list_parent_class)->finalize (object);
}

static void
rt_message_list_class_init (RtMessageListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = rt_message_list_finalize;
}

static void
rt_message_list_init (RtMessageList *self)
{
}

RtMessageList *
rt_message_list_new (guint limit)
{
  RtMessageList *self = g_object_new (RT_TYPE_MESSAGE_LIST, NULL);

  self->limit = limit;
  return self;
}

static void
reserve (RtMessageList *self, guint n)
{
  guint capacity = MAX (self->capacity, MIN_CAPACITY);

  while (capacity < n)
    capacity *= 2;
  if (capacity == self->capacity)
    return;
  RtMessage **ring = g_new (RtMessage *, capacity);
  for (guint i = 0; i < self->n; i++)
    ring[i] = *place_of (self, i);
  g_free (self->ring);
  self->ring = ring;
  self->capacity = capacity;
  self->first = 0;
}

static void
drop_oldest (RtMessageList *self)
{
  g_autoptr (RtMessage) oldest = *place_of (self, 0);

  self->first = (self->first + 1) & (self->capacity - 1);
  self->n--;
  g_list_model_items_changed (G_LIST_MODEL (self), 0, 1, 0);
}

/* First the new one, since somebody who is told of a change may take the next message, which must come behind it. */
void
rt_message_list_append (RtMessageList *self, RtMessage *message)
{
  if (self->limit == 0)
    return;
  reserve (self, self->n + 1);
  *place_of (self, self->n) = g_object_ref (message);
  self->n++;
  g_list_model_items_changed (G_LIST_MODEL (self), self->n - 1, 0, 1);
  while (self->n > self->limit)
    drop_oldest (self);
}

void
rt_message_list_prepend (RtMessageList *self, GPtrArray *messages)
{
  guint room = self->limit > self->n ? self->limit - self->n : 0;
  guint added = MIN (room, messages->len);

  if (added == 0)
    return;
  reserve (self, self->n + added);
  self->first = (self->first - added) & (self->capacity - 1);
  self->n += added;
  for (guint i = 0; i < added; i++)
    *place_of (self, i) = g_object_ref (g_ptr_array_index (messages, messages->len - added + i));
  g_list_model_items_changed (G_LIST_MODEL (self), 0, 0, added);
}
