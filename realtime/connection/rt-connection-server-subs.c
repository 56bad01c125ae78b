/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-connection-private.h"

#include <string.h>

/* Channels that the server has subscribed this client to, in its answer to the connect command or later by a push.
 * They come back with the next connection, whose connect command says where each one stood. */

/* A server that subscribes its client to more is not followed. */
#define MAX_CHANNELS 4096
#define UNSUBSCRIBED_BY_SERVER 2000

void
rt_connection_write_positions (RtConnection *self, RtBuffer *out)
{
  GHashTableIter iter;
  gpointer value;
  guint n = 0;

  g_hash_table_iter_init (&iter, self->subs);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      RtSub *sub = value;
      RtCommand position = { .kind = RT_COMMAND_SUBSCRIBE, .recover = TRUE, .offset = sub->offset };

      if (!sub->server_side || sub->epoch == NULL)
        continue;
      position.channel = (RtSlice) { .data = sub->name, .len = (guint32) strlen (sub->name) };
      position.epoch = (RtSlice) { .data = sub->epoch, .len = (guint32) strlen (sub->epoch) };
      self->codec->write_sub (out, n++, &position);
    }
  if (n > 0)
    self->codec->write_sub (out, n, NULL);
}

/* @reply is as if of a subscribe. The channel, or NULL if there are too many. */
static RtSub *
take_one (RtConnection *self, const RtReply *reply)
{
  g_autofree char *name = reply->channel.data != NULL ? rt_json_unescape (&reply->channel) : NULL;
  RtSub *sub = name != NULL ? g_hash_table_lookup (self->subs, name) : NULL;

  if (name == NULL || (sub == NULL && g_hash_table_size (self->subs) >= MAX_CHANNELS))
    return NULL;
  if (sub == NULL)
    {
      sub = rt_sub_new (name);
      sub->server_side = sub->recover_wanted = TRUE;
      sub->holds = 1; /* nobody else has seen it yet */
      rt_sub_set_state (sub, RT_CHANNEL_STATE_JOINING);
      g_hash_table_insert (self->subs, sub->name, sub);
    }
  rt_connection_joined (self, sub, reply);
  return sub;
}

/* Those that the server does not name any more are over; who has asked for one since gets one of its own. */
static void
forget_others (RtConnection *self, GHashTable *named)
{
  g_autoptr (GList) subs = g_hash_table_get_values (self->subs);

  for (GList *l = subs; l != NULL; l = l->next)
    if (((RtSub *) l->data)->server_side && !g_hash_table_contains (named, l->data))
      rt_connection_end_sub (self, l->data, UNSUBSCRIBED_BY_SERVER, "not subscribed by the server any more");
}

void
rt_connection_take_server_subs (RtConnection *self, const RtSlice *subs)
{
  g_autoptr (GHashTable) named = g_hash_table_new (NULL, NULL);
  RtDecoder decoder = { 0 };
  gsize position = 0;
  RtReply reply;

  while (subs->data != NULL && self->codec->next_sub (&decoder, subs, &position, &reply) == RT_DECODE_ITEM)
    {
      RtSub *sub = take_one (self, &reply);
      if (sub != NULL)
        g_hash_table_add (named, sub);
    }
  rt_decoder_clear (&decoder);
  forget_others (self, named);
}

void
rt_connection_subscribe_push (RtConnection *self, const RtReply *reply)
{
  if (self->phase == RT_PHASE_OPEN)
    take_one (self, reply);
}
