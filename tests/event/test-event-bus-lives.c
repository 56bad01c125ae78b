/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "event-probe.h"
#include "rt-bus.h"
#include "rt-event-bus-private.h"
#include "rt-test.h"

/* What handlers may do, and how subscriptions end. */

/* --- Inside handlers --- */

static void
cancel_it (EventProbe *probe, RtEvent *event)
{
  EventProbe *victim = probe->data;

  rt_subscription_cancel (victim->subscription);
}

static void
test_cancel_own (void)
{
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();
  g_autoptr (EventProbe) probe = event_probe_new (bus, NULL, NULL);

  event_probe_on_all (probe);
  event_probe_act (probe, cancel_it, probe);
  event_dispatch_name (bus, "a");
  event_dispatch_name (bus, "b");
  event_probe_assert_log (probe, "a ");
  g_assert_cmpuint (probe->destroyed, ==, 1);
  event_bus_end (&bus);
}

/* The other's handler would have been the next for the same event. */
static void
test_cancel_another (void)
{
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();
  g_autoptr (EventProbe) probe = event_probe_new (bus, NULL, NULL);
  g_autoptr (EventProbe) victim = event_probe_new (bus, NULL, NULL);
  g_autoptr (EventProbe) last = event_probe_new (bus, NULL, NULL);

  event_probe_on_all (probe);
  event_probe_on_all (victim);
  event_probe_on_all (last);
  event_probe_act (probe, cancel_it, victim);
  event_dispatch_name (bus, "a");
  event_dispatch_name (bus, "b");
  event_probe_assert_log (probe, "a b ");
  event_probe_assert_log (victim, "");
  event_probe_assert_log (last, "a b ");
  g_assert_cmpuint (victim->destroyed, ==, 1);
  event_bus_end (&bus);
}

static void
subscribe_it (EventProbe *probe, RtEvent *event)
{
  EventProbe *later = probe->data;

  if (later->subscription == NULL)
    event_probe_on_all (later);
}

static void
test_subscribe (void)
{
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();
  g_autoptr (EventProbe) probe = event_probe_new (bus, NULL, NULL);
  g_autoptr (EventProbe) later = event_probe_new (bus, NULL, NULL);

  event_probe_on_all (probe);
  event_probe_act (probe, subscribe_it, later);
  event_dispatch_name (bus, "a");
  event_dispatch_name (bus, "b");
  event_probe_assert_log (probe, "a b ");
  event_probe_assert_log (later, "");
  event_dispatch_name (bus, "c");
  event_probe_assert_log (later, "c ");
  event_bus_end (&bus);
}

static void
dispatch_more (EventProbe *probe, RtEvent *event)
{
  if (probe->count < 5)
    event_dispatch_name (probe->bus, probe->data);
}

static void
test_dispatch (void)
{
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();
  g_autoptr (EventProbe) probe = event_probe_new (bus, NULL, NULL);

  event_probe_on_all (probe);
  event_probe_act (probe, dispatch_more, (gpointer) "more");
  event_dispatch_name (bus, "a");
  event_dispatch_name (bus, "b");
  event_probe_assert_log (probe, "a b more more more more ");
  event_bus_end (&bus);
}

static void
nest (EventProbe *probe, RtEvent *event)
{
  if (g_str_equal (rt_event_get_name (event), probe->data))
    event_settle ();
}

/* A handler that runs a loop: those behind it get the same event first, then all what follows, in the loop. */
static void
test_nested_loop (void)
{
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();
  g_autoptr (EventProbe) log = event_probe_new (bus, NULL, NULL);
  g_autoptr (EventProbe) first = event_probe_new (bus, log, "1");
  g_autoptr (EventProbe) second = event_probe_new (bus, log, "2");

  event_probe_on_all (first);
  event_probe_on_all (second);
  event_probe_act (first, nest, (gpointer) "b");
  event_dispatch_name (bus, "a");
  event_dispatch_name (bus, "b");
  event_dispatch_name (bus, "c");
  event_probe_assert_log (log, "1:a 2:a 1:b 2:b 1:c 2:c ");

  event_probe_act (first, NULL, NULL);
  event_probe_act (second, nest, (gpointer) "b");
  event_dispatch_name (bus, "a");
  event_dispatch_name (bus, "b");
  event_dispatch_name (bus, "c");
  event_probe_assert_log (log, "1:a 2:a 1:b 2:b 1:c 2:c ");
  event_bus_end (&bus);
}

static void
cancel_and_nest (EventProbe *probe, RtEvent *event)
{
  rt_subscription_cancel (probe->subscription);
  event_settle ();
  g_assert_cmpuint (probe->destroyed, ==, 0);
}

/* The data of a running handler stays until it returns. */
static void
test_nested_end (void)
{
  for (guint once = 0; once <= 1; once++)
    {
      g_autoptr (RtEventBus) bus = rt_event_bus_new ();
      g_autoptr (EventProbe) probe = event_probe_new (bus, NULL, NULL);

      if (once)
        probe->subscription = rt_event_bus_subscribe_once (bus, RT_EVENT_TYPE_CUSTOM, event_probe_handle, probe,
                                                           event_probe_destroy);
      else
        event_probe_on_all (probe);
      event_probe_act (probe, cancel_and_nest, NULL);
      event_dispatch_name (bus, "a");
      event_dispatch_name (bus, "b");
      event_probe_assert_log (probe, "a ");
      g_assert_cmpuint (probe->destroyed, ==, 1);
      event_bus_end (&bus);
    }
}

/* A program that runs as a whole inside one handler still learns what it lost. */
static void
flood_and_nest (EventProbe *probe, RtEvent *event)
{
  if (probe->count > 1)
    return;
  for (guint i = 0; i < RT_BUS_MAX_PENDING + 10; i++)
    event_dispatch_name (probe->bus, "flood");
  event_settle ();
  g_assert_cmpuint (probe->count, ==, 1 + RT_BUS_MAX_PENDING + 1);
  g_assert_true (g_str_has_suffix (probe->log->str, " flood error "));
}

static void
test_nested_overflow (void)
{
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();
  g_autoptr (EventProbe) probe = event_probe_new (bus, NULL, NULL);

  event_probe_on_all (probe);
  event_probe_act (probe, flood_and_nest, NULL);
  event_dispatch_name (bus, "a");
  event_settle ();
  g_assert_cmpuint (probe->count, ==, 1 + RT_BUS_MAX_PENDING + 1);
  event_bus_end (&bus);
}

static void
drop_bus (EventProbe *probe, RtEvent *event)
{
  g_object_unref (probe->bus);
  event_settle ();
}

static void
test_drop_bus (void)
{
  RtEventBus *bus = rt_event_bus_new ();
  g_autoptr (EventProbe) probe = event_probe_new (bus, NULL, NULL);
  g_autoptr (EventProbe) other = event_probe_new (bus, NULL, NULL);

  g_object_add_weak_pointer (G_OBJECT (bus), (gpointer *) &bus);
  event_probe_on_all (probe);
  event_probe_on_all (other);
  event_probe_act (probe, drop_bus, NULL);
  event_dispatch_name (bus, "a");
  event_dispatch_name (bus, "b");
  event_probe_assert_log (probe, "a ");
  event_probe_assert_log (other, "");
  g_assert_null (bus);
  g_assert_cmpuint (probe->destroyed + other->destroyed, ==, 2);
}

/* --- Ends --- */

/* The handle is not what keeps a subscription. */
static void
test_dropped_handle (void)
{
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();
  g_autoptr (EventProbe) probe = event_probe_new (bus, NULL, NULL);
  RtSubscription *handle;

  event_probe_on_all (probe);
  handle = g_steal_pointer (&probe->subscription);
  g_assert_finalize_object (handle);
  event_dispatch_name (bus, "a");
  event_probe_assert_log (probe, "a ");
  g_assert_cmpuint (rt_event_bus_get_n_subscriptions (bus), ==, 1);
  event_bus_end (&bus);
  g_assert_cmpuint (probe->destroyed, ==, 1);
}

static void
test_events_are_let_go (void)
{
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();
  g_autoptr (EventProbe) probe = event_probe_new (bus, NULL, NULL);
  RtEvent *event = rt_event_new (RT_EVENT_TYPE_GAP, NULL);

  event_probe_on_all (probe);
  rt_event_bus_dispatch (bus, event);
  event_settle ();
  g_assert_finalize_object (event);

  event = rt_event_new (RT_EVENT_TYPE_GAP, NULL);
  rt_event_bus_dispatch (bus, event);
  event_bus_end (&bus);
  g_assert_finalize_object (event);
}

static void
test_close (void)
{
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();
  g_autoptr (EventProbe) probe = event_probe_new (bus, NULL, NULL);
  g_autoptr (EventProbe) late = event_probe_new (bus, NULL, NULL);

  event_probe_on_all (probe);
  event_dispatch_name (bus, "a");
  rt_event_bus_close (bus);
  rt_event_bus_close (bus);
  g_assert_false (rt_subscription_is_active (probe->subscription));
  event_dispatch_name (bus, "b");
  event_probe_on_all (late);
  g_assert_false (rt_subscription_is_active (late->subscription));
  event_dispatch_name (bus, "c");
  event_probe_assert_log (probe, "");
  event_probe_assert_log (late, "");
  g_assert_cmpuint (probe->destroyed + late->destroyed, ==, 2);
  g_assert_cmpuint (rt_event_bus_get_n_subscriptions (bus), ==, 0);
  for (guint i = 0; i <= RT_EVENT_TYPE_CUSTOM; i++)
    g_assert_false (rt_event_bus_wants (bus, i));
  event_bus_end (&bus);
}

static void
test_bind (void)
{
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();
  g_autoptr (EventProbe) probe = event_probe_new (bus, NULL, NULL);
  g_autoptr (EventProbe) other = event_probe_new (bus, NULL, NULL);
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (GObject) survivor = g_object_new (G_TYPE_OBJECT, NULL);

  event_probe_on_all (probe);
  event_probe_on_all (other);
  rt_subscription_bind (probe->subscription, owner);
  rt_subscription_bind (probe->subscription, owner);
  rt_subscription_bind (probe->subscription, survivor);
  rt_subscription_bind (other->subscription, survivor);
  event_dispatch_name (bus, "a");
  event_probe_assert_log (probe, "a ");

  event_dispatch_name (bus, "b");
  g_assert_finalize_object (owner);
  g_assert_false (rt_subscription_is_active (probe->subscription));
  event_probe_assert_log (probe, "");
  g_assert_cmpuint (probe->destroyed, ==, 1);

  rt_subscription_bind (probe->subscription, survivor);
  event_probe_assert_log (other, "a b ");
  /* Also an object that is disposed and lives on. */
  g_object_run_dispose (survivor);
  g_assert_false (rt_subscription_is_active (other->subscription));
  event_probe_on_all (other);
  rt_subscription_bind (other->subscription, survivor);
  g_clear_object (&survivor);
  g_assert_false (rt_subscription_is_active (other->subscription));
  event_bus_end (&bus);
}

static void
drop_owner (EventProbe *probe, RtEvent *event)
{
  g_clear_object ((GObject **) probe->data);
}

static void
test_bind_in_handler (void)
{
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();
  g_autoptr (EventProbe) probe = event_probe_new (bus, NULL, NULL);
  g_autoptr (EventProbe) other = event_probe_new (bus, NULL, NULL);
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);

  event_probe_on_all (probe);
  event_probe_on_all (other);
  rt_subscription_bind (probe->subscription, owner);
  rt_subscription_bind (other->subscription, owner);
  event_probe_act (probe, drop_owner, &owner);
  event_dispatch_name (bus, "a");
  event_dispatch_name (bus, "b");
  event_probe_assert_log (probe, "a ");
  event_probe_assert_log (other, "");
  event_bus_end (&bus);
}

/* An owner that outlives its subscriptions, and the bus. */
static void
test_bind_outlived (void)
{
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();
  g_autoptr (EventProbe) probe = event_probe_new (bus, NULL, NULL);
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);

  for (guint i = 0; i < 1000; i++)
    {
      event_probe_on_all (probe);
      rt_subscription_bind (probe->subscription, owner);
      rt_subscription_cancel (probe->subscription);
      event_settle ();
      g_assert_cmpuint (probe->destroyed, ==, i + 1);
    }
  event_probe_on_all (probe);
  rt_subscription_bind (probe->subscription, owner);
  event_bus_end (&bus);
  g_clear_object (&probe->subscription);
  g_assert_finalize_object (owner);
}

/* The bus makes a new queue where the last one has gone. */
static void
test_queues_come_and_go (void)
{
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();
  g_autoptr (EventProbe) probe = event_probe_new (bus, NULL, NULL);

  for (guint i = 1; i <= 100; i++)
    {
      g_autoptr (RtSubscription) one = rt_event_bus_subscribe_all (bus, event_probe_handle, probe, NULL);

      event_dispatch_name (bus, "a");
      event_settle ();
      rt_subscription_cancel (one);
      /* Half of the rounds: another one comes before the end of this one has been seen. */
      if (i % 2 == 0)
        event_settle ();
      g_assert_cmpuint (probe->count, ==, i);
    }
  event_bus_end (&bus);
}

/* --- A context that ends --- */

typedef struct
{
  RtEventBus *bus;
  EventProbe *probe;
  GMainContext *context;
} Worker;

static gpointer
worker_thread (gpointer user_data)
{
  Worker *worker = user_data;
  g_autoptr (GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  worker->probe = event_probe_new (worker->bus, NULL, NULL);
  event_probe_on_all (worker->probe);
  event_dispatch_name (worker->bus, "a");
  event_settle ();
  event_dispatch_name (worker->bus, "b");
  g_main_context_pop_thread_default (context);
  g_clear_pointer (&context, g_main_context_unref);
  /* Here, with what was still queued. */
  g_assert_cmpuint (worker->probe->destroyed, ==, 1);
  return NULL;
}

static void
test_context_gone (void)
{
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();
  Worker worker = { .bus = bus };

  g_thread_join (g_thread_new ("worker", worker_thread, &worker));
  g_assert_cmpstr (worker.probe->log->str, ==, "a ");
  g_assert_cmpuint (rt_event_bus_get_n_subscriptions (bus), ==, 0);
  g_assert_false (rt_subscription_is_active (worker.probe->subscription));
  g_assert_false (rt_event_bus_wants (bus, RT_EVENT_TYPE_GAP));
  rt_subscription_cancel (worker.probe->subscription);
  event_dispatch_name (bus, "c");
  event_probe_free (worker.probe);
  event_bus_end (&bus);
}

/* Nobody runs this context any more, but somebody keeps it: its queue has a bound. */
static gpointer
leaving_thread (gpointer user_data)
{
  Worker *worker = user_data;

  g_main_context_push_thread_default (worker->context);
  worker->probe = event_probe_new (worker->bus, NULL, NULL);
  event_probe_on_all (worker->probe);
  g_main_context_pop_thread_default (worker->context);
  return NULL;
}

static void
test_context_left (void)
{
  RtEventBus *bus = rt_event_bus_new ();
  Worker worker = { .bus = bus, .context = g_main_context_new () };
  g_autoptr (RtEvent) event = rt_event_new (RT_EVENT_TYPE_GAP, NULL);

  g_thread_join (g_thread_new ("leaving", leaving_thread, &worker));
  for (guint i = 0; i < RT_BUS_MAX_PENDING * 2; i++)
    rt_event_bus_dispatch (bus, event);
  g_assert_cmpuint (G_OBJECT (event)->ref_count, ==, 1 + RT_BUS_MAX_PENDING);
  /* The end of the bus waits for the context, and comes with the context's own end, in whatever thread. */
  g_assert_finalize_object (bus);
  g_assert_cmpuint (worker.probe->destroyed, ==, 0);
  worker.probe->thread = g_thread_self ();
  g_main_context_unref (worker.context);
  g_assert_cmpuint (worker.probe->destroyed, ==, 1);
  g_assert_cmpuint (G_OBJECT (event)->ref_count, ==, 1);
  event_probe_free (worker.probe);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/EventBus/handler/cancel-own", test_cancel_own);
  g_test_add_func ("/Rt/EventBus/handler/cancel-another", test_cancel_another);
  g_test_add_func ("/Rt/EventBus/handler/subscribe", test_subscribe);
  g_test_add_func ("/Rt/EventBus/handler/dispatch", test_dispatch);
  g_test_add_func ("/Rt/EventBus/handler/nested-loop", test_nested_loop);
  g_test_add_func ("/Rt/EventBus/handler/nested-end", test_nested_end);
  g_test_add_func ("/Rt/EventBus/handler/nested-overflow", test_nested_overflow);
  g_test_add_func ("/Rt/EventBus/handler/drop-bus", test_drop_bus);
  g_test_add_func ("/Rt/EventBus/dropped-handle", test_dropped_handle);
  g_test_add_func ("/Rt/EventBus/events-are-let-go", test_events_are_let_go);
  g_test_add_func ("/Rt/EventBus/close", test_close);
  g_test_add_func ("/Rt/EventBus/bind", test_bind);
  g_test_add_func ("/Rt/EventBus/bind-in-handler", test_bind_in_handler);
  g_test_add_func ("/Rt/EventBus/bind-outlived", test_bind_outlived);
  g_test_add_func ("/Rt/EventBus/queues-come-and-go", test_queues_come_and_go);
  g_test_add_func ("/Rt/EventBus/context-gone", test_context_gone);
  g_test_add_func ("/Rt/EventBus/context-left", test_context_left);
  return g_test_run ();
}
