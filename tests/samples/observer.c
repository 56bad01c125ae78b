/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The observer: whoever wants to know subscribes to a bus; whoever has something to tell dispatches it there. */
#include <realtime-mock/realtime-mock.h>

static void
event_cb (RtEvent *event, gpointer user_data)
{
  g_ptr_array_add (user_data, g_strdup (rt_event_get_name (event)));
}

static void
expect (GPtrArray *seen, const char *name)
{
  while (seen->len == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (g_ptr_array_index (seen, 0), ==, name);
  g_ptr_array_set_size (seen, 0);
}

/* A bus of one's own. */
static void
subscribe (GPtrArray *seen)
{
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();
  g_autoptr (RtMessage) message = rt_message_new_text ("general", "Hello!");
  g_autoptr (RtEventFactory) factory = rt_event_factory_new ();
  g_autoptr (RtEvent) event
    = rt_event_factory_create_message_event (factory, RT_EVENT_TYPE_MESSAGE_RECEIVED, message, NULL);
  g_autoptr (RtSubscription) subscription
    = rt_event_bus_subscribe (bus, RT_EVENT_TYPE_MESSAGE_RECEIVED, event_cb, seen, NULL);

  /* From any thread; the handler runs later, in the context that it was subscribed in. */
  rt_event_bus_dispatch (bus, event);
  g_assert_cmpuint (seen->len, ==, 0);
  expect (seen, "message-received");

  /* After this nothing comes any more. */
  rt_subscription_cancel (subscription);
  g_assert_false (rt_subscription_is_active (subscription));
  g_assert_cmpuint (rt_event_bus_get_n_subscriptions (bus), ==, 0);
}

/* Everything, or what fits a pattern. */
static void
subscribe_by_pattern (GPtrArray *seen)
{
  g_autoptr (RtEventBus) bus = rt_event_bus_new ();
  g_autoptr (RtEvent) other = rt_event_new_custom ("news.new", NULL);
  g_autoptr (RtEvent) order = rt_event_new_custom ("orders.new", NULL);
  g_autoptr (RtSubscription) subscription = rt_event_bus_subscribe_name (bus, "orders.*", event_cb, seen, NULL);

  rt_event_bus_dispatch (bus, other);
  rt_event_bus_dispatch (bus, order);
  expect (seen, "orders.new");
}

/* A client puts on its bus what happens to it. */
static void
watch_client (GPtrArray *seen)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RtMockServer) server = rt_mock_server_new ();

  g_assert_true (rt_mock_server_start (server, &error));
  g_autofree char *url = rt_mock_server_get_url (server);
  g_autoptr (RtConfig) config = rt_config_new (NULL, url, &error);
  g_autoptr (RtClient) client = rt_client_new (config);
  g_autoptr (RtSubscription) subscription
    = rt_client_on (client, RT_EVENT_TYPE_CONNECTED, event_cb, seen, NULL);

  g_assert_true (rt_client_connect_sync (client, NULL, &error));
  expect (seen, "connected");
  /* Its subscriptions end with it. */
  g_assert_true (rt_client_close_sync (client, NULL, &error));
  while (rt_subscription_is_active (subscription))
    g_main_context_iteration (NULL, TRUE);
}

int
main (void)
{
  g_autoptr (GPtrArray) seen = g_ptr_array_new_with_free_func (g_free);

  subscribe (seen);
  subscribe_by_pattern (seen);
  watch_client (seen);
  return 0;
}
