/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-send-queue.h"

static RtOp *
new_op (guint8 priority, gsize len, gint64 expires)
{
  RtOp *op = rt_op_new (RT_OP_PUBLISH);

  op->priority = priority;
  op->data_len = len;
  op->expires = expires;
  return op;
}

static RtOp *
push (RtSendQueue *queue, guint8 priority, gsize len, gint64 expires)
{
  RtOp *op = new_op (priority, len, expires);

  g_assert_true (rt_send_queue_push (queue, op));
  return op;
}

static void
assert_pop (RtSendQueue *queue, RtOp *expected)
{
  RtOp *op = rt_send_queue_pop (queue);

  g_assert_true (op == expected);
  g_clear_pointer (&op, rt_op_unref);
}

static void
test_order (void)
{
  RtSendQueue queue;
  RtOp *ops[8];

  rt_send_queue_init (&queue, 100, 1000);
  assert_pop (&queue, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (ops); i++)
    ops[i] = push (&queue, i % 4, 10, 0);
  g_assert_cmpuint (queue.count, ==, 8);
  g_assert_cmpuint (queue.bytes, ==, 80);
  for (gint priority = 3; priority >= 0; priority--)
    {
      assert_pop (&queue, ops[priority]);
      assert_pop (&queue, ops[priority + 4]);
    }
  assert_pop (&queue, NULL);
  g_assert_cmpuint (queue.count, ==, 0);
  g_assert_cmpuint (queue.bytes, ==, 0);
  rt_send_queue_clear (&queue);
}

static void
test_bounds (void)
{
  RtSendQueue queue;
  g_autoptr (RtOp) refused = new_op (1, 1, 0);
  g_autoptr (RtOp) large = new_op (3, 61, 5);
  g_autoptr (RtOp) empty = new_op (1, 0, 0);

  rt_send_queue_init (&queue, 3, 100);
  RtOp *first = push (&queue, 1, 40, 0);
  g_assert_false (rt_send_queue_push (&queue, large)); /* one byte too much */
  g_assert_null (large->expiry);
  g_assert_cmpint (rt_send_queue_next_expiry (&queue), ==, -1);
  large->data_len = G_MAXSIZE;
  g_assert_false (rt_send_queue_push (&queue, large));
  RtOp *second = push (&queue, 1, 60, 0);
  g_assert_false (rt_send_queue_push (&queue, refused));
  RtOp *third = push (&queue, 1, 0, 0);
  g_assert_false (rt_send_queue_push (&queue, empty)); /* one message too much */
  assert_pop (&queue, first);
  g_assert_true (rt_send_queue_push (&queue, g_steal_pointer (&refused)));
  g_assert_cmpuint (queue.bytes, ==, 61);
  assert_pop (&queue, second);
  assert_pop (&queue, third);
  rt_op_unref (rt_send_queue_pop (&queue));
  rt_send_queue_clear (&queue);

  /* None are kept. */
  rt_send_queue_init (&queue, 0, 100);
  g_assert_false (rt_send_queue_push (&queue, empty));
  rt_send_queue_clear (&queue);
}

static void
test_remove (void)
{
  RtSendQueue queue;
  g_autoptr (RtOp) stranger = new_op (1, 5, 0);
  GQueue elsewhere = G_QUEUE_INIT;

  rt_send_queue_init (&queue, 10, 1000);
  RtOp *first = push (&queue, 1, 5, 100);
  RtOp *second = push (&queue, 1, 7, 0);
  g_assert_false (rt_send_queue_remove (&queue, stranger));
  /* The link is also for other queues. */
  stranger->link.data = stranger;
  g_queue_push_tail_link (&elsewhere, &stranger->link);
  g_assert_false (rt_send_queue_remove (&queue, stranger));

  g_assert_true (rt_send_queue_remove (&queue, first));
  g_assert_false (rt_send_queue_remove (&queue, first));
  g_assert_cmpint (rt_send_queue_next_expiry (&queue), ==, -1);
  g_assert_cmpuint (queue.bytes, ==, 7);
  rt_op_unref (first);
  assert_pop (&queue, second);
  rt_send_queue_clear (&queue);
}

static void
test_expiry (void)
{
  RtSendQueue queue;

  rt_send_queue_init (&queue, 10, 1000);
  RtOp *late = push (&queue, 3, 1, 300);
  RtOp *early = push (&queue, 0, 1, 100);
  RtOp *same = push (&queue, 1, 1, 100);
  RtOp *never = push (&queue, 1, 1, 0);

  g_assert_cmpint (rt_send_queue_next_expiry (&queue), ==, 100);
  g_assert_null (rt_send_queue_pop_expired (&queue, 99));
  g_assert_true (rt_send_queue_pop_expired (&queue, 100) == early);
  g_assert_true (rt_send_queue_pop_expired (&queue, 100) == same);
  g_assert_null (rt_send_queue_pop_expired (&queue, 299));
  g_assert_cmpint (rt_send_queue_next_expiry (&queue), ==, 300);
  assert_pop (&queue, late);
  g_assert_cmpint (rt_send_queue_next_expiry (&queue), ==, -1);
  g_assert_null (rt_send_queue_pop_expired (&queue, G_MAXINT64));
  assert_pop (&queue, never);
  rt_op_unref (early);
  rt_op_unref (same);
  rt_send_queue_clear (&queue);
}

/* While the urgent never end, every other priority has its turn, and not more than that. */
static void
test_starvation (void)
{
  RtSendQueue queue;
  guint taken[RT_SEND_QUEUE_LEVELS] = { 0 }, waited[RT_SEND_QUEUE_LEVELS] = { 0 };
  const guint rounds = 1000;

  rt_send_queue_init (&queue, G_MAXUINT, G_MAXSIZE);
  for (guint8 level = 0; level < RT_SEND_QUEUE_LEVELS; level++)
    for (guint i = 0; i < rounds; i++)
      push (&queue, level, 1, 0);
  for (guint round = 0; round < rounds; round++)
    {
      RtOp *op = rt_send_queue_pop (&queue);
      guint level = op->priority;

      for (guint i = 0; i < RT_SEND_QUEUE_LEVELS; i++)
        waited[i] = i == level ? 0 : waited[i] + 1;
      for (guint i = 0; i < RT_SEND_QUEUE_LEVELS; i++)
        g_assert_cmpuint (waited[i], <=, RT_SEND_QUEUE_PATIENCE + RT_SEND_QUEUE_LEVELS);
      taken[level]++;
      rt_op_unref (op);
    }
  for (guint level = 0; level < RT_SEND_QUEUE_LEVELS - 1; level++)
    g_assert_cmpuint (taken[level], <=, rounds / RT_SEND_QUEUE_PATIENCE);
  g_assert_cmpuint (taken[RT_SEND_QUEUE_LEVELS - 1], >=, rounds * 3 / 4);

  while (queue.count > 0)
    rt_op_unref (rt_send_queue_pop (&queue));
  rt_send_queue_clear (&queue);
}

/* A priority that was not waiting has not been passed over. */
static void
test_no_turn_while_empty (void)
{
  RtSendQueue queue;

  rt_send_queue_init (&queue, 1000, 1000);
  RtOp *low = push (&queue, 0, 1, 0);
  for (guint i = 0; i < RT_SEND_QUEUE_PATIENCE; i++)
    {
      RtOp *high = push (&queue, 2, 1, 0);
      assert_pop (&queue, high);
    }
  g_assert_true (rt_send_queue_remove (&queue, low));
  rt_op_unref (low);
  for (guint i = 0; i < 3 * RT_SEND_QUEUE_PATIENCE; i++)
    {
      RtOp *high = push (&queue, 2, 1, 0);
      assert_pop (&queue, high);
    }
  low = push (&queue, 0, 1, 0);
  RtOp *high = push (&queue, 2, 1, 0);
  assert_pop (&queue, high);
  assert_pop (&queue, low);
  rt_send_queue_clear (&queue);
}

/* --- Against a model that looks through everything --- */

typedef struct
{
  RtSendQueue queue;
  GPtrArray *model; /* in the order in which they came */
  guint passed_over[RT_SEND_QUEUE_LEVELS];
  gsize bytes;
  guint limit;
  gsize max_bytes;
} Pair;

static guint
model_waiting (Pair *pair, guint level)
{
  guint n = 0;

  for (guint i = 0; i < pair->model->len; i++)
    n += ((RtOp *) g_ptr_array_index (pair->model, i))->priority == level;
  return n;
}

static void
model_take (Pair *pair, RtOp *op)
{
  pair->bytes -= op->data_len;
  g_ptr_array_remove (pair->model, op);
  if (model_waiting (pair, op->priority) == 0)
    pair->passed_over[op->priority] = 0;
}

static RtOp *
model_pop (Pair *pair)
{
  gint chosen = -1;

  for (gint level = RT_SEND_QUEUE_LEVELS - 1; level >= 0; level--)
    if (model_waiting (pair, level) > 0 && (chosen < 0 || pair->passed_over[level] >= RT_SEND_QUEUE_PATIENCE))
      chosen = level;
  if (chosen < 0)
    return NULL;
  for (gint level = 0; level < chosen; level++)
    pair->passed_over[level] += model_waiting (pair, level) > 0;
  pair->passed_over[chosen] = 0;
  for (guint i = 0; i < pair->model->len; i++)
    {
      RtOp *op = g_ptr_array_index (pair->model, i);
      if (op->priority != chosen)
        continue;
      model_take (pair, op);
      return op;
    }
  g_assert_not_reached ();
}

static RtOp *
model_soonest (Pair *pair)
{
  RtOp *soonest = NULL;

  for (guint i = 0; i < pair->model->len; i++)
    {
      RtOp *op = g_ptr_array_index (pair->model, i);
      if (op->expires > 0 && (soonest == NULL || op->expires < soonest->expires))
        soonest = op;
    }
  return soonest;
}

static void
random_push (Pair *pair)
{
  gint64 expires = g_test_rand_bit () ? g_test_rand_int_range (1, 50) : 0;
  RtOp *op = new_op (g_test_rand_int_range (0, 4), g_test_rand_int_range (0, 20), expires);
  gboolean fits = pair->model->len < pair->limit && pair->bytes + op->data_len <= pair->max_bytes;

  g_assert_cmpint (rt_send_queue_push (&pair->queue, op), ==, fits);
  if (!fits)
    {
      rt_op_unref (op);
      return;
    }
  g_ptr_array_add (pair->model, op);
  pair->bytes += op->data_len;
}

static void
random_remove (Pair *pair)
{
  if (pair->model->len == 0)
    return;
  RtOp *op = g_ptr_array_index (pair->model, g_test_rand_int_range (0, pair->model->len));
  model_take (pair, op);
  g_assert_true (rt_send_queue_remove (&pair->queue, op));
  g_assert_false (rt_send_queue_remove (&pair->queue, op));
  rt_op_unref (op);
}

static void
random_expire (Pair *pair)
{
  gint64 now = g_test_rand_int_range (0, 60);
  RtOp *soonest = model_soonest (pair);
  RtOp *expected = soonest != NULL && soonest->expires <= now ? soonest : NULL;

  g_assert_true (rt_send_queue_pop_expired (&pair->queue, now) == expected);
  if (expected == NULL)
    return;
  model_take (pair, expected);
  rt_op_unref (expected);
}

static void
check_pair (Pair *pair)
{
  RtOp *soonest = model_soonest (pair);

  g_assert_cmpuint (pair->queue.count, ==, pair->model->len);
  g_assert_cmpuint (pair->queue.bytes, ==, pair->bytes);
  g_assert_cmpint (rt_send_queue_next_expiry (&pair->queue), ==, soonest != NULL ? soonest->expires : -1);
}

static void
test_random (void)
{
  Pair pair = { .model = g_ptr_array_new (), .limit = 40, .max_bytes = 300 };

  rt_send_queue_init (&pair.queue, pair.limit, pair.max_bytes);
  for (guint i = 0; i < 50000; i++)
    {
      gint what = g_test_rand_int_range (0, 100);

      if (what < 50)
        random_push (&pair);
      else if (what < 85)
        assert_pop (&pair.queue, model_pop (&pair));
      else if (what < 95)
        random_remove (&pair);
      else
        random_expire (&pair);
      check_pair (&pair);
    }
  while (pair.model->len > 0)
    assert_pop (&pair.queue, model_pop (&pair));
  rt_send_queue_clear (&pair.queue);
  g_ptr_array_unref (pair.model);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/SendQueue/order", test_order);
  g_test_add_func ("/Rt/SendQueue/bounds", test_bounds);
  g_test_add_func ("/Rt/SendQueue/remove", test_remove);
  g_test_add_func ("/Rt/SendQueue/expiry", test_expiry);
  g_test_add_func ("/Rt/SendQueue/starvation", test_starvation);
  g_test_add_func ("/Rt/SendQueue/no-turn-while-empty", test_no_turn_while_empty);
  g_test_add_func ("/Rt/SendQueue/random", test_random);
  return g_test_run ();
}
