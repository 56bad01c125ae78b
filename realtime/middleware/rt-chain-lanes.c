/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-chain-private.h"

#include <string.h>

/* Order: while an exchange is unresolved, later ones of its channel and direction queue behind it. What runs through
 * without having to wait never has a lane. */

static RtLane *
lane_new (RtChain *self, RtExchange *head)
{
  RtLane *lane = g_new0 (RtLane, 1);

  lane->channel = g_ref_string_new (rt_message_get_channel (head->message));
  lane->direction = head->direction;
  lane->head = head;
  head->lane = lane;
  if (self->lanes[lane->direction] == NULL)
    self->lanes[lane->direction] = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, rt_chain_lane_free);
  g_hash_table_replace (self->lanes[lane->direction], lane->channel, lane);
  return lane;
}

void
rt_chain_lane_free (gpointer data)
{
  RtLane *lane = data;

  g_ref_string_release (lane->channel);
  g_free (lane);
}

static RtLane *
lookup (RtChain *self, RtDirection direction, const char *channel)
{
  GHashTable *lanes = self->lanes[direction];

  if (lanes == NULL || g_hash_table_size (lanes) == 0)
    return NULL;
  return g_hash_table_lookup (lanes, channel);
}

RtLane *
rt_chain_find_lane (RtChain *self, RtDirection direction, const char *channel)
{
  RtLane *lane = lookup (self, direction, channel);

  if (lane != NULL)
    return lane;
  /* From inside a middleware: what it is looking at is unresolved as well. */
  for (RtExchange *exchange = self->running; exchange != NULL; exchange = exchange->outer)
    {
      if (exchange->direction == direction && exchange->state == RT_EXCHANGE_RUNNING && !exchange->loose
          && exchange->lane == NULL && strcmp (rt_message_get_channel (exchange->message), channel) == 0)
        return lane_new (self, exchange);
    }
  return NULL;
}

void
rt_chain_hold_back (RtChain *self, RtLane *lane, RtExchange *exchange)
{
  exchange->state = RT_EXCHANGE_HELD;
  exchange->lane = lane;
  g_queue_push_tail_link (&lane->held, &exchange->place);
  rt_chain_put_inside (self, exchange);
}

void
rt_chain_take_lane (RtChain *self, RtExchange *exchange)
{
  if (exchange->lane != NULL || exchange->loose)
    return;
  if (lookup (self, exchange->direction, rt_message_get_channel (exchange->message)) == NULL)
    lane_new (self, exchange);
  else
    exchange->loose = TRUE; /* others were quicker while it was out of the chain, or it was moved to another channel */
}

void
rt_chain_leave_lane (RtChain *self, RtExchange *exchange)
{
  RtLane *lane = g_steal_pointer (&exchange->lane);
  GList *next;

  if (lane == NULL)
    return;
  if (lane->head != exchange)
    {
      g_queue_unlink (&lane->held, &exchange->place);
      return;
    }
  next = g_queue_pop_head_link (&lane->held);
  if (next == NULL)
    {
      g_hash_table_remove (self->lanes[lane->direction], lane->channel);
      return;
    }
  lane->head = next->data;
  rt_chain_make_ready (self, lane->head);
}
