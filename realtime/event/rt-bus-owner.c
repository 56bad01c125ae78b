/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-bus.h"

/* Objects that subscriptions are bound to. Each has one weak reference, which is never taken back: that could not be
 * done safely while another thread may be disposing the object. So a bound subscription that ends leaves nothing, and an
 * object at most one small structure until it goes. */

typedef struct
{
  GHashTable *subs; /* RtBusSub, with a reference */
} Owner;

static GMutex owners_lock;
static GHashTable *owners; /* GObject * to Owner; guarded by owners_lock, as the subscriptions' own fields */

static void
owner_gone_cb (gpointer user_data, GObject *object)
{
  Owner *owner = NULL;
  GHashTableIter iter;
  gpointer sub;

  g_mutex_lock (&owners_lock);
  g_hash_table_steal_extended (owners, object, NULL, (gpointer *) &owner);
  g_hash_table_iter_init (&iter, owner->subs);
  while (g_hash_table_iter_next (&iter, &sub, NULL))
    ((RtBusSub *) sub)->owners = g_slist_remove (((RtBusSub *) sub)->owners, owner);
  g_mutex_unlock (&owners_lock);

  g_hash_table_iter_init (&iter, owner->subs);
  while (g_hash_table_iter_next (&iter, &sub, NULL))
    rt_bus_sub_end (sub);
  g_hash_table_unref (owner->subs);
  g_free (owner);
}

static Owner *
ensure_owner (GObject *object)
{
  if (owners == NULL)
    owners = g_hash_table_new (NULL, NULL);
  Owner *owner = g_hash_table_lookup (owners, object);
  if (owner != NULL)
    return owner;
  owner = g_new0 (Owner, 1);
  owner->subs = g_hash_table_new_full (NULL, NULL, (GDestroyNotify) rt_bus_sub_unref, NULL);
  g_hash_table_insert (owners, object, owner);
  g_object_weak_ref (object, owner_gone_cb, NULL);
  return owner;
}

void
rt_bus_owner_bind (RtBusSub *sub, GObject *object)
{
  g_mutex_lock (&owners_lock);
  if (!sub->unbound)
    {
      Owner *owner = ensure_owner (object);

      if (g_hash_table_add (owner->subs, rt_bus_sub_ref (sub)))
        sub->owners = g_slist_prepend (sub->owners, owner);
    }
  g_mutex_unlock (&owners_lock);
}

void
rt_bus_owner_unbind (RtBusSub *sub)
{
  g_mutex_lock (&owners_lock);
  sub->unbound = TRUE;
  while (sub->owners != NULL)
    {
      Owner *owner = sub->owners->data;

      sub->owners = g_slist_delete_link (sub->owners, sub->owners);
      g_hash_table_remove (owner->subs, sub);
    }
  g_mutex_unlock (&owners_lock);
}
