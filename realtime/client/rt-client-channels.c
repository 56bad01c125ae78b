/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-client-channels.h"

typedef struct
{
  guint64 serial; /* of the newest */
  guint count;
} Leaves;

/* Joins of one name that are under way. */
typedef struct
{
  guint64 born;     /* order of the first; those before were counted once, and are no more */
  guint count;
  guint given_back; /* leaves that were called meanwhile, of which there are never more */
} Joins;

void
rt_client_channels_init (RtClientChannels *self)
{
  g_mutex_init (&self->lock);
  self->handles = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->leaves = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->joins = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
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
  for (GList *l = handles; l != NULL; l = l->next)
    {
      /* One of its handlers may have brought this about. */
      rt_channel_mute (l->data);
      g_object_unref (l->data);
    }
  g_clear_object (&self->list);
}

void
rt_client_channels_clear (RtClientChannels *self)
{
  g_hash_table_unref (self->handles);
  g_hash_table_unref (self->by_name);
  g_hash_table_unref (self->leaves);
  g_hash_table_unref (self->joins);
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

/* With the lock held. Those that the server joins have no order: they may be of the next session. */
static gboolean
is_ended (RtClientChannels *self, const RtSub *sub)
{
  return sub->order <= self->ended && (sub->order > 0 || self->ended == G_MAXUINT64);
}

/* With the lock held. */
static RtChannel *
make_handle (RtClientChannels *self, RtClient *client, RtSub *sub)
{
  RtChannel *channel = rt_channel_new (client, sub);
  const Leaves *leaves = g_hash_table_lookup (self->leaves, sub->name);

  if ((leaves != NULL && sub->order <= leaves->serial) || is_ended (self, sub))
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

/* --- Joining and leaving, as the program calls them --- */

/* The functions of this part are called with the lock held. */

static void *
ensure_entry (GHashTable *table, const char *name, gsize size)
{
  gpointer entry = g_hash_table_lookup (table, name);

  if (entry == NULL)
    {
      entry = g_malloc0 (size);
      g_hash_table_insert (table, g_strdup (name), entry);
    }
  return entry;
}

/* What the program has joined under this name and not left, or NULL. The I/O half may have ended it already, without
 * the news having come here. */
static RtSub *
find_live (RtClientChannels *self, const char *name)
{
  RtChannel *channel = g_hash_table_lookup (self->by_name, name);

  if (channel == NULL || rt_channel_is_muted (channel))
    return NULL;
  RtSub *sub = rt_channel_get_sub (channel);
  RtChannelState state = rt_sub_get_state (sub);
  return state == RT_CHANNEL_STATE_JOINING || state == RT_CHANNEL_STATE_JOINED ? sub : NULL;
}

static guint
count_wanted (const Joins *joins, const RtSub *live)
{
  return (joins != NULL ? joins->count - joins->given_back : 0) + (live != NULL ? live->holds : 0);
}

static void
begin_join (RtClientChannels *self, RtOp *op)
{
  Joins *joins = ensure_entry (self->joins, op->channel, sizeof (Joins));

  op->request.join.order = ++self->serial;
  if (joins->count == 0)
    joins->born = op->request.join.order;
  joins->count++;
}

/* No channel of this name that was asked for before is delivered to any more, also one that the news have not told
 * of. */
static void
end_delivery (RtClientChannels *self, RtOp *op)
{
  RtChannel *channel = op->sub != NULL ? g_hash_table_lookup (self->handles, op->sub)
                                       : g_hash_table_lookup (self->by_name, op->channel);

  if (channel != NULL)
    rt_channel_mute (channel);
  if (op->sub != NULL)
    return;
  Leaves *leaves = ensure_entry (self->leaves, op->channel, sizeof (Leaves));
  leaves->serial = op->serial = ++self->serial;
  leaves->count++;
}

/* Takes one join back. Returns whether nobody is left who wants the channel. */
static gboolean
give_back (RtClientChannels *self, const RtOp *op)
{
  RtSub *live = find_live (self, op->channel);
  Joins *joins = g_hash_table_lookup (self->joins, op->channel);

  /* The handle of an earlier one, which is for the I/O half to refuse. */
  if (op->sub != NULL && op->sub != live)
    return TRUE;
  if (count_wanted (joins, live) > 1)
    {
      if (live != NULL && live->holds > 0)
        live->holds--;
      else
        joins->given_back++;
      return FALSE;
    }
  if (live != NULL)
    live->holds = 0;
  g_hash_table_remove (self->joins, op->channel);
  return TRUE;
}

/* The session ends, and with it all that was joined. */
static void
forget_joins (RtClientChannels *self)
{
  GHashTableIter iter;
  gpointer sub;

  g_hash_table_remove_all (self->joins);
  g_hash_table_iter_init (&iter, self->handles);
  while (g_hash_table_iter_next (&iter, &sub, NULL))
    ((RtSub *) sub)->holds = 0;
}

/* Whether @op has nothing to do but to succeed. */
static gboolean
is_settled (RtClientChannels *self, RtConnection *connection, RtOp *op)
{
  RtConnectionState state = rt_connection_get_state (connection);

  switch ((int) op->kind)
    {
    case RT_OP_JOIN:
      begin_join (self, op);
      return FALSE;
    case RT_OP_LEAVE:
      if (state < RT_CONNECTION_STATE_CLOSING && !give_back (self, op))
        return TRUE;
      end_delivery (self, op);
      return FALSE;
    case RT_OP_RESET:
      forget_joins (self);
      return FALSE;
    default:
      return FALSE;
    }
}

void
rt_client_channels_submit (RtClientChannels *self, RtConnection *connection, RtHandover *inbox, RtOp *op)
{
  if (op->kind != RT_OP_JOIN && op->kind != RT_OP_LEAVE && op->kind != RT_OP_RESET)
    {
      rt_connection_submit (connection, op);
      return;
    }
  g_mutex_lock (&self->lock);
  gboolean settled = is_settled (self, connection, op);
  /* Under the lock, so that they go down in the order in which they were counted. */
  if (!settled)
    rt_connection_submit (connection, op);
  g_mutex_unlock (&self->lock);
  if (!settled)
    return;
  if (op->waiter == NULL && op->wants_result)
    {
      rt_handover_push (inbox, &op->item);
      return;
    }
  if (op->waiter != NULL)
    rt_waiter_wake (op->waiter);
  rt_op_unref (op);
}

/* Nobody is left: those whose joins succeeded have left already, counting on one that has now failed. */
static void
leave_unwanted (RtClientChannels *self, RtConnection *connection, RtSub *live, const char *name)
{
  RtOp *op = rt_op_new (RT_OP_LEAVE);

  op->channel = g_strdup (name);
  op->wants_result = FALSE;
  if (live != NULL)
    {
      op->sub = rt_sub_ref (live);
      end_delivery (self, op);
    }
  rt_connection_submit (connection, op);
}

/* Returns whether that was the end of @joins. */
static gboolean
join_failed (RtClientChannels *self, RtConnection *connection, const Joins *joins, const char *name)
{
  RtSub *live = find_live (self, name);

  if (count_wanted (joins, live) > 0)
    return joins->count == 0;
  if (live != NULL || joins->count > 0)
    leave_unwanted (self, connection, live, name);
  return TRUE;
}

static gboolean
join_succeeded (Joins *joins, RtSub *sub)
{
  if (joins->given_back > 0)
    joins->given_back--;
  else
    sub->holds++;
  return joins->count == 0;
}

void
rt_client_channels_end_join (RtClientChannels *self, RtConnection *connection, const RtOp *op)
{
  g_mutex_lock (&self->lock);
  Joins *joins = g_hash_table_lookup (self->joins, op->channel);
  if (joins != NULL && op->request.join.order >= joins->born)
    {
      joins->count--;
      if (op->error != NULL ? join_failed (self, connection, joins, op->channel) : join_succeeded (joins, op->sub))
        g_hash_table_remove (self->joins, op->channel);
    }
  g_mutex_unlock (&self->lock);
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
rt_client_channels_end_all (RtClientChannels *self, gboolean for_good)
{
  GHashTableIter iter;
  gpointer channel;

  g_mutex_lock (&self->lock);
  self->ended = for_good ? G_MAXUINT64 : MAX (self->ended, ++self->serial);
  g_hash_table_iter_init (&iter, self->handles);
  while (g_hash_table_iter_next (&iter, NULL, &channel))
    rt_channel_mute (channel);
  g_mutex_unlock (&self->lock);
}

/* --- The public list --- */

void
rt_client_channels_show (RtClientChannels *self, RtChannel *channel)
{
  RtSub *sub = rt_channel_get_sub (channel);

  if (rt_channel_is_muted (channel) || sub->listed)
    return;
  sub->listed = TRUE;
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
  if (sub->listed && g_list_store_find (self->list, channel, &position))
    g_list_store_remove (self->list, position);
  sub->listed = FALSE;
}
