/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <malloc.h>
#include "event-probe.h"
#include "rt-bus.h"
#include "rt-error.h"
#include "rt-event-bus-private.h"
#include "rt-test.h"

/* --- Which events --- */

static void
test_types (void)
{
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();
  g_autoptr (EventProbe) connected = event_probe_new (bus, NULL, NULL);
  g_autoptr (EventProbe) custom = event_probe_new (bus, NULL, NULL);
  g_autoptr (EventProbe) all = event_probe_new (bus, NULL, NULL);

  g_assert_cmpuint (rt_event_bus_get_n_subscriptions (bus), ==, 0);
  event_probe_on (connected, RT_EVENT_TYPE_CONNECTED);
  event_probe_on (custom, RT_EVENT_TYPE_CUSTOM);
  event_probe_on_all (all);
  g_assert_cmpuint (rt_event_bus_get_n_subscriptions (bus), ==, 3);

  event_dispatch (bus, RT_EVENT_TYPE_CONNECTED);
  event_dispatch (bus, RT_EVENT_TYPE_DISCONNECTED);
  event_dispatch_name (bus, "connected");
  event_dispatch_name (bus, "orders.new");
  g_assert_cmpuint (all->count, ==, 0); /* nothing runs in dispatch */
  event_probe_assert_log (connected, "connected ");
  event_probe_assert_log (custom, "connected orders.new ");
  event_probe_assert_log (all, "connected disconnected connected orders.new ");

  rt_subscription_cancel (all->subscription);
  rt_subscription_cancel (all->subscription);
  g_assert_false (rt_subscription_is_active (all->subscription));
  g_assert_true (rt_subscription_is_active (custom->subscription));
  g_assert_cmpuint (rt_event_bus_get_n_subscriptions (bus), ==, 2);
  event_dispatch (bus, RT_EVENT_TYPE_CONNECTED);
  event_probe_assert_log (all, "");
  g_assert_cmpuint (all->destroyed, ==, 1);
  event_probe_assert_log (connected, "connected ");

  event_bus_end (&bus);
  g_assert_false (rt_subscription_is_active (custom->subscription));
  g_assert_cmpuint (custom->destroyed + connected->destroyed, ==, 2);
}

static RtSubscription *
on_name (EventProbe *probe, const char *pattern)
{
  return rt_event_bus_subscribe_name (probe->bus, pattern, event_probe_handle, probe, event_probe_destroy);
}

static RtSubscription *
on_channel (EventProbe *probe, const char *pattern)
{
  return rt_event_bus_subscribe_channel (probe->bus, pattern, event_probe_handle, probe, event_probe_destroy);
}

static void
test_names (void)
{
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();
  g_autoptr (EventProbe) probe = event_probe_new (bus, NULL, NULL);
  g_autoptr (EventProbe) joined = event_probe_new (bus, NULL, NULL);
  g_autoptr (RtSubscription) orders = on_name (probe, "orders.*");
  g_autoptr (RtSubscription) built_in = on_name (joined, "channel-joined");

  event_dispatch_name (bus, "orders.new");
  event_dispatch_name (bus, "orders");
  event_dispatch_name (bus, "orders.new.x");
  event_dispatch_name (bus, "orders.gone");
  event_dispatch (bus, RT_EVENT_TYPE_CHANNEL_JOINED);
  event_probe_assert_log (probe, "orders.new orders.gone ");
  event_probe_assert_log (joined, "channel-joined ");
  event_bus_end (&bus);
}

static void
test_channels (void)
{
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();
  g_autoptr (EventProbe) probe = event_probe_new (bus, NULL, NULL);
  g_autoptr (EventProbe) all = event_probe_new (bus, NULL, NULL);
  g_autoptr (RtSubscription) news = on_channel (probe, "news:*");
  g_autoptr (RtSubscription) every = on_channel (all, "**");

  event_dispatch_about (bus, "news:eu");
  event_dispatch_about (bus, "news");
  event_dispatch_about (bus, "news:eu.uk");
  event_dispatch_name (bus, "news:eu"); /* is about no channel */
  event_dispatch (bus, RT_EVENT_TYPE_MESSAGE_RECEIVED);
  event_probe_assert_log (probe, "news:eu ");
  event_probe_assert_log (all, "news:eu news news:eu.uk ");
  rt_subscription_cancel (every);
  event_dispatch_about (bus, "news:uk");
  event_probe_assert_log (probe, "news:uk ");
  event_probe_assert_log (all, "");
  event_bus_end (&bus);
}

static void
test_bad_pattern (void)
{
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();
  g_autoptr (EventProbe) probe = event_probe_new (bus, NULL, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (rt_event_bus_try_subscribe_name (bus, "a**", event_probe_handle, probe, event_probe_destroy, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT);
  g_assert_cmpuint (probe->destroyed, ==, 1);
  g_clear_error (&error);
  g_assert_null (rt_event_bus_try_subscribe_channel (bus, "", event_probe_handle, probe, NULL, &error));
  g_assert_error (error, RT_ERROR, RT_ERROR_INVALID_ARGUMENT);

  g_test_expect_message (G_LOG_DOMAIN, G_LOG_LEVEL_CRITICAL, "*“x*y” of the pattern “x*y”*");
  g_assert_null (rt_event_bus_subscribe_name (bus, "x*y", event_probe_handle, probe, NULL));
  g_test_assert_expected_messages ();
  g_assert_cmpuint (rt_event_bus_get_n_subscriptions (bus), ==, 0);

  g_autoptr (RtSubscription) good = rt_event_bus_try_subscribe_name (bus, "a.**", event_probe_handle,
                                                                     event_probe_new (bus, probe, "x"),
                                                                     (GDestroyNotify) event_probe_free, NULL);
  g_assert_true (rt_subscription_is_active (good));
  rt_subscription_cancel (good);
  event_bus_end (&bus);
}

/* Each sees an event in the order of subscription, whatever the kinds, and all see events in the order of dispatch. */
static void
test_order (void)
{
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();
  g_autoptr (EventProbe) a = event_probe_new (bus, NULL, NULL);
  EventProbe *probes[5];
  RtSubscription *subscriptions[5];

  for (guint i = 0; i < 5; i++)
    probes[i] = event_probe_new (bus, a, (const char *[]) { "1", "2", "3", "4", "5" }[i]);
  subscriptions[0] = on_channel (probes[0], "x");
  subscriptions[1] = rt_event_bus_subscribe_all (bus, event_probe_handle, probes[1], NULL);
  subscriptions[2] = on_name (probes[2], "*");
  subscriptions[3] = rt_event_bus_subscribe (bus, RT_EVENT_TYPE_CUSTOM, event_probe_handle, probes[3], NULL);
  subscriptions[4] = on_channel (probes[4], "*");
  event_dispatch_about (bus, "x");
  event_dispatch_name (bus, "y");
  event_dispatch_about (bus, "z");
  event_probe_assert_log (a, "1:x 2:x 3:x 4:x 5:x 2:y 3:y 4:y 2:z 3:z 4:z 5:z ");
  for (guint i = 0; i < 5; i++)
    {
      rt_subscription_cancel (subscriptions[i]);
      g_object_unref (subscriptions[i]);
    }
  event_settle ();
  for (guint i = 0; i < 5; i++)
    event_probe_free (probes[i]);
  event_bus_end (&bus);
}

static void
test_once (void)
{
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();
  g_autoptr (EventProbe) probe = event_probe_new (bus, NULL, NULL);
  g_autoptr (RtSubscription) once = rt_event_bus_subscribe_once (bus, RT_EVENT_TYPE_GAP, event_probe_handle, probe,
                                                                 event_probe_destroy);

  event_dispatch (bus, RT_EVENT_TYPE_RECOVERED);
  event_dispatch (bus, RT_EVENT_TYPE_GAP);
  event_dispatch (bus, RT_EVENT_TYPE_GAP);
  g_assert_true (rt_subscription_is_active (once));
  g_assert_false (rt_event_bus_wants (bus, RT_EVENT_TYPE_GAP));
  event_probe_assert_log (probe, "gap ");
  g_assert_false (rt_subscription_is_active (once));
  g_assert_cmpuint (probe->destroyed, ==, 1);
  g_assert_cmpuint (rt_event_bus_get_n_subscriptions (bus), ==, 0);

  /* Cancelled between dispatch and handler. */
  probe->destroyed = 0;
  g_object_unref (once);
  once = rt_event_bus_subscribe_once (bus, RT_EVENT_TYPE_GAP, event_probe_handle, probe, event_probe_destroy);
  event_dispatch (bus, RT_EVENT_TYPE_GAP);
  rt_subscription_cancel (once);
  event_probe_assert_log (probe, "");
  g_assert_cmpuint (probe->destroyed, ==, 1);
  event_bus_end (&bus);
}

static void
test_wants (void)
{
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();
  g_autoptr (EventProbe) probe = event_probe_new (bus, NULL, NULL);
  g_autoptr (EventProbe) other = event_probe_new (bus, NULL, NULL);

  g_assert_false (rt_event_bus_wants (bus, RT_EVENT_TYPE_GAP));
  event_probe_on (probe, RT_EVENT_TYPE_GAP);
  event_probe_on (other, RT_EVENT_TYPE_GAP);
  g_assert_true (rt_event_bus_wants (bus, RT_EVENT_TYPE_GAP));
  g_assert_false (rt_event_bus_wants (bus, RT_EVENT_TYPE_ERROR));
  rt_subscription_cancel (probe->subscription);
  g_assert_true (rt_event_bus_wants (bus, RT_EVENT_TYPE_GAP));
  rt_subscription_cancel (other->subscription);
  g_assert_false (rt_event_bus_wants (bus, RT_EVENT_TYPE_GAP));

  g_autoptr (RtSubscription) name = on_name (probe, "message-sent");
  g_assert_true (rt_event_bus_wants (bus, RT_EVENT_TYPE_MESSAGE_SENT));
  g_assert_true (rt_event_bus_wants (bus, RT_EVENT_TYPE_CUSTOM));
  g_assert_false (rt_event_bus_wants (bus, RT_EVENT_TYPE_MESSAGE_RECEIVED));
  rt_subscription_cancel (name);
  g_autoptr (RtSubscription) channel = on_channel (probe, "news");
  g_assert_true (rt_event_bus_wants (bus, RT_EVENT_TYPE_MESSAGE_RECEIVED));
  rt_subscription_cancel (channel);
  for (guint i = 0; i <= RT_EVENT_TYPE_CUSTOM; i++)
    g_assert_false (rt_event_bus_wants (bus, i));
  event_bus_end (&bus);
}

/* --- A context that does not keep up --- */

static void
note_loss (EventProbe *probe, RtEvent *event)
{
  if (rt_event_get_event_type (event) != RT_EVENT_TYPE_ERROR)
    return;
  g_assert_error (rt_event_get_error (event), RT_ERROR, RT_ERROR_QUEUE_FULL);
  g_assert_true (g_str_has_prefix (rt_event_get_error (event)->message, probe->data));
}

static void
test_overflow (void)
{
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();
  g_autoptr (EventProbe) slow = event_probe_new (bus, NULL, NULL);
  g_autoptr (EventProbe) only_gaps = event_probe_new (bus, NULL, NULL);
  g_autoptr (EventProbe) other = event_probe_new (bus, NULL, NULL);
  g_autoptr (GMainContext) other_context = g_main_context_new (); /* goes first, and ends what is in it */

  event_probe_on_all (slow);
  event_probe_on (only_gaps, RT_EVENT_TYPE_GAP);
  g_main_context_push_thread_default (other_context);
  event_probe_on_all (other);
  for (guint round = 1; round <= 2; round++)
    {
      for (guint i = 0; i < RT_BUS_MAX_PENDING + 5; i++)
        {
          event_dispatch (bus, RT_EVENT_TYPE_GAP);
          if (i % 1000 == 0)
            event_settle ();
        }
      event_settle ();
      g_assert_cmpuint (other->count, ==, (RT_BUS_MAX_PENDING + 5) * round);

      g_main_context_pop_thread_default (other_context);
      event_probe_act (slow, note_loss, "6 events were lost: ");
      /* One dispatch does not empty it: all that is new is still lost. */
      g_main_context_iteration (NULL, FALSE);
      g_assert_cmpuint (slow->count % (RT_BUS_MAX_PENDING + 1), <, RT_BUS_MAX_PENDING);
      event_dispatch (bus, RT_EVENT_TYPE_GAP);
      other->count--;
      event_settle ();
      g_assert_cmpuint (slow->count, ==, (RT_BUS_MAX_PENDING + 1) * round);
      g_assert_true (g_str_has_suffix (slow->log->str, " gap gap error "));
      g_assert_cmpuint (only_gaps->count, ==, RT_BUS_MAX_PENDING * round);
      g_main_context_push_thread_default (other_context);
    }
  g_main_context_pop_thread_default (other_context);

  event_dispatch (bus, RT_EVENT_TYPE_GAP);
  g_string_truncate (slow->log, 0);
  event_probe_assert_log (slow, "gap ");
  event_bus_end (&bus);
}

/* Big events have less room. One that is bigger than all of it still gets through where nothing waits. */
static void
test_overflow_bytes (void)
{
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();
  g_autoptr (EventProbe) probe = event_probe_new (bus, NULL, NULL);
  g_autofree char *text = g_strnfill (1024 * 1024, 'x');
  g_autoptr (RtMessage) message = rt_message_new_text ("news", text);
  g_autoptr (RtEvent) big = rt_event_new_from_parts (&(RtEventParts) { .type = RT_EVENT_TYPE_MESSAGE_RECEIVED,
                                                                       .message = message });
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (70 << 20), 70 << 20);
  g_autoptr (RtEvent) huge = rt_event_new (RT_EVENT_TYPE_GAP,
                                           g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, bytes, TRUE));

  event_probe_on_all (probe);
  for (guint i = 0; i < 100; i++)
    rt_event_bus_dispatch (bus, big);
  event_settle ();
  g_assert_cmpuint (probe->count, ==, 63 + 1);
  g_assert_true (g_str_has_suffix (probe->log->str, "message-received error "));

  g_string_truncate (probe->log, 0);
  rt_event_bus_dispatch (bus, huge);
  event_probe_assert_log (probe, "gap ");
  event_dispatch (bus, RT_EVENT_TYPE_RECOVERED);
  rt_event_bus_dispatch (bus, huge);
  event_probe_assert_log (probe, "recovered error ");
  event_bus_end (&bus);
}

/* A subscription for one event is not used up by one that is lost. */
static void
test_overflow_once (void)
{
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();
  g_autoptr (EventProbe) slow = event_probe_new (bus, NULL, NULL);
  g_autoptr (EventProbe) probe = event_probe_new (bus, NULL, NULL);
  g_autoptr (RtSubscription) once = NULL;

  event_probe_on (slow, RT_EVENT_TYPE_GAP);
  once = rt_event_bus_subscribe_once (bus, RT_EVENT_TYPE_RECOVERED, event_probe_handle, probe, event_probe_destroy);
  for (guint i = 0; i < RT_BUS_MAX_PENDING; i++)
    event_dispatch (bus, RT_EVENT_TYPE_GAP);
  event_dispatch (bus, RT_EVENT_TYPE_RECOVERED);
  event_probe_assert_log (probe, "");
  event_dispatch (bus, RT_EVENT_TYPE_RECOVERED);
  event_probe_assert_log (probe, "recovered ");
  rt_subscription_cancel (slow->subscription);
  event_bus_end (&bus);
}

/* What does not fit a subscription costs no memory, however many there are. */
static void
test_no_match_allocates_nothing (void)
{
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();
  g_autoptr (RtEvent) event = rt_event_new_from_parts (&(RtEventParts) { .type = RT_EVENT_TYPE_CUSTOM, .name = "a.b.c",
                                                                         .channel = "x:y.z" });
  g_autoptr (EventProbe) probe = event_probe_new (bus, NULL, NULL);
  g_autoptr (GPtrArray) subscriptions = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *pattern = g_strdup_printf ("a.*.%u", i);

      g_ptr_array_add (subscriptions, rt_event_bus_subscribe_name (bus, pattern, event_probe_handle, probe, NULL));
      g_ptr_array_add (subscriptions, rt_event_bus_subscribe_channel (bus, pattern, event_probe_handle, probe, NULL));
      g_ptr_array_add (subscriptions, rt_event_bus_subscribe (bus, RT_EVENT_TYPE_GAP, event_probe_handle, probe, NULL));
    }
  rt_event_bus_dispatch (bus, event);
  gsize before = mallinfo2 ().uordblks;
  for (guint i = 0; i < 1000; i++)
    rt_event_bus_dispatch (bus, event);
  g_assert_cmpuint (mallinfo2 ().uordblks, ==, before);
  g_assert_false (g_main_context_pending (NULL));
  event_bus_end (&bus);
  g_assert_cmpuint (probe->count, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/Rt/EventBus/types", test_types);
  g_test_add_func ("/Rt/EventBus/names", test_names);
  g_test_add_func ("/Rt/EventBus/channels", test_channels);
  g_test_add_func ("/Rt/EventBus/bad-pattern", test_bad_pattern);
  g_test_add_func ("/Rt/EventBus/order", test_order);
  g_test_add_func ("/Rt/EventBus/once", test_once);
  g_test_add_func ("/Rt/EventBus/wants", test_wants);
  g_test_add_func ("/Rt/EventBus/overflow", test_overflow);
  g_test_add_func ("/Rt/EventBus/overflow-bytes", test_overflow_bytes);
  g_test_add_func ("/Rt/EventBus/overflow-once", test_overflow_once);
  g_test_add_func ("/Rt/EventBus/no-match-allocates-nothing", test_no_match_allocates_nothing);
  return g_test_run ();
}
