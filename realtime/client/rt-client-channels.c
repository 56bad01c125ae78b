/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-channels.h"

typedef struct
{
  guint64 serial; /* of the newest */
  guint count;
} Leaves;

void
rt_client_channels_init (RtClientChannels *self)
{
  g_mutex_init (&self->lock);
  self->handles = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->leaves = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->list = g_list_store_new (RT_TYPE_CHANNEL);
}

void
rt_client_channels_dispose (RtClientChannels *self)
{
  g_mutex_lock (&self->lock);
  g_hash_table_remove_all (self->by_name);
  g_autoptr (GList) handles = g_hash_table_get_values (self->handles);
  g_hash_table_steal_all (self->handles);
  g_mutex_unlock (&self->lock);
  g_list_foreach (handles, (GFunc) (void (*) (void)) g_object_unref, NULL);
  g_clear_object (&self->list);
}

void
rt_client_channels_clear (RtClientChannels *self)
{
  g_hash_table_unref (self->handles);
  g_hash_table_unref (self->by_name);
  g_hash_table_unref (self->leaves);
  g_mutex_clear (&self->lock);
}

guint64
rt_client_channels_next (RtClientChannels *self)
{
  g_mutex_lock (&self->lock);
  guint64 serial = ++self->serial;
  g_mutex_unlock (&self->lock);
  return serial;
}

/* With the lock held. */
static RtChannel *
make_handle (RtClientChannels *self, RtClient *client, RtSub *sub)
{
  RtChannel *channel = rt_channel_new (client, sub);
  const Leaves *leaves = g_hash_table_lookup (self->leaves, sub->name);

  if (leaves != NULL && sub->serial <= leaves->serial)
    rt_channel_mute (channel);
  /* Another thread may ask for one that is over already: then nothing will come to take it from the tables. */
  if (sub->over)
    return channel;
  g_hash_table_insert (self->handles, sub, g_object_ref (channel));
  g_hash_table_replace (self->by_name, (char *) rt_channel_get_name (channel), channel);
  g_atomic_pointer_set (&sub->channel, channel);
  return channel;
}

RtChannel *
rt_client_channels_ensure (RtClientChannels *self, RtClient *client, RtSub *sub)
{
  g_mutex_lock (&self->lock);
  RtChannel *channel = g_hash_table_lookup (self->handles, sub);
  channel = channel != NULL ? g_object_ref (channel) : make_handle (self, client, sub);
  g_mutex_unlock (&self->lock);
  return channel;
}

RtChannel *
rt_client_channels_find (RtClientChannels *self, const char *name)
{
  g_mutex_lock (&self->lock);
  RtChannel *channel = g_hash_table_lookup (self->by_name, name);
  if (channel != NULL)
    g_object_ref (channel);
  g_mutex_unlock (&self->lock);
  return channel;
}

guint64
rt_client_channels_leave (RtClientChannels *self, const char *name)
{
  g_mutex_lock (&self->lock);
  guint64 serial = ++self->serial;
  RtChannel *channel = g_hash_table_lookup (self->by_name, name);
  Leaves *leaves = g_hash_table_lookup (self->leaves, name);
  if (leaves == NULL)
    {
      leaves = g_new0 (Leaves, 1);
      g_hash_table_insert (self->leaves, g_strdup (name), leaves);
    }
  leaves->serial = serial;
  leaves->count++;
  if (channel != NULL)
    rt_channel_mute (channel);
  g_mutex_unlock (&self->lock);
  return serial;
}

void
rt_client_channels_settle (RtClientChannels *self, const char *name)
{
  g_mutex_lock (&self->lock);
  Leaves *leaves = g_hash_table_lookup (self->leaves, name);
  if (leaves != NULL && --leaves->count == 0)
    g_hash_table_remove (self->leaves, name);
  g_mutex_unlock (&self->lock);
}

void
rt_client_channels_show (RtClientChannels *self, RtChannel *channel)
{
  if (!rt_channel_is_muted (channel) && !g_list_store_find (self->list, channel, NULL))
    g_list_store_append (self->list, channel);
}

void
rt_client_channels_drop (RtClientChannels *self, RtChannel *channel)
{
  g_autoptr (RtChannel) held = g_object_ref (channel);
  RtSub *sub = rt_channel_get_sub (channel);
  guint position;

  g_mutex_lock (&self->lock);
  g_atomic_pointer_set (&sub->channel, NULL);
  sub->over = TRUE;
  if (g_hash_table_lookup (self->by_name, rt_channel_get_name (channel)) == channel)
    g_hash_table_remove (self->by_name, rt_channel_get_name (channel));
  g_hash_table_remove (self->handles, sub); /* not the last reference: it is held */
  g_mutex_unlock (&self->lock);
  if (g_list_store_find (self->list, channel, &position))
    g_list_store_remove (self->list, position);
}
