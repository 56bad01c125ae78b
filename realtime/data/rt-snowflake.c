/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-snowflake.h"

#include "rt-clock.h"
#include "rt-error.h"
#include "rt-snowflake-private.h"

/**
 * RtSnowflake:
 *
 * Makes numbers that no other generator makes, and that grow.
 *
 * A number has 63 bits: from the top 41 of milliseconds since the start of 2020 (UTC), which last until 2089,
 * 10 of the generator's node, and 12 of a sequence. The layout is that of Twitter's Snowflake; two generators
 * of the same node number at the same time can collide, so servers that work together number their nodes.
 *
 * Each number is larger than the one before, also when the clock is set back, and when more than 4,096 are
 * made in a millisecond: the sequence then runs on into the next one. May be used from any thread.
 */

#define EPOCH_MS G_GINT64_CONSTANT (1577836800000) /* 2020-01-01 00:00 UTC */
#define TIME_BITS 41
#define NODE_BITS 10
#define SEQUENCE_BITS 12
#define MAX_NODE ((1u << NODE_BITS) - 1)
#define MASK(bits) ((G_GUINT64_CONSTANT (1) << (bits)) - 1)

struct _RtSnowflake
{
  GObject parent_instance;

  guint node_id;
  guint64 last; /* atomic: milliseconds since the epoch, then the sequence, as one number that only grows */
};

G_DEFINE_FINAL_TYPE (RtSnowflake, rt_snowflake, G_TYPE_OBJECT)

static void
rt_snowflake_class_init (RtSnowflakeClass *klass)
{
}

static void
rt_snowflake_init (RtSnowflake *self)
{
  self->node_id = g_random_int () & MAX_NODE;
}

/**
 * rt_snowflake_new:
 * @node_id: the node's number, 0 to 1,023
 * @error: return location for %RT_ERROR_INVALID_ARGUMENT
 *
 * Makes a generator.
 *
 * Returns: (transfer full): the generator, or %NULL with @error set
 */
RtSnowflake *
rt_snowflake_new (guint node_id, GError **error)
{
  RtSnowflake *self;

  if (node_id > MAX_NODE)
    {
      g_set_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT,
                   "The node %u of a snowflake is not within 0 to %u", node_id, MAX_NODE);
      return NULL;
    }
  self = g_object_new (RT_TYPE_SNOWFLAKE, NULL);
  self->node_id = node_id;
  return self;
}

/**
 * rt_snowflake_new_random:
 *
 * Makes a generator with a random node, for a program of which any number may run.
 *
 * Returns: (transfer full): the generator
 */
RtSnowflake *
rt_snowflake_new_random (void)
{
  return g_object_new (RT_TYPE_SNOWFLAKE, NULL);
}

/**
 * rt_snowflake_get_node_id:
 * @self: a generator
 *
 * Gets the generator's own node.
 *
 * Returns: 0 to 1,023
 */
guint
rt_snowflake_get_node_id (RtSnowflake *self)
{
  g_return_val_if_fail (RT_IS_SNOWFLAKE (self), 0);

  return self->node_id;
}

gint64
rt_snowflake_next_at (RtSnowflake *self, gint64 now_us)
{
  gint64 ms;
  guint64 last, next, now;

  /* A clock before the epoch counts as at it, where the sequence alone must then make a difference. */
  ms = now_us / 1000 - EPOCH_MS;
  now = (guint64) CLAMP (ms, 1, (gint64) MASK (TIME_BITS)) << SEQUENCE_BITS;
  last = __atomic_load_n (&self->last, __ATOMIC_RELAXED);
  do
    next = MAX (now, last + 1);
  while (!__atomic_compare_exchange_n (&self->last, &last, next, TRUE, __ATOMIC_RELAXED, __ATOMIC_RELAXED));

  return (gint64) ((next >> SEQUENCE_BITS & MASK (TIME_BITS)) << (NODE_BITS + SEQUENCE_BITS)
                   | (guint64) self->node_id << SEQUENCE_BITS | (next & MASK (SEQUENCE_BITS)));
}

/**
 * rt_snowflake_next:
 * @self: a generator
 *
 * Makes the next number. It never waits.
 *
 * JavaScript cannot hold all of its bits: see [method@Snowflake.next_text].
 *
 * Returns: the number, above 0
 */
gint64
rt_snowflake_next (RtSnowflake *self)
{
  g_return_val_if_fail (RT_IS_SNOWFLAKE (self), 0);
  return rt_snowflake_next_at (self, rt_clock_real ());
}

/* One a message: by hand it takes a fifth of what printf does. */
const char *
rt_snowflake_put_text (gint64 id, char buffer[RT_SNOWFLAKE_TEXT_SIZE])
{
  char *p = buffer + RT_SNOWFLAKE_TEXT_SIZE - 1;
  guint64 rest;

  /* One a message is made: two digits a division. */
  *p = '\0';
  for (rest = (guint64) id; rest >= 10; rest /= 100)
    {
      guint pair = (guint) (rest % 100);
      *--p = (char) ('0' + pair % 10);
      *--p = (char) ('0' + pair / 10);
    }
  if (rest > 0)
    *--p = (char) ('0' + rest);
  return p;
}

/**
 * rt_snowflake_next_text:
 * @self: a generator
 *
 * Makes the next number, as decimal text.
 *
 * Returns: (transfer full): the text
 */
char *
rt_snowflake_next_text (RtSnowflake *self)
{
  char buffer[RT_SNOWFLAKE_TEXT_SIZE];

  g_return_val_if_fail (RT_IS_SNOWFLAKE (self), NULL);

  return g_strdup (rt_snowflake_put_text (rt_snowflake_next (self), buffer));
}

/**
 * rt_snowflake_get_timestamp:
 * @id: a number that a generator made
 *
 * Gets when the number was made, to the millisecond.
 *
 * Returns: UTC microseconds since 1970
 */
gint64
rt_snowflake_get_timestamp (gint64 id)
{
  gint64 ms = (guint64) id >> (NODE_BITS + SEQUENCE_BITS) & MASK (TIME_BITS);

  return RT_CLOCK_MS (ms + EPOCH_MS);
}

/**
 * rt_snowflake_get_node:
 * @id: a number that a generator made
 *
 * Gets the node that made the number.
 *
 * Returns: 0 to 1,023
 */
guint
rt_snowflake_get_node (gint64 id)
{
  return (guint64) id >> SEQUENCE_BITS & MASK (NODE_BITS);
}

/**
 * rt_snowflake_get_sequence:
 * @id: a number that a generator made
 *
 * Gets the number's place among those of its millisecond.
 *
 * Returns: 0 to 4,095
 */
guint
rt_snowflake_get_sequence (gint64 id)
{
  return (guint64) id & MASK (SEQUENCE_BITS);
}
