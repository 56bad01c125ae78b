/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rt-handover.h"
#include "rt-test.h"

typedef struct
{
  RtHandoverItem base;
  guint value;
  guint count; /* resumable: the values value … value + count - 1 */
} Item;

typedef struct
{
  RtHandover *handover;
  GArray *seen;
  guint turns;
  guint close_at;
  guint nest_at;
  guint seen_nested; /* how much had been seen at the end of the nested loop */
  guint dropped;
  guint destroyed;
  guint orphaned;
} Fixture;

static void
item_drop (RtHandoverItem *item, gpointer user_data)
{
  ((Fixture *) user_data)->dropped++;
  g_free (item);
}

static void
see (Fixture *self, guint value)
{
  g_array_append_val (self->seen, value);
  if (self->close_at == value && value != 0)
    rt_handover_close (self->handover);
  if (self->nest_at != value || value == 0)
    return;
  while (g_main_context_iteration (NULL, FALSE))
    ;
  self->seen_nested = self->seen->len;
}

static gboolean
handle (RtHandoverItem *base, guint *budget, gpointer user_data)
{
  Fixture *self = user_data;
  Item *item = (Item *) base;

  if (!base->resumable)
    {
      guint value = item->value;
      (*budget)--;
      g_free (item);
      see (self, value);
      return TRUE;
    }
  while (item->count > 0 && *budget > 0)
    {
      guint value = item->value++;
      item->count--;
      (*budget)--;
      see (self, value);
    }
  return item->count == 0;
}

static void
turn_end (gpointer user_data)
{
  ((Fixture *) user_data)->turns++;
}

static void
destroyed (gpointer user_data)
{
  ((Fixture *) user_data)->destroyed++;
}

static const RtHandoverClass klass = { "test", G_PRIORITY_DEFAULT, 10, handle, turn_end, item_drop };

static void
fixture_init (Fixture *self)
{
  self->seen = g_array_new (FALSE, FALSE, sizeof (guint));
  self->handover = rt_handover_new (g_main_context_default (), &klass, self, destroyed);
}

static void
fixture_clear (Fixture *self)
{
  rt_handover_close (self->handover);
  rt_handover_unref (self->handover);
  g_assert_cmpuint (self->destroyed, ==, 1);
  g_array_unref (self->seen);
}

static gboolean
push (Fixture *self, guint value, guint count)
{
  Item *item = g_new0 (Item, 1);

  item->value = value;
  item->count = count;
  item->base.resumable = count > 0;
  return rt_handover_push (self->handover, &item->base);
}

static void
assert_seen (Fixture *self, guint first, guint last)
{
  g_assert_cmpuint (self->seen->len, ==, last - first + 1);
  for (guint i = 0; i < self->seen->len; i++)
    g_assert_cmpuint (g_array_index (self->seen, guint, i), ==, first + i);
}

static void
test_budget (void)
{
  Fixture self = { 0 };

  fixture_init (&self);
  for (guint i = 1; i <= 25; i++)
    push (&self, i, 0);
  push (&self, 26, 12);
  rt_test_wait_until (self.seen->len == 37);
  assert_seen (&self, 1, 37);
  g_assert_cmpuint (self.turns, ==, 4);
  g_assert_cmpuint (self.dropped, ==, 1); /* the resumable one, when empty */
  fixture_clear (&self);
}

static gpointer
push_thousand (gpointer user_data)
{
  for (guint i = 1; i <= 1000; i++)
    push (user_data, i, 0);
  return NULL;
}

static void
test_other_thread (void)
{
  Fixture self = { 0 };

  fixture_init (&self);
  GThread *thread = g_thread_new ("pusher", push_thousand, &self);
  rt_test_wait_until (self.seen->len == 1000);
  g_thread_join (thread);
  assert_seen (&self, 1, 1000);
  fixture_clear (&self);
}

/* A handler that runs a nested loop sees what follows in order, out of the same item too, though nothing more is
 * pushed. */
static void
test_nested_loop (void)
{
  for (guint nest_at = 1; nest_at <= 8; nest_at++)
    {
      Fixture self = { .nest_at = nest_at };

      fixture_init (&self);
      push (&self, 1, 0);
      push (&self, 2, 5);
      push (&self, 7, 0);
      push (&self, 8, 0);
      rt_test_wait_until (self.seen->len == 8);
      assert_seen (&self, 1, 8);
      g_assert_cmpuint (self.seen_nested, ==, 8);
      g_assert_cmpuint (self.dropped, ==, 1);
      fixture_clear (&self);
    }
}

static void
test_close_in_handler (void)
{
  Fixture self = { .close_at = 2 };

  fixture_init (&self);
  for (guint i = 1; i <= 5; i++)
    push (&self, i, 0);
  rt_test_wait_until (self.seen->len == 2);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  assert_seen (&self, 1, 2);
  g_assert_false (push (&self, 6, 0));
  g_assert_cmpuint (self.dropped, ==, 4);
  fixture_clear (&self);
}

static gpointer
close_thread (gpointer user_data)
{
  rt_handover_close (user_data);
  return NULL;
}

/* Nothing is kept for a dispatch that never comes: neither what a dispatch has left over nor what was pushed. */
static void
test_close_between_dispatches (void)
{
  Fixture self = { 0 };

  fixture_init (&self);
  for (guint i = 1; i <= 15; i++)
    push (&self, i, 0);
  push (&self, 16, 20);
  rt_test_wait_until (self.seen->len == 20);
  push (&self, 36, 0);
  g_thread_join (g_thread_new ("closer", close_thread, self.handover));
  g_assert_cmpuint (self.dropped, ==, 2);
  assert_seen (&self, 1, 20);
  fixture_clear (&self);
}

static void
orphaned (gpointer user_data)
{
  Fixture *self = user_data;

  self->orphaned++;
  rt_handover_close (self->handover);
}

/* Whoever uses the queue is told that its context is gone, and not if it was closed before. */
static void
test_orphaned (void)
{
  for (guint close_first = 0; close_first <= 1; close_first++)
    {
      Fixture self = { .seen = g_array_new (FALSE, FALSE, sizeof (guint)) };
      GMainContext *context = g_main_context_new ();

      self.handover = rt_handover_new (context, &klass, &self, destroyed);
      rt_handover_set_orphaned_func (self.handover, orphaned);
      push (&self, 1, 0);
      if (close_first)
        rt_handover_close (self.handover);
      g_main_context_unref (context);
      g_assert_cmpuint (self.orphaned, ==, !close_first);
      g_assert_cmpuint (self.dropped, ==, 1);
      g_assert_false (push (&self, 2, 0));
      fixture_clear (&self);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/Handover/budget", test_budget);
  g_test_add_func ("/Rt/Handover/other-thread", test_other_thread);
  g_test_add_func ("/Rt/Handover/nested-loop", test_nested_loop);
  g_test_add_func ("/Rt/Handover/close-in-handler", test_close_in_handler);
  g_test_add_func ("/Rt/Handover/close-between-dispatches", test_close_between_dispatches);
  g_test_add_func ("/Rt/Handover/orphaned", test_orphaned);
  return g_test_run ();
}
