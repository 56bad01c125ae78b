/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "event-probe.h"
#include "rt-event-bus-private.h"
#include "rt-test.h"

/* Threads that race on purpose. */

#define ROUNDS 200

/* --- Order --- */

#define DISPATCHERS 3
#define EVENTS 2000

typedef struct
{
  RtEventBus *bus;
  gint *subscribed;
  const char *name;
  GPtrArray *seen; /* RtEvent */
} Reader;

static void
keep (RtEvent *event, gpointer user_data)
{
  g_ptr_array_add (((Reader *) user_data)->seen, g_object_ref (event));
}

static gpointer
reader_thread (gpointer user_data)
{
  Reader *reader = user_data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (RtSubscription) subscription = NULL;

  g_main_context_push_thread_default (context);
  subscription = rt_event_bus_subscribe_all (reader->bus, keep, reader, NULL);
  g_atomic_int_inc (reader->subscribed);
  rt_test_wait_until (reader->seen->len == DISPATCHERS * EVENTS);
  g_main_context_pop_thread_default (context);
  return NULL;
}

static gpointer
dispatcher_thread (gpointer user_data)
{
  Reader *self = user_data;

  for (gint32 i = 0; i < EVENTS; i++)
    {
      g_autoptr (RtEvent) event = rt_event_new_custom (self->name, g_variant_new_int32 (i));

      rt_event_bus_dispatch (self->bus, event);
    }
  return NULL;
}

/* All see one order, and in it what each thread dispatched is in that thread's order. */
static void
test_order (void)
{
  static const char *const names[DISPATCHERS] = { "x", "y", "z" };
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();
  gint subscribed = 0;
  Reader readers[2], dispatchers[DISPATCHERS];
  GThread *threads[2 + DISPATCHERS];
  gint32 next[DISPATCHERS] = { 0 };

  for (guint i = 0; i < 2; i++)
    {
      readers[i] = (Reader) { bus, &subscribed, NULL, g_ptr_array_new_with_free_func (g_object_unref) };
      threads[i] = g_thread_new ("reader", reader_thread, &readers[i]);
    }
  rt_test_poll_until (g_atomic_int_get (&subscribed) == 2);
  for (guint i = 0; i < DISPATCHERS; i++)
    {
      dispatchers[i] = (Reader) { .bus = bus, .name = names[i] };
      threads[2 + i] = g_thread_new ("dispatcher", dispatcher_thread, &dispatchers[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);

  for (guint i = 0; i < DISPATCHERS * EVENTS; i++)
    {
      RtEvent *event = g_ptr_array_index (readers[0].seen, i);
      guint from = *rt_event_get_name (event) - 'x';

      g_assert_true (event == g_ptr_array_index (readers[1].seen, i));
      g_assert_cmpint (g_variant_get_int32 (rt_event_get_variant (event)), ==, next[from]++);
    }
  g_ptr_array_unref (readers[0].seen);
  g_ptr_array_unref (readers[1].seen);
  event_bus_end (&bus);
}

/* --- Once --- */

static gpointer
dispatch_gap_thread (gpointer bus)
{
  event_dispatch (bus, RT_EVENT_TYPE_GAP);
  return NULL;
}

static void
test_once (void)
{
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();

  for (guint round = 0; round < ROUNDS; round++)
    {
      g_autoptr (EventProbe) probe = event_probe_new (bus, NULL, NULL);
      GThread *threads[3];

      probe->subscription = rt_event_bus_subscribe_once (bus, RT_EVENT_TYPE_GAP, event_probe_handle, probe,
                                                         event_probe_destroy);
      for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
        threads[i] = g_thread_new ("dispatcher", dispatch_gap_thread, bus);
      rt_test_wait_until (probe->destroyed == 1);
      for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
        g_thread_join (threads[i]);
      event_probe_assert_log (probe, "gap ");
      g_assert_cmpuint (probe->destroyed, ==, 1);
    }
  event_bus_end (&bus);
}

/* --- Ends, each while events are under way --- */

typedef enum
{
  END_CANCEL,
  END_CLOSE,
  END_DROP,    /* the bus */
  END_OWNER,   /* by another thread */
  END_BOTH,    /* that, and cancelled by the subscriber itself */
  END_CONTEXT,
  N_ENDS,
} End;

typedef struct
{
  End end;
  RtEventBus *bus;
  RtSubscription *subscription;
  GObject *owner;
  guint patience;
  GAsyncQueue *ready;
} Round;

static gpointer
subscriber_thread (gpointer user_data)
{
  Round *round = user_data;
  GMainContext *context = g_main_context_new ();
  g_autoptr (EventProbe) probe = event_probe_new (NULL, NULL, NULL);

  g_main_context_push_thread_default (context);
  round->subscription = rt_event_bus_subscribe_all (round->bus, event_probe_handle, probe, event_probe_destroy);
  if (round->owner != NULL)
    rt_subscription_bind (round->subscription, round->owner);
  g_async_queue_push (round->ready, round);

  for (guint i = 0; i < round->patience; i++)
    g_main_context_iteration (context, FALSE);
  if (round->end == END_BOTH)
    rt_subscription_cancel (round->subscription);
  if (round->end != END_CONTEXT)
    rt_test_wait_until (probe->destroyed == 1);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  g_assert_cmpuint (probe->destroyed, ==, 1);
  return NULL;
}

static void
bring_end (Round *round)
{
  switch (round->end)
    {
    case END_CANCEL:
      rt_subscription_cancel (round->subscription);
      break;
    case END_CLOSE:
      rt_event_bus_close (round->bus);
      break;
    case END_DROP:
      g_clear_object (&round->bus);
      break;
    case END_OWNER:
    case END_BOTH:
      g_clear_object (&round->owner);
      break;
    case END_CONTEXT:
    case N_ENDS:
    default:
      break;
    }
}

static void
run_round (End end, GRand *rand)
{
  Round round = { end, rt_event_bus_new (), NULL, NULL, g_rand_int_range (rand, 0, 10), g_async_queue_new () };
  guint n_before = g_rand_int_range (rand, 0, 20);

  if (end == END_OWNER || end == END_BOTH)
    round.owner = g_object_new (G_TYPE_OBJECT, NULL);
  GThread *thread = g_thread_new ("subscriber", subscriber_thread, &round);
  g_async_queue_pop (round.ready);
  for (guint i = 0; i < n_before; i++)
    event_dispatch (round.bus, RT_EVENT_TYPE_GAP);
  bring_end (&round);
  for (guint i = 0; round.bus != NULL && i < 50; i++)
    event_dispatch (round.bus, RT_EVENT_TYPE_GAP);
  g_thread_join (thread);
  g_assert_false (rt_subscription_is_active (round.subscription));
  if (round.bus != NULL)
    g_assert_cmpuint (rt_event_bus_get_n_subscriptions (round.bus), ==, 0);
  g_object_unref (round.subscription);
  g_clear_object (&round.bus);
  g_async_queue_unref (round.ready);
}

static void
test_end (gconstpointer end)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (GPOINTER_TO_UINT (end));

  for (guint i = 0; i < ROUNDS; i++)
    run_round (GPOINTER_TO_UINT (end), rand);
}

/* --- Coming and going --- */

#define VISITS 200

typedef struct
{
  RtEventBus *bus;
  gint *left;
} Visitor;

static gpointer
visitor_thread (gpointer user_data)
{
  Visitor *visitor = user_data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (EventProbe) probe = event_probe_new (visitor->bus, NULL, NULL);

  g_main_context_push_thread_default (context);
  for (guint i = 1; i <= VISITS; i++)
    {
      g_autoptr (RtSubscription) channel = rt_event_bus_subscribe_channel (visitor->bus, i % 2 != 0 ? "a.*" : "**.b",
                                                                           event_probe_handle, probe,
                                                                           event_probe_destroy);
      g_autoptr (RtSubscription) once = rt_event_bus_subscribe_once (visitor->bus, RT_EVENT_TYPE_CUSTOM,
                                                                     event_probe_handle, probe, event_probe_destroy);

      rt_test_wait_until (probe->count >= 2);
      rt_subscription_cancel (channel);
      rt_subscription_cancel (once);
      event_settle ();
      g_assert_cmpuint (probe->destroyed, ==, 2);
      probe->destroyed = 0;
      probe->count = 0;
    }
  g_main_context_pop_thread_default (context);
  g_atomic_int_add (visitor->left, -1);
  return NULL;
}

static void
test_visitors (void)
{
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();
  gint left = 2;
  Visitor visitor = { bus, &left };
  GThread *threads[] = { g_thread_new ("visitor", visitor_thread, &visitor),
                         g_thread_new ("visitor", visitor_thread, &visitor) };

  while (g_atomic_int_get (&left) > 0)
    event_dispatch_about (bus, "a.b");
  g_thread_join (threads[0]);
  g_thread_join (threads[1]);
  g_assert_cmpuint (rt_event_bus_get_n_subscriptions (bus), ==, 0);
  g_assert_false (rt_event_bus_wants (bus, RT_EVENT_TYPE_CUSTOM));
  event_bus_end (&bus);
}

int
main (int argc, char **argv)
{
  static const char *const ends[N_ENDS] = { "cancel", "close", "drop", "owner", "both", "context" };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/EventBus/threads/order", test_order);
  g_test_add_func ("/Rt/EventBus/threads/once", test_once);
  for (guint i = 0; i < N_ENDS; i++)
    {
      g_autofree char *path = g_strconcat ("/Rt/EventBus/threads/", ends[i], NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_end);
    }
  g_test_add_func ("/Rt/EventBus/threads/visitors", test_visitors);
  return g_test_run ();
}
